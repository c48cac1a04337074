//! The first back end: libgit2, which needs no other program and is there at once. What it cannot open goes to git itself.

use git2::{ErrorCode, ObjectType, Repository, RepositoryOpenFlags, Sort};

use super::location::{Location, Start};
use super::object::{Kind, Object, Oid};
use super::pack::find_loose;
use super::program::Program;
use super::{GitError, Index, Ref, Store, index, missing, no_revision, other_heads};

/// An open repository of one thread.
pub struct Library {
    repository: Repository,
    start: Start,
    location: Location,
    id_len: usize,
}

/// Why the library was of no use.
pub enum Refused {
    /// It knows this kind of repository not: git may.
    Unsupported(String),
    Error(GitError),
}

impl Library {
    pub fn open(start: &Start, location: &Location) -> Result<Self, Refused> {
        // Checking each object's hash takes longer than scanning it; zlib's own sums are checked always, and git does not
        // check more when it records or hands out an object.
        git2::opts::strict_hash_verification(false);
        let opened = match start {
            // Objects in quarantine, alternates from the environment: only so they are seen.
            Start::Hook(_) => Repository::open_from_env(),
            Start::Path(_) => {
                let flags = RepositoryOpenFlags::NO_SEARCH | RepositoryOpenFlags::NO_DOTGIT;
                let folders: [&str; 0] = [];
                Repository::open_ext(&location.git_dir, flags, folders)
            }
        };
        let repository = opened.map_err(|error| refused(&error, location))?;
        let id_len = match repository.object_format() {
            git2::ObjectFormat::Sha1 => 20,
            git2::ObjectFormat::Sha256 => 32,
        };
        Ok(Self { repository, start: start.clone(), location: location.clone(), id_len })
    }

    fn error(&self, error: &git2::Error, id: &Oid) -> GitError {
        match error.code() {
            ErrorCode::NotFound => missing(*id, &self.location),
            _ => GitError::Damaged { id: *id },
        }
    }
}

fn refused(error: &git2::Error, location: &Location) -> Refused {
    match error.code() {
        ErrorCode::Owner => Refused::Error(super::foreign(location)),
        _ => Refused::Unsupported(error.message().to_owned()),
    }
}

fn theirs(id: &Oid) -> Result<git2::Oid, GitError> {
    git2::Oid::from_bytes(id.as_bytes()).map_err(|_| GitError::Damaged { id: *id })
}

fn ours(id: git2::Oid) -> Result<Oid, GitError> {
    Oid::new(id.as_bytes()).ok_or_else(|| failed("an id of an unknown length"))
}

fn failed(why: &str) -> GitError {
    GitError::Open { why: why.to_owned() }
}

fn unread(error: &git2::Error) -> GitError {
    failed(error.message())
}

impl Store for Library {
    fn name(&self) -> &'static str {
        "libgit2"
    }

    fn id_len(&self) -> usize {
        self.id_len
    }

    fn object(&mut self, id: &Oid) -> Result<Object, GitError> {
        // The library waits for ever on a FIFO, and on a file that was cut.
        if let Some(object) = find_loose(&self.location.objects, id)? {
            return Ok(object);
        }
        let object = self
            .repository
            .odb()
            .and_then(|odb| {
                let found = odb.read(git2::Oid::from_bytes(id.as_bytes())?)?;
                Ok((found.kind(), found.data().to_vec()))
            })
            .map_err(|error| self.error(&error, id))?;
        let kind = match object.0 {
            ObjectType::Commit => Kind::Commit,
            ObjectType::Tree => Kind::Tree,
            ObjectType::Blob => Kind::Blob,
            ObjectType::Tag => Kind::Tag,
            ObjectType::Any => return Err(GitError::Damaged { id: *id }),
        };
        Ok(Object { kind, bytes: object.1 })
    }

    fn resolve(&mut self, revision: &str) -> Result<Oid, GitError> {
        let found = self.repository.revparse_single(revision).map_err(|_| no_revision(revision, &self.location))?;
        ours(found.id())
    }

    fn head(&mut self) -> Result<Option<Oid>, GitError> {
        match self.repository.head() {
            Ok(head) => head.target().map(ours).transpose(),
            Err(error) if error.code() == ErrorCode::UnbornBranch => Ok(None),
            Err(error) => Err(unread(&error)),
        }
    }

    fn refs(&mut self) -> Result<Vec<Ref>, GitError> {
        let mut refs = Vec::new();
        let all = self.repository.references().map_err(|error| unread(&error))?;
        for reference in all {
            let reference = reference.map_err(|error| unread(&error))?;
            let resolved = match reference.resolve() {
                Ok(resolved) => resolved,
                // A symbolic ref to a branch that was deleted, or is not born yet.
                Err(error) if error.code() == ErrorCode::NotFound => continue,
                Err(error) => return Err(unread(&error)),
            };
            if let Some(id) = resolved.target() {
                refs.push(Ref { name: reference.name_bytes().to_vec(), id: ours(id)? });
            }
        }
        refs.extend(self.head()?.map(|id| Ref { name: b"HEAD".to_vec(), id }));
        refs.extend(other_heads(&self.location)?);
        refs.sort();
        Ok(refs)
    }

    fn index(&mut self) -> Result<Index, GitError> {
        match index::read(&self.location.index, self.id_len)? {
            index::Read::Index(index) => Ok(index),
            index::Read::Unsupported(why) => Program::open(&self.start, &self.location, why)?.index(),
        }
    }

    fn commits(&mut self, include: &[Oid], exclude: &[Oid]) -> Result<Vec<Oid>, GitError> {
        let mut walk = self.repository.revwalk().map_err(|error| unread(&error))?;
        walk.set_sorting(Sort::TOPOLOGICAL | Sort::REVERSE).map_err(|error| unread(&error))?;
        for id in include {
            walk.push(theirs(id)?).map_err(|error| self.error(&error, id))?;
        }
        for id in exclude {
            walk.hide(theirs(id)?).map_err(|error| self.error(&error, id))?;
        }
        let mut commits = Vec::new();
        for id in walk {
            commits.push(ours(id.map_err(|error| unread(&error))?)?);
        }
        Ok(commits)
    }
}
