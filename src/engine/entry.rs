//! One entry: read in windows, detect, resolve, redact, settle.

use std::io::{self, Read};

use memchr::memmem::Finder;

use super::Options;
use super::allows::Allows;
use super::detect::{Detector, File, Task};
use super::fingerprint::Fingerprinter;
use super::hit::Hit;
use super::markers::Marked;
use super::redact::{self, Masks};
use super::removal::Standing;
use super::resolve::{Resolved, resolve};
use crate::blob::{Blob, Buffer, Ruler};
use crate::catalogue::{RuleSet, Wakes};
use crate::decode::Budget;
use crate::finding::{Allowed, Decision, Finding, Place};
use crate::judge::generic::Depth;
use crate::judge::weigh::REPORT;
use crate::outcome::{Gap, StaleAllow};
use crate::policy::tier::Evidence;
use crate::policy::{INLINE_MARK, Policy};
use crate::rule::Kind;
use crate::source::{Entry, Lines, Reader, Stretch, io_reason};
use crate::span::Span;

/// What one entry came to.
#[derive(Debug, Default)]
pub struct Scanned {
    pub findings: Vec<Finding>,
    pub stale: Vec<StaleAllow>,
    pub bytes: u64,
    pub gap: Option<Gap>,
    /// It was not read: an earlier run found nothing in it.
    pub known_clean: bool,
    /// It is no file that counts as read.
    pub aside: bool,
    /// It was read whole, and nothing in it matched or allows anything.
    pub spotless: bool,
    /// What speaks of its tier, on lines that are not new as well.
    pub evidence: Evidence,
    /// Findings that a comment lets pass, by number, and the comment's line.
    by_comment: Vec<(usize, u64)>,
}

impl Scanned {
    pub fn gap(gap: Gap) -> Self {
        Self { gap: Some(gap), ..Self::default() }
    }

    /// Of what is no file that counts as read.
    pub fn aside() -> Self {
        Self { aside: true, ..Self::default() }
    }

    /// Markers come from the first window and the last, whichever of them shows the place.
    fn put_in_order(&mut self) {
        let is_marker = |finding: &Finding| matches!(finding.kind, Kind::Marker { .. });
        let place = |finding: &Finding| (finding.place.start, finding.place.end);
        if self.findings.is_sorted_by_key(place) || !self.findings.iter().any(is_marker) {
            return;
        }
        let mut order: Vec<usize> = (0..self.findings.len()).collect();
        order.sort_by_key(|number| place(&self.findings[*number]));
        for (number, _) in &mut self.by_comment {
            *number = order.iter().position(|old| old == number).unwrap_or(*number);
        }
        self.findings = order.iter().map(|number| self.findings[*number].clone()).collect();
    }
}

/// The state of one thread.
pub struct Scanner<'r> {
    pub(super) reader: Box<dyn Reader + 'r>,
    pub(super) detector: Detector<'r>,
    pub(super) policy: &'r Policy,
    pub(super) fingerprints: &'r Fingerprinter,
    pub(super) options: Options,
    buffer: Buffer,
    pub(super) mark: Finder<'static>,
}

impl<'r> Scanner<'r> {
    pub fn new(
        reader: Box<dyn Reader + 'r>,
        rules: &'r RuleSet,
        policy: &'r Policy,
        fingerprints: &'r Fingerprinter,
        options: Options,
    ) -> Self {
        let mut detector = Detector::new(rules, fingerprints, options.slowly);
        // What cannot reach the usual threshold is not judged to the end; a lower one needs it.
        if policy.report_score() < REPORT {
            detector.depth = Depth::Full;
        }
        Self {
            reader,
            detector,
            policy,
            fingerprints,
            options,
            buffer: Buffer::new(options.windowing),
            mark: Finder::new(INLINE_MARK),
        }
    }

    /// Forgets what an interrupted scan may have left half done.
    pub fn reset(&mut self) {
        self.buffer = Buffer::new(self.options.windowing);
    }

    /// What comes of an entry in which nothing is known to stand: it may have taken the place of one that said more.
    pub fn known(&mut self, entry: &Entry) -> Scanned {
        match self.removed(entry, &Standing::default()) {
            Ok(findings) => Scanned { findings, known_clean: true, ..Scanned::default() },
            Err(error) => Scanned::gap(Gap { path: entry.path.clone(), why: io_reason(&error) }),
        }
    }

    pub fn scan(&mut self, entry: &Entry) -> Scanned {
        let mut page = Page::new(entry, &mut self.detector, self.policy, &self.mark);
        page.path();
        let stretches = self.reader.stretches(entry);
        let read = self.reader.open(entry).and_then(|reader| read(reader, &stretches, &mut self.buffer, &mut page));
        let why = match read {
            Ok(bytes) => {
                page.scanned.bytes = bytes;
                page.exhausted
                    .then(|| "it unpacks to far more than it holds: encoded content was left unread".to_owned())
            }
            Err(error) => Some(io_reason(&error)),
        };
        let (mut scanned, standing) = (page.scanned, page.standing);
        scanned.put_in_order();
        let spotless = page.matched == 0 && page.allows.is_empty();
        scanned.stale = page.allows.stale(entry, self.policy);
        let by_comment = std::mem::take(&mut scanned.by_comment);
        let why = why.or(self.distrust(entry, &mut scanned.findings, &by_comment).err().map(|error| io_reason(&error)));
        scanned.findings.iter().for_each(|finding| scanned.evidence.add(finding, self.policy));
        let why = why.or(self.drop_old(entry, &mut scanned.findings).err().map(|error| io_reason(&error)));
        let why = why.or(match self.removed(entry, &standing) {
            Ok(removed) => {
                scanned.findings.extend(removed);
                None
            }
            Err(error) => Some(io_reason(&error)),
        });
        scanned.spotless = spotless && why.is_none();
        scanned.gap = why.map(|why| Gap { path: entry.path.clone(), why });
        scanned
    }
}

impl Scanner<'_> {
    /// Settles anew what a comment allows that the change under scan brings itself.
    fn distrust(&mut self, entry: &Entry, findings: &mut [Finding], by_comment: &[(usize, u64)]) -> io::Result<()> {
        if by_comment.is_empty() {
            return Ok(());
        }
        let Some(lines) = self.reader.unvouched(entry)? else { return Ok(()) };
        for (number, line) in by_comment {
            let Some(finding) = findings.get_mut(*number).filter(|_| lines.admit(*line, *line)) else { continue };
            self.policy.decide(finding, None);
        }
        Ok(())
    }

    /// Drops findings in lines that do not count, where it is not known beforehand which those are.
    fn drop_old(&mut self, entry: &Entry, findings: &mut Vec<Finding>) -> io::Result<()> {
        if entry.lines == Lines::Changed && !findings.is_empty() {
            let lines = self.reader.lines(entry)?;
            findings.retain(|finding| lines.admit(finding.place.start.line, finding.place.end.line));
        }
        Ok(())
    }
}

/// What a page says of a window while it goes through it, for one who must know more than its findings.
pub enum Told<'t> {
    /// A literal stands here, and nothing came of it.
    Missed(Wakes, Span),
    /// This part of the window decides on markers.
    Marked(Span),
    /// All hits, several on the same bytes included.
    Hits(&'t [Hit]),
    /// One that became a finding, which is the last of those so far.
    Found(&'t Hit),
}

/// Calls for each window, none of which reaches over the end of a stretch.
fn read(
    mut reader: Box<dyn Read + '_>,
    stretches: &[Stretch],
    buffer: &mut Buffer,
    page: &mut Page<'_, '_>,
) -> io::Result<u64> {
    if stretches.is_empty() {
        return buffer.windows(reader, |blob| page.window(&blob));
    }
    let mut total = 0;
    for stretch in stretches {
        let part = (&mut reader).take(stretch.bytes);
        let read = buffer.windows_from(stretch.line, part, |blob| page.window(&blob))?;
        if read < stretch.bytes {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        total += read;
    }
    Ok(total)
}

/// The scan of one entry, window by window.
pub struct Page<'p, 'r> {
    entry: &'p Entry,
    detector: &'p mut Detector<'r>,
    policy: &'p Policy,
    mark: &'p Finder<'static>,
    file: File<'p>,
    allows: Allows,
    marked: Marked,
    standing: Standing,
    pub scanned: Scanned,
    /// Findings on lines that count, and on others.
    matched: u64,
    pub exhausted: bool,
}

impl<'p, 'r> Page<'p, 'r> {
    pub fn new(
        entry: &'p Entry,
        detector: &'p mut Detector<'r>,
        policy: &'p Policy,
        mark: &'p Finder<'static>,
    ) -> Self {
        let (file, allows, scanned) = (File::of(&entry.path), Allows::default(), Scanned::default());
        let marked = Marked::default();
        let standing = Standing::default();
        Self { entry, detector, policy, mark, file, allows, marked, standing, scanned, matched: 0, exhausted: false }
    }

    /// A file may be a finding by its path alone.
    fn path(&mut self) {
        if let Some(finding) = redact::file_finding(self.entry, self.detector) {
            self.settle(finding);
        }
    }

    fn window(&mut self, blob: &Blob<'_>) {
        self.watched_window(blob, &mut |_| ());
    }

    pub fn watched_window(&mut self, blob: &Blob<'_>, told: &mut dyn FnMut(Told<'_>)) {
        let task = Task { text: blob.text, unwrapped: blob.reach(), file: &self.file, binary: blob.binary };
        let mut budget = Budget::for_len(task.unwrapped.len());
        let hits = self.detector.hits(task, &mut budget, &mut |wakes, span, _| told(Told::Missed(wakes, span)));
        self.exhausted |= budget.exhausted();
        self.allows.collect(blob, self.mark);
        let markers =
            self.detector.markers(&self.entry.path, blob, &mut self.marked, &mut |span| told(Told::Marked(span)));
        if hits.is_empty() && markers.is_empty() {
            return;
        }
        self.allows.collect_foreign(blob, self.policy);
        told(Told::Hits(&hits));
        let masks = Masks::of(&hits);
        let Resolved { mut kept, .. } = resolve(hits, self.detector.rules, self.policy.report_score());
        kept.retain(|hit| blob.own.contains(hit.place.start) && hit.verdict.score() >= self.policy.report_score());
        let markers = markers.into_iter().filter(|marker| marker.verdict.score() >= self.policy.report_score());
        for marker in markers {
            self.standing.add(&self.detector.rules.kind(marker.rule));
            kept.push(marker);
        }
        kept.sort_by_key(|hit| (hit.place.start, hit.place.end));
        let mut ruler = Ruler::new(blob);
        for hit in kept {
            let finding = redact::finding(self.entry, self.detector.rules, (blob, &mut ruler), hit.clone(), &masks);
            if self.settle(finding) {
                told(Told::Found(&hit));
            }
        }
    }

    /// Whether it is one, once the policy and the lines that count have been asked.
    fn settle(&mut self, mut finding: Finding) -> bool {
        let Place { start, end, .. } = finding.place;
        let inline = self.allows.find(&finding.rule, start.line, self.policy);
        if !self.policy.decide(&mut finding, inline.and_then(|number| self.allows.get(number))) {
            return false;
        }
        self.matched += 1;
        let comment = inline.filter(|_| matches!(finding.decision, Decision::Allow(Allowed::Inline { .. })));
        if let Some(number) = comment {
            self.allows.used(number);
        }
        // Only now: an exception is of use on a line that is not new, too.
        if self.entry.lines.admit(start.line, end.line) {
            let line = comment.and_then(|number| self.allows.line(number));
            self.scanned.by_comment.extend(line.map(|line| (self.scanned.findings.len(), line)));
            self.scanned.findings.push(finding);
            return true;
        }
        self.scanned.evidence.add(&finding, self.policy);
        false
    }
}
