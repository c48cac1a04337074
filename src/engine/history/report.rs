//! From what was found to findings: the blob with the first of each value is judged once more, at its path, and each
//! finding is told with its commit.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::super::names::{PathSecrets, masked};
use super::super::tier;
use super::Run;
use super::blobs::Seen;
use super::judge::{Judge, Kit, entry};
use super::places::{NOWHERE, Places};
use super::tally::{First, Tally, Told, Value, only_first, rank};
use super::texts::Read;
use crate::finding::{Finding, Introduced};
use crate::git::pack::Reader;
use crate::git::provenance::History;
use crate::git::{Commit, Kind, Oid};
use crate::outcome::{Gap, Outcome};
use crate::policy::tier::Evidence;
use crate::source::{Entry, Listing, Names};

impl Seen {
    pub fn merged(mut self, other: Self) -> Self {
        self.tally.merge(other.tally);
        self.gaps.extend(other.gaps);
        self.large.extend(other.large);
        self.blobs += other.blobs;
        self.bytes += other.bytes;
        self.whole += other.whole;
        self.sliced += other.sliced;
        self
    }
}

impl Read {
    pub fn merged(mut self, other: Self) -> Self {
        self.links.extend(other.links);
        self.tags.extend(other.tags);
        self.findings.extend(other.findings);
        self.gaps.extend(other.gaps);
        self
    }
}

/// What one thread of the last pass works with.
struct Desk<'d> {
    judge: Judge<'d>,
    reader: Reader<'d>,
    told: Told,
    gaps: Vec<Gap>,
}

impl<'r> Run<'r> {
    pub(super) fn report(&self, history: &History, places: &Places, read: Read, seen: Seen, outcome: &mut Outcome) {
        outcome.gaps.extend(seen.gaps);
        let mut told = self.texts_told(history, read);
        told.extend(self.names(history));
        let (in_paths, secrets) = self.paths(places);
        told.extend(in_paths);
        let mut tally = seen.tally;
        outcome.gaps.extend(self.large(places, seen.large, &mut told));
        let texts = only_first(told, &tally.firsts);
        for (commit, finding) in &texts {
            let value = (finding.fingerprint, rank(&finding.decision));
            if tally.firsts.get(&value).is_some_and(|first| *commit < first.commit) {
                tally.firsts.remove(&value);
            }
        }
        let (mut found, gaps) = self.firsts(places, &tally);
        outcome.gaps.extend(gaps);
        found.extend(texts);
        found.sort_by(|(one, first), (other, second)| {
            (one, &first.place, first.fingerprint).cmp(&(other, &second.place, second.fingerprint))
        });
        let mut known = HashMap::new();
        let mut desk = self.desk();
        for (commit, mut finding) in found {
            let in_head = tally.in_head.get(&finding.fingerprint).copied();
            let step = history.steps.get(commit as usize);
            let made = step.and_then(|step| known.entry(commit).or_insert_with(|| desk.commit(&step.id)).clone());
            finding.commit = made.map(|introduced| Arc::new(Introduced { in_head, ..introduced }));
            outcome.findings.push(finding);
        }
        secrets.finish(outcome, self.kit.rules);
        for gap in &mut outcome.gaps {
            gap.path = masked(&gap.path, self.kit.rules).into_owned();
        }
    }

    fn desk(&self) -> Desk<'r> {
        Desk { judge: Judge::new(self.kit), reader: Reader::new(self.objects), told: Vec::new(), gaps: Vec::new() }
    }

    /// Findings in commits and tags that are part of the history.
    fn texts_told(&self, history: &History, read: Read) -> Told {
        if read.findings.is_empty() {
            return Vec::new();
        }
        let order: HashMap<Oid, u32> = history.steps.iter().map(|step| step.id).zip(0..).collect();
        let mut tags: HashMap<Oid, u32> = HashMap::new();
        for found in &self.ask.refs {
            let mut chain = vec![found.id];
            while let Some(target) = read.tags.get(&chain[chain.len() - 1]) {
                chain.push(*target);
            }
            let place = chain.last().and_then(|last| order.get(last)).copied().unwrap_or(NOWHERE);
            tags.extend(chain.into_iter().filter(|id| read.tags.contains_key(id)).map(|tag| (tag, place)));
        }
        let loose = self.ask.unreachable.then_some(NOWHERE);
        let place = |id: &Oid| order.get(id).or_else(|| tags.get(id)).copied().or(loose);
        read.findings.into_iter().filter_map(|(id, finding)| Some((place(&id)?, finding))).collect()
    }

    /// Findings in the names of refs.
    fn names(&self, history: &History) -> Told {
        let mut judge = Judge::new(self.kit);
        let mut told = Vec::new();
        for found in &self.ask.refs {
            let findings = judge.read(found.name.as_slice(), Names::REF).map(|(findings, _)| findings);
            for finding in findings.unwrap_or_default() {
                let place = history.steps.iter().position(|step| step.id == found.id);
                told.push((place.map_or(NOWHERE, |place| place as u32), finding));
            }
        }
        told
    }

    /// Findings in the names of files, and those that are files by their names alone.
    fn paths(&self, places: &Places) -> (Told, PathSecrets) {
        let entries: Vec<Entry> = (0..places.paths.len())
            .filter(|number| !places.is_left_out(*number))
            .map(|number| entry(&places.paths[number].text))
            .collect();
        let Kit { rules, policy, options, .. } = self.kit;
        let mut secrets = PathSecrets::find(&entries, &Listing::default(), rules, policy, options);
        let parts = self.threads.run(
            places.paths.len(),
            || self.desk(),
            |desk, number| {
                let path = &places.paths[number];
                // A path alone may be over, whatever stands there; also one that is not read.
                let over = tier::of_entry(&entry(&path.text), &Evidence::default(), policy, self.kit.fingerprints);
                desk.told.extend(over.map(|finding| (path.commit, finding)));
                if !places.is_left_out(number) {
                    let finding = desk.judge.path(&path.text);
                    desk.told.extend(finding.map(|finding| (path.commit, finding)));
                }
            },
            |desk| desk.told,
        );
        let mut told: Told = parts.into_iter().flatten().collect();
        let kept = places.paths.iter().enumerate().filter(|(number, _)| !places.is_left_out(*number));
        for (number, (_, path)) in kept.enumerate() {
            told.extend(secrets.of_entry(number).into_iter().map(|finding| (path.commit, finding)));
        }
        (told, secrets)
    }

    /// Blobs too large to be taken apart, read piece by piece.
    fn large(&self, places: &Places, large: Vec<Oid>, told: &mut Told) -> Vec<Gap> {
        let mut desk = self.desk();
        for id in large {
            let Some((items, _)) = places.of(&id) else { continue };
            for item in items {
                let path = &places.paths[item.path as usize].text;
                if let Some(findings) = desk.findings(&id, path) {
                    told.extend(findings.into_iter().map(|finding| (item.commit, finding)));
                }
            }
        }
        desk.gaps
    }

    /// The findings that the tally tells of.
    fn firsts(&self, places: &Places, tally: &Tally) -> (Told, Vec<Gap>) {
        let mut wanted: BTreeMap<First, Vec<Value>> = BTreeMap::new();
        for (value, first) in &tally.firsts {
            wanted.entry(*first).or_default().push(*value);
        }
        let wanted: Vec<(First, Vec<Value>)> = wanted.into_iter().collect();
        let parts = self.threads.run(
            wanted.len(),
            || self.desk(),
            |desk, at| {
                let (first, values) = &wanted[at];
                desk.first(first, values, &places.paths[first.path as usize].text);
            },
            |desk| (desk.told, desk.gaps),
        );
        let (told, gaps): (Vec<_>, Vec<_>) = parts.into_iter().unzip();
        (told.into_iter().flatten().collect(), gaps.into_iter().flatten().collect())
    }
}

impl Desk<'_> {
    fn findings(&mut self, id: &Oid, path: &str) -> Option<Vec<Finding>> {
        let read = match self.reader.stream(id) {
            Ok(Some(stream)) => self.judge.read(stream, path).map_err(|error| error.to_string()),
            Ok(None) => Err("it is missing".to_owned()),
            Err(error) => Err(error.to_string()),
        };
        match read {
            Ok((findings, false)) => Some(findings),
            Ok((findings, true)) => {
                let why = "it unpacks to far more than it holds: encoded content was left unread".to_owned();
                self.gaps.push(Gap { path: format!("{path} (blob {id})"), why });
                Some(findings)
            }
            Err(why) => {
                self.gaps.push(Gap { path: format!("{path} (blob {id})"), why });
                None
            }
        }
    }

    fn first(&mut self, first: &First, values: &[Value], path: &str) {
        let Some(findings) = self.findings(&first.blob, path) else { return };
        let mut values = values.to_vec();
        for finding in findings {
            let value = (finding.fingerprint, rank(&finding.decision));
            if let Some(at) = values.iter().position(|wanted| *wanted == value) {
                values.swap_remove(at);
                self.told.push((first.commit, finding));
            }
        }
        if !values.is_empty() {
            let why = "a second look did not find what the first did: please report this".to_owned();
            self.gaps.push(Gap { path: format!("{path} (blob {})", first.blob), why });
        }
    }

    fn commit(&mut self, id: &Oid) -> Option<Introduced> {
        let (kind, bytes) = self.reader.object(id).ok().flatten()?;
        let commit = Commit::parse(&bytes).filter(|_| kind == Kind::Commit)?;
        let who = commit.author.who;
        let clean = self.judge.read(who, Names::AUTHOR).is_ok_and(|(findings, _)| findings.is_empty());
        let author = if clean { String::from_utf8_lossy(who).into_owned() } else { "(masked)".to_owned() };
        Some(Introduced { id: id.to_string(), author, seconds: commit.author.seconds, in_head: None })
    }
}
