//! Patterns whose only sign is the star, for names that are no paths of files: destinations, and ids of rules.

/// Whether the whole text fits. `*` stands for any letters but `/`, `**` for any at all.
#[must_use]
pub fn fits(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.as_bytes(), text.as_bytes());
    // Which lengths of the text the pattern so far can end at. Its time is the product of both lengths, whatever the
    // stars: going back and forth would double it with each of them.
    let mut ends = vec![false; text.len() + 1];
    ends[0] = true;
    let mut at = 0;
    while let Some(sign) = pattern.get(at) {
        let deep = *sign == b'*' && pattern.get(at + 1) == Some(&b'*');
        at += if deep { 2 } else { 1 };
        if *sign == b'*' {
            for end in 0..text.len() {
                ends[end + 1] |= ends[end] && (deep || text[end] != b'/');
            }
        } else {
            for end in (0..text.len()).rev() {
                ends[end + 1] = ends[end] && text[end] == *sign;
            }
            ends[0] = false;
        }
    }
    ends[text.len()]
}

/// How much a pattern says: its letters that are no stars.
#[must_use]
pub fn weight(pattern: &str) -> usize {
    pattern.bytes().filter(|byte| *byte != b'*').count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_a_part_and_two_for_all() {
        let rows = [
            ("a", "a", true),
            ("a", "ab", false),
            ("", "", true),
            ("*", "", true),
            ("*", "abc", true),
            ("*", "a/c", false),
            ("**", "a/c", true),
            ("a/*", "a/", true),
            ("a/*", "a/b/c", false),
            ("a/**", "a/b/c", true),
            ("a/**", "ab", false),
            ("*b*d", "abcd", true),
            ("*b*d", "abcde", false),
            ("**/x", "a/b/x", true),
            ("us-*-banner", "us-capco-banner", true),
            ("***", "a/b", true),
        ];
        for (pattern, text, expected) in rows {
            assert_eq!(fits(pattern, text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn many_stars_end_in_an_answer() {
        assert!(!fits(&"*a".repeat(250), &"a".repeat(4000).replace("aaaa", "aab")));
    }
}
