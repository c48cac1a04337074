//! Reads back what `--format json` and `--format jsonl` wrote, as an outcome like that of a run. Strict about the version
//! and about whatever a decision hangs on; passes over fields that it does not know. What it reads may be hostile: its
//! texts are no safer than those of a scan.

mod intern;
mod merge;
mod raw;

use miette::Diagnostic;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::error::Category;
use thiserror::Error;

use super::machine::VERSION;
use crate::finding::Finding;
use crate::outcome::{Gap, Outcome};
use raw::{RawFinding, RawSummary};

pub use merge::merge;

/// The largest file that is read: some 400,000 findings.
pub const MOST: u64 = 512 << 20;

/// A file is no report that can be read.
#[derive(Debug, Error, Diagnostic)]
pub enum SavedError {
    #[error("`{name}` is not a report of tightlip")]
    #[diagnostic(
        code(tightlip::report::not_a_report),
        help("name a file that `tightlip scan --format json=FILE` or `--format jsonl=FILE` wrote")
    )]
    NotAReport { name: String },
    #[error("`{name}`: line {line}, column {column}: {what}")]
    #[diagnostic(
        code(tightlip::report::damaged),
        help("save the report anew: `tightlip scan --format json=FILE`; what was changed by hand is not read")
    )]
    Damaged { name: String, line: usize, column: usize, what: String },
    #[error("`{name}` {}, and this tightlip reads version {VERSION}", version.map_or_else(|| "names no version of its form".to_owned(), |it| format!("has version {it} of its form")))]
    #[diagnostic(
        code(tightlip::report::version),
        help("save the report with this version of tightlip: `tightlip scan --format json=FILE`")
    )]
    Version { name: String, version: Option<u64> },
    #[error("`{name}`: finding {number}: {what}")]
    #[diagnostic(
        code(tightlip::report::finding),
        help("save the report anew: `tightlip scan --format json=FILE`; what was changed by hand is not read")
    )]
    Finding { name: String, number: usize, what: &'static str },
    #[error("`{name}`: the summary and the findings differ: {what}")]
    #[diagnostic(
        code(tightlip::report::summary),
        help("save the report anew: `tightlip scan --format json=FILE`; a report with findings taken out is not read")
    )]
    Summary { name: String, what: &'static str },
}

/// The outcome that a report tells of; `name` is what errors call it. A JSONL report without its last line comes back
/// with a gap: the run was cut short.
pub fn read(name: &str, bytes: &[u8]) -> Result<Outcome, SavedError> {
    let mut heads = serde_json::Deserializer::from_slice(bytes).into_iter::<Head>();
    let not_a_report = || SavedError::NotAReport { name: name.to_owned() };
    let head = heads.next().ok_or_else(not_a_report)?.map_err(|error| match error.classify() {
        Category::Data => not_a_report(),
        _ => damaged(name, 1, &error),
    })?;
    let (findings, summary) = match head {
        Head { findings: Some(_), .. } => document(name, bytes, head.version)?,
        Head { fingerprint: Some(_), .. } | Head { summary: Some(_), .. } => lines(name, bytes)?,
        _ => return Err(not_a_report()),
    };
    let findings = findings
        .into_iter()
        .enumerate()
        .map(|(number, raw)| {
            raw.checked().map_err(|what| SavedError::Finding { name: name.to_owned(), number: number + 1, what })
        })
        .collect::<Result<Vec<Finding>, _>>()?;
    let Some(summary) = summary else {
        let gap = Gap { path: name.to_owned(), why: "the run that wrote this report was cut short".to_owned() };
        return Ok(Outcome { findings, gaps: vec![gap], ..Outcome::default() });
    };
    summary.outcome(findings).map_err(|what| SavedError::Summary { name: name.to_owned(), what })
}

/// What tells the two forms apart.
#[derive(Deserialize)]
struct Head {
    version: Option<u64>,
    findings: Option<IgnoredAny>,
    summary: Option<IgnoredAny>,
    fingerprint: Option<IgnoredAny>,
}

type Parts = (Vec<RawFinding>, Option<RawSummary>);

fn document(name: &str, bytes: &[u8], version: Option<u64>) -> Result<Parts, SavedError> {
    #[derive(Deserialize)]
    struct Document {
        findings: Vec<RawFinding>,
        summary: RawSummary,
    }
    check_version(name, version)?;
    let document: Document = serde_json::from_slice(bytes).map_err(|error| damaged(name, 1, &error))?;
    Ok((document.findings, Some(document.summary)))
}

fn lines(name: &str, bytes: &[u8]) -> Result<Parts, SavedError> {
    #[derive(Deserialize)]
    struct Last {
        summary: RawSummary,
    }
    let mut findings = Vec::new();
    let mut summary = None;
    for (number, line) in (1..).zip(bytes.split(|byte| *byte == b'\n')) {
        if line.trim_ascii().is_empty() {
            continue;
        }
        let wrong = |error: &serde_json::Error| damaged(name, number, error);
        if summary.is_some() {
            let what = "something stands behind the summary".to_owned();
            return Err(SavedError::Damaged { name: name.to_owned(), line: number, column: 1, what });
        }
        let head: Head = serde_json::from_slice(line).map_err(|error| wrong(&error))?;
        if head.summary.is_some() {
            check_version(name, head.version)?;
            let last: Last = serde_json::from_slice(line).map_err(|error| wrong(&error))?;
            summary = Some(last.summary);
        } else {
            findings.push(serde_json::from_slice(line).map_err(|error| wrong(&error))?);
        }
    }
    Ok((findings, summary))
}

fn check_version(name: &str, version: Option<u64>) -> Result<(), SavedError> {
    if version == Some(u64::from(VERSION)) {
        return Ok(());
    }
    Err(SavedError::Version { name: name.to_owned(), version })
}

/// Says where and what, and nothing of what stands there: the file that was named may be any.
fn damaged(name: &str, first_line: usize, error: &serde_json::Error) -> SavedError {
    let what = match error.classify() {
        Category::Eof => "it ends too early".to_owned(),
        Category::Syntax | Category::Io => "this is not JSON".to_owned(),
        Category::Data => {
            let text = error.to_string();
            let known = text
                .split(" at line ")
                .next()
                .filter(|text| text.starts_with("missing field `") || text.starts_with("duplicate field `"));
            known.unwrap_or("a field has a value of another kind").to_owned()
        }
    };
    let line = first_line + error.line().saturating_sub(1);
    SavedError::Damaged { name: name.to_owned(), line, column: error.column(), what }
}

#[cfg(test)]
mod tests;
