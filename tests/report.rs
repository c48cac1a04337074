//! All formats, tested from one hostile sample: what they print is compared with files, and none deceives its reader.

#![allow(
    clippy::disallowed_methods,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests read files of their own, and may fail"
)]

#[path = "common/written.rs"]
mod written;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use tightlip::finding::Decision;
use tightlip::outcome::Outcome;
use tightlip::report::sample::{clean, sample, traces};
use tightlip::report::{FORMATS, Style, explain, format};
use tightlip::span::Span;
use written::{verbose, write};

fn colourful() -> Style {
    Style { color: true, links: Some("/home/a b".to_owned()), width: 80, ..Style::plain() }
}

fn ascii() -> Style {
    Style { unicode: false, width: 60, ..Style::plain() }
}

fn explained(style: Option<&Style>) -> String {
    let mut out = Vec::new();
    match style {
        Some(style) => explain::human(&traces(), style, &mut out).unwrap(),
        None => explain::json(&traces(), &mut out).unwrap(),
    }
    String::from_utf8(out).unwrap()
}

/// Every text that this file compares or inspects, under the name of the file with the expected one.
fn printed() -> Vec<(String, String)> {
    let mut all = Vec::new();
    for format in FORMATS {
        all.push((format!("sample.{}", format.name), write(format.name, &verbose(), &sample())));
        all.push((format!("clean.{}", format.name), write(format.name, &Style::plain(), &clean())));
    }
    all.push(("quiet.human".to_owned(), write("human", &Style::plain(), &sample())));
    all.push(("colour.human".to_owned(), write("human", &colourful(), &sample())));
    all.push(("ascii.human".to_owned(), write("human", &ascii(), &sample())));
    all.push(("explain.human".to_owned(), explained(Some(&Style::plain()))));
    all.push(("explain-colour.human".to_owned(), explained(Some(&colourful()))));
    all.push(("explain.json".to_owned(), explained(None)));
    all
}

/// What no report may print, said again here so that a hole in the writer's own list is seen.
fn is_bad(letter: char) -> bool {
    let known = "\u{61c}\u{200b}\u{200e}\u{200f}\u{2028}\u{2029}\u{202a}\u{202b}\u{202c}\u{202d}\u{202e}\u{2066}\u{2067}\u{2068}\u{2069}\u{feff}";
    letter != '\n' && (letter.is_control() || known.contains(letter))
}

/// Whether a build server would take the line for a command, and it is none of the format's own; what those hold is
/// looked at in `formats.rs`.
fn speaks_to_a_build_server(format: &str, line: &str) -> bool {
    let own: &[&str] = match format.rsplit('.').next() {
        Some("github") => {
            &["::error title=", "::warning title=", "::notice title=", "::group::tightlip", "::endgroup::"]
        }
        Some("azure") => &["##vso[task.logissue type=error;", "##vso[task.logissue type=warning;"],
        _ => &[],
    };
    let rest = own.iter().find_map(|own| line.strip_prefix(own)).unwrap_or(line);
    rest.trim_start().starts_with("::") && rest.len() == line.len() || rest.contains("##[") || rest.contains("##vso[")
}

/// The text without the codes that we print ourselves: colours, and links whose address is percent-encoded.
fn without_own_codes(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\x1b') {
        out.push_str(before);
        rest = if let Some(code) = after.strip_prefix('[') {
            let (numbers, after) = code.split_once('m').unwrap();
            assert!(numbers.bytes().all(|byte| byte.is_ascii_digit() || byte == b';'), "{numbers:?}");
            after
        } else {
            let (address, after) = after.strip_prefix("]8;;").unwrap().split_once("\x1b\\").unwrap();
            assert!(address.is_empty() || address.starts_with("file:///"), "{address:?}");
            assert!(address.bytes().all(|byte| byte.is_ascii_graphic()), "{address:?}");
            after
        };
    }
    out + rest
}

#[test]
fn every_format_prints_what_its_file_expects() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/report");
    let bless = std::env::var_os("TIGHTLIP_BLESS").is_some();
    for (name, text) in printed() {
        let path = dir.join(&name);
        // Escape characters would make the file hard to review.
        let text = text.replace('\x1b', "␛");
        // They have files of their own.
        let text = text.replace(include_str!("../src/report/html/page.js"), "[page.js]");
        let text = text.replace(include_str!("../src/report/html/page.css"), "[page.css]");
        if bless {
            fs::write(&path, &text).unwrap();
        }
        let expected = fs::read_to_string(&path).unwrap_or_default();
        assert_eq!(text, expected, "{name} differs; TIGHTLIP_BLESS=1 rewrites fixtures/report");
    }
}

#[test]
fn no_deceptive_character_leaves_any_format() {
    for (name, text) in printed() {
        let text = without_own_codes(&text);
        let bad: Vec<char> = text.chars().filter(|letter| is_bad(*letter)).collect();
        assert!(bad.is_empty(), "{name}: {bad:?}");
        for line in text.lines() {
            assert!(!speaks_to_a_build_server(&name, line), "{name}: {line:?} speaks to a build server");
        }
    }
}

#[test]
fn plain_text_has_no_codes_at_all() {
    for (name, text) in printed().iter().filter(|(name, _)| !name.contains("colour")) {
        assert!(!text.contains('\x1b'), "{name}");
    }
}

#[test]
fn all_formats_show_the_same_fingerprints() {
    let expected: BTreeSet<String> = sample().findings.iter().map(|finding| finding.fingerprint.to_string()).collect();
    for format in FORMATS {
        let text = write(format.name, &verbose(), &sample());
        let missing: Vec<_> = expected.iter().filter(|fingerprint| !text.contains(*fingerprint)).collect();
        assert!(missing.is_empty(), "{}: {missing:?}", format.name);
    }
}

#[test]
fn people_see_what_was_allowed_only_when_they_ask() {
    let text = write("human", &Style::plain(), &sample());
    for finding in sample().findings {
        let allowed = matches!(finding.decision, Decision::Allow(_));
        assert_eq!(text.contains(&finding.fingerprint.to_string()), !allowed, "{:?}", finding.place);
    }
}

#[test]
fn machine_text_reads_back_as_it_was() {
    let outcome = sample();
    let document: serde_json::Value = serde_json::from_str(&write("json", &Style::plain(), &outcome)).unwrap();
    let lines: Vec<serde_json::Value> =
        write("jsonl", &Style::plain(), &outcome).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let (last, lines) = lines.split_last().unwrap();
    assert_eq!(document["version"], 1);
    assert_eq!(document["findings"].as_array().unwrap(), lines);
    assert_eq!(document["summary"], last["summary"]);
    for (finding, json) in outcome.findings.iter().zip(lines) {
        assert_eq!(json["path"], *finding.place.path);
        assert_eq!(json["excerpt"], *finding.excerpt.text);
        assert_eq!(json["line"], finding.place.start.line);
        assert_eq!(json["finds"], *finding.finds);
    }
    assert_eq!(document["summary"]["complete"], false);
    assert_eq!(document["summary"]["gaps"][1]["path"], outcome.gaps[1].path.as_str());
}

/// Texts of letters that matter, from a fixed sequence of numbers.
fn odd_texts() -> impl Iterator<Item = String> {
    const LETTERS: [char; 16] = [
        'a',
        ' ',
        '\t',
        '\n',
        '\r',
        '\u{1b}',
        '#',
        '[',
        ':',
        '鍵',
        '\u{301}',
        '\u{202e}',
        '…',
        '\u{9b}',
        '-',
        '\u{1f600}',
    ];
    let mut state = 1_u64;
    let mut next = move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 40).unwrap()
    };
    (0..400).map(move |_| (0..next() % 60).map(|_| LETTERS[next() % LETTERS.len()]).collect())
}

#[test]
fn any_text_in_any_width_is_printable() {
    let texts: Vec<String> = odd_texts().collect();
    for (number, three) in texts.windows(3).enumerate() {
        let mut outcome = sample();
        outcome.gaps[0].path.clone_from(&three[0]);
        for finding in &mut outcome.findings {
            finding.place.path.clone_from(&three[0]);
            finding.finds = three[1].clone().into();
            finding.rule = three[0].clone().into();
            finding.revoke = Some(three[2].clone().into());
            finding.gives = Some(three[1].clone().into());
            finding.excerpt.text.clone_from(&three[2]);
            finding.excerpt.mark = Span::new(number % 17, number % 41);
            finding.excerpt.column = number as u64 % 3;
        }
        for format in FORMATS {
            let text = write(format.name, &Style { width: number, ..verbose() }, &outcome);
            let bad: Vec<char> = text.chars().filter(|letter| is_bad(*letter)).collect();
            assert!(bad.is_empty(), "{} {three:?}: {bad:?}", format.name);
            let command = text.lines().find(|line| speaks_to_a_build_server(format.name, line));
            assert_eq!(command, None, "{} {three:?}", format.name);
        }
    }
}

#[test]
fn a_clean_run_says_so_in_two_lines() {
    let text = write("human", &Style::plain(), &clean());
    assert_eq!(text.lines().count(), 2, "{text}");
    assert!(text.starts_with('✓'));
    let incomplete = Outcome { gaps: sample().gaps, ..clean() };
    assert!(!write("human", &Style::plain(), &incomplete).contains('✓'), "an incomplete run is never called clean");
}

#[test]
fn formats_have_names_that_can_be_typed() {
    let names: BTreeSet<_> = FORMATS.iter().map(|format| format.name).collect();
    assert_eq!(names.len(), FORMATS.len());
    for it in FORMATS {
        assert!(it.name.bytes().all(|byte| byte.is_ascii_lowercase()), "{}", it.name);
        assert!(!it.about.is_empty() && !it.about.contains('\n'));
    }
    assert!(format("no-such-format").is_none());
}
