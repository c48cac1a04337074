//! Which commit first brought a file: commits in an order in which parents come before children, and for each what its
//! tree has that no parent's tree has at the same path. The first commit with a blob is then the first that brings it.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::rc::Rc;

use super::object::{Commit, Kind, Mode, Oid, TreeEntries, TreeEntry, tree_entries};
use super::pack::Reader;

/// What the order of commits is made from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    pub tree: Oid,
    pub parents: Vec<Oid>,
    /// When it was committed.
    pub seconds: i64,
}

impl From<&Commit<'_>> for Link {
    fn from(commit: &Commit<'_>) -> Self {
        Self { tree: commit.tree, parents: commit.parents.clone(), seconds: commit.committer.seconds }
    }
}

/// The commits that some tips reach, parents before children, and the older first where that leaves a choice.
#[derive(Debug, Default)]
pub struct History {
    pub steps: Vec<Step>,
    /// Commits that others name as parents and that are not there, each once.
    pub missing: Vec<Oid>,
}

/// A commit in its place.
#[derive(Clone, Debug)]
pub struct Step {
    pub id: Oid,
    pub tree: Oid,
    /// The trees of its parents.
    pub before: Vec<Oid>,
}

impl History {
    #[must_use]
    pub fn new(links: &HashMap<Oid, Link>, tips: &[Oid]) -> Self {
        let mut history = Self::default();
        let mut children: HashMap<Oid, Vec<Oid>> = HashMap::new();
        let mut waiting: HashMap<Oid, usize> = HashMap::new();
        let mut stack: Vec<Oid> = tips.to_vec();
        let mut ready = BinaryHeap::new();
        while let Some(id) = stack.pop() {
            if waiting.contains_key(&id) {
                continue;
            }
            let Some(link) = links.get(&id) else {
                history.missing.push(id);
                continue;
            };
            let mut parents: Vec<Oid> = link.parents.iter().filter(|id| links.contains_key(*id)).copied().collect();
            parents.sort_unstable();
            parents.dedup();
            if parents.is_empty() {
                ready.push(Reverse((link.seconds, id)));
            }
            for parent in &parents {
                children.entry(*parent).or_default().push(id);
            }
            waiting.insert(id, parents.len());
            stack.extend_from_slice(&link.parents);
        }
        history.missing.sort_unstable();
        history.missing.dedup();
        while let Some(Reverse((_, id))) = ready.pop() {
            let link = &links[&id];
            let before = link.parents.iter().filter_map(|parent| Some(links.get(parent)?.tree)).collect();
            history.steps.push(Step { id, tree: link.tree, before });
            for child in children.remove(&id).unwrap_or_default() {
                let left = waiting.entry(child).or_default();
                *left = left.saturating_sub(1);
                if *left == 0 {
                    ready.push(Reverse((links[&child].seconds, child)));
                }
            }
        }
        history
    }
}

/// Something that a commit's tree leads to, and that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lost {
    pub path: Vec<u8>,
    pub why: String,
}

/// Git goes no deeper either.
const DEEPEST: usize = 2_048 / 4;

/// A tree that leads to itself over many names has more files than any disk.
const MOST: u64 = 20_000_000;

/// Compares trees for one thread.
pub struct Comparison<'c, 'o> {
    reader: &'c mut Reader<'o>,
    id_len: usize,
    path: Vec<u8>,
    depth: usize,
    left: u64,
    pub lost: Vec<Lost>,
}

impl<'c, 'o> Comparison<'c, 'o> {
    #[must_use]
    pub const fn new(reader: &'c mut Reader<'o>, id_len: usize) -> Self {
        Self { reader, id_len, path: Vec::new(), depth: 0, left: MOST, lost: Vec::new() }
    }

    /// Calls `each` with path, mode and id of every file and symlink in `tree` that none of the trees `before` has at its
    /// path.
    pub fn new_files(&mut self, tree: Oid, before: &[Oid], each: &mut dyn FnMut(&[u8], Mode, Oid)) {
        self.left = MOST;
        self.path.clear();
        self.depth = 0;
        self.folder(tree, before, each);
    }

    fn folder(&mut self, tree: Oid, before: &[Oid], each: &mut dyn FnMut(&[u8], Mode, Oid)) {
        if before.contains(&tree) {
            return;
        }
        // What a parent has is compared with, and was read when it was that commit's turn: lost there, it is told there.
        let olds: Vec<Rc<Vec<u8>>> =
            before.iter().filter_map(|id| self.reader.object(id).ok().flatten()).map(|(_, bytes)| bytes).collect();
        let new = match self.reader.object(&tree) {
            Ok(Some((Kind::Tree, bytes))) if self.depth < DEEPEST => bytes,
            Ok(Some(_)) => return self.lose(format!("tree {tree} is damaged")),
            Ok(None) => return self.lose(format!("tree {tree} is missing")),
            Err(error) => return self.lose(error.to_string()),
        };
        let mut olds: Vec<TreeEntries<'_>> = olds.iter().map(|bytes| tree_entries(bytes, self.id_len)).collect();
        let mut heads: Vec<Option<TreeEntry<'_>>> = olds.iter_mut().map(next).collect();
        for entry in tree_entries(&new, self.id_len) {
            let Ok(entry) = entry else { return self.lose(format!("tree {tree} is damaged")) };
            let (same, folders) = advance(&entry, &mut olds, &mut heads);
            if same {
                continue;
            }
            if self.left == 0 {
                return self.lose(format!("there are more than {MOST} files"));
            }
            self.left -= 1;
            let len = self.path.len();
            self.path.extend_from_slice(entry.name);
            match entry.mode {
                Mode::Folder => {
                    self.path.push(b'/');
                    self.depth += 1;
                    self.folder(entry.id, &folders, each);
                    self.depth -= 1;
                }
                Mode::File | Mode::Symlink => each(&self.path, entry.mode, entry.id),
                // What it names is another repository's.
                Mode::Submodule => {}
            }
            self.path.truncate(len);
        }
    }

    fn lose(&mut self, why: String) {
        self.lost.push(Lost { path: self.path.clone(), why });
    }
}

fn next<'t>(entries: &mut TreeEntries<'t>) -> Option<TreeEntry<'t>> {
    entries.next().and_then(Result::ok)
}

/// Moves on to the place of `entry` in each old tree; says whether one has the same there, and which folders they have.
///
/// A tree that is out of order is moved past too far: more counts as new then, never less.
fn advance<'t>(
    entry: &TreeEntry<'_>,
    olds: &mut [TreeEntries<'t>],
    heads: &mut [Option<TreeEntry<'t>>],
) -> (bool, Vec<Oid>) {
    let (mut same, mut folders) = (false, Vec::new());
    for (old, head) in olds.iter_mut().zip(heads) {
        while let Some(found) = head {
            match key(found).cmp(key(entry)) {
                std::cmp::Ordering::Less => *head = next(old),
                std::cmp::Ordering::Equal => {
                    same |= found.id == entry.id && found.mode == entry.mode;
                    if found.mode == Mode::Folder {
                        folders.push(found.id);
                    }
                    *head = next(old);
                    break;
                }
                std::cmp::Ordering::Greater => break,
            }
        }
    }
    (same, folders)
}

/// Git sorts folders as if their names ended with a slash.
fn key<'e>(entry: &'e TreeEntry<'_>) -> impl Iterator<Item = &'e u8> {
    entry.name.iter().chain(if entry.mode == Mode::Folder { &b"/"[..] } else { &[] })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(number: u8) -> Oid {
        Oid::new(&[number; 20]).expect("an id")
    }

    /// Commits by number, with parents and time.
    fn order(rows: &[(u8, &[u8], i64)], tips: &[u8]) -> (Vec<u8>, Vec<u8>) {
        let link = |(number, parents, seconds): &(u8, &[u8], i64)| {
            let parents = parents.iter().map(|parent| id(*parent)).collect();
            (id(*number), Link { tree: id(*number), parents, seconds: *seconds })
        };
        let tips: Vec<Oid> = tips.iter().map(|tip| id(*tip)).collect();
        let history = History::new(&rows.iter().map(link).collect(), &tips);
        let first = |ids: Vec<Oid>| ids.iter().map(|id| id.as_bytes()[0]).collect();
        (first(history.steps.iter().map(|step| step.id).collect()), first(history.missing))
    }

    #[test]
    fn parents_come_first_and_then_what_is_older() {
        let rows: &[(u8, &[u8], i64)] =
            &[(1, &[], 50), (2, &[1], 10), (3, &[1], 5), (4, &[2, 3], 1), (5, &[], 0), (6, &[9], 7), (7, &[4, 4], 2)];
        assert_eq!(order(rows, &[4]), (vec![1, 3, 2, 4], vec![]));
        assert_eq!(order(rows, &[4, 5]), (vec![5, 1, 3, 2, 4], vec![]));
        assert_eq!(order(rows, &[6]), (vec![6], vec![9]));
        assert_eq!(order(rows, &[7, 7]), (vec![1, 3, 2, 4, 7], vec![]));
        assert_eq!(order(rows, &[8]), (vec![], vec![8]));
    }
}
