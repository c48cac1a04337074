//! detect-secrets, trufflehog, kingfisher, ggshield, talisman and secretlint: what their files let pass.

use sha2::{Digest as _, Sha256};

use super::accept::Filter;
use super::paths::Written;
use super::tree::{Format, Table};
use super::{Accepts, HOW_IT_RUNS, Reading, rules};
use crate::engine::Target;
use crate::rule::ForeignRegex;

/// `.secrets.baseline`: findings by SHA-1, and filters.
pub fn detect_secrets(reading: &mut Reading<'_>) {
    let Some(value) = reading.tree_of(Format::Json) else { return };
    let Some(top) = Table::of(&value, "") else { return reading.lose("", "it is not of its form") };
    for key in ["version", "generated_at", "plugins_used", "custom_plugin_paths"] {
        top.get(key);
    }
    for filter in top.tables("filters_used") {
        let name = filter.text("path").unwrap_or_default();
        match name.rsplit('.').next().unwrap_or_default() {
            "should_exclude_file" | "should_exclude_files" => reading.leave_out_all(Written::Regex, &filter, "pattern"),
            "should_exclude_line" => filter_of(reading, &filter, "pattern", Target::Line),
            "should_exclude_secret" if name.contains(".regex.") => {
                filter_of(reading, &filter, "pattern", Target::Secret);
            }
            "should_exclude_secret" => {
                reading.lose(&filter.place, "the list of words is another file, and not followed");
            }
            _ if name.starts_with("detect_secrets.filters.") => {}
            _ => reading.lose(&filter.place, "a filter of its own is a program, and not run"),
        }
    }
    // The form before version 1.
    for exclude in top.tables("exclude") {
        reading.leave_out_all(Written::Regex, &exclude, "files");
        filter_of(reading, &exclude, "lines", Target::Line);
    }
    for list in top.tables("word_list") {
        if list.text("file").is_some() {
            reading.lose("word_list.file", "the list of words is another file, and not followed");
        }
    }
    results(reading, &top);
    reading.lose_rest(&top, HOW_IT_RUNS);
}

fn results(reading: &mut Reading<'_>, top: &Table<'_>) {
    let files = top.get("results").and_then(serde_json::Value::as_object);
    for (path, list) in files.into_iter().flatten() {
        let path = path.replace('\\', "/");
        for (number, value) in list.as_array().into_iter().flatten().enumerate() {
            let place = format!("results[{path}][{number}]");
            let found = Table::of(value, &place).and_then(|entry| {
                let (sha1, line) = (entry.text("hashed_secret")?, entry.text("line_number")?.parse().ok()?);
                Some(Accepts::Digest { path: path.strip_prefix("./").unwrap_or(&path).to_owned(), line, sha1 })
            });
            match found {
                Some(accepts) => reading.claim(&place, accepts),
                None => reading.lose(&place, "it has no hash and line"),
            }
        }
    }
}

/// Regexes of values or lines: each value that they let pass now becomes an exception.
fn filter_of(reading: &mut Reading<'_>, table: &Table<'_>, key: &str, target: Target) {
    let regexes = reading.regexes(table, key);
    let from = Some(reading.from(&table.place_of(key)));
    push(reading, Filter { from, target, regexes, ..Filter::default() });
}

fn push(reading: &mut Reading<'_>, mut filter: Filter) {
    if !filter.regexes.is_empty() || !filter.stopwords.is_empty() {
        filter.reason = format!("allowed in {}", reading.file);
        reading.plan.filters.push(filter);
    }
}

/// A file for `--exclude-paths`: a regex a line.
pub fn trufflehog(reading: &mut Reading<'_>) {
    for (number, line) in (1..).zip(reading.text.lines()) {
        if !line.trim().is_empty() && !line.trim_start().starts_with('#') {
            reading.leave_out(Written::Regex, line, &format!("line {number}"));
        }
    }
}

/// `kingfisher.yaml`.
pub fn kingfisher(reading: &mut Reading<'_>) {
    let Some(value) = reading.tree_of(Format::Yaml) else { return };
    let Some(top) = Table::of(&value, "") else { return };
    for filters in top.tables("filters") {
        reading.leave_out_all(Written::Ignore, &filters, "exclude");
        filter_of(reading, &filters, "skip_regex", Target::Secret);
        let from = Some(reading.from(&filters.place_of("skip_words")));
        push(reading, Filter { from, stopwords: filters.texts("skip_words"), ..Filter::default() });
        reading.lose_rest(&filters, "nothing here is like it");
    }
    for list in top.tables("rules") {
        for key in ["disabled", "exclude", "excluded"] {
            for (number, id) in list.texts(key).iter().enumerate() {
                let place = format!("{}[{number}]", list.place_of(key));
                switch_off(reading, id.rsplit('.').next().unwrap_or(id), &place);
            }
        }
        reading.lose_rest(&list, "all rules are in force here; own ones stand under `rules:` of the config");
    }
    for baseline in top.tables("baseline") {
        baseline.get("manage");
        if baseline.get("file").is_some() {
            reading.lose("baseline.file", "that file is not followed: name it with `--from kingfisher-baseline=FILE`");
        }
    }
    reading.lose_rest(&top, HOW_IT_RUNS);
}

fn switch_off(reading: &mut Reading<'_>, id: &str, place: &str) {
    let ours = rules::like(id);
    if ours.is_empty() {
        reading.lose(place, format!("no rule here is known to find the same as `{id}`"));
    }
    let from = reading.from(place);
    reading.plan.off.extend(ours.into_iter().map(|what| super::Noted { what, from: from.clone() }));
}

/// Findings by place; its fingerprints hold more than the value, so they cannot be compared.
pub fn kingfisher_baseline(reading: &mut Reading<'_>) {
    let Some(value) = reading.tree_of(Format::Yaml) else { return };
    let Some(top) = Table::of(&value, "") else { return };
    let lists = top.tables("ExactFindings");
    for (number, entry) in lists.iter().flat_map(|list| list.tables("matches")).enumerate() {
        let place = format!("ExactFindings.matches[{number}]");
        let found = entry.text("filepath").zip(entry.text("linenum").and_then(|line| line.parse().ok()));
        let Some((path, line)) = found else {
            reading.lose(&place, "it names no file and line");
            continue;
        };
        // The folder's name stands before the path.
        let inner = path.split_once('/').map_or(path.as_str(), |(_, inner)| inner);
        let is_there = |path: &str| reading.tree.iter().any(|known| known == path);
        let path = if is_there(&path) { path } else { inner.to_owned() };
        reading.claim(&place, Accepts::Place { path, line, commit: None });
    }
}

/// `.gitguardian.yaml`, in both its versions.
pub fn ggshield(reading: &mut Reading<'_>) {
    let Some(value) = reading.tree_of(Format::Yaml) else { return };
    let Some(top) = Table::of(&value, "") else { return };
    const QUIET: &[&str] = &[
        "version",
        "instance",
        "exit_zero",
        "verbose",
        "show_secrets",
        "insecure",
        "allow_self_signed",
        "max_commits_for_hook",
        "api_url",
        "all_policies",
        "ignore_default_excludes",
        "debug",
    ];
    for key in QUIET {
        top.get(key);
    }
    let second = top.tables("secret");
    for table in second.iter().chain(std::iter::once(&top)) {
        table.get("show_secrets");
        for key in ["ignored_paths", "paths_ignore"] {
            reading.leave_out_all(Written::Ggshield, table, key);
        }
        for key in ["ignored_detectors", "banlisted_detectors"] {
            for (number, name) in table.texts(key).iter().enumerate() {
                let place = format!("{}[{number}]", table.place_of(key));
                reading.lose(
                    &place,
                    format!("which rules find the same as `{name}` is not known: `builtin:` switches rules off"),
                );
            }
        }
        for key in ["ignored_matches", "matches_ignore"] {
            ignored_matches(reading, table, key);
        }
        filter_of(reading, table, "ignored_match_patterns", Target::Secret);
    }
    for table in &second {
        reading.lose_rest(table, "nothing here is like it");
    }
    top.get("secret");
    reading.lose_rest(&top, HOW_IT_RUNS);
}

fn ignored_matches(reading: &mut Reading<'_>, table: &Table<'_>, key: &str) {
    let entries = table.get(key).and_then(serde_json::Value::as_array);
    for (number, value) in entries.into_iter().flatten().enumerate() {
        let place = format!("{}[{number}]", table.place_of(key));
        let written = Table::of(value, &place).and_then(|entry| entry.text("match"));
        let Some(written) = written.or_else(|| value.as_str().map(str::to_owned)) else {
            reading.lose(&place, "it has no `match`");
            continue;
        };
        let is_digest = written.len() == 64 && written.bytes().all(|byte| byte.is_ascii_hexdigit());
        let accepts = if is_digest {
            Accepts::Labelled { sha256: written }
        } else {
            Accepts::Value { path: None, value: written }
        };
        reading.claim(&place, accepts);
    }
}

/// `.talismanrc`.
pub fn talisman(reading: &mut Reading<'_>) {
    let Some(value) = reading.tree_of(Format::Yaml) else { return };
    let Some(top) = Table::of(&value, "") else { return };
    top.get("version");
    for entry in top.tables("fileignoreconfig") {
        ignored_file(reading, &entry);
    }
    filter_of(reading, &top, "allowed_patterns", Target::Secret);
    for (number, _) in top.texts("custom_patterns").iter().enumerate() {
        let place = format!("custom_patterns[{number}]");
        reading.lose(&place, "an own rule needs examples here: write it under `rules:` of the config");
    }
    for scope in top.tables("scopeconfig") {
        let name = scope.text("scope").unwrap_or_default();
        reading.lose(
            &scope.place,
            format!("the files of the scope `{name}` stand in that tool: name them in `leave_out`"),
        );
    }
    for key in ["custom_severities", "threshold", "experimental"] {
        if top.get(key).is_some() {
            reading.lose(key, "severities and scores are others here: see `thresholds` of the config");
        }
    }
    reading.lose_rest(&top, HOW_IT_RUNS);
}

fn ignored_file(reading: &mut Reading<'_>, entry: &Table<'_>) {
    let Some(name) = entry.text("filename") else { return reading.lose(&entry.place, "it names no file") };
    let detectors = entry.texts("ignore_detectors");
    if detectors.iter().any(|detector| detector == "filecontent") {
        reading.leave_out(Written::Ignore, &name, &entry.place_of("ignore_detectors"));
    } else if !detectors.is_empty() {
        reading
            .lose(&entry.place_of("ignore_detectors"), "nothing here goes by a file's name or size alone in that way");
    }
    let regexes = reading.regexes(entry, "allowed_patterns");
    if let Ok(path) = ForeignRegex::new(&format!("^{}$", regex_syntax::escape(&name))) {
        let from = Some(reading.from(&entry.place_of("allowed_patterns")));
        push(reading, Filter { from, regexes, paths: vec![path], all: true, ..Filter::default() });
    }
    let Some(checksum) = entry.text("checksum") else { return };
    let place = entry.place_of("checksum");
    match (reading.bytes)(&name) {
        None => reading.lose(&place, format!("there is no file `{name}`, or it names several")),
        Some(bytes) if talisman_checksum(&name, &bytes).eq_ignore_ascii_case(&checksum) => {
            reading.claim(&place, Accepts::File { path: name });
        }
        Some(_) => reading.lose(&place, format!("`{name}` has changed since, so that tool would not pass it either")),
    }
}

/// SHA-256 over the hashes of nothing, of the content and of the path, each as hexadecimal digits.
fn talisman_checksum(path: &str, bytes: &[u8]) -> String {
    let hash = |bytes: &[u8]| Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    hash(format!("{}{}{}", hash(b""), hash(bytes), hash(path.as_bytes())).as_bytes())
}

/// `.secretlintrc`, which is JSON or YAML.
pub fn secretlint(reading: &mut Reading<'_>) {
    let Some(value) = reading.tree_of(Format::Yaml) else { return };
    let Some(top) = Table::of(&value, "") else { return };
    for list in top.tables("rules") {
        secretlint_rule(reading, &list);
        for inner in list.tables("rules") {
            secretlint_rule(reading, &inner);
        }
    }
    reading.lose_rest(&top, HOW_IT_RUNS);
}

fn secretlint_rule(reading: &mut Reading<'_>, rule: &Table<'_>) {
    let id = rule.text("id").unwrap_or_default();
    if rule.text("disabled").as_deref() == Some("true") {
        reading.lose(
            &rule.place_of("disabled"),
            format!("which rules find the same as `{id}` is not known: `builtin:` switches rules off"),
        );
    }
    if !rule.texts("allowMessageIds").is_empty() {
        reading.lose(
            &rule.place_of("allowMessageIds"),
            "which rules find the same is not known: `builtin:` switches rules off",
        );
    }
    for options in rule.tables("options") {
        let mut regexes = Vec::new();
        for (number, written) in options.texts("allows").iter().enumerate() {
            match regexp_like(written) {
                Ok(regex) => regexes.push(regex),
                Err(why) => reading.lose(&format!("{}[{number}]", options.place_of("allows")), why),
            }
        }
        let from = Some(reading.from(&options.place_of("allows")));
        push(reading, Filter { from, regexes, ..Filter::default() });
        reading.lose_rest(&options, "nothing here is like it");
    }
}

/// `/regex/flags`, or a text that stands in the value.
fn regexp_like(written: &str) -> Result<ForeignRegex, &'static str> {
    let split = written.strip_prefix('/').and_then(|rest| rest.rsplit_once('/'));
    match split {
        None => ForeignRegex::new(&regex_syntax::escape(written)),
        Some((source, flags)) => {
            let known: String = flags.chars().filter(|flag| "ims".contains(*flag)).collect();
            if flags.chars().any(|flag| !"gimsuy".contains(flag)) {
                return Err("it has flags that are not known here");
            }
            ForeignRegex::new(&if known.is_empty() { source.to_owned() } else { format!("(?{known}){source}") })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checksum_is_that_of_talisman() {
        // As three nested calls of sha256sum make it.
        let rows = [("a.txt", &b"hello\n"[..])];
        for (path, bytes) in rows {
            let sum = talisman_checksum(path, bytes);
            assert_eq!(sum.len(), 64);
            assert_ne!(sum, talisman_checksum("b.txt", bytes));
            assert_ne!(sum, talisman_checksum(path, b"hello"));
        }
    }

    #[test]
    fn a_regexp_like_text_is_a_regex_or_itself() {
        let rows =
            [("/^dummy/i", "DUMMY-1", true), ("a.b", "xa.by", true), ("a.b", "axb", false), ("/a.b/", "axb", true)];
        for (written, value, holds) in rows {
            assert_eq!(regexp_like(written).expect(written).holds_in(value.as_bytes()), holds, "{written}");
        }
        assert!(regexp_like("/a/v").is_err() && regexp_like("/(?=a)/").is_err());
    }
}
