//! Lines round a finding, fit to be printed: with everything hidden in them that any rule takes for a secret, also one
//! that the config has switched off, and whatever its score.

use memchr::memmem;

use super::Fingerprinter;
use super::detect::{Detector, File, Task};
use super::redact::Masks;
use crate::blob::{Blob, Buffer, Windowing};
use crate::catalogue::RuleSet;
use crate::decode::Budget;
use crate::excerpt::{ShownLine, mask};
use crate::judge::generic::Depth;
use crate::outcome::Gap;
use crate::secret::Secret;
use crate::source::{Entry, Source, io_reason};
use crate::span::Span;

/// As much of a line is shown, in bytes.
const WIDEST: usize = 400;

/// The lines from the first to the last of `lines`, both counted in.
///
/// # Errors
/// The entry could not be read.
pub fn context(
    source: &dyn Source,
    entry: &Entry,
    (first, last): (u64, u64),
    rules: &RuleSet,
) -> Result<Vec<ShownLine>, Gap> {
    let fingerprints = Fingerprinter::new("");
    let builtin = RuleSet::default();
    let mut detectors = [detector(rules, &fingerprints), detector(&builtin, &fingerprints)];
    // The built-in rules once more only where the config has changed them.
    let used = if rules.digest() == builtin.digest() { 1 } else { 2 };
    let mut shown = Vec::new();
    let mut window = |blob: Blob<'_>| {
        let lines: Vec<(u64, Span)> = lines_of(&blob, first, last).collect();
        let (Some((_, top)), Some((_, bottom))) = (lines.first(), lines.last()) else { return };
        let masks = masks(&mut detectors[..used], &blob, &entry.path, Span::new(top.start, bottom.end));
        for (number, line) in lines {
            shown.push(ShownLine { number, text: hidden(blob.text, line, &masks) });
        }
    };
    let mut buffer = Buffer::new(Windowing::default());
    let read = source.reader().open(entry).and_then(|bytes| buffer.windows(bytes, &mut window));
    read.map_err(|error| Gap { path: entry.path.clone(), why: io_reason(&error) })?;
    Ok(shown)
}

fn detector<'r>(rules: &'r RuleSet, fingerprints: &'r Fingerprinter) -> Detector<'r> {
    let mut detector = Detector::new(rules, fingerprints, false);
    // What a scan leaves unjudged may be a secret all the same.
    detector.depth = Depth::Full;
    detector
}

/// All that must not be shown of a part of the window, in ascending order.
fn masks(detectors: &mut [Detector<'_>], blob: &Blob<'_>, path: &str, part: Span) -> Vec<Span> {
    let file = File::of(path);
    let task = Task { text: blob.text, unwrapped: blob.reach(), file: &file, binary: blob.binary };
    let mut all = Vec::new();
    for detector in detectors {
        let mut budget = Budget::for_len(task.unwrapped.len());
        let hits = detector.hits(task, &mut budget, &mut |_, _, _| ());
        all.extend_from_slice(Masks::of(&hits).all());
    }
    all.extend(echoes(blob.text, &all, part));
    all.sort_unstable();
    all
}

/// A value that is hidden in one place is hidden wherever it stands: a comment may repeat what no rule finds there.
fn echoes(text: &[u8], masks: &[Span], part: Span) -> Vec<Span> {
    const SHORTEST: usize = 6;
    let mut values: Vec<&[u8]> = masks.iter().map(|span| span.of(text)).filter(|it| it.len() >= SHORTEST).collect();
    values.sort_unstable();
    values.dedup();
    let places = |value: &[u8]| -> Vec<Span> {
        let found = memmem::find_iter(part.of(text), value).map(|at| part.start + at);
        found.map(|at| Span::new(at, at + value.len())).collect()
    };
    values.into_iter().flat_map(places).collect()
}

/// The lines of the window that begin in its own part, by their numbers.
fn lines_of<'b>(blob: &'b Blob<'_>, first: u64, last: u64) -> impl Iterator<Item = (u64, Span)> + 'b {
    let starts = std::iter::once(0).chain(memchr::memchr_iter(b'\n', blob.text).map(|newline| newline + 1));
    let begins_a_line = blob.start.column == 1;
    (blob.start.line..)
        .zip(starts)
        .take_while(move |(number, _)| *number <= last)
        .filter(move |(number, start)| {
            let is_whole = *start > 0 || begins_a_line;
            // What follows the last newline of a text is no line.
            let is_there = *start < blob.text.len() || (*start == 0 && blob.first);
            *number >= first && is_whole && is_there && blob.own.contains(*start)
        })
        .map(|(number, start)| {
            let end = memchr::memchr(b'\n', &blob.text[start..]).map_or(blob.text.len(), |len| start + len);
            let end = if blob.text[start..end].ends_with(b"\r") { end - 1 } else { end };
            (number, Span::new(start, end))
        })
}

/// A line with stars for what must not be shown, up to a width.
fn hidden(text: &[u8], line: Span, masks: &[Span]) -> String {
    let line = Span::new(line.start, line.end.min(line.start + WIDEST));
    let mut out = String::new();
    let mut at = line.start;
    for span in masks.iter().filter(|span| span.start < line.end && span.end > line.start) {
        if span.end <= at {
            continue;
        }
        let begin = span.start.max(at);
        out.push_str(&String::from_utf8_lossy(&text[at..begin]));
        let end = span.end.min(line.end);
        out.push_str(&mask(Secret::new(&text[begin..end]), false));
        at = end;
    }
    out.push_str(&String::from_utf8_lossy(&text[at..line.end]));
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Texts;

    fn shown(text: &str, first: u64, last: u64) -> Vec<(u64, String)> {
        let mut source = Texts::default();
        source.add("a.py", text.as_bytes().to_vec());
        let lines = context(&source, &source.list().entries[0], (first, last), &RuleSet::default()).expect("a text");
        lines.into_iter().map(|line| (line.number, line.text)).collect()
    }

    type Rows<'t> = &'t [(u64, &'t str)];

    #[test]
    fn lines_are_counted_and_cut_as_in_a_report() {
        let text = "one\ntwo\r\nthree\n";
        let rows: [(u64, u64, Rows<'_>); 4] = [
            (1, 3, &[(1, "one"), (2, "two"), (3, "three")]),
            (2, 2, &[(2, "two")]),
            (3, 9, &[(3, "three")]),
            (4, 9, &[]),
        ];
        for (first, last, expected) in rows {
            let expected: Vec<_> = expected.iter().map(|(number, text)| (*number, (*text).to_owned())).collect();
            assert_eq!(shown(text, first, last), expected, "{first}..{last}");
        }
        assert_eq!(shown(&"x".repeat(5000), 1, 1)[0].1.len(), WIDEST);
    }

    #[test]
    fn no_line_shows_a_secret_nor_an_echo_of_one() {
        let value = ["tq4zLw8vNx", "0QmR"].concat();
        let other = ["AKIA", "257V5HED", "QR4EEHK5"].concat();
        let text = format!("# was {value} before\npassword = \"{value}\"\nother\nkey = \"{other}\"\n");
        let all: String = shown(&text, 1, 4).into_iter().map(|(_, line)| line + "\n").collect();
        for secret in [&value, &other] {
            let parts = (0..secret.len() - 7).map(|at| &secret[at..at + 8]);
            assert!(parts.into_iter().all(|part| !all.contains(part)), "{all}");
        }
        assert!(all.contains("password = \"") && all.contains("other\n"), "{all}");
    }

    #[test]
    fn the_lines_of_a_key_are_all_hidden() {
        let body = "MIIEowIBAAKCAQEAx5Zq0".repeat(3);
        let text = format!("a\n-----BEGIN RSA {0}-----\n{body}\n{body}\n-----END RSA {0}-----\nb\n", "PRIVATE KEY");
        let all: String = shown(&text, 1, 6).into_iter().map(|(_, line)| line + "\n").collect();
        assert!(!all.contains("MIIEowIB") && all.starts_with("a\n") && all.ends_with("b\n"), "{all}");
    }
}
