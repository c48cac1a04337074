//! The Luhn sum of card numbers. One number in ten passes by chance, so it refutes better than it proves.

use super::{Check, REFUTED, STRUCTURE};
use crate::judge::Reason;
use crate::rule::{Args, Match};

/// `luhn`: over the digits of the value; spaces and hyphens between them do not count.
pub struct Luhn;

impl Check for Luhn {
    fn name(&self) -> &'static str {
        "luhn"
    }

    fn weigh(&self, found: &Match<'_>, _args: &Args) -> Option<Reason> {
        let digits = found.secret().expose().iter().rev().filter(|byte| byte.is_ascii_digit());
        let sum: usize = digits
            .enumerate()
            .map(|(place, &digit)| {
                let value = usize::from(digit - b'0') * (1 + place % 2);
                value / 10 + value % 10
            })
            .sum();
        Some(if sum > 0 && sum.is_multiple_of(10) {
            Reason::new("checksum-holds", STRUCTURE)
        } else {
            Reason::new("checksum-fails", REFUTED)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::weight;

    #[test]
    fn card_numbers() {
        for (number, right) in
            [("4111111111111111", 10), ("4111 1111-1111 1111", 10), ("4111111111111112", -60), ("", -60), ("0000", -60)]
        {
            assert_eq!(weight("luhn", number, &[]), right, "{number}");
        }
    }
}
