//! `primaryLocationLineHash` by GitHub's algorithm, over a line in which no secret stands. The algorithm has no key and is
//! a polynomial: from the hash of a line of which all but ten characters are known, those ten can be computed. So it is
//! given the fingerprint, which is keyed, and the masked excerpt in place of the file's bytes. It changes when the value
//! or the line does, and not when the line moves.

use std::collections::HashMap;

use crate::finding::Finding;

/// Counts equal hashes in one file, as the algorithm asks for.
#[derive(Default)]
pub(super) struct LineHashes<'o> {
    seen: HashMap<(&'o str, u64), u32>,
}

impl<'o> LineHashes<'o> {
    /// The hash of the finding's line, and the how-manieth of its file it is.
    pub(super) fn of(&mut self, finding: &'o Finding) -> String {
        let fingerprint = finding.fingerprint.to_string();
        let hash = line_hash(fingerprint.chars().chain(finding.excerpt.text.chars()));
        let times = self.seen.entry((&finding.place.path, hash)).or_default();
        *times += 1;
        format!("{hash:x}:{times}")
    }
}

/// The hash over the first hundred characters, in UTF-16, without blanks and tabs, ends of lines alike; behind the last
/// stand the number 65535 and zeros.
fn line_hash(text: impl Iterator<Item = char>) -> u64 {
    const CHARACTERS: usize = 100;
    const FACTOR: u64 = 37;
    let mut after_return = false;
    let letters = text.filter_map(|letter| {
        let joined = std::mem::replace(&mut after_return, letter == '\r') && letter == '\n';
        match letter {
            ' ' | '\t' => None,
            '\n' if joined => None,
            '\r' => Some('\n'),
            _ => Some(letter),
        }
    });
    let mut units = [0; 2];
    let units = letters.flat_map(|letter| letter.encode_utf16(&mut units).to_vec());
    let padded = units.map(u64::from).chain([65_535]).chain(std::iter::repeat(0));
    padded.take(CHARACTERS).fold(0_u64, |hash, unit| hash.wrapping_mul(FACTOR).wrapping_add(unit))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample::sample;

    fn hash(text: &str) -> String {
        format!("{:x}", line_hash(text.chars()))
    }

    /// Values that the algorithm's owner tests it with.
    #[test]
    fn hashes_are_those_of_the_published_algorithm() {
        let greeting = " hello; \t\nworld!!!\n\n\n  \t\tGreetings\n End";
        let rows = [
            (String::new(), "c129715d7a2bc9a3"),
            (" a\nb\n  \t\tc\n d".to_owned(), "271789c17abda88f"),
            (greeting.to_owned(), "8b7cf3e952e7aeb2"),
            (format!("{greeting}\n"), "e9496ae3ebfced30"),
            (format!("{greeting}\r\n").replace("\n\n\n", "\r\n\n\r"), "e9496ae3ebfced30"),
            ("Lorem ipsum dolor sit amet.\n".repeat(10), "a7f2ff13bc495cf2"),
        ];
        for (text, expected) in rows {
            assert_eq!(hash(&text), expected, "{text:?}");
        }
        assert_eq!(hash("\r"), hash("\r\n"));
        assert_eq!(hash("a b\tc"), hash("abc"));
        assert_eq!(hash("\r\n\r\nx"), hash("\n\nx"));
        assert_ne!(hash("\n\r\nx"), hash("\nx"));
        assert_eq!(hash(&"a".repeat(100)), hash(&"a".repeat(101)));
        assert_ne!(hash(&"a".repeat(99)), hash(&"a".repeat(100)));
    }

    #[test]
    fn equal_lines_of_one_file_are_counted() {
        let outcome = sample();
        let mut hashes = LineHashes::default();
        let (first, other) = (hashes.of(&outcome.findings[0]), hashes.of(&outcome.findings[1]));
        assert!(first.ends_with(":1") && other.ends_with(":1") && first != other);
        assert_eq!(hashes.of(&outcome.findings[0]), first.replace(":1", ":2"));
    }
}
