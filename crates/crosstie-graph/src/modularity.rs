//! Modularity of a partition.

use crate::Graph;

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
    let strength = f64_of(u128::from(graph.total_strength().units()));
    (strength > 0.0).then(|| score(graph, community_of, resolution_thousandths) as f64 / 1000.0 / (strength * strength))
}

fn f64_of(value: u128) -> f64 {
    value as f64
}

/// Modularity times 1000 (2W)^2, exactly.
pub(crate) fn score(graph: &Graph, community_of: &[u32], resolution_thousandths: u32) -> i128 {
    assert_eq!(community_of.len(), graph.node_count(), "one entry a node");
    let count = community_of.iter().map(|&c| c as usize + 1).max().unwrap_or(0);
    // Weights sum to less than 2^64, or the graph would not have a total strength.
    let mut inner = vec![0u64; count];
    let mut volume = vec![0u64; count];
    for tail in graph.nodes() {
        let community = community_of[tail as usize];
        volume[community as usize] += graph.strength(tail).units();
        let inside = graph.out_edges(tail).filter(|&(head, _)| community_of[head as usize] == community);
        inner[community as usize] += inside.map(|(_, weight)| weight.units()).sum::<u64>();
    }
    let total = i128::from(graph.total_strength().units());
    let gamma = i128::from(resolution_thousandths);
    let of_community = |(&inner, &volume): (&u64, &u64)| {
        1000 * i128::from(inner) * total - gamma * i128::from(volume) * i128::from(volume)
    };
    inner.iter().zip(&volume).map(of_community).sum()
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
