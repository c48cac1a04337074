//! How far the judgement on a place looks, and so which parts of a blob need a look when a part of it is new.
//!
//! Nearly all of it is bounded by a few hundred bytes: a name, its value, the line and the neighbours, a rule's match and
//! the words near it. `MARGIN` is several times that. What goes further is followed by other means: rules with longer
//! matches by the places of their literals, and wrapped payloads by never cutting a text near one.

use crate::catalogue::{RuleIndex, RuleSet};
use crate::rule::{Pattern, Rule, is_token_byte};
use crate::span::Span;

/// What stands further than this from a place does not change what is found there: a name stands up to 1,024 bytes before
/// its value, a value is up to 1,024 bytes long, and lines and neighbours are read for 256 bytes.
pub const MARGIN: usize = 4 * 1024;

/// What is read round a match besides the words that its rule names.
const ROUND: usize = 512;

/// Lines that are longer are not looked for an edge in: such a text is judged whole.
const LONGEST_LINE: usize = 8 * 1024;

/// How far beyond the margin an edge is looked for.
const SEARCHED: usize = 32 * 1024;

/// Near a shorter run of token bytes no payload goes on.
const PAYLOAD: usize = 22;

/// What may stand between two lines of a payload, and the better part of one.
const JOINT: usize = 160;

/// The rules whose matches reach further than the margin.
#[derive(Debug)]
pub struct Reach {
    long: Vec<Option<Far>>,
    /// The furthest that two halves of a credential stand apart.
    pub pair: usize,
}

/// How far a rule looks before and after the place of its literal.
#[derive(Clone, Copy, Debug)]
struct Far {
    back: usize,
    ahead: usize,
}

impl Reach {
    #[must_use]
    pub fn of(rules: &RuleSet) -> Self {
        let long =
            rules.rules().map(|(_, rule)| far(rule)).map(|far| (far.back.max(far.ahead) > MARGIN).then_some(far));
        let pairs = rules.rules().filter_map(|(_, rule)| rule.pair.as_ref()).map(|pair| usize::from(pair.within));
        Self { long: long.collect(), pair: pairs.max().unwrap_or_default() + 2 * ROUND }
    }

    #[must_use]
    pub fn is_long(&self, rule: RuleIndex) -> bool {
        self.long.get(rule).is_some_and(Option::is_some)
    }

    /// What a long rule may look at, that was woken at `place`.
    #[must_use]
    pub fn of_rule(&self, rule: RuleIndex, place: Span) -> Option<Span> {
        let far = (*self.long.get(rule)?)?;
        Some(Span::new(place.start.saturating_sub(far.back), place.end.saturating_add(far.ahead)))
    }
}

fn far(rule: &Rule) -> Far {
    let longest = rule.pattern().map_or(0, |pattern: &Pattern| pattern.longest() as usize);
    let block = rule.block.as_ref().map_or(0, |block| usize::from(block.within));
    let near = rule.near.as_ref().map_or((0, 0), |near| (usize::from(near.before), usize::from(near.after)));
    let checks = rule.checks.iter().filter_map(|check| check.args.number("within")).max().unwrap_or_default();
    // A match may begin so far before its literal, and end so far after.
    let whole = longest + block + checks + ROUND;
    Far { back: longest + checks + near.0 + ROUND, ahead: whole + near.1 }
}

/// The parts of `text` that must be looked at where `fresh` is new: with a margin, and cut between lines where no payload
/// goes on. None where looking at the whole costs no more, or where there is nowhere to cut.
pub fn slices(text: &[u8], fresh: &[Span], into: &mut Vec<Span>) -> Option<()> {
    into.clear();
    let mut sum = 0;
    for span in fresh {
        let end = span.end.saturating_add(MARGIN);
        if let Some(last) = into.last_mut().filter(|last| last.end >= end.min(text.len())) {
            debug_assert!(last.start <= span.start);
            continue;
        }
        let start = edge_before(text, span.start.saturating_sub(MARGIN))?;
        let end = edge_after(text, end)?;
        if let Some(last) = into.last_mut().filter(|last| last.end >= start) {
            sum += end.saturating_sub(last.end);
            last.end = last.end.max(end);
        } else {
            sum += end - start;
            into.push(Span::new(start, end));
        }
        if sum > text.len() / 4 * 3 {
            return None;
        }
    }
    Some(())
}

/// The start of a line at `place` or before it.
fn edge_before(text: &[u8], place: usize) -> Option<usize> {
    let floor = place.saturating_sub(SEARCHED);
    let mut at = place;
    loop {
        let from = at.saturating_sub(LONGEST_LINE);
        let Some(newline) = memchr::memrchr(b'\n', text.get(from..at)?) else {
            return (from == 0).then_some(0);
        };
        at = from + newline;
        if is_calm(text, at + 1) {
            return Some(at + 1);
        }
        if at < floor {
            return None;
        }
    }
}

/// The end of a line at `place` or after it.
fn edge_after(text: &[u8], place: usize) -> Option<usize> {
    let mut at = place;
    loop {
        if at >= text.len() {
            return Some(text.len());
        }
        let to = text.len().min(at + LONGEST_LINE);
        let Some(newline) = memchr::memchr(b'\n', text.get(at..to)?) else {
            return (to == text.len()).then_some(to);
        };
        at += newline + 1;
        if is_calm(text, at) {
            return Some(at);
        }
        if at > place + SEARCHED {
            return None;
        }
    }
}

/// Whether no payload can go on past `place`: no long run of token bytes stands near.
fn is_calm(text: &[u8], place: usize) -> bool {
    let near = text.get(place.saturating_sub(JOINT)..text.len().min(place + JOINT)).unwrap_or_default();
    let mut run = 0;
    near.iter().all(|byte| {
        run = if is_token_byte(*byte) { run + 1 } else { 0 };
        run < PAYLOAD
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(text: &str, fresh: &[(usize, usize)]) -> Option<Vec<(usize, usize)>> {
        let fresh: Vec<Span> = fresh.iter().map(|(start, end)| Span::new(*start, *end)).collect();
        let mut found = Vec::new();
        slices(text.as_bytes(), &fresh, &mut found)?;
        Some(found.iter().map(|span| (span.start, span.end)).collect())
    }

    #[test]
    fn a_slice_has_its_margin_and_whole_lines() {
        let text = "some plain words\n".repeat(10_000);
        let slices = cut(&text, &[(50_000, 50_010), (50_100, 50_100), (90_000, 90_000)]).expect("there are edges");
        assert_eq!(slices.len(), 2);
        for ((start, end), (from, to)) in slices.iter().zip([(50_000, 50_100), (90_000, 90_000)]) {
            assert!(start + MARGIN <= from && to + MARGIN <= *end && end - start < 2 * MARGIN + 200);
            assert!(start % 17 == 0 && end % 17 == 0);
        }
        assert_eq!(cut(&text, &[(0, 0), (text.len(), text.len())]).map(|slices| slices.len()), Some(2));
    }

    #[test]
    fn no_text_is_cut_in_a_payload_or_a_long_line() {
        let payload = format!("{}\n", "Ab3d".repeat(16)).repeat(100);
        let text = format!("{0}{payload}{0}", "some plain words\n".repeat(3_000));
        let inside = 51_000 + payload.len() / 2;
        let slices = cut(&text, &[(inside, inside)]).expect("there are edges");
        assert!(slices.len() == 1 && slices[0].0 < 51_000 && slices[0].1 > 51_000 + payload.len(), "{slices:?}");
        assert_eq!(cut(&payload.repeat(30), &[(90_000, 90_000)]), None);
        assert_eq!(cut(&"words ".repeat(20_000), &[(50_000, 50_000)]), None);
        assert_eq!(cut("short", &[(2, 3)]), None);
    }
}
