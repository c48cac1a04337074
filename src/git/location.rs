//! Where a repository's files lie, found without opening it: a FIFO in place of one of them would block the library and
//! git for ever, so each is looked at first.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use super::{GitError, regular};
use crate::control;

/// What the environment says of the repository: git sets these for its hooks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Environment {
    /// `GIT_DIR`
    pub git_dir: Option<OsString>,
    /// `GIT_COMMON_DIR`
    pub common_dir: Option<OsString>,
    /// `GIT_INDEX_FILE`: `commit -a` and `commit PATH` make one of their own.
    pub index_file: Option<OsString>,
    /// `GIT_WORK_TREE`
    pub work_tree: Option<OsString>,
}

/// Which repository is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Start {
    /// The one that a hook runs in: the environment counts, then the current folder.
    Hook(Environment),
    /// The one at this path, or above it: the environment does not count.
    Path(PathBuf),
}

/// The folders and files of one repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    /// A work tree's own files: `HEAD`, the index.
    pub git_dir: PathBuf,
    /// What all work trees share: objects, refs, config.
    pub common_dir: PathBuf,
    pub index: PathBuf,
    /// The folder with the files; none in a bare repository.
    pub work_tree: Option<PathBuf>,
    /// The folders with objects: its own, and those it borrows from.
    pub objects: Vec<PathBuf>,
}

impl Location {
    /// Finds the repository and looks at its control files; `here` is the current folder.
    pub fn find(start: &Start, here: &Path) -> Result<Self, GitError> {
        let mut location = match start {
            Start::Hook(environment) => Self::of_hook(environment, here)?,
            Start::Path(path) => Self::above(&here.join(path))?,
        };
        location.objects = regular::check(&location)?;
        Ok(location)
    }

    fn of_hook(environment: &Environment, here: &Path) -> Result<Self, GitError> {
        let set = |value: &Option<OsString>| {
            value.as_ref().filter(|value| !value.is_empty()).map(|value| here.join(Path::new(value)))
        };
        let mut location = match set(&environment.git_dir) {
            Some(git_dir) => Self::new(git_dir, Some(here.to_owned()))?,
            None => Self::above(here)?,
        };
        if let Some(common_dir) = set(&environment.common_dir) {
            location.common_dir = common_dir;
        }
        if let Some(work_tree) = set(&environment.work_tree) {
            location.work_tree = Some(work_tree);
        }
        if let Some(index) = environment.index_file.as_ref().filter(|index| !index.is_empty()) {
            // Git changes to the top of the work tree before it opens it.
            location.index = location.work_tree.as_deref().unwrap_or(here).join(index);
        }
        Ok(location)
    }

    fn above(start: &Path) -> Result<Self, GitError> {
        for folder in start.ancestors() {
            let dot_git = folder.join(".git");
            match fs::metadata(&dot_git) {
                Ok(found) if found.is_dir() && is_repository(&dot_git) => {
                    return Self::new(dot_git, Some(folder.to_owned()));
                }
                Ok(found) if found.is_file() => {
                    let text = control::read_text(&dot_git)?.unwrap_or_default();
                    let no_pointer =
                        || GitError::ControlFile { path: dot_git.clone(), what: "no pointer to a repository" };
                    let target = text.strip_prefix("gitdir:").ok_or_else(no_pointer)?.trim_matches(['\n', '\r', ' ']);
                    let git_dir = folder.join(target);
                    if !is_repository(&git_dir) {
                        return Err(GitError::ControlFile { path: dot_git, what: "a pointer to no repository" });
                    }
                    return Self::new(git_dir, Some(folder.to_owned()));
                }
                // Git passes over a folder of that name without a repository in it.
                Ok(found) if found.is_dir() => {}
                Ok(_) => return Err(GitError::ControlFile { path: dot_git, what: "neither a folder nor a file" }),
                Err(_) => {}
            }
            if is_repository(folder) {
                return Self::new(folder.to_owned(), None);
            }
        }
        Err(GitError::NoRepository)
    }

    fn new(git_dir: PathBuf, work_tree: Option<PathBuf>) -> Result<Self, GitError> {
        let common_dir = match control::read_text(&git_dir.join("commondir"))? {
            Some(text) => git_dir.join(text.trim_end_matches(['\n', '\r'])),
            None => git_dir.clone(),
        };
        let index = git_dir.join("index");
        Ok(Self { git_dir, common_dir, index, work_tree, objects: Vec::new() })
    }

    /// Whether parts of the history were never fetched.
    #[must_use]
    pub fn is_shallow(&self) -> bool {
        fs::metadata(self.common_dir.join("shallow")).is_ok_and(|found| found.len() > 0)
    }
}

/// What git itself takes for a repository.
fn is_repository(folder: &Path) -> bool {
    let has_objects = folder.join("objects").is_dir() && folder.join("refs").is_dir();
    let is_linked = || folder.join("commondir").is_file();
    folder.join("HEAD").symlink_metadata().is_ok() && (has_objects || is_linked())
}
