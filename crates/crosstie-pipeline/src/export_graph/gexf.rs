//! GEXF 1.3, <https://gexf.net>: Gephi's own format, which networkx reads, too.

use super::window_graph::{WindowGraph, text_of};
use super::xml::kind;
use crosstie_model::{Cell, Column, escape_xml};
use std::fmt::Write;

/// The column that GEXF has an attribute of its own for.
const WEIGHT: &str = "weight";

/// The file. A value that is null has no `attvalue`.
pub(super) fn text(graph: &WindowGraph) -> String {
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    out.push_str("<gexf xmlns=\"http://gexf.net/1.3\" version=\"1.3\">\n  <meta>\n    <creator>crosstie</creator>\n");
    let _ = writeln!(out, "    <description>{}</description>\n  </meta>", escape_xml(&graph.description));
    out.push_str("  <graph mode=\"static\" defaultedgetype=\"directed\">\n");
    attributes("node", graph.node_columns, &mut out);
    attributes("edge", graph.edge_columns, &mut out);
    out.push_str("    <nodes>\n");
    for node in &graph.nodes {
        let id = escape_xml(&node.id);
        let _ = writeln!(out, "      <node id=\"{id}\" label=\"{id}\">");
        values(graph.node_columns, &node.cells, &mut out);
        out.push_str("      </node>\n");
    }
    out.push_str("    </nodes>\n    <edges>\n");
    for (number, edge) in graph.edges.iter().enumerate() {
        let (source, target) = (escape_xml(&edge.source), escape_xml(&edge.target));
        let weight = graph.edge_columns.iter().zip(&edge.cells).find(|(column, _)| column.name == WEIGHT);
        let weight = weight.and_then(|(_, cell)| text_of(cell)).unwrap_or_default();
        let _ =
            writeln!(out, "      <edge id=\"{number}\" source=\"{source}\" target=\"{target}\" weight=\"{weight}\">");
        values(graph.edge_columns, &edge.cells, &mut out);
        out.push_str("      </edge>\n");
    }
    out.push_str("    </edges>\n  </graph>\n</gexf>\n");
    out
}

fn attributes(class: &str, columns: &[Column], out: &mut String) {
    let _ = writeln!(out, "    <attributes class=\"{class}\">");
    for column in columns.iter().filter(|column| column.name != WEIGHT) {
        let (name, kind) = (column.name, kind(column.kind));
        let _ = writeln!(out, "      <attribute id=\"{name}\" title=\"{name}\" type=\"{kind}\"/>");
    }
    out.push_str("    </attributes>\n");
}

fn values(columns: &[Column], cells: &[Cell], out: &mut String) {
    out.push_str("        <attvalues>\n");
    for (column, cell) in columns.iter().zip(cells).filter(|(column, _)| column.name != WEIGHT) {
        if let Some(value) = text_of(cell) {
            let _ = writeln!(out, "          <attvalue for=\"{}\" value=\"{}\"/>", column.name, escape_xml(&value));
        }
    }
    out.push_str("        </attvalues>\n");
}
