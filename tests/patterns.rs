//! Every built-in pattern as a program finds what it finds as a regex: in texts that match it, and in texts that nearly do.

use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Class, Hir, HirKind};
use tightlip::catalogue::builtin_rules;
use tightlip::rule::{Pattern, Rule};

#[test]
fn a_program_finds_what_the_regex_finds() {
    let mut roll = Roll(17);
    let (mut found, mut missed, mut exhausted) = (0, 0, 0);

    for rule in builtin_rules() {
        let Some(pattern) = rule.pattern() else { continue };
        assert!(!pattern.program().code().is_empty(), "{} has no program", rule.id);
        let ignore_case = pattern.ignores_case();
        let mut parser = ParserBuilder::new().unicode(false).utf8(false).case_insensitive(ignore_case).build();
        let hir = parser.parse(pattern.source()).expect("a checked pattern");
        for round in 0..40 {
            let text = text(&hir, round % 4, &mut roll);
            for at in places(rule, pattern, &text) {
                let slow = pattern.find_slowly(&text, at);
                let Ok(fast) = pattern.find_by_program(&text, at) else {
                    exhausted += 1;
                    continue;
                };
                assert_eq!(fast, slow, "{} at {at} in {}", rule.id, text.escape_ascii());
                found += usize::from(fast.is_some());
                missed += usize::from(fast.is_none());
            }
        }
    }
    assert!(found > 3_000 && missed > 500, "{found} found and {missed} missed");
    assert!(exhausted * 200 < found, "{exhausted} of {found} were too much");
}

/// Where the rule would be tried.
fn places(rule: &Rule, pattern: &Pattern, text: &[u8]) -> Vec<usize> {
    let same = |there: &[u8], literal: &[u8]| {
        if pattern.ignores_case() { there.eq_ignore_ascii_case(literal) } else { there == literal }
    };
    let begins = |at: &usize| {
        let stands = |literal: &[u8]| text.get(*at..at + literal.len()).is_some_and(|there| same(there, literal));
        rule.literals().is_empty() || rule.literals().iter().any(|literal| stands(literal.as_bytes()))
    };
    (0..text.len()).filter(begins).collect()
}

/// A match of the pattern between other bytes, twice or once, with some of its bytes changed.
fn text(hir: &Hir, changes: usize, roll: &mut Roll) -> Vec<u8> {
    let mut text = b"x = \"".to_vec();
    write(hir, &mut text, roll);
    text.extend([b" \";:", b"abcd", b"0==/"][roll.below(3)]);
    if roll.below(3) == 0 {
        write(hir, &mut text, roll);
    }
    for _ in 0..changes {
        let (at, from) = (roll.below(text.len()), roll.below(text.len()));
        match roll.below(3) {
            0 => text[at] = text[from],
            1 => text[at] = roll.below(256) as u8,
            _ => drop(text.remove(at)),
        }
    }
    text
}

/// One of the texts that match.
fn write(hir: &Hir, text: &mut Vec<u8>, roll: &mut Roll) {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => {}
        HirKind::Literal(literal) => text.extend(&literal.0),
        HirKind::Class(Class::Bytes(class)) => {
            let range = class.ranges()[roll.below(class.ranges().len())];
            text.push(range.start() + roll.below(usize::from(range.len() as u8).max(1)) as u8);
        }
        HirKind::Class(Class::Unicode(class)) => {
            let range = class.ranges()[roll.below(class.ranges().len())];
            let bytes: Vec<u8> = (range.start()..=range.end()).filter_map(|letter| u8::try_from(letter).ok()).collect();
            text.push(bytes[roll.below(bytes.len())]);
        }
        HirKind::Capture(capture) => write(&capture.sub, text, roll),
        HirKind::Concat(parts) => parts.iter().for_each(|part| write(part, text, roll)),
        HirKind::Alternation(ways) => write(&ways[roll.below(ways.len())], text, roll),
        HirKind::Repetition(repetition) => {
            let (least, most) = (repetition.min as usize, repetition.max.unwrap_or(repetition.min + 3) as usize);
            // Long ones cost time and show nothing more.
            let more = roll.below(most.min(least + 40) - least + 1);
            (0..least + more).for_each(|_| write(&repetition.sub, text, roll));
        }
    }
}

/// Numbers that are the same in each run.
struct Roll(u64);

impl Roll {
    fn below(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % sides
    }
}
