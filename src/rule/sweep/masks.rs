//! What is known of 64 bytes, a bit for each; and the grams that are looked for in them.

use crate::rule::runs::is_token_byte;

/// The classes of the bytes of a block.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Masks {
    /// Bytes of token runs.
    pub token: u64,
    /// Those, and the signs that join parts of a longer token.
    pub wide: u64,
    /// Letters and digits.
    pub word: u64,
    /// An escape may begin here.
    pub sign: u64,
    /// One of the grams may begin here.
    pub gram: u64,
}

/// Whether two bytes can begin an escape that hides a printable character: in source code most signs are something else.
#[must_use]
pub const fn may_escape(sign: u8, second: u8) -> bool {
    match sign {
        b'%' => matches!(second, b'2'..=b'7'),
        b'&' => matches!(second, b'#' | b'a' | b'q'),
        b'\\' => matches!(second, b'u' | b'U' | b'x' | b'0'..=b'3' | b'/' | b'_' | b'-' | b'=' | b'+' | b'@' | b'\\'),
        _ => false,
    }
}

/// Whether a byte can stand in a token or join two parts of one.
pub const fn is_wide(byte: u8) -> bool {
    is_token_byte(byte) || matches!(byte, b'.' | b':' | b'=')
}

/// Texts of three or four bytes, in two banks of eight groups: for each of four places and each half byte, the groups
/// that fit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Grams {
    pub banks: [Bank; 2],
}

/// The tables of eight groups.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bank {
    pub low: [[u8; 16]; 4],
    pub high: [[u8; 16]; 4],
}

/// Three or four bytes; a zero stands for the fourth byte of three.
pub type Gram = [u8; 4];

/// Groups of grams: eight in each of two banks.
pub const GROUPS: usize = 16;

impl Grams {
    pub fn add(&mut self, gram: Gram, group: usize) {
        self.banks[group / 8].add(gram, 1 << (group % 8));
    }

    /// Forgets all grams of a group.
    pub fn clear(&mut self, group: usize) {
        let Bank { low, high } = &mut self.banks[group / 8];
        low.iter_mut().chain(high).flatten().for_each(|groups| *groups &= !(1 << (group % 8)));
    }

    /// The half bytes of a group.
    #[must_use]
    pub fn halves(&self, group: usize) -> [Halves; 4] {
        let Bank { low, high } = &self.banks[group / 8];
        let set =
            |table: &[u8; 16]| (0..16).fold(0, |set, half| set | u16::from(table[half] >> (group % 8) & 1) << half);
        std::array::from_fn(|place| Halves { low: set(&low[place]), high: set(&high[place]) & FOLDED })
    }

    /// Whether a gram may begin with these four bytes: the scalar twin.
    #[cfg(test)]
    #[must_use]
    pub fn may_begin(&self, four: [u8; 4]) -> bool {
        self.banks.iter().any(|bank| bank.may_begin(four))
    }
}

/// The upper halves of bytes with the bit set by which the cases of a letter differ.
pub const FOLDED: u16 = 0b1100_1100_1100_1100;

/// The gram with the bit set by which the cases of a letter differ.
#[must_use]
pub fn folded(gram: Gram) -> Gram {
    gram.map(|byte| if byte == 0 { 0 } else { byte | 0x20 })
}

/// Lower and upper halves of the bytes for one of the four places, a bit for each, with cases folded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Halves {
    pub low: u16,
    pub high: u16,
}

impl Bank {
    fn add(&mut self, gram: Gram, group: u8) {
        for (place, byte) in gram.into_iter().enumerate() {
            if byte == 0 {
                self.low[place].iter_mut().chain(&mut self.high[place]).for_each(|groups| *groups |= group);
            } else {
                // The bit that differs between cases is not looked at.
                self.low[place][usize::from(byte & 15)] |= group;
                self.high[place][usize::from((byte | 0x20) >> 4)] |= group;
                self.high[place][usize::from((byte & !0x20) >> 4)] |= group;
            }
        }
    }

    #[cfg(test)]
    fn may_begin(&self, four: [u8; 4]) -> bool {
        let groups = |place: usize| {
            let byte = four[place];
            self.low[place][usize::from(byte & 15)] & self.high[place][usize::from(byte >> 4)]
        };
        groups(0) & groups(1) & groups(2) & groups(3) != 0
    }
}
