//! Which part of a file can hold a marker at all. Most files are asked no more than whether one of some words stands
//! there: it is found without knowing the language.

use memchr::memmem;

use super::HEAD;
use super::form::bare;
use super::language::language;
use super::lexer::HEADER_LINES;
use super::literal::sought;
use crate::rule::{Literal, Rule, Wake};
use crate::span::Span;

/// So much of a file of data or a text for people.
const WHOLE: usize = 4 * 1024;

/// The last lines of a file, and no more bytes than this.
const LAST_LINES: usize = 4;
pub const LAST: usize = 512;

/// What a word in a text may be a part of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Hint {
    /// A marker of this rule, by its literal of this number.
    Rule(usize, usize),
    /// A key whose value may be a marker.
    Key,
}

/// The literals of the rules for markers, and the names of keys.
#[must_use]
pub fn literals<'r, W: Clone>(
    rules: impl Iterator<Item = (usize, &'r Rule)>,
    wakes: impl Fn(Hint) -> W,
) -> Vec<Literal<W>> {
    let (mut all, mut stems) = (Vec::new(), Vec::new());
    for (index, rule) in rules {
        let Wake::Marks(form) = &rule.wake else { continue };
        // What is a marker only as a value is found by its key.
        if form.marks.iter().any(|mark| mark.keys().is_empty()) {
            let each = |(number, text)| literal(sought(text).to_owned(), wakes(Hint::Rule(index, number)));
            all.extend(form.literals.iter().map(AsRef::as_ref).enumerate().map(each));
        }
        stems.extend(form.marks.iter().flat_map(super::Mark::keys).filter_map(|key| super::stem(key)));
    }
    stems.sort_unstable();
    stems.dedup();
    all.extend(stems.into_iter().map(|stem| literal(stem.to_owned(), wakes(Hint::Key))));
    all
}

fn literal<W>(text: String, wakes: W) -> Literal<W> {
    Literal { text: text.into(), ignore_case: true, token: false, wakes }
}

/// The beginning of a file in which markers are looked for: its first lines, with the comment that goes on there.
#[must_use]
pub fn head<'t>(path: &str, text: &'t [u8]) -> &'t [u8] {
    let most = &text[..text.len().min(HEAD)];
    let lines = memchr::memchr_iter(b'\n', most).nth(HEADER_LINES as usize - 1).map_or(most.len(), |end| end + 1);
    if is_read_whole(path) {
        return &most[..most.len().min(WHOLE.max(lines))];
    }
    let first = &most[..lines];
    let rest = &most[lines..];
    if rest.is_empty() {
        return first;
    }
    let open = memmem::rfind(first, b"/*").filter(|open| memmem::find(&first[*open..], b"*/").is_none());
    let more = match open {
        Some(_) => memmem::find(rest, b"*/").map_or(rest.len(), |close| close + 2),
        None => led(rest),
    };
    &most[..lines + more]
}

/// The end of a file in which markers are looked for.
#[must_use]
pub fn tail(text: &[u8]) -> &[u8] {
    let end = text.trim_ascii_end().len();
    let most = &text[end.saturating_sub(LAST)..end];
    let start = memchr::memrchr_iter(b'\n', most).nth(LAST_LINES - 1).map_or(0, |newline| newline + 1);
    &most[start..]
}

/// What a key ends that `part` belongs to, if a value follows: all that stands before the sign on its line. Half of all
/// headers name a licence, and few of them as a key whose value is asked for.
#[must_use]
pub fn key_at(text: &[u8], part: Span) -> Option<String> {
    let rest = text.get(part.end..text.len().min(part.end + LONGEST_KEY)).unwrap_or_default();
    let in_key = |byte: &u8| byte.is_ascii_alphanumeric() || b"_-. \t\"'*".contains(byte) || *byte >= 0x80;
    let wide = if rest.is_ascii() { None } else { memmem::find(rest, "：".as_bytes()) };
    let sign = wide.or_else(|| rest.iter().position(|byte| !in_key(byte)).filter(|at| b":=>|".contains(&rest[*at])))?;
    let before = text.get(part.start.saturating_sub(LONGEST_KEY)..part.end + sign).unwrap_or_default();
    let line = before.rsplit(|byte| *byte == b'\n').next().unwrap_or(before);
    Some(bare(&String::from_utf8_lossy(line)))
}

/// Keys are no longer.
const LONGEST_KEY: usize = 64;

/// What a path says of the markers in a file: the language, and whether they only warn.
#[must_use]
pub fn said(path: &str) -> (&'static str, bool) {
    (language(path, b"").name, super::evidence::is_sample(path))
}

/// The lines that go on with a comment: each begins as one may.
fn led(rest: &[u8]) -> usize {
    let mut at = 0;
    for line in rest.split_inclusive(|byte| *byte == b'\n') {
        if !line.trim_ascii_start().first().is_some_and(|byte| b"*#/;%!-|'".contains(byte)) {
            break;
        }
        at += line.len();
    }
    at
}

/// Whether the values of a file speak, or all of it: by the names that nearly all such files have. The table of languages
/// takes longer to ask than most files take to read.
fn is_read_whole(path: &str) -> bool {
    let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
    let Some((_, extension)) = name.rsplit_once('.') else { return true };
    COMMON.iter().any(|known| known.eq_ignore_ascii_case(extension))
}

const COMMON: [&str; 14] =
    ["json", "yml", "yaml", "toml", "ini", "cfg", "conf", "properties", "env", "xml", "md", "txt", "rst", "adoc"];

#[cfg(test)]
mod tests {
    use super::super::language::Class;
    use super::*;

    #[test]
    fn common_names_are_of_data_and_texts() {
        for extension in COMMON {
            assert_ne!(language(&format!("a.{extension}"), b"").class, Class::Code, "{extension}");
        }
    }

    #[test]
    fn a_head_is_thirty_lines_and_the_comment_that_goes_on() {
        let code = "x\n".repeat(100);
        let rows = [
            ("a.c", code.clone(), 60),
            ("a.c", format!("/*\n{}*/{code}", "a\n".repeat(50)), 105),
            ("a.c", format!("/* b */\n{code}"), 66),
            ("a.py", format!("{}{code}", "# a\n".repeat(50)), 200),
            ("a.py", "# a\n".into(), 4),
            ("a.json", code.clone(), 200),
            ("README", "y\n".repeat(9_000), 4_096),
            ("a.c", "z".repeat(40_000), HEAD),
        ];
        for (path, text, expected) in rows {
            assert_eq!(head(path, text.as_bytes()).len(), expected, "{path} {text:.20}");
        }
    }

    #[test]
    fn a_tail_is_the_last_lines() {
        assert_eq!(tail(b"a\nb\nc\nd\ne\nf\n\n \n"), b"c\nd\ne\nf");
        assert_eq!(tail(b"a"), b"a");
        assert_eq!(tail(&[b'a'; 2_000]).len(), LAST);
    }

    #[test]
    fn a_key_is_followed_by_a_sign() {
        let rows = [
            ("key: x", Some("key")),
            ("{\"a\": 1, \"key\" : x", Some("a1key")),
            ("# my key_of_it = x", Some("mykeyofit")),
            ("<a><key>x", Some("akey")),
            ("**Data key**: x", Some("datakey")),
            ("a\n密key：x", Some("密key")),
            ("SPDX-key-Identifier: x", Some("spdxkeyidentifier")),
            ("key", None),
            ("key, x: y", None),
            ("key (of it): x", None),
            ("key\nx: y", None),
        ];
        for (text, expected) in rows {
            let start = memmem::find(text.as_bytes(), b"key").expect("a key");
            let found = key_at(text.as_bytes(), Span::new(start, start + 3));
            assert_eq!(found.as_deref(), expected, "{text}");
        }
    }
}
