//! Which lines of a text none of its older versions has, by a diff of the contents alone.

use imara_diff::sources::byte_lines;
use imara_diff::{Algorithm, Diff, InternedInput};

/// The lines (1-based, both ends included) that are new against each of `olds`; all of them where there is no older text.
#[must_use]
pub fn added(new: &[u8], olds: &[impl AsRef<[u8]>]) -> Vec<(u64, u64)> {
    let mut lines: Option<Vec<(u64, u64)>> = None;
    for old in olds {
        let against = against(old.as_ref(), new);
        lines = Some(match lines {
            Some(lines) => both(&lines, &against),
            None => against,
        });
    }
    lines.unwrap_or_else(|| vec![(1, u64::MAX)])
}

fn against(old: &[u8], new: &[u8]) -> Vec<(u64, u64)> {
    // Git's own algorithm, so that lines which moved count as added where git shows them so.
    let input = InternedInput::new(byte_lines(old), byte_lines(new));
    let mut diff = Diff::compute(Algorithm::Myers, &input);
    diff.postprocess_no_heuristic(&input);
    let after = diff.hunks().map(|hunk| hunk.after).filter(|after| !after.is_empty());
    after.map(|after| (u64::from(after.start) + 1, u64::from(after.end))).collect()
}

/// The lines in both lists of ascending ranges.
fn both(one: &[(u64, u64)], other: &[(u64, u64)]) -> Vec<(u64, u64)> {
    let (mut one, mut other) = (one.iter().peekable(), other.iter().peekable());
    let mut shared = Vec::new();
    while let (Some(a), Some(b)) = (one.peek(), other.peek()) {
        let (from, to) = (a.0.max(b.0), a.1.min(b.1));
        if from <= to {
            shared.push((from, to));
        }
        if a.1 < b.1 {
            one.next()
        } else {
            other.next()
        };
    }
    shared
}

#[cfg(test)]
mod tests {
    use super::*;

    type Ranges = &'static [(u64, u64)];

    #[test]
    fn added_lines_are_in_no_older_text() {
        let rows: &[(&str, &[&str], Ranges)] = &[
            ("a\nb\n", &[], &[(1, u64::MAX)]),
            ("a\nb\n", &["a\nb\n"], &[]),
            ("a\nx\nb\n", &["a\nb\n"], &[(2, 2)]),
            ("x\na\ny\nz\n", &["a\n"], &[(1, 1), (3, 4)]),
            ("a\nb\n", &["a\nb"], &[(2, 2)]),
            ("a\r\nb\n", &["a\nb\n"], &[(1, 1)]),
            ("a\n", &["a\nb\n"], &[]),
            ("a\nm\nb\n", &["a\nb\n", "m\nb\n"], &[]),
            ("a\nm\nx\nb\n", &["a\nb\n", "m\nb\n"], &[(3, 3)]),
            ("", &["a\n"], &[]),
        ];
        for (new, olds, expected) in rows {
            assert_eq!(added(new.as_bytes(), olds), *expected, "{new:?} {olds:?}");
        }
    }

    #[test]
    fn ranges_in_both_are_those_that_overlap() {
        let rows: &[(Ranges, Ranges, Ranges)] = &[
            (&[(1, 5)], &[(2, 3), (5, 9)], &[(2, 3), (5, 5)]),
            (&[(1, 2), (4, 6)], &[(3, 3), (5, 5)], &[(5, 5)]),
            (&[(1, 9)], &[], &[]),
        ];
        for (one, other, expected) in rows {
            assert_eq!(both(one, other), *expected);
            assert_eq!(both(other, one), *expected);
        }
    }
}
