//! Comments at the top of a text, by the table of languages: enough of each language to tell a comment from a string, and
//! no more. It looks at the lines in which a header may begin, and follows a comment that begins there to its end.

use super::language::{Language, Opener, Opens};
use crate::span::Span;

/// A header begins in the first so many lines.
pub const HEADER_LINES: u64 = 30;

/// A comment of one or more lines, with nothing before it on its first line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Block {
    /// What stands in it, a line at a time, without the signs round it.
    pub lines: Vec<Span>,
    /// The line it begins on, from 0.
    pub first: u64,
    /// Where it ends, its closing sign included.
    pub end: usize,
    /// Lines of code before it that are no prologue.
    pub code_before: u32,
    to_line_end: bool,
}

/// The comments that begin in the first `lines` lines of `text`, with at most `most_code` lines of code before them.
#[must_use]
pub fn comments(text: &[u8], language: &Language, lines: u64, most_code: u32) -> Vec<Block> {
    let mut lexer = Lexer { text, at: 0, line: 0, line_start: 0, code: 0, code_line: None, blocks: Vec::new() };
    if text.starts_with(b"#!") {
        lexer.skip_line();
    }
    while lexer.at < text.len() && lexer.line < lines && lexer.code <= most_code {
        lexer.step(language);
    }
    lexer.blocks
}

/// The line after a comment, if it is not blank.
#[must_use]
pub fn next_line<'t>(text: &'t [u8], block: &Block) -> Option<&'t [u8]> {
    let rest = text.get(block.end..)?;
    let line_end = memchr::memchr(b'\n', rest)?;
    // Something else after the comment's end stands on its own line.
    let own = rest[..line_end].trim_ascii();
    let next = &rest[line_end + 1..];
    let next = next[..memchr::memchr(b'\n', next).unwrap_or(next.len())].trim_ascii();
    [own, next].into_iter().find(|line| !line.is_empty())
}

/// Whether a line of code says only where it belongs and what it uses: what may stand before a header.
#[must_use]
pub fn is_prologue(line: &[u8]) -> bool {
    const WORDS: [&[u8]; 42] = [
        b"syntax",
        b"edition",
        b"option",
        b"\\documentclass",
        b"\\usepackage",
        b"section",
        b".section",
        b".text",
        b".file",
        b"global",
        b".globl",
        b"package",
        b"import",
        b"from",
        b"#include",
        b"#pragma",
        b"#ifndef",
        b"#define",
        b"#if",
        b"#ifdef",
        b"#!",
        b"using",
        b"use",
        b"require",
        b"require_once",
        b"module",
        b"namespace",
        b"'use",
        b"\"use",
        b"<?php",
        b"<?xml",
        b"<?",
        b"<!",
        b"library",
        b"unit",
        b"program",
        b"@charset",
        b"set",
        b"-module",
        b"%YAML",
        b"---",
        b"@echo",
    ];
    let line = line.trim_ascii();
    line.iter().all(u8::is_ascii_punctuation)
        || WORDS.iter().any(|word| {
            let after = line.get(word.len()).copied().unwrap_or(b' ');
            line.starts_with(word) && !after.is_ascii_alphanumeric() && after != b'('
        })
}

struct Lexer<'t> {
    text: &'t [u8],
    at: usize,
    /// The number of the line, and where it begins.
    line: u64,
    line_start: usize,
    /// Lines with code up to here, and the last of them.
    code: u32,
    code_line: Option<u64>,
    blocks: Vec<Block>,
}

impl Lexer<'_> {
    fn step(&mut self, language: &Language) {
        let byte = self.text[self.at];
        if byte == b'\n' {
            self.newline();
            return;
        }
        if byte.is_ascii_whitespace() {
            self.at += 1;
            return;
        }
        let fresh = self.code_line != Some(self.line);
        let opener = language.openers.iter().find(|opener| self.opens(opener, fresh)).copied();
        match opener.map(|opener| (opener.sign, opener.opens)) {
            Some((sign, Opens::Line)) => self.line_comment(sign, fresh),
            Some((sign, Opens::Block { close, nested })) => {
                self.block_comment(sign, close, nested.then_some(sign), fresh);
            }
            Some((sign, Opens::Doc { close })) => self.block_comment(sign, close, None, fresh),
            Some((sign, Opens::Text { close, flags })) => {
                self.saw_code();
                self.string(sign, close, flags);
            }
            None => {
                self.saw_code();
                let goes_on = |byte: &&u8| **byte != b'\n' && !language.may_open(**byte);
                self.at += 1 + self.text[self.at + 1..].iter().take_while(goes_on).count();
            }
        }
    }

    fn opens(&self, opener: &Opener, fresh: bool) -> bool {
        let rest = &self.text[self.at..];
        if !rest.starts_with(opener.sign.as_bytes()) {
            return false;
        }
        let is_word = opener.sign.ends_with(|letter: char| letter.is_ascii_alphabetic());
        let next = rest.get(opener.sign.len()).copied().unwrap_or(b'\n');
        match opener.opens {
            // A word or a star opens a comment where a line begins, and is a name or a product elsewhere.
            Opens::Line if is_word => fresh && !next.is_ascii_alphanumeric(),
            Opens::Line if matches!(opener.sign, "*" | "@" | "!" | "\"") => fresh,
            Opens::Block { .. } if opener.sign.starts_with('=') => {
                self.at == self.line_start && next.is_ascii_whitespace()
            }
            Opens::Doc { .. } => fresh,
            _ => true,
        }
    }

    fn newline(&mut self) {
        self.at += 1;
        self.line += 1;
        self.line_start = self.at;
    }

    fn saw_code(&mut self) {
        if self.code_line != Some(self.line) {
            self.code_line = Some(self.line);
            let end = self.line_end();
            self.code += u32::from(!is_prologue(&self.text[self.line_start..end]));
        }
    }

    fn line_end(&self) -> usize {
        memchr::memchr(b'\n', &self.text[self.at..]).map_or(self.text.len(), |len| self.at + len)
    }

    fn skip_line(&mut self) {
        self.at = self.line_end();
    }

    fn line_comment(&mut self, sign: &str, fresh: bool) {
        let (start, end) = (self.at + sign.len(), self.line_end());
        self.at = end;
        if !fresh {
            return;
        }
        let (line, code) = (self.line, self.code);
        let goes_on = self.blocks.last_mut().filter(|last| {
            last.to_line_end && last.first + last.lines.len() as u64 == line && last.code_before == code
        });
        if let Some(last) = goes_on {
            last.lines.push(Span::new(start, end));
            last.end = end;
        } else {
            let lines = vec![Span::new(start, end)];
            self.blocks.push(Block { lines, first: line, end, code_before: code, to_line_end: true });
        }
    }

    fn block_comment(&mut self, sign: &str, close: &str, nest: Option<&str>, fresh: bool) {
        let mut block = Block { first: self.line, code_before: self.code, ..Block::default() };
        self.at += sign.len();
        let (mut start, mut depth) = (self.at, 1);
        loop {
            let rest = &self.text[self.at..];
            if rest.is_empty() || rest[0] == b'\n' {
                block.lines.push(Span::new(start, self.at));
                if rest.is_empty() {
                    break;
                }
                self.newline();
                start = self.at;
            } else if rest.starts_with(close.as_bytes()) {
                let end = self.at;
                self.at += close.len();
                depth -= 1;
                if depth == 0 {
                    block.lines.push(Span::new(start, end));
                    break;
                }
            } else if nest.is_some_and(|sign| rest.starts_with(sign.as_bytes())) {
                self.at += sign.len();
                depth += 1;
            } else {
                let signs = [close, nest.unwrap_or(close)].map(|sign| sign.as_bytes()[0]);
                let next = memchr::memchr3(b'\n', signs[0], signs[1], &rest[1..]);
                self.at += next.map_or(rest.len(), |next| next + 1);
            }
        }
        block.end = self.at;
        if fresh {
            self.blocks.push(block);
        }
    }

    fn string(&mut self, sign: &str, close: &str, flags: &str) {
        let has = |flag| flags.contains(flag);
        if has('c') && !self.is_character(sign.len(), close) {
            self.at += sign.len();
            return;
        }
        self.at += sign.len();
        while self.at < self.text.len() {
            let rest = &self.text[self.at..];
            if rest.starts_with(close.as_bytes()) {
                self.at += close.len();
                return;
            }
            match rest[0] {
                // A string that must end on its line and does not is none.
                b'\n' if !has('m') => return,
                b'\n' => {
                    self.newline();
                    self.code_line = Some(self.line);
                }
                b'\\' if has('e') && rest.get(1).is_some_and(|byte| *byte != b'\n') => self.at += 2,
                _ => self.at += 1,
            }
        }
    }

    /// Whether a quote begins a character, `'x'` or `'\n'`, and no lifetime or apostrophe.
    fn is_character(&self, from: usize, close: &str) -> bool {
        let rest = &self.text[self.at + from..];
        let escaped = rest.first() == Some(&b'\\');
        let near = &rest[..rest.len().min(if escaped { 12 } else { 5 })];
        let first = usize::from(!near.is_empty()) + usize::from(escaped);
        memchr::memmem::find(near.get(first..).unwrap_or_default(), close.as_bytes())
            .is_some_and(|at| escaped || at < 4)
    }
}

#[cfg(test)]
mod tests;
