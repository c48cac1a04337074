//! The command as its users see it. Each file of `fixtures/cli` is a case: files to make, commands, what they print.
//! `TIGHTLIP_BLESS=1` writes down what they print now.

#![cfg(unix)]
#![allow(
    clippy::disallowed_methods,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests read files of their own, and may fail"
)]

#[path = "common/printed.rs"]
mod printed;

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use printed::{comparable, matches};
use serde::Deserialize;

/// What a file of `fixtures/cli` holds.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    /// Texts by path; `{cut}` in either is removed, so that no token stands whole in this repository.
    #[serde(default)]
    files: BTreeMap<String, String>,
    /// Symlinks, and where they point.
    #[serde(default)]
    links: BTreeMap<String, String>,
    #[serde(default)]
    fifos: Vec<String>,
    /// Commands to run first, such as `git init -q`.
    #[serde(default)]
    setup: Vec<String>,
    steps: Vec<Step>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Step {
    /// The arguments, split at spaces.
    run: String,
    /// The folder to run in.
    #[serde(default)]
    dir: String,
    #[serde(default)]
    stdin: String,
    #[serde(default)]
    env: BTreeMap<String, String>,
    /// Nobody reads standard output.
    #[serde(default)]
    closed: bool,
    #[serde(default)]
    exit: i32,
    /// `[..]` stands for anything within a line, a line of `...` for any lines.
    #[serde(default)]
    stdout: String,
    #[serde(default)]
    stderr: String,
}

/// What a step printed, made comparable.
struct Seen {
    exit: i32,
    stdout: String,
    stderr: String,
}

#[test]
fn every_case_prints_what_its_file_expects() {
    let bless = std::env::var_os("TIGHTLIP_BLESS").is_some();
    let mut failures = Vec::new();
    for path in cases() {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let written = fs::read_to_string(&path).unwrap();
        let case: Case = tightlip::yaml::parse(&name, &written).unwrap_or_else(|error| panic!("{name}: {error}"));
        let seen = run(&name, &case);
        let before = failures.len();
        for (step, seen) in case.steps.iter().zip(&seen) {
            let place = format!("{name}: tightlip {}", step.run);
            if step.exit != seen.exit {
                failures.push(format!("{place}\nexit {} where {} was expected", seen.exit, step.exit));
            }
            for (stream, expected, text) in
                [("stdout", &step.stdout, &seen.stdout), ("stderr", &step.stderr, &seen.stderr)]
            {
                if !matches(expected, text) {
                    failures.push(format!("{place}\n--- {stream}, expected:\n{expected}--- {stream}:\n{text}"));
                }
            }
            failures.extend(leaks(&case, step, seen).map(|part| format!("{place}\nprints `{part}` of a secret")));
        }
        if bless && failures.len() > before {
            fs::write(&path, blessed(&written, &case, &seen)).unwrap();
        }
    }
    assert!(failures.is_empty(), "{}\n{} failures; TIGHTLIP_BLESS=1 rewrites", failures.join("\n\n"), failures.len());
}

fn cases() -> Vec<PathBuf> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/cli");
    let mut cases: Vec<PathBuf> = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()).collect();
    cases.sort();
    cases
}

fn run(name: &str, case: &Case) -> Vec<Seen> {
    let home = std::env::temp_dir().join(format!("tightlip-cli-{}-{name}", std::process::id()));
    let _ = fs::remove_dir_all(&home);
    fs::create_dir_all(home.join("work")).unwrap();
    let home = home.canonicalize().unwrap();
    let work = home.join("work");
    for (file, text) in &case.files {
        let path = work.join(whole(file));
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, whole(text)).unwrap();
    }
    for (link, target) in &case.links {
        std::os::unix::fs::symlink(target, work.join(whole(link))).unwrap();
    }
    let mut setup: Vec<String> = case.fifos.iter().map(|fifo| format!("mkfifo {fifo}")).collect();
    setup.extend(case.setup.iter().cloned());
    for line in setup {
        let (program, args) = line.split_once(' ').unwrap();
        let mut command = scrubbed(program, &work, &home);
        let status = command.env("PATH", std::env::var_os("PATH").unwrap()).args(args.split(' ')).status();
        assert!(status.unwrap().success(), "{name}: {line}");
    }
    let seen = case.steps.iter().map(|step| one(step, &work, &home)).collect();
    fs::remove_dir_all(&home).unwrap();
    seen
}

fn whole(text: &str) -> String {
    text.replace("{cut}", "")
}

/// A command that sees nothing of the environment in which the tests run.
fn scrubbed(program: &str, dir: &Path, home: &Path) -> Command {
    let mut command = Command::new(program);
    command.env_clear().env("HOME", home).current_dir(dir);
    command
}

fn one(step: &Step, work: &Path, home: &Path) -> Seen {
    let mut command = scrubbed(env!("CARGO_BIN_EXE_tightlip"), &work.join(&step.dir), home);
    command.args(whole(&step.run).split_whitespace()).envs(&step.env).stdin(Stdio::piped()).stderr(Stdio::piped());
    if step.closed {
        let (reader, writer) = io::pipe().unwrap();
        drop(reader);
        command.stdout(writer);
    } else {
        command.stdout(Stdio::piped());
    }
    let mut child = command.spawn().unwrap();
    // A command that does not read its input may be gone already.
    let _ = child.stdin.take().unwrap().write_all(whole(&step.stdin).as_bytes());
    let output = child.wait_with_output().unwrap();
    let text = |bytes: Vec<u8>| comparable(&String::from_utf8(bytes).unwrap(), work);
    Seen { exit: output.status.code().unwrap_or(-1), stdout: text(output.stdout), stderr: text(output.stderr) }
}

/// Eight characters in a row of what stands round a `{cut}`, if they were printed. The examples of own rules are made
/// up, and an error in one shows its line.
fn leaks(case: &Case, step: &Step, seen: &Seen) -> Option<String> {
    let printed = format!("{}\n{}", seen.stdout, seen.stderr);
    let files = case
        .files
        .iter()
        .filter(|(name, _)| Path::new(name).extension().is_none_or(|ending| ending != "yml"))
        .map(|(_, text)| text);
    let names = case.files.keys().chain(case.links.keys());
    let texts: Vec<&String> = files.chain(names).chain([&step.stdin, &step.run]).collect();
    let words =
        texts.iter().flat_map(|text| text.split(|letter: char| letter.is_whitespace() || "\"'/".contains(letter)));
    let secrets = words.filter(|word| word.contains("{cut}")).map(whole);
    secrets.into_iter().find_map(|secret| {
        let letters: Vec<char> = secret.rsplit('=').next().unwrap_or_default().chars().collect();
        letters.windows(8).map(|part| part.iter().collect::<String>()).find(|part| printed.contains(part))
    })
}

/// The case with what was seen in place of what was expected. Steps begin with `  - run:`.
fn blessed(written: &str, case: &Case, seen: &[Seen]) -> String {
    let mut out = String::new();
    let mut steps = case.steps.iter().zip(seen);
    let mut ending: Option<String> = None;
    let mut dropping = false;
    for line in written.lines() {
        if line.starts_with("  - run:") {
            out.push_str(&ending.take().unwrap_or_default());
            ending = steps.next().map(|(step, seen)| expectation(step, seen));
        }
        let is_key = line.starts_with("    ") && !line.starts_with("     ");
        let is_output = ["    exit:", "    stdout:", "    stderr:"].iter().any(|key| line.starts_with(key));
        dropping = ending.is_some() && (is_output || (dropping && !is_key && !line.starts_with("  - ")));
        if !dropping {
            out.push_str(line);
            out.push('\n');
        }
    }
    out + &ending.unwrap_or_default()
}

fn expectation(step: &Step, seen: &Seen) -> String {
    let mut out = format!("    exit: {}\n", seen.exit);
    for (stream, expected, text) in [("stdout", &step.stdout, &seen.stdout), ("stderr", &step.stderr, &seen.stderr)] {
        // What was written with wildcards, and still fits, stays.
        let text = if matches(expected, text) { expected } else { text };
        if !text.is_empty() {
            out.extend(["    ", stream, ": |2\n"]);
            for line in text.trim_end().lines() {
                out.extend([
                    format!("      {line}").trim_end(),
                    "
",
                ]);
            }
        }
    }
    out
}
