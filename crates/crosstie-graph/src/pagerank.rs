//! PageRank by weight: where a walker who follows ties ends up.

use crate::Graph;
use crate::rows::is_undirected;
use rayon::prelude::*;

pub(crate) const DAMPING: f64 = 0.85;
pub(crate) const L1_CHANGE: f64 = 1e-12;
pub(crate) const ROUNDS: usize = 1000;
const NODES_A_TASK: usize = 512;

/// Weighted PageRank of each node, damping 0.85, the mass of nodes without arcs spread evenly; sums to 1.
///
/// `None` of an empty graph. Iterates until the values change by less than 1e-12 in all, at most 1,000 rounds.
/// Time O(rounds · E). Values are pulled in row order, so they do not depend on threads.
///
/// Page, Brin, Motwani, Winograd 1999, The PageRank Citation Ranking, Stanford InfoLab 1999-66.
#[must_use]
pub fn pagerank(graph: &Graph) -> Option<Vec<f64>> {
    let node_count = graph.node_count();
    if node_count == 0 {
        return None;
    }
    let reversed = (!is_undirected(graph)).then(|| graph.reversed());
    let incoming = reversed.as_ref().unwrap_or(graph);
    let even = 1.0 / node_count as f64;
    let mut rank = vec![even; node_count];
    for _ in 0..ROUNDS {
        let dangling: f64 = graph.nodes().filter(|&v| graph.degree(v) == 0).map(|v| rank[v as usize]).sum();
        let base = (1.0 - DAMPING) * even + DAMPING * dangling * even;
        let next: Vec<f64> = (0..node_count as u32)
            .into_par_iter()
            .with_min_len(NODES_A_TASK)
            .map(|node| {
                let pulled: f64 = incoming
                    .out_edges(node)
                    .map(|(from, weight)| rank[from as usize] * weight.messages() / graph.strength(from).messages())
                    .sum();
                base + DAMPING * pulled
            })
            .collect();
        let change: f64 = rank.iter().zip(&next).map(|(old, new)| (old - new).abs()).sum();
        rank = next;
        if change < L1_CHANGE {
            break;
        }
    }
    Some(rank)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::tests::{edges, graph};

    #[test]
    fn symmetric_graphs_share_evenly_and_weights_count() {
        let ring = pagerank(&graph(4, "0-1 1-2 2-3 3-0")).unwrap();
        assert!(ring.iter().all(|rank| (rank - 0.25).abs() < 1e-10));
        let pulled = pagerank(&Graph::from_edges(3, edges("0>1:3 0>2:1 1>0 2>0", '>'))).unwrap();
        assert!((pulled.iter().sum::<f64>() - 1.0).abs() < 1e-10);
        // Node 1 gets three quarters of what node 0 passes on.
        let passed = |node: usize| pulled[node] - 0.05;
        assert!((passed(1) / passed(2) - 3.0).abs() < 1e-9);
        assert_eq!(pagerank(&Graph::from_edges(0, vec![])), None);
    }
}
