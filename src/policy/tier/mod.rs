//! Tiers: how protected a text is, and where a text of a tier may go. A text's tier is the highest of all that speaks of it,
//! its path, the markers in it and what rules find in it; a destination's clearance is the highest tier that may go there.
//! Nothing here reads a text: it is told what was found.

mod check;
mod decide;
mod destination;
mod pattern;
mod problem;
mod stars;
#[cfg(test)]
mod tests;
mod waiver;

use std::collections::BTreeMap;
use std::fmt;

use super::Paths;

pub(in crate::policy) use stars::fits;

pub use check::Ground;
pub use decide::{By, Clearance, Clears, Evidence, Marked, Resolved, Why};
pub use destination::Destination;
pub use pattern::Pattern;
pub use problem::TierProblem;
pub use waiver::{Waived, Waiver};

/// The rule of a finding that says: this file may not go there, and its path alone, or what was found in it, is why.
pub const EXCEEDED: &str = "tier-exceeded";

/// A place in the order of tiers: 0 is the least protected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tier(pub u8);

/// The names of tiers, the least protected first; never fewer than two.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TierNames(Vec<String>);

impl Default for TierNames {
    fn default() -> Self {
        Self(["public", "internal", "confidential", "restricted"].map(str::to_owned).to_vec())
    }
}

impl TierNames {
    #[must_use]
    pub fn find(&self, name: &str) -> Option<Tier> {
        self.0.iter().position(|known| known == name).and_then(|place| u8::try_from(place).ok()).map(Tier)
    }

    /// The name of a tier; that of the highest for one that is not among them.
    #[must_use]
    pub fn name(&self, tier: Tier) -> &str {
        self.0.get(usize::from(tier.0)).or_else(|| self.0.last()).map_or("", String::as_str)
    }

    #[must_use]
    pub fn highest(&self) -> Tier {
        Tier(u8::try_from(self.0.len().saturating_sub(1)).unwrap_or(u8::MAX))
    }

    /// All of them, the least protected first.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }
}

/// What one config says of classified code, checked.
#[derive(Debug, Default)]
pub struct Classification {
    pub names: TierNames,
    /// The tier of a text of which nothing says more.
    pub default: Tier,
    entries: Vec<Entry>,
    /// The globs of all entries that have one, in their order.
    paths: Paths,
    /// Which destinations may receive what; empty where nothing is said of any.
    pub destinations: BTreeMap<Pattern, Tier>,
    pub waivers: Vec<Waiver>,
}

/// One entry of `classify`. All that it names must be true.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// As it stands in the config, for layers to compare.
    pub path: Option<String>,
    /// The number of its glob among those of all entries.
    glob: Option<usize>,
    pub of: Of,
    pub says: Says,
    /// Empty where none is given.
    pub reason: String,
}

/// What an entry speaks of, besides a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Of {
    /// The path alone.
    Path,
    /// Markers whose scheme or rule fits.
    Marker(String),
    /// What a rule finds, from so many times on.
    Rule(String, u16),
}

/// What an entry asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Says {
    /// At least this tier.
    Tier(Tier),
    /// At most this one, for what paths and markers say.
    Cap(Tier),
}

impl Classification {
    /// Whether the config says where code may go: only then is anything decided by tiers.
    #[must_use]
    pub fn decides(&self) -> bool {
        !self.destinations.is_empty()
    }

    /// The entries whose path names this one, relative to the config's folder, and those that name no path; by number.
    #[must_use]
    pub fn entries_at(&self, path: &str) -> Vec<usize> {
        let globs = self.paths.all(path);
        let fits = |entry: &Entry| entry.glob.is_none_or(|glob| globs.binary_search(&glob).is_ok());
        (0..self.entries.len()).filter(|number| fits(&self.entries[*number])).collect()
    }

    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }
}

impl fmt::Display for Of {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Path => Ok(()),
            Self::Marker(marker) => write!(out, "marker `{marker}`"),
            Self::Rule(rule, 1) => write!(out, "rule `{rule}`"),
            Self::Rule(rule, least) => write!(out, "rule `{rule}`, {least} times"),
        }
    }
}

/// Whether a marker's rule is of this scheme, or has this id.
#[must_use]
pub fn names_marker(pattern: &str, id: &str) -> bool {
    let of_scheme = id.strip_prefix(pattern).is_some_and(|rest| rest.starts_with('-'));
    of_scheme || stars::fits(pattern, id)
}
