//! What a value looks like by itself: length, letters, words, rarity, and the shapes of things that are no secrets.

use super::feature::{Feature, Features};
use super::lexicon;
use super::names::is_service;
use super::placeholder::placeholder;
use super::randomness::rarity;
use super::shape::{Shape, shape};
use super::words::wordiness;

/// Words are looked for in this many bytes of a value.
const WORDS: usize = 256;

/// Counts of the kinds of bytes in a value.
#[derive(Clone, Copy, Debug, Default)]
pub struct Census {
    pub lower: usize,
    pub upper: usize,
    pub digits: usize,
    pub hex: usize,
    pub blanks: usize,
    pub joints: usize,
    pub symbols: usize,
    pub foreign: usize,
    pub distinct: usize,
}

impl Census {
    #[must_use]
    pub fn of(value: &[u8]) -> Self {
        let mut census = Self::default();
        let mut seen = [false; 256];
        for byte in value {
            match byte {
                b'a'..=b'z' => census.lower += 1,
                b'A'..=b'Z' => census.upper += 1,
                b'0'..=b'9' => census.digits += 1,
                b' ' | b'\t' => census.blanks += 1,
                b'_' | b'-' | b'.' | b'/' | b'+' | b'=' => census.joints += 1,
                0x80.. => census.foreign += 1,
                _ => census.symbols += 1,
            }
            census.hex += usize::from(byte.is_ascii_hexdigit());
            if !std::mem::replace(&mut seen[usize::from(*byte)], true) {
                census.distinct += 1;
            }
        }
        census
    }

    const fn letters(&self) -> usize {
        self.lower + self.upper
    }
}

/// Adds the length of `value`.
pub fn weigh_length_of(value: &[u8], features: &mut Features) {
    features.add(length(value.len()));
}

/// Adds what is quickly seen of `value`: its rarity and letters.
pub fn weigh_letters_of(value: &[u8], features: &mut Features) {
    let census = Census::of(value);
    weigh_rarity(value.len(), rarity(value), features);
    weigh_letters(value, &census, features);
}

/// Adds what takes longer to see: its words, and what it looks like.
pub fn weigh_meaning_of(value: &[u8], features: &mut Features) {
    let census = Census::of(value);
    weigh_words(value, &census, features);
    weigh_likeness(value, &census, features);
    weigh_words_meant(value, features);
    weigh_shape(value, features);
    match placeholder(value) {
        Some("placeholder-word") => features.add(Feature::PlaceholderWord),
        Some("published-example") => features.add(Feature::PlaceholderKnown),
        Some(_) => features.add(Feature::PlaceholderForm),
        None => {}
    }
}

const fn length(bytes: usize) -> Feature {
    match bytes {
        0..=5 => Feature::Length3,
        6..=7 => Feature::Length6,
        8..=11 => Feature::Length8,
        12..=15 => Feature::Length12,
        16..=19 => Feature::Length16,
        20..=31 => Feature::Length20,
        32..=39 => Feature::Length32,
        40..=79 => Feature::Length40,
        80..=199 => Feature::Length80,
        _ => Feature::Length200,
    }
}

fn weigh_rarity(length: usize, rare: f32, features: &mut Features) {
    let band = (rare as usize).saturating_sub(2);
    features.add(if length < 16 { SHORT_RARE[band.min(5)] } else { LONG_RARE[band.min(6)] });
}

/// What the rarity of a short value may add, one of them.
pub static SHORT_RARE: [Feature; 6] = [
    Feature::ShortRare0,
    Feature::ShortRare3,
    Feature::ShortRare4,
    Feature::ShortRare5,
    Feature::ShortRare6,
    Feature::ShortRare7,
];

/// What the rarity of a long value may add, one of them.
pub static LONG_RARE: [Feature; 7] = [
    Feature::LongRare0,
    Feature::LongRare3,
    Feature::LongRare4,
    Feature::LongRare5,
    Feature::LongRare6,
    Feature::LongRare7,
    Feature::LongRare8,
];

/// What the letters of a value may add, any number of them at once.
pub static LETTER_FEATURES: &[Feature] = &[
    Feature::LowerOnly,
    Feature::UpperOnly,
    Feature::MixedLetters,
    Feature::LowerDigits,
    Feature::UpperDigits,
    Feature::MixedDigits,
    Feature::DigitsOnly,
    Feature::DigitsAtEnd,
    Feature::DigitsInside,
    Feature::Symbols,
    Feature::SymbolsMany,
    Feature::HexOther,
    Feature::Base64Tail,
    Feature::FewDistinct,
    Feature::Blanks,
    Feature::ManyBlanks,
    Feature::NotAscii,
    Feature::Escapes,
];

fn weigh_words(value: &[u8], census: &Census, features: &mut Features) {
    let share = wordiness(value);
    features.add_if(census.letters() > 0 && share < 0.01, Feature::Wordless);
    features.add_if((0.01..0.5).contains(&share), Feature::WordsSome);
    features.add_if((0.5..0.95).contains(&share), Feature::WordsMost);
    features.add_if(share >= 0.95, Feature::WordsAll);
    features.add_if(
        share >= 0.95 && census.letters() == value.len() && value.len() <= 12 && census.upper <= 1,
        Feature::OneWord,
    );
}

fn weigh_letters(value: &[u8], census: &Census, features: &mut Features) {
    let plain = census.symbols + census.blanks + census.foreign == 0;
    let (lower, upper, digits) = (census.lower > 0, census.upper > 0, census.digits > 0);
    if plain {
        features.add(match (lower, upper, digits) {
            (true, false, false) => Feature::LowerOnly,
            (false, true, false) => Feature::UpperOnly,
            (true, true, false) => Feature::MixedLetters,
            (true, false, true) => Feature::LowerDigits,
            (false, true, true) => Feature::UpperDigits,
            (true, true, true) => Feature::MixedDigits,
            (false, false, _) => Feature::DigitsOnly,
        });
    }
    let tail = value.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    features.add_if(digits && tail == census.digits && census.letters() > 0, Feature::DigitsAtEnd);
    features.add_if(census.digits > tail && census.letters() > 0, Feature::DigitsInside);
    features.add_if(census.symbols > 0, Feature::Symbols);
    features.add_if(census.symbols * 4 > value.len(), Feature::SymbolsMany);
    let hex = census.hex == value.len() && digits && census.hex > census.digits;
    let digest = matches!(value.len(), 32 | 40 | 56 | 64 | 96 | 128);
    features.add_if(hex && !digest && value.len() >= 8, Feature::HexOther);
    let base64 = value.ends_with(b"=") && value.len().is_multiple_of(4) && value.len() >= 12 && plain;
    features.add_if(
        base64 || plain && value.contains(&b'+') && value.contains(&b'/') && value.len() > 20,
        Feature::Base64Tail,
    );
    features
        .add_if(census.distinct * 3 < value.len() && value.len() < 60 || census.distinct <= 3, Feature::FewDistinct);
    features.add_if(census.blanks == 1, Feature::Blanks);
    features.add_if(census.blanks > 1, Feature::ManyBlanks);
    features.add_if(census.foreign > 0, Feature::NotAscii);
    features.add_if(value.contains(&b'\\'), Feature::Escapes);
    let escaped = memchr::memmem::find_iter(value, b"\\x").count() + memchr::memmem::find_iter(value, b"\\0").count();
    features.add_if(escaped >= 4, Feature::EscapedBytes);
}

fn weigh_likeness(value: &[u8], census: &Census, features: &mut Features) {
    let letters = census.letters();
    let first = value.first().copied().unwrap_or_default();
    let has = |byte: u8| value.contains(&byte);
    let wordlike = letters * 10 >= value.len() * 8 && census.symbols + census.blanks + census.foreign == 0;
    let camel = value.windows(2).any(|pair| pair[0].is_ascii_lowercase() && pair[1].is_ascii_uppercase());
    let worded = features.has(Feature::WordsAll) || features.has(Feature::WordsMost);
    let joined = |joint: u8| wordlike && has(joint) && census.digits * 6 <= value.len() && worded;
    features.add_if(wordlike && camel && worded && census.joints == 0, Feature::LikeCamel);
    features.add_if(joined(b'_') && census.upper == 0, Feature::LikeSnake);
    features.add_if(joined(b'-') && census.upper == 0, Feature::LikeKebab);
    features.add_if(wordlike && census.lower == 0 && has(b'_'), Feature::LikeConstant);
    let joints = |byte: &u8| b"-_.:/@".contains(byte);
    let joined_words = value.iter().all(|byte| byte.is_ascii_alphabetic() || joints(byte)) && value.iter().any(joints);
    features.add_if(joined_words && features.has(Feature::WordsAll), Feature::LikeJoined);
    features.add_if(is_member(value), Feature::LikeMember);
    let key_id = value.starts_with(b"AKIA") || value.starts_with(b"ASIA");
    let plain = |byte: &u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
    features.add_if(key_id && value.len() >= 20 && value[..20].iter().all(plain), Feature::LikeKeyId);
    let capitalised = first.is_ascii_uppercase() && census.upper == 1 && letters == value.len() && worded;
    features.add_if(capitalised, Feature::LikeCapitalised);
    features.add_if(matches!(first, b'{' | b'[') && value.len() > 20, Feature::LikeStructure);
    features.add_if(is_service(value), Feature::LikeService);
    features.add_if(value.windows(3).any(|three| three[0] == three[1] && three[1] == three[2]), Feature::Runs);
    features.add_if(value.ends_with(b"...") || value.ends_with("\u{2026}".as_bytes()), Feature::Elided);
}

/// `e.target.value`, `6.hours`: names with a dot between, and nothing else.
fn is_member(value: &[u8]) -> bool {
    let name = |part: &[u8]| {
        let digits = part.iter().filter(|byte| byte.is_ascii_digit()).count();
        (!part.is_empty() && part.iter().all(|byte| byte.is_ascii_alphabetic() || *byte == b'_'))
            || digits == part.len() && digits < 3 && digits > 0
    };
    let mut parts = value.split(|byte| *byte == b'.');
    value.len() <= 60 && value.contains(&b'.') && parts.all(name) && value.last().is_some_and(u8::is_ascii_lowercase)
}

/// What `weigh_shape` may add, one of them.
pub static SHAPE_FEATURES: &[Feature] = &[
    Feature::ShapeUuid,
    Feature::ShapeDigest,
    Feature::ShapeIntegrity,
    Feature::ShapePublicKey,
    Feature::ShapeCertificate,
    Feature::ShapeHash,
    Feature::ShapeUrl,
    Feature::ShapeEmail,
    Feature::ShapeHost,
    Feature::ShapeMimeType,
    Feature::ShapePath,
    Feature::ShapeVersion,
    Feature::ShapeDate,
    Feature::ShapeNumber,
    Feature::ShapeColor,
    Feature::ShapeIdentifier,
    Feature::ShapeCode,
    Feature::ShapeSentence,
    Feature::ShapeBase64Text,
];

fn weigh_shape(value: &[u8], features: &mut Features) {
    features.add(match shape(value) {
        Shape::Uuid => Feature::ShapeUuid,
        Shape::HexDigest(_) => Feature::ShapeDigest,
        Shape::Integrity => Feature::ShapeIntegrity,
        Shape::PublicKey => Feature::ShapePublicKey,
        Shape::Certificate => Feature::ShapeCertificate,
        Shape::PasswordHash => Feature::ShapeHash,
        Shape::Url => Feature::ShapeUrl,
        Shape::Email => Feature::ShapeEmail,
        Shape::Host => Feature::ShapeHost,
        Shape::MimeType => Feature::ShapeMimeType,
        Shape::Path => Feature::ShapePath,
        Shape::Version => Feature::ShapeVersion,
        Shape::Date => Feature::ShapeDate,
        Shape::Number => Feature::ShapeNumber,
        Shape::Color => Feature::ShapeColor,
        Shape::Identifier => Feature::ShapeIdentifier,
        Shape::CodeExpression => Feature::ShapeCode,
        Shape::Sentence => Feature::ShapeSentence,
        Shape::Base64Text => Feature::ShapeBase64Text,
        Shape::Empty | Shape::Other => return,
    });
}

/// Words in a value that say it is one for show, or that name what it is instead of being it.
fn weigh_words_meant(value: &[u8], features: &mut Features) {
    let start = value.get(..WORDS).unwrap_or(value);
    lexicon::VALUE.weigh(&[start], features);
    lexicon::VALUE_START.weigh_start(value, features);
    lexicon::VALUE_IS.weigh_whole(value, features);
}
