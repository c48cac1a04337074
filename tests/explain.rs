//! `explain` and a scan are two views of one judgement: what one reports, the other must account for.

#![allow(
    clippy::disallowed_methods,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests read files of their own, and may fail"
)]

use std::io::{self, Read};

use tightlip::catalogue::RuleSet;
use tightlip::engine::{Options, explain, scan};
use tightlip::finding::Decision;
use tightlip::policy::Policy;
use tightlip::progress::Silent;
use tightlip::source::{Entry, Lines, Listing, Origin, Reader, Source};
use tightlip::trace::{Trace, TraceOutcome};

/// One text under a name.
struct Memory(String);

impl Memory {
    fn entry() -> Entry {
        Entry { path: "deploy/settings.py".to_owned(), origin: Origin::Stdin, lines: Lines::All, commit: None }
    }
}

impl Source for Memory {
    fn list(&self) -> Listing {
        Listing { entries: vec![Self::entry()], ..Listing::default() }
    }

    fn reader(&self) -> Box<dyn Reader + '_> {
        Box::new(Bytes(self.0.as_bytes()))
    }
}

struct Bytes<'m>(&'m [u8]);

impl Reader for Bytes<'_> {
    fn open<'r>(&'r mut self, _: &Entry) -> io::Result<Box<dyn Read + 'r>> {
        Ok(Box::new(self.0))
    }
}

/// Secrets of several kinds: plain, allowed, wrapped, over many lines, and things that only look like one.
fn text() -> String {
    let key = concat!("AKIA", "257V5HEDQR4EEHK5");
    // base64 of a line with another key.
    let wrapped = concat!("YXdzX2tleV9pZCA9IEFL", "SUEyNTdWNUhFRFFSNEVFSEs1Cg==");
    format!(
        "import os\n\
         key = \"{key}\"\n\
         password = os.environ[\"PASSWORD\"]\n\
         # tightlip: allow aws-access-key-id -- made for the tests\n\
         key = \"{key}\"\n\
         payload = \"{wrapped}\"\n\
         token = \"ghp_tooshort\"\n\
         example = \"{example}\"\n\
         two = \"{key}\", password = \"{second}\"\n",
        second = concat!("hunter2", "Zx9Qr7"),
        example = concat!("AKIA", "IOSFODNN7EXAMPLE"),
    )
}

fn traces(source: &Memory, rules: &RuleSet, policy: &Policy, line: u64) -> Vec<Trace> {
    explain(source, &Memory::entry(), line, rules, policy).expect("memory can be read").traces
}

fn decision(trace: &Trace) -> Option<&Decision> {
    match &trace.outcome {
        TraceOutcome::Judged { decision, below: None, .. } => Some(decision),
        _ => None,
    }
}

#[test]
fn each_line_is_explained_by_what_a_scan_reports_on_it() {
    let source = Memory(text());
    let rules = RuleSet::default();
    let known = rules.rules().map(|(_, rule)| rule.id.clone());
    let policy = Policy::plain(known, tightlip::date::Date::default());
    let outcome = scan(&source, &rules, &policy, Options::default(), &Silent);
    assert!(outcome.findings.len() >= 4, "{:#?}", outcome.findings);
    assert!(outcome.findings.iter().any(|finding| !finding.wrapped.is_empty()));
    assert!(outcome.findings.iter().any(|finding| finding.decision.name() == "allow"));
    for line in 1..=source.0.lines().count() as u64 {
        let traces = traces(&source, &rules, &policy, line);
        let mut told: Vec<_> =
            traces.iter().filter_map(|it| Some((&it.rule, &it.place, &it.excerpt, decision(it)?))).collect();
        told.sort_by_key(|(_, place, ..)| (*place).clone());
        let on_line = outcome.findings.iter().filter(|finding| finding.place.start.line == line);
        let found: Vec<_> = on_line.map(|it| (&it.rule, &it.place, &it.excerpt, &it.decision)).collect();
        assert_eq!(told, found, "line {line}");
    }
}

#[test]
fn what_was_not_found_is_explained_too() {
    let source = Memory(text());
    let rules = RuleSet::default();
    let policy = Policy::default();
    let why = |line: u64, rule: &str| {
        let traces = traces(&source, &rules, &policy, line);
        let trace = traces.into_iter().find(|trace| trace.rule == rule);
        trace.map(|trace| match trace.outcome {
            TraceOutcome::NoMatch(why) => why,
            TraceOutcome::Judged { below: Some(_), .. } => "below".to_owned(),
            TraceOutcome::Judged { .. } => "reported".to_owned(),
            TraceOutcome::Outranked { by } => format!("outranked by {by}"),
        })
    };
    assert_eq!(why(7, "github-personal-access-token").as_deref(), Some("the text here does not have the form"));
    assert_eq!(why(8, "aws-access-key-id").as_deref(), Some("below"));
    assert_eq!(why(1, "aws-access-key-id"), None);
}

#[test]
fn nothing_behind_a_literal_is_shown_where_its_rule_found_nothing() {
    let source = Memory(text());
    let (rules, policy) = (RuleSet::default(), Policy::default());
    for line in 1..=source.0.lines().count() as u64 {
        for trace in traces(&source, &rules, &policy, line) {
            if let TraceOutcome::NoMatch(_) = trace.outcome {
                let shown = trace.excerpt.text.split(trace.woken_by.as_str()).nth(1).unwrap_or_default();
                assert!(shown.bytes().all(|byte| byte == b'*'), "line {line}: {trace:?}");
            }
        }
    }
}
