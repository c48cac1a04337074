//! Any bytes through the whole engine. A panic, a hang or too much memory is for libFuzzer to notice; here it is checked
//! that the prefilter, the window size and the length of reads change no finding, that no report shows a secret or obeys
//! a control character, and that unwrapping keeps its budget.

#![no_main]

use std::ops::Range;

use libfuzzer_sys::fuzz_target;
use tightlip::blob::Windowing;
use tightlip::decode::{Budget, Encoding, views};
use tightlip::engine::{self, Options};
use tightlip::finding::{Finding, Position};
use tightlip::outcome::Outcome;
use tightlip::policy::Policy;
use tightlip::progress::Silent;
use tightlip::report::{FORMATS, Style};
use tightlip::rule::Kind;
use tightlip::span::Span;
use tightlip_fuzz::{Memory, curious, rules, usual};

/// Names that rules and the judgement of surroundings tell apart, and one that no terminal should get.
const PATHS: [&str; 16] = [
    "notes.txt",
    "src/main.rs",
    "app/settings.py",
    "web/index.js",
    "deploy/values.yaml",
    ".env",
    "config.json",
    "Dockerfile",
    "tests/fixtures/login.py",
    "docs/manual.md",
    "pom.xml",
    "home/.pgpass",
    "home/.netrc",
    "home/.ssh/id_rsa",
    "dump.sql",
    "a\n\u{1b}[31m::error::b.sh",
];

/// Up to here an input is scanned several times.
const SMALL: usize = 4096;

/// What the first byte of an input chooses.
struct Case<'i> {
    path: &'static str,
    /// Into how many windows the bytes are cut; one is no cut.
    windows: usize,
    slowly: bool,
    policy: &'static Policy,
    bytes: &'i [u8],
}

impl<'i> Case<'i> {
    fn of(input: &'i [u8]) -> Option<Self> {
        let (choice, bytes) = input.split_first()?;
        Some(Self {
            path: PATHS[usize::from(choice & 15)],
            windows: [1, 1, 2, 5][usize::from(choice >> 4 & 3)],
            slowly: choice & 64 != 0,
            policy: if choice & 128 == 0 { usual() } else { curious() },
            bytes,
        })
    }

    fn scan(&self, bytes: &[u8], options: Options, step: usize) -> Outcome {
        let source = Memory { path: self.path, bytes, step };
        let outcome = engine::scan(&source, rules(), self.policy, options, &Silent);
        for gap in &outcome.gaps {
            assert!(!gap.why.contains("the scanner failed"), "a panic was caught: {gap:?}");
        }
        outcome
    }
}

fuzz_target!(|input: &[u8]| {
    let Some(case) = Case::of(input) else { return };
    let outcome = case.scan(case.bytes, options(case.slowly, None), usize::MAX);
    unwrapping_keeps_its_budget(case.bytes);
    if case.bytes.len() > SMALL {
        return;
    }
    let other = case.scan(case.bytes, options(!case.slowly, None), 7);
    assert_eq!(shown(&outcome), shown(&other), "prefilter or length of reads");
    if case.windows > 1 {
        windows_change_nothing(&case);
    }
    if outcome.findings.is_empty() {
        return;
    }
    secrets_stay_hidden(case.bytes, &outcome.findings);
    reports_are_printable(&outcome);
    explained(&case, &outcome);
});

fn options(slowly: bool, windowing: Option<Windowing>) -> Options {
    let windowing = windowing.unwrap_or_default();
    Options { threads: 1, windowing, slowly, partial: false, ..Options::default() }
}

/// All of an outcome that must not depend on how it came about.
fn shown(outcome: &Outcome) -> String {
    format!("{:#?}\n{:#?}\n{:#?}\n{:?}", outcome.findings, outcome.gaps, outcome.stale, outcome.covered)
}

/// The first window reaches `own + margin` into the file, so a margin of empty lines before the bytes lets the cuts fall
/// among them; one behind lets the file be longer than the window.
fn windows_change_nothing(case: &Case<'_>) {
    let margin = Windowing::default().margin;
    let own = case.bytes.len() / case.windows + 1;
    let mut text = vec![b'\n'; margin];
    text.extend_from_slice(case.bytes);
    text.resize(text.len() + margin + own, b'\n');
    let whole = case.scan(&text, options(case.slowly, None), usize::MAX);
    let cut = case.scan(&text, options(case.slowly, Some(Windowing { own, margin })), usize::MAX);
    assert_eq!(shown(&whole), shown(&cut), "windows of {own}");
}

/// Decoded bytes of one call; nothing smaller than a view can be refused, so the odd limits are the ones that tell.
const LIMITS: [usize; 3] = [33, 1000, 1 << 20];

fn unwrapping_keeps_its_budget(text: &[u8]) {
    let limit = LIMITS[text.len() % LIMITS.len()];
    let mut budget = Budget::of(limit);
    let mut taken = 0;
    views(text, 0, text.len(), &mut budget, &mut |view| {
        taken += view.bytes.len();
        assert!(view.span.end <= text.len(), "{view:?} ends behind the text");
        let last = view.bytes.len();
        for inner in [Span::new(0, last), Span::new(0, last.min(1)), Span::new(last / 2, last), Span::new(last, last)] {
            let origin = view.origin(inner);
            assert!(
                view.span.start <= origin.start && origin.end <= view.span.end,
                "{view:?}: {inner:?} at {origin:?}"
            );
        }
    });
    assert!(taken <= limit, "{taken} bytes of {limit}");
}

/// No excerpt holds eight bytes in a row of a secret: unless they stand elsewhere in the text as well, where nothing may
/// have been found, or are what a mask consists of.
fn secrets_stay_hidden(bytes: &[u8], findings: &[Finding]) {
    let (encoding, mark_len) = Encoding::detect(bytes);
    let text = match encoding {
        Encoding::Utf8 => &bytes[mark_len..],
        Encoding::Binary => bytes,
        Encoding::Utf16Le | Encoding::Utf16Be => return,
    };
    for finding in findings.iter().take(16) {
        // A marking is shown. The place of a pair reaches over what stands between its halves.
        if matches!(finding.kind, Kind::Marker { .. }) {
            continue;
        }
        if finding.verdict.reasons.iter().any(|reason| reason.name == "paired") {
            continue;
        }
        let secret = &text[place(text, finding)];
        for part in secret.windows(8).filter(|part| !part.contains(&b'*') && count(text, part) == 1) {
            for other in findings.iter().take(16) {
                assert_eq!(count(other.excerpt.text.as_bytes(), part), 0, "a secret in {other:#?}");
            }
        }
    }
}

fn count(text: &[u8], part: &[u8]) -> usize {
    text.windows(part.len()).filter(|window| *window == part).count()
}

/// Where a finding stands in the text.
fn place(text: &[u8], finding: &Finding) -> Range<usize> {
    let place = &finding.place;
    offset(text, place.start)..offset(text, place.end)
}

fn offset(text: &[u8], position: Position) -> usize {
    let lines = text.split_inclusive(|byte| *byte == b'\n');
    let before: usize = lines.clone().take(position.line as usize - 1).map(<[u8]>::len).sum();
    let line = &text[before..];
    let mut characters = Vec::new();
    for chunk in line.utf8_chunks() {
        characters.extend(chunk.valid().chars().map(char::len_utf8));
        characters.extend(chunk.invalid().iter().map(|_| 1));
        if characters.len() >= position.column as usize {
            break;
        }
    }
    assert!(position.column as usize <= characters.len() + 1, "no column {position:?}");
    before + characters.iter().take(position.column as usize - 1).sum::<usize>()
}

/// All formats can be written, and without colours none has a character that a terminal would obey.
fn reports_are_printable(outcome: &Outcome) {
    for format in FORMATS {
        let mut out = Vec::new();
        (format.report)(&Style::plain()).write(outcome, &mut out).expect("memory takes every byte");
        let out = String::from_utf8(out).expect("reports are UTF-8");
        let obeyed = out.chars().find(|letter| letter.is_control() && *letter != '\n');
        assert_eq!(obeyed, None, "{}: {out}", format.name);
    }
}

/// What was found on a line can be explained there.
fn explained(case: &Case<'_>, outcome: &Outcome) {
    let source = Memory { path: case.path, bytes: case.bytes, step: usize::MAX };
    let line = outcome.findings.last().map_or(1, |finding| finding.place.start.line);
    let explanation = engine::explain(&source, &source.entry(), line, rules(), case.policy);
    let explanation = explanation.expect("memory can be read");
    assert!(!explanation.traces.is_empty(), "a finding on line {line}, and nothing to tell of it");
}
