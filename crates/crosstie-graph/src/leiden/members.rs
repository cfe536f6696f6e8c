//! The nodes of each community side by side, and shares of the communities with about equal work.

use super::moving::refill;
use std::ops::Range;

/// Nodes by community, ascending in each; places count them.
#[derive(Default)]
pub(super) struct Members {
    first: Vec<u32>,
    nodes: Vec<u32>,
    place_of: Vec<u32>,
    shares: Vec<Range<usize>>,
}

impl Members {
    /// Counting sort by community, of which there are `count`.
    pub(super) fn sort(&mut self, community_of: &[u32], count: usize) {
        let Members { first, nodes, place_of, .. } = self;
        refill(first, count + 1, 0);
        for &community in community_of {
            first[community as usize] += 1;
        }
        let mut before = 0;
        for size in first.iter_mut() {
            before += std::mem::replace(size, before);
        }
        nodes.resize(community_of.len(), 0);
        place_of.resize(community_of.len(), 0);
        for ((node, &community), place) in (0..).zip(community_of).zip(place_of.iter_mut()) {
            let next = &mut first[community as usize];
            nodes[*next as usize] = node;
            *place = *next;
            *next += 1;
        }
        // Filling moved each start to the start of the next community.
        first.rotate_right(1);
        first[0] = 0;
    }

    pub(super) fn count(&self) -> usize {
        self.first.len() - 1
    }

    /// The places of some communities.
    pub(super) fn places(&self, communities: Range<usize>) -> Range<usize> {
        self.first[communities.start] as usize..self.first[communities.end] as usize
    }

    /// The nodes of a community.
    pub(super) fn of(&self, community: usize) -> &[u32] {
        &self.nodes[self.places(community..community + 1)]
    }

    #[inline]
    pub(super) fn place(&self, node: u32) -> u32 {
        self.place_of[node as usize]
    }

    /// Makes shares of consecutive communities whose nodes have at least so many arcs.
    pub(super) fn share(&mut self, arcs: usize, degree: impl Fn(u32) -> usize) {
        let mut shares = std::mem::take(&mut self.shares);
        shares.clear();
        let (mut start, mut so_far) = (0, 0);
        for community in 0..self.count() {
            so_far += self.of(community).iter().map(|&node| degree(node)).sum::<usize>();
            if so_far >= arcs || community + 1 == self.count() {
                shares.push(start..community + 1);
                (start, so_far) = (community + 1, 0);
            }
        }
        self.shares = shares;
    }

    /// Consecutive communities with about equal work.
    pub(super) fn shares(&self) -> &[Range<usize>] {
        &self.shares
    }
}

/// The pieces of a slice that shares own, side by side.
pub(super) fn split<T>(mut items: &mut [T], lengths: impl IntoIterator<Item = usize>) -> Vec<&mut [T]> {
    let mut pieces = Vec::new();
    for length in lengths {
        let (piece, rest) = items.split_at_mut(length);
        pieces.push(piece);
        items = rest;
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::{collection::vec, prelude::*};

    proptest! {
        #[test]
        fn members_places_and_shares(community_of in vec(0..7u32, 1..40), least in 0..30usize) {
            let mut members = Members::default();
            members.sort(&[0, 0], 1); // memory that was used
            members.sort(&community_of, 7);
            prop_assert_eq!(members.count(), 7);
            let mut place = 0;
            for community in 0..7 {
                let slow: Vec<u32> =
                    (0..community_of.len() as u32).filter(|&node| community_of[node as usize] == community).collect();
                prop_assert_eq!(members.of(community as usize), &slow);
                for node in slow {
                    prop_assert_eq!(members.place(node), place);
                    place += 1;
                }
            }
            members.share(least, |node| node as usize);
            let work = |share: &Range<usize>| {
                share.clone().flat_map(|community| members.of(community)).map(|&node| node as usize).sum::<usize>()
            };
            let shares = members.shares();
            prop_assert_eq!(shares.iter().cloned().flatten().collect::<Vec<_>>(), (0..7).collect::<Vec<_>>());
            for share in &shares[..shares.len() - 1] {
                prop_assert!(work(share) >= least && work(&(share.start..share.end - 1)) < least.max(1));
            }
            let mut items = vec![0; place as usize];
            let lengths: Vec<usize> = shares.iter().map(|share| members.places(share.clone()).len()).collect();
            prop_assert_eq!(split(&mut items, lengths.clone()).iter().map(|piece| piece.len()).collect::<Vec<_>>(), lengths);
        }
    }
}
