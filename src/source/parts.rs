//! Text that is in memory already, in parts that reports name: what a diff shows of each file, a commit message.
//! A part is made of stretches of that text; nothing is copied, and nothing is joined that does not stand together.

use std::io::{self, Read};

use super::patch::{Literal, NotADiff, parse};
use super::{Entry, Lines, Listing, Origin, Reader, Source, Stretch, message};
use crate::outcome::Gap;
use crate::span::Span;

/// A text, and which of it is to be read under which name.
#[derive(Debug)]
pub struct Parts {
    text: Vec<u8>,
    all: Vec<Part>,
    gaps: Vec<Gap>,
}

/// One entry: a path, and where in the text its content stands.
#[derive(Debug)]
pub(super) struct Part {
    pub path: String,
    pub lines: Lines,
    pub content: Content,
}

#[derive(Debug)]
pub(super) enum Content {
    Lines(Vec<Block>),
    /// A whole file in git's own form for binary content.
    Binary(Literal),
}

/// Lines that stand together, each behind the columns of marks that a diff sets before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Block {
    /// The number of the first line.
    pub line: u64,
    pub body: Span,
    /// None for plain text, one for a diff, one for each parent in a combined diff.
    pub columns: usize,
}

impl Parts {
    /// What the diff in `bytes`, which came as `name`, adds.
    ///
    /// # Errors
    /// There is something in it, and it is no diff.
    pub fn of_diff(name: &str, bytes: Vec<u8>) -> Result<Self, NotADiff> {
        let mut text = super::patch::without_colours(bytes);
        let parsed = parse(name, &text)?;
        text.extend(parsed.decoded);
        Ok(Self { text, all: parsed.parts, gaps: parsed.gaps })
    }

    /// The whole of a file's text.
    #[must_use]
    pub fn of_text(path: &str, bytes: Vec<u8>) -> Self {
        let whole = Block { line: 1, body: Span::new(0, bytes.len()), columns: 0 };
        let part = Part { path: path.to_owned(), lines: Lines::All, content: Content::Lines(vec![whole]) };
        Self { text: bytes, all: vec![part], gaps: Vec::new() }
    }

    /// A commit message as git hands it to a hook; what it cuts off before it records the message is not read.
    #[must_use]
    pub fn of_message(name: &str, bytes: Vec<u8>) -> Self {
        let content = Content::Lines(message::recorded(&bytes));
        let part = Part { path: name.to_owned(), lines: Lines::All, content };
        Self { text: bytes, all: vec![part], gaps: Vec::new() }
    }

    fn part(&self, entry: &Entry) -> Option<&Part> {
        match entry.origin {
            Origin::Part(number) => self.all.get(number),
            _ => None,
        }
    }
}

impl Source for Parts {
    fn list(&self) -> Listing {
        let entry = |(number, part): (usize, &Part)| Entry {
            path: part.path.clone(),
            origin: Origin::Part(number),
            lines: part.lines.clone(),
            commit: None,
        };
        let entries = self.all.iter().enumerate().map(entry).collect();
        Listing { entries, gaps: self.gaps.clone(), ..Listing::default() }
    }

    fn reader(&self) -> Box<dyn Reader + '_> {
        Box::new(PartsReader(self))
    }
}

struct PartsReader<'p>(&'p Parts);

impl Reader for PartsReader<'_> {
    fn open<'r>(&'r mut self, entry: &Entry) -> io::Result<Box<dyn Read + 'r>> {
        let part = self.0.part(entry).ok_or(io::ErrorKind::Unsupported)?;
        Ok(match &part.content {
            Content::Lines(blocks) => Box::new(Replay { text: &self.0.text, blocks, lines: None, rest: &[] }),
            Content::Binary(literal) => Box::new(literal.reader(&self.0.text)),
        })
    }

    /// The beginning of the old text, where the diff shows it: no more of that is known.
    fn before(&mut self, entry: &Entry) -> io::Result<Vec<Vec<u8>>> {
        let Some(Content::Lines(blocks)) = self.0.part(entry).map(|part| &part.content) else { return Ok(Vec::new()) };
        let first = blocks.first().filter(|block| block.line <= 1 && block.columns == 1);
        let old: Vec<u8> =
            first.into_iter().flat_map(|block| block.old_side(&self.0.text)).flatten().copied().collect();
        Ok(if old.is_empty() { Vec::new() } else { vec![old] })
    }

    fn stretches(&self, entry: &Entry) -> Vec<Stretch> {
        match self.0.part(entry).map(|part| &part.content) {
            Some(Content::Lines(blocks)) => blocks.iter().map(|block| block.stretch(&self.0.text)).collect(),
            _ => Vec::new(),
        }
    }
}

impl Block {
    /// The lines that the new side has, with their ends.
    pub fn new_side<'p>(&self, text: &'p [u8]) -> NewSide<'p> {
        NewSide { rest: self.body.of(text), columns: self.columns }
    }

    /// The lines that the old side has, for a block of one column.
    fn old_side<'p>(&self, text: &'p [u8]) -> impl Iterator<Item = &'p [u8]> {
        let lines = self.body.of(text).split_inclusive(|byte| *byte == b'\n');
        lines
            .filter(|line| !line.starts_with(b"+") && !line.starts_with(b"\\"))
            .map(|line| &line[marks_of(line, 1).len()..])
    }

    fn stretch(&self, text: &[u8]) -> Stretch {
        Stretch { line: self.line, bytes: self.new_side(text).map(|line| line.len() as u64).sum() }
    }
}

/// The new side's lines of a block.
#[derive(Debug)]
pub(super) struct NewSide<'p> {
    rest: &'p [u8],
    columns: usize,
}

impl<'p> Iterator for NewSide<'p> {
    type Item = &'p [u8];

    fn next(&mut self) -> Option<&'p [u8]> {
        while !self.rest.is_empty() {
            let len = memchr::memchr(b'\n', self.rest).map_or(self.rest.len(), |newline| newline + 1);
            let (line, rest) = self.rest.split_at(len);
            self.rest = rest;
            if self.columns == 0 {
                return Some(line);
            }
            let marks = marks_of(line, self.columns);
            if line.starts_with(b"\\") || marks.contains(&b'-') {
                continue;
            }
            // `\ No newline at end of file` speaks of the line before.
            let end = if rest.starts_with(b"\\") { trimmed(line).len() } else { line.len() };
            return Some(&line[marks.len()..end.max(marks.len())]);
        }
        None
    }
}

/// The marks before a line of a hunk: fewer than `columns` where a mail program took blanks off the line's end.
pub(super) fn marks_of(line: &[u8], columns: usize) -> &[u8] {
    let line = trimmed(line);
    line.get(..columns).unwrap_or(line)
}

/// A line without its end.
pub(super) fn trimmed(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line)
}

/// Gives the new side of one block after the other.
struct Replay<'p> {
    text: &'p [u8],
    blocks: &'p [Block],
    lines: Option<NewSide<'p>>,
    rest: &'p [u8],
}

impl Read for Replay<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut filled = 0;
        while filled < buffer.len() {
            if self.rest.is_empty() {
                if let Some(line) = self.lines.as_mut().and_then(Iterator::next) {
                    self.rest = line;
                } else {
                    let Some((first, blocks)) = self.blocks.split_first() else { break };
                    self.lines = Some(first.new_side(self.text));
                    self.blocks = blocks;
                }
            }
            filled += self.rest.read(&mut buffer[filled..])?;
        }
        Ok(filled)
    }
}
