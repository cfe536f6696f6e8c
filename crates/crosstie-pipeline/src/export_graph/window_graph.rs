//! People and ties as nodes and edges with columns.

use crate::observe::rfc3339;
use crosstie_model::tables::{PersonRow, TieRow};
use crosstie_model::{Cell, Column, Day, Record};
use crosstie_store::Manifest;
use std::collections::BTreeSet;
use std::time::Duration;

/// A node.
pub(super) struct Node {
    pub(super) id: String,
    /// Of `node_columns`.
    pub(super) cells: Vec<Cell>,
}

/// An edge.
pub(super) struct Edge {
    pub(super) source: String,
    pub(super) target: String,
    /// Of `edge_columns`.
    pub(super) cells: Vec<Cell>,
}

/// The graph of a window, in the order of its tables.
pub(super) struct WindowGraph {
    /// What it is, in a sentence.
    pub(super) description: String,
    pub(super) node_columns: &'static [Column],
    pub(super) nodes: Vec<Node>,
    pub(super) edge_columns: &'static [Column],
    pub(super) edges: Vec<Edge>,
}

/// The first column of people names the node, the first two of ties name the ends.
const PEOPLE: &[Column] = PersonRow::TABLE.columns;
const TIES: &[Column] = TieRow::TABLE.columns;

impl WindowGraph {
    /// `None` if a tie has an end that is nobody's.
    pub(super) fn new(manifest: &Manifest, people: &[PersonRow], ties: &[TieRow]) -> Option<WindowGraph> {
        let known: BTreeSet<&str> = people.iter().map(|person| person.person_id.expose()).collect();
        let node =
            |person: &PersonRow| Node { id: person.person_id.expose().to_string(), cells: person.cells().split_off(1) };
        let edge = |tie: &TieRow| {
            let (source, target) = (tie.source_id.expose(), tie.target_id.expose());
            (known.contains(source) && known.contains(target)).then(|| Edge {
                source: source.to_string(),
                target: target.to_string(),
                cells: tie.cells().split_off(2),
            })
        };
        Some(WindowGraph {
            description: format!(
                "Restricted: people by keyed pseudonym. Contact from {} to {}, run {}.",
                manifest.window_first, manifest.window_last, manifest.run_id
            ),
            node_columns: &PEOPLE[1..],
            nodes: people.iter().map(node).collect(),
            edge_columns: &TIES[2..],
            edges: ties.iter().map(edge).collect::<Option<_>>()?,
        })
    }
}

/// A value as text; `None` for null. A float reads back as the same float.
pub(super) fn text_of(cell: &Cell) -> Option<String> {
    match cell {
        Cell::Text(value) => value.clone(),
        Cell::Int(value) => value.map(|value| value.to_string()),
        Cell::Float(value) => value.map(|value| value.to_string()),
        Cell::Bool(value) => value.map(|value| value.to_string()),
        Cell::Date(value) => value.map(|day| Day(day).to_string()),
        Cell::Time(value) => {
            value.map(|micros| rfc3339(Duration::from_micros(u64::try_from(micros).unwrap_or_default())))
        }
    }
}
