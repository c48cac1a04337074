//! The shapes of reports.

use serde_json::Value as Json;

use super::{CompareError, Reported, Theirs, Value};

/// What reads the shape of one tool's reports, if these are of it.
type Reader = fn(&[Json]) -> Option<Theirs>;

const READERS: [Reader; 7] = [sarif, detect_secrets, gitleaks, trufflehog, betterleaks, kingfisher, secretlint];

/// Reads one document, or one object a line.
pub fn read(name: &str, bytes: &[u8]) -> Result<Theirs, CompareError> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let all = match serde_json::from_slice::<Json>(bytes) {
        Ok(Json::Array(list)) => list,
        Ok(one) => vec![one],
        Err(whole) => {
            let lines = bytes.split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty());
            let parsed: Result<Vec<Json>, _> = lines.map(serde_json::from_slice).collect();
            parsed.map_err(|_| CompareError::NotJson { name: name.to_owned(), line: whole.line() })?
        }
    };
    // A run without findings is an empty list, or nothing at all.
    if all.is_empty() {
        return Ok(theirs("another tool", []));
    }
    let read = READERS.iter().find_map(|reader| reader(&all));
    read.ok_or_else(|| CompareError::Unknown { name: name.to_owned() })
}

/// What entries tell; one that tells no place is counted.
fn theirs(tool: &str, entries: impl IntoIterator<Item = Option<Reported>>) -> Theirs {
    let mut theirs = Theirs { tool: tool.to_owned(), findings: Vec::new(), placeless: 0 };
    for entry in entries {
        match entry {
            Some(reported) => theirs.findings.push(reported),
            None => theirs.placeless += 1,
        }
    }
    theirs
}

fn text(value: Option<&Json>) -> String {
    value.and_then(Json::as_str).unwrap_or_default().to_owned()
}

fn path(value: Option<&Json>) -> Option<String> {
    let path = text(value).replace('\\', "/");
    (!path.is_empty()).then(|| path.strip_prefix("./").unwrap_or(&path).to_owned())
}

fn number(value: Option<&Json>) -> Option<u64> {
    value.and_then(|value| value.as_u64().or_else(|| value.as_str()?.parse().ok())).filter(|line| *line > 0)
}

fn commit(value: Option<&Json>) -> Option<String> {
    let id = text(value);
    ([40, 64].contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_hexdigit())).then_some(id)
}

/// A value that is masked says nothing.
fn clear(value: String) -> Value {
    let is_masked = value.is_empty() || value.contains("REDACTED") || value.contains("***") || value.ends_with("...");
    if is_masked { Value::Unknown } else { Value::Clear(value) }
}

/// A hash of the value, if it has as many digits as one has.
fn digest(digits: String, len: usize, kind: fn(String) -> Value) -> Value {
    let is_hash = digits.len() == len && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_hash { kind(digits) } else { Value::Unknown }
}

fn gitleaks(all: &[Json]) -> Option<Theirs> {
    let first = all.first()?;
    first.get("RuleID").and(first.get("File"))?;
    let entry = |entry: &Json| {
        let line = number(entry.get("StartLine"))?;
        Some(Reported {
            rule: text(entry.get("RuleID")),
            path: path(entry.get("File"))?,
            line,
            end_line: number(entry.get("EndLine")).unwrap_or(line).max(line),
            commit: commit(entry.get("Commit")),
            value: clear(text(entry.get("Secret"))),
        })
    };
    Some(theirs("gitleaks", all.iter().filter(|entry| entry.is_object()).map(entry)))
}

/// Since version 2: a document, or a line for each finding and one of the run.
fn betterleaks(all: &[Json]) -> Option<Theirs> {
    all.iter().find(|one| one.get("schema_version").is_some() && (one.get("scan").or(one.get("finding")).is_some()))?;
    let lists = all.iter().filter_map(|one| one.get("findings")?.as_array()).flatten();
    let found = lists.chain(all.iter().filter_map(|one| one.get("finding")));
    let entry = |entry: &Json| {
        let place = entry.get("location")?;
        let line = number(place.get("start_line"))?;
        let value = match clear(text(entry.pointer("/match/value"))) {
            // Of one that is masked, its SHA-256 is told.
            Value::Unknown => digest(text(entry.pointer("/match/fingerprint")), 64, Value::Sha256),
            value => value,
        };
        Some(Reported {
            rule: text(entry.get("rule_id")),
            path: path(place.get("path"))?,
            line,
            end_line: number(place.get("end_line")).unwrap_or(line).max(line),
            commit: commit(entry.pointer("/attributes/git.sha")),
            value,
        })
    };
    Some(theirs("betterleaks", found.map(entry)))
}

/// A line for each finding, and maybe some of its log.
fn trufflehog(all: &[Json]) -> Option<Theirs> {
    let is_found = |one: &&Json| one.get("SourceMetadata").or(one.get("DetectorName")).is_some();
    all.iter().find(is_found)?;
    let entry = |entry: &Json| {
        let data = entry.get("SourceMetadata")?.get("Data")?.as_object()?.values().next()?;
        let line = number(data.get("line")).unwrap_or(1);
        Some(Reported {
            rule: text(entry.get("DetectorName")),
            path: path(data.get("file"))?,
            line,
            end_line: line,
            commit: commit(data.get("commit")),
            value: clear(text(entry.get("Raw"))),
        })
    };
    Some(theirs("trufflehog", all.iter().filter(is_found).map(entry)))
}

/// A document, or a line for each finding; behind either what it says of the run.
fn kingfisher(all: &[Json]) -> Option<Theirs> {
    let is_found = |one: &&Json| one.get("finding").and(one.get("rule")).is_some();
    let lists: Vec<&Vec<Json>> = all.iter().filter_map(|one| one.get("findings")?.as_array()).collect();
    let found: Vec<&Json> = lists.iter().copied().flatten().chain(all).filter(is_found).collect();
    let says = |one: &Json| one.get("kingfisher").or(one.pointer("/audit/schema")).is_some();
    let nothing = !lists.is_empty() && lists.iter().all(|list| list.is_empty());
    if found.is_empty() && !nothing && !all.iter().any(says) {
        return None;
    }
    let entry = |entry: &Json| {
        let (rule, finding) = (entry.get("rule")?, entry.get("finding")?);
        let line = number(finding.get("line"))?;
        let git = finding.get("git_metadata");
        let in_git = git.and_then(|git| path(git.get("file")?.get("path")));
        let value = text(finding.get("snippet"));
        Some(Reported {
            rule: text(rule.get("id")),
            path: in_git.or_else(|| path(finding.get("path")))?,
            line,
            // The line is where the value begins.
            end_line: line + value.trim_end().matches('\n').count() as u64,
            commit: git.and_then(|git| commit(git.get("commit")?.get("id"))),
            value: clear(value),
        })
    };
    Some(theirs("kingfisher", found.into_iter().map(entry)))
}

fn detect_secrets(all: &[Json]) -> Option<Theirs> {
    let top = all.first()?;
    let files = top.get("plugins_used").and(top.get("results"))?.as_object()?;
    let found = files.iter().flat_map(|(file, list)| {
        let entry = move |entry: &Json| {
            let line = number(entry.get("line_number"))?;
            Some(Reported {
                rule: text(entry.get("type")),
                path: path(Some(&Json::String(file.clone())))?,
                line,
                end_line: line,
                commit: None,
                value: digest(text(entry.get("hashed_secret")), 40, Value::Sha1),
            })
        };
        list.as_array().into_iter().flatten().map(entry)
    });
    Some(theirs("detect-secrets", found))
}

/// A file each, with its messages and, unless it is told to mask, its text.
fn secretlint(all: &[Json]) -> Option<Theirs> {
    let first = all.first()?;
    first.get("filePath").and(first.get("messages"))?;
    let found = all.iter().flat_map(|file| {
        let content: Vec<u16> = text(file.get("sourceContent")).encode_utf16().collect();
        let entry = move |entry: &Json| {
            let line = number(entry.pointer("/loc/start/line"))?;
            // In UTF-16, as JavaScript counts.
            let at = |place| entry.pointer(place).and_then(Json::as_u64).and_then(|at| usize::try_from(at).ok());
            let range = at("/range/0").zip(at("/range/1"));
            let value = range.and_then(|(start, end)| content.get(start..end)).unwrap_or_default();
            Some(Reported {
                rule: text(entry.get("ruleId")),
                path: path(file.get("filePath"))?,
                line,
                end_line: number(entry.pointer("/loc/end/line")).unwrap_or(line).max(line),
                commit: None,
                value: clear(String::from_utf16_lossy(value)),
            })
        };
        file.get("messages").and_then(Json::as_array).into_iter().flatten().map(entry)
    });
    Some(theirs("secretlint", found))
}

fn sarif(all: &[Json]) -> Option<Theirs> {
    let runs = all.first()?.get("runs")?.as_array()?;
    let name = runs.iter().find_map(|run| run.pointer("/tool/driver/name")?.as_str());
    let results = runs.iter().filter_map(|run| run.get("results")?.as_array()).flatten();
    let entry = |result: &Json| {
        let place = result.pointer("/locations/0/physicalLocation")?;
        let uri = path(place.pointer("/artifactLocation/uri"))?;
        let line = number(place.pointer("/region/startLine"))?;
        let rule = match text(result.get("ruleId")) {
            id if id.is_empty() => text(result.pointer("/rule/id")),
            id => id,
        };
        Some(Reported {
            rule,
            path: decoded(uri.strip_prefix("file://").unwrap_or(&uri)),
            line,
            end_line: number(place.pointer("/region/endLine")).unwrap_or(line).max(line),
            commit: commit(result.pointer("/partialFingerprints/commitSha")),
            // A snippet is a line or more, and seldom the value.
            value: Value::Unknown,
        })
    };
    let name = name.filter(|name| !name.is_empty()).unwrap_or("a tool without a name");
    Some(theirs(name, results.map(entry)))
}

/// `%20` and the like as bytes.
fn decoded(uri: &str) -> String {
    let mut bytes = Vec::with_capacity(uri.len());
    let mut rest = uri.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let digits = after.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        let byte = digits.filter(|_| *first == b'%').and_then(|digits| u8::from_str_radix(digits, 16).ok());
        bytes.push(byte.unwrap_or(*first));
        rest = if byte.is_some() { &after[2..] } else { after };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Tool and findings as one text.
    fn told(report: &str) -> String {
        let theirs = read("x", report.as_bytes()).expect(report);
        let one = |it: &Reported| {
            let commit = it.commit.as_ref().map(|commit| format!(" @{}", &commit[..4])).unwrap_or_default();
            format!(" | {} {}:{}-{}{commit} {:?}", it.rule, it.path, it.line, it.end_line, it.value)
        };
        format!("{}{} +{}", theirs.tool, theirs.findings.iter().map(one).collect::<String>(), theirs.placeless)
    }

    /// Reports, and what is told of them.
    const SHAPES: &[(&str, &str)] = &[
        (
            r#"[{"RuleID": "jwt", "File": "a/b.py", "StartLine": 3, "EndLine": 4, "Secret": "xyz", "Commit": ""}]"#,
            "gitleaks | jwt a/b.py:3-4 in clear +0",
        ),
        (
            r#"{"SourceMetadata": {"Data": {"Git": {"commit": "0123456789abcdef0123456789abcdef01234567", "file": "a.py", "line": 7}}}, "DetectorName": "AWS", "Raw": "x"}
               {"SourceMetadata": {"Data": {"Filesystem": {"file": "./b.py"}}}, "DetectorName": "AWS", "Raw": ""}
               {"SourceMetadata": {"Data": {"Slack": {"channel": "c"}}}, "DetectorName": "AWS", "Raw": ""}"#,
            "trufflehog | AWS a.py:7-7 @0123 in clear | AWS b.py:1-1 unknown +1",
        ),
        (
            r#"{"findings": [{"rule": {"name": "AWS", "id": "kingfisher.aws.1"}, "finding": {"snippet": "x", "line": 2, "path": "a.py"}}]}"#,
            "kingfisher | kingfisher.aws.1 a.py:2-2 in clear +0",
        ),
        (
            r#"{"plugins_used": [], "results": {"a\\b.py": [{"type": "AWS", "line_number": 2, "hashed_secret": "0123456789012345678901234567890123456789"}, {}]}}"#,
            "detect-secrets | AWS a/b.py:2-2 a digest +1",
        ),
        (
            r#"{"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "Other"}}, "results": [{"ruleId": "r", "locations": [{"physicalLocation": {"artifactLocation": {"uri": "a%20b.py"}, "region": {"startLine": 5}}}]}, {}]}]}"#,
            "Other | r a b.py:5-5 unknown +1",
        ),
        (
            r#"{"rule": {"name": "Key", "id": "k"}, "finding": {"snippet": "a\nb\nc", "fingerprint": "1", "line": 2, "column_start": 0, "path": "./a.pem", "git_metadata": {"repository_url": ".", "commit": {"id": "0123456789abcdef0123456789abcdef01234567"}, "file": {"path": "k/a.pem", "url": "./blob/x/k/a.pem#L1"}}}}
               {"audit": {"schema": "kingfisher.repository-audit.v1", "summary": {}}}
               {"findings": 1, "rules_applied": 488, "kingfisher": {"version_used": "2.14.0"}}"#,
            "kingfisher | k k/a.pem:2-4 @0123 in clear +0",
        ),
        (
            r#"{"audit": {"schema": "kingfisher.repository-audit.v1"}}
               {"findings": 0, "kingfisher": {"version_used": "2.14.0"}}"#,
            "kingfisher +0",
        ),
        (
            r#"{"schema_version": "1", "findings": [
                 {"rule_id": "jwt", "match": {"full": "k=x", "value": "x", "fingerprint": "68c0"}, "attributes": {"resource": "git.patch_content", "git.sha": "0123456789abcdef0123456789abcdef01234567"}, "location": {"path": "a.py", "start_line": 1, "end_line": 2}},
                 {"rule_id": "jwt", "match": {"value": "REDACTED", "fingerprint": "68c0a8ade2fa87d1520f0a77a75faeba754af02bbd719fa298f8e63fb0b82068"}, "attributes": {"resource": "fs.content"}, "location": {"path": "./b.py", "start_line": 3, "end_line": 3}},
                 {"rule_id": "jwt", "attributes": {"resource": "github.issue"}}
               ], "scan": {"state": "complete"}}"#,
            "betterleaks | jwt a.py:1-2 @0123 in clear | jwt b.py:3-3 a digest +1",
        ),
        (
            r#"{"schema_version": "1", "finding": {"rule_id": "jwt", "match": {"value": "x"}, "location": {"path": "a.py", "start_line": 1, "end_line": 1}}}
               {"schema_version": "1", "scan": {"state": "complete"}}"#,
            "betterleaks | jwt a.py:1-1 in clear +0",
        ),
        (r#"{"schema_version": "1", "scan": {"state": "complete"}}"#, "betterleaks +0"),
        (
            r#"[{"filePath": "/a/b.py", "sourceContent": "ü = xyz\n", "messages": [{"ruleId": "@secretlint/secretlint-rule-aws", "range": [4, 7], "loc": {"start": {"line": 1, "column": 4}, "end": {"line": 1, "column": 7}}}]},
                {"filePath": "/a/c.py", "messages": [{"ruleId": "r", "range": [4, 7], "loc": {"start": {"line": 9}}}, {}]},
                {"filePath": "/a/d.py", "sourceContent": "", "messages": []}]"#,
            "secretlint | @secretlint/secretlint-rule-aws /a/b.py:1-1 in clear | r /a/c.py:9-9 unknown +1",
        ),
        (
            r#"{"level": "info-0", "msg": "running source"}
               {"SourceMetadata": {"Data": {"Filesystem": {"file": "b.py", "line": 3}}}, "DetectorName": "AWS", "Raw": "x"}"#,
            "trufflehog | AWS b.py:3-3 in clear +0",
        ),
        (r#"{"findings": []}"#, "kingfisher +0"),
        ("[]", "another tool +0"),
    ];

    #[test]
    fn each_shape_is_told_by_itself() {
        for (report, expected) in SHAPES {
            assert_eq!(told(report), *expected, "{report}");
        }
    }

    #[test]
    fn what_is_no_report_is_refused_without_quoting_it() {
        for report in ["", "hunter2", "{\"hunter2\": 1}", "[1]", "{\"findings\": [1]}", "[{\"RuleID\": 1}"] {
            let error = read("x", report.as_bytes());
            let quiet =
                error.as_ref().map_or_else(|error| !error.to_string().contains("hunter2"), |_| report.is_empty());
            assert!(quiet, "{report}: {error:?}");
        }
    }
}
