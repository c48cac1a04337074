//! `--format json`: one document, a finding a line.

use std::io::{self, Write};

use serde::Serialize;

use super::machine::{self, Findings, Summary};
use super::{Report, Style};
use crate::outcome::Outcome;

pub struct Json;

impl Json {
    pub(super) fn boxed(_: &Style) -> Box<dyn Report> {
        Box::new(Self)
    }
}

#[derive(Serialize)]
struct Document<'o> {
    version: u32,
    findings: Findings<'o>,
    summary: Summary<'o>,
}

impl Report for Json {
    fn write(&self, outcome: &Outcome, out: &mut dyn Write) -> io::Result<()> {
        let document = Document {
            version: machine::VERSION,
            findings: Findings(&outcome.findings),
            summary: Summary::new(outcome),
        };
        let mut pages = io::BufWriter::with_capacity(machine::BUFFER, out);
        machine::write(&document, 2, &mut pages)?;
        pages.flush()
    }
}
