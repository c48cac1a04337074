//! Azure keys that identify themselves: a mark or an annotation inside, and a Marvin32 sum at the end.
//! Marks and seeds are published by the vendor; a sum that fits none of them is doubt, since new services get new seeds.

use super::crc::{BASE62, digits};
use super::encoded::decode;
use super::{Check, fails, holds};
use crate::judge::Reason;
use crate::rule::{Args, Match};

/// Four characters before the last six significant ones, the service they stand for, and the seeds of its kinds of key:
/// eight ASCII bytes, read as a big-endian number.
type Mark = (&'static [u8; 4], &'static str, &'static [(&'static [u8; 8], &'static str)]);

const MESSAGING: &[(&[u8; 8], &str)] = &[
    (b"Send0000", "send"),
    (b"Listen00", "listen"),
    (b"Manage00", "manage"),
    (b"System00", "system"),
    (b"Unknown0", "of another right"),
];

const MARKS: &[Mark] = &[
    (b"+ASt", "Storage", &[(b"Default0", "account")]),
    (
        b"ACDb",
        "Cosmos DB",
        &[
            (b"MastRW00", "master"),
            (b"MastRO00", "read-only"),
            (b"SystRW00", "system"),
            (b"SystRO00", "system, read-only"),
            (b"SysAll00", "system"),
            (b"Resour00", "resource"),
            (b"Encryp00", "encryption"),
        ],
    ),
    (b"+ABa", "Batch", &[(b"AbAcct00", "account")]),
    (b"+AMC", "Machine Learning (classic)", &[(b"Classic0", "service")]),
    (
        b"APIM",
        "API Management",
        &[
            (b"Tenant00", "management"),
            (b"IoTHub00", "subscription"),
            (b"Gatewy00", "gateway"),
            (b"GitKey00", "repository"),
        ],
    ),
    (b"AzFu", "Functions", &[(b"Master00", "master"), (b"System00", "system"), (b"Functi00", "function")]),
    (b"AzSe", "AI Search", &[(b"PAdmin00", "admin"), (b"Query000", "query")]),
    (b"AzCa", "Cache for Redis", &[(b"Access00", "access")]),
    (b"+ASb", "Service Bus", MESSAGING),
    (b"+AEh", "Event Hubs", MESSAGING),
    (b"+ARm", "Relay", MESSAGING),
    (b"AIoT", "IoT", &[(b"IoTHub00", "hub"), (b"DpsKey00", "provisioning"), (b"Device00", "device")]),
    (b"+ACR", "Container Registry", &[(b"ACRDflt0", "registry")]),
    (b"+SQL", "SQL", &[(b"UsrPwd00", "password")]),
];

/// Who made an annotated key, by the four characters before its sum.
const PROVIDERS: &[(&[u8; 4], &str)] = &[
    (b"AZDO", "Azure DevOps"),
    (b"AZAC", "App Configuration"),
    (b"AZMP", "Maps"),
    (b"AZCS", "Communication Services"),
    (b"AZEG", "Event Grid"),
    (b"AZFR", "Fluid Relay"),
    (b"AZMR", "Mixed Reality"),
    (b"ACOG", "AI services"),
    (b"msql", "SQL"),
    (b"APIM", "API Management"),
];

/// `azure-marvin32: {form: marked|annotated}`: the sum; the note says which service, which kind of key, and when an
/// annotated one was made.
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
        let (right, note) = match args.get("form") {
            Some("annotated") => (annotated(key)?, made(key)),
            _ => marked(key)?,
        };
        let reason = if right { holds() } else { fails() };
        Some(match note {
            Some(note) => reason.noted(note),
            None => reason,
        })
    }
}

/// The last four bytes are the sum of all before them, little-endian. A seed of another mark proves as well: chance does
/// not hit one of thirty in four thousand million.
fn marked(key: &[u8]) -> Option<(bool, Option<String>)> {
    let bytes = decode(key)?;
    let (body, sum) = bytes.split_last_chunk::<4>()?;
    let sum = u32::from_le_bytes(*sum);
    let fits = |seed: &[u8; 8]| marvin32(u64::from_be_bytes(*seed), body) == sum;
    let text = key.trim_ascii_end().strip_suffix(b"==").or_else(|| key.strip_suffix(b"=")).unwrap_or(key);
    let mark = text.get(text.len().checked_sub(10)?..text.len() - 6)?;
    let own = MARKS.iter().find(|(known, ..)| &known[..] == mark);
    let Some((_, service, kinds)) = own else {
        return Some((MARKS.iter().any(|(.., kinds)| kinds.iter().any(|(seed, _)| fits(seed))), None));
    };
    Some(match kinds.iter().find(|(seed, _)| fits(seed)) {
        Some((_, kind)) => (true, Some(format!("{service}, {kind} key"))),
        None => (MARKS.iter().any(|(.., kinds)| kinds.iter().any(|(seed, _)| fits(seed))), Some((*service).to_owned())),
    })
}

const ANNOTATED_BODY: usize = 80;
/// Where the annotation says what it is (`9`, `D` or `H`), and then year and month.
const KIND: usize = 57;
const FIRST_YEAR: usize = 2024;
/// Years go on in the order of base64.
const YEARS: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// The sum of the bytes that 80 characters stand for; its bytes, turned round, are a number in base 62.
fn annotated(key: &[u8]) -> Option<bool> {
    let (body, sum) = key.split_at_checked(ANNOTATED_BODY)?;
    let right = marvin32(u64::from_be_bytes(*b"Default0"), &decode(body)?).swap_bytes();
    let sum = sum.get(..4)?;
    Some(digits(u64::from(right), BASE62, 6).starts_with(sum))
}

/// The provider, what the key was made from, and the month in which it was made.
fn made(key: &[u8]) -> Option<String> {
    let &[kind, year, month] = key.get(KIND..)?.first_chunk::<3>()?;
    let year = FIRST_YEAR + YEARS.iter().position(|letter| *letter == year)?;
    let month = usize::from(month.checked_sub(b'A').filter(|month| *month < 12)?) + 1;
    let (service, provider) = key.get(75..ANNOTATED_BODY)?.split_first()?;
    let name = PROVIDERS.iter().find(|(known, _)| &known[..] == provider).map(|(_, name)| *name);
    let name = match (name, service) {
        (Some("AI services"), b'B') => Some("OpenAI"),
        (name, _) => name,
    };
    let kind = match kind {
        b'D' => ", derived",
        b'H' => ", hashed",
        _ => "",
    };
    Some(format!("{}{kind}, made {year}-{month:02}", name.unwrap_or("unknown service")))
}

/// Marvin, folded to 32 bits: the two halves of the state xor-ed.
pub fn marvin32(seed: u64, bytes: &[u8]) -> u32 {
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
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;

    use super::super::tests::reason;
    use super::*;

    /// A key of so many bytes with this mark, summed with this seed.
    fn key(len: usize, mark: &str, seed: &[u8; 8]) -> String {
        let mut bytes: Vec<u8> = (0_u8..).map(|byte| byte.wrapping_mul(73) ^ 0x5a).take(len - 8).collect();
        let mark =
            decode(mark.as_bytes()).expect("base64").iter().fold(0_u32, |sum, byte| (sum << 8) | u32::from(*byte));
        bytes.extend((mark << ((len - 7) * 8 % 6)).to_be_bytes());
        let sum = marvin32(u64::from_be_bytes(*seed), &bytes);
        bytes.extend(sum.to_le_bytes());
        assert_eq!(bytes.len(), len);
        STANDARD.encode(bytes)
    }

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
                "Storage, account key",
            ),
            (
                "annotated",
                concat!("vOxVHWvMY9LuTr3zDLlqkZrtmAXlCf5AB0PhCQBz5qcZYxUZGlRcJQ", "QJ99BAAAAADSav8Ve3AAAAAZMP16ZB"),
                "Maps, made 2025-01",
            ),
        ];
        for (form, key, note) in rows {
            let args: &[(&'static str, &'static str)] =
                if form == "marked" { &[("form", "marked")] } else { &[("form", "annotated")] };
            let found = reason("azure-marvin32", key, args).expect(form);
            assert_eq!((found.weight, found.note.as_deref()), (25, Some(note)), "{form}");
            let edited = key.replacen('V', "W", 1).replacen("9D", "9E", 1);
            assert_eq!(reason("azure-marvin32", &edited, args).map(|found| found.weight), Some(-30), "{form}");
        }
    }

    #[test]
    fn each_mark_holds_with_each_of_its_seeds() {
        let length = |mark: &str| match mark {
            "AzFu" => 40,
            "AzSe" | "+ACR" => 39,
            "+ASt" | "ACDb" | "+ABa" | "+AMC" | "APIM" => 64,
            _ => 32,
        };
        for (mark, service, kinds) in MARKS {
            let mark = str::from_utf8(&mark[..]).expect("ASCII");
            for (seed, kind) in *kinds {
                let key = key(length(mark), mark, seed);
                let found = reason("azure-marvin32", &key, &[("form", "marked")]).expect(mark);
                assert_eq!((found.weight, found.note), (25, Some(format!("{service}, {kind} key"))), "{mark} {key}");
            }
            let other = key(length(mark), mark, b"NoSeed00");
            let found = reason("azure-marvin32", &other, &[("form", "marked")]).expect(mark);
            assert_eq!((found.weight, found.note.as_deref()), (-30, Some(*service)), "{mark}");
        }
    }

    #[test]
    fn annotations_say_who_and_when() {
        let rows = [
            ("9", "A", "A", "AAAAAZDO", Some("Azure DevOps, made 2024-01")),
            ("9", "C", "L", "AAAAACOG", Some("AI services, made 2026-12")),
            ("9", "B", "F", "AAABACOG", Some("OpenAI, made 2025-06")),
            ("D", "B", "F", "AAAAzzzz", Some("unknown service, derived, made 2025-06")),
            ("9", "B", "M", "AAAAAZDO", None),
        ];
        for (kind, year, month, end, note) in rows {
            let key = format!("{}JQQJ9{kind}{year}{month}{}{end}0000", "k".repeat(52), "A".repeat(12));
            assert_eq!(made(key.as_bytes()).as_deref(), note, "{key}");
        }
    }
}
