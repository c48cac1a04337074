//! Signed addresses: until when they open what they name. The signature is not verified: that takes the key.

use super::clock::{FIRST_DATE, date, moment, now};
use super::{Check, STRUCTURE};
use crate::judge::Reason;
use crate::rule::{Args, Match};

/// How far to each side of the signature its address is looked for.
const REACH: usize = 2_000;
/// It opens nothing any more; what remains is worth a look, and does not block.
const EXPIRED: i16 = -30;

/// `signed-url`: when the address round the signature ends, by the names of AWS, Google and Azure.
pub struct SignedUrl;

impl Check for SignedUrl {
    fn name(&self) -> &'static str {
        "signed-url"
    }

    fn weigh(&self, found: &Match<'_>, _args: &Args) -> Option<Reason> {
        let end = end(&fields(found))?;
        let day = date(end);
        Some(if end < now() {
            Reason::new("expired", EXPIRED).noted(day)
        } else {
            Reason::new("structure-holds", STRUCTURE).noted(format!("until {day}"))
        })
    }
}

/// Names and values of the query in which the signature stands; percent signs before a colon are read.
fn fields(found: &Match<'_>) -> Vec<(String, String)> {
    let (text, secret) = (found.text(), found.secret);
    let outside = |byte: &u8| byte.is_ascii_whitespace() || b"\"'`<>()|".contains(byte);
    let before = text.get(secret.start.saturating_sub(REACH)..secret.start).unwrap_or_default();
    let start = before.iter().rposition(outside).map_or(0, |last| last + 1);
    let after = text.get(secret.end..secret.end.saturating_add(REACH).min(text.len())).unwrap_or_default();
    let stop = after.iter().position(outside).unwrap_or(after.len());
    let query = [before.get(start..).unwrap_or_default(), after.get(..stop).unwrap_or_default()].concat();
    let query = String::from_utf8_lossy(&query).replace("\\u0026", "&").replace("&amp;", "&");
    let parts = query.split(['&', '?', ';']).filter_map(|part| part.split_once('='));
    parts.map(|(name, value)| (name.to_owned(), value.replace("%3A", ":").replace("%3a", ":"))).collect()
}

fn end(fields: &[(String, String)]) -> Option<u64> {
    let field = |name: &str| fields.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
    for vendor in ["Amz", "Goog"] {
        if let (Some(from), Some(length)) = (field(&format!("X-{vendor}-Date")), field(&format!("X-{vendor}-Expires")))
        {
            return Some(moment(from)?.saturating_add(length.parse().ok()?));
        }
    }
    if let Some(end) = field("se") {
        return moment(end);
    }
    field("Expires")?.parse().ok().filter(|end| *end >= FIRST_DATE)
}

#[cfg(test)]
mod tests {
    use super::super::tests::part;
    use crate::span::Span;

    #[test]
    fn addresses_say_when_they_end() {
        let amazon =
            "https://acme.s3.amazonaws.com/a?X-Amz-Date=20240301T110000Z&X-Amz-Expires=3600&X-Amz-Signature=SIG";
        let rows = [
            ("amazon", amazon.to_owned(), -30, Some("2024-03-01")),
            ("escaped", amazon.replace('&', "\\u0026"), -30, Some("2024-03-01")),
            ("in a page", amazon.replace('&', "&amp;"), -30, Some("2024-03-01")),
            ("in quotes", format!("\"{amazon}\" X-Amz-Date=20990301T110000Z"), -30, Some("2024-03-01")),
            ("to come", amazon.replace("2024", "2099"), 10, Some("until 2099-03-01")),
            ("google", amazon.replace("Amz", "Goog"), -30, Some("2024-03-01")),
            ("azure", "?sv=2020-08-04&se=2024-03-01T11%3A00%3A00Z&sig=SIG".to_owned(), -30, Some("2024-03-01")),
            ("azure, end behind", "?sv=2020-08-04&sig=SIG&se=2099-03-01".to_owned(), 10, Some("until 2099-03-01")),
            ("seconds", "?Expires=1709251200&Signature=SIG".to_owned(), -30, Some("2024-03-01")),
            ("a small number", "?Expires=3600&Signature=SIG".to_owned(), 0, None),
            ("no end", "?sv=2020-08-04&si=policy&sig=SIG".to_owned(), 0, None),
        ];
        for (name, text, weight, note) in rows {
            let at = text.find("SIG").expect("a signature");
            let found = part("signed-url", &text, Span::new(at, at + 3), &[]);
            let (is, says) = found.map_or((0, None), |reason| (reason.weight, reason.note));
            assert_eq!((is, says.as_deref()), (weight, note), "{name}");
        }
    }
}
