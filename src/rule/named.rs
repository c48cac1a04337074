//! Rules that a config makes by naming what is its company's own: hosts, packages, repositories.

use super::syntax::RuleSyntax;
use super::{Rule, RuleError};

/// What the names of a config are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Named {
    Domains,
    Packages,
    Repositories,
}

/// Markers of the level internal for `names`, of which there is one or more.
///
/// # Errors
/// A name is too short or too long to be looked for.
pub fn named(kind: Named, names: &[String]) -> Result<Rule, RuleError> {
    let patterns: Vec<String> = names.iter().map(|name| kind.pattern(name)).collect();
    let (id, finds) = match kind {
        Named::Domains => ("internal-domain", "host of an internal domain"),
        Named::Packages => ("internal-package", "internal package"),
        Named::Repositories => ("internal-repository", "internal repository"),
    };
    let written = RuleSyntax {
        id: id.into(),
        finds: finds.into(),
        level: Some("internal".into()),
        scheme: Some("internal".into()),
        literals: names.iter().map(|name| kind.literal(name).to_ascii_lowercase()).collect(),
        ignore_case: true,
        pattern: Some(patterns.join("|")),
        revoke: Some("Take the name out, or send this where such names may be known.".into()),
        ..RuleSyntax::default()
    };
    Rule::made(&written)
}

impl Named {
    /// The part of a name that is looked for: of a repository what stands behind the host, which many share.
    fn literal(self, name: &str) -> &str {
        match self {
            Self::Domains => name.trim_start_matches(['*', '.']),
            Self::Packages => name.trim_end_matches('*'),
            Self::Repositories => name.trim_end_matches(['/', '*']).rsplit('/').next().unwrap_or(name),
        }
    }

    fn pattern(self, name: &str) -> String {
        let literal = escaped(self.literal(name));
        match self {
            Self::Domains => format!("(?:[a-z0-9_-]{{1,63}}[.]){{0,4}}{literal}"),
            Self::Packages => format!("{literal}(?:[a-z0-9._/-]{{0,100}}[a-z0-9_])?"),
            Self::Repositories => {
                let name = name.trim_end_matches(['/', '*']);
                let (host, path) = name.split_once('/').unwrap_or(("", name));
                let host =
                    if host.is_empty() { String::new() } else { format!("{}(?::[0-9]{{1,5}})?[:/]", escaped(host)) };
                format!("{host}{}", escaped(path))
            }
        }
    }
}

/// A text as a pattern that matches nothing else.
fn escaped(text: &str) -> String {
    let escape = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => char::from(byte).to_string(),
        _ => format!("\\x{byte:02x}"),
    };
    text.bytes().map(escape).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::places_of;

    #[test]
    fn names_are_found_as_they_are_written() {
        let rows: [(Named, &str, &str, Option<&str>); 12] = [
            (Named::Domains, "acme.corp", "https://git.eu.Acme.corp/x", Some("git.eu.Acme.corp")),
            (Named::Domains, "*.acme.corp", "host=acme.corp:80", Some("acme.corp")),
            (Named::Domains, "acme.corp", "acme.corporate", None),
            (Named::Domains, "acme.corp", "notacme.corp", None),
            (Named::Domains, "acme.corp", "acmexcorp", None),
            (Named::Packages, "@acme/", "import '@acme/core/x';", Some("@acme/core/x")),
            (Named::Packages, "com.acme.internal", "import com.acme.internal.Core;", Some("com.acme.internal.Core")),
            (Named::Packages, "go.acme.corp/", "\"go.acme.corp/log\"", Some("go.acme.corp/log")),
            (Named::Repositories, "git.acme.corp/core", "git@git.acme.corp:core", Some("git.acme.corp:core")),
            (
                Named::Repositories,
                "git.acme.corp/core/*",
                "ssh://git.acme.corp:22/core/x",
                Some("git.acme.corp:22/core"),
            ),
            (
                Named::Repositories,
                "github.com/acme-inner",
                "https://github.com/acme-inner/x",
                Some("github.com/acme-inner"),
            ),
            (Named::Repositories, "github.com/acme-inner", "https://github.com/acme/x", None),
        ];
        for (kind, name, text, expected) in rows {
            let rule = named(kind, &[name.to_owned()]).expect(name);
            let bytes = text.as_bytes();
            let places = rule.literals().iter().flat_map(|literal| places_of(bytes, literal, true)).collect::<Vec<_>>();
            let found = places.into_iter().find_map(|at| rule.matches(bytes, at));
            assert_eq!(found.map(|found| &text[found.whole.range()]), expected, "{name} in {text}");
        }
        assert!(named(Named::Domains, &["a".into()]).is_err());
        assert!(named(Named::Domains, &["x".repeat(65)]).is_err());
    }
}
