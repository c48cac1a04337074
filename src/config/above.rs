//! Where policies above a repository are, and whether they are to be believed: the machine's by who may write it, the
//! organisation's by its signature. What is there and cannot be believed ends the run; it is never passed over.

use std::path::{Path, PathBuf};

use miette::Diagnostic;
use minisign_verify::{Error as Refusal, PublicKey, Signature};
use thiserror::Error;

use super::{RawOrganisation, RawUpper};
use crate::control::{self, ControlError};
use crate::yaml::{ConfigError, Document, Step, shown};

/// The organisation's policy where the machine's names no file, at the root of the repository.
pub const ORGANISATION: &str = ".tightlip.organisation.yml";

/// What the name of a signature ends in, as minisign writes it.
pub const SIGNATURE: &str = ".minisig";

/// A signature has four short lines.
const MAX_SIGNATURE: u64 = 16 * 1024;

/// Where a machine keeps its policy, and whose it must be. The command knows one such place, and no way to name another:
/// who could would be rid of the policy.
#[derive(Clone, Copy, Debug)]
pub struct System<'s> {
    pub root: &'s Path,
    pub below: &'s Path,
    pub owner: u32,
}

impl System<'static> {
    /// `/etc/tightlip/policy.yml`, of root. On macOS `/etc` is a symlink, which is named by where it leads.
    #[must_use]
    pub fn usual() -> Self {
        let below =
            if cfg!(target_os = "macos") { "private/etc/tightlip/policy.yml" } else { "etc/tightlip/policy.yml" };
        Self { root: Path::new("/"), below: Path::new(below), owner: 0 }
    }
}

/// A policy above repositories that is to be believed.
#[derive(Debug)]
pub struct Believed {
    pub raw: RawUpper,
    pub document: Document,
}

/// What stands above a repository.
#[derive(Debug, Default)]
pub struct Above {
    pub machine: Option<Believed>,
    pub organisation: Option<Believed>,
    /// An organisation's policy that has no effect, for no key is pinned.
    pub idle: Option<PathBuf>,
}

/// A policy above the repository cannot be used, so that nothing is known to be permitted.
#[derive(Debug, Error, Diagnostic)]
pub enum AboveError {
    #[error(transparent)]
    #[diagnostic(transparent)]
    Control(#[from] ControlError),
    #[error(transparent)]
    #[diagnostic(transparent)]
    Config(#[from] ConfigError),
    #[error("there is no policy `{}`, which the machine's policy asks for", path.display())]
    #[diagnostic(
        code(tightlip::policy::missing),
        help("put the organisation's policy there, or name its place as `organisation: {{file: …}}` in the machine's")
    )]
    Missing { path: PathBuf },
    #[error("`{}` is not signed: there is no `{}`", path.display(), signature.display())]
    #[diagnostic(code(tightlip::policy::unsigned), help("sign it: `minisign -S -m {}`", path.display()))]
    Unsigned { path: PathBuf, signature: PathBuf },
    #[error("`{}` is not signed by the pinned key: {why}", path.display())]
    #[diagnostic(code(tightlip::policy::signature), help("{help}"))]
    Signature { path: PathBuf, why: &'static str, help: String },
}

/// What is wrong with a policy above repositories whose form is right.
#[derive(Debug, Error, Diagnostic)]
pub enum UpperProblem {
    #[error("not a public key of minisign: {why}")]
    #[diagnostic(
        code(tightlip::policy::key),
        help("copy the second line of `minisign.pub`, 56 letters and digits that begin with `RW`")
    )]
    Key { why: &'static str },
    #[error("`{path}` is no whole path")]
    #[diagnostic(code(tightlip::policy::path), help("begin it with `/`: the policy holds in every folder"))]
    Path { path: String },
    #[error("the machine's policy asks for serial {least} or a later one")]
    #[diagnostic(
        code(tightlip::policy::serial),
        help("this policy is older than one that was signed since: fetch the newest one")
    )]
    Serial { least: u32 },
    #[error("`{key}` belongs into the machine's policy alone")]
    #[diagnostic(code(tightlip::policy::misplaced), help("remove it here"))]
    Misplaced { key: &'static str },
}

/// Reads what stands above the repository whose root is `repository`.
///
/// # Errors
/// A policy is there that cannot be believed, or is asked for and missing.
pub fn above(system: System<'_>, repository: Option<&Path>) -> Result<Above, AboveError> {
    let beside = repository.map(|root| root.join(ORGANISATION));
    let Some(text) = control::read_owned(system.root, system.below, system.owner)? else {
        return Ok(Above { idle: beside.filter(|path| path.symlink_metadata().is_ok()), ..Above::default() });
    };
    let document = Document::new(&system.root.join(system.below).to_string_lossy(), &text);
    let raw: RawUpper = document.parse()?;
    if raw.serial.is_some() {
        return Err(document.refuse(&[Step::Name("serial")], Misplaced).into());
    }
    let (organisation, idle) = match &raw.organisation {
        Some(pinned) => (Some(organisation(pinned, &document, beside)?), None),
        None => (None, beside.filter(|path| path.symlink_metadata().is_ok())),
    };
    Ok(Above { machine: Some(Believed { raw, document }), organisation, idle })
}

/// The misplaced `serial` of a machine's policy.
#[derive(Debug, Error, Diagnostic)]
#[error("`serial` belongs into a signed policy")]
#[diagnostic(
    code(tightlip::policy::misplaced),
    help("the least one that counts here is written `organisation: {{serial: …}}`")
)]
struct Misplaced;

fn organisation(pinned: &RawOrganisation, machine: &Document, beside: Option<PathBuf>) -> Result<Believed, AboveError> {
    let at = |key| [Step::Key("organisation"), Step::Key(key)];
    let key = public_key(&pinned.key).map_err(|why| machine.refuse(&at("key"), UpperProblem::Key { why }))?;
    let path = match &pinned.file {
        Some(file) if Path::new(file).is_absolute() => PathBuf::from(file),
        Some(file) => return Err(machine.refuse(&at("file"), UpperProblem::Path { path: shown(file) }).into()),
        None => beside.unwrap_or_else(|| PathBuf::from(ORGANISATION)),
    };
    let text = control::read_text(&path)?.ok_or_else(|| AboveError::Missing { path: path.clone() })?;
    let mut signature = path.clone().into_os_string();
    signature.push(SIGNATURE);
    let signature = PathBuf::from(signature);
    let Some(signed) = control::read_up_to(&signature, MAX_SIGNATURE)? else {
        return Err(AboveError::Unsigned { path, signature });
    };
    verify(&key, text.as_bytes(), &signed).map_err(|(why, help)| {
        let help = help.replace("FILE", &path.to_string_lossy());
        AboveError::Signature { path: path.clone(), why, help }
    })?;
    // Only now is a byte of it read as a policy.
    let document = Document::new(&path.to_string_lossy(), &text);
    let raw: RawUpper = document.parse()?;
    if raw.organisation.is_some() {
        let problem = UpperProblem::Misplaced { key: "organisation" };
        return Err(document.refuse(&[Step::Name("organisation")], problem).into());
    }
    if raw.serial.unwrap_or_default() < pinned.serial {
        let problem = UpperProblem::Serial { least: pinned.serial };
        return Err(document.refuse(&[Step::Key("serial")], problem).into());
    }
    Ok(Believed { raw, document })
}

/// The key out of the one line that holds it.
fn public_key(written: &str) -> Result<PublicKey, &'static str> {
    match PublicKey::from_base64(written.trim()) {
        Ok(key) => Ok(key),
        Err(Refusal::UnsupportedAlgorithm) => Err("it is of another kind"),
        Err(_) => Err("it is not 42 bytes in base64"),
    }
}

/// Why a signature does not count, and what to do; `FILE` stands for the policy.
type Doubt = (&'static str, &'static str);

fn verify(key: &PublicKey, text: &[u8], signed: &[u8]) -> Result<(), Doubt> {
    const AGAIN: &str = "look at who changed it, and sign it again: `minisign -S -m FILE`";
    let form = ("the signature's file is none of minisign", AGAIN);
    let signed = std::str::from_utf8(signed).map_err(|_| form)?;
    let signature = Signature::decode(signed).map_err(|_| form)?;
    key.verify(text, &signature, false).map_err(|error| match error {
        Refusal::UnexpectedKeyId => ("another key made the signature", AGAIN),
        Refusal::UnexpectedAlgorithm => (
            "the signature has minisign's old form",
            "sign it in the form that is usual since minisign 0.10: `minisign -S -m FILE`",
        ),
        _ => ("the text has changed since, or the signature is another file's", AGAIN),
    })
}

#[cfg(all(test, unix))]
mod tests;
