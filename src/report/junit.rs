//! `--format junit`: each finding is a test case, which fails where it blocks and is skipped otherwise. What could not be
//! read is an error, and a clean run one case that passed, so that no reader takes it for a run of nothing.

use std::io::{self, Write};

use super::clock::moment;
use super::escape::Xml;
use super::telling::{body, headline, shown, totals};
use super::{Report, Style};
use crate::finding::{Decision, Finding};
use crate::outcome::Outcome;

pub(super) struct Junit {
    style: Style,
}

impl Junit {
    pub(super) fn boxed(style: &Style) -> Box<dyn Report> {
        Box::new(Self { style: style.clone() })
    }
}

impl Report for Junit {
    fn write(&self, outcome: &Outcome, out: &mut dyn Write) -> io::Result<()> {
        let findings = shown(outcome, &self.style);
        let errors = outcome.gaps.len();
        let failures = findings.iter().filter(|finding| finding.decision == Decision::Block).count();
        let skipped = findings.len() - failures;
        let tests = (findings.len() + errors).max(1);
        let time = outcome.elapsed.as_secs_f64();
        let mut pages = io::BufWriter::with_capacity(super::machine::BUFFER, out);
        writeln!(pages, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
        writeln!(
            pages,
            "<testsuites name=\"tightlip\" tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\" time=\"{time:.3}\">"
        )?;
        writeln!(
            pages,
            "  <testsuite name=\"tightlip\" tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\" skipped=\"{skipped}\" time=\"{time:.3}\" timestamp=\"{}\" hostname=\"localhost\">",
            moment(self.style.now)
        )?;
        for finding in &findings {
            case(finding, &mut pages)?;
        }
        for gap in &outcome.gaps {
            let (path, why) = (Xml(&gap.path), Xml(&gap.why));
            writeln!(pages, "    <testcase classname=\"tightlip.gap\" name=\"{path}\" time=\"0\">")?;
            writeln!(pages, "      <error message=\"not read: {why}\" type=\"gap\">{path}: {why}</error>")?;
            writeln!(pages, "    </testcase>")?;
        }
        if findings.is_empty() && errors == 0 {
            writeln!(pages, "    <testcase classname=\"tightlip\" name=\"no secrets found\" time=\"0\"/>")?;
        }
        writeln!(pages, "    <system-out>{}</system-out>", Xml(&totals(outcome)))?;
        writeln!(pages, "  </testsuite>\n</testsuites>")?;
        pages.flush()
    }
}

fn case(finding: &Finding, out: &mut impl Write) -> io::Result<()> {
    let (place, rule) = (&finding.place, Xml(&finding.rule));
    let (path, line, column) = (Xml(&place.path), place.start.line, place.start.column);
    let (headline, body) = (headline(finding), body(finding));
    let (headline, body) = (Xml(&headline), Xml(&body));
    writeln!(out, "    <testcase classname=\"tightlip.{rule}\" name=\"{path}:{line}:{column}\" time=\"0\">")?;
    if finding.decision == Decision::Block {
        let text = format_args!("{path}:{line}:{column}: {headline}. {body}");
        writeln!(out, "      <failure message=\"{headline}\" type=\"{rule}\">{text}</failure>")?;
    } else {
        writeln!(out, "      <skipped message=\"{headline}. {body}\"/>")?;
    }
    writeln!(out, "    </testcase>")
}
