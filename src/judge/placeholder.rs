//! Is this value a stand-in for a secret? Forms first (runs, periods, masks, templates, references), then words, then
//! values that vendors publish. It refuses to guess: a long random value is no placeholder because a short word happens
//! to stand in it; only strong words in clear, in one case, count there.

mod forms;
mod vocabulary;

use sha2::{Digest, Sha256};
use std::sync::LazyLock;
use vocabulary::VOCABULARY;

static PUBLISHED: &str = include_str!("published.txt");

/// The forms and words of a placeholder show within this many bytes.
const LOOKED_AT: usize = 256;
/// A part of at least this length with letters and digits beside a strong word may be the secret itself.
const RANDOM_PART: usize = 16;

/// The name of the reason why the value is a placeholder, or none.
#[must_use]
pub fn placeholder(value: &[u8]) -> Option<&'static str> {
    let value = value.trim_ascii();
    judged(inner_password(value).unwrap_or(value))
}

/// The password of a URL with user and password: host and path say nothing about it.
fn inner_password(value: &[u8]) -> Option<&[u8]> {
    let start = value.get(..LOOKED_AT).unwrap_or(value);
    let authority = memchr::memmem::find(start, b"//").filter(|place| *place == 0 || start[place - 1] == b':')? + 2;
    let rest = start.get(authority..)?;
    let host = rest.iter().position(|byte| b"/?#".contains(byte)).unwrap_or(rest.len());
    let at = rest[..host].iter().rposition(|byte| *byte == b'@')?;
    let colon = rest[..at].iter().position(|byte| *byte == b':')?;
    rest.get(colon + 1..at).filter(|password| !password.is_empty())
}

fn judged(value: &[u8]) -> Option<&'static str> {
    let start = value.get(..LOOKED_AT).unwrap_or(value);
    let mut space = [0; LOOKED_AT];
    for (to, from) in space.iter_mut().zip(start) {
        *to = from.to_ascii_lowercase();
    }
    let folded = space.get(..start.len()).unwrap_or_default();
    if folded.is_empty() {
        return None;
    }
    if VOCABULARY.references.at(folded).next().is_some() {
        return Some("reference");
    }
    // Runs and words over only the start of a long value say nothing about the rest.
    let whole = start.len() == value.len();
    let reason = match start {
        _ if published(value) => "published-example",
        _ if forms::sealed(value) => "sealed",
        _ if forms::planted(value) => "planted-word",
        _ if forms::template(start) => "template",
        _ if forms::masked(folded) => "masked",
        _ if whole && forms::repeated(folded) => "repeated",
        _ if whole && (forms::sequential(folded) || forms::counted(folded)) => "sequential",
        _ if whole && forms::periodic(start) => "periodic",
        _ if foreign(folded) || strong(start, folded) || (whole && words_only(start, folded)) => "placeholder-word",
        _ => return None,
    };
    Some(reason)
}

/// Length and digest of each published value; the length alone spares most values the digest.
static DIGESTS: LazyLock<Vec<(usize, [u8; 8])>> = LazyLock::new(|| {
    let rows = PUBLISHED.lines().filter(|line| !line.starts_with('#'));
    rows.filter_map(|line| {
        let mut fields = line.split(' ');
        let (len, digest) = (fields.next()?.parse().ok()?, fields.next()?);
        Some((len, u64::from_str_radix(digest, 16).ok()?.to_be_bytes()))
    })
    .collect()
});

/// Whether a vendor or a standard publishes the value as an example.
#[must_use]
pub fn published(value: &[u8]) -> bool {
    let place = DIGESTS.partition_point(|(len, _)| *len < value.len());
    let rows = DIGESTS.get(place..).unwrap_or_default().iter().take_while(|(len, _)| *len == value.len());
    let mut digest = None;
    rows.into_iter().any(|(_, row)| {
        let digest = digest.get_or_insert_with(|| Sha256::digest(value));
        digest.starts_with(row)
    })
}

fn foreign(folded: &[u8]) -> bool {
    // Only ASCII was folded before.
    !folded.is_ascii() && {
        let folded = String::from_utf8_lossy(folded).to_lowercase();
        VOCABULARY.foreign.iter().any(|word| memchr::memmem::find(folded.as_bytes(), word).is_some())
    }
}

/// A strong word stands in it: as a part of its own, or inside a run of letters if it is long and in one case.
fn strong(value: &[u8], folded: &[u8]) -> bool {
    (0..folded.len()).any(|place| {
        VOCABULARY.strong.at(&folded[place..]).any(|word| {
            let end = place + word.len();
            let apart = starts_part(value, place) && ends_part(value, end);
            let clear = word.len() >= 7 && one_case(&value[place..end]);
            // `EXAMPLE` within a run is put there by hand, however random the rest: of 26^7 tokens one has it by chance.
            let put_in = clear && within_run(value, place, end) && value[place..end].iter().all(u8::is_ascii_uppercase);
            put_in || ((apart || clear) && !random_beside(value, place, end))
        })
    })
}

/// Letters or digits directly before and after.
fn within_run(value: &[u8], start: usize, end: usize) -> bool {
    let around = [start.checked_sub(1), Some(end)];
    around.iter().all(|at| at.and_then(|at| value.get(at)).is_some_and(u8::is_ascii_alphanumeric))
}

fn starts_part(value: &[u8], place: usize) -> bool {
    let Some(before) = place.checked_sub(1).and_then(|before| value.get(before)) else { return true };
    !before.is_ascii_alphabetic() || (before.is_ascii_lowercase() && value[place].is_ascii_uppercase())
}

fn ends_part(value: &[u8], end: usize) -> bool {
    let (Some(last), Some(next)) = (value.get(end.wrapping_sub(1)), value.get(end)) else { return true };
    !next.is_ascii_alphabetic() || (last.is_ascii_lowercase() && next.is_ascii_uppercase())
}

fn one_case(word: &[u8]) -> bool {
    let rest = word.get(1..).unwrap_or_default();
    rest.iter().all(u8::is_ascii_lowercase) || word.iter().all(u8::is_ascii_uppercase)
}

/// A long mixed part that does not touch the word at `start..end`.
fn random_beside(value: &[u8], start: usize, end: usize) -> bool {
    let mut place = 0;
    value.split(|byte| !byte.is_ascii_alphanumeric()).any(|part| {
        let (first, last) = (place, place + part.len());
        place = last + 1;
        let apart = last <= start || first >= end;
        apart
            && part.len() >= RANDOM_PART
            && part.iter().any(u8::is_ascii_digit)
            && part.iter().any(u8::is_ascii_alphabetic)
    })
}

/// Nothing but words of the list, fillers and short or plain numbers, and at least one word that says something.
fn words_only(value: &[u8], folded: &[u8]) -> bool {
    let bare = folded.trim_ascii_end();
    let tail = bare.iter().rev().take_while(|byte| byte.is_ascii_digit() || b"!.?#*".contains(byte)).count();
    let stem = bare.get(..bare.len() - tail).unwrap_or_default();
    if tail <= 4 && (VOCABULARY.says(stem) || leet_word(stem)) {
        return true;
    }
    let (mut said, mut from) = (false, 0);
    while from < folded.len() {
        let kind = folded[from].is_ascii_alphabetic();
        let len = folded[from..].iter().take_while(|byte| byte.is_ascii_alphabetic() == kind).count();
        let (part, fold) = (&value[from..from + len], &folded[from..from + len]);
        from += len;
        if kind {
            let Some(word) = VOCABULARY.segment(part, fold) else { return false };
            said |= word;
        } else if !plain(part) {
            return false;
        }
    }
    said
}

/// `p4ssw0rd` and the like: digits and signs that are read as letters.
fn leet_word(stem: &[u8]) -> bool {
    let mut space = [0; 24];
    if stem.len() > space.len() || stem.len() < 4 || stem.iter().all(|byte| !byte.is_ascii_alphabetic()) {
        return false;
    }
    for (to, from) in space.iter_mut().zip(stem) {
        *to = match from {
            b'0' => b'o',
            b'1' | b'!' => b'i',
            b'3' => b'e',
            b'4' | b'@' => b'a',
            b'5' | b'$' => b's',
            b'7' => b't',
            other => *other,
        };
    }
    VOCABULARY.says(&space[..stem.len()])
}

/// What may stand between words: separators, and numbers that say nothing.
fn plain(part: &[u8]) -> bool {
    let digits = part.iter().filter(|byte| byte.is_ascii_digit()).count();
    let separators = part.iter().all(|byte| byte.is_ascii_digit() || b"_-. /:,!?'\"`@*+=()[]|\\".contains(byte));
    separators && part.len() <= 16 && (digits <= 4 || forms::sequential(part) || forms::repeated(part))
}

#[cfg(test)]
mod tests;
