//! gitleaks, and betterleaks, which reads and writes the same forms: the config with its allowlists, the file of
//! fingerprints, and the baseline, which is a report.

use serde_json::Value;

use super::accept::Filter;
use super::paths::{Written, globs};
use super::tree::{Format, Table};
use super::{Accepts, Exception, HOW_IT_RUNS, Noted, Reading, rules};
use crate::engine::Target;

/// The config in TOML.
pub fn config(reading: &mut Reading<'_>) {
    let Some(value) = reading.tree_of(Format::Toml) else { return };
    let Some(top) = Table::of(&value, "") else { return };
    for key in ["title", "description", "minVersion"] {
        top.get(key);
    }
    extend(reading, &top);
    for rule in top.tables("rules") {
        rule_of_theirs(reading, &rule);
    }
    for key in ["allowlist", "allowlists"] {
        for list in top.tables(key) {
            let targets = list.texts("targetRules");
            let named = (!targets.is_empty()).then(|| rules_here(reading, &targets, &list.place_of("targetRules")));
            allowlist(reading, &list, named);
        }
    }
    reading.lose_rest(&top, HOW_IT_RUNS);
}

fn extend(reading: &mut Reading<'_>, top: &Table<'_>) {
    let Some(extend) = top.tables("extend").into_iter().next() else {
        if !top.tables("rules").is_empty() {
            reading.lose("", "there its own rules alone ran; here the built-in rules are in force as well");
        }
        return;
    };
    extend.get("useDefault");
    if extend.get("path").is_some() {
        reading.lose("extend.path", "that file is not followed: name it with `--from gitleaks=FILE`");
    }
    if extend.get("url").is_some() {
        reading.lose("extend.url", "nothing is fetched");
    }
    let disabled = extend.texts("disabledRules");
    for (number, id) in disabled.iter().enumerate() {
        let place = format!("extend.disabledRules[{number}]");
        let from = reading.from(&place);
        for ours in rules_here(reading, std::slice::from_ref(id), &place) {
            reading.plan.off.push(Noted { what: ours, from: from.clone() });
        }
    }
    reading.lose_rest(&extend, HOW_IT_RUNS);
}

/// Our rules for theirs; one that has none here is told.
fn rules_here(reading: &mut Reading<'_>, ids: &[String], place: &str) -> Vec<String> {
    let mut all = Vec::new();
    for id in ids {
        let ours = rules::like(id);
        if ours.is_empty() && !reading.plan.rules.iter().any(|own| own.what.theirs == *id) {
            reading.lose(place, format!("no rule here is known to find the same as `{id}`"));
        }
        let own = reading.plan.rules.iter().filter(|own| own.what.theirs == *id).map(|own| own.what.id.clone());
        all.extend(own.collect::<Vec<_>>());
        all.extend(ours);
    }
    all
}

fn rule_of_theirs(reading: &mut Reading<'_>, rule: &Table<'_>) {
    let id = rule.text("id").unwrap_or_default();
    for key in ["tags", "entropy", "skipReport"] {
        rule.get(key);
    }
    if rule.get("regex").is_some() || rule.get("path").is_some() {
        match rules::own(rule, &id) {
            Ok(own) => {
                let from = reading.from(&rule.place);
                reading.plan.rules.push(Noted { what: own, from });
            }
            Err(why) => reading.lose(&rule.place, format!("own rule not carried over: {why}")),
        }
    }
    let lists: Vec<Table<'_>> = ["allowlist", "allowlists"].iter().flat_map(|key| rule.tables(key)).collect();
    if !lists.is_empty() {
        let named = rules_here(reading, std::slice::from_ref(&id), &rule.place);
        for list in lists {
            allowlist(reading, &list, Some(named.clone()));
        }
    }
    reading.lose_rest(rule, "nothing here is like it");
}

/// `rules` are ours that it is for; none where it is for all.
fn allowlist(reading: &mut Reading<'_>, list: &Table<'_>, rules: Option<Vec<String>>) {
    let (description, target) = (list.text("description"), list.text("regexTarget"));
    let condition = list.text("condition").unwrap_or_default().to_ascii_uppercase();
    let (commits, resources) = (list.texts("commits"), list.texts("resources"));
    let all = ["AND", "&&"].contains(&condition.as_str());
    if rules.as_ref().is_some_and(Vec::is_empty) {
        return;
    }
    let whole = || "an exception for commits, and here what is found counts and not who brought it".to_owned();
    for (key, there) in [("commits", !commits.is_empty()), ("resources", !resources.is_empty())] {
        if there {
            let why = if key == "commits" { whole() } else { "nothing here is like it".to_owned() };
            reading.lose(&list.place_of(key), if all { format!("all of this allowlist: it holds {why}") } else { why });
        }
    }
    let is_cut = all && (!commits.is_empty() || !resources.is_empty());
    let (paths, regexes, words) = (list.texts("paths"), list.texts("regexes"), list.texts("stopwords"));
    let parts = [&paths, &regexes, &words].iter().filter(|part| !part.is_empty()).count();
    let joined = all && parts > 1;
    if !is_cut {
        let reason = description.unwrap_or_else(|| format!("allowed in {}", reading.file));
        if !joined {
            let each: Vec<(usize, &String)> = paths.iter().enumerate().collect();
            for (number, pattern) in each {
                path(reading, pattern, &format!("{}[{number}]", list.place_of("paths")), rules.as_deref(), &reason);
            }
        }
        let mut filter = Filter {
            from: Some(reading.from(&list.place)),
            reason,
            rules,
            target: match target.as_deref() {
                Some("match") => Target::Match,
                Some("line") => Target::Line,
                _ => Target::Secret,
            },
            all,
            ..Filter::default()
        };
        filter.regexes = reading.regexes(list, "regexes");
        filter.stopwords = words;
        if joined {
            filter.paths = reading.regexes(list, "paths");
        }
        let lost = filter.regexes.len() < regexes.len() || (joined && filter.paths.len() < paths.len());
        // With a part less, what is left would allow more.
        let is_empty = filter.regexes.is_empty() && filter.stopwords.is_empty();
        if !(is_empty || joined && lost) {
            reading.plan.filters.push(filter);
        }
    }
    reading.lose_rest(list, "nothing here is like it");
}

fn path(reading: &mut Reading<'_>, pattern: &str, place: &str, rules: Option<&[String]>, reason: &str) {
    let Some(rules) = rules else { return reading.leave_out(Written::Regex, pattern, place) };
    match globs(Written::Regex, pattern, reading.tree) {
        Ok(globs) => {
            let from = reading.from(place);
            for (rule, glob) in rules.iter().flat_map(|rule| globs.iter().map(move |glob| (rule, glob))) {
                let what =
                    Exception { rule: rule.clone(), path: Some(glob.clone()), value: None, reason: reason.to_owned() };
                reading.plan.exceptions.push(Noted { what, from: from.clone() });
            }
        }
        Err(why) => reading.lose(place, format!("path not allowed: {why}")),
    }
}

/// Fingerprints, one a line: `commit:file:rule:line`, or without the commit.
pub fn ignore(reading: &mut Reading<'_>) {
    for (number, line) in (1..).zip(reading.text.lines()) {
        let line = line.split('#').next().unwrap_or_default().trim();
        if line.is_empty() {
            continue;
        }
        let place = format!("line {number}");
        match fingerprint(line) {
            Some(accepts) => reading.claim(&place, accepts),
            None => reading.lose(&place, "it is neither `file:rule:line` nor the SHA-256 of a value"),
        }
    }
}

fn fingerprint(text: &str) -> Option<Accepts> {
    // Since version 2 of betterleaks.
    if is_sha256(text) {
        return Some(Accepts::Hashed { path: None, sha256: text.to_owned() });
    }
    let mut parts = text.rsplitn(3, ':');
    let (line, _rule, rest) = (parts.next()?.parse().ok()?, parts.next()?, parts.next()?);
    let (commit, path) = match rest.split_once(':') {
        Some((commit, path)) if is_commit(commit) => (Some(commit.to_owned()), path),
        _ => (None, rest),
    };
    Some(Accepts::Place { path: plain(path), line, commit })
}

fn is_commit(text: &str) -> bool {
    [40, 64].contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn is_sha256(text: &str) -> bool {
    text.len() == 64 && is_commit(text)
}

fn plain(path: &str) -> String {
    path.strip_prefix("./").unwrap_or(path).replace('\\', "/")
}

/// A report that serves as a baseline.
pub fn baseline(reading: &mut Reading<'_>) {
    let Some(value) = reading.tree_of(Format::Json) else { return };
    // Since version 2 of betterleaks a document with a list.
    type Entry = fn(&Table<'_>) -> Option<Accepts>;
    let (list, prefix, entry): (_, _, Entry) = match &value {
        Value::Array(list) => (list, "", entry),
        Value::Object(top) if top.contains_key("schema_version") => match top.get("findings") {
            Some(Value::Array(list)) => (list, "findings", nested),
            _ => return reading.lose("", "it is not of its form"),
        },
        _ => return reading.lose("", "it is not of its form"),
    };
    for (number, value) in list.iter().enumerate() {
        let place = format!("{prefix}[{number}]");
        let found = Table::of(value, &place).and_then(|table| entry(&table));
        match found {
            Some(accepts) => reading.claim(&place, accepts),
            None => reading.lose(&place, "it names no file and line"),
        }
    }
}

/// An entry of betterleaks since version 2: always with the hash of its value.
fn nested(table: &Table<'_>) -> Option<Accepts> {
    let place = table.tables("location").into_iter().next()?;
    let path = plain(&place.text("path").filter(|path| !path.is_empty())?);
    let digest = table.tables("match").into_iter().next().and_then(|part| part.text("fingerprint"));
    match digest.filter(|digest| is_sha256(digest)) {
        Some(sha256) => Some(Accepts::Hashed { path: Some(path), sha256 }),
        None => Some(Accepts::Place { path, line: place.text("start_line")?.parse().ok()?, commit: None }),
    }
}

fn entry(table: &Table<'_>) -> Option<Accepts> {
    let path = plain(&table.text("File").filter(|path| !path.is_empty())?);
    let line = table.text("StartLine")?.parse().ok()?;
    let secret = table.text("Secret").unwrap_or_default();
    // The value outlives a moved line; masked it says nothing.
    let is_masked = secret.is_empty() || secret.contains("REDACTED") || secret.ends_with("...");
    let commit = table.text("Commit").filter(|commit| is_commit(commit));
    Some(match commit {
        None if !is_masked => Accepts::Value { path: Some(path), value: secret },
        commit => Accepts::Place { path, line, commit },
    })
}
