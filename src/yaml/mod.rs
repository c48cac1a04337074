//! YAML into Rust types, for the config and for rule files; the only module that knows which parser does it.
//! It refuses what a reader of the file would not expect: unknown and duplicate keys, tags, directives, a value left
//! empty, deep nesting, and text that makes the parser hang or eat memory. Each error shows one line and no other.

mod error;
mod locate;
mod suggest;
mod walk;

use serde::de::DeserializeOwned;

pub use error::{ConfigError, YamlProblem, shown, visible};
pub use locate::Step;
pub use suggest::{listed, nearest};

/// The largest file that is read as YAML.
pub const MAX_BYTES: usize = 1 << 20;

/// How deep lists and mappings may stand in each other.
pub const MAX_DEPTH: usize = 24;

/// A YAML text and the name under which errors show it.
#[derive(Clone, Debug, Default)]
pub struct Document {
    name: String,
    text: String,
}

/// Reads `text` as one `T`; `name` is what an error calls the file.
///
/// # Errors
/// Any way in which the text is not a `T`, with its place and what to type instead.
pub fn parse<T: DeserializeOwned>(name: &str, text: &str) -> Result<T, ConfigError> {
    Document::new(name, text).parse()
}

impl Document {
    #[must_use]
    pub fn new(name: &str, text: &str) -> Self {
        // The parser counts a byte-order mark as a second document.
        Self { name: name.to_owned(), text: text.strip_prefix('\u{feff}').unwrap_or(text).to_owned() }
    }

    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The line, counted from 1, of the value that `path` leads to.
    #[must_use]
    pub fn line(&self, path: &[Step<'_>]) -> Option<usize> {
        let place = floor(&self.text, locate::locate(&self.text, path)?);
        Some(self.text[..place].matches('\n').count() + 1)
    }

    /// Reads the whole text as one `T`.
    ///
    /// # Errors
    /// Any way in which the text is not a `T`, with its place and what to type instead.
    pub fn parse<T: DeserializeOwned>(&self) -> Result<T, ConfigError> {
        self.parse_with(walk::Care::All)
    }

    /// Reads the config of another tool, which may leave values empty.
    ///
    /// # Errors
    /// As `parse`.
    pub fn parse_foreign<T: DeserializeOwned>(&self) -> Result<T, ConfigError> {
        self.parse_with(walk::Care::Depth)
    }

    fn parse_with<T: DeserializeOwned>(&self, care: walk::Care) -> Result<T, ConfigError> {
        if self.text.len() > MAX_BYTES {
            return Err(ConfigError::unplaced(&self.name, YamlProblem::TooLarge));
        }
        if let Some(start) = directive(&self.text) {
            return Err(ConfigError::at(&self.name, &self.text, start..start + 1, YamlProblem::Directive));
        }
        walk::check(&self.text, care).map_err(|(place, problem)| self.error(place, problem))?;
        serde_yaml::from_str(&self.text).map_err(|error| {
            let place = error.location().map(|location| location.index());
            self.error(place, YamlProblem::from_parser(&error))
        })
    }

    /// An error at the value that `path` leads to, or at the nearest thing round it that exists.
    pub fn refuse<P>(&self, path: &[Step<'_>], problem: P) -> ConfigError
    where
        P: miette::Diagnostic + Send + Sync + 'static,
    {
        let place = (0..=path.len()).rev().find_map(|len| locate::locate(&self.text, path.get(..len)?));
        self.error(place, problem)
    }

    fn error<P>(&self, place: Option<usize>, problem: P) -> ConfigError
    where
        P: miette::Diagnostic + Send + Sync + 'static,
    {
        match place {
            Some(start) => ConfigError::at(&self.name, &self.text, locate::extent(&self.text, start), problem),
            None => ConfigError::unplaced(&self.name, problem),
        }
    }
}

/// A text in quotes, as a value of one line; none where it holds what nobody would see there.
#[must_use]
pub fn quoted(text: &str) -> Option<String> {
    (visible(text.chars()) == text).then(|| format!("'{}'", text.replace('\'', "''")))
}

/// Where a line begins with `%`. 60,000 `%TAG` lines took the parser 7.6 s, for it compares each with all others.
fn directive(text: &str) -> Option<usize> {
    if text.starts_with('%') {
        return Some(0);
    }
    let breaks = ['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}'];
    text.match_indices(breaks).map(|(at, found)| at + found.len()).find(|&at| text.as_bytes().get(at) == Some(&b'%'))
}

/// The nearest place at or before `place` where a character begins.
fn floor(text: &str, place: usize) -> usize {
    (0..=place.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

#[cfg(test)]
mod tests;
