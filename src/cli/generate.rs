//! `tightlip completions` and `tightlip man`: made from the command line's own definition, so that they
//! never lag behind.

use clap::Args;
use clap_complete::Shell;
use clap_mangen::Man;

use super::error::CliError;
use super::{command, print};
use crate::outcome::Exit;

const COMPLETIONS_HELP: &str = "\
Examples:
  tightlip completions fish > ~/.config/fish/completions/tightlip.fish
  source <(tightlip completions bash)";

#[derive(Debug, Args)]
#[command(after_help = COMPLETIONS_HELP)]
pub struct CompletionsArgs {
    /// The shell
    shell: Shell,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  tightlip man | man -l -\n  tightlip man scan | man -l -")]
pub struct ManArgs {
    /// The command to describe; all of them in short if not given
    #[arg(value_name = "COMMAND", value_parser = COMMANDS)]
    command: Option<String>,
}

/// Every command that has a page.
const COMMANDS: [&str; 22] = [
    "scan",
    "staged",
    "commits",
    "push",
    "receive",
    "diff",
    "message",
    "explain",
    "classify",
    "audit",
    "baseline",
    "report",
    "rules",
    "policy",
    "init",
    "compare",
    "migrate",
    "install",
    "uninstall",
    "doctor",
    "completions",
    "man",
];

pub fn completions(args: &CompletionsArgs) -> Result<Exit, CliError> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut command(), "tightlip", &mut script);
    print(|out| out.write_all(&script))?;
    Ok(Exit::Clean)
}

pub fn man(args: &ManArgs) -> Result<Exit, CliError> {
    let mut whole = command();
    whole.build();
    let part = args.command.as_ref().and_then(|name| whole.find_subcommand(name)).cloned();
    print(|out| Man::new(part.unwrap_or(whole)).render(&mut &mut *out))?;
    Ok(Exit::Clean)
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_command_has_a_page() {
        let whole = super::command();
        let names: Vec<&str> = whole.get_subcommands().map(clap::Command::get_name).collect();
        assert_eq!(names, super::COMMANDS);
    }
}
