//! Untrusted text for documents: first what could deceive is made visible, then what has a meaning in the document's
//! language loses it.

use std::fmt::{self, Display, Write};

use super::Escaped;

/// Passes characters on, each as `write` has it.
struct Through<'f, 'o, W>(&'f mut fmt::Formatter<'o>, W);

impl<W: FnMut(&mut fmt::Formatter<'_>, char) -> fmt::Result> Write for Through<'_, '_, W> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        text.chars().try_for_each(|letter| (self.1)(self.0, letter))
    }
}

fn each(
    out: &mut fmt::Formatter<'_>,
    text: &str,
    write: impl FnMut(&mut fmt::Formatter<'_>, char) -> fmt::Result,
) -> fmt::Result {
    write!(Through(out, write), "{}", Escaped(text))
}

/// For elements and attributes of XML and HTML.
pub struct Xml<'t>(pub &'t str);

impl Display for Xml<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        each(out, self.0, |out, letter| match letter {
            '&' => out.write_str("&amp;"),
            '<' => out.write_str("&lt;"),
            '>' => out.write_str("&gt;"),
            '"' => out.write_str("&quot;"),
            '\'' => out.write_str("&#39;"),
            // No character of XML, not even as a reference.
            '\u{fffe}' | '\u{ffff}' => write!(out, "\\u{{{:04x}}}", u32::from(letter)),
            _ => out.write_char(letter),
        })
    }
}

/// Prose in Markdown, where nothing of it may become structure, a link or HTML.
pub struct Markdown<'t>(pub &'t str);

impl Display for Markdown<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        each(out, self.0, |out, letter| entity(out, letter, "\\`*_{}[]<>#!|~&@:$^"))
    }
}

/// A reference cannot stand in place of a sign that makes structure.
fn entity(out: &mut fmt::Formatter<'_>, letter: char, signs: &str) -> fmt::Result {
    if signs.contains(letter) { write!(out, "&#{};", u32::from(letter)) } else { out.write_char(letter) }
}

/// Code in Markdown, also in a cell of a table.
pub struct Code<'t>(pub &'t str);

impl Display for Code<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.0;
        if text.is_empty() {
            return Ok(());
        }
        // A span ends at a backtick and a cell at a bar, whatever stands before it; and not every reader knows that no
        // tag begins in code.
        let plain = !text.contains(['`', '|', '<']) && text.trim() == text;
        if plain {
            return write!(out, "`{}`", Escaped(text));
        }
        out.write_str("<code>")?;
        each(out, text, |out, letter| entity(out, letter, "\\`*_{}[]()<>#+-.!|~&@:\"'$^= "))?;
        out.write_str("</code>")
    }
}

/// One cell of comma-separated values, with its quotes. No spreadsheet takes it for a formula, also where it was told of
/// another separator.
pub struct Cell<'t>(pub &'t str);

impl Display for Cell<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_char('"')?;
        let mut starts = true;
        each(out, self.0, |out, letter| {
            if starts && "=+-@＝＋－＠|%".contains(letter) {
                out.write_char('\'')?;
            }
            starts = (starts && letter.is_whitespace()) || ";,\"'".contains(letter);
            if letter == '"' {
                out.write_char('"')?;
            }
            out.write_char(letter)
        })?;
        out.write_char('"')
    }
}

/// A path as a reference of RFC 3986: relative, or `file:` where it begins at the root.
pub struct Uri<'t>(pub &'t str);

impl Display for Uri<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.starts_with('/') {
            out.write_str("file://")?;
        }
        // Two at the start would name a host.
        let mut slashes = 0;
        for byte in self.0.bytes() {
            slashes = if byte == b'/' { slashes + 1 } else { 0 };
            match byte {
                b'/' if slashes > 1 => {}
                b'/' | b'-' | b'.' | b'_' | b'~' => out.write_char(byte.into())?,
                _ if byte.is_ascii_alphanumeric() => out.write_char(byte.into())?,
                _ => write!(out, "%{byte:02X}")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_keeps_its_meaning() {
        let rows = [
            ("xml", Xml("a<b>&\"'\u{1b}\u{ffff}").to_string(), "a&lt;b&gt;&amp;&quot;&#39;\\x1b\\u{ffff}"),
            ("markdown", Markdown("[a](b) <i> @x |").to_string(), "&#91;a&#93;(b) &#60;i&#62; &#64;x &#124;"),
            ("code", Code("a_b [x](y)").to_string(), "`a_b [x](y)`"),
            ("code with a bar", Code("a|`b").to_string(), "<code>a&#124;&#96;b</code>"),
            ("code at a blank", Code(" a").to_string(), "<code>&#32;a</code>"),
            ("no code", Code("").to_string(), ""),
            ("cell", Cell("a \"b\"").to_string(), "\"a \"\"b\"\"\""),
            ("formula", Cell("=1+2").to_string(), "\"'=1+2\""),
            ("formula behind blanks", Cell(" \t-2").to_string(), "\"  '-2\""),
            ("formula behind a separator", Cell("a;=1").to_string(), "\"a;'=1\""),
            ("formula behind a quote", Cell("a\"=1").to_string(), "\"a\"\"'=1\""),
            ("wide formula", Cell("＝1").to_string(), "\"'＝1\""),
            ("path", Uri("a b/ä#?%:\\\n.rs").to_string(), "a%20b/%C3%A4%23%3F%25%3A%5C%0A.rs"),
            ("path from the root", Uri("//a//b").to_string(), "file:///a/b"),
        ];
        for (name, shown, expected) in rows {
            assert_eq!(shown, expected, "{name}");
        }
    }
}
