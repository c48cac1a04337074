//! Tables of Markdown: `| name | value |`, and a column of values under the cell that holds the name.

use super::link::Shown;
use super::value;
use super::{AHEAD, BEHIND, Candidate, Form, skip_blanks};

/// Rows of a column that are read.
const ROWS: usize = 4;

/// The cell after the name's, or those under it.
pub(super) fn cells(text: &[u8], shown: &Shown, to: usize, emit: &mut dyn FnMut(Candidate)) {
    let start = shown.name.start;
    let before = text.get(start.saturating_sub(BEHIND)..start).unwrap_or_default();
    let line = before.rsplit(|byte| *byte == b'\n').next().unwrap_or_default();
    let column = line.iter().filter(|byte| **byte == b'|').count();
    // A lone bar is a shell's.
    if column == 0 {
        return;
    }
    if let Some(rows) = rows_below(text, to) {
        column_of(text, shown, rows, column, emit);
    } else if let Some(value) = value::read(text, to, false) {
        shown.emit(text, Form::Table, value, emit);
    }
}

/// Where the rows begin under a heading that goes on at `to`: behind a line of dashes.
fn rows_below(text: &[u8], to: usize) -> Option<usize> {
    let window = text.get(to..(to + AHEAD).min(text.len()))?;
    let end = memchr::memchr(b'\n', window)? + 1;
    let length = memchr::memchr(b'\n', &window[end..])? + 1;
    let rule = &window[end..end + length];
    let ruled = rule.iter().all(|byte| b"|-: \t\r\n+".contains(byte)) && memchr::memmem::find(rule, b"--").is_some();
    ruled.then_some(to + end + length)
}

fn column_of(text: &[u8], shown: &Shown, rows: usize, column: usize, emit: &mut dyn FnMut(Candidate)) {
    let mut start = rows;
    for _ in 0..ROWS {
        let window = text.get(start..(start + AHEAD).min(text.len())).unwrap_or_default();
        let end = memchr::memchr(b'\n', window).unwrap_or(window.len());
        let Some(bar) = memchr::memchr_iter(b'|', &window[..end]).nth(column - 1) else { return };
        let cell = skip_blanks(text, start + bar + 1, 64);
        let length = memchr::memchr(b'|', &window[(cell - start).min(end)..end]).unwrap_or(0);
        // A cell of several words is prose.
        if let Some(value) = value::read(text, cell, false)
            && text.get(cell..cell + length).unwrap_or_default().trim_ascii_end().len() <= value.after - cell
        {
            shown.emit(text, Form::Table, value, emit);
        }
        start += end + 1;
    }
}

/// `<name>` or `<key>` is closed at `from`: the value of the element that follows, `<value>x</value>`.
pub(super) fn sibling(text: &[u8], from: usize) -> Option<value::Value> {
    let rest = text.get(from..)?.strip_prefix(b"</")?;
    let close = rest.iter().take(32).position(|byte| *byte == b'>')? + 1;
    let gap = rest.get(close..)?.iter().take(80).take_while(|byte| byte.is_ascii_whitespace()).count();
    let open = rest.get(close + gap..)?.strip_prefix(b"<")?;
    let kind = open.iter().take(32).position(|byte| *byte == b'>')?;
    let known =
        [b"value".as_slice(), b"string", b"defaultvalue"].iter().any(|name| open[..kind].eq_ignore_ascii_case(name));
    let start = from + 2 + close + gap + 1 + kind + 1;
    let value = value::read(text, start, false).filter(|_| known)?;
    (text.get(value.after) == Some(&b'<')).then_some(value)
}
