//! Text that repeats itself: where a keyword came to nothing, it comes to nothing again if all that is looked at round it
//! is the same. A file of nothing but keywords took twenty times as long as source code; now a place in it costs no more
//! than to find it and to compare the few bytes that are new.

/// How far from a keyword anything is looked at: before it the rest of its name and the line; after it as many as five
/// values of `assign::AHEAD` bytes, what stands between them, and the line. With room to spare.
const BEHIND: usize = 1024;
const AHEAD: usize = 8 * 1024;

/// How many places are kept in mind.
const PLACES: usize = 64;

/// The places of one text that came to nothing, and how far it is known to repeat itself.
#[derive(Debug)]
pub struct Echo {
    /// By a hash of the bytes that follow: the last such place.
    places: [Option<u32>; PLACES],
    /// From `from` to `to` each byte is the same as that `step` bytes before.
    step: usize,
    from: usize,
    to: usize,
}

impl Default for Echo {
    fn default() -> Self {
        Self { places: [None; PLACES], step: 0, from: 0, to: 0 }
    }
}

impl Echo {
    /// Whether the text round `at` is the same as round a place that came to nothing.
    pub fn repeats(&mut self, text: &[u8], at: usize) -> bool {
        let Some(before) = slot(text, at).and_then(|slot| self.places[slot]) else { return false };
        let (Some(step), Some(from)) = (at.checked_sub(before as usize), (before as usize).checked_sub(BEHIND)) else {
            return false;
        };
        let (from, to) = (from + step, at + AHEAD);
        // In a text of one period the places follow each other, and most of this was compared for the place before.
        let known = self.step == step && (self.from..=self.to).contains(&from);
        let new = if known { self.to.min(to) } else { from };
        let Some(there) = text.get(new..to).filter(|here| *here == &text[new - step..to - step]) else { return false };
        (self.step, self.from, self.to) = (step, if known { self.from } else { from }, new + there.len());
        true
    }

    /// Keeps in mind that nothing came of `at`.
    pub fn silent(&mut self, text: &[u8], at: usize) {
        if let Some(slot) = slot(text, at) {
            self.places[slot] = u32::try_from(at).ok();
        }
    }
}

fn slot(text: &[u8], at: usize) -> Option<usize> {
    let next = u64::from_le_bytes(*text.get(at..)?.first_chunk()?);
    Some((next.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32) as usize % PLACES)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether each place of `keyword` in `text` is a repetition.
    fn heard(text: &[u8], keyword: &[u8]) -> Vec<bool> {
        let mut echo = Echo::default();
        let places = memchr::memmem::find_iter(text, keyword);
        places
            .map(|at| {
                let repeats = echo.repeats(text, at);
                echo.silent(text, at);
                repeats
            })
            .collect()
    }

    #[test]
    fn what_repeats_is_known_but_at_the_edges() {
        let text = b"password=token=key='".repeat(1000);
        let heard = heard(&text, b"password=");
        let (from, to) = (BEHIND / 20 + 2, (text.len() - AHEAD) / 20);
        assert!(heard[from..to].iter().all(|repeats| *repeats));
        assert!(!heard[0] && heard[to + 1..].iter().all(|repeats| !repeats));
    }

    #[test]
    fn one_other_byte_within_reach_makes_another_place() {
        let plain = b"password=".repeat(3000);
        for changed in [12_000, 12_004, 12_008] {
            let mut text = plain.clone();
            text[changed] = b'X';
            let places = memchr::memmem::find_iter(&text, b"password=").take(1900);
            for (at, repeats) in places.zip(heard(&text, b"password=")) {
                let (out_of_reach, far) = (at - at.min(BEHIND) > changed || at + AHEAD <= changed, 2 * BEHIND);
                assert!(!repeats || out_of_reach, "{at} with another byte at {changed}");
                let surely = at > far && at + AHEAD <= changed || at > changed + far;
                assert!(repeats || !surely, "{at} with another byte at {changed}");
            }
        }
    }
}
