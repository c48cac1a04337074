//! The value itself: what encloses it, what is called on it, where it ends.

use super::bridge::quote_length;
use super::{AHEAD, Quote, bytes, skip_blanks};
use crate::span::Span;

/// An unquoted value is not looked at further than this.
const BARE: usize = 512;
/// Calls and brackets round a value.
const DEPTH: usize = 3;

/// A value and its enclosure.
#[derive(Clone, Copy, Debug)]
pub(super) struct Value {
    pub span: Span,
    pub quote: Quote,
    pub wrapper: Span,
    /// First byte after the value and its closing quote.
    pub after: usize,
}

/// Reads the value that begins at `place`, after blanks. `host` is the quote of the string that everything stands
/// in, if any: it ends an unquoted value.
pub(super) fn read(text: &[u8], place: usize, lines: bool) -> Option<Value> {
    let mut at = skip_blanks(text, place, 64);
    if text.get(at..at + 3) == Some(b"** ") {
        // Markdown: `**Password:** x`.
        at += 3;
    }
    if lines {
        at = skip_line_end(text, at);
    }
    let mut wrapper = Span::new(at, at);
    for _ in 0..DEPTH {
        if let Some(value) = quoted(text, at, wrapper) {
            return Some(value);
        }
        let Some((callee, inner)) = open_wrapper(text, at) else { break };
        if !callee.is_empty() {
            wrapper = callee;
        }
        at = skip_line_end(text, skip_blanks(text, inner, 8));
        if let Some(length) = text.get(at..).and_then(bytes::list) {
            return Some(Value { span: Span::new(at, at + length), quote: Quote::Bytes, wrapper, after: at + length });
        }
    }
    bare(text, at, wrapper)
}

/// A quoted value at `at` exactly, with string prefixes such as `b` or `@`.
pub(super) fn quoted(text: &[u8], at: usize, wrapper: Span) -> Option<Value> {
    let rest = text.get(at..)?;
    let prefix = match rest {
        [
            b'b' | b'B' | b'r' | b'R' | b'u' | b'f' | b'L' | b's' | b'@' | b'&' | b'$' | b'~' | b'N',
            b'"' | b'\'',
            ..,
        ] => 1,
        [b'b' | b'r' | b'f' | b'u' | b'$', b'r' | b'b' | b'@', b'"' | b'\'', ..] => 2,
        _ => 0,
    };
    let rest = rest.get(prefix..)?;
    let step = quote_length(rest);
    if step == 0 {
        return None;
    }
    let kind = match rest[0] {
        b'"' => Quote::Double,
        b'\'' => Quote::Single,
        b'`' => Quote::Backtick,
        _ => Quote::Escaped,
    };
    let same = rest.iter().take(3).take_while(|byte| **byte == rest[0]).count();
    let step = match same {
        3 if step == 1 => 3,
        // reStructuredText: ``x``.
        2 if kind == Quote::Backtick => 2,
        _ => step,
    };
    let mark = rest.get(..step)?;
    let start = at + prefix + step;
    let length = closing(text.get(start..)?, mark, kind)?;
    Some(Value { span: Span::new(start, start + length), quote: kind, wrapper, after: start + length + step })
}

/// Bytes before the closing `mark`; none where the line ends first or nothing closes within reach.
fn closing(body: &[u8], mark: &[u8], kind: Quote) -> Option<usize> {
    let reach = body.len().min(AHEAD);
    let mut place = 0;
    while place < reach {
        let byte = body[place];
        if byte == mark[0] && body[place..].starts_with(mark) {
            return Some(place);
        }
        match byte {
            // The first line of a long value that goes on.
            b'\n' if mark.len() < 3 => return (place >= 40 && !body[..place].contains(&b' ')).then_some(place),
            // Within an escaped string a bare quote ends the string that holds it.
            b'"' if kind == Quote::Escaped && mark[0] == b'\\' => return None,
            b'\\' if kind != Quote::Escaped => place += 2,
            b'\\' if body.get(place + 1) == Some(&b'\\') => place += 2,
            _ => place += 1,
        }
    }
    // A long token goes on beyond the reach; what was seen of it is enough to judge.
    (body.len() > AHEAD && !body[..reach].iter().any(u8::is_ascii_whitespace)).then_some(reach)
}

/// `Some(`, `[]byte(`, `new X(`, `[`, `{`, `(`: what is called, and where its inside begins.
fn open_wrapper(text: &[u8], at: usize) -> Option<(Span, usize)> {
    let rest = text.get(at..)?;
    let word = |byte: &u8| byte.is_ascii_alphanumeric() || b"_.:<>!*&?".contains(byte);
    let new = if rest.starts_with(b"new ") { 4 } else { 0 };
    let brackets = usize::from(rest.starts_with(b"[]")) * 2;
    let lead = new + brackets;
    let length = rest.get(lead..)?.iter().take(48).take_while(|byte| word(byte)).count();
    let open = lead + length;
    if let Some(inner) = array(rest, open) {
        return Some((Span::new(at + lead, at + open), at + inner));
    }
    match rest.get(open) {
        Some(b'(') => Some((Span::new(at + lead, at + open), at + open + 1)),
        Some(b'[') if brackets == 0 => Some((Span::new(at + lead, at + open), at + open + 1)),
        Some(b'{') if rest.get(open + 1) != Some(&b'{') && (length == 0 || brackets > 0) => {
            Some((Span::new(at + lead, at + open), at + open + 1))
        }
        _ => None,
    }
}

/// Where the inside of `byte[] {` or `[4]int{` begins, whose brackets are at `open`.
fn array(rest: &[u8], open: usize) -> Option<usize> {
    let size = rest.get(open + 1..)?.iter().take(4).take_while(|byte| byte.is_ascii_digit()).count();
    let closed = open + 1 + size;
    if rest.get(open) != Some(&b'[') || rest.get(closed) != Some(&b']') {
        return None;
    }
    let kind = rest.get(closed + 1..)?.iter().take(12).take_while(|byte| byte.is_ascii_alphanumeric()).count();
    let brace = skip_blanks(rest, closed + 1 + kind, 2);
    (rest.get(brace) == Some(&b'{')).then_some(brace + 1)
}

/// An unquoted value: up to a blank or a mark that ends one.
fn bare(text: &[u8], at: usize, wrapper: Span) -> Option<Value> {
    let rest = text.get(at..)?;
    let window = rest.get(..rest.len().min(BARE)).unwrap_or_default();
    let (mut length, mut joined) = (0, false);
    while let Some(byte) = window.get(length) {
        match byte {
            // `password=token=…` is no value, and would cost a scan of its own for each name in it.
            b'=' if window.get(length + 1).is_some_and(|next| next.is_ascii_alphanumeric() || *next == b'"') => {
                if joined || length < 16 {
                    return None;
                }
                joined = true;
                length += 1;
            }
            b'"' | b'\'' | b'`' | b',' | b';' | b')' | b']' | b'<' | b'>' | b'|' | b'&' | 0..=b' ' => break,
            b'}' if !window.get(..length)?.contains(&b'{') => break,
            b'\\' if window.get(length + 1).is_some_and(|next| b"nrt\"'\\".contains(next)) => break,
            _ => length += 1,
        }
    }
    // `<placeholder>` is read as a whole, so that it can be known as one.
    if length == 0 && window.first() == Some(&b'<') {
        length = window.iter().take(64).position(|byte| *byte == b'>')? + 1;
    }
    if length == BARE || length == 0 {
        return None;
    }
    Some(Value { span: Span::new(at, at + length), quote: Quote::None, wrapper, after: at + length })
}

/// Of a record written as a string, `"{\"user\":\"x\",\"sig\":\"…\"}"`, the longest token with letters and digits in it; of
/// anything else the value as it is.
pub(super) fn innermost(text: &[u8], value: Value) -> Value {
    let bytes = value.span.of(text);
    // `{CRYPT}$6$…` is no record.
    let record = bytes
        .strip_prefix(b"{")
        .is_some_and(|rest| matches!(rest.trim_ascii_start(), [b'\\' | b'"' | b'\'' | b'&', ..]));
    if value.quote == Quote::None || !record {
        return value;
    }
    let is_token = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/_=-".contains(byte);
    let (mut best, mut place) = (Span::default(), 0);
    for run in bytes.split(|byte| !is_token(byte)) {
        let mixed = run.iter().any(u8::is_ascii_digit) && run.iter().any(u8::is_ascii_alphabetic);
        if mixed && run.len() >= 16 && run.len() > best.len() {
            best = Span::new(place, place + run.len());
        }
        place += run.len() + 1;
    }
    if best.is_empty() { value } else { Value { span: best.shifted(value.span.start), quote: Quote::Escaped, ..value } }
}

/// Past one line end, the indentation after it, and the dash of a list.
fn skip_line_end(text: &[u8], at: usize) -> usize {
    let mut place = at;
    if text.get(place) == Some(&b'\r') {
        place += 1;
    }
    if text.get(place) != Some(&b'\n') {
        return at;
    }
    place = skip_blanks(text, place + 1, 64);
    if text.get(place..place + 2) == Some(b"- ") {
        place = skip_blanks(text, place + 2, 4);
    }
    place
}
