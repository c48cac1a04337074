//! From refs that a push moves to entries: their names, tags with their messages, and the commits that are new with them.

use std::collections::HashSet;

use super::super::{Entry, Listing};
use super::list::{self, Names, Progress, changes_of_commits, pseudo};
use crate::git::{Commit, GitError, Kind, Oid, Store, Tag};

/// One ref that a push makes, moves or deletes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Update {
    pub name: Vec<u8>,
    /// None where it is made.
    pub old: Option<Oid>,
    /// None where it is deleted.
    pub new: Option<Oid>,
}

/// Tags of tags of tags end somewhere.
const MAX_TAGS: usize = 100;

/// What `updates` bring that is not reached from `known`, which may be ids of any kind of object.
pub fn changes_of_updates(
    store: &mut dyn Store,
    updates: &[Update],
    known: &[Oid],
    progress: &Progress<'_>,
) -> Result<Listing, GitError> {
    let mut found = Found::default();
    for update in updates {
        let Some(new) = update.new else { continue };
        found.entries.push(pseudo(Names::REF, &update.name, None));
        found.follow(store, new)?;
    }
    let mut exclude = HashSet::new();
    for id in known.iter().copied().chain(updates.iter().filter_map(|update| update.old)) {
        match commit_of(store, id) {
            Ok(commit) => exclude.extend(commit),
            // What the other side has need not be here: then more is read than needed, never less.
            Err(GitError::Missing { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    let mut exclude: Vec<Oid> = exclude.into_iter().collect();
    exclude.sort_unstable();
    let commits = store.commits(&found.commits, &exclude)?;
    let mut listing = changes_of_commits(store, &commits, progress);
    listing.entries.splice(0..0, found.entries);
    Ok(listing)
}

/// What refs lead to.
#[derive(Default)]
struct Found {
    commits: Vec<Oid>,
    entries: Vec<Entry>,
}

impl Found {
    /// Down to the commit, with the messages of tags on the way. A ref may name a file or a folder, too.
    fn follow(&mut self, store: &mut dyn Store, from: Oid) -> Result<(), GitError> {
        let mut id = from;
        for _ in 0..MAX_TAGS {
            let object = store.object(&id)?;
            match object.kind {
                Kind::Commit => {
                    self.commits.push(id);
                    return Ok(());
                }
                Kind::Tree => {
                    self.entries.extend(list::of_tree_alone(store, id)?);
                    return Ok(());
                }
                Kind::Blob => {
                    self.entries.push(list::of_blob_alone(id));
                    return Ok(());
                }
                Kind::Tag => {
                    let tag = Tag::parse(&object.bytes).ok_or(GitError::Damaged { id })?;
                    self.entries.push(pseudo(Names::TAG, tag.message, None));
                    self.entries.extend(tag.tagger.map(|tagger| pseudo(Names::TAGGER, tagger.who, None)));
                    id = tag.target;
                }
            }
        }
        Err(GitError::Damaged { id: from })
    }
}

/// The commit behind an id; none where it is a file's or a folder's.
fn commit_of(store: &mut dyn Store, from: Oid) -> Result<Option<Oid>, GitError> {
    let mut id = from;
    for _ in 0..MAX_TAGS {
        let object = store.object(&id)?;
        match object.kind {
            Kind::Commit if Commit::parse(&object.bytes).is_some() => return Ok(Some(id)),
            Kind::Commit => return Err(GitError::Damaged { id }),
            Kind::Tree | Kind::Blob => return Ok(None),
            Kind::Tag => id = Tag::parse(&object.bytes).ok_or(GitError::Damaged { id })?.target,
        }
    }
    Err(GitError::Damaged { id: from })
}
