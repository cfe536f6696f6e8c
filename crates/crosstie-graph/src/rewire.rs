//! A random graph with the same degrees: the baseline that a modularity is read against.

mod edge_set;

use crate::Graph;
use crosstie_model::{Prefetch, Stream, Weight};
use edge_set::EdgeSet;
use std::collections::VecDeque;

/// Switches ends of random pairs of edges `switches_per_edge` times the number of edges, keeping every degree,
/// then deals the weights out again at random. No loops, no double edges.
///
/// Time O(switches). Maslov & Sneppen 2002, doi:10.1126/science.1065103.
#[must_use]
pub fn rewired(graph: &Graph, switches_per_edge: usize, stream: &mut Stream) -> Graph {
    let mut ends: Vec<(u32, u32)> = Vec::with_capacity(graph.arc_count() / 2);
    let mut weights: Vec<Weight> = Vec::with_capacity(graph.arc_count() / 2);
    for (tail, head, weight) in graph.arcs().filter(|&(tail, head, _)| tail < head) {
        ends.push((tail, head));
        weights.push(weight);
    }
    let mut edges = EdgeSet::new(&ends);
    let prefetch = Prefetch::new();
    let count = switches_per_edge * ends.len();
    let mut drawn = 0;
    let mut ahead: VecDeque<Switch> = VecDeque::with_capacity(AHEAD);
    for _ in 0..count {
        while drawn < count && ahead.len() < AHEAD {
            let switch = Switch::draw(ends.len() as u64, stream);
            prefetch.item(&ends, switch.first);
            prefetch.item(&ends, switch.second);
            ahead.push_back(switch);
            drawn += 1;
        }
        if let Some(soon) = ahead.get(AHEAD / 2) {
            let ((a, b), (c, d)) = soon.of(&ends);
            for (one, other) in [(a, b), (c, d), (a, d), (c, b)] {
                edges.look_ahead(prefetch, one, other);
            }
        }
        let switch = ahead.pop_front().expect("as many are drawn as are made");
        let ((a, b), (c, d)) = switch.of(&ends);
        // a-b, c-d become a-d, c-b.
        if a == d || b == c || a == c || b == d || edges.holds(a, d) || edges.holds(c, b) {
            continue;
        }
        edges.remove(a, b);
        edges.remove(c, d);
        edges.insert(a, d);
        edges.insert(c, b);
        ends[switch.first] = (a, d);
        ends[switch.second] = (c, b);
    }
    stream.shuffle(&mut weights);
    let edges = ends.into_iter().zip(weights).map(|((a, b), weight)| (a, b, weight)).collect();
    Graph::undirected(graph.node_count(), edges)
}

/// How many switches are drawn before they are made. Edges are asked for when they are drawn, slots half way: each switch
/// would wait for memory six times.
const AHEAD: usize = 32;

/// Two edges, and whether the second is read from its other end.
struct Switch {
    first: usize,
    second: usize,
    is_turned: bool,
}

impl Switch {
    fn draw(count: u64, stream: &mut Stream) -> Switch {
        let (first, second) = (stream.below(count) as usize, stream.below(count) as usize);
        Switch { first, second, is_turned: stream.next_u64() & 1 == 1 }
    }

    #[inline]
    fn of(&self, ends: &[(u32, u32)]) -> ((u32, u32), (u32, u32)) {
        let (c, d) = ends[self.second];
        (ends[self.first], if self.is_turned { (d, c) } else { (c, d) })
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
