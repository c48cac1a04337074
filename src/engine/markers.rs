//! Markers of a file as hits among the others. A prefilter of their own looks at the few lines in which one can stand;
//! the reader of markers is asked only where one of its words is there.

use super::detect::Detector;
use super::hit::{Hit, Specific};
use crate::blob::Blob;
use crate::marker::{self, Folded, Hint, Known, Mark, Marker, Script};
use crate::rule::{Match, Rule, Wake};
use crate::span::Span;

/// What the windows of one file tell one another.
#[derive(Debug, Default)]
pub struct Marked {
    /// The head was read, and what came of it.
    known: Option<Known>,
    /// The first bytes of the file: they may name its language.
    first_bytes: Vec<u8>,
}

/// As long as a first line that starts a program.
const FIRST_BYTES: usize = 128;

impl Detector<'_> {
    /// The markers that the file at `path` has in this window; `looked` is told which part of it decides on them.
    pub fn markers(
        &mut self,
        path: &str,
        blob: &Blob<'_>,
        marked: &mut Marked,
        looked: &mut dyn FnMut(Span),
    ) -> Vec<Hit> {
        let mut hits = Vec::new();
        if blob.binary || self.rules.markers().is_empty() {
            return hits;
        }
        // A diff may call its first line the one before the first.
        let line = blob.start.line.saturating_sub(1);
        if blob.first && line < marker::HEADER_LINES {
            let head = marker::head(path, blob.text);
            let woken = self.woken(path, head);
            let mut known = Known::default();
            if !woken.is_empty() {
                looked(Span::new(0, head.len()));
                let rules = self.marker_rules();
                let found;
                (found, known) = marker::in_head(path, (head, blob.text), line, &rules, &|rule| woken.has(rule));
                hits.extend(found.into_iter().map(|found| self.marker(blob, found)));
            }
            // What begins further down than the first line is a piece, and its end none of a file.
            marked.known = (line == 0).then_some(known);
            marked.first_bytes.clear();
            marked.first_bytes.extend_from_slice(&blob.text[..blob.text.len().min(FIRST_BYTES)]);
        }
        if let Some(known) = marked.known.as_ref().filter(|_| blob.last) {
            let tail = marker::tail(blob.text);
            let woken = self.woken(path, tail);
            if !woken.is_empty() {
                let start = tail.as_ptr().addr() - blob.text.as_ptr().addr();
                looked(Span::new(start, blob.text.len()));
                let rules = self.marker_rules();
                let text = (&marked.first_bytes[..], tail);
                let told = if blob.first { Some(start) } else { None };
                let found = marker::in_tail(path, text, told, &rules, &|rule| woken.has(rule), known);
                hits.extend(found.into_iter().map(|mut found| {
                    found.span = found.span.shifted(start);
                    self.marker(blob, found)
                }));
            }
        }
        hits
    }

    /// Whether a part of the file at `path` has a word by which a marker could be found.
    pub fn may_mark(&mut self, path: &str, text: &[u8]) -> bool {
        !self.rules.markers().is_empty() && !self.woken(path, text).is_empty()
    }

    fn marker_rules(&self) -> Vec<(usize, &Rule)> {
        self.rules.markers().iter().map(|index| (*index, self.rules.rule(*index))).collect()
    }

    fn woken(&mut self, path: &str, text: &[u8]) -> Woken {
        let mut woken = Woken::default();
        self.hints(text, &mut woken);
        if marker::is_disguised(text) {
            let all = Span::new(0, text.len());
            self.hints(&Folded::of(text, all, Script::Latin).bytes, &mut woken);
            self.hints(&Folded::of(text, all, Script::Own).lowered().bytes, &mut woken);
        }
        if !woken.keys.is_empty() {
            let asks = |mark: &Mark| mark.keys().iter().any(|key| woken.keys.iter().any(|known| known == key));
            let is_asked = |index: &&usize| match &self.rules.rule(**index).wake {
                Wake::Marks(form) => form.marks.iter().any(asks),
                _ => false,
            };
            let asked: Vec<usize> = self.rules.markers().iter().filter(is_asked).copied().collect();
            woken.rules.extend(asked);
        }
        woken.rules.retain(|index| {
            let files = &self.rules.rule(*index).files;
            files.is_empty() || files.matches(path)
        });
        woken
    }

    fn hints(&mut self, text: &[u8], woken: &mut Woken) {
        let probe = self.rules.marker_probe();
        let each = |at: usize, literal: &crate::rule::Literal<Hint>| match literal.wakes {
            // `ear` stands in `year`, and `nda` in `standard`.
            Hint::Rule(_) if literal.text.len() <= SHORT && is_within_word(text, at) => {}
            Hint::Rule(index) => woken.rules.push(index),
            Hint::Key => {
                woken.keys.extend(marker::keys_at(text, Span::new(at, at + literal.text.len())).into_iter().flatten());
            }
        };
        if self.slowly {
            probe.find_slowly(text, each);
        } else {
            probe.find(text, &mut self.marker_found, each);
        }
    }

    fn marker(&self, blob: &Blob<'_>, mut marker: Marker) -> Hit {
        if let Some(licence) = self.rules.published() {
            marker::publish(&mut marker.verdict, self.rules.rule(marker.rule), licence);
        }
        let found = Match::new(blob.text, marker.span, marker.span);
        let hit = self.hit(marker.rule, &found, marker.verdict, Specific::Marker, "marking".into());
        // It is said so that it be read, and hides nothing.
        Hit { masked: Span::new(hit.secret.start, hit.secret.start), ..hit }
    }
}

/// A literal of so many bytes begins a word, or is a part of another by chance.
const SHORT: usize = 4;

fn is_within_word(text: &[u8], at: usize) -> bool {
    let is_letter = |at: usize| text.get(at).is_some_and(u8::is_ascii_alphanumeric);
    is_letter(at) && at.checked_sub(1).is_some_and(is_letter)
}

/// The rules of which a word stands in a text.
#[derive(Debug, Default)]
struct Woken {
    rules: Vec<usize>,
    keys: Vec<String>,
}

impl Woken {
    fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    fn has(&self, rule: usize) -> bool {
        self.rules.contains(&rule)
    }
}
