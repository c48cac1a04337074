//! `--format html`: one file for a browser, with its own script and style and nothing from elsewhere. A policy in its head
//! forbids any other, findings are data and never markup, and what is drawn is a page of them at a time.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::io::{self, Write};

use serde::{Serialize, Serializer};

use super::escape::{self, Escaped, Xml};
use super::grade::Grade;
use super::telling::{allowed, is_address, tier, totals, why, worst_first};
use super::{Report, Style, machine, number};
use crate::finding::{Decision, Finding};
use crate::outcome::Outcome;

pub(super) struct Html {
    style: Style,
}

impl Html {
    pub(super) fn boxed(style: &Style) -> Box<dyn Report> {
        Box::new(Self { style: style.clone() })
    }
}

const SCRIPT: &str = include_str!("page.js");
const SHEET: &str = include_str!("page.css");

/// SHA-256 of both, by which the policy knows them; a test holds them to the files.
const SCRIPT_HASH: &str = "w/0isTTaY1kW4YkxeTMfVQB0Q7HpqhwfbdQiCVO4DJU=";
const SHEET_HASH: &str = "sncMk0tT/k4JzlvIXsZMoMShUcd2IhsEsHxk1P5L6Mc=";

impl Report for Html {
    fn write(&self, outcome: &Outcome, out: &mut dyn Write) -> io::Result<()> {
        let mut pages = io::BufWriter::with_capacity(machine::BUFFER, out);
        head(outcome, &mut pages)?;
        gaps(outcome, &mut pages)?;
        pages.write_all(FORM.as_bytes())?;
        let mut findings: Vec<&Finding> = outcome.findings.iter().collect();
        worst_first(&mut findings);
        let texts = RefCell::new(Texts::default());
        let data = Data {
            now: self.style.now / 86_400,
            findings: Rows { findings: &findings, texts: &texts },
            strings: Strings(&texts),
            rules: rules(&findings),
        };
        pages.write_all(b"<script type=\"application/json\" id=\"data\">")?;
        machine::write(&data, 2, &mut NoTags(&mut pages))?;
        write!(pages, "</script>\n<script>{SCRIPT}</script>\n</body>\n</html>\n")?;
        pages.flush()
    }
}

fn head(outcome: &Outcome, out: &mut impl Write) -> io::Result<()> {
    let verdict = match (outcome.gaps.is_empty(), outcome.count("block")) {
        (false, _) => "not everything could be read".to_owned(),
        (true, 0) => "nothing blocks".to_owned(),
        (true, blocked) => number::of(blocked as u64, "finding blocks", "findings block"),
    };
    let policy = format!(
        "default-src 'none'; script-src 'sha256-{SCRIPT_HASH}'; style-src 'sha256-{SHEET_HASH}'; base-uri 'none'; form-action 'none'"
    );
    write!(
        out,
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
<meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">\n<meta name=\"referrer\" content=\"no-referrer\">\n\
<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>tightlip: {verdict}</title>\n\
<style>{SHEET}</style>\n</head>\n<body>\n<h1>tightlip: {verdict}</h1>\n<p>{}.</p>\n<p class=\"soft\">{}{} read in {}; rules <code>{}</code></p>\n",
        Xml(&totals(outcome)),
        number::bytes(outcome.covered.bytes),
        match outcome.covered.commits {
            0 => String::new(),
            commits => format!(" of {}", number::of(commits, "commit", "commits")),
        },
        number::seconds(outcome.elapsed),
        Xml(&outcome.digest),
    )
}

fn gaps(outcome: &Outcome, out: &mut impl Write) -> io::Result<()> {
    const MOST: usize = 1000;
    if outcome.gaps.is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        "<details class=\"panel\" open><summary class=\"bad\">Not read, so this run is incomplete</summary><ul>"
    )?;
    for gap in outcome.gaps.iter().take(MOST) {
        writeln!(out, "<li><code>{}</code>: {}</li>", Xml(&gap.path), Xml(&gap.why))?;
    }
    if outcome.gaps.len() > MOST {
        writeln!(out, "<li>and {} more</li>", number::count((outcome.gaps.len() - MOST) as u64))?;
    }
    writeln!(out, "</ul></details>")
}

const FORM: &str = "\
<noscript><p class=\"panel bad\">The list needs the script of this page. Without one: <code>tightlip report convert FILE --format markdown</code></p></noscript>
<div class=\"charts\">
<section class=\"panel\"><h2>By severity</h2><div id=\"severities\"></div></section>
<section class=\"panel\"><h2>By the month of the commit that brought them</h2><div id=\"times\"></div></section>
</div>
<form id=\"filter\" role=\"search\">
<label class=\"wide\">Search <input id=\"search\" type=\"search\" placeholder=\"path, rule, author, commit, id\" autocomplete=\"off\"></label>
<label>Severity <select id=\"severity\"><option value=\"\">all</option><option value=\"0\">critical</option><option value=\"1\">high and above</option><option value=\"2\">medium and above</option><option value=\"3\">low and above</option></select></label>
<label>Decision <select id=\"decision\"><option value=\"\">all</option><option value=\"0\">blocks</option><option value=\"1\">warns</option><option value=\"2\">allowed</option></select></label>
<label>Group by <select id=\"group\"><option value=\"\">nothing</option><option value=\"rule\">rule</option><option value=\"file\">file</option><option value=\"author\">author</option><option value=\"age\">age</option><option value=\"severity\">severity</option></select></label>
</form>
<p id=\"count\" class=\"soft\" aria-live=\"polite\"></p>
<main id=\"list\"></main>
";

#[derive(Serialize)]
struct Data<'o> {
    /// Days since 1970.
    now: u64,
    findings: Rows<'o>,
    /// Behind the rows, which fill it.
    strings: Strings<'o>,
    rules: BTreeMap<String, About>,
}

/// Texts that stand in many rows, each once.
#[derive(Default)]
struct Texts {
    numbers: HashMap<String, usize>,
    texts: Vec<String>,
}

impl Texts {
    fn number(&mut self, text: String) -> usize {
        let next = self.texts.len();
        match self.numbers.entry(text) {
            std::collections::hash_map::Entry::Occupied(known) => *known.get(),
            std::collections::hash_map::Entry::Vacant(free) => {
                self.texts.push(free.key().clone());
                *free.insert(next)
            }
        }
    }
}

struct Rows<'o> {
    findings: &'o [&'o Finding],
    texts: &'o RefCell<Texts>,
}

impl Serialize for Rows<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.findings.iter().map(|finding| Row::new(finding, &mut self.texts.borrow_mut())))
    }
}

struct Strings<'o>(&'o RefCell<Texts>);

impl Serialize for Strings<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.borrow().texts.serialize(serializer)
    }
}

/// A list, not an object: with a hundred thousand of them, names of fields are a third of the file.
#[derive(Serialize)]
struct Row(usize, u64, u64, usize, usize, usize, u8, u8, String, [String; 3], usize, usize, usize, usize, Option<u8>);

impl Row {
    fn new(finding: &Finding, texts: &mut Texts) -> Self {
        let mut text = |text: &str| texts.number(Escaped(text).to_string());
        let grade = Grade::of(&finding.kind);
        let grade = Grade::ALL.iter().position(|it| *it == grade).unwrap_or_default();
        let commit = finding.commit.as_deref();
        let decision = match finding.decision {
            Decision::Block => 0,
            Decision::Warn => 1,
            Decision::Allow(_) => 2,
        };
        Self(
            text(&finding.place.path),
            finding.place.start.line,
            finding.place.start.column,
            text(&finding.rule),
            text(finding.kind.name()),
            grade,
            finding.verdict.score(),
            decision,
            finding.fingerprint.to_string(),
            excerpt(finding),
            text(&reasons(finding)),
            text(commit.map_or("", |commit| commit.id.get(..12).unwrap_or(&commit.id))),
            text(commit.map_or("", |commit| &commit.author)),
            text(&commit.map(machine::day).unwrap_or_default()),
            commit.and_then(|commit| commit.in_head).map(u8::from),
        )
    }
}

fn reasons(finding: &Finding) -> String {
    let why = match &finding.decision {
        Decision::Allow(by) => format!("allowed by {}", allowed(by)),
        Decision::Block | Decision::Warn => why(finding),
    };
    [Some(why), tier(finding)].into_iter().flatten().collect::<Vec<_>>().join("; ")
}

/// What stands before the secret, the mask, and what stands behind it.
fn excerpt(finding: &Finding) -> [String; 3] {
    let (text, mark) = escape::line(&finding.excerpt.text, finding.excerpt.mark);
    let part = |from: usize, to: usize| text.get(from..to).unwrap_or_default().to_owned();
    [part(0, mark.start), part(mark.start, mark.end), part(mark.end, text.len())]
}

/// What a rule says of itself.
#[derive(Serialize)]
struct About {
    finds: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    gives: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    revoke: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    docs: Option<String>,
}

fn rules(findings: &[&Finding]) -> BTreeMap<String, About> {
    let mut rules = BTreeMap::new();
    for finding in findings {
        rules.entry(Escaped(&finding.rule).to_string()).or_insert_with(|| {
            let safe = |text: &Option<crate::rule::Text>| text.as_ref().map(|text| Escaped(text).to_string());
            About {
                finds: Escaped(&finding.finds).to_string(),
                gives: safe(&finding.gives),
                revoke: safe(&finding.revoke),
                docs: safe(&finding.docs).filter(|docs| is_address(docs)),
            }
        });
    }
    rules
}

/// JSON in which no tag can begin or end: `<` stands in its strings alone, and reads back from an escape.
struct NoTags<'w, W>(&'w mut W);

impl<W: Write> Write for NoTags<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        for (number, part) in bytes.split(|byte| *byte == b'<').enumerate() {
            if number > 0 {
                self.0.write_all(b"\\u003c")?;
            }
            self.0.write_all(part)?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use sha2::{Digest, Sha256};

    use super::*;

    #[test]
    fn the_policy_knows_the_script_and_the_style() {
        let hash = |text: &str| base64::engine::general_purpose::STANDARD.encode(Sha256::digest(text.as_bytes()));
        assert_eq!((hash(SCRIPT).as_str(), hash(SHEET).as_str()), (SCRIPT_HASH, SHEET_HASH));
        assert!(!SCRIPT.contains("</") && !SHEET.contains("</"), "it would end early");
        for reach in ["innerHTML", "fetch(", "import", "eval(", "http:", "url("] {
            assert!(!SCRIPT.replace("http://www.w3.org/2000/svg", "").contains(reach), "{reach}");
            assert!(!SHEET.contains(reach), "{reach}");
        }
    }

    #[test]
    fn data_cannot_end_its_element() {
        let mut out = Vec::new();
        machine::write(&["</script><!--"], 0, &mut NoTags(&mut out)).unwrap();
        assert!(!out.contains(&b'<'));
        assert_eq!(serde_json::from_slice::<Vec<String>>(&out).unwrap(), ["</script><!--"]);
    }
}
