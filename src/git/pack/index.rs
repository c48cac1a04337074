//! The index of a pack, version 2: which object stands where. Its checksum is verified, and whatever a reader relies on
//! later: sizes, order, and that every offset lies in the pack.

use std::io::Read;
use std::path::{Path, PathBuf};

use sha1::{Digest, Sha1};
use sha2::Sha256;

use super::error::PackError;
use crate::control;
use crate::git::Oid;

const MAGIC: &[u8] = b"\xfftOc";
const FANOUT: usize = 256;
/// Magic, version, and the number of ids up to each first byte.
const HEAD: usize = 8 + 4 * FANOUT;

/// A checked index. Objects are numbered in the order of their ids.
#[derive(Debug)]
pub struct Index {
    path: PathBuf,
    bytes: Vec<u8>,
    id_len: usize,
    count: usize,
}

impl Index {
    /// Reads the index at `path`, of a repository whose ids have `id_len` bytes.
    pub fn read(path: &Path, id_len: usize) -> Result<Self, PackError> {
        let (mut file, len) = control::open_file(path)?;
        let mut bytes = Vec::new();
        bytes.try_reserve_exact(usize::try_from(len).unwrap_or(usize::MAX)).map_err(|_| PackError::Unreadable {
            path: path.to_owned(),
            why: std::io::ErrorKind::OutOfMemory.into(),
        })?;
        file.read_to_end(&mut bytes).map_err(PackError::unreadable(path))?;
        Self::parse(path, bytes, id_len)
    }

    fn parse(path: &Path, bytes: Vec<u8>, id_len: usize) -> Result<Self, PackError> {
        let damaged = |why| PackError::damaged(path, why);
        if !bytes.starts_with(MAGIC) || bytes.get(4..8) != Some(&[0, 0, 0, 2]) {
            return Err(PackError::Unknown { path: path.to_owned(), why: "it is no pack index of version 2" });
        }
        let body = bytes.len().checked_sub(id_len).ok_or_else(|| damaged("it is cut off"))?;
        if !is_sum_of(&bytes[body..], &bytes[..body]) {
            return Err(damaged("its checksum is wrong"));
        }
        let count = number(&bytes, HEAD - 4).ok_or_else(|| damaged("it is cut off"))? as usize;
        let index = Self { path: path.to_owned(), bytes, id_len, count };
        let fanout = (0..FANOUT).map(|first| number(&index.bytes, 8 + 4 * first).unwrap_or(u32::MAX));
        if !fanout.is_sorted() {
            return Err(damaged("its table of first bytes is out of order"));
        }
        let rest = index.bytes.len().checked_sub(index.wide()).and_then(|rest| rest.checked_sub(2 * id_len));
        if rest.is_none_or(|rest| rest % 8 != 0 || rest / 8 > count) {
            return Err(damaged("its size does not fit the number of its objects"));
        }
        let ids = &index.bytes[HEAD..HEAD + count * id_len];
        if !ids.chunks_exact(id_len).is_sorted_by(|one, next| one < next) {
            return Err(damaged("its ids are out of order"));
        }
        Ok(index)
    }

    pub const fn len(&self) -> usize {
        self.count
    }

    /// The id of the object with that number.
    pub fn id(&self, number: usize) -> Oid {
        let start = HEAD + number * self.id_len;
        Oid::new(&self.bytes[start..start + self.id_len]).expect("an id of a checked length")
    }

    /// The number of the object with that id.
    pub fn find(&self, id: &Oid) -> Option<usize> {
        let id = id.as_bytes();
        let first = usize::from(*id.first()?);
        let upto = |first: usize| number(&self.bytes, 8 + 4 * first).map_or(0, |upto| upto as usize);
        let (mut from, mut to) = (if first == 0 { 0 } else { upto(first - 1) }, upto(first).min(self.count));
        while from < to {
            let middle = from.midpoint(to);
            let start = HEAD + middle * self.id_len;
            match self.bytes[start..start + self.id_len].cmp(id) {
                std::cmp::Ordering::Less => from = middle + 1,
                std::cmp::Ordering::Greater => to = middle,
                std::cmp::Ordering::Equal => return Some(middle),
            }
        }
        None
    }

    /// The checksum of an object's bytes as they stand in the pack.
    pub fn crc(&self, number: usize) -> u32 {
        self.word(HEAD + self.count * self.id_len + 4 * number)
    }

    /// Where the object begins in the pack.
    pub fn offset(&self, at: usize) -> Result<u64, PackError> {
        let short = self.word(HEAD + self.count * (self.id_len + 4) + 4 * at);
        if short & 1 << 31 == 0 {
            return Ok(short.into());
        }
        let start = self.wide() + 8 * (short & !(1 << 31)) as usize;
        let end = self.bytes.len() - 2 * self.id_len;
        let wide = self.bytes.get(start..start + 8).filter(|_| start + 8 <= end);
        let wide = wide.and_then(|wide| wide.try_into().ok()).map(u64::from_be_bytes);
        wide.ok_or_else(|| PackError::damaged(&self.path, "a large offset is missing"))
    }

    /// The checksum at the end of the pack that this is the index of.
    pub fn pack_sum(&self) -> &[u8] {
        let end = self.bytes.len() - self.id_len;
        &self.bytes[end - self.id_len..end]
    }

    /// Where the offsets of eight bytes begin.
    const fn wide(&self) -> usize {
        HEAD.saturating_add(self.count.saturating_mul(self.id_len + 8))
    }

    fn word(&self, at: usize) -> u32 {
        number(&self.bytes, at).expect("the size was checked")
    }
}

/// Whether `sum` is the checksum of `bytes`: SHA-1 or SHA-256, as its length says.
pub fn is_sum_of(sum: &[u8], bytes: &[u8]) -> bool {
    match sum.len() {
        20 => Sha1::digest(bytes)[..] == *sum,
        _ => Sha256::digest(bytes)[..] == *sum,
    }
}

fn number(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().copied().map(u32::from_be_bytes)
}
