//! `tightlip explain`: for one line, everything that looked at it and how it came to its answer.

use std::path::{Path, PathBuf};

use clap::Args;

use super::destination;
use super::error::CliError;
use super::scan::existing;
use super::setup::Setup;
use super::terminal::{Terminal, note};
use super::{Form, Global, print};
use crate::engine::{self, Options};
use crate::finding::{Decision, Finding};
use crate::outcome::Exit;
use crate::progress::Silent;
use crate::report;
use crate::report::tiers::Way;
use crate::source::{Entry, Paths, Source};

/// Flags and arguments of `explain`.
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub struct ExplainArgs {
    /// A file and the number of a line in it; a column behind it is passed over. With `--to`, a file alone
    #[arg(value_name = "FILE:LINE")]
    place: String,
    /// Tell the file's tier, what may go to this destination, and so whether the file may
    #[arg(long, value_name = "DESTINATION")]
    to: Option<String>,
    /// How to print it
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    format: Form,
}

const AFTER_HELP: &str = "\
Examples:
  tightlip explain src/main.rs:12
  tightlip explain --format json deploy/.env:3
  tightlip explain src/main.rs --to git:github.com/acme/app";

pub fn run(args: &ExplainArgs, global: &Global, terminal: &Terminal) -> Result<Exit, CliError> {
    if let Some(to) = &args.to {
        return way(args, to, global, terminal);
    }
    let no_place = || CliError::NoPlace { place: args.place.clone() };
    let (path, line) = place(&args.place, |path| path.symlink_metadata().is_ok()).ok_or_else(no_place)?;
    let paths = [PathBuf::from(path)];
    if paths[0].symlink_metadata().is_err() {
        return Err(CliError::NoSuchPath { path: path.to_owned() });
    }
    let source = Paths::new(paths.to_vec(), false, 1);
    let entry = entry(path, &source)?;
    let Setup { rules, policy, .. } = Setup::new(global, &paths)?;
    if policy.leaves_out(&entry.path) {
        note("note: `leave_out` of the config names this file: a scan does not read it");
    }
    let explanation = engine::explain(&source, &entry, line, &rules, &policy)?;
    if line > explanation.last_line {
        return Err(CliError::NoSuchLine { path: entry.path, last: explanation.last_line });
    }
    print(|out| match args.format {
        Form::Human => report::explain::human(&explanation.traces, &terminal.out, out),
        Form::Json => report::explain::json(&explanation.traces, out),
    })?;
    Ok(Exit::Clean)
}

/// Whether the file may go to a destination.
fn way(args: &ExplainArgs, to: &str, global: &Global, terminal: &Terminal) -> Result<Exit, CliError> {
    let paths = [PathBuf::from(&args.place)];
    existing(&paths)?;
    let source = Paths::new(paths.to_vec(), false, 1);
    entry(&args.place, &source)?;
    let Setup { rules, mut policy, .. } = Setup::new(global, &paths)?;
    policy.go_to([destination::named(to)?]);
    let (mut outcome, files) = engine::classify(&source, &rules, &policy, Options::default(), &Silent);
    if let Some(gap) = outcome.gaps.pop() {
        return Err(gap.into());
    }
    let Some(file) = files.first() else {
        return Err(CliError::NotRead { path: args.place.clone(), why: "nothing is there".to_owned() });
    };
    let blocks = |finding: &&Finding| {
        // What tiers say is told by itself.
        let by_tier = finding.tier.as_ref().is_some_and(|placed| placed.bound.is_some());
        finding.decision == Decision::Block && !by_tier
    };
    let blocked = outcome.findings.iter().filter(blocks).map(|it| (it.place.start.line, &*it.rule)).collect();
    let heading = policy.heading();
    let way = Way {
        names: &policy.classification.names,
        path: &file.path,
        resolved: &file.resolved,
        heading: &heading,
        decides: policy.classification.decides(),
        blocked,
    };
    print(|out| match args.format {
        Form::Human => way.human(&terminal.out, out),
        Form::Json => way.json(out),
    })?;
    Ok(Exit::Clean)
}

/// The one file that the path names.
fn entry(path: &str, source: &Paths) -> Result<Entry, CliError> {
    if Path::new(path).is_dir() {
        return Err(CliError::NotRead { path: path.to_owned(), why: "it is a folder".to_owned() });
    }
    let mut listing = source.list();
    if let Some(gap) = listing.gaps.pop() {
        return Err(gap.into());
    }
    let skipped = listing.skipped.pop();
    listing.entries.pop().ok_or_else(|| {
        let why = skipped.map_or("nothing", |skipped| skipped.why.name());
        CliError::NotRead { path: path.to_owned(), why: format!("it is a {why}") }
    })
}

/// Path and line of `path:line` or `path:line:column`; a name that ends in `:12` itself is known by being there.
fn place(text: &str, exists: impl Fn(&Path) -> bool) -> Option<(&str, u64)> {
    let split = |text| -> Option<(&str, u64)> {
        let (path, number): (&str, &str) = str::rsplit_once(text, ':')?;
        let number = number.parse().ok().filter(|number| *number > 0)?;
        (!path.is_empty()).then_some((path, number))
    };
    let (path, last) = split(text)?;
    match split(path) {
        Some((inner, line)) if !exists(Path::new(path)) => Some((inner, line)),
        _ => Some((path, last)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_a_path_and_a_line() {
        let rows = [
            ("a.rs:12", Some(("a.rs", 12))),
            ("a.rs:12:5", Some(("a.rs", 12))),
            ("b:7:5", Some(("b:7", 5))),
            ("C:\\a.rs:3", Some(("C:\\a.rs", 3))),
            ("a.rs", None),
            ("a.rs:", None),
            ("a.rs:0", None),
            ("a.rs:-1", None),
            (":3", None),
            ("", None),
        ];
        for (text, expected) in rows {
            assert_eq!(place(text, |path| path == Path::new("b:7")), expected, "{text}");
        }
    }
}
