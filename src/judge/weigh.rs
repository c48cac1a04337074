//! Weighs the match of a pattern rule: how sure the pattern is, what the rule's checks say, and whether the value is a
//! placeholder.

use super::standing::Standing;
use super::{Reason, Verdict, check, checks, names, placeholder};
use crate::rule::{Confidence, Match, Rule, Wake};
use crate::span::Span;

/// A match is reported from this score on, if the policy says nothing else.
pub const REPORT: u8 = 40;
/// A match blocks from this score on, if the policy says nothing else.
pub const BLOCK: u8 = 70;

/// A reason this strong against a match also silences weaker rules on the same bytes: the structure is known and is wrong.
pub const REFUTED: i16 = -30;

/// The evidence on what a rule with a pattern has matched.
#[must_use]
pub fn weigh(rule: &Rule, found: &Match<'_>) -> Verdict {
    if let (Wake::Run { .. }, Some(near)) = (&rule.wake, &rule.near) {
        let words = near.places(found.text(), found.whole);
        return weigh_run(rule, found, &words, &Standing::of(found.text(), found.whole));
    }
    let mut verdict = Verdict::default();
    verdict.add(confidence(rule.confidence));
    if rule.near.is_some() {
        verdict.add(Reason::new("word-near", NAMED));
    }
    weigh_value(rule, found, &mut verdict);
    verdict
}

/// What it is worth that one of a rule's words stands where it should.
const NAMED: i16 = 10;

/// The evidence on a token run: as its form says next to nothing, how its words stand to it counts, and what else it may
/// be. `words` are those in reach; there is one.
#[must_use]
pub fn weigh_run(rule: &Rule, found: &Match<'_>, words: &[Span], standing: &Standing<'_>) -> Verdict {
    let mut verdict = Verdict::default();
    verdict.add(confidence(rule.confidence));
    let is_named = words.iter().any(|word| standing.is_named_by(*word));
    verdict.add(if is_named { Reason::new("named", NAMED) } else { Reason::new("word-near", 0) });
    if !finds_ids(rule) {
        verdict.add((!is_named && standing.has_company()).then_some(Reason::new("in-company", COMPANY)));
        verdict.add(standing.against().cloned());
    }
    weigh_value(rule, found, &mut verdict);
    verdict
}

const COMPANY: i16 = -20;

/// Ids stand in file names and lists, and are called ids.
fn finds_ids(rule: &Rule) -> bool {
    rule.id.rsplit('-').next().is_some_and(|last| last == "sid" || names::ends_in_id(last.as_bytes()))
}

/// What a rule for token runs can come to, found out once. Beside a list of digests and a page of vendors' names hundreds
/// of them are woken by each line, and this tells nearly all of them that they need not look.
#[derive(Clone, Copy, Debug, Default)]
pub struct Most {
    points: i16,
    finds_ids: bool,
}

impl Most {
    #[must_use]
    pub fn of(rule: &Rule) -> Self {
        let checks = rule.checks.iter().filter_map(|named| Some(check(&named.name)?.most(&named.args)));
        Self { points: confidence(rule.confidence).weight + checks.sum::<i16>(), finds_ids: finds_ids(rule) }
    }

    /// The most that `weigh_run` can come to at this place.
    #[must_use]
    pub fn at(self, words: &[Span], standing: &Standing<'_>) -> u8 {
        let mut most = self.points;
        if words.iter().any(|word| standing.is_named_by(*word)) {
            most += NAMED;
        } else if !self.finds_ids && standing.has_company() {
            most += COMPANY;
        }
        if !self.finds_ids {
            most += standing.against().map_or(0, |reason| reason.weight);
        }
        u8::try_from(most.clamp(0, 100)).unwrap_or_default()
    }
}

/// What the rule's checks say of the value, and whether it is a stand-in.
fn weigh_value(rule: &Rule, found: &Match<'_>, verdict: &mut Verdict) {
    let before = verdict.reasons.len();
    for named in rule.checks.iter() {
        let check = check(&named.name).expect("a rule's checks were looked up when it was loaded");
        verdict.add(check.weigh(found, &named.args));
    }
    let proven = verdict.reasons.iter().skip(before).any(|reason| reason.weight >= checks::PROVEN);
    // Chance writes a word into a token, and `example` is a word of recovery phrases; chance does not hit a sum.
    let why = placeholder::placeholder(found.secret().expose()).filter(|why| !proven || *why != "placeholder-word");
    verdict.add(why.map(|why| Reason::new(why, -80)));
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::builtin_rules;

    #[test]
    fn a_pattern_alone_proves_nothing_against_a_placeholder_word() {
        let rule = builtin_rules().iter().find(|rule| rule.id == "netrc-password").expect("a built-in rule");
        let score = |text: &str| {
            let at = text.find("password").expect("the literal");
            rule.matches(text.as_bytes(), at).map(|found| weigh(rule, &found).score())
        };
        assert_eq!(score("machine git.acme.io login ci password changeme"), Some(0));
        assert_eq!(score("machine git.acme.io login ci password hunting7"), Some(75));
    }
}
