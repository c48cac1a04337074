//! `tightlip diff`: a unified diff to a report on what it adds. No repository is needed.

use std::path::PathBuf;

use clap::Args;

use super::Global;
use super::destination::DestinationArgs;
use super::error::CliError;
use super::input;
use super::setup::Setup;
use super::terminal::Terminal;
use super::verdict::VerdictArgs;
use crate::outcome::Exit;
use crate::source::Parts;

/// Flags and arguments of `diff`.
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub struct DiffArgs {
    /// The diff; `-` reads standard input
    #[arg(value_name = "FILE", default_value = input::STDIN)]
    file: PathBuf,
    #[command(flatten)]
    destination: DestinationArgs,
    #[command(flatten)]
    verdict: VerdictArgs,
}

const AFTER_HELP: &str = "\
Examples:
  git diff main... | tightlip diff   what a branch adds
  tightlip diff 0001-change.patch    a mail of `git format-patch`, with its message
  diff -ruN old new | tightlip diff  two folders";

/// The whole diff is held in memory.
const MOST: u64 = 1 << 30;

pub fn run(args: &DiffArgs, global: &Global, terminal: &Terminal) -> Result<Exit, CliError> {
    let mut setup = Setup::new(global, &[])?;
    // Git names files from the root of the repository, wherever it runs.
    setup.policy.scope = setup.policy.scope.at_its_folder();
    args.destination.apply(&mut setup.policy)?;
    let bytes = input::read(&args.file, MOST)?;
    let name = match args.file.to_string_lossy() {
        name if name == input::STDIN => "stdin".to_owned(),
        name => name.into_owned(),
    };
    let source = Parts::of_diff(&name, bytes).map_err(|_| CliError::NotADiff { name })?;
    args.verdict.run(&source, setup, terminal, |_| Ok(()))
}
