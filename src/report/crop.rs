//! Cuts a line to the room there is, so that its mark stays in sight.

use super::wrap::{column_width, columns};
use crate::span::Span;

/// As much of `text` round its mark as `room` columns hold, and where the mark is then. `dots` stand where something was
/// cut off, now or (`cut_before`) when the line was made.
pub(super) fn crop(text: &str, mark: Span, cut_before: bool, room: usize, dots: &str) -> (String, Span) {
    let dots_width = columns(dots);
    let cut_before = cut_before && !text.starts_with(dots);
    if columns(text) + if cut_before { dots_width } else { 0 } <= room {
        return framed(text, mark, if cut_before { dots } else { "" }, "");
    }
    let window = window(text, mark, room.saturating_sub(2 * dots_width).max(1));
    let kept = text.get(window.range()).unwrap_or_default();
    let mark = Span::new(mark.start - window.start, mark.end.min(window.end) - window.start);
    let before = if cut_before || window.start > 0 { dots } else { "" };
    framed(kept, mark, before, if window.end < text.len() { dots } else { "" })
}

/// The bytes of `text` that take at most `room` columns, begin at or before the mark, and hold as much on both sides as fits.
fn window(text: &str, mark: Span, room: usize) -> Span {
    let mut window = Span::new(mark.start, mark.start);
    let mut used = 0;
    let mut take = |letter: Option<char>| {
        letter.filter(|letter| used + column_width(*letter) <= room).map(|letter| {
            used += column_width(letter);
            letter.len_utf8()
        })
    };
    while window.end < mark.end {
        let Some(len) = take(text.get(window.end..).and_then(|rest| rest.chars().next())) else { return window };
        window.end += len;
    }
    loop {
        let before = take(text.get(..window.start).and_then(|rest| rest.chars().next_back()));
        window.start -= before.unwrap_or(0);
        let after = take(text.get(window.end..).and_then(|rest| rest.chars().next()));
        window.end += after.unwrap_or(0);
        if before.is_none() && after.is_none() {
            return window;
        }
    }
}

fn framed(text: &str, mark: Span, before: &str, after: &str) -> (String, Span) {
    (format!("{before}{text}{after}"), mark.shifted(before.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_line_is_cut_round_its_mark() {
        let rows = [
            ("short", "abc SECRET def", "SECRET", false, 20, "abc SECRET def"),
            ("already cut in front", "abc SECRET", "SECRET", true, 20, "…abc SECRET"),
            ("both sides", "aaaaaaaaaa SECRET bbbbbbbbbb", "SECRET", false, 14, "…aa SECRET bb…"),
            ("near the start", "a SECRET bbbbbbbbbbbbbbbb", "SECRET", false, 14, "a SECRET bbb…"),
            ("near the end", "aaaaaaaaaaaaaaaaaaa SECRET", "SECRET", false, 14, "…aaaaa SECRET"),
            ("mark too long", "a SECRETSECRET b", "SECRETSECRET", false, 8, "…SECRET…"),
            ("wide letters", "鍵鍵鍵鍵 SECRET", "SECRET", false, 12, "…鍵 SECRET"),
        ];
        for (name, text, secret, cut, room, expected) in rows {
            let start = text.find(secret).unwrap();
            let (shown, mark) = crop(text, Span::new(start, start + secret.len()), cut, room, "…");
            assert_eq!(shown, expected, "{name}");
            assert!(columns(&shown) <= room, "{name}");
            assert!(secret.starts_with(shown.get(mark.range()).unwrap()) && !mark.is_empty(), "{name}: {mark:?}");
        }
    }
}
