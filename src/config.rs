//! The config as people write it, `.tightlip.yml`, and where it is looked for. What it means is the policy's affair:
//! here nothing is checked but its form.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};

use miette::Diagnostic;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Error as _, MapAccess, Unexpected, Visitor};
use serde::{Deserialize, Deserializer};
use thiserror::Error;

use crate::control::{self, ControlError};
use crate::rule::{RuleSyntax, Severity};
use crate::yaml::{ConfigError, Document};

mod above;
mod cases;
mod classified;
mod upper;

pub use above::{Above, AboveError, Believed, ORGANISATION, SIGNATURE, System, UpperProblem, above};
pub use cases::{Expected, RawCase};
pub use classified::{RawClassify, RawDestination, RawWaiver};
pub use upper::{Flag, Permitted, RawOrganisation, RawPermit, RawUpper};

/// The config's file name.
pub const NAME: &str = ".tightlip.yml";

/// `.tightlip.yml` as its author wrote it; `Policy` is the checked form.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct RawConfig {
    /// The version of this file's form; only 1 exists.
    #[serde(deserialize_with = "present")]
    #[cfg_attr(test, schemars(with = "u8", range(min = 1, max = 1)))]
    pub version: Option<u8>,
    /// 16 random bytes or more as hexadecimal digits; `tightlip init` writes them. They key this repository's fingerprints.
    #[serde(deserialize_with = "present")]
    #[cfg_attr(test, schemars(with = "String", regex(pattern = "^([0-9a-fA-F]{2}){16,64}$")))]
    pub salt: Option<String>,
    /// From which score on something is reported, and from which it blocks.
    pub thresholds: RawThresholds,
    /// Own rules, in the form of the built-in ones.
    pub rules: Vec<RuleSyntax>,
    /// Changes to built-in rules, by their id.
    pub builtin: BTreeMap<String, ChangeSyntax>,
    /// What is known of markings here.
    pub markers: RawMarkers,
    /// Globs of paths that are not read. Each report counts what they leave out.
    pub leave_out: Vec<String>,
    /// Other tools whose comments let a finding pass, as `gitleaks`. A comment of theirs covers every rule on its line.
    pub inline_compat: Vec<String>,
    /// Findings that are known and accepted.
    pub allow: Vec<RawAllow>,
    /// How protected a text can be, the least first; `public`, `internal`, `confidential` and `restricted` if left out.
    pub tiers: Vec<String>,
    /// The tier of a text of which nothing says more; the lowest if left out.
    #[serde(deserialize_with = "present")]
    #[cfg_attr(test, schemars(with = "String"))]
    pub default_tier: Option<String>,
    /// What belongs to which tier. Of all that fits, the highest counts.
    pub classify: Vec<RawClassify>,
    /// Where code goes, as `git:github.com/acme/*`, `ci:*`, `stdin` or `local`, and the highest tier that may go there.
    pub destinations: BTreeMap<String, RawDestination>,
    /// Files that count for less than they say, until a day.
    pub waivers: Vec<RawWaiver>,
}

/// Scores from 0 to 100 at which a finding is reported and at which it blocks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct RawThresholds {
    /// Below this score nothing is reported.
    #[serde(deserialize_with = "present")]
    #[cfg_attr(test, schemars(with = "u8", range(min = 0, max = 100)))]
    pub report: Option<u8>,
    /// From this score on a finding blocks.
    #[serde(deserialize_with = "present")]
    #[cfg_attr(test, schemars(with = "u8", range(min = 0, max = 100)))]
    pub block: Option<u8>,
    /// What is less severe is reported and never blocks.
    #[serde(deserialize_with = "present")]
    #[cfg_attr(test, schemars(with = "Severity"))]
    pub severity: Option<Severity>,
}

/// Schemes of markings that mean nothing here, and names that may not leave.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct RawMarkers {
    /// Schemes whose rules are switched off.
    pub off: Vec<String>,
    /// Domains whose hosts are internal.
    pub internal_domains: Vec<String>,
    /// Beginnings of the names of internal packages, as `@acme/` or `com.acme.internal`.
    pub internal_packages: Vec<String>,
    /// Internal repositories, as `git.acme.corp/core`.
    pub internal_repositories: Vec<String>,
    /// Whether a public licence at the repository's root speaks for each file: companies' markings then warn only.
    pub trust_root_license: bool,
}

/// One exception. All that it names must be true of a finding.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct RawAllow {
    /// The id of the rule.
    pub rule: String,
    /// A glob of paths, relative to this file's folder.
    #[serde(default, deserialize_with = "present")]
    #[cfg_attr(test, schemars(with = "String"))]
    pub path: Option<String>,
    /// The fingerprint of one value, as reports print it.
    #[serde(default, deserialize_with = "present")]
    #[cfg_attr(test, schemars(with = "String", regex(pattern = "^[0-9a-f]{24}$")))]
    pub value: Option<String>,
    /// Why this is no leak, for whoever reads it next year.
    pub reason: String,
    /// The last day on which it counts, as `2027-01-31`.
    #[serde(default, deserialize_with = "present")]
    #[cfg_attr(test, schemars(with = "String", extend("format" = "date")))]
    pub until: Option<String>,
}

/// What becomes of a built-in rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeSyntax {
    /// Written `off`.
    Off,
    Set(Changes),
}

/// The parts of a built-in rule that can be set.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Changes {
    pub severity: Severity,
}

/// A key that may be left out, and may not be there without a value: an empty `path:` would widen its entry.
fn present<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

impl<'de> Deserialize<'de> for ChangeSyntax {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        word_or(deserializer, ("off", Self::Off), "`off` or `{severity: low}`", Self::Set)
    }
}

/// Reads what is one word, which says something, or a mapping. `form` is what an error says it should be.
fn word_or<'de, D: Deserializer<'de>, M: Deserialize<'de>, T>(
    deserializer: D,
    word: (&'static str, T),
    form: &'static str,
    map: fn(M) -> T,
) -> Result<T, D::Error> {
    struct Written<M, T> {
        word: (&'static str, T),
        form: &'static str,
        map: fn(M) -> T,
    }

    impl<'de, M: Deserialize<'de>, T> Visitor<'de> for Written<M, T> {
        type Value = T;

        fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
            out.write_str(self.form)
        }

        fn visit_str<E: serde::de::Error>(self, word: &str) -> Result<T, E> {
            if word == self.word.0 { Ok(self.word.1) } else { Err(E::invalid_value(Unexpected::Str(word), &self)) }
        }

        fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
            M::deserialize(MapAccessDeserializer::new(map)).map(self.map).map_err(A::Error::custom)
        }
    }

    deserializer.deserialize_any(Written { word, form, map })
}

/// Reads a config; the document serves to show where a later check found something wrong.
///
/// # Errors
/// The text is not of the config's form.
pub fn parse(name: &str, text: &str) -> Result<(RawConfig, Document), ConfigError> {
    let document = Document::new(name, text);
    Ok((document.parse()?, document))
}

/// Which config a run was asked to use.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Wanted {
    /// The one that belongs to the folder.
    #[default]
    Found,
    /// This one, and it must be there.
    File(PathBuf),
    /// None.
    Nothing,
}

impl Wanted {
    /// `--no-config` wins over `--config`, and that over the variable `TIGHTLIP_CONFIG`, which counts if not empty.
    #[must_use]
    pub fn of(no_config: bool, config: Option<PathBuf>, variable: Option<OsString>) -> Self {
        match config.or_else(|| variable.filter(|value| !value.is_empty()).map(PathBuf::from)) {
            _ if no_config => Self::Nothing,
            Some(file) => Self::File(file),
            None => Self::Found,
        }
    }
}

/// A config that was found, not yet read as YAML.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    pub path: PathBuf,
    pub text: String,
    /// The folder that its globs are relative to.
    pub folder: PathBuf,
    /// Configs between the folder and the repository's root: they do not count.
    pub passed_over: Vec<PathBuf>,
}

/// There may be a config, and it cannot be used; the run must not go on without it.
#[derive(Debug, Error, Diagnostic)]
pub enum FindError {
    #[error(transparent)]
    #[diagnostic(transparent)]
    Control(#[from] ControlError),
    #[error("there is no config `{}`", path.display())]
    #[diagnostic(code(tightlip::config::missing), help("name a file that exists, or use `--no-config`"))]
    Missing { path: PathBuf },
    #[error("`{}` is not the config's name", path.display())]
    #[diagnostic(code(tightlip::config::misnamed), help("rename it to `{NAME}`"))]
    Misnamed { path: PathBuf },
}

/// Finds the config for `start`, a folder: inside a repository the one at its root, and there alone, so that a folder of
/// somebody else's code cannot bring rules for itself, and `scan sub/` and `staged` agree; outside, the one in `start`.
///
/// # Errors
/// The file that was asked for is missing, or one is there and is no plain, readable file of the right name.
pub fn find(wanted: &Wanted, start: &Path) -> Result<Option<Found>, FindError> {
    match wanted {
        Wanted::Nothing => Ok(None),
        Wanted::File(path) => {
            let text = control::read_text(path)?.ok_or_else(|| FindError::Missing { path: path.clone() })?;
            // Its globs speak of the tree under scan, wherever the file itself lies.
            let folder = root_of(start).unwrap_or(start).to_owned();
            Ok(Some(Found { path: path.clone(), text, folder, passed_over: Vec::new() }))
        }
        Wanted::Found => {
            let root = root_of(start).unwrap_or(start);
            let misnamed = root.join(".tightlip.yaml");
            if misnamed.symlink_metadata().is_ok() {
                return Err(FindError::Misnamed { path: misnamed });
            }
            let path = root.join(NAME);
            let Some(text) = control::read_text(&path)? else { return Ok(None) };
            let between = start.ancestors().take_while(|folder| *folder != root).map(|folder| folder.join(NAME));
            let passed_over = between.filter(|path| path.symlink_metadata().is_ok()).collect();
            Ok(Some(Found { path, text, folder: root.to_owned(), passed_over }))
        }
    }
}

/// The nearest folder above that holds `.git`, as a folder or as the file of a linked work tree.
#[must_use]
pub fn root_of(start: &Path) -> Option<&Path> {
    start.ancestors().find(|folder| folder.join(".git").symlink_metadata().is_ok())
}

#[cfg(test)]
mod tests;
