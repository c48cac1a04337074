//! Files and folders, walked in parallel. Symlinks are not followed, devices not opened; every file in a folder is
//! read, hidden or not, except what git itself would leave out.

use std::fs::{self, File, FileType, OpenOptions};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use ignore::{DirEntry, WalkBuilder, WalkState};

use super::ignored::{Folder, Ignored};
use super::{Entry, Lines, Listing, Origin, Reader, Source, io_reason};
use crate::outcome::{Gap, SkipReason, Skipped};

/// The paths named on the command line, and all that is below them.
#[derive(Debug)]
pub struct Paths {
    roots: Vec<PathBuf>,
    /// Leave out what `.gitignore` names and git does not track.
    obey_gitignore: bool,
    threads: usize,
}

impl Paths {
    #[must_use]
    pub const fn new(roots: Vec<PathBuf>, obey_gitignore: bool, threads: usize) -> Self {
        Self { roots, obey_gitignore, threads }
    }
}

impl Source for Paths {
    fn list(&self) -> Listing {
        let mut listing = Listing::default();
        for root in &self.roots {
            list_root(root, self, &mut listing);
        }
        listing
            .entries
            .sort_unstable_by(|one, other| one.path.cmp(&other.path).then_with(|| one.origin.cmp(&other.origin)));
        listing.entries.dedup_by(|one, other| one.path == other.path && same_file(&one.origin, &other.origin));
        listing.skipped.sort();
        listing
    }

    fn reader(&self) -> Box<dyn Reader + '_> {
        Box::new(Files)
    }
}

/// What the threads of a walk gather.
#[derive(Default)]
struct Gathered {
    listing: Mutex<Listing>,
    ignored: Ignored,
}

fn list_root(root: &Path, paths: &Paths, listing: &mut Listing) {
    match fs::symlink_metadata(root) {
        Ok(found) if found.is_dir() => walk(root, paths, listing),
        Ok(found) => place(root, found.file_type(), listing),
        Err(error) => listing.gaps.push(Gap { path: shown(root), why: io_reason(&error) }),
    }
}

fn walk(root: &Path, paths: &Paths, listing: &mut Listing) {
    let gathered = Gathered::default();
    // Ignore files speak of absolute paths; asking for the current folder at each file would cost a call each.
    let from = paths.obey_gitignore.then(|| absolute(root));
    let walker =
        WalkBuilder::new(root).standard_filters(false).follow_links(false).threads(paths.threads).build_parallel();
    walker.run(|| {
        let mut local = Batch { listing: Listing::default(), gathered: &gathered, last: None };
        let from = &from;
        Box::new(move |found| local.visit(found, root, from.as_deref()))
    });
    if let Ok(found) = gathered.listing.into_inner() {
        merge(listing, found);
    }
    listing.gaps.extend(gathered.ignored.gaps());
}

/// One thread's part of a walk, handed over when the thread ends.
struct Batch<'g> {
    listing: Listing,
    gathered: &'g Gathered,
    /// The folder of the last entry: the next one is most often in it too.
    last: Option<(PathBuf, Arc<Folder>)>,
}

impl Batch<'_> {
    fn visit(&mut self, found: Result<DirEntry, ignore::Error>, root: &Path, from: Option<&Path>) -> WalkState {
        let entry = match found {
            Ok(entry) => entry,
            Err(error) => {
                self.listing.gaps.push(walk_gap(&error, root));
                return WalkState::Continue;
            }
        };
        let path = entry.path();
        let Some(kind) = entry.file_type() else { return WalkState::Continue };
        if entry.depth() > 0 {
            if entry.file_name() == ".git" {
                return WalkState::Skip;
            }
            let folder = from.and_then(|from| self.folder(path.parent()?, root, from));
            if folder.is_some_and(|folder| folder.leaves_out(entry.file_name(), kind.is_dir())) {
                self.listing.ignored += 1;
                return WalkState::Skip;
            }
        }
        if !kind.is_dir() {
            place(path, kind, &mut self.listing);
        }
        WalkState::Continue
    }
}

impl Batch<'_> {
    fn folder(&mut self, parent: &Path, root: &Path, from: &Path) -> Option<&Folder> {
        // As text: comparing paths part by part takes longer than all else that is done for an entry.
        let same = self.last.as_ref().is_some_and(|(last, _)| last.as_os_str() == parent.as_os_str());
        if !same {
            let full = from.join(parent.strip_prefix(root).ok()?);
            self.last = Some((parent.to_owned(), self.gathered.ignored.folder(&full)));
        }
        self.last.as_ref().map(|(_, folder)| &**folder)
    }
}

impl Drop for Batch<'_> {
    fn drop(&mut self) {
        if let Ok(mut listing) = self.gathered.listing.lock() {
            merge(&mut listing, std::mem::take(&mut self.listing));
        }
    }
}

fn merge(into: &mut Listing, from: Listing) {
    into.entries.extend(from.entries);
    into.skipped.extend(from.skipped);
    into.gaps.extend(from.gaps);
    into.ignored += from.ignored;
}

/// Puts what stands at a path where it belongs.
fn place(path: &Path, kind: FileType, listing: &mut Listing) {
    if let Some(why) = skip_reason(kind) {
        listing.skipped.push(Skipped { path: shown(path), why });
    } else {
        let origin = Origin::File(path.to_owned());
        listing.entries.push(Entry { path: shown(path), origin, lines: Lines::All, commit: None });
    }
}

fn walk_gap(error: &ignore::Error, root: &Path) -> Gap {
    let path = match error {
        ignore::Error::WithPath { path, .. } | ignore::Error::Loop { child: path, .. } => path.as_path(),
        ignore::Error::WithDepth { err, .. } => return walk_gap(err, root),
        _ => root,
    };
    let why = error.io_error().map_or_else(|| error.to_string(), io_reason);
    Gap { path: shown(path), why }
}

/// A path as reports name it. `./` in front says nothing.
fn shown(path: &Path) -> String {
    let text = path.to_string_lossy();
    let text =
        if std::path::MAIN_SEPARATOR == '/' { text.into_owned() } else { text.replace(std::path::MAIN_SEPARATOR, "/") };
    text.strip_prefix("./").map_or_else(|| text.clone(), str::to_owned)
}

fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

/// Two spellings of one path. Two names that only look alike, because they are not UTF-8, are two files.
fn same_file(one: &Origin, other: &Origin) -> bool {
    match (one, other) {
        (Origin::File(one), Origin::File(other)) => absolute(one) == absolute(other),
        _ => one == other,
    }
}

#[cfg(unix)]
fn skip_reason(kind: FileType) -> Option<SkipReason> {
    use std::os::unix::fs::FileTypeExt;
    if kind.is_symlink() {
        Some(SkipReason::Symlink)
    } else if kind.is_fifo() {
        Some(SkipReason::Fifo)
    } else if kind.is_socket() {
        Some(SkipReason::Socket)
    } else if kind.is_block_device() || kind.is_char_device() {
        Some(SkipReason::Device)
    } else {
        None
    }
}

#[cfg(not(unix))]
fn skip_reason(kind: FileType) -> Option<SkipReason> {
    kind.is_symlink().then_some(SkipReason::Symlink)
}

/// Opens files of the work tree.
struct Files;

impl Reader for Files {
    fn open<'r>(&'r mut self, entry: &Entry) -> io::Result<Box<dyn Read + 'r>> {
        let Origin::File(path) = &entry.origin else { return Err(io::ErrorKind::Unsupported.into()) };
        let file = open(path)?;
        let found = file.metadata()?;
        if !found.is_file() {
            return Err(io::Error::other("it is no longer a regular file"));
        }
        Ok(Box::new(Whole { file, promised: found.len(), read: 0 }))
    }
}

/// Neither a symlink nor a FIFO that took the file's place since it was listed may lead elsewhere or block.
#[cfg(unix)]
fn open(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    OpenOptions::new().read(true).custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK).open(path)
}

#[cfg(not(unix))]
fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).open(path)
}

/// A file that must give at least as many bytes as it had when it was opened.
struct Whole {
    file: File,
    promised: u64,
    read: u64,
}

impl Read for Whole {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        // A file that has given what it promised is not asked whether there is more: that would double the calls.
        // Files of the kernel promise nothing.
        if self.promised > 0 && self.read >= self.promised {
            return Ok(0);
        }
        let read = self.file.read(buffer)?;
        self.read += read as u64;
        if read == 0 && !buffer.is_empty() && self.read < self.promised {
            return Err(io::Error::other("it shrank while it was read"));
        }
        Ok(read)
    }
}
