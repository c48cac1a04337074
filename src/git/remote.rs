//! Where git pushes for a remote, by git's own rules: `pushurl`, and `insteadOf` or `pushInsteadOf` in any of its configs.

use std::path::Path;

use super::hooks::first_line;
use super::{Git, GitError};

/// The addresses that a push to `remote` goes to; none where there is no such remote.
pub fn remote_urls(git: &Git, here: &Path, remote: &str) -> Result<Vec<String>, GitError> {
    // Git would take it for an option, and has no remote of such a name.
    if remote.starts_with('-') {
        return Ok(Vec::new());
    }
    let ran = git.run(here, ["remote", "get-url", "--push", "--all", remote])?;
    match ran.success {
        true => Ok(ran.out.lines().filter(|line| !line.is_empty()).map(str::to_owned).collect()),
        false if ran.err.contains("No such remote") => Ok(Vec::new()),
        false => Err(GitError::Program { why: first_line(&ran.err) }),
    }
}
