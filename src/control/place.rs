//! The one way to change a file that steers a run: under a lock it is read once more, changed, and replaced as a whole.
//! Two runs lose nothing of each other, and whatever ends a run leaves the old file or the new one. Never through a
//! symlink: a path at which one stands is not even read.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use miette::Diagnostic;
use thiserror::Error;

use super::{ControlError, read_text};

/// Where such a file is, or may be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    path: PathBuf,
}

/// The file could not be changed; what was there before is still there.
#[derive(Debug, Error, Diagnostic)]
pub enum PlaceError {
    #[error(transparent)]
    #[diagnostic(transparent)]
    Control(#[from] ControlError),
    #[error("another run has been changing `{}` for {seconds} seconds", path.display())]
    #[diagnostic(code(tightlip::control::busy), help("wait for it to end, then run the command again"))]
    Busy { path: PathBuf, seconds: u64 },
    #[error("`{}` cannot be written: {why}", path.display())]
    #[diagnostic(
        code(tightlip::control::unwritable),
        help("check that there is room and that you may write to its folder; what was there before is still there")
    )]
    Unwritable { path: PathBuf, why: io::Error },
}

/// Asked before each step of a write; a test lets one of them fail.
pub type Permit<'p> = &'p mut dyn FnMut() -> io::Result<()>;

impl Place {
    /// `path` need not exist.
    #[must_use]
    pub const fn new(path: PathBuf) -> Self {
        Self { path }
    }

    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes what `change` makes of the text that is there now, and hands on its answer. Without a text there is no file,
    /// before and after.
    ///
    /// # Errors
    /// Those of `change`, or the file cannot be read or written.
    pub fn change<T, E: From<PlaceError>>(
        &self,
        change: impl FnOnce(Option<&str>) -> Result<(Option<String>, T), E>,
    ) -> Result<T, E> {
        self.change_with(change, &mut || Ok(()))
    }

    /// The same, step by step.
    ///
    /// # Errors
    /// Those of `change`, or the file cannot be read or written.
    pub fn change_with<T, E: From<PlaceError>>(
        &self,
        change: impl FnOnce(Option<&str>) -> Result<(Option<String>, T), E>,
        permit: Permit<'_>,
    ) -> Result<T, E> {
        let lock = Lock::take(beside(&self.path, ".lock"), &self.path)?;
        let before = read_text(&self.path).map_err(PlaceError::from)?;
        let (after, answer) = change(before.as_deref())?;
        // Nothing to write is no reason to touch the file.
        if before != after {
            let written = match after {
                Some(text) => replace(&self.path, text.as_bytes(), permit),
                None => remove(&self.path, permit),
            };
            written.map_err(|why| PlaceError::Unwritable { path: self.path.clone(), why })?;
        }
        drop(lock);
        Ok(answer)
    }
}

/// The path with something behind its name.
fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

fn remove(path: &Path, permit: Permit<'_>) -> io::Result<()> {
    permit()?;
    fs::remove_file(path)?;
    permit()?;
    sync_folder(path)
}

/// Puts a new file in the place of the old one, which keeps its mode. Only who holds the lock may call it: so a file
/// half written is the rest of a run that was killed.
fn replace(path: &Path, text: &[u8], permit: Permit<'_>) -> io::Result<()> {
    let fresh = beside(path, ".new");
    let written = write_whole(&fresh, path, text, permit);
    if written.is_err() {
        // Whoever comes next removes it otherwise.
        drop(fs::remove_file(&fresh));
    }
    written?;
    permit()?;
    sync_folder(path)
}

fn write_whole(fresh: &Path, path: &Path, text: &[u8], permit: Permit<'_>) -> io::Result<()> {
    const PIECE: usize = 1 << 12;
    permit()?;
    match fs::remove_file(fresh) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    permit()?;
    // `create_new` follows no symlink.
    let mut file = OpenOptions::new().write(true).create_new(true).open(fresh)?;
    for piece in text.chunks(PIECE) {
        permit()?;
        file.write_all(piece)?;
    }
    if let Ok(old) = path.symlink_metadata() {
        permit()?;
        file.set_permissions(old.permissions())?;
    }
    permit()?;
    // Otherwise a power cut may leave the new name with nothing behind it.
    file.sync_all()?;
    permit()?;
    fs::rename(fresh, path)
}

#[cfg(unix)]
fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    OpenOptions::new().read(true).open(folder)?.sync_all()
}

/// No other system syncs a folder.
#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "the twin for unix can fail")]
fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}

/// Held while the file is read and written, a few milliseconds. The system gives it back when its holder ends, however
/// that ends: a lock that a dead run left behind stops nobody.
struct Lock {
    path: PathBuf,
    _file: File,
}

impl Lock {
    fn take(path: PathBuf, whose: &Path) -> Result<Self, PlaceError> {
        const PATIENCE: Duration = Duration::from_secs(20);
        let unwritable = |why| PlaceError::Unwritable { path: whose.to_owned(), why };
        let begin = Instant::now();
        loop {
            let file = open(&path).map_err(unwritable)?;
            match file.try_lock() {
                Ok(()) if is_there(&file, &path) => return Ok(Self { path, _file: file }),
                // Its last holder has removed it since it was opened.
                Ok(()) => {}
                Err(TryLockError::Error(why)) => return Err(unwritable(why)),
                Err(TryLockError::WouldBlock) if begin.elapsed() > PATIENCE => {
                    return Err(PlaceError::Busy { path: whose.to_owned(), seconds: PATIENCE.as_secs() });
                }
                Err(TryLockError::WouldBlock) => std::thread::sleep(Duration::from_millis(2)),
            }
        }
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Removed while it is still held; elsewhere the name cannot be told from another's, so there it stays.
        if cfg!(unix) {
            drop(fs::remove_file(&self.path));
        }
    }
}

#[cfg(unix)]
fn open(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    let flags = libc::O_NOFOLLOW | libc::O_NONBLOCK | libc::O_NOCTTY;
    let file = OpenOptions::new().write(true).create(true).truncate(false).custom_flags(flags).open(path)?;
    if file.metadata()?.is_file() { Ok(file) } else { Err(io::Error::other("its lock is not a regular file")) }
}

#[cfg(not(unix))]
fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create(true).truncate(false).open(path)
}

#[cfg(unix)]
fn is_there(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let (Ok(held), Ok(named)) = (file.metadata(), path.symlink_metadata()) else { return false };
    (held.dev(), held.ino()) == (named.dev(), named.ino())
}

#[cfg(not(unix))]
fn is_there(_: &File, _: &Path) -> bool {
    true
}
