//! Tokens of several parts of which one alone is found by its length: the others are read beside it.

use super::encoded::decode;
use super::{Check, REFUTED, STRUCTURE};
use crate::judge::Reason;
use crate::rule::{Args, Match};

/// What the other parts are worth where they fit: as good as a prefix.
const WHOLE: i16 = 20;

fn before<'b>(found: &Match<'b>, length: usize) -> &'b [u8] {
    let end = found.secret.start;
    found.text().get(end.saturating_sub(length)..end).unwrap_or_default()
}

const fn word(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
}

/// `discord`: before the value stand the base64 of a bot's number, a dot, six characters and a dot.
pub struct Discord;

impl Check for Discord {
    fn name(&self) -> &'static str {
        "discord"
    }

    fn weigh(&self, found: &Match<'_>, _args: &Args) -> Option<Reason> {
        Some(match bot(before(found, 40)) {
            Some(number) => Reason::new("form-holds", WHOLE).noted(format!("bot {number}")),
            None => Reason::new("wrong-form", REFUTED),
        })
    }
}

fn bot(before: &[u8]) -> Option<u64> {
    let mut parts = before.strip_suffix(b".")?.rsplit(|byte| *byte == b'.');
    let time = parts.next().filter(|time| time.len() == 6 && time.iter().all(word))?;
    let _ = time;
    let rest = parts.next()?;
    let start = rest.iter().rposition(|byte| !word(byte)).map_or(0, |last| last + 1);
    let number = String::from_utf8(decode(&rest[start..])?).ok()?;
    let digits = (15..=20).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_digit());
    if digits { number.parse().ok() } else { None }
}

/// `airtable`: before the value stand `pat`, 14 characters and a dot.
pub struct Airtable;

impl Check for Airtable {
    fn name(&self) -> &'static str {
        "airtable"
    }

    fn weigh(&self, found: &Match<'_>, _args: &Args) -> Option<Reason> {
        let middle = before(found, 18).strip_prefix(b"pat").and_then(|rest| rest.strip_suffix(b"."));
        let right = middle.is_some_and(|id| id.len() == 14 && id.iter().all(u8::is_ascii_alphanumeric));
        Some(if right { Reason::new("form-holds", WHOLE) } else { Reason::new("wrong-form", REFUTED) })
    }
}

/// `telegram`: a bot's number without leading zero, and a tail that is mixed.
pub struct Telegram;

impl Check for Telegram {
    fn name(&self) -> &'static str {
        "telegram"
    }

    fn weigh(&self, found: &Match<'_>, _args: &Args) -> Option<Reason> {
        let token = found.secret().expose();
        let colon = token.iter().position(|&byte| byte == b':')?;
        let (number, tail) = (token.get(..colon)?, token.get(colon + 1..)?);
        // A digit before the number makes it another, longer one; a letter may (`bot123…`).
        let longer = before(found, 1).first().is_some_and(u8::is_ascii_digit);
        let mixed = tail.iter().any(u8::is_ascii_lowercase) && tail.iter().any(u8::is_ascii_uppercase);
        let follows = found.text().get(found.secret.end).is_some_and(word);
        let right = !longer && !follows && mixed && number.first() != Some(&b'0');
        Some(if right { Reason::new("form-holds", STRUCTURE) } else { Reason::new("wrong-form", REFUTED) })
    }
}

/// `named-tail: {by, as}`: what stands behind the last `by` is no secret, and is told under the name `as`.
pub struct NamedTail;

impl Check for NamedTail {
    fn name(&self) -> &'static str {
        "named-tail"
    }

    fn parameters(&self) -> &'static [&'static str] {
        &["by", "as"]
    }

    fn weigh(&self, found: &Match<'_>, args: &Args) -> Option<Reason> {
        let token = std::str::from_utf8(found.secret().expose()).ok()?;
        let (_, tail) = token.rsplit_once(args.get("by")?)?;
        let short = tail.len() <= 8 && tail.bytes().all(|byte| byte.is_ascii_alphanumeric());
        short.then(|| Reason::new("tail", 0).noted(format!("{} {tail}", args.get("as").unwrap_or("of"))))
    }
}

/// `vault-token`: what the front of a Vault token says of its kind.
pub struct VaultToken;

impl Check for VaultToken {
    fn name(&self) -> &'static str {
        "vault-token"
    }

    fn weigh(&self, found: &Match<'_>, _args: &Args) -> Option<Reason> {
        let (prefix, body) = found.secret().expose().split_at_checked(4)?;
        // A service token is a message whose first field is a number, its second bytes; a batch token is encrypted, and
        // begins with the number of the key. The short form is that of root tokens and of older servers.
        let front = decode(body.get(..8)?)?;
        let kind = match (prefix, &front[..]) {
            (b"hvs.", _) if body.len() == 24 => "short form, as of root tokens",
            (b"hvs.", [8, 1, 0x12, ..]) => "service token",
            (b"hvb.", [0, 0, 0, number, ..]) if *number > 0 => "batch token",
            _ => return None,
        };
        Some(Reason::new("structure-holds", STRUCTURE).noted(kind))
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{part, reason};
    use crate::span::Span;

    fn last(check: &str, text: &str, length: usize) -> i16 {
        let span = Span::new(text.len() - length, text.len());
        part(check, text, span, &[]).map_or(0, |reason| reason.weight)
    }

    #[test]
    fn fronts_and_tails_are_told() {
        let long = "kJ7".repeat(30);
        let rows = [
            (format!("hvs.{}", &long[..24]), Some("short form, as of root tokens")),
            (format!("hvs.CAESI{long}"), Some("service token")),
            (format!("hvb.AAAAAQ{long}"), Some("batch token")),
            (format!("hvb.CAESI{long}"), None),
            (format!("hvs.{long}"), None),
            ("hvs.".to_owned(), None),
        ];
        for (token, note) in rows {
            assert_eq!(reason("vault-token", &token, &[]).and_then(|found| found.note).as_deref(), note, "{token}");
        }
        let args = [("by", "-"), ("as", "data centre")];
        let note = |token: &str| reason("named-tail", token, &args).and_then(|found| found.note);
        assert_eq!(note("0f0f0f-us21").as_deref(), Some("data centre us21"));
        assert_eq!(note("0f0f0f"), None);
        assert_eq!(note("0f-0f0f0f0f0f"), None);
    }

    #[test]
    fn parts_before_the_value_decide() {
        let (tail, hex) = ("k".repeat(38), "5".repeat(64));
        let rows = [
            ("discord", format!("t = \"MTIzNDU2Nzg5MDEyMzQ1Njc4.Gab_cd.{tail}"), 38, 20),
            ("discord", format!("t = \"bm90LWEtbnVtYmVyLWF0LWFs.Gab_cd.{tail}"), 38, -60),
            ("discord", tail.clone(), 38, -60),
            ("airtable", format!("patA1b2C3d4E5f6G7.{hex}"), 64, 20),
            ("airtable", format!("path/to/1b2C3d4E5.{hex}"), 64, -60),
            ("telegram", format!("bot7654321098:AA{}c", "aB".repeat(16)), 46, 10),
            ("telegram", format!("bot7654321098:AA{}", "AB".repeat(16)), 45, -60),
            ("telegram", format!("17654321098:AA{}c", "aB".repeat(16)), 46, -60),
        ];
        for (check, text, length, right) in rows {
            assert_eq!(last(check, &text, length), right, "{check} {text}");
        }
    }
}
