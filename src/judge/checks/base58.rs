//! Base58Check: the last four bytes are the start of a double SHA-256 over the rest.

use sha2::{Digest as _, Sha256};

use super::{Check, holds};
use crate::judge::Reason;
use crate::rule::{Args, Match};

const BITCOIN: &[u8; 58] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
const RIPPLE: &[u8; 58] = b"rpshnaf39wBUDNEGHJKLM4PQRST7VWXYZ2bcdeCg65jkm8oFqi1tuvAxyz";
/// The longest form that has this sum is an extended key of 111 characters; decoding takes time by the square.
const LONGEST: usize = 128;

/// `base58check: {alphabet, refute}`: the checksum of the whole token in the alphabet of `bitcoin` (unless told) or
/// `ripple`; a failure weighs `refute` (30 unless told). What the first bytes say stands in the note.
pub struct Base58Check;

impl Check for Base58Check {
    fn name(&self) -> &'static str {
        "base58check"
    }

    fn parameters(&self) -> &'static [&'static str] {
        &["alphabet", "refute"]
    }

    fn refuse(&self, args: &Args) -> Option<String> {
        let known = matches!(args.get("alphabet"), None | Some("bitcoin" | "ripple"));
        (!known).then(|| "`alphabet` is bitcoin or ripple".to_owned())
    }

    fn weigh(&self, found: &Match<'_>, args: &Args) -> Option<Reason> {
        let alphabet = if args.get("alphabet") == Some("ripple") { RIPPLE } else { BITCOIN };
        if let Some(body) = proven(found.secret().expose(), alphabet) {
            let kind = if alphabet == BITCOIN { kind(&body) } else { None };
            return Some(match kind {
                Some(kind) => holds().noted(kind),
                None => holds(),
            });
        }
        let weight = args.number("refute").and_then(|weight| i16::try_from(weight).ok()).unwrap_or(30);
        Some(Reason::new("checksum-fails", weight.saturating_neg()))
    }
}

/// What stands before the sum, if that is right.
fn proven(token: &[u8], alphabet: &[u8; 58]) -> Option<Vec<u8>> {
    let mut bytes = decode(token, alphabet)?;
    let (body, sum) = bytes.split_last_chunk::<4>()?;
    let right = Sha256::digest(Sha256::digest(body)).starts_with(sum);
    bytes.truncate(body.len());
    right.then_some(bytes)
}

/// The network of a Bitcoin key, where its version says one.
fn kind(body: &[u8]) -> Option<&'static str> {
    match (body.len(), body) {
        (33 | 34, [0x80, ..]) => Some("main network"),
        (33 | 34, [0xef, ..]) => Some("test network"),
        (78, [0x04, 0x88, 0xad, 0xe4, ..]) => Some("main network"),
        (78, [0x04, 0x35, 0x83, 0x94, ..]) => Some("test network"),
        _ => None,
    }
}

fn decode(token: &[u8], alphabet: &[u8; 58]) -> Option<Vec<u8>> {
    if token.len() > LONGEST {
        return None;
    }
    // Little-endian while it grows.
    let mut bytes: Vec<u8> = Vec::new();
    for letter in token {
        let mut carry = alphabet.iter().position(|known| known == letter)?;
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
    bytes.extend(token.iter().take_while(|&&letter| letter == alphabet[0]).map(|_| 0));
    bytes.reverse();
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::super::tests::{reason, weight};
    use super::*;

    #[test]
    fn worked_keys_hold() {
        for key in [
            concat!("KwFfpDsaF7yxCELuyrH9gP5X", "L7TAt5b9HPWC1xCQbmrxvhJgMQHb"),
            concat!("5HpjKrb7dH5kKQQzmbjB87Mxo", "va7mek5bXUTWfndcX6tBoqUwzm"),
        ] {
            let found = reason("base58check", key, &[]).expect(key);
            assert_eq!((found.weight, found.note.as_deref()), (25, Some("main network")), "{key}");
            assert_eq!(weight("base58check", &key.replace("dc", "cd").replace("gP5", "gP6"), &[("refute", "60")]), -60);
        }
    }

    #[test]
    fn seeds_of_the_other_alphabet_hold() {
        // The family seed of the passphrase `masterpassphrase`, which the ledger's documentation gives.
        let seed = concat!("snoPBrXtMeMy", "MHUVTgbuqAfg1SUTb");
        assert_eq!(weight("base58check", seed, &[("alphabet", "ripple"), ("refute", "60")]), 25);
        assert_eq!(weight("base58check", seed, &[("refute", "60")]), -60);
        assert!(Base58Check.refuse(&Args(vec![("alphabet".into(), "flickr".into())].into())).is_some());
    }
}
