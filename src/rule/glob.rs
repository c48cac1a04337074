//! Globs of paths: the only user of the globset crate.
//!
//! Nearly all globs are names with a star or two and folders before them. Those are compared part by part as they are
//! written: making a set of them took half a millisecond of every start, and asking it a fortieth of a scan. The set is
//! for the rest.

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
    /// How each name begins and ends that a plain glob holds for. It tells nearly all apart: a part of a path compared
    /// with each glob took half of a scan of small files.
    last: Vec<Last>,
    set: Option<GlobSet>,
    in_set: Vec<usize>,
}

/// What a glob without signs but stars says of the last part of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Last {
    /// It begins as the glob does from `start` to `head`, and ends as that does from `tail` on.
    Name {
        start: usize,
        head: usize,
        tail: usize,
    },
    Any,
    /// It is not plain.
    InSet,
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

    /// Of globs that `parse` has checked before.
    #[must_use]
    pub const fn known(sources: Vec<Text>) -> Self {
        Self { sources: Texts::Owned(sources), compiled: OnceLock::new() }
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
        let mut all = compiled.set.as_ref().map_or_else(Vec::new, |set| set.matches(path));
        all.iter_mut().for_each(|number| *number = compiled.in_set[*number]);
        let name = path.rsplit('/').next().unwrap_or(path).as_bytes();
        let may = |(number, last): &(usize, &Last)| last.may_hold(self.sources[*number].as_bytes(), name);
        let plain = compiled.last.iter().enumerate().filter(may).map(|(number, _)| number);
        all.extend(plain.filter(|number| matches_plainly(&self.sources[*number], path)));
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
            let last: Vec<Last> = self.sources.iter().map(|source| Last::of(source)).collect();
            let in_set: Vec<usize> = (0..last.len()).filter(|number| last[*number] == Last::InSet).collect();
            let mut set = GlobSetBuilder::new();
            for number in &in_set {
                set.add(glob(&self.sources[*number]).expect("each glob was checked by `parse`"));
            }
            let set = (!in_set.is_empty()).then(|| set.build().expect("checked globs make a set"));
            Compiled { last, set, in_set }
        })
    }
}

impl Last {
    /// A glob is plain if it has no other signs than stars, and `**` only as a part of its own.
    fn of(source: &str) -> Self {
        let whole = source.len();
        let source = source.trim_start_matches("./").as_bytes();
        let (mut folders, mut is_below) = (0, false);
        let (mut len, mut after_star, mut has_two) = (0, false, false);
        // By bytes: each glob is asked at every start.
        for byte in source.iter().chain(b"/") {
            match byte {
                b'/' => {
                    let is_any = has_two && len == 2;
                    if len == 0 || has_two && !is_any || is_any && is_below {
                        return Self::InSet;
                    }
                    folders += usize::from(is_any);
                    (len, after_star, has_two, is_below) = (0, false, false, is_any);
                }
                b'?' | b'[' | b']' | b'{' | b'}' | b'\\' | b'!' | b',' => return Self::InSet,
                _ => {
                    has_two |= after_star && *byte == b'*';
                    after_star = *byte == b'*';
                    len += 1;
                }
            }
        }
        // Each `**` more multiplies the ways to try.
        if folders > 2 {
            return Self::InSet;
        }
        // `**` at the end is all that lies below.
        if is_below {
            return Self::Any;
        }
        let start = memchr::memrchr(b'/', source).map_or(0, |slash| slash + 1);
        let head = memchr::memchr(b'*', &source[start..]).map_or(source.len(), |star| start + star);
        let tail = memchr::memrchr(b'*', source).filter(|star| *star >= start).map_or(start, |star| star + 1);
        let before = whole - source.len();
        Self::Name { start: before + start, head: before + head, tail: before + tail }
    }

    /// Whether the glob may hold for a path whose last part is `name`.
    fn may_hold(self, source: &[u8], name: &[u8]) -> bool {
        match self {
            Self::Name { start, head, tail } => {
                name.ends_with(&source[tail..]) && name.starts_with(&source[start..head])
            }
            Self::Any => true,
            Self::InSet => false,
        }
    }
}

/// Whether a plain glob holds for a path.
fn matches_plainly(source: &str, path: &str) -> bool {
    let source = source.trim_start_matches("./");
    if source.contains('/') || source == "**" {
        return holds(Some(source), Some(path));
    }
    is_name(source, path.rsplit('/').next().unwrap_or(path))
}

/// Whether the parts hold for all that is left of a path.
fn holds(glob: Option<&str>, path: Option<&str>) -> bool {
    let (Some(glob), Some(path)) = (glob, path) else { return glob.is_none() && path.is_none() };
    let split = |text| -> (&str, Option<&str>) {
        str::split_once(text, '/').map_or((text, None), |(part, rest)| (part, Some(rest)))
    };
    let ((part, rest), (name, below)) = (split(glob), split(path));
    match part {
        // What follows `**` begins at some part of the path; at its end `**` is all that lies below.
        "**" if rest.is_none() => true,
        "**" => holds(rest, Some(path)) || below.is_some() && holds(Some(glob), below),
        _ => is_name(part, name) && holds(rest, below),
    }
}

/// Whether the pieces between stars stand in the name one after the other, the first at its start and the last at its end.
fn is_name(pieces: &str, name: &str) -> bool {
    let Some((first, others)) = pieces.split_once('*') else { return pieces == name };
    let (between, last) = others.rsplit_once('*').map_or((None, others), |(between, last)| (Some(between), last));
    let Some(mut rest) = name.strip_prefix(first).and_then(|rest| rest.strip_suffix(last)) else { return false };
    between.into_iter().flat_map(|between| between.split('*')).all(|piece| {
        let Some(at) = rest.find(piece) else { return false };
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
            let last = Last::of(&source);
            if last == Last::InSet {
                continue;
            }
            let expected = glob(&source).unwrap().compile_matcher().is_match(&path);
            assert_eq!(matches_plainly(&source, &path), expected, "{source} and {path}");
            let name = path.rsplit('/').next().unwrap();
            assert!(!expected || last.may_hold(source.as_bytes(), name.as_bytes()), "{source} and {path}");
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
