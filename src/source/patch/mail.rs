//! Words of mail headers that are not plain ASCII: `=?UTF-8?q?…?=`. Git writes subjects and authors so, and a secret
//! beside one foreign letter would not be seen.

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};

const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// A header of one line or several as it is meant; nothing where it has no such words.
pub fn decoded(header: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let mut rest = header;
    let mut found = false;
    while let Some(at) = memchr::memmem::find(rest, b"=?") {
        let (before, word) = rest.split_at(at);
        let Some((bytes, after)) = decode(word) else {
            out.extend_from_slice(&rest[..at + 2]);
            rest = &rest[at + 2..];
            continue;
        };
        // Blanks and line ends between two such words part one word.
        if !found || !before.trim_ascii().is_empty() {
            out.extend_from_slice(before);
        }
        out.extend(bytes);
        found = true;
        rest = after;
    }
    out.extend_from_slice(rest);
    out.retain(|byte| *byte != b'\n');
    out.push(b'\n');
    found.then_some(out)
}

/// The bytes of the word at the start of `text`, and what follows it.
fn decode(text: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    let rest = text.strip_prefix(b"=?")?;
    let (_, rest) = split(rest, b"?")?;
    let (form, rest) = split(rest, b"?")?;
    let (word, rest) = split(rest, b"?=")?;
    let bytes = match form {
        b"q" | b"Q" => quoted(word),
        b"b" | b"B" => BASE64.decode(word).ok()?,
        _ => return None,
    };
    Some((bytes, rest))
}

fn split<'t>(text: &'t [u8], at: &[u8]) -> Option<(&'t [u8], &'t [u8])> {
    let found = memchr::memmem::find(text, at)?;
    Some((&text[..found], &text[found + at.len()..]))
}

fn quoted(word: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = word;
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        let hex = after.get(..2).and_then(|digits| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok());
        match (byte, hex) {
            (b'=', Some(value)) => {
                out.push(value);
                rest = &after[2..];
            }
            (b'_', _) => out.push(b' '),
            _ => out.push(byte),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_put_together_as_they_were_meant() {
        let rows = [
            ("Subject: plain\n", None),
            ("Subject: =?UTF-8?q?=C3=A4=20a=5Fb=5Fc?=\n", Some("Subject: ä a_b_c\n")),
            ("Subject: =?UTF-8?q?=C3=A4_ab?=\n =?UTF-8?q?cd?= e\n", Some("Subject: ä abcd e\n")),
            ("From: =?UTF-8?B?w6Q=?= <a@b>\n", Some("From: ä <a@b>\n")),
            ("Subject: a =? b =?UTF-8?q?x?=\n", Some("Subject: a =? b x\n")),
            ("Subject: =?UTF-8?x?x?=\n", None),
            ("Subject: =?UTF-8?b?*?= =?\n", None),
            ("Subject: =?UTF-8?q?=\n", None),
        ];
        for (header, expected) in rows {
            let text = decoded(header.as_bytes()).map(|bytes| String::from_utf8(bytes).unwrap());
            assert_eq!(text.as_deref(), expected, "{header}");
        }
    }
}
