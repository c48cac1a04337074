//! How bad a finding is, on the one scale that other tools' formats are given: secrets by their severity, markers by
//! what their level asks for.

use crate::rule::{Kind, Severity};

/// From harmless to worst.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Grade {
    Info,
    Low,
    Medium,
    High,
    Critical,
}

impl Grade {
    pub(super) const ALL: [Self; 5] = [Self::Critical, Self::High, Self::Medium, Self::Low, Self::Info];

    pub(super) fn of(kind: &Kind) -> Self {
        match kind {
            Kind::Secret { severity: Severity::Critical } => Self::Critical,
            Kind::Secret { severity: Severity::High } => Self::High,
            Kind::Secret { severity: Severity::Medium } => Self::Medium,
            Kind::Secret { severity: Severity::Low } => Self::Low,
            Kind::Marker { level, .. } => match level.as_ref() {
                "public" => Self::Info,
                "internal" => Self::Low,
                "confidential" => Self::Medium,
                // A level of one's own is one that nobody here can rank: it counts as the highest.
                _ => Self::High,
            },
        }
    }
}
