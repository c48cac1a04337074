//! Changes to a hooks folder, each of which is done whole or not at all: a commit at any moment meets the old hook or the
//! new one.

use std::fs::{self, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::Path;

/// Puts a script in the place of whatever is there, as an executable file. A symlink is replaced, never written through.
pub(super) fn replace(path: &Path, text: &str) -> io::Result<()> {
    let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else {
        return Err(ErrorKind::InvalidInput.into());
    };
    let fresh = folder.join(format!(".{}.tightlip-{}", name.to_string_lossy(), std::process::id()));
    let written = write(&fresh, text).and_then(|()| fs::rename(&fresh, path));
    if written.is_err() {
        // What was half written is of no use, and why it failed is told already.
        let _ = fs::remove_file(&fresh);
    }
    written
}

fn write(path: &Path, text: &str) -> io::Result<()> {
    let mut options = OpenOptions::new();
    // `create_new` follows no symlink, not even one to nowhere.
    let mut file = options.write(true).create_new(true).open(path)?;
    file.write_all(text.as_bytes())?;
    make_executable(&file)?;
    file.sync_all()
}

#[cfg(unix)]
fn make_executable(file: &fs::File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    // On the open file: whatever the mask says, and whoever swaps the name.
    file.set_permissions(fs::Permissions::from_mode(0o755))
}

#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "the twin for unix can fail")]
fn make_executable(_: &fs::File) -> io::Result<()> {
    Ok(())
}

/// Puts a script in the place of a hook, which is kept under another name.
pub(super) fn chain(hook: &Path, kept: &Path, text: &str) -> io::Result<()> {
    // Two names of one file are from a run that was cut short.
    if !is_same(hook, kept) {
        keep(hook, kept)?;
    }
    let written = replace(hook, text);
    if written.is_err() {
        put_back(kept, hook)?;
    }
    written
}

/// Gives a hook a second name, which must be free. The first name stays until our script takes it, so that there is no
/// moment without a hook. A symlink stays one.
fn keep(hook: &Path, kept: &Path) -> io::Result<()> {
    if fs::hard_link(hook, kept).is_ok() && is_same(hook, kept) {
        return Ok(());
    }
    // Some file systems have no second names, and some follow the link: the hook moves, and there is a moment without.
    match kept.symlink_metadata() {
        Err(why) if why.kind() == ErrorKind::NotFound => fs::rename(hook, kept),
        _ => Err(ErrorKind::AlreadyExists.into()),
    }
}

/// Gives a kept hook its name back, over our script if that is there.
pub(super) fn put_back(kept: &Path, hook: &Path) -> io::Result<()> {
    // Two names of one file, from a run that was cut short: renaming would do nothing.
    if is_same(kept, hook) { fs::remove_file(kept) } else { fs::rename(kept, hook) }
}

/// Whether both names are the same file or the same symlink.
#[cfg(unix)]
pub(super) fn is_same(one: &Path, other: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let id = |path: &Path| path.symlink_metadata().ok().map(|found| (found.dev(), found.ino()));
    id(one).is_some_and(|one| id(other) == Some(one))
}

#[cfg(not(unix))]
pub(super) fn is_same(_: &Path, _: &Path) -> bool {
    false
}
