//! What the command printed, made comparable, and held against what was expected.

use std::path::Path;
use std::time::SystemTime;

use regex::Regex;
use tightlip::date::Date;

/// Replaces what differs from run to run and from machine to machine.
pub fn comparable(text: &str, work: &Path) -> String {
    let today = Date::at(SystemTime::now()).to_string();
    let text = text.replace(&*work.to_string_lossy(), "[DIR]").replace('\x1b', "␛");
    let mut text = text.replace(&today, "[TODAY]");
    for (pattern, instead) in [
        (r" in [0-9.,]+ s ", " in [TIME] s "),
        (r#""elapsed_ms": [0-9]+"#, r#""elapsed_ms": 0"#),
        (r#"(rules"?:? "?|digest": "| · )[0-9a-f]{12}\b"#, "$1[RULES]"),
        (r" of [0-9]+ rules", " of [N] rules"),
    ] {
        text = Regex::new(pattern).unwrap().replace_all(&text, instead).into_owned();
    }
    text
}

/// Blanks at the end of a line or of all cannot be seen in a case, so they do not count. `[..]` stands for anything
/// within a line, a line of `...` for any lines.
pub fn matches(expected: &str, text: &str) -> bool {
    let lines =
        |text: &'_ str| -> Vec<String> { text.trim_end().lines().map(|line| line.trim_end().to_owned()).collect() };
    let (expected, lines) = (lines(expected), lines(text));
    lines_match(
        &expected.iter().map(String::as_str).collect::<Vec<_>>(),
        &lines.iter().map(String::as_str).collect::<Vec<_>>(),
    )
}

fn lines_match(expected: &[&str], lines: &[&str]) -> bool {
    match (expected, lines) {
        ([], []) => true,
        (["...", rest @ ..], _) => (0..=lines.len()).any(|skipped| lines_match(rest, &lines[skipped..])),
        ([first, rest @ ..], [line, lines @ ..]) => line_matches(first, line) && lines_match(rest, lines),
        _ => false,
    }
}

fn line_matches(expected: &str, line: &str) -> bool {
    match expected.split_once("[..]") {
        None => expected == line,
        Some((before, rest)) => line.strip_prefix(before).is_some_and(|line| {
            line.char_indices().map(|(at, _)| at).chain([line.len()]).any(|at| line_matches(rest, &line[at..]))
        }),
    }
}
