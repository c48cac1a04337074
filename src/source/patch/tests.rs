use std::fmt::Write as _;
use std::io::Read;

use crate::source::{Lines, Parts, Source};

/// What is read of a diff: a line for each part with its ranges, its numbered lines, and the gaps.
fn shown(diff: &str) -> String {
    let Ok(parts) = Parts::of_diff("in", diff.as_bytes().to_vec()) else { return "no diff".to_owned() };
    let listing = parts.list();
    let mut reader = parts.reader();
    let mut out = String::new();
    for entry in &listing.entries {
        let ranges = match &entry.lines {
            Lines::All | Lines::Changed => "all".to_owned(),
            Lines::Added(ranges) => {
                ranges.iter().map(|(from, to)| format!("{from}-{to}")).collect::<Vec<_>>().join(" ")
            }
        };
        write!(out, "{} [{ranges}]", entry.path).unwrap();
        let stretches = reader.stretches(entry);
        let mut bytes = Vec::new();
        if let Err(error) = reader.open(entry).unwrap().read_to_end(&mut bytes) {
            write!(out, " {error}").unwrap();
        }
        let total: u64 = stretches.iter().map(|stretch| stretch.bytes).sum();
        assert!(stretches.is_empty() || total == bytes.len() as u64, "{diff}");
        let mut rest = bytes.as_slice();
        for stretch in &stretches {
            let (part, after) = rest.split_at(stretch.bytes as usize);
            rest = after;
            let lines = (stretch.line..).zip(part.split_inclusive(|byte| *byte == b'\n'));
            let line = |(number, line): (u64, &[u8])| format!(" {number}:{}", line.escape_ascii());
            out += &lines.map(line).collect::<String>().replace("\\n", "");
        }
        out += &rest.escape_ascii().to_string();
        out.push('\n');
    }
    for gap in &listing.gaps {
        writeln!(out, "gap {}: {}", gap.path, gap.why).unwrap();
    }
    out
}

/// A head, what stands above a hunk of one new line, and how the file is called.
#[test]
fn files_are_named_as_every_origin_names_them() {
    let rows = [
        ("diff --git a/x b/x\nindex 1..2 100644\n--- a/x\n+++ b/x\n", "x"),
        ("diff --git x x\n--- x\n+++ x\n", "x"),
        ("diff --git a/x a/x\n--- a/x\n+++ a/x\n", "a/x"),
        ("diff --git i/x w/x\n--- i/x\n+++ w/x\n", "x"),
        ("diff --git c/x i/x\n--- c/x\n+++ i/x\n", "x"),
        ("diff --git o/x w/x\n--- o/x\n+++ w/x\n", "x"),
        ("diff --git a/x y b/x y\n--- a/x y\t\n+++ b/x y\t\n", "x y"),
        ("diff --git \"a/\\303\\244\" \"b/\\303\\244\"\n--- \"a/\\303\\244\"\n+++ \"b/\\303\\244\"\n", "\u{e4}"),
        ("diff --git old/x new/x\n--- old/x\n+++ new/x\n", "x"),
        ("diff --git a/x b/y\nsimilarity index 90%\nrename from x\nrename to y\n--- a/x\n+++ b/y\n", "y"),
        ("--- a/x\n+++ b/x\n", "x"),
        ("--- x.orig\t2024-01-01 00:00:00.000000000 +0000\n+++ x\t2024-01-01 00:00:01.000000000 +0000\n", "x"),
        ("diff -ru old/x new/x\n--- old/x\t2024-01-01\n+++ new/x\t2024-01-02\n", "new/x"),
        (
            "diff -r 0123456789ab x\n--- a/x\tThu Jan 01 00:00:00 1970 +0000\n+++ b/x\tThu Jan 01 00:00:00 1970 +0000\n",
            "x",
        ),
        ("Index: x\n====================\n--- x\t(revision 1)\n+++ x\t(working copy)\n", "x"),
        ("Index: dir/x\n====================\nRCS file: /r/x,v\n--- x\t1 Jan 2024\n+++ x\t2 Jan 2024\n", "dir/x"),
        ("--- /etc/x\n+++ /etc/x\n", "/etc/x"),
        ("diff --git a/../x b/../x\n--- a/../x\n+++ b/../x\n", "../x"),
        ("", "in"),
    ];
    for (head, name) in rows {
        for end in ["\n", "\r\n"] {
            let diff = format!("{head}@@ -3 +3,2 @@\n a\n+b\n").replace('\n', end);
            let text = if head.contains("RCS") { shown(&diff).lines().skip(1).collect() } else { shown(&diff) };
            let line_end = if end == "\n" { "" } else { "\\r" };
            let new = if head.contains("rename") { "0-0 " } else { "" };
            assert_eq!(text.trim_end(), format!("{name} [{new}4-4] 3:a{line_end} 4:b{line_end}"), "{diff}");
        }
    }
}

const HEAD: &str = "diff --git a/x b/x\nindex 1234567..89abcde 100644\n--- a/x\n+++ b/x\n";

#[test]
fn hunks_are_taken_by_their_counts() {
    let rows = [
        ("@@ -1,2 +1,2 @@\n a\n-b\n+c\n", "x [2-2] 1:a 2:c\n"),
        ("@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+b\n\\ No newline at end of file\n", "x [1-1] 1:b\n"),
        ("@@ -0,0 +1,2 @@\n+a\n+b\n", "x [1-2] 1:a 2:b\n"),
        ("@@ -5,2 +4,0 @@\n-a\n-b\n", "x []\n"),
        ("@@ -5,0 +6 @@\n+a\n", "x [6-6] 6:a\n"),
        ("@@ -1 +1,2 @@\n a\n+b\n@@ -8 +9,2 @@ fn f() {\n c\n+d\n", "x [2-2 10-10] 1:a 2:b 9:c 10:d\n"),
        // An empty line whose blank a mail program took away.
        ("@@ -1,2 +1,3 @@\n\n+b\n c\n", "x [2-2] 1: 2:b 3:c\n"),
        // What looks like a header is content.
        (
            "@@ -1,2 +1,3 @@\n--- a/y\n+++ b/y\n+@@ -1 +1 @@\n+diff --git a/z b/z\n-x\n",
            "x [1-3] 1:++ b/y 2:@@ -1 +1 @@ 3:diff --git a/z b/z\n",
        ),
        ("@@ -1 +1,2 @@\n a\n+b\n-- \n2.47.3\n\n", "in [all] 8:--  9:2.47.3 10:\nx [2-2] 1:a 2:b\n"),
    ];
    for (hunks, expected) in rows {
        assert_eq!(shown(&format!("{HEAD}{hunks}")), expected, "{hunks}");
    }
}

#[test]
fn what_does_not_fit_is_a_gap_and_is_read_as_far_as_it_goes() {
    let rows = [
        ("@@ -1 +1,3 @@\n a\n+b\n", "x [2-2] 1:a 2:b\ngap x: the diff ends in the middle of a hunk\n"),
        (
            "@@ -1 +1,9999999 @@\n a\n+b\nzzz\n",
            "in [all] 8:zzz\nx [2-2] 1:a 2:b\ngap x: a hunk is not as its head says\n",
        ),
        (
            "@@ -1 +1,1 @@\n-a\n+b\n+c\n",
            "in [all] 8:+c\nx [1-1] 1:b\ngap x: a hunk has more lines than its head says\n",
        ),
        ("@@ -1,2 +1,1 @@\n a\n+b\n-c\n", "in [all] 7:+b 8:-c\nx [] 1:a\ngap x: a hunk is not as its head says\n"),
        (
            "@@ -1,1 +1,99999999999999999999 @@\n a\n",
            "in [all] 5:@@ -1,1 +1,99999999999999999999 @@ 6: a\ngap x: the head of a hunk makes no sense\n",
        ),
        ("@@ -1 +4294967295,2 @@\n a\n+b\n", "x [4294967296-4294967296] 4294967295:a 4294967296:b\n"),
        ("@@ -1 +1,2 @@\n", "x []\ngap x: the diff ends in the middle of a hunk\n"),
        ("", "gap x: the diff does not show its lines\n"),
    ];
    for (hunks, expected) in rows {
        assert_eq!(shown(&format!("{HEAD}{hunks}")), expected, "{hunks}");
    }
    let two = "diff --git a/vendor/x b/vendor/x\n--- a/src/x\n+++ b/src/x\n@@ -0,0 +1 @@\n+a\n";
    assert_eq!(shown(two), "src/x [1-1] 1:a\ngap src/x: its headers name two files\n");
}

#[test]
fn files_without_lines_are_told_from_files_that_are_not_shown() {
    let rows = [
        ("diff --git a/x b/x\nold mode 100644\nnew mode 100755\n", ""),
        ("diff --git a/x b/y\nsimilarity index 100%\nrename from x\nrename to y\n", "y [0-0]\n"),
        ("diff --git a/x b/y\nsimilarity index 100%\ncopy from x\ncopy to \"y\\t\"\n", "y\t [0-0]\n"),
        ("diff --git a/x b/x\nnew file mode 100644\nindex 0000000..e69de29\n", "x [0-0]\n"),
        (
            "diff --git a/x b/x\ndeleted file mode 100644\nindex 1234567..0000000\n--- a/x\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n",
            "",
        ),
        (
            "diff --git a/x b/x\ndeleted file mode 100644\nindex 1234567..0000000\nBinary files a/x and /dev/null differ\n",
            "",
        ),
        (
            "diff --git a/x b/x\nindex 1..2 100644\nBinary files a/x and b/x differ\n",
            "gap x: it is binary, and the diff does not show it\n",
        ),
        (
            "diff --git a/x b/x\nnew file mode 100644\nindex 0..2\nBinary files /dev/null and b/x differ\n",
            "x [0-0]\ngap x: it is binary, and the diff does not show it\n",
        ),
        (
            "diff -ru a/y b/y\n--- a/y\n+++ b/y\n@@ -1 +1 @@\n-a\n+b\nBinary files a/x and b/x differ\n",
            "y [1-1] 1:b\ngap b/x: it is binary, and the diff does not show it\n",
        ),
        ("diff -r 0123456789ab x\nBinary file x has changed\n", "gap x: it is binary, and the diff does not show it\n"),
        (
            "Index: x\n=====\nCannot display: file marked as a binary type.\nsvn:mime-type = application/octet-stream\n",
            "in [all] 4:svn:mime-type = application/octet-stream\ngap x: it is binary, and the diff does not show it\n",
        ),
        ("Only in new/dir: x\n", "gap new/dir/x: it is on one side alone, and the diff does not show it: add `-N`\n"),
        ("Files a/x and b/x differ\n", "gap b/x: the diff does not show its lines\n"),
        (
            "diff -r a/x b/x\n1c1\n< a\n---\n> b\n",
            "in [all] 2:1c1 3:< a 4:--- 5:> b\ngap in: the diff does not show its lines\n",
        ),
        (
            "diff --git a/s b/s\nindex 1234567..89abcde 160000\n--- a/s\n+++ b/s\n@@ -1 +1 @@\n-Subproject commit 1\n+Subproject commit 2\n",
            "s [1-1] 1:Subproject commit 2\n",
        ),
        ("Submodule s 1234567..89abcde:\n  > subject\n", "in [all] 1:Submodule s 1234567..89abcde: 2:  > subject\n"),
        ("", ""),
        ("\n \n", ""),
        ("hello\n", "no diff"),
        (
            "*** a/x\n--- b/x\n***************\n*** 1 ****\n! a\n--- 1 ----\n! b\n",
            "in [all] 1:*** a/x 2:--- b/x 4:*** 1 **** 5:! a 6:--- 1 ---- 7:! b\ngap in: a context diff cannot be read: make it with `-u`\n",
        ),
    ];
    for (diff, expected) in rows {
        assert_eq!(shown(diff), expected, "{diff}");
    }
}

#[test]
fn of_a_combined_diff_the_lines_in_no_parent_are_new() {
    let head = "diff --cc x\nindex 1234567,2345678..3456789\n--- a/x\n+++ b/x\n";
    let rows = [
        ("@@@ -1,3 -1,2 +1,3 @@@\n  a\n- b\n -c\n++d\n +e\n", "x [2-2] 1:a 2:d 3:e\n"),
        ("@@@@ -1,1 -1,1 -1,1 +1,2 @@@@\n   a\n+++d\n", "x [2-2] 1:a 2:d\n"),
        ("@@@ -1,1 -1,1 +1,2 @@@\n  a\n+-d\n", "in [all] 7:+-d\nx [] 1:a\ngap x: a hunk is not as its head says\n"),
    ];
    for (hunks, expected) in rows {
        assert_eq!(shown(&format!("{head}{hunks}")), expected, "{hunks}");
    }
    let both = "diff --combined x\nindex 1,2..3\n--- a/y\n--- a/x\n+++ b/x\n@@@ -0,0 -0,0 +1 @@@\n++a\n";
    assert_eq!(shown(both), "x [1-1] 1:a\n");
    assert_eq!(
        shown("diff --cc x\nindex 1,2..3\nBinary files differ\n"),
        "gap x: it is binary, and the diff does not show it\n"
    );
}

#[test]
fn mails_and_logs_are_read_with_their_messages() {
    let id = "0123456789abcdef0123456789abcdef01234567";
    let diff = "diff --git a/x b/x\nindex 1..2 100644\n--- a/x\n+++ b/x\n@@ -1 +1,2 @@\n a\n+b\n";
    let mail = format!(
        "From {id} Mon Sep 17 00:00:00 2001\nFrom: A <a@b>\n\nBinary files a and b differ\n---\n x | 1 +\n\n{diff}-- \n2\n\n"
    );
    let one = "in [all] 1:From 0123456789abcdef0123456789abcdef01234567 Mon Sep 17 00:00:00 2001 2:From: A <a@b> 3: 4:Binary files a and b differ 5:--- 6: x | 1 + 7: 15:--  16:2 17:";
    assert_eq!(shown(&mail), format!("{one}\nx [2-2] 1:a 2:b\n"));
    let twice = shown(&format!("{mail}{mail}"));
    assert!(twice.ends_with("\nx [2-2] 1:a 2:b\nx [2-2] 1:a 2:b\n") && twice.contains("18:From"), "{twice}");
    let log = format!("commit {id}\nAuthor: A\n\n    text\n\n{diff}");
    assert!(shown(&log).starts_with("in [all] 1:commit"), "{}", shown(&log));
    let empty = format!("commit {id}\nAuthor: A\n\n    text\n");
    assert!(shown(&empty).contains("4:    text"), "{}", shown(&empty));
    let foreign = shown(&mail.replace("From: A <a@b>", "Subject: =?UTF-8?q?=C3=A4?=\n =?UTF-8?q?b=5Fc?=\nFrom: A"));
    assert!(foreign.contains(r" 2:Subject: \xc3\xa4b_c 4:From: A 5: 6:Binary"), "{foreign}");
    let encoded = mail.replace("From: A", "Content-Transfer-Encoding: base64\nFrom: A");
    assert!(shown(&encoded).contains("gap in: a mail in it is encoded"), "{}", shown(&encoded));
}

#[test]
fn binary_literals_are_unpacked() {
    let head = "diff --git a/x b/x\nnew file mode 100644\nindex 0000000000..1\nGIT binary patch\n";
    // What `git diff --binary` writes for the bytes `\0\x01secret\n`.
    let literal = "literal 9\nQcmZQzEKW@>N-g0601Ipak^lez\n\nliteral 0\nHcmV?d00001\n\n";
    let rows = [
        (literal.to_owned(), "x [all]\\x00\\x01secret\\n\n"),
        (literal.replace("literal 9", "literal 8"), "x [all] its binary content is damaged"),
        (literal.replace("literal 9", "literal 10"), "x [all] its binary content is damaged"),
        (literal.replace("literal 9", "literal 9999999999"), "x [0-0]\ngap x: the diff unpacks to more than 1 GiB\n"),
        (literal.replace("EKW", "EKX"), "x [all]"),
        (literal.replace("Qcm", "Ucm"), "x [0-0]\ngap x: its content is damaged\n"),
        ("literal 9\nQcmZQzEKW@>N-g0601Ipak^lez\n".to_owned(), "x [0-0]\ngap x: the diff ends in the middle of it\n"),
        (
            "delta 9\nQcmZQzEKW@>N-g0601Ipak^lez\n\ndelta 3\nHcmV?d00001\n\n".to_owned(),
            "x [0-0]\ngap x: the diff holds only what differs",
        ),
        (String::new(), "x [0-0]\ngap x: its content is missing\n"),
    ];
    for (body, expected) in rows {
        let text = shown(&format!("{head}{body}"));
        assert!(text.contains(expected), "{body}\n{text}");
    }
}
