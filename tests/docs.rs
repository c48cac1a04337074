//! Holds the pages of `docs/` to the program: what it has, they name, and their examples work.

#![allow(clippy::disallowed_methods, clippy::panic, reason = "tests read files of their own, and may fail")]

use std::fs;
use std::path::Path;

use serde_json::Value;
use tightlip::catalogue::RuleSet;
use tightlip::judge::CHECKS;
use tightlip::report::{self, FORMATS};
use tightlip::rule::{Rule, RuleSyntax, example};

fn read(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    fs::read_to_string(&path).unwrap_or_else(|why| panic!("{}: {why}", path.display()))
}

fn json(path: &str) -> Value {
    serde_json::from_str(&read(path)).expect("a JSON file")
}

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().expect("an object").keys().map(String::as_str).collect()
}

/// The row of a page's tables that begins with this name.
fn row<'p>(page: &'p str, name: &str) -> &'p str {
    let start = format!("| `{name}`");
    page.lines().find(|line| line.starts_with(&start)).unwrap_or_else(|| panic!("no row for `{name}`"))
}

/// `docs/rules.md` is written, not by hand: `TIGHTLIP_BLESS=1` rewrites it.
#[test]
fn the_page_of_rules_lists_the_rules() {
    let rules = RuleSet::default();
    let mut all: Vec<usize> = rules.rules().map(|(index, _)| index).collect();
    all.sort_by_key(|index| &rules.rule(*index).id);
    let mut page = Vec::new();
    report::catalogue::markdown(&rules, &all, &mut page).expect("a list takes all that is written");
    if std::env::var_os("TIGHTLIP_BLESS").is_some() {
        fs::write(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/rules.md"), &page).expect("docs/ can be written");
    }
    assert!(
        read("docs/rules.md").as_bytes() == page,
        "docs/rules.md is not that of these rules; TIGHTLIP_BLESS=1 rewrites it"
    );
}

#[test]
fn each_check_has_its_row_with_its_parameters() {
    let page = read("docs/writing-rules.md");
    for check in CHECKS {
        let row = row(&page, check.name());
        for parameter in check.parameters() {
            assert!(row.contains(&format!("`{parameter}`")), "{}: no `{parameter}` in {row}", check.name());
        }
    }
}

#[test]
fn each_key_of_the_config_and_of_a_rule_is_described() {
    let (config, rules) = (read("docs/config.md"), read("docs/writing-rules.md"));
    let schema = json("docs/tightlip.schema.json");
    for key in keys(&schema["properties"]) {
        row(&config, key);
    }
    for part in ["RawThresholds", "RawAllow", "RawClassify", "RawDestination", "RawWaiver"] {
        for key in keys(&schema["$defs"][part]["properties"]) {
            assert!(config.contains(&format!("`{key}`")), "docs/config.md: no `{key}`");
        }
    }
    for key in keys(&schema["$defs"]["RuleSyntax"]["properties"]) {
        assert!(rules.contains(&format!("`{key}`")), "docs/writing-rules.md: no `{key}`");
    }
}

#[test]
fn each_field_of_the_machine_formats_is_described() {
    let page = read("docs/reports.md");
    let sample = json("fixtures/report/sample.json");
    let findings = sample["findings"].as_array().expect("a list");
    for part in findings.iter().chain([&sample["summary"]]) {
        for key in keys(part) {
            row(&page, key);
        }
    }
    for format in FORMATS {
        assert!(page.contains(&format!("--format {}", format.name)), "docs/reports.md: no `{}`", format.name);
    }
}

#[test]
fn each_link_between_pages_leads_to_a_file() {
    for page in ["README.md", "CONTRIBUTING.md"].into_iter().map(str::to_owned).chain(pages()) {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(&page);
        let folder = folder.parent().expect("a page lies in a folder");
        let text = read(&page);
        for link in text.split("](").skip(1).filter_map(|rest| rest.split([')', '#']).next()) {
            assert!(link.starts_with("https://") || folder.join(link).exists(), "{page}: `{link}` leads nowhere");
        }
    }
}

fn pages() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs");
    let names = fs::read_dir(folder).expect("docs/ can be listed").map(|entry| entry.expect("a name").file_name());
    let names = names.map(|name| format!("docs/{}", name.to_string_lossy()));
    names.filter(|name| Path::new(name).extension().is_some_and(|ending| ending == "md")).collect()
}

#[test]
fn the_worked_rule_loads_and_keeps_its_examples() {
    let page = read("docs/writing-rules.md");
    let blocks: Vec<&str> = page.split("```yaml\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    for block in &blocks {
        let written: Vec<RuleSyntax> =
            tightlip::yaml::parse("docs/writing-rules.md", block).expect("the block is a list of rules");
        assert_eq!(written.len(), 1);
        let rule = Rule::parse(&written[0]).expect("its form is right");
        example::check(&written[0], &rule).expect("its examples do what they say");
    }
    assert_eq!(blocks.len(), 2, "one for a secret, one for a marker");
}
