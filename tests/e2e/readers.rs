//! pandas, polars, pyarrow, DuckDB and DataFusion read every table: `tests/readers/read_tables.py`, where Python has them.

use crate::support::{Scratch, expect_code, root, stderr, stdout};
use crosstie_model::tables::TABLES;
use std::ffi::OsString;
use std::path::Path;
use std::process::Command;

#[test]
fn five_programs_agree_on_every_value() {
    let Some(python) = python() else { return };
    let scratch = Scratch::new();
    scratch.edit("p.toml", "[window]\n", "[measure]\nkeep_replicates = true\n\n[window]\n");
    expect_code(&scratch.run(&["--date", "2026-03-22"]), 0);
    expect_code(&scratch.run(&[]), 0);
    let out = scratch.path().join("out");
    let read = |more: &[&str]| run(&python, &root().join("tests/readers/read_tables.py"), &out, more);
    let said = read(&[]);
    assert!(said.contains(&format!("{} tables", TABLES.len())) && said.contains("5 programs agree"), "{said}");
    let kept = std::fs::read_to_string(root().join("tests/readers/compatibility.md")).unwrap();
    assert_eq!(read(&["--markdown"]), kept, "write it to tests/readers/compatibility.md, then `cargo xtask tables`");
}

/// The Python that has what `tests/readers/requirements.txt` and `notebooks/requirements.txt` list.
pub(crate) fn python() -> Option<OsString> {
    let python = std::env::var_os("CROSSTIE_PYTHON");
    if python.is_none() {
        assert!(std::env::var_os("CI").is_none(), "CI must set CROSSTIE_PYTHON");
        eprintln!(
            "skipped: set CROSSTIE_PYTHON to a Python with tests/readers/requirements.txt and notebooks/requirements.txt"
        );
    }
    python
}

/// Runs a script on a file or folder, and returns what it prints.
#[track_caller]
pub(crate) fn run(python: &OsString, script: &Path, on: &Path, more: &[&str]) -> String {
    let ran = Command::new(python).arg(script).arg(on).args(more).output().unwrap();
    assert!(ran.status.success(), "{}\n{}", stdout(&ran), stderr(&ran));
    stdout(&ran)
}
