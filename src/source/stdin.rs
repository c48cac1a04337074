//! Standard input as one entry.

use std::io::{self, Read};

use super::{Entry, Lines, Listing, Origin, Reader, Source};

/// Standard input, under the name that reports and rules for paths shall use.
#[derive(Debug)]
pub struct Stdin {
    name: String,
}

impl Stdin {
    #[must_use]
    pub const fn new(name: String) -> Self {
        Self { name }
    }
}

impl Source for Stdin {
    fn list(&self) -> Listing {
        let entry = Entry { path: self.name.clone(), origin: Origin::Stdin, lines: Lines::All, commit: None };
        Listing { entries: vec![entry], ..Listing::default() }
    }

    fn reader(&self) -> Box<dyn Reader + '_> {
        Box::new(Input)
    }
}

struct Input;

impl Reader for Input {
    fn open<'r>(&'r mut self, _: &Entry) -> io::Result<Box<dyn Read + 'r>> {
        Ok(Box::new(io::stdin().lock()))
    }
}
