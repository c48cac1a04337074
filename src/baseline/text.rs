//! The baseline as a file: lines that sort, that a merge may join in any order and repeat, and of which none is passed
//! over. A line is `fingerprint rule date path`; the path is for people alone.

use std::fmt::Write as _;

use super::{Baseline, BaselineProblem, Entry};
use crate::finding::Fingerprint;
use crate::yaml::{ConfigError, visible};

const HEADER: &str = "\
# Findings that are known and let pass. `tightlip baseline show` lists them, `update` adds, `prune` removes.
# A line is: fingerprint, rule, day, and where it was on that day, for people. Lines may be merged in any order.
version 1
";

pub fn written(baseline: &Baseline) -> String {
    let mut out = HEADER.to_owned();
    let mut line = |line: std::fmt::Arguments<'_>| writeln!(out, "{line}").expect("a String takes every character");
    // Not `salt`, which a scan would warn of.
    line(format_args!("keyed {}", baseline.salt));
    for (key, entry) in &baseline.entries {
        let gap = if entry.hint.is_empty() { "" } else { " " };
        line(format_args!("{key} {} {}{gap}{}", entry.rule, entry.since, entry.hint));
    }
    out
}

/// A path fit for a line of the file: what cannot be seen is replaced, what may itself be a secret is starred, and a long
/// one loses its end.
pub fn hint(path: &str) -> String {
    crate::yaml::shown(path).trim().to_owned()
}

pub fn parse(name: &str, text: &str) -> Result<Baseline, ConfigError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut baseline = Baseline::new(name, "");
    let mut start = 0;
    for whole in text.split_inclusive('\n') {
        // A checkout on Windows may write CRLF.
        let line = whole.trim_end_matches(['\n', '\r']);
        let refused = |problem| ConfigError::at(name, text, start..start + line.len(), problem);
        read(line, &mut baseline).map_err(refused)?;
        start += whole.len();
    }
    if baseline.salt.is_empty() && !baseline.entries.is_empty() {
        return Err(ConfigError::unplaced(name, BaselineProblem::NoSalt));
    }
    Ok(baseline)
}

const MARKS: [&str; 4] = ["<<<<<<<", "|||||||", "=======", ">>>>>>>"];

fn read(line: &str, baseline: &mut Baseline) -> Result<(), BaselineProblem> {
    if MARKS.iter().any(|mark| line.starts_with(mark)) {
        return Err(BaselineProblem::Conflict);
    }
    if line.trim().is_empty() || line.starts_with('#') {
        return Ok(());
    }
    match line.split_once(' ') {
        Some(("version", "1")) => Ok(()),
        Some(("version", _)) => Err(BaselineProblem::Version),
        Some(("keyed", salt)) => add_salt(salt, baseline),
        _ => {
            let (key, entry) = entry(line)?;
            if baseline.entries.get(&key).is_some_and(|known| known.rule != entry.rule) {
                return Err(BaselineProblem::Line { what: "another line has this fingerprint, with another rule" });
            }
            baseline.join(key, entry);
            Ok(())
        }
    }
}

fn add_salt(salt: &str, baseline: &mut Baseline) -> Result<(), BaselineProblem> {
    let is_salt = salt.len().is_multiple_of(2) && (32..=128).contains(&salt.len());
    if !is_salt || !salt.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return Err(BaselineProblem::Salt);
    }
    let salt = salt.to_ascii_lowercase();
    if !baseline.salt.is_empty() && baseline.salt != salt {
        return Err(BaselineProblem::TwoSalts);
    }
    baseline.salt = salt;
    Ok(())
}

fn entry(line: &str) -> Result<(Fingerprint, Entry), BaselineProblem> {
    let wrong = |what| BaselineProblem::Line { what };
    let mut words = line.splitn(4, ' ');
    let mut word = || words.next().unwrap_or_default();
    let key = word().parse().map_err(|_| wrong("this line does not begin with a fingerprint"))?;
    let rule = word();
    let is_id = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if rule.is_empty() || !rule.bytes().all(is_id) {
        return Err(wrong("no rule follows the fingerprint"));
    }
    let since = word().parse().map_err(|_| wrong("no day such as `2027-01-31` follows the rule"))?;
    // As it stands there, so that writing the file anew changes no line; only what could move a cursor goes.
    let hint = visible(word().chars()).trim().to_owned();
    Ok((key, Entry { hint, ..Entry::new(rule, since) }))
}
