//! Bech32 (BIP-173), in upper or lower case: a human-readable part, `1`, and data with a checksum of six characters.

use super::{Check, fails, holds};
use crate::judge::Reason;
use crate::rule::{Args, Match};

const ALPHABET: &[u8; 32] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";
const GENERATOR: [u32; 5] = [0x3b6a_57b2, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3];

/// `bech32`: the checksum of the whole token.
pub struct Bech32;

impl Check for Bech32 {
    fn name(&self) -> &'static str {
        "bech32"
    }

    fn weigh(&self, found: &Match<'_>, _args: &Args) -> Option<Reason> {
        let token = found.secret().expose().to_ascii_lowercase();
        let one = token.iter().rposition(|&byte| byte == b'1')?;
        let (human, data) = (&token[..one], &token[one + 1..]);
        let high = human.iter().map(|&byte| u32::from(byte >> 5));
        let low = human.iter().map(|&byte| u32::from(byte & 31));
        let mut sum = 1;
        for value in high.chain([0]).chain(low) {
            step(&mut sum, value);
        }
        for byte in data {
            let Some(value) = ALPHABET.iter().position(|letter| letter == byte) else { return Some(fails()) };
            step(&mut sum, value as u32);
        }
        Some(if sum == 1 { holds() } else { fails() })
    }
}

fn step(sum: &mut u32, value: u32) {
    let top = *sum >> 25;
    *sum = ((*sum & 0x01ff_ffff) << 5) ^ value;
    for (bit, factor) in GENERATOR.iter().enumerate() {
        if (top >> bit) & 1 == 1 {
            *sum ^= factor;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::weight;

    #[test]
    fn worked_keys_hold_in_both_cases() {
        let rows = [
            concat!("AGE-SECRET-", "KEY-1QQQSYQCYQ5RQWZQFPG9SCRGWPUGPZYSNZS23V9CCRYDPK8QARC0SWRYDWG"),
            concat!("nse", "c1qqqsyqcyq5rqwzqfpg9scrgwpugpzysnzs23v9ccrydpk8qarc0s8zu3a4"),
        ];
        for key in rows {
            assert_eq!(weight("bech32", key, &[]), 25, "{key}");
            assert_eq!(weight("bech32", &format!("{}q", &key[..key.len() - 1]), &[]), -30, "{key}");
        }
    }
}
