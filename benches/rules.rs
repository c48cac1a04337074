//! What more rules cost, and what each kind of prefilter costs, over a folder's bytes in memory.
//!
//!     cargo bench --bench rules -- FOLDER [ROUNDS]
//!     cargo bench --bench rules -- --write FOLDER COUNT    writes made-up rules as rule files
//!
//! Everything is measured in turns, so that the machine's other work falls on each alike; ratios are of medians. FOLDER
//! is this crate's own source if none is given: too small for more than a first look.

#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a measurement reads what it is given, prints what it finds, and may fail"
)]

use std::cell::RefCell;
use std::hint::black_box;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use std::{env, fs};

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use regex::bytes::{Regex, RegexBuilder};
use tightlip::assign::candidates_at;
use tightlip::blob::Windowing;
use tightlip::catalogue::{RuleSet, Wakes, builtin_rules};
use tightlip::date::Date;
use tightlip::engine::{Options, scan};
use tightlip::policy::Policy;
use tightlip::progress::Silent;
use tightlip::rule::{Found, Rule, RuleSyntax};
use tightlip::source::{Entry, Lines, Listing, Origin, Reader, Source};

/// How many rules in all the sets of the first table have.
const TOTALS: [usize; 3] = [1_000, 2_000, 4_000];

fn main() {
    let mut args: Vec<String> = env::args().skip(1).filter(|arg| arg != "--bench").collect();
    if args.first().is_some_and(|arg| arg == "--write") {
        let count = args[2].parse().unwrap();
        return write(Path::new(&args[1]), count);
    }
    let rounds = args.get(1).map_or(9, |rounds| rounds.parse().unwrap());
    let folder = if args.is_empty() { env!("CARGO_MANIFEST_DIR").to_owned() + "/src" } else { args.swap_remove(0) };
    let folder = Folder::read(Path::new(&folder));
    println!("{} files, {:.1} MB, {rounds} rounds, one thread\n", folder.files.len(), megabytes(folder.len()));
    by_number_of_rules(&folder, rounds);
    by_rules_for_runs("rules for token runs", &folder, rounds);
    by_rules_for_runs("the same, 100,000 digests beside vendors' names", &digests(), rounds);
    by_kind_of_prefilter(&folder.text(), rounds);
}

/// A rule file, as a config, has a largest size; so many made-up rules are far below it.
const IN_ONE_FILE: usize = 200;

fn write(folder: &Path, count: usize) {
    fs::create_dir_all(folder).unwrap();
    for (number, rules) in made_up(count).chunks(IN_ONE_FILE).enumerate() {
        fs::write(folder.join(format!("made-up-{number}.yml")), rules.concat()).unwrap();
    }
}

fn by_number_of_rules(folder: &Folder, rounds: usize) {
    let known = builtin_rules().iter().map(|rule| rule.id.clone());
    let policy = Policy::plain(known, Date::from_unix_days(20_000));
    let mut sets = vec![RuleSet::default()];
    for total in TOTALS {
        let more = total.saturating_sub(builtin_rules().len());
        let parse = |rules: &[String]| tightlip::yaml::parse::<Vec<RuleSyntax>>("made up", &rules.concat()).unwrap();
        let syntax = made_up(more).chunks(IN_ONE_FILE).flat_map(parse).collect::<Vec<_>>();
        sets.push(RuleSet::new(syntax.iter().map(|rule| Rule::parse(rule).unwrap()).collect(), &[]));
    }
    let options = Options { threads: 1, ..Options::default() };
    let rows = sets.iter().map(|rules| {
        let work = || scan(folder, rules, &policy, options, &Silent).findings.len();
        (format!("{} rules", rules.len()), Box::new(work) as Box<dyn Fn() -> usize + '_>)
    });
    print_table("whole pipeline", "findings", &rows.collect::<Vec<_>>(), folder.len(), rounds);
}

/// How many more rules for token runs the second row has; none of them has a prefix, only words near.
const RUN_RULES: usize = 450;

fn by_rules_for_runs(title: &str, folder: &Folder, rounds: usize) {
    let known = builtin_rules().iter().map(|rule| rule.id.clone());
    let policy = Policy::plain(known, Date::from_unix_days(20_000));
    let more = tightlip::yaml::parse::<Vec<RuleSyntax>>("made up", &run_rules().concat()).unwrap();
    let more: Vec<Rule> = more.iter().map(|rule| Rule::parse(rule).unwrap()).collect();
    let sets = [RuleSet::default(), RuleSet::new(more, &[])];
    let options = Options { threads: 1, ..Options::default() };
    let rows = sets.iter().map(|rules| {
        let work = || scan(folder, rules, &policy, options, &Silent).findings.len();
        (format!("{} rules", rules.len()), Box::new(work) as Box<dyn Fn() -> usize + '_>)
    });
    print_table(title, "findings", &rows.collect::<Vec<_>>(), folder.len(), rounds);
}

/// Most keys without a prefix are 32 hexadecimal digits; the rest are of a few lengths and alphabets.
fn run_rules() -> Vec<String> {
    let mut dice = Dice(2);
    let patterns =
        ["[0-9a-f]{32}", "[0-9a-f]{32}", "[0-9a-f]{40}", "[0-9a-f]{64}", "[0-9A-Za-z]{32}", "[0-9A-Za-z_-]{40,64}"];
    let entry = |number: usize| {
        let name = dice.name();
        let word = if number.is_multiple_of(4) { dice.of(&ENGLISH) } else { &name };
        let pattern = dice.of(&patterns);
        format!(
            "- id: {name}-run-{number}\n  finds: run of {name}\n  severity: high\n  confidence: low\n  pattern: '{pattern}'\n  near: {{words: [{word}, {word}_key]}}\n  checks:\n    - random-enough: {{distinct: 9}}\n  hits: [a, b]\n  misses: [a, b]\n"
        )
    };
    (0..RUN_RULES).map(entry).collect()
}

/// A list of digests as hostile as such a list comes: a vendor's name stands on each line, and no line speaks of a secret.
fn digests() -> Folder {
    let mut dice = Dice(3);
    let line = |number: usize| {
        let digest: String = (0..32).map(|_| char::from(dice.of(b"0123456789abcdef"))).collect();
        format!("{} {digest} {number}\n", dice.of(&ENGLISH))
    };
    let text: String = (0..100_000).map(line).collect();
    Folder { files: vec![("digests.txt".into(), text.into_bytes())] }
}

/// Names as a regex would list them, with what follows: the plain way to write this kind of rule.
const ASSIGNMENT: &str = r#"[\w.-]{0,32}(?:pass|secret|token|cred|auth|salt|nonce|phrase|ticket|pwd|key)[\w.-]{0,32}["']?\s{0,4}(?:[:=]|=>|:=)\s{0,4}["']?[^\s"',;]{4,128}"#;

fn by_kind_of_prefilter(text: &[u8], rounds: usize) {
    let rules = RuleSet::default();
    let probe = rules.probe();
    let (nfa, dfa) = (automaton(&rules, AhoCorasickKind::ContiguousNFA), automaton(&rules, AhoCorasickKind::DFA));
    let anywhere = regex(ASSIGNMENT);
    let anchored = regex(&format!("^{ASSIGNMENT}"));
    // Windows of the engine's size, and its list kept from one to the next.
    let windows = || text.chunks(Windowing::default().own);
    let found = RefCell::new(Found::default());
    let count_in = |count: &dyn Fn(&[u8]) -> usize| windows().map(count).sum::<usize>();
    let woken = |each: &mut dyn FnMut(&[u8], usize)| {
        for window in windows() {
            probe.find(window, &mut found.borrow_mut(), |at, literal| {
                if literal.wakes == Wakes::Assignments {
                    each(window, at);
                }
            });
        }
    };
    let literals = || {
        let mut count = 0;
        windows().for_each(|window| probe.find(window, &mut found.borrow_mut(), |_, _| count += 1));
        count
    };
    let plainly = || {
        let mut count = 0;
        windows().for_each(|window| probe.find_plainly(window, &mut found.borrow_mut(), |_, _| count += 1));
        count
    };
    let scanner = || {
        let mut count = 0;
        woken(&mut |text, at| candidates_at(text, at, &mut |_| count += 1));
        count
    };
    let behind = || {
        let mut count = 0;
        woken(&mut |text, at| {
            let before = text[..at].iter().rev().take(32).take_while(|byte| is_name(**byte)).count();
            let round = &text[at - before..text.len().min(at + 256)];
            count += usize::from(anchored.find(round).is_some());
        });
        count
    };
    let rows: Vec<Row<'_>> = vec![
        ("prefilter".into(), Box::new(literals)),
        ("prefilter without vectors".into(), Box::new(plainly)),
        (
            "automaton of the same literals, states in a table".into(),
            Box::new(|| count_in(&|text| dfa.find_overlapping_iter(text).count())),
        ),
        (
            "automaton of the same literals, compact".into(),
            Box::new(|| count_in(&|text| nfa.find_overlapping_iter(text).count())),
        ),
        ("prefilter, then the assignment scanner".into(), Box::new(scanner)),
        ("prefilter, then one regex at each keyword".into(), Box::new(behind)),
        ("that regex over everything".into(), Box::new(|| count_in(&|text| anywhere.find_iter(text).count()))),
    ];
    print_table("text alone", "found", &rows, text.len(), rounds);
}

/// An automaton over the literals that the prefilter looks for.
fn automaton(rules: &RuleSet, kind: AhoCorasickKind) -> AhoCorasick {
    let literals = rules.probe().literals().iter().map(|literal| literal.text.as_bytes());
    AhoCorasick::builder().ascii_case_insensitive(true).kind(Some(kind)).build(literals).unwrap()
}

const fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.')
}

fn regex(source: &str) -> Regex {
    RegexBuilder::new(source).unicode(false).case_insensitive(true).build().unwrap()
}

/// What is measured, and its name.
type Row<'r> = (String, Box<dyn Fn() -> usize + 'r>);

/// Runs each row once to warm up, then all in turns, and prints medians against the first.
fn print_table(title: &str, counted: &str, rows: &[Row<'_>], len: usize, rounds: usize) {
    let counts: Vec<usize> = rows.iter().map(|(_, work)| work()).collect();
    let mut times: Vec<Vec<Duration>> = vec![Vec::new(); rows.len()];
    for _ in 0..rounds {
        for ((_, work), times) in rows.iter().zip(&mut times) {
            let begin = Instant::now();
            black_box(work());
            times.push(begin.elapsed());
        }
    }
    println!(
        "| {title} | MB/s, median | MB/s, best | time × first, median | best | {counted} |\n|---|---|---|---|---|---|"
    );
    times.iter_mut().for_each(|times| times.sort_unstable());
    let (first_median, first_best) = (median(&times[0]), times[0][0].as_secs_f64());
    for (((name, _), times), count) in rows.iter().zip(&times).zip(counts) {
        let (median, best) = (median(times), times[0].as_secs_f64());
        println!(
            "| {name} | {:.0} | {:.0} | {:.2} | {:.2} | {count} |",
            megabytes(len) / median,
            megabytes(len) / best,
            median / first_median,
            best / first_best
        );
    }
    println!();
}

fn median(sorted: &[Duration]) -> f64 {
    sorted[sorted.len() / 2].as_secs_f64()
}

fn megabytes(bytes: usize) -> f64 {
    bytes as f64 / 1e6
}

/// Files in memory, so that reading them is not measured.
struct Folder {
    files: Vec<(String, Vec<u8>)>,
}

impl Folder {
    fn read(root: &Path) -> Self {
        let mut files = Vec::new();
        let mut folders = vec![root.to_owned()];
        while let Some(dir) = folders.pop() {
            let mut paths: Vec<PathBuf> = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()).collect();
            paths.sort();
            for path in paths.into_iter().filter(|path| !path.is_symlink()) {
                if path.is_dir() {
                    folders.push(path);
                } else if path.is_file() {
                    files.push((path.display().to_string(), fs::read(&path).unwrap()));
                }
            }
        }
        Self { files }
    }

    fn len(&self) -> usize {
        self.files.iter().map(|(_, bytes)| bytes.len()).sum()
    }

    /// All that is text, as one.
    fn text(&self) -> Vec<u8> {
        self.files.iter().filter(|(_, bytes)| !bytes.contains(&0)).flat_map(|(_, bytes)| bytes).copied().collect()
    }
}

impl Source for Folder {
    fn list(&self) -> Listing {
        let entry = |(path, _): &(String, Vec<u8>)| Entry {
            path: path.clone(),
            origin: Origin::File(path.into()),
            lines: Lines::All,
            commit: None,
        };
        Listing { entries: self.files.iter().map(entry).collect(), ..Listing::default() }
    }

    fn reader(&self) -> Box<dyn Reader + '_> {
        Box::new(Memory { files: &self.files, next: 0 })
    }
}

/// On one thread, entries are opened in the order in which they were listed.
struct Memory<'f> {
    files: &'f [(String, Vec<u8>)],
    next: usize,
}

impl Reader for Memory<'_> {
    fn open<'r>(&'r mut self, entry: &Entry) -> io::Result<Box<dyn Read + 'r>> {
        let (path, bytes) = &self.files[self.next];
        assert_eq!(path, &entry.path);
        self.next += 1;
        Ok(Box::new(bytes.as_slice()))
    }
}

/// Rules like those of vendors, as a rule file: of twenty, thirteen are a prefix and a token, four a token with a context
/// word (every other one an English word, as many vendors' names are), two a prefix in either case, and one a URL.
fn made_up(count: usize) -> Vec<String> {
    let mut dice = Dice(1);
    let entry = |number: usize| {
        let (name, len) = (dice.name(), dice.of(&[24, 32, 36, 40, 48, 64]));
        let vendor = format!("{name}-made-up-{number}");
        let word = if number.is_multiple_of(2) { dice.of(&ENGLISH) } else { &name };
        let joint = dice.of(&["_", "-", "_live_", "_pat_", ""]);
        let (wakes, pattern, before) = match number % 20 {
            0..13 => (
                format!("literals: [{name}{joint}]"),
                format!("{name}{joint}[0-9A-Za-z]{{{len}}}"),
                format!("{name}{joint}"),
            ),
            13..17 => {
                let near = format!("near: {{words: [{word}], before: 80, after: 20}}");
                (near, format!("[0-9a-z]{{{len}}}"), format!("{word} = "))
            }
            17..19 => {
                let literal = format!("literals: [{name}_key]\n  ignore_case: true");
                (literal, format!("{name}_key=[0-9a-z]{{{len}}}"), format!("{}_KEY=", name.to_uppercase()))
            }
            _ => {
                let url = format!("https://hooks.{name}.example/");
                (
                    format!("literals: ['hooks.{name}.example/']"),
                    url.replace('.', r"\.") + &format!("[0-9A-Za-z]{{{len}}}"),
                    url,
                )
            }
        };
        let (one, two) = (dice.token(len), dice.token(len));
        format!(
            "- id: {vendor}\n  finds: token of {vendor}\n  severity: high\n  {wakes}\n  pattern: '{pattern}'\n  hits:\n    - '{before}{one}'\n    - 'x {before}{two} y'\n  misses: ['{before}', '{one}x']\n"
        )
    };
    (0..count).map(entry).collect()
}

const ENGLISH: [&str; 16] = [
    "linear", "square", "notion", "segment", "branch", "buffer", "stream", "mapbox", "rollbar", "pusher", "clearbit",
    "intercom", "typeform", "asana", "zoom", "beamer",
];

/// The same numbers on every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % sides
    }

    fn of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.roll(choices.len())]
    }

    /// Five or six letters that can be spoken.
    fn name(&mut self) -> String {
        let vowel = |dice: &mut Self| char::from(dice.of(b"aeiou"));
        let consonant = |dice: &mut Self| char::from(dice.of(b"bcdfghjklmnpqrstvwz"));
        let start: String =
            [consonant(self), vowel(self), consonant(self), vowel(self), consonant(self)].iter().collect();
        if self.roll(2) == 0 { start } else { start + &vowel(self).to_string() }
    }

    fn token(&mut self, len: usize) -> String {
        (0..len).map(|_| char::from(self.of(b"0123456789abcdefghijklmnopqrstuvwxyz"))).collect()
    }
}
