//! `tightlip policy`: what each layer says, what of it comes to nothing, and how the tests of a policy went.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::Serialize;

use super::escape::Escaped;
use super::style::{Paint, Style};
use super::wrap::{Page, columns};
use super::{machine, number};
use crate::policy::layer::Said;

/// A row of a test, and in which ways it is not as expected; none where it is.
#[derive(Debug)]
pub struct Tested {
    pub file: String,
    pub line: Option<usize>,
    pub name: String,
    pub wrong: Vec<String>,
    /// What was found, each as `rule: why`.
    pub because: Vec<String>,
}

/// A line for each thing that a layer says.
pub fn human(all: &[Said], style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let mut page = Page::new(style.width);
    let widest = all.iter().map(|said| columns(&said.key)).max().unwrap_or_default();
    let mut last = None;
    for said in all {
        let heading = (said.rank, &said.file);
        if last != Some(heading) {
            let rank = style.paint(Paint::Strong, said.rank.name());
            page.line(format_args!("{rank}  {}", style.paint(Paint::Faint, Escaped(&said.file))));
            last = Some(heading);
        }
        let gap = widest - columns(&said.key);
        let line = said.line.map(|line| format!("  line {line}")).unwrap_or_default();
        let line = style.paint(Paint::Faint, line);
        page.line(format_args!("  {}{:gap$}  {}{line}", Escaped(&said.key), "", Escaped(&said.value)));
        if let Some(idle) = said.idle {
            page.line(format_args!("  {:widest$}  {}", "", style.paint(Paint::Warning, idle)));
        }
    }
    if all.is_empty() {
        page.line("no layer says anything: all is as built in");
    }
    out.write_all(page.text.as_bytes())
}

#[derive(Serialize)]
struct Document<'s> {
    version: u32,
    entries: Vec<Entry<'s>>,
}

#[derive(Serialize)]
struct Entry<'s> {
    layer: &'static str,
    file: &'s str,
    line: Option<usize>,
    key: &'s str,
    value: &'s str,
    idle: Option<&'static str>,
}

impl<'s> Entry<'s> {
    fn new(said: &'s Said) -> Self {
        let Said { key, value, rank, file, line, idle } = said;
        Self { layer: rank.name(), file, line: *line, key, value, idle: *idle }
    }
}

/// The same as one JSON document.
pub fn json(all: &[Said], out: &mut dyn Write) -> io::Result<()> {
    let document = Document { version: machine::VERSION, entries: all.iter().map(Entry::new).collect() };
    let mut pages = io::BufWriter::with_capacity(machine::BUFFER, out);
    machine::write(&document, 2, &mut pages)?;
    pages.flush()
}

/// So many rules are named of each level that is no tier.
const MOST_SHOWN: usize = 5;

/// What of a valid policy is likely to be a mistake: what comes to nothing, and markers that nobody has mapped, each with
/// its level and the tier that it counts as.
pub fn checked(
    layers: usize,
    all: &[Said],
    unmapped: &[(String, String)],
    highest: &str,
    style: &Style,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut page = Page::new(style.width);
    let idle = all.iter().filter_map(|said| Some((said, said.idle?)));
    let mut levels: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (id, level) in unmapped {
        levels.entry(level).or_default().push(id);
    }
    let mut count = levels.len();
    for (said, why) in idle {
        count += 1;
        let line = said.line.map(|line| format!(":{line}")).unwrap_or_default();
        let place = style.paint(Paint::Strong, format!("{}{line}", Escaped(&said.file)));
        page.line(format_args!("{place}  {}, {}: {why}", Escaped(&said.key), Escaped(&said.value)));
    }
    for (level, ids) in levels {
        let rules = number::of(ids.len() as u64, "marker's rule has", "markers' rules have");
        let (level, shown) = (Escaped(level), ids.iter().take(MOST_SHOWN).map(|id| Escaped(id).to_string()));
        let more = if ids.len() > MOST_SHOWN { ", …" } else { "" };
        page.line(format_args!(
            "{rules} the level {level}, which is no tier and which no entry of `classify` maps, and counts as {highest}: {}{more}",
            shown.collect::<Vec<_>>().join(", ")
        ));
    }
    let valid = number::of(layers as u64, "layer is", "layers are");
    let rest = match count {
        0 => "nothing in them comes to nothing".to_owned(),
        _ => format!("{} to look at", number::of(count as u64, "entry", "entries")),
    };
    page.line(style.paint(Paint::Faint, format_args!("{valid} valid{}{rest}", style.dot())));
    out.write_all(page.text.as_bytes())
}

/// Each row that is not as expected, and how many there were.
pub fn tested(rows: &[Tested], style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let mut page = Page::new(style.width);
    let mut failed = 0;
    for row in rows.iter().filter(|row| !row.wrong.is_empty()) {
        failed += 1;
        let line = row.line.map(|line| format!(":{line}")).unwrap_or_default();
        let place = style.paint(Paint::Strong, format!("{}{line}", Escaped(&row.file)));
        page.line(format_args!("{place}  {}", Escaped(&row.name)));
        for wrong in &row.wrong {
            page.line(format_args!("  {}", style.paint(Paint::Error, Escaped(wrong))));
        }
        for because in &row.because {
            page.line(format_args!("  {}", style.paint(Paint::Faint, Escaped(because))));
        }
    }
    let sum = number::of(rows.len() as u64, "case", "cases");
    let rest = match failed {
        _ if rows.is_empty() => "nothing was tried".to_owned(),
        0 => "all as expected".to_owned(),
        _ => format!("{} not as expected", number::count(failed)),
    };
    page.line(style.paint(Paint::Faint, format_args!("{sum}{}{rest}", style.dot())));
    out.write_all(page.text.as_bytes())
}
