//! Objects that are a file each.

use std::fs;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use flate2::bufread::ZlibDecoder;

use super::error::PackError;
use super::file::LARGEST;
use crate::control;
use crate::git::{Kind, Object, Oid};

/// A loose object whose header has been read; reading goes on with its content.
pub struct Loose {
    pub kind: Kind,
    pub size: u64,
    path: PathBuf,
    content: BufReader<ZlibDecoder<BufReader<fs::File>>>,
}

/// All loose objects below an objects folder. Other files there, such as those that git was about to write, are none.
pub fn list(dir: &Path, id_len: usize) -> Result<Vec<Oid>, PackError> {
    let mut ids = Vec::new();
    for first in 0..=u8::MAX {
        let name = format!("{first:02x}");
        let inner = dir.join(&name);
        let files = match fs::read_dir(&inner) {
            Ok(files) => files,
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => continue,
            Err(why) => return Err(PackError::Unreadable { path: inner, why }),
        };
        for file in files {
            let file = file.map_err(PackError::unreadable(&inner))?;
            let digits = [name.as_bytes(), file.file_name().as_encoded_bytes()].concat();
            ids.extend(Oid::parse(&digits).filter(|id| id.as_bytes().len() == id_len));
        }
    }
    ids.sort_unstable();
    Ok(ids)
}

/// An object that is a file in one of the folders; none where it is in a pack, or nowhere.
pub fn find(folders: &[PathBuf], id: &Oid) -> Result<Option<Object>, PackError> {
    for folder in folders {
        if let Some(found) = Loose::open(folder, id)? {
            return found.read().map(Some);
        }
    }
    Ok(None)
}

impl Loose {
    /// None where there is no such object.
    pub fn open(dir: &Path, id: &Oid) -> Result<Option<Self>, PackError> {
        let digits = id.to_string();
        let path = dir.join(&digits[..2]).join(&digits[2..]);
        if matches!(path.symlink_metadata(), Err(error) if error.kind() == io::ErrorKind::NotFound) {
            return Ok(None);
        }
        let (file, _) = control::open_file(&path)?;
        let mut content = BufReader::new(ZlibDecoder::new(BufReader::new(file)));
        let mut header = Vec::new();
        let read = content.by_ref().take(40).read_until(0, &mut header);
        let Some((kind, size)) = read.ok().and_then(|_| parse(&header)) else {
            return Err(PackError::damaged(&path, "it does not begin as an object does"));
        };
        Ok(Some(Self { kind, size, path, content }))
    }

    /// The whole object.
    pub fn read(mut self) -> Result<Object, PackError> {
        if self.size > LARGEST {
            return Err(PackError::Large { path: self.path, size: self.size });
        }
        let mut bytes = Vec::new();
        // A byte more, so that one that goes on past its size is noticed; the end of the stream verifies its checksum.
        let read = self.content.by_ref().take(self.size + 1).read_to_end(&mut bytes);
        if read.is_err() || bytes.len() as u64 != self.size {
            return Err(PackError::damaged(&self.path, "it cannot be inflated to the size that it says"));
        }
        Ok(Object { kind: self.kind, bytes })
    }

    /// What follows the header.
    pub fn stream(self) -> impl Read {
        self.content
    }
}

fn parse(header: &[u8]) -> Option<(Kind, u64)> {
    let header = header.strip_suffix(b"\0")?;
    let blank = memchr::memchr(b' ', header)?;
    let size = std::str::from_utf8(&header[blank + 1..]).ok()?.parse().ok()?;
    Some((Kind::of(&header[..blank])?, size))
}
