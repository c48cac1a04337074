//! What single lines of a diff say: where a hunk stands, and what begins.

/// The counts at the head of a hunk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counts {
    /// Lines of each parent: one but in a combined diff.
    pub old: Vec<u64>,
    /// The first line of the new side, and how many there are.
    pub start: u64,
    pub new: u64,
}

/// No file has more lines, and no sum of two numbers up to it overflows.
const MOST: u64 = u32::MAX as u64;

/// The head of a hunk: `@@ -1,2 +1,3 @@`, with an `@` more for each further parent, or `##` for Subversion's properties.
pub fn counts(line: &[u8]) -> Option<Counts> {
    let mark = *line.first().filter(|mark| matches!(mark, b'@' | b'#'))?;
    let marks = line.iter().take_while(|byte| **byte == mark).count();
    let parents =
        marks.checked_sub(1).filter(|parents| (1..=64).contains(parents) && (mark == b'@' || *parents == 1))?;
    let mut rest = line[marks..].strip_prefix(b" ")?;
    let mut old = Vec::with_capacity(parents);
    for _ in 0..parents {
        let (_, len, after) = range(rest.strip_prefix(b"-")?)?;
        old.push(len);
        rest = after.strip_prefix(b" ")?;
    }
    let (start, new, rest) = range(rest.strip_prefix(b"+")?)?;
    let end = rest.strip_prefix(b" ")?;
    // A hunk of lines does not begin before the first one.
    let is_whole = end.iter().take_while(|byte| **byte == mark).count() >= marks && (start > 0 || new == 0);
    is_whole.then_some(Counts { old, start, new })
}

/// `12,3` or `12`, which is one line.
fn range(text: &[u8]) -> Option<(u64, u64, &[u8])> {
    let (start, rest) = number(text)?;
    match rest.strip_prefix(b",") {
        Some(rest) => number(rest).map(|(len, rest)| (start, len, rest)),
        None => Some((start, 1, rest)),
    }
}

fn number(text: &[u8]) -> Option<(u64, &[u8])> {
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let number = std::str::from_utf8(&text[..digits]).ok()?.parse().ok().filter(|number| *number <= MOST)?;
    Some((number, &text[digits..]))
}

/// Whether a line looks like the head of a hunk, right or wrong.
pub fn is_like_hunk(line: &[u8]) -> bool {
    line.starts_with(b"@@")
}

/// The first line of a mail or of a commit in a log: `From 0123… Mon Sep 17 …` or `commit 0123…`.
pub fn is_commit(line: &[u8]) -> bool {
    let Some(rest) = line.strip_prefix(b"From ").or_else(|| line.strip_prefix(b"commit ")) else { return false };
    let digits = rest.iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
    // A log may shorten the id.
    (7..=64).contains(&digits) && matches!(rest.get(digits), None | Some(b' ' | b'\t'))
}

/// Whether a mail's header says that what follows is not written as it is.
pub fn is_encoded(line: &[u8]) -> bool {
    const NAME: &[u8] = b"content-transfer-encoding:";
    let is_named = line.get(..NAME.len()).is_some_and(|name| name.eq_ignore_ascii_case(NAME));
    let plain =
        |value: &[u8]| ["7bit", "8bit", "binary"].iter().any(|name| value.eq_ignore_ascii_case(name.as_bytes()));
    is_named && !plain(line[NAME.len()..].trim_ascii())
}

/// Whether git's `index 12..34` says that the new side has lines, which hunks must show.
pub fn is_changed(text: &[u8]) -> bool {
    let ids = text.split(|byte| *byte == b' ').next().unwrap_or_default();
    let Some(dots) = memchr::memmem::find(ids, b"..") else { return false };
    let (old, new) = (&ids[..dots], &ids[dots + 2..]);
    // The empty file has a known id in each of git's two hashes.
    let is_empty = [&b"e69de29bb2d1d643"[..], b"473a0f4c3be8a936"].iter().any(|empty| {
        let len = new.len().min(empty.len());
        new[..len] == empty[..len]
    });
    old != new && !is_empty && new.iter().any(|digit| *digit != b'0')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_of_hunks_are_read() {
        let counts_of = |old: &[u64], start, new| Some(Counts { old: old.to_vec(), start, new });
        let rows: &[(&[u8], Option<Counts>)] = &[
            (b"@@ -1,2 +3,4 @@", counts_of(&[2], 3, 4)),
            (b"@@ -1 +1 @@ fn main() {", counts_of(&[1], 1, 1)),
            (b"@@ -0,0 +1 @@", counts_of(&[0], 1, 1)),
            (b"@@ -1,2 +0,0 @@", counts_of(&[2], 0, 0)),
            (b"@@@ -1,2 -1,3 +1,4 @@@", counts_of(&[2, 3], 1, 4)),
            (b"## -0,0 +1 ##", counts_of(&[0], 1, 1)),
            (b"### -0,0 -0,0 +1 ###", None),
            (b"@@@ -1,2 +1,4 @@@", None),
            (b"@@ -1,2 +1,4", None),
            (b"@@ -1,2 +1,4 @", None),
            (b"@@ -1,2 +0,4 @@", None),
            (b"@@ -1,99999999999999999999 +1,1 @@", None),
            (b"@@ -1,1 +4294967296,1 @@", None),
            (b"@@ -,1 +1,1 @@", None),
            (b"@ -1 +1 @", None),
            (b"", None),
        ];
        for (line, expected) in rows {
            assert_eq!(counts(line), *expected, "{}", line.escape_ascii());
        }
    }

    #[test]
    fn an_index_line_says_whether_lines_are_to_come() {
        let rows: &[(&[u8], bool)] = &[
            (b"1234567..89abcde 100644", true),
            (b"0000000..89abcde", true),
            (b"0000000..e69de29", false),
            (b"1234567..0000000", false),
            (b"1234567..1234567 100644", false),
            (b"1234567,2345678..3456789", true),
            (b"what", false),
        ];
        for (text, expected) in rows {
            assert_eq!(is_changed(text), *expected, "{}", text.escape_ascii());
        }
    }

    #[test]
    fn commits_and_mails_are_known() {
        let rows: &[(&[u8], bool)] = &[
            (b"From 0123456789abcdef0123456789abcdef01234567 Mon Sep 17 00:00:00 2001", true),
            (b"commit 0123456789abcdef0123456789abcdef01234567 (HEAD -> main)", true),
            (b"commit 0123abc", true),
            (b"From here on", false),
            (b"commit to it", false),
        ];
        for (line, expected) in rows {
            assert_eq!(is_commit(line), *expected, "{}", line.escape_ascii());
        }
        for (line, expected) in [
            ("Content-Transfer-Encoding: 8bit", false),
            ("Content-Transfer-Encoding: quoted-printable", true),
            ("content-transfer-encoding: BASE64", true),
            ("Subject: base64", false),
        ] {
            assert_eq!(is_encoded(line.as_bytes()), expected, "{line}");
        }
    }
}
