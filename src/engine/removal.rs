//! Markings that a change takes away: the text before it said who may have it, and the text after it says so no more, or
//! asks for less. Each is a finding, as a marking that is brought is. A file that goes as a whole loses nothing, unless
//! most of it is at another path.

use std::collections::HashSet;
use std::io::{self, Read as _};

use super::allows::Allows;
use super::entry::{Scanned, Scanner};
use super::markers::Marked;
use super::masked;
use super::redact::{self, Masks};
use crate::blob::{Buffer, Ruler};
use crate::finding::{Allowed, Decision, Finding, Place, Position};
use crate::judge::Reason;
use crate::marker::rank_of_level;
use crate::outcome::Gap;
use crate::policy::MARKER_REMOVED;
use crate::rule::{Kind, Text};
use crate::source::{Came, Entry, Lines, Origin, io_reason};

/// What a text says of who may have it, by scheme.
#[derive(Debug, Default)]
pub struct Standing(Vec<(Text, u8)>);

impl Standing {
    pub fn add(&mut self, kind: &Kind) {
        if let Kind::Marker { level, scheme } = kind {
            self.0.push((scheme.clone(), rank_of_level(level)));
        }
    }

    /// Whether it asks for as much as a marking of this kind does, in the same scheme.
    fn holds(&self, kind: &Kind) -> bool {
        let Kind::Marker { level, scheme } = kind else { return true };
        self.0.iter().any(|(other, rank)| other == scheme && *rank >= rank_of_level(level))
    }
}

impl Scanner<'_> {
    /// What the texts before this one said and it does not. Of several, as a merge has, each must have said so: what only
    /// one side has, the other has taken away in a commit of its own.
    pub(super) fn removed(&mut self, entry: &Entry, standing: &Standing) -> io::Result<Vec<Finding>> {
        if entry.lines == Lines::All {
            return Ok(Vec::new());
        }
        let olds = self.reader.before(entry)?;
        let mut lost: Option<Vec<Finding>> = None;
        for old in &olds {
            let marked = self.marked(entry, old)?;
            let here = self.lost(marked, standing, None);
            lost = Some(match lost {
                None => here,
                Some(mut lost) => {
                    lost.retain(|one| here.iter().any(|other| other.fingerprint == one.fingerprint));
                    lost
                }
            });
        }
        Ok(lost.unwrap_or_default())
    }

    /// What a file said that has gone from its path, if it is at another now and says so no more.
    pub(super) fn moved(&mut self, entry: &Entry) -> Scanned {
        let findings = self.lost_on_the_way(entry);
        let mut scanned = Scanned::aside();
        match findings {
            Ok(findings) => scanned.findings = findings,
            Err(error) => scanned.gap = Some(Gap { path: entry.path.clone(), why: io_reason(&error) }),
        }
        scanned
    }

    fn lost_on_the_way(&mut self, entry: &Entry) -> io::Result<Vec<Finding>> {
        let Origin::Gone { came, .. } = &entry.origin else { return Ok(Vec::new()) };
        for old in self.reader.before(entry)? {
            let marked = self.marked(entry, &old)?;
            if marked.is_empty() {
                continue;
            }
            let mut best: Option<(Likeness, Entry, Vec<u8>)> = None;
            let lineage = Lineage::of(&old);
            for (path, id) in likely(&entry.path, came) {
                let origin = Origin::Blob { id: *id, olds: Vec::new() };
                let new = Entry { path: path.clone(), origin, lines: Lines::All, commit: entry.commit.clone() };
                let mut text = Vec::new();
                self.reader.open(&new)?.read_to_end(&mut text)?;
                let likeness = lineage.likeness(&Lineage::of(&text), name_of(path) == name_of(&entry.path));
                if likeness.is_some() && likeness > best.as_ref().map(|(best, ..)| *best) {
                    best = likeness.map(|likeness| (likeness, new, text));
                }
            }
            let Some((_, new, text)) = best else { continue };
            let mut standing = Standing::default();
            self.marked(&new, &text)?.iter().for_each(|(finding, _)| standing.add(&finding.kind));
            return Ok(self.lost(marked, &standing, Some(&new.path)));
        }
        Ok(Vec::new())
    }

    /// The markings in the text of an entry, each with whether an exception says that it is none.
    fn marked(&mut self, entry: &Entry, text: &[u8]) -> io::Result<Vec<(Finding, bool)>> {
        let (report, mut marked, mut found) = (self.policy.report_score(), Marked::default(), Vec::new());
        let (detector, mark, mut allows) = (&mut self.detector, &self.mark, Allows::default());
        Buffer::new(self.options.windowing).windows(text, |blob| {
            let mut ruler = Ruler::new(&blob);
            allows.collect(&blob, mark);
            let hits = detector.markers(&entry.path, &blob, &mut marked, &mut |_| ());
            for hit in hits.into_iter().filter(|hit| hit.verdict.score() >= report) {
                let masks = Masks::of(&[]);
                found.push(redact::finding(entry, detector.rules, (&blob, &mut ruler), hit, &masks));
            }
        })?;
        let counted = |finding: Finding| {
            let counts = self.counts(&finding, &allows);
            (finding, counts)
        };
        Ok(found.into_iter().map(counted).collect())
    }

    /// The markings that counted and do not stand, the highest of each scheme; `to` is the path that the text has now.
    fn lost(&self, mut found: Vec<(Finding, bool)>, standing: &Standing, to: Option<&str>) -> Vec<Finding> {
        found.retain(|(finding, counted)| *counted && !standing.holds(&finding.kind));
        found.sort_by_key(|(finding, _)| std::cmp::Reverse(rank(&finding.kind)));
        let mut told: Vec<Kind> = Vec::new();
        let mut lost = Vec::new();
        for (finding, _) in found {
            if !told.iter().any(|kind| same_scheme(kind, &finding.kind)) {
                told.push(finding.kind.clone());
                lost.extend(self.as_removal(finding, to));
            }
        }
        lost
    }

    /// Whether the marking was one: what an exception speaks of may go. What the baseline knows is a marking all the same.
    fn counts(&self, finding: &Finding, allows: &Allows) -> bool {
        let inline = allows.find(&finding.rule, finding.place.start.line, self.policy);
        let decision = self.policy.settle(finding, inline.and_then(|number| allows.get(number)));
        !matches!(
            decision,
            None | Some(Decision::Allow(Allowed::Config { .. } | Allowed::Inline { .. } | Allowed::Waiver { .. }))
        )
    }

    fn as_removal(&self, marking: Finding, to: Option<&str>) -> Option<Finding> {
        let Place { path: from, start: Position { line, .. }, .. } = marking.place;
        let start = Position { line: 1, column: 1 };
        let mut verdict = marking.verdict;
        let of = to.map(|_| format!(" of `{}`", masked(&from, self.detector.rules))).unwrap_or_default();
        let note = format!("`{}`, line {line}{of} before the change", marking.rule);
        verdict.add(Reason::new("marking-gone", 0).noted(note));
        let path = to.map_or(from, str::to_owned);
        let identity = format!("{}\n{path}", marking.rule);
        let mut removal = Finding {
            rule: MARKER_REMOVED.into(),
            finds: "change that takes a marking away".into(),
            place: Place { path, start, end: start },
            verdict,
            fingerprint: self.fingerprints.of_text(MARKER_REMOVED, &identity),
            revoke: Some(
                "put the marking back; where it may go, its owner says so in the config or the baseline".into(),
            ),
            docs: None,
            ..marking
        };
        // A comment that the change brings is no answer to it: none is asked.
        removal.decision = self.policy.settle(&removal, None)?;
        Some(removal)
    }
}

/// More texts than this are not held against one that has gone.
const MOST_LIKELY: usize = 200;

/// Where a text may have gone: those of its name come first, then those of its ending.
fn likely<'c>(path: &str, came: &'c [Came]) -> impl Iterator<Item = &'c Came> {
    let ending = |path: &str| name_of(path).rsplit_once('.').map(|(_, ending)| ending.to_owned());
    let (name, of_kind) = (name_of(path).to_owned(), ending(path));
    let mut likely: Vec<&Came> = came.iter().collect();
    likely.sort_by_key(|(path, _)| (name_of(path) != name, ending(path) != of_kind));
    likely.into_iter().take(MOST_LIKELY)
}

fn name_of(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// The lines of a text by which it is known again.
struct Lineage<'t>(HashSet<&'t [u8]>);

/// How many of the lines of one text are in another, in percent, and how many they are.
type Likeness = (usize, usize);

impl<'t> Lineage<'t> {
    fn of(text: &'t [u8]) -> Self {
        let is_letter = |byte: &&u8| byte.is_ascii_alphanumeric() || !byte.is_ascii();
        let lines = text.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
        // Brackets and rules of signs are in each text.
        Self(lines.filter(|line| line.iter().filter(is_letter).take(LEAST_LETTERS).count() == LEAST_LETTERS).collect())
    }

    /// How much of the smaller text is in the larger one: who takes a long header off leaves less than half. None where
    /// they are not alike; a text of another name must share enough that it is no chance.
    fn likeness(&self, other: &Self, same_name: bool) -> Option<Likeness> {
        let shared = self.0.intersection(&other.0).count();
        let part = shared * 100 / self.0.len().min(other.0.len()).max(1);
        (part >= 50 && shared >= if same_name { 1 } else { LEAST_SHARED }).then_some((part, shared))
    }
}

/// A line with fewer letters and digits says nothing.
const LEAST_LETTERS: usize = 3;

/// So many lines are not alike by chance.
const LEAST_SHARED: usize = 3;

fn rank(kind: &Kind) -> u8 {
    match kind {
        Kind::Marker { level, .. } => rank_of_level(level),
        Kind::Secret { .. } => 0,
    }
}

fn same_scheme(one: &Kind, other: &Kind) -> bool {
    matches!((one, other), (Kind::Marker { scheme: one, .. }, Kind::Marker { scheme: other, .. }) if one == other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_known_again_by_most_of_the_lines_of_the_smaller_one() {
        let old = "// Acme Confidential\n// do not copy\n\nint one;\nint two;\nint three;\nint four;\n}\n";
        let rows = [
            ("int one;\nint two;\nint three;\nint four;\n", false, Some((100, 4))),
            ("  int one;\nint two;\nint three;\r\nint five;\n", false, Some((75, 3))),
            ("int one;\nint two;\n", false, None),
            ("int one;\nint two;\n", true, Some((100, 2))),
            ("int one;\nint a;\nint b;\nint c;\n", true, None),
            ("}\n\n}\n", true, None),
            ("", true, None),
        ];
        for (new, same_name, expected) in rows {
            let found = Lineage::of(old.as_bytes()).likeness(&Lineage::of(new.as_bytes()), same_name);
            assert_eq!(found, expected, "{new}");
        }
    }

    #[test]
    fn a_text_of_the_same_name_is_looked_at_first() {
        let id = crate::git::Oid::parse(&[b'1'; 40]).expect("an id");
        let came: Vec<Came> = ["a.md", "x/b.c", "y/a.c"].map(|path| (path.to_owned(), id)).to_vec();
        let paths: Vec<&str> = likely("src/a.c", &came).map(|(path, _)| path.as_str()).collect();
        assert_eq!(paths, ["y/a.c", "x/b.c", "a.md"]);
        let many: Vec<Came> = (0..1000).map(|number| (format!("{number}.c"), id)).collect();
        assert_eq!(likely("a.c", &many).count(), MOST_LIKELY);
    }
}
