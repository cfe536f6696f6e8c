//! Killed at any moment, locked out, or with nowhere to write: the earlier output stays, the next run is whole.

use crate::support::{Scratch, expect_code, hashes, set_mode, stderr};
use std::fs::{self, File};
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

/// Hashes of what readers see.
fn outputs(scratch: &Scratch) -> Vec<std::collections::BTreeMap<String, String>> {
    ["data", "restricted", "reports"].iter().map(|folder| hashes(&scratch.path().join("out").join(folder))).collect()
}

#[test]
fn a_killed_run_leaves_no_trace_in_the_next() {
    let scratch = Scratch::new();
    expect_code(&scratch.run(&[]), 0);
    let reference = outputs(&scratch);
    scratch.edit("p.toml", "days = 91", "days = 21");
    let mut killed = 0;
    for millis in (0..240).step_by(12) {
        let mut child = Command::new(env!("CARGO_BIN_EXE_crosstie"))
            .args(["run", "p.toml", "--quiet"])
            .current_dir(scratch.path())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        sleep(Duration::from_millis(millis));
        let finished = child.try_wait().unwrap().is_some();
        child.kill().unwrap();
        child.wait().unwrap();
        if finished {
            break;
        }
        killed += 1;
    }
    assert!(killed >= 3, "the run was killed {killed} times before it could end");
    expect_code(&scratch.run(&[]), 0);
    assert!(
        !scratch.path().join("out/state/staging").exists() && !scratch.path().join("out/state/pending.json").exists()
    );
    let other = outputs(&scratch);
    assert_ne!(other, reference);

    // Back to the first plan: the bytes of the first run, whatever happened in between.
    scratch.edit("p.toml", "days = 21", "days = 91");
    expect_code(&scratch.run(&[]), 0);
    assert_eq!(outputs(&scratch), reference);
}

#[test]
fn a_second_run_at_once_is_told_to_try_later() {
    let scratch = Scratch::new();
    expect_code(&scratch.run(&[]), 0);
    let lock = File::options().write(true).open(scratch.path().join("out/state/.lock")).unwrap();
    lock.lock().unwrap();
    let refused = scratch.run(&[]);
    expect_code(&refused, 75);
    assert!(stderr(&refused).contains("S101"), "{}", stderr(&refused));
    lock.unlock().unwrap();
    expect_code(&scratch.run(&[]), 0);
}

#[test]
fn an_output_folder_that_cannot_be_made_is_told() {
    let scratch = Scratch::new();
    scratch.write("file", "");
    scratch.edit("p.toml", "path = \"out\"", "path = \"file/out\"");
    let refused = scratch.run(&[]);
    expect_code(&refused, 73);
    assert!(stderr(&refused).contains("S102"), "{}", stderr(&refused));
}

#[test]
fn a_folder_that_others_can_write_is_refused() {
    let scratch = Scratch::new();
    fs::create_dir(scratch.path().join("out")).unwrap();
    set_mode(&scratch.path().join("out"), 0o777);
    let refused = scratch.run(&[]);
    expect_code(&refused, 77);
    assert!(stderr(&refused).contains("P101"), "{}", stderr(&refused));
}

#[test]
fn a_full_disk_commits_nothing() {
    // A limit on the size of files stands for the disk: the signal that comes with it is ignored by the shell.
    let scratch = Scratch::new();
    let script = format!("trap '' XFSZ; ulimit -f 8; exec '{}' run p.toml --quiet", env!("CARGO_BIN_EXE_crosstie"));
    let failed = Command::new("bash").args(["-c", &script]).current_dir(scratch.path()).output().unwrap();
    expect_code(&failed, 74);
    assert!(hashes(&scratch.path().join("out/runs")).is_empty());
    assert!(hashes(&scratch.path().join("out/data")).is_empty());
    expect_code(&scratch.run(&[]), 0);
}
