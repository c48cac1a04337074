//! Azure keys that identify themselves: a mark or an annotation inside, and a Marvin32 sum at the end.
//! The seeds are published by the vendor; a sum that fits none of them is doubt, since new services get new seeds.

use super::crc::{BASE62, digits};
use super::encoded::decode;
use super::{Check, fails, holds};
use crate::judge::Reason;
use crate::rule::{Args, Match};

/// Eight ASCII bytes, read as a big-endian number.
const SEEDS: &[&[u8; 8]] = &[
    b"Default0",
    b"MastRW00",
    b"MastRO00",
    b"AbAcct00",
    b"Access00",
    b"Query000",
    b"PAdmin00",
    b"Master00",
    b"System00",
    b"Functi00",
    b"Send0000",
    b"Manage00",
    b"Listen00",
    b"IoTHub00",
    b"DpsKey00",
    b"Device00",
    b"ACRDflt0",
    b"Classic0",
];

const ANNOTATED_BODY: usize = 80;

/// `azure-marvin32: {form: marked|annotated}`.
pub struct AzureMarvin32;

impl Check for AzureMarvin32 {
    fn name(&self) -> &'static str {
        "azure-marvin32"
    }

    fn parameters(&self) -> &'static [&'static str] {
        &["form"]
    }

    fn refuse(&self, args: &Args) -> Option<String> {
        (!matches!(args.get("form"), Some("marked" | "annotated"))).then(|| "`form` is marked or annotated".to_owned())
    }

    fn weigh(&self, found: &Match<'_>, args: &Args) -> Option<Reason> {
        let key = found.secret().expose();
        let right = match args.get("form") {
            Some("annotated") => annotated(key)?,
            _ => marked(key)?,
        };
        Some(if right { holds() } else { fails() })
    }
}

/// The last four bytes are the sum of all before them, little-endian.
fn marked(key: &[u8]) -> Option<bool> {
    let bytes = decode(key)?;
    let (body, sum) = bytes.split_last_chunk::<4>()?;
    let sum = u32::from_le_bytes(*sum);
    Some(SEEDS.iter().any(|seed| marvin32(u64::from_be_bytes(**seed), body) == sum))
}

/// The sum of the bytes that 80 characters stand for; its bytes, turned round, are a number in base 62.
fn annotated(key: &[u8]) -> Option<bool> {
    let (body, sum) = key.split_at_checked(ANNOTATED_BODY)?;
    let right = marvin32(u64::from_be_bytes(*b"Default0"), &decode(body)?).swap_bytes();
    let sum = sum.get(..4)?;
    Some(digits(u64::from(right), BASE62, 6).starts_with(sum))
}

/// Marvin, folded to 32 bits: the two halves of the state xor-ed.
fn marvin32(seed: u64, bytes: &[u8]) -> u32 {
    let mut state = (seed as u32, (seed >> 32) as u32);
    let words = bytes.chunks_exact(4);
    let mut last = [0; 4];
    let rest = words.remainder();
    last[..rest.len()].copy_from_slice(rest);
    last[rest.len()] = 0x80;
    for word in words {
        state.0 = state.0.wrapping_add(word.iter().rev().fold(0, |sum, &byte| (sum << 8) | u32::from(byte)));
        mix(&mut state);
    }
    state.0 = state.0.wrapping_add(u32::from_le_bytes(last));
    mix(&mut state);
    mix(&mut state);
    state.0 ^ state.1
}

const fn mix((low, high): &mut (u32, u32)) {
    *high ^= *low;
    *low = low.rotate_left(20).wrapping_add(*high);
    *high = high.rotate_left(9) ^ *low;
    *low = low.rotate_left(27).wrapping_add(*high);
    *high = high.rotate_left(19);
}

#[cfg(test)]
mod tests {
    use super::super::tests::weight;
    use super::*;

    #[test]
    fn vendors_test_vector() {
        assert_eq!(marvin32(0x004f_b61a_001b_dbcc, b""), 0x3020_09bc);
    }

    #[test]
    fn worked_keys_hold_and_edited_ones_fail() {
        let rows = [
            (
                "marked",
                concat!("m979Dl2Q2H/o5gvNpvx/7lXEjoWytaYpyWI0STSed+BXDMWv", "STzTNJqqpSNi6srIwIZNngKxlWQG+ASt7e4YcA=="),
            ),
            (
                "annotated",
                concat!("vOxVHWvMY9LuTr3zDLlqkZrtmAXlCf5AB0PhCQBz5qcZYxUZGlRcJQ", "QJ99BAAAAADSav8Ve3AAAAAZMP16ZB"),
            ),
        ];
        for (form, key) in rows {
            let args: &[(&'static str, &'static str)] =
                if form == "marked" { &[("form", "marked")] } else { &[("form", "annotated")] };
            assert_eq!(weight("azure-marvin32", key, args), 25, "{form}");
            let edited = key.replacen('V', "W", 1).replacen("9D", "9E", 1);
            assert_eq!(weight("azure-marvin32", &edited, args), -30, "{form}");
        }
    }
}
