//! What can be wrong with a command: each variant is for the one who typed it to mend.

use std::io;

use miette::Diagnostic;
use thiserror::Error;

use super::output::OutputError;
use crate::audit::NotesProblem;
use crate::baseline::BaselineError;
use crate::compare::CompareError;
use crate::config::{AboveError, FindError};
use crate::control::ControlError;
use crate::git::GitError;
use crate::hooks::HookError;
use crate::init::InitError;
use crate::outcome::Gap;
use crate::policy::tier::TierNames;
use crate::report::saved::SavedError;
use crate::source::io_reason;
use crate::yaml::{ConfigError, listed, shown};

/// The command could not be done. It never stands for a finding.
#[derive(Debug, Error, Diagnostic)]
pub enum CliError {
    #[error(transparent)]
    #[diagnostic(transparent)]
    Compare(#[from] CompareError),
    #[error(transparent)]
    #[diagnostic(transparent)]
    Find(#[from] FindError),
    #[error(transparent)]
    #[diagnostic(transparent)]
    Config(#[from] ConfigError),
    #[error(transparent)]
    #[diagnostic(transparent)]
    Above(#[from] AboveError),
    #[error(transparent)]
    #[diagnostic(transparent)]
    Init(#[from] InitError),
    #[error(transparent)]
    #[diagnostic(transparent)]
    Git(#[from] GitError),
    #[error(transparent)]
    #[diagnostic(transparent)]
    Baseline(#[from] BaselineError),
    #[error(transparent)]
    #[diagnostic(transparent)]
    Hooks(#[from] HookError),
    #[error(transparent)]
    #[diagnostic(transparent)]
    Control(#[from] ControlError),
    #[error(transparent)]
    #[diagnostic(transparent)]
    Output(#[from] OutputError),
    #[error(transparent)]
    #[diagnostic(transparent)]
    Saved(#[from] SavedError),
    #[error(transparent)]
    #[diagnostic(transparent)]
    Notes(#[from] NotesProblem),
    /// Each of them is drawn.
    #[error("rules are wrong")]
    Rules(#[related] Vec<ConfigError>),
    #[error("an audit asks for decisions, and {what} is no terminal")]
    #[diagnostic(
        code(tightlip::audit::no_terminal),
        help("run it in a terminal; `tightlip audit --list` prints what is decided and what is not, and asks nothing")
    )]
    NoTerminal { what: &'static str },
    #[error("there is no `{path}`")]
    #[diagnostic(code(tightlip::cli::no_such_path), help("look for a typing error; `-` reads standard input"))]
    NoSuchPath { path: String },
    #[error("`{path}` is a {kind}, which a scan does not follow or read")]
    #[diagnostic(code(tightlip::cli::special), help("name a file or a folder, or pipe it in: `tightlip scan - < …`"))]
    Special { path: String, kind: &'static str },
    #[error("these paths have different configs: `{first}` and `{second}`")]
    #[diagnostic(
        code(tightlip::cli::many_configs),
        help("scan one repository at a time, or name one config with `--config`")
    )]
    ManyConfigs { first: String, second: String },
    #[error("`-` is standard input, and goes with no other path")]
    #[diagnostic(code(tightlip::cli::stdin_and_paths), help("scan the other paths with a command of their own"))]
    StdinAndPaths,
    #[error("`--stdin-name` names standard input, which is not read")]
    #[diagnostic(code(tightlip::cli::stdin_name), help("add `-` to read standard input"))]
    StdinNameAlone,
    #[error("`{place}` is no place in a file")]
    #[diagnostic(code(tightlip::cli::no_place), help("write the file and the number of a line, as `src/main.rs:12`"))]
    NoPlace { place: String },
    #[error("`{path}` ends with line {last}")]
    #[diagnostic(code(tightlip::cli::no_such_line), help("name a line from 1 to {last}"))]
    NoSuchLine { path: String, last: u64 },
    #[error("`{path}` is no file that a scan reads: {why}")]
    #[diagnostic(code(tightlip::cli::not_read), help("name a regular file"))]
    NotRead { path: String, why: String },
    #[error("no rule names the provider `{name}`")]
    #[diagnostic(code(tightlip::cli::no_such_provider))]
    NoSuchProvider {
        name: String,
        #[help]
        help: String,
    },
    #[error("there is no rule `{id}`")]
    #[diagnostic(code(tightlip::cli::no_such_rule))]
    NoSuchRule {
        id: String,
        #[help]
        help: String,
    },
    #[error("{} could not be read, so what is known is not known whole", unread(*gaps))]
    #[diagnostic(
        code(tightlip::baseline::incomplete),
        help("mend what is named above; `write` and `update` go on without it when told `--allow-incomplete`")
    )]
    Incomplete { gaps: usize },
    #[error("only a part of the tree would be read, and an entry may be needed in the rest")]
    #[diagnostic(code(tightlip::baseline::partial), help("run `tightlip baseline prune` without a path"))]
    Partial,
    #[error("`--no-baseline` leaves nothing to work on here")]
    #[diagnostic(code(tightlip::baseline::none), help("remove `--no-baseline`; `--baseline FILE` names another file"))]
    NoBaseline,
    #[error("there is no tier `{name}`")]
    #[diagnostic(code(tightlip::cli::no_tier))]
    NoTier {
        name: String,
        #[help]
        help: String,
    },
    #[error("this is no destination")]
    #[diagnostic(
        code(tightlip::cli::no_destination),
        help("write `git:HOST/PATH` or a remote's address, `ci:NAME`, `stdin` or `local`")
    )]
    NoDestination,
    #[error("no config, ignore file or baseline of another tool is here")]
    #[diagnostic(
        code(tightlip::migrate::nothing),
        help("name one with `--from KIND=FILE`, or begin with `tightlip init` and `tightlip baseline write`")
    )]
    NothingToMigrate,
    #[error("`{path}` is there already")]
    #[diagnostic(
        code(tightlip::migrate::exists),
        help("look with `--dry-run` at what would be written, or replace config and baseline with `--force`")
    )]
    MigratedAlready { path: String },
    #[error("`{path}` cannot be written: {}", io_reason(why))]
    #[diagnostic(code(tightlip::cli::unwritable), help("check that you may write to its folder"))]
    Unwritable { path: String, why: io::Error },
    #[error("`{name}` is not a unified diff")]
    #[diagnostic(
        code(tightlip::cli::not_a_diff),
        help("pipe in what `git diff` or `diff -ru` prints; `tightlip scan -` reads any text")
    )]
    NotADiff { name: String },
    #[error("`{name}` is larger than {} MiB", most >> 20)]
    #[diagnostic(code(tightlip::cli::too_large), help("split it, or let git hand out less at a time"))]
    TooLarge { name: String, most: u64 },
    #[error("`{name}` cannot be read: {}", io_reason(why))]
    #[diagnostic(code(tightlip::cli::unreadable), help("check that what writes it has not failed"))]
    Unreadable { name: String, why: io::Error },
    #[error("the current folder is not known: {}", io_reason(why))]
    #[diagnostic(code(tightlip::cli::no_folder), help("change into a folder that exists"))]
    NoFolder { why: io::Error },
    #[error("this job does not say which commits it is about")]
    #[diagnostic(
        code(tightlip::cli::no_base),
        help("name the commit before them, as `--base origin/main`, or a range; `--base` goes with a full clone")
    )]
    NoBase,
    #[error("what is pushed is not known: pre-commit hands on none of git's lines, and has named no ref")]
    #[diagnostic(
        code(tightlip::cli::pre_commit_silent),
        help("outside of a push, name what is to be read: `tightlip commits origin/main..`")
    )]
    PreCommitSilent,
    #[error("this push may bring several refs, and pre-commit names only one of them")]
    #[diagnostic(
        code(tightlip::cli::pre_commit_several),
        help("push them one at a time; or put tightlip before pre-commit with `tightlip install --hook pre-push`")
    )]
    PreCommitSeveral,
    #[error("standard output cannot be written to: {}", io_reason(why))]
    #[diagnostic(code(tightlip::cli::output), help("check that there is room where the output goes"))]
    Stdout { why: io::Error },
}

fn unread(gaps: usize) -> String {
    if gaps == 1 { "one thing".to_owned() } else { format!("{gaps} things") }
}

impl CliError {
    /// For a name that is none of these.
    pub fn no_tier(name: &str, names: &TierNames) -> Self {
        Self::NoTier { name: shown(name), help: format!("the tiers are {}", listed(names.iter())) }
    }
}

impl From<Gap> for CliError {
    fn from(gap: Gap) -> Self {
        Self::NotRead { path: gap.path, why: gap.why }
    }
}
