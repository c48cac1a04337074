//! The policy of a machine or an organisation, as people write it. It stands above the configs of repositories: it demands,
//! and permits exceptions, and gives none itself. Nothing is checked here but the form.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer};

use super::{ChangeSyntax, Changes, RawClassify, RawConfig, RawDestination, RawThresholds, present, word_or};
use crate::rule::RuleSyntax;

/// A policy above repositories as its author wrote it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct RawUpper {
    /// The version of this file's form; only 1 exists.
    #[serde(deserialize_with = "present")]
    #[cfg_attr(test, schemars(with = "u8", range(min = 1, max = 1)))]
    pub version: Option<u8>,
    /// Whose signed policy counts on this machine; in the machine's own policy alone.
    #[serde(deserialize_with = "present")]
    #[cfg_attr(test, schemars(with = "RawOrganisation"))]
    pub organisation: Option<RawOrganisation>,
    /// A number that grows with each policy that is signed; in an organisation's policy alone.
    #[serde(deserialize_with = "present")]
    #[cfg_attr(test, schemars(with = "u32"))]
    pub serial: Option<u32>,
    /// What configs of repositories may let pass. Without it, nothing.
    #[serde(deserialize_with = "present")]
    #[cfg_attr(test, schemars(with = "RawPermit"))]
    pub permit: Option<RawPermit>,
    /// The highest thresholds that a repository can have.
    pub thresholds: RawThresholds,
    /// Rules for every repository, in the form of the built-in ones.
    pub rules: Vec<RuleSyntax>,
    /// Severities that built-in rules have at least.
    pub builtin: BTreeMap<String, Changes>,
    /// How protected a text can be, the least first. All layers name the same ones, or none.
    pub tiers: Vec<String>,
    /// The tier that every text has at least.
    #[serde(deserialize_with = "present")]
    #[cfg_attr(test, schemars(with = "String"))]
    pub default_tier: Option<String>,
    /// What belongs to which tier at least.
    pub classify: Vec<RawClassify>,
    /// Where code goes, and the highest tier that may go there at most.
    pub destinations: BTreeMap<String, RawDestination>,
}

/// An organisation whose policy is signed.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct RawOrganisation {
    /// The public key, as the second line of `minisign.pub` has it.
    pub key: String,
    /// The policy's file, as a whole path; `.tightlip.organisation.yml` at the repository's root if left out.
    #[serde(default, deserialize_with = "present")]
    #[cfg_attr(test, schemars(with = "String"))]
    pub file: Option<String>,
    /// The least `serial` that still counts, so that an older policy cannot come back.
    #[serde(default)]
    pub serial: u32,
}

/// What may be let pass below.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RawPermit {
    /// Written `all`.
    All,
    Some(Permitted),
}

/// Each part that is left out permits nothing.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields, default)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Permitted {
    /// Rules whose findings a config, a baseline or a comment may allow, as ids with `*`.
    pub allow: Vec<String>,
    /// Globs of paths that a config may leave out.
    pub leave_out: Vec<String>,
    /// Rules that a config may switch off or make less severe, as ids with `*`.
    pub off: Vec<String>,
    /// Waivers that a config may give, as ids with `*`.
    pub waivers: Vec<String>,
    /// Whether a config's own rules count: one can take the place of a built-in rule on the same text.
    pub own_rules: bool,
    /// Whether a config may let a public licence at the repository's root speak for each file.
    pub root_license: bool,
    /// Flags on the command line that let pass what else fails a run.
    pub flags: Vec<Flag>,
}

/// A flag that lets a run pass all the same.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum Flag {
    /// `--exit-zero`
    ExitZero,
    /// `--allow-incomplete`
    AllowIncomplete,
}

impl Flag {
    pub const ALL: [Self; 2] = [Self::ExitZero, Self::AllowIncomplete];

    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::ExitZero => "exit-zero",
            Self::AllowIncomplete => "allow-incomplete",
        }
    }
}

impl RawUpper {
    /// Whether it demands or permits anything, or only says whose policy counts.
    #[must_use]
    pub fn is_silent(&self) -> bool {
        let Self { version: _, organisation: _, serial: _, permit, thresholds, rules, builtin, .. } = self;
        let Self { tiers, default_tier, classify, destinations, .. } = self;
        permit.is_none()
            && *thresholds == RawThresholds::default()
            && (rules.is_empty() && builtin.is_empty() && classify.is_empty())
            && (tiers.is_empty() && default_tier.is_none() && destinations.is_empty())
    }

    /// What it has in common with a repository's config.
    #[must_use]
    pub fn config(self) -> RawConfig {
        RawConfig {
            version: self.version,
            thresholds: self.thresholds,
            rules: self.rules,
            builtin: self.builtin.into_iter().map(|(id, set)| (id, ChangeSyntax::Set(set))).collect(),
            tiers: self.tiers,
            default_tier: self.default_tier,
            classify: self.classify,
            destinations: self.destinations,
            ..RawConfig::default()
        }
    }
}

impl<'de> Deserialize<'de> for RawPermit {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        word_or(deserializer, ("all", Self::All), "`all` or `{allow: [...], leave_out: [...], off: [...]}`", Self::Some)
    }
}
