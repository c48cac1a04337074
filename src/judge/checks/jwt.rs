//! JSON Web Tokens: what header and claims say. Signatures are verified with keys that are published, and no others.

use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::Value;
use sha2::Sha256;

use super::clock::{FIRST_DATE, date, now};
use super::encoded::{decode, printable};
use super::{Check, REFUTED, STRUCTURE};
use crate::judge::Reason;
use crate::rule::{Args, Match};

/// Keys of introductions and local stacks: who reads them can sign the same token.
const PUBLISHED_KEYS: &[&[u8]] = &[
    b"secret",
    b"your-256-bit-secret",
    b"your-secret",
    b"your_jwt_secret",
    b"a-string-secret-at-least-256-bits-long",
    b"super-secret-jwt-token-with-at-least-32-characters-long",
];
/// It opens what trusts a key that all know: an example, or a mistake of another kind.
const SAMPLE: i16 = -40;

/// `jwt: {from}`: the header is JSON with an `alg`; unsigned, expired and published tokens lose weight. The token begins
/// at the first `from`, if that is given.
pub struct Jwt;

impl Check for Jwt {
    fn name(&self) -> &'static str {
        "jwt"
    }

    fn parameters(&self) -> &'static [&'static str] {
        &["from"]
    }

    fn weigh(&self, found: &Match<'_>, args: &Args) -> Option<Reason> {
        let mut token = found.secret().expose();
        if let Some(from) = args.get("from") {
            token = &token[memchr::memmem::find(token, from.as_bytes())?..];
        }
        let mut parts = token.split(|&byte| byte == b'.');
        let (header, payload, signature) = (parts.next()?, parts.next()?, parts.next()?);
        let Some(algorithm) = json(header).as_ref().and_then(|header| header.get("alg")?.as_str().map(str::to_owned))
        else {
            return Some(Reason::new("structure-broken", REFUTED));
        };
        if algorithm.eq_ignore_ascii_case("none") {
            return Some(Reason::new("unsigned", REFUTED));
        }
        let claims = json(payload).unwrap_or(Value::Null);
        if let Some(reason) = says_nothing(&claims, payload).or_else(|| claimed(&claims)) {
            return Some(reason);
        }
        if algorithm == "HS256" && signed_by_all(&token[..header.len() + 1 + payload.len()], signature) {
            return Some(Reason::new("signed-with-a-published-key", SAMPLE));
        }
        let fits = signature_length(&algorithm).is_none_or(|length| length == signature.len());
        let reason = Reason::new(
            if fits { "structure-holds" } else { "signature-length" },
            if fits { STRUCTURE } else { -STRUCTURE },
        );
        Some(match claims.get("iss").and_then(Value::as_str).and_then(printable) {
            Some(issuer) => reason.noted(format!("issuer {issuer}")),
            None => reason,
        })
    }
}

/// Claims that are cut short, so that who asks for them cannot read them, and a token that claims nothing.
fn says_nothing(claims: &Value, payload: &[u8]) -> Option<Reason> {
    if claims.as_object().is_some_and(serde_json::Map::is_empty) {
        return Some(Reason::new("no-claims", SAMPLE));
    }
    let text = claims.is_null().then(|| decode(payload)).flatten()?;
    let cut = text.starts_with(b"{") && text.is_ascii() && text.trim_ascii_end().last() != Some(&b'}');
    cut.then(|| Reason::new("structure-broken", SAMPLE))
}

/// What the claims say against the token: a published one, one that every visitor is given, one that has ended.
fn claimed(claims: &Value) -> Option<Reason> {
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    let demo = text("iss") == Some("supabase-demo");
    if demo || (text("sub") == Some("1234567890") && text("name") == Some("John Doe")) {
        return Some(Reason::new("published-example", REFUTED));
    }
    if text("iss") == Some("supabase") && text("role") == Some("anon") {
        return Some(Reason::new("publishable", SAMPLE));
    }
    let end = claims.get("exp")?;
    let end = end.as_u64().or_else(|| end.as_f64().map(|seconds| seconds as u64))?;
    (FIRST_DATE..now()).contains(&end).then(|| Reason::new("expired", -20).noted(date(end)))
}

fn signed_by_all(signed: &[u8], signature: &[u8]) -> bool {
    let Some(signature) = decode(signature).filter(|bytes| bytes.len() == 32) else { return false };
    PUBLISHED_KEYS.iter().any(|key| {
        let mac = Hmac::<Sha256>::new_from_slice(key).map(|mac| mac.chain_update(signed));
        mac.is_ok_and(|mac| mac.verify_slice(&signature).is_ok())
    })
}

fn json(part: &[u8]) -> Option<Value> {
    serde_json::from_slice(&decode(part)?).ok()
}

/// Characters of the signature, where the algorithm fixes them.
fn signature_length(algorithm: &str) -> Option<usize> {
    match algorithm {
        "HS256" => Some(43),
        "HS384" => Some(64),
        "HS512" | "ES256" | "EdDSA" => Some(86),
        "ES384" => Some(128),
        "ES512" => Some(176),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    use super::super::tests::reason;

    fn token(header: &str, claims: &str, signature: usize) -> String {
        format!("{}.{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims), "k".repeat(signature))
    }

    #[test]
    fn header_and_claims_speak() {
        let rows = [
            (
                "signed",
                r#"{"alg":"HS256"}"#,
                r#"{"iss":"https://id.acme.io"}"#,
                43,
                10,
                Some("issuer https://id.acme.io"),
            ),
            ("odd algorithm", r#"{"alg":"hx89"}"#, r#"{"a":1}"#, 43, 10, None),
            ("unsigned", r#"{"alg":"none"}"#, "{}", 43, -60, None),
            ("no algorithm", r#"{"typ":"JWT"}"#, "{}", 43, -60, None),
            ("no JSON", "abc", "{}", 43, -60, None),
            ("expired", r#"{"alg":"HS256"}"#, r#"{"exp":1709251200}"#, 43, -20, Some("2024-03-01")),
            ("expired, not whole", r#"{"alg":"HS256"}"#, r#"{"exp":1709251200.5}"#, 43, -20, Some("2024-03-01")),
            (
                "service account",
                r#"{"alg":"RS256","kid":""}"#,
                r#"{"iss":"kubernetes/serviceaccount"}"#,
                342,
                10,
                Some("issuer kubernetes/serviceaccount"),
            ),
            ("visitors", r#"{"alg":"HS256"}"#, r#"{"iss":"supabase","role":"anon","exp":4102444800}"#, 43, -40, None),
            (
                "service role",
                r#"{"alg":"HS256"}"#,
                r#"{"iss":"supabase","role":"service_role","exp":4102444800}"#,
                43,
                10,
                Some("issuer supabase"),
            ),
            ("local stack", r#"{"alg":"HS256"}"#, r#"{"iss":"supabase-demo","role":"anon"}"#, 43, -60, None),
            ("introduction", r#"{"alg":"HS256"}"#, r#"{"sub":"1234567890","name":"John Doe"}"#, 43, -60, None),
            ("small number", r#"{"alg":"HS256"}"#, r#"{"exp":9}"#, 43, 10, None),
            ("short signature", r#"{"alg":"HS256"}"#, r#"{"a":1}"#, 30, -10, None),
            ("claims are no JSON", r#"{"alg":"HS256"}"#, "abc", 43, 10, None),
            ("claims cut short", r#"{"alg":"HS256"}"#, "{\"iss\":\"https://id.acme", 43, -40, None),
            ("no claims", r#"{"alg":"HS256"}"#, "{}", 43, -40, None),
        ];
        for (name, header, claims, signature, weight, note) in rows {
            let found = reason("jwt", &token(header, claims, signature), &[]).expect(name);
            assert_eq!((found.weight, found.note.as_deref()), (weight, note), "{name}");
        }
    }

    #[test]
    fn worked_token_is_signed_with_a_word() {
        let token = concat!(
            "ey",
            "JhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIiwiaWF0IjoxNTE2MjM5MDIyfQ.t42p4AHef69Tyyi88U6-p0utZYYrg7mmCGhoAd7Zffs"
        );
        assert_eq!(reason("jwt", token, &[]).map(|found| found.name), Some("signed-with-a-published-key"));
        let other = token.replace("t42p", "t43p");
        assert_eq!(reason("jwt", &other, &[]).map(|found| found.weight), Some(10));
        let prefixed = format!("ghs_17_{other}");
        assert_eq!(reason("jwt", &prefixed, &[("from", "eyJ")]).map(|found| found.weight), Some(10));
        assert_eq!(reason("jwt", &prefixed, &[]).map(|found| found.weight), Some(-60));
    }
}
