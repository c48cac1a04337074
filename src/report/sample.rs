//! An outcome of which every part is used and every text is hostile: what all formats are tested with.

use std::sync::Arc;
use std::time::Duration;

use crate::date::Date;
use crate::excerpt::Excerpt;
use crate::finding::{Allowed, Bound, Decision, Finding, Fingerprint, Introduced, Place, Placed, Position};
use crate::judge::{Reason, Verdict};
use crate::outcome::{Coverage, Gap, Outcome, SkipReason, Skipped, StaleAllow, StaleReason};
use crate::rule::{Kind, Severity, Text};
use crate::span::Span;
use crate::trace::{Trace, TraceOutcome};

/// A run that found, allowed, skipped and missed something of each kind.
#[must_use]
pub fn sample() -> Outcome {
    Outcome {
        findings: [plain_findings(), hostile_findings(), allowed_findings()].into_iter().flatten().collect(),
        covered: Coverage { files: 4812, commits: 17, bytes: 61_234_567, ignored: 12, left_out: 0, known_clean: 1204 },
        skipped: vec![
            Skipped { path: "latest".to_owned(), why: SkipReason::Symlink },
            Skipped { path: "run/\u{1b}]0;pwned\u{7}.sock".to_owned(), why: SkipReason::Socket },
            Skipped { path: "vendor/lib".to_owned(), why: SkipReason::Symlink },
        ],
        gaps: vec![
            Gap { path: "private/\u{202e}txt.exe".to_owned(), why: "permission denied".to_owned() },
            Gap { path: "\t::error::b\n".to_owned(), why: "read stopped:\u{85}##[error]input/output error".to_owned() },
        ],
        stale: vec![
            StaleAllow { place: ".tightlip.yml: allow entry 3".to_owned(), why: StaleReason::Expired },
            StaleAllow { place: "::stop::\u{2028}a.rs:12".to_owned(), why: StaleReason::Unused },
        ],
        digest: "3f2a9c41d07e".to_owned(),
        elapsed: Duration::from_millis(134),
    }
}

/// A run that found nothing.
#[must_use]
pub fn clean() -> Outcome {
    let covered = Coverage { known_clean: 0, ..sample().covered };
    Outcome { findings: Vec::new(), gaps: Vec::new(), stale: Vec::new(), skipped: Vec::new(), covered, ..sample() }
}

/// Traces with every outcome.
#[must_use]
pub fn traces() -> Vec<Trace> {
    let trace = |finding: Finding, woken_by: &str, outcome| Trace {
        rule: finding.rule,
        woken_by: woken_by.to_owned(),
        place: finding.place,
        excerpt: finding.excerpt,
        outcome,
    };
    let (first, second) = (cloud_key(), database());
    let judged =
        |finding: &Finding, decision, below| TraceOutcome::Judged { verdict: finding.verdict.clone(), decision, below };
    let allowed = Decision::Allow(Allowed::Inline { reason: "from the\tvendor's manual\u{9b}".to_owned() });
    let outcomes = [
        ("AKIA", judged(&first, Decision::Block, None)),
        ("password", TraceOutcome::NoMatch("no value stands\nbehind the name".to_owned())),
        ("random word", TraceOutcome::Outranked { by: Text::Borrowed("aws-access-key-id") }),
    ];
    let others = [
        ("://", judged(&second, Decision::Warn, None)),
        ("\u{202e}word", judged(&second, Decision::Block, Some(60))),
        ("://", judged(&second, allowed, None)),
    ];
    let first = outcomes.into_iter().map(|(woken_by, outcome)| trace(cloud_key(), woken_by, outcome));
    first.chain(others.into_iter().map(|(woken_by, outcome)| trace(database(), woken_by, outcome))).collect()
}

fn plain_findings() -> Vec<Finding> {
    let again = Finding {
        place: place("deploy/old_settings.py", 4, 9),
        fingerprint: Fingerprint([2; 12]),
        verdict: verdict(&[("known-prefix", 70, None)]),
        ..cloud_key()
    };
    vec![cloud_key(), again, database()]
}

fn cloud_key() -> Finding {
    Finding {
        rule: "aws-access-key-id".into(),
        finds: "AWS access key ID".into(),
        kind: Kind::Secret { severity: Severity::Critical },
        place: place("deploy/settings.py", 12, 18),
        commit: None,
        excerpt: excerpt("\taws_key_id = \"AKIA************5LPN\"", "AKIA************5LPN", 1),
        wrapped: vec![],
        verdict: verdict(&[
            ("known-prefix", 70, None),
            ("checksum", 40, Some("the account number 123456789012 is valid")),
            ("name-of-a-secret", 10, Some("`aws_key_id`")),
            ("random", 5, None),
            ("path", -10, Some("looks like a test")),
            ("short", -1, None),
        ]),
        fingerprint: Fingerprint([1; 12]),
        decision: Decision::Block,
        tier: None,
        gives: Some("Does in the account what its user may do.".into()),
        revoke: Some(
            "deactivate the key in the IAM console, then look through its CloudTrail events for use that was not yours"
                .into(),
        ),
        docs: Some("https://docs.example.com/iam/keys".into()),
    }
}

fn database() -> Finding {
    Finding {
        rule: "url-password".into(),
        finds: "password in an address".into(),
        kind: Kind::Secret { severity: Severity::Medium },
        place: place("k8s/secret.yaml", 104, 161),
        commit: Some(Arc::new(Introduced {
            id: "5e6f".repeat(10),
            author: "Ann Author <ann@example.com>".to_owned(),
            seconds: 1_750_000_000,
            in_head: Some(false),
        })),
        excerpt: excerpt(
            "sgres:    ignored words that make this line much longer than any terminal, url: postgres://app:h*******2@db.internal:5432/app?sslmode=require&application_name=billing",
            "h*******2",
            40,
        ),
        wrapped: vec!["base64", "gzip"],
        verdict: verdict(&[("address", 45, None)]),
        fingerprint: Fingerprint([3; 12]),
        decision: Decision::Warn,
        tier: None,
        gives: None,
        revoke: None,
        docs: None,
    }
}

/// Each text in these tries to do something to the terminal, the reader or the build server.
fn hostile_findings() -> Vec<Finding> {
    let controls = Finding {
        rule: "acme\u{1b}[2J-token".into(),
        finds: "token\u{7} of\r\nAcme \u{2066}inc".into(),
        kind: Kind::Secret { severity: Severity::High },
        place: place("a\u{1b}[31m/\n::error::x/\u{202e}gpj.\u{fffd}.sh", u64::MAX, u64::MAX),
        commit: Some(Arc::new(Introduced {
            id: "0".repeat(40),
            author: "A\u{1b}[2J\u{202e}\n::error::<a@b>".to_owned(),
            seconds: i64::MAX,
            in_head: None,
        })),
        excerpt: excerpt("\u{9b}31m \u{0}\r\u{200b}k\u{e4}y=x****y \u{2028}##[error]\u{2029}\u{7f} 鍵", "x****y", 1),
        wrapped: vec!["percent-encoding"],
        verdict: verdict(&[
            ("known-prefix", i16::MAX, Some("pre\u{1b}fix ##vso[task.complete]")),
            ("odd", i16::MIN, None),
        ]),
        fingerprint: Fingerprint([0xab; 12]),
        decision: Decision::Block,
        tier: None,
        gives: Some("Opens\u{1b}[2K\r\nevery ::warning::door.".into()),
        revoke: Some("call\u{85}us ::error::now".into()),
        docs: Some("https://a.example/\u{1b}\\".into()),
    };
    let file = Finding {
        rule: "private-key-file".into(),
        finds: "private key file".into(),
        place: place("keys/id_\u{61c}rsa", 1, 1),
        excerpt: Excerpt { text: String::new(), mark: Span::default(), column: 1 },
        wrapped: vec![],
        verdict: verdict(&[]),
        fingerprint: Fingerprint([0xcd; 12]),
        docs: None,
        gives: None,
        revoke: None,
        ..controls.clone()
    };
    let marker = Finding {
        rule: "company-confidential".into(),
        finds: "confidential marking".into(),
        kind: Kind::Marker { level: "confidential".into(), scheme: "corp".into() },
        place: place("docs/plan.md", 1, 1),
        excerpt: excerpt("ACME CONFIDENTIAL", "ACME CONFIDENTIAL", 1),
        verdict: verdict(&[("header", 80, None)]),
        fingerprint: Fingerprint([0xef; 12]),
        decision: Decision::Warn,
        tier: Some(Box::new(Placed {
            tier: "confidential".to_owned(),
            bound: Some(Bound {
                destination: "git:example.com/acme/\u{1b}[2Japp".to_owned(),
                clearance: "public".to_owned(),
                by: "no key of `destinations` names it".to_owned(),
            }),
        })),
        ..file.clone()
    };
    vec![controls, file, marker]
}

fn allowed_findings() -> Vec<Finding> {
    let inline = Allowed::Inline { reason: "the example key of\u{1b}[0m the manual".to_owned() };
    let config = Allowed::Config { entry: 2, reason: "public test data".to_owned() };
    let allowed = |number: u8, by| Finding {
        fingerprint: Fingerprint([number; 12]),
        decision: Decision::Allow(by),
        place: place("tests/example.py", u64::from(number), 1),
        ..cloud_key()
    };
    let baseline = Allowed::Baseline { since: Date::from_unix_days(20_819) };
    let cleared = Allowed::Cleared { tier: "internal".to_owned(), destination: "git:git.acme.corp/app".to_owned() };
    let waiver = Allowed::Waiver {
        id: "W-17\u{7}".to_owned(),
        by: "ann@example.com".to_owned(),
        approved_by: "bob@example.com".to_owned(),
        reason: "published\u{1b}[0m in March".to_owned(),
    };
    [inline, config, baseline, cleared, waiver].into_iter().zip(4..).map(|(by, number)| allowed(number, by)).collect()
}

fn place(path: &str, line: u64, column: u64) -> Place {
    let start = Position { line, column };
    Place { path: path.to_owned(), start, end: Position { line, column: column.saturating_add(20) } }
}

fn excerpt(text: &str, secret: &str, column: u64) -> Excerpt {
    let start = text.find(secret).unwrap_or_default();
    Excerpt { text: text.to_owned(), mark: Span::new(start, start + secret.len()), column }
}

fn verdict(reasons: &[(&'static str, i16, Option<&str>)]) -> Verdict {
    let reason = |(name, weight, note): &(&'static str, i16, Option<&str>)| Reason {
        name,
        weight: *weight,
        note: note.map(str::to_owned),
    };
    Verdict { reasons: reasons.iter().map(reason).collect() }
}
