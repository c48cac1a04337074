//! Where decisions are written: the config, the baseline, and the notes. Each is tried on the policy first, so that nothing
//! is written that would have no effect, and each can be taken back to the last byte as long as nobody else has written.

use std::path::PathBuf;

use super::edit::{Exception, with_exception};
use super::notes::Changed;
use super::{AuditError, Item, Note, Notes, passes};
use crate::baseline::{Baseline, BaselineError, Store};
use crate::control::Place;
use crate::date::Date;
use crate::policy::tier::EXCEEDED;
use crate::policy::{LOOSENED, Paths, Policy, WEAKENED, glob_of};
use crate::rule::Kind;

/// Makes the policy that a config and a baseline would come to.
pub type Judge<'j> = dyn Fn(Option<&str>, Option<Baseline>) -> Result<Policy, AuditError> + 'j;

/// The files that decisions go to.
pub struct Books<'b> {
    /// The folder that the config speaks of, absolute.
    pub root: PathBuf,
    /// The config's place and name; none where the run has none.
    pub config: Option<(Place, String)>,
    /// None where the run knows no baseline.
    pub baseline: Option<Store>,
    pub notes: Notes,
    /// Keys the fingerprints of this run.
    pub salt: String,
    /// Neither the config nor a baseline has the salt yet.
    pub is_new_salt: bool,
    pub today: Date,
    pub judge: Box<Judge<'b>>,
}

/// What a decision has changed, for taking it back.
#[derive(Debug, Default)]
pub struct Entry {
    files: Vec<(Place, Changed)>,
    added: Vec<(Note, Date)>,
    removed: Vec<(Note, Date)>,
    /// It has written the salt down.
    brought_salt: bool,
}

/// How an exception is to be written.
#[derive(Clone, Debug)]
pub struct Reason {
    pub text: String,
    pub until: Option<Date>,
    /// For the value wherever it stands, not in its file alone.
    pub everywhere: bool,
}

impl Books<'_> {
    /// Allows each of the items, which may be in several files.
    pub fn allow(&mut self, items: &[&Item], reason: &Reason) -> Result<Entry, AuditError> {
        let (place, name) = self.config.clone().ok_or(AuditError::NoConfig)?;
        items.iter().try_for_each(|item| allowable(item))?;
        let salt = self.is_new_salt.then_some(self.salt.as_str()).filter(|salt| !salt.is_empty());
        let changed = place.change(|before| -> Result<(Option<String>, Changed), AuditError> {
            let mut text = before.map(str::to_owned);
            for item in one_each(items, reason.everywhere) {
                let glob = (!reason.everywhere).then(|| named(item)).transpose()?;
                let exception = Exception {
                    rule: &item.finding.rule,
                    path: glob.as_deref(),
                    value: item.finding.fingerprint,
                    reason: &reason.text,
                    until: reason.until,
                };
                text = Some(with_exception(&name, text.as_deref(), &exception, salt)?);
            }
            let after = text.unwrap_or_default();
            let policy = (self.judge)(Some(&after), self.known()?)?;
            self.must_pass(items, &policy)?;
            Ok((Some(after.clone()), Changed { before: before.map(str::to_owned), after }))
        })?;
        let mut entry = Entry { files: vec![(place, changed)], brought_salt: self.is_new_salt, ..Entry::default() };
        self.is_new_salt = false;
        self.forget_notes(items, &mut entry);
        Ok(entry)
    }

    /// Adds the items to the baseline.
    pub fn accept(&mut self, items: &[&Item]) -> Result<Entry, AuditError> {
        let store = self.baseline.clone().ok_or(AuditError::NoBaseline)?;
        if self.salt.is_empty() {
            return Err(AuditError::NoSalt);
        }
        items.iter().try_for_each(|item| allowable(item).and_then(|()| named(item)).map(drop))?;
        let config = match &self.config {
            Some((place, _)) => crate::control::read_text(place.path())?,
            None => None,
        };
        let place = store.place().clone();
        let changed = place.change(|before| -> Result<(Option<String>, Changed), AuditError> {
            let with = || -> Result<Baseline, AuditError> {
                let mut current = self.current(&store, before)?;
                for item in items {
                    current.add(&item.finding, &item.path, self.today);
                }
                Ok(current)
            };
            let after = with()?.text();
            if after.len() as u64 > crate::control::MAX_BYTES {
                return Err(BaselineError::TooLarge { entries: with()?.len() }.into());
            }
            let policy = (self.judge)(config.as_deref(), Some(with()?))?;
            self.must_pass(items, &policy)?;
            Ok((Some(after.clone()), Changed { before: before.map(str::to_owned), after }))
        })?;
        let mut entry = Entry { files: vec![(place, changed)], brought_salt: self.is_new_salt, ..Entry::default() };
        self.is_new_salt = false;
        self.forget_notes(items, &mut entry);
        Ok(entry)
    }

    /// Notes that values are to be rotated, or items put off, in place of what was noted of them before.
    pub fn note(&mut self, notes: &[Note], instead_of: &[Note]) -> Result<Entry, AuditError> {
        let is_new = |note: &&Note| self.notes.since(**note).is_none();
        let added: Vec<(Note, Date)> = notes.iter().filter(is_new).map(|note| (*note, self.today)).collect();
        let removed = self.noted(instead_of);
        let changed = self.notes.change(&added, instead_of)?;
        let files = changed.into_iter().filter_map(|changed| Some((self.notes.place()?.clone(), changed))).collect();
        Ok(Entry { files, added, removed, brought_salt: false })
    }

    /// Those of the notes that were taken, each with its day.
    fn noted(&self, notes: &[Note]) -> Vec<(Note, Date)> {
        notes.iter().filter_map(|note| Some((*note, self.notes.since(*note)?))).collect()
    }

    /// Takes a decision back: every file is as it was, to the last byte.
    pub fn take_back(&mut self, entry: &Entry) -> Result<(), AuditError> {
        for (place, changed) in entry.files.iter().rev() {
            place.change(|now| {
                if now == Some(changed.after.as_str()) {
                    Ok((changed.before.clone(), ()))
                } else {
                    Err(AuditError::Changed { path: place.path().to_owned() })
                }
            })?;
        }
        self.is_new_salt |= entry.brought_salt;
        self.notes.forget(&entry.added, &entry.removed);
        Ok(())
    }

    /// What is decided in another way needs no note any more. A note that stays is no reason to refuse a decision.
    fn forget_notes(&mut self, items: &[&Item], entry: &mut Entry) {
        let notes = items.iter().flat_map(|item| [Note::Rotate(item.finding.fingerprint), self.notes.skip(item)]);
        let names: Vec<Note> = notes.collect();
        let removed = self.noted(&names);
        if removed.is_empty() {
            return;
        }
        if let Ok(changed) = self.notes.change(&[], &names) {
            entry.files.extend(changed.into_iter().filter_map(|changed| Some((self.notes.place()?.clone(), changed))));
            entry.removed = removed;
        }
    }

    /// The baseline that counts now.
    fn known(&self) -> Result<Option<Baseline>, AuditError> {
        let Some(store) = &self.baseline else { return Ok(None) };
        Ok(store.read()?.filter(|known| known.salt().is_empty() || known.salt() == self.salt))
    }

    fn current(&self, store: &Store, text: Option<&str>) -> Result<Baseline, AuditError> {
        let mut current = match text {
            Some(text) => Baseline::parse(store.name(), text)?,
            None => Baseline::new(store.name(), &self.salt),
        };
        if current.salt().is_empty() {
            current = Baseline::new(store.name(), &self.salt);
        }
        if current.salt() != self.salt {
            return Err(BaselineError::Replaced { path: store.path().to_owned() }.into());
        }
        Ok(current)
    }

    /// Nothing is written that a run would pass over.
    fn must_pass(&self, items: &[&Item], policy: &Policy) -> Result<(), AuditError> {
        let Some(item) = items.iter().find(|item| passes(item, &self.root, policy).is_none()) else { return Ok(()) };
        let rule = item.finding.rule.to_string();
        Err(match item.finding.kind {
            _ if !policy.permits(&rule) => AuditError::NotPermitted { rule },
            Kind::Marker { .. } if policy.decides() => AuditError::Marked,
            _ => AuditError::NoEffect,
        })
    }
}

/// Findings about the gate itself are not for the gate to let pass.
fn allowable(item: &Item) -> Result<(), AuditError> {
    if [WEAKENED, LOOSENED, EXCEEDED].contains(&&*item.finding.rule) {
        return Err(AuditError::NeverAllowed { rule: item.finding.rule.to_string() });
    }
    Ok(())
}

/// The glob for the item's file. A path with stars holds a secret that is hidden here, and one from the root on lies
/// elsewhere.
fn named(item: &Item) -> Result<String, AuditError> {
    let glob = glob_of(&item.path);
    let is_usable = !item.path.contains("***") && Paths::new([glob.as_str()]).is_ok();
    if is_usable { Ok(glob) } else { Err(AuditError::Path) }
}

/// One item for each entry that is to be written.
fn one_each<'i>(items: &[&'i Item], everywhere: bool) -> Vec<&'i Item> {
    let mut kept: Vec<&Item> = Vec::new();
    for item in items {
        let same = |known: &&Item| {
            known.finding.rule == item.finding.rule
                && known.is_of(item.finding.fingerprint)
                && (everywhere || known.path == item.path)
        };
        if !kept.iter().any(same) {
            kept.push(item);
        }
    }
    kept
}
