//! What can be wrong with a config whose form is right.

use miette::Diagnostic;
use thiserror::Error;

/// Each is for the author of the config to mend.
#[derive(Debug, Error, Diagnostic)]
pub enum PolicyProblem {
    #[error("version {version} is not known")]
    #[diagnostic(code(tightlip::config::version), help("write `version: 1`, or use a newer tightlip"))]
    Version { version: u8 },
    #[error("the salt is not 16 to 64 bytes as hexadecimal digits")]
    #[diagnostic(code(tightlip::config::salt), help("`tightlip init` in an empty folder writes one to copy"))]
    Salt,
    #[error("a score is at most 100")]
    #[diagnostic(code(tightlip::config::score), help("write a whole number from 0 to 100"))]
    Score,
    #[error("a finding would block before it is reported")]
    #[diagnostic(code(tightlip::config::block_below_report), help("write {report} or more here, or lower `report`"))]
    BlockBelowReport { report: u8 },
    #[error("there is no {what} `{id}`")]
    #[diagnostic(code(tightlip::config::unknown_rule))]
    UnknownRule {
        what: &'static str,
        id: String,
        #[help]
        help: String,
    },
    #[error("there is a rule `{id}` already")]
    #[diagnostic(code(tightlip::config::duplicate_rule), help("choose another id; `builtin:` changes built-in rules"))]
    DuplicateRule { id: String },
    #[error("this rule cannot be used: {why}")]
    #[diagnostic(code(tightlip::config::rule), help("`tightlip rules show` prints built-in rules to compare with"))]
    Rule { why: String },
    #[error("not a usable glob: {why}")]
    #[diagnostic(
        code(tightlip::config::bad_glob),
        help("write a path relative to this file, as `tests/**` or `*.lock`")
    )]
    BadGlob { why: String },
    #[error("this glob leaves everything out")]
    #[diagnostic(
        code(tightlip::config::leaves_all_out),
        help("name the folders that need not be read, as `vendor/**`")
    )]
    LeavesAllOut,
    #[error("comments of `{name}` are not known")]
    #[diagnostic(code(tightlip::config::unknown_tool))]
    UnknownTool {
        name: String,
        #[help]
        help: String,
    },
    #[error("not a fingerprint")]
    #[diagnostic(code(tightlip::config::bad_value), help("copy the 24 hexadecimal digits from a report"))]
    BadValue,
    #[error("an exception has no reason")]
    #[diagnostic(code(tightlip::config::no_reason), help("say after `reason:` why this is no leak"))]
    NoReason,
    #[error("not a date")]
    #[diagnostic(code(tightlip::config::bad_date), help("write a day that exists, as `2027-01-31`"))]
    BadDate,
    #[error("`{by}` goes by other tiers, or by another order")]
    #[diagnostic(
        code(tightlip::config::other_tiers),
        help("leave `tiers:` out here, or name the same ones: what is higher must be the same in both")
    )]
    OtherTiers { by: String },
    #[error("more than {most} entries")]
    #[diagnostic(code(tightlip::config::too_many), help("join entries with wider globs"))]
    TooMany { most: usize },
}
