//! Tests of a policy, as people write them: a list of texts and where they go, each with what is to become of it.

use serde::Deserialize;

use super::present;

/// One text, and what is expected.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct RawCase {
    /// What the case is about, for whoever reads that it fails.
    pub name: String,
    /// The path, relative to the repository's root; the file need not exist.
    #[serde(default, deserialize_with = "present")]
    #[cfg_attr(test, schemars(with = "String"))]
    pub path: Option<String>,
    /// What stands in it; nothing if left out.
    #[serde(default, deserialize_with = "present")]
    #[cfg_attr(test, schemars(with = "String"))]
    pub content: Option<String>,
    /// Where it goes, as `--destination` names it; `local` if left out.
    #[serde(default, deserialize_with = "present")]
    #[cfg_attr(test, schemars(with = "String"))]
    pub to: Option<String>,
    /// What the worst finding comes to; `allow` where there is none.
    #[serde(default, deserialize_with = "present")]
    #[cfg_attr(test, schemars(with = "Expected"))]
    pub expect: Option<Expected>,
    /// The tier that the text has.
    #[serde(default, deserialize_with = "present")]
    #[cfg_attr(test, schemars(with = "String"))]
    pub tier: Option<String>,
}

/// What may become of a text, the mildest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum Expected {
    Allow,
    Warn,
    Block,
}

impl Expected {
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Warn => "warn",
            Self::Block => "block",
        }
    }
}
