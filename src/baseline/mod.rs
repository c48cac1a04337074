//! The baseline: findings that are known and let pass, so that only new ones fail a run. An entry is a keyed hash of rule
//! and value with nothing of the place, so it outlives a moved line, a renamed file and a squash, and holds no secret.
//! Who decides whether an entry counts is the policy; here is its form, and the one way to change the file.

mod problem;
mod store;
mod text;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};

use sha2::{Digest, Sha256};

use crate::date::Date;
use crate::finding::{Finding, Fingerprint};
use crate::outcome::{StaleAllow, StaleReason};
use crate::random;
use crate::yaml::ConfigError;

pub use problem::{BaselineError, BaselineProblem};
pub use store::Store;

/// The baseline's file name.
pub const NAME: &str = ".tightlip.baseline";

/// Findings that are known. One is shared by all threads.
#[derive(Debug, Default)]
pub struct Baseline {
    /// As messages call the file.
    name: String,
    /// Keys the fingerprints, as hexadecimal digits.
    salt: String,
    entries: BTreeMap<Fingerprint, Entry>,
}

/// One finding that is known.
#[derive(Debug)]
pub struct Entry {
    pub rule: String,
    /// The day on which it was written down first.
    pub since: Date,
    /// Where it was then, for people: it decides nothing. Fit to be printed on one line.
    pub hint: String,
    used: AtomicBool,
}

impl Baseline {
    /// One with no entries yet.
    #[must_use]
    pub fn new(name: &str, salt: &str) -> Self {
        Self { name: name.to_owned(), salt: salt.to_owned(), entries: BTreeMap::new() }
    }

    /// One with no entries and a salt of its own.
    ///
    /// # Errors
    /// The system has no random bytes.
    pub fn salted(name: &str) -> Result<Self, BaselineError> {
        let salt: [u8; 16] = random::bytes().map_err(|why| BaselineError::NoSalt { why })?;
        Ok(Self::new(name, &format!("{:032x}", u128::from_be_bytes(salt))))
    }

    /// Reads a baseline; `name` is what an error calls it.
    ///
    /// # Errors
    /// The first line that is not of its form, with its place.
    pub fn parse(name: &str, text: &str) -> Result<Self, ConfigError> {
        text::parse(name, text)
    }

    /// The file's text: one line an entry, in the order of their fingerprints.
    #[must_use]
    pub fn text(&self) -> String {
        text::written(self)
    }

    #[must_use]
    pub fn salt(&self) -> &str {
        &self.salt
    }

    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// All entries, in the order of their fingerprints.
    pub fn entries(&self) -> impl Iterator<Item = (Fingerprint, &Entry)> {
        self.entries.iter().map(|(key, entry)| (*key, entry))
    }

    /// Since when a finding is known; none if it is new. `path` is its path relative to the root.
    #[must_use]
    pub fn covers(&self, finding: &Finding, path: &str) -> Option<Date> {
        let entry = self.entries.get(&key(finding, path)).filter(|entry| entry.rule == finding.rule)?;
        entry.used.store(true, Ordering::Relaxed);
        Some(entry.since)
    }

    /// Writes a finding down as known; whether it is new.
    pub fn add(&mut self, finding: &Finding, path: &str, today: Date) -> bool {
        let key = key(finding, path);
        if self.entries.contains_key(&key) {
            return false;
        }
        self.entries.insert(key, Entry { hint: text::hint(path), ..Entry::new(&finding.rule, today) });
        true
    }

    /// Of two entries for one finding the earlier one stays, in whatever order they come.
    fn join(&mut self, key: Fingerprint, entry: Entry) {
        match self.entries.get(&key) {
            Some(known) if (known.since, &known.hint) <= (entry.since, &entry.hint) => {}
            _ => drop(self.entries.insert(key, entry)),
        }
    }

    /// Keeps the days and hints of what `older` knows as well.
    pub fn keep_first(&mut self, older: Self) {
        for (key, entry) in older.entries {
            if self.entries.contains_key(&key) {
                self.join(key, entry);
            }
        }
    }

    /// Removes the entries that `scanned`, the same file as a whole scan used it, found no use for. What another run has
    /// added in the meantime is not among them.
    pub fn prune(&mut self, scanned: &Self) -> usize {
        let before = self.entries.len();
        self.entries.retain(|key, _| scanned.entries.get(key).is_none_or(Entry::is_used));
        before - self.entries.len()
    }

    /// How many entries no finding has used up to now.
    #[must_use]
    pub fn unused(&self) -> usize {
        self.entries.values().filter(|entry| !entry.is_used()).count()
    }

    /// The entries that no finding has used up to now, as exceptions without effect.
    #[must_use]
    pub fn stale(&self) -> Vec<StaleAllow> {
        let unused = self.entries.iter().filter(|(_, entry)| !entry.is_used());
        let place = |key: &Fingerprint, entry: &Entry| format!("{}: {key} ({})", self.name, entry.rule);
        unused.map(|(key, entry)| StaleAllow { place: place(key, entry), why: StaleReason::Unused }).collect()
    }
}

impl Entry {
    fn new(rule: &str, since: Date) -> Self {
        Self { rule: rule.to_owned(), since, hint: String::new(), used: AtomicBool::new(false) }
    }

    #[must_use]
    pub fn is_used(&self) -> bool {
        self.used.load(Ordering::Relaxed)
    }
}

/// What an entry goes by: the finding's fingerprint. Where a file is a finding by its name, nothing of its content is
/// known, and another file of that name is another secret: there the path counts too.
#[must_use]
pub fn key(finding: &Finding, path: &str) -> Fingerprint {
    if !finding.excerpt.text.is_empty() {
        return finding.fingerprint;
    }
    let digest = Sha256::new().chain_update(finding.fingerprint.0).chain_update(path).finalize();
    let mut key = Fingerprint([0; 12]);
    key.0.copy_from_slice(&digest[..12]);
    key
}

#[cfg(test)]
mod tests;
