//! How much a value beside a name can be worth at most, whatever speaks for it: some kinds of value are never a reason to
//! stop anyone, some are nothing to tell. Each kind has one cause, found in name, value, line or path, and names it.
//! It refuses to raise a score.

mod expressions;
mod names;

use super::feature::{Feature, Features};
use super::harmless::harmless;
use super::names::Stem;
use super::purpose::Purpose;
use super::surroundings::{Kind, Role};
use crate::assign::{Candidate, Form, Quote};
use expressions::{belongs_to_another, is_element, is_index, is_one_of_two_names};
use names::{
    dotted_name, is_first_key, is_list, is_member_path, is_named_value, is_part_of_name, is_phrase_of_names, is_place,
    is_reverse_domain, joined_names, names_block, names_bucket, names_next, selects_labels,
};

/// Worth a look, but no reason to stop anyone.
pub(super) const REVIEW: i32 = 65;
/// A reason to stop someone, but never among the surest.
const DOUBT: i32 = 85;
/// Not worth telling.
pub(super) const NOTHING: i32 = 20;

/// Tokens by which a client goes on reading a list, or repeats a call without repeating what it does. Ends of names,
/// letters and digits alone and in lower case.
static PLACE_MARKS: &[&str] = &[
    "nexttoken",
    "pagetoken",
    "continuationtoken",
    "paginationtoken",
    "sequencetoken",
    "synctoken",
    "resumetoken",
    "cursortoken",
    "requesttoken",
    "idempotencytoken",
    "idempotencykey",
    "changetoken",
    "updatetoken",
    "actiontoken",
];

/// Forms of something else, certain enough that a value in them is no reason to stop. A plain word, a number, an address
/// of mail and a phrase are left out: people choose them as passwords.
static OTHER_FORMS: &[Feature] = &[
    Feature::ShapeIntegrity,
    Feature::ShapePublicKey,
    Feature::ShapeCertificate,
    Feature::ShapeUrl,
    Feature::ShapeHost,
    Feature::ShapeMimeType,
    Feature::ShapePath,
    Feature::ShapeVersion,
    Feature::ShapeDate,
    Feature::ShapeColor,
    Feature::ShapeCode,
];

/// Kinds of value that are worth a look at most, by what is observed on them.
static KINDS: &[(&str, &[Feature])] = &[
    ("hashed-and-not-plain", &[Feature::ShapeHash, Feature::LikeHash, Feature::CipherDigest]),
    ("a-form-token-lasts-one-session", &[Feature::NameForm]),
    ("bytes-are-mostly-test-vectors", &[Feature::QuotedBytes, Feature::EscapedBytes]),
];

fn kind_of(features: &Features) -> Option<&'static str> {
    KINDS.iter().find(|(_, signs)| signs.iter().any(|sign| features.has(*sign))).map(|(name, _)| *name)
}

/// The most that a candidate can be worth, and why; nothing where there is no limit.
#[must_use]
pub fn ceiling(
    text: &[u8],
    candidate: &Candidate,
    role: &Role<'_>,
    stem: Stem,
    features: &Features,
) -> Option<(&'static str, i32)> {
    let value = candidate.value.of(text);
    let nothing = match () {
        () if features.has(Feature::PlaceholderKnown) => Some("published-example"),
        () if role.purpose() == Purpose::Translation && spoken(value) => Some("a-translation"),
        () if stem == Stem::Token && marks_place(candidate.name.of(text)) => Some("marks-a-place"),
        () if shell_compares(text, candidate, role) => Some("a-comparison"),
        () if candidate.form == Form::Spaced && names_next(text, candidate) => Some("a-name"),
        () if is_first_key(text, candidate) => Some("a-name"),
        () if !is_text(value) || colours_terminal(value) => Some("not-text"),
        () if is_index(text, candidate) => Some("an-index"),
        () if is_one_of_two_names(text, candidate) => Some("a-name"),
        // What a CI service has encrypted for its own config.
        () if text[..candidate.value.start].ends_with(b"ENCRYPTED[") => Some("sealed"),
        // Compilers of pages give each element such a key; addresses of cached images have one behind an escaped `&`.
        () if keys_element(text, candidate, role) => Some("a-digest"),
        () if stem == Stem::Key && (names_block(text, candidate) || selects_labels(text, candidate)) => Some("a-name"),
        // The key of a thing in a store is its path there.
        () if is_bare_key(candidate.name.of(text)) && names_bucket(text, candidate) => Some("a-name"),
        () => None,
    };
    if let Some(name) = nothing {
        return Some((name, NOTHING));
    }
    if let Some(limit) = harmless(text, candidate, role) {
        return Some(limit);
    }
    if let Some(kind) = kind_of(features) {
        return Some((kind, REVIEW));
    }
    let review = match () {
        () if stem == Stem::Salt => "salts-alone-open-nothing",
        () if features.has(Feature::ShapeUuid) => "an-identifier",
        () if OTHER_FORMS.iter().any(|form| features.has(*form)) => "form-of-something-else",
        // Where a value needs quotes, one without is a name or an expression.
        () if features.has(Feature::BareInCode) || is_element(text, candidate, role) => "form-of-something-else",
        () if role.purpose() == Purpose::Translation => "a-translation",
        () if role.purpose() == Purpose::Documentation => "in-documentation",
        () if stem == Stem::Key && (joined_names(value) || is_member_path(value) || is_phrase_of_names(value)) => {
            "a-name"
        }
        () if is_named_value(value) || is_reverse_domain(value) => "a-name",
        () if is_bare_key(candidate.name.of(text)) && dotted_name(value) => "a-name",
        () if value.starts_with(b"urn:") => "a-name",
        // What protocols sign a packet with, as their dumps show it. The header of HTTP has another name.
        () if features.has(Feature::ShapeDigest) && name_is(text, candidate, b"authentication") => "a-digest",
        () if stem == Stem::Key && is_bare_key(candidate.name.of(text)) && is_hex(value) => "a-digest",
        () if is_hex(after_mark(value)) && tests_ciphers(text, candidate) => "a-test-vector",
        // The address of a badge is made to be shown.
        () if text[..candidate.name.start].ends_with(b".svg?") => "publishable",
        () if is_place(candidate.name.of(text), value) || is_list(value) => "form-of-something-else",
        () if candidate.form == Form::Prose && candidate.quote == Quote::None => "in-a-sentence",
        () if in_manual_comment(text, candidate) || in_docstring(text, candidate, role) => "in-documentation",
        () if belongs_to_another(text, candidate) => "of-another-name",
        () if is_letters(features) && is_part_of_name(candidate.name.of(text), value) => "its-own-name",
        // It may be a word of some language, which people choose and programs show.
        () if stem == Stem::Password && is_letters(features) => return Some(("letters-alone", DOUBT)),
        () => return None,
    };
    Some((review, REVIEW))
}

/// Whether a shell compares a variable with a word: `[ $pass = link ]`, `[ "$mode,$pass" = "a,b" ]`. An assignment has no
/// `$`, but in PowerShell, where its value is quoted and its name is not.
fn shell_compares(text: &[u8], candidate: &Candidate, role: &Role<'_>) -> bool {
    let before = candidate.name.start.checked_sub(1).and_then(|at| text.get(at));
    role.kind() == Kind::Shell
        && candidate.form == Form::Assign
        && (candidate.quote == Quote::None || text.get(candidate.name.end) == Some(&b'"'))
        && matches!(before, Some(b'$' | b'{'))
}

/// Whether the bytes are text: strings of serialised objects run into what describes them. The last letter may be cut.
fn is_text(value: &[u8]) -> bool {
    let plain = value.iter().all(|byte| !byte.is_ascii_control() || byte.is_ascii_whitespace());
    plain && std::str::from_utf8(value).err().is_none_or(|wrong| wrong.error_len().is_none())
}

/// Whether it begins with what tells a terminal to change its colour.
fn colours_terminal(value: &[u8]) -> bool {
    [b"\\x1b[".as_slice(), b"\\x1B[", b"\\033[", b"\\u001b[", b"\\e["].iter().any(|escape| value.starts_with(escape))
}

/// Letters of one case, no more of them than long words have, and not far from words.
fn is_letters(features: &Features) -> bool {
    let any = |list: &[Feature]| list.iter().any(|feature| features.has(*feature));
    any(&[Feature::LowerOnly, Feature::UpperOnly])
        && any(&[Feature::Length3, Feature::Length6, Feature::Length8, Feature::Length12])
        && !any(&[Feature::ShortRare5, Feature::ShortRare6, Feature::ShortRare7])
}

fn name_is(text: &[u8], candidate: &Candidate, name: &[u8]) -> bool {
    candidate.name.of(text).eq_ignore_ascii_case(name)
}

/// `key` and nothing else, as programs call the key of a map, of a list's entry or of a cached address; the escape of
/// an `&` may touch it.
fn is_bare_key(name: &[u8]) -> bool {
    let name =
        [b"u0026".as_slice(), b"26", b"amp"].iter().find_map(|escape| name.strip_prefix(*escape)).unwrap_or(name);
    name.eq_ignore_ascii_case(b"key") || name.eq_ignore_ascii_case(b"keys")
}

/// Whether the value is the digest of an element in generated code, or of an image in a quoted address.
fn keys_element(text: &[u8], candidate: &Candidate, role: &Role<'_>) -> bool {
    let (name, value) = (candidate.name.of(text), candidate.value.of(text));
    let element = role.kind() == Kind::Code && candidate.form == Form::Pair && value.len() == 40 && name == b"key";
    is_hex(value) && (element || (is_bare_key(name) && name.len() > 4))
}

/// Hex digits, at least sixteen; what follows a backslash is an escape and not the value's.
fn is_hex(value: &[u8]) -> bool {
    let value = value.split(|byte| *byte == b'\\').next().unwrap_or_default();
    value.len() >= 16 && value.iter().all(u8::is_ascii_hexdigit)
}

/// Without a mark such as `hexkey:`.
fn after_mark(value: &[u8]) -> &[u8] {
    let mark = value.iter().take(12).position(|byte| *byte == b':');
    mark.map_or(value, |mark| &value[mark + 1..])
}

/// Whether lines close by are of the language in which tests of ciphers are written.
fn tests_ciphers(text: &[u8], candidate: &Candidate) -> bool {
    let near = text.get(candidate.name.start.saturating_sub(300)..(candidate.value.end + 300).min(text.len()));
    let words = [
        b"\nCtrl.".as_slice(),
        b"\nPeerKey",
        b"\nDerive=",
        b"\nCipher =",
        b"\nMAC =",
        b"\nKDF =",
        b"\nPBE =",
        b"\nOutput =",
    ];
    let near = near.unwrap_or_default();
    words.iter().filter(|word| memchr::memmem::find(near, word).is_some()).count() >= 1
}

/// Words of some language: no digit but in a slot, or blanks or letters outside ASCII among them.
fn spoken(value: &[u8]) -> bool {
    let slots = value.windows(2).filter(|pair| b"$%{".contains(&pair[0]) && pair[1].is_ascii_digit()).count();
    let digits = value.iter().filter(|byte| byte.is_ascii_digit()).count();
    !value.is_ascii() || value.contains(&b' ') || digits == slots
}

/// Whether the name is that of a place in a list or of one call.
fn marks_place(name: &[u8]) -> bool {
    let mut plain = [0; 40];
    let letters = name.iter().rev().filter(|byte| byte.is_ascii_alphanumeric());
    let len = plain.iter_mut().rev().zip(letters).map(|(to, from)| *to = from.to_ascii_lowercase()).count();
    let plain = &plain[plain.len() - len..];
    PLACE_MARKS.iter().any(|mark| plain.ends_with(mark.as_bytes()))
}

/// How far the start of a line is looked for.
const LINE: usize = 160;

/// Whether the line is a comment of the kind that manuals are made of: `*` in a block, `///`, or code set in by three
/// blanks after the mark. A line of code that was commented out is none.
fn in_manual_comment(text: &[u8], candidate: &Candidate) -> bool {
    let first = candidate.name.start.min(candidate.value.start);
    let before = text.get(first.saturating_sub(LINE)..first).unwrap_or_default();
    let Some(line) = before.rsplit(|byte| *byte == b'\n').next() else { return false };
    if line.len() == before.len() && first > LINE {
        return false;
    }
    let line = line.trim_ascii_start();
    let block =
        line.starts_with(b"* ") || line.starts_with(b"*\t") || line.starts_with(b"///") || line.starts_with(b"//!");
    let mark = [b"#".as_slice(), b"//", b"--", b"%"].iter().find_map(|mark| line.strip_prefix(*mark));
    block || mark.is_some_and(|rest| rest.starts_with(b"   ") || rest.starts_with(b"\t"))
}

/// How far the start of a docstring is looked for.
const DOCSTRING: usize = 16 * 1024;

/// Whether the place is in a string that documents a Python definition or file.
fn in_docstring(text: &[u8], candidate: &Candidate, role: &Role<'_>) -> bool {
    if !role.is_python() {
        return false;
    }
    let before = text.get(candidate.value.start.saturating_sub(DOCSTRING)..candidate.value.start).unwrap_or_default();
    let marks = [b"\"\"\"", b"'''"];
    let Some(place) = marks.iter().filter_map(|mark| memchr::memmem::rfind(before, *mark)).max() else {
        return false;
    };
    let line = before[..place].rsplit(|byte| *byte == b'\n').next().unwrap_or_default();
    // What closes one may stand alone on its line as well; what opens one follows the head of a definition, or comments.
    let above = before[..place - line.len()].trim_ascii_end();
    let last = above.rsplit(|byte| *byte == b'\n').next().unwrap_or_default();
    let starts = above.is_empty() && before.len() == candidate.value.start;
    line.trim_ascii().iter().all(|byte| b"rRuU".contains(byte))
        && (starts || above.ends_with(b":") || last.starts_with(b"#"))
}

#[cfg(test)]
mod tests;
