//! Percent signs: `%3D` and the like. `+` stays as it is, since most text around it is no form data.

use super::Wrapping;
use super::line::{Form, Look, any_of, hex};

pub(super) static FORM: Form =
    Form { wrapping: Wrapping::Percent, sign: b'%', second: any_of(b"234567"), look, decode };

fn value(escape: &[u8]) -> Option<u8> {
    hex(escape.get(1..3)?).map(|value| value as u8)
}

fn look(text: &[u8], at: usize) -> Look {
    match text.get(at..).and_then(value) {
        // Brackets, backslash and caret are in no token, and their codes are also widths in format strings: `%5d`.
        Some(b'[' | b'\\' | b']' | b'^') => Look::Skip(3),
        Some(b' '..=b'~') => Look::Decode,
        _ => Look::Skip(1),
    }
}

fn decode(escape: &[u8], bytes: &mut Vec<u8>) -> usize {
    let Some(value) = value(escape) else {
        return 0;
    };
    bytes.push(value);
    3
}
