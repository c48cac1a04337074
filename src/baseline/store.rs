//! The baseline's file, and the one way to change it: read once more under a lock, changed, and replaced as a whole.

use std::path::{Path, PathBuf};

use super::{Baseline, BaselineError};
use crate::control::{self, MAX_BYTES, Permit, Place};

/// A baseline's place.
#[derive(Clone, Debug)]
pub struct Store {
    place: Place,
    /// As messages call it.
    name: String,
}

impl Store {
    /// `path` need not exist; `name` is what messages call it.
    #[must_use]
    pub fn new(path: PathBuf, name: &str) -> Self {
        Self { place: Place::new(path), name: name.to_owned() }
    }

    #[must_use]
    pub fn path(&self) -> &Path {
        self.place.path()
    }

    #[must_use]
    pub const fn place(&self) -> &Place {
        &self.place
    }

    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether something is there, usable or not.
    #[must_use]
    pub fn exists(&self) -> bool {
        self.path().symlink_metadata().is_ok()
    }

    /// The baseline; none where there is no file.
    ///
    /// # Errors
    /// Something is there, and it is no baseline.
    pub fn read(&self) -> Result<Option<Baseline>, BaselineError> {
        let Some(text) = control::read_text(self.path())? else { return Ok(None) };
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
        self.place.change_with(
            |before| {
                let (baseline, answer) = change(before)?;
                let text = baseline.text();
                if text.len() as u64 > MAX_BYTES {
                    return Err(BaselineError::TooLarge { entries: baseline.len() });
                }
                // As a checkout on Windows has it, the file says the same.
                let same = before.filter(|before| before.replace("\r\n", "\n") == text);
                Ok((Some(same.map_or(text, str::to_owned)), answer))
            },
            permit,
        )
    }
}
