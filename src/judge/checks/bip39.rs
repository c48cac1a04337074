//! Recovery phrases of wallets (BIP-39): 12, 15, 18, 21 or 24 words of one list, of which the last bits are a checksum.
//! Phrases of documentation and of development chains are known by their hash, beside other published values.

use std::ops::Range;

use sha2::{Digest as _, Sha256};

use super::{Check, DOUBTED, PROVEN, REFUTED};
use crate::judge::{Reason, placeholder};
use crate::rule::{Args, Match};

/// The English list in its order: a word's place is its value of eleven bits.
const LIST: &str = include_str!("bip39.txt");
const LENGTHS: [usize; 5] = [24, 21, 18, 15, 12];
/// A random phrase of twelve repeats a word once in thirty times, and never five.
const DISTINCT: usize = 8;

/// `bip39`: the words are of the list, and the sum holds. Words of prose before or behind the phrase are left out.
pub struct Bip39;

impl Check for Bip39 {
    fn name(&self) -> &'static str {
        "bip39"
    }

    fn weigh(&self, found: &Match<'_>, _args: &Args) -> Option<Reason> {
        let text = found.secret().expose();
        let words: Vec<&[u8]> =
            text.split(|byte| !byte.is_ascii_alphabetic()).filter(|word| !word.is_empty()).take(48).collect();
        let values: Vec<Option<u16>> = words.iter().map(|word| value(word)).collect();
        let Some(run) = longest_run(&values) else { return Some(Reason::new("words-not-of-the-list", REFUTED)) };
        let phrase: Vec<u16> = values[run.clone()].iter().filter_map(|value| *value).collect();
        // The phrase alone first; then with words of prose behind it or before it that are on the list as well.
        let proven = LENGTHS.iter().filter(|length| **length <= phrase.len()).find_map(|length| {
            [0, phrase.len() - length]
                .into_iter()
                .find(|from| holds(&phrase[*from..from + length]))
                .map(|from| (from, length))
        });
        let Some((from, length)) = proven else { return Some(Reason::new("checksum-fails", DOUBTED)) };
        let chosen = &words[run.start + from..run.start + from + length];
        if distinct(&phrase[from..from + length]) < DISTINCT {
            return Some(Reason::new("not-random", REFUTED));
        }
        if placeholder::published(&chosen.join(&b' ').to_ascii_lowercase()) {
            return Some(Reason::new("published-example", REFUTED));
        }
        Some(Reason::new("checksum-holds", PROVEN).noted(format!("{length} words")))
    }
}

/// The place of a word in the list, without which it is none of it.
fn value(word: &[u8]) -> Option<u16> {
    let word = std::str::from_utf8(word).ok()?.to_ascii_lowercase();
    // Few matches come here, and an index would cost every start.
    LIST.lines().position(|known| known == word).and_then(|place| u16::try_from(place).ok())
}

/// The longest stretch of words of the list, if it is long enough for a phrase.
fn longest_run(values: &[Option<u16>]) -> Option<Range<usize>> {
    let mut best = 0..0;
    let mut start = 0;
    for (place, value) in values.iter().chain([&None]).enumerate() {
        if value.is_none() {
            if place - start > best.len() {
                best = start..place;
            }
            start = place + 1;
        }
    }
    (best.len() >= 12).then_some(best)
}

/// Eleven bits a word: entropy, and one bit of its SHA-256 for each 32 bits of it.
fn holds(phrase: &[u16]) -> bool {
    let bits = phrase.iter().flat_map(|value| (0..11).rev().map(move |bit| (value >> bit) & 1 == 1));
    let bits: Vec<bool> = bits.collect();
    let (entropy, sum) = bits.split_at(bits.len() / 33 * 32);
    let bytes: Vec<u8> =
        entropy.chunks(8).map(|byte| byte.iter().fold(0, |byte, bit| (byte << 1) | u8::from(*bit))).collect();
    let hash = Sha256::digest(bytes);
    sum.iter().zip(0_u8..).all(|(bit, place)| *bit == ((hash[0] >> (7 - place)) & 1 == 1))
}

fn distinct(phrase: &[u16]) -> usize {
    let mut sorted = phrase.to_vec();
    sorted.sort_unstable();
    sorted.dedup();
    sorted.len()
}

#[cfg(test)]
mod tests {
    use super::super::tests::{reason, weight};
    use super::*;

    /// The phrase of entropy whose bytes count up from `first`.
    fn phrase(first: u8, len: usize) -> Vec<String> {
        let bytes: Vec<u8> = (0..len).map(|place| (place as u8).wrapping_mul(first | 1).wrapping_add(first)).collect();
        let hash = Sha256::digest(&bytes);
        let bits = bytes.iter().chain([&hash[0]]).flat_map(|byte| (0..8).rev().map(move |bit| (byte >> bit) & 1));
        let bits: Vec<u8> = bits.take(len * 8 + len / 4).collect();
        let words: Vec<&str> = LIST.lines().collect();
        let values = bits.chunks(11).map(|chunk| chunk.iter().fold(0, |sum, bit| sum * 2 + usize::from(*bit)));
        values.map(|value| words[value].to_owned()).collect()
    }

    #[test]
    fn the_list_is_whole_and_in_order() {
        let words: Vec<&str> = LIST.lines().collect();
        assert!(words.len() == 2048 && words.is_sorted());
        assert!(
            words
                .iter()
                .all(|word| (3..=8).contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_lowercase()))
        );
    }

    #[test]
    fn phrases_of_every_length_hold_and_edited_ones_fail() {
        for (len, words) in [(16, 12), (20, 15), (24, 18), (28, 21), (32, 24)] {
            let mut phrase = phrase(0x6d, len);
            assert_eq!(phrase.len(), words);
            let found = reason("bip39", &phrase.join(" "), &[]).expect("a reason");
            assert_eq!((found.weight, found.note), (25, Some(format!("{words} words"))), "{phrase:?}");
            assert_eq!(weight("bip39", &phrase.join("\", \""), &[]), 25);
            assert_eq!(weight("bip39", &format!("so it was {} and then", phrase.join(" ")), &[]), 25);
            phrase.swap(0, 1);
            phrase[words - 1] = "zoo".to_owned();
            assert_eq!(weight("bip39", &phrase.join(" "), &[]), -30, "{phrase:?}");
            for place in (4..words).step_by(9) {
                phrase[place] = "tightlip".to_owned();
            }
            assert_eq!(weight("bip39", &phrase.join(" "), &[]), -60, "{phrase:?}");
        }
    }

    #[test]
    fn phrases_that_all_know_are_refuted() {
        let rows = [
            format!("{} about", ["abandon"; 11].join(" ")),
            format!("{} art", ["abandon"; 23].join(" ")),
            format!("{} wrong", ["zoo"; 11].join(" ")),
            format!("{} junk", ["test"; 11].join(" ")),
            "legal winner thank year wave sausage worth useful legal winner thank yellow".to_owned(),
            "letter advice cage absurd amount doctor acoustic avoid letter advice cage above".to_owned(),
            "candy maple cake sugar pudding cream honey rich smooth crumble sweet treat".to_owned(),
            "myth like bonus scare over problem client lizard pioneer submit female collect".to_owned(),
            "bottom drive obey lake curtain smoke basket hold race lonely fit walk".to_owned(),
            "legal winner thank year wave sausage worth useful legal winner thank year wave sausage worth useful legal \
             winner thank year wave sausage worth title"
                .to_owned(),
        ];
        for phrase in rows {
            assert_eq!(weight("bip39", &phrase, &[]), -60, "{phrase}");
        }
    }
}
