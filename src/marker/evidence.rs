//! What speaks against a marker where it stands: a public licence beside it, a place for samples, a list of all the
//! markers there are, the description of a function.

use std::sync::OnceLock;

use super::page::Page;

/// Which licence a page's header names or quotes, if it is one under which anybody may have the text.
#[must_use]
pub fn public_licence(page: &Page<'_>) -> Option<&'static str> {
    let passages = page.passages.iter().map(|passage| passage.readings.latin.lowered());
    let header: Vec<String> = passages.map(|text| String::from_utf8_lossy(&text.bytes).into_owned()).collect();
    let quoted = || table().texts.iter().find(|text| header.iter().any(|passage| passage.contains(*text))).copied();
    let named = header.iter().flat_map(|passage| passage.split("spdx-license-identifier:").skip(1)).find_map(spdx);
    named.or_else(quoted)
}

/// The public licence of an SPDX expression, unless a part of it is a licence of its own.
fn spdx(rest: &str) -> Option<&'static str> {
    // The words of an expression are licences, or join them; the first that is neither ends it.
    let mut named = None;
    for word in rest.split([' ', '(', ')', '/']).filter(|word| !word.is_empty()) {
        let word = word.trim_end_matches([',', ';', '.']);
        let known = table().spdx.iter().find(|id| id.eq_ignore_ascii_case(word));
        match known {
            _ if word.starts_with("licenseref-") => return None,
            Some(id) => named = named.or(Some(*id)),
            None if matches!(word, "or" | "and" | "with") || word.ends_with("-exception") => {}
            None => break,
        }
    }
    named
}

struct Table {
    spdx: Vec<&'static str>,
    texts: Vec<&'static str>,
}

fn table() -> &'static Table {
    static TABLE: OnceLock<Table> = OnceLock::new();
    TABLE.get_or_init(|| {
        let rows = include_str!("licences.txt").lines();
        let spdx = rows.clone().filter_map(|row| row.strip_prefix("spdx ")).flat_map(|ids| ids.split(' ')).collect();
        Table { spdx, texts: rows.filter_map(|row| row.strip_prefix("text ")).collect() }
    })
}

/// Whether a path is one of others' code, of samples, or of what speaks of markings.
#[must_use]
pub fn is_sample(path: &str) -> bool {
    let rows = || include_str!("sample-paths.txt").lines();
    let folders = path.rsplit(['/', '\\']).skip(1);
    let lower = path.to_ascii_lowercase();
    let mut words = lower.split(|letter: char| !letter.is_ascii_alphanumeric());
    let listed = |kind: &str, name: &str| rows().any(|row| row.split_once(' ') == Some((kind, name)));
    { folders }.any(|folder| listed("folder", folder)) || words.any(|word| listed("word", word))
}

/// Whether a marker that stands directly over a declaration says who may call that, and not who may read the text.
#[must_use]
pub fn speaks_of_calls(marker: &[u8]) -> bool {
    let text = String::from_utf8_lossy(marker).to_ascii_lowercase();
    ["internal use", "internal only", "internal api", "used internally"].iter().any(|words| text.contains(words))
}

/// The parts of a text that may each be a marker, in a table, a list of strings or a set of options.
pub fn pieces(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split(|byte| b"\n\"'`|,;()[]{}<>\t=".contains(byte)).map(<[u8]>::trim_ascii).filter(|piece| piece.len() >= 3)
}
