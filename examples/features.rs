//! Prints every candidate in a folder's files with what was observed on it, a JSON object a line: what
//! `src/judge/fit.py` fits the weights from. The values are printed in clear: keep the output to yourself.

#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a tool for the makers of the weights, which reads a folder and prints"
)]

use std::path::{Path, PathBuf};

use aho_corasick::AhoCorasick;
use tightlip::assign::{Candidate, KEYWORDS, candidates_at};
use tightlip::judge::ceiling::ceiling;
use tightlip::judge::feature::Feature;
use tightlip::judge::generic::{self, Depth};
use tightlip::judge::randomness::rarity;
use tightlip::judge::surroundings::Role;
use tightlip::judge::words::wordiness;

fn main() {
    let root = PathBuf::from(std::env::args().nth(1).expect("a folder"));
    let finder = AhoCorasick::builder().ascii_case_insensitive(true).build(KEYWORDS).expect("keywords are plain");
    let mut files = Vec::new();
    walk(&root, &mut files);
    files.sort();
    for file in files {
        let Ok(text) = std::fs::read(&file) else { continue };
        let path = file.strip_prefix(&root).unwrap_or(&file).to_string_lossy().into_owned();
        let role = Role::of(&path);
        for candidate in candidates(&finder, &text) {
            print(&text, &candidate, &path, &role);
        }
    }
}

fn print(text: &[u8], candidate: &Candidate, path: &str, role: &Role<'_>) {
    let Some((stem, features)) = generic::observe(text, candidate, role, Depth::Full) else { return };
    let Some((rule, verdict)) = generic::weigh(text, candidate, role, Depth::Full) else { return };
    let line = 1 + memchr::memchr_iter(b'\n', &text[..candidate.value.start]).count();
    let names: Vec<&str> = features.iter().map(Feature::name).collect();
    let value = candidate.value.of(text);
    let most = ceiling(text, candidate, role, stem, &features).map(|(_, most)| most);
    let row = serde_json::json!({
        "path": path, "line": line, "end_line": line, "rule": rule, "score": verdict.score(),
        "name": String::from_utf8_lossy(candidate.name.of(text)),
        "value": String::from_utf8_lossy(candidate.value.of(text)),
        "features": names, "most": most, "rarity": rarity(value), "words": wordiness(value),
    });
    println!("{row}");
}

fn candidates(finder: &AhoCorasick, text: &[u8]) -> Vec<Candidate> {
    let mut found = Vec::new();
    for hit in finder.find_overlapping_iter(text) {
        candidates_at(text, hit.start(), &mut |candidate| found.push(candidate));
    }
    found.sort_by_key(|candidate| (candidate.value, candidate.name));
    found.dedup_by_key(|candidate| candidate.value);
    found
}

fn walk(dir: &Path, files: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(dir) else { return };
    for entry in entries.flatten() {
        let Ok(kind) = entry.file_type() else { continue };
        if kind.is_dir() {
            walk(&entry.path(), files);
        } else if kind.is_file() {
            files.push(entry.path());
        }
    }
}
