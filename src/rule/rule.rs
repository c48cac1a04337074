//! A checked rule, and what it finds in a text.

use std::borrow::Cow;

use memchr::memmem;

use super::category::Category;
use super::glob::Globs;
use super::near::{FURTHEST, FURTHEST_OF_LITERAL, Near, SHORTEST_WORD, Word};
use super::packed::piece_of_packed;
use super::pattern::{Alphabet, LONGEST_MATCH, MOST_OF_ALL, Pattern, PatternError};
use super::syntax::{Boundary, CheckSyntax, Confidence, PairSyntax, RuleSyntax, Scalar, Scanner};
use super::{Args, Kind, Match, Text};
use crate::judge;
use crate::marker::{Form, MarkError};
use crate::span::Span;

/// Strings that are static for built-in rules.
pub type Texts = Cow<'static, [Text]>;

/// A rule that has passed every check of its form.
#[derive(Debug)]
pub struct Rule {
    pub id: Text,
    pub finds: Text,
    pub gives: Option<Text>,
    pub provider: Option<Text>,
    pub category: Option<Category>,
    pub kind: Kind,
    pub confidence: Confidence,
    pub wake: Wake,
    pub boundary: Boundary,
    pub files: Globs,
    pub block: Option<Block>,
    pub near: Option<Near>,
    pub pair: Option<Pair>,
    pub checks: Cow<'static, [CheckUse]>,
    pub revoke: Option<Text>,
    pub docs: Option<Text>,
}

/// What makes the engine look at a rule.
#[derive(Debug)]
pub enum Wake {
    /// One of these stands in the text.
    Literals { literals: Texts, pattern: Pattern },
    /// A token run, with one of the words of `near` close by.
    Run { pattern: Pattern, alphabet: Alphabet },
    /// Each line of a file whose path fits.
    Lines(Pattern),
    /// The path alone.
    Path,
    /// A hand-written scanner gives the matches.
    Scanner(Scanner),
    /// The reader of markers gives the matches.
    Marks(Form),
}

/// How a match goes on past its pattern: to `end`, or to a blank line, or so far at most.
#[derive(Clone, Debug)]
pub struct Block {
    pub end: Text,
    pub within: u16,
}

/// The rule whose match close by belongs to the same credential.
#[derive(Clone, Debug)]
pub struct Pair {
    pub with: Text,
    pub within: u16,
}

/// A check by name with its parameters.
#[derive(Clone, Debug)]
pub struct CheckUse {
    pub name: Text,
    pub args: Args,
}

/// A rule is wrong. Its author can mend it.
#[derive(Debug, thiserror::Error)]
pub enum RuleError {
    #[error("the id `{0}` is not kebab-case: lower-case letters and digits, joined by `-`")]
    Id(String),
    #[error("`severity` (for a secret) or `level` (for a marker) is missing, or both are given")]
    Kind,
    #[error(
        "nothing wakes it: give `literals` with `pattern`, `near` with `pattern`, `files`, or `scanner`; or `marks` for a marker"
    )]
    NoWake,
    #[error("the literal `{0}` is shorter than three bytes or longer than 64")]
    Literal(String),
    #[error("the pattern is wrong: {0}")]
    Pattern(#[from] PatternError),
    #[error(
        "`near` needs `words` of {SHORTEST_WORD} bytes and more, and looks at most {FURTHEST} bytes far, {FURTHEST_OF_LITERAL} where the rule has literals"
    )]
    Near,
    #[error("a block needs an `end`, `within` at most {LONGEST_MATCH} bytes")]
    Block,
    #[error("the glob `{0}` is wrong: {1}")]
    Glob(String, String),
    #[error("there is no check `{0}`")]
    NoCheck(String),
    #[error("the check `{check}` takes no parameter `{parameter}`")]
    NoParameter { check: String, parameter: String },
    #[error("the check `{check}`: {why}")]
    Check { check: String, why: String },
    #[error("it needs at least two `hits` and two `misses`")]
    Examples,
    #[error("{0}")]
    Marks(#[from] MarkError),
    #[error("{0}")]
    Example(#[from] super::example::ExampleError),
    #[error("another rule has the same id")]
    Twice,
    #[error("own patterns take more than {} MiB once compiled: shorten repetitions such as `{{4000}}`, or use fewer", MOST_OF_ALL >> 20)]
    Room,
}

impl Rule {
    /// Checks the form. Examples are checked by `example::check`, which needs the other rules of a pair.
    pub fn parse(syntax: &RuleSyntax) -> Result<Self, RuleError> {
        if !is_kebab(&syntax.id) {
            return Err(RuleError::Id(syntax.id.clone()));
        }
        if syntax.hits.len() < 2 || syntax.misses.len() < 2 {
            return Err(RuleError::Examples);
        }
        Self::made(syntax)
    }

    /// The same for a rule that the program itself writes, without examples.
    pub fn made(syntax: &RuleSyntax) -> Result<Self, RuleError> {
        Ok(Self {
            id: syntax.id.clone().into(),
            finds: syntax.finds.clone().into(),
            gives: syntax.gives.clone().map(Text::Owned),
            provider: syntax.provider.clone().map(Text::Owned),
            category: syntax.category,
            kind: kind(syntax)?,
            confidence: syntax.confidence,
            wake: wake(syntax)?,
            boundary: syntax.boundary,
            files: Globs::parse(&syntax.files).map_err(|(glob, why)| RuleError::Glob(glob, why))?,
            block: block(syntax)?,
            near: near(syntax)?,
            pair: syntax.pair.as_ref().map(Pair::from),
            checks: syntax.checks.iter().map(check_use).collect::<Result<Vec<_>, _>>()?.into(),
            revoke: syntax.revoke.clone().map(Text::Owned),
            docs: syntax.docs.clone().map(Text::Owned),
        })
    }

    /// What the rule finds at a place that woke it: the pattern matches, its boundaries hold, and a word is near.
    #[must_use]
    pub fn matches<'b>(&self, text: &'b [u8], at: usize) -> Option<Match<'b>> {
        let (whole, secret) = match (&self.wake, &self.block) {
            (Wake::Run { pattern, .. }, _) => {
                pattern.find_run(text, at).filter(|(whole, _)| !piece_of_packed(text, *whole))?
            }
            (_, Some(block)) => {
                let (head, _) = self.pattern()?.find(text, at)?;
                let body = block.body(text, head.end);
                (Span::new(head.start, body.end), body)
            }
            _ => self.free_match(text, at)?,
        };
        let found = Match::new(text, whole, secret);
        (self.bounded(text, whole) && self.near.as_ref().is_none_or(|near| near.holds(text, whole))).then_some(found)
    }

    /// What a rule for token runs finds at a run that it admits, if words that it waits for are known to be near.
    #[must_use]
    pub fn matches_run<'b>(&self, text: &'b [u8], at: usize) -> Option<Match<'b>> {
        let (whole, secret) = self.pattern()?.find_run(text, at)?;
        (self.bounded(text, whole) && !piece_of_packed(text, whole)).then_some(Match::new(text, whole, secret))
    }

    #[must_use]
    pub fn pattern(&self) -> Option<&Pattern> {
        match &self.wake {
            Wake::Literals { pattern, .. } | Wake::Run { pattern, .. } | Wake::Lines(pattern) => Some(pattern),
            Wake::Path | Wake::Scanner(_) | Wake::Marks(_) => None,
        }
    }

    /// Whether a piece of a token run has the length and the alphabet that the rule's pattern asks for.
    #[must_use]
    pub fn admits(&self, piece: &[u8]) -> bool {
        let Wake::Run { pattern, alphabet } = &self.wake else { return false };
        let len = piece.len();
        pattern.shortest() as usize <= len
            && len <= pattern.longest() as usize
            && piece.iter().all(|byte| alphabet.has(*byte))
    }

    /// Whether each match begins with a literal and is a token that the sweep is sure to notice.
    #[must_use]
    pub fn begins_token(&self) -> bool {
        self.boundary == Boundary::Token && self.pattern().is_some_and(Pattern::begins_token)
    }

    #[must_use]
    pub fn literals(&self) -> &[Text] {
        match &self.wake {
            Wake::Literals { literals, .. } => literals,
            _ => &[],
        }
    }

    /// What the pattern matches and nothing touches. One whose last class holds `.` or `=` may take the beginning of the
    /// next word along, as in `<token>.txt`: it is tried again on what ends before that word.
    fn free_match(&self, text: &[u8], at: usize) -> Option<(Span, Span)> {
        let mut end = text.len();
        for _ in 0..TRIES {
            let (whole, secret) = self.pattern()?.find(text.get(..end)?, at)?;
            if self.bounded(text, whole) {
                return Some((whole, secret));
            }
            let sign = whole.of(text).iter().rposition(|byte| !is_word(*byte))?;
            end = whole.start + sign;
        }
        None
    }

    fn bounded(&self, text: &[u8], whole: Span) -> bool {
        if self.boundary == Boundary::None {
            return true;
        }
        let first = text.get(whole.start).copied().unwrap_or_default();
        let last = whole.end.checked_sub(1).and_then(|last| text.get(last)).copied().unwrap_or_default();
        let free_before = !first.is_ascii_alphanumeric() || starts_token(text, whole.start);
        let next = text.get(whole.end).copied().unwrap_or_default();
        free_before && !(is_word(last) && is_word(next))
    }
}

/// The scheme of a marker that names none.
const OWN_SCHEME: &str = "own";

/// How often a match that is not free is tried again, each time shorter by a word.
const TRIES: usize = 4;

/// What may not follow a token.
const fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-'
}

/// Whether a token can begin at `at`: after no letter or digit, or after an escape that ends in one (`\n`, `%3D`, `\u003d`).
fn starts_token(text: &[u8], at: usize) -> bool {
    let before = text.get(at.saturating_sub(6)..at).unwrap_or_default();
    let hex = |bytes: &[u8]| bytes.iter().all(u8::is_ascii_hexdigit);
    match before {
        [] => true,
        [.., last] if !last.is_ascii_alphanumeric() => true,
        [.., b'\\', b'n' | b't' | b'r' | b'f' | b'b'] => true,
        [.., b'%', tens, ones] | [.., b'\\', b'x', tens, ones] if hex(&[*tens, *ones]) => true,
        [b'\\', b'u', digits @ ..] if hex(digits) => true,
        _ => false,
    }
}

impl Block {
    /// From `start` to the end of the block.
    fn body(&self, text: &[u8], start: usize) -> Span {
        let most = start.saturating_add(self.within.into()).min(text.len());
        let rest = text.get(start..most).unwrap_or_default();
        let end = memmem::find(rest, self.end.as_bytes());
        let blank = || memmem::find(rest, b"\n\n").into_iter().chain(memmem::find(rest, b"\n\r\n")).min();
        Span::new(start, start + end.or_else(blank).unwrap_or(rest.len()))
    }
}

impl From<&PairSyntax> for Pair {
    fn from(syntax: &PairSyntax) -> Self {
        Self { with: syntax.with.clone().into(), within: syntax.within }
    }
}

fn kind(syntax: &RuleSyntax) -> Result<Kind, RuleError> {
    match (syntax.severity, &syntax.level) {
        (Some(severity), None) => Ok(Kind::Secret { severity }),
        (None, Some(level)) => {
            let scheme = syntax.scheme.clone().map_or(Text::Borrowed(OWN_SCHEME), Text::Owned);
            Ok(Kind::Marker { level: level.clone().into(), scheme })
        }
        _ => Err(RuleError::Kind),
    }
}

fn wake(syntax: &RuleSyntax) -> Result<Wake, RuleError> {
    if let Some(form) = Form::parse(syntax)? {
        return Ok(Wake::Marks(form));
    }
    if let Some(short) = syntax.literals.iter().find(|literal| !(3..=64).contains(&literal.len())) {
        return Err(RuleError::Literal(short.clone()));
    }
    let literals = texts(&syntax.literals);
    match (&syntax.pattern, syntax.scanner) {
        (None, Some(scanner)) if literals.is_empty() => Ok(Wake::Scanner(scanner)),
        (None, None) if literals.is_empty() && !syntax.files.is_empty() => Ok(Wake::Path),
        (Some(source), None) if !literals.is_empty() => {
            let pattern = Pattern::parse(source.clone(), syntax.ignore_case, &literals)?;
            Ok(Wake::Literals { literals, pattern })
        }
        (Some(source), None) if syntax.near.is_some() => {
            let (pattern, alphabet) = Pattern::run(source.clone(), syntax.ignore_case)?;
            Ok(Wake::Run { pattern, alphabet })
        }
        (Some(source), None) if !syntax.files.is_empty() => {
            Ok(Wake::Lines(Pattern::line(source.clone(), syntax.ignore_case)?))
        }
        _ => Err(RuleError::NoWake),
    }
}

fn block(syntax: &RuleSyntax) -> Result<Option<Block>, RuleError> {
    let Some(block) = &syntax.block else { return Ok(None) };
    if block.end.is_empty() || usize::from(block.within) > LONGEST_MATCH {
        return Err(RuleError::Block);
    }
    Ok(Some(Block { end: block.end.clone().into(), within: block.within }))
}

fn near(syntax: &RuleSyntax) -> Result<Option<Near>, RuleError> {
    let Some(near) = &syntax.near else { return Ok(None) };
    let short = |word: &String| Word::of(word).text.len() < SHORTEST_WORD;
    let furthest = if syntax.literals.is_empty() { FURTHEST } else { FURTHEST_OF_LITERAL };
    if near.words.is_empty() || near.words.iter().any(short) || near.before.max(near.after) > furthest {
        return Err(RuleError::Near);
    }
    Ok(Some(Near { words: texts(&near.words), before: near.before, after: near.after }))
}

fn check_use(syntax: &CheckSyntax) -> Result<CheckUse, RuleError> {
    let (name, args) = match syntax {
        CheckSyntax::Name(name) => (name.clone(), Args::default()),
        CheckSyntax::With(map) => {
            let [(name, args)] = map.iter().collect::<Vec<_>>()[..] else {
                return Err(RuleError::NoCheck(map.keys().cloned().collect::<Vec<_>>().join(", ")));
            };
            let args = args.iter().map(|(key, value)| (key.clone().into(), value.to_string().into())).collect();
            (name.clone(), Args(Cow::Owned(args)))
        }
    };
    let Some(check) = judge::check(&name) else { return Err(RuleError::NoCheck(name)) };
    if let Some(parameter) = args.names().find(|parameter| !check.parameters().contains(parameter)) {
        return Err(RuleError::NoParameter { parameter: parameter.to_owned(), check: name });
    }
    match check.refuse(&args) {
        Some(why) => Err(RuleError::Check { check: name, why }),
        None => Ok(CheckUse { name: name.into(), args }),
    }
}

impl std::fmt::Display for Scalar {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Number(number) => number.fmt(out),
            Self::Word(word) => word.fmt(out),
        }
    }
}

fn texts(strings: &[String]) -> Texts {
    strings.iter().map(|text| Text::Owned(text.clone())).collect()
}

fn is_kebab(id: &str) -> bool {
    id.len() <= 64
        && id
            .split('-')
            .all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()))
}
