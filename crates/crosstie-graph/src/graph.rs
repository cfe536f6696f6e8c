//! A weighted graph as compressed sparse rows (petgraph's `Csr`), rows sorted by neighbour.

use crosstie_model::Weight;
use petgraph::Directed;
use petgraph::csr::Csr;

/// A directed graph, or an undirected one whose every edge stands in both rows.
///
/// No self-loops, no parallel arcs, no arcs of weight zero.
#[derive(Clone, Debug)]
pub struct Graph {
    rows: Csr<(), Weight, Directed, u32>,
    strengths: Vec<Weight>,
}

impl Graph {
    /// A directed graph of `node_count` nodes. Loops and zero weights are dropped, parallel arcs summed.
    ///
    /// # Panics
    /// If an end is not below `node_count`.
    #[must_use]
    pub fn from_edges(node_count: usize, mut edges: Vec<(u32, u32, Weight)>) -> Graph {
        edges.retain(|&(tail, head, weight)| tail != head && weight > Weight::ZERO);
        let ends = edges.iter().map(|&(tail, head, _)| tail.max(head) as usize + 1).max().unwrap_or(0);
        assert!(ends <= node_count, "an edge names node {} of {node_count}", ends.saturating_sub(1));
        sort(node_count, &mut edges);
        edges.dedup_by(|next, kept| {
            let same = (next.0, next.1) == (kept.0, kept.1);
            if same {
                kept.2 += next.2;
            }
            same
        });
        let mut rows = Csr::from_sorted_edges(&edges).expect("edges are sorted and unique");
        while rows.node_count() < node_count {
            rows.add_node(());
        }
        let strengths = (0..node_count as u32).map(|node| rows.edges_slice(node).iter().copied().sum()).collect();
        Graph { rows, strengths }
    }

    /// An undirected graph: each edge stands in both rows; edges given in both directions are summed.
    ///
    /// # Panics
    /// If an end is not below `node_count`.
    #[must_use]
    pub fn undirected(node_count: usize, mut edges: Vec<(u32, u32, Weight)>) -> Graph {
        edges.reserve(edges.len());
        for at in 0..edges.len() {
            let (tail, head, weight) = edges[at];
            edges.push((head, tail, weight));
        }
        Graph::from_edges(node_count, edges)
    }

    /// The graph with every arc turned round.
    #[must_use]
    pub fn reversed(&self) -> Graph {
        let arcs = self.arcs().map(|(tail, head, weight)| (head, tail, weight)).collect();
        Graph::from_edges(self.node_count(), arcs)
    }

    /// How many nodes.
    #[must_use]
    pub fn node_count(&self) -> usize {
        self.rows.node_count()
    }

    /// All nodes in order.
    pub fn nodes(&self) -> impl Iterator<Item = u32> + use<> {
        0..self.node_count() as u32
    }

    /// How many arcs; an undirected edge is two.
    #[must_use]
    pub fn arc_count(&self) -> usize {
        self.rows.edge_count()
    }

    /// The heads of a node's arcs, ascending.
    #[must_use]
    pub fn neighbors(&self, node: u32) -> &[u32] {
        self.rows.neighbors_slice(node)
    }

    /// The weights of a node's arcs, in the order of [`Graph::neighbors`].
    #[must_use]
    pub fn weights(&self, node: u32) -> &[Weight] {
        self.rows.edges_slice(node)
    }

    /// A node's arcs as (head, weight), ascending by head.
    pub fn out_edges(&self, node: u32) -> impl Iterator<Item = (u32, Weight)> + '_ {
        self.neighbors(node).iter().copied().zip(self.weights(node).iter().copied())
    }

    /// All arcs as (tail, head, weight), ascending.
    pub fn arcs(&self) -> impl Iterator<Item = (u32, u32, Weight)> + '_ {
        self.nodes().flat_map(|tail| self.out_edges(tail).map(move |(head, weight)| (tail, head, weight)))
    }

    /// Number of arcs that leave a node.
    #[must_use]
    pub fn degree(&self, node: u32) -> usize {
        self.neighbors(node).len()
    }

    /// Weight of the arcs that leave a node.
    #[must_use]
    pub fn strength(&self, node: u32) -> Weight {
        self.strengths[node as usize]
    }

    /// Sum of all strengths; twice the weight of an undirected graph.
    #[must_use]
    pub fn total_strength(&self) -> Weight {
        self.strengths.iter().copied().sum()
    }

    /// Whether there is an arc. Time O(log degree).
    #[must_use]
    pub fn has_arc(&self, tail: u32, head: u32) -> bool {
        self.neighbors(tail).binary_search(&head).is_ok()
    }
}

/// Sorts edges by tail, then head. Two counting sorts, the second of which keeps the order of the first: a window has
/// many edges a node, and comparing them cost more than anything else in building a graph.
fn sort(node_count: usize, edges: &mut Vec<(u32, u32, Weight)>) {
    let ends = |edge: &(u32, u32, Weight)| (edge.0, edge.1);
    if edges.is_sorted_by_key(ends) {
        return;
    }
    if edges.len() < node_count {
        edges.sort_unstable_by_key(ends);
        return;
    }
    let by_head = counted(node_count, edges, |edge| edge.1);
    // A large graph would hold its edges three times.
    *edges = Vec::new();
    *edges = counted(node_count, &by_head, |edge| edge.0);
}

/// The edges in order of a node, those of one node in the order they came.
fn counted(
    node_count: usize,
    edges: &[(u32, u32, Weight)],
    node: impl Fn(&(u32, u32, Weight)) -> u32,
) -> Vec<(u32, u32, Weight)> {
    let mut next = vec![0usize; node_count + 1];
    for edge in edges {
        next[node(edge) as usize + 1] += 1;
    }
    for at in 0..node_count {
        next[at + 1] += next[at];
    }
    let mut sorted = vec![(0, 0, Weight::ZERO); edges.len()];
    for edge in edges {
        let place = &mut next[node(edge) as usize];
        sorted[*place] = *edge;
        *place += 1;
    }
    sorted
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use proptest::{collection::vec, prelude::*};

    /// An undirected graph from text such as `0-1 1-2:3`.
    pub(crate) fn graph(node_count: usize, text: &str) -> Graph {
        Graph::undirected(node_count, edges(text, '-'))
    }

    /// Edges from text such as `0-1 1-2:3`; the weight is in messages, 1 where it is left out.
    pub(crate) fn edges(text: &str, arrow: char) -> Vec<(u32, u32, Weight)> {
        text.split_whitespace()
            .map(|edge| {
                let (ends, weight) = edge.split_once(':').unwrap_or((edge, "1"));
                let (tail, head) = ends.split_once(arrow).unwrap();
                let weight = Weight::from_units(weight.parse::<u64>().unwrap() << 20);
                (tail.parse().unwrap(), head.parse().unwrap(), weight)
            })
            .collect()
    }

    #[test]
    fn loops_go_and_parallel_edges_add_up() {
        let graph = graph(5, "0-1:2 1-0:3 2-2:9 1-3");
        assert_eq!((graph.node_count(), graph.arc_count()), (5, 4));
        assert_eq!(graph.neighbors(1), [0, 3]);
        assert!((graph.strength(0).messages() - 5.0).abs() < 1e-12);
        assert_eq!(graph.degree(4), 0);
        assert!(graph.has_arc(3, 1) && !graph.has_arc(3, 0));
    }

    #[test]
    fn a_graph_without_edges_has_its_nodes() {
        assert_eq!(Graph::from_edges(3, vec![]).node_count(), 3);
        assert_eq!(Graph::from_edges(0, vec![]).node_count(), 0);
    }

    #[test]
    fn turning_round_twice_changes_nothing() {
        let graph = Graph::from_edges(4, edges("0>1:2 1>2 3>0:4", '>'));
        let twice = graph.reversed().reversed();
        assert!(graph.arcs().eq(twice.arcs()));
        assert!(graph.reversed().has_arc(2, 1));
    }

    proptest! {
        /// The definition: all edges into one map.
        #[test]
        fn arcs_are_the_sums_of_edges_in_order(
            node_count in 1..40usize, edges in vec((0..40u32, 0..40u32, 0..3u64), 0..60),
        ) {
            let inside = |&(a, b, w): &(u32, u32, u64)| (a % node_count as u32, b % node_count as u32, Weight::from_units(w));
            let edges: Vec<_> = edges.iter().map(inside).collect();
            let mut slow = std::collections::BTreeMap::new();
            for &(tail, head, weight) in edges.iter().filter(|edge| edge.0 != edge.1 && edge.2 > Weight::ZERO) {
                *slow.entry((tail, head)).or_insert(Weight::ZERO) += weight;
            }
            let graph = Graph::from_edges(node_count, edges);
            prop_assert!(graph.arcs().eq(slow.into_iter().map(|((tail, head), weight)| (tail, head, weight))));
        }
    }
}
