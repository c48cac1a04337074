//! What is read of a diff, against what git itself was given: random edits of a small tree, shown by `git diff` in all its
//! forms; and bytes of any kind, which must pass without a panic.

#![allow(clippy::disallowed_methods, clippy::panic, clippy::unwrap_used, reason = "tests run git, and may fail")]

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Read;
use std::path::Path;
use std::process::Command;

use common::{Folder, Random};
use tightlip::catalogue::RuleSet;
use tightlip::engine::Options;
use tightlip::source::{Lines, Parts, Source};

/// Files by path, as lines with their ends.
type Tree = BTreeMap<String, Vec<String>>;

/// A line that is nowhere else, and may look like a part of a diff.
fn line(random: &mut Random) -> String {
    let starts = [
        "",
        " ",
        "+",
        "-",
        "-- ",
        "++ ",
        "--- a/",
        "+++ b/",
        "@@ -1 +1 @@ ",
        "\\ No newline",
        "diff --git a/x b/x ",
        "\t",
        "é",
        "From ",
    ];
    let start = random.one(&starts);
    let end = random.one(&["\n", "\n", "\n", "\r\n", " \n"]);
    format!("{start}{:016x}{end}", random.next())
}

const NAMES: &[&str] =
    &["x", "a/x", "b/x", "a b/c d", "ä/ö", "\"q\"", "tab\there", "w/y", "new\nline", "x b/x", "-", "deep/er/z.txt"];

fn tree(random: &mut Random) -> Tree {
    let mut tree = Tree::new();
    for name in NAMES {
        if random.below(3) == 0 {
            continue;
        }
        tree.insert((*name).to_owned(), (0..random.below(60)).map(|_| line(random)).collect());
    }
    tree
}

fn edited(random: &mut Random, tree: &Tree) -> Tree {
    let mut new = Tree::new();
    for (name, lines) in tree {
        let name = match random.below(8) {
            0 => continue,
            1 => format!("moved/{name}"),
            _ => name.clone(),
        };
        let mut lines = lines.clone();
        for _ in 0..random.below(5) {
            let at = random.below(lines.len() + 1);
            let end = (at + random.below(4)).min(lines.len());
            let added: Vec<String> = (0..random.below(4)).map(|_| line(random)).collect();
            lines.splice(at..end, added);
        }
        if let Some(last) = lines.last_mut().filter(|_| random.below(4) == 0) {
            last.truncate(last.trim_end().len());
        }
        new.insert(name, lines);
    }
    new.entry("fresh".to_owned()).or_insert_with(|| (0..random.below(5)).map(|_| line(random)).collect());
    new
}

fn git(dir: &Path, args: &[&str]) -> Vec<u8> {
    let mut command = Command::new("git");
    command.env_clear().env("PATH", std::env::var_os("PATH").unwrap()).env("HOME", dir).env("GIT_CONFIG_NOSYSTEM", "1");
    let output = command.args(["-c", "core.autocrlf=false"]).args(args).current_dir(dir).output().unwrap();
    assert!(output.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

/// The id of the tree as git has it.
fn recorded(folder: &Folder, tree: &Tree) -> String {
    for entry in fs::read_dir(folder.path()).unwrap().map(Result::unwrap).filter(|entry| entry.file_name() != ".git") {
        if entry.path().is_dir() {
            fs::remove_dir_all(entry.path()).unwrap();
        } else {
            fs::remove_file(entry.path()).unwrap();
        }
    }
    for (name, lines) in tree {
        folder.write(name, lines.concat());
    }
    git(folder.path(), &["add", "-A"]);
    String::from_utf8(git(folder.path(), &["write-tree"])).unwrap().trim().to_owned()
}

/// The lines that the diff adds, by path, once each line that it shows has been found at its place in `new`.
fn added(diff: Vec<u8>, new: &Tree, what: &str) -> BTreeMap<String, BTreeSet<u64>> {
    let parts = Parts::of_diff("diff", diff).unwrap();
    let listing = parts.list();
    assert!(listing.gaps.is_empty(), "{what}: {:?}", listing.gaps);
    let mut reader = parts.reader();
    let mut all = BTreeMap::new();
    for entry in &listing.entries {
        let Lines::Added(ranges) = &entry.lines else { panic!("{what}: text of {}", entry.path) };
        let file = new.get(&entry.path).unwrap_or_else(|| panic!("{what}: there is no {:?}", entry.path));
        let stretches = reader.stretches(entry);
        let mut bytes = Vec::new();
        reader.open(entry).unwrap().read_to_end(&mut bytes).unwrap();
        let mut rest = bytes.as_slice();
        for stretch in stretches {
            let (part, after) = rest.split_at(stretch.bytes as usize);
            rest = after;
            let first = stretch.line as usize - usize::from(stretch.line > 0);
            let shown: Vec<&[u8]> = part.split_inclusive(|byte| *byte == b'\n').collect();
            let there: Vec<&[u8]> = file.iter().skip(first).take(shown.len()).map(String::as_bytes).collect();
            assert_eq!(shown, there, "{what}: {:?} from line {}", entry.path, stretch.line);
        }
        assert!(rest.is_empty(), "{what}: {:?}", entry.path);
        let lines = ranges.iter().flat_map(|(from, to)| *from.max(&1)..=*to).collect();
        all.insert(entry.path.clone(), lines);
    }
    all
}

#[test]
fn of_what_git_shows_exactly_the_new_lines_are_taken() {
    let folder = Folder::new("diff");
    git(folder.path(), &["init", "-q", "."]);
    let mut random = Random(0xd1ff);
    let mut total = 0;
    for round in 0..60 {
        let old = tree(&mut random);
        let new = edited(&mut random, &old);
        let (before, after) = (recorded(&folder, &old), recorded(&folder, &new));
        for flags in [
            &["diff"][..],
            &["diff", "-U0", "--no-prefix"],
            &["-c", "diff.mnemonicPrefix=true", "diff", "-U1", "--full-index"],
            &["diff", "--color=always", "-W", "--no-renames"],
            &["-c", "core.quotePath=false", "diff", "-C", "--patience", "-U8"],
            &["diff", "--src-prefix=before/", "--dst-prefix=after/", "--ws-error-highlight=all", "-B"],
            &["diff-tree", "-r", "-p", "--histogram", "--inter-hunk-context=3", "--binary"],
        ] {
            let what = format!("round {round}, {flags:?}");
            let found = added(git(folder.path(), &[flags, &[&before, &after]].concat()), &new, &what);
            for (path, lines) in &new {
                let numbered = (1..).zip(lines);
                // A last line that lost its end is another line to git; a file that is new to it is new as a whole.
                let is_same = |line: &str| old.values().flatten().any(|other| other == line);
                let expected: BTreeSet<u64> =
                    numbered.clone().filter(|(_, line)| !is_same(line)).map(|(at, _)| at).collect();
                let whole: BTreeSet<u64> = numbered.map(|(at, _)| at).collect();
                let lines = found.get(path).cloned().unwrap_or_default();
                let is_new = !old.contains_key(path) || flags.contains(&"-B");
                assert!(
                    lines == expected || (is_new && lines == whole),
                    "{what}: {path:?} {lines:?}, not {expected:?}"
                );
                total += lines.len();
            }
        }
    }
    assert!(total > 5_000, "only {total} lines");
}

#[test]
fn any_bytes_pass_for_a_diff_without_a_panic() {
    let folder = Folder::new("diff-noise");
    git(folder.path(), &["init", "-q", "."]);
    let mut random = Random(0xbad);
    let old = tree(&mut random);
    let new = edited(&mut random, &old);
    let (before, after) = (recorded(&folder, &old), recorded(&folder, &new));
    let mut whole = git(folder.path(), &["diff", "--binary", &before, &after]);
    whole.extend(b"diff --git a/p b/p\nindex 1..2\nGIT binary patch\nliteral 9\nQcmZQzEKW@>N-g0601Ipak^lez\n\nliteral 0\nHcmV?d00001\n\n");
    whole.extend(b"diff --cc x\nindex 1,2..3\n--- a/x\n+++ b/x\n@@@ -1,3 -1,2 +1,3 @@@\n  a\n- b\n -c\n++d\n +e\nOnly in a: b\nBinary files a and b differ\n");
    let starts = [
        &b"@@ -1,9 +1,9 @@\n"[..],
        b"@@@ -1 -1 +1 @@@\n",
        b"--- a\n+++ b\n",
        b"diff --git \"a b\n",
        b"GIT binary patch\nliteral 5\n",
        b"\\\n",
        b"From 0123456789 x\n",
        b"\x1b[31m",
        b"Index: \n",
    ];
    let rules = RuleSet::default();
    for round in 0..1_500 {
        let mut bytes = whole.clone();
        let from = random.below(bytes.len());
        bytes.drain(..from);
        bytes.truncate(random.below(4_000));
        for _ in 0..random.below(8) {
            let at = random.below(bytes.len());
            let end = (at + random.below(60)).min(bytes.len());
            match random.below(4) {
                0 => drop(bytes.drain(at..end)),
                1 => bytes.extend_from_within(at..end),
                2 if at < bytes.len() => bytes[at] = random.next() as u8,
                _ => drop(bytes.splice(at..at, random.one(&starts).to_vec())),
            }
        }
        let _ = Parts::of_message("m", bytes.clone()).list();
        let Ok(parts) = Parts::of_diff("noise", bytes.clone()) else { continue };
        let outcome = common::scan(&parts, &rules, Options { threads: 1, ..Options::default() });
        let failed = outcome.gaps.iter().find(|gap| gap.why.contains("scanner") || gap.why.contains("end of file"));
        assert!(failed.is_none(), "round {round}: {failed:?}\n{}", bytes.escape_ascii());
    }
}
