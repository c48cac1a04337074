//! Which objects of a pack are made from which: families, each of an object that is whole and all that come from it.

use super::error::PackError;
use super::file::{NONE, Pack};
use crate::git::Kind;

/// The families of one pack.
#[derive(Debug)]
pub struct Families {
    /// Where the children of each entry begin in `children`, and one past the last.
    first: Vec<u32>,
    /// The one with most descendants stands last among its siblings.
    children: Vec<u32>,
    /// Descendants of each entry, and itself.
    members: Vec<u32>,
    /// The kind of each entry's first ancestor, and so of itself.
    pub kinds: Vec<Kind>,
}

impl Families {
    pub fn new(pack: &Pack) -> Result<Self, PackError> {
        let count = pack.entries.len();
        let mut first = vec![0_u32; count + 2];
        for entry in pack.entries.iter().filter(|entry| entry.base != NONE) {
            first[entry.base as usize + 2] += 1;
        }
        for at in 2..first.len() {
            first[at] += first[at - 1];
        }
        // Counted two places on, so that filling the lists moves each start to where it belongs.
        let mut children = vec![0_u32; first[count + 1] as usize];
        for (at, entry) in pack.entries.iter().enumerate().filter(|(_, entry)| entry.base != NONE) {
            let place = &mut first[entry.base as usize + 1];
            children[*place as usize] = at as u32;
            *place += 1;
        }
        first.truncate(count + 1);
        let kinds = pack.entries.iter().map(|entry| entry.kind).collect();
        let mut families = Self { first, children, members: vec![1; count], kinds };
        families.order(pack)?;
        Ok(families)
    }

    pub fn children(&self, entry: u32) -> &[u32] {
        &self.children[self.span(entry)]
    }

    /// How many objects the entry's family has, from it on.
    pub fn members(&self, entry: u32) -> u32 {
        self.members[entry as usize]
    }

    fn span(&self, entry: u32) -> std::ops::Range<usize> {
        self.first[entry as usize] as usize..self.first[entry as usize + 1] as usize
    }

    /// Goes through all families from their first members on: hands down kinds, then counts members on the way back.
    fn order(&mut self, pack: &Pack) -> Result<(), PackError> {
        let count = pack.entries.len() as u32;
        let mut order: Vec<u32> = (0..count).filter(|at| pack.entries[*at as usize].base == NONE).collect();
        let mut next = 0;
        while let Some(&entry) = order.get(next) {
            next += 1;
            let kind = self.kinds[entry as usize];
            for at in self.span(entry) {
                let child = self.children[at];
                self.kinds[child as usize] = kind;
                order.push(child);
            }
        }
        if order.len() != count as usize {
            return Err(pack.damaged("objects are made from one another in a circle"));
        }
        for entry in order.into_iter().rev() {
            let span = self.span(entry);
            let children = &mut self.children[span];
            if let Some(heaviest) = (0..children.len()).max_by_key(|at| self.members[children[*at] as usize]) {
                let last = children.len() - 1;
                children.swap(heaviest, last);
            }
            let base = pack.entries[entry as usize].base;
            if base != NONE {
                self.members[base as usize] += self.members[entry as usize];
            }
        }
        Ok(())
    }
}
