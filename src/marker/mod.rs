//! Markers: what a text says of who may have it. A small reader finds the places where such a thing is said in earnest,
//! headers, lines for people and values of keys, and folds them; rules say how a marker is written; what speaks against
//! one is a reason beside those for it. Nothing is decided here, and what stands in code or in a string is never a marker.

mod evidence;
mod fold;
mod form;
mod language;
mod lexer;
mod literal;
mod page;
mod region;
mod sight;
mod woken;

use std::cell::OnceCell;

use crate::judge::{Reason, Verdict};
use crate::rule::{Confidence, Issuer, Kind, Rule, Stand, Wake};
use crate::span::Span;
use page::{Page, Zone};
use sight::{Sight, sights};

pub use fold::{Folded, Script, is_disguised};
pub use form::{Companion, Companions, Form, Mark, MarkError, Marks, Places, Shape, ends_in_key, stem};
pub use lexer::HEADER_LINES;
pub use literal::may_stand;
pub use region::{Hint, LAST, head, key_at, literals, said, tail};
pub use woken::Woken;

/// So much of the beginning of a text is read at most.
pub const HEAD: usize = 16 * 1024;

/// A marker in a text, with the evidence on it.
#[derive(Clone, Debug)]
pub struct Marker {
    /// The number of its rule, as it was handed over.
    pub rule: usize,
    /// Where it stands in the text that was handed over.
    pub span: Span,
    pub verdict: Verdict,
}

/// What is known of the markings in a file's head once that has been read: its end is judged by it.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// The rules that saw something there, with its score.
    rules: Vec<(usize, Span, u8)>,
    /// The rule whose marker there says that the text is public.
    public: Option<String>,
    /// The public licence there; looked for when it is first asked.
    licence: OnceCell<Option<&'static str>>,
}

/// The beginning of a file, from the line of the number `line` on, from 0.
#[derive(Clone, Copy, Debug)]
pub struct Head<'t> {
    pub path: &'t str,
    pub text: &'t [u8],
    pub line: u64,
}

impl Known {
    /// By what anybody may have the text whose head this is. Few files have a marker that asks.
    fn published(&self, head: Head<'_>) -> Option<&str> {
        let all = Woken::all();
        let licence = self.licence.get_or_init(|| evidence::public_licence(&Page::head(head, &all)));
        licence.or(self.public.as_deref())
    }
}

/// The markers in a file's head, which is the beginning of `text`. `rules` are all rules for markers in force, by number;
/// only those that are `woken` are looked at, and only where their words stand.
#[must_use]
pub fn in_head(head: Head<'_>, text: &[u8], rules: &[(usize, &Rule)], woken: &Woken) -> (Vec<Marker>, Known) {
    let page = Page::head(head, woken);
    let text = &text[..text.len().min(HEAD)];
    let mut seen = seen(&page, head.path, rules);
    let mut known = Known::default();
    seen.retain(|seen| {
        let public = matches!(&seen.rule.kind, Kind::Marker { level, .. } if level == PUBLIC);
        if public && seen.rule.confidence != Confidence::Low {
            known.public.get_or_insert_with(|| seen.rule.id.to_string());
        }
        !public
    });
    strongest(&mut seen);
    let mut markers: Vec<Marker> = Vec::new();
    for seen in &seen {
        let mut verdict = weigh(seen, head, &known);
        lower(&mut verdict, seen, head.path, text, rules);
        known.rules.push((seen.number, seen.sight.span, verdict.score()));
        markers.push(Marker { rule: seen.number, span: seen.sight.span, verdict });
    }
    (markers, known)
}

/// The marker on the last line of a file, of which `text` is the end. Where it is known that the end begins `start` bytes
/// after the head, nothing is told that the head has told already.
#[must_use]
pub fn in_tail(
    head: Head<'_>,
    (text, start): (&[u8], Option<usize>),
    rules: &[(usize, &Rule)],
    woken: &Woken,
    known: &Known,
) -> Vec<Marker> {
    let page = Page::tail(head, text, woken);
    let mut seen = seen(&page, head.path, rules);
    seen.retain(|seen| !matches!(&seen.rule.kind, Kind::Marker { level, .. } if level == PUBLIC));
    let told = |span: Span| {
        let span = start.map(|start| span.shifted(start));
        known.rules.iter().any(|(_, told, _)| span.is_some_and(|span| told.overlaps(span)))
    };
    seen.retain(|seen| !told(seen.sight.span));
    strongest(&mut seen);
    let mut markers = Vec::new();
    for seen in &seen {
        let before = known.rules.iter().filter(|(rule, ..)| *rule == seen.number).map(|(.., score)| *score).max();
        let mut verdict = weigh(seen, head, known);
        if before.is_some() {
            verdict.add(Reason::new("repeated", REPEATED));
        }
        lower(&mut verdict, seen, head.path, text, rules);
        if before.is_none_or(|before| before < verdict.score()) {
            markers.push(Marker { rule: seen.number, span: seen.sight.span, verdict });
        }
    }
    markers
}

/// Whether the rule, alone, sees a marker in a whole text; what is evidence only counts as well.
#[must_use]
pub fn finds(rule: &Rule, path: &str, text: &[u8]) -> Option<u8> {
    let head = Head { path, text: region::head(path, text), line: 0 };
    let (rules, woken) = ([(0, rule)], Woken::all());
    if let Kind::Marker { level, .. } = &rule.kind
        && level == PUBLIC
    {
        return (!seen(&Page::head(head, &woken), path, &rules).is_empty()).then_some(100);
    }
    let (markers, known) = in_head(head, text, &rules, &woken);
    let tail = region::tail(text);
    let start = tail.as_ptr().addr() - text.as_ptr().addr();
    let last = in_tail(head, (tail, Some(start)), &rules, &woken, &known);
    markers.iter().chain(&last).map(|marker| marker.verdict.score()).max()
}

/// The public licence that a text quotes or names near its top, as the licence's own file does.
#[must_use]
pub fn licence_of(text: &[u8]) -> Option<&'static str> {
    const NAME: &str = "LICENSE";
    let head = Head { path: NAME, text: region::head(NAME, text), line: 0 };
    evidence::public_licence(&Page::head(head, &Woken::all()))
}

/// Puts a public licence against the marker of a rule, if that is a company's.
pub fn publish(verdict: &mut Verdict, rule: &Rule, licence: &str) {
    if matches!(&rule.wake, Wake::Marks(form) if form.issuer == Issuer::Company) {
        doubt(verdict, "public-licence", format!("{licence}, at the repository's root"));
    }
}

/// The level of what is evidence that a text may go, and no finding.
const PUBLIC: &str = "public";

/// What a marker at the top of a file, or the value of a key, is worth beyond its form.
const PROMINENT: i16 = 15;
const REPEATED: i16 = 25;
/// What is in doubt is told, and does not block.
const DOUBT: i16 = 60;
/// A text with so many different markers of one scheme speaks of markings.
const VOCABULARY: usize = 5;

/// A sight and its rule.
struct Seen<'r> {
    number: usize,
    rule: &'r Rule,
    form: &'r Form,
    sight: Sight,
}

fn seen<'r>(page: &Page<'_>, path: &str, rules: &[(usize, &'r Rule)]) -> Vec<Seen<'r>> {
    let mut all: Vec<Seen<'r>> = Vec::new();
    for (number, rule) in rules.iter().filter(|(number, _)| page.woken.has(*number)) {
        let Wake::Marks(form) = &rule.wake else { continue };
        if rule.files.is_empty() || rule.files.matches(path) {
            let found = sights(form, page).into_iter();
            all.extend(found.map(|sight| Seen { number: *number, rule, form, sight }));
        }
    }
    // A portion mark alone is an enumeration, or a sign of copyright.
    let is_portion = |seen: &Seen<'_>| seen.sight.shape == PORTION;
    let counts: Vec<bool> = all
        .iter()
        .map(|one| {
            let same = all.iter().filter(|other| scheme(other.rule) == scheme(one.rule));
            !is_portion(one) || { same }.any(|other| !is_portion(other) || other.sight.span != one.sight.span)
        })
        .collect();
    let mut counts = counts.into_iter();
    all.retain(|_| counts.next().unwrap_or(true));
    all
}

const PORTION: &str = "portion mark";

fn scheme(rule: &Rule) -> &str {
    match &rule.kind {
        Kind::Marker { scheme, .. } => scheme,
        Kind::Secret { .. } => "",
    }
}

/// Of those on the same bytes the one that says most; of those of one rule the first.
fn strongest(all: &mut Vec<Seen<'_>>) {
    all.sort_by_key(|seen| {
        let Sight { span, zone, .. } = seen.sight;
        (std::cmp::Reverse((rank(seen.rule), span.len(), zone)), span.start, seen.number)
    });
    let mut kept: Vec<(usize, Span)> = Vec::new();
    all.retain(|seen| {
        let span = seen.sight.span;
        let told = kept.iter().any(|(number, other)| *number == seen.number || other.overlaps(span));
        if !told {
            kept.push((seen.number, span));
        }
        !told
    });
    all.sort_by_key(|seen| (seen.sight.span.start, seen.number));
}

/// How much a marker asks for, and how sure it is.
fn rank(rule: &Rule) -> (u8, u8) {
    let level = match &rule.kind {
        Kind::Marker { level, .. } => rank_of_level(level),
        Kind::Secret { .. } => 0,
    };
    (level, points(rule.confidence) as u8)
}

/// How much a level asks for; one that is not built in may be the highest.
#[must_use]
pub fn rank_of_level(level: &str) -> u8 {
    match level {
        PUBLIC => 0,
        "internal" => 1,
        "confidential" => 2,
        _ => 3,
    }
}

const fn points(confidence: Confidence) -> i16 {
    match confidence {
        Confidence::High => 75,
        Confidence::Medium => 55,
        Confidence::Low | Confidence::Identifier => 35,
    }
}

/// What speaks for a marker.
fn weigh(seen: &Seen<'_>, head: Head<'_>, known: &Known) -> Verdict {
    let mut verdict = Verdict::default();
    verdict.add(Reason::new("marking", points(seen.rule.confidence)).noted(seen.sight.shape));
    let line = seen.sight.line + 1;
    let (name, note) = match (seen.sight.stand, seen.sight.zone) {
        (Stand::Data, _) => ("value-of-key", format!("line {line}")),
        (_, Zone::End) => ("last-line", String::from("of the file")),
        (Stand::Header, _) => ("header-comment", format!("line {line}")),
        (Stand::Text, _) => ("line-of-text", format!("line {line}")),
    };
    let points = if seen.sight.zone == Zone::Top { PROMINENT } else { 0 };
    verdict.add(Reason::new(name, points).noted(note));
    if seen.form.issuer == Issuer::Company
        && let Some(licence) = known.published(head)
    {
        doubt(&mut verdict, "public-licence", licence.into());
    }
    verdict
}

/// What speaks against it besides a licence.
fn lower(verdict: &mut Verdict, seen: &Seen<'_>, path: &str, text: &[u8], rules: &[(usize, &Rule)]) {
    let Sight { span, describes, .. } = seen.sight;
    if describes && evidence::speaks_of_calls(span.of(text)) {
        verdict.add(Reason::new("describes-a-declaration", -80));
    }
    if evidence::is_sample(path) {
        doubt(verdict, "sample-path", "others' code, samples, or about markings".into());
    }
    if let Some(count) = vocabulary(text, scheme(seen.rule), rules) {
        doubt(verdict, "vocabulary", format!("{count} markers of the scheme stand in it"));
    }
}

/// Takes a verdict down to a warning, and no further.
fn doubt(verdict: &mut Verdict, name: &'static str, note: String) {
    let score = i16::from(verdict.score());
    verdict.add(Reason::new(name, (DOUBT - score).min(0)).noted(note));
}

/// How many different markers of a scheme stand in a text, where they are so many that it speaks of them.
fn vocabulary(text: &[u8], scheme: &str, rules: &[(usize, &Rule)]) -> Option<usize> {
    let of_scheme = rules.iter().filter(|(_, rule)| self::scheme(rule) == scheme);
    let forms: Vec<&Form> =
        of_scheme.filter_map(|(_, rule)| if let Wake::Marks(form) = &rule.wake { Some(form) } else { None }).collect();
    if forms.len() < VOCABULARY {
        return None;
    }
    let mut written = vec![false; forms.len()];
    for piece in evidence::pieces(text) {
        for (form, written) in forms.iter().zip(&mut written).filter(|(_, written)| !**written) {
            *written = sight::is_written(form, piece);
        }
    }
    let count = written.iter().filter(|written| **written).count();
    (count >= VOCABULARY).then_some(count)
}

#[cfg(test)]
mod tests;
