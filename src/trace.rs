//! What became of every place that woke a rule: the material of `tightlip explain`.
//! Like a finding, a trace is owned and safe to print; it holds no byte of a secret outside its excerpt.

use crate::excerpt::Excerpt;
use crate::finding::{Decision, Place};
use crate::judge::Verdict;
use crate::rule::Text;

/// One place at which one rule was asked, and its answer.
#[derive(Clone, Debug)]
pub struct Trace {
    pub rule: Text,
    /// The literal, keyword or shape that made the rule look.
    pub woken_by: String,
    pub place: Place,
    pub excerpt: Excerpt,
    pub outcome: TraceOutcome,
}

/// How far a rule came at one place.
#[derive(Clone, Debug)]
pub enum TraceOutcome {
    /// The rule looked and found nothing; the text says what was missing.
    NoMatch(String),
    /// It matched and was weighed; `below` is the threshold that the score did not reach.
    Judged { verdict: Verdict, decision: Decision, below: Option<u8> },
    /// It matched, and a more specific rule holds the same bytes.
    Outranked { by: Text },
}
