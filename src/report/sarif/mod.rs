//! `--format sarif`: SARIF 2.1.0 as GitHub's code scanning reads it. What GitHub would refuse or drop is cut here, and a
//! notification says how much. Nothing in it is an instruction to upload: it is a file.

mod hash;
mod limits;
mod result;
mod rule;

use std::io::{self, Write};

use serde::Serialize;

use super::escape::{Escaped, Uri};
use super::machine::{self, stale_name};
use super::telling::{short, shown};
use super::{Report, Style};
use crate::outcome::Outcome;
use limits::Kept;
use result::Results;
use rule::{RuleTable, Rules};

pub(super) struct Sarif {
    style: Style,
}

impl Sarif {
    pub(super) fn boxed(style: &Style) -> Box<dyn Report> {
        Box::new(Self { style: style.clone() })
    }
}

impl Report for Sarif {
    fn write(&self, outcome: &Outcome, out: &mut dyn Write) -> io::Result<()> {
        let kept = limits::keep(&shown(outcome, &self.style));
        let rules = RuleTable::of(&kept.findings);
        let run = Run {
            tool: Tool {
                driver: Driver {
                    name: "tightlip",
                    version: env!("CARGO_PKG_VERSION"),
                    semantic_version: env!("CARGO_PKG_VERSION"),
                    rules: Rules(&rules),
                    notifications: NOTICES,
                },
            },
            invocations: [Invocation::new(outcome, &kept)],
            original_uri_base_ids: Bases { root: Base { description: Text::of("the folder in which tightlip ran") } },
            column_kind: "unicodeCodePoints",
            results: Results { findings: &kept.findings, rules: &rules },
        };
        let log = Log { schema: SCHEMA, version: "2.1.0", runs: [run] };
        let mut pages = io::BufWriter::with_capacity(machine::BUFFER, out);
        machine::write(&log, 4, &mut pages)?;
        pages.flush()
    }
}

const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

#[derive(Serialize)]
struct Log<'o> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run<'o>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run<'o> {
    tool: Tool<'o>,
    invocations: [Invocation; 1],
    original_uri_base_ids: Bases,
    column_kind: &'static str,
    results: Results<'o>,
}

#[derive(Serialize)]
struct Tool<'o> {
    driver: Driver<'o>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Driver<'o> {
    name: &'static str,
    version: &'static str,
    semantic_version: &'static str,
    rules: Rules<'o>,
    notifications: [Notice; 3],
}

#[derive(Serialize)]
struct Bases {
    #[serde(rename = "%SRCROOT%")]
    root: Base,
}

#[derive(Serialize)]
struct Base {
    description: Text<&'static str>,
}

/// SARIF wraps each text in an object.
#[derive(Clone, Copy, Serialize)]
struct Text<T> {
    text: T,
}

impl<T> Text<T> {
    const fn of(text: T) -> Self {
        Self { text }
    }
}

/// A kind of notification.
#[derive(Clone, Copy, Serialize)]
#[serde(rename_all = "camelCase")]
struct Notice {
    id: &'static str,
    short_description: Text<&'static str>,
    /// GitHub asks for it, and for help, of each descriptor.
    full_description: Text<&'static str>,
    help: Text<&'static str>,
}

const NOTICES: [Notice; 3] = [
    notice(
        "gap",
        "Something should have been read and was not.",
        "Mend what the message names, such as a permission, and scan again: until then the run is incomplete.",
    ),
    notice(
        "cut",
        "Findings were left out, since the reader has limits.",
        "Mend the most severe first, or take a format without a limit, such as `--format json`.",
    ),
    notice(
        "stale",
        "An exception did nothing.",
        "Take it out, or mend it: `tightlip baseline prune` does so for a baseline.",
    ),
];

const fn notice(id: &'static str, what: &'static str, help: &'static str) -> Notice {
    Notice { id, short_description: Text::of(what), full_description: Text::of(what), help: Text::of(help) }
}

/// What the run was like.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Invocation {
    execution_successful: bool,
    tool_execution_notifications: Vec<Notification>,
    tool_configuration_notifications: Vec<Notification>,
    properties: Covered,
}

#[derive(Serialize)]
struct Notification {
    descriptor: Descriptor,
    level: &'static str,
    message: Text<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    locations: Option<[result::Whole; 1]>,
}

#[derive(Serialize)]
struct Descriptor {
    id: &'static str,
    index: usize,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Covered {
    files: u64,
    commits: u64,
    bytes: u64,
    ignored: u64,
    left_out: u64,
    rules: String,
}

impl Invocation {
    /// So many notifications of a kind are told one by one.
    const MOST: usize = 1000;

    fn new(outcome: &Outcome, kept: &Kept<'_>) -> Self {
        let gap = |gap: &crate::outcome::Gap| Notification {
            locations: Some([result::Whole::new(&gap.path)]),
            ..Notification::new(0, "error", &format!("{}: not read: {}", Escaped(&gap.path), Escaped(&gap.why)))
        };
        let mut execution: Vec<_> = outcome.gaps.iter().take(Self::MOST).map(gap).collect();
        let more = outcome.gaps.len().saturating_sub(Self::MOST);
        if more > 0 {
            execution.push(Notification::new(0, "error", &format!("{more} more were not read")));
        }
        execution.extend(kept.told().map(|text| Notification::new(1, "warning", &text)));
        let stale = |stale: &crate::outcome::StaleAllow| {
            Notification::new(2, "warning", &format!("{}: {}", Escaped(&stale.place), stale_name(stale.why)))
        };
        let covered = outcome.covered;
        Self {
            execution_successful: outcome.gaps.is_empty(),
            tool_execution_notifications: execution,
            tool_configuration_notifications: outcome.stale.iter().take(Self::MOST).map(stale).collect(),
            properties: Covered {
                files: covered.files,
                commits: covered.commits,
                bytes: covered.bytes,
                ignored: covered.ignored,
                left_out: covered.left_out,
                rules: Escaped(&outcome.digest).to_string(),
            },
        }
    }
}

impl Notification {
    fn new(kind: usize, level: &'static str, text: &str) -> Self {
        let id = NOTICES.get(kind).map_or("", |notice| notice.id);
        Self { descriptor: Descriptor { id, index: kind }, level, message: Text::of(message(text)), locations: None }
    }
}

/// A message of SARIF: `[text](target)` in it would be a link.
fn message(text: &str) -> String {
    /// GitHub shows as many bytes.
    const MOST: usize = 1000;
    let mut out = String::with_capacity(text.len());
    for letter in short(text, MOST).chars() {
        if matches!(letter, '[' | ']') {
            // One before it would take the backslash for itself.
            let odd = out.bytes().rev().take_while(|byte| *byte == b'\\').count();
            out.extend(std::iter::repeat_n('\\', odd + 1));
        }
        out.push(letter);
    }
    out
}

/// A path as a reference; nothing in it is more than a name.
fn uri(path: &str) -> (String, Option<&'static str>) {
    (Uri(path).to_string(), (!path.starts_with('/')).then_some("%SRCROOT%"))
}
