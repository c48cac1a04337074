//! `tightlip policy`: whether a policy is valid, what its layers come to, and tests of what it decides.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use clap::{Args, Subcommand, ValueEnum};

use super::destination::named;
use super::error::CliError;
use super::setup::{Control, Named, Setup, layer, sound};
use super::terminal::Terminal;
use super::{Form, Global, print};
use crate::catalogue::builtin_rules;
use crate::config::{Believed, Expected, FindError, RawCase, RawUpper};
use crate::control;
use crate::date::Date;
use crate::engine::{self, Options};
use crate::finding::{Decision, Finding};
use crate::outcome::Exit;
use crate::policy::Policy;
use crate::policy::layer::{Layer, Layers, Rank, said, unmapped};
use crate::policy::tier::{Destination, EXCEEDED, Evidence};
use crate::progress::Silent;
use crate::report::policy::{self as page, Tested};
use crate::source::{Parts, Paths, Source};
use crate::yaml::{Document, Step};

/// The commands below `policy`.
#[derive(Debug, Subcommand)]
pub enum PolicyCommand {
    /// Check the policy that is in force, or one in a file
    Check(CheckArgs),
    /// Show what each layer says, and what of it counts
    Show(ShowArgs),
    /// Run tests of what the policy decides
    Test(TestArgs),
}

const CHECK_HELP: &str = "\
What makes no sense is an error. What comes to nothing is named: what a layer above does not permit, what another entry
or layer makes pointless, globs that no file fits, days that have passed, markers of a level that is no tier.

Examples:
  tightlip policy check                                       what is in force here
  tightlip policy check --as organisation organisation.yml    before it is signed
  tightlip policy check --strict                              in CI";

#[derive(Debug, Args)]
#[command(after_help = CHECK_HELP)]
pub struct CheckArgs {
    /// A file to check in place of what is in force
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,
    /// Whose policy the file is
    #[arg(long = "as", value_name = "LAYER", default_value = "repository", requires = "file")]
    whose: Whose,
    /// Fail where anything comes to nothing
    #[arg(long)]
    strict: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Whose {
    #[default]
    Repository,
    Organisation,
    Machine,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  tightlip policy show\n  tightlip policy show --format json")]
pub struct ShowArgs {
    /// How to print it
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    format: Form,
}

const TEST_HELP: &str = "\
A file is a list of cases in YAML. Each has a `name`, and of these what it needs: `path`, `content`, `to` (a destination,
`local` if left out), `expect` (`block`, `warn` or `allow`) and `tier`.

  - name: prices stay inside
    path: pricing/table.csv
    to: git:github.com/acme-oss/site
    expect: block
    tier: restricted";

#[derive(Debug, Args)]
#[command(after_help = TEST_HELP)]
pub struct TestArgs {
    /// Files with cases
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
}

pub fn run(command: &PolicyCommand, global: &Global, terminal: &Terminal) -> Result<Exit, CliError> {
    match command {
        PolicyCommand::Check(args) => check(args, global, terminal),
        PolicyCommand::Show(args) => show(args, global, terminal),
        PolicyCommand::Test(args) => test(args, global, terminal),
    }
}

fn show(args: &ShowArgs, global: &Global, terminal: &Terminal) -> Result<Exit, CliError> {
    let (layers, today) = (Control::find(global, &[])?.layers()?, Date::at(SystemTime::now()));
    let all = said(&layers, &layers.policy(today)?, None, today);
    print(|out| match args.format {
        Form::Human => page::human(&all, &terminal.out, out),
        Form::Json => page::json(&all, out),
    })?;
    Ok(Exit::Clean)
}

fn check(args: &CheckArgs, global: &Global, terminal: &Terminal) -> Result<Exit, CliError> {
    let control = Control::find(global, &[])?;
    let today = Date::at(SystemTime::now());
    let layers = match &args.file {
        None => control.layers()?,
        Some(file) => with_file(file, args.whose, &control)?,
    };
    layers.iter().try_for_each(sound)?;
    let policy = layers.policy(today)?;
    let files = (args.whose == Whose::Repository).then(|| files(&control.root));
    let all = said(&layers, &policy, files.as_deref(), today);
    let unmapped = unmapped(&layers, &policy, builtin_rules().iter().chain(&policy.rules));
    let highest = policy.classification.names.name(policy.classification.names.highest()).to_owned();
    let count = layers.iter().count();
    print(|out| page::checked(count, &all, &unmapped, &highest, &terminal.out, out))?;
    let idle = !unmapped.is_empty() || all.iter().any(|said| said.idle.is_some());
    Ok(if idle && args.strict { Exit::Blocked } else { Exit::Clean })
}

/// A file in its layer: a repository's under those above it, one of those alone.
fn with_file(file: &Path, whose: Whose, control: &Control) -> Result<Layers, CliError> {
    let name = file.to_string_lossy().into_owned();
    let text = control::read_text(file).map_err(FindError::Control)?;
    let text = text.ok_or_else(|| CliError::NoSuchPath { path: name.clone() })?;
    let rank = match whose {
        Whose::Repository => {
            let own = layer(Rank::Repository, &Named { name, text })?;
            return Ok(control.above.clone().join(std::iter::once(own).collect()));
        }
        Whose::Organisation => Rank::Organisation,
        Whose::Machine => Rank::Machine,
    };
    let document = Document::new(&name, &text);
    let raw: RawUpper = document.parse()?;
    Ok(Layer::above(rank, Believed { raw, document }).into_iter().collect())
}

/// The files of the repository, as its globs mean them.
fn files(root: &Path) -> Vec<String> {
    let listing = Paths::new(vec![root.to_owned()], true, 0).list();
    let prefix = format!("{}/", root.to_string_lossy().replace(std::path::MAIN_SEPARATOR, "/"));
    let relative = |path: &str| path.strip_prefix(&prefix).unwrap_or(path).to_owned();
    listing.entries.iter().map(|entry| relative(&entry.path)).collect()
}

fn test(args: &TestArgs, global: &Global, terminal: &Terminal) -> Result<Exit, CliError> {
    let mut setup = Setup::at_root(global, &[])?;
    let mut rows = Vec::new();
    for file in &args.files {
        let name = file.to_string_lossy().into_owned();
        let text = control::read_text(file).map_err(FindError::Control)?;
        let text = text.ok_or_else(|| CliError::NoSuchPath { path: name.clone() })?;
        let document = Document::new(&name, &text);
        for (place, case) in document.parse::<Vec<RawCase>>()?.iter().enumerate() {
            let (wrong, because) = tried(case, &mut setup)?;
            let line = document.line(&[Step::Item(place)]);
            rows.push(Tested { file: name.clone(), line, name: case.name.clone(), wrong, because });
        }
    }
    print(|out| page::tested(&rows, &terminal.out, out))?;
    // An empty list would pass as proof.
    let fails = rows.is_empty() || rows.iter().any(|row| !row.wrong.is_empty());
    Ok(if fails { Exit::Blocked } else { Exit::Clean })
}

/// In which ways a case is not as expected, and what was found.
fn tried(case: &RawCase, setup: &mut Setup) -> Result<(Vec<String>, Vec<String>), CliError> {
    let to = case.to.as_deref().map_or_else(|| Ok(Destination::local()), named)?;
    setup.policy.go_to([to]);
    let Setup { rules, policy, .. } = setup;
    let path = case.path.as_deref().unwrap_or("text");
    let text = Parts::of_text(path, case.content.clone().unwrap_or_default().into_bytes());
    let mut outcome =
        engine::scan(&text, rules, policy, Options { partial: true, threads: 1, ..Options::default() }, &Silent);
    if let Some(gap) = outcome.gaps.pop() {
        return Err(gap.into());
    }
    let found = outcome.findings;
    let mut wrong = Vec::new();
    let decided = found.iter().map(decided).max().unwrap_or(Expected::Allow);
    if let Some(expected) = case.expect.filter(|expected| *expected != decided) {
        wrong.push(format!("expected {}, came to {}", expected.name(), decided.name()));
    }
    let tier = tier(path, &found, policy);
    if let Some(expected) = case.tier.as_ref().filter(|expected| **expected != tier) {
        wrong.push(format!("expected tier {expected}, came to {tier}"));
    }
    if case.expect.is_none() && case.tier.is_none() {
        wrong.push("nothing is expected: add `expect:` or `tier:`".to_owned());
    }
    let because = |finding: &Finding| {
        let why = finding.verdict.reasons.iter().find_map(|reason| reason.note.as_deref());
        let why = why.map(|why| format!(": {why}")).unwrap_or_default();
        format!("{} {}{why}", finding.decision.name(), finding.rule)
    };
    Ok((wrong, found.iter().map(because).collect()))
}

const fn decided(finding: &Finding) -> Expected {
    match finding.decision {
        Decision::Block => Expected::Block,
        Decision::Warn => Expected::Warn,
        Decision::Allow(_) => Expected::Allow,
    }
}

fn tier(path: &str, found: &[Finding], policy: &Policy) -> String {
    let mut evidence = Evidence::default();
    found.iter().filter(|finding| finding.rule != EXCEEDED).for_each(|finding| evidence.add(finding, policy));
    policy.classification.names.name(policy.tier_of(path, &evidence).tier).to_owned()
}
