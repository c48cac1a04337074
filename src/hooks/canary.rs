//! A made-up secret, new for each run, that opens nothing and that a built-in rule must find.

use std::io;

use crate::random;

const HEX: &[u8] = b"0123456789abcdef";
const LETTERS: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// Rules whose tokens are of one piece, with what such a token begins with, its other characters, and how many.
const KINDS: [(&str, &str, &[u8], usize); 2] =
    [("digitalocean-token", "dop_v1_", HEX, 64), ("gitlab-personal-access-token", "glpat-", LETTERS, 20)];

/// The first rule that is on, and a token for it.
///
/// # Errors
/// The system gives no random bytes.
pub fn canary(is_on: impl Fn(&str) -> bool) -> io::Result<Option<(String, String)>> {
    let Some((rule, start, alphabet, count)) = KINDS.into_iter().find(|(rule, ..)| is_on(rule)) else {
        return Ok(None);
    };
    let random: [u8; 64] = random::bytes()?;
    let letters = random.iter().take(count).map(|byte| char::from(alphabet[usize::from(*byte) % alphabet.len()]));
    Ok(Some((rule.to_owned(), start.chars().chain(letters).collect())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::builtin_rules;

    #[test]
    fn each_kind_has_its_rule_and_each_canary_is_new() {
        for (rule, ..) in KINDS {
            assert!(builtin_rules().iter().any(|known| known.id == rule), "{rule}");
            let (named, first) = canary(|id| id == rule).unwrap().expect("one of the kinds");
            assert_eq!(named, rule);
            assert_ne!(first, canary(|id| id == rule).unwrap().expect("one of the kinds").1);
        }
        assert_eq!(canary(|_| false).unwrap(), None);
    }
}
