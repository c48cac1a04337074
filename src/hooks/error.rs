//! Why hooks could not be written, removed or looked at. Where one of these occurs before anything was written, nothing
//! is written.

use std::path::PathBuf;

use miette::Diagnostic;
use thiserror::Error;

use super::Manager;
use crate::control::ControlError;

/// The hooks are as they were, and the one who typed the command decides.
#[derive(Debug, Error, Diagnostic)]
pub enum HookError {
    #[error("the hooks folder `{}` is a {what}", path.display())]
    #[diagnostic(
        code(tightlip::hooks::folder),
        help("nothing is written through it: make it a folder, or name the real one: `git config core.hooksPath DIR`")
    )]
    Folder { path: PathBuf, what: &'static str },
    #[error("`core.hooksPath` is set to nothing in {origin}, so git runs no hook")]
    #[diagnostic(
        code(tightlip::hooks::switched_off),
        help("take it out: `git config --{scope} --unset core.hooksPath`")
    )]
    SwitchedOff { origin: String, scope: String },
    #[error("`{}` is a {what}, no hook", path.display())]
    #[diagnostic(code(tightlip::hooks::not_a_hook), help("see who put it there, and move it away"))]
    NotAHook { path: PathBuf, what: &'static str },
    #[error("`{}` and the hook that was kept as `{}` are both not ours", hook.display(), kept.display())]
    #[diagnostic(
        code(tightlip::hooks::two),
        help("something replaced our hook: keep one of the two under the first name, remove the other, try again")
    )]
    Two { hook: PathBuf, kept: PathBuf },
    #[error("`{}` was edited since it was written", path.display())]
    #[diagnostic(
        code(tightlip::hooks::edited),
        help("move what was added into a hook of your own, and delete this one; then `tightlip install` chains yours")
    )]
    Edited { path: PathBuf },
    #[error("{} manages the hooks in `{}`", manager.name, path.display())]
    #[diagnostic(code(tightlip::hooks::manager), help("write the lines above into its config"))]
    Manager { manager: &'static Manager, path: PathBuf },
    #[error("`{}` cannot be written: {why}", path.display())]
    #[diagnostic(code(tightlip::hooks::unwritable), help("check that you may write to this folder"))]
    Unwritable { path: PathBuf, why: std::io::Error },
    #[error(transparent)]
    #[diagnostic(transparent)]
    Control(#[from] ControlError),
    #[error("the path of this program cannot stand in a hook: {why}")]
    #[diagnostic(code(tightlip::hooks::program), help("move it to a folder such as /usr/local/bin, and run it there"))]
    Program { why: String },
    #[error("git is not in PATH")]
    #[diagnostic(code(tightlip::hooks::no_git), help("install git, or add its folder to PATH, with a whole path"))]
    NoGit,
    #[error("there is no folder for programs' data: {why}")]
    #[diagnostic(code(tightlip::hooks::no_home), help("set HOME or XDG_DATA_HOME to a whole path"))]
    NoHome { why: &'static str },
    #[error("`core.hooksPath` is set for the whole system, in {origin}")]
    #[diagnostic(
        code(tightlip::hooks::system),
        help(
            "a setting of your own would switch those hooks off: ask whoever looks after them to install tightlip there"
        )
    )]
    System { origin: String },
    #[error("no random bytes can be had: {why}")]
    #[diagnostic(code(tightlip::hooks::random), help("check that /dev/urandom can be read here"))]
    Random { why: std::io::Error },
}
