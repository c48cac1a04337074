//! The objects folders of a repository: its own, and those that it borrows from.

use std::path::{Path, PathBuf};

use super::error::PackError;
use crate::control;

/// Git follows five.
const DEEPEST: usize = 5;

/// `objects`, and every folder that its `info/alternates` leads to; each once. One that is not there lends nothing.
pub fn folders(objects: &Path) -> Result<Vec<PathBuf>, PackError> {
    let mut found = vec![objects.to_owned()];
    let mut level = found.clone();
    for _ in 0..DEEPEST {
        let mut next = Vec::new();
        for dir in &level {
            let file = dir.join("info").join("alternates");
            let lines = control::read(&file)?.unwrap_or_default();
            for line in lines.split(|byte| *byte == b'\n') {
                if line.is_empty() || line.starts_with(b"#") {
                    continue;
                }
                let Some(path) = path_of(line) else {
                    return Err(PackError::Unknown { path: file, why: "it has a line that is no path" });
                };
                let folder = dir.join(path);
                let same = |known: &PathBuf| known.canonicalize().ok() == folder.canonicalize().ok();
                if folder.is_dir() && !found.iter().any(same) {
                    found.push(folder.clone());
                    next.push(folder);
                }
            }
        }
        level = next;
    }
    if let Some(dir) = level.first() {
        return Err(PackError::Unknown { path: dir.clone(), why: "objects are borrowed over too many repositories" });
    }
    Ok(found)
}

/// A path as git writes it there; in quotes where it begins with one, which the few names that need it are not worth.
fn path_of(line: &[u8]) -> Option<PathBuf> {
    let text = std::str::from_utf8(line).ok().filter(|text| !text.starts_with('"'))?;
    Some(PathBuf::from(text))
}
