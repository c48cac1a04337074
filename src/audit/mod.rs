//! Findings decided one by one: what there is to decide, what was decided and where that is written down, and the walk
//! through them. It speaks to whoever sits before it by a `Desk` and learns of the repository by a `World`; it reads no
//! key, draws no line and opens no file under scan itself.

mod books;
mod edit;
mod gather;
mod notes;
mod problem;
mod walk;

#[cfg(test)]
mod tests;

use std::io;
use std::time::Duration;

use miette::Diagnostic;

use crate::date::Date;
use crate::excerpt::ShownLine;
use crate::finding::{Allowed, Decision, Finding, Fingerprint, Introduced, Place};
use crate::policy::Policy;
use crate::trace::Trace;

pub use books::{Books, Judge};
pub use edit::{Exception, with_exception};
pub use gather::{Filter, gather};
pub use notes::{Note, Notes};
pub use problem::{AuditError, NotesProblem};
pub use walk::{Ended, walk};

/// One value in one file, on however many lines: what a decision is about.
#[derive(Clone, Debug)]
pub struct Item {
    /// The first place in the file.
    pub finding: Finding,
    /// The file, relative to the folder of the config.
    pub path: String,
    /// All places in the file, the first included.
    pub places: Vec<Place>,
    pub state: State,
}

/// What is decided of an item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// Nothing yet.
    Open,
    /// Put off in an earlier audit, or in this one.
    Skipped { since: Date },
    /// Its value is to be replaced where it was issued. Until it is gone, the finding stays.
    Rotate { since: Date },
    /// It passes.
    Allowed(Allowed),
}

impl State {
    /// The word that machine formats use.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Skipped { .. } => "skipped",
            Self::Rotate { .. } => "rotate",
            Self::Allowed(Allowed::Baseline { .. }) => "baseline",
            Self::Allowed(_) => "allowed",
        }
    }

    /// Whether somebody has to look at it still.
    #[must_use]
    pub const fn is_undecided(&self) -> bool {
        matches!(self, Self::Open | Self::Skipped { .. })
    }
}

impl Item {
    /// Whether it fails a run, and nobody has said what is to be done.
    #[must_use]
    pub fn holds_up(&self) -> bool {
        self.state.is_undecided() && self.finding.decision == Decision::Block
    }

    #[must_use]
    pub fn is_of(&self, fingerprint: Fingerprint) -> bool {
        self.finding.fingerprint == fingerprint
    }

    /// Whether it is a file by its name, or stands in a path: there is no line to show.
    #[must_use]
    pub fn has_no_line(&self) -> bool {
        self.finding.excerpt.text.is_empty()
    }
}

/// A key, as far as the walk knows keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    Letter(char),
    Up,
    Down,
    /// Nothing more will come: the terminal is gone, or was told to end.
    End,
    Other,
}

/// Whoever decides: shows, and hands in keys and lines.
pub trait Desk {
    fn show(&mut self, view: &View<'_>) -> io::Result<()>;
    /// The next key, after a prompt was shown.
    fn key(&mut self) -> io::Result<Key>;
    /// A line that is typed after `question`; none where nothing more will come.
    fn line(&mut self, question: &str) -> io::Result<Option<String>>;
}

/// What is to be shown.
#[derive(Debug)]
pub enum View<'v> {
    Item {
        item: &'v Item,
        number: usize,
        of: usize,
        around: &'v [ShownLine],
        past: &'v Past,
        elsewhere: Elsewhere,
    },
    Prompt {
        number: usize,
        of: usize,
    },
    Help,
    /// Everything that looked at the item's line.
    Evidence(&'v [Trace]),
    /// Where the value of an item stands.
    Places {
        item: &'v Item,
        all: &'v [Item],
        past: &'v Past,
    },
    /// What to do with a value that is to be rotated.
    Advice(&'v Finding),
    /// Something was done, or cannot be.
    Told(String),
    Refused(&'v dyn Diagnostic),
    /// The end of the walk, where a decision can still be taken back.
    Last {
        undoes: bool,
    },
    Summary(&'v [Item]),
}

/// Where else the value of an item stands, in numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Elsewhere {
    pub files: usize,
    pub places: usize,
}

/// What the repository's history says of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Past {
    /// There is no repository, or its history was not to be read.
    Unread,
    /// It is being read.
    Reading,
    /// It could not be read, and why.
    Failed(String),
    /// No commit has it. With `is_whole` false, as far as the history is here.
    Nowhere { is_whole: bool },
    /// The first commit with it, and its place there.
    Since { commit: Introduced, place: Place, is_whole: bool },
}

/// What is known of the repository round an item.
pub trait World {
    /// Lines round a place, fit to be printed; none where its text is not at hand.
    fn around(&mut self, item: &Item) -> Vec<ShownLine>;
    /// Everything that looked at its line.
    fn evidence(&mut self, item: &Item) -> Result<Vec<Trace>, String>;
    /// What history says, waiting for it as long as this.
    fn past(&mut self, item: &Item, patience: Duration) -> Past;
}

/// A finding as the policy settles it, wherever the command runs.
fn probe(item: &Item, root: &std::path::Path) -> Finding {
    let mut finding = item.finding.clone();
    if !item.path.starts_with('/') && !root.as_os_str().is_empty() {
        finding.place.path = root.join(&item.path).to_string_lossy().replace(std::path::MAIN_SEPARATOR, "/");
    }
    finding
}

/// Whether the policy lets an item pass.
fn passes(item: &Item, root: &std::path::Path, policy: &Policy) -> Option<Allowed> {
    match policy.settle(&probe(item, root), None) {
        Some(Decision::Allow(allowed)) => Some(allowed),
        _ => None,
    }
}
