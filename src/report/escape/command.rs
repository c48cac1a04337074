//! Untrusted text in the commands that build servers read from a log: it can neither end its command nor begin another.

use std::fmt::{self, Display, Write as _};

use super::Escaped;

/// The message of a workflow command of GitHub.
pub struct GithubData<'t>(pub &'t str);

/// A property of one: it ends at a comma, the properties at `::`.
pub struct GithubProperty<'t>(pub &'t str);

/// The message or a property of a logging command of Azure Pipelines.
pub struct Azure<'t>(pub &'t str);

impl Display for GithubData<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        each(out, self.0, |letter| (letter == '%').then_some("%25"))
    }
}

impl Display for GithubProperty<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        each(out, self.0, |letter| match letter {
            '%' => Some("%25"),
            ':' => Some("%3A"),
            ',' => Some("%2C"),
            _ => None,
        })
    }
}

impl Display for Azure<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        each(out, self.0, |letter| match letter {
            '%' => Some("%AZP25"),
            ']' => Some("%5D"),
            ';' => Some("%3B"),
            _ => None,
        })
    }
}

/// Newlines and returns are gone before: `Escaped` shows them.
fn each(out: &mut fmt::Formatter<'_>, text: &str, escape: impl Fn(char) -> Option<&'static str>) -> fmt::Result {
    for letter in Escaped(text).to_string().chars() {
        match escape(letter) {
            Some(escape) => out.write_str(escape)?,
            None => out.write_char(letter)?,
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_cannot_be_left() {
        let rows = [
            (GithubData("50% \n::error::x").to_string(), "50%25 \\x0a::error::x"),
            (GithubProperty("a,b::c%0A").to_string(), "a%2Cb%3A%3Ac%250A"),
            (Azure("a]b;c%3B\r##vso[x]").to_string(), "a%5Db%3Bc%AZP253B\\x0d\\x23#vso[x%5D"),
        ];
        for (shown, expected) in rows {
            assert_eq!(shown, expected);
        }
    }
}
