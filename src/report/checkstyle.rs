//! `--format checkstyle`: what many dashboards read, grouped by file.

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::escape::Xml;
use super::telling::{body, headline, shown};
use super::{Report, Style};
use crate::finding::{Decision, Finding};
use crate::outcome::Outcome;

pub(super) struct Checkstyle {
    style: Style,
}

impl Checkstyle {
    pub(super) fn boxed(style: &Style) -> Box<dyn Report> {
        Box::new(Self { style: style.clone() })
    }
}

impl Report for Checkstyle {
    fn write(&self, outcome: &Outcome, out: &mut dyn Write) -> io::Result<()> {
        let mut files: BTreeMap<&str, (Vec<&Finding>, Vec<&str>)> = BTreeMap::new();
        for finding in shown(outcome, &self.style) {
            files.entry(&finding.place.path).or_default().0.push(finding);
        }
        for gap in &outcome.gaps {
            files.entry(&gap.path).or_default().1.push(&gap.why);
        }
        let mut pages = io::BufWriter::with_capacity(super::machine::BUFFER, out);
        writeln!(pages, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<checkstyle version=\"4.3\">")?;
        for (path, (findings, gaps)) in files {
            writeln!(pages, "  <file name=\"{}\">", Xml(path))?;
            for finding in findings {
                error(finding, &mut pages)?;
            }
            for why in gaps {
                writeln!(
                    pages,
                    "    <error line=\"1\" severity=\"error\" message=\"not read: {}\" source=\"tightlip.gap\"/>",
                    Xml(why)
                )?;
            }
            writeln!(pages, "  </file>")?;
        }
        writeln!(pages, "</checkstyle>")?;
        pages.flush()
    }
}

fn error(finding: &Finding, out: &mut impl Write) -> io::Result<()> {
    let severity = match finding.decision {
        Decision::Block => "error",
        Decision::Warn => "warning",
        Decision::Allow(_) => "info",
    };
    let start = finding.place.start;
    writeln!(
        out,
        "    <error line=\"{}\" column=\"{}\" severity=\"{severity}\" message=\"{}. {}\" source=\"tightlip.{}\"/>",
        start.line,
        start.column,
        Xml(&headline(finding)),
        Xml(&body(finding)),
        Xml(&finding.rule)
    )
}
