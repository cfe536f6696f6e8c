//! Night after night against one run over everything: what is new is read, what is known is not, and the outputs are
//! the same bytes.

use crate::support::{Scratch, crosstie_in, expect_code, files, hashes, stderr};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Everything of an output folder but manifests, which tell what was committed before them.
fn outputs(scratch: &Scratch) -> BTreeMap<String, String> {
    let mut all = hashes(&scratch.path().join("out"));
    all.retain(|path, _| !path.starts_with("runs/"));
    all
}

fn log(scratch: &Scratch, more: &[&str]) -> String {
    let ran = scratch.run(&[&["--log-format", "json"], more].concat());
    expect_code(&ran, 0);
    stderr(&ran)
}

fn mail(scratch: &Scratch) -> Vec<PathBuf> {
    files(&scratch.path().join("org/mail"))
}

#[test]
fn nights_end_in_the_bytes_of_one_run_over_everything() {
    let scratch = Scratch::tiny();
    let date = ["--date", "2026-03-15"];
    let all = mail(&scratch);
    assert!(all.len() > 1);
    // The last file comes a night later, and the first has a late row then; chat is as it was.
    let (first, last) = (&all[0], all.last().unwrap());
    let (first_text, last_text) = (fs::read_to_string(first).unwrap(), fs::read_to_string(last).unwrap());
    fs::remove_file(last).unwrap();
    let (early, _) = first_text.trim_end().rsplit_once('\n').unwrap();
    fs::write(first, format!("{early}\n")).unwrap();
    // Nothing is released that night: what was released before has a say in what is released later.
    expect_code(&scratch.run(&[date.as_slice(), &["--until", "ties"]].concat()), 0);
    fs::write(last, &last_text).unwrap();
    fs::write(first, &first_text).unwrap();
    let said = log(&scratch, &date);
    assert!(said.contains(&format!("2 files read, {} known; ", all.len() - 1)), "{said}");
    let night = outputs(&scratch);

    let other = Scratch::tiny();
    expect_code(&other.run(&date), 0);
    assert_eq!(night, outputs(&other));

    // Everything anew, and nothing anew: the same.
    let full = log(&scratch, &[date.as_slice(), &["--full"]].concat());
    assert!(full.contains("0 known; "), "{full}");
    assert_eq!(outputs(&scratch), night);
    expect_code(&crosstie_in(scratch.path(), &["verify", "out"]), 0);

    // What is done already writes nothing, there either.
    let kept = hashes(&scratch.path().join("out/state/read"));
    assert!(kept.len() > 2);
    expect_code(&scratch.run(&date), 0);
    assert_eq!(hashes(&scratch.path().join("out/state/read")), kept);
}

#[test]
fn a_file_that_is_gone_is_told_and_its_ties_stay() {
    let scratch = Scratch::tiny();
    let date = ["--date", "2026-03-15"];
    expect_code(&scratch.run(&date), 0);
    let before = hashes(&scratch.path().join("out/state/ties"));
    fs::remove_file(&mail(&scratch)[0]).unwrap();
    let said = log(&scratch, &date);
    assert!(said.contains("I404"), "{said}");
    assert_eq!(hashes(&scratch.path().join("out/state/ties")), before);
    expect_code(&scratch.run(&[date.as_slice(), &["--full"]].concat()), 0);
    assert_ne!(hashes(&scratch.path().join("out/state/ties")), before);
}

fn pack(scratch: &Scratch) -> PathBuf {
    let all = files(&scratch.path().join("out/state/read"));
    all.into_iter().find(|path| path.extension().is_some_and(|end| end == "pack")).unwrap()
}

fn turn_every_tenth_byte(path: &Path) {
    let mut bytes = fs::read(path).unwrap();
    bytes.iter_mut().step_by(10).for_each(|byte| *byte ^= 1);
    fs::write(path, bytes).unwrap();
}

#[test]
fn what_was_kept_and_is_damaged_is_found_and_read_anew() {
    let scratch = Scratch::tiny();
    let date = ["--date", "2026-03-15"];
    expect_code(&scratch.run(&date), 0);
    let before = outputs(&scratch);
    turn_every_tenth_byte(&pack(&scratch));
    let found = crosstie_in(scratch.path(), &["verify", "out"]);
    expect_code(&found, 65);
    assert!(stderr(&found).contains("state/read/"), "{}", stderr(&found));
    let last = mail(&scratch).pop().unwrap();
    let text = fs::read_to_string(&last).unwrap();
    let (head, _) = text.trim_end().rsplit_once('\n').unwrap();
    fs::write(&last, format!("{head}\n")).unwrap();
    let said = log(&scratch, &date);
    assert!(said.contains("S103") && said.contains(" 0 known; "), "{said}");
    fs::write(&last, text).unwrap();
    expect_code(&scratch.run(&date), 0);
    assert_eq!(outputs(&scratch), before);
    expect_code(&crosstie_in(scratch.path(), &["verify", "out"]), 0);
}

#[test]
fn purged_rows_do_not_come_back() {
    let scratch = Scratch::tiny();
    expect_code(&scratch.run(&["--date", "2026-03-15"]), 0);
    let before = hashes(&scratch.path().join("out/state/ties"));
    let size = fs::metadata(pack(&scratch)).unwrap().len();
    expect_code(&crosstie_in(scratch.path(), &["purge", "out", "--as-of", "2026-04-10"]), 0);
    assert!(fs::metadata(pack(&scratch)).unwrap().len() < size, "rows of days before 2026-03-11 are gone");
    expect_code(&crosstie_in(scratch.path(), &["verify", "out"]), 0);
    expect_code(&scratch.run(&["--date", "2026-03-15", "--full"]), 0);
    assert_eq!(hashes(&scratch.path().join("out/state/ties")), before, "their ties stay as long as they may");
    expect_code(&crosstie_in(scratch.path(), &["verify", "out"]), 0);
}
