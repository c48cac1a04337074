//! Moving in from other tools: reads their configs, ignore files and baselines, and plans what becomes of each part: a key
//! of our config, an entry of the baseline, or a line that says why there is nothing like it here. It guesses nothing and
//! widens nothing, runs no program, and writes no file itself.

mod accept;
mod gitleaks;
mod ignored;
mod others;
mod paths;
mod rules;
mod text;
mod tree;

use std::fmt;

pub use accept::{Accepts, Claim, Filter, Judged};
pub use text::config;

use paths::Written;
use tree::{Format, Table};

/// A kind of file that is read.
pub struct Kind {
    /// What `--from` calls it.
    pub name: &'static str,
    /// The tool whose file it is.
    pub peer: &'static str,
    /// Where it is looked for, below the root.
    pub files: &'static [&'static str],
    /// The most bytes that are read: baselines hold a line for each finding.
    pub most: u64,
    read: fn(&mut Reading<'_>),
}

const SMALL: u64 = 1 << 20;
const LARGE: u64 = 64 << 20;

/// All kinds, in the order in which they are read.
pub static KINDS: &[Kind] = &[
    Kind {
        name: "gitleaks",
        peer: "gitleaks",
        files: &[".gitleaks.toml", "gitleaks.toml", ".github/.gitleaks.toml"],
        most: SMALL,
        read: gitleaks::config,
    },
    Kind {
        name: "gitleaks-ignore",
        peer: "gitleaks",
        files: &[".gitleaksignore"],
        most: SMALL,
        read: gitleaks::ignore,
    },
    Kind {
        name: "gitleaks-baseline",
        peer: "gitleaks",
        files: &[".gitleaks-baseline.json", "gitleaks-baseline.json"],
        most: LARGE,
        read: gitleaks::baseline,
    },
    Kind {
        name: "betterleaks",
        peer: "betterleaks",
        files: &[".betterleaks.toml", "betterleaks.toml"],
        most: SMALL,
        read: gitleaks::config,
    },
    Kind {
        name: "betterleaks-ignore",
        peer: "betterleaks",
        files: &[".betterleaksignore"],
        most: SMALL,
        read: gitleaks::ignore,
    },
    Kind {
        name: "betterleaks-baseline",
        peer: "betterleaks",
        files: &[".betterleaks-baseline.json", "betterleaks-baseline.json"],
        most: LARGE,
        read: gitleaks::baseline,
    },
    Kind {
        name: "detect-secrets",
        peer: "detect-secrets",
        files: &[".secrets.baseline"],
        most: LARGE,
        read: others::detect_secrets,
    },
    Kind {
        name: "trufflehog-exclude",
        peer: "trufflehog",
        files: &[
            ".trufflehog-exclude",
            ".trufflehog-exclude.txt",
            "trufflehog-exclude.txt",
            ".trufflehogignore",
            ".trufflehog-ignore",
        ],
        most: SMALL,
        read: others::trufflehog,
    },
    Kind {
        name: "kingfisher",
        peer: "kingfisher",
        files: &["kingfisher.yaml", "kingfisher.yml", ".kingfisher.yaml", ".kingfisher.yml"],
        most: SMALL,
        read: others::kingfisher,
    },
    Kind {
        name: "kingfisher-baseline",
        peer: "kingfisher",
        files: &["kingfisher-baseline.yaml", "kingfisher-baseline.yml", ".kingfisher-baseline.yaml"],
        most: SMALL,
        read: others::kingfisher_baseline,
    },
    Kind {
        name: "ggshield",
        peer: "ggshield",
        files: &[".gitguardian.yaml", ".gitguardian.yml"],
        most: SMALL,
        read: others::ggshield,
    },
    Kind { name: "talisman", peer: "talisman", files: &[".talismanrc"], most: SMALL, read: others::talisman },
    Kind {
        name: "secretlint",
        peer: "secretlint",
        files: &[".secretlintrc", ".secretlintrc.json", ".secretlintrc.yaml", ".secretlintrc.yml"],
        most: SMALL,
        read: others::secretlint,
    },
    Kind {
        name: "secretlint-ignore",
        peer: "secretlint",
        files: &[".secretlintignore"],
        most: SMALL,
        read: ignored::patterns,
    },
    Kind { name: "ripsecrets", peer: "ripsecrets", files: &[".secretsignore"], most: SMALL, read: ignored::ripsecrets },
];

/// Files of tools that only their own program can read.
pub static PROGRAMS: &[(&str, &str)] = &[(".secretlintrc.js", "secretlint"), (".secretlintrc.cjs", "secretlint")];

/// Where something comes from: a file, and a place in it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct From {
    pub file: String,
    pub place: String,
}

impl fmt::Display for From {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.place.is_empty() { out.write_str(&self.file) } else { write!(out, "{}: {}", self.file, self.place) }
    }
}

/// Something with the place that it comes from.
#[derive(Clone, Debug)]
pub struct Noted<T> {
    pub what: T,
    pub from: From,
}

/// An exception for a rule in some paths.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exception {
    pub rule: String,
    pub path: Option<String>,
    /// A fingerprint.
    pub value: Option<String>,
    pub reason: String,
}

/// What becomes of other tools' files.
#[derive(Debug, Default)]
pub struct Plan {
    /// The tools whose files were read, each once.
    pub peers: Vec<&'static str>,
    pub leave_out: Vec<Noted<String>>,
    /// Built-in rules that are switched off.
    pub off: Vec<Noted<String>>,
    pub exceptions: Vec<Noted<Exception>>,
    /// Own rules, each as the lines of the config's `rules:`.
    pub rules: Vec<Noted<rules::OwnRule>>,
    /// Single findings that were accepted.
    pub claims: Vec<Claim>,
    /// What values were accepted.
    pub filters: Vec<Filter>,
    /// What has no place here, and why.
    pub lost: Vec<Noted<String>>,
}

impl Plan {
    /// Adds what a file says. `tree` are the paths of the repository, relative to its root; `bytes` gives those of one.
    pub fn read(
        &mut self,
        kind: &Kind,
        file: &str,
        text: &str,
        tree: &[String],
        bytes: &dyn Fn(&str) -> Option<Vec<u8>>,
    ) {
        if !self.peers.contains(&kind.peer) {
            self.peers.push(kind.peer);
        }
        (kind.read)(&mut Reading { plan: self, file, text, tree, bytes });
    }

    /// Adds what could not be carried over.
    pub fn lose(&mut self, file: &str, place: &str, why: impl Into<String>) {
        let from = From { file: file.to_owned(), place: place.to_owned() };
        self.lost.push(Noted { what: why.into(), from });
    }
}

/// One file while it is read.
struct Reading<'r> {
    plan: &'r mut Plan,
    file: &'r str,
    text: &'r str,
    tree: &'r [String],
    bytes: &'r dyn Fn(&str) -> Option<Vec<u8>>,
}

/// The config says how the other tool runs, and nothing of what it lets pass.
const HOW_IT_RUNS: &str = "it says how that tool runs, and has no counterpart here";

impl Reading<'_> {
    fn from(&self, place: &str) -> From {
        From { file: self.file.to_owned(), place: place.to_owned() }
    }

    fn lose(&mut self, place: &str, why: impl Into<String>) {
        self.plan.lose(self.file, place, why);
    }

    /// The file as a tree; where it is none, that is told.
    fn tree_of(&mut self, format: Format) -> Option<serde_json::Value> {
        match tree::parse(format, self.file, self.text) {
            Ok(value) if value.is_null() => None,
            Ok(value) if value.is_object() || value.is_array() => Some(value),
            Ok(_) => {
                self.lose("", "it is not of its form");
                None
            }
            Err(why) => {
                self.lose("", why);
                None
            }
        }
    }

    fn leave_out(&mut self, written: Written, pattern: &str, place: &str) {
        match paths::globs(written, pattern, self.tree) {
            Ok(globs) => {
                let from = self.from(place);
                self.plan.leave_out.extend(globs.into_iter().map(|what| Noted { what, from: from.clone() }));
            }
            Err(why) => self.lose(place, format!("path not left out: {why}")),
        }
    }

    fn leave_out_all(&mut self, written: Written, table: &Table<'_>, key: &str) {
        for (number, pattern) in table.texts(key).iter().enumerate() {
            self.leave_out(written, pattern, &format!("{}[{number}]", table.place_of(key)));
        }
    }

    fn claim(&mut self, place: &str, accepts: Accepts) {
        let from = self.from(place);
        self.plan.claims.push(Claim::new(from, accepts));
    }

    /// Regexes that cannot be run are told; the others are handed back.
    fn regexes(&mut self, table: &Table<'_>, key: &str) -> Vec<crate::rule::ForeignRegex> {
        let mut all = Vec::new();
        for (number, source) in table.texts(key).iter().enumerate() {
            match crate::rule::ForeignRegex::new(source) {
                Ok(regex) => all.push(regex),
                Err(why) => self.lose(&format!("{}[{number}]", table.place_of(key)), why),
            }
        }
        all
    }

    /// Tells of keys that nobody asked for.
    fn lose_rest(&mut self, table: &Table<'_>, why: &str) {
        for place in table.rest() {
            self.lose(&place, why);
        }
    }
}

#[cfg(test)]
mod tests;
