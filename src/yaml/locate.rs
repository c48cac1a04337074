//! From a path such as `allow`, 2, `until` to the place in the text: for errors that only a later check can see.
//! The parser tells no places but those of its errors, so this walks to the value and lets it fail there.

use std::fmt;
use std::ops::Range;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::floor;

/// One step on the way from the top of a document to a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step<'s> {
    /// Into the value under this key.
    Key(&'s str),
    /// To the key itself; only as the last step.
    Name(&'s str),
    /// Into the n-th item of a list, from 0.
    Item(usize),
}

/// The byte at which the value begins; none where the path leads nowhere.
pub fn locate(text: &str, path: &[Step<'_>]) -> Option<usize> {
    let error = Seek(path).deserialize(serde_yaml::Deserializer::from_str(text)).err()?;
    error.location().map(|location| location.index())
}

/// The bytes of the scalar, or of the first line of whatever else begins at `start`.
pub fn extent(text: &str, start: usize) -> Range<usize> {
    let start = floor(text, start);
    let rest = text.get(start..).unwrap_or_default();
    let line = rest.lines().next().unwrap_or_default();
    let in_flow = text[..start].rsplit('\n').next().is_some_and(|before| before.contains(['[', '{']));
    let len = match line.as_bytes().first() {
        Some(quote @ (b'"' | b'\'')) => {
            line.bytes().skip(1).position(|byte| byte == *quote).map_or(line.len(), |at| at + 2)
        }
        Some(b'[' | b'{' | b'|' | b'>') => line.len(),
        _ => plain(line, in_flow),
    };
    let shown = line.get(..len).unwrap_or(line).trim_end();
    start..start + shown.len()
}

/// The length of a plain scalar at the start of `line`.
fn plain(line: &str, in_flow: bool) -> usize {
    let bytes = line.as_bytes();
    let ends = |at: usize| match bytes[at] {
        b':' => bytes.get(at + 1).is_none_or(|next| *next == b' '),
        b'#' => at > 0 && bytes[at - 1] == b' ',
        b',' | b']' | b'}' => in_flow,
        _ => false,
    };
    (0..bytes.len()).find(|&at| ends(at)).unwrap_or(bytes.len())
}

/// Walks along a path; ends in an error at its end, in success if it leads nowhere.
struct Seek<'s>(&'s [Step<'s>]);

impl<'de> DeserializeSeed<'de> for Seek<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        match self.0.first() {
            None => deserializer.deserialize_any(Stop),
            Some(Step::Item(_)) => deserializer.deserialize_seq(self),
            Some(Step::Key(_) | Step::Name(_)) => deserializer.deserialize_map(self),
        }
    }
}

impl<'de> Visitor<'de> for Seek<'_> {
    type Value = ();

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("the next step")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        let Some((Step::Item(wanted), rest)) = self.0.split_first() else { return Ok(()) };
        for _ in 0..*wanted {
            list.next_element::<IgnoredAny>()?;
        }
        list.next_element_seed(Seek(rest))?;
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let Some((step, rest)) = self.0.split_first() else { return Ok(()) };
        while let Some(found) = map.next_key_seed(IsKey(*step))? {
            if found {
                return map.next_value_seed(Seek(rest));
            }
            map.next_value::<IgnoredAny>()?;
        }
        Ok(())
    }
}

/// Is this key the one of the step?
struct IsKey<'s>(Step<'s>);

impl<'de> DeserializeSeed<'de> for IsKey<'_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for IsKey<'_> {
    type Value = bool;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a key")
    }

    fn visit_str<E: Error>(self, key: &str) -> Result<bool, E> {
        match self.0 {
            Step::Name(name) if name == key => Err(E::custom("")),
            Step::Key(name) => Ok(name == key),
            _ => Ok(false),
        }
    }
}

/// Accepts nothing, so that the parser fails at this very value.
struct Stop;

impl Visitor<'_> for Stop {
    type Value = ();

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a place")
    }
}
