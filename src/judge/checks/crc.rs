//! Cyclic redundancy checks at the end of tokens. The digits, the length of the tail and the part it was computed over
//! differ by vendor, so all three are parameters.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;

use super::{Check, holds};
use crate::judge::Reason;
use crate::rule::{Args, Match};

const TABLE: [u32; 256] = table();

const fn table() -> [u32; 256] {
    let mut table = [0; 256];
    let mut place = 0;
    while place < 256 {
        let mut value = place as u32;
        let mut bit = 0;
        while bit < 8 {
            value = if value & 1 == 1 { (value >> 1) ^ 0xedb8_8320 } else { value >> 1 };
            bit += 1;
        }
        table[place] = value;
        place += 1;
    }
    table
}

/// The reflected CRC-32 with polynomial 0xEDB88320, as in gzip.
pub fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |sum, &byte| (sum >> 8) ^ TABLE[((sum ^ u32::from(byte)) & 0xff) as usize])
}

/// CRC-16 with polynomial 0x1021 and start 0 (XMODEM).
pub fn crc16(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0, |sum, &byte| {
        (0..8).fold(
            sum ^ (u16::from(byte) << 8),
            |sum, _| {
                if sum & 0x8000 == 0 { sum << 1 } else { (sum << 1) ^ 0x1021 }
            },
        )
    })
}

pub const BASE36: &[u8] = b"0123456789abcdefghijklmnopqrstuvwxyz";
pub const BASE62: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// `number` in the digits of `alphabet`, padded on the left with the first of them.
pub fn digits(mut number: u64, alphabet: &[u8], width: usize) -> Vec<u8> {
    let base = alphabet.len() as u64;
    let mut text = Vec::new();
    while number > 0 || text.len() < width {
        text.push(alphabet[(number % base) as usize]);
        number /= base;
    }
    text.reverse();
    text
}

/// The sum as its vendor writes it; `None` for digits no one uses.
fn written(sum: u32, form: &str, width: usize) -> Option<Vec<u8>> {
    let number = u64::from(sum);
    let mut text = match form {
        "base62" => digits(number, BASE62, width),
        "base36" => digits(number, BASE36, width),
        "hex" => digits(number, &BASE36[..16], width.max(8)),
        "HEX" => digits(number, &BASE62[..16], width.max(8)),
        "hex-le" => digits(u64::from(sum.swap_bytes()), &BASE36[..16], width.max(8)),
        "base64-le" => STANDARD_NO_PAD.encode(sum.to_le_bytes()).into_bytes(),
        _ => return None,
    };
    text.truncate(width);
    Some(text)
}

/// `crc32: {digits, tail, skip, gap, refute}`: the last `tail` bytes hold the sum of what stands before them, without
/// the first `skip` bytes and the `gap` bytes between. A failure weighs `refute` (30 unless told).
pub struct Crc32;

impl Check for Crc32 {
    fn name(&self) -> &'static str {
        "crc32"
    }

    fn parameters(&self) -> &'static [&'static str] {
        &["digits", "tail", "skip", "gap", "refute"]
    }

    fn refuse(&self, args: &Args) -> Option<String> {
        let form = args.get("digits").unwrap_or_default();
        if written(0, form, 1).is_none() {
            return Some(format!("`digits` is one of base62, base36, hex, HEX, hex-le, base64-le, not `{form}`"));
        }
        match args.number("tail") {
            Some(1..=8) => None,
            _ => Some("`tail` is a number from 1 to 8".to_owned()),
        }
    }

    fn weigh(&self, found: &Match<'_>, args: &Args) -> Option<Reason> {
        let token = found.secret().expose();
        let tail = args.number("tail")?;
        let (rest, sum) = token.split_at_checked(token.len().checked_sub(tail)?)?;
        let end = rest.len().checked_sub(args.number("gap").unwrap_or(0))?;
        let body = rest.get(args.number("skip").unwrap_or(0)..end)?;
        let right = written(crc32(body), args.get("digits")?, tail)?;
        if right == sum {
            return Some(holds());
        }
        let weight = args.number("refute").and_then(|weight| i16::try_from(weight).ok()).unwrap_or(30);
        Some(Reason::new("checksum-fails", weight.saturating_neg()))
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::weight;
    use super::*;

    #[test]
    fn sums_of_the_catalogue_value() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
        assert_eq!(crc16(b"123456789"), 0x31c3);
    }

    #[test]
    fn vendors_worked_examples_hold() {
        let six: &[_] = &[("digits", "base62"), ("tail", "6"), ("skip", "4"), ("refute", "60")];
        let rows: &[(&str, &[(&'static str, &'static str)])] = &[
            (concat!("gh", "p_vK1aMkFWN3Gr4HBjSsenfh7q9XAbbM3LdYIL"), six),
            (concat!("gh", "p_BSQ9F5zcU8B1U1fDZxS2RZBSJWcqET00jlRh"), six),
            (concat!("gh", "p_zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ0mLq17"), six),
            (concat!("gh", "r_Ts5Q5zP30DLcSflivLKx6CfjK1FsFeMTxDwamdzJkVFCWsjpl6SjuOVdIa63mRpAeO5bZr49eKon"), six),
            (concat!("np", "m_b1aEQRbP3cHvoW35EOFgaCzySM1j1h20nEmI"), six),
            (concat!("vc", "p_2fF7WxnnANDccnzbv0ZFBquxr33DNJXNOG7hijwK50OXNmIxqe3RlOYv"), six),
            (
                concat!(
                    "ATA",
                    "TT3xFfGF0lqkrWOPII-ttwb0721GCNkGjP6hxaZhm8cni3qEk0eS67ckXCCD3C04gWsXyV3wBHR6Jxef2zhXz1Uxmu6ZJF",
                    "X70jvI6LajExhtQvpqxMVL3yscuyyvkg6YHSsWPsPA4WZTfJBgbWpdCf8gJumUDYG0KHpBHgRsX=0D2AFBDF"
                ),
                &[("digits", "HEX"), ("tail", "8")],
            ),
            (concat!("ATB", "BkR1lo6ofTHaxv6k5kSPARj0l8BD7F054"), &[("digits", "HEX"), ("tail", "8")]),
            (
                concat!("cf", "ut_W2B6I67aUBnAuRUJ0ElwRuVpqW12rRxZUL7qk07ja4b82366"),
                &[("digits", "hex"), ("tail", "8"), ("skip", "5")],
            ),
            (
                concat!("gl", "sa_RHvGJN1WTUuHTz69Zo1IMoDuGbP3GjO5_e387c40f"),
                &[("digits", "hex-le"), ("tail", "8"), ("gap", "1")],
            ),
            (
                concat!("cf", "lt0MBCbU7AT6zOsp+A2TkyROoGnKBmSolr/ddNNRhUUbuhA0qMfH9HZyVarRrw"),
                &[("digits", "base64-le"), ("tail", "6"), ("skip", "4")],
            ),
            (
                concat!("zp", "ka_3d7da97425df1a7db00647e9b0113fb0_7c87d2b7"),
                &[("digits", "hex"), ("tail", "8"), ("skip", "5"), ("gap", "1")],
            ),
        ];
        for (token, args) in rows {
            assert_eq!(weight("crc32", token, args), 25, "{token}");
            let edited =
                format!("{}{}", token[..token.len() - 1].to_owned(), if token.ends_with('7') { "8" } else { "7" });
            assert!(weight("crc32", &edited, args) <= -30, "{edited}");
        }
    }

    #[test]
    fn documented_placeholder_is_refuted() {
        let args = &[("digits", "base62"), ("tail", "6"), ("skip", "4"), ("refute", "60")];
        assert_eq!(weight("crc32", concat!("gh", "p_16C7e42F292c6912E7710c838347Ae178B4a"), args), -60);
    }

    #[test]
    fn digits_that_no_vendor_uses_are_refused() {
        let args = |form: &'static str| Args(vec![("digits".into(), form.into()), ("tail".into(), "6".into())].into());
        assert!(Crc32.refuse(&args("base62")).is_none());
        assert!(Crc32.refuse(&args("base7")).is_some());
    }
}
