//! The checked form of a marker rule: how it is written, where it may stand, and what must or must not stand near.

use std::borrow::Cow;
use std::ops::Deref;
use std::sync::OnceLock;

use super::fold::{Folded, Script};
use super::literal::sought;
use crate::rule::{CompanionSyntax, Issuer, MarkSyntax, Pattern, PatternError, RuleSyntax, Stand, Text, Texts};
use crate::span::Span;

/// The longest line that can be a marker as a whole, and the longest match of any mark.
pub const LONGEST_MARK: usize = 512;

/// All of a marker rule that other rules do not have.
#[derive(Debug)]
pub struct Form {
    pub issuer: Issuer,
    /// In lower case. Each match of a mark that is no value holds one.
    pub literals: Texts,
    pub marks: Marks,
    pub needs: Companions,
    pub unless: Companions,
}

/// Companions that are static for built-in rules.
pub type Companions = Cow<'static, [Companion]>;

/// One way in which a marker is written.
#[derive(Debug)]
pub struct Mark {
    pub shape: Shape,
    /// That of a whole line or value ends with the newline that the reader puts there.
    pub pattern: Pattern,
    pub places: Places,
}

/// What a mark's pattern is held against.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shape {
    Line,
    Phrase,
    Portion,
    /// Of one of these keys, words with blanks between, or of a usual one if there is none.
    Value {
        keys: Texts,
    },
}

/// Where a mark may stand, a bit each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Places(pub u8);

/// Words near a marker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Companion {
    pub words: Texts,
    pub least: u8,
    pub lines: u8,
}

/// The marks of a rule: static for a built-in one.
#[derive(Debug)]
pub enum Marks {
    BuiltIn(&'static [Mark]),
    Own(Vec<Mark>),
}

impl Deref for Marks {
    type Target = [Mark];

    fn deref(&self) -> &[Mark] {
        match self {
            Self::BuiltIn(marks) => marks,
            Self::Own(marks) => marks,
        }
    }
}

/// A marker rule is wrong. Its author can mend it.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum MarkError {
    #[error("`{0}` belongs to markers: give `level` and `marks`, or take it out")]
    NoMarker(&'static str),
    #[error("a rule with `marks` takes no `{0}`: each mark has its own pattern and places")]
    Foreign(&'static str),
    #[error("mark {0} needs exactly one of `line`, `phrase`, `value` and `portion`")]
    Shape(usize),
    #[error("mark {0}: only a `value` has `keys`, and only a `value` may stand `in: [data]`")]
    Places(usize),
    #[error("mark {0}: {1}")]
    Pattern(usize, PatternError),
    #[error("mark {0}: a match may be {1} bytes long, and a marker has at most {LONGEST_MARK}")]
    Long(usize, u32),
    #[error("the key `{0}` has nothing by which it could be found: it needs a word of three bytes or more")]
    Key(String),
    #[error(
        "the literal `{0}` of a marker is to be in lower case, folded, words with a blank between, one of three bytes or more"
    )]
    Literal(String),
    #[error("`needs` and `unless` take one word or more in lower case, `least` no more than there are words")]
    Companion,
    #[error("the id of a marker begins with its scheme: `{0}-…`")]
    Id(String),
}

impl MarkError {
    /// The key of the rule that it speaks of.
    #[must_use]
    pub const fn key(&self) -> &'static str {
        match self {
            Self::NoMarker(key) | Self::Foreign(key) => key,
            Self::Shape(_) | Self::Places(_) | Self::Pattern(..) | Self::Long(..) | Self::Key(_) => "marks",
            Self::Literal(_) => "literals",
            Self::Companion => "needs",
            Self::Id(_) => "id",
        }
    }
}

impl Form {
    /// The form of a rule that has marks; none of another.
    pub fn parse(syntax: &RuleSyntax) -> Result<Option<Self>, MarkError> {
        if syntax.marks.is_empty() {
            return no_marker(syntax).map_or(Ok(None), |key| Err(MarkError::NoMarker(key)));
        }
        if syntax.level.is_none() {
            return Err(MarkError::NoMarker("marks"));
        }
        if let Some(key) = foreign(syntax) {
            return Err(MarkError::Foreign(key));
        }
        if let Some(scheme) = syntax.scheme.as_ref().filter(|scheme| !syntax.id.starts_with(&format!("{scheme}-"))) {
            return Err(MarkError::Id(scheme.clone()));
        }
        let is_literal = |text: &String| sought(text).len() >= 3 && text.trim() == text && is_folded(text);
        if let Some(wrong) = syntax.literals.iter().find(|text| !is_literal(text)) {
            return Err(MarkError::Literal(wrong.clone()));
        }
        let literals: Vec<Text> = syntax.literals.iter().cloned().map(Text::Owned).collect();
        let marks = syntax.marks.iter().enumerate().map(|(at, mark)| Mark::parse(mark, at + 1, &literals));
        let marks = marks.collect::<Result<Vec<_>, _>>()?;
        if let Some(key) = marks.iter().flat_map(Mark::keys).find(|key| stem(key).is_none()) {
            return Err(MarkError::Key(key.to_string()));
        }
        Ok(Some(Self {
            issuer: syntax.issuer.unwrap_or_default(),
            literals: literals.into(),
            marks: Marks::Own(marks),
            needs: companions(&syntax.needs)?,
            unless: companions(&syntax.unless)?,
        }))
    }
}

impl Mark {
    fn parse(syntax: &MarkSyntax, number: usize, literals: &[Text]) -> Result<Self, MarkError> {
        let written = [&syntax.line, &syntax.phrase, &syntax.portion, &syntax.value];
        let mut given = written.into_iter().enumerate().filter_map(|(at, source)| Some((at, source.as_ref()?)));
        let (Some((at, source)), None) = (given.next(), given.next()) else { return Err(MarkError::Shape(number)) };
        let shape = match at {
            0 => Shape::Line,
            1 => Shape::Phrase,
            2 => Shape::Portion,
            _ => Shape::Value { keys: syntax.keys.iter().map(|key| Text::Owned(words(key))).collect() },
        };
        let is_value = matches!(shape, Shape::Value { .. });
        let places = Places::of(&syntax.places, is_value);
        if !is_value && (!syntax.keys.is_empty() || places.has(Stand::Data)) {
            return Err(MarkError::Places(number));
        }
        let wrong = |error| MarkError::Pattern(number, error);
        let whole = matches!(shape, Shape::Line | Shape::Value { .. });
        let source = if whole { format!("(?:{source})\\n") } else { source.clone() };
        // The reader folds case before it compares: the literals fit a pattern in either.
        let around = Pattern::around(&source, syntax.ignore_case, literals);
        let pattern = match shape {
            Shape::Phrase => around,
            Shape::Line | Shape::Portion => around.and_then(|_| Pattern::line(source, syntax.ignore_case)),
            Shape::Value { .. } => Pattern::line(source, syntax.ignore_case),
        };
        let pattern = pattern.map_err(wrong)?;
        if pattern.longest() as usize > LONGEST_MARK + 1 {
            return Err(MarkError::Long(number, pattern.longest()));
        }
        Ok(Self { shape, pattern, places })
    }

    /// Its pattern as its author wrote it.
    #[must_use]
    pub fn written(&self) -> &str {
        let source = self.pattern.source();
        let whole = source.strip_prefix("(?:").and_then(|rest| rest.strip_suffix(")\\n"));
        if matches!(self.shape, Shape::Line | Shape::Value { .. }) { whole.unwrap_or(source) } else { source }
    }

    /// The keys whose values it looks at.
    #[must_use]
    pub fn keys(&self) -> &[Text] {
        match &self.shape {
            Shape::Value { keys } if keys.is_empty() => usual_keys(),
            Shape::Value { keys } => keys,
            Shape::Line | Shape::Phrase | Shape::Portion => &[],
        }
    }
}

impl Places {
    const fn bit(stand: Stand) -> u8 {
        match stand {
            Stand::Header => 1,
            Stand::Text => 2,
            Stand::Data => 4,
        }
    }

    fn of(written: &[Stand], is_value: bool) -> Self {
        match written {
            [] if is_value => Self(7),
            [] => Self(3),
            _ => Self(written.iter().fold(0, |bits, stand| bits | Self::bit(*stand))),
        }
    }

    /// As rules name them.
    #[must_use]
    pub fn names(self) -> Vec<&'static str> {
        let all = [(Stand::Header, "header"), (Stand::Text, "text"), (Stand::Data, "data")];
        all.into_iter().filter(|(stand, _)| self.has(*stand)).map(|(_, name)| name).collect()
    }

    #[must_use]
    pub const fn has(self, stand: Stand) -> bool {
        self.0 & Self::bit(stand) != 0
    }
}

/// A key as it is compared: in lower case, without the signs that its words are joined with.
#[must_use]
pub fn bare(key: &str) -> String {
    key.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// The words of a key, with blanks between.
fn words(key: &str) -> String {
    let key = key.to_lowercase();
    let words: Vec<&str> =
        key.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    words.join(" ")
}

/// Whether `bare` ends in the words of a key, however they are joined.
#[must_use]
pub fn ends_in_key(bare: &str, key: &str) -> bool {
    let mut bare = bare.bytes().rev();
    key.bytes().rev().filter(|byte| *byte != b' ').all(|byte| bare.next() == Some(byte))
}

/// Whether `bare` is a key, however its words are joined.
#[must_use]
pub fn is_key(bare: &str, key: &str) -> bool {
    key.bytes().filter(|byte| *byte != b' ').eq(bare.bytes())
}

/// The keys that speak of how a text is to be handled.
fn usual_keys() -> &'static [Text] {
    static KEYS: OnceLock<Vec<Text>> = OnceLock::new();
    KEYS.get_or_init(|| {
        let lines = include_str!("keys.txt").lines();
        lines.filter(|line| !line.starts_with('#')).map(Text::Borrowed).collect()
    })
}

/// What a key is found by, however its words are joined: a word that many have, or the longest of its own.
#[must_use]
pub fn stem(key: &str) -> Option<&str> {
    const STEMS: [&str; 6] = ["classification", "sensitivity", "confidential", "security", "clearance", "license"];
    let known = STEMS.into_iter().find(|stem| key.contains(stem));
    known.or(Some(sought(key))).filter(|stem| stem.len() >= 3)
}

fn companions(written: &[CompanionSyntax]) -> Result<Companions, MarkError> {
    let companion = |syntax: &CompanionSyntax| {
        let words: Vec<Text> = syntax.words.iter().cloned().map(Text::Owned).collect();
        let fits = (1..=words.len()).contains(&usize::from(syntax.least)) && words.iter().all(|word| is_folded(word));
        let (least, lines) = (syntax.least, syntax.lines);
        fits.then_some(Companion { words: words.into(), least, lines }).ok_or(MarkError::Companion)
    };
    written.iter().map(companion).collect()
}

/// Whether folding leaves a text as it is, in one of its readings.
fn is_folded(text: &str) -> bool {
    let folded = Folded::of(text.as_bytes(), Span::new(0, text.len()), Script::Own).lowered();
    !text.is_empty() && folded.bytes == text.as_bytes()
}

/// What a rule without marks may not have.
fn no_marker(syntax: &RuleSyntax) -> Option<&'static str> {
    let given = [
        ("issuer", syntax.issuer.is_some()),
        ("needs", !syntax.needs.is_empty()),
        ("unless", !syntax.unless.is_empty()),
        ("scheme", syntax.scheme.is_some() && syntax.level.is_none()),
    ];
    given.into_iter().find_map(|(key, is_given)| is_given.then_some(key))
}

/// What a rule with marks may not have.
fn foreign(syntax: &RuleSyntax) -> Option<&'static str> {
    let given = [
        ("severity", syntax.severity.is_some()),
        ("pattern", syntax.pattern.is_some()),
        ("ignore_case", syntax.ignore_case),
        ("block", syntax.block.is_some()),
        ("boundary", syntax.boundary != crate::rule::Boundary::Token),
        ("scanner", syntax.scanner.is_some()),
        ("near", syntax.near.is_some()),
        ("pair", syntax.pair.is_some()),
        ("checks", !syntax.checks.is_empty()),
    ];
    given.into_iter().find_map(|(key, is_given)| is_given.then_some(key))
}
