//! The gate as git itself opens and shuts it: commits, pushes of several refs, and a server that refuses.

#![cfg(unix)]
#![allow(
    clippy::disallowed_methods,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests read files of their own, and may fail"
)]

mod common;

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};

use common::{Folder, LINE, as_ann, said};

/// A work tree whose remote is a bare repository beside it.
struct Scene(Folder);

impl Scene {
    /// `hooks` are installed in the work tree, `server` in the bare repository.
    fn new(hooks: &[&str], server: &[&str]) -> Self {
        let scene = Self(Folder::new("gate"));
        fs::create_dir_all(scene.work()).unwrap();
        scene.must(&["init", "-q", "--bare", "-b", "main", scene.bare().to_str().unwrap()]);
        scene.must(&["init", "-q", "-b", "main"]);
        scene.must(&["remote", "add", "origin", scene.bare().to_str().unwrap()]);
        for (dir, hooks) in [(scene.work(), hooks), (scene.bare(), server)] {
            for hook in hooks {
                let installed = scene.run(env!("CARGO_BIN_EXE_tightlip"), &dir, &["install", "--hook", hook]);
                assert!(installed.status.success(), "{}", said(&installed));
            }
        }
        scene.write("readme.txt", "harmless\n");
        scene.commit("root");
        scene
    }

    fn work(&self) -> PathBuf {
        self.0.path().join("work")
    }

    fn bare(&self) -> PathBuf {
        self.0.path().join("bare.git")
    }

    fn write(&self, path: &str, text: &str) {
        self.0.write(&format!("work/{path}"), text);
    }

    fn run(&self, program: &str, dir: &Path, args: &[&str]) -> Output {
        as_ann(program, self.0.path(), dir, args).stdin(Stdio::null()).output().unwrap()
    }

    fn git(&self, args: &[&str]) -> Output {
        self.run("git", &self.work(), args)
    }

    fn must(&self, args: &[&str]) -> String {
        let output = self.git(args);
        assert!(output.status.success(), "git {args:?}: {}", said(&output));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// Commits all there is, past the hooks.
    fn commit(&self, message: &str) {
        self.must(&["add", "-A"]);
        self.must(&["commit", "-q", "--no-verify", "-m", message]);
    }

    /// Refused, with the rule's name for who pushed or committed, and without the token.
    fn refused(&self, args: &[&str]) {
        let output = self.git(args);
        let said = said(&output);
        assert!(!output.status.success(), "git {args:?} passed: {said}");
        assert!(said.contains("aws-access-key-id"), "git {args:?}: {said}");
        assert!(!said.contains(token()), "{said}");
    }

    fn refs(&self) -> BTreeSet<String> {
        let output = self.run("git", &self.bare(), &["for-each-ref", "--format=%(refname)"]);
        String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
    }

    /// All that the bare repository holds, in quarantine or not.
    fn objects(&self) -> usize {
        fn below(dir: &Path) -> usize {
            let count = |path: PathBuf| if path.is_dir() { below(&path) } else { 1 };
            fs::read_dir(dir).unwrap().map(|entry| count(entry.unwrap().path())).sum()
        }
        below(&self.bare().join("objects"))
    }
}

fn token() -> &'static str {
    LINE.split('"').nth(1).unwrap()
}

fn names<const N: usize>(names: [&str; N]) -> BTreeSet<String> {
    names.map(|name| format!("refs/{name}")).into()
}

#[test]
fn a_commit_is_judged_by_what_it_records() {
    let scene = Scene::new(&["pre-commit"], &[]);
    let head = scene.must(&["rev-parse", "HEAD"]);
    scene.write("sub/key.py", LINE);
    // Not staged yet: the commit would not have it.
    scene.must(&["commit", "-q", "--allow-empty", "-m", "empty"]);
    scene.must(&["reset", "-q", "--soft", &head]);
    scene.must(&["add", "-A"]);
    scene.refused(&["commit", "-m", "staged"]);
    scene.refused(&["-C", "sub", "commit", "-m", "from below"]);
    scene.refused(&["commit", "-m", "this path", "--", "sub/key.py"]);
    assert_eq!(scene.must(&["rev-parse", "HEAD"]), head);
    // Another path alone: the key is staged, and stays out.
    scene.write("readme.txt", "still harmless\n");
    scene.must(&["commit", "-q", "-m", "other path", "--", "readme.txt"]);
    scene.must(&["rm", "-q", "--cached", "sub/key.py"]);
    scene.must(&["commit", "-q", "--allow-empty", "-m", "without"]);
    scene.write("readme.txt", LINE);
    scene.refused(&["commit", "-a", "-m", "all that changed"]);
    // The last commit has a key, past the hook: to amend it is to make it anew.
    scene.must(&["commit", "-a", "-q", "--no-verify", "-m", "slipped in"]);
    scene.refused(&["commit", "--amend", "-m", "better words"]);
    scene.write("readme.txt", "harmless again\n");
    scene.must(&["commit", "-a", "-q", "--amend", "-m", "mended"]);
}

#[test]
fn a_marking_that_a_change_takes_away_is_told_at_each_door() {
    for (hook, at_server) in [("pre-commit", false), ("pre-push", false), ("pre-receive", true)] {
        let scene = Scene::new(&[], &[]);
        // A marking may go there: only that it goes is held against a change.
        scene.write(".tightlip.yml", "destinations: {'git:**': {max: restricted}, local: {max: restricted}}\n");
        scene.write("a.c", "// Acme Confidential\nint a;\n");
        scene.write("b.c", "// Acme Confidential\nint b;\n");
        scene.commit("marked");
        scene.must(&["push", "-q", "origin", "main"]);
        let door = if at_server { scene.bare() } else { scene.work() };
        let installed = scene.run(env!("CARGO_BIN_EXE_tightlip"), &door, &["install", "--hook", hook]);
        assert!(installed.status.success(), "{}", said(&installed));
        let passes = |what: &str| {
            scene.must(&["add", "-A"]);
            let commit = ["commit", "-q", "-m", what];
            let committed = scene.git(&commit);
            let pushed = if committed.status.success() { scene.git(&["push", "origin", "main"]) } else { committed };
            let said = said(&pushed);
            assert!(pushed.status.success() || said.contains("marker-removed"), "{hook}, {what}: {said}");
            pushed.status.success()
        };
        scene.write("a.c", "// Acme Confidential\nint a = 1;\n");
        assert!(passes("the marking stays"), "{hook}");
        fs::remove_file(scene.work().join("b.c")).unwrap();
        assert!(passes("the file goes"), "{hook}");
        fs::create_dir_all(scene.work().join("src")).unwrap();
        fs::rename(scene.work().join("a.c"), scene.work().join("src/a.c")).unwrap();
        assert!(passes("the file moves"), "{hook}");
        fs::remove_file(scene.work().join("src/a.c")).unwrap();
        scene.write("src/new.c", "int other;\n");
        assert!(passes("the file goes while another comes"), "{hook}");
        scene.write("src/new.c", "/* Acme Confidential */\nint other;\n");
        assert!(passes("a marking comes"), "{hook}");
        fs::remove_file(scene.work().join("src/new.c")).unwrap();
        scene.write("lib/new.c", "int other;\nint more;\n");
        assert!(!passes("the marking goes as the file moves"), "{hook}");
        scene.must(&["reset", "-q", "--hard", "origin/main"]);
        scene.write("src/new.c", "int other;\n");
        assert!(!passes("the marking goes"), "{hook}");
    }
}

#[test]
fn a_commit_in_a_linked_work_tree_is_judged_by_its_own_index() {
    let scene = Scene::new(&["pre-commit"], &[]);
    let linked = scene.0.path().join("linked");
    scene.must(&["worktree", "add", "-q", "-b", "side", linked.to_str().unwrap()]);
    fs::write(linked.join("readme.txt"), LINE).unwrap();
    scene.refused(&["-C", linked.to_str().unwrap(), "commit", "-a", "-m", "side"]);
    scene.refused(&["-C", linked.to_str().unwrap(), "commit", "-m", "side", "readme.txt"]);
    // The first work tree has nothing to do with it.
    scene.write("other.txt", "harmless\n");
    scene.must(&["add", "-A"]);
    scene.must(&["commit", "-q", "-m", "main"]);
}

#[test]
fn a_merge_is_judged_by_what_no_side_has() {
    let scene = Scene::new(&["pre-commit"], &[]);
    scene.must(&["checkout", "-q", "-b", "side"]);
    scene.write("side.txt", LINE);
    scene.commit("the side has a key already");
    scene.must(&["checkout", "-q", "main"]);
    scene.write("main.txt", "harmless\n");
    scene.commit("main");
    scene.must(&["merge", "-q", "--no-commit", "side"]);
    scene.write("main.txt", &LINE.replace("key", "other"));
    scene.must(&["add", "-A"]);
    scene.refused(&["commit", "-m", "merged"]);
}

#[test]
fn a_merge_that_git_commits_by_itself_is_judged_by_what_no_side_has() {
    // No MERGE_HEAD is there yet when git runs that hook: the other side stands in the environment, as `GITHEAD_<id>`.
    let scene = Scene::new(&["pre-merge-commit"], &[]);
    scene.must(&["checkout", "-q", "-b", "side"]);
    scene.write("side.txt", LINE);
    scene.commit("the side has a key already");
    scene.must(&["checkout", "-q", "main"]);
    scene.write("main.txt", "harmless\n");
    scene.commit("main");
    scene.must(&["merge", "-q", "--no-edit", "side"]);
}

#[test]
fn a_push_is_judged_by_every_ref_of_it() {
    let scene = Scene::new(&["pre-push"], &[]);
    scene.must(&["push", "-q", "origin", "main"]);
    scene.must(&["branch", "fine"]);
    scene.must(&["checkout", "-q", "-b", "worse"]);
    scene.write("key.py", LINE);
    scene.commit("comes");
    scene.write("key.py", "gone\n");
    scene.commit("goes");
    // What comes and goes is in the history all the same. Not one ref arrives.
    scene.refused(&["push", "origin", "main", "fine", "worse"]);
    scene.refused(&["push", "--all", "origin"]);
    scene.refused(&["push", "origin", "worse:refs/heads/fine", "HEAD~2:refs/heads/other"]);
    assert_eq!(scene.refs(), names(["heads/main"]));
    scene.must(&["push", "-q", "origin", "main", "fine", "main:refs/heads/third"]);
    assert_eq!(scene.refs(), names(["heads/fine", "heads/main", "heads/third"]));
    // What the remote has already is no news.
    scene.must(&["push", "-q", "--no-verify", "origin", "worse"]);
    scene.write("more.txt", "harmless\n");
    scene.commit("more");
    scene.must(&["push", "-q", "origin", "worse"]);
    scene.must(&["push", "-q", "origin", ":third", ":fine"]);
    assert_eq!(scene.refs(), names(["heads/main", "heads/worse"]));
}

#[test]
fn a_push_is_judged_by_tags_and_names_too() {
    let scene = Scene::new(&["pre-push"], &[]);
    scene.must(&["push", "-q", "origin", "main"]);
    scene.must(&["tag", "-a", "-m", LINE, "v1"]);
    scene.refused(&["push", "origin", "v1"]);
    scene.refused(&["push", "--follow-tags", "--tags", "origin", "main"]);
    scene.must(&["tag", &format!("v-{}", token())]);
    scene.refused(&["push", "origin", &format!("v-{}", token())]);
    scene.refused(&["push", "origin", &format!("main:refs/heads/try-{}", token())]);
    scene.write("a.txt", "harmless\n");
    scene.commit(&format!("subject\n\n{LINE}"));
    scene.refused(&["push", "origin", "main"]);
    assert_eq!(scene.refs(), names(["heads/main"]));
}

#[test]
fn a_server_refuses_before_anything_arrives() {
    let scene = Scene::new(&[], &["pre-receive"]);
    scene.must(&["push", "-q", "origin", "main", "main:refs/heads/second"]);
    let (refs, objects) = (scene.refs(), scene.objects());
    scene.must(&["checkout", "-q", "-b", "worse"]);
    scene.write("key.py", LINE);
    scene.commit("comes");
    scene.write("key.py", "gone\n");
    scene.commit("goes");
    scene.refused(&["push", "origin", "worse"]);
    scene.refused(&["push", "origin", "main:refs/heads/fine", "worse", "main:refs/heads/third"]);
    scene.refused(&["push", "--force", "origin", "worse:main"]);
    scene.refused(&["push", "origin", "worse:refs/odd/place"]);
    scene.must(&["tag", "-a", "-m", LINE, "v1", "main"]);
    scene.refused(&["push", "origin", "v1"]);
    assert_eq!((scene.refs(), scene.objects()), (refs, objects), "nothing stays of what was refused");
    scene.must(&["push", "-q", "origin", "main:refs/heads/fine", ":second"]);
    assert_eq!(scene.refs(), names(["heads/fine", "heads/main"]));
}

#[test]
fn a_server_takes_large_pushes_and_shallow_clones() {
    let scene = Scene::new(&[], &["pre-receive"]);
    scene.must(&["push", "-q", "origin", "main"]);
    // Above `receive.unpackLimit` the objects stay in a pack.
    for number in 0..150 {
        scene.write(&format!("many/{number}.txt"), &format!("file {number}\n"));
    }
    scene.commit("many");
    scene.must(&["push", "-q", "origin", "main"]);
    for number in 0..150 {
        scene.write(&format!("many/{number}.txt"), &format!("file {number} again\n"));
    }
    scene.write("many/77.txt", LINE);
    scene.commit("many more");
    scene.refused(&["push", "origin", "main"]);
    let shallow = scene.0.path().join("shallow");
    let address = format!("file://{}", scene.bare().display());
    scene.must(&["clone", "-q", "--depth", "1", &address, shallow.to_str().unwrap()]);
    fs::write(shallow.join("new.txt"), LINE).unwrap();
    let there = shallow.to_str().unwrap();
    scene.must(&["-C", there, "add", "-A"]);
    scene.must(&["-C", there, "commit", "-q", "-m", "from a shallow clone"]);
    scene.refused(&["-C", there, "push", "origin", "HEAD:refs/heads/side"]);
    fs::write(shallow.join("new.txt"), "harmless\n").unwrap();
    scene.must(&["-C", there, "commit", "-q", "-a", "--amend", "-m", "mended"]);
    scene.must(&["-C", there, "push", "-q", "origin", "HEAD:refs/heads/side"]);
}

#[test]
fn a_push_cannot_weaken_the_gate_it_stands_before() {
    let scene = Scene::new(&["pre-push"], &["pre-receive"]);
    scene.must(&["push", "-q", "origin", "main"]);
    for (config, line) in [
        ("builtin: {aws-access-key-id: off}\n", LINE.to_owned()),
        ("leave_out: ['*.py']\n", LINE.to_owned()),
        ("allow: [{rule: aws-access-key-id, reason: no}]\n", LINE.to_owned()),
        ("", LINE.replace('\n', " # tightlip: allow aws-access-key-id -- no\n")),
    ] {
        scene.write(".tightlip.yml", config);
        scene.write("key.py", &line);
        scene.commit("weaker");
        scene.refused(&["push", "origin", "main"]);
        // The server is of the same mind, whatever became of the hook here.
        scene.refused(&["push", "--no-verify", "origin", "main"]);
        let said = said(&scene.git(&["push", "origin", "main"]));
        assert_eq!(said.contains("gate-weakened"), !config.is_empty(), "{said}");
        scene.must(&["reset", "-q", "--hard", "HEAD~1"]);
    }
}

#[test]
fn what_the_other_side_has_counts() {
    let scene = Scene::new(&["pre-push"], &["pre-receive"]);
    scene.write(".tightlip.yml", "allow: [{rule: aws-access-key-id, path: key.py, reason: known}]\n");
    scene.write("other.py", "# tightlip: allow aws-access-key-id -- known too\n\n");
    scene.commit("looked at by people");
    // There is no gate yet that this could weaken.
    scene.must(&["push", "-q", "origin", "main"]);
    scene.write("key.py", LINE);
    scene.write("other.py", &format!("# tightlip: allow aws-access-key-id -- known too\n{LINE}"));
    scene.commit("allowed by what is there");
    scene.must(&["push", "-q", "origin", "main"]);
    scene.write(".tightlip.yml", "allow: [{rule: aws-access-key-id, reason: all of them}]\n");
    scene.commit("allows more");
    let pushed = scene.git(&["push", "origin", "main"]);
    assert!(pushed.status.success() && said(&pushed).contains("gate-weakened"), "{}", said(&pushed));
}

#[test]
fn what_was_clean_is_not_read_again_and_what_was_not_is() {
    let scene = Scene::new(&[], &[]);
    let tightlip = |args: &[&str]| {
        let output = scene.run(env!("CARGO_BIN_EXE_tightlip"), &scene.work(), args);
        (output.status.code(), said(&output))
    };
    let counts = |said: &str, files: u64, known: u64| {
        let summary = said.lines().find(|line| line.contains("\"summary\": {")).unwrap();
        assert!(summary.contains(&format!("\"files\": {files}, ")), "{summary}");
        let told = format!("\"known_clean\": {known}, ");
        assert_eq!(summary.contains(&told), known > 0, "{summary}");
    };
    scene.write("a.txt", "harmless\n");
    scene.write("b.txt", LINE);
    scene.must(&["add", "-A"]);
    let staged = ["staged", "--format", "jsonl"];
    let (code, first) = tightlip(&staged);
    assert_eq!(code, Some(1));
    counts(&first, 2, 0);
    let (code, second) = tightlip(&staged);
    assert_eq!(code, Some(1));
    counts(&second, 1, 1);
    assert!(second.contains("aws-access-key-id"), "{second}");
    // At another path it is another thing to rules, and other rules are other rules.
    scene.must(&["mv", "a.txt", "c.txt"]);
    counts(&tightlip(&staged).1, 2, 0);
    counts(&tightlip(&staged).1, 1, 1);
    counts(&tightlip(&[&staged[..], &["--min-score", "10"]].concat()).1, 2, 0);
    counts(&tightlip(&[&staged[..], &["--no-cache"]].concat()).1, 2, 0);
    scene.write(".tightlip.yml", "builtin: {json-web-token: off}\n");
    counts(&tightlip(&staged).1, 2, 0);
}

const POLICY: &str = "\
default_tier: internal
classify: [{path: 'pricing/**', tier: restricted}, {path: 'legal/**', tier: confidential}]
destinations: {'git:**': {max: internal}, local: {max: restricted}}
";

#[test]
fn a_push_cannot_loosen_the_policy_it_is_judged_by() {
    let scene = Scene::new(&["pre-push"], &["pre-receive"]);
    scene.write(".tightlip.yml", POLICY);
    scene.commit("policy");
    scene.must(&["push", "-q", "origin", "main"]);
    scene.write("readme.txt", "harmless still\n");
    scene.commit("nothing new");
    scene.must(&["push", "-q", "origin", "main"]);
    let waiver = "waivers: [{id: W-1, path: pricing/a.txt, rule: tier-exceeded, tier: public, reason: mine, by: ann, \
                  approved_by: bob, expires: 2999-01-01}]\n";
    let rows = [
        (POLICY.replace("internal\nclassify", "public\nclassify"), "default-tier-lowered"),
        (POLICY.replace("{path: 'pricing/**', tier: restricted}, ", ""), "classifies-less"),
        (POLICY.replace("tier: restricted}", "tier: internal}"), "classifies-less"),
        (POLICY.replace("destinations", "  # none\n").split("  # none").next().unwrap().to_owned(), "decides-no-more"),
        (POLICY.replace("{max: internal}", "{max: restricted}"), "clears-more"),
        (POLICY.replace("confidential}]", "confidential}, {path: pricing, cap: public, reason: mine}]"), "caps-more"),
        (format!("{POLICY}{waiver}"), "waiver-added"),
        (format!("tiers: [restricted, public, internal, confidential]\n{POLICY}"), "tiers-changed"),
        (String::new(), "default-tier-lowered"),
    ];
    for (policy, way) in rows {
        assert_ne!(policy, POLICY, "{way}");
        // By itself the change is stopped, and told in words.
        scene.write(".tightlip.yml", &policy);
        scene.commit("looser");
        for more in [&["push", "origin", "main"][..], &["push", "--no-verify", "origin", "main"]] {
            let pushed = scene.git(more);
            let words = said(&pushed).replace(' ', "-");
            assert!(!pushed.status.success(), "{way}: {words}");
            assert!(words.contains("policy-loosened") && words.contains(way), "{way}: {words}");
        }
        // And it has no effect on what comes with it.
        scene.write("pricing/a.txt", "12 EUR\n");
        scene.commit("what it was for");
        let said = said(&scene.git(&["push", "origin", "main"]));
        assert!(said.contains("tier-exceeded") && said.contains("policy-loosened"), "{way}: {said}");
        scene.must(&["reset", "-q", "--hard", "HEAD~2"]);
    }
}

/// What a branch changes, by path; an empty text is a file that goes.
type Branch<'b> = &'b [(&'b str, &'b str)];

#[test]
fn a_merge_request_is_judged_by_what_its_target_has() {
    const MARKED: &str = "// Acme Confidential\nint price;\nint margin;\nint rebate;\n";
    const BARE: &str = "int price;\nint margin;\nint rebate;\n";
    const MIT: &str = "Permission is hereby granted, free of charge, to any person\n";
    let waiver = format!(
        "{POLICY}waivers: [{{id: W-1, path: src/a.c, rule: corp-confidential-header, tier: public, reason: a, by: ann, \
         approved_by: bob, expires: 2999-01-01}}]\n"
    );
    let lower = POLICY.replace("tier: restricted}", "tier: internal}");
    let (off, rule_off) = (
        format!("markers: {{off: [corp]}}\n{POLICY}"),
        format!("builtin: {{corp-confidential-header: off}}\n{POLICY}"),
    );
    let allow = format!("allow: [{{rule: marker-removed, reason: mine}}]\n{POLICY}");
    let licence = format!("markers: {{trust_root_license: true}}\n{POLICY}");
    let rows: [(Branch<'_>, &[&str]); 13] = [
        (&[("readme.txt", "other words\n")], &[]),
        (&[("src/a.c", "// Acme Confidential\nint price = 1;\n")], &[]),
        (&[("src/a.c", ""), ("lib/b.c", MARKED)], &[]),
        (&[(".tightlip.yml", &lower)], &["policy-loosened"]),
        (&[(".tightlip.yml", &waiver)], &["policy-loosened"]),
        (&[(".tightlip.yml", &off)], &["policy-loosened"]),
        (&[(".tightlip.yml", &rule_off)], &["policy-loosened"]),
        (&[(".tightlip.yml", &allow), ("src/a.c", BARE)], &["policy-loosened", "marker-removed"]),
        (&[(".tightlip.yml", &licence), ("LICENSE", MIT), ("src/a.c", BARE)], &["policy-loosened", "marker-removed"]),
        (&[("src/a.c", BARE)], &["marker-removed"]),
        (&[("src/a.c", &format!("// tightlip: allow marker-removed -- mine\n{BARE}"))], &["marker-removed"]),
        (&[("src/a.c", ""), ("lib/b.c", BARE)], &["marker-removed"]),
        (&[(".tightlip.yml", ""), ("src/a.c", BARE)], &["policy-loosened", "marker-removed"]),
    ];
    let scene = Scene::new(&[], &[]);
    scene.write(".tightlip.yml", POLICY);
    scene.write("src/a.c", MARKED);
    scene.commit("base");
    scene.must(&["push", "-q", "origin", "main"]);
    scene.must(&["fetch", "-q"]);
    let program = env!("CARGO_BIN_EXE_tightlip");
    let job = ["CI=true", "GITHUB_ACTIONS=true", "GITHUB_BASE_REF=main", program, "commits"];
    for (number, (changes, expected)) in rows.iter().enumerate() {
        for (path, text) in *changes {
            if text.is_empty() {
                fs::remove_file(scene.work().join(path)).unwrap();
            } else {
                scene.write(path, text);
            }
        }
        scene.commit("change");
        let by_hand =
            scene.run(program, &scene.work(), &["commits", "origin/main..HEAD", "--trust-base", "origin/main"]);
        for output in [by_hand, scene.run("env", &scene.work(), &job)] {
            let said = said(&output);
            assert_eq!(output.status.code(), Some(i32::from(!expected.is_empty())), "{number}: {said}");
            for rule in *expected {
                assert!(said.contains(&format!("error[{rule}]")), "{number}: no {rule} in {said}");
            }
        }
        scene.must(&["reset", "-q", "--hard", "origin/main"]);
    }
}

#[test]
fn a_server_goes_by_its_own_address_or_by_the_one_it_is_told() {
    let named = |destination: &str| {
        let scene = Scene::new(&[], &[]);
        scene.write(
            ".tightlip.yml",
            &POLICY.replace("'git:**'", "'git:vault.acme.corp/**': {max: restricted}, 'git:**'"),
        );
        scene.commit("policy");
        scene.must(&["push", "-q", "origin", "main"]);
        let hook = scene.bare().join("hooks/pre-receive");
        fs::create_dir_all(hook.parent().unwrap()).unwrap();
        fs::write(&hook, format!("#!/bin/sh\nexec tightlip receive {destination}\n")).unwrap();
        fs::set_permissions(&hook, fs::Permissions::from_mode(0o755)).unwrap();
        scene.write("readme.txt", "harmless still\n");
        scene.commit("harmless");
        scene.git(&["push", "-q", "origin", "main"]);
        for (path, text) in [("pricing/a.txt", "12 EUR\n"), ("src/a.c", "// TLP:RED\nint a;\n")] {
            scene.write(path, text);
            scene.commit("more");
        }
        said(&scene.git(&["push", "origin", "main"]))
    };
    let refused = named("");
    let words = refused.split_whitespace().filter(|word| *word != "remote:").collect::<Vec<_>>().join(" ");
    for part in ["tier-exceeded", "tlp-red", "pricing/a.txt:1:1", "may have at most internal (destination `git:**`)"] {
        assert!(words.contains(part), "no {part} in {words}");
    }
    assert!(words.contains("git:local/") && words.contains("/bare may have"), "{words}");
    let taken = named("--destination git@vault.acme.corp:prices.git");
    assert!(taken.contains("-> main") && !taken.contains("tier-exceeded"), "{taken}");
    let wrong = named("--destination nowhere");
    assert!(wrong.contains("this is no destination") && wrong.contains("rejected"), "{wrong}");
}

#[test]
fn a_change_that_makes_the_policy_stricter_counts_at_once() {
    let scene = Scene::new(&["pre-push"], &["pre-receive"]);
    scene.write(".tightlip.yml", POLICY);
    scene.commit("policy");
    scene.must(&["push", "-q", "origin", "main"]);
    scene.write(".tightlip.yml", &POLICY.replace("'legal/**'", "'plans/**', tier: restricted}, {path: 'legal/**'"));
    scene.write("plans/a.txt", "soon\n");
    scene.commit("stricter");
    let pushed = scene.git(&["push", "origin", "main"]);
    let said = said(&pushed);
    assert!(!pushed.status.success(), "{said}");
    assert!(said.contains("tier-exceeded") && !said.contains("policy-loosened"), "{said}");
}
