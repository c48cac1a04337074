//! AWS access key IDs: the account number that newer ones carry.

use super::nkey::base32;
use super::{Check, REFUTED, STRUCTURE};
use crate::judge::Reason;
use crate::rule::{Args, Match};

/// `aws-account`: names the account, refutes the ids of the vendor's documentation, and doubts those in
/// signed addresses.
pub struct AwsAccount;

impl Check for AwsAccount {
    fn name(&self) -> &'static str {
        "aws-account"
    }

    fn weigh(&self, found: &Match<'_>, _args: &Args) -> Option<Reason> {
        let id = found.secret().expose();
        // A signed address shows the id of its signer and needs no secret to be used; the id alone opens nothing.
        let before = found.text().get(..found.whole.start).unwrap_or_default();
        if before.ends_with(b"Credential=") {
            return Some(Reason::new("in-a-signed-address", -STRUCTURE));
        }
        if id.ends_with(b"EXAMPLE") {
            return Some(Reason::new("documented-example", REFUTED));
        }
        // Ids from before 2019 have their top bit clear and do not hold the account.
        let bytes = base32(id.get(4..)?)?;
        let number = bytes.get(..6)?.iter().fold(0_u64, |sum, &byte| (sum << 8) | u64::from(byte));
        if number >> 47 == 0 {
            return None;
        }
        let account = (number & 0x7fff_ffff_ff80) >> 7;
        Some(if account < 1_000_000_000_000 {
            Reason::new("account-decodes", STRUCTURE).noted(format!("account {account:012}"))
        } else {
            Reason::new("no-such-account", -STRUCTURE)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::reason;

    #[test]
    fn accounts_of_the_worked_ids() {
        let rows = [
            (concat!("AK", "IASP2TPHJSQH3FJXYZ"), 10, Some("account 171436882533")),
            (concat!("AK", "IARZPUZDIKAAN43HXJ"), 10, Some("account 123456789012")),
            (concat!("AK", "IAIOSFODNN7EXAMPLE"), -60, None),
        ];
        for (id, weight, note) in rows {
            let found = reason("aws-account", id, &[]).expect(id);
            assert_eq!((found.weight, found.note.as_deref()), (weight, note), "{id}");
        }
        assert_eq!(reason("aws-account", concat!("AK", "IAIOSFODNN7EXAMPLX"), &[]), None, "older ids say nothing");
    }
}
