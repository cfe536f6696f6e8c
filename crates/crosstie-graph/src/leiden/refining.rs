//! Splits each community into well connected parts: a node that is still alone joins the part of its own community
//! with the largest positive gain, if both are well connected to the rest of the community.

use super::accumulator::Accumulator;
use super::level::{Gains, Level};
use super::moving::refill;
use crate::prefetch::Prefetch;
use crosstie_model::Stream;

/// What refinement keeps beside the parts, for its memory.
#[derive(Default)]
pub(super) struct Refining {
    community_volume: Vec<u64>,
    part_volume: Vec<u64>,
    part_size: Vec<u32>,
    /// Weight from a part to the rest of its community.
    cut: Vec<u64>,
    order: Vec<u32>,
    /// The part of each node.
    pub(super) part_of: Vec<u32>,
}

impl Refining {
    /// `inner` is the weight from each node to the others of its community.
    pub(super) fn run<W: Copy + Into<u64>>(
        &mut self,
        level: &Level<W>,
        gains: Gains,
        partition: &[u32],
        inner: &[u64],
        between: &mut Accumulator,
        stream: &mut Stream,
    ) {
        self.start(level, partition, inner, stream);
        between.grow(level.len());
        let Refining { community_volume, part_volume, part_size, cut, order, part_of } = self;
        let well_connected = |cut: u64, volume: u64, whole: u64| gains.exact(cut, volume, whole - volume) >= 0;
        let prefetch = Prefetch::new();
        for (at, &node) in order.iter().enumerate() {
            level.look_ahead(prefetch, order.get(at + 2));
            let own = part_of[node as usize] as usize;
            let community = partition[node as usize];
            let whole = community_volume[community as usize];
            let volume = level.volume[node as usize];
            if part_size[own] != 1 || !well_connected(cut[own], volume, whole) {
                continue;
            }
            between.clear();
            let inside = level.row(node).filter(|&(head, _)| partition[head as usize] == community);
            between.add_all(inside.map(|(head, weight)| (part_of[head as usize], weight)));
            let sieve = gains.sieve(volume);
            let (mut best, mut best_gain, mut best_about) = (own as u32, 0, 0.0);
            for &part in between.touched() {
                let (weight, of_part) = (between.get(part), part_volume[part as usize]);
                let about = sieve.about(weight, of_part);
                if !sieve.may_reach(about, best_about) {
                    continue;
                }
                let gain = gains.exact(weight, volume, of_part);
                let is_better = gain > best_gain || (gain == best_gain && gain > 0 && part < best);
                if is_better && well_connected(cut[part as usize], of_part, whole) {
                    (best, best_gain, best_about) = (part, gain, about);
                }
            }
            if best as usize != own {
                let joined = between.get(best);
                cut[best as usize] = cut[best as usize] + cut[own] - 2 * joined;
                part_volume[best as usize] += volume;
                part_volume[own] -= volume;
                part_size[best as usize] += 1;
                part_size[own] = 0;
                part_of[node as usize] = best;
            }
        }
    }

    fn start<W: Copy + Into<u64>>(&mut self, level: &Level<W>, partition: &[u32], inner: &[u64], stream: &mut Stream) {
        let count = level.len();
        refill(&mut self.community_volume, count, 0);
        for (&volume, &community) in level.volume.iter().zip(partition) {
            self.community_volume[community as usize] += volume;
        }
        self.part_of.clear();
        self.part_of.extend(0..count as u32);
        self.part_volume.clone_from(&level.volume);
        refill(&mut self.part_size, count, 1);
        self.cut.clear();
        self.cut.extend_from_slice(inner);
        self.order.clear();
        self.order.extend(0..count as u32);
        stream.shuffle(&mut self.order);
    }
}
