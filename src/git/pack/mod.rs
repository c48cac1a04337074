//! All objects of a repository, read in bulk: packs by the families of their deltas, loose objects one by one. The library
//! and the program look up one object after the other, and make each anew from its whole ancestor: ten times the work.
//!
//! Everything here may be hostile. What does not hold together is an error that names the file; every object that an index
//! lists is shown once, or told as missed.

mod alternates;
mod delta;
mod error;
mod family;
mod file;
mod index;
mod inflate;
mod loose;
mod reader;
mod walk;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::git::{Kind, Oid};
use family::Families;
use file::{NONE, Pack};

pub use alternates::folders as object_folders;
pub use delta::{Copied, fresh};
pub use error::PackError;
pub use loose::find as find_loose;
pub use reader::Reader;
pub use walk::{Change, Gate, Piece, Visitor, Walk};

/// What packs may take in memory, all together.
const HELD: u64 = 192 << 20;

/// The objects of one repository, and of those that it borrows from.
#[derive(Debug)]
pub struct Objects {
    packs: Vec<Pack>,
    families: Vec<Families>,
    /// Objects folders, its own first.
    folders: Vec<PathBuf>,
    /// Those that are in no pack.
    loose: Vec<Oid>,
}

/// Where an object is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Found {
    pack: u32,
    entry: u32,
}

/// A part of a walk, for one thread.
#[derive(Clone, Copy, Debug)]
pub struct Job {
    kind: JobKind,
    /// How much there is to do, roughly.
    pub members: u32,
}

#[derive(Clone, Copy, Debug)]
enum JobKind {
    Family(Found),
    /// The loose object with that number.
    Loose(usize),
}

impl Objects {
    /// Opens all packs of the objects folder `dir` and of those that it borrows from.
    ///
    /// # Errors
    /// One of them is damaged, or of a kind that is not known.
    pub fn open(dir: &Path, id_len: usize) -> Result<Self, PackError> {
        let folders = alternates::folders(dir)?;
        let mut packs = Vec::new();
        let mut held = HELD;
        for folder in &folders {
            for index in indexes(&folder.join("pack"))? {
                packs.push(Pack::open(&index, id_len, &mut held)?);
            }
        }
        // An object in several packs is taken from the first: with the largest in front, few need to be asked.
        packs.sort_by_key(|pack| std::cmp::Reverse(pack.entries.len()));
        let families = packs.iter().map(Families::new).collect::<Result<_, _>>()?;
        let mut loose = Vec::new();
        for folder in &folders {
            loose.extend(loose::list(folder, id_len)?);
        }
        let mut objects = Self { packs, families, folders, loose: Vec::new() };
        loose.sort_unstable();
        loose.dedup();
        loose.retain(|id| objects.find(id).is_none());
        objects.loose = loose;
        Ok(objects)
    }

    /// How many objects there are; those in several packs are counted for each.
    #[must_use]
    pub fn len(&self) -> usize {
        self.packs.iter().map(|pack| pack.entries.len()).sum::<usize>() + self.loose.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The parts of a walk over all packed objects of the kinds that `wanted` admits, and over all loose ones, whose kinds
    /// are not known before they are read. The largest come first.
    pub fn jobs(&self, wanted: impl Fn(Kind) -> bool) -> Vec<Job> {
        let mut jobs = Vec::new();
        for (pack, families) in self.families.iter().enumerate() {
            let entries = self.packs[pack].entries.iter().enumerate();
            let roots = entries.filter(|(_, entry)| entry.base == NONE && wanted(entry.kind));
            jobs.extend(roots.map(|(entry, _)| {
                let found = Found { pack: pack as u32, entry: entry as u32 };
                Job { kind: JobKind::Family(found), members: families.members(found.entry) }
            }));
        }
        jobs.extend((0..self.loose.len()).map(|number| Job { kind: JobKind::Loose(number), members: 1 }));
        jobs.sort_by_key(|job| std::cmp::Reverse(job.members));
        jobs
    }

    /// All objects that are blobs, and loose ones, whose kinds are not known before they are read.
    pub fn blobs(&self) -> impl Iterator<Item = Oid> + '_ {
        let of_pack = |(pack, families): (&'_ Pack, &'_ Families)| {
            let blobs = families.kinds.iter().zip(0_u32..).filter(|(kind, _)| **kind == Kind::Blob);
            blobs.map(|(_, entry)| pack.id(entry)).collect::<Vec<_>>()
        };
        self.packs.iter().zip(&self.families).flat_map(of_pack).chain(self.loose.iter().copied())
    }

    /// Whether the object is there.
    #[must_use]
    pub fn has(&self, id: &Oid) -> bool {
        self.find(id).is_some() || self.loose.binary_search(id).is_ok()
    }

    fn find(&self, id: &Oid) -> Option<Found> {
        let in_pack = |(at, pack): (usize, &Pack)| {
            let number = pack.index.find(id)?;
            let entry = pack.entry_at(pack.index.offset(number).ok()?)?;
            Some(Found { pack: at as u32, entry })
        };
        self.packs.iter().enumerate().find_map(in_pack)
    }

    fn kind(&self, pack: u32, entry: u32) -> Kind {
        self.families[pack as usize].kinds[entry as usize]
    }
}

/// The indexes in a folder of packs, in the order of their names. A pack without one is not in use.
fn indexes(dir: &Path) -> Result<Vec<PathBuf>, PackError> {
    let files = match fs::read_dir(dir) {
        Ok(files) => files,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(why) => return Err(PackError::Unreadable { path: dir.to_owned(), why }),
    };
    let mut found = Vec::new();
    for file in files {
        let path = file.map_err(PackError::unreadable(dir))?.path();
        if path.extension().is_some_and(|ending| ending == "idx") {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}
