//! Draws a finding's redacted line in a frame that bears the place in the original, and points at the masked secret.
//! The text is escaped and cut to the width here, because the drawing behind it trusts what it is given.

use std::fmt::{self, Display};

use miette::{
    Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteError, MietteSpanContents, Severity,
    SourceCode, SourceSpan, SpanContents, ThemeStyles,
};

use super::crop;
use super::escape::{self, Escaped};
use super::style::Style;
use crate::excerpt::{Excerpt, ShownLine};
use crate::finding::Place;
use crate::span::Span;

/// Draws frames in one style, one painter for each kind of frame.
pub(super) struct Painter {
    error: GraphicalReportHandler,
    warning: GraphicalReportHandler,
    advice: GraphicalReportHandler,
    style: Style,
}

impl Painter {
    pub(super) fn new(style: &Style) -> Self {
        let handler = |severity| handler(style, severity);
        Self {
            error: handler(Severity::Error),
            warning: handler(Severity::Warning),
            advice: handler(Severity::Advice),
            style: style.clone(),
        }
    }

    /// Adds a frame to `out`. `title` and `label` are printable already.
    pub(super) fn draw(
        &self,
        out: &mut String,
        severity: Severity,
        (title, label): (String, String),
        place: &Place,
        excerpt: &Excerpt,
    ) {
        self.draw_within(out, severity, (title, label), (place, excerpt), &[]);
    }

    /// The same with other lines of the text above and below. Those are redacted already, too.
    pub(super) fn draw_within(
        &self,
        out: &mut String,
        severity: Severity,
        (title, label): (String, String),
        (place, excerpt): (&Place, &Excerpt),
        around: &[ShownLine],
    ) {
        let handler = match severity {
            Severity::Error => &self.error,
            Severity::Warning => &self.warning,
            Severity::Advice => &self.advice,
        };
        let view = View { title, label, severity, snippet: self.snippet(place, excerpt, around) };
        handler.render_report(out, &view).expect("a String takes every character, and the mark lies in the snippet");
    }

    fn snippet(&self, place: &Place, excerpt: &Excerpt, around: &[ShownLine]) -> Snippet {
        let last = around.last().map_or(0, |line| line.number).max(place.start.line);
        let room = self.style.width.saturating_sub(last.to_string().len() + 4);
        let (text, mark) = if excerpt.text.is_empty() {
            let text = "(the file itself)".to_owned();
            let mark = Span::new(0, text.len());
            (text, mark)
        } else {
            let (text, mark) = escape::line(&excerpt.text, excerpt.mark);
            crop::crop(&text, mark, excerpt.column > 1, room, self.style.dots())
        };
        let line = |line: &ShownLine| {
            let (text, _) = escape::line(&line.text, Span::default());
            crop::crop(&text, Span::default(), false, room, self.style.dots()).0
        };
        let (line_of, mut whole) = (place.start.line, String::new());
        let above: Vec<&ShownLine> = around.iter().filter(|line| line.number < line_of).collect();
        above.iter().for_each(|shown| whole.extend([&line(shown), "\n"]));
        let mark = mark.shifted(whole.len());
        whole.push_str(&text);
        around.iter().filter(|line| line.number > line_of).for_each(|shown| whole.extend(["\n", &line(shown)]));
        let column = index(place.start.column);
        let first = index(above.first().map_or(line_of, |line| line.number));
        let (name, line) = (self.name(place), index(line_of));
        let lines = Lines { first, text: whole };
        Snippet { name, lines, text, mark, line, column }
    }

    /// The path as the frame shows it: a link where the terminal opens one.
    fn name(&self, place: &Place) -> String {
        let shown = Escaped(&place.path);
        let Some(folder) = &self.style.links else { return shown.to_string() };
        let (folder, slash) = if place.path.starts_with('/') { ("", "") } else { (folder.as_str(), "/") };
        format!("\x1b]8;;file://{}{slash}{}\x1b\\{shown}\x1b]8;;\x1b\\", Percent(folder), Percent(&place.path))
    }
}

/// A 1-based number as the drawing counts: from 0, and far from an overflow.
fn index(number: u64) -> usize {
    usize::try_from(number.saturating_sub(1)).unwrap_or(usize::MAX).min(usize::MAX >> 1)
}

pub(super) fn handler(style: &Style, severity: Severity) -> GraphicalReportHandler {
    let mut theme = match (style.unicode, style.color) {
        (true, true) => GraphicalTheme::unicode(),
        (true, false) => GraphicalTheme::unicode_nocolor(),
        (false, true) => GraphicalTheme::ascii(),
        (false, false) => GraphicalTheme::none(),
    };
    if style.color {
        let plain = ThemeStyles::ansi();
        let mark = match severity {
            Severity::Error => plain.error,
            Severity::Warning => plain.warning,
            Severity::Advice => plain.linum,
        };
        theme.styles.highlights = vec![mark];
        theme.styles.link = plain.help;
    }
    if style.unicode {
        "○".clone_into(&mut theme.characters.advice);
    }
    GraphicalReportHandler::new_themed(theme)
        .with_width(style.width)
        .without_syntax_highlighting()
        .without_cause_chain()
}

/// A text in an address: all but unreserved bytes as `%NN`.
struct Percent<'t>(&'t str);

impl Display for Percent<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.bytes().try_for_each(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'.' | b'_' | b'~' => {
                write!(out, "{}", char::from(byte))
            }
            _ => write!(out, "%{byte:02X}"),
        })
    }
}

/// What the drawing is given.
#[derive(Debug)]
struct View {
    title: String,
    label: String,
    severity: Severity,
    snippet: Snippet,
}

impl Display for View {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.title)
    }
}

impl std::error::Error for View {}

impl Diagnostic for View {
    fn severity(&self) -> Option<Severity> {
        Some(self.severity)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(&self.snippet)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let mark = self.snippet.mark;
        let label = LabeledSpan::new_primary_with_span(
            Some(self.label.clone()),
            SourceSpan::new(mark.start.into(), mark.len()),
        );
        Some(Box::new(std::iter::once(label)))
    }
}

/// One printable line that stands somewhere in a file, and those round it.
#[derive(Debug)]
struct Snippet {
    name: String,
    lines: Lines,
    /// The line itself.
    text: String,
    /// Within all lines.
    mark: Span,
    line: usize,
    column: usize,
}

/// Lines that follow each other, and the number of the first.
#[derive(Debug)]
struct Lines {
    first: usize,
    text: String,
}

impl SourceCode for Snippet {
    /// Without lines round it the drawing asks for the place that it names; else for all that it shows.
    fn read_span<'s>(
        &'s self,
        _: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'s> + 's>, MietteError> {
        let named = before == 0 && after == 0;
        let (text, line) = if named { (&self.text, self.line) } else { (&self.lines.text, self.lines.first) };
        let whole = SourceSpan::new(0.into(), text.len());
        let count = text.matches('\n').count() + 1;
        let column = if named || self.lines.first == self.line { self.column } else { 0 };
        let contents = MietteSpanContents::new_named(self.name.clone(), text.as_bytes(), whole, line, column, count);
        Ok(Box::new(contents))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Position;

    #[test]
    fn no_place_and_no_mark_upsets_the_drawing() {
        let far = Position { line: u64::MAX, column: u64::MAX };
        let near = Position { line: 0, column: 0 };
        let texts = ["", "a", "\u{1b}\u{7f}", "\n\r\n", "\r", "鍵", "a\u{301}"];
        for (text, start) in texts.into_iter().flat_map(|text| [(text, far), (text, near)]) {
            for (from, to) in [(0, 0), (0, 1), (1, 0), (2, 9), (usize::MAX, usize::MAX)] {
                let place = Place { path: "a".to_owned(), start, end: start };
                let excerpt = Excerpt { text: text.to_owned(), mark: Span::new(from, to), column: u64::MAX };
                let mut out = String::new();
                let painter = Painter::new(&Style { width: 0, ..Style::plain() });
                painter.draw(&mut out, Severity::Error, ("t".to_owned(), "l".to_owned()), &place, &excerpt);
                assert!(out.contains("[a:"), "{out}");
            }
        }
    }

    #[test]
    fn a_path_links_to_its_file_only_where_links_open() {
        let place = |path: &str| Place {
            path: path.to_owned(),
            start: Position { line: 1, column: 1 },
            end: Position { line: 1, column: 1 },
        };
        let rows = [
            (None, "src/a b.rs", "src/a b.rs"),
            (Some("/w"), "src/a b.rs", "\x1b]8;;file:///w/src/a%20b.rs\x1b\\src/a b.rs\x1b]8;;\x1b\\"),
            (Some("/w"), "/x/\x1b", "\x1b]8;;file:///x/%1B\x1b\\/x/\\x1b\x1b]8;;\x1b\\"),
        ];
        for (folder, path, expected) in rows {
            let painter = Painter::new(&Style { links: folder.map(str::to_owned), ..Style::plain() });
            assert_eq!(painter.name(&place(path)), expected);
        }
    }
}
