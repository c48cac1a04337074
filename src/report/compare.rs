//! `tightlip compare`: what another tool's report and ours have in common, and why not the rest.

use std::io::{self, Write};

use serde::Serialize;

use super::escape::Escaped;
use super::machine;
use super::number;
use super::style::{Paint, Style};
use super::wrap::Page;
use crate::compare::{Both, Compared, Found, Missed};

/// For people: what only one of them has, each on a line.
pub fn human(compared: &Compared, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let mut page = Page::new(style.width);
    let tool = Escaped(&compared.tool).to_string();
    // A report of our own, of another day or another config.
    let tool = if tool == "tightlip" { "the report".to_owned() } else { tool };
    let heading = |what: &str, count: usize| {
        style.paint(Paint::Strong, format!("{what}: {}", number::count(count as u64))).to_string()
    };
    page.line(heading("both", compared.both.len()));
    page.line(heading(&format!("only {tool}"), compared.only_theirs.len()));
    for missed in &compared.only_theirs {
        let place = style.paint(Paint::Command, at(&missed.path, missed.line, missed.commit.as_deref()));
        page.line(format_args!("  {place}  {}", Escaped(&missed.rule)));
        page.paragraph("    ", 4, &Escaped(&missed.why.text).to_string());
    }
    page.line(heading("only tightlip", compared.only_ours.len()));
    for found in &compared.only_ours {
        let place = style.paint(Paint::Command, at(&found.path, found.line, None));
        page.line(format_args!("  {place}  {} · {} · score {}", Escaped(&found.rule), found.severity, found.score));
    }
    let placeless = match compared.placeless {
        0 => String::new(),
        more => format!("{}{} of theirs without a place in a file", style.dot(), number::count(more as u64)),
    };
    let itself = match compared.in_report {
        0 => String::new(),
        more => format!("{}{} in the report itself not counted", style.dot(), number::count(more as u64)),
    };
    let theirs = number::of(compared.theirs as u64, "finding", "findings");
    let ours = number::of(compared.ours as u64, "finding", "findings");
    page.line(style.paint(Paint::Faint, format!("{tool} {theirs}{}tightlip {ours}{itself}{placeless}", style.dot())));
    out.write_all(page.text.as_bytes())
}

fn at(path: &str, line: u64, commit: Option<&str>) -> String {
    let commit = commit.map(|id| format!(" (commit {})", id.get(..12).unwrap_or(id))).unwrap_or_default();
    format!("{}:{line}{}", Escaped(path), Escaped(&commit))
}

#[derive(Serialize)]
struct Document<'c> {
    version: u32,
    tool: &'c str,
    complete: bool,
    theirs: usize,
    ours: usize,
    without_place: usize,
    in_report: usize,
    both: Vec<BothRow<'c>>,
    only_theirs: Vec<MissedRow<'c>>,
    only_ours: Vec<FoundRow<'c>>,
}

#[derive(Serialize)]
struct BothRow<'c> {
    path: &'c str,
    line: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    commit: Option<&'c str>,
    their_rule: &'c str,
    rule: &'c str,
    fingerprint: &'c str,
    by: &'static str,
}

#[derive(Serialize)]
struct MissedRow<'c> {
    path: &'c str,
    line: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    commit: Option<&'c str>,
    their_rule: &'c str,
    why: &'static str,
    note: &'c str,
}

#[derive(Serialize)]
struct FoundRow<'c> {
    path: &'c str,
    line: u64,
    rule: &'c str,
    severity: &'c str,
    score: u8,
    fingerprint: &'c str,
}

/// One document.
pub fn json(compared: &Compared, out: &mut dyn Write) -> io::Result<()> {
    let document = Document {
        version: machine::VERSION,
        tool: &compared.tool,
        complete: compared.complete,
        theirs: compared.theirs,
        ours: compared.ours,
        without_place: compared.placeless,
        in_report: compared.in_report,
        both: compared.both.iter().map(both).collect(),
        only_theirs: compared.only_theirs.iter().map(missed).collect(),
        only_ours: compared.only_ours.iter().map(found).collect(),
    };
    let mut pages = io::BufWriter::with_capacity(machine::BUFFER, out);
    machine::write(&document, 2, &mut pages)?;
    pages.flush()
}

fn both(it: &Both) -> BothRow<'_> {
    BothRow {
        path: &it.path,
        line: it.line,
        commit: it.commit.as_deref(),
        their_rule: &it.theirs,
        rule: &it.ours,
        fingerprint: &it.fingerprint,
        by: if it.by_value { "value" } else { "place" },
    }
}

fn missed(it: &Missed) -> MissedRow<'_> {
    MissedRow {
        path: &it.path,
        line: it.line,
        commit: it.commit.as_deref(),
        their_rule: &it.rule,
        why: it.why.code,
        note: &it.why.text,
    }
}

fn found(it: &Found) -> FoundRow<'_> {
    FoundRow {
        path: &it.path,
        line: it.line,
        rule: &it.rule,
        severity: &it.severity,
        score: it.score,
        fingerprint: &it.fingerprint,
    }
}
