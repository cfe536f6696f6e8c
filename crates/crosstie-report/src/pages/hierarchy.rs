//! Page 4: contact along and across reporting lines, by distance, past unit heads; and the five freedoms.

use crate::charts;
use crate::document::{Block, Figure, Section, Sentence, Table};
use crate::numbers::{per_cent, ratio};
use crate::pages::freedoms;
use crate::pages::view::View;
use crate::words;
use crosstie_model::tables::HierarchyRow;

/// Relations in the order of reading: along the chain of command, beside it, across it.
const RELATIONS: [&str; 7] =
    ["manager_to_report", "report_to_manager", "siblings", "skip_up", "skip_down", "cross_branch", "other_tree"];

/// Relations with a sentence: that managers, their reports and colleagues write to each other is no news.
const TOLD: [&str; 4] = ["skip_up", "skip_down", "cross_branch", "other_tree"];

pub(crate) fn section(view: &View<'_>) -> Section {
    let rows = view.tables.hierarchy.rows();
    let mut blocks = Vec::new();
    if rows.is_empty() {
        blocks.push(Block::text(words::NO_TREE));
    } else {
        let relations: Vec<&HierarchyRow> = RELATIONS.iter().filter_map(|name| view.relation(name)).collect();
        let mut distances: Vec<&HierarchyRow> =
            rows.iter().filter(|row| row.relation.starts_with("distance")).collect();
        // The last one spans several.
        distances.sort_by_key(|row| (row.tree_distance.is_none(), row.tree_distance));
        blocks.push(heads(view));
        let is_told = |row: &&&HierarchyRow| TOLD.contains(&row.relation.as_str()) || row.lift.is_none();
        blocks.extend(Block::list(relations.iter().filter(is_told).map(|row| words::lift(row)).collect()));
        if !relations.is_empty() {
            blocks.push(Block::Figure(Figure {
                svg: charts::lift("c6", &relations),
                caption: Sentence::plain(words::LIFT_CAPTION),
                note: None,
                table: Some(lift_table("Relations", &relations).beside()),
            }));
        }
        if !distances.is_empty() {
            blocks.push(Block::Figure(Figure {
                svg: charts::decay("c7", &distances),
                caption: Sentence::plain(words::DECAY_CAPTION),
                note: None,
                table: Some(lift_table("Distances", &distances).beside()),
            }));
        }
    }
    blocks.push(Block::heading(words::FREEDOM));
    blocks.extend(freedoms::blocks(view.tables.freedoms.rows()));
    Section::page("hierarchy", words::HIERARCHY, blocks)
}

/// Whether contact goes past unit heads, or that it is not known.
pub(crate) fn heads(view: &View<'_>) -> Block {
    let said = view.of_organization("direct_routing_share").and_then(words::direct_routing);
    Block::Text(said.unwrap_or_else(|| Sentence::plain(words::NO_HEADS).of("R1")))
}

fn lift_table(caption: &str, rows: &[&HierarchyRow]) -> Table {
    let cells = rows.iter().map(|row| {
        let share = |value: Option<f64>| value.map_or_else(|| "withheld".into(), per_cent);
        let interval = match (row.lift_low, row.lift_high) {
            (low, Some(high)) => format!("{} to {}", low.map_or_else(|| "0".into(), ratio), ratio(high)),
            _ => words::NO_RELATION.into(),
        };
        vec![
            words::relation(&row.relation).to_string(),
            share(row.weight_share),
            share(row.expected_share),
            row.lift.map_or_else(|| words::NO_RELATION.into(), ratio),
            interval,
        ]
    });
    Table::new(caption, &["Contact", "#Share", "#By chance", "#Times", "95 % interval"], cells.collect::<Vec<_>>())
}
