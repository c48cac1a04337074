//! Weighs the match of a pattern rule: how sure the pattern is, what the rule's checks say, and whether the value is a
//! placeholder.

use super::{Reason, Verdict, check, checks, placeholder};
use crate::rule::{Confidence, Match, Rule};

/// A match is reported from this score on, if the policy says nothing else.
pub const REPORT: u8 = 40;
/// A match blocks from this score on, if the policy says nothing else.
pub const BLOCK: u8 = 70;

/// A reason this strong against a match also silences weaker rules on the same bytes: the structure is known and is wrong.
pub const REFUTED: i16 = -30;

/// The evidence on what a rule with a pattern has matched.
#[must_use]
pub fn weigh(rule: &Rule, found: &Match<'_>) -> Verdict {
    let mut verdict = Verdict::default();
    verdict.add(confidence(rule.confidence));
    if rule.near.is_some() {
        verdict.add(Reason::new("word-near", 10));
    }
    for named in rule.checks.iter() {
        let check = check(&named.name).expect("a rule's checks were looked up when it was loaded");
        verdict.add(check.weigh(found, &named.args));
    }
    let proven = verdict.reasons.iter().any(|reason| reason.weight >= checks::PROVEN);
    // Chance writes a word into a token, and `example` is a word of recovery phrases; chance does not hit a sum.
    let why = placeholder::placeholder(found.secret().expose()).filter(|why| !proven || *why != "placeholder-word");
    verdict.add(why.map(|why| Reason::new(why, -80)));
    verdict
}

/// What a bare match is worth.
const fn confidence(confidence: Confidence) -> Reason {
    match confidence {
        Confidence::High => Reason::new("distinctive-pattern", 75),
        Confidence::Medium => Reason::new("pattern", 55),
        Confidence::Low => Reason::new("weak-pattern", 35),
        Confidence::Identifier => Reason::new("identifier", 20),
    }
}

/// The verdict on a file whose path alone is the finding.
#[must_use]
pub fn weigh_path(rule: &Rule) -> Verdict {
    Verdict { reasons: vec![Reason { name: "file-name", ..confidence(rule.confidence) }] }
}
