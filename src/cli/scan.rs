//! `tightlip scan`: files, folders or standard input to a report and an exit code.

use std::path::PathBuf;

use clap::Args;

use super::Global;
use super::destination;
use super::destination::DestinationArgs;
use super::error::CliError;
use super::setup::Setup;
use super::terminal::Terminal;
use super::verdict::VerdictArgs;
use crate::outcome::{Exit, Outcome};
use crate::policy::tier::Destination;
use crate::source::{Paths, Source, Stdin};

/// Flags and arguments of `scan`.
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub struct ScanArgs {
    /// Files and folders to read; `-` reads standard input
    #[arg(value_name = "PATH", default_value = ".")]
    paths: Vec<PathBuf>,
    /// The name under which standard input is reported, and which rules for paths go by
    #[arg(long, value_name = "NAME")]
    stdin_name: Option<String>,
    /// Read files that git ignores too
    #[arg(long)]
    no_ignore: bool,
    #[command(flatten)]
    destination: DestinationArgs,
    #[command(flatten)]
    verdict: VerdictArgs,
}

const AFTER_HELP: &str = "\
Examples:
  tightlip scan                            all files below this folder
  tightlip scan src config.yml             these two
  git diff | tightlip scan -               what comes in by a pipe
  tightlip scan --format json > found.json for a program
  tightlip scan --format html=found.html   a page for a browser, beside the report for people
  tightlip scan --fail-on critical         block on the worst alone";

pub fn run(args: &ScanArgs, global: &Global, terminal: &Terminal) -> Result<Exit, CliError> {
    let source = source(args)?;
    let paths = if args.is_stdin() { &[] } else { args.paths.as_slice() };
    let mut setup = Setup::new(global, paths)?;
    let usual = if args.is_stdin() { Destination::stdin() } else { destination::here() };
    setup.policy.go_to([args.destination.or(usual)?]);
    args.verdict.run(source.as_ref(), setup, terminal, |outcome| refuse_nothing(outcome, paths))
}

/// Among other paths a symlink or a pipe is skipped; alone it would make a clean scan of nothing.
fn refuse_nothing(outcome: &Outcome, paths: &[PathBuf]) -> Result<(), CliError> {
    let has_folder = paths.iter().any(|path| path.symlink_metadata().is_ok_and(|found| found.is_dir()));
    let covered = outcome.covered.files + outcome.covered.left_out + outcome.gaps.len() as u64;
    match outcome.skipped.first() {
        Some(first) if covered == 0 && !has_folder => {
            Err(CliError::Special { path: first.path.clone(), kind: first.why.name() })
        }
        _ => Ok(()),
    }
}

fn source(args: &ScanArgs) -> Result<Box<dyn Source>, CliError> {
    if args.is_stdin() {
        if args.paths.len() > 1 {
            return Err(CliError::StdinAndPaths);
        }
        let name = args.stdin_name.clone().unwrap_or_else(|| "stdin".to_owned());
        return Ok(Box::new(Stdin::new(name)));
    }
    if args.stdin_name.is_some() {
        return Err(CliError::StdinNameAlone);
    }
    existing(&args.paths)?;
    Ok(Box::new(Paths::new(args.paths.clone(), !args.no_ignore, args.verdict.threads())))
}

/// A name that is typed wrong must not end as a clean scan of nothing.
pub fn existing(paths: &[PathBuf]) -> Result<(), CliError> {
    let missing = |path: &&PathBuf| path.symlink_metadata().is_err_and(|error| is_missing(&error));
    match paths.iter().find(missing) {
        Some(path) => Err(CliError::NoSuchPath { path: path.to_string_lossy().into_owned() }),
        None => Ok(()),
    }
}

fn is_missing(error: &std::io::Error) -> bool {
    matches!(error.kind(), std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory)
}

impl ScanArgs {
    fn is_stdin(&self) -> bool {
        self.paths.iter().any(|path| path.as_os_str() == "-")
    }
}
