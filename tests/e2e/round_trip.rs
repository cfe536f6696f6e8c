//! One organization through every format: each gives the ties that the reference of its own folder gives.

use crate::support::{crosstie_in, expect_code};
use crosstie_model::Record;
use crosstie_model::tables::TieRow;
use crosstie_store::read_table;
use crosstie_synth::Format;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// The ties of the only run below a folder, by pseudonyms.
fn ties(folder: &Path) -> Vec<TieRow> {
    let root = folder.join("out").join(TieRow::TABLE.class.folder()).join(TieRow::TABLE.name);
    let mut dates: Vec<_> = fs::read_dir(&root).unwrap().map(|entry| entry.unwrap().path()).collect();
    dates.sort();
    assert_eq!(dates.len(), 1, "{}", root.display());
    read_table(&fs::read(dates[0].join("part-00000.parquet")).unwrap()).unwrap()
}

fn run(folder: &Path) -> Vec<TieRow> {
    expect_code(&crosstie_in(folder, &["run", "pipeline.toml", "--quiet"]), 0);
    ties(folder)
}

/// Equal in all but the last unit of weight: what does not divide goes to recipients in the order of their accounts'
/// keyed ids, and an organization's accounts differ from format to format.
#[track_caller]
fn assert_equal(name: &str, got: &[TieRow], expected: &[TieRow]) {
    assert_eq!(got.len(), expected.len(), "{name}: ties");
    for (got, expected) in got.iter().zip(expected) {
        let rounding = got.message_count as f64 / f64::from(1 << 20);
        assert!((got.weight - expected.weight).abs() <= rounding, "{name}: {} and {}", got.weight, expected.weight);
        assert_eq!(TieRow { weight: 0.0, ..got.clone() }, TieRow { weight: 0.0, ..expected.clone() }, "{name}");
    }
}

#[test]
fn every_format_gives_the_same_ties() {
    let scratch = tempfile::tempdir().unwrap();
    let arguments =
        ["synth", "org", "--people", "60", "--messages", "1500", "--silos", "0", "--seed", "5", "--formats", "all"];
    expect_code(&crosstie_in(scratch.path(), &arguments), 0);
    let formats = scratch.path().join("org/formats");
    let mut references: BTreeMap<&str, Vec<TieRow>> = BTreeMap::new();
    for format in Format::ALL {
        let Some(reference) = format.reference_of() else { continue };
        let expected = references.entry(reference).or_insert_with(|| run(&formats.join(reference)));
        assert!(expected.len() > 100, "{reference} has {} ties", expected.len());
        assert_equal(format.name(), &run(&formats.join(format.name())), expected);
    }
}

#[test]
fn what_ingest_writes_is_read_like_its_source() {
    let scratch = tempfile::tempdir().unwrap();
    let arguments =
        ["synth", "org", "--people", "60", "--messages", "1500", "--silos", "0", "--seed", "5", "--formats", "csv"];
    expect_code(&crosstie_in(scratch.path(), &arguments), 0);
    let csv = scratch.path().join("org/formats/csv");
    let expected = run(&csv);
    expect_code(&crosstie_in(&csv, &["ingest", "pipeline.toml", "--out", "canonical"]), 0);
    let text = fs::read_to_string(csv.join("pipeline.toml")).unwrap();
    let begin = text.find("[[sources]]").unwrap();
    let end = begin + text[begin..].find("\n[identity]").unwrap();
    let source = "[[sources]]\nname = \"mail\"\nkind = \"mail\"\nformat = \"parquet\"\npath = \"canonical/*.parquet\"\ncomplete = true\n";
    let again = format!("{}{source}{}", &text[..begin], &text[end..]).replace("path = \"out\"", "path = \"again/out\"");
    fs::create_dir(csv.join("again")).unwrap();
    fs::write(csv.join("again.toml"), again).unwrap();
    expect_code(&crosstie_in(&csv, &["run", "again.toml", "--quiet"]), 0);
    assert_eq!(ties(&csv.join("again")), expected);

    // Beside its own source it adds nothing: an account known by its keyed id alone is the same account.
    let both = format!("{}{}{}", &text[..begin], source.replace("\"mail\"\nkind", "\"rows\"\nkind"), &text[begin..]);
    fs::create_dir(csv.join("both")).unwrap();
    fs::write(csv.join("both.toml"), both.replace("path = \"out\"", "path = \"both/out\"")).unwrap();
    let ran = crosstie_in(&csv, &["run", "both.toml"]);
    expect_code(&ran, 0);
    assert_eq!(ties(&csv.join("both")), expected);
    assert!(!crate::support::stdout(&ran).contains(" 0 duplicates"));

    // A table that its manifest does not describe is never decoded.
    let table = csv.join("canonical/messages.parquet");
    let mut bytes = fs::read(&table).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&table, bytes).unwrap();
    let changed = crosstie_in(&csv, &["run", "again.toml"]);
    expect_code(&changed, 65);
    assert!(crate::support::stderr(&changed).contains("I212"));
    fs::remove_file(csv.join("canonical/manifest.json")).unwrap();
    let unlisted = crosstie_in(&csv, &["run", "again.toml"]);
    expect_code(&unlisted, 65);
    assert!(crate::support::stderr(&unlisted).contains("manifest.json"));
}
