//! What others wrote, or what was written earlier: saved reports, peers' reports, peers' configs, policies above and of
//! repositories, addresses of remotes. Each must be read or refused, and soon. What is made of them is checked: a report
//! prints, a config that is written can be read, the name of a destination names itself.

#![no_main]

use std::hint::black_box;

use libfuzzer_sys::fuzz_target;
use tightlip::compare;
use tightlip::config::{self, Believed};
use tightlip::date::Date;
use tightlip::migrate::{self, KINDS, Plan};
use tightlip::policy::layer::{Layer, Layers, Rank};
use tightlip::policy::tier::Destination;
use tightlip::report::{FORMATS, Style, error, saved};
use tightlip::yaml::{ConfigError, Document};

fuzz_target!(|input: &[u8]| {
    let Some((choice, bytes)) = input.split_first() else { return };
    let text = String::from_utf8_lossy(bytes);
    match choice % 5 {
        0 => saved_report(bytes),
        1 => drop(black_box(compare::read("peer.json", bytes))),
        2 => moved_in(usize::from(choice / 5), &text),
        3 => layers(&text),
        _ => destination(text.lines().next().unwrap_or_default()),
    }
});

/// One that is read prints in every format, and merges with itself.
fn saved_report(bytes: &[u8]) {
    let Ok(outcome) = saved::read("saved.json", bytes) else { return };
    let Ok(again) = saved::read("saved.json", bytes) else { panic!("read once, and not twice") };
    for outcome in [outcome, saved::merge(vec![again])] {
        for format in FORMATS {
            let mut out = Vec::new();
            (format.report)(&Style::plain()).write(&outcome, &mut out).expect("memory takes every byte");
            let out = String::from_utf8(out).expect("reports are UTF-8");
            let obeyed = out.chars().find(|letter| letter.is_control() && *letter != '\n');
            assert_eq!(obeyed, None, "{}: {out}", format.name);
        }
    }
}

/// The config that comes of a peer's file is one.
fn moved_in(kind: usize, text: &str) {
    let kind = &KINDS[kind % KINDS.len()];
    let tree = ["src/main.rs", "docs/a.md", "vendor/x/y.lock", "a b"].map(str::to_owned);
    let mut plan = Plan::default();
    plan.read(kind, kind.files[0], text, &tree, &|_| None);
    let config = migrate::config(&plan, "00112233445566778899aabbccddeeff", &[]);
    let parsed = config::parse(config::NAME, &config);
    let (raw, document) = parsed.unwrap_or_else(|error| panic!("{}\n{config}", error::drawn(&error, &Style::plain())));
    let made = [Layer::of_repository(Rank::Repository, raw, document)].into_iter().collect::<Layers>();
    if let Err(error) = made.policy(Date::default()) {
        panic!("{}\n{config}", error::drawn(&error, &Style::plain()));
    }
}

/// The text as the policy of a machine above itself as that of a repository.
fn layers(text: &str) {
    let document = Document::new("policy.yml", text);
    let above = document.parse().map(|raw| Believed { raw, document });
    let own = config::parse(config::NAME, text).map(|(raw, it)| Layer::of_repository(Rank::Repository, raw, it));
    let mut all = Vec::new();
    match above {
        Ok(believed) => all.extend(Layer::above(Rank::Machine, believed)),
        Err(error) => draw(&error),
    }
    match own {
        Ok(layer) => all.push(layer),
        Err(error) => draw(&error),
    }
    if let Err(error) = black_box(all.into_iter().collect::<Layers>().policy(Date::default())) {
        draw(&error);
    }
}

/// An error must be printable, and obey no character of the text that it shows.
fn draw(error: &ConfigError) {
    let drawn = error::drawn(error, &Style::plain());
    let obeyed = drawn.chars().find(|letter| letter.is_control() && *letter != '\n');
    assert_eq!(obeyed, None, "{drawn}");
}

fn destination(url: &str) {
    let local = |path: &str| format!("/srv/{path}");
    let found = Destination::of_url(url, &local);
    if let Some(again) = Destination::named(found.id(), &local) {
        assert_eq!(again, found, "{url:?}");
    }
}
