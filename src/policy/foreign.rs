//! Comments of other tools that let a finding pass. Which are honoured the config says, by the tool's name; the marks
//! themselves are data. They name no rule and give no reason, so none counts unless it was asked for.

use std::sync::LazyLock;

use memchr::memmem::Finder;

use super::InlineAllow;

/// One way to write a mark.
#[derive(Debug)]
pub struct ForeignMark {
    /// The tool whose mark it is.
    pub peer: &'static str,
    /// It speaks of the line below it, and not of its own.
    pub is_above: bool,
    text: String,
    finder: Finder<'static>,
}

static MARKS: LazyLock<Vec<ForeignMark>> = LazyLock::new(|| {
    let lines = include_str!("marks.txt").lines().filter(|line| !line.starts_with('#'));
    lines.flat_map(read).collect()
});

/// The tools whose marks are known.
#[must_use]
pub fn peers() -> Vec<&'static str> {
    let mut names: Vec<&str> = MARKS.iter().map(|mark| mark.peer).collect();
    names.dedup();
    names
}

/// The marks of one tool; none where it is not known.
pub fn marks_of(peer: &str) -> impl Iterator<Item = &'static ForeignMark> {
    MARKS.iter().filter(move |mark| mark.peer == peer)
}

impl ForeignMark {
    /// Where the mark stands as words of its own.
    pub fn places(&self, text: &[u8]) -> impl Iterator<Item = usize> {
        let is_word = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(byte));
        let is_free = move |at: &usize| {
            let before = at.checked_sub(1).and_then(|before| text.get(before));
            !is_word(before) && !is_word(text.get(at + self.text.len()))
        };
        self.finder.find_iter(text).filter(is_free).collect::<Vec<_>>().into_iter()
    }

    /// The exception that it asks for: of any rule.
    #[must_use]
    pub fn allow(&self) -> InlineAllow {
        let reason = format!("`{}`, a mark of {}", self.text, self.peer);
        InlineAllow { rule: None, reason, until: None }
    }
}

/// All ways to write the mark of one line of the table.
fn read(line: &'static str) -> Vec<ForeignMark> {
    let mut words = line.split_ascii_whitespace();
    let (peer, which, form) = (words.next(), words.next(), words.next());
    let (Some(peer), Some(which), Some(form)) = (peer, which, form) else { return Vec::new() };
    let mut texts = vec![String::new()];
    let mut rest = form;
    while let Some(letter) = rest.chars().next() {
        let (ways, after) = match (letter, rest.split_once(')')) {
            ('(', Some((choice, after))) => (choice[1..].split('|').collect(), after),
            ('?', _) => (vec!["", " "], &rest[1..]),
            ('~', _) => (vec![" ", "-"], &rest[1..]),
            _ => {
                let end = letter.len_utf8();
                (vec![&rest[..end]], &rest[end..])
            }
        };
        texts = texts.iter().flat_map(|text| ways.iter().map(move |way| format!("{text}{way}"))).collect();
        rest = after;
    }
    let mark = |text: String| {
        let finder = Finder::new(&text).into_owned();
        ForeignMark { peer, is_above: which == "next", text, finder }
    };
    texts.into_iter().map(mark).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(text: &str) -> Vec<String> {
        let found = MARKS.iter().filter(|mark| mark.places(text.as_bytes()).next().is_some());
        let mut names: Vec<String> =
            found.map(|mark| format!("{}{}", mark.peer, if mark.is_above { " above" } else { "" })).collect();
        names.dedup();
        names
    }

    #[test]
    fn marks_are_found_as_words_of_their_own() {
        let rows: &[(&str, &[&str])] = &[
            ("x # gitleaks:allow", &["gitleaks", "betterleaks"]),
            ("x // betterleaks:allow made up", &["betterleaks"]),
            ("x  # pragma: allowlist secret", &["detect-secrets", "ripsecrets"]),
            ("x  # pragma:whitelist-secret", &["detect-secrets", "ripsecrets"]),
            ("# pragma: allowlist nextline secret", &["detect-secrets above"]),
            ("<!-- pragma: whitelist-nextline-secret -->", &["detect-secrets above"]),
            ("x # trufflehog:ignore", &["trufflehog"]),
            ("/* kingfisher:ignore */", &["kingfisher", "kingfisher above"]),
            ("x // ggignore: a test's", &["ggshield"]),
            ("let aggignore = 1;", &[]),
            ("# ggignore-start", &[]),
            ("// secretlint-disable-line @secretlint/x", &["secretlint"]),
            ("// secretlint-disable-next-line", &["secretlint above"]),
            ("// secretlint-disable", &[]),
            ("x # gitleaks:allowed", &[]),
            ("x # Gitleaks:Allow", &[]),
            ("pragma: allowlist", &[]),
        ];
        for (text, expected) in rows {
            assert_eq!(&seen(text), expected, "{text}");
        }
    }

    #[test]
    fn each_line_of_the_table_is_read_whole() {
        let lines = include_str!("marks.txt").lines().filter(|line| !line.starts_with('#'));
        for line in lines {
            assert_eq!(line.split_ascii_whitespace().count(), 3, "{line}");
            assert!(["same", "next"].contains(&line.split_ascii_whitespace().nth(1).unwrap()), "{line}");
            assert!(!read(line).is_empty(), "{line}");
        }
        assert_eq!(peers().len(), 8);
        assert_eq!(marks_of("detect-secrets").count(), 8 + 16);
    }
}
