//! A repository with a hook, a record of what was done to it, and a judge of its own for what a commit adds.
//!
//! No two lines of a file are the same, and none changes its place among those that stay. So whatever aligns two versions
//! of a file, a line is added exactly if the old version does not have it.

use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use super::common::{Folder, Random};

pub struct World {
    folder: Folder,
    pub rng: Random,
    /// In the second work tree, not in the first.
    linked: bool,
    lines: u64,
    /// What was done, to do it again by hand.
    pub log: Vec<String>,
    pub wrong: Vec<String>,
    /// Commits for which the hook's verdict was compared, and those of them that it refused.
    pub judged: u64,
    pub blocked: u64,
}

impl World {
    pub fn new(seed: u64) -> Self {
        let folder = Folder::new("sequence");
        let rng = Random(seed.wrapping_mul(0x2545_f491_4f6c_dd1d));
        let mut world =
            Self { folder, rng, linked: false, lines: 0, log: Vec::new(), wrong: Vec::new(), judged: 0, blocked: 0 };
        fs::create_dir(world.file_beside("work")).unwrap();
        world.git(&["init", "-q", "-b", "main"]);
        for setting in
            ["gc.auto=0", "maintenance.auto=false", "advice.skippedCherryPicks=false", "rerere.enabled=false"]
        {
            let (key, value) = setting.split_once('=').unwrap();
            world.git(&["config", key, value]);
        }
        let verdicts = world.file_beside("verdicts");
        let script = format!(
            "#!/bin/sh\n'{}' staged >'{1}.said' 2>&1; code=$?; echo $code >>'{1}'; exit $code\n",
            env!("CARGO_BIN_EXE_tightlip"),
            verdicts.display()
        );
        for name in ["pre-commit", "pre-merge-commit"] {
            let hook = world.file_beside("work/.git/hooks").join(name);
            fs::write(&hook, &script).unwrap();
            fs::set_permissions(&hook, fs::Permissions::from_mode(0o755)).unwrap();
        }
        for name in ["a.txt", "b.txt", "sub/c.txt"] {
            let text: String = (0..6).map(|_| world.line(false)).collect();
            world.write(name, &text);
        }
        world.git(&["add", "-A"]);
        // The first commit of all may hold a token too.
        if world.rng.below(4) == 0 {
            world.edit();
            world.git(&["add", "-A"]);
        }
        world.commit(&[]);
        world.git(&["branch", "side"]);
        world
    }

    pub fn file_beside(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn dir(&self) -> PathBuf {
        self.file_beside(if self.linked { "linked" } else { "work" })
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.dir().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// A line like no other, with a token in it or not.
    fn line(&mut self, with_token: bool) -> String {
        self.lines += 1;
        let number = self.rng.next();
        if with_token { format!("key = \"{}\"\n", token(&mut self.rng)) } else { format!("{} {number}\n", self.lines) }
    }

    /// Runs git as a person would, with the hook.
    pub fn git(&mut self, args: &[&str]) -> (i32, String) {
        if !QUESTIONS.contains(&args[0]) {
            self.log.push(format!("git {}", args.join(" ")));
        }
        let from_below = self.rng.below(8) == 0 && args[0] == "commit" && self.dir().join("sub").is_dir();
        let mut command = Command::new("git");
        command.env_clear().env("PATH", std::env::var_os("PATH").unwrap()).env("HOME", self.folder.path());
        command.envs([("GIT_CONFIG_NOSYSTEM", "1"), ("GIT_EDITOR", "true"), ("LC_ALL", "C")]);
        for (role, name) in [("AUTHOR", "Ann"), ("COMMITTER", "Bob")] {
            command.env(format!("GIT_{role}_NAME"), name).env(format!("GIT_{role}_EMAIL"), "a@acme.io");
            command.env(format!("GIT_{role}_DATE"), format!("{} +0000", 1_700_000_000 + self.log.len()));
        }
        // Paths count from the top, so only what names none is run from below.
        let from_below = from_below && !args.iter().any(|arg| ["--only", "--include"].contains(arg));
        command.current_dir(if from_below { self.dir().join("sub") } else { self.dir() });
        let output = command.args(args).stdin(Stdio::null()).output().unwrap();
        let code = output.status.code().unwrap_or(-1);
        if code != 0 {
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            self.log.push(format!("  -> {code} {}", said.lines().next().unwrap_or_default()));
        }
        (code, String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// Changes a file, or makes one; gives its path.
    pub fn edit(&mut self) -> String {
        let path = match self.tracked() {
            Some(path) if self.rng.below(5) > 0 => path,
            _ => self.new_path(),
        };
        self.edit_path(&path);
        path
    }

    pub fn new_path(&mut self) -> String {
        format!("{}new-{}.txt", if self.rng.below(2) == 0 { "sub/" } else { "" }, self.rng.below(1 << 40))
    }

    pub fn edit_path(&mut self, path: &str) {
        let text = fs::read_to_string(self.dir().join(path)).unwrap_or_default();
        let mut lines: Vec<String> = text.split_inclusive('\n').map(str::to_owned).collect();
        let at = self.rng.below(lines.len() + 1);
        if self.rng.below(4) == 0 && at < lines.len() {
            lines.remove(at);
        } else {
            let with_token = self.rng.below(4) == 0;
            let line = self.line(with_token);
            lines.insert(at, line);
        }
        self.write(path, &lines.concat());
        self.log.push(format!("edit {path}{}", if lines.concat().contains(PREFIX) { " (has a token)" } else { "" }));
    }

    /// A tracked file that is in the work tree.
    pub fn tracked(&mut self) -> Option<String> {
        let listed = self.git(&["ls-files"]).1;
        let dir = self.dir();
        let paths: Vec<&str> = listed.lines().filter(|path| dir.join(path).is_file()).collect();
        (!paths.is_empty()).then(|| paths[self.rng.below(paths.len())].to_owned())
    }

    /// Some branch that is checked out nowhere.
    pub fn branch(&mut self) -> String {
        let listed = self.git(&["for-each-ref", "--format=%(refname:short) %(worktreepath)", "refs/heads"]).1;
        let free: Vec<&str> = listed.lines().filter_map(|line| line.strip_suffix(' ')).collect();
        if free.is_empty() { "HEAD".to_owned() } else { free[self.rng.below(free.len())].to_owned() }
    }

    /// Leaves nothing half done.
    pub fn settle(&mut self) {
        for doing in ["merge", "cherry-pick", "rebase"] {
            let state = match doing {
                "merge" => "MERGE_HEAD",
                "cherry-pick" => "CHERRY_PICK_HEAD",
                _ => "rebase-merge",
            };
            let path = self.git(&["rev-parse", "--git-path", state]).1;
            if self.dir().join(path.trim()).exists() {
                self.git(&[doing, "--abort"]);
            }
        }
        self.git(&["reset", "-q", "--hard"]);
    }

    /// Both sides of a conflict stay, in their order; where one side has no file, the other's stays.
    pub fn resolve(&mut self) {
        let listed = self.git(&["ls-files", "-u", "-z"]).1;
        let paths: HashSet<&str> =
            listed.split('\0').filter_map(|line| line.split_once('\t')).map(|(_, p)| p).collect();
        for path in paths {
            if let Ok(text) = fs::read_to_string(self.dir().join(path)) {
                let mut seen = HashSet::new();
                let is_marker =
                    |line: &str| ["<<<<<<<", "=======", ">>>>>>>"].iter().any(|mark| line.starts_with(mark));
                let kept = text.split_inclusive('\n').filter(|line| !is_marker(line) && seen.insert(*line));
                let kept: String = kept.collect();
                self.write(path, &kept);
            }
            self.git(&["add", "-A", "--", path]);
        }
    }

    /// To the other work tree, which is made when it is first gone to.
    pub fn toggle_worktree(&mut self) {
        if !self.linked && !self.file_beside("linked").exists() {
            let linked = self.file_beside("linked");
            self.git(&["worktree", "add", "-q", "-b", "linked", linked.to_str().unwrap()]);
        }
        self.linked = !self.linked;
        self.log.push(format!("cd {}", if self.linked { "linked" } else { "work" }));
        self.edit();
        self.git(&["add", "-A"]);
        self.commit(&[]);
    }

    /// Commits, and compares what the hook said with what is then recorded.
    pub fn commit(&mut self, args: &[&str]) {
        let message = format!("message {}", self.log.len());
        let all: Vec<&str> = ["commit", "-q", "-m", &message].into_iter().chain(args.iter().copied()).collect();
        self.judge(&all);
    }

    /// The same for any command that commits in the end, and knows `--no-verify`.
    pub fn judge(&mut self, all: &[&str]) {
        let before = self.head();
        let verdicts = self.verdicts();
        self.git(all);
        let Some(verdict) = self.verdicts().get(verdicts.len()).copied() else { return };
        self.log.push(format!("  hook: {verdict}"));
        if verdict == 1 {
            // Recorded all the same, to see what it would have added.
            if all[0] == "merge" {
                self.git(&["merge", "--abort"]);
            }
            let forced: Vec<&str> = all.iter().copied().chain(["--no-verify"]).collect();
            self.git(&forced);
        }
        let after = self.head();
        let said = fs::read_to_string(self.file_beside("verdicts.said")).unwrap_or_default();
        if verdict == 2 {
            self.wrong.push(format!("the hook failed: {said}"));
        } else if before != after {
            let adds = self.adds_a_token(&after);
            self.judged += 1;
            self.blocked += u64::from(verdict == 1);
            if adds != (verdict == 1) {
                let what = if adds { "adds a token, and passed" } else { "adds no token, and was blocked" };
                self.wrong.push(format!("a commit {what}: {said}"));
            }
        }
    }

    fn verdicts(&self) -> Vec<i32> {
        let text = fs::read_to_string(self.file_beside("verdicts")).unwrap_or_default();
        text.lines().map(|line| line.parse().unwrap()).collect()
    }

    fn head(&mut self) -> String {
        self.git(&["rev-parse", "-q", "--verify", "HEAD"]).1.trim().to_owned()
    }

    /// Whether a commit has a line with a token that stands at that path in none of its parents.
    fn adds_a_token(&mut self, commit: &str) -> bool {
        let parents = self.git(&["rev-list", "--parents", "-n", "1", commit]).1;
        let parents: Vec<String> = parents.split_whitespace().skip(1).map(str::to_owned).collect();
        let olds: Vec<BTreeMap<String, String>> = parents.iter().map(|parent| self.tree(parent)).collect();
        let new = self.tree(commit);
        let changed: Vec<_> =
            new.iter().filter(|(path, id)| olds.iter().all(|old| old.get(*path) != Some(*id))).collect();
        for (path, id) in changed {
            let olds: Vec<String> =
                olds.iter().filter_map(|old| old.get(path)).map(|id| self.blob(id)).collect::<Vec<_>>();
            let text = self.blob(id);
            let is_new = |line: &str| !olds.iter().any(|old| old.lines().any(|other| other == line));
            if text.lines().any(|line| line.contains(PREFIX) && is_new(line)) {
                return true;
            }
        }
        false
    }

    /// Ids of blobs by path.
    fn tree(&mut self, commit: &str) -> BTreeMap<String, String> {
        let listed = self.git(&["ls-tree", "-r", "-z", "--full-tree", commit]).1;
        let lines = listed.split('\0').filter_map(|line| line.split_once('\t'));
        lines.map(|(head, path)| (path.to_owned(), head.rsplit(' ').next().unwrap().to_owned())).collect()
    }

    fn blob(&mut self, id: &str) -> String {
        self.git(&["cat-file", "blob", id]).1
    }
}

/// Commands that change nothing.
const QUESTIONS: [&str; 6] = ["cat-file", "for-each-ref", "ls-files", "ls-tree", "rev-list", "rev-parse"];

const PREFIX: &str = concat!("gh", "p_");

/// A token of GitHub that nobody has: thirty random signs and their checksum.
fn token(rng: &mut Random) -> String {
    const DIGITS: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let mut body = Vec::new();
    for _ in 0..30 {
        body.push(DIGITS[rng.below(62)]);
    }
    let mut sum = crc32(&body);
    let mut tail = [b'0'; 6];
    for digit in tail.iter_mut().rev() {
        *digit = DIGITS[(sum % 62) as usize];
        sum /= 62;
    }
    body.write_all(&tail).unwrap();
    format!("{PREFIX}{}", String::from_utf8(body).unwrap())
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum: u32, _| (sum >> 1) ^ (0xedb8_8320 & (sum & 1).wrapping_neg()))
    })
}
