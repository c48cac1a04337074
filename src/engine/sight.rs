//! Findings beside the text that they stand in, for who must compare a value with what another tool wrote down of it: a
//! hash, a regex, the value itself. A sight answers such questions, and hands out no byte of the secret.

use memchr::memmem::Finder;
use sha1::{Digest as _, Sha1};
use sha2::Sha256;

use super::detect::Detector;
use super::entry::{Page, Told};
use super::fingerprint::Fingerprinter;
use super::hit::Hit;
use crate::blob::{Blob, Buffer, Windowing};
use crate::catalogue::RuleSet;
use crate::finding::Finding;
use crate::outcome::Gap;
use crate::policy::{INLINE_MARK, Policy};
use crate::rule::ForeignRegex;
use crate::secret::Secret;
use crate::source::{Entry, Source, io_reason};
use crate::span::Span;

/// One finding, and the text round it.
pub struct Sight<'s> {
    pub finding: &'s Finding,
    text: &'s [u8],
    secret: Span,
    whole: Span,
    partner: Option<Span>,
}

/// What of a finding a regex is held to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Target {
    #[default]
    Secret,
    /// All that the rule matched.
    Match,
    Line,
}

/// Calls for each finding in `entries` that stands in a text. What could not be read is handed back.
pub fn sights(
    source: &dyn Source,
    entries: &[Entry],
    rules: &RuleSet,
    policy: &Policy,
    each: &mut dyn FnMut(&Sight<'_>),
) -> Vec<Gap> {
    let fingerprints = Fingerprinter::new(policy.salt());
    let mut detector = Detector::new(rules, &fingerprints, false);
    let (mut buffer, mark) = (Buffer::new(Windowing::default()), Finder::new(INLINE_MARK));
    let mut reader = source.reader();
    let mut gaps = Vec::new();
    for entry in entries {
        let mut page = Page::new(entry, &mut detector, policy, &mark);
        let read = reader.open(entry).and_then(|bytes| buffer.windows(bytes, |blob| window(&mut page, &blob, each)));
        if let Err(error) = read {
            gaps.push(Gap { path: entry.path.clone(), why: io_reason(&error) });
        }
    }
    gaps
}

fn window(page: &mut Page<'_, '_>, blob: &Blob<'_>, each: &mut dyn FnMut(&Sight<'_>)) {
    let before = page.scanned.findings.len();
    let mut hits: Vec<Hit> = Vec::new();
    page.watched_window(blob, &mut |told| {
        if let Told::Found(hit) = told {
            hits.push(hit.clone());
        }
    });
    for (finding, hit) in page.scanned.findings.iter().skip(before).zip(&hits) {
        each(&Sight { finding, text: blob.text, secret: hit.secret, whole: hit.whole, partner: hit.partner });
    }
}

impl Sight<'_> {
    /// Whether the value is this one, wherever the other tool sees its ends.
    #[must_use]
    pub fn is(&self, value: &str) -> bool {
        self.any(|seen| seen.expose() == value.as_bytes())
    }

    /// Whether the value's SHA-1, as hexadecimal digits, is this one.
    #[must_use]
    pub fn has_sha1(&self, digits: &str) -> bool {
        self.any(|seen| is_hex(&Sha1::digest(seen.expose()), digits))
    }

    /// The same of SHA-256.
    #[must_use]
    pub fn has_sha256(&self, digits: &str) -> bool {
        self.any(|seen| is_hex(&Sha256::digest(seen.expose()), digits))
    }

    /// Whether SHA-256 over the value and a word that says what it is, as `value,word`, is this one; of a pair both count,
    /// one behind the other.
    #[must_use]
    pub fn has_labelled_sha256(&self, digits: &str, labels: &[&str]) -> bool {
        let hash = |parts: &[(Secret<'_>, &str)]| {
            let mut hash = Sha256::new();
            for (value, label) in parts {
                hash.update(value.expose());
                hash.update(b",");
                hash.update(label);
            }
            is_hex(&hash.finalize(), digits)
        };
        if self.any(|seen| labels.iter().any(|label| hash(&[(seen, *label)]))) {
            return true;
        }
        let Some(other) = self.partner else { return false };
        let (one, other) = (Secret::new(self.secret.of(self.text)), Secret::new(other.of(self.text)));
        let pairs = labels.iter().flat_map(|first| labels.iter().map(move |second| (*first, *second)));
        pairs
            .into_iter()
            .any(|(first, second)| hash(&[(one, first), (other, second)]) || hash(&[(other, first), (one, second)]))
    }

    /// Whether a word stands in the value, in either case.
    #[must_use]
    pub fn contains(&self, word: &str) -> bool {
        let value = Secret::new(self.secret.of(self.text)).expose().to_ascii_lowercase();
        memchr::memmem::find(&value, word.to_ascii_lowercase().as_bytes()).is_some()
    }

    /// Whether a regex holds in it.
    #[must_use]
    pub fn fits(&self, regex: &ForeignRegex, target: Target) -> bool {
        let span = match target {
            Target::Secret => self.secret,
            Target::Match => self.whole,
            Target::Line => self.widened(|byte| byte == b'\n'),
        };
        regex.holds_in_secret(Secret::new(span.of(self.text)))
    }

    /// Each tool has its own idea of where a value ends: the finding's, and what stands round it up to a quote, a blank, or
    /// a sign; of a private key also the words of its first line, which some take for the value.
    fn any(&self, mut is: impl FnMut(Secret<'_>) -> bool) -> bool {
        const ENDS: [&[u8]; 4] =
            [b"\"'`\n\r", b"\"'`\n\r \t", b"\"'`\n\r \t=:,;()[]{}<>", b"\"'`\n\r \t=:,;()[]{}<>/@&?"];
        let widened = ENDS.iter().map(|ends| self.widened(|byte| ends.contains(&byte)));
        let head = self.widened(|byte| byte == b'\n');
        let dashes = memchr::memmem::find(head.of(self.text), b"-----BEGIN ").map(|at| head.start + at + 5);
        let words = dashes.map(|start| {
            let rest = &self.text[start..head.end];
            Span::new(start, start + memchr::memmem::find(rest, b"-----").unwrap_or(rest.len()))
        });
        let spans = [self.secret, self.whole].into_iter().chain(widened).chain(words);
        spans.into_iter().any(|span| is(Secret::new(span.of(self.text))))
    }

    /// From where the finding begins, outwards up to bytes that end it.
    fn widened(&self, ends: impl Fn(u8) -> bool) -> Span {
        let from = self.secret.start.min(self.text.len());
        let start = self.text[..from].iter().rposition(|byte| ends(*byte)).map_or(0, |at| at + 1);
        let to = self.secret.end.clamp(from, self.text.len());
        let end = self.text[to..].iter().position(|byte| ends(*byte)).map_or(self.text.len(), |len| to + len);
        Span::new(start, end)
    }
}

fn is_hex(hash: &[u8], digits: &str) -> bool {
    let written: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    written.eq_ignore_ascii_case(digits)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::date::Date;
    use crate::source::Texts;

    fn seen(text: &str, ask: impl Fn(&Sight<'_>) -> bool) -> Vec<bool> {
        let mut source = Texts::default();
        source.add("a.py", text.replace("{cut}", "").into_bytes());
        let rules = RuleSet::default();
        let known = crate::catalogue::builtin_rules().iter().map(|rule| rule.id.clone());
        let policy = Policy::plain(known, Date::default());
        let mut answers = Vec::new();
        let gaps = sights(&source, &source.list().entries, &rules, &policy, &mut |sight| answers.push(ask(sight)));
        assert!(gaps.is_empty());
        answers
    }

    #[test]
    fn a_sight_knows_its_value_by_what_others_wrote_down_of_it() {
        let text = "key = \"AK{cut}IA257V5HEDQR4EEHK5\"\n";
        let value = "AK{cut}IA257V5HEDQR4EEHK5".replace("{cut}", "");
        let sha1: String = Sha1::digest(&value).iter().map(|byte| format!("{byte:02X}")).collect();
        let plain: String = Sha256::digest(&value).iter().map(|it| format!("{it:02x}")).collect();
        assert_eq!(seen(text, |sight| sight.has_sha256(&plain)), [true]);
        assert_eq!(seen(text, |sight| sight.has_sha256(&sha1)), [false]);
        let sha256: String = Sha256::digest(format!("{value},apikey")).iter().map(|it| format!("{it:02x}")).collect();
        assert_eq!(seen(text, |sight| sight.is(&value)), [true]);
        assert_eq!(seen(text, |sight| sight.is(&value[1..])), [false]);
        assert_eq!(seen(text, |sight| sight.has_sha1(&sha1)), [true]);
        assert_eq!(seen(text, |sight| sight.has_sha1(&sha1[1..])), [false]);
        assert_eq!(seen(text, |sight| sight.has_labelled_sha256(&sha256, &["token", "apikey"])), [true]);
        assert_eq!(seen(text, |sight| sight.has_labelled_sha256(&sha256, &["token"])), [false]);
        assert_eq!(seen(text, |sight| sight.contains("a257v5")), [true]);
        for (source, target, holds) in
            [("^AKIA.{16}$", Target::Secret, true), ("^key", Target::Secret, false), ("^key", Target::Line, true)]
        {
            let regex = ForeignRegex::new(source).unwrap();
            assert_eq!(seen(text, |sight| sight.fits(&regex, target)), [holds], "{source}");
        }
    }
}
