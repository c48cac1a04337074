//! The end of the human report: how many of what, what could not be read, and the line that proves what was.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::escape::Escaped;
use super::grade::Grade;
use super::machine::stale_name;
use super::number;
use super::style::{Paint, Style};
use super::wrap::Page;
use crate::finding::{Allowed, Decision, Finding};
use crate::outcome::{Outcome, StaleReason};
use crate::policy::INLINE_MARK;
use crate::rule::Kind;

/// Adds everything that follows the findings to the page.
pub(super) fn write(page: &mut Page, outcome: &Outcome, style: &Style) {
    verdict(page, outcome, style);
    rules(page, &outcome.findings, style);
    gaps(page, outcome, style);
    stale(page, outcome, style);
    skipped(page, outcome, style);
    if outcome.findings.iter().any(|finding| finding.decision == Decision::Block) {
        page.line(style.paint(Paint::Faint, "all evidence for a finding: tightlip explain FILE:LINE"));
    }
    proof(page, outcome, style);
}

fn verdict(page: &mut Page, outcome: &Outcome, style: &Style) {
    let (blocked, warned) = (outcome.count("block"), outcome.count("warn"));
    let mut parts = Vec::new();
    if blocked > 0 {
        let text = format!("{} {} blocked", style.glyph("✗", "x"), number::count(blocked as u64));
        parts.push(style.paint(Paint::Error, text).to_string());
    }
    if warned > 0 {
        let text = number::of(warned as u64, "warning", "warnings");
        let text = if blocked == 0 { format!("{} {text}", style.glyph("⚠", "!")) } else { text };
        parts.push(style.paint(Paint::Warning, text).to_string());
    }
    if parts.is_empty() && outcome.gaps.is_empty() {
        parts.push(style.paint(Paint::Good, format_args!("{} no secrets found", style.glyph("✓", "ok:"))).to_string());
    }
    parts.extend(allowed(&outcome.findings));
    if !parts.is_empty() {
        page.line(parts.join(style.dot()));
    }
}

/// `3 allowed (2 by a comment, 1 by the config)`.
fn allowed(findings: &[Finding]) -> Option<String> {
    let by = |wanted: fn(&Allowed) -> bool| {
        findings.iter().filter(|it| matches!(&it.decision, Decision::Allow(by) if wanted(by))).count() as u64
    };
    let mut kinds = vec![
        (by(|by| matches!(by, Allowed::Inline { .. })), "by a comment"),
        (by(|by| matches!(by, Allowed::Config { .. })), "by the config"),
        (by(|by| matches!(by, Allowed::Baseline { .. })), "by the baseline"),
        (by(|by| matches!(by, Allowed::Waiver { .. })), "by a waiver"),
        (by(|by| matches!(by, Allowed::Cleared { .. })), "by their tier"),
    ];
    kinds.retain(|(times, _)| *times > 0);
    let total = number::count(kinds.iter().map(|(times, _)| times).sum());
    match kinds.as_slice() {
        [] => None,
        [(_, by)] => Some(format!("{total} allowed {by}")),
        _ => {
            let parts: Vec<String> =
                kinds.iter().map(|(times, by)| format!("{} {by}", number::count(*times))).collect();
            Some(format!("{total} allowed ({})", parts.join(", ")))
        }
    }
}

/// A line for each severity, worst first, with its rules. One finding alone needs no table.
fn rules(page: &mut Page, findings: &[Finding], style: &Style) {
    let mut table: BTreeMap<(Rank, &str), BTreeMap<&str, u64>> = BTreeMap::new();
    let mut total = 0;
    for finding in findings.iter().filter(|finding| !matches!(finding.decision, Decision::Allow(_))) {
        *table.entry((rank(&finding.kind), finding.kind.name())).or_default().entry(&finding.rule).or_default() += 1;
        total += 1;
    }
    if total < 2 {
        return;
    }
    let names: Vec<String> = table.keys().map(|(_, name)| Escaped(name).to_string()).collect();
    let widest = names.iter().map(|name| name.chars().count()).max().unwrap_or_default();
    for (name, rules) in names.iter().zip(table.values()) {
        let sum = number::count(rules.values().sum());
        let heading = format!("  {name:widest$} {sum:>4}  ");
        let mut rules: Vec<_> = rules.iter().collect();
        rules.sort_by_key(|(_, times)| Reverse(**times));
        let listed = rules.iter().map(|(rule, times)| match times {
            1 => Escaped(rule).to_string(),
            _ => format!("{} {}{}", Escaped(rule), style.glyph("×", "x"), number::count(**times)),
        });
        page.paragraph(&heading, heading.chars().count(), &listed.collect::<Vec<_>>().join(", "));
    }
}

/// Secrets before markers, the worst first.
type Rank = (bool, Reverse<Grade>);

fn rank(kind: &Kind) -> Rank {
    (matches!(kind, Kind::Marker { .. }), Reverse(Grade::of(kind)))
}

fn gaps(page: &mut Page, outcome: &Outcome, style: &Style) {
    if outcome.gaps.is_empty() {
        return;
    }
    let text = format!("error: {} not scanned, so this run is incomplete", number::count(outcome.gaps.len() as u64));
    page.line(style.paint(Paint::Error, text));
    for gap in &outcome.gaps {
        page.line(format_args!("  {}: {}", Escaped(&gap.path), Escaped(&gap.why)));
    }
}

fn stale(page: &mut Page, outcome: &Outcome, style: &Style) {
    if outcome.stale.is_empty() {
        return;
    }
    let what = number::of(outcome.stale.len() as u64, "exception has", "exceptions have");
    page.line(style.paint(Paint::Warning, format_args!("warning: {what} no effect")));
    // A file that speaks of exceptions, like a page of our own docs, has dozens that are none.
    let mut files: BTreeMap<(&str, StaleReason), Vec<&str>> = BTreeMap::new();
    for stale in &outcome.stale {
        let (file, line) = line_of(&stale.place);
        files.entry((file, stale.why)).or_default().push(line);
    }
    for ((file, why), lines) in &files {
        let (file, why) = (Escaped(file), stale_name(*why));
        match lines.as_slice() {
            [""] => page.line(format_args!("  {file}: {why}")),
            [line] => page.line(format_args!("  {file}:{line}: {why}")),
            _ if style.verbose > 0 || lines.len() <= SHOWN => {
                page.line(format_args!("  {file}: {why} in lines {}", lines.join(", ")));
            }
            _ => {
                let (shown, rest) = (lines[..SHOWN].join(", "), number::count((lines.len() - SHOWN) as u64));
                page.line(format_args!("  {file}: {why} in lines {shown} and {rest} more (--verbose lists them)"));
            }
        }
    }
    if files.keys().any(|(_, why)| *why == StaleReason::Malformed) {
        page.line(format_args!("  one that counts reads: {} RULE -- REASON", String::from_utf8_lossy(INLINE_MARK)));
    }
}

/// Lines of one file that are named at once.
const SHOWN: usize = 5;

/// `src/a.rs:12` as its two parts; a place in a config has no line.
fn line_of(place: &str) -> (&str, &str) {
    match place.rsplit_once(':') {
        Some((file, line)) if line.bytes().all(|byte| byte.is_ascii_digit()) => (file, line),
        _ => (place, ""),
    }
}

fn skipped(page: &mut Page, outcome: &Outcome, style: &Style) {
    if outcome.skipped.is_empty() {
        return;
    }
    let mut kinds: BTreeMap<&str, u64> = BTreeMap::new();
    for skipped in &outcome.skipped {
        *kinds.entry(skipped.why.name()).or_default() += 1;
    }
    let kinds: Vec<_> = kinds.iter().map(|(kind, times)| number::of(*times, kind, &format!("{kind}s"))).collect();
    let hint = if style.verbose > 0 { "" } else { " (--verbose lists them)" };
    page.line(style.paint(Paint::Faint, format_args!("skipped {}{hint}", kinds.join(", "))));
    for skipped in outcome.skipped.iter().filter(|_| style.verbose > 0) {
        page.line(style.paint(Paint::Faint, format_args!("  {}: {}", Escaped(&skipped.path), skipped.why.name())));
    }
}

fn proof(page: &mut Page, outcome: &Outcome, style: &Style) {
    let covered = outcome.covered;
    let dot = style.dot();
    let mut text = format!(
        "scanned {}{}, {} in {}",
        number::of(covered.files, "file", "files"),
        match covered.commits {
            0 => String::new(),
            commits => format!(" of {}", number::of(commits, "commit", "commits")),
        },
        number::bytes(covered.bytes),
        number::seconds(outcome.elapsed)
    );
    let (ignored, left_out) = (number::count(covered.ignored), number::count(covered.left_out));
    let clean = match covered.known_clean {
        0 => String::new(),
        clean => format!("{dot}{} known to be clean", number::of(clean, "blob", "blobs")),
    };
    let known = match outcome.known() as u64 {
        0 => String::new(),
        known => format!("{dot}let pass: {} in the baseline", number::count(known)),
    };
    let rules = Escaped(&outcome.digest);
    write!(text, "{dot}left out: {ignored} ignored by git, {left_out} by config{clean}{known}{dot}rules {rules}")
        .expect("a String takes every character");
    // Never broken: it is one line to search for in a log.
    page.line(style.paint(Paint::Faint, text));
}
