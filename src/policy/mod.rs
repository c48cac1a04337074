//! What becomes of a finding: the checked form of the config. It decides on each finding by score, severity and exceptions,
//! and remembers which exceptions were used, so that the others can be named. It reads no file and finds nothing itself.

mod bound;
mod check;
mod foreign;
mod inline;
pub mod layer;
mod looser;
mod paths;
mod problem;
mod scope;
pub mod tier;
mod weaker;

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::baseline::{Baseline, BaselineError};
use crate::catalogue::Change;
use crate::config::{Flag, RawConfig};
use crate::date::Date;
use crate::finding::{Allowed, Decision, Finding, Fingerprint};
use crate::outcome::{StaleAllow, StaleReason};
use crate::rule::{Kind, Rule, Severity, Text};
use crate::yaml::{ConfigError, Document};

pub use crate::judge::Reason;
pub use bound::{Exceeded, Heading};
pub use foreign::{ForeignMark, marks_of, peers};
pub use inline::{INLINE_MARK, InlineAllow};
use layer::Bounds;
pub use looser::{LOOSENED, looser_config};
pub use paths::{Paths, glob_of};
pub use problem::PolicyProblem;
pub use scope::Scope;
pub use tier::Classification;
pub use weaker::{MARKER_REMOVED, WEAKENED, unusable, weakened_by, weaker_baseline, weaker_config};

/// The rules of one run. One is shared by all threads.
#[derive(Debug, Default)]
pub struct Policy {
    /// The name of the config it came from, for messages; empty without one.
    pub name: String,
    pub thresholds: Thresholds,
    /// What becomes of built-in rules, by id.
    pub changes: Vec<(String, Change)>,
    /// The config's own rules. Whether they find their examples has not been tried.
    pub rules: Vec<Rule>,
    /// A public licence at the repository's root speaks for each file.
    pub trust_root_license: bool,
    /// How the paths that reports show are told as the config's globs mean them.
    pub scope: Scope,
    /// Tiers, and where a text of each may go.
    pub classification: Classification,
    /// Where this run's content goes; none where it stays.
    heading: Option<Heading>,
    /// What other layers say to what lets pass.
    bounds: Bounds,
    salt: String,
    baseline: Option<Baseline>,
    left_out: Paths,
    /// Comments of other tools that count.
    foreign: Vec<&'static ForeignMark>,
    allows: Vec<Allow>,
    /// Which of `allows` speak of a rule.
    by_rule: HashMap<String, Vec<usize>>,
    /// The ids of all rules, built-in and own.
    ids: Vec<Text>,
    today: Date,
}

/// The scores at which a finding is reported and blocks, and the least severity that blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Thresholds {
    pub report: u8,
    pub block: u8,
    pub severity: Severity,
}

impl Default for Thresholds {
    fn default() -> Self {
        Self { report: 40, block: 70, severity: Severity::Medium }
    }
}

/// An exception from the config.
#[derive(Debug)]
struct Allow {
    path: Option<Paths>,
    value: Option<Fingerprint>,
    reason: String,
    until: Option<Date>,
    used: AtomicBool,
}

impl Policy {
    /// The policy without a config. `known` are the ids of the built-in rules.
    #[must_use]
    pub fn plain(known: impl IntoIterator<Item: Into<Text>>, today: Date) -> Self {
        Self { ids: known.into_iter().map(Into::into).collect(), today, ..Self::default() }
    }

    /// Checks a config; `document` is the text it was read from, and `known` are the ids of the built-in rules.
    ///
    /// # Errors
    /// The first thing in it that makes no sense, with its place.
    pub fn new(raw: RawConfig, document: &Document, known: &[&str], today: Date) -> Result<Self, ConfigError> {
        let known: Vec<Text> = known.iter().map(|id| (*id).to_owned().into()).collect();
        check::policy(raw, document, &known, &tier::TierNames::default(), today)
    }

    /// What keys this repository's fingerprints, as hexadecimal digits; empty without one.
    #[must_use]
    pub fn salt(&self) -> &str {
        &self.salt
    }

    /// The findings that are known, if any are.
    #[must_use]
    pub const fn baseline(&self) -> Option<&Baseline> {
        self.baseline.as_ref()
    }

    /// Lets pass what the baseline knows. Its salt keys the fingerprints where the config has none.
    ///
    /// # Errors
    /// The config has another salt, so no entry could fit.
    pub fn set_baseline(&mut self, name: &str, baseline: Baseline) -> Result<(), BaselineError> {
        if self.salt.is_empty() {
            baseline.salt().clone_into(&mut self.salt);
        }
        // An empty file has no salt, and nothing to compare.
        if !baseline.salt().is_empty() && self.salt != baseline.salt() {
            return Err(BaselineError::OtherSalt { baseline: name.to_owned() });
        }
        self.baseline = Some(baseline);
        Ok(())
    }

    /// Below this score a match is no finding.
    #[must_use]
    pub const fn report_score(&self) -> u8 {
        self.thresholds.report
    }

    /// Whether `path`, as reports show it, is not to be read.
    #[must_use]
    pub fn leaves_out(&self, path: &str) -> bool {
        if self.left_out.is_empty() {
            return false;
        }
        let path = self.scope.relative(path);
        self.left_out.admit(&path) && self.bounds.leave_out(&path)
    }

    /// The comments of other tools that the config says to honour.
    #[must_use]
    pub fn foreign_marks(&self) -> &[&'static ForeignMark] {
        &self.foreign
    }

    /// What names paths and this one among them: exceptions, and of each layer what gives a tier and what waives one. Two
    /// paths with the same fare alike.
    #[must_use]
    pub fn named_at(&self, path: &str) -> Vec<Vec<usize>> {
        let path = self.scope.relative(path);
        let names = |allow: &Allow| allow.path.as_ref().is_some_and(|paths| paths.admit(&path));
        let mut named = vec![(0..self.allows.len()).filter(|entry| names(&self.allows[*entry])).collect()];
        for (_, it) in self.classifications() {
            named.push(it.entries_at(&path));
            named.push((0..it.waivers.len()).filter(|number| it.waivers[*number].path == path).collect());
        }
        named
    }

    /// Settles a finding, and says of a marker which tier it gives; false where it is no finding.
    pub fn decide(&self, finding: &mut Finding, inline: Option<&InlineAllow>) -> bool {
        let Some(decision) = self.settle(finding, inline) else { return false };
        finding.decision = decision;
        finding.tier = self.placed(finding).map(Box::new);
        true
    }

    /// What becomes of a finding; none where its score is too low to be one. `inline` is a comment that may speak of it.
    #[must_use]
    pub fn settle(&self, finding: &Finding, inline: Option<&InlineAllow>) -> Option<Decision> {
        let score = finding.verdict.score();
        if score < self.thresholds.report {
            return None;
        }
        if let Some(allowed) = self.allowed(finding, inline) {
            return Some(Decision::Allow(allowed));
        }
        let severity = match &finding.kind {
            Kind::Secret { severity } => *severity,
            Kind::Marker { level, .. } => return self.settle_marker(finding, level),
        };
        let blocks = severity >= self.thresholds.severity && score >= self.thresholds.block;
        Some(if blocks { Decision::Block } else { Decision::Warn })
    }

    /// Whether the policies above let a flag count.
    #[must_use]
    pub fn permits_flag(&self, flag: Flag) -> bool {
        self.bounds.flag(flag)
    }

    /// Whether the policies above let findings of the rule be allowed at all.
    #[must_use]
    pub fn permits(&self, rule: &str) -> bool {
        self.bounds.permit(rule)
    }

    fn allowed(&self, finding: &Finding, inline: Option<&InlineAllow>) -> Option<Allowed> {
        if !self.permits(&finding.rule) {
            return None;
        }
        // A mark of another tool names no rule, and none of them knows of classified code.
        let is_secret = matches!(finding.kind, Kind::Secret { .. });
        let speaks = |comment: &&InlineAllow| {
            comment.speaks_of(&finding.rule) && !self.is_expired(comment) && (is_secret || comment.rule.is_some())
        };
        if let Some(comment) = inline.filter(speaks) {
            return Some(Allowed::Inline { reason: comment.reason.clone() });
        }
        let of_rule = self.by_rule.get(finding.rule.as_ref()).map(Vec::as_slice).unwrap_or_default();
        let mut allows = of_rule.iter().filter_map(|entry| Some((*entry, self.allows.get(*entry)?)));
        let agreed = |allow: &Allow| allow.covers(finding, &self.scope, self.today);
        let found = allows.find(|(_, allow)| agreed(allow));
        if let Some((entry, allow)) = found.filter(|_| self.bounds.allow(finding, &self.scope, self.today)) {
            allow.used.store(true, Ordering::Relaxed);
            return Some(Allowed::Config { entry: entry + 1, reason: allow.reason.clone() });
        }
        // What is marked was marked before anybody thought of where it goes: a baseline says nothing of that.
        let is_marked = matches!(finding.kind, Kind::Marker { .. }) && finding.rule != MARKER_REMOVED;
        if self.decides() && is_marked {
            return None;
        }
        // Last of all: what is allowed with a reason needs no entry, and one that is no longer needed is to be told.
        let since = self.baseline.as_ref()?.covers(finding, &self.scope.relative(&finding.place.path))?;
        Some(Allowed::Baseline { since })
    }

    /// Whether a comment names no rule of this run: it allows nothing, and no later run will find it useful.
    #[must_use]
    pub fn is_unknown(&self, comment: &InlineAllow) -> bool {
        comment.rule.as_ref().is_some_and(|rule| !self.ids.iter().any(|id| id == rule))
    }

    /// Whether a comment's last day has passed: it allows nothing.
    #[must_use]
    pub fn is_expired(&self, comment: &InlineAllow) -> bool {
        comment.until.is_some_and(|until| until < self.today)
    }

    /// The exceptions of the config that have expired, and those of it and of the baseline that no finding has used up to now. After a run that read only a
    /// part of the tree, being unused says nothing.
    #[must_use]
    pub fn stale(&self) -> Vec<StaleAllow> {
        let entries = self.allows.iter().enumerate();
        let refused: Vec<usize> = self
            .by_rule
            .iter()
            .filter(|(rule, _)| !self.permits(rule))
            .flat_map(|(_, entries)| entries.clone())
            .collect();
        let stale = entries.filter(|(entry, _)| !refused.contains(entry)).filter_map(|(entry, allow)| {
            let why = match allow.until {
                Some(until) if until < self.today => StaleReason::Expired,
                _ if allow.used.load(Ordering::Relaxed) => return None,
                _ => StaleReason::Unused,
            };
            Some(StaleAllow { place: format!("{}: allow entry {}", self.name, entry + 1), why })
        });
        let waivers = self.classification.waivers.iter().filter_map(|waiver| {
            let why = waiver.stale(self.today)?;
            Some(StaleAllow { place: format!("{}: waiver {}", self.name, waiver.id), why })
        });
        stale.chain(waivers).chain(self.bounds.stale()).chain(self.baseline.iter().flat_map(Baseline::stale)).collect()
    }
}

impl Allow {
    fn covers(&self, finding: &Finding, scope: &Scope, today: Date) -> bool {
        self.until.is_none_or(|until| today <= until)
            && self.value.is_none_or(|value| value == finding.fingerprint)
            && self.path.as_ref().is_none_or(|path| path.admit(&scope.relative(&finding.place.path)))
    }
}

#[cfg(test)]
mod tests;
