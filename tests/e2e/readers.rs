//! pandas, polars, pyarrow and DuckDB read every table: `tests/readers/read_tables.py`, where Python has them.

use crate::support::{Scratch, expect_code, root, stderr, stdout};
use std::process::Command;

#[test]
fn four_readers_agree_on_every_table() {
    let Some(python) = std::env::var_os("CROSSTIE_PYTHON") else {
        assert!(std::env::var_os("CI").is_none(), "CI must set CROSSTIE_PYTHON");
        eprintln!("skipped: set CROSSTIE_PYTHON to a Python with tests/readers/requirements.txt");
        return;
    };
    let scratch = Scratch::new();
    expect_code(&scratch.run(&[]), 0);
    expect_code(&scratch.run(&["--date", "2026-03-22"]), 0);
    let script = root().join("tests/readers/read_tables.py");
    let read = Command::new(python).arg(script).arg(scratch.path().join("out")).output().unwrap();
    assert!(read.status.success(), "{}\n{}", stdout(&read), stderr(&read));
    assert!(stdout(&read).contains("15 tables"), "{}", stdout(&read));
}
