//! Base64 with something readable inside, and the one decoder the other checks use.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{GeneralPurpose, GeneralPurposeConfig};
use serde_json::Value;

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
#[must_use]
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

/// `base64-json: {only, skip, until, has, notes}`, for values that begin with `only`: without its first `skip` bytes, and up to the character `until`, it is the
/// base64 of a JSON object that has the key `has`. `notes` names keys whose values are told (`org url`, `o=organisation`).
pub struct Base64Json;

impl Check for Base64Json {
    fn name(&self) -> &'static str {
        "base64-json"
    }

    fn parameters(&self) -> &'static [&'static str] {
        &["only", "skip", "until", "has", "notes"]
    }

    fn weigh(&self, found: &Match<'_>, args: &Args) -> Option<Reason> {
        let token = found.secret().expose();
        if !token.starts_with(args.get("only").unwrap_or_default().as_bytes()) {
            return None;
        }
        let text = token.get(args.number("skip").unwrap_or(0)..)?;
        let until = args.get("until").and_then(|until| until.bytes().next());
        let end = text.iter().position(|byte| Some(*byte) == until).unwrap_or(text.len());
        let json = decode(&text[..end]).and_then(|bytes| serde_json::from_slice::<Value>(&bytes).ok());
        let Some(object) = json.as_ref().and_then(Value::as_object) else { return Some(structure(false)) };
        let reason = structure(args.get("has").is_none_or(|key| object.contains_key(key)));
        let notes = args.get("notes").unwrap_or_default().split_ascii_whitespace().filter_map(|note| {
            let (key, label) = note.split_once('=').unwrap_or((note, note));
            Some(format!("{label} {}", plain(object.get(key)?)?))
        });
        let notes: Vec<String> = notes.collect();
        Some(if notes.is_empty() { reason } else { reason.noted(notes.join(", ")) })
    }
}

/// A number, or a name or an address that is safe to print, without what may follow a `?`.
fn plain(value: &Value) -> Option<String> {
    match value {
        Value::Number(number) => Some(number.to_string()),
        Value::String(name) => printable(name).map(str::to_owned),
        _ => None,
    }
}

/// A name or an address that is safe to print, without what may follow a `?`.
pub fn printable(name: &str) -> Option<&str> {
    let name = name.split('?').next()?;
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "./:_-".contains(letter);
    (!name.is_empty() && name.len() <= 80 && name.chars().all(plain)).then_some(name)
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
    use base64::engine::general_purpose::STANDARD_NO_PAD;

    use super::super::tests::{reason, weight};
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
    fn json_tells_what_its_rule_names() {
        let token = concat!(
            "sntr",
            "ys_eyJpYXQiOiAxNzAwMDAwMDAwLjAsICJ1cmwiOiAiaHR0cHM6Ly9zZW50cnkuaW8iLCAicmVnaW9uX3VybCI6ICJodHRwczovL3VzLnNl",
            "bnRyeS5pbyIsICJvcmciOiAiZGVtbyJ9_Jq6UBF0pKzU+9s3AbEqyZq2XWhyyHd+WrgFYTnSdCGc"
        );
        let args = [("skip", "7"), ("until", "_"), ("has", "org"), ("notes", "org=organisation url")];
        let found = reason("base64-json", token, &args).expect("a reason");
        assert_eq!((found.weight, found.note.as_deref()), (10, Some("organisation demo, url https://sentry.io")));
        assert_eq!(reason("base64-json", token, &[("only", "sntryu_")]), None);
        assert_eq!(weight("base64-json", &token.replacen("eyJp", "eyKp", 1), &args), -30);
        // What is not safe to print is not told: a line end, a long text, a list.
        let odd = STANDARD_NO_PAD.encode(r#"{"a":"x\ny","b":[1],"c":7}"#);
        let found = reason("base64-json", &odd, &[("notes", "a b c d")]).expect("a reason");
        assert_eq!(found.note.as_deref(), Some("c 7"));
    }

    #[test]
    fn text_needs_its_colon() {
        for (text, right) in [("YTpi", 10), ("YWJj", -30), ("AAAA", -30)] {
            assert_eq!(weight("base64-text", text, &[("has", ":")]), right, "{text}");
        }
    }
}
