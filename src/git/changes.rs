//! What a tree, or the index, has that none of its parents has at the same path, and which paths of theirs it lacks.
//! Folders with an id that a parent has too are passed over unread. There is no looking for renames: what is new at a path
//! is new.

use std::collections::HashSet;

use super::index::below;
use super::object::{Mode, Oid, TreeEntries, TreeEntry, tree_entries};
use super::{Folder, GitError, IndexEntry, Kind, Store};

/// A file or symlink whose content none of the parents has at this path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    pub path: Vec<u8>,
    pub mode: Mode,
    pub id: Oid,
    /// What parents have at this path; empty where it is new.
    pub olds: Vec<Oid>,
}

/// A file that all parents have at a path at which nothing is any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gone {
    pub path: Vec<u8>,
    /// What the first parent had there.
    pub id: Oid,
}

/// What a change brings, and what it takes away.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    pub new: Vec<Change>,
    /// Only where something is at a path that was not there: else nothing can have moved.
    pub gone: Vec<Gone>,
}

/// What a commit's tree adds to the trees of its parents.
pub fn of_tree(store: &mut dyn Store, tree: Oid, parents: &[Oid]) -> Result<Changes, GitError> {
    let mut walk = Walk::new(store);
    walk.tree(tree, parents)?;
    walk.end()
}

/// What the next commit would add to the trees of its parents: exactly what the index holds, since that is what git records.
pub fn of_index(store: &mut dyn Store, parents: &[Oid]) -> Result<Changes, GitError> {
    let index = store.index()?;
    let mut walk = Walk::new(store);
    walk.index(&index.entries, index.folders.as_ref(), parents)?;
    walk.end()
}

/// Git's own limit, `core.maxTreeDepth`: folders nested deeper are an attack on the stack of whoever follows them.
const MAX_DEPTH: usize = 2048;

struct Walk<'s> {
    store: &'s mut dyn Store,
    path: Vec<u8>,
    changes: Vec<Change>,
    /// Files and folders that are not there any more.
    gone: Vec<(Mode, Gone)>,
}

impl<'s> Walk<'s> {
    fn new(store: &'s mut dyn Store) -> Self {
        Self { store, path: Vec::new(), changes: Vec::new(), gone: Vec::new() }
    }

    fn end(mut self) -> Result<Changes, GitError> {
        let mut changes = Changes { new: std::mem::take(&mut self.changes), gone: Vec::new() };
        if changes.new.iter().all(|change| !change.olds.is_empty()) {
            return Ok(changes);
        }
        for (mode, gone) in std::mem::take(&mut self.gone) {
            if mode == Mode::Folder {
                self.path = gone.path;
                self.path.push(b'/');
                self.tree(gone.id, &[])?;
                let inner = self.changes.drain(..).filter(|change| change.mode == Mode::File);
                changes.gone.extend(inner.map(|change| Gone { path: change.path, id: change.id }));
            } else {
                changes.gone.push(gone);
            }
        }
        Ok(changes)
    }
}

impl Walk<'_> {
    fn tree(&mut self, tree: Oid, parents: &[Oid]) -> Result<(), GitError> {
        if parents.contains(&tree) {
            return Ok(());
        }
        let id_len = self.store.id_len();
        let bytes = self.read(tree)?;
        let trees = self.read_all(parents)?;
        let mut olds = Olds::new(&trees, parents, id_len);
        let mut names = HashSet::new();
        for entry in tree_entries(&bytes, id_len) {
            let TreeEntry { mode, name, id } = entry.map_err(|_| GitError::Damaged { id: tree })?;
            if !trees.is_empty() {
                names.insert((name, mode == Mode::Folder));
            }
            let before = olds.find(name, mode == Mode::Folder)?;
            if before.contains(&id) {
                continue;
            }
            let depth = self.enter(name, tree)?;
            match mode {
                Mode::Folder => {
                    self.path.push(b'/');
                    self.tree(id, &before)?;
                }
                Mode::File | Mode::Symlink => self.change(mode, id, before),
                // What it names is another repository's.
                Mode::Submodule => {}
            }
            self.path.truncate(depth);
        }
        self.lost(&names, &trees, id_len);
        Ok(())
    }

    /// Notes what all parents have in this folder, and it has not.
    fn lost(&mut self, names: &HashSet<(&[u8], bool)>, parents: &[Vec<u8>], id_len: usize) {
        let Some((first, others)) = parents.split_first() else { return };
        let entries = |tree| tree_entries(tree, id_len).filter_map(Result::ok);
        let key = |entry: TreeEntry<'_>| (entry.name.to_vec(), entry.mode == Mode::Folder);
        let others: Vec<HashSet<_>> = others.iter().map(|tree| entries(tree).map(key).collect()).collect();
        for entry in entries(first) {
            let TreeEntry { mode, name, id } = entry;
            let stays = names.contains(&(name, mode == Mode::Folder));
            if !stays && matches!(mode, Mode::File | Mode::Folder) && others.iter().all(|it| it.contains(&key(entry))) {
                self.gone.push((mode, Gone { path: [&self.path, name].concat(), id }));
            }
        }
    }

    fn index(&mut self, entries: &[IndexEntry], folder: Option<&Folder>, parents: &[Oid]) -> Result<(), GitError> {
        if let Some(id) = folder.and_then(|folder| folder.id) {
            // Git records the folder by this id, whatever the entries say, if it has the tree.
            let mut is_there = || self.store.object(&id).is_ok_and(|object| object.kind == Kind::Tree);
            if parents.contains(&id) || is_there() {
                return self.tree(id, parents);
            }
        }
        let id_len = self.store.id_len();
        let trees = self.read_all(parents)?;
        let mut olds = Olds::new(&trees, parents, id_len);
        let depth = self.path.len();
        let mut names = HashSet::new();
        let mut at = 0;
        while let Some(entry) = entries.get(at) {
            let rest = entry.path.get(depth..).unwrap_or_default();
            let Some(slash) = memchr::memchr(b'/', rest) else {
                at += 1;
                names.insert((rest, false));
                self.entry(entry, olds.find(rest, false)?);
                continue;
            };
            let name = &rest[..slash];
            names.insert((name, true));
            if entry.mode == Mode::Folder && slash + 1 == rest.len() {
                at += 1;
                self.folded(entry.id, name, &olds.find(name, true)?)?;
                continue;
            }
            let known = folder.and_then(|folder| folder.folders.iter().find(|inner| inner.name == name));
            let range = match known {
                // Its entries are counted, so that they need not be looked at.
                Some(known) if known.id.is_some() && known.entries > 0 => at..(at + known.entries).min(entries.len()),
                _ => below(entries, at, depth, name),
            };
            let before = olds.find(name, true)?;
            self.path.extend_from_slice(name);
            self.path.push(b'/');
            self.index(entries.get(range.clone()).unwrap_or_default(), known, &before)?;
            self.path.truncate(depth);
            at = range.end.max(at + 1);
        }
        self.lost(&names, &trees, id_len);
        Ok(())
    }

    /// A folder that a sparse index has as one entry.
    fn folded(&mut self, id: Oid, name: &[u8], before: &[Oid]) -> Result<(), GitError> {
        let depth = self.path.len();
        self.path.extend_from_slice(name);
        self.path.push(b'/');
        self.tree(id, before)?;
        self.path.truncate(depth);
        Ok(())
    }

    fn entry(&mut self, entry: &IndexEntry, before: Vec<Oid>) {
        // In a conflict, the first stage is what both sides began with.
        let is_old = entry.stage == 1 || before.contains(&entry.id);
        if !is_old && matches!(entry.mode, Mode::File | Mode::Symlink) {
            self.changes.push(Change { path: entry.path.clone(), mode: entry.mode, id: entry.id, olds: before });
        }
    }

    fn enter(&mut self, name: &[u8], tree: Oid) -> Result<usize, GitError> {
        let depth = self.path.len();
        self.path.extend_from_slice(name);
        let folders = self.path.iter().filter(|byte| **byte == b'/').count();
        if folders > MAX_DEPTH { Err(GitError::Damaged { id: tree }) } else { Ok(depth) }
    }

    fn change(&mut self, mode: Mode, id: Oid, olds: Vec<Oid>) {
        self.changes.push(Change { path: self.path.clone(), mode, id, olds });
    }

    fn read(&mut self, tree: Oid) -> Result<Vec<u8>, GitError> {
        let object = self.store.object(&tree)?;
        if object.kind == Kind::Tree { Ok(object.bytes) } else { Err(GitError::Damaged { id: tree }) }
    }

    fn read_all(&mut self, trees: &[Oid]) -> Result<Vec<Vec<u8>>, GitError> {
        trees.iter().map(|tree| self.read(*tree)).collect()
    }
}

/// One folder as each of the parents has it, asked for names in the order of a tree.
struct Olds<'t> {
    trees: Vec<(Oid, std::iter::Peekable<TreeEntries<'t>>)>,
}

impl<'t> Olds<'t> {
    fn new(trees: &'t [Vec<u8>], ids: &[Oid], id_len: usize) -> Self {
        let cursors = trees.iter().map(|tree| tree_entries(tree, id_len).peekable());
        Self { trees: ids.iter().copied().zip(cursors).collect() }
    }

    /// What the parents have under this name, if it is of the same kind; each once.
    fn find(&mut self, name: &[u8], is_folder: bool) -> Result<Vec<Oid>, GitError> {
        let mut found = Vec::new();
        for (id, cursor) in &mut self.trees {
            let before = |entry: &Result<TreeEntry<'_>, _>| {
                entry.is_ok_and(|entry| key(entry.name, entry.mode == Mode::Folder).lt(key(name, is_folder)))
            };
            while cursor.next_if(before).is_some() {}
            match cursor.peek() {
                Some(Ok(entry)) if entry.name == name && (entry.mode == Mode::Folder) == is_folder => {
                    // A submodule that became a file has nothing to compare with.
                    let is_other = entry.mode == Mode::Submodule || found.contains(&entry.id);
                    found.extend((!is_other).then_some(entry.id));
                }
                Some(Err(_)) => return Err(GitError::Damaged { id: *id }),
                _ => {}
            }
        }
        Ok(found)
    }
}

/// Git sorts folders as if their names ended with a slash.
fn key(name: &[u8], is_folder: bool) -> impl Iterator<Item = u8> + '_ {
    name.iter().copied().chain(is_folder.then_some(b'/'))
}
