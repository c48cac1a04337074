//! `tightlip doctor`: hands the surroundings to the checks, and prints what they say.

use std::env;
use std::path::Path;

use clap::Args;

use super::error::CliError;
use super::repository::of_hooks;
use super::setup::Setup;
use super::terminal::{Terminal, environment};
use super::{Form, Global, print};
use crate::catalogue::RuleSet;
use crate::config::{self, ORGANISATION, SIGNATURE, Wanted};
use crate::control;
use crate::git::{Git, HooksHome};
use crate::hooks::{Check, Examined, HookError, Status, canary, exit, installing, on_path};
use crate::outcome::Exit;
use crate::policy::Policy;
use crate::report;

const AFTER_HELP: &str = "\
Each hook is tried in a repository that is made for it and taken away again: a commit or a push
with a made-up secret must be refused, and one without must go through. Yours is not touched.

Exit codes:
  0  nothing gets by, as far as hooks can tell
  1  something lets a secret by
  2  something could not be looked at

Examples:
  tightlip doctor
  tightlip doctor --format json
  tightlip doctor --foreign      run hooks of husky, lefthook and others too";

#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub struct DoctorArgs {
    /// Try hooks that tightlip did not write too: they are run in the other repository
    #[arg(long)]
    foreign: bool,
    /// How to print it
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    format: Form,
}

pub fn run(args: &DoctorArgs, global: &Global, terminal: &Terminal) -> Result<Exit, CliError> {
    let here = env::current_dir().map_err(|why| CliError::NoFolder { why })?;
    let path = environment("PATH");
    let git = Git::new(on_path("git", path.as_deref()).ok_or(HookError::NoGit)?);
    let running = env::current_exe().map_err(|why| HookError::Program { why: why.to_string() })?;
    let program = installing(&running, path.as_deref())?;
    let home = HooksHome::find(&git, of_hooks(), &here)?;
    let (rules, mut checks, control) = match &home.top {
        Some(top) => of_config(global, top)?,
        None => (RuleSet::default(), Vec::new(), Vec::new()),
    };
    let is_on = |id: &str| rules.index(id).is_some_and(|index| !rules.is_off(index));
    let examined = Examined {
        here: &here,
        home: &home,
        git: &git,
        elsewhere: &git.elsewhere(),
        program: &program,
        temporary: env::temp_dir(),
        shell: on_path("sh", path.as_deref()),
        control,
        canary: canary(is_on).map_err(|why| HookError::Random { why })?,
        foreign: args.foreign,
    };
    let mut all = examined.checks()?;
    all.append(&mut checks);
    print(|out| match args.format {
        Form::Human => report::doctor::human(&all, &terminal.out, out),
        Form::Json => report::doctor::json(&all, out),
    })?;
    Ok(exit(&all))
}

type OfConfig = (RuleSet, Vec<Check>, Vec<(String, String)>);

/// The rules in force, what of the config makes the gate weak, and names and texts of the files that hooks go by.
fn of_config(global: &Global, top: &Path) -> Result<OfConfig, CliError> {
    let Setup { rules, policy, .. } = Setup::new(global, &[top.to_owned()])?;
    // A hook sees none of the flags typed here.
    let found = config::find(&Wanted::Found, top)?.map(|found| (config::NAME.to_owned(), found.text));
    // A machine's policy may ask for the organisation's in each repository, also in the one that is made for the trial.
    let signed = [ORGANISATION.to_owned(), format!("{ORGANISATION}{SIGNATURE}")];
    let signed = signed.into_iter().filter_map(|name| {
        let text = control::read_text(&top.join(&name)).ok().flatten()?;
        Some((name, text))
    });
    let control = found.into_iter().chain(signed).collect();
    let checks = rules_check(&rules, &policy);
    Ok((rules, checks, control))
}

fn rules_check(rules: &RuleSet, policy: &Policy) -> Vec<Check> {
    let mut checks = Vec::new();
    let off: Vec<&str> =
        rules.rules().filter(|(index, _)| rules.is_off(*index)).map(|(_, rule)| rule.id.as_ref()).collect();
    if !off.is_empty() {
        let says = format!("switches rules off: {}", off.join(", "));
        checks.push(Check::new("config", Status::Warn, says, Some("take them out of `builtin:` in .tightlip.yml")));
    }
    let usual = crate::policy::Thresholds::default();
    if policy.thresholds.block > usual.block || policy.thresholds.severity > usual.severity {
        let says = format!("blocks from a score of {} on; the default is {}", policy.thresholds.block, usual.block);
        checks.push(Check::new("config", Status::Warn, says, Some("see `thresholds:` in .tightlip.yml")));
    }
    if checks.is_empty() {
        checks.push(Check::new("config", Status::Ok, "has all rules on, and the usual thresholds or lower ones", None));
    }
    checks
}
