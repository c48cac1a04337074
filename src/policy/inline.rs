//! Exceptions in comments: `tightlip: allow <rule-id> -- reason`, with `until 2027-01-31` at the end if it is to expire.
//! The comment's own syntax does not matter. What lacks a rule or a reason allows nothing, and is reported.

use memchr::memmem;

use crate::date::{Date, NoDate};

/// What begins an exception.
pub const INLINE_MARK: &[u8] = b"tightlip: allow";

/// The longest text after the mark that is looked at.
const MAX_LEN: usize = 400;

/// The longest reason that is kept.
const MAX_REASON: usize = 200;

/// One comment that asks for an exception.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InlineAllow {
    /// The id it names; whether there is such a rule, the policy knows. None for a mark of another tool: any rule.
    pub rule: Option<String>,
    pub reason: String,
    /// The last day on which it counts.
    pub until: Option<Date>,
}

impl InlineAllow {
    /// The first exception in a line; none where there is none, or it lacks a rule or a reason, or ends on no real day.
    #[must_use]
    pub fn parse(line: &[u8]) -> Option<Self> {
        let after = line.get(memmem::find(line, INLINE_MARK)? + INLINE_MARK.len()..)?;
        // The next exception of the same line is another comment's.
        let end = memmem::find(after, INLINE_MARK).unwrap_or(after.len()).min(MAX_LEN);
        read(&String::from_utf8_lossy(after.get(..end)?))
    }

    /// Whether it covers findings of this rule.
    #[must_use]
    pub fn speaks_of(&self, rule: &str) -> bool {
        self.rule.as_ref().is_none_or(|named| named == rule)
    }
}

/// What follows the mark: ` rule-id -- reason until 2027-01-31 */`.
fn read(after: &str) -> Option<InlineAllow> {
    let rest = after.strip_prefix([' ', '\t'])?.trim_start();
    let id_len = rest.find(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '-')).unwrap_or(rest.len());
    let (rule, rest) = rest.split_at(id_len);
    // `rule--reason` would be one long id, so the blanks are part of the form.
    let reason = rest.strip_prefix([' ', '\t'])?.trim_start().strip_prefix("-- ")?;
    let (reason, until) = dated(without_closing(reason)).ok()?;
    let reason = spoken(reason);
    let is_whole = !rule.is_empty() && !reason.is_empty();
    is_whole.then(|| InlineAllow { rule: Some(rule.to_owned()), reason, until })
}

/// The text up to where its comment closes, without the opening of a next one.
fn without_closing(text: &str) -> &str {
    let closings = ["*/", "-->", "--%>", "#}", "}}", "*)", "#>", "%>"];
    let end = closings.iter().filter_map(|closing| text.find(closing)).min().unwrap_or(text.len());
    let opening = |letter: char| letter.is_whitespace() || "/*#<!-;{(%\"',".contains(letter);
    text.get(..end).unwrap_or(text).trim_end_matches(opening)
}

/// Splits the end off: the word `until` and a day as the last two words, with or without brackets.
fn dated(text: &str) -> Result<(&str, Option<Date>), NoDate> {
    let bare = text.trim_end().trim_end_matches(['.', ']']);
    let Some((before, day)) = bare.rsplit_once([' ', '\t']) else { return Ok((text, None)) };
    let before = before.trim_end();
    let Some(reason) = before.strip_suffix("until").filter(|_| day.starts_with(|first: char| first.is_ascii_digit()))
    else {
        return Ok((text, None));
    };
    if !(reason.is_empty() || reason.ends_with([' ', '\t', '[', '(', ',', ';'])) {
        return Ok((text, None));
    }
    let day = day.parse()?;
    Ok((reason.trim_end_matches(['[', '(', ',', ';', ' ', '\t']), Some(day)))
}

/// A reason fit to be printed: no control characters, none that turn the direction of text, and not too long.
pub(super) fn spoken(text: &str) -> String {
    let visible = crate::yaml::visible(text.chars().map(|letter| if letter.is_whitespace() { ' ' } else { letter }));
    let visible = visible.replace('\u{fffd}', "");
    visible.trim().chars().take(MAX_REASON).collect::<String>().trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rule, reason and end, as one text.
    fn parsed(line: &str) -> Option<String> {
        let allow = InlineAllow::parse(line.as_bytes())?;
        let until = allow.until.map(|until| format!(" <{until}>")).unwrap_or_default();
        Some(format!("{}: {}{until}", allow.rule?, allow.reason))
    }

    #[test]
    fn a_comment_of_any_language_is_read() {
        let rows = [
            ("x = 1 # tightlip: allow jwt -- made for tests", "jwt: made for tests"),
            ("// tightlip: allow aws-access-key-id -- the manual's own", "aws-access-key-id: the manual's own"),
            ("/* tightlip: allow jwt -- expired */ let x;", "jwt: expired"),
            ("<!-- tightlip: allow jwt -- a sample until 2027-01-31 -->", "jwt: a sample <2027-01-31>"),
            ("{# tightlip: allow jwt -- a sample [until 2027-01-31] #}", "jwt: a sample <2027-01-31>"),
            ("(* tightlip: allow jwt -- a sample, until 2027-01-31. *)", "jwt: a sample <2027-01-31>"),
            ("\"tightlip: allow jwt -- in JSON\",", "jwt: in JSON"),
            ("# tightlip: allow  jwt  --  wide \r", "jwt: wide"),
            ("# tightlip: allow jwt -- one # tightlip: allow other -- two", "jwt: one"),
            ("# tightlip: allow jwt -- valid until Monday", "jwt: valid until Monday"),
            (
                "# tightlip: allow jwt -- open until 2027-01-31 and then gone",
                "jwt: open until 2027-01-31 and then gone",
            ),
            ("# tightlip: allow jwt -- a--b -- c", "jwt: a--b -- c"),
            ("# tightlip: allow jwt -- a\u{1b}[31m\u{202e}b\u{0}", "jwt: a[31mb"),
        ];
        for (line, expected) in rows {
            assert_eq!(parsed(line).as_deref(), Some(expected), "{line:?}");
        }
    }

    #[test]
    fn what_lacks_a_part_allows_nothing() {
        let rows = [
            "tightlip: allow",
            "tightlip: allow jwt",
            "tightlip: allow jwt --",
            "tightlip: allow jwt -- ",
            "tightlip: allow jwt -- */",
            "<!-- tightlip: allow jwt -->",
            "tightlip: allow jwt reason",
            "tightlip: allow jwt--reason",
            "tightlip: allow -- reason",
            "tightlip: allow * -- reason",
            "tightlip: allow jwt, other -- reason",
            "tightlip: allowjwt -- reason",
            "tightlip: allow jwt -- until 2027-01-31",
            "tightlip: allow jwt -- a reason until 2027-02-30",
            "tightlip: allow jwt -- a reason until 2027-1-5",
            "tightlip: allow jwt -- \u{200b}\u{7}",
            "Tightlip: Allow jwt -- reason",
            "",
        ];
        for line in rows {
            assert_eq!(parsed(line), None, "{line:?}");
        }
    }

    #[test]
    fn long_and_broken_lines_end_in_an_answer() {
        let long = format!("tightlip: allow jwt -- {}", "é".repeat(100_000));
        assert_eq!(
            InlineAllow::parse(long.as_bytes()).expect("a reason").reason.chars().count(),
            196,
            "cut at a number of bytes"
        );
        let whole = b"\xff# tightlip: allow jwt -- \xe2\x28 a until 2027-01-31 */ \xf0";
        for end in 0..whole.len() {
            let _ = InlineAllow::parse(&whole[..end]);
        }
        assert_eq!(parsed(&String::from_utf8_lossy(whole)).as_deref(), Some("jwt: ( a <2027-01-31>"));
    }
}
