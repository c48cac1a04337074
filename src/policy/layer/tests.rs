#![expect(clippy::format_push_string, clippy::filter_map_bool_then, reason = "texts are drawn part by part")]

use std::collections::BTreeSet;

use super::*;
use crate::catalogue::Change;
use crate::config::{self, Changes, RawUpper};
use crate::finding::Decision;
use crate::outcome::StaleReason;
use crate::policy::tests::finding;
use crate::policy::tier::{Destination, Evidence, Tier};
use crate::rule::{Kind, Severity};

const RULES: [&str; 3] = ["aws-access-key-id", "json-web-token", "npm-access-token"];
const TIERS: [&str; 4] = ["public", "internal", "confidential", "restricted"];
const PATHS: [&str; 4] = ["src/a.rs", "src/b.rs", "vendor/a.rs", "vendor/deep/b.rs"];

fn today() -> Date {
    "2026-06-15".parse().expect("a day")
}

fn upper(rank: Rank, text: &str) -> Layer {
    let document = Document::new(rank.name(), text);
    let raw: RawUpper = document.parse().expect(text);
    Layer::above(rank, Believed { raw, document }).expect("it says something")
}

fn lower(rank: Rank, text: &str) -> Layer {
    let (raw, document) = config::parse(rank.name(), text).expect(text);
    Layer::of_repository(rank, raw, document)
}

fn layer(rank: Rank, text: &str) -> Layer {
    if rank.is_above() { upper(rank, text) } else { lower(rank, text) }
}

fn severity_of(policy: &Policy, rule: &str) -> Option<Severity> {
    match policy.changes.iter().find(|(id, _)| id == rule) {
        Some((_, Change::Off)) => None,
        Some((_, Change::Severity(severity))) => Some(*severity),
        None => builtin_rules().iter().find(|it| it.id == rule).and_then(|it| match it.kind {
            Kind::Secret { severity } => Some(severity),
            Kind::Marker { .. } => None,
        }),
    }
}

/// What becomes of a finding, 0 the least: none, allowed, a warning, blocked.
fn decided(policy: &Policy, rule: &'static str, path: &str, score: i16) -> u8 {
    let Some(severity) = severity_of(policy, rule) else { return 0 };
    if policy.leaves_out(path) {
        return 0;
    }
    let finding = finding(rule, path, severity, score);
    match policy.settle(&finding, None) {
        None => 0,
        Some(Decision::Allow(_)) => 1,
        Some(Decision::Warn) => 2,
        Some(Decision::Block) => 3,
    }
}

/// All that a policy decides.
fn decisions(layers: &Layers) -> Vec<u8> {
    let policy = layers.policy(today()).expect("each layer is valid");
    let mut all = Vec::new();
    for rule in RULES {
        for path in PATHS {
            all.extend([20, 45, 55, 65, 75, 95].map(|score| decided(&policy, rule, path, score)));
        }
    }
    for path in PATHS {
        all.push(10 + policy.tier_of(path, &Evidence::default()).tier.0);
    }
    // How much is held: without `destinations`, tiers hold nothing.
    for to in ["git:github.com/acme/app", "git:git.acme.corp/app", "ci:jenkins", "stdin", "local"] {
        let to = Destination::named(to, &str::to_owned).expect("a destination");
        let held = policy.decides().then(|| 30 - policy.heading_to(to).clearance.max.0);
        all.push(held.unwrap_or_default());
    }
    all
}

struct Random(u64);

impl Random {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % most
    }

    fn of<'a>(&mut self, words: &[&'a str]) -> &'a str {
        words[self.below(words.len())]
    }

    /// Some of the words as a list.
    fn some(&mut self, words: &[&str]) -> String {
        let some: Vec<&str> = words.iter().filter(|_| self.below(2) == 0).copied().collect();
        format!("[{}]", some.join(", "))
    }

    fn layer(&mut self, rank: Rank) -> Layer {
        let mut text = "version: 1\n".to_owned();
        let report = self.of(&["", "report: 10, ", "report: 50, ", "report: 60, "]);
        let block = self.of(&["", "block: 60, ", "block: 70, ", "block: 90, "]);
        let severity = self.of(&["severity: low", "severity: medium", "severity: critical"]);
        if self.below(3) > 0 {
            text += &format!("thresholds: {{{report}{block}{severity}}}\n");
        }
        let set = ["{severity: low}", "{severity: medium}", "{severity: critical}", "off"];
        let set = &set[..if rank.is_above() { 3 } else { 4 }];
        let changed: Vec<String> =
            RULES.iter().filter_map(|id| (self.below(3) == 0).then(|| format!("{id}: {}", self.of(set)))).collect();
        text += &format!("builtin: {{{}}}\n", changed.join(", "));
        let globs = ["'vendor/**'", "'vendor/deep'", "'*.rs'", "src/b.rs"];
        if rank.is_above() {
            let ids = ["aws-*", "json-web-token", "'*-token'"];
            let some = format!(
                "permit: {{allow: {}, off: {}, leave_out: {}}}\n",
                self.some(&ids),
                self.some(&ids),
                self.some(&globs)
            );
            text += [some.as_str(), "permit: all\n", "permit: {waivers: [W-1]}\n"][self.below(3)];
        } else {
            text += &format!("leave_out: {}\n", self.some(&globs[..2]));
            let ways = ["", ", path: src", ", path: '*.rs'", "-"];
            let each = RULES.map(|id| (id, self.of(&ways)));
            let given = each.iter().filter(|(_, way)| *way != "-");
            let allows: Vec<String> = given.map(|(id, way)| format!("{{rule: {id}, reason: known{way}}}")).collect();
            text += &format!("allow: [{}]\n", allows.join(", "));
            let waiver = "rule: tier-exceeded, reason: r, by: a, approved_by: b, expires: 2030-01-01";
            let paths = ["src/a.rs", "vendor/a.rs"];
            text += &format!(
                "waivers: [{{id: W-1, path: {}, tier: {}, {waiver}}}]\n",
                self.of(&paths),
                self.of(&["public", "internal"])
            );
        }
        text += &format!("default_tier: {}\n", self.of(&TIERS[..3]));
        // Each glob once, so that no entry contradicts another.
        let mut globs = vec!["src", "src/a.rs", "vendor/deep", "'vendor/**'"];
        let entry = |random: &mut Self, globs: &mut Vec<&str>| {
            let says = ["tier", "tier", "cap"][random.below(3)];
            let glob = globs.remove(random.below(globs.len()));
            format!("{{path: {glob}, {says}: {}, reason: r}}", random.of(&TIERS))
        };
        let entries: Vec<String> = (0..self.below(3)).map(|_| entry(self, &mut globs)).collect();
        text += &format!("classify: [{}]\n", entries.join(", "));
        let patterns = ["'git:**'", "'git:git.acme.corp/**'", "'ci:**'", "local"];
        let each = patterns.map(|pattern| (pattern, self.of(&["-", "public", "internal", "restricted"])));
        let given = each.iter().filter(|(_, max)| *max != "-").map(|(to, max)| format!("{to}: {{max: {max}}}"));
        text += &format!("destinations: {{{}}}\n", given.collect::<Vec<_>>().join(", "));
        layer(rank, &text)
    }
}

const RANKS: [Rank; 4] = [Rank::Machine, Rank::Organisation, Rank::Repository, Rank::Change];

#[test]
fn neither_order_nor_repetition_nor_grouping_means_anything() {
    let mut random = Random(5);
    for _ in 0..300 {
        let count = 1 + random.below(4);
        let all: Vec<Layer> = (0..count)
            .map(|_| {
                let rank = RANKS[random.below(4)];
                random.layer(rank)
            })
            .collect();
        let expected = decisions(&all.iter().cloned().collect());
        let mut shuffled = all.clone();
        shuffled.extend(all.iter().filter(|_| random.below(2) == 0).cloned());
        for at in (1..shuffled.len()).rev() {
            shuffled.swap(at, random.below(at + 1));
        }
        assert_eq!(decisions(&shuffled.iter().cloned().collect()), expected, "{shuffled:#?}");
        let (left, right) = shuffled.split_at(random.below(shuffled.len()));
        let (left, right): (Layers, Layers) = (left.iter().cloned().collect(), right.iter().cloned().collect());
        assert_eq!(decisions(&left.clone().join(right.clone())), expected);
        assert_eq!(decisions(&right.join(left.clone()).join(left)), expected);
    }
}

#[test]
fn one_layer_more_is_never_looser() {
    let mut random = Random(17);
    let (mut stricter, mut seen) = (0, BTreeSet::new());
    for round in 0..600 {
        let mut all: Vec<Layer> = Vec::new();
        for rank in RANKS {
            if random.below(2) == 0 {
                all.push(random.layer(rank));
            }
        }
        // The first of a repository's own may give exceptions, to the usual policy that holds without it.
        let ranks: &[Rank] = if all.iter().any(|layer| layer.rank == Rank::Repository) {
            &RANKS
        } else {
            &[Rank::Machine, Rank::Organisation, Rank::Change]
        };
        let rank = ranks[random.below(ranks.len())];
        let more = random.layer(rank);
        let before: Layers = all.iter().cloned().collect();
        let after = before.clone().join(std::iter::once(more.clone()).collect());
        let (before, after) = (decisions(&before), decisions(&after));
        for (place, (before, after)) in before.iter().zip(&after).enumerate() {
            assert!(before <= after, "round {round}, {place}: {before} became {after} by {more:#?}\nin {all:#?}");
            stricter += usize::from(before < after);
            seen.insert((*before, *after));
        }
    }
    // The rounds were about something: each step up has been seen.
    let findings = seen.iter().filter(|(before, after)| before.max(after) < &10).count();
    assert!(stricter > 1000 && findings == 10, "{stricter} {seen:?}");
}

#[test]
fn what_is_permitted_below_counts_and_nothing_else() {
    let own = "allow: [{rule: json-web-token, reason: known}]\nbuiltin: {npm-access-token: off}\nleave_out: [vendor]\n\
               thresholds: {block: 90, report: 50}\n";
    let decide = |machine: &str| {
        let layers: Layers = [upper(Rank::Machine, machine), lower(Rank::Repository, own)].into_iter().collect();
        let policy = layers.policy(today()).expect("valid");
        let rows = [("json-web-token", "src/a"), ("npm-access-token", "src/a"), ("aws-access-key-id", "vendor/a")];
        let decided = rows.map(|(rule, path)| decided(&policy, rule, path, 95));
        let stale: Vec<String> =
            policy.stale().into_iter().filter(|it| it.why == StaleReason::NotPermitted).map(|it| it.place).collect();
        (decided, policy.thresholds.block, stale.join(", "))
    };
    let all = "repository: builtin npm-access-token, repository: allow entry 1";
    assert_eq!(decide("permit: {}"), ([3, 3, 3], 70, all.to_owned()));
    assert_eq!(decide("thresholds: {block: 80}"), ([3, 3, 3], 80, all.to_owned()));
    assert_eq!(decide("permit: all"), ([1, 0, 0], 70, String::new()));
    assert_eq!(
        decide("permit: {allow: ['json-*'], leave_out: ['**/vendor']}"),
        ([1, 3, 0], 70, "repository: builtin npm-access-token".to_owned())
    );
    assert_eq!(decide("permit: {off: ['npm-*']}"), ([3, 0, 3], 70, "repository: allow entry 1".to_owned()));
}

#[test]
fn a_change_without_a_base_gives_nothing() {
    let change =
        "allow: [{rule: json-web-token, reason: a}]\nthresholds: {block: 90}\nbuiltin: {npm-access-token: off}\n";
    let layers: Layers = std::iter::once(lower(Rank::Change, change)).collect();
    let policy = layers.policy(today()).expect("valid");
    assert_eq!(decided(&policy, "json-web-token", "a", 75), 3);
    assert_eq!(decided(&policy, "npm-access-token", "a", 75), 3);
}

#[test]
fn a_change_cannot_begin_to_decide_by_tiers() {
    let change = lower(Rank::Change, "destinations: {'git:**': {max: restricted}}");
    let decides = |base: &str, change: &Layer| {
        let layers: Layers = [lower(Rank::Repository, base), change.clone()].into_iter().collect();
        let policy = layers.policy(today()).expect("valid");
        let to = Destination::named("git:a.io/b", &str::to_owned).expect("a destination");
        (policy.decides(), policy.heading_to(to).clearance.max.0)
    };
    assert_eq!(decides("", &change), (false, 0));
    assert_eq!(decides("destinations: {'git:**': {max: internal}}", &change), (true, 1));
    let stricter = lower(Rank::Change, "destinations: {'git:**': {max: public}}");
    assert_eq!(decides("destinations: {'git:**': {max: internal}}", &stricter), (true, 0));
}

#[test]
fn a_waiver_counts_where_those_above_permit_it_and_the_change_keeps_it() {
    let waiver = "waivers: [{id: W-1, path: src/a.rs, rule: tier-exceeded, tier: public, reason: r, by: a, approved_by: b, \
                  expires: 2030-01-01}]";
    let tier = |layers: Vec<Layer>| {
        let policy = layers.into_iter().collect::<Layers>().policy(today()).expect("valid");
        policy.tier_of("src/a.rs", &Evidence::default()).tier.0
    };
    let classify = "classify: [{path: src, tier: restricted}]";
    let machine = |permit: &str| upper(Rank::Machine, &format!("{classify}\npermit: {{{permit}}}"));
    assert_eq!(tier(vec![machine(""), lower(Rank::Repository, waiver)]), 3);
    assert_eq!(tier(vec![machine("waivers: ['W-*']"), lower(Rank::Repository, waiver)]), 0);
    let own = lower(Rank::Repository, &format!("{classify}\n{waiver}"));
    assert_eq!(tier(vec![own.clone()]), 0);
    assert_eq!(tier(vec![own.clone(), lower(Rank::Change, classify)]), 3);
    assert_eq!(tier(vec![own, lower(Rank::Change, "")]), 0);
    assert_eq!(tier(vec![machine("waivers: [W-1]"), lower(Rank::Repository, waiver), lower(Rank::Change, "")]), 3);
}

#[test]
fn own_rules_count_where_they_are_permitted_and_never_a_changes() {
    let rule = "rules: [{id: own-a, finds: a, severity: low, literals: [abcd], pattern: abcd, hits: [abcd, x abcd], \
                misses: [abc, bcd]}]\nallow: [{rule: own-a, reason: known}]\n";
    let count = |layers: Vec<Layer>| layers.into_iter().collect::<Layers>().policy(today()).expect("valid").rules.len();
    assert_eq!(count(vec![lower(Rank::Repository, rule)]), 1);
    assert_eq!(count(vec![lower(Rank::Repository, rule), upper(Rank::Machine, "permit: {}")]), 0);
    assert_eq!(count(vec![lower(Rank::Repository, rule), upper(Rank::Machine, "permit: {own_rules: true}")]), 1);
    assert_eq!(count(vec![lower(Rank::Repository, ""), lower(Rank::Change, rule)]), 0);
    let (above, _) = rule.split_once("allow").expect("it allows");
    assert_eq!(count(vec![upper(Rank::Organisation, above), lower(Rank::Repository, "")]), 1);
}

#[test]
fn what_was_typed_goes_no_further_than_those_above_permit() {
    let layers: Layers = std::iter::once(upper(Rank::Machine, "thresholds: {block: 60}")).collect();
    let mut policy = layers.policy(today()).expect("valid");
    assert!(!policy.keep_within());
    policy.thresholds.block = 90;
    assert!(policy.keep_within());
    assert_eq!(policy.thresholds.block, 60);
    policy.thresholds.block = 50;
    assert!(!policy.keep_within());
}

#[test]
fn layers_that_contradict_each_other_are_refused() {
    let refused = |layers: Vec<Layer>| {
        use miette::Diagnostic;
        let error = layers.into_iter().collect::<Layers>().policy(today()).expect_err("they do");
        (error.code().expect("each has a code").to_string(), error.line())
    };
    let usual = upper(Rank::Machine, "tiers: [public, internal, secret]");
    assert_eq!(
        refused(vec![usual.clone(), lower(Rank::Repository, "version: 1\ntiers: [public, secret, internal]")]),
        ("tightlip::config::other_tiers".to_owned(), Some(2))
    );
    // Who names no tiers and speaks of them means the usual ones, and nobody below can turn these round.
    let round = "version: 1\ntiers: [restricted, public, internal, confidential]";
    let speaks = "destinations: {'git:**': {max: internal}}";
    for layers in [
        vec![upper(Rank::Machine, speaks), lower(Rank::Repository, round)],
        vec![lower(Rank::Repository, speaks), lower(Rank::Change, round)],
        vec![lower(Rank::Repository, ""), lower(Rank::Change, round)],
        vec![lower(Rank::Change, round)],
    ] {
        assert_eq!(refused(layers), ("tightlip::config::other_tiers".to_owned(), Some(2)));
    }
    let fine: Layers = [upper(Rank::Machine, "permit: {}"), lower(Rank::Repository, round)].into_iter().collect();
    assert_eq!(fine.policy(today()).expect("nothing is turned round").classification.names.name(Tier(0)), "restricted");
    assert_eq!(
        refused(vec![usual, lower(Rank::Repository, "default_tier: restricted")]).0,
        "tightlip::config::unknown_tier"
    );
    assert_eq!(
        refused(vec![upper(Rank::Machine, "permit: {allow: [json-web-tokn]}")]).0,
        "tightlip::config::unknown_rule"
    );
    assert_eq!(refused(vec![upper(Rank::Machine, "permit: {leave_out: ['../a']}")]).0, "tightlip::config::bad_glob");
}

#[test]
fn a_policy_that_only_pins_a_key_says_nothing() {
    let document = Document::new("machine", "version: 1\norganisation: {key: abc}");
    let raw: RawUpper = document.parse().expect("valid");
    assert!(Layer::above(Rank::Machine, Believed { raw: raw.clone(), document: document.clone() }).is_none());
    let changes = std::iter::once(("jwt".to_owned(), Changes { severity: Severity::High })).collect();
    let says = RawUpper { builtin: changes, ..raw };
    assert!(Layer::above(Rank::Machine, Believed { raw: says, document }).is_some());
}
