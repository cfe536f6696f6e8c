//! `audit` finds nothing in one release, nor in several, since a release does not show what a few people changed.

use crate::support::{Scratch, crosstie_in, expect_code, files, stderr, stdout};
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
fn releases_tell_of_nobody() {
    let scratch =
        Scratch::synth(&["--people", "200", "--messages", "12000", "--days", "28", "--silos", "1", "--seed", "5"]);
    let fast = "[measure]\nreplicates = 200\npermutations = 50\n\n[silos]\nrestarts = 1\n\n[window]\n";
    scratch.edit("p.toml", "[window]\n", fast);
    expect_code(&scratch.run(&["--quiet", "--date", "2026-03-28"]), 0);
    let (one, _) = audited(&scratch, 0);
    let (shown, hidden) = (found(&one, "cells of a few people"), found(&one, "hidden cells that follow"));
    assert!(shown.0 > 5 && shown.1 == 0 && hidden.0 > 1 && hidden.1 == 0, "{one}");
    assert_eq!(found(&one, "sums whose change tells"), (0, 0), "nothing to compare");
    assert!(one.contains("\n1 dates.\n"), "{one}");

    // A day later nothing is released: what few people wrote would be the difference.
    let later = scratch.run(&["--date", "2026-03-29"]);
    expect_code(&later, 0);
    let said = stdout(&later);
    assert!(said.contains("what is published of 2026-03-28 stands until the run of 2026-04-04"), "{said}");
    let tables = |date: &str| {
        let data = files(&scratch.path().join("out/data"));
        data.into_iter().filter(|path| path.display().to_string().contains(date)).count()
    };
    assert_eq!((tables("2026-03-28"), tables("2026-03-29")), (11, 2), "coverage and the catalogue");
    assert!(!scratch.path().join("out/reports/2026-03-29").exists());
    let attacks =
        |text: &str| text.lines().filter(|line| !line.starts_with("files")).map(str::to_string).collect::<Vec<_>>();
    assert_eq!(attacks(&audited(&scratch, 0).0), attacks(&one));
    let none = crosstie_in(scratch.path(), &["report", "out", "--date", "2026-03-29"]);
    expect_code(&none, 66);
    assert!(stderr(&none).contains("released dates: 2026-03-28"), "{}", stderr(&none));
    // Where every run releases, what may not change goes on showing what it showed.
    scratch.edit("p.toml", "[privacy]\n", "[privacy]\nrelease_days = 1\n");
    let mut carried = 0;
    for date in ["2026-03-29", "2026-03-30", "2026-03-31"] {
        expect_code(&scratch.run(&["--quiet", "--date", date]), 0);
        carried += manifest_of(&scratch, date)["carried"]
            .as_object()
            .map_or(0, |by_table| by_table.values().map(|rows| rows.as_u64().unwrap()).sum());
    }
    let (all, _) = audited(&scratch, 0);
    assert!(found(&all, "sums whose change tells").0 > 0 && carried > 0, "{carried} carried: {all}");
    assert!(all.contains("\n4 dates.\n"), "{all}");
    expect_code(&crosstie_in(scratch.path(), &["verify", "out"]), 0);
}

/// The newest manifest of a date.
fn manifest_of(scratch: &Scratch, date: &str) -> serde_json::Value {
    let runs = files(&scratch.path().join("out/runs"));
    let newest = runs.into_iter().rfind(|path| path.display().to_string().contains(date)).unwrap();
    serde_json::from_slice(&fs::read(newest).unwrap()).unwrap()
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

#[test]
fn a_unit_that_bears_a_name_is_coded_and_a_file_that_holds_one_is_seen() {
    let scratch = Scratch::tiny();
    scratch.edit("p.toml", "class = \"class\"\n", "class = \"class\"\nname = [\"name\"]\n");
    let directory = fs::read_to_string(scratch.path().join("org/directory.csv")).unwrap();
    let mut units = directory.lines().skip(1).map(|line| line.split(',').nth(4).unwrap());
    let unit = units.next().unwrap();
    let other = units.find(|other| *other != unit && other.contains(' ')).unwrap();
    let with_names = |unit_is_called: &str, first_is_called: &str| {
        let directory = directory.replace(&format!(",{unit},"), &format!(",{unit_is_called},"));
        let named = directory.lines().enumerate().map(|(at, line)| match at {
            0 => format!("{line},name\n"),
            1 => format!("{line},{first_is_called}\n"),
            other => format!("{line},Given{other} Family\n"),
        });
        scratch.write("org/directory.csv", &named.collect::<String>());
    };
    with_names("Ada Lovelace's Team", "Ada Lovelace");
    expect_code(&scratch.run(&["--quiet"]), 0);
    let audited = |code| {
        let ran = crosstie_in(scratch.path(), &["audit", "out", "--pipeline", "p.toml"]);
        expect_code(&ran, code);
        found(&stdout(&ran), "files that name somebody")
    };
    let files = audited(0);
    assert!(files.0 > 10 && files.1 == 0, "{files:?}");
    // Whoever is called as another unit is.
    with_names(unit, other);
    let named = audited(77);
    assert!(named.0 == files.0 && named.1 > 0, "{named:?}");
}
