//! Whether a value says its name again: then it names what should stand there.

use super::feature::{Feature, Features};

/// Names and values are compared this far.
const LONGEST: usize = 80;
/// Fewer letters of a name stand in a value by chance.
const SHORTEST: usize = 6;

/// Adds whether `value` is `name` again, or holds its last two words, as in `GC_AUTH_TOKEN = 'app-auth-token'`; marks and
/// case aside.
pub fn weigh_repetition(name: &[u8], value: &[u8], features: &mut Features) {
    let words = plain(name.get(second_last_word(name)..).unwrap_or_default());
    let (name, value) = (plain(name), plain(value));
    let long = name.len() >= 3 && value.len() >= 3;
    let same = name.ends_with(&value) || value.ends_with(&name) || value.starts_with(&name);
    features.add_if(long && same, Feature::IsName);
    features.add_if(words.len() >= SHORTEST && memchr::memmem::find(&value, &words).is_some(), Feature::HasName);
}

fn plain(text: &[u8]) -> Vec<u8> {
    text.iter().take(LONGEST).filter(|byte| byte.is_ascii_alphanumeric()).map(u8::to_ascii_lowercase).collect()
}

/// Where the last two words of a name begin; at its start where it has no more.
fn second_last_word(name: &[u8]) -> usize {
    let begins = |place: &usize| {
        let (before, here) = (name[place - 1], name[*place]);
        here.is_ascii_alphanumeric()
            && (!before.is_ascii_alphanumeric() || before.is_ascii_lowercase() && here.is_ascii_uppercase())
    };
    (1..name.len()).rev().filter(begins).nth(1).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_that_says_its_name_is_known() {
        let rows = [
            ("DB_PASSWORD", "dbpassword", true, true),
            ("password", "Password", true, true),
            ("GC_AUTH_TOKEN", "app-auth-token", false, true),
            ("SENDGRID_API_KEY", "xx---apikey---xx", false, true),
            ("apiToken", "api_token_1", true, true),
            ("DB_PASS", "x9k2x9k2", false, false),
            ("key", "monkey", true, false),
        ];
        for (name, value, same, holds) in rows {
            let mut features = Features::new();
            weigh_repetition(name.as_bytes(), value.as_bytes(), &mut features);
            assert_eq!(
                (features.has(Feature::IsName), features.has(Feature::HasName)),
                (same, holds),
                "{name} {value}"
            );
        }
    }
}
