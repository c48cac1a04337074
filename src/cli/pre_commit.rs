//! What pre-commit and prek tell a hook that stands before a push. They read git's lines themselves, hand none of them
//! on, and name one ref in variables, though a push may bring several. What they keep to themselves is never taken for
//! nothing.

use super::error::CliError;
use crate::git::{GitError, Oid, Store, names_several_refs};
use crate::source::Update;

/// A push as they describe it.
pub struct Told {
    pub update: Update,
    pub remote: Option<String>,
    pub url: Option<String>,
}

/// None where neither of them runs.
pub fn told(store: &mut dyn Store, variable: &dyn Fn(&str) -> Option<String>) -> Result<Option<Told>, CliError> {
    let set = |name: &str| variable(&format!("PRE_COMMIT{name}")).filter(|value| !value.is_empty());
    if set("").is_none() {
        return Ok(None);
    }
    // Of a push with all of its history only the branch is named.
    let new = set("_TO_REF").or_else(|| set("_LOCAL_BRANCH")).ok_or(CliError::PreCommitSilent)?;
    // What the other side has need not be here: then more is read.
    let old = set("_FROM_REF").and_then(|from| store.resolve(&from).ok());
    let name = set("_REMOTE_BRANCH").unwrap_or_else(|| new.clone()).into_bytes();
    let update = Update { name, old, new: Some(store.resolve(&new)?) };
    Ok(Some(Told { update, remote: set("_REMOTE_NAME"), url: set("_REMOTE_URL") }))
}

/// Refuses a push that brings more than was told, as far as git's command line shows it.
pub fn refuse_more(store: &mut dyn Store, update: &Update, known: &[Oid]) -> Result<(), CliError> {
    let is_local = |name: &[u8]| name.starts_with(b"refs/heads/") || name.starts_with(b"refs/tags/");
    let tips: Vec<Oid> = store.refs()?.into_iter().filter(|it| is_local(&it.name)).map(|it| it.id).collect();
    let mut read: Vec<Oid> = known.to_vec();
    read.extend(update.new);
    let read = commits(store, &read)?;
    let tips = commits(store, &tips)?;
    // Where no other ref has a commit that is not read, no more can come.
    if store.commits(&tips, &read)?.is_empty() || !names_several_refs() {
        return Ok(());
    }
    Err(CliError::PreCommitSeveral)
}

/// The commits that ids lead to; a ref may as well lead to a file.
fn commits(store: &mut dyn Store, ids: &[Oid]) -> Result<Vec<Oid>, GitError> {
    let mut commits = Vec::new();
    for id in ids {
        match store.resolve(&format!("{id}^{{commit}}")) {
            Ok(commit) => commits.push(commit),
            Err(GitError::NoRevision { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(commits)
}
