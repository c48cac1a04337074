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
#[derive(Debug, Default)]
pub struct Grams {
    pub banks: [Bank; 2],
}

/// The tables of eight groups.
#[derive(Debug, Default)]
pub struct Bank {
    pub low: [[u8; 16]; 4],
    pub high: [[u8; 16]; 4],
}

impl Grams {
    pub fn new<'g>(grams: impl Iterator<Item = &'g [u8]>) -> Self {
        let mut sorted: Vec<Vec<u8>> =
            grams.map(|gram| gram.iter().take(4).map(|byte| byte | 0x20).collect()).collect();
        sorted.sort();
        sorted.dedup();
        let mut all = Self::default();
        // Neighbours share a group: grams that begin alike let few others through.
        let each = sorted.len().div_ceil(16).max(1);
        for (index, gram) in sorted.iter().enumerate() {
            let group = index / each;
            all.banks[group / 8].add(gram, 1 << (group % 8));
        }
        all
    }

    /// Whether a gram may begin with these four bytes: the scalar twin.
    #[cfg(test)]
    pub fn may_begin(&self, four: [u8; 4]) -> bool {
        self.banks.iter().any(|bank| bank.may_begin(four))
    }
}

impl Bank {
    fn add(&mut self, gram: &[u8], group: u8) {
        for place in 0..4 {
            if let Some(byte) = gram.get(place) {
                self.low[place][usize::from(byte & 15)] |= group;
                self.high[place][usize::from(byte >> 4)] |= group;
            } else {
                self.low[place].iter_mut().for_each(|groups| *groups |= group);
                self.high[place].iter_mut().for_each(|groups| *groups |= group);
            }
        }
    }

    #[cfg(test)]
    fn may_begin(&self, four: [u8; 4]) -> bool {
        let groups = |place: usize| {
            let byte = four[place] | 0x20;
            self.low[place][usize::from(byte & 15)] & self.high[place][usize::from(byte >> 4)]
        };
        groups(0) & groups(1) & groups(2) & groups(3) != 0
    }
}
