//! `tightlip commits`: what each commit of a range adds, with its message and names.

use clap::Args;
use serde_json::Value;

use super::Global;
use super::cached::CacheArgs;
use super::ci::{self, Base};
use super::destination::DestinationArgs;
use super::error::CliError;
use super::repository::{Opened, RepositoryArgs};
use super::setup::Setup;
use super::terminal::{Terminal, environment, note};
use super::trust::{self, Tip, TrustArgs};
use super::verdict::VerdictArgs;
use crate::control;
use crate::engine::{self, Ask};
use crate::git::{Commit, GitError, Oid, Store};
use crate::outcome::Exit;
use crate::report::escape::Escaped;
use crate::source::{Progress, Recorded, changes_of_commits};

/// Flags and arguments of `commits`.
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub struct CommitsArgs {
    /// The commits to read: `base..head`, `one...other`, `commit^!` for one alone, or a revision with all before it
    #[arg(value_name = "RANGE", allow_hyphen_values = false)]
    range: Option<String>,
    /// Read the commits of HEAD that this revision does not have
    #[arg(long, value_name = "REV", conflicts_with = "range")]
    base: Option<String>,
    /// Read all that any ref reaches: every file of every commit once, and tell of each secret which commit brought it
    #[arg(long, conflicts_with_all = ["range", "base", "trust_base"])]
    all: bool,
    /// With `--all`, read also what no ref reaches any more, as long as git keeps it
    #[arg(long, requires = "all")]
    unreachable: bool,
    #[command(flatten)]
    repository: RepositoryArgs,
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
Without a range: in continuous integration the commits of the pull request or push, elsewhere those of HEAD that no
remote branch has. A secret that one commit adds and the next one removes is found: it is in the history.

Examples:
  tightlip commits                     what is about to be pushed
  tightlip commits main..feature       what that branch adds
  tightlip commits --base origin/main  what HEAD adds
  tightlip commits HEAD^!              the last commit
  tightlip commits --all               the whole history, for an audit";

pub fn run(args: &CommitsArgs, global: &Global, terminal: &Terminal) -> Result<Exit, CliError> {
    let Opened { repository, mut store } = args.repository.open(global)?;
    if args.all {
        let ask = Ask {
            objects: repository.location().common_dir.join("objects"),
            id_len: store.id_len(),
            refs: store.refs()?,
            shallow: repository.shallow()?,
            unreachable: args.unreachable,
        };
        drop(store);
        let mut setup = Setup::at_root(global, &args.repository.paths())?;
        args.destination.apply(&mut setup.policy)?;
        return args.verdict.tell(setup, terminal, |rules, policy, options, observer| {
            Ok(engine::history(&ask, rules, policy, options, observer).map_err(GitError::from)?)
        });
    }
    let range = match (&args.range, &args.base) {
        (Some(range), _) => Range::parse(range, store.as_mut())?,
        (None, Some(base)) => Range::new(vec![store.resolve("HEAD")?], vec![store.resolve(base)?]),
        (None, None) => usual(store.as_mut())?,
    };
    let trust = args.trust.base(store.as_mut(), range.trust)?;
    let commits = store.commits(&range.include, &range.exclude)?;
    let shallow = repository.shallow()?;
    let mut listing = changes_of_commits(store.as_mut(), &commits, &Progress { shallow: &shallow, deadline: None });
    let tips: Vec<Tip> = range.include.into_iter().map(Tip::Commit).collect();
    let mut setup = match trust {
        Some(_) => trust::setup(global, store.as_mut(), trust, &tips, &mut listing)?,
        None => Setup::at_root(global, &args.repository.paths())?,
    };
    args.destination.apply(&mut setup.policy)?;
    drop(store);
    let cache = args.cache.open(global, &args.verdict, &mut setup, &repository);
    args.verdict.run_recorded(&Recorded::new(repository, listing, trust, cache), setup, terminal, None)
}

/// Commits that are reached from some and not from others.
#[derive(Debug)]
struct Range {
    include: Vec<Oid>,
    exclude: Vec<Oid>,
    /// The base that a service names: what comes after it cannot change what it is judged by.
    trust: Option<Oid>,
}

impl Range {
    const fn new(include: Vec<Oid>, exclude: Vec<Oid>) -> Self {
        Self { include, exclude, trust: None }
    }

    fn parse(text: &str, store: &mut dyn Store) -> Result<Self, GitError> {
        let or_head = |revision: &str| if revision.is_empty() { "HEAD".to_owned() } else { revision.to_owned() };
        if let Some(one) = text.strip_suffix("^!") {
            let commit = store.resolve(&format!("{one}^{{commit}}"))?;
            let object = store.object(&commit)?;
            let parsed = Commit::parse(&object.bytes).ok_or(GitError::Damaged { id: commit })?;
            return Ok(Self::new(vec![commit], parsed.parents));
        }
        if let Some((one, other)) = text.split_once("...") {
            let (one, other) = (store.resolve(&or_head(one))?, store.resolve(&or_head(other))?);
            // What only one of both has: what the first has alone and the second alone share no commit.
            let shared = shared(store, one, other)?;
            return Ok(Self::new(vec![one, other], shared));
        }
        if let Some((base, head)) = text.split_once("..") {
            let base = store.resolve(&or_head(base))?;
            return Ok(Self::new(vec![store.resolve(&or_head(head))?], vec![base]));
        }
        Ok(Self::new(vec![store.resolve(text)?], Vec::new()))
    }
}

/// Commits that both have, as far as needed to cut them off: the parents of what each has alone.
fn shared(store: &mut dyn Store, one: Oid, other: Oid) -> Result<Vec<Oid>, GitError> {
    let mut alone = store.commits(&[one], &[other])?;
    alone.extend(store.commits(&[other], &[one])?);
    let mut parents = Vec::new();
    for id in &alone {
        let object = store.object(id)?;
        parents.extend(Commit::parse(&object.bytes).ok_or(GitError::Damaged { id: *id })?.parents);
    }
    parents.retain(|parent| !alone.contains(parent));
    if alone.is_empty() {
        parents.push(one);
    }
    Ok(parents)
}

/// The range where none was given.
fn usual(store: &mut dyn Store) -> Result<Range, CliError> {
    let Some(head) = store.head()? else { return Ok(Range::new(Vec::new(), Vec::new())) };
    let variable = |name: &str| environment(name).and_then(|value| value.into_string().ok());
    if !ci::is_job(&variable) {
        let is_remote = |name: &[u8]| name.starts_with(b"refs/remotes/");
        let exclude = store.refs()?.into_iter().filter(|it| is_remote(&it.name)).map(|it| it.id).collect();
        return Ok(Range::new(vec![head], exclude));
    }
    let event = event(&variable)?;
    for base in ci::bases(&variable, event.as_ref()) {
        if let Some(exclude) = resolved(store, &base, head)? {
            note(&format!("note: commits since {} ({})", Escaped(&base.revision), Escaped(&base.by)));
            return Ok(Range { include: vec![head], exclude: vec![exclude], trust: Some(exclude) });
        }
    }
    Err(CliError::NoBase)
}

/// The base as a commit; none for the main branch where it is missing, or has all commits of HEAD itself.
fn resolved(store: &mut dyn Store, base: &Base, head: Oid) -> Result<Option<Oid>, GitError> {
    match store.resolve(&base.revision) {
        Err(GitError::NoRevision { .. }) if base.is_main => Ok(None),
        Ok(commit) if base.is_main && store.commits(&[head], &[commit])?.is_empty() => Ok(None),
        Ok(commit) => Ok(Some(commit)),
        Err(error) => Err(error),
    }
}

/// GitHub's account of what the job is about.
fn event(variable: &dyn Fn(&str) -> Option<String>) -> Result<Option<Value>, CliError> {
    // A push with many commits makes an account of several MiB.
    const MOST: u64 = 64 << 20;
    let Some(path) = variable("GITHUB_EVENT_PATH").filter(|path| !path.is_empty()) else { return Ok(None) };
    let text = control::read_up_to(path.as_ref(), MOST).map_err(GitError::from)?.unwrap_or_default();
    Ok(serde_json::from_slice(&text).ok())
}
