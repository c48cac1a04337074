//! Values that are taken where a name is not set: the second argument of a lookup, and what stands behind `||`, `??`,
//! `or` or `:-`. A name that is looked up elsewhere says nothing of such a value but what it is for.

use super::bridge::Bridge;
use super::link::Shown;
use super::value;
use super::{BEHIND, Candidate, Form, is_name_byte, skip_blanks};
use crate::span::Span;

/// What a call ends with that looks a name up, in lower case, without `_`.
static LOOKUPS: [&[u8]; 14] = [
    b"env",
    b"getenv",
    b"envvar",
    b"env.get",
    b"env.fetch",
    b"env.str",
    b"environ.get",
    b"environ.setdefault",
    b"ordefault",
    b"orelse",
    b"property",
    b"config",
    b"config.get",
    b"setting",
];

/// How an argument is called that holds the default.
static NAMES: [&[u8]; 3] = [b"default", b"fallback", b"defaultValue"];

/// `getenv("NAME", "x")`, `config("NAME", default="x")`: whether the name, which a string closes and `to` is behind the
/// comma of, is looked up; then no other form is looked for.
pub(super) fn of_lookup(text: &[u8], shown: &Shown, to: usize, emit: &mut dyn FnMut(Candidate)) -> bool {
    if !shown.quoted || !is_looked_up(text, shown.name) {
        return false;
    }
    let mut start = skip_blanks(text, to, 64);
    let rest = text.get(start..).unwrap_or_default();
    if let Some(name) = NAMES.iter().find(|name| rest.starts_with(name)) {
        let mark = skip_blanks(text, start + name.len(), 2);
        if !matches!(text.get(mark), Some(b'=' | b':')) {
            return true;
        }
        start = skip_blanks(text, mark + 1, 2);
    }
    if let Some(value) = value::quoted(text, start, Span::new(start, start)) {
        Shown { name: shown.name, quoted: false }.emit(text, Form::Default, value, emit);
    }
    true
}

/// Whether the string that ends with the name is the first argument of a lookup.
fn is_looked_up(text: &[u8], name: Span) -> bool {
    let before = text.get(name.start.saturating_sub(BEHIND)..name.start).unwrap_or_default();
    // `config("services.acme.secret", …)`: the name is the last part of a path.
    let path = before.iter().rev().take_while(|byte| is_name_byte(**byte) || **byte == b'.').count();
    let Some((b'"' | b'\'' | b'`', before)) = before[..before.len() - path].split_last() else { return false };
    let Some(callee) = before.trim_ascii_end().strip_suffix(b"(") else { return false };
    // `getOrDefault<String>(`, `get_env!(`.
    let callee = callee.strip_suffix(b"!").unwrap_or(callee);
    let mut folded = [0; 20];
    let letters = callee.iter().rev().take_while(|byte| is_name_byte(**byte) || **byte == b'.').filter(|b| **b != b'_');
    let len = folded.iter_mut().rev().zip(letters).map(|(to, from)| *to = from.to_ascii_lowercase()).count();
    let callee = &folded[folded.len() - len..];
    LOOKUPS.iter().any(|lookup| callee.ends_with(lookup))
}

/// What stands behind `||` and the like: a string, or in a shell's `${NAME:-x}` all up to the brace.
pub(super) fn other(text: &[u8], shown: &Shown, bridge: &Bridge, emit: &mut dyn FnMut(Candidate)) {
    let in_shell = text.get(bridge.to.wrapping_sub(1)) == Some(&b'-');
    let start = if in_shell { bridge.to } else { skip_blanks(text, bridge.to, 8) };
    let opened = shown.name.start.checked_sub(2).and_then(|at| text.get(at..shown.name.start)) == Some(b"${");
    let value = match () {
        () if !in_shell => value::quoted(text, start, Span::new(start, start)),
        () if opened => value::read(text, start, false).filter(|value| text.get(value.after) == Some(&b'}')),
        () => None,
    };
    if let Some(value) = value {
        Shown { name: shown.name, quoted: false }.emit(text, Form::Default, value, emit);
    }
}
