//! Single objects by their id, from packs and loose files. What their deltas were made from is kept for a while: those
//! who ask for the trees of one commit after the other find most of what they need there.

use std::collections::{HashMap, VecDeque};
use std::io::Read;
use std::rc::Rc;

use super::error::PackError;
use super::file::{NONE, Room};
use super::loose::Loose;
use super::{Found, Objects};
use crate::git::{Kind, Oid};

/// What is kept.
const KEPT: usize = 64 << 20;

/// An object that others may be made from still.
pub type Shared = (Kind, Rc<Vec<u8>>);

/// The state of one thread.
pub struct Reader<'o> {
    objects: &'o Objects,
    room: Room,
    kept: HashMap<(u32, u32), Rc<Vec<u8>>>,
    /// The oldest first.
    order: VecDeque<(u32, u32)>,
    size: usize,
}

impl<'o> Reader<'o> {
    #[must_use]
    pub fn new(objects: &'o Objects) -> Self {
        Self { objects, room: Room::default(), kept: HashMap::new(), order: VecDeque::new(), size: 0 }
    }

    /// The object; none where it is missing.
    pub fn object(&mut self, id: &Oid) -> Result<Option<Shared>, PackError> {
        match self.objects.find(id) {
            Some(Found { pack, entry }) => self.packed(pack, entry).map(Some),
            None => self.loose(id),
        }
    }

    /// The content of an object of any size, for one reading from its beginning; none where it is missing.
    pub fn stream(&mut self, id: &Oid) -> Result<Option<Box<dyn Read + 'o>>, PackError> {
        let Some(Found { pack, entry }) = self.objects.find(id) else {
            return self.open_loose(id).map(|loose| loose.map(|loose| Box::new(loose.stream()) as Box<dyn Read>));
        };
        let from = &self.objects.packs[pack as usize];
        if from.entries[entry as usize].base == NONE {
            return Ok(Some(Box::new(from.stream(entry))));
        }
        let (_, bytes) = self.packed(pack, entry)?;
        Ok(Some(Box::new(std::io::Cursor::new(Rc::unwrap_or_clone(bytes)))))
    }

    fn open_loose(&self, id: &Oid) -> Result<Option<Loose>, PackError> {
        for dir in &self.objects.folders {
            if let Some(loose) = Loose::open(dir, id)? {
                return Ok(Some(loose));
            }
        }
        Ok(None)
    }

    fn loose(&self, id: &Oid) -> Result<Option<Shared>, PackError> {
        let Some(loose) = self.open_loose(id)? else { return Ok(None) };
        let object = loose.read()?;
        Ok(Some((object.kind, Rc::new(object.bytes))))
    }

    fn packed(&mut self, pack: u32, entry: u32) -> Result<Shared, PackError> {
        let from = &self.objects.packs[pack as usize];
        let mut chain = vec![entry];
        let mut base = loop {
            let last = chain[chain.len() - 1];
            if let Some(kept) = self.kept.get(&(pack, last)) {
                chain.pop();
                break Some(Rc::clone(kept));
            }
            let base = from.entries[last as usize].base;
            if base == NONE {
                break None;
            }
            if chain.len() >= from.entries.len() {
                return Err(from.damaged("objects are made from one another in a circle"));
            }
            chain.push(base);
        };
        for entry in chain.into_iter().rev() {
            let mut made = Vec::new();
            match &base {
                Some(base) => from.derive(entry, base, &mut self.room, &mut made)?,
                None => from.inflate(entry, &mut self.room, &mut made)?,
            }
            let made = Rc::new(made);
            self.keep((pack, entry), &made);
            base = Some(made);
        }
        let bytes = base.ok_or_else(|| from.damaged("an object is made from nothing"))?;
        Ok((self.objects.kind(pack, entry), bytes))
    }

    fn keep(&mut self, key: (u32, u32), bytes: &Rc<Vec<u8>>) {
        // One that fills the room by itself would push out all that is useful.
        if bytes.len() > KEPT / 16 {
            return;
        }
        self.size += bytes.len();
        self.kept.insert(key, Rc::clone(bytes));
        self.order.push_back(key);
        while self.size > KEPT {
            let Some(gone) = self.order.pop_front().and_then(|oldest| self.kept.remove(&oldest)) else { return };
            self.size -= gone.len();
        }
    }
}
