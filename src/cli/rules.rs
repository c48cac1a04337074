//! `tightlip rules`: what is looked for, and whether own rules are right.

use std::collections::{BTreeSet, HashSet};
use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Subcommand, ValueEnum};

use super::error::CliError;
use super::setup::{Room, Setup, refused, wrong_rules};
use super::terminal::Terminal;
use super::{Form, Global, print};
use crate::catalogue::{RuleIndex, RuleSet};
use crate::config::FindError;
use crate::control;
use crate::outcome::Exit;
use crate::report;
use crate::rule::{Category, Kind, Rule, RuleError, RuleSyntax, Severity};
use crate::yaml::{ConfigError, Document, Step, nearest};

/// The commands below `rules`.
#[derive(Debug, Subcommand)]
pub enum RulesCommand {
    /// List all rules, or some
    List(ListArgs),
    /// Show one rule in the form in which rules are written
    Show(ShowArgs),
    /// Check own rules and their examples
    Check(CheckArgs),
}

const LIST_HELP: &str = "\
Rules that every option admits are listed; an option admits each of its values.

Examples:
  tightlip rules list aws
  tightlip rules list --provider 'google cloud' --severity high,critical
  tightlip rules list --category payment --category ai";

#[derive(Debug, Args)]
#[command(after_help = LIST_HELP)]
pub struct ListArgs {
    /// A text that the id or the description holds, in either case
    filter: Option<String>,
    /// Rules of these providers only, in either case
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    provider: Vec<String>,
    /// Rules of these categories only
    #[arg(long, value_name = "CATEGORY", value_delimiter = ',', ignore_case = true, value_parser = categories())]
    category: Vec<Category>,
    /// Rules of these severities only
    #[arg(long, value_name = "SEVERITY", value_delimiter = ',', ignore_case = true, value_parser = severities())]
    severity: Vec<Severity>,
    /// How to print them
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    format: ListForm,
}

/// How a list of rules can be printed.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum ListForm {
    /// for people
    #[default]
    Human,
    /// one JSON document
    Json,
    /// a page with a table for each category
    Markdown,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  tightlip rules show aws-access-key-id")]
pub struct ShowArgs {
    /// The id of the rule
    id: String,
    /// How to print it
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    format: Form,
}

const CHECK_HELP: &str = "\
Examples:
  tightlip rules check              the rules in the config
  tightlip rules check rules/*.yml  lists of rules in files";

#[derive(Debug, Args)]
#[command(after_help = CHECK_HELP)]
pub struct CheckArgs {
    /// Files with a list of rules; without any, the config's own rules
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
}

pub fn run(command: &RulesCommand, global: &Global, terminal: &Terminal) -> Result<Exit, CliError> {
    match command {
        RulesCommand::List(args) => list(args, global, terminal),
        RulesCommand::Show(args) => show(args, global, terminal),
        RulesCommand::Check(args) => check(args, global),
    }
}

fn list(args: &ListArgs, global: &Global, terminal: &Terminal) -> Result<Exit, CliError> {
    let Setup { rules, .. } = Setup::new(global, &[])?;
    let providers: Vec<String> = args.provider.iter().map(|name| name.to_lowercase()).collect();
    for name in &providers {
        known_provider(name, &rules)?;
    }
    let part = args.filter.as_deref().unwrap_or_default().to_lowercase();
    let speaks = |rule: &Rule| rule.id.contains(&part) || rule.finds.to_lowercase().contains(&part);
    let issued = |rule: &Rule| rule.provider.as_ref().is_some_and(|name| providers.contains(&name.to_lowercase()));
    let sorted = |rule: &Rule| rule.category.is_some_and(|category| args.category.contains(&category));
    let weighs = |index| matches!(rules.kind(index), Kind::Secret { severity } if args.severity.contains(&severity));
    let admits = |(index, rule): &(RuleIndex, &Rule)| {
        speaks(rule)
            && (providers.is_empty() || issued(rule))
            && (args.category.is_empty() || sorted(rule))
            && (args.severity.is_empty() || weighs(*index))
    };
    let mut wanted: Vec<RuleIndex> = rules.rules().filter(admits).map(|(index, _)| index).collect();
    wanted.sort_by_key(|index| &rules.rule(*index).id);
    print(|out| match args.format {
        ListForm::Human => report::rules::list(&rules, &wanted, &terminal.out, out),
        ListForm::Json => report::rules::json(&rules, &wanted, out),
        ListForm::Markdown => report::catalogue::markdown(&rules, &wanted, out),
    })?;
    Ok(Exit::Clean)
}

/// An empty list would read as "there are none": a name that no rule has is a typing error.
fn known_provider(name: &str, rules: &RuleSet) -> Result<(), CliError> {
    let known: BTreeSet<String> =
        rules.rules().filter_map(|(_, rule)| Some(rule.provider.as_ref()?.to_lowercase())).collect();
    if known.contains(name) {
        return Ok(());
    }
    let help = match nearest(name, known.iter().map(String::as_str)) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "`tightlip rules list` with a part of the name shows the ids; `tightlip rules show ID` the provider"
            .to_owned(),
    };
    Err(CliError::NoSuchProvider { name: name.to_owned(), help })
}

fn categories() -> impl TypedValueParser<Value = Category> {
    let find = |name: String| Category::ALL.into_iter().find(|category| category.name().eq_ignore_ascii_case(&name));
    PossibleValuesParser::new(Category::ALL.map(Category::name))
        .map(move |name| find(name).expect("clap admits only listed names"))
}

fn severities() -> impl TypedValueParser<Value = Severity> {
    let find = |name: String| Severity::ALL.into_iter().find(|severity| severity.name().eq_ignore_ascii_case(&name));
    PossibleValuesParser::new(Severity::ALL.map(Severity::name))
        .map(move |name| find(name).expect("clap admits only listed names"))
}

fn show(args: &ShowArgs, global: &Global, terminal: &Terminal) -> Result<Exit, CliError> {
    let Setup { rules, .. } = Setup::new(global, &[])?;
    let Some(index) = rules.index(&args.id) else {
        let help = match nearest(&args.id, rules.rules().map(|(_, rule)| &*rule.id)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "`tightlip rules list` shows all ids".to_owned(),
        };
        return Err(CliError::NoSuchRule { id: args.id.clone(), help });
    };
    print(|out| match args.format {
        Form::Human => report::rules::show(&rules, index, &terminal.out, out),
        Form::Json => report::rules::json(&rules, &[index], out),
    })?;
    Ok(Exit::Clean)
}

fn check(args: &CheckArgs, global: &Global) -> Result<Exit, CliError> {
    if args.files.is_empty() {
        let Setup { rules, .. } = Setup::new(global, &[])?;
        let own = rules.len() - crate::catalogue::builtin_rules().len();
        return if own == 0 { nothing() } else { fine(own) };
    }
    let (mut sum, mut errors, mut seen, mut room) = (0, Vec::new(), HashSet::new(), Room::default());
    for file in &args.files {
        let text = control::read_text(file).map_err(FindError::Control)?;
        let text = text.ok_or_else(|| CliError::NoSuchPath { path: file.to_string_lossy().into_owned() })?;
        let document = Document::new(&file.to_string_lossy(), &text);
        match document.parse::<Vec<RuleSyntax>>() {
            Ok(written) => {
                sum += written.len();
                errors.extend(wrong_in(&written, &document, &mut seen, &mut room));
            }
            Err(error) => errors.push(error),
        }
    }
    if errors.is_empty() { fine(sum) } else { Err(CliError::Rules(errors)) }
}

fn nothing() -> Result<Exit, CliError> {
    print(|out| writeln!(out, "there are no own rules to check"))?;
    Ok(Exit::Clean)
}

fn fine(count: usize) -> Result<Exit, CliError> {
    let what = if count == 1 { "rule is" } else { "rules are" };
    print(|out| writeln!(out, "{count} {what} fine"))?;
    Ok(Exit::Clean)
}

/// Everything that is wrong with the rules of one file.
fn wrong_in(
    written: &[RuleSyntax],
    document: &Document,
    seen: &mut HashSet<String>,
    room: &mut Room,
) -> Vec<ConfigError> {
    let mut errors = Vec::new();
    let mut rules = Vec::new();
    for (place, syntax) in written.iter().enumerate() {
        let twice = !seen.insert(syntax.id.clone());
        match Rule::parse(syntax).and_then(|rule| room.take(&rule).map(|()| rule)) {
            _ if twice => errors.push(refused(document, &[Step::Item(place)], &RuleError::Twice)),
            Err(error) => errors.push(refused(document, &[Step::Item(place)], &error)),
            Ok(rule) => rules.push(rule),
        }
    }
    // Numbers of rules and of what was written agree only where every rule could be read.
    if errors.is_empty() { wrong_rules(written, &rules, document, &[]) } else { errors }
}
