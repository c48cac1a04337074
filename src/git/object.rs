//! What git keeps, as far as a scan needs it: ids, and the parts of commits, tags and trees. Everything is read from bytes
//! that may be hostile: what has not the form that git writes is an answer of its own, never a guess.

use std::fmt;

/// An object's id: 20 bytes of SHA-1 or 32 of SHA-256.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Oid {
    bytes: [u8; 32],
    len: u8,
}

impl Oid {
    /// The id in its binary form.
    #[must_use]
    pub fn new(id: &[u8]) -> Option<Self> {
        let mut bytes = [0; 32];
        matches!(id.len(), 20 | 32).then(|| bytes.get_mut(..id.len()).map(|into| into.copy_from_slice(id)))??;
        Some(Self { bytes, len: id.len() as u8 })
    }

    /// The id as 40 or 64 hexadecimal digits.
    #[must_use]
    pub fn parse(digits: &[u8]) -> Option<Self> {
        let digit = |digit: u8| char::from(digit).to_digit(16).map(|value| value as u8);
        if !matches!(digits.len(), 40 | 64) {
            return None;
        }
        let bytes: Option<Vec<u8>> =
            digits.chunks_exact(2).map(|pair| Some(digit(pair[0])? << 4 | digit(pair[1])?)).collect();
        Self::new(&bytes?)
    }

    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..usize::from(self.len)).unwrap_or_default()
    }

    /// Git's way to say that there is no object: a ref that is made or deleted.
    #[must_use]
    pub fn is_zero(&self) -> bool {
        self.bytes == [0; 32]
    }
}

impl fmt::Display for Oid {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_bytes().iter().try_for_each(|byte| write!(out, "{byte:02x}"))
    }
}

impl fmt::Debug for Oid {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, out)
    }
}

/// What an object is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    Commit,
    Tree,
    Blob,
    Tag,
}

impl Kind {
    /// By the word that git uses.
    #[must_use]
    pub fn of(word: &[u8]) -> Option<Self> {
        match word {
            b"commit" => Some(Self::Commit),
            b"tree" => Some(Self::Tree),
            b"blob" => Some(Self::Blob),
            b"tag" => Some(Self::Tag),
            _ => None,
        }
    }
}

/// An object's content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Object {
    pub kind: Kind,
    pub bytes: Vec<u8>,
}

/// The parts of a commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commit<'c> {
    pub tree: Oid,
    pub parents: Vec<Oid>,
    pub author: Signature<'c>,
    pub committer: Signature<'c>,
    /// Headers that are none of the above, with the lines that go on with them: encoding, signatures, merged tags.
    pub more: Vec<&'c [u8]>,
    pub message: &'c [u8],
}

impl<'c> Commit<'c> {
    /// None where the bytes are not a commit's.
    #[must_use]
    pub fn parse(bytes: &'c [u8]) -> Option<Self> {
        let (headers, message) = halves(bytes);
        let mut lines = Headers(headers);
        let tree = Oid::parse(lines.next()?.strip_prefix(b"tree ")?)?;
        let (mut parents, mut author, mut committer, mut more) = (Vec::new(), None, None, Vec::new());
        for line in lines {
            if let Some(id) = line.strip_prefix(b"parent ") {
                parents.push(Oid::parse(id)?);
            } else if let Some(who) = line.strip_prefix(b"author ").filter(|_| author.is_none()) {
                author = Some(Signature::parse(who));
            } else if let Some(who) = line.strip_prefix(b"committer ").filter(|_| committer.is_none()) {
                committer = Some(Signature::parse(who));
            } else {
                more.push(line);
            }
        }
        Some(Self { tree, parents, author: author?, committer: committer?, more, message })
    }
}

/// The parts of an annotated tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tag<'t> {
    pub target: Oid,
    pub kind: Kind,
    pub name: &'t [u8],
    pub tagger: Option<Signature<'t>>,
    pub message: &'t [u8],
}

impl<'t> Tag<'t> {
    /// None where the bytes are not a tag's.
    #[must_use]
    pub fn parse(bytes: &'t [u8]) -> Option<Self> {
        let (headers, message) = halves(bytes);
        let mut lines = Headers(headers);
        let target = Oid::parse(lines.next()?.strip_prefix(b"object ")?)?;
        let kind = Kind::of(lines.next()?.strip_prefix(b"type ")?)?;
        let name = lines.next()?.strip_prefix(b"tag ")?;
        let tagger = lines.find_map(|line| line.strip_prefix(b"tagger ")).map(Signature::parse);
        Some(Self { target, kind, name, tagger, message })
    }
}

/// Who made a commit, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signature<'s> {
    /// Name and address, as they stand there.
    pub who: &'s [u8],
    /// Seconds since 1970; 0 where none can be read.
    pub seconds: i64,
}

impl<'s> Signature<'s> {
    fn parse(line: &'s [u8]) -> Self {
        let end = memchr::memrchr(b'>', line).map_or(line.len(), |end| end + 1);
        let (who, when) = line.split_at(end);
        let digits = when.split(|byte| *byte == b' ').find(|part| !part.is_empty()).unwrap_or_default();
        let seconds = std::str::from_utf8(digits).ok().and_then(|digits| digits.parse().ok()).unwrap_or_default();
        Self { who, seconds }
    }
}

/// Headers and message of a commit or tag.
fn halves(bytes: &[u8]) -> (&[u8], &[u8]) {
    match memchr::memmem::find(bytes, b"\n\n") {
        Some(end) => (&bytes[..=end], &bytes[end + 2..]),
        None => (bytes, &[]),
    }
}

/// Header by header: a line that begins with a blank goes on with the one before.
struct Headers<'h>(&'h [u8]);

impl<'h> Iterator for Headers<'h> {
    type Item = &'h [u8];

    fn next(&mut self) -> Option<&'h [u8]> {
        if self.0.is_empty() {
            return None;
        }
        let goes_on = |end: &usize| self.0.get(end + 1) != Some(&b' ');
        let end = memchr::memchr_iter(b'\n', self.0).find(goes_on).unwrap_or(self.0.len());
        let header = &self.0[..end];
        self.0 = self.0.get(end + 1..).unwrap_or_default();
        Some(header)
    }
}

/// What an entry of a tree or an index is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mode {
    File,
    Symlink,
    Submodule,
    Folder,
}

impl Mode {
    /// By the bits that git stores.
    #[must_use]
    pub const fn of(bits: u32) -> Option<Self> {
        match bits & 0o170_000 {
            0o100_000 => Some(Self::File),
            0o120_000 => Some(Self::Symlink),
            0o160_000 => Some(Self::Submodule),
            0o040_000 => Some(Self::Folder),
            _ => None,
        }
    }
}

/// One line of a tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TreeEntry<'t> {
    pub mode: Mode,
    pub name: &'t [u8],
    pub id: Oid,
}

/// The entries of a tree's content, with ids of `id_len` bytes; the error is that the rest has not a tree's form.
#[must_use]
pub const fn tree_entries(bytes: &[u8], id_len: usize) -> TreeEntries<'_> {
    TreeEntries { rest: bytes, id_len }
}

/// Iterates over a tree.
#[derive(Clone, Debug)]
pub struct TreeEntries<'t> {
    rest: &'t [u8],
    id_len: usize,
}

/// Bytes that are no tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadTree;

impl<'t> Iterator for TreeEntries<'t> {
    type Item = Result<TreeEntry<'t>, BadTree>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let entry = self.entry();
        if entry.is_none() {
            self.rest = &[];
        }
        Some(entry.ok_or(BadTree))
    }
}

impl<'t> TreeEntries<'t> {
    fn entry(&mut self) -> Option<TreeEntry<'t>> {
        let blank = memchr::memchr(b' ', self.rest).filter(|blank| (1..=7).contains(blank))?;
        let bits = u32::from_str_radix(std::str::from_utf8(&self.rest[..blank]).ok()?, 8).ok()?;
        let after = &self.rest[blank + 1..];
        let end = memchr::memchr(0, after).filter(|end| *end > 0)?;
        let (name, after) = (&after[..end], &after[end + 1..]);
        let id = Oid::new(after.get(..self.id_len)?)?;
        self.rest = &after[self.id_len..];
        Some(TreeEntry { mode: Mode::of(bits)?, name, id })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "0123456789abcdef0123456789abcdef01234567";

    #[test]
    fn an_id_is_written_as_it_was_read() {
        let long = "ab".repeat(32);
        for digits in [ID, long.as_str()] {
            assert_eq!(Oid::parse(digits.as_bytes()).expect("an id").to_string(), digits);
        }
        for wrong in ["", "01", &ID[1..], &ID.replace('a', "g"), &long[2..]] {
            assert_eq!(Oid::parse(wrong.as_bytes()), None, "{wrong}");
        }
        assert!(Oid::parse("0".repeat(40).as_bytes()).is_some_and(|id| id.is_zero()));
    }

    #[test]
    fn a_commit_has_its_parts() {
        let text = format!(
            "tree {ID}\nparent {ID}\nparent {ID}\nauthor A <a@b> 12 +0100\ncommitter B <b@c> 13 -0200\n\
             gpgsig -----BEGIN\n more\n\n more\nencoding latin1\n\nsubject\n\nbody\n"
        );
        // A signature's own empty line is written as one blank, so that the message begins at the first real one.
        let text = text.replace("more\n\n more", "more\n \n more");
        let commit = Commit::parse(text.as_bytes()).expect("a commit");
        assert_eq!(commit.parents.len(), 2);
        assert_eq!((commit.author.who, commit.author.seconds), (&b"A <a@b>"[..], 12));
        assert_eq!((commit.committer.who, commit.committer.seconds), (&b"B <b@c>"[..], 13));
        assert_eq!(commit.more, [&b"gpgsig -----BEGIN\n more\n \n more"[..], b"encoding latin1"]);
        assert_eq!(commit.message, b"subject\n\nbody\n");
        assert_eq!(Commit::parse(b"tree 12\n\n"), None);
        assert_eq!(Commit::parse(format!("tree {ID}\n\nno author").as_bytes()), None);
    }

    #[test]
    fn a_tag_has_its_parts() {
        let text = format!("object {ID}\ntype commit\ntag v1\ntagger T <t@u> 5 +0000\n\nnotes\n");
        let tag = Tag::parse(text.as_bytes()).expect("a tag");
        assert_eq!((tag.kind, tag.name, tag.message), (Kind::Commit, &b"v1"[..], &b"notes\n"[..]));
        assert_eq!(tag.tagger.map(|tagger| tagger.who), Some(&b"T <t@u>"[..]));
    }

    #[test]
    fn a_tree_ends_at_the_first_byte_that_is_none() {
        let id = Oid::parse(ID.as_bytes()).expect("an id");
        let mut tree = Vec::new();
        for (mode, name) in [("100644", "a b"), ("40000", "dir"), ("120000", "link"), ("160000", "sub")] {
            tree.extend_from_slice(format!("{mode} {name}\0").as_bytes());
            tree.extend_from_slice(id.as_bytes());
        }
        let entries: Vec<_> = tree_entries(&tree, 20).map(|entry| entry.expect("whole")).collect();
        let modes: Vec<_> = entries.iter().map(|entry| entry.mode).collect();
        assert_eq!(modes, [Mode::File, Mode::Folder, Mode::Symlink, Mode::Submodule]);
        assert!(entries.iter().all(|entry| entry.id == id));
        for len in 1..tree.len() {
            let read: Vec<_> = tree_entries(&tree[..len], 20).collect();
            let whole = read.iter().take_while(|entry| entry.is_ok()).count();
            assert!(whole < 4 && (read.len() == whole + 1 || read.iter().all(Result::is_ok)), "{len}");
        }
    }
}
