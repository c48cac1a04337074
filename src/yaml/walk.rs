//! A first walk over a YAML text, before any of it becomes a type: duplicate keys, empty values, tags, depth, size.
//! It builds nothing, so that a hostile text costs no memory, and it feeds the parser long texts piece by piece.

use std::cell::{Cell, RefCell};
use std::collections::HashSet;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, EnumAccess, Error, MapAccess, SeqAccess, Visitor};

use super::{MAX_DEPTH, YamlProblem, floor};

/// The parser's time grows with the square of the depth in flow style (`{a: {a: …`): 20,000 levels took 0.8 s and
/// 250,000 over two minutes. So a long text is first read up to here, then up to twice that, and so on: depth that
/// one piece adds is seen before the next is read.
const PIECE: usize = 64 * 1024;

/// A place in bytes, if there is one, and what is wrong there.
pub type Complaint = (Option<usize>, YamlProblem);

/// Walks over the whole text, and looks at what care is to be taken of.
pub fn check(text: &str, care: Care) -> Result<(), Complaint> {
    for end in (PIECE..text.len()).step_by(PIECE) {
        let piece = text.get(..floor(text, end)).unwrap_or(text);
        let line_end = piece.rfind('\n').map_or(0, |at| at + 1);
        // Only a near line end: else one long line at the end would be in no piece.
        let piece = if piece.len() - line_end < 1024 { &piece[..line_end] } else { piece };
        match walk(piece, Care::Depth) {
            // A piece may end in the middle of a list. Where the syntax is really wrong, the parser stops each time.
            Ok(()) | Err((_, YamlProblem::Syntax { .. })) => {}
            refused => return refused,
        }
    }
    walk(text, care)
}

/// What a walk looks at.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Care {
    /// Depth, tags and size: what could harm whoever reads it.
    Depth,
    /// What its author has not meant as well.
    All,
}

fn walk(text: &str, care: Care) -> Result<(), Complaint> {
    // Without aliases, each node and each byte of a value stands for at least a quarter of a byte of text.
    let state = State { budget: Cell::new(text.len() * 4 + 64), found: RefCell::new(None), care };
    let walked = Walk { state: &state, depth: 0 }.deserialize(serde_yaml::Deserializer::from_str(text));
    let Err(error) = walked else { return Ok(()) };
    let problem = state.found.take().unwrap_or_else(|| YamlProblem::from_parser(&error));
    Err((error.location().map(|location| location.index()), problem))
}

/// What all parts of one walk share.
struct State {
    budget: Cell<usize>,
    /// What was found wrong: the parser's error carries only its place.
    found: RefCell<Option<YamlProblem>>,
    care: Care,
}

impl State {
    fn spend<E: Error>(&self, cost: usize) -> Result<(), E> {
        match self.budget.get().checked_sub(cost) {
            Some(left) => {
                self.budget.set(left);
                Ok(())
            }
            None => Err(self.stop(YamlProblem::TooMuch)),
        }
    }

    fn stop<E: Error>(&self, problem: YamlProblem) -> E {
        self.found.replace(Some(problem));
        E::custom("")
    }
}

#[derive(Clone, Copy)]
struct Walk<'s> {
    state: &'s State,
    depth: usize,
}

impl Walk<'_> {
    fn deeper<E: Error>(self) -> Result<Self, E> {
        self.state.spend(1)?;
        if self.depth >= MAX_DEPTH {
            return Err(self.state.stop(YamlProblem::TooDeep));
        }
        Ok(Self { depth: self.depth + 1, ..self })
    }

    /// At the top, a key may wait for its values (`allow:`). Below it, an empty `path:` would silently widen its entry.
    fn nothing<E: Error>(self) -> Result<(), E> {
        self.state.spend(1)?;
        if self.depth > 1 && self.state.care == Care::All {
            return Err(self.state.stop(YamlProblem::NoValue));
        }
        Ok(())
    }
}

impl<'de> DeserializeSeed<'de> for Walk<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Walk<'_> {
    type Value = ();

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a value")
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<(), E> {
        self.state.spend(1)
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<(), E> {
        self.state.spend(1)
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<(), E> {
        self.state.spend(1)
    }

    fn visit_i128<E: Error>(self, _: i128) -> Result<(), E> {
        self.state.spend(1)
    }

    fn visit_u128<E: Error>(self, _: u128) -> Result<(), E> {
        self.state.spend(1)
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<(), E> {
        self.state.spend(1)
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<(), E> {
        self.state.spend(value.len() + 1)
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        self.nothing()
    }

    fn visit_none<E: Error>(self) -> Result<(), E> {
        self.nothing()
    }

    fn visit_enum<A: EnumAccess<'de>>(self, _: A) -> Result<(), A::Error> {
        Err(self.state.stop(YamlProblem::Tag))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        let inner = self.deeper()?;
        while list.next_element_seed(inner)?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let inner = self.deeper()?;
        let mut seen = HashSet::new();
        while map.next_key_seed(Key { state: self.state, seen: &mut seen })?.is_some() {
            map.next_value_seed(inner)?;
        }
        Ok(())
    }
}

/// A key is checked while the parser stands on it, so that the error's place is the key and not its mapping.
struct Key<'s> {
    state: &'s State,
    seen: &'s mut HashSet<String>,
}

impl<'de> DeserializeSeed<'de> for Key<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Key<'_> {
    type Value = ();

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a plain key")
    }

    fn visit_str<E: Error>(self, key: &str) -> Result<(), E> {
        self.state.spend(key.len() + 1)?;
        if self.state.care == Care::Depth || self.seen.insert(key.to_owned()) {
            return Ok(());
        }
        Err(self.state.stop(YamlProblem::DuplicateKey { key: super::error::shown(key) }))
    }
}
