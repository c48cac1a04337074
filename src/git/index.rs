//! Git's index, read by itself: the library refuses an index that is split or sparse, and reads all of it without telling
//! which folders are unchanged. The cache of folder ids in it says so, which makes a hook in a large repository fast.

use std::ops::Range;
use std::path::Path;

use sha1::Sha1;
use sha2::{Digest, Sha256};

use super::object::{Mode, Oid};
use super::{GitError, IndexEntry};

/// What is staged, and which folders git has an id for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Index {
    /// In the index's order, that of the paths' bytes; without those that are only intended to be added.
    pub entries: Vec<IndexEntry>,
    /// The whole work tree as a folder; none where git keeps no ids of folders, or they can not be relied on.
    pub folders: Option<Folder>,
}

/// A folder of the index whose files have not changed since git wrote it as a tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folder {
    pub name: Vec<u8>,
    /// Its tree; none where a file in it has changed.
    pub id: Option<Oid>,
    /// The number of entries in and below it.
    pub entries: usize,
    pub folders: Vec<Folder>,
}

/// What reading came to.
#[derive(Debug, PartialEq, Eq)]
pub enum Read {
    Index(Index),
    /// It is of a kind that only git itself can put together.
    Unsupported(&'static str),
}

/// Nothing larger is read: git's own limit is four bytes for a count, of entries of 62 bytes and more.
const MAX_BYTES: u64 = 4 << 30;

/// Reads the index at `path`; a repository in which nothing was ever staged has none.
pub fn read(path: &Path, id_len: usize) -> Result<Read, GitError> {
    let Some(bytes) = crate::control::read_up_to(path, MAX_BYTES)? else { return Ok(Read::Index(Index::default())) };
    parse(&bytes, id_len)
}

/// The entries are changes to those of another file; one that changes an entry there has no name.
const SPLIT: &[u8] = b"link";

/// Some entries are whole folders, none of whose files is checked out.
const SPARSE: &[u8] = b"sdir";

fn parse(bytes: &[u8], id_len: usize) -> Result<Read, GitError> {
    let damaged = |why: &str| GitError::Index { why: why.to_owned() };
    let end = bytes.len().checked_sub(id_len).ok_or_else(|| damaged("it ends too early"))?;
    let (content, sum) = bytes.split_at(end);
    if !is_sum(content, sum) {
        return Err(damaged("its checksum is wrong"));
    }
    let mut cursor = Cursor { bytes: content, at: 0 };
    let header = |cursor: &mut Cursor<'_>| -> Option<(u32, u32)> {
        cursor.take(4).filter(|magic| *magic == b"DIRC")?;
        Some((cursor.number()?, cursor.number()?))
    };
    let (version, count) = header(&mut cursor).ok_or_else(|| damaged("it does not begin as one"))?;
    if !(2..=4).contains(&version) {
        return Ok(Read::Unsupported("an index of a newer version"));
    }
    let mut entries = Vec::with_capacity((count as usize).min(content.len() / 40));
    let (mut only_intended, mut nameless) = (false, false);
    let mut path = Vec::new();
    for _ in 0..count {
        let one = entry(&mut cursor, version, id_len, &mut path).ok_or_else(|| damaged("an entry ends too early"))?;
        match one {
            Entry::Of(entry) => {
                nameless |= entry.path.is_empty();
                entries.push(entry);
            }
            Entry::Intended => only_intended = true,
            Entry::Odd => return Ok(Read::Unsupported("an index with entries of a newer kind")),
        }
    }
    let mut folders = None;
    while !cursor.rest().is_empty() {
        let (name, data) = extension(&mut cursor).ok_or_else(|| damaged("an extension ends too early"))?;
        match name {
            SPLIT => return Ok(Read::Unsupported("a split index")),
            SPARSE => {}
            b"TREE" => folders = folder(&mut Cursor { bytes: data, at: 0 }, id_len, 0),
            // Git's own rule: who does not know a small letter's extension cannot read the file.
            _ if name.first().is_none_or(u8::is_ascii_lowercase) => {
                return Ok(Read::Unsupported("an index with a newer extension"));
            }
            _ => {}
        }
    }
    if nameless {
        return Err(damaged("an entry has no name"));
    }
    // Such entries are counted by folders, and are not among `entries`.
    let folders = folders.filter(|root| !only_intended && root.entries <= entries.len());
    Ok(Read::Index(Index { entries, folders }))
}

/// Whether the checksum is right; git writes zeros where it was asked to leave it out.
fn is_sum(content: &[u8], sum: &[u8]) -> bool {
    let is_left_out = sum.iter().all(|byte| *byte == 0);
    let sha256 = || Sha256::digest(content).as_slice() == sum;
    is_left_out || if sum.len() == 20 { Sha1::digest(content).as_slice() == sum } else { sha256() }
}

struct Cursor<'i> {
    bytes: &'i [u8],
    at: usize,
}

impl<'i> Cursor<'i> {
    fn rest(&self) -> &'i [u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    fn take(&mut self, len: usize) -> Option<&'i [u8]> {
        let taken = self.rest().get(..len)?;
        self.at += len;
        Some(taken)
    }

    /// Up to the next `end`, which is passed over.
    fn until(&mut self, end: u8) -> Option<&'i [u8]> {
        let len = memchr::memchr(end, self.rest())?;
        let taken = self.take(len)?;
        self.at += 1;
        Some(taken)
    }

    fn number(&mut self) -> Option<u32> {
        self.take(4).and_then(|bytes| bytes.try_into().ok()).map(u32::from_be_bytes)
    }

    /// A number in decimal digits that ends with `end`.
    fn decimal(&mut self, end: u8) -> Option<i64> {
        std::str::from_utf8(self.until(end)?).ok()?.parse().ok()
    }

    /// A number in groups of seven bits, as in packs' offsets.
    fn varint(&mut self) -> Option<usize> {
        let mut value = 0_usize;
        loop {
            let byte = *self.take(1)?.first()?;
            value = value.checked_mul(128)?.checked_add(usize::from(byte & 0x7f))?;
            if byte & 0x80 == 0 {
                return Some(value);
            }
            value = value.checked_add(1)?;
        }
    }
}

enum Entry {
    Of(IndexEntry),
    /// `git add --intent-to-add`: nothing of it would be recorded.
    Intended,
    Odd,
}

/// Times, device, owner and size, of which nothing matters here.
const STAT_LEN: usize = 24;

const EXTENDED: u16 = 0x4000;
const INTENT_TO_ADD: u16 = 0x2000;

fn entry(cursor: &mut Cursor<'_>, version: u32, id_len: usize, path: &mut Vec<u8>) -> Option<Entry> {
    let begin = cursor.at;
    cursor.take(STAT_LEN)?;
    let mode = cursor.number()?;
    cursor.take(12)?;
    let id = Oid::new(cursor.take(id_len)?)?;
    let short = |cursor: &mut Cursor<'_>| cursor.take(2).map(|two| u16::from_be_bytes([two[0], two[1]]));
    let flags = short(cursor)?;
    let more = if flags & EXTENDED == 0 { 0 } else { short(cursor)? };
    if version == 4 {
        let kept = path.len().checked_sub(cursor.varint()?)?;
        path.truncate(kept);
        path.extend_from_slice(cursor.until(0)?);
    } else {
        path.clear();
        path.extend_from_slice(cursor.until(0)?);
        // Filled up with NUL to a multiple of eight, at least one of them.
        let len = cursor.at - begin;
        cursor.take(len.next_multiple_of(8) - len)?;
    }
    let stage = ((flags >> 12) & 3) as u8;
    Some(match Mode::of(mode) {
        _ if more & INTENT_TO_ADD != 0 => Entry::Intended,
        None => Entry::Odd,
        Some(mode) => Entry::Of(IndexEntry { path: path.clone(), stage, mode, id }),
    })
}

fn extension<'i>(cursor: &mut Cursor<'i>) -> Option<(&'i [u8], &'i [u8])> {
    let name = cursor.take(4)?;
    let len = cursor.number()?;
    Some((name, cursor.take(len as usize)?))
}

/// Paths are not deeper than this in any repository that a file system can hold.
const MAX_DEPTH: usize = 2048;

/// The cache of folder ids; none where it has not the form that git gives it, so that it says nothing.
fn folder(cursor: &mut Cursor<'_>, id_len: usize, depth: usize) -> Option<Folder> {
    let name = cursor.until(0)?.to_vec();
    let entries = cursor.decimal(b' ')?;
    let count = usize::try_from(cursor.decimal(b'\n')?).ok()?;
    let id = if entries < 0 { None } else { Some(Oid::new(cursor.take(id_len)?)?) };
    if depth > MAX_DEPTH {
        return None;
    }
    let folders: Option<Vec<Folder>> = (0..count).map(|_| folder(cursor, id_len, depth + 1)).collect();
    Some(Folder { name, id, entries: usize::try_from(entries).unwrap_or_default(), folders: folders? })
}

/// Which of `entries` are in the folder `name` of a folder whose path has `depth` bytes, given the first of them.
#[must_use]
pub fn below(entries: &[IndexEntry], first: usize, depth: usize, name: &[u8]) -> Range<usize> {
    let is_in = |entry: &IndexEntry| {
        entry.path.get(depth..).is_some_and(|rest| rest.starts_with(name) && rest.get(name.len()) == Some(&b'/'))
    };
    let rest = entries.get(first..).unwrap_or_default();
    first..first + rest.partition_point(is_in)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sealed(mut content: Vec<u8>) -> Vec<u8> {
        let sum = Sha1::digest(&content);
        content.extend_from_slice(&sum);
        content
    }

    fn header(version: u32, count: u32) -> Vec<u8> {
        [&b"DIRC"[..], &version.to_be_bytes(), &count.to_be_bytes()].concat()
    }

    fn one(version: u32, path: &str, flags: u16, more: Option<u16>) -> Vec<u8> {
        let mut entry = vec![0; STAT_LEN];
        entry.extend_from_slice(&0o100_644_u32.to_be_bytes());
        entry.extend_from_slice(&[0; 12]);
        entry.extend_from_slice(&[7; 20]);
        let flags = if more.is_some() { flags | EXTENDED } else { flags };
        entry.extend_from_slice(&flags.to_be_bytes());
        entry.extend(more.iter().flat_map(|more| more.to_be_bytes()));
        if version == 4 {
            entry.push(0);
        }
        entry.extend_from_slice(path.as_bytes());
        entry.push(0);
        while version != 4 && !entry.len().is_multiple_of(8) {
            entry.push(0);
        }
        entry
    }

    fn paths(bytes: &[u8]) -> Vec<(String, u8)> {
        let Ok(Read::Index(index)) = parse(bytes, 20) else { panic!("not an index") };
        index
            .entries
            .into_iter()
            .map(|entry| (String::from_utf8_lossy(&entry.path).into_owned(), entry.stage))
            .collect()
    }

    #[test]
    fn entries_of_all_versions_are_read() {
        for version in [2, 3, 4] {
            let first = one(version, "a/b.txt", 0, (version > 2).then_some(INTENT_TO_ADD));
            let second = one(version, if version == 4 { "/c" } else { "a/b.txt/c" }, 0x2000, None);
            let bytes = sealed([header(version, 2), first, second].concat());
            let mut expected = vec![("a/b.txt".to_owned(), 0), ("a/b.txt/c".to_owned(), 2)];
            if version > 2 {
                expected.remove(0);
            }
            assert_eq!(paths(&bytes), expected, "version {version}");
        }
    }

    #[test]
    fn what_is_cut_or_changed_is_an_error() {
        let content = [header(2, 1), one(2, "a", 0, None)].concat();
        let whole = sealed(content.clone());
        for len in 0..whole.len() {
            assert!(parse(&whole[..len], 20).is_err(), "{len}");
        }
        for at in 0..whole.len() {
            let mut changed = whole.clone();
            changed[at] ^= 0x10;
            assert!(parse(&changed, 20).is_err(), "{at}");
        }
        // A right checksum over an entry that ends too early.
        assert!(parse(&sealed(content[..content.len() - 9].to_vec()), 20).is_err());
        let unsealed = [content, vec![0; 20]].concat();
        assert_eq!(paths(&unsealed).len(), 1);
    }

    #[test]
    fn kinds_that_only_git_reads_are_told() {
        for (name, len) in [(&b"link"[..], 0_u32), (b"abcd", 0)] {
            let bytes = sealed([header(2, 0), name.to_vec(), len.to_be_bytes().to_vec()].concat());
            assert!(matches!(parse(&bytes, 20), Ok(Read::Unsupported(_))), "{name:?}");
        }
        let bytes = sealed([header(2, 0), b"ABCD".to_vec(), vec![0; 4]].concat());
        assert_eq!(parse(&bytes, 20).expect("whole"), Read::Index(Index::default()));
    }

    #[test]
    fn folders_are_read_with_their_ids() {
        let tree = [&b"\x003 1\n"[..], &[1; 20], b"sub\x00-1 0\n"].concat();
        let extension = [b"TREE".to_vec(), (tree.len() as u32).to_be_bytes().to_vec(), tree].concat();
        let entries: Vec<u8> = ["a", "b", "c"].iter().flat_map(|path| one(2, path, 0, None)).collect();
        let Ok(Read::Index(index)) = parse(&sealed([header(2, 3), entries, extension].concat()), 20) else {
            panic!("not an index")
        };
        let root = index.folders.expect("the root");
        assert_eq!((root.entries, root.id), (3, Oid::new(&[1; 20])));
        assert_eq!(root.folders, [Folder { name: b"sub".to_vec(), id: None, entries: 0, folders: Vec::new() }]);
    }
}
