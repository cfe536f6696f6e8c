//! Rows to Parquet and back, in the conventions that notebooks rely on: plain types, null for undefined, sorted by
//! the key, ZSTD, a sentence a column, no statistics on identifiers.

use crate::StoreError;
use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Date32Array, Float64Array, Int64Array, StringArray,
    TimestampMicrosecondArray,
};
use arrow::datatypes::{
    DataType, Date32Type, Field, Float64Type, Int64Type, Schema, TimeUnit, TimestampMicrosecondType,
};
use bytes::Bytes;
use crosstie_model::{Cell, CellKind, Column, Record, TableSpec, key_columns, order_by};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::arrow::arrow_writer::{ArrowColumnWriter, ArrowWriter, compute_leaves};
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::metadata::{KeyValue, SortingColumn};
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::schema::types::ColumnPath;
use rayon::prelude::*;
use std::sync::Arc;

/// Version of the table schemas.
const SCHEMA_VERSION: &str = "1";
const ZSTD: i32 = 3;
/// Rows of a group, each column of which can be read by itself.
const GROUP_ROWS: usize = 1 << 20;
/// Rows of a column that are encoded at once.
const BATCH_ROWS: usize = 1 << 16;

/// A table as bytes, which may be made while other things are decided.
pub struct EncodedTable {
    pub(crate) spec: TableSpec,
    pub(crate) rows: u64,
    pub(crate) bytes: Vec<u8>,
}

impl EncodedTable {
    /// Encodes rows as [`write_table`] does.
    ///
    /// # Errors
    /// [`StoreError::Encode`]: a bug.
    pub fn of<R: Record>(rows: &[R], run_id: &str) -> Result<EncodedTable, StoreError> {
        Ok(EncodedTable { spec: R::TABLE, rows: rows.len() as u64, bytes: write_table(rows, run_id)? })
    }
}

/// Encodes rows, sorted by the table's key. Equal rows and run id give equal bytes.
///
/// # Errors
/// [`StoreError::Encode`]: a bug.
pub fn write_table<R: Record>(rows: &[R], run_id: &str) -> Result<Vec<u8>, StoreError> {
    let spec = R::TABLE;
    let key = key_columns(&spec);
    let order = order(rows, &key);
    encode(rows, &order, properties(&spec, &key, run_id)?).map_err(|_| StoreError::Encode { table: spec.name })
}

/// The columns of a group of rows are encoded side by side, some rows at a time, so that the table is never held a
/// second time.
fn encode<R: Record>(rows: &[R], order: &[u32], properties: WriterProperties) -> Result<Vec<u8>, ParquetError> {
    let field = |column: &Column| Field::new(column.name, data_type(column.kind), column.nullable);
    let schema = Arc::new(Schema::new(R::TABLE.columns.iter().map(field).collect::<Vec<_>>()));
    let mut bytes = Vec::new();
    let writer = ArrowWriter::try_new(&mut bytes, schema.clone(), Some(properties))?;
    let (mut file, columns) = writer.into_serialized_writer()?;
    for (at, group) in order.chunks(GROUP_ROWS).enumerate() {
        let encode_column = |(column, mut writer): (usize, ArrowColumnWriter)| {
            for batch in group.chunks(BATCH_ROWS) {
                let leaves = compute_leaves(schema.field(column), &array(rows, batch, column))?;
                leaves.iter().try_for_each(|leaf| writer.write(leaf))?;
            }
            writer.close()
        };
        let writers = columns.create_column_writers(at)?.into_par_iter().enumerate();
        let encoded = writers.map(encode_column).collect::<Result<Vec<_>, _>>()?;
        let mut group = file.next_row_group()?;
        encoded.into_iter().try_for_each(|column| column.append_to_row_group(&mut group))?;
        group.close()?;
    }
    file.close()?;
    Ok(bytes)
}

/// The rows in the order of the key, those of one key as they came.
fn order<R: Record>(rows: &[R], key: &[usize]) -> Vec<u32> {
    let compare = |a: &R, b: &R| order_by(key, a, b);
    let mut order: Vec<u32> = (0..rows.len() as u32).collect();
    // Large tables come in order. A stretch ends with the first row of the next.
    let begins: Vec<usize> = (0..rows.len()).step_by(BATCH_ROWS).collect();
    let stretch = |begin: usize| &rows[begin..(begin + BATCH_ROWS + 1).min(rows.len())];
    if !begins.par_iter().all(|&begin| stretch(begin).is_sorted_by(|a, b| compare(a, b).is_le())) {
        order.sort_by(|&a, &b| compare(&rows[a as usize], &rows[b as usize]));
    }
    order
}

fn properties(spec: &TableSpec, key: &[usize], run_id: &str) -> Result<WriterProperties, StoreError> {
    let docs: serde_json::Map<String, serde_json::Value> =
        spec.columns.iter().map(|column| (column.name.to_string(), column.doc.trim().into())).collect();
    let metadata = [
        ("crosstie.schema_version", SCHEMA_VERSION.to_string()),
        ("crosstie.run_id", run_id.to_string()),
        ("crosstie.table", spec.name.to_string()),
        ("crosstie.column_docs", serde_json::Value::Object(docs).to_string()),
    ];
    let sorting =
        key.iter().map(|&at| SortingColumn { column_idx: at as i32, descending: false, nulls_first: true }).collect();
    let level = ZstdLevel::try_new(ZSTD).map_err(|_| StoreError::Encode { table: spec.name })?;
    let mut builder = WriterProperties::builder()
        .set_compression(Compression::ZSTD(level))
        .set_created_by("crosstie".into())
        .set_sorting_columns(Some(sorting))
        .set_key_value_metadata(Some(metadata.into_iter().map(|(k, v)| KeyValue::new(k.into(), v)).collect()));
    for column in spec.columns.iter().filter(|column| column.identifier) {
        let path = ColumnPath::from(column.name);
        builder = builder
            .set_column_statistics_enabled(path.clone(), EnabledStatistics::None)
            .set_column_dictionary_enabled(path, false);
    }
    Ok(builder.build())
}

fn data_type(kind: CellKind) -> DataType {
    match kind {
        CellKind::Text => DataType::Utf8,
        CellKind::Int => DataType::Int64,
        CellKind::Float => DataType::Float64,
        CellKind::Bool => DataType::Boolean,
        CellKind::Date => DataType::Date32,
        CellKind::Time => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
    }
}

/// One column of the rows; a value of another kind than the column's cannot occur, `Record` ties the two.
fn array<R: Record>(rows: &[R], rows_at: &[u32], column: usize) -> ArrayRef {
    let cells = rows_at.iter().map(|&at| rows[at as usize].cell_in(column));
    macro_rules! collect {
        ($kind:ident, $array:ty) => {
            cells.map(|cell| if let Cell::$kind(value) = cell { value } else { None }).collect::<$array>()
        };
    }
    match R::TABLE.columns[column].kind {
        CellKind::Text => Arc::new(collect!(Text, StringArray)),
        CellKind::Int => Arc::new(collect!(Int, Int64Array)),
        CellKind::Float => Arc::new(collect!(Float, Float64Array)),
        CellKind::Bool => Arc::new(collect!(Bool, BooleanArray)),
        CellKind::Date => Arc::new(collect!(Date, Date32Array)),
        CellKind::Time => Arc::new(collect!(Time, TimestampMicrosecondArray).with_timezone("UTC")),
    }
}

/// Decodes a table; `None` if the bytes are not one of this schema.
#[must_use]
pub fn read_table<R: Record>(bytes: &[u8]) -> Option<Vec<R>> {
    let spec = R::TABLE;
    let reader = ParquetRecordBatchReaderBuilder::try_new(Bytes::copy_from_slice(bytes)).ok()?.build().ok()?;
    let mut rows = Vec::new();
    for batch in reader {
        let batch = batch.ok()?;
        let names: Vec<&str> = batch.schema_ref().fields().iter().map(|field| field.name().as_str()).collect();
        if !names.iter().copied().eq(spec.columns.iter().map(|column| column.name)) {
            return None;
        }
        for row in 0..batch.num_rows() {
            let cells =
                spec.columns.iter().enumerate().map(|(at, column)| cell(column, batch.column(at).as_ref(), row));
            rows.push(R::from_cells(cells.collect::<Option<_>>()?)?);
        }
    }
    Some(rows)
}

/// Decodes every value of a table of any schema and counts its rows; `None` if the bytes are no table.
pub(crate) fn count_rows(bytes: &[u8]) -> Option<u64> {
    let reader = ParquetRecordBatchReaderBuilder::try_new(Bytes::copy_from_slice(bytes)).ok()?.build().ok()?;
    reader.map(|batch| batch.ok().map(|batch| batch.num_rows() as u64)).sum()
}

fn cell(column: &Column, array: &dyn Array, row: usize) -> Option<Cell> {
    if *array.data_type() != data_type(column.kind) {
        return None;
    }
    let there = array.is_valid(row);
    Some(match column.kind {
        CellKind::Text => Cell::Text(there.then(|| array.as_string::<i32>().value(row).to_string())),
        CellKind::Int => Cell::Int(there.then(|| array.as_primitive::<Int64Type>().value(row))),
        CellKind::Float => Cell::Float(there.then(|| array.as_primitive::<Float64Type>().value(row))),
        CellKind::Bool => Cell::Bool(there.then(|| array.as_boolean().value(row))),
        CellKind::Date => Cell::Date(there.then(|| array.as_primitive::<Date32Type>().value(row))),
        CellKind::Time => Cell::Time(there.then(|| array.as_primitive::<TimestampMicrosecondType>().value(row))),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crosstie_model::tables::{CoverageRow, OrganizationRow, TieRow};
    use crosstie_model::{Day, Micros, PersonId};

    fn row(metric: &str, value: Option<f64>) -> OrganizationRow {
        OrganizationRow {
            metric: metric.into(),
            value,
            low: None,
            high: None,
            expected: Some(0.0),
            z: None,
            as_of: None,
        }
    }

    #[test]
    fn rows_come_back_sorted_by_key() {
        let rows = [row("b", None), row("a", Some(-0.25))];
        let bytes = write_table(&rows, "run").unwrap();
        assert_eq!(read_table::<OrganizationRow>(&bytes).unwrap(), [rows[1].clone(), rows[0].clone()]);
        let turned = [rows[1].clone(), rows[0].clone()];
        assert_eq!(write_table(&turned, "run").unwrap(), bytes, "the order of rows does not show");
        assert!(read_table::<CoverageRow>(&bytes).is_none(), "another schema");
        assert_eq!(read_table::<OrganizationRow>(&write_table::<OrganizationRow>(&[], "run").unwrap()), Some(vec![]));
    }

    #[test]
    fn a_table_of_several_groups_is_sorted_across_their_borders() {
        let count = GROUP_ROWS + BATCH_ROWS + 3;
        let sorted: Vec<OrganizationRow> = (0..count).map(|at| row(&format!("{at:07}"), Some(at as f64))).collect();
        let bytes = write_table(&sorted, "run").unwrap();
        assert!(read_table::<OrganizationRow>(&bytes).unwrap() == sorted);
        assert_eq!(count_rows(&bytes), Some(count as u64));
        let reader = ParquetRecordBatchReaderBuilder::try_new(Bytes::from(bytes.clone())).unwrap();
        let groups = reader.metadata().row_groups().iter().map(|group| group.num_rows() as usize);
        assert_eq!(groups.collect::<Vec<_>>(), [GROUP_ROWS, BATCH_ROWS + 3]);
        // Only the first row of the second batch is out of place, then all are.
        let mut other = sorted.clone();
        other.swap(BATCH_ROWS - 1, BATCH_ROWS);
        assert!(write_table(&other, "run").unwrap() == bytes);
        other.reverse();
        assert!(write_table(&other, "run").unwrap() == bytes);
    }

    #[test]
    fn identifiers_have_no_statistics_and_times_are_utc() {
        let tie = TieRow {
            source_id: PersonId::new("SOURCE").unwrap(),
            target_id: PersonId::new("TARGET").unwrap(),
            message_count: 1,
            weight: 1.0,
            mail_count: 1,
            chat_count: 0,
            active_days_count: 1,
            first_at: Micros(5_000_000),
            last_at: Micros(6_000_000),
            relation: None,
            tree_distance: None,
        };
        let bytes = write_table(std::slice::from_ref(&tie), "run").unwrap();
        assert_eq!(read_table::<TieRow>(&bytes), Some(vec![tie]));
        let reader = ParquetRecordBatchReaderBuilder::try_new(Bytes::from(bytes)).unwrap();
        let group = reader.metadata().row_group(0);
        for column in group.columns() {
            let name = column.column_path().string();
            assert_eq!(column.statistics().is_some(), !name.ends_with("_id"), "{name}");
        }
        assert_eq!(group.sorting_columns().map(Vec::len), Some(2));
        assert_eq!(Day(0).start(), Micros(0));
    }
}
