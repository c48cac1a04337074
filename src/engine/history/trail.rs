//! What is known of a blob that passes on to those made from it: where something was found or may be found, and how much
//! round it must stay as it is for that to stay true.

use crate::finding::Fingerprint;
use crate::git::pack::{Change, Copied};
use crate::span::Span;

/// A part of a blob on which something depends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Anchor {
    /// What it depends on, as far as the blob goes.
    pub extent: Span,
    /// It would reach further, and the blob begins or ends there.
    pub at_start: bool,
    pub at_end: bool,
    /// What was found; none where a rule may find something once this part is another.
    pub found: Option<Held>,
}

/// A finding, as far as it is the same in every blob that has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Held {
    pub fingerprint: Fingerprint,
    /// How severe the decision on it is.
    pub rank: u8,
    /// The class of paths for which it was judged.
    pub class: u32,
}

impl Anchor {
    /// An anchor on `extent`, of a blob of `len` bytes; `from` may lie before its beginning.
    #[must_use]
    pub fn new(from: Option<usize>, to: usize, len: usize, found: Option<Held>) -> Self {
        let extent = Span::new(from.unwrap_or(0).min(len), to.min(len));
        Self { extent, at_start: from.is_none_or(|from| from == 0), at_end: to >= len, found }
    }

    /// Where it stands in a blob that has `run` of this one; none where that is not the whole extent.
    fn carried(&self, run: &Copied, base_len: usize, len: usize) -> Option<Self> {
        let (from_end, to_end) = (run.from + run.len, run.to + run.len);
        let inside = run.from <= self.extent.start && self.extent.end <= from_end;
        let starts = !self.at_start || (run.from == 0 && run.to == 0);
        let ends = !self.at_end || (from_end == base_len && to_end == len);
        let moved = |place: usize| place - run.from + run.to;
        let carry = || Self { extent: Span::new(moved(self.extent.start), moved(self.extent.end)), ..*self };
        (inside && starts && ends).then(carry)
    }
}

/// The anchors of a blob of `len` bytes that is made from one with `anchors`; none where one of them is only partly there,
/// so that the blob must be judged anew. Those that are gone altogether, with all that was in them, are dropped.
#[must_use]
pub fn carry(anchors: &[Anchor], change: Change<'_>, len: usize) -> Option<Vec<Anchor>> {
    let mut carried = Vec::new();
    for anchor in anchors {
        let first = change
            .copied
            .iter()
            .filter(|run| run.from <= anchor.extent.end && anchor.extent.start <= run.from + run.len);
        for run in first {
            carried.push(anchor.carried(run, change.base_len, len)?);
        }
    }
    Some(carried)
}

#[cfg(test)]
mod tests {
    use super::*;

    type Extent = (usize, usize);
    /// Places in the base and in the result, and lengths.
    type Runs = &'static [(usize, usize, usize)];

    fn carried(extent: Extent, copied: Runs, len: usize) -> Option<Vec<Extent>> {
        let anchor = Anchor::new(Some(extent.0), extent.1, 100, None);
        let copied: Vec<Copied> =
            copied.iter().map(|(from, to, len)| Copied { from: *from, to: *to, len: *len }).collect();
        let anchors = carry(&[anchor], Change { base_len: 100, copied: &copied }, len)?;
        Some(anchors.iter().map(|anchor| (anchor.extent.start, anchor.extent.end)).collect())
    }

    #[test]
    fn an_anchor_is_carried_whole_dropped_or_asks_for_a_new_look() {
        let rows: &[(Extent, Runs, usize, Option<&[Extent]>)] = &[
            ((10, 20), &[(0, 0, 100)], 100, Some(&[(10, 20)])),
            ((10, 20), &[(0, 0, 50), (50, 60, 50)], 110, Some(&[(10, 20)])),
            ((60, 70), &[(0, 0, 50), (50, 60, 50)], 110, Some(&[(70, 80)])),
            ((45, 55), &[(0, 0, 50), (50, 60, 50)], 110, None),
            ((45, 50), &[(0, 0, 50), (60, 50, 40)], 90, Some(&[(45, 50)])),
            ((51, 59), &[(0, 0, 50), (60, 50, 40)], 90, Some(&[])),
            ((10, 20), &[(0, 0, 100), (5, 100, 30)], 130, Some(&[(10, 20), (105, 115)])),
            ((0, 20), &[(0, 0, 100)], 100, Some(&[(0, 20)])),
            ((0, 20), &[(0, 5, 100)], 105, None),
            ((90, 100), &[(0, 0, 100)], 105, None),
            ((90, 100), &[(0, 5, 100)], 105, Some(&[(95, 105)])),
        ];
        for (extent, copied, len, expected) in rows {
            assert_eq!(carried(*extent, copied, *len).as_deref(), *expected, "{extent:?} {copied:?}");
        }
    }
}
