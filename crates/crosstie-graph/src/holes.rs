//! Structural holes: Burt's constraint and effective size.

use crate::Graph;
use rayon::prelude::*;

/// Burt's constraint of each node of an undirected graph; `None` for isolated nodes.
///
/// `sum over contacts j of (p_ij + sum over q of p_iq p_qj)^2` with `p_ij` the share of i's weight that goes to j.
/// 1 at degree one; may pass 1. Time O(sum of squared degrees).
///
/// Burt 1992, Structural Holes, ISBN 978-0674843714.
#[must_use]
pub fn burt_constraint(graph: &Graph) -> Vec<Option<f64>> {
    let share = |from: u32, weight: crosstie_model::Weight| weight.messages() / graph.strength(from).messages();
    let of_node = |node: u32| {
        let contacts = graph.neighbors(node);
        if contacts.is_empty() {
            return None;
        }
        let mut invested: Vec<f64> = graph.weights(node).iter().map(|&weight| share(node, weight)).collect();
        for (contact, weight) in graph.out_edges(node) {
            let to_contact = share(node, weight);
            for (other, onward) in graph.out_edges(contact) {
                if let Ok(at) = contacts.binary_search(&other) {
                    invested[at] += to_contact * share(contact, onward);
                }
            }
        }
        Some(invested.iter().map(|p| p * p).sum())
    };
    (0..graph.node_count() as u32).into_par_iter().map(of_node).collect()
}

/// Burt's effective size of each node of an undirected graph, head-count form; `None` for isolated nodes.
///
/// `n - 2t/n` for n contacts with t ties among them: Borgatti 1997, Connections 20(1), 35-38. Range `[1, n]`.
/// Time O(sum of squared degrees).
#[must_use]
pub fn effective_size(graph: &Graph) -> Vec<Option<f64>> {
    let of_node = |node: u32| {
        let contacts = graph.neighbors(node);
        if contacts.is_empty() {
            return None;
        }
        // Each tie among contacts is met from both of its ends: this counts 2t.
        let ends: usize = contacts
            .iter()
            .map(|&contact| {
                graph.neighbors(contact).iter().filter(|other| contacts.binary_search(other).is_ok()).count()
            })
            .sum();
        Some(contacts.len() as f64 - ends as f64 / contacts.len() as f64)
    };
    (0..graph.node_count() as u32).into_par_iter().map(of_node).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::tests::graph;
    use crosstie_model::Weight;
    use proptest::{collection::vec, prelude::*};

    /// Burt's formula over a dense matrix of shares.
    fn slow(graph: &Graph) -> Vec<Option<f64>> {
        let n = graph.node_count();
        let mut p = vec![vec![0.0; n]; n];
        for (tail, head, weight) in graph.arcs() {
            p[tail as usize][head as usize] = weight.messages() / graph.strength(tail).messages();
        }
        (0..n)
            .map(|i| {
                let contacts: Vec<usize> = (0..n).filter(|&j| p[i][j] > 0.0).collect();
                let through = |j: usize| (0..n).filter(|&q| q != i && q != j).map(|q| p[i][q] * p[q][j]).sum::<f64>();
                (!contacts.is_empty()).then(|| contacts.iter().map(|&j| (p[i][j] + through(j)).powi(2)).sum())
            })
            .collect()
    }

    #[test]
    fn small_cases() {
        assert_eq!(burt_constraint(&graph(3, "0-1")), [Some(1.0), Some(1.0), None]);
        assert_eq!(effective_size(&graph(4, "0-1 0-2 0-3")), [Some(3.0), Some(1.0), Some(1.0), Some(1.0)]);
        assert_eq!(effective_size(&graph(3, "0-1 0-2 1-2")), [Some(1.0); 3]);
    }

    proptest! {
        #[test]
        fn constraint_equals_the_definition(edges in vec((0..9u32, 0..9u32, 1..5u64), 0..30)) {
            let edges = edges.into_iter().map(|(a, b, w)| (a, b, Weight::from_units(w))).collect();
            let graph = Graph::undirected(9, edges);
            for (got, expected) in burt_constraint(&graph).into_iter().zip(slow(&graph)) {
                prop_assert_eq!(got.is_some(), expected.is_some());
                prop_assert!((got.unwrap_or(0.0) - expected.unwrap_or(0.0)).abs() < 1e-9);
            }
        }
    }
}
