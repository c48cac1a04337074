//! Hooks as git runs them: real commits and real pushes through what `tightlip install` writes, chained with what was
//! there, and all of it gone again after `tightlip uninstall`.

#![cfg(unix)]
#![allow(
    clippy::disallowed_methods,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests read and run files of their own, and may fail"
)]

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tightlip::hooks::{Folder, Script};

/// One test at a time: while another starts a program, a script that was just written counts as open for writing, and
/// cannot be run.
static ALONE: Mutex<()> = Mutex::new(());

/// A folder of its own, with a home and a repository in it.
struct Place {
    root: PathBuf,
    _alone: MutexGuard<'static, ()>,
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.root);
    }
}

impl Place {
    /// With an empty repository in `repo`.
    fn new(name: &str) -> Self {
        let root = std::env::temp_dir().join(format!("tightlip-hooks-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&root);
        for folder in ["home", "temporary", "bin"] {
            fs::create_dir_all(root.join(folder)).unwrap();
        }
        // A test that failed leaves nothing behind that matters to the next.
        let alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
        let place = Self { root: root.canonicalize().unwrap(), _alone: alone };
        let config = "[user]\n\tname = a\n\temail = a@example.com\n[init]\n\tdefaultBranch = main\n";
        fs::write(place.at("home/.gitconfig"), config).unwrap();
        place.git(".", "init -q repo");
        place
    }

    fn at(&self, path: &str) -> PathBuf {
        self.root.join(path)
    }

    fn write(&self, path: &str, text: &str) -> PathBuf {
        let path = self.at(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path
    }

    fn program(&self, path: &str, text: &str) -> PathBuf {
        let path = self.write(path, text);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        path
    }

    fn command(&self, program: impl AsRef<std::ffi::OsStr>, dir: &str) -> Command {
        let mut command = Command::new(program);
        let path = format!("{}:/usr/bin:/bin", self.at("bin").display());
        command.env_clear().env("HOME", self.at("home")).env("TMPDIR", self.at("temporary")).env("PATH", path);
        command.env("GIT_CONFIG_NOSYSTEM", "1").env("LOG", self.at("log"));
        command.current_dir(self.at(dir)).stdin(Stdio::null());
        command
    }

    fn ran(&self, program: &str, dir: &str, args: &str) -> Output {
        self.command(program, dir).args(args.split_whitespace()).output().unwrap()
    }

    #[track_caller]
    fn git(&self, dir: &str, args: &str) -> String {
        let ran = self.ran("git", dir, args);
        assert!(ran.status.success(), "git {args}: {}", said(&ran));
        said(&ran)
    }

    fn tightlip(&self, dir: &str, args: &str) -> (i32, String) {
        let ran = self.ran(env!("CARGO_BIN_EXE_tightlip"), dir, args);
        (ran.status.code().unwrap_or(-1), said(&ran))
    }

    #[track_caller]
    fn must(&self, dir: &str, args: &str) -> String {
        let (exit, said) = self.tightlip(dir, args);
        assert_eq!(exit, 0, "tightlip {args}: {said}");
        said
    }

    #[track_caller]
    fn refuses(&self, dir: &str, args: &str, why: &str) {
        let (exit, said) = self.tightlip(dir, args);
        assert_eq!(exit, 2, "tightlip {args}: {said}");
        // The frame of a message breaks lines.
        let words: Vec<&str> = said.split_whitespace().filter(|word| *word != "│").collect();
        assert!(words.join(" ").contains(why), "tightlip {args}: no `{why}` in {said}");
    }

    /// A hook that writes down its name, arguments and input.
    fn recorder(&self, path: &str, name: &str, exit: i32) -> PathBuf {
        let text = format!("#!/bin/sh\n{{ echo \"{name} $*\"; cat; }} >>\"$LOG\"\nexit {exit}\n");
        self.program(path, &text)
    }

    fn log(&self) -> String {
        let text = fs::read_to_string(self.at("log")).unwrap_or_default();
        let _ = fs::remove_file(self.at("log"));
        text
    }

    /// Our script for a hook, which runs a program that only writes down how it was run.
    fn stand_in(&self, folder: &str, name: &'static str, exit: i32) {
        let program = self.recorder("bin/gate", "gate", exit);
        let program = Some(program.to_str().unwrap().to_owned());
        let script = Script { name, program, for_all: false, made: false };
        Folder::at(self.at(folder)).unwrap().install(&[script]).unwrap();
    }

    /// Adds a file with a secret in it.
    fn stage_secret(&self, dir: &str) {
        self.write(&format!("{dir}/deploy.yml"), &format!("token: {}\n", secret()));
        self.git(dir, "add deploy.yml");
    }

    #[track_caller]
    fn refuses_commit(&self, dir: &str) {
        self.stage_secret(dir);
        let ran = self.ran("git", dir, "commit -m x");
        assert!(!ran.status.success(), "{dir}: the commit went through: {}", said(&ran));
        self.git(dir, "rm -q --cached deploy.yml");
    }
}

/// Put together when it is needed, so that no token stands in this file.
fn secret() -> String {
    format!("dop{}{}", "_v1_", "5a3e81c9d07f42b6".repeat(3) + "9c1d8b27f60e43a5")
}

fn said(ran: &Output) -> String {
    String::from_utf8_lossy(&[ran.stdout.as_slice(), ran.stderr.as_slice()].concat()).into_owned()
}

/// Every file below, with its mode, and its text or where it leads.
fn snapshot(folder: &Path) -> BTreeMap<PathBuf, (u32, Vec<u8>)> {
    let mut all = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        let Ok(entries) = fs::read_dir(&next) else { continue };
        all.insert(next.clone(), (next.metadata().unwrap().mode(), Vec::new()));
        for entry in entries {
            let path = entry.unwrap().path();
            let found = path.symlink_metadata().unwrap();
            if found.is_dir() {
                // What the hooks' own runs remember is no part of an installation.
                folders.extend((!path.ends_with(".cache")).then_some(path));
                continue;
            }
            let content = if found.is_symlink() {
                fs::read_link(&path).unwrap().into_os_string().into_encoded_bytes()
            } else {
                fs::read(&path).unwrap()
            };
            all.insert(path, (found.mode(), content));
        }
    }
    all
}

const HOOKS: &str = "repo/.git/hooks";

#[test]
fn a_hook_that_was_there_runs_too_with_the_same_arguments_and_lines() {
    let place = Place::new("chain");
    place.recorder(&format!("{HOOKS}/pre-commit"), "old", 0);
    place.recorder(&format!("{HOOKS}/commit-msg"), "old", 0);
    place.stand_in(HOOKS, "pre-commit", 0);
    place.stand_in(HOOKS, "commit-msg", 0);
    place.git("repo", "commit -q --allow-empty -m first");
    let message = ".git/COMMIT_EDITMSG";
    let expected =
        format!("gate staged\nold \ngate staged\ngate message {message}\nold {message}\ngate message {message}\n");
    assert_eq!(place.log(), expected);

    place.git(".", "init -q --bare server.git");
    place.recorder(&format!("{HOOKS}/pre-push"), "old", 0);
    place.recorder("server.git/hooks/pre-receive", "old", 0);
    place.stand_in(HOOKS, "pre-push", 0);
    place.stand_in("server.git/hooks", "pre-receive", 0);
    place.git("repo", "branch two");
    let server = place.at("server.git").display().to_string();
    place.git("repo", &format!("push -q {server} main two"));
    let id = place.git("repo", "rev-parse HEAD").trim().to_owned();
    let none = "0".repeat(40);
    let lines: String =
        ["main", "two"].map(|name| format!("refs/heads/{name} {id} refs/heads/{name} {none}\n")).concat();
    let received: String = ["main", "two"].map(|name| format!("{none} {id} refs/heads/{name}\n")).concat();
    let expected = format!(
        "gate push -- {server} {server}\n{lines}old {server} {server}\n{lines}gate receive\n{received}old \n{received}"
    );
    assert_eq!(place.log(), expected);
}

#[test]
fn the_first_failure_decides() {
    for (gate, old, exit, log) in [
        (0, 7, 7, "gate staged\nold \n"),
        (1, 7, 1, "gate staged\n"),
        (2, 0, 2, "gate staged\n"),
        (0, 0, 0, "gate staged\nold \ngate staged\n"),
    ] {
        let place = Place::new(&format!("first-{gate}{old}"));
        place.recorder(&format!("{HOOKS}/pre-commit"), "old", old);
        place.stand_in(HOOKS, "pre-commit", gate);
        let ran = place.ran(".git/hooks/pre-commit", "repo", "");
        assert_eq!((ran.status.code(), place.log().as_str()), (Some(exit), log));
        let commit = place.ran("git", "repo", "commit -q --allow-empty -m x");
        assert_eq!(commit.status.success(), exit == 0);
    }
}

#[test]
fn a_hook_that_git_passed_over_is_not_started() {
    let place = Place::new("passed-over");
    let old = place.recorder(&format!("{HOOKS}/pre-commit"), "old", 1);
    fs::set_permissions(&old, fs::Permissions::from_mode(0o644)).unwrap();
    assert!(place.must("repo", "install").contains("does not run, not being executable"));
    place.must("repo", "uninstall");
    place.stand_in(HOOKS, "pre-commit", 0);
    place.git("repo", "commit -q --allow-empty -m x");
    assert_eq!(place.log(), "gate staged\n");
}

#[test]
fn without_a_program_that_runs_the_hook_fails() {
    let place = Place::new("no-program");
    place.stand_in(HOOKS, "pre-commit", 0);
    let gate = place.at("bin/gate");
    let fails = |why: &str| {
        let ran = place.ran("git", "repo", "commit -q --allow-empty -m x");
        assert!(!ran.status.success() && said(&ran).contains(why), "no `{why}` in {}", said(&ran));
    };
    fs::write(&gate, b"\x7fELF no program").unwrap();
    fails("nothing was checked, so pre-commit fails");
    place.program("bin/gate", "#!/bin/sh\nkill -SEGV $$\n");
    fails("ended with 139: nothing was checked");
    fs::set_permissions(&gate, fs::Permissions::from_mode(0o644)).unwrap();
    fails("is gone and there is no other tightlip in PATH");
    fs::remove_file(&gate).unwrap();
    fails("Install tightlip and run `tightlip install`");
    // One that the repository brings is not taken.
    place.recorder("repo/tightlip", "planted", 0);
    let mut commit = place.command("git", "repo");
    let ran = commit.env("PATH", ".::/usr/bin:/bin").args(["commit", "--allow-empty", "-m", "x"]).output().unwrap();
    assert!(!ran.status.success() && said(&ran).contains("nothing was checked"), "{}", said(&ran));
    assert_eq!(place.log(), "");
    place.recorder("bin/tightlip", "other", 0);
    place.git("repo", "commit -q --allow-empty -m x");
    assert_eq!(place.log(), "other staged\n");
}

#[test]
fn uninstall_leaves_everything_as_it_was() {
    let place = Place::new("as-it-was");
    fs::remove_dir_all(place.at(HOOKS)).unwrap();
    place.recorder(&format!("{HOOKS}/pre-commit"), "old", 0);
    fs::set_permissions(place.at(HOOKS).join("pre-commit"), fs::Permissions::from_mode(0o700)).unwrap();
    place.write(&format!("{HOOKS}/commit-msg"), "not executable");
    place.recorder("repo/tools/push.sh", "linked", 0);
    symlink("../../tools/push.sh", place.at(HOOKS).join("pre-push")).unwrap();
    symlink("nowhere", place.at(HOOKS).join("pre-merge-commit")).unwrap();
    place.recorder(&format!("{HOOKS}/post-commit"), "other", 0);
    let before = snapshot(&place.at("repo/.git"));

    let hooks = "--hook pre-commit --hook commit-msg --hook pre-push --hook pre-merge-commit --hook pre-applypatch";
    place.must("repo", &format!("install {hooks}"));
    let installed = snapshot(&place.at("repo/.git"));
    let at = |name: &str| &installed[&place.at(HOOKS).join(name)];
    let was = |name: &str| &before[&place.at(HOOKS).join(name)];
    for name in ["pre-commit", "commit-msg", "pre-push", "pre-merge-commit"] {
        assert_eq!(at(&format!("{name}.tightlip-chained")), was(name), "{name} is kept as it was");
        assert_eq!(at(name).0 & 0o7777, 0o755, "{name}");
    }
    let written = place.at(HOOKS).join("pre-commit").metadata().unwrap().mtime_nsec();
    place.must("repo", &format!("install {hooks}"));
    assert_eq!(snapshot(&place.at("repo/.git")), installed, "a second time changes nothing");
    assert_eq!(place.at(HOOKS).join("pre-commit").metadata().unwrap().mtime_nsec(), written);

    place.must("repo", "uninstall");
    assert_eq!(snapshot(&place.at("repo/.git")), before);
    place.must("repo", "uninstall");
    assert_eq!(snapshot(&place.at("repo/.git")), before, "there is nothing more to take away");

    // As a run that was cut short leaves it.
    let hook = place.at(HOOKS).join("pre-commit");
    fs::hard_link(&hook, place.at(HOOKS).join("pre-commit.tightlip-chained")).unwrap();
    place.must("repo", "uninstall");
    assert_eq!(snapshot(&place.at("repo/.git")), before);
    fs::hard_link(&hook, place.at(HOOKS).join("pre-commit.tightlip-chained")).unwrap();
    place.must("repo", &format!("install {hooks}"));
    assert_eq!(snapshot(&place.at("repo/.git")), installed);
    place.must("repo", "uninstall");
    assert_eq!(snapshot(&place.at("repo/.git")), before);

    // A folder that was made goes as well.
    fs::remove_dir_all(place.at(HOOKS)).unwrap();
    place.must("repo", "install --hook pre-push");
    place.must("repo", "install");
    place.must("repo", "uninstall");
    assert!(!place.at(HOOKS).exists());
}

#[test]
fn a_script_of_an_older_version_or_another_program_is_renewed_and_one_that_was_edited_is_not() {
    let place = Place::new("renewed");
    place.must("repo", "install");
    let hook = place.at(HOOKS).join("pre-commit");
    let text = fs::read_to_string(&hook).unwrap();
    for old in [
        text.replace("tightlip-hook 1 ", "tightlip-hook 0 ").replace("again=yes", "again=sometimes"),
        text.replace(env!("CARGO_BIN_EXE_tightlip"), "/opt/old/tightlip"),
    ] {
        fs::write(&hook, old).unwrap();
        assert!(place.must("repo", "install").contains("renewed"));
        assert_eq!(fs::read_to_string(&hook).unwrap(), text);
    }
    fs::set_permissions(&hook, fs::Permissions::from_mode(0o644)).unwrap();
    assert!(place.must("repo", "install").contains("renewed"));
    assert_eq!(hook.metadata().unwrap().mode() & 0o7777, 0o755);

    fs::write(&hook, text.clone() + "echo mine\n").unwrap();
    let before = snapshot(&place.at("repo/.git"));
    place.refuses("repo", "install", "was edited since it was written");
    let (exit, _) = place.tightlip("repo", "uninstall");
    assert_eq!(exit, 2);
    let after = snapshot(&place.at("repo/.git"));
    assert_eq!(after.get(&hook), before.get(&hook));
}

#[test]
fn hooks_are_put_where_git_looks_for_them() {
    let place = Place::new("where");
    place.must("repo", "install");
    place.refuses_commit("repo");
    place.write("repo/a/b/x", "");
    place.git("repo", "add a");
    place.git("repo", "commit -q --no-verify -m first");
    place.must("repo", "uninstall");

    let rows = [
        ("hooks-here", "repo/hooks-here", "repo/a/b"),
        ("~/my hooks", "home/my hooks", "repo"),
        ("../beside", "beside", "repo/a"),
    ];
    for (value, folder, from) in rows {
        let ran = place.command("git", "repo").args(["config", "core.hooksPath", value]).output().unwrap();
        assert!(ran.status.success());
        place.must(from, "install");
        assert!(place.at(folder).join("pre-commit").is_file(), "{value}");
        assert!(!place.at(HOOKS).join("pre-commit").exists(), "{value}");
        place.refuses_commit("repo");
        place.must(from, "uninstall");
        assert!(!place.at(folder).exists(), "{value}: the folder was made, and goes");
    }
    place.git("repo", "config --unset core.hooksPath");

    place.git("repo", "worktree add -q ../linked");
    place.must("linked", "install");
    assert!(place.at(HOOKS).join("pre-push").is_file(), "all work trees share one folder");
    place.refuses_commit("linked");
    place.must("linked", "uninstall");
    place.git("repo", "config extensions.worktreeConfig true");
    place.git("linked", "config --worktree core.hooksPath of-this-tree");
    place.must("linked", "install");
    assert!(place.at("linked/of-this-tree/pre-commit").is_file());
    place.refuses_commit("linked");
    assert!(!place.at(HOOKS).join("pre-commit").exists());

    place.git(".", "init -q --bare bare.git");
    assert!(place.must("bare.git/refs", "install").contains("bare.git/hooks/pre-receive"));
    place.git("bare.git", "config core.hooksPath its-own");
    place.must("bare.git/refs", "install");
    assert!(place.at("bare.git/its-own/pre-receive").is_file());

    let from_outside = place
        .command(env!("CARGO_BIN_EXE_tightlip"), "home")
        .arg("install")
        .env("GIT_DIR", place.at("repo/.git"))
        .output();
    assert!(from_outside.unwrap().status.success());
    assert!(place.at(HOOKS).join("pre-commit").is_file());
    place.refuses("home", "install", "there is no git repository here");
}

#[test]
fn a_submodule_has_hooks_of_its_own() {
    let place = Place::new("submodule");
    place.git("repo", "commit -q --allow-empty -m first");
    place.git(".", "init -q above");
    place.git("above", "-c protocol.file.allow=always submodule --quiet add ../repo part");
    place.must("above/part", "install");
    assert!(place.at("above/.git/modules/part/hooks/pre-commit").is_file());
    place.refuses_commit("above/part");
}

#[test]
fn what_cannot_be_done_without_a_loss_is_refused_and_nothing_is_written() {
    type Prepare = fn(&Place);
    let rows: [(&str, Prepare, &str); 8] = [
        (
            "folder-is-a-link",
            |place| {
                fs::rename(place.at(HOOKS), place.at("shared")).unwrap();
                symlink(place.at("shared"), place.at(HOOKS)).unwrap();
            },
            "is a symlink",
        ),
        (
            "hook-is-a-folder",
            |place| fs::create_dir_all(place.at(HOOKS).join("pre-push")).unwrap(),
            "is a folder, no hook",
        ),
        ("hook-is-a-pipe", |place| drop(place.ran("mkfifo", HOOKS, "pre-push")), "is a special file, no hook"),
        (
            "two-hooks",
            |place| {
                place.recorder(&format!("{HOOKS}/pre-push"), "new", 0);
                place.recorder(&format!("{HOOKS}/pre-push.tightlip-chained"), "old", 0);
            },
            "are both not ours",
        ),
        ("husky", |place| drop(place.git("repo", "config core.hooksPath .husky/_")), "in .husky/pre-commit"),
        (
            "overcommit",
            |place| drop(place.program(&format!("{HOOKS}/pre-commit"), "#!/usr/bin/env ruby\nrequire 'overcommit'\n")),
            "overcommit manages the hooks",
        ),
        (
            "no-hooks",
            |place| drop(place.command("git", "repo").args(["config", "core.hooksPath", ""]).status()),
            "set to nothing",
        ),
        (
            "config-is-a-pipe",
            |place| {
                fs::remove_file(place.at("repo/.git/config")).unwrap();
                place.ran("mkfifo", "repo/.git", "config");
            },
            "not a regular file",
        ),
    ];
    for (name, prepare, why) in rows {
        let place = Place::new(name);
        prepare(&place);
        let listing = || place.ran("ls", "repo/.git", "-lR --time-style=full-iso").stdout;
        let before = listing();
        place.refuses("repo", "install", why);
        assert_eq!(listing(), before, "{name}");
    }
}

#[test]
fn pre_commit_and_ours_find_each_other_in_either_order() {
    let place = Place::new("pre-commit");
    // As pre-commit writes it: it runs what it replaced first, and refuses to be that itself.
    let text = "#!/bin/sh\n# File generated by pre-commit: https://pre-commit.com\n\
        [ -z \"$PRE_COMMIT_RUNNING_LEGACY\" ] || { echo bug; exit 1; }\n\
        legacy=${0%/*}/pre-commit.legacy\n\
        if [ -x \"$legacy\" ]; then PRE_COMMIT_RUNNING_LEGACY=1 \"$legacy\" || exit 1; fi\n\
        echo framework >>\"$LOG\"\n";
    place.program(&format!("{HOOKS}/pre-commit"), text);
    place.stand_in(HOOKS, "pre-commit", 0);
    place.git("repo", "commit -q --allow-empty -m x");
    assert_eq!(place.log(), "gate staged\nframework\ngate staged\n");
    // `pre-commit install` once more.
    fs::rename(place.at(HOOKS).join("pre-commit"), place.at(HOOKS).join("pre-commit.legacy")).unwrap();
    place.program(&format!("{HOOKS}/pre-commit"), text);
    place.git("repo", "commit -q --allow-empty -m x");
    assert_eq!(place.log(), "gate staged\nframework\n");
    place.stand_in(HOOKS, "pre-commit", 0);
    assert!(fs::read_to_string(place.at(HOOKS).join("pre-commit")).unwrap().contains("framework"), "it stays as it is");
}

#[test]
fn for_all_repositories_each_keeps_its_own_hooks() {
    let place = Place::new("global");
    place.recorder(&format!("{HOOKS}/post-commit"), "own", 0);
    place.recorder(&format!("{HOOKS}/commit-msg"), "own", 0);
    place.git(".", "init -q other");
    let before = (snapshot(&place.at("repo/.git")), snapshot(&place.at("home")));
    let said = place.must("other", "install --global");
    let folder = place.at("home/.local/share/tightlip/hooks");
    let set = format!("set core.hooksPath = {} in file:{}", folder.display(), place.at("home/.gitconfig").display());
    assert!(said.contains(&set), "no `{set}` in {said}");
    place.must("other", "install --global");
    place.refuses_commit("repo");
    place.refuses_commit("other");
    place.git("repo", "commit -q --allow-empty --no-verify -m x");
    assert_eq!(place.log(), "own \n", "post-commit was handed on");
    place.git("repo", "commit -q --allow-empty -m y");
    let message = ".git/COMMIT_EDITMSG";
    assert_eq!(place.log(), format!("own {message}\nown \n"), "commit-msg is handed on by a gate");

    let (exit, checks) = doctor(&place, "other", "");
    assert_eq!(exit, 0, "{checks}");
    for hook in ["pre-commit", "commit-msg", "pre-push"] {
        assert_eq!(row(&checks, hook).0, "ok", "{checks}");
    }
    assert!(!checks.to_string().contains("pre-receive"), "{checks}");
    place.recorder(&format!("{HOOKS}/reference-transaction"), "own", 0);
    assert_eq!(row(&doctor(&place, "repo", "").1, "hooks folder").0, "warn");
    fs::remove_file(place.at(HOOKS).join("reference-transaction")).unwrap();

    place.git("repo", "config core.hooksPath .husky/_");
    assert_eq!(row(&doctor(&place, "repo", "").1, "hooks folder").0, "fail");
    let (_, said) = place.tightlip("repo", "install --global");
    assert!(said.contains("not in this repository") && said.contains("in .husky/pre-commit"), "{said}");
    place.git("repo", "config --unset core.hooksPath");

    let said = place.must("other", "uninstall --global");
    assert!(said.contains("took core.hooksPath"), "{said}");
    assert_eq!(snapshot(&place.at("home")).keys().filter(|path| path.starts_with(&folder)).count(), 0);
    let config = fs::read(place.at("home/.gitconfig")).unwrap();
    assert_eq!(config, before.1[&place.at("home/.gitconfig")].1);
    place.log();
}

#[test]
fn a_folder_for_all_that_the_user_has_already_is_used_and_kept() {
    let place = Place::new("global-own");
    place.recorder("home/hooks/pre-commit", "mine", 0);
    place.git("repo", "config --global core.hooksPath ~/hooks");
    let before = snapshot(&place.at("home"));
    let said = place.must("repo", "install --global");
    assert!(said.contains("was set already"), "{said}");
    place.refuses_commit("repo");
    let said = place.must("repo", "uninstall --global");
    assert!(said.contains("is not ours, and stays"), "{said}");
    assert_eq!(snapshot(&place.at("home")), before);
}

/// The row of a check.
fn row<'c>(checks: &'c serde_json::Value, name: &str) -> (&'c str, &'c str) {
    let all = checks["checks"].as_array().unwrap();
    let row = all.iter().find(|row| row["name"] == name).unwrap_or_else(|| panic!("no `{name}` in {checks}"));
    (row["status"].as_str().unwrap(), row["says"].as_str().unwrap())
}

fn doctor(place: &Place, dir: &str, args: &str) -> (i32, serde_json::Value) {
    let ran = place.ran(env!("CARGO_BIN_EXE_tightlip"), dir, &format!("doctor --format json {args}"));
    let checks = serde_json::from_slice(&ran.stdout).unwrap_or_else(|_| panic!("{}", said(&ran)));
    (ran.status.code().unwrap(), checks)
}

#[test]
fn a_commit_is_refused_for_its_secret_and_for_nothing_else() {
    let place = Place::new("commit");
    place.must("repo", "install");
    place.write("repo/a", "nothing\n");
    place.git("repo", "add a");
    place.git("repo", "commit -q --allow-empty -m first");
    place.stage_secret("repo");
    for args in ["commit -m x", "commit -a -m x", "commit --amend -m x", "commit -m x deploy.yml"] {
        let ran = place.ran("git", "repo", args);
        assert_eq!(ran.status.code(), Some(1), "{args}");
        assert!(said(&ran).contains("digitalocean-token") && !said(&ran).contains(&secret()), "{args}: {}", said(&ran));
    }
    assert_eq!(place.git("repo", "log --format=%s").trim(), "first");
    place.git("repo", "rm -q --cached deploy.yml");
    place.write("message", &format!("a subject\n\ntoken: {}\n", secret()));
    let ran = place.ran("git", "repo", "commit --allow-empty -F ../message");
    assert_eq!(ran.status.code(), Some(1));
    assert!(said(&ran).contains("digitalocean-token") && !said(&ran).contains(&secret()), "{}", said(&ran));
    place.git("repo", "commit -q --allow-empty -m second");
    assert_eq!(place.git("repo", "log --format=%s"), "second\nfirst\n");
}

#[test]
fn a_push_is_refused_for_its_secret_on_either_side_and_for_nothing_else() {
    let place = Place::new("push");
    place.git(".", "init -q --bare server.git");
    place.git("repo", &format!("remote add origin {}", place.at("server.git").display()));
    place.git("repo", "commit -q --allow-empty -m first");
    place.git("repo", "branch clean");
    place.stage_secret("repo");
    place.git("repo", "commit -q -m leak");
    place.git("repo", "rm -q deploy.yml");
    place.git("repo", "commit -q -m gone");
    place.must("repo", "install --hook pre-push");
    place.must("server.git", "install");
    for args in ["push origin clean main", "push --no-verify origin clean main"] {
        let ran = place.ran("git", "repo", args);
        assert!(!ran.status.success(), "{args}");
        assert!(said(&ran).contains("digitalocean-token") && !said(&ran).contains(&secret()), "{args}: {}", said(&ran));
        assert_eq!(place.git("server.git", "for-each-ref"), "");
    }
    place.git("repo", "push -q origin clean");
    assert!(place.git("server.git", "for-each-ref").contains("refs/heads/clean"));
}

#[test]
fn doctor_proves_that_the_hooks_fire() {
    let place = Place::new("doctor-proves");
    place.must("repo", "install");
    for format in ["sha1", "sha256"] {
        place.git(".", &format!("init -q --object-format={format} {format}"));
        place.git(".", &format!("init -q --bare --object-format={format} {format}.git"));
        place.must(format, "install --hook pre-commit --hook pre-push");
        let (exit, checks) = doctor(&place, format, "");
        assert_eq!(exit, 0, "{checks}");
        assert_eq!((row(&checks, "pre-commit").0, row(&checks, "pre-push").0), ("ok", "ok"), "{checks}");
        assert_eq!(row(&checks, "commit-msg"), ("warn", "is not installed; pre-push still holds it"));
        place.must(&format!("{format}.git"), "install");
        let (exit, checks) = doctor(&place, &format!("{format}.git"), "");
        assert_eq!((exit, row(&checks, "pre-receive").0), (0, "ok"), "{checks}");
    }
    let (exit, checks) = doctor(&place, "repo", "");
    assert_eq!((exit, row(&checks, "commit-msg").0), (0, "ok"), "{checks}");
    // What is chained stays out of it.
    place.must("repo", "uninstall");
    place.recorder(&format!("{HOOKS}/pre-commit"), "old", 1);
    place.must("repo", "install");
    let (_, checks) = doctor(&place, "repo", "");
    let (status, says) = row(&checks, "pre-commit");
    assert!(status == "ok" && says.contains("pre-commit.tightlip-chained runs"), "{checks}");
    assert_eq!(place.log(), "");
    // A config that allows the canary.
    place.write("repo/.tightlip.yml", "leave_out: ['canary']\n");
    let (exit, checks) = doctor(&place, "repo", "");
    assert_eq!(row(&checks, "pre-commit"), ("fail", "let a made-up secret by; pre-commit.tightlip-chained runs"));
    assert_ne!(exit, 0);
}

#[test]
fn a_hook_of_a_manager_is_tried_when_asked() {
    let place = Place::new("doctor-foreign");
    let ours = PathBuf::from(env!("CARGO_BIN_EXE_tightlip"));
    symlink(&ours, place.at("bin/tightlip")).unwrap();
    // As husky lays it out.
    place.git("repo", "config core.hooksPath .husky/_");
    place.program("repo/.husky/_/pre-commit", "#!/bin/sh\n. \"$(dirname \"$0\")/h\"\n");
    place.program(
        "repo/.husky/_/h",
        "n=$(basename \"$0\")\ns=$(dirname \"$(dirname \"$0\")\")/$n\nsh -e \"$s\" \"$@\"\n",
    );
    place.write("repo/.husky/pre-commit", "echo lint\n");
    let (_, checks) = doctor(&place, "repo", "--foreign");
    assert_eq!(row(&checks, "pre-commit"), ("fail", "is written by husky, and does not run tightlip"));
    place.write("repo/.husky/pre-commit", "tightlip staged\necho lint\n");
    assert_eq!(row(&doctor(&place, "repo", "").1, "pre-commit").0, "unknown");
    assert_eq!(row(&doctor(&place, "repo", "--foreign").1, "pre-commit").0, "ok");
}

#[test]
fn doctor_names_what_lets_a_secret_by() {
    let place = Place::new("doctor-names");
    let (exit, checks) = doctor(&place, "repo", "");
    assert_eq!((exit, row(&checks, "pre-commit")), (1, ("fail", "is not installed")));
    place.must("repo", "install");
    let hook = place.at(HOOKS).join("pre-push");
    fs::set_permissions(&hook, fs::Permissions::from_mode(0o644)).unwrap();
    assert_eq!(row(&doctor(&place, "repo", "").1, "pre-push").0, "fail");
    place.must("repo", "install");

    place.git("repo", "config core.hooksPath elsewhere");
    let (_, checks) = doctor(&place, "repo", "");
    assert_eq!(row(&checks, "hooks folder").0, "fail");
    assert!(row(&checks, "hooks folder").1.contains("git passes over our hooks"), "{checks}");
    place.git("repo", "config core.hooksPath /dev/null");
    let (exit, checks) = doctor(&place, "repo", "");
    assert_eq!((exit, row(&checks, "hooks folder")), (1, ("fail", "/dev/null is a file, so git runs no hook")));
    place.git("repo", "config core.hooksPath .husky/_");
    assert!(doctor(&place, "repo", "").1.to_string().contains("in .husky/pre-commit"));
    place.git("repo", "config --unset core.hooksPath");

    place.command("git", "repo").args(["config", "alias.quick", "commit --no-verify"]).status().unwrap();
    place.command("git", "repo").args(["config", "alias.q", "commit -nm"]).status().unwrap();
    place.command("git", "repo").args(["config", "alias.fine", "commit -m"]).status().unwrap();
    assert_eq!(
        row(&doctor(&place, "repo", "").1, "aliases"),
        ("warn", "commit or push without hooks: git q, git quick")
    );

    place.write("repo/.tightlip.yml", "builtin: {aws-access-key-id: off}\nthresholds: {block: 95}\n");
    let (_, checks) = doctor(&place, "repo", "");
    assert!(checks.to_string().contains("switches rules off: aws-access-key-id"), "{checks}");
    assert!(checks.to_string().contains("blocks from a score of 95 on"), "{checks}");
}

/// A script with our marker may come with the repository, and so may the name of a program in it.
#[test]
fn doctor_starts_nothing_that_the_repository_brings() {
    let place = Place::new("doctor-hostile");
    place.must("repo", "install");
    let hook = place.at(HOOKS).join("pre-commit");
    let text = fs::read_to_string(&hook).unwrap();
    let planted = place.recorder("repo/planted", "planted", 1);
    let other = text.replace(env!("CARGO_BIN_EXE_tightlip"), planted.to_str().unwrap());
    let edited = text
        .replace("\ngate \"$@\"", "\n\"$PWD/planted\"\ngate \"$@\"")
        .replace("refuse() {", "../planted\nrefuse() {");
    let older =
        text.replace("tightlip-hook 1 ", "tightlip-hook 0 ").replace("refuse() {", "echo x >>\"$LOG\"\nrefuse() {");
    for (text, why) in [(other, "another program"), (edited, "was edited"), (older, "another version")] {
        fs::write(&hook, text).unwrap();
        let (exit, checks) = doctor(&place, "repo", "");
        let (status, says) = row(&checks, "pre-commit");
        assert!(status == "unknown" && says.contains(why) && exit == 2, "{checks}");
        assert_eq!(place.log(), "");
    }
    place.recorder(&format!("{HOOKS}/commit-msg"), "tightlip", 0);
    place.git("repo", "config core.fsmonitor ./planted");
    let (_, checks) = doctor(&place, "repo", "");
    assert_eq!(row(&checks, "commit-msg").0, "unknown");
    assert_eq!(place.log(), "");
}

#[test]
fn doctor_leaves_no_trace_even_when_it_is_stopped() {
    let place = Place::new("doctor-trace");
    place.must("repo", "install");
    place.write("repo/a", "a");
    place.git("repo", "add a");
    place.git("repo", "commit -q --no-verify -m x");
    let before = snapshot(&place.at("repo"));
    doctor(&place, "repo", "");
    assert_eq!(snapshot(&place.at("repo")), before);
    let is_empty = || fs::read_dir(place.at("temporary")).unwrap().next().is_none();
    assert!(is_empty());
    for signal in ["-INT", "-KILL"] {
        let mut child = place
            .command(env!("CARGO_BIN_EXE_tightlip"), "repo")
            .arg("doctor")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let start = Instant::now();
        while is_empty() && start.elapsed() < Duration::from_secs(20) {
            std::thread::sleep(Duration::from_millis(2));
        }
        place.ran("kill", ".", &format!("{signal} {}", child.id()));
        child.wait().unwrap();
        let start = Instant::now();
        while !is_empty() && start.elapsed() < Duration::from_secs(20) {
            std::thread::sleep(Duration::from_millis(10));
        }
        assert!(is_empty(), "{signal}");
    }
    assert_eq!(snapshot(&place.at("repo")), before);
}
