//! Binary content as `git diff --binary` writes it: zlib in base 85. A literal is the whole file and is unpacked while it
//! is read; a delta needs the file before, which is not here.

use std::io::{self, Read, Take};

use flate2::read::ZlibDecoder;

use super::parse::Cursor;
use crate::source::parts::trimmed;
use crate::span::Span;

/// A whole file, packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Literal {
    body: Span,
    /// Its length when it is unpacked.
    pub len: u64,
}

/// What stands under `GIT binary patch` for the new side.
#[derive(Debug, PartialEq, Eq)]
pub enum Binary {
    Literal(Literal),
    Delta,
    Wrong(&'static str),
}

/// Reads the new side, and passes over the old one.
pub fn body(lines: &mut Cursor<'_>) -> Binary {
    let new = match data(lines) {
        Some(Ok(new)) => new,
        Some(Err(why)) => return Binary::Wrong(why),
        None => return Binary::Wrong("its content is missing"),
    };
    match data(lines) {
        None | Some(Ok(_)) => new,
        Some(Err(why)) => Binary::Wrong(why),
    }
}

/// `literal 12` or `delta 12` and the lines under it, up to an empty one.
fn data(lines: &mut Cursor<'_>) -> Option<Result<Binary, &'static str>> {
    let head = trimmed(lines.peek()?);
    let number = |text: &[u8]| std::str::from_utf8(text).ok()?.parse().ok();
    let (literal, delta) = (head.strip_prefix(b"literal "), head.strip_prefix(b"delta "));
    let len: u64 = literal.or(delta).and_then(number)?;
    lines.skip();
    let start = lines.at();
    loop {
        let Some(line) = lines.peek() else { return Some(Err("the diff ends in the middle of it")) };
        let line = trimmed(line);
        if line.is_empty() {
            break;
        }
        if line_len(line).is_none() {
            return Some(Err("its content is damaged"));
        }
        lines.skip();
    }
    let body = Span::new(start, lines.at());
    lines.skip();
    Some(Ok(if literal.is_some() { Binary::Literal(Literal { body, len }) } else { Binary::Delta }))
}

/// Bytes on a line of data, which its first letter tells; nothing if the line has another length.
fn line_len(line: &[u8]) -> Option<usize> {
    let len = match *line.first()? {
        letter @ b'A'..=b'Z' => usize::from(letter - b'A') + 1,
        letter @ b'a'..=b'z' => usize::from(letter - b'a') + 27,
        _ => return None,
    };
    (line.len() == 1 + len.div_ceil(4) * 5).then_some(len)
}

impl Literal {
    /// The unpacked bytes; it is an error if they are not as many as was said.
    pub fn reader<'p>(&self, text: &'p [u8]) -> LiteralReader<'p> {
        let packed = Base85 { rest: self.body.of(text), line: [0; 52], at: 0, len: 0 };
        LiteralReader { unpacked: ZlibDecoder::new(packed).take(self.len + 1), left: self.len }
    }
}

pub struct LiteralReader<'p> {
    unpacked: Take<ZlibDecoder<Base85<'p>>>,
    left: u64,
}

impl Read for LiteralReader<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.unpacked.read(buffer).map_err(|_| damaged())?;
        let is_end = read == 0 && !buffer.is_empty();
        match self.left.checked_sub(read as u64) {
            Some(left) if !is_end || left == 0 => self.left = left,
            _ => return Err(damaged()),
        }
        Ok(read)
    }
}

fn damaged() -> io::Error {
    io::Error::other("its binary content is damaged")
}

/// Decodes line by line.
struct Base85<'p> {
    rest: &'p [u8],
    line: [u8; 52],
    at: usize,
    len: usize,
}

impl Read for Base85<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.at == self.len && !self.rest.is_empty() {
            let end = memchr::memchr(b'\n', self.rest).map_or(self.rest.len(), |newline| newline + 1);
            let (line, rest) = self.rest.split_at(end);
            self.rest = rest;
            self.at = 0;
            self.len = decode(trimmed(line), &mut self.line).ok_or_else(damaged)?;
        }
        let read = (&self.line[self.at..self.len]).read(buffer)?;
        self.at += read;
        Ok(read)
    }
}

const DIGITS: &[u8; 85] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~";

/// A digit's value by its byte, 85 for what is none.
const VALUES: [u8; 256] = {
    let mut values = [85; 256];
    let mut value = 0;
    while value < 85 {
        values[DIGITS[value] as usize] = value as u8;
        value += 1;
    }
    values
};

fn decode(line: &[u8], out: &mut [u8; 52]) -> Option<usize> {
    let len = line_len(line)?;
    for (digits, bytes) in line[1..].chunks(5).zip(out.chunks_mut(4)) {
        let mut word = 0_u64;
        for digit in digits {
            let value = VALUES[usize::from(*digit)];
            if value == 85 {
                return None;
            }
            word = word * 85 + u64::from(value);
        }
        bytes.copy_from_slice(&u32::try_from(word).ok()?.to_be_bytes());
    }
    Some(len)
}
