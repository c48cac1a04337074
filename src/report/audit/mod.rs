//! What `tightlip audit` shows: a finding with the lines round it and where its value comes from, the prompt, the help, and
//! the end. Everything that comes from the repository is escaped here, or by what draws it.

mod list;

use std::io::{self, Write};

use miette::Severity;

use super::escape::Escaped;
use super::frame::Painter;
use super::human::words;
use super::style::{Paint, Style};
use super::wrap::Page;
use super::{machine, number};
use crate::audit::{Elsewhere, Item, Past, State, View};
use crate::excerpt::ShownLine;
use crate::finding::{Allowed, Decision, Finding};

pub use list::{Listed, human, json, jsonl};

/// The keys of the walk, each with what it does.
const KEYS: &[(&str, &str)] = &[
    ("r", "rotate: a to-do. The value is to be replaced where it was issued; until it is gone, it blocks"),
    ("a", "allow it in this file, with a reason and if wanted a last day: an entry under `allow:` in the config"),
    ("f", "false alarm: allow the value wherever it stands, with a reason: an entry without a path"),
    ("b", "baseline: known, and let pass wherever it stands"),
    ("s", "skip it: it stays undecided, and is asked again with `--again`"),
    ("u", "undo the last decision: files are as they were"),
    ("o", "where else the value stands, here and in the history"),
    ("e", "all evidence: everything that looked at this line"),
    ("j, k", "the next, the previous, without a decision"),
    ("l", "show this finding anew"),
    ("q", "quit: what was decided is written already"),
    ("?", "these lines"),
];

/// Writes what there is to show.
///
/// # Errors
/// Those of `out`.
pub fn show(view: &View<'_>, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let mut page = Page::new(style.width);
    match view {
        View::Item { item, number, of, around, past, elsewhere } => {
            page.text.push('\n');
            let counted = format!("finding {number} of {of}");
            page.line(style.paint(Paint::Faint, counted));
            show_item(&mut page, item, around, past, *elsewhere, style);
        }
        View::Prompt { number, of } => {
            let keys = "r,a,f,b,s,u,o,e,j,k,q,?";
            let ask = format!("({number}/{of}) Decide [{keys}]? ");
            page.text.push_str(&style.paint(Paint::Command, ask).to_string());
        }
        View::Help => help(&mut page, style),
        View::Evidence(traces) => return super::explain::human(traces, style, out),
        View::Places { item, all, past } => places(&mut page, item, all, past),
        View::Advice(finding) => revoke(&mut page, finding, style),
        View::Told(text) => page.paragraph("  ", 2, &Escaped(text).to_string()),
        View::Refused(error) => page.text.push_str(&super::error::drawn(*error, style)),
        View::Last { undoes } => {
            let undo = if *undoes { "u takes the last decision back, " } else { "" };
            let ask = format!("That was the last. {undo}k goes back, any other key ends. ");
            page.text.push_str(&style.paint(Paint::Command, ask).to_string());
        }
        View::Summary(items) => summary(&mut page, items, style),
    }
    out.write_all(page.text.as_bytes())
}

fn show_item(page: &mut Page, item: &Item, around: &[ShownLine], past: &Past, elsewhere: Elsewhere, style: &Style) {
    let finding = &item.finding;
    let (severity, word, paint) = match finding.decision {
        Decision::Block => (Severity::Error, "blocks", Paint::Error),
        Decision::Warn => (Severity::Warning, "warns", Paint::Warning),
        Decision::Allow(_) => (Severity::Advice, "allowed", Paint::Faint),
    };
    let code = style.paint(paint, format!("{word}[{}]", Escaped(&finding.rule)));
    let title = format!("{code}: {}", style.paint(Paint::Strong, Escaped(&finding.finds)));
    let label = format!("{}{}score {}", Escaped(finding.kind.name()), style.dot(), finding.verdict.score());
    // What has no line of its own is not framed with others.
    let around = if item.has_no_line() { &[] } else { around };
    let shown = (&finding.place, &finding.excerpt);
    Painter::new(style).draw_within(&mut page.text, severity, (title, label), shown, around);
    let reasons: Vec<String> = strongest(finding).into_iter().map(words).collect();
    row(page, style, "why", &if reasons.is_empty() { "no reason given".to_owned() } else { reasons.join(", ") });
    if let Some(gives) = finding.gives.as_deref() {
        row(page, style, "risk", &Escaped(gives).to_string());
    }
    if *past != Past::Unread {
        row(page, style, "from", &told_past(past));
    }
    let mut also = Vec::new();
    if item.places.len() > 1 {
        also.push(format!("{} in this file", number::of(item.places.len() as u64, "place", "places")));
    }
    match elsewhere.files {
        0 => {}
        files => also.push(format!(
            "{} in {} (o lists them)",
            number::of(elsewhere.places as u64, "place", "places"),
            number::of(files as u64, "other file", "other files")
        )),
    }
    if !also.is_empty() {
        row(page, style, "also", &format!("the same value: {}", also.join(", ")));
    }
    match &item.state {
        State::Rotate { since } => row(page, style, "note", &format!("to be rotated since {since}")),
        State::Skipped { since } => row(page, style, "note", &format!("skipped on {since}")),
        State::Open | State::Allowed(_) => {}
    }
    row(page, style, "id", &style.paint(Paint::Faint, finding.fingerprint).to_string());
}

/// The three that weigh most, in their order.
fn strongest(finding: &Finding) -> Vec<&crate::judge::Reason> {
    const SHOWN: usize = 3;
    let mut reasons: Vec<_> = finding.verdict.reasons.iter().collect();
    reasons.sort_by_key(|reason| std::cmp::Reverse(reason.weight.unsigned_abs()));
    reasons.truncate(SHOWN);
    reasons
}

fn row(page: &mut Page, style: &Style, heading: &str, text: &str) {
    const INDENT: usize = 7;
    page.paragraph(format_args!("  {} ", style.paint(Paint::Command, format_args!("{heading:<4}"))), INDENT, text);
}

/// What history says, in a sentence.
fn told_past(past: &Past) -> String {
    let part = "; this clone is shallow or incomplete, so it may be older";
    match past {
        Past::Unread => "its history was not read".to_owned(),
        Past::Reading => "its history is being read (o waits for it)".to_owned(),
        Past::Failed(why) => format!("its history cannot be read: {}", Escaped(why)),
        Past::Nowhere { is_whole } => format!("in no commit yet{}", if *is_whole { "" } else { part }),
        Past::Since { commit, place, is_whole } => {
            let id = commit.id.get(..12).unwrap_or(&commit.id);
            let head = match commit.in_head {
                Some(true) => ", still in HEAD",
                Some(false) => ", no longer in HEAD",
                None => "",
            };
            let (day, author) = (machine::day(commit), Escaped(&commit.author));
            let at = format!("{}:{}", Escaped(&place.path), place.start.line);
            format!(
                "commit {} of {day} by {author}, first in {at}{head}{}",
                Escaped(id),
                if *is_whole { "" } else { part }
            )
        }
    }
}

fn places(page: &mut Page, item: &Item, all: &[Item], past: &Past) {
    let same: Vec<&Item> = all.iter().filter(|other| other.is_of(item.finding.fingerprint)).collect();
    let count = same.iter().map(|item| item.places.len()).sum::<usize>() as u64;
    page.line(format_args!("  this value stands in {} of what was read:", number::of(count, "place", "places")));
    for other in same {
        for place in &other.places {
            let state =
                if other.state == State::Open { String::new() } else { format!("  {}", state_words(&other.state)) };
            page.line(format_args!("    {}:{}:{}{state}", Escaped(&place.path), place.start.line, place.start.column));
        }
    }
    page.paragraph("  in the history: ", 18, &told_past(past));
}

fn state_words(state: &State) -> String {
    match state {
        State::Open => "undecided".to_owned(),
        State::Skipped { since } => format!("skipped on {since}"),
        State::Rotate { since } => format!("to be rotated since {since}"),
        State::Allowed(Allowed::Config { entry: 0, reason }) => format!("allowed now: {}", Escaped(reason)),
        State::Allowed(allowed) => format!("allowed by {}", super::telling::allowed(allowed)),
    }
}

fn revoke(page: &mut Page, finding: &Finding, style: &Style) {
    let marker = matches!(finding.kind, crate::rule::Kind::Marker { .. });
    let usual = if marker {
        "keep this text where its marking lets it be"
    } else {
        "rotate it: whoever can read this file can use it"
    };
    let how = finding.revoke.as_deref().unwrap_or(usual);
    row(page, style, "do", &Escaped(how).to_string());
    if let Some(docs) = finding.docs.as_deref() {
        row(page, style, "see", &Escaped(docs).to_string());
    }
}

fn help(page: &mut Page, style: &Style) {
    for (keys, does) in KEYS {
        page.paragraph(format_args!("  {}  ", style.paint(Paint::Command, format_args!("{keys:<4}"))), 8, does);
    }
}

fn summary(page: &mut Page, items: &[Item], style: &Style) {
    let count = |is: &dyn Fn(&Item) -> bool| items.iter().filter(|item| is(item)).count() as u64;
    let rotate = count(&|item| matches!(item.state, State::Rotate { .. }));
    let skipped = count(&|item| matches!(item.state, State::Skipped { .. }));
    let open = count(&|item| item.state == State::Open);
    let passes = count(&|item| matches!(item.state, State::Allowed(_)));
    let parts = [(rotate, "to rotate"), (passes, "let pass"), (skipped, "skipped"), (open, "undecided")];
    let told: Vec<String> = parts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{} {word}", number::count(*count)))
        .collect();
    page.text.push('\n');
    page.line(if told.is_empty() { "nothing to decide".to_owned() } else { told.join(style.dot()) });
    let held = count(&|item| item.holds_up());
    if held > 0 {
        let text =
            if held == 1 { "one that blocks is".to_owned() } else { format!("{} that block are", number::count(held)) };
        page.line(style.paint(Paint::Error, format_args!("{text} undecided")));
    }
    let mut shown = std::collections::HashSet::new();
    for item in items.iter().filter(|item| matches!(item.state, State::Rotate { .. })) {
        let place = &item.finding.place;
        let fresh = shown.insert(item.finding.fingerprint);
        page.line(format_args!(
            "  rotate {}:{}  {}",
            Escaped(&place.path),
            place.start.line,
            Escaped(&item.finding.rule)
        ));
        if fresh && let Some(how) = item.finding.revoke.as_deref() {
            page.paragraph("         ", 9, &Escaped(how).to_string());
        }
    }
}
