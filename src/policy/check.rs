//! From the config as written to the policy. It stops at the first thing that makes no sense: an exception that is
//! misspelt must never count, and never pass in silence.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::atomic::AtomicBool;

use super::foreign::{ForeignMark, marks_of, peers};
use super::inline::spoken;
use super::layer::Bounds;
use super::tier::{Classification, Ground, TierNames};
use super::{Allow, Paths, Policy, PolicyProblem, Scope, Thresholds};
use crate::catalogue::{Change, builtin_rules};
use crate::config::{ChangeSyntax, RawAllow, RawConfig, RawMarkers, RawThresholds};
use crate::date::Date;
use crate::finding::Fingerprint;
use crate::rule::{Kind, Named, Rule, RuleSyntax, Text, named};
use crate::yaml::{ConfigError, Document, Step, nearest, shown, visible};
use Step::{Item, Key, Name};

/// The most entries of `allow` and of `leave_out`: each glob is compiled, which takes about 20 µs.
pub(super) const MAX_ENTRIES: usize = 5000;
/// The most names of one kind that may be called internal: they are one pattern.
const MOST_NAMES: usize = 100;

/// `names` are the tiers that hold where the config names none.
pub fn policy(
    raw: RawConfig,
    document: &Document,
    known: &[Text],
    names: &TierNames,
    today: Date,
) -> Result<Policy, ConfigError> {
    let checker = Checker { document };
    if let Some(version) = raw.version.filter(|version| *version != 1) {
        return Err(document.refuse(&[Key("version")], PolicyProblem::Version { version }));
    }
    let named = checker.named(&raw.markers)?;
    let made: Vec<Text> = named.iter().map(|rule| rule.id.clone()).collect();
    let ids = checker.ids(&raw.rules, [known, &made].concat())?;
    let mut changes = checker.changes(&raw.builtin, known)?;
    changes.extend(checker.off(&raw.markers.off)?);
    let mut rules = checker.rules(&raw.rules)?;
    rules.extend(named);
    let mut by_rule: HashMap<String, Vec<usize>> = HashMap::new();
    for (entry, allow) in raw.allow.iter().enumerate() {
        by_rule.entry(allow.rule.clone()).or_default().push(entry);
    }
    let markers = markers(&rules);
    let ground = Ground { ids: &ids, markers: &markers, names };
    Ok(Policy {
        classification: Classification::new(&raw, document, ground)?,
        name: document.name().to_owned(),
        thresholds: checker.thresholds(raw.thresholds)?,
        salt: raw.salt.map(|salt| checker.salt(&salt)).transpose()?.unwrap_or_default(),
        baseline: None,
        left_out: checker.left_out(&raw.leave_out)?,
        foreign: checker.foreign(&raw.inline_compat)?,
        allows: checker.allows(&raw.allow, &ids)?,
        changes,
        rules,
        trust_root_license: raw.markers.trust_root_license,
        scope: Scope::default(),
        heading: None,
        bounds: Bounds::default(),
        by_rule,
        ids,
        today,
    })
}

/// The ids of all rules that find markers.
fn markers(own: &[Rule]) -> Vec<String> {
    let all = builtin_rules().iter().chain(own).filter(|rule| matches!(rule.kind, Kind::Marker { .. }));
    all.map(|rule| rule.id.to_string()).collect()
}

struct Checker<'d> {
    document: &'d Document,
}

impl Checker<'_> {
    fn refuse<T>(&self, path: &[Step<'_>], problem: PolicyProblem) -> Result<T, ConfigError> {
        Err(self.document.refuse(path, problem))
    }

    fn thresholds(&self, raw: RawThresholds) -> Result<Thresholds, ConfigError> {
        let usual = Thresholds::default();
        for (key, score) in [("report", raw.report), ("block", raw.block)] {
            if score.is_some_and(|score| score > 100) {
                return self.refuse(&[Key("thresholds"), Key(key)], PolicyProblem::Score);
            }
        }
        let report = raw.report.unwrap_or(usual.report);
        let block = raw.block.unwrap_or_else(|| usual.block.max(report));
        if block < report {
            return self.refuse(&[Key("thresholds"), Key("block")], PolicyProblem::BlockBelowReport { report });
        }
        Ok(Thresholds { report, block, severity: raw.severity.unwrap_or(usual.severity) })
    }

    fn salt(&self, written: &str) -> Result<String, ConfigError> {
        match bytes(written).filter(|salt| (16..=64).contains(&salt.len())) {
            Some(_) => Ok(written.to_ascii_lowercase()),
            None => self.refuse(&[Key("salt")], PolicyProblem::Salt),
        }
    }

    fn left_out(&self, written: &[String]) -> Result<Paths, ConfigError> {
        if written.len() > MAX_ENTRIES {
            return self.refuse(&[Name("leave_out")], PolicyProblem::TooMany { most: MAX_ENTRIES });
        }
        for (place, pattern) in written.iter().enumerate() {
            let path = [Key("leave_out"), Item(place)];
            // Names that no tree has: what admits both of them admits all.
            if self.paths(pattern, &path)?.admit("\u{1}\u{2}/\u{3}\u{4}.\u{5}") {
                return self.refuse(&path, PolicyProblem::LeavesAllOut);
            }
        }
        Paths::new(written.iter().map(String::as_str)).map_err(|(place, why)| {
            self.document.refuse(&[Key("leave_out"), Item(place)], PolicyProblem::BadGlob { why })
        })
    }

    fn foreign(&self, written: &[String]) -> Result<Vec<&'static ForeignMark>, ConfigError> {
        let mut marks = Vec::new();
        for (place, name) in written.iter().enumerate() {
            if !peers().contains(&name.as_str()) {
                let help = match nearest(name, peers()) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("known are {}", peers().join(", ")),
                };
                let problem = PolicyProblem::UnknownTool { name: shown(name), help };
                return self.refuse(&[Key("inline_compat"), Item(place)], problem);
            }
            if !written[..place].contains(name) {
                marks.extend(marks_of(name));
            }
        }
        Ok(marks)
    }

    fn paths(&self, pattern: &str, path: &[Step<'_>]) -> Result<Paths, ConfigError> {
        Paths::new([pattern]).map_err(|(_, why)| self.document.refuse(path, PolicyProblem::BadGlob { why }))
    }

    /// The ids of all rules.
    fn ids(&self, own: &[RuleSyntax], mut known: Vec<Text>) -> Result<Vec<Text>, ConfigError> {
        let mut seen: HashSet<&str> = known.iter().map(AsRef::as_ref).collect();
        for (place, rule) in own.iter().enumerate() {
            if !seen.insert(&rule.id) {
                let problem = PolicyProblem::DuplicateRule { id: shown(&rule.id) };
                return self.refuse(&[Key("rules"), Item(place), Key("id")], problem);
            }
        }
        known.extend(own.iter().map(|rule| rule.id.clone().into()));
        known.push(super::MARKER_REMOVED.into());
        Ok(known)
    }

    fn rules(&self, own: &[RuleSyntax]) -> Result<Vec<Rule>, ConfigError> {
        let checked = own.iter().enumerate().map(|(place, written)| {
            let place = [Key("rules"), Item(place), Key("id")];
            Rule::parse(written).map_err(|why| {
                self.document.refuse(&place, PolicyProblem::Rule { why: visible(why.to_string().chars()) })
            })
        });
        checked.collect()
    }

    fn changes(
        &self,
        written: &BTreeMap<String, ChangeSyntax>,
        known: &[Text],
    ) -> Result<Vec<(String, Change)>, ConfigError> {
        match written.keys().find(|id| !known.iter().any(|known| known == id.as_str())) {
            Some(id) => {
                let problem = unknown("built-in rule", id, known.iter().map(AsRef::as_ref));
                self.refuse(&[Key("builtin"), Name(id)], problem)
            }
            None => Ok(written.iter().map(|(id, change)| (id.clone(), meant(*change))).collect()),
        }
    }

    /// The rules of schemes that are switched off.
    fn off(&self, written: &[String]) -> Result<Vec<(String, Change)>, ConfigError> {
        let scheme =
            |rule: &Rule| if let Kind::Marker { scheme, .. } = &rule.kind { Some(scheme.clone()) } else { None };
        let mut off = Vec::new();
        for (place, wanted) in written.iter().enumerate() {
            let before = off.len();
            let of_scheme = builtin_rules().iter().filter(|rule| scheme(rule).is_some_and(|scheme| scheme == *wanted));
            off.extend(of_scheme.map(|rule| (rule.id.to_string(), Change::Off)));
            if off.len() == before {
                let known: BTreeSet<String> = builtin_rules().iter().filter_map(scheme).map(Text::into_owned).collect();
                let known: Vec<&str> = known.iter().map(String::as_str).collect();
                let help = match nearest(wanted, known.iter().copied()) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("there are {}", known.join(", ")),
                };
                let problem = PolicyProblem::UnknownRule { what: "scheme of markings", id: shown(wanted), help };
                return self.refuse(&[Key("markers"), Key("off"), Item(place)], problem);
            }
        }
        Ok(off)
    }

    /// Rules for what the config names as internal.
    fn named(&self, written: &RawMarkers) -> Result<Vec<Rule>, ConfigError> {
        let lists = [
            ("internal_domains", Named::Domains, &written.internal_domains),
            ("internal_packages", Named::Packages, &written.internal_packages),
            ("internal_repositories", Named::Repositories, &written.internal_repositories),
        ];
        let mut rules = Vec::new();
        for (key, kind, names) in lists.into_iter().filter(|(.., names)| !names.is_empty()) {
            if names.len() > MOST_NAMES {
                return self.refuse(&[Key("markers"), Name(key)], PolicyProblem::TooMany { most: MOST_NAMES });
            }
            for (place, name) in names.iter().enumerate() {
                if let Err(why) = named(kind, std::slice::from_ref(name)) {
                    let problem = PolicyProblem::Rule { why: visible(why.to_string().chars()) };
                    return self.refuse(&[Key("markers"), Key(key), Item(place)], problem);
                }
            }
            match named(kind, names) {
                Ok(rule) => rules.push(rule),
                Err(why) => {
                    let problem = PolicyProblem::Rule { why: visible(why.to_string().chars()) };
                    return self.refuse(&[Key("markers"), Name(key)], problem);
                }
            }
        }
        Ok(rules)
    }

    fn allows(&self, written: &[RawAllow], ids: &[Text]) -> Result<Vec<Allow>, ConfigError> {
        if written.len() > MAX_ENTRIES {
            return self.refuse(&[Name("allow")], PolicyProblem::TooMany { most: MAX_ENTRIES });
        }
        let known: HashSet<&str> = ids.iter().map(AsRef::as_ref).collect();
        let checked = written.iter().enumerate().map(|(entry, allow)| {
            if !known.contains(allow.rule.as_str()) {
                let problem = unknown("rule", &allow.rule, ids.iter().map(AsRef::as_ref));
                return self.refuse(&[Key("allow"), Item(entry), Key("rule")], problem);
            }
            self.allow(allow, entry)
        });
        checked.collect()
    }

    fn allow(&self, written: &RawAllow, entry: usize) -> Result<Allow, ConfigError> {
        let place = |key| [Key("allow"), Item(entry), Key(key)];
        let path = match &written.path {
            Some(pattern) => Some(self.paths(pattern, &place("path"))?),
            None => None,
        };
        let value = match &written.value {
            Some(value) => match bytes(value).and_then(|value| <[u8; 12]>::try_from(value).ok()) {
                Some(value) => Some(Fingerprint(value)),
                None => return self.refuse(&place("value"), PolicyProblem::BadValue),
            },
            None => None,
        };
        let reason = spoken(&written.reason);
        if reason.is_empty() {
            return self.refuse(&place("reason"), PolicyProblem::NoReason);
        }
        let until = match &written.until {
            Some(day) => match day.parse() {
                Ok(day) => Some(day),
                Err(_) => return self.refuse(&place("until"), PolicyProblem::BadDate),
            },
            None => None,
        };
        Ok(Allow { path, value, reason, until, used: AtomicBool::new(false) })
    }
}

const fn meant(written: ChangeSyntax) -> Change {
    match written {
        ChangeSyntax::Off => Change::Off,
        ChangeSyntax::Set(set) => Change::Severity(set.severity),
    }
}

pub(super) fn unknown<'k>(what: &'static str, id: &str, known: impl IntoIterator<Item = &'k str>) -> PolicyProblem {
    let help = match nearest(id, known) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "`tightlip rules list` shows all ids".to_owned(),
    };
    PolicyProblem::UnknownRule { what, id: shown(id), help }
}

/// The bytes that hexadecimal digits stand for.
pub(super) fn bytes(digits: &str) -> Option<Vec<u8>> {
    if !digits.len().is_multiple_of(2) || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    let pairs = (0..digits.len()).step_by(2).map(|at| u8::from_str_radix(digits.get(at..at + 2)?, 16).ok());
    pairs.collect()
}
