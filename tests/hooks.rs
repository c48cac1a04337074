//! Hooks as git runs them: real commits and real pushes through what `tightlip install` writes, chained with what was
//! there, and all of it gone again after `tightlip uninstall`.

#![cfg(unix)]
#![allow(
    clippy::disallowed_methods,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests read and run files of their own, and may fail"
)]

#[path = "common/place.rs"]
mod place;

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};

use place::{HOOKS, Place, doctor, row, said, secret, snapshot};

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
