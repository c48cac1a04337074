//! What surrounds the command: its two output streams, their terminals, and the environment's variables.

#![expect(clippy::disallowed_methods, reason = "the environment is read here and nowhere else")]

use std::env;
use std::ffi::OsString;
use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;
use std::sync::LazyLock;
use std::time::SystemTime;

use miette::Diagnostic;

use super::{Color, Global};
use crate::catalogue::RuleSet;
use crate::engine;
use crate::report::{self, ColorChoice, Style, Surroundings, Wishes};

/// How to print to each stream.
#[derive(Debug)]
pub struct Terminal {
    pub out: Style,
    err: Style,
}

impl Terminal {
    pub fn new(global: &Global) -> Self {
        let color = match global.color {
            Color::Auto => ColorChoice::Auto,
            Color::Always => ColorChoice::Always,
            Color::Never => ColorChoice::Never,
        };
        let wishes = Wishes { color, verbose: global.verbose };
        Self { out: style(wishes, &io::stdout()), err: style(wishes, &io::stderr()) }
    }

    /// Draws an error on standard error.
    pub fn complain(&self, error: &dyn Diagnostic) {
        say(&report::error::drawn(error, &self.err));
    }
}

/// Writes a line to standard error.
pub fn note(text: &str) {
    say(&report::error::escaped(text));
}

/// The value of a variable of the environment.
pub fn environment(name: &str) -> Option<OsString> {
    env::var_os(name)
}

/// The folder in which this user's programs keep data, as far as the environment tells.
pub fn data_folder() -> Option<PathBuf> {
    let set = |name| environment(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let windows = || set("LOCALAPPDATA").filter(|_| cfg!(windows));
    set("XDG_DATA_HOME").or_else(windows).or_else(|| Some(set("HOME")?.join(".local/share")))
}

/// The names of all variables that begin with `prefix`, without it.
pub fn variables_after(prefix: &str) -> Vec<String> {
    let names = env::vars_os().filter_map(|(name, _)| name.into_string().ok());
    names.filter_map(|name| name.strip_prefix(prefix).map(str::to_owned)).collect()
}

fn say(text: &str) {
    // With nobody to listen, the exit code still tells.
    drop(io::stderr().write_all(without_secrets(text).as_bytes()));
}

/// The text with its secrets hidden: names of files stand in errors, and what was typed.
pub fn without_secrets(text: &str) -> String {
    static RULES: LazyLock<RuleSet> = LazyLock::new(RuleSet::default);
    // A colour's last letter must not pass for the first of a word.
    let parts = text.split_inclusive('\x1b').map(|part| match part.split_once('m') {
        Some((codes, rest)) if codes.bytes().all(|byte| b"[0123456789;".contains(&byte)) => (codes.len() + 1, rest),
        _ => (0, part),
    });
    let mut out = String::new();
    let mut at = 0;
    for (skipped, rest) in parts {
        out.push_str(&text[at..at + skipped]);
        out.push_str(&engine::masked(rest, &RULES));
        at += skipped + rest.len();
    }
    out
}

fn style(wishes: Wishes, stream: &impl IsTerminal) -> Style {
    let terminal = stream.is_terminal();
    let size = if terminal { terminal_size::terminal_size() } else { None };
    let around = Surroundings {
        terminal,
        columns: size.map(|(width, _)| width.0.into()),
        folder: env::current_dir().ok().map(|folder| folder.to_string_lossy().into_owned()),
        now: SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs()),
        variable: &|name| env::var(name).ok(),
    };
    Style::decide(wishes, &around)
}
