//! The names of files as diffs write them: quoted, behind prefixes, before time stamps.

use std::borrow::Cow;

/// What stands in place of a file that is not there.
const NOTHING: &[u8] = b"/dev/null";

/// The name at the start of a line after `--- ` or `+++ `; nothing where there is no such file.
pub fn named(text: &[u8]) -> Option<String> {
    let name = match unquoted(text) {
        Some((name, _)) => Cow::Owned(name),
        // A tab parts the name from a time or a revision; git writes one after names with blanks.
        None => Cow::Borrowed(memchr::memchr(b'\t', text).map_or(text, |tab| &text[..tab])),
    };
    (*name != *NOTHING).then(|| lossy(&name))
}

/// A name that is all of `text`, quoted or not.
pub fn whole(text: &[u8]) -> String {
    unquoted(text).map_or_else(|| lossy(text), |(name, _)| lossy(&name))
}

fn lossy(name: &[u8]) -> String {
    String::from_utf8_lossy(name).into_owned()
}

/// The name in C's quotes that `text` begins with, and what follows it.
fn unquoted(text: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    let mut rest = text.strip_prefix(b"\"")?;
    let mut name = Vec::new();
    loop {
        let (&byte, after) = rest.split_first()?;
        rest = after;
        match byte {
            b'"' => return Some((name, rest)),
            b'\\' => {
                let (&escaped, after) = rest.split_first()?;
                rest = after;
                name.push(match escaped {
                    b'a' => 0x07,
                    b'b' => 0x08,
                    b't' => b'\t',
                    b'n' => b'\n',
                    b'v' => 0x0b,
                    b'f' => 0x0c,
                    b'r' => b'\r',
                    b'0'..=b'3' => {
                        let digits =
                            rest.get(..2).filter(|digits| digits.iter().all(|digit| (b'0'..=b'7').contains(digit)))?;
                        rest = &rest[2..];
                        (escaped - b'0') << 6 | (digits[0] - b'0') << 3 | (digits[1] - b'0')
                    }
                    other => other,
                });
            }
            other => name.push(other),
        }
    }
}

/// The name that both halves of what follows `diff --git ` agree on; nothing for a rename, whose headers say it.
pub fn of_git_line(text: &[u8]) -> Option<String> {
    let (old, new) = match unquoted(text) {
        Some((old, rest)) => {
            let rest = rest.strip_prefix(b" ")?;
            (old, unquoted(rest).map_or_else(|| rest.to_vec(), |(new, _)| new))
        }
        None if text.ends_with(b"\"") => {
            let quote = memchr::memmem::find(text, b" \"")?;
            (text[..quote].to_vec(), unquoted(&text[quote + 1..])?.0)
        }
        None => return of_plain_line(text),
    };
    if old == new {
        return Some(lossy(&new));
    }
    let (old, new) = (after_first(&old)?, after_first(&new)?);
    (old == new).then(|| lossy(new))
}

/// As above, where neither name is quoted; blanks may stand in both.
fn of_plain_line(text: &[u8]) -> Option<String> {
    // Where prefixes are of one length the middle parts the two.
    let middle = text.len() / 2;
    let same = |at: usize| {
        let (old, new) = (&text[..at], &text[at + 1..]);
        if old == new { Some(new) } else { after_first(old).filter(|old| after_first(new) == Some(old)) }
    };
    if text.get(middle) == Some(&b' ')
        && let Some(name) = same(middle)
    {
        return Some(lossy(name));
    }
    // A longer line or more blanks are no name's, and would take their time.
    let line = text.get(..text.len().min(16 << 10))?;
    memchr::memchr_iter(b' ', line).take(64).find_map(same).map(lossy)
}

/// What follows the first part of a path.
fn after_first(path: &[u8]) -> Option<&[u8]> {
    memchr::memchr(b'/', path).map(|slash| &path[slash + 1..])
}

/// The new name without the prefix that git and Mercurial put before both: `a/` and `b/`, or letters that say which side
/// it is.
pub fn without_prefix<'n>(old: Option<&str>, new: &'n str) -> &'n str {
    let split = |name: &'_ str| -> Option<char> {
        let (first, _) = name.split_once('/')?;
        let mut letters = first.chars();
        letters.next().filter(|letter| "abciow12".contains(*letter) && letters.next().is_none())
    };
    let rest = new.split_once('/').map_or(new, |(_, rest)| rest);
    match (old, split(new)) {
        (Some(old), Some(letter)) if split(old).is_some_and(|other| other != letter) => rest,
        (None, Some('b')) => rest,
        _ => new,
    }
}

/// Whether `written` is `name`, or is it behind a prefix.
pub fn agrees(written: &str, name: &str) -> bool {
    written.strip_suffix(name).is_some_and(|prefix| prefix.is_empty() || prefix.ends_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_they_are_written() {
        let rows: &[(&[u8], Option<&str>)] = &[
            (b"b/a.py", Some("b/a.py")),
            (b"a b.c\t", Some("a b.c")),
            (b"a.c\t2024-01-01 00:00:00.000000000 +0000", Some("a.c")),
            (b"a.c\t(working copy)", Some("a.c")),
            (b"/dev/null", None),
            (b"/dev/null\tThu Jan 01 00:00:00 1970 +0000", None),
            (br#""b/\303\244\t\"\\""#, Some("b/\u{e4}\t\"\\")),
            (br#""b/\303""#, Some("b/\u{fffd}")),
            (br#""b/open"#, Some("\"b/open")),
            (br#""b/\9""#, Some("b/9")),
            (b"../../etc/x", Some("../../etc/x")),
        ];
        for (text, expected) in rows {
            assert_eq!(named(text).as_deref(), *expected, "{}", text.escape_ascii());
        }
    }

    #[test]
    fn a_git_line_names_a_file_that_was_not_renamed() {
        let rows: &[(&[u8], Option<&str>)] = &[
            (b"a/x b/x", Some("x")),
            (b"i/x w/x", Some("x")),
            (b"x x", Some("x")),
            (b"a/x a/x", Some("a/x")),
            (b"a/x y b/x y", Some("x y")),
            (b"a/a b/b b/a b/b", Some("a b/b")),
            (b"a/x b/y", None),
            (b"before/x y after/x y", Some("x y")),
            (b"x/y y/y", Some("y")),
            (br#""a/\303\244" "b/\303\244""#, Some("\u{e4}")),
            (br#"a/x "b/\t""#, None),
            (b"", None),
            (b" ", Some("")),
        ];
        for (text, expected) in rows {
            assert_eq!(of_git_line(text).as_deref(), *expected, "{}", text.escape_ascii());
        }
    }

    #[test]
    fn prefixes_go_where_they_are_prefixes() {
        let rows = [
            (Some("a/x"), "b/x", "x"),
            (Some("i/x"), "w/x", "x"),
            (Some("b/x"), "b/x", "b/x"),
            (None, "b/x", "x"),
            (None, "a/x", "a/x"),
            (Some("old/x"), "new/x", "new/x"),
            (Some("a/x"), "x", "x"),
        ];
        for (old, new, expected) in rows {
            assert_eq!(without_prefix(old, new), expected, "{old:?} {new}");
        }
    }
}
