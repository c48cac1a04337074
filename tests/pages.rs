//! Runs the examples of README.md and docs/: commands between the lines, what they are shown to print, and blocks that
//! are files. A block that no test runs is a failure. `fixtures/pages.yml` says on what.

#![cfg(unix)]
#![allow(
    clippy::disallowed_methods,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests read and run files of their own, and may fail"
)]

#[path = "common/printed.rs"]
mod printed;

use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

use printed::{comparable, matches};
use regex::Regex;
use serde::Deserialize;

/// What `fixtures/pages.yml` holds.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Pages {
    files: BTreeMap<String, String>,
    plain: Vec<String>,
    plain_setup: Vec<String>,
    setup: Vec<String>,
    words: BTreeMap<String, String>,
    blocks: BTreeMap<String, Example>,
    elsewhere: BTreeMap<String, String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Example {
    #[serde(default)]
    files: BTreeMap<String, String>,
    file: Option<String>,
    run: String,
    #[serde(default)]
    exit: i32,
    prints: Option<Prints>,
}

/// Where a block is to be found in what is printed.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Prints {
    Stderr,
    /// It may be one of several.
    Part,
    /// With other fingerprints and days.
    Ids,
}

/// A fenced block of a page, with the word behind its fence.
struct Block {
    kind: String,
    text: String,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn whole(text: &str) -> String {
    text.replace("{cut}", "")
}

fn told() -> Pages {
    let text = fs::read_to_string(root().join("fixtures/pages.yml")).unwrap();
    tightlip::yaml::parse("fixtures/pages.yml", &text).unwrap_or_else(|error| panic!("{error}"))
}

/// Names and texts.
fn pages() -> Vec<(String, String)> {
    let entries = fs::read_dir(root().join("docs")).unwrap();
    let names = entries.map(|entry| format!("docs/{}", entry.unwrap().file_name().to_string_lossy()));
    let mut names: Vec<String> =
        names.filter(|name| name.rsplit('.').next() == Some("md") && name != "docs/rules.md").collect();
    names.push("README.md".to_owned());
    names.sort();
    names.into_iter().map(|name| (name.clone(), fs::read_to_string(root().join(&name)).unwrap())).collect()
}

/// The blocks of a page, and what is left of it.
fn split(page: &str) -> (Vec<Block>, String) {
    let (mut blocks, mut rest) = (Vec::new(), String::new());
    let mut open: Option<Block> = None;
    for line in page.lines() {
        match (open.take(), line.strip_prefix("```")) {
            (None, Some(kind)) => open = Some(Block { kind: kind.to_owned(), text: String::new() }),
            (Some(block), Some(_)) => blocks.push(block),
            (Some(block), None) => open = Some(Block { text: block.text + line + "\n", ..block }),
            (None, None) => rest.extend([line, "\n"]),
        }
    }
    assert!(open.is_none(), "a block does not end");
    (blocks, rest)
}

/// A folder with what the examples of one page are run on.
struct World {
    home: PathBuf,
}

impl Drop for World {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.home);
    }
}

impl World {
    fn new(pages: &Pages, name: &str) -> Self {
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let home = std::env::temp_dir().join(format!("tightlip-pages-{}-{number}", std::process::id()));
        let _ = fs::remove_dir_all(&home);
        fs::create_dir_all(home.join("work")).unwrap();
        let world = Self { home: home.canonicalize().unwrap() };
        let config = "[user]\n\tname = a\n\temail = a@example.com\n[core]\n\teditor = echo words >\n";
        fs::write(world.home.join(".gitconfig"), config).unwrap();
        let plain = pages.plain.iter().any(|page| page == name);
        let files = pages.files.iter().filter(|(path, _)| !plain || !path.starts_with("more/"));
        files.for_each(|(path, text)| world.write(path, text));
        let setup = if plain { &pages.plain_setup } else { &pages.setup };
        for line in setup {
            let ran = world.sh(line);
            assert!(ran.status.success(), "{line}: {}", said(&ran));
        }
        world
    }

    fn work(&self) -> PathBuf {
        self.home.join("work")
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.work().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, whole(text)).unwrap();
    }

    fn sh(&self, line: &str) -> Output {
        let bin = Path::new(env!("CARGO_BIN_EXE_tightlip")).parent().unwrap();
        let path = format!("{}:/usr/local/bin:/usr/bin:/bin", bin.display());
        let mut command = Command::new("sh");
        command.env_clear().env("PATH", path).env("HOME", &self.home).env("GIT_CONFIG_NOSYSTEM", "1");
        command.current_dir(self.work()).args(["-c", line]).stdin(Stdio::null()).output().unwrap()
    }
}

fn said(ran: &Output) -> String {
    String::from_utf8_lossy(&[ran.stdout.as_slice(), ran.stderr.as_slice()].concat()).into_owned()
}

/// The command of a line, without what is said of it.
fn command(pages: &Pages, line: &str) -> String {
    let line = line.split("   ").next().unwrap().split(" # ").next().unwrap().trim_end();
    // The README's way to run what was just built.
    let mut line = line.replace("cargo run --release --", "tightlip");
    for (word, instead) in &pages.words {
        line = line.replace(word.as_str(), instead);
    }
    line
}

#[test]
fn commands_between_the_lines_run() {
    let pages_told = told();
    let mut ran = 0;
    for (name, page) in pages() {
        let (_, rest) = split(&page);
        let lines = rest.lines().filter_map(|line| line.strip_prefix("    ")).filter(|line| {
            let starts = ["tightlip ", "git ", "diff ", "echo ", "cd ", "cargo run "];
            starts.iter().any(|start| line.starts_with(start))
                && (line.contains("tightlip") || line.starts_with("cargo"))
        });
        let commands: Vec<String> = lines.map(|line| command(&pages_told, line)).collect();
        if commands.is_empty() {
            continue;
        }
        let world = World::new(&pages_told, &name);
        for command in commands {
            let ended = world.sh(&command);
            // Findings are no failure of an example.
            assert!(matches!(ended.status.code(), Some(0 | 1)), "{name}: `{command}`: {}", said(&ended));
            ran += 1;
        }
    }
    assert!(ran > 20, "only {ran} commands were found");
}

#[test]
fn blocks_of_a_terminal_show_what_is_printed() {
    let pages_told = told();
    for (name, page) in pages() {
        let world = World::new(&pages_told, &name);
        for block in split(&page).0.iter().filter(|block| block.kind == "console") {
            for part in format!("\n{}", block.text).split("\n$ ").skip(1) {
                let (line, shown) = part.split_once('\n').unwrap_or((part, ""));
                let line = command(&pages_told, line);
                let ran = world.sh(&line);
                assert!(matches!(ran.status.code(), Some(0 | 1)), "{name}: `{line}`: {}", said(&ran));
                let (shown, text) = (comparable(shown, &world.work()), comparable(&said(&ran), &world.work()));
                let fits = shown.trim().is_empty() || matches(&shown, &text);
                assert!(fits, "{name}: `{line}`\n--- is shown to print\n{shown}\n--- prints\n{text}");
            }
        }
    }
}

#[test]
fn each_other_block_is_run_here_or_elsewhere() {
    let pages_told = told();
    let mut used = HashSet::new();
    for (name, page) in pages() {
        for block in split(&page).0.iter().filter(|block| block.kind != "console") {
            let first = block.text.lines().next().unwrap_or_default();
            let own = format!("{name}: {first}");
            let of = |key: &str| pages_told.blocks.get_key_value(key);
            let Some((key, example)) = of(&own).or_else(|| of(first)) else {
                assert!(
                    pages_told.elsewhere.contains_key(&name),
                    "{name}: no test runs the block that begins with `{first}`; add it to fixtures/pages.yml"
                );
                continue;
            };
            used.insert(key.clone());
            run_block(&World::new(&pages_told, "a block"), &name, block, example);
        }
    }
    let unused: Vec<&String> = pages_told.blocks.keys().filter(|key| !used.contains(*key)).collect();
    assert!(unused.is_empty(), "fixtures/pages.yml: no page has {unused:?}");
}

fn run_block(world: &World, name: &str, block: &Block, example: &Example) {
    example.files.iter().for_each(|(path, text)| world.write(path, text));
    if let Some(file) = &example.file {
        // As it stands: own rules may hold `{cut}`.
        fs::create_dir_all(world.work().join(file).parent().unwrap()).unwrap();
        fs::write(world.work().join(file), &block.text).unwrap();
    }
    let ran = world.sh(&example.run);
    let place = format!("{name}: `{}` with the block\n{}", example.run, block.text);
    assert_eq!(ran.status.code(), Some(example.exit), "{place}{}", said(&ran));
    let stdout = String::from_utf8_lossy(&ran.stdout).into_owned();
    let fits = match example.prints {
        None => true,
        Some(Prints::Stderr) => matches(&block.text, &String::from_utf8_lossy(&ran.stderr)),
        Some(Prints::Part) => stdout.contains(block.text.trim_end()),
        Some(Prints::Ids) => matches(&anonymous(&block.text), &anonymous(&stdout)),
    };
    assert!(fits, "{place}--- prints\n{}", said(&ran));
}

/// With neither fingerprints nor days.
fn anonymous(text: &str) -> String {
    let text = Regex::new(r"\b[0-9a-f]{24,32}\b").unwrap().replace_all(text, "ID").into_owned();
    Regex::new(r"\b20\d\d-\d\d-\d\d\b").unwrap().replace_all(&text, "DAY").into_owned()
}

/// What a release is called in examples is this version, and the repository is the one that Cargo.toml names.
#[test]
fn examples_name_this_version_and_repository() {
    let repository = env!("CARGO_PKG_REPOSITORY").trim_start_matches("https://github.com/");
    let forms = [
        (r"(?:tightlip@v?|tightlip==|rev: v|--tag v)(\d+\.\d+\.\d+[^\s`,;]*)", env!("CARGO_PKG_VERSION")),
        (r"(?:github\.com/|uses: )([\w-]+/tightlip)\b", repository),
    ];
    let mut texts = pages();
    for entry in fs::read_dir(root().join("docs/workflows")).unwrap() {
        let path = entry.unwrap().path();
        texts.push((path.display().to_string(), fs::read_to_string(path).unwrap()));
    }
    for (form, expected) in forms {
        let form = Regex::new(form).unwrap();
        let mut found = 0;
        for (name, text) in &texts {
            for named in form.captures_iter(text) {
                assert_eq!(&named[1], expected, "{name}: Cargo.toml names another");
                found += 1;
            }
        }
        assert!(found > 5, "only {found} places were found for {expected}");
    }
}
