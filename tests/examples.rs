//! Every hit of every built-in rule is told wherever it may stand: in each encoding, at either end of a file, in CRLF, in
//! a line of a megabyte, in a notebook. What a surrounding hides by its nature is listed with the reason.

#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::panic,
    reason = "tests read files of their own, and may fail"
)]

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use common::Memory;
use tightlip::catalogue::RuleSet;
use tightlip::engine::Options;
use tightlip::rule::example::Example;
use tightlip::rule::{Confidence, RuleSyntax, Scanner};

/// A hit in a file of its own.
struct Case {
    rule: String,
    number: usize,
    path: String,
    text: String,
    /// Whether the file or its lines wake the rule, or a scanner that weighs the line as well.
    bound: bool,
    /// It is a name, and told only beside its secret.
    identifies: bool,
}

fn cases() -> Vec<Case> {
    let mut files: Vec<_> =
        fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("rules/secrets")).unwrap().collect();
    files.sort_by_key(|file| file.as_ref().unwrap().path());
    let mut cases = Vec::new();
    for file in files {
        let path = file.unwrap().path();
        let written: Vec<RuleSyntax> =
            tightlip::yaml::parse(&path.display().to_string(), &fs::read_to_string(&path).unwrap()).unwrap();
        for rule in written {
            for (number, hit) in rule.hits.iter().enumerate() {
                let Example { path, text } = Example::from(hit);
                let scanned = matches!(rule.scanner, Some(Scanner::Assignment | Scanner::Hotspot));
                let bound = !rule.files.is_empty() || scanned;
                let identifies = rule.confidence == Confidence::Identifier;
                cases.push(Case { rule: rule.id.clone(), number: number + 1, path, text, bound, identifies });
            }
        }
    }
    cases
}

/// The rules that tell something in each case, in the form that `form` gives its text.
fn told(cases: &[&Case], rules: &RuleSet, form: impl Fn(&Case) -> Vec<u8>) -> Vec<BTreeSet<String>> {
    // Folders tell the files apart; a path that must begin at the root has its rule tried in a folder as well.
    let path = |number: usize, case: &Case| format!("{number}/{}", case.path);
    let files: Vec<_> = cases.iter().enumerate().map(|(number, case)| (path(number, case), form(case))).collect();
    let outcome = common::scan(&Memory { files }, rules, Options::default());
    assert!(outcome.gaps.is_empty(), "{:?}", outcome.gaps);
    let mut told = vec![BTreeSet::new(); cases.len()];
    for finding in &outcome.findings {
        let number: usize = finding.place.path.split('/').next().unwrap().parse().unwrap();
        told[number].insert(finding.rule.to_string());
        let others = finding.verdict.reasons.iter().filter(|reason| reason.name == "also-found");
        told[number].extend(others.filter_map(|reason| reason.note.clone()));
    }
    told
}

const FILLER: &str = "some plain words stand here\nand others in the line that follows\n\n";

fn utf16(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(bytes).collect()
}

fn in_string(text: &str) -> String {
    let json = serde_json::to_string(text).unwrap();
    json[1..json.len() - 1].to_owned()
}

/// Where a hit may stand, and whether that leaves lines and paths as they are.
type Form = (&'static str, bool, fn(&str) -> Vec<u8>);

const FORMS: [Form; 12] = [
    ("start", true, |text| format!("{text}\n{FILLER}").into_bytes()),
    ("end", true, |text| format!("{FILLER}{text}").into_bytes()),
    ("crlf", true, |text| format!("{text}\n{FILLER}").replace("\r\n", "\n").replace('\n', "\r\n").into_bytes()),
    ("utf-8 with a mark", true, |text| format!("\u{feff}{text}\n").into_bytes()),
    ("utf-16 little-endian with a mark", true, |text| utf16(&format!("\u{feff}{text}\n"), u16::to_le_bytes)),
    ("utf-16 big-endian with a mark", true, |text| utf16(&format!("\u{feff}{text}\n"), u16::to_be_bytes)),
    ("utf-16 little-endian", true, |text| utf16(&format!("{FILLER}{text}\n"), u16::to_le_bytes)),
    ("utf-16 big-endian", true, |text| utf16(&format!("{FILLER}{text}\n"), u16::to_be_bytes)),
    ("latin-1", true, |text| [b"caf\xe9 na\xefve\n", text.as_bytes(), b"\n\xfcber\n"].concat()),
    ("broken bytes", true, |text| [b"\x80\xfd\xc3\n", text.as_bytes(), b"\n\x80\xbf\n"].concat()),
    ("notebook", false, |text| {
        let source = in_string(&format!("x = 1\n{text}\n"));
        format!("{{\n \"cells\": [\n  {{\n   \"source\": [\n    \"{source}\"\n   ]\n  }}\n ]\n}}\n").into_bytes()
    }),
    LONG_LINE,
];

const LONG_LINE: Form = ("long line", false, |text| {
    let plain = "var a=[1,2,3];".repeat(1_000);
    format!("{plain} {} ;{plain}", text.replace("\r\n", " ").replace('\n', " ")).into_bytes()
});

/// `form<TAB>rule<TAB>number<TAB>why`
fn exceptions() -> BTreeMap<(String, String, usize), String> {
    let lines = include_str!("examples.txt").lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let parse = |line: &str| {
        let [form, rule, number, why] = line.split('\t').collect::<Vec<_>>()[..] else { panic!("four fields: {line}") };
        assert!(!why.is_empty(), "why: {line}");
        ((form.to_owned(), rule.to_owned(), number.parse().unwrap()), why.to_owned())
    };
    lines.map(parse).collect()
}

#[test]
fn every_hit_is_told_wherever_it_stands() {
    let rules = RuleSet::default();
    let cases = cases();
    let all: Vec<&Case> = cases.iter().collect();
    let mut exceptions = exceptions();
    let mut wrong = Vec::new();
    let plain = told(&all, &rules, |case| case.text.clone().into_bytes());
    let mut fail = |form: &str, case: &Case, told: &BTreeSet<String>| {
        if exceptions.remove(&(form.to_owned(), case.rule.clone(), case.number)).is_none() {
            wrong.push(format!("{form}\t{}\t{}\t{told:?}", case.rule, case.number));
        }
    };
    for (case, told) in all.iter().zip(&plain).filter(|(case, told)| told.is_empty() && !case.identifies) {
        fail("plain", case, told);
    }
    let outranked = all.iter().zip(&plain).filter(|(case, told)| !told.contains(&case.rule)).count();
    assert!(outranked * 20 < cases.len(), "{outranked} of {} hits are told by another rule", cases.len());
    for (name, keeps_lines, form) in FORMS {
        // A rule that is outranked when plain is asked for by the rule that is told in its place.
        let counts = |(case, told): &(&Case, &BTreeSet<String>)| {
            if keeps_lines { !told.is_empty() } else { told.contains(&case.rule) && !case.bound }
        };
        let of_form: Vec<(&Case, &BTreeSet<String>)> = all.iter().copied().zip(&plain).filter(counts).collect();
        let asked: Vec<&Case> = of_form.iter().map(|(case, _)| *case).collect();
        let found = told(&asked, &rules, |case| form(&case.text));
        for ((case, plain), found) in of_form.iter().zip(&found) {
            let expected = if plain.contains(&case.rule) { found.contains(&case.rule) } else { !found.is_empty() };
            if !expected {
                fail(name, case, found);
            }
        }
    }
    assert!(wrong.is_empty(), "{} are not told:\n{}", wrong.len(), wrong.join("\n"));
    assert!(exceptions.is_empty(), "these are told after all: {exceptions:?}");
    assert!(cases.len() > 2_000, "{}", cases.len());
}

#[test]
fn a_line_of_a_megabyte_hides_no_hit() {
    let rules = RuleSet::default();
    let cases = cases();
    let asked: Vec<&Case> = cases.iter().filter(|case| !case.bound && !case.text.contains('\n')).step_by(20).collect();
    let plain = told(&asked, &rules, |case| LONG_LINE.2(&case.text));
    let mut line = String::new();
    let mut places = Vec::new();
    for case in &asked {
        line += &"var a=[1,2,3];".repeat(1 + 1_000_000 / 14 / asked.len());
        let start = line.chars().count() as u64 + 1;
        line.extend([" ", &case.text, " ;"]);
        places.push(start..line.chars().count() as u64 + 1);
    }
    assert!(line.len() > 1_000_000);
    let files = vec![("example.txt".to_owned(), line.into_bytes())];
    let outcome = common::scan(&Memory { files }, &rules, Options::default());
    for ((case, place), plain) in asked.iter().zip(&places).zip(&plain) {
        let here = outcome.findings.iter().filter(|finding| place.contains(&finding.place.start.column));
        let found: BTreeSet<&str> = here.map(|finding| &*finding.rule).collect();
        assert!(plain.is_empty() || !found.is_empty(), "{} {}: {plain:?}", case.rule, case.number);
    }
}
