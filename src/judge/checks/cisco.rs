//! Cisco's type 7: passwords made unreadable with one published string. Whoever has the text has the password.

use super::{Check, PROVEN, REFUTED};
use crate::judge::{Reason, placeholder};
use crate::rule::{Args, Match};

/// The string that every device xors with.
const STRING: &[u8] = b"dsfd;kfoA,.iyewrkldJKDHSUBsgvca69834ncxv9873254k;fg87";

/// `cisco-type7`: it decodes to printable text, which is no stand-in.
pub struct CiscoType7;

impl Check for CiscoType7 {
    fn name(&self) -> &'static str {
        "cisco-type7"
    }

    fn weigh(&self, found: &Match<'_>, _args: &Args) -> Option<Reason> {
        let Some(password) = decoded(found.secret().expose()) else {
            return Some(Reason::new("does-not-decode", REFUTED));
        };
        Some(match placeholder::placeholder(&password) {
            Some(_) => Reason::new("decodes-to-a-stand-in", REFUTED),
            None => Reason::new("decodes", PROVEN),
        })
    }
}

/// Two digits say where in the string to begin; each pair of hex digits is a byte.
fn decoded(text: &[u8]) -> Option<Vec<u8>> {
    let (start, rest) = text.split_first_chunk::<2>()?;
    let start: usize = std::str::from_utf8(start).ok()?.parse().ok()?;
    if start >= STRING.len() || rest.is_empty() || !rest.len().is_multiple_of(2) {
        return None;
    }
    let key = STRING.iter().cycle().skip(start);
    let bytes = rest.chunks_exact(2).zip(key).map(|(pair, key)| {
        let byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()? ^ key;
        matches!(byte, b' '..=b'~').then_some(byte)
    });
    bytes.collect()
}

#[cfg(test)]
mod tests {
    use super::super::tests::weight;
    use super::*;

    fn encoded(password: &str, start: usize) -> String {
        let bytes = password.bytes().zip(STRING.iter().cycle().skip(start)).map(|(byte, key)| byte ^ key);
        format!("{start:02}{}", bytes.map(|byte| format!("{byte:02X}")).collect::<String>())
    }

    #[test]
    fn what_decodes_is_a_password() {
        // The vendor's well-known example: the word cisco.
        assert_eq!(decoded(b"02050D480809").as_deref(), Some(&b"cisco"[..]));
        assert_eq!(decoded(b"060506324F41").as_deref(), Some(&b"cisco"[..]));
        for start in [0, 7, 15, 52] {
            assert_eq!(weight("cisco-type7", &encoded("k3vPq8Lw2z", start), &[]), 25, "{start}");
            assert_eq!(weight("cisco-type7", &encoded("password", start), &[]), -60, "{start}");
        }
        for text in ["99050D480809", "02050D4808090", "02", "02FFFFFFFF", "zz050D480809"] {
            assert_eq!(weight("cisco-type7", text, &[]), -60, "{text}");
        }
    }
}
