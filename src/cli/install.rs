//! `tightlip install` and `tightlip uninstall` for one repository: finds its hooks folder, and says what became of each
//! hook and what stands in the way.

use std::env;
use std::path::{Path, PathBuf};

use clap::Args;
use clap::builder::{PossibleValue, PossibleValuesParser};

use super::error::CliError;
use super::everywhere;
use super::print;
use super::repository::of_hooks;
use super::terminal::{environment, note};
use crate::git::{Git, HooksHome};
use crate::hooks::{
    Done, Effect, Folder, HOOKS, HookError, MANAGERS, Removed, Script, defaults, hook, installing, of_folder, on_path,
};
use crate::outcome::Exit;
use crate::report::escape::Escaped;

const INSTALL_HELP: &str = "\
Without `--hook`: pre-commit, commit-msg and pre-push; in a bare repository pre-receive.
A hook that is there is kept and runs as well. A hook whose tightlip is gone fails.

Examples:
  tightlip install                     in this repository
  tightlip install --hook pre-push     this hook alone
  tightlip install --global            in all repositories of this user
  tightlip doctor                      proves that it works";

#[derive(Debug, Args)]
#[command(after_help = INSTALL_HELP)]
pub struct InstallArgs {
    /// Install this hook; may be given more than once
    #[arg(long, value_name = "HOOK", value_parser = hooks())]
    pub hook: Vec<String>,
    /// For all repositories of this user: set git's `core.hooksPath` to a folder of tightlip's
    #[arg(long)]
    global: bool,
}

const UNINSTALL_HELP: &str = "\
What tightlip wrote goes, and what was there before it comes back. No other hook is touched.

Examples:
  tightlip uninstall
  tightlip uninstall --global          undoes `tightlip install --global`";

#[derive(Debug, Args)]
#[command(after_help = UNINSTALL_HELP)]
pub struct UninstallArgs {
    /// Undo `tightlip install --global`
    #[arg(long)]
    global: bool,
}

fn hooks() -> PossibleValuesParser {
    PossibleValuesParser::new(HOOKS.iter().map(|hook| PossibleValue::new(hook.name).help(hook.about)))
}

/// What both commands start from.
pub struct Around {
    pub here: PathBuf,
    pub git: Git,
}

impl Around {
    pub fn new() -> Result<Self, CliError> {
        let here = env::current_dir().map_err(|why| CliError::NoFolder { why })?;
        let git = Git::new(on_path("git", environment("PATH").as_deref()).ok_or(HookError::NoGit)?);
        Ok(Self { here, git })
    }

    /// The program to write into hooks.
    pub fn program() -> Result<String, CliError> {
        let running = env::current_exe().map_err(|why| HookError::Program { why: why.to_string() })?;
        Ok(installing(&running, environment("PATH").as_deref())?)
    }

    pub fn home(&self) -> Result<HooksHome, CliError> {
        Ok(HooksHome::find(&self.git, of_hooks(), &self.here)?)
    }
}

pub fn install(args: &InstallArgs) -> Result<Exit, CliError> {
    let around = Around::new()?;
    if args.global {
        return everywhere::install(&around, args);
    }
    let home = around.home()?;
    let folder = folder(&home)?;
    let scripts = gates(args, home.top.is_none(), false)?;
    let done = folder.install(&scripts).map_err(managed)?;
    tell_done(&folder, &scripts, &done)?;
    if let Some(set) = &home.setting {
        let (shown, origin) = (home.folder.to_string_lossy(), &set.origin);
        note(&format!("note: hooks are in `{}`, as `core.hooksPath` in {} says", Escaped(&shown), Escaped(origin)));
    }
    if home.top.as_ref().is_some_and(|top| home.folder.starts_with(top)) && !home.folder.starts_with(&home.own) {
        note(
            "note: that folder is part of the work tree, and these scripts hold a path of this machine: do not commit them",
        );
    }
    tell_managers(home.top.as_deref(), &done);
    print(|out| writeln!(out, "next: tightlip doctor"))?;
    Ok(Exit::Clean)
}

pub fn uninstall(args: &UninstallArgs) -> Result<Exit, CliError> {
    let around = Around::new()?;
    if args.global {
        return everywhere::uninstall(&around);
    }
    let folder = Folder::at(around.home()?.folder)?;
    let removed = folder.uninstall()?;
    tell_removed(&folder, &removed)
}

/// The folder to write to, where that makes sense.
fn folder(home: &HooksHome) -> Result<Folder, CliError> {
    if let Some(set) = home.setting.as_ref().filter(|set| set.value.is_empty()) {
        return Err(HookError::SwitchedOff { origin: set.origin.clone(), scope: set.scope.clone() }.into());
    }
    if let Some(manager) = of_folder(&home.folder) {
        return Err(managed(HookError::Manager { manager, path: home.folder.clone() }).into());
    }
    Ok(Folder::at(home.folder.clone())?)
}

/// What to write into a manager's config stands before the error: lines to copy, not a sentence.
pub fn managed(error: HookError) -> HookError {
    if let HookError::Manager { manager, .. } = &error {
        note(&format!("{}: {}", manager.name, manager.about));
        note(manager.snippet);
    }
    error
}

/// A script for each hook that was asked for.
pub fn gates(args: &InstallArgs, bare: bool, for_all: bool) -> Result<Vec<Script>, CliError> {
    let program = Around::program()?;
    let asked = |name: &str| match args.hook.as_slice() {
        [] => defaults(bare).contains(&name),
        named => named.iter().any(|named| named == name),
    };
    let names = HOOKS.iter().map(|hook| hook.name).filter(|name| asked(name));
    Ok(names.map(|name| Script { name, program: Some(program.clone()), for_all, made: false }).collect())
}

/// A line for each gate.
pub fn tell_done(folder: &Folder, scripts: &[Script], done: &[Done]) -> Result<(), CliError> {
    print(|out| {
        for (script, done) in scripts.iter().zip(done).filter(|(script, _)| hook(script.name).is_some()) {
            let path = folder.hook(script.name);
            let path = path.to_string_lossy();
            let path = Escaped(&path);
            match done {
                Done::New => writeln!(out, "wrote {path}")?,
                Done::Renewed => writeln!(out, "renewed {path}")?,
                Done::Unchanged => writeln!(out, "{path} is as it should be")?,
                Done::ByManager => writeln!(out, "{path} is pre-commit's, and runs ours")?,
                Done::Chained { runs, .. } => {
                    let how = if *runs { "and runs as well" } else { "and does not run, not being executable" };
                    writeln!(out, "wrote {path}; what was there is kept as {}.tightlip-chained, {how}", script.name)?;
                }
            }
        }
        Ok(())
    })
}

/// Managers whose config is here, or whose hooks were chained, and what they will do to ours.
fn tell_managers(top: Option<&Path>, done: &[Done]) {
    for manager in MANAGERS {
        let is_chained =
            done.iter().any(|done| matches!(done, Done::Chained { manager: Some(it), .. } if *it == manager));
        let is_here = top.is_some_and(|top| manager.is_configured(top));
        if is_chained || is_here {
            let word = if manager.effect == Effect::Shares { "note" } else { "warning" };
            note(&format!("{word}: {} is used here: {}", manager.name, manager.about));
            note(manager.snippet);
        }
    }
}

/// A line for each hook that was ours, and whether all of them are gone.
pub fn tell_removed(folder: &Folder, removed: &[(&'static str, Removed)]) -> Result<Exit, CliError> {
    print(|out| {
        if removed.is_empty() {
            let shown = folder.path.to_string_lossy();
            writeln!(out, "no hook of tightlip's is in {}", Escaped(&shown))?;
        }
        for (name, removed) in removed.iter().filter(|(name, _)| hook(name).is_some()) {
            let path = folder.hook(name);
            let path = path.to_string_lossy();
            let path = Escaped(&path);
            match removed {
                Removed::Gone => writeln!(out, "removed {path}")?,
                Removed::Restored => writeln!(out, "put back {path} as it was")?,
                Removed::Left { kept } => {
                    let kept = kept.to_string_lossy();
                    writeln!(out, "left {path}, which is not ours, and {}, which was kept", Escaped(&kept))?;
                }
                Removed::Edited => writeln!(out, "left {path}, which was edited: move your lines out and delete it")?,
            }
        }
        Ok(())
    })?;
    let is_left = removed.iter().any(|(_, removed)| matches!(removed, Removed::Edited | Removed::Left { .. }));
    Ok(if is_left { Exit::Failed } else { Exit::Clean })
}
