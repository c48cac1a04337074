//! `tightlip rules list` and `rules show`: what is looked for. A rule is shown in the form in which rules are written.

use std::io::{self, Write};

use serde::Serialize;

use super::escape::Escaped;
use super::machine;
use super::style::{Paint, Style};
use super::wrap::{Page, columns};
use crate::catalogue::{RuleIndex, RuleSet};
use crate::marker::{Companion, Form, Mark, Shape};
use crate::rule::{Boundary, Category, Confidence, Issuer, Kind, Pattern, Rule, Scanner, Text, Wake};

/// A line for each rule: its id, what a live one gives, and what it finds.
pub fn list(rules: &RuleSet, wanted: &[RuleIndex], style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let mut page = Page::new(style.width);
    let widest = wanted.iter().map(|index| columns(&rules.rule(*index).id)).max().unwrap_or_default();
    for index in wanted {
        let rule = rules.rule(*index);
        let kind = rules.kind(*index);
        let severity = if rules.is_off(*index) { "off" } else { kind.name() };
        let id = style.paint(Paint::Strong, Escaped(&rule.id));
        let gap = widest - columns(&rule.id);
        let heading = format!("{id}{:gap$}  {:8}  ", "", Escaped(severity).to_string());
        page.paragraph(&heading, widest + 12, &Escaped(&rule.finds).to_string());
    }
    let all = wanted.len() == rules.len();
    let which = if all { String::new() } else { format!(" of {}", rules.len()) };
    page.line(
        style.paint(Paint::Faint, format_args!("{}{which} rules{}{}", wanted.len(), style.dot(), rules.digest())),
    );
    out.write_all(page.text.as_bytes())
}

/// The rules as one JSON document.
pub fn json(rules: &RuleSet, wanted: &[RuleIndex], out: &mut dyn Write) -> io::Result<()> {
    let all = wanted.iter().map(|index| Machine::new(rules, *index)).collect();
    let document = Document { version: machine::VERSION, digest: rules.digest(), rules: all };
    let mut pages = io::BufWriter::with_capacity(machine::BUFFER, out);
    machine::write(&document, 2, &mut pages)?;
    pages.flush()
}

/// One rule, in the form of a rule file.
pub fn show(rules: &RuleSet, index: RuleIndex, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let mut page = Page::new(style.width);
    let mut row = |key: &str, value: &str| {
        page.line(format_args!("{} {}", style.paint(Paint::Command, format_args!("{key}:")), Escaped(value)));
    };
    let rule = rules.rule(index);
    row("id", &rule.id);
    row("finds", &rule.finds);
    if let Some(provider) = &rule.provider {
        row("provider", provider);
    }
    if let Some(category) = rule.category {
        row("category", category.name());
    }
    let kind = rules.kind(index);
    row(if matches!(kind, Kind::Secret { .. }) { "severity" } else { "level" }, kind.name());
    if let Kind::Marker { scheme, .. } = &kind {
        row("scheme", scheme);
    }
    if rules.is_off(index) {
        row("# switched", "off by the config");
    }
    row("confidence", confidence(rule.confidence));
    match &rule.wake {
        Wake::Literals { literals, .. } => row("literals", &flow(literals)),
        Wake::Scanner(Scanner::Assignment) => row("scanner", "assignment"),
        Wake::Scanner(Scanner::Hotspot) => row("scanner", "hotspot"),
        Wake::Marks(form) => marks(form, &mut row),
        Wake::Run { .. } | Wake::Lines(_) | Wake::Path => {}
    }
    if let Some(pattern) = rule.pattern() {
        if pattern.ignores_case() {
            row("ignore_case", "true");
        }
        row("pattern", &quoted(pattern.source()));
    }
    if rule.boundary == Boundary::None {
        row("boundary", "none");
    }
    conditions(rule, &mut row);
    for (key, value) in [("gives", &rule.gives), ("revoke", &rule.revoke), ("docs", &rule.docs)] {
        if let Some(value) = value {
            row(key, value);
        }
    }
    out.write_all(page.text.as_bytes())
}

/// How a marker is written.
fn marks(form: &Form, row: &mut dyn FnMut(&str, &str)) {
    if form.issuer == Issuer::State {
        row("issuer", "state");
    }
    if !form.literals.is_empty() {
        row("literals", &flow(&form.literals));
    }
    let mark = |mark: &Mark| {
        let (shape, keys) = match &mark.shape {
            Shape::Line => ("line", String::new()),
            Shape::Phrase => ("phrase", String::new()),
            Shape::Portion => ("portion", String::new()),
            Shape::Value { .. } => ("value", format!(", keys: {}", flow(mark.keys()))),
        };
        let case = if mark.pattern.ignores_case() { ", ignore_case: true" } else { "" };
        format!("{{{shape}: {}{keys}, in: [{}]{case}}}", quoted(mark.written()), mark.places.names().join(", "))
    };
    row("marks", &format!("[{}]", form.marks.iter().map(mark).collect::<Vec<_>>().join(", ")));
    for (key, companions) in [("needs", &form.needs), ("unless", &form.unless)] {
        let companion =
            |it: &Companion| format!("{{words: {}, least: {}, lines: {}}}", flow(&it.words), it.least, it.lines);
        if !companions.is_empty() {
            row(key, &format!("[{}]", companions.iter().map(companion).collect::<Vec<_>>().join(", ")));
        }
    }
}

/// What else must be true of a match.
fn conditions(rule: &Rule, row: &mut dyn FnMut(&str, &str)) {
    if let Some(block) = &rule.block {
        row("block", &format!("{{end: {}, within: {}}}", quoted(&block.end), block.within));
    }
    if !rule.files.is_empty() {
        row("files", &flow(rule.files.sources()));
    }
    if let Some(near) = &rule.near {
        row("near", &format!("{{words: {}, before: {}, after: {}}}", flow(&near.words), near.before, near.after));
    }
    if let Some(pair) = &rule.pair {
        row("pair", &format!("{{with: {}, within: {}}}", pair.with, pair.within));
    }
    let checks = rule.checks.iter().map(|check| {
        let args = check.args.names().map(|name| format!("{name}: {}", check.args.get(name).unwrap_or_default()));
        match args.collect::<Vec<_>>().join(", ") {
            none if none.is_empty() => check.name.to_string(),
            args => format!("{}: {{{args}}}", check.name),
        }
    });
    let checks: Vec<String> = checks.collect();
    if !checks.is_empty() {
        row("checks", &format!("[{}]", checks.join(", ")));
    }
}

/// A list of texts in brackets.
fn flow(texts: &[Text]) -> String {
    let is_plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    let texts = texts.iter().map(|text| if is_plain(text) { text.to_string() } else { quoted(text) });
    format!("[{}]", texts.collect::<Vec<_>>().join(", "))
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

const fn confidence(confidence: Confidence) -> &'static str {
    match confidence {
        Confidence::Identifier => "identifier",
        Confidence::Low => "low",
        Confidence::Medium => "medium",
        Confidence::High => "high",
    }
}

#[derive(Serialize)]
struct Document<'r> {
    version: u32,
    digest: &'r str,
    rules: Vec<Machine<'r>>,
}

#[derive(Serialize)]
struct Machine<'r> {
    id: &'r str,
    finds: &'r str,
    provider: Option<&'r str>,
    category: Option<&'static str>,
    severity: String,
    enabled: bool,
    confidence: &'static str,
    literals: &'r [Text],
    pattern: Option<&'r str>,
    files: &'r [Text],
    checks: Vec<&'r str>,
    docs: Option<&'r str>,
}

impl<'r> Machine<'r> {
    fn new(rules: &'r RuleSet, index: RuleIndex) -> Self {
        let rule = rules.rule(index);
        Self {
            id: &rule.id,
            finds: &rule.finds,
            provider: rule.provider.as_deref(),
            category: rule.category.map(Category::name),
            severity: rules.kind(index).name().to_owned(),
            enabled: !rules.is_off(index),
            confidence: confidence(rule.confidence),
            literals: rule.literals(),
            pattern: rule.pattern().map(Pattern::source),
            files: rule.files.sources(),
            checks: rule.checks.iter().map(|check| &*check.name).collect(),
            docs: rule.docs.as_deref(),
        }
    }
}
