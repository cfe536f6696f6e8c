//! Who can be reached within two steps, from up to 64 nodes at once.
//!
//! A node of the graph holds one bit for each source, so that one look at an arc serves all of them.

use crate::Graph;

/// Sources of one search.
pub const SOURCES_MOST: usize = 64;

/// What [`two_steps`] found: bit `l` of a node's word is about source `l`.
#[derive(Clone, Debug, Default)]
pub struct TwoSteps {
    /// Sources that are tied to the node.
    pub tied: Vec<u64>,
    /// Sources that are the node, or one or two steps away.
    pub near: Vec<u64>,
}

/// Searches from `sources`, each a node once. `out` is used again from call to call.
///
/// Time O(arcs) at most, less where most nodes are near; memory 16 bytes a node.
///
/// # Panics
/// With more than [`SOURCES_MOST`] sources.
pub fn two_steps(graph: &Graph, sources: &[u32], out: &mut TwoSteps) {
    assert!(sources.len() <= SOURCES_MOST, "a bit a source");
    let TwoSteps { tied, near } = out;
    tied.clear();
    tied.resize(graph.node_count(), 0);
    near.clear();
    near.resize(graph.node_count(), 0);
    let all = sources.iter().enumerate().fold(0, |all, (lane, _)| all | 1 << lane);
    for (lane, &source) in sources.iter().enumerate() {
        near[source as usize] |= 1 << lane;
        graph.neighbors(source).iter().for_each(|&contact| tied[contact as usize] |= 1 << lane);
    }
    for (node, near) in graph.nodes().zip(near) {
        *near |= tied[node as usize];
        for &contact in graph.neighbors(node) {
            *near |= tied[contact as usize];
            if *near == all {
                break;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Reach, within_two_steps};
    use crosstie_model::Weight;
    use proptest::{collection::vec, prelude::*};

    proptest! {
        /// One source at a time finds the same.
        #[test]
        fn equals_single_searches(edges in vec((0..90u32, 0..90u32), 0..250), first in 0..30u32) {
            let graph = Graph::undirected(90, edges.into_iter().map(|(a, b)| (a, b, Weight::MESSAGE)).collect());
            let sources: Vec<u32> = (first..first + 60).collect();
            let (mut found, mut reach) = (TwoSteps::default(), Reach::new(90));
            // What a call left behind does not show in the next.
            two_steps(&graph, &[3, 5], &mut found);
            two_steps(&graph, &sources, &mut found);
            for (lane, &source) in sources.iter().enumerate() {
                let mut single = within_two_steps(&graph, source, |_| true, &mut reach).to_vec();
                single.push(source);
                single.sort_unstable();
                let of = |words: &[u64]| graph.nodes().filter(|&node| words[node as usize] >> lane & 1 == 1).collect::<Vec<u32>>();
                prop_assert_eq!(of(&found.near), single);
                prop_assert_eq!(of(&found.tied), graph.neighbors(source).to_vec());
            }
            let others = found.near.iter().chain(&found.tied).all(|word| word >> 60 == 0);
            prop_assert!(others, "a bit of no source");
        }
    }
}
