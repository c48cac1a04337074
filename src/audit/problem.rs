//! What can be wrong with a decision: why it was not written down, and what to do instead.

use std::path::PathBuf;

use miette::Diagnostic;
use thiserror::Error;

use crate::baseline::BaselineError;
use crate::control::{ControlError, PlaceError};
use crate::yaml::ConfigError;

/// A decision could not be written down; nothing was changed.
#[derive(Debug, Error, Diagnostic)]
pub enum AuditError {
    #[error(transparent)]
    #[diagnostic(transparent)]
    Place(#[from] PlaceError),
    #[error(transparent)]
    #[diagnostic(transparent)]
    Control(#[from] ControlError),
    #[error(transparent)]
    #[diagnostic(transparent)]
    Config(#[from] ConfigError),
    #[error(transparent)]
    #[diagnostic(transparent)]
    Baseline(#[from] BaselineError),
    #[error("a policy above the repository does not let findings of `{rule}` be allowed")]
    #[diagnostic(
        code(tightlip::audit::not_permitted),
        help(
            "rotate it (r), or ask whoever keeps that policy to add the rule to its `permit`: `tightlip policy show`"
        )
    )]
    NotPermitted { rule: String },
    #[error("what is marked does not pass by a baseline where the config names destinations")]
    #[diagnostic(
        code(tightlip::audit::marked),
        help("allow it with a reason (a) if it is no marking, or have its owner lower the marking")
    )]
    Marked,
    #[error("a finding of `{rule}` cannot be allowed")]
    #[diagnostic(code(tightlip::audit::never_allowed), help("mend what it speaks of; skip it here (s)"))]
    NeverAllowed { rule: String },
    #[error("with that entry the finding would not pass, and nothing was written")]
    #[diagnostic(
        code(tightlip::audit::no_effect),
        help("write an entry under `allow:` by hand, and try it with a scan")
    )]
    NoEffect,
    #[error("`{name}` is written in a form that cannot be added to here")]
    #[diagnostic(code(tightlip::audit::form))]
    Form {
        name: String,
        #[help]
        help: String,
    },
    #[error("no entry can name the path: it lies elsewhere, holds a secret itself, or what nobody would see")]
    #[diagnostic(
        code(tightlip::audit::path),
        help("rename the file; or, if it is no secret, let the value pass wherever it stands (f)")
    )]
    Path,
    #[error("the reason holds what looks like a secret")]
    #[diagnostic(code(tightlip::audit::reason), help("say why it is safe without the value itself"))]
    Reason,
    #[error("`--no-config` leaves no config to write to")]
    #[diagnostic(code(tightlip::audit::no_config), help("run the audit without `--no-config`"))]
    NoConfig,
    #[error("`--no-baseline` leaves no baseline to add to")]
    #[diagnostic(code(tightlip::audit::no_baseline), help("run the audit without `--no-baseline`"))]
    NoBaseline,
    #[error("the fingerprints here have no salt, and a baseline would bring one and change them all")]
    #[diagnostic(
        code(tightlip::audit::no_salt),
        help(
            "allow it with a reason (a); or write a `salt:` into the config, then each `value:` and saved reports anew"
        )
    )]
    NoSalt,
    #[error("`{}` was changed since, by another run or by hand", path.display())]
    #[diagnostic(code(tightlip::audit::changed), help("take the decision back there by hand"))]
    Changed { path: PathBuf },
}

/// What `audit` has noted of earlier decisions cannot be read.
#[derive(Debug, Error, Diagnostic)]
pub enum NotesProblem {
    #[error(transparent)]
    #[diagnostic(transparent)]
    Control(#[from] ControlError),
    #[error("line {line} of `{}` is none that an audit writes", path.display())]
    #[diagnostic(
        code(tightlip::audit::notes),
        help("remove the file: what was skipped or is to be rotated is then asked again")
    )]
    Line { path: PathBuf, line: usize },
}
