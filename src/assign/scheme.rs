//! HTTP authorisation: `Basic base64(user:value)` and `Bearer value`.

use super::{Candidate, Form, Quote, begins};
use crate::span::Span;

/// Bytes of a credential that are read.
const LONGEST: usize = 1000;

/// The credential after `basic ` or `bearer ` at `at`.
pub(super) fn header(text: &[u8], at: usize, emit: &mut dyn FnMut(Candidate)) {
    let Some(rest) = text.get(at..) else { return };
    if at > 0
        && text.get(at - 1).is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
        && !escaped(text, at)
    {
        return;
    }
    let (form, length) = if begins(rest, b"basic ") { (Form::Basic, 6) } else { (Form::Bearer, 7) };
    let start = at + length;
    let body = text.get(start..).unwrap_or_default();
    let end = body.iter().take(LONGEST).take_while(|byte| is_token68(**byte)).count();
    if end < 6 {
        return;
    }
    let (name, value) = (Span::new(at, start - 1), Span::new(start, start + end));
    emit(Candidate { form, name, value, quote: Quote::None, wrapper: Span::new(start, start), name_quoted: false });
}

/// The `n` of `\nBasic` is no letter.
fn escaped(text: &[u8], at: usize) -> bool {
    at > 1 && text.get(at - 2) == Some(&b'\\')
}

const fn is_token68(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'+' | b'/' | b'=' | b':' | b'|' | b'%')
}
