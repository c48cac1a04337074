//! Credentials in addresses: `scheme://user:value@host`, and `user:value@tcp(host)` of data source names.

use super::{Candidate, Form, Quote};
use crate::span::Span;

/// How long user and value may be together.
const LONGEST: usize = 200;

/// The value in the user information after `://` at `at`.
pub(super) fn userinfo(text: &[u8], at: usize, emit: &mut dyn FnMut(Candidate)) {
    let start = at + 3;
    let Some(body) = text.get(start..) else { return };
    let mut colon = None;
    let mut sign = None;
    for (place, byte) in body.iter().take(LONGEST).enumerate() {
        match byte {
            b':' if colon.is_none() => colon = Some(place),
            // The last `@` before the host's end: a value may have one itself.
            b'@' if colon.is_some() => sign = Some(place),
            b'/' | b'?' | b'#' | b'"' | b'\'' | b'`' | b'\\' | b',' | b';' | b'(' | b')' | 0..=b' ' => break,
            _ => {}
        }
    }
    let (Some(colon), Some(sign)) = (colon, sign) else { return };
    emit_between(text, Span::new(at, start), start + colon + 1, start + sign, emit);
}

/// The value before `@tcp(` at `at`, back to its colon.
pub(super) fn data_source(text: &[u8], at: usize, emit: &mut dyn FnMut(Candidate)) {
    let Some(before) = text.get(at.saturating_sub(LONGEST)..at) else { return };
    let end = |byte: &u8| byte.is_ascii_whitespace() || b"\"'`:".contains(byte);
    let Some(length) = before.iter().rev().position(end) else { return };
    let start = at - length;
    if start > 0 && text.get(start - 1) == Some(&b':') {
        emit_between(text, Span::new(at, at + 1), start, at, emit);
    }
}

fn emit_between(text: &[u8], name: Span, start: usize, end: usize, emit: &mut dyn FnMut(Candidate)) {
    if end < start + 2 || end > text.len() {
        return;
    }
    let (value, wrapper) = (Span::new(start, end), Span::new(start, start));
    emit(Candidate { form: Form::Userinfo, name, value, quote: Quote::None, wrapper, name_quoted: false });
}
