//! What a name says: which stem speaks, and what the words before and after it make of that.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::feature::{Feature, Features};

/// Names are read this far.
const LONGEST: usize = 80;

/// What kind of secret a name speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stem {
    Password,
    Secret,
    Token,
    Credential,
    Auth,
    Salt,
    Key,
    /// `Basic`, `://` and other marks that are no names.
    Mark,
}

/// Spellings of the stems, in lower case, with the feature each gives.
static SPELLINGS: &[(&str, Stem, Feature)] = &[
    ("pass", Stem::Password, Feature::NamePassword),
    ("pwd", Stem::Password, Feature::NamePwd),
    ("secret", Stem::Secret, Feature::NameSecret),
    ("token", Stem::Token, Feature::NameToken),
    ("cred", Stem::Credential, Feature::NameCredential),
    ("auth", Stem::Auth, Feature::NameAuth),
    ("salt", Stem::Salt, Feature::NameSalt),
    ("nonce", Stem::Salt, Feature::NameNonce),
    ("phrase", Stem::Password, Feature::NamePhrase),
    ("ticket", Stem::Token, Feature::NameTicket),
    ("key", Stem::Key, Feature::NameKey),
];

/// What may follow a stem within its word.
static ENDINGS: &[&str] = &[
    "",
    "s",
    "word",
    "words",
    "wd",
    "phrase",
    "code",
    "ential",
    "entials",
    "orization",
    "orisation",
    "entication",
    "str",
    "wort",
    "in",
];

/// Words by group, as `names.txt` lists them.
static GROUPS: LazyLock<HashMap<&'static str, Vec<&'static str>>> = LazyLock::new(|| {
    let rows = include_str!("names.txt").lines().filter(|line| !line.starts_with('#'));
    let mut words: HashMap<&str, Vec<&str>> = HashMap::new();
    for (group, list) in rows.filter_map(|row| row.split_once('\t')) {
        for word in list.split_ascii_whitespace() {
            words.entry(word).or_default().push(group);
        }
    }
    words
});

fn in_group(word: &str, group: &str) -> bool {
    GROUPS.get(word).is_some_and(|groups| groups.contains(&group))
}

/// Whether the value is the name of a service or of its first user, as in `postgres:postgres`.
pub fn is_service(value: &[u8]) -> bool {
    let folded = value.get(..16).map_or_else(|| value.to_ascii_lowercase(), <[u8]>::to_ascii_lowercase);
    value.len() <= 16 && std::str::from_utf8(&folded).is_ok_and(|word| in_group(word, "head-service"))
}

/// Whether a word of the name says that a random value of it is data, an id or a digest.
#[must_use]
pub fn says_no_secret(name: &[u8]) -> bool {
    split(name).iter().any(|part| in_group(part, "no-secret"))
}

/// Adds what `name` says, and returns the stem that speaks in it.
pub fn weigh_name(name: &[u8], features: &mut Features) -> Stem {
    let parts = split(name);
    let Some((place, at, spelling)) = last_stem(&parts) else { return Stem::Mark };
    let (text, stem, feature) = *spelling;
    features.add(feature);
    let part = &parts[place];
    let (before, after) = (&part[..at], &part[at + text.len()..]);
    let heads: Vec<&str> =
        parts[..place].iter().map(String::as_str).chain((!before.is_empty()).then_some(before)).collect();
    let ending_known = ENDINGS.contains(&after);
    let mut tails: Vec<&str> = parts[place + 1..].iter().map(String::as_str).collect();
    if !ending_known {
        tails.insert(0, after);
    }
    features.add_if(in_group(part, "lookalike"), Feature::NameLookalike);
    features.add_if(
        stem == Stem::Auth && (after.starts_with("ori") || after.starts_with("entica")),
        Feature::NameAuthorization,
    );
    features.add_if(after.ends_with('s') && ending_known, Feature::NamePlural);
    features.add_if(heads.is_empty() && tails.is_empty(), Feature::NameAlone);
    let letters = name.iter().filter(|byte| byte.is_ascii_alphabetic());
    features.add_if(letters.clone().count() > 3 && letters.clone().all(u8::is_ascii_uppercase), Feature::NameUpper);
    weigh_heads(&heads, stem, features);
    weigh_tails(&tails, features);
    stem
}

fn weigh_heads(heads: &[&str], stem: Stem, features: &mut Features) {
    let any = |group: &str| heads.iter().any(|head| in_group(head, group));
    let public = any("head-public");
    let stemmed = |head: &&str| SPELLINGS.iter().any(|row| head.starts_with(row.0));
    let strong = !public && (any("head-strong") || heads.iter().any(stemmed));
    features.add_if(strong, Feature::NameHeadStrong);
    features.add_if(strong && stem == Stem::Key, Feature::NameKeyStrong);
    features.add_if(strong && stem == Stem::Token, Feature::NameTokenStrong);
    features.add_if(any("head-service"), Feature::NameHeadService);
    features.add_if(public, Feature::NameHeadPublic);
    features.add_if(any("head-plain"), Feature::NameHeadPlain);
    features.add_if(any("head-cipher"), Feature::NameHeadCipher);
    features.add_if(any("head-test"), Feature::NameHeadTest);
    features.add_if(heads.first().is_some_and(|head| in_group(head, "head-verb")), Feature::NameHeadVerb);
    let secret = heads.iter().any(|head| head.starts_with("secret") || head.starts_with("private"));
    features.add_if(secret, Feature::NameSecretAndOther);
}

fn weigh_tails(tails: &[&str], features: &mut Features) {
    let Some(last) = tails.last() else { return };
    let any = |group: &str| tails.iter().any(|tail| in_group(tail, group));
    features.add_if(any("tail-cipher"), Feature::NameTailCipher);
    if in_group(last, "tail-value") {
        features.add(Feature::NameTailValue);
    } else if any("tail-benign") {
        features.add(Feature::NameTailBenign);
    } else {
        features.add(Feature::NameTailOther);
    }
}

/// The last part with a stem in it, and where in the part it stands.
fn last_stem(parts: &[String]) -> Option<(usize, usize, &'static (&'static str, Stem, Feature))> {
    for (place, part) in parts.iter().enumerate().rev() {
        let found = SPELLINGS
            .iter()
            .filter_map(|row| last_place(part, row.0).map(|at| (place, at, row)))
            .max_by_key(|row| row.1);
        if found.is_some() {
            return found;
        }
    }
    None
}

/// `rfind` for words of a few letters: the library's search costs more to set up than this to run.
fn last_place(part: &str, stem: &str) -> Option<usize> {
    part.as_bytes().windows(stem.len()).rposition(|there| there == stem.as_bytes())
}

/// The words of a name in lower case: `dbUserPassword` and `DB_USER-PASSWORD` are `db`, `user`, `password`.
fn split(name: &[u8]) -> Vec<String> {
    let mut parts: Vec<String> = Vec::with_capacity(6);
    let mut word = String::new();
    let name = name.get(..LONGEST).unwrap_or(name);
    for (place, byte) in name.iter().enumerate() {
        let hump = byte.is_ascii_uppercase()
            && place > 0
            && (name[place - 1].is_ascii_lowercase()
                || name[place - 1].is_ascii_uppercase() && name.get(place + 1).is_some_and(u8::is_ascii_lowercase));
        if (hump || !byte.is_ascii_alphanumeric()) && !word.is_empty() {
            parts.push(std::mem::take(&mut word));
        }
        if byte.is_ascii_alphanumeric() {
            word.push(char::from(byte.to_ascii_lowercase()));
        }
    }
    if !word.is_empty() {
        parts.push(word);
    }
    parts
}
