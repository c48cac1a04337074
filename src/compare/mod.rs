//! Reports of other tools, held against ours. What such a report holds is read, compared and forgotten: most have the
//! secrets in clear, so nothing of a value is kept longer than a run, and none is ever printed.

mod shapes;

use std::fmt;

use miette::Diagnostic;
use thiserror::Error;

use crate::engine::Sight;
use crate::judge::Reason;
use crate::trace::{Trace, TraceOutcome};

/// The largest report that is read.
pub const MOST: u64 = 256 << 20;

/// Another tool's report.
#[derive(Debug)]
pub struct Theirs {
    /// The tool, as far as the report tells.
    pub tool: String,
    pub findings: Vec<Reported>,
    /// Entries that name no place in a file, as findings in chats or tickets do.
    pub placeless: usize,
}

/// One finding of theirs.
#[derive(Debug)]
pub struct Reported {
    pub rule: String,
    /// With `/` between its parts, as the report has it.
    pub path: String,
    pub line: u64,
    pub end_line: u64,
    pub commit: Option<String>,
    pub value: Value,
}

/// What a report tells of the value.
#[derive(Clone, PartialEq, Eq)]
pub enum Value {
    Unknown,
    Clear(String),
    Sha1(String),
    Sha256(String),
}

impl fmt::Debug for Value {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Unknown => "unknown",
            Self::Clear(_) => "in clear",
            Self::Sha1(_) | Self::Sha256(_) => "a digest",
        })
    }
}

/// What came of a comparison: safe to print.
#[derive(Debug, Default)]
pub struct Compared {
    pub tool: String,
    pub theirs: usize,
    pub ours: usize,
    pub both: Vec<Both>,
    pub only_theirs: Vec<Missed>,
    pub only_ours: Vec<Found>,
    pub placeless: usize,
    /// Findings of ours in the report itself, which stands in the tree: no news.
    pub in_report: usize,
    /// All was read that there was to read.
    pub complete: bool,
}

/// A finding of both.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Both {
    pub path: String,
    pub line: u64,
    pub commit: Option<String>,
    /// Their rule.
    pub theirs: String,
    pub ours: String,
    pub fingerprint: String,
    /// The value itself was compared, not its place alone.
    pub by_value: bool,
}

/// A finding of theirs that is none of ours, and why.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Missed {
    pub path: String,
    pub line: u64,
    pub commit: Option<String>,
    pub rule: String,
    pub why: Why,
}

/// A finding of ours that is none of theirs.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Found {
    pub path: String,
    pub line: u64,
    pub rule: String,
    pub severity: String,
    pub score: u8,
    pub fingerprint: String,
}

/// Why something is no finding of ours.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Why {
    /// A word for programs.
    pub code: &'static str,
    pub text: String,
}

impl Why {
    #[must_use]
    pub fn new(code: &'static str, text: impl Into<String>) -> Self {
        Self { code, text: text.into() }
    }

    /// From what `explain` has to say of the place: what came furthest is the answer.
    #[must_use]
    pub fn of(traces: &[Trace]) -> Self {
        let judged = traces.iter().filter_map(|trace| match &trace.outcome {
            TraceOutcome::Judged { verdict, below: Some(below), .. } => Some((trace, verdict, *below)),
            _ => None,
        });
        if let Some((trace, verdict, below)) = judged.max_by_key(|(_, verdict, _)| verdict.score()) {
            let against: Vec<String> = verdict.reasons.iter().filter(|reason| reason.weight < 0).map(said).collect();
            let against = if against.is_empty() { "too little speaks for it".to_owned() } else { against.join(", ") };
            let text = format!("{} gives it {} of {below}: {against}", trace.rule, verdict.score());
            return Self::new("below-threshold", text);
        }
        let missed = traces.iter().find_map(|trace| match &trace.outcome {
            TraceOutcome::NoMatch(why) => Some(format!("{} looked, woken by `{}`: {why}", trace.rule, trace.woken_by)),
            _ => None,
        });
        missed.map_or_else(|| Self::new("no-rule", "no rule looked at this line"), |text| Self::new("no-match", text))
    }
}

fn said(reason: &Reason) -> String {
    format!("{} {}", reason.name.replace('-', " "), reason.weight)
}

/// How a finding of ours stands to one of theirs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Same {
    /// On the same line.
    Place,
    /// The same value, wherever it stands in the file.
    Value,
}

/// The report is of no form that is known.
#[derive(Debug, Error, Diagnostic)]
pub enum CompareError {
    #[error("`{name}` is not JSON: line {line}")]
    #[diagnostic(code(tightlip::compare::not_json), help("have the other tool write its report as JSON or SARIF"))]
    NotJson { name: String, line: usize },
    #[error("`{name}` is no report of a tool that is known")]
    #[diagnostic(
        code(tightlip::compare::unknown),
        help(
            "known are gitleaks, betterleaks, trufflehog, kingfisher, detect-secrets and secretlint JSON, and SARIF of any tool"
        )
    )]
    Unknown { name: String },
}

/// Reads a report; which tool wrote it is told by its shape.
///
/// # Errors
/// It is no JSON, or of no shape that is known. No error quotes it.
pub fn read(name: &str, bytes: &[u8]) -> Result<Theirs, CompareError> {
    shapes::read(name, bytes)
}

impl Reported {
    /// How a finding of ours, in the same file, stands to it.
    #[must_use]
    pub fn same(&self, sight: &Sight<'_>) -> Option<Same> {
        let same_value = match &self.value {
            Value::Unknown => false,
            Value::Clear(value) => sight.is(value),
            Value::Sha1(digits) => sight.has_sha1(digits),
            Value::Sha256(digits) => sight.has_sha256(digits),
        };
        let place = &sight.finding.place;
        let meets = place.start.line <= self.end_line && self.line <= place.end.line;
        match (same_value, meets) {
            (true, _) => Some(Same::Value),
            (false, true) => Some(Same::Place),
            (false, false) => None,
        }
    }

    /// Whether the value stands in a text, as far as it is known in clear.
    #[must_use]
    pub fn stands_in(&self, text: &[u8]) -> Option<bool> {
        match &self.value {
            Value::Clear(value) if !value.contains('\n') => {
                Some(memchr::memmem::find(text, value.as_bytes()).is_some())
            }
            _ => None,
        }
    }
}
