//! The second back end: the git program, for what the library cannot open. It is asked only for what runs nothing that the
//! repository names: no filter, no external diff, no hook, no monitor, no fetch.

use std::ffi::OsStr;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use super::location::{Environment, Location, Start};
use super::object::{Kind, Mode, Object, Oid};
use super::{GitError, Index, IndexEntry, Ref, Store, index, missing, no_revision, other_heads, regular};

/// Oldest version that can be kept from fetching what is missing.
const OLDEST: (u32, u32) = (2, 45);

/// A repository that git itself reads.
pub struct Program {
    start: Start,
    location: Location,
    id_len: usize,
    batch: Option<Batch>,
}

/// A process that hands out objects.
struct Batch {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Program {
    /// `why` says what the library could not do.
    pub fn open(start: &Start, location: &Location, why: &str) -> Result<Self, GitError> {
        let mut program = Self { start: start.clone(), location: location.clone(), id_len: 20, batch: None };
        check_version(why)?;
        let format = program.answer(&["rev-parse", "--show-object-format"])?;
        program.id_len = if format.trim_ascii() == b"sha256" { 32 } else { 20 };
        Ok(program)
    }

    /// What git prints; the error is what it says on its standard error.
    fn answer<S: AsRef<OsStr>>(&self, args: &[S]) -> Result<Vec<u8>, GitError> {
        self.answer_to(args, Vec::new())
    }

    /// The same for a command that reads `input`.
    fn answer_to<S: AsRef<OsStr>>(&self, args: &[S], input: Vec<u8>) -> Result<Vec<u8>, GitError> {
        let mut child = self
            .command()
            .args(args)
            .stdin(if input.is_empty() { Stdio::null() } else { Stdio::piped() })
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| no_program(&error.to_string()))?;
        // Written by another thread: git may answer before it has read everything.
        let writer = child.stdin.take().map(|mut to| std::thread::spawn(move || to.write_all(&input)));
        let done = child.wait_with_output().map_err(|error| GitError::Program { why: error.to_string() })?;
        if let Some(writer) = writer {
            // What git did not want to read is no failure: its own exit code tells.
            let _ = writer.join();
        }
        if done.status.success() { Ok(done.stdout) } else { Err(self.complaint(&done.stderr)) }
    }

    fn complaint(&self, said: &[u8]) -> GitError {
        let said = String::from_utf8_lossy(said);
        if said.contains("dubious ownership") {
            return super::foreign(&self.location);
        }
        // What an error is about stands on lines of its own.
        let words: Vec<&str> = said.split_whitespace().take(40).collect();
        let line = if words.is_empty() { "it said nothing".to_owned() } else { words.join(" ") };
        GitError::Program { why: line.trim_start_matches("fatal: ").trim_start_matches("error: ").to_owned() }
    }

    fn command(&self) -> Command {
        let mut command = git();
        let environment = match &self.start {
            Start::Hook(environment) => environment.clone(),
            Start::Path(_) => {
                for name in LOCAL {
                    command.env_remove(name);
                }
                Environment::default()
            }
        };
        // What is relative in the environment is so to the folder that this process runs in.
        if environment.git_dir.is_some() {
            command.env("GIT_DIR", &self.location.git_dir);
        }
        if environment.work_tree.is_some() {
            command.env("GIT_WORK_TREE", self.location.work_tree.as_ref().unwrap_or(&self.location.git_dir));
        }
        if environment.index_file.is_some() {
            command.env("GIT_INDEX_FILE", &self.location.index);
        }
        // Not `--git-dir` in place of it: with that git would not look whose repository this is.
        command.arg("-C").arg(self.location.work_tree.as_ref().unwrap_or(&self.location.git_dir));
        command.args(["--no-optional-locks", "--no-replace-objects", "--literal-pathspecs", "--no-pager"]);
        for setting in SETTINGS {
            command.args(["-c", setting]);
        }
        command
    }

    fn batch(&mut self) -> Result<&mut Batch, GitError> {
        if self.batch.is_none() {
            let mut child = self
                .command()
                .args(["cat-file", "--batch"])
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .stderr(Stdio::null())
                .spawn()
                .map_err(|error| no_program(&error.to_string()))?;
            let (Some(input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
                return Err(GitError::Program { why: "it has no pipes".to_owned() });
            };
            self.batch = Some(Batch { child, input, output: BufReader::with_capacity(1 << 16, output) });
        }
        self.batch.as_mut().ok_or_else(|| GitError::Program { why: "it has no pipes".to_owned() })
    }
}

/// Nothing of the repository's config, or of its environment, may name a program or a place to fetch from.
const SETTINGS: [&str; 7] = [
    "core.fsmonitor=false",
    "core.hooksPath=/dev/null",
    "core.alternateRefsCommand=",
    "diff.external=",
    "protocol.allow=never",
    "core.quotePath=false",
    "gc.auto=0",
];

/// What speaks of one repository, as `git rev-parse --local-env-vars` lists it, and what would write traces.
pub(super) const LOCAL: [&str; 17] = [
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_CONFIG",
    "GIT_CONFIG_COUNT",
    "GIT_CONFIG_PARAMETERS",
    "GIT_DIR",
    "GIT_GRAFT_FILE",
    "GIT_IMPLICIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_INTERNAL_SUPER_PREFIX",
    "GIT_NAMESPACE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_PREFIX",
    "GIT_QUARANTINE_PATH",
    "GIT_REPLACE_REF_BASE",
    "GIT_SHALLOW_FILE",
    "GIT_WORK_TREE",
];

#[expect(
    clippy::disallowed_methods,
    reason = "the one program that is run, with nothing that a repository could choose"
)]
pub(super) fn git() -> Command {
    let mut command = Command::new("git");
    command.env("GIT_OPTIONAL_LOCKS", "0");
    command.env("GIT_NO_LAZY_FETCH", "1");
    command.env("GIT_NO_REPLACE_OBJECTS", "1");
    // Commits have the parents that they name.
    command.env("GIT_GRAFT_FILE", "/dev/null");
    command.env("GIT_TERMINAL_PROMPT", "0");
    command.env("LC_ALL", "C");
    command
}

fn no_program(why: &str) -> GitError {
    GitError::NoProgram { why: why.to_owned() }
}

fn check_version(why: &str) -> Result<(), GitError> {
    let said = git().arg("version").output().map_err(|_| no_program(why))?;
    let said = String::from_utf8_lossy(&said.stdout).into_owned();
    let mut numbers =
        said.trim_start_matches("git version ").split(['.', ' ', '\n']).map_while(|part| part.parse().ok());
    let version = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
    if version < OLDEST {
        return Err(no_program(&format!("{why}; the git here is {}.{}", version.0, version.1)));
    }
    Ok(())
}

fn garbled(what: &str) -> GitError {
    GitError::Program { why: format!("its {what} cannot be understood") }
}

impl Store for Program {
    fn name(&self) -> &'static str {
        "git"
    }

    fn id_len(&self) -> usize {
        self.id_len
    }

    fn object(&mut self, id: &Oid) -> Result<Object, GitError> {
        regular::loose(&self.location.objects, id)?;
        let asked = (|| {
            let batch = self.batch()?;
            let broken = |_| GitError::Damaged { id: *id };
            writeln!(batch.input, "{id}").map_err(broken)?;
            batch.input.flush().map_err(broken)?;
            let mut header = String::new();
            batch.output.read_line(&mut header).map_err(broken)?;
            let mut words = header.split_whitespace().skip(1);
            let (kind, size) = match (words.next(), words.next()) {
                (Some("missing"), _) => return Ok(None),
                (Some(kind), Some(size)) => (Kind::of(kind.as_bytes()), size.parse::<u64>().ok()),
                _ => (None, None),
            };
            let (Some(kind), Some(size)) = (kind, size) else { return Err(GitError::Damaged { id: *id }) };
            let mut bytes = Vec::new();
            (&mut batch.output).take(size + 1).read_to_end(&mut bytes).map_err(broken)?;
            if bytes.len() as u64 != size + 1 {
                return Err(GitError::Damaged { id: *id });
            }
            bytes.pop();
            Ok(Some(Object { kind, bytes }))
        })();
        if asked.is_err() {
            // The process has ended, or its answers are out of step.
            self.batch = None;
        }
        asked?.ok_or_else(|| missing(*id, &self.location))
    }

    fn resolve(&mut self, revision: &str) -> Result<Oid, GitError> {
        let asked = self.answer(&["rev-parse", "--verify", "--quiet", "--end-of-options", revision]);
        let found = asked.map_err(|_| no_revision(revision, &self.location))?;
        Oid::parse(found.trim_ascii()).ok_or_else(|| no_revision(revision, &self.location))
    }

    fn head(&mut self) -> Result<Option<Oid>, GitError> {
        let unborn = |program: &Self| -> Option<bool> {
            let name = program.answer(&["symbolic-ref", "--quiet", "HEAD"]).ok()?;
            let name = String::from_utf8(name).ok()?;
            let shown = program.command().args(["show-ref", "--exists", name.trim_end()]).output().ok()?;
            // 2 says that there is no such ref; 1 that it cannot be read.
            Some(shown.status.code() == Some(2))
        };
        match self.resolve("HEAD") {
            Ok(id) => Ok(Some(id)),
            Err(_) if unborn(self) == Some(true) => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn refs(&mut self) -> Result<Vec<Ref>, GitError> {
        let listed = self.answer(&["for-each-ref", "--format=%(objectname) %(refname)"])?;
        let mut refs = Vec::new();
        for line in listed.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
            let blank = memchr::memchr(b' ', line).ok_or_else(|| garbled("list of refs"))?;
            let id = Oid::parse(&line[..blank]).ok_or_else(|| garbled("list of refs"))?;
            refs.push(Ref { name: line[blank + 1..].to_vec(), id });
        }
        refs.extend(self.head()?.map(|id| Ref { name: b"HEAD".to_vec(), id }));
        refs.extend(other_heads(&self.location)?);
        refs.sort();
        Ok(refs)
    }

    /// With split parts joined. Folders of a sparse index stay folded: to unfold them, git would write objects.
    fn index(&mut self) -> Result<Index, GitError> {
        if let index::Read::Index(index) = index::read(&self.location.index, self.id_len)? {
            return Ok(index);
        }
        let listed = self.answer(&["ls-files", "-s", "-z", "--full-name", "--debug", "--sparse"])?;
        let mut entries = Vec::new();
        let mut rest = listed.as_slice();
        while !rest.is_empty() {
            let (entry, flags, after) = index_entry(rest).ok_or_else(|| garbled("index"))?;
            if flags & INTENT_TO_ADD == 0 {
                entries.push(entry);
            }
            rest = after;
        }
        Ok(Index { entries, folders: None })
    }

    fn commits(&mut self, include: &[Oid], exclude: &[Oid]) -> Result<Vec<Oid>, GitError> {
        if include.is_empty() {
            return Ok(Vec::new());
        }
        let wanted = include.iter().map(|id| format!("{id}\n")).chain(exclude.iter().map(|id| format!("^{id}\n")));
        let listed =
            self.answer_to(&["rev-list", "--topo-order", "--reverse", "--stdin"], wanted.collect::<String>().into())?;
        let ids = listed.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        ids.map(|id| Oid::parse(id).ok_or_else(|| garbled("list of commits"))).collect()
    }
}

/// Git's bit for what is only intended to be added.
const INTENT_TO_ADD: u64 = 1 << 29;

/// An entry and its flags: `100644 <id> 0\tpath`, NUL, and five lines, of which the last ends with `flags: <hex>`.
fn index_entry(listed: &[u8]) -> Option<(IndexEntry, u64, &[u8])> {
    let end = memchr::memchr(0, listed)?;
    let entry = index_line(&listed[..end])?;
    let mut rest = &listed[end + 1..];
    let mut last: &[u8] = &[];
    for _ in 0..5 {
        let newline = memchr::memchr(b'\n', rest)?;
        (last, rest) = (&rest[..newline], &rest[newline + 1..]);
    }
    let (_, flags) = std::str::from_utf8(last).ok()?.rsplit_once("flags: ")?;
    Some((entry, u64::from_str_radix(flags.trim(), 16).ok()?, rest))
}

fn index_line(line: &[u8]) -> Option<IndexEntry> {
    let tab = memchr::memchr(b'\t', line)?;
    let head = std::str::from_utf8(&line[..tab]).ok()?;
    let mut words = head.split(' ');
    let mode = Mode::of(u32::from_str_radix(words.next()?, 8).ok()?)?;
    let id = Oid::parse(words.next()?.as_bytes())?;
    Some(IndexEntry { path: line[tab + 1..].to_vec(), stage: words.next()?.parse().ok()?, mode, id })
}

impl Drop for Batch {
    fn drop(&mut self) {
        // Its input is closed as well when this is dropped; it may be in the midst of a large answer.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
