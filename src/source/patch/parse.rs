//! From the lines of a diff to its files. Every line is a header, belongs to a hunk, or is text: text is read as well, so
//! that nothing escapes by its place.

use super::NotADiff;
use super::binary::{self, Binary};
use super::header::{counts, is_commit, is_encoded, is_like_hunk};
use super::hunk;
use super::mail;
use super::section::{Form, Section};
use crate::outcome::Gap;
use crate::source::Lines;
use crate::source::parts::{Block, Content, Part, trimmed};
use crate::span::Span;

/// All literals of one diff may unpack to so much; what exceeds it is a gap.
const MOST_UNPACKED: u64 = 1 << 30;

/// What a diff came to.
#[derive(Debug, Default)]
pub struct Parsed {
    /// The text outside of hunks, under the name of the diff itself, then a part for each file.
    pub parts: Vec<Part>,
    pub gaps: Vec<Gap>,
    /// Headers of mails as they were meant: blocks name places in it as if it followed the text.
    pub decoded: Vec<u8>,
}

/// Reads the diff `text`, which came as `name`.
pub fn parse(name: &str, text: &[u8]) -> Result<Parsed, NotADiff> {
    let lines = Cursor::new(text);
    let mut parser = Parser {
        name,
        lines,
        section: None,
        place: Place::Outside,
        known: false,
        text: Vec::new(),
        unpacked: 0,
        parsed: Parsed::default(),
    };
    while let Some(line) = parser.lines.peek() {
        parser.line(trimmed(line));
    }
    parser.end_section();
    let Parser { known, text: blocks, mut parsed, .. } = parser;
    if !known && !text.trim_ascii().is_empty() {
        return Err(NotADiff);
    }
    let is_blank = |block: &Block| text.get(block.body.range()).is_some_and(|body| body.trim_ascii().is_empty());
    if !blocks.iter().all(is_blank) {
        let all = Part { path: name.to_owned(), lines: Lines::All, content: Content::Lines(blocks) };
        parsed.parts.insert(0, all);
    }
    Ok(parsed)
}

/// Where in a stream of mails and diffs the parser stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Outside,
    MailHeader,
    /// What a message says of diffs is text.
    Message,
}

struct Parser<'p> {
    name: &'p str,
    lines: Cursor<'p>,
    section: Option<Section>,
    place: Place,
    /// Something was seen that only diffs have.
    known: bool,
    text: Vec<Block>,
    unpacked: u64,
    parsed: Parsed,
}

impl Parser<'_> {
    fn line(&mut self, line: &[u8]) {
        if is_commit(line) {
            self.end_section();
            self.known = true;
            self.place = if line.starts_with(b"From ") { Place::MailHeader } else { Place::Message };
            return self.text();
        }
        if let Some(section) = Section::begun(line) {
            self.begin(section);
            return self.lines.skip();
        }
        if line.starts_with(b"--- ") && self.names(line) {
            return;
        }
        match self.place {
            Place::Outside => self.body(line),
            Place::MailHeader => {
                if is_encoded(line) {
                    self.gap(self.name.to_owned(), "a mail in it is encoded: save it as plain text");
                }
                if line.is_empty() {
                    self.place = Place::Message;
                }
                self.mail_header();
            }
            Place::Message => self.text(),
        }
    }

    /// A line that is no header of a file, outside of messages.
    fn body(&mut self, line: &[u8]) {
        if self.section.as_mut().is_some_and(|section| section.header(line)) {
            return self.lines.skip();
        }
        if let Some(counts) = counts(line) {
            self.known = true;
            self.lines.skip();
            let hunk = hunk::body(counts, &mut self.lines);
            let wrong = hunk.wrong;
            let section = self.section.get_or_insert_with(|| Section::new(Form::Bare, None));
            section.hunk(hunk);
            let path = section.path(self.name);
            if let Some(why) = wrong {
                self.gap(path, why);
            }
            return;
        }
        if is_like_hunk(line) {
            self.known = true;
            self.missing(None, "the head of a hunk makes no sense");
        } else if line == b"GIT binary patch" && self.section.is_some() {
            return self.binary();
        } else if let Some(remark) = Remark::of(line) {
            self.known = true;
            if let Remark::Unshown(file, why) = remark
                && !self.section.as_ref().is_some_and(Section::is_deleted)
            {
                self.missing(file, why);
            }
            return self.lines.skip();
        } else if line.starts_with(b"Submodule ") {
            self.known = true;
        }
        self.text();
    }

    /// `---` and `+++`, if they follow one another.
    fn names(&mut self, old: &[u8]) -> bool {
        let is_combined = self.section.as_ref().is_some_and(|section| section.is_combined() && section.awaits_names());
        let Some(next) = self.lines.after_next().map(trimmed) else { return false };
        if is_combined && next.starts_with(b"--- ") {
            // One for each parent.
            self.lines.skip();
            return true;
        }
        let Some(new) = next.strip_prefix(b"+++ ") else { return false };
        if !self.section.as_ref().is_some_and(Section::awaits_names) {
            self.begin(Section::new(Form::Bare, None));
        }
        if let Some(section) = &mut self.section {
            section.name(&old[4..], new);
        }
        self.lines.skip();
        self.lines.skip();
        true
    }

    fn begin(&mut self, section: Section) {
        self.end_section();
        self.known = true;
        self.place = Place::Outside;
        self.section = Some(section);
    }

    fn binary(&mut self) {
        self.lines.skip();
        let found = binary::body(&mut self.lines);
        let Some(section) = &mut self.section else { return };
        let path = section.path(self.name);
        let deleted = section.is_deleted();
        section.told();
        match found {
            Binary::Literal(literal) => {
                if deleted && literal.len == 0 {
                    return;
                }
                self.unpacked = self.unpacked.saturating_add(literal.len);
                if self.unpacked > MOST_UNPACKED {
                    self.gap(path, "the diff unpacks to more than 1 GiB");
                } else {
                    section.literal(literal);
                }
            }
            Binary::Delta if deleted => {}
            Binary::Delta => self.gap(path, "the diff holds only what differs from a binary file that is not in it"),
            Binary::Wrong(why) => self.gap(path, why),
        }
    }

    /// A file that is named, or that of the section, is not shown.
    fn missing(&mut self, file: Option<String>, why: &'static str) {
        let name = self.name;
        let mut path = None;
        if let Some(section) = &mut self.section {
            let is_its = section.awaits_names();
            if (is_its && section.is_told()) || file.is_none() {
                path = Some(section.path(name));
            }
            if is_its || file.is_none() {
                // What is missing is told once.
                section.told();
            }
        }
        let path = path.or(file).unwrap_or_else(|| name.to_owned());
        self.gap(path, why);
    }

    fn end_section(&mut self) {
        let Some(section) = self.section.take() else { return };
        if let Some(why) = section.fault() {
            self.gap(section.path(self.name), why);
        }
        self.parsed.parts.extend(section.part(self.name));
    }

    fn gap(&mut self, path: String, why: &str) {
        self.parsed.gaps.push(Gap { path, why: why.to_owned() });
    }

    /// A header with the lines that continue it. What is written in words of its own is read as it was meant.
    fn mail_header(&mut self) {
        let (start, line, mut after) = (self.lines.at(), self.lines.number(), self.lines);
        after.skip();
        while after.peek().is_some_and(|next| matches!(next.first(), Some(b' ' | b'\t'))) {
            after.skip();
        }
        let Some(header) = mail::decoded(self.lines.between(start, after.at())) else { return self.text() };
        let start = self.lines.len() + self.parsed.decoded.len();
        self.text.push(Block { line, body: Span::new(start, start + header.len()), columns: 0 });
        self.parsed.decoded.extend(header);
        self.lines = after;
    }

    /// Takes the line as text, to be read under its number in the diff.
    fn text(&mut self) {
        let (start, line) = (self.lines.at(), self.lines.number());
        self.lines.skip();
        let end = self.lines.at();
        match self.text.last_mut() {
            Some(block) if block.body.end == start => block.body.end = end,
            _ => self.text.push(Block { line, body: Span::new(start, end), columns: 0 }),
        }
    }
}

/// A line that stands in place of a file's content.
enum Remark {
    /// The file goes: nothing is missed.
    Gone,
    /// It is not shown: its name, if the line tells it, and why.
    Unshown(Option<String>, &'static str),
}

impl Remark {
    fn of(line: &[u8]) -> Option<Self> {
        const BINARY: &str = "it is binary, and the diff does not show it";
        const ONE_SIDE: &str = "it is on one side alone, and the diff does not show it: add `-N`";
        const STARTS: [&str; 5] = ["Binary file", "Cannot display: ", "Files ", "Only in ", "***************"];
        if !STARTS.iter().any(|start| line.starts_with(start.as_bytes())) {
            return None;
        }
        let text = String::from_utf8_lossy(line);
        let between = |start: &str, end: &str| text.strip_prefix(start).and_then(|rest| rest.strip_suffix(end));
        let second = |both: &str| both.rsplit_once(" and ").map_or(both, |(_, new)| new).to_owned();
        let unshown = |file: String, why| Some(Self::Unshown(Some(file), why));
        if let Some(both) = between("Binary files ", " differ") {
            let new = second(both);
            return if new == "/dev/null" { Some(Self::Gone) } else { unshown(new, BINARY) };
        }
        if text == "Binary files differ" || text.starts_with("Cannot display: file marked as a binary type") {
            return Some(Self::Unshown(None, BINARY));
        }
        if let Some(file) = between("Binary file ", " has changed") {
            return unshown(file.to_owned(), BINARY);
        }
        if let Some(both) = between("Files ", " differ") {
            return unshown(second(both), "the diff does not show its lines");
        }
        if let Some((dir, file)) = text.strip_prefix("Only in ").and_then(|rest| rest.split_once(": ")) {
            return unshown(format!("{dir}/{file}"), ONE_SIDE);
        }
        let is_context = text.starts_with("***************");
        is_context.then_some(Self::Unshown(None, "a context diff cannot be read: make it with `-u`"))
    }
}

/// The lines of a text, one after the other.
#[derive(Clone, Copy, Debug)]
pub struct Cursor<'p> {
    text: &'p [u8],
    at: usize,
    end: usize,
    number: u64,
}

impl<'p> Cursor<'p> {
    pub fn new(text: &'p [u8]) -> Self {
        Self { text, at: 0, end: line_end(text, 0), number: 1 }
    }

    /// The next line with its end.
    pub fn peek(&self) -> Option<&'p [u8]> {
        (self.at < self.text.len()).then(|| &self.text[self.at..self.end])
    }

    /// The line behind the next.
    pub fn after_next(&self) -> Option<&'p [u8]> {
        (self.end < self.text.len()).then(|| &self.text[self.end..line_end(self.text, self.end)])
    }

    pub fn skip(&mut self) {
        self.at = self.end;
        self.end = line_end(self.text, self.at);
        self.number += 1;
    }

    /// The text from one place to another.
    pub fn between(&self, start: usize, end: usize) -> &'p [u8] {
        &self.text[start..end]
    }

    /// The length of the whole text.
    pub const fn len(&self) -> usize {
        self.text.len()
    }

    /// Where the next line begins.
    pub const fn at(&self) -> usize {
        self.at
    }

    /// Its number.
    pub const fn number(&self) -> u64 {
        self.number
    }
}

fn line_end(text: &[u8], at: usize) -> usize {
    memchr::memchr(b'\n', &text[at..]).map_or(text.len(), |newline| at + newline + 1)
}
