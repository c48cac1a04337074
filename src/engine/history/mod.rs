//! All of a repository's history: every blob is read once, whatever number of commits has it, and what was found is told
//! with the first commit that brought it.
//!
//! Four passes. Commits and tags: their texts, and which follows which. Trees: what each commit adds, and so the first
//! place of each blob. Blobs, by the families of their deltas: of one that is made from another only what is new is
//! looked at. Then the first blob of each value is read once more, for the place and the lines that a report shows.

mod blobs;
mod judge;
mod places;
mod reach;
mod report;
mod tally;
mod texts;
mod trail;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use super::{Fingerprinter, Options};
use crate::catalogue::RuleSet;
use crate::git::pack::{Gate, Objects, PackError, Reader, Walk};
use crate::git::provenance::{Comparison, History};
use crate::git::{Kind, Oid, Ref};
use crate::outcome::{Coverage, Gap, Outcome};
use crate::policy::Policy;
use crate::progress::Observer;
use blobs::{Blobs, Seen};
use judge::{Judge, Kit};
use places::{Batch, NOWHERE, NewFile, Places};
use reach::Reach;
use texts::{Read, Texts};

/// Which history to read.
#[derive(Clone, Debug)]
pub struct Ask {
    /// The repository's objects folder.
    pub objects: PathBuf,
    /// The bytes in an id: 20 or 32.
    pub id_len: usize,
    /// All refs, and `HEAD`.
    pub refs: Vec<Ref>,
    /// Commits whose parents were never fetched.
    pub shallow: Vec<Oid>,
    /// Read what no ref reaches as well.
    pub unreachable: bool,
}

/// Reads and judges it all.
///
/// # Errors
/// A pack or its index is damaged, so that nothing can be said of the whole. What is wrong with one object is a gap.
pub fn history(
    ask: &Ask,
    rules: &RuleSet,
    policy: &Policy,
    options: Options,
    observer: &dyn Observer,
) -> Result<Outcome, PackError> {
    let begin = Instant::now();
    let objects = Objects::open(&ask.objects, ask.id_len)?;
    let fingerprints = Fingerprinter::new(policy.salt());
    let reach = Reach::of(rules);
    let kit = Kit { rules, policy, fingerprints: &fingerprints, options, reach: &reach };
    let threads = Threads::new(options.threads);
    let run = Run { ask, objects: &objects, kit, threads, observer };
    let mut outcome = Outcome { digest: rules.digest().to_owned(), ..Outcome::default() };
    let mut read = run.texts();
    outcome.gaps.append(&mut read.gaps);
    let tips = run.tips(&read);
    let history = History::new(&read.links, &tips.commits);
    let (places, head) = run.places(&history, &tips, &read, &mut outcome.gaps);
    outcome.gaps.extend(run.missing(&history, &places));
    let seen = run.blobs(&places, &head);
    outcome.covered = Coverage {
        files: seen.blobs,
        commits: history.steps.len() as u64,
        bytes: seen.bytes,
        left_out: places.left_out,
        ..Coverage::default()
    };
    run.report(&history, &places, read, seen, &mut outcome);
    outcome.gaps.sort();
    outcome.gaps.dedup();
    outcome.elapsed = begin.elapsed();
    Ok(outcome)
}

/// What all passes share.
struct Run<'r> {
    ask: &'r Ask,
    objects: &'r Objects,
    kit: Kit<'r>,
    threads: Threads,
    observer: &'r dyn Observer,
}

/// What refs lead to, tags taken off.
#[derive(Default)]
struct Tips {
    commits: Vec<Oid>,
    head: Option<Oid>,
    /// Trees, blobs and what is missing, with the name of the ref.
    others: Vec<(Vec<u8>, Oid)>,
}

/// Commits that one thread compares in a row: they share most of their trees.
const CHUNK: usize = 256;

impl Run<'_> {
    /// The first pass: commits and tags.
    fn texts(&self) -> Read {
        let wanted = |kind| matches!(kind, Kind::Commit | Kind::Tag);
        let (jobs, gate) = (self.objects.jobs(wanted), Gate::default());
        let parts = self.threads.run(
            jobs.len(),
            || (Walk::new(self.objects, &gate), Texts::new(Judge::new(self.kit))),
            |(walk, texts), job| walk.run(&jobs[job], wanted, texts),
            |(_, texts)| texts.read,
        );
        parts.into_iter().reduce(Read::merged).unwrap_or_default()
    }

    fn tips(&self, read: &Read) -> Tips {
        let mut tips = Tips::default();
        for found in &self.ask.refs {
            let mut id = found.id;
            // A tag can point to a tag, and its id depends on that one's: there is no circle.
            while let Some(target) = read.tags.get(&id) {
                id = *target;
            }
            let is_commit = read.links.contains_key(&id);
            if is_commit {
                tips.commits.push(id);
                tips.head = tips.head.or((found.name == b"HEAD").then_some(id));
            } else {
                tips.others.push((found.name.clone(), id));
            }
        }
        if self.ask.unreachable {
            tips.commits.extend(read.links.keys());
        }
        tips
    }

    /// The second pass: what each commit adds. Gives the blobs of the checked-out commit as well, sorted.
    fn places(&self, history: &History, tips: &Tips, read: &Read, gaps: &mut Vec<Gap>) -> (Places, Vec<Oid>) {
        let chunks = history.steps.len().div_ceil(CHUNK);
        let done: Mutex<Vec<(usize, Batch)>> = Mutex::new(Vec::with_capacity(chunks));
        let lost = self.threads.run(
            chunks,
            || (Reader::new(self.objects), Vec::new()),
            |(reader, gaps), chunk| {
                let batch = self.chunk(history, chunk, reader, gaps);
                if let Ok(mut done) = done.lock() {
                    done.push((chunk, batch));
                }
            },
            |(_, gaps)| gaps,
        );
        gaps.extend(lost.into_iter().flatten());
        let mut done = done.into_inner().unwrap_or_default();
        done.sort_by_key(|(chunk, _)| *chunk);
        let mut places = Places::default();
        for (_, batch) in done {
            places.add(batch, self.kit.rules, self.kit.policy);
        }
        places.add(self.other_tips(tips, gaps), self.kit.rules, self.kit.policy);
        let mut head = Vec::new();
        if let Some(link) = tips.head.and_then(|head| read.links.get(&head)) {
            let mut reader = Reader::new(self.objects);
            // What is lost there was told with the commit that brought it.
            Comparison::new(&mut reader, self.ask.id_len).new_files(link.tree, &[], &mut |_, _, id| head.push(id));
        }
        head.sort_unstable();
        places.settle();
        if self.ask.unreachable {
            places.add(self.unreachable(&places), self.kit.rules, self.kit.policy);
            places.settle();
        }
        (places, head)
    }

    fn chunk(&self, history: &History, chunk: usize, reader: &mut Reader<'_>, gaps: &mut Vec<Gap>) -> Batch {
        let mut gathered = Gathered::default();
        let steps = history.steps.iter().enumerate().skip(chunk * CHUNK).take(CHUNK);
        for (number, step) in steps {
            let mut comparison = Comparison::new(reader, self.ask.id_len);
            comparison.new_files(step.tree, &step.before, &mut |path, _, id| gathered.add(path, number as u32, id));
            gaps.extend(comparison.lost.into_iter().map(|lost| {
                let path = String::from_utf8_lossy(&lost.path).into_owned();
                Gap { path: format!("{path} (commit {})", step.id), why: lost.why }
            }));
        }
        gathered.batch
    }

    /// Refs that lead to a tree or a blob, as some tags do.
    fn other_tips(&self, tips: &Tips, gaps: &mut Vec<Gap>) -> Batch {
        let mut gathered = Gathered::default();
        let mut reader = Reader::new(self.objects);
        for (name, id) in &tips.others {
            match reader.object(id).map(|found| found.map(|(kind, _)| kind)) {
                Ok(Some(Kind::Blob)) => gathered.add(alone(id).as_bytes(), NOWHERE, *id),
                Ok(Some(Kind::Tree)) => {
                    let mut comparison = Comparison::new(&mut reader, self.ask.id_len);
                    comparison.new_files(*id, &[], &mut |path, _, id| gathered.add(path, NOWHERE, id));
                    gaps.extend(
                        comparison
                            .lost
                            .into_iter()
                            .map(|lost| Gap { path: String::from_utf8_lossy(&lost.path).into_owned(), why: lost.why }),
                    );
                }
                // A large blob is there, and read in its turn.
                Err(PackError::Large { .. }) => gathered.add(alone(id).as_bytes(), NOWHERE, *id),
                Ok(_) => gaps.push(gap_of(name, format!("object {id} is missing"))),
                Err(error) => gaps.push(gap_of(name, error.to_string())),
            }
        }
        gathered.batch
    }

    /// Blobs that no commit has.
    fn unreachable(&self, places: &Places) -> Batch {
        let mut gathered = Gathered::default();
        for id in self.objects.blobs().filter(|id| places.of(id).is_none()) {
            gathered.add(alone(&id).as_bytes(), NOWHERE, id);
        }
        gathered.batch
    }

    /// What should be there and is not.
    fn missing(&self, history: &History, places: &Places) -> Vec<Gap> {
        let mut gaps: Vec<Gap> = Vec::new();
        let shallow = |id: &Oid| history.steps.iter().any(|step| step.id == *id);
        gaps.extend(self.ask.shallow.iter().filter(|id| shallow(id)).map(|id| {
            let why = "its parents were never fetched: `git fetch --unshallow`, or `fetch-depth: 0` in CI";
            Gap { path: format!("commit {id}"), why: why.to_owned() }
        }));
        if gaps.is_empty() {
            let missing = history.missing.iter();
            gaps.extend(missing.map(|id| Gap { path: format!("commit {id}"), why: "it is missing".to_owned() }));
        }
        let blobs = places.items().chunk_by(|one, next| one.blob == next.blob).filter_map(<[_]>::first);
        let missing = blobs.filter(|item| !self.objects.has(&item.blob));
        gaps.extend(missing.map(|item| {
            let why = "it is missing: in a partial clone, `git fetch --refetch --no-filter` brings it";
            let path = &places.paths[item.path as usize].text;
            Gap { path: format!("{path} (blob {})", item.blob), why: why.to_owned() }
        }));
        gaps
    }

    /// The third pass: blobs.
    fn blobs(&self, places: &Places, head: &[Oid]) -> Seen {
        let wanted = |kind| kind == Kind::Blob;
        let (jobs, gate) = (self.objects.jobs(wanted), Gate::default());
        self.observer.listed(places.items().len() as u64);
        let parts = self.threads.run(
            jobs.len(),
            || (Walk::new(self.objects, &gate), Blobs::new(places, head, self.kit, self.observer)),
            |(walk, blobs), job| walk.run(&jobs[job], wanted, blobs),
            |(_, blobs)| blobs.seen,
        );
        parts.into_iter().reduce(Seen::merged).unwrap_or_default()
    }
}

/// How a blob without a path is named.
fn alone(id: &Oid) -> String {
    format!("(blob {id})")
}

fn gap_of(name: &[u8], why: String) -> Gap {
    Gap { path: String::from_utf8_lossy(name).into_owned(), why }
}

/// New files of some commits, with their paths numbered.
#[derive(Default)]
struct Gathered {
    batch: Batch,
    numbers: HashMap<Vec<u8>, u32>,
}

impl Gathered {
    fn add(&mut self, path: &[u8], commit: u32, blob: Oid) {
        let known = self.numbers.get(path).copied();
        let number = known.unwrap_or_else(|| {
            let number = self.batch.paths.len() as u32;
            self.batch.paths.push(path.to_vec());
            self.numbers.insert(path.to_vec(), number);
            number
        });
        self.batch.files.push(NewFile { blob, commit, path: number });
    }
}

/// The threads of a run; none where the system gives none, so that this one does it all.
struct Threads(Option<rayon::ThreadPool>);

impl Threads {
    fn new(count: usize) -> Self {
        Self(rayon::ThreadPoolBuilder::new().num_threads(count).build().ok())
    }

    /// Does `count` pieces of work in their order, whichever thread is free the next one.
    fn run<S, R: Send>(
        &self,
        count: usize,
        start: impl Fn() -> S + Sync,
        each: impl Fn(&mut S, usize) + Sync,
        end: impl Fn(S) -> R + Sync,
    ) -> Vec<R> {
        let next = AtomicUsize::new(0);
        let work = || {
            let mut state = start();
            loop {
                let at = next.fetch_add(1, Ordering::Relaxed);
                if at >= count {
                    return end(state);
                }
                each(&mut state, at);
            }
        };
        match &self.0 {
            Some(pool) if count > 1 => pool.broadcast(|_| work()),
            _ => vec![work()],
        }
    }
}
