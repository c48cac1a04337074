use miette::{GraphicalReportHandler, GraphicalTheme};

use super::*;
use crate::config;
use crate::excerpt::Excerpt;
use crate::finding::{Place, Position};
use crate::judge::{Reason, Verdict};
use crate::span::Span;

const KNOWN: [&str; 3] = ["jwt", "aws-access-key-id", "npm-access-token"];

fn today() -> Date {
    "2026-06-15".parse().expect("a day")
}

fn policy(text: &str) -> Result<Policy, ConfigError> {
    let (raw, document) = config::parse(".tightlip.yml", text)?;
    Policy::new(raw, &document, &KNOWN, today())
}

pub(super) fn finding(rule: &'static str, path: &str, severity: Severity, score: i16) -> Finding {
    let place = Position { line: 1, column: 1 };
    Finding {
        rule: rule.into(),
        finds: "a thing".into(),
        kind: Kind::Secret { severity },
        commit: None,
        place: Place { path: path.to_owned(), start: place, end: place },
        excerpt: Excerpt { text: String::new(), mark: Span::default(), column: 1 },
        wrapped: Vec::new(),
        verdict: Verdict { reasons: vec![Reason::new("test", score)] },
        fingerprint: Fingerprint([0xab; 12]),
        decision: Decision::Warn,
        tier: None,
        gives: None,
        revoke: None,
        docs: None,
    }
}

/// The decision in a word, and the entry that allowed it.
fn settled(policy: &Policy, finding: &Finding, inline: Option<&InlineAllow>) -> String {
    match policy.settle(finding, inline) {
        None => "none".to_owned(),
        Some(Decision::Allow(Allowed::Config { entry, reason })) => format!("{entry}: {reason}"),
        Some(Decision::Allow(Allowed::Inline { reason })) => format!("inline: {reason}"),
        Some(Decision::Allow(Allowed::Baseline { since })) => format!("known since {since}"),
        Some(decision) => decision.name().to_owned(),
    }
}

#[test]
fn score_and_severity_decide() {
    let usual = Policy::plain(KNOWN, today());
    let own = policy("thresholds: {report: 10, block: 20, severity: critical}").expect("valid");
    let rows = [
        (&usual, Severity::High, 39, "none"),
        (&usual, Severity::High, 40, "warn"),
        (&usual, Severity::High, 69, "warn"),
        (&usual, Severity::Medium, 70, "block"),
        (&usual, Severity::Low, 100, "warn"),
        (&own, Severity::Critical, 20, "block"),
        (&own, Severity::High, 100, "warn"),
        (&own, Severity::Low, 9, "none"),
    ];
    for (policy, severity, score, expected) in rows {
        assert_eq!(settled(policy, &finding("jwt", "a", severity, score), None), expected, "{severity:?} {score}");
    }
    let mut marker = finding("jwt", "a", Severity::Low, 70);
    marker.kind = Kind::Marker { level: "secret".into(), scheme: "own".into() };
    assert_eq!(settled(&usual, &marker, None), "block");
}

const ALLOWS: &str = "\
allow:
  - {rule: jwt, path: tests, reason: for tests}
  - {rule: jwt, value: ABABABABABABABABABABABAB, path: src/a, reason: known}
  - {rule: jwt, value: cdabababababababababab00, reason: another value}
  - {rule: npm-access-token, reason: over, until: 2026-06-14}
  - {rule: aws-access-key-id, reason: last day, until: 2026-06-15}
";

#[test]
fn an_allow_counts_where_all_it_names_is_true_and_until_its_last_day() {
    let policy = policy(ALLOWS).expect("valid");
    let rows = [
        ("jwt", "tests/a.rs", "1: for tests"),
        ("jwt", "src/a", "2: known"),
        ("jwt", "src/b", "block"),
        ("npm-access-token", "tests/a.rs", "block"),
        ("aws-access-key-id", "anywhere", "5: last day"),
    ];
    for (rule, path, expected) in rows {
        assert_eq!(settled(&policy, &finding(rule, path, Severity::High, 90), None), expected, "{rule} {path}");
    }
    let stale: Vec<_> = policy.stale().into_iter().map(|stale| (stale.place, stale.why)).collect();
    let expected = [
        (".tightlip.yml: allow entry 3".to_owned(), StaleReason::Unused),
        (".tightlip.yml: allow entry 4".to_owned(), StaleReason::Expired),
    ];
    assert_eq!(stale, expected);
}

#[test]
fn a_finding_that_is_none_uses_no_allow() {
    let policy = policy(ALLOWS).expect("valid");
    assert_eq!(settled(&policy, &finding("jwt", "tests/a", Severity::High, 10), None), "none");
    assert_eq!(policy.stale().len(), 5);
}

#[test]
fn a_comment_counts_before_the_config_for_its_own_rule_and_until_its_last_day() {
    let policy = policy(ALLOWS).expect("valid");
    let rows = [
        ("# tightlip: allow jwt -- here", "inline: here"),
        ("# tightlip: allow jwt -- here until 2026-06-15", "inline: here"),
        ("# tightlip: allow jwt -- here until 2026-06-14", "1: for tests"),
        ("# tightlip: allow npm-access-token -- here", "1: for tests"),
    ];
    for (line, expected) in rows {
        let comment = InlineAllow::parse(line.as_bytes()).expect(line);
        assert_eq!(
            settled(&policy, &finding("jwt", "tests/a", Severity::High, 90), Some(&comment)),
            expected,
            "{line}"
        );
    }
    let unknown = InlineAllow::parse(b"tightlip: allow jwtt -- here").expect("the form is right");
    assert!(policy.is_unknown(&unknown) && !policy.is_expired(&unknown));
}

#[test]
fn what_makes_no_sense_is_refused_with_its_code() {
    let rule = "finds: a, severity: low, literals: [abcd], pattern: abcd, hits: [abcd, x abcd], misses: [abc, bcd]";
    let rows = [
        ("version: 2".to_owned(), "version"),
        ("salt: abcd".to_owned(), "salt"),
        ("salt:".to_owned(), "salt"),
        (format!("salt: {}", "xy".repeat(16)), "salt"),
        ("thresholds: {report: 101}".to_owned(), "score"),
        ("thresholds: {report: 50, block: 49}".to_owned(), "block_below_report"),
        ("thresholds: {block: 39}".to_owned(), "block_below_report"),
        ("thresholds: {severity: hihg}".to_owned(), "unknown_word"),
        ("builtin: {jtw: off}".to_owned(), "unknown_rule"),
        ("builtin: {jwt: on}".to_owned(), "wrong_type"),
        ("builtin: {jwt: {severty: low}}".to_owned(), "unknown_key"),
        ("leave_out: ['a[']".to_owned(), "bad_glob"),
        ("leave_out: ['']".to_owned(), "bad_glob"),
        ("leave_out: ['../a']".to_owned(), "bad_glob"),
        ("leave_out: ['a', '**']".to_owned(), "leaves_all_out"),
        ("leave_out: ['*']".to_owned(), "leaves_all_out"),
        ("leave_out: ['./**/*']".to_owned(), "leaves_all_out"),
        ("allow: [{rule: jwt}]".to_owned(), "missing_key"),
        ("allow: [{reason: a}]".to_owned(), "missing_key"),
        ("allow: [{rule: jwt, reason: '  '}]".to_owned(), "no_reason"),
        ("allow: [{rule: jwt, reason: a, path: }]".to_owned(), "no_value"),
        ("allow: [{rule: jwt, reason: a, path: ''}]".to_owned(), "bad_glob"),
        ("allow: [{rule: jwt, reason: a, value: abab}]".to_owned(), "bad_value"),
        ("allow: [{rule: jwt, reason: a, until: 2027-02-30}]".to_owned(), "bad_date"),
        ("allow: [{rule: jwtt, reason: a}]".to_owned(), "unknown_rule"),
        (format!("rules: [{{id: jwt, {rule}}}]"), "duplicate_rule"),
        (format!("rules: [{{id: own-a, {rule}}}, {{id: own-a, {rule}}}]"), "duplicate_rule"),
        (format!("rules: [{{id: Own, {rule}}}]"), "rule"),
        (format!("rules: [{{id: own-a, {rule}}}]\nbuiltin: {{own-a: off}}"), "unknown_rule"),
    ];
    for (text, expected) in rows {
        use miette::Diagnostic;
        let error = policy(&text).expect_err(&text);
        assert!(error.line().is_some(), "{text}");
        let code = error.code().expect("each problem has a code").to_string();
        assert_eq!(code, format!("tightlip::config::{expected}"), "{text}");
    }
    assert!(policy(&format!("rules: [{{id: own-a, {rule}}}]\nallow: [{{rule: own-a, reason: a}}]")).is_ok());
    assert!(policy("").is_ok() && policy("allow:\nrules:\nthresholds:\n").is_ok());
    assert_eq!(policy("builtin: {jwt: off}").expect("valid").changes, [("jwt".to_owned(), Change::Off)]);
}

/// Each `fixtures/config/*.yml` is drawn as the file `.txt` beside it says; `TIGHTLIP_BLESS=1` rewrites those.
#[test]
fn errors_are_drawn_as_the_fixtures_say() {
    let dir = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/config");
    let mut names: Vec<_> =
        std::fs::read_dir(&dir).expect("the folder is there").map(|entry| entry.unwrap().path()).collect();
    names.retain(|path| path.extension().is_some_and(|extension| extension == "yml"));
    names.sort();
    assert!(names.len() >= 10, "{} fixtures", names.len());
    for path in names {
        let error = policy(&std::fs::read_to_string(&path).unwrap()).expect_err("each fixture is wrong");
        let mut drawn = String::new();
        let handler = GraphicalReportHandler::new_themed(GraphicalTheme::unicode_nocolor()).with_width(100);
        handler.render_report(&mut drawn, &error).expect("a string takes all text");
        let expected = path.with_extension("txt");
        if std::env::var_os("TIGHTLIP_BLESS").is_some() {
            std::fs::write(&expected, &drawn).unwrap();
        }
        assert_eq!(drawn, std::fs::read_to_string(&expected).unwrap_or_default(), "{}", path.display());
    }
}
