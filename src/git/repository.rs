//! A repository that was found, and which back end reads it.

use std::path::Path;

use super::library::{Library, Refused};
use super::location::{Location, Start};
use super::program::Program;
use super::{GitError, Oid, Ref, Store};
use crate::control;

/// Knows how to open a store for each thread.
#[derive(Clone, Debug)]
pub struct Repository {
    start: Start,
    location: Location,
    /// Why the library was of no use; none where it is used.
    by_program: Option<String>,
}

/// A back end that the caller insists on, to compare the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Forced {
    Library,
    Program,
}

impl Repository {
    /// Finds the repository and chooses the back end; the store is the first one opened.
    pub fn open(start: &Start, here: &Path, forced: Option<Forced>) -> Result<(Self, Box<dyn Store>), GitError> {
        let location = Location::find(start, here)?;
        let mut repository = Self { start: start.clone(), location, by_program: None };
        if control::read(&repository.location.common_dir.join("info/grafts"))?.is_some() {
            // The library would take the parents that stand there for real ones.
            let why = "it has grafts".to_owned();
            if forced == Some(Forced::Library) {
                return Err(GitError::Open { why });
            }
            repository.by_program = Some(why);
        }
        if forced == Some(Forced::Program) {
            repository.by_program = Some("it was asked for".to_owned());
        }
        let store: Box<dyn Store> = match &repository.by_program {
            Some(why) => Box::new(Program::open(start, &repository.location, why)?),
            None => match Library::open(start, &repository.location) {
                Ok(library) => Box::new(library),
                Err(Refused::Error(error)) => return Err(error),
                Err(Refused::Unsupported(why)) if forced == Some(Forced::Library) => {
                    return Err(GitError::Open { why });
                }
                Err(Refused::Unsupported(why)) => {
                    let program = Program::open(start, &repository.location, &why)?;
                    repository.by_program = Some(why);
                    Box::new(program)
                }
            },
        };
        Ok((repository, store))
    }

    /// One more store, for another thread.
    pub fn store(&self) -> Result<Box<dyn Store>, GitError> {
        match &self.by_program {
            Some(why) => Ok(Box::new(Program::open(&self.start, &self.location, why)?)),
            None => match Library::open(&self.start, &self.location) {
                Ok(library) => Ok(Box::new(library)),
                Err(Refused::Error(error)) => Err(error),
                Err(Refused::Unsupported(why)) => Err(GitError::Open { why }),
            },
        }
    }

    #[must_use]
    pub const fn location(&self) -> &Location {
        &self.location
    }

    /// Which back end reads it, for `--verbose`.
    #[must_use]
    pub fn back_end(&self) -> String {
        match &self.by_program {
            Some(why) => format!("the git program ({why})"),
            None => "libgit2".to_owned(),
        }
    }

    /// The commits that a merge in progress brings in: the next commit has them as further parents.
    pub fn merge_heads(&self) -> Result<Vec<Oid>, GitError> {
        ids_in("MERGE_HEAD", &self.location.git_dir)
    }

    /// Commits whose parents were never fetched.
    pub fn shallow(&self) -> Result<Vec<Oid>, GitError> {
        ids_in("shallow", &self.location.common_dir)
    }
}

fn ids_in(name: &str, folder: &Path) -> Result<Vec<Oid>, GitError> {
    let path = folder.join(name);
    let Some(text) = control::read(&path)? else { return Ok(Vec::new()) };
    let garbled = || GitError::ControlFile { path: path.clone(), what: "not a list of commits" };
    let lines = text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    lines.map(|line| Oid::parse(line.trim_ascii()).ok_or_else(garbled)).collect()
}

/// What the other work trees have checked out, where that is no branch.
pub(super) fn other_heads(location: &Location) -> Result<Vec<Ref>, GitError> {
    let mut heads = Vec::new();
    let Ok(entries) = std::fs::read_dir(location.common_dir.join("worktrees")) else { return Ok(heads) };
    for entry in entries.flatten() {
        let text = control::read(&entry.path().join("HEAD"))?.unwrap_or_default();
        let name = [b"worktrees/", entry.file_name().as_encoded_bytes(), b"/HEAD"].concat();
        heads.extend(Oid::parse(text.trim_ascii()).map(|id| Ref { name, id }));
    }
    Ok(heads)
}

/// Git refuses a repository of somebody else, and so do we.
pub(super) fn foreign(location: &Location) -> GitError {
    let path = location.work_tree.as_ref().unwrap_or(&location.git_dir);
    let help = format!("if you trust it: `git config --global --add safe.directory {}`", path.display());
    GitError::Owner { path: path.clone(), help }
}

/// What can be done about an object that is not there depends on how the repository was made.
pub(super) fn missing(id: Oid, location: &Location) -> GitError {
    let help = if location.is_shallow() {
        "this clone is shallow: `git fetch --unshallow`, or `fetch-depth: 0` in CI"
    } else {
        "in a partial clone, `git fetch --refetch --no-filter` brings it; else `git fsck` tells more"
    };
    GitError::Missing { id, help: help.to_owned() }
}

pub(super) fn no_revision(revision: &str, location: &Location) -> GitError {
    let help = if location.is_shallow() {
        "this clone is shallow: `git fetch --unshallow`, or `fetch-depth: 0` in CI, brings the rest"
    } else {
        "`git fetch` brings branches of the remote; `git log` shows what there is"
    };
    GitError::NoRevision { revision: revision.to_owned(), help: help.to_owned() }
}
