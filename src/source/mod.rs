//! Where things to scan come from. A mode of the program is only a source: all else is the same engine.

mod ignored;
mod paths;
mod recorded;
mod stdin;

use std::io::{self, Read};
use std::path::PathBuf;
use std::sync::Arc;

use crate::finding::Introduced;
use crate::git::Oid;
use crate::outcome::{Gap, Skipped};

pub use paths::Paths;
pub use recorded::{Names, Progress, Recorded, Update, changes_of_commits, changes_of_index, changes_of_updates};
pub use stdin::Stdin;

/// Lists what there is to read, and hands out readers.
pub trait Source: Sync {
    /// Everything to read, in a stable order, with what was left out and what could not be listed.
    fn list(&self) -> Listing;
    /// A reader for one thread.
    fn reader(&self) -> Box<dyn Reader + '_>;
}

/// Opens entries, one at a time.
pub trait Reader {
    /// The entry's bytes from the start. An error, now or while reading, is a gap in the scan.
    fn open<'r>(&'r mut self, entry: &Entry) -> io::Result<Box<dyn Read + 'r>>;
    /// Which lines of an entry count, for one whose lines are `Changed`.
    fn lines(&mut self, entry: &Entry) -> io::Result<Lines> {
        Ok(entry.lines.clone())
    }
}

/// One thing to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// As reports name it, with `/` between its parts.
    pub path: String,
    pub origin: Origin,
    pub lines: Lines,
    /// The commit that brings it; none where it is in no commit yet.
    pub commit: Option<Arc<Introduced>>,
}

/// Where an entry's bytes are.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    File(PathBuf),
    Stdin,
    /// A blob of a repository, and those that its parents have in its place.
    Blob {
        id: Oid,
        olds: Vec<Oid>,
    },
    /// Text that is no file's: a message, a name.
    Text(Arc<[u8]>),
}

/// Which lines of an entry count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lines {
    All,
    /// Only findings that touch one of these ranges of lines (1-based, both ends included).
    Added(Vec<(u64, u64)>),
    /// Those that are new. The reader works out which they are, if anything was found at all.
    Changed,
}

impl Lines {
    #[must_use]
    pub fn admit(&self, first: u64, last: u64) -> bool {
        match self {
            // Which they are is not known yet: what is found is asked about later.
            Self::All | Self::Changed => true,
            Self::Added(ranges) => ranges.iter().any(|(from, to)| *from <= last && first <= *to),
        }
    }
}

/// What a source lists.
#[derive(Debug, Default)]
pub struct Listing {
    pub entries: Vec<Entry>,
    pub skipped: Vec<Skipped>,
    pub gaps: Vec<Gap>,
    /// Paths left out because `.gitignore` names them and git does not track them.
    pub ignored: u64,
    /// Commits whose changes are among the entries.
    pub commits: u64,
}

/// What went wrong, in the words of a gap.
#[must_use]
pub fn io_reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::PermissionDenied => "permission denied".into(),
        io::ErrorKind::NotFound => "not found".into(),
        _ => {
            let text = error.to_string();
            text.split(" (os error").next().unwrap_or_default().to_lowercase()
        }
    }
}
