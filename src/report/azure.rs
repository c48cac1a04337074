//! `--format azure`: logging commands of Azure Pipelines. Whatever came from the repository can neither end a command nor
//! begin one.

use std::io::{self, Write};

use super::escape::Azure as Safe;
use super::telling::{body, headline, shown, totals, worst_first};
use super::{Report, Style};
use crate::finding::{Decision, Finding};
use crate::outcome::Outcome;

pub(super) struct Azure {
    style: Style,
}

impl Azure {
    pub(super) fn boxed(style: &Style) -> Box<dyn Report> {
        Box::new(Self { style: style.clone() })
    }
}

impl Report for Azure {
    fn write(&self, outcome: &Outcome, out: &mut dyn Write) -> io::Result<()> {
        let mut findings = shown(outcome, &self.style);
        worst_first(&mut findings);
        // The page of a run shows the first few alone.
        for gap in &outcome.gaps {
            writeln!(
                out,
                "##vso[task.logissue type=error;sourcepath={};code=tightlip]not read: {}",
                Safe(&gap.path),
                Safe(&gap.why)
            )?;
        }
        for finding in findings {
            issue(finding, out)?;
        }
        writeln!(out, "tightlip: {}", totals(outcome))
    }
}

fn issue(finding: &Finding, out: &mut dyn Write) -> io::Result<()> {
    let place = &finding.place;
    let kind = if finding.decision == Decision::Block { "error" } else { "warning" };
    writeln!(
        out,
        "##vso[task.logissue type={kind};sourcepath={};linenumber={};columnnumber={};code={}]{}",
        Safe(&place.path),
        place.start.line,
        place.start.column,
        Safe(&finding.rule),
        Safe(&format!("{}. {}", headline(finding), body(finding)))
    )
}
