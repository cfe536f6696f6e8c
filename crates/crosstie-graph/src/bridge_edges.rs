//! Bridges in the sense of graph theory: edges whose removal splits a component.

use crate::Graph;

/// Whether each edge (tail < head) of an undirected graph is a bridge, ascending. Time O(V + E).
///
/// Tarjan 1974, doi:10.1016/0020-0190(74)90003-9: an edge of a depth-first tree is one if nothing below it reaches above
/// it. Without recursion.
#[must_use]
pub fn bridge_edges(graph: &Graph) -> Vec<bool> {
    let node_count = graph.node_count();
    let mut entered = vec![0u32; node_count]; // 0: not yet
    let mut low = vec![0u32; node_count];
    let mut clock = 0;
    let mut bridges = Vec::new();
    let mut stack: Vec<(u32, u32, usize)> = Vec::new(); // node, parent, next neighbour to look at
    for root in graph.nodes().filter(|&root| graph.degree(root) > 0) {
        if entered[root as usize] > 0 {
            continue;
        }
        stack.push((root, u32::MAX, 0));
        while let Some((node, parent, at)) = stack.last_mut() {
            let (node, parent) = (*node, *parent);
            if *at == 0 {
                clock += 1;
                entered[node as usize] = clock;
                low[node as usize] = clock;
            }
            match graph.neighbors(node).get(*at) {
                Some(&next) => {
                    *at += 1;
                    if entered[next as usize] == 0 {
                        stack.push((next, node, 0));
                    } else if next != parent {
                        // There are no parallel edges, so the way back is the parent alone.
                        low[node as usize] = low[node as usize].min(entered[next as usize]);
                    }
                }
                None => {
                    stack.pop();
                    if parent != u32::MAX {
                        low[parent as usize] = low[parent as usize].min(low[node as usize]);
                        if low[node as usize] > entered[parent as usize] {
                            bridges.push((node.min(parent), node.max(parent)));
                        }
                    }
                }
            }
        }
    }
    bridges.sort_unstable();
    let edges = graph.arcs().filter(|(tail, head, _)| tail < head);
    edges.map(|(tail, head, _)| bridges.binary_search(&(tail, head)).is_ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::tests::graph;
    use crosstie_model::Weight;
    use petgraph::unionfind::UnionFind;
    use proptest::{collection::vec, prelude::*};

    #[test]
    fn triangles_tails_and_a_long_path() {
        // 0-1, 0-2, 1-2, 2-3, 3-4, 3-5, 4-5
        let found = bridge_edges(&graph(7, "0-1 1-2 2-0 3-4 4-5 5-3 2-3"));
        assert_eq!(found, [false, false, false, true, false, false, false]);
        assert_eq!(bridge_edges(&graph(5, "0-1 2-3")), [true, true]);
        let path = Graph::undirected(200_000, (1..200_000).map(|node| (node - 1, node, Weight::MESSAGE)).collect());
        assert!(bridge_edges(&path).iter().all(|&bridge| bridge));
    }

    proptest! {
        /// The definition, by union-find: without the edge its ends are apart.
        #[test]
        fn equals_the_definition(ends in vec((0..12u32, 0..12u32), 0..25)) {
            let graph = Graph::undirected(12, ends.into_iter().map(|(a, b)| (a, b, Weight::MESSAGE)).collect());
            let edges: Vec<(u32, u32)> = graph.arcs().filter(|arc| arc.0 < arc.1).map(|arc| (arc.0, arc.1)).collect();
            let found = bridge_edges(&graph);
            prop_assert_eq!(found.len(), edges.len());
            for (edge, found) in edges.iter().zip(found) {
                let mut sets = UnionFind::<u32>::new(12);
                for &(a, b) in edges.iter().filter(|other| *other != edge) {
                    sets.union(a, b);
                }
                prop_assert_eq!(found, !sets.equiv(edge.0, edge.1), "{:?}", edge);
            }
        }
    }
}
