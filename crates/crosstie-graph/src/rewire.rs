//! A random graph with the same degrees: the baseline that a modularity is read against.

use crate::Graph;
use crosstie_model::{Lookup, Stream, Weight};

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
    let key = |a: u32, b: u32| (u64::from(a.min(b)) << 32) | u64::from(a.max(b));
    let mut present = Lookup::new();
    for &(a, b) in &ends {
        present.insert(key(a, b), true);
    }
    let has = |present: &Lookup<u64, bool>, a: u32, b: u32| present.get(&key(a, b)).copied().unwrap_or(false);
    let count = ends.len() as u64;
    for _ in 0..switches_per_edge * ends.len() {
        let (first, second) = (stream.below(count) as usize, stream.below(count) as usize);
        let (a, b) = ends[first];
        let (c, d) = if stream.next_u64() & 1 == 0 { ends[second] } else { (ends[second].1, ends[second].0) };
        // a-b, c-d become a-d, c-b.
        if a == d || b == c || a == c || b == d || has(&present, a, d) || has(&present, c, b) {
            continue;
        }
        present.insert(key(a, b), false);
        present.insert(key(c, d), false);
        present.insert(key(a, d), true);
        present.insert(key(c, b), true);
        ends[first] = (a, d);
        ends[second] = (c, b);
    }
    stream.shuffle(&mut weights);
    let edges = ends.into_iter().zip(weights).map(|((a, b), weight)| (a, b, weight)).collect();
    Graph::undirected(graph.node_count(), edges)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::{collection::vec, prelude::*};

    proptest! {
        #[test]
        fn degrees_and_total_weight_stay(edges in vec((0..12u32, 0..12u32, 1..9u64), 0..50), seed: u64) {
            let edges = edges.into_iter().map(|(a, b, w)| (a, b, Weight::from_units(w))).collect();
            let graph = Graph::undirected(12, edges);
            let other = rewired(&graph, 10, &mut Stream::new(seed, "rewire", &[]));
            prop_assert_eq!(graph.total_strength(), other.total_strength());
            for node in graph.nodes() {
                prop_assert_eq!(graph.degree(node), other.degree(node));
            }
        }
    }
}
