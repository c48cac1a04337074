//! `--format csv`: a row for each finding and each gap, for a spreadsheet, which takes none of its cells for a formula.

use std::io::{self, Write};

use super::escape::Cell;
use super::telling::{advice, allowed, masked, tier};
use super::{Report, Style, machine};
use crate::finding::{Decision, Finding};
use crate::outcome::Outcome;

pub(super) struct Csv;

impl Csv {
    pub(super) fn boxed(_: &Style) -> Box<dyn Report> {
        Box::new(Self)
    }
}

const HEAD: &str = "path,line,column,end_line,end_column,rule,finds,severity,score,decision,allowed_by,fingerprint,masked,\
commit,author,date,in_head,tier,revoke\n";

impl Report for Csv {
    fn write(&self, outcome: &Outcome, out: &mut dyn Write) -> io::Result<()> {
        let mut pages = io::BufWriter::with_capacity(machine::BUFFER, out);
        pages.write_all(HEAD.as_bytes())?;
        for finding in &outcome.findings {
            row(finding, &mut pages)?;
        }
        for gap in &outcome.gaps {
            writeln!(pages, "{},,,,,,{},,,gap,,,,,,,,,", Cell(&gap.path), Cell(&format!("not read: {}", gap.why)))?;
        }
        pages.flush()
    }
}

fn row(finding: &Finding, out: &mut impl Write) -> io::Result<()> {
    let (start, end) = (finding.place.start, finding.place.end);
    let by = if let Decision::Allow(by) = &finding.decision { allowed(by) } else { String::new() };
    let commit = finding.commit.as_deref();
    let in_head = match commit.and_then(|commit| commit.in_head) {
        None => "",
        Some(true) => "yes",
        Some(false) => "no",
    };
    write!(out, "{},{},{},{},{},", Cell(&finding.place.path), start.line, start.column, end.line, end.column)?;
    write!(
        out,
        "{},{},{},{},{},{},{},{},",
        Cell(&finding.rule),
        Cell(&finding.finds),
        Cell(finding.kind.name()),
        finding.verdict.score(),
        finding.decision.name(),
        Cell(&by),
        Cell(&finding.fingerprint.to_string()),
        Cell(&masked(finding).unwrap_or_default()),
    )?;
    writeln!(
        out,
        "{},{},{},{in_head},{},{}",
        Cell(commit.map_or("", |commit| &commit.id)),
        Cell(commit.map_or("", |commit| &commit.author)),
        commit.map(machine::day).unwrap_or_default(),
        Cell(&tier(finding).unwrap_or_default()),
        Cell(&advice(finding)),
    )
}
