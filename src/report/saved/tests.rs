use super::*;
use crate::finding::{Allowed, Decision, Fingerprint};
use crate::outcome::{Coverage, StaleAllow, StaleReason};
use crate::report::sample::{clean, sample};
use crate::report::{Style, format};

fn saved(name: &str, outcome: &Outcome) -> String {
    let mut out = Vec::new();
    (format(name).unwrap().report)(&Style::plain()).write(outcome, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn error(text: &str) -> String {
    read("r.json", text.as_bytes()).unwrap_err().to_string()
}

#[test]
fn a_saved_report_reads_back_and_writes_the_same() {
    for outcome in [sample(), clean()] {
        for name in ["json", "jsonl"] {
            let text = saved(name, &outcome);
            let back = read("r", text.as_bytes()).unwrap();
            assert_eq!(saved(name, &back), text);
            // What other formats show is there as well.
            assert_eq!(saved("human", &back), saved("human", &outcome));
        }
        let reflowed: serde_json::Value = serde_json::from_str(&saved("json", &outcome)).unwrap();
        assert!(read("r", reflowed.to_string().as_bytes()).is_ok(), "one line, and keys in another order");
    }
}

#[test]
fn what_is_no_whole_report_is_refused_and_nothing_of_it_is_told() {
    let json = saved("json", &sample());
    let rows = [
        ("", "not a report"),
        ("TOKEN=hunter2Zx9Qr7\n", "line 1, column 1: this is not JSON"),
        ("[1]", "not a report"),
        ("\"hunter2Zx9Qr7\"", "not a report"),
        ("{\"token\": \"hunter2Zx9Qr7\"}", "not a report"),
        ("{\"findings\": [], \"summary\": {}}", "names no version"),
        ("{\"version\": 2, \"findings\": 1, \"summary\": 1}", "has version 2"),
        ("{\"version\": 1, \"findings\": [], \"summary\": {}}", "missing field `complete`"),
        ("{\"version\": 1, \"findings\": [{\"path\": 5}]}", "a field has a value of another kind"),
        ("{\"summary\": {}}\n", "names no version"),
        (&json[..json.len() / 2], "it ends too early"),
        (&json.replacen("\"score\": 100", "\"score\": 99", 1), "finding 1: its score is not the sum"),
        (&json.replacen("\"decision\": \"block\"", "\"decision\": \"warn\"", 1), "as many block"),
        (&json.replacen("\"decision\": \"block\"", "\"decision\": \"pass\"", 1), "do not go together"),
        (&json.replacen("\"by\": \"comment\"", "\"by\": \"hunter2\"", 1), "no exception of this kind"),
        (&json.replacen("\"complete\": false", "\"complete\": true", 1), "says to be complete"),
        (&json.replacen("010101", "01010g", 1), "fingerprint"),
        (&json.replacen("\"line\": 12", "\"line\": 0", 1), "at no place"),
        (&json.replacen("symlink", "hunter2", 1), "for no known reason"),
        (
            &json.replacen("\"name\": \"odd\"", &format!("\"name\": \"{}\"", "x".repeat(65)), 1),
            "no name that could be ours",
        ),
    ];
    for (text, expected) in rows {
        let error = error(text);
        assert!(error.contains(expected) && !error.contains("hunter2"), "{expected}: {error}");
    }
}

#[test]
fn lines_without_a_summary_are_a_run_that_was_cut_short() {
    let text = saved("jsonl", &sample());
    let cut = text.trim_end().rsplit_once('\n').unwrap().0;
    let outcome = read("shard", cut.as_bytes()).unwrap();
    assert_eq!(outcome.findings.len(), sample().findings.len());
    assert_eq!(outcome.gaps.len(), 1);
    assert_eq!(outcome.gaps[0].path, "shard");
    assert!(error(&format!("{text}{text}")).contains("behind the summary"));
}

#[test]
fn fields_of_a_later_release_are_passed_over() {
    let json = saved("json", &sample());
    let later =
        json.replacen("{\"path\"", "{\"new\": [1], \"path\"", 1).replacen("\"rules\"", "\"new\": {}, \"rules\"", 1);
    assert!(later.len() > json.len() + 10);
    assert_eq!(saved("json", &read("r", later.as_bytes()).unwrap()), json);
}

#[test]
fn merging_a_report_with_itself_adds_the_coverage_and_nothing_else() {
    let one = read("r", saved("json", &sample()).as_bytes()).unwrap();
    let once = merge(vec![sample()]);
    let twice = merge(vec![sample(), one]);
    assert_eq!(twice.covered.files, 2 * sample().covered.files);
    assert_eq!(twice.elapsed, 2 * sample().elapsed);
    let same = Outcome { covered: Coverage { ..once.covered }, elapsed: once.elapsed, ..twice };
    assert_eq!(saved("json", &same), saved("json", &once));
    assert_eq!(once.findings.len(), sample().findings.len());
}

#[test]
fn a_merged_run_is_no_better_than_its_parts() {
    let mut lenient = clean();
    lenient.findings = sample().findings.into_iter().take(1).collect();
    lenient.findings[0].decision = Decision::Allow(Allowed::Inline { reason: "x".to_owned() });
    "other".clone_into(&mut lenient.digest);
    for parts in [vec![lenient.clone(), sample()], vec![sample(), lenient]] {
        let whole = merge(parts);
        assert_eq!(whole.count("block"), sample().count("block"));
        assert_eq!(whole.gaps.len(), sample().gaps.len());
        assert_eq!(whole.digest, format!("{}+other", sample().digest));
    }
    let elsewhere = Outcome { findings: sample().findings, ..clean() };
    let mut moved = elsewhere.clone();
    moved.findings.iter_mut().for_each(|finding| finding.place.path.push('x'));
    assert_eq!(merge(vec![elsewhere, moved]).findings.len(), 2 * sample().findings.len());
}

#[test]
fn an_exception_that_one_shard_uses_is_not_stale() {
    let unused =
        |number: usize| StaleAllow { place: format!(".tightlip.yml: allow entry {number}"), why: StaleReason::Unused };
    let inline = StaleAllow { place: "a.rs:2".to_owned(), why: StaleReason::Unused };
    let shard = Outcome { stale: vec![unused(2), unused(3), inline.clone()], ..clean() };
    // The sample has a finding that entry 2 lets pass.
    let whole = merge(vec![shard, Outcome { stale: Vec::new(), ..sample() }]);
    assert_eq!(whole.stale, [unused(3), inline]);
    assert!(whole.findings.iter().any(|finding| finding.fingerprint == Fingerprint([5; 12])));
}
