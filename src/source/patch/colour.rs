//! Takes away the colours that `git diff --color` writes.

const ESCAPE: u8 = 0x1b;

/// The diff without colours. No line of a diff without them begins with an escape, since marks or words stand there;
/// such a diff is left as it is, for a file may hold escapes of its own.
pub fn without_colours(mut diff: Vec<u8>) -> Vec<u8> {
    let coloured = diff.starts_with(b"\x1b[") || memchr::memmem::find(&diff, b"\n\x1b[").is_some();
    if !coloured {
        return diff;
    }
    let (mut to, mut from) = (0, 0);
    while from < diff.len() {
        let plain = memchr::memchr(ESCAPE, &diff[from..]).map_or(diff.len(), |at| from + at);
        diff.copy_within(from..plain, to);
        to += plain - from;
        from = plain;
        if let Some(&escape) = diff.get(from) {
            let len = sequence(&diff[from..]);
            if len == 0 {
                diff[to] = escape;
                to += 1;
            }
            from += len.max(1);
        }
    }
    diff.truncate(to);
    diff
}

/// The length of the colour sequence at the start of `text`, or of the one that clears a line; 0 if it is another.
fn sequence(text: &[u8]) -> usize {
    let Some(rest) = text.strip_prefix(b"\x1b[") else { return 0 };
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit() || **byte == b';').count();
    if matches!(rest.get(digits), Some(b'm' | b'K')) { digits + 3 } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_go_and_other_escapes_stay() {
        let rows: &[(&[u8], &[u8])] = &[
            (b"\x1b[1mdiff\x1b[m\n\x1b[32m+\x1b[m\x1b[32ma\x1b[m\x1b[K\n", b"diff\n+a\n"),
            (b"\x1b[1;31mx\x1b]0;t\x07\x1b[2Jy\x1b", b"x\x1b]0;t\x07\x1b[2Jy\x1b"),
            (b"+a\x1b[31mb\n", b"+a\x1b[31mb\n"),
            (b"", b""),
        ];
        for (diff, expected) in rows {
            assert_eq!(without_colours(diff.to_vec()), *expected, "{}", diff.escape_ascii());
        }
    }
}
