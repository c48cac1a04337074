//! Histories replayed commit by commit: what `staged` finds is what a scan of each whole file finds, as far as it touches
//! lines that `git diff` counts as added; `commits` finds the same; and both ways of reading a repository agree to the byte.
//! The histories are this project's own, where it is there, and one that is made up, with lines that repeat and blocks
//! that move. Merges are in `tests/sequences.rs`. `TIGHTLIP_REPLAY=10000` replays as many commits of each.

#![cfg(unix)]
#![allow(
    clippy::disallowed_methods,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests read files of their own, and may fail"
)]

mod common;
#[path = "replay/made.rs"]
mod made;

use std::collections::BTreeSet;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use common::Folder;

/// Path, line, rule, fingerprint and decision of a finding, and its last line.
type Found = (String, u64, String, String, String, u64);

fn how_many() -> usize {
    std::env::var("TIGHTLIP_REPLAY").map_or(80, |number| number.parse().unwrap())
}

#[test]
fn this_project_replayed() {
    let folder = Folder::new("replay");
    let bare = folder.path().join("bare.git");
    let own = env!("CARGO_MANIFEST_DIR");
    let cloned = git(folder.path()).args(["clone", "-q", "--bare", "--shared", own]).arg(&bare).output().unwrap();
    if !cloned.status.success() || bare.join("shallow").exists() {
        // Past the test harness, which hides what a passing test prints.
        let _ = writeln!(std::io::stderr(), "skipped: no whole history of this project at {own}");
        return;
    }
    replay(&folder, &bare, 1);
}

#[test]
fn a_made_up_history_replayed() {
    let folder = Folder::new("replay");
    let bare = folder.path().join("bare.git");
    run(git(folder.path()).args(["init", "-q", "--bare", "-b", "main"]).arg(&bare), None);
    run(git(&bare).args(["fast-import", "--quiet"]), Some(&made::history(how_many())));
    let found = replay(&folder, &bare, how_many());
    assert!(found * 5 > how_many(), "{found} findings are too few to prove anything");
}

/// Compares each commit that has one parent or none; gives the number of findings.
fn replay(folder: &Folder, bare: &Path, at_least: usize) -> usize {
    let wanted = format!("--max-count={}", how_many());
    let listed = run(git(bare).args(["rev-list", "--max-parents=1", "--parents", &wanted, "HEAD"]), None);
    let listed = String::from_utf8(listed).unwrap();
    let commits: Vec<&str> = listed.lines().collect();
    assert!(commits.len() >= at_least);
    let (next, found, wrong) = (AtomicUsize::new(0), AtomicUsize::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for thread in 0..std::thread::available_parallelism().map_or(2, std::num::NonZero::get) {
            let stage = Stage::new(folder, bare, thread);
            let (next, found, wrong, commits) = (&next, &found, &wrong, &commits);
            scope.spawn(move || {
                while let Some(line) = commits.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let (commit, parent) = line.split_once(' ').map_or((*line, None), |(one, two)| (one, Some(two)));
                    match stage.compare(commit, parent) {
                        Ok(count) => drop(found.fetch_add(count, Ordering::Relaxed)),
                        Err(what) => wrong.lock().unwrap().push(format!("{commit}: {what}")),
                    }
                }
            });
        }
    });
    let wrong = wrong.into_inner().unwrap();
    assert!(wrong.is_empty(), "{}\n{} of {} commits differ", wrong.join("\n"), wrong.len(), commits.len());
    found.into_inner()
}

/// A repository whose index and HEAD are set as if each commit were about to be made.
struct Stage {
    home: PathBuf,
    repository: PathBuf,
}

impl Stage {
    fn new(folder: &Folder, bare: &Path, thread: usize) -> Self {
        let home = folder.path().join(format!("thread-{thread}"));
        let repository = home.join("repository");
        fs::create_dir_all(&home).unwrap();
        run(git(&home).args(["clone", "-q", "--shared", "--no-checkout"]).arg(bare).arg(&repository), None);
        run(git(&repository).args(["checkout", "-q", "--orphan", "stage"]), None);
        Self { home, repository }
    }

    fn compare(&self, commit: &str, parent: Option<&str>) -> Result<usize, String> {
        run(git(&self.repository).args(["read-tree", commit]), None);
        match parent {
            Some(parent) => run(git(&self.repository).args(["update-ref", "refs/heads/stage", parent]), None),
            None => run(git(&self.repository).args(["update-ref", "-d", "refs/heads/stage"]), None),
        };
        let [library, program] = ["library", "program"].map(|way| self.tightlip(&["staged"], Some(way)));
        let untimed = |text: &str| text.rsplit_once("\"elapsed_ms\"").map(|(before, _)| before.to_owned());
        if untimed(&library) != untimed(&program) {
            return Err(format!("the library says\n{library}\nand the program\n{program}"));
        }
        let staged = findings(&library);
        let expected = self.expected();
        let shown = |all: BTreeSet<&Found>| all.iter().map(|found| format!("\n  {found:?}")).collect::<String>();
        // What a change takes away stands in no file.
        let brought: BTreeSet<Found> = staged.iter().filter(|found| found.2 != "marker-removed").cloned().collect();
        if brought != expected {
            let (more, less) = (brought.difference(&expected).collect(), expected.difference(&brought).collect());
            return Err(format!("staged says more:{}\nand less:{}", shown(more), shown(less)));
        }
        let recorded = findings(&self.tightlip(&["commits", &format!("{commit}^!")], None));
        let recorded: BTreeSet<Found> = recorded.into_iter().filter(|found| !found.0.starts_with('(')).collect();
        if staged != recorded {
            let (more, less) = (staged.difference(&recorded).collect(), recorded.difference(&staged).collect());
            return Err(format!("staged has what commits has not:{}\nand not:{}", shown(more), shown(less)));
        }
        Ok(staged.len())
    }

    fn tightlip(&self, args: &[&str], way: Option<&str>) -> String {
        let mut command = common::tightlip(&self.repository, args);
        command.args(["--no-cache", "--no-config", "--format", "jsonl"]).envs(way.map(|way| ("TIGHTLIP_GIT", way)));
        command.env("PATH", std::env::var_os("PATH").unwrap()).env("HOME", &self.home);
        answer(&mut command)
    }

    /// Findings in the whole of each changed file, that touch a line which git counts as added.
    fn expected(&self) -> BTreeSet<Found> {
        let whole = self.home.join("whole");
        let _ = fs::remove_dir_all(&whole);
        fs::create_dir(&whole).unwrap();
        let paths = self.changed();
        if paths.is_empty() {
            return BTreeSet::new();
        }
        for (path, id) in &paths {
            let path = whole.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, run(git(&self.repository).args(["cat-file", "blob", id]), None)).unwrap();
        }
        let mut command = common::tightlip(&whole, &["scan", "--no-config", "--format", "jsonl", "--"]);
        let text = answer(command.args(paths.iter().map(|(path, _)| path)));
        let found = findings(&text);
        let with_findings: BTreeSet<&String> = found.iter().map(|found| &found.0).collect();
        let mut all = BTreeSet::new();
        for path in with_findings {
            let added = self.added(path);
            let is_added =
                |found: &&Found| found.0 == *path && added.iter().any(|(from, to)| *from <= found.5 && found.1 <= *to);
            all.extend(found.iter().filter(is_added).cloned());
        }
        all
    }

    /// Path and new blob of each file that is not as it was.
    fn changed(&self) -> Vec<(String, String)> {
        let has_head = git(&self.repository).args(["rev-parse", "-q", "--verify", "HEAD"]).output().unwrap();
        let old = if has_head.status.success() { "HEAD" } else { EMPTY };
        let listed = run(
            git(&self.repository).args(["diff-index", "--cached", "--raw", "-z", "--no-renames", "--no-abbrev", old]),
            None,
        );
        let listed = String::from_utf8(listed).unwrap();
        let parts: Vec<&str> = listed.split('\0').collect();
        let file = |pair: &[&str]| {
            let words: Vec<&str> = pair[0].split(' ').collect();
            (words[1].starts_with("100")).then(|| (pair[1].to_owned(), words[3].to_owned()))
        };
        parts.chunks_exact(2).filter_map(file).collect()
    }

    /// First and last of the lines that git counts as added, from the heads of its hunks.
    fn added(&self, path: &str) -> Vec<(u64, u64)> {
        let mut command = git(&self.repository);
        command.args(["diff", "--cached", "-U0", "--text", "--no-textconv", "--no-ext-diff", "--no-renames"]);
        let diff = run(command.args(["--inter-hunk-context=0", "--", path]), None);
        let diff = String::from_utf8_lossy(&diff).into_owned();
        let heads = diff.lines().filter_map(|line| line.strip_prefix("@@ -")?.split_once(" +")?.1.split_once(" @@"));
        heads
            .filter_map(|(range, _)| {
                let (from, len) = range.split_once(',').unwrap_or((range, "1"));
                let (from, len): (u64, u64) = (from.parse().unwrap(), len.parse().unwrap());
                (len > 0).then(|| (from, from + len - 1))
            })
            .collect()
    }
}

/// The tree without files.
const EMPTY: &str = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";

fn git(dir: &Path) -> Command {
    let mut command = Command::new("git");
    command.env_clear().env("PATH", std::env::var_os("PATH").unwrap()).env("HOME", "/nowhere");
    command.env("GIT_CONFIG_NOSYSTEM", "1").current_dir(dir);
    command
}

fn run(command: &mut Command, input: Option<&[u8]>) -> Vec<u8> {
    command.stdin(if input.is_some() { Stdio::piped() } else { Stdio::null() });
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    if let Some(input) = input {
        child.stdin.take().unwrap().write_all(input).unwrap();
    }
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

/// What tightlip prints, where it could read everything.
fn answer(command: &mut Command) -> String {
    let output = command.output().unwrap();
    assert!(output.status.code().unwrap() < 2, "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn findings(text: &str) -> BTreeSet<Found> {
    let mut all = BTreeSet::new();
    for line in text.lines() {
        let value: serde_json::Value = serde_json::from_str(line).unwrap();
        let text = |key: &str| value[key].as_str().unwrap().to_owned();
        let number = |key: &str| value[key].as_u64().unwrap();
        if value["rule"].is_string() {
            let (path, line, last) = (text("path"), number("line"), number("end_line"));
            all.insert((path, line, text("rule"), text("fingerprint"), text("decision"), last));
        }
    }
    all
}
