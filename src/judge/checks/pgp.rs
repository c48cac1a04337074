//! The first packet of an OpenPGP private key: when it was made, and whether a passphrase guards it. And the sum of the
//! armour, a CRC-24 that newer programs leave out.

use super::clock::date;

/// What the first packet says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packet {
    pub made: String,
    pub encrypted: bool,
}

/// Reads a secret key packet of version 4; none for other packets, versions and algorithms.
pub fn packet(bytes: &[u8]) -> Option<Packet> {
    let body = content(bytes)?;
    let (&[4, a, b, c, d, algorithm], mut rest) = body.split_first_chunk::<6>()? else { return None };
    let numbers = match algorithm {
        1..=3 => 2,
        16 => 3,
        17 => 4,
        // Curves: the name of the curve with its length, then a point; for key agreement one more field.
        18 | 19 | 22 => {
            rest = rest.get(1 + usize::from(*rest.first()?)..)?;
            1
        }
        _ => return None,
    };
    for _ in 0..numbers {
        let (length, after) = rest.split_first_chunk::<2>()?;
        rest = after.get(usize::from(u16::from_be_bytes(*length)).div_ceil(8)..)?;
    }
    if algorithm == 18 {
        rest = rest.get(1 + usize::from(*rest.first()?)..)?;
    }
    let made = date(u64::from(u32::from_be_bytes([a, b, c, d])));
    Some(Packet { made, encrypted: *rest.first()? != 0 })
}

/// What a packet with the tag of a secret key holds, as far as it is there.
fn content(bytes: &[u8]) -> Option<&[u8]> {
    let (&tag, rest) = bytes.split_first()?;
    let header = match (tag, rest.first()?) {
        (0x94, _) => 1,
        (0x95, _) => 2,
        (0x96, _) => 4,
        (0x97, _) => 0,
        (0xc5, 0..=191 | 224..=254) => 1,
        (0xc5, 192..=223) => 2,
        (0xc5, 255) => 5,
        _ => return None,
    };
    rest.get(header..)
}

/// Polynomial 0x1864CFB, start 0xB704CE.
pub fn crc24(bytes: &[u8]) -> u32 {
    let sum = bytes.iter().fold(0x00b7_04ce_u32, |sum, &byte| {
        (0..8).fold(sum ^ (u32::from(byte) << 16), |sum, _| {
            if sum & 0x0080_0000 == 0 { sum << 1 } else { (sum << 1) ^ 0x0186_4cfb }
        })
    });
    sum & 0x00ff_ffff
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worked_sum_of_armour_holds() {
        // `=B1+O` in base64.
        assert_eq!(crc24(b"tightlip"), 0x07_5f_8e);
    }

    /// Version, day, algorithm, public part, and what guards the secret part.
    fn key(algorithm: u8, public: &[u8], guard: u8) -> Vec<u8> {
        let body = [&[4, 0x65, 0xe1, 0x1a, 0x80, algorithm], public, &[guard, 9, 9]].concat();
        [&[0x94, u8::try_from(body.len()).expect("short")], &body[..]].concat()
    }

    #[test]
    fn packets_say_when_they_were_made_and_whether_they_are_guarded() {
        let number: &[u8] = &[0, 17, 1, 2, 3];
        let curve: &[u8] = &[2, 0x2b, 0x65, 0, 9, 1, 2];
        let agreement = [curve, &[3, 1, 8, 7]].concat();
        let rows = [
            ("rsa", key(1, &number.repeat(2), 0), Some(false)),
            ("rsa, guarded", key(1, &number.repeat(2), 254), Some(true)),
            ("dsa", key(17, &number.repeat(4), 255), Some(true)),
            ("curve", key(22, curve, 0), Some(false)),
            ("agreement", key(18, &agreement, 0), Some(false)),
            ("cut", key(1, number, 0), None),
            ("other algorithm", key(99, number, 0), None),
            ("other packet", vec![0x99, 1, 1, 4], None),
            ("empty", vec![], None),
        ];
        for (name, bytes, encrypted) in rows {
            let made = "2024-03-01".to_owned();
            assert_eq!(packet(&bytes), encrypted.map(|encrypted| Packet { made, encrypted }), "{name}");
        }
    }
}
