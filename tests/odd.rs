//! Repositories that are odd, damaged or hostile. Each file of `fixtures/git` makes one and says what must come of it: the
//! right findings, or exit 2 with the cause; never a silent pass, a hang, a program of the repository's, or a trace in it.
//! `TIGHTLIP_ODD=sha256,fifo` runs the cases whose names hold one of these.

#![cfg(unix)]
#![allow(
    clippy::disallowed_methods,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests read files of their own, and may fail"
)]

#[path = "odd/case.rs"]
mod case;
mod common;
#[path = "odd/snapshot.rs"]
mod snapshot;

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Write;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use case::{Block, Case, Found};
use common::Folder;
use regex::Regex;
use snapshot::{Snapshot, snapshot};

/// Whatever a case does, a command that takes longer hangs.
const PATIENCE: Duration = Duration::from_secs(20);
const PATIENCE_TO_MAKE: Duration = Duration::from_secs(120);

#[test]
fn each_odd_repository_gives_its_findings_or_the_cause() {
    let wrong = in_parallel(&|name, case| check(name, case, &[]));
    assert!(wrong.is_empty(), "{}\n{} wrong", wrong.join("\n"), wrong.len());
}

/// Where the library cannot open a repository it says so, and then there is nothing to compare.
#[test]
fn both_ways_of_reading_a_repository_say_the_same() {
    let wrong = in_parallel(&|name, case| compare(name, case));
    assert!(wrong.is_empty(), "{}\n{} differ", wrong.join("\n"), wrong.len());
}

/// Runs `check` over all cases; gives what it says, in the order of their names.
fn in_parallel(check: &(dyn Fn(&str, &Case) -> Vec<String> + Sync)) -> Vec<String> {
    let wanted = std::env::var("TIGHTLIP_ODD").unwrap_or_default();
    let is_wanted = |name: &str| wanted.is_empty() || wanted.split(',').any(|part| name.contains(part));
    let cases: Vec<(String, Case)> = case::all().into_iter().filter(|(name, _)| is_wanted(name)).collect();
    let (next, said) = (AtomicUsize::new(0), Mutex::new(BTreeMap::new()));
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(2, std::num::NonZero::get) {
            scope.spawn(|| {
                while let Some((name, case)) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let wrong = match case.unmet() {
                        Some(need) => {
                            // Past the test harness, which hides what a passing test prints.
                            let _ = writeln!(std::io::stderr(), "skipped: fixtures/git/{name}.sh needs {need}");
                            Vec::new()
                        }
                        None => check(name, case),
                    };
                    said.lock().unwrap().insert(name, wrong);
                }
            });
        }
    });
    said.into_inner().unwrap().into_values().flatten().collect()
}

/// A case's folder, in which its repository has been made.
struct Scene(Folder);

impl Scene {
    fn make(name: &str) -> Self {
        let scene = Self(Folder::new("odd"));
        fs::create_dir_all(scene.work()).unwrap();
        fs::create_dir_all(scene.home()).unwrap();
        let fixtures = common::fixtures("git");
        let script = format!(". '{0}/lib.sh'; . '{0}/{name}.sh'", fixtures.display());
        let mut command = scene.command("sh", &scene.work());
        command.args(["-euc", &script]);
        let seen = scene.finish(&mut command, None, PATIENCE_TO_MAKE);
        assert!(seen.exit == Some(0), "{name}.sh: exit {:?}\n{}", seen.exit, seen.stderr);
        assert!(!scene.ran().exists(), "{name}.sh: the trap is still sprung");
        scene
    }

    fn work(&self) -> PathBuf {
        self.0.path().join("work")
    }

    fn home(&self) -> PathBuf {
        self.0.path().join("home")
    }

    /// What the trap leaves behind.
    fn ran(&self) -> PathBuf {
        self.0.path().join("ran")
    }

    fn snapshot(&self) -> Snapshot {
        snapshot(self.0.path(), &self.home())
    }

    fn command(&self, program: &str, dir: &Path) -> Command {
        let mut command = Command::new(program);
        command.env_clear().env("PATH", std::env::var_os("PATH").unwrap()).env("HOME", self.home()).current_dir(dir);
        command
    }

    fn in_block(&self, block: &Block, program: &str) -> Command {
        let mut command = self.command(program, &self.work().join(&block.dir));
        let dir = self.0.path().to_str().unwrap();
        command.envs(block.env.iter().map(|(name, value)| (name, value.replace("{dir}", dir))));
        command
    }

    fn tightlip(&self, block: &Block, env: &[(&str, &str)]) -> Seen {
        let mut command = self.in_block(block, env!("CARGO_BIN_EXE_tightlip"));
        // Both ways of reading are compared, and the second must not know what the first has found clean.
        let has_cache = block.args.first().is_some_and(|first| matches!(first.as_str(), "staged" | "commits" | "push"));
        command
            .args(&block.args)
            .args(has_cache.then_some("--no-cache"))
            .args(["--format", "jsonl"])
            .envs(env.iter().copied());
        self.finish(&mut command, block.input.as_ref().map(|name| self.0.path().join(name)), PATIENCE)
    }

    /// Runs it with its output in files, and ends it and all that it started where it takes too long.
    fn finish(&self, command: &mut Command, input: Option<PathBuf>, patience: Duration) -> Seen {
        let (out, err) = (self.home().join("out"), self.home().join("err"));
        command.stdin(input.map_or_else(Stdio::null, |path| File::open(path).unwrap().into()));
        command.stdout(File::create(&out).unwrap()).stderr(File::create(&err).unwrap()).process_group(0);
        let mut child = command.spawn().unwrap();
        let start = Instant::now();
        let exit = loop {
            match child.try_wait().unwrap() {
                Some(status) => break Some(status.code().unwrap_or(-1)),
                None if start.elapsed() > patience => {
                    Command::new("kill").args(["-9", "--", &format!("-{}", child.id())]).status().unwrap();
                    child.wait().unwrap();
                    break None;
                }
                None => std::thread::sleep(Duration::from_millis(2)),
            }
        };
        let read = |path: PathBuf| String::from_utf8_lossy(&fs::read(path).unwrap()).into_owned();
        Seen { exit, stdout: read(out), stderr: read(err) }
    }

    /// The commit that a revision means, whatever replaces it.
    fn commit(&self, block: &Block, revision: &str) -> String {
        let mut command = self.in_block(block, "git");
        command.args(["rev-parse", "--verify", "--end-of-options", &format!("{revision}^{{commit}}")]);
        command.envs([("GIT_NO_REPLACE_OBJECTS", "1"), ("GIT_GRAFT_FILE", "/dev/null"), ("GIT_OPTIONAL_LOCKS", "0")]);
        let seen = self.finish(&mut command, None, PATIENCE);
        assert!(seen.exit == Some(0), "{revision}: {}", seen.stderr);
        seen.stdout.trim().to_owned()
    }
}

/// How a command ended: no exit code where it had to be killed.
#[derive(Debug, PartialEq, Eq)]
struct Seen {
    exit: Option<i32>,
    stdout: String,
    stderr: String,
}

fn check(name: &str, case: &Case, env: &[(&str, &str)]) -> Vec<String> {
    let scene = Scene::make(name);
    let expected: Vec<Vec<Found>> = case.blocks.iter().map(|block| resolved(&scene, block)).collect();
    let before = scene.snapshot();
    let mut wrong = Vec::new();
    for (block, expected) in case.blocks.iter().zip(expected) {
        let seen = scene.tightlip(block, env);
        let place = format!("{name}: tightlip {}", block.args.join(" "));
        let mut different: Vec<String> = differences(block, expected, &seen).collect();
        different.extend(leaks(&seen));
        if !different.is_empty() {
            wrong.push(format!("{place}: {}\n{}{}", different.join("; "), seen.stdout, seen.stderr));
        }
        if scene.ran().exists() {
            wrong.push(format!("{place}: a program of the repository's ran"));
            fs::remove_file(scene.ran()).unwrap();
        }
        wrong.extend(before.changes(&scene.snapshot()).into_iter().map(|what| format!("{place}: {what}")));
    }
    wrong
}

fn compare(name: &str, case: &Case) -> Vec<String> {
    let scene = Scene::make(name);
    let mut wrong = Vec::new();
    for block in &case.blocks {
        let mut seen = ["library", "program"].map(|way| scene.tightlip(block, &[("TIGHTLIP_GIT", way)]));
        let place = format!("{name}: tightlip {}", block.args.join(" "));
        for (way, seen) in ["library", "program"].iter().zip(&seen) {
            wrong.extend(seen.exit.is_none().then(|| format!("{place}: hangs with the {way}")));
        }
        if scene.ran().exists() {
            wrong.push(format!("{place}: a program of the repository's ran"));
            fs::remove_file(scene.ran()).unwrap();
        }
        // Either may be unable to read a repository, and then says so.
        if seen.iter().all(|seen| matches!(seen.exit, Some(0 | 1))) {
            for seen in &mut seen {
                // The last thing that is said, and the only one that may differ.
                seen.stdout = seen.stdout.rsplit_once("\"elapsed_ms\"").unwrap().0.to_owned();
            }
            let [library, program] = &seen;
            if library != program {
                wrong.push(format!("{place}\n--- library: {library:#?}\n--- program: {program:#?}"));
            }
        }
    }
    wrong
}

/// What a block expects, with the ids of commits in place of revisions.
fn resolved(scene: &Scene, block: &Block) -> Vec<Found> {
    let mut finds = block.finds.clone();
    for found in &mut finds {
        found.commit = found.commit.as_ref().map(|revision| scene.commit(block, revision));
    }
    finds
}

fn differences(block: &Block, mut expected: Vec<Found>, seen: &Seen) -> impl Iterator<Item = String> {
    let mut wrong = Vec::new();
    match seen.exit {
        None => wrong.push(format!("took longer than {} s", PATIENCE.as_secs())),
        Some(exit) if exit != block.exit => wrong.push(format!("exit {exit} where {} was expected", block.exit)),
        Some(_) => {}
    }
    let mut found = case::found(&seen.stdout);
    for found in &mut found {
        // A commit counts where the case names one.
        let is_named =
            |wanted: &Found| wanted.commit.is_some() && (&wanted.path, wanted.line) == (&found.path, found.line);
        if !expected.iter().any(is_named) {
            found.commit = None;
        }
    }
    found.sort();
    expected.sort();
    // An incomplete scan may have seen nothing yet.
    if found != expected && !block.any && !(block.exit == 2 && expected.is_empty()) {
        let shown = |all: &[Found]| all.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        wrong.push(format!("found [{}] where [{}] was expected", shown(&found), shown(&expected)));
    }
    for pattern in &block.says {
        if !Regex::new(pattern).unwrap().is_match(&format!("{}{}", seen.stdout, seen.stderr)) {
            wrong.push(format!("does not say `{pattern}`"));
        }
    }
    wrong.into_iter()
}

/// A part of one of the tokens that cases are made with, if it was printed.
fn leaks(seen: &Seen) -> Option<String> {
    const LEN: usize = 10;
    let helpers = fs::read_to_string(common::fixtures("git").join("lib.sh")).unwrap();
    let tokens = helpers.lines().filter_map(|line| line.split_once("'gh%s' ")?.1.split(' ').next());
    let parts = tokens.flat_map(|token| token.as_bytes().windows(LEN));
    let printed = format!("{}{}", seen.stdout, seen.stderr);
    let mut printed = parts.filter(|part| memchr::memmem::find(printed.as_bytes(), part).is_some());
    printed.next().map(|part| format!("prints `{}` of a secret", String::from_utf8_lossy(part)))
}

/// The net itself has no hole: a wrong expectation, a sprung trap and a changed file are each seen.
#[test]
fn what_is_wrong_is_seen() {
    let case = |text: &str| case::parse("unborn", text);
    let right = "# run: staged\n# exit: 1\n# finds: github-personal-access-token new.txt 2\n";
    assert_eq!(check("unborn", &case(right), &[]), Vec::<String>::new());
    for (from, to) in
        [("exit: 1", "exit: 0"), ("new.txt 2", "new.txt 3"), ("new.txt", "old.txt"), ("exit", "says: zebra\n# exit")]
    {
        assert_eq!(check("unborn", &case(&right.replacen(from, to, 1)), &[]).len(), 1, "{to}");
    }
    let scene = Scene::make("unborn");
    let before = scene.snapshot();
    fs::write(scene.work().join(".git/objects/trace"), "").unwrap();
    assert!(before.changes(&scene.snapshot()).iter().any(|change| change.contains("trace")));
    fs::remove_file(scene.work().join(".git/objects/trace")).unwrap();
    // The folder remembers that something came and went.
    assert!(!before.changes(&scene.snapshot()).is_empty());
    let trap = scene.0.path().join("trap");
    assert!(Command::new(trap).status().unwrap().success() && scene.ran().exists());
}
