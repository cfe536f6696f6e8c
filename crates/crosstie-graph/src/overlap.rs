//! Overlap of the neighbourhoods at both ends of an edge: low where an edge is a way between groups.

use crate::Graph;
use rayon::prelude::*;

/// Overlap of each edge (tail < head) of an undirected graph, ascending; `None` where neither end has another neighbour.
///
/// `n / ((k_i - 1) + (k_j - 1) - n)` for n common neighbours of ends with k_i and k_j neighbours; range `[0, 1]`. Weights
/// do not count. Time O(sum over edges of the smaller degree, times log of the larger).
///
/// Onnela et al. 2007, doi:10.1073/pnas.0610245104.
#[must_use]
pub fn edge_overlap(graph: &Graph) -> Vec<Option<f64>> {
    let of_node = |tail: u32| {
        let heads = graph.neighbors(tail).iter().filter(move |&&head| tail < head);
        heads.map(move |&head| of_edge(graph.neighbors(tail), graph.neighbors(head)))
    };
    (0..graph.node_count() as u32).into_par_iter().flat_map_iter(of_node).collect()
}

/// Of two rows, each of which holds the other's node.
fn of_edge(one: &[u32], other: &[u32]) -> Option<f64> {
    let (few, many) = if one.len() <= other.len() { (one, other) } else { (other, one) };
    let common = few.iter().filter(|node| many.binary_search(node).is_ok()).count();
    let all = one.len() + other.len() - 2 - common;
    (all > 0).then(|| common as f64 / all as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::tests::graph;
    use crosstie_model::Weight;
    use proptest::{collection::vec, prelude::*};
    use std::collections::BTreeSet;

    #[test]
    fn a_bridge_between_triangles() {
        // Edges in order: 0-1, 0-2, 1-2, 2-3, 3-4, 3-5, 4-5.
        let found = edge_overlap(&graph(6, "0-1 1-2 2-0 3-4 4-5 5-3 2-3"));
        assert_eq!(found, [Some(1.0), Some(0.5), Some(0.5), Some(0.0), Some(0.5), Some(0.5), Some(1.0)]);
        assert_eq!(edge_overlap(&graph(4, "0-1 2-3")), [None, None]);
    }

    proptest! {
        /// Jaccard's index of the two sets of neighbours without the ends.
        #[test]
        fn equals_the_definition(ends in vec((0..14u32, 0..14u32), 0..60)) {
            let graph = Graph::undirected(14, ends.into_iter().map(|(a, b)| (a, b, Weight::MESSAGE)).collect());
            let set = |node: u32, other: u32| -> BTreeSet<u32> {
                graph.arcs().filter(|arc| arc.0 == node && arc.1 != other).map(|arc| arc.1).collect()
            };
            let edges: Vec<(u32, u32)> = graph.arcs().filter(|arc| arc.0 < arc.1).map(|arc| (arc.0, arc.1)).collect();
            let found = edge_overlap(&graph);
            prop_assert_eq!(found.len(), edges.len());
            for ((tail, head), found) in edges.into_iter().zip(found) {
                let (a, b) = (set(tail, head), set(head, tail));
                let (both, any) = (a.intersection(&b).count(), a.union(&b).count());
                prop_assert_eq!(found.is_some(), any > 0);
                prop_assert!((found.unwrap_or(0.0) - both as f64 / any.max(1) as f64).abs() < 1e-12);
            }
        }
    }
}
