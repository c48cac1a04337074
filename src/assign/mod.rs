//! Values beside a name that speaks of a secret: `password = "…"`, `--token …`, `Authorization: Basic …`, `user:…@host`.
//!
//! A keyword of the prefilter calls `candidates_at`, which looks at a bounded surrounding of that place only, reads
//! the whole name and what links it to a value, and says where the value is. It judges nothing: that is `judge`'s.

mod bridge;
pub mod bytes;
mod default;
mod flag;
mod link;
mod name;
mod scheme;
mod table;
#[cfg(test)]
mod tests;
mod url;
mod value;

use crate::span::Span;

pub use name::{Name, STEMS};

/// What the prefilter looks for, in either case; each begins a stem of a name or is the mark of a form.
/// `key` and `pwd` come with the byte that follows them, for windows of four bytes.
pub static KEYWORDS: &[&str] = &[
    "pass",
    "secret",
    "token",
    "cred",
    "auth",
    "salt",
    "nonce",
    "phrase",
    "ticket",
    "pwd=",
    "pwd:",
    "pwd ",
    "pwd\"",
    "pwd'",
    "pwd,",
    "pwd)",
    "pwd]",
    "pwd`",
    "pwd>",
    "pwd\\",
    "pwd(",
    "key=",
    "key:",
    "key ",
    "key\"",
    "key'",
    "key,",
    "key]",
    "key>",
    "key\\",
    "key(",
    "key[",
    "key_",
    "keyv",
    "keyb",
    "keys",
    "bearer ",
    "basic ",
    "identified by",
    "://",
    "@tcp(",
    "@unix(",
    "curl ",
];

/// How far a scan looks back and ahead from a keyword's place.
pub const BEHIND: usize = 256;
pub const AHEAD: usize = 1024;

/// How a name and its value stand together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Form {
    /// `name = value`, `:=`, `+=`, `<-`.
    Assign,
    /// `name == value`, `!=`, `===`.
    Compare,
    /// `name: value`.
    Pair,
    /// `name => value`, `->`.
    Arrow,
    /// `setName("value")`, `name("user", "value")`.
    Call,
    /// `set("name", "value")`.
    Argument,
    /// What is taken where the name is not set: `getenv("name", "value")`, `env.name || "value"`, `${name:-value}`.
    Default,
    /// `--name value`, `-u user:value`.
    Flag,
    /// `<name>value</name>`.
    Element,
    /// `"name": "x", "value": "…"` and the like in other notations.
    Fields,
    /// `name:` and the value on the next line.
    NextLine,
    /// `| name | value |`, or a cell under the one that holds the name.
    Table,
    /// `PASSWORD 'value'`, `IDENTIFIED BY 'value'`: nothing but space between.
    Spaced,
    /// `password is value`.
    Prose,
    /// `Basic base64(user:value)`.
    Basic,
    /// `Bearer value`.
    Bearer,
    /// `scheme://user:value@host`.
    Userinfo,
    /// `?name=value&`, in a URL or a form body.
    Query,
}

/// What encloses a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Quote {
    None,
    Single,
    Double,
    Backtick,
    /// `\"…\"` or an HTML entity: a string in a string.
    Escaped,
    /// Brackets with nothing but bytes in them, as numbers.
    Bytes,
}

/// A name and the value beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Candidate {
    pub form: Form,
    /// The whole name, or the mark that stands for one (`Basic`, `://`).
    pub name: Span,
    pub value: Span,
    pub quote: Quote,
    /// What was called on the value, as `Some` in `Some("…")`; empty where nothing was.
    pub wrapper: Span,
    /// The name is itself a string: quoted, a symbol or an attribute.
    pub name_quoted: bool,
}

/// Finds the values that belong to the keyword at byte `at`, and hands each to `emit`.
pub fn candidates_at(text: &[u8], at: usize, emit: &mut dyn FnMut(Candidate)) {
    let Some(rest) = text.get(at..) else { return };
    match rest.first().map(u8::to_ascii_lowercase) {
        Some(b':') => url::userinfo(text, at, emit),
        Some(b'@') => url::data_source(text, at, emit),
        Some(b'b') => scheme::header(text, at, emit),
        Some(b'c') if begins(rest, b"curl ") => flag::curl(text, at, emit),
        Some(b'i') => link::identified_by(text, at, emit),
        Some(_) => link::named(text, at, emit),
        None => {}
    }
}

/// Whether `text` begins with `word`, which is lower case, in either case.
pub(crate) fn begins(text: &[u8], word: &[u8]) -> bool {
    text.get(..word.len()).is_some_and(|head| head.eq_ignore_ascii_case(word))
}

/// Letters, digits, `_` and `-`: what names are made of.
pub(crate) const fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-'
}

/// The first place from `place` on, at most `limit` bytes further, that is neither a space nor a tab.
pub(crate) fn skip_blanks(text: &[u8], place: usize, limit: usize) -> usize {
    let window = text.get(place..).unwrap_or_default();
    place + window.iter().take(limit).take_while(|byte| matches!(byte, b' ' | b'\t')).count()
}
