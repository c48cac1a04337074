//! Holds the modules of `src/` to the table in `modules.txt`: which module may use which, and which crate has its home
//! where. A new edge fails, and so does one in the table that is no longer used. Code for tests is not looked at.

#![allow(clippy::disallowed_methods, reason = "it reads files of its own")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

const TABLE: &str = include_str!("modules.txt");
const MANIFEST: &str = include_str!("../Cargo.toml");

/// Used by all, and no room's own.
const FREE: &[&str] = &["memchr", "thiserror"];

type Edges = BTreeMap<String, BTreeSet<String>>;

#[test]
fn modules_use_only_what_the_table_allows() {
    let (expected, _) = table(TABLE);
    compare("module", &expected, &used().0);
}

#[test]
fn each_crate_is_used_in_its_homes_alone() {
    let (_, expected) = table(TABLE);
    compare("crate", &expected, &used().1);
}

#[test]
fn the_scanner_sees_what_it_should() {
    let rows: &[(&str, &[&str])] = &[
        ("use crate::span::Span;", &["span"]),
        ("use crate::{blob::Blob, rule::{self, Rule}, yaml};", &["blob", "rule", "yaml"]),
        ("fn f(x: crate::date::Date) { crate::trace::g() }", &["date", "trace"]),
        ("pub(crate) fn f() {}", &[]),
        ("// crate::span\n/* crate::date /* crate::rule */ crate::blob */", &[]),
        ("const A: &str = \"crate::span \\\" crate::date\"; const B: char = '\"'; use crate::rule;", &["rule"]),
        ("const A: &str = r#\"crate::span \" \"#; const B: &[u8] = br\"crate::date\"; use crate::rule;", &["rule"]),
        ("fn f<'a>(x: &'a str) -> &'a str { crate::rule::g(x, '\\'') }", &["rule"]),
        ("#[cfg(test)] #[path = \"x\"] mod tests { use crate::span; fn f() {} } use crate::rule;", &["rule"]),
        ("#[cfg(test)] mod tests; use crate::rule;", &["rule"]),
        ("#[cfg(not(test))] use crate::rule;", &["rule"]),
    ];
    for (source, expected) in rows {
        let found: Vec<String> = roots(&tokens(source), "crate").into_iter().filter_map(Root::local).collect();
        assert_eq!(&found, expected, "{source}");
    }
    let climbs = [("use super::a;", 1, true), ("use super::a;", 2, false), ("use super::super::a;", 2, true)];
    for (source, depth, expected) in climbs {
        assert_eq!(reaches_the_root(&tokens(source), depth), expected, "{source} at depth {depth}");
    }
    assert!(!reaches_the_root(&tokens("mod inner { use super::a; }"), 1));
}

/// Says line by line what to write into the table, and what to take out of it.
fn compare(what: &str, expected: &Edges, used: &Edges) {
    let names: BTreeSet<&String> = expected.keys().chain(used.keys()).collect();
    let nothing = BTreeSet::new();
    let mut wrong = Vec::new();
    for name in names {
        let (allowed, real) = (expected.get(name).unwrap_or(&nothing), used.get(name).unwrap_or(&nothing));
        wrong.extend(real.difference(allowed).map(|it| format!("{what} `{name}`: `{it}` is new")));
        wrong.extend(allowed.difference(real).map(|it| format!("{what} `{name}`: `{it}` is no longer used")));
        match (expected.contains_key(name), used.contains_key(name)) {
            (true, false) => wrong.push(format!("{what} `{name}` is no more, and has a line in the table")),
            (false, true) => wrong.push(format!("{what} `{name}` has no line in the table")),
            _ => {}
        }
    }
    assert!(wrong.is_empty(), "tests/modules.txt and src/ differ:\n{}", wrong.join("\n"));
}

/// The two parts of the table: a line is `name: what it may use`.
fn table(text: &str) -> (Edges, Edges) {
    let (modules, crates) = text.split_once("[crates]").expect("the table has a part for crates");
    let edges = |part: &str| {
        let lines = part.lines().filter(|line| !line.starts_with(['#', '[']) && !line.trim().is_empty());
        let edge = |line: &str| {
            let (name, used) = line.split_once(':').expect("a line of the table has a colon");
            (name.to_owned(), used.split_whitespace().map(str::to_owned).collect())
        };
        lines.map(edge).collect()
    };
    (edges(modules), edges(crates))
}

/// What each module uses, and where each crate is used.
fn used() -> (Edges, Edges) {
    let (mut modules, mut crates) = (Edges::new(), Edges::new());
    let known = dependencies();
    for name in known.iter().filter(|name| !FREE.contains(&name.as_str())) {
        crates.insert(name.clone(), BTreeSet::new());
    }
    for (path, module, depth) in sources() {
        let source = fs::read_to_string(&path).expect("a file that was just listed");
        let tokens = tokens(&source);
        assert!(!reaches_the_root(&tokens, depth), "{}: say `crate::` in place of climbing to it", path.display());
        let uses = modules.entry(module.clone()).or_default();
        // The program sees its library as a crate.
        for root in roots(&tokens, if module == "main" { "tightlip" } else { "crate" }) {
            match root {
                Root::Local(other) if other != module => drop(uses.insert(other)),
                Root::Named(name) if known.contains(&name) && !FREE.contains(&name.as_str()) => {
                    crates.entry(name).or_default().insert(module.clone());
                }
                Root::Local(_) | Root::Named(_) => {}
            }
        }
    }
    (modules, crates)
}

/// The crates under `[dependencies]`, as code names them.
fn dependencies() -> BTreeSet<String> {
    let lines = MANIFEST.lines().skip_while(|line| *line != "[dependencies]").skip(1);
    let lines = lines.take_while(|line| !line.starts_with('['));
    lines.filter_map(|line| line.split_once(" = ")).map(|(name, _)| name.replace('-', "_")).collect()
}

/// Each source file with its top-level module and how deep in it the file stands; files for tests alone are left out.
fn sources() -> Vec<(PathBuf, String, usize)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let (mut folders, mut found) = (vec![root.clone()], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("src/ can be listed") {
            let path = entry.expect("src/ can be listed").path();
            let relative = path.strip_prefix(&root).expect("below src/").with_extension("");
            let mut parts: Vec<&str> = relative.iter().map(|part| part.to_str().expect("a plain name")).collect();
            if parts.last() == Some(&"tests") || parts == ["lib"] {
                continue;
            }
            if path.is_dir() {
                folders.push(path.clone());
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                parts.pop_if(|last| *last == "mod");
                found.push((path.clone(), parts[0].to_owned(), parts.len()));
            }
        }
    }
    found
}

/// The first part of a path in the code.
enum Root {
    /// `crate::name`, or `tightlip::name` in the program.
    Local(String),
    /// `name::`, or `use name`.
    Named(String),
}

impl Root {
    fn local(self) -> Option<String> {
        if let Self::Local(name) = self { Some(name) } else { None }
    }
}

/// The first parts of all paths; those below `own` are local.
fn roots(tokens: &[String], own: &str) -> Vec<Root> {
    let mut roots = Vec::new();
    for at in 0..tokens.len() {
        let word = |ahead: usize| tokens.get(at + ahead).map_or("", String::as_str);
        let starts = at == 0 || tokens[at - 1] != "::";
        match (word(0), word(1)) {
            (name, "::") if starts && name == own && word(2) == "{" => roots.extend(group(&tokens[at + 3..])),
            (name, "::") if starts && name == own => roots.push(Root::Local(word(2).to_owned())),
            ("use", name) => roots.push(Root::Named(name.to_owned())),
            (name, "::") if starts => roots.push(Root::Named(name.to_owned())),
            _ => {}
        }
    }
    roots
}

/// The first names of a group such as `{a::b, c::{d, e}, f}`, from behind its bracket.
fn group(tokens: &[String]) -> Vec<Root> {
    let (mut depth, mut first, mut roots) = (1, true, Vec::new());
    for token in tokens {
        match token.as_str() {
            "{" => depth += 1,
            "}" => depth -= 1,
            "," if depth == 1 => first = true,
            name if first => {
                roots.push(Root::Local(name.to_owned()));
                first = false;
            }
            _ => {}
        }
        if depth == 0 {
            break;
        }
    }
    roots
}

/// Whether some `super::super::…` leads to the root of the crate from a file that stands `depth` modules deep.
fn reaches_the_root(tokens: &[String], depth: usize) -> bool {
    // For each open bracket, whether it is that of a module.
    let mut open = Vec::new();
    let mut climbed = 0;
    for at in 0..tokens.len() {
        match tokens[at].as_str() {
            "{" => open.push(at >= 2 && tokens[at - 2] == "mod"),
            "}" => drop(open.pop()),
            "super" => climbed += 1,
            "::" => {}
            _ => climbed = 0,
        }
        if climbed >= depth + open.iter().filter(|is_module| **is_module).count() {
            return true;
        }
    }
    false
}

/// Words, `::` and single signs of Rust source; no comments, no strings, and nothing that is `#[cfg(test)]`.
fn tokens(source: &str) -> Vec<String> {
    let mut all = Vec::new();
    let mut rest = source;
    while let Some(first) = rest.chars().next() {
        let len = skipped(rest).unwrap_or_else(|| {
            let is_word = |letter: char| letter.is_alphanumeric() || letter == '_';
            let len = match rest.find(|letter| !is_word(letter)).unwrap_or(rest.len()) {
                0 if rest.starts_with("::") => 2,
                0 => first.len_utf8(),
                len => len,
            };
            if !first.is_whitespace() {
                all.push(rest[..len].to_owned());
            }
            len
        });
        rest = &rest[len..];
    }
    without_tests(&all)
}

/// The length of the comment, string, character or lifetime at the start of `rest`; none where there is none.
fn skipped(rest: &str) -> Option<usize> {
    let raw = rest.trim_start_matches(['b', 'c']);
    if rest.starts_with("//") {
        return Some(rest.find('\n').unwrap_or(rest.len()));
    }
    if rest.starts_with("/*") {
        return Some(block_comment(rest));
    }
    let prefix = rest.len() - raw.len();
    if prefix <= 1 && (raw.starts_with("r\"") || raw.starts_with("r#")) {
        let hashes = raw[1..].len() - raw[1..].trim_start_matches('#').len();
        let body = raw[1 + hashes..].strip_prefix('"')?;
        let close = format!("\"{}", "#".repeat(hashes));
        return Some(prefix + 2 + hashes + body.find(&close).map_or(body.len(), |at| at + close.len()));
    }
    if prefix <= 1 && raw.starts_with('"') {
        return Some(prefix + quoted(raw, '"'));
    }
    if rest.starts_with('\'') {
        let is_character = rest.starts_with("'\\") || rest.chars().nth(2) == Some('\'');
        return Some(if is_character { quoted(rest, '\'') } else { 1 });
    }
    None
}

fn block_comment(rest: &str) -> usize {
    let (mut depth, mut at) = (0, 0);
    while at < rest.len() {
        match rest.as_bytes()[at..] {
            [b'/', b'*', ..] => depth += 1,
            [b'*', b'/', ..] => depth -= 1,
            _ => {
                at += 1;
                continue;
            }
        }
        at += 2;
        if depth == 0 {
            break;
        }
    }
    at
}

/// From one quote to the other, escapes included.
fn quoted(rest: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, letter) in rest.char_indices().skip(1) {
        if letter == quote && !escaped {
            return at + 1;
        }
        escaped = letter == '\\' && !escaped;
    }
    rest.len()
}

fn without_tests(all: &[String]) -> Vec<String> {
    const MARK: [&str; 7] = ["#", "[", "cfg", "(", "test", ")", "]"];
    let mut kept = Vec::new();
    let mut at = 0;
    while at < all.len() {
        if all[at..].iter().take(MARK.len()).eq(MARK.iter()) {
            at = end_of_item(all, at + MARK.len());
        } else {
            kept.push(all[at].clone());
            at += 1;
        }
    }
    kept
}

/// Behind the `;` or the `}` that ends the item at `at`; the brackets of its attributes and arguments do not count.
fn end_of_item(all: &[String], at: usize) -> usize {
    let (mut depth, mut braces) = (0_i32, false);
    for (offset, token) in all[at..].iter().enumerate() {
        match token.as_str() {
            "(" | "[" => depth += 1,
            "{" => {
                depth += 1;
                braces = true;
            }
            ")" | "]" => depth -= 1,
            "}" => depth -= 1,
            ";" if depth == 0 => return at + offset + 1,
            _ => {}
        }
        if depth == 0 && braces && token == "}" {
            return at + offset + 1;
        }
    }
    all.len()
}
