//! What can go wrong with a repository. Each is for the one who ran the command to mend; none is ever passed over.

use std::path::PathBuf;

use miette::Diagnostic;
use thiserror::Error;

use super::object::Oid;
use super::pack::PackError;
use crate::control::ControlError;

/// A repository, or a part of it, cannot be read.
#[derive(Debug, Error, Diagnostic)]
pub enum GitError {
    #[error("there is no git repository here, nor in a folder above")]
    #[diagnostic(code(tightlip::git::no_repository), help("change into one; `tightlip scan` reads files without git"))]
    NoRepository,
    #[error("this repository is bare: it has no index and no work tree")]
    #[diagnostic(code(tightlip::git::bare), help("`tightlip commits` reads what it has recorded"))]
    Bare,
    #[error("`{}` is {what}", path.display())]
    #[diagnostic(
        code(tightlip::git::control_file),
        help("git would block on it or be led astray: see who put it there, and remove it")
    )]
    ControlFile { path: PathBuf, what: &'static str },
    #[error(transparent)]
    #[diagnostic(transparent)]
    Control(#[from] ControlError),
    #[error(transparent)]
    #[diagnostic(transparent)]
    Pack(#[from] PackError),
    #[error("the repository at `{}` belongs to another user", path.display())]
    #[diagnostic(code(tightlip::git::owner))]
    Owner {
        path: PathBuf,
        #[help]
        help: String,
    },
    #[error("the repository cannot be opened: {why}")]
    #[diagnostic(code(tightlip::git::open), help("`git fsck` may say more; git 2.45 or newer knows more kinds"))]
    Open { why: String },
    #[error("there is no `{revision}`")]
    #[diagnostic(code(tightlip::git::no_revision))]
    NoRevision {
        revision: String,
        #[help]
        help: String,
    },
    #[error("object {id} is missing")]
    #[diagnostic(code(tightlip::git::missing))]
    Missing {
        id: Oid,
        #[help]
        help: String,
    },
    #[error("object {id} is damaged")]
    #[diagnostic(code(tightlip::git::damaged), help("`git fsck` names what is wrong; fetch it from another clone"))]
    Damaged { id: Oid },
    #[error("the index is damaged: {why}")]
    #[diagnostic(code(tightlip::git::index), help("`git reset` writes a new one; what is on disk stays"))]
    Index { why: String },
    #[error("git could not answer: {why}")]
    #[diagnostic(code(tightlip::git::program), help("the same repository must work with `git log` and `git fsck`"))]
    Program { why: String },
    #[error("git is needed for this repository ({why}), and cannot be run")]
    #[diagnostic(code(tightlip::git::no_program), help("install git 2.45 or newer"))]
    NoProgram { why: String },
    #[error("a line on standard input is not one that git writes")]
    #[diagnostic(code(tightlip::git::hook_input), help("this command is meant to be run by git, as a hook"))]
    HookInput,
}
