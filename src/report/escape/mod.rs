//! The one writer that makes untrusted text printable: paths, excerpts, notes and whatever else came from a repository.
//! What could move a cursor, hide or reorder text, or speak to a build server leaves here as a visible escape.
//! It never shortens and never drops a character.

mod command;
mod markup;

use std::fmt::{self, Display, Write as _};
use std::io;

use crate::span::Span;

pub(super) use command::{Azure, GithubData, GithubProperty};
pub(super) use markup::{Cell, Code, Markdown, Uri, Xml};

/// Untrusted text of one line, shown with every dangerous character escaped; a tab is one space.
pub struct Escaped<'t>(pub &'t str);

impl Display for Escaped<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A build server obeys a line that begins so, and untrusted text may be the first on its line.
        let (blank, text) = self.0.split_at(self.0.len() - self.0.trim_start().len());
        show(out, blank)?;
        match text.strip_prefix("::") {
            Some(command) => {
                write_escape(out, ':')?;
                out.write_char(':')?;
                show(out, command)
            }
            None => show(out, text),
        }
    }
}

fn show(out: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    pieces(text).try_for_each(|piece| match piece {
        Piece::Safe(run) => out.write_str(run),
        Piece::Bad('\t') => out.write_char(' '),
        Piece::Bad(bad) => write_escape(out, bad),
    })
}

/// Escapes one line, expands its tabs, and says where `mark` has gone.
#[must_use]
pub fn line(text: &str, mark: Span) -> (String, Span) {
    let mut out = Spread { text: String::with_capacity(text.len() + 16), columns: 0 };
    let start = boundary(text, mark.start);
    let end = boundary(text, mark.end).max(start);
    let (before, rest) = text.split_at(start);
    let (marked, after) = rest.split_at(end - start);
    out.push(before);
    let start = out.text.len();
    out.push(marked);
    let end = out.text.len();
    out.push(after);
    (out.text, Span::new(start, end))
}

/// Writes a piece of a JSON string in which quotes, backslashes and C0 are already dealt with.
/// What it escapes reads back as the same text.
pub fn json_fragment(out: &mut (impl io::Write + ?Sized), text: &str) -> io::Result<()> {
    for piece in pieces(text) {
        match piece {
            Piece::Safe(run) => out.write_all(run.as_bytes())?,
            Piece::Bad(bad) => {
                for unit in bad.encode_utf16(&mut [0; 2]) {
                    write!(out, "\\u{unit:04x}")?;
                }
            }
        }
    }
    Ok(())
}

/// Whether a terminal or a reader could be deceived by this character.
#[must_use]
pub(super) const fn is_deceptive(letter: char) -> bool {
    matches!(
        letter,
        '\0'..='\x1f'
            | '\x7f'..='\u{9f}'
            // Zero width or no glyph: two names that differ in them look the same.
            | '\u{ad}'
            | '\u{34f}'
            | '\u{115f}'..='\u{1160}'
            | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200d}'
            | '\u{2060}'..='\u{2065}'
            | '\u{3164}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e0fff}'
            // Reorders what stands round it.
            | '\u{61c}'
            | '\u{200e}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2066}'..='\u{206f}'
            // Ends a line for some readers and not for others.
            | '\u{2028}'..='\u{2029}'
    )
}

enum Piece<'t> {
    Safe(&'t str),
    Bad(char),
}

/// Cuts a text into runs that may be printed and single characters that may not.
fn pieces(text: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut rest = text;
    std::iter::from_fn(move || match first_bad(rest) {
        Some((0, letter)) => {
            rest = rest.get(letter.len_utf8()..).unwrap_or_default();
            Some(Piece::Bad(letter))
        }
        Some((place, _)) => {
            let (run, after) = rest.split_at(place);
            rest = after;
            Some(Piece::Safe(run))
        }
        None if rest.is_empty() => None,
        None => Some(Piece::Safe(std::mem::take(&mut rest))),
    })
}

/// Most text is plain ASCII, and is passed over byte by byte.
fn first_bad(text: &str) -> Option<(usize, char)> {
    let mut place = 0;
    loop {
        let rest = text.get(place..)?;
        place += rest.bytes().position(|byte| byte == b'#' || !matches!(byte, b' '..=b'~'))?;
        let rest = text.get(place..)?;
        let letter = rest.chars().next()?;
        if is_deceptive(letter) || (letter == '#' && opens_command(rest)) {
            return Some((place, letter));
        }
        place += letter.len_utf8();
    }
}

/// Build servers obey `##[name]` and `##name[…]` anywhere in a log line.
fn opens_command(text: &str) -> bool {
    const LONGEST_NAME: usize = 16;
    let Some(name) = text.as_bytes().strip_prefix(b"##") else { return false };
    name.iter().take(LONGEST_NAME).find(|byte| !byte.is_ascii_alphabetic()) == Some(&b'[')
}

fn write_escape(out: &mut impl fmt::Write, letter: char) -> fmt::Result {
    match u32::from(letter) {
        code @ 0..=0xff => write!(out, "\\x{code:02x}"),
        code => write!(out, "\\u{{{code:04x}}}"),
    }
}

/// The last character boundary at or before `place`.
fn boundary(text: &str, place: usize) -> usize {
    let place = place.min(text.len());
    (0..=place).rev().find(|place| text.is_char_boundary(*place)).unwrap_or(0)
}

/// A line under construction that knows its column, because a tab reaches to the next stop.
struct Spread {
    text: String,
    columns: usize,
}

impl Spread {
    fn push(&mut self, text: &str) {
        const TAB: usize = 4;
        for piece in pieces(text) {
            let before = self.text.len();
            match piece {
                Piece::Safe(run) => self.text.push_str(run),
                Piece::Bad('\t') => {
                    self.text.extend(std::iter::repeat_n(' ', TAB - self.columns % TAB));
                }
                Piece::Bad(bad) => write_escape(&mut self.text, bad).expect("a String takes every character"),
            }
            self.columns += self.text.get(before..).map_or(0, |added| added.chars().count());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROWS: &[(&str, &str, &str)] = &[
        ("plain text stays", "src/größe.rs", "src/größe.rs"),
        ("an escape sequence is shown", "a\x1b[31mb", "a\\x1b[31mb"),
        ("newline and return are shown", "a\r\nb", "a\\x0d\\x0ab"),
        ("delete and C1", "\u{7f}\u{9b}31m", "\\x7f\\x9b31m"),
        ("a tab is a space", "a\tb", "a b"),
        ("bidi override", "exe.\u{202e}gpj", "exe.\\u{202e}gpj"),
        ("bidi isolate", "\u{2066}a\u{2069}", "\\u{2066}a\\u{2069}"),
        ("zero width", "pass\u{200b}word", "pass\\u{200b}word"),
        ("line separator", "a\u{2028}b\u{2029}", "a\\u{2028}b\\u{2029}"),
        ("tag characters", "a\u{e0041}", "a\\u{e0041}"),
        ("a build server's command", "x ##[error]y", "x \\x23#[error]y"),
        ("a build server's named command", "###vso[task.x]", "#\\x23#vso[task.x]"),
        ("a command at the start", " \u{a0}::error::x", " \u{a0}\\x3a:error::x"),
        ("a path within a name", "std::vector", "std::vector"),
        ("a heading is no command", "## notes [1]", "## notes [1]"),
        ("a long word is no command", "##abcdefghijklmnopqrst[", "##abcdefghijklmnopqrst["),
        ("empty", "", ""),
    ];

    #[test]
    fn deceptive_text_is_shown_as_escapes() {
        for (name, text, expected) in ROWS {
            assert_eq!(Escaped(text).to_string(), *expected, "{name}");
        }
    }

    #[test]
    fn json_fragment_reads_back_as_the_same_text() {
        for (name, text, _) in ROWS.iter().filter(|row| !row.1.contains(['\x1b', '\r', '\t'])) {
            let mut out = Vec::new();
            json_fragment(&mut out, text).unwrap();
            let json = format!("\"{}\"", String::from_utf8(out).unwrap());
            assert!(!json.chars().any(is_deceptive), "{name}: {json:?}");
            assert_eq!(serde_json::from_str::<String>(&json).unwrap(), *text, "{name}");
        }
    }

    #[test]
    fn the_mark_follows_its_text() {
        let rows = [
            ("plain", "key = abc", Span::new(6, 9), "abc"),
            ("after an escape", "\x1b\x1b key", Span::new(3, 6), "key"),
            ("escape inside", "a\x00b", Span::new(0, 3), "a\\x00b"),
            ("after a tab", "\tkey", Span::new(1, 4), "key"),
            ("inside a character", "äkey", Span::new(1, 5), "äkey"),
            ("past the end", "key", Span::new(1, 99), "ey"),
            ("backwards", "key", Span::new(2, 1), ""),
        ];
        for (name, text, mark, expected) in rows {
            let (shown, mark) = line(text, mark);
            assert_eq!(shown.get(mark.range()), Some(expected), "{name}: {shown:?}");
        }
    }

    #[test]
    fn tabs_reach_the_next_stop() {
        let rows = [("a\tb", "a   b"), ("\tb", "    b"), ("abcd\tb", "abcd    b"), ("ä\tb", "ä   b")];
        for (text, expected) in rows {
            assert_eq!(line(text, Span::default()).0, expected, "{text:?}");
        }
    }
}
