//! The lines of a text that can be markers: those of header comments, of texts for people, and values of keys; folded, and
//! without what frames them.

use super::fold::{Folded, Script, is_disguised};
use super::form::{LONGEST_MARK, bare, stem};
use super::language::{Class, Language, language};
use super::lexer::{Block, HEADER_LINES, comments, is_prologue, next_line};
use super::{Head, Woken};
use crate::rule::Stand;
use crate::span::Span;

/// What can be read of a text: its beginning, or its end.
#[derive(Debug)]
pub struct Page<'t> {
    pub text: &'t [u8],
    /// Only lines and passages that it touches are read.
    pub woken: &'t Woken,
    /// The number of the text's first line, from 0.
    pub first_line: u64,
    pub lines: Vec<Line>,
    pub passages: Vec<Passage>,
}

/// A line that can be a marker.
#[derive(Debug)]
pub struct Line {
    pub stand: Stand,
    pub zone: Zone,
    /// It describes what stands under it: a declaration, with no line between.
    pub describes: bool,
    /// From 0.
    pub number: u64,
    /// The key in front of a value, as `bare` writes it.
    pub key: Option<String>,
    pub readings: Readings,
}

/// A comment, or the lines of a paragraph, joined.
#[derive(Debug)]
pub struct Passage {
    pub stand: Stand,
    pub zone: Zone,
    pub describes: bool,
    /// The number of its first line, from 0.
    pub first: u64,
    pub readings: Readings,
}

/// How prominent a place is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Zone {
    /// Behind some code, or some way into a text.
    Further,
    /// The very end.
    End,
    /// The beginning of a file or page.
    Top,
}

/// A folded text, as each script may be meant.
#[derive(Debug)]
pub struct Readings {
    pub latin: Folded,
    /// Where letters of another script look like Latin ones, those letters.
    pub own: Option<Folded>,
}

/// Lines of code that may stand before a header.
const MOST_CODE: u32 = 5;
/// Lines at the top of a text that are its beginning.
const TOP_LINES: usize = 5;

impl<'t> Page<'t> {
    /// The beginning of a file.
    #[must_use]
    pub fn head(Head { path, text, line }: Head<'t>, woken: &'t Woken) -> Self {
        let language = language(path, text);
        let mut page = Self { text, woken, first_line: line, lines: Vec::new(), passages: Vec::new() };
        let left = HEADER_LINES.saturating_sub(line);
        let front = front_matter(text, language);
        if language.class == Class::Text {
            page.text_lines(Span::new(front.end, text.len()), left);
        }
        for block in comments(text, language, left, MOST_CODE) {
            page.comment(&block);
        }
        match language.class {
            Class::Data => page.pairs(Span::new(0, text.len())),
            Class::Text => page.pairs(front),
            Class::Code => {}
        }
        page.lines.iter_mut().for_each(|it| it.number += line);
        page.passages.iter_mut().for_each(|it| it.first += line);
        page
    }

    /// The end of a file: what stands on its last line that is not blank, alone or as the last of a comment.
    #[must_use]
    pub fn tail(head: Head<'t>, text: &'t [u8], woken: &'t Woken) -> Self {
        let language = language(head.path, head.text);
        let mut page = Self { text, woken, first_line: 0, lines: Vec::new(), passages: Vec::new() };
        let end = text.trim_ascii_end().len();
        let last_line = memchr::memrchr(b'\n', &text[..end]).map_or(0, |newline| newline + 1);
        if language.class == Class::Text {
            page.line(Span::new(last_line, end), Stand::Text, Zone::End, number(text, last_line));
        }
        let last = comments(text, language, u64::MAX, u32::MAX).into_iter().rfind(|block| block.end >= end);
        for (span, line) in last.iter().flat_map(|block| block.lines.iter().zip(block.first..)) {
            page.line(*span, Stand::Header, Zone::End, line);
        }
        page
    }

    fn comment(&mut self, block: &Block) {
        let next = next_line(self.text, block);
        let zone = if block.code_before == 0 { Zone::Top } else { Zone::Further };
        let (lines, passages) = (self.lines.len(), self.passages.len());
        for (span, line) in block.lines.iter().zip(block.first..) {
            self.line(*span, Stand::Header, zone, line);
        }
        self.passage(&block.lines, Stand::Header, zone, block.first);
        let goes_on = || !self.text.get(block.end..).unwrap_or_default().trim_ascii().is_empty();
        if next.is_some_and(|line| !is_prologue(line)) || (zone == Zone::Further && goes_on()) {
            self.lines[lines..].iter_mut().for_each(|line| line.describes = true);
            self.passages[passages..].iter_mut().for_each(|passage| passage.describes = true);
        }
    }

    /// The first lines, and the first of each page.
    fn text_lines(&mut self, part: Span, most: u64) {
        let begin = number(self.text, part.start);
        let (mut paragraph, mut first, mut filled, mut top) = (Vec::new(), begin, 0, Zone::Top);
        let mut new_page = false;
        for (span, line) in lines(self.text, part).zip(begin..) {
            let bytes = span.of(self.text);
            new_page |= bytes.contains(&0x0C);
            let blank = bytes.trim_ascii().is_empty();
            if line - begin >= most && !new_page {
                if paragraph.is_empty() || blank {
                    break_paragraph(self, &mut paragraph, first, top);
                    continue;
                }
                paragraph.push(span);
                continue;
            }
            if blank {
                break_paragraph(self, &mut paragraph, first, top);
                continue;
            }
            if paragraph.is_empty() {
                first = line;
                top = if filled < TOP_LINES || new_page { Zone::Top } else { Zone::Further };
            }
            filled += 1;
            let zone = if filled <= TOP_LINES || new_page { Zone::Top } else { Zone::Further };
            self.line(span, Stand::Text, zone, line);
            paragraph.push(span);
            new_page = false;
        }
        break_paragraph(self, &mut paragraph, first, top);
    }

    fn line(&mut self, span: Span, stand: Stand, zone: Zone, number: u64) {
        if !span.is_empty() && span.len() <= 4 * LONGEST_MARK && self.woken.touches(self.text, span) {
            let readings = Readings::of(self.text, &[span]);
            if !readings.latin.bytes.is_empty() && readings.latin.bytes.len() <= LONGEST_MARK {
                self.lines.push(Line { stand, zone, describes: false, number, key: None, readings });
            }
        }
    }

    fn passage(&mut self, lines: &[Span], stand: Stand, zone: Zone, first: u64) {
        if !lines.iter().any(|line| self.woken.touches(self.text, *line)) {
            return;
        }
        let readings = Readings::of(self.text, lines);
        if !readings.latin.bytes.is_empty() {
            self.passages.push(Passage { stand, zone, describes: false, first, readings });
        }
    }

    /// The values of keys that have a name by which one can be found.
    fn pairs(&mut self, part: Span) {
        let (text, woken) = (self.text, self.woken);
        let numbered = lines(text, part).zip(number(text, part.start)..);
        for (line, number) in numbered.filter(|(line, _)| woken.touches(text, *line)) {
            let mut at = line.start;
            while let Some((key, value)) = next_pair(text, &mut at, line.end) {
                let readings = Readings::of(text, &[value]);
                if readings.latin.bytes.len() <= LONGEST_MARK && !readings.latin.bytes.is_empty() {
                    let (stand, zone, key) = (Stand::Data, Zone::Top, Some(key));
                    self.lines.push(Line { stand, zone, describes: false, number, key, readings });
                }
            }
        }
    }
}

fn break_paragraph(page: &mut Page<'_>, paragraph: &mut Vec<Span>, first: u64, zone: Zone) {
    if !paragraph.is_empty() {
        page.passage(paragraph, Stand::Text, zone, first);
        paragraph.clear();
    }
}

impl Readings {
    /// Of some spans of `text`, joined by blanks, each without what frames it.
    fn of(text: &[u8], spans: &[Span]) -> Self {
        let latin = framed(text, spans, Script::Latin);
        let disguised = spans.iter().any(|span| is_disguised(span.of(text)));
        let own = disguised.then(|| framed(text, spans, Script::Own)).filter(|own| *own != latin);
        Self { latin, own }
    }

    pub fn all(&self) -> impl Iterator<Item = &Folded> {
        std::iter::once(&self.latin).chain(&self.own)
    }
}

fn framed(text: &[u8], spans: &[Span], script: Script) -> Folded {
    let mut joined = Folded::default();
    for span in spans {
        let folded = Folded::of(text, *span, script);
        let inner = unframed(&folded.bytes);
        if !inner.is_empty() {
            if !joined.bytes.is_empty() {
                joined.push_blank(span.start);
            }
            joined.append(&folded, inner);
        }
    }
    joined
}

/// The part of a line without rows of signs, rules, emphasis and comment leaders at both ends.
#[must_use]
pub fn unframed(line: &[u8]) -> Span {
    let is_frame = |byte: &&u8| b" \t*=-#_|!+~/\\<>;%@$^`".contains(byte);
    let start = line.iter().take_while(is_frame).count();
    let end = line.len() - line[start..].iter().rev().take_while(is_frame).count();
    let span = Span::new(start, end);
    match span.of(line) {
        [b'[', inner @ .., b']'] | [b'{', inner @ .., b'}'] | [b'(', inner @ .., b')']
            if !inner.iter().any(|byte| b"[](){}".contains(byte)) =>
        {
            let skipped = inner.iter().take_while(is_frame).count();
            let inner_end = inner.len() - inner[skipped..].iter().rev().take_while(is_frame).count();
            Span::new(start + 1 + skipped, start + 1 + inner_end)
        }
        _ => span,
    }
}

/// `key: value` of a line for people, as the key and the place of the value.
#[must_use]
pub fn said_pair(line: &[u8]) -> Option<(String, Span)> {
    let sign = line.iter().position(|byte| b":=|".contains(byte))?;
    let key = std::str::from_utf8(&line[..sign]).ok().filter(|key| key.len() <= 64)?;
    let inner = unframed(&line[sign + 1..]);
    let value = inner.shifted(sign + 1);
    (!value.is_empty() && key.split(' ').count() <= 4).then(|| (bare(key), value))
}

/// The next key in `text` that may be of interest, and its value; `at` is left behind it.
fn next_pair(text: &[u8], at: &mut usize, end: usize) -> Option<(String, Span)> {
    while *at < end {
        let rest = &text[*at..end];
        let skipped = rest.iter().take_while(|byte| !is_key_byte(**byte)).count();
        let start = *at + skipped;
        let len = text[start..end].iter().take_while(|byte| is_key_byte(**byte)).count();
        *at = start + len;
        let key = std::str::from_utf8(&text[start..start + len]).ok().filter(|key| (3..=64).contains(&key.len()));
        if !may_be_key(text, Span::new(start, *at)) {
            continue;
        }
        let Some(value) = key.and_then(|_| value_at(text, *at, end, is_in_flow(text, start))) else { continue };
        let key = bare(key.unwrap_or_default());
        if stem(&key).is_some() {
            return Some((key, value));
        }
    }
    None
}

/// Whether a word can be a key: it has quotes on both sides or on none, and one that a colon follows begins its line, or
/// stands behind a sign that keys stand behind. A line of a string is no key and its value.
fn may_be_key(text: &[u8], word: Span) -> bool {
    let is_quote = |byte: Option<&u8>| byte.is_some_and(|byte| b"\"'".contains(byte));
    let before = word.start.checked_sub(1).and_then(|at| text.get(at));
    let quoted = is_quote(before);
    if quoted != is_quote(text.get(word.end)) {
        return false;
    }
    let rest = text.get(word.end + usize::from(quoted)..).unwrap_or_default();
    let colon = rest.iter().find(|byte| !b" \t".contains(byte)) == Some(&b':');
    let outside = &text[..word.start - usize::from(quoted)];
    let sign = outside.iter().rev().find(|byte| !b" \t".contains(byte));
    !colon || sign.is_none_or(|byte| b"\n{[,-<".contains(byte))
}

/// Whether a key that begins at `start` has others beside it on its line: a comma ends its value.
fn is_in_flow(text: &[u8], start: usize) -> bool {
    let before = text[..start].iter().rev().find(|byte| !b" \t\"'".contains(byte));
    before.is_some_and(|byte| b"{,[".contains(byte))
}

/// The value that begins behind a key's end, where one does.
fn value_at(text: &[u8], at: usize, end: usize, mut in_flow: bool) -> Option<Span> {
    let blanks = |at: usize| at + text[at..end].iter().take_while(|byte| b" \t".contains(byte)).count();
    let quoted = usize::from(text[at..end].first().is_some_and(|byte| b"\"'".contains(byte)));
    let sign = blanks(at + quoted);
    let opens = *text[sign..end].first().filter(|byte| b":=>".contains(byte))?;
    let mut start = blanks(sign + 1);
    if text[start..end].first() == Some(&b'[') {
        start = blanks(start + 1);
        in_flow = true;
    }
    let rest = &text[start..end];
    match rest.first()? {
        quote @ (b'"' | b'\'') => {
            let len = memchr::memchr2(*quote, b'\n', &rest[1..]).unwrap_or(rest.len() - 1);
            Some(Span::new(start + 1, start + 1 + len))
        }
        b'\n' | b'\r' | b'{' => None,
        _ => {
            let stops: &[u8] = match opens {
                b'>' => b"<\n",
                _ if in_flow => b"\n\r,}];",
                _ => b"\n\r;",
            };
            let len = rest.iter().position(|byte| stops.contains(byte)).unwrap_or(rest.len());
            let comment = memchr::memmem::find(&rest[..len], b" #").unwrap_or(len);
            let len = rest[..comment].trim_ascii_end().len();
            (len > 0).then(|| Span::new(start, start + len))
        }
    }
}

const fn is_key_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.') || byte >= 0x80
}

/// Between the two lines of `---` or `+++` at the top of a text.
fn front_matter(text: &[u8], language: &Language) -> Span {
    let fence = text.get(..3).filter(|fence| matches!(*fence, b"---" | b"+++"));
    let Some(fence) = fence.filter(|_| language.class == Class::Text) else { return Span::default() };
    let mut all = lines(text, Span::new(0, text.len()));
    if all.next().is_none_or(|line| line.of(text).trim_ascii_end() != fence) {
        return Span::default();
    }
    let close = all.find(|line| line.of(text).trim_ascii_end() == fence);
    close.map_or(Span::default(), |close| Span::new(3, close.start))
}

/// The lines of `part`, without their ends.
fn lines(text: &[u8], part: Span) -> impl Iterator<Item = Span> {
    let mut at = part.start;
    std::iter::from_fn(move || {
        let rest = text.get(at..part.end).filter(|rest| !rest.is_empty())?;
        let len = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
        let line = Span::new(at, at + len);
        at += len + 1;
        Some(line)
    })
}

/// The number of the line on which `place` stands.
fn number(text: &[u8], place: usize) -> u64 {
    memchr::memchr_iter(b'\n', &text[..place]).count() as u64
}
