//! The node table and, where edges were measured, the edge table as Parquet and CSV, the graph's values as JSON.

use crate::graph::edges::EdgeList;
use crate::graph::kernels::{Column, Results};
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

/// Writes all of it into a new folder: made beside it and renamed, so that it is whole or not there.
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
    let nodes = Table {
        names: vec![("id", list.ids.iter().map(String::as_str).collect())],
        weights: None,
        columns: &results.columns,
    };
    nodes.write(folder, "nodes")?;
    if !results.edge_columns.is_empty() {
        let name = |end: u32| list.ids[end as usize].as_str();
        let edges = Table {
            names: vec![
                ("source", results.edges.iter().map(|edge| name(edge.0)).collect()),
                ("target", results.edges.iter().map(|edge| name(edge.1)).collect()),
            ],
            weights: Some(results.edges.iter().map(|edge| edge.2).collect()),
            columns: &results.edge_columns,
        };
        edges.write(folder, "edges")?;
    }
    fs::write(folder.join("graph.json"), format!("{:#}\n", results.graph))?;
    Ok(())
}

/// Rows of nodes or edges.
struct Table<'t> {
    /// The ids that name a row, by column.
    names: Vec<(&'static str, Vec<&'t str>)>,
    weights: Option<Vec<f64>>,
    columns: &'t [Column],
}

impl Table<'_> {
    fn write(&self, folder: &Path, stem: &str) -> Result<(), Box<dyn Error>> {
        let batch = self.batch()?;
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::try_new(3)?))
            .set_created_by("crosstie".into())
            .build();
        let mut parquet = Vec::new();
        let mut writer = ArrowWriter::try_new(&mut parquet, batch.schema(), Some(properties))?;
        writer.write(&batch)?;
        writer.close()?;
        fs::write(folder.join(format!("{stem}.parquet")), parquet)?;
        fs::write(folder.join(format!("{stem}.csv")), self.csv_text()?)?;
        Ok(())
    }

    fn batch(&self) -> Result<RecordBatch, Box<dyn Error>> {
        let mut fields = Vec::new();
        let mut arrays: Vec<ArrayRef> = Vec::new();
        for (name, ids) in &self.names {
            fields.push(Field::new(*name, DataType::Utf8, false));
            arrays.push(Arc::new(StringArray::from(ids.clone())));
        }
        if let Some(weights) = &self.weights {
            fields.push(Field::new("weight", DataType::Float64, false));
            arrays.push(Arc::new(Float64Array::from(weights.clone())));
        }
        for column in self.columns {
            let (name, kind, array): (&str, DataType, ArrayRef) = match column {
                Column::Int(name, values) => (name, DataType::Int64, Arc::new(Int64Array::from(values.clone()))),
                Column::Float(name, values) => (name, DataType::Float64, Arc::new(Float64Array::from(values.clone()))),
                Column::Bool(name, values) => (name, DataType::Boolean, Arc::new(BooleanArray::from(values.clone()))),
            };
            fields.push(Field::new(name, kind, true));
            arrays.push(array);
        }
        Ok(RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays)?)
    }

    fn csv_text(&self) -> Result<Vec<u8>, Box<dyn Error>> {
        let mut writer = csv::Writer::from_writer(Vec::new());
        let name = |column: &Column| match column {
            Column::Int(name, _) | Column::Float(name, _) | Column::Bool(name, _) => (*name).to_string(),
        };
        let names = self.names.iter().map(|(name, _)| (*name).to_string());
        let weight = self.weights.iter().map(|_| "weight".to_string());
        writer.write_record(names.chain(weight).chain(self.columns.iter().map(name)))?;
        let rows = self.names.first().map_or(0, |(_, ids)| ids.len());
        for row in 0..rows {
            let cell = |column: &Column| match column {
                Column::Int(_, values) => values[row].map_or_else(String::new, |value| value.to_string()),
                Column::Float(_, values) => values[row].map_or_else(String::new, |value| value.to_string()),
                Column::Bool(_, values) => values[row].to_string(),
            };
            let ids = self.names.iter().map(|(_, ids)| ids[row].to_string());
            let weight = self.weights.iter().map(|weights| weights[row].to_string());
            writer.write_record(ids.chain(weight).chain(self.columns.iter().map(cell)))?;
        }
        Ok(writer.into_inner().map_err(|error| error.to_string())?)
    }
}
