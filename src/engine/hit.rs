//! What a rule found in a text, before the policy has seen it.

use std::borrow::Cow;

use crate::catalogue::RuleIndex;
use crate::decode::Wrapping;
use crate::finding::Fingerprint;
use crate::judge::Verdict;
use crate::span::Span;

/// A match with its verdict. Spans are places in the text that was scanned, also for what stood wrapped in it.
#[derive(Clone, Debug)]
pub struct Hit {
    pub rule: RuleIndex,
    pub whole: Span,
    pub secret: Span,
    /// Where the finding stands: the secret, and its other half where there is one.
    pub place: Span,
    /// The other half, where there is one.
    pub partner: Option<Span>,
    /// What an excerpt must not show: the secret, or the whole payload it was wrapped in.
    pub masked: Span,
    pub verdict: Verdict,
    /// Outermost first.
    pub wrapped: Vec<Wrapping>,
    pub fingerprint: Fingerprint,
    pub specific: Specific,
    pub woken_by: Cow<'static, str>,
}

/// How much a rule knows of what it finds: where two claim the same bytes, the one that knows more is right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Specific {
    Hotspot,
    Assignment,
    Run,
    Literal,
    /// A marking: it hides nothing, and nothing outranks it.
    Marker,
}
