//! Which program a hook is to run: this one, under the name that will still be right after an upgrade.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use super::HookError;

/// The file of this name in `path`, the variable. Entries that are no whole path do not count: what they lead to depends
/// on the current folder, which may be a repository with such a file.
#[must_use]
pub fn on_path(name: &str, path: Option<&OsStr>) -> Option<PathBuf> {
    let name = format!("{name}{}", std::env::consts::EXE_SUFFIX);
    std::env::split_paths(path?)
        .filter(|folder| folder.is_absolute())
        .map(|folder| folder.join(&name))
        .find(|path| is_program(path))
}

/// The path to write into hooks, for the program that runs from `running`. A package manager gives each version a folder
/// of its own, and one name in PATH that leads to the newest: that name is taken where it leads here.
pub fn installing(running: &Path, path: Option<&OsStr>) -> Result<String, HookError> {
    let wrong = |why: &str| HookError::Program { why: format!("`{}` {why}", running.display()) };
    let real = running.canonicalize().map_err(|_| wrong("is no longer there"))?;
    let named = on_path("tightlip", path).filter(|named| named.canonicalize().is_ok_and(|named| named == real));
    let chosen = named.unwrap_or_else(|| running.to_owned());
    if !chosen.is_absolute() {
        return Err(wrong("is no whole path"));
    }
    let text = chosen.to_str().ok_or_else(|| wrong("is not UTF-8"))?;
    if text.contains(char::is_control) {
        return Err(wrong("has control characters in it"));
    }
    // The shell of git for Windows takes `/` as well, and nothing else in quotes.
    Ok(if cfg!(windows) { text.trim_start_matches(r"\\?\").replace('\\', "/") } else { text.to_owned() })
}

#[cfg(unix)]
fn is_program(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    path.metadata().is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_program(path: &Path) -> bool {
    path.is_file()
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;
    use std::os::unix::fs::{PermissionsExt, symlink};

    #[test]
    fn the_name_in_path_is_taken_where_it_leads_to_this_program() {
        let dir = std::env::temp_dir().join(format!("tightlip-program-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&dir);
        std::fs::create_dir_all(dir.join("bin")).unwrap();
        std::fs::create_dir_all(dir.join("cellar/1.0")).unwrap();
        let real = dir.join("cellar/1.0/tightlip");
        std::fs::write(&real, "x").unwrap();
        std::fs::set_permissions(&real, std::fs::Permissions::from_mode(0o755)).unwrap();
        let path = std::env::join_paths([Path::new("."), &dir.join("bin")]).unwrap();
        let chosen = |path: &OsStr| installing(&real, Some(path)).unwrap();
        assert_eq!(chosen(&path), real.to_str().unwrap(), "nothing in PATH");
        symlink(&real, dir.join("bin/tightlip")).unwrap();
        assert_eq!(chosen(&path), dir.join("bin/tightlip").to_str().unwrap());
        std::fs::remove_file(dir.join("bin/tightlip")).unwrap();
        std::fs::write(dir.join("bin/tightlip"), "another").unwrap();
        assert_eq!(chosen(&path), real.to_str().unwrap(), "another program");
        assert_eq!(on_path("tightlip", Some(&path)), None, "not executable");
        assert!(matches!(installing(&dir.join("gone"), None), Err(HookError::Program { .. })));
        std::fs::remove_dir_all(dir).unwrap();
    }
}
