use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use serde::Deserialize;

use super::*;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sample {
    #[serde(default)]
    names: Vec<String>,
    #[serde(default)]
    inner: BTreeMap<String, Inner>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Inner {
    score: u8,
}

/// The code of the error, without the part that all share.
fn code(text: &str) -> String {
    use miette::Diagnostic;
    let error = parse::<Sample>("sample.yml", text).expect_err(text);
    let code = error.code().expect("each problem has a code").to_string();
    code.strip_prefix("tightlip::config::").expect("each code has the prefix").to_owned()
}

#[test]
fn each_way_to_be_wrong_has_its_code() {
    let rows = [
        ("nmaes: []", "unknown_key"),
        ("names: []\nnames: []", "duplicate_key"),
        ("inner: {a: {score: 1}, a: {score: 2}}", "duplicate_key"),
        ("inner: {a: {score: 1, score: 2}}", "duplicate_key"),
        ("inner: {a: {}}", "missing_key"),
        ("inner: {a: {score: many}}", "wrong_type"),
        ("inner: {a: {score: 256}}", "wrong_type"),
        ("names: {a: b}", "wrong_type"),
        ("inner: {a: {score: }}", "no_value"),
        ("names: [~]", "no_value"),
        ("names: [!secret x]", "tag"),
        ("%YAML 1.2\n---\nnames: []", "directive"),
        ("names: [", "syntax"),
        ("names: [a]\n--- \nnames: [b]", "documents"),
        ("? [a]\n: b", "wrong_type"),
    ];
    for (text, expected) in rows {
        assert_eq!(code(text), expected, "{text}");
    }
}

#[test]
fn good_text_is_read() {
    let sample: Sample = parse("sample.yml", "\u{feff}names: [é, '5']\ninner:\n").expect("valid");
    assert_eq!((sample.names, sample.inner.len()), (vec!["é".to_owned(), "5".to_owned()], 0));
    let shared: Sample = parse("sample.yml", "inner: {a: &a {score: 7}, b: *a}").expect("a small alias is harmless");
    assert_eq!(shared.inner["b"].score, 7);
}

/// Texts that make the parser hang, or eat memory, when it gets them as they are.
#[test]
fn hostile_text_is_refused_in_time() {
    let laughs: String =
        (1..30).map(|n| format!("a{n}: &a{n} [{}]\n", vec![format!("*a{}", n - 1); 9].join(","))).collect();
    let wide = format!("a: &a [{}]\nb: [{}]\n", "x,".repeat(300_000), "*a,".repeat(80_000));
    let long = format!("a: &a '{}'\nb: [{}]\n", "x".repeat(500_000), "*a,".repeat(100_000));
    let rows = [
        ("brackets", "[".repeat(1_000_000), "too_deep"),
        ("braces", "{a: ".repeat(250_000), "too_deep"),
        ("late braces", format!("{}\nnames: {}", "# x\n".repeat(50_000), "{a: ".repeat(200_000)), "too_deep"),
        ("dashes", "- ".repeat(500_000), "too_deep"),
        ("questions", "? ".repeat(500_000), "wrong_type"),
        ("quotes", "[\"a\",".repeat(160_000), "too_deep"),
        ("stairs", (0..1400).map(|n| format!("{}a:\n", " ".repeat(n))).collect(), "too_deep"),
        ("laughs", format!("a0: &a0 [x,x,x]\n{laughs}"), "too_much"),
        ("wide aliases", wide, "too_much"),
        ("long aliases", long, "too_much"),
        ("own alias", "&a [*a]".to_owned(), "too_deep"),
        ("handles", (0..60_000).map(|n| format!("%TAG !{n}! a\n")).collect(), "directive"),
        ("documents", "--- a\n".repeat(160_000), "documents"),
        ("second document", format!("a\n---\n{}", "{a: ".repeat(250_000)), "documents"),
        ("tag first", format!("a: !b c\nd: {}", "{a: ".repeat(250_000)), "tag"),
        ("key first", format!("? [a]\n: b\nd: {}", "{a: ".repeat(250_000)), "wrong_type"),
        ("twice first", format!("a: 1\na: 2\nd: {}", "{a: ".repeat(250_000)), "too_deep"),
        ("size", " ".repeat(MAX_BYTES + 1), "too_large"),
    ];
    for (name, text, expected) in rows {
        let start = Instant::now();
        assert_eq!(code(&text), expected, "{name}");
        println!("{name} {:?}", start.elapsed());
        assert!(start.elapsed() < Duration::from_secs(20), "{name} took {:?}", start.elapsed());
    }
}

#[test]
fn a_later_check_finds_its_place() {
    let text = "# é\nnames: [a, 'b c', d]\ninner:\n  k:\n    score: 7 # x\n";
    let document = Document::new("sample.yml", text);
    let rows: [(&[Step<'_>], &str); 8] = [
        (&[Step::Key("names"), Step::Item(0)], "a"),
        (&[Step::Key("names"), Step::Item(1)], "'b c'"),
        (&[Step::Key("names"), Step::Item(2)], "d"),
        (&[Step::Key("names")], "[a, 'b c', d]"),
        (&[Step::Name("inner")], "inner"),
        (&[Step::Key("inner"), Step::Key("k"), Step::Key("score")], "7"),
        (&[Step::Key("inner"), Step::Name("k")], "k"),
        (&[Step::Key("inner"), Step::Key("other")], "k"),
    ];
    for (path, expected) in rows {
        let start = (0..=path.len()).rev().find_map(|len| locate::locate(&document.text, &path[..len]));
        let found = locate::extent(text, start.expect("a place"));
        assert_eq!(&text[found], expected, "{path:?}");
    }
}

/// An error frame of any text shows at most its own line.
#[test]
fn other_lines_and_control_characters_are_not_shown() {
    let text = "names: [first-line]\nnmaes: \u{202e}x\ninner: {last-line: {}}\n";
    let error = parse::<Sample>("a\u{7}b.yml", text).expect_err("an unknown key");
    let drawn = format!("{:?}", miette::Report::new(error));
    assert!(!drawn.contains("first-line") && !drawn.contains("last-line"), "{drawn}");
    assert!(!drawn.contains(['\u{202e}', '\u{7}']), "{drawn}");
}

/// Every prefix and every single-byte change of a text ends in an answer, not in a panic.
#[test]
fn broken_text_does_not_panic() {
    let text = "names: [a, \"b\\u00e9\", 'c']\ninner:\n  k: &x {score: 7} # é\n  l: *x\n? a\n: |\n  b\n";
    for end in text.char_indices().map(|(at, _)| at) {
        let _ = parse::<Sample>("sample.yml", &text[..end]);
        for letter in ["\u{0}", "'", "\"", "[", "}", "*", "&", "!", "\n", "\u{2028}", "|", "%"] {
            let _ = parse::<Sample>("sample.yml", &format!("{}{letter}{}", &text[..end], &text[end..]));
        }
    }
}
