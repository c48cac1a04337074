//! How a report may look on this terminal: colour, width, links and line drawing, decided in one place.
//! It reads no environment: the command line hands in what it found, and tests hand in tables.

use std::fmt::{self, Display};

/// What a report for people may use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Style {
    pub color: bool,
    /// Columns that a line may take.
    pub width: usize,
    /// The absolute folder that relative paths start from, where the terminal can open links to files.
    pub links: Option<String>,
    pub verbose: u8,
    pub unicode: bool,
    /// The moment at which it is written, in seconds since 1970, for formats that must name one.
    pub now: u64,
}

/// `--color`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ColorChoice {
    #[default]
    Auto,
    Always,
    Never,
}

/// What was typed about the looks of a report.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wishes {
    pub color: ColorChoice,
    pub verbose: u8,
}

/// Where the report goes, as the command line found it.
pub struct Surroundings<'e> {
    /// The stream that the report goes to is a terminal.
    pub terminal: bool,
    /// Columns of that terminal, where it tells.
    pub columns: Option<usize>,
    /// The absolute folder in which the command runs.
    pub folder: Option<String>,
    /// What time it is, in seconds since 1970.
    pub now: u64,
    /// Looks up an environment variable.
    pub variable: &'e dyn Fn(&str) -> Option<String>,
}

impl Style {
    /// No colour, no links, 100 columns: what a file or a pipe gets.
    #[must_use]
    pub const fn plain() -> Self {
        Self { color: false, width: 100, links: None, verbose: 0, unicode: true, now: 0 }
    }

    #[must_use]
    pub fn decide(wishes: Wishes, around: &Surroundings<'_>) -> Self {
        let color = wants_color(wishes.color, around);
        Self {
            color,
            width: width(around),
            // A stream without colour is read by a program or by someone who asked for plain text.
            links: around.folder.clone().filter(|_| color && around.opens_links()),
            verbose: wishes.verbose,
            unicode: around.draws_unicode(),
            now: around.now,
        }
    }

    /// `text` in this paint, or as it is where there is no colour.
    pub(super) fn paint<T: Display>(&self, paint: Paint, text: T) -> Painted<T> {
        Painted { codes: if self.color { paint.codes() } else { "" }, text }
    }

    /// The first where the terminal draws it, else the second.
    pub(super) const fn glyph(&self, unicode: &'static str, ascii: &'static str) -> &'static str {
        if self.unicode { unicode } else { ascii }
    }

    /// What stands where something was cut off.
    pub(super) const fn dots(&self) -> &'static str {
        self.glyph("…", "...")
    }

    /// Two things on one line are kept apart by this.
    pub(super) const fn dot(&self) -> &'static str {
        self.glyph(" · ", " | ")
    }
}

impl Surroundings<'_> {
    /// The variable's value; one that is set to nothing counts as not set.
    fn set(&self, name: &str) -> Option<String> {
        (self.variable)(name).filter(|value| !value.is_empty())
    }

    fn is(&self, name: &str, values: &[&str]) -> bool {
        self.set(name).is_some_and(|value| values.contains(&value.as_str()))
    }

    fn opens_links(&self) -> bool {
        if let Some(forced) = self.set("FORCE_HYPERLINK") {
            return forced != "0";
        }
        self.terminal
            && (self.is("TERM_PROGRAM", &["Hyper", "WezTerm", "ghostty", "iTerm.app", "vscode", "zed"])
                || self.is("TERM", &["alacritty", "foot", "xterm-ghostty", "xterm-kitty"])
                || self.set("VTE_VERSION").and_then(|version| version.parse::<u32>().ok()).is_some_and(|it| it >= 5000)
                || ["WT_SESSION", "KONSOLE_VERSION", "DOMTERM"].iter().any(|name| self.set(name).is_some()))
    }

    fn draws_unicode(&self) -> bool {
        if self.is("TERM", &["dumb", "linux"]) {
            return false;
        }
        // Where nothing is said, as in most containers and build logs, UTF-8 is what readers expect today.
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(|name| self.set(name));
        locale.is_none_or(|name| {
            let name = name.to_ascii_lowercase();
            name.ends_with("utf-8") || name.ends_with("utf8")
        })
    }
}

fn wants_color(choice: ColorChoice, around: &Surroundings<'_>) -> bool {
    match choice {
        ColorChoice::Always => true,
        ColorChoice::Never => false,
        ColorChoice::Auto if around.set("NO_COLOR").is_some() => false,
        ColorChoice::Auto if around.set("CLICOLOR_FORCE").is_some_and(|value| value != "0") => true,
        ColorChoice::Auto => around.terminal && !around.is("TERM", &["dumb"]) && !around.is("CLICOLOR", &["0"]),
    }
}

fn width(around: &Surroundings<'_>) -> usize {
    const NARROWEST: usize = 40;
    // A frame round one line does not get clearer on a wider screen, and text gets harder to read.
    const WIDEST: usize = 140;
    let asked = around.set("COLUMNS").and_then(|value| value.trim().parse().ok()).filter(|width| *width > 0);
    asked
        .or(around.columns.filter(|width| around.terminal && *width > 0))
        .unwrap_or(Style::plain().width)
        .clamp(NARROWEST, WIDEST)
}

/// What a piece of a report is, and so which colour it has.
#[derive(Clone, Copy, Debug)]
pub(super) enum Paint {
    Error,
    Warning,
    Good,
    Strong,
    Faint,
    Command,
}

impl Paint {
    const fn codes(self) -> &'static str {
        match self {
            Self::Error => "\x1b[1;31m",
            Self::Warning => "\x1b[1;33m",
            Self::Good => "\x1b[1;32m",
            Self::Strong => "\x1b[1m",
            Self::Faint => "\x1b[2m",
            Self::Command => "\x1b[36m",
        }
    }
}

/// A text between two colour codes.
pub(super) struct Painted<T> {
    codes: &'static str,
    text: T,
}

impl<T: Display> Display for Painted<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.codes)?;
        self.text.fmt(out)?;
        out.write_str(if self.codes.is_empty() { "" } else { "\x1b[0m" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Variables = &'static [(&'static str, &'static str)];

    fn decide(color: ColorChoice, terminal: bool, variables: Variables) -> Style {
        let variable =
            |name: &str| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
        let around =
            Surroundings { terminal, columns: Some(80), folder: Some("/w".to_owned()), now: 0, variable: &variable };
        Style::decide(Wishes { color, verbose: 0 }, &around)
    }

    #[test]
    fn colour_is_decided_by_flag_then_variables_then_terminal() {
        use ColorChoice::{Always, Auto, Never};
        let rows: &[(&str, ColorChoice, bool, Variables, bool)] = &[
            ("terminal", Auto, true, &[], true),
            ("pipe", Auto, false, &[], false),
            ("NO_COLOR", Auto, true, &[("NO_COLOR", "1")], false),
            ("empty NO_COLOR says nothing", Auto, true, &[("NO_COLOR", "")], true),
            ("the flag beats NO_COLOR", Always, false, &[("NO_COLOR", "1")], true),
            ("never", Never, true, &[("CLICOLOR_FORCE", "1")], false),
            ("forced into a pipe", Auto, false, &[("CLICOLOR_FORCE", "1")], true),
            ("0 does not force", Auto, false, &[("CLICOLOR_FORCE", "0")], false),
            ("NO_COLOR beats force", Auto, true, &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")], false),
            ("dumb", Auto, true, &[("TERM", "dumb")], false),
            ("CLICOLOR=0", Auto, true, &[("CLICOLOR", "0")], false),
        ];
        for (name, choice, terminal, variables, expected) in rows {
            assert_eq!(decide(*choice, *terminal, variables).color, *expected, "{name}");
        }
    }

    #[test]
    fn width_is_asked_for_or_measured_and_kept_readable() {
        let rows: &[(&str, bool, Variables, usize)] = &[
            ("terminal", true, &[], 80),
            ("pipe", false, &[], 100),
            ("COLUMNS", true, &[("COLUMNS", "72")], 72),
            ("too wide", true, &[("COLUMNS", "4000")], 140),
            ("too narrow", true, &[("COLUMNS", "3")], 40),
            ("no number", true, &[("COLUMNS", "many")], 80),
            ("zero", true, &[("COLUMNS", "0")], 80),
        ];
        for (name, terminal, variables, expected) in rows {
            assert_eq!(decide(ColorChoice::Auto, *terminal, variables).width, *expected, "{name}");
        }
    }

    #[test]
    fn links_only_where_a_terminal_opens_them() {
        let rows: &[(&str, bool, Variables, bool)] = &[
            ("unknown terminal", true, &[], false),
            ("known terminal", true, &[("TERM", "xterm-kitty")], true),
            ("new enough", true, &[("VTE_VERSION", "6003")], true),
            ("too old", true, &[("VTE_VERSION", "4800")], false),
            ("pipe", false, &[("TERM", "xterm-kitty")], false),
            ("switched off", true, &[("TERM", "xterm-kitty"), ("FORCE_HYPERLINK", "0")], false),
            ("no colour, no links", true, &[("TERM", "xterm-kitty"), ("NO_COLOR", "1")], false),
        ];
        for (name, terminal, variables, expected) in rows {
            assert_eq!(decide(ColorChoice::Auto, *terminal, variables).links.is_some(), *expected, "{name}");
        }
    }

    #[test]
    fn line_drawing_follows_the_locale() {
        let rows: &[(&str, Variables, bool)] = &[
            ("nothing said", &[], true),
            ("UTF-8", &[("LANG", "en_GB.UTF-8")], true),
            ("C", &[("LANG", "C")], false),
            ("LC_ALL wins", &[("LANG", "C"), ("LC_ALL", "C.utf8")], true),
            ("console", &[("TERM", "linux"), ("LANG", "en_GB.UTF-8")], false),
        ];
        for (name, variables, expected) in rows {
            assert_eq!(decide(ColorChoice::Auto, true, variables).unicode, *expected, "{name}");
        }
    }
}
