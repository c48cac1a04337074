//! Forms of what may be given away: public halves of keys, certificates, passwords that were hashed.

use super::form::{PLAIN, base64_byte};
use base64::Engine;

pub fn public_key(value: &[u8]) -> bool {
    let starts: [&[u8]; 18] = [
        b"ssh-rsa ",
        b"ssh-ed25519 ",
        b"ssh-dss ",
        b"ecdsa-sha2-",
        b"sk-ssh-",
        b"sk-ecdsa-",
        b"AAAAB3NzaC1",
        b"AAAAC3NzaC1",
        b"AAAAE2VjZHNh",
        // `sk-ssh-ed25519@`, `sk-ecdsa-`, and certificates of OpenSSH: for Ed25519, on a token or not, and RSA.
        b"AAAAGnNrLXNzaC1l",
        b"AAAAInNrLWVjZHNh",
        b"AAAAI3NrLXNzaC1l",
        b"AAAAIHNzaC1lZDI1",
        b"AAAAHHNzaC1yc2Et",
        b"-----BEGIN PUBLIC KEY",
        b"-----BEGIN RSA PUBLIC KEY",
        b"-----BEGIN PGP PUBLIC KEY",
        // `-----BEGIN PUBLIC KEY` in base64.
        b"LS0tLS1CRUdJTiBQVUJMSUMgS0VZ",
    ];
    starts.iter().any(|start| value.starts_with(start))
        || der(value).is_some_and(|der| der == Der::PublicKey)
        || is_extended(value)
        || is_point(value)
        || is_marked(value)
}

/// The public half of a wallet, or the first line of it: `xpub…`, and the same of other coins and kinds of address.
fn is_extended(value: &[u8]) -> bool {
    value.len() >= 60
        && value.get(1..4) == Some(b"pub")
        && b"xyztuvXYZTUVL".contains(&value[0])
        && value.iter().all(u8::is_ascii_alphanumeric)
}

/// A point of a curve of 256 bits, in hex: its first byte says which half of it is left out.
fn is_point(value: &[u8]) -> bool {
    let short = value.len() == 66 && [b"02", b"03"].iter().any(|start| value.starts_with(*start));
    let long = value.len() == 130 && value.starts_with(b"04");
    (short || long) && value.iter().all(u8::is_ascii_hexdigit)
}

/// What NEAR writes for a public key; a private one of Ed25519 is twice as long.
fn is_marked(value: &[u8]) -> bool {
    let key = value.strip_prefix(b"ed25519:").unwrap_or_default();
    (42..=44).contains(&key.len()) && key.iter().all(u8::is_ascii_alphanumeric)
}

pub fn certificate(value: &[u8]) -> bool {
    value.starts_with(b"-----BEGIN CERTIFICATE")
        // The same in base64.
        || value.starts_with(b"LS0tLS1CRUdJTiBDRVJUSUZJQ0FUR")
        || value.starts_with(b"-----BEGIN TRUSTED CERTIFICATE")
        || der(value).is_some_and(|der| der == Der::Certificate)
}

#[derive(PartialEq, Eq)]
enum Der {
    PublicKey,
    Certificate,
}

/// Base64 of DER that starts like a public key or a certificate; private keys begin with a small version number.
fn der(value: &[u8]) -> Option<Der> {
    if value.len() < 40 || value.first() != Some(&b'M') {
        return None;
    }
    let mut space = [0; 24];
    let len = PLAIN.decode_slice(value.get(..32)?, &mut space).ok()?;
    let (tag, body) = element(space.get(..len)?)?;
    let (inner, rest) = (tag == 0x30).then(|| element(body)).flatten()?;
    match inner {
        // AlgorithmIdentifier, whose first element is an object id.
        0x30 if rest.first() == Some(&6) => Some(Der::PublicKey),
        // TBSCertificate, which starts with [0] version or the serial number.
        0x30 if matches!(rest.first(), Some(0xA0 | 2)) => Some(Der::Certificate),
        // PKCS#1 modulus: an integer of its own length. A private key has the one-byte integer 0 here.
        2 if rest.len() > 3 && body.get(1).is_some_and(|len| *len >= 0x40) => Some(Der::PublicKey),
        _ => None,
    }
}

/// Tag and content (as far as it is here) of the element at the start.
fn element(text: &[u8]) -> Option<(u8, &[u8])> {
    let (tag, rest) = text.split_first()?;
    let (len, rest) = rest.split_first()?;
    let skipped = if *len < 0x80 { 0 } else { usize::from(len & 0x7F) };
    Some((*tag, rest.get(skipped..)?))
}

pub fn password_hash(value: &[u8]) -> bool {
    let schemes: [&[u8]; 4] = [b"{CRYPT}", b"{SSHA}", b"{SSHA512}", b"{SHA}"];
    let scheme = schemes.iter().find_map(|scheme| value.strip_prefix(*scheme));
    // MySQL's: a star and twenty bytes.
    let starred = value.strip_prefix(b"*").filter(|rest| rest.len() == 40);
    if starred.is_some_and(|rest| rest.iter().all(|byte| byte.is_ascii_digit() || (b'A'..=b'F').contains(byte))) {
        return true;
    }
    // PostgreSQL's, of its older kind and of its newer.
    let hashed = value.strip_prefix(b"md5").filter(|rest| rest.len() == 32);
    if hashed.is_some_and(|rest| rest.iter().all(u8::is_ascii_hexdigit)) || value.starts_with(b"SCRAM-SHA-256$") {
        return true;
    }
    let Some(rest) = scheme.unwrap_or(value).strip_prefix(b"$") else {
        return scheme.is_some_and(|rest| rest.len() >= 20 && rest.iter().all(|byte| base64_byte(*byte)));
    };
    let Some(len) = rest.iter().position(|byte| *byte == b'$') else { return false };
    let name = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'-';
    (1..=16).contains(&len) && rest[..len].iter().all(name) && rest.len() >= len + 20
}
