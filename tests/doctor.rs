//! What `tightlip doctor` proves of installed hooks, and what it does not start while it looks.

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
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::PathBuf;
use std::process::Stdio;
use std::time::{Duration, Instant};

use place::{HOOKS, Place, doctor, row, snapshot};

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
