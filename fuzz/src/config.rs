//! Any text as a config and as a rule file: read, checked, its errors drawn, and its rules and policy put to use.
//! Each must end in `Ok` or `Err`, and soon.

#![no_main]

use std::hint::black_box;

use libfuzzer_sys::fuzz_target;
use tightlip::catalogue::RuleSet;
use tightlip::config;
use tightlip::date::Date;
use tightlip::engine::{self, Options};
use tightlip::policy::{InlineAllow, Policy};
use tightlip::progress::Silent;
use tightlip::report::{Style, error};
use tightlip::rule::{Rule, RuleSyntax, example};
use tightlip::yaml::{self, ConfigError};
use tightlip_fuzz::{Memory, ids};

/// Something for own rules and changed ones to find.
const TEXT: &[u8] =
    b"password = \"hunter2-Tr0ub4dor\" # tightlip: allow generic-password -- an example\nid: abc-0123456789\n";

fuzz_target!(|input: &[u8]| {
    let text = String::from_utf8_lossy(input);
    if let Err(error) = whole(&text) {
        draw(&error);
    }
    match yaml::parse::<Vec<RuleSyntax>>("rules.yml", &text) {
        Ok(written) => written.iter().for_each(check),
        Err(error) => draw(&error),
    }
    black_box(InlineAllow::parse(input));
});

/// From the text of a config to a scan under it.
fn whole(text: &str) -> Result<(), ConfigError> {
    let (raw, document) = config::parse(config::NAME, text)?;
    raw.rules.iter().for_each(check);
    let mut policy = Policy::new(raw, &document, ids(), Date::default())?;
    for path in ["src/main.rs", "", "../a\nb", "vendor/x/y.lock"] {
        black_box(policy.leaves_out(path));
    }
    let rules = RuleSet::new(std::mem::take(&mut policy.rules), &std::mem::take(&mut policy.changes));
    let source = Memory { path: "src/main.rs", bytes: TEXT, step: usize::MAX };
    let outcome = engine::scan(&source, &rules, &policy, Options { threads: 1, ..Options::default() }, &Silent);
    for gap in &outcome.gaps {
        assert!(!gap.why.contains("the scanner failed"), "a panic was caught: {gap:?}");
    }
    Ok(())
}

/// A rule whose form is right meets its examples.
fn check(syntax: &RuleSyntax) {
    if let Ok(rule) = Rule::parse(syntax) {
        let _ = black_box(example::check(syntax, &rule));
    }
}

/// An error must be printable, and obey no character of the text that it shows.
fn draw(error: &ConfigError) {
    let drawn = error::drawn(error, &Style::plain());
    let obeyed = drawn.chars().find(|letter| letter.is_control() && *letter != '\n');
    assert_eq!(obeyed, None, "{drawn}");
}
