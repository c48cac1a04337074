//! Where git looks for hooks, as git itself works it out from all its configs. Nothing of the repository is run for it.

use std::path::{Path, PathBuf};

use super::location::{Environment, Location, Start};
use super::{Git, GitError};

/// What git says of the repository around a folder.
#[derive(Debug)]
pub struct HooksHome {
    /// Where git looks for hooks now.
    pub folder: PathBuf,
    /// Where it would look without `core.hooksPath`.
    pub own: PathBuf,
    /// The root of the work tree; none in a bare repository.
    pub top: Option<PathBuf>,
    /// `sha1` or `sha256`.
    pub format: String,
    pub setting: Option<HooksPath>,
}

/// `core.hooksPath` as it is set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HooksPath {
    /// `system`, `global`, `local`, `worktree` or `command`.
    pub scope: String,
    /// The file, as `file:.git/config`.
    pub origin: String,
    pub value: String,
}

impl HooksHome {
    /// For the repository that git finds from `here` with this environment.
    ///
    /// # Errors
    /// There is none, git refuses it, or one of its files would make git wait.
    pub fn find(git: &Git, environment: Environment, here: &Path) -> Result<Self, GitError> {
        Location::find(&Start::Hook(environment), here)?;
        let Places { git_dir, common, format, top } = places(git, here)?;
        let own = common.join("hooks");
        let setting = hooks_path(git, here, &["config"])?;
        let folder = match &setting {
            // Relative to where git runs hooks.
            Some(set) if !set.value.is_empty() => top.as_deref().unwrap_or(&git_dir).join(&set.value),
            _ => own.clone(),
        };
        Ok(Self { folder, own, top, format, setting })
    }
}

/// `core.hooksPath` as this way of asking sees it: `["config"]`, or `["config", "--global"]`.
pub fn hooks_path(git: &Git, here: &Path, ask: &[&str]) -> Result<Option<HooksPath>, GitError> {
    const GET: [&str; 7] =
        ["--includes", "--type=path", "--show-scope", "--show-origin", "-z", "--get", "core.hooksPath"];
    let ran = git.run(here, ask.iter().chain(&GET))?;
    let mut parts = ran.out.split('\0').map(str::to_owned);
    let (Some(scope), Some(origin), Some(value)) = (parts.next(), parts.next(), parts.next()) else {
        // Git says nothing at all where nothing is set.
        return if ran.err.is_empty() { Ok(None) } else { Err(GitError::Program { why: first_line(&ran.err) }) };
    };
    Ok(Some(HooksPath { scope, origin, value }))
}

impl Git {
    /// Sets a value in the user's own config, or takes it out.
    pub fn global(&self, key: &str, value: Option<&str>, here: &Path) -> Result<(), GitError> {
        let args = match value {
            Some(value) => vec!["config", "--global", key, value],
            None => vec!["config", "--global", "--unset", key],
        };
        let ran = self.run(here, args)?;
        if ran.success { Ok(()) } else { Err(GitError::Program { why: first_line(&ran.err) }) }
    }
}

/// Names of aliases that pass over hooks: whoever uses one commits without the gate.
pub fn bypassing_aliases(git: &Git, here: &Path) -> Result<Vec<String>, GitError> {
    let ran = git.run(here, ["config", "-z", "--get-regexp", r"^alias\."])?;
    let mut names: Vec<String> = ran.out.split('\0').filter_map(|entry| entry.split_once('\n')).fold(
        Vec::new(),
        |mut names, (name, command)| {
            let passes = command.split_whitespace().any(|word| word == "--no-verify")
                || (command.starts_with("commit") && command.split_whitespace().any(is_short_no_verify))
                || command.contains("core.hooksPath=");
            if passes {
                names.push(name.trim_start_matches("alias.").to_owned());
            }
            names
        },
    );
    names.sort();
    Ok(names)
}

/// `-n`, alone or among other letters: `-nm`.
fn is_short_no_verify(word: &str) -> bool {
    word.strip_prefix('-').is_some_and(|letters| {
        letters.split(['m', 'F', 'C', 'c', 't']).next().is_some_and(|flags| flags.contains('n'))
            && letters.bytes().all(|byte| byte.is_ascii_alphabetic())
    })
}

/// The version of git, as its numbers.
pub fn version(git: &Git, here: &Path) -> Result<(u32, u32, String), GitError> {
    let ran = git.run(here, ["--version"])?;
    let text = ran.out.trim().trim_start_matches("git version ").to_owned();
    let mut numbers = text.split('.').map(|part| part.parse().unwrap_or(0));
    match (numbers.next(), numbers.next()) {
        (Some(major), Some(minor)) if major > 0 => Ok((major, minor, text)),
        _ => Err(GitError::Program { why: format!("`git --version` says `{text}`") }),
    }
}

/// Git's folders, the format of ids, and the root of the work tree.
struct Places {
    git_dir: PathBuf,
    common: PathBuf,
    format: String,
    top: Option<PathBuf>,
}

fn places(git: &Git, here: &Path) -> Result<Places, GitError> {
    const ASK: [&str; 5] =
        ["rev-parse", "--path-format=absolute", "--show-object-format", "--git-common-dir", "--git-dir"];
    let ran = git.run(here, ASK)?;
    if !ran.success {
        return Err(refused(here, &ran.err));
    }
    let lines: Vec<&str> = ran.out.lines().collect();
    let [format, common, git_dir] = lines[..] else {
        let why = "it is older than 2.31, or the path of the repository has a line break in it".to_owned();
        return Err(GitError::Program { why });
    };
    let (git_dir, common, format) = (PathBuf::from(git_dir), PathBuf::from(common), format.to_owned());
    let ran = git.run(here, ["rev-parse", "--path-format=absolute", "--show-toplevel"])?;
    if ran.success {
        let top = Some(PathBuf::from(ran.out.trim_end_matches(['\r', '\n'])));
        return Ok(Places { git_dir, common, format, top });
    }
    // From inside of `.git` git names no work tree, and there may be one all the same: hooks run in its root.
    let bare = git.run(&git_dir, ["rev-parse", "--is-bare-repository"])?.out.trim() == "true";
    let beside = git_dir.file_name().is_some_and(|name| name == ".git").then(|| git_dir.parent()).flatten();
    let top = beside.filter(|_| !bare).map(Path::to_owned);
    Ok(Places { git_dir, common, format, top })
}

fn refused(here: &Path, err: &str) -> GitError {
    if err.contains("not a git repository") {
        return GitError::NoRepository;
    }
    if err.contains("dubious ownership") {
        let line = err.lines().find(|line| line.contains("safe.directory")).unwrap_or_default().trim();
        return GitError::Owner { path: here.to_owned(), help: format!("if you trust it: `{line}`") };
    }
    GitError::Open { why: first_line(err) }
}

pub(super) fn first_line(text: &str) -> String {
    let line = text.lines().next().unwrap_or("it failed without a word");
    line.trim_start_matches("fatal: ").trim_start_matches("error: ").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_flags_are_told_from_their_values() {
        for (word, expected) in [
            ("-n", true),
            ("-nm", true),
            ("-anm", true),
            ("-m", false),
            ("-mnew", false),
            ("--amend", false),
            ("n", false),
        ] {
            assert_eq!(is_short_no_verify(word), expected, "{word}");
        }
    }
}
