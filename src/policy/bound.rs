//! What a run's destination makes of tiers: a marker's finding passes or blocks, and a file may go over by its path alone.
//! Without `destinations:` in the config, a marker's level counts as a severity.

use super::layer::Rank;
use super::tier::{By, Clearance, Destination, Evidence, Marked, Resolved, Tier, Waiver, Why};
use super::{Classification, MARKER_REMOVED, Policy};
use crate::date::Date;
use crate::finding::{Allowed, Bound, Decision, Finding, Placed};
use crate::rule::{Kind, Severity};

/// Where a run's content goes, and the highest tier that may go there.
#[derive(Clone, Debug)]
pub struct Heading {
    pub destination: Destination,
    pub clearance: Clearance,
    /// Whose policy says so, where it is not the repository's own.
    pub layer: Option<&'static str>,
}

/// A file whose tier is too high for where it goes.
#[derive(Clone, Debug)]
pub struct Exceeded {
    pub decision: Decision,
    /// Only what is too high.
    pub whys: Vec<Why>,
    pub placed: Placed,
}

impl Policy {
    /// Says where what is scanned goes; of several places the one that may have least counts. Without it, nothing leaves.
    pub fn go_to(&mut self, destinations: impl IntoIterator<Item = Destination>) {
        let headings = destinations.into_iter().map(|destination| self.heading_to(destination));
        self.heading = headings.min_by_key(|heading| heading.clearance.max);
    }

    /// What may go to a place.
    #[must_use]
    pub fn heading_to(&self, destination: Destination) -> Heading {
        // Of the layers that speak of destinations the one that lets go least.
        let says = |(layer, it): (Option<&'static str>, &Classification)| {
            it.decides().then(|| (it.clearance(&destination), layer))
        };
        let least = self.classifications().filter(|_| self.decides()).filter_map(says);
        let least = least.min_by_key(|(clearance, _)| clearance.max);
        let (clearance, layer) = least.unwrap_or_else(|| (self.classification.clearance(&destination), None));
        Heading { destination, clearance, layer }
    }

    /// What all layers say of classified code, the repository's own first.
    pub(super) fn classifications(&self) -> impl Iterator<Item = (Option<&'static str>, &Classification)> {
        std::iter::once((None, &self.classification)).chain(self.bounds.classifications())
    }

    /// Whether a layer says where code may go: only then is anything decided by tiers. A change cannot begin with it, for
    /// without it all markers of a high level are held.
    #[must_use]
    pub fn decides(&self) -> bool {
        self.classifications().any(|(layer, it)| it.decides() && layer != Some(Rank::Change.name()))
    }

    /// The tier that every text has at least.
    #[must_use]
    pub fn default_tier(&self) -> Tier {
        self.classifications().map(|(_, it)| it.default).max().unwrap_or_default()
    }

    /// Where this run's content goes.
    #[must_use]
    pub fn heading(&self) -> Heading {
        self.heading.clone().unwrap_or_else(|| self.heading_to(Destination::local()))
    }

    /// The tier of a text at a path, as reports show it.
    #[must_use]
    pub fn tier_of(&self, path: &str, evidence: &Evidence) -> Resolved {
        let path = self.scope.relative(path);
        let own = self.classification.tier(&path, evidence, self.today);
        if self.bounds.is_empty() {
            return own;
        }
        let mut whys = own.whys;
        for (layer, other) in self.bounds.classifications() {
            let of_path = other.of_path(&path, &evidence.counts, self.today).into_iter();
            whys.extend(of_path.map(|why| self.waived(layer, why, |waiver, today| waiver.covers_file(&path, today))));
            whys.extend(evidence.markers.iter().map(|marked| self.of_marker(layer, other, &path, marked)));
        }
        // Several may say the same: one is enough.
        whys.retain(|why| !matches!(why.by, By::Default) || why.tier > Tier::default() || why.layer.is_none());
        Resolved::new(whys)
    }

    /// What another layer says of a marker.
    fn of_marker(&self, layer: Option<&'static str>, other: &Classification, path: &str, marked: &Marked) -> Why {
        let why = other.of_marker(path, marked, self.today);
        self.waived(layer, why, |waiver, today| waiver.covers(path, &marked.rule, marked.fingerprint, today))
    }

    /// What another layer says, with the waivers that count against it: those of the repository that no version of its
    /// policy lacks. What a version of it says, its own have been put to already.
    fn waived(&self, layer: Option<&'static str>, why: Why, covers: impl Fn(&Waiver, Date) -> bool) -> Why {
        let mut why = Why { layer, ..why };
        if layer.is_some_and(|layer| layer != Rank::Change.name()) {
            let mine = self.classification.waivers.iter().find(|waiver| covers(waiver, self.today));
            let agreed = || self.bounds.versions().all(|it| it.waivers.iter().any(|waiver| covers(waiver, self.today)));
            if let Some(waiver) = mine.filter(|_| agreed()) {
                why.waive(waiver);
            }
        }
        why
    }

    /// How a marker's finding is placed; none for a secret.
    #[must_use]
    pub fn placed(&self, finding: &Finding) -> Option<Placed> {
        let why = self.why(finding)?;
        Some(self.place(&why))
    }

    fn place(&self, why: &Why) -> Placed {
        let names = &self.classification.names;
        let bound = self.decides().then(|| {
            let Heading { destination, clearance, layer } = self.heading();
            let by = clearance.by.to_string();
            Bound {
                destination: destination.to_string(),
                clearance: names.name(clearance.max).to_owned(),
                by: layer.map_or(by.clone(), |layer| format!("{by} of the {layer}'s policy")),
            }
        });
        Placed { tier: names.name(why.tier).to_owned(), bound }
    }

    fn why(&self, finding: &Finding) -> Option<Why> {
        let marked = Marked::of(finding)?;
        let path = self.scope.relative(&finding.place.path);
        let own = self.classification.of_marker(&path, &marked, self.today);
        let others = self.bounds.classifications();
        let others = others.map(|(layer, other)| self.of_marker(layer, other, &path, &marked));
        // Of equals the first: the repository's own.
        Some(others.fold(own, |highest, why| if why.tier > highest.tier { why } else { highest }))
    }

    /// Whether a marker speaks of its text's tier: its score is high enough, and nothing says that it is none.
    #[must_use]
    pub fn believes(&self, finding: &Finding) -> bool {
        let denied = matches!(finding.decision, Decision::Allow(Allowed::Inline { .. } | Allowed::Config { .. }));
        !denied && finding.verdict.score() >= self.thresholds.block
    }

    /// What becomes of a marker that no exception covers; none for one that says that its text is public.
    pub(super) fn settle_marker(&self, finding: &Finding, level: &str) -> Option<Decision> {
        let sure = finding.verdict.score() >= self.thresholds.block;
        // Where a text may go is another question than who may take its marking off.
        if !self.decides() || finding.rule == MARKER_REMOVED {
            return (level != "public").then(|| {
                let severe = severity(level) >= self.thresholds.severity;
                if severe && sure { Decision::Block } else { Decision::Warn }
            });
        }
        let (why, heading) = (self.why(finding)?, self.heading());
        if why.tier > heading.clearance.max {
            return Some(if sure { Decision::Block } else { Decision::Warn });
        }
        let waiver = why.waived.as_ref().filter(|(_, before)| *before > heading.clearance.max);
        Some(Decision::Allow(match waiver.and_then(|(id, _)| self.waived_by(id)) {
            Some(waived) => waived,
            None => Allowed::Cleared {
                tier: self.classification.names.name(why.tier).to_owned(),
                destination: heading.destination.to_string(),
            },
        }))
    }

    fn waived_by(&self, id: &str) -> Option<Allowed> {
        let Waiver { by, approved_by, reason, .. } = self.classification.waivers.iter().find(|it| it.id == id)?;
        let (by, approved_by, reason) = (by.clone(), approved_by.clone(), reason.clone());
        Some(Allowed::Waiver { id: id.to_owned(), by, approved_by, reason })
    }

    /// What becomes of a file at a path, as reports show it, for its tier; none where it may go where it goes.
    #[must_use]
    pub fn exceeded(&self, path: &str, evidence: &Evidence) -> Option<Exceeded> {
        let classification = &self.classification;
        if !self.decides() && classification.waivers.is_empty() {
            return None;
        }
        let resolved = self.tier_of(path, evidence);
        if !self.decides() {
            return None;
        }
        let max = self.heading().clearance.max;
        let over: Vec<Why> = resolved.whys.iter().filter(|why| why.tier > max).cloned().collect();
        if let Some(first) = over.first() {
            let placed = self.place(first);
            return Some(Exceeded { decision: Decision::Block, whys: over, placed });
        }
        // A marker's own finding tells its waiver.
        let is_waived = |why: &&Why| {
            let waived = why.waived.as_ref().is_some_and(|(_, before)| *before > max);
            waived && !matches!(why.by, By::Marker { .. })
        };
        let why = resolved.whys.iter().find(is_waived)?;
        let allowed = self.waived_by(&why.waived.as_ref()?.0)?;
        Some(Exceeded { decision: Decision::Allow(allowed), placed: self.place(why), whys: vec![why.clone()] })
    }
}

impl Marked {
    /// What a finding says of its text; none for a secret.
    #[must_use]
    pub fn of(finding: &Finding) -> Option<Self> {
        let Kind::Marker { level, .. } = &finding.kind else { return None };
        Some(Self {
            rule: finding.rule.to_string(),
            level: level.to_string(),
            line: finding.place.start.line,
            fingerprint: finding.fingerprint,
        })
    }
}

impl Evidence {
    /// Adds what a finding says, if the policy believes it.
    pub fn add(&mut self, finding: &Finding, policy: &Policy) {
        if matches!(finding.decision, Decision::Allow(Allowed::Inline { .. } | Allowed::Config { .. })) {
            return;
        }
        match Marked::of(finding) {
            Some(marked) if policy.believes(finding) => self.markers.push(marked),
            Some(_) => {}
            None => *self.counts.entry(finding.rule.to_string()).or_default() += 1,
        }
    }
}

/// What a level weighs where no destination decides. One that is not known may mean anything.
fn severity(level: &str) -> Severity {
    match level {
        "internal" => Severity::Low,
        "confidential" => Severity::Medium,
        _ => Severity::High,
    }
}
