//! Finds the words of a list in a text, in either case. An automaton over some hundred words takes a millisecond or two to
//! make, as long as reading a megabyte of source; this takes a hundredth of that, and no longer to search.

/// log2 of the number of slots: 16 KiB, so that the table stays in the first-level cache.
const BITS: u32 = 12;
/// By so many bytes a word is found.
const GRAM: usize = 3;

/// A list of words.
#[derive(Debug)]
pub struct Spotter {
    /// By the hash of its first three bytes: the number of a word and one, or zero.
    slots: Box<[u32; 1 << BITS]>,
    words: Vec<Word>,
    /// Words of one or two bytes.
    short: Vec<u32>,
    longest: usize,
}

#[derive(Debug)]
struct Word {
    text: Box<[u8]>,
    /// The next word of the slot.
    next: u32,
}

impl Default for Spotter {
    fn default() -> Self {
        Self::new(std::iter::empty())
    }
}

impl Spotter {
    #[must_use]
    pub fn new<'w>(words: impl Iterator<Item = &'w [u8]>) -> Self {
        let mut spotter = Self { slots: Box::new([0; 1 << BITS]), words: Vec::new(), short: Vec::new(), longest: 0 };
        for (word, number) in words.zip(0..) {
            let mut next = 0;
            match word.first_chunk::<GRAM>() {
                Some(first) => {
                    next = std::mem::replace(&mut spotter.slots[slot(first.iter().fold(0, push))], number + 1);
                }
                None => spotter.short.push(number),
            }
            spotter.words.push(Word { text: word.into(), next });
            spotter.longest = spotter.longest.max(word.len());
        }
        spotter
    }

    /// The length of the longest word.
    #[must_use]
    pub const fn longest(&self) -> usize {
        self.longest
    }

    /// Calls `each` with the number of each word that stands in `text`, and where it ends.
    pub fn find(&self, text: &[u8], mut each: impl FnMut(usize, usize)) {
        let mut gram = text.iter().take(GRAM - 1).fold(0, push);
        for (start, byte) in text.iter().skip(GRAM - 1).enumerate() {
            gram = push(gram, byte);
            let mut number = self.slots[slot(gram)];
            while let Some(index) = number.checked_sub(1) {
                let index = index as usize;
                let word = &self.words[index];
                if stands(text, start, &word.text) {
                    each(index, start + word.text.len());
                }
                number = word.next;
            }
        }
        for index in self.short.iter().map(|number| *number as usize) {
            let word = &self.words[index].text;
            let places = (0..text.len()).filter(|start| stands(text, *start, word));
            places.for_each(|start| each(index, start + word.len()));
        }
    }
}

fn stands(text: &[u8], start: usize, word: &[u8]) -> bool {
    text.get(start..start + word.len()).is_some_and(|there| there.eq_ignore_ascii_case(word))
}

/// The last three bytes, in one case.
fn push(gram: u32, byte: &u8) -> u32 {
    (gram << 8 | u32::from(*byte | 0x20)) & 0xFF_FFFF
}

fn slot(gram: u32) -> usize {
    (gram.wrapping_mul(0x9E37_79B1) >> (32 - BITS)) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_words_are_found_that_an_automaton_finds() {
        let words = ["a", "$(", "{{", "token", "tok", "okenx", "TOKENX", "key", "monkey", "é", "-", "@\0b"];
        let pieces = ["tok", "EN", "x", "mon", "KEY", "$", "(", "{", "{{", "é", "\0", "@", "b", "`"];
        let bytes = || words.iter().map(|word| word.as_bytes());
        let spotter = Spotter::new(bytes());
        let slow = aho_corasick::AhoCorasick::builder().ascii_case_insensitive(true).build(bytes()).unwrap();
        let mut state = 3_u64;
        for round in 0..2000 {
            let mut text = Vec::new();
            for _ in 0..round % 17 {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                text.extend_from_slice(pieces[(state >> 33) as usize % pieces.len()].as_bytes());
            }
            let (mut found, mut expected) = (Vec::new(), Vec::new());
            spotter.find(&text, |word, end| found.push((word, end)));
            expected.extend(slow.find_overlapping_iter(&text).map(|hit| (hit.pattern().as_usize(), hit.end())));
            found.sort_unstable();
            expected.sort_unstable();
            assert_eq!(found, expected, "{}", text.escape_ascii());
        }
        assert_eq!(spotter.longest(), 6);
    }
}
