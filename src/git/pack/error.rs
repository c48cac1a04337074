//! What can be wrong with a repository's storage. Each names the file: nothing that was to be read is passed over.

use std::io;
use std::path::{Path, PathBuf};

use miette::Diagnostic;
use thiserror::Error;

use crate::control::ControlError;

/// A pack, its index or a loose object cannot be read.
#[derive(Debug, Error, Diagnostic)]
pub enum PackError {
    #[error("`{}` is damaged: {why}", path.display())]
    #[diagnostic(
        code(tightlip::pack::damaged),
        help("`git fsck --full` names what is lost; fetch it from another clone")
    )]
    Damaged { path: PathBuf, why: &'static str },
    #[error("`{}` has a form that is not known: {why}", path.display())]
    #[diagnostic(code(tightlip::pack::unknown), help("`git repack -ad` writes all packs anew"))]
    Unknown { path: PathBuf, why: &'static str },
    #[error("`{}` cannot be read: {why}", path.display())]
    #[diagnostic(code(tightlip::pack::unreadable), help("check that it is there and that you may read it"))]
    Unreadable { path: PathBuf, why: io::Error },
    #[error("`{}` holds an object of {size} bytes, which is more than is taken apart", path.display())]
    #[diagnostic(code(tightlip::pack::large), help("read it by itself: `git cat-file blob ID | tightlip scan -`"))]
    Large { path: PathBuf, size: u64 },
    #[error(transparent)]
    #[diagnostic(transparent)]
    Control(#[from] ControlError),
}

impl PackError {
    pub(super) fn damaged(path: &Path, why: &'static str) -> Self {
        Self::Damaged { path: path.to_owned(), why }
    }

    pub(super) fn unreadable(path: &Path) -> impl FnOnce(io::Error) -> Self + '_ {
        |why| Self::Unreadable { path: path.to_owned(), why }
    }
}
