//! How the bytes of a file are to be read, told from its first bytes.
//! Latin-1 and broken UTF-8 are searched as they are; a file is binary only when a magic number or its control bytes say so.

/// How the text of a file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Encoding {
    /// UTF-8, or any other superset of ASCII with one byte for each ASCII character.
    Utf8,
    Utf16Le,
    Utf16Be,
    /// No text.
    Binary,
}

/// How much of a file `Encoding::detect` looks at.
pub const HEAD: usize = 8 * 1024;

/// A text this short says too little about where its NULs stand.
const SHORTEST_UTF16: usize = 8;

impl Encoding {
    /// The encoding of a file that starts with `head`, and the length of its byte order mark.
    #[must_use]
    pub fn detect(head: &[u8]) -> (Self, usize) {
        let head = head.get(..HEAD).unwrap_or(head);
        if let Some(found) = by_mark(head) {
            return found;
        }
        if is_magic(head) {
            return (Self::Binary, 0);
        }
        (by_zeros(head).unwrap_or_else(|| by_controls(head)), 0)
    }
}

fn by_mark(head: &[u8]) -> Option<(Encoding, usize)> {
    match head {
        // UTF-32: its little-endian mark starts with that of UTF-16.
        [0xff, 0xfe, 0, 0, ..] | [0, 0, 0xfe, 0xff, ..] => Some((Encoding::Binary, 0)),
        [0xef, 0xbb, 0xbf, ..] => Some((Encoding::Utf8, 3)),
        [0xff, 0xfe, ..] => Some((Encoding::Utf16Le, 2)),
        [0xfe, 0xff, ..] => Some((Encoding::Utf16Be, 2)),
        _ => None,
    }
}

/// First bytes that no text starts with, or that say what the file is whatever follows, and where they stand.
const MAGIC: &[(usize, &[u8])] = &[
    (0, b"\x7fELF"),
    (0, b"\x89PNG\r\n\x1a\n"),
    (0, b"\xff\xd8\xff"),
    (0, b"GIF87a"),
    (0, b"GIF89a"),
    (0, b"PK\x03\x04"),
    (0, b"PK\x05\x06"),
    (0, b"\x1f\x8b\x08"),
    (0, b"\x28\xb5\x2f\xfd"),
    (0, b"\xfd7zXZ\0"),
    (0, b"7z\xbc\xaf\x27\x1c"),
    (0, b"BZh91AY&SY"),
    (0, b"Rar!\x1a\x07"),
    (0, b"\x04\x22\x4d\x18"),
    (0, b"%PDF-"),
    (0, b"\xca\xfe\xba\xbe"),
    (0, b"\0asm"),
    (0, b"\xfe\xed\xfa\xce"),
    (0, b"\xfe\xed\xfa\xcf"),
    (0, b"\xce\xfa\xed\xfe"),
    (0, b"\xcf\xfa\xed\xfe"),
    (0, b"!<arch>\n"),
    (0, b"SQLite format 3\0"),
    (0, b"\0\x01\0\0\0"),
    (0, b"OTTO\0"),
    (0, b"true\0"),
    (0, b"ttcf\0"),
    (0, b"wOFF\0"),
    (0, b"wOFF\x4f\x54"),
    (0, b"wOF2\0"),
    (0, b"wOF2\x4f\x54"),
    (4, b"ftyp"),
    (0, b"OggS\0"),
    (0, b"fLaC\0"),
    (0, b"ID3\x02"),
    (0, b"ID3\x03"),
    (0, b"ID3\x04"),
    (0, b"\x1aE\xdf\xa3"),
    (0, b"II*\0"),
    (0, b"MM\0*"),
    (0, b"\0\0\x01\0"),
    (0, b"BC\xc0\xde"),
    (0, b"\xed\xab\xee\xdb"),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
    (0, b"PAR1"),
    (0, b"\x89HDF\r\n\x1a\n"),
    (0, b"\x93NUMPY"),
    (257, b"ustar"),
];

fn is_magic(head: &[u8]) -> bool {
    // The first byte is asked for before the rest: to compare all of each took a fiftieth of a scan of small files.
    let listed = MAGIC.iter().any(|(at, magic)| head.get(*at) == magic.first() && head[*at..].starts_with(magic));
    listed || is_riff(head) || is_windows_program(head)
}

/// RIFF with a known form type: sound, film and WebP pictures.
fn is_riff(head: &[u8]) -> bool {
    let form = head.get(8..12).unwrap_or_default();
    head.starts_with(b"RIFF") && [b"WAVE", b"AVI ", b"WEBP"].iter().any(|known| form == *known)
}

/// `MZ` alone may start a text: the zero upper half of the header's offset field must be there as well.
fn is_windows_program(head: &[u8]) -> bool {
    head.starts_with(b"MZ") && head.get(62..64).is_some_and(|upper| upper == [0, 0])
}

/// UTF-16 without a mark: the upper halves of ASCII characters are NUL and stand on one side only.
fn by_zeros(head: &[u8]) -> Option<Encoding> {
    // Nearly every text has no NUL at all, and is asked at the speed of memory.
    if head.len() < SHORTEST_UTF16 || memchr::memchr(0, head).is_none() {
        return None;
    }
    let (mut zeros, mut texts) = ([0_usize; 2], [0_usize; 2]);
    let (pairs, _) = head.as_chunks::<2>();
    for [first, second] in pairs {
        zeros[0] += usize::from(*first == 0);
        zeros[1] += usize::from(*second == 0);
        texts[0] += usize::from(*second == 0 && !is_control(*first));
        texts[1] += usize::from(*first == 0 && !is_control(*second));
    }
    let units = pairs.len();
    // Tables of small 16-bit numbers have the same NULs, but their other halves are control bytes.
    let holds = |upper: usize, lower: usize, text: usize| {
        upper * 10 >= units * 3 && lower * 50 <= units && text * 10 >= upper * 9
    };
    if holds(zeros[1], zeros[0], texts[0]) {
        Some(Encoding::Utf16Le)
    } else if holds(zeros[0], zeros[1], texts[1]) {
        Some(Encoding::Utf16Be)
    } else {
        None
    }
}

/// Control bytes that text does not have: all but tab, line feed, form feed, carriage return, backspace and escape.
const fn is_control(byte: u8) -> bool {
    (byte < 0x20) & ((byte.wrapping_sub(0x08) > 5) | (byte == 0x0b)) & (byte != 0x1b) | (byte == 0x7f)
}

/// Counts in bytes first, so that the loop is vectorised.
fn count(head: &[u8], is: impl Fn(u8) -> bool) -> usize {
    head.chunks(128).map(|part| usize::from(part.iter().fold(0_u8, |sum, byte| sum + u8::from(is(*byte))))).sum()
}

/// One stray control byte never makes a short text binary.
fn by_controls(head: &[u8]) -> Encoding {
    let controls = count(head, is_control);
    if controls <= 1 {
        return Encoding::Utf8;
    }
    let high = count(head, |byte| byte >= 0x80);
    // Random bytes have 10.5 % of control bytes, right at the limit; that half of them are no ASCII tells them from text.
    let looks_random = controls * 25 > head.len() && high * 4 > head.len() && !is_utf8(head);
    if controls * 10 > head.len() || looks_random { Encoding::Binary } else { Encoding::Utf8 }
}

/// UTF-8 whose last character may be cut off by the end of the head.
fn is_utf8(head: &[u8]) -> bool {
    std::str::from_utf8(head).map_or_else(|error| error.error_len().is_none(), |_| true)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utf16(text: &str, little: bool) -> Vec<u8> {
        text.encode_utf16().flat_map(|unit| if little { unit.to_le_bytes() } else { unit.to_be_bytes() }).collect()
    }

    #[test]
    fn each_head_is_told_apart() {
        use Encoding::{Binary, Utf8, Utf16Be, Utf16Le};
        let random: Vec<u8> = (0_u32..4096).map(|at| (at.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
        let pe = [b"MZ".as_slice(), &[1; 58], &[0x80, 0, 0, 0]].concat();
        let rows: &[(&str, Vec<u8>, (Encoding, usize))] = &[
            ("nothing", vec![], (Utf8, 0)),
            ("plain", b"key = value\n".to_vec(), (Utf8, 0)),
            ("utf-8 mark", b"\xef\xbb\xbfkey".to_vec(), (Utf8, 3)),
            ("little-endian mark", b"\xff\xfek\0".to_vec(), (Utf16Le, 2)),
            ("big-endian mark", b"\xfe\xff\0k".to_vec(), (Utf16Be, 2)),
            ("utf-32 mark", b"\xff\xfe\0\0k\0\0\0".to_vec(), (Binary, 0)),
            ("little-endian, no mark", utf16("token = abc", true), (Utf16Le, 0)),
            ("big-endian, no mark", utf16("token = abc", false), (Utf16Be, 0)),
            ("shortest little-endian", utf16("k=ab", true), (Utf16Le, 0)),
            ("mixed little-endian", utf16("ключ = тайна, key", true), (Utf16Le, 0)),
            ("16-bit numbers", (0..200_u16).flat_map(|n| (n % 20).to_le_bytes()).collect(), (Binary, 0)),
            ("latin-1", b"cl\xe9 = valeur \xe0 garder".to_vec(), (Utf8, 0)),
            ("one NUL in text", b"short\0text and more".to_vec(), (Utf8, 0)),
            ("one NUL in four bytes", b"ab\0c".to_vec(), (Utf8, 0)),
            ("terminal colours", b"\x1b[1mbold\x1b[0m".to_vec(), (Utf8, 0)),
            ("elf", b"\x7fELF\x02\x01\x01".to_vec(), (Binary, 0)),
            ("pe", pe, (Binary, 0)),
            ("text that starts with MZ", b"MZ is a prefix".to_vec(), (Utf8, 0)),
            ("gzip", b"\x1f\x8b\x08\0abc".to_vec(), (Binary, 0)),
            ("film", b"\0\0\0\x20ftypisom".to_vec(), (Binary, 0)),
            ("sound", b"RIFF\x10\0\0\0WAVEfmt ".to_vec(), (Binary, 0)),
            ("pdf", b"%PDF-1.7\n".to_vec(), (Binary, 0)),
            ("wasm", b"\0asm\x01\0\0\0".to_vec(), (Binary, 0)),
            ("random", random, (Binary, 0)),
            ("chinese", "配置文件中的密码".repeat(40).into_bytes(), (Utf8, 0)),
        ];
        for (name, head, expected) in rows {
            assert_eq!(Encoding::detect(head), *expected, "{name}");
        }
    }
}
