//! What can be wrong with tiers, destinations and waivers whose form is right.

use miette::Diagnostic;
use thiserror::Error;

/// Each is for the author of the config to mend.
#[derive(Debug, Error, Diagnostic)]
pub enum TierProblem {
    #[error("not a name for a tier")]
    #[diagnostic(code(tightlip::config::tier_name), help("use letters, digits, `-` and `_`, as `confidential`"))]
    TierName,
    #[error("there is a tier `{name}` already")]
    #[diagnostic(code(tightlip::config::duplicate_tier), help("name each tier once, the least protected first"))]
    DuplicateTier { name: String },
    #[error("one tier tells nothing apart")]
    #[diagnostic(
        code(tightlip::config::one_tier),
        help("name two or more, the least protected first: `tiers: [public, internal]`")
    )]
    OneTier,
    #[error("there is no tier `{name}`")]
    #[diagnostic(code(tightlip::config::unknown_tier))]
    UnknownTier {
        name: String,
        #[help]
        help: String,
    },
    #[error("more than {most} entries")]
    #[diagnostic(code(tightlip::config::too_many), help("join entries with wider patterns, or remove some"))]
    TooMany { most: usize },
    #[error("this entry would hold for every text")]
    #[diagnostic(
        code(tightlip::config::names_nothing),
        help("add `path:`, `marker:` or `rule:`; `default_tier:` speaks of all texts")
    )]
    NamesNothing,
    #[error("an entry has either `tier` or `cap`")]
    #[diagnostic(
        code(tightlip::config::tier_or_cap),
        help("write `tier: NAME` to ask for a tier, or `cap: NAME` with a `reason:` to keep from a higher one")
    )]
    TierOrCap,
    #[error("a `cap` speaks of paths and markers, and not of what a rule finds")]
    #[diagnostic(code(tightlip::config::cap_of_rule), help("remove `rule:`, or write `tier:` in place of `cap:`"))]
    CapOfRule,
    #[error("a `cap` has no reason")]
    #[diagnostic(code(tightlip::config::no_reason), help("say after `reason:` why such a text may go further"))]
    CapWithoutReason,
    #[error("the entry below raises the same texts above this cap")]
    #[diagnostic(
        code(tightlip::config::contradiction),
        help("remove one of the two: a cap counts for more than a tier")
    )]
    Contradiction,
    #[error("`min_count` counts what a rule finds, at least once")]
    #[diagnostic(
        code(tightlip::config::min_count),
        help("write 1 or more, beside `rule:` and without `marker:`, as `{{rule: us-ssn, min_count: 5, …}}`")
    )]
    MinCount,
    #[error("an entry names either `marker` or `rule`")]
    #[diagnostic(code(tightlip::config::marker_and_rule), help("make two entries of it: the highest tier counts"))]
    MarkerAndRule,
    #[error("no marker has the scheme or the id `{name}`")]
    #[diagnostic(code(tightlip::config::unknown_marker))]
    UnknownMarker {
        name: String,
        #[help]
        help: String,
    },
    #[error("not a destination: {why}")]
    #[diagnostic(code(tightlip::config::bad_destination))]
    BadDestination {
        why: &'static str,
        #[help]
        help: String,
    },
    #[error("another key names the same destination")]
    #[diagnostic(code(tightlip::config::duplicate_destination), help("remove one of the two"))]
    DuplicateDestination,
    #[error("a waiver has no id")]
    #[diagnostic(code(tightlip::config::no_id), help("write a name to speak of it by, as `id: W-17`"))]
    NoId,
    #[error("there is a waiver `{id}` already")]
    #[diagnostic(code(tightlip::config::duplicate_waiver), help("choose another id"))]
    DuplicateWaiver { id: String },
    #[error("a waiver is for one file: {why}")]
    #[diagnostic(
        code(tightlip::config::waiver_path),
        help("write its whole path from this file's folder, as `src/pricing/model.rs`")
    )]
    WaiverPath { why: &'static str },
    #[error("a waiver names either `rule` or `fingerprint`")]
    #[diagnostic(
        code(tightlip::config::waiver_of),
        help("add the id of the marker's rule, or `rule: tier-exceeded` for what the path says")
    )]
    WaiverOf,
    #[error("`{id}` finds secrets, and no tier clears a secret")]
    #[diagnostic(code(tightlip::config::waives_a_secret), help("an entry of `allow:` lets a finding pass"))]
    WaivesASecret { id: String },
    #[error("nobody is named")]
    #[diagnostic(code(tightlip::config::nobody), help("write who it is, as `ann@example.com`"))]
    Nobody,
    #[error("whoever asks for a waiver cannot approve it")]
    #[diagnostic(code(tightlip::config::same_person), help("have somebody else than `by` agree, and name them here"))]
    SamePerson,
}
