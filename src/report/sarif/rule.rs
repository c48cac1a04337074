//! Rules as SARIF describes them: what they find, how sure they are, what to do. Built-in ones say more of themselves than
//! a finding holds.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;

use serde::{Serialize, Serializer};

use super::{Text, message};
use crate::catalogue::builtin_rules;
use crate::finding::Finding;
use crate::report::escape::{Code, Escaped, Markdown};
use crate::report::grade::Grade;
use crate::report::telling::{advice, capital, is_address, short};
use crate::rule::{Confidence, Kind, Rule};

/// The rules of a run's results, by id.
pub(super) struct RuleTable<'o> {
    rules: Vec<Known<'o>>,
    index: HashMap<&'o str, usize>,
}

/// A rule, the worst of its findings, and what is built in of it.
struct Known<'o> {
    example: &'o Finding,
    grade: Grade,
    built_in: Option<&'static Rule>,
}

impl<'o> RuleTable<'o> {
    pub(super) fn of(findings: &[&'o Finding]) -> Self {
        let mut worst: BTreeMap<&str, &Finding> = BTreeMap::new();
        for finding in findings {
            let known = worst.entry(&finding.rule).or_insert(finding);
            if Grade::of(&known.kind) < Grade::of(&finding.kind) {
                *known = finding;
            }
        }
        let built_in: HashMap<&str, &Rule> = builtin_rules().iter().map(|rule| (rule.id.as_ref(), rule)).collect();
        let known = |(id, finding): (&&str, &&'o Finding)| Known {
            example: finding,
            grade: Grade::of(&finding.kind),
            built_in: built_in.get(*id).copied(),
        };
        let rules = worst.iter().map(known).collect();
        let index = worst.keys().enumerate().map(|(index, id)| (*id, index)).collect();
        Self { rules, index }
    }

    pub(super) fn index(&self, id: &str) -> usize {
        self.index.get(id).copied().unwrap_or_default()
    }
}

/// A rule's id as it may be shown.
pub(super) fn rule_id(finding: &Finding) -> String {
    Escaped(&short(&finding.rule, 250)).to_string()
}

/// The table as SARIF's array.
pub(super) struct Rules<'o>(pub &'o RuleTable<'o>);

impl Serialize for Rules<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.rules.iter().map(Descriptor::new))
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Descriptor {
    id: String,
    short_description: Text<String>,
    full_description: Text<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    help_uri: Option<String>,
    help: Help,
    default_configuration: Configuration,
    properties: Properties,
}

#[derive(Serialize)]
struct Help {
    text: String,
    markdown: String,
}

#[derive(Serialize)]
struct Configuration {
    level: &'static str,
}

#[derive(Serialize)]
struct Properties {
    tags: Vec<String>,
    precision: &'static str,
    #[serde(rename = "security-severity")]
    severity: &'static str,
    #[serde(rename = "problem.severity")]
    problem: &'static str,
}

impl Descriptor {
    fn new(rule: &Known<'_>) -> Self {
        /// GitHub refuses longer ones.
        const LONGEST: usize = 1000;
        let finding = rule.example;
        let finds = capital(&Escaped(&finding.finds).to_string());
        let gives = finding.gives.as_ref().map(|gives| format!(" {}", Escaped(gives))).unwrap_or_default();
        let level = match rule.grade {
            Grade::Critical | Grade::High | Grade::Medium => "error",
            Grade::Low => "warning",
            Grade::Info => "note",
        };
        Self {
            id: rule_id(finding),
            short_description: Text::of(short(&finds, LONGEST).into_owned()),
            full_description: Text::of(short(&format!("{finds}.{gives}"), LONGEST).into_owned()),
            help_uri: finding.docs.as_deref().filter(|docs| is_address(docs)).map(str::to_owned),
            help: Help { text: message(&help_text(finding)), markdown: help_markdown(finding) },
            default_configuration: Configuration { level },
            properties: Properties {
                tags: tags(rule),
                precision: precision(rule.built_in),
                severity: severity(rule.grade),
                problem: if level == "note" { "recommendation" } else { level },
            },
        }
    }
}

/// GitHub reads these as critical, high, medium and low.
const fn severity(grade: Grade) -> &'static str {
    match grade {
        Grade::Critical => "9.5",
        Grade::High => "8.0",
        Grade::Medium => "5.5",
        Grade::Low => "3.0",
        Grade::Info => "0.1",
    }
}

/// A form with a checksum is hardly ever met by chance.
fn precision(rule: Option<&Rule>) -> &'static str {
    match rule.map(|rule| (rule.confidence, rule.checks.is_empty())) {
        Some((Confidence::High, false)) => "very-high",
        Some((Confidence::High, true)) => "high",
        Some((Confidence::Medium, _)) | None => "medium",
        Some((Confidence::Low | Confidence::Identifier, _)) => "low",
    }
}

/// GitHub shows ten at most, and takes `security-severity` only with the first.
fn tags(rule: &Known<'_>) -> Vec<String> {
    let mut tags = vec!["security".to_owned()];
    match &rule.example.kind {
        Kind::Secret { .. } => tags.extend(["secret".to_owned(), "external/cwe/cwe-798".to_owned()]),
        Kind::Marker { level, scheme } => {
            tags.extend(["classified".to_owned(), "external/cwe/cwe-200".to_owned()]);
            tags.push(format!("level/{}", Escaped(&short(level, 60))));
            tags.push(format!("scheme/{}", Escaped(&short(scheme, 60))));
        }
    }
    let built_in = rule.built_in;
    tags.extend(built_in.and_then(|rule| rule.category).map(|category| format!("category/{}", category.name())));
    tags.extend(built_in.and_then(|rule| rule.provider.as_ref()).map(|provider| format!("provider/{provider}")));
    tags
}

fn help_text(finding: &Finding) -> String {
    let mut text = format!("{}.", capital(&Escaped(&finding.finds).to_string()));
    let what = advice(finding);
    if !what.is_empty() {
        write!(text, " What to do: {}.", what.trim_end_matches('.')).expect("a String takes every character");
    }
    text
}

fn help_markdown(finding: &Finding) -> String {
    let capital = |text: &str| Markdown(&capital(text)).to_string();
    let mut text = format!("**{}**\n", capital(&finding.finds));
    let mut paragraph = |words: &str| {
        text.push('\n');
        text.push_str(words);
        text.push('\n');
    };
    if let Some(gives) = &finding.gives {
        paragraph(&capital(gives));
    }
    match &finding.revoke {
        Some(revoke) => paragraph(&format!("What to do: {}", Markdown(revoke))),
        None => paragraph(&format!("What to do: {}.", advice(finding))),
    }
    if let Some(docs) = finding.docs.as_deref().filter(|docs| is_address(docs)) {
        paragraph(&format!("[The vendor's page]({docs})"));
    }
    let comment = Code(&format!("tightlip: allow {} -- REASON", finding.rule)).to_string();
    paragraph(&format!("If it is no secret, say so in a comment on its line: {comment}"));
    short(&text, 8000).into_owned()
}
