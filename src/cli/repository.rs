//! Which repository a command means: the one a hook runs in, or the one that was named.

use std::env;
use std::path::{Path, PathBuf};

use clap::Args;

use super::Global;
use super::error::CliError;
use super::terminal::{environment, note};
use crate::git::{Environment, Forced, Repository, Start, Store};
use crate::report::escape::Escaped;

/// The flag that names a repository.
#[derive(Debug, Default, Args)]
pub struct RepositoryArgs {
    /// The repository to read, in place of the one that this runs in; `GIT_DIR` and the like then do not count
    #[arg(long, value_name = "PATH")]
    repository: Option<PathBuf>,
}

/// An open repository, and the store of this thread.
pub struct Opened {
    pub repository: Repository,
    pub store: Box<dyn Store>,
}

impl RepositoryArgs {
    /// Opens it, and says with `--verbose` by which way.
    pub fn open(&self, global: &Global) -> Result<Opened, CliError> {
        let here = env::current_dir().map_err(|why| CliError::NoFolder { why })?;
        let start = match &self.repository {
            Some(path) if path.symlink_metadata().is_err() => {
                return Err(CliError::NoSuchPath { path: path.display().to_string() });
            }
            Some(path) => Start::Path(path.clone()),
            None => Start::Hook(of_hooks()),
        };
        let (repository, store) = Repository::open(&start, &here, forced())?;
        if global.verbose > 0 {
            note(&format!("note: read by {}", Escaped(&repository.back_end())));
        }
        Ok(Opened { repository, store })
    }

    /// What the config is looked for by: the folder that was named.
    pub fn paths(&self) -> Vec<PathBuf> {
        self.repository.iter().map(|path| Path::to_owned(path)).collect()
    }
}

/// What git sets for its hooks.
pub fn of_hooks() -> Environment {
    Environment {
        git_dir: environment("GIT_DIR"),
        common_dir: environment("GIT_COMMON_DIR"),
        index_file: environment("GIT_INDEX_FILE"),
        work_tree: environment("GIT_WORK_TREE"),
    }
}

/// `TIGHTLIP_GIT=library` or `program` insists on a back end, to compare the two.
pub fn forced() -> Option<Forced> {
    match environment("TIGHTLIP_GIT")?.to_str()? {
        "library" => Some(Forced::Library),
        "program" => Some(Forced::Program),
        _ => None,
    }
}
