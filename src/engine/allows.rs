//! The allow comments of one entry: found as its windows pass, matched with findings, and told when they did nothing.

use memchr::memmem::Finder;

use crate::blob::{Blob, Ruler};
use crate::finding::Position;
use crate::outcome::{StaleAllow, StaleReason};
use crate::policy::{ForeignMark, INLINE_MARK, InlineAllow, Policy};
use crate::source::Entry;

/// All comments so far: ours in the order of the text, and after those of a window the marks of other tools in it.
#[derive(Debug, Default)]
pub struct Allows {
    comments: Vec<Comment>,
    /// How far ours were looked for, and those of other tools.
    seen: Option<Position>,
    seen_foreign: Option<Position>,
}

#[derive(Debug)]
struct Comment {
    at: Position,
    /// Nothing where the comment is malformed.
    allow: Option<InlineAllow>,
    speaks_of: Lines,
    used: bool,
}

/// The lines that a comment covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lines {
    /// Ours: its own and the one below.
    Both,
    /// A mark of another tool.
    Same,
    Next,
}

impl Comment {
    fn covers(&self, line: u64) -> bool {
        let (same, next) = (self.at.line == line, self.at.line + 1 == line);
        match self.speaks_of {
            Lines::Both => same || next,
            Lines::Same => same,
            Lines::Next => next,
        }
    }

    fn is_foreign(&self) -> bool {
        self.speaks_of != Lines::Both
    }
}

impl Allows {
    /// Adds the comments of a window that were not in an earlier one.
    pub fn collect(&mut self, blob: &Blob<'_>, mark: &Finder<'_>) {
        let mut ruler: Option<Ruler<'_>> = None;
        for found in mark.find_iter(blob.text) {
            let at = ruler.get_or_insert_with(|| Ruler::new(blob)).position(found);
            if self.seen.is_some_and(|seen| seen >= at) {
                continue;
            }
            self.seen = Some(at);
            let end = memchr::memchr(b'\n', &blob.text[found..]).map_or(blob.text.len(), |newline| found + newline);
            let comment = &blob.text[found..end];
            if !is_manual(comment) {
                let allow = InlineAllow::parse(comment);
                self.comments.push(Comment { at, allow, speaks_of: Lines::Both, used: false });
            }
        }
    }

    /// Adds the marks of other tools that the policy honours. Only a window in which something was found needs them: none
    /// is ever told to be stale, since it may speak of what only its own tool finds.
    pub fn collect_foreign(&mut self, blob: &Blob<'_>, policy: &Policy) {
        let mut found: Vec<(usize, &ForeignMark)> = Vec::new();
        for mark in policy.foreign_marks() {
            found.extend(mark.places(blob.text).map(|at| (at, *mark)));
        }
        found.sort_by_key(|(at, _)| *at);
        let (mut ruler, seen) = (Ruler::new(blob), self.seen_foreign);
        for (at, mark) in found {
            let at = ruler.position(at);
            if seen.is_none_or(|seen| seen < at) {
                self.seen_foreign = Some(at);
                let speaks_of = if mark.is_above { Lines::Next } else { Lines::Same };
                self.comments.push(Comment { at, allow: Some(mark.allow()), speaks_of, used: false });
            }
        }
    }

    /// The number of the comment that speaks of `rule` on the line or the line above, and has not expired.
    #[must_use]
    pub fn find(&self, rule: &str, line: u64, policy: &Policy) -> Option<usize> {
        let is_of_rule = |allow: &InlineAllow| allow.speaks_of(rule) && !policy.is_expired(allow);
        let speaks = |comment: &Comment| comment.allow.as_ref().is_some_and(is_of_rule);
        let is_ours = |comment: &Comment| comment.covers(line) && speaks(comment) && !comment.is_foreign();
        // One that names the rule says more.
        let ours = self.comments.iter().position(is_ours);
        ours.or_else(|| self.comments.iter().position(|comment| comment.covers(line) && speaks(comment)))
    }

    #[must_use]
    pub fn get(&self, number: usize) -> Option<&InlineAllow> {
        self.comments.get(number).and_then(|comment| comment.allow.as_ref())
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.comments.is_empty()
    }

    /// The line that a comment stands on.
    #[must_use]
    pub fn line(&self, number: usize) -> Option<u64> {
        self.comments.get(number).map(|comment| comment.at.line)
    }

    pub fn used(&mut self, number: usize) {
        if let Some(comment) = self.comments.get_mut(number) {
            comment.used = true;
        }
    }

    /// The comments that allowed nothing, once the whole entry has been read. Those on lines that do not count speak of
    /// what may not have been read.
    #[must_use]
    pub fn stale(self, entry: &Entry, policy: &Policy) -> Vec<StaleAllow> {
        let why = |comment: &Comment| match &comment.allow {
            None => StaleReason::Malformed,
            Some(allow) if policy.is_unknown(allow) => StaleReason::Malformed,
            Some(allow) if policy.is_expired(allow) => StaleReason::Expired,
            Some(allow) if allow.rule.as_ref().is_some_and(|rule| !policy.permits(rule)) => StaleReason::NotPermitted,
            Some(_) => StaleReason::Unused,
        };
        let place = |comment: &Comment| format!("{}:{}", entry.path, comment.at.line);
        let stale = |comment: &Comment| StaleAllow { place: place(comment), why: why(comment) };
        let counts = |comment: &&Comment| {
            !comment.used && !comment.is_foreign() && entry.lines.admit(comment.at.line, comment.at.line)
        };
        self.comments.iter().filter(counts).map(stale).collect()
    }
}

/// Manuals write `allow <rule-id>`, and so does the config that `tightlip init` makes: they ask for nothing.
fn is_manual(comment: &[u8]) -> bool {
    comment.get(INLINE_MARK.len()..).is_some_and(|rest| rest.trim_ascii_start().starts_with(b"<"))
}
