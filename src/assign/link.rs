//! Names with a stem in them, and what links each to a value.

use super::bridge::{self, Bridge};
use super::name::{self, Name};
use super::value::{self, Value};
use super::{BEHIND, Candidate, Form, Quote, begins, default, flag, is_name_byte, skip_blanks, table};
use crate::span::Span;

/// The shortest value worth a look.
const SHORTEST: usize = 3;

/// The candidates of the name round `at`.
pub(super) fn named(text: &[u8], at: usize, emit: &mut dyn FnMut(Candidate)) {
    let Some(name) = name::expand(text, at) else { return };
    let Some(end) = past_method(text, name.span.end) else { return };
    let Some(bridge) = bridge::cross(text, end) else { return };
    if !name::is_last_stem(text, at, name.span) {
        return;
    }
    let quoted = bridge.quoted || opened_by_quote(text, name.span.start);
    let shown = Shown { name: name.span, quoted };
    match bridge.form {
        Form::Spaced => spaced(text, name, &shown, &bridge, emit),
        Form::Prose if name.flag => flag::value(text, name.span, bridge.to, emit),
        Form::Argument => argument(text, &shown, &bridge, emit),
        Form::Default => default::other(text, &shown, &bridge, emit),
        Form::Call => call(text, &shown, &bridge, emit),
        Form::Element => element(text, &shown, &bridge, emit),
        Form::Fields => _ = fields(text, &shown, bridge.to, emit),
        Form::Table => table::cells(text, &shown, bridge.to, emit),
        Form::Arrow if text.get(bridge.to) == Some(&b'{') => {}
        _ => direct(text, &shown, &bridge, emit),
    }
}

/// A name as the candidates of it share it.
pub(super) struct Shown {
    pub name: Span,
    pub quoted: bool,
}

impl Shown {
    pub(super) fn emit(&self, text: &[u8], form: Form, value: Value, emit: &mut dyn FnMut(Candidate)) {
        let value = value::innermost(text, value);
        if value.span.len() < SHORTEST || value.span.end > text.len() {
            return;
        }
        emit(Candidate {
            form,
            name: self.name,
            value: value.span,
            quote: value.quote,
            wrapper: value.wrapper,
            name_quoted: self.quoted,
        });
    }
}

/// Where what follows a name is linked from: its end, or that of `.equals` and the like, which is read as a call on the name.
/// None where a member of it is meant.
fn past_method(text: &[u8], end: usize) -> Option<usize> {
    let closed = end + usize::from(text.get(end..end + 2) == Some(b")."));
    if text.get(closed) != Some(&b'.') {
        return Some(end);
    }
    let rest = text.get(closed + 1..).unwrap_or_default();
    let method = rest.iter().take(24).take_while(|byte| is_name_byte(**byte)).count();
    let known = METHODS.iter().any(|known| rest[..method].eq_ignore_ascii_case(known.as_bytes()));
    known.then_some(closed + 1 + method)
}

/// Members whose argument, or what is assigned to them, is a value of the name before them.
static METHODS: &[&str] =
    &["equals", "eq", "eql", "isEqualTo", "toBe", "toEqual", "set", "setValue", "value", "sid", "equalsIgnoreCase"];

fn opened_by_quote(text: &[u8], start: usize) -> bool {
    start > 0 && matches!(text.get(start - 1), Some(b'"' | b'\'' | b'`' | b':'))
}

/// `=`, `:`, `=>`, `==` and the like.
fn direct(text: &[u8], shown: &Shown, bridge: &Bridge, emit: &mut dyn FnMut(Candidate)) {
    let start = skip_blanks(text, bridge.to, 64);
    let next_line = matches!(text.get(start), Some(b'\r' | b'\n'));
    if next_line && bridge.form == Form::Compare {
        return;
    }
    if names_another(text, bridge.to) {
        return;
    }
    let Some(value) = value::read(text, bridge.to, true) else { return };
    if value.quote == Quote::Double && !shown.quoted && is_open(text, shown.name.start) {
        // `"…&password=" + x`: the quote ends the string that the name stands in.
        return;
    }
    if value.quote == Quote::None && text.get(value.span.end.wrapping_sub(1)) == Some(&b':') {
        fields(text, shown, bridge.to, emit);
        return;
    }
    // `--password= --outfile x`: nothing is given.
    if value.quote == Quote::None && value.span.of(text).starts_with(b"--") {
        return;
    }
    // A bare word on the next line is the value of a YAML key only.
    if next_line && value.quote == Quote::None && bridge.form != Form::Pair {
        return;
    }
    let key = text.get(shown.name.start.wrapping_sub(1)).filter(|_| shown.name.start > 0);
    let form = match bridge.form {
        Form::Assign if matches!(key, Some(b'?' | b'&')) => Form::Query,
        Form::Pair | Form::Arrow if next_line => Form::NextLine,
        form => form,
    };
    if let Some(second) = second_of_pair(text, bridge.to, value) {
        shown.emit(text, form, second, emit);
        return;
    }
    shown.emit(text, form, value, emit);
    if value.quote != Quote::None {
        rest_of_list(text, bridge.to, shown, form, value, emit);
    }
}

/// Whether a name with its own value begins at `to`, as in `auth=token=…`: that one has the candidate. A file of nothing
/// but such names took fifty times as long as source code.
fn names_another(text: &[u8], to: usize) -> bool {
    let rest = text.get(to..to.saturating_add(32).min(text.len())).unwrap_or_default();
    let name = rest.iter().take_while(|byte| byte.is_ascii_alphabetic() || **byte == b'_').count();
    let linked = matches!(rest.get(name..), Some([b'=', next, ..]) if next.is_ascii_alphanumeric());
    let stems: [&[u8]; 6] = [b"pass", b"secret", b"token", b"key", b"auth", b"cred"];
    linked && stems.iter().any(|stem| contains_folded(&rest[..name], stem))
}

fn contains_folded(name: &[u8], stem: &[u8]) -> bool {
    name.windows(stem.len()).any(|part| part.eq_ignore_ascii_case(stem))
}

/// Whether a string in double quotes is open before `place`, as far as its line tells.
fn is_open(text: &[u8], place: usize) -> bool {
    let before = text.get(place.saturating_sub(BEHIND)..place).unwrap_or_default();
    let line = memchr::memrchr(b'\n', before).map_or(before, |newline| &before[newline + 1..]);
    line.iter().filter(|byte| **byte == b'"').count() % 2 == 1
}

/// The second string of `auth = ("user", "…")`.
fn second_of_pair(text: &[u8], to: usize, first: Value) -> Option<Value> {
    if text.get(skip_blanks(text, to, 4)) != Some(&b'(') || first.quote == Quote::None {
        return None;
    }
    let comma = skip_blanks(text, first.after, 4);
    let start = skip_blanks(text, comma + 1, 4);
    let second = value::quoted(text, start, Span::new(start, start))?;
    let closed = text.get(comma) == Some(&b',') && text.get(skip_blanks(text, second.after, 4)) == Some(&b')');
    closed.then_some(second)
}

/// Further strings of `names: ["…", "…"]`.
fn rest_of_list(text: &[u8], to: usize, shown: &Shown, form: Form, first: Value, emit: &mut dyn FnMut(Candidate)) {
    if text.get(skip_blanks(text, to, 4)) != Some(&b'[') {
        return;
    }
    let mut after = first.after;
    for _ in 0..4 {
        let comma = skip_blanks(text, after, 4);
        if text.get(comma) != Some(&b',') {
            return;
        }
        let start = skip_blanks(text, comma + 1, 4);
        let Some(value) = value::quoted(text, start, Span::new(start, start)) else { return };
        shown.emit(text, form, value, emit);
        after = value.after;
    }
}

/// `set("password", "x")`, and a record of two fields: `"name": "password", "value": "x"`.
fn argument(text: &[u8], shown: &Shown, bridge: &Bridge, emit: &mut dyn FnMut(Candidate)) {
    let looked_up = default::of_lookup(text, shown, bridge.to, emit);
    if looked_up || shown.quoted && fields(text, shown, bridge.to, emit) {
        return;
    }
    let start = skip_blanks(text, bridge.to, 64);
    let Some(value) = value::quoted(text, start, Span::new(start, start)) else { return };
    // `"password": x, "user": "y"`: the string that follows is another name.
    let behind = skip_blanks(text, value.after, 2);
    if matches!(text.get(behind), Some(b':')) || text.get(behind..behind + 2) == Some(b"=>") {
        return;
    }
    shown.emit(text, Form::Argument, value, emit);
}

/// The second field of a record whose first holds the name: `value: x` after a comma or on the next line.
fn fields(text: &[u8], shown: &Shown, from: usize, emit: &mut dyn FnMut(Candidate)) -> bool {
    if let Some(value) = table::sibling(text, from) {
        shown.emit(text, Form::Fields, value, emit);
        return true;
    }
    let window = text.get(from..).unwrap_or_default();
    let lead =
        window.iter().take(80).take_while(|byte| byte.is_ascii_whitespace() || b"\"',-:\\{".contains(byte)).count();
    let start = from + lead;
    let rest = text.get(start..).unwrap_or_default();
    let Some(word) = ["value", "currentvalue", "defaultvalue", "default", "val", "data"]
        .iter()
        .find(|word| begins(rest, word.as_bytes()))
    else {
        return false;
    };
    let end = start + word.len();
    if text.get(end).copied().is_some_and(is_name_byte) {
        return false;
    }
    let Some(bridge) = bridge::cross(text, end) else { return false };
    if !matches!(bridge.form, Form::Assign | Form::Pair | Form::Arrow) {
        return false;
    }
    if let Some(value) = value::read(text, bridge.to, false) {
        shown.emit(text, Form::Fields, value, emit);
    }
    true
}

/// `setPassword("x")`, `login("user", "x")`: the first string, or the last of two for calls that take a user first.
fn call(text: &[u8], shown: &Shown, bridge: &Bridge, emit: &mut dyn FnMut(Candidate)) {
    let start = skip_blanks(text, bridge.to, 8);
    let Some(first) = value::read(text, start, true).filter(|value| value.quote != Quote::None) else { return };
    let comma = skip_blanks(text, first.after, 4);
    if text.get(comma) == Some(&b',') {
        let second = skip_blanks(text, comma + 1, 8);
        if let Some(value) = value::quoted(text, second, Span::new(second, second)) {
            shown.emit(text, Form::Call, value, emit);
            return;
        }
    }
    shown.emit(text, Form::Call, first, emit);
}

/// `<password>x</password>`, `<entry key="password">x</entry>`, and `<name>password</name><value>x</value>`.
fn element(text: &[u8], shown: &Shown, bridge: &Bridge, emit: &mut dyn FnMut(Candidate)) {
    let Some(value) = value::read(text, bridge.to, true) else { return };
    if text.get(value.after) == Some(&b'<') {
        shown.emit(text, Form::Element, value, emit);
    }
}

/// A flag's value, or SQL's `PASSWORD 'x'`; a bare word is nothing.
fn spaced(text: &[u8], name: Name, shown: &Shown, bridge: &Bridge, emit: &mut dyn FnMut(Candidate)) {
    if name.flag {
        flag::value(text, name.span, bridge.to, emit);
    } else if begins(text.get(bridge.to..).unwrap_or_default(), b"string =") {
        if let Some(value) = value::read(text, bridge.to + 8, false) {
            shown.emit(text, Form::Assign, value, emit);
        }
    } else if is_set(text, name.span.start) || is_netrc(text, name.span) {
        if let Some(value) = value::read(text, bridge.to, false) {
            shown.emit(text, Form::Assign, value, emit);
        }
    } else if name.span.of(text) == b"sshpass" {
        flag::sshpass(text, name.span, bridge.to, emit);
    } else if !shown.quoted && token_follows(text, bridge.to) && !is_part(text, name.span) {
        let Some(value) = value::read(text, bridge.to, false) else { return };
        shown.emit(text, Form::Prose, value, emit);
    } else if !shown.quoted && shown.name.len() > 4 {
        // "pass `x`" and "key 'x'" are prose.
        let Some(value) = value::quoted(text, bridge.to, Span::new(bridge.to, bridge.to)) else { return };
        shown.emit(text, Form::Spaced, value, emit);
    } else {
        fields(text, shown, bridge.to, emit);
    }
}

/// Commands that set a name to what follows it: psql's, those of shells, Dockerfile's and Apache's.
static SETTERS: [&[u8]; 7] = [b"\\set ", b"setx ", b"ENV ", b"setenv ", b"SetEnv ", b"set -x ", b"set -gx "];

/// `ENV NAME value` and the like.
fn is_set(text: &[u8], start: usize) -> bool {
    let before = text.get(start.saturating_sub(16)..start).unwrap_or_default();
    let command = SETTERS.iter().find(|command| before.ends_with(command));
    command.is_some_and(|command| {
        let place = before.len() - command.len();
        command[0] == b'\\' || place.checked_sub(1).is_none_or(|place| before[place].is_ascii_whitespace())
    })
}

/// The last part of a path, as in `golang.org/x/oauth2 1f0e…`, or the word `ticket`: what follows is a revision or an id.
fn is_part(text: &[u8], name: Span) -> bool {
    let before = name.start.checked_sub(1).and_then(|place| text.get(place));
    matches!(before, Some(b'/' | b'.' | b'@')) || name.of(text).eq_ignore_ascii_case(b"ticket")
}

/// `machine … login … password x` of a `.netrc`.
fn is_netrc(text: &[u8], name: Span) -> bool {
    let before = text.get(name.start.saturating_sub(BEHIND)..name.start).unwrap_or_default();
    let has = |word: &[u8]| memchr::memmem::find(before, word).is_some();
    name.of(text) == b"password" && has(b"login ") && has(b"machine ")
}

/// A long word with digits and letters, which no prose has.
fn token_follows(text: &[u8], place: usize) -> bool {
    let window = text.get(place..).unwrap_or_default();
    let length = window.iter().take(64).take_while(|byte| byte.is_ascii_alphanumeric()).count();
    let digits = window.iter().take(length).filter(|byte| byte.is_ascii_digit()).count();
    length >= 20 && digits >= 3 && digits < length
}

/// SQL: `IDENTIFIED BY 'x'`, `IDENTIFIED WITH … BY 'x'`.
pub(super) fn identified_by(text: &[u8], at: usize, emit: &mut dyn FnMut(Candidate)) {
    let end = at + "identified by".len();
    let mut start = skip_blanks(text, end, 16);
    if begins(text.get(start..).unwrap_or_default(), b"password ") {
        start = skip_blanks(text, start + 9, 16);
    }
    if let Some(value) = value::read(text, start, true) {
        Shown { name: Span::new(at, end), quoted: false }.emit(text, Form::Spaced, value, emit);
    }
}
