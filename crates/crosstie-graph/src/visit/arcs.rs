//! A [`Graph`] as the directed graph of its arcs.

use super::{ArcRef, Heads, Nodes, Visited, nodes};
use crate::Graph;
use crosstie_model::Weight;
use petgraph::Directed;
use petgraph::visit::{
    Data, EdgeCount, GetAdjacencyMatrix, GraphBase, GraphProp, IntoEdgeReferences, IntoEdges, IntoNeighbors,
    IntoNodeIdentifiers, IntoNodeReferences, NodeCompactIndexable, NodeCount, NodeIndexable, Visitable,
};
use std::ops::Range;

/// The arcs of a range of nodes, in order.
#[derive(Clone, Debug)]
pub struct Arcs<'g> {
    graph: &'g Graph,
    tails: Range<u32>,
    tail: u32,
    row: std::iter::Zip<Heads<'g>, std::slice::Iter<'g, Weight>>,
}

impl<'g> Arcs<'g> {
    fn of(graph: &'g Graph, tails: Range<u32>) -> Arcs<'g> {
        let none: (&[u32], &[Weight]) = (&[], &[]);
        Arcs { graph, tail: tails.start, tails, row: none.0.iter().copied().zip(none.1) }
    }
}

impl<'g> Iterator for Arcs<'g> {
    type Item = ArcRef<'g>;

    fn next(&mut self) -> Option<ArcRef<'g>> {
        loop {
            if let Some((head, weight)) = self.row.next() {
                return Some((self.tail, head, weight));
            }
            self.tail = self.tails.next()?;
            self.row = self.graph.neighbors(self.tail).iter().copied().zip(self.graph.weights(self.tail));
        }
    }
}

impl GraphBase for Graph {
    type NodeId = u32;
    type EdgeId = (u32, u32);
}

impl GraphProp for Graph {
    type EdgeType = Directed;
}

impl Data for Graph {
    type NodeWeight = ();
    type EdgeWeight = Weight;
}

impl NodeCount for Graph {
    fn node_count(&self) -> usize {
        Graph::node_count(self)
    }
}

impl EdgeCount for Graph {
    fn edge_count(&self) -> usize {
        self.arc_count()
    }
}

impl NodeIndexable for Graph {
    fn node_bound(&self) -> usize {
        Graph::node_count(self)
    }

    fn to_index(&self, node: u32) -> usize {
        node as usize
    }

    fn from_index(&self, index: usize) -> u32 {
        index as u32
    }
}

impl NodeCompactIndexable for Graph {}

impl Visitable for Graph {
    type Map = Visited;

    fn visit_map(&self) -> Visited {
        Visited(vec![false; Graph::node_count(self)])
    }

    fn reset_map(&self, map: &mut Visited) {
        *map = self.visit_map();
    }
}

/// Rows are sorted: asking one takes O(log degree), and nothing is built.
impl GetAdjacencyMatrix for Graph {
    type AdjMatrix = ();

    fn adjacency_matrix(&self) {}

    fn is_adjacent(&self, (): &(), tail: u32, head: u32) -> bool {
        self.has_arc(tail, head)
    }
}

impl<'g> IntoNeighbors for &'g Graph {
    type Neighbors = Heads<'g>;

    fn neighbors(self, node: u32) -> Heads<'g> {
        Graph::neighbors(self, node).iter().copied()
    }
}

impl<'g> IntoEdgeReferences for &'g Graph {
    type EdgeRef = ArcRef<'g>;
    type EdgeReferences = Arcs<'g>;

    fn edge_references(self) -> Arcs<'g> {
        Arcs::of(self, 0..Graph::node_count(self) as u32)
    }
}

impl<'g> IntoEdges for &'g Graph {
    type Edges = Arcs<'g>;

    fn edges(self, node: u32) -> Arcs<'g> {
        Arcs::of(self, node..node + 1)
    }
}

impl IntoNodeIdentifiers for &Graph {
    type NodeIdentifiers = Range<u32>;

    fn node_identifiers(self) -> Range<u32> {
        0..Graph::node_count(self) as u32
    }
}

impl IntoNodeReferences for &Graph {
    type NodeRef = (u32, ());
    type NodeReferences = Nodes;

    fn node_references(self) -> Nodes {
        nodes(Graph::node_count(self))
    }
}
