//! The allow comments of one entry: found as its windows pass, matched with findings, and told when they did nothing.

use memchr::memmem::Finder;

use crate::blob::{Blob, Ruler};
use crate::finding::Position;
use crate::outcome::{StaleAllow, StaleReason};
use crate::policy::{INLINE_MARK, InlineAllow, Policy};
use crate::source::Entry;

/// All comments so far, in the order of the text.
#[derive(Debug, Default)]
pub struct Allows {
    comments: Vec<Comment>,
}

#[derive(Debug)]
struct Comment {
    at: Position,
    /// Nothing where the comment is malformed.
    allow: Option<InlineAllow>,
    used: bool,
}

impl Allows {
    /// Adds the comments of a window that were not in an earlier one.
    pub fn collect(&mut self, blob: &Blob<'_>, mark: &Finder<'_>) {
        let mut ruler: Option<Ruler<'_>> = None;
        for found in mark.find_iter(blob.text) {
            let at = ruler.get_or_insert_with(|| Ruler::new(blob)).position(found);
            if self.comments.last().is_some_and(|last| last.at >= at) {
                continue;
            }
            let end = memchr::memchr(b'\n', &blob.text[found..]).map_or(blob.text.len(), |newline| found + newline);
            let comment = &blob.text[found..end];
            if !is_manual(comment) {
                self.comments.push(Comment { at, allow: InlineAllow::parse(comment), used: false });
            }
        }
    }

    /// The number of the comment that speaks of `rule` on the line or the line above, and has not expired.
    #[must_use]
    pub fn find(&self, rule: &str, line: u64, policy: &Policy) -> Option<usize> {
        let covers = |comment: &Comment| comment.at.line == line || comment.at.line + 1 == line;
        let is_of_rule = |allow: &InlineAllow| allow.rule == rule && !policy.is_expired(allow);
        let speaks = |comment: &Comment| comment.allow.as_ref().is_some_and(is_of_rule);
        self.comments.iter().position(|comment| covers(comment) && speaks(comment))
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
            Some(_) => StaleReason::Unused,
        };
        let place = |comment: &Comment| format!("{}:{}", entry.path, comment.at.line);
        let stale = |comment: &Comment| StaleAllow { place: place(comment), why: why(comment) };
        let counts = |comment: &&Comment| !comment.used && entry.lines.admit(comment.at.line, comment.at.line);
        self.comments.iter().filter(counts).map(stale).collect()
    }
}

/// Manuals write `allow <rule-id>`, and so does the config that `tightlip init` makes: they ask for nothing.
fn is_manual(comment: &[u8]) -> bool {
    comment.get(INLINE_MARK.len()..).is_some_and(|rest| rest.trim_ascii_start().starts_with(b"<"))
}
