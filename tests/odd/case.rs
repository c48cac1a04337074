//! What a file of `fixtures/git` expects, and what tightlip printed, in the same form.

use std::fmt;
use std::fs;
use std::process::Command;

/// One odd repository, and what is done to it.
pub struct Case {
    needs: Vec<String>,
    pub blocks: Vec<Block>,
}

/// One command, and what must come of it.
#[derive(Default)]
pub struct Block {
    pub args: Vec<String>,
    pub dir: String,
    pub env: Vec<(String, String)>,
    pub input: Option<String>,
    pub exit: i32,
    pub finds: Vec<Found>,
    /// Whatever is found, as long as something is.
    pub any: bool,
    pub says: Vec<String>,
}

/// A finding, or an expected one: then a revision may stand in place of the commit's id.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Found {
    pub path: String,
    pub line: u64,
    pub rule: String,
    pub commit: Option<String>,
}

impl fmt::Display for Found {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} {:?} {} {}", self.rule, self.path, self.line, self.commit.as_deref().unwrap_or("-"))
    }
}

/// All cases with their names, in order.
pub fn all() -> Vec<(String, Case)> {
    let mut cases: Vec<(String, Case)> = fs::read_dir(super::common::fixtures("git"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "sh") && !path.ends_with("lib.sh"))
        .map(|path| {
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            let case = parse(&name, &fs::read_to_string(path).unwrap());
            (name, case)
        })
        .collect();
    cases.sort_by(|one, other| one.0.cmp(&other.0));
    assert!(cases.len() > 100, "fixtures/git has lost its cases");
    cases
}

/// Reads the comment at the top.
pub fn parse(name: &str, text: &str) -> Case {
    let mut case = Case { needs: Vec::new(), blocks: Vec::new() };
    for line in text.lines().map_while(|line| line.strip_prefix("# ")) {
        let Some((key, value)) = line.split_once(": ").or(line.strip_suffix(':').map(|key| (key, ""))) else {
            continue;
        };
        let known = ["run", "in", "env", "input", "exit", "finds", "says", "needs"].contains(&key);
        // A sentence may have a colon in it.
        if !known {
            assert!(key.contains(' '), "{name}: `{key}` says nothing");
            continue;
        }
        if key == "run" {
            let args = value.split_whitespace().map(str::to_owned).collect();
            case.blocks.push(Block { args, exit: -1, ..Block::default() });
            continue;
        }
        if key == "needs" {
            case.needs.push(value.to_owned());
            continue;
        }
        let block = case.blocks.last_mut().unwrap_or_else(|| panic!("{name}: `{key}` before `run`"));
        match key {
            "in" => value.clone_into(&mut block.dir),
            "env" => {
                let (variable, value) = value.split_once('=').unwrap();
                block.env.push((variable.to_owned(), value.to_owned()));
            }
            "input" => block.input = Some(value.to_owned()),
            "exit" => block.exit = value.parse().unwrap(),
            "finds" if value == "*" => block.any = true,
            "finds" => block.finds.push(expected(value).unwrap_or_else(|| panic!("{name}: {line}"))),
            _ => block.says.push(value.to_owned()),
        }
    }
    assert!(
        !case.blocks.is_empty() && case.blocks.iter().all(|block| block.exit >= 0),
        "{name}: run or exit is missing"
    );
    case
}

/// `RULE PATH LINE [REVISION]`
fn expected(text: &str) -> Option<Found> {
    let (rule, rest) = text.split_once(' ')?;
    let (path, rest) = if rest.starts_with('"') {
        let mut values = serde_json::Deserializer::from_str(rest).into_iter::<String>();
        let path = values.next()?.ok()?;
        (path, rest[values.byte_offset()..].trim_start())
    } else {
        let (path, rest) = rest.split_once(' ')?;
        (path.to_owned(), rest)
    };
    let (line, revision) = rest.split_once(' ').map_or((rest, None), |(line, rest)| (line, Some(rest.to_owned())));
    Some(Found { path, line: line.parse().ok()?, rule: rule.to_owned(), commit: revision })
}

/// The findings of a report in the format `jsonl`.
pub fn found(stdout: &str) -> Vec<Found> {
    let mut all = Vec::new();
    for line in stdout.lines() {
        let Ok(value) = serde_json::from_str::<serde_json::Value>(line) else { continue };
        let text = |key: &str| value[key].as_str().map(str::to_owned);
        if let (Some(path), Some(line), Some(rule)) = (text("path"), value["line"].as_u64(), text("rule")) {
            all.push(Found { path, line, rule, commit: value["commit"]["id"].as_str().map(str::to_owned) });
        }
    }
    all
}

impl Case {
    /// What this machine lacks for it.
    pub fn unmet(&self) -> Option<&str> {
        let is_met = |need: &&String| match need.as_str() {
            "root" => said("id", "-u").trim() == "0",
            other => at_least(&said("git", "--version"), other.strip_prefix("git ").unwrap()),
        };
        self.needs.iter().find(|need| !is_met(need)).map(String::as_str)
    }
}

fn said(program: &str, arg: &str) -> String {
    String::from_utf8(Command::new(program).arg(arg).output().unwrap().stdout).unwrap()
}

fn at_least(version: &str, wanted: &str) -> bool {
    let numbers = |text: &str| -> Vec<u32> {
        text.split(|letter: char| !letter.is_ascii_digit()).filter_map(|part| part.parse().ok()).take(2).collect()
    };
    numbers(version) >= numbers(wanted)
}
