//! The fixture tree: files as they stand in repositories, each with what must be found in it, and nothing else.
//! `expect: rule-id` stands in a comment on the line; where a format has none, `FILE.expect` has lines `line rule-id`.

#![allow(clippy::disallowed_methods, clippy::unwrap_used, reason = "tests read files of their own, and may fail")]

mod common;

use std::collections::{BTreeMap, BTreeSet};

use common::{CUT, Folder};

type Found = BTreeMap<String, Vec<(u64, String)>>;

#[test]
fn each_file_has_the_findings_it_expects_and_no_others() {
    let folder = Folder::new("tree");
    let mut expected = Found::new();
    for fixture in common::tree() {
        folder.write(&fixture.path, fixture.whole());
        if !fixture.expected.is_empty() {
            expected.insert(fixture.path, fixture.expected);
        }
    }
    let output = common::tightlip(folder.path(), &["scan", "--format", "jsonl"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
    let mut found = Found::new();
    for line in String::from_utf8(output.stdout).unwrap().lines() {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        let Some(path) = line["path"].as_str() else { continue };
        if line["decision"] != "allow" {
            let finding = (line["line"].as_u64().unwrap(), line["rule"].as_str().unwrap().to_owned());
            found.entry(path.to_owned()).or_default().push(finding);
        }
    }
    found.values_mut().for_each(|findings| findings.sort());
    let wrong = differences(&expected, &found);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn differences(expected: &Found, found: &Found) -> Vec<String> {
    let mut wrong = Vec::new();
    for path in expected.keys().chain(found.keys()).collect::<BTreeSet<_>>() {
        let (mut missing, mut other) =
            (expected.get(path).cloned().unwrap_or_default(), found.get(path).cloned().unwrap_or_default());
        missing.retain(|finding| match other.iter().position(|found| found == finding) {
            Some(place) => {
                other.remove(place);
                false
            }
            None => true,
        });
        wrong.extend(missing.iter().map(|(line, rule)| format!("{path}:{line}: {rule} was not found")));
        wrong.extend(other.iter().map(|(line, rule)| format!("{path}:{line}: {rule} was not expected")));
    }
    wrong
}

#[test]
fn the_tree_as_it_stands_on_disk_holds_no_whole_token() {
    let rules: BTreeSet<String> = tightlip::catalogue::builtin_rules()
        .iter()
        .filter(|rule| !rule.literals().is_empty())
        .map(|rule| rule.id.to_string())
        .collect();
    let mut source = common::Memory::default();
    for fixture in common::tree() {
        let tokens = fixture.expected.iter().filter(|(_, rule)| rules.contains(rule)).count();
        assert!(fixture.cut.matches(CUT).count() >= tokens, "{}: a token is not cut", fixture.path);
        source.files.push((fixture.path, fixture.cut.into_bytes()));
    }
    let outcome = common::scan(&source, &tightlip::catalogue::RuleSet::default(), tightlip::engine::Options::default());
    let vendors = outcome.findings.iter().filter(|finding| rules.contains(finding.rule.as_ref()));
    let shown: Vec<String> = vendors
        .filter(|finding| !finding.rule.ends_with("-password"))
        .map(|finding| format!("{}:{}: {}", finding.place.path, finding.place.start.line, finding.rule))
        .collect();
    assert!(shown.is_empty(), "{}", shown.join("\n"));
}
