//! All rules as a page of Markdown, a table for each category: what `docs/rules.md` is. It says what is looked for and
//! what to do about one that leaked; the form of a rule is `tightlip rules show`'s.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io;

use crate::catalogue::{RuleIndex, RuleSet};
use crate::rule::{Category, Kind, Rule, Scanner, Text, Wake};

/// So many literals, words or globs are told of a rule.
const TOLD: usize = 3;

const HEAD: &str = "\
# Rules

What is looked for, as `tightlip rules list --format markdown` writes it. `tightlip rules show ID` shows one rule whole;
[writing-rules.md](writing-rules.md) says what it means, and how to write one.
";

/// The rules, by category and provider.
pub fn markdown(rules: &RuleSet, wanted: &[RuleIndex], out: &mut dyn io::Write) -> io::Result<()> {
    let mut tables: BTreeMap<(bool, Option<Category>), Vec<RuleIndex>> = BTreeMap::new();
    for index in wanted {
        let is_marker = matches!(rules.kind(*index), Kind::Marker { .. });
        tables.entry((is_marker, rules.rule(*index).category)).or_default().push(*index);
    }
    let name = |(is_marker, category): (bool, Option<Category>)| match category {
        _ if is_marker => "markers",
        Some(category) => category.name(),
        None => "own",
    };
    let mut page = HEAD.to_owned();
    let _ = write!(page, "\n{} rules:", wanted.len());
    for (number, (table, of_it)) in tables.iter().enumerate() {
        let name = name(*table);
        let joint = if number == 0 { " " } else { ", " };
        let _ = write!(page, "{joint}[{name}](#{name}) {}", of_it.len());
    }
    page.push_str(".\n");
    for (table, mut of_it) in tables {
        of_it.sort_by_key(|index| provider(rules.rule(*index)).to_lowercase());
        let name = name(table);
        let _ = write!(
            page,
            "\n## {name}\n\n| provider | rule | finds | severity | woken by | when it leaked |\n|---|---|---|---|---|---|\n"
        );
        of_it.into_iter().for_each(|index| row(rules, index, &mut page));
    }
    out.write_all(page.as_bytes())
}

fn row(rules: &RuleSet, index: RuleIndex, page: &mut String) {
    let rule = rules.rule(index);
    let kind = rules.kind(index);
    let revoke = rule.revoke.as_deref().unwrap_or_default();
    let cells = [provider(rule), &format!("`{}`", rule.id), &rule.finds, kind.name(), &woken_by(rule), revoke];
    for cell in cells {
        // What stands in a rule of the user's own must not end its cell, or begin a tag.
        let cell = cell.replace('|', "\\|").replace('<', "&lt;").replace(char::is_control, " ");
        let _ = write!(page, "| {cell} ");
    }
    page.push_str("|\n");
}

fn provider(rule: &Rule) -> &str {
    match &rule.kind {
        Kind::Marker { scheme, .. } => scheme,
        Kind::Secret { .. } => rule.provider.as_deref().unwrap_or_default(),
    }
}

fn woken_by(rule: &Rule) -> String {
    let files = || some(rule.files.sources());
    match &rule.wake {
        Wake::Literals { literals, .. } if rule.files.is_empty() => some(literals),
        Wake::Literals { literals, .. } => format!("{} in {}", some(literals), files()),
        Wake::Run { .. } => {
            format!("a run near {}", rule.near.as_ref().map_or_else(String::new, |near| some(&near.words)))
        }
        Wake::Lines(_) => format!("each line of {}", files()),
        Wake::Marks(form) => match form.marks.iter().find_map(|mark| mark.keys().first()) {
            Some(_) if form.literals.is_empty() => "the value of a key".to_owned(),
            _ => format!("{} in a marking", some(&form.literals)),
        },
        Wake::Path => format!("the file {}", files()),
        Wake::Scanner(Scanner::Assignment) => "a name beside a value".to_owned(),
        Wake::Scanner(Scanner::Hotspot) => "a random-looking run".to_owned(),
    }
}

/// The first of them, in the order of the rule.
fn some(texts: &[Text]) -> String {
    // Two backticks and a space hold any text with one in it.
    let quoted = |text: &Text| if text.contains('`') { format!("`` {text} ``") } else { format!("`{text}`") };
    let mut told: Vec<String> = texts.iter().take(TOLD).map(quoted).collect();
    if texts.len() > TOLD {
        told.push("…".to_owned());
    }
    told.join(", ")
}
