//! One test a shape. Each looks at the whole (already cut) value once or a few times, and none allocates.

use base64::Engine;
use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_padding_mode(DecodePaddingMode::Indifferent)
    .with_decode_allow_trailing_bits(true);
pub(super) static PLAIN: GeneralPurpose = GeneralPurpose::new(&STANDARD, LENIENT);
static URL: GeneralPurpose = GeneralPurpose::new(&URL_SAFE, LENIENT);

pub fn uuid(value: &[u8]) -> bool {
    let value = value.strip_prefix(b"urn:uuid:").unwrap_or(value);
    let inner = value.strip_prefix(b"{").and_then(|rest| rest.strip_suffix(b"}")).unwrap_or(value);
    is_of_a_volume(inner)
        || inner.len() == 36
            && inner.iter().enumerate().all(|(place, byte)| match place {
                8 | 13 | 18 | 23 => *byte == b'-',
                _ => byte.is_ascii_hexdigit(),
            })
}

/// How LVM calls groups and volumes: 32 letters and digits in seven parts.
fn is_of_a_volume(value: &[u8]) -> bool {
    let lengths = [6, 4, 4, 4, 4, 4, 6];
    value.len() == 38
        && value.split(|byte| *byte == b'-').map(<[u8]>::len).eq(lengths)
        && value.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-')
}

pub fn hex_digest(value: &[u8]) -> Option<u8> {
    let len = u8::try_from(value.len()).ok().filter(|len| [32, 40, 48, 56, 64, 96, 128].contains(len))?;
    let lower = value.iter().any(u8::is_ascii_lowercase);
    let upper = value.iter().any(u8::is_ascii_uppercase);
    (value.iter().all(u8::is_ascii_hexdigit) && !(lower && upper)).then_some(len)
}

pub fn integrity(value: &[u8]) -> bool {
    let prefixes: [&[u8]; 9] =
        [b"sha1-", b"sha256-", b"sha384-", b"sha512-", b"sha256:", b"sha512:", b"sha1:", b"md5:", b"h1:"];
    let rest = prefixes.iter().find_map(|prefix| value.strip_prefix(*prefix));
    rest.is_some_and(|rest| rest.len() >= 22 && rest.iter().all(|byte| base64_byte(*byte) || b" -".contains(byte)))
}

pub fn color(value: &[u8]) -> bool {
    let hex = value
        .strip_prefix(b"#")
        .is_some_and(|rest| [3, 4, 6, 8].contains(&rest.len()) && rest.iter().all(u8::is_ascii_hexdigit));
    let calls: [&[u8]; 4] = [b"rgb(", b"rgba(", b"hsl(", b"hsla("];
    hex || (value.ends_with(b")") && calls.iter().any(|call| value.starts_with(call)))
}

pub fn number(value: &[u8]) -> bool {
    let value = value.strip_prefix(b"-").or_else(|| value.strip_prefix(b"+")).unwrap_or(value);
    if let Some(hex) = value.strip_prefix(b"0x").or_else(|| value.strip_prefix(b"0X")) {
        return (1..=16).contains(&hex.len()) && hex.iter().all(|byte| byte.is_ascii_hexdigit() || *byte == b'_');
    }
    let end = value.iter().position(|byte| !(byte.is_ascii_digit() || b"._,".contains(byte))).unwrap_or(value.len());
    let units: [&[u8]; 22] = [
        b"", b"u", b"l", b"f", b"%", b"s", b"ms", b"us", b"ns", b"m", b"h", b"d", b"k", b"kb", b"mb", b"gb", b"px",
        b"em", b"rem", b"ki", b"mi", b"gi",
    ];
    let dots = memchr::memchr_iter(b'.', &value[..end]).count();
    let unit = &value[end..];
    dots <= 1
        && value[0..end].first().is_some_and(u8::is_ascii_digit)
        && units.iter().any(|known| unit.eq_ignore_ascii_case(known))
}

pub fn date(value: &[u8]) -> bool {
    let digits = value.iter().filter(|byte| byte.is_ascii_digit()).count();
    let body = |byte: &u8| byte.is_ascii_digit() || b"-/:. TZ+".contains(byte);
    let groups = value.split(|byte| !byte.is_ascii_digit()).filter(|group| !group.is_empty());
    let short =
        groups.clone().all(|group| group.len() <= 2 || group.len() == 4 || group.len() <= 9 && value.contains(&b':'));
    let separated = value.iter().filter(|byte| b"-/".contains(byte)).count() >= 2 || value.contains(&b':');
    let starts_well =
        groups.clone().next().is_some_and(|first| first.len() <= 2 || (first.len() == 4 && b"12".contains(&first[0])));
    (4..=35).contains(&digits)
        && value.len() <= 40
        && value.iter().all(body)
        && short
        && separated
        && starts_well
        && groups.count() >= 2
}

pub fn version(value: &[u8]) -> bool {
    let value = value.iter().position(|byte| !b"^~<>=v ".contains(byte)).map_or(value, |start| &value[start..]);
    let core = value.iter().position(|byte| !(byte.is_ascii_digit() || *byte == b'.')).unwrap_or(value.len());
    let (numbers, suffix) = value.split_at(core);
    let parts = numbers.split(|byte| *byte == b'.').filter(|part| (1..=5).contains(&part.len())).count();
    let tail = suffix.first().is_none_or(|first| b"-+abr".contains(first));
    parts >= 2
        && tail
        && suffix.len() <= 24
        && suffix.iter().all(|byte| byte.is_ascii_alphanumeric() || b".-+".contains(byte))
}

pub fn url(value: &[u8]) -> bool {
    let Some(place) = memchr::memmem::find(value.get(..40).unwrap_or(value), b"://") else {
        return value.starts_with(b"//") && host_end(&value[2..]);
    };
    let scheme = &value[..place];
    scheme.first().is_some_and(u8::is_ascii_alphabetic)
        && scheme.iter().all(|byte| byte.is_ascii_alphanumeric() || b"+.-".contains(byte))
        && !value.contains(&b' ')
}

fn host_end(rest: &[u8]) -> bool {
    let authority = rest.split(|byte| b"/?#".contains(byte)).next().unwrap_or_default();
    authority.contains(&b'@') || host(authority)
}

pub fn email(value: &[u8]) -> bool {
    let Some(place) = value.iter().position(|byte| *byte == b'@') else { return false };
    let (user, rest) = (&value[..place], &value[place + 1..]);
    let name = |byte: &u8| byte.is_ascii_alphanumeric() || b"._%+-".contains(byte);
    !user.is_empty() && user.iter().all(name) && domain(rest) && rest.contains(&b'.')
}

fn domain(text: &[u8]) -> bool {
    let label = |label: &[u8]| {
        !label.is_empty() && label.len() <= 63 && label.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-')
    };
    let last = text.rsplit(|byte| *byte == b'.').next().unwrap_or_default();
    text.split(|byte| *byte == b'.').all(label) && last.len() >= 2 && last.iter().all(u8::is_ascii_alphabetic)
}

/// A dotted name with a known kind of end, an IPv4 address, or `localhost`; a port may follow.
pub fn host(value: &[u8]) -> bool {
    let (name, port) = match value.iter().position(|byte| *byte == b':') {
        Some(place) => (&value[..place], &value[place + 1..]),
        None => (value, &b"1"[..]),
    };
    let ends: [&[u8]; 20] = [
        b"com",
        b"net",
        b"org",
        b"io",
        b"dev",
        b"local",
        b"internal",
        b"app",
        b"cloud",
        b"localdomain",
        b"gov",
        b"edu",
        b"test",
        b"example",
        b"info",
        b"de",
        b"uk",
        b"cn",
        b"ru",
        b"co",
    ];
    let end = name.rsplit(|byte| *byte == b'.').next().unwrap_or_default();
    let four = name
        .split(|byte| *byte == b'.')
        .filter(|part| (1..=3).contains(&part.len()) && part.iter().all(u8::is_ascii_digit))
        .count()
        == 4;
    let known = domain(name) && name.contains(&b'.') && ends.iter().any(|known| end.eq_ignore_ascii_case(known));
    let address = four && name.len() <= 15;
    (1..=5).contains(&port.len()) && port.iter().all(u8::is_ascii_digit) && (known || address || name == b"localhost")
}

pub fn mime_type(value: &[u8]) -> bool {
    let kinds: [&[u8]; 9] =
        [b"text/", b"application/", b"image/", b"audio/", b"video/", b"multipart/", b"font/", b"message/", b"model/"];
    let rest = kinds.iter().find_map(|kind| value.strip_prefix(*kind));
    rest.is_some_and(|rest| {
        rest.first().is_some_and(|byte| byte.is_ascii_lowercase() || *byte == b'*') && !rest.contains(&b'/')
    })
}

/// Begins like a path, or has several parts of words, or ends in a short extension after a slash.
pub fn path(value: &[u8]) -> bool {
    let starts: [&[u8]; 6] = [b"./", b"../", b"~/", b"file:", b"\\\\", b"@/"];
    let drive = value.len() > 2 && value[0].is_ascii_alphabetic() && value[1] == b':' && b"/\\".contains(&value[2]);
    let body = |byte: &u8| byte.is_ascii_alphanumeric() || b"/\\._-@+~*{}$:()%#".contains(byte) || !byte.is_ascii();
    if starts.iter().any(|start| value.starts_with(start)) || drive {
        return true;
    }
    let parts = || value.split(|byte| b"/\\".contains(byte)).filter(|part| !part.is_empty());
    let slashes = value.iter().filter(|byte| b"/\\".contains(byte)).count();
    let name = |part: &[u8]| words(part) || part.len() <= 2;
    slashes >= 1 && value.iter().all(body) && parts().all(name) && parts().count() >= 1 && parts().any(words)
        || (value.starts_with(b"/")
            && parts().count() >= 2
            && value.iter().all(body)
            && parts().filter(|part| words(part)).count() * 2 >= parts().count())
        || file_name(value)
}

fn file_name(value: &[u8]) -> bool {
    let ends: [&[u8]; 34] = [
        b"pem", b"key", b"crt", b"cer", b"json", b"yml", b"yaml", b"txt", b"conf", b"cfg", b"ini", b"toml", b"xml",
        b"html", b"js", b"ts", b"py", b"rb", b"go", b"rs", b"java", b"php", b"sh", b"md", b"png", b"jpg", b"svg",
        b"css", b"csv", b"log", b"jks", b"p12", b"pub", b"env",
    ];
    let Some(place) = value.iter().rposition(|byte| *byte == b'.') else { return false };
    let name = |byte: &u8| byte.is_ascii_alphanumeric() || b"._-*".contains(byte);
    ends.contains(&&value[place + 1..]) && value.iter().all(name) && !value[..place].is_empty()
}

/// A word or several in one of the usual spellings: letters, few digits, no noise between cases.
fn words(text: &[u8]) -> bool {
    let letters = text.iter().filter(|byte| byte.is_ascii_alphabetic()).count();
    let digits = text.iter().filter(|byte| byte.is_ascii_digit()).count();
    let body = |byte: &u8| byte.is_ascii_alphanumeric() || b"._-~@+*{}$:()%#".contains(byte) || !byte.is_ascii();
    letters >= 2 && digits * 4 <= letters && digits <= 6 && text.iter().all(body) && spelt(text)
}

/// Case changes like those of names: parts of two letters and more on average, with a vowel among every seven letters.
fn spelt(text: &[u8]) -> bool {
    let (mut turns, mut without, mut worst) = (1, 0_usize, 0_usize);
    let mut before = b' ';
    for &byte in text {
        let digit_turn = before.is_ascii_alphabetic() && byte.is_ascii_digit();
        turns += usize::from(before.is_ascii_lowercase() && byte.is_ascii_uppercase()) + usize::from(digit_turn);
        without = match byte.to_ascii_lowercase() {
            b'a' | b'e' | b'i' | b'o' | b'u' | b'y' => 0,
            b'a'..=b'z' => without + 1,
            _ => 0,
        };
        worst = worst.max(without);
        before = byte;
    }
    let letters = text.iter().filter(|byte| byte.is_ascii_alphabetic()).count();
    turns * 3 <= letters + 2 && worst <= 6
}

/// `camelCase`, `snake_case`, `kebab-case`, `SCREAMING_CASE`, `dotted.names`, or one plain word.
pub fn identifier(value: &[u8]) -> bool {
    let body = |byte: &u8| byte.is_ascii_alphanumeric() || b"_-.".contains(byte);
    let value = value.strip_prefix(b"$").or_else(|| value.strip_prefix(b"@")).unwrap_or(value);
    let starts = value.first().is_some_and(|byte| byte.is_ascii_alphabetic() || b"_.".contains(byte));
    starts
        && value.len() <= 80
        && value.iter().all(body)
        && value.split(|byte| b"_-.".contains(byte)).all(|part| part.len() <= 2 || words(part))
        && value.iter().any(u8::is_ascii_alphabetic)
}

/// A call or an index after a name, an arrow or scope between names, or an operator with blanks round it.
pub fn code_expression(value: &[u8]) -> bool {
    let name = |byte: u8| byte.is_ascii_alphanumeric() || b"_.$>:?".contains(&byte);
    let begins: [&[u8]; 9] =
        [b"new ", b"await ", b"function", b"func(", b"lambda ", b"return ", b"&", b"typeof ", b"!"];
    let sure: [&[u8]; 10] = [b" + ", b" == ", b" != ", b" => ", b" || ", b" && ", b" ?? ", b" ? ", b"::", b"->"];
    let holds = |sign: &&[u8]| {
        memchr::memmem::find(value, sign).is_some_and(|place| {
            let left =
                value[..place].last().is_some_and(|byte| byte.is_ascii_alphanumeric() || b"\"')]".contains(byte));
            left && place + sign.len() < value.len()
        })
    };
    let called = value.windows(2).position(|pair| name(pair[0]) && b"([".contains(&pair[1])).is_some_and(|place| {
        let head = &value[..=place];
        // The name before the bracket must read as one, or a random password with a bracket would pass.
        head.iter().all(|byte| name(*byte))
            && head.split(|byte| b".:>$?_".contains(byte)).all(|part| part.len() <= 2 || words(part))
            && head.len() >= 2
    });
    let begun = begins.iter().any(|start| {
        value.strip_prefix(*start).is_some_and(|rest| {
            rest.first().is_some_and(u8::is_ascii_alphabetic)
                && rest.split(|byte| b" .([{".contains(byte)).next().is_some_and(words)
        })
    });
    called || begun || sure.iter().any(holds)
}

/// Three words and more, most of them letters, as prose has them.
pub fn sentence(value: &[u8]) -> bool {
    let mut all = 0;
    let mut good = 0;
    for part in value.split(u8::is_ascii_whitespace).filter(|part| !part.is_empty()) {
        all += 1;
        let bare = part.iter().filter(|byte| byte.is_ascii_alphabetic() || **byte == b'\'' || !byte.is_ascii()).count();
        let signs = part.iter().filter(|byte| b".,:;!?()\"`-/_".contains(byte)).count();
        good += usize::from(bare >= 1 && bare + signs == part.len() && spelt(part));
    }
    all >= 3 && good * 4 >= all * 3
}

pub(super) const fn base64_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=' | b'-' | b'_')
}

/// Decodes as base64 to at least six bytes that are all printable ASCII or line ends.
pub fn base64_text(value: &[u8]) -> bool {
    if value.len() < 8 || !value.iter().all(|byte| base64_byte(*byte)) {
        return false;
    }
    let bare = value.iter().position(|byte| *byte == b'=').map_or(value, |end| &value[..end]);
    let bare = &bare[..bare.len().min(256)];
    let bare = if bare.len() % 4 == 1 { &bare[..bare.len() - 1] } else { bare };
    let engine = if bare.iter().any(|byte| b"-_".contains(byte)) { &URL } else { &PLAIN };
    let mut space = [0; 200];
    let Ok(len) = engine.decode_slice(bare, &mut space) else { return false };
    let text = space.get(..len).unwrap_or_default();
    len >= 6 && text.iter().all(|byte| matches!(byte, b' '..=b'~' | b'\r' | b'\n' | b'\t'))
}
