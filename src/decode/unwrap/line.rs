//! Wrappings that are told by a sign before each escape: the part of the line around an escape is decoded as a whole,
//! so that the name beside a value and both ends of a token are in the view.

use super::places::Places;
use super::{Sink, View, Wrapping, around};
use crate::span::Span;
use memchr::{memchr, memrchr};

/// One wrapping of this sort.
pub(super) struct Form {
    pub(super) wrapping: Wrapping,
    /// The byte each escape starts with.
    pub(super) sign: u8,
    /// The bytes that may follow the sign in an escape that tells: in source code most signs are something else.
    pub(super) second: [bool; 256],
    /// Whether the sign at this place is a reason to decode, or else how many bytes to pass over.
    pub(super) look: fn(&[u8], usize) -> Look,
    /// Decodes the escape at the start of the slice, pushes what it stands for and gives its length; 0 for no escape.
    pub(super) decode: fn(&[u8], &mut Vec<u8>) -> usize,
}

/// A table of the listed bytes.
pub(super) const fn any_of(bytes: &[u8]) -> [bool; 256] {
    let mut table = [false; 256];
    let mut index = 0;
    while index < bytes.len() {
        table[bytes[index] as usize] = true;
        index += 1;
    }
    table
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Look {
    Decode,
    Skip(usize),
}

/// How much of a long line is decoded around an escape. What stands within `BACK` bytes on either side of any escape is
/// in one view with it; views of one line share no more than twice that.
const BACK: usize = 1024;
const AHEAD: usize = 4 * 1024;

/// Emits the views of all lines with a telling escape at one of `signs`.
pub(super) fn find(text: &[u8], form: &Form, signs: &[u32], sink: &mut Sink) {
    // An escape just outside the owned range can be part of a token, or a context, inside.
    let part = around(text, sink.owned.start, sink.owned.end, BACK);
    let mut from = part.start;
    for at in signs.iter().map(|at| *at as usize).take_while(|at| *at < part.end) {
        let follows = |second: &u8| form.second[usize::from(*second)];
        if at < from || text[at] != form.sign || !text.get(at + 1).is_some_and(follows) {
            continue;
        }
        match (form.look)(text, at) {
            Look::Skip(len) => from = at + len.max(1),
            Look::Decode => {
                let (line, is_cut) = around_escape(text, at);
                if sink.wants(line) {
                    sink.send(decode(text, line, form));
                }
                from = if is_cut { line.end - BACK } else { line.end };
            }
        }
    }
}

/// The part of the line around the escape at `at`, and whether its end is not the line's.
fn around_escape(text: &[u8], at: usize) -> (Span, bool) {
    let floor = at.saturating_sub(BACK);
    let start = text.get(floor..at).and_then(|before| memrchr(b'\n', before)).map_or(floor, |found| floor + found + 1);
    let after = text.get(at..).unwrap_or_default();
    let ahead = after.get(..AHEAD).unwrap_or(after);
    let end = memchr(b'\n', ahead).unwrap_or(ahead.len());
    (Span::new(start, at + end), end == ahead.len() && ahead.len() < after.len())
}

fn decode(text: &[u8], line: Span, form: &Form) -> View {
    let encoded = line.of(text);
    let mut bytes = Vec::with_capacity(encoded.len());
    let mut places = Places::new(line.start);
    let mut at = 0;
    while let Some(rest) = encoded.get(at..).filter(|rest| !rest.is_empty()) {
        let plain = memchr(form.sign, rest).unwrap_or(rest.len());
        bytes.extend_from_slice(&rest[..plain]);
        places.push_plain(line.start + at, plain);
        at += plain;
        let Some(escape) = encoded.get(at..).filter(|rest| !rest.is_empty()) else {
            break;
        };
        let before = bytes.len();
        let len = (form.decode)(escape, &mut bytes);
        if len == 0 {
            bytes.push(form.sign);
            places.push_plain(line.start + at, 1);
        } else {
            places.push_unit(line.start + at, len, bytes.len() - before);
        }
        at += len.max(1);
    }
    View { wrapping: form.wrapping, span: line, bytes, places }
}

/// Whether the byte can be in a token or joins the parts of one.
pub(super) const fn is_tokenish(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'=' | b'+' | b'/' | b':' | b'@' | b'.' | b'#')
}

/// The value of the hex digits in `digits`, if there are only such.
pub(super) fn hex(digits: &[u8]) -> Option<u32> {
    if digits.is_empty() || digits.len() > 8 {
        return None;
    }
    digits.iter().try_fold(0, |value: u32, digit| Some(value << 4 | char::from(*digit).to_digit(16)?))
}

/// Appends the character of a code point, U+FFFD where there is none.
pub(super) fn push_code_point(value: u32, bytes: &mut Vec<u8>) {
    let character = char::from_u32(value).unwrap_or(char::REPLACEMENT_CHARACTER);
    bytes.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
}
