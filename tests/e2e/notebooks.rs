//! The notebooks and the R script run on what runs leave, and are stored without outputs.

use crate::readers::{python, run};
use crate::support::{Scratch, crosstie_in, expect_code, root, stderr, stdout};
use crosstie_model::tables::TABLES;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The made company over three windows without a day in common.
fn three_windows() -> Scratch {
    let scratch = Scratch::synth(&["--silos", "2"]);
    scratch.edit("p.toml", "days = 91", "days = 28");
    let dates = ["backfill", "p.toml", "--from", "2026-03-29", "--to", "2026-05-24", "--step", "28"];
    expect_code(&crosstie_in(scratch.path(), &dates), 0);
    scratch
}

#[test]
fn they_run_where_there_is_much_to_see() {
    let Some(python) = python() else { return };
    let scratch = three_windows();
    let said = execute(&python, &scratch);
    for line in ["02_silos.ipynb: 7 outputs, 5 of them drawn", "03_bridges.ipynb: 9 outputs, 3 of them drawn"] {
        assert!(said.contains(line), "{said}");
    }
    assert!(said.contains("06_two_runs.ipynb: 7 outputs, 2 of them drawn"), "{said}");
    assert!(said.contains("07_check_the_tool.ipynb: 3 outputs, 0 of them drawn"), "{said}");
}

#[test]
fn they_run_where_there_is_little_to_see() {
    let Some(python) = python() else { return };
    // One short window of few people, nearly everything withheld, and the restricted tables past their retention.
    let scratch = Scratch::tiny();
    scratch.edit("p.toml", "min_people = 5", "min_people = 20");
    expect_code(&scratch.run(&[]), 0);
    expect_code(&crosstie_in(scratch.path(), &["purge", "out", "--as-of", "2026-05-01"]), 0);
    let said = execute(&python, &scratch);
    assert!(said.contains("03_bridges.ipynb: 4 outputs, 0 of them drawn"), "{said}");
    assert!(said.contains("06_two_runs.ipynb: 1 outputs, 0 of them drawn"), "{said}");
    assert!(said.contains("07_check_the_tool.ipynb: 1 outputs, 0 of them drawn"), "{said}");
}

#[test]
fn they_run_between_two_releases() {
    let Some(python) = python() else { return };
    // Two releases with days in common, the second of which goes on showing rows of the first; then a run that releases nothing.
    let scratch = Scratch::new();
    scratch.edit("p.toml", "days = 91", "days = 21");
    for (date, is_release) in [("2026-03-21", true), ("2026-03-28", true), ("2026-03-29", false)] {
        expect_code(&scratch.run(&["--date", date]), 0);
        let units = format!("out/data/units/snapshot_date={date}");
        assert_eq!(scratch.path().join(units).exists(), is_release, "{date}");
    }
    let said = execute(&python, &scratch);
    assert!(said.contains("05_sensitivity.ipynb: 4 outputs, 1 of them drawn"), "{said}");
    // What is restricted is of the newest run, what is checked of the newest release.
    assert!(said.contains("07_check_the_tool.ipynb: 3 outputs, 0 of them drawn"), "{said}");
}

fn execute(python: &std::ffi::OsString, scratch: &Scratch) -> String {
    run(python, &root().join("tests/notebooks/run_notebooks.py"), &scratch.path().join("out"), &[])
}

#[test]
fn they_are_stored_without_outputs_and_import_what_is_pinned() {
    let pinned: BTreeSet<String> = packages("notebooks/requirements.txt").into_iter().map(|(name, _)| name).collect();
    let of_python = ["crosstie", "json", "numpy"]; // numpy comes with pandas
    let readme = fs::read_to_string(root().join("notebooks/README.md")).unwrap();
    let paths = notebooks();
    assert_eq!(paths.len(), 7);
    for path in paths {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        assert!(readme.contains(&format!("({name})")), "{name} is not in the README");
        let notebook: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        for cell in notebook["cells"].as_array().unwrap().iter().filter(|cell| cell["cell_type"] == "code") {
            assert!(cell["outputs"].as_array().unwrap().is_empty(), "{name} holds outputs");
            assert!(cell["execution_count"].is_null(), "{name} holds a count");
            for line in text(&cell["source"]).lines() {
                let mut words = line.split_whitespace();
                let Some("import" | "from") = words.next() else { continue };
                let package = words.next().unwrap().split('.').next().unwrap();
                assert!(pinned.contains(package) || of_python.contains(&package), "{name} imports {package}");
            }
        }
    }
}

#[test]
fn the_first_names_every_table() {
    let notebook = fs::read_to_string(root().join("notebooks/01_start_here.ipynb")).unwrap();
    for table in TABLES {
        assert!(notebook.contains(&format!("| `{}` | ", table.name)), "{}", table.name);
    }
}

#[test]
fn one_program_has_one_version() {
    let readers = packages("tests/readers/requirements.txt");
    let shared: Vec<_> = packages("notebooks/requirements.txt")
        .into_iter()
        .filter_map(|(name, version)| {
            readers.iter().find(|reader| reader.0 == name).map(|reader| (name, version, reader.1.clone()))
        })
        .collect();
    assert!(shared.len() >= 4);
    assert!(shared.iter().all(|(_, one, other)| one == other), "{shared:?}");
}

#[test]
fn the_r_script_runs_where_r_has_arrow() {
    let has_arrow = "quit(status = !all(sapply(c('arrow', 'dplyr'), requireNamespace, quietly = TRUE)))";
    let probe = Command::new("Rscript").args(["-e", has_arrow]).output();
    if !probe.is_ok_and(|probe| probe.status.success()) {
        eprintln!("skipped: needs Rscript with arrow and dplyr");
        return;
    }
    let scratch = Scratch::new();
    expect_code(&scratch.run(&[]), 0);
    let script = root().join("notebooks/start_here.R");
    let out = scratch.path().join("out");
    let ran =
        Command::new("Rscript").arg(script).env("CROSSTIE_OUT", out).current_dir(scratch.path()).output().unwrap();
    assert!(ran.status.success(), "{}\n{}", stdout(&ran), stderr(&ran));
    assert!(stdout(&ran).contains("units read with arrow"), "{}", stdout(&ran));
}

fn notebooks() -> Vec<PathBuf> {
    let entries = fs::read_dir(root().join("notebooks")).unwrap().map(|entry| entry.unwrap().path());
    let mut found: Vec<PathBuf> = entries.filter(|path| path.extension().is_some_and(|e| e == "ipynb")).collect();
    found.sort();
    found
}

/// A cell's text, which may be stored as lines.
fn text(source: &Value) -> String {
    match source {
        Value::String(text) => text.clone(),
        lines => lines.as_array().unwrap().iter().map(|line| line.as_str().unwrap()).collect(),
    }
}

/// Package and version, a line each.
fn packages(file: impl AsRef<Path>) -> Vec<(String, String)> {
    let text = fs::read_to_string(root().join(file)).unwrap();
    text.lines()
        .map(|line| line.split_once("==").unwrap())
        .map(|(name, version)| (name.into(), version.into()))
        .collect()
}
