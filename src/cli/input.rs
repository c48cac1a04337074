//! Input that a command takes whole: a file that was named, or standard input.

use std::io::{self, Read};
use std::path::Path;

use super::error::CliError;
use crate::control;

/// What stands for standard input.
pub const STDIN: &str = "-";

/// The bytes of the file at `path`, or of standard input where it is `-`: never more than `most`. A symlink, a FIFO or a
/// folder is refused as for files that steer a run.
pub fn read(path: &Path, most: u64) -> Result<Vec<u8>, CliError> {
    let name = || path.to_string_lossy().into_owned();
    if path.as_os_str() != STDIN {
        return control::read_up_to(path, most)?.ok_or_else(|| CliError::NoSuchPath { path: name() });
    }
    let mut bytes = Vec::new();
    let read = io::stdin().lock().take(most + 1).read_to_end(&mut bytes);
    read.map_err(|why| CliError::Unreadable { name: "stdin".to_owned(), why })?;
    if bytes.len() as u64 > most {
        return Err(CliError::TooLarge { name: "stdin".to_owned(), most });
    }
    Ok(bytes)
}
