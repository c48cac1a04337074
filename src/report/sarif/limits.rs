//! What GitHub takes of one file: 25,000 results, as many rules, 10 MB once packed. More would be refused as a whole, so
//! the least severe are left out, and it is told how many.

use crate::finding::Finding;
use crate::report::number;
use crate::report::telling::worst_first;

const MOST_RESULTS: usize = 25_000;

/// Packed, with room for what is not estimated here.
const MOST_BYTES: usize = 9_000_000;

/// What is told, in the order in which it was found.
pub(super) struct Kept<'o> {
    pub findings: Vec<&'o Finding>,
    cut: usize,
}

impl Kept<'_> {
    /// What was cut, in words.
    pub(super) fn told(&self) -> Option<String> {
        let all = number::count((self.findings.len() + self.cut) as u64);
        let cut = number::count(self.cut as u64);
        (self.cut > 0).then(|| {
            format!("{cut} of {all} findings are left out, the least severe: GitHub takes no larger file; `--format json` has all")
        })
    }
}

pub(super) fn keep<'f>(findings: &[&'f Finding]) -> Kept<'f> {
    let mut order: Vec<(usize, &Finding)> = findings.iter().copied().enumerate().collect();
    let mut worst: Vec<&Finding> = findings.to_vec();
    worst_first(&mut worst);
    let mut room = MOST_BYTES;
    let fits = |finding: &&&Finding| {
        let need = packed(finding);
        let fits = need <= room;
        room = room.saturating_sub(need);
        fits
    };
    let kept: std::collections::HashSet<*const Finding> =
        worst.iter().take(MOST_RESULTS).take_while(fits).map(|finding| std::ptr::from_ref(*finding)).collect();
    order.retain(|(_, finding)| kept.contains(&std::ptr::from_ref(*finding)));
    let cut = findings.len() - order.len();
    Kept { findings: order.into_iter().map(|(_, finding)| finding).collect(), cut }
}

/// At most so many bytes are left of a finding when the file is packed. Names of fields repeat and pack to next to
/// nothing; what a hostile repository chooses may not pack at all, and escapes are no shorter than half of what they show.
fn packed(finding: &Finding) -> usize {
    const FIXED: usize = 120;
    // The message has the masked value, the notes and the advice again; it is cut at a thousand bytes.
    const MESSAGE: usize = 1100;
    let commit = finding.commit.as_ref().map_or(0, |commit| commit.author.len().min(200) + commit.id.len().min(64) / 2);
    let notes: usize = finding.verdict.reasons.iter().map(|reason| reason.note.as_ref().map_or(0, String::len)).sum();
    let own = notes + finding.finds.len() + finding.revoke.as_ref().map_or(0, |revoke| revoke.len());
    // Prose of rules repeats from finding to finding, and a rule of one's own may be long.
    let message = (own / 4 + commit).min(MESSAGE);
    FIXED + uri_len(&finding.place.path) + finding.excerpt.text.len().min(400) * 3 / 2 + commit + message
}

fn uri_len(path: &str) -> usize {
    // Three digits for a byte, of which two tell something.
    path.bytes().map(|byte| if byte.is_ascii_alphanumeric() || byte == b'/' { 1 } else { 2 }).sum()
}
