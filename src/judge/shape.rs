//! What kind of thing a value looks like, by its form alone, and the counts of its bytes. Each test is bounded and
//! stands for itself: the first that holds wins, the narrow ones before the wide. It refuses to say whether the kind is
//! harmless here: a digest may be a key, an identifier a password.

mod form;
mod halves;

use super::randomness::rarity;
use form as is;

/// The form of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Shape {
    Empty,
    /// 8-4-4-4-12 hex digits, in braces or not.
    Uuid,
    /// Hex digits alone, in the length of a common digest: 32, 40, 48, 56, 64, 96 or 128.
    HexDigest(u8),
    /// A subresource or lock file digest: `sha256-…`, `sha512:…`.
    Integrity,
    PublicKey,
    Certificate,
    /// A hashed password in crypt form: `$2a$10$…`.
    PasswordHash,
    /// With a scheme or `//`; it may hold a user and a password.
    Url,
    Email,
    /// A host name or address, with a port or not.
    Host,
    MimeType,
    Path,
    Version,
    /// A date, a time or both.
    Date,
    Number,
    Color,
    /// Words of letters in one of the usual spellings of names, or dotted names.
    Identifier,
    /// A call, an index, member access, an operator between names.
    CodeExpression,
    /// Three words or more with blanks between.
    Sentence,
    /// Base64 that decodes to printable text.
    Base64Text,
    Other,
}

/// No shape needs more bytes than these to show.
const LOOKED_AT: usize = 512;
/// Above this rarity no value is made of words; measured on labelled values, where names stay below 4.5.
const NOISE: f32 = 5.0;

/// The shape of a value, from its first 512 bytes.
#[must_use]
pub fn shape(value: &[u8]) -> Shape {
    let value = value.trim_ascii();
    let value = value.get(..LOOKED_AT).unwrap_or(value);
    if value.is_empty() {
        return Shape::Empty;
    }
    if let Some(len) = is::hex_digest(value) {
        return Shape::HexDigest(len);
    }
    let holds = |(test, _): &&(Test, Shape)| test(value);
    if let Some((_, shape)) = NARROW.iter().find(holds) {
        return *shape;
    }
    // What is spelt like names may still be noise: `tq8vzkxw` has the form of an identifier.
    let wide = if rarity(value) < NOISE { &WIDE[..] } else { &WIDE[WIDE.len() - 1..] };
    wide.iter().find(holds).map_or(Shape::Other, |(_, shape)| *shape)
}

type Test = fn(&[u8]) -> bool;

static NARROW: [(Test, Shape); 13] = [
    (is::uuid, Shape::Uuid),
    (is::integrity, Shape::Integrity),
    (halves::public_key, Shape::PublicKey),
    (halves::certificate, Shape::Certificate),
    (halves::password_hash, Shape::PasswordHash),
    (is::color, Shape::Color),
    (is::number, Shape::Number),
    (is::date, Shape::Date),
    (is::version, Shape::Version),
    (is::url, Shape::Url),
    (is::email, Shape::Email),
    (is::host, Shape::Host),
    (is::mime_type, Shape::MimeType),
];

/// Forms made of words, and last the one that is not.
static WIDE: [(Test, Shape); 5] = [
    (is::path, Shape::Path),
    (is::identifier, Shape::Identifier),
    (is::code_expression, Shape::CodeExpression),
    (is::sentence, Shape::Sentence),
    (is::base64_text, Shape::Base64Text),
];

/// Counts of the bytes of a value, for judging passwords. Longer values are counted up to their first 256 bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mix {
    pub len: u16,
    pub lower: u16,
    pub upper: u16,
    pub digits: u16,
    /// Printable ASCII that is none of the others.
    pub special: u16,
    pub spaces: u16,
    /// Control bytes and bytes outside ASCII.
    pub foreign: u16,
    /// How many different bytes there are.
    pub distinct: u16,
    /// Changes between lower, upper, digit and the rest.
    pub turns: u16,
}

impl Mix {
    /// How many of lower, upper, digits and special occur.
    #[must_use]
    pub fn classes(&self) -> u8 {
        [self.lower, self.upper, self.digits, self.special].iter().map(|count| u8::from(*count > 0)).sum()
    }
}

/// Counts the bytes of a value by class.
#[must_use]
pub fn mix(value: &[u8]) -> Mix {
    let value = value.get(..256).unwrap_or(value);
    let mut mix = Mix { len: u16::try_from(value.len()).unwrap_or(256), ..Mix::default() };
    let mut seen = [false; 256];
    let mut before = None;
    for &byte in value {
        let (count, class) = match byte {
            b'a'..=b'z' => (&mut mix.lower, 0),
            b'A'..=b'Z' => (&mut mix.upper, 1),
            b'0'..=b'9' => (&mut mix.digits, 2),
            b' ' | b'\t' | b'\r' | b'\n' => (&mut mix.spaces, 3),
            b'!'..=b'~' => (&mut mix.special, 3),
            _ => (&mut mix.foreign, 3),
        };
        *count += 1;
        mix.turns += u16::from(before.is_some_and(|before| before != class));
        mix.distinct += u16::from(!std::mem::replace(&mut seen[usize::from(byte)], true));
        before = Some(class);
    }
    mix
}

#[cfg(test)]
mod tests;
