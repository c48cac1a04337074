//! Globs of paths: the only user of the globset crate.
//!
//! Nearly all globs are names with a star or two and folders before them. Those are compared part by part: making a set
//! of them took half a millisecond of every start, and asking it a fortieth of a scan. The set is for the rest.

use std::sync::OnceLock;

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};

use super::Text;
use super::rule::Texts;

/// A set of globs, compiled when first asked. A glob without `/` holds for the file's name in any folder.
#[derive(Debug)]
pub struct Globs {
    sources: Texts,
    compiled: OnceLock<Compiled>,
}

/// Numbers are places in the list of sources.
#[derive(Debug)]
struct Compiled {
    plain: Vec<Plain>,
    set: GlobSet,
    in_set: Vec<usize>,
}

/// A glob without signs but stars.
#[derive(Debug)]
struct Plain {
    number: usize,
    parts: Vec<Part>,
}

/// A part of a plain glob, between slashes.
#[derive(Debug)]
enum Part {
    /// `**`: any number of folders.
    Folders,
    /// The pieces between stars.
    Name(Vec<Box<str>>),
}

impl Globs {
    /// What `build.rs` writes into the binary after `parse` has checked it.
    #[must_use]
    pub const fn checked(sources: &'static [Text]) -> Self {
        Self { sources: Texts::Borrowed(sources), compiled: OnceLock::new() }
    }

    /// Checks each glob; the error holds the glob and what is wrong with it.
    pub fn parse(sources: &[String]) -> Result<Self, (String, String)> {
        for source in sources {
            glob(source).map_err(|error| (source.clone(), error.kind().to_string()))?;
        }
        Ok(Self { sources: sources.iter().cloned().map(Text::Owned).collect(), compiled: OnceLock::new() })
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.sources.is_empty()
    }

    #[must_use]
    pub fn sources(&self) -> &[Text] {
        &self.sources
    }

    #[must_use]
    pub fn matches(&self, path: &str) -> bool {
        self.first(path).is_some()
    }

    /// The numbers of all globs that match.
    #[must_use]
    pub fn all(&self, path: &str) -> Vec<usize> {
        if self.is_empty() {
            return Vec::new();
        }
        let compiled = self.compiled();
        let mut all = if compiled.in_set.is_empty() { Vec::new() } else { compiled.set.matches(path) };
        all.iter_mut().for_each(|number| *number = compiled.in_set[*number]);
        let name = path.rsplit('/').next().unwrap_or(path);
        let plain = compiled.plain.iter().filter(|glob| ends_with(&glob.parts, name) && holds(&glob.parts, Some(path)));
        all.extend(plain.map(|glob| glob.number));
        all.sort_unstable();
        all
    }

    /// The first glob that matches: for saying which one it was.
    #[must_use]
    pub fn first(&self, path: &str) -> Option<usize> {
        self.all(path).first().copied()
    }

    fn compiled(&self) -> &Compiled {
        self.compiled.get_or_init(|| {
            let (mut plain, mut set, mut in_set) = (Vec::new(), GlobSetBuilder::new(), Vec::new());
            for (number, source) in self.sources.iter().enumerate() {
                if let Some(parts) = parts(source) {
                    plain.push(Plain { number, parts });
                } else {
                    set.add(glob(source).expect("each glob was checked by `parse`"));
                    in_set.push(number);
                }
            }
            Compiled { plain, set: set.build().expect("checked globs make a set"), in_set }
        })
    }
}

/// The parts of a glob that has no other signs than stars, and `**` only as a part of its own.
fn parts(source: &str) -> Option<Vec<Part>> {
    let source = source.trim_start_matches("./");
    let part = |part: &str| match part {
        "**" => Some(Part::Folders),
        _ if part.is_empty() || part.contains("**") => None,
        _ => Some(Part::Name(part.split('*').map(Into::into).collect())),
    };
    let mut parts: Vec<Part> = source.split('/').map(part).collect::<Option<_>>()?;
    if parts.len() == 1 {
        parts.insert(0, Part::Folders);
    }
    let folders = |pair: &[Part]| matches!(pair, [Part::Folders, Part::Folders]);
    // Each `**` more multiplies the ways to try.
    let many = parts.iter().filter(|part| matches!(part, Part::Folders)).count() > 2;
    let odd = source.contains(['?', '[', ']', '{', '}', '\\', '!', ',']) || parts.windows(2).any(folders);
    (!odd && !many).then_some(parts)
}

/// Whether the last part holds for a file's name: nearly no glob does, and no folder is looked at.
fn ends_with(parts: &[Part], name: &str) -> bool {
    match parts.last() {
        Some(Part::Name(pieces)) => is_name(pieces, name),
        _ => true,
    }
}

/// Whether the parts hold for all that is left of a path.
fn holds(parts: &[Part], path: Option<&str>) -> bool {
    let (Some((part, rest)), Some(path)) = (parts.split_first(), path) else {
        return parts.is_empty() && path.is_none();
    };
    let (name, below) = path.split_once('/').map_or((path, None), |(name, below)| (name, Some(below)));
    match part {
        // What follows `**` begins at some part of the path; at its end `**` is all that lies below.
        Part::Folders if rest.is_empty() => true,
        Part::Folders => holds(rest, Some(path)) || below.is_some() && holds(parts, below),
        Part::Name(pieces) => is_name(pieces, name) && holds(rest, below),
    }
}

/// Whether the pieces stand in the name one after the other, the first at its start and the last at its end.
fn is_name(pieces: &[Box<str>], name: &str) -> bool {
    let [first, between @ .., last] = pieces else {
        return pieces.first().is_some_and(|piece| **piece == *name);
    };
    // One byte tells nearly all apart.
    if !last.is_empty() && last.as_bytes().last() != name.as_bytes().last() {
        return false;
    }
    let Some(mut rest) = name.strip_prefix(&**first).and_then(|rest| rest.strip_suffix(&**last)) else {
        return false;
    };
    between.iter().all(|piece| {
        let Some(at) = rest.find(&**piece) else { return false };
        rest = &rest[at + piece.len()..];
        true
    })
}

fn glob(source: &str) -> Result<globset::Glob, globset::Error> {
    let anywhere = format!("**/{}", source.trim_start_matches("./"));
    let source = if source.contains('/') { source.trim_start_matches("./") } else { &anywhere };
    GlobBuilder::new(source).literal_separator(true).build()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_glob_holds_for_what_the_library_says() {
        let pieces = ["**", "a", "b", "*", "a*", "*b", "a*b", "*a*", "*.a", "a*b*a"];
        let names = ["a", "b", "ab", "aab", "aba", "x.a", ".a", "a.b", "abba", "é"];
        let mut state = 3_u64;
        let mut roll = |sides: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as usize % sides
        };
        let mut held = 0;
        for _ in 0..20_000 {
            let source: Vec<&str> = (0..=roll(3)).map(|_| pieces[roll(pieces.len())]).collect();
            let path: Vec<&str> = (0..=roll(3)).map(|_| names[roll(names.len())]).collect();
            let (source, path) = (source.join("/"), path.join("/"));
            let Some(parts) = parts(&source) else { continue };
            let expected = glob(&source).unwrap().compile_matcher().is_match(&path);
            let name = path.rsplit('/').next().unwrap();
            assert_eq!(ends_with(&parts, name) && holds(&parts, Some(&path)), expected, "{source} and {path}");
            held += usize::from(expected);
        }
        assert!(held > 2_000, "{held}");
    }

    #[test]
    fn each_glob_that_holds_is_told_in_order() {
        let sources = ["**/*.pem", "id_[rd]sa", "id_*", "home/**", "docs/*.md"].map(str::to_owned);
        let globs = Globs::parse(&sources).unwrap();
        let rows: [(&str, &[usize]); 5] = [
            ("a/b.pem", &[0]),
            ("home/x/id_rsa", &[1, 2, 3]),
            ("id_dsa", &[1, 2]),
            ("docs/a.md", &[4]),
            ("docs/a/b.md", &[]),
        ];
        for (path, expected) in rows {
            assert_eq!(globs.all(path), expected, "{path}");
            assert_eq!(globs.first(path), expected.first().copied(), "{path}");
        }
    }
}
