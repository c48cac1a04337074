//! A file of tags: buckets of 64, oldest first, found by the first bits of a tag. A tag is a keyed hash, so bytes that are
//! torn, stale or made up are no tag of anything: there is nothing to check, and nothing that a reader must wait for.

use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use super::home;

/// What one blob at one path goes by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Tag(u128);

impl Tag {
    /// The first half of a digest.
    pub fn of(digest: &[u8]) -> Self {
        let mut bytes = [0; TAG];
        bytes.copy_from_slice(&digest[..TAG]);
        // Zero is an empty slot.
        Self(u128::from_be_bytes(bytes) | 1)
    }

    /// Its bucket in a table of `buckets`, a power of two.
    fn bucket(self, buckets: u64) -> u64 {
        let first = (self.0 >> 64) as u64;
        first.checked_shr(64 - buckets.trailing_zeros()).unwrap_or(0)
    }
}

const TAG: usize = 16;
const BUCKET: usize = 64 * TAG;
/// Room for 4,096 tags.
const SMALLEST: u64 = 1 << 16;
/// Room for a million tags. A full bucket then loses its oldest.
pub const LARGEST: u64 = 1 << 24;

/// The table as it was when it was opened.
#[derive(Debug)]
pub struct Table {
    /// None where there is no table that can be read.
    file: Option<File>,
    len: u64,
    asked: AtomicU64,
    all: OnceLock<Vec<u8>>,
}

impl Table {
    pub fn open(path: &Path) -> Self {
        let file = home::readable().open(path).ok();
        let len = file.as_ref().and_then(len_of);
        Self {
            file: file.filter(|_| len.is_some()),
            len: len.unwrap_or(0),
            asked: AtomicU64::new(0),
            all: OnceLock::new(),
        }
    }

    pub fn has(&self, tag: Tag) -> bool {
        let Some(file) = &self.file else { return false };
        let start = tag.bucket(self.len / BUCKET as u64) * BUCKET as u64;
        // A call for one bucket takes about as long as reading 4 kB of a whole table.
        let few = self.all.get().is_none() && self.asked.fetch_add(1, Ordering::Relaxed) < self.len / BUCKET as u64 / 4;
        let mut bucket = [0; BUCKET];
        if few && read_at(file, &mut bucket, start) {
            return contains(&bucket, tag);
        }
        let all = self.all.get_or_init(|| whole(file, self.len).unwrap_or_default());
        let start = start as usize;
        all.get(start..start + BUCKET).is_some_and(|bucket| contains(bucket, tag))
    }
}

/// Adds tags; only who holds the lock may call it.
pub fn add(path: &Path, tags: &[Tag]) -> io::Result<()> {
    let mut tags = tags.to_vec();
    tags.sort_unstable();
    tags.dedup();
    let file = home::writable().read(true).open(path).ok();
    let len = file.as_ref().and_then(len_of);
    match (file, len) {
        // Less than one a bucket: in place. A reader meanwhile sees a tag or sees none.
        (Some(mut file), Some(len)) if (tags.len() as u64) < len / BUCKET as u64 => {
            if !add_in_place(&mut file, len, &tags)? {
                rebuild(path, &whole(&file, len)?, len * 2, &tags)?;
            }
            Ok(())
        }
        (Some(file), Some(len)) => rebuild(path, &whole(&file, len)?, len, &tags),
        // What is there is no table.
        _ => rebuild(path, &[], SMALLEST, &tags),
    }
}

/// Whether there was room for all of them, or may be no more.
fn add_in_place(file: &mut File, len: u64, tags: &[Tag]) -> io::Result<bool> {
    let mut bucket = [0; BUCKET];
    let number = |tag: &Tag| tag.bucket(len / BUCKET as u64);
    for of_bucket in tags.chunk_by(|one, next| number(one) == number(next)) {
        let start = of_bucket.first().map_or(0, number) * BUCKET as u64;
        file.seek(SeekFrom::Start(start))?;
        file.read_exact(&mut bucket)?;
        for tag in of_bucket {
            match put(&mut bucket, *tag) {
                Put::There | Put::Added => {}
                Put::Full if len < LARGEST => return Ok(false),
                Put::Full => displace(&mut bucket, *tag),
            }
        }
        file.seek(SeekFrom::Start(start))?;
        file.write_all(&bucket)?;
    }
    Ok(true)
}

/// Writes a new table with the tags of the old one and these, at least `len` long.
fn rebuild(path: &Path, old: &[u8], len: u64, tags: &[Tag]) -> io::Result<()> {
    let mut len = len.clamp(SMALLEST, LARGEST);
    let table = loop {
        match filled(old, tags, len) {
            Some(table) => break table,
            None => len *= 2,
        }
    };
    let beside = path.with_extension("new");
    drop(fs::remove_file(&beside));
    let written = home::new_private(&beside).and_then(|mut file| file.write_all(&table));
    // No sync: what a power cut tears is no tag.
    let placed = written.and_then(|()| fs::rename(&beside, path));
    if placed.is_err() {
        drop(fs::remove_file(&beside));
    }
    placed
}

/// None where a bucket overflows that a longer table would spread.
fn filled(old: &[u8], tags: &[Tag], len: u64) -> Option<Vec<u8>> {
    let mut table = vec![0; len as usize];
    let kept = old.chunks_exact(TAG).map(read).filter(|tag| tag.0 != 0);
    for tag in kept.chain(tags.iter().copied()) {
        let start = (tag.bucket(len / BUCKET as u64) as usize) * BUCKET;
        let bucket = table.get_mut(start..start + BUCKET)?;
        match put(bucket, tag) {
            Put::There | Put::Added => {}
            Put::Full if len < LARGEST => return None,
            Put::Full => displace(bucket, tag),
        }
    }
    Some(table)
}

enum Put {
    There,
    Added,
    Full,
}

fn put(bucket: &mut [u8], tag: Tag) -> Put {
    for slot in bucket.chunks_exact_mut(TAG) {
        match read(slot) {
            Tag(0) => {
                slot.copy_from_slice(&tag.0.to_le_bytes());
                return Put::Added;
            }
            there if there == tag => return Put::There,
            _ => {}
        }
    }
    Put::Full
}

/// The oldest goes.
fn displace(bucket: &mut [u8], tag: Tag) {
    bucket.copy_within(TAG.., 0);
    let last = bucket.len() - TAG;
    bucket[last..].copy_from_slice(&tag.0.to_le_bytes());
}

fn contains(bucket: &[u8], tag: Tag) -> bool {
    bucket.chunks_exact(TAG).any(|slot| read(slot) == tag)
}

fn read(slot: &[u8]) -> Tag {
    Tag(u128::from_le_bytes(slot.try_into().expect("a slot is as long as a tag")))
}

/// The length of a file that can be a table.
fn len_of(file: &File) -> Option<u64> {
    let found = file.metadata().ok()?;
    let len = found.len();
    (found.is_file() && len.is_power_of_two() && (SMALLEST..=LARGEST).contains(&len)).then_some(len)
}

fn whole(mut file: &File, len: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(len as usize);
    file.seek(SeekFrom::Start(0))?;
    file.take(len).read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(unix)]
fn read_at(file: &File, bucket: &mut [u8], start: u64) -> bool {
    use std::os::unix::fs::FileExt;
    file.read_exact_at(bucket, start).is_ok()
}

/// Reads the whole table in place of it.
#[cfg(not(unix))]
fn read_at(_: &File, _: &mut [u8], _: u64) -> bool {
    false
}
