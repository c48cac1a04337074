//! `tightlip staged`: what the next commit would add, read from the index.

use clap::Args;

use super::Global;
use super::cached::CacheArgs;
use super::destination::DestinationArgs;
use super::error::CliError;
use super::repository::{Opened, RepositoryArgs};
use super::terminal::{Terminal, variables_after};
use super::trust::{self, Tip, TrustArgs};
use super::verdict::VerdictArgs;
use crate::git::{Commit, GitError, Oid, Repository, Store, is_amending};
use crate::outcome::Exit;
use crate::source::{Recorded, changes_of_index};

/// Flags of `staged`.
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub struct StagedArgs {
    /// The next commit replaces the last one: read what both of them add. Found out by itself on Linux
    #[arg(long)]
    amend: bool,
    #[command(flatten)]
    trust: TrustArgs,
    #[command(flatten)]
    cache: CacheArgs,
    #[command(flatten)]
    destination: DestinationArgs,
    #[command(flatten)]
    verdict: VerdictArgs,
}

const AFTER_HELP: &str = "\
Reads the index, not the files on disk: it is what git will record. Lines that the last commit has already do not
count, and in a merge those that any of its sides has.

Examples:
  tightlip staged              in .git/hooks/pre-commit, or before a commit
  tightlip staged --amend      before `git commit --amend`";

pub fn run(args: &StagedArgs, global: &Global, terminal: &Terminal) -> Result<Exit, CliError> {
    let Opened { repository, mut store } = RepositoryArgs::default().open(global)?;
    if repository.location().work_tree.is_none() {
        return Err(GitError::Bare.into());
    }
    let parents = parents(&repository, store.as_mut(), args.amend || is_amending())?;
    let mut listing = changes_of_index(store.as_mut(), &parents)?;
    let trust = args.trust.base(store.as_mut(), None)?;
    let mut setup = trust::setup(global, store.as_mut(), trust, &[Tip::Index], &mut listing)?;
    args.destination.apply(&mut setup.policy)?;
    drop(store);
    let cache = args.cache.open(global, &args.verdict, &mut setup, &repository);
    args.verdict.run_recorded(&Recorded::new(repository, listing, trust, cache), setup, terminal, None)
}

/// The parents that the next commit will have.
fn parents(repository: &Repository, store: &mut dyn Store, amend: bool) -> Result<Vec<Oid>, GitError> {
    // Where there is no commit yet, everything is new.
    let Some(head) = store.head()? else { return Ok(Vec::new()) };
    if amend {
        let object = store.object(&head)?;
        let commit = Commit::parse(&object.bytes).ok_or(GitError::Damaged { id: head })?;
        return Ok(commit.parents);
    }
    let mut merged = repository.merge_heads()?;
    if merged.is_empty() {
        // A merge that git commits by itself writes them down only afterwards; its hooks find their ids in names of
        // variables.
        merged = variables_after("GITHEAD_").iter().filter_map(|id| Oid::parse(id.as_bytes())).collect();
        merged.sort_unstable();
    }
    Ok(std::iter::once(head).chain(merged).collect())
}
