//! A finding: owned, and safe to print.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use crate::date::Date;
use crate::excerpt::Excerpt;
use crate::judge::Verdict;
use crate::rule::{Kind, Text};

/// What was found, where, why it is believed, and what follows from it.
#[derive(Clone, Debug)]
pub struct Finding {
    pub rule: Text,
    /// What the rule finds, as a noun phrase.
    pub finds: Text,
    pub kind: Kind,
    pub place: Place,
    /// The commit that brought it; none where it is in no commit yet.
    pub commit: Option<Arc<Introduced>>,
    pub excerpt: Excerpt,
    /// How the secret was wrapped, outermost first; empty where it stood in clear.
    pub wrapped: Vec<&'static str>,
    pub verdict: Verdict,
    pub fingerprint: Fingerprint,
    pub decision: Decision,
    /// For markers, and what goes over by its path.
    pub tier: Option<Box<Placed>>,
    /// What whoever has it can do.
    pub gives: Option<Text>,
    /// What to do about a leaked one, and the vendor's page.
    pub revoke: Option<Text>,
    pub docs: Option<Text>,
}

/// How protected what was found is, and where it is about to go. All of it is names out of the config, but the
/// destination: that is an address without its user and password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placed {
    pub tier: String,
    /// The destination and the highest tier that may go there; none where the config speaks of no destinations.
    pub bound: Option<Bound>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bound {
    pub destination: String,
    pub clearance: String,
    /// Which line of the config says so.
    pub by: String,
}

/// Where a finding stands: in characters of the original text, both ends 1-based, the end exclusive.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    pub path: String,
    pub start: Position,
    pub end: Position,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    pub line: u64,
    pub column: u64,
}

/// The commit that brought what was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Introduced {
    /// Its id, as hexadecimal digits.
    pub id: String,
    /// Name and address; masked where they are a finding themselves.
    pub author: String,
    /// When it was written, in seconds since 1970.
    pub seconds: i64,
    /// Whether the branch that is checked out still has it; none where that was not asked.
    pub in_head: Option<bool>,
}

/// Rule and keyed hash of the value: the same after a rename, a squash or a moved line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint(pub [u8; 12]);

impl fmt::Display for Fingerprint {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(out, "{byte:02x}"))
    }
}

/// The text is no fingerprint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not 24 hexadecimal digits in lower case")]
pub struct NoFingerprint;

impl FromStr for Fingerprint {
    type Err = NoFingerprint;

    fn from_str(digits: &str) -> Result<Self, NoFingerprint> {
        let is_plain = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        let mut fingerprint = Self::default();
        if digits.len() != 2 * fingerprint.0.len() || !digits.bytes().all(is_plain) {
            return Err(NoFingerprint);
        }
        for (at, byte) in fingerprint.0.iter_mut().enumerate() {
            let pair = digits.get(2 * at..2 * at + 2).ok_or(NoFingerprint)?;
            *byte = u8::from_str_radix(pair, 16).map_err(|_| NoFingerprint)?;
        }
        Ok(fingerprint)
    }
}

/// What the policy makes of a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    Block,
    Warn,
    Allow(Allowed),
}

impl Decision {
    /// The word that machine formats use.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Block => "block",
            Self::Warn => "warn",
            Self::Allow(_) => "allow",
        }
    }
}

/// Which exception let a finding pass, and the reason that was written down for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Allowed {
    /// A comment on the line or the line above.
    Inline { reason: String },
    /// The n-th entry of `allow:` in the config.
    Config { entry: usize, reason: String },
    /// The baseline knows it since that day.
    Baseline { since: Date },
    /// A marker whose tier may go where this goes.
    Cleared { tier: String, destination: String },
    /// A waiver of the config, by its id.
    Waiver { id: String, by: String, approved_by: String, reason: String },
}
