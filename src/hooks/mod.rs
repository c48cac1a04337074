//! The hooks that git runs, and the scripts that stand there for tightlip: written, chained with what was there before,
//! recognised, and taken away again so that all is as it was. Nothing outside of the hooks folder is written.

mod canary;
mod doctor;
mod error;
mod folder;
mod manager;
mod program;
mod script;
mod write;

pub use canary::canary;
pub use doctor::{Check, Examined, Status, exit};
pub use error::HookError;
pub use folder::{Done, Folder, Found, Removed};
pub use manager::{Effect, MANAGERS, Manager, of_folder};
pub use program::{installing, on_path};
pub use script::{PASSED_ON, Script, Written};

/// A hook that tightlip can stand in.
#[derive(Debug, PartialEq, Eq)]
pub struct Hook {
    pub name: &'static str,
    /// What the script runs, behind the program's name.
    pub command: &'static str,
    /// Git writes lines to its standard input.
    pub reads_lines: bool,
    /// A hook that was there before may change what will be committed: look again behind it.
    pub again: bool,
    /// For the help.
    pub about: &'static str,
}

/// All of them; those that are installed where none is asked for come first.
pub static HOOKS: &[Hook] = &[
    Hook {
        name: "pre-commit",
        command: "staged",
        reads_lines: false,
        again: true,
        about: "what `git commit` is about to add",
    },
    Hook {
        name: "commit-msg",
        command: "message \"$1\"",
        reads_lines: false,
        again: true,
        about: "the message of a commit",
    },
    // git-lfs uploads files in a hook of this name: nothing may leave before it was looked at.
    Hook {
        name: "pre-push",
        command: "push -- \"$@\"",
        reads_lines: true,
        again: false,
        about: "all commits that `git push` is about to send",
    },
    Hook {
        name: "pre-receive",
        command: "receive",
        reads_lines: true,
        again: false,
        about: "on a server: all that a push brings",
    },
    Hook {
        name: "pre-merge-commit",
        command: "staged",
        reads_lines: false,
        again: true,
        about: "what `git merge` is about to commit by itself",
    },
    Hook {
        name: "pre-applypatch",
        command: "staged",
        reads_lines: false,
        again: true,
        about: "what `git am` is about to commit",
    },
    Hook {
        name: "applypatch-msg",
        command: "message \"$1\"",
        reads_lines: false,
        again: true,
        about: "the message of a patch that `git am` applies",
    },
];

/// What is installed where no hook is named.
#[must_use]
pub const fn defaults(bare: bool) -> &'static [&'static str] {
    if bare { &["pre-receive"] } else { &["pre-commit", "commit-msg", "pre-push"] }
}

#[must_use]
pub fn hook(name: &str) -> Option<&'static Hook> {
    HOOKS.iter().find(|hook| hook.name == name)
}
