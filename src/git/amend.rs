//! Whether the commit that a hook stands before replaces the last one. Git tells its `pre-commit` hook nothing of it, so
//! the command lines of the processes above are looked at, where the system shows them.

use std::fs;

/// Whether a `git commit --amend` above this process is waiting for it.
#[must_use]
pub fn is_amending() -> bool {
    let mut process = std::process::id();
    // Hook, shell, hook manager, git: few steps lead there.
    for _ in 0..MAX_STEPS {
        let Some(parent) = parent_of(process) else { return false };
        if let Some(line) = command_line(parent).filter(|line| is_commit(line)) {
            return line.iter().skip(1).any(|arg| is_amend(arg));
        }
        process = parent;
    }
    false
}

const MAX_STEPS: usize = 12;

#[expect(clippy::disallowed_methods, reason = "files of the kernel, which no repository can replace")]
fn parent_of(process: u32) -> Option<u32> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The name in brackets may hold blanks and brackets of its own; after it come state and parent.
    let (_, after) = stat.rsplit_once(')')?;
    after.split_whitespace().nth(1)?.parse().ok().filter(|parent| *parent > 1)
}

#[expect(clippy::disallowed_methods, reason = "files of the kernel, which no repository can replace")]
fn command_line(process: u32) -> Option<Vec<Vec<u8>>> {
    let line = fs::read(format!("/proc/{process}/cmdline")).ok()?;
    Some(line.split(|byte| *byte == 0).map(<[u8]>::to_vec).collect())
}

fn is_commit(line: &[Vec<u8>]) -> bool {
    let program = line.first().map(|program| program.rsplit(|byte| *byte == b'/').next().unwrap_or_default());
    program.is_some_and(|name| name == b"git" || name == b"git-commit")
        && line.iter().skip(1).any(|arg| arg == b"commit" || is_amend(arg))
}

/// Git takes any beginning of an option that no other has.
fn is_amend(arg: &[u8]) -> bool {
    arg.starts_with(b"--am") && b"--amend".starts_with(arg)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amending_commit_is_known_by_its_arguments() {
        let rows = [
            ("git commit --amend", true),
            ("/usr/bin/git -C /r commit -m x --ame", true),
            ("git commit -m --amended", false),
            ("git commit -a", false),
            ("sh -c --amend", false),
        ];
        for (line, expected) in rows {
            let line: Vec<Vec<u8>> = line.split(' ').map(|word| word.as_bytes().to_vec()).collect();
            assert_eq!(is_commit(&line) && line.iter().any(|arg| is_amend(arg)), expected, "{line:?}");
        }
    }

    #[test]
    fn these_tests_amend_nothing() {
        assert!(!is_amending());
    }
}
