//! Reads unified diffs of every origin: git's, with its mails and logs, GNU diff's, Subversion's and Mercurial's.
//! Hunks are taken by their counts alone, so that no content passes for a header; what cannot be read is a gap.

mod binary;
mod colour;
mod header;
mod hunk;
mod mail;
mod names;
mod parse;
mod section;

pub(super) use binary::Literal;
pub(super) use colour::without_colours;
pub(super) use parse::parse;

use thiserror::Error;

/// There is something, and it holds neither a hunk nor a header.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("not a unified diff")]
pub struct NotADiff;

#[cfg(test)]
mod tests;
