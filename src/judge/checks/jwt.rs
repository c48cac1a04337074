//! JSON Web Tokens: what header and claims say. Signatures are not verified: that needs a key that is not here.

use std::sync::OnceLock;
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::Value;

use super::encoded::decode;
use super::{Check, REFUTED, STRUCTURE};
use crate::judge::Reason;
use crate::rule::{Args, Match};

/// An `exp` before 2010 is a test's small number, not a date.
const FIRST_DATE: u64 = 1_262_304_000;

/// `jwt`: the header is JSON with an `alg`; unsigned and expired tokens lose weight.
pub struct Jwt;

impl Check for Jwt {
    fn name(&self) -> &'static str {
        "jwt"
    }

    fn weigh(&self, found: &Match<'_>, _args: &Args) -> Option<Reason> {
        let mut parts = found.secret().expose().split(|&byte| byte == b'.');
        let (header, claims, signature) = (parts.next()?, parts.next()?, parts.next()?);
        let Some(algorithm) = json(header).as_ref().and_then(|header| header.get("alg")?.as_str().map(str::to_owned))
        else {
            return Some(Reason::new("structure-broken", REFUTED));
        };
        if algorithm.eq_ignore_ascii_case("none") {
            return Some(Reason::new("unsigned", REFUTED));
        }
        let claims = json(claims);
        let claim = |name: &str| claims.as_ref().and_then(|claims| claims.get(name));
        if let Some(end) = claim("exp").and_then(Value::as_u64).filter(|end| (FIRST_DATE..now()).contains(end)) {
            return Some(Reason::new("expired", -20).noted(date(end)));
        }
        let fits = signature_length(&algorithm).is_none_or(|length| length == signature.len());
        let reason = Reason::new(
            if fits { "structure-holds" } else { "signature-length" },
            if fits { STRUCTURE } else { -STRUCTURE },
        );
        Some(match claim("iss").and_then(Value::as_str).and_then(issuer) {
            Some(issuer) => reason.noted(format!("issuer {issuer}")),
            None => reason,
        })
    }
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

/// The issuer as text that is safe to print: a name or an address, without what may follow a `?`.
fn issuer(name: &str) -> Option<&str> {
    let name = name.split('?').next()?;
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "./:_-".contains(letter);
    (!name.is_empty() && name.len() <= 80 && name.chars().all(plain)).then_some(name)
}

/// Seconds since 1970, the same for a whole run: the only clock in the pipeline.
fn now() -> u64 {
    static NOW: OnceLock<u64> = OnceLock::new();
    *NOW.get_or_init(|| SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs()))
}

/// The day, as 2024-03-01. Counts in eras of 400 years that begin on 1 March (the days-from-civil method).
fn date(seconds: u64) -> String {
    let days = seconds / 86_400 + 719_468;
    let (era, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    format!("{}-{month:02}-{day:02}", year + era * 400 + u64::from(month <= 2))
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    use super::super::tests::reason;
    use super::*;

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
            ("odd algorithm", r#"{"alg":"hx89"}"#, "{}", 43, 10, None),
            ("unsigned", r#"{"alg":"none"}"#, "{}", 43, -60, None),
            ("no algorithm", r#"{"typ":"JWT"}"#, "{}", 43, -60, None),
            ("no JSON", "abc", "{}", 43, -60, None),
            ("expired", r#"{"alg":"HS256"}"#, r#"{"exp":1709251200}"#, 43, -20, Some("2024-03-01")),
            ("small number", r#"{"alg":"HS256"}"#, r#"{"exp":9}"#, 43, 10, None),
            ("short signature", r#"{"alg":"HS256"}"#, "{}", 30, -10, None),
            ("claims are no JSON", r#"{"alg":"HS256"}"#, "abc", 43, 10, None),
        ];
        for (name, header, claims, signature, weight, note) in rows {
            let found = reason("jwt", &token(header, claims, signature), &[]).expect(name);
            assert_eq!((found.weight, found.note.as_deref()), (weight, note), "{name}");
        }
    }

    #[test]
    fn worked_token_holds() {
        let token = concat!(
            "ey",
            "JhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIiwiaWF0IjoxNTE2MjM5MDIyfQ.t42p4AHef69Tyyi88U6-p0utZYYrg7mmCGhoAd7Zffs"
        );
        assert_eq!(reason("jwt", token, &[]).map(|found| found.weight), Some(10));
    }

    #[test]
    fn dates_of_the_calendar() {
        for (seconds, day) in [
            (0, "1970-01-01"),
            (951_782_400, "2000-02-29"),
            (1_709_251_200, "2024-03-01"),
            (4_102_444_799, "2099-12-31"),
        ] {
            assert_eq!(date(seconds), day);
        }
    }
}
