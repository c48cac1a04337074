//! How unlike code and words a value is. The table was counted from public source by `randomness.py`, which also says
//! what its entries mean. On labelled values this tells secrets from the rest far better than Shannon entropy, which
//! ranks passwords by chance. It refuses to judge what a value is: a digest is as random as a key.

/// Surprise of each hashed four symbols, two entries a byte.
static TABLE: &[u8; 1 << 16] = include_bytes!("randomness.bin");

/// No value needs more to show its nature, and no value may cost more.
const LOOKED_AT: usize = 128;
/// Tenths of a bit: of a step of the table, and what a symbol costs beside it. The table knows that a digit stands
/// there; which of the ten is worth log2(10). Punctuation has one price, under that of letters, and no entry: it speaks
/// for code rather than for chance, and would lift short expressions over short passwords.
const STEP: u32 = 9;
const PER_DIGIT: u16 = 33;
const PER_OTHER: u16 = 15;
const MULTIPLIER: u32 = 0x9E37_79B1;

const DIGIT: u8 = 26;
const BOUNDARY: u8 = 27;
const OTHER: u8 = 28;
const SYMBOL: u16 = 0x1F;
const LOWER: u16 = 0x20;
const UPPER: u16 = 0x40;
const PRICE: u32 = 8;

/// Symbol, case, and the price in tenths of a bit from the eighth bit on.
static CLASSES: [u16; 256] = classes();

const fn classes() -> [u16; 256] {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = match byte as u8 {
            letter @ b'a'..=b'z' => (letter - b'a') as u16 | LOWER,
            letter @ b'A'..=b'Z' => (letter - b'A') as u16 | UPPER,
            b'0'..=b'9' => DIGIT as u16 | PER_DIGIT << PRICE,
            b'_' | b'-' | b'.' | b'/' | b':' | b' ' => BOUNDARY as u16,
            _ => OTHER as u16 | PER_OTHER << PRICE,
        };
        byte += 1;
    }
    table
}

/// Mean surprise in bits per byte against code and words: names and prose 2 to 4, hex digests 5, mixed keys 7 and more.
#[must_use]
pub fn rarity(value: &[u8]) -> f32 {
    let value = value.get(..LOOKED_AT).unwrap_or(value);
    // First the symbols, then the table: the first loop does not wait for memory, and the second does not branch.
    // In random text a branch on the case would be guessed wrong every fourth time.
    let mut symbols = [BOUNDARY; 2 * LOOKED_AT + 3];
    let (mut len, mut tenths, mut before) = (3, 0_u32, 0);
    for &byte in value {
        let class = CLASSES[usize::from(byte)];
        symbols[len] = BOUNDARY;
        len += usize::from(before & LOWER != 0 && class & UPPER != 0);
        symbols[len] = (class & SYMBOL) as u8;
        len += 1;
        tenths += u32::from(class >> PRICE);
        before = class;
    }
    let (mut steps, mut key) = (0, key([BOUNDARY; 3]));
    for &symbol in symbols.get(3..len).unwrap_or_default() {
        key = key << 5 | u32::from(symbol);
        steps += entry(key & 0xF_FFFF) * u32::from(symbol != OTHER);
    }
    (tenths + steps * STEP) as f32 / (10 * value.len().max(1)) as f32
}

const fn key(symbols: [u8; 3]) -> u32 {
    (symbols[0] as u32) << 10 | (symbols[1] as u32) << 5 | symbols[2] as u32
}

/// Steps of the last symbol after the three before it.
fn entry(key: u32) -> u32 {
    let place = key.wrapping_mul(MULTIPLIER) >> 15;
    let pair = TABLE[(place >> 1) as usize & 0xFFFF];
    u32::from(pair >> ((place & 1) * 4) & 0xF)
}

/// Shannon entropy of the bytes themselves, in bits per byte, over the first 128.
#[must_use]
pub fn shannon(value: &[u8]) -> f32 {
    let value = value.get(..LOOKED_AT).unwrap_or(value);
    let mut counts = [0_u8; 256];
    for &byte in value {
        counts[usize::from(byte)] += 1;
    }
    let len = value.len().max(1) as f32;
    // Each distinct byte is settled once, at its first occurrence, so that the 256 counts are not all visited.
    let sum: f32 = value
        .iter()
        .map(|&byte| f32::from(std::mem::take(&mut counts[usize::from(byte)])))
        .filter(|&count| count > 0.0)
        .map(|count| count * (len / count).log2())
        .sum();
    sum / len
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn random_values_are_rarer_than_names_and_prose() {
        let common = [
            "configuration.Redis.Password",
            "session_key_for_resource",
            "getUserCredentialsFromStore",
            "Enter your current password",
            "src/main/resources/application.properties",
            "MAX_CONNECTION_RETRIES",
            "text/html; charset=utf-8",
        ];
        let rare = [
            "9f8e7d6c5b4a39281706f5e4d3c2b1a0",
            "qX7vL2pZ9mK4wR8tB3nY6cJ1",
            "b3BlbnNzaC1rZXktdjEAAAAABG5vbmUA",
            "kzqvwxjhtbgpmrfdclnzqvkx",
            "VLEKIDDWFA5WU5YSHYVBK6WOCYXOH2HW",
        ];
        for (name, secret) in common.iter().flat_map(|name| rare.iter().map(move |secret| (name, secret))) {
            let (low, high) = (rarity(name.as_bytes()), rarity(secret.as_bytes()));
            assert!(low + 1.0 < high, "{name} {low} against {secret} {high}");
        }
    }

    #[test]
    fn shannon_is_exact_on_known_values() {
        for (value, expected) in [("", 0.0), ("aaaa", 0.0), ("abab", 1.0), ("abcd", 2.0), ("abcdefgh", 3.0)] {
            assert!((shannon(value.as_bytes()) - expected).abs() < 1e-6, "{value}");
        }
    }

    #[test]
    fn only_the_first_bytes_count_and_any_bytes_pass() {
        let long = [b"identifier_of_a_thing".repeat(7), vec![0xFF; 100_000]].concat();
        assert!((rarity(&long) - rarity(&long[..LOOKED_AT])).abs() < f32::EPSILON);
        for byte in 0..=255 {
            assert!(rarity(&[byte; 300]).is_finite() && shannon(&[byte; 300]).abs() < f32::EPSILON);
        }
        assert!(rarity(b"").abs() < f32::EPSILON);
    }
}
