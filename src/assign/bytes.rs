//! Keys that are written as numbers: `[0x12, 0x34, …]`, `{90, 170, …}`, `(byte) 0x8f, -1, …`.

use super::AHEAD;

/// Fewer numbers are sizes, versions and addresses.
const FEWEST: usize = 8;
/// More are not looked at.
const MOST: usize = 64;

/// How many bytes at the start of `text` are a list of bytes; none where there are too few of them.
pub(super) fn list(text: &[u8]) -> Option<usize> {
    let (mut count, mut length, mut place) = (0, 0, 0);
    while count < MOST && place < AHEAD {
        let Some((_, end)) = number(text.get(place..)?) else { break };
        length = place + end;
        count += 1;
        place = length + blanks(&text[length..]);
        if text.get(place) != Some(&b',') {
            break;
        }
        place += 1;
        place += blanks(&text[place..]);
    }
    (count >= FEWEST).then_some(length)
}

/// What a list of bytes stands for: itself where it is printable text, or else its bytes in hexadecimal.
#[must_use]
pub fn meant(list: &[u8]) -> Vec<u8> {
    let numbers = list.split(|byte| *byte == b',').take(MOST);
    let bytes: Vec<u8> = numbers.filter_map(|part| number(&part[blanks(part)..])).map(|(byte, _)| byte).collect();
    if bytes.iter().all(|byte| (b' '..0x7f).contains(byte)) {
        return bytes;
    }
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes.iter().flat_map(|byte| [DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]).collect()
}

/// The byte at the start of `text` and how long it is written; Java casts its bytes and counts them from -128.
fn number(text: &[u8]) -> Option<(u8, usize)> {
    let cast = if text.starts_with(b"(byte)") { 6 + blanks(&text[6..]) } else { 0 };
    let minus = usize::from(text.get(cast) == Some(&b'-'));
    let from = cast + minus;
    let hex = matches!(text.get(from..from + 2), Some(b"0x" | b"0X"));
    let start = from + if hex { 2 } else { 0 };
    let digit = |byte: &u8| if hex { byte.is_ascii_hexdigit() } else { byte.is_ascii_digit() };
    let length = text.get(start..)?.iter().take(4).take_while(|byte| digit(byte)).count();
    let digits = std::str::from_utf8(text.get(start..start + length)?).ok()?;
    let value = u8::from_str_radix(digits, if hex { 16 } else { 10 }).ok()?;
    let rest = text.get(start + length..)?;
    let suffix = if rest.starts_with(b"u8") { 2 } else { usize::from(matches!(rest, [b'u' | b'U', ..])) };
    let ends = rest.get(suffix).is_none_or(|next| !next.is_ascii_alphanumeric() && !b"._x".contains(next));
    ends.then_some((if minus == 1 { value.wrapping_neg() } else { value }, start + length + suffix))
}

fn blanks(text: &[u8]) -> usize {
    text.iter().take(80).take_while(|byte| byte.is_ascii_whitespace()).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_bytes_are_read_in_the_notations_of_languages() {
        let rows: [(&str, Option<&str>); 8] = [
            ("0x9a, 0x01,0xff, 4, 5, 6, 7, 255]", Some("9a01ff04050607ff")),
            ("(byte) 0x9a, -1, (byte)2, 3, 4, 5, 6, 7}", Some("9aff020304050607")),
            ("104, 117, 110, 116, 101, 114, 50, 50)", Some("hunter22")),
            ("0x9au8,\n    1u8, 2, 3, 4, 5, 6, 7,\n]", Some("9a01020304050607")),
            ("1, 2, 3, 4, 5, 6, 7]", None),
            ("1.5, 2, 3, 4, 5, 6, 7, 8]", None),
            ("1, 2, 3, 4, 5, 6, 7, 256]", None),
            ("x, 2, 3, 4, 5, 6, 7, 8", None),
        ];
        for (text, expected) in rows {
            let found = list(text.as_bytes()).map(|length| meant(&text.as_bytes()[..length]));
            assert_eq!(found.as_deref(), expected.map(str::as_bytes), "{text}");
        }
    }
}
