//! The part of the config that speaks of classified code, as people write it: tiers, what belongs to which, and where each
//! may go. Nothing is checked here but the form.

use serde::Deserialize;

use super::present;

/// What puts a text into a tier, or keeps it from a higher one. All that an entry names must be true of a text.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct RawClassify {
    /// A glob of paths, relative to this file's folder.
    #[serde(default, deserialize_with = "present")]
    #[cfg_attr(test, schemars(with = "String"))]
    pub path: Option<String>,
    /// A scheme of markers, as `tlp`, or the id of a marker's rule; `*` stands for any letters.
    #[serde(default, deserialize_with = "present")]
    #[cfg_attr(test, schemars(with = "String"))]
    pub marker: Option<String>,
    /// The id of a rule that finds something in the text.
    #[serde(default, deserialize_with = "present")]
    #[cfg_attr(test, schemars(with = "String"))]
    pub rule: Option<String>,
    /// With `rule`: how often it finds something; once, where this is left out.
    #[serde(default, deserialize_with = "present")]
    #[cfg_attr(test, schemars(with = "u16", range(min = 1)))]
    pub min_count: Option<u16>,
    /// The tier of such a text, where nothing else asks for a higher one.
    #[serde(default, deserialize_with = "present")]
    #[cfg_attr(test, schemars(with = "String"))]
    pub tier: Option<String>,
    /// In place of `tier`: the highest tier that a path, or a marker, gives such a text.
    #[serde(default, deserialize_with = "present")]
    #[cfg_attr(test, schemars(with = "String"))]
    pub cap: Option<String>,
    /// Why; a `cap` must have one.
    #[serde(default, deserialize_with = "present")]
    #[cfg_attr(test, schemars(with = "String"))]
    pub reason: Option<String>,
}

/// What a destination may receive.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct RawDestination {
    /// The highest tier that may go there.
    pub max: String,
}

/// One file that counts for less than its marker or its path says, for a while, and on two people's word.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct RawWaiver {
    /// A name to speak of it by, as `W-17`.
    pub id: String,
    /// The file: one path, no glob.
    pub path: String,
    /// The id of the marker's rule, or `tier-exceeded` for what the path alone says.
    #[serde(default, deserialize_with = "present")]
    #[cfg_attr(test, schemars(with = "String"))]
    pub rule: Option<String>,
    /// In place of `rule`: the fingerprint of one finding, as reports print it.
    #[serde(default, deserialize_with = "present")]
    #[cfg_attr(test, schemars(with = "String", regex(pattern = "^[0-9a-f]{24}$")))]
    pub fingerprint: Option<String>,
    /// The tier that it counts as.
    pub tier: String,
    /// Why that is right.
    pub reason: String,
    /// Who answers for the file.
    pub by: String,
    /// Who has agreed: somebody else.
    pub approved_by: String,
    /// The last day on which it counts, as `2027-01-31`.
    #[cfg_attr(test, schemars(extend("format" = "date")))]
    pub expires: String,
}
