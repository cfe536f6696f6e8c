//! Splits communities that are not connected.

use super::compact;
use super::members::{Members, split};
use super::threads::Threads;
use crate::Graph;

/// Splits communities that are not connected, and numbers the parts by smallest node. No quality can fall by it.
pub(super) fn connected_parts(graph: &Graph, community_of: &[u32], threads: Threads) -> Vec<u32> {
    const ARCS: usize = 1 << 15;
    let (mut labels, mut members) = (community_of.to_vec(), Members::default());
    let count = compact(&mut labels, &mut Vec::new());
    members.sort(&labels, count);
    members.share(ARCS, |node| graph.degree(node));
    let shares = members.shares();
    let mut first_at = vec![0u32; labels.len()];
    let pieces = split(&mut first_at, shares.iter().map(|share| members.places(share.clone()).len()));
    threads.each(shares.iter().zip(pieces), |(share, mut first_at)| {
        let mut queue = Vec::new();
        for community in share.clone() {
            let (own, rest) = first_at.split_at_mut(members.of(community).len());
            first_nodes(graph, &members, community, own, &mut queue);
            first_at = rest;
        }
    });
    for (node, label) in (0..).zip(labels.iter_mut()) {
        *label = first_at[members.place(node) as usize];
    }
    compact(&mut labels, &mut Vec::new());
    labels
}

/// For each member the smallest node of its connected part.
fn first_nodes(graph: &Graph, members: &Members, community: usize, first: &mut [u32], queue: &mut Vec<u32>) {
    const UNSEEN: u32 = u32::MAX;
    let nodes = members.of(community);
    let base = members.places(community..community + 1).start as u32;
    first.fill(UNSEEN);
    let mut left = nodes.len();
    for (at, &start) in nodes.iter().enumerate() {
        if first[at] != UNSEEN {
            continue;
        }
        first[at] = start;
        queue.push(start);
        left -= 1;
        while let Some(node) = queue.pop() {
            for &next in graph.neighbors(node) {
                let place = members.place(next).wrapping_sub(base) as usize;
                if first.get(place) == Some(&UNSEEN) {
                    first[place] = start;
                    queue.push(next);
                    left -= 1;
                }
            }
            // Mostly a few nodes reach all.
            if left == 0 {
                return queue.clear();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crosstie_model::Weight;
    use proptest::{collection::vec, prelude::*};

    proptest! {
        /// The components of the graph without the edges between communities.
        #[test]
        fn parts_are_components_inside_communities(
            edges in vec((0..16u32, 0..16u32), 0..40), community_of in vec(0..3u32, 16),
        ) {
            let edges = |inner: bool| {
                let same = |&&(a, b): &&(u32, u32)| !inner || community_of[a as usize] == community_of[b as usize];
                Graph::undirected(16, edges.iter().filter(same).map(|&(a, b)| (a, b, Weight::MESSAGE)).collect())
            };
            let found = connected_parts(&edges(false), &community_of, Threads::ONE);
            prop_assert_eq!(found, crate::components(&edges(true)).component_of);
        }
    }
}
