//! HTML and XML character references: numbers, and the five names that every dialect has.

use super::Wrapping;
use super::line::{Form, Look, any_of, hex, is_tokenish, push_code_point};

pub(super) static FORM: Form = Form { wrapping: Wrapping::Html, sign: b'&', second: any_of(b"#aq"), look, decode };

static NAMES: [(&[u8], u8); 5] =
    [(b"&amp;", b'&'), (b"&quot;", b'"'), (b"&apos;", b'\''), (b"&lt;", b'<'), (b"&gt;", b'>')];

/// Longest reference that is read: leading zeros beyond it are not.
const LONGEST: usize = 12;

fn look(text: &[u8], at: usize) -> Look {
    let rest = text.get(at..).unwrap_or_default();
    match rest.get(1) {
        Some(b'#') => match number(rest) {
            Some((0x20..=0x7e, _)) => Look::Decode,
            _ => Look::Skip(1),
        },
        Some(b'a' | b'q') if name(rest).is_some_and(|(len, _)| joins_token(text, at, len)) => Look::Decode,
        _ => Look::Skip(1),
    }
}

/// Whether a token stands on one side of a reference.
fn joins_token(text: &[u8], at: usize, len: usize) -> bool {
    let before = at.checked_sub(1).and_then(|place| text.get(place));
    [before, text.get(at + len)].into_iter().flatten().any(|byte| is_tokenish(*byte))
}

fn name(rest: &[u8]) -> Option<(usize, u8)> {
    NAMES.iter().find(|(name, _)| rest.starts_with(name)).map(|(name, byte)| (name.len(), *byte))
}

fn number(rest: &[u8]) -> Option<(u32, usize)> {
    let end = rest.iter().take(LONGEST).position(|byte| *byte == b';')?;
    let value = match rest.get(2..end)? {
        [b'x' | b'X', digits @ ..] => hex(digits)?,
        [] => return None,
        digits => digits.iter().try_fold(0_u32, |value, digit| {
            let digit = char::from(*digit).to_digit(10)?;
            value.checked_mul(10)?.checked_add(digit)
        })?,
    };
    Some((value, end + 1))
}

fn decode(escape: &[u8], bytes: &mut Vec<u8>) -> usize {
    if escape.get(1) == Some(&b'#') {
        let Some((value, len)) = number(escape) else {
            return 0;
        };
        push_code_point(value, bytes);
        return len;
    }
    let Some((len, byte)) = name(escape) else {
        return 0;
    };
    bytes.push(byte);
    len
}
