//! Packed text: base64 in which any token comes up by chance between two slashes. It is told by its letters alone and
//! never decoded.

use crate::span::Span;

/// A stretch that is longer is no path in an address.
const PATH: usize = 100;

/// Whether the token is a piece between `+` and `/` of a long stretch of base64.
#[must_use]
pub fn piece_of_packed(text: &[u8], token: Span) -> bool {
    let joins = |byte: Option<&u8>| matches!(byte, Some(b'+' | b'/'));
    let before = token.start.checked_sub(1).and_then(|at| text.get(at));
    if !joins(before) && !joins(text.get(token.end)) {
        return false;
    }
    let run = grown(text, token, |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/'));
    run.len() >= PATH && run.len() > token.end - token.start && run.contains(&b'+')
}

/// The stretch of such bytes round a span, 256 bytes to each side at most.
fn grown(text: &[u8], span: Span, inside: impl Fn(&u8) -> bool) -> &[u8] {
    let before = text.get(span.start.saturating_sub(256)..span.start).unwrap_or_default();
    let after = text.get(span.end..).unwrap_or_default();
    let left = before.iter().rev().take_while(|byte| inside(byte)).count();
    let right = after.iter().take(256).take_while(|byte| inside(byte)).count();
    text.get(span.start - left..span.end + right).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(text: &str, part: &str) -> Span {
        let start = text.find(part).expect("the text holds it");
        Span::new(start, start + part.len())
    }

    #[test]
    fn a_token_between_plus_and_slash_is_a_piece() {
        let part = "q7Xv2Lp9Zm4KwR8tB3nY6";
        let rows = [
            (format!("{}/{part}+{}", "Ab3".repeat(20), "c4D".repeat(20)), true),
            (format!("{}{part}", "Ab3".repeat(40)), false),
            (format!("https://host.example/services/{part}/{}", "c4d".repeat(40)), false),
            (format!("key={part}"), false),
        ];
        for (text, packed) in rows {
            assert_eq!(piece_of_packed(text.as_bytes(), place(&text, part)), packed, "{text}");
        }
    }
}
