//! What the other layers say to what a repository's policy lets pass.

use crate::config::Flag;
use crate::date::Date;
use crate::finding::Finding;
use crate::outcome::{StaleAllow, StaleReason};
use crate::policy::{Classification, Policy, Scope, Thresholds};

use super::{Permit, Rank};

/// A policy above repositories, checked.
#[derive(Debug)]
pub struct Upper {
    pub(super) rank: Rank,
    pub(super) permit: Permit,
    pub(super) policy: Policy,
}

/// The other layers of a policy; none by default.
#[derive(Debug, Default)]
pub struct Bounds {
    pub(super) above: Vec<Upper>,
    /// Other versions of the repository's own policy.
    pub(super) beside: Vec<Policy>,
    /// The highest thresholds that those above permit.
    pub(super) ceiling: Option<Thresholds>,
    /// Parts of the repository's policy that do not count, for those above do not permit them.
    pub(super) refused: Vec<String>,
}

impl Bounds {
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.above.is_empty() && self.beside.is_empty()
    }

    /// What the other layers say of classified code, each with whose it is.
    pub fn classifications(&self) -> impl Iterator<Item = (Option<&'static str>, &Classification)> {
        let above = self.above.iter().map(|upper| (Some(upper.rank.name()), &upper.policy.classification));
        above.chain(self.versions().map(|it| (Some(Rank::Change.name()), it)))
    }

    /// What the other versions of the repository's policy say of it.
    pub fn versions(&self) -> impl Iterator<Item = &Classification> {
        self.beside.iter().map(|policy| &policy.classification)
    }

    /// Whether a finding of the rule may be allowed at all.
    #[must_use]
    pub fn permit(&self, rule: &str) -> bool {
        self.above.iter().all(|upper| upper.permit.allows(rule))
    }

    /// Whether a flag that was typed counts.
    #[must_use]
    pub fn flag(&self, flag: Flag) -> bool {
        self.above.iter().all(|upper| upper.permit.flag(flag))
    }

    /// Whether the other versions of the repository's policy allow the finding too.
    #[must_use]
    pub fn allow(&self, finding: &Finding, scope: &Scope, today: Date) -> bool {
        self.beside.iter().all(|policy| {
            let of_rule = policy.by_rule.get(finding.rule.as_ref()).map(Vec::as_slice).unwrap_or_default();
            let mut allows = of_rule.iter().filter_map(|entry| policy.allows.get(*entry));
            allows.any(|allow| allow.covers(finding, scope, today))
        })
    }

    /// Whether a path, relative to the repository's root, may be left out.
    #[must_use]
    pub fn leave_out(&self, path: &str) -> bool {
        self.above.iter().all(|upper| upper.permit.leaves_out(path))
            && self.beside.iter().all(|policy| policy.left_out.admit(path))
    }

    /// What does not count, for those above do not permit it.
    pub fn stale(&self) -> impl Iterator<Item = StaleAllow> {
        self.refused.iter().map(|place| StaleAllow { place: place.clone(), why: StaleReason::NotPermitted })
    }
}
