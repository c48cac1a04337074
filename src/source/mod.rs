//! Where things to scan come from. A mode of the program is only a source: all else is the same engine.

mod ignored;
mod message;
mod parts;
mod patch;
mod paths;
mod recorded;
mod stdin;
mod texts;

use std::io::{self, Read};
use std::path::PathBuf;
use std::sync::Arc;

use crate::finding::{Finding, Introduced};
use crate::git::Oid;
use crate::outcome::{Gap, Skipped};

pub use parts::Parts;
pub use patch::NotADiff;
pub use paths::Paths;
pub use recorded::{Names, Progress, Recorded, Update, changes_of_commits, changes_of_index, changes_of_updates};
pub use stdin::Stdin;
pub use texts::Texts;

/// Lists what there is to read, and hands out readers.
pub trait Source: Sync {
    /// Everything to read, in a stable order, with what was left out and what could not be listed.
    fn list(&self) -> Listing;
    /// A reader for one thread.
    fn reader(&self) -> Box<dyn Reader + '_>;
    /// Whether an earlier run has read this entry and found nothing in it.
    fn knows_clean(&self, _: &Entry) -> bool {
        false
    }
    /// Told of each entry that was read to its end, and in which nothing matched: neither on lines that count nor on others.
    fn found_clean(&self, _: &Entry) {}
}

/// Opens entries, one at a time.
pub trait Reader {
    /// The entry's bytes from the start. An error, now or while reading, is a gap in the scan.
    fn open<'r>(&'r mut self, entry: &Entry) -> io::Result<Box<dyn Read + 'r>>;
    /// Which lines of an entry count, for one whose lines are `Changed`.
    fn lines(&mut self, entry: &Entry) -> io::Result<Lines> {
        Ok(entry.lines.clone())
    }
    /// The texts that an entry takes the place of, for one whose lines do not all count. None where it is known that one of
    /// them has nothing to find in it: what only the others have is theirs to lose.
    fn before(&mut self, _: &Entry) -> io::Result<Vec<Vec<u8>>> {
        Ok(Vec::new())
    }
    /// In which lines of an entry a comment allows nothing, because the change under scan brings them itself; none where
    /// comments count wherever they stand.
    fn unvouched(&mut self, _: &Entry) -> io::Result<Option<Lines>> {
        Ok(None)
    }
    /// The stretches into which those bytes fall, where they are not one text from its first line on. Nothing is found
    /// across two of them.
    fn stretches(&self, _: &Entry) -> Vec<Stretch> {
        Vec::new()
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
    /// A blob that a change takes from its path, and what it brings at paths where nothing was. None of it is read as new.
    Gone {
        id: Oid,
        came: Arc<[Came]>,
    },
    /// Text that is no file's: a message, a name.
    Text(Arc<[u8]>),
    /// A part of a text that the source has in memory.
    Part(usize),
}

/// The path of a file that is new there, and its blob.
pub type Came = (String, Oid);

/// Bytes of an entry that stand together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// The number of the first line.
    pub line: u64,
    pub bytes: u64,
}

/// Which lines of an entry count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lines {
    All,
    /// Only findings that touch one of these ranges of lines (1-based, both ends included), which are in ascending order
    /// and do not overlap.
    Added(Vec<(u64, u64)>),
    /// Those that are new. The reader works out which they are, if anything was found at all.
    Changed,
}

impl Lines {
    /// The range, before the first line, that says of a path that it is new. A path is also taken as new where the first
    /// line is.
    pub const PATH: (u64, u64) = (0, 0);

    /// Ranges in any order.
    #[must_use]
    pub fn added(mut ranges: Vec<(u64, u64)>) -> Self {
        ranges.sort_unstable();
        ranges.dedup_by(|next, last| {
            let meet = next.0 <= last.1.saturating_add(1);
            if meet {
                last.1 = last.1.max(next.1);
            }
            meet
        });
        Self::Added(ranges)
    }

    #[must_use]
    pub fn admit(&self, first: u64, last: u64) -> bool {
        match self {
            // Which they are is not known yet: what is found is asked about later.
            Self::All | Self::Changed => true,
            // Looked up, for a file may have a hundred thousand ranges and as many findings.
            Self::Added(ranges) => {
                let after = ranges.partition_point(|(from, _)| *from <= last);
                ranges[..after].last().is_some_and(|(_, to)| first <= *to)
            }
        }
    }

    /// Whether the path itself is new: a file that changes was there before.
    #[must_use]
    pub fn admit_path(&self) -> bool {
        *self != Self::Changed && self.admit(Self::PATH.0, 1)
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
    /// What listing itself found: a change that weakens the gate.
    pub findings: Vec<Finding>,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_put_in_order_and_looked_up() {
        let lines = Lines::added(vec![(9, 9), (2, 3), (4, 4), Lines::PATH, (9, 12), (20, 20)]);
        assert_eq!(lines, Lines::Added(vec![(0, 0), (2, 4), (9, 12), (20, 20)]));
        let rows =
            [((1, 1), false), ((1, 2), true), ((4, 8), true), ((5, 8), false), ((5, 30), true), ((13, 19), false)];
        for ((first, last), expected) in rows {
            assert_eq!(lines.admit(first, last), expected, "{first}..{last}");
        }
        assert!(
            lines.admit_path() && Lines::added(vec![(1, 1)]).admit_path() && !Lines::added(vec![(2, 2)]).admit_path()
        );
        assert!(!Lines::added(Vec::new()).admit(1, 1));
    }
}
