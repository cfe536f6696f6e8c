//! The node table and, where edges were measured, the edge table as Parquet and CSV, the graph's values as JSON.

use crate::graph::edges::EdgeList;
use crate::graph::kernels::{Column, Results};
use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, Float64Array, Int64Array, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field, Schema};
use crosstie_graph::Graph;
use crosstie_model::{Diagnostic, Weight, code};
use crosstie_pipeline::{Exit, Failure};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;
use std::error::Error;
use std::fs::{self, File};
use std::path::Path;
use std::sync::Arc;

/// Writes all of it into a new folder: made beside it and renamed, so that it is whole or not there.
pub(crate) fn write(out: &Path, list: &EdgeList, ties: &Graph, results: &Results) -> Result<(), Failure> {
    let staged = out.with_extension("staging");
    let written = write_files(&staged, list, ties, results).and_then(|()| Ok(fs::rename(&staged, out)?));
    written.map_err(|error| {
        let _ = fs::remove_dir_all(&staged);
        let message = format!("`{}` cannot be created", out.display());
        Failure::new(
            Exit::Create,
            Diagnostic::new(code::S102, message).detail(error.to_string()).hint(code::S102.remedy),
        )
    })
}

fn write_files(folder: &Path, list: &EdgeList, ties: &Graph, results: &Results) -> Result<(), Box<dyn Error>> {
    fs::create_dir(folder)?;
    let name = |node: u32| list.ids[node as usize].as_str();
    let mut nodes = Table::create(folder, "nodes", &[("id", DataType::Utf8)], &results.columns)?;
    for start in (0..list.ids.len()).step_by(ROWS) {
        let ids = &list.ids[start..list.ids.len().min(start + ROWS)];
        nodes.write(vec![Arc::new(StringArray::from_iter_values(ids))])?;
    }
    nodes.end()?;
    if !results.edge_columns.is_empty() {
        let ends = [("source", DataType::Utf8), ("target", DataType::Utf8), ("weight", DataType::Float64)];
        let mut table = Table::create(folder, "edges", &ends, &results.edge_columns)?;
        let mut edges = ties.arcs().filter(|(tail, head, _)| tail < head).peekable();
        while edges.peek().is_some() {
            let some: Vec<(u32, u32, Weight)> = edges.by_ref().take(ROWS).collect();
            table.write(vec![
                Arc::new(StringArray::from_iter_values(some.iter().map(|edge| name(edge.0)))),
                Arc::new(StringArray::from_iter_values(some.iter().map(|edge| name(edge.1)))),
                Arc::new(Float64Array::from_iter_values(some.iter().map(|edge| edge.2.messages()))),
            ])?;
        }
        table.end()?;
    }
    fs::write(folder.join("graph.json"), format!("{:#}\n", results.graph))?;
    Ok(())
}

/// Rows that are held at once in the form of the files.
const ROWS: usize = 1 << 17;

/// A table that is written to both files from the first row to the last.
struct Table<'c> {
    schema: Arc<Schema>,
    /// What kernels found; rows of it follow those already written.
    columns: &'c [Column],
    written: usize,
    parquet: ArrowWriter<File>,
    csv: csv::Writer<File>,
}

impl<'c> Table<'c> {
    /// `first` are the columns that name a row.
    fn create(
        folder: &Path,
        stem: &str,
        first: &[(&str, DataType)],
        columns: &'c [Column],
    ) -> Result<Table<'c>, Box<dyn Error>> {
        let named = first.iter().map(|(name, kind)| Field::new(*name, kind.clone(), false));
        let found = columns.iter().map(|column| match column {
            Column::Int(name, _) => Field::new(*name, DataType::Int64, true),
            Column::Float(name, _) => Field::new(*name, DataType::Float64, true),
            Column::Bool(name, _) => Field::new(*name, DataType::Boolean, true),
        });
        let schema = Arc::new(Schema::new(named.chain(found).collect::<Vec<Field>>()));
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::try_new(3)?))
            .set_created_by("crosstie".into())
            .build();
        let parquet = File::create(folder.join(format!("{stem}.parquet")))?;
        let parquet = ArrowWriter::try_new(parquet, schema.clone(), Some(properties))?;
        let mut csv = csv::Writer::from_path(folder.join(format!("{stem}.csv")))?;
        csv.write_record(schema.fields().iter().map(|field| field.name()))?;
        Ok(Table { schema, columns, written: 0, parquet, csv })
    }

    /// The next rows, by the columns that name them.
    fn write(&mut self, mut arrays: Vec<ArrayRef>) -> Result<(), Box<dyn Error>> {
        let end = self.written + arrays[0].len();
        let rows = self.written..end;
        for column in self.columns {
            arrays.push(match column {
                Column::Int(_, values) => Arc::new(Int64Array::from(values[rows.clone()].to_vec())),
                Column::Float(_, values) => Arc::new(Float64Array::from(values[rows.clone()].to_vec())),
                Column::Bool(_, values) => Arc::new(BooleanArray::from(values[rows.clone()].to_vec())),
            });
        }
        self.written = end;
        let batch = RecordBatch::try_new(self.schema.clone(), arrays)?;
        self.parquet.write(&batch)?;
        let cells: Vec<Cells<'_>> = batch.columns().iter().map(Cells::of).collect();
        for row in 0..batch.num_rows() {
            self.csv.write_record(cells.iter().map(|column| column.text(row)))?;
        }
        Ok(())
    }

    fn end(mut self) -> Result<(), Box<dyn Error>> {
        self.parquet.close()?;
        self.csv.flush()?;
        Ok(())
    }
}

/// The cells of a column as text; null is empty.
enum Cells<'a> {
    Text(&'a StringArray),
    Int(&'a Int64Array),
    Float(&'a Float64Array),
    Bool(&'a BooleanArray),
}

impl Cells<'_> {
    fn of(array: &ArrayRef) -> Cells<'_> {
        match array.data_type() {
            DataType::Utf8 => Cells::Text(array.as_string()),
            DataType::Int64 => Cells::Int(array.as_primitive()),
            DataType::Float64 => Cells::Float(array.as_primitive()),
            _ => Cells::Bool(array.as_boolean()),
        }
    }

    fn text(&self, row: usize) -> String {
        let (is_null, text): (bool, &dyn Fn() -> String) = match self {
            Cells::Text(cells) => (cells.is_null(row), &|| cells.value(row).to_string()),
            Cells::Int(cells) => (cells.is_null(row), &|| cells.value(row).to_string()),
            Cells::Float(cells) => (cells.is_null(row), &|| cells.value(row).to_string()),
            Cells::Bool(cells) => (cells.is_null(row), &|| cells.value(row).to_string()),
        };
        if is_null { String::new() } else { text() }
    }
}
