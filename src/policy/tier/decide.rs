//! From what was found in a text to its tier, and from a destination to its clearance: pure functions of the config, the
//! path and the findings. What they answer comes with its reasons, each with the entry that gave it.

use std::collections::BTreeMap;
use std::fmt;

use super::{Classification, Destination, Of, Pattern, Says, Tier, Waiver, names_marker};
use crate::date::Date;
use crate::finding::Fingerprint;

/// What was found in one text, as far as it speaks of its tier.
#[derive(Clone, Debug, Default)]
pub struct Evidence {
    pub markers: Vec<Marked>,
    /// How often each rule for secrets has found something.
    pub counts: BTreeMap<String, u64>,
}

/// A marker that is believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Marked {
    pub rule: String,
    pub level: String,
    pub line: u64,
    pub fingerprint: Fingerprint,
}

/// One thing that speaks of a text's tier, and the tier that it comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Why {
    pub tier: Tier,
    pub by: By,
    /// The number of the entry with the `cap` that has lowered it.
    pub capped: Option<usize>,
    /// The id of the waiver that has lowered it, and the tier before.
    pub waived: Option<(String, Tier)>,
    /// Whose policy says so, where it is not the repository's own.
    pub layer: Option<&'static str>,
}

/// What speaks. Numbers of entries count from 1, as people do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum By {
    Default,
    Path {
        entry: usize,
        glob: String,
    },
    /// No entry where the marker's own level is the tier; `known` is false where the level is no tier, and none maps it.
    Marker {
        rule: String,
        line: u64,
        level: String,
        entry: Option<usize>,
        known: bool,
    },
    Rule {
        entry: usize,
        rule: String,
        count: u64,
    },
}

/// A text's tier, and all that speaks of it, the highest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolved {
    pub tier: Tier,
    pub whys: Vec<Why>,
}

/// The highest tier that may go to a destination, and who says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clearance {
    pub max: Tier,
    pub by: Clears,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Clears {
    /// The key of `destinations` that fits best.
    Key(Pattern),
    /// None fits, and nothing may go there but the lowest tier.
    Unnamed,
    /// None speaks of any destination of its kind, and the code is there already.
    Free,
}

/// Kinds of destinations that have the code before tightlip runs: as long as none of the kind is named, all may be there.
const FREE: [&str; 3] = ["local", "stdin", "ci"];

impl Classification {
    /// The tier of a text at `path`, relative to the config's folder.
    #[must_use]
    pub fn tier(&self, path: &str, evidence: &Evidence, today: Date) -> Resolved {
        let mut whys = self.of_path(path, &evidence.counts, today);
        whys.extend(evidence.markers.iter().map(|marked| self.of_marker(path, marked, today)));
        Resolved::new(whys)
    }

    /// What all but markers say: the default, paths, and what rules find.
    #[must_use]
    pub fn of_path(&self, path: &str, counts: &BTreeMap<String, u64>, today: Date) -> Vec<Why> {
        let entries = self.entries_at(path);
        let cap = self.cap(&entries, |of| *of == Of::Path);
        let mut whys = vec![Why::new(self.default, By::Default).capped(cap)];
        for number in entries {
            let entry = &self.entries()[number];
            let Says::Tier(tier) = entry.says else { continue };
            match &entry.of {
                Of::Path => {
                    let by = By::Path { entry: number + 1, glob: entry.path.clone().unwrap_or_default() };
                    whys.push(Why::new(tier, by).capped(cap));
                }
                Of::Rule(rule, least) => {
                    let count = counts.get(rule).copied().unwrap_or_default();
                    if count >= u64::from(*least) {
                        whys.push(Why::new(tier, By::Rule { entry: number + 1, rule: rule.clone(), count }));
                    }
                }
                Of::Marker(_) => {}
            }
        }
        if let Some(waiver) = self.waivers.iter().find(|waiver| waiver.covers_file(path, today)) {
            whys.iter_mut().for_each(|why| why.waive(waiver));
        }
        whys
    }

    /// What one marker says.
    #[must_use]
    pub fn of_marker(&self, path: &str, marked: &Marked, today: Date) -> Why {
        let entries = self.entries_at(path);
        let is_of = |of: &Of| matches!(of, Of::Marker(pattern) if names_marker(pattern, &marked.rule));
        let own = self.names.find(&marked.level).map(|tier| (tier, None));
        let mapped = entries.iter().filter_map(|number| match &self.entries()[*number] {
            entry if is_of(&entry.of) => match entry.says {
                Says::Tier(tier) => Some((tier, Some(number + 1))),
                Says::Cap(_) => None,
            },
            _ => None,
        });
        let cap = self.cap(&entries, is_of);
        // The level before an entry that says the same: the marker speaks for itself.
        let best = own.into_iter().chain(mapped).reduce(|best, next| if next.0 > best.0 { next } else { best });
        let known = best.is_some() || cap.is_some();
        // A level that nobody has explained may mean anything.
        let (tier, entry) = best.unwrap_or((self.names.highest(), None));
        let by = By::Marker { rule: marked.rule.clone(), line: marked.line, level: marked.level.clone(), entry, known };
        let mut why = Why::new(tier, by).capped(cap);
        let covers = |waiver: &&Waiver| waiver.covers(path, &marked.rule, marked.fingerprint, today);
        if let Some(waiver) = self.waivers.iter().find(covers) {
            why.waive(waiver);
        }
        why
    }

    /// Of several caps the highest: who writes a wide one and a narrow one means each of them to protect something.
    fn cap(&self, entries: &[usize], is_of: impl Fn(&Of) -> bool) -> Option<(Tier, usize)> {
        let caps = entries.iter().filter_map(|number| match &self.entries()[*number] {
            entry if is_of(&entry.of) => match entry.says {
                Says::Cap(tier) => Some((tier, number + 1)),
                Says::Tier(_) => None,
            },
            _ => None,
        });
        caps.max_by_key(|(tier, number)| (*tier, std::cmp::Reverse(*number)))
    }

    /// What may go to a destination.
    #[must_use]
    pub fn clearance(&self, destination: &Destination) -> Clearance {
        let best = |fits: &dyn Fn(&Pattern) -> bool| {
            let fitting = self.destinations.iter().filter(|(pattern, _)| fits(pattern));
            fitting.max_by_key(|(pattern, max)| (pattern.weight(), std::cmp::Reverse(**max)))
        };
        let exact = best(&|pattern| pattern.fits(destination));
        // Large hosts take `Acme/App` for `acme/app`. Where that makes a difference, the lower clearance counts.
        let folded = best(&|pattern| pattern.fits_folded(destination)).filter(|_| !destination.keeps_case());
        let found = match (exact, folded) {
            (Some(exact), Some(folded)) => Some(if exact.1 <= folded.1 { exact } else { folded }),
            (exact, folded) => exact.or(folded),
        };
        if let Some((pattern, max)) = found {
            return Clearance { max: *max, by: Clears::Key(pattern.clone()) };
        }
        let kind = destination.kind();
        let is_named = self.destinations.keys().any(|pattern| pattern.kind() == Some(kind));
        if FREE.contains(&kind) && !is_named {
            return Clearance { max: self.names.highest(), by: Clears::Free };
        }
        Clearance { max: Tier::default(), by: Clears::Unnamed }
    }
}

impl Resolved {
    pub(in crate::policy) fn new(mut whys: Vec<Why>) -> Self {
        // Stable: of equals the default comes first, then entries in their order, then markers.
        whys.sort_by_key(|why| std::cmp::Reverse(why.tier));
        let tier = whys.first().map(|why| why.tier).unwrap_or_default();
        Self { tier, whys }
    }
}

impl Why {
    const fn new(tier: Tier, by: By) -> Self {
        Self { tier, by, capped: None, waived: None, layer: None }
    }

    fn capped(mut self, cap: Option<(Tier, usize)>) -> Self {
        if let Some((tier, entry)) = cap.filter(|(tier, _)| *tier < self.tier) {
            self.tier = tier;
            self.capped = Some(entry);
        }
        self
    }

    pub(in crate::policy) fn waive(&mut self, waiver: &Waiver) {
        if waiver.tier < self.tier {
            waiver.use_it();
            self.waived = Some((waiver.id.clone(), self.tier));
            self.tier = waiver.tier;
        }
    }
}

impl fmt::Display for Why {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.by.fmt(out)?;
        if let Some(layer) = self.layer {
            write!(out, " of the {layer}'s policy")?;
        }
        if let Some(entry) = self.capped {
            write!(out, ", capped by classify entry {entry}")?;
        }
        match &self.waived {
            Some((id, _)) => write!(out, ", waived by {id}"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for By {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => out.write_str("default_tier"),
            Self::Path { entry, glob } => write!(out, "path `{glob}`, classify entry {entry}"),
            Self::Rule { entry, rule, count } => {
                let times = if *count == 1 { "once".to_owned() } else { format!("{count} times") };
                write!(out, "`{rule}` found {times}, classify entry {entry}")
            }
            Self::Marker { rule, line, entry: Some(entry), .. } => {
                write!(out, "marker `{rule}` in line {line}, classify entry {entry}")
            }
            Self::Marker { rule, line, known: true, level, .. } => {
                write!(out, "marker `{rule}` in line {line}, of level `{level}`")
            }
            Self::Marker { rule, line, level, .. } => {
                write!(out, "marker `{rule}` in line {line}, whose level `{level}` is no tier")
            }
        }
    }
}

impl fmt::Display for Clears {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key(pattern) => write!(out, "destination `{}`", pattern.as_str()),
            Self::Unnamed => out.write_str("no key of `destinations` names it"),
            Self::Free => out.write_str("no key of `destinations` speaks of such"),
        }
    }
}
