//! How well `rarity` tells labelled secrets from the rest, beside Shannon entropy; what `placeholder` and `shape` say
//! of them; and what each costs. Reads group, label and value, tab-separated, from stdin:
//! `src/judge/randomness.py --values labelled.jsonl | cargo run --release --example randomness_auc`

#![allow(clippy::print_stdout, reason = "a tool for the makers of the table, which prints")]

use std::collections::BTreeMap;
use std::hint::black_box;
use std::io::Read;
use std::time::Instant;
use tightlip::judge::placeholder::placeholder;
use tightlip::judge::randomness::{rarity, shannon};
use tightlip::judge::shape::{mix, shape};
use tightlip::judge::words::wordiness;

struct Row<'t> {
    group: &'t str,
    label: &'t str,
    value: &'t [u8],
}

fn main() {
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text).expect("stdin is text");
    let rows: Vec<Row<'_>> = text
        .lines()
        .filter_map(|line| {
            let mut fields = line.splitn(3, '\t');
            Some(Row { group: fields.next()?, label: fields.next()?, value: fields.next()?.as_bytes() })
        })
        .collect();
    print_auc(&rows);
    print_counts("placeholder", &rows, |value| placeholder(value).unwrap_or("-").to_owned());
    print_counts("shape", &rows, |value| format!("{:?}", shape(value)).split('(').next().unwrap_or("?").to_owned());
    print_costs(&rows);
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    for row in rows.iter().filter(|row| wanted.first().is_some_and(|label| label == row.label)) {
        let reason = placeholder(row.value).unwrap_or("-");
        let kind = format!("{:?}", shape(row.value));
        let value = String::from_utf8_lossy(row.value);
        println!(
            "{:9} {reason:18} {kind:16} {:5.2} {:4.2} {value:.100}",
            row.group,
            rarity(row.value),
            wordiness(row.value)
        );
    }
}

fn print_auc(rows: &[Row<'_>]) {
    println!(
        "{:10}{:>8}{:>6}{:>8}{:>9}{:>9}{:>11}",
        "group", "length", "true", "others", "shannon", "rarity", "wordiness"
    );
    for group in ["generic", "password"] {
        for (name, low, high) in [("all", 0, usize::MAX), ("< 16", 0, 15), (">= 16", 16, usize::MAX)] {
            let chosen = |row: &&Row<'_>| row.group == group && (low..=high).contains(&row.value.len());
            let (secret, other): (Vec<_>, Vec<_>) = rows.iter().filter(chosen).partition(|row| row.label == "true");
            let auc = |judge: fn(&[u8]) -> f32| {
                let score = |rows: &[&Row<'_>]| rows.iter().map(|row| judge(row.value)).collect::<Vec<f32>>();
                auc(&score(&secret), &score(&other))
            };
            println!(
                "{group:10}{name:>8}{:6}{:8}{:9.3}{:9.3}{:11.3}",
                secret.len(),
                other.len(),
                auc(shannon),
                auc(rarity),
                auc(|value| 1.0 - wordiness(value))
            );
        }
    }
}

/// Chance that a secret scores above another value; ties count half.
fn auc(secret: &[f32], other: &[f32]) -> f64 {
    let won: f64 = secret
        .iter()
        .flat_map(|mine| other.iter().map(move |theirs| mine.total_cmp(theirs)))
        .map(|order| match order {
            std::cmp::Ordering::Greater => 1.0,
            std::cmp::Ordering::Equal => 0.5,
            std::cmp::Ordering::Less => 0.0,
        })
        .sum();
    won / (secret.len() * other.len()).max(1) as f64
}

fn print_counts(title: &str, rows: &[Row<'_>], judge: fn(&[u8]) -> String) {
    let mut table: BTreeMap<(String, String), usize> = BTreeMap::new();
    let mut totals: BTreeMap<String, usize> = BTreeMap::new();
    for row in rows {
        let column = format!("{} {}", row.group, row.label);
        *table.entry((judge(row.value), column.clone())).or_default() += 1;
        *totals.entry(column).or_default() += 1;
    }
    print!("\n{title:20}");
    for (name, sum) in &totals {
        print!("{name:>18} {sum:5}");
    }
    println!();
    let names: std::collections::BTreeSet<&String> = table.keys().map(|(name, _)| name).collect();
    for name in names {
        let cells = totals.iter().map(|(column, sum)| {
            let count = table.get(&(name.clone(), column.clone())).copied().unwrap_or(0);
            format!("{count:18}{:5.1}%", 100.0 * count as f64 / *sum as f64)
        });
        println!("{name:20}{}", cells.collect::<String>());
    }
}

fn print_costs(rows: &[Row<'_>]) {
    let values: Vec<&[u8]> = rows.iter().map(|row| row.value).collect();
    let bytes: usize = values.iter().map(|value| value.len().min(128)).sum();
    println!("\n{} values, {:.1} bytes each (up to 128)", values.len(), bytes as f64 / values.len() as f64);
    let long: Vec<&[u8]> = values.iter().copied().filter(|value| value.len() >= 64).collect();
    let long_bytes: usize = long.iter().map(|value| value.len().min(128)).sum();
    cost("rarity >= 64", &long, long_bytes, &|value| {
        black_box(rarity(value));
    });
    cost("shannon", &values, bytes, &|value| {
        black_box(shannon(value));
    });
    cost("rarity", &values, bytes, &|value| {
        black_box(rarity(value));
    });
    cost("wordiness", &values, bytes, &|value| {
        black_box(wordiness(value));
    });
    cost("placeholder", &values, bytes, &|value| {
        black_box(placeholder(value));
    });
    cost("shape", &values, bytes, &|value| {
        black_box(shape(value));
    });
    cost("mix", &values, bytes, &|value| {
        black_box(mix(value));
    });
}

fn cost(name: &str, values: &[&[u8]], bytes: usize, judge: &dyn Fn(&[u8])) {
    let rounds = 40;
    let mut best = f64::MAX;
    for _ in 0..rounds {
        let start = Instant::now();
        for value in values {
            judge(black_box(value));
        }
        best = best.min(start.elapsed().as_nanos() as f64);
    }
    println!("{name:12} {:6.2} ns a byte {:8.1} ns a value", best / bytes as f64, best / values.len() as f64);
}
