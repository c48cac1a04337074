//! What must not change what is found: the prefilter, threads, windows, encodings, line ends; and any bytes at all must
//! pass without a panic. Texts are the fixture tree, and texts made up from its parts with fixed seeds.

#![allow(clippy::disallowed_methods, clippy::unwrap_used, reason = "tests read files of their own, and may fail")]

mod common;

use std::collections::BTreeSet;

use common::{Memory, Random};
use tightlip::blob::Windowing;
use tightlip::catalogue::RuleSet;
use tightlip::engine::Options;

/// One finding, as it must come out again: path, rule, place, fingerprint, score.
type Seen = (String, String, [u64; 4], String, u8);

fn seen(files: &[(String, Vec<u8>)], rules: &RuleSet, options: Options) -> Vec<Seen> {
    let outcome = common::scan(&Memory { files: files.to_vec() }, rules, options);
    assert!(outcome.gaps.is_empty(), "{:?}", outcome.gaps);
    assert_eq!(outcome.covered.files, files.len() as u64);
    let one = |finding: &tightlip::finding::Finding| {
        let (start, end) = (finding.place.start, finding.place.end);
        let place = [start.line, start.column, end.line, end.column];
        let rule = finding.rule.to_string();
        (finding.place.path.clone(), rule, place, finding.fingerprint.to_string(), finding.verdict.score())
    };
    outcome.findings.iter().map(one).collect()
}

/// Fails with the findings that are on one side only.
fn same(what: &str, expected: &[Seen], found: &[Seen]) {
    let (before, after): (BTreeSet<&Seen>, BTreeSet<&Seen>) = (expected.iter().collect(), found.iter().collect());
    let lost: Vec<_> = before.difference(&after).collect();
    let new: Vec<_> = after.difference(&before).collect();
    assert!(lost.is_empty() && new.is_empty(), "{what}\nlost: {lost:#?}\nnew: {new:#?}");
    assert_eq!(expected, found, "{what}: the order differs");
}

fn fixtures() -> Vec<(String, Vec<u8>)> {
    common::tree().into_iter().map(|fixture| (fixture.path.clone(), fixture.whole().into_bytes())).collect()
}

/// The fixtures, and texts made up from their lines.
fn texts() -> Vec<(String, Vec<u8>)> {
    let mut files = fixtures();
    let lines: Vec<Vec<u8>> =
        files.iter().flat_map(|(_, bytes)| bytes.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec)).collect();
    let mut random = Random(0x5eed);
    for (number, ending) in (0..120).zip(["py", "yml", "json", "env", "md", "go"].iter().cycle()) {
        files.push((format!("made/{number}.{ending}"), mixed(&mut random, &lines)));
    }
    files
}

/// Lines of fixtures, some of them cut, doubled, joined or with other bytes in them.
fn mixed(random: &mut Random, lines: &[Vec<u8>]) -> Vec<u8> {
    let mut text = Vec::new();
    for _ in 0..=random.below(40) {
        let mut line = lines[random.below(lines.len())].clone();
        match random.below(8) {
            0 => line.truncate(random.below(line.len())),
            1 => line.extend_from_within(..),
            2 => line.retain(|byte| *byte != b'\n'),
            3 => line.insert(random.below(line.len()), b" \t\"'=:\\/;,"[random.below(10)]),
            _ => {}
        }
        text.extend(line);
    }
    // Cuts may leave half a character.
    String::from_utf8_lossy(&text).into_owned().into_bytes()
}

#[test]
fn the_prefilter_changes_nothing() {
    let (rules, files) = (RuleSet::default(), texts());
    let expected = seen(&files, &rules, Options::default());
    assert!(expected.len() > 300, "only {} findings to compare", expected.len());
    same("without the prefilter", &expected, &seen(&files, &rules, Options { slowly: true, ..Options::default() }));
}

#[test]
fn threads_change_nothing() {
    let (rules, files) = (RuleSet::default(), texts());
    let expected = seen(&files, &rules, Options { threads: 1, ..Options::default() });
    for threads in [2, 16] {
        let options = Options { threads, ..Options::default() };
        same(&format!("{threads} threads"), &expected, &seen(&files, &rules, options));
    }
}

/// All fixtures as one file, with code between them, so that it is longer than a window with its margins.
fn one_long_file() -> Vec<(String, Vec<u8>)> {
    let mut random = Random(7);
    let mut text = Vec::new();
    for (path, bytes) in fixtures() {
        text.extend(format!("\n\n# {path}\n").into_bytes());
        text.extend(bytes);
        for number in 0..random.below(80) {
            text.extend(
                format!("let row{number} = table.get({}).unwrap_or(&empty);\n", random.below(999)).into_bytes(),
            );
        }
    }
    vec![("all.txt".to_owned(), text)]
}

#[test]
fn the_size_of_windows_changes_nothing() {
    let (rules, files) = (RuleSet::default(), one_long_file());
    let margin = Windowing::default().margin;
    assert!(files[0].1.len() > 3 * margin, "{} bytes fit one window", files[0].1.len());
    let expected = seen(&files, &rules, Options::default());
    assert!(expected.len() > 80, "only {} findings to compare", expected.len());
    for own in [509, 1_021, 4_093, 10_007, 16_381, 40_009, 65_537] {
        let options = Options { windowing: Windowing { own, margin }, ..Options::default() };
        same(&format!("windows of {own} bytes"), &expected, &seen(&files, &rules, options));
    }
    for little in [true, false] {
        let files = [(files[0].0.clone(), utf16(&files[0].1, little, true))];
        let options = Options { windowing: Windowing { own: 8_191, margin }, ..Options::default() };
        same("windows of UTF-16", &expected, &seen(&files, &rules, options));
    }
}

fn utf16(text: &[u8], little: bool, mark: bool) -> Vec<u8> {
    let text = std::str::from_utf8(text).unwrap();
    let units = mark.then_some(0xfeff).into_iter().chain(text.encode_utf16());
    units.flat_map(|unit| if little { unit.to_le_bytes() } else { unit.to_be_bytes() }).collect()
}

#[test]
fn the_encoding_changes_nothing() {
    let (rules, files) = (RuleSet::default(), texts());
    let expected = seen(&files, &rules, Options::default());
    type Encode = fn(&[u8]) -> Vec<u8>;
    let rows: &[(&str, Encode)] = &[
        ("UTF-8 with a mark", |text| [b"\xef\xbb\xbf", text].concat()),
        ("UTF-16 LE with a mark", |text| utf16(text, true, true)),
        ("UTF-16 BE with a mark", |text| utf16(text, false, true)),
        ("UTF-16 LE", |text| utf16(text, true, false)),
        ("UTF-16 BE", |text| utf16(text, false, false)),
    ];
    for (name, encode) in rows {
        let encoded: Vec<_> = files.iter().map(|(path, text)| (path.clone(), encode(text))).collect();
        same(name, &expected, &seen(&encoded, &rules, Options::default()));
    }
}

/// As `same`, for places that begin `lower` lines further down, or at the very top for what its path makes a finding.
/// Where findings end is not compared: the end of a line may count its CR.
fn same_starts(what: &str, expected: &[Seen], found: &[Seen], lower: u64) {
    let start = |seen: &Seen, lower: u64| {
        let (path, rule, [line, column, ..], fingerprint, score) = seen.clone();
        let line = if rule.ends_with("-file") { line } else { line + lower };
        (path, rule, [line, column, 0, 0], fingerprint, score)
    };
    let starts = |all: &[Seen], lower: u64| all.iter().map(|seen| start(seen, lower)).collect::<Vec<Seen>>();
    same(what, &starts(expected, lower), &starts(found, 0));
}

fn with_lf(text: &[u8]) -> Vec<u8> {
    text.iter().copied().filter(|byte| *byte != b'\r').collect()
}

#[test]
fn line_ends_change_nothing() {
    let rules = RuleSet::default();
    let plain: Vec<_> = texts().into_iter().map(|(path, text)| (path, with_lf(&text))).collect();
    let windows = |text: &[u8]| String::from_utf8_lossy(text).replace('\n', "\r\n").into_bytes();
    let files: Vec<_> = plain.iter().map(|(path, text)| (path.clone(), windows(text))).collect();
    let mut expected = seen(&plain, &rules, Options::default());
    let mut found = seen(&files, &rules, Options::default());
    // How far evidence is looked for is counted in bytes. In files as people write them that makes no difference; in
    // lines thrown together one word may come to stand just too far away, and the score is a few points less.
    for (path, .., score) in expected.iter_mut().chain(&mut found) {
        *score = if path.starts_with("made/") { 0 } else { *score };
    }
    same_starts("CRLF", &expected, &found, 0);
}

#[test]
fn a_key_is_the_same_key_with_other_line_ends() {
    let keys: Vec<_> =
        fixtures().into_iter().filter(|(path, _)| path.starts_with("key-with-other-line-ends/")).collect();
    let found = seen(&keys, &RuleSet::default(), Options::default());
    assert_eq!(found.len(), 2);
    assert_eq!(found[0].3, found[1].3);
}

#[test]
fn a_strange_byte_elsewhere_changes_nothing() {
    let (rules, files) = (RuleSet::default(), fixtures());
    let expected = seen(&files, &rules, Options::default());
    let first = b"# the first line of the file\n".as_slice();
    for (name, line) in [
        ("NUL", b"# a \0 in it\n\n".as_slice()),
        ("Latin-1", b"# caf\xe9, d\xe9j\xe0 vu, \xfcber\n\n"),
        ("broken UTF-8", b"# \xf0\x9f\x98 \xc3\n\n"),
        ("two NULs", b"#\0\0\n\n"),
        ("an escape", b"# \x1b[1mbold\x1b[0m\n\n"),
    ] {
        for at_start in [true, false] {
            let put = |text: &[u8]| if at_start { [line, first, text].concat() } else { [text, b"\n", line].concat() };
            let files: Vec<_> = files.iter().map(|(path, text)| (path.clone(), put(text))).collect();
            let found = seen(&files, &rules, Options::default());
            let lower = if at_start { 3 } else { 0 };
            same_starts(&format!("{name}, at the start: {at_start}"), &expected, &found, lower);
        }
    }
}

#[test]
fn any_bytes_pass_without_a_panic() {
    let rules = RuleSet::default();
    let whole = fixtures();
    let mut random = Random(0xb17e5);
    let mut files = Vec::new();
    for number in 0..3_000 {
        let bytes = match number % 3 {
            0 => noise(&mut random, 256),
            1 => noise(&mut random, 16),
            _ => mutated(&mut random, &whole),
        };
        files.push((format!("{number}.{}", ["py", "json", "env", "bin"][random.below(4)]), bytes));
    }
    // A panic would be a gap, and `seen` refuses those.
    let expected = seen(&files, &rules, Options::default());
    same("without the prefilter", &expected, &seen(&files, &rules, Options { slowly: true, ..Options::default() }));
}

/// Bytes out of `kinds` different ones.
fn noise(random: &mut Random, kinds: usize) -> Vec<u8> {
    let alphabet: Vec<u8> = (0..kinds).map(|_| random.next() as u8).collect();
    (0..random.below(2_000)).map(|_| alphabet[random.below(kinds)]).collect()
}

/// A fixture with a few bytes changed, dropped, doubled or moved.
fn mutated(random: &mut Random, whole: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut bytes = whole[random.below(whole.len())].1.clone();
    for _ in 0..=random.below(12) {
        let at = random.below(bytes.len());
        let end = (at + random.below(40)).min(bytes.len());
        match random.below(5) {
            0 if at < bytes.len() => bytes[at] = random.next() as u8,
            1 => drop(bytes.drain(at..end)),
            2 => bytes.extend_from_within(at..end),
            3 => bytes.insert(at, b"\0\xff\\%&\"\n="[random.below(8)]),
            _ => bytes.rotate_left(at),
        }
    }
    bytes
}
