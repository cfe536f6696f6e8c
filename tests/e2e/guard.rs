//! `verify` finds everything that is not as it was committed; `purge` takes away what is past its time, and no more.

use crate::support::{Scratch, copy_folder, crosstie_in, expect_code, files, hashes, rounds, set_mode, stderr, stdout};
use crosstie_store::{StoreError, Verified, verify};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

fn committed() -> Scratch {
    let scratch = Scratch::tiny();
    expect_code(&scratch.run(&["--quiet", "--date", "2026-03-08"]), 0);
    expect_code(&scratch.run(&["--quiet"]), 0);
    scratch
}

/// Spoils the folder, expects these words on standard error with exit 65, and undoes it.
#[track_caller]
fn found(scratch: &Scratch, spoil: impl Fn(&Path), words: &[&str]) {
    let (out, kept) = (scratch.path().join("out"), scratch.path().join("kept"));
    copy_folder(&out, &kept);
    spoil(&out);
    let refused = crosstie_in(scratch.path(), &["verify", "out"]);
    expect_code(&refused, 65);
    for word in words {
        assert!(stderr(&refused).contains(word), "no `{word}` in {}", stderr(&refused));
    }
    copy_folder(&kept, &out);
}

const UNITS: &str = "data/units/snapshot_date=2026-03-15/part-00000.parquet";

#[test]
fn verify_names_everything_that_is_wrong() {
    let scratch = committed();
    let before = hashes(&scratch.path().join("out"));
    let sound = crosstie_in(scratch.path(), &["verify", "out"]);
    expect_code(&sound, 0);
    assert!(stdout(&sound).starts_with("2 manifests and ") && stdout(&sound).contains("all as committed"));

    let write = |out: &Path, name: &str, text: &str| fs::write(out.join(name), text).unwrap();
    let remove = |out: &Path, name: &str| fs::remove_file(out.join(name)).unwrap();
    found(&scratch, |out| write(out, UNITS, "PAR1"), &["S103", UNITS, "it has 4 bytes"]);
    found(&scratch, |out| remove(out, UNITS), &["S103", UNITS, "missing"]);
    found(&scratch, |out| write(out, "data/units/README.md", "hello"), &["S109", "data/units/README.md"]);
    found(&scratch, |out| remove(out, "runs/2026-03-08.001.json"), &["S106", "runs/2026-03-15.001.json", "S109"]);
    found(&scratch, |out| set_mode(&out.join("restricted"), 0o755), &["S110", "0755", "0700"]);
    found(&scratch, |out| set_mode(&out.join(UNITS), 0o644), &["S110", "0644", "0640"]);
    found(&scratch, |out| set_mode(&out.join("state/.lock"), 0o604), &["S110", ".lock"]);
    let pending = "{\"run_id\":\"r\",\"manifest\":\"runs/x\",\"manifest_blake3\":\"\",\"steps\":[]}";
    found(&scratch, |out| write(out, "state/pending.json", pending), &["S111", "run r died"]);
    // All at once: all are told.
    let spoil = |out: &Path| {
        remove(out, UNITS);
        write(out, "restricted/notes.txt", "hello");
        write(out, "reports/2026-03-15/report.md", "hello");
    };
    found(&scratch, spoil, &["S103", UNITS, "restricted/notes.txt", "reports/2026-03-15/report.md"]);
    assert_eq!(hashes(&scratch.path().join("out")), before);
    expect_code(&crosstie_in(scratch.path(), &["verify", "org"]), 66);
}

/// `verify` in this process. Where another test starts a command at that moment, its fork shares our lock until it
/// becomes the command: then it is asked again.
fn look(out: &Path) -> Verified {
    loop {
        match verify(out) {
            Err(StoreError::Locked { .. }) => std::thread::yield_now(),
            looked => return looked.unwrap(),
        }
    }
}

/// A sample of bits and lengths of every committed file; all of them where `CROSSTIE_FLIPS` is large.
#[test]
fn every_flipped_bit_and_every_cut_is_found() {
    let scratch = committed();
    let out = scratch.path().join("out");
    let sound = look(&out);
    assert_eq!(sound.findings, []);
    let per_file = rounds("CROSSTIE_FLIPS", 2);
    let mut tried = 0;
    for path in files(&out).iter().filter(|path| !path.ends_with(".lock")) {
        let bytes = fs::read(path).unwrap();
        let name = path.strip_prefix(&out).unwrap().display().to_string();
        let is_named = |verified: &Verified| verified.findings.iter().any(|finding| finding.path == name);
        let step = (bytes.len() / per_file).max(1);
        for at in (0..bytes.len()).step_by(step).chain(bytes.len().checked_sub(1)) {
            let mut flipped = bytes.clone();
            flipped[at] ^= 1 << (at % 8);
            fs::write(path, &flipped).unwrap();
            assert!(is_named(&look(&out)), "{name}: byte {at} of {}", bytes.len());
            fs::write(path, &bytes[..at]).unwrap();
            assert!(is_named(&look(&out)), "{name}: cut at {at} of {}", bytes.len());
            tried += 2;
        }
        fs::write(path, &bytes).unwrap();
    }
    assert_eq!(look(&out), sound);
    eprintln!("{tried} changes, each found");
    assert!(tried > 100);
}

#[test]
fn an_access_list_of_the_operator_is_no_finding() {
    let scratch = committed();
    let restricted = scratch.path().join("out/restricted");
    let listed = std::process::Command::new("setfacl").args(["-m", "u:1:rx"]).arg(&restricted).status();
    if !listed.is_ok_and(|status| status.success()) {
        return crate::support::not_run("no setfacl, or a file system without access lists");
    }
    assert_ne!(fs::metadata(&restricted).unwrap().permissions().mode() & 0o070, 0, "the mask shows as group bits");
    expect_code(&crosstie_in(scratch.path(), &["verify", "out"]), 0);
}

#[test]
fn purge_takes_people_first_and_only_prints_in_a_dry_run() {
    let scratch = committed();
    let before = hashes(&scratch.path().join("out"));
    let run = |more: &[&str]| crosstie_in(scratch.path(), &[&["purge", "out"], more].concat());
    let kept = run(&["--as-of", "2026-04-07"]);
    expect_code(&kept, 0);
    let said = stdout(&kept);
    assert!(said.contains("retention `default` on 2026-04-07") && said.contains("\n1 files removed."), "{said}");
    assert!(said.contains("state/read: rows of days before 2026-03-08"), "{said}");
    assert_eq!(hashes(&scratch.path().join("out")), before, "day 30 is kept");

    let dry = run(&["--as-of", "2026-04-08", "--dry-run"]);
    expect_code(&dry, 0);
    let old_people = "restricted/people/snapshot_date=2026-03-08/part-00000.parquet";
    assert!(
        stdout(&dry).contains(old_people) && stdout(&dry).contains("state/quarantine/2026-03-08/"),
        "{}",
        stdout(&dry)
    );
    assert!(!stdout(&dry).contains("2026-03-15") && !stdout(&dry).contains("data/"));
    assert_eq!(hashes(&scratch.path().join("out")), before);

    expect_code(&run(&["--as-of", "2026-04-08"]), 0);
    let out = scratch.path().join("out");
    assert!(!out.join(old_people).exists() && out.join("data/units/snapshot_date=2026-03-08").exists());
    assert!(out.join("restricted/people/snapshot_date=2026-03-15").exists());
    assert!(scratch.read("out/runs/2026-03-08.002.json").contains("\"kind\": \"purge\""));
    expect_code(&crosstie_in(scratch.path(), &["verify", "out"]), 0);
    // The date is not made again behind the back of who purged it.
    let again = scratch.run(&["--date", "2026-03-08"]);
    assert!(stdout(&again).contains("Already done"), "{}", stdout(&again));

    // Two years on, the older date is gone as a whole.
    expect_code(&run(&["--as-of", "2028-03-20"]), 0);
    assert!(
        !out.join("data/units/snapshot_date=2026-03-08").exists() && !out.join("runs/2026-03-08.001.json").exists()
    );
    expect_code(&crosstie_in(scratch.path(), &["verify", "out"]), 0);
}

#[test]
fn purge_goes_by_the_profile_of_the_newest_run() {
    let scratch = committed();
    scratch.edit("p.toml", "min_people = 5", "min_people = 5\nretention = \"strict-7d\"");
    scratch.edit("p.toml", "days = 91", "days = 7");
    expect_code(&scratch.run(&["--quiet"]), 0);
    let purged = crosstie_in(scratch.path(), &["purge", "out", "--as-of", "2026-03-17", "--dry-run"]);
    expect_code(&purged, 0);
    assert!(stdout(&purged).contains("`strict-7d`") && stdout(&purged).contains("snapshot_date=2026-03-08"));
}
