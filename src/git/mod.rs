//! What git knows of a work tree: the only place that may use git's own files or its library.

mod index;

pub use index::Tracked;
