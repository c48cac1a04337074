//! UTF-16 to UTF-8, window by window, with the way back to the raw offset.
//! UTF-8 and binary windows pass through uncopied. Lone surrogates become U+FFFD; nothing is ever refused.

use super::Encoding;

/// Turns the raw windows of one file into UTF-8.
///
/// Windows may follow each other or overlap. When one starts where the last one ended, a character cut by the edge is
/// joined; a window that starts elsewhere drops what was left over and is aligned to whole units by itself.
#[derive(Debug)]
pub struct Decoder {
    encoding: Encoding,
    mark_len: usize,
    next: u64,
    carry: Vec<u8>,
    joined: Vec<u8>,
    text: Vec<u8>,
    marks: Vec<Mark>,
}

/// A decoded place and its raw offset, kept once in a while so that the way back is short.
#[derive(Clone, Copy, Debug)]
struct Mark {
    decoded: usize,
    raw: u64,
}

/// Distance of two marks in decoded bytes: 16 bytes of marks for each KiB of text.
const MARK_STEP: usize = 1024;

/// The text of one window.
#[derive(Clone, Copy, Debug)]
pub struct Decoded<'d> {
    /// UTF-8, or the window itself where nothing had to be decoded.
    pub bytes: &'d [u8],
    marks: &'d [Mark],
    raw: u64,
    raw_end: u64,
}

impl Decoder {
    /// A decoder for a file that `Encoding::detect` told about.
    #[must_use]
    pub const fn new(encoding: Encoding, mark_len: usize) -> Self {
        Self { encoding, mark_len, next: 0, carry: Vec::new(), joined: Vec::new(), text: Vec::new(), marks: Vec::new() }
    }

    /// The text of the window `raw`, which stands `at` bytes into the file; `last` when the file ends with it.
    /// A byte order mark at the file's start is left out of decoded text, but kept in text that is not decoded.
    pub fn decode<'d>(&'d mut self, at: u64, raw: &'d [u8], last: bool) -> Decoded<'d> {
        let raw_end = at.saturating_add(raw.len() as u64);
        if !matches!(self.encoding, Encoding::Utf16Le | Encoding::Utf16Be) {
            return Decoded { bytes: raw, marks: &[], raw: at, raw_end };
        }
        if self.next != at {
            self.carry.clear();
        }
        let start = at - self.carry.len() as u64;
        self.joined.clear();
        self.joined.append(&mut self.carry);
        self.joined.extend_from_slice(raw);
        self.next = raw_end;
        let skipped = self.skipped(start).min(self.joined.len());
        self.fill(start, skipped, last);
        Decoded { bytes: &self.text, marks: &self.marks, raw: start + skipped as u64, raw_end }
    }

    /// Bytes before the first whole unit: the byte order mark, or the second half of a cut unit.
    fn skipped(&self, start: u64) -> usize {
        let mark_len = self.mark_len as u64;
        if start < mark_len {
            return (mark_len - start) as usize;
        }
        ((start - mark_len) % 2) as usize
    }

    fn fill(&mut self, start: u64, skipped: usize, last: bool) {
        self.text.clear();
        self.marks.clear();
        let (units, tail) = self.joined.get(skipped..).unwrap_or_default().as_chunks::<2>();
        let little = self.encoding == Encoding::Utf16Le;
        let unit = |index: usize| {
            units.get(index).map(|pair| if little { u16::from_le_bytes(*pair) } else { u16::from_be_bytes(*pair) })
        };
        self.text.reserve(units.len() + units.len() / 4);
        let mut index = 0;
        let mut next_mark = 0;
        while let Some(first) = unit(index) {
            if self.text.len() >= next_mark {
                self.marks.push(Mark { decoded: self.text.len(), raw: start + (skipped + 2 * index) as u64 });
                next_mark = self.text.len() + MARK_STEP;
            }
            if first < 0x80 {
                self.text.push(first as u8);
                index += 1;
                continue;
            }
            let second = unit(index + 1);
            if second.is_none() && !last && is_high_surrogate(first) {
                break;
            }
            let (character, len) = combine(first, second);
            self.text.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
            index += len;
        }
        if last && !tail.is_empty() {
            self.text.extend_from_slice("\u{fffd}".as_bytes());
        } else if !last {
            self.carry.extend_from_slice(self.joined.get(skipped + 2 * index..).unwrap_or_default());
        }
    }
}

const fn is_high_surrogate(unit: u16) -> bool {
    matches!(unit, 0xd800..=0xdbff)
}

/// The character that starts with `first`, and how many units it takes.
fn combine(first: u16, second: Option<u16>) -> (char, usize) {
    if let Some(character) = char::from_u32(u32::from(first)) {
        return (character, 1);
    }
    match second {
        Some(low @ 0xdc00..=0xdfff) if is_high_surrogate(first) => {
            let value = 0x1_0000 + ((u32::from(first) - 0xd800) << 10) + (u32::from(low) - 0xdc00);
            (char::from_u32(value).unwrap_or(char::REPLACEMENT_CHARACTER), 2)
        }
        _ => (char::REPLACEMENT_CHARACTER, 1),
    }
}

impl Decoded<'_> {
    /// The raw offset in the file of the character that holds the decoded byte `place`; the window's end from its end on.
    #[must_use]
    pub fn raw_offset(&self, place: usize) -> u64 {
        if place >= self.bytes.len() && !self.marks.is_empty() {
            return self.raw_end;
        }
        let after = self.marks.partition_point(|mark| mark.decoded <= place);
        let Some(mark) = after.checked_sub(1).and_then(|index| self.marks.get(index)) else {
            return (self.raw + place as u64).min(self.raw_end);
        };
        // Each UTF-8 character but the four-byte ones came from one unit. The one that holds `place` is not passed yet.
        let passed = self.bytes.get(mark.decoded + 1..=place).unwrap_or_default();
        let units: u64 = passed
            .iter()
            .enumerate()
            .filter(|(_, byte)| **byte & 0xc0 != 0x80)
            .map(|(index, _)| self.units_before(mark.decoded + 1 + index))
            .sum();
        (mark.raw + 2 * units).min(self.raw_end)
    }

    /// Units of the character that ends right before `place`.
    fn units_before(&self, place: usize) -> u64 {
        let is_long = place.checked_sub(4).and_then(|start| self.bytes.get(start)).is_some_and(|lead| *lead >= 0xf0);
        if is_long { 2 } else { 1 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(units: &[u16], little: bool) -> Vec<u8> {
        units.iter().flat_map(|unit| if little { unit.to_le_bytes() } else { unit.to_be_bytes() }).collect()
    }

    #[test]
    fn windows_of_any_size_give_the_same_text() {
        let units: Vec<u16> = "aé漢🙂=b".repeat(40).encode_utf16().chain([0xd800, 0x41, 0xdc00, 0xd83d]).collect();
        let expected = String::from_utf16_lossy(&units);
        for (encoding, little) in [(Encoding::Utf16Le, true), (Encoding::Utf16Be, false)] {
            let file = [if little { b"\xff\xfe" } else { b"\xfe\xff" }.to_vec(), raw(&units, little)].concat();
            for size in [1, 2, 3, 5, 7, 64, 4096] {
                let mut decoder = Decoder::new(encoding, 2);
                let mut text = Vec::new();
                let mut at = 0;
                for window in file.chunks(size) {
                    let last = at + window.len() == file.len();
                    text.extend_from_slice(decoder.decode(at as u64, window, last).bytes);
                    at += window.len();
                }
                assert_eq!(String::from_utf8_lossy(&text), expected, "{encoding:?} in windows of {size}");
            }
        }
    }

    #[test]
    fn every_character_knows_its_raw_offset() {
        let text = "key=é漢🙂\n".repeat(400);
        let units: Vec<u16> = text.encode_utf16().collect();
        let file = raw(&units, true);
        let mut decoder = Decoder::new(Encoding::Utf16Le, 0);
        for (at, end, last) in [(0, 5001, false), (5001, file.len(), true), (3000, file.len(), true)] {
            let shown = decoder.decode(at as u64, &file[at..end], last);
            let characters = std::str::from_utf8(shown.bytes).unwrap();
            for (place, character) in characters.char_indices() {
                let from = shown.raw_offset(place) as usize;
                let mut buffer = [0; 2];
                let wanted = raw(character.encode_utf16(&mut buffer), true);
                assert_eq!(file[from..from + wanted.len()], wanted, "place {place} of the window at {at}");
            }
        }
    }

    #[test]
    fn odd_end_and_identity_stay_in_the_file() {
        let mut decoder = Decoder::new(Encoding::Utf16Le, 0);
        let shown = decoder.decode(0, b"a\0b", true);
        assert_eq!(shown.bytes, "a\u{fffd}".as_bytes());
        assert_eq!((shown.raw_offset(1), shown.raw_offset(9)), (2, 3));
        let mut decoder = Decoder::new(Encoding::Utf8, 3);
        let shown = decoder.decode(100, b"plain", false);
        assert_eq!((shown.bytes, shown.raw_offset(2)), (b"plain".as_slice(), 102));
    }
}
