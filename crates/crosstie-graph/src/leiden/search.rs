//! One run: passes up the levels and back to the nodes, until nothing moves.

use super::aggregating::Aggregating;
use super::compact;
use super::gains::Gains;
use super::level::{Level, Units, Wide};
use super::members::Members;
use super::moving::{LEAST_ARCS, Moving, least_arcs, refill};
use super::refining::Refining;
use super::threads::Threads;
use crosstie_model::Stream;

/// Passes without a move that end a run: one is not enough, since each refines in another order.
const FUTILE_PASSES: u32 = 2;

/// Where a run begins.
#[derive(Clone, Copy)]
pub(super) enum Start<'a> {
    /// With every node alone.
    Alone,
    /// With communities, which are numbered below the count of nodes.
    From(&'a [u32]),
}

/// What one run after the other works in: each writes over what the last one left.
#[derive(Default)]
pub(super) struct Search {
    /// Levels above the graph.
    levels: Vec<Level<Wide>>,
    /// Of the graph and of each level above it, the part of each node: its node a level higher.
    part_of: Vec<Vec<u32>>,
    step: Step,
    /// The community of each node of the level that is worked on.
    partition: Vec<u32>,
    below: Vec<u32>,
}

impl Search {
    pub(super) fn run<W: Units>(
        &mut self,
        base: &Level<W>,
        gains: Gains,
        start: Start<'_>,
        passes: u32,
        stream: &mut Stream,
        threads: Threads,
    ) -> Vec<u32> {
        self.partition.clear();
        match start {
            Start::Alone => self.partition.extend(0..base.len() as u32),
            Start::From(community_of) => self.partition.extend(community_of),
        }
        self.step.moving.run(base, gains, &mut self.partition, stream, threads, least_arcs(base));
        let mut without_moves = 0;
        for pass in 0..passes {
            let moved = self.pass(base, gains, pass == 0, stream, threads);
            without_moves = if moved { 0 } else { without_moves + 1 };
            if without_moves == FUTILE_PASSES {
                break;
            }
        }
        self.partition.clone()
    }

    /// One pass: up the levels, then down to the nodes of the graph, where the next pass begins. What a level merged opens
    /// moves to the nodes below it: in the first pass on every level, later there are few but on the graph itself. Returns
    /// whether anything moved.
    fn pass<W: Units>(
        &mut self,
        base: &Level<W>,
        gains: Gains,
        is_first: bool,
        stream: &mut Stream,
        threads: Threads,
    ) -> bool {
        let Search { levels, part_of, step, partition, below } = self;
        let (mut height, mut moved) = (0, false);
        loop {
            if levels.len() == height {
                levels.push(Level::default());
                part_of.push(Vec::new());
            }
            let (under, above) = levels.split_at_mut(height);
            let merged = match under.last() {
                None => step.merge(base, gains, partition, stream, &mut above[0], threads),
                Some(level) => {
                    moved |= step.moving.run(level, gains, partition, stream, threads, least_arcs(level));
                    step.merge(level, gains, partition, stream, &mut above[0], threads)
                }
            };
            if !merged {
                break;
            }
            part_of[height].clone_from(&step.refining.part_of);
            height += 1;
        }
        for height in (0..height).rev() {
            // Most choices are to stay here, so batches are worth their while.
            below.clear();
            below.extend(part_of[height].iter().map(|&part| partition[part as usize]));
            std::mem::swap(partition, below);
            moved |= match height.checked_sub(1) {
                None => step.moving.run(base, gains, partition, stream, threads, LEAST_ARCS),
                Some(at) if is_first => step.moving.run(&levels[at], gains, partition, stream, threads, LEAST_ARCS),
                Some(_) => false,
            };
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

impl Step {
    /// Refines the communities of a level. Returns whether parts have merged; if so, `above` becomes the level of the
    /// parts, and the partition that of `above`.
    fn merge<W: Units>(
        &mut self,
        level: &Level<W>,
        gains: Gains,
        partition: &mut Vec<u32>,
        stream: &mut Stream,
        above: &mut Level<Wide>,
        threads: Threads,
    ) -> bool {
        const ARCS: usize = 1 << 14;
        let Step { members, refining, aggregating, new_of, .. } = self;
        let communities = compact(partition, new_of);
        members.sort(partition, communities);
        members.share(ARCS.max(level.arc_count() / 64), |node| level.degree(node));
        refining.run(level, gains, partition, members, stream.next_u64(), threads);
        let parts = refining.parts();
        if parts == level.len() {
            return false;
        }
        aggregating.run(level, members, refining, above, threads);
        refill(partition, parts, 0);
        for community in 0..communities {
            partition[refining.range(community)].fill(community as u32);
        }
        true
    }
}
