//! `tightlip message`: a commit message to a report, before git records it.

use std::path::PathBuf;

use clap::Args;

use super::Global;
use super::error::CliError;
use super::input;
use super::setup::Setup;
use super::terminal::Terminal;
use super::verdict::VerdictArgs;
use crate::outcome::Exit;
use crate::source::Parts;

/// Flags and arguments of `message`.
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub struct MessageArgs {
    /// The file that git hands to its commit-msg hook; `-` reads standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    verdict: VerdictArgs,
}

const AFTER_HELP: &str = "\
Examples:
  tightlip message \"$1\"                           in .git/hooks/commit-msg
  git log -1 --format=%B | tightlip message -     the last one";

/// `git commit --verbose` puts the whole diff below the message.
const MOST: u64 = 256 << 20;

pub fn run(args: &MessageArgs, global: &Global, terminal: &Terminal) -> Result<Exit, CliError> {
    let setup = Setup::new(global, &[])?;
    let bytes = input::read(&args.file, MOST)?;
    let name = match args.file.file_name() {
        Some(name) if name != input::STDIN => name.to_string_lossy().into_owned(),
        _ => "COMMIT_EDITMSG".to_owned(),
    };
    args.verdict.run(&Parts::of_message(&name, bytes), setup, terminal, |_| Ok(()))
}
