use super::*;

/// What a plan has, a line each.
fn told(plan: &Plan) -> Vec<String> {
    let mut lines = Vec::new();
    lines.extend(plan.leave_out.iter().map(|noted| format!("out {} < {}", noted.what, noted.from.place)));
    lines.extend(plan.off.iter().map(|noted| format!("off {} < {}", noted.what, noted.from.place)));
    lines.extend(plan.exceptions.iter().map(|noted| {
        format!("allow {} {} < {}", noted.what.rule, noted.what.path.as_deref().unwrap_or("-"), noted.from.place)
    }));
    lines.extend(plan.rules.iter().map(|noted| format!("rule {} < {}", noted.what.id, noted.from.place)));
    lines.extend(plan.claims.iter().map(|claim| format!("claim {:?} < {}", claim.accepts, claim.from.place)));
    lines.extend(plan.filters.iter().map(|filter| {
        let (regexes, words, paths) = (filter.regexes.len(), filter.stopwords.len(), filter.paths.len());
        let from = filter.from.as_ref().map(|from| from.place.clone()).unwrap_or_default();
        format!("filter {:?} {regexes}+{words}+{paths} all={} < {from}", filter.target, filter.all)
    }));
    lines.extend(plan.lost.iter().map(|noted| format!("lost {} < {}", noted.what, noted.from.place)));
    lines
}

/// `TIGHTLIP_BLESS=1` writes down what is read now: a folder of `fixtures/migrate` holds files as the tools have them, and
/// `expected.txt`.
#[test]
fn each_kind_of_file_is_read_as_its_fixture_expects() {
    let top = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/migrate");
    let tree: Vec<String> = std::fs::read_to_string(top.join("tree.txt")).unwrap().lines().map(str::to_owned).collect();
    let mut failures = Vec::new();
    let mut seen: Vec<&str> = Vec::new();
    for kind in KINDS {
        for folder in std::fs::read_dir(&top).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()) {
            let name = folder.file_name().unwrap().to_string_lossy().into_owned();
            if name != kind.name && !name.starts_with(&format!("{}.", kind.name)) {
                continue;
            }
            seen.push(kind.name);
            let input = std::fs::read_to_string(folder.join("input")).unwrap().replace("{cut}", "");
            let mut plan = Plan::default();
            plan.read(kind, kind.files[0], &input, &tree, &|path| (path == "a.py").then(|| b"a = 1\n".to_vec()));
            let text = told(&plan).join("\n") + "\n";
            let expected = folder.join("expected.txt");
            if std::env::var_os("TIGHTLIP_BLESS").is_some() {
                std::fs::write(&expected, &text).unwrap();
            }
            if std::fs::read_to_string(&expected).unwrap_or_default() != text {
                failures.push(format!("{name}:\n{text}"));
            }
        }
    }
    assert!(failures.is_empty(), "{}\nTIGHTLIP_BLESS=1 rewrites", failures.join("\n"));
    assert!(KINDS.iter().all(|kind| seen.contains(&kind.name) || kind.name.starts_with("betterleaks")), "{seen:?}");
}

/// Whatever is in such a file, reading it ends in a plan, and its config is one.
#[test]
fn hostile_files_end_in_a_plan() {
    let deep = format!("{}{}", "[".repeat(5000), "]".repeat(5000));
    let quotes =
        "[[allowlists]]\npaths = [\"a'\\u0007b\", \"x\\u202e\"]\ndescription = \"'\\n# x\"\nregexes = [\"(((\"]\n";
    let texts = [
        "",
        "[]",
        "{}",
        "null",
        "1",
        "\u{feff}",
        "a: b: c",
        "[[rules]]\n",
        "<<<<",
        "%TAG ! x\n",
        deep.as_str(),
        quotes,
    ];
    for kind in KINDS {
        for text in texts {
            let mut plan = Plan::default();
            plan.read(kind, "x", text, &["a".to_owned()], &|_| None);
            let written = config(&plan, &"ab".repeat(16), &["gitleaks"]);
            assert!(crate::config::parse("x", &written).is_ok(), "{} {text:?}\n{written}", kind.name);
        }
    }
}
