//! Fly.io's tokens: macaroons as arrays of `MessagePack`, several of them with a comma between.

use super::encoded::decode;
use super::{Check, DOUBTED, PROVEN, STRUCTURE};
use crate::judge::Reason;
use crate::rule::{Args, Match};

/// `fly-macaroon`: behind the prefix stands an array of four: nonce, location, caveats and tail. The location proves.
pub struct FlyMacaroon;

impl Check for FlyMacaroon {
    fn name(&self) -> &'static str {
        "fly-macaroon"
    }

    fn weigh(&self, found: &Match<'_>, _args: &Args) -> Option<Reason> {
        let token = found.secret().expose().strip_prefix(b"fm")?;
        let text = &token[token.iter().position(|byte| *byte == b'_')? + 1..];
        let first = text.split(|byte| *byte == b',').next()?;
        let bytes = decode(first)?;
        // An array of four whose first item is an array of three, the nonce, that begins with bytes.
        let Some(nonce) = bytes.strip_prefix(&[0x94, 0x93, 0xc4]) else {
            return Some(Reason::new("structure-broken", DOUBTED));
        };
        let place = memchr::memmem::find(nonce, b"https://").and_then(|place| nonce.get(place.checked_sub(1)?..));
        Some(match place.and_then(text_of).and_then(|place| place.strip_prefix("https://")) {
            Some(host) => Reason::new("structure-holds", PROVEN).noted(format!("issued for {host}")),
            None => Reason::new("structure-holds", STRUCTURE),
        })
    }
}

/// A short text with its length in the low bits of the byte before it, if it is safe to print.
fn text_of(bytes: &[u8]) -> Option<&str> {
    let (&length, rest) = bytes.split_first()?;
    let text = rest.get(..usize::from(length.checked_sub(0xa0).filter(|length| *length < 32)?))?;
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"./:-".contains(byte);
    if text.iter().all(plain) { std::str::from_utf8(text).ok() } else { None }
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;

    use super::super::tests::reason;

    #[test]
    fn arrays_with_a_location_hold() {
        let mut bytes = vec![0x94, 0x93, 0xc4, 8, 0, 0, 0, 0, 0, 0, 0, 1, 0xc4, 4, 1, 2, 3, 4, 0xc3];
        let (head, place) = (bytes.clone(), b"https://api.fly.io/v1");
        bytes.push(0xa0 + 21);
        bytes.extend(place);
        bytes.extend([0x90, 0xc4, 2, 7, 7]);
        let broken = [&[0x95], &bytes[1..]].concat();
        for (name, bytes, weight, note) in [
            ("whole", bytes, 25, Some("issued for api.fly.io/v1")),
            ("without a location", head, 10, None),
            ("another array", broken, -30, None),
        ] {
            let token = format!("fm2_{},fm2_next", STANDARD.encode(bytes));
            let found = reason("fly-macaroon", &token, &[]).expect(name);
            assert_eq!((found.weight, found.note.as_deref()), (weight, note), "{name}");
        }
    }
}
