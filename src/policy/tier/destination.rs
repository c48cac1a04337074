//! Where code goes, as one short name: `git:github.com/acme/app` for a remote, whatever form its address has. User names
//! and passwords in an address are dropped here, so that no message can show them. What git and a server might read in
//! two ways is `git:unclear`, which no pattern for a host fits.

use std::fmt;

/// The name of a place that code may go to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Destination(String);

impl Destination {
    /// The folder that a scan reads, or a commit: nothing leaves the machine.
    #[must_use]
    pub fn local() -> Self {
        Self("local".to_owned())
    }

    #[must_use]
    pub fn stdin() -> Self {
        Self("stdin".to_owned())
    }

    /// A service of continuous integration, by its short name.
    #[must_use]
    pub fn ci(name: &str) -> Self {
        Self(format!("ci:{name}"))
    }

    /// A remote of which nothing is known.
    #[must_use]
    pub fn unclear() -> Self {
        Self("git:unclear".to_owned())
    }

    /// One that is asked about by its name, or by a remote's address.
    #[must_use]
    pub fn named(text: &str, local: &dyn Fn(&str) -> String) -> Option<Self> {
        match text.split_once(':') {
            None if text == "stdin" || text == "local" => Some(Self(text.to_owned())),
            Some(("ci" | "ai", rest)) if is_name(rest) => Some(Self(text.to_owned())),
            Some(("git", "unclear")) => Some(Self::unclear()),
            Some(("git", rest)) if rest.strip_suffix("::").is_some_and(is_name) => Some(Self(text.to_owned())),
            Some(("git", rest)) if rest.starts_with("local/") => Some(Self::in_folder(&rest[5..])),
            Some(("git", rest)) if !rest.contains("//") => by_name(rest),
            _ if text.contains("://") || text.contains('@') => {
                Some(Self::of_url(text, local)).filter(|found| *found != Self::unclear())
            }
            _ => None,
        }
    }

    /// The remote at `url`, in any form that git takes. `local` turns a path of this machine into a whole one.
    #[must_use]
    pub fn of_url(url: &str, local: &dyn Fn(&str) -> String) -> Self {
        parsed(url, local).unwrap_or_else(Self::unclear)
    }

    /// A repository in a folder of this machine, by its whole path.
    #[must_use]
    pub fn in_folder(path: &str) -> Self {
        let path = path.replace(std::path::MAIN_SEPARATOR, "/");
        walked(&path).map_or_else(Self::unclear, |path| Self(format!("git:local/{path}")))
    }

    #[must_use]
    pub fn id(&self) -> &str {
        &self.0
    }

    /// `git`, `ci`, `ai`, `stdin` or `local`.
    #[must_use]
    pub fn kind(&self) -> &str {
        self.0.split(':').next().unwrap_or_default()
    }

    /// Whether upper and lower case tell two such destinations apart: they do in folders, and for the large hosts not.
    #[must_use]
    pub fn keeps_case(&self) -> bool {
        self.0.starts_with("git:local/")
    }
}

impl fmt::Display for Destination {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|letter| letter.is_ascii_alphanumeric() || "-_./".contains(letter))
}

/// What a scheme's server listens on, where the address does not say. Others are programs of their own to git.
const PORTS: [(&str, u16); 8] = [
    ("ssh", 22),
    ("git+ssh", 22),
    ("ssh+git", 22),
    ("git", 9418),
    ("https", 443),
    ("http", 80),
    ("ftp", 21),
    ("ftps", 990),
];

fn parsed(url: &str, local: &dyn Fn(&str) -> String) -> Option<Destination> {
    if url.is_empty() || url.chars().any(|letter| letter.is_control() || letter == '\u{feff}') {
        return None;
    }
    let is_scheme = |letter: char| letter.is_ascii_alphanumeric() || "+-.".contains(letter);
    let scheme_len = url.find(|letter| !is_scheme(letter)).unwrap_or(url.len());
    let (scheme, rest) = url.split_at(scheme_len);
    if scheme_len > 0 && rest.starts_with("::") {
        return Some(helper(scheme));
    }
    match rest.strip_prefix("://").filter(|_| scheme_len > 0) {
        Some(rest) => with_scheme(&scheme.to_ascii_lowercase(), rest, local),
        None => without_scheme(url, local),
    }
}

/// A program `git-remote-NAME` sends it, to wherever it likes.
fn helper(name: &str) -> Destination {
    Destination(format!("git:{}::", name.to_ascii_lowercase()))
}

fn with_scheme(scheme: &str, rest: &str, local: &dyn Fn(&str) -> String) -> Option<Destination> {
    if scheme == "file" {
        // To git what looks like a host is a part of the path.
        let path = decoded(rest)?;
        let path = if path.starts_with('/') || cfg!(windows) { path } else { format!("/{path}") };
        return Some(Destination::in_folder(&local(&path)));
    }
    let Some((_, usual)) = PORTS.iter().find(|(name, _)| *name == scheme) else { return Some(helper(scheme)) };
    // A query or a fragment is no part of a path, or is, as the server likes.
    let (authority, path) = rest.split_once('/').filter(|_| !rest.contains(['?', '#', '\\']))?;
    let (user, place) = authority.rsplit_once('@').unwrap_or(("", authority));
    // Git itself decodes the whole address of these, its host included; and of two `@` some take the first.
    let decodes_all = !scheme.starts_with("http");
    if user.contains('@') || (decodes_all && user.contains('%')) {
        return None;
    }
    remote(&host_and_port(place, Some(*usual))?, &decoded(path)?)
}

/// What follows `git:` in the name of a remote.
fn by_name(name: &str) -> Option<Destination> {
    let (place, path) = name.split_once('/')?;
    let host = if place == "[local]" { "local".to_owned() } else { host_and_port(place, None)? };
    remote(&host, path)
}

/// The host in lower case, and the port unless it is the usual one.
fn host_and_port(place: &str, usual: Option<u16>) -> Option<String> {
    let (host, after) = if let Some(inner) = place.strip_prefix('[') {
        let (address, after) = inner.split_once(']')?;
        let is_address = address.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b':' || byte == b'.');
        let after = if after.is_empty() { "" } else { after.strip_prefix(':')? };
        let host = format!("[{}]", address.to_ascii_lowercase());
        (Some(host).filter(|_| is_address && address.contains(':'))?, after)
    } else {
        let (name, after) = place.split_once(':').unwrap_or((place, ""));
        (hostname(name)?, after)
    };
    let port = if after.is_empty() { usual } else { Some(number(after)?) };
    Some(match port {
        Some(port) if Some(port) != usual => format!("{host}:{port}"),
        _ => host,
    })
}

/// `[user@]host:path`, or a path of this machine: the one if a colon stands before the first slash.
fn without_scheme(url: &str, local: &dyn Fn(&str) -> String) -> Option<Destination> {
    let colon = url.find(':').filter(|colon| url.find('/').is_none_or(|slash| *colon < slash));
    let is_drive = cfg!(windows) && colon == Some(1);
    if colon.is_none() || is_drive {
        return Some(Destination::in_folder(&local(url)));
    }
    let bracketed = url.strip_prefix('[').or_else(|| url.split_once("@[").map(|(_, rest)| rest));
    let (host, path) = if let Some(inner) = bracketed {
        let (inside, path) = inner.split_once("]:")?;
        let host = match inside.split_once(':') {
            Some((name, port)) if !port.contains(':') => match number(port)? {
                22 => hostname(name)?,
                port => format!("{}:{port}", hostname(name)?),
            },
            Some(_) if inside.bytes().all(|byte| byte.is_ascii_hexdigit() || b":.".contains(&byte)) => {
                format!("[{}]", inside.to_ascii_lowercase())
            }
            Some(_) => return None,
            None => hostname(inside)?,
        };
        (host, path)
    } else {
        let (place, path) = url.split_once(':')?;
        let name = place.rsplit_once('@').map_or(place, |(_, name)| name);
        // `user:password@host:path`: to git the host is `user`, and what follows must not be shown.
        if path.split('/').next().is_some_and(|first| first.contains('@')) || place.matches('@').count() > 1 {
            return None;
        }
        (hostname(name)?, path)
    };
    remote(&host, path)
}

fn remote(host: &str, path: &str) -> Option<Destination> {
    // A `%` that is left may be decoded by the server or not.
    if path.chars().any(|letter| letter.is_control() || letter.is_whitespace() || "\\%".contains(letter)) {
        return None;
    }
    let path = walked(path)?;
    // A host of this name is none of our folders.
    let host = if host == "local" { "[local]" } else { host };
    Some(Destination(format!("git:{host}/{path}")))
}

/// The host in lower case; none for what may be read in two ways.
fn hostname(name: &str) -> Option<String> {
    let name = name.strip_suffix('.').unwrap_or(name);
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
    // Git refuses a host that ssh would take for an option.
    let is_host = !name.is_empty() && !name.starts_with(['-', '.']) && name.bytes().all(is_plain);
    is_host.then(|| name.to_ascii_lowercase())
}

fn number(digits: &str) -> Option<u16> {
    digits.parse().ok().filter(|_| digits.bytes().all(|digit| digit.is_ascii_digit()))
}

/// The path without `.`, `..`, empty parts and `.git` at its end; none where nothing is left.
fn walked(path: &str) -> Option<String> {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            _ => parts.push(part),
        }
    }
    match parts.pop().map(|last| last.strip_suffix(".git").unwrap_or(last)) {
        None | Some("") => {}
        // What is left of `..git` would be no name any more.
        Some("." | "..") => return None,
        Some(last) => parts.push(last),
    }
    (!parts.is_empty()).then(|| parts.join("/"))
}

/// The path with its `%2D` decoded; none where that gives what could be read once more.
fn decoded(path: &str) -> Option<String> {
    let mut out = Vec::with_capacity(path.len());
    let mut rest = path.as_bytes();
    while let [first, more @ ..] = rest {
        rest = more;
        if *first != b'%' {
            out.push(*first);
            continue;
        }
        let (digits, more) = rest.split_at_checked(2)?;
        let digits = std::str::from_utf8(digits).ok().filter(|it| it.bytes().all(|digit| digit.is_ascii_hexdigit()))?;
        let byte = u8::from_str_radix(digits, 16).ok()?;
        if byte < b' ' || b"%/\\?#\x7f".contains(&byte) {
            return None;
        }
        out.push(byte);
        rest = more;
    }
    String::from_utf8(out).ok()
}

#[cfg(test)]
mod tests;
