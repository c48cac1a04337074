//! Which bytes a literal is found by, and which group of the vector tables they go into.
//!
//! A group lets through all that the half bytes of its grams make together, so gram and group are chosen as one: where
//! they add least to the places that are asked about. How much that is, a chain of byte pairs tells. In source code of
//! several languages one place in 19 is let through for 500 literals; one in 6 where each literal's rarest bytes were
//! chosen first and groups afterwards, one in 160 hold one of the grams.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use super::masks::{FOLDED, GROUPS, Gram, Grams, Halves, folded};

/// Of a literal's grams, so many of the rarest are tried in each group.
const TRIED: usize = 4;

/// Grams shared out to groups.
#[derive(Debug)]
pub struct Sharing {
    grams: Grams,
    groups: [Group; GROUPS],
    known: BTreeSet<Gram>,
    /// Those that were shared out here, with their groups.
    placed: Vec<(Gram, usize)>,
}

/// How far into a literal the bytes stand by which it is found, and those bytes.
pub type FoundBy = (u8, Gram);

impl Sharing {
    /// Chooses for all literals: for the most frequent first, then once more for each gram, with all the others known.
    #[must_use]
    pub fn of(literals: &[&[u8]]) -> (Self, Vec<FoundBy>) {
        let mut order: Vec<usize> = (0..literals.len()).collect();
        let shares: Vec<f32> = literals.iter().map(|literal| rarest(literal).first().map_or(0.0, |it| it.0)).collect();
        order.sort_by(|one, other| shares[*other].total_cmp(&shares[*one]));
        let mut sharing = Self::beside(Grams::default(), BTreeSet::new());
        let mut found_by = vec![FoundBy::default(); literals.len()];
        order.iter().for_each(|index| found_by[*index] = sharing.place(literals[*index]));
        sharing.improve(literals, &order, &mut found_by);
        (sharing, found_by)
    }

    /// Goes on from grams that are shared out already.
    #[must_use]
    pub fn beside(grams: Grams, known: BTreeSet<Gram>) -> Self {
        let groups = std::array::from_fn(|number| Group::of(grams.halves(number)));
        Self { grams, groups, known, placed: Vec::new() }
    }

    #[must_use]
    pub fn into_grams(self) -> Grams {
        self.grams
    }

    /// Sees to it that a literal is found: by bytes that are looked for already, else where that adds least.
    pub fn place(&mut self, literal: &[u8]) -> FoundBy {
        let shared = |len: usize| windows(literal, len).find(|(_, gram)| self.known.contains(gram));
        if let Some(shared) = shared(4).or_else(|| shared(3)) {
            return shared;
        }
        let mut best = (f32::INFINITY, 0, FoundBy::default());
        for (_, found_by) in rarest(literal).into_iter().take(TRIED) {
            for (number, group) in self.groups.iter().enumerate() {
                let added = group.with(found_by.1).share - group.share;
                if added < best.0 {
                    best = (added, number, found_by);
                }
            }
        }
        let (_, number, found_by) = best;
        self.grams.add(found_by.1, number);
        self.groups[number] = self.groups[number].with(found_by.1);
        self.known.insert(found_by.1);
        self.placed.push((found_by.1, number));
        found_by
    }

    /// Takes out one gram after the other, and chooses anew for the literals that it serves by then: one of them may have
    /// come to it on the way.
    fn improve(&mut self, literals: &[&[u8]], order: &[usize], found_by: &mut [FoundBy]) {
        let grams: BTreeSet<Gram> = found_by.iter().map(|(_, gram)| *gram).collect();
        for gram in grams {
            self.remove(gram);
            let served: Vec<usize> = order.iter().copied().filter(|index| found_by[*index].1 == gram).collect();
            served.into_iter().for_each(|index| found_by[index] = self.place(literals[index]));
        }
    }

    fn remove(&mut self, gram: Gram) {
        let Some(index) = self.placed.iter().position(|(placed, _)| *placed == gram) else { return };
        let (_, number) = self.placed.swap_remove(index);
        self.known.remove(&gram);
        self.grams.clear(number);
        let others = self.placed.iter().filter(|(_, group)| *group == number);
        others.for_each(|(other, _)| self.grams.add(*other, number));
        self.groups[number] = Group::of(self.grams.halves(number));
    }
}

/// The grams of a literal with the share of places where each stands, rarest first.
fn rarest(literal: &[u8]) -> Vec<(f32, FoundBy)> {
    let whole = windows(literal, literal.len().min(4));
    let mut all: Vec<_> = whole.map(|it| (Group::default().with(it.1).share, it)).collect();
    all.sort_by(|one, other| one.0.total_cmp(&other.0));
    all
}

fn windows(literal: &[u8], len: usize) -> impl Iterator<Item = FoundBy> {
    (0_u8..60).zip(literal.windows(len)).map(|(offset, part)| (offset, gram(part)))
}

/// The three or four bytes of a slice, in one case.
#[must_use]
pub fn gram(bytes: &[u8]) -> Gram {
    let mut gram = Gram::default();
    gram.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
    folded(gram)
}

/// The half bytes of a group's grams, a bit for each, and the share of places that they let through.
#[derive(Clone, Copy, Debug, Default)]
struct Group {
    places: [Halves; 4],
    share: f32,
}

impl Group {
    fn of(places: [Halves; 4]) -> Self {
        Self { places, share: PAIRS.share(&places.map(Halves::classes)) }
    }

    fn with(&self, gram: Gram) -> Self {
        let mut places = self.places;
        places.iter_mut().zip(gram).for_each(|(halves, byte)| halves.add(byte));
        // Most grams are tried in groups to which they add nothing, or nearly all.
        if places == self.places { *self } else { Self::of(places) }
    }
}

impl Halves {
    fn add(&mut self, byte: u8) {
        if byte == 0 {
            *self = Self { low: u16::MAX, high: FOLDED };
        } else {
            self.low |= 1 << (byte & 15);
            self.high |= 1 << (byte >> 4);
        }
    }

    /// The bytes that the halves make together, as classes. What is not ASCII is too rare to count.
    fn classes(self) -> u64 {
        let row = |half: u32, at: u32| if self.high >> half & 1 != 0 { u64::from(self.low) << (16 * at) } else { 0 };
        row(2, 0) | row(3, 1) | row(6, 2) | row(7, 3)
    }
}

/// How often pairs of bytes stand in source code, with the bit set by which the cases of a letter differ: that leaves
/// 64 classes.
struct Pairs {
    first: [f32; 64],
    /// After a byte of the class of the row.
    next: [[f32; 64]; 64],
}

static PAIRS: LazyLock<Pairs> = LazyLock::new(|| Pairs::parse(include_str!("pairs.txt")));

impl Pairs {
    /// A line for each first byte, a digit for each second one: a power of two.
    fn parse(text: &str) -> Self {
        let mut pairs = Self { first: [0.0; 64], next: [[0.0; 64]; 64] };
        let rows = text.lines().filter(|line| !line.starts_with('#'));
        for (next, line) in pairs.next.iter_mut().zip(rows) {
            for (often, digit) in next.iter_mut().zip(line.chars()) {
                *often = f32::from(1_u16 << digit.to_digit(16).unwrap_or_default());
            }
        }
        let all: f32 = pairs.next.iter().flatten().sum();
        for (first, next) in pairs.first.iter_mut().zip(&mut pairs.next) {
            let row: f32 = next.iter().sum();
            *first = row / all;
            next.iter_mut().for_each(|often| *often /= row);
        }
        pairs
    }

    /// The share of places where four bytes of these classes stand.
    fn share(&self, classes: &[u64; 4]) -> f32 {
        let mut often = [0.0; 64];
        bits(classes[0]).for_each(|class| often[class] = self.first[class]);
        for (before, after) in classes.iter().zip(&classes[1..]) {
            let mut next = [0.0; 64];
            for class in bits(*after) {
                next[class] = bits(*before).map(|before| often[before] * self.next[before][class]).sum();
            }
            often = next;
        }
        often.iter().sum()
    }
}

fn bits(mut mask: u64) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let bit = (mask != 0).then(|| mask.trailing_zeros() as usize)?;
        mask &= mask - 1;
        Some(bit)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_literal_is_found_by_bytes_of_its_own() {
        let literals: Vec<&[u8]> = vec![b"ghp", b"password", b"PassWord", b"-----BEGIN ", b"://", b"k\xC3\xA4se"];
        let (sharing, found_by) = Sharing::of(&literals);
        let grams = sharing.into_grams();
        for (literal, (offset, gram_of)) in literals.iter().zip(found_by) {
            let len = if gram_of[3] == 0 { 3 } else { 4 };
            let there = &literal[usize::from(offset)..][..len];
            assert_eq!(gram(there), gram_of);
            let mut four = [b'x'; 4];
            four[..len].copy_from_slice(there);
            assert!(grams.may_begin(four), "{}", literal.escape_ascii());
        }
    }

    #[test]
    fn what_is_added_later_leaves_the_rest_where_it_was() {
        let (sharing, found_by) = Sharing::of(&[b"password", b"secret"]);
        let known = found_by.iter().map(|(_, gram)| *gram).collect();
        let mut more = Sharing::beside(sharing.into_grams(), known);
        assert_eq!(more.place(b"a secret"), (found_by[1].0 + 2, found_by[1].1));
        more.place(b"qzjx");
        let grams = more.into_grams();
        assert!(grams.may_begin(*b"QZJX"));
        assert!(found_by.iter().all(|(_, gram)| grams.may_begin(*gram)));
    }

    #[test]
    fn shares_are_probabilities() {
        let all = PAIRS.share(&[u64::MAX; 4]);
        assert!((all - 1.0).abs() < 1e-3, "{all}");
        let rare = Group::default().with(gram(b"zqxj")).share;
        let frequent = Group::default().with(gram(b"self")).share;
        assert!(rare < frequent / 50.0, "{rare} {frequent}");
    }
}
