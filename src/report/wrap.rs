//! Breaks text into lines of a width, under a heading that stands to the left of the first.

use std::fmt::Write as _;

/// Text under construction in which each paragraph hangs to the right of a short heading.
pub(super) struct Page {
    pub text: String,
    width: usize,
}

impl Page {
    pub(super) const fn new(width: usize) -> Self {
        Self { text: String::new(), width }
    }

    /// Writes `heading`, which takes `indent` columns, and beside it the words, broken at spaces where they reach the width.
    /// A word that is too long for a line stays whole, so that a path or an address can be copied.
    pub(super) fn paragraph(&mut self, heading: impl std::fmt::Display, indent: usize, words: &str) {
        write!(self.text, "{heading}").expect("a String takes every character");
        let mut column = indent;
        for (number, word) in words.split(' ').filter(|word| !word.is_empty()).enumerate() {
            let length = columns(word);
            // At the start of a line `::` speaks to a build server.
            if number > 0 && column + 1 + length > self.width && !word.starts_with("::") {
                self.text.push('\n');
                self.text.extend(std::iter::repeat_n(' ', indent));
                column = indent;
            } else if number > 0 {
                self.text.push(' ');
                column += 1;
            }
            self.text.push_str(word);
            column += length;
        }
        self.text.push('\n');
    }

    /// Writes a line that is never broken.
    pub(super) fn line(&mut self, line: impl std::fmt::Display) {
        writeln!(self.text, "{line}").expect("a String takes every character");
    }
}

/// Columns that a text takes on a terminal; colour codes take none.
pub(super) fn columns(text: &str) -> usize {
    let mut within_code = false;
    let mut sum = 0;
    for letter in text.chars() {
        match letter {
            '\x1b' => within_code = true,
            'm' if within_code => within_code = false,
            _ if within_code => {}
            _ => sum += column_width(letter),
        }
    }
    sum
}

/// Rough on purpose: east Asian blocks and emoji take two columns, all else one.
pub(super) const fn column_width(letter: char) -> usize {
    match letter {
        '\u{1100}'..='\u{115f}'
        | '\u{2e80}'..='\u{a4cf}'
        | '\u{ac00}'..='\u{d7a3}'
        | '\u{f900}'..='\u{faff}'
        | '\u{fe30}'..='\u{fe6f}'
        | '\u{ff00}'..='\u{ff60}'
        | '\u{ffe0}'..='\u{ffe6}'
        | '\u{1f300}'..='\u{1faff}'
        | '\u{20000}'..='\u{3fffd}' => 2,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paragraphs_hang_and_break_at_spaces() {
        let rows = [
            ("fits", 20, "ab cd", "x: ab cd\n"),
            ("breaks", 8, "abc def ghi", "x: abc\n   def\n   ghi\n"),
            ("too long a word stays whole", 8, "a abcdefghijk b", "x: a\n   abcdefghijk\n   b\n"),
            ("colour takes no room", 8, "\x1b[2mab\x1b[0m cd", "x: \x1b[2mab\x1b[0m cd\n"),
            ("wide letters take two columns", 8, "鍵鍵 ab", "x: 鍵鍵\n   ab\n"),
            ("no line starts with a command", 8, "abcd ::error", "x: abcd ::error\n"),
            ("nothing", 8, "", "x: \n"),
        ];
        for (name, width, words, expected) in rows {
            let mut page = Page::new(width);
            page.paragraph("x: ", 3, words);
            assert_eq!(page.text, expected, "{name}");
        }
    }
}
