//! From what git knows to entries: the index, and commits with their messages and names.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Instant;

use super::super::{Came, Entry, Lines, Listing, Origin};
use crate::finding::Introduced;
use crate::git::{Change, Changes, Commit, GitError, Kind, Mode, Oid, Signature, Store, of_index, of_tree};
use crate::outcome::Gap;

/// What reports call the texts that are no files.
pub struct Names;

impl Names {
    pub const MESSAGE: &'static str = "(commit message)";
    pub const AUTHOR: &'static str = "(author)";
    pub const COMMITTER: &'static str = "(committer)";
    pub const HEADERS: &'static str = "(commit headers)";
    pub const TAG: &'static str = "(tag message)";
    pub const TAGGER: &'static str = "(tagger)";
    pub const REF: &'static str = "(ref name)";
}

/// What the next commit adds to `parents`, which are commits; an unborn branch has none.
pub fn changes_of_index(store: &mut dyn Store, parents: &[Oid]) -> Result<Listing, GitError> {
    let trees: Result<Vec<Oid>, GitError> = parents.iter().map(|parent| tree_of(store, parent)).collect();
    let changes = of_index(store, &trees?)?;
    Ok(Listing { entries: entries(changes, None).collect(), ..Listing::default() })
}

/// How far a list of commits may go.
#[derive(Clone, Copy, Debug, Default)]
pub struct Progress<'p> {
    /// Commits whose parents were never fetched.
    pub shallow: &'p [Oid],
    /// What is not listed by then is a gap.
    pub deadline: Option<Instant>,
}

/// What each of these commits adds to its parents, and the texts of each. What cannot be read of one is a gap.
pub fn changes_of_commits(store: &mut dyn Store, commits: &[Oid], progress: &Progress<'_>) -> Listing {
    let mut listing = Listing::default();
    let mut seen = HashSet::new();
    for id in commits {
        let gap = |why: String| Gap { path: format!("commit {id}"), why };
        if progress.deadline.is_some_and(|deadline| Instant::now() > deadline) {
            listing
                .gaps
                .push(gap(format!("time is up: {} commits were not read", commits.len() as u64 - listing.commits)));
            break;
        }
        if progress.shallow.contains(id) {
            listing.gaps.push(gap(SHALLOW.to_owned()));
            continue;
        }
        match commit(store, id, &mut seen, &mut listing.entries) {
            Ok(()) => listing.commits += 1,
            Err(error) => listing.gaps.push(gap(error.to_string())),
        }
    }
    listing
}

const SHALLOW: &str =
    "its parents were never fetched, so what it adds is not known: `git fetch --unshallow`, or `fetch-depth: 0` in CI";

/// All files of a folder that a ref names by itself.
pub fn of_tree_alone(store: &mut dyn Store, tree: Oid) -> Result<Vec<Entry>, GitError> {
    Ok(entries(of_tree(store, tree, &[])?, None).collect())
}

/// A file that a ref names by itself, and so has no path.
pub fn of_blob_alone(id: Oid) -> Entry {
    let origin = Origin::Blob { id, olds: Vec::new() };
    Entry { path: format!("(blob {id})"), origin, lines: Lines::All, commit: None }
}

/// Names and addresses repeat from commit to commit: each is read once.
type Seen = HashSet<(&'static str, Vec<u8>)>;

fn commit(store: &mut dyn Store, id: &Oid, seen: &mut Seen, listed: &mut Vec<Entry>) -> Result<(), GitError> {
    let object = store.object(id)?;
    let damaged = || GitError::Damaged { id: *id };
    let commit = Commit::parse(&object.bytes).filter(|_| object.kind == Kind::Commit).ok_or_else(damaged)?;
    let parents: Result<Vec<Oid>, GitError> = commit.parents.iter().map(|parent| tree_of(store, parent)).collect();
    let changes = of_tree(store, commit.tree, &parents?)?;
    let introduced = Arc::new(introduced(id, &commit.author));
    let text = |path: &str, text: &[u8]| pseudo(path, text, Some(&introduced));
    listed.push(text(Names::MESSAGE, commit.message));
    for (path, signature) in [(Names::AUTHOR, &commit.author), (Names::COMMITTER, &commit.committer)] {
        if seen.insert((path, signature.who.to_vec())) {
            listed.push(text(path, signature.who));
        }
    }
    let more = commit.more.iter().filter(|header| !is_plain(header));
    listed.extend(more.map(|header| text(Names::HEADERS, header)));
    listed.extend(entries(changes, Some(&introduced)));
    Ok(())
}

/// Signatures are random by nature, and an encoding is a word.
fn is_plain(header: &[u8]) -> bool {
    [&b"gpgsig "[..], b"gpgsig-sha256 ", b"encoding "].iter().any(|plain| header.starts_with(plain))
}

fn introduced(id: &Oid, author: &Signature<'_>) -> Introduced {
    let author_text = String::from_utf8_lossy(author.who).into_owned();
    Introduced { id: id.to_string(), author: author_text, seconds: author.seconds, in_head: None }
}

/// What is new, and then each file that went from its path while others came: one of them may be it, changed.
fn entries(changes: Changes, commit: Option<&Arc<Introduced>>) -> impl Iterator<Item = Entry> + '_ {
    let came = changes.new.iter().filter(|change| change.olds.is_empty() && change.mode == Mode::File);
    let came: Arc<[Came]> =
        came.map(|change| (String::from_utf8_lossy(&change.path).into_owned(), change.id)).collect();
    let moved: HashSet<Oid> = came.iter().map(|(_, id)| *id).collect();
    let gone = changes.gone.into_iter().filter(move |gone| !moved.contains(&gone.id));
    let gone = gone.map(move |gone| Entry {
        path: String::from_utf8_lossy(&gone.path).into_owned(),
        origin: Origin::Gone { id: gone.id, came: Arc::clone(&came) },
        lines: Lines::Added(Vec::new()),
        commit: commit.cloned(),
    });
    changes.new.into_iter().map(move |change| entry(change, commit)).chain(gone)
}

fn entry(change: Change, commit: Option<&Arc<Introduced>>) -> Entry {
    let lines = if change.olds.is_empty() { Lines::All } else { Lines::Changed };
    Entry {
        path: String::from_utf8_lossy(&change.path).into_owned(),
        origin: Origin::Blob { id: change.id, olds: change.olds },
        lines,
        commit: commit.cloned(),
    }
}

/// A text that is no file's.
pub fn pseudo(path: &str, text: &[u8], commit: Option<&Arc<Introduced>>) -> Entry {
    Entry { path: path.to_owned(), origin: Origin::Text(text.into()), lines: Lines::All, commit: commit.cloned() }
}

/// A commit's tree.
fn tree_of(store: &mut dyn Store, commit: &Oid) -> Result<Oid, GitError> {
    let object = store.object(commit)?;
    let parsed = Commit::parse(&object.bytes).filter(|_| object.kind == Kind::Commit);
    Ok(parsed.ok_or(GitError::Damaged { id: *commit })?.tree)
}
