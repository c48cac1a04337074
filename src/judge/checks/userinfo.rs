//! Passwords in URLs and settings: whether one stands there, or a stand-in for one. Documentation is full of them.

use super::{Check, REFUTED, STRUCTURE};
use crate::judge::Reason;
use crate::rule::{Args, Match};

/// Words that stand for a password where one belongs.
const WORDS: &[&str] = &[
    "password",
    "passwd",
    "pass",
    "pwd",
    "pw",
    "secret",
    "token",
    "mypassword",
    "yourpassword",
    "your_password",
    "my_password",
    "db_password",
    "dbpass",
    "userpass",
    "changeme",
    "change_me",
    "apikey",
    "api_key",
    "access_token",
    "key",
    "xxx",
];

/// Marks of what a program or a reader fills in.
const TEMPLATES: &[&[u8]] = &[b"${", b"{{", b"<", b"%(", b"$(", b"#{", b"***", b"..."];

/// `stand-in`: templates, variables, one repeated character and words for a password speak against it; letters and
/// digits in eight bytes and more for it, by `mixed` points.
pub struct StandIn;

impl Check for StandIn {
    fn name(&self) -> &'static str {
        "stand-in"
    }

    fn parameters(&self) -> &'static [&'static str] {
        &["mixed"]
    }

    fn refuse(&self, args: &Args) -> Option<String> {
        let right = args.get("mixed").is_none() || args.number("mixed").is_some_and(|points| points <= 40);
        (!right).then(|| "`mixed` is a number of points, at most 40".to_owned())
    }

    fn weigh(&self, found: &Match<'_>, args: &Args) -> Option<Reason> {
        let password = found.secret().expose();
        stand_in(password).or_else(|| {
            let points = args.number("mixed").and_then(|points| i16::try_from(points).ok())?;
            mixed(password).then(|| Reason::new("mixed-password", points))
        })
    }
}

fn stand_in(password: &[u8]) -> Option<Reason> {
    let variable = matches!(password.first(), Some(b'$' | b'{' | b'%' | b'[' | b'<' | b':'));
    if variable || TEMPLATES.iter().any(|part| memchr::memmem::find(password, part).is_some()) {
        return Some(Reason::new("template", REFUTED));
    }
    let (first, rest) = password.split_first()?;
    if rest.iter().all(|byte| byte == first) {
        return Some(Reason::new("one-character", REFUTED));
    }
    WORDS.iter().any(|word| password.eq_ignore_ascii_case(word.as_bytes())).then(|| Reason::new("stand-in", -30))
}

/// `userinfo`: user, password and host of a URL, weighed together.
pub struct Userinfo;

impl Check for Userinfo {
    fn name(&self) -> &'static str {
        "userinfo"
    }

    fn weigh(&self, found: &Match<'_>, _args: &Args) -> Option<Reason> {
        let password = found.secret().expose();
        let (whole, secret) = (found.whole, found.secret);
        let before = found.text().get(whole.start..secret.start)?;
        let user_at = memchr::memmem::find(before, b"://").map_or(0, |place| place + 3);
        let user = before.get(user_at..)?.strip_suffix(b":")?;
        let host = found.text().get(secret.end..whole.end)?.strip_prefix(b"@")?;
        if let Some(reason) = stand_in(password) {
            return Some(reason);
        }
        if stand_in(user).is_some_and(|reason| reason.name == "template") || stand_in(host).is_some() {
            return Some(Reason::new("template", REFUTED));
        }
        if documented(host) {
            return Some(Reason::new("example-host", -30));
        }
        if password.eq_ignore_ascii_case(user) {
            return Some(Reason::new("same-as-the-user", -20));
        }
        match (local(host), mixed(password)) {
            (true, true) => None,
            (true, false) => Some(Reason::new("local-host", -STRUCTURE)),
            (false, true) => Some(Reason::new("mixed-password", 15)),
            (false, false) => None,
        }
    }
}

/// What people who choose a password to be safe make of it.
fn mixed(password: &[u8]) -> bool {
    password.len() >= 8 && password.iter().any(u8::is_ascii_digit) && password.iter().any(u8::is_ascii_alphabetic)
}

/// Names that RFC 2606 keeps for documentation, and `host` itself.
fn documented(host: &[u8]) -> bool {
    let host = host.split(|&byte| byte == b':').next().unwrap_or_default().to_ascii_lowercase();
    let ends = [&b"example.com"[..], b"example.org", b"example.net", b".example", b".invalid", b".test"];
    ends.iter().any(|end| host.ends_with(end))
        || matches!(&host[..], b"host" | b"hostname" | b"server" | b"example" | b"domain")
}

fn local(host: &[u8]) -> bool {
    host.starts_with(b"localhost")
        || host.starts_with(b"127.")
        || host.starts_with(b"0.0.0.0")
        || host.starts_with(b"[::1]")
}

#[cfg(test)]
mod tests {
    use super::super::tests::weight;
    use super::*;
    use crate::span::Span;

    fn url(text: &str) -> i16 {
        let at = text.find('@').expect("a host");
        let colon = text[..at].rfind(':').expect("a password");
        let found = Match::new(text.as_bytes(), Span::new(0, text.len()), Span::new(colon + 1, at));
        Userinfo.weigh(&found, &Args::default()).map_or(0, |reason| reason.weight)
    }

    #[test]
    fn urls_by_what_stands_in_them() {
        let rows = [
            ("postgres://app:k3vPq8Lw2z@db.acme.io", 15),
            ("postgres://app:k3vPq8Lw2z@localhost", 0),
            ("postgres://app:hunting@localhost", -10),
            ("postgres://app:hunting@db.acme.io", 0),
            ("postgres://postgres:postgres@db", -20),
            ("postgres://user:password@db", -30),
            ("postgres://app:k3vPq8Lw2z@example.com", -30),
            ("postgres://app:${PASSWORD}@db", -60),
            ("postgres://app:*****@db", -60),
            ("postgres://$USER:k3vPq8Lw2z@db", -60),
        ];
        for (text, right) in rows {
            assert_eq!(url(text), right, "{text}");
        }
    }

    #[test]
    fn stand_ins() {
        for (text, right) in [("k3vPq8Lw2z", 0), ("Password", -30), ("{{ pw }}", -60), ("xxxxxx", -60), ("", 0)] {
            assert_eq!(weight("stand-in", text, &[]), right, "{text}");
        }
        for (text, right) in [("k3vPq8Lw", 20), ("k3vPq8L", 0), ("kovPqwLw", 0), ("${k3vPq8Lw}", -60)] {
            assert_eq!(weight("stand-in", text, &[("mixed", "20")]), right, "{text}");
        }
    }
}
