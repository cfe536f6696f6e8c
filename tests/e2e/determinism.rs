//! Equal bytes at any thread count; equal rows in any order of input.

use crate::support::{Scratch, expect_code, hashes};
use crosstie_model::Record;
use crosstie_model::tables::{HierarchyRow, OrganizationRow, PairCarrierRow, PersonRow, TieRow, UnitPairRow, UnitRow};
use crosstie_store::read_table;
use std::fs;

#[test]
fn threads_change_no_byte() {
    let scratch = Scratch::new();
    let mut reference = None;
    for threads in ["1", "2", "3", "8"] {
        let out = scratch.path().join("out");
        let _ = fs::remove_dir_all(&out);
        expect_code(&scratch.run(&["--threads", threads]), 0);
        let seen = hashes(&out);
        assert!(seen.len() > 12);
        assert_eq!(reference.get_or_insert_with(|| seen.clone()), &seen, "{threads} threads");
    }
}

/// The rows of one table; the run's identity differs with the bytes of its input, the rows must not.
fn rows<R: Record>(scratch: &Scratch) -> Vec<Vec<crosstie_model::Cell>> {
    let spec = R::TABLE;
    let path = format!("out/{}/{}/snapshot_date=2026-03-29/part-00000.parquet", spec.class.folder(), spec.name);
    let rows: Vec<R> = read_table(&fs::read(scratch.path().join(path)).unwrap()).unwrap();
    rows.iter().map(Record::cells).collect()
}

fn all_rows(scratch: &Scratch) -> Vec<Vec<Vec<crosstie_model::Cell>>> {
    vec![
        rows::<UnitRow>(scratch),
        rows::<UnitPairRow>(scratch),
        rows::<HierarchyRow>(scratch),
        rows::<OrganizationRow>(scratch),
        rows::<PersonRow>(scratch),
        rows::<PairCarrierRow>(scratch),
        rows::<TieRow>(scratch),
    ]
}

#[test]
fn the_order_and_the_files_of_the_input_do_not_matter() {
    let scratch = Scratch::new();
    expect_code(&scratch.run(&[]), 0);
    let reference = all_rows(&scratch);
    assert!(reference.iter().all(|table| !table.is_empty()));

    // All mail in one file, backwards; the directory backwards.
    let mut mail: Vec<String> = Vec::new();
    let mut header = String::new();
    for entry in crate::support::files(&scratch.path().join("org/mail")) {
        let text = fs::read_to_string(&entry).unwrap();
        let mut lines = text.lines().map(str::to_string);
        header = lines.next().unwrap();
        mail.extend(lines);
        fs::remove_file(entry).unwrap();
    }
    mail.reverse();
    scratch.write("org/mail/all.csv", &format!("{header}\n{}\n", mail.join("\n")));
    let directory = scratch.read("org/directory.csv");
    let (head, rest) = directory.split_once('\n').unwrap();
    let turned: Vec<&str> = rest.lines().rev().collect();
    scratch.write("org/directory.csv", &format!("{head}\n{}\n", turned.join("\n")));
    fs::remove_dir_all(scratch.path().join("out")).unwrap();
    expect_code(&scratch.run(&[]), 0);
    assert_eq!(all_rows(&scratch), reference);
}

#[test]
fn time_zone_and_locale_do_not_matter() {
    let scratch = Scratch::new();
    expect_code(&scratch.run(&[]), 0);
    let reference = hashes(&scratch.path().join("out"));
    for (zone, locale) in [("Pacific/Kiritimati", "tr_TR.UTF-8"), ("America/Los_Angeles", "C")] {
        fs::remove_dir_all(scratch.path().join("out")).unwrap();
        let status = std::process::Command::new(env!("CARGO_BIN_EXE_crosstie"))
            .args(["run", "p.toml", "--quiet"])
            .env("TZ", zone)
            .env("LC_ALL", locale)
            .env("HOME", "/nonexistent")
            .current_dir(scratch.path())
            .status()
            .unwrap();
        assert!(status.success());
        assert_eq!(hashes(&scratch.path().join("out")), reference, "{zone} {locale}");
    }
}
