//! Masks of 64-byte blocks by 256-bit vectors. The only module that may use `unsafe`: to call code for a processor
//! feature after that feature was found, and for its load of 32 bytes. The tests hold it against a
//! scalar twin. With the twin alone the prefilter takes 2.9 times as long (`cargo bench --bench rules`).
#![allow(unsafe_code, reason = "intrinsics need it, in two places; a scalar twin checks what they say")]

use std::arch::x86_64::{
    __m256i, _mm256_and_si256, _mm256_cmpeq_epi8, _mm256_loadu_si256, _mm256_movemask_epi8, _mm256_or_si256,
    _mm256_set_epi64x, _mm256_set1_epi8, _mm256_setzero_si256, _mm256_shuffle_epi8, _mm256_srli_epi16,
};

use super::REACH;
use super::masks::{Grams, Masks, is_wide};
use crate::rule::runs::is_token_byte;

/// The masks of the first `out.len()` blocks of `text`, which goes on for three bytes after them.
pub fn masks(grams: &Grams, text: &[u8], out: &mut [Masks]) {
    assert!(std::arch::is_x86_feature_detected!("avx2"), "the caller asks for vectors only where there are some");
    // SAFETY: the function needs nothing but the feature that was just found.
    unsafe { fill(grams, text, out) }
}

#[target_feature(enable = "avx2")]
fn fill(grams: &Grams, text: &[u8], out: &mut [Masks]) {
    let classes = Classes::new();
    let tables = |tables: &[[u8; 16]; 4]| tables.each_ref().map(|table| twice(table));
    let banks = grams.banks.each_ref().map(|bank| (tables(&bank.low), tables(&bank.high)));
    for (index, masks) in out.iter_mut().enumerate() {
        let Some(block) = text.get(index * 64..).and_then(|rest| rest.first_chunk::<REACH>()) else { return };
        let (first, second) = (half::<0>(&classes, &banks, block), half::<32>(&classes, &banks, block));
        let join = |first: i32, second: i32| u64::from(second.cast_unsigned()) << 32 | u64::from(first.cast_unsigned());
        *masks = Masks {
            token: join(first[0], second[0]),
            wide: join(first[1], second[1]),
            word: join(first[2], second[2]),
            sign: join(first[3], second[3]),
            gram: join(first[4], second[4]),
        };
    }
}

/// Bits of a byte's class: which of them a class has depends on the upper half of the byte.
const JOINT: u8 = 1;
const TOKEN_SIGN: u8 = 1 << 1;
const DIGIT: u8 = 1 << 2;
const DIGIT_JOINT: u8 = 1 << 3;
const LETTER: u8 = 1 << 4;
const LATE_LETTER: u8 = 1 << 5;
const UNDERSCORE: u8 = 1 << 6;
const WORD: u8 = DIGIT | LETTER | LATE_LETTER;
const TOKEN: u8 = WORD | TOKEN_SIGN | UNDERSCORE;

/// A bank of grams as the look-ups want it.
type Vectors = ([__m256i; 4], [__m256i; 4]);

struct Classes {
    low: __m256i,
    high: __m256i,
    /// Signs of escapes, and the bytes that may follow them.
    first: (__m256i, __m256i),
    second: (__m256i, __m256i),
}

impl Classes {
    #[target_feature(enable = "avx2")]
    fn new() -> Self {
        const CLASSES: Table = classes();
        const SIGNS: [Table; 2] = signs();
        let [first, second] = SIGNS.each_ref().map(|table| (twice(&table.0), twice(&table.1)));
        Self { low: twice(&CLASSES.0), high: twice(&CLASSES.1), first, second }
    }
}

/// For each half of a byte, the bits that it allows: a byte has those that both halves allow.
type Table = ([u8; 16], [u8; 16]);

const fn classes() -> Table {
    let (mut low, mut high) = ([0; 16], [0; 16]);
    let mut byte = 0_u8;
    while byte < 0x80 {
        let bit = match byte {
            b'_' => UNDERSCORE,
            _ if !is_wide(byte) => 0,
            0x20..=0x2F if is_token_byte(byte) => TOKEN_SIGN,
            0x20..=0x2F => JOINT,
            b'0'..=b'9' => DIGIT,
            0x3A..=0x3F => DIGIT_JOINT,
            0x40..=0x4F | 0x60..=0x6F => LETTER,
            _ => LATE_LETTER,
        };
        low[(byte & 15) as usize] |= bit;
        high[(byte >> 4) as usize] |= bit;
        byte += 1;
    }
    (low, high)
}

/// A bit for each pair of half bytes by which a byte may follow a sign; the first table has the signs. A bit stands for
/// all bytes that join one of its upper halves to one of its lower ones, so several share the backslash.
const fn signs() -> [Table; 2] {
    const ROWS: [(u8, &[u8], &[u8]); 6] = [
        (b'%', &[3], &[2, 3, 4, 5, 6, 7]),
        (b'&', &[2], &[3]),
        (b'&', &[6, 7], &[1]),
        (b'\\', &[2], &[0xB, 0xD, 0xF]),
        (b'\\', &[3, 4], &[0, 1, 2, 3, 0xD]),
        (b'\\', &[5, 7], &[5, 8, 0xC, 0xF]),
    ];
    let mut tables = [([0; 16], [0; 16]); 2];
    let mut row = 0;
    while row < ROWS.len() {
        let (sign, high, low) = ROWS[row];
        let bit = 1 << row;
        tables[0].0[(sign & 15) as usize] |= bit;
        tables[0].1[(sign >> 4) as usize] |= bit;
        let mut at = 0;
        while at < low.len() {
            tables[1].0[low[at] as usize] |= bit;
            at += 1;
        }
        at = 0;
        while at < high.len() {
            tables[1].1[high[at] as usize] |= bit;
            at += 1;
        }
        row += 1;
    }
    tables
}

/// Token, wide, word, sign and gram bits of the 32 bytes at `AT`.
#[inline]
#[target_feature(enable = "avx2")]
fn half<const AT: usize>(classes: &Classes, banks: &[Vectors; 2], block: &[u8; REACH]) -> [i32; 5] {
    let bytes: [HalfBytes; 4] = [0, 1, 2, 3].map(|place| HalfBytes::of(load(block, AT + place)));
    let zero = _mm256_setzero_si256();
    let has_any = |bits: __m256i| !_mm256_movemask_epi8(_mm256_cmpeq_epi8(bits, zero));
    let class = bytes[0].look_up(classes.low, classes.high);
    let has = |bits: u8| has_any(_mm256_and_si256(class, all(bits)));
    let sign = bytes[0].look_up(classes.first.0, classes.first.1);
    let second = bytes[1].look_up(classes.second.0, classes.second.1);
    let mut groups = [all(0xFF); 2];
    for (place, bytes) in bytes.iter().enumerate() {
        for (groups, (low, high)) in groups.iter_mut().zip(banks) {
            *groups = _mm256_and_si256(*groups, bytes.look_up(low[place], high[place]));
        }
    }
    let sign = has_any(_mm256_and_si256(sign, second));
    let gram = has_any(_mm256_or_si256(groups[0], groups[1]));
    [has(TOKEN), has(0xFF), has(WORD), sign, gram]
}

/// Bytes as the table look-ups want them.
#[derive(Clone, Copy)]
struct HalfBytes {
    low: __m256i,
    high: __m256i,
}

impl HalfBytes {
    #[inline]
    #[target_feature(enable = "avx2")]
    fn of(bytes: __m256i) -> Self {
        let nibble = all(15);
        let high = _mm256_and_si256(_mm256_srli_epi16::<4>(bytes), nibble);
        Self { low: _mm256_and_si256(bytes, nibble), high }
    }

    /// What both halves of each byte say.
    #[inline]
    #[target_feature(enable = "avx2")]
    fn look_up(self, low: __m256i, high: __m256i) -> __m256i {
        _mm256_and_si256(_mm256_shuffle_epi8(low, self.low), _mm256_shuffle_epi8(high, self.high))
    }
}

#[inline]
#[target_feature(enable = "avx2")]
fn all(byte: u8) -> __m256i {
    _mm256_set1_epi8(byte.cast_signed())
}

/// Sixteen bytes in both halves of a vector, as the table look-up wants them.
#[inline]
#[target_feature(enable = "avx2")]
fn twice(table: &[u8; 16]) -> __m256i {
    let (words, _) = table.as_chunks::<8>();
    let [first, second] = [i64::from_le_bytes(words[0]), i64::from_le_bytes(words[1])];
    _mm256_set_epi64x(second, first, second, first)
}

/// 32 bytes from `at`.
#[inline]
#[target_feature(enable = "avx2")]
fn load(block: &[u8; REACH], at: usize) -> __m256i {
    let bytes = block[at..].first_chunk::<32>().expect("a block reaches past each half by what is looked at");
    // SAFETY: the load takes 32 bytes from any address, and here are 32.
    unsafe { _mm256_loadu_si256(bytes.as_ptr().cast()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::sweep::Sharing;
    use crate::rule::sweep::masks::may_escape;

    #[test]
    fn vectors_say_what_the_scalar_twin_says() {
        if !std::arch::is_x86_feature_detected!("avx2") {
            return;
        }
        let grams = Sharing::of(&[b"pass", b"key=", b"://", b"-BEG", b"secr"]).0.into_grams();
        let mut state = 3_u64;
        let mut text = vec![0_u8; 64 * 200 + 3];
        for round in 0..20 {
            for byte in &mut text {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                let any = (state >> 40) as u8;
                *byte = if round % 2 == 0 { any } else { b"passkey=://-BEGsecr_\\%&#3u"[usize::from(any) % 26] };
            }
            let mut found = vec![Masks::default(); 200];
            masks(&grams, &text, &mut found);
            for (index, masks) in found.iter().enumerate() {
                let twin = twin(&grams, &text[index * 64..]);
                // Signs are looked at twice: the tables let a few through that are none.
                assert_eq!(masks.sign & twin.sign, twin.sign);
                assert_eq!(Masks { sign: twin.sign, ..*masks }, twin);
            }
        }
    }

    fn twin(grams: &Grams, text: &[u8]) -> Masks {
        let mut masks = Masks::default();
        for at in 0..64 {
            let byte = text[at];
            let four = [text[at], text[at + 1], text[at + 2], text[at + 3]];
            masks.token |= u64::from(is_token_byte(byte)) << at;
            masks.wide |= u64::from(is_wide(byte)) << at;
            masks.word |= u64::from(byte.is_ascii_alphanumeric()) << at;
            masks.sign |= u64::from(may_escape(byte, text[at + 1])) << at;
            masks.gram |= u64::from(grams.may_begin(four)) << at;
        }
        masks
    }
}
