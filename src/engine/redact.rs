//! From hit to finding: the step that leaves the secret behind. What it makes is owned and may be printed.

use std::sync::Arc;

use super::detect::Detector;
use super::hit::{Hit, Specific};
use crate::blob::{Blob, Ruler};
use crate::catalogue::{RuleIndex, RuleSet};
use crate::excerpt::{AROUND, Excerpt};
use crate::finding::{Decision, Finding, Fingerprint, Introduced, Place, Position};
use crate::judge::{Verdict, weigh};
use crate::secret::Secret;
use crate::source::Entry;
use crate::span::Span;

/// What excerpts of a text must hide.
pub struct Masks {
    /// In ascending order.
    spans: Vec<Span>,
    longest: usize,
}

impl Masks {
    pub fn of(hits: &[Hit]) -> Self {
        let mut spans: Vec<Span> = hits.iter().map(|hit| hit.masked).collect();
        spans.sort_unstable();
        let longest = spans.iter().map(|span| span.len()).max().unwrap_or_default();
        Self { spans, longest }
    }

    pub fn all(&self) -> &[Span] {
        &self.spans
    }

    /// Those that the excerpt round `shown` can reach: to look through all of them for each finding took most of the
    /// time where a file is full of secrets.
    pub fn near(&self, shown: Span) -> &[Span] {
        let from = shown.start.saturating_sub(AROUND + self.longest);
        let to = shown.end.saturating_add(AROUND);
        let first = self.spans.partition_point(|span| span.start < from);
        let last = self.spans.partition_point(|span| span.start < to);
        self.spans.get(first..last).unwrap_or_default()
    }
}

/// A hit as a finding; its excerpt hides all of `masks`. Nothing is decided yet.
pub fn finding(
    entry: &Entry,
    rules: &RuleSet,
    (blob, places): (&Blob<'_>, &mut Ruler<'_>),
    hit: Hit,
    masks: &Masks,
) -> Finding {
    let of_file = path_finding(&entry.path, entry.commit.as_ref(), (rules, hit.rule), (hit.verdict, hit.fingerprint));
    let clear = hit.wrapped.is_empty();
    let shown = if clear { hit.secret } else { hit.masked };
    let start = places.position(hit.place.start);
    let column = if hit.place.start == shown.start { start } else { places.position(shown.start) }.column;
    let end = places.position(hit.place.end);
    Finding {
        place: Place { start, end, ..of_file.place },
        excerpt: if hit.specific == Specific::Marker {
            Excerpt::of_marker(blob.text, shown, column, masks.near(shown))
        } else {
            Excerpt::of(blob.text, shown, column, masks.near(shown), clear)
        },
        wrapped: hit.wrapped.iter().map(|wrapping| wrapping.name()).collect(),
        ..of_file
    }
}

/// A finding that a path is enough for. Nothing is decided yet.
pub fn path_finding(
    path: &str,
    commit: Option<&Arc<Introduced>>,
    (rules, index): (&RuleSet, RuleIndex),
    (verdict, fingerprint): (Verdict, Fingerprint),
) -> Finding {
    let rule = rules.rule(index);
    let start = Position { line: 1, column: 1 };
    Finding {
        rule: rule.id.clone(),
        finds: rule.finds.clone(),
        kind: rules.kind(index),
        place: Place { path: path.to_owned(), start, end: start },
        commit: commit.cloned(),
        excerpt: Excerpt::none(),
        wrapped: Vec::new(),
        verdict,
        fingerprint,
        decision: Decision::Warn,
        tier: None,
        gives: rule.gives.clone(),
        revoke: rule.revoke.clone(),
        docs: rule.docs.clone(),
    }
}

/// A file that is a finding by its path alone.
pub fn file_finding(entry: &Entry, detector: &Detector<'_>) -> Option<Finding> {
    let index = detector.rules.for_path(&entry.path)?;
    let verdict = weigh::weigh_path(detector.rules.rule(index));
    let name = Secret::new(file_name(&entry.path).as_bytes());
    let fingerprint = detector.fingerprints.of(&detector.rules.rule(index).id, name);
    Some(path_finding(&entry.path, entry.commit.as_ref(), (detector.rules, index), (verdict, fingerprint)))
}

fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}
