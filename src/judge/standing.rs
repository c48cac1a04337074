//! How a value stands that has no form of its own: what is called by its line and by what stands over it, and whether
//! that says it is a digest, a revision or an id. It reads 256 bytes to each side, and knows no rule.

use std::cell::OnceCell;

use super::Reason;
use super::names;
use crate::assign::is_name_byte;
use crate::span::Span;

/// How far lines are read to each side.
const READ: usize = 256;

/// A longer line is minified code or data: there a statement counts as the line.
const LONG_LINE: usize = 400;

/// So many others of a value's length close by are a table.
const COMPANY: usize = 3;

/// The surroundings of one value, read when first asked for.
#[derive(Debug)]
pub struct Standing<'b> {
    text: &'b [u8],
    value: Span,
    lines: OnceCell<Lines>,
    speaks: OnceCell<bool>,
    against: OnceCell<Option<Reason>>,
    company: OnceCell<bool>,
}

/// The value's own line, and those that stand over it.
#[derive(Clone, Copy, Debug, Default)]
struct Lines {
    spans: [Span; 4],
    len: usize,
}

impl<'b> Standing<'b> {
    #[must_use]
    pub const fn of(text: &'b [u8], value: Span) -> Self {
        Self {
            text,
            value,
            lines: OnceCell::new(),
            speaks: OnceCell::new(),
            against: OnceCell::new(),
            company: OnceCell::new(),
        }
    }

    /// Whether what stands at `word` names the value: it is on its line, in the heading of its block, or in the name to
    /// which it is the `value`; and all this speaks of a key, a token, a password or the like.
    #[must_use]
    pub fn is_named_by(&self, word: Span) -> bool {
        let holds = |line: &Span| line.start <= word.start && word.end <= line.end;
        self.lines().all().iter().any(holds) && self.speaks()
    }

    /// Why it is no secret, going by its own name and by what touches it.
    #[must_use]
    pub fn against(&self) -> Option<&Reason> {
        self.against.get_or_init(|| self.judge()).as_ref()
    }

    /// Whether it is one of many of its length: a row of a table, a list of digests.
    #[must_use]
    pub fn has_company(&self) -> bool {
        *self.company.get_or_init(|| {
            let around = |start: usize, end: usize| self.text.get(start..end.min(self.text.len())).unwrap_or_default();
            let before = around(self.value.start.saturating_sub(READ), self.value.start);
            let after = around(self.value.end, self.value.end + READ);
            let words = [before, after].into_iter().flat_map(|part| part.split(|byte| !is_name_byte(*byte)));
            words.filter(|word| word.len() == self.value.len()).count() >= COMPANY
        })
    }

    fn lines(&self) -> &Lines {
        self.lines.get_or_init(|| Lines::of(self.text, self.value))
    }

    fn speaks(&self) -> bool {
        *self.speaks.get_or_init(|| {
            let parts = self.lines().all().iter().flat_map(|line| {
                let before = Span::new(line.start, line.end.min(self.value.start));
                [before, Span::new(line.start.max(self.value.end), line.end)]
            });
            parts.flat_map(|part| part.of(self.text).split(|byte| !is_name_byte(*byte))).any(names::speaks)
        })
    }

    fn judge(&self) -> Option<Reason> {
        let before = self.text.get(self.value.start.saturating_sub(READ)..self.value.start).unwrap_or_default();
        let after = self.text.get(self.value.end..(self.value.end + READ).min(self.text.len())).unwrap_or_default();
        let line = last_line(before);
        if is_file_name(after) {
            return Some(Reason::new("part-of-a-file-name", DATA));
        }
        if is_pinned(line) || is_listed(line, after) || is_of_a_file(line) {
            return Some(Reason::new("digest-or-revision", DATA));
        }
        let name = own_name(line)?;
        if names::ends_in_digest(name) {
            return Some(Reason::new("called-a-digest", DATA));
        }
        names::ends_in_id(name).then_some(Reason::new("called-an-id", ID))
    }
}

/// What it weighs that a value is called a digest or an id: no rule for a bare run of characters is reported then.
const DATA: i16 = -40;
const ID: i16 = -30;

impl Lines {
    fn of(text: &[u8], value: Span) -> Self {
        let from = value.start.saturating_sub(READ);
        let before = text.get(from..value.start).unwrap_or_default();
        let after = text.get(value.end..(value.end + READ).min(text.len())).unwrap_or_default();
        let mut start = value.start - last_line(before).len();
        let mut end = value.end + first_line(after).len();
        if end - start > LONG_LINE {
            let ends_statement = |byte: &u8| matches!(byte, b';' | b'}');
            start += before[start - from..].iter().rposition(ends_statement).map_or(0, |at| at + 1);
            end = value.end + after.iter().position(ends_statement).unwrap_or(end - value.end);
        }
        let mut lines = Self::default();
        lines.push(Span::new(start, end));
        lines.add_headings(text, from, Span::new(start, value.start));
        lines
    }

    /// Adds what stands over the line that begins with `head`: the name whose `value` it is, the lines that open the
    /// blocks it is in, the head of its section.
    fn add_headings(&mut self, text: &[u8], from: usize, head: Span) {
        let mut level = indentation(head.of(text));
        let mut is_value = own_name(head.of(text)).is_some_and(|name| is_one_of(name, &[b"value", b"default"]));
        let mut end = head.start;
        while end > from && self.len < self.spans.len() {
            // Without the newline; the first line may be cut.
            let above = text.get(from..end - 1).unwrap_or_default();
            let line = above.rsplit(|byte| *byte == b'\n').next().unwrap_or_default();
            let start = end - 1 - line.len();
            end = start;
            if line.trim_ascii().is_empty() || (start == from && from > 0) {
                continue;
            }
            let whole = Span::new(start, start + line.len());
            let section = line.trim_ascii().starts_with(b"[") && line.trim_ascii().ends_with(b"]");
            if std::mem::take(&mut is_value) || section {
                self.push(whole);
            }
            if section {
                return;
            }
            let here = indentation(line);
            if here < level {
                level = here;
                let opens = matches!(line.trim_ascii().last(), Some(b':' | b'{' | b'(' | b'[' | b'\\'));
                if opens {
                    self.push(whole);
                }
            }
        }
    }

    fn push(&mut self, line: Span) {
        if let Some(slot) = self.spans.get_mut(self.len) {
            *slot = line;
            self.len += 1;
        }
    }

    fn all(&self) -> &[Span] {
        &self.spans[..self.len]
    }
}

fn indentation(line: &[u8]) -> usize {
    line.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count()
}

/// What follows the last end of a line. `\n` in a string ends one as well.
fn last_line(text: &[u8]) -> &[u8] {
    let line = text.rsplit(|byte| *byte == b'\n').next().unwrap_or_default();
    memchr::memmem::rfind(line, b"\\n").map_or(line, |escape| &line[escape + 2..])
}

fn first_line(text: &[u8]) -> &[u8] {
    let line = text.split(|byte| *byte == b'\n').next().unwrap_or_default();
    memchr::memmem::find(line, b"\\n").map_or(line, |escape| &line[..escape])
}

/// The name that stands before a value with nothing but `=`, `:`, quotes, brackets and space between.
fn own_name(line: &[u8]) -> Option<&[u8]> {
    let links = |byte: &u8| {
        matches!(byte, b' ' | b'\t' | b'=' | b':' | b'"' | b'\'' | b'`' | b'>' | b'(' | b'[' | b'{' | b'\\')
    };
    let end = line.iter().rposition(|byte| !links(byte))? + 1;
    if !line[end..].iter().any(|byte| matches!(byte, b'=' | b':' | b'>' | b'(')) {
        return None;
    }
    let start = line[..end].iter().rposition(|byte| !is_name_byte(*byte)).map_or(0, |at| at + 1);
    (start < end).then_some(&line[start..end])
}

fn is_one_of(name: &[u8], words: &[&[u8]]) -> bool {
    words.iter().any(|word| name.eq_ignore_ascii_case(word))
}

/// What stands before a digest or a revision.
static PINS: &[&str] = &[
    "sha1:",
    "sha1-",
    "sha1=",
    "sha256:",
    "sha256-",
    "sha256=",
    "sha384-",
    "sha512:",
    "sha512-",
    "sha512=",
    "md5:",
    "md5-",
    "md5=",
    "h1:",
    "?v=",
    "&v=",
    "?ver=",
    "?hash=",
    "?rev=",
    "?ref=",
    "&ref=",
    "/commit/",
    "/commits/",
    "/blob/",
    "/tree/",
    "/raw/",
    "/archive/",
    "/rev/",
    "commit ",
    "revision ",
    "parent ",
    "object ",
    "index ",
    "..",
    "at rev ",
];

/// Whether the line up to the value pins a revision or a digest. `@` and `#` do so behind a name: `org/action@…`,
/// `x.git#…`.
fn is_pinned(line: &[u8]) -> bool {
    let ends_so = |pin: &&str| {
        let end = line.len().checked_sub(pin.len()).and_then(|start| line.get(start..)).unwrap_or_default();
        end.eq_ignore_ascii_case(pin.as_bytes())
    };
    matches!(line, [.., name, b'@' | b'#'] if name.is_ascii_alphanumeric()) || PINS.iter().any(ends_so)
}

/// A line of a list of digests, or of a baseline: the value, one or two characters, and a path or a name.
fn is_listed(line: &[u8], after: &[u8]) -> bool {
    line.is_empty() && matches!(after, [b' ', b' ' | b'*', path, ..] | [b' ', path, ..] if !path.is_ascii_whitespace())
}

/// Whether it is given for a file, by path and ending: `"tests/private_key.pem": "…"`.
fn is_of_a_file(line: &[u8]) -> bool {
    let links = |byte: &u8| matches!(byte, b'"' | b'\'' | b':' | b'=' | b' ');
    let end = line.iter().rposition(|byte| !links(byte)).map_or(0, |at| at + 1);
    let start = line[..end].iter().rposition(|byte| matches!(byte, b'"' | b'\'' | b' ' | b',')).map_or(0, |at| at + 1);
    let path = &line[start..end];
    let quoted = line.get(end).is_some_and(|byte| matches!(byte, b'"' | b'\''));
    let dot = path.iter().rposition(|byte| *byte == b'.').unwrap_or(0);
    let ending = path.get(dot + 1..).unwrap_or_default();
    let address = memchr::memmem::find(path, b"://").is_some() || path.starts_with(b"//");
    quoted
        && dot > 0
        && path.contains(&b'/')
        && !address
        && (1..=5).contains(&ending.len())
        && ending.iter().all(u8::is_ascii_lowercase)
}

/// What files are called at the end that have a digest in their name.
static EXTENSIONS: &str = "js mjs css map json png jpg jpeg gif svg webp ico woff woff2 ttf eot otf html htm txt xml gz tgz \
    zip tar jar war whl deb rpm apk exe dll so wasm pdf mp3 mp4 webm chunk min bundle module bin dat cache rlib rmeta o d";

/// Whether the value goes on as the name of a file: `app.3f2a….js`.
fn is_file_name(after: &[u8]) -> bool {
    let Some(rest) = after.strip_prefix(b".") else { return false };
    let len = rest.iter().take(8).take_while(|byte| byte.is_ascii_alphanumeric()).count();
    EXTENSIONS.split_ascii_whitespace().any(|known| rest[..len].eq_ignore_ascii_case(known.as_bytes()))
}

#[cfg(test)]
mod tests;
