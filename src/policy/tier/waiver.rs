//! Waivers: one file, one marker, one day on which it ends, and two people. They are compared letter by letter: a waiver
//! that named more than one file would be a policy.

use std::sync::atomic::{AtomicBool, Ordering};

use super::{EXCEEDED, Tier};
use crate::date::Date;
use crate::finding::Fingerprint;
use crate::outcome::StaleReason;

/// A checked entry of `waivers`.
#[derive(Debug)]
pub struct Waiver {
    pub id: String,
    /// Relative to the config's folder.
    pub path: String,
    pub of: Waived,
    /// What the file counts as.
    pub tier: Tier,
    pub reason: String,
    pub by: String,
    pub approved_by: String,
    pub expires: Date,
    pub(super) used: AtomicBool,
}

/// What a waiver speaks of in its file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Waived {
    /// What a marker's rule says, or with `EXCEEDED` all that no marker says.
    Rule(String),
    /// One marker.
    Finding(Fingerprint),
}

impl Waiver {
    /// Whether it speaks of this marker, at a path relative to the config's folder.
    #[must_use]
    pub fn covers(&self, path: &str, rule: &str, fingerprint: Fingerprint, today: Date) -> bool {
        let of = match &self.of {
            Waived::Rule(id) => id == rule && rule != EXCEEDED,
            Waived::Finding(known) => *known == fingerprint,
        };
        of && self.is_for(path, today)
    }

    /// Whether it speaks of all in the file that no marker says.
    #[must_use]
    pub fn covers_file(&self, path: &str, today: Date) -> bool {
        self.of == Waived::Rule(EXCEEDED.to_owned()) && self.is_for(path, today)
    }

    fn is_for(&self, path: &str, today: Date) -> bool {
        today <= self.expires && self.path == path
    }

    /// It has let something pass.
    pub fn use_it(&self) {
        self.used.store(true, Ordering::Relaxed);
    }

    /// Why it is of no use, if it is of none.
    #[must_use]
    pub fn stale(&self, today: Date) -> Option<StaleReason> {
        if self.expires < today {
            return Some(StaleReason::Expired);
        }
        (!self.used.load(Ordering::Relaxed)).then_some(StaleReason::Unused)
    }
}
