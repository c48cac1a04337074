//! What can be said for or against a value beside a name. Each feature is true or not; `weights.txt` says what it is
//! worth, in points of the score. The table is fitted by `fit.py`; this file only names what it may weigh.

use super::index::{find, same};

macro_rules! features {
    ($($name:ident = $text:literal,)*) => {
        /// One observation on a candidate.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Feature { $($name,)* }

        /// The names of all features, in the order of the enum.
        pub const NAMES: &[&str] = &[$($text,)*];

        const ALL: &[Feature] = &[$(Feature::$name,)*];
    };
}

features! {
    // How name and value stand together.
    FormAssign = "form-assign",
    FormCompare = "form-compare",
    FormPair = "form-pair",
    FormArrow = "form-arrow",
    FormCall = "form-call",
    FormArgument = "form-argument",
    FormDefault = "form-default",
    FormFlag = "form-flag",
    FormElement = "form-element",
    FormFields = "form-fields",
    FormRecord = "form-record",
    FormNextLine = "form-next-line",
    FormTable = "form-table",
    FormSpaced = "form-spaced",
    FormProse = "form-prose",
    FormBasic = "form-basic",
    FormBearer = "form-bearer",
    FormUserinfo = "form-userinfo",
    FormQuery = "form-query",
    Bare = "unquoted",
    BareInCode = "unquoted-in-code",
    BareInData = "unquoted-in-data",
    BareInProse = "unquoted-in-prose",
    BareInString = "unquoted-in-string",
    BareBeforeWords = "unquoted-before-words",
    BareBeforeCode = "unquoted-before-code",
    QuotedInData = "quoted-in-data",
    QuotedInProse = "quoted-in-prose",
    QuotedEscaped = "quoted-escaped",
    QuotedBacktick = "quoted-backtick",
    QuotedBytes = "quoted-bytes",
    JoinedString = "joined-string",
    WrappedPlain = "wrapped-plain",
    WrappedLookup = "wrapped-lookup",
    WrappedDecode = "wrapped-decode",
    WrappedSelf = "wrapped-by-itself",
    WrappedOther = "wrapped-other",
    NameQuoted = "name-quoted",
    // The name.
    NamePassword = "name-password",
    NamePwd = "name-pwd",
    NameSecret = "name-secret",
    NameToken = "name-token",
    NameCredential = "name-credential",
    NameAuth = "name-auth",
    NameAuthorization = "name-authorization",
    NameSalt = "name-salt",
    NameNonce = "name-nonce",
    NamePhrase = "name-phrase",
    NameTicket = "name-ticket",
    NameKey = "name-key",
    NameKeyStrong = "name-key-strong",
    NameTokenStrong = "name-token-strong",
    NameAlone = "name-alone",
    NameUpper = "name-upper",
    NamePlural = "name-plural",
    NameLookalike = "name-lookalike",
    NameHeadStrong = "name-head-strong",
    NameHeadService = "name-head-service",
    NameHeadPlain = "name-head-plain",
    NameHeadPublic = "name-head-public",
    NameHeadCipher = "name-head-cipher",
    NameKeyring = "name-keyring",
    NameForm = "name-of-form-token",
    NameHeadTest = "name-head-test",
    NameHeadVerb = "name-head-verb",
    NameTailBenign = "name-tail-benign",
    NameTailCipher = "name-tail-cipher",
    NameTailValue = "name-tail-value",
    NameTailOther = "name-tail-other",
    NameSecretAndOther = "name-secret-and-other",
    // The value: length and letters.
    Length3 = "length-3-5",
    Length6 = "length-6-7",
    Length8 = "length-8-11",
    Length12 = "length-12-15",
    Length16 = "length-16-19",
    Length20 = "length-20-31",
    Length32 = "length-32-39",
    Length40 = "length-40-79",
    Length80 = "length-80-199",
    Length200 = "length-200",
    ShortRare0 = "short-and-wordlike",
    ShortRare3 = "short-and-random-3",
    ShortRare4 = "short-and-random-4",
    ShortRare5 = "short-and-random-5",
    ShortRare6 = "short-and-random-6",
    ShortRare7 = "short-and-random-7",
    LongRare0 = "long-and-wordlike",
    LongRare3 = "long-and-random-3",
    LongRare4 = "long-and-random-4",
    LongRare5 = "long-and-random-5",
    LongRare6 = "long-and-random-6",
    LongRare7 = "long-and-random-7",
    LongRare8 = "long-and-random-8",
    Wordless = "wordless",
    WordsSome = "words-some",
    WordsMost = "words-most",
    WordsAll = "words-all",
    OneWord = "one-word",
    LowerOnly = "lower-only",
    UpperOnly = "upper-only",
    MixedLetters = "mixed-letters",
    LowerDigits = "lower-digits",
    UpperDigits = "upper-digits",
    MixedDigits = "mixed-digits",
    DigitsOnly = "digits-only",
    DigitsAtEnd = "digits-at-end",
    DigitsInside = "digits-inside",
    Symbols = "symbols",
    SymbolsMany = "symbols-many",
    HexOther = "hex-other",
    Base64Tail = "base64-tail",
    FewDistinct = "few-distinct",
    Blanks = "blanks",
    ManyBlanks = "many-blanks",
    NotAscii = "not-ascii",
    Escapes = "escapes",
    EscapedBytes = "escaped-bytes",
    // The value: what it looks like.
    LikeCamel = "like-camel-case",
    LikeSnake = "like-snake-case",
    LikeKebab = "like-kebab-case",
    LikeConstant = "like-constant",
    LikeCapitalised = "like-capitalised",
    LikeJoined = "like-joined-words",
    LikeMember = "like-member",
    LikeKeyId = "like-key-id",
    LikeTemplate = "like-template",
    LikeFormat = "like-format",
    LikeMarkup = "like-markup",
    LikeStructure = "like-structure",
    LikeKeyword = "like-keyword",
    LikeService = "like-service",
    LikeHash = "like-hash",
    ShapeUuid = "shape-uuid",
    ShapeDigest = "shape-digest",
    ShapeIntegrity = "shape-integrity",
    ShapePublicKey = "shape-public-key",
    ShapeCertificate = "shape-certificate",
    ShapeHash = "shape-password-hash",
    ShapeUrl = "shape-url",
    ShapeEmail = "shape-email",
    ShapeHost = "shape-host",
    ShapeMimeType = "shape-mime-type",
    ShapePath = "shape-path",
    ShapeVersion = "shape-version",
    ShapeDate = "shape-date",
    ShapeNumber = "shape-number",
    ShapeColor = "shape-color",
    ShapeIdentifier = "shape-identifier",
    ShapeCode = "shape-code",
    ShapeSentence = "shape-sentence",
    ShapeBase64Text = "shape-base64-text",
    HasStem = "has-stem",
    IsStem = "is-stem",
    IsName = "is-name",
    HasName = "has-name",
    HasExample = "has-example",
    HasPossessive = "has-possessive",
    Runs = "runs",
    Elided = "elided",
    PlaceholderWord = "placeholder-word",
    PlaceholderForm = "placeholder-form",
    PlaceholderKnown = "placeholder-known",
    PasswordPlaceholder = "password-placeholder",
    BasicDecoded = "basic-decoded",
    BasicRefuted = "basic-refuted",
    // The line and what is round it.
    Comment = "comment",
    LineLong = "line-long",
    LineAsserts = "line-asserts",
    LineSpeaks = "line-speaks",
    LineExample = "line-example",
    LineDeclares = "line-declares",
    LineOfPage = "line-of-page",
    NearUser = "near-user",
    NearHost = "near-host",
    LocalHost = "local-host",
    // The path.
    PathTest = "path-test",
    PathDocs = "path-docs",
    PathCode = "path-code",
    PathShell = "path-shell",
    PathYaml = "path-yaml",
    PathJson = "path-json",
    PathConfig = "path-config",
    PathProse = "path-prose",
    PathLocale = "path-locale",
    PathRecording = "path-recording",
    // Two at once.
    PasswordOneWord = "password-one-word",
    PasswordRare = "password-rare",
    PasswordWordsDigits = "password-words-digits",
    PasswordHasStem = "password-has-stem",
    PasswordInCode = "password-in-code",
    PasswordInConfig = "password-in-config",
    PasswordInCall = "password-in-call",
    PasswordTest = "password-test",
    KeyShort = "key-short",
    KeyWordy = "key-wordy",
    KeyRare = "key-rare",
    TokenShort = "token-short",
    TokenWordy = "token-wordy",
    TokenRare = "token-rare",
    SecretShort = "secret-short",
    SecretWordy = "secret-wordy",
    SecretRare = "secret-rare",
    AuthShort = "auth-short",
    AuthWordy = "auth-wordy",
    AuthRare = "auth-rare",
    TokenHex = "token-of-hex",
    TokenDigits = "token-of-digits",
    KeyLetters = "key-of-letters",
    CipherDigest = "cipher-digest",
    KeyFingerprint = "key-fingerprint",
    PageNonce = "nonce-of-page",
    BearerWord = "bearer-word",
    MarkedPlaceholder = "marked-placeholder",
    UserinfoSame = "userinfo-same-as-user",
    UserinfoWordy = "userinfo-wordy",
    TestWordy = "test-wordy",
}

/// Points by which every score starts.
pub const BASE: i16 = READ.1;

/// The weight of each feature, in the order of `NAMES`; 0 where the table does not list it.
static WEIGHTS: [i16; NAMES.len()] = READ.0;

const TABLE: &str = include_str!("weights.txt");

/// The table, read when the program is compiled.
const READ: ([i16; NAMES.len()], i16) = {
    let text = TABLE.as_bytes();
    let (mut weights, mut base) = ([0; NAMES.len()], 0);
    let mut start = 0;
    while start < text.len() {
        let end = find(text, start, text.len(), b'\n');
        let tab = find(text, start, end, b'\t');
        if same(text, start, tab, b"base") {
            base = number(text, tab + 1, end);
        } else if let Some(place) = place_of(text, start, tab) {
            weights[place] = number(text, tab + 1, end);
        }
        start = end + 1;
    }
    (weights, base)
};

/// The place of a name among those of the features.
const fn place_of(text: &[u8], start: usize, end: usize) -> Option<usize> {
    let mut place = 0;
    while place < NAMES.len() {
        if same(text, start, end, NAMES[place].as_bytes()) {
            return Some(place);
        }
        place += 1;
    }
    None
}

const fn number(text: &[u8], start: usize, end: usize) -> i16 {
    let negative = text[start] == b'-';
    let mut at = start + negative as usize;
    let mut number = 0;
    while at < end {
        assert!(text[at].is_ascii_digit(), "a weight is a number");
        number = number * 10 + (text[at] - b'0') as i16;
        at += 1;
    }
    if negative { -number } else { number }
}

impl Feature {
    /// Its name in the table of weights and in reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        NAMES.get(self as usize).copied().unwrap_or_default()
    }

    /// The feature of that name.
    #[must_use]
    pub const fn named(name: &str) -> Option<Self> {
        match place_of(name.as_bytes(), 0, name.len()) {
            Some(place) => Some(ALL[place]),
            None => None,
        }
    }

    /// Its points; 0 where the table does not list it.
    #[must_use]
    pub fn weight(self) -> i16 {
        WEIGHTS.get(self as usize).copied().unwrap_or_default()
    }
}

/// The features that hold for one candidate, a bit each, and the points of all of them.
#[derive(Clone, Copy, Debug, Default)]
pub struct Features {
    bits: [u64; 4],
    points: i32,
}

const _: () = assert!(ALL.len() <= 4 * 64, "each feature has a bit");

impl Features {
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    pub fn add(&mut self, feature: Feature) {
        let place = feature as usize;
        let bit = 1 << (place % 64);
        if self.bits[place / 64] & bit == 0 {
            self.bits[place / 64] |= bit;
            self.points += i32::from(feature.weight());
        }
    }

    pub fn add_if(&mut self, holds: bool, feature: Feature) {
        if holds {
            self.add(feature);
        }
    }

    pub fn add_all(&mut self, others: &Self) {
        for (word, others) in others.bits.iter().enumerate() {
            let mut more = others & !self.bits[word];
            self.bits[word] |= more;
            while more != 0 {
                let weight = WEIGHTS.get(word * 64 + more.trailing_zeros() as usize).copied();
                self.points += i32::from(weight.unwrap_or_default());
                more &= more - 1;
            }
        }
    }

    #[must_use]
    pub const fn has(&self, feature: Feature) -> bool {
        let place = feature as usize;
        self.bits[place / 64] >> (place % 64) & 1 != 0
    }

    /// What they are worth together.
    #[must_use]
    pub const fn points(&self) -> i32 {
        self.points
    }

    pub fn iter(&self) -> impl Iterator<Item = Feature> + '_ {
        ALL.iter().copied().filter(|feature| self.has(*feature))
    }
}

/// The most that features can add of which any number may hold.
#[must_use]
pub fn most_of_all(features: &[Feature]) -> i32 {
    features.iter().map(|feature| i32::from(feature.weight()).max(0)).sum()
}

/// The most that features can add of which one holds at a time.
#[must_use]
pub fn most_of_one(features: &[Feature]) -> i32 {
    features.iter().map(|feature| i32::from(feature.weight()).max(0)).max().unwrap_or_default()
}

#[cfg(test)]
mod tests;
