//! What kind of service a credential opens: rules are listed and documented by it. It decides nothing.

use serde::Deserialize;

/// The kind of service. A new one is a decision: a list of many kinds sorts nothing.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Category {
    /// Models, and what runs them.
    Ai,
    Analytics,
    /// Builds, deployments and the infrastructure that they set up.
    Ci,
    Cloud,
    Commerce,
    Crm,
    /// Private keys, and keys to money.
    CryptoKey,
    /// Search, facts, prices, weather.
    DataApi,
    Database,
    /// What developers work with and what is not `ci` or `vcs`.
    Devtools,
    /// Anything: the form tells no provider.
    Generic,
    Geo,
    /// Who may log in where.
    Identity,
    Iot,
    Marketing,
    Media,
    Messaging,
    Monitoring,
    /// Networks, names and certificates.
    Network,
    PackageRegistry,
    Payment,
    Productivity,
    Security,
    Social,
    Storage,
    Vcs,
}

impl Category {
    pub const ALL: [Self; 26] = [
        Self::Ai,
        Self::Analytics,
        Self::Ci,
        Self::Cloud,
        Self::Commerce,
        Self::Crm,
        Self::CryptoKey,
        Self::DataApi,
        Self::Database,
        Self::Devtools,
        Self::Generic,
        Self::Geo,
        Self::Identity,
        Self::Iot,
        Self::Marketing,
        Self::Media,
        Self::Messaging,
        Self::Monitoring,
        Self::Network,
        Self::PackageRegistry,
        Self::Payment,
        Self::Productivity,
        Self::Security,
        Self::Social,
        Self::Storage,
        Self::Vcs,
    ];

    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ai => "ai",
            Self::Analytics => "analytics",
            Self::Ci => "ci",
            Self::Cloud => "cloud",
            Self::Commerce => "commerce",
            Self::Crm => "crm",
            Self::CryptoKey => "crypto-key",
            Self::DataApi => "data-api",
            Self::Database => "database",
            Self::Devtools => "devtools",
            Self::Generic => "generic",
            Self::Geo => "geo",
            Self::Identity => "identity",
            Self::Iot => "iot",
            Self::Marketing => "marketing",
            Self::Media => "media",
            Self::Messaging => "messaging",
            Self::Monitoring => "monitoring",
            Self::Network => "network",
            Self::PackageRegistry => "package-registry",
            Self::Payment => "payment",
            Self::Productivity => "productivity",
            Self::Security => "security",
            Self::Social => "social",
            Self::Storage => "storage",
            Self::Vcs => "vcs",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Category;

    #[test]
    fn every_category_is_read_by_its_name() {
        for category in Category::ALL {
            assert_eq!(serde_yaml::from_str::<Category>(category.name()).unwrap(), category);
        }
        assert!(
            Category::ALL.is_sorted_by(|one, next| one.name() < next.name()),
            "one is listed twice, or out of order"
        );
    }
}
