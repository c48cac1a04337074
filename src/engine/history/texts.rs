//! What stands in commits and tags themselves: messages, people, headers; and which commit follows which.

use std::collections::HashMap;

use super::judge::Judge;
use crate::finding::Finding;
use crate::git::pack::{PackError, Piece, Visitor};
use crate::git::provenance::Link;
use crate::git::{Commit, Kind, Oid, Tag};
use crate::outcome::Gap;
use crate::source::Names;

/// What one thread found.
#[derive(Default)]
pub struct Read {
    pub links: HashMap<Oid, Link>,
    /// What each tag points to.
    pub tags: HashMap<Oid, Oid>,
    /// By the commit or tag that they stand in.
    pub findings: Vec<(Oid, Finding)>,
    pub gaps: Vec<Gap>,
}

/// The visitor of one thread.
pub struct Texts<'t> {
    judge: Judge<'t>,
    pub read: Read,
    /// Names and addresses repeat from commit to commit: each is looked at once.
    people: HashMap<Vec<u8>, Vec<Finding>>,
}

impl<'t> Texts<'t> {
    pub fn new(judge: Judge<'t>) -> Self {
        Self { judge, read: Read::default(), people: HashMap::new() }
    }

    fn commit(&mut self, id: Oid, commit: &Commit<'_>) {
        self.text(id, Names::MESSAGE, commit.message);
        self.person(id, Names::AUTHOR, commit.author.who);
        self.person(id, Names::COMMITTER, commit.committer.who);
        for header in commit.more.iter().filter(|header| !is_plain(header)) {
            self.text(id, Names::HEADERS, header);
        }
        self.read.links.insert(id, Link::from(commit));
    }

    fn tag(&mut self, id: Oid, tag: &Tag<'_>) {
        self.text(id, Names::TAG, tag.message);
        if let Some(tagger) = &tag.tagger {
            self.person(id, Names::TAGGER, tagger.who);
        }
        self.read.tags.insert(id, tag.target);
    }

    fn text(&mut self, id: Oid, name: &str, text: &[u8]) {
        let findings = self.findings(id, name, text);
        self.read.findings.extend(findings.into_iter().map(|finding| (id, finding)));
    }

    fn person(&mut self, id: Oid, name: &str, who: &[u8]) {
        if !self.people.contains_key(who) {
            let findings = self.findings(id, name, who);
            self.people.insert(who.to_vec(), findings);
        }
        let known = self.people.get(who).into_iter().flatten();
        self.read.findings.extend(known.map(|finding| {
            let mut finding = finding.clone();
            name.clone_into(&mut finding.place.path);
            (id, finding)
        }));
    }

    fn findings(&mut self, id: Oid, name: &str, text: &[u8]) -> Vec<Finding> {
        match self.judge.read(text, name) {
            Ok((findings, false)) => findings,
            Ok((findings, true)) => {
                let why = "it unpacks to far more than it holds: encoded content was left unread".to_owned();
                self.read.gaps.push(Gap { path: format!("{name} of {id}"), why });
                findings
            }
            Err(error) => {
                self.read.gaps.push(Gap { path: format!("{name} of {id}"), why: error.to_string() });
                Vec::new()
            }
        }
    }
}

impl Visitor for Texts<'_> {
    type State = ();

    fn visit(&mut self, piece: &Piece<'_>, _: Option<&()>) {
        let known = match piece.kind {
            _ if piece.again => true,
            Kind::Commit => Commit::parse(piece.bytes).map(|commit| self.commit(piece.id, &commit)).is_some(),
            Kind::Tag => Tag::parse(piece.bytes).map(|tag| self.tag(piece.id, &tag)).is_some(),
            Kind::Tree | Kind::Blob => true,
        };
        if !known {
            self.read.gaps.push(Gap { path: format!("object {}", piece.id), why: "it is damaged".to_owned() });
        }
    }

    fn missed(&mut self, id: Oid, error: &PackError) {
        self.read.gaps.push(Gap { path: format!("object {id}"), why: error.to_string() });
    }
}

/// Signatures are random by nature, and an encoding is a word.
fn is_plain(header: &[u8]) -> bool {
    [&b"gpgsig "[..], b"gpgsig-sha256 ", b"encoding "].iter().any(|plain| header.starts_with(plain))
}
