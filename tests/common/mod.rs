//! What several tests share: the fixture tree, a source in memory, folders that go away, and the command in an
//! environment of its own.

#![allow(dead_code, reason = "each test uses a part of it")]
#![allow(clippy::disallowed_methods, clippy::unwrap_used, reason = "tests read files of their own, and may fail")]

use std::collections::HashMap;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::atomic::{AtomicUsize, Ordering};

use tightlip::catalogue::RuleSet;
use tightlip::engine::{self, Options};
use tightlip::outcome::Outcome;
use tightlip::policy::Policy;
use tightlip::progress::Silent;
use tightlip::source::{Entry, Lines, Listing, Origin, Reader, Source};

/// What stands in a token on disk, so that none is whole there.
pub const CUT: &str = "{cut}";

pub fn fixtures(folder: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(folder)
}

/// A file of the fixture tree.
pub struct Fixture {
    pub path: String,
    /// As it stands on disk.
    pub cut: String,
    /// What must be found, and no more: line and rule, sorted.
    pub expected: Vec<(u64, String)>,
}

impl Fixture {
    /// With its tokens whole.
    pub fn whole(&self) -> String {
        self.cut.replace(CUT, "")
    }
}

/// All files of `fixtures/tree` and of `fixtures/regress`, in the order of their paths.
pub fn tree() -> Vec<Fixture> {
    let mut all = below(&fixtures("tree"));
    all.extend(below(&fixtures("regress")));
    all
}

fn below(root: &Path) -> Vec<Fixture> {
    let mut paths = Vec::new();
    files_below(root, &mut paths);
    paths.sort();
    let texts: HashMap<PathBuf, String> =
        paths.iter().map(|path| (path.clone(), fs::read_to_string(path).unwrap())).collect();
    let is_expectation = |path: &PathBuf| path.extension().is_some_and(|ending| ending == "expect");
    paths.retain(|path| !is_expectation(path));
    let fixture = |path: &PathBuf| {
        let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
        let beside = texts.get(Path::new(&format!("{}.expect", path.display())));
        let cut = texts[path].clone();
        let mut expected = expected(&cut, beside.map_or("", String::as_str));
        expected.sort();
        Fixture { path: name, cut, expected }
    };
    paths.iter().map(fixture).collect()
}

fn files_below(dir: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files_below(&path, files) } else { files.push(path) }
    }
}

/// `expect: one-rule, another` on a line, and `12 one-rule` in the file beside.
fn expected(text: &str, beside: &str) -> Vec<(u64, String)> {
    let mut expected = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        let Some((_, rules)) = line.split_once("expect: ") else { continue };
        for rule in rules.split(", ") {
            let is_of_id = |letter: &char| letter.is_ascii_alphanumeric() || *letter == '-';
            expected.push((number, rule.chars().take_while(is_of_id).collect()));
        }
    }
    for line in beside.lines() {
        let (number, rule) = line.split_once(' ').unwrap();
        expected.push((number.parse().unwrap(), rule.to_owned()));
    }
    expected
}

/// Files that are nowhere but in memory.
#[derive(Default)]
pub struct Memory {
    pub files: Vec<(String, Vec<u8>)>,
}

impl Source for Memory {
    fn list(&self) -> Listing {
        let entry = |(path, _): &(String, Vec<u8>)| Entry {
            path: path.clone(),
            origin: Origin::File(path.into()),
            lines: Lines::All,
            commit: None,
        };
        Listing { entries: self.files.iter().map(entry).collect(), ..Listing::default() }
    }

    fn reader(&self) -> Box<dyn Reader + '_> {
        Box::new(MemoryReader(&self.files))
    }
}

struct MemoryReader<'m>(&'m [(String, Vec<u8>)]);

impl Reader for MemoryReader<'_> {
    fn open<'r>(&'r mut self, entry: &Entry) -> io::Result<Box<dyn Read + 'r>> {
        let found = self.0.iter().find(|(path, _)| *path == entry.path);
        found.map(|(_, bytes)| Box::new(bytes.as_slice()) as Box<dyn Read>).ok_or(io::ErrorKind::NotFound.into())
    }
}

/// Scans with the built-in rules and no config.
pub fn scan(source: &dyn Source, rules: &RuleSet, options: Options) -> Outcome {
    engine::scan(source, rules, &Policy::default(), options, &Silent)
}

/// A line that is a finding.
pub const LINE: &str = concat!("key = \"AKIA", "257V5HEDQR4EEHK5\"\n");

#[cfg(unix)]
pub fn fifo(path: &Path) {
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
}

/// A folder of its own, removed at the end.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new(name: &str) -> Self {
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let dir = std::env::temp_dir().join(format!("tightlip-{name}-{}-{number}", std::process::id()));
        let _ = fs::remove_dir_all(&dir);
        fs::create_dir_all(&dir).unwrap();
        Self(dir.canonicalize().unwrap())
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// The command, run in `dir`; it sees nothing of the environment in which the tests run.
pub fn tightlip(dir: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tightlip"));
    command.env_clear().env("HOME", dir).current_dir(dir).args(args).stdin(std::process::Stdio::null());
    command
}

/// A program in an environment of its own: tightlip is on its path, and git's commits are Ann's.
pub fn as_ann(program: &str, home: &Path, dir: &Path, args: &[&str]) -> Command {
    let bin = Path::new(env!("CARGO_BIN_EXE_tightlip")).parent().unwrap();
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap());
    let mut command = Command::new(program);
    command.env_clear().env("PATH", path).env("HOME", home).env("GIT_CONFIG_NOSYSTEM", "1");
    for role in ["AUTHOR", "COMMITTER"] {
        command.env(format!("GIT_{role}_NAME"), "Ann").env(format!("GIT_{role}_EMAIL"), "ann@acme.io");
    }
    command.current_dir(dir).args(args);
    command
}

/// All that a command printed.
pub fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// `SplitMix64`: small, and the same everywhere.
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Below `limit`, or 0 where there is nothing below it.
    pub fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit.max(1) as u64) as usize
    }

    pub fn one<'t, T>(&mut self, of: &'t [T]) -> &'t T {
        &of[self.below(of.len())]
    }
}
