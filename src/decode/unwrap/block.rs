//! Puts the lines of one wrapped payload together: equal lengths, with only quotes, indentation and the like between.

use super::places::Places;
use super::runs::is_token;
use crate::span::Span;
use std::borrow::Cow;
use std::cell::OnceCell;

/// A payload's characters without what stands between its lines.
pub(super) struct Block<'t> {
    pub(super) characters: Cow<'t, [u8]>,
    first_line: Span,
    /// The further lines: nearly all blocks have none, and are rejected before their places are asked for.
    further: Vec<Span>,
    places: OnceCell<Places>,
    /// Where the block ends in the text.
    pub(super) end: usize,
}

/// Shorter lines of equal length are too often just columns.
const SHORTEST_LINE: usize = 40;

/// What stands between two lines: indentation, a quote, a comment sign and the like.
const LONGEST_JOINT: usize = 80;

impl<'t> Block<'t> {
    /// The block that starts with `run`; lines beyond `end` are not read.
    pub(super) fn at(text: &'t [u8], run: Span, end: usize) -> Self {
        let text = text.get(..end).unwrap_or(text);
        let run = without_escape(text, run);
        let mut block = Self {
            characters: Cow::Borrowed(run.of(text)),
            first_line: run,
            further: Vec::new(),
            places: OnceCell::new(),
            end: run.end,
        };
        if run.len() >= SHORTEST_LINE {
            block.join_lines(text, run.len());
        }
        block
    }

    /// Where each character stands in the text.
    pub(super) fn places(&self) -> &Places {
        self.places.get_or_init(|| {
            let mut places = Places::new(self.first_line.start);
            for line in std::iter::once(&self.first_line).chain(&self.further) {
                places.push_plain(line.start, line.len());
            }
            places
        })
    }

    fn join_lines(&mut self, text: &[u8], len: usize) {
        while let Some(start) = joint(text, self.end) {
            let longest = text.get(start..(start + len + 1).min(text.len())).unwrap_or_default();
            let found = longest.iter().position(|byte| !is_token(*byte)).unwrap_or(longest.len());
            if found > len {
                return;
            }
            self.characters.to_mut().extend_from_slice(longest.get(..found).unwrap_or_default());
            self.further.push(Span::new(start, start + found));
            self.end = start + found;
            if found < len {
                return;
            }
        }
    }
}

/// The `n` of a `\n` right before the payload is no part of it.
fn without_escape(text: &[u8], run: Span) -> Span {
    let before = run.start.checked_sub(1).and_then(|place| text.get(place));
    let is_escape = before == Some(&b'\\') && matches!(text.get(run.start), Some(b'n' | b'r' | b't'));
    Span::new(run.start + usize::from(is_escape), run.end)
}

/// The start of the next line's characters, when nothing but a line's end and decoration stands before it.
fn joint(text: &[u8], from: usize) -> Option<usize> {
    let mut at = from;
    let mut is_new_line = false;
    while at < from + LONGEST_JOINT {
        let rest = text.get(at..)?;
        let (len, ends_line) = decoration(rest, is_new_line);
        if len == 0 {
            let starts = rest.first().is_some_and(|byte| is_token(*byte));
            return (is_new_line && starts).then_some(at);
        }
        is_new_line |= ends_line;
        at += len;
    }
    None
}

/// The length of one piece of decoration at the start of `rest`, and whether it ends a line.
fn decoration(rest: &[u8], is_new_line: bool) -> (usize, bool) {
    match rest {
        [b'\n', ..] => (1, true),
        [b'\\', b'n', ..] => (2, true),
        [b'\\', b'r' | b't', ..] => (2, false),
        [b' ' | b'\t' | b'\r' | b'"' | b'\'' | b'`' | b'\\' | b',' | b'.' | b'&', ..]
        | [b'+', b' ' | b'\t' | b'\r' | b'\n' | b'"' | b'\'', ..] => (1, false),
        [b'/', b'/', b' ', ..] if is_new_line => (3, false),
        [b'#' | b'*' | b'>' | b'|', ..] if is_new_line => (1, false),
        _ => (0, false),
    }
}
