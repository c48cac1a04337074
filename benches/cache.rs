//! What the cache of clean blobs costs a run: opening it, asking it, and writing it down.
//!
//!     cargo bench --bench cache
//!
//! Each figure is the median of some rounds in a folder for temporary files, and their best in brackets.

#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a measurement makes its own files, prints what it finds, and may fail"
)]

use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};
use std::{env, fs};

use tightlip::cache::{Cache, Identity};

const IDENTITY: Identity<'_> = Identity { program: "bench", rules: &[7; 32], report: 40, repository: b"/some/.git" };
const PATH: &str = "src/some/folder/of/a/project/module.rs";

fn main() {
    let dir = env::temp_dir().join(format!("tightlip-bench-cache-{}", std::process::id()));
    let _ = fs::remove_dir_all(&dir);
    let anew = measured(51, || {
        let _ = fs::remove_dir_all(&dir);
        timed(|| drop(black_box(open(&dir))))
    });
    println!("open where there is none   {anew}");
    println!("open an empty one          {}", measured(101, || timed(|| drop(black_box(open(&dir))))));
    let mut known = 0;
    for entries in [1_000, 10_000, 100_000, 1_000_000] {
        let cache = open(&dir);
        (known..entries).for_each(|number| cache.mark_clean(&id(number), PATH));
        known = entries;
        cache.save();
        let kib = fs::metadata(dir.join("clean")).unwrap().len() / 1024;
        println!("\n{entries} entries, {kib} KiB");
        for asked in [5, 100, 10_000] {
            let ask = || {
                timed(|| {
                    let cache = open(&dir);
                    let found = (0..asked).filter(|number| cache.is_clean(&id(number % entries), PATH)).count();
                    black_box(found);
                })
            };
            println!("  open, ask for {asked:6}     {}", measured(31, ask));
        }
        let mut fresh = 10_000_000;
        for marked in [5, 10_000] {
            let save = || {
                let cache = open(&dir);
                fresh += marked;
                (fresh..fresh + marked).for_each(|number| cache.mark_clean(&id(number), PATH));
                timed(|| cache.save())
            };
            println!("  write down {marked:6}        {}", measured(if marked == 5 { 31 } else { 3 }, save));
        }
    }
    fs::remove_dir_all(dir).unwrap();
}

fn open(dir: &Path) -> Cache {
    Cache::open(dir, &IDENTITY).unwrap()
}

fn id(number: u32) -> [u8; 20] {
    let mut id = [0x5a; 20];
    id[..4].copy_from_slice(&number.to_be_bytes());
    id
}

fn timed(run: impl FnOnce()) -> Duration {
    let begin = Instant::now();
    run();
    begin.elapsed()
}

fn measured(rounds: usize, mut round: impl FnMut() -> Duration) -> String {
    let mut times: Vec<Duration> = (0..rounds).map(|_| round()).collect();
    times.sort();
    let ms = |time: Duration| time.as_secs_f64() * 1e3;
    format!("{:8.3} ms ({:.3})", ms(times[rounds / 2]), ms(times[0]))
}
