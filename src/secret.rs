//! A value that may be a secret: borrowed from the text it stands in, never owned, never printed.

use std::fmt;

/// The bytes of a suspected secret. `Debug` shows its length alone; `expose` is for `rule/` and `judge/`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Secret<'b>(&'b [u8]);

impl<'b> Secret<'b> {
    #[must_use]
    pub const fn new(bytes: &'b [u8]) -> Self {
        Self(bytes)
    }

    /// The raw bytes. Nothing made from them may reach a report, a log or a file, except through `Excerpt`.
    #[must_use]
    pub const fn expose(self) -> &'b [u8] {
        self.0
    }
}

impl fmt::Debug for Secret<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Secret({} bytes)", self.0.len())
    }
}
