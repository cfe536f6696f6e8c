//! Local moving with a queue: a node goes where the gain is largest, its neighbours are looked at again.

use super::accumulator::Accumulator;
use super::level::{Gains, Level};
use crate::prefetch::Prefetch;
use crosstie_model::Stream;
use std::collections::VecDeque;

/// What moving keeps beside the partition, for its memory.
#[derive(Default)]
pub(super) struct Moving {
    volume_of: Vec<u64>,
    size_of: Vec<u32>,
    empty: Vec<u32>,
    order: Vec<u32>,
    queue: VecDeque<u32>,
    queued: Vec<bool>,
    /// Weight from each node to the others of its community, after the nodes have moved.
    pub(super) inner: Vec<u64>,
}

impl Moving {
    /// Moves nodes until no move gains. Returns whether any moved.
    pub(super) fn run<W: Copy + Into<u64>>(
        &mut self,
        level: &Level<W>,
        gains: Gains,
        partition: &mut [u32],
        between: &mut Accumulator,
        stream: &mut Stream,
    ) -> bool {
        self.start(level, partition, stream);
        between.grow(level.len());
        let Moving { volume_of, size_of, empty, queue, queued, inner, .. } = self;
        let prefetch = Prefetch::new();
        let mut moved = false;
        while let Some(node) = queue.pop_front() {
            queued[node as usize] = false;
            level.look_ahead(prefetch, queue.get(1));
            let own = partition[node as usize];
            let volume = level.volume[node as usize];
            between.clear();
            between.add_all(level.row(node).map(|(head, weight)| (partition[head as usize], weight)));
            volume_of[own as usize] -= volume;
            size_of[own as usize] -= 1;
            let stay = gains.exact(between.get(own), volume, volume_of[own as usize]);
            let sieve = gains.sieve(volume);
            let (mut best, mut best_gain) = (own, stay);
            let mut best_about = sieve.about(between.get(own), volume_of[own as usize]);
            for &community in between.touched() {
                let (weight, community_volume) = (between.get(community), volume_of[community as usize]);
                let about = sieve.about(weight, community_volume);
                if !sieve.may_reach(about, best_about) {
                    continue;
                }
                let gain = gains.exact(weight, volume, community_volume);
                if gain > best_gain || (gain == best_gain && best != own && community < best) {
                    (best, best_gain, best_about) = (community, gain, about);
                }
            }
            if best_gain < 0 && size_of[own as usize] > 0 {
                // Alone is better than any company: gain 0.
                best = *empty.last().expect("a community of two or more leaves an index free");
            }
            if size_of[own as usize] == 0 && best != own {
                empty.push(own);
            }
            if empty.last() == Some(&best) {
                empty.pop();
            }
            volume_of[best as usize] += volume;
            size_of[best as usize] += 1;
            inner[node as usize] = between.get(best);
            if best == own {
                continue;
            }
            partition[node as usize] = best;
            moved = true;
            for (head, weight) in level.row(node) {
                let community = partition[head as usize];
                // Of a node that was not looked at yet this is noise, which its first look sets right: so it wraps.
                if community == best {
                    inner[head as usize] = inner[head as usize].wrapping_add(weight);
                    continue;
                }
                if community == own {
                    inner[head as usize] = inner[head as usize].wrapping_sub(weight);
                }
                if !queued[head as usize] {
                    queued[head as usize] = true;
                    queue.push_back(head);
                }
            }
        }
        moved
    }

    fn start<W: Copy + Into<u64>>(&mut self, level: &Level<W>, partition: &[u32], stream: &mut Stream) {
        let count = level.len();
        refill(&mut self.volume_of, count, 0);
        refill(&mut self.size_of, count, 0);
        for (&volume, &community) in level.volume.iter().zip(partition) {
            self.volume_of[community as usize] += volume;
            self.size_of[community as usize] += 1;
        }
        self.empty.clear();
        self.empty.extend((0..count as u32).rev().filter(|&c| self.size_of[c as usize] == 0));
        self.order.clear();
        self.order.extend(0..count as u32);
        stream.shuffle(&mut self.order);
        self.queue.clear();
        self.queue.extend(&self.order);
        refill(&mut self.queued, count, true);
        refill(&mut self.inner, count, 0);
    }
}

/// `count` times a value, in the memory that is there.
pub(super) fn refill<T: Clone>(items: &mut Vec<T>, count: usize, value: T) {
    items.clear();
    items.resize(count, value);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Graph;
    use crosstie_model::Weight;
    use proptest::{collection::vec, prelude::*};

    proptest! {
        /// What moving keeps up to date, summed anew.
        #[test]
        fn inner_weights_are_those_of_the_end(
            edges in vec((0..14u32, 0..14u32, 1..9u64), 0..60), start in vec(0..5u32, 14), seed: u64, gamma in 1..4000u32,
        ) {
            let edges = edges.into_iter().map(|(a, b, w)| (a, b, Weight::from_units(w))).collect();
            let graph = Graph::undirected(14, edges);
            let level = Level::<u32>::of(&graph).unwrap();
            let gains = Gains::new(graph.total_strength().units(), gamma);
            let (mut moving, mut partition) = (Moving::default(), start);
            let mut stream = Stream::new(seed, "moving", &[]);
            moving.run(&level, gains, &mut partition, &mut Accumulator::default(), &mut stream);
            let between = |node: u32, community: u32| -> u64 {
                level.row(node).filter(|&(head, _)| partition[head as usize] == community).map(|(_, weight)| weight).sum()
            };
            for node in graph.nodes() {
                let own = partition[node as usize];
                prop_assert_eq!(moving.inner[node as usize], between(node, own));
            }
        }
    }
}
