//! Where a rule's marks stand on a page. Nothing is weighed here.

use super::fold::Folded;
use super::form::{Companion, Form, Mark, Shape, is_key};
use super::literal::places;
use super::page::{Line, Page, Zone, said_pair};
use crate::rule::{Stand, Text};
use crate::span::Span;

/// A marker as a rule sees it, in the page's text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sight {
    pub span: Span,
    pub shape: &'static str,
    pub stand: Stand,
    pub zone: Zone,
    pub describes: bool,
    /// The line it begins on, from 0.
    pub line: u64,
}

/// All places where a form's marks stand, portion marks included that stand alone.
#[must_use]
pub fn sights(form: &Form, page: &Page<'_>) -> Vec<Sight> {
    let mut found = Vec::new();
    for mark in form.marks.iter() {
        match &mark.shape {
            Shape::Line | Shape::Portion => lines(mark, &form.literals, page, &mut found),
            Shape::Value { .. } => values(mark, page, &mut found),
            Shape::Phrase => phrases(mark, &form.literals, page, &mut found),
        }
    }
    // To fold all lines takes longer than all else: few headers come so far.
    let alone = form.needs.is_empty() && form.unless.is_empty();
    if !(alone || found.is_empty()) {
        let near = Near::of(page);
        found.retain(|sight| {
            let stands = |companion: &Companion| near.has(companion, sight.line);
            form.needs.iter().all(stands) && !form.unless.iter().any(stands)
        });
    }
    found
}

/// Whether any way to write a form is the whole of `piece`, whatever that is a part of.
#[must_use]
pub fn is_written(form: &Form, piece: &[u8]) -> bool {
    let text = Folded::of(piece, Span::new(0, piece.len()), super::fold::Script::Latin);
    let inner = super::page::unframed(&text.bytes);
    let whole = |mark: &Mark| match mark.shape {
        Shape::Line => whole(mark, &text.part(inner), 0),
        Shape::Value { .. } | Shape::Phrase | Shape::Portion => None,
    };
    form.marks.iter().any(|mark| whole(mark).is_some())
}

/// Whether a literal stands in a text, so that a pattern need be held against it: few lines of a header have one. Letters
/// beyond ASCII have another case, which is not looked for here.
fn may_match(text: &Folded, literals: &[Text]) -> bool {
    let stands = |literal: &Text| places(&text.bytes, literal).next().is_some();
    literals.iter().any(stands) || (!text.bytes.is_ascii() && literals.iter().any(|literal| !literal.is_ascii()))
}

fn lines(mark: &Mark, literals: &[Text], page: &Page<'_>, found: &mut Vec<Sight>) {
    for line in page.lines.iter().filter(|line| line.key.is_none() && mark.places.has(line.stand)) {
        let span = line.readings.all().filter(|text| may_match(text, literals)).find_map(|text| {
            let part = match mark.shape {
                Shape::Portion => at_start(mark, text)?,
                _ => whole(mark, text, 0)?,
            };
            Some(text.origin(part, page.text))
        });
        found.extend(
            span.map(|span| line.sight(span, if mark.shape == Shape::Portion { super::PORTION } else { "whole line" })),
        );
    }
}

fn values(mark: &Mark, page: &Page<'_>, found: &mut Vec<Sight>) {
    let keys = mark.keys();
    let known = |key: &str| keys.iter().any(|known| is_key(key, known));
    for line in page.lines.iter().filter(|line| mark.places.has(line.stand)) {
        let span = line.readings.all().find_map(|text| {
            let start = match &line.key {
                Some(key) => known(key).then_some(0)?,
                None => said_pair(&text.bytes).filter(|(key, _)| known(key))?.1.start,
            };
            Some(text.origin(whole(mark, text, start)?, page.text))
        });
        found.extend(span.map(|span| line.sight(span, "value of a key")));
    }
}

fn phrases(mark: &Mark, literals: &[Text], page: &Page<'_>, found: &mut Vec<Sight>) {
    for passage in page.passages.iter().filter(|passage| mark.places.has(passage.stand)) {
        for text in passage.readings.all() {
            let cased = in_its_case(mark, text);
            let text = cased.as_ref().unwrap_or(text);
            for at in literals.iter().flat_map(|literal| places(&text.bytes, literal)) {
                let Some((part, _)) = mark.pattern.find(&text.bytes, at) else { continue };
                let span = text.origin(part, page.text);
                let before = page.text.get(..span.start).unwrap_or_default();
                let line = page_line(page, before);
                let (stand, zone, describes) = (passage.stand, passage.zone, passage.describes);
                let sight = Sight { span, shape: "phrase", stand, zone, describes, line };
                if !found.contains(&sight) {
                    found.push(sight);
                }
            }
        }
    }
}

/// The number of the line after `before`: pages that begin further down count from there.
fn page_line(page: &Page<'_>, before: &[u8]) -> u64 {
    page.first_line + memchr::memchr_iter(b'\n', before).count() as u64
}

/// The match of the mark that is all of `text` from `start` on, but for a sign that ends a sentence.
fn whole(mark: &Mark, text: &Folded, start: usize) -> Option<Span> {
    let cased = in_its_case(mark, text);
    let bytes = &cased.as_ref().unwrap_or(text).bytes;
    let rest = bytes.get(start..)?;
    let cut = rest.iter().rev().take_while(|byte| b".:;!, ".contains(byte)).count();
    let rest = &rest[..rest.len() - cut];
    let mut line = rest.to_vec();
    line.push(b'\n');
    let (found, _) = mark.pattern.find(&line, 0)?;
    (found == Span::new(0, line.len())).then(|| cased_part(text, start, rest.len()))
}

/// Lower case may take more or fewer bytes than the text has: then all of it is meant.
fn cased_part(text: &Folded, start: usize, len: usize) -> Span {
    Span::new(start, (start + len).min(text.bytes.len()))
}

fn at_start(mark: &Mark, text: &Folded) -> Option<Span> {
    mark.pattern.find(&text.bytes, 0).map(|(found, _)| found)
}

/// Patterns know the case of ASCII alone: where it is not to count, other letters are made small.
fn in_its_case(mark: &Mark, text: &Folded) -> Option<Folded> {
    (mark.pattern.ignores_case() && !text.bytes.is_ascii()).then(|| text.lowered())
}

impl Line {
    fn sight(&self, span: Span, shape: &'static str) -> Sight {
        let Self { stand, zone, describes, number: line, .. } = *self;
        Sight { span, shape, stand, zone, describes, line }
    }
}

/// All lines of a page, folded, in lower case.
struct Near {
    lines: Vec<String>,
    first: u64,
}

impl Near {
    fn of(page: &Page<'_>) -> Self {
        let folded = |line: &[u8]| {
            let text = Folded::of(line, Span::new(0, line.len()), super::fold::Script::Own).lowered();
            String::from_utf8_lossy(&text.bytes).into_owned()
        };
        Self { lines: page.text.split(|byte| *byte == b'\n').map(folded).collect(), first: page.first_line }
    }

    fn has(&self, companion: &Companion, line: u64) -> bool {
        let line = (line - self.first.min(line)) as usize;
        let from = line.saturating_sub(companion.lines.into());
        let to = (line + usize::from(companion.lines) + 1).min(self.lines.len());
        let near = self.lines.get(from..to).unwrap_or_default();
        let stands = |word: &&Text| near.iter().any(|line| line.contains(word.as_ref()));
        companion.words.iter().filter(stands).count() >= companion.least.into()
    }
}
