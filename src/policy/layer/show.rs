//! All layers line by line: what each says, where, and what of it comes to nothing.

use super::{Layer, Layers, Rank};
use crate::catalogue::Change;
use crate::config::{ChangeSyntax, RawAllow, RawClassify, RawPermit};
use crate::date::Date;
use crate::policy::{Paths, Policy, Thresholds};
use crate::rule::{Kind, Rule};
use crate::yaml::Step::{self, Item, Key, Name};

/// One thing that a layer says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// `thresholds.block`, `classify 2`, `destinations`.
    pub key: String,
    pub value: String,
    pub rank: Rank,
    pub file: String,
    pub line: Option<usize>,
    /// Why it comes to nothing, or is likely to be a mistake.
    pub idle: Option<&'static str>,
}

const STRICTER: &str = "another layer is stricter";
const NOT_PERMITTED: &str = "a policy above does not permit it";
const IN_PART: &str = "counts only where a policy above permits it";
const NO_FILE: &str = "no file of the repository fits";
const EXPIRED: &str = "its last day has passed";
const NEVER_WINS: &str = "its tier is never above that of all other texts";
const REPEATED: &str = "another entry asks for as much or more for the same texts";

/// What all layers say, the highest first. `policy` is what they come to, and `files` are those of the repository, where
/// they are known.
#[must_use]
pub fn said(layers: &Layers, policy: &Policy, files: Option<&[String]>, today: Date) -> Vec<Said> {
    let mut list = List { policy, files, today, all: Vec::new(), layer: None };
    for layer in layers.iter() {
        list.layer = Some(layer);
        list.thresholds(layer);
        list.rules(layer);
        list.exceptions(layer);
        list.tiers(layer);
        list.permits(layer);
    }
    list.all
}

/// Rules for markers whose level is no tier, and which no entry maps: each counts as of the highest tier.
#[must_use]
pub fn unmapped<'r>(layers: &Layers, policy: &Policy, rules: impl Iterator<Item = &'r Rule>) -> Vec<(String, String)> {
    let mapped = |id: &str| {
        let entries = layers.iter().flat_map(|layer| &layer.raw.classify);
        let markers = entries.filter(|it| it.tier.is_some()).filter_map(|it| it.marker.as_deref());
        markers.into_iter().any(|pattern| crate::policy::tier::names_marker(pattern, id))
    };
    let level = |rule: &'r Rule| match &rule.kind {
        Kind::Marker { level, .. } => Some((rule.id.to_string(), level.to_string())),
        Kind::Secret { .. } => None,
    };
    let levels = rules.filter_map(level);
    levels.filter(|(id, level)| policy.classification.names.find(level).is_none() && !mapped(id)).collect()
}

struct List<'l> {
    policy: &'l Policy,
    files: Option<&'l [String]>,
    today: Date,
    all: Vec<Said>,
    layer: Option<&'l Layer>,
}

impl List<'_> {
    fn add(&mut self, key: impl Into<String>, value: impl Into<String>, path: &[Step<'_>], idle: Option<&'static str>) {
        let Some(layer) = self.layer else { return };
        self.all.push(Said {
            key: key.into(),
            value: value.into(),
            rank: layer.rank,
            file: layer.document.name().to_owned(),
            line: layer.document.line(path),
            idle,
        });
    }

    fn thresholds(&mut self, layer: &Layer) {
        let (raw, Thresholds { report, block, severity }) = (layer.raw.thresholds, self.policy.thresholds);
        let rows = [
            ("report", raw.report.map(|it| (it.to_string(), it > report))),
            ("block", raw.block.map(|it| (it.to_string(), it > block))),
            ("severity", raw.severity.map(|it| (it.name().to_owned(), it > severity))),
        ];
        for (key, said) in rows {
            let Some((value, beaten)) = said else { continue };
            let path = [Key("thresholds"), Key(key)];
            self.add(format!("thresholds.{key}"), value, &path, beaten.then_some(STRICTER));
        }
    }

    fn rules(&mut self, layer: &Layer) {
        for (id, change) in &layer.raw.builtin {
            let effective = self.policy.changes.iter().find(|(known, _)| known == id).map(|(_, change)| *change);
            let (value, idle) = match change {
                ChangeSyntax::Off => ("off", (effective != Some(Change::Off)).then_some(NOT_PERMITTED)),
                ChangeSyntax::Set(set) => {
                    let beaten = matches!(effective, Some(Change::Severity(it)) if it > set.severity);
                    (set.severity.name(), beaten.then_some(STRICTER))
                }
            };
            self.add(format!("builtin.{id}"), value, &[Key("builtin"), Name(id)], idle);
        }
        if !layer.raw.markers.off.is_empty() {
            let path = [Key("markers"), Key("off")];
            self.add("markers.off", layer.raw.markers.off.join(", "), &path, None);
        }
        let markers = &layer.raw.markers;
        for (key, names) in [
            ("internal_domains", &markers.internal_domains),
            ("internal_packages", &markers.internal_packages),
            ("internal_repositories", &markers.internal_repositories),
        ] {
            if !names.is_empty() {
                self.add(format!("markers.{key}"), names.join(", "), &[Key("markers"), Key(key)], None);
            }
        }
        if markers.trust_root_license {
            let path = [Key("markers"), Key("trust_root_license")];
            let idle = (!self.policy.trust_root_license).then_some(NOT_PERMITTED);
            self.add("markers.trust_root_license", "true", &path, idle);
        }
        for (place, rule) in layer.raw.rules.iter().enumerate() {
            let counts = self.policy.rules.iter().any(|it| it.id == rule.id);
            let path = [Key("rules"), Item(place), Key("id")];
            self.add(format!("rules {}", place + 1), rule.id.clone(), &path, (!counts).then_some(NOT_PERMITTED));
        }
    }

    fn exceptions(&mut self, layer: &Layer) {
        for (place, glob) in layer.raw.leave_out.iter().enumerate() {
            let permitted = self.policy.bounds.leave_out(glob);
            let idle = if permitted { self.dead(Some(glob)) } else { Some(IN_PART) };
            self.add(format!("leave_out {}", place + 1), glob, &[Key("leave_out"), Item(place)], idle);
        }
        for (place, allow) in layer.raw.allow.iter().enumerate() {
            let RawAllow { rule, path, until, .. } = allow;
            let idle = if !self.policy.permits(rule) {
                Some(NOT_PERMITTED)
            } else if self.expired(until.as_deref()) {
                Some(EXPIRED)
            } else {
                self.dead(path.as_ref())
            };
            let value = path.as_ref().map_or_else(|| rule.clone(), |path| format!("{rule} at {path}"));
            self.add(format!("allow {}", place + 1), value, &[Key("allow"), Item(place)], idle);
        }
        for (place, waiver) in layer.raw.waivers.iter().enumerate() {
            let counts = self.policy.classification.waivers.iter().any(|it| it.id == waiver.id.trim());
            let idle = if !counts {
                Some(NOT_PERMITTED)
            } else if self.expired(Some(&waiver.expires)) {
                Some(EXPIRED)
            } else {
                let is_path = |file: &String| *file == waiver.path.trim_start_matches("./");
                self.files.filter(|files| !files.iter().any(is_path)).map(|_| NO_FILE)
            };
            let value = format!("{}: {} counts as {}", waiver.id, waiver.path, waiver.tier);
            self.add(format!("waivers {}", place + 1), value, &[Key("waivers"), Item(place)], idle);
        }
    }

    fn tiers(&mut self, layer: &Layer) {
        let raw = &layer.raw;
        if !raw.tiers.is_empty() {
            self.add("tiers", raw.tiers.join(", "), &[Key("tiers")], None);
        }
        let names = self.policy.classification.names.clone();
        let default = self.policy.default_tier();
        if let Some(tier) = &raw.default_tier {
            let beaten = names.find(tier).is_some_and(|tier| tier < default);
            self.add("default_tier", tier, &[Key("default_tier")], beaten.then_some(STRICTER));
        }
        for (place, entry) in raw.classify.iter().enumerate() {
            let of = speaks_of(entry);
            let rank = |entry: &RawClassify| entry.tier.as_ref().and_then(|tier| names.find(tier));
            let repeated = rank(entry).is_some_and(|own| {
                let same = |other: &&RawClassify| speaks_of(other) == of && other.min_count <= entry.min_count;
                let before = raw.classify.iter().take(place).filter(same).filter_map(rank).any(|other| other >= own);
                let after = raw.classify.iter().skip(place + 1).filter(same).filter_map(rank).any(|other| other > own);
                before || after
            });
            let idle = if rank(entry).is_some_and(|tier| tier <= default) && entry.marker.is_none() {
                Some(NEVER_WINS)
            } else if repeated {
                Some(REPEATED)
            } else {
                self.dead(entry.path.as_ref())
            };
            let (word, tier) = match (&entry.tier, &entry.cap) {
                (Some(tier), _) => ("is", tier.as_str()),
                (None, cap) => ("is at most", cap.as_deref().unwrap_or_default()),
            };
            let path = [Key("classify"), Item(place)];
            self.add(format!("classify {}", place + 1), format!("{of} {word} {tier}"), &path, idle);
        }
        for (pattern, destination) in &raw.destinations {
            let path = [Key("destinations"), Name(pattern)];
            self.add("destinations", format!("{pattern} may receive {}", destination.max), &path, None);
        }
    }

    fn permits(&mut self, layer: &Layer) {
        match &layer.permit {
            _ if !layer.rank.is_above() => {}
            None => self.add("permit", "nothing", &[], None),
            Some(RawPermit::All) => self.add("permit", "all", &[Name("permit")], None),
            Some(RawPermit::Some(some)) => {
                let stated = |holds: bool| if holds { vec!["true".to_owned()] } else { Vec::new() };
                let (own_rules, root_license) = (stated(some.own_rules), stated(some.root_license));
                let flags = some.flags.iter().map(|flag| flag.name().to_owned()).collect();
                let rows = [
                    ("allow", &some.allow),
                    ("leave_out", &some.leave_out),
                    ("off", &some.off),
                    ("waivers", &some.waivers),
                    ("own_rules", &own_rules),
                    ("root_license", &root_license),
                    ("flags", &flags),
                ];
                for (key, what) in rows.into_iter().filter(|(_, what)| !what.is_empty()) {
                    self.add(format!("permit.{key}"), what.join(", "), &[Key("permit"), Name(key)], None);
                }
            }
        }
    }

    fn expired(&self, day: Option<&str>) -> bool {
        day.and_then(|day| day.parse::<Date>().ok()).is_some_and(|day| day < self.today)
    }

    /// Whether a glob names no file that there is.
    fn dead(&self, glob: Option<&String>) -> Option<&'static str> {
        let (glob, files) = (glob?, self.files?);
        let paths = Paths::new([glob.as_str()]).ok()?;
        (!files.iter().any(|file| paths.admit(file))).then_some(NO_FILE)
    }
}

/// What an entry of `classify` speaks of.
fn speaks_of(entry: &RawClassify) -> String {
    let parts = [("", &entry.path), ("marker ", &entry.marker), ("rule ", &entry.rule)];
    let parts = parts.iter().filter_map(|(kind, name)| Some(format!("{kind}{}", name.as_ref()?)));
    parts.collect::<Vec<_>>().join(" with ")
}
