//! What stands between a name and its value: closing marks, an operator, a type.

use super::{Form, skip_blanks};

/// Blanks that may align a column of operators.
const COLUMN: usize = 40;

/// The link from a name to the place where its value begins.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bridge {
    pub form: Form,
    /// Where the value or what encloses it begins.
    pub to: usize,
    /// The name was closed by a quote.
    pub quoted: bool,
}

/// Reads from the end of a name, `end`, to where its value begins.
pub(super) fn cross(text: &[u8], end: usize) -> Option<Bridge> {
    let (place, quoted) = skip_closers(text, end);
    let mark = skip_blanks(text, place, COLUMN);
    let (form, after) = operator(text, mark, quoted, mark > place)?;
    if form == Form::Pair
        && let Some(to) = past_type(text, after)
    {
        return Some(Bridge { form: Form::Assign, to, quoted });
    }
    Some(Bridge { form, to: after, quoted })
}

/// Goes past quotes, brackets and other marks that end a name; says whether one was a quote.
fn skip_closers(text: &[u8], end: usize) -> (usize, bool) {
    let (mut place, mut quoted) = (end, false);
    for _ in 0..4 {
        let rest = text.get(place..).unwrap_or_default();
        let step = quote_length(rest);
        if step > 0 {
            quoted = true;
            place += step;
            continue;
        }
        match rest.first() {
            Some(b']' | b'}' | b'*' | b'?' | b'!') if rest.get(1) != Some(&b'=') || rest[0] == b']' => place += 1,
            Some(b'[') => match array_length(rest) {
                Some(length) => place += length,
                None => break,
            },
            Some(b')') if quoted || is_compared(text, place + 1) => place += 1,
            _ => break,
        }
    }
    (place, quoted)
}

/// The length of `[]`, `[16]` or `[KEY_SIZE]`: an array in C.
fn array_length(rest: &[u8]) -> Option<usize> {
    let size = |byte: &u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || *byte == b'_';
    let length = 1 + rest.get(1..)?.iter().take(32).take_while(|byte| size(byte)).count();
    (rest.get(length) == Some(&b']')).then_some(length + 1)
}

/// ` ==` follows, as in `string(password) == "x"`.
fn is_compared(text: &[u8], place: usize) -> bool {
    let mark = skip_blanks(text, place, 1);
    matches!(text.get(mark..mark + 2), Some(b"==" | b"!="))
}

/// How many bytes a quote at the start of `text` takes, escaped and as an entity too; 0 where there is none.
pub(super) fn quote_length(text: &[u8]) -> usize {
    match text {
        [b'"' | b'\'' | b'`', ..] => 1,
        [b'\\', b'"' | b'\'' | b'`', ..] => 2,
        [b'\\', b'\\', b'\\', b'"', ..] => 4,
        _ if text.starts_with(b"&quot;") || text.starts_with(b"&apos;") => 6,
        _ if text.starts_with(b"&#34;") || text.starts_with(b"&#39;") => 5,
        _ => 0,
    }
}

fn operator(text: &[u8], mark: usize, quoted: bool, spaced: bool) -> Option<(Form, usize)> {
    let rest = text.get(mark..)?;
    let found = match rest {
        [b'=', b'=', b'=', ..] | [b'!', b'=', b'=', ..] => (Form::Compare, 3),
        [b'=', b'=', ..] | [b'!', b'=', ..] => (Form::Compare, 2),
        [b'=', b'>', ..] | [b'-', b'>', ..] => (Form::Arrow, 2),
        [b'=', b'~', ..] | [b':', b':', ..] => return None,
        [b'=', b'3', b'D', ..] => (Form::Assign, 3),
        [b'=', ..] => (Form::Assign, 1),
        [b':', b'=', ..] | [b'+', b'=', ..] | [b'?', b'=', ..] | [b'<', b'-', ..] => (Form::Assign, 2),
        [b'|', b'|', b'=', ..] | [b'?', b'?', b'=', ..] => (Form::Assign, 3),
        [b'|', b'|', ..] | [b'?', b'?' | b':', ..] | [b':', b'-', ..] => (Form::Default, 2),
        [b':', ..] => (Form::Pair, 1),
        [b'>', ..] if !spaced && !quoted => (Form::Element, 1),
        [b'>', ..] if quoted => (Form::Element, 1),
        [b',', ..] => (Form::Argument, 1),
        [b'(', ..] if !quoted => (Form::Call, 1),
        [b'|', ..] => (Form::Table, 1),
        [b'\r' | b'\n', ..] | [b'<', b'/', ..] => (Form::Fields, 0),
        [b'/', b'>', ..] | [] => return None,
        _ if spaced => spoken(rest),
        _ => return None,
    };
    Some((found.0, mark + found.1))
}

/// `PASSWORD 'x'`, `password is x`; what else follows a space is left to the flags.
fn spoken(rest: &[u8]) -> (Form, usize) {
    if rest.starts_with(b"is ") || rest.starts_with(b"to ") || rest.starts_with(b"of ") {
        return (Form::Prose, 3);
    }
    if rest.starts_with(b"was ") {
        return (Form::Prose, 4);
    }
    if rest.starts_with(b"or ") {
        return (Form::Default, 3);
    }
    (Form::Spaced, 0)
}

/// `: &str = "…"`, `: String = …`: the place after the `=`, where a type stands between.
fn past_type(text: &[u8], after: usize) -> Option<usize> {
    let start = skip_blanks(text, after, 4);
    let window = text.get(start..)?;
    let word =
        window.iter().take(40).take_while(|byte| byte.is_ascii_alphanumeric() || b"&'<>[]._? ;".contains(byte)).count();
    if word < 3 || !window[0].is_ascii_alphabetic() && !b"&[".contains(&window[0]) {
        return None;
    }
    match (window.get(word), window.get(word + 1), word.checked_sub(1).and_then(|last| window.get(last))) {
        (Some(b'='), Some(next), Some(b' ')) if *next != b'=' && *next != b'>' => Some(start + word + 1),
        _ => None,
    }
}
