//! Literals of markers: a word or a part of one, or several words, which stand there whole. A prefilter looks for one word
//! of each. Whether the others stand beside it is asked of the text as it is written, and not over the end of its line,
//! since a comment may go on there: so each is found that stands in the folded text.

use crate::rule::places_of;

/// Where a literal stands in a folded text.
pub fn places<'t>(text: &'t [u8], literal: &'t str) -> impl Iterator<Item = usize> + 't {
    places_of(text, literal, true).filter(move |at| stands(literal, 0, text, *at))
}

/// Whether a literal may stand round `at`, where the word of it stands that is sought.
#[must_use]
pub fn may_stand(literal: &str, text: &[u8], at: usize) -> bool {
    stands(literal, literal.find(sought(literal)).unwrap_or_default(), text, at)
}

/// The longest word of a literal.
#[must_use]
pub fn sought(literal: &str) -> &str {
    literal.split(' ').rev().max_by_key(|word| word.len()).unwrap_or(literal)
}

/// A literal of so many bytes begins a word, or is a part of another by chance: `nda` in `standard`, `limite` in `unlimited`.
const SHORT: usize = 6;

/// Whether a literal stands in `text` so that its part from `from` on begins at `at`.
fn stands(literal: &str, from: usize, text: &[u8], at: usize) -> bool {
    let (head, tail) = literal.as_bytes().split_at(from);
    let (before, after) = text.split_at(at.min(text.len()));
    let whole = literal.contains(' ');
    let begins = whole || literal.len() <= SHORT && is_letter(literal.as_bytes().first());
    let goes_back = || goes_on(head.iter().rev(), before.iter().rev(), begins);
    goes_on(tail.iter(), after.iter(), whole) && (goes_back() || from > 0 && may_begin_line(before))
}

/// Whether nothing stands on the line before but what a comment's line may begin with, which may be a word: `REM`.
fn may_begin_line(before: &[u8]) -> bool {
    let start = memchr::memrchr(b'\n', before).map_or(0, |newline| newline + 1);
    let words = before[start..].split(|byte| !byte.is_ascii_alphanumeric());
    words.filter(|word| !word.is_empty()).nth(1).is_none()
}

fn is_letter(byte: Option<&u8>) -> bool {
    byte.is_some_and(u8::is_ascii_alphanumeric)
}

/// Whether `text` goes on as a literal does, in either case, with any blanks for its blanks, or its line ends before. No
/// letter may follow where a word is to end.
fn goes_on<'a>(literal: impl Iterator<Item = &'a u8>, text: impl Iterator<Item = &'a u8>, ends: bool) -> bool {
    let mut text = text.peekable();
    for byte in literal {
        if *byte == b' ' {
            while let Some(blank) = text.next_if(|byte| **byte <= b' ') {
                if *blank == b'\n' {
                    return true;
                }
            }
        } else if !text.next().is_some_and(|there| there.eq_ignore_ascii_case(byte)) {
            return false;
        }
    }
    !(ends && is_letter(text.next()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_words_stand_whole_with_any_blanks_between() {
        let literal = "limited rights";
        assert_eq!(sought(literal), "limited");
        let rows = [
            ("LIMITED RIGHTS", true),
            ("with  limited\t rights.", true),
            ("limited\r\n * rights", true),
            ("unlimited rights", false),
            ("limited rightsholders", false),
            ("limited, rights", false),
            ("limited", false),
        ];
        for (text, expected) in rows {
            let at = text.to_lowercase().find("limited").expect("the word");
            assert_eq!(stands(literal, 0, text.as_bytes(), at), expected, "{text}");
        }
        let back =
            [("for rights", true), ("FOR\n# rights", true), ("for\nREM rights", true), ("a part of rights", false)];
        for (text, expected) in back {
            let at = text.find("rights").expect("the word");
            assert_eq!(stands("for rights", 4, text.as_bytes(), at), expected, "{text}");
        }
        assert_eq!(places(b"unlimited rights, limited rights", literal).collect::<Vec<_>>(), [18]);
        assert_eq!(places(b"an unlimited, limited limite", "limite").collect::<Vec<_>>(), [14, 22]);
        assert_eq!(places("A内部".as_bytes(), "内部").count(), 1);
    }
}
