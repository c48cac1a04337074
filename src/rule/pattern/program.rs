//! A pattern as a few bytes that are followed as they stand, so that nothing need be compiled for a candidate or two. To
//! compile a regex takes as long as reading a quarter of a megabyte of source, and a tree wakes dozens of rules.
//!
//! It tries one way after the other, the preferred one first, as the regex crate prefers them. Of ways there may be very
//! many: whoever takes more than some thousand steps is told so, and asks a regex.

use std::borrow::Cow;

use regex_syntax::hir::{Class, Hir, HirKind};

use super::SECRET as GROUP;
use crate::span::Span;

/// The code of a pattern; empty where the pattern has none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program(Cow<'static, [u8]>);

/// There are too many ways to try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exhausted;

/// The place where a match ends, if there is one.
type Answer = Result<Option<usize>, Exhausted>;

/// Nested calls in one match.
const DEEPEST: u32 = 200;

/// Each node begins with one of these; lengths and counts are of two bytes, the lower first.
const BYTES: u8 = 0;
const FOLDED: u8 = 1;
const SET: u8 = 2;
const EITHER: u8 = 3;
const REPEAT: u8 = 4;
const SECRET: u8 = 5;

impl Program {
    /// What `build.rs` writes into the binary.
    #[must_use]
    pub const fn made(code: &'static [u8]) -> Self {
        Self(Cow::Borrowed(code))
    }

    /// None of a pattern that goes beyond what is read here.
    #[must_use]
    pub fn of(hir: &Hir) -> Self {
        Self(code(hir).unwrap_or_default().into())
    }

    #[must_use]
    pub fn code(&self) -> &[u8] {
        &self.0
    }

    /// The match that begins at `at`, as whole and secret span. Takes from `steps` what it needs.
    pub fn run(&self, text: &[u8], at: usize, steps: &mut u32) -> Result<Option<(Span, Span)>, Exhausted> {
        if self.0.is_empty() {
            return Err(Exhausted);
        }
        let mut walk = Walk { text, steps, depth: 0, secret: None };
        let Some(end) = walk.follow(&self.0, at, &Next::End)? else { return Ok(None) };
        let whole = Span::new(at, end);
        Ok(Some((whole, walk.secret.unwrap_or(whole))))
    }
}

/// How often something may stand, and whether more is better.
#[derive(Clone, Copy)]
struct Times {
    least: usize,
    most: usize,
    greedy: bool,
}

/// One element of a sequence.
enum Node<'c> {
    Bytes(&'c [u8]),
    Folded(&'c [u8]),
    Set(&'c [u8; 32], Times),
    /// The ways, each behind its length.
    Either(&'c [u8]),
    Repeat(&'c [u8], Times),
    Secret(&'c [u8]),
}

impl<'c> Node<'c> {
    /// The first element of a sequence, and the rest.
    #[inline]
    fn first(code: &'c [u8]) -> Option<(Self, &'c [u8])> {
        let (kind, rest) = code.split_first()?;
        match *kind {
            BYTES => sized(rest).map(|(bytes, rest)| (Self::Bytes(bytes), rest)),
            FOLDED => sized(rest).map(|(bytes, rest)| (Self::Folded(bytes), rest)),
            SET => {
                let (set, rest) = rest.split_first_chunk::<32>()?;
                let (times, rest) = times(rest)?;
                Some((Self::Set(set, times), rest))
            }
            EITHER => sized(rest).map(|(ways, rest)| (Self::Either(ways), rest)),
            REPEAT => {
                let (times, rest) = times(rest)?;
                sized(rest).map(|(body, rest)| (Self::Repeat(body, times), rest))
            }
            _ => sized(rest).map(|(body, rest)| (Self::Secret(body), rest)),
        }
    }
}

fn number(code: &[u8]) -> Option<(usize, &[u8])> {
    let (bytes, rest) = code.split_first_chunk::<2>()?;
    Some((u16::from_le_bytes(*bytes).into(), rest))
}

fn sized(code: &[u8]) -> Option<(&[u8], &[u8])> {
    let (len, rest) = number(code)?;
    rest.split_at_checked(len)
}

fn times(code: &[u8]) -> Option<(Times, &[u8])> {
    let (least, rest) = number(code)?;
    let (most, rest) = number(rest)?;
    let (greedy, rest) = rest.split_first()?;
    Some((Times { least, most, greedy: *greedy != 0 }, rest))
}

/// What comes after a sequence.
enum Next<'n> {
    End,
    Then {
        code: &'n [u8],
        next: &'n Self,
    },
    /// Once more, or on.
    Again {
        body: &'n [u8],
        times: Times,
        count: usize,
        code: &'n [u8],
        next: &'n Self,
    },
    /// The secret that began at `start` ends.
    Close {
        start: usize,
        code: &'n [u8],
        next: &'n Self,
    },
}

struct Walk<'w> {
    text: &'w [u8],
    steps: &'w mut u32,
    depth: u32,
    secret: Option<Span>,
}

impl Walk<'_> {
    fn follow(&mut self, code: &[u8], at: usize, next: &Next<'_>) -> Answer {
        if self.depth == DEEPEST {
            return Err(Exhausted);
        }
        self.depth += 1;
        let answer = self.sequence(code, at, next);
        self.depth -= 1;
        answer
    }

    fn sequence(&mut self, mut code: &[u8], mut at: usize, next: &Next<'_>) -> Answer {
        while let Some((node, rest)) = Node::first(code) {
            self.take(1)?;
            let ahead = self.text.get(at..).unwrap_or_default();
            match node {
                Node::Bytes(bytes) if ahead.starts_with(bytes) => at += bytes.len(),
                Node::Folded(bytes)
                    if ahead.get(..bytes.len()).is_some_and(|there| there.eq_ignore_ascii_case(bytes)) =>
                {
                    at += bytes.len();
                }
                Node::Bytes(_) | Node::Folded(_) => return Ok(None),
                Node::Set(set, times) => {
                    let has = |byte: &&u8| set[usize::from(**byte >> 3)] >> (**byte & 7) & 1 != 0;
                    let run = ahead.iter().take(times.most).take_while(has).count();
                    self.take(run / 16)?;
                    if run < times.least {
                        return Ok(None);
                    }
                    if run > times.least {
                        return self.some_of(run, times, rest, at, next);
                    }
                    at += run;
                }
                Node::Either(mut ways) => {
                    while let Some((way, others)) = sized(ways) {
                        let end = self.follow(way, at, &Next::Then { code: rest, next })?;
                        if end.is_some() {
                            return Ok(end);
                        }
                        ways = others;
                    }
                    return Ok(None);
                }
                Node::Repeat(body, times) => return self.again(body, (times, 0), at, rest, next),
                Node::Secret(body) => return self.follow(body, at, &Next::Close { start: at, code: rest, next }),
            }
            code = rest;
        }
        self.go_on(at, next)
    }

    fn go_on(&mut self, at: usize, next: &Next<'_>) -> Answer {
        match *next {
            Next::End => Ok(Some(at)),
            Next::Then { code, next } => self.follow(code, at, next),
            Next::Again { body, times, count, code, next } => self.again(body, (times, count), at, code, next),
            Next::Close { start, code, next } => {
                let end = self.follow(code, at, next)?;
                // Where it is told more than once the last one counts, and that comes back first.
                if end.is_some() && self.secret.is_none() {
                    self.secret = Some(Span::new(start, at));
                }
                Ok(end)
            }
        }
    }

    /// Of `run` bytes of a set, as many as the rest leaves it.
    fn some_of(&mut self, run: usize, times: Times, rest: &[u8], at: usize, next: &Next<'_>) -> Answer {
        let wanted = (rest.first() == Some(&BYTES)).then(|| rest.get(3)).flatten();
        for step in times.least..=run {
            let len = if times.greedy { run + times.least - step } else { step };
            if wanted.is_some() && self.text.get(at + len) != wanted {
                continue;
            }
            let end = self.follow(rest, at + len, next)?;
            if end.is_some() {
                return Ok(end);
            }
        }
        self.take((run - times.least) / 4)?;
        Ok(None)
    }

    fn again(
        &mut self,
        body: &[u8],
        (times, count): (Times, usize),
        at: usize,
        code: &[u8],
        next: &Next<'_>,
    ) -> Answer {
        for more in [times.greedy, !times.greedy] {
            let end = match more {
                true if count < times.most => {
                    self.follow(body, at, &Next::Again { body, times, count: count + 1, code, next })?
                }
                false if count >= times.least => self.follow(code, at, next)?,
                _ => None,
            };
            if end.is_some() {
                return Ok(end);
            }
        }
        Ok(None)
    }

    fn take(&mut self, steps: usize) -> Result<(), Exhausted> {
        let steps = u32::try_from(steps).map_err(|_| Exhausted)?;
        *self.steps = self.steps.checked_sub(steps).ok_or(Exhausted)?;
        Ok(())
    }
}

/// The code of a parsed pattern.
fn code(hir: &Hir) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    match hir.kind() {
        HirKind::Empty => {}
        HirKind::Look(_) => return None,
        HirKind::Literal(literal) => node(&mut out, BYTES, &literal.0)?,
        HirKind::Class(_) => set(&mut out, hir, (1, 1, true))?,
        HirKind::Capture(capture) if capture.name.as_deref() == Some(GROUP) => {
            node(&mut out, SECRET, &code(&capture.sub)?)?;
        }
        HirKind::Capture(capture) => out = code(&capture.sub)?,
        HirKind::Concat(parts) => out = concat(parts)?,
        HirKind::Alternation(ways) => {
            let mut all = Vec::new();
            for way in ways {
                let way = code(way)?;
                all.extend(u16::try_from(way.len()).ok()?.to_le_bytes());
                all.extend(way);
            }
            node(&mut out, EITHER, &all)?;
        }
        HirKind::Repetition(repetition) => {
            let times = (repetition.min, repetition.max?, repetition.greedy);
            let mut sub = &*repetition.sub;
            while let HirKind::Capture(capture) = sub.kind()
                && capture.name.is_none()
            {
                sub = &capture.sub;
            }
            if set(&mut out, sub, times).is_none() {
                // What may be empty could be so any number of times.
                sub.properties().minimum_len().filter(|least| *least > 0)?;
                let body = code(sub)?;
                out.push(REPEAT);
                put_times(&mut out, times)?;
                out.extend(u16::try_from(body.len()).ok()?.to_le_bytes());
                out.extend(body);
            }
        }
    }
    Some(out)
}

/// Letters in either case stand together.
fn concat(parts: &[Hir]) -> Option<Vec<u8>> {
    let (mut out, mut folded) = (Vec::new(), Vec::new());
    for part in parts {
        if let Some(letter) = either_case(part) {
            folded.push(letter);
            continue;
        }
        if !folded.is_empty() {
            node(&mut out, FOLDED, &std::mem::take(&mut folded))?;
        }
        out.extend(code(part)?);
    }
    if !folded.is_empty() {
        node(&mut out, FOLDED, &folded)?;
    }
    Some(out)
}

/// The letter of a class that is one letter in both cases.
fn either_case(hir: &Hir) -> Option<u8> {
    let HirKind::Class(Class::Bytes(class)) = hir.kind() else { return None };
    let [upper, lower] = class.ranges() else { return None };
    let single = upper.start() == upper.end() && lower.start() == lower.end();
    (single && upper.start().is_ascii_uppercase() && upper.start() | 0x20 == lower.start()).then_some(lower.start())
}

fn node(out: &mut Vec<u8>, kind: u8, bytes: &[u8]) -> Option<()> {
    out.push(kind);
    out.extend(u16::try_from(bytes.len()).ok()?.to_le_bytes());
    out.extend(bytes);
    Some(())
}

/// A class, or a byte, and how often.
fn set(out: &mut Vec<u8>, hir: &Hir, times: (u32, u32, bool)) -> Option<()> {
    let mut bits = [0_u8; 32];
    let mut add = |byte: u8| bits[usize::from(byte >> 3)] |= 1 << (byte & 7);
    match hir.kind() {
        HirKind::Class(Class::Bytes(class)) => {
            class.iter().flat_map(|range| range.start()..=range.end()).for_each(&mut add);
        }
        // The parser makes one of `(?:a|b)`.
        HirKind::Class(Class::Unicode(class)) => {
            class.to_byte_class()?.iter().flat_map(|range| range.start()..=range.end()).for_each(&mut add);
        }
        HirKind::Literal(literal) => match *literal.0 {
            [byte] => add(byte),
            _ => return None,
        },
        _ => return None,
    }
    out.push(SET);
    out.extend(bits);
    put_times(out, times)
}

fn put_times(out: &mut Vec<u8>, (least, most, greedy): (u32, u32, bool)) -> Option<()> {
    out.extend(u16::try_from(least).ok()?.to_le_bytes());
    out.extend(u16::try_from(most).ok()?.to_le_bytes());
    out.push(u8::from(greedy));
    Some(())
}
