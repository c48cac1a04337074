//! Writes what the targets start from into the folder that `TIGHTLIP_SEEDS` names: a corpus for each, and a dictionary.
//! The examples of rules are whole tokens here, so that folder must not lie in the repository. A target itself, with
//! nothing to do, because all that is built here is linked with the fuzzer: run it with `-runs=0`.

#![no_main]
#![allow(clippy::disallowed_methods, reason = "it reads the project's files, and is told where to write")]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Once;
use std::{env, fs};

use libfuzzer_sys::fuzz_target;
use tightlip::assign::KEYWORDS;
use tightlip::catalogue::builtin_rules;
use tightlip::migrate::KINDS;
use tightlip::rule::example::Example;
use tightlip::rule::{Rule, RuleSyntax};

/// What an author writes into a token so that none stands on disk.
const CUT: &str = "{cut}";

/// The dictionary's words that are no rule's: what wraps, what marks, and the keys of a config.
const WORDS: &[&str] = &[
    "tightlip: allow ",
    " -- ",
    " until 2027-01-31",
    "\u{feff}",
    "\r\n",
    "\\u00",
    "\\x",
    "\\n",
    "%3D",
    "%25",
    "&#x",
    "&quot;",
    "==",
    "://",
    "-----BEGIN ",
    "-----END ",
    " PRIVATE KEY-----",
    "\": \"",
    "Authorization: ",
    "Bearer ",
    "--password ",
    "<password>",
    "</",
    "eyJ",
    "user:pass@",
    "{cut}",
    "version: 1\n",
    "salt: ",
    "thresholds:\n",
    "  report: ",
    "  block: ",
    "severity: ",
    "rules:\n",
    "- id: ",
    "  finds: ",
    "  level: ",
    "  confidence: ",
    "  literals: ",
    "  ignore_case: true\n",
    "  pattern: ",
    "(?P<secret>",
    "[0-9a-z]{20,40}",
    "  block:\n",
    "    end: ",
    "    within: ",
    "  boundary: ",
    "  files: ",
    "  scanner: ",
    "  near:\n",
    "    words: ",
    "    before: ",
    "    after: ",
    "  pair:\n",
    "    with: ",
    "  checks: ",
    "  revoke: ",
    "  docs: ",
    "  hits:\n",
    "  misses:\n",
    "builtin:\n",
    ": off",
    "leave_out:\n",
    "allow:\n",
    "- rule: ",
    "  path: ",
    "  value: ",
    "  reason: ",
    "  until: ",
    "critical",
    "high",
    "medium",
    "low",
    "&a ",
    "*a",
    "!!",
    "<<: ",
    "---\n",
    "|\n",
    ">\n",
    "? ",
    "%TAG",
    "**/",
    "{a,b}",
];

/// Addresses of remotes, in the forms that git takes.
const URLS: &[&str] = &[
    "https://ann:changeme@github.com:443/acme/../acme/app.git",
    "ssh://git@[2001:db8::1]:22/~ann/app",
    "git@github.com:acme/%61pp.git",
    "file:///srv/git/app.git",
    "../app.git",
    "C:\\git\\app",
    "ext::sh -c x",
];

fuzz_target!(
    init: {
        static ONCE: Once = Once::new();
        ONCE.call_once(|| {
            let folder = PathBuf::from(env::var_os("TIGHTLIP_SEEDS").expect("`TIGHTLIP_SEEDS` names a folder"));
            let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
            Seeds { folder: folder.join("scanner"), count: 0 }.scanner(&root);
            Seeds { folder: folder.join("config"), count: 0 }.config(&root);
            Seeds { folder: folder.join("foreign"), count: 0 }.foreign(&root.join("fixtures"));
            fs::write(folder.join("dictionary"), dictionary()).expect("the folder can be written to");
        });
    },
    |_bytes: &[u8]| {}
);

/// Files with numbers for names.
struct Seeds {
    folder: PathBuf,
    count: usize,
}

impl Seeds {
    fn scanner(&mut self, root: &Path) {
        let mut all = String::new();
        for (name, text) in texts(&root.join("rules")) {
            let written: Vec<RuleSyntax> = tightlip::yaml::parse(&name, &text).expect("the rules were built in");
            for example in written.iter().flat_map(|syntax| syntax.hits.iter().chain(&syntax.misses)) {
                let text = Example::from(example).text;
                self.chosen(text.as_bytes());
                self.chosen(&wrapped(&text, self.count));
                all.push_str(&text);
                all.push('\n');
            }
        }
        for (_, text) in texts(&root.join("fixtures")) {
            self.chosen(text.replace(CUT, "").as_bytes());
        }
        self.chosen(all.as_bytes().get(..60_000).unwrap_or(all.as_bytes()));
    }

    /// The first byte chooses how the others are scanned: each seed has another.
    fn chosen(&mut self, bytes: &[u8]) {
        let choice = self.count.wrapping_mul(37) as u8;
        self.add(&[&[choice], bytes].concat());
    }

    fn config(&mut self, root: &Path) {
        for (name, text) in texts(&root.join("rules")).into_iter().chain(texts(&root.join("fixtures"))) {
            let text = text.replace(CUT, "");
            self.add(text.as_bytes());
            if name.contains("rules") {
                // As a config's own rules, under ids that no built-in one has.
                self.add(format!("rules:\n{}", text.replace("- id: ", "- id: own-")).as_bytes());
            }
        }
        let own = fs::read(root.join(".tightlip.yml")).expect("the project has a config");
        self.add(&own);
    }

    /// The first byte chooses who reads the others.
    fn foreign(&mut self, fixtures: &Path) {
        for (name, text) in files(&fixtures.join("report")) {
            for reader in [0, 1] {
                if [".json", ".jsonl", ".sarif", ".gitlab"].iter().any(|ending| name.ends_with(ending)) {
                    self.add(&[&[reader], text.as_bytes()].concat());
                }
            }
        }
        for (name, text) in files(&fixtures.join("migrate")) {
            for (number, kind) in (0..).zip(KINDS) {
                if Path::new(&name).file_stem().is_some_and(|stem| stem == kind.name) {
                    self.add(&[&[2 + 5 * number], text.as_bytes()].concat());
                }
            }
        }
        for (_, text) in files(&fixtures.join("policy")).into_iter().chain(files(&fixtures.join("config"))) {
            self.add(&[b"\x03", text.as_bytes()].concat());
        }
        for url in URLS {
            self.add(&[b"\x04", url.as_bytes()].concat());
        }
    }

    fn add(&mut self, bytes: &[u8]) {
        fs::create_dir_all(&self.folder).expect("the folder can be made");
        fs::write(self.folder.join(format!("{:05}", self.count)), bytes).expect("the folder can be written to");
        self.count += 1;
    }
}

/// The same text in another encoding, or as a payload.
fn wrapped(text: &str, turn: usize) -> Vec<u8> {
    let coded = |before: &str| text.bytes().map(|byte| format!("{before}{byte:02x}")).collect::<String>().into_bytes();
    match turn / 2 % 6 {
        0 => coded(""),
        1 => coded("%"),
        2 => coded("\\x"),
        3 => text.bytes().map(|byte| format!("&#{byte};")).collect::<String>().into_bytes(),
        4 => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        _ => text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
    }
}

/// The YAML files below a folder, by name.
fn texts(folder: &Path) -> Vec<(String, String)> {
    let mut found = files(folder);
    found.retain(|(name, _)| name.ends_with(".yml"));
    found
}

/// The files of text below a folder, by name.
fn files(folder: &Path) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("the folder can be listed") {
            let path = entry.expect("the folder can be listed").path();
            if path.is_dir() {
                folders.push(path);
            } else if let Ok(text) = fs::read_to_string(&path) {
                found.push((path.display().to_string(), text));
            }
        }
    }
    found.sort();
    found
}

/// The words that wake rules and the scanner for assignments, and those of `WORDS`, as libFuzzer reads them.
fn dictionary() -> String {
    let literals = builtin_rules().iter().flat_map(Rule::literals).map(AsRef::as_ref);
    let mut all: Vec<&str> = literals.chain(KEYWORDS.iter().copied()).chain(WORDS.iter().copied()).collect();
    all.sort_unstable();
    all.dedup();
    let mut out = String::new();
    for word in all.iter().filter(|word| (1..=64).contains(&word.len())) {
        let bytes: String = word.bytes().map(|byte| format!("\\x{byte:02X}")).collect();
        writeln!(out, "\"{bytes}\"").expect("a String takes every character");
    }
    out
}
