//! Words that stand for features, as `lexicon.txt` lists them, looked for all at once. It knows no word boundaries: the
//! words are chosen so.

use std::sync::{LazyLock, OnceLock};

use super::feature::{Feature, Features};
use super::index::find;
use super::spotter::Spotter;

const TABLE: &str = include_str!("lexicon.txt");

/// In the path of the file.
pub static PATH: LazyLock<Lexicon> = LazyLock::new(|| Lexicon::new("path"));
/// On the line, beside name and value.
pub static LINE: LazyLock<Lexicon> = LazyLock::new(|| Lexicon::new("line"));
/// Before and after, over several lines.
pub static NEAR: LazyLock<Lexicon> = LazyLock::new(|| Lexicon::new("near"));
/// In what is called on the value.
pub static WRAPPER: LazyLock<Lexicon> = LazyLock::new(|| Lexicon::new("wrapper"));
/// Anywhere in the value.
pub static VALUE: LazyLock<Lexicon> = LazyLock::new(|| Lexicon::new("value"));
/// At the start of the value.
pub static VALUE_START: LazyLock<Lexicon> = LazyLock::new(|| Lexicon::new("value-start"));
/// The value as a whole.
pub static VALUE_IS: LazyLock<Lexicon> = LazyLock::new(|| Lexicon::new("value-is"));

/// The rows of one place; at most 32.
pub struct Lexicon {
    /// Made when first asked for: not every place needs it.
    spotter: OnceLock<Spotter>,
    words: Vec<&'static str>,
    /// The row of each word.
    rows: Vec<u8>,
    features: Vec<Feature>,
}

impl Lexicon {
    fn new(place: &str) -> Self {
        let (mut words, mut rows, mut features) = (Vec::new(), Vec::new(), Vec::new());
        for (feature, listed) in listed(place) {
            let row = u8::try_from(features.len()).expect("the table is shorter than 256 rows");
            features.push(feature);
            rows.extend(listed.split('|').map(|_| row));
            words.extend(listed.split('|'));
        }
        Self { spotter: OnceLock::new(), words, rows, features }
    }

    /// Adds the feature of each row that has a word in one of `texts`; says whether there was any.
    pub fn weigh(&self, texts: &[&[u8]], features: &mut Features) -> bool {
        let spotter = self.spotter.get_or_init(|| Spotter::new(self.words.iter().map(|word| word.as_bytes())));
        let mut seen = 0_u32;
        texts.iter().for_each(|text| spotter.find(text, |word, _| seen |= self.bit(word)));
        self.add(seen, features)
    }

    /// Adds the feature of each row that has a word with which `text` begins.
    pub fn weigh_start(&self, text: &[u8], features: &mut Features) -> bool {
        let begins = |word: &str| text.get(..word.len()).is_some_and(|head| head.eq_ignore_ascii_case(word.as_bytes()));
        self.weigh_words(begins, features)
    }

    /// Adds the feature of each row that has `text` as a word.
    pub fn weigh_whole(&self, text: &[u8], features: &mut Features) -> bool {
        self.weigh_words(|word| text.eq_ignore_ascii_case(word.as_bytes()), features)
    }

    fn weigh_words(&self, holds: impl Fn(&str) -> bool, features: &mut Features) -> bool {
        let found = self.words.iter().enumerate().filter(|(_, word)| holds(word));
        let seen = found.fold(0, |seen, (place, _)| seen | self.bit(place));
        self.add(seen, features)
    }

    fn bit(&self, word: usize) -> u32 {
        self.rows.get(word).map_or(0, |row| 1 << row)
    }

    fn add(&self, seen: u32, features: &mut Features) -> bool {
        for (row, feature) in self.features.iter().enumerate() {
            features.add_if(seen & (1 << row) != 0, *feature);
        }
        seen != 0
    }
}

/// The features and words listed for a place.
fn listed(place: &str) -> impl Iterator<Item = (Feature, &'static str)> {
    let of = move |row: &&Row| &TABLE[row.start..row.tab] == place;
    ROWS.iter().filter(of).map(|row| (row.feature, &TABLE[row.words..row.end]))
}

/// A row of the table: where its place, the name of its feature and its words stand.
#[derive(Clone, Copy)]
struct Row {
    start: usize,
    tab: usize,
    feature: Feature,
    words: usize,
    end: usize,
}

const NO_ROW: Row = Row { start: 0, tab: 0, feature: Feature::Comment, words: 0, end: 0 };

/// The rows, read when the program is compiled.
static ROWS: [Row; rows([NO_ROW; 0]).1] = rows([NO_ROW; rows([NO_ROW; 0]).1]).0;

/// As many rows as there is room for, and how many there are.
const fn rows<const ROOM: usize>(mut rows: [Row; ROOM]) -> ([Row; ROOM], usize) {
    let text = TABLE.as_bytes();
    let (mut start, mut count) = (0, 0);
    while start < text.len() {
        let end = find(text, start, text.len(), b'\n');
        if text[start] != b'#' {
            let tab = find(text, start, end, b'\t');
            let words = find(text, tab + 1, end, b'\t') + 1;
            if count < ROOM {
                let (_, name) = TABLE.split_at(tab + 1);
                let feature = Feature::named(name.split_at(words - tab - 2).0).expect("each row names a feature");
                rows[count] = Row { start, tab, feature, words, end };
            }
            count += 1;
        }
        start = end + 1;
    }
    (rows, count)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::feature::NAMES;

    #[test]
    fn every_row_has_a_place_that_is_used_a_feature_and_words() {
        let places = ["path", "line", "near", "wrapper", "value", "value-start", "value-is"];
        for row in TABLE.lines().filter(|line| !line.starts_with('#')) {
            let fields: Vec<&str> = row.split('\t').collect();
            assert_eq!(fields.len(), 3, "{row}");
            assert!(places.contains(&fields[0]) && NAMES.contains(&fields[1]), "{row}");
            assert!(fields[2].split('|').all(|word| !word.is_empty() && *word == word.to_lowercase()), "{row}");
        }
    }

    #[test]
    fn words_are_found_where_they_are_listed() {
        let mut features = Features::new();
        assert!(LINE.weigh(&[b"x", b"Assert.Equals(y)"], &mut features));
        assert!(features.has(Feature::LineAsserts) && !features.has(Feature::LineSpeaks));
        assert!(VALUE_START.weigh_start(b"MyThing", &mut features) && features.has(Feature::HasPossessive));
        assert!(!VALUE_IS.weigh_whole(b"passwords", &mut features));
    }
}
