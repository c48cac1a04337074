//! One file of a commit, by its path.

use super::object::{Commit, Kind, Mode, Oid, tree_entries};
use super::{GitError, Store};

/// What `commit` has at `path`: a file's or symlink's mode and blob. None where there is no such file.
pub fn file_at(store: &mut dyn Store, commit: &Oid, path: &[u8]) -> Result<Option<(Mode, Oid)>, GitError> {
    let object = store.object(commit)?;
    let parsed = Commit::parse(&object.bytes).filter(|_| object.kind == Kind::Commit);
    let mut tree = parsed.ok_or(GitError::Damaged { id: *commit })?.tree;
    let id_len = store.id_len();
    let mut parts = path.split(|byte| *byte == b'/').peekable();
    while let Some(part) = parts.next() {
        let object = store.object(&tree)?;
        if object.kind != Kind::Tree {
            return Err(GitError::Damaged { id: tree });
        }
        let mut found = None;
        for entry in tree_entries(&object.bytes, id_len) {
            let entry = entry.map_err(|_| GitError::Damaged { id: tree })?;
            if entry.name == part {
                found = Some((entry.mode, entry.id));
            }
        }
        match (found, parts.peek()) {
            (Some((Mode::Folder, id)), Some(_)) => tree = id,
            (Some((mode @ (Mode::File | Mode::Symlink), id)), None) => return Ok(Some((mode, id))),
            _ => return Ok(None),
        }
    }
    Ok(None)
}
