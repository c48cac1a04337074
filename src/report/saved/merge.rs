//! Several outcomes as one: shards of a large repository, or of one run for each platform. It never makes a run look
//! better than its parts: a gap of one is a gap of all, and of two decisions on the same finding the stricter holds.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};

use crate::finding::{Allowed, Decision, Finding, Fingerprint, Place};
use crate::outcome::{Coverage, Outcome, StaleAllow, StaleReason};

/// All of `parts` as one outcome, in the order of paths and places; what several found at one place stands there once.
#[must_use]
pub fn merge(parts: Vec<Outcome>) -> Outcome {
    let mut whole = Outcome::default();
    let mut digests = Vec::new();
    let mut findings = Vec::new();
    for part in parts {
        whole.covered = sum(whole.covered, part.covered);
        whole.skipped.extend(part.skipped);
        whole.gaps.extend(part.gaps);
        whole.stale.extend(part.stale);
        whole.elapsed = whole.elapsed.saturating_add(part.elapsed);
        digests.extend(part.digest.split('+').filter(|digest| !digest.is_empty()).map(str::to_owned));
        findings.extend(part.findings);
    }
    whole.findings = distinct(findings);
    whole.findings.sort_by(|one, other| order(one).cmp(&order(other)));
    whole.skipped.sort();
    whole.skipped.dedup();
    whole.gaps.sort();
    whole.gaps.dedup();
    let in_use = entries_in_use(&whole.findings);
    whole.stale.retain(|stale| stale.why != StaleReason::Unused || entry(stale).is_none_or(|it| !in_use.contains(&it)));
    whole.stale.sort();
    whole.stale.dedup();
    digests.sort();
    digests.dedup();
    whole.digest = digests.join("+");
    whole
}

/// An entry of the config that one shard has no use for may let a finding of another pass.
fn entries_in_use(findings: &[Finding]) -> HashSet<usize> {
    let entry = |finding: &Finding| match finding.decision {
        Decision::Allow(Allowed::Config { entry, .. }) => Some(entry),
        _ => None,
    };
    findings.iter().filter_map(entry).collect()
}

/// The number in a place such as `.tightlip.yml: allow entry 3`.
fn entry(stale: &StaleAllow) -> Option<usize> {
    stale.place.rsplit_once(": allow entry ")?.1.parse().ok()
}

fn order(finding: &Finding) -> (&Place, &str, Option<&str>, Fingerprint) {
    (&finding.place, &finding.rule, finding.commit.as_ref().map(|commit| commit.id.as_str()), finding.fingerprint)
}

fn distinct(findings: Vec<Finding>) -> Vec<Finding> {
    type Key = (Fingerprint, Place, Option<String>);
    let mut known: HashMap<Key, usize> = HashMap::new();
    let mut kept: Vec<Finding> = Vec::new();
    for finding in findings {
        let key = (finding.fingerprint, finding.place.clone(), finding.commit.as_ref().map(|commit| commit.id.clone()));
        match known.entry(key) {
            Entry::Vacant(free) => {
                free.insert(kept.len());
                kept.push(finding);
            }
            Entry::Occupied(taken) => {
                if let Some(other) = kept.get_mut(*taken.get()).filter(|it| strictness(it) < strictness(&finding)) {
                    *other = finding;
                }
            }
        }
    }
    kept
}

fn strictness(finding: &Finding) -> u8 {
    match finding.decision {
        Decision::Block => 2,
        Decision::Warn => 1,
        Decision::Allow(_) => 0,
    }
}

fn sum(one: Coverage, other: Coverage) -> Coverage {
    Coverage {
        files: one.files.saturating_add(other.files),
        commits: one.commits.saturating_add(other.commits),
        bytes: one.bytes.saturating_add(other.bytes),
        ignored: one.ignored.saturating_add(other.ignored),
        left_out: one.left_out.saturating_add(other.left_out),
        known_clean: one.known_clean.saturating_add(other.known_clean),
    }
}
