//! Forms that no secret has: templates, masks, runs, repeats and periods. They look at bytes, never at words.

/// Openers and closers of template slots; the slot may stand anywhere in the value.
const SLOTS: [(&[u8], &[u8]); 10] = [
    (b"${", b"}"),
    (b"{{", b"}}"),
    (b"#{", b"}"),
    (b"$(", b")"),
    (b"<%", b"%>"),
    (b"%(", b")s"),
    (b"%{", b"}"),
    (b"{%", b"%}"),
    (b"@@", b"@@"),
    (b"[[", b"]]"),
];
/// Openers and closers that count only around the whole value, with a name or words between.
const WRAPPERS: [(&[u8], &[u8]); 8] =
    [(b"<", b">"), (b"{", b"}"), (b"[", b"]"), (b"__", b"__"), (b"%", b"%"), (b"$", b""), (b":", b""), (b"@", b"@")];
const ROWS: [&[u8]; 7] = [
    b"0123456789abcdefghijklmnopqrstuvwxyz",
    b"1234567890",
    b"qwertyuiop",
    b"asdfghjkl",
    b"zxcvbnm",
    b"qwertzuiop",
    b"azertyuiop",
];

/// The value is a slot that something will fill, or holds one and little else.
pub fn template(value: &[u8]) -> bool {
    let wrapped = WRAPPERS.iter().any(|(open, close)| {
        let inner = value.strip_prefix(*open).and_then(|rest| rest.strip_suffix(*close));
        inner.is_some_and(|inner| named(inner, close.is_empty()))
    });
    wrapped || slots(value) || verbs(value)
}

/// What names a slot: words, without a long part that mixes letters and digits.
fn named(inner: &[u8], bare: bool) -> bool {
    let name = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    let allowed = |byte: &u8| name(byte) || (!bare && (b" -.|:/'\",!?$()*".contains(byte) || !byte.is_ascii()));
    let digits = inner.iter().filter(|byte| byte.is_ascii_digit()).count();
    let letter_first = inner.first().is_some_and(|byte| byte.is_ascii_alphabetic() || *byte == b'_');
    // A dollar or colon before a password is common; before a plain word in one case it is a variable.
    let shouts =
        inner.iter().all(|byte| !byte.is_ascii_lowercase()) || inner.iter().all(|byte| !byte.is_ascii_uppercase());
    let starts = if bare { letter_first && shouts } else { !inner.is_empty() };
    starts && inner.iter().all(allowed) && digits * 4 <= inner.len() && inner.len() <= 100
}

fn slots(value: &[u8]) -> bool {
    let mut rest = value;
    let mut found = false;
    while let Some(start) = rest.iter().position(|byte| b"${#<%@[".contains(byte)) {
        let here = &rest[start..];
        let closed = SLOTS.iter().find_map(|(open, close)| {
            let inner = here.strip_prefix(*open)?;
            memchr::memmem::find(inner, close).filter(|len| *len > 0).map(|len| open.len() + len + close.len())
        });
        if keeps_secret(&rest[..start]) {
            return false;
        }
        found |= closed.is_some();
        rest = &here[closed.unwrap_or(1)..];
    }
    found && !keeps_secret(rest)
}

/// Text beside a slot that may itself be the secret.
fn keeps_secret(text: &[u8]) -> bool {
    text.split(|byte| !byte.is_ascii_alphanumeric())
        .any(|part| part.len() >= 12 && part.iter().any(u8::is_ascii_digit) && part.iter().any(u8::is_ascii_alphabetic))
}

/// Format verbs (`%s`, `{}`, `{0}`, `%v:%d`) and nothing else but punctuation or blanks between words.
fn verbs(value: &[u8]) -> bool {
    let (mut rest, mut found, mut letters) = (value, false, 0_usize);
    while let Some((&first, tail)) = rest.split_first() {
        let len = match (first, tail) {
            (b'%', [b's' | b'd' | b'v' | b'x' | b'q' | b'@' | b'i' | b'u', ..]) | (b'{', [b'}', ..]) => 2,
            (b'{', [b'0'..=b'9', b'}', ..]) => 3,
            _ => 0,
        };
        found |= len > 0;
        letters += usize::from(len == 0 && first.is_ascii_alphanumeric());
        rest = rest.get(len.max(1)..).unwrap_or_default();
    }
    found && (letters == 0 || value.contains(&b' '))
}

/// Beginnings of what programs write when they encrypt, and the least length of such a value.
const SEALED: [(&[u8], usize); 14] = [
    (b"AgA", 500),
    (b"AgB", 500),
    (b"AgC", 500),
    (b"AgD", 500),
    // Fernet: a version and a time of this century.
    (b"gAAAAAB", 100),
    // AWS and Google key management.
    (b"AQICAH", 100),
    (b"AQECAH", 100),
    (b"CiQA", 100),
    // `openssl enc` and those who do as it does: `Salted__`.
    (b"U2FsdGVkX1", 32),
    // OpenPGP messages, to a key and to a passphrase.
    (b"hQEMA", 100),
    (b"hQIMA", 100),
    (b"jA0E", 60),
    // Armour of age and OpenPGP, in base64.
    (b"LS0tLS1CRUdJTiBBR0Ug", 60),
    (b"LS0tLS1CRUdJTiBQR1AgTUVTU0FHR", 60),
];

/// Encrypted by a program that marks what it makes.
pub fn sealed(value: &[u8]) -> bool {
    let base64 = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/=_-".contains(byte);
    SEALED.iter().any(|(start, least)| value.len() >= *least && value.starts_with(start)) && value.iter().all(base64)
}

/// `EXAMPLE` in the middle of a long value: chance does not write it, and the rest is made up.
pub fn planted(value: &[u8]) -> bool {
    let Some(place) = memchr::memmem::find(value, b"EXAMPLE").filter(|_| value.len() >= 20) else { return false };
    let touches = |at: Option<usize>| at.and_then(|at| value.get(at)).is_some_and(u8::is_ascii_alphanumeric);
    touches(place.checked_sub(1)) || touches(Some(place + 7))
}

/// Hex bytes that go up or down by the same step: `000102…`, `00112233…`, `0b0b0b…`.
pub fn counted(folded: &[u8]) -> bool {
    let digits = folded.strip_prefix(b"0x").unwrap_or(folded);
    let mut bytes = [0_u8; 128];
    let pairs = digits.chunks_exact(2);
    if digits.len() < 16 || digits.len() > 256 || !pairs.remainder().is_empty() {
        return false;
    }
    let len = digits.len() / 2;
    for (to, pair) in bytes.iter_mut().zip(pairs) {
        let (Some(high), Some(low)) = (hex(pair[0]), hex(pair[1])) else { return false };
        *to = high << 4 | low;
    }
    let step = bytes[1].wrapping_sub(bytes[0]);
    bytes[..len].windows(2).all(|pair| pair[1].wrapping_sub(pair[0]) == step)
}

const fn hex(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

/// Stars, dots, bullets or the letter x where the value was.
pub fn masked(folded: &[u8]) -> bool {
    let bullets = ["\u{2022}", "\u{25cf}", "\u{2026}", "\u{00b7}", "\u{2217}"];
    let bullet =
        !folded.is_ascii() && bullets.iter().any(|sign| memchr::memmem::find(folded, sign.as_bytes()).is_some());
    let signs = folded.len() >= 2 && folded.iter().all(|byte| b"*.-_#?x+ ".contains(byte)) && longest(folded).0 >= 2;
    let star = longest_of(folded, b'*') >= 3 || longest_of(folded, b'.') >= 3;
    let cross = longest_of(folded, b'x');
    bullet || signs || star || cross >= 6 || (cross >= 3 && cross * 2 >= folded.len())
}

/// Longest run of one byte, and that byte.
fn longest(text: &[u8]) -> (usize, u8) {
    let runs = text.chunk_by(|left, right| left == right).map(|run| (run.len(), run[0]));
    runs.max().unwrap_or((0, 0))
}

fn longest_of(text: &[u8], byte: u8) -> usize {
    text.chunk_by(|left, right| left == right).filter(|run| run[0] == byte).map(<[u8]>::len).max().unwrap_or(0)
}

/// One byte over and over, separators aside, or for most of the value.
pub fn repeated(folded: &[u8]) -> bool {
    let mut counted = folded.iter().filter(|byte| !b"-_:. ".contains(byte));
    let first = counted.next();
    let (len, same) = counted.fold((1, true), |(len, same), byte| (len + 1, same && Some(byte) == first));
    let (run, _) = longest(folded);
    (first.is_some() && same && len >= 3) || (run >= 8 && run * 3 >= folded.len() * 2)
}

/// Runs up or down the alphabet, the digits or a keyboard row, one after another or two interleaved.
pub fn sequential(folded: &[u8]) -> bool {
    let space = &mut [0; 256];
    let mut len = 0;
    for byte in folded.iter().filter(|byte| byte.is_ascii_alphanumeric()) {
        if let Some(to) = space.get_mut(len) {
            *to = *byte;
            len += 1;
        }
    }
    let text = space.get(..len).unwrap_or_default();
    if len < 4 || len * 3 < folded.len() * 2 {
        return false;
    }
    // Runs of three must cover all, longer ones most of it.
    let (three, four) = (covered(text, 3), covered(text, 4));
    let interleaved = len >= 6 && text.windows(3).all(|three| follows(three[0], three[2]) != 0);
    three == len || four * 4 >= len * 3 || interleaved
}

/// How many bytes stand in runs of at least `least` that go one way.
fn covered(text: &[u8], least: usize) -> usize {
    let (mut sum, mut start) = (0, 0);
    while start < text.len() {
        let step = |place: usize| text.get(place..place + 2).map_or(0, |pair| follows(pair[0], pair[1]));
        let way = step(start);
        let mut end = start + 1;
        while way != 0 && step(end - 1) == way {
            end += 1;
        }
        if end - start >= least {
            sum += end - start;
            start = end;
        } else {
            start += 1;
        }
    }
    sum
}

/// The way from one byte to its neighbour: 1 up, -1 down, 0 where they are none.
fn follows(left: u8, right: u8) -> i8 {
    match (alphanumeric(left), alphanumeric(right)) {
        (Some(left), Some(right)) => WAYS[left][right],
        _ => 0,
    }
}

const fn alphanumeric(byte: u8) -> Option<usize> {
    match byte {
        b'0'..=b'9' => Some((byte - b'0') as usize),
        b'a'..=b'z' => Some((byte - b'a') as usize + 10),
        _ => None,
    }
}

/// Neighbours in the digits, the alphabet (hex goes on from 9 to a) and the keyboard rows.
static WAYS: [[i8; 36]; 36] = ways();

const fn ways() -> [[i8; 36]; 36] {
    let mut table = [[0; 36]; 36];
    let mut row = 0;
    while row < ROWS.len() {
        let mut place = 1;
        while place < ROWS[row].len() {
            if let (Some(left), Some(right)) = (alphanumeric(ROWS[row][place - 1]), alphanumeric(ROWS[row][place])) {
                table[left][right] = 1;
                table[right][left] = -1;
            }
            place += 1;
        }
        row += 1;
    }
    table
}

/// A short text three times or more, or a longer one twice.
pub fn periodic(value: &[u8]) -> bool {
    let mut border = [0_u8; 256];
    let value = value.get(..border.len()).unwrap_or(value);
    let mut matched = 0;
    for place in 1..value.len() {
        while matched > 0 && value[place] != value[matched] {
            matched = usize::from(border[matched - 1]);
        }
        matched += usize::from(value[place] == value[matched]);
        // Fits: no border is as long as the 256 bytes looked at.
        border[place] = matched as u8;
    }
    let period = value.len() - matched;
    (value.len() >= 6 && period * 3 <= value.len()) || (period >= 8 && period * 2 <= value.len())
}
