//! Base64 and hex: finds the stretches of a token run that decode to text, whatever the phase they start in.
//!
//! Text shows in the encoded characters: in base64 the top bits of each decoded byte rule out a good half of the alphabet
//! for three of the four places of a group. Four lanes, one for each phase, count how long all characters obey; names and
//! paths break each lane within a few characters, so that next to nothing is decoded in vain, and a run whose start is
//! unknown needs no other way.

use super::alphabet::{Alphabet, BASE64, HEX, LOOK};
use super::block::Block;
use super::places::Packing;
use super::{Sink, View, Wrapping};
use crate::span::Span;

/// Emits the views of all blocks that start with one of `runs`, in the part `near` of the text.
pub(super) fn find(text: &[u8], near: Span, runs: &[Span], sink: &mut Sink) {
    let mut done = near.start;
    for run in runs {
        let run = Span::new(run.start.max(done), run.end.min(near.end));
        if run.len() < super::runs::SHORTEST {
            continue;
        }
        let block = Block::at(text, run, near.end);
        done = block.end;
        if sink.wants(Span::new(run.start, block.end)) {
            search(text, &block, &BASE64, sink);
            if may_be_hex(&block.characters) {
                search(text, &block, &HEX, sink);
            }
        }
    }
}

/// Hex of the shortest payload covers two of the characters looked at here.
fn may_be_hex(characters: &[u8]) -> bool {
    let mut probes = characters.iter().skip(SHORTEST - 1).step_by(SHORTEST).map(u8::is_ascii_hexdigit);
    let mut before = probes.next().unwrap_or_default();
    probes.any(|is_digit| std::mem::replace(&mut before, is_digit) && is_digit)
}

/// What the lanes of all phases know: one 16-bit counter for each.
struct Lanes {
    counts: u64,
    /// The characters read: whole groups.
    at: usize,
}

/// So many characters in a row that obey make a phase worth decoding. The counters are looked at after every group, so
/// that one stands at up to 19 then; no streak of 20, less than the shortest payload, is missed.
const STREAK: usize = 16;
const STREAK_BITS: u64 = 0x0010_0010_0010_0010;

impl Lanes {
    /// The phases that have just had a streak of characters, as bits; their counters start again.
    fn next_streak(&mut self, characters: &[u8], alphabet: &Alphabet) -> Option<u8> {
        let (groups, _) = characters.get(self.at..).unwrap_or_default().as_chunks::<4>();
        for group in groups {
            for (byte, goes_on) in group.iter().zip(&alphabet.goes_on) {
                self.counts = (self.counts + 0x0001_0001_0001_0001) & goes_on[*byte as usize];
            }
            self.at += 4;
            let full = self.counts & STREAK_BITS;
            if full != 0 {
                self.counts &= !((full >> 4) * 0xffff);
                return Some((0..4).fold(0, |phases, phase| phases | ((full >> (16 * phase + 4) & 1) as u8) << phase));
            }
        }
        None
    }
}

fn search(text: &[u8], block: &Block, alphabet: &Alphabet, sink: &mut Sink) {
    let characters = block.characters.as_ref();
    let mut lanes = Lanes { counts: 0, at: 0 };
    let mut floor = 0;
    while let Some(phases) = lanes.next_streak(characters, alphabet) {
        for phase in (0..4).filter(|phase| phases >> phase & 1 == 1) {
            let streak = lanes.at - STREAK;
            let first = streak + (phase + 4 - streak % 4) % 4;
            let Some(start) = earliest(characters, first, floor, alphabet) else {
                continue;
            };
            let mut end = emit_pieces(text, block, start, alphabet, sink);
            let again = first_clean(characters, Span::new(first.max(end), lanes.at), alphabet);
            if end <= lanes.at && again > start {
                // What was read on the way back ended before the streak.
                let next = emit_pieces(text, block, again, alphabet, sink);
                end = if next > again { next } else { end };
            }
            if end > start {
                floor = floor.max(end);
            }
            if end > lanes.at {
                lanes = Lanes { counts: 0, at: end & !3 };
                break;
            }
        }
    }
}

/// How far back from a streak the same text may have begun, past a few bytes that are not ASCII.
const GROUPS_BACK: usize = 64;

/// The start of the text that `first` is in, or nothing where a first look already shows no text.
fn earliest(characters: &[u8], first: usize, floor: usize, alphabet: &Alphabet) -> Option<usize> {
    let mut look = [0; 9];
    let len = alphabet.unpack(characters.get(first..first + STREAK - 4)?, &mut look).bytes;
    if !look.get(..len).is_some_and(|look| Quality::of(look).is_text()) {
        return None;
    }
    let (mut start, mut odd) = (first, 0);
    for back in 1..=GROUPS_BACK {
        let Some(place) = first.checked_sub(alphabet.group * back).filter(|place| *place >= floor) else {
            break;
        };
        let mut group = [0; 3];
        let unpacked = alphabet.unpack(characters.get(place..place + alphabet.group)?, &mut group);
        let quality = Quality::of(group.get(..unpacked.bytes)?);
        odd += quality.odd;
        if unpacked.characters < alphabet.group || quality.odd == quality.len || odd > 6 {
            break;
        }
        if quality.odd == 0 && quality.zeros < quality.len {
            start = place;
        }
    }
    Some(start)
}

/// The first group of a streak that holds nothing but plain text; the streak's start if none does.
fn first_clean(characters: &[u8], streak: Span, alphabet: &Alphabet) -> usize {
    let is_clean = |place: &usize| {
        let mut group = [0; 3];
        let len = characters.get(*place..place + alphabet.group).map(|four| alphabet.unpack(four, &mut group).bytes);
        len.is_some_and(|len| len > 0 && group.iter().take(len).all(|byte| is_plain(*byte)))
    };
    streak.range().step_by(alphabet.group).find(is_clean).unwrap_or(streak.start)
}

/// The longest view, in characters, and what two such views of one payload share.
const PIECE: usize = 64 * 1024;
const SHARED: usize = 8 * 1024;

/// The shortest payload worth a view, in bytes.
const SHORTEST: usize = 16;

/// Decodes from `start` on as long as there is text; gives the end of the characters used, `start` if there was none.
fn emit_pieces(text: &[u8], block: &Block, start: usize, alphabet: &Alphabet, sink: &mut Sink) -> usize {
    let characters = block.characters.as_ref();
    let (mut from, mut done) = (start, start);
    loop {
        let limit = (from + PIECE).min(characters.len());
        let mut bytes = Vec::new();
        let used = decode_text(characters.get(from..limit).unwrap_or_default(), alphabet, &mut bytes);
        let end = from + used;
        if bytes.len() < SHORTEST || end <= done || !is_sure(&bytes) {
            return done;
        }
        done = end;
        // What is text, but no use, is passed over as well: each character is decoded once.
        if is_worth(&bytes) {
            send(text, block, Span::new(from, end), alphabet, bytes, sink);
        }
        if end < limit || limit == characters.len() {
            return done;
        }
        from = end - SHARED;
    }
}

fn send(text: &[u8], block: &Block, part: Span, alphabet: &Alphabet, mut bytes: Vec<u8>, sink: &mut Sink) {
    let mut packing = alphabet.packing;
    let quality = Quality::of(&bytes);
    if packing == Packing::Base64 && quality.zeros * 3 > bytes.len() {
        let kept = usize::from(bytes.iter().step_by(2).filter(|byte| **byte == 0).count() * 4 > bytes.len());
        bytes = bytes.into_iter().skip(kept).step_by(2).collect();
        packing = Packing::Base64Utf16 { kept };
    }
    let places = block.places();
    let mut span = places.origin(part);
    let places = places.part(part, packing);
    let padding = text.get(span.end..).unwrap_or_default().iter().take(2).take_while(|byte| **byte == b'=').count();
    if alphabet.wrapping == Wrapping::Base64 && part.end == block.characters.len() {
        span.end += padding;
    }
    if sink.wants(span) {
        sink.send(View { wrapping: alphabet.wrapping, span, bytes, places });
    }
}

/// What the bytes of a stretch are.
struct Quality {
    len: usize,
    zeros: usize,
    /// Control bytes and bytes outside ASCII.
    odd: usize,
}

const fn is_plain(byte: u8) -> bool {
    matches!(byte, b' '..=b'~' | b'\t' | b'\n' | b'\r')
}

impl Quality {
    fn of(bytes: &[u8]) -> Self {
        let zeros: usize = bytes.iter().map(|byte| usize::from(*byte == 0)).sum();
        let fine = bytes.iter().filter(|byte| is_plain(**byte)).count();
        Self { len: bytes.len(), zeros, odd: bytes.len() - zeros - fine }
    }

    /// Nearly all ASCII, or ASCII in UTF-16.
    const fn is_text(&self) -> bool {
        let is_ascii = (self.zeros + self.odd) * 4 <= self.len;
        let is_wide = self.odd * 8 <= self.len && self.zeros * 5 >= self.len * 2 && self.zeros * 5 <= self.len * 3;
        is_ascii || is_wide
    }
}

/// Decodes as long as each look is text; gives the characters used.
fn decode_text(characters: &[u8], alphabet: &Alphabet, bytes: &mut Vec<u8>) -> usize {
    let mut used = 0;
    for characters in characters.chunks(LOOK) {
        let mut look = [0; LOOK];
        let unpacked = alphabet.unpack(characters, &mut look);
        let new = look.get(..unpacked.bytes).unwrap_or_default();
        if !Quality::of(new).is_text() {
            let text = text_prefix(new);
            bytes.extend_from_slice(text);
            return used + alphabet.packing.characters(Span::new(0, text.len())).end;
        }
        bytes.extend_from_slice(new);
        used += unpacked.characters;
        if unpacked.characters < characters.len() {
            return used;
        }
    }
    used
}

/// What is text at the start of a look that as a whole is none.
fn text_prefix(bytes: &[u8]) -> &[u8] {
    let is_odd = |index: usize, byte: u8| match byte {
        0 => index == 0 || bytes.get(index - 1) == Some(&0),
        byte => !is_plain(byte),
    };
    let end = bytes.iter().enumerate().position(|(index, byte)| is_odd(index, *byte)).unwrap_or(bytes.len());
    bytes.get(..end).unwrap_or_default()
}

/// A short stretch must be clean: one name of capitals in some 10 MB of source decodes to a quarter of odd bytes.
fn is_sure(bytes: &[u8]) -> bool {
    bytes.len() > LOOK / 2 || Quality::of(bytes).odd * 8 <= bytes.len()
}

/// Enough letters and digits to hold a token, and not all the same.
fn is_worth(bytes: &[u8]) -> bool {
    let solid = bytes.iter().filter(|byte| !byte.is_ascii_whitespace() && **byte != 0).count();
    let alphanumeric = bytes.iter().filter(|byte| byte.is_ascii_alphanumeric()).count();
    let first = bytes.first();
    solid > 0 && alphanumeric * 3 >= solid && bytes.iter().any(|byte| Some(byte) != first)
}
