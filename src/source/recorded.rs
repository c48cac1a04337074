//! What git has recorded, or is about to record: blobs, and the texts round them that are no files. Never the files on
//! disk, which may differ.

mod list;
mod refs;

use std::io::{self, Cursor, Read};
use std::sync::Mutex;

use super::{Entry, Lines, Listing, Origin, Reader, Source};
use crate::blob::text;
use crate::cache::Cache;
use crate::git::{GitError, Oid, Repository, Store, added, file_at};

pub use list::{Names, Progress, changes_of_commits, changes_of_index};
pub use refs::{Update, changes_of_updates};

/// A list that was made beforehand, so that what is wrong with it ends the run with more than a gap.
pub struct Recorded {
    repository: Repository,
    listing: Mutex<Listing>,
    /// The commit whose comments count; none where all do.
    trust: Option<Oid>,
    cache: Cache,
}

impl Recorded {
    #[must_use]
    pub const fn new(repository: Repository, listing: Listing, trust: Option<Oid>, cache: Cache) -> Self {
        Self { repository, listing: Mutex::new(listing), trust, cache }
    }

    /// What was found clean by earlier runs, and by this one.
    #[must_use]
    pub const fn cache(&self) -> &Cache {
        &self.cache
    }
}

impl Source for Recorded {
    fn list(&self) -> Listing {
        self.listing.lock().map(|mut listing| std::mem::take(&mut *listing)).unwrap_or_default()
    }

    fn reader(&self) -> Box<dyn Reader + '_> {
        Box::new(Blobs { repository: &self.repository, trust: self.trust, cache: &self.cache, store: None, last: None })
    }

    fn knows_clean(&self, entry: &Entry) -> bool {
        matches!(&entry.origin, Origin::Blob { id, .. } if self.cache.is_clean(id.as_bytes(), &entry.path))
    }

    fn found_clean(&self, entry: &Entry) {
        if let Origin::Blob { id, .. } = &entry.origin {
            self.cache.mark_clean(id.as_bytes(), &entry.path);
        }
    }
}

/// Hands out blobs of one thread's own store, which is opened with the first of them.
struct Blobs<'r> {
    repository: &'r Repository,
    trust: Option<Oid>,
    cache: &'r Cache,
    store: Option<Box<dyn Store>>,
    /// The last one: if something is found in it, its lines are asked for.
    last: Option<(Oid, Vec<u8>)>,
}

impl Blobs<'_> {
    fn store(&mut self) -> io::Result<&mut dyn Store> {
        let store = match &mut self.store {
            Some(store) => store,
            none => none.insert(self.repository.store().map_err(|error| gap(&error))?),
        };
        Ok(store.as_mut())
    }

    fn blob(&mut self, id: &Oid) -> io::Result<Vec<u8>> {
        self.store()?.blob(id).map_err(|error| gap(&error))
    }

    /// The lines of a blob that are in none of `olds`.
    fn added(&mut self, id: &Oid, olds: &[Oid]) -> io::Result<Lines> {
        let new = match self.last.take() {
            Some((last, bytes)) if last == *id => bytes,
            _ => self.blob(id)?,
        };
        let olds: io::Result<Vec<Vec<u8>>> = olds.iter().map(|old| self.blob(old)).collect();
        let olds = olds?;
        let olds: Vec<_> = olds.iter().map(|old| text(old)).collect();
        let lines = added(&text(&new), &olds);
        self.last = Some((*id, new));
        Ok(Lines::Added(lines))
    }
}

/// In the words of a gap.
fn gap(error: &GitError) -> io::Error {
    io::Error::other(error.to_string())
}

impl Reader for Blobs<'_> {
    fn open<'r>(&'r mut self, entry: &Entry) -> io::Result<Box<dyn Read + 'r>> {
        match &entry.origin {
            Origin::Blob { id, .. } => {
                let bytes = self.blob(id)?;
                let (_, bytes) = self.last.insert((*id, bytes));
                Ok(Box::new(bytes.as_slice()))
            }
            Origin::Text(text) => Ok(Box::new(Cursor::new(text.clone()))),
            Origin::File(_) | Origin::Stdin | Origin::Part(_) | Origin::Gone { .. } => {
                Err(io::ErrorKind::Unsupported.into())
            }
        }
    }

    fn lines(&mut self, entry: &Entry) -> io::Result<Lines> {
        let (Lines::Changed, Origin::Blob { id, olds }) = (&entry.lines, &entry.origin) else {
            return Ok(entry.lines.clone());
        };
        self.added(id, olds)
    }

    fn before(&mut self, entry: &Entry) -> io::Result<Vec<Vec<u8>>> {
        let olds = match &entry.origin {
            Origin::Blob { olds, .. } => olds.as_slice(),
            Origin::Gone { id, .. } => std::slice::from_ref(id),
            _ => return Ok(Vec::new()),
        };
        if olds.iter().any(|old| self.cache.has(old.as_bytes(), &entry.path)) {
            return Ok(Vec::new());
        }
        olds.iter().map(|old| self.blob(old)).collect()
    }

    fn unvouched(&mut self, entry: &Entry) -> io::Result<Option<Lines>> {
        let (Some(trust), Origin::Blob { id, .. }) = (self.trust, &entry.origin) else {
            return Ok(self.trust.map(|_| Lines::All));
        };
        let known = file_at(self.store()?, &trust, entry.path.as_bytes()).map_err(|error| gap(&error))?;
        let known: Vec<Oid> = known.iter().map(|(_, id)| *id).collect();
        self.added(id, &known).map(Some)
    }
}
