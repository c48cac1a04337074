//! The cache's folder: this user's alone, or it is not used. It holds the key, the table and a lock.

use std::fs::{self, DirBuilder, File, Metadata, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::CacheOff;
use crate::random;

#[derive(Debug)]
pub struct Home {
    folder: PathBuf,
    key: [u8; 32],
}

impl Home {
    pub fn open(folder: &Path) -> Result<Self, CacheOff> {
        let unusable = |why| CacheOff::Unusable { path: folder.to_owned(), why };
        let found = match folder.symlink_metadata() {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                make(folder).map_err(unusable)?;
                folder.symlink_metadata()
            }
            found => found,
        };
        let found = found.map_err(unusable)?;
        if !found.is_dir() {
            return Err(CacheOff::NoFolder { path: folder.to_owned() });
        }
        private(folder, &found, 0o700)?;
        let key = key(&folder.join("key"))?;
        Ok(Self { folder: folder.to_owned(), key })
    }

    pub const fn key(&self) -> &[u8; 32] {
        &self.key
    }

    pub fn table(&self) -> PathBuf {
        self.folder.join("clean")
    }

    /// For as long as the file lives. The system gives it back when a run ends, however it ends.
    pub fn lock(&self) -> Option<File> {
        const PATIENCE: Duration = Duration::from_millis(100);
        let file = writable().create(true).truncate(false).open(self.folder.join("lock")).ok()?;
        let begin = Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => return Some(file),
                Err(TryLockError::WouldBlock) if begin.elapsed() < PATIENCE => {
                    std::thread::sleep(Duration::from_millis(1));
                }
                Err(_) => return None,
            }
        }
    }
}

fn make(folder: &Path) -> io::Result<()> {
    if let Some(parent) = folder.parent() {
        fs::create_dir_all(parent)?;
    }
    match private_builder().create(folder) {
        // Another run was quicker. What it made is looked at like any other.
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        made => made,
    }
}

/// The key; a new one where there is none, or what is there is none.
fn key(path: &Path) -> Result<[u8; 32], CacheOff> {
    let unusable = |why| CacheOff::Unusable { path: path.to_owned(), why };
    for _ in 0..3 {
        match read_key(path)? {
            Some(key) => return Ok(key),
            None => make_key(path).map_err(unusable)?,
        }
    }
    Err(unusable(ErrorKind::InvalidData.into()))
}

fn read_key(path: &Path) -> Result<Option<[u8; 32]>, CacheOff> {
    let unusable = |why| CacheOff::Unusable { path: path.to_owned(), why };
    let mut file = match readable().open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(why) => return Err(unusable(why)),
    };
    let found = file.metadata().map_err(unusable)?;
    private(path, &found, 0o600)?;
    let mut key = [0; 32];
    if !found.is_file() || found.len() != 32 || file.read_exact(&mut key).is_err() {
        // Torn: no table was made with it that could be read now.
        fs::remove_file(path).map_err(unusable)?;
        return Ok(None);
    }
    Ok(Some(key))
}

/// Written beside and linked into its place: nobody reads half a key, and of two that are made at once one stays.
fn make_key(path: &Path) -> io::Result<()> {
    let key: [u8; 32] = random::bytes()?;
    let name: [u8; 8] = random::bytes()?;
    let beside = path.with_extension(format!("{:016x}", u64::from_le_bytes(name)));
    let written = new_private(&beside).and_then(|mut file| file.write_all(&key));
    let placed = written.and_then(|()| match fs::hard_link(&beside, path) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        placed => placed,
    });
    drop(fs::remove_file(&beside));
    placed
}

/// Whether it is this user's, and nobody else's to read or write.
#[cfg(unix)]
fn private(path: &Path, found: &Metadata, mode: u32) -> Result<(), CacheOff> {
    use std::os::unix::fs::MetadataExt;
    let path = path.to_owned();
    let own = own_uid().map_err(|why| CacheOff::Unusable { path: path.clone(), why })?;
    if found.uid() != own {
        return Err(CacheOff::OtherOwner { path });
    }
    if found.mode() & 0o777 == mode { Ok(()) } else { Err(CacheOff::OpenToOthers { path }) }
}

/// Folders in a user's profile are closed to other users there.
#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "the twin for unix can fail")]
fn private(_: &Path, _: &Metadata, _: u32) -> Result<(), CacheOff> {
    Ok(())
}

/// A pipe belongs to whoever makes it: this asks who we are without unsafe code, in two calls. Where a system does not
/// tell, the answer fits no folder, and there is no cache.
#[cfg(unix)]
fn own_uid() -> io::Result<u32> {
    use std::os::fd::OwnedFd;
    use std::os::unix::fs::MetadataExt;
    let (reader, _writer) = io::pipe()?;
    Ok(File::from(OwnedFd::from(reader)).metadata()?.uid())
}

#[cfg(unix)]
fn private_builder() -> DirBuilder {
    use std::os::unix::fs::DirBuilderExt;
    let mut builder = DirBuilder::new();
    builder.mode(0o700);
    builder
}

#[cfg(not(unix))]
fn private_builder() -> DirBuilder {
    DirBuilder::new()
}

/// A new file for this user alone; never one that is there.
pub fn new_private(path: &Path) -> io::Result<File> {
    writable().read(true).create_new(true).open(path)
}

#[cfg(unix)]
pub fn readable() -> OpenOptions {
    use std::os::unix::fs::OpenOptionsExt;
    let mut options = OpenOptions::new();
    options.read(true).custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK | libc::O_NOCTTY);
    options
}

#[cfg(unix)]
pub fn writable() -> OpenOptions {
    use std::os::unix::fs::OpenOptionsExt;
    let mut options = OpenOptions::new();
    options.write(true).mode(0o600).custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK | libc::O_NOCTTY);
    options
}

#[cfg(not(unix))]
pub fn readable() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true);
    options
}

#[cfg(not(unix))]
pub fn writable() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true);
    options
}
