//! Command lines: `--password x`, `-u user:x`.

use super::link::Shown;
use super::value::{self, Value};
use super::{Candidate, Form, Quote, begins, skip_blanks};
use crate::span::Span;

/// How much of a command line is read.
const COMMAND: usize = 256;

/// The value after `--name `.
pub(super) fn value(text: &[u8], name: Span, to: usize, emit: &mut dyn FnMut(Candidate)) {
    let Some(value) = value::read(text, to, false) else { return };
    if value.quote == Quote::None && matches!(text.get(value.span.start), Some(b'-' | b'\\' | b'|' | b'>' | b'=')) {
        return;
    }
    Shown { name, quoted: false }.emit(text, Form::Flag, value, emit);
}

/// `sshpass -p x`, `sshpass -px`.
pub(super) fn sshpass(text: &[u8], name: Span, to: usize, emit: &mut dyn FnMut(Candidate)) {
    if begins(text.get(to..).unwrap_or_default(), b"-p") {
        value(text, name, to + 2, emit);
    }
}

/// `curl … -u user:x` and `--user user:x`.
pub(super) fn curl(text: &[u8], at: usize, emit: &mut dyn FnMut(Candidate)) {
    let Some(line) = text.get(at..).map(|rest| rest.get(..COMMAND).unwrap_or(rest)) else { return };
    let line = line.split(|byte| *byte == b'\n').next().unwrap_or_default();
    for start in 4..line.len().saturating_sub(4) {
        // The rest of the line is the next command's.
        if begins(&line[start..], b"curl ") {
            return;
        }
        if line[start] != b' ' || line[start + 1] != b'-' {
            continue;
        }
        let rest = &line[start + 1..];
        let length = match rest {
            _ if begins(rest, b"-u ") => 2,
            _ if begins(rest, b"--user ") || begins(rest, b"--user=") => 6,
            _ => continue,
        };
        let name = Span::new(at + start + 1, at + start + 1 + length);
        return user_and_value(text, name, emit);
    }
}

fn user_and_value(text: &[u8], name: Span, emit: &mut dyn FnMut(Candidate)) {
    let Some(whole) = value::read(text, skip_blanks(text, name.end + 1, 4), false) else { return };
    let bytes = whole.span.of(text);
    let Some(colon) = bytes.iter().position(|byte| *byte == b':') else { return };
    let span = Span::new(whole.span.start + colon + 1, whole.span.end);
    let value = Value { span, ..whole };
    Shown { name, quoted: false }.emit(text, Form::Flag, value, emit);
}
