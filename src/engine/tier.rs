//! A file whose tier is too high for where it goes: the finding that says so at its first line, where no marker's own
//! finding does.

use super::entry::Scanned;
use super::names::all_masked;
use super::{Fingerprinter, Options, run};
use crate::catalogue::RuleSet;
use crate::excerpt::Excerpt;
use crate::finding::{Decision, Finding, Place, Position};
use crate::judge::{Reason, Verdict};
use crate::outcome::Outcome;
use crate::policy::tier::{By, EXCEEDED, Evidence, Resolved, Why};
use crate::policy::{Exceeded, MARKER_REMOVED, Policy};
use crate::progress::Observer;
use crate::rule::Kind;
use crate::source::{Entry, Lines, Origin, Source};

/// A file and its tier.
#[derive(Clone, Debug)]
pub struct Tiered {
    /// As reports name it, with secrets in it hidden.
    pub path: String,
    pub resolved: Resolved,
}

/// The tier of all that `source` lists, by path, and what else came of reading it. What could not be read is a gap of the
/// outcome, and has no tier.
pub fn classify(
    source: &dyn Source,
    rules: &RuleSet,
    policy: &Policy,
    options: Options,
    observer: &dyn Observer,
) -> (Outcome, Vec<Tiered>) {
    let mut files = Vec::new();
    let outcome = run(source, rules, policy, (options, observer), &mut |entry, evidence| {
        files.push(Tiered { path: entry.path.clone(), resolved: policy.tier_of(&entry.path, evidence) });
    });
    let paths: Vec<&str> = files.iter().map(|file| file.path.as_str()).collect();
    let hidden: Vec<(usize, String)> = all_masked(&paths, rules).collect();
    for (number, path) in hidden {
        files[number].path = path;
    }
    files.sort_by(|one, other| one.path.cmp(&other.path));
    (outcome, files)
}

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
