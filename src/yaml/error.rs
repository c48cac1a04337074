//! What is wrong with a YAML text, and the one line of it that is shown. The rest of the file is not in the error, and
//! control characters are replaced, so that no file can write to the terminal by way of its own error message.

use std::fmt;
use std::ops::Range;

use miette::{Diagnostic, LabeledSpan, MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};
use thiserror::Error;

use super::{MAX_BYTES, MAX_DEPTH, floor, listed, nearest};

/// A file that people write is wrong: what, where, and what to type.
#[derive(Debug)]
pub struct ConfigError(Box<Inner>);

#[derive(Debug)]
struct Inner {
    problem: Box<dyn Diagnostic + Send + Sync + 'static>,
    frame: Frame,
}

impl ConfigError {
    /// An error at `place`, a range of bytes of `text`.
    pub fn at<P>(name: &str, text: &str, place: Range<usize>, problem: P) -> Self
    where
        P: Diagnostic + Send + Sync + 'static,
    {
        Self(Box::new(Inner { problem: Box::new(problem), frame: Frame::new(name, text, place) }))
    }

    /// An error of the file as a whole.
    pub fn unplaced<P>(name: &str, problem: P) -> Self
    where
        P: Diagnostic + Send + Sync + 'static,
    {
        let frame = Frame { name: shown(name), ..Frame::default() };
        Self(Box::new(Inner { problem: Box::new(problem), frame }))
    }

    /// The line, counted from 1, if the error has a place.
    #[must_use]
    pub fn line(&self) -> Option<usize> {
        self.0.frame.text.as_ref().map(|_| self.0.frame.line + 1)
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.frame.text.is_none() {
            write!(out, "{}: ", self.0.frame.name)?;
        }
        self.0.problem.fmt(out)
    }
}

impl std::error::Error for ConfigError {}

impl Diagnostic for ConfigError {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.0.problem.code()
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.0.problem.help()
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.0.frame.text.as_ref().map(|_| &self.0.frame as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        self.0.frame.text.as_ref()?;
        let label = LabeledSpan::new_with_span(Some("here".to_owned()), self.0.frame.mark);
        Some(Box::new(std::iter::once(label)))
    }
}

/// One line of a file, cut to a readable width.
#[derive(Debug)]
struct Frame {
    name: String,
    /// Counted from 0, as the drawing library does.
    line: usize,
    column: usize,
    text: Option<String>,
    mark: SourceSpan,
}

impl Default for Frame {
    fn default() -> Self {
        Self { name: String::new(), line: 0, column: 0, text: None, mark: (0, 0).into() }
    }
}

/// Characters shown before and after the beginning of the marked place.
const BEFORE: usize = 60;
const AFTER: usize = 100;

impl Frame {
    fn new(name: &str, text: &str, place: Range<usize>) -> Self {
        let start = floor(text, place.start);
        let (above, rest) = text.split_at(start);
        let from = above.rfind(['\n', '\r']).map_or(0, |at| at + 1);
        let line = above.split_inclusive('\n').filter(|part| part.ends_with('\n')).count();
        let line_text = veiled(&[&above[from..], rest.lines().next().unwrap_or_default()].concat());
        let (left, right) = line_text.split_at(start - from);
        let column = left.chars().count();
        let marked = right.get(..place.end.saturating_sub(start).min(right.len())).unwrap_or(right);
        let (marked, after) = (visible(marked.chars().take(AFTER)), &right[marked.len()..]);
        let before = visible(left.chars().skip(column.saturating_sub(BEFORE)));
        let after = visible(after.chars().take(AFTER - marked.chars().count()));
        let mark = (before.len(), marked.len()).into();
        Self { name: shown(name), line, column, text: Some(before + &marked + &after), mark }
    }
}

impl SourceCode for Frame {
    /// Always the one line, however many lines round it are asked for.
    fn read_span<'a>(
        &'a self,
        _: &SourceSpan,
        _: usize,
        _: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let text = self.text.as_deref().unwrap_or_default();
        let span = (0, text.len()).into();
        let contents =
            MietteSpanContents::new_named(self.name.clone(), text.as_bytes(), span, self.line, self.column, 1);
        Ok(Box::new(contents))
    }
}

/// Text from a file, fit to stand in a message: cut to 80 characters, nothing in it that moves a cursor.
#[must_use]
pub fn shown(text: &str) -> String {
    let text = veiled(text);
    let cut = visible(text.chars().take(80));
    if cut.len() < text.len() && text.chars().nth(80).is_some() { cut + "…" } else { cut }
}

/// A run of letters and digits that is as long may be a secret that somebody put into the file by mistake.
const VEILED: usize = 12;

/// The same text with stars for all but the beginning of what may be a secret. Each byte stays in its place.
fn veiled(text: &str) -> String {
    let is_part = |letter: char| letter.is_ascii_alphanumeric() || "+/_=".contains(letter);
    let veil = |run: &str| {
        let has = |is: fn(&u8) -> bool| run.bytes().any(|byte| is(&byte));
        if run.len() < VEILED || !has(u8::is_ascii_digit) || !has(u8::is_ascii_alphabetic) {
            return run.to_owned();
        }
        format!("{}{}", &run[..4], "*".repeat(run.len() - 4))
    };
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(is_part) {
        let end = rest[start..].find(|letter| !is_part(letter)).map_or(rest.len(), |len| start + len);
        out.push_str(&rest[..start]);
        out.push_str(&veil(&rest[start..end]));
        rest = &rest[end..];
    }
    out + rest
}

/// The same text with `�` for all that cannot be seen or moves a cursor.
pub fn visible(text: impl Iterator<Item = char>) -> String {
    text.map(|letter| match letter {
        '\t' => ' ',
        letter if letter.is_control() || is_unseen(letter) => '�',
        letter => letter,
    })
    .collect()
}

/// Soft hyphen, zero-width characters, line separators, marks that turn the direction, tags.
const fn is_unseen(letter: char) -> bool {
    matches!(letter, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
        || matches!(letter, '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// What any YAML file can have wrong with it.
#[derive(Debug, Error, Diagnostic)]
pub enum YamlProblem {
    #[error("no key `{key}` belongs here")]
    #[diagnostic(code(tightlip::config::unknown_key))]
    UnknownKey {
        key: String,
        #[help]
        help: String,
    },
    #[error("the key `{key}` stands here a second time")]
    #[diagnostic(code(tightlip::config::duplicate_key), help("keep one of the two `{key}:`, or join them"))]
    DuplicateKey { key: String },
    #[error("the key `{key}` is missing")]
    #[diagnostic(code(tightlip::config::missing_key), help("add `{key}: …` to this entry"))]
    MissingKey { key: String },
    #[error("`{word}` is not one of the words that can stand here")]
    #[diagnostic(code(tightlip::config::unknown_word))]
    UnknownWord {
        word: String,
        #[help]
        help: String,
    },
    #[error("found {found}")]
    #[diagnostic(code(tightlip::config::wrong_type), help("write {expected} here"))]
    WrongType { found: String, expected: String },
    #[error("a value is missing")]
    #[diagnostic(code(tightlip::config::no_value), help("write the value after the `:` or `-`, or delete the line"))]
    NoValue,
    #[error("nested more than {MAX_DEPTH} levels deep")]
    #[diagnostic(code(tightlip::config::too_deep), help("close a bracket, or indent less"))]
    TooDeep,
    #[error("the file unfolds to far more than its own size")]
    #[diagnostic(code(tightlip::config::too_much), help("write values out instead of repeating them with `*name`"))]
    TooMuch,
    #[error("larger than {} KiB", MAX_BYTES / 1024)]
    #[diagnostic(code(tightlip::config::too_large), help("split the file, or remove what it no longer needs"))]
    TooLarge,
    #[error("tags have no meaning here")]
    #[diagnostic(code(tightlip::config::tag), help("remove the word with `!`, or put the value in quotes"))]
    Tag,
    #[error("a line that begins with `%` has no meaning here")]
    #[diagnostic(code(tightlip::config::directive), help("remove the line, or indent it"))]
    Directive,
    #[error("a second document begins")]
    #[diagnostic(code(tightlip::config::documents), help("remove the line `---` and join the two"))]
    Documents,
    #[error("{what}")]
    #[diagnostic(code(tightlip::config::value))]
    Value { what: String },
    #[error("not valid YAML: {what}")]
    #[diagnostic(code(tightlip::config::syntax), help("look at indentation, quotes and brackets here and just above"))]
    Syntax { what: String },
}

impl YamlProblem {
    /// Puts the parser's words into ours. It gives text alone, so this reads the text.
    pub(super) fn from_parser(error: &serde_yaml::Error) -> Self {
        let full = error.to_string();
        let place = error.location().map(|at| format!(" at line {} column {}", at.line(), at.column()));
        let text = place.and_then(|place| full.strip_suffix(&place)).unwrap_or(&full);
        let begins = |phrase: &str| text.find(phrase).and_then(|at| text.get(at + phrase.len()..));
        if text.ends_with("recursion limit exceeded") {
            return Self::TooDeep;
        }
        if text.ends_with("repetition limit exceeded") {
            return Self::TooMuch;
        }
        if text.contains("more than one document") {
            return Self::Documents;
        }
        if let Some((key, known)) = begins("unknown field ").and_then(quoted) {
            return Self::UnknownKey { help: among(key, known, "known here"), key: shown(key) };
        }
        if let Some((word, known)) = begins("unknown variant ").and_then(quoted) {
            return Self::UnknownWord { help: among(word, known, "possible"), word: shown(word) };
        }
        if let Some((key, _)) = begins("missing field ").and_then(quoted) {
            return Self::MissingKey { key: shown(key) };
        }
        let wrong = begins("invalid type: ").or_else(|| begins("invalid value: "));
        if let Some((found, expected)) = wrong.and_then(|wrong| wrong.rsplit_once(", expected ")) {
            return Self::WrongType { found: plainly(found), expected: plainly(expected) };
        }
        // Errors of the types themselves carry the path of the value in front.
        match text.split_once("]: ").or_else(|| text.split_once(": ")) {
            Some((path, what)) if path.starts_with(|first: char| first.is_alphanumeric() || first == '[') => {
                Self::Value { what: shown(what) }
            }
            // What the parser was doing meanwhile, behind the comma, helps nobody.
            _ => Self::Syntax { what: shown(full.split(" at line ").next().unwrap_or(text)) },
        }
    }
}

/// The first word in backticks, and what follows it.
fn quoted(text: &str) -> Option<(&str, &str)> {
    let inner = text.strip_prefix('`')?;
    let end = inner.find("`, ").or_else(|| inner.rfind('`'))?;
    Some((inner.get(..end)?, inner.get(end + 1..)?))
}

/// A suggestion out of the words that stand in backticks in `known`.
fn among(word: &str, known: &str, heading: &str) -> String {
    let known: Vec<&str> = known.split('`').skip(1).step_by(2).collect();
    match nearest(word, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None if known.is_empty() => "remove it".to_owned(),
        None => format!("{heading}: {}", listed(known)),
    }
}

/// The names that the derive macros give to types, in words that a person would use.
fn plainly(name: &str) -> String {
    let (kind, rest) = name.split_once(' ').unwrap_or((name, ""));
    match kind {
        "string" => format!("the text {}", shown(rest)),
        "integer" | "boolean" => shown(rest),
        "floating" => format!("the number {}", shown(rest.trim_start_matches("point "))),
        "map" => "a mapping".to_owned(),
        "struct" => "a mapping (`key: value`)".to_owned(),
        "sequence" => "a list".to_owned(),
        "unit" => "nothing".to_owned(),
        // Scores, wherever a file has so small a number.
        "u8" => "a whole number from 0 to 100".to_owned(),
        "u16" => "a whole number from 0 to 65535".to_owned(),
        "i64" => "a whole number".to_owned(),
        _ => match name {
            "a string" => "a text".to_owned(),
            "a sequence" => "a list (`- item`)".to_owned(),
            "a map" => "a mapping (`key: value`)".to_owned(),
            "a boolean" => "`true` or `false`".to_owned(),
            "a YAML tag starting with '!'" => "one word".to_owned(),
            _ => shown(name),
        },
    }
}
