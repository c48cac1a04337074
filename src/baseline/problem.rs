//! What can be wrong with a baseline, and with changing one.

use std::io;
use std::path::PathBuf;

use miette::Diagnostic;
use thiserror::Error;

use crate::control::{ControlError, MAX_BYTES, PlaceError};
use crate::yaml::ConfigError;

/// A line of a baseline that cannot be read. None is passed over: it might be an exception that somebody counts on, or
/// half of one.
#[derive(Debug, Error, Diagnostic)]
pub enum BaselineProblem {
    #[error("a merge has left its marks here")]
    #[diagnostic(
        code(tightlip::baseline::conflict),
        help(
            "delete the lines with the marks and keep all others; `.tightlip.baseline merge=union` in `.gitattributes` does it from now on"
        )
    )]
    Conflict,
    #[error("{what}")]
    #[diagnostic(
        code(tightlip::baseline::line),
        help("delete the line, then run `tightlip baseline update`; an entry is `fingerprint rule date path`")
    )]
    Line { what: &'static str },
    #[error("the salt is not 16 to 64 bytes as hexadecimal digits")]
    #[diagnostic(code(tightlip::baseline::salt), help("make it anew: `tightlip baseline write --force`"))]
    Salt,
    #[error("a second salt: half of the entries fit no finding")]
    #[diagnostic(
        code(tightlip::baseline::two_salts),
        help("two baselines were merged that were made apart: make it anew with `tightlip baseline write --force`")
    )]
    TwoSalts,
    #[error("there are entries and no salt")]
    #[diagnostic(code(tightlip::baseline::no_salt), help("make it anew: `tightlip baseline write --force`"))]
    NoSalt,
    #[error("this version of the baseline is not known")]
    #[diagnostic(code(tightlip::baseline::version), help("use a newer tightlip"))]
    Version,
}

/// A baseline cannot be used or changed.
#[derive(Debug, Error, Diagnostic)]
pub enum BaselineError {
    #[error(transparent)]
    #[diagnostic(transparent)]
    Control(#[from] ControlError),
    #[error(transparent)]
    #[diagnostic(transparent)]
    Line(#[from] ConfigError),
    #[error("the config and `{baseline}` have different salts")]
    #[diagnostic(
        code(tightlip::baseline::other_salt),
        help(
            "write the baseline's salt after `salt:` in the config, or make the baseline anew: `tightlip baseline write --force`"
        )
    )]
    OtherSalt { baseline: String },
    #[error("there is no baseline `{}`", path.display())]
    #[diagnostic(code(tightlip::baseline::missing), help("make one: `tightlip baseline write`"))]
    Missing { path: PathBuf },
    #[error("`{}` is there already", path.display())]
    #[diagnostic(
        code(tightlip::baseline::exists),
        help("add to it with `tightlip baseline update`, or replace it with `tightlip baseline write --force`")
    )]
    Exists { path: PathBuf },
    #[error("`{}` was replaced while the scan ran", path.display())]
    #[diagnostic(code(tightlip::baseline::replaced), help("run the command again"))]
    Replaced { path: PathBuf },
    #[error("{entries} entries take more than {} KiB", MAX_BYTES / 1024)]
    #[diagnostic(
        code(tightlip::baseline::too_large),
        help(
            "about 12,000 entries have room: leave generated files out with `leave_out:`, or allow a rule there with `allow:`"
        )
    )]
    TooLarge { entries: usize },
    #[error("another run has been changing `{}` for {seconds} seconds", path.display())]
    #[diagnostic(code(tightlip::baseline::busy), help("wait for it to end, then run the command again"))]
    Busy { path: PathBuf, seconds: u64 },
    #[error("`{}` cannot be written: {why}", path.display())]
    #[diagnostic(
        code(tightlip::baseline::unwritable),
        help("check that there is room and that you may write to its folder; what was there before is still there")
    )]
    Unwritable { path: PathBuf, why: io::Error },
    #[error("there are no random bytes for a salt: {why}")]
    #[diagnostic(
        code(tightlip::baseline::no_random),
        help("write a `salt:` into the config: `tightlip init` makes one")
    )]
    NoSalt { why: io::Error },
}

impl From<PlaceError> for BaselineError {
    fn from(error: PlaceError) -> Self {
        match error {
            PlaceError::Control(error) => Self::Control(error),
            PlaceError::Busy { path, seconds } => Self::Busy { path, seconds },
            PlaceError::Unwritable { path, why } => Self::Unwritable { path, why },
        }
    }
}
