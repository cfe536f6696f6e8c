//! One run: passes up the levels until nothing moves.

use super::aggregating::Aggregating;
use super::compact;
use super::gains::Gains;
use super::level::{Level, Units, Wide};
use super::members::Members;
use super::moving::{Moving, refill};
use super::refining::Refining;
use super::threads::Threads;
use crosstie_model::Stream;

/// What one run after the other works in: each writes over what the last one left.
#[derive(Default)]
pub(super) struct Search {
    /// Levels above the graph.
    levels: Vec<Level<Wide>>,
    step: Step,
    /// The community of each node of the level that is worked on.
    partition: Vec<u32>,
    /// That node of each node of the graph.
    node_of: Vec<u32>,
}

impl Search {
    pub(super) fn run<W: Units>(
        &mut self,
        base: &Level<W>,
        gains: Gains,
        passes: u32,
        stream: &mut Stream,
        threads: Threads,
    ) -> Vec<u32> {
        let mut community_of: Vec<u32> = (0..base.len() as u32).collect();
        for _ in 0..passes {
            if !self.pass(base, gains, &mut community_of, stream, threads) {
                break;
            }
        }
        community_of
    }

    /// One pass: move, refine, aggregate, until nothing merges. Returns whether any node moved.
    fn pass<W: Units>(
        &mut self,
        base: &Level<W>,
        gains: Gains,
        community_of: &mut [u32],
        stream: &mut Stream,
        threads: Threads,
    ) -> bool {
        let Search { levels, step, partition, node_of } = self;
        let mut moved = false;
        node_of.clear();
        node_of.extend(0..base.len() as u32);
        partition.clear();
        partition.extend_from_slice(community_of);
        compact(partition, &mut step.new_of);
        for depth in 0.. {
            if levels.len() == depth {
                levels.push(Level::default());
            }
            let (below, above) = levels.split_at_mut(depth);
            let done = match below.last() {
                None => step.run(base, gains, partition, stream, &mut above[0], threads),
                Some(level) => step.run(level, gains, partition, stream, &mut above[0], threads),
            };
            moved |= done.moved;
            if !done.merged {
                break;
            }
            for node in node_of.iter_mut() {
                *node = step.refining.part_of[*node as usize];
            }
        }
        for (community, &node) in community_of.iter_mut().zip(node_of.iter()) {
            *community = partition[node as usize];
        }
        moved
    }
}

/// What one level after the other works in.
#[derive(Default)]
struct Step {
    moving: Moving,
    members: Members,
    refining: Refining,
    aggregating: Aggregating,
    new_of: Vec<u32>,
}

/// What happened at a level: whether nodes moved, whether any merged.
struct Done {
    moved: bool,
    merged: bool,
}

impl Step {
    /// Moves and refines the nodes of a level. Where parts have merged, `above` becomes the level of the parts, and the
    /// partition that of `above`.
    fn run<W: Units>(
        &mut self,
        level: &Level<W>,
        gains: Gains,
        partition: &mut Vec<u32>,
        stream: &mut Stream,
        above: &mut Level<Wide>,
        threads: Threads,
    ) -> Done {
        const ARCS: usize = 1 << 14;
        let Step { moving, members, refining, aggregating, new_of } = self;
        let moved = moving.run(level, gains, partition, stream, threads);
        let communities = compact(partition, new_of);
        members.sort(partition, communities);
        members.share(ARCS.max(level.arc_count() / 64), |node| level.degree(node));
        refining.run(level, gains, partition, members, stream.next_u64(), threads);
        let parts = refining.parts();
        if parts == level.len() {
            return Done { moved, merged: false };
        }
        aggregating.run(level, members, refining, above, threads);
        refill(partition, parts, 0);
        for community in 0..communities {
            partition[refining.range(community)].fill(community as u32);
        }
        Done { moved, merged: true }
    }
}
