//! The command line: what was typed, and which part of the engine that means. The only place that knows the argument
//! parser and the environment's variables; it judges nothing.

mod audit;
mod baseline;
mod cached;
mod ci;
mod classify;
mod commits;
mod compare;
mod destination;
mod diff;
mod doctor;
mod error;
mod everywhere;
mod explain;
mod generate;
mod init;
mod input;
mod install;
mod message;
mod migrate;
mod output;
mod policy;
mod pre_commit;
mod push;
mod repository;
mod rules;
mod saved;
mod scan;
mod setup;
mod staged;
mod terminal;
mod trust;
mod verdict;

use std::ffi::OsString;
use std::io::{self, Write};
use std::path::PathBuf;

use clap::error::ErrorKind;
use clap::{Args, CommandFactory as _, Parser, Subcommand, ValueEnum};

use crate::catalogue::RuleSet;
use crate::outcome::Exit;
use crate::report;
use error::CliError;
use terminal::Terminal;

/// Finds secrets in files before they leak, and says so with an exit code.
#[derive(Debug, Parser)]
#[command(name = "tightlip", version, max_term_width = 100, arg_required_else_help = true, after_help = AFTER_HELP)]
struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

const AFTER_HELP: &str = "\
Examples:
  tightlip scan                    all files below this folder
  tightlip staged                  what the next commit would add
  tightlip commits main..          what this branch adds
  tightlip explain src/main.rs:12  why that line is a finding, or is none
  tightlip init                    write a config to start from
  tightlip install                 put it into git's hooks; `doctor` proves that they fire

Exit codes:
  0  everything was read, and nothing blocks
  1  everything was read, and findings block
  2  usage or config is wrong, or something could not be read";

/// Flags that every command knows.
#[derive(Clone, Debug, Args)]
struct Global {
    /// Use this config and no other
    #[arg(long, global = true, value_name = "FILE", help_heading = "Global options")]
    config: Option<PathBuf>,
    /// Use no config at all
    #[arg(long, global = true, help_heading = "Global options")]
    no_config: bool,
    /// Use this baseline and no other
    #[arg(long, global = true, value_name = "FILE", help_heading = "Global options")]
    baseline: Option<PathBuf>,
    /// Let nothing pass because a baseline knows it
    #[arg(long, global = true, conflicts_with = "baseline", help_heading = "Global options")]
    no_baseline: bool,
    /// When to use colours
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto", help_heading = "Global options")]
    color: Color,
    /// Show what was allowed and skipped too, with all reasons
    #[arg(short, long, global = true, action = clap::ArgAction::Count, help_heading = "Global options")]
    verbose: u8,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Color {
    Auto,
    Always,
    Never,
}

/// How commands other than `scan` can print.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum Form {
    /// for people
    #[default]
    Human,
    /// one JSON document
    Json,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Read files and folders, and report the secrets in them
    Scan(scan::ScanArgs),
    /// Read what the next commit would add, from the index
    Staged(staged::StagedArgs),
    /// Read what commits add, with their messages and names
    Commits(commits::CommitsArgs),
    /// Read what a push brings to a remote (git's pre-push hook)
    Push(push::PushArgs),
    /// Read what a push brings to this server (git's pre-receive hook)
    Receive(push::ReceiveArgs),
    /// Read a unified diff, and report the secrets that it adds
    Diff(diff::DiffArgs),
    /// Read a commit message before git records it (commit-msg)
    Message(message::MessageArgs),
    /// Tell for one line what was looked at, and why it is a finding or is none
    Explain(explain::ExplainArgs),
    /// Tell the tier of files and folders, and why
    Classify(classify::ClassifyArgs),
    /// Go through findings one by one at the terminal, and decide on each
    Audit(audit::AuditArgs),
    /// Let pass what is known, so that only new findings fail a run
    #[command(subcommand)]
    Baseline(baseline::BaselineCommand),
    /// Write saved reports in other formats, or make one of several
    #[command(subcommand)]
    Report(saved::ReportCommand),
    /// List rules, show one, or check your own
    #[command(subcommand)]
    Rules(rules::RulesCommand),
    /// Check the policy, show where each part comes from, or test it
    #[command(subcommand)]
    Policy(policy::PolicyCommand),
    /// Write a commented `.tightlip.yml` to start from
    Init(init::InitArgs),
    /// Hold another tool's report against what is found here
    Compare(compare::CompareArgs),
    /// Write the config and the baseline from those of other tools
    Migrate(migrate::MigrateArgs),
    /// Put tightlip into git's hooks, beside what is there
    Install(install::InstallArgs),
    /// Take tightlip out of git's hooks, and leave them as they were
    Uninstall(install::UninstallArgs),
    /// Prove that the hooks hold a secret, and name what gets by them
    Doctor(doctor::DoctorArgs),
    /// Print the completion script for a shell
    Completions(generate::CompletionsArgs),
    /// Print the manual page
    Man(generate::ManArgs),
}

/// Runs the command that `args` say, the program's name first, and prints all that there is to say.
#[must_use]
pub fn run(args: impl IntoIterator<Item = OsString>) -> Exit {
    // Under whatever name the program was started: help and errors say how it is called.
    let args = std::iter::once(OsString::from("tightlip")).chain(args.into_iter().skip(1));
    let cli = match Cli::try_parse_from(args) {
        Ok(cli) => cli,
        Err(answer) => return answered(&answer),
    };
    let terminal = Terminal::new(&cli.global);
    let ended = match &cli.command {
        Command::Scan(args) => scan::run(args, &cli.global, &terminal),
        Command::Staged(args) => staged::run(args, &cli.global, &terminal),
        Command::Commits(args) => commits::run(args, &cli.global, &terminal),
        Command::Push(args) => push::push(args, &cli.global, &terminal),
        Command::Receive(args) => push::receive(args, &cli.global, &terminal),
        Command::Diff(args) => diff::run(args, &cli.global, &terminal),
        Command::Message(args) => message::run(args, &cli.global, &terminal),
        Command::Explain(args) => explain::run(args, &cli.global, &terminal),
        Command::Classify(args) => classify::run(args, &cli.global, &terminal),
        Command::Audit(args) => audit::run(args, &cli.global, &terminal),
        Command::Baseline(command) => baseline::run(command, &cli.global, &terminal),
        Command::Report(command) => saved::run(command, &terminal),
        Command::Rules(command) => rules::run(command, &cli.global, &terminal),
        Command::Policy(command) => policy::run(command, &cli.global, &terminal),
        Command::Init(args) => init::run(args),
        Command::Compare(args) => compare::run(args, &cli.global, &terminal),
        Command::Migrate(args) => migrate::run(args, &cli.global),
        Command::Install(args) => install::install(args),
        Command::Uninstall(args) => install::uninstall(args),
        Command::Doctor(args) => doctor::run(args, &cli.global, &terminal),
        Command::Completions(args) => generate::completions(args),
        Command::Man(args) => generate::man(args),
    };
    ended.unwrap_or_else(|error| {
        terminal.complain(&error);
        Exit::Failed
    })
}

/// What the parser has to say in place of a command: help, the version, or what was typed wrong.
fn answered(answer: &clap::Error) -> Exit {
    match answer.kind() {
        ErrorKind::DisplayVersion => {
            let version = format!("tightlip {} (rules {})\n", env!("CARGO_PKG_VERSION"), RuleSet::default().digest());
            print(|out| out.write_all(version.as_bytes())).map_or(Exit::Failed, |()| Exit::Clean)
        }
        ErrorKind::DisplayHelp => {
            drop(answer.print());
            Exit::Clean
        }
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            drop(answer.print());
            Exit::Failed
        }
        _ => {
            // What was typed stands in the message, and a shell's `*` may have typed it.
            let text = terminal::without_secrets(&report::error::escaped(&answer.render().to_string()));
            drop(io::stderr().write_all(text.as_bytes()));
            Exit::Failed
        }
    }
}

/// Writes to standard output. Who closes it early has seen enough: that is no error.
fn print(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), CliError> {
    let mut out = io::stdout().lock();
    match write(&mut out).and_then(|()| out.flush()) {
        Err(why) if why.kind() != io::ErrorKind::BrokenPipe => Err(CliError::Stdout { why }),
        _ => Ok(()),
    }
}

/// The whole command, for completions and manual pages.
fn command() -> clap::Command {
    Cli::command()
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_command_line_is_consistent() {
        super::command().debug_assert();
    }
}
