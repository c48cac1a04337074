//! Private keys in armour: whether there is a key in it at all, and whether it is encrypted.
//! The armour may stand in a file, in a YAML block, in a JSON string or in the pieces of a source code string.

use super::der::{Outline, outline};
use super::encoded::decode;
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
        if bytes.starts_with(OPENSSH) {
            return openssh(&bytes);
        }
        if contains(armour, b"PGP PRIVATE") {
            return Some(packet(&bytes));
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

/// An OpenPGP packet with a secret key: tag 5 in the old or the new form.
const fn packet(bytes: &[u8]) -> Reason {
    match bytes.first() {
        Some(0x94..=0x97 | 0xc5) => Reason::new("key-parses", STRUCTURE),
        _ => Reason::new("structure-broken", -DAMAGED),
    }
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
    fn headers_of_pgp_are_no_body() {
        let text = armour("PGP PRIVATE KEY BLOCK", &format!("\nVersion: GnuPG v2\n\nlFgE{SMALL}\n=B1+O\n"));
        assert_eq!(weight("pem", &text, &[]), 10);
    }
}
