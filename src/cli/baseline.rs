//! `tightlip baseline`: writes down what is known, adds to it, prunes and shows it. Each scans first, as `scan` does.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::SystemTime;

use clap::{Args, Subcommand};

use super::error::CliError;
use super::setup::{Control, Setup};
use super::terminal::{Terminal, note};
use super::verdict::tell_gaps;
use super::{Form, Global, print};
use crate::baseline::{self, Baseline, BaselineError};
use crate::control;
use crate::date::Date;
use crate::engine::{self, Options};
use crate::finding::{Allowed, Decision, Finding};
use crate::outcome::{Exit, Outcome};
use crate::policy::Policy;
use crate::report::baseline::Shown;
use crate::report::escape::Escaped;
use crate::source::Paths;
use crate::{progress, report};

#[derive(Debug, Subcommand)]
#[command(after_help = AFTER_HELP)]
pub enum BaselineCommand {
    /// Write down all that is found now
    Write(WriteArgs),
    /// Add what is new, and keep what is there
    Update(UpdateArgs),
    /// Remove what is no longer found
    Prune(PruneArgs),
    /// List what is known, and where it is now
    Show(ShowArgs),
}

const AFTER_HELP: &str = "\
Examples:
  tightlip baseline write       a start: from now on only new findings fail a run
  tightlip baseline update src  accept what is new below src
  tightlip baseline prune       drop what has been taken out
The file is `.tightlip.baseline` at the root of the repository; commit it.";

#[derive(Debug, Args)]
pub struct Read {
    /// Files and folders to read; the whole repository if not given
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Read files that git ignores too
    #[arg(long)]
    no_ignore: bool,
}

#[derive(Debug, Args)]
pub struct WriteArgs {
    #[command(flatten)]
    read: Read,
    /// Replace a baseline that is there
    #[arg(long)]
    force: bool,
    /// Write also where something could not be read
    #[arg(long)]
    allow_incomplete: bool,
}

#[derive(Debug, Args)]
pub struct UpdateArgs {
    #[command(flatten)]
    read: Read,
    /// Write also where something could not be read
    #[arg(long)]
    allow_incomplete: bool,
}

#[derive(Debug, Args)]
pub struct PruneArgs {
    #[command(flatten)]
    read: Read,
}

#[derive(Debug, Args)]
pub struct ShowArgs {
    #[command(flatten)]
    read: Read,
    /// How to print it
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    format: Form,
}

pub fn run(command: &BaselineCommand, global: &Global, terminal: &Terminal) -> Result<Exit, CliError> {
    if global.no_baseline {
        return Err(CliError::NoBaseline);
    }
    match command {
        BaselineCommand::Write(args) => write(args, global),
        BaselineCommand::Update(args) => update(args, global),
        BaselineCommand::Prune(args) => prune(args, global),
        BaselineCommand::Show(args) => show(args, global, terminal),
    }
}

fn write(args: &WriteArgs, global: &Global) -> Result<Exit, CliError> {
    let control = Control::find(global, &args.read.paths)?;
    let exists = || BaselineError::Exists { path: control.store.path().to_owned() };
    // Known before the scan, and asked once more when it is over.
    if !args.force && control.store.exists() {
        return Err(exists().into());
    }
    let scan = Scan::new(&control, &args.read, first(&control)?, Need::unless(args.allow_incomplete))?;
    let salt = scan.policy.salt().to_owned();
    let found = scan.fresh().count();
    let entries = control.store.change(|now| {
        if now.is_some() && !args.force {
            return Err(exists());
        }
        let mut written = Baseline::new(control.store.name(), &salt);
        scan.add_to(&mut written);
        // A damaged file is no reason not to replace it.
        let older = now.and_then(|text| Baseline::parse(control.store.name(), text).ok());
        older.into_iter().for_each(|older| written.keep_first(older));
        let entries = written.len();
        Ok((written, entries))
    })?;
    let name = control.store.name();
    say(&format!("wrote {}: {} for {}", Escaped(name), entries_of(entries), findings_of(found)))?;
    advise_union(&control);
    Ok(Exit::Clean)
}

/// An empty baseline with the salt to write down: the config's, that of the file to be replaced, or a new one.
fn first(control: &Control) -> Result<Baseline, CliError> {
    let name = control.store.name();
    let configured = control.setup(None, &[])?.policy.salt().to_owned();
    if !configured.is_empty() {
        return Ok(Baseline::new(name, &configured));
    }
    match control.store.read() {
        Ok(Some(old)) if !old.salt().is_empty() => Ok(Baseline::new(name, old.salt())),
        _ => Ok(Baseline::salted(name)?),
    }
}

fn update(args: &UpdateArgs, global: &Global) -> Result<Exit, CliError> {
    let control = Control::find(global, &args.read.paths)?;
    let scan = Scan::new(&control, &args.read, known(&control)?, Need::unless(args.allow_incomplete))?;
    let found = scan.fresh().count();
    let (added, kept) = control.store.change(|now| {
        let mut current = scan.current(&control, now)?;
        let kept = current.len();
        scan.add_to(&mut current);
        let added = current.len() - kept;
        Ok((current, (added, kept)))
    })?;
    let unused = scan.policy.baseline().map_or(0, Baseline::unused);
    let hint = match unused {
        0 => String::new(),
        _ if scan.partial => String::new(),
        _ => format!(", {unused} of them without a finding: `tightlip baseline prune`"),
    };
    say(&format!("added {} for {}, kept {kept}{hint}", entries_of(added), findings_of(found)))?;
    Ok(Exit::Clean)
}

fn prune(args: &PruneArgs, global: &Global) -> Result<Exit, CliError> {
    let control = Control::find(global, &args.read.paths)?;
    let scan = Scan::new(&control, &args.read, known(&control)?, Need::Whole)?;
    let (removed, kept) = control.store.change(|now| {
        let mut current = scan.current(&control, now)?;
        let removed = scan.policy.baseline().map_or(0, |used| current.prune(used));
        let kept = current.len();
        Ok((current, (removed, kept)))
    })?;
    say(&format!("removed {}, kept {kept}", entries_of(removed)))?;
    Ok(Exit::Clean)
}

fn show(args: &ShowArgs, global: &Global, terminal: &Terminal) -> Result<Exit, CliError> {
    let control = Control::find(global, &args.read.paths)?;
    let scan = Scan::new(&control, &args.read, known(&control)?, Need::Nothing)?;
    let mut places: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for finding in &scan.outcome.findings {
        if matches!(finding.decision, Decision::Allow(Allowed::Baseline { .. })) {
            let path = scan.policy.scope.relative(&finding.place.path);
            places.entry(baseline::key(finding, &path)).or_default().push((path, finding.place.start.line));
        }
    }
    let known = scan.policy.baseline().expect("the scan was given one");
    let complete = scan.outcome.gaps.is_empty() && !scan.partial;
    let shown = Shown { name: control.store.name(), baseline: known, places, complete };
    print(|out| match args.format {
        Form::Human => report::baseline::human(&shown, &terminal.out, out),
        Form::Json => report::baseline::json(&shown, out),
    })?;
    Ok(if scan.outcome.gaps.is_empty() { Exit::Clean } else { Exit::Failed })
}

/// The baseline, which must be there.
fn known(control: &Control) -> Result<Baseline, CliError> {
    let missing = || BaselineError::Missing { path: control.store.path().to_owned() };
    Ok(control.store.read()?.ok_or_else(missing)?)
}

/// What must have been read for a command to go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Need {
    Nothing,
    /// All of the paths that were named.
    Named,
    /// All of the tree.
    Whole,
}

impl Need {
    const fn unless(allow_incomplete: bool) -> Self {
        if allow_incomplete { Self::Nothing } else { Self::Named }
    }
}

/// What a scan found that goes by a baseline.
struct Scan {
    policy: Policy,
    outcome: Outcome,
    partial: bool,
    today: Date,
}

impl Scan {
    fn new(control: &Control, read: &Read, baseline: Baseline, need: Need) -> Result<Self, CliError> {
        // From the root itself paths are told relative to it.
        let all = if control.here == control.root { PathBuf::from(".") } else { control.root.clone() };
        let paths = if read.paths.is_empty() { vec![all] } else { read.paths.clone() };
        if let Some(path) = paths.iter().find(|path| path.symlink_metadata().is_err()) {
            return Err(CliError::NoSuchPath { path: path.to_string_lossy().into_owned() });
        }
        let Setup { rules, policy, partial } = control.setup(Some(baseline), &paths)?;
        if partial && need == Need::Whole {
            return Err(CliError::Partial);
        }
        let options = Options { partial, ..Options::default() };
        let bar = progress::on_terminal(true);
        let source = Paths::new(paths, !read.no_ignore, 0);
        let outcome = engine::scan(&source, &rules, &policy, options, bar.as_ref());
        drop(bar);
        tell_gaps(&outcome);
        if !outcome.gaps.is_empty() && need != Need::Nothing {
            return Err(CliError::Incomplete { gaps: outcome.gaps.len() });
        }
        Ok(Self { policy, outcome, partial, today: Date::at(SystemTime::now()) })
    }

    /// The findings that nothing lets pass.
    fn fresh(&self) -> impl Iterator<Item = &Finding> {
        self.outcome.findings.iter().filter(|finding| !matches!(finding.decision, Decision::Allow(_)))
    }

    fn add_to(&self, baseline: &mut Baseline) {
        for finding in self.fresh() {
            baseline.add(finding, &self.policy.scope.relative(&finding.place.path), self.today);
        }
    }

    /// The baseline as it is now that the scan is over: another run may have changed it.
    fn current(&self, control: &Control, now: Option<&str>) -> Result<Baseline, BaselineError> {
        let store = &control.store;
        let text = now.ok_or_else(|| BaselineError::Missing { path: store.path().to_owned() })?;
        let mut current = Baseline::parse(store.name(), text)?;
        if current.salt().is_empty() {
            current = Baseline::new(store.name(), self.policy.salt());
        }
        if current.salt() != self.policy.salt() {
            return Err(BaselineError::Replaced { path: store.path().to_owned() });
        }
        Ok(current)
    }
}

fn entries_of(number: usize) -> String {
    format!("{number} {}", if number == 1 { "entry" } else { "entries" })
}

fn findings_of(number: usize) -> String {
    format!("{number} {}", if number == 1 { "finding" } else { "findings" })
}

fn say(line: &str) -> Result<(), CliError> {
    print(|out| writeln!(out, "{line}"))
}

/// Two branches that add entries side by side conflict for git's usual merge.
fn advise_union(control: &Control) {
    let attributes = control.root.join(".gitattributes");
    let is_told = control::read_text(&attributes).ok().flatten().is_some_and(|text| text.contains(baseline::NAME));
    let is_usual = control.store.path() == control.root.join(baseline::NAME);
    if is_usual && !is_told && control.root.join(".git").exists() {
        note("note: with `.tightlip.baseline merge=union` in `.gitattributes`, merges need no hand");
    }
}
