//! From the findings of a run to what there is to decide: a value in a file is one item, however often it stands there.
//! What blocks comes first, the most severe of it before the rest.

use std::cmp::Reverse;
use std::collections::HashMap;

use super::{Item, Notes, State};
use crate::finding::{Decision, Finding, Fingerprint};
use crate::rule::{Kind, Severity};

/// Which findings are looked at.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Of these rules; of all where none is named.
    pub rules: Vec<String>,
    /// At least so severe. What is marked has a level, and is looked at whatever that is.
    pub severity: Option<Severity>,
    /// With at least this score.
    pub score: u8,
}

impl Filter {
    fn admits(&self, finding: &Finding) -> bool {
        let of_rule = self.rules.is_empty() || self.rules.iter().any(|rule| *rule == finding.rule);
        let severe = match (&finding.kind, self.severity) {
            (Kind::Secret { severity }, Some(least)) => *severity >= least,
            _ => true,
        };
        of_rule && severe && finding.verdict.score() >= self.score
    }
}

/// All items, each with what is decided of it. `path` tells a finding's path relative to the config's folder.
#[must_use]
pub fn gather(findings: Vec<Finding>, path: impl Fn(&Finding) -> String, filter: &Filter, notes: &Notes) -> Vec<Item> {
    let mut items: Vec<Item> = Vec::new();
    let mut known: HashMap<(String, Fingerprint, String, bool), usize> = HashMap::new();
    for finding in findings.into_iter().filter(|finding| filter.admits(finding)) {
        let path = path(&finding);
        let passes = matches!(finding.decision, Decision::Allow(_));
        let key = (finding.rule.to_string(), finding.fingerprint, path.clone(), passes);
        if let Some(number) = known.get(&key) {
            let item = &mut items[*number];
            if !item.places.contains(&finding.place) {
                item.places.push(finding.place);
            }
            continue;
        }
        known.insert(key, items.len());
        let places = vec![finding.place.clone()];
        let mut item = Item { path, places, state: State::Open, finding };
        item.state = match &item.finding.decision {
            Decision::Allow(allowed) => State::Allowed(allowed.clone()),
            _ => notes.state(&item),
        };
        items.push(item);
    }
    items.sort_by_cached_key(|item| Reverse(weight(item)));
    items
}

/// What is looked at first.
fn weight(item: &Item) -> (bool, Option<Severity>, u8) {
    let severity = match item.finding.kind {
        Kind::Secret { severity } => Some(severity),
        Kind::Marker { .. } => None,
    };
    (item.finding.decision == Decision::Block, severity, item.finding.verdict.score())
}
