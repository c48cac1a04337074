//! How much of a value is words: the dictionary holds the commonest words of public source, made by `randomness.py`.
//! It refuses to say what the words mean; `placeholder` does that for the few that matter.

use super::index::find;

/// Sorted, one word a line, four to fourteen lower-case letters each.
const TEXT: &str = include_str!("words.txt");

const LOOKED_AT: usize = 128;
const PREFIXES: usize = 26 * 26 * 26;

/// Where in the text the words of each three-letter start begin; the next entry is where they end.
static STARTS: [u16; PREFIXES + 1] = {
    let text = TEXT.as_bytes();
    let mut starts = [0; PREFIXES + 1];
    let (mut line, mut next) = (0, 0);
    while line < text.len() {
        let prefix = number(text[line]) * 26 * 26 + number(text[line + 1]) * 26 + number(text[line + 2]);
        // The words of all starts up to this one begin here, where no earlier one does.
        while next <= prefix {
            starts[next] = line as u16;
            next += 1;
        }
        line = find(text, line, text.len(), b'\n') + 1;
    }
    while next <= PREFIXES {
        starts[next] = line as u16;
        next += 1;
    }
    starts
};

/// The place of a lower-case letter in the alphabet.
const fn number(letter: u8) -> usize {
    (letter - b'a') as usize
}

/// Share of the letters in the first 128 bytes that dictionary words cover, longest first; 0 if there is no letter.
#[must_use]
pub fn wordiness(value: &[u8]) -> f32 {
    let mut folded = [0; LOOKED_AT];
    let len = value.len().min(LOOKED_AT);
    for (to, from) in folded.iter_mut().zip(value) {
        *to = from.to_ascii_lowercase();
    }
    let folded = &folded[..len];
    let letters = folded.iter().filter(|byte| byte.is_ascii_lowercase()).count();
    let (mut covered, mut place) = (0, 0);
    while let Some(rest) = folded.get(place..).filter(|rest| !rest.is_empty()) {
        let len = longest(rest);
        covered += len;
        place += len.max(1);
    }
    covered as f32 / letters.max(1) as f32
}

/// Length of the longest dictionary word at the start of the text, 0 if there is none.
fn longest(text: &[u8]) -> usize {
    let Some(prefix) = prefix(text) else { return 0 };
    let range = usize::from(STARTS[prefix])..usize::from(STARTS[prefix + 1]);
    let words = TEXT.as_bytes()[range].split(|byte| *byte == b'\n');
    words.filter(|word| text.starts_with(word)).map(<[u8]>::len).max().unwrap_or(0)
}

fn prefix(text: &[u8]) -> Option<usize> {
    text.get(..3)?
        .iter()
        .try_fold(0, |sum, byte| byte.is_ascii_lowercase().then(|| sum * 26 + usize::from(byte - b'a')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_cover_names_and_leave_noise() {
        let rows = [
            ("camel case", "connectionStringBuilder", 0.95, 1.0),
            ("snake case", "default_session_timeout", 0.95, 1.0),
            ("upper case", "MAX_BUFFER_LENGTH", 0.7, 1.0),
            ("word and digits", "password123", 0.99, 1.0),
            ("half a word", "passwordqzxvkjwq", 0.49, 0.51),
            ("hex", "9f8e7d6c5b4a39281706f5e4d3c2b1a0", 0.0, 0.0),
            ("consonants", "kzqvwxjhtbgpmrfdcl", 0.0, 0.3),
            ("no letters", "12345678", 0.0, 0.0),
            ("empty", "", 0.0, 0.0),
        ];
        for (name, value, low, high) in rows {
            let share = wordiness(value.as_bytes());
            assert!((low..=high).contains(&share), "{name}: {share}");
        }
    }

    #[test]
    fn the_dictionary_is_sorted_folded_and_small() {
        let words: Vec<&str> = TEXT.lines().collect();
        assert!(words.is_sorted() && words.len() > 3000 && TEXT.len() <= 40 * 1024 && TEXT.ends_with('\n'));
        for word in words {
            assert!((4..=14).contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_lowercase()), "{word}");
            assert!(wordiness(word.as_bytes()) > 0.99, "{word}");
        }
    }
}
