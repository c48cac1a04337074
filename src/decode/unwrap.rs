//! Payloads wrapped in text: base64, hex, percent signs, string escapes and HTML entities, each decoded into a `View`
//! whose bytes know their encoded place. Decodes only what looks like text; never says what is a secret.
//!
//! No state is carried from window to window. Views reach up to `MARGIN` outside the owned range, so that a payload
//! across an edge is whole in the windows on both sides; the caller keeps a finding only where its origin starts in the
//! range it owns.

mod alphabet;
mod block;
mod escape;
mod html;
mod line;
mod packed;
mod percent;
mod places;
pub mod runs;
#[cfg(test)]
mod tests;

use std::fmt;

use crate::span::Span;
use places::Places;

/// How a payload is wrapped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Wrapping {
    /// Base64 of either alphabet, padded or not, on one line or on many.
    Base64,
    /// Pairs of hex digits, on one line or on many.
    Hex,
    /// Percent signs as in addresses.
    Percent,
    /// Backslash escapes of the usual programming, data and shell languages.
    Escape,
    /// HTML and XML character references.
    Html,
}

impl Wrapping {
    /// The word that reports use.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Base64 => "base64",
            Self::Hex => "hex",
            Self::Percent => "percent",
            Self::Escape => "escape",
            Self::Html => "html",
        }
    }
}

impl fmt::Display for Wrapping {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}

/// The decoded bytes of one encoded place.
#[derive(Clone)]
pub struct View {
    pub wrapping: Wrapping,
    /// The encoded place in the parent text.
    pub span: Span,
    /// What stands there, decoded.
    pub bytes: Vec<u8>,
    places: Places,
}

impl View {
    /// The encoded place in the parent text of a place in `bytes`; a whole escape where one encodes more than one byte.
    #[must_use]
    pub fn origin(&self, inner: Span) -> Span {
        self.places.origin(inner)
    }
}

/// Payloads may hold a secret, so only the shape of a view is shown.
impl fmt::Debug for View {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "View({} at {}..{}, {} bytes)", self.wrapping, self.span.start, self.span.end, self.bytes.len())
    }
}

/// What may be decoded for one input file, all layers together.
#[derive(Clone, Copy, Debug)]
pub struct Budget {
    left: usize,
    exhausted: bool,
}

/// What a file of any size may decode to: small files are often one wrapped payload in several layers.
const BASE_BUDGET: usize = 1 << 20;

impl Budget {
    /// The budget of a file of `len` bytes: twice that and 1 MiB.
    #[must_use]
    pub const fn for_len(len: usize) -> Self {
        Self::of(len.saturating_mul(2).saturating_add(BASE_BUDGET))
    }

    /// A budget of exactly `bytes`.
    #[must_use]
    pub const fn of(bytes: usize) -> Self {
        Self { left: bytes, exhausted: false }
    }

    /// Whether a view was withheld. The scan of this file is then incomplete.
    #[must_use]
    pub const fn exhausted(&self) -> bool {
        self.exhausted
    }

    /// A budget that said no once stays closed: views after a gap would hide that there is one.
    const fn take(&mut self, bytes: usize) -> bool {
        if self.exhausted || bytes > self.left {
            self.exhausted = true;
            return false;
        }
        self.left -= bytes;
        true
    }
}

/// How far outside the owned range runs are read, and the longest encoded secret that is sure to be found at its edge.
pub const MARGIN: usize = 8 * 1024;

/// Decodes what is wrapped in `from..to` of `text` and hands each view to `emit`. `text` should reach `MARGIN` further
/// on both sides where the file does.
pub fn views(text: &[u8], from: usize, to: usize, budget: &mut Budget, emit: &mut dyn FnMut(View)) {
    let runs: Vec<Span> = runs::Runs::new(text, around(text, from, to, MARGIN)).collect();
    let signs: Vec<u32> = (0_u32..).zip(text).filter(|(_, byte)| tells(**byte)).map(|(at, _)| at).collect();
    views_at(text, Span::new(from, to), Seen { runs: &runs, signs: &signs }, budget, emit);
}

/// What is known of a text where something may be wrapped, in the owned range and `MARGIN` around it, in order.
#[derive(Clone, Copy, Debug)]
pub struct Seen<'s> {
    /// All runs of at least `runs::SHORTEST` bytes of letters, digits and `+/-_`.
    pub runs: &'s [Span],
    /// All places where one of the signs of an escape stands with a byte behind it that may follow it there; others do
    /// no harm.
    pub signs: &'s [u32],
}

/// The same, for a caller that knows the places.
pub fn views_at(text: &[u8], owned: Span, seen: Seen<'_>, budget: &mut Budget, emit: &mut dyn FnMut(View)) {
    let near = around(text, owned.start, owned.end, MARGIN);
    let mut sink = Sink { owned: around(text, owned.start, owned.end, 0), budget, emit };
    for form in FORMS {
        line::find(text, form, seen.signs, &mut sink);
    }
    packed::find(text, near, seen.runs, &mut sink);
}

static FORMS: [&line::Form; 3] = [&percent::FORM, &escape::FORM, &html::FORM];

/// Whether the byte is the sign of any escape.
fn tells(byte: u8) -> bool {
    FORMS.iter().any(|form| form.sign == byte)
}

/// Whether an escape that is a reason to decode may begin with these two bytes.
#[must_use]
pub fn may_begin(sign: u8, second: u8) -> bool {
    FORMS.iter().any(|form| form.sign == sign && form.second[usize::from(second)])
}

/// `from..to` and `margin` bytes on both sides, inside the text.
fn around(text: &[u8], from: usize, to: usize, margin: usize) -> Span {
    let end = to.saturating_add(margin).min(text.len());
    Span::new(from.saturating_sub(margin).min(end), end)
}

/// Where views go: only those that touch the owned range and fit the budget.
struct Sink<'s> {
    owned: Span,
    budget: &'s mut Budget,
    emit: &'s mut dyn FnMut(View),
}

impl Sink<'_> {
    fn wants(&self, span: Span) -> bool {
        span.overlaps(self.owned) && !self.budget.exhausted()
    }

    fn send(&mut self, view: View) {
        if self.budget.take(view.bytes.len()) {
            (self.emit)(view);
        }
    }
}
