//! Trees and inputs that somebody made to hide something, to hang the scan, or to end it early: each has the exit code
//! it must give. Special files beside ordinary ones are cases of `fixtures/cli`.

#![cfg(unix)]
#![allow(clippy::disallowed_methods, clippy::unwrap_used, reason = "tests read files of their own, and may fail")]

mod common;

use std::ffi::OsStr;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use common::{Folder, LINE, fifo};

/// Nothing here may take longer, whatever it does; a hang would take for ever.
const PATIENCE: Duration = Duration::from_secs(60);

/// Runs the command, and kills it where it hangs.
fn run(dir: &Path, args: &[&str]) -> Output {
    finish(common::tightlip(dir, args).stdout(Stdio::piped()).stderr(Stdio::piped()), b"")
}

fn finish(command: &mut Command, input: &[u8]) -> Output {
    let mut child = command.spawn().unwrap();
    if let Some(mut stdin) = child.stdin.take() {
        let _ = stdin.write_all(input);
    }
    let process = child.id().to_string();
    let ended = AtomicBool::new(false);
    std::thread::scope(|threads| {
        threads.spawn(|| {
            let begin = Instant::now();
            while !ended.load(Ordering::Relaxed) && begin.elapsed() < PATIENCE {
                std::thread::sleep(Duration::from_millis(10));
            }
            if !ended.load(Ordering::Relaxed) {
                Command::new("kill").args(["-9", &process]).status().unwrap();
            }
        });
        let output = child.wait_with_output().unwrap();
        ended.store(true, Ordering::Relaxed);
        output
    })
}

/// Fails with all that was printed where the exit code is another, or nothing was killed by a signal.
fn assert_exit(output: &Output, expected: i32) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let all = format!("{}{}", text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(expected), "{}", all.get(..4_000).unwrap_or(&all));
    all
}

fn repository(name: &str) -> Folder {
    let folder = Folder::new(name);
    git(folder.path(), &["init", "-q"]);
    folder
}

fn git(dir: &Path, args: &[&str]) {
    let mut command = Command::new("git");
    command.env_clear().env("PATH", std::env::var_os("PATH").unwrap()).env("HOME", dir);
    assert!(command.current_dir(dir).args(args).status().unwrap().success(), "git {args:?}");
}

fn base64(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

#[test]
fn deep_yaml_is_refused_as_config_and_read_as_a_file() {
    let deep = "[".repeat(100_000);
    let indented: String = (0..2_000).map(|depth| format!("{}a:\n", " ".repeat(depth % 900))).collect();
    for text in [&deep, &"{a: ".repeat(100_000), &"- ".repeat(100_000), &indented] {
        let folder = Folder::new("hostile-deep");
        folder.write(".tightlip.yml", text);
        folder.write("a.yml", format!("{text}\n{LINE}"));
        let told = assert_exit(&run(folder.path(), &["scan"]), 2);
        assert!(told.contains("tightlip::config"), "{told}");
        assert_exit(&run(folder.path(), &["scan", "--no-config"]), 1);
        assert_exit(&run(folder.path(), &["rules", "check", "a.yml"]), 2);
    }
}

#[test]
fn a_config_of_heavy_patterns_is_refused_at_the_first_too_many() {
    let random: String = (0..40_u32).map(|at| char::from(b'a' + (at * at * 7 + at * at / 3) as u8 % 26)).collect();
    let rule = |number: usize, pattern: &str| {
        let (hit, other) = (format!("hk{number:03}"), &random);
        format!(
            "  - {{id: heavy-{number}, finds: x, severity: low, literals: [{hit}], pattern: '{hit}{pattern}',\n     \
             hits: [{hit}{other}, {hit}{other}z], misses: [a, b]}}\n"
        )
    };
    let config = |count: usize, pattern: &str| {
        format!("version: 1\nrules:\n{}", (0..count).map(|number| rule(number, pattern)).collect::<String>())
    };
    let folder = Folder::new("hostile-patterns");
    folder.write("a.txt", "nothing");
    folder.write(".tightlip.yml", config(200, "[a-z]{30,9000}"));
    let told = assert_exit(&run(folder.path(), &["scan"]), 2);
    assert!(told.contains("own patterns take more than 8 MiB"), "{told}");
    assert_eq!(told.matches("own patterns take").count(), 1, "{told}");
    folder.write(".tightlip.yml", config(400, "[a-z]{30,90}"));
    assert_exit(&run(folder.path(), &["scan"]), 0);
}

#[test]
fn escapes_in_names_and_content_never_reach_the_terminal() {
    let folder = Folder::new("hostile-escapes");
    let evil = "\u{1b}]0;owned\u{7}\u{1b}[2J\u{9b}31m\u{202e}\r\n\u{8}";
    for name in ["a\u{1b}[31m.py", "b\n::error::x.py", "c\u{202e}yp.py", "d\u{7}.py", "e\r.py"] {
        folder.write(name, format!("x = '{evil}'; {evil} {}", LINE.trim_end()) + evil);
    }
    folder.write("allowed.py", format!("# tightlip: allow aws-access-key-id -- {evil} [31m \u{1b}[1m\n{LINE}"));
    folder.write("stale.py", "# tightlip: allow \u{1b}[31m\n");
    fifo(&folder.path().join("p\u{1b}[31mipe"));
    for args in [
        &["scan", "-v"][..],
        &["scan", "--format", "json", "-v"],
        &["scan", "--format", "jsonl"],
        &["scan", "--no-config", "p\u{1b}[31mipe"],
        &["scan", "no\u{1b}[31m\n::error::such"],
        &["scan", "--\u{1b}[31m"],
        &["explain", "a\u{1b}[31m.py:1"],
        &["explain", "a\u{1b}[31m.py:2"],
        &["explain", "a\u{1b}[31m.py:9999"],
        &["rules", "show", "\u{1b}[31m"],
        &["scan", "--config", "a\u{1b}[31m.py"],
        &["rules", "check", "a\u{1b}[31m.py"],
    ] {
        let output = run(folder.path(), args);
        let shown = [output.stdout, output.stderr].concat();
        let text = String::from_utf8(shown).expect("all that is printed is UTF-8");
        let moves = |letter: char| (letter.is_control() && letter != '\n') || letter == '\u{202e}';
        assert!(!text.contains(moves), "{args:?}: {text:?}");
        assert!(!text.lines().any(|line| line.starts_with("::")), "{args:?}: {text:?}");
    }
    let coloured = run(folder.path(), &["scan", "--color", "always"]);
    let text = String::from_utf8(coloured.stdout).unwrap();
    let own = text.replace("\u{1b}[", "").replace("\u{1b}]8;", "").replace("\u{1b}\\", "");
    assert!(!own.contains('\u{1b}') && !text.contains("\u{1b}[2J") && !text.contains("\u{1b}]0"), "{text:?}");
}

#[test]
fn pipes_in_place_of_files_that_steer_never_block() {
    let folder = repository("hostile-pipes");
    folder.write("a.py", "x = 1\n");
    fifo(&folder.path().join("pipe"));
    let told = assert_exit(&run(folder.path(), &["scan", "-v"]), 0);
    assert!(told.contains("pipe: fifo"), "{told}");
    fifo(&folder.path().join(".gitignore"));
    let told = assert_exit(&run(folder.path(), &["scan"]), 2);
    assert!(told.contains(".gitignore"), "{told}");
    fs::remove_file(folder.path().join(".gitignore")).unwrap();
    fifo(&folder.path().join(".tightlip.yml"));
    assert_exit(&run(folder.path(), &["scan"]), 2);
    assert_exit(&run(folder.path(), &["scan", "--config", "pipe", "a.py"]), 2);
    assert_exit(&run(folder.path(), &["rules", "check", "pipe"]), 2);
    assert_exit(&run(folder.path(), &["explain", "pipe:1"]), 2);
}

#[test]
fn ignore_files_that_cannot_be_used_leave_nothing_out() {
    type Make = fn(&Path);
    let rows: &[(&str, Make)] = &[
        ("a device behind a symlink", |path| symlink("/dev/zero", path).unwrap()),
        ("a symlink to itself", |path| symlink(".gitignore", path).unwrap()),
        ("2 MB", |path| fs::write(path, "*.py\n".repeat(400_000)).unwrap()),
        ("a folder", |path| fs::create_dir(path).unwrap()),
    ];
    for (name, make) in rows {
        let folder = repository("hostile-ignore");
        folder.write("a.py", LINE);
        make(&folder.path().join(".gitignore"));
        let told = assert_exit(&run(folder.path(), &["scan", "--format", "jsonl"]), 2);
        assert!(told.contains("\"rule\": \"aws-access-key-id\""), "{name}: {told}");
        assert_exit(&run(folder.path(), &["scan", "--no-ignore"]), 1);
    }
}

#[test]
fn a_git_folder_that_cannot_be_read_leaves_nothing_out() {
    type Make = fn(&Path);
    let rows: &[(&str, Make)] = &[
        ("an index of garbage", |git| fs::write(git.join("index"), b"DIRC\0\0\0\x02\xff\xff\xff\xff garbage").unwrap()),
        ("an empty index", |git| fs::write(git.join("index"), b"").unwrap()),
        ("a pipe as index", |git| fifo(&git.join("index"))),
        ("a folder as index", |git| fs::create_dir(git.join("index")).unwrap()),
        ("a pipe as .git", |git| {
            fs::remove_dir_all(git).unwrap();
            fifo(git);
        }),
        (".git that points nowhere", |git| {
            fs::remove_dir_all(git).unwrap();
            fs::write(git, "gitdir: \0\n").unwrap();
        }),
        (".git of binary bytes", |git| {
            fs::remove_dir_all(git).unwrap();
            fs::write(git, [0xff; 64]).unwrap();
        }),
    ];
    for (name, make) in rows {
        let folder = repository("hostile-git");
        folder.write("a.py", LINE);
        folder.write(".gitignore", "*.py\n");
        make(&folder.path().join(".git"));
        let told = assert_exit(&run(folder.path(), &["scan", "--no-config", "--format", "jsonl"]), 1);
        assert!(told.contains("\"ignored\": 0"), "{name}: {told}");
    }
}

#[test]
fn loops_of_folders_are_not_followed() {
    let folder = Folder::new("hostile-loop");
    folder.write("a/b/c.py", LINE);
    symlink("..", folder.path().join("a/b/up")).unwrap();
    symlink("/", folder.path().join("a/root")).unwrap();
    symlink("itself", folder.path().join("itself")).unwrap();
    let told = assert_exit(&run(folder.path(), &["scan", "--format", "jsonl"]), 1);
    assert_eq!(told.matches("\"path\": \"a/b/c.py\"").count(), 1, "{told}");
    assert!(told.contains("\"files\": 1,"), "{told}");
    assert_exit(&run(folder.path(), &["scan", "itself"]), 2);
}

#[test]
fn what_may_not_be_read_is_a_gap() {
    let folder = Folder::new("hostile-denied");
    folder.write("open.py", LINE);
    let closed = folder.write("closed.py", LINE);
    let inner = folder.write("folder/a.py", LINE);
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o000)).unwrap();
    fs::set_permissions(inner.parent().unwrap(), fs::Permissions::from_mode(0o000)).unwrap();
    // The superuser reads everything.
    let is_superuser = File::open(&closed).is_ok();
    let output = run(folder.path(), &["scan", "--format", "jsonl"]);
    fs::set_permissions(inner.parent().unwrap(), fs::Permissions::from_mode(0o700)).unwrap();
    if !is_superuser {
        let told = assert_exit(&output, 2);
        assert!(told.contains("closed.py: permission denied") && told.contains("folder: permission denied"), "{told}");
        assert!(told.contains("\"path\": \"open.py\""), "{told}");
    }
}

#[test]
fn names_that_are_not_utf_8_are_read_each_for_itself() {
    let folder = Folder::new("hostile-names");
    for name in [b"a\xff.py".as_slice(), b"a\xfe.py", b"\xc3.py", b"ok.py"] {
        fs::write(folder.path().join(OsStr::from_bytes(name)), LINE).unwrap();
    }
    let told = assert_exit(&run(folder.path(), &["scan", "--format", "jsonl"]), 1);
    assert_eq!(told.matches("\"rule\": \"aws-access-key-id\"").count(), 4, "{told}");
    assert!(told.contains("\"files\": 4,"), "{told}");
}

#[test]
fn a_bomb_of_payloads_is_a_gap_and_quick() {
    // Each line is wrapped in three ways at once, and each of them again in two.
    let line = r"a long sentence with %252541%252542 and \\\\x41\\\\x42 and &amp;amp;#65; to the end of it, ";
    let folder = Folder::new("hostile-bomb");
    folder.write("bomb.txt", format!("{LINE}{}", format!("{}\n", line.repeat(8)).repeat(2_500)));
    folder.write("line.txt", format!("{LINE}{}", line.repeat(20_000)));
    folder.write("packed.txt", format!("{LINE}{}", base64("%41%42%43&#65;&#66;\\x41\\x42 ".repeat(80_000).as_bytes())));
    let begin = Instant::now();
    let told = assert_exit(&run(folder.path(), &["scan", "--format", "jsonl"]), 2);
    assert_eq!(told.matches("error: ").count(), 3, "{told}");
    assert_eq!(told.matches("\"rule\": \"aws-access-key-id\"").count(), 3, "{told}");
    assert!(begin.elapsed() < Duration::from_secs(20), "{:?}", begin.elapsed());
}

#[test]
fn many_tiny_files_are_all_read() {
    let folder = Folder::new("hostile-many");
    for number in 0..5_000 {
        folder.write(&format!("{}/{number}.txt", number % 50), if number == 4_321 { LINE } else { "x\n" });
    }
    let told = assert_exit(&run(folder.path(), &["scan", "--format", "jsonl"]), 1);
    assert!(told.contains("\"files\": 5000,"), "{told}");
}

#[test]
fn a_closed_output_changes_no_verdict() {
    let folder = Folder::new("hostile-closed");
    folder.write("a.py", LINE.repeat(2_000));
    for format in ["human", "json", "jsonl"] {
        let (reader, writer) = io::pipe().unwrap();
        drop(reader);
        let mut command = common::tightlip(folder.path(), &["scan", "--format", format]);
        let output = finish(command.stdout(writer).stderr(Stdio::piped()), b"");
        assert_exit(&output, 1);
    }
    // A full disk is not a reader who has seen enough.
    if let Ok(full) = OpenOptions::new().write(true).open("/dev/full") {
        let mut command = common::tightlip(folder.path(), &["scan"]);
        assert_exit(&finish(command.stdout(full).stderr(Stdio::piped()), b""), 2);
    }
}

#[test]
fn standard_input_may_end_anywhere() {
    let folder = Folder::new("hostile-stdin");
    let wide: Vec<u8> = LINE.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let rows: &[(&str, Vec<u8>, i32)] = &[
        ("half a UTF-16 unit", [b"\xff\xfe", &wide[..], b"k"].concat(), 1),
        ("half a UTF-16 pair", [b"\xff\xfe", &wide[..], b"\x3d\xd8"].concat(), 1),
        ("half a UTF-16 pair and a byte", [b"\xff\xfe", &wide[..], b"\x3d\xd8\x0a"].concat(), 1),
        ("half a UTF-8 character", [LINE.as_bytes(), b"\xf0\x9f"].concat(), 1),
        ("a mark alone", b"\xff\xfe".to_vec(), 0),
        ("half a mark", b"\xff".to_vec(), 0),
        ("half a token", LINE.as_bytes()[..20].to_vec(), 0),
        ("half an escape", b"x = \"\\u00".to_vec(), 0),
        ("half of base64", b"TG9yZW0gaXBzdW0gZG9sb3Igc2l0IGFtZXQsIGNvbnNlY3RldHVyIGFkaXBp=".to_vec(), 0),
        ("an open block", b"-----BEGIN RSA PRIVATE KEY-----\n".to_vec(), 0),
    ];
    for (name, input, expected) in rows {
        let mut command = common::tightlip(folder.path(), &["scan", "-"]);
        let command = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let told = assert_exit(&finish(command, input), *expected);
        assert!(!told.is_empty(), "{name}");
    }
}
