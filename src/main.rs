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

fn tell(panic: &PanicHookInfo<'_>) {
    // With nobody to listen there is nothing left to do.
    let _ = writeln!(std::io::stderr(), "{}", words(panic));
}

/// Says where, and nothing else: the message of a panic may hold a part of a file.
fn words(panic: &PanicHookInfo<'_>) -> String {
    let place = panic.location().map(|place| format!(" at {}:{}", place.file(), place.line())).unwrap_or_default();
    format!("tightlip: internal error{place}; the scan is incomplete")
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    static SAID: Mutex<String> = Mutex::new(String::new());

    #[test]
    fn a_panic_tells_its_place_and_nothing_of_what_was_read() {
        let before = std::panic::take_hook();
        set_hook(Box::new(|panic| SAID.lock().unwrap().push_str(&words(panic))));
        let ended = catch_unwind(|| panic!("the text was {}", "hunter2Zx9Qr7"));
        set_hook(before);
        let said = SAID.lock().unwrap();
        assert!(ended.is_err() && said.contains("main.rs") && said.ends_with("the scan is incomplete"), "{said}");
        assert!(!said.contains("hunter2"), "{said}");
    }
}
