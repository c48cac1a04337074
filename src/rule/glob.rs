//! Globs of paths: the only user of the globset crate.

use std::sync::OnceLock;

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};

use super::Text;
use super::rule::Texts;

/// A set of globs, compiled when first asked. A glob without `/` holds for the file's name in any folder.
#[derive(Debug)]
pub struct Globs {
    sources: Texts,
    set: OnceLock<GlobSet>,
}

impl Globs {
    /// What `build.rs` writes into the binary after `parse` has checked it.
    #[must_use]
    pub const fn checked(sources: &'static [Text]) -> Self {
        Self { sources: Texts::Borrowed(sources), set: OnceLock::new() }
    }

    /// Checks each glob; the error holds the glob and what is wrong with it.
    pub fn parse(sources: &[String]) -> Result<Self, (String, String)> {
        for source in sources {
            glob(source).map_err(|error| (source.clone(), error.kind().to_string()))?;
        }
        Ok(Self { sources: sources.iter().cloned().map(Text::Owned).collect(), set: OnceLock::new() })
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.sources.is_empty()
    }

    #[must_use]
    pub fn sources(&self) -> &[Text] {
        &self.sources
    }

    #[must_use]
    pub fn matches(&self, path: &str) -> bool {
        !self.is_empty() && self.set().is_match(path)
    }

    /// The numbers of all globs that match.
    #[must_use]
    pub fn all(&self, path: &str) -> Vec<usize> {
        if self.is_empty() { Vec::new() } else { self.set().matches(path) }
    }

    /// The first glob that matches: for saying which one it was.
    #[must_use]
    pub fn first(&self, path: &str) -> Option<usize> {
        self.set().matches(path).into_iter().min()
    }

    fn set(&self) -> &GlobSet {
        self.set.get_or_init(|| {
            let mut set = GlobSetBuilder::new();
            for source in self.sources.iter() {
                set.add(glob(source).expect("each glob was checked by `parse`"));
            }
            set.build().expect("checked globs make a set")
        })
    }
}

fn glob(source: &str) -> Result<globset::Glob, globset::Error> {
    let anywhere = format!("**/{}", source.trim_start_matches("./"));
    let source = if source.contains('/') { source.trim_start_matches("./") } else { &anywhere };
    GlobBuilder::new(source).literal_separator(true).build()
}
