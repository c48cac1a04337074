//! Whether a change loosens what a config says of classified code: each way in which it does is a reason, in words. Where
//! two patterns of destinations may speak of one place, it is told rather than not.

use std::collections::BTreeSet;

use super::MARKER_REMOVED;
use super::tier::{Pattern, Tier, TierNames};
use crate::catalogue::builtin_rules;
use crate::config::{ChangeSyntax, RawAllow, RawClassify, RawConfig, RawWaiver};
use crate::judge::Reason;
use crate::rule::Kind;
use crate::yaml::{Document, listed};

/// The id of a finding that stands for such a change.
pub const LOOSENED: &str = "policy-loosened";

/// What a tier keeps in is to be let out by those who answer for it, and not by the change itself: this blocks.
const SCORE: i16 = 90;

/// What a new config lets out that the old one did not.
#[must_use]
pub fn looser_config(old: &RawConfig, new: &RawConfig) -> Vec<Reason> {
    let mut told = Told::default();
    let (Some(before), Some(after)) = (names(old), names(new)) else { return Vec::new() };
    if before != after {
        let shown = |names: &TierNames| listed(names.iter());
        told.tell("tiers-changed", format!("{} became {}", shown(&before), shown(&after)));
    }
    // Tiers are compared by the old order; one that is new in it counts as the lowest.
    let rank = |name: &str| before.find(name).unwrap_or_default();
    let default = |config: &RawConfig, names: &TierNames| {
        config.default_tier.clone().unwrap_or_else(|| names.name(Tier::default()).to_owned())
    };
    let (was, is) = (default(old, &before), default(new, &after));
    if rank(&is) < rank(&was) {
        told.tell("default-tier-lowered", format!("`{was}` became `{is}`"));
    }
    markers(old, new, &mut told);
    classify(old, new, &rank, &mut told);
    destinations(old, new, &rank, &before, &mut told);
    for waiver in new.waivers.iter().filter(|waiver| !old.waivers.contains(waiver)) {
        let RawWaiver { id, path, tier, .. } = waiver;
        told.tell("waiver-added", format!("`{id}`: `{path}` counts as `{tier}`"));
    }
    told.0
}

/// Whether a rule finds markers: a built-in one, or one of either config.
pub(super) fn is_of_marker(id: &str, configs: [&RawConfig; 2]) -> bool {
    let mut own = configs.iter().flat_map(|config| &config.rules);
    let built = || builtin_rules().iter().any(|rule| rule.id == id && matches!(rule.kind, Kind::Marker { .. }));
    id == MARKER_REMOVED || own.any(|rule| rule.id == id && rule.level.is_some()) || built()
}

/// What is a marker no more, or may pass as none.
fn markers(old: &RawConfig, new: &RawConfig, told: &mut Told) {
    let (before, after) = (&old.markers, &new.markers);
    for scheme in after.off.iter().filter(|scheme| !before.off.contains(scheme)) {
        told.tell("marks-less", format!("the scheme `{scheme}` is off"));
    }
    let is_off = |config: &RawConfig, id: &str| config.builtin.get(id) == Some(&ChangeSyntax::Off);
    for id in new.builtin.keys().filter(|id| is_of_marker(id, [old, new]) && is_off(new, id) && !is_off(old, id)) {
        told.tell("marks-less", format!("the rule `{id}` is off"));
    }
    let kept: BTreeSet<String> = new.rules.iter().map(|rule| format!("{rule:?}")).collect();
    for rule in old.rules.iter().filter(|rule| rule.level.is_some() && !kept.contains(&format!("{rule:?}"))) {
        told.tell("marks-less", format!("the rule `{}` is gone or another", rule.id));
    }
    let names = [
        (&before.internal_domains, &after.internal_domains),
        (&before.internal_packages, &after.internal_packages),
        (&before.internal_repositories, &after.internal_repositories),
    ];
    for (were, are) in names {
        for name in were.iter().filter(|name| !are.contains(name)) {
            told.tell("marks-less", format!("`{name}` is not internal any more"));
        }
    }
    if after.trust_root_license && !before.trust_root_license {
        told.tell("trusts-root-license", "a public licence at the root speaks for all files".to_owned());
    }
    let known: BTreeSet<String> = old.allow.iter().map(|allow| format!("{allow:?}")).collect();
    let is_new = |allow: &&RawAllow| is_of_marker(&allow.rule, [old, new]) && !known.contains(&format!("{allow:?}"));
    for RawAllow { rule, path, .. } in new.allow.iter().filter(is_new) {
        let of = path.as_ref().map(|path| format!(" at `{path}`")).unwrap_or_default();
        told.tell("allows-marked", format!("`{rule}`{of}"));
    }
}

/// Reasons so far.
#[derive(Default)]
struct Told(Vec<Reason>);

impl Told {
    fn tell(&mut self, name: &'static str, note: String) {
        let weight = if self.0.is_empty() { SCORE } else { 0 };
        self.0.push(Reason { name, weight, note: Some(note) });
    }
}

/// The tiers of a config; none where they are no order, so that the config cannot be used.
fn names(config: &RawConfig) -> Option<TierNames> {
    TierNames::new(&config.tiers, &Document::default()).ok().map(Option::unwrap_or_default)
}

fn classify(old: &RawConfig, new: &RawConfig, rank: &dyn Fn(&str) -> Tier, told: &mut Told) {
    let of = |one: &RawClassify, other: &RawClassify| {
        (&one.path, &one.marker, &one.rule) == (&other.path, &other.marker, &other.rule)
    };
    for entry in &old.classify {
        let Some(tier) = &entry.tier else { continue };
        let keeps = |other: &&RawClassify| {
            of(entry, other)
                && other.min_count.unwrap_or(1) <= entry.min_count.unwrap_or(1)
                && other.tier.as_ref().is_some_and(|is| rank(is) >= rank(tier))
        };
        if !new.classify.iter().any(|other| keeps(&other)) {
            told.tell("classifies-less", format!("{} is no longer `{tier}`", spoken(entry)));
        }
    }
    for entry in &new.classify {
        let Some(cap) = &entry.cap else { continue };
        let knew =
            |other: &&RawClassify| of(entry, other) && other.cap.as_ref().is_some_and(|was| rank(was) <= rank(cap));
        if !old.classify.iter().any(|other| knew(&other)) {
            told.tell("caps-more", format!("{} is at most `{cap}`", spoken(entry)));
        }
    }
    // Of several caps the highest counts, so that one that goes leaves its texts to the others.
    let caps = |config: &RawConfig| config.classify.iter().filter(|it| it.cap.is_some()).cloned().collect::<Vec<_>>();
    let (were, are) = (caps(old), caps(new));
    for entry in were.iter().filter(|entry| !are.is_empty() && !are.iter().any(|other| of(entry, other))) {
        told.tell("caps-more", format!("{} has no cap of its own any more, and others may fit", spoken(entry)));
    }
}

/// What an entry speaks of.
fn spoken(entry: &RawClassify) -> String {
    let parts = [("path", &entry.path), ("marker", &entry.marker), ("rule", &entry.rule)];
    let parts = parts.iter().filter_map(|(kind, name)| Some(format!("{kind} `{}`", name.as_ref()?)));
    parts.collect::<Vec<_>>().join(" with ")
}

/// A pattern, and what may go there.
type Clears = (Pattern, Tier);

fn destinations(old: &RawConfig, new: &RawConfig, rank: &dyn Fn(&str) -> Tier, names: &TierNames, told: &mut Told) {
    let list = |config: &RawConfig| -> Vec<Clears> {
        let all = config.destinations.iter();
        all.filter_map(|(key, it)| Some((Pattern::parse(key).ok()?, rank(&it.max)))).collect()
    };
    let (were, are) = (list(old), list(new));
    if !were.is_empty() && are.is_empty() {
        told.tell("decides-no-more", "`destinations` is gone, so that tiers decide nothing".to_owned());
        return;
    }
    if were.is_empty() {
        if !are.is_empty() {
            told.tell("clears-more", "tiers decide from now on, where a marker's level did".to_owned());
        }
        return;
    }
    let mut seen = BTreeSet::new();
    for (to, max) in &are {
        // What no entry fits may have the lowest tier, or everything where no entry speaks of its kind.
        let free = is_free(to) && !were.iter().any(|(it, _)| it.kind() == to.kind());
        let unnamed = Pattern::parse("**").ok().filter(|all| !free && !were.iter().any(|(it, _)| it == all));
        let unnamed = unnamed.map(|all| (all, Tier::default()));
        for (from, was) in were.iter().chain(&unnamed) {
            let narrower = |it: &Pattern| it.weight() > from.weight() && covers(it, to);
            let wins = are.iter().any(|(it, has)| it == from && has <= was) && from.weight() >= to.weight();
            let apart = max <= was || !overlap(from.as_str(), to.as_str());
            // What counted for such places before counts now, or counted already.
            if apart || wins || were.iter().any(|(it, _)| narrower(it)) || !seen.insert(to.clone()) {
                continue;
            }
            let (max, was) = (names.name(*max), names.name(*was));
            told.tell("clears-more", format!("`{}` may receive `{max}`, before at most `{was}`", to.as_str()));
        }
    }
    // Where nothing speaks of a kind, all may be there that is there already.
    for (gone, was) in were.iter().filter(|(it, _)| !are.iter().any(|(other, _)| other.kind() == it.kind())) {
        if is_free(gone) && *was < names.highest() {
            told.tell("clears-more", format!("`{}` is no longer named", gone.as_str()));
        }
    }
}

/// Whether all may be at such places as long as no entry speaks of their kind.
fn is_free(pattern: &Pattern) -> bool {
    matches!(pattern.kind(), Some("local" | "stdin" | "ci"))
}

/// Whether each text that fits `part` surely fits `whole`.
fn covers(whole: &Pattern, part: &Pattern) -> bool {
    let start = whole.as_str().strip_suffix("**").filter(|start| !start.contains('*'));
    whole == part || start.is_some_and(|start| part.as_str().starts_with(start))
}

/// Whether some text may fit both patterns: their beginnings and their ends agree as far as both go.
fn overlap(one: &str, other: &str) -> bool {
    let ends = |pattern: &str| {
        let whole = !pattern.contains('*');
        let first = pattern.split('*').next().unwrap_or_default().to_lowercase();
        let last = pattern.rsplit('*').next().unwrap_or_default().to_lowercase();
        (first, last, whole)
    };
    let ((first, last, whole), (other_first, other_last, other_whole)) = (ends(one), ends(other));
    if whole && other_whole {
        return first == other_first;
    }
    let begins = first.starts_with(&other_first) || other_first.starts_with(&first);
    begins && (last.ends_with(&other_last) || other_last.ends_with(&last))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config;

    const BASE: &str = "default_tier: internal\nclassify:\n  - {path: 'pricing/**', tier: restricted}\n  \
                        - {rule: npm-access-token, min_count: 3, tier: confidential}\n  \
                        - {path: docs, cap: public, reason: published}\n\
                        destinations:\n  'git:**': {max: public}\n  'git:git.acme.corp/**': {max: restricted}\n  \
                        local: {max: confidential}\nwaivers: []\n";

    const MARKED: &str = "rules: [{id: acme-a, finds: a, level: restricted, literals: [acme], pattern: acme, hits: [acme], misses: [x]}]\n\
                          allow: [{rule: acme-a, path: sdk, reason: r}]\n";

    const WAIVER: &str = "waivers: [{id: W-1, path: pricing/a, rule: tier-exceeded, tier: public, reason: r, by: a, \
                          approved_by: b, expires: 2030-01-01}]";

    #[test]
    fn each_way_to_loosen_is_told_and_nothing_else() {
        let rows = [
            (BASE.to_owned(), ""),
            (BASE.replace("default_tier: internal", "default_tier: restricted"), ""),
            (BASE.replace("default_tier: internal", "default_tier: public"), "default-tier-lowered"),
            (BASE.replace("default_tier: internal\n", ""), "default-tier-lowered"),
            (BASE.replace("'pricing/**', tier: restricted", "'pricing/**', tier: internal"), "classifies-less"),
            (BASE.replace("  - {path: 'pricing/**', tier: restricted}\n", ""), "classifies-less"),
            (BASE.replace("pricing/**", "pricing/*"), "classifies-less"),
            (BASE.replace("min_count: 3", "min_count: 4"), "classifies-less"),
            (BASE.replace("min_count: 3", "min_count: 2"), ""),
            (BASE.replace("tier: confidential", "tier: restricted"), ""),
            (BASE.replace("cap: public", "cap: internal"), ""),
            (BASE.replace("path: docs", "path: src"), "caps-more caps-more"),
            (BASE.replace("  - {path: docs, cap: public, reason: published}\n", ""), ""),
            (BASE.replace("destinations:", "  - {path: src, cap: public, reason: r}\ndestinations:"), "caps-more"),
            (BASE.replace("'git:**': {max: public}", "'git:**': {max: internal}"), "clears-more"),
            (BASE.replace("local: {max", "'git:github.com/**': {max: confidential}\n  local: {max"), "clears-more"),
            (BASE.replace("local: {max", "'git:github.com/**': {max: public}\n  local: {max"), ""),
            (BASE.replace("local: {max", "'git:git.acme.corp/web/*': {max: internal}\n  local: {max"), ""),
            (BASE.replace("local: {max", "'ci:**': {max: internal}\n  local: {max"), ""),
            (BASE.replace("local: {max", "'git:git.acme.corp/web/*': {max: restricted}\n  local: {max"), ""),
            (BASE.replace("local: {max", "'git:git.**/x': {max: internal}\n  local: {max"), "clears-more"),
            (BASE.replace("local: {max", "'**': {max: internal}\n  local: {max"), "clears-more"),
            (BASE.replace("acme.corp/**': {max: restricted", "acme.corp/**': {max: internal"), ""),
            (BASE.replace("  'git:git.acme.corp/**': {max: restricted}\n", ""), ""),
            (BASE.replace("  local: {max: confidential}\n", ""), "clears-more"),
            (BASE.replace("local: {max: confidential}", "local: {max: restricted}"), "clears-more"),
            (BASE.split("destinations").next().unwrap().to_owned(), "decides-no-more"),
            (format!("tiers: [public, internal, restricted, confidential]\n{BASE}"), "tiers-changed"),
            (BASE.replace("waivers: []", WAIVER), "waiver-added"),
            (format!("{MARKED}{BASE}"), "allows-marked"),
            (format!("markers: {{off: [tlp, us-ear]}}\n{BASE}"), "marks-less marks-less"),
            (format!("markers: {{internal_domains: [acme.corp], trust_root_license: false}}\n{BASE}"), ""),
            (format!("markers: {{trust_root_license: true}}\n{BASE}"), "trusts-root-license"),
            (format!("builtin: {{tlp-red: off, jwt: off}}\n{BASE}"), "marks-less"),
            (
                format!("allow: [{{rule: marker-removed, reason: a}}, {{rule: jwt, reason: a}}]\n{BASE}"),
                "allows-marked",
            ),
            (BASE.replace("waivers: []", &WAIVER.replace("2030", "2031")), "waiver-added"),
            (String::new(), "default-tier-lowered classifies-less classifies-less decides-no-more"),
        ];
        let raw = |text: &str| config::parse("a", text).expect(text).0;
        for (text, expected) in rows {
            let reasons = looser_config(&raw(BASE), &raw(&text));
            let names: Vec<_> = reasons.iter().map(|reason| reason.name).collect();
            assert_eq!(names.join(" "), expected, "{text}\n{reasons:?}");
            let score: i16 = reasons.iter().map(|reason| reason.weight).sum();
            assert_eq!(score, if expected.is_empty() { 0 } else { SCORE });
        }
        let marked = format!("markers: {{internal_domains: [acme.corp, acme.dev]}}\n{MARKED}{BASE}");
        for (change, expected) in [
            (marked.clone(), 0),
            (marked.replace(", acme.dev", ""), 1),
            (marked.replace("level: restricted", "level: internal"), 1),
            (BASE.to_owned(), 3),
        ] {
            assert_eq!(looser_config(&raw(&marked), &raw(&change)).len(), expected, "{change}");
        }
        let waived = raw(&BASE.replace("waivers: []", WAIVER));
        assert!(looser_config(&waived, &raw(BASE)).is_empty());
        // A first policy lets go where before a marker's level alone decided.
        let first = looser_config(&raw(""), &raw(BASE));
        assert_eq!(first.iter().map(|it| it.name).collect::<Vec<_>>(), ["caps-more", "clears-more"]);
    }
}
