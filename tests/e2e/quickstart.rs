//! The sample, run once and again; the report written again.

use crate::support::{Scratch, crosstie_in, expect_code, files, hashes, root, stdout};
use std::fs;
use std::time::SystemTime;

#[test]
fn the_samples_are_what_their_command_makes() {
    let scratch = tempfile::tempdir().unwrap();
    let made = crosstie_in(scratch.path(), &["synth", "acme", "--people", "300", "--messages", "30000", "--seed", "1"]);
    expect_code(&made, 0);
    let mut sample = hashes(&root().join("data-samples/acme"));
    sample.remove("README.md");
    assert_eq!(hashes(&scratch.path().join("acme")), sample);
}

#[test]
fn a_second_run_changes_nothing_and_says_so() {
    let scratch = Scratch::new();
    let first = scratch.run(&[]);
    expect_code(&first, 0);
    let said = stdout(&first);
    for words in [
        "people in",
        "records seen",
        "Silos cannot be judged",
        "bridge_p",
        "Report: out/reports/2026-03-29/index.html",
        "Tables: out/data",
    ] {
        assert!(said.contains(words), "no `{words}` in {said}");
    }
    let out = scratch.path().join("out");
    let state = || -> Vec<(std::path::PathBuf, SystemTime)> {
        files(&out).into_iter().map(|path| (path.clone(), fs::metadata(&path).unwrap().modified().unwrap())).collect()
    };
    let (before, times) = (hashes(&out), state());
    let second = scratch.run(&[]);
    expect_code(&second, 0);
    assert!(stdout(&second).contains("Already done"), "{}", stdout(&second));
    assert_eq!(hashes(&out), before);
    assert_eq!(state(), times);
    assert_eq!(before.keys().filter(|name| name.starts_with("runs/")).count(), 1);
}

#[test]
fn a_second_run_mends_what_lasts() {
    let scratch = Scratch::new();
    expect_code(&scratch.run(&[]), 0);
    let out = scratch.path().join("out");
    let outputs = || {
        let mut found = hashes(&out);
        found.retain(|name, _| !name.starts_with("state/"));
        found
    };
    let before = outputs();
    fs::write(out.join("state/read/index.json"), "no index").unwrap();
    expect_code(&crosstie_in(scratch.path(), &["verify", "out"]), 65);
    let mended = scratch.run(&[]);
    expect_code(&mended, 0);
    assert!(stdout(&mended).contains("What was read is kept anew; nothing else was written."), "{}", stdout(&mended));
    expect_code(&crosstie_in(scratch.path(), &["verify", "out"]), 0);
    assert_eq!(outputs(), before);
    let again = scratch.run(&[]);
    assert!(stdout(&again).contains("Nothing was written."), "{}", stdout(&again));
    assert_eq!(outputs(), before);
}

#[test]
fn another_plan_of_the_same_date_is_another_run() {
    let scratch = Scratch::new();
    expect_code(&scratch.run(&[]), 0);
    scratch.edit("p.toml", "days = 91", "days = 21");
    expect_code(&scratch.run(&[]), 0);
    let runs = hashes(&scratch.path().join("out/runs"));
    assert_eq!(runs.keys().collect::<Vec<_>>(), ["2026-03-29.001.json", "2026-03-29.002.json"]);
    // An earlier day is a run of its own and leaves the later one alone.
    let later = hashes(&scratch.path().join("out/reports/2026-03-29"));
    expect_code(&scratch.run(&["--date", "2026-03-22"]), 0);
    assert_eq!(hashes(&scratch.path().join("out/reports/2026-03-29")), later);
    assert!(scratch.path().join("out/reports/2026-03-22/index.html").exists());
}

#[test]
fn a_report_can_be_written_again_and_a_changed_table_is_found() {
    let scratch = Scratch::new();
    expect_code(&scratch.run(&[]), 0);
    let report = |more: &[&str]| crosstie_in(scratch.path(), &[&["report", "out"], more].concat());
    let same = report(&[]);
    expect_code(&same, 0);
    assert!(stdout(&same).starts_with("Unchanged"), "{}", stdout(&same));

    let html = scratch.path().join("out/reports/2026-03-29/index.html");
    let whole = fs::read(&html).unwrap();
    fs::write(&html, "gone").unwrap();
    let again = report(&["--date", "2026-03-29", "--format", "html"]);
    expect_code(&again, 0);
    assert!(stdout(&again).starts_with("Written"), "{}", stdout(&again));
    assert_eq!(fs::read(&html).unwrap(), whole);

    expect_code(&report(&["--date", "2025-01-01"]), 66);
    let table = scratch.path().join("out/data/units/snapshot_date=2026-03-29/part-00000.parquet");
    let mut bytes = fs::read(&table).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&table, bytes).unwrap();
    expect_code(&report(&[]), 65);
}

#[test]
fn a_run_can_stop_after_a_stage() {
    let scratch = Scratch::new();
    for stage in ["ingest", "ties", "graph", "measure"] {
        let stopped = scratch.run(&["--until", stage]);
        expect_code(&stopped, 0);
        assert!(stdout(&stopped).contains("nothing was committed"), "{}", stdout(&stopped));
    }
    assert!(hashes(&scratch.path().join("out/runs")).is_empty());
}

#[test]
fn check_prints_every_default_and_writes_nothing() {
    let scratch = Scratch::new();
    let before = hashes(scratch.path());
    let checked = crosstie_in(scratch.path(), &["check", "p.toml"]);
    expect_code(&checked, 0);
    let said = stdout(&checked);
    for line in ["default ties.max_recipients = 8", "file    window.days = 91", "Source `chat`", "Directory: "] {
        assert!(said.contains(line), "no `{line}` in {said}");
    }
    assert!(!said.contains("acme.example,") && !said.contains("@acme.example"), "an address is shown: {said}");
    assert_eq!(hashes(scratch.path()), before);
}
