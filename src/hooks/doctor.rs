//! Whether the gate holds: each hook is looked at and, where it is a script of ours that runs this very program, tried
//! with a made-up secret. What lets a secret by is a failure; what could not be looked at is never taken for fine.

use std::path::{Path, PathBuf};

use super::manager::{self, Effect, Manager};
use super::script::NOT_PASSED_ON;
use super::{Folder, Found, Hook, HookError, Written, defaults, hook};
use crate::git::{Answer, Bait, Fires, Git, HooksHome, Trial, Under, bypassing_aliases, hooks_path, version};
use crate::outcome::Exit;

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    pub name: String,
    pub status: Status,
    pub says: String,
    /// What to type, or to do, about it.
    pub next: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    Ok,
    /// True of every repository, and for the reader to know.
    Note,
    /// Nothing gets by, and something is not as it should be.
    Warn,
    /// A secret can get by.
    Fail,
    /// Could not be looked at.
    Unknown,
}

impl Status {
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Note => "note",
            Self::Warn => "warn",
            Self::Fail => "fail",
            Self::Unknown => "unknown",
        }
    }
}

impl Check {
    #[must_use]
    pub fn new(name: &str, status: Status, says: impl Into<String>, next: Option<&str>) -> Self {
        Self { name: name.to_owned(), status, says: says.into(), next: next.map(str::to_owned) }
    }
}

/// What the command line hands in.
#[derive(Debug)]
pub struct Examined<'e> {
    pub here: &'e Path,
    pub home: &'e HooksHome,
    /// Git as the user runs it, and for another repository.
    pub git: &'e Git,
    pub elsewhere: &'e Git,
    /// The path that `install` would write into hooks.
    pub program: &'e str,
    pub temporary: PathBuf,
    pub shell: Option<PathBuf>,
    /// Names and texts of the files at the repository's root that a hook goes by.
    pub control: Vec<(String, String)>,
    /// A made-up secret, and the rule that must find it; none where no such rule is on.
    pub canary: Option<(String, String)>,
    /// Try hooks that tightlip did not write too.
    pub foreign: bool,
}

/// Complete and clean, complete with something that lets secrets by, or incomplete.
#[must_use]
pub fn exit(checks: &[Check]) -> Exit {
    let any = |status| checks.iter().any(|check| check.status == status);
    if any(Status::Unknown) {
        Exit::Failed
    } else if any(Status::Fail) {
        Exit::Blocked
    } else {
        Exit::Clean
    }
}

impl Examined<'_> {
    /// All checks of this repository.
    ///
    /// # Errors
    /// The hooks folder cannot be looked at.
    pub fn checks(&self) -> Result<Vec<Check>, HookError> {
        let mut checks = vec![self.version()];
        let folder = match Folder::at(self.home.folder.clone()) {
            Ok(folder) => folder,
            Err(HookError::Folder { path, what: "file" }) => {
                let says = format!("{} is a file, so git runs no hook", path.display());
                checks.push(Check::new("hooks folder", Status::Fail, says, Some("git config --unset core.hooksPath")));
                return Ok(checks);
            }
            Err(other) => return Err(other),
        };
        checks.push(self.place(&folder)?);
        let is_bare = self.home.top.is_none();
        let mut names = defaults(is_bare).to_vec();
        for hook in super::HOOKS.iter().filter(|hook| !names.contains(&hook.name)).collect::<Vec<_>>() {
            // Not those that only hand on.
            if matches!(folder.look(hook.name)?, Found::Ours { written, .. } if written.gate().is_some()) {
                names.push(hook.name);
            }
        }
        let mut all = Vec::new();
        for hook in names.into_iter().filter_map(hook) {
            all.push(self.hook(&folder, hook)?);
        }
        soften(&mut all);
        checks.append(&mut all);
        checks.extend(self.aliases());
        checks.extend(self.standing_facts(&folder)?);
        Ok(checks)
    }

    fn version(&self) -> Check {
        match version(self.git, self.here) {
            Ok((major, minor, text)) if (major, minor) >= (2, 45) => {
                Check::new("git", Status::Ok, format!("version {text}"), None)
            }
            Ok((.., text)) => {
                let says = format!("version {text}: some kinds of repository cannot be read, and their commits fail");
                Check::new("git", Status::Warn, says, Some("install git 2.45 or newer"))
            }
            Err(why) => Check::new("git", Status::Unknown, why.to_string(), None),
        }
    }

    /// Where git looks, and whether hooks of ours stand where it does not.
    fn place(&self, folder: &Folder) -> Result<Check, HookError> {
        let row = |status, says: String, next: Option<&str>| Ok(Check::new("hooks folder", status, says, next));
        let shown = folder.path.display();
        let Some(set) = &self.home.setting else { return row(Status::Ok, shown.to_string(), None) };
        if set.value.is_empty() {
            let next = format!("git config --{} --unset core.hooksPath", set.scope);
            let says = format!("`core.hooksPath` is set to nothing in {}: git runs no hook", set.origin);
            return row(Status::Fail, says, Some(&next));
        }
        let says = format!("{shown}, as `core.hooksPath` in {} ({}) says", set.origin, set.scope);
        if !has_gate(folder) {
            let global = hooks_path(self.git, self.here, &["config", "--global"]).ok().flatten();
            let others = [Some(self.home.own.clone()), global.map(|set| PathBuf::from(set.value))];
            let others = others.into_iter().flatten().filter(|other| *other != folder.path);
            let mut passed_over = others.filter(|other| Folder::at(other.clone()).is_ok_and(|other| has_gate(&other)));
            if let Some(other) = passed_over.next() {
                let says = format!("{says}; git passes over our hooks in {}", other.display());
                let next = manager::of_folder(&folder.path).map_or("tightlip install", |manager| manager.snippet);
                return row(Status::Fail, says, Some(next));
            }
        }
        if let Found::Ours { written: Written { for_all: true, .. }, .. } = folder.look("pre-commit")? {
            let own = Folder::at(self.home.own.clone())?;
            let runs = |name: &&&str| matches!(own.look(name), Ok(Found::Foreign { executable: true, .. }));
            if let Some(name) = NOT_PASSED_ON.iter().find(runs) {
                let says = format!("{says}; the repository's own {name} does not run, as docs/hooks.md says");
                return row(Status::Warn, says, Some("git config core.hooksPath .git/hooks && tightlip install"));
            }
        }
        row(Status::Ok, says, None)
    }

    fn hook(&self, folder: &Folder, hook: &'static Hook) -> Result<Check, HookError> {
        let name = hook.name;
        let fail = |says: String, next: &str| Ok(Check::new(name, Status::Fail, says, Some(next)));
        let install = format!("tightlip install --hook {name}");
        match folder.look(name)? {
            Found::Nothing => match manager::of_folder(&folder.path) {
                Some(manager) => fail(format!("is left to {}, which has none", manager.name), manager.snippet),
                None => fail("is not installed".to_owned(), &install),
            },
            Found::Ours { executable: false, .. } => {
                fail("is not executable, so git passes over it".to_owned(), &install)
            }
            Found::Ours { written, .. } => Ok(self.ours(folder, hook, &written, &install)),
            Found::Foreign { executable: false, .. } => {
                fail("is somebody else's, and not executable; ours is not there".to_owned(), &install)
            }
            Found::Foreign { manager, text, .. } => {
                let manager = manager.or_else(|| manager::of_folder(&folder.path));
                Ok(self.foreign(folder, hook, manager, text.as_deref(), &install))
            }
        }
    }

    fn ours(&self, folder: &Folder, hook: &'static Hook, written: &Written, install: &str) -> Check {
        let name = hook.name;
        let unknown = |says: String, next: &str| Check::new(name, Status::Unknown, says, Some(next));
        if written.hook != name || written.gate().is_none() {
            let says = format!("is a script of ours for {}, and does not look for secrets", written.hook);
            return Check::new(name, Status::Fail, says, Some(install));
        }
        if written.is_of_another_version() {
            return unknown(format!("was written by another version of tightlip ({})", written.version), install);
        }
        if !written.genuine {
            return unknown("was edited since it was written, so it was not run".to_owned(), install);
        }
        let program = written.program.as_deref().unwrap_or_default();
        let real = |path: &str| Path::new(path).canonicalize().ok();
        if real(program).is_none() || real(program) != real(self.program) {
            if !Path::new(program).is_file() {
                let says = format!("runs {program}, which is gone: it fails unless there is a tightlip in PATH");
                return unknown(says, install);
            }
            let says = format!("runs another program than this one, so it was not tried: {program}");
            return unknown(says, &format!("'{program}' doctor, or {install}"));
        }
        let mut check = self.tried(name, Under::Alone(&folder.hook(name)), Vec::new());
        if let Ok(kept) = folder.kept(name).metadata() {
            let runs = kept.is_file() && super::folder::is_executable(&kept);
            let how = if runs { "runs" } else { "does not run: it is not executable" };
            check.says = format!("{}; {name}.tightlip-chained {how}", check.says);
        }
        check
    }

    /// A hook of somebody else, which may run tightlip all the same.
    fn foreign(
        &self,
        folder: &Folder,
        hook: &'static Hook,
        manager: Option<&'static Manager>,
        text: Option<&str>,
        install: &str,
    ) -> Check {
        let name = hook.name;
        let top = self.home.top.as_deref();
        let files = manager.zip(top).map(|(manager, top)| manager.config(top, name)).unwrap_or_default();
        let whose = manager.map_or("somebody else".to_owned(), |manager| manager.name.to_owned());
        let next = manager.map_or(install.to_owned(), |manager| match manager.effect {
            Effect::Refuses => manager.snippet.to_owned(),
            Effect::Replaces | Effect::Shares => format!("{install}, or {}", manager.snippet),
        });
        let legacy = folder.look(&format!("{name}.legacy"));
        let names_us = files.iter().any(|(_, text)| text.contains("tightlip"))
            || text.is_some_and(|text| text.contains("tightlip"))
            || (manager.is_some_and(|manager| manager.effect == Effect::Shares)
                && matches!(legacy, Ok(Found::Ours { executable: true, .. })));
        if !names_us {
            return Check::new(
                name,
                Status::Fail,
                format!("is written by {whose}, and does not run tightlip"),
                Some(&next),
            );
        }
        if !self.foreign {
            let says = format!("is written by {whose} and speaks of tightlip; it was not tried, being somebody else's");
            return Check::new(name, Status::Unknown, says, Some("tightlip doctor --foreign, which runs it elsewhere"));
        }
        self.tried(name, Under::Folder(&folder.path), files)
    }

    /// The hook's row after a canary.
    fn tried(&self, name: &str, under: Under<'_>, mut files: Vec<(String, String)>) -> Check {
        let Some((rule, secret)) = &self.canary else {
            let says = "the config switches off every rule that a made-up secret could try".to_owned();
            return Check::new(name, Status::Unknown, says, Some("switch one of them on: tightlip rules list github"));
        };
        files.extend(self.control.iter().cloned());
        let bait = Bait { secret, files, format: &self.home.format };
        let trial = Trial::new(self.elsewhere.clone(), &self.temporary, self.shell.as_deref(), &bait);
        match trial.and_then(|trial| trial.fires(name, under)) {
            Err(why) => Check::new(name, Status::Unknown, why.to_string(), None),
            Ok(None) => Check::new(name, Status::Ok, "is installed; it is of the kind that is not tried", None),
            Ok(Some(fires)) => verdict(name, rule, &fires),
        }
    }

    fn aliases(&self) -> Option<Check> {
        let names = match bypassing_aliases(self.git, self.here) {
            Ok(names) if names.is_empty() => return None,
            Ok(names) => names,
            Err(why) => return Some(Check::new("aliases", Status::Unknown, why.to_string(), None)),
        };
        let says = format!("commit or push without hooks: git {}", names.join(", git "));
        Some(Check::new("aliases", Status::Warn, says, Some("take `--no-verify` out of them: git config --edit")))
    }

    /// What no hook of this repository can help.
    fn standing_facts(&self, folder: &Folder) -> Result<Vec<Check>, HookError> {
        let note = |name: &str, says: &str, next: Option<&str>| Check::new(name, Status::Note, says, next);
        if self.home.top.is_none() {
            return Ok(Vec::new());
        }
        let mut facts = vec![note(
            "--no-verify",
            "passes over hooks, and nobody can see afterwards that it was used",
            Some("have the server or CI look again: docs/hooks.md, `On the server`"),
        )];
        if matches!(folder.look("pre-push")?, Found::Ours { .. }) {
            facts.push(note(
                "rebase",
                "git rebase, cherry-pick and am commit without pre-commit; pre-push looks at what they made",
                None,
            ));
        } else {
            facts.push(note(
                "rebase",
                "git rebase, cherry-pick and am commit without pre-commit, and no pre-push of ours looks at what they made",
                Some("tightlip install --hook pre-push"),
            ));
        }
        Ok(facts)
    }
}

/// Whether one of the usual hooks in this folder is ours.
fn has_gate(folder: &Folder) -> bool {
    let mut usual = defaults(false).iter().chain(defaults(true));
    usual.any(|name| matches!(folder.look(name), Ok(Found::Ours { .. })))
}

/// Without pre-commit or commit-msg a secret is still held by pre-push, which looks at all that they look at.
fn soften(checks: &mut [Check]) {
    if !checks.iter().any(|check| check.name == "pre-push" && check.status == Status::Ok) {
        return;
    }
    for check in checks.iter_mut().filter(|check| check.status == Status::Fail && check.name != "pre-receive") {
        check.status = Status::Warn;
        check.says.push_str("; pre-push still holds it");
    }
}

/// What the two answers mean.
fn verdict(name: &str, rule: &str, fires: &Fires) -> Check {
    match (&fires.clean, &fires.canary) {
        (_, Answer::Passed) => {
            let says = "let a made-up secret by";
            Check::new(name, Status::Fail, says, Some("see what the config allows: tightlip rules list"))
        }
        (_, Answer::Refused(said)) if !said.contains(rule) => {
            let says = format!("refused a made-up secret, and not for the secret: {}", first_words(said));
            Check::new(name, Status::Unknown, says, None)
        }
        (Answer::Refused(said), _) => {
            let says = format!("refuses a made-up secret ({rule}), and what is clean too: {}", first_words(said));
            Check::new(name, Status::Warn, says, None)
        }
        (Answer::Passed, Answer::Refused(_)) => {
            Check::new(name, Status::Ok, format!("refuses a made-up secret ({rule}), lets by what is clean"), None)
        }
    }
}

/// The first line that says something.
fn first_words(said: &str) -> String {
    let line = said.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or("without a word");
    line.chars().take(200).collect()
}
