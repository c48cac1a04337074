//! The way from decoded bytes back to the encoded text: a sorted list of stretches in which each unit has one length.

use crate::span::Span;

/// How many characters of the alphabet hold how many bytes, where the stretches count characters and not bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Packing {
    /// The stretches count decoded bytes.
    None,
    /// Four characters hold three bytes.
    Base64,
    /// Two characters hold a byte.
    Hex,
    /// As base64, and only every second byte was kept: ASCII in UTF-16.
    Base64Utf16 { kept: usize },
}

impl Packing {
    /// The characters that hold the decoded bytes `inner`.
    pub(super) const fn characters(self, inner: Span) -> Span {
        match self {
            Self::None => inner,
            Self::Base64 => Span::new(inner.start * 4 / 3, (inner.end * 4).div_ceil(3)),
            Self::Hex => Span::new(inner.start * 2, inner.end * 2),
            Self::Base64Utf16 { kept } => {
                let start = inner.start * 2 + kept;
                let end = if inner.is_empty() { start } else { (inner.end - 1) * 2 + kept + 1 };
                Self::Base64.characters(Span::new(start, end))
            }
        }
    }
}

/// Units of `inner` decoded and `outer` encoded bytes each, from the given places on.
#[derive(Clone, Copy, Debug)]
struct Stretch {
    inner: usize,
    outer: usize,
    unit: (usize, usize),
}

#[derive(Clone, Debug)]
pub(super) struct Places {
    stretches: Vec<Stretch>,
    inner_end: usize,
    outer_end: usize,
    packing: Packing,
}

impl Places {
    /// No bytes yet, from the place `outer` of the parent on.
    pub(super) const fn new(outer: usize) -> Self {
        Self { stretches: Vec::new(), inner_end: 0, outer_end: outer, packing: Packing::None }
    }

    /// `len` bytes that stand for themselves at `outer`.
    pub(super) fn push_plain(&mut self, outer: usize, len: usize) {
        if len > 0 {
            self.push(outer, (1, 1), len);
        }
    }

    /// One unit: `inner_len` decoded bytes for `outer_len` encoded ones at `outer`.
    pub(super) fn push_unit(&mut self, outer: usize, outer_len: usize, inner_len: usize) {
        if inner_len > 0 {
            self.push(outer, (inner_len, outer_len), 1);
        }
    }

    fn push(&mut self, outer: usize, unit: (usize, usize), count: usize) {
        let continues = outer == self.outer_end && self.stretches.last().is_some_and(|last| last.unit == unit);
        if !continues {
            self.stretches.push(Stretch { inner: self.inner_end, outer, unit });
        }
        self.inner_end += unit.0 * count;
        self.outer_end = outer + unit.1 * count;
    }

    /// The same for the plain characters `part` alone, read as `packing` says.
    pub(super) fn part(&self, part: Span, packing: Packing) -> Self {
        let first = self.index(part.start);
        let mut places = Self { packing, ..Self::new(self.outer_end) };
        for (index, stretch) in self.stretches.iter().enumerate().skip(first) {
            let end = self.stretches.get(index + 1).map_or(self.inner_end, |next| next.inner).min(part.end);
            let start = stretch.inner.max(part.start);
            if start >= end {
                break;
            }
            places.push_plain(stretch.outer + (start - stretch.inner), end - start);
        }
        places
    }

    /// The stretch that holds the inner place.
    fn index(&self, inner: usize) -> usize {
        self.stretches.partition_point(|stretch| stretch.inner <= inner).saturating_sub(1)
    }

    /// The encoded place of the unit that holds the inner place.
    fn unit(&self, inner: usize) -> Span {
        let Some(stretch) = self.stretches.get(self.index(inner)) else {
            return Span::new(self.outer_end, self.outer_end);
        };
        let outer = stretch.outer + inner.saturating_sub(stretch.inner) / stretch.unit.0 * stretch.unit.1;
        Span::new(outer, outer + stretch.unit.1)
    }

    pub(super) fn origin(&self, inner: Span) -> Span {
        let inner = self.packing.characters(inner);
        let end = inner.end.min(self.inner_end);
        if inner.start >= end {
            let outer = if inner.start < self.inner_end { self.unit(inner.start).start } else { self.outer_end };
            return Span::new(outer, outer);
        }
        Span::new(self.unit(inner.start).start, self.unit(end - 1).end)
    }
}
