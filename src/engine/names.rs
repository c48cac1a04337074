//! Paths are content: a secret in the name of a file or folder is a finding, and no report may print it.
//! All paths of a run are one text, looked through once, by rules with literals alone: what looks random in a path is a
//! hash as a rule.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use super::detect::{Detector, File, Task};
use super::hit::Hit;
use super::redact::path_finding;
use super::resolve::resolve;
use super::{Fingerprinter, Options};
use crate::catalogue::RuleSet;
use crate::decode::Budget;
use crate::excerpt::mask;
use crate::finding::Finding;
use crate::outcome::Outcome;
use crate::policy::Policy;
use crate::secret::Secret;
use crate::source::{Entry, Listing};
use crate::span::Span;

/// What the paths of a run hold.
#[derive(Debug, Default)]
pub struct PathSecrets {
    /// By the number of the entry.
    of_entries: HashMap<usize, Vec<Finding>>,
    /// In paths of what was skipped or could not be listed.
    of_others: Vec<Finding>,
    /// Paths with a secret in them, and how they may be printed.
    masked: HashMap<String, String>,
}

impl PathSecrets {
    /// Looks through the paths of `entries`, and of what else `listing` names.
    pub fn find(entries: &[Entry], listing: &Listing, rules: &RuleSet, policy: &Policy, options: Options) -> Self {
        let others =
            listing.skipped.iter().map(|skipped| &skipped.path).chain(listing.gaps.iter().map(|gap| &gap.path));
        let paths: Vec<&str> = entries.iter().map(|entry| &entry.path).chain(others).map(String::as_str).collect();
        let fingerprints = Fingerprinter::new(policy.salt());
        let mut detector = Detector::new(rules, &fingerprints, options.slowly);
        let mut found = Self::default();
        let mut told = HashSet::new();
        for (number, hits) in hits_of(&paths, &mut detector) {
            let path = paths[number];
            let entry = entries.get(number);
            // Also where the path is not new, or the score too low for a report.
            let Some(masked) = masked_by(path, &hits) else { continue };
            found.masked.insert(path.to_owned(), masked);
            // What could not be read may be listed as well: its entry knows whether its path is new.
            let counts =
                entry.map_or_else(|| !paths[..entries.len()].contains(&path), |entry| entry.lines.admit_path());
            for hit in resolve(hits, rules, policy.report_score()).kept {
                let end = hit.secret.end;
                let mut finding = finding(path, entry, rules, hit);
                // Exceptions speak of the path as it is: it is hidden only when all is settled.
                if !policy.decide(&mut finding, None) || !counts {
                    continue;
                }
                // A folder's name is told once, and not for each file in it.
                if told.insert((finding.fingerprint, path.as_bytes()[..end].to_vec(), finding.decision.name())) {
                    match entry {
                        Some(_) => found.of_entries.entry(number).or_default().push(finding),
                        None => found.of_others.push(finding),
                    }
                }
            }
        }
        found
    }

    /// The findings in the path of an entry, by its number.
    pub fn of_entry(&mut self, number: usize) -> Vec<Finding> {
        self.of_entries.remove(&number).unwrap_or_default()
    }

    /// Adds what is in other paths, and hides all secrets in paths from whoever prints the outcome.
    pub fn finish(self, outcome: &mut Outcome, rules: &RuleSet) {
        outcome.findings.extend(self.of_others);
        // A reason may name a path by another way to it.
        let reasons: Vec<&str> = outcome.gaps.iter().map(|gap| gap.why.as_str()).collect();
        let hidden: Vec<(usize, String)> = all_masked(&reasons, rules).collect();
        for (number, why) in hidden {
            outcome.gaps[number].why = why;
        }
        if self.masked.is_empty() {
            return;
        }
        let hide = |path: &mut String| {
            if let Some(masked) = self.masked.get(path.as_str()) {
                masked.clone_into(path);
            }
        };
        outcome.findings.iter_mut().for_each(|finding| hide(&mut finding.place.path));
        outcome.gaps.iter_mut().for_each(|gap| hide(&mut gap.path));
        outcome.skipped.iter_mut().for_each(|skipped| hide(&mut skipped.path));
        for stale in &mut outcome.stale {
            if let Some((path, line)) = stale.place.rsplit_once(':')
                && let Some(masked) = self.masked.get(path)
            {
                stale.place = format!("{masked}:{line}");
            }
        }
    }
}

/// What one path holds, undecided, each with what woke its rule.
pub fn in_path(entry: &Entry, detector: &mut Detector<'_>, report: u8) -> Vec<(Finding, Cow<'static, str>)> {
    let hits = hits_of(&[&entry.path], detector).into_iter().flat_map(|(_, hits)| hits).collect();
    let kept = resolve(hits, detector.rules, report).kept.into_iter();
    let told = |hit: Hit| (hit.woken_by.clone(), finding(&entry.path, Some(entry), detector.rules, hit));
    kept.map(told).map(|(woken_by, finding)| (finding, woken_by)).collect()
}

/// The text with all secrets hidden that a rule with a literal finds: for what quotes a path, or what was typed.
#[must_use]
pub fn masked<'t>(text: &'t str, rules: &RuleSet) -> Cow<'t, str> {
    let found = all_masked(&[text], rules).next();
    found.map_or(Cow::Borrowed(text), |(_, masked)| Cow::Owned(masked))
}

/// Those texts that hold a secret, by their number, with all of them hidden.
pub(super) fn all_masked(texts: &[&str], rules: &RuleSet) -> impl Iterator<Item = (usize, String)> {
    let fingerprints = Fingerprinter::new("");
    let hits = hits_of(texts, &mut Detector::new(rules, &fingerprints, false));
    hits.into_iter().filter_map(|(number, hits)| Some((number, masked_by(texts[number], &hits)?)))
}

/// The hits in each text that has any, with places in that text.
fn hits_of(texts: &[&str], detector: &mut Detector<'_>) -> Vec<(usize, Vec<Hit>)> {
    let mut joined = Vec::with_capacity(texts.iter().map(|text| text.len() + 1).sum());
    let mut ends = Vec::with_capacity(texts.len());
    for text in texts {
        joined.extend_from_slice(text.as_bytes());
        ends.push(joined.len());
        joined.push(b'\n');
    }
    // As in binary content, no name beside a value counts, and nothing is unwrapped.
    let task = Task { text: &joined, unwrapped: Span::default(), file: &File::of(""), binary: true };
    let mut hits = detector.hits(task, &mut Budget::for_len(0), &mut |_, _, _| ());
    hits.sort_by_key(|hit| hit.whole.start);
    let mut all: Vec<(usize, Vec<Hit>)> = Vec::new();
    for mut hit in hits {
        let number = ends.partition_point(|end| *end <= hit.masked.start);
        let begin = number.checked_sub(1).map_or(0, |before| ends[before] + 1);
        let is_within = |span: Span| begin <= span.start && ends.get(number).is_some_and(|end| span.end <= *end);
        if hit.verdict.score() == 0 || !is_within(hit.whole) || !is_within(hit.masked) {
            continue;
        }
        for span in [&mut hit.whole, &mut hit.secret, &mut hit.place, &mut hit.masked] {
            *span = Span::new(span.start - begin, span.end - begin);
        }
        match all.last_mut() {
            Some((last, hits)) if *last == number => hits.push(hit),
            _ => all.push((number, vec![hit])),
        }
    }
    all
}

/// The text without what the hits hide; nothing where they hide nothing.
fn masked_by(text: &str, hits: &[Hit]) -> Option<String> {
    let mut spans: Vec<Span> = hits.iter().map(|hit| hit.masked).filter(|span| !span.is_empty()).collect();
    spans.sort_unstable();
    let mut joined: Vec<(Span, bool)> = Vec::new();
    for span in spans {
        match joined.last_mut() {
            // Two readings of one secret must not show its end by the one and its start by the other.
            Some((last, clear)) if last.end > span.start && *last != span => {
                last.end = last.end.max(span.end);
                *clear = false;
            }
            Some((last, _)) if *last == span => {}
            _ => joined.push((span, true)),
        }
    }
    let mut out = String::new();
    let mut at = 0;
    for (span, clear) in &joined {
        out.push_str(&String::from_utf8_lossy(&text.as_bytes()[at..span.start]));
        out.push_str(&mask(Secret::new(span.of(text.as_bytes())), *clear));
        at = span.end;
    }
    out.push_str(&String::from_utf8_lossy(&text.as_bytes()[at..]));
    (!joined.is_empty()).then_some(out)
}

/// A hit in a path as a finding. Nothing is decided yet.
fn finding(path: &str, entry: Option<&Entry>, rules: &RuleSet, hit: Hit) -> Finding {
    let commit = entry.and_then(|entry| entry.commit.as_ref());
    path_finding(path, commit, (rules, hit.rule), (hit.verdict, hit.fingerprint))
}
