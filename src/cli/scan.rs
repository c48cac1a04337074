//! `tightlip scan`: files, folders or standard input to a report and an exit code.

use std::path::PathBuf;

use clap::Args;
use clap::builder::PossibleValuesParser;

use super::error::CliError;
use super::setup::Setup;
use super::terminal::{Terminal, note};
use super::{Global, print};
use crate::engine::{self, Options};
use crate::outcome::{Exit, Leniency, Outcome};
use crate::policy::Policy;
use crate::progress;
use crate::report::{self, FORMATS, Format};
use crate::rule::Severity;
use crate::source::{Paths, Source, Stdin};

/// Flags and arguments of `scan`.
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag that can be typed")]
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
    /// How to print what was found
    #[arg(long, value_name = "FORMAT", default_value = FORMATS[0].name, value_parser = formats())]
    format: String,
    /// Report from this score on, from 0 to 100
    #[arg(long, value_name = "SCORE", value_parser = clap::value_parser!(u8).range(..=100))]
    min_score: Option<u8>,
    /// Block on findings of this severity and above
    #[arg(long, value_name = "SEVERITY", value_parser = PossibleValuesParser::new(SEVERITIES.map(Severity::name)))]
    fail_on: Option<String>,
    /// Threads to use; one for each core if not given
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u16).range(1..=512))]
    threads: Option<u16>,
    /// Let files that cannot be read pass: they are reported, and do not fail the run
    #[arg(long)]
    allow_incomplete: bool,
    /// Let findings pass: they are reported, and do not fail the run
    #[arg(long)]
    exit_zero: bool,
    /// Show no progress bar
    #[arg(long)]
    no_progress: bool,
}

const AFTER_HELP: &str = "\
Examples:
  tightlip scan                            all files below this folder
  tightlip scan src config.yml             these two
  git diff | tightlip scan -               what comes in by a pipe
  tightlip scan --format json > found.json for a program
  tightlip scan --fail-on critical         block on the worst alone";

const SEVERITIES: [Severity; 4] = [Severity::Low, Severity::Medium, Severity::High, Severity::Critical];

fn formats() -> PossibleValuesParser {
    let value = |format: &'static Format| clap::builder::PossibleValue::new(format.name).help(format.about);
    PossibleValuesParser::new(FORMATS.iter().map(value))
}

pub fn run(args: &ScanArgs, global: &Global, terminal: &Terminal) -> Result<Exit, CliError> {
    let source = source(args)?;
    let paths = if args.is_stdin() { &[] } else { args.paths.as_slice() };
    let Setup { rules, mut policy, partial } = Setup::new(global, paths)?;
    args.adjust(&mut policy);
    let options = Options { threads: args.threads(), partial, ..Options::default() };
    let bar = progress::on_terminal(!args.no_progress);
    let outcome = engine::scan(source.as_ref(), &rules, &policy, options, bar.as_ref());
    drop(bar);
    refuse_nothing(&outcome, paths)?;
    let format = report::format(&args.format).expect("the parser admits only names of formats");
    print(|out| (format.report)(&terminal.out).write(&outcome, out))?;
    if format.name != FORMATS[0].name {
        tell_gaps(&outcome);
    }
    Ok(outcome.exit(Leniency { incomplete: args.allow_incomplete, findings: args.exit_zero }))
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

/// With a machine format standard output goes to a program: a person must learn of an incomplete run all the same.
fn tell_gaps(outcome: &Outcome) {
    for gap in &outcome.gaps {
        note(&format!("error: {}: {}", report::escape::Escaped(&gap.path), report::escape::Escaped(&gap.why)));
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
    // A name that is typed wrong must not end as a clean scan of nothing.
    let missing = |path: &&PathBuf| path.symlink_metadata().is_err_and(|error| is_missing(&error));
    if let Some(path) = args.paths.iter().find(missing) {
        return Err(CliError::NoSuchPath { path: path.to_string_lossy().into_owned() });
    }
    Ok(Box::new(Paths::new(args.paths.clone(), !args.no_ignore, args.threads())))
}

fn is_missing(error: &std::io::Error) -> bool {
    matches!(error.kind(), std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory)
}

impl ScanArgs {
    fn is_stdin(&self) -> bool {
        self.paths.iter().any(|path| path.as_os_str() == "-")
    }

    fn threads(&self) -> usize {
        self.threads.map_or(0, usize::from)
    }

    /// What was typed counts for more than what the config says.
    fn adjust(&self, policy: &mut Policy) {
        let thresholds = &mut policy.thresholds;
        if let Some(score) = self.min_score {
            thresholds.report = score;
            thresholds.block = thresholds.block.max(score);
        }
        let named = |name: &String| SEVERITIES.into_iter().find(|severity| severity.name() == name);
        if let Some(severity) = self.fail_on.as_ref().and_then(named) {
            thresholds.severity = severity;
        }
    }
}
