//! One value, one hit: of several that claim the same bytes the one that knows most stays, and pairs become one.

use std::collections::BTreeMap;

use super::hit::{Hit, Specific};
use crate::catalogue::RuleSet;
use crate::judge::{Reason, weigh::REFUTED};
use crate::span::Span;

/// The reason that a credential's other half stands near.
const PAIRED: Reason = Reason { name: "paired", weight: 25, note: None };

/// How many hits to each side are asked whether they are the other half.
const NEIGHBOURS: usize = 32;

/// What became of the hits of a text.
#[derive(Debug, Default)]
pub struct Resolved {
    pub kept: Vec<Hit>,
    /// Each with the number of the one in `kept` that holds the same bytes.
    pub outranked: Vec<(Hit, usize)>,
}

/// Joins pairs, then lets the strongest hit on each stretch of bytes win. `report` is the score that counts as found.
#[must_use]
pub fn resolve(mut hits: Vec<Hit>, rules: &RuleSet, report: u8) -> Resolved {
    hits.sort_by_key(|hit| (hit.secret.start, hit.whole.start, hit.rule));
    join_pairs(&mut hits, rules);
    // The strongest first; what is left keeps the order of the text among equals.
    hits.sort_by_key(|hit| std::cmp::Reverse(strength(hit, report)));
    let mut resolved = Resolved::default();
    // What is kept does not overlap, so only the last that begins before a hit's end can hold its bytes.
    let mut held: BTreeMap<usize, (usize, usize)> = BTreeMap::new();
    for hit in hits {
        let before = held.range(..hit.secret.end.max(1)).next_back();
        if let Some((_, (_, holder))) = before.filter(|(_, (end, _))| *end > hit.secret.start) {
            resolved.outranked.push((hit, *holder));
        } else {
            held.insert(hit.secret.start, (hit.secret.end, resolved.kept.len()));
            resolved.kept.push(hit);
        }
    }
    resolved
}

/// A hit that is reported goes before one that is not, unless the other knows that the value is wrong; then what is
/// known of the value, how sure it is, and how much it covers decide.
fn strength(hit: &Hit, report: u8) -> (bool, Specific, u8, usize) {
    let reported = hit.verdict.score() >= report;
    let refuted =
        hit.specific == Specific::Literal && hit.verdict.reasons.iter().any(|reason| reason.weight <= REFUTED);
    (reported || refuted, hit.specific, hit.verdict.score(), hit.secret.len())
}

/// A hit whose rule names a partner takes the partner's nearest hit into itself.
fn join_pairs(hits: &mut Vec<Hit>, rules: &RuleSet) {
    let mut absorbed = vec![false; hits.len()];
    for at in 0..hits.len() {
        let Some(pair) = &rules.rule(hits[at].rule).pair else { continue };
        if absorbed[at] {
            continue;
        }
        let near =
            |other: &Hit| gap(&hits[at], other) <= usize::from(pair.within) && rules.rule(other.rule).id == pair.with;
        // Hits are in the order of the text: a partner has few others between.
        let partner = (at.saturating_sub(NEIGHBOURS)..hits.len().min(at + NEIGHBOURS))
            .filter(|other| *other != at && !absorbed[*other] && near(&hits[*other]))
            .min_by_key(|other| gap(&hits[at], &hits[*other]));
        let Some(partner) = partner else { continue };
        absorbed[partner] = true;
        let other = hits[partner].place;
        let finds = rules.rule(hits[partner].rule).finds.clone();
        let hit = &mut hits[at];
        hit.place = Span::new(hit.place.start.min(other.start), hit.place.end.max(other.end));
        hit.verdict.add(PAIRED.noted(format!("with {finds}")));
    }
    let mut keep = absorbed.iter().map(|absorbed| !absorbed);
    hits.retain(|_| keep.next().unwrap_or(true));
}

/// Bytes between two hits.
fn gap(one: &Hit, other: &Hit) -> usize {
    one.whole.start.saturating_sub(other.whole.end).max(other.whole.start.saturating_sub(one.whole.end))
}
