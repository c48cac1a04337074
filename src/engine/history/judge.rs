//! Judges one blob as the normal scan does, and tells what of it passes on to blobs that are made from it; and looks at
//! slices of one, to see whether anything there calls for that.

use std::collections::HashMap;
use std::io::Read;

use memchr::memmem::Finder;

use super::super::Options;
use super::super::detect::{Detector, File, Task};
use super::super::entry::{Page, Told};
use super::super::fingerprint::Fingerprinter;
use super::super::hit::{Hit, Specific};
use super::super::redact;
use super::reach::{MARGIN, Reach};
use super::tally::rank;
use super::trail::{Anchor, Held};
use crate::blob::{Blob, Buffer};
use crate::catalogue::{RuleSet, Wakes};
use crate::decode::{Budget, Encoding};
use crate::finding::{Finding, Position};
use crate::judge::generic::Depth;
use crate::judge::weigh::REPORT;
use crate::marker;
use crate::policy::{INLINE_MARK, Policy};
use crate::source::{Entry, Lines, Origin};
use crate::span::Span;

/// More places to follow than this cost more than judging each blob whole.
const MOST_ANCHORS: usize = 256;

/// An allow comment stands on the line of a finding or the line above. Further away than this, it is not looked for.
const LINE: usize = 64 * 1024;

/// What a blob came to.
#[derive(Debug, Default)]
pub struct Judged {
    /// What was found, and what something may come of.
    pub anchors: Vec<Anchor>,
    /// Encoded content was left unread.
    pub exhausted: bool,
    /// Too many places depend on too much: what is made from it must be judged whole.
    pub crowded: bool,
}

/// What all judges share.
#[derive(Clone, Copy)]
pub struct Kit<'r> {
    pub rules: &'r RuleSet,
    pub policy: &'r Policy,
    pub fingerprints: &'r Fingerprinter,
    pub options: Options,
    pub reach: &'r Reach,
}

/// The state of one thread.
pub struct Judge<'r> {
    detector: Detector<'r>,
    policy: &'r Policy,
    options: Options,
    buffer: Buffer,
    mark: Finder<'static>,
    reach: &'r Reach,
    files: HashMap<u32, File<'r>>,
}

impl<'r> Judge<'r> {
    pub fn new(kit: Kit<'r>) -> Self {
        let Kit { rules, policy, fingerprints, options, reach } = kit;
        let mut detector = Detector::new(rules, fingerprints, options.slowly);
        if policy.report_score() < REPORT {
            detector.depth = Depth::Full;
        }
        let (buffer, mark) = (Buffer::new(options.windowing), Finder::new(INLINE_MARK));
        Self { detector, policy, options, buffer, mark, reach, files: HashMap::new() }
    }

    /// Judges all of `bytes` as a file at `path` of some class.
    pub fn whole(&mut self, bytes: &[u8], (encoding, mark_len): (Encoding, usize), path: &str, class: u32) -> Judged {
        let entry = entry(path);
        let mut page = Page::new(&entry, &mut self.detector, self.policy, &self.mark);
        let mut marks = Marks { reach: self.reach, class, len: bytes.len(), long: Vec::new(), found: Vec::new() };
        let windowing = self.options.windowing;
        if encoding == Encoding::Utf8 && bytes.len() < windowing.own + 2 * windowing.margin {
            let text = &bytes[mark_len..];
            let (own, start) = (Span::new(0, text.len()), Position { line: 1, column: 1 });
            let blob = Blob { text, own, start, binary: false, first: true, last: true };
            page.watched_window(&blob, &mut |told| marks.note(&told, bytes, mark_len));
        } else {
            let mut passed = mark_len;
            let read = self.buffer.windows(bytes, |blob| {
                let shift = passed - blob.own.start.min(passed);
                page.watched_window(&blob, &mut |told| marks.note(&told, bytes, shift));
                passed += blob.own.len();
            });
            debug_assert!(read.is_ok(), "bytes in memory can be read");
        }
        let (findings, exhausted) = (std::mem::take(&mut page.scanned.findings), page.exhausted);
        let anchors = marks.anchors(&findings);
        let crowded = anchors.len() > MOST_ANCHORS;
        Judged { anchors: if crowded { of_findings(anchors) } else { anchors }, exhausted, crowded }
    }

    /// The findings in what a reader gives, and whether all of it was looked at.
    pub fn read(&mut self, reader: impl Read, path: &str) -> std::io::Result<(Vec<Finding>, bool)> {
        let entry = entry(path);
        let mut page = Page::new(&entry, &mut self.detector, self.policy, &self.mark);
        self.buffer.windows(reader, |blob| page.watched_window(&blob, &mut |_| ()))?;
        Ok((std::mem::take(&mut page.scanned.findings), page.exhausted))
    }

    /// What a path is by itself: a file of a kind that is never to be there.
    pub fn path(&mut self, path: &str) -> Option<Finding> {
        let mut finding = redact::file_finding(&entry(path), &self.detector)?;
        self.policy.decide(&mut finding, None).then_some(finding)
    }

    /// Whether the file at `path` with this text, as it is now, has a word of a marker where one could stand.
    pub fn may_be_marked(&mut self, text: &[u8], path: &str) -> bool {
        [marker::head(path, text), marker::tail(text)].into_iter().any(|part| self.detector.may_mark(path, part))
    }

    /// Whether something may be found in `slice`, part of a text of some class, that must be judged with all of its blob.
    pub fn calls(&mut self, slice: &[u8], path: &'r str, class: u32) -> bool {
        let file = self.files.entry(class).or_insert_with(|| File::of(path));
        let all = Span::new(0, slice.len());
        let mut budget = Budget::for_len(slice.len());
        let (reach, mut far) = (self.reach, false);
        let task = Task { text: slice, unwrapped: all, file, binary: false };
        let hits = self.detector.hits(task, &mut budget, &mut |wakes, _, _| {
            far |= matches!(wakes, Wakes::Rule(rule) if reach.is_long(rule));
        });
        // A rule's own hit may be half of a pair, or outrank another: whatever its score, it is worth a look.
        let report = self.policy.report_score();
        let counts = |hit: &Hit| hit.specific >= Specific::Run || hit.verdict.score() >= report;
        far || budget.exhausted() || hits.iter().any(counts)
    }
}

/// A file of a commit, as the engine takes it.
pub fn entry(path: &str) -> Entry {
    Entry { path: path.to_owned(), origin: Origin::Stdin, lines: Lines::All, commit: None }
}

/// Enough to tell what was found, where nothing is followed.
fn of_findings(mut anchors: Vec<Anchor>) -> Vec<Anchor> {
    anchors.retain(|anchor| anchor.found.is_some());
    anchors.sort_by_key(|anchor| anchor.found);
    anchors.dedup_by_key(|anchor| anchor.found);
    anchors
}

/// Gathers what the findings of a blob depend on, and what rules with long matches do.
struct Marks<'m> {
    reach: &'m Reach,
    class: u32,
    len: usize,
    long: Vec<Span>,
    found: Vec<(Option<usize>, usize)>,
}

impl Marks<'_> {
    fn note(&mut self, told: &Told<'_>, bytes: &[u8], shift: usize) {
        match told {
            Told::Missed(Wakes::Rule(rule), place) => self.long.extend(self.reach.of_rule(*rule, place.shifted(shift))),
            Told::Missed(Wakes::Assignments, _) => {}
            Told::Marked(part) => self.long.push(part.shifted(shift)),
            Told::Hits(hits) => {
                let long = hits.iter().filter_map(|hit| self.reach.of_rule(hit.rule, hull(hit).shifted(shift)));
                self.long.extend(long);
            }
            // What speaks against a marker may stand anywhere in the head, and what speaks for one at the very end.
            Told::Found(hit) if hit.specific == Specific::Marker => self.found.push((None, bytes.len())),
            Told::Found(hit) => self.found.push(self.extent(hull(hit).shifted(shift), bytes)),
        }
    }

    /// What a finding depends on: its surroundings, its other half, and the two lines on which a comment may allow it.
    fn extent(&self, hull: Span, bytes: &[u8]) -> (Option<usize>, usize) {
        let margin = MARGIN.max(self.reach.pair);
        let before = bytes.get(hull.start.saturating_sub(LINE)..hull.start).unwrap_or_default();
        let line = memchr::memrchr_iter(b'\n', before).nth(1).map_or(before.len(), |newline| before.len() - newline);
        let after = bytes.get(hull.end.min(bytes.len())..).unwrap_or_default();
        let rest = memchr::memchr(b'\n', after.get(..LINE).unwrap_or(after)).unwrap_or(after.len().min(LINE));
        (hull.start.checked_sub(margin.max(line)), hull.end + margin.max(rest + 1))
    }

    fn anchors(self, findings: &[Finding]) -> Vec<Anchor> {
        let mut long: Vec<Anchor> =
            self.long.iter().map(|span| Anchor::new(Some(span.start), span.end, self.len, None)).collect();
        long.dedup();
        let found = self.found.into_iter().zip(findings).map(|((from, to), finding)| {
            let held = Held { fingerprint: finding.fingerprint, rank: rank(&finding.decision), class: self.class };
            Anchor::new(from, to, self.len, Some(held))
        });
        long.extend(found);
        long
    }
}

/// All bytes that a hit is about.
fn hull(hit: &Hit) -> Span {
    let parts = [hit.whole, hit.secret, hit.place, hit.masked, hit.partner.unwrap_or(hit.secret)];
    let start = parts.iter().map(|part| part.start).min().unwrap_or_default();
    Span::new(start, parts.iter().map(|part| part.end).max().unwrap_or(start))
}
