//! A random graph with the same degrees: the baseline that a modularity is read against.

use crate::Graph;
use crosstie_model::{Stream, Weight};

/// Switches ends of random pairs of edges `switches_per_edge` times the number of edges, keeping every degree,
/// then deals the weights out again at random. No loops, no double edges.
///
/// Time O(switches · smaller degree of a pair). Maslov & Sneppen 2002, doi:10.1126/science.1065103.
#[must_use]
pub fn rewired(graph: &Graph, switches_per_edge: usize, stream: &mut Stream) -> Graph {
    let mut ends: Vec<(u32, u32)> = Vec::with_capacity(graph.arc_count() / 2);
    let mut weights: Vec<Weight> = Vec::with_capacity(graph.arc_count() / 2);
    for (tail, head, weight) in graph.arcs().filter(|&(tail, head, _)| tail < head) {
        ends.push((tail, head));
        weights.push(weight);
    }
    let mut rows = Rows::of(graph);
    let count = ends.len() as u64;
    for _ in 0..switches_per_edge * ends.len() {
        let (first, second) = (stream.below(count) as usize, stream.below(count) as usize);
        let (a, b) = ends[first];
        let (c, d) = if stream.next_u64() & 1 == 0 { ends[second] } else { (ends[second].1, ends[second].0) };
        // a-b, c-d become a-d, c-b.
        if a == d || b == c || a == c || b == d || rows.hold(a, d) || rows.hold(c, b) {
            continue;
        }
        rows.replace(a, b, d);
        rows.replace(b, a, c);
        rows.replace(c, d, b);
        rows.replace(d, c, a);
        ends[first] = (a, d);
        ends[second] = (c, b);
    }
    stream.shuffle(&mut weights);
    let edges = ends.into_iter().zip(weights).map(|((a, b), weight)| (a, b, weight)).collect();
    Graph::undirected(graph.node_count(), edges)
}

/// The neighbours of each node, in no order. Degrees stay, so each row keeps its place.
struct Rows {
    first: Vec<usize>,
    neighbors: Vec<u32>,
}

impl Rows {
    fn of(graph: &Graph) -> Rows {
        let mut rows = Rows { first: vec![0], neighbors: Vec::with_capacity(graph.arc_count()) };
        for node in graph.nodes() {
            rows.neighbors.extend_from_slice(graph.neighbors(node));
            rows.first.push(rows.neighbors.len());
        }
        rows
    }

    fn row(&self, node: u32) -> std::ops::Range<usize> {
        self.first[node as usize]..self.first[node as usize + 1]
    }

    /// Whether there is an edge, looked up in the shorter row.
    fn hold(&self, a: u32, b: u32) -> bool {
        let (of_a, of_b) = (self.row(a), self.row(b));
        if of_a.len() <= of_b.len() { self.neighbors[of_a].contains(&b) } else { self.neighbors[of_b].contains(&a) }
    }

    fn replace(&mut self, node: u32, old: u32, new: u32) {
        let range = self.row(node);
        let found = self.neighbors[range].iter_mut().find(|neighbor| **neighbor == old);
        *found.expect("an edge stands in the rows of both of its ends") = new;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::{collection::vec, prelude::*};
    use std::collections::BTreeSet;

    /// The same switches with the edges as one set.
    fn slow(graph: &Graph, switches_per_edge: usize, stream: &mut Stream) -> Graph {
        let arcs = || graph.arcs().filter(|&(tail, head, _)| tail < head);
        let mut ends: Vec<(u32, u32)> = arcs().map(|(tail, head, _)| (tail, head)).collect();
        let mut weights: Vec<Weight> = arcs().map(|(_, _, weight)| weight).collect();
        let edge = |a: u32, b: u32| (a.min(b), a.max(b));
        let mut edges: BTreeSet<(u32, u32)> = ends.iter().copied().collect();
        let count = ends.len() as u64;
        for _ in 0..switches_per_edge * ends.len() {
            let (first, second) = (stream.below(count) as usize, stream.below(count) as usize);
            let ((a, b), (mut c, mut d)) = (ends[first], ends[second]);
            if stream.next_u64() & 1 == 1 {
                (c, d) = (d, c);
            }
            let distinct = BTreeSet::from([a, b, c, d]).len() == 4;
            if distinct && !edges.contains(&edge(a, d)) && !edges.contains(&edge(c, b)) {
                edges.remove(&edge(a, b));
                edges.remove(&edge(c, d));
                edges.extend([edge(a, d), edge(c, b)]);
                (ends[first], ends[second]) = ((a, d), (c, b));
            }
        }
        stream.shuffle(&mut weights);
        Graph::undirected(graph.node_count(), ends.into_iter().zip(weights).map(|((a, b), w)| (a, b, w)).collect())
    }

    proptest! {
        #[test]
        fn degrees_and_total_weight_stay(edges in vec((0..12u32, 0..12u32, 1..9u64), 0..50), seed: u64) {
            let edges = edges.into_iter().map(|(a, b, w)| (a, b, Weight::from_units(w))).collect();
            let graph = Graph::undirected(12, edges);
            let other = rewired(&graph, 10, &mut Stream::new(seed, "rewire", &[]));
            prop_assert!(slow(&graph, 10, &mut Stream::new(seed, "rewire", &[])).arcs().eq(other.arcs()));
            prop_assert_eq!(graph.total_strength(), other.total_strength());
            for node in graph.nodes() {
                prop_assert_eq!(graph.degree(node), other.degree(node));
            }
        }
    }
}
