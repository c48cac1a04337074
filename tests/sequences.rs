//! Random sequences of what people do with git, with tightlip as the hook. Whatever was done, the hook's verdict must be
//! what the commit then adds: it blocks a commit that adds a planted token, and no other.
//! `TIGHTLIP_SEQUENCES=1000` runs as many (they take about a quarter of a second each), `TIGHTLIP_SEQUENCE=17` that one.

#![cfg(unix)]
#![allow(
    clippy::disallowed_methods,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests read files of their own, and may fail"
)]

mod common;
#[path = "sequences/world.rs"]
mod world;

use std::fs;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use world::World;

const STEPS: u64 = 14;

#[test]
fn the_hook_blocks_what_adds_a_token_and_nothing_else() {
    let number = |name: &str| std::env::var(name).ok().map(|value| value.parse::<u64>().unwrap());
    let (first, last) = match number("TIGHTLIP_SEQUENCE") {
        Some(one) => (one, one + 1),
        None => (0, number("TIGHTLIP_SEQUENCES").unwrap_or(60)),
    };
    let (next, wrong) = (AtomicU64::new(first), Mutex::new(Vec::new()));
    let (judged, blocked) = (AtomicU64::new(0), AtomicU64::new(0));
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(2, std::num::NonZero::get) {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= last {
                        break;
                    }
                    let world = sequence(seed);
                    judged.fetch_add(world.judged, Ordering::Relaxed);
                    blocked.fetch_add(world.blocked, Ordering::Relaxed);
                    let log = world.log.join("\n  ");
                    let said = world.wrong.iter().map(|what| format!("sequence {seed}: {what}\n  {log}"));
                    wrong.lock().unwrap().extend(said);
                }
            });
        }
    });
    let wrong = wrong.into_inner().unwrap();
    assert!(wrong.is_empty(), "{}\n{} wrong", wrong.join("\n"), wrong.len());
    let (judged, blocked) = (judged.into_inner(), blocked.into_inner());
    // A net that catches nothing would pass as well.
    let of_all = last - first;
    assert!(of_all < 30 || (judged > 2 * of_all && blocked > of_all / 2), "{judged} commits, {blocked} blocked");
}

fn sequence(seed: u64) -> World {
    let mut world = World::new(seed);
    for _ in 0..STEPS {
        step(&mut world);
        if !world.wrong.is_empty() {
            break;
        }
    }
    world
}

fn step(world: &mut World) {
    match world.rng.below(20) {
        0..=3 => edit_and_stage(world),
        4 | 5 => {
            world.edit();
            world.git(&["add", "-A"]);
            world.commit(&[]);
        }
        6 => {
            world.edit();
            world.commit(&["-a"]);
        }
        7 => {
            // What else is staged stays out of that commit.
            edit_and_stage(world);
            world.edit();
            if let Some(path) = world.tracked() {
                let how = if world.rng.below(3) == 0 { "--include" } else { "--only" };
                world.commit(&[how, &path]);
            }
        }
        8 => stage_a_hunk(world),
        9 => {
            if world.rng.below(2) == 0 {
                edit_and_stage(world);
            }
            world.commit(&["--amend"]);
        }
        10 => rename(world),
        11 => change_mode(world),
        12 => remove(world),
        13 => stash(world),
        14 => branch(world),
        15 | 16 => merge(world),
        17 => cherry_pick(world),
        18 => rebase(world),
        _ => world.toggle_worktree(),
    }
}

fn edit_and_stage(world: &mut World) {
    let path = world.edit();
    world.git(&["add", "--", &path]);
    // The work tree may go on to differ from the index, with a token or without.
    if world.rng.below(3) == 0 {
        world.edit();
    }
    if world.rng.below(2) == 0 {
        world.commit(&[]);
    }
}

/// As `git add -p` does: one hunk of a file goes into the index, the others do not.
fn stage_a_hunk(world: &mut World) {
    let Some(path) = world.tracked() else { return };
    world.edit_path(&path);
    world.edit_path(&path);
    let diff = world.git(&["diff", "-U0", "--no-ext-diff", "--", &path]).1;
    let starts: Vec<usize> = diff.match_indices("\n@@ ").map(|(at, _)| at + 1).collect();
    let Some(first) = starts.first() else { return };
    let chosen = world.rng.below(starts.len());
    let end = starts.get(chosen + 1).copied().unwrap_or(diff.len());
    let patch = format!("{}{}", &diff[..*first], alone(&diff[starts[chosen]..end]));
    fs::write(world.file_beside("hunk"), patch).unwrap();
    let hunk = world.file_beside("hunk");
    world.git(&["apply", "--cached", "--unidiff-zero", hunk.to_str().unwrap()]);
    world.commit(&[]);
}

/// A hunk without context, as it is where those before it are left out: then it stands elsewhere in the new file.
fn alone(hunk: &str) -> String {
    let (head, lines) = hunk.split_once('\n').unwrap();
    let words: Vec<&str> = head.split(' ').collect();
    let (from, len) = words[1][1..].split_once(',').unwrap_or((&words[1][1..], "1"));
    let (_, new_len) = words[2].split_once(',').unwrap_or(("", "1"));
    let from: u64 = from.parse().unwrap();
    // A hunk that only adds names the line before it, and one that only removes too, on the other side.
    let to = from + u64::from(len == "0") - u64::from(new_len == "0");
    format!("@@ -{from},{len} +{to},{new_len} @@\n{lines}")
}

fn rename(world: &mut World) {
    let Some(path) = world.tracked() else { return };
    let to = world.new_path();
    world.git(&["mv", "--", &path, &to]);
    if world.rng.below(2) == 0 {
        world.edit_path(&to);
        world.git(&["add", "--", &to]);
    }
    world.commit(&[]);
}

fn change_mode(world: &mut World) {
    let Some(path) = world.tracked() else { return };
    let mode = if world.rng.below(2) == 0 { "--chmod=+x" } else { "--chmod=-x" };
    world.git(&["update-index", mode, "--", &path]);
    world.commit(&[]);
}

fn remove(world: &mut World) {
    let Some(path) = world.tracked() else { return };
    world.git(&["rm", "-q", "-f", "--", &path]);
    world.commit(&[]);
}

fn stash(world: &mut World) {
    world.edit();
    world.git(&["stash", "-q"]);
    world.edit();
    world.git(&["add", "-A"]);
    world.commit(&[]);
    if world.git(&["stash", "pop", "-q"]).0 != 0 {
        world.resolve();
        world.git(&["stash", "drop", "-q"]);
    }
    world.commit(&["-a"]);
}

fn branch(world: &mut World) {
    world.settle();
    let name = format!("side-{}", world.rng.below(1 << 40));
    world.git(&["checkout", "-q", "-b", &name]);
    world.edit();
    world.git(&["add", "-A"]);
    world.commit(&[]);
    let there = world.branch();
    world.git(&["checkout", "-q", &there]);
}

fn merge(world: &mut World) {
    world.settle();
    let other = world.branch();
    if world.rng.below(3) == 0 {
        // Git commits by itself, unless there is a conflict.
        world.judge(&["merge", "-q", "--no-ff", "--no-edit", &other]);
        return world.settle();
    }
    if world.git(&["merge", "-q", "--no-ff", "--no-commit", &other]).0 != 0 {
        world.resolve();
    }
    // A merge can add what neither side has.
    if world.rng.below(3) == 0 {
        world.edit();
        world.git(&["add", "-A"]);
    }
    world.commit(&[]);
    world.settle();
}

fn cherry_pick(world: &mut World) {
    world.settle();
    let other = world.branch();
    if world.rng.below(2) == 0 {
        world.git(&["cherry-pick", "-n", &other]);
    } else {
        world.git(&["cherry-pick", &other]);
    }
    world.resolve();
    world.commit(&["--allow-empty"]);
    world.settle();
}

fn rebase(world: &mut World) {
    world.settle();
    let other = world.branch();
    if world.git(&["rebase", "-q", &other]).0 != 0 {
        world.resolve();
        world.commit(&[]);
        world.git(&["rebase", "--skip"]);
    }
    world.settle();
}
