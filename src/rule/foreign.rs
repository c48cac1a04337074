//! Regexes of other tools' configs, which nobody here has checked: their compiled size is bounded, and each runs in time
//! linear in its text. What one says of paths is also told as globs, where globs can say it; never as wider ones.

use regex::bytes::{Regex, RegexBuilder};
use regex_syntax::hir::{Class, Hir, HirKind, Look};

use crate::secret::Secret;

/// The longest that is read.
const MAX_LEN: usize = 4096;

/// The most memory that one may take, compiled.
const MAX_SIZE: usize = 1 << 20;

/// More globs than this are no help to who reads the config.
const MAX_GLOBS: usize = 24;

/// A regex that somebody else wrote.
#[derive(Clone, Debug)]
pub struct ForeignRegex {
    regex: Regex,
    source: String,
}

impl ForeignRegex {
    /// Compiles it.
    ///
    /// # Errors
    /// It is too long or too large, or has something that no regex in linear time can do.
    pub fn new(source: &str) -> Result<Self, &'static str> {
        if source.len() > MAX_LEN {
            return Err("the regex is too long");
        }
        match RegexBuilder::new(source)
            .unicode(false)
            .size_limit(MAX_SIZE)
            .dfa_size_limit(MAX_SIZE)
            .nest_limit(50)
            .build()
        {
            Ok(regex) => Ok(Self { regex, source: source.to_owned() }),
            Err(regex::Error::CompiledTooBig(_)) => Err("the regex is too large"),
            Err(_) => Err("the regex is of a kind that is not run here, such as one that looks around"),
        }
    }

    /// Whether it holds anywhere in a text.
    #[must_use]
    pub fn holds_in(&self, text: &[u8]) -> bool {
        self.regex.is_match(text)
    }

    /// Whether it holds anywhere in a secret.
    #[must_use]
    pub fn holds_in_secret(&self, secret: Secret<'_>) -> bool {
        self.regex.is_match(secret.expose())
    }

    /// Globs that name the paths in which it holds, and perhaps fewer.
    ///
    /// # Errors
    /// No glob says it, and why.
    pub fn globs(&self) -> Result<Vec<String>, &'static str> {
        let hir =
            regex_syntax::ParserBuilder::new().unicode(false).utf8(false).nest_limit(50).build().parse(&self.source);
        let hir = hir.map_err(|_| "the regex is of a kind that is not run here")?;
        let mut globs = Vec::new();
        for way in ways(&hir)? {
            globs.extend(written(&way)?);
        }
        globs.sort();
        globs.dedup();
        // What holds at the root and what holds below it are one glob.
        let both = |rest: &&str| globs.iter().any(|glob| glob == rest);
        let rests: Vec<String> =
            globs.iter().filter_map(|glob| glob.strip_prefix("**/*/")).filter(both).map(str::to_owned).collect();
        for rest in rests {
            globs.retain(|glob| *glob != rest && glob.strip_prefix("**/*/") != Some(rest.as_str()));
            globs.push(format!("**/{rest}"));
        }
        for glob in globs.iter_mut().filter(|glob| !glob.contains('/')) {
            // It is for the root alone, and without a `/` it would hold in any folder.
            *glob = format!("{{{glob},{glob}/**}}");
        }
        globs.sort();
        globs.dedup();
        if globs.len() > MAX_GLOBS { Err("it stands for too many globs") } else { Ok(globs) }
    }
}

/// A part of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Text(String),
    /// One character, as a glob writes it.
    One(String),
    /// Any characters but `/`.
    Star,
    /// Any characters.
    Deep,
    Start,
    End,
}

type Way = Vec<Piece>;

const REPEATS: &str = "no glob says what repeats in it";
const MANY: &str = "it stands for too many globs";

/// All ways in which it can hold.
fn ways(hir: &Hir) -> Result<Vec<Way>, &'static str> {
    match hir.kind() {
        HirKind::Empty => Ok(vec![Vec::new()]),
        HirKind::Literal(literal) => {
            let text = std::str::from_utf8(&literal.0).map_err(|_| "it is not text")?;
            Ok(vec![vec![Piece::Text(text.to_owned())]])
        }
        HirKind::Class(class) => Ok(vec![vec![Piece::One(one(class)?)]]),
        HirKind::Look(Look::Start) => Ok(vec![vec![Piece::Start]]),
        HirKind::Look(Look::End) => Ok(vec![vec![Piece::End]]),
        HirKind::Look(_) => Err("no glob says where a word or a line ends"),
        HirKind::Capture(capture) => ways(&capture.sub),
        HirKind::Alternation(parts) => {
            let all = parts.iter().map(ways).collect::<Result<Vec<_>, _>>()?.concat();
            if all.len() > MAX_GLOBS { Err(MANY) } else { Ok(all) }
        }
        HirKind::Concat(parts) => {
            let mut all = vec![Vec::new()];
            for part in parts {
                let next = ways(part)?;
                all = all.iter().flat_map(|way| next.iter().map(|more| [way.clone(), more.clone()].concat())).collect();
                if all.len() > MAX_GLOBS {
                    return Err(MANY);
                }
            }
            Ok(all)
        }
        HirKind::Repetition(repetition) => {
            let mut inner = ways(&repetition.sub)?;
            match (repetition.min, repetition.max) {
                (0, Some(1)) => {
                    inner.push(Vec::new());
                    Ok(inner)
                }
                (min @ (0 | 1), None) => {
                    let run = run(&repetition.sub)?;
                    Ok(vec![if min == 0 { vec![run] } else { vec![Piece::One("?".to_owned()), run] }])
                }
                _ => Err(REPEATS),
            }
        }
    }
}

/// What any number of some character is.
fn run(hir: &Hir) -> Result<Piece, &'static str> {
    let class = match hir.kind() {
        HirKind::Class(class) => class,
        HirKind::Capture(capture) => return run(&capture.sub),
        _ => return Err(REPEATS),
    };
    match absent(class).as_slice() {
        [] | ['\n'] => Ok(Piece::Deep),
        ['/'] | ['\n', '/'] => Ok(Piece::Star),
        _ => Err(REPEATS),
    }
}

/// The printable characters, and the newline, that a class does not have.
fn absent(class: &Class) -> Vec<char> {
    let has = |letter: char| match class {
        Class::Unicode(class) => class.ranges().iter().any(|range| range.start() <= letter && letter <= range.end()),
        Class::Bytes(class) => {
            class.ranges().iter().any(|range| (range.start()..=range.end()).contains(&(letter as u8)))
        }
    };
    std::iter::once('\n').chain(' '..='~').filter(|letter| !has(*letter)).collect()
}

/// One character of a class.
fn one(class: &Class) -> Result<String, &'static str> {
    let absent = absent(class);
    if matches!(absent.as_slice(), [] | ['\n'] | ['/'] | ['\n', '/']) {
        return Ok("?".to_owned());
    }
    let present: Vec<char> = (' '..='~').filter(|letter| *letter != '/' && !absent.contains(letter)).collect();
    match present.as_slice() {
        [] => Err("it holds for no path"),
        [letter] => Ok(escaped(*letter)),
        letters if letters.iter().all(|letter| letter.is_ascii_alphanumeric() || "._".contains(*letter)) => {
            Ok(format!("[{}]", letters.iter().collect::<String>()))
        }
        _ => Err("no glob says which characters it means"),
    }
}

fn escaped(letter: char) -> String {
    if "*?[]{}!\\".contains(letter) { format!("[{letter}]") } else { letter.to_string() }
}

/// One way as globs: `.*` between two names is two, since `**` stands for whole folders alone.
fn written(way: &Way) -> Result<Vec<String>, &'static str> {
    let anchored_start = way.first() == Some(&Piece::Start);
    let anchored_end = way.len() > 1 && way.last() == Some(&Piece::End);
    let inner = way.get(usize::from(anchored_start)..way.len() - usize::from(anchored_end)).unwrap_or_default();
    if inner.iter().any(|piece| matches!(piece, Piece::Start | Piece::End)) {
        return Err("it can never hold");
    }
    let mut pieces: Vec<&Piece> = Vec::new();
    let deep = Piece::Deep;
    pieces.extend((!anchored_start).then_some(&deep));
    pieces.extend(inner);
    pieces.extend((!anchored_end).then_some(&deep));
    pieces.dedup_by(|next, last| matches!((&**last, &**next), (Piece::Deep, Piece::Deep | Piece::Star)));
    let mut globs = vec![String::new()];
    for (place, piece) in pieces.iter().enumerate() {
        let is_last = place + 1 == pieces.len();
        globs = globs.iter().flat_map(|glob| longer(glob, piece, is_last)).collect();
        if globs.len() > MAX_GLOBS {
            return Err(MANY);
        }
    }
    let all: Vec<String> = globs.into_iter().filter(|glob| !glob.starts_with('/')).collect();
    if all.is_empty() { Err("it holds for no path below the root") } else { Ok(all) }
}

fn longer(glob: &str, piece: &Piece, is_last: bool) -> Vec<String> {
    match piece {
        Piece::Text(text) => vec![format!("{glob}{}", text.chars().map(escaped).collect::<String>())],
        Piece::One(one) => vec![format!("{glob}{one}")],
        Piece::Star => vec![format!("{glob}*")],
        // Whatever a folder's glob names, all below it is named as well.
        Piece::Deep if is_last && glob.ends_with('/') => vec![format!("{glob}**")],
        Piece::Deep if is_last => vec![format!("{glob}*")],
        Piece::Deep if glob.is_empty() || glob.ends_with('/') => vec![format!("{glob}**/*")],
        Piece::Deep => vec![format!("{glob}*"), format!("{glob}*/**/*")],
        Piece::Start | Piece::End => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::Globs;

    const PATHS: &[&str] = &[
        "vendor/a/b.go",
        "vendor",
        "a/vendor/c.go",
        "myvendor/x",
        "a/myvendor/x",
        "go.sum",
        "a/go.sum",
        "a/go-sum",
        "go.sum.bak",
        "tests/a/b.snap",
        "tests/b.snap",
        "x.png",
        "a/x.png",
        "x.jpg",
        "x.pngx",
        "test_a.py",
        "a/test_a.py",
        "README.md",
        "docs/README.md",
        "Docs/readme.MD",
        "node_modules/a/index.js",
        "x/node_modules/a.js",
        ".env.example",
        "cfg/.env.example",
        "src/a_test.go",
        "a+b/c",
        "a[1]/c",
        "src/fixtures/x/y",
        "fixtures/y",
        "src/x/fixtures",
    ];

    /// The globs of a regex name the paths in which it holds, but that a glob names what is below a folder too.
    #[test]
    fn globs_name_what_the_regex_holds_in() {
        let rows: &[(&str, &str)] = &[
            (r"(^|/)vendor/", "**/vendor/**"),
            (r"vendor/", "**/*vendor/**"),
            (r"^vendor/.*$", "vendor/**"),
            (r"go\.sum$", "**/*go.sum"),
            (r"(?:^|/)go\.sum$", "**/go.sum"),
            (r"^go\.sum$", "{go.sum,go.sum/**}"),
            (r"(.*?)(png|jpg)$", "**/*jpg **/*png"),
            (r".*\.snap", "**/*.snap*"),
            (r"^tests/.*\.snap$", "tests/**/*.snap"),
            (r"test_[^/]*\.py$", "**/*test_*.py"),
            (r"README.md", "**/*README?md*"),
            (r"(?i)readme\.md$", "**/*[Rr][Ee][Aa][Dd][Mm][Ee].[Mm][Dd]"),
            (r"\.env\.example$", "**/*.env.example"),
            (r"^src/.*fixtures.*", "src/**/*fixtures*"),
            (r"^a\+b/", "a+b/**"),
            (r"^a\[1\]/c", "a[[]1[]]/c*"),
        ];
        for (source, expected) in rows {
            let regex = ForeignRegex::new(source).expect(source);
            let globs = regex.globs().expect(source);
            assert_eq!(globs.join(" "), *expected, "{source}");
            let both: Vec<String> = globs.iter().flat_map(|glob| [glob.clone(), format!("{glob}/**")]).collect();
            let set = Globs::parse(&both).expect(source);
            for path in PATHS {
                assert_eq!(set.matches(path), regex.holds_in(path.as_bytes()), "{source}: {path}");
            }
        }
    }

    #[test]
    fn what_no_glob_says_is_refused() {
        for source in [r"[0-9]+\.txt", r"\bvendor\b", r"a{3}", r"(ab)+", r"/$^", r"[a-f0-9]{40}", r"[^.]+x", "^/abs"] {
            let said = ForeignRegex::new(source).expect(source).globs();
            assert!(said.is_err(), "{source}: {said:?}");
        }
    }

    #[test]
    fn a_regex_of_any_size_is_compiled_in_bounds_or_refused() {
        for source in [r"(a{1000}){1000}", r"(?=x)", r"(a", &"a".repeat(5000), &"(".repeat(2000), r"(a)\1"] {
            assert!(ForeignRegex::new(source).is_err(), "{source:.20}");
        }
    }
}
