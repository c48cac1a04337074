//! Which lines of a commit message git may record. How it will clean the message up is not known to a hook, so all lines
//! count, comments too, but for the diff that `git commit --verbose` shows below its scissors.

use super::parts::{Block, Content, Part};
use super::patch::parse;
use crate::span::Span;

/// What follows the comment character on the line under which git cuts.
const SCISSORS: &[u8] = b" ------------------------ >8 ------------------------";

/// The stretches of `text` that are to be read.
pub(super) fn recorded(text: &[u8]) -> Vec<Block> {
    let whole = |line, start, end| Block { line, body: Span::new(start, end), columns: 0 };
    let Some((start, prefix)) = scissors(text) else { return vec![whole(1, 0, text.len())] };
    let mut blocks = vec![whole(1, 0, start)];
    let above = memchr::memchr_iter(b'\n', &text[..start]).count() as u64;
    blocks.extend(below(&text[start..], prefix).into_iter().map(|block| Block {
        line: block.line + above,
        body: block.body.shifted(start),
        ..block
    }));
    blocks
}

/// Where the line with the scissors begins, and the comment character, which may be any word.
fn scissors(text: &[u8]) -> Option<(usize, &[u8])> {
    let cut = memchr::memmem::find_iter(text, SCISSORS).find(|at| {
        let end = text.get(at + SCISSORS.len()..).unwrap_or_default();
        let prefix = &text[line_start(text, *at)..*at];
        !prefix.is_empty() && !prefix.contains(&b' ') && (end.is_empty() || matches!(end[0], b'\n' | b'\r'))
    })?;
    let start = line_start(text, cut);
    Some((start, &text[start..cut]))
}

fn line_start(text: &[u8], at: usize) -> usize {
    memchr::memrchr(b'\n', &text[..at]).map_or(0, |newline| newline + 1)
}

/// What is to be read under the scissors: git cuts there only if it put the line there itself, and a message given with
/// `-m` may hold one. So all is read but git's own diff: hunks that are whole, and the names above them.
fn below(text: &[u8], prefix: &[u8]) -> Vec<Block> {
    let all = vec![Block { line: 1, body: Span::new(0, text.len()), columns: 0 }];
    let Some(diff) = memchr::memmem::find(text, b"\ndiff --").map(|newline| newline + 1) else { return all };
    // Git writes a note between the two, and nothing else.
    let mut note = text[..diff].split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty());
    if !note.all(|line| line.starts_with(prefix)) {
        return all;
    }
    let Ok(parsed) = parse("", &text[diff..]) else { return all };
    // Git shows no mails there.
    if !parsed.decoded.is_empty() {
        return all;
    }
    let lines = memchr::memchr_iter(b'\n', &text[..diff]).count() as u64;
    let mut blocks = vec![Block { line: 1, body: Span::new(0, diff), columns: 0 }];
    for Part { path, content, .. } in parsed.parts {
        // Only what the parser takes for text has no name.
        if let (true, Content::Lines(found)) = (path.is_empty(), content) {
            blocks.extend(found.into_iter().filter(|block| block.columns == 0).map(|block| Block {
                line: block.line + lines,
                body: block.body.shifted(diff),
                ..block
            }));
        }
    }
    blocks
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> String {
        let blocks = recorded(text.as_bytes());
        let lines = |block: &Block| {
            let body = std::str::from_utf8(block.body.of(text.as_bytes())).unwrap();
            (block.line..).zip(body.lines()).map(|(number, line)| format!("{number}:{line}\n")).collect::<String>()
        };
        blocks.iter().map(lines).collect()
    }

    const CUT: &str = "# ------------------------ >8 ------------------------\n";
    const NOTE: &str = "# Do not modify or remove the line above.\n# Everything below it will be ignored.\n";
    const DIFF: &str = "diff --git a/a b/a\nindex 1234567..89abcde 100644\n--- a/a\n+++ b/a\n@@ -1 +1,2 @@\n x\n+y\n";

    #[test]
    fn all_is_read_but_the_diff_that_git_shows() {
        let head = "subject\n\n# a comment\n";
        let rows = [
            (head.to_owned(), "1:subject\n2:\n3:# a comment\n".to_owned()),
            (
                format!("{head}{CUT}{NOTE}{DIFF}"),
                format!(
                    "1:subject\n2:\n3:# a comment\n4:{CUT}5:{}\n6:{}\n",
                    &NOTE[..NOTE.find('\n').unwrap()],
                    &NOTE[NOTE.find('\n').unwrap() + 1..NOTE.len() - 1]
                ),
            ),
        ];
        for (text, expected) in rows {
            assert_eq!(read(&text), expected);
        }
    }

    #[test]
    fn what_is_hidden_below_a_line_that_looks_like_git_s_is_read() {
        let cases = [
            format!("a\n{CUT}hidden\n"),
            format!("a\n{CUT}hidden\n{DIFF}"),
            format!("a\n{CUT}{NOTE}{DIFF}hidden\n"),
            format!("a\n{CUT}{NOTE}{DIFF}+hidden\n"),
            format!("a\n{CUT}{NOTE}hidden\n{DIFF}"),
            format!("a\n{CUT}{NOTE}{DIFF}\ntext\n{DIFF}hidden"),
            format!("a\nnot {CUT}{NOTE}{}", DIFF.replace("+y", "+hidden")),
        ];
        for text in cases {
            assert!(read(&text).contains("hidden"), "{text}\n--- {}", read(&text));
        }
        let cut = [("#", CUT), (";", CUT), ("//", CUT), ("#", &CUT.replace('\n', "\r\n"))];
        for (mark, line) in cut {
            let text = format!("a\n{line}{NOTE}{}", DIFF.replace("+y", "+hidden")).replace('#', mark);
            assert!(!read(&text).contains("hidden"), "{text}");
        }
    }
}
