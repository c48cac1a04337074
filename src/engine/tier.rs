//! A file whose tier is too high for where it goes: the finding that says so at its first line, where no marker's own
//! finding does.

use super::Fingerprinter;
use super::entry::Scanned;
use crate::excerpt::Excerpt;
use crate::finding::{Decision, Finding, Place, Position};
use crate::judge::{Reason, Verdict};
use crate::policy::tier::{By, EXCEEDED, Evidence, Why};
use crate::policy::{Exceeded, MARKER_REMOVED, Policy};
use crate::rule::Kind;
use crate::source::{Entry, Lines, Origin};

/// What the tier of a scanned entry comes to.
pub fn of_scanned(entry: &Entry, scanned: &Scanned, policy: &Policy, fingerprints: &Fingerprinter) -> Option<Finding> {
    // Its own place is better than the first line.
    let is_told = |finding: &Finding| {
        let is_marker = matches!(finding.kind, Kind::Marker { .. }) && finding.rule != MARKER_REMOVED;
        is_marker && finding.decision == Decision::Block
    };
    if scanned.findings.iter().any(is_told) {
        return None;
    }
    of_entry(entry, &scanned.evidence, policy, fingerprints)
}

/// The same for one in which nothing was looked for.
pub fn of_entry(entry: &Entry, evidence: &Evidence, policy: &Policy, fingerprints: &Fingerprinter) -> Option<Finding> {
    // A message or a name is no file, and a diff that only removes brings nothing.
    if matches!(entry.origin, Origin::Text(_)) || entry.lines == Lines::Added(Vec::new()) {
        return None;
    }
    let Exceeded { decision, whys, placed } = policy.exceeded(&entry.path, evidence)?;
    let start = Position { line: 1, column: 1 };
    Some(Finding {
        rule: EXCEEDED.into(),
        finds: format!("file of tier `{}`", placed.tier).into(),
        kind: Kind::Marker { level: placed.tier.clone().into(), scheme: EXCEEDED.into() },
        place: Place { path: entry.path.clone(), start, end: start },
        commit: entry.commit.clone(),
        excerpt: Excerpt::none(),
        wrapped: Vec::new(),
        verdict: Verdict { reasons: whys.iter().enumerate().map(|(place, why)| reason(place, why)).collect() },
        fingerprint: fingerprints.of_text(EXCEEDED, &policy.scope.relative(&entry.path)),
        decision,
        tier: Some(Box::new(placed)),
        gives: None,
        revoke: None,
        docs: None,
    })
}

/// The first is the whole of the score: nothing here is a guess.
fn reason(place: usize, why: &Why) -> Reason {
    let name = match why.by {
        By::Default => "tier-by-default",
        By::Path { .. } => "tier-by-path",
        By::Marker { .. } => "tier-by-marker",
        By::Rule { .. } => "tier-by-rule",
    };
    Reason { name, weight: if place == 0 { 100 } else { 0 }, note: Some(why.to_string()) }
}
