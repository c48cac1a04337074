//! Base58Check: the last four bytes are the start of a double SHA-256 over the rest.

use sha2::{Digest as _, Sha256};

use super::{Check, holds};
use crate::judge::Reason;
use crate::rule::{Args, Match};

const ALPHABET: &[u8; 58] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
/// The longest form that has this sum is an extended key of 111 characters; decoding takes time by the square.
const LONGEST: usize = 128;

/// `base58check: {refute}`: the checksum of the whole token; a failure weighs `refute` (30 unless told).
pub struct Base58Check;

impl Check for Base58Check {
    fn name(&self) -> &'static str {
        "base58check"
    }

    fn parameters(&self) -> &'static [&'static str] {
        &["refute"]
    }

    fn weigh(&self, found: &Match<'_>, args: &Args) -> Option<Reason> {
        if proves(found.secret().expose()) {
            return Some(holds());
        }
        let weight = args.number("refute").and_then(|weight| i16::try_from(weight).ok()).unwrap_or(30);
        Some(Reason::new("checksum-fails", weight.saturating_neg()))
    }
}

fn proves(token: &[u8]) -> bool {
    let Some(bytes) = decode(token) else { return false };
    let Some((body, sum)) = bytes.split_last_chunk::<4>() else { return false };
    Sha256::digest(Sha256::digest(body)).starts_with(sum)
}

fn decode(token: &[u8]) -> Option<Vec<u8>> {
    if token.len() > LONGEST {
        return None;
    }
    // Little-endian while it grows.
    let mut bytes: Vec<u8> = Vec::new();
    for letter in token {
        let mut carry = ALPHABET.iter().position(|known| known == letter)?;
        for byte in &mut bytes {
            carry += usize::from(*byte) * 58;
            *byte = (carry & 0xff) as u8;
            carry >>= 8;
        }
        while carry > 0 {
            bytes.push((carry & 0xff) as u8);
            carry >>= 8;
        }
    }
    bytes.extend(token.iter().take_while(|&&letter| letter == b'1').map(|_| 0));
    bytes.reverse();
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::super::tests::weight;

    #[test]
    fn worked_keys_hold() {
        for key in [
            concat!("KwFfpDsaF7yxCELuyrH9gP5X", "L7TAt5b9HPWC1xCQbmrxvhJgMQHb"),
            concat!("5HpjKrb7dH5kKQQzmbjB87Mxo", "va7mek5bXUTWfndcX6tBoqUwzm"),
        ] {
            assert_eq!(weight("base58check", key, &[]), 25, "{key}");
            assert_eq!(weight("base58check", &key.replace("dc", "cd").replace("gP5", "gP6"), &[("refute", "60")]), -60);
        }
    }
}
