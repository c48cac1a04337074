use std::fs;
use std::io;
use std::path::PathBuf;

use miette::Diagnostic;

use super::*;
use crate::excerpt::Excerpt;
use crate::finding::{Decision, Place, Position};
use crate::judge::Verdict;
use crate::rule::{Kind, Severity};
use crate::span::Span;

const SALT: &str = "00112233445566778899aabbccddeeff";

fn day(text: &str) -> Date {
    text.parse().expect("a day")
}

fn finding(number: u8, rule: &'static str, excerpt: &str) -> Finding {
    let start = Position { line: 1, column: 1 };
    Finding {
        rule: rule.into(),
        finds: "a thing".into(),
        kind: Kind::Secret { severity: Severity::High },
        commit: None,
        place: Place { path: "elsewhere".to_owned(), start, end: start },
        excerpt: Excerpt { text: excerpt.to_owned(), mark: Span::default(), column: 1 },
        wrapped: Vec::new(),
        verdict: Verdict { reasons: Vec::new() },
        fingerprint: Fingerprint([number; 12]),
        decision: Decision::Block,
        tier: None,
        gives: None,
        revoke: None,
        docs: None,
    }
}

fn parsed(text: &str) -> Baseline {
    Baseline::parse(NAME, text).expect("a baseline")
}

fn id(number: u8) -> String {
    format!("{number:02x}").repeat(12)
}

fn line(number: u8, day: &str, path: &str) -> String {
    format!("{} jwt {day} {path}\n", id(number))
}

fn with_lines(lines: &[String]) -> String {
    format!("version 1\nkeyed {SALT}\n{}", lines.concat())
}

#[test]
fn an_entry_covers_its_value_wherever_it_goes_and_no_other() {
    let mut known = Baseline::new(NAME, SALT);
    assert!(known.add(&finding(1, "jwt", "x"), "a.py", day("2026-06-01")));
    assert!(!known.add(&finding(1, "jwt", "x"), "b.py", day("2026-06-02")), "the same value is one entry");
    let rows = [
        (1, "jwt", "a.py", true),
        (1, "jwt", "moved/to/b.py", true),
        (2, "jwt", "a.py", false),
        (1, "npm-access-token", "a.py", false),
    ];
    for (number, rule, path, covered) in rows {
        let since = known.covers(&finding(number, rule, "x"), path);
        assert_eq!(since, covered.then(|| day("2026-06-01")), "{number} {rule} {path}");
    }
}

#[test]
fn a_file_that_is_a_finding_by_its_name_is_known_in_its_place_alone() {
    let mut known = Baseline::new(NAME, SALT);
    known.add(&finding(1, "jwt", ""), "old/keys.jks", day("2026-06-01"));
    assert!(known.covers(&finding(1, "jwt", ""), "old/keys.jks").is_some());
    assert!(known.covers(&finding(1, "jwt", ""), "new/keys.jks").is_none());
    assert!(known.add(&finding(1, "jwt", ""), "new/keys.jks", day("2026-06-01")));
}

#[test]
fn a_baseline_reads_back_as_it_was_written() {
    let hints = ["", "a.py", "with blanks/b c.py", "ends in blank ", "größe/鍵.rs", "a\nb\r\u{1b}[31m\u{202e}c"];
    let mut known = Baseline::new(NAME, SALT);
    for (number, hint) in (1..).zip(hints) {
        known.add(&finding(number, "aws-access-key-id", "x"), hint, day("2026-06-15"));
    }
    let text = known.text();
    assert_eq!(text.lines().filter(|line| !line.starts_with('#')).count(), 2 + hints.len(), "{text}");
    assert!(text.is_ascii() || !text.contains(['\u{1b}', '\u{202e}', '\r']), "{text:?}");
    assert_eq!(parsed(&text).text(), text);
    assert_eq!(parsed(&text.replace('\n', "\r\n")).text(), text, "as a checkout on Windows has it");
}

#[test]
fn a_hint_shows_no_secret_that_a_path_may_hold() {
    let token = ["ghp", "_", "Ab1Cd2Ef3Gh4Ij5Kl6Mn7Op8Qr9St0Uv1Wx2"].concat();
    assert!(!text::hint(&format!("dump/{token}.txt")).contains("Ij5Kl6"));
}

#[test]
fn lines_of_two_baselines_merge_by_union() {
    let (one, two, three) = (line(1, "2026-01-01", "a"), line(2, "2026-01-02", "b"), line(3, "2026-01-03", "c"));
    let earlier = line(2, "2025-12-31", "z");
    let ours = with_lines(&[one.clone(), two.clone()]);
    let theirs = with_lines(&[three.clone(), earlier.clone()]);
    let expected = parsed(&with_lines(&[one, earlier, three])).text();
    assert_eq!(parsed(&format!("{ours}{theirs}")).text(), expected);
    assert_eq!(parsed(&format!("{theirs}{ours}")).text(), expected, "whichever comes first");
}

#[test]
fn what_is_no_line_of_a_baseline_is_refused_with_its_place() {
    let entry = line(1, "2026-01-01", "a");
    let rows = [
        ("<<<<<<< HEAD\n".to_owned(), "conflict", 3),
        (format!("{entry}=======\n"), "conflict", 4),
        (format!("{entry}{entry}>>>>>>> topic"), "conflict", 5),
        ("||||||| base\n".to_owned(), "conflict", 3),
        (entry[1..].to_owned(), "line", 3),
        (entry.to_uppercase(), "line", 3),
        (entry[..24].to_owned(), "line", 3),
        (entry[..25].to_owned(), "line", 3),
        (entry[..30].to_owned(), "line", 3),
        (entry.replace("2026-01-01", "2026-02-30"), "line", 3),
        (entry.replace("jwt", "Jwt"), "line", 3),
        (entry.replace(' ', "\t"), "line", 3),
        (format!(" {entry}"), "line", 3),
        (format!("{entry}{}", entry.replace("jwt", "npm-access-token")), "line", 4),
        (format!("keyed {}", "ab".repeat(16)), "two_salts", 3),
        ("keyed abcd".to_owned(), "salt", 3),
        (format!("keyed {}", "xy".repeat(16)), "salt", 3),
        ("version 2\n".to_owned(), "version", 3),
        ("{\"version\": 1}\n".to_owned(), "line", 3),
    ];
    for (added, expected, place) in rows {
        let error = Baseline::parse(NAME, &with_lines(std::slice::from_ref(&added))).expect_err(&added);
        assert_eq!(error.code().unwrap().to_string(), format!("tightlip::baseline::{expected}"), "{added}");
        assert_eq!(error.line(), Some(place), "{added}");
        assert!(error.help().is_some(), "{added}");
    }
    let unsalted = Baseline::parse(NAME, &entry).expect_err("entries need a salt");
    assert_eq!(unsalted.code().unwrap().to_string(), "tightlip::baseline::no_salt");
    assert!(parsed("").is_empty() && parsed("\u{feff}# nothing\n\n").is_empty());
}

#[test]
fn a_line_cut_anywhere_is_refused_or_has_lost_only_its_hint() {
    let whole = with_lines(&[line(1, "2026-01-01", "a"), line(2, "2026-01-01", "src/b.rs")]);
    for end in 0..whole.len() {
        let Ok(cut) = Baseline::parse(NAME, &whole[..end]) else { continue };
        let same = |(key, entry): (Fingerprint, &Entry)| {
            (*key.0.first().unwrap() <= 2) && entry.rule == "jwt" && entry.since == day("2026-01-01")
        };
        assert!(cut.entries().all(same), "{:?}", &whole[..end]);
    }
}

#[test]
fn pruning_keeps_what_was_used_and_what_came_in_the_meantime() {
    let text = with_lines(&[line(1, "2026-01-01", "a"), line(2, "2026-01-01", "b")]);
    let scanned = parsed(&text);
    assert!(scanned.covers(&finding(1, "jwt", "x"), "a").is_some());
    assert_eq!((scanned.unused(), scanned.stale().len()), (1, 1));
    let mut now = parsed(&format!("{text}{}", line(3, "2026-01-02", "c")));
    assert_eq!(now.prune(&scanned), 1);
    assert_eq!(now.entries().map(|(key, _)| key.0[0]).collect::<Vec<_>>(), [1, 3]);
}

/// A folder of its own, made anew.
fn fresh(name: &str) -> PathBuf {
    let dir = std::env::temp_dir().join(format!("tightlip-baseline-{}-{name}", std::process::id()));
    let _ = fs::remove_dir_all(&dir);
    fs::create_dir_all(&dir).unwrap();
    dir
}

fn add(store: &Store, number: u8, permit: &mut dyn FnMut() -> io::Result<()>) -> Result<(), BaselineError> {
    let change = |now: Option<&str>| {
        let mut baseline = now.map_or_else(|| Baseline::new(NAME, SALT), parsed);
        baseline.add(&finding(number, "jwt", "x"), &format!("path/{number}"), day("2026-01-01"));
        Ok((baseline, ()))
    };
    store.change_with(change, permit)
}

fn names(dir: &PathBuf) -> Vec<String> {
    fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[test]
fn whichever_step_of_a_write_fails_the_file_is_the_old_or_the_new_one() {
    let dir = fresh("fails");
    let store = Store::new(dir.join(NAME), NAME);
    let many: Vec<String> = (0..200).map(|number| line(number, "2026-01-01", &"p".repeat(60))).collect();
    let old = parsed(&with_lines(&many)).text();
    let mut new = parsed(&old);
    new.add(&finding(255, "jwt", "x"), "path/255", day("2026-01-01"));
    let new = new.text();
    let mut failed = 0;
    for wrong in 1.. {
        fs::write(store.path(), &old).unwrap();
        let mut steps = 0;
        let ended = add(&store, 255, &mut || {
            steps += 1;
            if steps == wrong { Err(io::ErrorKind::StorageFull.into()) } else { Ok(()) }
        });
        let text = fs::read_to_string(store.path()).unwrap();
        assert_eq!(names(&dir), [NAME], "step {wrong}");
        match ended {
            Ok(()) => {
                assert_eq!(text, new);
                break;
            }
            // The last step is that which makes a new name outlive a power cut.
            Err(_) if text == new => failed += 100,
            Err(error) => {
                assert!(matches!(error, BaselineError::Unwritable { .. }), "{error}");
                assert_eq!(text, old, "step {wrong}");
                failed += 1;
            }
        }
    }
    // Five pieces, six other steps before the name changes, and one after it.
    let pieces = new.len().div_ceil(1 << 12);
    assert_eq!(failed, 100 + pieces + 5, "{pieces} pieces");
    fs::remove_dir_all(dir).unwrap();
}

#[test]
fn writers_at_once_lose_nothing_of_each_other() {
    let dir = fresh("threads");
    let store = Store::new(dir.join(NAME), NAME);
    std::thread::scope(|scope| {
        for writer in 0..8_u8 {
            let store = &store;
            scope.spawn(move || {
                (0..12).for_each(|number| add(store, writer * 12 + number, &mut || Ok(())).expect("its turn comes"));
            });
        }
    });
    assert_eq!(store.read().unwrap().expect("it was written").len(), 96);
    assert_eq!(names(&dir), [NAME]);
    fs::remove_dir_all(dir).unwrap();
}

#[test]
fn the_rest_of_a_run_that_was_killed_is_cleared_away() {
    let dir = fresh("rest");
    let store = Store::new(dir.join(NAME), NAME);
    fs::write(dir.join(".tightlip.baseline.lock"), "").unwrap();
    fs::write(dir.join(".tightlip.baseline.new"), "half a li").unwrap();
    add(&store, 1, &mut || Ok(())).expect("neither is in the way");
    assert_eq!(names(&dir), [NAME]);
    fs::remove_dir_all(dir).unwrap();
}

#[test]
fn nothing_is_written_where_nothing_changes_and_nothing_that_could_not_be_read_again() {
    let dir = fresh("same");
    let store = Store::new(dir.join(NAME), NAME);
    add(&store, 1, &mut || Ok(())).unwrap();
    let text = fs::read_to_string(store.path()).unwrap().replace('\n', "\r\n");
    fs::write(store.path(), &text).unwrap();
    add(&store, 1, &mut || Err(io::ErrorKind::StorageFull.into())).expect("there is nothing to write");
    assert_eq!(fs::read_to_string(store.path()).unwrap(), text, "line ends are as they were");
    let huge = store.change(|now| {
        let mut baseline = parsed(now.unwrap());
        for number in 0..20_000_u32 {
            let mut found = finding(0, "jwt", "x");
            found.fingerprint.0[..4].copy_from_slice(&number.to_be_bytes());
            baseline.add(&found, "a/path/of/some/length/as/they/are.rs", day("2026-01-01"));
        }
        Ok((baseline, ()))
    });
    assert!(matches!(huge, Err(BaselineError::TooLarge { entries: 20_001 })));
    assert_eq!(fs::read_to_string(store.path()).unwrap(), text);
    fs::remove_dir_all(dir).unwrap();
}

#[cfg(unix)]
#[test]
fn a_new_file_has_the_old_ones_mode_and_symlinks_are_not_followed() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let dir = fresh("mode");
    let store = Store::new(dir.join(NAME), NAME);
    add(&store, 1, &mut || Ok(())).unwrap();
    fs::set_permissions(store.path(), fs::Permissions::from_mode(0o640)).unwrap();
    add(&store, 2, &mut || Ok(())).unwrap();
    assert_eq!(fs::metadata(store.path()).unwrap().permissions().mode() & 0o777, 0o640);
    fs::rename(store.path(), dir.join("target")).unwrap();
    symlink("target", store.path()).unwrap();
    assert!(matches!(add(&store, 3, &mut || Ok(())), Err(BaselineError::Control(_))));
    fs::remove_file(store.path()).unwrap();
    for name in ["lock", "new"] {
        let (link, target) = (dir.join(format!("{NAME}.{name}")), dir.join("victim"));
        fs::write(&target, "as it was").unwrap();
        symlink("victim", &link).unwrap();
        let _ = add(&store, 3, &mut || Ok(()));
        assert_eq!(fs::read_to_string(&target).unwrap(), "as it was", "{name}");
        let _ = fs::remove_file(link);
    }
    fs::remove_dir_all(dir).unwrap();
}
