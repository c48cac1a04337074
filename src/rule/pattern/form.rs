//! What a parsed pattern says of its matches: which bytes they consist of, how they begin, and where in them a literal
//! must stand. Nothing here runs a pattern.

use regex_syntax::hir::{Class, Hir, HirKind};

use super::LONGEST_MATCH;
use crate::rule::Text;
use crate::rule::runs::SHORTEST_RUN;
use crate::rule::sweep::{SHORTEST_TOKEN, is_wide};

/// A class or alternation is spelt out for the literal check up to this many strings.
const MOST_SPELT: usize = 256;

/// The bytes that a pattern's matches consist of, a bit each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Alphabet(pub [u64; 4]);

impl Alphabet {
    #[must_use]
    pub const fn has(&self, byte: u8) -> bool {
        self.0[(byte >> 6) as usize] >> (byte & 63) & 1 != 0
    }

    /// The bytes that stand in a text.
    #[must_use]
    pub fn of_bytes(text: &[u8]) -> Self {
        let mut alphabet = [0; 4];
        text.iter().for_each(|byte| alphabet[usize::from(byte >> 6)] |= 1 << (byte & 63));
        Self(alphabet)
    }

    #[must_use]
    pub fn is_within(self, other: Self) -> bool {
        self.0.iter().zip(other.0).all(|(here, there)| here & !there == 0)
    }

    /// All bytes that may stand in a match.
    pub(super) fn of(hir: &Hir) -> Self {
        let bits = |bytes: &mut dyn Iterator<Item = u8>| {
            let mut alphabet = [0; 4];
            bytes.for_each(|byte| alphabet[usize::from(byte >> 6)] |= 1 << (byte & 63));
            Self(alphabet)
        };
        match hir.kind() {
            HirKind::Empty | HirKind::Look(_) => Self([0; 4]),
            HirKind::Literal(literal) => bits(&mut literal.0.iter().copied()),
            HirKind::Class(Class::Bytes(class)) => {
                bits(&mut class.iter().flat_map(|range| range.start()..=range.end()))
            }
            HirKind::Class(Class::Unicode(_)) => Self([u64::MAX; 4]),
            HirKind::Repetition(repetition) => Self::of(&repetition.sub),
            HirKind::Capture(capture) => Self::of(&capture.sub),
            HirKind::Concat(parts) | HirKind::Alternation(parts) => {
                let join = |all: Self, part: Self| Self(std::array::from_fn(|word| all.0[word] | part.0[word]));
                parts.iter().map(Self::of).fold(Self([0; 4]), join)
            }
        }
    }
}

/// The alphabet of a pattern that is one character class repeated: what a token run can wake.
pub fn alphabet(hir: &Hir) -> Option<Alphabet> {
    match hir.kind() {
        HirKind::Capture(capture) => alphabet(&capture.sub),
        // A lazy one would leave off in the middle of a token.
        HirKind::Repetition(repetition) if repetition.min as usize >= SHORTEST_RUN && repetition.greedy => {
            matches!(repetition.sub.kind(), HirKind::Class(Class::Bytes(_))).then(|| Alphabet::of(hir))
        }
        _ => None,
    }
}

/// Whether each match begins with a letter or digit, and with `SHORTEST_TOKEN` bytes that the sweep takes for a token.
pub fn begins_token(hir: &Hir) -> bool {
    let mut sure = 0;
    let mut parts = vec![hir];
    while let Some(part) = parts.pop() {
        match part.kind() {
            HirKind::Concat(concat) => parts.extend(concat.iter().rev()),
            HirKind::Capture(capture) => parts.push(&capture.sub),
            _ => {
                let fits = |byte: u8| is_wide(byte) && (sure > 0 || byte.is_ascii_alphanumeric());
                let whole = consists_of(part, &is_wide) && (sure > 0 || first_is(part, &fits));
                sure += match part.kind() {
                    _ if whole => part.properties().minimum_len().unwrap_or_default(),
                    HirKind::Literal(literal) => literal.0.iter().take_while(|byte| fits(**byte)).count(),
                    _ => 0,
                };
                if sure >= SHORTEST_TOKEN || !whole {
                    return sure >= SHORTEST_TOKEN;
                }
            }
        }
    }
    false
}

/// Whether every byte of every match is one of those.
fn consists_of(hir: &Hir, is: &dyn Fn(u8) -> bool) -> bool {
    match hir.kind() {
        HirKind::Empty => true,
        HirKind::Literal(literal) => literal.0.iter().all(|byte| is(*byte)),
        HirKind::Class(Class::Bytes(class)) => class.iter().flat_map(|range| range.start()..=range.end()).all(is),
        HirKind::Class(Class::Unicode(_)) | HirKind::Look(_) => false,
        HirKind::Repetition(repetition) => consists_of(&repetition.sub, is),
        HirKind::Capture(capture) => consists_of(&capture.sub, is),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => parts.iter().all(|part| consists_of(part, is)),
    }
}

/// Whether each match begins with one of those bytes.
fn first_is(hir: &Hir, is: &dyn Fn(u8) -> bool) -> bool {
    match hir.kind() {
        HirKind::Literal(literal) => literal.0.first().is_some_and(|byte| is(*byte)),
        HirKind::Repetition(repetition) => repetition.min > 0 && first_is(&repetition.sub, is),
        HirKind::Capture(capture) => first_is(&capture.sub, is),
        HirKind::Concat(parts) => parts.first().is_some_and(|part| first_is(part, is)),
        HirKind::Alternation(branches) => branches.iter().all(|branch| first_is(branch, is)),
        _ => consists_of(hir, is),
    }
}

/// How far into a match one of `literals` can begin at most; nothing where a match may hold none of them.
pub fn lead(hir: &Hir, literals: &[Text], ignore_case: bool) -> Option<usize> {
    let fold = |text: &[u8]| if ignore_case { text.to_ascii_lowercase() } else { text.to_vec() };
    let literals: Vec<Vec<u8>> = literals.iter().map(|literal| fold(literal.as_bytes())).collect();
    let mut walk = Walk { literals: &literals, ignore_case, offset: 0, spelt: vec![Vec::new()], lead: None };
    walk.node(hir);
    walk.settle();
    walk.lead
}

/// Walks a pattern from left to right and spells out what its exact parts can be.
struct Walk<'a> {
    literals: &'a [Vec<u8>],
    ignore_case: bool,
    /// The most bytes that can stand before the spelt part.
    offset: usize,
    /// All texts that the exact part just walked can be.
    spelt: Vec<Vec<u8>>,
    lead: Option<usize>,
}

impl Walk<'_> {
    fn node(&mut self, hir: &Hir) {
        if self.lead.is_some() {
            return;
        }
        if let HirKind::Concat(parts) = hir.kind() {
            parts.iter().for_each(|part| self.node(part));
            return;
        }
        if let HirKind::Capture(capture) = hir.kind() {
            self.node(&capture.sub);
            return;
        }
        match spell(hir, self.ignore_case) {
            Some(texts) if texts.len() * self.spelt.len() <= MOST_SPELT => {
                self.spelt = self
                    .spelt
                    .iter()
                    .flat_map(|head| texts.iter().map(move |tail| [&head[..], tail].concat()))
                    .collect();
            }
            _ => self.inexact(hir),
        }
    }

    /// A part that cannot be spelt out: what stands before it must have held the literal, or each way through it does.
    fn inexact(&mut self, hir: &Hir) {
        let inside = match hir.kind() {
            HirKind::Alternation(branches) => {
                branches.iter().map(|branch| self.branch(branch)).collect::<Option<Vec<_>>>()
            }
            HirKind::Repetition(repetition) if repetition.min >= 1 => {
                self.branch(&repetition.sub).map(|lead| vec![lead])
            }
            _ => None,
        };
        self.settle();
        if self.lead.is_none() {
            self.lead = inside.and_then(|leads| leads.into_iter().max());
        }
        self.offset += hir.properties().maximum_len().unwrap_or(LONGEST_MATCH);
    }

    /// The same walk through one way only, with what was spelt before it.
    fn branch(&self, hir: &Hir) -> Option<usize> {
        let mut walk = Walk { spelt: self.spelt.clone(), lead: None, ..*self };
        walk.node(hir);
        walk.settle();
        walk.lead
    }

    /// Ends the spelt part: notes the literal's place if every text of it holds one.
    fn settle(&mut self) {
        let places: Option<Vec<usize>> = self.spelt.iter().map(|text| self.place(text)).collect();
        if self.lead.is_none()
            && let Some(place) = places.and_then(|places| places.into_iter().max())
        {
            self.lead = Some(self.offset + place);
        }
        self.offset += self.spelt.iter().map(Vec::len).max().unwrap_or(0);
        self.spelt = vec![Vec::new()];
    }

    /// Where the last of the literals that stand in `text` begins: any of them may be the one that wakes the rule.
    fn place(&self, text: &[u8]) -> Option<usize> {
        let found = |literal: &Vec<u8>| text.windows(literal.len()).rposition(|part| part == &literal[..]);
        self.literals.iter().filter_map(found).max()
    }
}

/// All texts that `hir` matches, where they are few.
fn spell(hir: &Hir, ignore_case: bool) -> Option<Vec<Vec<u8>>> {
    match hir.kind() {
        HirKind::Empty => Some(vec![Vec::new()]),
        HirKind::Literal(literal) => Some(vec![literal.0.to_vec()]),
        HirKind::Class(Class::Bytes(class)) => {
            let mut bytes: Vec<u8> =
                class.iter().flat_map(|range| range.start()..=range.end()).take(MOST_SPELT + 1).collect();
            if ignore_case {
                bytes.make_ascii_lowercase();
                bytes.sort_unstable();
                bytes.dedup();
            }
            (bytes.len() <= 16).then(|| bytes.into_iter().map(|byte| vec![byte]).collect())
        }
        HirKind::Capture(capture) => spell(&capture.sub, ignore_case),
        HirKind::Repetition(repetition) if repetition.max.is_some_and(|max| max <= 4) => {
            let once = spell(&repetition.sub, ignore_case)?;
            let mut all = Vec::new();
            for count in repetition.min..=repetition.max? {
                all.extend(product(&vec![&once[..]; count as usize])?);
            }
            (all.len() <= MOST_SPELT).then_some(all)
        }
        HirKind::Concat(parts) => {
            let parts: Option<Vec<Vec<Vec<u8>>>> = parts.iter().map(|part| spell(part, ignore_case)).collect();
            product(&parts?.iter().map(Vec::as_slice).collect::<Vec<_>>())
        }
        HirKind::Alternation(branches) => {
            let branches: Option<Vec<Vec<Vec<u8>>>> =
                branches.iter().map(|branch| spell(branch, ignore_case)).collect();
            let all = branches?.concat();
            (all.len() <= MOST_SPELT).then_some(all)
        }
        _ => None,
    }
}

/// Each way to take one text of each part, in order.
fn product(parts: &[&[Vec<u8>]]) -> Option<Vec<Vec<u8>>> {
    let mut all = vec![Vec::new()];
    for part in parts {
        if all.len() * part.len() > MOST_SPELT {
            return None;
        }
        all = all.iter().flat_map(|head: &Vec<u8>| part.iter().map(move |tail| [&head[..], tail].concat())).collect();
    }
    Some(all)
}
