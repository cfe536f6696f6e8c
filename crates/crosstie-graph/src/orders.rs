//! Orders of nodes in which those that are read one after the other lie close together.
//!
//! They come from the graph alone, so they are the same on every machine and at any thread count.

use crate::leiden::MOST_UNITS;
use crate::{Graph, LeidenParams, Quality, leiden};
use std::cmp::Reverse;

/// All nodes of an undirected graph: one community after the other, in each the nodes with most neighbours first.
///
/// Searches from neighbours in this order meet most nodes at the same time. It takes as long as a search from a few
/// hundred nodes. By degree alone where weights are too large to search for communities.
pub(crate) fn by_community(graph: &Graph) -> Vec<u32> {
    let strength: u128 = graph.nodes().map(|node| u128::from(graph.strength(node).units())).sum();
    if strength >= MOST_UNITS.into() {
        return by_degree(graph);
    }
    let params = LeidenParams {
        seed: 0,
        quality: Quality::Modularity,
        resolution_thousandths: 1000,
        passes: 1,
        restarts: 1,
        more_passes: 0,
    };
    let community_of = leiden(graph, params).community_of;
    let mut order: Vec<u32> = graph.nodes().collect();
    order.sort_by_key(|&node| (community_of[node as usize], Reverse(graph.degree(node)), node));
    order
}

/// All nodes, those with most neighbours first: what is read most often lies together.
pub(crate) fn by_degree(graph: &Graph) -> Vec<u32> {
    let mut order: Vec<u32> = graph.nodes().collect();
    order.sort_by_key(|&node| (Reverse(graph.degree(node)), node));
    order
}

/// The places of some nodes in an order, ascending.
pub(crate) fn places(order: &[u32], nodes: &[u32]) -> Vec<u32> {
    let mut place = vec![0; order.len()];
    (0..).zip(order).for_each(|(at, &node)| place[node as usize] = at);
    let mut places: Vec<u32> = nodes.iter().map(|&node| place[node as usize]).collect();
    places.sort_unstable();
    places
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::tests::graph;

    #[test]
    fn communities_stay_together_and_hubs_come_first() {
        let order = by_community(&graph(9, "0-2 0-4 2-4 2-6 1-3 1-5 3-5 5-7 5-8 6-7"));
        let even = order.iter().map(|node| node % 2 == 0).collect::<Vec<_>>();
        assert_eq!(order.len(), 9);
        assert!(even.windows(2).filter(|pair| pair[0] != pair[1]).count() <= 3, "{order:?}");
        let place = |node: u32| order.iter().position(|&other| other == node);
        assert!(place(2) < place(0) && place(5) < place(1));
    }

    #[test]
    fn weights_of_any_size() {
        let heavy = graph(3, "0-1:8000000000000 1-2:8000000000000");
        assert_eq!(by_community(&heavy), [1, 0, 2]);
    }

    #[test]
    fn places_ascend() {
        assert_eq!(places(&[2, 0, 3, 1], &[1, 2, 3]), [0, 2, 3]);
    }

    #[test]
    fn most_neighbours_first() {
        assert_eq!(by_degree(&graph(5, "3-0 3-1 3-4 4-1")), [3, 1, 4, 0, 2]);
    }
}
