//! `--global`: one hooks folder for all repositories of a user, which git's `core.hooksPath` names. Git then passes over
//! each repository's own hooks, so every script in that folder hands over to them.

use std::fs;
use std::path::{Path, PathBuf};

use super::error::CliError;
use super::install::{Around, InstallArgs, gates, managed, tell_done, tell_removed};
use super::print;
use super::terminal::{data_folder, note};
use crate::git::{HooksPath, hooks_path};
use crate::hooks::{Folder, HookError, PASSED_ON, Script, of_folder};
use crate::outcome::Exit;
use crate::report::escape::Escaped;

pub fn install(around: &Around, args: &InstallArgs) -> Result<Exit, CliError> {
    let ours = ours()?;
    match around.global()? {
        Some(theirs) if Path::new(&theirs.value) != ours => beside(&theirs, args)?,
        setting => in_our_folder(around, args, &ours, setting.is_some())?,
    }
    tell_shadow(around);
    Ok(Exit::Clean)
}

/// The user has such a folder: it is a hooks folder like any other, and the config stays as it is.
fn beside(theirs: &HooksPath, args: &InstallArgs) -> Result<(), CliError> {
    let folder = Folder::at(absolute(theirs)?)?;
    let scripts = gates(args, false, false)?;
    let done = folder.install(&scripts).map_err(managed)?;
    tell_done(&folder, &scripts, &done)?;
    note(&format!("note: `core.hooksPath` was set already, in {}, and stays as it is", Escaped(&theirs.origin)));
    Ok(())
}

fn in_our_folder(around: &Around, args: &InstallArgs, ours: &Path, is_set: bool) -> Result<(), CliError> {
    if let Some(system) = hooks_path(&around.git, &around.here, &["config", "--system"])?.filter(|_| !is_set) {
        return Err(HookError::System { origin: system.origin }.into());
    }
    let wrong = |why| HookError::Unwritable { path: ours.to_owned(), why };
    fs::create_dir_all(ours.parent().unwrap_or(ours)).map_err(wrong)?;
    let folder = Folder::at(ours.to_owned())?;
    let mut scripts = gates(args, false, true)?;
    let gated: Vec<&str> = scripts.iter().map(|script| script.name).collect();
    let passed_on = PASSED_ON.iter().filter(|name| !gated.contains(name));
    scripts.extend(passed_on.map(|name| Script { name, program: None, for_all: true, made: false }));
    let done = folder.install(&scripts)?;
    tell_done(&folder, &scripts[..gated.len()], &done)?;
    // Last: until its hooks are there, the folder would switch off each repository's own.
    if !is_set {
        around.git.global("core.hooksPath", Some(&ours.to_string_lossy()), &around.here)?;
    }
    let origin = around.global()?.map(|set| set.origin).unwrap_or_default();
    let (shown, word) = (ours.to_string_lossy(), if is_set { "as it should be:" } else { "set" });
    print(|out| {
        writeln!(out, "every other hook in that folder hands over to the repository's own")?;
        writeln!(out, "{word} core.hooksPath = {} in {}", Escaped(&shown), Escaped(&origin))?;
        writeln!(out, "undo: tightlip uninstall --global")
    })
}

pub fn uninstall(around: &Around) -> Result<Exit, CliError> {
    let ours = ours()?;
    match around.global()? {
        Some(theirs) if Path::new(&theirs.value) != ours => {
            let folder = Folder::at(absolute(&theirs)?)?;
            let exit = tell_removed(&folder, &folder.uninstall()?)?;
            note(&format!("note: `core.hooksPath` in {} is not ours, and stays", Escaped(&theirs.origin)));
            Ok(exit)
        }
        setting => {
            // First the setting: a folder without hooks would switch off each repository's own.
            if let Some(set) = setting {
                around.git.global("core.hooksPath", None, &around.here)?;
                print(|out| {
                    writeln!(out, "took core.hooksPath = {} out of {}", Escaped(&set.value), Escaped(&set.origin))
                })?;
            }
            let folder = Folder::at(ours.clone())?;
            let exit = tell_removed(&folder, &folder.uninstall()?)?;
            if let Some(parent) = ours.parent() {
                // Not where something else is in it.
                let _ = fs::remove_dir(parent);
            }
            Ok(exit)
        }
    }
}

impl Around {
    /// `core.hooksPath` in the user's own config.
    fn global(&self) -> Result<Option<HooksPath>, CliError> {
        Ok(hooks_path(&self.git, &self.here, &["config", "--global"])?)
    }
}

fn ours() -> Result<PathBuf, HookError> {
    let folder = data_folder().ok_or(HookError::NoHome { why: "no variable says where" })?;
    Ok(folder.join("tightlip").join("hooks"))
}

fn absolute(set: &HooksPath) -> Result<PathBuf, HookError> {
    let path = PathBuf::from(&set.value);
    if path.is_absolute() { Ok(path) } else { Err(HookError::Folder { path, what: "path below each repository" }) }
}

/// A repository's own `core.hooksPath` counts for more than the user's.
fn tell_shadow(around: &Around) {
    let Ok(home) = around.home() else { return };
    let Some(set) = home.setting.filter(|set| matches!(set.scope.as_str(), "local" | "worktree")) else { return };
    note(&format!("warning: not in this repository: {} sets `core.hooksPath` for itself", Escaped(&set.origin)));
    match of_folder(&home.folder) {
        Some(manager) => note(manager.snippet),
        None => note("run `tightlip install` in it as well"),
    }
}
