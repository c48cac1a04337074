//! One spelling for what looks alike: compatibility forms, invisible characters, accents of Latin letters, letters of
//! other scripts that look like Latin ones. Each byte knows where in the original it comes from. It takes nothing away
//! that a reader sees.

use std::collections::HashMap;
use std::sync::OnceLock;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::decompose_canonical;

use crate::span::Span;

/// What letters of other scripts are read as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Script {
    /// The Latin letters they look like.
    Latin,
    /// Themselves.
    Own,
}

/// A folded text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Folded {
    pub bytes: Vec<u8>,
    /// Where the character of each byte begins in the original.
    places: Vec<u32>,
}

impl Folded {
    /// Folds `span` of `text`.
    #[must_use]
    pub fn of(text: &[u8], span: Span, script: Script) -> Self {
        let mut folded = Self::default();
        folded.push(text, span, script);
        folded
    }

    /// All of `text`, line by line, in lower case.
    #[must_use]
    pub fn lines(text: &[u8], script: Script) -> Vec<u8> {
        let lines = text.split(|byte| *byte == b'\n');
        let folded = lines.map(|line| Self::of(line, Span::new(0, line.len()), script).lowered().bytes);
        folded.collect::<Vec<_>>().join(&b'\n')
    }

    /// Adds `span` of `text`, after what is there.
    pub fn push(&mut self, text: &[u8], span: Span, script: Script) {
        let mut place = span.start;
        if span.of(text).is_ascii() {
            return self.push_ascii(span.of(text), place as u32);
        }
        for chunk in span.of(text).utf8_chunks() {
            for letter in chunk.valid().chars() {
                self.letter(letter, place as u32, script);
                place += letter.len_utf8();
            }
            place += chunk.invalid().len();
        }
    }

    /// What `letter` makes of each byte, for most of all headers.
    fn push_ascii(&mut self, text: &[u8], first: u32) {
        self.bytes.reserve(text.len());
        self.places.reserve(text.len());
        for (byte, place) in text.iter().zip(first..) {
            match byte {
                b'!'..=b'~' => {
                    self.bytes.push(*byte);
                    self.places.push(place);
                }
                b'\t'..=b'\r' | b' ' => self.put(b' ', place),
                _ => {}
            }
        }
    }

    /// Adds a blank that stands for the edge at `place`.
    pub fn push_blank(&mut self, place: usize) {
        self.put(b' ', place as u32);
    }

    /// Adds a part of another folded text of the same original.
    pub fn append(&mut self, other: &Self, part: Span) {
        self.bytes.extend_from_slice(part.of(&other.bytes));
        self.places.extend_from_slice(&other.places[part.range()]);
    }

    /// The part of the original `text` that became `part`.
    #[must_use]
    pub fn origin(&self, part: Span, text: &[u8]) -> Span {
        let at = |place: usize| self.places.get(place).map_or(0, |place| *place as usize);
        if part.is_empty() {
            return Span::new(at(part.start), at(part.start));
        }
        let last = at(part.end - 1);
        let rest = text.get(last + 1..).unwrap_or_default();
        let more = rest.iter().take(3).take_while(|byte| **byte & 0xC0 == 0x80).count();
        Span::new(at(part.start), last + 1 + more)
    }

    /// The part from `start` to `end`.
    #[must_use]
    pub fn part(&self, part: Span) -> Self {
        Self { bytes: part.of(&self.bytes).to_vec(), places: self.places[part.range()].to_vec() }
    }

    /// The same with all letters in lower case.
    #[must_use]
    pub fn lowered(&self) -> Self {
        let mut lowered = Self::default();
        for (at, letter) in String::from_utf8_lossy(&self.bytes).char_indices() {
            let place = self.places.get(at).copied().unwrap_or_default();
            letter.to_lowercase().for_each(|letter| lowered.whole(letter, place));
        }
        lowered
    }

    fn letter(&mut self, letter: char, place: u32, script: Script) {
        match letter {
            '!'..='~' => self.put(letter as u8, place),
            letter if letter.is_whitespace() => self.put(b' ', place),
            letter if is_unseen(letter) => {}
            _ => std::iter::once(letter).nfkc().for_each(|letter| self.normal(letter, place, script)),
        }
    }

    fn normal(&mut self, letter: char, place: u32, script: Script) {
        match letter {
            letter if letter.is_whitespace() || is_drawing(letter) => self.put(b' ', place),
            letter if letter.is_ascii() => self.put(letter as u8, place),
            letter if is_unseen(letter) => {}
            '\u{2010}'..='\u{2015}' | '\u{2212}' => self.put(b'-', place),
            '\u{2018}'..='\u{201B}' | '\u{2032}' => self.put(b'\'', place),
            '\u{201C}'..='\u{201F}' | '\u{2033}' | '«' | '»' => self.put(b'"', place),
            _ => {
                let mut base = None;
                decompose_canonical(letter, |part| base = base.or(Some(part)));
                let base = base.filter(char::is_ascii_alphabetic);
                let alike = || (script == Script::Latin).then(|| look_alikes().get(&letter)).flatten().copied();
                match (base, latin(letter)) {
                    (Some(base), _) => self.put(base as u8, place),
                    (None, "") => match alike() {
                        Some(alike) => self.put(alike, place),
                        None => self.whole(letter, place),
                    },
                    (None, letters) => letters.bytes().for_each(|byte| self.put(byte, place)),
                }
            }
        }
    }

    fn whole(&mut self, letter: char, place: u32) {
        let mut room = [0; 4];
        for byte in letter.encode_utf8(&mut room).bytes() {
            self.bytes.push(byte);
            self.places.push(place);
        }
    }

    /// Blanks in a row are one.
    fn put(&mut self, byte: u8, place: u32) {
        if byte != b' ' || self.bytes.last() != Some(&b' ') {
            self.bytes.push(byte);
            self.places.push(place);
        }
    }
}

/// Whether folding may make a letter of the Latin alphabet, or nothing, of a character of `text`.
#[must_use]
pub fn is_disguised(text: &[u8]) -> bool {
    let plain = |letter: char| matches!(letter, '\0'..='~' | '\u{3001}'..='\u{30FF}' | '\u{3400}'..='\u{9FFF}' | '\u{AC00}'..='\u{D7A3}' | '★');
    !text.is_ascii() && text.utf8_chunks().any(|chunk| chunk.valid().chars().any(|letter| !plain(letter)))
}

/// Of no width: marks of direction and joining, soft hyphens, combining accents, variation selectors, control characters.
fn is_unseen(letter: char) -> bool {
    letter.is_control()
        || matches!(letter,
            '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}' | '\u{1160}' | '\u{180B}'..='\u{180E}'
            | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{3164}'
            | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}' | '\u{E0000}'..='\u{E01EF}'
            | '\u{300}'..='\u{36F}' | '\u{1AB0}'..='\u{1AFF}' | '\u{20D0}'..='\u{20FF}')
}

/// What frames and bullets are drawn with.
const fn is_drawing(letter: char) -> bool {
    matches!(letter, '\u{2500}'..='\u{25FF}' | '\u{2022}' | '\u{2023}' | '\u{2043}' | '\u{B7}' | '\u{A6}' | '\u{2219}')
}

/// Latin letters that are no letter with an accent.
const fn latin(letter: char) -> &'static str {
    match letter {
        'ß' => "ss",
        'ẞ' => "SS",
        'ł' => "l",
        'Ł' => "L",
        'ø' => "o",
        'Ø' => "O",
        'đ' => "d",
        'Đ' => "D",
        'æ' => "ae",
        'Æ' => "AE",
        'œ' => "oe",
        'Œ' => "OE",
        'ı' => "i",
        _ => "",
    }
}

/// Each line of the table is a Latin letter and the characters that look like it.
fn look_alikes() -> &'static HashMap<char, u8> {
    static TABLE: OnceLock<HashMap<char, u8>> = OnceLock::new();
    TABLE.get_or_init(|| {
        let lines = include_str!("look-alikes.txt").lines().filter(|line| !line.starts_with('#'));
        let pairs = lines.filter_map(|line| line.split_once(' '));
        pairs.flat_map(|(latin, alike)| alike.chars().map(move |letter| (letter, latin.as_bytes()[0]))).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folded(text: &str, script: Script) -> String {
        String::from_utf8(Folded::of(text.as_bytes(), Span::new(0, text.len()), script).bytes).expect("UTF-8")
    }

    #[test]
    fn what_looks_alike_is_spelt_alike() {
        let rows = [
            ("CONFIDENTIAL", "CONFIDENTIAL"),
            ("ＣＯＮＦＩＤＥＮＴＩＡＬ", "CONFIDENTIAL"),
            ("𝐂𝐎𝐍𝐅𝐈𝐃𝐄𝐍𝐓𝐈𝐀𝐋", "CONFIDENTIAL"),
            ("CON\u{200B}FI\u{AD}DEN\u{2060}TIAL\u{FEFF}", "CONFIDENTIAL"),
            ("СОNFІDЕNТІАL", "CONFIDENTIAL"),
            ("ΤOP SΕCRΕT", "TOP SECRET"),
            ("TOP\u{A0}\u{3000}\tSECRET", "TOP SECRET"),
            ("VS – NUR FÜR DEN DIENSTGEBRAUCH", "VS - NUR FUR DEN DIENSTGEBRAUCH"),
            ("TRE\u{300}S SECRET", "TRES SECRET"),
            ("ŚCIŚLE TAJNE, Łódź, große", "SCISLE TAJNE, Lodz, grosse"),
            ("║ SECRET ║", " SECRET "),
            ("“Acme” ‘x’", "\"Acme\" 'x'"),
            ("机密★20年", "机密★20年"),
            ("社外秘：ガ 대외비", "社外秘:ガ 대외비"),
            ("a\u{0}b\r\nc", "ab c"),
        ];
        for (text, expected) in rows {
            assert_eq!(folded(text, Script::Latin), expected, "{text}");
        }
        assert_eq!(folded("Секретно ТОР", Script::Own), "Секретно ТОР");
        assert_eq!(folded("Секретно ТОР", Script::Latin), "Ceкpeтнo TOP");
    }

    #[test]
    fn each_byte_knows_its_place() {
        let rows: [(&str, &str, &str); 6] = [
            ("x = ＳＥＣＲＥＴ;", "SECRET", "ＳＥＣＲＥＴ"),
            ("a  b\tSE\u{200B}CRET!", "SECRET", "SE\u{200B}CRET"),
            ("ﬁle ﬁne SECRET", "SECRET", "SECRET"),
            ("große GEHEIM", "GEHEIM", "GEHEIM"),
            ("a SЕСRЕТ", "SECRET", "SЕСRЕТ"),
            ("密★ 机密", "机密", "机密"),
        ];
        for (text, part, expected) in rows {
            let folded = Folded::of(text.as_bytes(), Span::new(0, text.len()), Script::Latin);
            let start = memchr::memmem::find(&folded.bytes, part.as_bytes()).expect(text);
            let origin = folded.origin(Span::new(start, start + part.len()), text.as_bytes());
            assert_eq!(&text[origin.range()], expected, "{text}");
        }
    }

    #[test]
    fn any_bytes_fold_and_places_stay_within_them() {
        let mut state = 11_u64;
        for _ in 0..3_000 {
            let mut text = Vec::new();
            for _ in 0..20 {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                let letter = char::from_u32((state >> 43) as u32 % 0x11_0000).unwrap_or('a');
                let mut room = [0; 4];
                let bytes = letter.encode_utf8(&mut room).as_bytes();
                text.extend_from_slice(&bytes[(state >> 33) as usize % 8 / 7..]);
            }
            let folded = Folded::of(&text, Span::new(0, text.len()), Script::Latin);
            assert!(folded.bytes.len() == folded.places.len() && folded.places.is_sorted());
            for at in 0..folded.bytes.len() {
                let origin = folded.origin(Span::new(at, at + 1), &text);
                assert!(!origin.is_empty() && origin.end <= text.len());
            }
            assert_eq!(folded.lowered().lowered(), folded.lowered());
        }
    }

    #[test]
    fn only_what_folding_changes_is_disguised() {
        for plain in ["plain text", "机密★ 社外秘", "대외비"] {
            assert!(!is_disguised(plain.as_bytes()), "{plain}");
        }
        for disguised in ["ＳＥＣ", "SE\u{200B}C", "é", "СОN", "a\u{A0}b"] {
            assert!(is_disguised(disguised.as_bytes()), "{disguised}");
        }
    }
}
