//! `--format github`: annotations for GitHub Actions, at most ten of a type as the runner takes them, the worst first; then
//! all findings, folded away, in the log. Whatever came from the repository can neither end a command nor begin one.

use std::fmt::Write as _;
use std::io::{self, Write};

use super::escape::{Escaped, GithubData, GithubProperty};
use super::telling::{body, headline, shown, totals, worst_first};
use super::{Report, Style, number};
use crate::finding::{Decision, Finding};
use crate::outcome::Outcome;

pub(super) struct Github {
    style: Style,
}

impl Github {
    pub(super) fn boxed(style: &Style) -> Box<dyn Report> {
        Box::new(Self { style: style.clone() })
    }
}

/// Annotations of one type that one step may make; the runner drops what is more.
const MOST: usize = 10;

impl Report for Github {
    fn write(&self, outcome: &Outcome, out: &mut dyn Write) -> io::Result<()> {
        let mut findings = shown(outcome, &self.style);
        worst_first(&mut findings);
        let mut text = String::new();
        type Is = fn(&Decision) -> bool;
        let types: [(&str, Is); 3] = [
            ("error", |decision| *decision == Decision::Block),
            ("warning", |decision| *decision == Decision::Warn),
            ("notice", |decision| matches!(decision, Decision::Allow(_))),
        ];
        for (name, is_of_type) in types {
            let mut annotations: Vec<String> = Vec::new();
            if name == "error" {
                annotations.extend(gaps(outcome));
            }
            let of_type: Vec<_> = findings.iter().filter(|finding| is_of_type(&finding.decision)).collect();
            let room = MOST - annotations.len();
            let told = if of_type.len() > room { room - 1 } else { room };
            annotations.extend(of_type.iter().take(told).map(|finding| annotation(name, finding)));
            if let Some(more @ 1..) = of_type.len().checked_sub(told) {
                annotations.push(format!(
                    "::{name} title=tightlip::{} more of this kind: the log and the summary of this job list them\n",
                    number::count(more as u64)
                ));
            }
            text.extend(annotations);
        }
        text.push_str("::group::tightlip: all findings\n");
        out.write_all(text.as_bytes())?;
        for finding in findings {
            writeln!(out, "{}", line(finding))?;
        }
        for gap in &outcome.gaps {
            writeln!(out, "{}: not read: {}", Escaped(&gap.path), Escaped(&gap.why))?;
        }
        writeln!(out, "::endgroup::\ntightlip: {}", totals(outcome))
    }
}

/// One for all of them: no finding is worth more than to know that not all was read.
fn gaps(outcome: &Outcome) -> Option<String> {
    let first = outcome.gaps.first()?;
    let what = match outcome.gaps.len() - 1 {
        0 => format!("{}: {}", Escaped(&first.path), Escaped(&first.why)),
        more => format!("{}: {}, and {} more", Escaped(&first.path), Escaped(&first.why), number::count(more as u64)),
    };
    Some(format!("::error title=tightlip could not read everything::{}\n", GithubData(&what)))
}

fn annotation(name: &str, finding: &Finding) -> String {
    let (start, end) = (finding.place.start, finding.place.end);
    let mut text = format!(
        "::{name} title={},file={},line={},endLine={}",
        GithubProperty(&finding.finds),
        GithubProperty(&finding.place.path),
        start.line,
        end.line
    );
    // Columns count within one line alone.
    if start.line == end.line {
        write!(text, ",col={},endColumn={}", start.column, end.column).expect("a String takes every character");
    }
    let message = format!("{}: {}. {}", Escaped(&finding.rule), headline(finding), body(finding));
    writeln!(text, "::{}", GithubData(&message)).expect("a String takes every character");
    text
}

/// A finding as a line of a log.
pub(super) fn line(finding: &Finding) -> String {
    let place = &finding.place;
    format!(
        "{}:{}:{}: {}: {}. {}",
        Escaped(&place.path),
        place.start.line,
        place.start.column,
        Escaped(&finding.rule),
        headline(finding),
        body(finding)
    )
}
