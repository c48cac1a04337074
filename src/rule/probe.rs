//! The prefilter: one pass over a text that finds every place where a literal stands.
//!
//! Four bytes are folded to one case, hashed, and looked up in a bit table; what the table lets through is compared in
//! full, so no literal is made up. Which places are looked up at all is the sweep's. An automaton over the same literals
//! takes several times as long on source code, and regexes behind frequent words far more (see docs/performance.md).

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::OnceLock;

use aho_corasick::AhoCorasick;

use super::sweep::{Found, Sweep, window};

/// log2 of the number of bits: 16 KiB, so that the table stays in the first-level cache.
const BITS: u32 = 17;
const WORDS: usize = 1 << (BITS - 6);

/// Bits of a folded letter pair that differ between its cases.
const FOLD: u32 = 0x2020_2020;

/// A literal, and how the prefilter may compare it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Literal<W> {
    pub text: Cow<'static, str>,
    pub ignore_case: bool,
    /// It stands at the beginning of a token of some length, or need not be found.
    pub token: bool,
    /// What the owner of the probe does where it stands.
    pub wakes: W,
}

/// Four bytes of a literal that are looked for, and how far into it they stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Gram {
    slot: u32,
    literal: u32,
    offset: u8,
}

/// The table over a set of literals.
#[derive(Debug)]
pub struct Probe<W> {
    literals: Vec<Literal<W>>,
    bits: Box<[u64; WORDS]>,
    /// Number of bits set before each word: with the bit's rank in its word it gives the slot's number.
    ranks: Box<[u32; WORDS]>,
    /// First gram of each slot, and one past the last.
    heads: Vec<u32>,
    grams: Vec<Gram>,
    sweep: Sweep,
    /// Made when first asked for: a scan has no use for it, and it takes some milliseconds.
    automaton: OnceLock<AhoCorasick>,
}

impl<W> Probe<W> {
    #[must_use]
    pub fn new(literals: Vec<Literal<W>>) -> Self {
        let mut grams: Vec<Gram> = Vec::with_capacity(literals.len() * 2);
        let mut everywhere: BTreeSet<Vec<u8>> = BTreeSet::new();
        // The shortest have no choice; what they take serves longer ones too.
        let mut order: Vec<usize> = (0..literals.len()).collect();
        order.sort_by_key(|index| literals[*index].text.len());
        for index in order {
            let text = literals[index].text.as_bytes();
            let index = u32::try_from(index).expect("fewer literals than 2^32");
            if literals[index as usize].token {
                add_gram(&text[..text.len().min(4)], 0, index, &mut grams);
            } else {
                let (offset, gram) = gram_of(text, &everywhere);
                add_gram(gram, offset, index, &mut grams);
                everywhere.insert(folded(gram));
            }
        }
        let sweep = Sweep::new(everywhere.iter().map(Vec::as_slice));
        grams.sort_unstable_by_key(|gram| (gram.slot, gram.literal));
        let mut bits = Box::new([0_u64; WORDS]);
        let mut heads = Vec::new();
        for (index, gram) in grams.iter().enumerate() {
            if index == 0 || grams[index - 1].slot != gram.slot {
                bits[(gram.slot >> 6) as usize] |= 1 << (gram.slot & 63);
                heads.push(u32::try_from(index).expect("fewer grams than 2^32"));
            }
        }
        heads.push(u32::try_from(grams.len()).expect("fewer grams than 2^32"));
        let mut ranks = Box::new([0_u32; WORDS]);
        let mut before = 0_u32;
        for (rank, word) in ranks.iter_mut().zip(bits.iter()) {
            *rank = before;
            before += word.count_ones();
        }
        Self { literals, bits, ranks, heads, grams, sweep, automaton: OnceLock::new() }
    }

    #[must_use]
    pub fn literals(&self) -> &[Literal<W>] {
        &self.literals
    }

    /// Finds the token runs and signs of `text`, and calls `found` with the place of each literal, in the order of the text.
    pub fn find(&self, text: &[u8], found: &mut Found, mut each: impl FnMut(usize, &Literal<W>)) {
        self.sweep.run(text, |four| self.holds(four), found);
        found.places.iter().for_each(|place| self.literals_at(text, *place as usize, &mut each));
    }

    /// What `find` does where there are no vectors: for tests, and for measuring what they are worth.
    pub fn find_plainly(&self, text: &[u8], found: &mut Found, mut each: impl FnMut(usize, &Literal<W>)) {
        Sweep::run_plainly(text, |four| self.holds(four), found);
        found.places.iter().for_each(|place| self.literals_at(text, *place as usize, &mut each));
    }

    /// The slow twin of `find`: an automaton over all literals. Same findings, for the property that nothing is lost.
    pub fn find_slowly(&self, text: &[u8], mut found: impl FnMut(usize, &Literal<W>)) {
        for hit in self.automaton.get_or_init(|| automaton(&self.literals)).find_overlapping_iter(text) {
            let literal = &self.literals[hit.pattern().as_usize()];
            if literal.ignore_case || &text[hit.range()] == literal.text.as_bytes() {
                found(hit.start(), literal);
            }
        }
    }

    #[inline]
    fn holds(&self, four: u32) -> bool {
        let slot = slot(four | FOLD);
        self.bits[(slot >> 6) as usize % WORDS] >> (slot & 63) & 1 != 0
    }

    fn literals_at(&self, text: &[u8], place: usize, found: &mut impl FnMut(usize, &Literal<W>)) {
        let slot = slot(window(text, place) | FOLD);
        let (word, bit) = ((slot >> 6) as usize, slot & 63);
        let below = self.bits[word] & ((1 << bit) - 1);
        let head = self.ranks[word] as usize + below.count_ones() as usize;
        let (first, last) = (self.heads[head] as usize, self.heads[head + 1] as usize);
        for gram in &self.grams[first..last] {
            let literal = &self.literals[gram.literal as usize];
            let Some(start) = place.checked_sub(gram.offset as usize) else { continue };
            let Some(there) = text.get(start..start + literal.text.len()) else { continue };
            let same = if literal.ignore_case {
                there.eq_ignore_ascii_case(literal.text.as_bytes())
            } else {
                there == literal.text.as_bytes()
            };
            if same {
                found(start, literal);
            }
        }
    }
}

#[inline]
const fn slot(folded: u32) -> u32 {
    folded.wrapping_mul(0x9E37_79B1) >> (32 - BITS)
}

fn automaton<W>(literals: &[Literal<W>]) -> AhoCorasick {
    let texts = literals.iter().map(|literal| literal.text.as_bytes());
    let automaton = AhoCorasick::builder().ascii_case_insensitive(true).build(texts);
    automaton.expect("a few thousand short literals fit an automaton")
}

/// Enters the bytes by which a literal is found; three get an entry for each byte that may follow.
fn add_gram(gram: &[u8], offset: u8, literal: u32, grams: &mut Vec<Gram>) {
    let four = |bytes: [u8; 4]| slot(u32::from_le_bytes(bytes) | FOLD);
    match *gram {
        [a, b, c] => {
            let from = grams.len();
            for next in (0..=u8::MAX).filter(|byte| byte & 0x20 != 0) {
                grams.push(Gram { slot: four([a, b, c, next]), literal, offset });
            }
            grams[from..].sort_unstable_by_key(|gram| gram.slot);
            grams.dedup_by_key(|gram| (gram.literal, gram.slot));
        }
        [a, b, c, d] => grams.push(Gram { slot: four([a, b, c, d]), literal, offset }),
        _ => {}
    }
}

/// The three or four bytes by which a literal is found, and how far into it they stand: such as are looked for already,
/// else its rarest. The fewer there are, the fewer places they let through.
fn gram_of<'t>(literal: &'t [u8], known: &BTreeSet<Vec<u8>>) -> (u8, &'t [u8]) {
    let parts = |len: usize| literal.windows(len).zip(0_u8..60).map(|(part, offset)| (offset, part));
    if let Some(shared) = parts(4).chain(parts(3)).find(|(_, part)| known.contains(&folded(part))) {
        return shared;
    }
    parts(4).min_by_key(|(offset, part)| (frequency(part), *offset)).unwrap_or((0, literal))
}

fn folded(gram: &[u8]) -> Vec<u8> {
    gram.iter().map(|byte| byte | 0x20).collect()
}

/// How often four bytes occur in source code, roughly: frequent letters count most, repeated signs are rules drawn
/// in comments, and a sign between letters is rarer than a fifth letter.
fn frequency(part: &[u8]) -> u32 {
    let repeated = part.windows(2).all(|pair| pair[0] == pair[1]);
    let letters: u32 = part
        .iter()
        .map(|byte| match byte.to_ascii_lowercase() {
            b'e' | b't' | b'a' | b'o' | b'i' | b'n' | b's' | b'r' => 4,
            b'_' | b'l' | b'd' | b'c' | b'u' | b'p' | b'm' => 3,
            b'a'..=b'z' | b'-' | b'/' | b':' | b'.' => 2,
            _ => 1,
        })
        .sum();
    letters + if repeated { 100 } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn probe(texts: &[&'static str]) -> Probe<u32> {
        let literal = |(index, text): (usize, &&'static str)| Literal {
            text: (*text).into(),
            ignore_case: text.starts_with('p'),
            token: text.starts_with("gh"),
            wakes: u32::try_from(index).unwrap(),
        };
        Probe::new(texts.iter().enumerate().map(literal).collect())
    }

    fn sorted(find: impl FnOnce(&mut Vec<(usize, u32)>)) -> Vec<(usize, u32)> {
        let mut found = Vec::new();
        find(&mut found);
        found.sort_unstable();
        found
    }

    #[test]
    fn finds_what_the_automaton_finds() {
        let probe = probe(&["ghp_", "pass", "pwd", "-----BEGIN", "AKIA", "passphrase", "://", "eyJ"]);
        let pieces =
            ["ghp_", "PASS", "pwD", "-----BEGIN", "akia", "AKIA", "://", "eyJ", "x", "----", " ", "phrase", "\0"];
        let mut state = 1_u64;
        for round in 0..500 {
            let mut text = Vec::new();
            for _ in 0..round % 23 {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                text.extend_from_slice(pieces[(state >> 33) as usize % pieces.len()].as_bytes());
            }
            let fast = sorted(|found| {
                probe.find(&text, &mut Found::default(), |at, literal| {
                    found.extend((!literal.token).then_some((at, literal.wakes)));
                });
            });
            let slow = sorted(|found| {
                probe.find_slowly(&text, |at, literal| {
                    found.extend((!literal.token).then_some((at, literal.wakes)));
                });
            });
            assert_eq!(fast, slow, "{}", String::from_utf8_lossy(&text));
        }
    }

    #[test]
    fn a_literal_at_the_very_end_is_found() {
        for text in ["pwd", "xpwd", "://", "0123456789pwd", "x AKIA"] {
            let mut found = 0;
            probe(&["pwd", "://", "AKIA"]).find(text.as_bytes(), &mut Found::default(), |_, _| found += 1);
            assert_eq!(found, 1, "{text}");
        }
    }
}
