//! One hooks folder: what stands in it, our scripts put in and taken out. First everything is looked at, and only if all
//! of it can be done is the first file written.

use std::fs::{self, Metadata};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::manager::{self, Effect, Manager};
use super::script::{PASSED_ON, Script, Written};
use super::{HOOKS, HookError, write};
use crate::control::{self, ControlError};

#[derive(Clone, Debug)]
pub struct Folder {
    pub path: PathBuf,
}

/// What stands where git looks for a hook.
#[derive(Debug)]
pub enum Found {
    Nothing,
    Ours { written: Written, executable: bool },
    Foreign { executable: bool, manager: Option<&'static Manager>, text: Option<String> },
}

/// What became of one hook.
#[derive(Debug)]
pub enum Done {
    New,
    /// An older script of ours, or one for another program, was there.
    Renewed,
    Unchanged,
    /// A foreign hook was there, and was kept.
    Chained {
        kept: PathBuf,
        runs: bool,
        manager: Option<&'static Manager>,
    },
    /// pre-commit was installed over our hook, and runs it.
    ByManager,
}

/// What became of one hook of ours.
#[derive(Debug, PartialEq, Eq)]
pub enum Removed {
    Gone,
    Restored,
    /// Another hook stands there now, and this file, which was kept for ours, is left.
    Left {
        kept: PathBuf,
    },
    Edited,
}

impl Folder {
    /// # Errors
    /// It is something else than a folder, or a symlink: what it leads to may be another repository's.
    pub fn at(path: PathBuf) -> Result<Self, HookError> {
        let what = match path.symlink_metadata() {
            Ok(found) if found.is_dir() => return Ok(Self { path }),
            Ok(found) if found.is_symlink() => "symlink",
            Ok(_) => "file",
            Err(why) if why.kind() == ErrorKind::NotFound => return Ok(Self { path }),
            Err(why) => return Err(HookError::Unwritable { path, why }),
        };
        Err(HookError::Folder { path, what })
    }

    /// Where a hook of this name stands.
    #[must_use]
    pub fn hook(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// Where a foreign hook of this name is kept.
    #[must_use]
    pub fn kept(&self, name: &str) -> PathBuf {
        self.path.join(format!("{name}.tightlip-chained"))
    }

    /// What git would find under this name.
    pub fn look(&self, name: &str) -> Result<Found, HookError> {
        let path = self.hook(name);
        let found = match path.symlink_metadata() {
            Err(why) if matches!(why.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
                return Ok(Found::Nothing);
            }
            Err(why) => return Err(HookError::Unwritable { path, why }),
            Ok(found) => found,
        };
        if found.is_symlink() {
            // Git follows it. A script of ours at its end is somebody else's doing.
            let target = path.metadata().ok();
            let text = path.canonicalize().ok().and_then(|real| text(&real).ok()).flatten();
            let executable = target.is_some_and(|target| target.is_file() && is_executable(&target));
            return Ok(Found::Foreign { executable, manager: text.as_deref().and_then(manager::of_hook), text });
        }
        if !found.is_file() {
            return Err(HookError::NotAHook { path, what: if found.is_dir() { "folder" } else { "special file" } });
        }
        let (text, executable) = (text(&path)?, is_executable(&found));
        if let Some(written) = text.as_deref().and_then(|text| Written::parse(text.as_bytes())) {
            return Ok(Found::Ours { written, executable });
        }
        Ok(Found::Foreign { executable, manager: text.as_deref().and_then(manager::of_hook), text })
    }

    /// Writes the scripts, and keeps what was there before.
    ///
    /// # Errors
    /// One of them cannot be written without a loss; then none is.
    pub fn install(&self, scripts: &[Script]) -> Result<Vec<Done>, HookError> {
        let made = !self.path.is_dir() || self.was_made()?;
        let scripts: Vec<Script> = scripts.iter().map(|script| Script { made, ..script.clone() }).collect();
        let plan = scripts.iter().map(|script| self.plan(script)).collect::<Result<Vec<_>, _>>()?;
        if !self.path.is_dir() {
            fs::create_dir(&self.path).map_err(|why| HookError::Unwritable { path: self.path.clone(), why })?;
        }
        for (script, done) in scripts.iter().zip(&plan) {
            let path = self.hook(script.name);
            let wrong = |why| HookError::Unwritable { path: path.clone(), why };
            let written = match done {
                Done::Unchanged | Done::ByManager => Ok(()),
                Done::Chained { kept, .. } => write::chain(&path, kept, &script.text()),
                Done::New | Done::Renewed => write::replace(&path, &script.text()),
            };
            written.map_err(wrong)?;
        }
        Ok(plan)
    }

    fn plan(&self, script: &Script) -> Result<Done, HookError> {
        let (path, kept) = (self.hook(script.name), self.kept(script.name));
        match self.look(script.name)? {
            Found::Nothing => Ok(Done::New),
            Found::Ours { written, .. } if !written.genuine && !written.is_of_another_version() => {
                Err(HookError::Edited { path })
            }
            Found::Ours { executable, .. } => {
                let is_same = executable && text(&path)?.is_some_and(|text| text == script.text());
                Ok(if is_same { Done::Unchanged } else { Done::Renewed })
            }
            Found::Foreign { manager: Some(manager), .. } if manager.effect == Effect::Refuses => {
                Err(HookError::Manager { manager, path: self.path.clone() })
            }
            Found::Foreign { manager: Some(_), .. } if self.is_legacy(script)? => Ok(Done::ByManager),
            Found::Foreign { executable, manager, .. } => {
                if kept.symlink_metadata().is_ok() && !write::is_same(&path, &kept) {
                    return Err(HookError::Two { hook: path, kept });
                }
                Ok(Done::Chained { kept, runs: executable, manager })
            }
        }
    }

    /// Whether pre-commit was installed over this very script, which it then runs under another name.
    fn is_legacy(&self, script: &Script) -> Result<bool, HookError> {
        let legacy = format!("{}.legacy", script.name);
        let is_ours = matches!(self.look(&legacy)?, Found::Ours { executable: true, .. });
        Ok(is_ours && text(&self.hook(&legacy))?.is_some_and(|text| text == script.text()))
    }

    /// Takes away what is ours, and puts back what was kept for it.
    pub fn uninstall(&self) -> Result<Vec<(&'static str, Removed)>, HookError> {
        let made = self.was_made()?;
        let mut all = Vec::new();
        for name in names() {
            let (hook, kept) = (self.hook(name), self.kept(name));
            let is_kept = kept.symlink_metadata().is_ok();
            let wrong = |why| HookError::Unwritable { path: hook.clone(), why };
            let legacy = format!("{name}.legacy");
            if matches!(self.look(&legacy)?, Found::Ours { .. }) {
                fs::remove_file(self.hook(&legacy)).map_err(wrong)?;
                all.push((name, Removed::Gone));
            }
            let removed = match self.look(name)? {
                Found::Nothing | Found::Foreign { .. } if !is_kept => continue,
                Found::Foreign { .. } if !write::is_same(&hook, &kept) => Removed::Left { kept },
                Found::Ours { written, .. } if !written.genuine && !written.is_of_another_version() => Removed::Edited,
                _ if is_kept => {
                    write::put_back(&kept, &hook).map_err(wrong)?;
                    Removed::Restored
                }
                _ => {
                    fs::remove_file(&hook).map_err(wrong)?;
                    Removed::Gone
                }
            };
            all.push((name, removed));
        }
        if made {
            // Not where something else has come into it.
            let _ = fs::remove_dir(&self.path);
        }
        Ok(all)
    }

    /// Whether a script of ours says that the folder was made for it.
    fn was_made(&self) -> Result<bool, HookError> {
        for name in names() {
            if let Found::Ours { written: Written { made: true, .. }, .. } = self.look(name)? {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// Every hook in which a script of ours may stand.
fn names() -> impl Iterator<Item = &'static str> {
    let gates = HOOKS.iter().map(|hook| hook.name);
    gates.chain(PASSED_ON.iter().copied().filter(|name| super::hook(name).is_none()))
}

/// The text of a hook; none for a program that is no text or too large to be a script.
fn text(path: &Path) -> Result<Option<String>, ControlError> {
    match control::read_text(path) {
        Err(ControlError::TooLarge { .. } | ControlError::NotText { .. }) => Ok(None),
        other => other,
    }
}

#[cfg(unix)]
pub(super) fn is_executable(found: &Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    found.permissions().mode() & 0o111 != 0
}

#[cfg(not(unix))]
pub(super) fn is_executable(_: &Metadata) -> bool {
    true
}
