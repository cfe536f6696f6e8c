//! Appendix E: every published table with every column, generated from the tables themselves.

use crate::document::{Block, MOST_ROWS, Section, Table};
use crate::names::name;
use crate::numbers::{count, decimal};
use crate::pages::closed::far;
use crate::pages::view::View;
use crate::words;
use crosstie_model::tables::UnitPairRow;
use crosstie_model::{Cell, CellKind, Column, Day, Record};

pub(crate) fn section(view: &View<'_>) -> Section {
    let tables = view.tables;
    let mut blocks = vec![Block::text(words::ABOUT_TABLES)];
    // Metrics, sensitivity and coverage stand whole in appendices A and C.
    blocks.extend([
        table(tables.units.rows()),
        table(pairs(tables.unit_pairs.rows())),
        table(tables.communities.rows()),
        table(tables.hierarchy.rows()),
        table(tables.freedoms.rows()),
        table(tables.introductions.rows()),
        table(tables.trends.rows()),
        table(tables.organization.rows()),
    ]);
    Section::appendix("tables", words::ALL_TABLES, blocks)
}

/// What stands once an indicator, not once a row.
fn is_shown(column: &Column) -> bool {
    column.name != "cannot_claim"
}

/// Pairs as they are stored; where the table cannot hold all, those whose interval lies farthest from what is expected.
fn pairs(rows: &[UnitPairRow]) -> Vec<&UnitPairRow> {
    let mut rows: Vec<&UnitPairRow> = rows.iter().collect();
    if rows.len() > MOST_ROWS {
        rows.sort_by(|a, b| far(b).total_cmp(&far(a)));
    }
    rows
}

fn table<'r, R: Record + 'r, I>(rows: I) -> Block
where
    I: IntoIterator<Item = &'r R, IntoIter: ExactSizeIterator>,
{
    let columns = R::TABLE.columns;
    let is_number = |column: &Column| matches!(column.kind, CellKind::Int | CellKind::Float);
    let head: Vec<String> = columns
        .iter()
        .filter(|column| is_shown(column))
        .map(|column| format!("{}{}", if is_number(column) { "#" } else { "" }, column.name))
        .collect();
    let head: Vec<&str> = head.iter().map(String::as_str).collect();
    let rows = rows.into_iter().map(|row| cells(columns, &row.cells()));
    Block::Table(Table::new(R::TABLE.name, &head, rows))
}

fn cells(columns: &[Column], cells: &[Cell]) -> Vec<String> {
    let of = |name: &str| columns.iter().position(|column| column.name == name).map(|at| &cells[at]);
    let suppressed = matches!(of("suppressed"), Some(Cell::Bool(Some(true))));
    let evidence = ["evidence", "change_evidence"].iter().find_map(|name| match of(name)? {
        Cell::Text(Some(text)) if text != "enough" => Some(text.as_str()),
        _ => None,
    });
    let has_value = cells.iter().any(|cell| matches!(cell, Cell::Float(Some(_))));
    let is_inside = of("unit_a").is_some() && of("unit_a") == of("unit_b");
    let shown = |(column, cell): (&Column, &Cell)| {
        let null = || match is_inside && column.name.ends_with("band") {
            true => words::INSIDE.to_string(),
            false => words::null_reason(column.name, suppressed, evidence, has_value).to_string(),
        };
        match cell {
            Cell::Text(text) => text.as_deref().map_or_else(null, name),
            Cell::Int(number) | Cell::Time(number) => number.map_or_else(null, count),
            Cell::Float(number) => number.map_or_else(null, |number| decimal(number, 3)),
            Cell::Bool(value) => value.map_or_else(null, |value| if value { "yes".into() } else { "no".into() }),
            Cell::Date(days) => days.map_or_else(null, |days| Day(days).to_string()),
        }
    };
    columns.iter().zip(cells).filter(|(column, _)| is_shown(column)).map(shown).collect()
}
