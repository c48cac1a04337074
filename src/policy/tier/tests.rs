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
        ("classify: [{marker: atlantis, tier: public}]".to_owned(), "unknown_marker"),
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

fn evidence(markers: &[(&str, &str)], counts: &[(&str, u64)]) -> Evidence {
    let marked = |(rule, level): &(&str, &str)| Marked {
        rule: (*rule).to_owned(),
        level: (*level).to_owned(),
        line: 3,
        fingerprint: crate::finding::Fingerprint([0xab; 12]),
    };
    Evidence {
        markers: markers.iter().map(marked).collect(),
        counts: counts.iter().map(|(rule, count)| ((*rule).to_owned(), *count)).collect(),
    }
}

const SECRET: (&str, &str) = ("acme-secret", "confidential");
const CROWN: (&str, &str) = ("acme-crown", "crown");

/// A config, a path, what was found there, and the tier that it comes to.
type Row<'r> = (&'r str, &'r str, &'r [(&'r str, &'r str)], &'r [(&'r str, u64)], &'r str);

#[test]
fn the_highest_of_all_that_speaks_of_a_text_counts() {
    let paths = "default_tier: internal\nclassify: [{path: 'pricing/**', tier: restricted}, {path: '*.md', tier: confidential}, \
                 {path: docs, cap: public, reason: a}]";
    let caps = "default_tier: restricted\nclassify: [{path: docs, cap: public, reason: a}, {path: docs/own, cap: internal, reason: b}]";
    let markers = "classify: [{marker: acme-crown, tier: internal}, {marker: acme, path: a, tier: restricted}]";
    let marker_caps = "classify: [{marker: acme, path: vendor, cap: public, reason: not ours}]";
    let counts = "classify: [{rule: us-ssn, min_count: 5, tier: restricted}, {rule: us-ssn, path: hr, tier: internal}]";
    let rows: &[Row<'_>] = &[
        ("", "a", &[], &[], "public: default_tier"),
        ("default_tier: internal", "a", &[], &[], "internal: default_tier"),
        (paths, "pricing/a/b.md", &[], &[], "restricted: path `pricing/**`, classify entry 1"),
        (paths, "a.md", &[], &[], "confidential: path `*.md`, classify entry 2"),
        (paths, "docs/a.md", &[], &[], "public: default_tier, capped by classify entry 3"),
        // A path clears no marker.
        (paths, "docs/a.md", &[SECRET], &[], "confidential: marker `acme-secret` in line 3, of level `confidential`"),
        (caps, "docs/a", &[], &[], "public: default_tier, capped by classify entry 1"),
        (caps, "docs/own/a", &[], &[], "internal: default_tier, capped by classify entry 2"),
        ("", "a", &[CROWN], &[], "restricted: marker `acme-crown` in line 3, whose level `crown` is no tier"),
        (markers, "b", &[CROWN], &[], "internal: marker `acme-crown` in line 3, classify entry 1"),
        (markers, "a", &[CROWN], &[], "restricted: marker `acme-crown` in line 3, classify entry 2"),
        (
            "classify: [{marker: acme, tier: public}]",
            "a",
            &[SECRET],
            &[],
            "confidential: marker `acme-secret` in line 3, of level `confidential`",
        ),
        (marker_caps, "vendor/a", &[SECRET, CROWN], &[], "public: default_tier"),
        (marker_caps, "a", &[SECRET], &[], "confidential: marker `acme-secret` in line 3, of level `confidential`"),
        (counts, "a", &[], &[("us-ssn", 4)], "public: default_tier"),
        (counts, "a", &[], &[("us-ssn", 5)], "restricted: `us-ssn` found 5 times, classify entry 1"),
        (counts, "hr/a", &[], &[("us-ssn", 1)], "internal: `us-ssn` found once, classify entry 2"),
        (
            "tiers: [open, closed]\ndefault_tier: open",
            "a",
            &[SECRET],
            &[],
            "closed: marker `acme-secret` in line 3, whose level `confidential` is no tier",
        ),
    ];
    for (config, path, markers, counts, expected) in rows {
        let policy = policy(config).expect(config);
        let resolved = policy.tier_of(path, &evidence(markers, counts));
        let name = policy.classification.names.name(resolved.tier).to_owned();
        assert_eq!(format!("{name}: {}", resolved.whys[0]), *expected, "{config} {path}");
    }
}

#[test]
fn evidence_never_lowers_a_tier() {
    let policy = policy(
        "default_tier: internal\nclassify: [{path: docs, cap: public, reason: a}, {marker: acme, tier: public}, \
                         {rule: us-ssn, tier: confidential}]",
    )
    .expect("a policy");
    let markers: [&[(&str, &str)]; 4] = [&[], &[SECRET], &[CROWN], &[SECRET, CROWN]];
    for path in ["a", "docs/a"] {
        for (less, more) in [(0, 1), (0, 2), (1, 3), (2, 3)] {
            for counts in [&[][..], &[("us-ssn", 2)]] {
                let tier = |markers| policy.tier_of(path, &evidence(markers, counts)).tier;
                assert!(tier(markers[less]) <= tier(markers[more]), "{path} {less} {more}");
            }
        }
    }
}

#[test]
fn the_narrowest_key_says_what_may_go() {
    let named = "destinations: {'git:github.com/**': {max: public}, 'git:github.com/acme/*': {max: restricted}, \
                 'git:github.com/acme/site': {max: public}, 'git:*.acme.corp/**': {max: confidential}, 'git:*.acme.corp:2222/**': {max: internal}, \
                 'git:local/srv/Own/*': {max: internal}, 'git:github.com/Big/*': {max: internal}}";
    let all = "destinations: {'*': {max: internal}, 'ci:github-actions': {max: confidential}}";
    let rows = [
        (named, "git:github.com/acme/app", "restricted", "destination `git:github.com/acme/*`"),
        (named, "git:github.com/acme/app/deep", "public", "destination `git:github.com/**`"),
        (named, "git:github.com/acme/site", "public", "destination `git:github.com/acme/site`"),
        // The same repository to this host, by another letter case.
        (named, "git:github.com/Acme/Site", "public", "destination `git:github.com/**`"),
        (named, "git:github.com/acme/Site", "public", "destination `git:github.com/acme/site`"),
        (named, "git:github.com/big/app", "public", "destination `git:github.com/**`"),
        (named, "git:github.com/Big/app", "internal", "destination `git:github.com/Big/*`"),
        (named, "git:GITHUB.com/other/app", "public", "destination `git:github.com/**`"),
        (named, "git:git.acme.corp/x/y", "confidential", "destination `git:*.acme.corp/**`"),
        (named, "git:git.acme.corp:2222/x", "internal", "destination `git:*.acme.corp:2222/**`"),
        (named, "git:git.acme.corp:2223/x", "public", "no key of `destinations` names it"),
        (named, "git:evilacme.corp/x", "public", "no key of `destinations` names it"),
        (named, "git:git.acme.corp.evil.example/x", "public", "no key of `destinations` names it"),
        (named, "git:local/srv/Own/a", "internal", "destination `git:local/srv/Own/*`"),
        (named, "git:local/srv/own/a", "public", "no key of `destinations` names it"),
        (named, "git:unclear", "public", "no key of `destinations` names it"),
        (named, "ai:x", "public", "no key of `destinations` names it"),
        (named, "local", "restricted", "no key of `destinations` speaks of such"),
        (named, "stdin", "restricted", "no key of `destinations` speaks of such"),
        (named, "ci:x", "restricted", "no key of `destinations` speaks of such"),
        (all, "local", "internal", "destination `**`"),
        (all, "git:unclear", "internal", "destination `**`"),
        (all, "ci:github-actions", "confidential", "destination `ci:github-actions`"),
        (
            "destinations: {'ci:github-actions': {max: public}}",
            "ci:jenkins",
            "public",
            "no key of `destinations` names it",
        ),
        ("destinations: {'git:*': {max: internal}}", "git:any.example:99/a/b", "internal", "destination `git:**`"),
        (
            "destinations: {'git:a/*': {max: internal}, 'git:*/b': {max: public}}",
            "git:a/b",
            "public",
            "destination `git:*/b`",
        ),
    ];
    for (config, id, expected, by) in rows {
        let policy = policy(config).expect(config);
        let destination = Destination::named(id, &str::to_owned).expect(id);
        let clearance = policy.classification.clearance(&destination);
        assert_eq!(policy.classification.names.name(clearance.max), expected, "{config} {id}");
        assert_eq!(clearance.by.to_string(), by, "{id}");
    }
}
