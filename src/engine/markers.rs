//! Markers of a file as hits among the others. A prefilter of their own looks at the few lines in which one can stand;
//! the reader of markers is asked only where one of its words is there.

use super::detect::Detector;
use super::hit::{Hit, Specific};
use crate::blob::Blob;
use crate::marker::{self, Folded, Head, Hint, Known, Mark, Marker, Script, Woken};
use crate::rule::{Globs, Match, Rule, Wake};
use crate::span::Span;

/// What the windows of one file tell one another.
#[derive(Debug, Default)]
pub struct Marked {
    /// The head was read, and what came of it.
    known: Option<Known>,
    /// The head, where the file goes on in other windows: it may name its language and its licence.
    head: Vec<u8>,
}

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
            let head = Head { path, text: marker::head(path, blob.text), line };
            let woken = self.woken(path, head.text);
            let mut known = Known::default();
            if !woken.is_empty() {
                looked(Span::new(0, head.text.len()));
                let found;
                (found, known) = marker::in_head(head, blob.text, &self.marker_rules(), &woken);
                hits.extend(found.into_iter().map(|found| self.marker(blob, found)));
            }
            // What begins further down than the first line is a piece, and its end none of a file.
            marked.known = (line == 0).then_some(known);
            marked.head.clear();
            if !blob.last {
                marked.head.extend_from_slice(head.text);
            }
        }
        if let Some(known) = marked.known.as_ref().filter(|_| blob.last) {
            let tail = marker::tail(blob.text);
            let woken = self.woken(path, tail);
            if !woken.is_empty() {
                let start = tail.as_ptr().addr() - blob.text.as_ptr().addr();
                looked(Span::new(start, blob.text.len()));
                let head = if blob.first { marker::head(path, blob.text) } else { &marked.head };
                let told = if blob.first { Some(start) } else { None };
                let head = Head { path, text: head, line: 0 };
                let found = marker::in_tail(head, (tail, told), &self.marker_rules(), &woken, known);
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

    /// Where a word of a rule for markers stands in a part of the file at `path`.
    fn woken(&mut self, path: &str, text: &[u8]) -> Woken {
        if self.slowly {
            return Woken::all();
        }
        let mut woken = Woken::default();
        self.hints(path, text, &mut woken);
        if marker::is_disguised(text) {
            self.hints(path, &Folded::lines(text, Script::Latin), &mut woken);
            self.hints(path, &Folded::lines(text, Script::Own), &mut woken);
        }
        woken
    }

    fn hints(&mut self, path: &str, text: &[u8], woken: &mut Woken) {
        let rules = self.rules;
        let form = |index: usize| match &rules.rule(index).wake {
            Wake::Marks(form) if !rules.is_off(index) => Some(form),
            _ => None,
        };
        let looks_here = |files: &Globs| files.is_empty() || files.matches(path);
        let mut wake = |index: usize, at: usize| {
            if looks_here(&rules.rule(index).files) {
                woken.add(index, at);
            }
        };
        rules.marker_probe().find(text, &mut self.marker_found, |at, literal| match literal.wakes {
            Hint::Rule(index, number) => {
                if form(index).is_some_and(|form| marker::may_stand(&form.literals[number], text, at)) {
                    wake(index, at);
                }
            }
            Hint::Key => {
                let Some(key) = marker::key_at(text, Span::new(at, at + literal.text.len())) else { return };
                let asks = |mark: &Mark| mark.keys().iter().any(|known| marker::ends_in_key(&key, known));
                let asked = |index: &&usize| form(**index).is_some_and(|form| form.marks.iter().any(asks));
                rules.markers().iter().filter(asked).for_each(|index| wake(*index, at));
            }
        });
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
