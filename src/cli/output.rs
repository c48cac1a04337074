//! Where reports go: standard output, or files, each written whole or not at all. No format changes what a run comes to.

mod file;
mod github;

use std::path::PathBuf;

use clap::Args;
use clap::builder::{PossibleValue, TypedValueParser};
use clap::error::{ContextKind, ContextValue, ErrorKind};
use miette::Diagnostic;
use thiserror::Error;

use super::error::CliError;
use super::print;
use super::terminal::Terminal;
use super::verdict::tell_gaps;
use crate::outcome::{Exit, Outcome};
use crate::report::{self, FORMATS, Format, Style};
use file::Place;

/// Flags that say how a report is printed; to be flattened into the command's own.
#[derive(Debug, Args)]
pub struct OutputArgs {
    /// How to print what was found, or with `=FILE` how to write it there; may be given several times
    #[arg(long = "format", value_name = "FORMAT[=FILE]", default_value = FORMATS[0].name, value_parser = Targets)]
    formats: Vec<Target>,
    /// Write a report also over a file that git tracks
    #[arg(long)]
    force: bool,
}

/// A format, and the file it goes to; standard output where none is named.
#[derive(Clone, Debug)]
struct Target {
    format: &'static Format,
    file: Option<PathBuf>,
}

/// A report cannot be written where it should go.
#[derive(Debug, Error, Diagnostic)]
pub enum OutputError {
    #[error("`{first}` and `{second}` would both go to standard output")]
    #[diagnostic(
        code(tightlip::output::two_on_stdout),
        help("write one of them to a file: `--format {first} --format {second}=FILE`")
    )]
    TwoOnStdout { first: &'static str, second: &'static str },
    #[error("two formats would be written to `{path}`")]
    #[diagnostic(
        code(tightlip::output::same_file),
        help("name a file for each, as `--format json=a.json --format html=a.html`")
    )]
    SameFile { path: String },
    #[error("`{path}` is a symlink, or lies behind one")]
    #[diagnostic(code(tightlip::output::symlink), help("name the file itself: `--format {format}=FILE`"))]
    Symlink { path: String, format: &'static str },
    #[error("`{path}` is not a regular file")]
    #[diagnostic(
        code(tightlip::output::not_a_file),
        help("name another file; `--format {format}` alone prints to standard output")
    )]
    NotAFile { path: String, format: &'static str },
    #[error("there is no folder for `{path}`")]
    #[diagnostic(code(tightlip::output::no_folder), help("make it first, as with `mkdir -p`"))]
    NoFolder { path: String },
    #[error("`{path}` lies in git's own folder")]
    #[diagnostic(code(tightlip::output::git_dir), help("name a file elsewhere: `--format {format}=FILE`"))]
    GitDir { path: String, format: &'static str },
    #[error("git tracks `{path}`, or may do so")]
    #[diagnostic(code(tightlip::output::tracked), help("add `--force` to write over it, or name another file"))]
    Tracked { path: String },
    #[error("`{path}` cannot be written: {}", crate::source::io_reason(why))]
    #[diagnostic(
        code(tightlip::output::unwritable),
        help("check that the folder is yours to write to, and that there is room")
    )]
    Unwritable { path: String, why: std::io::Error },
}

impl OutputArgs {
    /// Refuses before a run what could not be written after it.
    pub fn check(&self) -> Result<(), OutputError> {
        let mut on_stdout = self.formats.iter().filter(|target| target.file.is_none());
        if let (Some(first), Some(second)) = (on_stdout.next(), on_stdout.next()) {
            return Err(OutputError::TwoOnStdout { first: first.format.name, second: second.format.name });
        }
        let mut places: Vec<Place> = Vec::new();
        for target in &self.formats {
            let Some(path) = &target.file else { continue };
            let place = Place::find(path, target.format.name, self.force)?;
            if places.iter().any(|other| other.is(&place)) {
                return Err(OutputError::SameFile { path: path.to_string_lossy().into_owned() });
            }
            places.push(place);
        }
        Ok(())
    }

    /// Writes all that was asked for, files first. People see their report where no other format is printed.
    pub fn write(&self, outcome: &Outcome, exit: Exit, terminal: &Terminal) -> Result<(), CliError> {
        let plain = Style { verbose: terminal.out.verbose, now: terminal.out.now, ..Style::plain() };
        for target in &self.formats {
            let Some(path) = &target.file else { continue };
            let place = Place::find(path, target.format.name, self.force)?;
            place.replace(|out| (target.format.report)(&plain).write(outcome, out))?;
        }
        let printed = self.formats.iter().find(|target| target.file.is_none());
        let format = printed.map_or(&FORMATS[0], |target| target.format);
        print(|out| (format.report)(&terminal.out).write(outcome, out))?;
        if self.formats.iter().any(|target| target.format.name == report::GITHUB) {
            github::tell(outcome, exit, &plain)?;
        }
        if format.name != FORMATS[0].name {
            tell_gaps(outcome);
        }
        Ok(())
    }
}

/// Reads `NAME` or `NAME=FILE`.
#[derive(Clone)]
struct Targets;

impl TypedValueParser for Targets {
    type Value = Target;

    fn parse_ref(
        &self,
        command: &clap::Command,
        arg: Option<&clap::Arg>,
        value: &std::ffi::OsStr,
    ) -> Result<Target, clap::Error> {
        let text = value.to_string_lossy();
        let (name, file) = match text.split_once('=') {
            Some((name, _)) => (name, Some(after_sign(value))),
            None => (&*text, None),
        };
        let wrong = |kind| {
            let mut error = clap::Error::new(kind).with_cmd(command);
            if let Some(arg) = arg {
                error.insert(ContextKind::InvalidArg, ContextValue::String(arg.to_string()));
            }
            error.insert(ContextKind::InvalidValue, ContextValue::String(text.clone().into_owned()));
            let names = FORMATS.iter().map(|format| format.name.to_owned()).collect();
            error.insert(ContextKind::ValidValue, ContextValue::Strings(names));
            error
        };
        let format = report::format(name).ok_or_else(|| wrong(ErrorKind::InvalidValue))?;
        if file.as_ref().is_some_and(|file| file.as_os_str().is_empty()) {
            return Err(wrong(ErrorKind::InvalidValue));
        }
        Ok(Target { format, file })
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(FORMATS.iter().map(|format| PossibleValue::new(format.name).help(format.about))))
    }
}

/// What stands behind the first `=`, byte for byte.
fn after_sign(value: &std::ffi::OsStr) -> PathBuf {
    let bytes = value.as_encoded_bytes();
    let at = bytes.iter().position(|byte| *byte == b'=').map_or(bytes.len(), |at| at + 1);
    #[cfg(unix)]
    {
        use std::os::unix::ffi::OsStrExt;
        PathBuf::from(std::ffi::OsStr::from_bytes(&bytes[at..]))
    }
    #[cfg(not(unix))]
    {
        PathBuf::from(String::from_utf8_lossy(&bytes[at..]).into_owned())
    }
}
