//! Communities by the Leiden algorithm on modularity, with exact integer gains.
//!
//! Traag, Waltman, van Eck 2019, doi:10.1038/s41598-019-41695-z. A move needs a strict gain in integers, so the
//! search ends and rounding never decides; every community is connected, by construction and by a last pass.

use crate::modularity::score;
use crate::{Graph, modularity};
use crosstie_model::Stream;
use rayon::prelude::*;
use std::collections::VecDeque;

/// How to search.
#[derive(Clone, Copy, Debug)]
pub struct LeidenParams {
    /// Seed of the random orders.
    pub seed: u64,
    /// Resolution of the modularity, in thousandths.
    pub resolution_thousandths: u32,
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

/// Most passes of one run; a pass without a move ends it earlier.
const PASSES: usize = 10;

/// Strength of all nodes, in units, below which gains fit into 128 bits at a resolution of up to 100.
const MOST_UNITS: u64 = 1 << 54;

/// Communities of an undirected graph. Without edges every node is alone.
///
/// # Panics
/// If `restarts` is 0, the strengths sum to 2^34 messages or more, or the resolution is over 100.
#[must_use]
pub fn leiden(graph: &Graph, params: LeidenParams) -> Leiden {
    assert!(params.restarts > 0, "at least one run");
    assert!(graph.total_strength().units() < MOST_UNITS, "strengths of under 2^34 messages");
    assert!(params.resolution_thousandths <= 100_000, "a resolution of at most 100");
    let base = Level::of(graph, params.resolution_thousandths);
    let runs: Vec<Vec<u32>> =
        (0..params.restarts).into_par_iter().map(|run| one_run(graph, &base, params.seed, u64::from(run))).collect();
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

fn one_run(graph: &Graph, base: &Level, seed: u64, run: u64) -> Vec<u32> {
    let mut stream = Stream::new(seed, "leiden", &[run]);
    let mut community_of: Vec<u32> = graph.nodes().collect();
    for _ in 0..PASSES {
        if !pass(base, &mut community_of, &mut stream) {
            break;
        }
    }
    connected_parts(graph, &community_of)
}

/// One pass: move, refine, aggregate, until nothing merges. Returns whether any node moved.
fn pass(base: &Level, community_of: &mut Vec<u32>, stream: &mut Stream) -> bool {
    let mut moved = false;
    let mut coarser: Option<Level> = None;
    let mut node_of: Vec<u32> = (0..base.len() as u32).collect(); // original node -> node of this level
    let mut partition = compact(community_of);
    loop {
        let level = coarser.as_ref().unwrap_or(base);
        moved |= level.move_nodes(&mut partition, stream);
        partition = compact(&partition);
        let refined = compact(&level.refine(&partition, stream));
        let count = refined.iter().max().map_or(0, |&c| c as usize + 1);
        if count == level.len() {
            break;
        }
        let mut coarse = vec![0; count];
        for (node, &part) in refined.iter().enumerate() {
            coarse[part as usize] = partition[node];
        }
        for node in &mut node_of {
            *node = refined[*node as usize];
        }
        coarser = Some(level.aggregate(&refined, count));
        partition = coarse;
    }
    *community_of = node_of.iter().map(|&node| partition[node as usize]).collect();
    moved
}

/// One level of aggregation: sparse rows without loops; `volume` keeps what loops would add.
struct Level {
    first: Vec<usize>,
    heads: Vec<u32>,
    weights: Vec<u64>,
    volume: Vec<u64>,
    /// 1000 times the strength of all nodes.
    scale: u64,
    /// Resolution in thousandths.
    gamma: u64,
    /// Whether it fits into 64 bits times the strength of all nodes.
    is_narrow: bool,
}

impl Level {
    fn of(graph: &Graph, resolution_thousandths: u32) -> Level {
        let mut level = Level {
            first: vec![0],
            heads: Vec::with_capacity(graph.arc_count()),
            weights: Vec::with_capacity(graph.arc_count()),
            volume: graph.nodes().map(|node| graph.strength(node).units()).collect(),
            scale: 1000 * graph.total_strength().units(),
            gamma: resolution_thousandths.into(),
            is_narrow: graph.total_strength().units().checked_mul(resolution_thousandths.into()).is_some(),
        };
        for node in graph.nodes() {
            level.heads.extend_from_slice(graph.neighbors(node));
            level.weights.extend(graph.weights(node).iter().map(|weight| weight.units()));
            level.first.push(level.heads.len());
        }
        level
    }

    fn len(&self) -> usize {
        self.volume.len()
    }

    #[inline]
    fn row(&self, node: u32) -> impl Iterator<Item = (u32, u64)> + '_ {
        let range = self.first[node as usize]..self.first[node as usize + 1];
        self.heads[range.clone()].iter().copied().zip(self.weights[range].iter().copied())
    }

    /// Modularity gained by joining a node of this volume to a community, times 1000 (2W)^2 / 2.
    ///
    /// Nothing wraps: see [`MOST_UNITS`]. Checked, a product of 128 bits costs a call.
    fn gain(&self, weight_between: u64, volume: u64, community_volume: u64) -> i128 {
        let joined = u128::from(self.scale).wrapping_mul(weight_between.into());
        joined.wrapping_sub(self.by_chance(volume, community_volume)) as i128
    }

    /// What chance gives two volumes, in the same measure: one multiplication where the first product fits.
    fn by_chance(&self, one: u64, two: u64) -> u128 {
        if self.is_narrow {
            return u128::from(self.gamma.wrapping_mul(one)).wrapping_mul(two.into());
        }
        u128::from(self.gamma).wrapping_mul(one.into()).wrapping_mul(two.into())
    }

    /// Local moving with a queue: a node goes where the gain is largest, its neighbours are looked at again.
    fn move_nodes(&self, partition: &mut [u32], stream: &mut Stream) -> bool {
        let count = self.len();
        let mut volume_of = vec![0u64; count];
        let mut size_of = vec![0u32; count];
        for (node, &community) in partition.iter().enumerate() {
            volume_of[community as usize] += self.volume[node];
            size_of[community as usize] += 1;
        }
        let mut empty: Vec<u32> = (0..count as u32).rev().filter(|&c| size_of[c as usize] == 0).collect();
        let mut order: Vec<u32> = (0..count as u32).collect();
        stream.shuffle(&mut order);
        let mut queue: VecDeque<u32> = order.into();
        let mut queued = vec![true; count];
        let mut between = Accumulator::new(count);
        let mut moved = false;
        while let Some(node) = queue.pop_front() {
            queued[node as usize] = false;
            let own = partition[node as usize];
            let volume = self.volume[node as usize];
            between.clear();
            for (head, weight) in self.row(node) {
                between.add(partition[head as usize], weight);
            }
            volume_of[own as usize] -= volume;
            size_of[own as usize] -= 1;
            let stay = self.gain(between.get(own), volume, volume_of[own as usize]);
            let (mut best, mut best_gain) = (own, stay);
            for &community in between.touched() {
                let gain = self.gain(between.get(community), volume, volume_of[community as usize]);
                if gain > best_gain || (gain == best_gain && best != own && community < best) {
                    (best, best_gain) = (community, gain);
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
            if best == own {
                continue;
            }
            partition[node as usize] = best;
            moved = true;
            for (head, _) in self.row(node) {
                if partition[head as usize] != best && !queued[head as usize] {
                    queued[head as usize] = true;
                    queue.push_back(head);
                }
            }
        }
        moved
    }

    /// Splits each community into well connected parts: a node that is still alone joins the part of its own
    /// community with the largest positive gain, if both are well connected to the rest of the community.
    fn refine(&self, partition: &[u32], stream: &mut Stream) -> Vec<u32> {
        let count = self.len();
        let mut community_volume = vec![0u64; count];
        for (node, &community) in partition.iter().enumerate() {
            community_volume[community as usize] += self.volume[node];
        }
        let mut part_of: Vec<u32> = (0..count as u32).collect();
        let mut part_volume = self.volume.clone();
        let mut part_size = vec![1u32; count];
        // Weight from a part to the rest of its community.
        let mut cut: Vec<u64> = (0..count as u32)
            .map(|node| {
                let same = |head: u32| partition[head as usize] == partition[node as usize];
                self.row(node).filter(|&(head, _)| same(head)).map(|(_, weight)| weight).sum()
            })
            .collect();
        let well_connected = |cut: u64, volume: u64, whole: u64| self.gain(cut, volume, whole - volume) >= 0;
        let mut order: Vec<u32> = (0..count as u32).collect();
        stream.shuffle(&mut order);
        let mut between = Accumulator::new(count);
        for node in order {
            let own = part_of[node as usize] as usize;
            let community = partition[node as usize];
            let whole = community_volume[community as usize];
            let volume = self.volume[node as usize];
            if part_size[own] != 1 || !well_connected(cut[own], volume, whole) {
                continue;
            }
            between.clear();
            for (head, weight) in self.row(node) {
                if partition[head as usize] == community {
                    between.add(part_of[head as usize], weight);
                }
            }
            let (mut best, mut best_gain) = (own as u32, 0);
            for &part in between.touched() {
                if !well_connected(cut[part as usize], part_volume[part as usize], whole) {
                    continue;
                }
                let gain = self.gain(between.get(part), volume, part_volume[part as usize]);
                if gain > best_gain || (gain == best_gain && gain > 0 && part < best) {
                    (best, best_gain) = (part, gain);
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
        part_of
    }

    /// The graph whose nodes are the parts.
    fn aggregate(&self, part_of: &[u32], count: usize) -> Level {
        let mut members: Vec<Vec<u32>> = vec![Vec::new(); count];
        let mut volume = vec![0; count];
        for (node, &part) in part_of.iter().enumerate() {
            members[part as usize].push(node as u32);
            volume[part as usize] += self.volume[node];
        }
        let mut level = Level {
            first: vec![0],
            heads: Vec::new(),
            weights: Vec::new(),
            volume,
            scale: self.scale,
            gamma: self.gamma,
            is_narrow: self.is_narrow,
        };
        let mut between = Accumulator::new(count);
        for (part, nodes) in members.iter().enumerate() {
            between.clear();
            for &node in nodes {
                for (head, weight) in self.row(node) {
                    between.add(part_of[head as usize], weight);
                }
            }
            for &head in between.touched() {
                if head as usize != part {
                    level.heads.push(head);
                    level.weights.push(between.get(head));
                }
            }
            level.first.push(level.heads.len());
        }
        level
    }
}

/// Sums of positive amounts by index that are cleared in the time it took to fill them.
///
/// A sum of 0 was not touched yet; noting the index without a branch saves a guess that is often wrong.
struct Accumulator {
    sums: Vec<u64>,
    touched: Vec<u32>,
    touched_count: usize,
}

impl Accumulator {
    fn new(count: usize) -> Accumulator {
        Accumulator { sums: vec![0; count], touched: vec![0; count + 1], touched_count: 0 }
    }

    fn clear(&mut self) {
        for &index in &self.touched[..self.touched_count] {
            self.sums[index as usize] = 0;
        }
        self.touched_count = 0;
    }

    fn add(&mut self, index: u32, amount: u64) {
        let sum = &mut self.sums[index as usize];
        self.touched[self.touched_count] = index;
        self.touched_count += usize::from(*sum == 0);
        *sum += amount;
    }

    /// The indices added to since the last clearing, in order of the first time.
    fn touched(&self) -> &[u32] {
        &self.touched[..self.touched_count]
    }

    fn get(&self, index: u32) -> u64 {
        self.sums[index as usize]
    }
}

/// Labels as 0.. in order of first occurrence.
fn compact(labels: &[u32]) -> Vec<u32> {
    let mut new_of = vec![u32::MAX; labels.iter().max().map_or(0, |&label| label as usize + 1)];
    let mut count = 0;
    labels
        .iter()
        .map(|&label| {
            let new = &mut new_of[label as usize];
            if *new == u32::MAX {
                *new = count;
                count += 1;
            }
            *new
        })
        .collect()
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
    let labels = compact(labels); // now numbered by smallest node
    let count = labels.iter().max().map_or(0, |&label| label as usize + 1);
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

    const PARAMS: LeidenParams = LeidenParams { seed: 1, resolution_thousandths: 1000, restarts: 20 };

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
        /// The formula in checked integers, at the largest weights and resolution.
        #[test]
        fn gains_do_not_wrap(weight in 0..MOST_UNITS, one in 0..MOST_UNITS, two in 0..MOST_UNITS, gamma in 0..=100_000u64) {
            let level = |is_narrow| {
                let scale = 1000 * (MOST_UNITS - 1);
                Level { first: vec![0], heads: vec![], weights: vec![], volume: vec![], scale, gamma, is_narrow }
            };
            let slow = i128::from(1000 * (MOST_UNITS - 1)) * i128::from(weight)
                - i128::from(gamma) * i128::from(one) * i128::from(two);
            prop_assert_eq!(level(false).gain(weight, one, two), slow);
            if gamma.checked_mul(one).is_some() {
                prop_assert_eq!(level(true).gain(weight, one, two), slow);
            }
        }

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
