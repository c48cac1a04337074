//! The machine's policy as the command meets it: at its one place, with root as its owner. The tests make a user namespace,
//! in which they are root and `/etc` is their own; where the system permits none they say so, and the library's tests
//! of the same files are what is left.

#![cfg(target_os = "linux")]
#![allow(clippy::disallowed_methods, clippy::unwrap_used, reason = "tests read files of their own, and may fail")]

mod common;

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output};

use common::{Folder, LINE, fixtures, said};

/// Runs the program where `/etc/tightlip` holds what is in `etc`; `before` may change it. None without namespaces.
fn run(folder: &Folder, before: &str, args: &str) -> Option<Output> {
    let script = format!(
        "mount -t tmpfs -o mode=755 none /etc && cp -r etc /etc/tightlip && chmod -R u=rwX,go=rX /etc/tightlip && {before} cd work && \
         exec {} {args}",
        env!("CARGO_BIN_EXE_tightlip")
    );
    let unshared = |script: &str| {
        let mut command = Command::new("unshare");
        command.args(["--user", "--map-root-user", "--mount", "sh", "-c", script]).current_dir(folder.path());
        command.env_remove("TIGHTLIP_CONFIG").env("HOME", folder.path()).output()
    };
    if !unshared("mount -t tmpfs none /etc").is_ok_and(|output| output.status.success()) {
        let _ = writeln!(std::io::stderr(), "skipped: no user namespaces here");
        return None;
    }
    Some(unshared(&script).unwrap())
}

fn scene(machine: &str, config: &str) -> Folder {
    let folder = Folder::new("policy");
    folder.write("etc/policy.yml", machine);
    folder.write("work/.tightlip.yml", config);
    folder.write("work/key.py", LINE);
    fs::create_dir_all(folder.path().join("work/.git")).unwrap();
    folder
}

#[test]
fn no_flag_and_no_config_gets_round_the_machines_policy() {
    let allow = "allow: [{rule: aws-access-key-id, reason: known}]\nleave_out: ['*.py']\n";
    let forbids = scene("permit: {}\n", allow);
    let permits = scene("permit: all\n", allow);
    for args in
        ["scan --no-progress", "scan --no-config", "scan --min-score 100", "scan --fail-on critical --min-score 90"]
    {
        let Some(output) = run(&forbids, "", args) else { return };
        assert_eq!(output.status.code(), Some(1), "{args}: {}", said(&output));
    }
    let output = run(&permits, "", "scan").unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let output = run(&forbids, "", "scan --format json").unwrap();
    assert!(said(&output).contains("not-permitted"), "{}", said(&output));
}

#[test]
fn flags_that_let_a_run_pass_count_where_the_machines_policy_permits_them() {
    for (machine, expected) in [
        ("permit: {}\n", 1),
        ("permit: {flags: [allow-incomplete]}\n", 1),
        ("permit: {flags: [exit-zero]}\n", 0),
        ("permit: all\n", 0),
        ("version: 1\n", 0),
    ] {
        let Some(output) = run(&scene(machine, ""), "", "scan --exit-zero --no-progress") else { return };
        assert_eq!(output.status.code(), Some(expected), "{machine}: {}", said(&output));
        let is_told = said(&output).contains("`--exit-zero` does not count");
        assert_eq!(is_told, expected == 1, "{machine}: {}", said(&output));
    }
}

#[test]
fn a_machines_policy_that_others_may_write_ends_each_run() {
    let folder = scene("permit: all\n", "");
    for (before, code) in [
        ("chmod o+w /etc/tightlip/policy.yml;", "control::writable"),
        ("chmod g+w /etc/tightlip;", "control::writable"),
        ("chmod 1777 /etc;", "control::writable"),
        ("mv /etc/tightlip/policy.yml /etc/p; ln -s /etc/p /etc/tightlip/policy.yml;", "control::symlink"),
        ("mv /etc/tightlip /etc/t; ln -s t /etc/tightlip;", "control::symlink"),
        ("rm /etc/tightlip/policy.yml; mkfifo /etc/tightlip/policy.yml;", "control::not_a_file"),
        ("echo 'permit: al' > /etc/tightlip/policy.yml;", "config::wrong_type"),
    ] {
        for args in ["scan --no-config", "policy show"] {
            let Some(output) = run(&folder, before, args) else { return };
            assert_eq!(output.status.code(), Some(2), "{before} {}", said(&output));
            assert!(said(&output).contains(code), "{before} {}", said(&output));
        }
    }
}

#[test]
fn a_signed_policy_counts_and_a_changed_one_ends_the_run() {
    let key = fs::read_to_string(fixtures("policy").join("minisign.pub")).unwrap();
    let key = key.lines().nth(1).unwrap();
    let folder = scene(&format!("organisation: {{key: {key}, serial: 7}}\n"), "thresholds: {block: 90}\n");
    let copy = |name: &str, to: &str| fs::copy(fixtures("policy").join(name), folder.path().join(to)).unwrap();
    copy("organisation.yml", "work/.tightlip.organisation.yml");
    copy("organisation.yml.minisig", "work/.tightlip.organisation.yml.minisig");
    let Some(output) = run(&folder, "", "policy show") else { return };
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let shown = said(&output);
    assert!(shown.contains("organisation") && shown.contains("another layer is stricter"), "{shown}");
    // The repository in which hooks are tried has the organisation's policy, too.
    let installed =
        format!("rm -r work/.git && git init -q work && (cd work && {} install) &&", env!("CARGO_BIN_EXE_tightlip"));
    let tried = run(&folder, &installed, "doctor --format json").unwrap();
    let rows = String::from_utf8_lossy(&tried.stdout).into_owned();
    for hook in ["pre-commit", "commit-msg", "pre-push"] {
        let row = rows.lines().find(|row| row.contains(&format!("\"{hook}\""))).unwrap_or_default();
        assert!(row.contains("\"ok\""), "{hook}: {}", said(&tried));
    }
    let path = folder.path().join("work/.tightlip.organisation.yml");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replace("60", "99")).unwrap();
    let output = run(&folder, "", "scan").unwrap();
    assert_eq!(
        (output.status.code(), said(&output).contains("policy::signature")),
        (Some(2), true),
        "{}",
        said(&output)
    );
    fs::remove_file(&path).unwrap();
    let output = run(&folder, "", "scan").unwrap();
    assert_eq!((output.status.code(), said(&output).contains("policy::missing")), (Some(2), true), "{}", said(&output));
}

#[test]
fn an_organisations_policy_without_a_key_has_no_effect_and_a_note_says_so() {
    let folder = Folder::new("policy-idle");
    folder.write(".tightlip.organisation.yml", "permit: {}\n");
    if Path::new("/etc/tightlip/policy.yml").exists() {
        return;
    }
    let output = Command::new(env!("CARGO_BIN_EXE_tightlip"))
        .args(["policy", "show"])
        .current_dir(folder.path())
        .env_remove("TIGHTLIP_CONFIG")
        .output()
        .unwrap();
    assert!(said(&output).contains("has no effect"), "{}", said(&output));
    assert_eq!(output.status.code(), Some(0));
}
