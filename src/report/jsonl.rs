//! `--format jsonl`: a finding a line, then one line with the summary; its absence says that the run was cut short.

use std::io::{self, Write};

use serde::Serialize;

use super::machine::{self, Finding, Summary};
use super::{Report, Style};
use crate::outcome::Outcome;

pub struct Jsonl;

impl Jsonl {
    pub(super) fn boxed(_: &Style) -> Box<dyn Report> {
        Box::new(Self)
    }
}

#[derive(Serialize)]
struct Last<'o> {
    version: u32,
    summary: Summary<'o>,
}

impl Report for Jsonl {
    fn write(&self, outcome: &Outcome, out: &mut dyn Write) -> io::Result<()> {
        let mut lines = io::BufWriter::with_capacity(machine::BUFFER, out);
        for finding in &outcome.findings {
            machine::write(&Finding::new(finding), 0, &mut lines)?;
        }
        machine::write(&Last { version: machine::VERSION, summary: Summary::new(outcome) }, 0, &mut lines)?;
        lines.flush()
    }
}
