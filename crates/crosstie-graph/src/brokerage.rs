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
///
/// All two-paths through v follow from how many arcs come from each group and go to it; of these, the closed ones are
/// looked for. Time O(sum over arcs a -> v of the out-degree of a), memory 12 bytes a node and thread.
/// Gould & Fernandez 1989, doi:10.2307/270949.
///
/// # Panics
/// If `group_of` is not one entry a node.
#[must_use]
pub fn brokerage(graph: &Graph, group_of: &[Option<u32>]) -> Vec<Option<Brokerage>> {
    assert_eq!(group_of.len(), graph.node_count(), "one entry a node");
    let incoming = graph.reversed();
    let group_count = group_of.iter().flatten().max().map_or(0, |&group| group as usize + 1);
    let room = || Room { to_group: vec![0; group_count], target_of: vec![0; graph.node_count()] };
    let of_node = |room: &mut Room, node: u32| {
        let own = group_of[node as usize]?;
        let known = |&other: &u32| group_of[other as usize].map(|group| (other, group));
        let from = || incoming.neighbors(node).iter().filter_map(known);
        let to = || graph.neighbors(node).iter().filter_map(known);
        Some(room.of_node(node, own, (from, to), |first| graph.neighbors(first).iter().filter_map(known)))
    };
    (0..graph.node_count() as u32).into_par_iter().map_init(room, of_node).collect()
}

/// Room that is used for one node after the other.
struct Room {
    /// Arcs to each group; 0 between nodes.
    to_group: Vec<u64>,
    /// The last node that has an arc to each node, plus 1.
    target_of: Vec<u32>,
}

impl Room {
    /// `ends` are the nodes before and behind the node with their groups, `behind` those behind another node.
    fn of_node<A, B, C>(
        &mut self,
        node: u32,
        own: u32,
        ends: (impl Fn() -> A, impl Fn() -> B),
        behind: impl Fn(u32) -> C,
    ) -> Brokerage
    where
        A: Iterator<Item = (u32, u32)>,
        B: Iterator<Item = (u32, u32)>,
        C: Iterator<Item = (u32, u32)>,
    {
        let (from, to) = ends;
        let mut all_to = 0;
        for (last, group) in to() {
            self.to_group[group as usize] += 1;
            self.target_of[last as usize] = node + 1;
            all_to += 1;
        }
        let to_own = self.to_group[own as usize];
        // Arcs from the own group and all; pairs of ends in one group; nodes that are both ends.
        let (mut from_own, mut all_from, mut alike) = (0, 0, 0);
        let (mut both_own, mut both) = (0, 0);
        for (first, group) in from() {
            let is_both = u64::from(self.target_of[first as usize] == node + 1);
            let is_own = u64::from(group == own);
            from_own += is_own;
            all_from += 1;
            alike += self.to_group[group as usize];
            both_own += is_own * is_both;
            both += is_both;
        }
        let coordinator = from_own * to_own - both_own;
        let mut roles = Brokerage {
            coordinator,
            itinerant: alike - both - coordinator,
            representative: from_own * (all_to - to_own),
            gatekeeper: (all_from - from_own) * to_own,
            liaison: (all_from - from_own) * (all_to - to_own) - (alike - from_own * to_own),
        };
        for (first, one) in from() {
            for (_, two) in behind(first).filter(|&(last, _)| self.target_of[last as usize] == node + 1) {
                *roles.role(one == own, two == own, one == two) -= 1;
            }
        }
        to().for_each(|(_, group)| self.to_group[group as usize] = 0);
        roles
    }
}

impl Brokerage {
    /// Of a path whose first and last node are in the group of the middle one, or in one group.
    fn role(&mut self, first_own: bool, last_own: bool, alike: bool) -> &mut u64 {
        match (first_own, last_own, alike) {
            (true, true, _) => &mut self.coordinator,
            (true, false, _) => &mut self.representative,
            (false, true, _) => &mut self.gatekeeper,
            (false, false, true) => &mut self.itinerant,
            (false, false, false) => &mut self.liaison,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::tests::edges;
    use crosstie_model::Weight;
    use proptest::{collection::vec, option, prelude::*};

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

    proptest! {
        /// The definition, path by path.
        #[test]
        fn equals_the_paths(arcs in vec((0..9u32, 0..9u32), 0..50), group_of in vec(option::of(0..3u32), 9)) {
            let arcs = arcs.into_iter().map(|(a, b)| (a, b, Weight::MESSAGE)).collect();
            let graph = Graph::from_edges(9, arcs);
            let found = brokerage(&graph, &group_of);
            for node in 0..9u32 {
                let slow = group_of[node as usize].map(|own| {
                    let mut roles = Brokerage::default();
                    for (first, last) in (0..9).flat_map(|first| (0..9).map(move |last| (first, last))) {
                        let ends = group_of[first as usize].zip(group_of[last as usize]);
                        let is_open = graph.has_arc(first, node) && graph.has_arc(node, last) && !graph.has_arc(first, last);
                        if let Some((one, two)) = ends.filter(|_| is_open && first != last) {
                            *roles.role(one == own, two == own, one == two) += 1;
                        }
                    }
                    roles
                });
                prop_assert_eq!(&found[node as usize], &slow);
            }
        }
    }

    #[test]
    fn unknown_groups_count_for_nobody() {
        let graph = Graph::from_edges(3, edges("0>1 1>2", '>'));
        assert_eq!(brokerage(&graph, &[None, Some(0), Some(0)])[1], Some(Brokerage::default()));
        assert_eq!(brokerage(&graph, &[Some(0), None, Some(0)])[1], None);
    }
}
