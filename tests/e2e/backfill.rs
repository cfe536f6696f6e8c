//! `backfill`: a run for each date, oldest first; the same command goes on where it stopped.

use crate::support::{Scratch, crosstie_in, expect_code, hashes, stderr, stdout};
use std::process::Output;

fn backfill(scratch: &Scratch, more: &[&str]) -> Output {
    crosstie_in(scratch.path(), &[&["backfill", "p.toml"], more].concat())
}

#[test]
fn dates_are_run_oldest_first_and_what_is_committed_is_skipped() {
    let scratch = Scratch::tiny();
    let ran = backfill(&scratch, &["--from", "2026-03-08", "--to", "2026-03-15", "--step", "7"]);
    expect_code(&ran, 0);
    assert_eq!(stdout(&ran), "2026-03-08: committed\n2026-03-15: committed\n");
    let first = hashes(&scratch.path().join("out"));

    // Nothing is read for a date that is committed: sources that are gone are not missed.
    let mail = scratch.read(scratch.mail());
    let broken = mail.replace("sent_at", "other");
    scratch.write(scratch.mail(), &broken);
    let again = backfill(&scratch, &["--from", "2026-03-08", "--to", "2026-03-15", "--step", "7"]);
    expect_code(&again, 0);
    assert_eq!(stdout(&again), "2026-03-08: committed before\n2026-03-15: committed before\n");
    assert_eq!(hashes(&scratch.path().join("out")), first);

    // One date more: it fails, is named, and the dates before it stay.
    let failed = backfill(&scratch, &["--from", "2026-03-08", "--to", "2026-03-15", "--step", "1"]);
    expect_code(&failed, 65);
    let said = stderr(&failed);
    assert!(said.contains("I213") && said.contains("C108") && said.contains("stopped at 2026-03-09"), "{said}");
    assert_eq!(hashes(&scratch.path().join("out")), first);

    // Mended, the same command goes on from there.
    scratch.write(scratch.mail(), &mail);
    let went_on = backfill(&scratch, &["--from", "2026-03-08", "--to", "2026-03-15", "--step", "1"]);
    expect_code(&went_on, 0);
    let lines: Vec<String> = stdout(&went_on).lines().map(str::to_string).collect();
    assert_eq!((lines.len(), lines[0].as_str()), (8, "2026-03-08: committed before"));
    assert!(lines[1..7].iter().all(|line| line.ends_with(": committed")), "{lines:?}");

    // Other inputs: only `--rerun all` looks at them.
    let (head, _) = mail.trim_end().rsplit_once('\n').unwrap();
    scratch.write(scratch.mail(), &format!("{head}\n"));
    let dates = ["--from", "2026-03-15", "--to", "2026-03-15"];
    assert_eq!(stdout(&backfill(&scratch, &dates)), "2026-03-15: committed before\n");
    let rerun = backfill(&scratch, &[dates.as_slice(), &["--rerun", "all"]].concat());
    expect_code(&rerun, 0);
    assert_eq!(stdout(&rerun), "2026-03-15: committed\n");
    assert!(scratch.path().join("out/runs/2026-03-15.002.json").exists());
    expect_code(&crosstie_in(scratch.path(), &["verify", "out"]), 0);
}

#[test]
fn dates_the_wrong_way_round_are_a_usage_error() {
    let scratch = Scratch::tiny();
    let refused = backfill(&scratch, &["--from", "2026-03-15", "--to", "2026-03-08"]);
    expect_code(&refused, 2);
    assert!(stderr(&refused).contains("C106"), "{}", stderr(&refused));
    expect_code(&backfill(&scratch, &["--from", "2026-03-15", "--to", "2026-03-15", "--step", "0"]), 2);
}
