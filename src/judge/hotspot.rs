//! Random-looking strings with no name that speaks of a secret. On labelled code 120 of 122 such strings were no
//! secrets, so only the surest are reported, as a warning: one whole quoted string, assigned, far from words, and alone
//! of its kind. It never blocks.

use super::names::says_no_secret;
use super::placeholder::placeholder;
use super::randomness::rarity;
use super::shape::{Shape, shape};
use super::value::Census;
use super::{Reason, Verdict};
use crate::assign::is_name_byte;
use crate::span::Span;

/// The rule that such findings go by.
pub const RULE: &str = "entropy-hotspot";

/// Shorter runs are names and ids, longer ones data.
const SHORTEST: usize = 24;
const LONGEST: usize = 100;
/// Mean surprise of keys of mixed letters is above this; names stay below 4.5, digests about 6.
const RARE: f32 = 7.0;
/// How far the surroundings count.
const AROUND: usize = 200;

/// Points of each piece of evidence; all that must hold together make a warning.
const ALONE: i16 = 20;
const RARITY: i16 = 15;
const ASSIGNED: i16 = 10;
const LENGTH: i16 = 5;

/// The verdict on the run of token bytes at `run`; none where it is not worth a finding.
#[must_use]
pub fn weigh(text: &[u8], run: Span) -> Option<Verdict> {
    let value = run.of(text);
    if !(SHORTEST..=LONGEST).contains(&value.len()) {
        return None;
    }
    let quote = *text.get(run.start.checked_sub(1)?)?;
    if !matches!(quote, b'"' | b'\'') || text.get(run.end) != Some(&quote) {
        return None;
    }
    let census = Census::of(value);
    let mixed = census.lower >= 4 && census.upper >= 4 && census.digits >= 3;
    if !mixed || rarity(value) < RARE || !matches!(shape(value), Shape::Other) || placeholder(value).is_some() {
        return None;
    }
    let name = assigned_to(text, run.start - 1)?;
    if says_no_secret(name.of(text)) || has_company(text, run) {
        return None;
    }
    let key_length = matches!(value.len(), 24 | 32 | 36 | 40 | 43 | 44 | 48 | 64);
    let mut reasons = vec![
        Reason::new("alone-of-its-kind", ALONE),
        Reason::new("far-from-words", RARITY),
        Reason::new("assigned-to-a-name", ASSIGNED),
    ];
    if key_length {
        reasons.push(Reason::new("length-of-a-key", LENGTH));
    }
    Some(Verdict { reasons })
}

/// The name that the quoted string at `quote` is assigned to, with one `=` or `:` between.
fn assigned_to(text: &[u8], quote: usize) -> Option<Span> {
    let back = |from: usize, holds: fn(u8) -> bool| {
        let before = text.get(from.saturating_sub(80)..from).unwrap_or_default();
        from - before.iter().rev().take_while(|byte| holds(**byte)).count()
    };
    let mark = back(quote, |byte| byte == b' ');
    if !matches!(text.get(mark.checked_sub(1)?), Some(b'=' | b':')) {
        return None;
    }
    let end = back(mark - 1, |byte| matches!(byte, b' ' | b'"' | b'\'' | b'=' | b':'));
    let start = back(end, is_name_byte);
    (start < end).then_some(Span::new(start, end))
}

/// Other long runs close by: tables, test vectors, data over several lines.
fn has_company(text: &[u8], run: Span) -> bool {
    let long = |part: &[u8]| {
        part.split(|byte| !(byte.is_ascii_alphanumeric() || b"+/=_-".contains(byte)))
            .any(|word| word.len() >= SHORTEST && word.iter().filter(|byte| byte.is_ascii_digit()).count() >= 3)
    };
    let before = text.get(run.start.saturating_sub(AROUND)..run.start).unwrap_or_default();
    let after = text.get(run.end..(run.end + AROUND).min(text.len())).unwrap_or_default();
    long(before) || long(after) || matches!(after.get(1..), Some([b' ', b'+' | b'.', ..] | [b'+' | b'.', ..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run_in(text: &str) -> Option<u8> {
        let bytes = text.as_bytes();
        let is_token = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/=_-".contains(byte);
        let start =
            (0..bytes.len()).find(|at| bytes[*at..].iter().take(20).filter(|byte| is_token(byte)).count() == 20)?;
        let length = bytes[start..].iter().take_while(|byte| is_token(byte)).count();
        weigh(bytes, Span::new(start, start + length)).map(|verdict| verdict.score())
    }

    #[test]
    fn only_a_lone_assigned_random_string_is_reported() {
        let value = concat!("q7Xv2Lp9Zm4KwR8t", "B3nY6cJ1hF5gD0sA");
        let rows = [
            ("assigned", format!("x.legacy = \"{value}\";"), true),
            ("in a record", format!("{{\"legacy\": \"{value}\"}}"), true),
            ("not quoted", format!("legacy = {value};"), false),
            ("no name", format!("check(\"{value}\")"), false),
            ("a digest by name", format!("integrity = \"{value}\""), false),
            ("joined", format!("legacy = \"{value}\" + rest"), false),
            ("in company", format!("a = \"{value}\"\nb = \"{value}\""), false),
            ("words", "legacy = \"connectionStringBuilderFactory2024\"".to_owned(), false),
        ];
        for (name, text, reported) in rows {
            assert_eq!(run_in(&text).is_some(), reported, "{name}: {text}");
        }
    }

    #[test]
    fn it_never_blocks() {
        const { assert!(ALONE + RARITY + ASSIGNED + LENGTH < 70) };
    }

    #[test]
    fn any_place_in_any_bytes_is_safe() {
        let text = [b'"'; 64];
        for start in 0..70 {
            assert!(weigh(&text, Span::new(start, start + 30)).is_none());
        }
    }
}
