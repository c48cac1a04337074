//! Everything that prints an outcome. One file a format, one table of them; none sees a blob or a secret,
//! none decides an exit code, and no untrusted text reaches a stream but through `escape`.

mod advice;
pub mod baseline;
pub mod catalogue;
mod crop;
pub mod doctor;
pub mod error;
pub mod escape;
pub mod explain;
mod frame;
mod human;
mod json;
mod jsonl;
mod machine;
mod number;
pub mod rules;
#[doc(hidden)]
pub mod sample;
pub mod saved;
mod style;
mod summary;
mod wrap;

use std::io::{self, Write};

use crate::outcome::Outcome;

pub(crate) use number::bytes;
pub use style::{ColorChoice, Style, Surroundings, Wishes};

/// One way to write an outcome down.
pub trait Report {
    fn write(&self, outcome: &Outcome, out: &mut dyn Write) -> io::Result<()>;
}

/// A value of `--format`.
pub struct Format {
    pub name: &'static str,
    /// One line for the help.
    pub about: &'static str,
    pub report: fn(&Style) -> Box<dyn Report>,
}

/// All formats; the first is the one that is used where none was asked for.
pub static FORMATS: &[Format] = &[
    Format {
        name: "human",
        about: "for people: each finding in its line, and what to do about it",
        report: human::Human::boxed,
    },
    Format { name: "json", about: "one JSON document", report: json::Json::boxed },
    Format { name: "jsonl", about: "one JSON object a line, the summary last", report: jsonl::Jsonl::boxed },
];

#[must_use]
pub fn format(name: &str) -> Option<&'static Format> {
    FORMATS.iter().find(|format| format.name == name)
}
