//! `tightlip audit --list`: what is decided and what is not, for people and for programs.

use std::io::{self, Write};

use serde::Serialize;

use super::super::escape::Escaped;
use super::super::style::{Paint, Style};
use super::super::wrap::{Page, columns};
use super::super::{machine, number};
use super::state_words;
use crate::audit::{Item, State};
use crate::date::Date;

/// What there is to list.
#[derive(Clone, Copy, Debug)]
pub struct Listed<'l> {
    pub items: &'l [Item],
    /// Something could not be read, so that there may be more.
    pub complete: bool,
    /// Places of a saved report where nothing is found any more, as `path:line`.
    pub gone: &'l [String],
}

/// The states in the order in which they are listed.
const ORDER: [(&str, &str); 5] = [
    ("open", "to decide"),
    ("skipped", "skipped"),
    ("rotate", "to rotate"),
    ("allowed", "allowed"),
    ("baseline", "in the baseline"),
];

/// A line for each item, by what is decided of it.
///
/// # Errors
/// Those of `out`.
pub fn human(listed: &Listed<'_>, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let mut page = Page::new(style.width);
    for (state, heading) in ORDER {
        let items: Vec<&Item> = listed.items.iter().filter(|item| item.state.name() == state).collect();
        if items.is_empty() {
            continue;
        }
        page.line(style.paint(Paint::Strong, format_args!("{heading}: {}", number::count(items.len() as u64))));
        let places: Vec<String> = items.iter().map(|item| place(item)).collect();
        let widest = places.iter().map(|place| columns(place)).max().unwrap_or_default().min(60);
        for (item, place) in items.into_iter().zip(places) {
            let gap = widest.saturating_sub(columns(&place));
            let finding = &item.finding;
            let said = match &item.state {
                State::Open => {
                    let word = if item.holds_up() { "blocks" } else { "warns" };
                    let (dot, kind) = (style.dot(), Escaped(finding.kind.name()));
                    format!("{word}{dot}{kind}{dot}score {}", finding.verdict.score())
                }
                state => state_words(state),
            };
            let id = style.paint(Paint::Faint, finding.fingerprint);
            page.line(format_args!("  {place}{:gap$}  {id}  {}  {said}", "", Escaped(&finding.rule)));
        }
    }
    if !listed.gone.is_empty() {
        page.line(style.paint(Paint::Strong, format_args!("no longer found: {}", listed.gone.len())));
        listed.gone.iter().for_each(|place| page.line(format_args!("  {}", Escaped(place))));
    }
    let held = listed.items.iter().filter(|item| item.holds_up()).count() as u64;
    let rest = if listed.complete { "" } else { "; not all could be read" };
    page.line(match held {
        0 => format!("nothing that blocks is undecided{rest}"),
        _ => format!("undecided and blocking: {}{rest}", number::count(held)),
    });
    out.write_all(page.text.as_bytes())
}

/// `src/a.py:12:5`, and how many more there are in the file.
fn place(item: &Item) -> String {
    let at = &item.finding.place;
    let more = match item.places.len() {
        0 | 1 => String::new(),
        many => format!(" (+{})", many - 1),
    };
    format!("{}:{}:{}{more}", Escaped(&at.path), at.start.line, at.start.column)
}

#[derive(Serialize)]
struct Document<'l> {
    version: u32,
    items: Vec<Row<'l>>,
    gone: &'l [String],
    summary: Summary,
}

#[derive(Serialize)]
struct Row<'l> {
    state: &'static str,
    /// Since when it is skipped or to be rotated.
    #[serde(skip_serializing_if = "Option::is_none")]
    since: Option<String>,
    /// All lines of the file with this value.
    lines: Vec<u64>,
    finding: machine::Finding<'l>,
}

#[derive(Serialize)]
struct Last<'l> {
    version: u32,
    gone: &'l [String],
    summary: Summary,
}

#[derive(Serialize)]
struct Summary {
    complete: bool,
    open: usize,
    skipped: usize,
    rotate: usize,
    allowed: usize,
    baseline: usize,
    /// Those that block and are neither allowed nor to be rotated.
    undecided_blocking: usize,
}

impl<'l> Row<'l> {
    fn new(item: &'l Item) -> Self {
        let since = |day: &Date| Some(day.to_string());
        Self {
            state: item.state.name(),
            since: match &item.state {
                State::Skipped { since: day } | State::Rotate { since: day } => since(day),
                State::Open | State::Allowed(_) => None,
            },
            lines: item.places.iter().map(|place| place.start.line).collect(),
            finding: machine::Finding::new(&item.finding),
        }
    }
}

impl Summary {
    fn new(listed: &Listed<'_>) -> Self {
        let count = |state: &str| listed.items.iter().filter(|item| item.state.name() == state).count();
        Self {
            complete: listed.complete,
            open: count("open"),
            skipped: count("skipped"),
            rotate: count("rotate"),
            allowed: count("allowed"),
            baseline: count("baseline"),
            undecided_blocking: listed.items.iter().filter(|item| item.holds_up()).count(),
        }
    }
}

/// One JSON document.
///
/// # Errors
/// Those of `out`.
pub fn json(listed: &Listed<'_>, out: &mut dyn Write) -> io::Result<()> {
    let items = listed.items.iter().map(Row::new).collect();
    let document = Document { version: machine::VERSION, items, gone: listed.gone, summary: Summary::new(listed) };
    let mut pages = io::BufWriter::with_capacity(machine::BUFFER, out);
    machine::write(&document, 2, &mut pages)?;
    pages.flush()
}

/// An object a line, the summary last.
///
/// # Errors
/// Those of `out`.
pub fn jsonl(listed: &Listed<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut lines = io::BufWriter::with_capacity(machine::BUFFER, out);
    for item in listed.items {
        machine::write(&Row::new(item), 0, &mut lines)?;
    }
    let last = Last { version: machine::VERSION, gone: listed.gone, summary: Summary::new(listed) };
    machine::write(&last, 0, &mut lines)?;
    lines.flush()
}
