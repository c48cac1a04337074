//! Texts that are in memory already, such as files of a commit that was asked for by name.

use std::io::{self, Read};
use std::sync::Arc;

use super::{Entry, Lines, Listing, Origin, Reader, Source};

/// Texts under the names that reports shall use.
#[derive(Debug, Default)]
pub struct Texts {
    entries: Vec<Entry>,
}

impl Texts {
    /// Adds one.
    pub fn add(&mut self, path: &str, text: Vec<u8>) {
        let origin = Origin::Text(Arc::from(text));
        self.entries.push(Entry { path: path.to_owned(), origin, lines: Lines::All, commit: None });
    }
}

impl Source for Texts {
    fn list(&self) -> Listing {
        Listing { entries: self.entries.clone(), ..Listing::default() }
    }

    fn reader(&self) -> Box<dyn Reader + '_> {
        Box::new(InMemory)
    }
}

struct InMemory;

impl Reader for InMemory {
    fn open<'r>(&'r mut self, entry: &Entry) -> io::Result<Box<dyn Read + 'r>> {
        match &entry.origin {
            Origin::Text(text) => Ok(Box::new(io::Cursor::new(Arc::clone(text)))),
            _ => Err(io::ErrorKind::NotFound.into()),
        }
    }
}
