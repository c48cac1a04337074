//! Reads files that steer a run: the config, `.gitignore`, a baseline. Most lie in the tree under scan, so each may be
//! hostile: only a regular file of at most 1 MiB is read, never through a symlink, and never one that blocks. Changes
//! those that are ours in one way.

use std::fs::{File, Metadata, OpenOptions};
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

use miette::Diagnostic;
use thiserror::Error;

mod owned;
mod place;

pub use owned::read_owned;
pub use place::{Permit, Place, PlaceError};

/// The largest file that is read.
pub const MAX_BYTES: u64 = 1 << 20;

/// A file that steers the run cannot be used; the run must not go on without it.
#[derive(Debug, Error, Diagnostic)]
pub enum ControlError {
    #[error("`{}` is a symlink", path.display())]
    #[diagnostic(code(tightlip::control::symlink), help("replace it with a copy of the file it points to"))]
    Symlink { path: PathBuf },
    #[error("`{}` is not a regular file", path.display())]
    #[diagnostic(code(tightlip::control::not_a_file), help("replace it with a text file, or remove it"))]
    NotAFile { path: PathBuf },
    #[error("`{}` is larger than {} KiB", path.display(), most / 1024)]
    #[diagnostic(code(tightlip::control::too_large), help("remove what it no longer needs"))]
    TooLarge { path: PathBuf, most: u64 },
    #[error("`{}` is not UTF-8 text", path.display())]
    #[diagnostic(code(tightlip::control::not_text), help("save it as UTF-8"))]
    NotText { path: PathBuf },
    #[error("`{}` belongs to user {owner}", path.display())]
    #[diagnostic(
        code(tightlip::control::foreign),
        help("only what user {wanted} owns counts here: `chown {wanted}` it once you have read it, or remove it")
    )]
    Foreign { path: PathBuf, owner: u32, wanted: u32 },
    #[error("`{}` can be written by others than its owner (mode {mode:o})", path.display())]
    #[diagnostic(code(tightlip::control::writable), help("read what is in it, then `chmod go-w` it"))]
    Writable { path: PathBuf, mode: u32 },
    #[error("`{}` cannot be read: {why}", path.display())]
    #[diagnostic(code(tightlip::control::unreadable), help("check that it exists and that you may read it"))]
    Unreadable { path: PathBuf, why: std::io::Error },
}

/// The bytes of the file; none where there is no such file.
///
/// # Errors
/// Something is there, and it is not a regular, readable file of a sensible size.
pub fn read(path: &Path) -> Result<Option<Vec<u8>>, ControlError> {
    read_up_to(path, MAX_BYTES)
}

/// The bytes of a file that may have up to `most`; none where there is no such file.
///
/// # Errors
/// As `read`.
pub fn read_up_to(path: &Path, most: u64) -> Result<Option<Vec<u8>>, ControlError> {
    let unreadable = |why| ControlError::Unreadable { path: path.to_owned(), why };
    match path.symlink_metadata() {
        Ok(seen) => admit(path, &seen, most)?,
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => return Ok(None),
        Err(error) => return Err(unreadable(error)),
    }
    let file = open(path).map_err(unreadable)?;
    // Once more on the open file: another may have taken its place since.
    let found = file.metadata().map_err(unreadable)?;
    admit(path, &found, most)?;
    let mut bytes = Vec::with_capacity(usize::try_from(found.len() + 1).unwrap_or_default());
    file.take(most + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > most {
        return Err(ControlError::TooLarge { path: path.to_owned(), most });
    }
    Ok(Some(bytes))
}

/// Opens a regular file of any size for reading, never through a symlink. For a repository's own storage, which its owner
/// wrote: what it holds is checked by whoever reads it.
///
/// # Errors
/// Something else stands there, or it cannot be opened.
pub fn open_file(path: &Path) -> Result<(File, u64), ControlError> {
    let unreadable = |why| ControlError::Unreadable { path: path.to_owned(), why };
    let file = open(path).map_err(|why| match path.symlink_metadata() {
        Ok(seen) if seen.is_symlink() => ControlError::Symlink { path: path.to_owned() },
        _ => unreadable(why),
    })?;
    let seen = file.metadata().map_err(unreadable)?;
    if seen.is_file() { Ok((file, seen.len())) } else { Err(ControlError::NotAFile { path: path.to_owned() }) }
}

/// The text of the file; none where there is no such file.
///
/// # Errors
/// As `read`, and for bytes that are not UTF-8.
pub fn read_text(path: &Path) -> Result<Option<String>, ControlError> {
    let Some(bytes) = read(path)? else { return Ok(None) };
    let text = String::from_utf8(bytes).map_err(|_| ControlError::NotText { path: path.to_owned() })?;
    Ok(Some(text))
}

fn admit(path: &Path, seen: &Metadata, most: u64) -> Result<(), ControlError> {
    let path = path.to_owned();
    if seen.is_symlink() {
        return Err(ControlError::Symlink { path });
    }
    if !seen.is_file() {
        return Err(ControlError::NotAFile { path });
    }
    if seen.len() > most {
        return Err(ControlError::TooLarge { path, most });
    }
    Ok(())
}

#[cfg(unix)]
fn open(path: &Path) -> std::io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    OpenOptions::new().read(true).custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK | libc::O_NOCTTY).open(path)
}

#[cfg(not(unix))]
fn open(path: &Path) -> std::io::Result<File> {
    OpenOptions::new().read(true).open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder of its own under the build's, removed first.
    fn fresh(name: &str) -> PathBuf {
        let dir = std::env::temp_dir().join(format!("tightlip-control-{}-{name}", std::process::id()));
        let _ = std::fs::remove_dir_all(&dir);
        std::fs::create_dir_all(&dir).expect("a writable folder for temporary files");
        dir
    }

    #[test]
    fn a_regular_file_is_read_and_a_missing_one_is_none() {
        let dir = fresh("regular");
        std::fs::write(dir.join("a"), "text").unwrap();
        assert_eq!(read_text(&dir.join("a")).unwrap().as_deref(), Some("text"));
        assert!(read(&dir.join("b")).unwrap().is_none());
        assert!(read(&dir.join("a/b")).unwrap().is_none());
        std::fs::remove_dir_all(dir).unwrap();
    }

    #[test]
    fn what_is_no_plain_text_file_is_refused() {
        let dir = fresh("refused");
        std::fs::write(dir.join("large"), vec![b'a'; usize::try_from(MAX_BYTES).unwrap() + 1]).unwrap();
        std::fs::write(dir.join("latin"), [0xe9]).unwrap();
        assert!(matches!(read_text(&dir.join("large")), Err(ControlError::TooLarge { .. })));
        assert!(matches!(read_text(&dir.join("latin")), Err(ControlError::NotText { .. })));
        assert!(matches!(read_text(&dir), Err(ControlError::NotAFile { .. })));
        std::fs::remove_dir_all(dir).unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn symlinks_pipes_and_devices_are_refused_at_once() {
        let dir = fresh("special");
        for (name, target) in [("zero", "/dev/zero"), ("stdin", "/dev/stdin"), ("nowhere", "missing"), ("here", ".")] {
            std::os::unix::fs::symlink(target, dir.join(name)).unwrap();
            assert!(matches!(read(&dir.join(name)), Err(ControlError::Symlink { .. })), "{name}");
        }
        assert!(matches!(read(Path::new("/dev/zero")), Err(ControlError::NotAFile { .. })));
        let pipe = dir.join("pipe");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status().expect("mkfifo is part of every unix");
        assert!(made.success());
        assert!(matches!(read(&pipe), Err(ControlError::NotAFile { .. })));
        // Past the first look as well, for a pipe that takes a file's place in between.
        assert!(!open(&pipe).unwrap().metadata().unwrap().is_file());
        assert!(open(&dir.join("zero")).is_err());
        std::fs::remove_dir_all(dir).unwrap();
    }
}
