//! One named piece of evidence.

use std::fmt;

/// Why a match is believed or not. The note is for people and never holds a byte of the secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    pub name: &'static str,
    pub weight: i16,
    pub note: Option<String>,
}

impl Reason {
    #[must_use]
    pub const fn new(name: &'static str, weight: i16) -> Self {
        Self { name, weight, note: None }
    }

    #[must_use]
    pub fn noted(self, note: impl Into<String>) -> Self {
        Self { note: Some(note.into()), ..self }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} {:+}", self.name, self.weight)?;
        match &self.note {
            Some(note) => write!(out, " ({note})"),
            None => Ok(()),
        }
    }
}
