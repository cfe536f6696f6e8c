//! Modularity of a partition.

use crate::Graph;
use rayon::prelude::*;

/// `sum over communities of [inner weight / W - resolution (volume / 2W)^2]` on an undirected graph.
///
/// `None` without edges. Range `[-1/2, 1]` at resolution 1. Time O(V + E); integer sums, then one division.
/// Newman & Girvan 2004, doi:10.1103/PhysRevE.69.026113; resolution: Reichardt & Bornholdt 2006,
/// doi:10.1103/PhysRevE.74.016110.
///
/// # Panics
/// If `community_of` is not one entry a node.
#[must_use]
pub fn modularity(graph: &Graph, community_of: &[u32], resolution_thousandths: u32) -> Option<f64> {
    let (inside, volume_of) = sums(graph, |node| graph.strength(node).units(), community_of);
    let total = i128::from(graph.total_strength().units());
    modularity_of_score(graph, score(inside, &volume_of, 1000 * total, resolution_thousandths.into()))
}

/// Modularity from its integer score, which is 1000 (2W)^2 times as large.
pub(crate) fn modularity_of_score(graph: &Graph, score: i128) -> Option<f64> {
    let strength = graph.total_strength().units() as f64;
    (strength > 0.0).then(|| score as f64 / 1000.0 / (strength * strength))
}

/// Weight inside communities, in both directions, and the volume of each.
pub(crate) fn sums(graph: &Graph, volume: impl Fn(u32) -> u64, community_of: &[u32]) -> (u64, Vec<u64>) {
    const NODES: usize = 1 << 12;
    assert_eq!(community_of.len(), graph.node_count(), "one entry a node");
    // Weights sum to less than 2^64, or the graph would not have a total strength.
    let inside = |(at, communities): (usize, &[u32])| {
        let of_node = |(node, &community): (u32, &u32)| {
            let inner = graph.out_edges(node).filter(|&(head, _)| community_of[head as usize] == community);
            inner.map(|(_, weight)| weight.units()).sum::<u64>()
        };
        ((at * NODES) as u32..).zip(communities).map(of_node).sum::<u64>()
    };
    let inner: Vec<u64> = community_of.par_chunks(NODES).enumerate().map(inside).collect();
    let mut volume_of = vec![0u64; community_of.iter().map(|&c| c as usize + 1).max().unwrap_or(0)];
    for (node, &community) in (0..).zip(community_of) {
        volume_of[community as usize] += volume(node);
    }
    (inner.iter().sum(), volume_of)
}

/// `scale * weight inside - gamma * sum of volume^2`, exactly.
pub(crate) fn score(inside: u64, volume_of: &[u64], scale: i128, gamma: i128) -> i128 {
    let square = |&volume: &u64| i128::from(volume) * i128::from(volume);
    scale * i128::from(inside) - gamma * volume_of.iter().map(square).sum::<i128>()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::tests::graph;

    #[test]
    fn two_triangles_and_a_bridge() {
        let graph = graph(6, "0-1 1-2 2-0 3-4 4-5 5-3 2-3");
        // 6 of 7 edges inside; each half has half the volume.
        let expected = 6.0 / 7.0 - 0.5;
        assert!((modularity(&graph, &[0, 0, 0, 1, 1, 1], 1000).unwrap() - expected).abs() < 1e-12);
        assert!(modularity(&graph, &[0; 6], 1000).unwrap().abs() < 1e-12);
        assert_eq!(modularity(&Graph::from_edges(2, vec![]), &[0, 1], 1000), None);
    }
}
