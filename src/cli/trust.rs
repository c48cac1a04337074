//! The trust base: config and baseline as a commit has them that the change under scan cannot alter. What the change does
//! to them has no effect yet, and is told.

use std::env;
use std::time::SystemTime;

use clap::Args;

use super::Global;
use super::error::CliError;
use super::setup::{Named, Setup, above, checked, layer, publish};
use crate::baseline::{self, Baseline};
use crate::catalogue::builtin_rules;
use crate::config::{self, NAME, RawConfig, root_of};
use crate::control::MAX_BYTES;
use crate::date::Date;
use crate::engine::Fingerprinter;
use crate::finding::Finding;
use crate::git::{GitError, Mode, Oid, Store, file_at};
use crate::policy::layer::{Layers, Rank};
use crate::policy::{
    LOOSENED, Reason, Scope, WEAKENED, looser_config, unusable, weakened_by, weaker_baseline, weaker_config,
};
use crate::rule::Kind;
use crate::source::Listing;
use crate::yaml::ConfigError;

/// The flag that names it.
#[derive(Debug, Args)]
pub struct TrustArgs {
    /// Config, baseline and exceptions in comments count only as they stand in this revision
    #[arg(long, value_name = "REV")]
    trust_base: Option<String>,
}

impl TrustArgs {
    /// The commit that was named, or else the one that the command found.
    pub fn base(&self, store: &mut dyn Store, found: Option<Oid>) -> Result<Option<Oid>, GitError> {
        match &self.trust_base {
            Some(revision) => store.resolve(&format!("{revision}^{{commit}}")).map(Some),
            None => Ok(found),
        }
    }
}

/// Where a change leads to, whose own config has no say.
#[derive(Clone, Copy, Debug)]
pub enum Tip {
    Commit(Oid),
    Index,
}

/// Rules and policy as `base` has them; what the tips would weaken goes to the listing. Without a base they are those of
/// the work tree. Files that were named on the command line count as they are: no change under scan has named them.
pub fn setup(
    global: &Global,
    store: &mut dyn Store,
    base: Option<Oid>,
    tips: &[Tip],
    listing: &mut Listing,
) -> Result<Setup, CliError> {
    let is_named = global.config.is_some() || global.no_config || global.baseline.is_some();
    let Some(base) = base.filter(|_| !is_named) else { return Setup::at_root(global, &[]) };
    let short = base.to_string().get(..12).unwrap_or_default().to_owned();
    let base = Tip::Commit(base);
    let named = |name: &str, text: String| Named { name: format!("{name} of {short}"), text };
    let config = text_at(store, base, NAME)?.map(|text| named(NAME, text));
    let known = text_at(store, base, baseline::NAME)?.map(|text| named(baseline::NAME, text));
    let today = Date::at(SystemTime::now());
    let here = env::current_dir().map_err(|why| CliError::NoFolder { why })?;
    let own = config.as_ref().map(|config| layer(Rank::Repository, config)).transpose()?;
    let mut layers = above(root_of(&here).unwrap_or(&here))?.join(own.into_iter().collect());
    for tip in tips {
        if let Some(stricter) = with_tip(store, *tip, &layers, today) {
            layers = stricter;
        }
        listing.findings.extend(weakened(store, *tip, config.as_ref(), known.as_ref())?);
    }
    listing.findings.dedup_by(|one, other| one.fingerprint == other.fingerprint);
    let parsed = known.as_ref().filter(|_| !global.no_baseline);
    let parsed = parsed.map(|known| Baseline::parse(&known.name, &known.text)).transpose()?;
    let name = known.as_ref().map(|known| known.name.clone()).unwrap_or_default();
    let (mut rules, mut policy) = checked(&layers, parsed.map(|parsed| (name.as_str(), parsed)), today)?;
    if policy.trust_root_license {
        publish(&mut rules, |name| text_at(store, base, name).ok().flatten().map(String::into_bytes));
    }
    policy.scope = Scope::default();
    Ok(Setup { rules, policy, partial: true })
}

/// The layers with the tip's config as one more, which can make them stricter alone; none where it cannot be used. A tip
/// without a config says nothing.
fn with_tip(store: &mut dyn Store, tip: Tip, layers: &Layers, today: Date) -> Option<Layers> {
    let text = text_at(store, tip, NAME).ok().flatten()?;
    let change = layer(Rank::Change, &Named { name: format!("{NAME} of the change"), text }).ok()?;
    let joined = layers.clone().join(std::iter::once(change).collect());
    joined.policy(today).is_ok().then_some(joined)
}

/// The text of a file at the root of what git records.
fn text_at(store: &mut dyn Store, tip: Tip, name: &'static str) -> Result<Option<String>, GitError> {
    let found = match tip {
        Tip::Commit(commit) => file_at(store, &commit, name.as_bytes())?,
        Tip::Index => {
            let entries = store.index()?.entries;
            entries.into_iter().find(|entry| entry.path == name.as_bytes()).map(|entry| (entry.mode, entry.id))
        }
    };
    let odd = |what| GitError::ControlFile { path: name.into(), what };
    match found {
        None => Ok(None),
        Some((Mode::File, id)) => {
            let bytes = store.blob(&id)?;
            if bytes.len() as u64 > MAX_BYTES {
                return Err(odd("larger than 1 MiB"));
            }
            String::from_utf8(bytes).map(Some).map_err(|_| odd("not UTF-8 text"))
        }
        Some(_) => Err(odd("not a regular file")),
    }
}

/// What one tip weakens: nothing where it has the same files.
fn weakened(
    store: &mut dyn Store,
    tip: Tip,
    config: Option<&Named>,
    known: Option<&Named>,
) -> Result<Vec<Finding>, CliError> {
    let mut findings = Vec::new();
    // A file that cannot be read lets nothing pass now, and would be an error once it counts.
    let new_config = text_at(store, tip, NAME);
    let old = config.map_or("", |config| config.text.as_str());
    match new_config.map(Option::unwrap_or_default) {
        Ok(new) if new == old => {}
        Ok(new) => {
            findings.extend(finding(WEAKENED, NAME, &new, config_reasons(old, &new)));
            findings.extend(finding(LOOSENED, NAME, &new, tier_reasons(old, &new)));
        }
        Err(GitError::ControlFile { .. }) => findings.extend(finding(WEAKENED, NAME, "", unusable())),
        Err(error) => return Err(error.into()),
    }
    let old = known.map_or("", |known| known.text.as_str());
    match text_at(store, tip, baseline::NAME).map(Option::unwrap_or_default) {
        Ok(new) if new == old => {}
        Ok(new) => findings.extend(finding(WEAKENED, baseline::NAME, &new, baseline_reasons(old, &new))),
        Err(GitError::ControlFile { .. }) => findings.extend(finding(WEAKENED, baseline::NAME, "", unusable())),
        Err(error) => return Err(error.into()),
    }
    Ok(findings)
}

fn raw(text: &str) -> Result<RawConfig, ConfigError> {
    if text.is_empty() { Ok(RawConfig::default()) } else { config::parse(NAME, text).map(|it| it.0) }
}

fn tier_reasons(old: &str, new: &str) -> Vec<Reason> {
    match (raw(old), raw(new)) {
        (Ok(old), Ok(new)) => looser_config(&old, &new),
        // That it cannot be used is told once.
        _ => Vec::new(),
    }
}

fn config_reasons(old: &str, new: &str) -> Vec<Reason> {
    let severity = |id: &str| {
        let rule = builtin_rules().iter().find(|rule| rule.id == id)?;
        match rule.kind {
            Kind::Secret { severity } => Some(severity),
            Kind::Marker { .. } => None,
        }
    };
    match (raw(old), raw(new)) {
        (Ok(old), Ok(new)) => weaker_config(&old, &new, &severity),
        // What is wrong with the old one is told when it is put to use.
        _ => unusable(),
    }
}

fn baseline_reasons(old: &str, new: &str) -> Vec<Reason> {
    match (Baseline::parse(baseline::NAME, old), Baseline::parse(baseline::NAME, new)) {
        (Ok(old), Ok(new)) => weaker_baseline(&old, &new),
        _ => unusable(),
    }
}

fn finding(rule: &'static str, path: &str, text: &str, reasons: Vec<Reason>) -> Option<Finding> {
    (!reasons.is_empty()).then(|| weakened_by(rule, path, reasons, Fingerprinter::new("").of_text(rule, text)))
}
