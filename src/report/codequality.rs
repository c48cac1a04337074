//! `--format codequality`: the code quality report of GitLab, a list of issues in the form of Code Climate.

use std::collections::HashMap;
use std::io::{self, Write};

use serde::Serialize;

use super::escape::Escaped;
use super::grade::Grade;
use super::telling::{body, headline, shown};
use super::{Report, Style, machine};
use crate::finding::{Decision, Finding};
use crate::outcome::{Gap, Outcome};

pub(super) struct CodeQuality {
    style: Style,
}

impl CodeQuality {
    pub(super) fn boxed(style: &Style) -> Box<dyn Report> {
        Box::new(Self { style: style.clone() })
    }
}

impl Report for CodeQuality {
    fn write(&self, outcome: &Outcome, out: &mut dyn Write) -> io::Result<()> {
        let mut seen = HashMap::new();
        let mut issues: Vec<Issue> = outcome.gaps.iter().enumerate().map(Issue::of_gap).collect();
        issues.extend(shown(outcome, &self.style).into_iter().map(|finding| Issue::new(finding, &mut seen)));
        let mut pages = io::BufWriter::with_capacity(machine::BUFFER, out);
        machine::write(&issues, 1, &mut pages)?;
        pages.flush()
    }
}

#[derive(Serialize)]
struct Issue {
    #[serde(rename = "type")]
    kind: &'static str,
    description: String,
    check_name: String,
    fingerprint: String,
    severity: &'static str,
    categories: [&'static str; 1],
    location: Location,
}

#[derive(Serialize)]
struct Location {
    path: String,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: u64,
    end: u64,
}

impl Issue {
    fn new(finding: &Finding, seen: &mut HashMap<[u8; 12], u32>) -> Self {
        let times = seen.entry(finding.fingerprint.0).or_default();
        *times += 1;
        Self {
            kind: "issue",
            description: format!("{}. {}", headline(finding), body(finding)),
            check_name: Escaped(&finding.rule).to_string(),
            fingerprint: format!("{}-{times}", finding.fingerprint),
            severity: severity(finding),
            categories: ["Security"],
            location: Location {
                path: Escaped(&finding.place.path).to_string(),
                lines: Lines { begin: finding.place.start.line, end: finding.place.end.line },
            },
        }
    }

    /// What was not read would else look like what is clean.
    fn of_gap((number, gap): (usize, &Gap)) -> Self {
        Self {
            kind: "issue",
            description: format!("tightlip could not read this: {}", Escaped(&gap.why)),
            check_name: "tightlip-gap".to_owned(),
            fingerprint: format!("gap-{}", number + 1),
            severity: "blocker",
            categories: ["Security"],
            location: Location { path: Escaped(&gap.path).to_string(), lines: Lines { begin: 1, end: 1 } },
        }
    }
}

fn severity(finding: &Finding) -> &'static str {
    if matches!(finding.decision, Decision::Allow(_)) {
        return "info";
    }
    match Grade::of(&finding.kind) {
        Grade::Info => "info",
        Grade::Low => "minor",
        Grade::Medium => "major",
        Grade::High => "critical",
        Grade::Critical => "blocker",
    }
}
