//! Findings as SARIF has them.

use std::cell::RefCell;

use serde::{Serialize, Serializer};

use super::hash::LineHashes;
use super::rule::{RuleTable, rule_id};
use super::{Text, message, uri};
use crate::finding::{Allowed, Decision, Finding};
use crate::report::escape::Escaped;
use crate::report::machine;
use crate::report::telling::{body, headline, short};

/// All results, made one at a time.
pub(super) struct Results<'o> {
    pub findings: &'o [&'o Finding],
    pub rules: &'o RuleTable<'o>,
}

impl Serialize for Results<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let hashes = RefCell::new(LineHashes::default());
        serializer.collect_seq(self.findings.iter().map(|finding| {
            let hash = hashes.borrow_mut().of(finding);
            Outcome::new(finding, self.rules, hash)
        }))
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Outcome {
    rule_id: String,
    rule_index: usize,
    level: &'static str,
    message: Text<String>,
    locations: [Location; 1],
    partial_fingerprints: Fingerprints,
    rank: f32,
    #[serde(skip_serializing_if = "Option::is_none")]
    suppressions: Option<[Suppression; 1]>,
    properties: Properties,
}

impl Outcome {
    fn new(finding: &Finding, rules: &RuleTable<'_>, hash: String) -> Self {
        let level = match finding.decision {
            Decision::Block => "error",
            Decision::Warn => "warning",
            Decision::Allow(_) => "note",
        };
        Self {
            rule_id: rule_id(finding),
            rule_index: rules.index(&finding.rule),
            level,
            message: Text::of(message(&format!("{}. {}.", headline(finding), body(finding)))),
            locations: [Location { physical_location: Physical::of(finding) }],
            partial_fingerprints: Fingerprints { line: hash, value: finding.fingerprint.to_string() },
            rank: finding.verdict.score().into(),
            suppressions: Suppression::of(finding),
            properties: Properties::of(finding),
        }
    }
}

#[derive(Serialize)]
struct Fingerprints {
    #[serde(rename = "primaryLocationLineHash")]
    line: String,
    #[serde(rename = "tightlip/v1")]
    value: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Location {
    physical_location: Physical,
}

/// A file as a place, without a line.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Whole {
    physical_location: WholePhysical,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WholePhysical {
    artifact_location: Artifact,
}

impl Whole {
    pub(super) fn new(path: &str) -> Self {
        Self { physical_location: WholePhysical { artifact_location: Artifact::new(path) } }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Physical {
    artifact_location: Artifact,
    region: Region,
    #[serde(skip_serializing_if = "Option::is_none")]
    context_region: Option<Context>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Artifact {
    uri: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    uri_base_id: Option<&'static str>,
}

impl Artifact {
    fn new(path: &str) -> Self {
        let (uri, uri_base_id) = uri(path);
        Self { uri, uri_base_id }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: u64,
    start_column: u64,
    end_line: u64,
    end_column: u64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Context {
    start_line: u64,
    end_line: u64,
    snippet: Text<String>,
}

impl Physical {
    fn of(finding: &Finding) -> Self {
        let (start, end) = (finding.place.start, finding.place.end);
        let region = Region {
            start_line: number(start.line),
            start_column: number(start.column),
            end_line: number(end.line),
            end_column: number(end.column),
        };
        let snippet = short(&finding.excerpt.text, 400);
        let context = Context {
            start_line: region.start_line,
            end_line: region.end_line,
            snippet: Text::of(Escaped(&snippet).to_string()),
        };
        Self {
            artifact_location: Artifact::new(&finding.place.path),
            region,
            context_region: Some(context).filter(|_| !snippet.is_empty()),
        }
    }
}

/// Readers keep lines and columns in 32 bits with a sign.
fn number(number: u64) -> u64 {
    number.clamp(1, i32::MAX as u64)
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Suppression {
    kind: &'static str,
    status: &'static str,
    justification: String,
}

impl Suppression {
    fn of(finding: &Finding) -> Option<[Self; 1]> {
        let Decision::Allow(by) = &finding.decision else { return None };
        let kind = if matches!(by, Allowed::Inline { .. }) { "inSource" } else { "external" };
        let justification = crate::report::telling::allowed(by);
        Some([Self { kind, status: "accepted", justification }])
    }
}

#[derive(Serialize)]
struct Properties {
    score: u8,
    severity: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    commit: Option<Commit>,
}

#[derive(Serialize)]
struct Commit {
    id: String,
    author: String,
    date: String,
}

impl Properties {
    fn of(finding: &Finding) -> Self {
        let commit = finding.commit.as_deref().map(|commit| Commit {
            id: Escaped(&commit.id).to_string(),
            author: Escaped(&short(&commit.author, 200)).to_string(),
            date: machine::day(commit),
        });
        Self { score: finding.verdict.score(), severity: Escaped(finding.kind.name()).to_string(), commit }
    }
}
