//! From tiers as written to tiers as they count. It stops at the first thing that makes no sense: an entry that is
//! misspelt would leave code less protected than its author believes.

use std::collections::{BTreeMap, HashSet};
use std::sync::atomic::AtomicBool;

use super::{Classification, EXCEEDED, Entry, Of, Pattern, Says, Tier, TierNames, TierProblem, Waived, Waiver};
use crate::config::{RawClassify, RawConfig, RawWaiver};
use crate::date::Date;
use crate::finding::Fingerprint;
use crate::policy::check::{MAX_ENTRIES, bytes, unknown};
use crate::policy::inline::spoken;
use crate::policy::{Paths, PolicyProblem};
use crate::rule::Text;
use crate::yaml::{ConfigError, Document, Step, listed, nearest, shown};
use Step::{Item, Key, Name};

/// More tiers than any scheme has; a report names each.
const MAX_TIERS: usize = 16;

/// More destinations than anybody can keep in mind.
const MAX_DESTINATIONS: usize = 1000;

/// The longest name of a tier, in bytes.
const MAX_NAME: usize = 64;

/// The longest path of a waiver.
const MAX_PATH: usize = 4096;

/// What a config is checked against.
#[derive(Clone, Copy, Debug)]
pub struct Ground<'g> {
    /// The ids of all rules.
    pub ids: &'g [Text],
    /// The ids of those that find markers.
    pub markers: &'g [String],
    /// The tiers that hold where the config names none: those of a layer above, or the usual ones.
    pub names: &'g TierNames,
}

impl Classification {
    /// # Errors
    /// The first thing that makes no sense, with its place.
    pub fn new(raw: &RawConfig, document: &Document, ground: Ground<'_>) -> Result<Self, ConfigError> {
        let checker = Checker { document, ground, names: names(&raw.tiers, document)?.unwrap_or(ground.names.clone()) };
        let default = match &raw.default_tier {
            Some(name) => checker.tier(name, &[Key("default_tier")])?,
            None => Tier::default(),
        };
        let (entries, paths) = checker.entries(&raw.classify)?;
        let destinations = checker.destinations(raw)?;
        let waivers = checker.waivers(&raw.waivers)?;
        Ok(Self { names: checker.names, default, entries, paths, destinations, waivers })
    }
}

impl TierNames {
    /// The names that a config has; none where it has none.
    ///
    /// # Errors
    /// They are no order of names.
    pub fn new(written: &[String], document: &Document) -> Result<Option<Self>, ConfigError> {
        names(written, document)
    }
}

fn names(written: &[String], document: &Document) -> Result<Option<TierNames>, ConfigError> {
    let refuse = |path: &[Step<'_>], problem| Err(document.refuse(path, problem));
    match written.len() {
        0 => return Ok(None),
        1 => return refuse(&[Key("tiers"), Item(0)], TierProblem::OneTier),
        2..=MAX_TIERS => {}
        _ => return refuse(&[Name("tiers")], TierProblem::TooMany { most: MAX_TIERS }),
    }
    let mut seen = HashSet::new();
    for (place, name) in written.iter().enumerate() {
        let path = [Key("tiers"), Item(place)];
        let is_name = |letter: char| letter.is_alphanumeric() || letter == '-' || letter == '_';
        if name.is_empty() || name.len() > MAX_NAME || !name.chars().all(is_name) {
            return refuse(&path, TierProblem::TierName);
        }
        // Two that differ in letter case alone would be taken for one by whoever reads a report.
        if !seen.insert(name.to_lowercase()) {
            return refuse(&path, TierProblem::DuplicateTier { name: shown(name) });
        }
    }
    Ok(Some(TierNames(written.to_vec())))
}

struct Checker<'d> {
    document: &'d Document,
    ground: Ground<'d>,
    names: TierNames,
}

impl Checker<'_> {
    fn refuse<T>(&self, path: &[Step<'_>], problem: TierProblem) -> Result<T, ConfigError> {
        Err(self.document.refuse(path, problem))
    }

    fn tier(&self, name: &str, path: &[Step<'_>]) -> Result<Tier, ConfigError> {
        let Some(tier) = self.names.find(name) else {
            let help = match nearest(name, self.names.iter()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("the tiers are {}", listed(self.names.iter())),
            };
            return self.refuse(path, TierProblem::UnknownTier { name: shown(name), help });
        };
        Ok(tier)
    }

    fn entries(&self, written: &[RawClassify]) -> Result<(Vec<Entry>, Paths), ConfigError> {
        if written.len() > MAX_ENTRIES {
            return self.refuse(&[Name("classify")], TierProblem::TooMany { most: MAX_ENTRIES });
        }
        let (mut entries, mut globs): (Vec<Entry>, Vec<&str>) = (Vec::new(), Vec::new());
        for (place, raw) in written.iter().enumerate() {
            let glob = raw.path.as_ref().map(|path| {
                globs.push(path);
                globs.len() - 1
            });
            entries.push(self.entry(raw, place, glob)?);
        }
        self.contradictions(&entries)?;
        let placed: Vec<usize> =
            written.iter().enumerate().filter(|(_, raw)| raw.path.is_some()).map(|(place, _)| place).collect();
        let paths = Paths::new(globs).map_err(|(glob, why)| {
            let place = placed.get(glob).copied().unwrap_or_default();
            self.document.refuse(&[Key("classify"), Item(place), Key("path")], PolicyProblem::BadGlob { why })
        })?;
        Ok((entries, paths))
    }

    fn entry(&self, raw: &RawClassify, place: usize, glob: Option<usize>) -> Result<Entry, ConfigError> {
        let whole = [Key("classify"), Item(place)];
        let at = |key| [Key("classify"), Item(place), Key(key)];
        let reason = raw.reason.as_deref().map(spoken).unwrap_or_default();
        let says = match (&raw.tier, &raw.cap) {
            (Some(tier), None) => Says::Tier(self.tier(tier, &at("tier"))?),
            (None, Some(_)) if raw.rule.is_some() => return self.refuse(&at("cap"), TierProblem::CapOfRule),
            (None, Some(_)) if reason.is_empty() => return self.refuse(&at("cap"), TierProblem::CapWithoutReason),
            (None, Some(cap)) => Says::Cap(self.tier(cap, &at("cap"))?),
            _ => return self.refuse(&whole, TierProblem::TierOrCap),
        };
        if raw.min_count.is_some_and(|least| least == 0 || raw.rule.is_none()) {
            return self.refuse(&at("min_count"), TierProblem::MinCount);
        }
        let of = match (&raw.marker, &raw.rule) {
            (Some(_), Some(_)) => return self.refuse(&at("rule"), TierProblem::MarkerAndRule),
            (Some(marker), None) => Of::Marker(self.marker(marker, &at("marker"))?),
            (None, Some(rule)) if !self.ground.ids.iter().any(|id| id == rule) => {
                let problem = unknown("rule", rule, self.ground.ids.iter().map(AsRef::as_ref));
                return Err(self.document.refuse(&at("rule"), problem));
            }
            (None, Some(rule)) => Of::Rule(rule.clone(), raw.min_count.unwrap_or(1)),
            (None, None) if glob.is_none() => return self.refuse(&whole, TierProblem::NamesNothing),
            (None, None) => Of::Path,
        };
        Ok(Entry { path: raw.path.clone(), glob, of, says, reason })
    }

    /// A scheme that no rule has would protect nothing, and nobody would notice.
    fn marker(&self, pattern: &str, path: &[Step<'_>]) -> Result<String, ConfigError> {
        let known = self.ground.markers;
        if pattern.len() <= MAX_NAME && known.iter().any(|id| super::names_marker(pattern, id)) {
            return Ok(pattern.to_owned());
        }
        let schemes = known.iter().filter_map(|id| id.split('-').next());
        let help = match nearest(pattern, known.iter().map(String::as_str).chain(schemes)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "`tightlip rules list` shows all ids; a scheme is what they begin with".to_owned(),
        };
        self.refuse(path, TierProblem::UnknownMarker { name: shown(pattern), help })
    }

    /// The same texts, asked into a tier and kept below it.
    fn contradictions(&self, entries: &[Entry]) -> Result<(), ConfigError> {
        let mut raised: BTreeMap<(Option<&str>, String), Tier> = BTreeMap::new();
        for entry in entries {
            if let Says::Tier(tier) = entry.says {
                let most = raised.entry((entry.path.as_deref(), entry.of.to_string())).or_default();
                *most = tier.max(*most);
            }
        }
        for (place, entry) in entries.iter().enumerate() {
            let most = raised.get(&(entry.path.as_deref(), entry.of.to_string()));
            if matches!(entry.says, Says::Cap(cap) if most.is_some_and(|most| *most > cap)) {
                return self.refuse(&[Key("classify"), Item(place), Key("cap")], TierProblem::Contradiction);
            }
        }
        Ok(())
    }

    fn destinations(&self, raw: &RawConfig) -> Result<BTreeMap<Pattern, Tier>, ConfigError> {
        if raw.destinations.len() > MAX_DESTINATIONS {
            return self.refuse(&[Name("destinations")], TierProblem::TooMany { most: MAX_DESTINATIONS });
        }
        let mut destinations = BTreeMap::new();
        for (written, destination) in &raw.destinations {
            let place = [Key("destinations"), Name(written)];
            let pattern = match Pattern::parse(written) {
                Ok(pattern) => pattern,
                Err((why, help)) => return self.refuse(&place, TierProblem::BadDestination { why, help }),
            };
            let max = self.tier(&destination.max, &[Key("destinations"), Key(written), Key("max")])?;
            if destinations.insert(pattern, max).is_some() {
                return self.refuse(&place, TierProblem::DuplicateDestination);
            }
        }
        Ok(destinations)
    }

    fn waivers(&self, written: &[RawWaiver]) -> Result<Vec<Waiver>, ConfigError> {
        if written.len() > MAX_ENTRIES {
            return self.refuse(&[Name("waivers")], TierProblem::TooMany { most: MAX_ENTRIES });
        }
        let mut seen = HashSet::new();
        let checked = written.iter().enumerate().map(|(place, raw)| {
            let id = spoken(&raw.id);
            let at = [Key("waivers"), Item(place), Key("id")];
            if id.is_empty() {
                return self.refuse(&at, TierProblem::NoId);
            }
            if !seen.insert(id.clone()) {
                return self.refuse(&at, TierProblem::DuplicateWaiver { id: shown(&id) });
            }
            self.waiver(raw, place, id)
        });
        checked.collect()
    }

    fn waiver(&self, raw: &RawWaiver, place: usize, id: String) -> Result<Waiver, ConfigError> {
        let at = |key| [Key("waivers"), Item(place), Key(key)];
        let path = match exact(&raw.path) {
            Ok(path) => path,
            Err(why) => return self.refuse(&at("path"), TierProblem::WaiverPath { why }),
        };
        let of = match (&raw.rule, &raw.fingerprint) {
            (Some(rule), None) => Waived::Rule(self.waivable(rule, &at("rule"))?),
            (None, Some(value)) => match bytes(value).and_then(|value| <[u8; 12]>::try_from(value).ok()) {
                Some(value) => Waived::Finding(Fingerprint(value)),
                None => return Err(self.document.refuse(&at("fingerprint"), PolicyProblem::BadValue)),
            },
            _ => return self.refuse(&[Key("waivers"), Item(place)], TierProblem::WaiverOf),
        };
        let tier = self.tier(&raw.tier, &at("tier"))?;
        let reason = spoken(&raw.reason);
        if reason.is_empty() {
            return Err(self.document.refuse(&at("reason"), PolicyProblem::NoReason));
        }
        let (by, approved_by) = (spoken(&raw.by), spoken(&raw.approved_by));
        for (key, name) in [("by", &by), ("approved_by", &approved_by)] {
            if person(name).is_empty() {
                return self.refuse(&at(key), TierProblem::Nobody);
            }
        }
        if person(&by) == person(&approved_by) {
            return self.refuse(&at("approved_by"), TierProblem::SamePerson);
        }
        let Ok(expires) = raw.expires.parse::<Date>() else {
            return Err(self.document.refuse(&at("expires"), PolicyProblem::BadDate));
        };
        Ok(Waiver { id, path, of, tier, reason, by, approved_by, expires, used: AtomicBool::new(false) })
    }

    fn waivable(&self, rule: &str, path: &[Step<'_>]) -> Result<String, ConfigError> {
        if rule == EXCEEDED || self.ground.markers.iter().any(|id| id == rule) {
            return Ok(rule.to_owned());
        }
        if self.ground.ids.iter().any(|id| id == rule) {
            return self.refuse(path, TierProblem::WaivesASecret { id: shown(rule) });
        }
        let known = self.ground.markers.iter().map(String::as_str).chain([EXCEEDED]);
        Err(self.document.refuse(path, unknown("marker", rule, known)))
    }
}

/// One path, as reports show it from the config's folder.
fn exact(written: &str) -> Result<String, &'static str> {
    let path = written.strip_prefix("./").unwrap_or(written);
    if path.contains(['*', '?']) {
        return Err("this is a glob");
    }
    if path.is_empty() || path.ends_with('/') {
        return Err("this is a folder");
    }
    if path.len() > MAX_PATH || path.starts_with('/') || path.split('/').any(|part| matches!(part, "" | "." | "..")) {
        return Err("this is no path from the config's folder");
    }
    Ok(path.to_owned())
}

/// Who is meant: `Ann <ann@example.com>` and `ANN@example.com` are one.
fn person(name: &str) -> String {
    let address = name.split_once('<').and_then(|(_, rest)| rest.split_once('>')).map_or(name, |(address, _)| address);
    address.trim().trim_start_matches('@').to_lowercase()
}
