//! `tightlip classify` and `tightlip explain PATH --to DESTINATION`: tiers, by file and by folder, and what gave them.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::Serialize;

use super::escape::Escaped;
use super::machine;
use super::style::{Paint, Style};
use super::wrap::Page;
use crate::outcome::Gap;
use crate::policy::Heading;
use crate::policy::tier::{By, Resolved, Tier, TierNames, Why};

/// What is to be shown of tiers.
#[derive(Debug)]
pub struct Tiers<'t> {
    pub names: &'t TierNames,
    /// Paths and tiers, by path.
    pub files: Vec<(&'t str, &'t Resolved)>,
    pub gaps: &'t [Gap],
    /// Above this tier nothing was to be.
    pub check: Option<Tier>,
}

/// One file, and where it is to go.
#[derive(Debug)]
pub struct Way<'t> {
    pub names: &'t TierNames,
    pub path: &'t str,
    pub resolved: &'t Resolved,
    pub heading: &'t Heading,
    /// Whether the config speaks of destinations at all.
    pub decides: bool,
    /// Lines with findings that block, whatever the tier.
    pub blocked: Vec<(u64, &'t str)>,
}

impl Tiers<'_> {
    fn above(&self, tier: Tier) -> bool {
        self.check.is_some_and(|check| tier > check)
    }

    /// How many files are of each tier, the highest first.
    fn counts(&self, files: impl Iterator<Item = Tier>) -> Vec<(&str, u64)> {
        let mut counts: BTreeMap<Tier, u64> = BTreeMap::new();
        files.for_each(|tier| *counts.entry(tier).or_default() += 1);
        counts.into_iter().rev().map(|(tier, count)| (self.names.name(tier), count)).collect()
    }

    /// Writes folders as a tree, each with its counts, and files below them, each with what gave its tier. Files of which
    /// only the default speaks are counted and not listed, unless all is asked for, or they are above what is checked.
    pub fn human(&self, style: &Style, out: &mut dyn Write) -> io::Result<()> {
        let mut page = Page::new(style.width);
        let mut open: Vec<&str> = Vec::new();
        for (path, resolved) in &self.files {
            let folders: Vec<&str> = folders(path).collect();
            let shared = open.iter().zip(&folders).take_while(|(one, other)| one == other).count();
            open.truncate(shared);
            for folder in &folders[shared..] {
                self.folder(&mut page, folder, open.len(), style);
                open.push(folder);
            }
            let plain = resolved.whys.iter().all(|why| why.by == By::Default);
            if !plain || style.verbose > 0 || self.above(resolved.tier) || self.files.len() == 1 {
                self.file(&mut page, path, resolved, open.len(), style);
            }
            if page.text.len() > machine::BUFFER {
                out.write_all(page.text.as_bytes())?;
                page.text.clear();
            }
        }
        self.end(&mut page, style);
        out.write_all(page.text.as_bytes())
    }

    fn folder(&self, page: &mut Page, folder: &str, depth: usize, style: &Style) {
        // Sorted by path: what a folder holds stands together.
        let first = self.files.partition_point(|(path, _)| *path < folder);
        let inside = self.files[first..].iter().take_while(|(path, _)| path.starts_with(folder));
        let counts: Vec<String> = self
            .counts(inside.map(|(_, resolved)| resolved.tier))
            .into_iter()
            .map(|(name, count)| format!("{count} {}", Escaped(name)))
            .collect();
        let name = folder.trim_end_matches('/').rsplit('/').next().unwrap_or(folder);
        let name = style.paint(Paint::Strong, format!("{}/", Escaped(name)));
        page.line(format_args!("{:1$}{name}  {2}", "", depth * 2, style.paint(Paint::Faint, counts.join(", "))));
    }

    fn file(&self, page: &mut Page, path: &str, resolved: &Resolved, depth: usize, style: &Style) {
        let paint = if self.above(resolved.tier) { Paint::Error } else { Paint::Command };
        let tier = style.paint(paint, Escaped(self.names.name(resolved.tier)));
        let name = path.rsplit('/').next().unwrap_or(path);
        let why = resolved.whys.first().map(ToString::to_string).unwrap_or_default();
        page.line(format_args!("{:1$}{2}  {tier}: {3}", "", depth * 2, Escaped(name), Escaped(&why)));
        for why in resolved.whys.iter().skip(1).filter(|_| style.verbose > 0) {
            let tier = Escaped(self.names.name(why.tier)).to_string();
            page.line(format_args!("{:1$}  {tier}: {2}", "", depth * 2, Escaped(&why.to_string())));
        }
    }

    fn end(&self, page: &mut Page, style: &Style) {
        let counts = self.counts(self.files.iter().map(|(_, resolved)| resolved.tier));
        let counts: Vec<String> = counts.iter().map(|(name, count)| format!("{count} {}", Escaped(name))).collect();
        page.line(if counts.is_empty() { "no files".to_owned() } else { counts.join(", ") });
        if let Some(check) = self.check {
            let above = self.files.iter().filter(|(_, resolved)| self.above(resolved.tier)).count();
            let (name, paint) = (self.names.name(check), if above == 0 { Paint::Good } else { Paint::Error });
            page.line(style.paint(paint, format!("{above} above {}", Escaped(name))));
        }
        for gap in self.gaps {
            let text = format!("error: {}: {}", Escaped(&gap.path), Escaped(&gap.why));
            page.line(style.paint(Paint::Error, text));
        }
    }

    /// Writes one JSON document, a file a line.
    pub fn json(&self, out: &mut dyn Write) -> io::Result<()> {
        let counts =
            |files: &mut dyn Iterator<Item = Tier>| -> BTreeMap<&str, u64> { self.counts(files).into_iter().collect() };
        let mut folders_of: BTreeMap<&str, Vec<Tier>> = BTreeMap::new();
        for (path, resolved) in &self.files {
            folders(path).for_each(|folder| folders_of.entry(folder).or_default().push(resolved.tier));
        }
        let folder = |(path, tiers): (&&'_ str, &Vec<Tier>)| Folder {
            path: (*path).to_owned(),
            tier: self.names.name(tiers.iter().copied().max().unwrap_or_default()),
            counts: counts(&mut tiers.iter().copied()),
        };
        let document = Document {
            version: machine::VERSION,
            tiers: self.names.iter().collect(),
            files: self.files.iter().map(|(path, resolved)| File::new(path, resolved, self.names)).collect(),
            folders: folders_of.iter().map(folder).collect(),
            counts: counts(&mut self.files.iter().map(|(_, resolved)| resolved.tier)),
            above: self.check.map(|_| self.files.iter().filter(|(_, it)| self.above(it.tier)).count()),
            complete: self.gaps.is_empty(),
            gaps: self.gaps.iter().map(|gap| Unread { path: &gap.path, why: &gap.why }).collect(),
        };
        let mut pages = io::BufWriter::with_capacity(machine::BUFFER, out);
        machine::write(&document, 2, &mut pages)?;
        pages.flush()
    }
}

/// The folders above a file, the outermost first, each with its `/`.
fn folders(path: &str) -> impl Iterator<Item = &str> {
    path.match_indices('/').filter(|(at, _)| *at > 0).map(|(at, _)| &path[..=at])
}

impl Way<'_> {
    /// Whether tiers stop it.
    fn stops(&self) -> bool {
        self.decides && self.resolved.tier > self.heading.clearance.max
    }

    fn decision(&self) -> &'static str {
        if self.stops() || !self.blocked.is_empty() { "block" } else { "pass" }
    }

    /// Writes it for people.
    pub fn human(&self, style: &Style, out: &mut dyn Write) -> io::Result<()> {
        let mut page = Page::new(style.width);
        let tier = style.paint(Paint::Strong, Escaped(self.names.name(self.resolved.tier)));
        page.line(format_args!("{} is {tier}", Escaped(self.path)));
        for why in &self.resolved.whys {
            page.line(format_args!("  {}: {}", Escaped(self.names.name(why.tier)), Escaped(&why.to_string())));
        }
        let Heading { destination, clearance, layer } = self.heading;
        if self.decides {
            let max = Escaped(self.names.name(clearance.max)).to_string();
            let whose = layer.map(|layer| format!(", policy of the {layer}")).unwrap_or_default();
            let by = format!("{}{whose}", clearance.by);
            page.line(format_args!("{} may have at most {max}", Escaped(destination.id())));
            page.line(format_args!("  {}", Escaped(&by)));
        } else {
            page.line("the config names no `destinations`: no tier stops anything");
        }
        for (line, rule) in &self.blocked {
            page.line(format_args!("`{}` in line {line} blocks", Escaped(rule)));
        }
        let paint = if self.decision() == "block" { Paint::Error } else { Paint::Good };
        page.line(format_args!("decision: {}", style.paint(paint, self.decision())));
        out.write_all(page.text.as_bytes())
    }

    /// Writes it as one JSON document.
    pub fn json(&self, out: &mut dyn Write) -> io::Result<()> {
        let bound = self.decides.then_some(self.heading);
        let document = WayDocument {
            version: machine::VERSION,
            file: File::new(self.path, self.resolved, self.names),
            destination: self.heading.destination.id(),
            clearance: bound.map(|heading| self.names.name(heading.clearance.max)),
            by: bound.map(|heading| heading.clearance.by.to_string()),
            blocked: self.blocked.iter().map(|(line, rule)| Blocked { line: *line, rule }).collect(),
            decision: self.decision(),
        };
        let mut pages = io::BufWriter::with_capacity(machine::BUFFER, out);
        machine::write(&document, 1, &mut pages)?;
        pages.flush()
    }
}

#[derive(Serialize)]
struct Document<'t> {
    version: u32,
    tiers: Vec<&'t str>,
    files: Vec<File<'t>>,
    folders: Vec<Folder<'t>>,
    counts: BTreeMap<&'t str, u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    above: Option<usize>,
    complete: bool,
    gaps: Vec<Unread<'t>>,
}

#[derive(Serialize)]
struct WayDocument<'t> {
    version: u32,
    file: File<'t>,
    destination: &'t str,
    #[serde(skip_serializing_if = "Option::is_none")]
    clearance: Option<&'t str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    by: Option<String>,
    blocked: Vec<Blocked<'t>>,
    decision: &'static str,
}

#[derive(Serialize)]
struct File<'t> {
    path: &'t str,
    tier: &'t str,
    reasons: Vec<Reason<'t>>,
}

impl<'t> File<'t> {
    fn new(path: &'t str, resolved: &'t Resolved, names: &'t TierNames) -> Self {
        let reason = |why: &Why| Reason { tier: names.name(why.tier), why: why.to_string() };
        Self { path, tier: names.name(resolved.tier), reasons: resolved.whys.iter().map(reason).collect() }
    }
}

#[derive(Serialize)]
struct Reason<'t> {
    tier: &'t str,
    why: String,
}

#[derive(Serialize)]
struct Folder<'t> {
    path: String,
    tier: &'t str,
    counts: BTreeMap<&'t str, u64>,
}

#[derive(Serialize)]
struct Blocked<'t> {
    line: u64,
    rule: &'t str,
}

#[derive(Serialize)]
struct Unread<'t> {
    path: &'t str,
    why: &'t str,
}
