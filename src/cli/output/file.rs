//! A file that a report is written to. It may lie in the tree under scan, whose owner may have put something in its place:
//! it is never written through a symlink, and what git tracks stays unless told otherwise.

use std::env;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::{Component, Path, PathBuf};

use super::OutputError;
use crate::git::Tracked;
use crate::random;

/// Where a report may be written.
#[derive(Debug)]
pub struct Place {
    /// As it was typed.
    name: String,
    /// Without `..` and symlinks.
    folder: PathBuf,
    path: PathBuf,
}

impl Place {
    /// Looks at what is there, and refuses what a report must not replace.
    pub fn find(typed: &Path, format: &'static str, force: bool) -> Result<Self, OutputError> {
        let name = typed.to_string_lossy().into_owned();
        if passes_a_symlink(typed) {
            return Err(OutputError::Symlink { path: name, format });
        }
        match typed.symlink_metadata() {
            Ok(seen) if !seen.is_file() => return Err(OutputError::NotAFile { path: name, format }),
            Err(why) if why.kind() != ErrorKind::NotFound => return Err(OutputError::Unwritable { path: name, why }),
            _ => {}
        }
        let Some(file_name) = typed.file_name() else { return Err(OutputError::NotAFile { path: name, format }) };
        let parent = typed.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let folder = match parent.canonicalize() {
            Ok(folder) if folder.is_dir() => folder,
            _ => return Err(OutputError::NoFolder { path: name }),
        };
        let path = folder.join(file_name);
        if path.components().any(|part| part.as_os_str().eq_ignore_ascii_case(".git")) {
            return Err(OutputError::GitDir { path: name, format });
        }
        if !force && is_tracked(&path) {
            return Err(OutputError::Tracked { path: name });
        }
        Ok(Self { name, folder, path })
    }

    /// Whether both are one file, however they were typed.
    pub fn is(&self, other: &Self) -> bool {
        self.path == other.path
    }

    /// Writes the file whole: until the end, and where something fails, the old one stays.
    pub fn replace(&self, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), OutputError> {
        self.try_replace(write).map_err(|why| OutputError::Unwritable { path: self.name.clone(), why })
    }

    fn try_replace(&self, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
        let digits: String = random::bytes::<8>()?.iter().map(|byte| format!("{byte:02x}")).collect();
        let fresh = self.folder.join(format!(".tightlip-{digits}.tmp"));
        // `create_new` follows no symlink.
        let file = OpenOptions::new().write(true).create_new(true).open(&fresh)?;
        let written = self.fill(file, write).and_then(|()| fs::rename(&fresh, &self.path));
        if written.is_err() {
            // What was half written is of no use, and why it failed is told already.
            drop(fs::remove_file(&fresh));
        }
        written
    }

    fn fill(&self, file: File, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
        if let Ok(old) = self.path.symlink_metadata() {
            file.set_permissions(old.permissions())?;
        }
        let mut pages = BufWriter::with_capacity(1 << 16, file);
        write(&mut pages)?;
        pages.flush()?;
        pages.get_ref().sync_all()
    }
}

/// What is below the current folder, or in a work tree, may be of a stranger's repository. The rest of a path is of one's
/// own machine, where folders such as `/tmp` may be symlinks.
fn passes_a_symlink(typed: &Path) -> bool {
    let is_symlink = |path: &Path| path.symlink_metadata().is_ok_and(|seen| seen.is_symlink());
    let own = if typed.is_absolute() { own_part(typed) } else { PathBuf::new() };
    let mut walked = own.clone();
    let strange = typed.strip_prefix(&own).unwrap_or(typed);
    let mut parts = strange.components();
    is_symlink(typed)
        || parts.any(|part| {
            walked.push(part);
            matches!(part, Component::Normal(_)) && is_symlink(&walked)
        })
}

/// The folders of a path from the root that no repository can have made.
fn own_part(typed: &Path) -> PathBuf {
    let here = env::current_dir().unwrap_or_default();
    let work_tree = typed.ancestors().filter(|folder| folder.join(".git").symlink_metadata().is_ok()).last();
    let below = |folder: &Path| !folder.as_os_str().is_empty() && typed.starts_with(folder);
    match (work_tree, below(&here)) {
        (Some(root), _) => root.to_owned(),
        (None, true) => here,
        (None, false) => typed.parent().unwrap_or(typed).to_owned(),
    }
}

/// Whether the work tree round the path has it in its index; also where that cannot be told.
fn is_tracked(path: &Path) -> bool {
    let root = path.ancestors().skip(1).find(|folder| folder.join(".git").symlink_metadata().is_ok());
    let Some((root, inside)) = root.and_then(|root| Some((root, path.strip_prefix(root).ok()?))) else { return false };
    let parts: Vec<&[u8]> = inside.iter().map(std::ffi::OsStr::as_encoded_bytes).collect();
    Tracked::read(root).holds(&parts.join(&b'/'), false)
}
