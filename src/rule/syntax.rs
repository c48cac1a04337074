//! The written form of a rule: what stands in `rules/**/*.yml` and under `rules:` in `.tightlip.yml`.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::category::Category;

/// A rule as its author wrote it. `Rule` is the checked form.
#[derive(Clone, Debug, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RuleSyntax {
    /// Kebab-case, vendor first; reads well after "allow".
    pub id: String,
    /// What it finds, as a noun phrase: "GitHub personal access token".
    pub finds: String,
    /// Who issues it, as they write their name: "Google Cloud".
    pub provider: Option<String>,
    /// What it opens.
    pub category: Option<Category>,
    /// What whoever has it can do, as a sentence.
    pub gives: Option<String>,
    /// How much a live one gives; `level` instead for a marker.
    pub severity: Option<Severity>,
    /// The classification a marker gives.
    pub level: Option<String>,
    /// The family of markings that a marker belongs to: `tlp`. A config switches families off.
    pub scheme: Option<String>,
    /// Whose marking it is.
    pub issuer: Option<Issuer>,
    /// How sure a bare match is, before any check: the score it starts from.
    #[serde(default)]
    pub confidence: Confidence,
    /// At least one of these occurs in every match. Three bytes or more.
    #[serde(default)]
    pub literals: Vec<String>,
    /// Literals and pattern match in either case.
    #[serde(default)]
    pub ignore_case: bool,
    /// A bounded regex without boundaries; the group `secret` is the value, else the whole match is.
    pub pattern: Option<String>,
    /// The match goes on from the pattern's end to this text: for blocks of many lines.
    pub block: Option<BlockSyntax>,
    /// What may stand beside a match.
    #[serde(default)]
    pub boundary: Boundary,
    /// Globs of paths: with literals and a pattern it matches only there; with a pattern alone, that is tried at the
    /// start of each line of such a file; alone, the file itself is the finding.
    #[serde(default)]
    pub files: Vec<String>,
    /// The matches come from a built-in scanner, not from a pattern.
    pub scanner: Option<Scanner>,
    /// Words that must stand close to the match.
    pub near: Option<NearSyntax>,
    /// The rule whose match close by makes this one a pair: both are one finding.
    pub pair: Option<PairSyntax>,
    #[serde(default)]
    pub checks: Vec<CheckSyntax>,
    /// How a marker is written: any of these is a finding. They are looked for in headers, in whole lines of text and in
    /// values of keys, and nowhere else.
    #[serde(default)]
    pub marks: Vec<MarkSyntax>,
    /// Words that must stand on a marker's line or near it, all entries.
    #[serde(default)]
    pub needs: Vec<CompanionSyntax>,
    /// Words that may not.
    #[serde(default)]
    pub unless: Vec<CompanionSyntax>,
    /// What to do when one has leaked, as a sentence.
    pub revoke: Option<String>,
    /// The vendor's page about it.
    pub docs: Option<String>,
    /// Texts in which the rule must find something, and those in which it must not.
    pub hits: Vec<ExampleSyntax>,
    pub misses: Vec<ExampleSyntax>,
}

/// What a live credential gives.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    Low,
    Medium,
    High,
    Critical,
}

impl Severity {
    pub const ALL: [Self; 4] = [Self::Low, Self::Medium, Self::High, Self::Critical];

    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

/// How much a bare match of the pattern says.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// A name, no secret: never reported alone, but it completes the pair of a rule that names this one.
    Identifier,
    Low,
    Medium,
    #[default]
    High,
}

/// The hand-written scanners.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Scanner {
    /// A value beside a name that speaks of a secret.
    Assignment,
    /// A random-looking value with no name.
    Hotspot,
}

/// Which bytes may not touch a match.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Boundary {
    /// No letter or digit directly before, no letter, digit, `_` or `-` directly after (an escape such as `\n` before is none).
    #[default]
    Token,
    /// Anything.
    None,
}

/// Who marks a text.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Issuer {
    /// Its owner, who may publish it: beside a public licence the marking only warns.
    #[default]
    Company,
    /// A state, whose markings no licence takes away.
    State,
}

/// One way in which a marker is written: exactly one of `line`, `phrase`, `value`, `portion`, each a bounded regex over the
/// folded text.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct MarkSyntax {
    /// A whole line.
    pub line: Option<String>,
    /// A part of a comment or paragraph, which may go over several lines.
    pub phrase: Option<String>,
    /// The whole value of one of `keys`.
    pub value: Option<String>,
    /// The beginning of a paragraph; counts where there are two, or a whole-line marker of its scheme.
    pub portion: Option<String>,
    /// The keys whose values are looked at, in place of the usual ones.
    #[serde(default)]
    pub keys: Vec<String>,
    /// Where it may stand, in place of everywhere that its shape allows.
    #[serde(default, rename = "in")]
    pub places: Vec<Stand>,
    #[serde(default)]
    pub ignore_case: bool,
}

/// Where a marker may stand.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Stand {
    /// A comment or docstring at the top of a file, or the comment at its end.
    Header,
    /// A line of a text that is for people.
    Text,
    /// The value of a key in a file of data, or in front matter.
    Data,
}

/// Words near a marker: `least` different ones, at most `lines` before or after its line.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct CompanionSyntax {
    /// In lower case; folded as the text is.
    pub words: Vec<String>,
    #[serde(default = "default_least")]
    pub least: u8,
    #[serde(default = "default_lines")]
    pub lines: u8,
}

const fn default_least() -> u8 {
    1
}

const fn default_lines() -> u8 {
    6
}

#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NearSyntax {
    /// Any one of them, in either case.
    pub words: Vec<String>,
    #[serde(default = "default_before")]
    pub before: u16,
    #[serde(default = "default_after")]
    pub after: u16,
}

const fn default_before() -> u16 {
    160
}

const fn default_after() -> u16 {
    40
}

/// Where a block ends. What stands between the pattern's match and `end` is the secret; a block without an end is
/// followed to the first blank line.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct BlockSyntax {
    pub end: String,
    /// The most bytes to look at.
    pub within: u16,
}

#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PairSyntax {
    pub with: String,
    /// Bytes between the two.
    #[serde(default = "default_within")]
    pub within: u16,
}

const fn default_within() -> u16 {
    400
}

/// A check's name alone, or with parameters: `luhn`, or `crc32: {tail: 6, digits: base62}`.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(untagged, expecting = "a check is a name such as `luhn`, or one with parameters such as `crc32: {tail: 6}`")]
pub enum CheckSyntax {
    Name(String),
    With(BTreeMap<String, BTreeMap<String, Scalar>>),
}

#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(untagged, expecting = "a parameter is a whole number or a word")]
pub enum Scalar {
    Number(i64),
    Word(String),
}

/// A text, or a text in a file of that path. `{cut}` in it is removed before use.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(untagged, deny_unknown_fields, expecting = "an example is a text, or `{path: …, text: …}`")]
pub enum ExampleSyntax {
    Text(String),
    File { path: String, text: String },
}
