//! The config that comes of a plan, with a comment beside each entry that says where it comes from.

use std::fmt::Write as _;

use super::{From, Noted, Plan};
use crate::report::escape::Escaped;

/// The text of `.tightlip.yml`; `honoured` are the tools whose comments count.
#[must_use]
pub fn config(plan: &Plan, salt: &str, honoured: &[&str]) -> String {
    let mut out = String::from(
        "# Written by `tightlip migrate`; each entry says where it comes from.\nversion: 1\n\n\
         # Keys the fingerprints of values found here; with another one, no `value:` below fits any more.\n\
         # tightlip: allow generic-nonce-or-salt -- it is public, and opens nothing\n",
    );
    let _ = writeln!(out, "salt: {salt}");
    if !honoured.is_empty() {
        out.push_str("\n# Comments of these tools let a finding pass as well.\n");
        let _ = writeln!(out, "inline_compat: [{}]", honoured.join(", "));
    }
    list(&mut out, "leave_out", &plan.leave_out, |glob| quoted(glob).map(|glob| vec![format!("  - {glob}")]));
    list(&mut out, "builtin", &plan.off, |id| Some(vec![format!("  {id}: off")]));
    list(&mut out, "allow", &plan.exceptions, |exception| {
        let mut lines = vec![format!("  - rule: {}", exception.rule)];
        if let Some(path) = &exception.path {
            lines.push(format!("    path: {}", quoted(path)?));
        }
        lines.extend(exception.value.as_ref().map(|value| format!("    value: {value}")));
        lines.push(format!("    reason: {}", quoted(&one_line(&exception.reason))?));
        Some(lines)
    });
    list(&mut out, "rules", &plan.rules, |rule| {
        let mut lines: Vec<String> = rule.lines.iter().map(|line| format!("    {line}")).collect();
        let first = lines.first_mut()?;
        *first = format!("  - {}", first.trim_start());
        Some(lines)
    });
    out
}

/// A key and its entries, each once.
fn list<T>(out: &mut String, key: &str, entries: &[Noted<T>], lines: impl Fn(&T) -> Option<Vec<String>>) {
    let mut written: Vec<(Vec<String>, &From)> = Vec::new();
    for noted in entries {
        if let Some(lines) = lines(&noted.what).filter(|lines| !written.iter().any(|(known, _)| known == lines)) {
            written.push((lines, &noted.from));
        }
    }
    if !written.is_empty() {
        let _ = writeln!(out, "\n{key}:");
    }
    for (lines, from) in written {
        let from = Escaped(&from.to_string()).to_string();
        for (number, line) in lines.iter().enumerate() {
            let _ = if number == 0 { writeln!(out, "{line} # {from}") } else { writeln!(out, "{line}") };
        }
    }
}

/// A reason as the config takes it.
fn one_line(reason: &str) -> String {
    let shown = Escaped(&reason.split_whitespace().collect::<Vec<_>>().join(" ")).to_string();
    let cut: String = shown.chars().take(160).collect();
    if cut.trim().is_empty() { "accepted before".to_owned() } else { cut }
}

/// A text in quotes; none where it holds what no reader of the config would see.
pub fn quoted(text: &str) -> Option<String> {
    let is_plain = Escaped(text).to_string() == text && !text.contains('\t');
    is_plain.then(|| format!("'{}'", text.replace('\'', "''")))
}
