//! Why something on a line is a finding or is none: every place there that woke a rule, and what became of it.
//! The scan's own detector, resolution and policy answer; nothing is judged here, and secrets are masked as in
//! findings.

use std::borrow::Cow;

use memchr::memmem::Finder;

use super::Fingerprinter;
use super::allows::Allows;
use super::detect::{Detector, File, Task};
use super::hit::{Hit, Specific};
use super::markers::Marked;
use super::names;
use super::redact::{self, Masks};
use super::resolve::{Resolved, resolve};
use crate::blob::{Blob, Buffer, Ruler, Windowing, advance};
use crate::catalogue::{RuleSet, Wakes};
use crate::decode::Budget;
use crate::excerpt::Excerpt;
use crate::finding::{Decision, Finding, Place};
use crate::judge::generic::Depth;
use crate::outcome::Gap;
use crate::policy::{INLINE_MARK, Policy};
use crate::rule::{Pattern, Rule, Text, is_token_byte};
use crate::source::{Entry, Source, io_reason};
use crate::span::Span;
use crate::trace::{Trace, TraceOutcome};

/// The traces of one line.
#[derive(Debug, Default)]
pub struct Explanation {
    pub traces: Vec<Trace>,
    /// The number of the entry's last line.
    pub last_line: u64,
}

/// What became of each place on `line` of `entry` at which something looked.
///
/// # Errors
/// The entry could not be read.
pub fn explain(
    source: &dyn Source,
    entry: &Entry,
    line: u64,
    rules: &RuleSet,
    policy: &Policy,
) -> Result<Explanation, Gap> {
    let fingerprints = Fingerprinter::new(policy.salt());
    // The prefilter passes over literals that no match can follow, and here they are told.
    let mut detector = Detector::new(rules, &fingerprints, true);
    // A scan stops where it knows enough; here every reason is told.
    detector.depth = Depth::Full;
    let (allows, marked, explanation) = (Allows::default(), Marked::default(), Explanation::default());
    let mut study = Study { entry, line, detector, policy, allows, marked, explanation };
    study.path();
    let mark = Finder::new(INLINE_MARK);
    let mut buffer = Buffer::new(Windowing::default());
    let read = source.reader().open(entry).and_then(|bytes| buffer.windows(bytes, |blob| study.window(&blob, &mark)));
    let mut explanation = study.explanation;
    let path = names::masked(&entry.path, rules);
    read.map_err(|error| Gap { path: path.clone().into_owned(), why: io_reason(&error) })?;
    explanation.traces.iter_mut().for_each(|trace| (*path).clone_into(&mut trace.place.path));
    Ok(explanation)
}

/// A literal that woke something and came to nothing.
type Miss = (Wakes, Span, Cow<'static, str>);

struct Study<'e, 'r> {
    entry: &'e Entry,
    line: u64,
    detector: Detector<'r>,
    policy: &'e Policy,
    allows: Allows,
    marked: Marked,
    explanation: Explanation,
}

impl Study<'_, '_> {
    fn path(&mut self) {
        let finding = redact::file_finding(self.entry, &self.detector).filter(|_| self.line == 1);
        if let Some(finding) = finding {
            self.judged(finding, "file name".into());
        }
        if self.line == 1 {
            for (finding, woken_by) in names::in_path(self.entry, &mut self.detector, self.policy.report_score()) {
                self.judged(finding, woken_by);
            }
        }
    }

    fn window(&mut self, blob: &Blob<'_>, mark: &Finder<'_>) {
        let end = advance(blob.start, blob.text);
        // What follows the last newline is no line.
        self.explanation.last_line = if end.column == 1 { end.line.saturating_sub(1).max(1) } else { end.line };
        self.allows.collect(blob, mark);
        let markers = self.detector.markers(&self.entry.path, blob, &mut self.marked, &mut |_| ());
        let Some(line) = line_span(blob, self.line) else { return };
        self.allows.collect_foreign(blob, self.policy);
        let file = File::of(&self.entry.path);
        let task = Task { text: blob.text, unwrapped: blob.reach(), file: &file, binary: blob.binary };
        let mut budget = Budget::for_len(task.unwrapped.len());
        let mut misses: Vec<Miss> = Vec::new();
        let hits = self.detector.hits(task, &mut budget, &mut |wakes, span, literal| {
            if line.overlaps(span) && blob.own.contains(span.start) {
                misses.push((wakes, span, literal));
            }
        });
        let masks = Masks::of(&hits);
        let Resolved { kept, outranked } = resolve(hits, self.detector.rules, self.policy.report_score());
        let stands_here = |hit: &Hit| blob.own.contains(hit.place.start) && touches(hit.place, line);
        let mut ruler = Ruler::new(blob);
        let mut assigned = false;
        for (hit, holder) in outranked.into_iter().filter(|(hit, _)| stands_here(hit)) {
            assigned |= hit.specific == Specific::Assignment;
            let holder = &kept[holder];
            // Two words of one name find the same value twice.
            if (holder.rule, holder.secret) != (hit.rule, hit.secret) {
                let by = self.detector.rules.rule(holder.rule).id.clone();
                let woken_by = hit.woken_by.clone();
                let finding = redact::finding(self.entry, self.detector.rules, (blob, &mut ruler), hit, &masks);
                self.push(finding, woken_by, TraceOutcome::Outranked { by });
            }
        }
        let markers = markers.into_iter().filter(|marker| touches(marker.place, line));
        for hit in kept.into_iter().filter(stands_here).chain(markers) {
            assigned |= hit.specific == Specific::Assignment;
            let woken_by = hit.woken_by.clone();
            let finding = redact::finding(self.entry, self.detector.rules, (blob, &mut ruler), hit, &masks);
            self.judged(finding, woken_by);
        }
        misses.retain(|(wakes, _, _)| !(assigned && *wakes == Wakes::Assignments));
        misses.sort_by_key(|(wakes, span, _)| (*span, *wakes));
        misses.dedup_by_key(|(wakes, span, _)| (*wakes, span.start));
        for miss in misses {
            let trace = self.missed(blob, &mut ruler, miss, line, masks.all());
            self.explanation.traces.push(trace);
        }
        self.explanation.traces.sort_by_key(|trace| (rank(&trace.outcome), trace.place.start));
    }

    fn judged(&mut self, mut finding: Finding, woken_by: Cow<'static, str>) {
        let inline = self.allows.find(&finding.rule, finding.place.start.line, self.policy);
        let decision = self.policy.settle(&finding, inline.and_then(|number| self.allows.get(number)));
        let below = decision.is_none().then_some(self.policy.report_score());
        let verdict = std::mem::take(&mut finding.verdict);
        let outcome = TraceOutcome::Judged { verdict, decision: decision.unwrap_or(Decision::Warn), below };
        self.push(finding, woken_by, outcome);
    }

    fn push(&mut self, finding: Finding, woken_by: Cow<'static, str>, outcome: TraceOutcome) {
        let Finding { rule, place, excerpt, .. } = finding;
        self.explanation.traces.push(Trace { rule, woken_by: woken_by.into_owned(), place, excerpt, outcome });
    }

    /// What follows the literal may be a secret that its rule did not know: nothing of it is shown.
    fn missed(&self, blob: &Blob<'_>, ruler: &mut Ruler<'_>, miss: Miss, line: Span, masked: &[Span]) -> Trace {
        let (wakes, span, woken_by) = miss;
        let before = blob.text[line.start..span.start].iter().rposition(|byte| !is_token_byte(*byte));
        let token = line.start + before.map_or(0, |at| at + 1);
        let rest = Span::new(span.end, line.end.max(span.end));
        let mut masked = masked.to_vec();
        masked.extend([Span::new(token, span.start), rest].into_iter().filter(|hidden| !hidden.is_empty()));
        masked.sort_unstable();
        let (rule, why) = match wakes {
            Wakes::Rule(index) => {
                let rule = self.detector.rules.rule(index);
                (rule.id.clone(), why_not(rule, blob.text, span.start))
            }
            Wakes::Assignments => (Text::Borrowed("assignments"), "no value stands beside this name"),
        };
        let place =
            Place { path: self.entry.path.clone(), start: ruler.position(span.start), end: ruler.position(span.end) };
        let column = ruler.position(rest.start).column;
        let excerpt = Excerpt::of(blob.text, rest, column, &masked, false);
        Trace { rule, woken_by: woken_by.into_owned(), place, excerpt, outcome: TraceOutcome::NoMatch(why.to_owned()) }
    }
}

/// Which condition of a rule did not hold.
fn why_not(rule: &Rule, text: &[u8], at: usize) -> &'static str {
    match rule.pattern().and_then(|pattern| Pattern::find(pattern, text, at)) {
        None => "the text here does not have the form",
        Some((whole, _)) if rule.near.as_ref().is_some_and(|near| !near.holds(text, whole)) => {
            "none of the words that belong to it stands near"
        }
        Some(_) => "it is a part of a longer word",
    }
}

/// What was reported comes first.
const fn rank(outcome: &TraceOutcome) -> u8 {
    match outcome {
        TraceOutcome::Judged { below: None, .. } => 0,
        TraceOutcome::Judged { .. } => 1,
        TraceOutcome::Outranked { .. } => 2,
        TraceOutcome::NoMatch(_) => 3,
    }
}

/// An empty place touches the line that it stands on.
const fn touches(place: Span, line: Span) -> bool {
    place.start <= line.end && (place.end > line.start || place.start >= line.start)
}

/// The bytes of a line, without its end, as far as the window shows it.
fn line_span(blob: &Blob<'_>, line: u64) -> Option<Span> {
    let skipped = usize::try_from(line.checked_sub(blob.start.line)?).ok()?;
    let start = match skipped {
        0 => 0,
        _ => memchr::memchr_iter(b'\n', blob.text).nth(skipped - 1)? + 1,
    };
    let end = memchr::memchr(b'\n', blob.text.get(start..)?).map_or(blob.text.len(), |len| start + len);
    Some(Span::new(start, end))
}
