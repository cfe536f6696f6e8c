//! Connected components and the nodes whose removal splits one.

use crate::Graph;

/// The connected components of an undirected graph.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Components {
    /// Component of each node, numbered by smallest node.
    pub component_of: Vec<u32>,
    /// Nodes in each component.
    pub sizes: Vec<usize>,
}

/// Connected components by breadth-first search. Time O(V + E).
#[must_use]
pub fn components(graph: &Graph) -> Components {
    const UNSEEN: u32 = u32::MAX;
    let mut component_of = vec![UNSEEN; graph.node_count()];
    let mut sizes = Vec::new();
    let mut queue = Vec::new();
    for start in graph.nodes() {
        if component_of[start as usize] != UNSEEN {
            continue;
        }
        let component = sizes.len() as u32;
        component_of[start as usize] = component;
        queue.push(start);
        let mut at = 0;
        while let Some(&node) = queue.get(at) {
            at += 1;
            for &next in graph.neighbors(node) {
                if component_of[next as usize] == UNSEEN {
                    component_of[next as usize] = component;
                    queue.push(next);
                }
            }
        }
        sizes.push(queue.len());
        queue.clear();
    }
    Components { component_of, sizes }
}

/// Whether each node is an articulation point of an undirected graph. Time O(V + E).
///
/// Hopcroft & Tarjan 1973, doi:10.1145/362248.362272, without recursion: a path of a million nodes is no
/// reason to overflow a stack.
#[must_use]
pub fn articulation_points(graph: &Graph) -> Vec<bool> {
    let node_count = graph.node_count();
    let mut cuts = vec![false; node_count];
    let mut entered = vec![0u32; node_count]; // 0: not yet
    let mut low = vec![0u32; node_count];
    let mut clock = 0;
    let mut stack: Vec<(u32, u32, usize)> = Vec::new(); // node, parent, next neighbour to look at
    for root in graph.nodes() {
        if entered[root as usize] > 0 {
            continue;
        }
        let mut children_of_root = 0;
        clock += 1;
        entered[root as usize] = clock;
        low[root as usize] = clock;
        stack.push((root, u32::MAX, 0));
        while let Some((node, parent, at)) = stack.last_mut() {
            let (node, parent) = (*node, *parent);
            if let Some(&next) = graph.neighbors(node).get(*at) {
                *at += 1;
                if entered[next as usize] == 0 {
                    clock += 1;
                    entered[next as usize] = clock;
                    low[next as usize] = clock;
                    stack.push((next, node, 0));
                } else if next != parent {
                    low[node as usize] = low[node as usize].min(entered[next as usize]);
                }
                continue;
            }
            stack.pop();
            if parent == root {
                children_of_root += 1;
            } else if parent != u32::MAX && low[node as usize] >= entered[parent as usize] {
                cuts[parent as usize] = true;
            }
            if parent != u32::MAX {
                low[parent as usize] = low[parent as usize].min(low[node as usize]);
            }
        }
        cuts[root as usize] = children_of_root > 1;
    }
    cuts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::tests::graph;
    use crosstie_model::Weight;
    use proptest::{collection::vec, prelude::*};

    #[test]
    fn small_cases() {
        let found = components(&graph(6, "0-1 1-2 3-4"));
        assert_eq!(found.component_of, [0, 0, 0, 1, 1, 2]);
        assert_eq!(found.sizes, [3, 2, 1]);
        assert_eq!(articulation_points(&graph(4, "0-1 1-2 2-3")), [false, true, true, false]);
        assert_eq!(articulation_points(&graph(3, "0-1 1-2 2-0")), [false; 3]);
        assert_eq!(articulation_points(&graph(5, "0-1 1-2 2-0 2-3 3-4 4-2")), [false, false, true, false, false]);
    }

    proptest! {
        /// The definition: without the node there are more components, the node's own not counted.
        #[test]
        fn articulation_points_equal_the_definition(ends in vec((0..12u32, 0..12u32), 0..25)) {
            let edges: Vec<_> = ends.iter().map(|&(a, b)| (a, b, Weight::MESSAGE)).collect();
            let graph = Graph::undirected(12, edges.clone());
            let before = components(&graph).sizes.len();
            for (node, cut) in (0..).zip(articulation_points(&graph)) {
                let rest = edges.iter().copied().filter(|&(a, b, _)| a != node && b != node).collect();
                let after = components(&Graph::undirected(12, rest)).sizes.len() - 1;
                prop_assert_eq!(cut, after > before, "node {}", node);
            }
        }
    }
}
