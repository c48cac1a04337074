//! What the git above a hook was told. Git tells its `pre-commit` hook nothing of `--amend`, and managers of hooks keep
//! the refs of a push to themselves; so the command lines of the processes above are looked at, where the system shows
//! them.

use std::fs;

/// Whether a `git commit --amend` above this process is waiting for it.
#[must_use]
pub fn is_amending() -> bool {
    nearest(is_commit).is_some_and(|line| line.iter().skip(1).any(|arg| is_amend(arg)))
}

/// Whether a `git push` above this process names more than one ref, or may.
#[must_use]
pub fn names_several_refs() -> bool {
    nearest(|line| is_git(line, b"push")).is_some_and(|line| may_push_several(&line))
}

/// The command line of the nearest process above that is such a one.
fn nearest(is_it: impl Fn(&[Vec<u8>]) -> bool) -> Option<Vec<Vec<u8>>> {
    let mut process = std::process::id();
    // Hook, shell, hook manager, git: few steps lead there.
    for _ in 0..MAX_STEPS {
        let parent = parent_of(process)?;
        if let Some(line) = command_line(parent).filter(|line| is_it(line)) {
            return Some(line);
        }
        process = parent;
    }
    None
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
    is_git(line, b"commit") || (is_git(line, b"") && line.iter().skip(1).any(|arg| is_amend(arg)))
}

/// `git push`, `git-push`; no command stands for any.
fn is_git(line: &[Vec<u8>], command: &[u8]) -> bool {
    let Some(program) = line.first().and_then(|program| program.rsplit(|byte| *byte == b'/').next()) else {
        return false;
    };
    let names = |arg: &Vec<u8>| command.is_empty() || arg == command;
    program.strip_prefix(b"git-") == Some(command) || (program == b"git" && line.iter().skip(1).any(names))
}

/// More than a remote and a ref, or an option that stands for several. A value that stands apart from its option counts
/// as a ref: then more is taken for several than is.
fn may_push_several(line: &[Vec<u8>]) -> bool {
    const SEVERAL: [&[u8]; 5] = [b"--all", b"--branches", b"--follow-tags", b"--mirror", b"--tags"];
    let after = line.iter().position(|arg| arg == b"push").map_or(1, |place| place + 1);
    let (options, names): (Vec<&[u8]>, Vec<&[u8]>) =
        line.iter().skip(after).map(Vec::as_slice).filter(|arg| !arg.is_empty()).partition(|arg| arg.starts_with(b"-"));
    // Git takes any beginning of an option that no other has.
    let is_several = |arg: &[u8]| arg.len() > 2 && SEVERAL.iter().any(|option| option.starts_with(arg));
    names.len() > 2 || names.iter().any(|name| name.contains(&b'*')) || options.into_iter().any(is_several)
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
    fn a_push_of_several_refs_is_known_by_its_arguments() {
        let rows = [
            ("git push", false),
            ("git push -u origin main", false),
            ("git push --force-with-lease origin main:other", false),
            ("git -C /r push origin main other", true),
            ("/usr/lib/git-core/git-push origin main other", true),
            ("git push --all", true),
            ("git push --foll origin main", true),
            ("git push origin refs/heads/*:refs/heads/*", true),
        ];
        for (line, expected) in rows {
            let line: Vec<Vec<u8>> = line.split(' ').map(|word| word.as_bytes().to_vec()).collect();
            assert!(is_git(&line, b"push"));
            assert_eq!(may_push_several(&line), expected, "{line:?}");
        }
        assert!(!is_git(&[b"sh".to_vec(), b"push".to_vec()], b"push"));
    }

    #[test]
    fn these_tests_amend_nothing() {
        assert!(!is_amending());
    }
}
