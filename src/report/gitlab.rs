//! `--format gitlab`: a secret detection report of GitLab, version 15.2. Its texts are Markdown there. The field for the
//! secret itself stays out.

use std::collections::HashMap;
use std::io::{self, Write};

use serde::Serialize;

use super::clock::moment;
use super::escape::{Code, Escaped, Markdown};
use super::grade::Grade;
use super::telling::{advice, capital, is_address, masked, short, shown, tier, why};
use super::{Report, Style, machine};
use crate::finding::{Decision, Finding};
use crate::outcome::Outcome;

pub(super) struct Gitlab {
    style: Style,
}

impl Gitlab {
    pub(super) fn boxed(style: &Style) -> Box<dyn Report> {
        Box::new(Self { style: style.clone() })
    }
}

impl Report for Gitlab {
    fn write(&self, outcome: &Outcome, out: &mut dyn Write) -> io::Result<()> {
        let mut seen = HashMap::new();
        let findings = shown(outcome, &self.style);
        let document = Document {
            version: "15.2.1",
            scan: Scan::new(outcome, self.style.now),
            vulnerabilities: findings.into_iter().map(|finding| Vulnerability::new(finding, &mut seen)).collect(),
        };
        let mut pages = io::BufWriter::with_capacity(machine::BUFFER, out);
        machine::write(&document, 2, &mut pages)?;
        pages.flush()
    }
}

#[derive(Serialize)]
struct Document {
    version: &'static str,
    scan: Scan,
    vulnerabilities: Vec<Vulnerability>,
}

#[derive(Serialize)]
struct Scan {
    analyzer: Program,
    scanner: Program,
    #[serde(rename = "type")]
    kind: &'static str,
    start_time: String,
    end_time: String,
    status: &'static str,
    messages: Vec<Message>,
}

#[derive(Clone, Copy, Serialize)]
struct Program {
    id: &'static str,
    name: &'static str,
    version: &'static str,
    vendor: Vendor,
}

#[derive(Clone, Copy, Serialize)]
struct Vendor {
    name: &'static str,
}

#[derive(Serialize)]
struct Message {
    level: &'static str,
    value: String,
}

impl Scan {
    /// So many gaps are told one by one.
    const MOST: usize = 1000;

    fn new(outcome: &Outcome, now: u64) -> Self {
        let program = Program {
            id: "tightlip",
            name: "tightlip",
            version: env!("CARGO_PKG_VERSION"),
            vendor: Vendor { name: "tightlip" },
        };
        let gap = |gap: &crate::outcome::Gap| Message {
            level: "fatal",
            value: format!("not read: {}: {}", Escaped(&gap.path), Escaped(&gap.why)),
        };
        let mut messages: Vec<Message> = outcome.gaps.iter().take(Self::MOST).map(gap).collect();
        if outcome.gaps.len() > Self::MOST {
            messages.push(Message { level: "fatal", value: format!("{} were not read in all", outcome.gaps.len()) });
        }
        Self {
            analyzer: program,
            scanner: program,
            kind: "secret_detection",
            start_time: moment(now.saturating_sub(outcome.elapsed.as_secs())),
            end_time: moment(now),
            status: if outcome.gaps.is_empty() { "success" } else { "failure" },
            messages,
        }
    }
}

#[derive(Serialize)]
struct Vulnerability {
    id: String,
    name: String,
    description: String,
    severity: &'static str,
    solution: String,
    location: Location,
    identifiers: Vec<Identifier>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    links: Vec<Link>,
}

#[derive(Serialize)]
struct Location {
    file: String,
    commit: Commit,
    start_line: u64,
    end_line: u64,
}

#[derive(Serialize)]
struct Commit {
    sha: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    author: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    date: Option<String>,
}

#[derive(Serialize)]
struct Identifier {
    #[serde(rename = "type")]
    kind: &'static str,
    name: String,
    value: String,
}

#[derive(Serialize)]
struct Link {
    url: String,
}

impl Vulnerability {
    fn new(finding: &Finding, seen: &mut HashMap<[u8; 12], u32>) -> Self {
        let times = seen.entry(finding.fingerprint.0).or_default();
        *times += 1;
        let rule = Escaped(&short(&finding.rule, 200)).to_string();
        let masked = masked(finding).map(|masked| format!(" {}", Code(&masked))).unwrap_or_default();
        let tier = tier(finding).map(|tier| format!("; {tier}")).unwrap_or_default();
        let description = format!(
            "{}:{masked}. {}. Fingerprint {}.",
            Markdown(&finding.finds),
            Markdown(&format!("{}{tier}", capital(&why(finding)))),
            finding.fingerprint
        );
        let identifier = |kind, name: String, value: String| Identifier { kind, name, value };
        Self {
            // A value has one fingerprint wherever it stands, and each place is one of GitLab's.
            id: format!("{}-{times}", finding.fingerprint),
            name: short(&Markdown(&finding.finds).to_string(), 250).into_owned(),
            description,
            severity: severity(finding),
            solution: short(&Markdown(&advice(finding)).to_string(), 7000).into_owned(),
            location: Location {
                file: Escaped(&finding.place.path).to_string(),
                commit: Commit::of(finding),
                start_line: finding.place.start.line,
                end_line: finding.place.end.line,
            },
            identifiers: vec![
                identifier("tightlip_rule", format!("tightlip rule {rule}"), rule),
                identifier("tightlip_fingerprint", "tightlip fingerprint".to_owned(), finding.fingerprint.to_string()),
            ],
            links: finding
                .docs
                .iter()
                .filter(|docs| is_address(docs))
                .map(|docs| Link { url: docs.to_string() })
                .collect(),
        }
    }
}

fn severity(finding: &Finding) -> &'static str {
    if matches!(finding.decision, Decision::Allow(_)) {
        return "Info";
    }
    match Grade::of(&finding.kind) {
        Grade::Info => "Info",
        Grade::Low => "Low",
        Grade::Medium => "Medium",
        Grade::High => "High",
        Grade::Critical => "Critical",
    }
}

impl Commit {
    fn of(finding: &Finding) -> Self {
        match &finding.commit {
            Some(commit) => Self {
                sha: Escaped(&commit.id).to_string(),
                author: Some(Escaped(&commit.author).to_string()),
                date: Some(machine::day(commit)),
            },
            // GitLab's own word for what is in no commit.
            None => Self { sha: "0000000".to_owned(), author: None, date: None },
        }
    }
}
