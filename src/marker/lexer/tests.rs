use super::super::language::{language, languages};
use super::*;

/// What stands in the comments of `text`, each a line, `/` between the lines of one.
fn read(path: &str, text: &str) -> Vec<String> {
    let lines = |block: &Block| {
        let lines = block.lines.iter().map(|span| String::from_utf8_lossy(span.of(text.as_bytes())).trim().to_owned());
        lines.filter(|line| !line.is_empty()).collect::<Vec<_>>().join("/")
    };
    comments(text.as_bytes(), language(path, text.as_bytes()), HEADER_LINES, u32::MAX).iter().map(lines).collect()
}

/// For each language a text with one comment `MARK` and strings that hold none.
const TEXTS: &[(&str, &str)] = &[
    ("a.c", "char *a = \"// no /* no\"; int c = '\"';\n/* MARK */\n"),
    ("a.java", "String a = \"\"\"\n// no\n\"\"\";\n// MARK\n"),
    ("a.cs", "var a = \"// no\";\n/// MARK\n"),
    ("a.js", "let a = `\n// no\n${1}`, b = '/* no';\n/* MARK */\n"),
    ("a.ts", "const a = \"\\\"// no\";\n// MARK\n"),
    ("a.go", "var a = `\n// no\n`\n// MARK\n"),
    ("a.rs", "fn a<'a>(x: &'a str) { r#\"\n// no\"#; '\"'; }\n/* MARK /* in */ */\n"),
    ("a.swift", "let a = \"// no\"\n// MARK\n"),
    ("a.kt", "val a = \"\"\"\n// no\n\"\"\"\n// MARK\n"),
    ("a.scala", "val a = \"/* no\"\n/* MARK */\n"),
    ("a.dart", "var a = '''\n// no\n''';\n// MARK\n"),
    ("a.groovy", "def a = '''\n// no\n'''\n// MARK\n"),
    ("a.php", "<?php $a = '\n# no\n';\n# MARK\n"),
    ("a.css", "a::after { content: \"/* no\"; }\n/* MARK */\n"),
    ("a.scss", "$a: \"// no\";\n// MARK\n"),
    ("a.proto", "option a = \"// no\";\n// MARK\n"),
    ("a.graphql", "type A { a: String @d(b: \"# no\") }\n# MARK\n"),
    ("a.sol", "string a = \"// no\";\n/* MARK */\n"),
    ("a.zig", "const a = \"// no\";\n// MARK\n"),
    ("a.v", "initial $display(\"// no\");\n// MARK\n"),
    ("a.vhd", "constant a : string := \"-- no\";\n-- MARK\n"),
    ("a.d", "auto a = `\n// no\n`;\n/+ MARK +/\n"),
    ("a.py", "a = '''\n# no\n'''\nb = '# no'\n# MARK\n"),
    ("a.rb", "a = '# no'\n=begin\nMARK\n=end\n"),
    ("a.pl", "my $a = '\n# no\n';\n# MARK\n"),
    ("a.sh", "echo '\n# no\n' \"# no\"\n# MARK\n"),
    ("a.fish", "set a '# no'\n# MARK\n"),
    ("a.ps1", "$a = '# no'\n<#\nMARK\n#>\n"),
    ("a.bat", "echo // no\nREM MARK\n"),
    ("Makefile", "a:\n\techo b\n# MARK\n"),
    ("a.cmake", "set(a \"# no\")\n#[[ MARK ]]\n"),
    ("Dockerfile", "FROM scratch\n# MARK\n"),
    ("a.tf", "a = \"# no\"\n# MARK\n"),
    ("a.nix", "a = ''\n# no\n'';\n# MARK\n"),
    ("a.r", "a <- '# no'\n# MARK\n"),
    ("a.jl", "a = \"# no\"\n#= MARK =#\n"),
    ("a.ex", "a = \"# no\"\n# MARK\n"),
    ("a.cr", "a = \"# no\"\n# MARK\n"),
    ("a.nim", "let a = \"# no\"\n#[ MARK ]#\n"),
    ("a.coffee", "a = '# no'\n###\nMARK\n###\n"),
    ("a.awk", "{ print \"# no\" }\n# MARK\n"),
    ("a.tcl", "set a \"# no\"\n# MARK\n"),
    ("a.sql", "select '-- no';\n-- MARK\n"),
    ("a.hs", "a = \"-- no\"\n{- MARK {- in -} -}\n"),
    ("a.lua", "local a = [[\n-- no\n]]\n--[[ MARK ]]\n"),
    ("a.adb", "A : String := \"-- no\";\n-- MARK\n"),
    ("a.ml", "let a = \"(* no\"\n(* MARK (* in *) *)\n"),
    ("a.fs", "let a = \"// no\"\n(* MARK *)\n"),
    ("a.pas", "a := '{ no';\n{ MARK }\n"),
    ("a.erl", "a() -> \"% no\".\n%% MARK\n"),
    ("a.tex", "\\begin{document}\n% MARK\n"),
    ("a.matlab", "a = \"% no\";\n%{\nMARK\n%}\n"),
    ("a.lisp", "(setq a \"; no\")\n#| MARK |#\n"),
    ("a.clj", "(def a 1)\n;; MARK\n"),
    ("a.asm", "mov a, b\n; MARK\n"),
    ("a.ll", "define void @a()\n; MARK\n"),
    ("a.f90", "a = '! no'\n! MARK\n"),
    ("a.f", "      A = 1\nC MARK\n"),
    ("a.cob", "       MOVE A TO B.\n      * MARK\n"),
    ("a.vb", "a = \"' no\"\n' MARK\n"),
    ("a.html", "<p>// no</p>\n<!-- MARK -->\n"),
    ("a.vue", "<a/>\n<!-- MARK -->\n"),
    ("a.j2", "{{ a }}\n{# MARK #}\n"),
    ("a.xml", "<a b=\"c\"/>\n<!-- MARK -->\n"),
    ("a.yml", "a: \"# no\"\n# MARK\n"),
    ("a.toml", "a = '''\n# no\n'''\n# MARK\n"),
    ("a.json", "{\"a\": \"// no\"}\n// MARK\n"),
    ("a.ini", "a=b\n; MARK\n"),
    ("a.properties", "a=b\n! MARK\n"),
    ("a.md", "text\n<!-- MARK -->\n"),
    ("a.adoc", "text\n// MARK\n"),
    ("a.unheard", "code\n## MARK\n"),
];

#[test]
fn each_language_tells_its_comments_from_its_strings() {
    for (path, text) in TEXTS {
        let found: Vec<String> =
            read(path, text).iter().map(|it| it.trim_matches(&['/', '%', ';', '#', ' '][..]).to_owned()).collect();
        let found: Vec<&str> = found.iter().map(|it| it.split(" /*").next().unwrap_or(it)).collect();
        let found: Vec<&str> = found.iter().map(|it| it.split([' ']).next().unwrap_or(it)).collect();
        assert_eq!(found, ["MARK"], "{path}: {text}");
    }
    let tried: std::collections::BTreeSet<&str> =
        TEXTS.iter().map(|(path, text)| language(path, text.as_bytes()).name).collect();
    assert!(tried.len() >= 70, "{} of {} languages", tried.len(), languages().len());
}

#[test]
fn a_docstring_is_a_comment_where_a_statement_begins() {
    let rows: [(&str, &str, &[&str]); 4] = [
        ("a.py", "\"\"\"One\ntwo\"\"\"\nx = \"\"\"three\"\"\"\n", &["One/two"]),
        ("a.py", "#!/usr/bin/python\n# one\n\n'''two'''\n", &["one", "two"]),
        ("a.jl", "\"\"\"\none\n\"\"\"\n", &["one"]),
        ("a.js", "\"\"\"one\"\"\"\n", &[]),
    ];
    for (path, text, expected) in rows {
        assert_eq!(read(path, text), expected, "{text}");
    }
}

#[test]
fn comments_on_lines_in_a_row_are_one() {
    let rows: [(&str, &str, &[&str]); 6] = [
        ("a.rs", "// a\n// b\n\n// c\n", &["a/b", "c"]),
        ("a.rs", "// a\nuse b; // no\n// c\n", &["a", "c"]),
        ("a.c", "/* a */ /* b */\n", &["a", "b"]),
        ("a.c", "/*\n * a\n *\n * b\n */\n", &["* a/*/* b"]),
        ("a.sh", "#!/bin/sh\n# a\n", &["a"]),
        ("a.c", "int x; /* no\n no */\n", &[]),
    ];
    for (path, text, expected) in rows {
        assert_eq!(read(path, text), expected, "{text}");
    }
}

#[test]
fn only_comments_that_begin_in_the_header_are_read() {
    let text = |lines: usize| format!("{}// late\n// later\n", "\n".repeat(lines));
    assert_eq!(read("a.c", &text(28)), ["late/later"]);
    assert_eq!(read("a.c", &text(29)), ["late"]);
    assert!(read("a.c", &text(30)).is_empty());
    let long = format!("/*\n{}end */", "line\n".repeat(100));
    assert!(read("a.c", &long)[0].ends_with("/end"), "a comment is followed to its end");
}

#[test]
fn code_before_a_comment_is_counted_and_what_a_file_needs_is_none() {
    let code = |text: &str| {
        let text = text.as_bytes();
        comments(text, language("a.c", text), HEADER_LINES, u32::MAX).last().expect("a comment").code_before
    };
    assert_eq!(code("#include <a.h>\n#pragma once\n{\n/* a */"), 0);
    assert_eq!(code("int a;\nint b;\n/* a */"), 2);
    assert_eq!(code("importance = 1;\n/* a */"), 1);
}

#[test]
fn any_bytes_end() {
    let mut state = 7_u64;
    let pieces =
        ["/*", "*/", "//", "\"", "'", "\\", "\n", "\"\"\"", "<!--", "-->", "{-", "a", " ", "#", "é", "`", "--[["];
    for round in 0..4_000 {
        let mut text = String::new();
        for _ in 0..40 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            text += pieces[(state >> 33) as usize % pieces.len()];
        }
        let language = &languages()[round % languages().len()];
        for block in comments(text.as_bytes(), language, HEADER_LINES, u32::MAX) {
            assert!(
                block.end <= text.len()
                    && block.lines.iter().all(|span| span.start <= span.end && span.end <= block.end)
            );
        }
    }
}
