//! The text of our scripts, and how one is known again. A script that is not byte for byte what we write is never
//! started by us: anybody can copy a marker.

use super::{Hook, hook};

/// Raised whenever the text of a script changes.
const VERSION: u32 = 1;

const GATE: &str = include_str!("hook.sh");
const PASS: &str = include_str!("pass.sh");
const SHEBANG: &str = "#!/bin/sh\n";
const MARK: &str = "# tightlip-hook ";
const MADE: &str = ", in a folder made for it";

/// Hooks that a folder for all repositories hands on to the repository's own. Those whose mere presence changes what git
/// does (`push-to-checkout`, `proc-receive`), or costs at every command (`reference-transaction`, `post-index-change`),
/// are not among them: `NOT_PASSED_ON`.
pub const PASSED_ON: &[&str] = &[
    "applypatch-msg",
    "pre-applypatch",
    "post-applypatch",
    "pre-commit",
    "pre-merge-commit",
    "prepare-commit-msg",
    "commit-msg",
    "post-commit",
    "pre-rebase",
    "post-checkout",
    "post-merge",
    "pre-push",
    "pre-receive",
    "update",
    "post-receive",
    "post-update",
    "pre-auto-gc",
    "post-rewrite",
    "sendemail-validate",
];

/// Hooks of a repository that do not run while such a folder is in force.
pub(super) const NOT_PASSED_ON: &[&str] =
    &["push-to-checkout", "proc-receive", "reference-transaction", "post-index-change"];

/// One script as it is to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Script {
    /// The hook's name.
    pub name: &'static str,
    /// The whole path of the program that a gate runs; none for a script that only hands on.
    pub program: Option<String>,
    /// It stands in a folder for all repositories, and hands on to each one's own hook.
    pub for_all: bool,
    /// The folder did not exist before, and goes when it is empty again.
    pub made: bool,
}

impl Script {
    /// The script as a text.
    #[must_use]
    pub fn text(&self) -> String {
        let template = if self.program.is_some() { GATE } else { PASS };
        let text = template
            .replace("{version}", &VERSION.to_string())
            .replace("{made}", if self.made { MADE } else { "" })
            .replace("{hook}", self.name);
        let (Some(program), Some(hook)) = (&self.program, hook(self.name)) else { return text };
        let words = |yes: bool, words: [&'static str; 2]| words[usize::from(!yes)];
        // The program last: its path may hold anything.
        text.replace("{command}", hook.command)
            .replace("{repository}", words(self.for_all, ["own", "this"]))
            .replace("{input}", words(hook.reads_lines, ["lines", "none"]))
            .replace("{again}", words(hook.again, ["yes", "no"]))
            .replacen("{program}", &quoted(program), 1)
    }
}

/// A script of ours that was found in a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    pub version: u32,
    /// The hook that the script was written for.
    pub hook: String,
    pub program: Option<String>,
    pub made: bool,
    /// It stands in a folder for all repositories.
    pub for_all: bool,
    /// It is byte for byte what this version of tightlip writes.
    pub genuine: bool,
}

impl Written {
    /// None where the bytes do not begin as a script of ours.
    #[must_use]
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(bytes).ok()?;
        let mark = text.strip_prefix(SHEBANG)?.lines().next()?.strip_prefix(MARK)?;
        let (mark, made) = mark.strip_suffix(MADE).map_or((mark, false), |mark| (mark, true));
        let (version, name) = mark.split_once(' ')?;
        let line = |key: &str| text.lines().find_map(|line| line.strip_prefix(key)).map(str::to_owned);
        let program = line("program=").map(|program| unquoted(&program));
        let for_all = line("repository=").is_none_or(|word| word == "own");
        let known = PASSED_ON.iter().copied().chain(super::HOOKS.iter().map(|hook| hook.name)).find(|it| *it == name);
        let genuine = known.is_some_and(|name| Script { name, program: program.clone(), for_all, made }.text() == text);
        Some(Self { version: version.parse().ok()?, hook: name.to_owned(), program, made, for_all, genuine })
    }

    /// Written by a version whose scripts differ from ours: whether somebody edited it cannot be told.
    #[must_use]
    pub const fn is_of_another_version(&self) -> bool {
        self.version != VERSION
    }

    /// What the hook runs, where it is a gate.
    #[must_use]
    pub fn gate(&self) -> Option<&'static Hook> {
        self.program.as_ref().and_then(|_| hook(&self.hook))
    }
}

/// A word for the shell.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

fn unquoted(word: &str) -> String {
    let inner = word.strip_prefix('\'').and_then(|word| word.strip_suffix('\'')).unwrap_or(word);
    inner.replace(r"'\''", "'")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hooks::HOOKS;

    fn gate(name: &'static str, program: &str) -> Script {
        Script { name, program: Some(program.to_owned()), for_all: false, made: false }
    }

    #[test]
    fn what_is_written_is_known_again() {
        for hook in HOOKS {
            for program in ["/usr/bin/tightlip", "/a b/it's {hook} $HOME `x`/tightlip", "C:/Program Files/tightlip.exe"]
            {
                for (for_all, made) in [(false, false), (true, false), (false, true)] {
                    let script = Script { for_all, made, ..gate(hook.name, program) };
                    let text = script.text();
                    assert!(!text.contains("{hook}") || program.contains("{hook}"), "{text}");
                    let seen = Written::parse(text.as_bytes()).expect("it begins with our marker");
                    let expected = (hook.name, Some(program), made, true);
                    assert_eq!((&*seen.hook, seen.program.as_deref(), seen.made, seen.genuine), expected);
                    assert_eq!(seen.gate(), Some(hook));
                }
            }
        }
        for name in PASSED_ON {
            let script = Script { program: None, for_all: true, ..gate(name, "") };
            let seen = Written::parse(script.text().as_bytes()).expect("it begins with our marker");
            assert!(seen.genuine && seen.gate().is_none(), "{name}");
        }
    }

    #[test]
    fn a_script_that_was_changed_is_not_genuine() {
        let text = gate("pre-commit", "/usr/bin/tightlip").text();
        for (from, to) in [
            ("exit 0", "exit 0 "),
            ("/usr/bin/tightlip'", "/usr/bin/tightlip' x"),
            ("\ninput=", "\ncurl example.com\ninput="),
            ("repository=this", "repository=own "),
        ] {
            let seen = Written::parse(text.replacen(from, to, 1).as_bytes()).expect("the marker is still there");
            assert!(!seen.genuine, "{from}");
        }
        let newer = text.replacen("tightlip-hook 1", "tightlip-hook 99", 1);
        assert!(Written::parse(newer.as_bytes()).expect("a newer one").is_of_another_version());
        for foreign in ["", "#!/bin/sh\n", "#!/bin/sh\nexec x\n# tightlip-hook 1 pre-commit\n", "# tightlip-hook 1 x\n"]
        {
            assert_eq!(Written::parse(foreign.as_bytes()), None, "{foreign}");
        }
    }
}
