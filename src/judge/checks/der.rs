//! As much DER as it takes to tell a private key from other data: nothing is decoded further than its outline.

/// What the bytes of a key file turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outline {
    /// A private part is there and can be read.
    Private,
    /// An envelope with an algorithm and an encrypted body.
    Encrypted,
    /// It states more bytes than there are: over half of them missing.
    Cut,
    /// A certificate, a public key, parameters.
    NotPrivate,
    /// It begins like DER, and then breaks.
    Broken,
    /// It does not even begin like DER.
    NotDer,
}

const INTEGER: u8 = 0x02;
const OCTETS: u8 = 0x04;
const SEQUENCE: u8 = 0x30;

/// Looks at the fields of the outer sequence.
pub fn outline(bytes: &[u8]) -> Outline {
    if bytes.first() != Some(&SEQUENCE) {
        return Outline::NotDer;
    }
    let Some((length, header)) = length(&bytes[1..]) else { return Outline::Broken };
    let body = &bytes[1 + header..];
    let Some(body) = body.get(..length) else {
        return if body.len() * 2 < length { Outline::Cut } else { Outline::Broken };
    };
    let Some((first, rest)) = field(body) else { return Outline::Broken };
    let Some((second, rest)) = field(rest) else { return Outline::Broken };
    match (first.0, second.0) {
        (SEQUENCE, OCTETS) if rest.is_empty() && second.1.len() >= 32 => Outline::Encrypted,
        // PKCS 8: version, algorithm, key.
        (INTEGER, SEQUENCE) => match field(rest) {
            Some(((OCTETS, key), _)) if key.len() >= 16 => Outline::Private,
            _ => Outline::Broken,
        },
        // SEC 1: version, key.
        (INTEGER, OCTETS) if second.1.len() >= 16 => Outline::Private,
        // RSA and DSA: version and at least five numbers.
        (INTEGER, INTEGER) => numbers(rest),
        _ => Outline::NotPrivate,
    }
}

fn numbers(mut rest: &[u8]) -> Outline {
    let mut count = 0;
    while let Some(((INTEGER, _), after)) = field(rest) {
        count += 1;
        rest = after;
    }
    match (count, rest.is_empty()) {
        (4.., _) => Outline::Private,
        (_, true) => Outline::NotPrivate,
        (_, false) => Outline::Broken,
    }
}

type Field<'b> = (u8, &'b [u8]);

fn field(bytes: &[u8]) -> Option<(Field<'_>, &[u8])> {
    let (&tag, after) = bytes.split_first()?;
    let (length, header) = length(after)?;
    let (content, rest) = after.get(header..)?.split_at_checked(length)?;
    Some(((tag, content), rest))
}

/// The stated length, and how many bytes it takes to state it.
fn length(bytes: &[u8]) -> Option<(usize, usize)> {
    let &first = bytes.first()?;
    if first < 0x80 {
        return Some((usize::from(first), 1));
    }
    let count = usize::from(first & 0x7f);
    // Three bytes state up to 16 MB; no key has more.
    if count == 0 || count > 3 {
        return None;
    }
    let stated = bytes.get(1..=count)?;
    Some((stated.iter().fold(0, |sum, &byte| (sum << 8) | usize::from(byte)), 1 + count))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(tag: u8, content: &[u8]) -> Vec<u8> {
        let mut bytes = vec![tag, u8::try_from(content.len()).expect("short")];
        bytes.extend(content);
        bytes
    }

    #[test]
    fn outlines_of_small_keys() {
        let number = item(INTEGER, &[1]);
        let key = item(OCTETS, &[7; 34]);
        let algorithm = item(SEQUENCE, &[6, 1, 1]);
        let rows = [
            ("pkcs 8", item(SEQUENCE, &[number.clone(), algorithm.clone(), key.clone()].concat()), Outline::Private),
            ("sec 1", item(SEQUENCE, &[number.clone(), key.clone()].concat()), Outline::Private),
            ("rsa", item(SEQUENCE, &number.repeat(9)), Outline::Private),
            ("rsa public", item(SEQUENCE, &number.repeat(2)), Outline::NotPrivate),
            ("encrypted", item(SEQUENCE, &[algorithm.clone(), key.clone()].concat()), Outline::Encrypted),
            ("spki", item(SEQUENCE, &[algorithm, item(3, &[0; 40])].concat()), Outline::NotPrivate),
            ("cut", item(SEQUENCE, &key)[..12].to_vec(), Outline::Cut),
            ("no der", b"hello".to_vec(), Outline::NotDer),
            ("broken", item(SEQUENCE, &[INTEGER, 90, 1]), Outline::Broken),
        ];
        for (name, bytes, right) in rows {
            assert_eq!(outline(&bytes), right, "{name}");
        }
    }
}
