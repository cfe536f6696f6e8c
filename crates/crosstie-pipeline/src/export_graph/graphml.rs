//! GraphML, <http://graphml.graphdrawing.org>: what networkx, igraph and Gephi read.

use super::window_graph::{WindowGraph, text_of};
use super::xml::kind;
use crosstie_model::{Cell, Column, escape_xml};
use std::fmt::Write;

/// The file. A value that is null has no `data`.
pub(super) fn text(graph: &WindowGraph) -> String {
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    out.push_str("<graphml xmlns=\"http://graphml.graphdrawing.org/xmlns\">\n");
    let _ = writeln!(out, "  <desc>{}</desc>", escape_xml(&graph.description));
    keys("node", graph.node_columns, &mut out);
    keys("edge", graph.edge_columns, &mut out);
    out.push_str("  <graph id=\"window\" edgedefault=\"directed\">\n");
    for node in &graph.nodes {
        let _ = writeln!(out, "    <node id=\"{}\">", escape_xml(&node.id));
        data("node", graph.node_columns, &node.cells, &mut out);
        out.push_str("    </node>\n");
    }
    for edge in &graph.edges {
        let _ =
            writeln!(out, "    <edge source=\"{}\" target=\"{}\">", escape_xml(&edge.source), escape_xml(&edge.target));
        data("edge", graph.edge_columns, &edge.cells, &mut out);
        out.push_str("    </edge>\n");
    }
    out.push_str("  </graph>\n</graphml>\n");
    out
}

fn keys(of: &str, columns: &[Column], out: &mut String) {
    for column in columns {
        let (name, kind) = (column.name, kind(column.kind));
        let _ = writeln!(out, "  <key id=\"{of}_{name}\" for=\"{of}\" attr.name=\"{name}\" attr.type=\"{kind}\"/>");
    }
}

fn data(of: &str, columns: &[Column], cells: &[Cell], out: &mut String) {
    for (column, cell) in columns.iter().zip(cells) {
        if let Some(value) = text_of(cell) {
            let _ = writeln!(out, "      <data key=\"{of}_{}\">{}</data>", column.name, escape_xml(&value));
        }
    }
}
