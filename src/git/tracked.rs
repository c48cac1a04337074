//! Which files of a work tree git tracks, read from its index without opening the repository: nothing of its config is
//! obeyed.

use std::fs;
use std::path::{Path, PathBuf};

use crate::control;

/// The tracked paths of one work tree.
#[derive(Debug)]
pub enum Tracked {
    /// Sorted, relative to the work tree, with `/` between parts.
    Known(Vec<Vec<u8>>),
    /// The index is missing, damaged, or of a kind that the library cannot read: any file may be tracked.
    Unknown,
}

impl Tracked {
    /// Reads the index of the work tree at `root`.
    #[must_use]
    pub fn read(root: &Path) -> Self {
        let Some(index) = git_dir(root).map(|dir| dir.join("index")) else { return Self::Unknown };
        // A FIFO in place of the index would block the library for ever.
        match fs::symlink_metadata(&index) {
            Ok(found) if found.is_file() => {}
            // Nothing was ever added.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Self::Known(Vec::new()),
            _ => return Self::Unknown,
        }
        let Ok(index) = git2::Index::open(&index) else { return Self::Unknown };
        let mut paths: Vec<Vec<u8>> = index.iter().map(|entry| entry.path).collect();
        paths.sort_unstable();
        Self::Known(paths)
    }

    /// Whether git tracks the file, or any file in the folder, at this path.
    #[must_use]
    pub fn holds(&self, path: &[u8], is_dir: bool) -> bool {
        let Self::Known(paths) = self else { return true };
        let mut wanted = path.to_vec();
        if is_dir {
            wanted.push(b'/');
        }
        let first = paths.partition_point(|tracked| tracked.as_slice() < wanted.as_slice());
        paths.get(first).is_some_and(|tracked| if is_dir { tracked.starts_with(&wanted) } else { *tracked == wanted })
    }
}

/// The folder of a work tree's own git files: `.git`, or where a `.git` file of a linked work tree points.
fn git_dir(root: &Path) -> Option<PathBuf> {
    let dot_git = root.join(".git");
    let found = fs::symlink_metadata(&dot_git).ok()?;
    if found.is_dir() {
        return Some(dot_git);
    }
    let text = control::read_text(&dot_git).ok()??;
    Some(root.join(text.strip_prefix("gitdir:")?.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_tracked_where_a_file_in_it_is() {
        let tracked = Tracked::Known(vec![b"a/b/c".to_vec(), b"a/bc".to_vec(), b"z".to_vec()]);
        let rows = [
            ("a", true, true),
            ("a/b", true, true),
            ("a/b", false, false),
            ("a/bc", false, true),
            ("b", true, false),
            ("z", true, false),
        ];
        for (path, is_dir, expected) in rows {
            assert_eq!(tracked.holds(path.as_bytes(), is_dir), expected, "{path}");
        }
        assert!(Tracked::Unknown.holds(b"anything", false));
    }
}
