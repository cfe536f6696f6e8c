//! The node table as Parquet and CSV, the graph's values as JSON.

use crate::graph::edges::EdgeList;
use crate::graph::kernels::{NodeColumn, Results};
use arrow::array::{ArrayRef, BooleanArray, Float64Array, Int64Array, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field, Schema};
use crosstie_model::{Diagnostic, code};
use crosstie_pipeline::{Exit, Failure};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;
use std::error::Error;
use std::fs;
use std::path::Path;
use std::sync::Arc;

/// Writes all three into a new folder: made beside it and renamed, so that it is whole or not there.
pub(crate) fn write(out: &Path, list: &EdgeList, results: &Results) -> Result<(), Failure> {
    let staged = out.with_extension("staging");
    let written = write_files(&staged, list, results).and_then(|()| Ok(fs::rename(&staged, out)?));
    written.map_err(|error| {
        let _ = fs::remove_dir_all(&staged);
        let message = format!("`{}` cannot be created", out.display());
        Failure::new(
            Exit::Create,
            Diagnostic::new(code::S102, message).detail(error.to_string()).hint(code::S102.remedy),
        )
    })
}

fn write_files(folder: &Path, list: &EdgeList, results: &Results) -> Result<(), Box<dyn Error>> {
    fs::create_dir(folder)?;
    let batch = batch(list, results)?;
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(3)?))
        .set_created_by("crosstie".into())
        .build();
    let mut parquet = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut parquet, batch.schema(), Some(properties))?;
    writer.write(&batch)?;
    writer.close()?;
    fs::write(folder.join("nodes.parquet"), parquet)?;
    fs::write(folder.join("nodes.csv"), csv_text(list, results)?)?;
    fs::write(folder.join("graph.json"), format!("{:#}\n", results.graph))?;
    Ok(())
}

fn batch(list: &EdgeList, results: &Results) -> Result<RecordBatch, Box<dyn Error>> {
    let mut fields = vec![Field::new("id", DataType::Utf8, false)];
    let mut arrays: Vec<ArrayRef> = vec![Arc::new(StringArray::from(list.ids.clone()))];
    for column in &results.columns {
        let (name, kind, array): (&str, DataType, ArrayRef) = match column {
            NodeColumn::Int(name, values) => (name, DataType::Int64, Arc::new(Int64Array::from(values.clone()))),
            NodeColumn::Float(name, values) => (name, DataType::Float64, Arc::new(Float64Array::from(values.clone()))),
            NodeColumn::Bool(name, values) => (name, DataType::Boolean, Arc::new(BooleanArray::from(values.clone()))),
        };
        fields.push(Field::new(name, kind, true));
        arrays.push(array);
    }
    Ok(RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays)?)
}

fn csv_text(list: &EdgeList, results: &Results) -> Result<Vec<u8>, Box<dyn Error>> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let name = |column: &NodeColumn| match column {
        NodeColumn::Int(name, _) | NodeColumn::Float(name, _) | NodeColumn::Bool(name, _) => (*name).to_string(),
    };
    writer.write_record(std::iter::once("id".to_string()).chain(results.columns.iter().map(name)))?;
    for (row, id) in list.ids.iter().enumerate() {
        let cell = |column: &NodeColumn| match column {
            NodeColumn::Int(_, values) => values[row].map_or_else(String::new, |value| value.to_string()),
            NodeColumn::Float(_, values) => values[row].map_or_else(String::new, |value| value.to_string()),
            NodeColumn::Bool(_, values) => values[row].to_string(),
        };
        writer.write_record(std::iter::once(id.clone()).chain(results.columns.iter().map(cell)))?;
    }
    Ok(writer.into_inner().map_err(|error| error.to_string())?)
}
