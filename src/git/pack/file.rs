//! One pack: its bytes, read and never mapped, since a file that is cut off while it is mapped ends the process; and which
//! of its objects is made from which.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use flate2::Crc;

use super::delta;
use super::error::PackError;
use super::index::Index;
use super::inflate::Inflater;
use crate::control;
use crate::git::{Kind, Oid};

/// A pack that is smaller is held in memory: one read instead of one for each object.
const HELD: u64 = 128 << 20;

/// The longest header of an entry: a size, and an id or an offset.
const HEADER: usize = 10 + 32;

/// Larger objects are not put into memory.
pub const LARGEST: u64 = 512 << 20;

/// No entry of a pack has this number.
pub const NONE: u32 = u32::MAX;

/// A pack with its index. Its entries are numbered in the order in which they stand.
#[derive(Debug)]
pub struct Pack {
    pub path: PathBuf,
    pub index: Index,
    pub entries: Vec<Entry>,
    store: Store,
    /// Where the entries end.
    end: u64,
}

/// An object as it stands in the pack.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    pub offset: u64,
    /// What its stream inflates to.
    pub size: u64,
    /// Its number in the index.
    pub number: u32,
    /// The entry that it is made from; `NONE` where it is whole.
    pub base: u32,
    /// What it is; that of its base where it is made from one.
    pub kind: Kind,
    header: u8,
}

/// Room for what one entry takes, used for one after the other.
#[derive(Debug, Default)]
pub struct Room {
    raw: Vec<u8>,
    pub delta: Vec<u8>,
    inflater: Inflater,
    pub copied: Vec<delta::Copied>,
}

#[derive(Debug)]
enum Store {
    Held(Vec<u8>),
    Open(File),
}

impl Pack {
    /// Opens the pack beside the index at `path`; packs of up to `held` bytes in all are read into memory, and `held` is
    /// told what is left of that.
    pub fn open(path: &Path, id_len: usize, held: &mut u64) -> Result<Self, PackError> {
        let index = Index::read(path, id_len)?;
        let path = path.with_extension("pack");
        let (mut file, len) = control::open_file(&path)?;
        let damaged = |why| PackError::damaged(&path, why);
        let end = len.checked_sub(id_len as u64).filter(|end| *end >= 12).ok_or_else(|| damaged("it is cut off"))?;
        let store = if len <= HELD.min(*held) {
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes).map_err(PackError::unreadable(&path))?;
            *held -= len;
            Store::Held(bytes)
        } else {
            Store::Open(file)
        };
        let mut pack = Self { path, index, entries: Vec::new(), store, end };
        pack.check_ends(id_len)?;
        pack.read_entries(id_len)?;
        Ok(pack)
    }

    /// The number of the entry that begins at `offset`.
    pub fn entry_at(&self, offset: u64) -> Option<u32> {
        self.entries.binary_search_by_key(&offset, |entry| entry.offset).ok().and_then(|at| u32::try_from(at).ok())
    }

    pub fn id(&self, entry: u32) -> Oid {
        self.index.id(self.entries[entry as usize].number as usize)
    }

    /// Puts what the entry's stream holds, the object or its delta, into `out`.
    pub fn inflate(&self, entry: u32, room: &mut Room, out: &mut Vec<u8>) -> Result<(), PackError> {
        let found = self.entries[entry as usize];
        if found.size > LARGEST {
            return Err(PackError::Large { path: self.path.clone(), size: found.size });
        }
        let end = self.end_of(entry);
        let len = usize::try_from(end - found.offset).map_err(|_| self.damaged("an entry is too long"))?;
        let raw = self.bytes(found.offset, len, &mut room.raw)?;
        let mut crc = Crc::new();
        crc.update(raw);
        if crc.sum() != self.index.crc(found.number as usize) {
            return Err(self.damaged("an object's checksum is wrong"));
        }
        let stream = raw.get(usize::from(found.header)..).unwrap_or_default();
        room.inflater.inflate(stream, found.size, out).ok_or_else(|| self.damaged("an object cannot be inflated"))
    }

    /// Makes the object of `entry` from its base, into `out`; `room.copied` says what was copied.
    pub fn derive(&self, entry: u32, base: &[u8], room: &mut Room, out: &mut Vec<u8>) -> Result<(), PackError> {
        let mut delta = std::mem::take(&mut room.delta);
        let inflated = self.inflate(entry, room, &mut delta);
        room.delta = delta;
        inflated?;
        let sizes = delta::sizes(&room.delta);
        if let Some((_, size, _)) = sizes.filter(|(_, size, _)| *size > LARGEST) {
            return Err(PackError::Large { path: self.path.clone(), size });
        }
        delta::apply(base, &room.delta, out, &mut room.copied)
            .ok_or_else(|| self.damaged("an object does not fit the one that it is made from"))
    }

    /// A reader of an entry that is whole, for one too large to be put into memory.
    pub fn stream(&self, entry: u32) -> impl Read + '_ {
        let found = self.entries[entry as usize];
        let from = found.offset + u64::from(found.header);
        let part = Part { pack: self, at: from, end: self.end_of(entry) };
        flate2::bufread::ZlibDecoder::new(io::BufReader::new(part))
    }

    pub fn damaged(&self, why: &'static str) -> PackError {
        PackError::damaged(&self.path, why)
    }

    fn end_of(&self, entry: u32) -> u64 {
        self.entries.get(entry as usize + 1).map_or(self.end, |next| next.offset)
    }

    fn check_ends(&self, id_len: usize) -> Result<(), PackError> {
        let mut room = Vec::new();
        let head = self.bytes(0, 12, &mut room)?;
        if !head.starts_with(b"PACK") || !matches!(head[4..8], [0, 0, 0, 2 | 3]) {
            return Err(PackError::Unknown { path: self.path.clone(), why: "it is no pack of version 2" });
        }
        if head[8..12] != u32::try_from(self.index.len()).unwrap_or(NONE).to_be_bytes() {
            return Err(self.damaged("its index is of another number of objects"));
        }
        if self.bytes(self.end, id_len, &mut room)? != self.index.pack_sum() {
            return Err(self.damaged("its index is of another pack"));
        }
        Ok(())
    }

    /// Finds all entries by the index, reads their headers, and looks up what each is made from.
    fn read_entries(&mut self, id_len: usize) -> Result<(), PackError> {
        let count = self.index.len();
        if u32::try_from(count).is_err() || count == NONE as usize {
            return Err(self.damaged("it has too many objects"));
        }
        let mut entries = Vec::with_capacity(count);
        for number in 0..count {
            let offset = self.index.offset(number)?;
            let number = number as u32;
            entries.push(Entry { offset, size: 0, number, base: NONE, kind: Kind::Blob, header: 0 });
        }
        entries.sort_unstable_by_key(|entry| entry.offset);
        let distinct = entries.is_sorted_by(|one, next| one.offset < next.offset);
        let fits = |entry: Option<&Entry>| entry.is_none_or(|entry| (12..self.end).contains(&entry.offset));
        if !distinct || !fits(entries.first()) || !fits(entries.last()) {
            return Err(self.damaged("its index names places where no object can be"));
        }
        self.entries = entries;
        let mut ahead = Ahead { pack: self, room: Vec::new(), from: 0 };
        let mut read = Vec::with_capacity(count);
        for at in 0..count as u32 {
            let limit = (self.end_of(at) - self.entries[at as usize].offset).min(HEADER as u64);
            let header = Header::parse(ahead.bytes(self.entries[at as usize].offset, limit as usize)?, id_len);
            read.push(header.ok_or_else(|| self.damaged("an object's header is wrong"))?);
        }
        for (at, header) in read.iter().enumerate() {
            let offset = self.entries[at].offset;
            let base = match &header.base {
                Base::None => NONE,
                Base::Back(back) => {
                    let base = offset.checked_sub(*back).and_then(|base| self.entry_at(base));
                    base.ok_or_else(|| self.damaged("an object is made from one that is not there"))?
                }
                Base::Id(id) => {
                    let number = self.index.find(id).ok_or_else(|| self.damaged("it is made for another pack"))?;
                    let base = self.entry_at(self.index.offset(number)?);
                    base.ok_or_else(|| self.damaged("an object is made from one that is not there"))?
                }
            };
            let entry = &mut self.entries[at];
            (entry.size, entry.base, entry.kind, entry.header) = (header.size, base, header.kind, header.len);
        }
        Ok(())
    }

    fn bytes<'p>(&'p self, at: u64, len: usize, room: &'p mut Vec<u8>) -> Result<&'p [u8], PackError> {
        match &self.store {
            Store::Held(all) => {
                let at = usize::try_from(at).unwrap_or(usize::MAX);
                let part = at.checked_add(len).and_then(|end| all.get(at..end));
                part.ok_or_else(|| self.damaged("it is cut off"))
            }
            Store::Open(file) => {
                room.resize(len, 0);
                read_at(file, room, at).map_err(PackError::unreadable(&self.path))?;
                Ok(room)
            }
        }
    }
}

/// Reads headers in the order of the pack with few reads.
struct Ahead<'p> {
    pack: &'p Pack,
    room: Vec<u8>,
    from: u64,
}

impl Ahead<'_> {
    fn bytes(&mut self, at: u64, len: usize) -> Result<&[u8], PackError> {
        const STEP: u64 = 1 << 20;
        let pack = self.pack;
        if matches!(pack.store, Store::Held(_)) {
            return pack.bytes(at, len, &mut self.room);
        }
        if at < self.from || at + len as u64 > self.from + self.room.len() as u64 {
            let step = STEP.min(pack.end.saturating_sub(at)).max(len as u64);
            self.from = at;
            pack.bytes(at, step as usize, &mut self.room)?;
        }
        let start = (at - self.from) as usize;
        self.room.get(start..start + len).ok_or_else(|| pack.damaged("it is cut off"))
    }
}

/// A part of a pack, read piece by piece.
struct Part<'p> {
    pack: &'p Pack,
    at: u64,
    end: u64,
}

impl Read for Part<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let len = into.len().min(usize::try_from(self.end - self.at).unwrap_or(usize::MAX));
        let mut room = Vec::new();
        let bytes = self.pack.bytes(self.at, len, &mut room).map_err(|error| io::Error::other(error.to_string()))?;
        into[..len].copy_from_slice(bytes);
        self.at += len as u64;
        Ok(len)
    }
}

struct Header {
    kind: Kind,
    size: u64,
    base: Base,
    len: u8,
}

enum Base {
    None,
    Back(u64),
    Id(Oid),
}

impl Header {
    fn parse(bytes: &[u8], id_len: usize) -> Option<Self> {
        let mut at = 0;
        let mut next = || {
            let byte = bytes.get(at).copied();
            at += 1;
            byte
        };
        let first = next()?;
        let (mut size, mut shift, mut byte) = (u64::from(first & 15), 4, first);
        while byte & 0x80 != 0 {
            byte = next()?;
            if shift > 57 {
                return None;
            }
            size |= u64::from(byte & 0x7f) << shift;
            shift += 7;
        }
        let (kind, base) = match first >> 4 & 7 {
            1 => (Kind::Commit, Base::None),
            2 => (Kind::Tree, Base::None),
            3 => (Kind::Blob, Base::None),
            4 => (Kind::Tag, Base::None),
            6 => {
                let mut byte = next()?;
                let mut back = u64::from(byte & 0x7f);
                while byte & 0x80 != 0 {
                    byte = next()?;
                    back = back.checked_add(1)?.checked_mul(128)? | u64::from(byte & 0x7f);
                }
                (Kind::Blob, Base::Back(back))
            }
            7 => {
                let id = Oid::new(bytes.get(at..at + id_len)?)?;
                at += id_len;
                (Kind::Blob, Base::Id(id))
            }
            _ => return None,
        };
        Some(Self { kind, size, base, len: u8::try_from(at).ok()? })
    }
}

#[cfg(unix)]
fn read_at(file: &File, into: &mut [u8], at: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, into, at)
}

#[cfg(windows)]
fn read_at(file: &File, mut into: &mut [u8], mut at: u64) -> io::Result<()> {
    while !into.is_empty() {
        let read = std::os::windows::fs::FileExt::seek_read(file, into, at)?;
        if read == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        into = &mut into[read..];
        at += read as u64;
    }
    Ok(())
}
