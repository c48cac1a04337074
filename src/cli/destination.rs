//! Where the content of a run goes: what git says of a push, what the environment says of a job, or what was asked for.

use std::path::Path;

use clap::Args;

use super::ci;
use super::error::CliError;
use super::install::Around;
use super::terminal::environment;
use crate::git::remote_urls;
use crate::policy::Policy;
use crate::policy::tier::Destination;

/// The flag that asks for another one.
#[derive(Debug, Default, Args)]
pub struct DestinationArgs {
    /// Judge by what may go there: `git:github.com/acme/app`, a remote's address, `ci:NAME`, `stdin` or `local`
    #[arg(long, value_name = "ID")]
    destination: Option<String>,
}

impl DestinationArgs {
    /// The one that was asked for, or else `usual`.
    pub fn or(&self, usual: Destination) -> Result<Destination, CliError> {
        match &self.destination {
            Some(text) => named(text),
            None => Ok(usual),
        }
    }

    /// Lets the policy go by it; where nothing was asked for, by the job that this is a part of, if any.
    pub fn apply(&self, policy: &mut Policy) -> Result<(), CliError> {
        policy.go_to([self.or(here())?]);
        Ok(())
    }
}

/// A destination by its name or its address.
pub fn named(text: &str) -> Result<Destination, CliError> {
    let here = std::env::current_dir().unwrap_or_default();
    // What was typed may be an address with a password in it, so the error does not repeat it.
    Destination::named(text, &|path| whole(&here, path)).ok_or(CliError::NoDestination)
}

/// Where content is that is not sent anywhere: on this machine, or in a job's.
pub fn here() -> Destination {
    let variable = |name: &str| environment(name).and_then(|value| value.into_string().ok());
    if ci::is_job(&variable) { Destination::ci(ci::name(&variable)) } else { Destination::local() }
}

/// Where a push goes. Git gives its hook the address that it uses itself, after `pushurl` and `insteadOf`; by hand, git is
/// asked for those of the remote, of which the one counts that may have least. Without either, nothing is known.
pub fn of_push(remote: Option<&str>, url: Option<&str>, top: &Path) -> Vec<Destination> {
    let parsed = |url: &str| Destination::of_url(url, &|path| whole(top, path));
    if let Some(url) = url {
        return vec![parsed(url)];
    }
    let urls = remote.and_then(|remote| remote_urls(&Around::new().ok()?.git, top, remote).ok());
    match urls.unwrap_or_default().as_slice() {
        [] => vec![Destination::unclear()],
        urls => urls.iter().map(|url| parsed(url)).collect(),
    }
}

/// The server's own repository.
pub fn of_receive(repository: &Path) -> Destination {
    Destination::in_folder(&whole(repository, ""))
}

/// The whole path, without symlinks: a link must not give a folder another name.
fn whole(base: &Path, path: &str) -> String {
    let joined = base.join(path);
    joined.canonicalize().unwrap_or(joined).to_string_lossy().into_owned()
}
