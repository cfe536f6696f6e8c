//! `audit` finds nothing in one release, and what two of them tell of a few people.

use crate::support::{Scratch, crosstie_in, expect_code, stderr, stdout};
use std::fs;

fn audited(scratch: &Scratch, code: i32) -> (String, String) {
    let ran = crosstie_in(scratch.path(), &["audit", "out"]);
    expect_code(&ran, code);
    (stdout(&ran), stderr(&ran))
}

/// Examined and exposed of the attack whose line begins so.
fn found(text: &str, attack: &str) -> (u64, u64) {
    let line = text.lines().find(|line| line.starts_with(attack)).unwrap();
    let mut numbers = line.split_whitespace().rev().map(|word| word.parse().unwrap());
    let exposed = numbers.next().unwrap();
    (numbers.next().unwrap(), exposed)
}

#[test]
fn one_release_tells_of_nobody_and_two_may_tell_of_a_few() {
    let scratch =
        Scratch::synth(&["--people", "200", "--messages", "12000", "--days", "28", "--silos", "1", "--seed", "5"]);
    let fast = "[measure]\nreplicates = 200\npermutations = 50\n\n[silos]\nrestarts = 1\n\n[window]\n";
    scratch.edit("p.toml", "[window]\n", fast);
    expect_code(&scratch.run(&["--quiet", "--date", "2026-03-28"]), 0);
    let (one, _) = audited(&scratch, 0);
    let (shown, hidden) = (found(&one, "cells of a few people"), found(&one, "hidden cells that follow"));
    assert!(shown.0 > 5 && shown.1 == 0 && hidden.0 > 1 && hidden.1 == 0, "{one}");
    assert_eq!(found(&one, "cells whose change tells"), (0, 0), "nothing to compare");
    assert!(one.trim_end().ends_with("1 dates."), "{one}");

    // A day later, with a window as long: few people wrote on the days by which the two differ.
    let later = scratch.run(&["--quiet", "--date", "2026-03-29"]);
    expect_code(&later, 0);
    let (two, why) = audited(&scratch, 77);
    let changed = found(&two, "cells whose change tells");
    assert!(changed.0 > 0 && changed.1 > 0, "{two}");
    assert!(why.contains("P108") && !why.contains('@'), "{why}");
}

#[test]
fn what_is_not_what_was_published_is_not_judged() {
    let scratch = Scratch::tiny();
    expect_code(&crosstie_in(scratch.path(), &["audit", "org"]), 66);
    expect_code(&scratch.run(&["--quiet"]), 0);
    audited(&scratch, 0);
    fs::write(scratch.path().join("out/data/units/snapshot_date=2026-03-15/part-00000.parquet"), "PAR1").unwrap();
    assert!(audited(&scratch, 65).1.contains("S103"));
}
