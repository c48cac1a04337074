//! `tightlip explain`: every rule that looked at a line, what woke it, and how it came to its answer.

use std::io::{self, Write};

use serde::Serialize;

use super::crop;
use super::escape::{self, Escaped};
use super::human::words;
use super::machine::{self, Allow, Reason};
use super::style::{Paint, Style};
use super::wrap::Page;
use crate::finding::{Allowed, Decision};
use crate::judge::Verdict;
use crate::trace::{Trace, TraceOutcome};

/// Writes the traces for people.
pub fn human(traces: &[Trace], style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let mut page = Page::new(style.width);
    if traces.is_empty() {
        page.line("no rule looked at this place");
    }
    for trace in traces {
        show(&mut page, trace, style);
    }
    out.write_all(page.text.as_bytes())
}

/// Writes the traces as one JSON document.
pub fn json(traces: &[Trace], out: &mut dyn Write) -> io::Result<()> {
    let mut pages = io::BufWriter::with_capacity(machine::BUFFER, out);
    let document = Document { version: machine::VERSION, traces: traces.iter().map(Machine::new).collect() };
    machine::write(&document, 2, &mut pages)?;
    pages.flush()
}

fn show(page: &mut Page, trace: &Trace, style: &Style) {
    let (glyph, paint) = match &trace.outcome {
        TraceOutcome::Judged { decision: Decision::Block, .. } => (style.glyph("●", "*"), Paint::Error),
        TraceOutcome::Judged { decision: Decision::Warn, .. } => (style.glyph("●", "*"), Paint::Warning),
        _ => (style.glyph("○", "-"), Paint::Faint),
    };
    let rule = style.paint(Paint::Strong, Escaped(&trace.rule));
    page.line(format_args!("{} {rule}, woken by `{}`", style.paint(paint, glyph), Escaped(&trace.woken_by)));
    let place = &trace.place;
    page.line(format_args!(
        "  {}",
        style.paint(Paint::Command, format!("{}:{}:{}", Escaped(&place.path), place.start.line, place.start.column))
    ));
    let (text, mark) = escape::line(&trace.excerpt.text, trace.excerpt.mark);
    let (text, _) = crop::crop(&text, mark, trace.excerpt.column > 1, style.width.saturating_sub(2), style.dots());
    page.line(format_args!("  {}", text.trim()));
    match &trace.outcome {
        TraceOutcome::NoMatch(why) => page.paragraph("  no match: ", 12, &Escaped(why).to_string()),
        TraceOutcome::Outranked { by } => {
            page.line(format_args!("  matched, but {} stands for the same text", Escaped(by)));
        }
        TraceOutcome::Judged { verdict, decision, below } => judged(page, verdict, decision, *below, style),
    }
    page.text.push('\n');
}

/// The reasons as a sum, and what followed from it.
fn judged(page: &mut Page, verdict: &Verdict, decision: &Decision, below: Option<u8>, style: &Style) {
    const INDENT: usize = 8;
    for reason in &verdict.reasons {
        let text = reason_words(reason);
        page.paragraph(format_args!("  {:>+4}  ", reason.weight), INDENT, &text);
    }
    page.line(style.paint(Paint::Faint, format_args!("  {}", style.glyph("────", "----"))));
    let answer = match (decision, below) {
        (_, Some(threshold)) => format!("below the threshold of {threshold}: not reported"),
        (Decision::Block, None) => style.paint(Paint::Error, "blocks").to_string(),
        (Decision::Warn, None) => style.paint(Paint::Warning, "warns").to_string(),
        (Decision::Allow(Allowed::Inline { reason }), None) => format!("allowed by a comment: {}", Escaped(reason)),
        (Decision::Allow(Allowed::Config { entry, reason }), None) => {
            format!("allowed by the config, allow entry {entry}: {}", Escaped(reason))
        }
        (Decision::Allow(Allowed::Baseline { since }), None) => format!("allowed by the baseline since {since}"),
        (Decision::Allow(Allowed::Cleared { tier, destination }), None) => {
            format!("{} may go to {}", Escaped(tier), Escaped(destination))
        }
        (Decision::Allow(Allowed::Waiver { id, reason, .. }), None) => {
            format!("waived by {}: {}", Escaped(id), Escaped(reason))
        }
    };
    page.paragraph(format_args!("  {:>4}  ", verdict.score()), INDENT, &answer);
}

fn reason_words(reason: &crate::judge::Reason) -> String {
    let words = words(reason);
    words.replacen(&format!(" {:+}", reason.weight), "", 1)
}

#[derive(Serialize)]
struct Document<'t> {
    version: u32,
    traces: Vec<Machine<'t>>,
}

#[derive(Serialize)]
struct Machine<'t> {
    rule: &'t str,
    woken_by: &'t str,
    path: &'t str,
    line: u64,
    column: u64,
    excerpt: &'t str,
    #[serde(flatten)]
    outcome: MachineOutcome<'t>,
}

#[derive(Serialize)]
#[serde(tag = "outcome", rename_all = "kebab-case")]
enum MachineOutcome<'t> {
    NoMatch {
        why: &'t str,
    },
    Judged {
        score: u8,
        below: Option<u8>,
        decision: &'static str,
        #[serde(skip_serializing_if = "Option::is_none")]
        allow: Option<Allow<'t>>,
        reasons: Vec<Reason<'t>>,
    },
    Outranked {
        by: &'t str,
    },
}

impl<'t> Machine<'t> {
    fn new(trace: &'t Trace) -> Self {
        Self {
            rule: &trace.rule,
            woken_by: &trace.woken_by,
            path: &trace.place.path,
            line: trace.place.start.line,
            column: trace.place.start.column,
            excerpt: &trace.excerpt.text,
            outcome: match &trace.outcome {
                TraceOutcome::NoMatch(why) => MachineOutcome::NoMatch { why },
                TraceOutcome::Outranked { by } => MachineOutcome::Outranked { by },
                TraceOutcome::Judged { verdict, decision, below } => MachineOutcome::Judged {
                    score: verdict.score(),
                    below: *below,
                    decision: decision.name(),
                    allow: Allow::new(decision),
                    reasons: verdict.reasons.iter().map(Reason::new).collect(),
                },
            },
        }
    }
}
