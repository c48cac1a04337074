//! What every command that ends in a report has in common: its flags, and the way from a source to an exit code.

use std::time::Instant;

use clap::Args;
use clap::builder::PossibleValuesParser;

use super::error::CliError;
use super::output::OutputArgs;
use super::setup::Setup;
use super::terminal::{Terminal, note};
use crate::catalogue::RuleSet;
use crate::config::Flag;
use crate::engine::{self, Options};
use crate::outcome::{Exit, Leniency, Outcome};
use crate::policy::Policy;
use crate::progress::{self, Observer};
use crate::report::escape::Escaped;
use crate::rule::Severity;
use crate::source::{Recorded, Source};

/// Flags of a command that reports what it found; to be flattened into the command's own.
#[derive(Debug, Args)]
pub struct VerdictArgs {
    #[command(flatten)]
    output: OutputArgs,
    /// Report from this score on, from 0 to 100
    #[arg(long, value_name = "SCORE", value_parser = clap::value_parser!(u8).range(..=100))]
    min_score: Option<u8>,
    /// Block on findings of this severity and above
    #[arg(long, value_name = "SEVERITY", value_parser = PossibleValuesParser::new(SEVERITIES.map(Severity::name)))]
    fail_on: Option<String>,
    /// Threads to use; one for each core if not given
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u16).range(1..=512))]
    threads: Option<u16>,
    #[command(flatten)]
    leniency: LeniencyArgs,
    /// Show no progress bar
    #[arg(long)]
    no_progress: bool,
}

/// Flags that let pass what else would fail a run.
#[derive(Debug, Args)]
pub struct LeniencyArgs {
    /// Let files that cannot be read pass: they are reported, and do not fail the run
    #[arg(long)]
    allow_incomplete: bool,
    /// Let findings pass: they are reported, and do not fail the run
    #[arg(long)]
    exit_zero: bool,
}

impl LeniencyArgs {
    pub const fn leniency(&self) -> Leniency {
        Leniency { incomplete: self.allow_incomplete, findings: self.exit_zero }
    }

    /// What of it a policy above the repository permits; what it does not is told.
    fn within(&self, policy: &Policy) -> Leniency {
        let counts = |typed: bool, flag: Flag| {
            let permitted = policy.permits_flag(flag);
            if typed && !permitted {
                note(&format!(
                    "note: `--{}` does not count: a policy above the repository does not permit it",
                    flag.name()
                ));
            }
            typed && permitted
        };
        Leniency {
            incomplete: counts(self.allow_incomplete, Flag::AllowIncomplete),
            findings: counts(self.exit_zero, Flag::ExitZero),
        }
    }
}

pub const SEVERITIES: [Severity; 4] = [Severity::Low, Severity::Medium, Severity::High, Severity::Critical];

impl VerdictArgs {
    /// Scans all that `source` lists and prints the report. `refuse` may find the outcome to be none, before it is
    /// printed.
    pub fn run(
        &self,
        source: &dyn Source,
        setup: Setup,
        terminal: &Terminal,
        refuse: impl FnOnce(&Outcome) -> Result<(), CliError>,
    ) -> Result<Exit, CliError> {
        self.scan(source, setup, terminal, None, refuse)
    }

    /// The same for what git records; what is not read by `deadline` is a gap. What was found clean is remembered.
    pub fn run_recorded(
        &self,
        source: &Recorded,
        setup: Setup,
        terminal: &Terminal,
        deadline: Option<Instant>,
    ) -> Result<Exit, CliError> {
        let exit = self.scan(source, setup, terminal, deadline, |_| Ok(()));
        source.cache().save();
        exit
    }

    fn scan(
        &self,
        source: &dyn Source,
        setup: Setup,
        terminal: &Terminal,
        deadline: Option<Instant>,
        refuse: impl FnOnce(&Outcome) -> Result<(), CliError>,
    ) -> Result<Exit, CliError> {
        self.tell(setup, terminal, |rules, policy, options, observer| {
            let outcome = engine::scan(source, rules, policy, Options { deadline, ..options }, observer);
            refuse(&outcome).map(|()| outcome)
        })
    }

    /// Prints the report of whatever `judge` does with the rules and the policy.
    pub fn tell(
        &self,
        setup: Setup,
        terminal: &Terminal,
        judge: impl FnOnce(&RuleSet, &Policy, Options, &dyn Observer) -> Result<Outcome, CliError>,
    ) -> Result<Exit, CliError> {
        self.output.check()?;
        let Setup { rules, mut policy, partial } = setup;
        if self.adjust(&mut policy) {
            note("note: `--min-score` and `--fail-on` count no further than a policy above the repository permits");
        }
        let options = Options { threads: self.threads(), partial, ..Options::default() };
        let bar = progress::on_terminal(!self.no_progress);
        let judged = judge(&rules, &policy, options, bar.as_ref());
        drop(bar);
        let outcome = judged?;
        let exit = outcome.exit(self.leniency.within(&policy));
        self.output.write(&outcome, exit, terminal)?;
        Ok(exit)
    }

    /// 0 is one for each core.
    pub fn threads(&self) -> usize {
        self.threads.map_or(0, usize::from)
    }

    /// What was typed counts for more than what the config says, and for less than what stands above the repository; tells
    /// whether that made a difference.
    pub fn adjust(&self, policy: &mut Policy) -> bool {
        let thresholds = &mut policy.thresholds;
        if let Some(score) = self.min_score {
            thresholds.report = score;
            thresholds.block = thresholds.block.max(score);
        }
        let named = |name: &String| SEVERITIES.into_iter().find(|severity| severity.name() == name);
        if let Some(severity) = self.fail_on.as_ref().and_then(named) {
            thresholds.severity = severity;
        }
        policy.keep_within()
    }
}

/// With a machine format standard output goes to a program: a person must learn of an incomplete run all the same.
pub fn tell_gaps(outcome: &Outcome) {
    for gap in &outcome.gaps {
        note(&format!("error: {}: {}", Escaped(&gap.path), Escaped(&gap.why)));
    }
}
