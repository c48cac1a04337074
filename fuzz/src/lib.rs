//! What the fuzz targets share: one entry held in memory as a source, and the built-in rules, built once.

use std::io::{self, Read};
use std::sync::OnceLock;

use tightlip::catalogue::{RuleSet, builtin_rules};
use tightlip::config;
use tightlip::date::Date;
use tightlip::policy::Policy;
use tightlip::source::{Entry, Lines, Listing, Origin, Reader, Source};

/// One entry, whose bytes are at hand.
#[derive(Debug)]
pub struct Memory<'b> {
    pub path: &'b str,
    pub bytes: &'b [u8],
    /// The most bytes that one read gives.
    pub step: usize,
}

impl Memory<'_> {
    #[must_use]
    pub fn entry(&self) -> Entry {
        Entry { path: self.path.to_owned(), origin: Origin::Stdin, lines: Lines::All, commit: None }
    }
}

impl Source for Memory<'_> {
    fn list(&self) -> Listing {
        Listing { entries: vec![self.entry()], ..Listing::default() }
    }

    fn reader(&self) -> Box<dyn Reader + '_> {
        Box::new(Bytes { rest: self.bytes, step: self.step })
    }
}

struct Bytes<'b> {
    rest: &'b [u8],
    step: usize,
}

impl Reader for Bytes<'_> {
    fn open<'r>(&'r mut self, _: &Entry) -> io::Result<Box<dyn Read + 'r>> {
        Ok(Box::new(Steps { rest: self.rest, step: self.step }))
    }
}

struct Steps<'b> {
    rest: &'b [u8],
    step: usize,
}

impl Read for Steps<'_> {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        let len = room.len().min(self.step).min(self.rest.len());
        let (given, rest) = self.rest.split_at(len);
        room[..len].copy_from_slice(given);
        self.rest = rest;
        Ok(len)
    }
}

/// The built-in rules.
#[must_use]
pub fn rules() -> &'static RuleSet {
    static RULES: OnceLock<RuleSet> = OnceLock::new();
    RULES.get_or_init(RuleSet::default)
}

/// The ids of the built-in rules.
#[must_use]
pub fn ids() -> &'static [&'static str] {
    static IDS: OnceLock<Vec<&str>> = OnceLock::new();
    IDS.get_or_init(|| builtin_rules().iter().map(|rule| rule.id.as_ref()).collect())
}

/// The policy without a config.
#[must_use]
pub fn usual() -> &'static Policy {
    static POLICY: OnceLock<Policy> = OnceLock::new();
    POLICY.get_or_init(|| Policy::plain(ids().iter().copied(), Date::default()))
}

/// A policy that reports whatever has any score, so that each candidate is judged to the end.
#[must_use]
pub fn curious() -> &'static Policy {
    static POLICY: OnceLock<Policy> = OnceLock::new();
    POLICY.get_or_init(|| {
        let (raw, document) = config::parse("curious", "thresholds: {report: 1}\n").expect("the form is right");
        Policy::new(raw, &document, ids(), Date::default()).expect("1 is a score")
    })
}
