//! Values that are parts of an expression: what a list is asked for, a type, an element that is assigned something
//! without quotes, a value of the name beside. Each is told by what touches the value or its name.

use crate::assign::{Candidate, Form, Quote};
use crate::judge::surroundings::{Kind, Role};

/// Whether code assigns something without quotes to an element: `user["password"] = other`.
pub(super) fn is_element(text: &[u8], candidate: &Candidate, role: &Role<'_>) -> bool {
    let element = text.get(candidate.name.end + 1) == Some(&b']');
    role.kind() == Kind::Code && candidate.quote == Quote::None && candidate.form == Form::Assign && element
}

/// Whether something is asked for by the value, or given under it: `registry['value']`, `["value"] = …`; and a type
/// whose member follows, `[Value]::`.
pub(super) fn is_index(text: &[u8], candidate: &Candidate) -> bool {
    let (start, end) = (candidate.value.start, candidate.value.end);
    let rest = text.get(end..).unwrap_or_default();
    if candidate.quote == Quote::None {
        let brackets = text[..start].ends_with(b"[") || text.get(start) == Some(&b'[');
        return brackets && (rest.starts_with(b"]::") || rest.starts_with(b"::") && text[..end].ends_with(b"]"));
    }
    let Some((_, before)) = text[..start].split_last() else { return false };
    let (Some(before), Some(rest)) =
        (before.strip_suffix(b"["), rest.get(1..).and_then(|rest| rest.strip_prefix(b"]")))
    else {
        return false;
    };
    let asked = before.last().is_some_and(|byte| byte.is_ascii_alphanumeric() || b"_)]".contains(byte));
    let given = rest.trim_ascii_start().strip_prefix(b"=").is_some_and(|rest| rest.first() != Some(&b'='));
    asked || given
}

/// Whether a sentence names two things: `either 'PASSWORD' or 'HASHNT'`.
pub(super) fn is_one_of_two_names(text: &[u8], candidate: &Candidate) -> bool {
    let between = text.get(candidate.name.end..candidate.value.start).unwrap_or_default();
    let spelt = |byte: &u8| byte.is_ascii_uppercase() || *byte == b'_';
    candidate.value.of(text).iter().all(spelt) && [b"' or '".as_slice(), b"\" or \"", b"` or `"].contains(&between)
}

/// How far the start of a line is looked for.
const LINE: usize = 80;

/// Whether several names are given several values, and this is the first of them: `user, password = "root", ""`.
pub(super) fn belongs_to_another(text: &[u8], candidate: &Candidate) -> bool {
    let before = text.get(candidate.name.start.saturating_sub(LINE)..candidate.name.start).unwrap_or_default();
    let Some(line) = before.rsplit(|byte| *byte == b'\n').next().filter(|line| line.len() < before.len()) else {
        return candidate.name.start < LINE && begins_with_names(before) && is_followed(text, candidate);
    };
    begins_with_names(line) && is_followed(text, candidate)
}

/// Names with commas between, and one after the last.
fn begins_with_names(line: &[u8]) -> bool {
    let name = |byte: &u8| byte.is_ascii_alphanumeric() || b"_., \t".contains(byte);
    line.trim_ascii_end().ends_with(b",") && line.iter().all(name)
}

/// Whether a blank stands before the `=`, as it does not where a function is called, and another value after this one.
fn is_followed(text: &[u8], candidate: &Candidate) -> bool {
    let rest = text.get(candidate.value.end..).unwrap_or_default();
    let rest = rest.get(usize::from(candidate.quote != Quote::None)..).unwrap_or_default();
    candidate.form == Form::Assign
        && text.get(candidate.name.end).is_some_and(u8::is_ascii_whitespace)
        && rest.trim_ascii_start().starts_with(b",")
}
