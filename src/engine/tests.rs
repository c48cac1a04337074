//! What must not depend on how a file is cut or how full it is. Cases that a fuzz target found come here.

use std::borrow::Cow;
use std::io::{self, Read};

use super::hit::{Hit, Specific};
use super::redact::Masks;
use super::resolve::resolve;
use super::{Options, scan};
use crate::blob::Windowing;
use crate::catalogue::RuleSet;
use crate::date::Date;
use crate::excerpt::Excerpt;
use crate::finding::Fingerprint;
use crate::judge::{Reason, Verdict};
use crate::policy::Policy;
use crate::progress::Silent;
use crate::rule::{Rule, Wake};
use crate::source::{Entry, Lines, Listing, Origin, Reader, Source};
use crate::span::Span;

struct Memory<'b>(&'b [u8]);

impl Source for Memory<'_> {
    fn list(&self) -> Listing {
        let entry =
            Entry { path: "app/settings.py".to_owned(), origin: Origin::Stdin, lines: Lines::All, commit: None };
        Listing { entries: vec![entry], ..Listing::default() }
    }

    fn reader(&self) -> Box<dyn Reader + '_> {
        Box::new(Memory(self.0))
    }
}

impl Reader for Memory<'_> {
    fn open<'r>(&'r mut self, _: &Entry) -> io::Result<Box<dyn Read + 'r>> {
        Ok(Box::new(self.0))
    }
}

/// The window with the first finding ends between that and the payload, which the same excerpt shows.
#[test]
fn an_excerpt_hides_a_payload_of_the_next_window() {
    let hex = |text: String| text.bytes().map(|byte| format!("{byte:02x}")).collect::<String>();
    let payload = hex(format!("password=\"{}\" ", "zK8pV4mR9tW2xB7q"));
    let rules = RuleSet::default();
    let policy = Policy::plain([""; 0], Date::default());
    for between in [1, 8, 40] {
        let line = format!("password = \"{}\"{}{payload}\n", "hT5nW9vQ2zX7kB4m", " ".repeat(between));
        let margin = Windowing::default().margin;
        let blank = "\n".repeat(margin);
        let text = format!("{blank}{line}{blank}{blank}");
        let excerpts = |own: usize| {
            let options = Options { windowing: Windowing { own, margin }, threads: 1, ..Options::default() };
            let outcome = scan(&Memory(text.as_bytes()), &rules, &policy, options, &Silent);
            outcome.findings.into_iter().map(|finding| finding.excerpt.text).collect::<Vec<_>>()
        };
        let whole = excerpts(1 << 20);
        assert_eq!(whole.len(), 2, "{whole:?}");
        for own in [20, 28, 29] {
            let cut = excerpts(own);
            assert!(
                !cut.iter().any(|excerpt| payload
                    .as_bytes()
                    .windows(8)
                    .any(|part| { excerpt.as_bytes().windows(8).any(|shown| shown == part) })),
                "{own}: {cut:?}"
            );
            assert_eq!(cut, whole, "windows of {own}, {between} blanks");
        }
    }
}

fn hit(start: usize, end: usize, score: i16, rule: usize) -> Hit {
    let place = Span::new(start, end);
    Hit {
        rule,
        whole: place,
        secret: place,
        place,
        masked: place,
        partner: None,
        verdict: Verdict { reasons: vec![Reason::new("test", score)] },
        wrapped: Vec::new(),
        fingerprint: Fingerprint::default(),
        specific: Specific::Assignment,
        woken_by: Cow::Borrowed("test"),
    }
}

/// `start`, `end` and score of the hits; the numbers of those that stay, strongest first.
type Row = (&'static [(usize, usize, i16)], &'static [usize]);

#[test]
fn of_hits_on_the_same_bytes_the_strongest_stays() {
    let rules = RuleSet::default();
    let rule = rules.rules().find(|(_, rule)| rule.pair.is_none()).expect("a rule without a partner").0;
    let rows: &[Row] = &[
        (&[(0, 9, 50), (9, 20, 60)], &[1, 0]),
        (&[(0, 9, 60), (8, 20, 50)], &[0]),
        (&[(5, 9, 50), (0, 20, 60)], &[1]),
        (&[(0, 20, 50), (0, 4, 60), (5, 9, 70), (10, 15, 80)], &[3, 2, 1]),
        (&[(3, 3, 60), (0, 9, 50)], &[0, 1]),
        (&[(0, 9, 60), (3, 3, 50)], &[0]),
        (&[(0, 9, 60), (9, 9, 50)], &[0, 1]),
        (&[(5, 9, 80), (5, 5, 70), (6, 8, 50)], &[0, 1]),
        (&[(0, 5, 60), (10, 15, 60), (4, 11, 50), (5, 10, 40)], &[0, 1, 3]),
    ];
    for (row, expected) in rows {
        let hits: Vec<Hit> = row.iter().map(|(start, end, score)| hit(*start, *end, *score, rule)).collect();
        let resolved = resolve(hits, &rules, 40);
        let number = |hit: &Hit| row.iter().position(|(start, end, _)| hit.secret == Span::new(*start, *end));
        let kept: Vec<usize> = resolved.kept.iter().filter_map(number).collect();
        assert_eq!(kept, *expected, "{row:?}");
        for (lost, holder) in resolved.outranked {
            assert!(resolved.kept[holder].secret.overlaps(lost.secret), "{row:?}: {:?}", lost.secret);
        }
    }
}

#[test]
fn a_rule_takes_the_score_of_another_on_its_value() {
    let rules = RuleSet::default();
    let by_run = |rule: &Rule| matches!(rule.wake, Wake::Run { .. }) && rule.pair.is_none();
    let run = rules.rules().find(|(_, rule)| by_run(rule)).expect("a rule for runs").0;
    let generic = rules.index("generic-api-key").expect("a rule that is there");
    let with = |specific: Specific, rule: usize, end: usize, score: i16| Hit { specific, ..hit(4, end, score, rule) };
    let refuted = |mut hit: Hit| {
        hit.verdict.add(Reason::new("wrong-form", -30));
        hit
    };
    let run_hit = |score: i16| with(Specific::Run, run, 20, score);
    let doubted = |mut hit: Hit| {
        hit.verdict.add(Reason::new("local-host", -5));
        hit
    };
    // What stands against a generic hit of 85; the rule that is left, its score, and whether the other is named.
    let rows = [
        ("warned of", run_hit(45), (run, 85, true)),
        ("surer than the other", run_hit(90), (run, 90, true)),
        ("a part of the other's value", with(Specific::Run, run, 16, 45), (run, 85, true)),
        ("not reported", run_hit(30), (generic, 85, false)),
        ("known to be wrong", refuted(run_hit(75)), (run, 45, false)),
        ("a literal that nothing speaks against", with(Specific::Literal, run, 20, 45), (run, 85, true)),
        ("a literal that is surer", with(Specific::Literal, run, 20, 90), (run, 90, false)),
        ("a literal that knows better", doubted(with(Specific::Literal, run, 20, 55)), (run, 50, false)),
    ];
    for (name, hit, expected) in rows {
        let hits = vec![with(Specific::Assignment, generic, 20, 85), hit];
        let kept = resolve(hits, &rules, 40).kept;
        assert_eq!(kept.len(), 1, "{name}");
        let named = kept[0].verdict.reasons.iter().any(|reason| reason.note.as_deref() == Some("generic-api-key"));
        assert_eq!((kept[0].rule, kept[0].verdict.score(), named), expected, "{name}");
    }
    let apart = vec![with(Specific::Assignment, generic, 20, 85), Hit { secret: Span::new(2, 9), ..run_hit(45) }];
    assert_eq!(resolve(apart, &rules, 40).kept[0].verdict.score(), 45, "another value");
}

#[test]
fn an_excerpt_needs_only_the_masks_near_it() {
    let text: Vec<u8> = (0..2_000_u32).flat_map(|number| format!("{number} ").into_bytes()).collect();
    let mut hits: Vec<Hit> = (0..900).map(|number| hit(number * 9, number * 9 + 1 + number % 7, 50, 0)).collect();
    hits.push(hit(100, 1_000, 50, 0));
    let masks = Masks::of(&hits);
    for hit in &hits {
        let all = Excerpt::of(&text, hit.masked, 1, masks.all(), false);
        assert_eq!(Excerpt::of(&text, hit.masked, 1, masks.near(hit.masked), false), all, "{:?}", hit.masked);
    }
}

#[test]
fn the_sweep_tells_every_sign_that_an_escape_may_begin_with() {
    for (sign, second) in (0..=u8::MAX).flat_map(|sign| (0..=u8::MAX).map(move |second| (sign, second))) {
        let needed = crate::decode::may_begin(sign, second);
        assert_eq!(crate::rule::may_escape(sign, second), needed, "{:?}", [sign, second].escape_ascii().to_string());
    }
}
