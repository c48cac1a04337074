//! Where code may go, as git itself asks: pushes by ssh addresses to remotes with different clearances. In place of ssh
//! stands a script that starts git's own server in a folder for each host, so the addresses are those of real remotes.

#![cfg(unix)]
#![allow(
    clippy::disallowed_methods,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests read files of their own, and may fail"
)]

mod common;

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::{Output, Stdio};

use common::{Folder, as_ann, said};

const PRIVATE: &str = "ssh://git@git.acme.corp/team/app.git";
const PUBLIC: &str = "git@github.com:acme-oss/app.git";

/// Its rule does not find itself in it.
const CONFIG: &str = "\
default_tier: public
classify: [{path: 'pricing/**', tier: restricted}]
destinations:
  'git:github.com/acme-oss/*': {max: public}
  'git:git.acme.corp/**': {max: restricted}
rules:
  - {id: acme-secret, finds: Acme secret marking, level: confidential, files: ['*.rs'], literals: [ACME SECRET], pattern: ACME SECRET, hits: [{path: a.rs, text: ACME SECRET}, {path: b.rs, text: x ACME SECRET}], misses: [acme, ACME]}
";

/// Ends in the git server's command, with the folder's name in place of the host.
const SSH: &str = "#!/bin/sh
while [ $# -gt 2 ]; do shift; done
host=${1#*@}
cd \"$SERVERS/${host%:22}\" || exit 1
eval \"exec $(printf %s \"$2\" | sed \"s, '/, ',\")\"
";

/// A work tree with the pre-push hook, and a server of each host.
struct Scene(Folder);

impl Scene {
    fn new() -> Self {
        let scene = Self(Folder::new("destinations"));
        fs::create_dir_all(scene.work()).unwrap();
        scene.must(&["init", "-q", "-b", "main"]);
        for bare in ["github.com/acme-oss/app.git", "git.acme.corp/team/app.git"] {
            scene.must(&["init", "-q", "--bare", "-b", "main", scene.servers().join(bare).to_str().unwrap()]);
        }
        let ssh = scene.0.path().join("ssh");
        fs::write(&ssh, SSH).unwrap();
        fs::set_permissions(&ssh, fs::Permissions::from_mode(0o755)).unwrap();
        scene.must(&["config", "core.sshCommand", ssh.to_str().unwrap()]);
        scene.must(&["config", "ssh.variant", "simple"]);
        let installed = scene.tightlip(&["install", "--hook", "pre-push"], "");
        assert!(installed.status.success(), "{}", said(&installed));
        scene.write(".tightlip.yml", CONFIG);
        scene.write("src/main.rs", "fn main() {}\n");
        scene.commit("root");
        scene.must(&["remote", "add", "private", PRIVATE]);
        scene.must(&["remote", "add", "public", PUBLIC]);
        scene
    }

    fn work(&self) -> PathBuf {
        self.0.path().join("work")
    }

    fn servers(&self) -> PathBuf {
        self.0.path().join("servers")
    }

    fn write(&self, path: &str, text: &str) {
        self.0.write(&format!("work/{path}"), text);
    }

    fn run(&self, program: &str, args: &[&str], input: &str) -> Output {
        let mut command = as_ann(program, self.0.path(), &self.work(), args);
        command.env("SERVERS", self.servers());
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        // A command that does not read its input may be gone already.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        child.wait_with_output().unwrap()
    }

    fn tightlip(&self, args: &[&str], input: &str) -> Output {
        self.run(env!("CARGO_BIN_EXE_tightlip"), args, input)
    }

    fn git(&self, args: &[&str]) -> Output {
        self.run("git", args, "")
    }

    fn must(&self, args: &[&str]) -> String {
        let output = self.git(args);
        assert!(output.status.success(), "git {args:?}: {}", said(&output));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    fn commit(&self, message: &str) {
        self.must(&["add", "-A"]);
        self.must(&["commit", "-q", "-m", message]);
    }

    /// The push is let through.
    fn passes(&self, remote: &str, branch: &str) {
        let pushed = self.git(&["push", "-q", remote, &format!("HEAD:{branch}")]);
        assert!(pushed.status.success(), "{remote}: {}", said(&pushed));
    }

    /// The push is stopped, and the report names all of `parts`.
    fn stops(&self, remote: &str, parts: &[&str]) {
        let pushed = self.git(&["push", remote, "HEAD:refs/heads/other"]);
        let said = said(&pushed).split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(!pushed.status.success(), "{remote}: {said}");
        for part in parts {
            assert!(said.contains(part), "{remote}: no `{part}` in {said}");
        }
        assert!(!said.contains("hunter2"), "{remote}: {said}");
        let refs = self.servers().join("github.com/acme-oss/app.git/refs/heads/other");
        assert!(!refs.exists(), "{remote}: it has arrived");
    }
}

const TO_PUBLIC: &str = "git:github.com/acme-oss/app may have at most public (destination `git:github.com/acme-oss/*`)";

#[test]
fn marked_code_goes_to_the_private_remote_and_not_to_the_public_one() {
    let scene = Scene::new();
    scene.passes("public", "main");
    scene.write("src/core.rs", "// ACME SECRET\nfn core() {}\n");
    scene.commit("core");
    scene.passes("private", "main");
    let parts = ["error[acme-secret]", "src/core.rs:1:4", "tier confidential", TO_PUBLIC];
    scene.stops("public", &parts);
    // A line far below the marker is as protected as the marker, also where the remote has the marker already.
    scene.must(&["push", "-q", "--no-verify", "public", "HEAD:main"]);
    scene.write("src/core.rs", "// ACME SECRET\nfn core() {}\nfn more() {}\n");
    scene.commit("more");
    scene.stops("public", &["error[tier-exceeded]", "src/core.rs:1:1", "marker `acme-secret` in line 1", TO_PUBLIC]);
    scene.passes("private", "main");
}

#[test]
fn a_path_alone_stops_a_push_whatever_a_cache_knows_or_the_config_leaves_out() {
    let scene = Scene::new();
    scene.passes("public", "main");
    scene.write("pricing/model.rs", "fn price() {}\n");
    scene.commit("model");
    scene.passes("private", "main");
    let parts = ["error[tier-exceeded]", "pricing/model.rs:1:1", "path `pricing/**`, classify entry 1", TO_PUBLIC];
    scene.stops("public", &parts);
    scene.stops("public", &parts);
    // The config of the base does not leave it out, and the one that does would not help.
    scene.write(".tightlip.yml", &format!("leave_out: [pricing]\n{CONFIG}"));
    scene.commit("leave out");
    scene.stops("public", &parts);
    scene.must(&["push", "-q", "--no-verify", "public", "HEAD~2:refs/heads/x", "HEAD:main"]);
    scene.write("pricing/model.rs", "fn price() { 1 }\n");
    scene.commit("again");
    scene.stops("public", &parts);
}

#[test]
fn the_address_counts_that_git_uses_in_the_end() {
    let scene = Scene::new();
    scene.write("pricing/model.rs", "fn price() {}\n");
    scene.commit("model");
    let remotes: [(&str, &[(&str, &str)]); 5] = [
        ("short", &[("remote.short.url", "gh:acme-oss/app"), ("url.git@github.com:.insteadOf", "gh:")]),
        (
            "turned",
            &[
                ("remote.turned.url", "https://git.acme.corp/oss/app.git"),
                ("url.ssh://git@github.com/acme-oss/.pushInsteadOf", "https://git.acme.corp/oss/"),
            ],
        ),
        ("two", &[("remote.two.url", PRIVATE), ("remote.two.pushurl", PUBLIC)]),
        ("keyed", &[("remote.keyed.url", "ssh://git:hunter2@github.com:22/acme-oss//app.git/")]),
        ("odd", &[("remote.odd.url", "ssh://github.com/acme-oss/./%61pp")]),
    ];
    for (remote, settings) in remotes {
        for (key, value) in settings {
            scene.must(&["config", key, value]);
        }
        scene.stops(remote, &["error[tier-exceeded]", TO_PUBLIC]);
        // By hand, without an address, git is asked.
        let line =
            format!("refs/heads/main {} refs/heads/other {}\n", scene.must(&["rev-parse", "HEAD"]), "0".repeat(40));
        let asked = scene.tightlip(&["push", remote, "-v"], &line);
        assert_eq!(asked.status.code(), Some(1), "{}", said(&asked));
        assert!(said(&asked).contains("git:github.com/acme-oss/app") && !said(&asked).contains("hunter2"));
        let given = scene.tightlip(&["push", remote, settings[0].1, "-v"], &line);
        assert!(!said(&given).contains("hunter2"), "{}", said(&given));
    }
    scene.stops(PUBLIC, &["error[tier-exceeded]", TO_PUBLIC]);
    scene.passes(PRIVATE, "refs/heads/main");
    for (args, expected) in [(&["push"][..], "git:unclear"), (&["push", "nowhere"], "git:unclear")] {
        let line =
            format!("refs/heads/main {} refs/heads/other {}\n", scene.must(&["rev-parse", "HEAD"]), "0".repeat(40));
        let asked = scene.tightlip(args, &line);
        assert!(asked.status.code() == Some(1) && said(&asked).contains(expected), "{}", said(&asked));
    }
}

#[test]
fn of_two_addresses_of_one_remote_each_is_judged_by_itself() {
    let scene = Scene::new();
    scene.write("pricing/model.rs", "fn price() {}\n");
    scene.commit("model");
    scene.must(&["config", "remote.both.url", PRIVATE]);
    for url in [PRIVATE, PUBLIC] {
        scene.must(&["config", "--add", "remote.both.pushurl", url]);
    }
    scene.stops("both", &["error[tier-exceeded]", TO_PUBLIC]);
    assert!(
        scene.servers().join("git.acme.corp/team/app.git/refs/heads/other").exists(),
        "the private one may have it"
    );
}

#[test]
fn a_change_does_not_clear_itself() {
    let waiver = "waivers: [{id: W-1, path: pricing/model.rs, rule: tier-exceeded, tier: public, reason: a, by: a, approved_by: b, expires: 2999-01-01}]";
    let configs = [
        format!("{CONFIG}{waiver}\n"),
        CONFIG.replace("'pricing/**', tier: restricted", "'pricing/**', cap: public, reason: a"),
        CONFIG.replace("{max: public}", "{max: restricted}"),
        CONFIG.replace("classify: [{path: 'pricing/**', tier: restricted}]\n", ""),
        String::new(),
    ];
    for config in configs {
        let scene = Scene::new();
        scene.passes("public", "main");
        scene.write("pricing/model.rs", "fn price() {}\n");
        scene.write(".tightlip.yml", &config);
        scene.commit("clear it");
        scene.stops("public", &["error[tier-exceeded]", "pricing/model.rs:1:1", TO_PUBLIC]);
        if config.contains("W-1") {
            // Once somebody has merged it, it counts, and is told.
            scene.must(&["push", "-q", "--no-verify", "public", "HEAD:main"]);
            scene.write("pricing/model.rs", "fn price() { 2 }\n");
            scene.commit("more");
            scene.passes("public", "refs/heads/next");
        }
    }
}

#[test]
fn a_server_refuses_what_may_not_come_to_it() {
    let scene = Scene::new();
    scene.write("pricing/model.rs", "fn price() {}\n");
    scene.commit("model");
    let line = format!("{} {} refs/heads/main\n", "0".repeat(40), scene.must(&["rev-parse", "HEAD"]));
    for (to, expected) in [("git:git.acme.corp/x", 0), ("git:github.com/acme-oss/x", 1), ("nowhere", 2)] {
        let asked = scene.tightlip(&["receive", "--destination", to], &line);
        // All of it is known here, so nothing is new but where it is asked about as a whole.
        let asked = if expected == 2 { asked } else { scene.tightlip(&["commits", "HEAD", "--destination", to], "") };
        assert_eq!(asked.status.code(), Some(expected), "{to}: {}", said(&asked));
    }
}
