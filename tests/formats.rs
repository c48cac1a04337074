//! Formats of other tools, held to what those tools read: limits, required fields, and parsers written after theirs.

#![allow(
    clippy::disallowed_methods,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests read files of their own, and may fail"
)]

#[path = "common/written.rs"]
mod written;

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;

use serde_json::Value;
use tightlip::finding::{Decision, Finding, Fingerprint};
use tightlip::outcome::Outcome;
use tightlip::report::escape::Escaped;
use tightlip::report::sample::{clean, sample};
use tightlip::report::{FORMATS, Style};
use written::{verbose, write};

fn json(name: &str, outcome: &Outcome) -> Value {
    serde_json::from_str(&write(name, &verbose(), outcome)).unwrap()
}

/// Five hundred paths that try to be something else, from a fixed sequence of numbers.
fn hostile_paths() -> Vec<String> {
    const PARTS: [&str; 32] = [
        "::error::",
        "\n",
        "\r\n",
        "%0A",
        "%25",
        "##vso[task.complete]",
        "##[error]",
        "]",
        ";",
        ",",
        "=cmd|'/c calc'!A0",
        "\"",
        "'",
        "</script>",
        "<!--",
        "<img src=x onerror=alert(1)>",
        "&lt;",
        "|",
        "`",
        "\\",
        "[a](javascript:x)",
        "\u{202e}",
        "\u{1b}[2J",
        "\u{0}",
        "\u{9b}",
        "\u{2028}",
        "\u{ffff}",
        "{0}",
        "../",
        "@SUM(1)",
        " ",
        "ä鍵\u{1f600}",
    ];
    let mut state = 7_u64;
    let mut next = move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 40).unwrap()
    };
    let path = |_| (0..=next() % 6).map(|_| PARTS[next() % PARTS.len()]).collect::<String>();
    (0..500).map(path).collect()
}

/// An outcome of which each text is a hostile path.
fn hostile() -> Outcome {
    let mut outcome = sample();
    let model = outcome.findings.clone();
    let paths = hostile_paths();
    outcome.findings = paths
        .iter()
        .enumerate()
        .map(|(number, path)| {
            let mut finding = model[number % model.len()].clone();
            finding.place.path.clone_from(path);
            finding.rule = paths[(number + 1) % 500].clone().into();
            finding.finds = paths[(number + 2) % 500].clone().into();
            finding.revoke = Some(paths[(number + 3) % 500].clone().into());
            finding.docs = Some(format!("https://a.example/{}", paths[(number + 4) % 500]).into());
            finding.fingerprint = fingerprint(number);
            finding
        })
        .collect();
    outcome
}

fn fingerprint(number: usize) -> Fingerprint {
    let mut fingerprint = Fingerprint([7; 12]);
    fingerprint.0[..8].copy_from_slice(&(number as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes());
    fingerprint
}

fn many(count: usize) -> Outcome {
    let model = sample().findings;
    let copy = |number: usize| {
        let mut finding = model[number % model.len()].clone();
        finding.place.path = format!("src/module{}/file{number}.py", number % 97);
        finding.place.start.line = 1 + number as u64;
        finding.place.end.line = 1 + number as u64;
        finding.fingerprint = fingerprint(number);
        finding
    };
    Outcome { findings: (0..count).map(copy).collect(), ..sample() }
}

#[test]
fn no_hostile_path_leaves_any_format_raw() {
    let known = "\u{61c}\u{200b}\u{200e}\u{200f}\u{2028}\u{2029}\u{202a}\u{202b}\u{202c}\u{202d}\u{202e}\u{2066}\u{2067}\u{2068}\u{2069}\u{feff}";
    let outcome = hostile();
    for format in FORMATS {
        let text = write(format.name, &verbose(), &outcome);
        let bad = text.chars().find(|letter| *letter != '\n' && (letter.is_control() || known.contains(*letter)));
        assert_eq!(bad, None, "{}", format.name);
        for finding in &outcome.findings {
            let fingerprint = finding.fingerprint.to_string();
            // Ten annotations of a type are the limit, and the rest stands in the log.
            assert!(text.contains(&fingerprint), "{}: no {fingerprint}", format.name);
        }
    }
}

/// A workflow command as GitHub's runner reads it: `::name key=value,key=value::data`, from the first two colons that
/// follow; what is escaped is put back.
fn github_command(line: &str) -> Option<(String, BTreeMap<String, String>, String)> {
    let rest = line.trim_start().strip_prefix("::")?;
    let (head, data) = rest.split_once("::")?;
    let (name, properties) = head.split_once(' ').unwrap_or((head, ""));
    let decode = |text: &str| text.replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%");
    let property = |text: &str| {
        text.replace("%0D", "\r").replace("%0A", "\n").replace("%3A", ":").replace("%2C", ",").replace("%25", "%")
    };
    let pairs = properties.split(',').filter_map(|pair| pair.split_once('='));
    let pairs = pairs.map(|(key, value)| (key.trim().to_owned(), property(value))).collect();
    Some((name.to_owned(), pairs, decode(data)))
}

#[test]
fn the_runner_of_github_reads_ten_annotations_of_each_type_and_nothing_else() {
    for outcome in [sample(), clean(), hostile(), many(300)] {
        let text = write("github", &verbose(), &outcome);
        let paths: BTreeSet<String> = outcome.findings.iter().map(|it| Escaped(&it.place.path).to_string()).collect();
        let mut times: BTreeMap<String, usize> = BTreeMap::new();
        for line in text.lines() {
            assert!(!line.contains("##["), "{line}");
            let Some((name, properties, data)) = github_command(line) else { continue };
            *times.entry(name.clone()).or_default() += 1;
            match name.as_str() {
                "group" => assert_eq!(data, "tightlip: all findings"),
                "endgroup" => assert_eq!(data, ""),
                "error" | "warning" | "notice" => {
                    assert!(!data.is_empty() && !data.contains('\n'), "{line}");
                    let known = ["title", "file", "line", "endLine", "col", "endColumn"];
                    assert!(properties.keys().all(|key| known.contains(&key.as_str())), "{line}");
                    if let Some(file) = properties.get("file") {
                        assert!(paths.contains(file), "{line}: {file:?}");
                        assert!(properties["line"].parse::<u64>().is_ok(), "{line}");
                    }
                }
                other => panic!("{other}: {line}"),
            }
        }
        for name in ["error", "warning", "notice"] {
            assert!(times.get(name).is_none_or(|times| *times <= 10), "{times:?}");
        }
        assert_eq!((times["group"], times["endgroup"]), (1, 1));
    }
    let text = write("github", &verbose(), &many(300));
    assert!(text.starts_with("::error title=tightlip could not read everything"), "gaps come first");
    assert!(text.lines().nth(1).unwrap().contains("(critical"), "the worst come first");
    assert!(text.contains("more of this kind"), "what is left out is told");
}

/// A logging command as the agent of Azure Pipelines reads it, wherever it stands in a line.
fn azure_command(line: &str) -> Option<(String, BTreeMap<String, String>, String)> {
    let at = line.find("##vso[")?;
    let (head, data) = line[at + 6..].split_once(']')?;
    let (name, properties) = head.split_once(' ').unwrap_or((head, ""));
    let decode = |text: &str| {
        let text = text.replace("%3B", ";").replace("%0D", "\r").replace("%0A", "\n").replace("%5D", "]");
        text.replace("%AZP25", "%")
    };
    let pairs = properties.split(';').filter_map(|pair| pair.split_once('='));
    Some((name.to_owned(), pairs.map(|(key, value)| (key.to_owned(), decode(value))).collect(), decode(data)))
}

#[test]
fn the_agent_of_azure_reads_issues_and_nothing_else() {
    for outcome in [sample(), clean(), hostile()] {
        let text = write("azure", &verbose(), &outcome);
        let paths: BTreeSet<String> = outcome.findings.iter().map(|it| Escaped(&it.place.path).to_string()).collect();
        let mut issues = 0;
        for line in text.lines() {
            let Some((name, properties, data)) = azure_command(line) else {
                assert!(line.starts_with("tightlip: "), "{line}");
                continue;
            };
            assert_eq!(name, "task.logissue", "{line}");
            assert!(!line[2..].contains("##vso[") && !line.contains("##["), "{line}");
            assert!(!data.is_empty() && ["error", "warning"].contains(&properties["type"].as_str()), "{line}");
            if properties["code"] != "tightlip" {
                issues += 1;
                assert!(paths.contains(&properties["sourcepath"]), "{line}");
            }
        }
        assert_eq!(issues, outcome.findings.len());
    }
}

/// The address without its escapes.
fn decoded(uri: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = uri.as_bytes();
    while let [first, more @ ..] = rest {
        rest = more;
        if *first == b'%' {
            bytes.push(u8::from_str_radix(std::str::from_utf8(&more[..2]).unwrap(), 16).unwrap());
            rest = &more[2..];
        } else {
            bytes.push(*first);
        }
    }
    String::from_utf8(bytes).unwrap()
}

#[test]
fn sarif_names_each_file_line_and_rule() {
    for outcome in [sample(), hostile()] {
        let sarif = json("sarif", &outcome);
        let run = &sarif["runs"][0];
        let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
        assert_eq!(run["columnKind"], "unicodeCodePoints");
        assert_eq!(run["invocations"][0]["executionSuccessful"], false);
        let results = run["results"].as_array().unwrap();
        assert_eq!(results.len(), outcome.findings.len());
        for (finding, result) in outcome.findings.iter().zip(results) {
            let place = &result["locations"][0]["physicalLocation"];
            let uri = place["artifactLocation"]["uri"].as_str().unwrap();
            assert!(uri.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"%/-._~:".contains(&byte)), "{uri}");
            assert!(!uri.starts_with("//") && (uri.starts_with("file:///") || !uri.contains(':')), "{uri}");
            if !finding.place.path.starts_with('/') {
                assert_eq!(decoded(uri), finding.place.path.replace("//", "/"));
                assert_eq!(place["artifactLocation"]["uriBaseId"], "%SRCROOT%");
            }
            assert_eq!(place["region"]["startLine"], finding.place.start.line.min(i32::MAX as u64));
            let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
            assert_eq!(rules[index]["id"], result["ruleId"]);
            assert_eq!(result["partialFingerprints"]["tightlip/v1"], finding.fingerprint.to_string());
            let hash = result["partialFingerprints"]["primaryLocationLineHash"].as_str().unwrap();
            assert!(hash.ends_with(":1") && hash.len() <= 18, "{hash}");
            let allowed = matches!(finding.decision, Decision::Allow(_));
            assert_eq!(result.get("suppressions").is_some(), allowed);
            assert!(result["message"]["text"].as_str().unwrap().len() < 2100);
        }
        for rule in rules {
            assert!(rule["help"]["markdown"].is_string() && rule["help"]["text"].is_string(), "{rule}");
            assert!(rule["properties"]["security-severity"].as_str().unwrap().parse::<f32>().is_ok());
            let tags = rule["properties"]["tags"].as_array().unwrap();
            assert!(tags.len() <= 10 && tags[0] == "security", "{tags:?}");
        }
    }
    assert_eq!(json("sarif", &clean())["runs"][0]["invocations"][0]["executionSuccessful"], true);
    let built_in = &json("sarif", &sample())["runs"][0]["tool"]["driver"]["rules"][0];
    assert_eq!(built_in["id"], "acme\\x1b[2J-token");
}

#[test]
fn sarif_stays_within_what_github_takes() {
    let mut outcome = many(40_000);
    // What packs worst: each path and line is unlike any other.
    let mut state = 1_u64;
    let mut noise = |len: usize| {
        let letter = |_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            char::from(33 + u8::try_from((state >> 40) % 94).unwrap())
        };
        (0..len).map(letter).collect::<String>()
    };
    for finding in &mut outcome.findings {
        finding.place.path = noise(120);
        finding.excerpt.text = noise(300);
        finding.excerpt.mark = tightlip::span::Span::new(100, 140);
    }
    for outcome in [&outcome, &many(40_000)] {
        let text = write("sarif", &verbose(), outcome);
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        packed.write_all(text.as_bytes()).unwrap();
        let packed = packed.finish().unwrap().len();
        assert!(packed < 10_000_000, "{packed}");
        let sarif: Value = serde_json::from_str(&text).unwrap();
        let results = sarif["runs"][0]["results"].as_array().unwrap();
        assert!(results.len() <= 25_000 && results.len() > 3_000, "{}", results.len());
        let notes = sarif["runs"][0]["invocations"][0]["toolExecutionNotifications"].as_array().unwrap();
        let cut = notes.iter().find(|note| note["descriptor"]["id"] == "cut").unwrap();
        let told = cut["message"]["text"].as_str().unwrap();
        let left_out = tightlip_count(40_000 - results.len());
        assert!(told.starts_with(&format!("{left_out} of 40,000 findings are left out")), "{told}");
        // What blocks is kept before what does not.
        let blocking = outcome.findings.iter().filter(|finding| finding.decision == Decision::Block).count();
        let kept = results.iter().filter(|result| result["level"] == "error").count();
        assert_eq!(kept, blocking.min(results.len()));
    }
}

fn tightlip_count(number: usize) -> String {
    format!("{},{:03}", number / 1000, number % 1000)
}

/// Built-in rules say what to do in a whole sentence.
#[test]
fn a_sentence_ends_once() {
    let mut outcome = sample();
    for finding in &mut outcome.findings {
        finding.revoke = Some("Revoke it on the page of keys.".into());
    }
    for format in FORMATS {
        let text = write(format.name, &verbose(), &outcome);
        assert!(!text.contains("keys.."), "{}: {text}", format.name);
    }
}

#[test]
fn gitlab_has_what_its_schema_asks_for() {
    for outcome in [sample(), clean(), hostile()] {
        let report = json("gitlab", &outcome);
        assert_eq!(report["version"], "15.2.1");
        let scan = &report["scan"];
        for key in ["start_time", "end_time"] {
            let moment = scan[key].as_str().unwrap();
            let digits: String = moment.chars().map(|it| if it.is_ascii_digit() { '0' } else { it }).collect();
            assert_eq!(digits, "0000-00-00T00:00:00", "{moment}");
        }
        assert_eq!(scan["type"], "secret_detection");
        assert_eq!(scan["status"], if outcome.gaps.is_empty() { "success" } else { "failure" });
        for program in ["analyzer", "scanner"] {
            for key in ["id", "name", "version"] {
                assert!(!scan[program][key].as_str().unwrap().is_empty());
            }
            assert!(scan[program]["vendor"]["name"].is_string());
        }
        let mut ids = BTreeSet::new();
        for found in report["vulnerabilities"].as_array().unwrap() {
            assert!(ids.insert(found["id"].as_str().unwrap().to_owned()), "{found}");
            assert!(found["name"].as_str().unwrap().chars().count() <= 255);
            assert!(found["solution"].as_str().unwrap().len() <= 7000);
            assert!(
                ["Info", "Unknown", "Low", "Medium", "High", "Critical"].contains(&found["severity"].as_str().unwrap())
            );
            assert!(!found["location"]["commit"]["sha"].as_str().unwrap().is_empty());
            assert!(found["location"]["file"].is_string());
            assert!(found["raw_source_code_extract"].is_null());
            let identifiers = found["identifiers"].as_array().unwrap();
            assert!(identifiers.iter().all(|it| ["type", "name", "value"].iter().all(|key| it[key] != "")), "{found}");
        }
        assert_eq!(ids.len(), outcome.findings.len());
    }
}

#[test]
fn code_quality_issues_are_told_apart() {
    let issues = json("codequality", &many(300));
    let issues = issues.as_array().unwrap();
    let ids: BTreeSet<&str> = issues.iter().map(|issue| issue["fingerprint"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), issues.len());
    assert_eq!(issues.len(), 300 + sample().gaps.len());
    for issue in issues {
        assert!(["info", "minor", "major", "critical", "blocker"].contains(&issue["severity"].as_str().unwrap()));
        assert!(issue["location"]["lines"]["begin"].as_u64().unwrap() > 0);
        assert!(issue["check_name"].is_string() && issue["description"].is_string());
    }
}

/// Rows and cells of comma-separated values.
fn cells(text: &str) -> Vec<Vec<String>> {
    let mut rows = vec![vec![String::new()]];
    let mut quoted = false;
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        let row = rows.last_mut().unwrap();
        match letter {
            '"' if quoted && letters.peek() == Some(&'"') => row.last_mut().unwrap().push(letters.next().unwrap()),
            '"' => quoted = !quoted,
            ',' if !quoted => row.push(String::new()),
            '\n' if !quoted => rows.push(vec![String::new()]),
            _ => row.last_mut().unwrap().push(letter),
        }
    }
    rows.pop();
    rows
}

#[test]
fn no_cell_is_a_formula_whatever_the_separator() {
    for outcome in [sample(), hostile()] {
        let text = write("csv", &verbose(), &outcome);
        let rows = cells(&text);
        assert_eq!(rows.len(), 1 + outcome.findings.len() + outcome.gaps.len());
        for row in &rows {
            assert_eq!(row.len(), rows[0].len(), "{row:?}");
        }
        for cell in text.split(['\n', ',', ';', '\t', '"']) {
            let starts = cell.trim_start().chars().next();
            assert!(!starts.is_some_and(|first| "=+-@＝＋－＠".contains(first)), "{cell:?}");
        }
    }
}

#[test]
fn a_row_of_markdown_stays_a_row() {
    for outcome in [sample(), hostile()] {
        let text = write("markdown", &verbose(), &outcome);
        let start = text.find("### Findings").unwrap();
        let table: Vec<&str> = text[start..].lines().skip(2).take_while(|line| line.starts_with('|')).collect();
        assert_eq!(table.len(), 2 + outcome.findings.len());
        for row in table {
            assert_eq!(row.matches('|').count(), 8, "{row}");
            // What stands in code is nothing but text.
            let prose: String = row.split('`').step_by(2).collect();
            assert!(!prose.contains("<img") && !prose.contains("<script") && !prose.contains("]("), "{row}");
        }
    }
}

#[test]
fn a_page_holds_its_findings_as_data_alone() {
    for outcome in [sample(), hostile(), clean()] {
        let text = write("html", &verbose(), &outcome);
        let (head, rest) = text.split_once("<script type=\"application/json\" id=\"data\">").unwrap();
        let (data, tail) = rest.split_once("</script>").unwrap();
        assert!(!data.contains('<'));
        let data: Value = serde_json::from_str(data).unwrap();
        assert_eq!(data["findings"].as_array().unwrap().len(), outcome.findings.len());
        assert!(head.contains("default-src 'none'") && !head.contains("unsafe"));
        assert!(!head.contains("<script") && !head.contains("onerror=a") && !head.contains(" src="), "{head}");
        assert_eq!(tail.matches("<script").count(), 1);
        for rule in data["rules"].as_object().unwrap().values() {
            assert!(rule["docs"].is_null() || rule["docs"].as_str().unwrap().starts_with("https://"));
        }
    }
}

#[test]
fn dashboards_are_told_what_is_allowed_only_when_asked() {
    let quiet = |name: &str| write(name, &Style::plain(), &sample());
    let is_allowed = |finding: &&Finding| matches!(finding.decision, Decision::Allow(_));
    let outcome = sample();
    let allowed = outcome.findings.iter().find(is_allowed).unwrap().fingerprint.to_string();
    for format in FORMATS {
        let whole = ["json", "jsonl", "csv", "html"].contains(&format.name);
        assert_eq!(quiet(format.name).contains(&allowed), whole, "{}", format.name);
    }
}

#[test]
fn markers_are_ranked_by_their_level() {
    for (level, sarif, gitlab, quality) in [
        ("restricted", "8.0", "High", "critical"),
        ("confidential", "5.5", "Medium", "major"),
        ("internal", "3.0", "Low", "minor"),
        ("public", "0.1", "Info", "info"),
        ("our own word", "8.0", "High", "critical"),
    ] {
        let mut outcome = clean();
        let is_marker = |finding: &Finding| matches!(finding.kind, tightlip::rule::Kind::Marker { .. });
        outcome.findings = sample().findings.into_iter().filter(is_marker).collect();
        outcome.findings[0].kind = tightlip::rule::Kind::Marker { level: level.into(), scheme: "corp".into() };
        let rule = &json("sarif", &outcome)["runs"][0]["tool"]["driver"]["rules"][0];
        assert_eq!(rule["properties"]["security-severity"], sarif, "{level}");
        assert_eq!(json("gitlab", &outcome)["vulnerabilities"][0]["severity"], gitlab, "{level}");
        assert_eq!(json("codequality", &outcome)[0]["severity"], quality, "{level}");
        for format in FORMATS {
            let text = write(format.name, &verbose(), &outcome);
            assert!(text.contains("company-confidential"), "{}", format.name);
        }
    }
}
