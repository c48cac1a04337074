//! `tightlip report`: saved reports in other formats, and several as one. Each ends as the run would that it tells of.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use super::error::CliError;
use super::input;
use super::output::OutputArgs;
use super::terminal::Terminal;
use super::verdict::LeniencyArgs;
use crate::outcome::{Exit, Outcome};
use crate::report::saved;

#[derive(Debug, Subcommand)]
#[command(after_help = AFTER_HELP)]
pub enum ReportCommand {
    /// Write a saved report in other formats
    Convert(ConvertArgs),
    /// Make one report of several
    Merge(MergeArgs),
}

const AFTER_HELP: &str = "\
Examples:
  tightlip report convert found.json --format html=found.html
  tightlip report merge shard-*.json --format sarif=all.sarif
What is read was written by `--format json` or `--format jsonl`. The exit code is that of the run it tells of.";

#[derive(Debug, Args)]
pub struct ConvertArgs {
    /// A report in JSON or JSONL; `-` reads standard input
    file: PathBuf,
    #[command(flatten)]
    told: Told,
}

#[derive(Debug, Args)]
pub struct MergeArgs {
    /// Reports in JSON or JSONL
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    #[command(flatten)]
    told: Told,
}

#[derive(Debug, Args)]
struct Told {
    #[command(flatten)]
    output: OutputArgs,
    #[command(flatten)]
    leniency: LeniencyArgs,
}

pub fn run(command: &ReportCommand, terminal: &Terminal) -> Result<Exit, CliError> {
    match command {
        ReportCommand::Convert(ConvertArgs { file, told }) => told.tell(terminal, || read(file)),
        ReportCommand::Merge(MergeArgs { files, told }) => told.tell(terminal, || {
            let parts = files.iter().map(|file| read(file)).collect::<Result<Vec<_>, _>>()?;
            Ok(saved::merge(parts))
        }),
    }
}

/// The outcome that a saved report tells of.
pub fn read(path: &Path) -> Result<Outcome, CliError> {
    let bytes = input::read(path, saved::MOST)?;
    let name = if path.as_os_str() == input::STDIN { "stdin".into() } else { path.to_string_lossy() };
    Ok(saved::read(&name, &bytes)?)
}

impl Told {
    fn tell(&self, terminal: &Terminal, outcome: impl FnOnce() -> Result<Outcome, CliError>) -> Result<Exit, CliError> {
        self.output.check()?;
        let outcome = outcome()?;
        let exit = outcome.exit(self.leniency.leniency());
        self.output.write(&outcome, exit, terminal)?;
        Ok(exit)
    }
}
