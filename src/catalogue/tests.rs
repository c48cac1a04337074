use super::*;

#[test]
fn the_prefilter_in_the_binary_is_the_one_that_would_be_made() {
    let rules = RuleSet::default();
    let made = Probe::new(literals(rules.rules()));
    assert!(rules.probe.is_none() && rules.probe().literals() == made.literals());
    assert_eq!(rules.probe().table(), made.table());
    let made = Probe::new(marker::literals(rules.rules(), |hint| hint));
    assert!(rules.marker_probe.is_none() && rules.marker_probe().literals() == made.literals());
    assert_eq!(rules.marker_probe().table(), made.table());
}

/// Each in its own place of the vector tables: one that they have lost would never be found again, and no hit of a rule
/// needs all of its literals.
#[test]
fn every_literal_is_found() {
    let rules = RuleSet::default();
    all_found(rules.probe());
    all_found(rules.marker_probe());
}

fn all_found<W: Clone>(probe: &Probe<W>) {
    let mut found = crate::rule::Found::default();
    for literal in probe.literals() {
        let text = format!("\n{}1a2B3c4D5e6F7g8H9i0J1k2L3m4N5o6P\n", literal.text);
        let mut times = 0;
        probe.find(text.as_bytes(), &mut found, |at, other| {
            times += usize::from(at == 1 && other.text == literal.text);
        });
        assert!(times > 0, "{:?} is not found", literal.text);
    }
}

#[test]
fn rules_for_runs_are_woken_as_if_each_were_asked() {
    let rules = RuleSet::default();
    let all = || rules.rules().filter(|(_, rule)| matches!(rule.wake, Wake::Run { .. }));
    let words: Vec<&str> = all()
        .flat_map(|(_, rule)| rule.near.iter().flat_map(|near| near.words.iter()))
        .map(|word| word.trim_end_matches('*'))
        .collect();
    let mut state = 5_u64;
    let mut roll = |sides: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % sides
    };
    let mut sum = 0;
    for _ in 0..2_500 {
        let mut text = String::new();
        for _ in 0..roll(12) {
            text += words[roll(words.len())];
            text += ["_", " ", "\n", "=", "x", ""][roll(6)];
            let len = [32, 40, 40, 64, 20, 17][roll(6)];
            let alphabet: &[u8] =
                [b"0123456789abcdef".as_slice(), b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"]
                    [roll(2)];
            text.extend((0..len * roll(2)).map(|_| char::from(alphabet[roll(alphabet.len())])));
            text += ["\n", "\"", "-", &" ".repeat(roll(300))][roll(4)];
        }
        let bytes = text.as_bytes();
        let mut runs = Vec::new();
        crate::rule::token_runs(bytes, &mut runs);
        let (mut seen, mut woken, mut expected) = (NearSeen::default(), Vec::new(), Vec::new());
        for run in runs {
            crate::rule::pieces(bytes, run, |piece| {
                rules.for_run(bytes, piece, &mut seen, |index, places| {
                    woken.push((piece, index, places.to_vec()));
                });
                for (index, rule) in
                    all().filter(|(_, rule)| rule.admits(piece.of(bytes)) && rarity(piece.of(bytes)) >= RANDOM)
                {
                    let mut places = rule.near.as_ref().expect("a run rule has words").places(bytes, piece);
                    places.sort_unstable();
                    if !places.is_empty() {
                        expected.push((piece, index, places));
                    }
                }
            });
        }
        sum += expected.len();
        assert_eq!(woken, expected, "{text}");
    }
    assert!(sum > 1_000, "{sum}");
}

#[test]
fn no_random_token_is_taken_for_words() {
    let alphabets: [&[u8]; 5] = [
        b"0123456789abcdef",
        b"abcdefghijklmnopqrstuvwxyz234567",
        b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567",
        b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
        b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_",
    ];
    let mut state = 5_u64;
    let mut lowest = f32::MAX;
    for round in 0..100_000 {
        let alphabet = alphabets[round % alphabets.len()];
        let token: Vec<u8> = (0..16 + round % 25)
            .map(|_| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                alphabet[(state >> 33) as usize % alphabet.len()]
            })
            .collect();
        lowest = lowest.min(rarity(&token));
    }
    assert!(lowest >= RANDOM, "{lowest}");
}
