//! Of each value, the first place in history: what is found again in later versions of a file is the same finding.
//!
//! Where the decision on a value differs between places - it was allowed in a test, and then stood in a config - each
//! decision has a finding of its own, so that the milder one never hides the other.

use std::collections::{HashMap, HashSet};

use super::places::Item;
use super::trail::Held;
use crate::finding::{Decision, Finding, Fingerprint};
use crate::git::Oid;

/// A value and how severe the decision on it is.
pub type Value = (Fingerprint, u8);

#[must_use]
pub const fn rank(decision: &Decision) -> u8 {
    match decision {
        Decision::Allow(_) => 0,
        Decision::Warn => 1,
        Decision::Block => 2,
    }
}

/// Where a value stood first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct First {
    pub commit: u32,
    pub path: u32,
    pub blob: Oid,
}

/// What all threads found in blobs.
#[derive(Debug, Default)]
pub struct Tally {
    pub firsts: HashMap<Value, First>,
    /// Values that the checked-out commit has.
    pub in_head: HashMap<Fingerprint, bool>,
}

impl Tally {
    /// A blob with these items holds that.
    pub fn add(&mut self, held: &Held, items: &[Item], in_head: bool) {
        for item in items.iter().filter(|item| item.class == held.class) {
            let first = First { commit: item.commit, path: item.path, blob: item.blob };
            let known = self.firsts.entry((held.fingerprint, held.rank)).or_insert(first);
            *known = first.min(*known);
        }
        *self.in_head.entry(held.fingerprint).or_default() |= in_head;
    }

    pub fn merge(&mut self, other: Self) {
        for (value, first) in other.firsts {
            let known = self.firsts.entry(value).or_insert(first);
            *known = first.min(*known);
        }
        for (fingerprint, in_head) in other.in_head {
            *self.in_head.entry(fingerprint).or_default() |= in_head;
        }
    }
}

/// Findings in texts that are no blobs, each with the place of its commit in their order.
pub type Told = Vec<(u32, Finding)>;

/// Keeps, of findings with one value and decision, the first; `blobs` are those that stand in blobs already.
pub fn only_first(mut told: Told, blobs: &HashMap<Value, First>) -> Told {
    told.sort_by(|(one, first), (other, second)| {
        (one, &first.place, first.fingerprint).cmp(&(other, &second.place, second.fingerprint))
    });
    let mut seen = HashSet::new();
    told.retain(|(commit, finding)| {
        let value = (finding.fingerprint, rank(&finding.decision));
        let earlier = blobs.get(&value).is_some_and(|first| first.commit <= *commit);
        // Of a file that is a finding by its name, the content is not known: at another path it is another one.
        let path = finding.excerpt.text.is_empty().then(|| finding.place.path.clone());
        !earlier && seen.insert((value, path))
    });
    told
}
