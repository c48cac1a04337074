//! The shapes of reports.

use serde_json::Value as Json;

use super::{CompareError, Reported, Theirs, Value};

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
    let unknown = || CompareError::Unknown { name: name.to_owned() };
    // A run without findings is an empty list.
    let Some(first) = all.first() else {
        return Ok(Theirs { tool: "another tool".to_owned(), findings: Vec::new(), placeless: 0 });
    };
    type Entry = fn(&Json) -> Option<Reported>;
    let (tool, entries, entry): (String, Vec<&Json>, Entry) = if first.get("runs").is_some_and(Json::is_array) {
        return Ok(sarif(first));
    } else if first.get("plugins_used").is_some() && first.get("results").is_some_and(Json::is_object) {
        return Ok(detect_secrets(first));
    } else if first.get("RuleID").is_some() && first.get("File").is_some() {
        ("gitleaks".to_owned(), all.iter().collect(), gitleaks)
    } else if first.get("SourceMetadata").is_some() || first.get("DetectorName").is_some() {
        ("trufflehog".to_owned(), all.iter().collect(), trufflehog)
    } else if first.get("finding").is_some() && first.get("rule").is_some() {
        ("kingfisher".to_owned(), all.iter().collect(), kingfisher)
    } else if let Some(list) = first
        .get("findings")
        .and_then(Json::as_array)
        .filter(|list| list.iter().all(|entry| entry.get("finding").is_some() && entry.get("rule").is_some()))
    {
        ("kingfisher".to_owned(), list.iter().collect(), kingfisher)
    } else {
        return Err(unknown());
    };
    let known: Vec<&Json> = entries.into_iter().filter(|entry| entry.is_object()).collect();
    let findings: Vec<Reported> = known.iter().filter_map(|found| entry(found)).collect();
    let placeless = known.len() - findings.len();
    Ok(Theirs { tool, findings, placeless })
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

fn gitleaks(entry: &Json) -> Option<Reported> {
    let line = number(entry.get("StartLine"))?;
    Some(Reported {
        rule: text(entry.get("RuleID")),
        path: path(entry.get("File"))?,
        line,
        end_line: number(entry.get("EndLine")).unwrap_or(line).max(line),
        commit: commit(entry.get("Commit")),
        value: clear(text(entry.get("Secret"))),
    })
}

fn trufflehog(entry: &Json) -> Option<Reported> {
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
}

fn kingfisher(entry: &Json) -> Option<Reported> {
    let (rule, finding) = (entry.get("rule")?, entry.get("finding")?);
    let line = number(finding.get("line"))?;
    let git = finding.get("git_metadata");
    let in_git = git.and_then(|git| path(git.get("file")?.get("path")));
    Some(Reported {
        rule: text(rule.get("id")),
        path: in_git.or_else(|| path(finding.get("path")))?,
        line,
        end_line: line,
        commit: git.and_then(|git| commit(git.get("commit")?.get("id"))),
        value: clear(text(finding.get("snippet"))),
    })
}

fn detect_secrets(top: &Json) -> Theirs {
    let mut theirs = Theirs { tool: "detect-secrets".to_owned(), findings: Vec::new(), placeless: 0 };
    for (file, list) in top.get("results").and_then(Json::as_object).into_iter().flatten() {
        for entry in list.as_array().into_iter().flatten() {
            let found = number(entry.get("line_number")).zip(path(Some(&Json::String(file.clone()))));
            let Some((line, path)) = found else {
                theirs.placeless += 1;
                continue;
            };
            let value = match text(entry.get("hashed_secret")) {
                digits if digits.len() == 40 => Value::Sha1(digits),
                _ => Value::Unknown,
            };
            let rule = text(entry.get("type"));
            theirs.findings.push(Reported { rule, path, line, end_line: line, commit: None, value });
        }
    }
    theirs
}

fn sarif(top: &Json) -> Theirs {
    let runs = top.get("runs").and_then(Json::as_array);
    let mut theirs = Theirs { tool: String::new(), findings: Vec::new(), placeless: 0 };
    for run in runs.into_iter().flatten() {
        if theirs.tool.is_empty() {
            theirs.tool = text(run.pointer("/tool/driver/name"));
        }
        for result in run.get("results").and_then(Json::as_array).into_iter().flatten() {
            let place = result.pointer("/locations/0/physicalLocation");
            let uri = place.and_then(|place| path(place.pointer("/artifactLocation/uri")));
            let line = place.and_then(|place| number(place.pointer("/region/startLine")));
            let Some((path, line)) = uri.zip(line) else {
                theirs.placeless += 1;
                continue;
            };
            let end = place.and_then(|place| number(place.pointer("/region/endLine")));
            let rule = match text(result.get("ruleId")) {
                id if id.is_empty() => text(result.pointer("/rule/id")),
                id => id,
            };
            theirs.findings.push(Reported {
                rule,
                path: decoded(path.strip_prefix("file://").unwrap_or(&path)),
                line,
                end_line: end.unwrap_or(line).max(line),
                commit: commit(result.pointer("/partialFingerprints/commitSha")),
                // A snippet is a line or more, and seldom the value.
                value: Value::Unknown,
            });
        }
    }
    if theirs.tool.is_empty() {
        "a tool without a name".clone_into(&mut theirs.tool);
    }
    theirs
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

    #[test]
    fn each_shape_is_told_by_itself() {
        let rows = [
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
            ("[]", "another tool +0"),
        ];
        for (report, expected) in rows {
            assert_eq!(told(report), expected, "{report}");
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
