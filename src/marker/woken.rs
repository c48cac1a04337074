//! What a prefilter has seen of markers in a part of a file: the rules that the reader asks, and the lines that it reads.

use std::collections::BTreeSet;

use super::fold::is_disguised;
use crate::span::Span;

/// The rules that may find a marker in a text, and where their words stand in it.
#[derive(Clone, Debug, Default)]
pub struct Woken {
    rules: BTreeSet<usize>,
    places: BTreeSet<usize>,
    /// Each rule, wherever.
    all: bool,
}

impl Woken {
    /// As if a word of each rule stood on each line: the slow twin of all that a prefilter finds.
    #[must_use]
    pub const fn all() -> Self {
        Self { rules: BTreeSet::new(), places: BTreeSet::new(), all: true }
    }

    /// A word of a rule, or a key whose value it asks for, stands at `place`.
    pub fn add(&mut self, rule: usize, place: usize) {
        self.rules.insert(rule);
        self.places.insert(place);
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rules.is_empty() && !self.all
    }

    #[must_use]
    pub fn has(&self, rule: usize) -> bool {
        self.all || self.rules.contains(&rule)
    }

    /// Whether a line of `text` is to be read. Words that are disguised have no place that is known.
    #[must_use]
    pub fn touches(&self, text: &[u8], line: Span) -> bool {
        self.all || self.places.range(line.range()).next().is_some() || is_disguised(line.of(text))
    }
}
