//! Seeds in base32 with a CRC-16 at their end: NATS nkeys and Stellar.

use super::crc::crc16;
use super::{Check, fails, holds};
use crate::judge::Reason;
use crate::rule::{Args, Match};

/// `nats-crc16`: the sum of a seed of 58 characters.
pub struct NatsSeed;

impl Check for NatsSeed {
    fn name(&self) -> &'static str {
        "nats-crc16"
    }

    fn weigh(&self, found: &Match<'_>, _args: &Args) -> Option<Reason> {
        let seed = found.secret().expose();
        let kind = match seed.get(1)? {
            b'U' => "user",
            b'A' => "account",
            b'O' => "operator",
            b'N' => "server",
            b'C' => "cluster",
            b'X' => "curve",
            _ => return Some(fails()),
        };
        Some(if proves(seed) { holds().noted(kind) } else { fails() })
    }
}

/// `stellar`: the sum of a seed of 56 characters, and its version byte.
pub struct StellarSeed;

impl Check for StellarSeed {
    fn name(&self) -> &'static str {
        "stellar"
    }

    fn weigh(&self, found: &Match<'_>, _args: &Args) -> Option<Reason> {
        let seed = found.secret().expose();
        Some(if seed.starts_with(b"S") && proves(seed) { holds() } else { fails() })
    }
}

fn proves(seed: &[u8]) -> bool {
    let Some(bytes) = base32(seed) else { return false };
    let Some((body, sum)) = bytes.split_last_chunk::<2>() else { return false };
    crc16(body) == u16::from_le_bytes(*sum)
}

/// RFC 4648 base32 without padding; bits left over are dropped.
pub fn base32(text: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() * 5 / 8);
    let (mut held, mut count) = (0_u32, 0);
    for &letter in text {
        let value = match letter {
            b'A'..=b'Z' => letter - b'A',
            b'2'..=b'7' => letter - b'2' + 26,
            _ => return None,
        };
        held = ((held << 5) | u32::from(value)) & 0xfff;
        count += 5;
        if count >= 8 {
            count -= 8;
            bytes.push((held >> count) as u8);
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::super::tests::weight;

    #[test]
    fn worked_seeds_hold_and_edited_ones_fail() {
        let rows = [
            ("nats-crc16", concat!("SUAAAAICAMCAKBQHBAEQUCYMBUHA6", "EARCIJRIFIWC4MBSGQ3DQOR4H776Y")),
            ("stellar", concat!("SAAACAQDAQCQMBYIBEFAWDANBYHR", "AEISCMKBKFQXDAMRUGY4DUPB6NKI")),
        ];
        for (check, seed) in rows {
            assert_eq!(weight(check, seed, &[]), 25, "{check}");
            assert_eq!(weight(check, &seed.replacen("YHR", "YHS", 1).replacen("QUCY", "QUCZ", 1), &[]), -30, "{check}");
        }
    }
}
