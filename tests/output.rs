//! `--format NAME=FILE`, `report convert` and `report merge`, as people use them: what is written where, what is refused,
//! and which code a command ends with.

#![cfg(unix)]
#![allow(
    clippy::disallowed_methods,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests read files of their own, and may fail"
)]

mod common;

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::process::{Command, Output};

use common::{Folder, LINE};
use tightlip::report::FORMATS;

fn run(folder: &Folder, line: &str) -> Output {
    let args: Vec<&str> = line.split(' ').collect();
    common::tightlip(folder.path(), &args).output().unwrap()
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// A finding, and what else a name asks for.
fn folder(name: &str) -> Folder {
    let folder = Folder::new(&format!("output-{name}"));
    folder.write("src/a.py", LINE);
    folder
}

fn read(folder: &Folder, name: &str) -> String {
    fs::read_to_string(folder.path().join(name)).unwrap()
}

#[test]
fn no_format_changes_the_exit_code() {
    let found = folder("codes");
    let clean = Folder::new("output-clean");
    clean.write("a.txt", "nothing\n");
    let broken = folder("gap");
    broken.write(".gitignore", "x\n");
    fs::create_dir(broken.path().join(".git")).unwrap();
    fs::remove_file(broken.path().join(".gitignore")).unwrap();
    common::fifo(&broken.path().join(".gitignore"));
    for format in FORMATS.iter().map(|format| format.name) {
        for (folder, expected, with) in [
            (&found, 1, ""),
            (&clean, 0, ""),
            (&broken, 2, ""),
            (&found, 0, " --exit-zero"),
            (&broken, 1, " --allow-incomplete"),
        ] {
            let printed = run(folder, &format!("scan . --no-progress --format {format}{with}"));
            assert_eq!(code(&printed), expected, "{format}{with}: {}", stderr(&printed));
            let filed = run(folder, &format!("scan src . --no-progress --format {format}=../out.{format}{with}"));
            assert_eq!(
                code(&filed),
                if with.is_empty() && expected == 0 { 2 } else { expected },
                "{format}=FILE{with}"
            );
        }
    }
}

#[test]
fn several_formats_come_from_one_run() {
    let folder = folder("several");
    let output =
        run(&folder, "scan src --format jsonl --format sarif=a.sarif --format html=b.html --format json=c.json");
    assert_eq!(code(&output), 1);
    let fingerprint = read(&folder, "c.json").split("\"fingerprint\": \"").nth(1).unwrap()[..24].to_owned();
    for text in [read(&folder, "a.sarif"), read(&folder, "b.html"), String::from_utf8(output.stdout).unwrap()] {
        assert!(text.contains(&fingerprint), "{text}");
    }
    let left: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left.len(), 4, "nothing is left beside them: {left:?}");
    // People see their report where no other format is printed.
    let output = run(&folder, "scan src --format sarif=a.sarif");
    assert!(String::from_utf8_lossy(&output.stdout).contains("1 blocked"));
}

#[test]
fn what_cannot_be_written_is_refused_before_the_scan() {
    let folder = folder("refused");
    symlink("target", folder.path().join("link")).unwrap();
    fs::create_dir(folder.path().join("dir")).unwrap();
    symlink("dir", folder.path().join("way")).unwrap();
    common::fifo(&folder.path().join("pipe"));
    fs::create_dir(folder.path().join(".git")).unwrap();
    let rows = [
        ("--format json --format sarif", "two_on_stdout", "--format json --format sarif=FILE"),
        ("--format json=a --format sarif=./a", "same_file", "--format json=a.json"),
        ("--format json=link", "symlink", "--format json=FILE"),
        ("--format json=way/a", "symlink", "--format json=FILE"),
        ("--format json=dir", "not_a_file", "--format json"),
        ("--format json=pipe", "not_a_file", "--format json"),
        ("--format json=none/a", "no_folder", "mkdir"),
        ("--format json=.git/config", "git_dir", "--format json=FILE"),
        ("--format json=.git/config --force", "git_dir", "--format json=FILE"),
        ("--format json=", "", "json"),
        ("--format xml=a", "", "junit"),
    ];
    for (flags, expected, help) in rows {
        let output = run(&folder, &format!("scan src {flags}"));
        assert_eq!(code(&output), 2, "{flags}");
        assert!(output.stdout.is_empty(), "{flags}");
        let told = stderr(&output);
        assert!(told.contains(expected) && told.replace("\n  ", " ").contains(help), "{flags}: {told}");
    }
    // However the folder is named, what lies in it is the repository's.
    let absolute = run(&folder, &format!("scan src --format json={}", folder.path().join("way/a").display()));
    assert_eq!(code(&absolute), 2);
    assert!(stderr(&absolute).contains("symlink"), "{}", stderr(&absolute));
    assert!(!folder.path().join("target").exists());
    assert_eq!(fs::read_dir(folder.path().join("dir")).unwrap().count(), 0);
    assert!(!folder.path().join(".git/config").exists());
}

#[test]
fn a_tracked_file_stays_unless_forced() {
    let folder = folder("tracked");
    let git = |args: &[&str]| {
        let done = Command::new("git").args(args).current_dir(folder.path()).output().unwrap();
        assert!(done.status.success(), "{args:?}");
    };
    folder.write("docs/report.md", "ours\n");
    folder.write("docs/other.md", "not tracked\n");
    git(&["init", "-q"]);
    git(&["add", "docs/report.md"]);
    for path in ["docs/report.md", "src/../docs/report.md"] {
        let output = run(&folder, &format!("scan src --format markdown={path}"));
        assert_eq!(code(&output), 2);
        assert!(stderr(&output).contains("add `--force`"), "{}", stderr(&output));
        assert_eq!(read(&folder, "docs/report.md"), "ours\n");
    }
    assert_eq!(code(&run(&folder, "scan src --format markdown=docs/other.md")), 1);
    assert!(read(&folder, "docs/other.md").starts_with("## tightlip"));
    fs::set_permissions(folder.path().join("docs/report.md"), fs::Permissions::from_mode(0o640)).unwrap();
    assert_eq!(code(&run(&folder, "scan src --force --format markdown=docs/report.md")), 1);
    assert!(read(&folder, "docs/report.md").starts_with("## tightlip"));
    let mode = fs::metadata(folder.path().join("docs/report.md")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o640, "who may read it does not change");
}

#[test]
fn a_runner_of_github_gets_a_summary_and_outputs() {
    let folder = folder("github");
    folder.write("../output-summary.md", "before\n");
    let files = ["output-summary.md", "output-outputs"].map(|name| folder.path().parent().unwrap().join(name));
    let _ = fs::remove_file(&files[1]);
    let scan = || {
        let mut command = common::tightlip(folder.path(), &["scan", "src", "--format", "github"]);
        command.env("GITHUB_STEP_SUMMARY", &files[0]).env("GITHUB_OUTPUT", &files[1]).output().unwrap()
    };
    let output = scan();
    assert_eq!(code(&output), 1);
    assert!(output.stdout.starts_with(b"::error title="), "{output:?}");
    let summary = fs::read_to_string(&files[0]).unwrap();
    assert!(summary.starts_with("before\n## tightlip: one finding blocks\n"), "{summary}");
    let outputs = fs::read_to_string(&files[1]).unwrap();
    assert_eq!(outputs, "findings=1\nblocking=1\ncomplete=true\nexit-code=1\n");
    // The runner refuses more than a mebibyte of summary as a whole.
    fs::write(&files[0], vec![b'x'; (1 << 20) - 300]).unwrap();
    assert_eq!(code(&scan()), 1);
    assert!(fs::metadata(&files[0]).unwrap().len() <= 1 << 20);
    fs::remove_file(&files[0]).unwrap();
    symlink(&files[1], &files[0]).unwrap();
    assert_eq!(code(&scan()), 2);
    files.iter().for_each(|file| fs::remove_file(file).unwrap());
}

#[test]
fn a_saved_report_becomes_any_other() {
    let folder = folder("convert");
    let direct = |format: &str| run(&folder, &format!("scan src --no-progress --format {format}")).stdout;
    run(&folder, "scan src --format json=r.json --format jsonl=r.jsonl");
    // Time passes between two runs.
    let timeless = |text: Vec<u8>| {
        let text = String::from_utf8(text).unwrap();
        let digits = |it: char| if it.is_ascii_digit() { '0' } else { it };
        text.lines()
            .filter(|line| !line.contains(" 0.0"))
            .flat_map(|line| line.chars().map(digits).chain(['\n']))
            .collect::<String>()
    };
    for format in FORMATS.iter().map(|format| format.name).filter(|name| !["json", "jsonl"].contains(name)) {
        for saved in ["r.json", "r.jsonl"] {
            let converted = run(&folder, &format!("report convert {saved} --format {format}"));
            assert_eq!(code(&converted), 1, "{format}: {}", stderr(&converted));
            assert_eq!(timeless(converted.stdout), timeless(direct(format)), "{format}");
        }
    }
    assert_eq!(
        run(&folder, "report convert r.jsonl --format json").stdout,
        fs::read(folder.path().join("r.json")).unwrap()
    );
    assert_eq!(code(&run(&folder, "report convert r.json --exit-zero")), 0);
    assert_eq!(code(&run(&folder, "report convert none.json")), 2);
    let wrong = run(&folder, "report convert src/a.py --format csv");
    assert_eq!(code(&wrong), 2);
    assert!(!stderr(&wrong).contains("EEHK5"), "{}", stderr(&wrong));
}

#[test]
fn shards_become_one_report() {
    let folder = folder("merge");
    folder.write("lib/b.py", LINE.replace("257V5", "257V6"));
    run(&folder, "scan src --format json=1.json");
    run(&folder, "scan lib --format jsonl=2.jsonl");
    run(&folder, "scan src lib --format json=both.json");
    let merged = run(&folder, "report merge 2.jsonl 1.json 1.json --format json");
    assert_eq!(code(&merged), 1);
    let merged = String::from_utf8(merged.stdout).unwrap();
    let findings = |text: &str| {
        text.lines()
            .filter(|line| line.contains("\"fingerprint\""))
            .map(|line| line.trim_end_matches(',').to_owned())
            .collect::<Vec<_>>()
    };
    let both = findings(&read(&folder, "both.json"));
    let mut expected = both.clone();
    expected.sort();
    assert_eq!(both.len(), 2);
    assert_eq!(findings(&merged), expected);
    assert!(merged.contains("\"files\": 3"), "{merged}");
    // A shard that was cut short makes the whole incomplete.
    let cut = read(&folder, "2.jsonl").lines().next().unwrap().to_owned();
    folder.write("2.jsonl", cut);
    let merged = run(&folder, "report merge 1.json 2.jsonl --format json");
    assert_eq!(code(&merged), 2);
    assert!(String::from_utf8_lossy(&merged.stdout).contains("\"complete\": false"));
    assert!(stderr(&merged).contains("2.jsonl: the run that wrote this report was cut short"));
    assert_eq!(code(&run(&folder, "report merge 1.json 2.jsonl --allow-incomplete --exit-zero")), 0);
}
