//! The walk with keys from a list, files in a folder of its own, and every screen kept.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::fs;
use std::path::PathBuf;

use super::*;
use crate::baseline::{self, Baseline, Store};
use crate::catalogue::RuleSet;
use crate::config;
use crate::control::Place as File;
use crate::engine::{self, Options};
use crate::policy::Scope;
use crate::policy::layer::{Layer, Layers, Rank};
use crate::progress::Silent;
use crate::report::{self, Style};
use crate::source::{Paths, Source as _};

const SALT: &str = "00112233445566778899aabbccddeeff";
const CONFIG: &str =
    "# mine\nversion: 1  # the form\nsalt: 00112233445566778899aabbccddeeff\n\nleave_out: ['vendor/**']\n";

/// What is typed: a key, or a line.
enum Typed {
    Key(Key),
    Line(&'static str),
}

fn keys(letters: &str) -> Vec<Typed> {
    letters.chars().map(|letter| Typed::Key(Key::Letter(letter))).collect()
}

#[derive(Default)]
struct Script {
    typed: VecDeque<Typed>,
    screen: Vec<u8>,
}

impl Desk for Script {
    fn show(&mut self, view: &View<'_>) -> io::Result<()> {
        report::audit::show(view, &Style { width: 80, ..Style::plain() }, &mut self.screen)
    }

    fn key(&mut self) -> io::Result<Key> {
        match self.typed.pop_front() {
            Some(Typed::Key(key)) => Ok(key),
            Some(Typed::Line(line)) => panic!("a key was asked for, and `{line}` is next"),
            // As if the terminal had gone away.
            None => Ok(Key::End),
        }
    }

    fn line(&mut self, question: &str) -> io::Result<Option<String>> {
        self.screen.extend_from_slice(question.as_bytes());
        match self.typed.pop_front() {
            Some(Typed::Line(line)) => Ok(Some(line.to_owned())),
            Some(Typed::Key(_)) => panic!("a line was asked for: {question}"),
            None => Ok(None),
        }
    }
}

/// A repository, as far as an audit needs one.
struct Bench {
    root: PathBuf,
    /// What stands above the repository.
    above: Layers,
    past: RefCell<Past>,
    filter: Filter,
}

impl Drop for Bench {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.root);
    }
}

fn aws() -> String {
    ["AKIA", "RZPUZDIKAWOT5LPN"].concat()
}

fn password() -> String {
    ["tq4zLw", "8vNx"].concat()
}

impl Bench {
    fn new(name: &str) -> Self {
        let root = std::env::temp_dir().join(format!("tightlip-audit-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&root);
        fs::create_dir_all(root.join(".git")).unwrap();
        let root = root.canonicalize().unwrap();
        let bench =
            Self { root, above: Layers::default(), past: RefCell::new(Past::Unread), filter: of("aws-access-key-id") };
        bench.write(".tightlip.yml", CONFIG);
        bench.write("a.py", &format!("# was {0}\nkey = \"{0}\"\npassword = \"{1}\"\n", aws(), password()));
        bench.write("sub/b.py", &format!("x = 1\nkey = \"{}\"\n", aws()));
        bench
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn read(&self, path: &str) -> Option<String> {
        fs::read_to_string(self.root.join(path)).ok()
    }

    fn policy(&self, text: Option<&str>, known: Option<Baseline>) -> Result<Policy, AuditError> {
        let own = text.map(|text| config::parse(".tightlip.yml", text)).transpose()?;
        let own = own.map(|(raw, document)| Layer::of_repository(Rank::Repository, raw, document));
        let mut policy = self.above.clone().join(own.into_iter().collect()).policy(today())?;
        if let Some(known) = known {
            policy.set_baseline(baseline::NAME, known)?;
        }
        policy.scope = Scope::new(&self.root, &self.root);
        Ok(policy)
    }

    fn store(&self) -> Store {
        Store::new(self.root.join(baseline::NAME), baseline::NAME)
    }

    fn notes(&self) -> Notes {
        Notes::open(Some(&self.root.join(".git")), SALT).unwrap()
    }

    fn items(&self) -> Vec<Item> {
        let known = self.store().read().unwrap().unwrap_or_else(|| Baseline::new(baseline::NAME, SALT));
        let policy = self.policy(self.read(".tightlip.yml").as_deref(), Some(known)).unwrap();
        let source = Paths::new(vec![self.root.clone()], false, 1);
        let outcome = engine::scan(&source, &RuleSet::default(), &policy, Options::default(), &Silent);
        let path = |finding: &Finding| policy.scope.relative(&finding.place.path).into_owned();
        gather(outcome.findings, path, &self.filter, &self.notes())
    }

    /// Walks with these keys; the screen, and how it ended.
    fn walk(&self, again: bool, typed: Vec<Typed>) -> (String, Vec<Item>) {
        let mut items = self.items();
        let config = Some((File::new(self.root.join(".tightlip.yml")), ".tightlip.yml".to_owned()));
        let is_new_salt =
            self.read(".tightlip.yml").is_none_or(|text| !text.contains("salt")) && !self.store().exists();
        let judge = |text: Option<&str>, known: Option<Baseline>| self.policy(text, known);
        let mut books = Books {
            root: self.root.clone(),
            config,
            baseline: Some(self.store()),
            notes: self.notes(),
            salt: SALT.to_owned(),
            is_new_salt,
            today: today(),
            judge: Box::new(judge),
        };
        let mut desk = Script { typed: typed.into(), ..Script::default() };
        walk(&mut items, again, &mut books, &mut Here(self), &mut desk).unwrap();
        (String::from_utf8(desk.screen).unwrap(), items)
    }
}

fn of(rule: &str) -> Filter {
    Filter { rules: vec![rule.to_owned()], ..Filter::default() }
}

fn today() -> Date {
    "2026-11-21".parse().unwrap()
}

struct Here<'b>(&'b Bench);

impl World for Here<'_> {
    fn around(&mut self, item: &Item) -> Vec<ShownLine> {
        let source = Paths::new(vec![PathBuf::from(&item.finding.place.path)], false, 1);
        let entry = source.list().entries.pop().unwrap();
        let line = item.finding.place.start.line;
        engine::context(&source, &entry, (line.saturating_sub(3).max(1), line + 3), &RuleSet::default()).unwrap()
    }

    fn evidence(&mut self, item: &Item) -> Result<Vec<Trace>, String> {
        let source = Paths::new(vec![PathBuf::from(&item.finding.place.path)], false, 1);
        let entry = source.list().entries.pop().unwrap();
        let policy = self.0.policy(Some(CONFIG), None).unwrap();
        let line = item.finding.place.start.line;
        engine::explain(&source, &entry, line, &RuleSet::default(), &policy).map(|it| it.traces).map_err(|gap| gap.why)
    }

    fn past(&mut self, _: &Item, _: Duration) -> Past {
        self.0.past.borrow().clone()
    }
}

/// The states of all items, by path and rule.
fn states(items: &[Item]) -> Vec<String> {
    let mut all: Vec<String> =
        items.iter().map(|item| format!("{} {} {}", item.path, item.finding.rule, item.state.name())).collect();
    all.sort();
    all
}

#[test]
fn what_is_decided_is_written_and_does_not_come_again() {
    let mut bench = Bench::new("decided");
    assert_eq!(states(&bench.items()), ["a.py aws-access-key-id open", "sub/b.py aws-access-key-id open"]);
    let typed = ["all", "made for the tests", "yesterday", "2027-01-31"].map(Typed::Line);
    let (screen, items) = bench.walk(false, keys("a").into_iter().chain(typed).chain(keys("q")).collect());
    assert!(screen.contains("a day is written as"), "{screen}");
    let done = ["a.py aws-access-key-id allowed", "sub/b.py aws-access-key-id allowed"];
    assert_eq!(states(&items), done, "{screen}");
    assert_eq!(states(&bench.items()), done);
    let config = bench.read(".tightlip.yml").unwrap();
    assert!(config.starts_with(CONFIG) && config.matches("until: 2027-01-31").count() == 2, "{config}");
    assert!(config.contains("path: 'sub/b.py'") && config.contains("path: '{a.py,a.py/**}'"), "{config}");
    bench.filter = of("generic-password");
    bench.walk(false, keys("rq"));
    assert_eq!(states(&bench.items()), ["a.py generic-password rotate"]);
    // Nothing is left to be asked about; the note comes once more where it is asked for.
    assert!(!bench.walk(false, Vec::new()).0.contains("finding 1"));
    assert!(bench.walk(true, keys("q")).0.contains("to be rotated since 2026-11-21"));
    // Another decision takes the place of the note.
    assert_eq!(states(&bench.walk(true, keys("bq")).1), ["a.py generic-password baseline"]);
    assert!(!bench.read(".git/tightlip/audit").unwrap().contains("rotate "));
}

#[test]
fn a_decision_is_taken_back_to_the_last_byte() {
    let rows: [(&str, Vec<Typed>); 5] = [
        (
            "allow",
            [vec![Typed::Key(Key::Letter('a')), Typed::Line("")], vec![Typed::Line("why"), Typed::Line("")]]
                .into_iter()
                .flatten()
                .collect(),
        ),
        ("false alarm", vec![Typed::Key(Key::Letter('f')), Typed::Line("an example")]),
        ("baseline", keys("b")),
        ("rotate", keys("r")),
        ("skip", vec![Typed::Key(Key::Letter('s')), Typed::Line("all")]),
    ];
    for (name, typed) in rows {
        let bench = Bench::new(&format!("undo-{}", name.replace(' ', "-")));
        let files = [".tightlip.yml", ".tightlip.baseline", ".git/tightlip/audit"];
        let before: Vec<_> = files.iter().map(|file| bench.read(file)).collect();
        let (screen, items) = bench.walk(false, typed.into_iter().chain(keys("uq")).collect());
        assert!(screen.contains("taken back"), "{name}: {screen}");
        assert_eq!(files.iter().map(|file| bench.read(file)).collect::<Vec<_>>(), before, "{name}");
        assert!(items.iter().all(|item| item.state == State::Open), "{name}");
    }
}

#[test]
fn what_somebody_else_has_written_since_is_not_taken_back() {
    let bench = Bench::new("meddled");
    let mut items = bench.items();
    let judge = |text: Option<&str>, known: Option<Baseline>| bench.policy(text, known);
    let place = File::new(bench.root.join(".tightlip.yml"));
    let mut books = Books {
        root: bench.root.clone(),
        config: Some((place, ".tightlip.yml".to_owned())),
        baseline: None,
        notes: bench.notes(),
        salt: SALT.to_owned(),
        is_new_salt: false,
        today: today(),
        judge: Box::new(judge),
    };
    let reason = books::Reason { text: "why".to_owned(), until: None, everywhere: true };
    let entry = books.allow(&[&items[0]], &reason).unwrap();
    let meddled = bench.read(".tightlip.yml").unwrap() + "# mine too\n";
    bench.write(".tightlip.yml", &meddled);
    assert!(matches!(books.take_back(&entry), Err(AuditError::Changed { .. })));
    assert_eq!(bench.read(".tightlip.yml").unwrap(), meddled);
    items.truncate(1);
    assert!(matches!(books.accept(&[&items[0]]), Err(AuditError::NoBaseline)));
}

#[test]
fn ended_in_the_middle_what_was_decided_is_there() {
    let mut bench = Bench::new("ended");
    bench.filter = Filter::default();
    // The terminal goes away while a reason is asked for.
    let (_, items) = bench.walk(false, [keys("b"), vec![Typed::Key(Key::Letter('a'))]].into_iter().flatten().collect());
    assert_eq!(states(&items), states(&bench.items()));
    assert!(items.iter().any(|item| item.state.name() == "baseline") && items.iter().any(Item::holds_up));
}

#[test]
fn no_screen_shows_a_part_of_a_secret() {
    let mut bench = Bench::new("screens");
    bench.filter = Filter::default();
    let mut typed = keys("?eoljkjeof");
    typed.push(Typed::Line("an example"));
    typed.extend(keys("ure"));
    let (screen, _) = bench.walk(false, typed);
    for secret in [aws(), password()] {
        let letters: Vec<char> = secret.chars().collect();
        for part in letters.windows(8) {
            let part: String = part.iter().collect();
            assert!(!screen.contains(&part), "{screen}");
        }
    }
    assert!(screen.contains("# was ***") && screen.contains("password = \"***"), "{screen}");
}

#[test]
fn hostile_texts_are_escaped_and_a_reason_holds_no_secret() {
    let bench = Bench::new("hostile");
    bench.write("\u{1b}[31m.py", &format!("\u{1b}]0;x\u{7}\nkey = \"{}\"\n", aws()));
    let leak: &'static str = Box::leak(aws().into_boxed_str());
    let mut typed = vec![Typed::Key(Key::Letter('f')), Typed::Line(leak), Typed::Line("-")];
    typed.extend(keys("jjoq"));
    let (screen, items) = bench.walk(false, typed);
    assert!(!screen.contains('\u{1b}') && !screen.contains('\u{7}'), "{screen:?}");
    assert!(screen.contains("looks like a secret") && items.iter().all(|item| item.state == State::Open), "{screen}");
}

#[test]
fn a_policy_above_the_repository_is_not_gone_round() {
    let mut bench = Bench::new("above");
    let text = "version: 1\npermit:\n  allow: ['generic-*']\n";
    let raw: config::RawUpper = crate::yaml::parse("machine", text).unwrap();
    let believed = config::Believed { raw, document: crate::yaml::Document::new("machine", text) };
    bench.above = Layer::above(Rank::Machine, believed).into_iter().collect();
    let mut typed = vec![Typed::Key(Key::Letter('f')), Typed::Line("no secret")];
    typed.extend(keys("bq"));
    let (screen, items) = bench.walk(false, typed);
    assert_eq!(screen.matches("a policy above the repository does not let").count(), 2, "{screen}");
    assert!(items.iter().all(|item| item.state == State::Open));
    assert_eq!((bench.read(".tightlip.yml").as_deref(), bench.read(".tightlip.baseline")), (Some(CONFIG), None));
}

#[test]
fn without_a_config_the_first_decision_makes_one_with_its_salt() {
    let bench = Bench::new("first");
    fs::remove_file(bench.root.join(".tightlip.yml")).unwrap();
    let typed = vec![Typed::Key(Key::Letter('f')), Typed::Line("an example")];
    bench.walk(false, typed.into_iter().chain(keys("q")).collect());
    let config = bench.read(".tightlip.yml").unwrap();
    assert!(config.contains(&format!("salt: {SALT}")) && config.contains("'false alarm: an example'"), "{config}");
    let after: Vec<String> = states(&bench.items());
    assert!(after.iter().all(|state| state.ends_with("allowed")), "{after:?}");
}

#[test]
fn the_history_of_a_value_is_told() {
    let bench = Bench::new("past");
    let commit = Introduced {
        id: "5e6f".repeat(10),
        author: "Ann \u{1b}".to_owned(),
        seconds: 1_800_000_000,
        in_head: Some(false),
    };
    let place = bench.items()[0].finding.place.clone();
    let rows = [
        (Past::Reading, "is being read"),
        (Past::Failed("a pack is damaged".to_owned()), "cannot be read: a pack is damaged"),
        (Past::Nowhere { is_whole: true }, "in no commit yet\n"),
        (Past::Nowhere { is_whole: false }, "may be older"),
        (Past::Since { commit, place, is_whole: true }, "commit 5e6f5e6f5e6f of 2027-01-15 by Ann \\x1b"),
    ];
    for (past, expected) in rows {
        bench.past.replace(past);
        let (screen, _) = bench.walk(false, keys("q"));
        let flat = screen.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(screen.contains(expected) || flat.contains(expected), "{expected}: {screen}");
    }
}

#[test]
fn notes_that_are_damaged_or_lie_behind_a_symlink_are_refused() {
    let bench = Bench::new("notes");
    bench.write(".git/tightlip/audit", "version 1\nkeyed -\nhalf a line\n");
    let wrong = Notes::open(Some(&bench.root.join(".git")), SALT);
    assert!(matches!(wrong, Err(NotesProblem::Line { line: 3, .. })), "{wrong:?}");
    #[cfg(unix)]
    {
        fs::remove_dir_all(bench.root.join(".git/tightlip")).unwrap();
        fs::create_dir(bench.root.join("elsewhere")).unwrap();
        std::os::unix::fs::symlink("../elsewhere", bench.root.join(".git/tightlip")).unwrap();
        let (screen, _) = bench.walk(false, keys("rq"));
        assert!(screen.contains("is a symlink"), "{screen}");
        assert_eq!(fs::read_dir(bench.root.join("elsewhere")).unwrap().count(), 0);
    }
}
