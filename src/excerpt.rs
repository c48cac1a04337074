//! The only way from a text with secrets in it to something that may be printed.

use crate::secret::Secret;
use crate::span::Span;

/// One line, cut to a readable width, with every suspected secret in it masked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Excerpt {
    /// The redacted text. Control characters are still in it: whoever prints it escapes them.
    pub text: String,
    /// Where in `text` the masked secret of this finding stands.
    pub mark: Span,
    /// The column (1-based, in characters) of the line at which `text` begins.
    pub column: u64,
}

/// One line of a text, without its end, with every suspected secret in it masked. Control characters are still in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShownLine {
    /// Counted from 1.
    pub number: u64,
    pub text: String,
}

/// How much of a line is shown on each side of a secret, in bytes.
pub const AROUND: usize = 64;

/// A mask is no longer than this, whatever it hides.
const LONGEST_MASK: usize = 24;

impl Excerpt {
    /// The line of `text` on which `secret` begins (in column `column`), with all of `masked` (in ascending order) hidden.
    /// `clear` lets the first and last characters of the secret be seen.
    #[must_use]
    pub fn of(text: &[u8], secret: Span, column: u64, masked: &[Span], clear: bool) -> Self {
        let line = line_at(text, secret.start);
        let from = line.start.max(secret.start.saturating_sub(AROUND));
        let to = line.end.min(secret.end.saturating_add(AROUND)).max(from);
        let before = String::from_utf8_lossy(&text[from..secret.start]).chars().count() as u64;
        let column = column.saturating_sub(before).max(1);
        let mut excerpt = Self { text: String::new(), mark: Span::default(), column };
        let mut at = from;
        for span in masked.iter().filter(|span| span.start < to && span.end > from) {
            let begin = span.start.max(at);
            // Two masks may overlap: what the first hid is not shown by the second.
            if span.end <= at && (*span != secret || !excerpt.mark.is_empty()) {
                continue;
            }
            excerpt.text.push_str(&String::from_utf8_lossy(&text[at..begin]));
            let start = excerpt.text.len();
            let hidden = Span::new(begin, span.end.min(to).max(begin));
            excerpt.text.push_str(&mask(Secret::new(hidden.of(text)), clear && *span == secret && hidden == *span));
            if excerpt.mark.is_empty() && span.start <= secret.start && secret.start < span.end {
                excerpt.mark = Span::new(start, excerpt.text.len());
            }
            at = hidden.end.max(at);
        }
        excerpt.text.push_str(&String::from_utf8_lossy(&text[at..to]));
        excerpt
    }

    /// The line of `text` on which `marker` begins, as `of` shows it; the marker itself is no secret.
    #[must_use]
    pub fn of_marker(text: &[u8], marker: Span, column: u64, masked: &[Span]) -> Self {
        let line = line_at(text, marker.start);
        let end = marker.end.clamp(marker.start, line.end.max(marker.start));
        let from = line.start.max(marker.start.saturating_sub(AROUND));
        let to = line.end.min(end.saturating_add(AROUND)).max(end);
        let before = String::from_utf8_lossy(&text[from..marker.start]).chars().count() as u64;
        let column = column.saturating_sub(before).max(1);
        let mut out = String::new();
        let mut places = [0; 2];
        for (part, number) in
            [Span::new(from, marker.start), Span::new(marker.start, end), Span::new(end, to)].into_iter().zip(0..)
        {
            let mut at = part.start;
            for span in masked.iter().filter(|span| span.start < part.end && span.end > part.start) {
                if span.end <= at {
                    continue;
                }
                let hidden = Span::new(span.start.max(at), span.end.min(part.end));
                out.push_str(&String::from_utf8_lossy(&text[at..hidden.start]));
                out.push_str(&mask(Secret::new(hidden.of(text)), false));
                at = hidden.end;
            }
            out.push_str(&String::from_utf8_lossy(&text[at..part.end]));
            if let Some(place) = places.get_mut(number) {
                *place = out.len();
            }
        }
        Self { text: out, mark: Span::new(places[0], places[1]), column }
    }

    /// An excerpt for something that has no line, such as a file that is a finding by its name.
    #[must_use]
    pub const fn none() -> Self {
        Self { text: String::new(), mark: Span { start: 0, end: 0 }, column: 1 }
    }
}

/// Stars for a secret, at most four characters of it in clear at each end and never over a quarter of it.
#[must_use]
pub fn mask(secret: Secret<'_>, clear: bool) -> String {
    let bytes = secret.expose();
    let shown = if clear && bytes.iter().all(u8::is_ascii_graphic) { (bytes.len() / 8).min(4) } else { 0 };
    let stars = (bytes.len() - 2 * shown).clamp(1, LONGEST_MASK);
    let clear = |part: &[u8]| String::from_utf8_lossy(part).into_owned();
    format!("{}{}{}", clear(&bytes[..shown]), "*".repeat(stars), clear(&bytes[bytes.len() - shown..]))
}

/// The line that holds `at`, without its end.
fn line_at(text: &[u8], at: usize) -> Span {
    let at = at.min(text.len());
    let start = memchr::memrchr(b'\n', &text[..at]).map_or(0, |newline| newline + 1);
    let end = memchr::memchr(b'\n', &text[at..]).map_or(text.len(), |newline| at + newline);
    let end = if text[start..end].ends_with(b"\r") { end - 1 } else { end };
    Span::new(start, end.max(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str, secret: &str, masked: &[&str], clear: bool) -> String {
        let span = |part: &str| {
            let start = text.find(part).unwrap();
            Span::new(start, start + part.len())
        };
        let mut all: Vec<Span> = masked.iter().map(|part| span(part)).collect();
        all.push(span(secret));
        all.sort_unstable();
        let excerpt = Excerpt::of(text.as_bytes(), span(secret), 1, &all, clear);
        assert!(excerpt.text.get(excerpt.mark.range()).unwrap().contains('*'), "{}", excerpt.text);
        excerpt.text
    }

    #[test]
    fn all_secrets_on_the_line_are_hidden() {
        let rows = [
            ("key = abcdefgh", "abcdefgh", &[][..], true, "key = a******h"),
            ("key = abcdefgh", "abcdefgh", &[], false, "key = ********"),
            ("a: one1, b: two22222", "two22222", &["one1"], true, "a: ****, b: t******2"),
            ("line\nkey: abcdefgh\r\nnext", "abcdefgh", &[], false, "key: ********"),
            ("overlap abcdefgh x", "cdef", &["abcd"], false, "overlap ******gh x"),
            ("überlänge: kürzer€€", "kürzer€€", &[], true, "überlänge: *************"),
        ];
        for (text, secret, masked, clear, expected) in rows {
            assert_eq!(shown(text, secret, masked, clear), expected);
        }
    }

    #[test]
    fn a_long_line_is_cut_round_the_secret() {
        let text = format!("{}SECRET{}", "x".repeat(500), "y".repeat(500));
        let excerpt = Excerpt::of(text.as_bytes(), Span::new(500, 506), 501, &[Span::new(500, 506)], false);
        assert_eq!(excerpt.column, 437);
        assert_eq!(excerpt.text.len(), 64 + 6 + 64);
    }

    #[test]
    fn a_quarter_at_most_is_in_clear() {
        for len in 1..200 {
            let secret = vec![b's'; len];
            let clear = mask(Secret::new(&secret), true).matches('s').count();
            assert!(clear * 4 <= len && clear <= 8, "{clear} of {len}");
        }
    }
}
