//! From a path as a report shows it to the same path as the config's globs mean it: relative to the config's folder.

use std::borrow::Cow;
use std::path::Path;

/// Where the config lies and where the command runs; the default changes no path.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    /// Both absolute, with `/` between parts and at the end; empty where nothing is to change.
    folder: String,
    here: String,
}

impl Scope {
    /// `folder` is the config's, `here` the one that relative paths start from; both absolute.
    #[must_use]
    pub fn new(folder: &Path, here: &Path) -> Self {
        let text = |path: &Path| {
            let text = path.to_string_lossy().replace(std::path::MAIN_SEPARATOR, "/");
            format!("{}/", text.trim_end_matches('/'))
        };
        Self { folder: text(folder), here: text(here) }
    }

    /// For paths that start from the config's own folder, wherever the command runs.
    #[must_use]
    pub fn at_its_folder(&self) -> Self {
        Self { folder: self.folder.clone(), here: self.folder.clone() }
    }

    /// The path relative to the config's folder; one outside of it stays absolute, so that only globs such as `**/*.pem`
    /// can speak of it.
    #[must_use]
    pub fn relative<'p>(&self, shown: &'p str) -> Cow<'p, str> {
        let is_absolute = shown.starts_with('/') || Path::new(shown).is_absolute();
        let is_plain = !shown.split('/').any(|part| matches!(part, "." | ".."));
        if self.folder.is_empty() || (!is_absolute && is_plain && self.folder == self.here) {
            return Cow::Borrowed(shown);
        }
        let absolute = if is_absolute { Cow::Borrowed(shown) } else { Cow::Owned(format!("{}{shown}", self.here)) };
        let absolute = if is_plain { absolute } else { Cow::Owned(walked(&absolute)) };
        match absolute.strip_prefix(self.folder.as_str()) {
            Some(inside) => Cow::Owned(inside.to_owned()),
            None => Cow::Owned(absolute.into_owned()),
        }
    }
}

/// The path without `.` and `..`.
fn walked(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "." => {}
            // The first part is the root: above it there is the root again.
            ".." => parts.truncate(parts.len().saturating_sub(1).max(1)),
            _ => parts.push(part),
        }
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_told_as_the_config_means_them() {
        let rows = [
            ("/r", "/r", "a/b", "a/b"),
            ("/r", "/r", "/r/a", "a"),
            ("/r", "/r/sub", "a", "sub/a"),
            ("/r", "/r/sub", "../a", "a"),
            ("/r", "/r/sub", "../../x/a", "/x/a"),
            ("/r", "/r", "./sub/../a", "a"),
            ("/r", "/other", "a", "/other/a"),
            ("/r", "/other", "../r/a", "a"),
            ("/r", "/r", "../../../a", "/a"),
            ("/r", "/r", "/rest/a", "/rest/a"),
            ("/", "/", "/a/b", "a/b"),
        ];
        for (folder, here, shown, expected) in rows {
            let scope = Scope::new(Path::new(folder), Path::new(here));
            assert_eq!(scope.relative(shown), expected, "{shown} in {here}");
        }
        assert_eq!(Scope::default().relative("../a"), "../a");
    }
}
