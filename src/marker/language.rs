//! Which languages there are, and which one a file is written in. The table is data: `languages.txt`.

use std::collections::HashMap;
use std::sync::OnceLock;

use crate::rule::Alphabet;

/// How a language or format writes comments and strings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Language {
    pub name: &'static str,
    pub class: Class,
    files: &'static str,
    /// What opens something that is no code, the longest first.
    pub openers: Vec<Opener>,
    /// The first byte of each.
    firsts: Alphabet,
}

/// What a file is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Only its comments speak to people.
    Code,
    /// Its values speak, and its comments.
    Data,
    /// All of it is for people.
    Text,
}

/// Something that is no code, and how it begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Opener {
    pub sign: &'static str,
    pub opens: Opens,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opens {
    /// A comment to the end of the line.
    Line,
    Block {
        close: &'static str,
        nested: bool,
    },
    Text {
        close: &'static str,
        flags: &'static str,
    },
    /// A string that is a comment where a statement could begin.
    Doc {
        close: &'static str,
    },
}

/// The language of the file at `path`, whose text begins with `head`.
#[must_use]
pub fn language(path: &str, head: &[u8]) -> &'static Language {
    let all = languages();
    let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
    // A template of a file is written as the file is.
    let name = ["in", "tmpl", "template", "example", "sample", "dist", "orig", "bak"]
        .iter()
        .find_map(|end| name.strip_suffix(end)?.strip_suffix('.').filter(|name| name.contains('.')))
        .unwrap_or(name);
    let extension = name.rsplit_once('.').map(|(_, extension)| extension);
    let begins = |sign: &str| head.trim_ascii_start().starts_with(sign.as_bytes());
    let by = |wanted: &dyn Fn(&str) -> bool| all.iter().find(|it| it.files.split(' ').any(wanted));
    let index = Index::usual();
    let named = index.names.get(name).copied();
    let signs = || extension.and_then(|extension| index.signs.get(extension));
    let signed = || signs()?.iter().find(|(sign, _)| begins(sign)).map(|(_, row)| *row);
    named
        .or_else(signed)
        .or_else(|| index.extensions.get(extension?).copied())
        .map(|row| &all[row])
        .or_else(|| by(&|file| extension.is_some_and(|extension| file.eq_ignore_ascii_case(extension))))
        .or_else(|| by(&|file| file.strip_prefix('!').is_some_and(|program| is_run_by(head, program))))
        .or_else(|| extension.is_none().then(|| by(&|file| file == "txt")).flatten())
        .or(all.last())
        .expect("the table has rows")
}

/// What most files are told by: whole names, extensions with a sign that the file begins with, and extensions, each with
/// the first row that has it.
#[derive(Default)]
struct Index {
    names: HashMap<&'static str, usize>,
    signs: HashMap<&'static str, Vec<(&'static str, usize)>>,
    extensions: HashMap<&'static str, usize>,
}

impl Index {
    fn usual() -> &'static Self {
        static INDEX: OnceLock<Index> = OnceLock::new();
        INDEX.get_or_init(|| {
            let mut index = Self::default();
            for (row, language) in languages().iter().enumerate() {
                for file in language.files.split(' ') {
                    match (file.strip_prefix('='), file.split_once(':')) {
                        (Some(name), _) => {
                            index.names.entry(name).or_insert(row);
                        }
                        (None, Some((end, sign))) => index.signs.entry(end).or_default().push((sign, row)),
                        (None, None) => {
                            index.extensions.entry(file).or_insert(row);
                        }
                    }
                }
            }
            index
        })
    }
}

/// All rows of the table.
pub fn languages() -> &'static [Language] {
    static TABLE: OnceLock<Vec<Language>> = OnceLock::new();
    TABLE.get_or_init(|| {
        let rows = include_str!("languages.txt").lines().filter(|row| !row.starts_with('#'));
        rows.filter_map(Language::of_row).collect()
    })
}

/// Whether the first line starts `program`: as `#!/usr/bin/env -S program`, in any version.
fn is_run_by(head: &[u8], program: &str) -> bool {
    let Some(rest) = head.strip_prefix(b"#!") else { return false };
    let line = rest.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let line = String::from_utf8_lossy(line.get(..line.len().min(256)).unwrap_or(line));
    let words = line.split_whitespace().map(|word| word.rsplit('/').next().unwrap_or(word));
    let mut words = words.filter(|word| *word != "env" && !word.starts_with('-') && !word.contains('='));
    let version = |rest: &str| rest.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    words.next().and_then(|word| word.strip_prefix(program)).is_some_and(version)
}

impl Language {
    /// Whether something that is no code may begin with `byte`.
    #[must_use]
    pub const fn may_open(&self, byte: u8) -> bool {
        self.firsts.has(byte)
    }

    fn of_row(row: &'static str) -> Option<Self> {
        let fields: Vec<&'static str> = row.split('\t').collect();
        let [name, class, files, lines, blocks, strings, docs] = fields[..] else { return None };
        let class = match class {
            "code" => Class::Code,
            "data" => Class::Data,
            _ => Class::Text,
        };
        let words = |field: &'static str| field.split(' ').filter(|word| *word != "-");
        let mut openers: Vec<Opener> = words(lines).map(|sign| Opener { sign, opens: Opens::Line }).collect();
        for pair in words(blocks).collect::<Vec<_>>().chunks_exact(2) {
            let bare = pair[0].strip_prefix('n').filter(|sign| !sign.is_empty());
            let opens = Opens::Block { close: pair[1], nested: bare.is_some() };
            openers.push(Opener { sign: bare.unwrap_or(pair[0]), opens });
        }
        openers.extend(words(docs).map(|sign| Opener { sign, opens: Opens::Doc { close: sign } }));
        for string in words(strings) {
            let mut parts = string.split('~');
            let (sign, close, flags) = (parts.next()?, parts.next()?, parts.next().unwrap_or_default());
            openers.push(Opener { sign, opens: Opens::Text { close, flags } });
        }
        // A docstring comes before the string that it would be elsewhere: the sort keeps that order.
        openers.sort_by_key(|opener| std::cmp::Reverse(opener.sign.len()));
        let firsts: Vec<u8> = openers.iter().map(|opener| opener.sign.as_bytes()[0]).collect();
        Some(Self { name, class, files, openers, firsts: Alphabet::of_bytes(&firsts) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_of_their_language() {
        let rows: [(&str, &str, &str); 28] = [
            ("src/main.rs", "", "rust"),
            ("a/B.JAVA", "", "java"),
            ("Makefile", "", "make"),
            ("x/CMakeLists.txt", "", "cmake"),
            ("notes.txt", "", "plain"),
            ("README", "", "plain"),
            ("README.md", "", "markdown"),
            ("deploy", "#!/bin/sh\n", "shell"),
            ("deploy", "#!/usr/bin/env -S python3.11 -u\n", "python"),
            ("deploy", "#!/usr/bin/env FOO=1 node\n", "javascript"),
            ("deploy", "no program\n", "plain"),
            ("a.json", "", "json"),
            ("a.yml", "", "yaml"),
            ("pom.xml", "", "xml"),
            ("app.conf.in", "", "ini"),
            (".env", "", "properties"),
            (".env.example", "", "properties"),
            ("Dockerfile", "", "dockerfile"),
            ("x.hs", "", "haskell"),
            ("x.lua", "", "lua"),
            ("x.m", "// a\n", "c"),
            ("x.m", "\n% a\n", "matlab"),
            ("x.f90", "", "fortran"),
            ("x.F", "", "fortran77"),
            ("x.cob", "", "cobol"),
            ("x.vhd", "", "vhdl"),
            ("x.sql", "", "sql"),
            ("x.unheard", "", "other"),
        ];
        for (path, head, expected) in rows {
            assert_eq!(language(path, head.as_bytes()).name, expected, "{path}");
        }
    }

    #[test]
    fn each_row_of_the_table_is_read() {
        let rows = include_str!("languages.txt").lines().filter(|row| !row.starts_with('#')).count();
        assert_eq!(languages().len(), rows);
        assert!(rows >= 40 && languages().last().expect("rows").name == "other");
    }
}
