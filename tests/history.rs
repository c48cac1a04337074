//! The whole history: what a walk over packs finds is what reading each blob by itself finds, with the same first commit;
//! and whatever is wrong with a pack, nothing passes as clean. Repositories are made by git, from fixed seeds.

#![allow(clippy::disallowed_methods, clippy::unwrap_used, reason = "tests run git, and may fail")]

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use common::{Folder, Memory, Random};
use tightlip::catalogue::RuleSet;
use tightlip::engine::{self, Ask, Options};
use tightlip::finding::Finding;
use tightlip::git::{Repository, Start};
use tightlip::outcome::Outcome;
use tightlip::policy::Policy;
use tightlip::progress::Silent;

/// A value as it must be told: its fingerprint, and what becomes of it.
type Value = (String, &'static str);

/// The commit, and the paths at which that one has it first.
type Firsts = BTreeMap<Value, (String, BTreeSet<String>)>;

fn git(dir: &Path, args: &[&str], input: &[u8]) -> Vec<u8> {
    let mut command = Command::new("git");
    command.env_clear().env("PATH", std::env::var_os("PATH").unwrap()).env("HOME", dir).env("LC_ALL", "C");
    command.env("GIT_CONFIG_NOSYSTEM", "1").arg("-C").arg(dir).args(args);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    let writer = std::thread::spawn(move || stdin.write_all(&input));
    let done = child.wait_with_output().unwrap();
    let _ = writer.join().unwrap();
    assert!(done.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&done.stderr));
    done.stdout
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap()
}

fn ask(dir: &Path) -> Ask {
    let (repository, mut store) = Repository::open(&Start::Path(dir.to_owned()), dir, None).unwrap();
    Ask {
        objects: repository.location().common_dir.join("objects"),
        id_len: store.id_len(),
        refs: store.refs().unwrap(),
        shallow: repository.shallow().unwrap(),
        unreachable: false,
    }
}

fn outcome(ask: &Ask, rules: &RuleSet) -> Result<Outcome, String> {
    let options = Options { threads: 2, ..Options::default() };
    engine::history(ask, rules, &Policy::default(), options, &Silent).map_err(|error| error.to_string())
}

fn value(finding: &Finding) -> Value {
    (finding.fingerprint.to_string(), finding.decision.name())
}

/// Findings in files, by value, as the history tells them.
fn told(outcome: &Outcome) -> BTreeMap<Value, (String, String)> {
    let files = outcome.findings.iter().filter(|finding| !finding.place.path.starts_with('('));
    files
        .map(|finding| (value(finding), (finding.commit.as_ref().unwrap().id.clone(), finding.place.path.clone())))
        .collect()
}

/// The same the slow way: every blob of every commit, oldest first, read by git and scanned whole at each of its paths.
fn slowly(dir: &Path, rules: &RuleSet) -> Firsts {
    let mut firsts = Firsts::new();
    let mut seen: BTreeSet<(String, String)> = BTreeSet::new();
    for commit in text(git(dir, &["rev-list", "--all", "--date-order", "--reverse"], b"")).lines() {
        let mut files = Vec::new();
        for line in text(git(dir, &["ls-tree", "-r", "-z", commit], b"")).split_terminator('\0') {
            let (about, path) = line.split_once('\t').unwrap();
            let blob = about.split(' ').nth(2).unwrap();
            if seen.insert((blob.to_owned(), path.to_owned())) {
                files.push((path.to_owned(), git(dir, &["cat-file", "blob", blob], b"")));
            }
        }
        let outcome = common::scan(&Memory { files }, rules, Options { threads: 1, ..Options::default() });
        for finding in &outcome.findings {
            let first = firsts.entry(value(finding)).or_insert_with(|| (commit.to_owned(), BTreeSet::new()));
            if first.0 == commit {
                first.1.insert(finding.place.path.clone());
            }
        }
    }
    firsts
}

fn compare(what: &str, dir: &Path, rules: &RuleSet) -> usize {
    let outcome = outcome(&ask(dir), rules).unwrap();
    assert!(outcome.gaps.is_empty(), "{what}: {:?}", outcome.gaps);
    let (fast, slow) = (told(&outcome), slowly(dir, rules));
    let lost: Vec<_> = slow.iter().filter(|(value, _)| !fast.contains_key(*value)).collect();
    let new: Vec<_> = fast.iter().filter(|(value, _)| !slow.contains_key(*value)).collect();
    assert!(lost.is_empty() && new.is_empty(), "{what}\nlost: {lost:#?}\nnew: {new:#?}");
    for (value, (commit, path)) in fast {
        let (first, paths) = &slow[&value];
        assert!(
            commit == *first && paths.contains(&path),
            "{what}: {value:?} in {commit} {path}, not {first} {paths:?}"
        );
    }
    slow.len()
}

/// Writes and edits files: mostly plain lines, and in some places what fixtures have.
struct Author {
    random: Random,
    /// Files of the fixtures, in lines.
    fixtures: Vec<Vec<Vec<u8>>>,
    files: BTreeMap<String, Vec<u8>>,
}

impl Author {
    fn new(seed: u64) -> Self {
        let whole = common::tree().into_iter().map(|fixture| fixture.whole().into_bytes());
        let lines = whole.map(|bytes| bytes.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect());
        Self { random: Random(seed), fixtures: lines.collect(), files: BTreeMap::new() }
    }

    fn plain(&mut self, lines: usize) -> Vec<u8> {
        const WORDS: &[&str] =
            &["let", "value", "return", "index", "fn", "of", "the", "if", "count", "a", "line", "key", "token", "pass"];
        let mut text = String::new();
        for _ in 0..lines {
            for _ in 0..=self.random.below(8) {
                let _ = write!(text, "{} ", self.random.one(WORDS));
            }
            let end: &&str = self.random.one(&["\n", "{\n", "(12);\n", "= x;\n", "\n\n"]);
            text.push_str(end);
        }
        text.into_bytes()
    }

    /// Some lines of a fixture that follow each other.
    fn secret(&mut self) -> Vec<u8> {
        let file = self.random.one(&self.fixtures.clone()).clone();
        let from = self.random.below(file.len());
        let count = 1 + self.random.below(12);
        file[from..file.len().min(from + count)].concat()
    }

    fn add(&mut self) {
        let ending = *self.random.one(&["py", "yml", "md", "env", "json", "rs"]);
        let folder = *self.random.one(&["src/", "", "tests/", "deploy/prod/"]);
        let lines = 1_500 + self.random.below(4_500);
        let mut bytes = self.plain(lines);
        for _ in 0..self.random.below(3) {
            let (at, secret) = (line_start(&bytes, self.random.below(bytes.len())), self.secret());
            bytes.splice(at..at, secret);
        }
        self.files.insert(format!("{folder}file{}.{ending}", self.files.len()), bytes);
    }

    /// A place in a file: half of the time near one of the last bytes that are no plain text.
    fn place(&mut self, bytes: &[u8]) -> usize {
        let odd: Vec<usize> = (0..bytes.len()).filter(|at| matches!(bytes[*at], b'"' | b'-' | b'_' | b'/')).collect();
        if odd.is_empty() || self.random.below(4) > 0 {
            return self.random.below(bytes.len());
        }
        (self.random.one(&odd.clone()) + self.random.below(30)).min(bytes.len())
    }

    fn edit(&mut self) {
        let names: Vec<String> = self.files.keys().cloned().collect();
        let name = self.random.one(&names).clone();
        let mut bytes = self.files[&name].clone();
        let at = self.place(&bytes);
        let line = line_start(&bytes, at);
        let end = (at + 1 + self.random.below(200)).min(bytes.len());
        match self.random.below(20) {
            0..4 => drop(bytes.splice(line..line, self.secret())),
            4 => drop(bytes.splice(line..line, self.plain(3))),
            5 => drop(bytes.drain(at.min(end)..end)),
            6 => drop(bytes.drain(line..end.max(line))),
            7 => bytes.insert(at, *self.random.one(b"\n=\"' a0:\\")),
            8 => {
                // Two lines become one.
                if let Some(newline) = bytes[at..].iter().position(|byte| *byte == b'\n') {
                    bytes.remove(at + newline);
                }
            }
            9 => bytes.truncate(end),
            10 => {
                let part = bytes[line..end.max(line)].to_vec();
                let to = line_start(&bytes, self.random.below(bytes.len()));
                drop(bytes.splice(to..to, part));
            }
            11 => {
                let (other, from) = (self.random.one(&names).clone(), self.random.below(2));
                let other = self.files[&other].clone();
                if from == 0 {
                    bytes.extend(other);
                } else {
                    drop(bytes.splice(0..0, other));
                }
                bytes.truncate(300_000);
            }
            12 if self.random.below(3) == 0 => {
                bytes =
                    bytes.into_iter().flat_map(|byte| if byte == b'\n' { vec![13, 10] } else { vec![byte] }).collect();
            }
            13 => bytes.retain(|byte| *byte != b'\r'),
            14 => {
                self.files.remove(&name);
                let folder = *self.random.one(&["src", "tests", "deploy"]);
                self.files.insert(format!("{folder}/moved-{}", name.replace('/', "-")), bytes);
                return;
            }
            15 => match self.random.below(4) {
                0 => bytes = utf16(&bytes),
                1 => drop(bytes.splice(0..0, *b"\x7fELF\x02\x01\x01")),
                2 => drop(bytes.splice(0..0, *b"\xef\xbb\xbf")),
                _ => self.add(),
            },
            // Within some lines that are no plain text.
            _ => drop(bytes.splice(
                at..(at + self.random.below(4)).min(bytes.len()).max(at),
                *self.random.one(&[*b"a", *b"7", *b"\n"]),
            )),
        }
        self.files.insert(name, bytes);
    }

    /// Commits as `git fast-import` takes them.
    fn stream(&mut self, commits: usize) -> Vec<u8> {
        let mut out = Vec::new();
        for number in 1..=commits {
            if number <= 6 {
                self.add();
            }
            for _ in 0..=self.random.below(2) {
                self.edit();
            }
            // Every seventh stands beside the last, on a branch that the next one merges.
            let (parent, merged) = match number % 7 {
                _ if number == 1 => (None, None),
                0 => (Some(number - 2), None),
                1 if number > 7 => (Some(number - 2), Some(number - 1)),
                _ => (Some(number - 1), None),
            };
            head(&mut out, if number % 7 == 0 { "side" } else { "main" }, number, parent, merged);
            for (name, bytes) in &self.files {
                out.extend_from_slice(format!("M 100644 inline {name}\n").as_bytes());
                data(&mut out, bytes);
            }
        }
        out
    }
}

fn head(out: &mut Vec<u8>, branch: &str, number: usize, parent: Option<usize>, merged: Option<usize>) {
    let when = 1_600_000_000 + 100 * number;
    out.extend_from_slice(format!("commit refs/heads/{branch}\nmark :{number}\n").as_bytes());
    out.extend_from_slice(format!("committer A <a@example.org> {when} +0000\n").as_bytes());
    data(out, format!("change {number}\n").as_bytes());
    for (word, mark) in [("from", parent), ("merge", merged)] {
        if let Some(mark) = mark {
            out.extend_from_slice(format!("{word} :{mark}\n").as_bytes());
        }
    }
    if parent.is_some() {
        out.extend_from_slice(b"deleteall\n");
    }
}

fn data(out: &mut Vec<u8>, bytes: &[u8]) {
    out.extend_from_slice(format!("data {}\n", bytes.len()).as_bytes());
    out.extend_from_slice(bytes);
    out.push(b'\n');
}

fn line_start(bytes: &[u8], at: usize) -> usize {
    bytes[..at.min(bytes.len())].iter().rposition(|byte| *byte == b'\n').map_or(0, |newline| newline + 1)
}

fn utf16(bytes: &[u8]) -> Vec<u8> {
    if bytes.starts_with(&[0xff, 0xfe]) {
        let units: Vec<u16> = bytes[2..].chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect();
        return String::from_utf16_lossy(&units).into_bytes();
    }
    let units = String::from_utf8_lossy(bytes).into_owned();
    [0xff, 0xfe].into_iter().chain(units.encode_utf16().flat_map(u16::to_le_bytes)).collect()
}

fn repository(name: &str, format: &str, stream: &[u8]) -> Folder {
    let folder = Folder::new(name);
    git(folder.path(), &["init", "-q", "--bare", "-b", "main", &format!("--object-format={format}")], b"");
    git(folder.path(), &["fast-import", "--quiet"], stream);
    folder
}

#[test]
fn a_walk_over_packs_finds_what_reading_each_blob_finds() {
    let rules = RuleSet::default();
    let rounds = std::env::var("TIGHTLIP_ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(10);
    let mut values = 0;
    for seed in 0..rounds {
        let format = if seed % 3 == 2 { "sha256" } else { "sha1" };
        let folder = repository("history", format, &Author::new(seed).stream(60));
        let offsets = format!("repack.useDeltaBaseOffset={}", seed % 2 == 0);
        // As written by the import, what is new is made from what is old; repacked, it is the other way about.
        if seed % 4 != 3 {
            git(folder.path(), &["-c", &offsets, "repack", "-adfq", "--depth=200", "--window=30"], b"");
        }
        values += compare(&format!("seed {seed}"), folder.path(), &rules);
    }
    assert!(values > 10 * rounds as usize, "{values}");
}

#[test]
fn objects_may_be_loose_in_several_packs_or_borrowed() {
    let rules = RuleSet::default();
    let stream = Author::new(77).stream(25);
    let packed = repository("packed", "sha1", &stream);
    git(packed.path(), &["repack", "-adfq", "--depth=50"], b"");
    let expected = told(&outcome(&ask(packed.path()), &rules).unwrap());
    assert!(expected.len() > 5, "{expected:?}");

    let folder = packed.path().join("objects/pack");
    let pack = fs::read_dir(&folder).unwrap().map(|file| file.unwrap().path());
    let pack = pack.into_iter().find(|path| path.extension().is_some_and(|ending| ending == "pack")).unwrap();
    let loose = Folder::new("loose");
    git(loose.path(), &["init", "-q", "--bare", "-b", "main"], b"");
    git(loose.path(), &["unpack-objects", "-q"], &fs::read(pack).unwrap());
    for line in text(git(packed.path(), &["for-each-ref", "--format=%(objectname) %(refname)"], b"")).lines() {
        let (id, name) = line.split_once(' ').unwrap();
        git(loose.path(), &["update-ref", name, id], b"");
    }
    assert_eq!(told(&outcome(&ask(loose.path()), &rules).unwrap()), expected, "loose");

    // One pack more, with some of the objects again, beside all of them loose.
    let some = git(loose.path(), &["rev-list", "--objects", "main~5"], b"");
    git(loose.path(), &["pack-objects", "-q", "--window=50", "objects/pack/pack"], &some);
    assert_eq!(told(&outcome(&ask(loose.path()), &rules).unwrap()), expected, "loose and packed");
    git(loose.path(), &["repack", "-dq"], b"");
    git(loose.path(), &["pack-objects", "-q", "--all", "--window=9", "objects/pack/pack"], b"");
    assert_eq!(told(&outcome(&ask(loose.path()), &rules).unwrap()), expected, "several packs");

    let shared = Folder::new("shared");
    let from = packed.path().to_str().unwrap();
    git(shared.path(), &["clone", "-q", "--bare", "--shared", from, "clone"], b"");
    assert_eq!(told(&outcome(&ask(&shared.path().join("clone")), &rules).unwrap()), expected, "borrowed");
}

/// A repository of a few commits, with tags, that has findings.
fn small() -> Folder {
    let mut author = Author::new(5);
    let mut stream = author.stream(6);
    let line = common::LINE;
    head(&mut stream, "main", 7, Some(6), None);
    for (name, bytes) in [("a.py", format!("# first\n{line}")), ("b.md", "plain\n".to_owned())] {
        stream.extend_from_slice(format!("M 100644 inline {name}\n").as_bytes());
        data(&mut stream, bytes.as_bytes());
    }
    let folder = repository("small", "sha1", &stream);
    git(folder.path(), &["repack", "-adfq", "--depth=50"], b"");
    folder
}

fn files_of(folder: &Folder, ending: &str) -> Vec<std::path::PathBuf> {
    let files = fs::read_dir(folder.path().join("objects/pack")).unwrap().map(|file| file.unwrap().path());
    files.filter(|path| path.extension().is_some_and(|found| found == ending)).collect()
}

#[test]
fn no_damaged_pack_passes_as_clean() {
    let rules = RuleSet::default();
    let folder = small();
    let ask = ask(folder.path());
    let clean = |what: &str| match outcome(&ask, &rules) {
        Ok(outcome) if outcome.gaps.is_empty() => panic!("{what} went unnoticed"),
        Ok(outcome) => assert_ne!(outcome.exit(tightlip::outcome::Leniency::default()) as u8, 0),
        Err(why) => assert!(why.contains("pack-"), "{what}: {why}"),
    };
    assert!(outcome(&ask, &rules).unwrap().gaps.is_empty());
    let mut random = Random(9);
    for ending in ["pack", "idx"] {
        let path = files_of(&folder, ending).remove(0);
        let whole = fs::read(&path).unwrap();
        let mut permissions = fs::metadata(&path).unwrap().permissions();
        #[allow(clippy::permissions_set_readonly_false, reason = "a file of this test's own")]
        permissions.set_readonly(false);
        fs::set_permissions(&path, permissions).unwrap();
        for round in 0..120 {
            let mut bytes = whole.clone();
            let at = if round < 24 { round } else { random.below(bytes.len()) };
            bytes[at] ^= 1 << random.below(8);
            fs::write(&path, &bytes).unwrap();
            clean(&format!("a changed bit at {at} of the {ending}"));
        }
        for _ in 0..30 {
            let len = random.below(whole.len());
            fs::write(&path, &whole[..len]).unwrap();
            clean(&format!("the {ending} cut to {len}"));
        }
        fs::write(&path, &whole).unwrap();
    }
    assert!(outcome(&ask, &rules).unwrap().gaps.is_empty());
}

#[test]
fn what_is_missing_is_a_gap() {
    let rules = RuleSet::default();
    for kind in ["blob", "tree", "commit"] {
        let folder = small();
        let all = text(git(folder.path(), &["rev-list", "--objects", "--all"], b""));
        let head = text(git(folder.path(), &["rev-parse", "main"], b"")).trim().to_owned();
        let of_kind = |id: &&str| *id != head && text(git(folder.path(), &["cat-file", "-t", id], b"")).trim() == kind;
        let gone = all.lines().map(|line| line.split(' ').next().unwrap()).filter(of_kind).nth(2).unwrap().to_owned();
        let rest: String =
            all.lines().filter(|line| !line.starts_with(&gone)).map(|line| format!("{line}\n")).collect();
        let olds = [files_of(&folder, "pack"), files_of(&folder, "idx")].concat();
        git(folder.path(), &["pack-objects", "-q", "objects/pack/pack"], rest.as_bytes());
        olds.iter().for_each(|path| fs::remove_file(path).unwrap());
        let outcome = outcome(&ask(folder.path()), &rules).unwrap();
        assert!(
            outcome.gaps.iter().any(|gap| gap.path.contains(&gone) || gap.why.contains(&gone)),
            "{kind} {gone}: {:?}",
            outcome.gaps
        );
    }
}

#[test]
fn tags_messages_and_what_no_ref_reaches() {
    let rules = RuleSet::default();
    let folder = small();
    let dir = folder.path();
    let secret = common::LINE;
    let alone = Memory { files: vec![("a.py".to_owned(), secret.as_bytes().to_vec())] };
    let wanted = common::scan(&alone, &rules, Options::default()).findings[0].fingerprint;
    let places = |unreachable: bool| -> Vec<(String, bool, Option<bool>)> {
        let outcome = outcome(&Ask { unreachable, ..ask(dir) }, &rules).unwrap();
        assert!(outcome.gaps.is_empty(), "{:?}", outcome.gaps);
        let planted = outcome.findings.iter().filter(|finding| finding.fingerprint == wanted);
        let place = |finding: &Finding| {
            let commit = finding.commit.as_ref();
            (finding.place.path.clone(), commit.is_some(), commit.and_then(|commit| commit.in_head))
        };
        planted.map(place).collect()
    };
    assert_eq!(places(false), [("a.py".to_owned(), true, Some(true))]);

    // In HEAD no more, and still in the history; then only in a message; then nowhere but in a dangling blob.
    let tree = text(git(dir, &["rev-parse", "main~1^{tree}"], b"")).trim().to_owned();
    let commit = |message: &str, parents: &[&str]| {
        let identity = ["-c", "user.name=A", "-c", "user.email=a@example.org"];
        let parents: Vec<&str> = parents.iter().flat_map(|parent| ["-p", parent]).collect();
        let args = [&identity[..], &["commit-tree", &tree], &parents].concat();
        text(git(dir, &args, message.as_bytes())).trim().to_owned()
    };
    let after = commit("clean\n", &["main"]);
    git(dir, &["update-ref", "refs/heads/main", &after], b"");
    assert_eq!(places(false), [("a.py".to_owned(), true, Some(false))]);
    let told = commit(secret, &["main~2"]);
    git(dir, &["update-ref", "refs/heads/main", &told], b"");
    assert_eq!(places(false), [("(commit message)".to_owned(), true, None)]);
    let clean = commit("clean again\n", &["main~2"]);
    git(dir, &["update-ref", "refs/heads/main", &clean], b"");
    assert_eq!(places(false), []);
    assert_eq!(places(true).len(), 1, "each value is told once");
    let blob = text(git(dir, &["hash-object", "-w", "--stdin"], secret.as_bytes())).trim().to_owned();
    git(dir, &["update-ref", "refs/tags/blob", &blob], b"");
    assert_eq!(places(false), [(format!("(blob {blob})"), false, None)]);
    git(dir, &["update-ref", "-d", "refs/tags/blob"], b"");
    let tag = format!("object {clean}\ntype commit\ntag v1\ntagger A <a@example.org> 1 +0000\n\n{secret}");
    let tag = text(git(dir, &["mktag"], tag.as_bytes())).trim().to_owned();
    git(dir, &["update-ref", "refs/tags/v1", &tag], b"");
    assert_eq!(places(false), [("(tag message)".to_owned(), true, None)]);
}
