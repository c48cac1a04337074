//! The whole name round a keyword.

use super::{begins, is_name_byte};
use crate::span::Span;

/// Stems by which a name speaks of a secret, lower case; the last one in a name answers for it.
pub static STEMS: &[&str] =
    &["pass", "pwd", "secret", "token", "cred", "auth", "salt", "nonce", "phrase", "ticket", "key"];

/// Longer runs of name bytes are values, not names.
const LONGEST: usize = 64;

/// A name in its text.
#[derive(Clone, Copy, Debug)]
pub struct Name {
    pub span: Span,
    /// `-` or `--` before it.
    pub flag: bool,
}

/// The name that the bytes at `at` belong to; none where it is too long to be one.
pub(super) fn expand(text: &[u8], at: usize) -> Option<Name> {
    let before = text.get(..at)?;
    let left = before.iter().rev().take(LONGEST).take_while(|byte| is_name_byte(**byte)).count();
    let right = text.get(at..)?.iter().take(LONGEST).take_while(|byte| is_name_byte(**byte)).count();
    if left == LONGEST || right == LONGEST {
        return None;
    }
    let (mut start, mut end) = (at - left, at + right);
    if escaped_letter(text, start) && start < at {
        start += 1;
    }
    let dashes = text.get(start..end)?.iter().take_while(|byte| **byte == b'-').count();
    start += dashes;
    // `password-` and `key--`: the dash belongs to an arrow or to a comment.
    while end > start && text.get(end - 1) == Some(&b'-') {
        end -= 1;
    }
    (start <= at && at < end).then_some(Name { span: Span::new(start, end), flag: dashes > 0 })
}

/// The `n` of `\n` stands before a name without being part of it.
fn escaped_letter(text: &[u8], start: usize) -> bool {
    start > 0 && text.get(start - 1) == Some(&b'\\') && matches!(text.get(start), Some(b'n' | b't' | b'r'))
}

/// Whether the stem at `at` is the last in its name: then it speaks for the name, and the others are silent.
pub(super) fn is_last_stem(text: &[u8], at: usize, name: Span) -> bool {
    let tail = text.get(at + 1..name.end).unwrap_or_default();
    !(0..tail.len()).any(|from| tail.get(from..).is_some_and(begins_stem))
}

fn begins_stem(tail: &[u8]) -> bool {
    let first = tail.first().map(u8::to_ascii_lowercase);
    STEMS.iter().any(|stem| stem.as_bytes().first().copied() == first && begins(tail, stem.as_bytes()))
}
