//! What GitHub Actions takes beside the log: the summary of the job, and outputs for later steps, each in a file that the
//! runner names.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::path::PathBuf;

use super::OutputError;
use crate::cli::terminal::environment;
use crate::outcome::{Exit, Outcome};
use crate::report::{self, Style};

/// The runner refuses a larger summary as a whole.
const MOST: u64 = 1 << 20;

/// Appends to both files, where the runner names them.
pub fn tell(outcome: &Outcome, exit: Exit, style: &Style) -> Result<(), OutputError> {
    append("GITHUB_STEP_SUMMARY", |taken| {
        let room = usize::try_from(MOST.saturating_sub(taken + 1)).unwrap_or_default();
        let mut text = Vec::new();
        report::job_summary(outcome, style, room, &mut text).expect("a list takes all that is written");
        if text.len() > room { Vec::new() } else { text }
    })?;
    append("GITHUB_OUTPUT", |_| {
        let findings = outcome.count("block") + outcome.count("warn");
        format!(
            "findings={findings}\nblocking={}\ncomplete={}\nexit-code={}\n",
            outcome.count("block"),
            outcome.gaps.is_empty(),
            exit as u8
        )
        .into_bytes()
    })
}

fn append(variable: &str, text: impl FnOnce(u64) -> Vec<u8>) -> Result<(), OutputError> {
    let Some(path) = environment(variable).filter(|path| !path.is_empty()).map(PathBuf::from) else { return Ok(()) };
    let name = || path.to_string_lossy().into_owned();
    let taken = match path.symlink_metadata() {
        Ok(seen) if seen.is_symlink() => return Err(OutputError::Symlink { path: name(), format: report::GITHUB }),
        Ok(seen) if !seen.is_file() => return Err(OutputError::NotAFile { path: name(), format: report::GITHUB }),
        Ok(seen) => seen.len(),
        Err(why) if why.kind() == ErrorKind::NotFound => 0,
        Err(why) => return Err(OutputError::Unwritable { path: name(), why }),
    };
    let written =
        OpenOptions::new().append(true).create(true).open(&path).and_then(|mut file| file.write_all(&text(taken)));
    written.map_err(|why| OutputError::Unwritable { path: name(), why })
}
