//! From the flags to the rules in force and the policy: finds the config and the baseline, checks them, and refuses what
//! makes no sense.

use std::collections::BTreeSet;
use std::env;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::Global;
use super::error::CliError;
use super::terminal::{environment, note};
use crate::baseline::{self, Baseline, BaselineError, Store};
use crate::catalogue::{RuleSet, builtin_rules};
use crate::config::{self, NAME, System, Wanted};
use crate::control;
use crate::date::Date;
use crate::marker::licence_of;
use crate::policy::layer::{Layer, Layers, Rank};
use crate::policy::{Policy, PolicyProblem, Scope};
use crate::report::escape::Escaped;
use crate::rule::example::{self, ExampleError};
use crate::rule::{MOST_OF_ALL, Pattern, Rule, RuleError, RuleSyntax, Wake};
use crate::yaml::{ConfigError, Document, Step};

/// What a run goes by.
#[derive(Debug)]
pub struct Setup {
    pub rules: RuleSet,
    pub policy: Policy,
    /// Not all that the config and the baseline speak of is read.
    pub partial: bool,
}

/// A text that steers a run, and what errors call it.
#[derive(Debug)]
pub struct Named {
    pub name: String,
    pub text: String,
}

impl Setup {
    /// For a run whose paths are relative to the root of the repository, wherever in it the command is given.
    pub fn at_root(global: &Global, paths: &[PathBuf]) -> Result<Self, CliError> {
        let mut setup = Self::new(global, paths)?;
        setup.policy.scope = Scope::default();
        setup.partial = true;
        Ok(setup)
    }

    /// For a run that reads `paths`.
    pub fn new(global: &Global, paths: &[PathBuf]) -> Result<Self, CliError> {
        let found = Control::find(global, paths)?;
        let baseline = found.baseline(global)?;
        found.setup(baseline, paths)
    }
}

/// The files that steer a run: where they are, and the config's text.
#[derive(Debug)]
pub struct Control {
    pub here: PathBuf,
    /// The folder that the config and the baseline speak of.
    pub root: PathBuf,
    pub config: Option<Named>,
    /// What stands above the repository.
    pub above: Layers,
    pub store: Store,
}

impl Control {
    pub fn find(global: &Global, paths: &[PathBuf]) -> Result<Self, CliError> {
        let here = env::current_dir().map_err(|why| CliError::NoFolder { why })?;
        let wanted = Wanted::of(global.no_config, global.config.clone(), environment("TIGHTLIP_CONFIG"));
        let start = start(&wanted, &here, paths)?;
        let root = config::root_of(&start).unwrap_or(&start).to_owned();
        let name = |path: &Path| path.strip_prefix(&here).unwrap_or(path).to_string_lossy().into_owned();
        let config = config::find(&wanted, &start)?.map(|found| {
            for path in &found.passed_over {
                let (path, counts) = (path.to_string_lossy(), found.path.to_string_lossy());
                note(&format!("note: `{}` does not count: the config is `{}`", Escaped(&path), Escaped(&counts)));
            }
            Named { name: name(&found.path), text: found.text }
        });
        let path = global.baseline.clone().unwrap_or_else(|| root.join(baseline::NAME));
        let store = Store::new(path.clone(), &name(&path));
        let above = above(&root)?;
        Ok(Self { here, root, config, above, store })
    }

    /// All layers: those above, and the config.
    pub fn layers(&self) -> Result<Layers, CliError> {
        let own = self.config.as_ref().map(|config| layer(Rank::Repository, config)).transpose()?;
        Ok(self.above.clone().join(own.into_iter().collect()))
    }

    /// The baseline that counts. Like a config, that of somebody else's code does not count with `--no-config`; one that
    /// is named must be there.
    pub fn baseline(&self, global: &Global) -> Result<Option<Baseline>, CliError> {
        if global.no_baseline || (global.no_config && global.baseline.is_none()) {
            return Ok(None);
        }
        let found = self.store.read()?;
        if found.is_none() && global.baseline.is_some() {
            return Err(BaselineError::Missing { path: self.store.path().to_owned() }.into());
        }
        Ok(found)
    }

    pub fn setup(&self, baseline: Option<Baseline>, paths: &[PathBuf]) -> Result<Setup, CliError> {
        let baseline = baseline.map(|baseline| (self.store.name(), baseline));
        let (mut rules, mut policy) = checked(&self.layers()?, baseline, Date::at(SystemTime::now()))?;
        if policy.trust_root_license {
            let text = |name: &str| control::read_up_to(&self.root.join(name), control::MAX_BYTES).ok().flatten();
            publish(&mut rules, text);
        }
        policy.scope = Scope::new(&self.root, &self.here);
        let whole = |path: &PathBuf| path.canonicalize().is_ok_and(|path| self.root.starts_with(path));
        Ok(Setup { rules, policy, partial: !paths.iter().any(whole) })
    }
}

/// The policies that stand above the repository in `root`, whatever is said on the command line.
pub fn above(root: &Path) -> Result<Layers, CliError> {
    let above = config::above(System::usual(), Some(root))?;
    if let Some(path) = &above.idle {
        let path = path.to_string_lossy();
        note(&format!("note: `{}` has no effect: no policy of this machine pins a key for it", Escaped(&path)));
    }
    let ranked = [(Rank::Machine, above.machine), (Rank::Organisation, above.organisation)];
    Ok(ranked.into_iter().filter_map(|(rank, believed)| Layer::above(rank, believed?)).collect())
}

/// A config as a layer of policy.
pub fn layer(rank: Rank, config: &Named) -> Result<Layer, ConfigError> {
    let (raw, document) = config::parse(&config.name, &config.text)?;
    Ok(Layer::of_repository(rank, raw, document))
}

/// Rules and policy from texts alone: wherever they come from, a folder or a commit, they mean the same.
pub fn checked(
    layers: &Layers,
    baseline: Option<(&str, Baseline)>,
    today: Date,
) -> Result<(RuleSet, Policy), CliError> {
    for layer in layers.iter().filter(|layer| layer.rank != Rank::Change) {
        sound(layer)?;
    }
    let mut policy = layers.policy(today)?;
    if let Some((name, baseline)) = baseline {
        policy.set_baseline(name, baseline)?;
    }
    let (rules, changes) = (std::mem::take(&mut policy.rules), std::mem::take(&mut policy.changes));
    // Nothing is built anew where nothing is changed.
    let plain = rules.is_empty() && changes.is_empty();
    let rules = if plain { RuleSet::default() } else { RuleSet::new(rules, &changes) };
    Ok((rules, policy))
}

/// Names of a file at a repository's root under which its licence stands.
const LICENCES: [&str; 11] = [
    "LICENSE",
    "LICENSE.md",
    "LICENSE.txt",
    "LICENCE",
    "LICENCE.md",
    "LICENCE.txt",
    "COPYING",
    "COPYING.txt",
    "UNLICENSE",
    "LICENSE-MIT",
    "LICENSE-APACHE",
];

/// Lets the first public licence at the root speak for each file. One that cannot be read says nothing.
pub fn publish(rules: &mut RuleSet, mut text: impl FnMut(&'static str) -> Option<Vec<u8>>) {
    let licence = LICENCES.into_iter().find_map(|name| licence_of(&text(name)?));
    if let Some(licence) = licence {
        rules.publish(licence);
    }
}

/// Whether the rules of a layer find their examples, and leave room for each other.
pub fn sound(layer: &Layer) -> Result<(), CliError> {
    let Layer { raw, document, .. } = layer;
    let mut room = Room::default();
    let (mut rules, mut wrong) = (Vec::new(), Vec::new());
    for (place, syntax) in raw.rules.iter().enumerate() {
        match Rule::parse(syntax).and_then(|rule| room.take(&rule).map(|()| rule)) {
            Ok(rule) => rules.push(rule),
            Err(error) => wrong.push(refused(document, &[Step::Key("rules"), Step::Item(place)], &error)),
        }
    }
    all_right(wrong)?;
    all_right(wrong_rules(&raw.rules, &rules, document, &[Step::Key("rules")]))
}

/// Memory for own patterns: 64 KiB of config could otherwise ask for half a gigabyte.
#[derive(Debug)]
pub struct Room {
    left: u32,
    told: bool,
}

impl Default for Room {
    fn default() -> Self {
        Self { left: MOST_OF_ALL, told: false }
    }
}

impl Room {
    /// Makes room for one more rule. Refuses once, at the first rule for which there is none.
    pub fn take(&mut self, rule: &Rule) -> Result<(), RuleError> {
        let marks = if let Wake::Marks(form) = &rule.wake { &*form.marks } else { &[] };
        let patterns = rule.pattern().into_iter().chain(marks.iter().map(|mark| &mark.pattern));
        let left = patterns.map(Pattern::size).try_fold(self.left, u32::checked_sub);
        if left.is_none() && !std::mem::replace(&mut self.told, true) {
            return Err(RuleError::Room);
        }
        self.left = left.unwrap_or_default();
        Ok(())
    }
}

fn all_right(errors: Vec<ConfigError>) -> Result<(), CliError> {
    if errors.is_empty() { Ok(()) } else { Err(CliError::Rules(errors)) }
}

/// What is wrong with checked rules that only other rules or their own examples can tell; `list` leads to them.
pub fn wrong_rules(own: &[RuleSyntax], rules: &[Rule], document: &Document, list: &[Step<'_>]) -> Vec<ConfigError> {
    let known = |id: &str| builtin_rules().iter().chain(rules).any(|rule| rule.id == id);
    let mut errors = Vec::new();
    for (place, (syntax, rule)) in own.iter().zip(rules).enumerate() {
        let refuse = |steps: &[Step<'_>], why: String| {
            let path = [list, &[Step::Item(place)], steps].concat();
            document.refuse(&path, PolicyProblem::Rule { why })
        };
        if let Some(pair) = rule.pair.as_ref().filter(|pair| !known(&pair.with)) {
            let why = format!("there is no rule `{}` to make a pair with", crate::yaml::shown(&pair.with));
            errors.push(refuse(&[Step::Key("pair"), Step::Key("with")], why));
        }
        if let Err(error) = example::check(syntax, rule) {
            let (key, number) = match error {
                ExampleError::HitMissed(number) => ("hits", number),
                ExampleError::MissFound(number) => ("misses", number),
            };
            errors.push(refuse(&[Step::Key(key), Step::Item(number.saturating_sub(1))], error.to_string()));
        }
    }
    errors
}

/// An error at the key that it speaks of.
pub fn refused(document: &Document, rule: &[Step<'_>], error: &RuleError) -> ConfigError {
    let key = match error {
        RuleError::Id(_) | RuleError::Twice | RuleError::Kind | RuleError::NoWake => "id",
        RuleError::Literal(_) => "literals",
        RuleError::Pattern(_) | RuleError::Room => "pattern",
        RuleError::Block => "block",
        RuleError::Near => "near",
        RuleError::Marks(error) => error.key(),
        RuleError::Glob(..) => "files",
        RuleError::NoCheck(_) | RuleError::NoParameter { .. } | RuleError::Check { .. } => "checks",
        RuleError::Examples | RuleError::Example(ExampleError::HitMissed(_)) => "hits",
        RuleError::Example(ExampleError::MissFound(_)) => "misses",
    };
    let why = crate::yaml::visible(error.to_string().chars());
    document.refuse(&[rule, &[Step::Key(key)]].concat(), PolicyProblem::Rule { why })
}

/// The folder whose config counts: that of what is read, or the current one where that lies above it.
fn start(wanted: &Wanted, here: &Path, paths: &[PathBuf]) -> Result<PathBuf, CliError> {
    let mut homes: BTreeSet<PathBuf> = BTreeSet::new();
    for path in paths {
        let Ok(full) = path.canonicalize() else { continue };
        let folder = if full.is_dir() { full } else { full.parent().unwrap_or(here).to_owned() };
        let root = config::root_of(&folder).map(Path::to_owned);
        homes.insert(root.unwrap_or_else(|| if folder.starts_with(here) { here.to_owned() } else { folder }));
    }
    let homes: Vec<PathBuf> = homes.into_iter().collect();
    match homes.as_slice() {
        // From below the root, `find` names the configs that do not count.
        [home] if config::root_of(here) == Some(home) => Ok(here.to_owned()),
        [home] => Ok(home.clone()),
        [first, second, ..] if *wanted == Wanted::Found => {
            let names = [NAME, baseline::NAME];
            let has_config = |home: &PathBuf| names.iter().any(|name| home.join(name).symlink_metadata().is_ok());
            if homes.iter().any(has_config) {
                let shown = |home: &Path| home.display().to_string();
                return Err(CliError::ManyConfigs { first: shown(first), second: shown(second) });
            }
            Ok(first.clone())
        }
        _ => Ok(here.to_owned()),
    }
}
