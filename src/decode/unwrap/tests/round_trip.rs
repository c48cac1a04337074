//! Properties: encode, find, map back; windows, budgets, hostile and random bytes.

use super::*;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use std::fmt::Write as _;

/// Encoded text, and where each byte of the plain text stands in it.
type Encoded = (Vec<u8>, Vec<Span>);

fn by_unit(text: &[u8], unit: impl Fn(u8) -> String) -> Encoded {
    let (mut encoded, mut places) = (b"x = \"".to_vec(), Vec::new());
    for byte in text {
        let start = encoded.len();
        encoded.extend_from_slice(unit(*byte).as_bytes());
        places.push(Span::new(start, encoded.len()));
    }
    encoded.extend_from_slice(b"\"\n");
    (encoded, places)
}

/// `four` characters hold `three` bytes; a line has `width` of them and ends in `joint`.
fn packed(characters: &str, len: usize, (four, three): (usize, usize), width: usize, joint: &str) -> Encoded {
    let mut encoded = b"x: '".to_vec();
    let mut starts = Vec::new();
    for (index, character) in characters.bytes().enumerate() {
        if index > 0 && index % width == 0 {
            encoded.extend_from_slice(joint.as_bytes());
        }
        starts.push(encoded.len());
        encoded.push(character);
    }
    encoded.extend_from_slice(b"'\n");
    let place =
        |byte: usize| Span::new(starts[byte * four / three], starts[((byte + 1) * four).div_ceil(three) - 1] + 1);
    (encoded, (0..len).map(place).collect())
}

fn hex_of(text: &[u8]) -> String {
    text.iter().fold(String::new(), |mut hex, byte| {
        write!(hex, "{byte:02x}").unwrap();
        hex
    })
}

type Encoder = fn(&[u8]) -> Encoded;

const ENCODERS: &[(&str, Encoder)] = &[
    ("base64", |text| packed(&STANDARD.encode(text), text.len(), (4, 3), usize::MAX, "")),
    ("base64, bare", |text| packed(&STANDARD_NO_PAD.encode(text), text.len(), (4, 3), usize::MAX, "")),
    ("base64, url", |text| packed(&URL_SAFE_NO_PAD.encode(text), text.len(), (4, 3), usize::MAX, "")),
    ("base64, 76", |text| packed(&STANDARD.encode(text), text.len(), (4, 3), 76, "\n    ")),
    ("base64, 64, quoted", |text| packed(&STANDARD.encode(text), text.len(), (4, 3), 64, "\" +\r\n\t\"")),
    ("base64, 65, text", |text| packed(&STANDARD.encode(text), text.len(), (4, 3), 65, "\\n")),
    ("base64, 50, continued", |text| packed(&STANDARD.encode(text), text.len(), (4, 3), 50, "\\\n")),
    ("base64, comment", |text| packed(&STANDARD.encode(text), text.len(), (4, 3), 60, "\n# ")),
    ("hex", |text| packed(&hex_of(text), text.len(), (2, 1), usize::MAX, "")),
    ("hex, 60", |text| packed(&hex_of(text).to_uppercase(), text.len(), (2, 1), 60, "\n")),
    ("percent", |text| by_unit(text, |byte| format!("%{byte:02X}"))),
    ("percent, some", |text| {
        by_unit(text, |byte| if byte.is_ascii_alphabetic() { char::from(byte).into() } else { format!("%{byte:02x}") })
    }),
    ("json", |text| by_unit(text, |byte| format!("\\u{byte:04x}"))),
    ("braces", |text| by_unit(text, |byte| format!("\\u{{{byte:x}}}"))),
    ("bytes", |text| by_unit(text, |byte| format!("\\x{byte:02X}"))),
    ("octal", |text| by_unit(text, |byte| format!("\\{byte:03o}"))),
    ("escape, some", |text| {
        by_unit(text, |byte| match byte {
            b'\\' | b'"' => format!("\\{}", char::from(byte)),
            b'\n' => "\\n".into(),
            b'\r' => "\\r".into(),
            b'\t' => "\\t".into(),
            b'0'..=b'9' | b'_' => format!("\\x{byte:02x}"),
            _ => char::from(byte).into(),
        })
    }),
    ("html", |text| by_unit(text, |byte| format!("&#{byte};"))),
    ("html, hex", |text| by_unit(text, |byte| format!("&#x{byte:x};"))),
    ("html, some", |text| {
        by_unit(text, |byte| match byte {
            b'&' => "&amp;".into(),
            b'"' => "&quot;".into(),
            b'0'..=b'9' | b'_' | b'\n' => format!("&#{byte};"),
            _ => char::from(byte).into(),
        })
    }),
];

struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % limit
    }

    fn secret(&mut self) -> Vec<u8> {
        const LETTERS: &[u8] = b"ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz0123456789_";
        let len = 20 + self.below(40);
        (0..len).map(|_| LETTERS[self.below(LETTERS.len())]).chain(*b"_7").collect()
    }
}

fn mapped(places: &[Span], inner: Span) -> Span {
    Span::new(places[inner.start].start, places[inner.end - 1].end)
}

#[test]
fn one_layer_maps_back_exactly() {
    let mut dice = Dice(7);
    for round in 0..60 {
        let secret = dice.secret();
        let plain = [&b"user=me\npass=\t"[..dice.below(15)], &secret, &b" & so on"[..dice.below(9)]].concat();
        let inner = place(&plain, &secret).unwrap();
        for (name, encode) in ENCODERS {
            let (text, places) = encode(&plain);
            let found = origins(&text, &secret, 1);
            assert_eq!(found, [mapped(&places, inner)].into(), "{name}, round {round}: {}", text.escape_ascii());
        }
    }
}

#[test]
fn two_layers_map_back_exactly() {
    let mut dice = Dice(11);
    for round in 0..6 {
        let secret = dice.secret();
        let plain = [b"pass = ", secret.as_slice(), b"\n"].concat();
        let inner = place(&plain, &secret).unwrap();
        for (first, encode_first) in ENCODERS {
            let (middle, middle_places) = encode_first(&plain);
            for (second, encode_second) in ENCODERS {
                let (text, places) = encode_second(&middle);
                let wanted = mapped(&places, mapped(&middle_places, inner));
                let found = origins(&text, &secret, 3);
                assert!(
                    found.contains(&wanted),
                    "{first} in {second}, round {round}: {found:?}, not {wanted:?}\n{}",
                    text.escape_ascii()
                );
            }
        }
    }
}

/// A file of all forms, a payload of 100 KiB on one line, one of 60 KiB on many, and a long line of escapes.
fn mixture(dice: &mut Dice, secret: &[u8]) -> Vec<u8> {
    let lines = |dice: &mut Dice, count: usize| {
        let mut json = Vec::new();
        for index in 0..count {
            json.extend_from_slice(format!("{{\"user\": \"u{index}\", \"note\": \"nothing here\", ").as_bytes());
            let value = if dice.below(7) == 0 { secret } else { b"none" };
            json.extend_from_slice(&[b"\"pass\": \"", value, b"\"},\n"].concat());
        }
        json
    };
    let mut text = Vec::new();
    for _ in 0..3 {
        for (_, encode) in ENCODERS {
            let filler = dice.below(900);
            text.extend_from_slice(&b"let value = compute(other);\n".repeat(1 + filler / 28));
            let noise = b"id-1 ".repeat(dice.below(30));
            text.extend_from_slice(&encode(&[&noise, secret, b" end"].concat()).0);
        }
    }
    for (count, encoder) in [(1200, 0), (700, 3), (300, 11), (200, 17)] {
        let json = lines(dice, count);
        text.extend_from_slice(&ENCODERS[encoder].1(&json).0);
    }
    text
}

#[test]
fn windows_of_any_size_find_the_same() {
    let mut dice = Dice(23);
    let secret = dice.secret();
    let text = mixture(&mut dice, &secret);
    let whole = origins(&text, &secret, 1);
    assert!(whole.len() > 300, "{}", whole.len());
    for size in [1000, 4096, 10_000, 65_536, 100_001] {
        let mut found = BTreeSet::new();
        for from in (0..text.len()).step_by(size) {
            let to = (from + size).min(text.len());
            let (low, high) = (from.saturating_sub(32 << 10), (to + (32 << 10)).min(text.len()));
            views(&text[low..high], from - low, to - low, &mut Budget::of(usize::MAX), &mut |view| {
                let inner = memchr::memmem::find_iter(&view.bytes, &secret);
                let outer = inner.map(|at| view.origin(Span::new(at, at + secret.len())).shifted(low));
                found.extend(outer.filter(|span| (from..to).contains(&span.start)));
            });
        }
        assert_eq!(found, whole, "windows of {size}");
    }
}

#[test]
fn a_secret_between_binary_bytes_is_found() {
    let mut dice = Dice(5);
    for round in 0..200 {
        let secret = dice.secret();
        let mut noise = |len: usize| (0..len).map(|_| dice.below(256) as u8).collect::<Vec<u8>>();
        let plain = [noise(300 + round), b"\0\0 pass = ".to_vec(), secret.clone(), vec![0], noise(300)].concat();
        for (encoded, name) in [(STANDARD.encode(&plain), "base64"), (hex_of(&plain), "hex")] {
            assert_eq!(origins(encoded.as_bytes(), &secret, 1).len(), 1, "{name}, round {round}");
        }
    }
}

#[test]
fn a_secret_at_the_cut_of_a_long_line_is_found() {
    let secret = Dice(41).secret();
    for shift in (0..5200).step_by(13) {
        let filler = b" x".repeat(2600).split_off(shift);
        let text = [b"a%41".as_slice(), &filler, b" key%3D", &secret, &b" y".repeat(3000)];
        let needle = [b"key=", secret.as_slice()].concat();
        assert_eq!(origins(&text.concat(), &needle, 1).len(), 1, "shift {shift}");
    }
}

#[test]
fn hostile_texts_stay_in_the_budget() {
    const LEN: usize = 1 << 20;
    let rows: &[(&str, &[u8])] = &[
        ("percent", b"%25"),
        ("percent signs", b"%"),
        ("backslashes", b"\\"),
        ("escapes", b"\\x41"),
        ("ampersands", b"&"),
        ("references", b"&#38;"),
        ("names", b"a&amp;"),
        ("zeros", b"A"),
        ("letters", b"I"),
        ("text", b"IGFi"),
        ("equals", b"="),
        ("hex", b"41"),
        ("hex zeros", b"0"),
        ("slashes", b"/"),
        ("open reference", b"&#"),
        ("lines", b"QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWZnaGlqa2w\n"),
    ];
    for (name, unit) in rows {
        let text = unit.repeat(LEN / unit.len());
        let mut budget = Budget::for_len(text.len());
        let mut decoded = 0;
        views(&text, 0, text.len(), &mut budget, &mut |view| decoded += view.bytes.len());
        assert!(!budget.exhausted() && decoded <= 2 * LEN, "{name}: {decoded}");
    }
}

#[test]
fn a_used_up_budget_says_so() {
    let text = b"a%3Db\n".repeat(10);
    let mut budget = Budget::of(9);
    let mut count = 0;
    views(&text, 0, text.len(), &mut budget, &mut |_| count += 1);
    assert_eq!((count, budget.exhausted()), (3, true));
    let mut budget = Budget::of(30);
    views(&text, 0, text.len(), &mut budget, &mut |_| ());
    assert!(!budget.exhausted());
}

#[test]
fn any_bytes_are_safe() {
    const PIECES: &[&[u8]] = &[
        b"\\",
        b"\\u",
        b"\\u{",
        b"\\ud83d",
        b"\\x4",
        b"\\10",
        b"%",
        b"%4",
        b"&#",
        b"&#x",
        b"&amp;",
        b"=",
        b"\n",
        b"\"",
        b"cGFzc3dvcmQ9aHVudGVyMg",
        b"70617373",
        b"\xff",
        b"\0",
        b"A",
        b"JABwAGEA",
        b"%3D",
        b"&#65;",
        b"}",
        b";",
        b"\\/",
    ];
    let mut dice = Dice(3);
    for _ in 0..3000 {
        let count = dice.below(60);
        let text = (0..count).flat_map(|_| PIECES[dice.below(PIECES.len())].iter().copied()).collect::<Vec<u8>>();
        let (from, to) = (dice.below(text.len() + 2), dice.below(text.len() + 2));
        views(&text, from, to, &mut Budget::for_len(text.len()), &mut |view| {
            assert!(view.span.end <= text.len());
            for start in 0..=view.bytes.len() {
                let origin = view.origin(Span::new(start, start + 1));
                assert!(view.span.start <= origin.start && origin.start <= origin.end && origin.end <= view.span.end);
            }
        });
    }
}

#[test]
fn runs_agree_with_the_simple_way() {
    let mut dice = Dice(9);
    for _ in 0..500 {
        let text: Vec<u8> = (0..300).map(|_| if dice.below(25) == 0 { b' ' } else { b'a' }).collect();
        let (low, high) = (dice.below(150), 150 + dice.below(151));
        let mut simple = Vec::new();
        let mut start = low;
        for end in low..=high {
            if end == high || text.get(end) == Some(&b' ') {
                if end - start >= runs::SHORTEST {
                    simple.push(Span::new(start, end));
                }
                start = end + 1;
            }
        }
        assert_eq!(runs::Runs::new(&text, Span::new(low, high)).collect::<Vec<_>>(), simple);
    }
}
