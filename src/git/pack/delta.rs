//! Applies a delta, and tells which parts of the result its base has.

use crate::span::Span;

/// A stretch of the result that was copied from the base.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Copied {
    /// Where it stands in the base.
    pub from: usize,
    /// Where it stands in the result.
    pub to: usize,
    pub len: usize,
}

/// The sizes of base and result, and the number of bytes that say so.
pub fn sizes(delta: &[u8]) -> Option<(u64, u64, usize)> {
    let (base, first) = varint(delta)?;
    let (result, second) = varint(delta.get(first..)?)?;
    Some((base, result, first + second))
}

/// Puts the result into `out` and the stretches it copies into `copied`, in place of what was there: in the order of the
/// result, and each as long as it can be. None where the delta is not one of this base.
pub fn apply(base: &[u8], delta: &[u8], out: &mut Vec<u8>, copied: &mut Vec<Copied>) -> Option<()> {
    out.clear();
    copied.clear();
    let (base_size, size, mut at) = sizes(delta)?;
    let size = usize::try_from(size).ok()?;
    if base_size != base.len() as u64 {
        return None;
    }
    out.try_reserve_exact(size).ok()?;
    while let Some(&code) = delta.get(at) {
        at += 1;
        if code & 0x80 != 0 {
            let (from, len, read) = copy_of(code, delta.get(at..)?)?;
            at += read;
            let part = base.get(from..from.checked_add(len)?)?;
            if part.len() > size - out.len() {
                return None;
            }
            note(copied, Copied { from, to: out.len(), len });
            out.extend_from_slice(part);
        } else {
            let part = delta.get(at..at + usize::from(code)).filter(|part| !part.is_empty())?;
            if part.len() > size - out.len() {
                return None;
            }
            at += part.len();
            out.extend_from_slice(part);
        }
    }
    (out.len() == size).then_some(())
}

/// The parts of a result of `len` bytes that a base of `base_len` bytes does not have: what was inserted, and as empty
/// spans the places where two bytes have met that were not neighbours in the base, its ends included.
pub fn fresh(copied: &[Copied], base_len: usize, len: usize, into: &mut Vec<Span>) {
    into.clear();
    let (mut from, mut to) = (0, 0);
    for copy in copied.iter().chain([&Copied { from: base_len, to: len, len: 0 }]) {
        if copy.to > to || copy.from != from {
            into.push(Span::new(to, copy.to));
        }
        from = copy.from + copy.len;
        to = copy.to + copy.len;
    }
}

fn note(copied: &mut Vec<Copied>, new: Copied) {
    match copied.last_mut() {
        Some(last) if last.from + last.len == new.from && last.to + last.len == new.to => last.len += new.len,
        _ => copied.push(new),
    }
}

/// Place and length of a copy, and the bytes that say so: one for each bit set in its code.
fn copy_of(code: u8, rest: &[u8]) -> Option<(usize, usize, usize)> {
    let (mut from, mut len, mut read) = (0_usize, 0_usize, 0);
    for bit in (0..7).filter(|bit| code >> bit & 1 != 0) {
        let byte = usize::from(*rest.get(read)?);
        read += 1;
        if bit < 4 {
            from |= byte << (8 * bit);
        } else {
            len |= byte << (8 * (bit - 4));
        }
    }
    Some((from, if len == 0 { 0x1_0000 } else { len }, read))
}

/// A number of seven bits a byte, the lowest first.
fn varint(bytes: &[u8]) -> Option<(u64, usize)> {
    let mut number = 0;
    for (place, byte) in bytes.iter().enumerate().take(9) {
        number |= u64::from(byte & 0x7f) << (7 * place);
        if byte & 0x80 == 0 {
            return Some((number, place + 1));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spans(copied: &[(usize, usize, usize)], base: usize, len: usize) -> Vec<(usize, usize)> {
        let copied: Vec<Copied> =
            copied.iter().map(|(from, to, len)| Copied { from: *from, to: *to, len: *len }).collect();
        let mut found = vec![Span::new(9, 9)];
        fresh(&copied, base, len, &mut found);
        found.iter().map(|span| (span.start, span.end)).collect()
    }

    #[test]
    fn fresh_is_what_was_inserted_and_where_copies_meet() {
        assert_eq!(spans(&[(0, 0, 10)], 10, 10), []);
        assert_eq!(spans(&[], 10, 4), [(0, 4)]);
        assert_eq!(spans(&[(0, 0, 4), (4, 7, 6)], 10, 13), [(4, 7)]);
        assert_eq!(spans(&[(0, 0, 4), (6, 4, 4)], 10, 8), [(4, 4)]);
        assert_eq!(spans(&[(0, 0, 4)], 10, 4), [(4, 4)], "the end was cut off");
        assert_eq!(spans(&[(2, 0, 8)], 10, 8), [(0, 0)], "the beginning was cut off");
        assert_eq!(spans(&[(5, 0, 5), (0, 5, 5)], 10, 10), [(0, 0), (5, 5), (10, 10)]);
        assert_eq!(spans(&[], 5, 0), [(0, 0)]);
    }

    #[test]
    fn a_delta_is_applied_or_refused() {
        let base = b"0123456789";
        let (mut out, mut copied) = (Vec::new(), Vec::new());
        let good = [10, 9, 0x91, 2, 3, 2, b'x', b'y', 0x91, 5, 2, 0x91, 7, 2];
        assert_eq!(apply(base, &good, &mut out, &mut copied), Some(()));
        assert_eq!(out, b"234xy5678");
        assert_eq!(copied, [Copied { from: 2, to: 0, len: 3 }, Copied { from: 5, to: 5, len: 4 }]);
        let wrong: &[&[u8]] = &[
            &[],
            &[11, 1, 1, b'x'],
            &[10, 2, 1, b'x'],
            &[10, 0, 1, b'x'],
            &[10, 1, 0],
            &[10, 1, 2, b'x'],
            &[10, 3, 0x91, 8, 3],
            &[10, 3, 0x91, 1],
            &[10, 3, 0xff, 255, 255, 255, 255, 255, 255, 255],
            &[0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 1],
        ];
        for delta in wrong {
            assert_eq!(apply(base, delta, &mut out, &mut copied), None, "{delta:?}");
        }
    }
}
