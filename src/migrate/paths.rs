//! Paths that another tool passes over, as globs of our config: never more than it passes over itself, as far as the
//! files that are there can tell.

use crate::policy::Paths;
use crate::rule::ForeignRegex;

/// How a tool writes paths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    /// A regex that holds anywhere in the path.
    Regex,
    /// A line of an ignore file.
    Ignore,
    /// ggshield's: `*` within a part, at any depth, down to the end.
    Ggshield,
    /// The path itself.
    Plain,
}

/// Globs for a pattern; `tree` are the files that are there.
///
/// # Errors
/// No glob says it, and why.
pub fn globs(written: Written, pattern: &str, tree: &[String]) -> Result<Vec<String>, String> {
    let globs = match written {
        Written::Regex => return of_regex(pattern, tree),
        Written::Ignore => vec![of_ignore(pattern)?],
        Written::Ggshield => {
            let glob = of_ggshield(pattern)?;
            return narrow(vec![glob], &regex_of_ggshield(pattern)?, tree);
        }
        Written::Plain => vec![rooted(&pattern.chars().map(escaped).collect::<String>())],
    };
    for glob in &globs {
        usable(glob)?;
    }
    Ok(globs)
}

/// A glob that the config takes.
fn usable(glob: &str) -> Result<Paths, String> {
    let paths = Paths::new([glob]).map_err(|(_, why)| why)?;
    // As the config's own check: what admits a name that nobody has admits all.
    if paths.admit("\u{1}\u{2}/\u{3}\u{4}.\u{5}") { Err("it names every file".to_owned()) } else { Ok(paths) }
}

fn of_regex(pattern: &str, tree: &[String]) -> Result<Vec<String>, String> {
    let regex = ForeignRegex::new(pattern)?;
    narrow(regex.globs()?, &regex, tree)
}

/// The globs, unless one of them names a file that the tool reads.
fn narrow(globs: Vec<String>, regex: &ForeignRegex, tree: &[String]) -> Result<Vec<String>, String> {
    for glob in &globs {
        let paths = usable(glob)?;
        if let Some(wider) = tree.iter().find(|path| paths.admit(path) && !regex.holds_in(path.as_bytes())) {
            return Err(format!("as a glob it would name `{wider}` too"));
        }
    }
    Ok(globs)
}

/// `.gitignore`'s form without negation.
fn of_ignore(pattern: &str) -> Result<String, String> {
    let pattern = pattern.strip_prefix('\\').filter(|rest| rest.starts_with(['#', '!'])).unwrap_or(pattern);
    if pattern.contains('\\') {
        return Err("it has an escape".to_owned());
    }
    let is_folder = pattern.ends_with('/');
    let inner = pattern.trim_end_matches('/');
    let is_rooted = inner.contains('/');
    let inner = inner.strip_prefix('/').unwrap_or(inner);
    if inner.is_empty() {
        return Err("it names every file".to_owned());
    }
    // Braces stand for themselves there.
    let glob: String =
        inner.chars().map(|letter| if "{}".contains(letter) { escaped(letter) } else { letter.to_string() }).collect();
    Ok(match (is_folder, is_rooted) {
        (true, true) => format!("{glob}/**"),
        (true, false) => format!("**/{glob}/**"),
        (false, true) => rooted(&glob),
        (false, false) => glob,
    })
}

fn of_ggshield(pattern: &str) -> Result<String, String> {
    let (is_rooted, is_folder) = (pattern.starts_with('/'), pattern.ends_with('/'));
    let inner = pattern.trim_matches('/');
    let parts = inner.split('/').all(|part| part == "**" || !part.contains("**"));
    if inner.is_empty() || !parts {
        return Err("it is no pattern that ggshield takes".to_owned());
    }
    let glob: String =
        inner.chars().map(|letter| if letter == '*' { "*".to_owned() } else { escaped(letter) }).collect();
    let glob = if is_folder { format!("{glob}/**") } else { glob };
    Ok(if is_rooted { rooted(&glob) } else { format!("**/{}", glob.strip_prefix("**/").unwrap_or(&glob)) })
}

/// What that tool makes of a pattern.
fn regex_of_ggshield(pattern: &str) -> Result<ForeignRegex, String> {
    let (start, rest) = pattern.strip_prefix('/').map_or(("(^|/)", pattern), |rest| ("^", rest));
    let inner = regex_syntax::escape(rest).replace(r"\*\*/", "([^/]+/)*").replace(r"\*", "[^/]+");
    Ok(ForeignRegex::new(&format!("{start}{inner}{}", if pattern.ends_with('/') { "" } else { "$" }))?)
}

/// For the root alone: a glob without `/` holds in any folder.
fn rooted(glob: &str) -> String {
    if glob.contains('/') { glob.to_owned() } else { format!("{{{glob},{glob}/**}}") }
}

fn escaped(letter: char) -> String {
    if "*?[]{}!\\".contains(letter) { format!("[{letter}]") } else { letter.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_becomes_a_glob_that_names_the_same() {
        let tree: Vec<String> = ["a/vendor/x", "vendor/y", "src/a.md", "a.md", "docs/a.md", "a{b}", "tests/x.snap/y"]
            .map(str::to_owned)
            .into();
        let rows: &[(Written, &str, &str, &str)] = &[
            (Written::Ignore, "vendor/", "**/vendor/**", "a/vendor/x vendor/y"),
            (Written::Ignore, "/vendor/", "vendor/**", "vendor/y"),
            (Written::Ignore, "/a.md", "{a.md,a.md/**}", "a.md"),
            (Written::Ignore, "*.md", "*.md", "src/a.md a.md docs/a.md"),
            (Written::Ignore, "docs/*.md", "docs/*.md", "docs/a.md"),
            (Written::Ignore, "a{b}", "a[{]b[}]", "a{b}"),
            (Written::Ggshield, "**/a.md", "**/a.md", "src/a.md a.md docs/a.md"),
            (Written::Ggshield, "vendor/", "**/vendor/**", "a/vendor/x vendor/y"),
            (Written::Ggshield, "/docs/*", "docs/*", "docs/a.md"),
            (Written::Plain, "a{b}", "{a[{]b[}],a[{]b[}]/**}", "a{b}"),
            (Written::Regex, r"(^|/)vendor/", "**/vendor/**", "a/vendor/x vendor/y"),
            (Written::Regex, r"\.md$", "**/*.md", "src/a.md a.md docs/a.md"),
        ];
        for (written, pattern, expected, named) in rows {
            let globs = globs(*written, pattern, &tree).expect(pattern);
            assert_eq!(globs.join(" "), *expected, "{pattern}");
            let paths = Paths::new(globs.iter().map(String::as_str)).expect(pattern);
            let seen: Vec<&str> = tree.iter().map(String::as_str).filter(|path| paths.admit(path)).collect();
            assert_eq!(seen.join(" "), *named, "{pattern}");
        }
    }

    #[test]
    fn what_would_name_more_is_refused() {
        let tree = ["tests/x.snap/y".to_owned()];
        for (written, pattern) in [
            (Written::Regex, r"\.snap$"),
            (Written::Regex, r".*"),
            (Written::Regex, ""),
            (Written::Regex, r"(?=a)"),
            (Written::Ignore, "*"),
            (Written::Ignore, "/"),
            (Written::Ignore, "a\\ b"),
            (Written::Ggshield, "tests/*"),
            (Written::Ggshield, "***"),
            (Written::Ggshield, "a**"),
            (Written::Plain, "../x"),
        ] {
            assert!(globs(written, pattern, &tree).is_err(), "{pattern}");
        }
    }
}
