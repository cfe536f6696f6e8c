//! The five Gould-Fernandez roles: open two-paths a -> v -> b by the groups of a, v and b.

use crate::Graph;
use rayon::prelude::*;

/// Open two-paths through one node, by role.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Brokerage {
    /// All three in one group.
    pub coordinator: u64,
    /// Both ends in one group, the node in another.
    pub itinerant: u64,
    /// The first two in one group, the last outside.
    pub representative: u64,
    /// The last two in one group, the first outside.
    pub gatekeeper: u64,
    /// Three groups.
    pub liaison: u64,
}

/// Counts a -> v -> b with a, v, b distinct and no arc a -> b, for each v of a directed graph without weights.
///
/// `None` where the group of v is unknown; paths with an end of unknown group count for nobody.
/// Time O(sum of in-degree · out-degree · log degree). Gould & Fernandez 1989, doi:10.2307/270949.
///
/// # Panics
/// If `group_of` is not one entry a node.
#[must_use]
pub fn brokerage(graph: &Graph, group_of: &[Option<u32>]) -> Vec<Option<Brokerage>> {
    assert_eq!(group_of.len(), graph.node_count(), "one entry a node");
    let incoming = graph.reversed();
    let of_node = |node: u32| {
        let own = group_of[node as usize]?;
        let mut roles = Brokerage::default();
        for &first in incoming.neighbors(node) {
            let Some(from) = group_of[first as usize] else { continue };
            for &last in graph.neighbors(node) {
                let Some(to) = group_of[last as usize] else { continue };
                if first == last || graph.has_arc(first, last) {
                    continue;
                }
                *match (from == own, to == own, from == to) {
                    (true, true, _) => &mut roles.coordinator,
                    (true, false, _) => &mut roles.representative,
                    (false, true, _) => &mut roles.gatekeeper,
                    (false, false, true) => &mut roles.itinerant,
                    (false, false, false) => &mut roles.liaison,
                } += 1;
            }
        }
        Some(roles)
    };
    (0..graph.node_count() as u32).into_par_iter().map(of_node).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::tests::edges;

    #[test]
    fn by_hand() {
        let graph = Graph::from_edges(4, edges("0>1 0>2 1>2 1>3 2>3 3>0", '>'));
        let roles = brokerage(&graph, &[Some(0), Some(0), Some(1), Some(1)]);
        let none = Brokerage::default();
        assert_eq!(roles[0], Some(Brokerage { itinerant: 1, gatekeeper: 1, ..none }));
        assert_eq!(roles[1], Some(Brokerage { representative: 1, ..none }));
        assert_eq!(roles[2], Some(Brokerage { gatekeeper: 1, ..none }));
        assert_eq!(roles[3], Some(Brokerage { itinerant: 1, representative: 1, ..none }));
    }

    #[test]
    fn unknown_groups_count_for_nobody() {
        let graph = Graph::from_edges(3, edges("0>1 1>2", '>'));
        assert_eq!(brokerage(&graph, &[None, Some(0), Some(0)])[1], Some(Brokerage::default()));
        assert_eq!(brokerage(&graph, &[Some(0), None, Some(0)])[1], None);
    }
}
