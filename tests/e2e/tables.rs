//! What `docs/tables.md` says of the tables holds in the files: metadata, order, types, words, ranges, nulls.

use crate::support::{Scratch, crosstie_in, expect_code, files};
use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{DataType, Float64Type, Int64Type};
use crosstie_model::tables::{MessageRow, TABLES};
use crosstie_model::{ColumnRange, Record, TableSpec, column_facts};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::basic::Compression;
use parquet::file::metadata::ParquetMetaData;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::path::Path;

#[test]
fn the_dictionary_holds_in_every_file() {
    let scratch = Scratch::new();
    scratch.edit("p.toml", "days = 91", "days = 14");
    scratch.edit("p.toml", "[window]\n", "[measure]\nkeep_replicates = true\n\n[window]\n");
    expect_code(&scratch.run(&["--date", "2026-03-15"]), 0);
    expect_code(&scratch.run(&[]), 0);
    expect_code(&crosstie_in(scratch.path(), &["ingest", "p.toml", "--out", "shared"]), 0);
    let out = scratch.path().join("out");
    let mut seen = BTreeSet::new();
    for path in files(&out).iter().filter(|path| path.extension().is_some_and(|ending| ending == "parquet")) {
        let relative = path.strip_prefix(&out).unwrap().display().to_string();
        let mut parts = relative.split('/');
        let (class, name, snapshot) = (parts.next().unwrap(), parts.next().unwrap(), parts.next().unwrap());
        let table = TABLES.into_iter().find(|table| table.name == name).unwrap();
        assert_eq!(class, table.class.folder(), "{relative}");
        let date = snapshot.strip_prefix("snapshot_date=").unwrap();
        let manifest: serde_json::Value =
            serde_json::from_str(&scratch.read(&format!("out/runs/{date}.001.json"))).unwrap();
        check(path, &table, manifest["run_id"].as_str().unwrap());
        seen.insert(table.name);
    }
    assert_eq!(seen.len(), TABLES.len(), "{seen:?}");
    let manifest: serde_json::Value = serde_json::from_str(&scratch.read("shared/manifest.json")).unwrap();
    check(&scratch.path().join("shared/messages.parquet"), &MessageRow::TABLE, manifest["key_id"].as_str().unwrap());
}

fn check(path: &Path, table: &TableSpec, run_id: &str) {
    let reader = ParquetRecordBatchReaderBuilder::try_new(File::open(path).unwrap()).unwrap();
    check_metadata(reader.metadata(), table, run_id);
    for field in reader.schema().fields() {
        assert!(!matches!(field.data_type(), DataType::Dictionary(..) | DataType::Utf8View), "{path:?}: {field}");
    }
    let mut rows = 0;
    for batch in reader.build().unwrap() {
        let batch = batch.unwrap();
        check_values(&batch, table);
        rows += batch.num_rows();
    }
    assert!(rows > 0 || table.name == "introductions", "{} is empty: nothing was checked", table.name);
}

fn check_metadata(file: &ParquetMetaData, table: &TableSpec, run_id: &str) {
    let entries = file.file_metadata().key_value_metadata().unwrap();
    let metadata: BTreeMap<&str, &str> =
        entries.iter().map(|entry| (entry.key.as_str(), entry.value.as_deref().unwrap())).collect();
    assert_eq!(metadata["crosstie.schema_version"], "1");
    assert_eq!(metadata["crosstie.run_id"], run_id);
    assert_eq!(metadata["crosstie.table"], table.name);
    let said: BTreeMap<String, String> = serde_json::from_str(metadata["crosstie.column_docs"]).unwrap();
    let meant = table.columns.iter().map(|column| (column.name.to_string(), column.doc.trim().to_string()));
    assert_eq!(said, meant.collect(), "{}", table.name);
    for group in file.row_groups() {
        let sorted = group.sorting_columns().unwrap().iter().map(|by| table.columns[by.column_idx as usize].name);
        assert!(sorted.eq(table.key.iter().copied()), "{}", table.name);
        assert!(group.columns().iter().all(|column| matches!(column.compression(), Compression::ZSTD(_))));
    }
}

fn check_values(batch: &RecordBatch, table: &TableSpec) {
    assert_eq!(batch.num_columns(), table.columns.len());
    for (column, array) in table.columns.iter().zip(batch.columns()) {
        let facts = column_facts(table.name, column.name).unwrap();
        let place = format!("{}.{}", table.name, column.name);
        assert!(array.null_count() == 0 || !facts.null_when.is_empty(), "{place} is null somewhere");
        let within = |low: f64, high: f64| {
            let values: Vec<f64> = match array.data_type() {
                DataType::Int64 => {
                    array.as_primitive::<Int64Type>().iter().flatten().map(|value| value as f64).collect()
                }
                _ => array.as_primitive::<Float64Type>().iter().flatten().collect(),
            };
            // A share that was summed in floats may lie beyond its end by rounding.
            assert!(values.iter().all(|value| (low - 1e-12..=high + 1e-12).contains(value)), "{place}: {values:?}");
        };
        match facts.range {
            ColumnRange::Open => {}
            ColumnRange::From(low) => within(low, f64::INFINITY),
            ColumnRange::Within(low, high) => within(low, high),
            ColumnRange::OneOf(words) => {
                let found = array.as_string::<i32>().iter().flatten().find(|value| !words.contains(value));
                assert_eq!(found, None, "{place}");
            }
        }
    }
}
