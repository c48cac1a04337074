//! What an audit remembers beside the config and the baseline: values that are to be rotated, and items that were put
//! off. A file in git's own folder, for this work tree alone, with fingerprints and days and nothing of a value or a path.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use super::problem::NotesProblem;
use super::{AuditError, Item, State};
use crate::control::{self, Place};
use crate::date::Date;
use crate::engine::Fingerprinter;
use crate::finding::Fingerprint;

/// One thing that is noted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Note {
    /// The value is to be rotated, wherever it stands.
    Rotate(Fingerprint),
    /// The value in this one file was put off.
    Skip(Fingerprint),
}

/// All notes, and where they are kept.
#[derive(Clone, Debug, Default)]
pub struct Notes {
    /// None outside of a repository: then they last as long as the run.
    place: Option<Place>,
    salt: String,
    known: BTreeMap<Note, Date>,
}

const HEADER: &str =
    "# What `tightlip audit` was told: values to rotate, and what was put off. Fingerprints, no values.\nversion 1\n";

impl Notes {
    /// Where they are kept in a repository.
    #[must_use]
    pub fn path(git_dir: &Path) -> PathBuf {
        git_dir.join("tightlip").join("audit")
    }

    /// The salt by which the notes in `git_dir` were keyed, if there are any.
    ///
    /// # Errors
    /// Something is there, and it is no file of notes.
    pub fn salt_of(git_dir: &Path) -> Result<Option<String>, NotesProblem> {
        let path = Self::path(git_dir);
        let Some(text) = control::read_text(&path)? else { return Ok(None) };
        Ok(Some(parse(&path, &text)?.0))
    }

    /// The notes under this salt. Those that were made under another one fit nothing, and are forgotten.
    ///
    /// # Errors
    /// Something is there, and it is no file of notes.
    pub fn open(git_dir: Option<&Path>, salt: &str) -> Result<Self, NotesProblem> {
        let Some(path) = git_dir.map(Self::path) else { return Ok(Self { salt: salt.to_owned(), ..Self::default() }) };
        let (keyed, mut known) = match control::read_text(&path)? {
            Some(text) => parse(&path, &text)?,
            None => (salt.to_owned(), BTreeMap::new()),
        };
        if keyed != salt {
            known.clear();
        }
        Ok(Self { place: Some(Place::new(path)), salt: salt.to_owned(), known })
    }

    #[must_use]
    pub const fn place(&self) -> Option<&Place> {
        self.place.as_ref()
    }

    /// What is noted of an item; nothing is `Open`.
    #[must_use]
    pub fn state(&self, item: &Item) -> State {
        if let Some(since) = self.known.get(&Note::Rotate(item.finding.fingerprint)) {
            return State::Rotate { since: *since };
        }
        self.known.get(&self.skip(item)).map_or(State::Open, |since| State::Skipped { since: *since })
    }

    /// The note that an item was put off.
    #[must_use]
    pub fn skip(&self, item: &Item) -> Note {
        let fingerprints = Fingerprinter::new(&self.salt);
        Note::Skip(fingerprints.of_text(&item.finding.fingerprint.to_string(), &item.path))
    }

    /// Takes notes, and takes others back. What another run has noted in the meantime stays. Hands on the text before and
    /// after, where there is a file.
    ///
    /// # Errors
    /// The file could not be written, or is none of ours.
    pub fn change(&mut self, add: &[(Note, Date)], remove: &[Note]) -> Result<Option<Changed>, AuditError> {
        let apply = |known: &mut BTreeMap<Note, Date>| {
            known.retain(|note, _| !remove.contains(note));
            for (note, since) in add {
                known.entry(*note).or_insert(*since);
            }
        };
        apply(&mut self.known);
        let Some(place) = &self.place else { return Ok(None) };
        make_folder(place.path())?;
        let salt = &self.salt;
        let changed = place.change(|before| -> Result<(Option<String>, Changed), AuditError> {
            let (keyed, mut known) = match before {
                Some(text) => {
                    parse(place.path(), text).map_err(|_| AuditError::Changed { path: place.path().into() })?
                }
                None => (salt.clone(), BTreeMap::new()),
            };
            if keyed != *salt {
                known.clear();
            }
            apply(&mut known);
            let after = written(salt, &known);
            Ok((Some(after.clone()), Changed { before: before.map(str::to_owned), after }))
        })?;
        Ok(Some(changed))
    }

    /// Forgets what was changed last, once its file is as it was.
    pub fn forget(&mut self, added: &[(Note, Date)], removed: &[(Note, Date)]) {
        self.known.retain(|note, _| !added.iter().any(|(new, _)| new == note));
        self.known.extend(removed.iter().copied());
    }

    /// When it was noted.
    #[must_use]
    pub fn since(&self, note: Note) -> Option<Date> {
        self.known.get(&note).copied()
    }
}

/// A file before and after a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changed {
    pub before: Option<String>,
    pub after: String,
}

/// Makes the folder of the notes. Its name may be taken by a symlink: nothing is written behind one.
fn make_folder(path: &Path) -> Result<(), AuditError> {
    let folder = path.parent().unwrap_or(path);
    let unwritable = |why| control::PlaceError::Unwritable { path: path.to_owned(), why };
    match folder.symlink_metadata() {
        Ok(seen) if seen.is_dir() => Ok(()),
        Ok(seen) if seen.is_symlink() => Err(control::ControlError::Symlink { path: folder.to_owned() }.into()),
        Ok(_) => Err(control::ControlError::NotAFile { path: folder.to_owned() }.into()),
        Err(_) => std::fs::create_dir(folder).map_err(|why| unwritable(why).into()),
    }
}

fn written(salt: &str, known: &BTreeMap<Note, Date>) -> String {
    let mut out = HEADER.to_owned();
    let mut line = |line: std::fmt::Arguments<'_>| writeln!(out, "{line}").expect("a String takes every character");
    // Not `salt`, which a scan would warn of.
    line(format_args!("keyed {}", if salt.is_empty() { "-" } else { salt }));
    for (note, since) in known {
        match note {
            Note::Rotate(value) => line(format_args!("rotate {value} {since}")),
            Note::Skip(value) => line(format_args!("skip {value} {since}")),
        }
    }
    out
}

fn parse(path: &Path, text: &str) -> Result<(String, BTreeMap<Note, Date>), NotesProblem> {
    let (mut salt, mut known) = (None, BTreeMap::new());
    for (number, line) in (1..).zip(text.lines()) {
        let wrong = || NotesProblem::Line { path: path.to_owned(), line: number };
        let words: Vec<&str> = line.split(' ').collect();
        match words.as_slice() {
            _ if line.starts_with('#') => {}
            ["version", "1"] => {}
            ["keyed", "-"] => salt = Some(String::new()),
            ["keyed", digits] if is_salt(digits) => salt = Some((*digits).to_owned()),
            [word @ ("rotate" | "skip"), value, day] => {
                let value = value.parse().map_err(|_| wrong())?;
                let note = if *word == "rotate" { Note::Rotate(value) } else { Note::Skip(value) };
                known.insert(note, day.parse().map_err(|_| wrong())?);
            }
            _ => return Err(wrong()),
        }
    }
    let salt = salt.ok_or_else(|| NotesProblem::Line { path: path.to_owned(), line: text.lines().count() + 1 })?;
    Ok((salt, known))
}

fn is_salt(digits: &str) -> bool {
    (32..=128).contains(&digits.len())
        && digits.len().is_multiple_of(2)
        && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
}
