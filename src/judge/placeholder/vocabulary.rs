//! The word lists of `placeholders.txt`, and how a run of letters is cut into their words. It knows no value forms.

use std::sync::LazyLock;

static TEXT: &str = include_str!("../placeholders.txt");

/// No run of letters longer than this is cut into words.
const LONGEST_RUN: usize = 64;

/// Texts by the low bits of their first byte, so that a look at one place tries a few and not all.
#[derive(Default)]
pub struct Index([Vec<&'static [u8]>; 32]);

impl Index {
    fn add(&mut self, text: &'static [u8]) {
        let first = text.first().map_or(0, |first| usize::from(first & 31));
        self.0[first].push(text);
    }

    /// The texts that stand at the start of `folded`.
    pub fn at(&self, folded: &[u8]) -> impl Iterator<Item = &'static [u8]> {
        let first = folded.first().map_or(0, |first| usize::from(first & 31));
        self.0[first].iter().copied().filter(move |text| folded.starts_with(text))
    }
}

#[derive(Default)]
pub struct Vocabulary {
    pub strong: Index,
    pub foreign: Vec<&'static [u8]>,
    pub references: Index,
    /// Words by first letter, with whether they say something alone.
    words: [Vec<(&'static [u8], bool)>; 26],
    /// Words with signs and digits in them, which only match whole.
    mixed: Vec<&'static [u8]>,
}

pub static VOCABULARY: LazyLock<Vocabulary> = LazyLock::new(|| {
    let mut vocabulary = Vocabulary::default();
    let mut section = "";
    for line in TEXT.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        match line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            Some(name) => section = name,
            None => vocabulary.take(section, line.as_bytes()),
        }
    }
    vocabulary
});

impl Vocabulary {
    fn take(&mut self, section: &str, word: &'static [u8]) {
        match section {
            "foreign" => return self.foreign.push(word),
            "references" => return self.references.add(word),
            "strong" => self.strong.add(word),
            _ => {}
        }
        let first = word.first().map_or(usize::MAX, |first| usize::from(first.wrapping_sub(b'a')));
        match self.words.get_mut(first) {
            Some(list) if word.iter().all(u8::is_ascii_lowercase) => list.push((word, section != "fillers")),
            _ => self.mixed.push(word),
        }
    }

    /// The folded text is one word that says something by itself.
    pub fn says(&self, folded: &[u8]) -> bool {
        self.mixed.contains(&folded) || self.starting(folded).any(|(word, says)| says && word == folded)
    }

    /// Cuts a run of letters into known words; then gives whether one of them says something. A change from lower to
    /// upper case must be a cut, so that noise such as `tEsTaP` is none.
    pub fn segment(&self, run: &[u8], folded: &[u8]) -> Option<bool> {
        if run.len() > LONGEST_RUN {
            return None;
        }
        // What can be reached after each letter: nothing, fillers only, or a word that says something.
        let mut reached = [None; LONGEST_RUN + 1];
        reached[0] = Some(false);
        for place in 0..run.len() {
            let Some(said) = reached[place] else { continue };
            for (word, says) in self.starting(&folded[place..]) {
                let end = place + word.len();
                if run[place..end]
                    .windows(2)
                    .all(|pair| !(pair[0].is_ascii_lowercase() && pair[1].is_ascii_uppercase()))
                {
                    reached[end] = Some(reached[end].unwrap_or(false) | said | says);
                }
            }
        }
        reached[run.len()]
    }

    fn starting(&self, folded: &[u8]) -> impl Iterator<Item = (&'static [u8], bool)> {
        let first = folded.first().map_or(usize::MAX, |first| usize::from(first.wrapping_sub(b'a')));
        let list = self.words.get(first).map(Vec::as_slice).unwrap_or_default();
        list.iter().copied().filter(move |(word, _)| folded.starts_with(word))
    }
}
