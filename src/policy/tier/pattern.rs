//! The keys of `destinations:`: which destinations a pattern names, and how narrowly.

use super::Destination;
use super::stars::{fits, weight};

/// A pattern in its one written form: no `.git`, no slash at the end, the host in lower case.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pattern(String);

/// What stands before the colon. `ai` is for what comes later.
const KINDS: [&str; 3] = ["git", "ci", "ai"];

/// Destinations without a colon.
const WORDS: [&str; 2] = ["stdin", "local"];

/// The longest pattern; a longer one names nothing that exists.
const MAX_LEN: usize = 500;

/// Why a text is no pattern, and what to type.
pub type Refusal = (&'static str, String);

const FORMS: &str =
    "write `git:HOST/PATH`, `ci:NAME`, `ai:NAME`, `stdin` or `local`; `*` stands for a part, `**` for all";

impl Pattern {
    /// # Errors
    /// Why the text names no destination, and what to write instead.
    pub fn parse(written: &str) -> Result<Self, Refusal> {
        let forms = |why| Err((why, FORMS.to_owned()));
        let written = written.trim();
        if written.is_empty() {
            return forms("it is empty");
        }
        if written.len() > MAX_LEN {
            return forms("it is longer than 500 bytes");
        }
        if written.chars().any(|letter| letter.is_control() || letter.is_whitespace()) {
            return forms("it has a blank in it");
        }
        if written.contains(['?', '{', '}', '\\']) {
            return forms("it has a sign other than `*`");
        }
        if written == "*" || written == "**" {
            return Ok(Self("**".to_owned()));
        }
        if WORDS.contains(&written) {
            return Ok(Self(written.to_owned()));
        }
        let Some((kind, rest)) = written.split_once(':').filter(|(kind, _)| KINDS.contains(kind)) else {
            return Err(("it has no kind that is known", Self::meant(written)));
        };
        match (kind, rest.trim_end_matches('/')) {
            (_, "") => forms("nothing follows the colon"),
            (_, "*" | "**") => Ok(Self(format!("{kind}:**"))),
            ("git", rest) => Self::git(rest),
            (_, rest) => Ok(Self(format!("{kind}:{rest}"))),
        }
    }

    fn git(rest: &str) -> Result<Self, Refusal> {
        if rest.contains("://") || rest.contains('@') {
            return Err(("a pattern is no URL", Self::meant(rest)));
        }
        if rest == "unclear" || rest.ends_with("::") {
            return Ok(Self(format!("git:{rest}")));
        }
        let Some((host, path)) = rest.split_once('/') else {
            return Err(("it has a host and no path", format!("write `git:{rest}/**` for all of this host")));
        };
        if host.is_empty() {
            return Err(("it has no host", format!("write `git:local/{path}` for a folder of this machine")));
        }
        let path = path.trim_matches('/');
        let path = path.strip_suffix(".git").unwrap_or(path);
        Ok(Self(format!("git:{}/{path}", host.to_ascii_lowercase())))
    }

    /// The pattern that somebody meant who wrote an address.
    fn meant(written: &str) -> String {
        let plain = written.trim_start_matches('/');
        let has_host = plain.split_once('/').is_some_and(|(host, path)| host.contains('.') && !path.is_empty());
        let url =
            if plain.contains("://") || plain.contains('@') { plain.to_owned() } else { format!("ssh://{plain}") };
        let found = Destination::of_url(&url, &str::to_owned);
        if (has_host || url == plain) && found != Destination::unclear() && !found.keeps_case() {
            return format!("did you mean `{found}`?");
        }
        FORMS.to_owned()
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The kind of destination that it names; none for one that names all.
    #[must_use]
    pub fn kind(&self) -> Option<&str> {
        (self.0 != "**").then(|| self.0.split(':').next().unwrap_or_default())
    }

    /// How narrow it is: of several that fit, the one with the most letters counts.
    #[must_use]
    pub fn weight(&self) -> usize {
        weight(&self.0)
    }

    /// Whether it names the destination, letter by letter.
    #[must_use]
    pub fn fits(&self, destination: &Destination) -> bool {
        fits(&self.0, destination.id())
    }

    /// The same without regard to upper and lower case, as the large hosts take their paths.
    #[must_use]
    pub fn fits_folded(&self, destination: &Destination) -> bool {
        fits(&self.0.to_lowercase(), &destination.id().to_lowercase())
    }
}
