//! Core numbers: the largest k for which a node lies in a subgraph where everyone has k neighbours.

use crate::Graph;

/// Core number of each node of an undirected graph. Time O(V + E).
///
/// Batagelj & Zaversnik 2011, doi:10.1007/s11634-010-0079-y: peel nodes by degree with bucket queues.
#[must_use]
pub fn core_numbers(graph: &Graph) -> Vec<u32> {
    let node_count = graph.node_count();
    let mut degree: Vec<usize> = graph.nodes().map(|node| graph.degree(node)).collect();
    let widest = degree.iter().copied().max().unwrap_or(0);
    // `start[d]`: where the nodes of degree d begin in `order`.
    let mut start = vec![0; widest + 2];
    for &d in &degree {
        start[d + 1] += 1;
    }
    for d in 1..start.len() {
        start[d] += start[d - 1];
    }
    let mut next = start.clone();
    let mut order = vec![0u32; node_count];
    let mut place = vec![0usize; node_count];
    for node in graph.nodes() {
        let d = degree[node as usize];
        place[node as usize] = next[d];
        order[next[d]] = node;
        next[d] += 1;
    }
    for at in 0..node_count {
        let node = order[at];
        let own = degree[node as usize];
        for &other in graph.neighbors(node) {
            let d = degree[other as usize];
            if d <= own {
                continue;
            }
            // Swap `other` with the first node of its bucket, then let the bucket begin one later.
            let first = start[d].max(at + 1);
            let displaced = order[first];
            let from = place[other as usize];
            order.swap(first, from);
            place[displaced as usize] = from;
            place[other as usize] = first;
            start[d] = first + 1;
            degree[other as usize] -= 1;
        }
    }
    degree.into_iter().map(|d| d as u32).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::tests::graph;
    use crosstie_model::Weight;
    use proptest::{collection::vec, prelude::*};

    /// The definition: for each k remove nodes with fewer than k neighbours until none is left to remove.
    fn slow(graph: &Graph) -> Vec<u32> {
        let mut cores = vec![0; graph.node_count()];
        for k in 1..=graph.node_count() {
            let mut alive = vec![true; graph.node_count()];
            loop {
                let weak: Vec<u32> = graph
                    .nodes()
                    .filter(|&v| alive[v as usize])
                    .filter(|&v| graph.neighbors(v).iter().filter(|&&u| alive[u as usize]).count() < k)
                    .collect();
                if weak.is_empty() {
                    break;
                }
                weak.iter().for_each(|&v| alive[v as usize] = false);
            }
            alive.iter().enumerate().filter(|(_, alive)| **alive).for_each(|(v, _)| cores[v] = k as u32);
        }
        cores
    }

    #[test]
    fn a_triangle_with_a_tail() {
        assert_eq!(core_numbers(&graph(5, "0-1 1-2 2-0 2-3")), [2, 2, 2, 1, 0]);
    }

    proptest! {
        #[test]
        fn equals_the_definition(ends in vec((0..14u32, 0..14u32), 0..60)) {
            let graph = Graph::undirected(14, ends.into_iter().map(|(a, b)| (a, b, Weight::MESSAGE)).collect());
            prop_assert_eq!(core_numbers(&graph), slow(&graph));
        }
    }
}
