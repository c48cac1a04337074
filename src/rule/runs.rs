//! Token runs: stretches of letters, digits and `+/_-`, found 64 bytes at a time.
//!
//! Keys, encoded payloads and digests are such runs; ordinary words are shorter than the shortest run that is told.

use crate::span::Span;

/// Shorter runs are not told.
pub const SHORTEST_RUN: usize = 16;

/// Whether a byte can stand in a token run.
#[must_use]
pub const fn is_token_byte(byte: u8) -> bool {
    let letter = (byte | 0x20).wrapping_sub(b'a') < 26;
    // `+` to `9` without `,` and `.`: one comparison less than naming them.
    let other = byte.wrapping_sub(b'+') < 15 && byte != b',' && byte != b'.';
    letter | other | (byte == b'_')
}

/// Finds all runs of at least `SHORTEST_RUN` token bytes.
pub fn token_runs(text: &[u8], runs: &mut Vec<Span>) {
    runs.clear();
    let mut found = Runs::new(runs);
    let (blocks, rest) = text.as_chunks::<64>();
    let mut last = [0; 64];
    last[..rest.len()].copy_from_slice(rest);
    let mut masks = blocks.iter().chain([&last]).map(mask);
    let mut held = masks.next().unwrap_or_default();
    for (index, next) in masks.chain([0]).enumerate() {
        found.block(index * 64, held, next);
        held = next;
    }
}

/// Where sixteen bytes in a row begin whose bits are set, in a block that another follows.
#[inline]
pub const fn sixteen(block: u64, next: u64) -> u64 {
    let both = (next as u128) << 64 | block as u128;
    let two = both & (both >> 1);
    let four = two & (two >> 2);
    let eight = four & (four >> 4);
    (eight & (eight >> 8)) as u64
}

/// Gathers runs from masks of token bytes, block by block.
pub struct Runs<'r> {
    found: &'r mut Vec<Span>,
    /// Where a run began that goes on in the next block.
    open: Option<usize>,
}

impl<'r> Runs<'r> {
    pub const fn new(found: &'r mut Vec<Span>) -> Self {
        Self { found, open: None }
    }

    /// Whether a run goes on in the next block, which then may not be left out.
    pub const fn is_open(&self) -> bool {
        self.open.is_some()
    }

    /// The runs of the block at `base`; the last one must have a bit that is not set.
    pub fn block(&mut self, base: usize, mask: u64, next: u64) {
        let mut rest = mask;
        if let Some(start) = self.open {
            let more = mask.trailing_ones() as usize;
            if more == 64 {
                return;
            }
            self.open = None;
            self.found.push(Span::new(start, base + more));
            rest &= u64::MAX << more;
        }
        let mut starts = sixteen(rest, next);
        while starts != 0 {
            let start = starts.trailing_zeros() as usize;
            let len = (rest >> start).trailing_ones() as usize;
            if start + len == 64 {
                self.open = Some(base + start);
                return;
            }
            self.found.push(Span::new(base + start, base + start + len));
            starts &= u64::MAX << (start + len);
        }
    }
}

/// The parts of a run that a rule for runs may be about: the run itself, its parts between `+` and `/`, and the parts of
/// those between `-` and `_`; each once, and none shorter than a run. The letter of an escape (`\n` in a string) is no part
/// of the run behind it.
pub fn pieces(text: &[u8], run: Span, mut each: impl FnMut(Span)) {
    each(run);
    let escape = run.start.checked_sub(1).is_some_and(|before| text.get(before) == Some(&b'\\'))
        && matches!(text.get(run.start), Some(b'n' | b't' | b'r'));
    if escape && run.len() > SHORTEST_RUN {
        each(Span::new(run.start + 1, run.end));
    }
    split(text, run, |byte| matches!(byte, b'+' | b'/'), &mut |part| {
        if part != run {
            each(part);
        }
        split(text, part, |byte| matches!(byte, b'-' | b'_'), &mut |piece| {
            if piece != part {
                each(piece);
            }
        });
    });
}

fn split(text: &[u8], whole: Span, at: impl Fn(u8) -> bool, each: &mut dyn FnMut(Span)) {
    let mut start = whole.start;
    for end in whole.range().filter(|place| at(text[*place])).chain([whole.end]) {
        if end - start >= SHORTEST_RUN {
            each(Span::new(start, end));
        }
        start = end + 1;
    }
}

/// Where each line of `text` begins.
pub fn line_starts(text: &[u8]) -> impl Iterator<Item = usize> {
    std::iter::once(0)
        .chain(memchr::memchr_iter(b'\n', text).map(|newline| newline + 1))
        .filter(|start| *start < text.len())
}

/// One bit a byte. The loop is written so that it is vectorised without intrinsics; the multiplication gathers eight
/// bytes of 0 or 1 into eight bits.
fn mask(block: &[u8; 64]) -> u64 {
    let mut classes = [0_u8; 64];
    for (class, byte) in classes.iter_mut().zip(block) {
        *class = u8::from(is_token_byte(*byte));
    }
    let (words, _) = classes.as_chunks::<8>();
    words.iter().enumerate().fold(0, |mask, (index, word)| {
        mask | (u64::from_le_bytes(*word).wrapping_mul(0x0102_0408_1020_4080) >> 56) << (8 * index)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slow(text: &[u8]) -> Vec<Span> {
        let parts = text.split(|byte| !is_token_byte(*byte));
        let mut at = 0;
        let mut runs = Vec::new();
        for part in parts {
            runs.extend((part.len() >= SHORTEST_RUN).then(|| Span::new(at, at + part.len())));
            at += part.len() + 1;
        }
        runs
    }

    #[test]
    fn token_bytes_are_letters_digits_and_four_signs() {
        let all: Vec<u8> = (0..=255).filter(|byte| is_token_byte(*byte)).collect();
        assert_eq!(all, b"+-/0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz");
    }

    #[test]
    fn a_run_comes_in_pieces() {
        let text = b"aaaaaaaaaaaaaaaa-bbbbbbbbbbbbbbbb/cccccccccccccccc/short";
        let mut found = Vec::new();
        pieces(text, Span::new(0, text.len()), |piece| found.push((piece.start, piece.end)));
        assert_eq!(found, [(0, 56), (0, 33), (0, 16), (17, 33), (34, 50)]);
    }

    #[test]
    fn the_letter_of_an_escape_is_no_part_of_a_run() {
        for (text, expected) in
            [(r"\naaaaaaaaaaaaaaaa", vec![1, 2]), (r"\xaaaaaaaaaaaaaaaa", vec![1]), (r"\naaaaaaaaaaaaaaa", vec![1])]
        {
            let mut found = Vec::new();
            pieces(text.as_bytes(), Span::new(1, text.len()), |piece| found.push(piece.start));
            assert_eq!(found, expected, "{text}");
        }
    }

    #[test]
    fn runs_are_those_of_the_byte_by_byte_twin() {
        let mut state = 7_u64;
        for len in (0..400).chain([4_000]) {
            for gap in [3_u64, 17, 40, 200] {
                let text: Vec<u8> = (0..len)
                    .map(|_| {
                        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                        if (state >> 33).is_multiple_of(gap) { b' ' } else { b'a' }
                    })
                    .collect();
                let mut fast = Vec::new();
                token_runs(&text, &mut fast);
                assert_eq!(fast, slow(&text), "{len} bytes, a gap each {gap}");
            }
        }
    }
}
