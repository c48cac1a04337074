//! Markings that a change takes away: the text before it said who may have it, and the text after it says so no more, or
//! asks for less. Each is a finding, as a marking that is brought is. A file that goes as a whole loses nothing.

use std::io;

use super::allows::Allows;
use super::entry::Scanner;
use super::markers::Marked;
use super::redact::{self, Masks};
use crate::blob::{Buffer, Ruler};
use crate::finding::{Allowed, Decision, Finding, Place, Position};
use crate::judge::Reason;
use crate::marker::rank_of_level;
use crate::policy::MARKER_REMOVED;
use crate::rule::{Kind, Text};
use crate::source::{Entry, Lines};

/// What a text says of who may have it, by scheme.
#[derive(Debug, Default)]
pub struct Standing(Vec<(Text, u8)>);

impl Standing {
    pub fn add(&mut self, kind: &Kind) {
        if let Kind::Marker { level, scheme } = kind {
            self.0.push((scheme.clone(), rank_of_level(level)));
        }
    }

    /// Whether it asks for as much as a marking of this kind does, in the same scheme.
    fn holds(&self, kind: &Kind) -> bool {
        let Kind::Marker { level, scheme } = kind else { return true };
        self.0.iter().any(|(other, rank)| other == scheme && *rank >= rank_of_level(level))
    }
}

impl Scanner<'_> {
    /// What the texts before this one said and it does not. Of several, as a merge has, each must have said so: what only
    /// one side has, the other has taken away in a commit of its own.
    pub(super) fn removed(&mut self, entry: &Entry, standing: &Standing) -> io::Result<Vec<Finding>> {
        if entry.lines == Lines::All {
            return Ok(Vec::new());
        }
        let olds = self.reader.before(entry)?;
        let mut lost: Option<Vec<Finding>> = None;
        for old in &olds {
            let here = self.lost(entry, old, standing)?;
            lost = Some(match lost {
                None => here,
                Some(mut lost) => {
                    lost.retain(|one| here.iter().any(|other| other.fingerprint == one.fingerprint));
                    lost
                }
            });
        }
        Ok(lost.unwrap_or_default())
    }

    /// The markings of `old` that do not stand, the highest of each scheme.
    fn lost(&mut self, entry: &Entry, old: &[u8], standing: &Standing) -> io::Result<Vec<Finding>> {
        let (report, mut marked, mut found) = (self.policy.report_score(), Marked::default(), Vec::new());
        let (detector, mark, mut allows) = (&mut self.detector, &self.mark, Allows::default());
        Buffer::new(self.options.windowing).windows(old, |blob| {
            let mut ruler = Ruler::new(&blob);
            allows.collect(&blob, mark);
            let hits = detector.markers(&entry.path, &blob, &mut marked, &mut |_| ());
            for hit in hits.into_iter().filter(|hit| hit.verdict.score() >= report) {
                let masks = Masks::of(&[]);
                found.push(redact::finding(entry, detector.rules, (&blob, &mut ruler), hit, &masks));
            }
        })?;
        found.retain(|finding| !standing.holds(&finding.kind) && self.counts(finding, &allows));
        found.sort_by_key(|finding| std::cmp::Reverse(rank(&finding.kind)));
        let mut told: Vec<Kind> = Vec::new();
        let mut lost = Vec::new();
        for finding in found {
            if !told.iter().any(|kind| same_scheme(kind, &finding.kind)) {
                told.push(finding.kind.clone());
                lost.extend(self.as_removal(finding));
            }
        }
        Ok(lost)
    }

    /// Whether the marking was one: what an exception speaks of may go. What the baseline knows is a marking all the same.
    fn counts(&self, finding: &Finding, allows: &Allows) -> bool {
        let inline = allows.find(&finding.rule, finding.place.start.line, self.policy);
        let decision = self.policy.settle(finding, inline.and_then(|number| allows.get(number)));
        !matches!(
            decision,
            None | Some(Decision::Allow(Allowed::Config { .. } | Allowed::Inline { .. } | Allowed::Waiver { .. }))
        )
    }

    fn as_removal(&self, marking: Finding) -> Option<Finding> {
        let line = marking.place.start.line;
        let start = Position { line: 1, column: 1 };
        let mut verdict = marking.verdict;
        verdict.add(Reason::new("marking-gone", 0).noted(format!("`{}`, line {line} before the change", marking.rule)));
        let identity = format!("{}\n{}", marking.rule, marking.place.path);
        let mut removal = Finding {
            rule: MARKER_REMOVED.into(),
            finds: "change that takes a marking away".into(),
            place: Place { path: marking.place.path, start, end: start },
            verdict,
            fingerprint: self.fingerprints.of_text(MARKER_REMOVED, &identity),
            revoke: Some(
                "put the marking back; where it may go, its owner says so in the config or the baseline".into(),
            ),
            docs: None,
            ..marking
        };
        // A comment that the change brings is no answer to it: none is asked.
        removal.decision = self.policy.settle(&removal, None)?;
        Some(removal)
    }
}

fn rank(kind: &Kind) -> u8 {
    match kind {
        Kind::Marker { level, .. } => rank_of_level(level),
        Kind::Secret { .. } => 0,
    }
}

fn same_scheme(one: &Kind, other: &Kind) -> bool {
    matches!((one, other), (Kind::Marker { scheme: one, .. }, Kind::Marker { scheme: other, .. }) if one == other)
}
