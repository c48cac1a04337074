//! What is public though it looks random and is called a key or a token: the halves of pairs that are given away, and
//! addresses. Each is told by its own structure, by what unpacks it, or by whose it is said to be.

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;

use super::{LONG, Place, folded, holds};
use crate::span::Span;

/// A public key of OpenPGP without its armour: a packet of that kind, a version, a time, and an algorithm that there is.
pub(super) fn is_openpgp(place: &Place<'_>) -> bool {
    let Some(packet) = place.value.get(..16).and_then(|start| STANDARD_NO_PAD.decode(start).ok()) else { return false };
    let body = match packet.as_slice() {
        // Old format, with a length of one, two or four bytes; new format, with one, two or five.
        [0x98, _, body @ ..] | [0x99, _, _, body @ ..] | [0xC6, 0..=191, body @ ..] => body,
        [0xC6, 192..=223, _, body @ ..] => body,
        _ => return false,
    };
    let algorithm = |number: &u8| matches!(number, 1..=3 | 16..=19 | 22 | 25..=28);
    match body {
        [2 | 3, _, _, _, _, _, _, number, ..] | [4..=6, _, _, _, _, number, ..] => algorithm(number),
        _ => false,
    }
}

/// The value stands directly before, as what it is called: `"ed25519:KEY": "KEY"`.
pub(super) fn is_said_before(place: &Place<'_>) -> bool {
    let start = place.candidate.value.start;
    let before = place.text.get(start.saturating_sub(place.value.len() + 8)..start).unwrap_or_default();
    let link = before.iter().rev().take_while(|byte| b"\"'`: =>\\".contains(byte)).count();
    let linked = before[before.len() - link..].iter().any(|byte| b":=".contains(byte));
    place.value.len() >= LONG && linked && before[..before.len() - link].ends_with(place.value)
}

/// An address of Ethereum: 20 bytes, where its keys have 32; or one of Bitcoin in Bech32.
pub(super) fn is_address(place: &Place<'_>) -> bool {
    let segwit = [b"bc1".as_slice(), b"tb1"].iter().find_map(|start| place.value.strip_prefix(*start));
    if let Some(rest) = segwit {
        let small = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        return [39, 59].contains(&rest.len()) && rest.iter().all(small);
    }
    let digits = place.value.strip_prefix(b"0x").unwrap_or_default();
    digits.len() == 40 && digits.iter().all(u8::is_ascii_hexdigit)
}

/// Whose half of a pair is public to the one who has it here.
static OTHER_SIDES: [&str; 8] =
    ["senderkey", "recipientkey", "receiverkey", "peerkey", "verifyingkey", "verifykey", "theirkey", "remotekey"];

/// A key by name that belongs to the other side, or that code takes for a public one.
pub(super) fn is_half_by_name(place: &Place<'_>) -> bool {
    let wrapper = folded(place.candidate.wrapper.of(place.text));
    let unpacked = ["publickey", "pubkey", "verifyingkey"].iter().any(|kind| holds(&wrapper, kind));
    unpacked || is_signed(place) || OTHER_SIDES.iter().any(|name| place.name.ends_with(name.as_bytes()))
}

/// A `key` in an object that holds its signatures as well, or its id before it: who signs a key, or gives it a number for
/// others to name it by, makes it known. What is to be kept goes by a longer name.
fn is_signed(place: &Place<'_>) -> bool {
    let Span { start, end } = place.candidate.value;
    let before = place.text.get(start.saturating_sub(50)..start).unwrap_or_default();
    let after = place.text.get(end..(end + 60).min(place.text.len())).unwrap_or_default();
    let numbered = place.value.len() == 44 && place.value.ends_with(b"=") && holds(before, "key_id");
    place.name == b"key" && (numbered || holds(after, "signatures"))
}

/// DER that begins as what a password seals: the id of PBES2, which is 1.2.840.113549.1.5.13, or of PKCS#12's schemes.
pub(super) fn is_sealed_key(place: &Place<'_>) -> bool {
    let Some(der) = place.value.get(..64).and_then(|start| STANDARD_NO_PAD.decode(start).ok()) else { return false };
    let schemes: [&[u8]; 2] =
        [&[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 5, 0x0D], &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 12, 1]];
    der.first() == Some(&0x30) && schemes.iter().any(|id| memchr::memmem::find(&der, id).is_some())
}
