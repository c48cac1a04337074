//! The words that must stand near a match: a vendor's name, its host, what its variables are called. They count as whole
//! parts of names only: `box` stands in `BOX_KEY`, `boxKey` and `api.box.com`, and not in `checkbox`.

use super::Texts;
use crate::span::Span;

/// No rule looks further for its words.
pub const FURTHEST: u16 = 256;

/// The same for a rule that a literal wakes: few places are asked, and a JSON object is longer.
pub const FURTHEST_OF_LITERAL: u16 = 4096;

/// At least so long is a word: shorter ones stand everywhere.
pub const SHORTEST_WORD: usize = 2;

/// Words that must stand close to a match, in either case.
#[derive(Clone, Debug)]
pub struct Near {
    /// As written: a `*` at the end says that the word may be the beginning of a longer one.
    pub words: Texts,
    pub before: u16,
    pub after: u16,
}

impl Near {
    /// Where words stand within reach of the match at `whole`, and outside it.
    #[must_use]
    pub fn places(&self, text: &[u8], whole: Span) -> Vec<Span> {
        let mut places = Vec::new();
        let start = whole.start.saturating_sub(self.before.into());
        let end = text.len().min(whole.end.saturating_add(self.after.into()));
        for word in self.words.iter().map(|word| Word::of(word)) {
            let Some(first) = word.text.first() else { continue };
            let last_start = (end + 1).saturating_sub(word.text.len());
            let begins = (start..last_start).filter(|at| text[*at].eq_ignore_ascii_case(first));
            let spans = begins.map(|at| Span::new(at, at + word.text.len()));
            places.extend(spans.filter(|span| {
                span.of(text).eq_ignore_ascii_case(word.text) && self.reaches(*span, whole) && word.is_part(text, *span)
            }));
        }
        places
    }

    #[must_use]
    pub fn holds(&self, text: &[u8], whole: Span) -> bool {
        !self.places(text, whole).is_empty()
    }

    /// Whether a word at `word` counts for the match at `whole`.
    #[must_use]
    pub fn reaches(&self, word: Span, whole: Span) -> bool {
        word.start.saturating_add(self.before.into()) >= whole.start
            && word.end <= whole.end.saturating_add(self.after.into())
            && !word.overlaps(whole)
    }
}

/// One word of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Word<'w> {
    pub text: &'w [u8],
    /// It may go on.
    pub open: bool,
}

impl<'w> Word<'w> {
    #[must_use]
    pub fn of(written: &'w str) -> Self {
        match written.strip_suffix('*') {
            Some(text) => Self { text: text.as_bytes(), open: true },
            None => Self { text: written.as_bytes(), open: false },
        }
    }

    /// Whether the word, which stands at `span` in `text`, is a whole part of a name there.
    #[must_use]
    pub fn is_part(self, text: &[u8], span: Span) -> bool {
        begins_part(text, span.start) && (self.open || ends_part(text, span.end) || goes_on(text, span.end))
    }
}

/// Whether a part of a name can begin at `at`: after a sign, after an escape that ends in a letter, or at a hump.
fn begins_part(text: &[u8], at: usize) -> bool {
    let (Some(before), Some(first)) = (at.checked_sub(1).and_then(|before| text.get(before)), text.get(at)) else {
        return true;
    };
    if !before.is_ascii_alphanumeric() || !first.is_ascii_alphanumeric() {
        return true;
    }
    let escape = matches!(text.get(at.saturating_sub(2)..at), Some([b'\\', b'n' | b't' | b'r']));
    let next_is_lower = text.get(at + 1).is_some_and(u8::is_ascii_lowercase);
    let hump = first.is_ascii_uppercase() && (!before.is_ascii_uppercase() || next_is_lower);
    escape || hump
}

/// Whether a part of a name can end before `at`; a number of one or two digits may follow it.
fn ends_part(text: &[u8], at: usize) -> bool {
    let rest = text.get(at..).unwrap_or_default();
    let Some(last) = at.checked_sub(1).and_then(|last| text.get(last)) else { return true };
    if !last.is_ascii_alphanumeric() {
        return true;
    }
    match rest {
        [] => true,
        [next, ..] if !next.is_ascii_alphanumeric() => true,
        [next, after, ..] if next.is_ascii_uppercase() => !last.is_ascii_uppercase() || after.is_ascii_lowercase(),
        [digits @ .., _] if digits.first().is_some_and(u8::is_ascii_digit) => {
            let len = rest.iter().take(3).take_while(|byte| byte.is_ascii_digit()).count();
            !last.is_ascii_digit() && len < 3 && !rest.get(len).is_some_and(u8::is_ascii_alphanumeric)
        }
        _ => false,
    }
}

/// What is written behind a vendor's name without a sign between: `mailgunapikey`.
static ENDINGS: [&[u8]; 16] = [
    b"access", b"admin", b"api", b"auth", b"account", b"app", b"client", b"cred", b"id", b"key", b"pass", b"private",
    b"secret", b"token", b"user", b"webhook",
];

/// Whether a word goes on with such endings alone.
fn goes_on(text: &[u8], mut at: usize) -> bool {
    for _ in 0..3 {
        let rest = text.get(at..).unwrap_or_default();
        let is_next = |ending: &&&[u8]| rest.get(..ending.len()).is_some_and(|next| next.eq_ignore_ascii_case(ending));
        let Some(ending) = ENDINGS.iter().find(is_next) else { return false };
        at += ending.len();
        if ends_part(text, at) {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_a_whole_part_of_a_name() {
        let rows = [
            ("BOX_KEY=", true),
            ("myBoxKey", true),
            ("boxKey", true),
            ("https://api.box.com/", true),
            ("X-Box-Key:", true),
            ("BOXKey", true),
            ("HTTPBox", true),
            ("box2_key", true),
            ("boxapikey", true),
            ("BOXTOKEN", true),
            ("box", true),
            (r#""\nbox_key"#, true),
            ("[box]", true),
            ("checkbox", false),
            ("inbox", false),
            ("Inbox", false),
            ("boxed", false),
            ("boxes", false),
            ("BOXER", false),
            ("boxkeyboard", false),
            ("box2018a", false),
            ("a3box_", false),
        ];
        for (text, expected) in rows {
            let near = Near { words: vec!["box".into()].into(), before: 40, after: 40 };
            for text in [text.to_owned(), format!("{text} "), format!(" {text}")] {
                let found = near.holds(text.as_bytes(), Span::new(text.len(), text.len()));
                assert_eq!(found, expected, "{text}");
            }
        }
    }

    #[test]
    fn a_word_with_a_star_may_go_on_and_signs_need_no_edge() {
        let rows = [
            ("pat*", "patAb3", true),
            ("pat*", "patterns", true),
            ("pat*", "xpat", false),
            ("_pat", "AZURE_PAT=", true),
            ("_pat", "_patch", false),
            ("rzp_live_", "rzp_live_a1b2", true),
            ("twilio(", "new Twilio(sid", true),
        ];
        for (word, text, expected) in rows {
            let near = Near { words: vec![word.into()].into(), before: 40, after: 0 };
            assert_eq!(near.holds(text.as_bytes(), Span::new(text.len(), text.len())), expected, "{word} in {text}");
        }
    }

    #[test]
    fn words_count_within_reach_and_outside_the_match() {
        let near = Near { words: vec!["box".into()].into(), before: 4, after: 5 };
        let rows = [("box 1234", (4, 8), true), ("box  1234", (5, 9), false), ("1234 boxy", (0, 4), false)];
        for (text, (start, end), expected) in rows {
            assert_eq!(near.holds(text.as_bytes(), Span::new(start, end)), expected, "{text}");
        }
        assert!(near.holds(b"1234 box", Span::new(0, 4)));
        assert!(!near.holds(b"1234   box", Span::new(0, 4)));
        assert!(!near.holds(b"a-box-b", Span::new(0, 7)), "in the match itself");
    }
}
