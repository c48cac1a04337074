//! `tightlip init`: a config to start from, where a scan will look for it.

use std::env;

use clap::Args;

use super::error::CliError;
use super::print;
use crate::config::root_of;
use crate::init;
use crate::outcome::Exit;
use crate::report::escape::Escaped;

const AFTER_HELP: &str = "\
The file goes to the root of the repository, or to the current folder outside of one.
One that is there is never replaced.";

/// `init` takes no flags of its own.
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub struct InitArgs {}

pub fn run(_: &InitArgs) -> Result<Exit, CliError> {
    let here = env::current_dir().map_err(|why| CliError::NoFolder { why })?;
    let path = init::write(root_of(&here).unwrap_or(&here))?;
    let shown = path.strip_prefix(&here).unwrap_or(&path).to_string_lossy();
    print(|out| writeln!(out, "wrote {}", Escaped(&shown)))?;
    Ok(Exit::Clean)
}
