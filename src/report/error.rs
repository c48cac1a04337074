//! Draws errors. An error may name a file or show a line of one, so its words are escaped like all untrusted text.

use std::fmt::{self, Display};

use miette::{Diagnostic, LabeledSpan, Severity, SourceCode};

use super::escape::Escaped;
use super::frame::handler;
use super::style::Style;

/// The error as text of one or more lines, the last one ended.
#[must_use]
pub fn drawn(error: &dyn Diagnostic, style: &Style) -> String {
    let mut out = String::new();
    let related = error.related().into_iter().flatten();
    let mut all: Vec<&dyn Diagnostic> = related.collect();
    if all.is_empty() {
        all.push(error);
    }
    for (number, error) in all.into_iter().enumerate() {
        out.push_str(if number == 0 { "" } else { "\n" });
        let drawn = handler(style, Severity::Error).render_report(&mut out, &Printable::new(error));
        drawn.expect("a String takes every character, and a label lies in its line");
    }
    // Colour codes are our own, and only a terminal gets them; a build log obeys what stands in plain text.
    if style.color { out } else { escaped(&out) }
}

/// Each line of a text escaped on its own.
#[must_use]
pub fn escaped(text: &str) -> String {
    let lines = text.lines().map(|line| Escaped(line).to_string() + "\n");
    lines.collect()
}

/// An error whose words have been escaped.
#[derive(Debug)]
struct Printable<'e> {
    error: &'e dyn Diagnostic,
    title: String,
}

impl<'e> Printable<'e> {
    fn new(error: &'e dyn Diagnostic) -> Self {
        Self { error, title: Escaped(&error.to_string()).to_string() }
    }
}

impl Display for Printable<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.title)
    }
}

impl std::error::Error for Printable<'_> {}

impl Diagnostic for Printable<'_> {
    fn code<'a>(&'a self) -> Option<Box<dyn Display + 'a>> {
        self.error.code()
    }

    fn help<'a>(&'a self) -> Option<Box<dyn Display + 'a>> {
        self.error.help().map(|help| Box::new(Escaped(&help.to_string()).to_string()) as Box<dyn Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.error.source_code()
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        self.error.labels()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error, Diagnostic)]
    #[error("no file `{name}`")]
    #[diagnostic(code(tightlip::test), help("look for {name}"))]
    struct Hostile {
        name: String,
    }

    #[test]
    fn an_error_cannot_write_to_the_terminal_or_the_build_server() {
        let error = Hostile { name: "a\n::error::x\x1b[31m\u{202e}##[error]".to_owned() };
        for color in [false, true] {
            let text = drawn(&error, &Style { color, ..Style::plain() });
            assert!(!text.contains("\x1b[31m\u{202e}") && !text.contains("##[error]"), "{text:?}");
            assert!(!text.lines().any(|line| line.trim_start().starts_with("::")), "{text:?}");
            assert!(text.contains("\\x0a") && text.contains("help"), "{text:?}");
        }
    }
}
