//! One pass over a text that tells where a literal may stand, where token runs are, and where an escape may begin.
//!
//! With AVX2 it looks at 64 bytes at a time and asks the table of literals at few places only: where the first bytes of
//! a frequent word stand, and where a token of at least sixteen bytes begins. Without, every place is asked. Both let
//! through all that can become a match; what is let through is compared in full.

#[cfg(target_arch = "x86_64")]
mod avx2;
mod masks;
mod share;

use crate::rule::runs::token_runs;
#[cfg(target_arch = "x86_64")]
use crate::rule::runs::{Runs, sixteen};
use crate::span::Span;
#[cfg(target_arch = "x86_64")]
use masks::Masks;

pub use masks::{Bank, Gram, Grams, is_wide, may_escape};
pub use share::{FoundBy, Sharing, gram};

/// A token that a literal begins is at least so long, or its literal is looked for everywhere.
pub const SHORTEST_TOKEN: usize = 16;

/// Bytes that a block's masks look at: the block, and three more for what begins at its end.
const REACH: usize = 64 + 3;

/// What the pass looks for. `Probe` answers for places.
#[derive(Debug, PartialEq, Eq)]
pub struct Sweep {
    pub grams: Grams,
}

/// What the pass finds, each list in the order of the text. Kept by the caller, so that the lists are not made anew for
/// each text.
#[derive(Debug, Default)]
pub struct Found {
    /// Where a literal may stand.
    pub(super) places: Vec<u32>,
    /// All token runs.
    pub runs: Vec<Span>,
    /// Where an escape may begin: a sign, and a byte that may follow it there.
    pub signs: Vec<u32>,
}

impl Found {
    fn clear(&mut self) {
        self.places.clear();
        self.runs.clear();
        self.signs.clear();
    }
}

impl Sweep {
    /// Finds the places worth asking about that `may` does not refuse (its first part is asked about grams, its second
    /// about tokens), all token runs, and all signs.
    pub fn run(&self, text: &[u8], may: (impl Fn(u32) -> bool, impl Fn(u32) -> bool), found: &mut Found) {
        #[cfg(target_arch = "x86_64")]
        if has_vectors() {
            self.run_fast(text, may, found);
            return;
        }
        Self::run_plainly(text, &may, found);
    }

    /// The same without vectors: a byte at a time, every place is asked.
    pub fn run_plainly(text: &[u8], may: &(impl Fn(u32) -> bool, impl Fn(u32) -> bool), found: &mut Found) {
        found.clear();
        let asked = |at: &usize| {
            let four = window(text, *at);
            may.0(four) || may.1(four)
        };
        found.places.extend((0..text.len()).filter(asked).map(place));
        token_runs(text, &mut found.runs);
        signs(text, &mut found.signs);
    }

    #[cfg(target_arch = "x86_64")]
    fn run_fast(&self, text: &[u8], may: (impl Fn(u32) -> bool, impl Fn(u32) -> bool), found: &mut Found) {
        found.clear();
        let Found { places, runs, signs } = found;
        let mut walk = Walk { text, may, places, signs, runs: Runs::new(runs), base: 0, after_word: false, escaped: 0 };
        // A block is settled when the next one is known. The last one of a chunk waits in front of the next chunk.
        let mut chunk = [Masks::default(); CHUNK + 1];
        let whole = text.len().saturating_sub(REACH - 64) / 64;
        let mut waiting = 0;
        for first in (0..whole).step_by(CHUNK) {
            let count = CHUNK.min(whole - first);
            avx2::masks(&self.grams, &text[first * 64..], &mut chunk[1..=count]);
            walk.settle_all(&chunk[1 - waiting..=count]);
            chunk[0] = chunk[count];
            waiting = 1;
        }
        // The rest, with zeros after it: at most 66 bytes, so two blocks, and an empty one to settle the second.
        let rest = &text[whole * 64..];
        let mut padded = [0; 2 * 64 + REACH];
        padded[..rest.len()].copy_from_slice(rest);
        avx2::masks(&self.grams, &padded, &mut chunk[1..=2]);
        chunk[3] = Masks::default();
        walk.settle_all(&chunk[1 - waiting..=3]);
    }
}

/// Blocks between two visits of the vector code: their masks stay in the first-level cache.
#[cfg(target_arch = "x86_64")]
const CHUNK: usize = 64;

/// Turns masks into places, runs and signs.
#[cfg(target_arch = "x86_64")]
struct Walk<'w, G, T> {
    text: &'w [u8],
    may: (G, T),
    places: &'w mut Vec<u32>,
    signs: &'w mut Vec<u32>,
    runs: Runs<'w>,
    /// Where the block begins.
    base: usize,
    /// The block comes after a letter or digit.
    after_word: bool,
    /// Places after an escape that began in the block before.
    escaped: u64,
}

#[cfg(target_arch = "x86_64")]
impl<G: Fn(u32) -> bool, T: Fn(u32) -> bool> Walk<'_, G, T> {
    /// Settles all blocks but the last.
    fn settle_all(&mut self, blocks: &[Masks]) {
        for pair in blocks.windows(2) {
            self.settle(&pair[0], &pair[1]);
        }
    }

    #[inline]
    fn settle(&mut self, held: &Masks, next: &Masks) {
        let mut starts = 0;
        // Most blocks hold no token, and no run goes on in them.
        let long = sixteen(held.wide, next.wide);
        if long != 0 {
            starts = self.token_starts(held, long);
        } else {
            self.escaped = 0;
        }
        if long != 0 || self.runs.is_open() {
            self.runs.block(self.base, held.token, next.token);
        }
        ones(held.sign, |bit| {
            let at = self.base + bit;
            let second = self.text.get(at + 1).copied().unwrap_or_default();
            if may_escape(self.text[at], second) {
                self.signs.push(place(at));
            }
        });
        ones(held.gram | starts, |bit| {
            let at = self.base + bit;
            let four = window(self.text, at);
            if held.gram >> bit & 1 != 0 && (self.may.0)(four) || starts >> bit & 1 != 0 && (self.may.1)(four) {
                self.places.push(place(at));
            }
        });
        self.after_word = held.word >> 63 != 0;
        self.base += 64;
    }

    /// Of the places where sixteen bytes of a token stand, those after no letter or digit, and those after an escape:
    /// `\n`, `\x3d`, `\u003d` and `%3d` end in a letter or digit and yet end a word. With that end the token begins.
    fn token_starts(&mut self, held: &Masks, long: u64) -> u64 {
        let starts = long & !(held.word << 1 | u64::from(self.after_word));
        let mut escaped = u128::from(self.escaped);
        ones(starts, |bit| {
            let before = (self.base + bit).checked_sub(1).map(|at| self.text[at]);
            escaped |= match before {
                Some(b'\\') => 0b10_1010 << bit,
                Some(b'%') => 0b100 << bit,
                _ => 0,
            };
        });
        self.escaped = (escaped >> 64) as u64;
        starts | long & escaped as u64
    }
}

/// Calls `each` with the number of every bit that is set.
#[cfg(target_arch = "x86_64")]
#[inline]
fn ones(mut mask: u64, mut each: impl FnMut(usize)) {
    while mask != 0 {
        each(mask.trailing_zeros() as usize);
        mask &= mask - 1;
    }
}

fn place(at: usize) -> u32 {
    u32::try_from(at).expect("a window is far smaller than 4 GiB")
}

/// All places where an escape may begin.
pub fn signs(text: &[u8], found: &mut Vec<u32>) {
    found.clear();
    let pairs = text.windows(2).enumerate().filter(|(_, pair)| may_escape(pair[0], pair[1]));
    found.extend(pairs.map(|(at, _)| place(at)));
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
fn has_vectors() -> bool {
    std::arch::is_x86_feature_detected!("avx2")
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Sweep {
        fn of(literals: &[&[u8]]) -> Self {
            Self { grams: Sharing::of(literals).0.into_grams() }
        }
    }

    /// Texts of all lengths round the block size, from few bytes so that everything occurs.
    fn texts() -> impl Iterator<Item = Vec<u8>> {
        const BYTES: &[u8] = b"aaaaaZ09_-+/=.:\\%nux0 \xC3pass&#";
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
    fn runs_and_signs_are_the_same_with_and_without_vectors() {
        let sweep = Sweep::of(&[b"pass"]);
        let (mut fast, mut slow) = (Found::default(), Found::default());
        for text in texts() {
            sweep.run(&text, (|_| true, |_| true), &mut fast);
            Sweep::run_plainly(&text, &(|_| true, |_| true), &mut slow);
            assert_eq!(fast.runs, slow.runs, "{}", text.escape_ascii());
            assert_eq!(fast.signs, slow.signs, "{}", text.escape_ascii());
            assert!(fast.places.iter().all(|at| slow.places.contains(at)), "{}", text.escape_ascii());
        }
    }

    #[test]
    fn every_gram_and_every_token_start_is_asked_about() {
        let sweep = Sweep::of(&[b"pass", b"://"]);
        let mut found = Found::default();
        for text in texts() {
            sweep.run(&text, (|_| true, |_| true), &mut found);
            for at in 0..text.len() {
                let (before, rest) = text.split_at(at);
                let gram = rest.len() >= 4 && rest[..4].eq_ignore_ascii_case(b"pass") || rest.starts_with(b"://");
                let long =
                    rest.len() >= SHORTEST_TOKEN && rest[..SHORTEST_TOKEN].iter().all(|byte| masks::is_wide(*byte));
                let begins = at == 0 || !text[at - 1].is_ascii_alphanumeric();
                let hex = |len: usize, mark: &[u8]| {
                    let digits = before.len().saturating_sub(len);
                    before[..digits].ends_with(mark) && before[digits..].iter().all(u8::is_ascii_hexdigit)
                };
                let escaped = before.ends_with(b"\\n") || hex(2, b"%") || hex(2, b"\\x") || hex(4, b"\\u");
                if gram || long && (begins || escaped) {
                    assert!(found.places.contains(&place(at)), "{at} in {}", text.escape_ascii());
                }
            }
        }
    }
}
