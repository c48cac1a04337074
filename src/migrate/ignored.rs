//! Ignore files: of secretlint in git's form, and of ripsecrets, where values follow the paths.

use super::paths::{Written, globs};
use super::{Accepts, Noted, Reading};
use crate::policy::Paths;

/// A file in git's form.
pub fn patterns(reading: &mut Reading<'_>) {
    let lines: Vec<(usize, &str)> = (1..).zip(reading.text.lines()).collect();
    read(reading, &lines);
}

/// Paths, and after `[secrets]` values.
pub fn ripsecrets(reading: &mut Reading<'_>) {
    let lines: Vec<(usize, &str)> = (1..).zip(reading.text.lines()).collect();
    let cut = lines.iter().position(|(_, line)| line.trim() == "[secrets]").unwrap_or(lines.len());
    let (paths, values) = lines.split_at(cut);
    read(reading, paths);
    for (number, line) in values.iter().skip(1) {
        let value = line.trim();
        if !value.is_empty() && !value.starts_with('#') {
            reading.claim(&format!("line {number}"), Accepts::Value { path: None, value: value.to_owned() });
        }
    }
}

fn read(reading: &mut Reading<'_>, lines: &[(usize, &str)]) {
    let mut out: Vec<Noted<String>> = Vec::new();
    for (number, line) in lines {
        let (place, line) = (format!("line {number}"), line.trim_end());
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if let Some(back) = line.strip_prefix('!') {
            bring_back(reading, &mut out, back, &place);
            continue;
        }
        match globs(Written::Ignore, line, reading.tree) {
            Ok(found) => {
                let from = reading.from(&place);
                out.extend(found.into_iter().map(|what| Noted { what, from: from.clone() }));
            }
            Err(why) => reading.lose(&place, format!("path not left out: {why}")),
        }
    }
    reading.plan.leave_out.extend(out);
}

/// Our globs only leave out, so what a line brings back takes the lines with it that left it out.
fn bring_back(reading: &mut Reading<'_>, out: &mut Vec<Noted<String>>, back: &str, place: &str) {
    let names = |glob: &str, path: &str| Paths::new([glob]).is_ok_and(|paths| paths.admit(path));
    let back = globs(Written::Ignore, back, reading.tree).unwrap_or_default();
    let brought: Vec<&String> = reading.tree.iter().filter(|path| back.iter().any(|glob| names(glob, path))).collect();
    let (kept, dropped): (Vec<_>, Vec<_>) =
        out.drain(..).partition(|noted| !back.is_empty() && !brought.iter().any(|path| names(&noted.what, path)));
    *out = kept;
    for noted in dropped {
        let from = noted.from.place.clone();
        reading.lose(&from, format!("path not left out: {place} brings a part of it back"));
    }
}
