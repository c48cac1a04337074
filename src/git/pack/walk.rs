//! Walks a family from its whole object on: each object is inflated and made from its base once, and what it is made from
//! is at hand when it is shown. What is held at a time is bounded: of siblings, the one with most descendants comes last,
//! when its base is no longer needed, and where that is not enough a base is forgotten and made again.

use std::sync::{Mutex, MutexGuard};

use super::delta::Copied;
use super::error::PackError;
use super::family::Families;
use super::file::{NONE, Pack, Room};
use super::loose::Loose;
use super::{Found, Job, JobKind, Objects};
use crate::git::{Kind, Oid};

/// What one thread may hold for children to come.
const RETAINED: usize = 48 << 20;

/// Objects of this size are taken apart by one thread at a time.
const LARGE: usize = 16 << 20;

/// An object, as a walk shows it.
#[derive(Debug)]
pub struct Piece<'p> {
    pub id: Oid,
    pub kind: Kind,
    pub bytes: &'p [u8],
    /// It stands in another pack as well, and is shown from there.
    pub again: bool,
    /// What it has in common with the object that it is made from, where it is made from one.
    pub change: Option<Change<'p>>,
}

/// How an object comes from another.
#[derive(Clone, Copy, Debug)]
pub struct Change<'p> {
    pub base_len: usize,
    /// In the order of the object.
    pub copied: &'p [Copied],
}

/// Looks at objects. One is made for each thread.
pub trait Visitor {
    /// What is known of an object when those that are made from it are shown.
    type State;

    /// Is shown an object, and what it said of the one that it is made from.
    fn visit(&mut self, piece: &Piece<'_>, base: Option<&Self::State>) -> Self::State;

    /// Is told of an object that was not shown, nor any that is made from it: it is too large, or damaged.
    fn missed(&mut self, id: Oid, error: &PackError);
}

/// What threads share: who may take large objects apart.
#[derive(Debug, Default)]
pub struct Gate(Mutex<()>);

/// The walk of one thread.
pub struct Walk<'w> {
    objects: &'w Objects,
    gate: &'w Gate,
    large: Option<MutexGuard<'w, ()>>,
    room: Room,
    spare: Vec<Vec<u8>>,
    retained: usize,
}

struct Frame<S> {
    entry: u32,
    /// None where it was forgotten, and is to be made again.
    bytes: Option<Vec<u8>>,
    state: S,
    next: usize,
}

/// The pack that is walked over.
#[derive(Clone, Copy)]
struct Ground<'w> {
    number: u32,
    pack: &'w Pack,
    families: &'w Families,
}

impl<'w> Walk<'w> {
    #[must_use]
    pub fn new(objects: &'w Objects, gate: &'w Gate) -> Self {
        Self { objects, gate, large: None, room: Room::default(), spare: Vec::new(), retained: 0 }
    }

    /// Shows `visitor` the objects of one job, and of loose ones those of a kind that `wanted` admits.
    pub fn run<V: Visitor>(&mut self, job: &Job, wanted: impl Fn(Kind) -> bool, visitor: &mut V) {
        match job.kind {
            JobKind::Family(Found { pack, entry }) => {
                let at = pack as usize;
                let (pack, families) = (&self.objects.packs[at], &self.objects.families[at]);
                self.family(Ground { number: at as u32, pack, families }, entry, visitor);
            }
            JobKind::Loose(number) => {
                let id = self.objects.loose[number];
                if let Err(error) = self.loose(id, wanted, visitor) {
                    visitor.missed(id, &error);
                }
            }
        }
    }

    fn loose<V: Visitor>(&mut self, id: Oid, wanted: impl Fn(Kind) -> bool, visitor: &mut V) -> Result<(), PackError> {
        for dir in &self.objects.folders {
            let Some(loose) = Loose::open(dir, &id)? else { continue };
            if wanted(loose.kind) {
                let object = loose.read()?;
                visitor.visit(&Piece { id, kind: object.kind, bytes: &object.bytes, again: false, change: None }, None);
            }
            return Ok(());
        }
        Err(PackError::damaged(&self.objects.folders[0], "an object has vanished"))
    }

    /// Shows all objects of the family that begins with the entry `root`.
    fn family<V: Visitor>(&mut self, ground: Ground<'w>, root: u32, visitor: &mut V) {
        let Ground { pack, families, .. } = ground;
        let mut frames: Vec<Frame<V::State>> = Vec::new();
        let mut bytes = self.spare.pop().unwrap_or_default();
        if let Err(error) = pack.inflate(root, &mut self.room, &mut bytes) {
            ground.miss(root, &error, visitor);
            return;
        }
        let state = visitor.visit(&ground.piece(root, &bytes, None, self.objects), None);
        self.push(&mut frames, Frame { entry: root, bytes: Some(bytes), state, next: 0 });
        while let Some(mut frame) = frames.pop() {
            let Some(&child) = families.children(frame.entry).get(frame.next) else {
                self.forget(frame.bytes.take());
                continue;
            };
            frame.next += 1;
            let base = match frame.bytes.take() {
                Some(bytes) => Ok(bytes),
                None => self.again(pack, frame.entry, &frames),
            };
            let base = match base {
                Ok(base) => base,
                Err(error) => {
                    for child in &families.children(frame.entry)[frame.next - 1..] {
                        ground.miss(*child, &error, visitor);
                    }
                    continue;
                }
            };
            let made = self.child(ground, child, &base, &frame.state, visitor);
            if frame.next < families.children(frame.entry).len() {
                frame.bytes = Some(base);
                frames.push(frame);
            } else {
                self.forget(Some(base));
            }
            if let Some(made) = made {
                self.push(&mut frames, made);
            }
        }
        self.large = None;
    }

    /// Makes an object and shows it.
    fn child<V: Visitor>(
        &mut self,
        ground: Ground<'w>,
        entry: u32,
        base: &[u8],
        of: &V::State,
        visitor: &mut V,
    ) -> Option<Frame<V::State>> {
        let mut bytes = self.spare.pop().unwrap_or_default();
        if let Err(error) = ground.pack.derive(entry, base, &mut self.room, &mut bytes) {
            ground.miss(entry, &error, visitor);
            return None;
        }
        let change = Some(Change { base_len: base.len(), copied: &self.room.copied });
        let state = visitor.visit(&ground.piece(entry, &bytes, change, self.objects), Some(of));
        Some(Frame { entry, bytes: Some(bytes), state, next: 0 })
    }

    /// Puts an object aside for its children, and forgets others where too much is put aside.
    fn push<S>(&mut self, frames: &mut Vec<Frame<S>>, frame: Frame<S>) {
        let len = frame.bytes.as_ref().map_or(0, Vec::capacity);
        self.retained += len;
        if len > LARGE && self.large.is_none() {
            // Who waits here holds little: what it has put aside is within bounds.
            self.large = self.gate.0.lock().ok();
        }
        for old in &mut *frames {
            if self.retained <= RETAINED {
                break;
            }
            if let Some(bytes) = old.bytes.take() {
                self.retained = self.retained.saturating_sub(bytes.capacity());
            }
        }
        frames.push(frame);
    }

    /// Keeps the room of an object that is no longer needed for the next.
    fn forget(&mut self, bytes: Option<Vec<u8>>) {
        let Some(bytes) = bytes else { return };
        self.retained = self.retained.saturating_sub(bytes.capacity());
        if bytes.capacity() <= 1 << 20 && self.spare.len() < 16 {
            self.spare.push(bytes);
        }
    }

    /// Makes an object again that was forgotten, from the nearest ancestor that is at hand.
    fn again<S>(&mut self, pack: &Pack, entry: u32, frames: &[Frame<S>]) -> Result<Vec<u8>, PackError> {
        let mut chain = vec![entry];
        let mut bytes = Vec::new();
        loop {
            let base = pack.entries[chain[chain.len() - 1] as usize].base;
            let held = frames.iter().rev().find(|frame| frame.entry == base).and_then(|frame| frame.bytes.as_ref());
            if let Some(held) = held {
                bytes.extend_from_slice(held);
                break;
            }
            if base == NONE {
                let root = chain.pop().unwrap_or(entry);
                pack.inflate(root, &mut self.room, &mut bytes)?;
                break;
            }
            chain.push(base);
        }
        let mut made = Vec::new();
        for entry in chain.into_iter().rev() {
            pack.derive(entry, &bytes, &mut self.room, &mut made)?;
            std::mem::swap(&mut bytes, &mut made);
        }
        self.retained += bytes.capacity();
        Ok(bytes)
    }
}

impl Ground<'_> {
    fn piece<'p>(&self, entry: u32, bytes: &'p [u8], change: Option<Change<'p>>, objects: &Objects) -> Piece<'p> {
        let id = self.pack.id(entry);
        let again = self.number > 0 && objects.find(&id) != Some(Found { pack: self.number, entry });
        Piece { id, kind: self.families.kinds[entry as usize], bytes, again, change }
    }

    /// Tells of an object, and of all that are made from it.
    fn miss<V: Visitor>(&self, entry: u32, error: &PackError, visitor: &mut V) {
        let mut missed = vec![entry];
        while let Some(entry) = missed.pop() {
            visitor.missed(self.pack.id(entry), error);
            missed.extend_from_slice(self.families.children(entry));
        }
    }
}
