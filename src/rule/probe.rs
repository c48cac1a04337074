//! The prefilter: one pass over a text that finds every place where a literal stands.
//!
//! Four bytes are folded to one case, hashed, and looked up in a bit table; what the table lets through is compared in
//! full, so no literal is made up. Which places are looked up at all is the sweep's. An automaton over the same literals
//! takes several times as long on source code, and regexes behind frequent words far more (see docs/performance.md).

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::OnceLock;

use aho_corasick::AhoCorasick;
use memchr::{memchr2_iter, memmem};

use super::pattern::Pattern;
use super::rule::Rule;
use super::sweep::{Found, FoundBy, Gram, Grams, Sharing, Sweep, gram, window};

/// log2 of the number of bits of each kind of slots: 8 and 16 KiB, so that both stay in the first-level cache. Short
/// marks of tokens fill the second by a sixteenth; asked about each gram too, they let through fifty times as much.
const GRAM_BITS: u32 = 16;
const TOKEN_BITS: u32 = 17;

/// Bits of a folded letter pair that differ between its cases.
const FOLD: u32 = 0x2020_2020;

/// A literal, and how the prefilter may compare it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Literal<W> {
    pub text: Cow<'static, str>,
    pub ignore_case: bool,
    /// It stands at the beginning of a token of some length, or need not be found.
    pub token: bool,
    /// What the owner of the probe does where it stands.
    pub wakes: W,
}

impl<W: Clone> Literal<W> {
    /// Those of a rule, unless it looks into some files only: there its literals are looked for alone, and nowhere else.
    pub fn of_rule(rule: &Rule, wakes: W) -> impl Iterator<Item = Self> {
        let everywhere = rule.files.is_empty();
        let ignore_case = rule.pattern().is_some_and(Pattern::ignores_case);
        let token = rule.begins_token();
        let texts = rule.literals().iter().filter(move |_| everywhere).cloned();
        texts.map(move |text| Self { text, ignore_case, token, wakes: wakes.clone() })
    }

    /// A word that is looked for in either case.
    #[must_use]
    pub const fn keyword(text: &'static str, wakes: W) -> Self {
        Self { text: Cow::Borrowed(text), ignore_case: true, token: false, wakes }
    }
}

/// What a text is searched with for a set of literals.
#[derive(Debug)]
pub struct Probe<W: Clone + 'static> {
    literals: Cow<'static, [Literal<W>]>,
    table: Table,
    /// Made when first asked for: a scan has no use for it, and it takes some milliseconds.
    automaton: OnceLock<AhoCorasick>,
}

/// All that is looked up. For the built-in rules `build.rs` makes it: with a thousand rules that would be most of a start.
#[derive(Debug, PartialEq, Eq)]
pub struct Table {
    /// How far into each literal the bytes stand by which it is found.
    pub offsets: Cow<'static, [u8]>,
    /// Literals that are looked for everywhere.
    pub grams: Slots,
    /// Literals that are looked for where a token begins.
    pub tokens: Slots,
    pub sweep: Sweep,
}

/// A hash table: a bit for each slot, and the literals of those that are set.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Slots {
    pub bits: Cow<'static, [u64]>,
    /// Number of bits set before each word: with the bit's rank in its word it gives the slot's number.
    pub ranks: Cow<'static, [u32]>,
    /// First entry of each slot, and one past the last.
    pub heads: Cow<'static, [u32]>,
    /// The literals of all slots, one slot after the other.
    pub entries: Cow<'static, [u32]>,
}

impl Table {
    #[must_use]
    pub fn of<W>(literals: &[Literal<W>]) -> Self {
        let everywhere: Vec<&[u8]> = literals.iter().filter_map(sought_everywhere).collect();
        let (sharing, found_by) = Sharing::of(&everywhere);
        let mut found_by = found_by.into_iter();
        let each = |literal| sought_everywhere(literal).and_then(|_| found_by.next());
        Self::new(literals, literals.iter().map(each).collect(), sharing.into_grams())
    }

    /// The table of other literals, most of which are in a table already: what is chosen there is kept. To choose anew
    /// takes as long as a scan of some megabytes.
    #[must_use]
    pub fn beside<W>(literals: &[Literal<W>], (known, table): (&[Literal<W>], &Self)) -> Self {
        let chosen = known.iter().zip(table.offsets.iter());
        let chosen = chosen.filter_map(|(literal, offset)| Some((sought_everywhere(literal)?, *offset)));
        let chosen: HashMap<&[u8], FoundBy> =
            chosen.map(|(text, offset)| (text, (offset, gram_at(text, offset)))).collect();
        let mut sharing = Sharing::beside(table.sweep.grams.clone(), chosen.values().map(|(_, gram)| *gram).collect());
        let each = |literal| {
            let text = sought_everywhere(literal)?;
            Some(chosen.get(text).copied().unwrap_or_else(|| sharing.place(text)))
        };
        let found_by = literals.iter().map(each).collect();
        Self::new(literals, found_by, sharing.into_grams())
    }

    /// `found_by` says by what each literal is found that is looked for everywhere.
    fn new<W>(literals: &[Literal<W>], found_by: Vec<Option<FoundBy>>, grams: Grams) -> Self {
        let found_by = literals
            .iter()
            .zip(found_by)
            .map(|(literal, found_by)| found_by.unwrap_or_else(|| (0, gram_at(literal.text.as_bytes(), 0))));
        let found_by: Vec<FoundBy> = found_by.collect();
        let of = |token: bool| {
            let kind = (0_u32..).zip(literals).zip(&found_by).filter(move |((_, literal), _)| literal.token == token);
            kind.map(|((literal, _), (_, gram))| (literal, *gram)).collect::<Vec<_>>()
        };
        Self {
            offsets: found_by.iter().map(|(offset, _)| *offset).collect(),
            grams: Slots::new(GRAM_BITS, &of(false)),
            tokens: Slots::new(TOKEN_BITS, &of(true)),
            sweep: Sweep { grams },
        }
    }

    /// Whether a literal may be found by four bytes that stand anywhere, and by four at the beginning of a token.
    #[inline]
    fn holds(&self) -> (impl Fn(u32) -> bool, impl Fn(u32) -> bool) {
        (
            self.grams.holds::<{ words(GRAM_BITS) }, GRAM_BITS>(),
            self.tokens.holds::<{ words(TOKEN_BITS) }, TOKEN_BITS>(),
        )
    }
}

fn sought_everywhere<W>(literal: &Literal<W>) -> Option<&[u8]> {
    (!literal.token).then_some(literal.text.as_bytes())
}

/// The gram of a text at an offset: four bytes, of a text of three those.
fn gram_at(text: &[u8], offset: u8) -> Gram {
    let rest = &text[usize::from(offset)..];
    gram(&rest[..rest.len().min(4)])
}

const fn words(bits: u32) -> usize {
    1 << (bits - 6)
}

impl Slots {
    fn new(bits: u32, found_by: &[(u32, Gram)]) -> Self {
        let mut set = vec![0_u64; words(bits)];
        found_by.iter().for_each(|(_, gram)| slots(*gram, bits, |slot| set[(slot >> 6) as usize] |= 1 << (slot & 63)));
        let mut ranks = vec![0_u32; set.len()];
        let mut before = 0_u32;
        for (rank, word) in ranks.iter_mut().zip(&set) {
            *rank = before;
            before += word.count_ones();
        }
        let heads = vec![0; before as usize + 1].into();
        let mut slots = Self { bits: set.into(), ranks: ranks.into(), heads, entries: Cow::default() };
        slots.enter(bits, found_by);
        slots
    }

    /// Sorts the literals into their slots: counts, then places.
    fn enter(&mut self, bits: u32, found_by: &[(u32, Gram)]) {
        let mut ends = vec![0_u32; self.heads.len()];
        found_by.iter().for_each(|(_, gram)| slots(*gram, bits, |slot| ends[self.number(slot)] += 1));
        let mut sum = 0;
        for (head, end) in self.heads.to_mut().iter_mut().zip(&mut ends) {
            *head = sum;
            sum += *end;
            *end = *head;
        }
        let mut entries = vec![0; sum as usize];
        for (literal, gram) in found_by {
            slots(*gram, bits, |slot| {
                let end = &mut ends[self.number(slot)];
                entries[*end as usize] = *literal;
                *end += 1;
            });
        }
        self.entries = entries.into();
    }

    /// The number of a slot whose bit is set.
    fn number(&self, slot: u32) -> usize {
        let (word, bit) = ((slot >> 6) as usize, slot & 63);
        let below = self.bits[word] & ((1 << bit) - 1);
        self.ranks[word] as usize + below.count_ones() as usize
    }

    #[inline]
    fn holds<const WORDS: usize, const BITS: u32>(&self) -> impl Fn(u32) -> bool {
        let bits = self.bits.first_chunk::<WORDS>().expect("as many as slots ask for");
        |four| {
            let slot = slot(four | FOLD, BITS);
            bits[(slot >> 6) as usize % WORDS] >> (slot & 63) & 1 != 0
        }
    }

    /// The literals that may be found by four bytes.
    fn literals(&self, bits: u32, four: u32) -> &[u32] {
        let slot = slot(four | FOLD, bits);
        if self.bits[(slot >> 6) as usize] >> (slot & 63) & 1 == 0 {
            return &[];
        }
        let number = self.number(slot);
        &self.entries[self.heads[number] as usize..self.heads[number + 1] as usize]
    }
}

impl<W: Clone> Probe<W> {
    #[must_use]
    pub fn new(literals: Vec<Literal<W>>) -> Self {
        let table = Table::of(&literals);
        Self { literals: literals.into(), table, automaton: OnceLock::new() }
    }

    /// The probe for other literals, most of which `known` has already.
    #[must_use]
    pub fn beside(literals: Vec<Literal<W>>, known: &Self) -> Self {
        let table = Table::beside(&literals, (&known.literals, &known.table));
        Self { literals: literals.into(), table, automaton: OnceLock::new() }
    }

    /// What `build.rs` writes into the binary.
    #[must_use]
    pub const fn made(literals: &'static [Literal<W>], table: Table) -> Self {
        Self { literals: Cow::Borrowed(literals), table, automaton: OnceLock::new() }
    }

    #[must_use]
    pub const fn table(&self) -> &Table {
        &self.table
    }

    #[must_use]
    pub fn literals(&self) -> &[Literal<W>] {
        &self.literals
    }

    /// Finds the token runs and signs of `text`, and calls `found` with the place of each literal, in the order of the text.
    pub fn find(&self, text: &[u8], found: &mut Found, mut each: impl FnMut(usize, &Literal<W>)) {
        self.table.sweep.run(text, self.table.holds(), found);
        found.places.iter().for_each(|place| self.literals_at(text, *place as usize, &mut each));
    }

    /// What `find` does where there are no vectors: for tests, and for measuring what they are worth.
    pub fn find_plainly(&self, text: &[u8], found: &mut Found, mut each: impl FnMut(usize, &Literal<W>)) {
        Sweep::run_plainly(text, &self.table.holds(), found);
        found.places.iter().for_each(|place| self.literals_at(text, *place as usize, &mut each));
    }

    /// The slow twin of `find`: an automaton over all literals. Same findings, for the property that nothing is lost.
    pub fn find_slowly(&self, text: &[u8], mut found: impl FnMut(usize, &Literal<W>)) {
        for hit in self.automaton.get_or_init(|| automaton(&self.literals)).find_overlapping_iter(text) {
            let literal = &self.literals[hit.pattern().as_usize()];
            if literal.ignore_case || &text[hit.range()] == literal.text.as_bytes() {
                found(hit.start(), literal);
            }
        }
    }

    fn literals_at(&self, text: &[u8], place: usize, found: &mut impl FnMut(usize, &Literal<W>)) {
        let (table, four) = (&self.table, window(text, place));
        let grams = table.grams.literals(GRAM_BITS, four).iter();
        for entry in grams.chain(table.tokens.literals(TOKEN_BITS, four)) {
            let literal = &self.literals[*entry as usize];
            let offset = usize::from(table.offsets[*entry as usize]);
            let Some(start) = place.checked_sub(offset) else { continue };
            let Some(there) = text.get(start..start + literal.text.len()) else { continue };
            let same = if literal.ignore_case {
                there.eq_ignore_ascii_case(literal.text.as_bytes())
            } else {
                there == literal.text.as_bytes()
            };
            if same {
                found(start, literal);
            }
        }
    }
}

/// Where one literal stands in a text: for the rules that look into some files only.
#[must_use]
pub fn places_of<'t>(text: &'t [u8], literal: &'t str, ignore_case: bool) -> Box<dyn Iterator<Item = usize> + 't> {
    let literal = literal.as_bytes();
    let Some(first) = literal.first().filter(|_| ignore_case) else {
        return Box::new(memmem::find_iter(text, literal));
    };
    let there =
        move |at: &usize| text.get(*at..*at + literal.len()).is_some_and(|part| part.eq_ignore_ascii_case(literal));
    Box::new(memchr2_iter(first.to_ascii_lowercase(), first.to_ascii_uppercase(), text).filter(there))
}

#[inline]
const fn slot(folded: u32, bits: u32) -> u32 {
    folded.wrapping_mul(0x9E37_79B1) >> (32 - bits)
}

fn automaton<W>(literals: &[Literal<W>]) -> AhoCorasick {
    let texts = literals.iter().map(|literal| literal.text.as_bytes());
    let automaton = AhoCorasick::builder().ascii_case_insensitive(true).build(texts);
    automaton.expect("a few thousand short literals fit an automaton")
}

/// Calls `each` with the slot of a gram; three bytes have one for each byte that may follow. No two of those are the
/// same: the hash multiplies by an odd number, so that its highest byte differs where the last byte does.
fn slots(gram: Gram, bits: u32, mut each: impl FnMut(u32)) {
    let [a, b, c, last] = gram;
    let four = |last: u8| slot(u32::from_le_bytes([a, b, c, last]) | FOLD, bits);
    if last != 0 {
        each(four(last));
    } else {
        (0..=u8::MAX).filter(|next| next & 0x20 != 0).for_each(|next| each(four(next)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn probe(texts: &[&'static str]) -> Probe<u32> {
        let literal = |(index, text): (usize, &&'static str)| Literal {
            text: (*text).into(),
            ignore_case: text.starts_with('p'),
            token: text.starts_with("gh"),
            wakes: u32::try_from(index).unwrap(),
        };
        Probe::new(texts.iter().enumerate().map(literal).collect())
    }

    fn sorted(find: impl FnOnce(&mut Vec<(usize, u32)>)) -> Vec<(usize, u32)> {
        let mut found = Vec::new();
        find(&mut found);
        found.sort_unstable();
        found
    }

    #[test]
    fn finds_what_the_automaton_finds() {
        let probe = probe(&["ghp_", "pass", "pwd", "-----BEGIN", "AKIA", "passphrase", "://", "eyJ"]);
        let pieces =
            ["ghp_", "PASS", "pwD", "-----BEGIN", "akia", "AKIA", "://", "eyJ", "x", "----", " ", "phrase", "\0"];
        let mut state = 1_u64;
        for round in 0..500 {
            let mut text = Vec::new();
            for _ in 0..round % 23 {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                text.extend_from_slice(pieces[(state >> 33) as usize % pieces.len()].as_bytes());
            }
            let fast = sorted(|found| {
                probe.find(&text, &mut Found::default(), |at, literal| {
                    found.extend((!literal.token).then_some((at, literal.wakes)));
                });
            });
            let slow = sorted(|found| {
                probe.find_slowly(&text, |at, literal| {
                    found.extend((!literal.token).then_some((at, literal.wakes)));
                });
            });
            assert_eq!(fast, slow, "{}", String::from_utf8_lossy(&text));
        }
    }

    #[test]
    fn a_literal_at_the_very_end_is_found() {
        for text in ["pwd", "xpwd", "://", "0123456789pwd", "x AKIA"] {
            let mut found = 0;
            probe(&["pwd", "://", "AKIA"]).find(text.as_bytes(), &mut Found::default(), |_, _| found += 1);
            assert_eq!(found, 1, "{text}");
        }
    }
}
