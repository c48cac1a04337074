//! Macaroons of version 2: fields of type, length and bytes, and at the end a signature of 32 bytes.

use super::encoded::decode;
use super::{Check, DOUBTED, PROVEN};
use crate::judge::Reason;
use crate::rule::{Args, Match};

/// `macaroon`: the fields after the first hyphen can be read to their end.
pub struct Macaroon;

impl Check for Macaroon {
    fn name(&self) -> &'static str {
        "macaroon"
    }

    fn weigh(&self, found: &Match<'_>, _args: &Args) -> Option<Reason> {
        let token = found.secret().expose();
        let hyphen = token.iter().position(|&byte| byte == b'-')?;
        Some(match location(token.get(hyphen + 1..)?) {
            Some(place) => Reason::new("structure-holds", PROVEN).noted(format!("issued for {place}")),
            None => Reason::new("structure-broken", DOUBTED),
        })
    }
}

/// Where it is good for, once the whole was read.
fn location(text: &[u8]) -> Option<String> {
    let bytes = decode(text)?;
    let mut rest = bytes.strip_prefix(&[2])?;
    let mut location = None;
    while let [kind, after @ ..] = rest {
        if *kind == 0 {
            rest = after;
            continue;
        }
        let (length, after) = number(after)?;
        let (field, after) = after.split_at_checked(length)?;
        match (*kind, location.is_some()) {
            (1, false) => location = Some(field.to_vec()),
            (6, _) if field.len() == 32 && after.is_empty() => return host(&location?),
            _ => {}
        }
        rest = after;
    }
    None
}

/// Seven bits a byte, the lowest first; a field of a token is never over 16 kB.
fn number(bytes: &[u8]) -> Option<(usize, &[u8])> {
    match bytes {
        [low, rest @ ..] if *low < 0x80 => Some((usize::from(*low), rest)),
        [low, high, rest @ ..] if *high < 0x80 => Some((usize::from(*low & 0x7f) | usize::from(*high) << 7, rest)),
        _ => None,
    }
}

/// The name as text that is safe to print.
fn host(name: &[u8]) -> Option<String> {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-');
    (name.len() <= 80 && name.iter().all(plain)).then(|| String::from_utf8_lossy(name).into_owned())
}

#[cfg(test)]
mod tests {
    use super::super::tests::{reason, weight};

    #[test]
    fn worked_token_holds() {
        let token = concat!(
            "py",
            "pi-AgEIcHlwaS5vcmcCJDBkN2YwYzlhLTExMTEtNDIyMi04MzMzLTQ0NDQ1NTU1NjY2NgACJXsidmVyc2lvbiI6IDEsICJwZXJtaXNzaW9u",
            "cyI6ICJ1c2VyIn0AAAYgqMrH_G_WiUy_OIcVmDYVgPzSV75IcX5aYqectC1Li4I"
        );
        let found = reason("macaroon", token, &[]).expect("a reason");
        assert_eq!((found.weight, found.note.as_deref()), (25, Some("issued for pypi.org")));
        assert_eq!(weight("macaroon", &token[..token.len() - 4], &[]), -30);
    }
}
