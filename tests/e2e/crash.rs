//! Killed at any moment, locked out, or with nowhere to write: the earlier output stays, the next run is whole.

use crate::support::{Scratch, copy_folder, crosstie_in, expect_code, hashes, rounds, set_mode, stderr, stdout};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::thread::{scope, sleep};
use std::time::{Duration, Instant};

/// Two plans of one date: `old` is committed, `new` is what runs that are killed are about.
struct Two {
    scratch: Scratch,
    out: PathBuf,
    old: PathBuf,
    reference: BTreeMap<String, String>,
    takes: Duration,
}

impl Two {
    fn new() -> Two {
        let scratch = Scratch::tiny();
        let (out, old) = (scratch.path().join("out"), scratch.path().join("old"));
        expect_code(&scratch.run(&["--quiet"]), 0);
        copy_folder(&out, &old);
        scratch.edit("p.toml", "days = 91", "days = 7");
        let start = Instant::now();
        expect_code(&scratch.run(&["--quiet"]), 0);
        let takes = start.elapsed();
        let reference = hashes(&out);
        Two { scratch, out, old, reference, takes }
    }

    /// The old run committed, and nothing of the new.
    fn start_again(&self) {
        copy_folder(&self.old, &self.out);
    }

    /// Runs to the end; the folder then is that of an uninterrupted run, byte by byte, names and all.
    #[track_caller]
    fn recovers(&self, what: &str) {
        let again = self.scratch.run(&["--quiet"]);
        assert_eq!(again.status.code(), Some(0), "{what}: {}", stderr(&again));
        assert_eq!(hashes(&self.out), self.reference, "{what}");
        assert!(!self.out.join("state/staging").exists(), "{what}");
    }
}

/// 20 moments, or as many as `CROSSTIE_KILLS` says: killed, and once in four the second run as well.
#[test]
fn a_run_killed_at_any_moment_leaves_no_trace_in_the_next() {
    let two = Two::new();
    let kills = rounds("CROSSTIE_KILLS", 20);
    let (mut killed, mut torn) = (0, 0);
    let mut takes = two.takes;
    for round in 0..kills {
        two.start_again();
        for _ in 0..1 + usize::from(round % 4 == 0) {
            // Spread over the run by a sequence that fills the interval evenly, whatever its length.
            let share = (round as f64 * 0.618_033_988_75).fract();
            let mut child = Command::new(env!("CARGO_BIN_EXE_crosstie"))
                .args(["run", "p.toml", "--quiet"])
                .current_dir(two.scratch.path())
                .stderr(Stdio::null())
                .spawn()
                .unwrap();
            let moment = takes.mul_f64(share);
            sleep(moment);
            match child.try_wait().unwrap() {
                None => killed += 1,
                // The machine was busier when the run was timed: from now on it takes no longer than this.
                Some(_) => takes = moment,
            }
            child.kill().unwrap();
            child.wait().unwrap();
            torn += u32::from(two.out.join("state/staging").exists());
        }
        two.recovers(&format!("round {round}"));
    }
    eprintln!("{killed} runs killed, {torn} of them left something behind, each was followed by the reference bytes");
    assert!(killed as usize >= kills / 2, "only {killed} of {kills} rounds killed a run");
}

#[test]
fn a_second_run_at_once_is_told_to_try_later() {
    let scratch = Scratch::new();
    expect_code(&scratch.run(&[]), 0);
    let lock = File::options().write(true).open(scratch.path().join("out/state/.lock")).unwrap();
    lock.lock().unwrap();
    let refused = scratch.run(&[]);
    expect_code(&refused, 75);
    let holder = format!("(process {}, started ", std::process::id());
    assert!(stderr(&refused).contains("S101") && stderr(&refused).contains(&holder), "{}", stderr(&refused));
    assert_eq!(lock.metadata().unwrap().len(), 0);
    lock.unlock().unwrap();
    expect_code(&scratch.run(&[]), 0);
}

/// 20 processes, and as many rounds as `CROSSTIE_ROUNDS` says.
#[test]
fn of_many_runs_at_once_exactly_one_commits() {
    let scratch = Scratch::tiny();
    for round in 0..rounds("CROSSTIE_ROUNDS", 2) {
        let _ = fs::remove_dir_all(scratch.path().join("out"));
        let ran: Vec<Output> = scope(|threads| {
            let started: Vec<_> = (0..20).map(|_| threads.spawn(|| scratch.run(&["--threads", "1"]))).collect();
            started.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        let mut committed = 0;
        for output in &ran {
            match output.status.code() {
                Some(0) => committed += u32::from(!stdout(output).contains("Already done")),
                Some(75) => assert!(stderr(output).contains("S101"), "{}", stderr(output)),
                other => panic!("round {round}: exit {other:?}: {}", stderr(output)),
            }
        }
        assert_eq!(committed, 1, "round {round}");
        assert_eq!(hashes(&scratch.path().join("out/runs")).len(), 1, "round {round}");
        expect_code(&crosstie_in(scratch.path(), &["verify", "out"]), 0);
    }
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
    assert!(stderr(&failed).contains(" bytes"), "the bytes that are needed: {}", stderr(&failed));
    assert!(!scratch.path().join("out/state/staging").exists());
    assert!(hashes(&scratch.path().join("out/runs")).is_empty());
    assert!(hashes(&scratch.path().join("out/data")).is_empty());
    expect_code(&scratch.run(&[]), 0);
}
