//! What is not a secret: families of values in `fixtures/not-secrets`, one file for each kind. Nothing, or at most a
//! warning, may be told of them; beside them stand twins that are secrets and must be found, so that what speaks for a
//! family stays narrow.

#![allow(clippy::disallowed_methods, clippy::unwrap_used, reason = "tests read files of their own, and may fail")]

mod common;

use std::fs;

use common::{CUT, Memory};
use serde::Deserialize;
use tightlip::catalogue::RuleSet;
use tightlip::engine::Options;
use tightlip::finding::Decision;

/// A family as its file has it.
#[expect(clippy::struct_field_names, reason = "the tables call it so")]
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Family {
    family: String,
    #[serde(default)]
    nothing: Vec<Row>,
    #[serde(default)]
    at_most_a_warning: Vec<Row>,
    /// The twins.
    #[serde(default)]
    secret: Vec<Row>,
}

/// A text in a file of that path.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    path: String,
    text: String,
}

/// What may be told of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Expected {
    Nothing,
    AtMostAWarning,
    Secret,
}

/// All rows with their family, in the order of the files.
fn rows() -> Vec<(String, Expected, Row)> {
    let mut paths: Vec<_> =
        fs::read_dir(common::fixtures("not-secrets")).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let mut rows = Vec::new();
    for path in paths {
        let families: Vec<Family> = serde_yaml::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        for family in families {
            let name = format!("{}, {}", path.file_stem().unwrap().to_str().unwrap(), family.family);
            let lists = [
                (Expected::Nothing, family.nothing),
                (Expected::AtMostAWarning, family.at_most_a_warning),
                (Expected::Secret, family.secret),
            ];
            for (expected, list) in lists {
                rows.extend(list.into_iter().map(|row| (name.clone(), expected, row)));
            }
        }
    }
    rows
}

#[test]
fn families_of_harmless_values_are_not_told_and_their_twins_are() {
    let rows = rows();
    let file = |(number, (_, _, row)): (usize, &(String, Expected, Row))| {
        (format!("{number}/{}", row.path), format!("{}\n", row.text.replace(CUT, "")).into_bytes())
    };
    let files = rows.iter().enumerate().map(file).collect();
    let outcome = common::scan(&Memory { files }, &RuleSet::default(), Options::default());
    let mut wrong = Vec::new();
    for (number, (family, expected, row)) in rows.iter().enumerate() {
        let here = format!("{number}/");
        let told: Vec<_> =
            outcome.findings.iter().filter(|finding| finding.place.path.starts_with(here.as_str())).collect();
        let blocks = told.iter().any(|finding| finding.decision == Decision::Block);
        let right = match expected {
            Expected::Nothing => told.is_empty(),
            Expected::AtMostAWarning => !blocks,
            Expected::Secret => !told.is_empty(),
        };
        if !right {
            let by: Vec<String> =
                told.iter().map(|finding| format!("{} {}", finding.rule, finding.verdict.score())).collect();
            wrong.push(format!("{family}: {:?} expected of {}: {}, told: {by:?}", expected, row.path, row.text));
        }
    }
    assert!(wrong.is_empty(), "{} of {}\n{}", wrong.len(), rows.len(), wrong.join("\n"));
}

#[test]
fn each_table_has_harmless_rows_and_twins() {
    let rows = rows();
    let count = |expected| rows.iter().filter(|(_, found, _)| *found == expected).count();
    assert!(count(Expected::Nothing) >= 250 && count(Expected::AtMostAWarning) >= 50 && count(Expected::Secret) >= 60);
}
