//! Communities by the Leiden algorithm on modularity, with exact integer gains.
//!
//! Traag, Waltman, van Eck 2019, doi:10.1038/s41598-019-41695-z. A move needs a strict gain in integers, so the
//! search ends and rounding never decides; every community is connected, by construction and by a last pass.

mod accumulator;
mod level;
mod moving;
mod refining;

use crate::modularity::score;
use crate::{Graph, modularity};
use accumulator::Accumulator;
use crosstie_model::Stream;
pub(crate) use level::MOST_UNITS;
use level::{Gains, Level, Members, Wide};
use moving::{Moving, refill};
use rayon::prelude::*;
use refining::Refining;

/// How to search.
#[derive(Clone, Copy, Debug)]
pub struct LeidenParams {
    /// Seed of the random orders.
    pub seed: u64,
    /// Resolution of the modularity, in thousandths.
    pub resolution_thousandths: u32,
    /// Most passes of one run, each of which goes up all levels; a pass without a move ends it earlier.
    pub passes: u32,
    /// Independent runs; the best modularity wins, then the lower run.
    pub restarts: u32,
}

/// What the search found.
#[derive(Clone, Debug)]
pub struct Leiden {
    /// Community of each node, numbered by descending size, then by smallest node.
    pub community_of: Vec<u32>,
    /// Its modularity; `None` without edges.
    pub modularity: Option<f64>,
    /// The communities that each run found.
    pub runs: Vec<Vec<u32>>,
}

/// Communities of an undirected graph. Without edges every node is alone.
///
/// # Panics
/// If `restarts` or `passes` is 0, the strengths sum to 2^34 messages or more, or the resolution is over 100.
#[must_use]
pub fn leiden(graph: &Graph, params: LeidenParams) -> Leiden {
    let strength = graph.total_strength().units();
    assert!(params.restarts > 0, "at least one run");
    assert!(params.passes > 0, "at least one pass");
    assert!(strength < MOST_UNITS, "strengths of under 2^34 messages");
    assert!(params.resolution_thousandths <= 100_000, "a resolution of at most 100");
    let gains = Gains::new(strength, params.resolution_thousandths);
    let runs = match Level::<u32>::of(graph) {
        Some(base) => all_runs(graph, &base, gains, params),
        None => all_runs(graph, &Level::<Wide>::of(graph).expect("weights have 64 bits"), gains, params),
    };
    let mut best = 0;
    let mut best_score = i128::MIN;
    for (run, community_of) in runs.iter().enumerate() {
        let found = score(graph, community_of, params.resolution_thousandths);
        if found > best_score {
            (best, best_score) = (run, found);
        }
    }
    let community_of = by_size(&runs[best]);
    let modularity = modularity(graph, &community_of, params.resolution_thousandths);
    Leiden { community_of, modularity, runs }
}

fn all_runs<W: Copy + Into<u64> + Sync>(
    graph: &Graph,
    base: &Level<W>,
    gains: Gains,
    params: LeidenParams,
) -> Vec<Vec<u32>> {
    let one_run = |search: &mut Search, run: u32| {
        let mut stream = Stream::new(params.seed, "leiden", &[run.into()]);
        let community_of = search.run(base, gains, params.passes, &mut stream);
        connected_parts(graph, &community_of)
    };
    (0..params.restarts).into_par_iter().map_init(Search::default, one_run).collect()
}

/// What one run after the other works in: each writes over what the last one left.
#[derive(Default)]
struct Search {
    /// Levels above the graph.
    levels: Vec<Level<Wide>>,
    step: Step,
    /// The community of each node of the level that is worked on.
    partition: Vec<u32>,
    /// That node of each node of the graph.
    node_of: Vec<u32>,
}

impl Search {
    fn run<W: Copy + Into<u64>>(
        &mut self,
        base: &Level<W>,
        gains: Gains,
        passes: u32,
        stream: &mut Stream,
    ) -> Vec<u32> {
        let mut community_of: Vec<u32> = (0..base.len() as u32).collect();
        for _ in 0..passes {
            if !self.pass(base, gains, &mut community_of, stream) {
                break;
            }
        }
        community_of
    }

    /// One pass: move, refine, aggregate, until nothing merges. Returns whether any node moved.
    fn pass<W: Copy + Into<u64>>(
        &mut self,
        base: &Level<W>,
        gains: Gains,
        community_of: &mut [u32],
        stream: &mut Stream,
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
                None => step.run(base, gains, partition, stream, &mut above[0]),
                Some(level) => step.run(level, gains, partition, stream, &mut above[0]),
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
    refining: Refining,
    members: Members,
    between: Accumulator,
    coarse: Vec<u32>,
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
    fn run<W: Copy + Into<u64>>(
        &mut self,
        level: &Level<W>,
        gains: Gains,
        partition: &mut Vec<u32>,
        stream: &mut Stream,
        above: &mut Level<Wide>,
    ) -> Done {
        let Step { moving, refining, members, between, coarse, new_of } = self;
        let moved = moving.run(level, gains, partition, between, stream);
        compact(partition, new_of);
        refining.run(level, gains, partition, &moving.inner, between, stream);
        let part_of = &mut refining.part_of;
        let count = compact(part_of, new_of);
        if count == level.len() {
            return Done { moved, merged: false };
        }
        refill(coarse, count, 0);
        for (&part, &community) in part_of.iter().zip(partition.iter()) {
            coarse[part as usize] = community;
        }
        std::mem::swap(partition, coarse);
        level.aggregate(part_of, count, between, members, above);
        Done { moved, merged: true }
    }
}

/// Renumbers labels as 0.. in order of first occurrence; returns how many there are.
fn compact(labels: &mut [u32], new_of: &mut Vec<u32>) -> usize {
    refill(new_of, labels.iter().max().map_or(0, |&label| label as usize + 1), u32::MAX);
    let mut count = 0;
    for label in labels {
        let new = &mut new_of[*label as usize];
        if *new == u32::MAX {
            *new = count;
            count += 1;
        }
        *label = *new;
    }
    count as usize
}

/// Splits communities that are not connected, and numbers the parts by smallest node. Modularity cannot fall by it.
fn connected_parts(graph: &Graph, community_of: &[u32]) -> Vec<u32> {
    const UNSEEN: u32 = u32::MAX;
    let mut part_of = vec![UNSEEN; graph.node_count()];
    let mut queue = Vec::new();
    let mut count = 0;
    for start in graph.nodes() {
        if part_of[start as usize] != UNSEEN {
            continue;
        }
        part_of[start as usize] = count;
        queue.push(start);
        while let Some(node) = queue.pop() {
            for &next in graph.neighbors(node) {
                let is_same = community_of[next as usize] == community_of[node as usize];
                if is_same && part_of[next as usize] == UNSEEN {
                    part_of[next as usize] = count;
                    queue.push(next);
                }
            }
        }
        count += 1;
    }
    part_of
}

/// Labels by descending size, then by smallest node.
fn by_size(labels: &[u32]) -> Vec<u32> {
    let mut labels = labels.to_vec();
    let count = compact(&mut labels, &mut Vec::new()); // now numbered by smallest node
    let mut sizes = vec![0usize; count];
    for &label in &labels {
        sizes[label as usize] += 1;
    }
    let mut order: Vec<usize> = (0..count).collect();
    order.sort_by_key(|&label| (std::cmp::Reverse(sizes[label]), label));
    let mut rank = vec![0; count];
    for (new, &label) in order.iter().enumerate() {
        rank[label] = new as u32;
    }
    labels.iter().map(|&label| rank[label as usize]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::tests::graph;
    use crosstie_model::Weight;
    use proptest::{collection::vec, prelude::*};

    const PARAMS: LeidenParams = LeidenParams { seed: 1, resolution_thousandths: 1000, passes: 10, restarts: 20 };

    #[test]
    fn two_cliques_and_one_edge_give_two() {
        let text = "0-1 0-2 0-3 1-2 1-3 2-3 4-5 4-6 4-7 5-6 5-7 6-7 3-4";
        assert_eq!(leiden(&graph(8, text), PARAMS).community_of, [0, 0, 0, 0, 1, 1, 1, 1]);
    }

    #[test]
    fn no_edges_give_singletons() {
        let found = leiden(&Graph::from_edges(3, vec![]), PARAMS);
        assert_eq!(found.community_of, [0, 1, 2]);
        assert_eq!(found.modularity, None);
    }

    #[test]
    fn a_higher_resolution_gives_smaller_communities() {
        let ring = "0-1 1-2 2-3 3-4 4-5 5-6 6-7 7-8 8-9 9-10 10-11 11-0";
        let largest = |thousandths| {
            let params = LeidenParams { resolution_thousandths: thousandths, ..PARAMS };
            let found = leiden(&graph(12, ring), params).community_of;
            found.iter().filter(|&&c| c == 0).count()
        };
        assert!(largest(500) > largest(4000));
    }

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
            prop_assert_eq!(connected_parts(&edges(false), &community_of), crate::components(&edges(true)).component_of);
        }

        /// Rows of 32 and of 64 bits: all weights times a number change nothing.
        #[test]
        fn wide_weights_give_the_same(edges in vec((0..16u32, 0..16u32, 1..6u64), 1..60), seed: u64) {
            let runs = |shift: u32| {
                let edges = edges.iter().map(|&(a, b, w)| (a, b, Weight::from_units(w << shift))).collect();
                leiden(&Graph::undirected(16, edges), LeidenParams { seed, restarts: 3, ..PARAMS }).runs
            };
            prop_assert_eq!(runs(0), runs(33));
        }

        #[test]
        fn communities_are_connected_and_no_single_move_gains(
            edges in vec((0..16u32, 0..16u32, 1..6u64), 0..60), seed: u64,
        ) {
            let edges = edges.into_iter().map(|(a, b, w)| (a, b, Weight::from_units(w))).collect();
            let graph = Graph::undirected(16, edges);
            let found = leiden(&graph, LeidenParams { seed, restarts: 3, ..PARAMS });
            prop_assert_eq!(by_size(&connected_parts(&graph, &found.community_of)), found.community_of.clone());
            let best = score(&graph, &found.community_of, 1000);
            for node in graph.nodes() {
                for &other in graph.neighbors(node) {
                    let mut moved = found.community_of.clone();
                    moved[node as usize] = moved[other as usize];
                    prop_assert!(score(&graph, &moved, 1000) <= best);
                }
            }
        }
    }
}
