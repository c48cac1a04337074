//! One engine for every mode: entries of a source go in, an outcome comes out. The only place that uses threads.

mod allows;
mod context;
mod detect;
mod echo;
mod entry;
mod explain;
mod fingerprint;
mod history;
mod hit;
mod markers;
mod names;
mod redact;
mod removal;
mod resolve;
mod sight;
mod tier;

use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Instant;

use rayon::prelude::*;

use crate::blob::Windowing;
use crate::catalogue::RuleSet;
use crate::finding::Finding;
use crate::outcome::{Coverage, Gap, Outcome, StaleAllow, StaleReason};
use crate::policy::Policy;
use crate::policy::tier::Evidence;
use crate::progress::Observer;
use crate::source::{Entry, Names, Origin, Source};
use entry::{Scanned, Scanner};
use names::PathSecrets;

pub use context::context;
pub use explain::{Explanation, explain};
pub use fingerprint::Fingerprinter;
pub use history::{Ask, history};
pub use names::masked;
pub use sight::{Sight, Target, sights};
pub use tier::{Tiered, classify};

/// How to scan; none of it changes what is found.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// Threads to use; 0 is one for each core.
    pub threads: usize,
    pub windowing: Windowing,
    /// Find candidates with an automaton in place of the prefilter.
    pub slowly: bool,
    /// What is not scanned by then is a gap.
    pub deadline: Option<Instant>,
    /// Only a part of the config's tree is read: an exception that nothing uses may be needed elsewhere.
    pub partial: bool,
}

/// Reads everything that `source` lists and judges it.
pub fn scan(
    source: &dyn Source,
    rules: &RuleSet,
    policy: &Policy,
    options: Options,
    observer: &dyn Observer,
) -> Outcome {
    run(source, rules, policy, (options, observer), &mut |_, _| ())
}

/// The same, and `told` hears of each entry that was read, or left out by the config, what speaks of its tier.
fn run(
    source: &dyn Source,
    rules: &RuleSet,
    policy: &Policy,
    (options, observer): (Options, &dyn Observer),
    told: &mut dyn FnMut(&Entry, &Evidence),
) -> Outcome {
    let begin = Instant::now();
    let mut listing = source.list();
    let all = std::mem::take(&mut listing.entries);
    let (unread, entries): (Vec<Entry>, Vec<Entry>) = all.into_iter().partition(|it| policy.leaves_out(&it.path));
    let mut in_paths = PathSecrets::find(&entries, &listing, rules, policy, options);
    let is_gone = |entry: &&Entry| matches!(entry.origin, Origin::Gone { .. });
    let left_out = unread.iter().filter(|entry| !is_gone(entry)).count() as u64;
    observer.listed(entries.len() as u64);
    let each = |entries: &[Entry]| scan_entries(source, rules, policy, options, observer, entries);
    let mut outcome = Outcome {
        covered: Coverage { ignored: listing.ignored, commits: listing.commits, left_out, ..Coverage::default() },
        skipped: listing.skipped,
        gaps: listing.gaps,
        digest: rules.digest().to_owned(),
        findings: settled(std::mem::take(&mut listing.findings), policy),
        ..Outcome::default()
    };
    for (number, scanned) in each(&entries).into_iter().enumerate() {
        outcome.findings.extend(in_paths.of_entry(number));
        if scanned.gap.is_none() {
            told(&entries[number], &scanned.evidence);
        }
        outcome.add(scanned);
    }
    // What need not be read goes along all the same.
    let fingerprints = Fingerprinter::new(policy.salt());
    for entry in &unread {
        told(entry, &Evidence::default());
        outcome.findings.extend(tier::of_entry(entry, &Evidence::default(), policy, &fingerprints));
    }
    veil_authors(&mut outcome.findings);
    let counts = |stale: &StaleAllow| !options.partial || stale.why != StaleReason::Unused;
    outcome.stale.extend(policy.stale().into_iter().filter(counts));
    in_paths.finish(&mut outcome, rules);
    outcome.stale.sort();
    outcome.gaps.sort();
    // Two threads may have failed on one ignore file.
    outcome.gaps.dedup();
    outcome.elapsed = begin.elapsed();
    outcome
}

/// What listing itself found, as the policy has it.
fn settled(findings: Vec<Finding>, policy: &Policy) -> Vec<Finding> {
    let settle = |mut finding: Finding| policy.decide(&mut finding, None).then_some(finding);
    findings.into_iter().filter_map(settle).collect()
}

/// Each finding of a commit names its author: one whose name is a finding itself is not named.
fn veil_authors(findings: &mut [Finding]) {
    let at_author = findings.iter().filter(|finding| finding.place.path == Names::AUTHOR);
    let veiled: HashSet<String> = at_author.filter_map(|it| Some(it.commit.as_ref()?.author.clone())).collect();
    for finding in findings.iter_mut().filter(|_| !veiled.is_empty()) {
        if let Some(commit) = finding.commit.as_mut().filter(|commit| veiled.contains(&commit.author)) {
            "(masked)".clone_into(&mut Arc::make_mut(commit).author);
        }
    }
}

fn scan_entries(
    source: &dyn Source,
    rules: &RuleSet,
    policy: &Policy,
    options: Options,
    observer: &dyn Observer,
    entries: &[Entry],
) -> Vec<Scanned> {
    let fingerprints = Fingerprinter::new(policy.salt());
    let start = || Scanner::new(source.reader(), rules, policy, &fingerprints, options);
    let one = |scanner: &mut Scanner<'_>, entry: &Entry| {
        let known = source.knows_clean(entry);
        let scan = match entry.origin {
            Origin::Gone { .. } => Scanner::moved,
            _ if known => Scanner::known,
            _ => Scanner::scan,
        };
        let mut scanned = guarded(scanner, entry, options.deadline, scan);
        if scanned.spotless {
            source.found_clean(entry);
        }
        // A file without a single finding may be over by its path: no cache knows of that.
        let over = tier::of_scanned(entry, &scanned, policy, &fingerprints);
        scanned.findings.extend(over);
        if !known {
            observer.done(scanned.bytes);
        }
        scanned
    };
    // Threads cost more than a few files: a hook's usual run stays on one.
    if entries.len() < 4 || options.threads == 1 {
        let mut scanner = start();
        return entries.iter().map(|entry| one(&mut scanner, entry)).collect();
    }
    let parallel = || entries.par_iter().map_init(start, one).collect();
    let Ok(pool) = rayon::ThreadPoolBuilder::new().num_threads(options.threads).build() else {
        // No threads to be had: slower, and the same findings.
        let mut scanner = start();
        return entries.iter().map(|entry| one(&mut scanner, entry)).collect();
    };
    pool.install(parallel)
}

/// A defect of ours in one file must neither hide it nor end the scan of the others.
fn guarded<'r>(
    scanner: &mut Scanner<'r>,
    entry: &Entry,
    deadline: Option<Instant>,
    scan: fn(&mut Scanner<'r>, &Entry) -> Scanned,
) -> Scanned {
    if deadline.is_some_and(|deadline| Instant::now() > deadline) {
        return Scanned::gap(Gap { path: entry.path.clone(), why: "time was up before it was read".into() });
    }
    catch_unwind(AssertUnwindSafe(|| scan(scanner, entry))).unwrap_or_else(|_| {
        scanner.reset();
        Scanned::gap(Gap { path: entry.path.clone(), why: "the scanner failed on it: please report this".into() })
    })
}

impl Outcome {
    fn add(&mut self, scanned: Scanned) {
        self.findings.extend(scanned.findings);
        if scanned.known_clean {
            self.covered.known_clean += 1;
            return;
        }
        if scanned.aside {
            self.gaps.extend(scanned.gap);
            return;
        }
        self.covered.files += 1;
        self.covered.bytes += scanned.bytes;
        self.stale.extend(scanned.stale);
        if let Some(gap) = scanned.gap {
            self.covered.files -= 1;
            self.gaps.push(gap);
        }
    }
}

#[cfg(test)]
mod tests;
