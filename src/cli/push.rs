//! `tightlip push` and `tightlip receive`: what git's `pre-push` and `pre-receive` hooks are asked about, on both sides.

use std::io::{self, Read as _};
use std::time::{Duration, Instant};

use clap::Args;

use super::Global;
use super::cached::CacheArgs;
use super::destination::{self, DestinationArgs};
use super::error::CliError;
use super::pre_commit;
use super::repository::{Opened, RepositoryArgs};
use super::setup::Setup;
use super::terminal::{Terminal, environment, note};
use super::trust::{self, Tip, TrustArgs};
use super::verdict::VerdictArgs;
use crate::cache::Cache;
use crate::git::{GitError, Oid, Repository, Store};
use crate::outcome::Exit;
use crate::report::escape::Escaped;
use crate::source::{Progress, Recorded, Update, changes_of_updates};

/// Flags and arguments of `push`.
#[derive(Debug, Args)]
#[command(after_help = PUSH_HELP)]
pub struct PushArgs {
    /// The remote's name, as git gives it
    #[arg(value_name = "REMOTE")]
    remote: Option<String>,
    /// The remote's address, as git gives it
    #[arg(value_name = "URL")]
    url: Option<String>,
    #[command(flatten)]
    trust: TrustArgs,
    #[command(flatten)]
    cache: CacheArgs,
    #[command(flatten)]
    verdict: VerdictArgs,
}

const PUSH_HELP: &str = "\
Git runs it as its `pre-push` hook and writes a line to standard input for each ref that is pushed. Read are the commits
that the remote does not have yet, as far as is known here, and the names and messages of tags and branches. Where
pre-commit or prek runs it there are no lines; it goes by their variables, which name one ref.

In .git/hooks/pre-push:
  exec tightlip push \"$@\"";

/// Flags of `receive`.
#[derive(Debug, Args)]
#[command(after_help = RECEIVE_HELP)]
pub struct ReceiveArgs {
    /// What is not read after this many seconds is refused
    #[arg(long, value_name = "SECONDS", default_value = "120", value_parser = clap::value_parser!(u32).range(1..=86_400))]
    deadline: u32,
    #[command(flatten)]
    trust: TrustArgs,
    #[command(flatten)]
    destination: DestinationArgs,
    #[command(flatten)]
    verdict: VerdictArgs,
}

const RECEIVE_HELP: &str = "\
Git runs it on the server as its `pre-receive` hook and writes a line to standard input for each ref. Read is all that
no ref of the server has yet, before it becomes part of the repository. Who pushes sees the report.

In hooks/pre-receive of the bare repository:
  exec tightlip receive";

pub fn push(args: &PushArgs, global: &Global, terminal: &Terminal) -> Result<Exit, CliError> {
    let mut updates = updates(Lines::PrePush)?;
    let mut opened = RepositoryArgs::default().open(global)?;
    let told = if updates.is_empty() { pre_commit::told(opened.store.as_mut(), &variable)? } else { None };
    updates.extend(told.as_ref().map(|told| told.update.clone()));
    let url = args.url.as_deref().or_else(|| told.as_ref()?.url.as_deref());
    let remote = args.remote.as_deref().or_else(|| told.as_ref()?.remote.as_deref());
    let location = opened.repository.location();
    let top = location.work_tree.clone().unwrap_or_else(|| location.git_dir.clone());
    let goes_to = || destination::of_push(remote, url, &top);
    for to in goes_to().iter().filter(|_| global.verbose > 0 && url.is_some()) {
        note(&format!("note: what goes to {}", Escaped(to.id())));
    }
    let tracking = format!("refs/remotes/{}/", remote.unwrap_or("origin"));
    let is_known = |name: &[u8]| name.starts_with(tracking.as_bytes());
    let partly = told.is_some();
    let push =
        Push { updates: &updates, is_known: &is_known, main: &format!("{tracking}HEAD"), deadline: None, partly };
    let cache = |setup: &mut Setup, repository: &Repository| args.cache.open(global, &args.verdict, setup, repository);
    let (source, mut setup) = push.decide(opened, &args.trust, &cache, global)?;
    if setup.policy.decides() {
        setup.policy.go_to(goes_to());
    }
    args.verdict.run_recorded(&source, setup, terminal, None)
}

pub fn receive(args: &ReceiveArgs, global: &Global, terminal: &Terminal) -> Result<Exit, CliError> {
    let deadline = Some(Instant::now() + Duration::from_secs(args.deadline.into()));
    let updates = updates(Lines::PreReceive)?;
    let opened = RepositoryArgs::default().open(global)?;
    let folder = opened.repository.location().common_dir.clone();
    // What any ref of the server has was looked at when it came, or is known.
    let push = Push { updates: &updates, is_known: &|_| true, main: "HEAD", deadline, partly: false };
    // A server relies on nothing that another process of the same user may have written.
    let (source, mut setup) = push.decide(opened, &args.trust, &|_, _| Cache::off(), global)?;
    setup.policy.go_to([args.destination.or(destination::of_receive(&folder))?]);
    args.verdict.run_recorded(&source, setup, terminal, deadline)
}

fn variable(name: &str) -> Option<String> {
    environment(name).and_then(|value| value.into_string().ok())
}

/// What either hook is asked about.
struct Push<'p> {
    updates: &'p [Update],
    /// Whether the other side has what a ref leads to.
    is_known: &'p dyn Fn(&[u8]) -> bool,
    /// The ref with the main branch of the other side.
    main: &'p str,
    deadline: Option<Instant>,
    /// There may be more refs than were told.
    partly: bool,
}

impl Push<'_> {
    fn decide(
        &self,
        opened: Opened,
        trust: &TrustArgs,
        cache: &dyn Fn(&mut Setup, &Repository) -> Cache,
        global: &Global,
    ) -> Result<(Recorded, Setup), CliError> {
        let Opened { repository, mut store } = opened;
        let store_ref = store.as_mut();
        let known = store_ref.refs()?.into_iter().filter(|it| (self.is_known)(&it.name)).map(|it| it.id);
        let known: Vec<Oid> = known.collect();
        if self.partly {
            self.updates.iter().try_for_each(|update| pre_commit::refuse_more(store_ref, update, &known))?;
        }
        let shallow = repository.shallow()?;
        let progress = Progress { shallow: &shallow, deadline: self.deadline };
        let mut listing = changes_of_updates(store_ref, self.updates, &known, &progress)?;
        let found = self.base(store_ref);
        let trust = trust.base(store_ref, found)?;
        let tips: Vec<Tip> =
            self.updates.iter().filter_map(|update| commit(store_ref, update.new?)).map(Tip::Commit).collect();
        let mut setup = trust::setup(global, store_ref, trust, &tips, &mut listing)?;
        drop(store);
        let cache = cache(&mut setup, &repository);
        Ok((Recorded::new(repository, listing, trust, cache), setup))
    }

    /// What the other side has: its main branch, or else what the first of the refs was before, or else any of its
    /// branches: a remote that was added by hand has no known main branch, and a new branch was nothing before. Nothing at
    /// the first push of all, when there is no gate yet that could be weakened.
    fn base(&self, store: &mut dyn Store) -> Option<Oid> {
        let main = store.resolve(self.main).ok();
        let olds = self.updates.iter().filter_map(|update| update.old);
        let mut known = store.refs().unwrap_or_default();
        known.retain(|it| (self.is_known)(&it.name));
        known.sort_by_key(|it| !(it.name.ends_with(b"/main") || it.name.ends_with(b"/master")));
        let known = known.into_iter().map(|it| it.id);
        main.into_iter().chain(olds).chain(known).find_map(|id| commit(store, id))
    }
}

/// The commit that an id leads to, if it does and is here.
fn commit(store: &mut dyn Store, id: Oid) -> Option<Oid> {
    store.resolve(&format!("{id}^{{commit}}")).ok()
}

/// Which hook's lines are read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Lines {
    /// `<local ref> <local id> <remote ref> <remote id>`
    PrePush,
    /// `<old id> <new id> <ref>`
    PreReceive,
}

/// More refs than any push has; without a limit, input without end would fill the memory.
const MAX_INPUT: u64 = 64 << 20;

fn updates(lines: Lines) -> Result<Vec<Update>, CliError> {
    let mut input = Vec::new();
    let read = io::stdin().lock().take(MAX_INPUT + 1).read_to_end(&mut input);
    if read.is_err() || input.len() as u64 > MAX_INPUT {
        return Err(GitError::HookInput.into());
    }
    let filled = input.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    let updates: Option<Vec<Update>> = filled.map(|line| update(line, lines)).collect();
    updates.ok_or_else(|| GitError::HookInput.into())
}

/// A name of a ref has no blanks.
fn update(line: &[u8], lines: Lines) -> Option<Update> {
    let words: Vec<&[u8]> = line.split(|byte| *byte == b' ').collect();
    let (name, old, new) = match (lines, words.as_slice()) {
        (Lines::PrePush, [_, new, name, old]) => (*name, *old, *new),
        (Lines::PreReceive, [old, new, name]) => (*name, *old, *new),
        _ => return None,
    };
    let id = |digits: &[u8]| Oid::parse(digits).map(|id| Some(id).filter(|id| !id.is_zero()));
    Some(Update { name: name.to_owned(), old: id(old)?, new: id(new)? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_hooks_are_understood_or_refused() {
        let (one, two, none) = ("1".repeat(40), "2".repeat(40), "0".repeat(40));
        let id = |digits: &str| Oid::parse(digits.as_bytes());
        let rows = [
            (Lines::PrePush, format!("refs/heads/a {one} refs/heads/b {two}"), Some((id(&two), id(&one)))),
            (Lines::PrePush, format!("(delete) {none} refs/heads/b {two}"), Some((id(&two), None))),
            (Lines::PreReceive, format!("{none} {two} refs/heads/b"), Some((None, id(&two)))),
            (Lines::PreReceive, format!("{one} {two}"), None),
            (Lines::PreReceive, format!("{one} 22 refs/heads/b"), None),
            (Lines::PrePush, format!("{one} {two} refs/heads/b"), None),
        ];
        for (lines, line, expected) in rows {
            let found = update(line.as_bytes(), lines);
            assert!(found.as_ref().is_none_or(|update| update.name == b"refs/heads/b"), "{line}");
            assert_eq!(found.map(|update| (update.old, update.new)), expected, "{line}");
        }
    }
}
