//! Layers of policy: the machine's, the organisation's, the repository's as the trust base has it, and that of the change
//! under scan. Together they decide as the strictest of them does, whatever order they come in. What lets pass, an
//! exception, a path left out, a rule switched off, counts only where every layer agrees: those above by permitting it,
//! those of the repository by saying it too.

mod bounds;
mod join;
mod permit;
mod show;

use crate::catalogue::builtin_rules;
use crate::config::{Believed, RawConfig, RawPermit};
use crate::date::Date;
use crate::rule::Text;
use crate::yaml::{ConfigError, Document, Step, shown};

use super::tier::TierNames;
use super::{Policy, PolicyProblem, check};
pub(super) use bounds::Bounds;
pub use bounds::Upper;
use permit::Permit;
pub use show::{Said, said, unmapped};

/// Whose a policy is, the highest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rank {
    Machine,
    Organisation,
    /// The repository's, or as the trust base has it.
    Repository,
    /// That of the change under scan.
    Change,
}

impl Rank {
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Machine => "machine",
            Self::Organisation => "organisation",
            Self::Repository => "repository",
            Self::Change => "change",
        }
    }

    /// Whether it stands above repositories: it demands and permits, and lets nothing pass by itself.
    #[must_use]
    pub const fn is_above(self) -> bool {
        matches!(self, Self::Machine | Self::Organisation)
    }
}

/// One policy, and whose it is.
#[derive(Clone, Debug)]
pub struct Layer {
    pub rank: Rank,
    pub raw: RawConfig,
    /// What it permits the repositories below; nothing without. Those of repositories permit nothing.
    pub permit: Option<RawPermit>,
    pub document: Document,
}

impl Layer {
    /// One that stands above repositories; none where it demands and permits nothing, so that it says nothing at all.
    #[must_use]
    pub fn above(rank: Rank, believed: Believed) -> Option<Self> {
        let Believed { raw, document } = believed;
        let says = !raw.is_silent();
        let permit = raw.permit.clone();
        says.then(|| Self { rank, raw: raw.config(), permit, document })
    }

    /// A repository's.
    #[must_use]
    pub const fn of_repository(rank: Rank, raw: RawConfig, document: Document) -> Self {
        Self { rank, raw, permit: None, document }
    }

    fn key(&self) -> (Rank, &str, &str) {
        (self.rank, self.document.name(), self.document.text())
    }
}

/// Policies that count together: a set, in which neither order nor repetition means anything.
#[derive(Clone, Debug, Default)]
pub struct Layers(Vec<Layer>);

impl FromIterator<Layer> for Layers {
    fn from_iter<I: IntoIterator<Item = Layer>>(layers: I) -> Self {
        let mut layers: Vec<Layer> = layers.into_iter().collect();
        layers.sort_by(|one, other| one.key().cmp(&other.key()));
        layers.dedup_by(|one, other| one.key() == other.key());
        Self(layers)
    }
}

impl Layers {
    #[must_use]
    pub fn join(self, other: Self) -> Self {
        self.0.into_iter().chain(other.0).collect()
    }

    /// The highest first.
    pub fn iter(&self) -> impl Iterator<Item = &Layer> + Clone {
        self.0.iter()
    }

    /// The policy that they come to.
    ///
    /// # Errors
    /// The first thing in one of them that makes no sense, alone or under those above it.
    pub fn policy(&self, today: Date) -> Result<Policy, ConfigError> {
        let names = self.names()?;
        let mut ids: Vec<Text> = builtin_rules().iter().map(|rule| rule.id.clone()).collect();
        let mut above = Vec::new();
        for layer in self.iter().filter(|layer| layer.rank.is_above()) {
            let policy = layer.checked(&ids, &names, today)?;
            ids.extend(layer.raw.rules.iter().map(|rule| rule.id.clone().into()));
            above.push((layer, policy));
        }
        let uppers = above.into_iter().map(|(layer, policy)| {
            let permit = Permit::new(layer.permit.as_ref(), &layer.document, &ids)?;
            Ok(Upper { rank: layer.rank, permit, policy })
        });
        let uppers: Vec<Upper> = uppers.collect::<Result<_, ConfigError>>()?;
        let below = self.iter().filter(|layer| !layer.rank.is_above());
        let has_own = below.clone().any(|layer| layer.rank == Rank::Repository);
        let mut below = below.map(|layer| layer.checked(&ids, &names, today)).collect::<Result<Vec<_>, _>>()?;
        // A change gives nothing that the repository does not give: not even where that has no config.
        let mut held = if has_own { below.remove(0) } else { Policy::plain(ids, today) };
        held.classification.names = names;
        Ok(held.within(uppers, below))
    }
}

impl Layers {
    /// The tiers of all layers: those of the highest that speaks of tiers at all, named or as built in. A lower one cannot
    /// turn their order round, for that would turn round what the higher one says.
    fn names(&self) -> Result<TierNames, ConfigError> {
        let mut named: Option<(&str, TierNames)> = None;
        for layer in self.iter() {
            let own = TierNames::new(&layer.raw.tiers, &layer.document)?;
            // A change speaks of the tiers of what it changes, also where that says nothing of them.
            let follows = layer.rank == Rank::Change && named.is_none();
            let (by, known) = match &named {
                Some((by, known)) => (*by, known.clone()),
                None if follows => ("what is changed", TierNames::default()),
                None if own.is_some() || layer.has_tiers() => {
                    named = Some((layer.document.name(), own.unwrap_or_default()));
                    continue;
                }
                None => continue,
            };
            if own.is_some_and(|own| own != known) {
                let by = shown(by);
                return Err(layer.document.refuse(&[Step::Name("tiers")], PolicyProblem::OtherTiers { by }));
            }
        }
        Ok(named.map(|(_, names)| names).unwrap_or_default())
    }
}

impl Layer {
    /// Whether it says anything that names a tier.
    fn has_tiers(&self) -> bool {
        let RawConfig { default_tier, classify, destinations, waivers, .. } = &self.raw;
        default_tier.is_some() || !(classify.is_empty() && destinations.is_empty() && waivers.is_empty())
    }

    fn checked(&self, ids: &[Text], names: &TierNames, today: Date) -> Result<Policy, ConfigError> {
        let mut known = ids.to_vec();
        let mut raw = self.raw.clone();
        if self.rank == Rank::Change {
            // A change's own rules do not count before they are in the base, and are not worth making: another could take
            // the place of one that counts, and their patterns are whoever's who made the change.
            raw.rules.clear();
            known.extend(self.raw.rules.iter().map(|rule| rule.id.clone().into()));
        }
        check::policy(raw, &self.document, &known, names, today)
    }
}

#[cfg(test)]
mod tests;
