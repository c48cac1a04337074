//! The rules in force: built-in ones, changes to them, and the user's own; and what in a text wakes which.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::OnceLock;

use sha2::{Digest, Sha256};

use crate::judge::randomness::rarity;
use crate::judge::spotter::Spotter;
use crate::judge::weigh::Most;
use crate::marker::{self, Companion, Form, Hint, Mark, Marks, Places, Shape};
use crate::rule::{
    Alphabet, Args, Bank, Block, Boundary, Category, CheckUse, Confidence, FURTHEST, Globs, Grams, Issuer, Kind,
    Literal, Near, Pair, Pattern, Probe, Program, Rule, Scanner, Severity, Slots, Sweep, Table, Text, Wake, Word,
};
use crate::span::Span;

#[allow(clippy::unreadable_literal, reason = "build.rs writes it, and nobody reads it")]
mod builtin {
    use super::{
        Alphabet, Args, Bank, Block, Boundary, Category, CheckUse, Companion, Confidence, Cow, Form, Globs, Grams,
        Hint, Issuer, Kind, Literal, Mark, Marks, Near, Pair, Pattern, Places, Probe, Program, Rule, Scanner, Severity,
        Shape, Slots, Sweep, Table, Text, Wake, Wakes,
    };

    include!(concat!(env!("OUT_DIR"), "/builtin.rs"));
}

/// The built-in rules, in the order of their files.
#[must_use]
pub fn builtin_rules() -> &'static [Rule] {
    &builtin::RULES
}

/// A rule's number in its rule set.
pub type RuleIndex = usize;

/// What a literal in a text wakes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Wakes {
    Rule(RuleIndex),
    /// The scanner for assignments.
    Assignments,
}

/// A change to a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    Off,
    Severity(Severity),
}

/// All rules in force, and the prefilter over them.
#[derive(Debug)]
pub struct RuleSet {
    own: Vec<Rule>,
    /// Rules that were switched off or have another severity.
    changes: Vec<(RuleIndex, Change)>,
    /// The rules whose matches come from a scanner.
    scanners: Vec<RuleIndex>,
    /// Over other literals than those of all built-in rules.
    probe: Option<Probe<Wakes>>,
    /// The rules for markers.
    markers: Vec<RuleIndex>,
    /// Over the words of other markers than all built-in ones.
    marker_probe: Option<Probe<Hint>>,
    runs: OnceLock<RunRules>,
    paths: OnceLock<Paths>,
    /// The files into which rules look that do not look into all.
    limited: OnceLock<Paths>,
    digest: String,
    whole_digest: [u8; 32],
    /// A public licence that speaks for each file.
    published: Option<&'static str>,
}

/// The rules for token runs. Hundreds of them share a few alphabets and lengths, and a word is often that of several.
#[derive(Debug, Default)]
struct RunRules {
    /// By the length of a run: the rules that take it, by their alphabet.
    by_len: Vec<Vec<Fitting>>,
    words: Vec<RunWord>,
    spotter: Spotter,
    /// Rules that may become part of a pair, in ascending order.
    paired: Vec<RuleIndex>,
}

/// The rules of one alphabet, in ascending order.
#[derive(Debug)]
struct Fitting {
    alphabet: Alphabet,
    rules: Vec<RuleIndex>,
}

/// A word, whether it may go on, and the rules that wait for it.
#[derive(Debug)]
struct RunWord {
    text: Box<[u8]>,
    open: bool,
    rules: Vec<RuleIndex>,
}

/// The globs of some rules, and the rule of each.
#[derive(Debug)]
struct Paths {
    globs: Globs,
    rules: Vec<RuleIndex>,
}

impl Default for RuleSet {
    fn default() -> Self {
        Self::new(Vec::new(), &[])
    }
}

impl RuleSet {
    /// Built-in rules with `changes` by id, and `own` rules.
    #[must_use]
    pub fn new(own: Vec<Rule>, changes: &[(String, Change)]) -> Self {
        let all = || builtin::RULES.iter().chain(&own).enumerate();
        let index = |id: &str| all().find(|(_, rule)| rule.id == id).map(|(index, _)| index);
        let changes: Vec<(RuleIndex, Change)> =
            changes.iter().filter_map(|(id, change)| Some((index(id)?, *change))).collect();
        let is_off = |index: RuleIndex| changes.contains(&(index, Change::Off));
        // Nothing is built anew where no literal is changed.
        let asks_probe =
            |index: RuleIndex| !matches!(all().nth(index), Some((_, rule)) if matches!(rule.wake, Wake::Marks(_)));
        let same =
            own.is_empty() && changes.iter().all(|(index, change)| *change != Change::Off || !asks_probe(*index));
        let literals = || literals(all().filter(|(index, _)| !is_off(*index)));
        let probe = (!same).then(|| Probe::beside(literals(), &builtin::PROBE));
        let is_scanner = |(index, rule): (RuleIndex, &Rule)| {
            (matches!(rule.wake, Wake::Scanner(_)) && !is_off(index)).then_some(index)
        };
        let is_marker = |(index, rule): (RuleIndex, &Rule)| {
            (matches!(rule.wake, Wake::Marks(_)) && !is_off(index)).then_some(index)
        };
        let markers = all().filter_map(is_marker).collect();
        let same_markers = !own.iter().any(|rule| matches!(rule.wake, Wake::Marks(_)));
        let marker_probe = (!same_markers).then(|| Probe::new(marker::literals(all(), |hint| hint)));
        let scanners = all().filter_map(is_scanner).collect();
        let whole_digest = digest(&own, &changes);
        Self {
            probe,
            own,
            changes,
            scanners,
            markers,
            marker_probe,
            runs: OnceLock::new(),
            paths: OnceLock::new(),
            limited: OnceLock::new(),
            digest: whole_digest.iter().take(6).map(|byte| format!("{byte:02x}")).collect(),
            whole_digest,
            published: None,
        }
    }

    /// Lets a public licence speak for each file, against the markings of companies.
    pub const fn publish(&mut self, licence: &'static str) {
        self.published = Some(licence);
    }

    /// The public licence that speaks for each file, if one does.
    #[must_use]
    pub const fn published(&self) -> Option<&'static str> {
        self.published
    }

    #[must_use]
    pub fn len(&self) -> usize {
        builtin::RULES.len() + self.own.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    #[must_use]
    pub fn rule(&self, index: RuleIndex) -> &Rule {
        builtin::RULES.get(index).unwrap_or_else(|| &self.own[index - builtin::RULES.len()])
    }

    /// Each rule with its number, those that are off included.
    pub fn rules(&self) -> impl Iterator<Item = (RuleIndex, &Rule)> {
        builtin::RULES.iter().chain(&self.own).enumerate()
    }

    #[must_use]
    pub fn index(&self, id: &str) -> Option<RuleIndex> {
        self.rules().find(|(_, rule)| rule.id == id).map(|(index, _)| index)
    }

    /// The rules for markers that are in force.
    #[must_use]
    pub fn markers(&self) -> &[RuleIndex] {
        &self.markers
    }

    /// The prefilter over the words of markers. Those of rules that are off are in it.
    #[must_use]
    pub fn marker_probe(&self) -> &Probe<Hint> {
        self.marker_probe.as_ref().unwrap_or(&builtin::MARKER_PROBE)
    }

    /// The rule in force under whose id a built-in scanner reports.
    #[must_use]
    pub fn scanner_rule(&self, id: &str) -> Option<RuleIndex> {
        self.scanners.iter().copied().find(|index| self.rule(*index).id == id)
    }

    #[must_use]
    pub fn is_off(&self, index: RuleIndex) -> bool {
        self.changes.contains(&(index, Change::Off))
    }

    /// What the rule finds, with the user's severity if there is one.
    #[must_use]
    pub fn kind(&self, index: RuleIndex) -> Kind {
        let severity = self.changes.iter().find_map(|(changed, change)| match change {
            Change::Severity(severity) if *changed == index => Some(*severity),
            _ => None,
        });
        severity.map_or_else(|| self.rule(index).kind.clone(), |severity| Kind::Secret { severity })
    }

    /// First digits of a hash over all rules in force and the code that judges.
    #[must_use]
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// All of that hash. A config of the repository's own can bring rules whose first digits are those of others.
    #[must_use]
    pub const fn whole_digest(&self) -> &[u8; 32] {
        &self.whole_digest
    }

    #[must_use]
    pub fn probe(&self) -> &Probe<Wakes> {
        self.probe.as_ref().unwrap_or(&builtin::PROBE)
    }

    /// Calls `wake` with each rule for token runs that takes a piece of this length and alphabet, and with the places of
    /// its words close by. Alphabets are asked first: in source code few runs pass, and words cost most.
    pub fn for_run(&self, text: &[u8], piece: Span, seen: &mut NearSeen, mut wake: impl FnMut(RuleIndex, &[Span])) {
        let rules = self.runs.get_or_init(|| RunRules::new(self));
        let Some(fitting) = rules.by_len.get(piece.len()) else { return };
        let bytes = piece.of(text);
        let alphabet = Alphabet::of_bytes(bytes);
        let fits = || fitting.iter().filter(|fitting| alphabet.is_within(fitting.alphabet));
        if fits().next().is_none() || rarity(bytes) < RANDOM {
            return;
        }
        let start = piece.start.saturating_sub(CONTEXT);
        seen.look(rules, text, start, piece.end.saturating_add(CONTEXT).min(text.len()));
        let mut woken: Vec<(RuleIndex, Span)> = Vec::new();
        for (end, word) in &seen.words {
            let word = &rules.words[*word];
            let place = Span::new(end - word.text.len(), *end);
            let takes = |index: &&RuleIndex| {
                let near = self.rule(**index).near.as_ref();
                near.is_some_and(|near| near.reaches(place, piece))
                    && fits().any(|fitting| fitting.rules.binary_search(index).is_ok())
            };
            woken.extend(word.rules.iter().filter(takes).map(|index| (*index, place)));
        }
        woken.sort_unstable();
        for of_rule in woken.chunk_by(|one, next| one.0 == next.0) {
            let places: Vec<Span> = of_rule.iter().map(|(_, place)| *place).collect();
            wake(of_rule[0].0, &places);
        }
    }

    /// What a rule for token runs can come to by itself; nothing where it may become part of a pair.
    #[must_use]
    pub fn most_of_run(&self, index: RuleIndex) -> Option<Most> {
        let rules = self.runs.get_or_init(|| RunRules::new(self));
        rules.paired.binary_search(&index).is_err().then(|| Most::of(self.rule(index)))
    }

    /// Of the rules that look into some files only, those that look into a file of that path.
    #[must_use]
    pub fn for_file(&self, path: &str) -> Vec<RuleIndex> {
        let limited = self.limited.get_or_init(|| Paths::new(self, |wake| !matches!(wake, Wake::Path)));
        limited.globs.all(path).into_iter().map(|glob| limited.rules[glob]).collect()
    }

    /// The rule, if any, by which a file of that path is a finding whatever is in it.
    #[must_use]
    pub fn for_path(&self, path: &str) -> Option<RuleIndex> {
        let paths = self.paths.get_or_init(|| Paths::new(self, |wake| matches!(wake, Wake::Path)));
        paths.globs.first(path).map(|first| paths.rules[first])
    }
}

/// Names in source code have the length and the alphabet of many a key, and lie below this; of 100,000 random tokens of
/// sixteen characters and more, in any of the usual alphabets, none does.
const RANDOM: f32 = 3.5;

/// How far round a token run its context words are looked for.
const CONTEXT: usize = FURTHEST as usize;

/// The context words of the stretch of a text looked at last. In a list of digests the stretches of neighbours overlap
/// tenfold; each byte is looked at once.
#[derive(Debug, Default)]
pub struct NearSeen {
    to: usize,
    /// Where each word ends, and its number.
    words: Vec<(usize, usize)>,
}

impl NearSeen {
    pub fn clear(&mut self) {
        self.to = 0;
        self.words.clear();
    }

    /// Makes the words of `start..end` known. Stretches are asked for in the order of the text.
    fn look(&mut self, rules: &RunRules, text: &[u8], start: usize, end: usize) {
        self.words.retain(|(word_end, _)| *word_end > start);
        if end <= self.to {
            return;
        }
        let from = start.max(self.to.saturating_sub(rules.spotter.longest()));
        rules.spotter.find(&text[from..end], |number, end| {
            let end = from + end;
            let RunWord { text: word, open, .. } = &rules.words[number];
            let is_part = || Word { text: word, open: *open }.is_part(text, Span::new(end - word.len(), end));
            if (end > self.to || self.to < start) && is_part() {
                self.words.push((end, number));
            }
        });
        self.to = end;
    }
}

impl RunRules {
    fn new(rules: &RuleSet) -> Self {
        let mut runs = Self::default();
        let mut numbers = HashMap::new();
        for (index, rule) in rules.rules().filter(|(index, _)| !rules.is_off(*index)) {
            if let (Wake::Run { pattern, alphabet }, Some(near)) = (&rule.wake, &rule.near) {
                runs.take(index, pattern, *alphabet);
                for word in near.words.iter().map(|word| Word::of(word)) {
                    let number = *numbers.entry(word).or_insert(runs.words.len());
                    if number == runs.words.len() {
                        runs.words.push(RunWord { text: word.text.into(), open: word.open, rules: Vec::new() });
                    }
                    runs.words[number].rules.push(index);
                }
            }
        }
        let with_pair = || rules.rules().filter_map(|(index, rule)| Some((index, &*rule.pair.as_ref()?.with)));
        let seconds: HashSet<&str> = with_pair().map(|(_, second)| second).collect();
        let is_second = |(index, rule): (RuleIndex, &Rule)| seconds.contains(&*rule.id).then_some(index);
        runs.paired = with_pair().map(|(first, _)| first).chain(rules.rules().filter_map(is_second)).collect();
        runs.paired.sort_unstable();
        runs.spotter = Spotter::new(runs.words.iter().map(|word| &*word.text));
        runs
    }

    fn take(&mut self, index: RuleIndex, pattern: &Pattern, alphabet: Alphabet) {
        let longest = pattern.longest() as usize;
        self.by_len.resize_with(self.by_len.len().max(longest + 1), Vec::new);
        for fitting in &mut self.by_len[pattern.shortest() as usize..=longest] {
            match fitting.iter_mut().find(|fitting| fitting.alphabet == alphabet) {
                Some(fitting) => fitting.rules.push(index),
                None => fitting.push(Fitting { alphabet, rules: vec![index] }),
            }
        }
    }
}

impl Paths {
    fn new(rules: &RuleSet, of: impl Fn(&Wake) -> bool) -> Self {
        let (mut globs, mut woken) = (Vec::new(), Vec::new());
        for (index, rule) in rules.rules().filter(|(index, _)| !rules.is_off(*index)) {
            if of(&rule.wake) {
                globs.extend(rule.files.sources().iter().cloned());
                woken.resize(globs.len(), index);
            }
        }
        Self { globs: Globs::known(globs), rules: woken }
    }
}

/// What the prefilter looks for: the literals of `rules` and the keywords of assignments.
fn literals<'r>(rules: impl Iterator<Item = (RuleIndex, &'r Rule)>) -> Vec<Literal<Wakes>> {
    let keywords = crate::assign::KEYWORDS.iter().map(|text| Literal::keyword(text, Wakes::Assignments));
    rules.flat_map(|(index, rule)| Literal::of_rule(rule, Wakes::Rule(index))).chain(keywords).collect()
}

fn digest(own: &[Rule], changes: &[(RuleIndex, Change)]) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(builtin::DIGEST);
    own.iter().for_each(|rule| hash.update(format!("{rule:?}")));
    changes.iter().for_each(|change| hash.update(format!("{change:?}")));
    hash.finalize().into()
}

#[cfg(test)]
mod tests;
