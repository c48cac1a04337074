//! Checks that a rule may name: structure and checksums that prove, refute or date a match, all offline.
//! A check sees one match and its parameters; it knows no rule, asks no service and keeps no state.

mod aws;
mod azure;
mod base58;
mod bech32;
mod bip39;
mod cisco;
mod clock;
mod crc;
mod der;
mod encoded;
mod entra;
mod fly;
mod gitlab;
mod host;
mod jwt;
mod luhn;
mod macaroon;
mod nkey;
mod packed;
mod pem;
mod pgp;
mod ppk;
mod shape;
mod signed;
mod token;
mod userinfo;

pub use encoded::decode as decode_base64;

use crate::judge::Reason;
use crate::rule::{Args, Match};

/// One piece of evidence on a match.
pub trait Check: Sync {
    /// The name by which rules call it.
    fn name(&self) -> &'static str;
    /// The parameters it takes; a rule that gives another does not load.
    fn parameters(&self) -> &'static [&'static str] {
        &[]
    }
    /// Says why these parameters make no sense, if they do not.
    fn refuse(&self, _args: &Args) -> Option<String> {
        None
    }
    /// The most that it can add. A rule that cannot be reported with all of its checks need not ask them.
    fn most(&self, _args: &Args) -> i16 {
        MOST
    }
    fn weigh(&self, found: &Match<'_>, args: &Args) -> Option<Reason>;
}

/// More than any check adds.
const MOST: i16 = 50;

/// All checks; a rule's `checks` are looked up here by name.
pub static CHECKS: &[&dyn Check] = &[
    &aws::AwsAccount,
    &aws::AwsSessionToken,
    &azure::AzureMarvin32,
    &base58::Base58Check,
    &bech32::Bech32,
    &bip39::Bip39,
    &cisco::CiscoType7,
    &crc::Crc32,
    &encoded::Base64Json,
    &encoded::Base64Text,
    &entra::AzureDevopsLegacy,
    &entra::EntraSecret,
    &fly::FlyMacaroon,
    &gitlab::GitlabRoutable,
    &host::CompanyHost,
    &jwt::Jwt,
    &luhn::Luhn,
    &macaroon::Macaroon,
    &nkey::NatsSeed,
    &nkey::StellarSeed,
    &packed::Base64Bytes,
    &packed::Base64Parts,
    &pem::OpensshKey,
    &pem::Pem,
    &ppk::PuttyKey,
    &shape::AwayFrom,
    &shape::Begins,
    &shape::Beside,
    &shape::Parts,
    &shape::RandomEnough,
    &shape::Uuid,
    &signed::SignedUrl,
    &token::Airtable,
    &token::Discord,
    &token::NamedTail,
    &token::Telegram,
    &token::VaultToken,
    &userinfo::StandIn,
    &userinfo::Userinfo,
];

#[must_use]
pub fn check(name: &str) -> Option<&'static dyn Check> {
    CHECKS.iter().copied().find(|check| check.name() == name)
}

/// What a checksum that holds is worth: chance alone does not pass one.
pub const PROVEN: i16 = 25;
/// What inner structure alone is worth: a careful fake has it too.
const STRUCTURE: i16 = 10;
/// A checksum that fails where people edit the tokens they publish: doubt, no more.
const DOUBTED: i16 = -30;
/// It cannot be what the pattern took it for.
const REFUTED: i16 = -60;

const fn holds() -> Reason {
    Reason::new("checksum-holds", PROVEN)
}

const fn fails() -> Reason {
    Reason::new("checksum-fails", DOUBTED)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::borrow::Cow;

    use crate::span::Span;

    /// The weight that the check of that name gives the whole of `text`, or 0.
    pub(super) fn weight(name: &str, text: &str, args: &[(&'static str, &'static str)]) -> i16 {
        reason(name, text, args).map_or(0, |reason| reason.weight)
    }

    pub(super) fn reason(name: &str, text: &str, args: &[(&'static str, &'static str)]) -> Option<Reason> {
        let all = Span::new(0, text.len());
        part(name, text, all, args)
    }

    pub(super) fn part(name: &str, text: &str, secret: Span, args: &[(&'static str, &'static str)]) -> Option<Reason> {
        let args = args.iter().map(|(key, value)| (Cow::Borrowed(*key), Cow::Borrowed(*value))).collect();
        let found = Match::new(text.as_bytes(), secret, secret);
        check(name).expect("a check of that name").weigh(&found, &Args(Cow::Owned(args)))
    }

    #[test]
    fn names_are_unique_and_in_kebab_case() {
        for (place, check) in CHECKS.iter().enumerate() {
            let name = check.name();
            assert!(name.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-')), "{name}");
            assert!(CHECKS.iter().skip(place + 1).all(|other| other.name() != name), "{name} twice");
        }
    }

    #[test]
    fn no_check_panics_on_any_bytes() {
        let mut seed = 0x2545_f491_4f6c_dd1d_u64;
        for round in 0..400_usize {
            let text: Vec<u8> = (0..round % 97)
                .map(|_| {
                    seed ^= seed << 13;
                    seed ^= seed >> 7;
                    seed ^= seed << 17;
                    if round % 3 == 0 { seed as u8 } else { b"AQ07az+/=_.-:$@{}\n\\ "[(seed % 20) as usize] }
                })
                .collect();
            for check in CHECKS {
                for (start, end) in [(0, text.len()), (text.len() / 2, text.len()), (0, text.len() / 3)] {
                    let span = Span::new(start, end);
                    let found = Match::new(&text, span, span);
                    let _ = check.weigh(&found, &Args::default());
                }
            }
        }
    }
}
