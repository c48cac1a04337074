//! What is no secret for a reason that outweighs any sum: sealed values, public halves of pairs, digests in lock files,
//! test vectors. Each reason sets a ceiling to the score: nothing, or a warning. It refuses to be generous: a reason
//! asks for the form of the value as well as for its surroundings, so that a secret in the same place is still found.

mod public;
mod vectors;

use public::{is_address, is_half_by_name, is_openpgp, is_said_before, is_sealed_key};
use vectors::{is_among_bytes, is_of_vectors, is_test_bytes, is_test_vector, is_tested_digest};

use super::ceiling::{NOTHING, REVIEW};
use super::checks::decode_base64;
use super::placeholder::placeholder;
use super::shape::{Shape, shape};
use super::surroundings::Role;
use crate::assign::{Candidate, Form};

/// Values from this length on are keys: one that repeats or counts opens nothing.
const LONG: usize = 16;

/// What the path of a file says to the reasons here.
#[expect(clippy::struct_excessive_bools, reason = "each is a sign of its own")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Signs {
    /// It lists what was downloaded, with digests.
    lock: bool,
    /// It is of the format in which answers of ciphers are published.
    rsp: bool,
    /// Its name, or that of a folder it is in, says that it holds test vectors.
    vectors: bool,
    test: bool,
}

impl Signs {
    #[must_use]
    pub fn of(path: &str) -> Self {
        Self {
            lock: LOCKS.iter().any(|end| path.ends_with(end)),
            rsp: path.rsplit('.').next() == Some("rsp"),
            vectors: vectors::path_is(path),
            test: is_test(path),
        }
    }
}

/// Why the value beside a name is no secret, and the most that it can be worth; nothing where it may be one.
#[must_use]
pub fn harmless(text: &[u8], candidate: &Candidate, role: &Role<'_>) -> Option<(&'static str, i32)> {
    if candidate.form == Form::Basic {
        return None;
    }
    let place = Place { text, candidate, name: folded(candidate.name.of(text)), value: candidate.value.of(text), role };
    let (_, why, most) = REASONS.iter().find(|(holds, ..)| holds(&place))?;
    Some((why, *most))
}

/// A value, and all that may speak for it.
struct Place<'p> {
    text: &'p [u8],
    candidate: &'p Candidate,
    /// Letters and digits of the name, in lower case.
    name: Vec<u8>,
    value: &'p [u8],
    role: &'p Role<'p>,
}

type Test = fn(&Place<'_>) -> bool;

static REASONS: [(Test, &str, i32); 20] = [
    (is_sealed, "sealed", NOTHING),
    (is_placeholder, "no-value-at-all", NOTHING),
    (is_half_a_jwt, "half-a-jwt", NOTHING),
    (is_words_in_base64, "words-in-base64", NOTHING),
    (is_sealed_key, "sealed", REVIEW),
    (is_public_half, "public-half", NOTHING),
    (is_openpgp, "public-half", NOTHING),
    (is_said_before, "its-own-name", NOTHING),
    (is_address, "an-address", NOTHING),
    (is_half_by_name, "public-half", REVIEW),
    (is_handshake, "handshake", NOTHING),
    (is_id_of_a_key, "id-of-a-key", NOTHING),
    (is_locked, "digest-in-a-lock-file", NOTHING),
    (is_test_vector, "test-vector", NOTHING),
    (is_test_bytes, "bytes-of-a-test", REVIEW),
    (is_tested_digest, "a-digest", REVIEW),
    (is_of_vectors, "test-vector", REVIEW),
    (is_among_bytes, "among-other-bytes", REVIEW),
    (is_publishable, "publishable", REVIEW),
    (is_site_key, "publishable", REVIEW),
];

fn folded(name: &[u8]) -> Vec<u8> {
    name.iter().filter(|byte| byte.is_ascii_alphanumeric()).map(u8::to_ascii_lowercase).collect()
}

fn holds(text: &[u8], part: &str) -> bool {
    memchr::memmem::find(text, part.as_bytes()).is_some()
}

/// What an encrypted value begins with, whether it is read as a part of it or stands directly before it.
static SEALS: [&str; 6] = ["{cipher}", "ENC[", "ENC(", "encrypted:", "DEC(", "__encrypt__"];

fn is_sealed(place: &Place<'_>) -> bool {
    let before = place.text.get(..place.candidate.value.start).unwrap_or_default();
    SEALS.iter().any(|seal| before.ends_with(seal.as_bytes()) || place.value.starts_with(seal.as_bytes()))
}

fn is_placeholder(place: &Place<'_>) -> bool {
    if place.value.trim_ascii().is_empty() {
        return true;
    }
    match placeholder(place.value) {
        Some("sealed" | "reference" | "published-example" | "planted-word") => true,
        Some("repeated" | "sequential" | "periodic") => place.value.len() >= LONG,
        _ => false,
    }
}

/// The header of a JWT without the rest, or with a signature that none has.
fn is_half_a_jwt(place: &Place<'_>) -> bool {
    if !place.value.starts_with(b"eyJ") {
        return false;
    }
    let mut parts = place.value.split(|byte| *byte == b'.');
    let header = parts.next().and_then(decode_base64);
    let last = parts.next_back();
    header.is_some_and(|header| holds(&header, "\"alg\"")) && last.is_none_or(|signature| signature.len() < 20)
}

/// Base64 of what a document says in place of a secret.
fn is_words_in_base64(place: &Place<'_>) -> bool {
    shape(place.value) == Shape::Base64Text
        && decode_base64(place.value)
            .is_some_and(|text| placeholder(&text).is_some() || shape(&text) == Shape::Sentence)
}

/// What may follow `public key` in the name of one.
static PUBLIC_TAILS: [&str; 15] = [
    "",
    "s",
    "pem",
    "der",
    "hex",
    "base64",
    "b64",
    "bytes",
    "string",
    "data",
    "value",
    "prod",
    "production",
    "development",
    "staging",
];

fn is_public_half(place: &Place<'_>) -> bool {
    if matches!(shape(place.value), Shape::PublicKey | Shape::Certificate | Shape::Integrity) {
        return true;
    }
    if place.name.ends_with(b"publickeytoken") {
        return place.value.len() == 16 && place.value.iter().all(u8::is_ascii_hexdigit);
    }
    let named = ["publickey", "pubkey", "authorizedkey"].iter().any(|word| {
        memchr::memmem::find(&place.name, word.as_bytes()).is_some_and(|at| {
            let tail = &place.name[at + word.len()..];
            PUBLIC_TAILS.iter().any(|known| known.as_bytes() == tail) && !holds(&place.name[..at], "private")
        })
    });
    // A name can be wrong; a private key in PEM below it is the rule for private keys' business.
    named && !holds(place.value, "PRIVATE")
}

/// Nonces and answers that both sides of a handshake send in clear.
fn is_handshake(place: &Place<'_>) -> bool {
    let named = ["secwebsocketkey", "secwebsocketaccept", "rspauth", "oauthsignature"];
    // A signature of one request, to Amazon's services.
    named.iter().any(|name| place.name.ends_with(name.as_bytes()))
        || place.value.starts_with(b"AWS4-HMAC-SHA256")
        || is_challenge(place)
}

/// What a server of certificates asks a client to show to all, by ACME.
fn is_challenge(place: &Place<'_>) -> bool {
    let start = place.candidate.value.start;
    let before = place.text.get(start.saturating_sub(160)..start).unwrap_or_default();
    let kinds = ["HTTP01(", "DNS01(", "TLSALPN01(", "http-01", "dns-01", "tls-alpn-01"];
    place.name.ends_with(b"keyauthorization")
        || place.name.ends_with(b"token") && kinds.iter().any(|kind| holds(before, kind))
}

/// The fingerprint, or the end of it, that OpenPGP calls a key by.
fn is_id_of_a_key(place: &Place<'_>) -> bool {
    let upper = place.value.iter().all(|byte| byte.is_ascii_digit() || (b'A'..=b'F').contains(byte));
    let named = ["gpg", "pgp", "signingkey", "signkey", "recvkey"].iter().any(|word| holds(&place.name, word));
    let hex = place.value.iter().all(u8::is_ascii_hexdigit);
    matches!(place.value.len(), 8 | 16 | 40) && (upper && named || hex && place.name.ends_with(b"keyid"))
}

/// Names and endings of files that list what was downloaded, with a digest of each.
static LOCKS: [&str; 11] = [
    ".lock",
    "-lock.json",
    "-lock.yaml",
    "go.sum",
    "npm-shrinkwrap.json",
    ".lock.hcl",
    "Package.resolved",
    "packages.lock.json",
    "verification-metadata.xml",
    ".lockfile",
    ".cargo-checksum.json",
];

fn is_locked(place: &Place<'_>) -> bool {
    place.role.signs().lock && matches!(shape(place.value), Shape::HexDigest(_))
}

/// Whether a part of the path says that the file is for tests.
fn is_test(path: &str) -> bool {
    let parts = path.split(|sign: char| !sign.is_ascii_alphabetic()).map(str::to_ascii_lowercase);
    let begins = ["test", "bench", "vector", "fixture", "spec", "wycheproof", "kat"];
    parts.into_iter().any(|part| {
        begins.iter().any(|word| part.starts_with(word))
            || (part.ends_with("test") || part.ends_with("tests")) && part != "latest" && part != "fastest"
    })
}

/// Beginnings that vendors give to keys for pages and apps.
static PUBLISHABLE: [&str; 6] = ["pk.eyJ", "pk_live_", "pk_test_", "sb_publishable_", "phc_", "rzp_live_"];

fn is_publishable(place: &Place<'_>) -> bool {
    let client = place.value.len() == 35
        && place.value.starts_with(b"pub")
        && place.value[3..].iter().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(byte));
    client || PUBLISHABLE.iter().any(|start| place.value.starts_with(start.as_bytes()))
}

fn is_site_key(place: &Place<'_>) -> bool {
    ["sitekey", "publishablekey"].iter().any(|word| place.name.ends_with(word.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assign::{KEYWORDS, candidates_at};

    /// The first reason that holds for a value in a text.
    fn why(path: &str, text: &str) -> &'static str {
        let folded = text.to_ascii_lowercase();
        let mut found = "";
        for (at, _) in KEYWORDS.iter().flat_map(|keyword| folded.match_indices(keyword)) {
            candidates_at(text.as_bytes(), at, &mut |candidate| {
                if let Some((why, _)) =
                    harmless(text.as_bytes(), &candidate, &Role::of(path)).filter(|_| found.is_empty())
                {
                    found = why;
                }
            });
        }
        found
    }

    /// A value that is a secret wherever it stands, as text and as hex.
    const RANDOM: &str = concat!("q7Xv2Lp9Zm4KwR8t", "B3nY6cJ1");
    const HEX: &str = concat!("9f2c71be04ad83e6", "5f1b27d8a6403c5e");

    #[test]
    #[expect(clippy::too_many_lines, reason = "a table")]
    fn each_reason_asks_for_form_and_surroundings() {
        let rows = [
            ("a.yml", "password: ENC(@)", "sealed"),
            ("a.yml", "password: '{cipher}%'", "sealed"),
            ("a.yml", "password: '(cipher)%'", ""),
            ("a.yml", "password: op://prod/db/password", "no-value-at-all"),
            ("a.env", "API_KEY=deadbeefdeadbeefdeadbeefdeadbeef", "no-value-at-all"),
            ("a.env", "PASSWORD=abcabcabc", ""),
            ("a.py", "token = 'eyJhbGciOiJIUzI1NiJ9'", "half-a-jwt"),
            ("a.py", "token = 'eyJhbGciOiJub25lIn0.e30.'", "half-a-jwt"),
            ("a.py", "token = 'eyJhbGciOiJIUzI1NiJ9.e30.@'", ""),
            ("a.py", "password = 'bm90IG15IHJlYWwgcGFzc3dvcmQ='", "words-in-base64"),
            ("a.py", "password = 'cTdYdjJMcDlabTRLd1I4dA=='", ""),
            ("a.conf", "PublicKey = @", "public-half"),
            ("a.env", "PUBLIC_KEY_PRODUCTION=@", "public-half"),
            ("a.env", "PUBLIC_KEY_PASSWORD=@", ""),
            ("a.env", "NEXT_PUBLIC_API_KEY=@", ""),
            ("a.cs", "PublicKeyToken=b77a5c561934e089", "public-half"),
            ("a.cs", "PublicKeyToken=@", ""),
            ("a.http", "Sec-WebSocket-Key: @", "handshake"),
            ("a.http", "X-Socket-Key: @", ""),
            ("a.py", "challenges.HTTP01(token=b'@')", "handshake"),
            ("a.json", "{\"type\": \"http-01\", \"token\": \"@\"}", "handshake"),
            ("a.json", "{\"type\": \"http-02\", \"token\": \"@\"}", ""),
            ("a.json", "{\"type\": \"http-01\", \"password\": \"@\"}", ""),
            ("a.yml", "password: __encrypt__@", "sealed"),
            ("a.env", "AUTHORIZED_KEY=@", "public-half"),
            ("a.json", "\"private_key_id\": \"9f2c71be04ad83e65f1b27d8a6403c5e1b7d44a0\"", "id-of-a-key"),
            ("a.json", "\"private_key\": \"9f2c71be04ad83e65f1b27d8a6403c5e1b7d44a0\"", ""),
            ("a.rs", "key = \"ed25519:6E8sCci9badyRkXb3JoRpBj5p8C6Tw41ELDZoiihKEtp\"", "public-half"),
            ("Dockerfile", "ENV GPG_KEY=9F2C71BE04AD83E65F1B27D8A6403C5E1B7D44A0", "id-of-a-key"),
            ("Dockerfile", "ENV GPG_KEY=@", ""),
            ("Podfile.lock", "FirebaseAuth: %", "digest-in-a-lock-file"),
            ("Podfile.lock", "FirebaseAuth: @", ""),
            ("Podfile", "FirebaseAuth: %", ""),
            ("gcm.rsp", "Key = %", "test-vector"),
            ("a.json", "{\"tcId\": 1, \"key\": \"%\"}", "test-vector"),
            ("tests/a.txt", "Key = %\nIV = 00\nPT = 00", "test-vector"),
            ("src/a.txt", "Key = %\nIV = 00\nPT = 00", "bytes-of-a-test"),
            ("src/a.txt", "Key = %\nIV = 00", ""),
            ("tests/a.py", "key = unhexlify('%')", "bytes-of-a-test"),
            ("src/a.py", "key = unhexlify('%')", ""),
            ("src/latest.py", "key = unhexlify('%')", ""),
            ("a.txt", "PeerKey=BOB_cf_wap-wsg-idm-ecid-wtls10_PUB", "public-half"),
            ("a.js", "token: 'pk_live_@'", "publishable"),
            ("a.rs", "#[test]\nfn a() { secret_key: hex!(\"%\") }", "bytes-of-a-test"),
            ("a.rs", "fn a() { secret_key: hex!(\"%\") }", ""),
            (
                "a.rs",
                "key = hex!(\"9f2c71be 04ad83e6 5f1b27d8 a6403c5e\"); mod tests { const IV: 1; tag = 2 }",
                "bytes-of-a-test",
            ),
            ("tests/kdf.t", "kdfopt hexkey:%", "bytes-of-a-test"),
            ("kdf.t", "kdfopt hexkey:%", ""),
            ("tests/A.java", "String expectedSharedSecret = \"%\";", "bytes-of-a-test"),
            ("src/nip44.vectors.json", "\"conversation_key\": \"@\"", "test-vector"),
            ("src/nip44.vectored.json", "\"conversation_key\": \"@\"", ""),
            (
                "tests/a.txt",
                "key = %\na1b2c3d4e5f60718293a4b5c6d7e8f90 b1b2c3d4e5f60718293a4b5c6d7e8f90 \
                c1b2c3d4e5f60718293a4b5c6d7e8f90 d1b2c3d4e5f60718293a4b5c6d7e8f90",
                "among-other-bytes",
            ),
            (
                "prod.env",
                "A_KEY=%\nB_ID=a1b2c3d4e5f60718293a4b5c6d7e8f90\nC_ID=b1b2c3d4e5f60718293a4b5c6d7e8f90\n\
                D_ID=c1b2c3d4e5f60718293a4b5c6d7e8f90\nE_ID=d1b2c3d4e5f60718293a4b5c6d7e8f90",
                "",
            ),
            ("a.py", "key('bc1q2j845rqtpndyg067zhcta3dqd0qv0m3j4yvcw0')", "an-address"),
            ("a.py", "key('bc1q2j845rqtpndyg067zhcta3dqd0qv0m3j4yvcw')", ""),
            ("a.java", "secretKey = \"mQENBF2fiQABCACotBYSynnO2fcy65n7IIwcdDM7\"", "public-half"),
            ("a.java", "secretKey = \"lQOYBF2fiQABCACotBYSynnO2fcy65n7IIwcdDM7\"", ""),
            ("a.json", "\"token@\": \"token@\"", "its-own-name"),
            ("a.json", "\"token\": \"0xaf88d065e77c8cC2239327C5EDb3A432268e5831\"", "an-address"),
            ("a.rs", "let fake_key = Ed25519PublicKey::from_base64(\"@\")", "public-half"),
            ("a.json", "\"sender_key\": \"@\"", "public-half"),
            ("a.json", "{\"key\": \"@\", \"signatures\": {}}", "public-half"),
            ("a.json", "{\"key\": \"@\", \"signed\": 1}", ""),
            ("a.json", "{\"key_id\": 7, \"key\": \"u5e1Z25+z8pmgVVt5Pd8k0z/sKpVL1MXYtRAecE4vm8=\"}", "public-half"),
            ("a.json", "{\"key_id\": 7, \"secret_key\": \"u5e1Z25+z8pmgVVt5Pd8k0z/sKpVL1MXYtRAecE4vm8=\"}", ""),
            ("a.txt", "Authorization: AWS4-HMAC-SHA256 Credential=@/20220809/us-east-1", "handshake"),
            ("a.c", "PASSWORD = \"        \"", "no-value-at-all"),
            ("v8/.cargo-checksum.json", "\"stop_token\":\"%\"", "digest-in-a-lock-file"),
            ("tests/a.pm", "my $passwd = 'qUqP5cyxm6YcTAhz05Hph5gvu9M=';", "a-digest"),
            ("lib/a.pm", "my $passwd = 'qUqP5cyxm6YcTAhz05Hph5gvu9M=';", ""),
            ("a.json", "\"sender_api_key\": \"@\"", ""),
            ("a.java", "key = \"MIIFDjBABgkqhkiG9w0BBQ0wMzAbBgkqhkiG9w0BBQwwDgQIS2qgprFqPxECAggA\"", "sealed"),
            ("a.html", "data-sitekey=\"@\"", "publishable"),
        ];
        for (path, text, expected) in rows {
            let text = text.replace('@', RANDOM).replace('%', HEX);
            assert_eq!(why(path, &text), expected, "{path}: {text}");
        }
    }
}
