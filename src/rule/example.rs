//! A rule's own tests: each hit is found, each miss is not.

use super::probe::places_of;
use super::syntax::{Confidence, ExampleSyntax, RuleSyntax, Scanner};
use super::{Pattern, Rule, Wake, line_starts, pieces, token_runs};
use crate::assign::{KEYWORDS, candidates_at};
use crate::judge::generic::Depth;
use crate::judge::surroundings::Role;
use crate::judge::weigh::{REPORT, weigh, weigh_path};
use crate::judge::{Verdict, generic, hotspot};
use crate::marker;

/// What an author writes into a token so that none stands on disk; removed before the example is used.
const CUT: &str = "{cut}";

/// An example ready for use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Example {
    pub path: String,
    pub text: String,
}

impl From<&ExampleSyntax> for Example {
    fn from(syntax: &ExampleSyntax) -> Self {
        let (path, text) = match syntax {
            ExampleSyntax::Text(text) => ("example.txt", text),
            ExampleSyntax::File { path, text } => (path.as_str(), text),
        };
        Self { path: path.to_owned(), text: text.replace(CUT, "") }
    }
}

/// An example does not do what its list says. The number counts from 1.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum ExampleError {
    #[error("hit {0} is not found")]
    HitMissed(usize),
    #[error("miss {0} is found")]
    MissFound(usize),
}

/// Checks all examples of a rule.
pub fn check(syntax: &RuleSyntax, rule: &Rule) -> Result<(), ExampleError> {
    let wrong = |examples: &[ExampleSyntax], expected: bool| {
        examples.iter().position(|example| finds(rule, &Example::from(example)) != expected)
    };
    match (wrong(&syntax.hits, true), wrong(&syntax.misses, false)) {
        (Some(hit), _) => Err(ExampleError::HitMissed(hit + 1)),
        (_, Some(miss)) => Err(ExampleError::MissFound(miss + 1)),
        (None, None) => Ok(()),
    }
}

/// Whether the rule, alone, reports anything in the example.
#[must_use]
pub fn finds(rule: &Rule, example: &Example) -> bool {
    let text = example.text.as_bytes();
    let enough = if rule.confidence == Confidence::Identifier { 1 } else { REPORT };
    let reported = |verdict: &Verdict| verdict.score() >= enough;
    if matches!(rule.wake, Wake::Path) {
        return rule.files.matches(&example.path) && reported(&weigh_path(rule));
    }
    if !rule.files.is_empty() && !rule.files.matches(&example.path) {
        return false;
    }
    match &rule.wake {
        Wake::Marks(_) => marker::finds(rule, &example.path, text).is_some_and(|score| score >= enough),
        Wake::Literals { .. } | Wake::Run { .. } | Wake::Lines(_) => {
            let places = places(rule, text);
            places.into_iter().filter_map(|at| rule.matches(text, at)).any(|found| reported(&weigh(rule, &found)))
        }
        Wake::Scanner(Scanner::Assignment) => {
            let mut found = false;
            let role = Role::of(&example.path);
            for keyword in KEYWORDS {
                for at in places_of(text, keyword, true) {
                    candidates_at(text, at, &mut |candidate| {
                        let verdict = generic::weigh(text, &candidate, &role, Depth::Enough { report: REPORT });
                        found |= verdict.is_some_and(|(id, _)| id == rule.id);
                    });
                }
            }
            found
        }
        Wake::Scanner(Scanner::Hotspot) => {
            let mut runs = Vec::new();
            token_runs(text, &mut runs);
            runs.into_iter().filter_map(|run| hotspot::weigh(text, run)).any(|verdict| reported(&verdict))
        }
        Wake::Path => false,
    }
}

/// Where the rule would be woken.
fn places(rule: &Rule, text: &[u8]) -> Vec<usize> {
    if matches!(rule.wake, Wake::Lines(_)) {
        return line_starts(text).collect();
    }
    if matches!(rule.wake, Wake::Run { .. }) {
        let (mut runs, mut places) = (Vec::new(), Vec::new());
        token_runs(text, &mut runs);
        for run in runs {
            pieces(text, run, |piece| places.extend(rule.admits(piece.of(text)).then_some(piece.start)));
        }
        return places;
    }
    let ignore_case = rule.pattern().is_some_and(Pattern::ignores_case);
    rule.literals().iter().flat_map(|literal| places_of(text, literal, ignore_case)).collect()
}
