//! Long runs of token characters, found by looking at every 24th byte: the plain way, for callers without a better one.

use crate::span::Span;

/// A run that base64 of 16 bytes fits in, without its padding.
pub const SHORTEST: usize = 22;

const TOKEN: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = (byte as u8).is_ascii_alphanumeric() || matches!(byte as u8, b'+' | b'/' | b'-' | b'_');
        byte += 1;
    }
    table
};

/// Whether the byte is of either base64 alphabet.
pub(super) const fn is_token(byte: u8) -> bool {
    TOKEN[byte as usize]
}

/// The runs of at least `SHORTEST` token characters in a part of a text.
#[derive(Debug)]
pub struct Runs<'t> {
    text: &'t [u8],
    at: usize,
}

impl<'t> Runs<'t> {
    /// Runs are cut at the edges of `part`.
    #[must_use]
    pub fn new(text: &'t [u8], part: Span) -> Self {
        Self { text: text.get(..part.end).unwrap_or(text), at: part.start }
    }
}

impl Iterator for Runs<'_> {
    type Item = Span;

    fn next(&mut self) -> Option<Span> {
        // Bytes of the run that starts at `at` and were looked at already.
        let mut known = self.at;
        loop {
            let rest = self.text.get(known..self.at + SHORTEST)?;
            let Some(last) = rest.iter().rposition(|byte| !is_token(*byte)) else {
                break;
            };
            let probed = self.at + SHORTEST;
            self.at = known + last + 1;
            known = probed;
        }
        let start = self.at;
        let beyond = self.text.get(start + SHORTEST..).unwrap_or_default();
        let more = beyond.iter().position(|byte| !is_token(*byte)).unwrap_or(beyond.len());
        self.at = start + SHORTEST + more;
        Some(Span::new(start, self.at))
    }
}
