//! What a run came to: findings, what was covered, what could not be read. It alone decides the exit code.

use std::time::Duration;

use crate::finding::{Allowed, Decision, Finding};

#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// In the order of the source's list, then by place.
    pub findings: Vec<Finding>,
    pub covered: Coverage,
    /// Left out on purpose: each is named, with why.
    pub skipped: Vec<Skipped>,
    /// Should have been scanned and was not. One is enough to fail the run.
    pub gaps: Vec<Gap>,
    /// Exceptions that matched nothing or have expired.
    pub stale: Vec<StaleAllow>,
    /// First digits of the hash over all active rules and the code's version of them.
    pub digest: String,
    pub elapsed: Duration,
}

/// What was read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    pub files: u64,
    /// Commits whose changes were read.
    pub commits: u64,
    pub bytes: u64,
    /// Left out because `.gitignore` names them and git does not track them.
    pub ignored: u64,
    /// Left out by `leave_out:` of the config.
    pub left_out: u64,
    /// Not read again, since an earlier run under the same rules read them and found nothing.
    pub known_clean: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Skipped {
    pub path: String,
    pub why: SkipReason,
}

/// Why something was left out on purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SkipReason {
    Symlink,
    Fifo,
    Socket,
    Device,
}

impl SkipReason {
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Symlink => "symlink",
            Self::Fifo => "fifo",
            Self::Socket => "socket",
            Self::Device => "device",
        }
    }
}

/// Something that should have been scanned and was not.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Gap {
    pub path: String,
    /// What went wrong, as a short phrase: "permission denied".
    pub why: String,
}

/// An exception that no longer does anything.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct StaleAllow {
    /// `.tightlip.yml: allow entry 3`, or `src/a.rs:12`.
    pub place: String,
    pub why: StaleReason,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum StaleReason {
    Unused,
    Expired,
    /// No such rule, or no reason was given: the comment allows nothing.
    Malformed,
    /// A policy above the repository's does not permit it, so it allows nothing.
    NotPermitted,
}

/// How a process ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    Clean = 0,
    Blocked = 1,
    Failed = 2,
}

/// Which of its own verdicts a run was asked not to enforce.
#[derive(Clone, Copy, Debug, Default)]
pub struct Leniency {
    /// `--allow-incomplete`: gaps are printed, and do not fail the run.
    pub incomplete: bool,
    /// `--exit-zero`: report only.
    pub findings: bool,
}

impl Outcome {
    #[must_use]
    pub fn count(&self, decision: &str) -> usize {
        self.findings.iter().filter(|finding| finding.decision.name() == decision).count()
    }

    /// How many findings the baseline let pass.
    #[must_use]
    pub fn known(&self) -> usize {
        let is_known = |decision: &Decision| matches!(decision, Decision::Allow(Allowed::Baseline { .. }));
        self.findings.iter().filter(|finding| is_known(&finding.decision)).count()
    }

    #[must_use]
    pub fn exit(&self, leniency: Leniency) -> Exit {
        if !self.gaps.is_empty() && !leniency.incomplete {
            return Exit::Failed;
        }
        let blocked = self.findings.iter().any(|finding| finding.decision == Decision::Block);
        if blocked && !leniency.findings { Exit::Blocked } else { Exit::Clean }
    }
}
