//! No output holds eight characters in a row of a secret: of any built-in rule's hits, of any fixture, in any format,
//! with any flag, from any command, with errors and when the scanner itself fails.

#![allow(
    clippy::disallowed_methods,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests read files of their own, and may fail"
)]

mod common;

use std::collections::{BTreeSet, HashMap, HashSet};
use std::fs;
use std::io::{self, Read};
use std::process::Stdio;

use serde::Deserialize;

use common::{CUT, Folder, Memory};
use tightlip::catalogue::{RuleSet, builtin_rules};
use tightlip::engine::Options;
use tightlip::rule::Rule;
use tightlip::source::{Entry, Listing, Reader, Source};

/// So much of a secret in a row may not be seen.
const WINDOW: usize = 8;

/// A text with secrets in it, as a file.
struct Sample {
    path: String,
    /// With its cuts.
    cut: String,
    rule: Option<&'static Rule>,
}

impl Sample {
    fn text(&self) -> String {
        self.cut.replace(CUT, "")
    }
}

/// The hits of all built-in rules, each in a folder of its own, and the fixture tree.
fn samples() -> Vec<Sample> {
    let mut samples = Vec::new();
    let dir = common::fixtures("../rules/secrets");
    for file in fs::read_dir(dir).unwrap() {
        let text = fs::read_to_string(file.unwrap().path()).unwrap();
        let rules: Vec<Written> = tightlip::yaml::parse("rules", &text).unwrap_or_else(|error| panic!("{error}"));
        for rule in rules {
            let built_in = builtin_rules().iter().find(|built_in| built_in.id == rule.id).unwrap();
            for (number, written) in (1..).zip(rule.hits) {
                let (path, cut) = match written {
                    Hit::Text(text) => ("example.txt".to_owned(), text),
                    Hit::File { path, text } => (path, text),
                };
                let path = format!("{}/{number}/{path}", rule.id);
                samples.push(Sample { path, cut, rule: Some(built_in) });
            }
        }
    }
    samples.extend(
        common::tree()
            .into_iter()
            .filter(|fixture| !fixture.path.starts_with("harmless/") && fixture.path != "docs/example.md")
            .map(|fixture| Sample { path: format!("tree/{}", fixture.path), cut: fixture.cut, rule: None }),
    );
    samples.sort_by(|one, other| one.path.cmp(&other.path));
    samples
}

/// The part of a rule file that says what is found; the loader takes the cuts out of it.
#[derive(Deserialize)]
struct Written {
    id: String,
    hits: Vec<Hit>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Hit {
    Text(String),
    File { path: String, text: String },
}

/// Every stretch of `WINDOW` bytes of a secret, and a sample that has it.
struct Secrets(HashMap<Vec<u8>, String>);

impl Secrets {
    fn of(samples: &[Sample]) -> Self {
        let mut windows = HashMap::new();
        // The words of a phrase are English ones, and a key pair may be a list of small numbers: eight bytes of two
        // neighbours stand in other texts too.
        let is_common = |sample: &&Sample| {
            sample.rule.is_some_and(|rule| ["bip39-mnemonic", "solana-keypair-file"].contains(&&*rule.id))
        };
        for sample in samples.iter().filter(|sample| !is_common(sample)) {
            // Round a cut may stand what is shown on purpose: the host of an address, the head of a block.
            let mut secrets = sample.rule.map_or_else(Vec::new, |rule| matched(rule, &sample.text()));
            if secrets.is_empty() {
                secrets = cut_tokens(&sample.cut);
            }
            for secret in secrets {
                windows.extend(secret.windows(WINDOW).map(|window| (window.to_vec(), sample.path.clone())));
            }
        }
        Self(windows).without_public()
    }

    /// What a rule says of itself is printed: the mark of a form, a vendor's address.
    fn without_public(mut self) -> Self {
        for known in public() {
            known.as_bytes().windows(WINDOW).for_each(|window| drop(self.0.remove(window)));
        }
        self
    }

    /// Panics with the first stretch of a secret in `output`.
    fn check(&self, what: &str, output: &[u8]) {
        let output = without_hashes(output);
        let shown: HashSet<&[u8]> = output.windows(WINDOW).collect();
        let leaked: BTreeSet<String> = self
            .0
            .iter()
            .filter(|(window, _)| shown.contains(window.as_slice()))
            .map(|(window, path)| format!("`{}` of {path}", String::from_utf8_lossy(window)))
            .collect();
        assert!(leaked.is_empty(), "{what} prints {leaked:#?}");
    }
}

/// Without the hashes by which GitHub tells alerts apart: of thousands of digits some eight are those of a secret by chance.
fn without_hashes(output: &[u8]) -> Vec<u8> {
    const KEY: &[u8] = b"\"primaryLocationLineHash\": \"";
    let mut kept = Vec::with_capacity(output.len());
    let mut rest = output;
    while let Some(at) = rest.windows(KEY.len()).position(|window| window == KEY) {
        let (before, after) = rest.split_at(at + KEY.len());
        kept.extend_from_slice(before);
        rest = &after[after.iter().position(|byte| *byte == b'"').unwrap_or(after.len())..];
    }
    kept.extend_from_slice(rest);
    kept
}

/// The stretch of letters round each cut that a secret is made of. Names before it end in `=` or `:`.
fn cut_tokens(cut: &str) -> Vec<Vec<u8>> {
    let ends = |letter: char| letter.is_whitespace() || "\"'`=:@&?<>,;()[]{}|\\#*".contains(letter);
    let mut tokens = Vec::new();
    let mut rest = 0;
    while let Some(found) = cut[rest..].find(CUT) {
        let at = rest + found;
        rest = at + CUT.len();
        let start = cut[..at].rfind(ends).map_or(0, |before| before + 1);
        let end = cut[rest..].find(ends).map_or(cut.len(), |after| rest + after);
        tokens.push([&cut[start..at], &cut[rest..end]].concat().into_bytes());
    }
    tokens
}

/// What the rule itself calls the secret.
fn matched(rule: &Rule, text: &str) -> Vec<Vec<u8>> {
    let bytes = text.as_bytes();
    let ignore_case = rule.pattern().is_some_and(tightlip::rule::Pattern::ignores_case);
    let is_at = |at: usize, literal: &[u8]| {
        bytes[at..]
            .get(..literal.len())
            .is_some_and(|there| if ignore_case { there.eq_ignore_ascii_case(literal) } else { there == literal })
    };
    if matches!(rule.wake, tightlip::rule::Wake::Lines(_)) {
        let starts = tightlip::rule::line_starts(bytes);
        return starts.filter_map(|at| rule.matches(bytes, at)).map(|found| found.secret().expose().to_vec()).collect();
    }
    let places = (0..bytes.len()).filter(|at| rule.literals().iter().any(|literal| is_at(*at, literal.as_bytes())));
    places.filter_map(|at| rule.matches(bytes, at)).map(|found| found.secret().expose().to_vec()).collect()
}

/// What may be printed though it stands in a secret as well.
fn public() -> Vec<String> {
    // The host of other addresses in the tree, and what GitLab calls a report.
    let mut texts = vec!["https%3A%2F%2Fapi.acme.io%2Fv2%3F".to_owned(), "secret_detection".to_owned()];
    // The headers of armoured keys, which are shown beside a key's body.
    texts.extend(["Comment: ", "Version: "].map(str::to_owned));
    for rule in builtin_rules() {
        texts.extend([rule.id.to_string(), rule.finds.to_string()]);
        texts.extend(rule.revoke.iter().chain(&rule.gives).chain(&rule.docs).map(ToString::to_string));
        // As lists show them, and as they stand.
        texts.extend(rule.literals().iter().flat_map(|literal| [literal.to_string(), format!(" {literal}")]));
        // `rules show` prints the pattern.
        texts.extend(rule.pattern().map(|pattern| pattern.source().to_owned()));
    }
    texts
}

#[test]
fn no_report_in_any_format_shows_a_secret() {
    let samples = samples();
    assert!(samples.len() > 250, "only {} samples", samples.len());
    let secrets = Secrets::of(&samples);
    assert!(secrets.0.len() > 10_000, "only {} stretches", secrets.0.len());
    let folder = Folder::new("leaks");
    for sample in &samples {
        folder.write(&sample.path, sample.text());
    }
    for format in tightlip::report::FORMATS {
        let flags = [
            &["-vvv", "--min-score", "0"][..],
            &[],
            &["-v"],
            &["--color", "always"],
            &["--exit-zero", "--threads", "1"],
            &["--fail-on", "critical"],
        ];
        for flags in flags.into_iter().take(flags_for(format)) {
            let args = [&["scan", "--format", format.name], flags].concat();
            let output = common::tightlip(folder.path(), &args).output().unwrap();
            let zero = flags.contains(&"--exit-zero");
            assert_eq!(output.status.code(), Some(i32::from(!zero)), "{args:?}");
            assert!(output.stdout.len() > 10_000, "{args:?} prints next to nothing");
            secrets.check(&args.join(" "), &[output.stdout, output.stderr].concat());
        }
    }
}

/// Most flags change the looks of the report for people alone; the others are looked at with the one that tells most.
fn flags_for(format: &tightlip::report::Format) -> usize {
    if ["human", "json"].contains(&format.name) { usize::MAX } else { 1 }
}

/// A rule's secrets that can be a part of a path, and that a rule with a literal finds there.
fn tokens() -> Vec<String> {
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.=+~:".contains(byte);
    let mut tokens: Vec<String> = samples()
        .iter()
        .filter_map(|sample| Some(matched(sample.rule?, &sample.text())))
        .flatten()
        .filter(|token| (WINDOW * 2..200).contains(&token.len()) && token.iter().all(is_name))
        .map(|token| String::from_utf8(token).unwrap())
        .filter(|token| *tightlip::engine::masked(token, &RuleSet::default()) != **token)
        .collect();
    tokens.sort();
    tokens.dedup();
    tokens
}

#[test]
fn no_output_shows_a_secret_in_a_path() {
    let tokens = tokens();
    assert!(tokens.len() > 80, "only {} tokens", tokens.len());
    let secrets = Secrets(
        tokens.iter().flat_map(|it| it.as_bytes().windows(WINDOW).map(|part| (part.to_vec(), it.clone()))).collect(),
    );
    let secrets = secrets.without_public();
    let folder = Folder::new("leaks-paths");
    let mut diff = String::new();
    for (number, token) in tokens.iter().enumerate() {
        let path = match number % 3 {
            0 => format!("{token}.txt"),
            1 => format!("dir/{token}/a.txt"),
            _ => format!("dir/ä {token} b"),
        };
        folder.write(&path, format!("password = \"hunter2Zx{number}Qr7\"\n# tightlip: allow x -- y\n"));
        diff.extend([format!(
            "--- /dev/null\n+++ b/{path}\t\n@@ -0,0 +1 @@\n+a\nBinary files /dev/null and b/y/{token} differ\n"
        )]);
        #[cfg(unix)]
        std::os::unix::fs::symlink("nowhere", folder.path().join(format!("{token}.link"))).unwrap();
    }
    let diff = folder.write("../leaks-paths.diff", diff);
    for format in tightlip::report::FORMATS {
        let flags = [&["-vv", "--min-score", "0"][..], &[], &["-v", "--min-score", "100"], &["--color", "always"]];
        for flags in flags.into_iter().take(flags_for(format)) {
            for command in [&["scan"][..], &["diff", diff.to_str().unwrap()]] {
                let args = [command, &["--format", format.name], flags].concat();
                let output = common::tightlip(folder.path(), &args).output().unwrap();
                assert!(output.stdout.len() > 1_000, "{args:?} prints next to nothing");
                secrets.check(&args.join(" "), &[output.stdout, output.stderr].concat());
            }
        }
    }
    fs::remove_file(diff).unwrap();
    let output = common::tightlip(folder.path(), &["scan", "--format", "jsonl"]).output().unwrap();
    let found = String::from_utf8_lossy(&output.stdout).matches(r#""end_line": 1, "end_column": 1, "#).count();
    assert!(found * 10 > tokens.len() * 9, "{found} findings in {} paths", tokens.len());
}

#[test]
fn no_explanation_shows_a_secret() {
    let samples = samples();
    let secrets = Secrets::of(&samples);
    let folder = Folder::new("leaks-explain");
    let mut places: Vec<(String, u64)> = Vec::new();
    for sample in &samples {
        folder.write(&sample.path, sample.text());
        let with_cut = (1..).zip(sample.cut.lines()).filter(|(_, line)| line.contains(CUT));
        // The lines of a block that come after its head.
        places.extend(with_cut.flat_map(|(line, _)| [line, line + 1]).map(|line| (sample.path.clone(), line)));
    }
    places.dedup();
    let mut printed = Vec::new();
    for (number, (path, line)) in places.iter().enumerate() {
        let place = format!("{path}:{line}");
        let format = ["human", "json"][number % 2];
        let output = common::tightlip(folder.path(), &["explain", "-v", "--format", format, &place]).output().unwrap();
        printed.extend(output.stdout);
        printed.extend(output.stderr);
        printed.push(b'\n');
    }
    assert!(printed.len() > 50_000, "only {} bytes", printed.len());
    secrets.check("explain", &printed);
}

#[test]
fn no_other_command_shows_an_example_of_a_rule() {
    let secrets = Secrets::of(&samples());
    let folder = Folder::new("leaks-rules");
    let mut commands: Vec<Vec<String>> = ["rules list", "rules list --format json", "--help", "scan --help", "man"]
        .iter()
        .map(|line| line.split(' ').map(str::to_owned).collect())
        .collect();
    let shows = builtin_rules().iter().step_by(5).map(|rule| vec!["rules".into(), "show".into(), rule.id.to_string()]);
    commands.extend(shows);
    for command in commands {
        let args: Vec<&str> = command.iter().map(String::as_str).collect();
        let output = common::tightlip(folder.path(), &args).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
        secrets.check(&command.join(" "), &[output.stdout, output.stderr].concat());
    }
}

/// A made-up secret that only these tests know.
const MADE_UP: &str = concat!("ghp_Zr8wQn4Lk2Vx7", "Tb9Ym3Hs6Pd1c0jzEj0");

fn assert_hidden(what: &str, output: &str) {
    let shown = MADE_UP.as_bytes().windows(WINDOW).find(|window| output.contains(std::str::from_utf8(window).unwrap()));
    assert!(shown.is_none(), "{what} prints `{}`:\n{output}", String::from_utf8_lossy(shown.unwrap()));
}

#[test]
fn no_error_shows_a_secret() {
    let folder = Folder::new("leaks-errors");
    let path = folder.write("a.env", format!("TOKEN={MADE_UP}\n"));
    let configs = [
        format!("version: 1\nallow:\n  - rule: no-such-rule\n    reason: for {MADE_UP}\n"),
        format!("version: 1\nallow:\n  - rule: generic-token\n    value: {MADE_UP}\n    reason: known\n"),
        format!("version: 1\nsalt: {MADE_UP}\n"),
        format!("version: 1\ntoken: {MADE_UP}\n"),
        format!("version: 1\n{MADE_UP}: true\n"),
        format!("version: {MADE_UP}\n"),
        format!("TOKEN={MADE_UP}\n"),
        format!("version: 1\nbuiltin: {{{MADE_UP}: off}}\n"),
        format!("version: 1\nleave_out: [\"{MADE_UP}[\"]\n"),
    ];
    for config in configs {
        folder.write(".tightlip.yml", &config);
        let output = common::tightlip(folder.path(), &["scan"]).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{config}");
        assert_hidden(&config.replace(MADE_UP, "…"), &text(&output));
    }
    fs::remove_file(folder.path().join(".tightlip.yml")).unwrap();
    let steered = common::tightlip(folder.path(), &["scan", "--config", path.to_str().unwrap()]).output().unwrap();
    assert_hidden("a file with secrets as the config", &text(&steered));
    let checked = common::tightlip(folder.path(), &["rules", "check", path.to_str().unwrap()]).output().unwrap();
    assert_hidden("a file with secrets as rules", &text(&checked));
}

fn text(output: &std::process::Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// A source whose reader fails in ways of its own, with a secret in what it says.
struct Failing(Memory);

impl Source for Failing {
    fn list(&self) -> Listing {
        self.0.list()
    }

    fn reader(&self) -> Box<dyn Reader + '_> {
        Box::new(FailingReader)
    }
}

struct FailingReader;

impl Reader for FailingReader {
    fn open<'r>(&'r mut self, _: &Entry) -> io::Result<Box<dyn Read + 'r>> {
        panic!("the bytes were {MADE_UP}")
    }
}

#[test]
fn a_scanner_that_fails_on_a_file_tells_a_gap_and_nothing_of_its_content() {
    let files = vec![("a.env".to_owned(), Vec::new())];
    let outcome = common::scan(&Failing(Memory { files }), &RuleSet::default(), Options::default());
    assert_eq!(outcome.gaps.len(), 1);
    assert_eq!(outcome.exit(tightlip::outcome::Leniency::default()), tightlip::outcome::Exit::Failed);
    assert_hidden("the outcome of a panic", &format!("{outcome:?}"));
}

#[test]
fn nothing_that_can_be_printed_for_debugging_holds_a_secret() {
    let files = vec![("a.env".to_owned(), format!("TOKEN={MADE_UP} # tightlip: allow x -- y\n").into_bytes())];
    let outcome = common::scan(&Memory { files }, &RuleSet::default(), Options::default());
    assert_eq!(outcome.findings.len(), 1, "{outcome:?}");
    assert_hidden("Debug of an outcome", &format!("{outcome:?}"));
}

#[test]
fn a_secret_in_standard_input_is_not_shown() {
    let folder = Folder::new("leaks-stdin");
    for name in ["stdin", "a.json", ".env"] {
        let mut command = common::tightlip(folder.path(), &["scan", "-", "--stdin-name", name, "-vv"]);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        io::Write::write_all(&mut child.stdin.take().unwrap(), format!("TOKEN={MADE_UP}\n").as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(1));
        assert_hidden(name, &text(&output));
    }
}
