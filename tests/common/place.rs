//! A folder of its own for what git and our hooks do in it: with a home and a repository, and no part of the machine's
//! own configuration.

#![cfg(unix)]
#![allow(dead_code, reason = "each test uses a part of it")]
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "tests read and run files of their own, and may fail"
)]

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tightlip::hooks::{Folder, Script};

/// One test at a time: while another starts a program, a script that was just written counts as open for writing, and
/// cannot be run.
static ALONE: Mutex<()> = Mutex::new(());

/// A folder of its own, with a home and a repository in it.
pub struct Place {
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
    pub fn new(name: &str) -> Self {
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

    pub fn at(&self, path: &str) -> PathBuf {
        self.root.join(path)
    }

    pub fn write(&self, path: &str, text: &str) -> PathBuf {
        let path = self.at(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path
    }

    pub fn program(&self, path: &str, text: &str) -> PathBuf {
        let path = self.write(path, text);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        path
    }

    pub fn command(&self, program: impl AsRef<std::ffi::OsStr>, dir: &str) -> Command {
        let mut command = Command::new(program);
        let path = format!("{}:/usr/bin:/bin", self.at("bin").display());
        command.env_clear().env("HOME", self.at("home")).env("TMPDIR", self.at("temporary")).env("PATH", path);
        command.env("GIT_CONFIG_NOSYSTEM", "1").env("LOG", self.at("log"));
        command.current_dir(self.at(dir)).stdin(Stdio::null());
        command
    }

    pub fn ran(&self, program: &str, dir: &str, args: &str) -> Output {
        self.command(program, dir).args(args.split_whitespace()).output().unwrap()
    }

    #[track_caller]
    pub fn git(&self, dir: &str, args: &str) -> String {
        let ran = self.ran("git", dir, args);
        assert!(ran.status.success(), "git {args}: {}", said(&ran));
        said(&ran)
    }

    pub fn tightlip(&self, dir: &str, args: &str) -> (i32, String) {
        let ran = self.ran(env!("CARGO_BIN_EXE_tightlip"), dir, args);
        (ran.status.code().unwrap_or(-1), said(&ran))
    }

    #[track_caller]
    pub fn must(&self, dir: &str, args: &str) -> String {
        let (exit, said) = self.tightlip(dir, args);
        assert_eq!(exit, 0, "tightlip {args}: {said}");
        said
    }

    #[track_caller]
    pub fn refuses(&self, dir: &str, args: &str, why: &str) {
        let (exit, said) = self.tightlip(dir, args);
        assert_eq!(exit, 2, "tightlip {args}: {said}");
        // The frame of a message breaks lines.
        let words: Vec<&str> = said.split_whitespace().filter(|word| *word != "│").collect();
        assert!(words.join(" ").contains(why), "tightlip {args}: no `{why}` in {said}");
    }

    /// A hook that writes down its name, arguments and input.
    pub fn recorder(&self, path: &str, name: &str, exit: i32) -> PathBuf {
        let text = format!("#!/bin/sh\n{{ echo \"{name} $*\"; cat; }} >>\"$LOG\"\nexit {exit}\n");
        self.program(path, &text)
    }

    pub fn log(&self) -> String {
        let text = fs::read_to_string(self.at("log")).unwrap_or_default();
        let _ = fs::remove_file(self.at("log"));
        text
    }

    /// Our script for a hook, which runs a program that only writes down how it was run.
    pub fn stand_in(&self, folder: &str, name: &'static str, exit: i32) {
        let program = self.recorder("bin/gate", "gate", exit);
        let program = Some(program.to_str().unwrap().to_owned());
        let script = Script { name, program, for_all: false, made: false };
        Folder::at(self.at(folder)).unwrap().install(&[script]).unwrap();
    }

    /// Adds a file with a secret in it.
    pub fn stage_secret(&self, dir: &str) {
        self.write(&format!("{dir}/deploy.yml"), &format!("token: {}\n", secret()));
        self.git(dir, "add deploy.yml");
    }

    #[track_caller]
    pub fn refuses_commit(&self, dir: &str) {
        self.stage_secret(dir);
        let ran = self.ran("git", dir, "commit -m x");
        assert!(!ran.status.success(), "{dir}: the commit went through: {}", said(&ran));
        self.git(dir, "rm -q --cached deploy.yml");
    }
}

/// Put together when it is needed, so that no token stands in this file.
pub fn secret() -> String {
    format!("dop{}{}", "_v1_", "5a3e81c9d07f42b6".repeat(3) + "9c1d8b27f60e43a5")
}

pub fn said(ran: &Output) -> String {
    String::from_utf8_lossy(&[ran.stdout.as_slice(), ran.stderr.as_slice()].concat()).into_owned()
}

/// The row of a check.
pub fn row<'c>(checks: &'c serde_json::Value, name: &str) -> (&'c str, &'c str) {
    let all = checks["checks"].as_array().unwrap();
    let row = all.iter().find(|row| row["name"] == name).unwrap_or_else(|| panic!("no `{name}` in {checks}"));
    (row["status"].as_str().unwrap(), row["says"].as_str().unwrap())
}

/// The exit code of `tightlip doctor`, and its checks.
pub fn doctor(place: &Place, dir: &str, args: &str) -> (i32, serde_json::Value) {
    let ran = place.ran(env!("CARGO_BIN_EXE_tightlip"), dir, &format!("doctor --format json {args}"));
    let checks = serde_json::from_slice(&ran.stdout).unwrap_or_else(|_| panic!("{}", said(&ran)));
    (ran.status.code().unwrap(), checks)
}

/// Every file below, with its mode, and its text or where it leads.
pub fn snapshot(folder: &Path) -> BTreeMap<PathBuf, (u32, Vec<u8>)> {
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

pub const HOOKS: &str = "repo/.git/hooks";
