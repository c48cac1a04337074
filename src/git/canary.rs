//! Proof that a hook fires: a repository made for the moment, a commit or a push with a made-up secret that git must
//! refuse, and one without that it must let by. The repository that is asked about is not touched, and nothing in it runs
//! but the hook itself.

#![expect(clippy::disallowed_methods, reason = "a shell takes the folder away when this program is no more")]

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use super::spawn::Ran;
use super::{Git, GitError};
use crate::random;

/// Git's answer to a commit or a push.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    Passed,
    /// With all that was printed.
    Refused(String),
}

/// Both answers of one hook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fires {
    pub clean: Answer,
    pub canary: Answer,
}

/// What a hook is run from.
#[derive(Clone, Copy, Debug)]
pub enum Under<'h> {
    /// This hook alone: what is chained behind it stays out.
    Alone(&'h Path),
    /// All hooks of this folder, as git would run them.
    Folder(&'h Path),
}

/// What is laid out in the repository.
#[derive(Debug)]
pub struct Bait<'b> {
    /// The made-up secret.
    pub secret: &'b str,
    /// Names and texts of files that steer the hook: the config.
    pub files: Vec<(String, String)>,
    /// `sha1` or `sha256`.
    pub format: &'b str,
}

/// A repository for a moment, and a remote beside it.
#[derive(Debug)]
pub struct Trial {
    git: Git,
    folder: Temporary,
    secret: String,
}

const NOTHING: &str = "nothing to hide\n";

impl Trial {
    /// In a new folder below `temporary`, which `shell` takes away if this program cannot.
    pub fn new(git: Git, temporary: &Path, shell: Option<&Path>, bait: &Bait<'_>) -> Result<Self, GitError> {
        let folder = Temporary::new(temporary, shell).map_err(unwritable)?;
        let trial = Self { git, folder, secret: bait.secret.to_owned() };
        let root = trial.folder.path.clone();
        for folder in ["none", "hooks"] {
            fs::create_dir(root.join(folder)).map_err(unwritable)?;
        }
        let format = format!("--object-format={}", bait.format);
        let init = ["-c", "init.defaultBranch=main", "init", "-q", "--template=", &format];
        trial.must(&root, &[&init[..], &["work"]].concat())?;
        trial.must(&root, &[&init[..], &["--bare", "remote.git"]].concat())?;
        let work = trial.work();
        for (key, value) in [
            ("user.name", "tightlip"),
            ("user.email", "tightlip@localhost"),
            ("commit.gpgSign", "false"),
            ("push.gpgSign", "false"),
            ("core.fsmonitor", "false"),
            ("core.autocrlf", "false"),
            ("gc.auto", "0"),
            ("maintenance.auto", "false"),
            ("protocol.file.allow", "always"),
        ] {
            trial.must(&work, &["config", key, value])?;
        }
        trial.must(&work, &["remote", "add", "origin", &trial.remote().to_string_lossy()])?;
        trial.run_hooks_of(&work, "none")?;
        for (name, text) in &bait.files {
            let path = work.join(name);
            fs::create_dir_all(path.parent().unwrap_or(&work)).map_err(unwritable)?;
            fs::write(path, text).map_err(unwritable)?;
        }
        trial.stage("readme", NOTHING)?;
        trial.must(&work, &["commit", "-q", "-m", "begin"])?;
        trial.must(&work, &["push", "-q", "origin", "HEAD:refs/heads/main"])?;
        Ok(trial)
    }

    /// How the hook of this name answers; none for one that this cannot try.
    pub fn fires(&self, name: &str, under: Under<'_>) -> Result<Option<Fires>, GitError> {
        let hooks = match under {
            Under::Folder(folder) => folder.to_owned(),
            Under::Alone(hook) => {
                let hooks = self.folder.path.join("hooks").join(name);
                fs::create_dir(&hooks).map_err(unwritable)?;
                lend(hook, &hooks.join(name)).map_err(unwritable)?;
                hooks
            }
        };
        let hooks = hooks.to_string_lossy();
        let asked: fn(&Self, &str, &str) -> Result<Answer, GitError> = match name {
            "pre-commit" => Self::commits_file,
            "commit-msg" => Self::commits_message,
            "pre-push" => Self::pushes,
            "pre-receive" => Self::receives,
            _ => return Ok(None),
        };
        let clean = asked(self, &hooks, NOTHING)?;
        self.back()?;
        let canary = asked(self, &hooks, &format!("token: {}\n", self.secret))?;
        self.back()?;
        Ok(Some(Fires { clean, canary }))
    }

    fn commits_file(&self, hooks: &str, text: &str) -> Result<Answer, GitError> {
        self.stage("canary", text)?;
        self.run_hooks_of(&self.work(), hooks)?;
        self.answer(&["commit", "-q", "-m", "a canary"], &self.work(), "HEAD")
    }

    fn commits_message(&self, hooks: &str, text: &str) -> Result<Answer, GitError> {
        let file = self.folder.path.join("message");
        fs::write(&file, format!("A canary\n\n{text}")).map_err(unwritable)?;
        self.run_hooks_of(&self.work(), hooks)?;
        let args = ["commit", "-q", "--allow-empty", "-F", &file.to_string_lossy()];
        self.answer(&args, &self.work(), "HEAD")
    }

    fn pushes(&self, hooks: &str, text: &str) -> Result<Answer, GitError> {
        self.stage("canary", text)?;
        self.must(&self.work(), &["commit", "-q", "-m", "a canary"])?;
        self.run_hooks_of(&self.work(), hooks)?;
        self.answer(&["push", "-q", "origin", "HEAD:refs/heads/canary"], &self.remote(), "refs/heads/canary")
    }

    fn receives(&self, hooks: &str, text: &str) -> Result<Answer, GitError> {
        self.stage("canary", text)?;
        self.must(&self.work(), &["commit", "-q", "-m", "a canary"])?;
        self.run_hooks_of(&self.remote(), hooks)?;
        self.answer(&["push", "-q", "origin", "HEAD:refs/heads/canary"], &self.remote(), "refs/heads/canary")
    }

    /// Runs git in the work tree. What counts is whether the ref then moved, not what git says of itself.
    fn answer(&self, args: &[&str], of: &Path, name: &str) -> Result<Answer, GitError> {
        let points_to = || self.ask(of, &["rev-parse", "--verify", "-q", name]).map(|ran| ran.out);
        let before = points_to()?;
        let ran = self.ask(&self.work(), args)?;
        Ok(if points_to()? == before { Answer::Refused(format!("{}{}", ran.err, ran.out)) } else { Answer::Passed })
    }

    /// All as it was before the last try.
    fn back(&self) -> Result<(), GitError> {
        self.run_hooks_of(&self.work(), "none")?;
        self.run_hooks_of(&self.remote(), "none")?;
        self.must(&self.work(), &["reset", "-q", "--hard", "origin/main"])?;
        self.must(&self.remote(), &["update-ref", "-d", "refs/heads/canary"])
    }

    fn stage(&self, name: &str, text: &str) -> Result<(), GitError> {
        fs::write(self.work().join(name), text).map_err(unwritable)?;
        self.must(&self.work(), &["add", "-f", "-A"])
    }

    fn run_hooks_of(&self, repository: &Path, hooks: &str) -> Result<(), GitError> {
        let hooks = self.folder.path.join(hooks);
        self.must(repository, &["config", "core.hooksPath", &hooks.to_string_lossy()])
    }

    fn must(&self, dir: &Path, args: &[&str]) -> Result<(), GitError> {
        let ran = self.ask(dir, args)?;
        if ran.success {
            return Ok(());
        }
        let said = ran.err.lines().next().unwrap_or("no word of why").to_owned();
        Err(GitError::Program { why: format!("`git {}` in a repository for the test: {said}", args.join(" ")) })
    }

    /// Runs git. A bare repository is named: git can be told to find none by itself (`safe.bareRepository`).
    fn ask(&self, dir: &Path, args: &[&str]) -> Result<Ran, GitError> {
        let named: &[&str] = if dir == self.remote() { &["--git-dir=."] } else { &[] };
        self.git.run(dir, named.iter().chain(args))
    }

    fn work(&self) -> PathBuf {
        self.folder.path.join("work")
    }

    fn remote(&self) -> PathBuf {
        self.folder.path.join("remote.git")
    }
}

#[expect(clippy::needless_pass_by_value, reason = "for `map_err`")]
fn unwritable(why: io::Error) -> GitError {
    GitError::Program { why: format!("no repository for the test can be made: {why}") }
}

/// The hook itself, not a copy of it: its mode and the disk it is on are part of what is tried.
#[cfg(unix)]
fn lend(hook: &Path, at: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(hook, at)
}

#[cfg(not(unix))]
fn lend(hook: &Path, at: &Path) -> io::Result<()> {
    fs::copy(hook, at).map(drop)
}

/// A folder that goes when this does. If the program is killed, a shell that waits for its end takes the folder away.
#[derive(Debug)]
struct Temporary {
    path: PathBuf,
    shell: Option<Child>,
}

/// More than once: a git that was not killed may still be writing there.
const WAIT: &str = "trap '' INT TERM HUP; cat >/dev/null
for pause in 1 1 2 4 8 16; do rm -rf -- \"$1\"; [ -e \"$1\" ] || exit 0; sleep $pause; done";

impl Temporary {
    fn new(parent: &Path, shell: Option<&Path>) -> io::Result<Self> {
        let name = random::bytes::<8>()?.map(|byte| format!("{byte:02x}")).concat();
        // The whole path: git compares it with what it finds.
        let mut made = Self { path: parent.canonicalize()?.join(format!("tightlip-doctor-{name}")), shell: None };
        if let Some(shell) = shell {
            // Before there is a folder, and in one that nobody else writes to, whatever `PATH` says.
            let mut command = Command::new(shell);
            command.args(["-c", WAIT, "tightlip"]).arg(&made.path).current_dir("/");
            command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
            made.shell = Some(command.spawn()?);
        }
        private(&made.path)?;
        Ok(made)
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        if let Some(mut shell) = self.shell.take() {
            drop(shell.stdin.take());
            // It has gone, or it will.
            let _ = shell.wait();
        }
        // Most often it is gone by now; what cannot be taken away now cannot be by anyone.
        let _ = fs::remove_dir_all(&self.path);
    }
}

#[cfg(unix)]
fn private(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    fs::DirBuilder::new().mode(0o700).create(path)
}

#[cfg(not(unix))]
fn private(path: &Path) -> io::Result<()> {
    fs::create_dir(path)
}
