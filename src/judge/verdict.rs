//! What the evidence adds up to.

use super::Reason;

/// The reasons for and against a match; the score is their sum, kept within 0 and 100.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    pub reasons: Vec<Reason>,
}

impl Verdict {
    #[must_use]
    pub fn score(&self) -> u8 {
        let sum: i32 = self.reasons.iter().map(|reason| i32::from(reason.weight)).sum();
        u8::try_from(sum.clamp(0, 100)).expect("clamped to 0..=100")
    }

    pub fn add(&mut self, reason: impl Into<Option<Reason>>) {
        self.reasons.extend(reason.into());
    }
}
