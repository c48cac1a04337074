use super::*;
use crate::config;
use crate::date::Date;
use crate::policy::Policy;
use crate::yaml::ConfigError;

const KNOWN: [&str; 2] = ["jwt", "us-ssn"];

/// Two marker rules of a scheme, as a config's own.
pub(super) const RULES: &str = "\
rules:
  - {id: acme-secret, finds: a mark, level: confidential, literals: [ACME SECRET], pattern: ACME SECRET, hits: [ACME SECRET, x ACME SECRET], misses: [acme, ACME]}
  - {id: acme-crown, finds: a mark, level: crown, literals: [ACME CROWN], pattern: ACME CROWN, hits: [ACME CROWN, x ACME CROWN], misses: [acme, ACME]}
";

pub(super) fn today() -> Date {
    "2026-06-15".parse().expect("a day")
}

pub(super) fn policy(text: &str) -> Result<Policy, ConfigError> {
    let (raw, document) = config::parse(".tightlip.yml", &format!("{text}\n{RULES}"))?;
    Policy::new(raw, &document, &KNOWN, today())
}

const WAIVER: &str = "id: W-1, path: a/b.rs, rule: acme-secret, tier: internal, reason: published, by: a@acme, \
                      approved_by: b@acme, expires: 2026-12-31";

#[test]
fn what_makes_no_sense_is_refused_with_its_code() {
    let waiver = |from: &str, to: &str| format!("waivers: [{{{}}}]", WAIVER.replace(from, to));
    let rows = [
        ("tiers: [public]".to_owned(), "one_tier"),
        ("tiers: [a, b, A]".to_owned(), "duplicate_tier"),
        ("tiers: [a, 'b c']".to_owned(), "tier_name"),
        ("tiers: [a, '']".to_owned(), "tier_name"),
        ("tiers: [a, \"b\\e[31m\"]".to_owned(), "tier_name"),
        (format!("tiers: [{}]", (0..17).map(|n| format!("t{n}, ")).collect::<String>()), "too_many"),
        ("tiers: {a: b}".to_owned(), "wrong_type"),
        ("default_tier: secret".to_owned(), "unknown_tier"),
        ("tiers: [low, high]\ndefault_tier: internal".to_owned(), "unknown_tier"),
        ("default_tier:".to_owned(), "unknown_tier"),
        ("classify: [{tier: internal}]".to_owned(), "names_nothing"),
        ("classify: [{path: a}]".to_owned(), "tier_or_cap"),
        ("classify: [{path: a, tier: public, cap: public, reason: b}]".to_owned(), "tier_or_cap"),
        ("classify: [{path: a, tier: pubic}]".to_owned(), "unknown_tier"),
        ("classify: [{path: a, cap: public}]".to_owned(), "no_reason"),
        ("classify: [{path: a, cap: public, reason: ' '}]".to_owned(), "no_reason"),
        ("classify: [{path: '../a', tier: public}]".to_owned(), "bad_glob"),
        ("classify: [{path: b, tier: public}, {path: 'a[', tier: public}]".to_owned(), "bad_glob"),
        (format!("classify: [{{path: '{}', tier: public}}]", "a".repeat(501)), "bad_glob"),
        ("classify: [{path: a, tier: public, level: b}]".to_owned(), "unknown_key"),
        ("classify: [{marker: nato, tier: public}]".to_owned(), "unknown_marker"),
        ("classify: [{marker: acm, tier: public}]".to_owned(), "unknown_marker"),
        ("classify: [{marker: jwt, tier: public}]".to_owned(), "unknown_marker"),
        ("classify: [{rule: jtw, tier: public}]".to_owned(), "unknown_rule"),
        ("classify: [{rule: jwt, marker: acme, tier: public}]".to_owned(), "marker_and_rule"),
        ("classify: [{rule: jwt, cap: public, reason: a}]".to_owned(), "cap_of_rule"),
        ("classify: [{path: a, min_count: 2, tier: public}]".to_owned(), "min_count"),
        ("classify: [{rule: jwt, min_count: 0, tier: public}]".to_owned(), "min_count"),
        ("classify: [{rule: jwt, min_count: -1, tier: public}]".to_owned(), "wrong_type"),
        ("classify: [{path: a, tier: restricted}, {path: a, cap: public, reason: b}]".to_owned(), "contradiction"),
        ("destinations: {'': {max: public}}".to_owned(), "bad_destination"),
        ("destinations: {'github.com/acme': {max: public}}".to_owned(), "bad_destination"),
        ("destinations: {'git:github.com': {max: public}}".to_owned(), "bad_destination"),
        ("destinations: {'git:': {max: public}}".to_owned(), "bad_destination"),
        ("destinations: {'ci:{a,b}': {max: public}}".to_owned(), "bad_destination"),
        (format!("destinations: {{'git:a/{}': {{max: public}}}}", "*".repeat(600)), "bad_destination"),
        ("destinations: {'git:a/b': public}".to_owned(), "wrong_type"),
        ("destinations: {'git:a/b': {max: pubic}}".to_owned(), "unknown_tier"),
        ("destinations: {'git:a/b': {max: public, mask: [a]}}".to_owned(), "unknown_key"),
        (
            "destinations: {'git:A/b': {max: public}, 'git:a/b.git': {max: internal}}".to_owned(),
            "duplicate_destination",
        ),
        ("destinations: {'git:a/b': {max: public}, 'git:a/b': {max: internal}}".to_owned(), "duplicate_key"),
        (waiver("a/b.rs", "a/*.rs"), "waiver_path"),
        (waiver("a/b.rs", "/a/b.rs"), "waiver_path"),
        (waiver("a/b.rs", "a/../b.rs"), "waiver_path"),
        (waiver("a/b.rs", "a/"), "waiver_path"),
        (waiver("rule: acme-secret", "rule: jwt"), "waives_a_secret"),
        (waiver("rule: acme-secret", "rule: 'acme-*'"), "unknown_rule"),
        (waiver("rule: acme-secret, ", ""), "waiver_of"),
        (waiver("rule: acme-secret", "rule: acme-secret, fingerprint: abababababababababababab"), "waiver_of"),
        (waiver("rule: acme-secret", "fingerprint: abab"), "bad_value"),
        (waiver("tier: internal", "tier: intern"), "unknown_tier"),
        (waiver("by: a@acme", "by: B@acme"), "same_person"),
        (waiver("by: a@acme", "by: Bob <b@acme>"), "same_person"),
        (waiver("by: a@acme", "by: ' '"), "nobody"),
        (waiver("reason: published", "reason: ''"), "no_reason"),
        (waiver("id: W-1", "id: ''"), "no_id"),
        (waiver(", expires: 2026-12-31", ""), "missing_key"),
        (waiver(", approved_by: b@acme", ""), "missing_key"),
        (waiver("2026-12-31", "2026-12-32"), "bad_date"),
        (waiver("2026-12-31", "never"), "bad_date"),
        (format!("waivers: [{{{WAIVER}}}, {{{WAIVER}}}]"), "duplicate_waiver"),
        (format!("classify: [{}]", "{path: a, tier: public},".repeat(5001)), "too_many"),
        (
            format!(
                "destinations: {{{}}}",
                (0..1001).map(|n| format!("'ci:{n}': {{max: public}},")).collect::<String>()
            ),
            "too_many",
        ),
        ("tiers: &a [*a, *a, *a]".to_owned(), ""),
        ("a: &a [x, x, x, x]\nb: &b [*a, *a, *a, *a]\nc: &c [*b, *b, *b, *b]\ntiers: [*c, *c, *c, *c]".to_owned(), ""),
    ];
    for (text, expected) in rows {
        use miette::Diagnostic;
        let error = policy(&text).expect_err(&text);
        let code = error.code().expect("each problem has a code").to_string();
        assert!(error.help().is_some(), "{text}: {error}");
        if expected.is_empty() {
            assert!(code.starts_with("tightlip::"), "{text}");
            continue;
        }
        assert!(error.line().is_some(), "{text}");
        assert_eq!(code.rsplit("::").next(), Some(expected), "{text}");
    }
}

#[test]
fn a_policy_that_makes_sense_is_taken() {
    let rows = [
        "tiers: [public, internal, restricted]\ndefault_tier: internal".to_owned(),
        "tiers: [公开, 内部, 机密]\ndefault_tier: 内部".to_owned(),
        "classify: [{path: 'docs/**', cap: public, reason: a}, {path: docs, tier: internal}]".to_owned(),
        "classify: [{marker: acme, tier: internal}, {marker: 'acme-*', tier: public}, {marker: acme-crown, path: a, tier: public}]"
            .to_owned(),
        "classify: [{rule: us-ssn, min_count: 5, tier: confidential}]".to_owned(),
        "destinations: {'git:github.com/acme/*': {max: public}, 'ci:*': {max: internal}, stdin: {max: public}, \
         local: {max: public}, 'ai:*': {max: public}, '*': {max: public}, 'git:codecommit::': {max: public}}"
            .to_owned(),
        format!("waivers: [{{{WAIVER}}}]"),
        format!("waivers: [{{{}}}]", WAIVER.replace("acme-secret", EXCEEDED).replace("2026", "2020")),
        "tiers:\nclassify:\ndestinations:\nwaivers:".to_owned(),
    ];
    for text in rows {
        if let Err(error) = policy(&text) {
            panic!("{text}: {error}");
        }
    }
}
