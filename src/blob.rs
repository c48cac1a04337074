//! An entry's bytes, a window at a time: decoded to text, with the line and column at which the window begins.
//! A file of any size passes through one buffer; nothing of it is kept.

use std::borrow::Cow;
use std::io::{self, Read};

use crate::decode::{Decoder, Encoding};
use crate::finding::Position;
use crate::rule::LONGEST_MATCH;
use crate::span::Span;

/// How a file is cut into windows.
#[derive(Clone, Copy, Debug)]
pub struct Windowing {
    /// Bytes of text that belong to one window.
    pub own: usize,
    /// Bytes of text before and after them that a window also shows: no match and no context reaches further.
    pub margin: usize,
}

impl Default for Windowing {
    fn default() -> Self {
        Self { own: 1 << 20, margin: 2 * LONGEST_MATCH }
    }
}

/// A window of a file. What starts in `own` belongs to it; the rest is shown for what reaches over its edges.
#[derive(Clone, Copy, Debug)]
pub struct Blob<'b> {
    pub text: &'b [u8],
    pub own: Span,
    /// Where `text` begins in the file.
    pub start: Position,
    /// Only rules with literals look at binary content.
    pub binary: bool,
    /// The file begins with this window, or ends with it.
    pub first: bool,
    pub last: bool,
}

impl Blob<'_> {
    /// Where something may stand that a finding of this window shows beside its secret, or that claims the same bytes.
    #[must_use]
    pub fn reach(&self) -> Span {
        let end = self.own.end.saturating_add(LONGEST_MATCH).min(self.text.len());
        Span::new(self.own.start.saturating_sub(LONGEST_MATCH), end)
    }
}

/// A whole file's content as the text that windows show, so that its lines are counted alike.
#[must_use]
pub fn text(raw: &[u8]) -> Cow<'_, [u8]> {
    let head = Windowing::default();
    let (encoding, mark_len) = Encoding::detect(raw.get(..head.own + 2 * head.margin).unwrap_or(raw));
    match encoding {
        Encoding::Utf16Le | Encoding::Utf16Be => {
            Cow::Owned(Decoder::new(encoding, mark_len).decode(0, raw, true).bytes.to_vec())
        }
        Encoding::Binary => Cow::Borrowed(raw),
        Encoding::Utf8 => Cow::Borrowed(raw.get(mark_len..).unwrap_or_default()),
    }
}

/// The buffer of one thread, used for one entry after the other.
#[derive(Debug)]
pub struct Buffer {
    windowing: Windowing,
    text: Room,
    raw: Room,
}

impl Buffer {
    #[must_use]
    pub fn new(windowing: Windowing) -> Self {
        Self { windowing, text: Room::default(), raw: Room::default() }
    }

    /// Calls `each` with every window of what `reader` gives, and returns the number of bytes read.
    pub fn windows(&mut self, reader: impl Read, each: impl FnMut(Blob<'_>)) -> io::Result<u64> {
        self.windows_from(1, reader, each)
    }

    /// As `windows`, for a text whose first line has the number `line`.
    pub fn windows_from(
        &mut self,
        line: u64,
        mut reader: impl Read,
        mut each: impl FnMut(Blob<'_>),
    ) -> io::Result<u64> {
        let full = self.windowing.own + 2 * self.windowing.margin;
        let mut filling = Filling::new(&mut reader, line == 1);
        self.text.clear();
        let mut start = Position { line, column: 1 };
        let mut own = 0;
        let mut first = true;
        loop {
            let last = filling.fill(&mut self.text, &mut self.raw, full)?;
            let text = self.text.bytes();
            let end = if last { text.len() } else { text.len() - self.windowing.margin };
            each(Blob { text, own: Span::new(own, end), start, binary: filling.binary, first, last });
            if last {
                return Ok(filling.read);
            }
            let gone = end.saturating_sub(self.windowing.margin);
            start = advance(start, &text[..gone]);
            self.text.forget(gone);
            own = end - gone;
            first = false;
        }
    }
}

/// Bytes with room for more behind them. The room is cleared once and kept: clearing it for every file took a tenth of
/// a scan.
#[derive(Debug, Default)]
struct Room {
    all: Vec<u8>,
    len: usize,
}

/// Most files fit one read of this size.
const STEP: usize = 32 * 1024;

impl Room {
    fn bytes(&self) -> &[u8] {
        &self.all[..self.len]
    }

    fn clear(&mut self) {
        self.len = 0;
    }

    /// Forgets the first `gone` bytes.
    fn forget(&mut self, gone: usize) {
        self.all.copy_within(gone..self.len, 0);
        self.len -= gone;
    }

    fn push(&mut self, bytes: &[u8]) {
        self.all.truncate(self.len);
        self.all.extend_from_slice(bytes);
        self.len = self.all.len();
    }

    /// Reads once, at most `most` bytes.
    fn read_from(&mut self, reader: &mut dyn Read, most: usize) -> io::Result<usize> {
        if self.all.len() < self.len + most.min(STEP) {
            self.all.resize(self.len + most.min(STEP), 0);
        }
        let end = self.all.len().min(self.len + most);
        let read = reader.read(&mut self.all[self.len..end])?;
        self.len += read;
        Ok(read)
    }
}

/// Reads raw bytes and turns them into text.
struct Filling<'r> {
    reader: &'r mut dyn Read,
    decoder: Option<Decoder>,
    /// The bytes are the first of their file, which may say what it is.
    begins: bool,
    binary: bool,
    read: u64,
}

impl<'r> Filling<'r> {
    fn new(reader: &'r mut dyn Read, begins: bool) -> Self {
        Self { reader, decoder: None, begins, binary: false, read: 0 }
    }

    /// Adds text until there are `full` bytes of it, and says whether the file has ended. The first call finds out the
    /// encoding.
    fn fill(&mut self, text: &mut Room, raw: &mut Room, full: usize) -> io::Result<bool> {
        let mut ended = false;
        if self.read == 0 {
            ended = self.append(text, full)?;
            let (encoding, mark_len) = Encoding::detect(text.bytes());
            // What has lines is a text: a word in the middle of it does not make it a picture.
            self.binary = encoding == Encoding::Binary && self.begins;
            if !matches!(encoding, Encoding::Utf16Le | Encoding::Utf16Be) {
                // A byte order mark is no column of the first line.
                text.forget(if self.binary { 0 } else { mark_len });
                return Ok(ended);
            }
            let decoder = self.decoder.insert(Decoder::new(encoding, mark_len));
            std::mem::swap(text, raw);
            text.clear();
            text.push(decoder.decode(0, raw.bytes(), ended).bytes);
        } else if self.decoder.is_none() {
            return self.append(text, full);
        }
        while text.len < full && !ended {
            let at = self.read;
            raw.clear();
            ended = self.append(raw, full - text.len)?;
            let Some(decoder) = &mut self.decoder else { break };
            text.push(decoder.decode(at, raw.bytes(), ended).bytes);
        }
        Ok(ended)
    }

    /// Reads until there are `full` bytes, or to the end, which it tells.
    fn append(&mut self, room: &mut Room, full: usize) -> io::Result<bool> {
        // One more byte is asked for where nothing is wanted: only so the end of the file is noticed.
        let full = full.max(room.len + 1);
        while room.len < full {
            match room.read_from(self.reader, full - room.len) {
                Ok(0) => return Ok(true),
                Ok(read) => self.read += read as u64,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(false)
    }
}

/// The position after `text` that begins at `start`.
#[must_use]
pub fn advance(start: Position, text: &[u8]) -> Position {
    let lines = memchr::memchr_iter(b'\n', text).count() as u64;
    match memchr::memrchr(b'\n', text) {
        Some(last) => Position { line: start.line + lines, column: 1 + characters(&text[last + 1..]) },
        None => Position { line: start.line, column: start.column + characters(text) },
    }
}

/// Characters of UTF-8; each byte that cannot be part of one counts as one.
fn characters(text: &[u8]) -> u64 {
    // A continuation byte counts only where no character can have begun: rare, so the plain count comes first.
    let continuing = text.iter().filter(|byte| **byte & 0xC0 == 0x80).count();
    if continuing == 0 || std::str::from_utf8(text).is_ok() {
        return (text.len() - continuing) as u64;
    }
    text.utf8_chunks().map(|chunk| chunk.valid().chars().count() as u64 + chunk.invalid().len() as u64).sum()
}

/// Positions of places in a text that are asked for in ascending order: each byte is looked at once.
#[derive(Debug)]
pub struct Ruler<'b> {
    text: &'b [u8],
    start: Position,
    at: usize,
    here: Position,
}

impl<'b> Ruler<'b> {
    #[must_use]
    pub const fn new(blob: &Blob<'b>) -> Self {
        Self { text: blob.text, start: blob.start, at: 0, here: blob.start }
    }

    /// The position of `place`. Going back costs the way from the line's start, so places are asked for in order.
    pub fn position(&mut self, place: usize) -> Position {
        let place = place.min(self.text.len());
        if place >= self.at {
            self.here = advance(self.here, &self.text[self.at..place]);
            self.at = place;
            return self.here;
        }
        match memchr::memrchr(b'\n', &self.text[..place]) {
            Some(newline) => {
                let lines = memchr::memchr_iter(b'\n', &self.text[place..self.at]).count() as u64;
                let line = Position { line: self.here.line - lines, column: 1 };
                advance(line, &self.text[newline + 1..place])
            }
            None => advance(self.start, &self.text[..place]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(line: u64, column: u64) -> Position {
        Position { line, column }
    }

    #[test]
    fn positions_count_lines_and_characters() {
        let rows: &[(&[u8], Position)] = &[
            (b"", at(1, 1)),
            (b"abc", at(1, 4)),
            (b"a\nb", at(2, 2)),
            (b"a\r\n", at(2, 1)),
            ("é€𝄞".as_bytes(), at(1, 4)),
            (b"\xE9\xE9x", at(1, 4)),
            (b"\n\n\n", at(4, 1)),
        ];
        for (text, expected) in rows {
            assert_eq!(advance(at(1, 1), text), *expected, "{text:?}");
        }
    }

    #[test]
    fn windows_of_any_size_cover_each_byte_once() {
        let text: Vec<u8> = (0..5_000_u32).flat_map(|number| format!("{number}\n").into_bytes()).collect();
        for own in [1, 7, 64, 1_000, 1 << 20] {
            let windowing = Windowing { own, margin: 16 };
            let mut owned = Vec::new();
            let read = Buffer::new(windowing)
                .windows(&text[..], |blob| {
                    assert_eq!(blob.start, advance(at(1, 1), &text[..owned.len() - blob.own.start]));
                    owned.extend_from_slice(blob.own.of(blob.text));
                })
                .unwrap();
            assert_eq!((read, &owned), (text.len() as u64, &text), "windows of {own}");
        }
    }

    #[test]
    fn a_ruler_goes_both_ways() {
        let text = b"one\ntwo\nthree";
        let blob =
            Blob { text, own: Span::new(0, text.len()), start: at(5, 3), binary: false, first: true, last: true };
        let mut ruler = Ruler::new(&blob);
        assert_eq!(ruler.position(9), at(7, 2));
        assert_eq!(ruler.position(2), at(5, 5));
        assert_eq!(ruler.position(5), at(6, 2));
        assert_eq!(ruler.position(13), at(7, 6));
    }
}
