//! Evidence: what speaks for and against a match. Each piece is a named reason with a weight; the score is their sum.
//! Nothing here decides what happens to a finding: that is the policy's.

pub mod ceiling;
pub mod checks;
pub mod feature;
pub mod generic;
pub mod harmless;
pub mod hotspot;
mod index;
mod lexicon;
pub mod names;
pub mod placeholder;
pub mod purpose;
pub mod randomness;
mod reason;
mod repetition;
pub mod shape;
pub mod spotter;
pub mod standing;
pub mod surroundings;
pub mod value;
mod verdict;
pub mod weigh;
pub mod words;

pub use checks::{CHECKS, Check, check};
pub use reason::Reason;
pub use verdict::Verdict;
