//! Words and the groups that list them, read when the program is compiled and looked up by a hash that is quickly made.

/// The words of a table, at most `MOST`, in `SLOTS` places: at least twice as many.
pub struct Index<const MOST: usize, const SLOTS: usize> {
    text: &'static [u8],
    words: [Word; MOST],
    len: usize,
    /// By hash, and then in the places after it: the number of a word and one, or zero.
    slots: [u16; SLOTS],
}

#[derive(Clone, Copy)]
struct Word {
    start: u16,
    end: u16,
    /// A bit for each group that lists it.
    groups: u16,
}

impl<const MOST: usize, const SLOTS: usize> Index<MOST, SLOTS> {
    /// `text` has one group a line: its name, a tab, and its words, between spaces. The groups have a bit each, in the
    /// order of `groups`.
    pub const fn new(text: &'static str, groups: &[&str]) -> Self {
        assert!(2 * MOST <= SLOTS && text.len() <= u16::MAX as usize && groups.len() <= 16);
        let text = text.as_bytes();
        let words = [Word { start: 0, end: 0, groups: 0 }; MOST];
        let mut index = Self { text, words, len: 0, slots: [0; SLOTS] };
        let mut start = 0;
        while start < text.len() {
            let end = find(text, start, text.len(), b'\n');
            if text[start] != b'#' {
                index.add_line(start, end, groups);
            }
            start = end + 1;
        }
        index
    }

    const fn add_line(&mut self, start: usize, end: usize, groups: &[&str]) {
        let tab = find(self.text, start, end, b'\t');
        let mut group = 0;
        while group < groups.len() && !same(self.text, start, tab, groups[group].as_bytes()) {
            group += 1;
        }
        assert!(group < groups.len(), "each line begins with the name of a group");
        let mut at = tab + 1;
        while at < end {
            let next = find(self.text, at, end, b' ');
            if next > at {
                self.add(at, next, 1 << group);
            }
            at = next + 1;
        }
    }

    const fn add(&mut self, start: usize, end: usize, group: u16) {
        let (_, word) = self.text.split_at(start);
        let (slot, known) = self.look(word.split_at(end - start).0);
        if let Some(known) = known {
            self.words[known].groups |= group;
            return;
        }
        self.words[self.len] = Word { start: start as u16, end: end as u16, groups: group };
        self.len += 1;
        self.slots[slot] = self.len as u16;
    }

    /// The slot of a word, or where it would be, and its number.
    const fn look(&self, word: &[u8]) -> (usize, Option<usize>) {
        let (mut hash, mut at) = (0_u32, 0);
        while at < word.len() {
            hash = (hash ^ word[at] as u32).wrapping_mul(0x0100_0193);
            at += 1;
        }
        let mut slot = (hash ^ hash >> 15) as usize % SLOTS;
        while self.slots[slot] != 0 {
            let known = self.slots[slot] as usize - 1;
            if same(self.text, self.words[known].start as usize, self.words[known].end as usize, word) {
                return (slot, Some(known));
            }
            slot = (slot + 1) % SLOTS;
        }
        (slot, None)
    }

    /// The groups of a word, a bit each.
    pub const fn groups(&self, word: &[u8]) -> u16 {
        match self.look(word).1 {
            Some(known) => self.words[known].groups,
            None => 0,
        }
    }
}

/// Where `byte` stands in `from..to`, or `to`.
pub const fn find(text: &[u8], from: usize, to: usize, byte: u8) -> usize {
    let mut at = from;
    while at < to && text[at] != byte {
        at += 1;
    }
    at
}

/// Whether `from..to` is the word.
pub const fn same(text: &[u8], from: usize, to: usize, word: &[u8]) -> bool {
    if to - from != word.len() {
        return false;
    }
    let mut at = 0;
    while at < word.len() {
        if text[from + at] != word[at] {
            return false;
        }
        at += 1;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_has_the_groups_that_list_it() {
        static INDEX: Index<8, 16> = Index::new("# words\none\ta b  cd\ntwo\tcd ef\none\tef\n", &["one", "two"]);
        let rows: [(&str, u16); 6] = [("a", 1), ("b", 1), ("cd", 3), ("ef", 3), ("c", 0), ("", 0)];
        for (word, groups) in rows {
            assert_eq!(INDEX.groups(word.as_bytes()), groups, "{word}");
        }
        assert_eq!(INDEX.len, 4);
    }
}
