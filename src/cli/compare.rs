//! `tightlip compare`: holds another tool's report against what is found here, and says why not the rest.

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};

use clap::Args;

use super::error::CliError;
use super::repository::of_hooks;
use super::setup::{Control, Setup};
use super::terminal::Terminal;
use super::verdict::tell_gaps;
use super::{Form, Global, input, print};
use crate::catalogue::RuleSet;
use crate::compare::{self, Both, Compared, Found, Missed, Reported, Same, Theirs, Why};
use crate::engine::{self, Options, Sight};
use crate::finding::{Allowed, Decision, Finding, Fingerprint};
use crate::git::{self, Start, Store};
use crate::outcome::{Exit, Outcome};
use crate::source::{Entry, Paths, Source, Texts};
use crate::{control, progress, report};

const AFTER_HELP: &str = "\
Takes JSON of gitleaks, betterleaks, trufflehog, kingfisher, detect-secrets and secretlint, and SARIF of any tool. The
report's secrets are compared and never printed.

Examples:
  gitleaks dir . -r leaks.json; tightlip compare leaks.json
  trufflehog filesystem . --json | tightlip compare -

Exit codes: 0, also where they differ; 1 with `--fail-on-missed` where only they found something; 2 as everywhere";

#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub struct CompareArgs {
    /// The other tool's report, or `-`
    #[arg(value_name = "REPORT")]
    report: PathBuf,
    /// The repository or folder that it is about; the repository around the current folder if not given
    #[arg(value_name = "PATH")]
    path: Option<PathBuf>,
    /// How to print it
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    format: Form,
    /// Exit with 1 where only the other tool found something
    #[arg(long)]
    fail_on_missed: bool,
    /// Read files that git ignores too
    #[arg(long)]
    no_ignore: bool,
}

pub fn run(args: &CompareArgs, global: &Global, terminal: &Terminal) -> Result<Exit, CliError> {
    let given: Vec<PathBuf> = args.path.iter().cloned().collect();
    if let Some(path) = given.iter().find(|path| !path.is_dir()) {
        return Err(CliError::NoSuchPath { path: path.display().to_string() });
    }
    let name = args.report.to_string_lossy().into_owned();
    let theirs = compare::read(&name, &input::read(&args.report, compare::MOST)?)?;
    let control = Control::find(global, &given)?;
    let whole = if control.here == control.root { PathBuf::from(".") } else { control.root.clone() };
    let paths = vec![args.path.clone().unwrap_or(whole)];
    let setup = Setup::new(global, &paths)?;
    let source = Paths::new(paths, !args.no_ignore, 0);
    let bar = progress::on_terminal(true);
    let options = Options { partial: true, ..Options::default() };
    let outcome = engine::scan(&source, &setup.rules, &setup.policy, options, bar.as_ref());
    drop(bar);
    tell_gaps(&outcome);
    let mut desk = Desk::new(&control, &setup, &source, &outcome, args.path.as_deref());
    desk.compare(&theirs);
    let compared = desk.compared(&theirs, &args.report);
    print(|out| match args.format {
        Form::Human => report::compare::human(&compared, &terminal.out, out),
        Form::Json => report::compare::json(&compared, out),
    })?;
    Ok(match () {
        () if !compared.complete => Exit::Failed,
        () if args.fail_on_missed && !compared.only_theirs.is_empty() => Exit::Blocked,
        () => Exit::Clean,
    })
}

/// One comparison at work.
struct Desk<'d> {
    control: &'d Control,
    setup: &'d Setup,
    source: &'d Paths,
    outcome: &'d Outcome,
    /// What a scan reads, by its path from the root.
    tree: BTreeMap<String, Entry>,
    /// The folder that was named, or where the command runs, from the root: the other tool may have run there too.
    folder: Option<String>,
    /// Findings of ours that are theirs as well, by path, rule and value.
    shared: HashSet<(String, Fingerprint)>,
    /// All rules, also those that are off.
    builtin: RuleSet,
    compared: Compared,
}

/// What of ours meets one of theirs.
#[derive(Default)]
struct Met {
    same: Option<Same>,
    rule: String,
    fingerprint: String,
    allowed: Option<Why>,
}

impl<'d> Desk<'d> {
    fn new(
        control: &'d Control,
        setup: &'d Setup,
        source: &'d Paths,
        outcome: &'d Outcome,
        path: Option<&Path>,
    ) -> Self {
        let name = |entry: &Entry| setup.policy.scope.relative(&entry.path).into_owned();
        let tree = source.list().entries.into_iter().map(|entry| (name(&entry), entry)).collect();
        let folder = from_root(control, path.unwrap_or(Path::new("."))).filter(|folder| !folder.is_empty());
        let (shared, builtin, compared) = (HashSet::new(), RuleSet::default(), Compared::default());
        Self { control, setup, source, outcome, tree, folder, shared, builtin, compared }
    }

    fn compare(&mut self, theirs: &Theirs) {
        let mut here: BTreeMap<String, Vec<&Reported>> = BTreeMap::new();
        let mut before: BTreeMap<(String, String), Vec<&Reported>> = BTreeMap::new();
        for reported in &theirs.findings {
            let path = self.path_of(&reported.path);
            match &reported.commit {
                Some(commit) => before.entry((commit.clone(), path)).or_default().push(reported),
                None => here.entry(path).or_default().push(reported),
            }
        }
        for (path, reported) in here {
            match self.tree.get(&path).cloned() {
                Some(entry) if !self.setup.policy.leaves_out(&entry.path) => {
                    self.in_entry(self.source, &entry, &path, &reported);
                }
                entry => {
                    let why = self.unread(&path, entry.is_some());
                    reported.iter().for_each(|it| self.miss(it, &path, why.clone()));
                }
            }
        }
        if !before.is_empty() {
            self.in_commits(before);
        }
    }

    /// The path from the root: some tools write it absolute, with the folder that they were given before it, or from
    /// where they ran.
    fn path_of(&self, written: &str) -> String {
        let root = self.control.root.to_string_lossy().replace(std::path::MAIN_SEPARATOR, "/");
        let folder = root.rsplit('/').next().unwrap_or_default();
        let within = written.strip_prefix(root.as_str()).and_then(|rest| rest.strip_prefix('/'));
        let below = written.strip_prefix(folder).and_then(|rest| rest.strip_prefix('/'));
        let there = self.folder.as_ref().map(|folder| format!("{folder}/{written}"));
        let is_there = |path: &&str| self.tree.contains_key(*path);
        let found = [Some(written), within, below, there.as_deref()].into_iter().flatten().find(is_there);
        found.or(within).unwrap_or(written).to_owned()
    }

    fn in_commits(&mut self, before: BTreeMap<(String, String), Vec<&Reported>>) {
        let (root, here) = (&self.control.root, &self.control.here);
        let start = if root == here { Start::Hook(of_hooks()) } else { Start::Path(root.clone()) };
        let mut store = git::Repository::open(&start, here, None).map(|(_, store)| store).ok();
        for ((commit, path), reported) in before {
            let Some(text) = store.as_mut().and_then(|store| text_at(store.as_mut(), &commit, &path)) else {
                let short = commit.get(..12).unwrap_or(&commit);
                let why = Why::new("no-commit", format!("this repository has no such file in commit {short}"));
                reported.iter().for_each(|it| self.miss(it, &path, why.clone()));
                continue;
            };
            let mut source = Texts::default();
            source.add(&path, text);
            let entries = source.list().entries;
            if let Some(entry) = entries.first() {
                self.in_entry(&source, entry, &path, &reported);
            }
        }
    }

    /// Compares what both say of one text.
    fn in_entry(&mut self, source: &dyn Source, entry: &Entry, path: &str, reported: &[&Reported]) {
        let mut met: Vec<Met> = reported.iter().map(|_| Met::default()).collect();
        let shared = &mut self.shared;
        let Setup { rules, policy, .. } = self.setup;
        let see = &mut |sight: &Sight<'_>| {
            for (reported, met) in reported.iter().zip(&mut met) {
                let Some(same) = reported.same(sight) else { continue };
                let finding = sight.finding;
                let allowed = allowed(&finding.decision);
                // One that a commit brought is the same as long as it stands in that file.
                if allowed.is_none() {
                    shared.insert((path.to_owned(), finding.fingerprint));
                }
                // A value that is the same says more than a line, and what is reported more than what is let pass.
                let rank = |same: Option<Same>, is_open: bool| same.map(|same| (is_open, same));
                if rank(Some(same), allowed.is_none()) > rank(met.same, met.allowed.is_none()) {
                    let (rule, fingerprint) = (finding.rule.to_string(), finding.fingerprint.to_string());
                    *met = Met { same: Some(same), rule, fingerprint, allowed };
                }
            }
        };
        let gaps = engine::sights(source, std::slice::from_ref(entry), rules, policy, see);
        for (reported, met) in reported.iter().zip(met) {
            match (met.same, met.allowed) {
                (Some(same), None) => {
                    let both = Both {
                        path: self.shown(path),
                        line: reported.line,
                        commit: reported.commit.clone(),
                        theirs: self.shown(&reported.rule),
                        ours: met.rule,
                        fingerprint: met.fingerprint,
                        by_value: same == Same::Value,
                    };
                    self.compared.both.push(both);
                }
                (Some(_), Some(why)) => self.miss(reported, path, why),
                (None, _) => {
                    let gap =
                        gaps.first().map(|gap| Why::new("not-read", format!("it could not be read: {}", gap.why)));
                    let why = gap.or_else(|| self.switched_off(source, entry, reported));
                    let why = why.unwrap_or_else(|| self.why(source, entry, path, reported));
                    self.miss(reported, path, why);
                }
            }
        }
    }

    /// Whether a rule would find it that the config has switched off.
    fn switched_off(&self, source: &dyn Source, entry: &Entry, reported: &Reported) -> Option<Why> {
        let Setup { rules, policy, .. } = self.setup;
        let is_off = |id: &str| rules.index(id).is_some_and(|index| rules.is_off(index));
        if !rules.rules().any(|(index, _)| rules.is_off(index)) {
            return None;
        }
        let mut found = None;
        engine::sights(source, std::slice::from_ref(entry), &self.builtin, policy, &mut |sight| {
            let rule = &sight.finding.rule;
            if found.is_none() && is_off(rule) && reported.same(sight).is_some() {
                found = Some(Why::new("rule-off", format!("{rule} finds it, and the config has it off")));
            }
        });
        found
    }

    /// Why a scan finds nothing there.
    fn why(&self, source: &dyn Source, entry: &Entry, path: &str, reported: &Reported) -> Why {
        let text = reported.commit.is_none().then(|| control::read_up_to(&self.control.root.join(path), 16 << 20));
        let stands = text.and_then(|text| text.ok().flatten()).and_then(|text| reported.stands_in(&text));
        if stands == Some(false) {
            return Why::new("gone", "the value, as the report has it, does not stand in the file");
        }
        const MOST_LINES: u64 = 16;
        let last = reported.end_line.min(reported.line + MOST_LINES);
        let mut traces = Vec::new();
        for line in reported.line..=last {
            match engine::explain(source, entry, line, &self.setup.rules, &self.setup.policy) {
                Ok(explanation) if explanation.last_line < line && line == reported.line => {
                    return Why::new("gone", format!("the file ends with line {}", explanation.last_line));
                }
                Ok(explanation) => traces.extend(explanation.traces),
                Err(gap) => return Why::new("not-read", format!("it could not be read: {}", gap.why)),
            }
        }
        Why::of(&traces)
    }

    /// Why a file is not read.
    fn unread(&self, path: &str, is_listed: bool) -> Why {
        let full = self.control.root.join(path);
        match full.symlink_metadata() {
            _ if is_listed => Why::new("left-out", "`leave_out` of the config names the file"),
            Err(_) => Why::new("no-file", "there is no such file"),
            Ok(seen) if !seen.is_file() => Why::new("not-read", "it is no regular file"),
            Ok(_) if is_outside(&self.control.root, &full) => Why::new("no-file", "it lies outside of what is scanned"),
            Ok(_) => Why::new("ignored", "git ignores it and does not track it: `--no-ignore` reads it"),
        }
    }

    #[expect(clippy::needless_pass_by_value, reason = "it becomes a part of what is told")]
    fn miss(&mut self, reported: &Reported, path: &str, why: Why) {
        let (path, rule) = (self.shown(path), self.shown(&reported.rule));
        let text = self.shown(&why.text);
        let commit = reported.commit.clone();
        self.compared.only_theirs.push(Missed { path, line: reported.line, commit, rule, why: Why { text, ..why } });
    }

    /// Their texts may hold a secret where none belongs.
    fn shown(&self, text: &str) -> String {
        engine::masked(text, &self.setup.rules).into_owned()
    }

    fn compared(mut self, theirs: &Theirs, report: &Path) -> Compared {
        let open = |finding: &&Finding| allowed(&finding.decision).is_none();
        // A report that stands in the tree repeats what was found elsewhere.
        let itself = from_root(self.control, report);
        let mut ours = 0;
        for finding in self.outcome.findings.iter().filter(open) {
            let path = self.setup.policy.scope.relative(&finding.place.path).into_owned();
            if itself.as_ref().is_some_and(|report| *report == path) {
                self.compared.in_report += 1;
                continue;
            }
            ours += 1;
            if !self.shared.contains(&(path.clone(), finding.fingerprint)) {
                self.compared.only_ours.push(Found {
                    path,
                    line: finding.place.start.line,
                    rule: finding.rule.to_string(),
                    severity: finding.kind.name().to_owned(),
                    score: finding.verdict.score(),
                    fingerprint: finding.fingerprint.to_string(),
                });
            }
        }
        self.compared.both.sort();
        self.compared.only_theirs.sort();
        Compared {
            tool: self.shown(&theirs.tool),
            theirs: theirs.findings.len(),
            ours,
            placeless: theirs.placeless,
            complete: self.outcome.gaps.is_empty(),
            ..self.compared
        }
    }
}

/// The path from the root of what lies below it.
fn from_root(control: &Control, path: &Path) -> Option<String> {
    let (root, path) = (control.root.canonicalize().ok()?, path.canonicalize().ok()?);
    let parts = path.strip_prefix(root).ok()?.components();
    let parts: Option<Vec<&str>> = parts.map(|part| part.as_os_str().to_str()).collect();
    Some(parts?.join("/"))
}

fn is_outside(root: &Path, full: &Path) -> bool {
    full.canonicalize().is_ok_and(|full| !full.starts_with(root))
}

fn text_at(store: &mut dyn Store, commit: &str, path: &str) -> Option<Vec<u8>> {
    let commit = git::Oid::parse(commit.as_bytes())?;
    let (_, blob) = git::file_at(store, &commit, path.as_bytes()).ok().flatten()?;
    store.blob(&blob).ok()
}

/// What lets a finding pass, if anything does.
fn allowed(decision: &Decision) -> Option<Why> {
    let Decision::Allow(allowed) = decision else { return None };
    Some(match allowed {
        Allowed::Inline { reason } => Why::new("allowed", format!("found, and allowed by a comment: {reason}")),
        Allowed::Config { entry, reason } => {
            Why::new("allowed", format!("found, and allowed by entry {entry} of the config: {reason}"))
        }
        Allowed::Baseline { since } => Why::new("allowed", format!("found, and in the baseline since {since}")),
        _ => Why::new("allowed", "found, and allowed where it stands"),
    })
}
