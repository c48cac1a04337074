//! What a name says: which stem speaks, and what the words before and after it make of that.

use std::ops::Range;

use super::feature::{Feature, Features};
use super::index::Index;

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

/// The groups of `names.txt`, a bit each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Groups(u16);

impl Groups {
    const NAMES: [&str; 14] = [
        "head-strong",
        "head-service",
        "head-public",
        "head-plain",
        "head-cipher",
        "head-test",
        "head-verb",
        "tail-benign",
        "tail-cipher",
        "tail-value",
        "lookalike",
        "no-secret",
        "keyring",
        "form-token",
    ];
    const HEAD_STRONG: Self = Self(1);
    const HEAD_SERVICE: Self = Self(1 << 1);
    const HEAD_PUBLIC: Self = Self(1 << 2);
    const HEAD_PLAIN: Self = Self(1 << 3);
    const HEAD_CIPHER: Self = Self(1 << 4);
    const HEAD_TEST: Self = Self(1 << 5);
    const HEAD_VERB: Self = Self(1 << 6);
    const TAIL_BENIGN: Self = Self(1 << 7);
    const TAIL_CIPHER: Self = Self(1 << 8);
    const TAIL_VALUE: Self = Self(1 << 9);
    const LOOKALIKE: Self = Self(1 << 10);
    const NO_SECRET: Self = Self(1 << 11);
    const KEYRING: Self = Self(1 << 12);
    const FORM_TOKEN: Self = Self(1 << 13);

    #[cfg(test)]
    fn named(name: &str) -> Self {
        Self::NAMES.iter().position(|known| *known == name).map_or(Self(0), |place| Self(1 << place))
    }

    const fn has(self, group: Self) -> bool {
        self.0 & group.0 != 0
    }

    /// The groups of a word, in lower case.
    fn of(word: &[u8]) -> Self {
        Self(WORDS.groups(word))
    }

    /// The groups of any of the words.
    fn of_any<'w>(words: impl Iterator<Item = &'w [u8]>) -> Self {
        Self(words.fold(0, |all, word| all | Self::of(word).0))
    }
}

/// The words of `names.txt` with their groups: names have two or three parts, and each is looked up.
static WORDS: Index<1024, 2048> = Index::new(include_str!("names.txt"), &Groups::NAMES);

/// Whether the value is the name of a service or of its first user, as in `postgres:postgres`.
pub fn is_service(value: &[u8]) -> bool {
    let folded = value.get(..16).map_or_else(|| value.to_ascii_lowercase(), <[u8]>::to_ascii_lowercase);
    value.len() <= 16 && Groups::of(&folded).has(Groups::HEAD_SERVICE)
}

/// Whether a word of the name says that a random value of it is data, an id or a digest.
#[must_use]
pub fn says_no_secret(name: &[u8]) -> bool {
    Groups::of_any(Parts::of(name).all()).has(Groups::NO_SECRET)
}

/// Whether a word of the name speaks of a secret: a stem, with what may stand before and after it in a word.
#[must_use]
pub fn speaks(name: &[u8]) -> bool {
    let speaks_so = |part: &[u8], stem: &[u8]| {
        last_place(part, stem)
            .is_some_and(|at| ENDINGS.iter().any(|ending| ending.as_bytes() == &part[at + stem.len()..]))
    };
    Parts::of(name).all().any(|part| {
        let known = matches!(part, b"bearer" | b"basic" | b"login" | b"webhook" | b"webhooks" | b"hook" | b"hooks");
        let stemmed = || SPELLINGS.iter().any(|row| speaks_so(part, row.0.as_bytes()));
        known || (stemmed() && !Groups::of(part).has(Groups::LOOKALIKE))
    })
}

/// Whether the last word of a name says that its value is a digest, a revision or the like.
#[must_use]
pub fn ends_in_digest(name: &[u8]) -> bool {
    ends_in(name, DIGESTS)
}

/// Whether the last word of a name says that its value is an id.
#[must_use]
pub fn ends_in_id(name: &[u8]) -> bool {
    ends_in(name, IDS)
}

const DIGESTS: &str = "hash hashes digest digests sha sha1 sha256 sha384 sha512 md5 md5sum sum checksum checksums crc integrity \
    signature etag fingerprint thumbprint revision rev commit ref tag resolved cursor nonce iv salt address addr build version \
    expected actual sha1sum sha256sum";
const IDS: &str = "id ids uid uuid guid uuids trace span request correlation session";

fn ends_in(name: &[u8], words: &str) -> bool {
    let parts = Parts::of(name);
    let Some(last) = parts.len.checked_sub(1).map(|last| parts.get(last)) else { return false };
    words.split_ascii_whitespace().any(|word| word.as_bytes() == last)
}

/// What a pass of a renderer is called by: `renderPass`.
static DRAWN: [&[u8]; 6] = [b"render", b"depth", b"shadow", b"stencil", b"opaque", b"translucent"];

/// Adds what `name` says, and returns the stem that speaks in it.
pub fn weigh_name(name: &[u8], features: &mut Features) -> Stem {
    let parts = Parts::of(name);
    let Some((place, at, spelling)) = last_stem(&parts) else { return Stem::Mark };
    let (text, stem, feature) = *spelling;
    features.add(feature);
    let part = parts.get(place);
    let (before, after) = (&part[..at], &part[at + text.len()..]);
    let heads = parts.range(0..place).chain((!before.is_empty()).then_some(before));
    let ending_known = ENDINGS.iter().any(|ending| ending.as_bytes() == after);
    let tails = (!ending_known).then_some(after).into_iter().chain(parts.range(place + 1..parts.len));
    features.add_if(Groups::of(part).has(Groups::LOOKALIKE), Feature::NameLookalike);
    // The reason phrase of an answer, a phrase of a text: only `passphrase` is a secret by itself.
    let phrase = feature == Feature::NamePhrase && before != b"pass" && !heads.clone().any(is_seed);
    features.add_if(phrase, Feature::NameLookalike);
    let drawn = part == b"pass" && place > 0 && DRAWN.contains(&parts.get(place - 1));
    features.add_if(drawn, Feature::NameLookalike);
    features.add_if(
        stem == Stem::Auth && (after.starts_with(b"ori") || after.starts_with(b"entica")),
        Feature::NameAuthorization,
    );
    features.add_if(after.ends_with(b"s") && ending_known, Feature::NamePlural);
    let alone = heads.clone().next().is_none() && tails.clone().next().is_none();
    features.add_if(alone, Feature::NameAlone);
    let letters = name.iter().filter(|byte| byte.is_ascii_alphabetic());
    features.add_if(letters.clone().count() > 3 && letters.clone().all(u8::is_ascii_uppercase), Feature::NameUpper);
    if !alone {
        weigh_heads(&heads, stem, features);
        weigh_tails(tails, features);
    }
    stem
}

/// What makes a phrase a secret one.
fn is_seed(head: &[u8]) -> bool {
    [b"pass".as_slice(), b"seed", b"secret", b"mnemonic", b"recovery", b"wallet", b"key", b"sign"].contains(&head)
}

fn weigh_heads<'n>(heads: &(impl Iterator<Item = &'n [u8]> + Clone), stem: Stem, features: &mut Features) {
    let groups = Groups::of_any(heads.clone());
    let public = groups.has(Groups::HEAD_PUBLIC);
    let stemmed = |head: &[u8]| SPELLINGS.iter().any(|row| head.starts_with(row.0.as_bytes()));
    let strong = !public && (groups.has(Groups::HEAD_STRONG) || heads.clone().any(stemmed));
    features.add_if(strong, Feature::NameHeadStrong);
    features.add_if(strong && stem == Stem::Key, Feature::NameKeyStrong);
    features.add_if(strong && stem == Stem::Token, Feature::NameTokenStrong);
    features.add_if(groups.has(Groups::HEAD_SERVICE), Feature::NameHeadService);
    features.add_if(public, Feature::NameHeadPublic);
    features.add_if(groups.has(Groups::HEAD_PLAIN), Feature::NameHeadPlain);
    features.add_if(groups.has(Groups::HEAD_CIPHER), Feature::NameHeadCipher);
    features.add_if(groups.has(Groups::KEYRING), Feature::NameKeyring);
    features.add_if(groups.has(Groups::FORM_TOKEN), Feature::NameForm);
    features.add_if(groups.has(Groups::HEAD_TEST), Feature::NameHeadTest);
    let first = heads.clone().next().map(Groups::of);
    features.add_if(first.is_some_and(|first| first.has(Groups::HEAD_VERB)), Feature::NameHeadVerb);
    let secret = heads.clone().any(|head| head.starts_with(b"secret") || head.starts_with(b"private"));
    features.add_if(secret, Feature::NameSecretAndOther);
}

fn weigh_tails<'n>(tails: impl Iterator<Item = &'n [u8]> + Clone, features: &mut Features) {
    let Some(last) = tails.clone().last() else { return };
    let groups = Groups::of_any(tails);
    features.add_if(groups.has(Groups::TAIL_CIPHER), Feature::NameTailCipher);
    if Groups::of(last).has(Groups::TAIL_VALUE) {
        features.add(Feature::NameTailValue);
    } else if groups.has(Groups::TAIL_BENIGN) {
        features.add(Feature::NameTailBenign);
    } else {
        features.add(Feature::NameTailOther);
    }
}

/// The last part with a stem in it, and where in the part it stands.
fn last_stem(parts: &Parts) -> Option<(usize, usize, &'static (&'static str, Stem, Feature))> {
    for place in (0..parts.len).rev() {
        let part = parts.get(place);
        let found = SPELLINGS
            .iter()
            .filter_map(|row| last_place(part, row.0.as_bytes()).map(|at| (place, at, row)))
            .max_by_key(|row| row.1);
        if found.is_some() {
            return found;
        }
    }
    None
}

/// `rfind` for words of a few letters: the library's search costs more to set up than this to run.
fn last_place(part: &[u8], stem: &[u8]) -> Option<usize> {
    part.windows(stem.len()).rposition(|there| there[0] == stem[0] && there == stem)
}

/// The words of a name in lower case: `dbUserPassword` and `DB_USER-PASSWORD` are `db`, `user`, `password`. They stand
/// one behind the other in a space of their own: a name is split for every candidate.
struct Parts {
    letters: [u8; LONGEST],
    ends: [u8; LONGEST],
    len: usize,
}

impl Parts {
    fn of(name: &[u8]) -> Self {
        let mut parts = Self { letters: [0; LONGEST], ends: [0; LONGEST], len: 0 };
        let name = name.get(..LONGEST).unwrap_or(name);
        let (mut start, mut end) = (0, 0);
        for (place, byte) in name.iter().enumerate() {
            let hump = byte.is_ascii_uppercase()
                && place > 0
                && (name[place - 1].is_ascii_lowercase()
                    || name[place - 1].is_ascii_uppercase() && name.get(place + 1).is_some_and(u8::is_ascii_lowercase));
            if (hump || !byte.is_ascii_alphanumeric()) && end > start {
                parts.close(end);
                start = end;
            }
            if byte.is_ascii_alphanumeric() {
                parts.letters[end] = byte.to_ascii_lowercase();
                end += 1;
            }
        }
        if end > start {
            parts.close(end);
        }
        parts
    }

    fn close(&mut self, end: usize) {
        self.ends[self.len] = u8::try_from(end).expect("a name is read no further than LONGEST");
        self.len += 1;
    }

    fn get(&self, place: usize) -> &[u8] {
        let start = place.checked_sub(1).map_or(0, |before| usize::from(self.ends[before]));
        &self.letters[start..usize::from(self.ends[place])]
    }

    fn range(&self, places: Range<usize>) -> impl Iterator<Item = &[u8]> + Clone {
        places.map(|place| self.get(place))
    }

    fn all(&self) -> impl Iterator<Item = &[u8]> {
        self.range(0..self.len)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_has_the_groups_that_list_it() {
        for row in include_str!("names.txt").lines().filter(|line| !line.starts_with('#')) {
            let (group, list) = row.split_once('\t').unwrap();
            assert!(Groups::NAMES.contains(&group), "{group}");
            for word in list.split_ascii_whitespace() {
                assert!(Groups::of(word.as_bytes()).has(Groups::named(group)), "{word} of {group}");
            }
        }
        assert_eq!(Groups::of(b"nosuchword"), Groups::default());
    }
}
