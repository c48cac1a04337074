//! "Did you mean": the nearest of the words that would have been right.

/// The word among `known` that `word` was probably meant to be.
pub fn nearest<'k>(word: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    // A third of the letters may be wrong; a longer word costs time and resembles nothing.
    if word.len() > 80 {
        return None;
    }
    let limit = word.chars().count().max(3) / 3;
    let rated = known.into_iter().map(|candidate| (distance(word, candidate), candidate));
    rated.filter(|(far, _)| *far <= limit).min_by_key(|(far, _)| *far).map(|(_, candidate)| candidate)
}

/// `a`, `b` and `c`, each in backticks.
pub fn listed<'k>(words: impl IntoIterator<Item = &'k str>) -> String {
    let mut words: Vec<String> = words.into_iter().map(|word| format!("`{word}`")).collect();
    match words.pop() {
        None => String::new(),
        Some(last) if words.is_empty() => last,
        Some(last) => format!("{} and {last}", words.join(", ")),
    }
}

/// Letters to insert, delete, replace or swap with their neighbour to get from one word to the other.
fn distance(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().flat_map(char::to_lowercase).collect();
    let mut before_last = vec![0; to.len() + 1];
    let mut last: Vec<usize> = (0..=to.len()).collect();
    let mut previous = None;
    for (row, letter) in from.chars().flat_map(char::to_lowercase).enumerate() {
        let mut this = vec![row + 1; to.len() + 1];
        for (column, other) in to.iter().enumerate() {
            let replaced = last[column] + usize::from(letter != *other);
            this[column + 1] = replaced.min(last[column + 1] + 1).min(this[column] + 1);
            if column > 0 && previous == Some(*other) && to[column - 1] == letter {
                this[column + 1] = this[column + 1].min(before_last[column - 1] + 1);
            }
        }
        before_last = std::mem::replace(&mut last, this);
        previous = Some(letter);
    }
    last[to.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_word_is_named_and_a_far_one_is_not() {
        let known = ["report", "block", "severity", "leave_out"];
        let rows = [
            ("severty", Some("severity")),
            ("bolck", Some("block")),
            ("Report", Some("report")),
            ("leave-out", Some("leave_out")),
            ("ignore", None),
            ("", None),
        ];
        for (word, expected) in rows {
            assert_eq!(nearest(word, known), expected, "{word}");
        }
        assert_eq!(listed(known), "`report`, `block`, `severity` and `leave_out`");
    }
}
