//! `tightlip baseline show`: what is known, since when, and where it is now.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::Serialize;

use super::escape::Escaped;
use super::style::{Paint, Style};
use super::wrap::{Page, columns};
use super::{machine, number};
use crate::baseline::Baseline;
use crate::finding::Fingerprint;

/// A baseline, and for each entry the paths and lines where a scan found it.
#[derive(Debug)]
pub struct Shown<'b> {
    pub name: &'b str,
    pub baseline: &'b Baseline,
    pub places: BTreeMap<Fingerprint, Vec<(Cow<'b, str>, u64)>>,
    /// All of the tree was read, so an entry without a place is no longer needed.
    pub complete: bool,
}

/// A line for each entry.
pub fn human(shown: &Shown<'_>, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let mut page = Page::new(style.width);
    let widest = shown.baseline.entries().map(|(_, entry)| columns(&entry.rule)).max().unwrap_or_default();
    let mut gone = 0;
    for (key, entry) in shown.baseline.entries() {
        let rule = style.paint(Paint::Strong, Escaped(&entry.rule));
        let gap = widest - columns(&entry.rule);
        let id = style.paint(Paint::Faint, key);
        let place = match shown.places.get(&key).map(Vec::as_slice) {
            None | Some([]) => {
                gone += 1;
                let was =
                    if entry.hint.is_empty() { String::new() } else { format!("; was in {}", Escaped(&entry.hint)) };
                format!("not found{was}")
            }
            Some([(path, line)]) => format!("{}:{line}", Escaped(path)),
            Some([(path, line), others @ ..]) => format!("{}:{line} and {} more", Escaped(path), others.len()),
        };
        page.line(format_args!("{id}  {rule}{:gap$}  since {}  {place}", "", entry.since));
    }
    let rest = match gone {
        0 => String::new(),
        _ if shown.complete => format!("{}{} not found: tightlip baseline prune", style.dot(), number::count(gone)),
        _ => format!("{}{} not found in what was read", style.dot(), number::count(gone)),
    };
    let sum = number::of(shown.baseline.len() as u64, "entry", "entries");
    page.line(style.paint(Paint::Faint, format_args!("{sum} in {}{rest}", Escaped(shown.name))));
    out.write_all(page.text.as_bytes())
}

#[derive(Serialize)]
struct Document<'b> {
    version: u32,
    file: &'b str,
    complete: bool,
    entries: Vec<Machine<'b>>,
}

#[derive(Serialize)]
struct Machine<'b> {
    fingerprint: String,
    rule: &'b str,
    since: String,
    first_seen_in: &'b str,
    found: usize,
    places: Vec<Place<'b>>,
}

#[derive(Serialize)]
struct Place<'b> {
    path: &'b str,
    line: u64,
}

/// The entries as one JSON document.
pub fn json(shown: &Shown<'_>, out: &mut dyn Write) -> io::Result<()> {
    let entries = shown.baseline.entries().map(|(key, entry)| {
        let places = shown.places.get(&key).map(Vec::as_slice).unwrap_or_default();
        Machine {
            fingerprint: key.to_string(),
            rule: &entry.rule,
            since: entry.since.to_string(),
            first_seen_in: &entry.hint,
            found: places.len(),
            places: places.iter().map(|(path, line)| Place { path, line: *line }).collect(),
        }
    });
    let document =
        Document { version: machine::VERSION, file: shown.name, complete: shown.complete, entries: entries.collect() };
    let mut pages = io::BufWriter::with_capacity(machine::BUFFER, out);
    machine::write(&document, 2, &mut pages)?;
    pages.flush()
}
