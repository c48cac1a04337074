//! Everything that reading must leave as it was: names, kinds, sizes, times and contents below a folder.

use std::collections::BTreeMap;
use std::fs;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

#[derive(Debug, PartialEq, Eq)]
pub struct Snapshot(BTreeMap<PathBuf, State>);

#[derive(Debug, PartialEq, Eq)]
struct State {
    mode: u32,
    len: u64,
    changed: (i64, i64),
    content: u64,
}

/// Looks at all that is in `dir`, but not at `except`.
pub fn snapshot(dir: &Path, except: &Path) -> Snapshot {
    let mut all = BTreeMap::new();
    below(dir, except, &mut all);
    Snapshot(all)
}

fn below(dir: &Path, except: &Path, all: &mut BTreeMap<PathBuf, State>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path == except {
            continue;
        }
        let found = path.symlink_metadata().unwrap();
        let mut hasher = DefaultHasher::new();
        if found.is_file() {
            fs::read(&path).unwrap().hash(&mut hasher);
        } else if found.is_symlink() {
            fs::read_link(&path).unwrap().hash(&mut hasher);
        } else if found.is_dir() {
            below(&path, except, all);
        }
        // Git renews the time of a split index's shared part whenever it reads it, and nobody else can read it.
        let is_shared = path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"sharedindex."));
        let changed = if is_shared { (0, 0) } else { (found.mtime(), found.mtime_nsec()) };
        all.insert(path, State { mode: found.mode(), len: found.len(), changed, content: hasher.finish() });
    }
}

impl Snapshot {
    /// What is not as it was.
    pub fn changes(&self, after: &Self) -> Vec<String> {
        let mut changes = Vec::new();
        for (path, state) in &self.0 {
            match after.0.get(path) {
                None => changes.push(format!("{} is gone", path.display())),
                Some(now) if now != state => changes.push(format!("{} has changed", path.display())),
                Some(_) => {}
            }
        }
        let added = after.0.keys().filter(|path| !self.0.contains_key(*path));
        changes.extend(added.map(|path| format!("{} was left behind", path.display())));
        changes
    }
}
