//! Looks at each file of a repository that the library or git would open: a FIFO in its place would block them for ever.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::pack::object_folders;
use super::{GitError, Location, Oid};
use crate::control;

/// A work tree's own files.
const OWN: [&str; 7] = ["HEAD", "MERGE_HEAD", "ORIG_HEAD", "FETCH_HEAD", "config.worktree", "gitdir", "commondir"];

/// Files that all work trees share.
const SHARED: [&str; 8] =
    ["HEAD", "config", "packed-refs", "shallow", "info/grafts", "info/attributes", "info/exclude", "logs/HEAD"];

/// Names of refs are not deeper than this.
const MAX_REF_DEPTH: usize = 64;

/// Git includes configs in configs this far.
const MAX_INCLUDES: usize = 10;

/// The error names the first file that is no regular one. The answer is the folders with objects.
pub fn check(location: &Location) -> Result<Vec<PathBuf>, GitError> {
    for name in OWN {
        regular(&location.git_dir.join(name))?;
    }
    regular(&location.index)?;
    // The shared part of a split index.
    for entry in fs::read_dir(&location.git_dir).into_iter().flatten().flatten() {
        if entry.file_name().as_encoded_bytes().starts_with(b"sharedindex.") {
            regular(&entry.path())?;
        }
    }
    for name in SHARED {
        regular(&location.common_dir.join(name))?;
    }
    for folder in [location.git_dir.join("refs"), location.common_dir.join("refs")] {
        regular_below(&folder, MAX_REF_DEPTH)?;
    }
    regular_below(&location.common_dir.join("reftable"), 0)?;
    includes(&location.common_dir.join("config"), MAX_INCLUDES)?;
    includes(&location.git_dir.join("config.worktree"), MAX_INCLUDES)?;
    let objects = object_folders(&location.common_dir.join("objects"))?;
    for folder in &objects {
        regular_below(&folder.join("pack"), 0)?;
        regular_below(&folder.join("info"), 1)?;
    }
    Ok(objects)
}

/// One object's own file, wherever it lies.
pub fn loose(objects: &[PathBuf], id: &Oid) -> Result<(), GitError> {
    let digits = id.to_string();
    let (folder, name) = digits.split_at(2);
    objects.iter().try_for_each(|objects| regular(&objects.join(folder).join(name)))
}

/// The files that a config names to be read as parts of it.
fn includes(config: &Path, depth: usize) -> Result<(), GitError> {
    regular(config).map_err(|error| match error {
        GitError::ControlFile { path, .. } => {
            GitError::ControlFile { path, what: "not a regular file, and read as config" }
        }
        other => other,
    })?;
    let Ok(Some(text)) = control::read(config) else { return Ok(()) };
    let text = String::from_utf8_lossy(&text).into_owned();
    let folder = config.parent().unwrap_or(config);
    let mut included = false;
    for line in text.lines().map(str::trim_start) {
        let line = if line.starts_with('[') {
            let (section, rest) = line.split_once(']').unwrap_or((line, ""));
            included = section.to_ascii_lowercase().starts_with("[include");
            rest.trim_start()
        } else {
            line
        };
        let Some((key, value)) = line.split_once('=').filter(|_| included) else { continue };
        let value = value.trim().trim_matches('"');
        // What is in the user's home is the user's.
        if key.trim().eq_ignore_ascii_case("path") && !value.starts_with('~') && depth > 0 {
            includes(&folder.join(value), depth - 1)?;
        }
    }
    Ok(())
}

/// The file is a regular one, or a symlink to one, or is not there.
fn regular(path: &Path) -> Result<(), GitError> {
    match fs::metadata(path) {
        Ok(found) if found.is_file() => Ok(()),
        Ok(_) => Err(GitError::ControlFile { path: path.to_owned(), what: "not a regular file" }),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(()),
        Err(_) => Err(GitError::ControlFile { path: path.to_owned(), what: "not readable" }),
    }
}

/// All that is in the folder, and in folders in it, is regular files.
fn regular_below(folder: &Path, depth: usize) -> Result<(), GitError> {
    let Ok(entries) = fs::read_dir(folder) else { return Ok(()) };
    for entry in entries.flatten() {
        match entry.file_type() {
            Ok(kind) if kind.is_file() => {}
            Ok(kind) if kind.is_dir() && depth > 0 => regular_below(&entry.path(), depth - 1)?,
            Ok(kind) if kind.is_dir() => {}
            _ => regular(&entry.path())?,
        }
    }
    Ok(())
}
