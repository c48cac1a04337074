//! Everything that prints an outcome. One file a format, one table of them; none sees a blob or a secret,
//! none decides an exit code, and no untrusted text reaches a stream but through `escape`.

mod advice;
pub mod audit;
mod azure;
pub mod baseline;
pub mod catalogue;
mod checkstyle;
mod clock;
mod codequality;
pub mod compare;
mod crop;
mod csv;
pub mod doctor;
pub mod error;
pub mod escape;
pub mod explain;
mod frame;
mod github;
mod gitlab;
mod grade;
mod html;
mod human;
mod json;
mod jsonl;
mod junit;
mod machine;
mod markdown;
mod number;
pub mod policy;
pub mod rules;
#[doc(hidden)]
pub mod sample;
mod sarif;
pub mod saved;
mod style;
mod summary;
mod telling;
pub mod tiers;
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
#[derive(Debug)]
pub struct Format {
    pub name: &'static str,
    /// One line for the help.
    pub about: &'static str,
    pub report: fn(&Style) -> Box<dyn Report>,
}

/// The format that also fills the files of a GitHub runner.
pub const GITHUB: &str = "github";

/// All formats; the first is the one that is used where none was asked for.
pub static FORMATS: &[Format] = &[
    Format {
        name: "human",
        about: "for people: each finding in its line, and what to do about it",
        report: human::Human::boxed,
    },
    Format { name: "json", about: "one JSON document", report: json::Json::boxed },
    Format { name: "jsonl", about: "one JSON object a line, the summary last", report: jsonl::Jsonl::boxed },
    Format { name: "sarif", about: "SARIF 2.1.0, as GitHub's code scanning reads it", report: sarif::Sarif::boxed },
    Format { name: GITHUB, about: "annotations and job summary of GitHub Actions", report: github::Github::boxed },
    Format { name: "gitlab", about: "GitLab's secret detection report", report: gitlab::Gitlab::boxed },
    Format { name: "codequality", about: "GitLab's code quality report", report: codequality::CodeQuality::boxed },
    Format { name: "junit", about: "JUnit XML, a finding a test", report: junit::Junit::boxed },
    Format { name: "checkstyle", about: "Checkstyle XML", report: checkstyle::Checkstyle::boxed },
    Format { name: "azure", about: "logging commands of Azure Pipelines", report: azure::Azure::boxed },
    Format { name: "csv", about: "comma-separated values, for a spreadsheet", report: csv::Csv::boxed },
    Format { name: "markdown", about: "a summary and a table in Markdown", report: markdown::Markdown::boxed },
    Format { name: "html", about: "one page for a browser, with search and charts", report: html::Html::boxed },
];

/// The summary of a job as Markdown, in at most so many bytes.
///
/// # Errors
/// Those of `out`.
pub fn job_summary(outcome: &Outcome, style: &Style, most: usize, out: &mut dyn Write) -> io::Result<()> {
    markdown::Markdown::within(style, most).write(outcome, out)
}

#[must_use]
pub fn format(name: &str) -> Option<&'static Format> {
    FORMATS.iter().find(|format| format.name == name)
}
