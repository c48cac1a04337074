//! What the formats of other tools say of a finding: the same words in each, in one line, with everything that could
//! deceive already shown as an escape. How their own language is escaped, each does itself.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::fmt::Write as _;

use super::escape::Escaped;
use super::grade::Grade;
use super::human::words;
use super::{Style, number};
use crate::finding::{Allowed, Decision, Finding};
use crate::outcome::Outcome;

/// The findings that a dashboard is told of: what an exception allows only with `--verbose`.
pub(super) fn shown<'o>(outcome: &'o Outcome, style: &Style) -> Vec<&'o Finding> {
    let all = style.verbose > 0;
    outcome.findings.iter().filter(|finding| all || !matches!(finding.decision, Decision::Allow(_))).collect()
}

/// What blocks before what warns, the worst first, then as they stood.
pub(super) fn worst_first(findings: &mut [&Finding]) {
    findings.sort_by_key(|finding| {
        let decision = match finding.decision {
            Decision::Block => 0_u8,
            Decision::Warn => 1,
            Decision::Allow(_) => 2,
        };
        (decision, Reverse(Grade::of(&finding.kind)), Reverse(finding.verdict.score()))
    });
}

/// `AWS access key ID: AKIA****5LPN`
pub(super) fn headline(finding: &Finding) -> String {
    let mut text = Escaped(&finding.finds).to_string();
    if let Some(masked) = masked(finding) {
        write!(text, ": {masked}").expect("a String takes every character");
    }
    text
}

/// The secret as it may be shown.
pub(super) fn masked(finding: &Finding) -> Option<String> {
    let excerpt = &finding.excerpt;
    let masked = excerpt.text.get(excerpt.mark.range()).filter(|masked| !masked.is_empty())?;
    Some(Escaped(masked).to_string())
}

/// `blocks (critical, score 96): known prefix +70, checksum +40`
pub(super) fn why(finding: &Finding) -> String {
    let verb = match &finding.decision {
        Decision::Block => Cow::Borrowed("blocks"),
        Decision::Warn => Cow::Borrowed("warns"),
        Decision::Allow(by) => format!("allowed by {}", allowed(by)).into(),
    };
    let mut reasons: Vec<_> = finding.verdict.reasons.iter().collect();
    reasons.sort_by_key(|reason| Reverse(reason.weight.unsigned_abs()));
    reasons.truncate(4);
    let reasons: Vec<String> = reasons.into_iter().map(words).collect();
    let reasons = if reasons.is_empty() { String::new() } else { format!(": {}", reasons.join(", ")) };
    format!("{verb} ({}, score {}){reasons}", Escaped(finding.kind.name()), finding.verdict.score())
}

/// Which exception, and its reason.
pub(super) fn allowed(by: &Allowed) -> String {
    match by {
        Allowed::Inline { reason } => format!("a comment: {}", Escaped(reason)),
        Allowed::Config { entry, reason } => format!("the config, allow entry {entry}: {}", Escaped(reason)),
        Allowed::Baseline { since } => format!("the baseline: known since {since}"),
        Allowed::Cleared { tier, destination } => {
            format!("its tier: {} may go to {}", Escaped(tier), Escaped(destination))
        }
        Allowed::Waiver { id, by, approved_by, reason } => {
            let who = format!("{}, approved by {}", Escaped(by), Escaped(approved_by));
            format!("waiver {} of {who}: {}", Escaped(id), Escaped(reason))
        }
    }
}

/// The commit that brought it, in short.
pub(super) fn commit(finding: &Finding) -> Option<String> {
    let commit = finding.commit.as_ref()?;
    let id = commit.id.get(..12).unwrap_or(&commit.id);
    Some(format!("in commit {} of {} by {}", Escaped(id), super::machine::day(commit), Escaped(&commit.author)))
}

/// How protected it is, and where it is about to go: of a marker alone.
pub(super) fn tier(finding: &Finding) -> Option<String> {
    let placed = finding.tier.as_deref()?;
    let tier = Escaped(&placed.tier);
    Some(match &placed.bound {
        None => format!("tier {tier}"),
        Some(bound) => {
            format!("tier {tier}, where {} may have at most {}", Escaped(&bound.destination), Escaped(&bound.clearance))
        }
    })
}

/// What to do about it, where the rule knows more than what holds for all.
pub(super) fn advice(finding: &Finding) -> String {
    match &finding.revoke {
        Some(revoke) => Escaped(revoke).to_string(),
        None if Grade::of(&finding.kind) == Grade::Info => String::new(),
        None => match finding.kind {
            crate::rule::Kind::Secret { .. } => "revoke it where it was issued, then take it out of the file",
            crate::rule::Kind::Marker { .. } => "keep this text where its marking lets it be",
        }
        .to_owned(),
    }
}

/// All of that in a line: why, where from, what to do.
pub(super) fn body(finding: &Finding) -> String {
    let mut parts = vec![why(finding)];
    parts.extend(tier(finding));
    parts.extend(commit(finding));
    parts.push(advice(finding));
    parts.push(format!("fingerprint {}", finding.fingerprint));
    // Some of these are sentences already.
    let sentence = |part: String| Some(capital(part.trim_end_matches('.'))).filter(|part| !part.is_empty());
    parts.into_iter().filter_map(sentence).collect::<Vec<_>>().join(". ")
}

/// With its first letter as a sentence has it.
pub(super) fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// `3 findings block, 1 warns, 2 are allowed; 4,812 files read, 2 things could not be`
pub(super) fn totals(outcome: &Outcome) -> String {
    let count = |decision| number::count(outcome.count(decision) as u64);
    let mut text = format!(
        "{} block, {} warn, {} allowed; {} read",
        count("block"),
        count("warn"),
        count("allow"),
        number::of(outcome.covered.files, "file", "files")
    );
    if !outcome.gaps.is_empty() {
        write!(text, "; {} not read, so this run is incomplete", number::count(outcome.gaps.len() as u64))
            .expect("a String takes every character");
    }
    text
}

/// At most so many bytes of it, cut between characters, with an ellipsis where something is missing.
pub(super) fn short(text: &str, most: usize) -> Cow<'_, str> {
    const DOTS: &str = "…";
    if text.len() <= most {
        return text.into();
    }
    let room = most.saturating_sub(DOTS.len());
    let end = (0..=room).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
    format!("{}{DOTS}", &text[..end]).into()
}

/// Whether it may stand as a link: plain `https`, and nothing that ends one.
pub(super) fn is_address(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~:/?#@!$&'*+,;=%".contains(&byte);
    text.strip_prefix("https://").is_some_and(|rest| !rest.is_empty() && rest.bytes().all(plain)) && text.len() < 2000
}
