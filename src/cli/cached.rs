//! Where blobs that were found clean are remembered, if anywhere.

use std::env;
use std::time::SystemTime;

use clap::Args;

use super::Global;
use super::setup::Setup;
use super::terminal::{environment, note};
use super::verdict::VerdictArgs;
use crate::cache::{self, Cache, CacheOff, Identity};
use crate::git::Repository;
use crate::report::escape::Escaped;

/// The flag that does without.
#[derive(Debug, Default, Args)]
pub struct CacheArgs {
    /// Read everything, also what an earlier run found clean, and remember nothing
    #[arg(long)]
    no_cache: bool,
}

impl CacheArgs {
    /// The cache for this run, in which everything counts that can change what is found.
    pub fn open(&self, global: &Global, verdict: &VerdictArgs, setup: &mut Setup, repository: &Repository) -> Cache {
        if self.no_cache {
            return Cache::off();
        }
        verdict.adjust(&mut setup.policy);
        let common_dir = &repository.location().common_dir;
        let common_dir = common_dir.canonicalize().unwrap_or_else(|_| common_dir.clone());
        let Some(folder) = cache::folder(&environment) else { return Cache::off() };
        let opened = program().and_then(|program| {
            let identity = Identity {
                program: &program,
                rules: setup.rules.whole_digest(),
                report: setup.policy.report_score(),
                repository: common_dir.as_os_str().as_encoded_bytes(),
            };
            Cache::open(&folder, &identity)
        });
        opened.unwrap_or_else(|off| {
            if global.verbose > 0 {
                note(&format!("note: no cache: {}", Escaped(&off.to_string())));
            }
            Cache::off()
        })
    }
}

/// The version, and which build of it: two builds of one version may differ in what they find.
fn program() -> Result<String, CacheOff> {
    let unusable = |why| CacheOff::Unusable { path: "tightlip".into(), why };
    let built = env::current_exe().and_then(|path| path.metadata()).map_err(unusable)?;
    let changed = built.modified().map_err(unusable)?;
    let changed = changed.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    Ok(format!("{} {} {}", env!("CARGO_PKG_VERSION"), built.len(), changed.as_nanos()))
}
