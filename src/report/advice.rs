//! What to do about a finding: rotate it, take it out of the file, or say why it is safe.

use super::escape::Escaped;
use super::style::{Paint, Style};
use super::wrap::Page;
use crate::finding::{Finding, Placed};
use crate::policy::tier::EXCEEDED;
use crate::policy::{LOOSENED, MARKER_REMOVED, WEAKENED};
use crate::rule::Kind;

/// Adds the advice for a finding to the page.
pub(super) fn write(page: &mut Page, finding: &Finding, style: &Style) {
    const INDENT: usize = 10;
    let mut step = |number: u8, text: &str| {
        let heading = match number {
            1 => format!("  {}  {number}. ", style.paint(Paint::Command, "fix")),
            _ => format!("{:7}{number}. ", ""),
        };
        page.paragraph(heading, INDENT, text);
    };
    if [WEAKENED, LOOSENED, MARKER_REMOVED].contains(&&*finding.rule) {
        return step(1, &rotate(finding));
    }
    if let Some(Placed { tier, bound: Some(bound) }) = finding.tier.as_deref() {
        let to = format!("send it where {} may go: {} may not have it", Escaped(tier), Escaped(&bound.destination));
        step(1, &to);
        step(2, WAIVER);
        if finding.rule == EXCEEDED {
            return;
        }
        let wrong =
            format!("if this is no marking, say so under `allow:` in .tightlip.yml: rule {}", Escaped(&finding.rule));
        return step(3, &wrong);
    }
    // What has no line is the file itself, or stands in its path.
    let in_path = finding.excerpt.text.is_empty();
    match finding.kind {
        Kind::Secret { .. } => {
            step(1, &rotate(finding));
            step(2, if in_path { RENAME } else { TAKE_OUT });
        }
        Kind::Marker { .. } => {
            let what = finding.revoke.as_deref().unwrap_or("keep this text where its marking says it belongs");
            step(1, &Escaped(what).to_string());
            step(2, "if it may leave, have its owner take the marking off");
        }
    }
    if in_path {
        return step(3, "or allow it, under `allow:` in .tightlip.yml: no comment speaks of a path");
    }
    let comment = comment(&finding.place.path);
    step(
        3,
        match comment {
            Some(_) => "or allow it, with this comment on its line or the line above:",
            None => "or allow it, under `allow:` in .tightlip.yml or with this comment on its line:",
        },
    );
    let (open, close) = comment.unwrap_or_default();
    let allow = format!("{open}tightlip: allow {} -- <why it is safe>{close}", Escaped(&finding.rule));
    page.line(format_args!("{:INDENT$}{}", "", style.paint(Paint::Strong, allow)));
}

const WAIVER: &str = "if it may go there, have its owner lower its marking or its path's tier, or ask for an entry of \
                      `waivers:`, which somebody else approves";
const TAKE_OUT: &str = "take it out of the file: read it from an environment variable or a secret store";
const RENAME: &str = "take the file out, or the secret out of its path";

fn rotate(finding: &Finding) -> String {
    let how = finding.revoke.as_deref().unwrap_or("rotate it: whoever can read this file can use it");
    match &finding.docs {
        Some(page) => format!("{} ({})", Escaped(how), Escaped(page)),
        None => Escaped(how).to_string(),
    }
}

/// How a file of this name opens and closes a comment, where its name tells. XML is not here: its comments hold no `--`.
fn comment(path: &str) -> Option<(&'static str, &'static str)> {
    const STYLES: &[(&str, &str, &str)] = &[
        (
            "# ",
            "",
            "bash cfg cmake conf dockerfile env ex exs fish gitconfig hcl jl makefile mk npmrc pl pm properties ps1",
        ),
        ("# ", "", "py pyi r rb sh tf tfvars toml yaml yml zsh"),
        (
            "// ",
            "",
            "c cc cpp cs cts dart fs go gradle groovy h hpp java js json5 jsonc jsx kt kts m mjs mts php proto",
        ),
        ("// ", "", "rs scala scss sol swift ts tsx zig"),
        ("-- ", "", "elm hs lua sql"),
        ("; ", "", "asm clj el ini lisp"),
        ("% ", "", "erl tex"),
        ("/* ", " */", "css"),
        ("<!-- ", " -->", "htm html markdown md svelte vue"),
    ];
    let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
    // `.env` and `Dockerfile` have no extension and are one.
    let extension = name.rsplit('.').next().unwrap_or(name).to_ascii_lowercase();
    let fits = |names: &str| names.split(' ').any(|name| name == extension);
    STYLES.iter().find(|(_, _, names)| fits(names)).map(|(open, close, _)| (*open, *close))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_comment_fits_the_file() {
        let rows = [
            ("src/a.py", Some("# ")),
            ("src/Main.JAVA", Some("// ")),
            (".env", Some("# ")),
            ("a/Dockerfile", Some("# ")),
            ("a.b/main.rs", Some("// ")),
            ("query.sql", Some("-- ")),
            ("page.html", Some("<!-- ")),
            ("package.json", None),
            ("pom.xml", None),
            ("README", None),
            ("", None),
        ];
        for (path, expected) in rows {
            assert_eq!(comment(path).map(|(open, _)| open), expected, "{path}");
        }
    }
}
