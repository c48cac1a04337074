//! What a rule found, borrowed from the text it was found in.

use crate::secret::Secret;
use crate::span::Span;

/// A rule's hit: where it stands in the text, and which part of it is the secret.
#[derive(Clone, Copy, Debug)]
pub struct Match<'b> {
    text: &'b [u8],
    pub whole: Span,
    pub secret: Span,
}

impl<'b> Match<'b> {
    #[must_use]
    pub const fn new(text: &'b [u8], whole: Span, secret: Span) -> Self {
        Self { text, whole, secret }
    }

    #[must_use]
    pub fn secret(&self) -> Secret<'b> {
        Secret::new(self.secret.of(self.text))
    }

    /// The whole match: prefix and tail included, where the secret is only a part.
    #[must_use]
    pub fn whole(&self) -> Secret<'b> {
        Secret::new(self.whole.of(self.text))
    }

    /// The text round the match, for checks that look at its surroundings.
    #[must_use]
    pub const fn text(&self) -> &'b [u8] {
        self.text
    }
}
