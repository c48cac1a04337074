//! The join: of thresholds the lowest, of severities the highest, of rules all, of what lets pass the part that every layer
//! agrees to.

use std::collections::{BTreeMap, BTreeSet};

use crate::catalogue::{Change, builtin_rules};
use crate::policy::{Policy, Thresholds};
use crate::rule::{Kind, Severity};

use super::bounds::{Bounds, Upper};

/// What becomes of a rule: none if it is off.
type State = Option<Severity>;

impl Policy {
    /// This policy of a repository under those `above` it, and with other versions of it `beside`.
    pub(super) fn within(mut self, mut above: Vec<Upper>, mut beside: Vec<Self>) -> Self {
        if above.is_empty() && beside.is_empty() {
            return self;
        }
        let mut refused = Vec::new();
        let ceiling = above.iter().map(|upper| upper.policy.thresholds).reduce(tighter);
        let repository: Vec<&Self> = std::iter::once(&self).chain(&beside).collect();
        // Each layer is whole: what one does not say is as built in.
        let thresholds =
            repository.iter().map(|policy| policy.thresholds).chain(ceiling).fold(self.thresholds, tighter);
        let changes = changes(&above, &repository, &mut refused);
        let waives = |id: &str| above.iter().all(|upper| upper.permit.waives(id));
        self.classification.waivers.retain(|waiver| {
            let permitted = waives(&waiver.id);
            if !permitted {
                refused.push(format!("{}: waiver {}", self.name, waiver.id));
            }
            permitted
        });
        for policy in &mut beside {
            policy.classification.waivers.retain(|waiver| waives(&waiver.id));
        }
        if self.trust_root_license && !above.iter().all(|upper| upper.permit.root_license) {
            refused.push(format!("{}: markers.trust_root_license", self.name));
            self.trust_root_license = false;
        }
        self.trust_root_license &= beside.iter().all(|policy| policy.trust_root_license);
        let own_rules = above.iter().all(|upper| upper.permit.own_rules);
        if !own_rules && !self.rules.is_empty() {
            refused.push(format!("{}: rules", self.name));
            self.rules.clear();
        }
        for allow in self.by_rule.keys().filter(|rule| !above.iter().all(|upper| upper.permit.allows(rule))) {
            refused.extend(self.by_rule[allow].iter().map(|entry| format!("{}: allow entry {}", self.name, entry + 1)));
        }
        let of_above = above.iter_mut().flat_map(|upper| std::mem::take(&mut upper.policy.rules));
        self.rules = of_above.chain(std::mem::take(&mut self.rules)).collect();
        (self.thresholds, self.changes) = (thresholds, changes);
        self.bounds = Bounds { above, beside, ceiling, refused };
        self
    }

    /// Takes back what was asked for on the command line, as far as those above do not permit it. Whether there was any.
    pub fn keep_within(&mut self) -> bool {
        let Some(ceiling) = self.bounds.ceiling else { return false };
        let kept = tighter(self.thresholds, ceiling);
        std::mem::replace(&mut self.thresholds, kept) != kept
    }
}

fn tighter(one: Thresholds, other: Thresholds) -> Thresholds {
    Thresholds {
        report: one.report.min(other.report),
        block: one.block.min(other.block),
        severity: one.severity.min(other.severity),
    }
}

fn changes(above: &[Upper], repository: &[&Policy], refused: &mut Vec<String>) -> Vec<(String, Change)> {
    let severity = |rule: &crate::rule::Rule| match rule.kind {
        Kind::Secret { severity } => severity,
        Kind::Marker { .. } => Severity::Low,
    };
    let of_above = above.iter().flat_map(|upper| &upper.policy.rules);
    let all = builtin_rules().iter().chain(of_above);
    let built: BTreeMap<&str, Severity> = all.map(|rule| (rule.id.as_ref(), severity(rule))).collect();
    let sets: Vec<BTreeMap<&str, Change>> = repository.iter().map(|policy| by_id(policy)).collect();
    let demands: Vec<BTreeMap<&str, Change>> = above.iter().map(|upper| by_id(&upper.policy)).collect();
    let mentioned: BTreeSet<&str> = sets.iter().chain(&demands).flat_map(|set| set.keys().copied()).collect();
    let mut changes = Vec::new();
    for id in mentioned {
        let built = built.get(id).copied();
        let usual = demands.iter().filter_map(|set| state(set, id, None)).chain(built).max();
        let wished = sets.iter().map(|set| state(set, id, usual)).max().flatten();
        let permitted = above.iter().all(|upper| upper.permit.off(id));
        if !permitted && wished < usual {
            refused.push(format!("{}: builtin {id}", repository.first().map_or("", |policy| policy.name.as_str())));
        }
        match if permitted { wished } else { wished.max(usual) } {
            None => changes.push((id.to_owned(), Change::Off)),
            same if same == built => {}
            Some(severity) => changes.push((id.to_owned(), Change::Severity(severity))),
        }
    }
    changes
}

fn by_id(policy: &Policy) -> BTreeMap<&str, Change> {
    policy.changes.iter().map(|(id, change)| (id.as_str(), *change)).collect()
}

fn state(set: &BTreeMap<&str, Change>, id: &str, usual: State) -> State {
    match set.get(id) {
        Some(Change::Off) => None,
        Some(Change::Severity(severity)) => Some(*severity),
        None => usual,
    }
}
