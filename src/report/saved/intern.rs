//! Names that a run knows at compile time and a saved report brings as text. Each distinct one is kept as long as the
//! program runs, so there is a limit to how many and how long.

use std::collections::HashSet;
use std::sync::Mutex;

/// More than all reasons and wrappings of any release.
const MOST: usize = 2000;
const LONGEST: usize = 64;

static NAMES: Mutex<Option<HashSet<&'static str>>> = Mutex::new(None);

/// The name for as long as the program runs; none where it is too long, or where there are too many.
pub(super) fn intern(name: &str) -> Option<&'static str> {
    let mut names = NAMES.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let names = names.get_or_insert_default();
    if let Some(known) = names.get(name) {
        return Some(known);
    }
    if name.len() > LONGEST || names.len() >= MOST {
        return None;
    }
    let kept: &'static str = Box::leak(name.to_owned().into_boxed_str());
    names.insert(kept);
    Some(kept)
}
