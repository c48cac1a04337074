use super::*;
use crate::rule::RuleSyntax;

fn rules(text: &str) -> Vec<Rule> {
    let written: Vec<RuleSyntax> = crate::yaml::parse("rules.yml", text).expect("the form is right");
    written.iter().map(|rule| Rule::parse(rule).expect("the rule is right")).collect()
}

/// A scheme of five markers, one of a state, one of the inside, and one that proves that a text is public.
fn all() -> Vec<Rule> {
    let examples = "hits: [a, b], misses: [c, d]";
    let scheme = ["one", "two", "three", "four"].map(|word| {
        let upper = word.to_uppercase();
        format!("- {{id: acme-{word}, finds: x, scheme: acme, level: confidential, literals: [acme], marks: [{{line: 'ACME {upper}'}}], {examples}}}\n")
    });
    rules(&format!(
        "{}
- {{id: acme-secret, finds: x, scheme: acme, level: restricted, literals: [acme], marks: [{{line: 'ACME SECRET'}}, {{value: 'acme-secret', ignore_case: true}}, {{portion: '[(]AS[)]'}}, {{phrase: 'belongs to acme and to none else', ignore_case: true}}], {examples}}}
- {{id: acme-loose, finds: x, scheme: acme, level: confidential, confidence: medium, literals: [loose], marks: [{{line: 'LOOSE'}}], {examples}}}
- {{id: acme-near, finds: x, scheme: acme, level: confidential, literals: [rights], marks: [{{line: 'LIMITED RIGHTS'}}], needs: [{{words: ['contract no', 'contractor'], least: 2, lines: 2}}], unless: [{{words: [expired], lines: 1}}], {examples}}}
- {{id: state-secret, finds: x, scheme: state, level: restricted, issuer: state, literals: [state], marks: [{{line: 'STATE SECRET'}}], {examples}}}
- {{id: corp-internal, finds: x, scheme: corp, level: internal, literals: [internal], marks: [{{line: '(?:for )?internal use only', ignore_case: true}}], {examples}}}
- {{id: free-release, finds: x, scheme: free, level: public, literals: [release], marks: [{{line: 'FREE RELEASE'}}], {examples}}}
- {{id: ru-secret, finds: x, scheme: ru, level: restricted, issuer: state, literals: [секретно], marks: [{{line: 'секретно', ignore_case: true}}], {examples}}}
",
        scheme.concat()
    ).replace("'[(]AS[)]'", "'[(]ACME[)]'"))
}

/// What is told of a file, as `id score`, with the reasons that take points or name none.
fn told(path: &str, text: &str) -> Vec<String> {
    let rules = all();
    let numbered: Vec<(usize, &Rule)> = rules.iter().enumerate().collect();
    let text = text.as_bytes();
    let (head, woken) = (Head { path, text: head(path, text), line: 0 }, Woken::all());
    let (mut markers, known) = in_head(head, text, &numbered, &woken);
    let end = tail(text);
    let start = end.as_ptr().addr() - text.as_ptr().addr();
    markers.extend(in_tail(head, (end, Some(start)), &numbered, &woken, &known));
    let line = |marker: &Marker| {
        let notes = marker.verdict.reasons.iter().skip(2).map(|reason| format!(" {}", reason.name));
        format!("{} {}{}", rules[marker.rule].id, marker.verdict.score(), notes.collect::<String>())
    };
    markers.iter().map(line).collect()
}

fn check(rows: &[(&str, &str, &[&str])]) {
    for (path, text, expected) in rows {
        assert_eq!(&told(path, text), expected, "{path}: {text}");
    }
}

#[test]
fn a_marker_stands_in_a_comment_a_line_of_text_or_a_value() {
    check(&[
        ("a.rs", "// ACME SECRET\n", &["acme-secret 90"]),
        ("a.rs", "let a = \"ACME SECRET\";\n", &[]),
        ("a.rs", "let a = \"\n// ACME SECRET\n\";\n", &[]),
        ("a.rs", "fn a() {} // ACME SECRET\n", &[]),
        ("a.rs", "ACME SECRET\n", &[]),
        ("a.txt", "ACME SECRET\n", &["acme-secret 90"]),
        ("a.md", "# **ACME SECRET**\n\ntext\n", &["acme-secret 90"]),
        ("a.yml", "x: 1\nclassification: ACME-Secret # why\n", &["acme-secret 90"]),
        ("a.json", "{\"x\": 1, \"dataClassification\": \"acme-secret\"}", &["acme-secret 90"]),
        ("a.toml", "data_classification = 'acme-secret'\n", &["acme-secret 90"]),
        ("a.xml", "<?xml version=\"1.0\"?>\n<a classification=\"acme-secret\"/>\n", &["acme-secret 90"]),
        ("a.xml", "<a><classification>acme-secret</classification></a>\n", &["acme-secret 90"]),
        ("a.md", "---\ntitle: x\nclassification: acme-secret\n---\ntext\n", &["acme-secret 90"]),
        ("a.py", "# Classification: acme-secret\n", &["acme-secret 90"]),
        ("a.yml", "kind: acme-secret\n", &[]),
        ("a.yml", "text: \"classification: acme-secret\"\n", &[]),
        ("a.yml", "text: see classification: acme-secret\n", &[]),
        ("a.yml", "- classification: acme-secret\n", &["acme-secret 90"]),
        ("a.yml", "{x: 1, classification: acme-secret, y: 2}\n", &["acme-secret 90"]),
        ("a.ini", "classification = acme-secret, or so\n", &[]),
        ("a.py", "classification = 'acme-secret'\n", &[]),
        ("a.c", "/*\n * This file belongs to\n *   Acme and to none else.\n */\n", &["acme-secret 90"]),
    ]);
}

#[test]
fn a_marker_stands_at_the_top_or_at_the_end() {
    let lines = |count: usize| "int a;\n".repeat(count);
    check(&[
        ("a.c", &format!("{}// ACME SECRET\n{}", lines(5), lines(90)), &["acme-secret 75"]),
        ("a.c", &format!("{}// ACME SECRET\n{}", lines(6), lines(90)), &[]),
        ("a.c", &format!("{}// ACME SECRET\n", lines(90)), &["acme-secret 75"]),
        ("a.c", &format!("{}/*\n * ACME SECRET\n */\n\n", lines(90)), &["acme-secret 75"]),
        ("a.c", &format!("// LOOSE\n{}// LOOSE\n", lines(90)), &["acme-loose 70", "acme-loose 80 repeated"]),
        ("a.c", &format!("{}// LOOSE\n", lines(90)), &["acme-loose 55"]),
        ("a.c", "#include <a.h>\n// LOOSE\n", &["acme-loose 70"]),
        ("a.txt", "a\nb\nc\nd\ne\nLOOSE\nf\n", &["acme-loose 55"]),
        ("a.txt", &format!("{}\u{c}LOOSE\ntext\n", "a\n".repeat(60)), &["acme-loose 70"]),
        ("a.txt", &format!("{}LOOSE\ntext\n", "a\n".repeat(60)), &[]),
        ("a.txt", "LOOSE", &["acme-loose 70"]),
    ]);
}

#[test]
fn a_line_is_a_marker_as_a_whole() {
    check(&[
        ("a.c", "/* ACME SECRET. */\n", &["acme-secret 90"]),
        ("a.c", "/****** ACME SECRET ******/\n", &["acme-secret 90"]),
        ("a.py", "#############\n# ACME SECRET #\n#############\n", &["acme-secret 90"]),
        ("a.sql", "-- [ACME SECRET]\n", &["acme-secret 90"]),
        ("a.c", "/* ACME SECRET is a product */\n", &[]),
        ("a.c", "/* An ACME SECRET */\n", &[]),
        ("a.c", "/* acme secret */\n", &[]),
    ]);
}

#[test]
fn portion_marks_count_in_company() {
    check(&[
        ("a.txt", "(ACME) One.\n\nText.\n", &[]),
        ("a.txt", "(ACME) One.\n\n(ACME) Two.\n", &["acme-secret 90"]),
        ("a.txt", "ACME ONE\n\n(ACME) Text.\n", &["acme-one 90", "acme-secret 90"]),
    ]);
}

#[test]
fn a_public_licence_takes_a_company_s_marker_down_and_no_state_s() {
    let apache = "// Licensed under the Apache License, Version 2.0\n";
    check(&[
        ("a.rs", &format!("// ACME SECRET\n{apache}"), &["acme-secret 60 public-licence"]),
        (
            "a.rs",
            "// SPDX-License-Identifier: (MIT OR Apache-2.0)\n// ACME SECRET\n",
            &["acme-secret 60 public-licence"],
        ),
        ("a.rs", "// SPDX-License-Identifier: LicenseRef-Acme\n// ACME SECRET\n", &["acme-secret 90"]),
        ("a.rs", "// FREE RELEASE\n// ACME SECRET\n", &["acme-secret 60 public-licence"]),
        ("a.rs", &format!("// STATE SECRET\n{apache}"), &["state-secret 90"]),
        ("a.rs", "// FREE RELEASE\n", &[]),
    ]);
}

#[test]
fn others_code_and_lists_of_markers_only_warn() {
    let list = "ACME SECRET\n\n| `ACME ONE` | x |\n- ACME TWO\n\"ACME THREE\", 'ACME FOUR'\n";
    check(&[
        ("vendor/a/b.c", "/* ACME SECRET */\n", &["acme-secret 60 sample-path"]),
        ("a/node_modules/b.js", "// STATE SECRET\n", &["state-secret 60 sample-path"]),
        ("docs/stix2/a.txt", "STATE SECRET\n", &["state-secret 60 sample-path"]),
        ("vendored.c", "/* ACME SECRET */\n", &["acme-secret 90"]),
        ("a.md", list, &["acme-secret 60 vocabulary", "acme-two 60 vocabulary"]),
    ]);
}

#[test]
fn internal_use_only_over_a_declaration_is_about_that() {
    check(&[
        ("a.c", "/* For internal use only. */\nint a(void);\n", &["corp-internal 10 describes-a-declaration"]),
        ("a.c", "/* For internal use only. */\n\nint a(void);\n", &["corp-internal 90"]),
        ("a.c", "/* For internal use only. */\n#include <a.h>\n", &["corp-internal 90"]),
        ("a.c", "int b;\n\n/* For internal use only. */\n\n", &["corp-internal 75"]),
        ("a.proto", "// Internal use only\nsyntax = \"proto3\";\n", &["corp-internal 90"]),
        (
            "a.c",
            "int b;\n\n/* For internal use only. */\n\nint a(void);\n",
            &["corp-internal 0 describes-a-declaration"],
        ),
        ("a.c", "/* ACME SECRET */\nint a(void);\n", &["acme-secret 90"]),
    ]);
    let rules = all();
    let internal = rules.iter().find(|rule| rule.id == "corp-internal").expect("it is there");
    assert!(finds(internal, "a.c", b"/* Internal use only */\nint a;\n").is_some_and(|score| score < 40));
}

#[test]
fn disguises_are_seen_through_and_places_are_those_of_the_file() {
    let rules = all();
    let numbered: Vec<(usize, &Rule)> = rules.iter().enumerate().collect();
    for marking in
        ["ＡＣＭＥ ＳＥＣＲＥＴ", "АСМЕ SЕСRЕТ", "ACME\u{A0}SEC\u{200B}RET", "ACME  SECRET", "СЕКРЕТНО", "Секретно"]
    {
        let text = format!("// é ║\n// ║ {marking} ║\n");
        let text = text.as_bytes();
        let (found, _) = in_head(Head { path: "a.c", text, line: 0 }, text, &numbered, &Woken::all());
        assert_eq!(found.len(), 1, "{marking}");
        assert_eq!(String::from_utf8_lossy(found[0].span.of(text)), marking);
    }
}

#[test]
fn companions_stand_near() {
    check(&[
        ("a.c", "/* LIMITED RIGHTS\n * Contract No. 5\n * Contractor: Acme */\n", &["acme-near 90"]),
        ("a.c", "/* LIMITED RIGHTS\n * Contract No. 5 */\n", &[]),
        ("a.c", "/* LIMITED RIGHTS\n *\n *\n * Contract No. 5\n * Contractor: Acme */\n", &[]),
        ("a.c", "/* Expired\n * LIMITED RIGHTS\n * Contract No. 5\n * Contractor: Acme */\n", &[]),
    ]);
}

#[test]
fn a_piece_of_a_file_counts_by_its_lines() {
    let rules = all();
    let numbered: Vec<(usize, &Rule)> = rules.iter().enumerate().collect();
    let text = b"\n\n// ACME SECRET\n";
    let found = |line| in_head(Head { path: "a.c", text, line }, text, &numbered, &Woken::all()).0.len();
    assert_eq!([found(0), found(27), found(28)], [1, 1, 0]);
}

#[test]
fn what_is_wrong_with_a_rule_is_said() {
    let rule = |rest: &str| {
        let text =
            format!("- {{id: acme-a, finds: x, scheme: acme, level: internal, {rest}, hits: [a, b], misses: [c, d]}}");
        let written: Vec<RuleSyntax> = crate::yaml::parse("rules.yml", &text).expect("the form is right");
        Rule::parse(&written[0]).expect_err(rest).to_string()
    };
    let rows = [
        ("literals: [acme], marks: [{}]", "mark 1 needs exactly one of `line`, `phrase`, `value` and `portion`"),
        ("literals: [acme], marks: [{line: 'ACME', value: 'x'}]", "mark 1 needs exactly one of"),
        ("literals: [acme], marks: [{line: 'ACME', in: [data]}]", "only a `value` may stand `in: [data]`"),
        ("literals: [acme], marks: [{line: 'ACME', keys: [tlp]}]", "only a `value` has `keys`"),
        ("literals: [acme], marks: [{line: 'ACNE'}]", "mark 1: it can match without any of its literals"),
        ("marks: [{line: 'ACME'}]", "it can match without any of its literals"),
        ("literals: [ACME], marks: [{line: 'ACME'}]", "the literal `ACME` of a marker is to be in lower case"),
        ("literals: ['ac  me'], marks: [{line: 'AC  ME'}]", "with a blank between"),
        ("literals: [acme], marks: [{line: 'ACME.*'}]", "a match may be of any length"),
        ("literals: [acme], marks: [{line: 'ACME.{0,600}'}]", "a marker has at most 512"),
        ("literals: [acme], marks: [{line: '^ACME'}]", "it looks round itself"),
        ("marks: [{value: 'x', keys: [a]}]", "the key `a` has nothing by which it could be found"),
        (
            "literals: [acme], marks: [{line: 'ACME'}], needs: [{words: [], lines: 2}]",
            "`needs` and `unless` take one word",
        ),
        ("literals: [acme], marks: [{line: 'ACME'}], needs: [{words: [A]}]", "in lower case"),
        ("literals: [acme], marks: [{line: 'ACME'}], needs: [{words: [a], least: 2}]", "`least` no more than"),
        ("literals: [acme], marks: [{line: 'ACME'}], pattern: 'x'", "a rule with `marks` takes no `pattern`"),
        ("literals: [acme], pattern: 'acme', unless: [{words: [a]}]", "`unless` belongs to markers"),
        ("literals: [acme], pattern: 'acme', issuer: state", "`issuer` belongs to markers"),
    ];
    for (rest, expected) in rows {
        let error = rule(rest);
        assert!(error.contains(expected), "{rest}: {error}");
    }
    let other = "- {id: other-a, finds: x, scheme: acme, level: internal, literals: [acme], marks: [{line: 'ACME'}], hits: [a, b], misses: [c, d]}";
    let written: Vec<RuleSyntax> = crate::yaml::parse("rules.yml", other).expect("the form is right");
    assert!(Rule::parse(&written[0]).expect_err("another scheme").to_string().contains("`acme-…`"));
}
