//! A bounded regex and what can be known of it before it runs: how long a match can be, and where its literal stands.

mod form;
mod program;

use std::sync::OnceLock;

use regex::bytes::{Regex, RegexBuilder};
use regex_syntax::ParserBuilder;
use regex_syntax::hir::Hir;

use super::Text;
use crate::span::Span;
use form::{alphabet, begins_token, lead};

pub use form::Alphabet;
pub use program::{Exhausted, Program};

/// No match of a built-in or a user's pattern is longer: windows of a large file overlap by twice as much.
pub const LONGEST_MATCH: usize = 16 * 1024;

/// No pattern takes more bytes once compiled.
const LARGEST: u32 = 1 << 20;
/// Limits that are tried before: the regex crate tells of a regex only that it is under one.
const SIZES: [u32; 3] = [1 << 14, 1 << 16, 1 << 18];

/// The group of a pattern that holds the secret, where that is not the whole match.
const SECRET: &str = "secret";

/// Steps of a pattern's program before a regex takes over for good: some twenty times as long as most candidates take,
/// and a tenth of what compiling takes.
const STEPS: u32 = 4_000;

/// What all patterns of a config may take together once compiled.
pub const MOST_OF_ALL: u32 = 8 << 20;

/// A checked pattern, compiled when its first candidate comes.
#[derive(Debug)]
pub struct Pattern {
    source: Text,
    ignore_case: bool,
    /// The shortest and the longest match.
    shortest: u32,
    longest: u32,
    /// How far into a match its literal can begin.
    lead: u32,
    /// Each match begins with a letter or digit and at least `SHORTEST_TOKEN` bytes of a token.
    token: bool,
    alphabet: Alphabet,
    program: Program,
    /// The limit that it was compiled under; not known of built-in ones.
    size: u32,
    /// Of a user's pattern, and of a built-in one that was too much for its program.
    regex: OnceLock<Regex>,
}

/// Why a pattern was refused.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum PatternError {
    #[error("{0}")]
    Syntax(String),
    #[error("a match may be {0}, and the longest allowed is {LONGEST_MATCH} bytes")]
    Unbounded(String),
    #[error("it can match without any of its literals")]
    LiteralNotRequired,
    #[error("a rule without literals needs a pattern of one character class with a length, such as `[0-9a-f]{{32}}`")]
    NotARun,
    #[error("it looks round itself (`\\b`, `^` or `$`), which `boundary` is for")]
    Look,
    #[error("it matches the empty text")]
    Empty,
}

impl Pattern {
    /// What `build.rs` writes into the binary after `parse` has checked it.
    #[must_use]
    pub const fn checked(
        source: &'static str,
        ignore_case: bool,
        [shortest, longest, lead]: [u32; 3],
        token: bool,
        alphabet: Alphabet,
        program: Program,
    ) -> Self {
        Self {
            source: Text::Borrowed(source),
            ignore_case,
            shortest,
            longest,
            lead,
            token,
            alphabet,
            program,
            size: 0,
            regex: OnceLock::new(),
        }
    }

    /// Checks a pattern that must hold one of `literals` in each match.
    pub fn parse(source: String, ignore_case: bool, literals: &[Text]) -> Result<Self, PatternError> {
        let hir = checked_hir(&source, ignore_case)?;
        let lead = lead(&hir, literals, ignore_case).ok_or(PatternError::LiteralNotRequired)?;
        Self::compiled(source, ignore_case, &hir, lead)
    }

    /// Checks a pattern that holds one of `literals`, which are found in either case though the pattern may not match so.
    pub fn around(source: &str, ignore_case: bool, literals: &[Text]) -> Result<Self, PatternError> {
        let either = checked_hir(source, true)?;
        let lead = lead(&either, literals, true).ok_or(PatternError::LiteralNotRequired)?;
        Self::compiled(source.to_owned(), ignore_case, &checked_hir(source, ignore_case)?, lead)
    }

    /// Checks a pattern that is one character class with a length.
    pub fn run(source: String, ignore_case: bool) -> Result<(Self, Alphabet), PatternError> {
        let hir = checked_hir(&source, ignore_case)?;
        let alphabet = alphabet(&hir).ok_or(PatternError::NotARun)?;
        Ok((Self::compiled(source, ignore_case, &hir, 0)?, alphabet))
    }

    /// Checks a pattern that is tried at the start of each line.
    pub fn line(source: String, ignore_case: bool) -> Result<Self, PatternError> {
        let hir = checked_hir(&source, ignore_case)?;
        Self::compiled(source, ignore_case, &hir, 0)
    }

    fn compiled(source: String, ignore_case: bool, hir: &Hir, lead: usize) -> Result<Self, PatternError> {
        let narrow = |number: usize| u32::try_from(number).expect("at most LONGEST_MATCH");
        let longest = hir.properties().maximum_len().unwrap_or(LONGEST_MATCH);
        let leading = u32::try_from(lead).expect("at most LONGEST_MATCH");
        let under = |size| compile(&source, ignore_case, leading, size).map(|regex| (regex, size));
        let small = SIZES.into_iter().find_map(|size| under(size).ok());
        let compiled = small.map_or_else(|| under(LARGEST), Ok);
        let (regex, size) = compiled.map_err(|error| PatternError::Syntax(error.to_string()))?;
        let shortest = hir.properties().minimum_len().unwrap_or_default();
        let (source, shortest, longest, lead) = (source.into(), narrow(shortest), narrow(longest), narrow(lead));
        let token = lead == 0 && begins_token(hir);
        let alphabet = Alphabet::of(hir);
        let program = Program::of(hir);
        let regex = OnceLock::from(regex);
        Ok(Self { source, ignore_case, shortest, longest, lead, token, alphabet, program, size, regex })
    }

    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }

    #[must_use]
    pub const fn shortest(&self) -> u32 {
        self.shortest
    }

    #[must_use]
    pub const fn longest(&self) -> u32 {
        self.longest
    }

    #[must_use]
    pub const fn lead(&self) -> u32 {
        self.lead
    }

    /// Bytes that it takes once compiled, at most; a regex takes about three times as much, with all that belongs to it.
    #[must_use]
    pub const fn size(&self) -> u32 {
        self.size
    }

    #[must_use]
    pub const fn begins_token(&self) -> bool {
        self.token
    }

    /// The bytes that its matches consist of.
    #[must_use]
    pub const fn alphabet(&self) -> Alphabet {
        self.alphabet
    }

    /// What it is in the binary.
    #[must_use]
    pub const fn program(&self) -> &Program {
        &self.program
    }

    #[must_use]
    pub const fn ignores_case(&self) -> bool {
        self.ignore_case
    }

    /// The match that holds the byte at `at`, as whole and secret span. Looks at a bounded part of `text` only:
    /// the regex crate is linear in a search but not in a search from every candidate.
    #[must_use]
    pub fn find(&self, text: &[u8], at: usize) -> Option<(Span, Span)> {
        if !self.has_room(text, at) {
            return None;
        }
        if self.regex.get().is_none()
            && let Ok(found) = self.find_by_program(text, at)
        {
            return found;
        }
        self.find_slowly(text, at)
    }

    /// The same by the pattern's program.
    pub fn find_by_program(&self, text: &[u8], at: usize) -> Result<Option<(Span, Span)>, Exhausted> {
        let window = &text[..text.len().min(at.saturating_add(self.longest as usize))];
        let mut steps = STEPS;
        for from in at.saturating_sub(self.lead as usize)..=at {
            let found = self.program.run(window, from, &mut steps)?;
            if found.is_some_and(|(whole, _)| whole.end > at) {
                return Ok(found);
            }
        }
        Ok(None)
    }

    /// The same by a regex, which is compiled first.
    #[must_use]
    pub fn find_slowly(&self, text: &[u8], at: usize) -> Option<(Span, Span)> {
        let regex = self.regex.get_or_init(|| {
            compile(&self.source, self.ignore_case, self.lead, LARGEST)
                .expect("the pattern compiled when its rule was checked")
        });
        if self.lead == 0 {
            return find_here(regex, text, at, self.longest as usize);
        }
        let mut from = at.saturating_sub(self.lead as usize);
        let end = text.len().min(at.saturating_add(self.longest as usize));
        let window = text.get(..end)?;
        while from <= at {
            let found = regex.captures_at(window, from)?;
            let whole = found.get(0)?;
            if whole.start() > at {
                return None;
            }
            if whole.end() > at {
                let secret = found.name(SECRET).unwrap_or(whole);
                return Some((whole.range().into(), secret.range().into()));
            }
            from = whole.start() + 1;
        }
        None
    }

    /// What `find` finds with the pattern of a run, for which no regex is needed.
    #[must_use]
    pub fn find_run(&self, text: &[u8], at: usize) -> Option<(Span, Span)> {
        let here = text.get(at..)?;
        let len = here.iter().take(self.longest as usize).take_while(|byte| self.alphabet.has(**byte)).count();
        let whole = Span::new(at, at + len);
        (len >= self.shortest as usize).then_some((whole, whole))
    }

    /// Whether there is room for the shortest match: enough bytes round `at` that may stand in one. Few places of a
    /// literal pass.
    fn has_room(&self, text: &[u8], at: usize) -> bool {
        let shortest = self.shortest as usize;
        let fits = |byte: &&u8| self.alphabet.has(**byte);
        let before = text.get(at.saturating_sub(self.lead as usize)..at).unwrap_or_default();
        let behind = before.iter().rev().take(shortest).take_while(fits).count();
        let ahead = text.get(at..).unwrap_or_default().iter().take(shortest).take_while(fits).count();
        behind + ahead >= shortest
    }
}

/// Parses a pattern and checks what all kinds of it must keep.
fn checked_hir(source: &str, ignore_case: bool) -> Result<Hir, PatternError> {
    let mut parser = ParserBuilder::new().unicode(false).utf8(false).case_insensitive(ignore_case).build();
    let hir = parser.parse(source).map_err(|error| PatternError::Syntax(error.to_string()))?;
    let properties = hir.properties();
    if !properties.look_set().is_empty() {
        return Err(PatternError::Look);
    }
    let longest = properties.maximum_len().ok_or_else(|| PatternError::Unbounded("of any length".into()))?;
    if longest > LONGEST_MATCH {
        return Err(PatternError::Unbounded(format!("{longest} bytes long")));
    }
    if longest == 0 || properties.minimum_len() == Some(0) {
        return Err(PatternError::Empty);
    }
    Ok(hir)
}

/// The match that begins at `at`.
fn find_here(regex: &Regex, text: &[u8], at: usize, longest: usize) -> Option<(Span, Span)> {
    let here = text.get(at..text.len().min(at.saturating_add(longest)))?;
    let found = regex.captures(here)?;
    let whole = found.get(0)?;
    let secret = found.name(SECRET).unwrap_or(whole);
    Some((Span::from(whole.range()).shifted(at), Span::from(secret.range()).shifted(at)))
}

/// A pattern that begins with its literal is tried at that place only: a search would go on behind it, to no end.
fn compile(source: &str, ignore_case: bool, lead: u32, size: u32) -> Result<Regex, regex::Error> {
    let anchored = format!("\\A(?:{source})");
    RegexBuilder::new(if lead == 0 { &anchored } else { source })
        .unicode(false)
        .case_insensitive(ignore_case)
        .size_limit(size as usize)
        .build()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lead_of(source: &str, literals: &[&'static str]) -> Result<u32, PatternError> {
        let literals: Vec<Text> = literals.iter().map(|literal| Text::Borrowed(*literal)).collect();
        let pattern = if literals.is_empty() {
            Pattern::run(source.to_owned(), false).map(|(pattern, _)| pattern)
        } else {
            Pattern::parse(source.to_owned(), false, &literals)
        };
        pattern.map(|pattern| pattern.lead())
    }

    #[test]
    fn a_literal_is_required_where_each_way_through_holds_it() {
        let rows: &[(&str, &[&'static str], Result<u32, PatternError>)] = &[
            ("ghp_[A-Za-z0-9]{36}", &["ghp_"], Ok(0)),
            ("gh[pousr]_[A-Za-z0-9]{36}", &["ghp_", "gho_", "ghu_", "ghs_", "ghr_"], Ok(0)),
            ("gh[pousr]_[A-Za-z0-9]{36}", &["ghp_", "gho_"], Err(PatternError::LiteralNotRequired)),
            ("(?<secret>[0-9a-f]{32})-us[0-9]{1,2}", &["-us"], Ok(32)),
            ("(?:AKIA|ASIA)[A-Z2-7]{16}", &["AKIA", "ASIA"], Ok(0)),
            ("(?:abcd[0-9]{9}|[0-9]{5}efgh)x", &["abcd", "efgh"], Ok(5)),
            ("(?:key_)?[0-9]{9}", &["key_"], Err(PatternError::LiteralNotRequired)),
            ("[0-9a-f]{32}", &[], Ok(0)),
            ("x[0-9a-f]{32}", &[], Err(PatternError::NotARun)),
            ("abc(?:de|fg)hi[0-9]{3}", &["dehi", "fghi"], Ok(3)),
            ("lin_(?:api_[0-9]{40}|oauth_[0-9a-f]{64})", &["lin_api_", "lin_oauth_"], Ok(0)),
            ("lin_(?:api_[0-9]{40}|oauth_[0-9a-f]{64})", &["lin_api_"], Err(PatternError::LiteralNotRequired)),
        ];
        for (source, literals, expected) in rows {
            assert_eq!(&lead_of(source, literals), expected, "{source}");
        }
    }

    #[test]
    fn a_token_begins_with_its_literal() {
        let rows: &[(&str, &str, bool)] = &[
            ("ghp_[A-Za-z0-9]{36}", "ghp_", true),
            ("ghp_[A-Za-z0-9]{11}", "ghp_", false),
            ("SG[.][A-Za-z0-9_-]{22}[.][A-Za-z0-9_-]{43}", "SG.", true),
            ("-----BEGIN PRIVATE KEY-----", "-----BEGIN", false),
            ("[0-9a-f]{32}-us1", "-us1", false),
            ("sk_(?:live|prod)_[0-9a-zA-Z]{24}", "sk_", true),
            ("key [0-9a-zA-Z]{24}", "key", false),
            ("(?:abcd|-abcd)[0-9a-zA-Z]{24}", "abcd", false),
        ];
        for (source, literal, expected) in rows {
            let pattern = Pattern::parse((*source).to_owned(), false, &[(*literal).into()]).unwrap();
            assert_eq!(pattern.begins_token(), *expected, "{source}");
        }
    }

    #[test]
    fn a_pattern_is_bounded_and_does_not_look_round() {
        assert!(matches!(lead_of("abcd.*", &["abcd"]), Err(PatternError::Unbounded(_))));
        assert!(matches!(lead_of("abcd[a-z]{1,20000}", &["abcd"]), Err(PatternError::Unbounded(_))));
        assert_eq!(lead_of(r"\babcd", &["abcd"]), Err(PatternError::Look));
    }

    #[test]
    fn the_match_that_holds_the_candidate_is_found() {
        let pattern = Pattern::parse("(?<secret>[0-9a-f]{4})-us[0-9]".into(), false, &["-us".into()]).unwrap();
        let text = b"beef-us1 cafe-us2";
        assert_eq!(pattern.find(text, 13), Some((Span::new(9, 17), Span::new(9, 13))));
        assert_eq!(pattern.find(b"zzzz-us1", 4), None);
    }

    #[test]
    fn what_has_no_room_is_no_match_and_runs_need_no_regex() {
        let run = Pattern::run("(?<secret>[0-9a-f]{16,18})".into(), true).expect("a run").0;
        let literals: [Text; 1] = ["-us".into()];
        let sources = ["(?<secret>[0-9a-f]{4,6})-us[0-9]", "-us[0-9]{2,3}", "(?:[a-c]{0,3}-us(?:x|[0-9]{3}))"];
        let patterns = sources.map(|source| Pattern::parse(source.into(), false, &literals).expect("a pattern"));
        let (mut state, mut matches) = (9_u64, 0);
        for _ in 0..20_000 {
            let mut text = Vec::new();
            for _ in 0..30 {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                text.extend_from_slice(
                    ["-us", "ab", "F", "7", "0", "x", "cafe", "12"][(state >> 33) as usize % 8].as_bytes(),
                );
            }
            for at in memchr::memmem::find_iter(&text, "-us") {
                for pattern in &patterns {
                    let regex = pattern.regex.get().expect("compiled when parsed");
                    let expected = match pattern.lead {
                        0 => find_here(regex, &text, at, LONGEST_MATCH).is_some(),
                        _ => regex.find_iter(&text).any(|found| found.range().contains(&at)),
                    };
                    assert!(pattern.find(&text, at).is_some() || !expected, "{}", text.escape_ascii());
                    matches += usize::from(expected);
                }
                assert_eq!(
                    run.find_run(&text, at + 3),
                    find_here(run.regex.get().expect("compiled"), &text, at + 3, 18)
                );
            }
        }
        assert!(matches > 10_000, "{matches}");
    }
}
