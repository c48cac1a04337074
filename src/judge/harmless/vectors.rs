//! Test vectors: keys, plaintexts and tags as tables of them have them, in hexadecimal. One long run of digits says
//! nothing; what tells are the names and the other runs beside it, and where the file stands. It refuses to call
//! anything nothing that stands alone.

use super::{LONG, Place, folded, holds};
use crate::judge::shape::{Shape, shape};

/// How far the neighbours of a test vector stand, and how many names of such it takes.
const NEAR: usize = 300;
const ENOUGH: usize = 2;
/// So many other runs of digits close by are a table.
const COMPANY: usize = 4;
/// How far a test that holds the value may begin before it.
const TEST: usize = 16 * 1024;

/// Whether a part of the path is called after test vectors.
pub(super) fn path_is(path: &str) -> bool {
    path.split(|sign: char| !sign.is_ascii_alphabetic()).any(|part| {
        ["vector", "vectors", "testvector", "testvectors", "wycheproof", "kat", "kats", "cavp"]
            .iter()
            .any(|word| part.eq_ignore_ascii_case(word))
    })
}

/// Names beside a key that only a table of test vectors has.
static VECTOR_NAMES: [&str; 34] = [
    "iv",
    "nonce",
    "plaintext",
    "ciphertext",
    "pt",
    "ct",
    "aad",
    "tag",
    "msg",
    "tcid",
    "count",
    "adata",
    "payload",
    "okm",
    "prk",
    "ikm",
    "keylen",
    "ptlen",
    "ivlen",
    "mac",
    "data",
    "cipher",
    "message",
    "info",
    "enc",
    "pk",
    "sk",
    "pkrm",
    "skrm",
    "ikme",
    "exporter_secret",
    "expected",
    "kdf",
    "digest",
];

pub(super) fn is_test_vector(place: &Place<'_>) -> bool {
    let signs = place.role.signs();
    let marked = signs.rsp || holds(round(place), "\"tcId\"");
    is_hex(place.value) && !place.value.contains(&b' ') && (marked || neighbours(place) >= ENOUGH && signs.test)
}

/// Hex bytes that a test hands to a cipher, or that stand among other such.
pub(super) fn is_test_bytes(place: &Place<'_>) -> bool {
    if !is_hex(place.value) {
        return false;
    }
    let wrapper = folded(place.candidate.wrapper.of(place.text));
    let unpacked = ["hex", "unhexlify", "tobytearray", "bytesfrom"].iter().any(|call| holds(&wrapper, call))
        || ["hexkey", "hexsecret", "hexpass"].iter().any(|name| place.name.ends_with(name.as_bytes()));
    let expected = holds(&place.name, "expected");
    neighbours(place) >= ENOUGH || (unpacked || expected) && (place.role.signs().test || in_test(place))
}

/// Whether a test of Rust's begins before the value, as they stand at the end of the code they test.
fn in_test(place: &Place<'_>) -> bool {
    let end = place.candidate.value.start;
    let before = place.text.get(end.saturating_sub(TEST)..end).unwrap_or_default();
    holds(before, "#[test]") || holds(before, "#[cfg(test)]")
}

/// A password of a test in the form of a digest, in hexadecimal or in base64: what is stored of one, to be compared.
pub(super) fn is_tested_digest(place: &Place<'_>) -> bool {
    let password = holds(&place.name, "pass") || holds(&place.name, "pwd");
    let encoded = matches!(place.value.len(), 24 | 28 | 44) && place.value.ends_with(b"=");
    password && place.role.signs().test && (encoded || matches!(shape(place.value), Shape::HexDigest(_)))
}

/// A value in a file of test vectors.
pub(super) fn is_of_vectors(place: &Place<'_>) -> bool {
    place.role.signs().vectors && place.value.len() >= LONG
}

/// Hex bytes of a test among others: a table. Elsewhere a list of secrets looks the same, as `.env` files do.
pub(super) fn is_among_bytes(place: &Place<'_>) -> bool {
    if !is_hex(place.value) || !place.role.signs().test && !in_test(place) {
        return false;
    }
    let runs = round(place)
        .split(|byte| !byte.is_ascii_alphanumeric())
        .filter(|run| run.len() >= 2 * LONG && run.iter().all(u8::is_ascii_hexdigit) && !place.value.ends_with(run));
    runs.count() >= COMPANY
}

/// Digits of whole bytes, in groups or not, behind `0x` or a mark such as `hexkey:`, or not.
fn is_hex(value: &[u8]) -> bool {
    let digits = value.strip_prefix(b"0x").unwrap_or(value);
    let mark = digits.iter().take(12).position(|byte| *byte == b':');
    let digits = mark.map_or(digits, |mark| &digits[mark + 1..]);
    let count = digits.iter().filter(|byte| byte.is_ascii_hexdigit()).count();
    count >= LONG && count.is_multiple_of(2) && digits.iter().all(|byte| byte.is_ascii_hexdigit() || *byte == b' ')
}

fn round<'p>(place: &Place<'p>) -> &'p [u8] {
    let start = place.candidate.name.start.min(place.candidate.value.start).saturating_sub(NEAR);
    place.text.get(start..(place.candidate.value.end + NEAR).min(place.text.len())).unwrap_or_default()
}

/// How many different names of `VECTOR_NAMES` stand round the value, each before a mark that gives it a value.
fn neighbours(place: &Place<'_>) -> usize {
    let mut seen = [false; VECTOR_NAMES.len()];
    let word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let round = round(place);
    for piece in round.chunk_by(|left, right| word(*left) == word(*right)) {
        let end = piece.as_ptr_range().end as usize - round.as_ptr() as usize;
        let after = round[end..].trim_ascii_start();
        let mark = after.strip_prefix(b"\"").unwrap_or(after).first();
        if matches!(mark, Some(b'=' | b':'))
            && let Some(known) = VECTOR_NAMES.iter().position(|name| piece.eq_ignore_ascii_case(name.as_bytes()))
        {
            seen[known] = true;
        }
    }
    seen.iter().filter(|seen| **seen).count()
}
