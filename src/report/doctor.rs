//! `tightlip doctor`: a row for each thing that was looked at, and what to do about it.

use std::io::{self, Write};

use serde::Serialize;

use super::escape::Escaped;
use super::machine;
use super::style::{Paint, Style};
use super::wrap::{Page, columns};
use crate::hooks::{Check, Status};

/// Writes the checks for people.
pub fn human(checks: &[Check], style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let mut page = Page::new(style.width);
    let widest = checks.iter().map(|check| columns(&check.name)).max().unwrap_or_default();
    let indent = widest + 12;
    let mut seen = Vec::new();
    for check in checks {
        let (glyph, paint) = look(check.status, style);
        let status = style.paint(paint, format!("{glyph} {:7}", check.status.name()));
        let gap = widest - columns(&check.name);
        let heading = format!("{status}  {}{:gap$}", style.paint(Paint::Strong, Escaped(&check.name)), "");
        page.paragraph(format_args!("{heading} "), indent, &Escaped(&check.says).to_string());
        let Some(next) = &check.next else { continue };
        // The same lines to copy, once more, would hide the rows.
        let again = next.contains('\n') && seen.contains(&next);
        seen.push(next);
        let next = if again { "as above" } else { next };
        for (number, line) in next.lines().enumerate() {
            let arrow = if number == 0 { style.glyph("→", ">") } else { " " };
            page.line(format_args!(
                "{:indent$}{}",
                "",
                style.paint(Paint::Command, format!("{arrow} {}", Escaped(line)))
            ));
        }
    }
    out.write_all(page.text.as_bytes())
}

/// Writes the checks as one JSON document.
pub fn json(checks: &[Check], out: &mut dyn Write) -> io::Result<()> {
    let rows = checks.iter().map(|check| Row {
        name: &check.name,
        status: check.status.name(),
        says: &check.says,
        next: check.next.as_deref(),
    });
    let mut pages = io::BufWriter::with_capacity(machine::BUFFER, out);
    machine::write(&Document { version: machine::VERSION, checks: rows.collect() }, 2, &mut pages)?;
    pages.flush()
}

const fn look(status: Status, style: &Style) -> (&'static str, Paint) {
    match status {
        Status::Ok => (style.glyph("✓", "+"), Paint::Good),
        Status::Note => (style.glyph("·", "-"), Paint::Faint),
        Status::Warn => ("!", Paint::Warning),
        Status::Fail => (style.glyph("✗", "x"), Paint::Error),
        Status::Unknown => ("?", Paint::Error),
    }
}

#[derive(Serialize)]
struct Document<'c> {
    version: u32,
    checks: Vec<Row<'c>>,
}

#[derive(Serialize)]
struct Row<'c> {
    name: &'c str,
    status: &'static str,
    says: &'c str,
    next: Option<&'c str>,
}
