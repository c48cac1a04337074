//! Whether a change to the config or the baseline lets more pass than before: each way in which it does is a reason.

use std::collections::HashSet;

use crate::baseline::Baseline;
use crate::config::{ChangeSyntax, RawAllow, RawConfig};
use crate::excerpt::Excerpt;
use crate::finding::{Decision, Finding, Fingerprint, Place, Position};
use crate::judge::{Reason, Verdict};
use crate::rule::{Kind, Severity};

use super::looser::is_of_marker;
use super::{LOOSENED, Thresholds};

/// The id of a finding that stands for such a change.
pub const WEAKENED: &str = "gate-weakened";

/// The id of a finding that stands for a marking which a change takes away.
pub const MARKER_REMOVED: &str = "marker-removed";

/// The first reason alone reaches this: enough for a warning, and by default not to block, since a change of the config
/// is for people to look at.
const SCORE: i16 = 60;

/// What a new config lets pass that the old one did not. `severity` tells that of a built-in rule.
#[must_use]
pub fn weaker_config(old: &RawConfig, new: &RawConfig, severity: &dyn Fn(&str) -> Option<Severity>) -> Vec<Reason> {
    let mut told = Told::default();
    let (before, after) = (thresholds(old), thresholds(new));
    told.tell_if(after.report > before.report, "reports-less", || format!("from score {} on", after.report));
    told.tell_if(after.block > before.block, "blocks-less", || format!("from score {} on", after.block));
    told.tell_if(after.severity > before.severity, "blocks-less", || {
        format!("from severity {} on", after.severity.name())
    });
    let rank = |config: &RawConfig, id: &str| match config.builtin.get(id) {
        Some(ChangeSyntax::Off) => None,
        Some(ChangeSyntax::Set(set)) => Some(set.severity),
        None => severity(id),
    };
    for id in new.builtin.keys() {
        told.tell_if(rank(new, id) < rank(old, id), "rule-off-or-lowered", || format!("`{id}`"));
    }
    let kept: HashSet<String> = new.rules.iter().map(|rule| format!("{rule:?}")).collect();
    // What lets marked code pass is told by whom it concerns: the policy is looser.
    for rule in old.rules.iter().filter(|rule| rule.level.is_none()) {
        told.tell_if(!kept.contains(&format!("{rule:?}")), "own-rule-changed", || format!("`{}`", rule.id));
    }
    for glob in new.leave_out.iter().filter(|glob| !old.leave_out.contains(glob)) {
        told.tell_if(true, "leaves-out-more", || format!("`{glob}`"));
    }
    for peer in new.inline_compat.iter().filter(|peer| !old.inline_compat.contains(peer)) {
        told.tell_if(true, "honours-more-comments", || format!("of `{peer}`"));
    }
    let known: HashSet<String> = old.allow.iter().map(|allow| format!("{allow:?}")).collect();
    let is_new = |allow: &&RawAllow| !is_of_marker(&allow.rule, [old, new]) && !known.contains(&format!("{allow:?}"));
    for allow in new.allow.iter().filter(is_new) {
        told.tell_if(true, "allows-more", || format!("`{}`", allow.rule));
    }
    told.0
}

/// What a new baseline lets pass that the old one did not.
#[must_use]
pub fn weaker_baseline(old: &Baseline, new: &Baseline) -> Vec<Reason> {
    let known: HashSet<_> = old.entries().map(|(fingerprint, _)| fingerprint).collect();
    let more: Vec<_> = new.entries().filter(|(fingerprint, _)| !known.contains(fingerprint)).collect();
    let mut told = Told::default();
    told.tell_if(!more.is_empty(), "knows-more", || format!("entries: {}", more.len()));
    told.0
}

/// The new file cannot be used, so what it would let pass is not known.
#[must_use]
pub fn unusable() -> Vec<Reason> {
    vec![Reason::new("cannot-be-used", SCORE)]
}

/// The finding that stands for it: `rule` is `WEAKENED` or `LOOSENED`.
#[must_use]
pub fn weakened_by(rule: &'static str, path: &str, reasons: Vec<Reason>, fingerprint: Fingerprint) -> Finding {
    // What is classified has people who answer for it.
    let severity = if rule == LOOSENED { Severity::High } else { Severity::Medium };
    let start = Position { line: 1, column: 1 };
    Finding {
        rule: rule.into(),
        finds: "change that lets more pass once it is merged".into(),
        kind: Kind::Secret { severity },
        place: Place { path: path.to_owned(), start, end: start },
        commit: None,
        excerpt: Excerpt::none(),
        wrapped: Vec::new(),
        verdict: Verdict { reasons },
        fingerprint,
        decision: Decision::Warn,
        tier: None,
        gives: None,
        revoke: Some("look at the change: it counts for nothing until it is in the trust base".into()),
        docs: None,
    }
}

/// Reasons so far.
#[derive(Default)]
struct Told(Vec<Reason>);

impl Told {
    fn tell_if(&mut self, holds: bool, name: &'static str, note: impl FnOnce() -> String) {
        if holds {
            let weight = if self.0.is_empty() { SCORE } else { 0 };
            self.0.push(Reason { name, weight, note: Some(note()) });
        }
    }
}

fn thresholds(config: &RawConfig) -> Thresholds {
    let (usual, own) = (Thresholds::default(), &config.thresholds);
    let report = own.report.unwrap_or(usual.report);
    let block = own.block.unwrap_or(usual.block).max(report);
    Thresholds { report, block, severity: own.severity.unwrap_or(usual.severity) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config;

    #[test]
    fn what_lets_more_pass_is_told_and_nothing_else() {
        let base = "thresholds: {report: 30, block: 60}\nbuiltin: {npm-access-token: off}\nleave_out: [a/**]\n\
                    allow: [{rule: jwt, reason: known}]\n";
        let rows = [
            (base.to_owned(), ""),
            (base.replace("30", "20").replace("60", "50"), ""),
            (base.replace("60", "61"), "blocks-less"),
            (base.replace("30", "31"), "reports-less"),
            (base.replace("npm-access-token: off", ""), ""),
            (base.replace("off", "off, jwt: off"), "rule-off-or-lowered"),
            (base.replace("off", "off, jwt: {severity: low}"), "rule-off-or-lowered"),
            (base.replace("off", "off, jwt: {severity: critical}"), ""),
            (base.replace("a/**", "a/**, b"), "leaves-out-more"),
            (base.replace("leave_out: [a/**]\n", ""), ""),
            (base.replace("known}", "known}, {rule: jwt, path: b, reason: c}"), "allows-more"),
            (base.replace("known}", "known, until: 2030-01-01}"), "allows-more"),
            (format!("{base}inline_compat: [gitleaks]\n"), "honours-more-comments"),
            (base.replace("known}", "known}, {rule: marker-removed, reason: c}"), ""),
            (String::new(), "reports-less blocks-less"),
        ];
        let raw = |text: &str| config::parse("a", text).expect("a config").0;
        for (text, expected) in rows {
            let reasons = weaker_config(&raw(base), &raw(&text), &|_| Some(Severity::High));
            let names: Vec<_> = reasons.iter().map(|reason| reason.name).collect();
            assert_eq!(names.join(" "), expected, "{text}");
            let score: i16 = reasons.iter().map(|reason| reason.weight).sum();
            assert_eq!(score, if expected.is_empty() { 0 } else { SCORE });
        }
    }
}
