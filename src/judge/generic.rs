//! Judges a value beside a name: observations on value, name, form, line and path, each worth what `weights.txt` says,
//! and the rule that the finding goes by. No observation decides alone.

use std::sync::LazyLock;

use base64::Engine;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};

use super::ceiling::ceiling;
use super::feature::{BASE, Feature, Features, most_of_all, most_of_one};
use super::names::{Stem, weigh_name};
use super::placeholder::placeholder;
use super::repetition::weigh_repetition;
use super::surroundings::{Kind, LINE_FEATURES, Role, weigh_form, weigh_line};
use super::value::{
    LETTER_FEATURES, LONG_RARE, SHAPE_FEATURES, SHORT_RARE, weigh_length_of, weigh_letters_of, weigh_meaning_of,
};
use super::{Reason, Verdict};
use crate::assign::{Candidate, Form, Quote, bytes};

/// Padding is left off as often as not.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// How much is found out about a candidate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// Until it is clear that no score of `report` can come of it: for most candidates, early.
    Enough { report: u8 },
    /// Everything, for someone who asks why.
    Full,
}

impl Depth {
    /// Whether a score is worth telling.
    #[must_use]
    pub const fn counts(self, score: u8) -> bool {
        match self {
            Self::Enough { report } => score >= report,
            Self::Full => true,
        }
    }
}

/// The rule and the verdict on a candidate in a file of that role; nothing where the depth asks for no more.
#[must_use]
pub fn weigh(text: &[u8], candidate: &Candidate, role: &Role<'_>, depth: Depth) -> Option<(&'static str, Verdict)> {
    let (stem, features) = observe(text, candidate, role, depth)?;
    let mut verdict = Verdict { reasons: vec![Reason::new("value-beside-a-name", BASE)] };
    let weighty = features.iter().filter(|feature| feature.weight() != 0);
    verdict.reasons.extend(weighty.map(|feature| Reason::new(feature.name(), feature.weight())));
    let limit = ceiling(text, candidate, role, stem, &features).filter(|(_, most)| sum(&features) > *most);
    if let Some((name, most)) = limit {
        verdict.add(Reason::new(name, i16::try_from(most - sum(&features)).unwrap_or(i16::MIN)));
        if matches!(depth, Depth::Enough { report } if most < i32::from(report)) {
            return None;
        }
    }
    Some((rule(candidate.form, stem, &features), verdict))
}

fn sum(features: &Features) -> i32 {
    i32::from(BASE) + features.points()
}

/// The most that the line can add.
static LINE_GAIN: LazyLock<i32> = LazyLock::new(|| most_of_all(LINE_FEATURES));

/// The most that line and meaning can add to a value that is like words, and to one that is not.
static LATER_GAIN: LazyLock<[i32; 2]> = LazyLock::new(|| {
    let sure = *LINE_GAIN + most_of_all(MEANING_FEATURES) + most_of_one(SHAPE_FEATURES);
    [sure, sure + most_of_one(RARE_FEATURES)]
});

/// The most that letters, meaning and line can add.
static LETTER_GAIN: LazyLock<i32> = LazyLock::new(|| {
    let rare = most_of_one(&SHORT_RARE).max(most_of_one(&LONG_RARE));
    LATER_GAIN[1] + rare + most_of_all(LETTER_FEATURES)
});

/// What `weigh_meaning_of` and `combine` may add, any number of them at once.
static MEANING_FEATURES: &[Feature] = &[
    Feature::Wordless,
    Feature::WordsSome,
    Feature::WordsMost,
    Feature::WordsAll,
    Feature::OneWord,
    Feature::LikeCamel,
    Feature::LikeSnake,
    Feature::LikeKebab,
    Feature::LikeConstant,
    Feature::LikeCapitalised,
    Feature::LikeJoined,
    Feature::LikeMember,
    Feature::LikeKeyId,
    Feature::LikeTemplate,
    Feature::LikeFormat,
    Feature::LikeMarkup,
    Feature::LikeStructure,
    Feature::LikeKeyword,
    Feature::LikeService,
    Feature::LikeHash,
    Feature::HasStem,
    Feature::IsStem,
    Feature::IsName,
    Feature::HasExample,
    Feature::HasPossessive,
    Feature::Runs,
    Feature::PlaceholderWord,
    Feature::PlaceholderForm,
    Feature::PlaceholderKnown,
    Feature::PasswordPlaceholder,
    Feature::PasswordOneWord,
    Feature::PasswordWordsDigits,
    Feature::PasswordHasStem,
    Feature::PasswordInCode,
    Feature::PasswordInConfig,
    Feature::PasswordInCall,
    Feature::PasswordTest,
    Feature::KeyShort,
    Feature::KeyWordy,
    Feature::TokenShort,
    Feature::TokenWordy,
    Feature::SecretShort,
    Feature::SecretWordy,
    Feature::AuthShort,
    Feature::AuthWordy,
    Feature::TokenHex,
    Feature::TokenDigits,
    Feature::KeyLetters,
    Feature::CipherDigest,
    Feature::BearerWord,
    Feature::MarkedPlaceholder,
    Feature::UserinfoSame,
    Feature::UserinfoWordy,
    Feature::TestWordy,
];

/// What `combine` may add to a rare value, one of them.
static RARE_FEATURES: &[Feature] =
    &[Feature::PasswordRare, Feature::KeyRare, Feature::TokenRare, Feature::SecretRare, Feature::AuthRare];

/// All that is observed on a candidate; nothing where it became clear that the depth asks for no more.
#[must_use]
pub fn observe(text: &[u8], candidate: &Candidate, role: &Role<'_>, depth: Depth) -> Option<(Stem, Features)> {
    let mut features = Features::new();
    let hopeless = |features: &Features, gain: i32| match depth {
        Depth::Enough { report } => sum(features) + gain < i32::from(report),
        Depth::Full => false,
    };
    let kind = role.kind();
    let stem = match candidate.form {
        Form::Basic | Form::Bearer | Form::Userinfo => Stem::Mark,
        _ => weigh_name(candidate.name.of(text), &mut features),
    };
    weigh_form(text, candidate, kind, &mut features);
    role.weigh(&mut features);
    let whole = candidate.value.of(text);
    let inner = match candidate.form {
        Form::Basic => basic_password(whole),
        _ if candidate.quote == Quote::Bytes => Some(bytes::meant(whole)),
        _ => None,
    };
    if candidate.form == Form::Basic {
        features.add(if inner.is_some() { Feature::BasicDecoded } else { Feature::BasicRefuted });
    }
    let value = inner.as_deref().unwrap_or(whole);
    weigh_length_of(value, &mut features);
    combine_short(stem, &mut features);
    // Three bytes beside `key`, and the like: their letters need not be looked at.
    if hopeless(&features, *LETTER_GAIN) {
        return None;
    }
    weigh_letters_of(value, &mut features);
    if hopeless(&features, LATER_GAIN[usize::from(is_rare(&features))]) {
        return None;
    }
    weigh_meaning_of(value, &mut features);
    // Documents show the whole header; its user and password are as public as the header.
    features.add_if(
        candidate.form == Form::Basic && inner.is_some() && placeholder(whole) == Some("published-example"),
        Feature::PlaceholderKnown,
    );
    let name = candidate.name.of(text);
    weigh_repetition(name, whole, &mut features);
    features.add_if(candidate.form == Form::Userinfo && user_is(text, candidate), Feature::UserinfoSame);
    combine(stem, kind, candidate.form, &mut features);
    // What the line says is dearest to learn.
    if hopeless(&features, *LINE_GAIN) {
        return None;
    }
    weigh_line(text, candidate, &mut features);
    features.add_if(features.has(Feature::NameNonce) && features.has(Feature::LineOfPage), Feature::PageNonce);
    (!hopeless(&features, 0)).then_some((stem, features))
}

/// Whether the value is far from words and code.
fn is_rare(features: &Features) -> bool {
    let rare = [
        Feature::ShortRare5,
        Feature::ShortRare6,
        Feature::ShortRare7,
        Feature::LongRare5,
        Feature::LongRare6,
        Feature::LongRare7,
        Feature::LongRare8,
    ];
    rare.iter().any(|feature| features.has(*feature))
}

/// The part after the colon of a decoded `user:password`.
fn basic_password(value: &[u8]) -> Option<Vec<u8>> {
    let plain = BASE64.decode(value).ok()?;
    let colon = plain.iter().position(|byte| *byte == b':')?;
    plain.iter().all(|byte| (b' '..0x7f).contains(byte)).then(|| plain[colon + 1..].to_vec())
}

/// Whether the user before the colon has the same name as the value, as in `guest:guest@`.
fn user_is(text: &[u8], candidate: &Candidate) -> bool {
    let value = candidate.value.of(text);
    let before = text.get(..candidate.value.start.saturating_sub(1)).unwrap_or_default();
    before.ends_with(value)
}

/// Observations that mean more together than apart.
fn combine(stem: Stem, kind: Kind, form: Form, features: &mut Features) {
    let any = |list: &[Feature], features: &Features| list.iter().any(|feature| features.has(*feature));
    let worded = any(&[Feature::WordsAll, Feature::WordsMost], features);
    let rare = is_rare(features);
    let pair = match stem {
        Stem::Password => {
            combine_password(kind, rare, worded, features);
            None
        }
        Stem::Key => Some((Feature::KeyWordy, Feature::KeyRare)),
        Stem::Token => Some((Feature::TokenWordy, Feature::TokenRare)),
        Stem::Secret => Some((Feature::SecretWordy, Feature::SecretRare)),
        Stem::Credential | Stem::Auth | Stem::Salt => Some((Feature::AuthWordy, Feature::AuthRare)),
        Stem::Mark => None,
    };
    if let Some((wordy, rarely)) = pair {
        features.add_if(worded, wordy);
        features.add_if(rare, rarely);
    }
    features.add_if(stem == Stem::Token && features.has(Feature::HexOther), Feature::TokenHex);
    features.add_if(stem == Stem::Token && features.has(Feature::DigitsOnly), Feature::TokenDigits);
    let letters = any(&[Feature::MixedLetters, Feature::LowerOnly], features);
    features.add_if(stem == Stem::Key && letters, Feature::KeyLetters);
    let cipher = any(&[Feature::NameHeadCipher, Feature::NameTailCipher], features);
    let digest = any(
        &[Feature::ShapeDigest, Feature::ShapeHash, Feature::HexOther, Feature::Length80, Feature::Length200],
        features,
    );
    features.add_if(cipher && digest, Feature::CipherDigest);
    let hex = any(&[Feature::ShapeDigest, Feature::HexOther], features);
    features.add_if(hex && features.has(Feature::NameKeyring), Feature::KeyFingerprint);
    let placeholder = any(&[Feature::PlaceholderForm, Feature::PlaceholderWord, Feature::PlaceholderKnown], features);
    let marked = matches!(form, Form::Basic | Form::Bearer | Form::Userinfo | Form::Query);
    features.add_if(marked && placeholder, Feature::MarkedPlaceholder);
    // "the bearer authentication scheme"
    features
        .add_if(form == Form::Bearer && any(&[Feature::LowerOnly, Feature::UpperOnly], features), Feature::BearerWord);
    features.add_if(form == Form::Userinfo && worded, Feature::UserinfoWordy);
    features.add_if(features.has(Feature::PathTest) && worded, Feature::TestWordy);
}

/// Of these, what is known once name and length are.
fn combine_short(stem: Stem, features: &mut Features) {
    let short = [Feature::Length3, Feature::Length6, Feature::Length8, Feature::Length12];
    if short.iter().any(|length| features.has(*length)) {
        match stem {
            Stem::Key => features.add(Feature::KeyShort),
            Stem::Token => features.add(Feature::TokenShort),
            Stem::Secret => features.add(Feature::SecretShort),
            Stem::Credential | Stem::Auth | Stem::Salt => features.add(Feature::AuthShort),
            Stem::Password | Stem::Mark => {}
        }
    }
}

fn combine_password(kind: Kind, rare: bool, worded: bool, features: &mut Features) {
    features.add_if(features.has(Feature::OneWord), Feature::PasswordOneWord);
    features.add_if(rare, Feature::PasswordRare);
    features.add_if(worded && features.has(Feature::DigitsAtEnd), Feature::PasswordWordsDigits);
    features.add_if(features.has(Feature::HasStem), Feature::PasswordHasStem);
    features.add_if(kind == Kind::Code, Feature::PasswordInCode);
    let called = features.has(Feature::FormArgument) || features.has(Feature::FormCall);
    features.add_if(called, Feature::PasswordInCall);
    features.add_if(matches!(kind, Kind::Yaml | Kind::Config | Kind::Shell), Feature::PasswordInConfig);
    features.add_if(features.has(Feature::PathTest), Feature::PasswordTest);
    features.add_if(features.has(Feature::PlaceholderWord), Feature::PasswordPlaceholder);
}

/// The rule that a finding goes by.
fn rule(form: Form, stem: Stem, features: &Features) -> &'static str {
    match (form, stem) {
        (Form::Basic, _) => "basic-auth-header",
        (Form::Bearer, _) => "bearer-token",
        (Form::Userinfo, _) => "url-password",
        (Form::Flag, Stem::Password | Stem::Mark) => "command-line-password",
        (_, Stem::Password | Stem::Mark) => "generic-password",
        (_, Stem::Key) if features.has(Feature::NameKeyStrong) => "generic-api-key",
        (_, Stem::Key | Stem::Secret | Stem::Credential | Stem::Auth) => "generic-secret",
        (_, Stem::Token) => "generic-token",
        (_, Stem::Salt) => "generic-nonce-or-salt",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assign::{KEYWORDS, candidates_at};

    /// The best score of any candidate in a text, and its rule.
    fn best(path: &str, text: &str) -> (&'static str, u8) {
        let folded = text.to_ascii_lowercase();
        let mut best = ("", 0);
        for (at, _) in KEYWORDS.iter().flat_map(|keyword| folded.match_indices(keyword)) {
            candidates_at(text.as_bytes(), at, &mut |candidate| {
                let role = Role::of(path);
                let full = weigh(text.as_bytes(), &candidate, &role, Depth::Full);
                let (rule, verdict) = full.clone().expect("all is asked for");
                let enough = weigh(text.as_bytes(), &candidate, &role, Depth::Enough { report: 40 });
                assert_eq!(full.filter(|(_, verdict)| verdict.score() >= 40), enough, "{text}");
                if verdict.score() > best.1 {
                    best = (rule, verdict.score());
                }
            });
        }
        best
    }

    #[test]
    fn scores_order_the_sure_the_doubtful_and_the_harmless() {
        let random = concat!("q7Xv2Lp9Zm4KwR8t", "B3nY6cJ1");
        let sure = best("app.env", &format!("CLIENT_SECRET={random}"));
        assert!(sure.0 == "generic-secret" && sure.1 >= 70, "{sure:?}");
        let doubtful = best("src/main.py", concat!("password = \"", "stormcloud\""));
        assert!((20..90).contains(&doubtful.1) && doubtful.1 < sure.1, "{doubtful:?}");
        let rows = [
            ("a reference", "password = os.environ['DB_PASSWORD']"),
            ("a template", "password: ${DB_PASSWORD}"),
            ("a type", "pub password: String,"),
            ("a message", "PASSWORD_REQUIRED = \"Please enter your password\""),
            ("a field name", "const tokenField = \"access_token\""),
            ("a key of a map", "key: \"user_id\""),
        ];
        for (name, text) in rows {
            assert!(best("src/main.py", text).1 < 40, "{name}: {:?}", best("src/main.py", text));
        }
    }

    #[test]
    fn the_inner_password_of_a_basic_header_is_judged() {
        let real = best("a.http", concat!("Authorization: Basic ZGVwbG95Onh", "LOXZRMm1Uejc="));
        let sample = best("a.http", "Authorization: Basic dXNlcjpwYXNzd29yZA==");
        assert!(real.1 >= 70 && sample.1 < real.1, "{real:?} {sample:?}");
    }

    #[test]
    fn a_salt_never_blocks() {
        let salt = best("app.env", concat!("PASSWORD_SALT=", "q7Xv2Lp9Zm4KwR8t", "B3nY6cJ1"));
        assert!(salt.0 == "generic-nonce-or-salt" && (40..70).contains(&salt.1), "{salt:?}");
    }
}
