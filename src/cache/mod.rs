//! Blobs that are known to be clean, so that they are not read again. It remembers keyed hashes alone: who reads the files
//! learns nothing of what was scanned, and who writes them without the key can hide nothing, only make a run slower.
//! A cache that is in doubt is not used, and no run fails for want of one.

mod home;
mod table;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use thiserror::Error;

use home::Home;
use table::{Table, Tag};

/// Everything besides a blob and its path that decides what is found in it.
#[derive(Clone, Copy, Debug)]
pub struct Identity<'i> {
    /// The program's version and build.
    pub program: &'i str,
    /// The whole digest of the rules in force.
    pub rules: &'i [u8; 32],
    /// The score from which on something is reported.
    pub report: u8,
    /// Where the objects are: an object whose content does not fit its id cannot speak for another repository's.
    pub repository: &'i [u8],
}

/// The blobs that earlier runs found clean. One is shared by all threads.
#[derive(Debug, Default)]
pub struct Cache {
    open: Option<Open>,
    hits: AtomicU64,
}

#[derive(Debug)]
struct Open {
    home: Home,
    /// Keyed with the folder's key and the identity.
    keyed: Sha256,
    table: Table,
    fresh: Mutex<Vec<Tag>>,
}

/// Why there is no cache. It is told to whoever asks for details, and is no error.
#[derive(Debug, Error)]
pub enum CacheOff {
    #[error("`{}` is no folder", path.display())]
    NoFolder { path: PathBuf },
    #[error("`{}` belongs to somebody else", path.display())]
    OtherOwner { path: PathBuf },
    #[error("`{}` is open to others: `chmod 700` it", path.display())]
    OpenToOthers { path: PathBuf },
    #[error("`{}` cannot be used: {why}", path.display())]
    Unusable { path: PathBuf, why: std::io::Error },
}

impl Cache {
    /// A cache that knows nothing and remembers nothing.
    #[must_use]
    pub fn off() -> Self {
        Self::default()
    }

    /// Opens the cache in `folder`, which is made if it is not there.
    ///
    /// # Errors
    /// The folder is not this user's alone, or cannot be used.
    pub fn open(folder: &Path, identity: &Identity<'_>) -> Result<Self, CacheOff> {
        let home = Home::open(folder)?;
        let mut key: Hmac<Sha256> = Hmac::new_from_slice(home.key()).expect("HMAC takes a key of any length");
        // Its form's version is the first part: entries of another are not found.
        for part in [b"clean 1", identity.program.as_bytes(), identity.rules, &[identity.report], identity.repository] {
            key.update(&(part.len() as u64).to_le_bytes());
            key.update(part);
        }
        // A key of its own for each identity, as the first whole block of a hash of which half is kept: what was cut off
        // is missing to whoever would go on from a tag, so HMAC's second hash is not needed. It took a third of a lookup.
        let keyed = Sha256::new().chain_update(key.finalize().into_bytes()).chain_update([0; 32]);
        let table = Table::open(&home.table());
        Ok(Self { open: Some(Open { home, keyed, table, fresh: Mutex::default() }), hits: AtomicU64::new(0) })
    }

    /// Whether an earlier run has read this blob to its end, and found nothing in it at this path.
    #[must_use]
    pub fn is_clean(&self, id: &[u8], path: &str) -> bool {
        let known = self.has(id, path);
        if known {
            self.hits.fetch_add(1, Ordering::Relaxed);
        }
        known
    }

    /// The same, for a blob that need not be read for itself: it is not counted.
    #[must_use]
    pub fn has(&self, id: &[u8], path: &str) -> bool {
        self.open.as_ref().is_some_and(|open| open.table.has(open.tag(id, path)))
    }

    /// Remembers a blob of which **all** lines were scanned, and in which nothing matched: no finding, whether it blocks or
    /// is allowed or stands on a line that does not count; no comment that allows something; no gap. The path is the one
    /// that rules went by.
    pub fn mark_clean(&self, id: &[u8], path: &str) {
        let Some(open) = &self.open else { return };
        if let Ok(mut fresh) = open.fresh.lock() {
            fresh.push(open.tag(id, path));
        }
    }

    /// How often `is_clean` has said yes.
    #[must_use]
    pub fn hits(&self) -> u64 {
        self.hits.load(Ordering::Relaxed)
    }

    /// Writes down what was marked since the last time. What cannot be written is forgotten.
    pub fn save(&self) {
        let Some(open) = &self.open else { return };
        let fresh = open.fresh.lock().map(|mut fresh| std::mem::take(&mut *fresh)).unwrap_or_default();
        if !fresh.is_empty() {
            // Whoever holds the lock for long is writing a large table: waiting would cost more than it saves.
            let Some(_lock) = open.home.lock() else { return };
            drop(table::add(&open.home.table(), &fresh));
        }
    }
}

impl Open {
    fn tag(&self, id: &[u8], path: &str) -> Tag {
        let mut hash = self.keyed.clone();
        // 20 bytes or 32: an id cannot run into the path.
        hash.update([id.len() as u8]);
        hash.update(id);
        hash.update(path.as_bytes());
        Tag::of(&hash.finalize())
    }
}

/// The folder for caches of this user, told by the environment's variables; none where they name none.
pub fn folder(variable: &dyn Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    // By the XDG specification a relative path is to be ignored: it would lead into the tree under scan.
    let named = |name: &str| variable(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let usual = || {
        if cfg!(windows) {
            named("LOCALAPPDATA")
        } else if cfg!(target_os = "macos") {
            named("HOME").map(|home| home.join("Library/Caches"))
        } else {
            named("HOME").map(|home| home.join(".cache"))
        }
    };
    named("XDG_CACHE_HOME").or_else(usual).map(|caches| caches.join("tightlip"))
}

#[cfg(all(test, unix))]
mod tests;
