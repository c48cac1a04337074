//! One pass over a text that tells where a literal may stand and where token runs are.
//!
//! With AVX2 it looks at 64 bytes at a time and asks the table of literals at few places only: where the first bytes of
//! a frequent word stand, and where a token of at least sixteen bytes begins. Without, every place is asked. Both let
//! through all that can become a match; what is let through is compared in full.

#[cfg(target_arch = "x86_64")]
mod avx2;
mod masks;

use crate::rule::runs::{Runs, token_runs};
use crate::span::Span;
use masks::{Grams, Masks};

pub use masks::is_wide;

/// A token that a literal begins is at least so long, or its literal is looked for everywhere.
pub const SHORTEST_TOKEN: usize = 16;

/// Bytes that a block's masks look at: the block, and three more for what begins at its end.
const REACH: usize = 64 + 3;

/// What the pass looks for. `Probe` answers for places.
#[derive(Debug)]
pub struct Sweep {
    grams: Grams,
    fast: bool,
}

impl Sweep {
    /// A pass that finds each of `grams` (three or four bytes, in either case) everywhere.
    #[must_use]
    pub fn new<'g>(grams: impl Iterator<Item = &'g [u8]>) -> Self {
        Self { grams: Grams::new(grams), fast: is_fast() }
    }

    /// Puts the places worth asking about that `may` does not refuse, and all token runs, into the two lists.
    pub fn run(&self, text: &[u8], may: impl Fn(u32) -> bool, places: &mut Vec<u32>, runs: &mut Vec<Span>) {
        places.clear();
        runs.clear();
        #[cfg(target_arch = "x86_64")]
        if self.fast {
            self.run_fast(text, may, places, runs);
            return;
        }
        let all = (0..text.len()).filter(|place| may(window(text, *place)));
        places.extend(all.map(|place| u32::try_from(place).expect("a window is far smaller than 4 GiB")));
        token_runs(text, runs);
    }

    #[cfg(target_arch = "x86_64")]
    fn run_fast(&self, text: &[u8], may: impl Fn(u32) -> bool, places: &mut Vec<u32>, runs: &mut Vec<Span>) {
        let mut walk = Walk { text, may, places, base: 0, before: Masks::default(), held: None };
        let mut found = Runs::new(runs);
        let mut each = |masks: Masks| {
            found.block(masks.token);
            walk.block(masks);
        };
        let mut chunk = [Masks::default(); CHUNK];
        let whole = text.len().saturating_sub(REACH - 64) / 64;
        for first in (0..whole).step_by(CHUNK) {
            let count = CHUNK.min(whole - first);
            avx2::masks(&self.grams, &text[first * 64..], &mut chunk[..count]);
            chunk[..count].iter().copied().for_each(&mut each);
        }
        // The rest, with zeros after it: at most 66 bytes, so two blocks.
        let rest = &text[whole * 64..];
        let mut padded = [0; 2 * 64 + REACH];
        padded[..rest.len()].copy_from_slice(rest);
        avx2::masks(&self.grams, &padded, &mut chunk[..2]);
        chunk[..2].iter().copied().for_each(&mut each);
        walk.finish();
        found.finish(text.len());
    }
}

/// Blocks between two visits of the vector code: their masks stay in the first-level cache.
const CHUNK: usize = 64;

/// Turns masks into places, one block behind: a token's length is known only with the next block.
struct Walk<'w, F> {
    text: &'w [u8],
    may: F,
    places: &'w mut Vec<u32>,
    base: usize,
    before: Masks,
    held: Option<Masks>,
}

impl<F: Fn(u32) -> bool> Walk<'_, F> {
    fn block(&mut self, next: Masks) {
        if let Some(held) = self.held {
            self.settle(held, next.wide);
            self.before = held;
            self.base += 64;
        }
        self.held = Some(next);
    }

    fn finish(&mut self) {
        self.block(Masks::default());
    }

    fn settle(&mut self, held: Masks, next_wide: u64) {
        let mut asked = held.gram | held.starts(&self.before, next_wide);
        while asked != 0 {
            let place = self.base + asked.trailing_zeros() as usize;
            asked &= asked - 1;
            if place < self.text.len() && (self.may)(window(self.text, place)) {
                self.places.push(u32::try_from(place).expect("a window is far smaller than 4 GiB"));
            }
        }
    }
}

/// The four bytes at `place`, with zeros past the end.
#[inline]
#[must_use]
pub fn window(text: &[u8], place: usize) -> u32 {
    let rest = text.get(place..).unwrap_or_default();
    if let Some(four) = rest.first_chunk::<4>() {
        return u32::from_le_bytes(*four);
    }
    let mut four = [0; 4];
    four[..rest.len()].copy_from_slice(rest);
    u32::from_le_bytes(four)
}

#[cfg(target_arch = "x86_64")]
fn is_fast() -> bool {
    std::arch::is_x86_feature_detected!("avx2")
}

#[cfg(not(target_arch = "x86_64"))]
fn is_fast() -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Texts of all lengths round the block size, from few bytes so that everything occurs.
    fn texts() -> impl Iterator<Item = Vec<u8>> {
        const BYTES: &[u8] = b"aaaaZ09_-+/=.:\\%n \xC3pass";
        let mut state = 11_u64;
        (0..700).map(move |len| {
            (0..len)
                .map(|_| {
                    state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                    BYTES[(state >> 33) as usize % BYTES.len()]
                })
                .collect()
        })
    }

    #[test]
    fn runs_are_the_same_with_and_without_vectors() {
        let slow = Sweep { fast: false, ..Sweep::new([&b"pass"[..]].into_iter()) };
        let fast = Sweep::new([&b"pass"[..]].into_iter());
        for text in texts() {
            let (mut places, mut runs, mut expected) = (Vec::new(), Vec::new(), Vec::new());
            fast.run(&text, |_| true, &mut places, &mut runs);
            slow.run(&text, |_| false, &mut places, &mut expected);
            assert_eq!(runs, expected, "{}", text.escape_ascii());
        }
    }

    #[test]
    fn every_gram_and_every_token_start_is_asked_about() {
        let sweep = Sweep::new([&b"pass"[..], b"://"].into_iter());
        for text in texts() {
            let mut places = Vec::new();
            sweep.run(&text, |_| true, &mut places, &mut Vec::new());
            for at in 0..text.len() {
                let rest = &text[at..];
                let gram = rest.len() >= 4 && rest[..4].eq_ignore_ascii_case(b"pass") || rest.starts_with(b"://");
                let long =
                    rest.len() >= SHORTEST_TOKEN && rest[..SHORTEST_TOKEN].iter().all(|byte| masks::is_wide(*byte));
                let begins = at == 0 || !text[at - 1].is_ascii_alphanumeric();
                let escaped = text[..at].ends_with(b"\\n") || at >= 3 && text[at - 3] == b'%';
                if gram || long && (begins || escaped) {
                    assert!(places.contains(&u32::try_from(at).unwrap()), "{at} in {}", text.escape_ascii());
                }
            }
        }
    }
}
