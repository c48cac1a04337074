//! Values that are base64 of something divided: an id and a key, a number and random bytes, bytes of a fixed length.
//! Form alone; what the parts open is not known.

use super::encoded::decode;
use super::{Check, DOUBTED, STRUCTURE};
use crate::judge::Reason;
use crate::rule::{Args, Match};

/// `base64-parts: {skip, by, parts, bonus, refute}`: without the first `skip` bytes, the decoded bytes are divided by `by` into these parts, named by a space between:
/// `digits`, `hex`, `word`, `text`, `bytes`, each with a length if it is fixed (`bytes20`), `uuid`, or `=reftkn` for
/// itself. The last part takes what is left.
pub struct Base64Parts;

impl Check for Base64Parts {
    fn name(&self) -> &'static str {
        "base64-parts"
    }

    fn parameters(&self) -> &'static [&'static str] {
        &["skip", "by", "parts", "bonus", "refute"]
    }

    fn refuse(&self, args: &Args) -> Option<String> {
        if args.get("by").is_none_or(|by| by.len() != 1) {
            return Some("`by` is the one character that divides the parts".to_owned());
        }
        let mut forms = args.get("parts").unwrap_or_default().split(' ');
        let wrong = forms.find(|form| Part::of(form).is_none())?;
        Some(format!(
            "a part is digits, hex, word, text, bytes (with a length or without), uuid or =text, not `{wrong}`"
        ))
    }

    fn weigh(&self, found: &Match<'_>, args: &Args) -> Option<Reason> {
        let by = args.get("by")?.bytes().next()?;
        let parts: Vec<_> = args.get("parts")?.split(' ').filter_map(Part::of).collect();
        let fits = unpacked(found, args).is_some_and(|bytes| {
            let fields: Vec<_> = bytes.splitn(parts.len(), |byte| *byte == by).collect();
            fields.len() == parts.len() && fields.iter().zip(&parts).all(|(field, part)| part.fits(field))
        });
        Some(structure(fits, args))
    }
}

enum Part<'a> {
    Itself(&'a str),
    Uuid,
    Of(fn(&u8) -> bool, Option<usize>),
}

impl<'a> Part<'a> {
    fn of(form: &'a str) -> Option<Self> {
        if let Some(text) = form.strip_prefix('=') {
            return Some(Self::Itself(text));
        }
        if form == "uuid" {
            return Some(Self::Uuid);
        }
        let name = form.trim_end_matches(|letter: char| letter.is_ascii_digit());
        let test: fn(&u8) -> bool = match name {
            "digits" => u8::is_ascii_digit,
            "hex" => u8::is_ascii_hexdigit,
            "word" => |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'),
            "text" => |byte| matches!(byte, b' '..=b'~'),
            "bytes" => |_| true,
            _ => return None,
        };
        let length = &form[name.len()..];
        Some(Self::Of(test, if length.is_empty() { None } else { Some(length.parse().ok()?) }))
    }

    fn fits(&self, field: &[u8]) -> bool {
        match self {
            Self::Itself(text) => field == text.as_bytes(),
            Self::Uuid => {
                let lengths = field.split(|byte| *byte == b'-').map(<[u8]>::len);
                lengths.eq([8, 4, 4, 4, 12]) && field.iter().all(|byte| byte.is_ascii_hexdigit() || *byte == b'-')
            }
            Self::Of(test, length) => {
                !field.is_empty() && length.is_none_or(|length| length == field.len()) && field.iter().all(test)
            }
        }
    }
}

/// `base64-bytes: {skip, begins, length, multiple, bonus, refute}`: so many bytes, or a multiple of so many, that begin with these
/// (in hex).
pub struct Base64Bytes;

impl Check for Base64Bytes {
    fn name(&self) -> &'static str {
        "base64-bytes"
    }

    fn parameters(&self) -> &'static [&'static str] {
        &["skip", "begins", "length", "multiple", "bonus", "refute"]
    }

    fn refuse(&self, args: &Args) -> Option<String> {
        let begins = args.get("begins").unwrap_or_default();
        let hex = begins.len().is_multiple_of(2) && begins.bytes().all(|byte| byte.is_ascii_hexdigit());
        (!hex).then(|| "`begins` is pairs of hex digits".to_owned())
    }

    fn weigh(&self, found: &Match<'_>, args: &Args) -> Option<Reason> {
        let fits = unpacked(found, args).is_some_and(|bytes| {
            let hex: String = bytes.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
            let begins = args.get("begins").unwrap_or_default().to_ascii_lowercase();
            !bytes.is_empty()
                && hex.starts_with(&begins)
                && args.number("length").is_none_or(|length| bytes.len() == length)
                && args.number("multiple").is_none_or(|part| part > 0 && bytes.len().is_multiple_of(part))
        });
        Some(structure(fits, args))
    }
}

fn unpacked(found: &Match<'_>, args: &Args) -> Option<Vec<u8>> {
    decode(found.secret().expose().get(args.number("skip").unwrap_or(0)..)?)
}

/// Gain and loss are the rule's to say: a number and a colon in 33 bytes say more than a length that one value in three
/// has.
fn structure(right: bool, args: &Args) -> Reason {
    let points = |name: &str| args.number(name).and_then(|points| i16::try_from(points).ok());
    if right {
        Reason::new("structure-holds", points("bonus").unwrap_or(STRUCTURE))
    } else {
        Reason::new("structure-broken", points("refute").map_or(DOUBTED, i16::saturating_neg))
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;

    use super::super::tests::weight;
    use super::*;

    #[test]
    fn parts_are_told_by_their_form() {
        let uuid = "7f3a91c2-4be8-4d06-95a1-2c8e6f70b9d4";
        let rows = [
            ("123456789012:\u{1}2:4567890123456789x", ":", "digits bytes20", 10),
            ("123456789012:\u{1}2:456789012345678x", ":", "digits bytes20", -30),
            ("12345678901a:\u{1}2:4567890123456789x", ":", "digits bytes20", -30),
            (&format!("{uuid}|read-write"), "|", "uuid word", 10),
            ("no-uuid|read", "|", "uuid word", -30),
            ("reftkn:01:1709251200:abcDEF", ":", "=reftkn digits2 digits word", 10),
            ("reftkn:01:abcDEF", ":", "=reftkn digits2 digits word", -30),
            ("", ":", "text text", -30),
        ];
        for (text, by, parts, right) in rows {
            let (by, parts) = (by.to_owned().leak(), parts.to_owned().leak());
            assert_eq!(
                weight("base64-parts", &STANDARD.encode(text), &[("by", by), ("parts", parts)]),
                right,
                "{text}"
            );
        }
        // The worked example of a Data Center token.
        let token = concat!("MTIzNDU2Nzg5MDEyOibxbdAq", "KSvZ0lEPQtxcsTbXwpRS");
        let args = [("by", ":"), ("parts", "digits12 bytes20"), ("bonus", "25")];
        assert_eq!(weight("base64-parts", token, &args), 25);
        assert_eq!(weight("base64-parts", &token[4..], &[args[0], args[1], ("refute", "60")]), -60);
        let prefixed = [args[0], args[1], ("skip", "5")];
        assert_eq!(weight("base64-parts", &format!("BBDC-{token}"), &prefixed), 10);
        assert_eq!(weight("base64-parts", "BBDC", &prefixed), -30);
    }

    #[test]
    fn bytes_have_their_beginning_and_length() {
        // The mail password of the documentation's secret key.
        let password = concat!("BLBM/9hSUELfq8Gw+rU1Yc", "BjkOxGbhT2XG763xVLGWL9");
        let args = [("begins", "04"), ("length", "33")];
        assert_eq!(weight("base64-bytes", password, &args), 10);
        assert_eq!(weight("base64-bytes", &password.replacen("BL", "CL", 1), &args), -30);
        assert_eq!(weight("base64-bytes", &password[..40], &args), -30);
        assert_eq!(weight("base64-bytes", &STANDARD.encode([7; 32]), &[("multiple", "16")]), 10);
        assert_eq!(weight("base64-bytes", &STANDARD.encode([7; 33]), &[("multiple", "16")]), -30);
        assert_eq!(weight("base64-bytes", "", &[]), -30);
    }

    #[test]
    fn forms_that_are_none_are_refused() {
        let args = |by: &'static str, parts: &'static str| {
            Args(vec![("by".into(), by.into()), ("parts".into(), parts.into())].into())
        };
        assert!(Base64Parts.refuse(&args(":", "digits bytes20 uuid =x")).is_none());
        assert!(Base64Parts.refuse(&args(":", "letters")).is_some());
        assert!(Base64Parts.refuse(&args("::", "digits")).is_some());
        assert!(Base64Bytes.refuse(&Args(vec![("begins".into(), "0g".into())].into())).is_some());
    }
}
