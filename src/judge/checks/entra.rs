//! Secrets of Microsoft Entra and the older tokens of Azure DevOps: no mark that is a word, but a sum inside.
//! Layouts and seeds are those of the vendor's own library.

use super::azure::marvin32;
use super::crc::{crc32, digits};
use super::nkey::base32;
use super::{Check, PROVEN, STRUCTURE, fails, holds};
use crate::judge::Reason;
use crate::rule::{Args, Match};

/// The digits of the sum: all that may stand in an address as it is.
const UNRESERVED: &[u8; 66] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ1234567890.-_~";
/// Three characters, a digit, `Q~`; of the sum's digits only the first three are kept.
const KEPT: usize = 3;
const LONG: usize = 40;
const SHORT: usize = 37;

/// `entra-secret`: the sum of a secret with `8Q~`; one with `7Q~` has none, only a length.
pub struct EntraSecret;

impl Check for EntraSecret {
    fn name(&self) -> &'static str {
        "entra-secret"
    }

    fn weigh(&self, found: &Match<'_>, _args: &Args) -> Option<Reason> {
        let secret = found.secret().expose();
        match (secret.get(3..6)?, secret.len()) {
            (b"8Q~", LONG) => {
                let (body, sum) = secret.split_at_checked(LONG - KEPT)?;
                let right = digits(u64::from(marvin32(u64::from_be_bytes(*b"AadPwd00"), body)), UNRESERVED, 0);
                Some(if right.starts_with(sum) { holds() } else { fails() })
            }
            (b"7Q~", SHORT) => Some(Reason::new("form-holds", STRUCTURE)),
            _ => Some(fails()),
        }
    }
}

/// What the sum is xor-ed with: tokens of people, then those of applications.
const SEEDS: &[(u32, &str)] = &[(0xe0b9_692d, "of a person"), (0x1019_f92e, "of an application")];
/// The layout is published, but no genuine token was at hand to try it on: a failure doubts, and refutes nothing.
const FAILS: i16 = -20;

/// `azure-devops-legacy`: 32 bytes in base32, of which four are the CRC-32 of the others.
pub struct AzureDevopsLegacy;

impl Check for AzureDevopsLegacy {
    fn name(&self) -> &'static str {
        "azure-devops-legacy"
    }

    fn weigh(&self, found: &Match<'_>, _args: &Args) -> Option<Reason> {
        let bytes = base32(&found.secret().expose().to_ascii_uppercase())?;
        let body = [bytes.get(..2)?, bytes.get(3..7)?, bytes.get(9..22)?, bytes.get(23..32)?].concat();
        let sum = u32::from_le_bytes([bytes[22], bytes[8], bytes[7], bytes[2]]);
        let kind = SEEDS.iter().find(|(seed, _)| crc32(&body) ^ seed == sum);
        Some(match kind {
            Some((_, whose)) => Reason::new("checksum-holds", PROVEN).noted(*whose),
            None => Reason::new("checksum-fails", FAILS),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{reason, weight};

    #[test]
    fn the_vendors_example_and_worked_secrets_hold() {
        let rows = [
            format!("zzz8Q~{}blP", "z".repeat(31)),
            concat!("Nxn8Q~yVmihA-3O87UMF", "xFkM-R6Kjp~2vRt.2Hez").to_owned(),
            concat!("fjO8Q~RS-7ilI9ihN6KX", "Sc8Tvo-hBKqFYY-kvbBo").to_owned(),
        ];
        for secret in &rows {
            assert_eq!(weight("entra-secret", secret, &[]), 25, "{secret}");
            let edited = secret.replacen("8Q~", "8Q~-", 1);
            assert_eq!(weight("entra-secret", &edited[..40], &[]), -30, "{edited}");
        }
        assert_eq!(weight("entra-secret", &format!("yyy7Q~{}", "y".repeat(31)), &[]), 10);
        assert_eq!(weight("entra-secret", &format!("yyy7Q~{}", "y".repeat(33)), &[]), -30);
    }

    #[test]
    fn older_tokens_say_whose_they_are() {
        let rows = [
            (concat!("foifhcir5amc6rwjtvov3gbrsv", "2qjwiosrorn2hvj3tydtdv6y3a"), "of a person"),
            (concat!("w3o76d5psswo36msygicg7frd5", "orbdhsleyi6ojywnykdnlwt6qj"), "of an application"),
        ];
        for (token, note) in rows {
            let found = reason("azure-devops-legacy", token, &[]).expect("a reason");
            assert_eq!((found.weight, found.note.as_deref()), (25, Some(note)), "{token}");
            assert_eq!(weight("azure-devops-legacy", &token.replacen('o', "p", 1), &[]), -20, "{token}");
        }
    }
}
