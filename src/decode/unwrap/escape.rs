//! Backslash escapes of JSON, YAML, TOML, shells and programming languages, read as one dialect.
//!
//! Only an escape of a printable ASCII character is a reason to decode: `\n`, `\"` and `\\` are everywhere, and hide
//! nothing that a rule cannot bridge. Unknown escapes (`\d` of a pattern) stay as they are.

use super::Wrapping;
use super::line::{Form, Look, any_of, hex, is_tokenish, push_code_point};

pub(super) static FORM: Form =
    Form { wrapping: Wrapping::Escape, sign: b'\\', second: any_of(br"\uUx0123/_-=+@"), look, decode };

fn look(text: &[u8], at: usize) -> Look {
    let rest = text.get(at..).unwrap_or_default();
    // Escaped escapes (`\\u0041`) tell as well: this view takes one layer off, the next one the other.
    let signs = rest.iter().position(|byte| *byte != b'\\').unwrap_or(rest.len());
    let Some(last) = rest.get(signs.saturating_sub(1)..) else {
        return Look::Skip(1);
    };
    let tells = match last.get(1) {
        Some(b'u' | b'U' | b'x' | b'0'..=b'3') => {
            matches!(code(last), Some((0x20..=0x7e, _)))
        }
        Some(b'/' | b'_' | b'-' | b'=' | b'+' | b'@') => joins_token(text, at, signs),
        _ => false,
    };
    if tells { Look::Decode } else { Look::Skip(signs) }
}

/// Whether an escaped punctuation mark has a token, or another escape, on both sides.
fn joins_token(text: &[u8], at: usize, signs: usize) -> bool {
    let before = at.checked_sub(1).and_then(|place| text.get(place));
    let after = text.get(at + signs + 1);
    before.is_some_and(|byte| is_tokenish(*byte))
        && after.is_some_and(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'\\' | b'+' | b'=' | b'_' | b'-'))
}

/// The code point of a numeric escape and its length.
fn code(escape: &[u8]) -> Option<(u32, usize)> {
    let digits = |len: usize| Some((hex(escape.get(2..2 + len)?)?, 2 + len));
    match escape.get(1..3)? {
        [b'u' | b'x', b'{'] => {
            let end = escape.iter().take(12).position(|byte| *byte == b'}')?;
            Some((hex(escape.get(3..end)?)?, end + 1))
        }
        [b'u', _] => digits(4),
        [b'U', _] => digits(8),
        [b'x', _] => digits(2),
        [first @ b'0'..=b'3', second @ b'0'..=b'7'] => {
            let third = *escape.get(3).filter(|byte| matches!(byte, b'0'..=b'7'))?;
            let value = [*first, *second, third].iter().fold(0, |value, digit| value << 3 | u32::from(digit - b'0'));
            Some((value, 4))
        }
        _ => None,
    }
}

fn decode(escape: &[u8], bytes: &mut Vec<u8>) -> usize {
    let Some(kind) = escape.get(1) else {
        return 0;
    };
    if let Some((value, len)) = code(escape) {
        return push_code(escape, value, len, bytes);
    }
    let byte = match kind {
        b'n' => b'\n',
        b't' => b'\t',
        b'r' => b'\r',
        b'"' | b'\'' | b'\\' | b'`' | b'/' | b'_' | b'-' | b'=' | b'+' | b'@' | b':' | b'$' | b'#' | b'%' | b'&'
        | b' ' | b'!' => *kind,
        _ => return 0,
    };
    bytes.push(byte);
    2
}

fn push_code(escape: &[u8], value: u32, len: usize, bytes: &mut Vec<u8>) -> usize {
    let kind = escape.get(1).copied().unwrap_or_default();
    let is_byte = kind.is_ascii_digit() || (kind == b'x' && len == 4);
    if is_byte {
        // Bytes, not code points: several of them can make one character.
        bytes.push(value as u8);
        return len;
    }
    if let 0xd800..=0xdbff = value
        && let Some(rest) = escape.get(len..)
        && rest.starts_with(b"\\u")
        && let Some((low @ 0xdc00..=0xdfff, low_len)) = code(rest)
    {
        push_code_point(0x1_0000 + ((value - 0xd800) << 10) + (low - 0xdc00), bytes);
        return len + low_len;
    }
    push_code_point(value, bytes);
    len
}
