//! Metrics, lineage events, logs and warnings: written after a run, whether it ended well or not, and never its judge.

use crate::support::{Scratch, crosstie_in, expect_code, hashes, root, stderr};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::os::unix::fs::PermissionsExt;

const EVENTS: &str = "out/state/openlineage.ndjson";

fn observed() -> Scratch {
    let scratch = Scratch::new();
    observe(&scratch, "m.prom", "openlineage.ndjson");
    scratch
}

fn observe(scratch: &Scratch, textfile: &str, openlineage: &str) {
    let section = format!("[observe]\nprometheus_textfile = \"{textfile}\"\nopenlineage = \"{openlineage}\"\n");
    scratch.write("p.toml", &format!("{}\n{section}", scratch.read("p.toml")));
}

/// The samples of the textfile: name and labels but the pipeline, to value.
fn metrics(scratch: &Scratch) -> BTreeMap<String, String> {
    let text = scratch.read("m.prom");
    let samples = text.lines().filter(|line| !line.starts_with('#'));
    let sample = |line: &str| {
        let (name, value) = line.rsplit_once(' ').unwrap();
        assert!(name.contains("{pipeline=\"quickstart\""), "{line}");
        let name = name.replace("pipeline=\"quickstart\",", "").replace("{pipeline=\"quickstart\"}", "");
        (name, value.to_string())
    };
    samples.map(sample).collect()
}

fn events(scratch: &Scratch) -> Vec<Value> {
    scratch.read(EVENTS).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn manifest(scratch: &Scratch) -> Value {
    serde_json::from_str(&scratch.read("out/runs/2026-03-29.001.json")).unwrap()
}

#[test]
fn a_run_a_second_one_and_a_failure_are_seen() {
    let scratch = observed();
    expect_code(&scratch.run(&[]), 0);
    let first = metrics(&scratch);
    let manifest = manifest(&scratch);
    for ledger in manifest["ledger"].as_array().unwrap() {
        let source = ledger["source"].as_str().unwrap();
        let used = &first[&format!("crosstie_records{{source=\"{source}\",outcome=\"used\"}}")];
        assert_eq!(*used, ledger["used"].to_string(), "{source}");
    }
    assert_eq!(first["crosstie_exit_code"], "0");
    // date -u -d 2026-03-29 +%s
    assert_eq!(first["crosstie_snapshot_timestamp_seconds"], "1774742400");
    assert_eq!(first["crosstie_gap_periods{source=\"mail\"}"], "0");
    let withheld = manifest["withheld"].as_object().unwrap();
    assert!(!withheld.is_empty());
    for (table, rows) in withheld {
        assert_eq!(first[&format!("crosstie_withheld_cells{{table=\"{table}\"}}")], rows.to_string());
    }
    assert!(first["crosstie_peak_memory_bytes"].parse::<f64>().unwrap() > 1e6);
    for stage in ["ingest", "ties", "graph", "measure", "publish", "write"] {
        let seconds = &first[&format!("crosstie_stage_seconds{{stage=\"{stage}\"}}")];
        assert!(seconds.parse::<f64>().unwrap() > 0.0, "{stage}");
    }
    let mode = fs::metadata(scratch.path().join("m.prom")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o644, "whoever collects metrics is another user");
    assert_eq!(fs::metadata(scratch.path().join(EVENTS)).unwrap().permissions().mode() & 0o777, 0o600);

    let told = events(&scratch);
    assert_eq!(
        told.iter().map(|event| event["eventType"].as_str().unwrap()).collect::<Vec<_>>(),
        ["START", "COMPLETE"]
    );
    assert_eq!(told[0]["run"]["runId"], told[1]["run"]["runId"]);
    assert_eq!(told[1]["run"]["facets"]["crosstie_run"]["runId"], manifest["run_id"]);
    let names = |list: &Value| -> Vec<String> {
        list.as_array().unwrap().iter().map(|dataset| dataset["name"].as_str().unwrap().to_string()).collect()
    };
    assert_eq!(names(&told[0]["inputs"]), ["mail", "chat", "directory"]);
    assert_eq!(names(&told[1]["outputs"]).len(), 14, "every table, published and restricted");

    // Committed already: nothing of the run changes, but it was seen.
    let outputs = || {
        let mut all = hashes(&scratch.path().join("out"));
        all.remove("state/openlineage.ndjson");
        all
    };
    let before = outputs();
    expect_code(&scratch.run(&[]), 0);
    assert_eq!(outputs(), before);
    let told = events(&scratch);
    assert_eq!((told.len(), &told[3]["eventType"]), (4, &"COMPLETE".into()));
    assert_eq!(told[3]["outputs"], serde_json::json!([]));
    let second = metrics(&scratch);

    let text = scratch.read(scratch.mail());
    let broken = "someday,ada@acme.example,bela@acme.example,,d1\n".repeat(60);
    scratch.write(scratch.mail(), &format!("{text}{broken}"));
    expect_code(&scratch.run(&[]), 65);
    let failed = metrics(&scratch);
    assert_eq!(failed["crosstie_exit_code"], "65");
    for kept in ["crosstie_last_success_timestamp_seconds", "crosstie_records{source=\"mail\",outcome=\"used\"}"] {
        assert_eq!(failed[kept], second[kept], "{kept}");
    }
    assert!(failed.contains_key("crosstie_stage_seconds{stage=\"ingest\"}"));
    assert!(!failed.contains_key("crosstie_stage_seconds{stage=\"measure\"}"), "it came to no measure");
    let told = events(&scratch);
    assert_eq!((told.len(), &told[5]["eventType"]), (6, &"FAIL".into()));
    let why = told[5]["run"]["facets"]["errorMessage"]["message"].as_str().unwrap();
    assert!(why.contains("I501 quarantine_share") && !why.contains('/'), "{why}");
    assert!(
        fs::read_dir(scratch.path()).unwrap().all(|entry| !entry
            .unwrap()
            .file_name()
            .to_string_lossy()
            .ends_with(".new"))
    );
}

#[test]
fn nothing_observed_names_a_unit_or_an_address() {
    let scratch = observed();
    expect_code(&scratch.run(&[]), 0);
    let text = scratch.read("m.prom") + &scratch.read(EVENTS);
    let directory = scratch.read("org/directory.csv");
    let unit = directory.lines().next().unwrap().split(',').position(|name| name == "unit").unwrap();
    let units: BTreeSet<&str> = directory.lines().skip(1).map(|line| line.split(',').nth(unit).unwrap()).collect();
    assert!(units.len() > 3);
    for unit in units.into_iter().filter(|unit| !unit.is_empty()) {
        assert!(!text.contains(unit), "{unit} is named");
    }
    assert!(!text.contains('@') && !text.contains(".csv"));
}

#[test]
fn a_run_that_finds_the_lock_held_has_an_exit_code_and_no_event() {
    let scratch = observed();
    expect_code(&scratch.run(&[]), 0);
    let lock = File::options().write(true).open(scratch.path().join("out/state/.lock")).unwrap();
    lock.try_lock().unwrap();
    expect_code(&scratch.run(&[]), 75);
    assert_eq!(metrics(&scratch)["crosstie_exit_code"], "75");
    assert_eq!(events(&scratch).len(), 2);
}

#[test]
fn what_cannot_be_written_is_a_notice_and_changes_no_byte() {
    let scratch = Scratch::new();
    expect_code(&scratch.run(&[]), 0);
    let plain = hashes(&scratch.path().join("out"));
    fs::remove_dir_all(scratch.path().join("out")).unwrap();
    observe(&scratch, "missing/m.prom", "missing/openlineage.ndjson");
    let ran = scratch.run(&[]);
    expect_code(&ran, 0);
    assert_eq!(stderr(&ran).matches("notice[C110]").count(), 3, "START, COMPLETE and metrics: {}", stderr(&ran));
    assert_eq!(hashes(&scratch.path().join("out")), plain, "where metrics go is no part of a run's identity");
}

#[test]
fn a_run_that_stops_after_a_stage_is_not_observed() {
    let scratch = observed();
    expect_code(&scratch.run(&["--until", "ties"]), 0);
    assert!(!scratch.path().join("m.prom").exists() && !scratch.path().join(EVENTS).exists());
}

#[test]
fn a_directory_that_shrinks_overnight_is_told_and_the_run_commits() {
    let scratch = Scratch::new();
    let usual = scratch.run(&["--date", "2026-03-27"]);
    expect_code(&usual, 0);
    expect_code(&scratch.run(&["--date", "2026-03-28"]), 0);
    let text = scratch.read("org/directory.csv");
    let lines: Vec<&str> = text.lines().collect();
    scratch.write("org/directory.csv", &format!("{}\n", lines[..lines.len() - 15].join("\n")));
    let ran = scratch.run(&["--date", "2026-03-29"]);
    expect_code(&ran, 0);
    let said = stderr(&ran);
    assert!(said.contains("notice[I602]") && said.contains("on 2026-03-28"), "{said}");
    assert!(said.contains("notice[I604]"), "those who are gone still write: {said}");
    for code in ["I601", "I602", "I603", "I604", "S201", "C109"] {
        assert!(!stderr(&usual).contains(code), "{}", stderr(&usual));
    }
}

#[test]
fn a_log_of_json_is_json_from_the_first_line_to_the_last() {
    let scratch = Scratch::new();
    let lines = |text: String| -> Vec<Value> { text.lines().map(|line| serde_json::from_str(line).unwrap()).collect() };
    let ran = scratch.run(&["--log-format", "json"]);
    expect_code(&ran, 0);
    let log = lines(stderr(&ran));
    for line in &log {
        let ts = line["ts"].as_str().unwrap();
        assert!(
            ts.len() == 24 && ts.ends_with('Z') && line["level"].is_string() && line["event"].is_string(),
            "{line}"
        );
    }
    let stages: Vec<&str> =
        log.iter().filter(|line| line["event"] == "stage").map(|line| line["stage"].as_str().unwrap()).collect();
    assert_eq!(stages, ["ingest", "ties", "graph", "measure", "publish", "write"]);
    let last = log.last().unwrap();
    assert_eq!((&last["event"], &last["run_id"]), (&"committed".into(), &manifest(&scratch)["run_id"]));
    let sum: u64 = ["used", "duplicate", "excluded", "quarantined"]
        .iter()
        .map(|of| last[format!("records_{of}")].as_u64().unwrap())
        .sum();
    assert_eq!(last["records_seen"], sum);
    assert!(sum > 1000);

    fs::remove_file(scratch.path().join("org/directory.csv")).unwrap();
    let failed = scratch.run(&["--log-format", "json", "--quiet"]);
    expect_code(&failed, 66);
    let log = lines(stderr(&failed));
    assert_eq!((&log[0]["level"], &log[0]["code"]), (&"error".into(), &"C104".into()));
    assert!(log[0]["place"].as_str().unwrap().contains("org/directory.csv"));
}

#[test]
fn a_backfill_logs_as_it_is_told_to() {
    let scratch = Scratch::new();
    let fill = |more: &[&str]| {
        let words = ["backfill", "p.toml", "--from", "2026-03-28", "--to", "2026-03-28"];
        let ran = crosstie_in(scratch.path(), &[&words, more].concat());
        expect_code(&ran, 0);
        ran
    };
    let said = stderr(&fill(&["--log-format", "json"]));
    assert!(said.lines().any(|line| line.contains("\"measure\"")), "{said}");
    said.lines().for_each(|line| drop(serde_json::from_str::<Value>(line).unwrap()));
    fs::remove_dir_all(scratch.path().join("out")).unwrap();
    let quiet = fill(&["--quiet"]);
    assert_eq!((quiet.stdout.len(), stderr(&quiet)), (0, String::new()));
}

#[test]
fn quiet_says_nothing_but_errors() {
    let scratch = Scratch::new();
    let ran = scratch.run(&["--quiet"]);
    expect_code(&ran, 0);
    assert_eq!((ran.stdout.len(), stderr(&ran)), (0, String::new()));
    scratch.write("org/directory.csv", "");
    let failed = scratch.run(&["--quiet"]);
    expect_code(&failed, 65);
    assert!(stderr(&failed).starts_with("error[I211]"), "{}", stderr(&failed));
}

#[test]
fn records_that_come_late_are_counted_and_named() {
    let scratch = observed();
    let whole = scratch.read(scratch.mail());
    // A fiftieth of one week of four comes a night later.
    let lines: Vec<&str> = whole.lines().collect();
    let (early, late) = lines.split_at(lines.len() - lines.len() / 50);
    scratch.write(scratch.mail(), &format!("{}\n", early.join("\n")));
    expect_code(&scratch.run(&["--date", "2026-03-28"]), 0);
    assert_eq!(metrics(&scratch)["crosstie_late_records{source=\"mail\"}"], "0");
    let used = |number: &str| {
        let manifest: Value = serde_json::from_str(&scratch.read(&format!("out/runs/{number}.json"))).unwrap();
        let mail = manifest["ledger"].as_array().unwrap().iter().find(|entry| entry["source"] == "mail").unwrap();
        (mail["used"].as_u64().unwrap(), manifest)
    };
    scratch.write(scratch.mail(), &whole);
    let ran = scratch.run(&[]);
    expect_code(&ran, 0);
    let ((before, _), (after, manifest)) = (used("2026-03-28.001"), used("2026-03-29.001"));
    assert!(after > before && after - before <= late.len() as u64);
    let days = manifest["late"]["mail"].as_object().unwrap();
    assert_eq!(days.values().map(|count| count.as_u64().unwrap()).sum::<u64>(), after - before);
    assert_eq!(metrics(&scratch)["crosstie_late_records{source=\"mail\"}"], (after - before).to_string());
    // Half of one in a hundred of the window.
    assert!(!stderr(&ran).contains("I605"), "{}", stderr(&ran));
    assert!(manifest["cost"]["peak_memory_bytes"].as_u64().unwrap() > 1 << 20);
    let stages: Vec<&str> =
        manifest["cost"]["stages"].as_array().unwrap().iter().map(|stage| stage["stage"].as_str().unwrap()).collect();
    assert_eq!(stages, ["ingest", "ties", "graph", "measure", "publish", "write"]);

    // A whole file is.
    let other = observed();
    let (mail, whole) = (other.mail(), other.read(other.mail()));
    other.write(mail, whole.lines().next().unwrap());
    expect_code(&other.run(&["--date", "2026-03-28"]), 0);
    other.write(mail, &whole);
    let ran = other.run(&[]);
    expect_code(&ran, 0);
    assert!(stderr(&ran).contains("I605") && stderr(&ran).contains("--from 2026-03-28 --to 2026-03-28"));
    assert_eq!(
        serde_json::from_str::<Value>(&other.read("out/runs/2026-03-29.001.json")).unwrap()["warnings"]["I605"],
        1
    );
    let again = ["backfill", "p.toml", "--from", "2026-03-28", "--to", "2026-03-28", "--rerun", "all"];
    expect_code(&crosstie_in(other.path(), &again), 0);
    other.write(mail, &format!("{whole}\n"));
    let ran = other.run(&[]);
    expect_code(&ran, 0);
    assert!(!stderr(&ran).contains("I605"), "the window was made again: {}", stderr(&ran));
}

#[test]
fn operations_names_the_metrics_that_there_are() {
    let scratch = observed();
    expect_code(&scratch.run(&[]), 0);
    let written: BTreeSet<String> =
        metrics(&scratch).keys().map(|name| name.split('{').next().unwrap().to_string()).collect();
    let text = fs::read_to_string(root().join("docs/operations.md")).unwrap();
    let named: BTreeSet<String> = text
        .split('`')
        .filter(|word| {
            word.starts_with("crosstie_") && !word.contains('.') && !word.contains(' ') && *word != "crosstie_run"
        })
        .map(|word| word.split('{').next().unwrap().to_string())
        .collect();
    assert_eq!(named, written);
    for code in crosstie_model::CODES.iter().filter(|code| ["I60", "S20"].iter().any(|of| code.id.starts_with(of))) {
        assert!(text.contains(code.id), "{} is not in docs/operations.md", code.id);
    }
}
