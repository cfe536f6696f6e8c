//! Makes the level whose nodes are the parts of a level.

use super::accumulator::Accumulator;
use super::level::{Level, Segment, Units, Wide};
use super::members::Members;
use super::refining::Refining;
use super::threads::{Scratch, Threads};
use crosstie_model::Prefetch;

/// What each thread needs.
#[derive(Default)]
pub(super) struct Aggregating {
    of_thread: Scratch<Work>,
}

#[derive(Default)]
struct Work {
    between: Accumulator,
    /// Members of each part of a community.
    parts: Members,
    nodes: Vec<u32>,
}

impl Aggregating {
    /// Writes the graph of parts over `coarse`, which is kept for its memory.
    pub(super) fn run<W: Units>(
        &mut self,
        level: &Level<W>,
        members: &Members,
        refining: &Refining,
        coarse: &mut Level<Wide>,
        threads: Threads,
    ) {
        self.of_thread.make();
        let (of_thread, shares) = (&self.of_thread, members.shares());
        let count = refining.parts();
        coarse.fill(shares.len(), threads, |at, segment| {
            let mut work = of_thread.mine();
            work.between.grow(count);
            for community in shares[at].clone() {
                work.community(level, members, refining, community, segment);
            }
        });
    }
}

impl Work {
    fn community<W: Units>(
        &mut self,
        level: &Level<W>,
        members: &Members,
        refining: &Refining,
        community: usize,
        segment: &mut Segment<Wide>,
    ) {
        let Work { between, parts, nodes } = self;
        let range = refining.range(community);
        let own = members.of(community);
        let parts_here = &refining.part_at[members.places(community..community + 1)];
        parts.sort(parts_here, range.len());
        let prefetch = Prefetch::new();
        for part in 0..parts.count() {
            nodes.clear();
            nodes.extend(parts.of(part).iter().map(|&place| own[place as usize]));
            between.clear();
            let mut volume = 0;
            for (at, &node) in nodes.iter().enumerate() {
                level.look_ahead(prefetch, nodes.get(at + 1));
                volume += level.volume[node as usize];
                between.add_all(level.row(node).map(|(head, weight)| (refining.part_of[head as usize], weight)));
            }
            let others = between.touched().iter().filter(|&&head| head as usize != range.start + part);
            let so_far = segment.arcs.len();
            segment.arcs.extend(others.map(|&head| (head, Wide::from(between.get(head)))));
            segment.counts.push((segment.arcs.len() - so_far) as u32);
            segment.volume.push(volume);
        }
        between.clear();
    }
}
