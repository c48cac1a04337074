//! The form of a saved report as it is read, and its way to what it tells of. The counterpart of `machine`.

use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;

use super::intern::intern;
use crate::date::Date;
use crate::excerpt::Excerpt;
use crate::finding::{Allowed, Bound, Decision, Finding, Introduced, Place, Placed, Position};
use crate::judge::{Reason, Verdict};
use crate::outcome::{Coverage, Gap, Outcome, SkipReason, Skipped, StaleAllow, StaleReason};
use crate::report::machine::{APPROVED_BY, KNOWN_SINCE, MAY_GO_TO, WAIVED_BY, stale_name};
use crate::rule::{Kind, Severity, Text};
use crate::span::Span;

/// What is wrong with a finding or a summary, in words of our own.
type Wrong = &'static str;

#[derive(Deserialize)]
pub(super) struct RawFinding {
    path: String,
    line: u64,
    column: u64,
    end_line: u64,
    end_column: u64,
    commit: Option<RawCommit>,
    rule: String,
    finds: String,
    severity: String,
    scheme: Option<String>,
    score: u8,
    decision: String,
    allow: Option<RawAllow>,
    tier: Option<String>,
    destination: Option<String>,
    clearance: Option<String>,
    clearance_by: Option<String>,
    fingerprint: String,
    excerpt: String,
    excerpt_column: Option<u64>,
    mark: Option<(usize, usize)>,
    wrapped: Vec<String>,
    reasons: Vec<RawReason>,
    gives: Option<String>,
    revoke: Option<String>,
    docs: Option<String>,
}

#[derive(Deserialize)]
struct RawCommit {
    id: String,
    author: String,
    date: String,
    in_head: Option<bool>,
}

#[derive(Deserialize)]
struct RawReason {
    name: String,
    weight: i16,
    note: Option<String>,
}

#[derive(Deserialize)]
struct RawAllow {
    by: String,
    entry: Option<usize>,
    reason: String,
}

impl RawFinding {
    pub(super) fn checked(self) -> Result<Finding, Wrong> {
        let text = |text: Option<String>| text.map(Text::Owned);
        let verdict = Verdict { reasons: self.reasons.into_iter().map(RawReason::checked).collect::<Result<_, _>>()? };
        if verdict.score() != self.score {
            return Err("its score is not the sum of its reasons");
        }
        let start = Position { line: self.line, column: self.column };
        let end = Position { line: self.end_line, column: self.end_column };
        if start > end || start.line == 0 || start.column == 0 {
            return Err("it stands at no place in a file");
        }
        let bound = match (self.destination, self.clearance) {
            (Some(destination), Some(clearance)) => {
                Some(Bound { destination, clearance, by: self.clearance_by.unwrap_or_default() })
            }
            (None, None) => None,
            _ => return Err("its destination and its clearance do not go together"),
        };
        let names = self.wrapped.iter().map(|name| intern(name).ok_or("a wrapping has no name that could be ours"));
        Ok(Finding {
            rule: Text::Owned(self.rule),
            finds: Text::Owned(self.finds),
            kind: kind(self.severity, self.scheme)?,
            place: Place { path: self.path, start, end },
            commit: self.commit.map(RawCommit::checked).transpose()?.map(Arc::new),
            excerpt: excerpt(self.excerpt, self.excerpt_column, self.mark),
            wrapped: names.collect::<Result<_, _>>()?,
            verdict,
            fingerprint: self.fingerprint.parse().map_err(|_| "its fingerprint is not 24 hexadecimal digits")?,
            decision: decision(&self.decision, self.allow)?,
            tier: self.tier.map(|tier| Box::new(Placed { tier, bound })),
            gives: text(self.gives),
            revoke: text(self.revoke),
            docs: text(self.docs),
        })
    }
}

impl RawReason {
    fn checked(self) -> Result<Reason, Wrong> {
        let name = intern(&self.name).ok_or("a reason has no name that could be ours")?;
        Ok(Reason { name, weight: self.weight, note: self.note })
    }
}

impl RawCommit {
    /// The form has the day alone: its first second stands for it.
    fn checked(self) -> Result<Introduced, Wrong> {
        let date: Date = self.date.parse().map_err(|_| "its commit has no day")?;
        let seconds = i64::try_from(date.unix_days() * 86_400).unwrap_or(i64::MAX);
        Ok(Introduced { id: self.id, author: self.author, seconds, in_head: self.in_head })
    }
}

/// A marker names its scheme.
fn kind(word: String, scheme: Option<String>) -> Result<Kind, Wrong> {
    if let Some(scheme) = scheme {
        return Ok(Kind::Marker { level: Text::Owned(word), scheme: Text::Owned(scheme) });
    }
    let severity = [Severity::Low, Severity::Medium, Severity::High, Severity::Critical];
    let severity = severity.into_iter().find(|severity| severity.name() == word).ok_or("its severity is not known")?;
    Ok(Kind::Secret { severity })
}

fn excerpt(text: String, column: Option<u64>, mark: Option<(usize, usize)>) -> Excerpt {
    let byte = |place: usize| text.char_indices().nth(place).map_or(text.len(), |(byte, _)| byte);
    let (start, end) = mark.unwrap_or_default();
    let mark = Span::new(byte(start), byte(end.max(start)));
    Excerpt { mark, column: column.unwrap_or(1), text }
}

fn decision(word: &str, allow: Option<RawAllow>) -> Result<Decision, Wrong> {
    let allowed = match (word, allow) {
        ("block", None) => return Ok(Decision::Block),
        ("warn", None) => return Ok(Decision::Warn),
        ("allow", Some(allow)) => allow,
        _ => return Err("its `decision` and its `allow` do not go together"),
    };
    Ok(Decision::Allow(match (allowed.by.as_str(), allowed.entry) {
        ("comment", None) => Allowed::Inline { reason: allowed.reason },
        ("config", Some(entry)) => Allowed::Config { entry, reason: allowed.reason },
        ("baseline", None) => {
            let since = allowed.reason.strip_prefix(KNOWN_SINCE);
            let since = since.and_then(|day| day.parse().ok()).ok_or("the baseline knows it since no day")?;
            Allowed::Baseline { since }
        }
        ("clearance", None) => {
            let (tier, destination) = allowed.reason.split_once(MAY_GO_TO).ok_or("its tier may go nowhere")?;
            Allowed::Cleared { tier: tier.to_owned(), destination: destination.to_owned() }
        }
        ("waiver", None) => waiver(&allowed.reason).ok_or("its waiver names nobody")?,
        _ => return Err("no exception of this kind is known"),
    }))
}

/// `W-17: published in March (by ann@example.com, approved by bob@example.com)`
fn waiver(text: &str) -> Option<Allowed> {
    let (id, rest) = text.split_once(": ")?;
    let (rest, approved_by) = rest.strip_suffix(')')?.rsplit_once(APPROVED_BY)?;
    let (reason, by) = rest.rsplit_once(WAIVED_BY)?;
    let [id, by, approved_by, reason] = [id, by, approved_by, reason].map(str::to_owned);
    Some(Allowed::Waiver { id, by, approved_by, reason })
}

#[derive(Deserialize)]
pub(super) struct RawSummary {
    complete: bool,
    block: usize,
    warn: usize,
    allow: usize,
    files: u64,
    commits: u64,
    bytes: u64,
    ignored: u64,
    left_out: u64,
    known_clean: Option<u64>,
    skipped: Vec<RawUnread>,
    gaps: Vec<RawUnread>,
    stale: Vec<RawStale>,
    rules: String,
    elapsed_ms: u64,
}

#[derive(Deserialize)]
struct RawUnread {
    path: String,
    why: String,
}

#[derive(Deserialize)]
struct RawStale {
    place: String,
    why: String,
}

impl RawSummary {
    pub(super) fn outcome(self, findings: Vec<Finding>) -> Result<Outcome, Wrong> {
        let outcome = Outcome {
            findings,
            covered: Coverage {
                files: self.files,
                commits: self.commits,
                bytes: self.bytes,
                ignored: self.ignored,
                left_out: self.left_out,
                known_clean: self.known_clean.unwrap_or_default(),
            },
            skipped: self.skipped.into_iter().map(RawUnread::skipped).collect::<Result<_, _>>()?,
            gaps: self.gaps.into_iter().map(|gap| Gap { path: gap.path, why: gap.why }).collect(),
            stale: self.stale.into_iter().map(RawStale::checked).collect::<Result<_, _>>()?,
            digest: self.rules,
            elapsed: Duration::from_millis(self.elapsed_ms),
        };
        if self.complete != outcome.gaps.is_empty() {
            return Err("it says to be complete and has gaps, or has none and says to be incomplete");
        }
        let counted = [("block", self.block), ("warn", self.warn), ("allow", self.allow)];
        if counted.iter().any(|(decision, count)| outcome.count(decision) != *count) {
            return Err("as many block, warn or are allowed as there are not");
        }
        Ok(outcome)
    }
}

impl RawUnread {
    fn skipped(self) -> Result<Skipped, Wrong> {
        let known = [SkipReason::Symlink, SkipReason::Fifo, SkipReason::Socket, SkipReason::Device];
        let why =
            known.into_iter().find(|why| why.name() == self.why).ok_or("something was skipped for no known reason")?;
        Ok(Skipped { path: self.path, why })
    }
}

impl RawStale {
    fn checked(self) -> Result<StaleAllow, Wrong> {
        let known = [StaleReason::Unused, StaleReason::Expired, StaleReason::Malformed];
        let named = |why: &StaleReason| stale_name(*why) == self.why;
        let why = known.into_iter().find(named).ok_or("an exception is stale for no known reason")?;
        Ok(StaleAllow { place: self.place, why })
    }
}
