//! `tightlip audit`: findings of a scan or of a saved report, walked through at the terminal. Here are the flags, and what
//! the walk is given: items, files to write to, the text and the history round a finding, and the terminal.

mod desk;
mod read;
mod world;

use std::io::{self, IsTerminal};
use std::path::PathBuf;
use std::time::SystemTime;

use clap::builder::PossibleValuesParser;
use clap::{Args, ValueEnum};

use super::error::CliError;
use super::saved;
use super::setup::{Control, Named, layer};
use super::terminal::{Terminal, environment, note};
use super::verdict::{SEVERITIES, tell_gaps};
use super::{Global, print};
use crate::audit::{AuditError, Books, Filter, Item, Notes, gather, walk};
use crate::baseline::Baseline;
use crate::config::{NAME, Wanted};
use crate::control::Place;
use crate::date::Date;
use crate::outcome::Exit;
use crate::policy::layer::Rank;
use crate::policy::{Policy, Scope};
use crate::report;
use crate::report::audit::Listed;
use crate::rule::Severity;
use desk::Tty;
use read::{Found, Ground};
use world::Around;

const AFTER_HELP: &str = "\
Keys: r rotate, a allow, f false alarm, b baseline, s skip, u undo, o where else, e evidence, q quit, ? help.
Each decision is written at once; what is decided does not come again.

Exit codes:
  0  nothing that blocks is undecided; what is to be rotated still blocks other commands
  1  something that blocks is undecided
  2  usage or config is wrong, or something could not be read

Examples:
  tightlip audit                          all files below this folder
  tightlip audit --rule generic-password  findings of one rule
  tightlip audit --report found.json      what a saved report tells of
  tightlip audit --list                   what is decided and what is not, without asking";

/// Flags and arguments of `audit`.
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub struct AuditArgs {
    /// Files and folders to read; the current folder if not given
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Walk through what a saved report in JSON or JSONL tells of, as far as it is still found
    #[arg(long, value_name = "FILE", conflicts_with = "paths")]
    report: Option<PathBuf>,
    /// Only findings of this rule; may be given several times
    #[arg(long, value_name = "ID")]
    rule: Vec<String>,
    /// Only findings at least so severe; what is marked as confidential is always among them
    #[arg(long, value_name = "SEVERITY", value_parser = PossibleValuesParser::new(SEVERITIES.map(Severity::name)))]
    severity: Option<String>,
    /// Only findings with this score or a higher one, from 0 to 100
    #[arg(long, value_name = "SCORE", default_value_t = 0, value_parser = clap::value_parser!(u8).range(..=100))]
    min_score: u8,
    /// Read files that git ignores too
    #[arg(long)]
    no_ignore: bool,
    /// How many lines to show above and below a finding
    #[arg(long, value_name = "LINES", default_value_t = 3, value_parser = clap::value_parser!(u8).range(..=30))]
    context: u8,
    #[command(flatten)]
    walk: WalkArgs,
    /// Print what is decided and what is not, and ask nothing
    #[arg(long, conflicts_with_all = ["again", "lines"])]
    list: bool,
    /// How to print the list
    #[arg(long, value_name = "FORMAT", default_value = "human", requires = "list")]
    format: Form,
}

/// How to ask.
#[derive(Debug, Args)]
struct WalkArgs {
    /// Ask also about what was skipped, or is to be rotated
    #[arg(long)]
    again: bool,
    /// Do not read the repository's history
    #[arg(long)]
    no_history: bool,
    /// Take each answer with Enter, not with a single key
    #[arg(long)]
    lines: bool,
}

/// How the list can be printed.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum Form {
    /// for people
    #[default]
    Human,
    /// one JSON document
    Json,
    /// one JSON object a line, the summary last
    Jsonl,
}

pub fn run(args: &AuditArgs, global: &Global, terminal: &Terminal) -> Result<Exit, CliError> {
    if !args.list {
        let missing = if io::stdin().is_terminal() { "standard output" } else { "standard input" };
        if !io::stdin().is_terminal() || !io::stdout().is_terminal() {
            return Err(CliError::NoTerminal { what: missing });
        }
    }
    let paths = if args.paths.is_empty() { vec![PathBuf::from(".")] } else { args.paths.clone() };
    let control = Control::find(global, &paths)?;
    let report = args.report.as_deref().map(saved::read).transpose()?;
    // A finding of a commit cannot be keyed anew: its value is not at hand.
    let is_keyed = report.as_ref().is_some_and(|told| told.findings.iter().any(|finding| finding.commit.is_some()));
    let mut ground = Ground::new(global, &control, &paths)?;
    if !is_keyed {
        ground.find_salt(!args.list)?;
    }
    args.rule.iter().try_for_each(|id| ground.known_rule(id))?;
    let Found { findings, gone, gaps, setup, outcome } = match report {
        Some(told) => ground.of_report(told)?,
        None => ground.of_scan(&paths, !args.no_ignore)?,
    };
    tell_gaps(&outcome);
    let filter = Filter {
        rules: args.rule.clone(),
        severity: args.severity.as_ref().and_then(|name| SEVERITIES.into_iter().find(|it| it.name() == name)),
        score: args.min_score,
    };
    let git_dir = ground.git_dir().filter(|_| !global.no_config);
    let notes = Notes::open(git_dir.as_deref(), &ground.salt)?;
    let scope = setup.policy.scope.clone();
    let path = |finding: &crate::finding::Finding| match &finding.commit {
        Some(_) => finding.place.path.clone(),
        None => scope.relative(&finding.place.path).into_owned(),
    };
    let mut items = gather(findings, path, &filter, &notes);
    if args.list {
        let listed = Listed { items: &items, complete: gaps == 0, gone: &gone };
        print(|out| match args.format {
            Form::Human => report::audit::human(&listed, &terminal.out, out),
            Form::Json => report::audit::json(&listed, out),
            Form::Jsonl => report::audit::jsonl(&listed, out),
        })?;
    } else {
        tell_start(&ground, &gone, &items);
        let past = (!args.walk.no_history).then(|| ground.past()).flatten();
        let mut world = Around::new(&setup, ground.repository(), u64::from(args.context), past);
        let mut books = books(global, &control, &ground, notes);
        let single = !args.walk.lines && environment("TERM").is_none_or(|name| name != "dumb");
        let mut desk = Tty::new(&terminal.out, single);
        walk(&mut items, args.walk.again, &mut books, &mut world, &mut desk).map_err(|why| CliError::Stdout { why })?;
    }
    Ok(exit(&items, gaps))
}

fn exit(items: &[Item], gaps: usize) -> Exit {
    match (gaps, items.iter().any(Item::holds_up)) {
        (0, false) => Exit::Clean,
        (0, true) => Exit::Blocked,
        _ => Exit::Failed,
    }
}

fn tell_start(ground: &Ground<'_>, gone: &[String], items: &[Item]) {
    for place in gone {
        note(&format!("note: no longer found: {}", report::escape::Escaped(place)));
    }
    let put_off = items.iter().filter(|item| item.state.name() == "skipped").count();
    if put_off > 0 {
        note(&format!("note: {put_off} skipped before; `--again` asks about them"));
    }
    if ground.git_dir().is_none() {
        note("note: this is no git repository: what is skipped or to be rotated is forgotten when the audit ends");
    }
}

/// Where decisions are written to.
fn books<'b>(global: &Global, control: &'b Control, ground: &Ground<'b>, notes: Notes) -> Books<'b> {
    let shown =
        |path: &std::path::Path| path.strip_prefix(&control.here).unwrap_or(path).to_string_lossy().into_owned();
    let wanted = Wanted::of(global.no_config, global.config.clone(), environment("TIGHTLIP_CONFIG"));
    let config = match wanted {
        Wanted::Nothing => None,
        Wanted::File(path) => Some(path),
        Wanted::Found => Some(control.root.join(NAME)),
    };
    let config = config.map(|path| (Place::new(path.clone()), shown(&path)));
    let takes_baseline = !global.no_baseline && (!global.no_config || global.baseline.is_some());
    let today = Date::at(SystemTime::now());
    let name = config.as_ref().map_or_else(String::new, |(_, name)| name.clone());
    let judge = move |text: Option<&str>, baseline: Option<Baseline>| -> Result<Policy, AuditError> {
        let own = text.map(|text| layer(Rank::Repository, &Named { name: name.clone(), text: text.to_owned() }));
        let layers = control.above.clone().join(own.transpose()?.into_iter().collect());
        let mut policy = layers.policy(today)?;
        if let Some(baseline) = baseline {
            policy.set_baseline(control.store.name(), baseline)?;
        }
        policy.scope = Scope::new(&control.root, &control.here);
        Ok(policy)
    };
    Books {
        root: control.root.clone(),
        config,
        baseline: takes_baseline.then(|| control.store.clone()),
        notes,
        salt: ground.salt.clone(),
        is_new_salt: ground.is_new_salt,
        today,
        judge: Box::new(judge),
    }
}
