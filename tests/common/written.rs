//! What a format writes of an outcome, for the tests of reports.

use tightlip::outcome::Outcome;
use tightlip::report::{Style, format};

pub fn verbose() -> Style {
    Style { verbose: 1, ..Style::plain() }
}

pub fn write(name: &str, style: &Style, outcome: &Outcome) -> String {
    let mut out = Vec::new();
    let format = format(name).expect("a test names a format that is there");
    (format.report)(style).write(outcome, &mut out).expect("memory takes all that is written");
    String::from_utf8(out).expect("reports are UTF-8")
}
