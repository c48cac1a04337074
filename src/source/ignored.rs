//! What `.gitignore` leaves out: read by our own safe reader, and only where git does not track it.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock};

use ignore::gitignore::{Gitignore, GitignoreBuilder};

use crate::control;
use crate::git::Tracked;
use crate::outcome::Gap;

/// The ignore rules of all folders seen so far. Shared by the threads of a walk.
#[derive(Debug, Default)]
pub struct Ignored {
    folders: Mutex<HashMap<PathBuf, Arc<Folder>>>,
    gaps: Mutex<Vec<Gap>>,
}

/// The rules of one folder, and the way up to its work tree's root.
#[derive(Debug)]
pub struct Folder {
    dir: PathBuf,
    rules: Option<Gitignore>,
    parent: Option<Arc<Folder>>,
    tree: Option<Arc<Tree>>,
}

/// A git work tree; its index is read when the first path is found to be ignored.
#[derive(Debug)]
struct Tree {
    root: PathBuf,
    tracked: OnceLock<Tracked>,
}

impl Ignored {
    /// What is known of the folder `dir`, an absolute path.
    #[must_use]
    pub fn folder(&self, dir: &Path) -> Arc<Folder> {
        if let Some(known) = self.folders.lock().ok().and_then(|folders| folders.get(dir).cloned()) {
            return known;
        }
        let folder = Arc::new(self.read(dir));
        if let Ok(mut folders) = self.folders.lock() {
            folders.insert(dir.to_owned(), Arc::clone(&folder));
        }
        folder
    }

    /// Ignore files that could not be read: what they leave out is not known, so nothing was left out by them.
    #[must_use]
    pub fn gaps(self) -> Vec<Gap> {
        self.gaps.into_inner().unwrap_or_default()
    }

    fn read(&self, dir: &Path) -> Folder {
        let is_root = dir.join(".git").symlink_metadata().is_ok();
        let parent =
            if is_root { None } else { dir.parent().filter(|up| !up.as_os_str().is_empty()).map(|up| self.folder(up)) };
        let tree = if is_root {
            Some(Arc::new(Tree { root: dir.to_owned(), tracked: OnceLock::new() }))
        } else {
            parent.as_ref().and_then(|parent| parent.tree.clone())
        };
        let rules = tree.as_ref().and_then(|_| self.rules(dir));
        Folder { dir: dir.to_owned(), rules, parent, tree }
    }

    fn rules(&self, dir: &Path) -> Option<Gitignore> {
        let file = dir.join(".gitignore");
        let bytes = match control::read(&file) {
            Ok(bytes) => bytes?,
            Err(error) => {
                let gap = Gap { path: file.to_string_lossy().into_owned(), why: error.to_string() };
                if let Ok(mut gaps) = self.gaps.lock() {
                    gaps.push(gap);
                }
                return None;
            }
        };
        let mut builder = GitignoreBuilder::new(dir);
        for line in String::from_utf8_lossy(&bytes).lines() {
            // A line that is no glob ignores nothing, for git as well.
            let _ = builder.add_line(None, line);
        }
        builder.build().ok().filter(|rules| !rules.is_empty())
    }
}

impl Folder {
    /// Whether what stands here under that name is ignored and untracked, so that it may be left out.
    #[must_use]
    pub fn leaves_out(&self, name: &OsStr, is_dir: bool) -> bool {
        let Some(tree) = &self.tree else { return false };
        let path = self.dir.join(name);
        if !self.ignores(&path, is_dir) {
            return false;
        }
        let Ok(relative) = path.strip_prefix(&tree.root) else { return false };
        let tracked = tree.tracked.get_or_init(|| Tracked::read(&tree.root));
        !tracked.holds(relative.as_os_str().as_encoded_bytes(), is_dir)
    }

    /// The nearest folder with something to say decides.
    fn ignores(&self, path: &Path, is_dir: bool) -> bool {
        let mut folder = Some(self);
        while let Some(here) = folder {
            if let Some(rules) = &here.rules {
                let said = rules.matched(path, is_dir);
                if !said.is_none() {
                    return said.is_ignore();
                }
            }
            folder = here.parent.as_deref();
        }
        false
    }
}
