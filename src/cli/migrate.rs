//! `tightlip migrate`: reads the configs and baselines of other tools, scans, and writes ours.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use clap::Args;

use super::error::CliError;
use super::repository::of_hooks;
use super::setup::{Control, Named, Setup, checked, layer};
use super::terminal::without_secrets;
use super::verdict::tell_gaps;
use super::{Global, print};
use crate::baseline::{self, Baseline, BaselineError, Store};
use crate::config::NAME;
use crate::control;
use crate::date::Date;
use crate::engine::{self, Options, Sight};
use crate::finding::{Allowed, Decision, Finding};
use crate::git::{self, Start};
use crate::migrate::{self, Accepts, Judged, KINDS, Kind, PROGRAMS, Plan};
use crate::outcome::{Exit, Outcome};
use crate::policy::layer::{Layers, Rank};
use crate::policy::{self, Scope};
use crate::report::escape::Escaped;
use crate::source::{Paths, Source as _, Texts};
use crate::{progress, random};

const AFTER_HELP: &str = "\
Reads what gitleaks, betterleaks, detect-secrets, trufflehog, kingfisher, ggshield, talisman, secretlint and
ripsecrets have at the root of the repository, and writes `.tightlip.yml` and `.tightlip.baseline` there. What has
no counterpart is listed with the reason; docs/migrate.md has a table for each tool.

Examples:
  tightlip migrate --dry-run
  tightlip migrate --from gitleaks-baseline=ci/leaks.json --from trufflehog-exclude=ci/exclude.txt";

#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub struct MigrateArgs {
    /// The repository; the one around the current folder if not given
    #[arg(value_name = "PATH")]
    path: Option<PathBuf>,
    /// Read this file as well, as one of the kind
    #[arg(long, value_name = "KIND=FILE", value_parser = from)]
    from: Vec<(usize, PathBuf)>,
    /// Print what would be written, and write nothing
    #[arg(long)]
    dry_run: bool,
    /// Replace a config and a baseline that are there
    #[arg(long)]
    force: bool,
    /// Write also where something could not be read
    #[arg(long)]
    allow_incomplete: bool,
}

/// The number of the kind, and the file.
fn from(text: &str) -> Result<(usize, PathBuf), String> {
    let names = || KINDS.iter().map(|kind| kind.name).collect::<Vec<_>>().join(", ");
    let (name, file) = text.split_once('=').ok_or_else(|| format!("write KIND=FILE; kinds are {}", names()))?;
    let number = KINDS.iter().position(|kind| kind.name == name);
    Ok((number.ok_or_else(|| format!("kinds are {}", names()))?, PathBuf::from(file)))
}

pub fn run(args: &MigrateArgs, global: &Global) -> Result<Exit, CliError> {
    let given: Vec<PathBuf> = args.path.iter().cloned().collect();
    if let Some(path) = given.iter().find(|path| !path.is_dir()) {
        return Err(CliError::NoSuchPath { path: path.display().to_string() });
    }
    // The config that is there does not count: it is what is to be written.
    let plain = Global { config: None, no_config: true, baseline: None, ..Global::clone(global) };
    let control = Control::find(&plain, &given)?;
    let target = Target::new(&control, args)?;
    let all = if control.here == control.root { PathBuf::from(".") } else { control.root.clone() };
    let source = Paths::new(vec![all], true, 0);
    let scope = Scope::new(&control.root, &control.here);
    let mut plan = Plan::default();
    let tree = source.list().entries.iter().map(|entry| scope.relative(&entry.path).into_owned()).collect::<Vec<_>>();
    let files = read_all(args, &control.root, &tree, &mut plan)?;
    if files.is_empty() {
        return Err(CliError::NothingToMigrate);
    }
    let salt = format!("{:032x}", u128::from_be_bytes(random::bytes().map_err(|why| BaselineError::NoSalt { why })?));
    let scan = Scan::new(&plan, &salt, &source, scope)?;
    if !scan.outcome.gaps.is_empty() && !args.allow_incomplete {
        return Err(CliError::Incomplete { gaps: scan.outcome.gaps.len() });
    }
    let known = scan.accepted(&mut plan, &source);
    let commits = scan.accepted_in_commits(&mut plan, &control);
    let honoured = scan.honoured(&plan);
    let text = migrate::config(&plan, &salt, &honoured.keys().copied().collect::<Vec<_>>());
    // As a run will read it: what is written must be a config.
    checked(&layers(&text)?, None, scan.today)?;
    let mut written = Baseline::new(target.store.name(), &salt);
    let excepted: BTreeSet<&String> =
        plan.exceptions.iter().filter(|it| it.what.path.is_none()).filter_map(|it| it.what.value.as_ref()).collect();
    for (finding, path) in
        known.iter().chain(&commits).filter(|(it, _)| !excepted.contains(&it.fingerprint.to_string()))
    {
        written.add(finding, path, scan.today);
    }
    if args.dry_run {
        print(|out| out.write_all(text.as_bytes()).and_then(|()| writeln!(out)))?;
    }
    tell(&files, &plan, &honoured, written.len())?;
    target.write(&text, written, args)
}

/// Where it goes.
struct Target {
    config: PathBuf,
    store: Store,
}

impl Target {
    fn new(control: &Control, args: &MigrateArgs) -> Result<Self, CliError> {
        let (config, known) = (control.root.join(NAME), control.root.join(baseline::NAME));
        let shown = |path: &Path| path.strip_prefix(&control.here).unwrap_or(path).to_string_lossy().into_owned();
        let store = Store::new(known.clone(), &shown(&known));
        if !args.force && !args.dry_run {
            for path in [&config, &known] {
                if path.symlink_metadata().is_ok() {
                    return Err(CliError::MigratedAlready { path: shown(path) });
                }
            }
        }
        Ok(Self { config, store })
    }

    fn write(&self, text: &str, written: Baseline, args: &MigrateArgs) -> Result<Exit, CliError> {
        if args.dry_run {
            print(|out| writeln!(out, "nothing was written"))?;
            return Ok(Exit::Clean);
        }
        let entries = written.len();
        let unwritable = |why| CliError::Unwritable { path: self.config.display().to_string(), why };
        // `create_new` follows no symlink; what is replaced stays whole until the new one is.
        let is_there = self.config.symlink_metadata().is_ok();
        let fresh = if is_there { self.config.with_extension("yml.new") } else { self.config.clone() };
        let mut file = OpenOptions::new().write(true).create_new(true).open(&fresh).map_err(unwritable)?;
        file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(unwritable)?;
        if is_there {
            std::fs::rename(&fresh, &self.config).map_err(unwritable)?;
        }
        if entries > 0 {
            let mut written = Some(written);
            self.store.change(|_| Ok((written.take().expect("a change is asked for once"), ())))?;
        } else if self.store.exists() {
            // An old one has another salt, and could not be used any more.
            std::fs::remove_file(self.store.path()).map_err(unwritable)?;
        }
        let and = if entries > 0 { format!(" and {}", baseline::NAME) } else { String::new() };
        print(|out| writeln!(out, "wrote {NAME}{and}; next: tightlip scan"))?;
        Ok(Exit::Clean)
    }
}

/// The files that were read, each with its tool.
fn read_all(
    args: &MigrateArgs,
    root: &Path,
    tree: &[String],
    plan: &mut Plan,
) -> Result<Vec<(String, &'static str)>, CliError> {
    let bytes = |path: &str| control::read_up_to(&root.join(path), 64 << 20).ok().flatten();
    let mut files: Vec<(String, &'static str)> = Vec::new();
    let mut one = |kind: &'static Kind, path: &Path, name: &str, must: bool| -> Result<(), CliError> {
        let Some(bytes_of_it) = control::read_up_to(path, kind.most)? else {
            return if must { Err(CliError::NoSuchPath { path: name.to_owned() }) } else { Ok(()) };
        };
        match String::from_utf8(bytes_of_it) {
            Ok(text) => plan.read(kind, name, &text, tree, &bytes),
            Err(_) => plan.lose(name, "", "it is not UTF-8 text"),
        }
        files.push((name.to_owned(), kind.peer));
        Ok(())
    };
    for (number, kind) in KINDS.iter().enumerate() {
        for name in kind.files {
            one(kind, &root.join(name), name, false)?;
        }
        for (_, path) in args.from.iter().filter(|(wanted, _)| *wanted == number) {
            one(kind, path, &path.to_string_lossy(), true)?;
        }
    }
    for (name, peer) in PROGRAMS {
        if root.join(name).symlink_metadata().is_ok() {
            plan.lose(name, "", "it is a program, and none is run");
            files.push(((*name).to_owned(), peer));
        }
    }
    Ok(files)
}

/// The scan by which it is known what is found here.
struct Scan {
    setup: Setup,
    outcome: Outcome,
    today: Date,
}

impl Scan {
    /// By the config as planned so far, and with the comments of every tool.
    fn new(plan: &Plan, salt: &str, source: &Paths, scope: Scope) -> Result<Self, CliError> {
        let today = Date::at(SystemTime::now());
        let text = migrate::config(plan, salt, &peers_of(plan));
        let (rules, mut policy) = checked(&layers(&text)?, None, today)?;
        policy.scope = scope;
        let bar = progress::on_terminal(true);
        let outcome =
            engine::scan(source, &rules, &policy, Options { partial: true, ..Options::default() }, bar.as_ref());
        drop(bar);
        tell_gaps(&outcome);
        Ok(Self { setup: Setup { rules, policy, partial: true }, outcome, today })
    }

    /// The findings that another tool was told to let pass one by one. Those whose values it lets pass become exceptions.
    fn accepted(&self, plan: &mut Plan, source: &Paths) -> Vec<(Finding, String)> {
        let paths: BTreeSet<&str> = self.open().map(|finding| finding.place.path.as_str()).collect();
        let entries: Vec<_> = source.list().entries.into_iter().filter(|it| paths.contains(it.path.as_str())).collect();
        let mut known = Vec::new();
        let Setup { rules, policy, .. } = &self.setup;
        let (claims, filters, exceptions) = (&plan.claims, &plan.filters, &mut plan.exceptions);
        engine::sights(source, &entries, rules, policy, &mut |sight: &Sight<'_>| {
            if matches!(sight.finding.decision, Decision::Allow(_)) {
                return;
            }
            let path = policy.scope.relative(&sight.finding.place.path).into_owned();
            let here = claims.iter().filter(|claim| claim.in_commit().is_none());
            // Each is asked, so that each knows whether it is of use.
            if here.filter(|claim| claim.accepts(sight, &path)).count() > 0 {
                known.push((sight.finding.clone(), path));
            } else if let Some(exception) = filters.iter().find_map(|filter| filter.exception(sight, &path)) {
                exceptions.push(exception);
            }
        });
        known
    }

    /// Findings that nothing lets pass yet.
    fn open(&self) -> impl Iterator<Item = &Finding> {
        self.outcome.findings.iter().filter(|finding| !matches!(finding.decision, Decision::Allow(_)))
    }

    /// The same for what was accepted in a commit: its lines are counted as they stood there.
    fn accepted_in_commits(&self, plan: &mut Plan, control: &Control) -> Vec<(Finding, String)> {
        let wanted: BTreeSet<(String, String)> = plan
            .claims
            .iter()
            .filter_map(|claim| claim.in_commit())
            .map(|(commit, path)| (commit.to_owned(), path.to_owned()))
            .collect();
        if wanted.is_empty() {
            return Vec::new();
        }
        let start =
            if control.root == control.here { Start::Hook(of_hooks()) } else { Start::Path(control.root.clone()) };
        let mut store = git::Repository::open(&start, &control.here, None).map(|(_, store)| store).ok();
        let mut known = Vec::new();
        for (commit, path) in &wanted {
            let text = store.as_mut().and_then(|store| {
                let commit = git::Oid::parse(commit.as_bytes())?;
                let (_, blob) = git::file_at(store.as_mut(), &commit, path.as_bytes()).ok().flatten()?;
                store.blob(&blob).ok()
            });
            let claims: Vec<_> = plan.claims.iter().filter(|claim| claim.in_commit() == Some((commit, path))).collect();
            let Some(text) = text else {
                let short = commit.get(..12).unwrap_or(commit);
                let lost: Vec<_> = claims.iter().map(|claim| claim.from.clone()).collect();
                for from in lost {
                    plan.lose(&from.file, &from.place, format!("there is no `{path}` in commit {short} here"));
                }
                continue;
            };
            let mut source = Texts::default();
            source.add(path, text);
            let Setup { rules, policy, .. } = &self.setup;
            engine::sights(&source, &source.list().entries, rules, policy, &mut |sight| {
                if claims.iter().filter(|claim| claim.accepts(sight, path)).count() > 0 {
                    known.push((sight.finding.clone(), path.clone()));
                }
            });
        }
        known
    }

    /// The tools whose comments let something pass, and how many findings.
    fn honoured(&self, plan: &Plan) -> BTreeMap<&'static str, usize> {
        let mut counts = BTreeMap::new();
        for finding in &self.outcome.findings {
            if let Decision::Allow(Allowed::Inline { reason }) = &finding.decision {
                let peer = peers_of(plan)
                    .into_iter()
                    .find(|peer| policy::marks_of(peer).any(|it| it.allow().reason == *reason));
                *counts.entry(peer.unwrap_or_default()).or_default() += 1;
            }
        }
        counts.remove("");
        counts
    }
}

/// Those whose marks are known, first those whose files are here: some marks are of two tools.
fn peers_of(plan: &Plan) -> Vec<&'static str> {
    let all = policy::peers();
    let here = plan.peers.iter().copied().filter(|peer| all.contains(peer));
    let rest = all.iter().copied().filter(|peer| !plan.peers.contains(peer));
    here.chain(rest).collect()
}

fn tell(
    files: &[(String, &'static str)],
    plan: &Plan,
    honoured: &BTreeMap<&'static str, usize>,
    known: usize,
) -> Result<(), CliError> {
    let mut lines: Vec<String> = files.iter().map(|(file, peer)| format!("read {} ({peer})", Escaped(file))).collect();
    let mut carried = |count: usize, what: (&str, &str)| {
        if count > 0 {
            let what = if count == 1 { what.0 } else { what.1 };
            lines.push(format!("  {count} {what}"));
        }
    };
    let once = |texts: Vec<String>| texts.into_iter().collect::<BTreeSet<_>>().len();
    carried(
        once(plan.leave_out.iter().map(|it| it.what.clone()).collect()),
        ("glob of paths that are left out", "globs of paths that are left out"),
    );
    carried(
        once(plan.off.iter().map(|it| it.what.clone()).collect()),
        ("built-in rule switched off", "built-in rules switched off"),
    );
    carried(once(plan.exceptions.iter().map(|it| format!("{:?}", it.what)).collect()), ("exception", "exceptions"));
    carried(plan.rules.len(), ("own rule", "own rules"));
    carried(known, ("entry in the baseline", "entries in the baseline"));
    for (peer, count) in honoured {
        let by = format!("let pass by comments of {peer}");
        carried(*count, (&format!("finding {by}"), &format!("findings {by}")));
    }
    let needless = plan.claims.iter().filter(|claim| claim.judged() == Judged::Needless && claim.in_commit().is_none());
    carried(
        needless.count(),
        (
            "accepted finding that needs no entry: nothing is found there",
            "accepted findings that need no entry: nothing is found there",
        ),
    );
    let differs = plan.claims.iter().filter(|claim| claim.judged() == Judged::Differs);
    let mut lost: Vec<String> =
        plan.lost.iter().map(|it| format!("  {}: {}", Escaped(&it.from.to_string()), Escaped(&it.what))).collect();
    lost.extend(differs.map(|claim| {
        let place = match &claim.accepts {
            Accepts::Digest { path, line, .. } => format!("{path}:{line}"),
            other => format!("{other:?}"),
        };
        format!("  {}: another value is found in {} now", Escaped(&claim.from.to_string()), Escaped(&place))
    }));
    if !lost.is_empty() {
        lines.push(format!("not carried over: {}", lost.len()));
        lines.extend(lost);
    }
    print(|out| out.write_all(without_secrets(&(lines.join("\n") + "\n")).as_bytes()))
}

/// A config as it will be read where it is the only one.
fn layers(text: &str) -> Result<Layers, CliError> {
    let config = Named { name: NAME.to_owned(), text: text.to_owned() };
    Ok(std::iter::once(layer(Rank::Repository, &config)?).collect())
}
