//! The body of a hunk: so many lines as its head says, whatever they look like.

use super::header::Counts;
use super::parse::Cursor;
use crate::source::parts::{Block, marks_of, trimmed};
use crate::span::Span;

/// What a hunk shows.
#[derive(Debug)]
pub struct Hunk {
    pub block: Block,
    /// Lines that were in no parent, first and last of each run.
    pub added: Vec<(u64, u64)>,
    /// What is wrong with it: the lines up to there are as good as any.
    pub wrong: Option<&'static str>,
}

/// Reads the lines that belong to `counts`.
pub fn body(counts: Counts, lines: &mut Cursor<'_>) -> Hunk {
    let columns = counts.old.len();
    let start = lines.at();
    let mut tally = Tally { line: counts.start, counts, added: Vec::new() };
    let first = tally.line;
    let mut wrong = None;
    while !tally.is_done() {
        let Some(line) = lines.peek() else {
            wrong = Some("the diff ends in the middle of a hunk");
            break;
        };
        if !line.starts_with(b"\\") && !tally.count(marks_of(line, columns), columns, trimmed(line)) {
            wrong = Some("a hunk is not as its head says");
            break;
        }
        lines.skip();
    }
    if wrong.is_none() {
        while lines.peek().is_some_and(|line| line.starts_with(b"\\")) {
            lines.skip();
        }
        wrong = goes_on(lines).then_some("a hunk has more lines than its head says");
    }
    let body = Span::new(start, lines.at());
    Hunk { block: Block { line: first, body, columns }, added: tally.added, wrong }
}

/// Whether the next line would belong to the hunk if its head had told a greater number.
fn goes_on(lines: &Cursor<'_>) -> bool {
    match lines.peek().map(trimmed) {
        // The signature under a mail.
        Some(b"--" | b"-- " | b"---") => false,
        Some(line) if line.starts_with(b"--- ") => !lines.after_next().is_some_and(|next| next.starts_with(b"+++ ")),
        Some(line) => matches!(line.first(), Some(b'+' | b'-' | b' ')),
        None => false,
    }
}

struct Tally {
    /// What is still to come.
    counts: Counts,
    /// The number of the next line of the new side.
    line: u64,
    added: Vec<(u64, u64)>,
}

impl Tally {
    fn is_done(&self) -> bool {
        self.counts.new == 0 && self.counts.old.iter().all(|left| *left == 0)
    }

    /// Counts a line; false if it cannot belong to the hunk.
    fn count(&mut self, marks: &[u8], columns: usize, line: &[u8]) -> bool {
        // Mail programs take blanks off the end of lines, so that an empty line has no marks.
        if marks.len() < columns && !line.iter().all(|byte| *byte == b' ') {
            return false;
        }
        let gone = marks.contains(&b'-');
        let fits = |mark: &u8| matches!((mark, gone), (b' ', _) | (b'-', true) | (b'+', false));
        if !marks.iter().all(fits) {
            return false;
        }
        for (parent, left) in self.counts.old.iter_mut().enumerate() {
            let mark = marks.get(parent).copied().unwrap_or(b' ');
            if (mark == b'-') == gone && mark != b'+' {
                let Some(less) = left.checked_sub(1) else { return false };
                *left = less;
            }
        }
        if !gone {
            let Some(less) = self.counts.new.checked_sub(1) else { return false };
            self.counts.new = less;
            if marks.len() == columns && marks.iter().all(|mark| *mark == b'+') {
                self.add();
            }
            self.line += 1;
        }
        true
    }

    fn add(&mut self) {
        match self.added.last_mut() {
            Some((_, last)) if *last + 1 == self.line => *last = self.line,
            _ => self.added.push((self.line, self.line)),
        }
    }
}
