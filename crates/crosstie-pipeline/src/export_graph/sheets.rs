//! Two sheets of CSV, with the names that Gephi, igraph and `crosstie graph` look for: `id`; `source`, `target`, `weight`.

use super::window_graph::{WindowGraph, text_of};
use crosstie_model::{Cell, Column};

/// `nodes.csv`.
pub(super) fn nodes(graph: &WindowGraph) -> String {
    let rows = graph.nodes.iter().map(|node| (vec![node.id.clone()], node.cells.as_slice()));
    sheet(&["id"], graph.node_columns, rows)
}

/// `edges.csv`.
pub(super) fn edges(graph: &WindowGraph) -> String {
    let rows = graph.edges.iter().map(|edge| (vec![edge.source.clone(), edge.target.clone()], edge.cells.as_slice()));
    sheet(&["source", "target"], graph.edge_columns, rows)
}

fn sheet<'g>(ids: &[&str], columns: &[Column], rows: impl Iterator<Item = (Vec<String>, &'g [Cell])>) -> String {
    let names = ids.iter().copied().chain(columns.iter().map(|column| column.name));
    let mut out = names.collect::<Vec<_>>().join(",");
    out.push('\n');
    for (mut fields, cells) in rows {
        fields.extend(cells.iter().map(field));
        out.push_str(&fields.join(","));
        out.push('\n');
    }
    out
}

/// A value as a field; null is empty. Text that a spreadsheet would take for a formula gets an apostrophe before it.
fn field(cell: &Cell) -> String {
    let mut text = text_of(cell).unwrap_or_default();
    if matches!(cell, Cell::Text(_)) && text.starts_with(['=', '+', '-', '@']) {
        text.insert(0, '\'');
    }
    if text.contains([',', '"', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_quoted_and_no_formula() {
        let text = |text: &str| field(&Cell::Text(Some(text.into())));
        assert_eq!(text("Sales"), "Sales");
        assert_eq!(text("R, \"D\""), "\"R, \"\"D\"\"\"");
        assert_eq!(text("=1+1"), "'=1+1");
        assert_eq!(field(&Cell::Float(Some(-0.5))), "-0.5");
        assert_eq!(field(&Cell::Bool(None)), "");
    }
}
