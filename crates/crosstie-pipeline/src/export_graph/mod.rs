//! The graph of a committed window as a file for Gephi, igraph or networkx: people by pseudonym, and their ties.
//!
//! It comes from `restricted/people` and `restricted/ties`, checked against the manifest, and stays as restricted as they
//! are: readable by its owner alone, and never in the output folder. Equal tables give equal bytes. That somebody took it
//! is noted first.

mod gexf;
mod graphml;
mod sheets;
mod window_graph;
mod xml;

use crate::error::{Exit, Failure, place};
use crate::observe::{now, rfc3339};
use crate::policy::check_policy;
use crate::verify_output::is_output_folder;
use crosstie_model::tables::{PersonRow, TieRow};
use crosstie_model::{Day, Diagnostic, Record, code};
use crosstie_store::{Folder, Manifest, find_manifests, note_look, read_output, read_table, write_new_file};
use std::fs;
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;
use window_graph::WindowGraph;

/// In which form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GraphFormat {
    /// GraphML, one file.
    Graphml,
    /// GEXF 1.3, one file.
    Gexf,
    /// A folder with `nodes.csv` and `edges.csv`.
    Csv,
}

impl GraphFormat {
    const fn name(self) -> &'static str {
        match self {
            GraphFormat::Graphml => "graphml",
            GraphFormat::Gexf => "gexf",
            GraphFormat::Csv => "csv",
        }
    }
}

/// What was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GraphExported {
    /// Date of the run.
    pub date: String,
    /// People.
    pub people: usize,
    /// Ties, each from one person to another.
    pub ties: usize,
}

/// Writes the graph of the run of `date` (the newest where `None`) to the new file or folder `to`.
///
/// # Errors
/// No such run, or its people are past their retention (exit 66); a policy that has expired by `today` (77); `to` lies in
/// the output folder (2), is there or cannot be made (73); tables that are not what the manifest says (65).
pub fn export_graph(
    output: &Path,
    date: Option<Day>,
    format: GraphFormat,
    to: &Path,
    today: Day,
) -> Result<GraphExported, Failure> {
    is_output_folder(output)?;
    stays_outside(output, to)?;
    let folder = Folder::open(output)?;
    let manifest = run_of(output, date)?;
    check_policy(&manifest.plan, today)?;
    let people: Vec<PersonRow> = table(output, &manifest)?;
    let ties: Vec<TieRow> = table(output, &manifest)?;
    let graph = WindowGraph::new(&manifest, &people, &ties)
        .ok_or_else(|| damaged(output, "an end of a tie is not among the people of its run"))?;
    note_look(&folder, rfc3339(now()), &format!("export --format {}", format.name()), &manifest.snapshot_date, {
        people.len() as u64
    })?;
    match format {
        GraphFormat::Graphml => write_new_file(to, graphml::text(&graph).as_bytes(), MODE).map(|_| ())?,
        GraphFormat::Gexf => write_new_file(to, gexf::text(&graph).as_bytes(), MODE).map(|_| ())?,
        GraphFormat::Csv => write_sheets(to, &graph)?,
    }
    Ok(GraphExported { date: manifest.snapshot_date, people: people.len(), ties: ties.len() })
}

const MODE: u32 = 0o600;

/// Published folders hold groups only, and what no manifest names has no place in any.
fn stays_outside(output: &Path, to: &Path) -> Result<(), Failure> {
    let parent = to.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let (Ok(parent), Ok(output)) = (parent.canonicalize(), output.canonicalize()) else {
        let missing = Diagnostic::new(code::S102, "the folder to write to is not there").at(place(parent));
        return Err(Failure::new(Exit::Create, missing.hint(code::S102.remedy)));
    };
    if !parent.starts_with(&output) {
        return Ok(());
    }
    let message = format!("`{}` lies in the output folder", to.display());
    let hint = "name a place outside: what lies in the output folder is what runs committed";
    Err(Failure::new(Exit::Usage, Diagnostic::new(code::C106, message).hint(hint)))
}

fn run_of(output: &Path, date: Option<Day>) -> Result<Manifest, Failure> {
    let mut manifests = find_manifests(output)?;
    let wanted = date.or_else(|| manifests.iter().map(|(day, ..)| *day).max());
    let found = manifests.iter().rposition(|(day, ..)| Some(*day) == wanted);
    let Some(at) = found else {
        let message = wanted.map_or("no run is committed".into(), |date| format!("no run of {date} is committed"));
        return Err(Failure::new(Exit::NoInput, Diagnostic::new(code::S104, message).hint(code::S104.remedy)));
    };
    Ok(manifests.swap_remove(at).2)
}

fn table<R: Record>(output: &Path, manifest: &Manifest) -> Result<Vec<R>, Failure> {
    let name = R::TABLE.name;
    let path = format!("restricted/{name}/snapshot_date={}/part-00000.parquet", manifest.snapshot_date);
    if !manifest.outputs.iter().any(|output| output.path == path) {
        let gone = format!("`{name}` of {} is past its retention", manifest.snapshot_date);
        return Err(Failure::new(Exit::NoInput, Diagnostic::new(code::S104, gone).hint(code::S104.remedy)));
    }
    let bytes = read_output(output, manifest, &path)?;
    read_table(&bytes).ok_or_else(|| damaged(&output.join(&path), "it holds another schema than this version reads"))
}

fn damaged(path: &Path, what: &str) -> Failure {
    Failure::new(Exit::Data, Diagnostic::new(code::S103, what).at(place(path)).hint(code::S103.remedy))
}

/// Both sheets in a new folder, or none.
fn write_sheets(to: &Path, graph: &WindowGraph) -> Result<(), Failure> {
    fs::DirBuilder::new().mode(0o700).create(to).map_err(|error| {
        let message = format!("`{}` cannot be created", to.display());
        Failure::new(Exit::Create, Diagnostic::new(code::S102, message).detail(error.to_string()))
    })?;
    let write = |name: &str, text: String| write_new_file(&to.join(name), text.as_bytes(), MODE);
    let written = write("nodes.csv", sheets::nodes(graph)).and_then(|_| write("edges.csv", sheets::edges(graph)));
    if written.is_err() {
        // The failure is told; half an export is of no use.
        let _ = fs::remove_dir_all(to);
    }
    Ok(written.map(|_| ())?)
}
