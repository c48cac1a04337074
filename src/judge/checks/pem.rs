//! Private keys in armour: whether there is a key in it at all, and whether it is encrypted.
//! The armour may stand in a file, in a YAML block, in a JSON string or in the pieces of a source code string.

use sha2::{Digest as _, Sha256};

use super::der::{Outline, outline};
use super::encoded::decode;
use super::pgp::{crc24, packet};
use super::{Check, DOUBTED, PROVEN, REFUTED, STRUCTURE};
use crate::judge::Reason;
use crate::rule::{Args, Match};

/// Fewer base64 characters hold no private key (an Ed25519 one takes 64).
const SHORTEST: usize = 44;
/// Without its passphrase it opens nothing; it stays below what is reported.
const ENCRYPTED: i16 = -40;
/// Damaged or made up, it is likely to be what it says all the same: still enough to block.
const DAMAGED: i16 = 5;
const OPENSSH: &[u8] = b"openssh-key-v1\0";

/// `pem`: a body that is a private key holds; a shortened or missing one refutes; an encrypted one weighs less.
pub struct Pem;

impl Check for Pem {
    fn name(&self) -> &'static str {
        "pem"
    }

    fn weigh(&self, found: &Match<'_>, _args: &Args) -> Option<Reason> {
        let armour = found.whole().expose();
        let body = body(armour);
        if shortened(body) {
            return Some(Reason::new("shortened", REFUTED));
        }
        let base64 = base64(body);
        if base64.len() < SHORTEST {
            return Some(Reason::new("no-key-in-it", REFUTED));
        }
        if contains(armour, b"ENCRYPTED") {
            return Some(Reason::new("encrypted", ENCRYPTED));
        }
        let Some(bytes) = decode(&base64).or_else(|| decode(base64.get(..base64.len() / 4 * 4)?)) else {
            return Some(Reason::new("structure-broken", -DAMAGED));
        };
        if let Some(place) = published(&bytes) {
            return Some(Reason::new("published-example", REFUTED).noted(place));
        }
        if bytes.starts_with(OPENSSH) {
            return openssh(&bytes);
        }
        if contains(armour, b"PGP PRIVATE") {
            return Some(pgp(&bytes, body));
        }
        Some(match outline(&bytes) {
            Outline::Private => Reason::new("key-parses", PROVEN),
            Outline::Encrypted => Reason::new("encrypted", ENCRYPTED),
            Outline::Cut => Reason::new("shortened", REFUTED),
            Outline::NotPrivate | Outline::NotDer => Reason::new("no-key-in-it", DOUBTED),
            Outline::Broken => Reason::new("structure-broken", -DAMAGED),
        })
    }
}

/// `openssh-key`: the cipher that the key itself names.
pub struct OpensshKey;

impl Check for OpensshKey {
    fn name(&self) -> &'static str {
        "openssh-key"
    }

    fn weigh(&self, found: &Match<'_>, _args: &Args) -> Option<Reason> {
        openssh(&decode(&base64(body(found.whole().expose())))?)
    }
}

fn openssh(bytes: &[u8]) -> Option<Reason> {
    let rest = bytes.strip_prefix(OPENSSH)?;
    let (length, rest) = rest.split_first_chunk::<4>()?;
    let cipher = rest.get(..u32::from_be_bytes(*length) as usize)?;
    Some(if cipher == b"none" { Reason::new("key-parses", PROVEN) } else { Reason::new("encrypted", ENCRYPTED) })
}

/// A secret key packet in its armour: when it was made, whether it is guarded, and the sum if there is one.
fn pgp(bytes: &[u8], body: &[u8]) -> Reason {
    let sum =
        memchr::memrchr(b'\n', body.trim_ascii_end()).and_then(|line| body.get(line + 1..)?.trim_ascii().get(..5));
    let sum = sum.and_then(|line| decode(line.strip_prefix(b"=")?));
    let right = sum.map(|sum| sum == crc24(bytes).to_be_bytes()[1..]);
    match (packet(bytes), bytes.first()) {
        (Some(packet), _) if packet.encrypted => {
            Reason::new("encrypted", ENCRYPTED).noted(format!("made {}", packet.made))
        }
        (Some(packet), _) => {
            let weight = if right == Some(true) { PROVEN } else { STRUCTURE };
            Reason::new("key-parses", weight).noted(format!("made {}", packet.made))
        }
        (None, Some(0x94..=0x97 | 0xc5)) => Reason::new("key-parses", STRUCTURE),
        _ => Reason::new("structure-broken", -DAMAGED),
    }
}

/// Under a heading each, keys that are part of released tests.
const KEYS: &str = include_str!("keys.txt");

/// Whose tests hold the key, if it is one that everyone has.
fn published(key: &[u8]) -> Option<&'static str> {
    let digest: String = Sha256::digest(key).iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    let before = &KEYS[..KEYS.find(&digest)?];
    before.rsplit_once('[')?.1.split_once(']').map(|(place, _)| place)
}

const BEGIN: &[u8] = b"-----BEGIN ";

/// What follows the label line and the headers under it. Where a next armour begins, this one never ended: without that
/// limit, a file of such lines took a thousand times as long as source code.
fn body(armour: &[u8]) -> &[u8] {
    let Some(label) = armour.strip_prefix(BEGIN) else { return armour };
    let label = memchr::memmem::find(label, BEGIN).map_or(label, |next| &label[..next]);
    let Some(end) = label.windows(5).position(|five| five == b"-----") else { return armour };
    let mut body = &label[end + 5..];
    while let Some(colon) = body.iter().take(200).position(|&byte| byte == b':') {
        let line = body[colon..].iter().position(|byte| matches!(byte, b'\n' | b'\\' | b'\r'));
        match line {
            Some(line) if body[..colon].iter().filter(|byte| byte.is_ascii_alphanumeric()).count() < 24 => {
                body = &body[colon + line..];
            }
            _ => break,
        }
    }
    body
}

/// Dots and stars stand for what was left out.
fn shortened(body: &[u8]) -> bool {
    contains(body, b"...")
        || contains(body, "…".as_bytes())
        || contains(body, b"***")
        || contains(body, b"xxxxxx")
        || contains(body, b"XXXXXX")
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    memchr::memmem::find(text, part).is_some()
}

/// The base64 in it, without line ends, escapes, quotes, joining operators, comment signs and words before the first line.
fn base64(body: &[u8]) -> Vec<u8> {
    let mut text = Vec::with_capacity(body.len());
    let mut run = Vec::new();
    let mut bytes = body.iter().copied().chain([b'\n']);
    while let Some(byte) = bytes.next() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=') {
            run.push(byte);
            continue;
        }
        let begun = !text.is_empty() || run.len() >= 16;
        // The sum of an OpenPGP armour stands alone behind a `=`.
        if begun && run.iter().any(u8::is_ascii_alphanumeric) && run.first() != Some(&b'=') {
            text.append(&mut run);
        }
        run.clear();
        if byte == b'\\' {
            let _escaped = bytes.next();
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::super::tests::weight;

    /// An Ed25519 key in PKCS 8 whose 32 bytes are all 7.
    const SMALL: &str = "MC4CAQAwBQYDK2VwBCIEIAcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcH";

    fn armour(label: &str, body: &str) -> String {
        format!("-----BEGIN {label}-----{body}")
    }

    #[test]
    fn a_key_is_read_in_every_surrounding() {
        let (one, two) = SMALL.split_at(40);
        let rows = [
            ("file", format!("\n{one}\n{two}\n")),
            ("windows file", format!("\r\n{one}\r\n{two}\r\n")),
            ("json string", format!("\\n{one}\\n{two}\\n")),
            ("indented", format!("\n    {one}\n    {two}\n    ")),
            ("joined strings", format!("\\n\" +\n  \"{one}\\n\" +\n  \"{two}\\n\" +\n \"")),
            ("comment", format!("\n// {one}\n// {two}\n// ")),
            ("word after the label", format!(" fake\n{one}\n{two}\n")),
        ];
        for (name, body) in rows {
            assert_eq!(weight("pem", &armour("PRIVATE KEY", &body), &[]), 25, "{name}");
        }
    }

    #[test]
    fn what_is_no_key_loses() {
        let rows = [
            ("dots", "\nMIIEpQIBAAKCAQEAuyf/lNrH9ck8DmNyo3fGxyz3fGxyz3fGxyz...\n", -60),
            ("nothing", "\n", -60),
            ("only the next one", &format!("\n-----BEGIN CERTIFICATE-----\n{SMALL}\n"), -60),
            ("cut without a word", "\nMIIEpQIBAAKCAQEAuyf/lNrH9ck8DmNyo3fGxyz3fGxyz3fGxyz0\n", -60),
            ("a public key", "\nMCowBQYDK2VwAyEABwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=\n", -30),
        ];
        for (name, body, right) in rows {
            assert_eq!(weight("pem", &armour("PRIVATE KEY", body), &[]), right, "{name}");
        }
    }

    #[test]
    fn encrypted_keys_weigh_less() {
        let old = format!("\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,3E17\n\n{SMALL}\n");
        assert_eq!(weight("pem", &armour("RSA PRIVATE KEY", &old), &[]), -40);
        assert_eq!(weight("pem", &armour("ENCRYPTED PRIVATE KEY", &format!("\n{SMALL}\n")), &[]), -40);
        let rows = [
            ("none", concat!("b3BlbnNzaC1rZXktdjEAAAAABG5vbm", "UAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtz"), 25),
            ("aes256-ctr", concat!("b3BlbnNzaC1rZXktdjEAAAAACmFlczI1", "Ni1jdHIAAAAGYmNyeXB0AAAAGAAAABC7"), -40),
        ];
        for (name, body, right) in rows {
            let text = armour("OPENSSH PRIVATE KEY", &format!("\n{body}\n"));
            assert_eq!(weight("pem", &text, &[]), right, "{name}");
            assert_eq!(weight("openssh-key", &text, &[]), right, "{name}");
        }
    }

    #[test]
    fn keys_of_well_known_tests_are_known() {
        // The example of RFC 8410, and the first and the last of the list.
        let rows = [
            ("MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK", "1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC", -60),
            ("MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK", "1bbY8fdp+K06/nwoy/HU++CXqI9EdVhD", 25),
        ];
        for (one, two, right) in rows {
            assert_eq!(weight("pem", &armour("PRIVATE KEY", &format!("\n{one}{two}\n")), &[]), right, "{two}");
        }
        let lines = super::KEYS.lines().filter(|line| !line.starts_with(['#', '[']));
        let mut digests: Vec<&str> = lines.collect();
        let count = digests.len();
        digests.sort_unstable();
        digests.dedup();
        assert!(count > 500 && digests.len() == count, "{count} of which {} differ", digests.len());
        assert!(digests.iter().all(|line| line.len() == 16 && line.bytes().all(|byte| byte.is_ascii_hexdigit())));
    }

    #[test]
    fn headers_of_pgp_are_no_body() {
        let text = armour("PGP PRIVATE KEY BLOCK", &format!("\nVersion: GnuPG v2\n\nlFgE{SMALL}\n=B1+O\n"));
        assert_eq!(weight("pem", &text, &[]), 10);
    }
}
