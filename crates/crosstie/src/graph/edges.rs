//! Edge lists from CSV or Parquet.

use crate::arguments::GraphArguments;
use arrow::array::{Array, Float64Array, StringArray};
use arrow::compute::cast;
use arrow::datatypes::DataType;
use crosstie_model::{Diagnostic, Lookup, Place, Weight, code, nearest};
use crosstie_pipeline::{Exit, Failure};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use std::fs::File;
use std::path::Path;

/// A graph as read.
pub(crate) struct EdgeList {
    /// Node ids, sorted.
    pub(crate) ids: Vec<String>,
    /// Edges by index into `ids`.
    pub(crate) edges: Vec<(u32, u32, Weight)>,
    /// Group of each node by index into `groups`.
    pub(crate) group_of: Option<Vec<Option<u32>>>,
    /// Group labels, sorted.
    pub(crate) groups: Vec<String>,
    /// The nodes that paths begin at, where they are named.
    pub(crate) sources: Option<Vec<u32>>,
}

/// Ids in order of the first time they are met, and edges by them.
#[derive(Default)]
struct Rows {
    ids: Vec<String>,
    index_of: Lookup<String, u32>,
    edges: Vec<(u32, u32, Weight)>,
}

impl Rows {
    fn index(&mut self, id: &str) -> u32 {
        if let Some(&index) = self.index_of.get(id) {
            return index;
        }
        let index = self.ids.len() as u32;
        self.ids.push(id.into());
        self.index_of.insert(id.into(), index);
        index
    }

    fn push(&mut self, source: &str, target: &str, weight: f64) {
        let weight = Weight::from_units((weight * 1_048_576.0).round() as u64);
        let (source, target) = (self.index(source), self.index(target));
        self.edges.push((source, target, weight));
    }
}

pub(crate) fn read(arguments: &GraphArguments) -> Result<EdgeList, Failure> {
    let path = &arguments.edges;
    let columns = (arguments.source.as_str(), arguments.target.as_str(), arguments.weight.as_deref());
    let is_parquet = path.extension().is_some_and(|extension| extension == "parquet");
    let mut rows = if is_parquet { read_parquet(path, columns)? } else { read_csv(path, columns)? };
    let nodes = arguments
        .nodes
        .as_ref()
        .map(|path| read_nodes(path, arguments.group.as_deref()))
        .transpose()?
        .unwrap_or_default();
    nodes.iter().for_each(|(id, _)| {
        rows.index(id);
    });
    let Rows { ids, index_of, mut edges } = rows;
    drop(index_of);
    let (ids, rank_of) = sorted(ids);
    for (source, target, _) in &mut edges {
        (*source, *target) = (rank_of[*source as usize], rank_of[*target as usize]);
    }
    let index = |id: &str| ids.binary_search_by(|known| known.as_str().cmp(id)).unwrap_or_default() as u32;
    let mut groups: Vec<String> = nodes.iter().filter_map(|node| node.1.clone()).collect();
    groups.sort_unstable();
    groups.dedup();
    let group_of = arguments.group.as_ref().map(|_| {
        let mut group_of = vec![None; ids.len()];
        for (id, group) in &nodes {
            group_of[index(id) as usize] =
                group.as_ref().and_then(|group| groups.binary_search(group).ok()).map(|at| at as u32);
        }
        group_of
    });
    let sources = arguments.sources.as_ref().map(|path| read_sources(path, &ids)).transpose()?;
    Ok(EdgeList { edges, group_of, groups, sources, ids })
}

/// The ids in order, and the place of each as it was.
fn sorted(mut ids: Vec<String>) -> (Vec<String>, Vec<u32>) {
    let mut order: Vec<u32> = (0..ids.len() as u32).collect();
    order.sort_unstable_by(|&a, &b| ids[a as usize].cmp(&ids[b as usize]));
    let mut rank_of = vec![0; ids.len()];
    (0..).zip(&order).for_each(|(rank, &index)| rank_of[index as usize] = rank);
    let ids = order.iter().map(|&index| std::mem::take(&mut ids[index as usize])).collect();
    (ids, rank_of)
}

/// Different nodes by their ids, ascending.
fn read_sources(path: &Path, ids: &[String]) -> Result<Vec<u32>, Failure> {
    let index = |(row, (id, _)): (usize, (String, _))| {
        let found = ids.binary_search(&id).map(|at| at as u32);
        found.map_err(|_| broken(path, Some(row as u64 + 2), "the source is no node of the graph"))
    };
    let mut sources: Vec<u32> =
        read_nodes(path, None)?.into_iter().enumerate().map(index).collect::<Result<_, Failure>>()?;
    sources.sort_unstable();
    sources.dedup();
    Ok(sources)
}

fn place(path: &Path, line: Option<u64>) -> Place {
    Place { path: path.display().to_string(), line, byte: None, column: None }
}

fn broken(path: &Path, line: Option<u64>, what: impl Into<String>) -> Failure {
    Failure::new(
        Exit::Data,
        Diagnostic::new(code::I212, what)
            .at(place(path, line))
            .hint("an edge list has columns `source,target[,weight]`; other names by --source, --target, --weight"),
    )
}

fn open(path: &Path) -> Result<File, Failure> {
    File::open(path).map_err(|error| {
        let missing = Diagnostic::new(code::C104, "cannot be read").at(place(path, None)).detail(error.to_string());
        Failure::new(Exit::NoInput, missing.hint("check the path"))
    })
}

/// Where a column stands.
fn column(names: &[String], wanted: &str, path: &Path) -> Result<usize, Failure> {
    names.iter().position(|name| name == wanted).ok_or_else(|| {
        let mut missing =
            Diagnostic::new(code::I213, format!("column `{wanted}` is not in the file")).at(place(path, Some(1)));
        if let Some(near) = nearest(wanted, names.iter().map(String::as_str)) {
            missing = missing.hint(format!("the nearest column is `{near}`"));
        }
        Failure::new(Exit::Data, missing.hint(format!("columns: {}", names.join(", "))))
    })
}

/// Where the weight stands: a named column must be there, the usual one may be.
fn weight_column(names: &[String], wanted: Option<&str>, path: &Path) -> Result<Option<usize>, Failure> {
    match wanted {
        Some(wanted) => column(names, wanted, path).map(Some),
        None => Ok(names.iter().position(|name| name == "weight")),
    }
}

/// An id, which must not be empty.
fn checked_id<'i>(id: &'i str, path: &Path, line: u64) -> Result<&'i str, Failure> {
    if id.is_empty() { Err(broken(path, Some(line), "an id is empty")) } else { Ok(id) }
}

fn checked_weight(weight: f64, path: &Path, line: u64) -> Result<f64, Failure> {
    // 2^43 messages are 2^63 units.
    let vanishes = weight > 0.0 && weight * 1_048_576.0 < 0.5;
    if weight.is_finite() && (0.0..8.0e12).contains(&weight) && !vanishes {
        return Ok(weight);
    }
    Err(broken(path, Some(line), "the weight is negative, under 2^-21, too large or no number"))
}

fn read_csv(path: &Path, (source, target, weight): (&str, &str, Option<&str>)) -> Result<Rows, Failure> {
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(open(path)?);
    let names: Vec<String> = reader
        .headers()
        .map_err(|error| broken(path, Some(1), error.to_string()))?
        .iter()
        .map(str::to_string)
        .collect();
    let (source, target) = (column(&names, source, path)?, column(&names, target, path)?);
    let weight = weight_column(&names, weight, path)?;
    let mut rows = Rows::default();
    for record in reader.records() {
        let record = record.map_err(|error| {
            let line = error.position().map(csv::Position::line);
            broken(path, line, "the row has another number of fields than the header, or is not UTF-8")
        })?;
        let line = record.position().map_or(0, csv::Position::line);
        let number = match weight {
            Some(at) => record[at].parse::<f64>().map_err(|_| broken(path, Some(line), "the weight is no number"))?,
            None => 1.0,
        };
        let (from, to) = (checked_id(&record[source], path, line)?, checked_id(&record[target], path, line)?);
        rows.push(from, to, checked_weight(number, path, line)?);
    }
    Ok(rows)
}

fn read_parquet(path: &Path, (source, target, weight): (&str, &str, Option<&str>)) -> Result<Rows, Failure> {
    let failed =
        |error: &dyn std::fmt::Display| broken(path, None, format!("not a Parquet file that can be read: {error}"));
    let builder = ParquetRecordBatchReaderBuilder::try_new(open(path)?).map_err(|error| failed(&error))?;
    let names: Vec<String> = builder.schema().fields().iter().map(|field| field.name().clone()).collect();
    let (source, target) = (column(&names, source, path)?, column(&names, target, path)?);
    let weight = weight_column(&names, weight, path)?;
    let mut rows = Rows::default();
    for batch in builder.build().map_err(|error| failed(&error))? {
        let batch = batch.map_err(|error| failed(&error))?;
        let text = |at: usize| cast(batch.column(at), &DataType::Utf8).map_err(|error| failed(&error));
        let (from, to) = (text(source)?, text(target)?);
        let weights =
            weight.map(|at| cast(batch.column(at), &DataType::Float64)).transpose().map_err(|error| failed(&error))?;
        let strings = |array: &std::sync::Arc<dyn Array>| array.as_any().downcast_ref::<StringArray>().cloned();
        let (Some(from), Some(to)) = (strings(&from), strings(&to)) else { return Err(failed(&"ids are no text")) };
        let weights = weights.and_then(|array| array.as_any().downcast_ref::<Float64Array>().cloned());
        for row in 0..batch.num_rows() {
            if from.is_null(row) || to.is_null(row) {
                return Err(broken(path, None, "an id is null"));
            }
            let number = weights.as_ref().map_or(1.0, |weights| weights.value(row));
            rows.push(from.value(row), to.value(row), checked_weight(number, path, row as u64 + 1)?);
        }
    }
    Ok(rows)
}

/// (id, group) of each row.
fn read_nodes(path: &Path, group: Option<&str>) -> Result<Vec<(String, Option<String>)>, Failure> {
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(open(path)?);
    let names: Vec<String> = reader
        .headers()
        .map_err(|error| broken(path, Some(1), error.to_string()))?
        .iter()
        .map(str::to_string)
        .collect();
    let id = column(&names, "id", path)?;
    let group = group.map(|group| column(&names, group, path)).transpose()?;
    let mut nodes = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| {
            broken(
                path,
                error.position().map(csv::Position::line),
                "the row has another number of fields than the header",
            )
        })?;
        nodes.push((record[id].to_string(), group.map(|at| record[at].to_string()).filter(|group| !group.is_empty())));
    }
    Ok(nodes)
}
