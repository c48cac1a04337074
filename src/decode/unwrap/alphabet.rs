//! The two packed alphabets, base64 and hex, and how their characters become bytes.

use super::Wrapping;
use super::places::Packing;

/// One packed alphabet. Hex counts as groups of four as well: two phases, seen twice.
pub(super) struct Alphabet {
    pub(super) wrapping: Wrapping,
    pub(super) packing: Packing,
    /// Characters that make whole bytes.
    pub(super) group: usize,
    /// The value of a character; `NONE` outside the alphabet.
    values: [u8; 256],
    /// By the index modulo four and the character: all ones in the lane of each phase that the character may go on.
    pub(super) goes_on: [[u64; 256]; 4],
}

const NONE: u8 = 0xff;

const fn base64_value(byte: u8) -> u8 {
    match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' | b'-' => 62,
        b'/' | b'_' => 63,
        _ => NONE,
    }
}

const fn hex_value(byte: u8) -> u8 {
    match byte {
        b'0'..=b'9' => byte - b'0',
        b'a'..=b'f' => byte - b'a' + 10,
        b'A'..=b'F' => byte - b'A' + 10,
        _ => NONE,
    }
}

/// ASCII text has 0 (line ends and, in UTF-16, NUL) or 2 to 7 as its upper halves.
const fn is_upper_half(half: u8) -> bool {
    matches!(half, 0 | 2..=7)
}

/// The places of a group where a character may stand if text is encoded, as bits.
const fn base64_allowed(value: u8) -> u8 {
    if value == NONE {
        return 0;
    }
    let first = is_upper_half(value >> 2) as u8;
    let second = is_upper_half(value & 15) as u8;
    let third = (value & 2 == 0) as u8;
    first | second << 1 | third << 2 | 8
}

const fn hex_allowed(value: u8) -> u8 {
    if value == NONE {
        return 0;
    }
    (is_upper_half(value) as u8 * 0b0101) | 0b1010
}

/// The lanes of the phases in which a character with these allowed places may stand at an index.
const fn lanes(allowed: u8, index: usize) -> u64 {
    let mut lanes = 0;
    let mut phase = 0;
    while phase < 4 {
        if allowed >> ((index + 4 - phase) & 3) & 1 == 1 {
            lanes |= 0xffff << (16 * phase);
        }
        phase += 1;
    }
    lanes
}

pub(super) static BASE64: Alphabet = {
    let (mut values, mut goes_on) = ([NONE; 256], [[0; 256]; 4]);
    let mut byte = 0;
    while byte < 256 {
        values[byte] = base64_value(byte as u8);
        let mut index = 0;
        while index < 4 {
            goes_on[index][byte] = lanes(base64_allowed(values[byte]), index);
            index += 1;
        }
        byte += 1;
    }
    Alphabet { wrapping: Wrapping::Base64, packing: Packing::Base64, group: 4, values, goes_on }
};

pub(super) static HEX: Alphabet = {
    let (mut values, mut goes_on) = ([NONE; 256], [[0; 256]; 4]);
    let mut byte = 0;
    while byte < 256 {
        values[byte] = hex_value(byte as u8);
        let mut index = 0;
        while index < 4 {
            goes_on[index][byte] = lanes(hex_allowed(values[byte]), index);
            index += 1;
        }
        byte += 1;
    }
    Alphabet { wrapping: Wrapping::Hex, packing: Packing::Hex, group: 2, values, goes_on }
};

/// Decoded text is judged in pieces of so many characters.
pub(super) const LOOK: usize = 64;

/// How many characters were read, and how many bytes they made.
pub(super) struct Unpacked {
    pub(super) characters: usize,
    pub(super) bytes: usize,
}

impl Alphabet {
    fn value(&self, character: u8) -> u8 {
        self.values[character as usize]
    }

    /// Decodes up to the first character outside the alphabet, as far as there is room.
    pub(super) fn unpack(&self, characters: &[u8], room: &mut [u8]) -> Unpacked {
        if self.wrapping == Wrapping::Hex {
            self.unpack_pairs(characters, room)
        } else {
            self.unpack_fours(characters, room)
        }
    }

    fn unpack_pairs(&self, characters: &[u8], room: &mut [u8]) -> Unpacked {
        let mut bytes = 0;
        for ([high, low], byte) in characters.as_chunks::<2>().0.iter().zip(room) {
            let (high, low) = (self.value(*high), self.value(*low));
            if high | low == NONE {
                break;
            }
            *byte = high << 4 | low;
            bytes += 1;
        }
        Unpacked { characters: bytes * 2, bytes }
    }

    fn unpack_fours(&self, characters: &[u8], room: &mut [u8]) -> Unpacked {
        let mut groups = 0;
        for (group, bytes) in characters.as_chunks::<4>().0.iter().zip(room.as_chunks_mut::<3>().0) {
            let [first, second, third, fourth] = group.map(|character| self.value(character));
            if first | second | third | fourth == NONE {
                break;
            }
            *bytes = [first << 2 | second >> 4, second << 4 | third >> 2, third << 6 | fourth];
            groups += 1;
        }
        let whole = Unpacked { characters: groups * 4, bytes: groups * 3 };
        self.unpack_tail(whole, characters, room)
    }

    /// Two or three characters at the end make one or two bytes.
    fn unpack_tail(&self, whole: Unpacked, characters: &[u8], room: &mut [u8]) -> Unpacked {
        let tail = characters.get(whole.characters..).unwrap_or_default();
        let mut values = tail.iter().take(3).map(|character| self.value(*character)).take_while(|value| *value != NONE);
        let (Some(first), Some(second)) = (values.next(), values.next()) else {
            return whole;
        };
        let third = values.next();
        let made = [first << 2 | second >> 4, second << 4 | third.unwrap_or_default() >> 2];
        let len = 1 + usize::from(third.is_some());
        let Some(place) = room.get_mut(whole.bytes..whole.bytes + len) else {
            return whole;
        };
        place.copy_from_slice(&made[..len]);
        Unpacked { characters: whole.characters + 1 + len, bytes: whole.bytes + len }
    }
}
