//! What another tool lets pass, held to the findings that are here. Only what both mean becomes an exception.

use std::cell::Cell;

use super::{Exception, From, Noted};
use crate::engine::{Sight, Target};
use crate::policy::Paths;
use crate::rule::ForeignRegex;

/// One finding that another tool was told to let pass.
#[derive(Debug)]
pub struct Claim {
    pub from: From,
    pub accepts: Accepts,
    /// A finding here was accepted by it.
    used: Cell<bool>,
    /// A finding here stands in its place and has another value.
    differs: Cell<bool>,
}

/// What it goes by.
#[derive(Clone, PartialEq, Eq)]
pub enum Accepts {
    /// A line of a file, as a commit has it where one is named.
    Place { path: String, line: u64, commit: Option<String> },
    /// A value in a file, and the line that it stood on.
    Digest { path: String, line: u64, sha1: String },
    /// A value in one file, or anywhere, by its SHA-256.
    Hashed { path: Option<String>, sha256: String },
    /// A value anywhere, by its SHA-256 with a label.
    Labelled { sha256: String },
    /// A value in one file, or anywhere.
    Value { path: Option<String>, value: String },
    /// All of a file, as it is now.
    File { path: String },
}

impl std::fmt::Debug for Accepts {
    /// A value of theirs may be a secret.
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Place { path, line, commit } => write!(out, "{path}:{line} {commit:?}"),
            Self::Digest { path, line, .. } => write!(out, "{path}:{line} by a digest"),
            Self::Hashed { path, .. } => write!(out, "a digest in {path:?}"),
            Self::Labelled { .. } => write!(out, "a digest"),
            Self::Value { path, value } => write!(out, "a value of {} bytes in {path:?}", value.len()),
            Self::File { path } => write!(out, "{path}"),
        }
    }
}

/// The words that ggshield hashes behind a value.
const LABELS: &[&str] = &[
    "apikey",
    "token",
    "password",
    "client_id",
    "client_secret",
    "secret",
    "private_key",
    "username",
    "bearer_token",
    "connection_uri",
    "webhook",
    "uri",
    "host",
    "access_key",
    "secret_key",
    "session_token",
    "multiline_apikey",
];

impl Claim {
    #[must_use]
    pub fn new(from: From, accepts: Accepts) -> Self {
        Self { from, accepts, used: Cell::new(false), differs: Cell::new(false) }
    }

    /// The commit and the path that it speaks of, where it is not the work tree.
    #[must_use]
    pub fn in_commit(&self) -> Option<(&str, &str)> {
        match &self.accepts {
            Accepts::Place { path, commit: Some(commit), .. } => Some((commit, path)),
            _ => None,
        }
    }

    /// Whether it lets a finding pass; `path` is the finding's, relative to the root.
    pub fn accepts(&self, sight: &Sight<'_>, path: &str) -> bool {
        let accepted = match &self.accepts {
            Accepts::Place { path: named, line, .. } => named == path && is_on(sight, *line),
            Accepts::Digest { path: named, line, sha1 } => {
                let same = named == path && sight.has_sha1(sha1);
                self.differs.set(self.differs.get() || (!same && named == path && is_on(sight, *line)));
                same
            }
            Accepts::Hashed { path: named, sha256 } => {
                named.as_ref().is_none_or(|named| named == path) && sight.has_sha256(sha256)
            }
            Accepts::Labelled { sha256 } => sight.has_labelled_sha256(sha256, LABELS),
            Accepts::Value { path: named, value } => {
                named.as_ref().is_none_or(|named| named == path) && sight.is(value)
            }
            Accepts::File { path: named } => named == path,
        };
        self.used.set(self.used.get() || accepted);
        accepted
    }

    /// What came of it, once all findings were asked.
    #[must_use]
    pub fn judged(&self) -> Judged {
        match (self.used.get(), self.differs.get()) {
            (true, _) => Judged::Carried,
            (false, true) => Judged::Differs,
            (false, false) => Judged::Needless,
        }
    }
}

/// What came of a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Judged {
    Carried,
    /// Something is found in its place, and it is another value.
    Differs,
    /// Nothing is found here that it would let pass.
    Needless,
}

/// Some tools tell of a block by its first line, others by that of its content.
fn is_on(sight: &Sight<'_>, line: u64) -> bool {
    let place = &sight.finding.place;
    let is_block = place.end.line > place.start.line;
    (place.start.line - u64::from(is_block)..=place.end.line).contains(&line)
}

/// Values that another tool was told to let pass, wherever they stand.
#[derive(Debug, Default)]
pub struct Filter {
    pub from: Option<From>,
    pub reason: String,
    /// Only findings of these rules; all where it is none.
    pub rules: Option<Vec<String>>,
    pub target: Target,
    pub regexes: Vec<ForeignRegex>,
    pub stopwords: Vec<String>,
    /// Regexes of paths; only where `all` holds, since alone they are paths that are left out.
    pub paths: Vec<ForeignRegex>,
    /// Each of the parts must hold.
    pub all: bool,
}

impl Filter {
    /// The exception for one finding, if it is let pass.
    #[must_use]
    pub fn exception(&self, sight: &Sight<'_>, path: &str) -> Option<Noted<Exception>> {
        let finding = sight.finding;
        if self.rules.as_ref().is_some_and(|rules| !rules.iter().any(|rule| *rule == finding.rule)) {
            return None;
        }
        let mut parts = Vec::new();
        if !self.regexes.is_empty() {
            parts.push(self.regexes.iter().any(|regex| sight.fits(regex, self.target)));
        }
        if !self.stopwords.is_empty() {
            parts.push(self.stopwords.iter().any(|word| sight.contains(word)));
        }
        if !self.paths.is_empty() {
            parts.push(self.paths.iter().any(|regex| regex.holds_in(path.as_bytes())));
        }
        let holds = if self.all { !parts.is_empty() && parts.iter().all(|part| *part) } else { parts.contains(&true) };
        let glob = (self.all && !self.paths.is_empty()).then(|| super::paths::globs(super::Written::Plain, path, &[]));
        let glob = glob.transpose().ok()?.and_then(|globs| globs.into_iter().next());
        let is_usable = glob.as_ref().is_none_or(|glob| Paths::new([glob.as_str()]).is_ok());
        (holds && is_usable).then(|| Noted {
            what: Exception {
                rule: finding.rule.to_string(),
                path: glob,
                value: Some(finding.fingerprint.to_string()),
                reason: self.reason.clone(),
            },
            from: self.from.clone().unwrap_or_else(|| From { file: String::new(), place: String::new() }),
        })
    }
}
