//! Scans blobs as a walk shows them: those that are whole, all of them; those that are made from another, where they differ
//! from it. What was found in what they share is theirs as well, and is carried over.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::judge::{Judge, Kit};
use super::places::{Item, Places};
use super::reach::slices;
use super::tally::Tally;
use super::trail::{Anchor, carry};
use crate::decode::{Encoding, HEAD};
use crate::git::Oid;
use crate::git::pack::{PackError, Piece, Visitor, fresh};
use crate::marker;
use crate::outcome::Gap;
use crate::progress::Observer;
use crate::span::Span;

/// What is known of a blob when those that are made from it are shown.
pub struct Known {
    /// The classes of its paths, which those of the next must be for anything to be carried over.
    set: u32,
    mark_len: usize,
    anchors: Vec<Anchor>,
    /// Nothing is: the next must be judged whole.
    opaque: bool,
}

/// What one thread found.
#[derive(Debug, Default)]
pub struct Seen {
    pub tally: Tally,
    pub gaps: Vec<Gap>,
    /// Too large to be taken apart.
    pub large: Vec<Oid>,
    pub blobs: u64,
    pub bytes: u64,
    /// How many were judged whole, and the bytes of the slices that were looked at of the others.
    pub whole: u64,
    pub sliced: u64,
}

/// The visitor of one thread.
pub struct Blobs<'b> {
    places: &'b Places,
    /// Blobs of the checked-out commit, sorted.
    head: &'b [Oid],
    kit: Kit<'b>,
    judge: Judge<'b>,
    observer: &'b dyn Observer,
    pub seen: Seen,
    fresh: Vec<Span>,
    slices: Vec<Span>,
}

impl<'b> Blobs<'b> {
    pub fn new(places: &'b Places, head: &'b [Oid], kit: Kit<'b>, observer: &'b dyn Observer) -> Self {
        let (fresh, slices) = (Vec::new(), Vec::new());
        Self { places, head, kit, judge: Judge::new(kit), observer, seen: Seen::default(), fresh, slices }
    }

    fn scan(&mut self, piece: &Piece<'_>, base: Option<&Known>, items: &'b [Item], set: u32) -> Known {
        let known = match base.and_then(|base| self.carry(piece, base, items, set)) {
            Some(known) => known,
            None => self.whole(piece, items, set),
        };
        if !known.anchors.is_empty() {
            let in_head = self.head.binary_search(&piece.id).is_ok();
            for held in known.anchors.iter().filter_map(|anchor| anchor.found.as_ref()) {
                self.seen.tally.add(held, items, in_head);
            }
        }
        known
    }

    /// What is known of a blob from the one that it is made from; none where it must be judged whole.
    fn carry(&mut self, piece: &Piece<'_>, base: &Known, items: &'b [Item], set: u32) -> Option<Known> {
        let change = piece.change?;
        if base.opaque || base.set != set {
            return None;
        }
        fresh(change.copied, change.base_len, piece.bytes.len(), &mut self.fresh);
        let in_head = self.fresh.first().is_some_and(|first| first.start <= HEAD);
        if in_head && Encoding::detect(piece.bytes) != (Encoding::Utf8, base.mark_len) {
            return None;
        }
        // A line that goes away can bring another into the part where markers stand.
        let touches_top = self.fresh.first().is_some_and(|first| first.start <= marker::HEAD);
        let touches_end =
            self.fresh.last().is_some_and(|last| last.end + marker::LAST >= piece.bytes.trim_ascii_end().len());
        if touches_top || touches_end {
            let text = piece.bytes.get(base.mark_len..).unwrap_or_default();
            let mut paths = items.iter().map(|item| &self.places.paths[item.path as usize].text);
            if paths.any(|path| self.judge.may_be_marked(text, path)) {
                return None;
            }
        }
        let anchors = carry(&base.anchors, change, piece.bytes.len())?;
        slices(piece.bytes, &self.fresh, &mut self.slices)?;
        let slices = std::mem::take(&mut self.slices);
        let calls = slices.iter().any(|slice| {
            self.seen.sliced += slice.len() as u64;
            // A byte order mark is no part of the text.
            let start = if slice.start == 0 { base.mark_len } else { slice.start };
            let text = piece.bytes.get(start..slice.end).unwrap_or_default();
            items.iter().any(|item| self.judge.calls(text, &self.places.paths[item.path as usize].text, item.class))
        });
        self.slices = slices;
        (!calls).then_some(Known { set, mark_len: base.mark_len, anchors, opaque: false })
    }

    fn whole(&mut self, piece: &Piece<'_>, items: &'b [Item], set: u32) -> Known {
        self.seen.whole += 1;
        let found @ (encoding, mark_len) = Encoding::detect(piece.bytes);
        let mut known = Known { set, mark_len, anchors: Vec::new(), opaque: encoding != Encoding::Utf8 };
        for item in items {
            let path = &self.places.paths[item.path as usize].text;
            let judged = self.judge.whole(piece.bytes, found, path, item.class);
            known.opaque |= judged.exhausted || judged.crowded;
            known.anchors.extend(judged.anchors);
            if judged.exhausted {
                let why = "it unpacks to far more than it holds: encoded content was left unread";
                self.gap(piece.id, items, why.to_owned());
            }
        }
        known
    }

    fn gap(&mut self, id: Oid, items: &[Item], why: String) {
        let path = items.first().map(|item| self.places.paths[item.path as usize].text.as_str());
        let path = path.map_or_else(|| format!("object {id}"), |path| format!("{path} (blob {id})"));
        self.seen.gaps.push(Gap { path, why });
    }
}

impl Visitor for Blobs<'_> {
    type State = Known;

    fn visit(&mut self, piece: &Piece<'_>, base: Option<&Known>) -> Known {
        let opaque = Known { set: 0, mark_len: 0, anchors: Vec::new(), opaque: true };
        let Some((items, set)) = self.places.of(&piece.id).filter(|_| !piece.again) else { return opaque };
        let known = catch_unwind(AssertUnwindSafe(|| self.scan(piece, base, items, set))).unwrap_or_else(|_| {
            self.judge = Judge::new(self.kit);
            self.gap(piece.id, items, "the scanner failed on it: please report this".to_owned());
            opaque
        });
        self.seen.blobs += 1;
        self.seen.bytes += piece.bytes.len() as u64;
        self.observer.done(piece.bytes.len() as u64);
        known
    }

    fn missed(&mut self, id: Oid, error: &PackError) {
        let items = self.places.of(&id).map(|(items, _)| items).unwrap_or_default();
        match error {
            PackError::Large { .. } if items.is_empty() => {}
            PackError::Large { .. } => self.seen.large.push(id),
            _ => self.gap(id, items, error.to_string()),
        }
    }
}
