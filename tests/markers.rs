//! Markings in whole files: what the reader finds is found in any window, by any thread, in any encoding, with the prefilter
//! and without; and nothing is found in what only looks like one.

#![allow(clippy::disallowed_methods, clippy::unwrap_used, reason = "tests may fail")]

mod common;

use common::Memory;
use tightlip::blob::Windowing;
use tightlip::catalogue::RuleSet;
use tightlip::engine::Options;
use tightlip::rule::example::Example;
use tightlip::rule::{Rule, RuleSyntax};

/// Two made-up schemes: what is built in is not what is tested here.
const RULES: &str = "
- id: acme-secret
  finds: Acme's marking
  scheme: acme
  level: restricted
  literals: [acme]
  marks:
    - {line: 'ACME SECRET'}
    - {value: acme-secret, ignore_case: true}
    - {phrase: 'property of acme and of none else', ignore_case: true}
  hits: [ACME SECRET, 'This is property of Acme and of none else.']
  misses: [acme, secret]
- id: mill-secret
  finds: the mill's marking
  scheme: mill
  level: confidential
  confidence: medium
  literals: [мельница]
  marks: [{line: 'мельница', ignore_case: true}]
  hits: [МЕЛЬНИЦА, мельница]
  misses: [мельницы, 'мельница мельница']
";

fn rules() -> RuleSet {
    let written: Vec<RuleSyntax> = tightlip::yaml::parse("rules.yml", RULES).unwrap();
    RuleSet::new(written.iter().map(|rule| Rule::parse(rule).unwrap()).collect(), &[])
}

/// What is told: path, rule, line, column, score.
type Row = (String, String, u64, u64, u8);

/// What is told of the made-up schemes.
fn told(files: &[(String, Vec<u8>)], options: Options) -> Vec<Row> {
    let mut all = all_told(files, &rules(), options);
    all.retain(|(_, rule, ..)| rule.starts_with("acme-") || rule.starts_with("mill-"));
    all
}

fn all_told(files: &[(String, Vec<u8>)], rules: &RuleSet, options: Options) -> Vec<Row> {
    let outcome = common::scan(&Memory { files: files.to_vec() }, rules, options);
    assert!(outcome.gaps.is_empty(), "{:?}", outcome.gaps);
    let row = |finding: &tightlip::finding::Finding| {
        let (path, rule, start) = (finding.place.path.clone(), finding.rule.to_string(), finding.place.start);
        (path, rule, start.line, start.column, finding.verdict.score())
    };
    outcome.findings.iter().map(row).collect()
}

/// The examples of the built-in rules, as they are and as they may be written too: with other blanks and line ends between
/// the words, keys joined otherwise, letters of full width, under a licence, and at the end of some code.
fn examples() -> Vec<(String, Vec<u8>)> {
    let mut rules: Vec<RuleSyntax> = Vec::new();
    for file in std::fs::read_dir("rules/markers").unwrap() {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        rules.extend(tightlip::yaml::parse::<Vec<RuleSyntax>>("rules.yml", &text).unwrap());
    }
    let wide = |letter: char| match letter {
        'A'..='Z' | 'a'..='z' => char::from_u32(u32::from(letter) + 0xFEE0).unwrap(),
        other => other,
    };
    let mut files = Vec::new();
    for example in rules.iter().flat_map(|rule| rule.hits.iter().chain(&rule.misses)).map(Example::from) {
        let Example { path, text } = example;
        let forms = [
            text.replace(' ', "  "),
            text.replace(' ', "\t"),
            text.replace(' ', "\u{a0}"),
            text.replacen(' ', "\n", 3),
            text.replace(' ', "\n * "),
            text.replace(['-', '_'], " "),
            text.replace(' ', "_"),
            text.chars().map(wide).collect(),
            format!("// SPDX-License-Identifier: MIT\n{}\n{text}", "int a;\n".repeat(60)),
            text,
        ];
        for text in forms {
            files.push((format!("{}/{path}", files.len()), text.into_bytes()));
        }
    }
    files
}

#[test]
fn the_built_in_markings_are_found_as_if_each_line_were_read() {
    let (files, rules) = (examples(), RuleSet::default());
    let expected = all_told(&files, &rules, Options { slowly: true, ..Options::default() });
    assert!(expected.len() > 1_000, "only {} markings", expected.len());
    let found = all_told(&files, &rules, Options::default());
    let text = |row: &Row| files.iter().find(|(path, _)| *path == row.0).map(|it| String::from_utf8_lossy(&it.1));
    for (one, other) in [(&expected, &found), (&found, &expected)] {
        let lost: Vec<_> = one.iter().filter(|row| !other.contains(row)).map(|row| (row, text(row))).collect();
        assert!(lost.is_empty(), "{} of {}: {lost:#?}", lost.len(), one.len());
    }
}

/// Files of a few bytes up to a megabyte, with a marking at the top, at the end, at both, or in the middle.
fn files() -> Vec<(String, Vec<u8>)> {
    let code = |lines: usize| "    let x = table.get(17).unwrap_or(&empty); // a row\n".repeat(lines);
    let markings = ["ACME SECRET", "ＡＣＭＥ ＳＥＣＲＥＴ", "АСМЕ SECRET", "Мельница", "ACME\u{200b} SECRET"];
    let mut files = Vec::new();
    for (number, marking) in markings.iter().enumerate() {
        for lines in [0, 3, 40, 700, 20_000] {
            let code = code(lines);
            let mut push =
                |name: &str, text: String| files.push((format!("{name}-{number}-{lines}.rs"), text.into_bytes()));
            push("top", format!("// {marking}\n{code}"));
            push("end", format!("{code}\n// {marking}\n"));
            push("both", format!("/*\n * {marking}\n */\n{code}\n/* {marking} */\n\n\n"));
            push("middle", format!("{code}{code}// {marking}\n{code}{code}let a = 1;\n{code}"));
            push("string", format!("let a = \"\n// {marking}\n\";\n{code}"));
        }
    }
    files.push(("a.yml".into(), b"kind: x\nclassification: acme-secret\n".to_vec()));
    files.push(("a.md".into(), b"---\nclassification: 'Acme-Secret'\n---\n\ntext\n".to_vec()));
    files.push((
        "a.py".into(),
        b"\"\"\"Rows.\n\nThis is property\nof Acme and of none else.\n\"\"\"\nimport os\n".to_vec(),
    ));
    files
}

#[test]
fn the_prefilter_changes_nothing() {
    let expected = told(&files(), Options::default());
    assert!(expected.len() > 90, "only {} markings", expected.len());
    assert_eq!(expected, told(&files(), Options { slowly: true, ..Options::default() }));
}

#[test]
fn threads_change_nothing() {
    let expected = told(&files(), Options { threads: 1, ..Options::default() });
    for threads in [2, 9] {
        assert_eq!(expected, told(&files(), Options { threads, ..Options::default() }));
    }
}

#[test]
fn the_size_of_windows_changes_nothing() {
    let expected = told(&files(), Options::default());
    let margin = Windowing::default().margin;
    for own in [509, 10_007, 65_537] {
        let options = Options { windowing: Windowing { own, margin }, ..Options::default() };
        assert_eq!(expected, told(&files(), options), "windows of {own} bytes");
    }
}

#[test]
fn the_encoding_and_line_ends_change_nothing() {
    let expected = told(&files(), Options::default());
    let utf16 = |text: &[u8]| -> Vec<u8> {
        let text = String::from_utf8_lossy(text).into_owned();
        std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
    };
    let with_mark = |text: &[u8]| [b"\xef\xbb\xbf", text].concat();
    let with_cr = |text: &[u8]| String::from_utf8_lossy(text).replace('\n', "\r\n").into_bytes();
    type Turn<'t> = &'t dyn Fn(&[u8]) -> Vec<u8>;
    let forms: [(&str, Turn<'_>); 3] = [("UTF-16", &utf16), ("a byte order mark", &with_mark), ("CRLF", &with_cr)];
    for (name, form) in forms {
        let files: Vec<_> = files().into_iter().map(|(path, text)| (path, form(&text))).collect();
        assert_eq!(expected, told(&files, Options::default()), "{name}");
    }
}

#[test]
fn each_marking_is_told_where_it_stands_and_nowhere_else() {
    let told = told(&files(), Options::default());
    let of = |name: &str| told.iter().filter(|(path, ..)| path.starts_with(name)).collect::<Vec<_>>();
    assert_eq!(of("top-").len(), 25);
    assert_eq!(of("end-").len(), 25);
    assert!(of("string-").is_empty(), "{:?}", of("string-"));
    // Where there is no code, the middle is the top, and the end.
    assert!(of("middle-").iter().all(|(path, ..)| path.ends_with("-0.rs")), "{:?}", of("middle-"));
    for (path, rule, line, column, score) in of("top-") {
        assert_eq!((*line, *column), (1, 4), "{path}");
        assert_eq!(*score, if rule == "mill-secret" { 70 } else { 90 }, "{path}");
    }
    assert_eq!(told.iter().filter(|(path, ..)| path.starts_with("a.")).count(), 3);
}

#[test]
fn a_marking_is_shown_and_a_secret_beside_it_is_not() {
    let secret = format!("ghp_{}", "Zr8wQn4Lk2Vx7Tb9Ym3Hs6Pd1c0j2VvS3x1K");
    let text = format!("// ACME SECRET\n// token {secret}\n").into_bytes();
    let outcome = common::scan(&Memory { files: vec![("a.rs".into(), text)] }, &rules(), Options::default());
    let marking = outcome.findings.iter().find(|it| it.rule == "acme-secret").unwrap();
    assert_eq!(marking.excerpt.text.get(marking.excerpt.mark.range()), Some("ACME SECRET"));
    assert!(outcome.findings.iter().all(|it| !it.excerpt.text.contains(&secret)));
}
