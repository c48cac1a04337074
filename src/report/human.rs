//! `--format human`: a frame for each finding, why it is believed, what to do about it, and one line of proof at the end.
//! Advice is printed once a rule, so that many findings stay readable; what was allowed shows only when asked for.

use std::collections::HashSet;
use std::fmt::Write as _;
use std::io::{self, Write};

use miette::Severity;

use super::escape::Escaped;
use super::frame::Painter;
use super::style::{Paint, Style};
use super::wrap::Page;
use super::{Report, advice, machine, summary};
use crate::finding::{Allowed, Bound, Decision, Finding, Introduced, Placed};
use crate::judge::Reason;
use crate::outcome::Outcome;

pub struct Human {
    style: Style,
}

impl Human {
    pub(super) fn boxed(style: &Style) -> Box<dyn Report> {
        Box::new(Self { style: style.clone() })
    }
}

impl Report for Human {
    fn write(&self, outcome: &Outcome, out: &mut dyn Write) -> io::Result<()> {
        // A terminal or a pipe is written to in pieces of this size, not once a line.
        const FULL: usize = 1 << 16;
        let painter = Painter::new(&self.style);
        let mut page = Page::new(self.style.width);
        let mut explained = HashSet::new();
        for finding in &outcome.findings {
            if self.shows(finding) {
                self.finding(&mut page, &painter, finding, explained.insert(&*finding.rule));
            }
            if page.text.len() > FULL {
                out.write_all(page.text.as_bytes())?;
                page.text.clear();
            }
        }
        summary::write(&mut page, outcome, &self.style);
        out.write_all(page.text.as_bytes())
    }
}

impl Human {
    fn shows(&self, finding: &Finding) -> bool {
        self.style.verbose > 0 || !matches!(finding.decision, Decision::Allow(_))
    }

    fn finding(&self, page: &mut Page, painter: &Painter, finding: &Finding, first: bool) {
        let (severity, word, paint) = match finding.decision {
            Decision::Block => (Severity::Error, "error", Paint::Error),
            Decision::Warn => (Severity::Warning, "warning", Paint::Warning),
            Decision::Allow(_) => (Severity::Advice, "allowed", Paint::Faint),
        };
        let code = self.style.paint(paint, format!("{word}[{}]", Escaped(&finding.rule)));
        let title = format!("{code}: {}", self.style.paint(Paint::Strong, Escaped(&finding.finds)));
        painter.draw(&mut page.text, severity, (title, self.label(finding)), &finding.place, &finding.excerpt);
        if let Some(commit) = &finding.commit {
            self.row(page, "in", &introduced(commit));
        }
        if let Some(placed) = &finding.tier {
            self.row(page, "tier", &placed_at(placed));
        }
        match &finding.decision {
            Decision::Allow(Allowed::Inline { reason }) => {
                self.row(page, "by", &format!("a comment: {}", Escaped(reason)));
            }
            Decision::Allow(Allowed::Config { entry, reason }) => {
                self.row(page, "by", &format!("the config, allow entry {entry}: {}", Escaped(reason)));
            }
            Decision::Allow(Allowed::Baseline { since }) => {
                self.row(page, "by", &format!("the baseline: known since {since}"));
            }
            Decision::Allow(Allowed::Cleared { tier, destination }) => {
                self.row(page, "by", &format!("its tier: {} may go to {}", Escaped(tier), Escaped(destination)));
            }
            Decision::Allow(Allowed::Waiver { id, by, approved_by, reason }) => {
                let who = format!("{}, approved by {}", Escaped(by), Escaped(approved_by));
                self.row(page, "by", &format!("waiver {} of {who}: {}", Escaped(id), Escaped(reason)));
            }
            Decision::Block | Decision::Warn => {
                self.row(page, "why", &self.why(&finding.verdict.reasons));
                if let Some(gives) = finding.gives.as_deref().filter(|_| first) {
                    self.row(page, "risk", &Escaped(gives).to_string());
                }
                if first {
                    advice::write(page, finding, &self.style);
                }
            }
        }
        let again =
            if first || severity == Severity::Advice { "" } else { "what to do: see the first of its kind above" };
        let id = self.style.paint(Paint::Faint, finding.fingerprint);
        self.row(page, "id", &format!("{id}{}{again}", if again.is_empty() { "" } else { self.style.dot() }));
        page.text.push('\n');
    }

    /// What stands under the masked secret.
    fn label(&self, finding: &Finding) -> String {
        let dot = self.style.dot();
        let mut label = format!("{}{dot}score {}", Escaped(finding.kind.name()), finding.verdict.score());
        for (number, wrapping) in finding.wrapped.iter().enumerate() {
            let lead = if number == 0 { dot } else { ", then " };
            let verb = if number == 0 { "wrapped in " } else { "" };
            write!(label, "{lead}{verb}{wrapping}").expect("a String takes every character");
        }
        label
    }

    /// The strongest reasons for it, and the strongest against; all of them with `--verbose`.
    fn why(&self, reasons: &[Reason]) -> String {
        const SHOWN: usize = 3;
        let (mut pro, mut con): (Vec<_>, Vec<_>) = reasons.iter().partition(|reason| reason.weight >= 0);
        pro.sort_by_key(|reason| -reason.weight);
        con.sort_by_key(|reason| reason.weight);
        if self.style.verbose == 0 {
            pro.truncate(SHOWN);
            con.truncate(1);
        }
        let list = |reasons: &[&Reason]| reasons.iter().map(|reason| words(reason)).collect::<Vec<_>>().join(", ");
        match (pro.is_empty(), con.is_empty()) {
            (true, true) => "no reason given".to_owned(),
            (_, true) => list(&pro),
            (true, false) => format!("against it: {}", list(&con)),
            (false, false) => format!("{}; against it: {}", list(&pro), list(&con)),
        }
    }

    fn row(&self, page: &mut Page, heading: &str, text: &str) {
        const INDENT: usize = 7;
        page.paragraph(
            format_args!("  {} ", self.style.paint(Paint::Command, format_args!("{heading:<4}"))),
            INDENT,
            text,
        );
    }
}

/// `commit 5e6f5e6f5e6f of 2027-01-31 by Ann <ann@example.com>, no longer in HEAD`.
fn introduced(commit: &Introduced) -> String {
    let (short, day) = (commit.id.get(..12).unwrap_or(&commit.id), machine::day(commit));
    let head = match commit.in_head {
        None => "",
        Some(true) => ", still in HEAD",
        Some(false) => ", no longer in HEAD",
    };
    format!("commit {short} of {day} by {}{head}", Escaped(&commit.author))
}

/// `restricted; git:github.com/acme/app may have public at most (destination `git:github.com/**`)`.
fn placed_at(placed: &Placed) -> String {
    let tier = Escaped(&placed.tier);
    match &placed.bound {
        None => tier.to_string(),
        Some(Bound { destination, clearance, by }) => {
            format!("{tier}; {} may have at most {} ({})", Escaped(destination), Escaped(clearance), Escaped(by))
        }
    }
}

/// A reason in plain words: `known-prefix` reads as "known prefix".
pub(super) fn words(reason: &Reason) -> String {
    let name = reason.name.replace(['-', '_'], " ");
    match &reason.note {
        Some(note) => format!("{name} {:+} ({})", reason.weight, Escaped(note)),
        None => format!("{name} {:+}", reason.weight),
    }
}
