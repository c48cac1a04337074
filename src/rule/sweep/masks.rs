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
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Grams {
    pub banks: [Bank; 2],
}

/// The tables of eight groups.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Bank {
    pub low: [[u8; 16]; 4],
    pub high: [[u8; 16]; 4],
}

/// Three or four bytes; a zero stands for the fourth byte of three.
pub type Gram = [u8; 4];

impl Grams {
    /// Shares the grams out. A group lets through all that its grams' half bytes make together, so each gram goes where
    /// that adds least, the most frequent first. In source code one place in 500 is let through; with neighbours of the
    /// alphabet in one group it was one in 20, and asking about those took a tenth of a scan.
    pub fn new(grams: impl Iterator<Item = Gram>) -> Self {
        let mut sorted: Vec<Gram> = grams.map(folded).collect();
        sorted.sort_unstable();
        sorted.dedup();
        let share = |gram: &Gram| Group::default().with(*gram).share;
        sorted.sort_by(|one, other| share(other).total_cmp(&share(one)));
        let mut all = Self::default();
        let mut groups = [Group::default(); 16];
        for gram in sorted {
            let joined = groups.map(|group| group.with(gram));
            let added = |group: &usize| joined[*group].share - groups[*group].share;
            let least = (0..16).min_by(|one, other| added(one).total_cmp(&added(other))).unwrap_or_default();
            groups[least] = joined[least];
            all.banks[least / 8].add(gram, 1 << (least % 8));
        }
        all
    }

    /// Whether a gram may begin with these four bytes: the scalar twin.
    #[cfg(test)]
    #[must_use]
    pub fn may_begin(&self, four: [u8; 4]) -> bool {
        self.banks.iter().any(|bank| bank.may_begin(four))
    }
}

/// The gram with the bit set by which the cases of a letter differ.
#[must_use]
pub fn folded(gram: Gram) -> Gram {
    gram.map(|byte| if byte == 0 { 0 } else { byte | 0x20 })
}

/// The half bytes of a group's grams, a bit for each, and the share of places that they let through.
#[derive(Clone, Copy, Debug, Default)]
struct Group {
    places: [Halves; 4],
    share: f32,
}

/// The half bytes for one of the four places, and the share of bytes that they make together.
#[derive(Clone, Copy, Debug, Default)]
struct Halves {
    low: u16,
    high: u16,
    share: f32,
}

impl Group {
    fn with(mut self, gram: Gram) -> Self {
        for (halves, byte) in self.places.iter_mut().zip(gram) {
            halves.add(byte);
        }
        self.share = self.places.iter().map(|halves| halves.share).product();
        self
    }
}

impl Halves {
    /// Adds only what is new to the sum: this is asked for each gram and group at every start.
    fn add(&mut self, byte: u8) {
        if byte == 0 {
            *self = Self { low: u16::MAX, high: u16::MAX, share: 1.0 };
            return;
        }
        let (low, high) = (usize::from(byte & 15), usize::from(byte >> 4));
        if self.low >> low & 1 == 0 {
            self.low |= 1 << low;
            self.share += bits(self.high).map(|high| OFTEN[high << 4 | low]).sum::<f32>();
        }
        if self.high >> high & 1 == 0 {
            self.high |= 1 << high;
            self.share += bits(self.low).map(|low| OFTEN[high << 4 | low]).sum::<f32>();
        }
    }
}

fn bits(mut mask: u16) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let bit = (mask != 0).then(|| mask.trailing_zeros() as usize)?;
        mask &= mask - 1;
        Some(bit)
    })
}

/// How often a byte stands in source code, roughly, with its case folded.
static OFTEN: [f32; 256] = {
    let mut table = [0.001; 256];
    let mut byte = 0x20;
    while byte < 0x80 {
        table[byte as usize] = match byte {
            b' ' => 0.15,
            b'e' | b't' | b'a' | b'o' | b'i' | b'n' | b's' | b'r' => 0.05,
            b'l' | b'd' | b'u' | b'c' | b'p' | b'm' | b'f' | b'h' | b'_' => 0.025,
            b'0'..=b'9' => 0.004,
            _ => 0.008,
        };
        byte += 1;
    }
    table
};

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
