//! Where each blob stood: the first commit that has it at a path, for each class of paths. Paths of a class are those for
//! which every rule, weight and exception says the same, so a blob need be judged once for each class.

use std::collections::HashMap;
use std::ops::Range;

use crate::catalogue::RuleSet;
use crate::git::Oid;
use crate::judge::surroundings::{Role, Said};
use crate::marker;
use crate::policy::Policy;

/// The place in the order of commits of what no commit has: a blob that a tag or nothing at all points to.
pub const NOWHERE: u32 = u32::MAX;

/// What a piece of history found, with paths that it numbers itself.
#[derive(Debug, Default)]
pub struct Batch {
    pub paths: Vec<Vec<u8>>,
    pub files: Vec<NewFile>,
}

#[derive(Clone, Copy, Debug)]
pub struct NewFile {
    pub blob: Oid,
    pub commit: u32,
    pub path: u32,
}

/// A blob at a path of some class, in the first commit that has it there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Item {
    pub blob: Oid,
    pub class: u32,
    pub commit: u32,
    pub path: u32,
}

/// A path that some commit has.
#[derive(Debug)]
pub struct Path {
    pub text: String,
    /// None where the config leaves it out.
    class: Option<u32>,
    /// The first commit with anything there.
    pub commit: u32,
}

/// All that the config, the rules and the weights make of a path.
type Class = ((Said, (&'static str, bool)), Vec<usize>, Vec<Vec<usize>>);

#[derive(Debug, Default)]
pub struct Places {
    pub paths: Vec<Path>,
    /// Sorted.
    items: Vec<Item>,
    /// The set of classes of each item's blob.
    sets: Vec<u32>,
    numbers: HashMap<Vec<u8>, u32>,
    classes: HashMap<Class, u32>,
    /// Files that the config leaves out.
    pub left_out: u64,
}

impl Places {
    /// Adds what was found, of commits that come after those added before.
    pub fn add(&mut self, batch: Batch, rules: &RuleSet, policy: &Policy) {
        let mut numbers = vec![NOWHERE; batch.paths.len()];
        for file in batch.files {
            let place = &mut numbers[file.path as usize];
            if *place == NOWHERE {
                *place = self.path(&batch.paths[file.path as usize], file.commit, rules, policy);
            }
            let path = &mut self.paths[*place as usize];
            path.commit = path.commit.min(file.commit);
            match path.class {
                Some(class) => self.items.push(Item { blob: file.blob, class, commit: file.commit, path: *place }),
                None => self.left_out += 1,
            }
        }
    }

    /// Puts everything in order: to be called once, after the last `add`.
    pub fn settle(&mut self) {
        self.items.sort_unstable();
        self.items.dedup_by(|next, kept| next.blob == kept.blob && next.class == kept.class);
        self.items.shrink_to_fit();
        self.numbers = HashMap::new();
        let mut known: HashMap<Vec<u32>, u32> = HashMap::new();
        let mut sets = Vec::with_capacity(self.items.len());
        for of_blob in self.items.chunk_by(|one, next| one.blob == next.blob) {
            let classes: Vec<u32> = of_blob.iter().map(|item| item.class).collect();
            let next = known.len() as u32;
            let set = *known.entry(classes).or_insert(next);
            sets.resize(sets.len() + of_blob.len(), set);
        }
        self.sets = sets;
    }

    /// Where a blob stood, one item for each class, and the set of those; none where it is in no commit that was added.
    #[must_use]
    pub fn of(&self, blob: &Oid) -> Option<(&[Item], u32)> {
        let range = self.range(blob);
        let set = *self.sets.get(range.start).filter(|_| !range.is_empty())?;
        Some((&self.items[range], set))
    }

    /// Whether the config leaves the path out.
    #[must_use]
    pub fn is_left_out(&self, path: usize) -> bool {
        self.paths[path].class.is_none()
    }

    /// All items, in the order of their blobs.
    #[must_use]
    pub fn items(&self) -> &[Item] {
        &self.items
    }

    fn range(&self, blob: &Oid) -> Range<usize> {
        let start = self.items.partition_point(|item| item.blob < *blob);
        let len = self.items[start..].iter().take_while(|item| item.blob == *blob).count();
        start..start + len
    }

    fn path(&mut self, path: &[u8], commit: u32, rules: &RuleSet, policy: &Policy) -> u32 {
        if let Some(known) = self.numbers.get(path) {
            return *known;
        }
        let number = self.paths.len() as u32;
        self.numbers.insert(path.to_vec(), number);
        let text = String::from_utf8_lossy(path).into_owned();
        let class = (!policy.leaves_out(&text)).then(|| {
            let said = (Role::of(&text).said(), marker::said(&text));
            let mut limited = rules.for_file(&text);
            limited.sort_unstable();
            limited.dedup();
            let next = self.classes.len() as u32;
            *self.classes.entry((said, limited, policy.named_at(&text))).or_insert(next)
        });
        self.paths.push(Path { text, class, commit });
        number
    }
}
