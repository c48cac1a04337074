//! The baseline's file, and the one way to change it: under a lock it is read once more, changed, and replaced as a whole.
//! Two runs lose nothing of each other, and whatever ends a run leaves the old file or the new one.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::{Baseline, BaselineError};
use crate::control::{self, MAX_BYTES};

/// A baseline's place.
#[derive(Clone, Debug)]
pub struct Store {
    path: PathBuf,
    /// As messages call it.
    name: String,
}

/// Asked before each step of a write; a test lets one of them fail.
type Permit<'p> = &'p mut dyn FnMut() -> io::Result<()>;

impl Store {
    /// `path` need not exist; `name` is what messages call it.
    #[must_use]
    pub fn new(path: PathBuf, name: &str) -> Self {
        Self { path, name: name.to_owned() }
    }

    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether something is there, usable or not.
    #[must_use]
    pub fn exists(&self) -> bool {
        self.path.symlink_metadata().is_ok()
    }

    /// The baseline; none where there is no file.
    ///
    /// # Errors
    /// Something is there, and it is no baseline.
    pub fn read(&self) -> Result<Option<Baseline>, BaselineError> {
        let Some(text) = control::read_text(&self.path)? else { return Ok(None) };
        Ok(Some(Baseline::parse(&self.name, &text)?))
    }

    /// Writes what `change` makes of the text that is there now, and hands on its answer.
    ///
    /// # Errors
    /// Those of `change`, or the file cannot be read or written; then what was there before is still there.
    pub fn change<T>(
        &self,
        change: impl FnOnce(Option<&str>) -> Result<(Baseline, T), BaselineError>,
    ) -> Result<T, BaselineError> {
        self.change_with(change, &mut || Ok(()))
    }

    pub(super) fn change_with<T>(
        &self,
        change: impl FnOnce(Option<&str>) -> Result<(Baseline, T), BaselineError>,
        permit: Permit<'_>,
    ) -> Result<T, BaselineError> {
        let unwritable = |why| BaselineError::Unwritable { path: self.path.clone(), why };
        let lock = Lock::take(beside(&self.path, ".lock"), &self.path)?;
        let before = control::read_text(&self.path)?;
        let (baseline, answer) = change(before.as_deref())?;
        let text = baseline.text();
        if text.len() as u64 > MAX_BYTES {
            return Err(BaselineError::TooLarge { entries: baseline.len() });
        }
        // Nothing to write is no reason to touch the file.
        if before.as_deref().is_none_or(|before| before.replace("\r\n", "\n") != text) {
            replace(&self.path, text.as_bytes(), permit).map_err(unwritable)?;
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

/// Held while the baseline is read and written, a few milliseconds. The system gives it back when its holder ends, however
/// that ends: a lock that a dead run left behind stops nobody.
struct Lock {
    path: PathBuf,
    _file: File,
}

impl Lock {
    fn take(path: PathBuf, whose: &Path) -> Result<Self, BaselineError> {
        const PATIENCE: Duration = Duration::from_secs(20);
        let unwritable = |why| BaselineError::Unwritable { path: whose.to_owned(), why };
        let begin = Instant::now();
        loop {
            let file = open(&path).map_err(unwritable)?;
            match file.try_lock() {
                Ok(()) if is_there(&file, &path) => return Ok(Self { path, _file: file }),
                // Its last holder has removed it since it was opened.
                Ok(()) => {}
                Err(TryLockError::Error(why)) => return Err(unwritable(why)),
                Err(TryLockError::WouldBlock) if begin.elapsed() > PATIENCE => {
                    return Err(BaselineError::Busy { path: whose.to_owned(), seconds: PATIENCE.as_secs() });
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
