//! AWS access key IDs: the account number that newer ones carry.

use super::encoded::decode;
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
        let bytes = base32(id.get(4..)?)?;
        let number = bytes.get(..6)?.iter().fold(0_u64, |sum, &byte| (sum << 8) | u64::from(byte));
        // Ids from before 2019 have their top bit clear (most go on with `I` or `J`) and do not hold the account.
        if number >> 47 == 0 {
            return Some(Reason::new("older-form", 0).noted("made before 2019"));
        }
        let account = (number & 0x7fff_ffff_ff80) >> 7;
        Some(if account < 1_000_000_000_000 {
            Reason::new("account-decodes", STRUCTURE).noted(format!("account {account:012}"))
        } else {
            Reason::new("no-such-account", -STRUCTURE)
        })
    }
}

/// `aws-session-token`: it decodes, and the region that its front names is told.
pub struct AwsSessionToken;

impl Check for AwsSessionToken {
    fn name(&self) -> &'static str {
        "aws-session-token"
    }

    fn weigh(&self, found: &Match<'_>, _args: &Args) -> Option<Reason> {
        let token = found.secret().expose();
        let plain = token.iter().position(|byte| !byte.is_ascii_alphanumeric() && !matches!(byte, b'+' | b'/'));
        let front = token.get(..plain.unwrap_or(token.len()).min(80) / 4 * 4)?;
        let bytes = decode(front)?;
        let region = bytes.windows(2).enumerate().find_map(|(at, pair)| {
            // A field of text, with its length: `us-east-1`, `ap-southeast-2`.
            let text = bytes.get(at + 2..at + 2 + usize::from(pair[1])).filter(|_| pair[0] == 0x1a)?;
            let parts = text.split(|byte| *byte == b'-').count();
            let plain = text.iter().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || *byte == b'-');
            let right = plain && (3..=4).contains(&parts) && text.last().is_some_and(u8::is_ascii_digit);
            if right { std::str::from_utf8(text).ok() } else { None }
        });
        region.map(|region| Reason::new("structure-holds", STRUCTURE).noted(format!("region {region}")))
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;

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
        for older in
            [concat!("AK", "IAIOSFODNN7EXAMPLX"), concat!("AK", "IAJ44QH8DHBEXAMPLX").replace('8', "7").as_str()]
        {
            let found = reason("aws-account", older, &[]).expect("a reason");
            assert_eq!((found.weight, found.note.as_deref()), (0, Some("made before 2019")), "{older}");
        }
    }

    #[test]
    fn session_tokens_name_their_region() {
        let front = b"\x21\x0a\x09origin_ec\x10\x5b\x1a\x09us-east-1\x22\x47";
        let text = |bytes: &[u8]| STANDARD.encode([bytes, &[0x77; 120]].concat());
        let found = reason("aws-session-token", &text(front), &[]).expect("a reason");
        assert_eq!((found.weight, found.note.as_deref()), (10, Some("region us-east-1")));
        assert!(text(front).starts_with("IQoJb3JpZ2lu"));
        assert_eq!(reason("aws-session-token", &text(b"\x21\x0a\x09origin_ec"), &[]), None);
    }
}
