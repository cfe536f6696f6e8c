//! `synth --bulk`: both forms of the same messages are read whole and make the same ties.

use crate::support::{KEY, crosstie_in, expect_code, set_mode, stderr, stdout};
use crosstie_model::Record;
use crosstie_model::tables::TieRow;
use crosstie_store::read_table;
use std::fs;
use std::path::Path;

/// A pipeline that reads one form into a folder of that name.
fn pipeline(form: &str, to: &str) -> String {
    format!(
        r#"schema_version = 1
name = "bulk"
[directory]
format = "csv"
path = "org/directory.csv"
unit = "unit"
[directory.columns]
person_key = "person_id"
addresses = ["email", "other_emails"]
manager = "manager_id"
class = "class"
hired_on = "hired_on"
left_on = "left_on"
[[sources]]
name = "mail"
kind = "mail"
format = "{form}"
path = "org/mail/*.{form}"
complete = true
[sources.columns]
sent_at = "sent_at"
sender = "from"
to = "{to}"
message_id = "message_id"
[identity]
internal_domains = ["acme.example"]
[privacy]
key_file = "k.key"
min_people = 5
[output]
path = "{form}"
"#
    )
}

/// The ties of a run over one form, after its summary was looked at.
fn ties(folder: &Path, form: &str, to: &str) -> Vec<TieRow> {
    fs::write(folder.join("p.toml"), pipeline(form, to)).unwrap();
    let ran = crosstie_in(folder, &["run", "p.toml", "--date", "2026-03-15"]);
    expect_code(&ran, 0);
    assert!(stdout(&ran).contains("2000 records seen: ") && stdout(&ran).contains(" 0 duplicates"), "{}", stdout(&ran));
    assert!(stdout(&ran).contains(" 0 quarantined"), "{}", stdout(&ran));
    let part = format!("{form}/restricted/{}/snapshot_date=2026-03-15/part-00000.parquet", TieRow::TABLE.name);
    read_table(&fs::read(folder.join(part)).unwrap()).unwrap()
}

#[test]
fn both_forms_make_the_same_ties() {
    let scratch = tempfile::tempdir().unwrap();
    let size = ["--people", "60", "--messages", "2000", "--days", "14", "--silos", "0", "--seed", "5"];
    let made = crosstie_in(scratch.path(), &[&["synth", "org", "--bulk", "csv,jsonl"], size.as_slice()].concat());
    expect_code(&made, 0);
    assert_eq!(stdout(&made), "Made 30 files in org.\n");
    fs::write(scratch.path().join("k.key"), KEY).unwrap();
    set_mode(&scratch.path().join("k.key"), 0o600);
    let csv = ties(scratch.path(), "csv", "to");
    assert!(csv.len() > 200);
    assert_eq!(csv, ties(scratch.path(), "jsonl", "to[]"));
}

#[test]
fn bulk_and_formats_exclude_each_other() {
    let scratch = tempfile::tempdir().unwrap();
    for wrong in [["--bulk", "csv", "--formats", "csv"].as_slice(), &["--wide"], &["--bulk", "xml"]] {
        let refused = crosstie_in(scratch.path(), &[&["synth", "org"], wrong].concat());
        expect_code(&refused, 2);
        assert!(!stderr(&refused).is_empty() && !scratch.path().join("org").exists());
    }
}
