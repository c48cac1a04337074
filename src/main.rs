//! The `tightlip` command: runs, prints what went wrong, and ends with the exit code of the outcome.

use std::io::Write;
use std::panic::{PanicHookInfo, catch_unwind, set_hook};
use std::process::ExitCode;

use tightlip::cli;
use tightlip::outcome::Exit;

fn main() -> ExitCode {
    set_hook(Box::new(tell));
    // A panic is a defect of ours, and a run that was cut short must not pass for a clean one.
    let exit = catch_unwind(|| cli::run(std::env::args_os())).unwrap_or(Exit::Failed);
    ExitCode::from(exit as u8)
}

/// Says where, and nothing else: the message of a panic may hold a part of a file.
fn tell(panic: &PanicHookInfo<'_>) {
    let place = panic.location().map(|place| format!(" at {}:{}", place.file(), place.line())).unwrap_or_default();
    // With nobody to listen there is nothing left to do.
    let _ = writeln!(std::io::stderr(), "tightlip: internal error{place}; the scan is incomplete");
}
