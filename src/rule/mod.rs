//! Rules as data: the written form, the checked form, and what a rule finds in a text.

mod args;
mod category;
pub mod example;
mod foreign;
mod glob;
mod matched;
mod named;
mod near;
mod packed;
mod pattern;
mod probe;
#[expect(clippy::module_inception, reason = "a rule is what this folder is about")]
mod rule;
mod runs;
mod sweep;
mod syntax;

pub use args::{Args, Text};
pub use category::Category;
pub use foreign::ForeignRegex;
pub use glob::Globs;
pub use matched::Match;
pub use named::{Named, named};
pub use near::{FURTHEST, Near, Word};
pub use pattern::{Alphabet, Exhausted, LONGEST_MATCH, MOST_OF_ALL, Pattern, PatternError, Program};
pub use probe::{Literal, Probe, Slots, Table, places_of};
pub use rule::{Block, CheckUse, Pair, Rule, RuleError, Texts, Wake};
pub use runs::{SHORTEST_RUN, is_token_byte, line_starts, pieces, token_runs};
pub use sweep::{Bank, Found, Grams, Sweep, may_escape, signs};
pub use syntax::{Boundary, CompanionSyntax, Confidence, Issuer, MarkSyntax, RuleSyntax, Scanner, Severity, Stand};

/// What a rule stands for: the only place where secrets and markers differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    Secret {
        severity: Severity,
    },
    /// `scheme` is the family of markings that it belongs to.
    Marker {
        level: Text,
        scheme: Text,
    },
}

impl Kind {
    /// The word in a report's `severity` field.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Secret { severity } => severity.name(),
            Self::Marker { level, .. } => level,
        }
    }
}
