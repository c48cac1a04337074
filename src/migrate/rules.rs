//! Rules of other tools: which of ours find the same, and their own ones in our form. One is carried over only if it is a
//! rule here, with an example that it finds.

use regex_syntax::hir::{Class, Hir, HirKind};

use super::text::quoted;
use super::tree::Table;
use crate::rule::{Rule, RuleSyntax, example};
use crate::yaml;

/// A rule in our form.
#[derive(Clone, Debug)]
pub struct OwnRule {
    /// Its id there.
    pub theirs: String,
    pub id: String,
    /// The lines of the entry, without the first dash.
    pub lines: Vec<String>,
}

/// Our rules that find what a rule of gitleaks finds.
pub fn like(theirs: &str) -> Vec<String> {
    let rows = include_str!("rules.txt").lines().filter(|line| !line.starts_with('#'));
    let mut found = rows
        .map(str::split_ascii_whitespace)
        .filter_map(|mut words| (words.next() == Some(theirs)).then(|| words.map(str::to_owned).collect::<Vec<_>>()));
    found.next().unwrap_or_else(|| {
        let is_ours = crate::catalogue::builtin_rules().iter().any(|rule| rule.id == theirs);
        if is_ours { vec![theirs.to_owned()] } else { Vec::new() }
    })
}

/// Their rule as one of ours.
///
/// # Errors
/// Why it is none.
pub fn own(rule: &Table<'_>, theirs: &str) -> Result<OwnRule, String> {
    let (regex, path) = (rule.text("regex"), rule.get("path"));
    let (group, keywords) = (rule.text("secretGroup"), rule.texts("keywords"));
    let finds = rule.text("description").unwrap_or_else(|| theirs.to_owned());
    let Some(regex) = regex.filter(|_| path.is_none()) else { return Err("it goes by the path".to_owned()) };
    let id = kebab(theirs).ok_or("it has no id")?;
    if crate::catalogue::builtin_rules().iter().any(|rule| rule.id == id) {
        return Err("a built-in rule has its id, and stays as it is".to_owned());
    }
    let (ignore_case, bare) = match regex.strip_prefix("(?i)") {
        Some(rest) => (true, rest),
        None => (false, regex.as_str()),
    };
    let pattern = named_group(bare.trim_start_matches("\\b").trim_end_matches("\\b"), group.as_deref())?;
    let hir = regex_syntax::ParserBuilder::new().unicode(false).utf8(false).nest_limit(50).build().parse(&pattern);
    let hir = hir.map_err(|_| "its regex is of a kind that is not run here")?;
    let literal =
        literal(&hir).filter(|literal| literal.len() >= 3).ok_or("no text of three letters stands in every match")?;
    // A keyword is a literal only where the regex says so.
    drop(keywords);
    let mut lines = vec![
        format!("id: {id}"),
        format!("finds: {}", quoted(&finds).ok_or("its description is not plain text")?),
        "severity: high".to_owned(),
        format!("literals: [{}]", quoted(&literal).ok_or("its literal is not plain text")?),
    ];
    lines.extend(ignore_case.then(|| "ignore_case: true".to_owned()));
    lines.push(format!("pattern: {}", quoted(&pattern).ok_or("its regex is not plain text")?));
    lines.push("hits:".to_owned());
    for seed in [7, 4711] {
        let sample = sample(&hir, &mut { seed }).and_then(|sample| {
            let (head, tail) = sample.split_at(floor(&sample, sample.len() / 2));
            quoted(&format!("{head}{{cut}}{tail}"))
        });
        lines.push(format!("  - {}", sample.ok_or("no example can be made of its regex")?));
    }
    lines.push("misses:".to_owned());
    for text in [literal.clone(), format!("{literal} is not set")] {
        lines.push(format!("  - {}", quoted(&text).ok_or("its literal is not plain text")?));
    }
    tried(&lines)?;
    Ok(OwnRule { theirs: theirs.to_owned(), id, lines })
}

/// Whether the config would take it.
fn tried(lines: &[String]) -> Result<(), String> {
    let syntax: RuleSyntax = yaml::parse("rule", &lines.join("\n")).map_err(|_| "it is no rule here".to_owned())?;
    let rule = Rule::parse(&syntax).map_err(|error| error.to_string())?;
    example::check(&syntax, &rule).map_err(|error| error.to_string())
}

fn kebab(id: &str) -> Option<String> {
    let lower = id.to_ascii_lowercase();
    let words: Vec<&str> =
        lower.split(|letter: char| !letter.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
    (!words.is_empty()).then(|| words.join("-"))
}

/// Names the group that is the secret.
fn named_group(pattern: &str, wanted: Option<&str>) -> Result<String, String> {
    let wanted: usize = match wanted {
        Some(number) => number.parse().map_err(|_| "its `secretGroup` is no number")?,
        None => 1,
    };
    let mut groups = Vec::new();
    let (mut is_escaped, mut in_class) = (false, false);
    for (at, letter) in pattern.char_indices() {
        match letter {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            '[' => in_class = true,
            ']' => in_class = false,
            '(' if !in_class && !pattern[at + 1..].starts_with('?') => groups.push(at),
            '(' if !in_class && (pattern[at + 1..].starts_with("?P<") || pattern[at + 1..].starts_with("?<")) => {
                return Err("it has groups with names".to_owned());
            }
            _ => {}
        }
    }
    match wanted.checked_sub(1).and_then(|number| groups.get(number)) {
        Some(at) => Ok(format!("{}(?<secret>{}", &pattern[..*at], &pattern[at + 1..])),
        None => Ok(pattern.to_owned()),
    }
}

/// The longest text that stands in every match.
fn literal(hir: &Hir) -> Option<String> {
    match hir.kind() {
        HirKind::Literal(literal) => String::from_utf8(literal.0.to_vec()).ok(),
        HirKind::Capture(capture) => literal(&capture.sub),
        HirKind::Concat(parts) => parts.iter().filter_map(literal).max_by_key(String::len),
        HirKind::Repetition(repetition) if repetition.min > 0 => literal(&repetition.sub),
        _ => None,
    }
}

/// A text in which it holds, of letters that vary.
fn sample(hir: &Hir, turn: &mut usize) -> Option<String> {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => Some(String::new()),
        HirKind::Literal(literal) => String::from_utf8(literal.0.to_vec()).ok(),
        HirKind::Capture(capture) => sample(&capture.sub, turn),
        HirKind::Alternation(parts) => sample(parts.first()?, turn),
        HirKind::Concat(parts) => parts.iter().map(|part| sample(part, turn)).collect(),
        HirKind::Repetition(repetition) => {
            (0..repetition.min.min(512)).map(|_| sample(&repetition.sub, turn)).collect()
        }
        HirKind::Class(class) => {
            let has = |letter: &u8| match class {
                Class::Unicode(class) => {
                    class.ranges().iter().any(|range| (range.start()..=range.end()).contains(&char::from(*letter)))
                }
                Class::Bytes(class) => {
                    class.ranges().iter().any(|range| (range.start()..=range.end()).contains(letter))
                }
            };
            let letters: Vec<u8> = (b' '..=b'~').filter(u8::is_ascii_alphanumeric).filter(has).collect();
            let others: Vec<u8> = (b' '..=b'~').filter(has).collect();
            let choice = if letters.is_empty() { others } else { letters };
            *turn = (*turn * 31 + 17) % 9973;
            choice.get(*turn % choice.len().max(1)).map(|letter| char::from(*letter).to_string())
        }
    }
}

fn floor(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_rule_that_stands_for_one_of_theirs_exists() {
        for line in include_str!("rules.txt").lines().filter(|line| !line.starts_with('#')) {
            let mut ids = line.split_ascii_whitespace();
            assert!(ids.next().is_some() && ids.clone().next().is_some(), "{line}");
            for id in ids {
                assert!(crate::catalogue::builtin_rules().iter().any(|rule| rule.id == id), "{id}");
            }
        }
    }

    #[test]
    fn an_own_rule_is_carried_over_only_if_it_works_here() {
        let rows = [
            (r#"{"regex": "(?i)\\b(acme_[a-z0-9]{32})\\b", "description": "Acme's key"}"#, Ok("ignore_case: true")),
            (
                r#"{"regex": "acmekey=([0-9A-F]{24})", "secretGroup": 1}"#,
                Ok("pattern: 'acmekey=(?<secret>[0-9A-F]{24})'"),
            ),
            (r#"{"regex": "[a-z]{30}"}"#, Err("no text of three letters")),
            (r#"{"path": "\\.p12$"}"#, Err("by the path")),
            (r#"{"regex": "acme_[a-z0-9]{32}(?!x)"}"#, Err("not run here")),
        ];
        for (text, expected) in rows {
            let value: serde_json::Value = serde_json::from_str(text).unwrap();
            let made = own(&Table::of(&value, "rules[0]").unwrap(), "Acme_key 2");
            match (made, expected) {
                (Ok(rule), Ok(line)) => {
                    assert!(rule.id == "acme-key-2" && rule.lines.contains(&line.to_owned()), "{rule:?}");
                }
                (Err(why), Err(part)) => assert!(why.contains(part), "{text}: {why}"),
                (made, _) => panic!("{text}: {made:?}"),
            }
        }
    }
}
