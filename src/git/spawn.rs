//! Runs the git program for what only git itself can say or prove: where it looks for hooks, and that a hook fires. Each
//! run has an end: a deadline, and a limit for what it may print.

#![expect(clippy::disallowed_methods, reason = "git is what is asked, by a whole path that no repository can choose")]

use std::ffi::OsStr;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use super::GitError;
use super::program::LOCAL;

/// What a run may print; the rest is read and dropped.
const MAX_BYTES: u64 = 1 << 20;

/// The git program, and the environment that it is run in.
#[derive(Clone, Debug)]
pub struct Git {
    program: PathBuf,
    /// It is for another repository than the one that this runs in.
    elsewhere: bool,
    deadline: Duration,
}

/// How a run of git ended.
#[derive(Debug)]
pub struct Ran {
    pub success: bool,
    pub out: String,
    pub err: String,
}

impl Git {
    /// Git as whoever runs this would run it in the current folder.
    #[must_use]
    pub fn new(program: PathBuf) -> Self {
        Self { program, elsewhere: false, deadline: Duration::from_secs(20) }
    }

    /// Git for another repository: without the variables that speak of the one in which this runs. Hooks take their time.
    #[must_use]
    pub fn elsewhere(&self) -> Self {
        Self { program: self.program.clone(), elsewhere: true, deadline: Duration::from_secs(60) }
    }

    pub fn run<A: AsRef<OsStr>>(&self, dir: &Path, args: impl IntoIterator<Item = A>) -> Result<Ran, GitError> {
        let mut command = Command::new(&self.program);
        command.args(args).current_dir(dir).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        if self.elsewhere {
            for name in LOCAL {
                command.env_remove(name);
            }
        }
        // Messages are read here, and nobody can answer a question.
        command.envs([("LC_ALL", "C"), ("GIT_TERMINAL_PROMPT", "0"), ("GIT_OPTIONAL_LOCKS", "0")]);
        let failed = |why: io::Error| GitError::NoProgram { why: format!("{}: {why}", self.program.display()) };
        let mut child = command.spawn().map_err(failed)?;
        let (out, err) = (reader(child.stdout.take()), reader(child.stderr.take()));
        let success = self.wait(&mut child)?;
        let text = |from: Receiver<Vec<u8>>| {
            // A process that git left behind may hold the pipe open.
            let bytes = from.recv_timeout(Duration::from_secs(5)).unwrap_or_default();
            String::from_utf8(bytes).unwrap_or_else(|wrong| String::from_utf8_lossy(wrong.as_bytes()).into_owned())
        };
        Ok(Ran { success, out: text(out), err: text(err) })
    }

    fn wait(&self, child: &mut Child) -> Result<bool, GitError> {
        let start = Instant::now();
        let failed = |why: io::Error| GitError::Program { why: why.to_string() };
        let mut pause = Duration::from_micros(200);
        loop {
            if let Some(status) = child.try_wait().map_err(failed)? {
                return Ok(status.success());
            }
            if start.elapsed() > self.deadline {
                // It has no more to say, whatever becomes of it.
                let _ = child.kill().and_then(|()| child.wait());
                return Err(GitError::Program { why: format!("no answer within {} s", self.deadline.as_secs()) });
            }
            std::thread::sleep(pause);
            pause = (pause * 2).min(Duration::from_millis(20));
        }
    }
}

fn reader(pipe: Option<impl Read + Send + 'static>) -> Receiver<Vec<u8>> {
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut pipe) = pipe {
            // What could be read before a failure is all there is.
            let _ = pipe.by_ref().take(MAX_BYTES).read_to_end(&mut bytes);
            let _ = io::copy(&mut pipe, &mut io::sink());
        }
        // Nobody may wait any more.
        let _ = sender.send(bytes);
    });
    receiver
}
