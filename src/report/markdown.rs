//! `--format markdown`: a summary and a table, for a comment, a wiki or the summary of a job. Nothing in it that came from
//! the repository is structure, a link or HTML.

use std::collections::HashSet;
use std::fmt::Write as _;
use std::io::{self, Write};

use super::escape::{Code, Markdown as Prose};
use super::grade::Grade;
use super::machine::stale_name;
use super::telling::{masked, short, shown, totals, worst_first};
use super::{Report, Style, number};
use crate::finding::{Decision, Finding};
use crate::outcome::Outcome;

pub(super) struct Markdown {
    style: Style,
    /// No more bytes than this.
    most: usize,
}

impl Markdown {
    pub(super) fn boxed(style: &Style) -> Box<dyn Report> {
        Box::new(Self { style: style.clone(), most: usize::MAX })
    }

    /// What fits where only so many bytes are taken; the rest is counted.
    pub(super) fn within(style: &Style, most: usize) -> Self {
        Self { style: style.clone(), most }
    }
}

impl Report for Markdown {
    fn write(&self, outcome: &Outcome, out: &mut dyn Write) -> io::Result<()> {
        let mut findings = shown(outcome, &self.style);
        worst_first(&mut findings);
        let mut text = head(outcome);
        gaps(outcome, &mut text);
        let advice = advice(&findings);
        let room = self.most.saturating_sub(text.len() + advice.len() + 500);
        table(&findings, room, &mut text);
        if text.len() + advice.len() + 100 < self.most {
            text.push_str(&advice);
        }
        stale(outcome, &mut text);
        out.write_all(text.as_bytes())
    }
}

fn head(outcome: &Outcome) -> String {
    let blocked = outcome.count("block");
    let verdict = match (outcome.gaps.is_empty(), blocked) {
        (false, _) => "not everything could be read",
        (true, 0) => "nothing blocks",
        (true, 1) => "one finding blocks",
        (true, _) => "findings block",
    };
    format!("## tightlip: {verdict}\n\n{}.\n\n", Prose(&totals(outcome)))
}

fn gaps(outcome: &Outcome, text: &mut String) {
    const MOST: usize = 100;
    if outcome.gaps.is_empty() {
        return;
    }
    text.push_str("### Not read\n\n| path | why |\n|---|---|\n");
    for gap in outcome.gaps.iter().take(MOST) {
        writeln!(text, "| {} | {} |", Code(&short(&gap.path, 1000)), Prose(&short(&gap.why, 1000)))
            .expect("a String takes every character");
    }
    if outcome.gaps.len() > MOST {
        writeln!(text, "\nand {} more.", number::count((outcome.gaps.len() - MOST) as u64))
            .expect("a String takes every character");
    }
    text.push('\n');
}

fn table(findings: &[&Finding], room: usize, text: &mut String) {
    if findings.is_empty() {
        return;
    }
    let start = text.len();
    text.push_str("### Findings\n\n| | severity | rule | place | secret | commit | fingerprint |\n|---|---|---|---|---|---|---|\n");
    for (number, finding) in findings.iter().enumerate() {
        let row = row(finding);
        if text.len() - start + row.len() > room {
            let more = number::count((findings.len() - number) as u64);
            writeln!(text, "\nand {more} more, none of them worse: this page takes no more.")
                .expect("a String takes every character");
            break;
        }
        text.push_str(&row);
    }
    text.push('\n');
}

fn row(finding: &Finding) -> String {
    let decision = match finding.decision {
        Decision::Block => "blocks",
        Decision::Warn => "warns",
        Decision::Allow(_) => "allowed",
    };
    let place = format!("{}:{}:{}", finding.place.path, finding.place.start.line, finding.place.start.column);
    let commit = finding.commit.as_ref().map_or("", |commit| commit.id.get(..12).unwrap_or(&commit.id));
    format!(
        "| {decision} | {} | {} | {} | {} | {} | `{}` |\n",
        Prose(&grade(finding)),
        Code(&finding.rule),
        Code(&place),
        Code(&masked(finding).unwrap_or_default()),
        Code(commit),
        finding.fingerprint
    )
}

/// The severity of a secret, the level of a marker, and the tier that it comes to where that is another.
fn grade(finding: &Finding) -> String {
    let name = finding.kind.name();
    match &finding.tier {
        Some(placed) if placed.tier != name => format!("{name}, tier {}", placed.tier),
        _ => name.to_owned(),
    }
}

/// What to do, once for each rule that knows.
fn advice(findings: &[&Finding]) -> String {
    let mut told = HashSet::new();
    let mut text = String::new();
    for finding in findings.iter().filter(|finding| !matches!(finding.decision, Decision::Allow(_))) {
        let Some(revoke) = finding.revoke.as_ref().filter(|_| told.insert(&*finding.rule)) else { continue };
        if Grade::of(&finding.kind) == Grade::Info || text.len() > 100_000 {
            continue;
        }
        writeln!(text, "- {}: {}", Code(&finding.rule), Prose(revoke)).expect("a String takes every character");
    }
    if text.is_empty() { text } else { format!("### What to do\n\n{text}\n") }
}

fn stale(outcome: &Outcome, text: &mut String) {
    const MOST: usize = 50;
    if outcome.stale.is_empty() {
        return;
    }
    text.push_str("### Exceptions that did nothing\n\n");
    for stale in outcome.stale.iter().take(MOST) {
        writeln!(text, "- {}: {}", Code(&short(&stale.place, 1000)), stale_name(stale.why))
            .expect("a String takes every character");
    }
}
