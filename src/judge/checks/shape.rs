//! Form alone, for shapes that are weak without it: how mixed the characters are, what stands at the edges, and how a
//! value is divided. None of them looks at meaning.

use super::{Check, REFUTED, STRUCTURE};
use crate::judge::Reason;
use crate::rule::{Args, Match};

/// `random-enough: {distinct, kinds, alone, bonus}`: at least so many different characters, so many of the kinds
/// lower, upper, digit, and no more of `alone`'s alphabet (`base64` or `word`) on either side.
pub struct RandomEnough;

impl Check for RandomEnough {
    fn name(&self) -> &'static str {
        "random-enough"
    }

    fn parameters(&self) -> &'static [&'static str] {
        &["distinct", "kinds", "alone", "bonus"]
    }

    fn most(&self, args: &Args) -> i16 {
        args.number("bonus").and_then(|bonus| i16::try_from(bonus).ok()).unwrap_or(0)
    }

    fn refuse(&self, args: &Args) -> Option<String> {
        (!matches!(args.get("alone"), None | Some("base64" | "word"))).then(|| "`alone` is base64 or word".to_owned())
    }

    fn weigh(&self, found: &Match<'_>, args: &Args) -> Option<Reason> {
        let value = found.secret().expose();
        if let Some(alphabet) = args.get("alone")
            && touched(found, alphabet)
        {
            return Some(Reason::new("part-of-a-longer-run", REFUTED));
        }
        if distinct(value) < args.number("distinct").unwrap_or(0) || kinds(value) < args.number("kinds").unwrap_or(0) {
            return Some(Reason::new("not-random", REFUTED));
        }
        let bonus = args.number("bonus").and_then(|bonus| i16::try_from(bonus).ok())?;
        Some(Reason::new("random-enough", bonus))
    }
}

fn touched(found: &Match<'_>, alphabet: &str) -> bool {
    let inside = |byte: &u8| {
        byte.is_ascii_alphanumeric()
            || match alphabet {
                "base64" => matches!(byte, b'+' | b'/' | b'=' | b'_' | b'-'),
                _ => matches!(byte, b'_' | b'-'),
            }
    };
    let before = found.secret.start.checked_sub(1).and_then(|place| found.text().get(place));
    // `key=VALUE` stands right behind its `=`.
    before.is_some_and(|byte| inside(byte) && *byte != b'=') || found.text().get(found.secret.end).is_some_and(inside)
}

fn distinct(value: &[u8]) -> usize {
    let mut seen = [false; 256];
    value.iter().filter(|&&byte| !std::mem::replace(&mut seen[usize::from(byte)], true)).count()
}

fn kinds(value: &[u8]) -> usize {
    let tests: [fn(&u8) -> bool; 3] = [u8::is_ascii_lowercase, u8::is_ascii_uppercase, u8::is_ascii_digit];
    tests.iter().filter(|test| value.iter().any(test)).count()
}

/// `begins: {with, rest, distinct}`: one of the beginnings (`AC|SK`), then nothing but `rest` (`hex`), not too uniform.
pub struct Begins;

impl Check for Begins {
    fn name(&self) -> &'static str {
        "begins"
    }

    fn most(&self, _args: &Args) -> i16 {
        STRUCTURE
    }

    fn parameters(&self) -> &'static [&'static str] {
        &["with", "rest", "distinct"]
    }

    fn refuse(&self, args: &Args) -> Option<String> {
        args.get("with").is_none().then(|| "`with` is missing".to_owned())
    }

    fn weigh(&self, found: &Match<'_>, args: &Args) -> Option<Reason> {
        let value = found.secret().expose();
        let rest = args.get("with")?.split('|').find_map(|beginning| value.strip_prefix(beginning.as_bytes()));
        let Some(rest) = rest.filter(|rest| args.get("rest") != Some("hex") || rest.iter().all(lower_hex)) else {
            return Some(Reason::new("wrong-form", REFUTED));
        };
        if distinct(rest) < args.number("distinct").unwrap_or(0) {
            return Some(Reason::new("not-random", REFUTED));
        }
        Some(Reason::new("form-holds", STRUCTURE))
    }
}

const fn lower_hex(byte: &u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'a'..=b'f')
}

/// `parts: {lengths}`: divided by hyphens into parts of these lengths (`32-8-8`).
pub struct Parts;

impl Check for Parts {
    fn name(&self) -> &'static str {
        "parts"
    }

    fn most(&self, _args: &Args) -> i16 {
        STRUCTURE
    }

    fn parameters(&self) -> &'static [&'static str] {
        &["lengths"]
    }

    fn weigh(&self, found: &Match<'_>, args: &Args) -> Option<Reason> {
        let right = divided(found.secret().expose(), args.get("lengths")?);
        Some(if right { Reason::new("form-holds", STRUCTURE) } else { Reason::new("wrong-form", REFUTED) })
    }
}

fn divided(value: &[u8], lengths: &str) -> bool {
    let parts = value.split(|&byte| byte == b'-').map(<[u8]>::len);
    parts.map(Some).eq(lengths.split('-').map(|length| length.parse().ok()))
}

/// `uuid`: the five parts of a UUID, none of the made-up ones.
pub struct Uuid;

impl Check for Uuid {
    fn name(&self) -> &'static str {
        "uuid"
    }

    fn most(&self, _args: &Args) -> i16 {
        STRUCTURE
    }

    fn weigh(&self, found: &Match<'_>, _args: &Args) -> Option<Reason> {
        let value = found.secret().expose();
        if !divided(value, "8-4-4-4-12") {
            return Some(Reason::new("wrong-form", REFUTED));
        }
        // 32 random hex digits have 14 different ones on average, and under 9 once in a million.
        Some(if distinct(value) < 9 {
            Reason::new("not-random", REFUTED)
        } else {
            Reason::new("form-holds", STRUCTURE)
        })
    }
}

/// `beside: {with, length, within}`: a token of that length that begins so stands within so many bytes.
pub struct Beside;

impl Check for Beside {
    fn name(&self) -> &'static str {
        "beside"
    }

    fn parameters(&self) -> &'static [&'static str] {
        &["with", "length", "within"]
    }

    fn weigh(&self, found: &Match<'_>, args: &Args) -> Option<Reason> {
        let (with, length) = (args.get("with")?.as_bytes(), args.number("length")?);
        let near = round(found, args.number("within")?)?;
        let mut words = near.split(|byte| !byte.is_ascii_alphanumeric());
        words
            .any(|word| word.len() == length && word.strip_prefix(with).is_some_and(|rest| rest.iter().all(lower_hex)))
            .then(|| Reason::new("beside-its-id", 20))
    }
}

/// `away-from: {word, within, points}`: the word (in this case) does not stand within so many bytes; where it does, it
/// refutes, or takes off `points`.
pub struct AwayFrom;

impl Check for AwayFrom {
    fn name(&self) -> &'static str {
        "away-from"
    }

    fn parameters(&self) -> &'static [&'static str] {
        &["word", "within", "points"]
    }

    fn weigh(&self, found: &Match<'_>, args: &Args) -> Option<Reason> {
        let near = round(found, args.number("within")?)?;
        memchr::memmem::find(near, args.get("word")?.as_bytes())?;
        let points = args.number("points").and_then(|points| i16::try_from(points).ok());
        Some(
            points
                .map_or(Reason::new("beside-an-example", REFUTED), |points| Reason::new("in-a-public-place", -points)),
        )
    }
}

/// The value with so many bytes to each side.
fn round<'b>(found: &Match<'b>, within: usize) -> Option<&'b [u8]> {
    let start = found.secret.start.saturating_sub(within);
    let end = found.secret.end.saturating_add(within).min(found.text().len());
    found.text().get(start..end)
}

#[cfg(test)]
mod tests {
    use super::super::tests::{part, weight};
    use crate::span::Span;

    #[test]
    fn uniform_values_are_not_random() {
        let rows = [("aB3dE5gH7jK9", 0), ("aaaaaaaaaaB3", -60), ("abcdefghijklm", -60), ("", -60)];
        for (value, right) in rows {
            assert_eq!(weight("random-enough", value, &[("distinct", "8"), ("kinds", "3")]), right, "{value}");
        }
    }

    #[test]
    fn a_piece_of_a_longer_run_is_refuted() {
        let rows = [("x=aB3dE5gH;", 0), ("x/aB3dE5gH;", -60), ("x=aB3dE5gH/", -60), ("\"aB3dE5gH\"", 0)];
        for (text, right) in rows {
            let start = text.find('a').expect("there");
            let span = Span::new(start, start + 8);
            let found = part("random-enough", text, span, &[("alone", "base64")]);
            assert_eq!(found.map_or(0, |reason| reason.weight), right, "{text}");
        }
    }

    #[test]
    fn beginnings_and_parts() {
        let hex = "0123456789abcdef0123456789abcdef";
        let args = &[("with", "AC|SK"), ("rest", "hex"), ("distinct", "9")];
        assert_eq!(weight("begins", &format!("AC{hex}"), args), 10);
        assert_eq!(weight("begins", &format!("AX{hex}"), args), -60);
        assert_eq!(weight("begins", &format!("AC{}", "deadbeef".repeat(4)), args), -60);
        assert_eq!(weight("parts", "ab-c-def", &[("lengths", "2-1-3")]), 10);
        assert_eq!(weight("parts", "ab-c-de", &[("lengths", "2-1-3")]), -60);
        assert_eq!(weight("uuid", "7f3a91c2-4be8-4d06-95a1-2c8e6f70b9d4", &[]), 10);
        assert_eq!(weight("uuid", "00000000-0000-0000-0000-000000000000", &[]), -60);
    }

    #[test]
    fn a_value_beside_its_id_gains() {
        let text = format!("AC{} value", "0f".repeat(16));
        let value = Span::new(35, 40);
        let args = &[("with", "AC"), ("length", "34"), ("within", "60")];
        assert_eq!(part("beside", &text, value, args).map(|reason| reason.weight), Some(20));
        assert_eq!(part("beside", "AC0f value", Span::new(5, 10), args), None);
    }

    #[test]
    fn a_value_beside_an_example_is_refuted() {
        let args = &[("word", "EXAMPLE"), ("within", "12")];
        for (text, right) in [("EXAMPLE: value", -60), ("example: value", 0), ("EXAMPLE of what it is: value", 0)] {
            let value = Span::new(text.len() - 5, text.len());
            assert_eq!(part("away-from", text, value, args).map_or(0, |reason| reason.weight), right, "{text}");
        }
        let args = &[("word", "EXAMPLE"), ("within", "12"), ("points", "20")];
        let reason = part("away-from", "EXAMPLE: value", Span::new(9, 14), args);
        assert_eq!(reason.map(|reason| reason.weight), Some(-20));
    }
}
