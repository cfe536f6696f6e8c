//! The undirected graph of a symmetric [`Graph`]: two opposite arcs of one weight are one tie.

use super::arcs::Arcs;
use super::{ArcRef, Heads, Nodes, Visited, nodes};
use crate::Graph;
use crosstie_model::Weight;
use petgraph::visit::{
    Data, EdgeCount, EdgeRef, GetAdjacencyMatrix, GraphBase, GraphProp, GraphRef, IntoEdgeReferences, IntoEdges,
    IntoEdgesDirected, IntoNeighbors, IntoNeighborsDirected, IntoNodeIdentifiers, IntoNodeReferences,
    NodeCompactIndexable, NodeCount, NodeIndexable, Visitable,
};
use petgraph::{Direction, Undirected};
use std::ops::Range;

/// A view of a graph whose every arc has an opposite of the same weight.
#[derive(Clone, Copy, Debug)]
pub struct Ties<'g>(&'g Graph);

impl<'g> Ties<'g> {
    /// `None` if an arc has no opposite of its weight. Time O(arcs log degree).
    #[must_use]
    pub fn of(graph: &'g Graph) -> Option<Ties<'g>> {
        let weight =
            |tail: u32, head: u32| graph.neighbors(tail).binary_search(&head).ok().map(|at| graph.weights(tail)[at]);
        let is_symmetric = graph.arcs().all(|(tail, head, there)| weight(head, tail) == Some(there));
        is_symmetric.then_some(Ties(graph))
    }
}

/// A tie, seen from one of its ends.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tie<'g> {
    source: u32,
    target: u32,
    weight: &'g Weight,
}

impl<'g> Tie<'g> {
    fn of((source, target, weight): ArcRef<'g>) -> Tie<'g> {
        Tie { source, target, weight }
    }
}

impl EdgeRef for Tie<'_> {
    type NodeId = u32;
    type EdgeId = (u32, u32);
    type Weight = Weight;

    fn source(&self) -> u32 {
        self.source
    }

    fn target(&self) -> u32 {
        self.target
    }

    fn weight(&self) -> &Weight {
        self.weight
    }

    /// The same from both ends.
    fn id(&self) -> (u32, u32) {
        (self.source.min(self.target), self.source.max(self.target))
    }
}

/// The ties of one node, that node as their source.
#[derive(Clone, Debug)]
pub struct TiesAt<'g> {
    arcs: Arcs<'g>,
    is_turned: bool,
}

impl<'g> Iterator for TiesAt<'g> {
    type Item = Tie<'g>;

    fn next(&mut self) -> Option<Tie<'g>> {
        let tie = Tie::of(self.arcs.next()?);
        Some(if self.is_turned { Tie { source: tie.target, target: tie.source, ..tie } } else { tie })
    }
}

/// Each tie once, its smaller end as the source.
#[derive(Clone, Debug)]
pub struct AllTies<'g>(Arcs<'g>);

impl<'g> Iterator for AllTies<'g> {
    type Item = Tie<'g>;

    fn next(&mut self) -> Option<Tie<'g>> {
        self.0.find(|(tail, head, _)| tail < head).map(Tie::of)
    }
}

impl GraphBase for Ties<'_> {
    type NodeId = u32;
    type EdgeId = (u32, u32);
}

impl GraphRef for Ties<'_> {}

impl GraphProp for Ties<'_> {
    type EdgeType = Undirected;
}

impl Data for Ties<'_> {
    type NodeWeight = ();
    type EdgeWeight = Weight;
}

impl NodeCount for Ties<'_> {
    fn node_count(&self) -> usize {
        self.0.node_count()
    }
}

impl EdgeCount for Ties<'_> {
    fn edge_count(&self) -> usize {
        self.0.arc_count() / 2
    }
}

impl NodeIndexable for Ties<'_> {
    fn node_bound(&self) -> usize {
        self.0.node_count()
    }

    fn to_index(&self, node: u32) -> usize {
        node as usize
    }

    fn from_index(&self, index: usize) -> u32 {
        index as u32
    }
}

impl NodeCompactIndexable for Ties<'_> {}

impl Visitable for Ties<'_> {
    type Map = Visited;

    fn visit_map(&self) -> Visited {
        self.0.visit_map()
    }

    fn reset_map(&self, map: &mut Visited) {
        self.0.reset_map(map);
    }
}

/// Rows are sorted: asking one takes O(log degree), and nothing is built.
impl GetAdjacencyMatrix for Ties<'_> {
    type AdjMatrix = ();

    fn adjacency_matrix(&self) {}

    fn is_adjacent(&self, (): &(), a: u32, b: u32) -> bool {
        self.0.has_arc(a, b)
    }
}

impl<'g> IntoNeighbors for Ties<'g> {
    type Neighbors = Heads<'g>;

    fn neighbors(self, node: u32) -> Heads<'g> {
        self.0.neighbors(node).iter().copied()
    }
}

impl<'g> IntoNeighborsDirected for Ties<'g> {
    type NeighborsDirected = Heads<'g>;

    fn neighbors_directed(self, node: u32, _: Direction) -> Heads<'g> {
        self.0.neighbors(node).iter().copied()
    }
}

impl<'g> IntoEdgeReferences for Ties<'g> {
    type EdgeRef = Tie<'g>;
    type EdgeReferences = AllTies<'g>;

    fn edge_references(self) -> AllTies<'g> {
        AllTies(self.0.edge_references())
    }
}

impl<'g> IntoEdges for Ties<'g> {
    type Edges = TiesAt<'g>;

    fn edges(self, node: u32) -> TiesAt<'g> {
        TiesAt { arcs: self.0.edges(node), is_turned: false }
    }
}

impl<'g> IntoEdgesDirected for Ties<'g> {
    type EdgesDirected = TiesAt<'g>;

    fn edges_directed(self, node: u32, direction: Direction) -> TiesAt<'g> {
        TiesAt { arcs: self.0.edges(node), is_turned: direction == Direction::Incoming }
    }
}

impl IntoNodeIdentifiers for Ties<'_> {
    type NodeIdentifiers = Range<u32>;

    fn node_identifiers(self) -> Range<u32> {
        0..self.0.node_count() as u32
    }
}

impl IntoNodeReferences for Ties<'_> {
    type NodeRef = (u32, ());
    type NodeReferences = Nodes;

    fn node_references(self) -> Nodes {
        nodes(self.0.node_count())
    }
}
