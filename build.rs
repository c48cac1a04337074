//! Turns `rules/**/*.yml` into static tables, after checking every rule as strictly as a user's own.
//!
//! The checks are the product's code, included here: what builds is what `tightlip rules check` accepts.

#![allow(dead_code, unused_imports, reason = "the included modules are used here in part only")]
#![expect(clippy::disallowed_methods, reason = "cargo hands everything over in the environment; the files are our own")]

#[path = "src/assign/mod.rs"]
mod assign;
#[path = "src/judge/mod.rs"]
mod judge;
#[path = "src/marker/mod.rs"]
mod marker;
#[path = "src/rule/mod.rs"]
mod rule;
#[path = "src/secret.rs"]
mod secret;
#[path = "src/span.rs"]
mod span;
#[path = "src/yaml/mod.rs"]
mod yaml;

use std::collections::BTreeSet;
use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

use marker::{Companion, Form, Hint, Shape};
use rule::{Kind, Literal, Rule, RuleError, RuleSyntax, Slots, Table, Text, Wake};
use sha2::{Digest, Sha256};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=rules");
    let mut files = Vec::new();
    list(Path::new("rules"), &mut files)?;
    files.sort();
    let mut digest = Sha256::new();
    let mut seen = BTreeSet::new();
    let mut rules = Vec::new();
    for file in &files {
        let text = fs::read_to_string(file)?;
        digest.update(text.as_bytes());
        for syntax in yaml::parse::<Vec<RuleSyntax>>(&file.display().to_string(), &text)? {
            let id = syntax.id.clone();
            let rule = load(&syntax, &mut seen);
            rules.push(rule.map_err(|error| format!("{}: rule `{id}`: {error}", file.display()))?);
        }
    }
    // The judgement is code and tables: a change there changes verdicts as much as a rule does.
    for source in ["src/judge", "src/assign", "src/rule", "src/decode", "src/marker"] {
        println!("cargo::rerun-if-changed={source}");
        let mut files = Vec::new();
        list_all(Path::new(source), &mut files)?;
        files.sort();
        files.iter().try_for_each(|file| fs::read(file).map(|bytes| digest.update(&bytes)))?;
    }
    let out = PathBuf::from(env::var("OUT_DIR")?).join("builtin.rs");
    let digest: String = digest.finalize().iter().take(16).fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    });
    fs::write(out, source(&rules, &digest)?)?;
    Ok(())
}

fn load(syntax: &RuleSyntax, seen: &mut BTreeSet<String>) -> Result<Rule, Box<dyn Error>> {
    if !seen.insert(syntax.id.clone()) {
        return Err(RuleError::Twice.into());
    }
    let rule = Rule::parse(syntax)?;
    rule::example::check(syntax, &rule)?;
    if matches!(rule.kind, Kind::Secret { .. }) && (rule.provider.is_none() || rule.category.is_none()) {
        return Err("it needs a `provider` and a `category`".into());
    }
    Ok(rule)
}

fn list(dir: &Path, files: &mut Vec<PathBuf>) -> Result<(), Box<dyn Error>> {
    let mut all = Vec::new();
    list_all(dir, &mut all)?;
    files.extend(all.into_iter().filter(|path| path.extension().is_some_and(|ending| ending == "yml")));
    Ok(())
}

fn list_all(dir: &Path, files: &mut Vec<PathBuf>) -> Result<(), Box<dyn Error>> {
    if !dir.exists() {
        return Ok(());
    }
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        if path.is_dir() {
            list_all(&path, files)?;
        } else {
            files.push(path);
        }
    }
    Ok(())
}

/// The generated file: the rules, with each list in a static of its own.
fn source(rules: &[Rule], digest: &str) -> Result<String, Box<dyn Error>> {
    let mut out = String::new();
    let mut table = String::new();
    for (index, rule) in rules.iter().enumerate() {
        let mut statics = Statics { out: &mut out, rule: index, count: 0 };
        let wake = match &rule.wake {
            Wake::Literals { literals, pattern } => {
                format!(
                    "Wake::Literals {{ literals: Cow::Borrowed({}), pattern: {} }}",
                    statics.texts(literals)?,
                    pattern_source(pattern)
                )
            }
            Wake::Run { pattern, alphabet } => {
                format!("Wake::Run {{ pattern: {}, alphabet: {alphabet:?} }}", pattern_source(pattern))
            }
            Wake::Lines(pattern) => format!("Wake::Lines({})", pattern_source(pattern)),
            Wake::Path => "Wake::Path".into(),
            Wake::Marks(form) => format!("Wake::Marks({})", statics.form(form)?),
            Wake::Scanner(scanner) => format!("Wake::Scanner(Scanner::{scanner:?})"),
        };
        let near = match &rule.near {
            Some(near) => {
                let words = statics.texts(&near.words)?;
                format!(
                    "Some(Near {{ words: Cow::Borrowed({words}), before: {}, after: {} }})",
                    near.before, near.after
                )
            }
            None => "None".into(),
        };
        let pair = match &rule.pair {
            Some(pair) => format!("Some(Pair {{ with: {}, within: {} }})", text(&pair.with), pair.within),
            None => "None".into(),
        };
        let block = match &rule.block {
            Some(block) => format!("Some(Block {{ end: {}, within: {} }})", text(&block.end), block.within),
            None => "None".into(),
        };
        let kind = kind_source(&rule.kind);
        let files = statics.texts(rule.files.sources())?;
        let checks = statics.checks(&rule.checks)?;
        writeln!(
            table,
            "    Rule {{ id: {}, finds: {}, gives: {}, provider: {}, category: {}, kind: {kind}, confidence: Confidence::{:?}, wake: {wake}, boundary: Boundary::{:?}, \
             files: Globs::checked({files}), block: {block}, near: {near}, pair: {pair}, checks: Cow::Borrowed({checks}), revoke: {}, docs: {} }},",
            text(&rule.id),
            text(&rule.finds),
            option(rule.gives.as_ref()),
            option(rule.provider.as_ref()),
            rule.category.map_or_else(|| "None".into(), |category| format!("Some(Category::{category:?})")),
            rule.confidence,
            rule.boundary,
            option(rule.revoke.as_ref()),
            option(rule.docs.as_ref()),
        )?;
    }
    writeln!(out, "pub static RULES: [Rule; {}] = [\n{table}];", rules.len())?;
    out.push_str(&probe_source(rules)?);
    writeln!(out, "/// Over all rules and the code that judges.\npub const DIGEST: &str = {digest:?};")?;
    Ok(out)
}

fn kind_source(kind: &Kind) -> String {
    match kind {
        Kind::Secret { severity } => format!("Kind::Secret {{ severity: Severity::{severity:?} }}"),
        Kind::Marker { level, scheme } => {
            format!("Kind::Marker {{ level: {}, scheme: {} }}", text(level), text(scheme))
        }
    }
}

/// The prefilter over all literals and keywords: `catalogue` makes the same where a config changes them.
fn probe_source(rules: &[Rule]) -> Result<String, std::fmt::Error> {
    let of_rule = |(index, rule)| Literal::of_rule(rule, format!("Wakes::Rule({index})"));
    let keywords = assign::KEYWORDS.iter().map(|text| Literal::keyword(text, "Wakes::Assignments".to_owned()));
    let literals: Vec<Literal<String>> = rules.iter().enumerate().flat_map(of_rule).chain(keywords).collect();
    let hint = |hint: Hint| format!("Hint::{hint:?}");
    let markers = marker::literals(rules.iter().enumerate(), hint);
    Ok(table_source(("PROBE", "LITERALS", "Wakes"), &literals)?
        + &table_source(("MARKER_PROBE", "MARKS", "Hint"), &markers)?)
}

fn table_source(
    (probe, list, wakes): (&str, &str, &str),
    literals: &[Literal<String>],
) -> Result<String, std::fmt::Error> {
    let mut out = String::new();
    writeln!(out, "static {list}: [Literal<{wakes}>; {}] = [", literals.len())?;
    for Literal { text: literal, ignore_case, token, wakes } in literals {
        let text = text(literal);
        writeln!(out, "    Literal {{ text: {text}, ignore_case: {ignore_case}, token: {token}, wakes: {wakes} }},")?;
    }
    let Table { offsets, grams, tokens, sweep } = Table::of(literals);
    writeln!(
        out,
        "];\npub static {probe}: Probe<{wakes}> = Probe::made(&{list}, Table {{ offsets: Cow::Borrowed(&{offsets:?}), \
         grams: {}, tokens: {}, sweep: {sweep:?} }});",
        slots_source(&grams),
        slots_source(&tokens)
    )?;
    Ok(out)
}

fn slots_source(Slots { bits, ranks, heads, entries }: &Slots) -> String {
    format!(
        "Slots {{ bits: Cow::Borrowed(&{bits:?}), ranks: Cow::Borrowed(&{ranks:?}), heads: Cow::Borrowed(&{heads:?}), \
         entries: Cow::Borrowed(&{entries:?}) }}"
    )
}

/// Writes lists as statics and gives their names.
struct Statics<'a> {
    out: &'a mut String,
    rule: usize,
    count: usize,
}

impl Statics<'_> {
    fn name(&mut self) -> String {
        self.count += 1;
        format!("RULE_{}_{}", self.rule, self.count)
    }

    fn texts(&mut self, texts: &[Text]) -> Result<String, std::fmt::Error> {
        let name = self.name();
        let items: Vec<String> = texts.iter().map(text).collect();
        writeln!(self.out, "static {name}: [Text; {}] = [{}];", items.len(), items.join(", "))?;
        Ok(format!("&{name}"))
    }

    fn form(&mut self, form: &Form) -> Result<String, std::fmt::Error> {
        let mut marks = Vec::new();
        for mark in form.marks.iter() {
            let shape = match &mark.shape {
                Shape::Value { keys } => {
                    format!("Shape::Value {{ keys: Cow::Borrowed({}) }}", self.texts(keys)?)
                }
                plain => format!("Shape::{plain:?}"),
            };
            let (pattern, places) = (pattern_source(&mark.pattern), mark.places.0);
            marks.push(format!("Mark {{ shape: {shape}, pattern: {pattern}, places: Places({places}) }}"));
        }
        let literals = self.texts(&form.literals)?;
        let (needs, unless) = (self.companions(&form.needs)?, self.companions(&form.unless)?);
        let name = self.name();
        writeln!(self.out, "static {name}: [Mark; {}] = [{}];", marks.len(), marks.join(", "))?;
        Ok(format!(
            "Form {{ issuer: Issuer::{:?}, literals: Cow::Borrowed({literals}), marks: Marks::BuiltIn(&{name}), \
             needs: Cow::Borrowed({needs}), unless: Cow::Borrowed({unless}) }}",
            form.issuer
        ))
    }

    fn companions(&mut self, companions: &[Companion]) -> Result<String, std::fmt::Error> {
        let mut items = Vec::new();
        for Companion { words, least, lines } in companions {
            let words = self.texts(words)?;
            items.push(format!("Companion {{ words: Cow::Borrowed({words}), least: {least}, lines: {lines} }}"));
        }
        let name = self.name();
        writeln!(self.out, "static {name}: [Companion; {}] = [{}];", items.len(), items.join(", "))?;
        Ok(format!("&{name}"))
    }

    fn checks(&mut self, checks: &[rule::CheckUse]) -> Result<String, std::fmt::Error> {
        let mut items = Vec::new();
        for check in checks {
            let args = self.name();
            let pairs: Vec<String> =
                check.args.0.iter().map(|(key, value)| format!("({}, {})", text(key), text(value))).collect();
            writeln!(self.out, "static {args}: [(Text, Text); {}] = [{}];", pairs.len(), pairs.join(", "))?;
            items.push(format!("CheckUse {{ name: {}, args: Args(Cow::Borrowed(&{args})) }}", text(&check.name)));
        }
        let name = self.name();
        writeln!(self.out, "static {name}: [CheckUse; {}] = [{}];", items.len(), items.join(", "))?;
        Ok(format!("&{name}"))
    }
}

fn pattern_source(pattern: &rule::Pattern) -> String {
    let [shortest, longest, lead] = [pattern.shortest(), pattern.longest(), pattern.lead()];
    format!(
        "Pattern::checked({:?}, {}, [{shortest}, {longest}, {lead}], {}, {:?}, Program::made(b\"{}\"))",
        pattern.source(),
        pattern.ignores_case(),
        pattern.begins_token(),
        pattern.alphabet(),
        pattern.program().code().escape_ascii()
    )
}

fn text(text: &Text) -> String {
    format!("Cow::Borrowed({text:?})")
}

fn option(value: Option<&Text>) -> String {
    value.map_or_else(|| "None".into(), |value| format!("Some({})", text(value)))
}
