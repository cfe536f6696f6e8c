//! Splits each community into well connected parts: a node that is still alone joins the part of its own community
//! with the largest positive gain, if both are well connected to the rest of the community.
//!
//! Communities do not meet here, so each has its own stream and they go side by side.

use super::accumulator::Accumulator;
use super::gains::Gains;
use super::level::{Level, Units};
use super::members::{Members, split};
use super::moving::refill;
use super::threads::{Scratch, Threads};
use crosstie_model::Stream;
use std::ops::Range;

/// The parts, and what finding them needs.
#[derive(Default)]
pub(super) struct Refining {
    /// The part of each node among all.
    pub(super) part_of: Vec<u32>,
    /// The part of each place, counted from 0 in each community.
    pub(super) part_at: Vec<u32>,
    /// Before each community so many parts, at the end all.
    parts_before: Vec<u32>,
    of_thread: Scratch<Community>,
}

impl Refining {
    pub(super) fn run<W: Units>(
        &mut self,
        level: &Level<W>,
        gains: Gains,
        partition: &[u32],
        members: &Members,
        key: u64,
        threads: Threads,
    ) {
        const NODES: usize = 1 << 13;
        self.of_thread.make();
        let shares = members.shares();
        let Refining { part_of, part_at, parts_before, of_thread } = self;
        part_at.resize(level.len(), 0);
        refill(parts_before, members.count() + 1, 0);
        let parts = split(part_at, shares.iter().map(|share| members.places(share.clone()).len()));
        let counts = split(&mut parts_before[1..], shares.iter().map(ExactSizeIterator::len));
        threads.each(shares.iter().zip(parts).zip(counts), |((share, mut parts), counts)| {
            let mut work = of_thread.mine();
            for (community, count) in share.clone().zip(counts) {
                let (own, rest) = parts.split_at_mut(members.of(community).len());
                let mut stream = Stream::new(key, "refine", &[community as u64]);
                *count = work.refine(level, gains, members, community, own, &mut stream);
                parts = rest;
            }
        });
        let mut before = 0;
        for count in parts_before.iter_mut() {
            before += *count;
            *count = before;
        }
        part_of.resize(level.len(), 0);
        let pieces = part_of.chunks_mut(NODES).zip(partition.chunks(NODES)).enumerate();
        threads.each(pieces, |(at, (part_of, communities))| {
            for ((node, part), &community) in (at * NODES..).zip(part_of).zip(communities) {
                *part = parts_before[community as usize] + part_at[members.place(node as u32) as usize];
            }
        });
    }

    /// How many parts in all.
    pub(super) fn parts(&self) -> usize {
        self.parts_before.last().map_or(0, |&count| count as usize)
    }

    /// The parts of a community, among all.
    pub(super) fn range(&self, community: usize) -> Range<usize> {
        self.parts_before[community] as usize..self.parts_before[community + 1] as usize
    }
}

/// One community with its nodes counted from 0.
#[derive(Default)]
struct Community {
    first: Vec<usize>,
    arcs: Vec<(u32, u64)>,
    volume: Vec<u64>,
    size: Vec<u32>,
    /// Weight from a part to the rest of the community.
    cut: Vec<u64>,
    order: Vec<u32>,
    new_of: Vec<u32>,
    between: Accumulator,
}

impl Community {
    /// Writes the part of each member; returns how many there are.
    fn refine<W: Units>(
        &mut self,
        level: &Level<W>,
        gains: Gains,
        members: &Members,
        community: usize,
        part_of: &mut [u32],
        stream: &mut Stream,
    ) -> u32 {
        if let [alone] = part_of {
            *alone = 0;
            return 1;
        }
        self.start(level, members, community, part_of);
        stream.shuffle(&mut self.order);
        let Community { first, arcs, volume, size, cut, order, new_of, between } = self;
        let whole = volume.iter().sum::<u64>();
        let well_connected = |cut: u64, volume: u64| gains.exact(cut, volume, whole - volume) >= 0;
        for &node in order.iter() {
            let own = node as usize;
            // A part that was joined has more than this node, so it stays.
            if size[own] != 1 || !well_connected(cut[own], volume[own]) {
                continue;
            }
            let row = &arcs[first[own]..first[own + 1]];
            between.clear();
            between.add_all(row.iter().map(|&(head, weight)| (part_of[head as usize], weight)));
            let sieve = gains.sieve(volume[own]);
            let (mut best, mut best_gain, mut best_about) = (node, 0, 0.0);
            for &part in between.touched() {
                let (weight, of_part) = (between.get(part), volume[part as usize]);
                let about = sieve.about(weight, of_part);
                if !sieve.may_reach(about, best_about) {
                    continue;
                }
                let gain = gains.exact(weight, volume[own], of_part);
                let is_better = gain > best_gain || (gain == best_gain && gain > 0 && part < best);
                if is_better && well_connected(cut[part as usize], of_part) {
                    (best, best_gain, best_about) = (part, gain, about);
                }
            }
            if best != node {
                let joined = between.get(best);
                cut[best as usize] = cut[best as usize] + cut[own] - 2 * joined;
                volume[best as usize] += volume[own];
                volume[own] = 0;
                size[best as usize] += 1;
                size[own] = 0;
                part_of[own] = best;
            }
        }
        super::compact(part_of, new_of) as u32
    }

    /// Ties inside the community; every node alone.
    fn start<W: Units>(&mut self, level: &Level<W>, members: &Members, community: usize, part_of: &mut [u32]) {
        let Community { first, arcs, volume, size, cut, order, between, .. } = self;
        let nodes = members.of(community);
        let count = nodes.len();
        let base = members.places(community..community + 1).start as u32;
        first.clear();
        first.push(0);
        cut.clear();
        volume.clear();
        let mut filled = 0;
        for &node in nodes {
            if arcs.len() <= filled + level.degree(node) {
                arcs.resize((filled + level.degree(node) + 1).next_power_of_two(), (0, 0));
            }
            // Without a branch: which arcs stay inside is hard to guess.
            let (room, mut stay, mut inner) = (&mut arcs[filled..], 0usize, 0u64);
            for (head, weight) in level.row(node) {
                let place = members.place(head).wrapping_sub(base);
                let stays = (place as usize) < count;
                room[stay] = (place, weight);
                stay = stay.wrapping_add(usize::from(stays));
                inner = inner.wrapping_add(if stays { weight } else { 0 });
            }
            filled += stay;
            first.push(filled);
            cut.push(inner);
            volume.push(level.volume[node as usize]);
        }
        refill(size, count, 1);
        order.clear();
        order.extend(0..count as u32);
        part_of.iter_mut().zip(0..).for_each(|(part, alone)| *part = alone);
        between.clear();
        between.grow(count);
    }
}
