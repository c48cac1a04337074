//! The table of weights and the list of features agree.

use super::*;

fn rows() -> Vec<(&'static str, i16)> {
    let rows = TABLE.lines().filter(|line| !line.starts_with('#'));
    let split = rows.map(|line| line.split_once('\t').expect("name and weight"));
    split.map(|(name, weight)| (name, weight.parse().expect("a number"))).collect()
}

#[test]
fn the_table_lists_each_feature_once_and_nothing_else() {
    let mut seen = Vec::new();
    for (name, _) in rows() {
        assert!(name == "base" || NAMES.contains(&name), "{name}");
        assert!(!seen.contains(&name), "{name} twice");
        seen.push(name);
    }
    assert!(seen.contains(&"base"));
}

#[test]
fn names_are_unique_and_kebab_case() {
    for (place, name) in NAMES.iter().enumerate() {
        assert!(name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-'), "{name}");
        assert!(!NAMES[..place].contains(name), "{name}");
        assert_eq!(Feature::named(name).map(Feature::name), Some(*name));
    }
}

#[test]
fn no_placeholder_test_path_or_comment_speaks_for_a_secret() {
    for name in ["placeholder-word", "placeholder-form", "path-test", "comment", "like-template", "name-head-public"] {
        assert!(Feature::named(name).expect("a feature").weight() <= 0, "{name}");
    }
}
