//! Base64 with something readable inside, and the one decoder the other checks use.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{GeneralPurpose, GeneralPurposeConfig};

use super::{Check, DOUBTED, STRUCTURE};
use crate::judge::Reason;
use crate::rule::{Args, Match};

// Tokens are cut and joined by hand, so the bits after the last whole byte are not held against them.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(base64::engine::DecodePaddingMode::RequireNone),
);

/// Base64 of either alphabet, padded or not.
pub fn decode(text: &[u8]) -> Option<Vec<u8>> {
    let end = text.iter().rposition(|&byte| byte != b'=').map_or(0, |last| last + 1);
    let plain: Vec<u8> = text[..end]
        .iter()
        .map(|byte| match byte {
            b'-' => b'+',
            b'_' => b'/',
            other => *other,
        })
        .collect();
    LENIENT.decode(plain).ok()
}

/// `base64-json: {skip, has}`: without its first `skip` bytes it is the base64 of a JSON object that has the key `has`.
pub struct Base64Json;

impl Check for Base64Json {
    fn name(&self) -> &'static str {
        "base64-json"
    }

    fn parameters(&self) -> &'static [&'static str] {
        &["skip", "has"]
    }

    fn weigh(&self, found: &Match<'_>, args: &Args) -> Option<Reason> {
        let text = found.secret().expose().get(args.number("skip").unwrap_or(0)..)?;
        let json = decode(text).and_then(|bytes| serde_json::from_slice::<serde_json::Value>(&bytes).ok());
        let right = match (json.as_ref().and_then(|json| json.as_object()), args.get("has")) {
            (Some(object), Some(key)) => object.contains_key(key),
            (Some(_), None) => true,
            (None, _) => false,
        };
        Some(structure(right))
    }
}

/// `base64-text: {has}`: the base64 of printable text that contains `has`.
pub struct Base64Text;

impl Check for Base64Text {
    fn name(&self) -> &'static str {
        "base64-text"
    }

    fn parameters(&self) -> &'static [&'static str] {
        &["has"]
    }

    fn weigh(&self, found: &Match<'_>, args: &Args) -> Option<Reason> {
        let text = decode(found.secret().expose()).and_then(|bytes| String::from_utf8(bytes).ok());
        let right = text.is_some_and(|text| {
            !text.chars().any(char::is_control) && args.get("has").is_none_or(|part| text.contains(part))
        });
        Some(structure(right))
    }
}

const fn structure(right: bool) -> Reason {
    if right { Reason::new("structure-holds", STRUCTURE) } else { Reason::new("structure-broken", DOUBTED) }
}

#[cfg(test)]
mod tests {
    use super::super::tests::weight;
    use super::*;

    #[test]
    fn either_alphabet_with_or_without_padding() {
        for text in ["+/8=", "-_8", "+/8", "-_8="] {
            assert_eq!(decode(text.as_bytes()), Some(vec![0xfb, 0xff]), "{text}");
        }
        assert_eq!(decode(b"a b"), None);
    }

    #[test]
    fn json_needs_its_key() {
        let rows = [("xyz_eyJrIjoiYSJ9", 10), ("xyz_eyJuIjoiYSJ9", -30), ("xyz_eyJrIjoi", -30), ("xyz_", -30)];
        for (text, right) in rows {
            assert_eq!(weight("base64-json", text, &[("skip", "4"), ("has", "k")]), right, "{text}");
        }
    }

    #[test]
    fn text_needs_its_colon() {
        for (text, right) in [("YTpi", 10), ("YWJj", -30), ("AAAA", -30)] {
            assert_eq!(weight("base64-text", text, &[("has", ":")]), right, "{text}");
        }
    }
}
