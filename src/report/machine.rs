//! What machine formats say, as their own structs: a change of `Finding` cannot change a format by accident.
//! Also how they say it: text that could deceive a terminal or a build log leaves as `\uNNNN`, which reads back the same.

use std::borrow::Cow;
use std::io;

use serde::{Serialize, Serializer};
use serde_json::ser::Formatter;

use super::escape;
use crate::date::Date;
use crate::excerpt::Excerpt;
use crate::finding::{self, Allowed, Decision};
use crate::judge;
use crate::outcome::{self, Outcome, StaleReason};
use crate::rule::Kind;

/// Raised when a field changes its meaning or goes; a new field does not raise it.
pub const VERSION: u32 = 1;

/// All findings, turned into their machine form one at a time.
pub struct Findings<'o>(pub &'o [finding::Finding]);

impl Serialize for Findings<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(Finding::new))
    }
}

#[derive(Debug, Serialize)]
pub struct Finding<'f> {
    path: &'f str,
    line: u64,
    column: u64,
    end_line: u64,
    end_column: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    commit: Option<Commit<'f>>,
    rule: &'f str,
    finds: &'f str,
    severity: &'f str,
    /// Of a marker: the family of markings that it belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    scheme: Option<&'f str>,
    score: u8,
    decision: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    allow: Option<Allow<'f>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tier: Option<&'f str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    destination: Option<&'f str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    clearance: Option<&'f str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    clearance_by: Option<&'f str>,
    fingerprint: String,
    excerpt: &'f str,
    /// The column at which the excerpt begins, and the characters of it that stand for the secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    excerpt_column: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mark: Option<(usize, usize)>,
    wrapped: &'f [&'static str],
    reasons: Vec<Reason<'f>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    gives: Option<&'f str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    revoke: Option<&'f str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    docs: Option<&'f str>,
}

impl<'f> Finding<'f> {
    #[must_use]
    pub fn new(finding: &'f finding::Finding) -> Self {
        let bound = finding.tier.as_ref().and_then(|placed| placed.bound.as_ref());
        Self {
            path: &finding.place.path,
            line: finding.place.start.line,
            column: finding.place.start.column,
            end_line: finding.place.end.line,
            end_column: finding.place.end.column,
            commit: finding.commit.as_deref().map(Commit::new),
            rule: &finding.rule,
            finds: &finding.finds,
            severity: finding.kind.name(),
            scheme: scheme(&finding.kind),
            score: finding.verdict.score(),
            decision: finding.decision.name(),
            allow: Allow::new(&finding.decision),
            tier: finding.tier.as_ref().map(|placed| placed.tier.as_str()),
            destination: bound.map(|bound| bound.destination.as_str()),
            clearance: bound.map(|bound| bound.clearance.as_str()),
            clearance_by: bound.map(|bound| bound.by.as_str()),
            fingerprint: finding.fingerprint.to_string(),
            excerpt: &finding.excerpt.text,
            excerpt_column: Some(finding.excerpt.column).filter(|_| !finding.excerpt.text.is_empty()),
            mark: mark(&finding.excerpt),
            wrapped: &finding.wrapped,
            reasons: finding.verdict.reasons.iter().map(Reason::new).collect(),
            gives: finding.gives.as_deref(),
            revoke: finding.revoke.as_deref(),
            docs: finding.docs.as_deref(),
        }
    }
}

fn scheme(kind: &Kind) -> Option<&str> {
    if let Kind::Marker { scheme, .. } = kind { Some(scheme) } else { None }
}

/// In characters; none where no line is shown.
fn mark(excerpt: &Excerpt) -> Option<(usize, usize)> {
    let characters = |end: usize| excerpt.text.char_indices().take_while(|(at, _)| *at < end).count();
    (!excerpt.text.is_empty()).then(|| (characters(excerpt.mark.start), characters(excerpt.mark.end)))
}

/// The commit that brought a finding.
#[derive(Debug, Serialize)]
pub struct Commit<'f> {
    id: &'f str,
    author: &'f str,
    /// `2027-01-31`
    date: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    in_head: Option<bool>,
}

impl<'f> Commit<'f> {
    #[must_use]
    pub fn new(commit: &'f finding::Introduced) -> Self {
        Self { id: &commit.id, author: &commit.author, date: day(commit), in_head: commit.in_head }
    }
}

/// The day on which a commit was written, in universal time.
#[must_use]
pub fn day(commit: &finding::Introduced) -> String {
    let days = u64::try_from(commit.seconds).unwrap_or_default() / 86_400;
    // A hostile commit can name any number: no calendar goes further than this.
    Date::from_unix_days(days.min(2_932_896)).to_string()
}

#[derive(Debug, Serialize)]
pub struct Reason<'f> {
    name: &'static str,
    weight: i16,
    note: Option<&'f str>,
}

impl<'f> Reason<'f> {
    #[must_use]
    pub fn new(reason: &'f judge::Reason) -> Self {
        Self { name: reason.name, weight: reason.weight, note: reason.note.as_deref() }
    }
}

/// What stands in the reasons of exceptions between what they name.
pub(super) const KNOWN_SINCE: &str = "known since ";
pub(super) const MAY_GO_TO: &str = " may go to ";
pub(super) const WAIVED_BY: &str = " (by ";
pub(super) const APPROVED_BY: &str = ", approved by ";

/// The exception that let a finding pass.
#[derive(Debug, Serialize)]
pub struct Allow<'f> {
    by: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    entry: Option<usize>,
    reason: Cow<'f, str>,
}

impl<'f> Allow<'f> {
    #[must_use]
    pub fn new(decision: &'f Decision) -> Option<Self> {
        match decision {
            Decision::Block | Decision::Warn => None,
            Decision::Allow(Allowed::Inline { reason }) => {
                Some(Self { by: "comment", entry: None, reason: reason.into() })
            }
            Decision::Allow(Allowed::Config { entry, reason }) => {
                Some(Self { by: "config", entry: Some(*entry), reason: reason.into() })
            }
            Decision::Allow(Allowed::Baseline { since }) => {
                Some(Self { by: "baseline", entry: None, reason: format!("{KNOWN_SINCE}{since}").into() })
            }
            Decision::Allow(Allowed::Cleared { tier, destination }) => {
                Some(Self { by: "clearance", entry: None, reason: format!("{tier}{MAY_GO_TO}{destination}").into() })
            }
            Decision::Allow(Allowed::Waiver { id, by, approved_by, reason }) => {
                let reason = format!("{id}: {reason}{WAIVED_BY}{by}{APPROVED_BY}{approved_by})");
                Some(Self { by: "waiver", entry: None, reason: reason.into() })
            }
        }
    }
}

#[derive(Debug, Serialize)]
pub struct Summary<'o> {
    complete: bool,
    block: usize,
    warn: usize,
    allow: usize,
    /// Those of `allow` that the baseline let pass.
    #[serde(skip_serializing_if = "is_zero")]
    baseline: u64,
    files: u64,
    commits: u64,
    bytes: u64,
    ignored: u64,
    left_out: u64,
    #[serde(skip_serializing_if = "is_zero")]
    known_clean: u64,
    skipped: Vec<Unread<'o>>,
    gaps: Vec<Unread<'o>>,
    stale: Vec<Stale<'o>>,
    rules: &'o str,
    elapsed_ms: u64,
}

impl<'o> Summary<'o> {
    #[must_use]
    pub fn new(outcome: &'o Outcome) -> Self {
        let covered = outcome.covered;
        Self {
            complete: outcome.gaps.is_empty(),
            block: outcome.count("block"),
            warn: outcome.count("warn"),
            allow: outcome.count("allow"),
            baseline: outcome.known() as u64,
            files: covered.files,
            commits: covered.commits,
            bytes: covered.bytes,
            ignored: covered.ignored,
            left_out: covered.left_out,
            known_clean: covered.known_clean,
            skipped: outcome.skipped.iter().map(|it| Unread { path: &it.path, why: it.why.name() }).collect(),
            gaps: outcome.gaps.iter().map(|it| Unread { path: &it.path, why: &it.why }).collect(),
            stale: outcome.stale.iter().map(Stale::new).collect(),
            rules: &outcome.digest,
            elapsed_ms: u64::try_from(outcome.elapsed.as_millis()).unwrap_or(u64::MAX),
        }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the form that serde asks for")]
const fn is_zero(number: &u64) -> bool {
    *number == 0
}

#[derive(Debug, Serialize)]
struct Unread<'o> {
    path: &'o str,
    why: &'o str,
}

#[derive(Debug, Serialize)]
struct Stale<'o> {
    place: &'o str,
    why: &'static str,
}

impl<'o> Stale<'o> {
    fn new(stale: &'o outcome::StaleAllow) -> Self {
        Self { place: &stale.place, why: stale_name(stale.why) }
    }
}

pub(super) const fn stale_name(why: StaleReason) -> &'static str {
    match why {
        StaleReason::Unused => "unused",
        StaleReason::Expired => "expired",
        StaleReason::Malformed => "malformed",
        StaleReason::NotPermitted => "not-permitted",
    }
}

/// Writes `value` as JSON in pieces of a few bytes, so `out` had better be buffered. The first `levels` levels of nesting
/// have a line for each member; at the end stands a newline.
pub fn write(value: &impl Serialize, levels: usize, out: &mut impl io::Write) -> io::Result<()> {
    let mut serializer = serde_json::Serializer::with_formatter(&mut *out, Layout { levels, depth: 0, empty: true });
    value.serialize(&mut serializer)?;
    out.write_all(b"\n")
}

/// How much is written at once.
pub const BUFFER: usize = 1 << 16;

/// One finding a line keeps a document short, readable, and easy to compare.
struct Layout {
    levels: usize,
    depth: usize,
    /// Nothing stands yet in what was opened last.
    empty: bool,
}

impl Layout {
    fn open<W: io::Write + ?Sized>(&mut self, out: &mut W, bracket: &[u8]) -> io::Result<()> {
        self.depth += 1;
        self.empty = true;
        out.write_all(bracket)
    }

    fn member<W: io::Write + ?Sized>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        self.empty = false;
        match (first, self.depth <= self.levels) {
            (true, false) => Ok(()),
            (false, false) => out.write_all(b", "),
            (true, true) => write!(out, "\n{:1$}", "", self.depth * 2),
            (false, true) => write!(out, ",\n{:1$}", "", self.depth * 2),
        }
    }

    fn close<W: io::Write + ?Sized>(&mut self, out: &mut W, bracket: &[u8]) -> io::Result<()> {
        let broken = !std::mem::take(&mut self.empty) && self.depth <= self.levels;
        self.depth = self.depth.saturating_sub(1);
        if broken {
            write!(out, "\n{:1$}", "", self.depth * 2)?;
        }
        out.write_all(bracket)
    }
}

impl Formatter for Layout {
    fn begin_array<W: io::Write + ?Sized>(&mut self, out: &mut W) -> io::Result<()> {
        self.open(out, b"[")
    }

    fn end_array<W: io::Write + ?Sized>(&mut self, out: &mut W) -> io::Result<()> {
        self.close(out, b"]")
    }

    fn begin_array_value<W: io::Write + ?Sized>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        self.member(out, first)
    }

    fn begin_object<W: io::Write + ?Sized>(&mut self, out: &mut W) -> io::Result<()> {
        self.open(out, b"{")
    }

    fn end_object<W: io::Write + ?Sized>(&mut self, out: &mut W) -> io::Result<()> {
        self.close(out, b"}")
    }

    fn begin_object_key<W: io::Write + ?Sized>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        self.member(out, first)
    }

    fn begin_object_value<W: io::Write + ?Sized>(&mut self, out: &mut W) -> io::Result<()> {
        out.write_all(b": ")
    }

    fn write_string_fragment<W: io::Write + ?Sized>(&mut self, out: &mut W, fragment: &str) -> io::Result<()> {
        escape::json_fragment(out, fragment)
    }
}
