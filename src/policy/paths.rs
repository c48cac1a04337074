//! Paths, as the config writes them: globs, relative to its folder, with `/` on every system.

use crate::rule::Globs;

/// Paths relative to the config's folder; a folder that is named is named with all that is in it.
#[derive(Debug, Default)]
pub struct Paths(Option<Globs>);

impl Paths {
    /// Checks `patterns`.
    ///
    /// # Errors
    /// The place in `patterns` of the first that is no usable glob, and why.
    pub fn new<'p>(patterns: impl IntoIterator<Item = &'p str>) -> Result<Self, (usize, String)> {
        let mut all = Vec::new();
        for (place, pattern) in patterns.into_iter().enumerate() {
            let globs = both(pattern).map_err(|why| (place, why))?;
            Globs::parse(&globs).map_err(|(_, why)| (place, why))?;
            all.extend(globs);
        }
        // Together they may be too large for what each alone is not.
        Ok(Self((!all.is_empty()).then(|| Globs::parse(&all)).transpose().map_err(|(_, why)| (0, why))?))
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// Whether `path` is named, relative to the config's folder and with `/` on every system.
    #[must_use]
    pub fn admit(&self, path: &str) -> bool {
        self.0.as_ref().is_some_and(|globs| globs.matches(path.strip_prefix("./").unwrap_or(path)))
    }

    /// The places, among the patterns, of those that name `path`, in their order.
    #[must_use]
    pub fn all(&self, path: &str) -> Vec<usize> {
        let globs = self.0.as_ref().map(|globs| globs.all(path.strip_prefix("./").unwrap_or(path)));
        // Each pattern is two globs.
        let mut places: Vec<usize> = globs.unwrap_or_default().into_iter().map(|glob| glob / 2).collect();
        places.dedup();
        places
    }
}

/// A glob that names the file at this path, and what is in it if it is a folder. At the root it must say so: a glob
/// without `/` holds in any folder.
#[must_use]
pub fn glob_of(path: &str) -> String {
    let sign = |letter: char| if "*?[]{}!\\".contains(letter) { format!("[{letter}]") } else { letter.to_string() };
    let glob: String = path.chars().map(sign).collect();
    if glob.contains('/') { glob } else { format!("{{{glob},{glob}/**}}") }
}

/// The longest pattern; longer ones only make the compiled form large.
const MAX_LEN: usize = 500;

/// The pattern itself, and everything below a folder that it names.
fn both(pattern: &str) -> Result<[String; 2], String> {
    let trimmed = pattern.strip_prefix("./").unwrap_or(pattern).trim_end_matches('/');
    if trimmed.is_empty() {
        return Err("it is empty".to_owned());
    }
    if trimmed.len() > MAX_LEN {
        return Err(format!("it is longer than {MAX_LEN} bytes"));
    }
    if trimmed.starts_with('/') {
        return Err("it begins with `/`: paths are relative to the config's folder".to_owned());
    }
    if trimmed.split('/').any(|part| part == "..") {
        return Err("it leaves the config's folder with `..`".to_owned());
    }
    // A pattern without `/` is a name in any folder, as in a rule's `files`.
    let anywhere = if trimmed.contains('/') { "" } else { "**/" };
    Ok([format!("{anywhere}{trimmed}"), format!("{anywhere}{trimmed}/**")])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_glob_names_files_and_all_below_a_folder() {
        let rows = [
            ("vendor/**", "vendor/a/b.rs", true),
            ("vendor", "vendor/a/b.rs", true),
            ("vendor/", "vendor/a", true),
            ("./vendor", "./vendor/a", true),
            ("vendor", "src/vendor/a", true),
            ("src/vendor", "a/src/vendor/b", false),
            ("**/vendor", "src/vendor/a", true),
            ("*.lock", "Cargo.lock", true),
            ("*.lock", "a/Cargo.lock", true),
            ("a/*.lock", "a/b/Cargo.lock", false),
            ("**/*.{pem,key}", "a/b/c.key", true),
            ("tests/*.rs", "tests/a/b.rs", false),
            ("tests", "tests2/a", false),
        ];
        for (glob, path, expected) in rows {
            assert_eq!(Paths::new([glob]).expect(glob).admit(path), expected, "{glob} {path}");
        }
        assert!(!Paths::default().admit("a"));
        let paths = Paths::new(["a", "*.rs", "b/**", "a/b"]).expect("globs");
        assert_eq!(paths.all("./a/b/c.rs"), [0, 1, 3]);
        assert_eq!((paths.all("c"), Paths::default().all("a")), (Vec::new(), Vec::new()));
    }

    #[test]
    fn unusable_globs_are_refused() {
        for glob in ["", "/", "./", "/etc", "../a", "a/../b", "a[", "{a", "a[z-a]", &"a".repeat(501)] {
            assert_eq!(Paths::new(["fine", glob]).expect_err(glob).0, 1, "{glob}");
        }
    }
}
