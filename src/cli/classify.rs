//! `tightlip classify`: the tier of each file and folder, and why; or, with `--check`, whether any is above a tier.

use std::path::PathBuf;

use clap::Args;

use super::error::CliError;
use super::scan::existing;
use super::setup::Setup;
use super::terminal::Terminal;
use super::{Form, Global, print};
use crate::engine::{self, Options};
use crate::outcome::Exit;
use crate::progress;
use crate::report::tiers::Tiers;
use crate::source::Paths;

/// Flags and arguments of `classify`.
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub struct ClassifyArgs {
    /// Files and folders to read
    #[arg(value_name = "PATH", default_value = ".")]
    paths: Vec<PathBuf>,
    /// Fail where something is above this tier
    #[arg(long, value_name = "TIER")]
    check: Option<String>,
    /// How to print it
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    format: Form,
    /// Read files that git ignores too
    #[arg(long)]
    no_ignore: bool,
    /// Show no progress bar
    #[arg(long)]
    no_progress: bool,
}

const AFTER_HELP: &str = "\
Files of which nothing but `default_tier` speaks are counted, and listed with `--verbose`.

Examples:
  tightlip classify                    the tiers of all files below this folder
  tightlip classify src --check public whether all of it could be published
  tightlip explain src/main.rs --to git:github.com/acme/app";

pub fn run(args: &ClassifyArgs, global: &Global, terminal: &Terminal) -> Result<Exit, CliError> {
    existing(&args.paths)?;
    let Setup { rules, policy, .. } = Setup::new(global, &args.paths)?;
    let names = &policy.classification.names;
    let check = match &args.check {
        Some(name) => Some(names.find(name).ok_or_else(|| CliError::no_tier(name, names))?),
        None => None,
    };
    let source = Paths::new(args.paths.clone(), !args.no_ignore, 0);
    let bar = progress::on_terminal(!args.no_progress);
    let (outcome, files) = engine::classify(&source, &rules, &policy, Options::default(), bar.as_ref());
    drop(bar);
    let files = files.iter().map(|file| (file.path.as_str(), &file.resolved)).collect();
    let tiers = Tiers { names, files, gaps: &outcome.gaps, check };
    print(|out| match args.format {
        Form::Human => tiers.human(&terminal.out, out),
        Form::Json => tiers.json(out),
    })?;
    let above = tiers.files.iter().any(|(_, resolved)| check.is_some_and(|check| resolved.tier > check));
    Ok(match (outcome.gaps.is_empty(), above) {
        (false, _) => Exit::Failed,
        (true, true) => Exit::Blocked,
        (true, false) => Exit::Clean,
    })
}
