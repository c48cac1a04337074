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
    join_pairs(&mut hits, rules, report);
    // The strongest first; what is left keeps the order of the text among equals.
    hits.sort_by_key(|hit| std::cmp::Reverse(strength(hit, report)));
    let mut resolved = Resolved::default();
    let mut held = Held::new();
    for hit in hits {
        if let Some(holder) = holder(&held, hit.secret) {
            also(&mut resolved.kept[holder], &hit, rules, report);
            resolved.outranked.push((hit, holder));
            continue;
        }
        let number = resolved.kept.len();
        // An empty one holds no byte, and would hide one that begins at its place.
        if !hit.secret.is_empty() {
            held.insert(hit.secret.start, (hit.secret.end, number));
        }
        // The other half is told by this hit, and by no weaker one on the same bytes.
        if let Some(partner) = hit.partner.filter(|partner| holder(&held, *partner).is_none()) {
            held.insert(partner.start, (partner.end, number));
        }
        resolved.kept.push(hit);
    }
    resolved
}

/// A rule for token runs knows whose value it is, and hardly whether it is a secret: another rule that would report the
/// same value is named as a reason, and its score counts if it is higher. A rule with a literal knows both, and is
/// raised alone: where nothing speaks against the value and another is surer of it, as of a JWT that is somebody's
/// bearer token.
fn also(holder: &mut Hit, hit: &Hit, rules: &RuleSet, report: u8) {
    let holds = |whole: Span, part: Span| whole.start <= part.start && part.end <= whole.end;
    let same = holds(holder.secret, hit.secret) || holds(hit.secret, holder.secret);
    let told = holder.verdict.score() >= report && hit.verdict.score() >= report;
    let known = |id: &str| holder.verdict.reasons.iter().any(|reason| reason.note.as_deref() == Some(id));
    let other = &rules.rule(hit.rule).id;
    let more = i16::from(hit.verdict.score().saturating_sub(holder.verdict.score()));
    let asks = match holder.specific {
        Specific::Run => !is_refuted(holder),
        Specific::Literal => more > 0 && holder.verdict.reasons.iter().all(|reason| reason.weight >= 0),
        Specific::Hotspot | Specific::Assignment | Specific::Marker => false,
    };
    if asks && holder.rule != hit.rule && same && told && !known(other) {
        holder.verdict.add(Reason::new("also-found", more).noted(other.as_ref()));
    }
}

/// By their start: where the bytes that are told end, and the number of the hit that tells them.
type Held = BTreeMap<usize, (usize, usize)>;

/// What is held does not overlap, so only the last that begins before the end of some bytes can hold them.
fn holder(held: &Held, bytes: Span) -> Option<usize> {
    let (_, (end, number)) = held.range(..bytes.end.max(1)).next_back()?;
    (*end > bytes.start).then_some(*number)
}

/// A hit that is reported goes before one that is not, unless the other knows that the value is wrong; then what is
/// known of the value, how sure it is, and how much it covers decide.
fn strength(hit: &Hit, report: u8) -> (bool, Specific, u8, usize) {
    let reported = hit.verdict.score() >= report;
    let refuted = hit.specific == Specific::Literal && is_refuted(hit);
    (reported || refuted, hit.specific, hit.verdict.score(), hit.secret.len())
}

fn is_refuted(hit: &Hit) -> bool {
    hit.verdict.reasons.iter().any(|reason| reason.weight <= REFUTED)
}

/// A hit whose rule names a partner takes the partner's nearest hit into itself, if it will be told: one that comes to
/// nothing, or stands behind another, must not take its partner along.
fn join_pairs(hits: &mut Vec<Hit>, rules: &RuleSet, report: u8) {
    let mut absorbed = vec![false; hits.len()];
    for at in 0..hits.len() {
        let Some(pair) = &rules.rule(hits[at].rule).pair else { continue };
        if absorbed[at] {
            continue;
        }
        let near =
            |other: &Hit| gap(&hits[at], other) <= usize::from(pair.within) && rules.rule(other.rule).id == pair.with;
        // Hits are in the order of the text: a partner has few others between.
        let neighbours = at.saturating_sub(NEIGHBOURS)..hits.len().min(at + NEIGHBOURS);
        let partner = neighbours
            .clone()
            .filter(|other| *other != at && !absorbed[*other] && near(&hits[*other]))
            .min_by_key(|other| gap(&hits[at], &hits[*other]));
        let Some(partner) = partner else { continue };
        let joined = join(&hits[at], &hits[partner], rules);
        let rivals = neighbours.filter(|other| *other != at && !absorbed[*other]).map(|other| &hits[other]);
        let outranks =
            |rival: &Hit| rival.secret.overlaps(joined.secret) && strength(rival, report) > strength(&joined, report);
        if joined.verdict.score() >= report && !rivals.into_iter().any(outranks) {
            absorbed[partner] = true;
            hits[at] = joined;
        }
    }
    let mut keep = absorbed.iter().map(|absorbed| !absorbed);
    hits.retain(|_| keep.next().unwrap_or(true));
}

fn join(hit: &Hit, other: &Hit, rules: &RuleSet) -> Hit {
    let place = Span::new(hit.place.start.min(other.secret.start), hit.place.end.max(other.secret.end));
    let mut joined = Hit { place, partner: Some(other.secret), ..hit.clone() };
    joined.verdict.add(PAIRED.noted(format!("with {}", rules.rule(other.rule).finds)));
    joined
}

/// Bytes between two hits.
fn gap(one: &Hit, other: &Hit) -> usize {
    one.whole.start.saturating_sub(other.whole.end).max(other.whole.start.saturating_sub(one.whole.end))
}
