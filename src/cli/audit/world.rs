//! What an audit knows of the repository: lines round a finding, redacted; what looked at it; and its first commit, which
//! another thread reads in the meantime.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

use super::super::setup::Setup;
use crate::audit::{Item, Past, World};
use crate::engine;
use crate::excerpt::ShownLine;
use crate::finding::{Fingerprint, Introduced, Place};
use crate::git::{Oid, Repository, Store, file_at};
use crate::source::{Entry, Paths, Source, Texts};
use crate::trace::Trace;

/// The first commit and place of each value, and whether all of the history was there.
pub type Firsts = (BTreeMap<Fingerprint, (Introduced, Place)>, bool);

/// How reading the history ended.
pub type Ended = Result<Firsts, String>;

/// A repository whose store is opened when it is first asked.
pub struct Repo {
    repository: Repository,
    store: Option<Box<dyn Store>>,
}

impl Repo {
    pub const fn new(repository: Repository) -> Self {
        Self { repository, store: None }
    }

    /// The bytes that a commit has at a path.
    fn file(&mut self, commit: &str, path: &str) -> Option<Vec<u8>> {
        if self.store.is_none() {
            self.store = self.repository.store().ok();
        }
        let store = self.store.as_mut()?;
        let (_, blob) = file_at(store.as_mut(), &Oid::parse(commit.as_bytes())?, path.as_bytes()).ok()??;
        store.blob(&blob).ok()
    }
}

pub struct Around<'a> {
    setup: &'a Setup,
    repo: Option<Repo>,
    /// Lines above and below.
    lines: u64,
    reading: Option<Receiver<Ended>>,
    read: Option<Ended>,
}

impl<'a> Around<'a> {
    pub const fn new(setup: &'a Setup, repo: Option<Repo>, lines: u64, reading: Option<Receiver<Ended>>) -> Self {
        Self { setup, repo, lines, reading, read: None }
    }

    /// The text that an item stands in: of its commit, or of the file as it is now.
    fn text(&mut self, item: &Item) -> Option<(Box<dyn Source>, Entry)> {
        let path = &item.finding.place.path;
        let source: Box<dyn Source> = match &item.finding.commit {
            Some(commit) => {
                let mut texts = Texts::default();
                texts.add(path, self.repo.as_mut()?.file(&commit.id, path)?);
                Box::new(texts)
            }
            None => Box::new(Paths::new(vec![PathBuf::from(path)], false, 1)),
        };
        let entry = source.list().entries.into_iter().next()?;
        Some((source, entry))
    }
}

impl World for Around<'_> {
    fn around(&mut self, item: &Item) -> Vec<ShownLine> {
        if self.lines == 0 || item.has_no_line() {
            return Vec::new();
        }
        let Some((source, entry)) = self.text(item) else { return Vec::new() };
        // Of a finding of many lines the first few are enough.
        const MOST: u64 = 3;
        let (start, end) = (item.finding.place.start.line, item.finding.place.end.line);
        let last = end.min(start.saturating_add(MOST)).saturating_add(self.lines);
        let first = start.saturating_sub(self.lines).max(1);
        engine::context(source.as_ref(), &entry, (first, last), &self.setup.rules).unwrap_or_default()
    }

    fn evidence(&mut self, item: &Item) -> Result<Vec<Trace>, String> {
        let (source, entry) = self.text(item).ok_or("its text is not at hand")?;
        let line = item.finding.place.start.line;
        let explained = engine::explain(source.as_ref(), &entry, line, &self.setup.rules, &self.setup.policy);
        explained.map(|explanation| explanation.traces).map_err(|gap| gap.why)
    }

    fn past(&mut self, item: &Item, patience: Duration) -> Past {
        if self.read.is_none() {
            let Some(reading) = &self.reading else { return Past::Unread };
            self.read = match reading.recv_timeout(patience) {
                Ok(read) => Some(read),
                Err(RecvTimeoutError::Timeout) => return Past::Reading,
                Err(RecvTimeoutError::Disconnected) => Some(Err("reading it came to no end".to_owned())),
            };
        }
        match &self.read {
            None => Past::Reading,
            Some(Err(why)) => Past::Failed(why.clone()),
            Some(Ok((firsts, is_whole))) => match firsts.get(&item.finding.fingerprint) {
                None => Past::Nowhere { is_whole: *is_whole },
                Some((commit, place)) => {
                    Past::Since { commit: commit.clone(), place: place.clone(), is_whole: *is_whole }
                }
            },
        }
    }
}
