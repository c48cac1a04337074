//! The only place that may use git's own files, its library or its program. A back end hands out objects, refs and the
//! index; what changed, and which lines were added, is worked out here from blobs alone, so that no attribute, filter or
//! config of the repository has a say in it.

mod above;
mod added;
mod canary;
mod changes;
mod error;
mod file;
mod hooks;
mod index;
mod library;
mod location;
mod object;
pub mod pack;
mod program;
pub mod provenance;
mod regular;
mod remote;
mod repository;
mod spawn;
mod tracked;

pub use above::{is_amending, names_several_refs};
pub use added::added;
pub use canary::{Answer, Bait, Fires, Trial, Under};
pub use changes::{Change, Changes, of_index, of_tree};
pub use error::GitError;
pub use file::file_at;
pub use hooks::{HooksHome, HooksPath, bypassing_aliases, hooks_path, version};
pub use index::{Folder, Index};
pub use location::{Environment, Location, Start};
pub use object::{BadTree, Commit, Kind, Mode, Object, Oid, Signature, Tag, TreeEntries, TreeEntry, tree_entries};
pub use remote::remote_urls;
pub use repository::{Forced, Repository};
pub use spawn::Git;
pub use tracked::Tracked;

use repository::{foreign, missing, no_revision, other_heads};

/// A ref, and what it points to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ref {
    pub name: Vec<u8>,
    pub id: Oid,
}

/// One file as the index has it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct IndexEntry {
    pub path: Vec<u8>,
    /// 0, or 1 to 3 where a merge has left a conflict: base, ours, theirs.
    pub stage: u8,
    pub mode: Mode,
    pub id: Oid,
}

/// What a back end can do. It is opened once per thread.
pub trait Store {
    /// How `--verbose` names it.
    fn name(&self) -> &'static str;
    /// The bytes in an id: 20 or 32.
    fn id_len(&self) -> usize;
    fn object(&mut self, id: &Oid) -> Result<Object, GitError>;
    /// What a revision stands for, as git's own commands take it.
    fn resolve(&mut self, revision: &str) -> Result<Oid, GitError>;
    /// The commit that is checked out; none where the branch has none yet.
    fn head(&mut self) -> Result<Option<Oid>, GitError>;
    /// All refs, in the order of their names, and `HEAD` of this work tree and of the others, where they point to something.
    fn refs(&mut self) -> Result<Vec<Ref>, GitError>;
    /// The commits that are reached from `include` and from none of `exclude`, parents before children.
    fn commits(&mut self, include: &[Oid], exclude: &[Oid]) -> Result<Vec<Oid>, GitError>;
    /// What is staged, without what is only intended to be added.
    fn index(&mut self) -> Result<Index, GitError>;

    /// The bytes of a blob.
    fn blob(&mut self, id: &Oid) -> Result<Vec<u8>, GitError> {
        let object = self.object(id)?;
        if object.kind == Kind::Blob { Ok(object.bytes) } else { Err(GitError::Damaged { id: *id }) }
    }
}
