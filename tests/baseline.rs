//! The baseline's file under processes that work at once and processes that are killed, and a scan of the file itself.

#![cfg(unix)]
#![allow(
    clippy::disallowed_methods,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests start processes, and may fail"
)]

mod common;

use std::fs;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use common::{LINE, Memory};
use tightlip::baseline::{Baseline, NAME, Store};
use tightlip::catalogue::{RuleSet, builtin_rules};
use tightlip::engine::Options;

/// Tells a process of this very test what to do: it is its own program.
const TASK: &str = "TIGHTLIP_TEST_BASELINE";

/// Numbers that look random and are the same in each run.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }
}

fn folder(name: &str) -> PathBuf {
    let dir = std::env::temp_dir().join(format!("tightlip-baseline-it-{}-{name}", std::process::id()));
    let _ = fs::remove_dir_all(&dir);
    fs::create_dir_all(&dir).unwrap();
    dir
}

fn text(seed: u64, entries: usize) -> String {
    let (mut random, rules) = (Random(seed), builtin_rules());
    let salt = format!("version 1\nkeyed {:016x}{:016x}\n", random.next(), random.next());
    let entries = (0..entries).map(|number| {
        let rule = &rules[number % rules.len()].id;
        let (high, low) = (random.next(), random.next() >> 32);
        format!("{high:016x}{low:08x} {rule} 2026-11-21 src/some/module_{number}.rs\n")
    });
    let entries: Vec<String> = entries.collect();
    salt + &entries.concat()
}

fn task(dir: &Path, what: &str) -> Child {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "works_as_another_process", "--ignored"]).env(TASK, what).current_dir(dir);
    command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()
}

/// Not a test: what the processes of the tests below do.
#[test]
#[ignore = "the other tests start it"]
fn works_as_another_process() {
    let task = std::env::var(TASK).unwrap();
    let store = Store::new(NAME.into(), NAME);
    std::io::stderr().write_all(b"!").unwrap();
    match task.split_once(' ') {
        // Writes one whole file after the other until it is killed.
        None => loop {
            for seed in [1, 2] {
                store.change(|_| Ok((Baseline::parse(NAME, &text(seed, 400))?, ()))).unwrap();
            }
        },
        Some((_, writer)) => {
            for number in 0..20 {
                let added = format!("{writer:0>12}{number:012} jwt 2026-11-21\n");
                store.change(|now| Ok((Baseline::parse(NAME, &(now.unwrap().to_owned() + &added))?, ()))).unwrap();
            }
        }
    }
}

#[test]
fn a_thousand_killed_writers_leave_the_old_file_or_the_new_one() {
    let dir = folder("killed");
    let whole = [1, 2].map(|seed| Baseline::parse(NAME, &text(seed, 400)).unwrap().text());
    fs::write(dir.join(NAME), &whole[0]).unwrap();
    let mut random = Random(7);
    let (mut seen, mut rests) = ([0, 0], 0);
    for round in 0..1_000 {
        let mut child = task(&dir, "flip");
        // It has begun; how long a busy machine took for that does not matter.
        child.stderr.take().unwrap().read_exact(&mut [0]).unwrap();
        sleep(Duration::from_micros(random.next() % 5_000));
        child.kill().unwrap();
        child.wait().unwrap();
        let text = fs::read_to_string(dir.join(NAME)).unwrap();
        let which = whole.iter().position(|whole| *whole == text);
        seen[which.unwrap_or_else(|| panic!("round {round}: {} bytes are no whole file", text.len()))] += 1;
        rests += usize::from(dir.join(".tightlip.baseline.new").exists());
    }
    // It was killed in the midst of writing, too, or nothing was tried.
    assert!(seen[0] > 50 && seen[1] > 50 && rests > 50, "{seen:?}, {rests} files half written");
    let store = Store::new(dir.join(NAME), NAME);
    store.change(|_| Ok((Baseline::parse(NAME, &text(3, 1))?, ()))).expect("no lock is left that blocks");
    assert_eq!(fs::read_dir(&dir).unwrap().count(), 1, "nothing is left over");
    fs::remove_dir_all(dir).unwrap();
}

#[test]
fn processes_that_write_at_once_lose_nothing() {
    let dir = folder("at-once");
    fs::write(dir.join(NAME), format!("keyed {}\n", "ab".repeat(16))).unwrap();
    let children: Vec<Child> = (0..6).map(|writer| task(&dir, &format!("add {writer}"))).collect();
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    let all = Store::new(dir.join(NAME), NAME).read().unwrap().unwrap();
    assert_eq!(all.len(), 120);
    fs::remove_dir_all(dir).unwrap();
}

#[test]
fn a_scan_finds_nothing_in_a_baseline_itself() {
    let written = |seed| Baseline::parse(NAME, &text(seed, 3_000)).unwrap().text().into_bytes();
    let files = (1..6).map(|seed| (NAME.to_owned(), written(seed))).collect();
    let outcome = common::scan(&Memory { files }, &RuleSet::default(), Options::default());
    assert!(outcome.findings.is_empty(), "{:?}", outcome.findings.first());
    let hidden = [written(1), LINE.into()].concat();
    let files = vec![(NAME.to_owned(), hidden)];
    let outcome = common::scan(&Memory { files }, &RuleSet::default(), Options::default());
    assert_eq!(outcome.findings.len(), 1, "it is read like any other file");
}
