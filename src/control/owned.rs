//! Files that stand above a repository: nobody but their owner may have written them. Each folder from the root of the
//! system down must be the owner's as well, for who may write a folder may put another file into it.

use std::path::Path;

use super::{ControlError, MAX_BYTES, admit, read_text};

/// The text of the file `below` the folder `root`; none where there is no such file. `owner` is the user whose it, `root`
/// and each folder in between have to be, with nobody else who may write them.
///
/// # Errors
/// As `read_text`, and where anyone but the owner may have written it.
#[cfg(unix)]
pub fn read_owned(root: &Path, below: &Path, owner: u32) -> Result<Option<String>, ControlError> {
    let path = root.join(below);
    let unreadable = |path: &Path, why| ControlError::Unreadable { path: path.to_owned(), why };
    match path.symlink_metadata() {
        Ok(seen) => admit(&path, &seen, MAX_BYTES)?,
        Err(error) if matches!(error.kind(), std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory) => {
            // A symlink on the way that leads nowhere, for now, is none of the owner's folders either.
            return folders(root, below, owner).map(|()| None);
        }
        Err(error) => return Err(unreadable(&path, error)),
    }
    // Once these are the owner's alone, nobody else can put anything in their place.
    folders(root, below, owner)?;
    let seen = path.symlink_metadata().map_err(|why| unreadable(&path, why))?;
    unshared(&path, &seen, owner)?;
    read_text(&path)
}

/// On other systems nothing says who may write a file, so that none is there.
///
/// # Errors
/// None; the twin for unix has some.
#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "the twin for unix can fail")]
pub fn read_owned(_: &Path, _: &Path, _: u32) -> Result<Option<String>, ControlError> {
    Ok(None)
}

/// Each folder that there is from `root` down to where the file lies.
#[cfg(unix)]
fn folders(root: &Path, below: &Path, owner: u32) -> Result<(), ControlError> {
    let mut folders: Vec<&Path> = below.parent().into_iter().flat_map(Path::ancestors).collect();
    folders.reverse();
    for folder in folders.into_iter().map(|folder| root.join(folder)) {
        match folder.symlink_metadata() {
            Ok(seen) if seen.is_dir() => unshared(&folder, &seen, owner)?,
            Ok(seen) if seen.is_symlink() => return Err(ControlError::Symlink { path: folder }),
            Ok(_) => return Ok(()),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
            Err(why) => return Err(ControlError::Unreadable { path: folder, why }),
        }
    }
    Ok(())
}

/// Refuses what is another's, or what another may write. Lists of access rights show in the bits of the group.
#[cfg(unix)]
fn unshared(path: &Path, seen: &std::fs::Metadata, owner: u32) -> Result<(), ControlError> {
    use std::os::unix::fs::MetadataExt;
    let path = path.to_owned();
    if seen.uid() != owner {
        return Err(ControlError::Foreign { path, owner: seen.uid(), wanted: owner });
    }
    if seen.mode() & 0o022 != 0 {
        return Err(ControlError::Writable { path, mode: seen.mode() & 0o7777 });
    }
    Ok(())
}

#[cfg(all(test, unix))]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on")]
mod tests {
    use std::fs::{Permissions, create_dir_all, remove_dir_all, remove_file, rename, set_permissions, write};
    use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
    use std::path::PathBuf;

    use super::*;

    const FILE: &str = "etc/tightlip/policy.yml";

    fn fresh(name: &str) -> (PathBuf, u32) {
        let dir = std::env::temp_dir().join(format!("tightlip-owned-{}-{name}", std::process::id()));
        let _ = remove_dir_all(&dir);
        create_dir_all(dir.join("etc/tightlip")).unwrap();
        write(dir.join(FILE), "version: 1\n").unwrap();
        for (path, mode) in [("", 0o755), ("etc", 0o755), ("etc/tightlip", 0o755), (FILE, 0o644)] {
            set_permissions(dir.join(path), Permissions::from_mode(mode)).unwrap();
        }
        let owner = dir.metadata().unwrap().uid();
        (dir, owner)
    }

    fn outcome(dir: &Path, owner: u32) -> String {
        match read_owned(dir, Path::new(FILE), owner) {
            Ok(Some(_)) => "read".into(),
            Ok(None) => "none".into(),
            Err(ControlError::Symlink { .. }) => "symlink".into(),
            Err(ControlError::NotAFile { .. }) => "no file".into(),
            Err(ControlError::Foreign { .. }) => "foreign".into(),
            Err(ControlError::Writable { path, .. }) => {
                format!("writable {}", path.strip_prefix(dir).unwrap().display())
            }
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn only_what_nobody_else_may_have_written_is_read() {
        let (dir, owner) = fresh("modes");
        assert_eq!(outcome(&dir, owner), "read");
        assert_eq!(outcome(&dir, owner + 1), "foreign");
        let usual = [("", 0o755), ("etc", 0o755), ("etc/tightlip", 0o755), (FILE, 0o644)];
        for (path, mode) in usual {
            for more in [0o002, 0o020, 0o1002] {
                set_permissions(dir.join(path), Permissions::from_mode(mode | more)).unwrap();
                assert_eq!(outcome(&dir, owner), format!("writable {path}"), "{more:o}");
            }
            set_permissions(dir.join(path), Permissions::from_mode(mode)).unwrap();
        }
        assert_eq!(outcome(&dir, owner), "read");
        remove_dir_all(dir).unwrap();
    }

    #[test]
    fn an_absent_file_is_none_and_anything_odd_is_refused() {
        let (dir, owner) = fresh("odd");
        rename(dir.join(FILE), dir.join("elsewhere.yml")).unwrap();
        assert_eq!(outcome(&dir, owner), "none");
        for target in ["../../elsewhere.yml", "/dev/zero", "missing"] {
            symlink(target, dir.join(FILE)).unwrap();
            assert_eq!(outcome(&dir, owner), "symlink", "{target}");
            remove_file(dir.join(FILE)).unwrap();
        }
        create_dir_all(dir.join(FILE)).unwrap();
        assert_eq!(outcome(&dir, owner), "no file");
        remove_dir_all(dir.join("etc")).unwrap();
        assert_eq!(outcome(&dir, owner), "none");
        // A folder that leads elsewhere: whoever made it so could lead anywhere.
        create_dir_all(dir.join("real/tightlip")).unwrap();
        rename(dir.join("elsewhere.yml"), dir.join("real/tightlip/policy.yml")).unwrap();
        symlink("real", dir.join("etc")).unwrap();
        assert_eq!(outcome(&dir, owner), "symlink");
        remove_file(dir.join("etc")).unwrap();
        symlink("nowhere", dir.join("etc")).unwrap();
        assert_eq!(outcome(&dir, owner), "symlink");
        remove_dir_all(dir).unwrap();
    }
}
