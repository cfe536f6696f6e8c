//! Communities by the Leiden algorithm on modularity, with exact integer gains.
//!
//! Traag, Waltman, van Eck 2019, doi:10.1038/s41598-019-41695-z. A move needs a strict gain in integers, so the
//! search ends and rounding never decides; every community is connected, by construction and by a last pass.

mod accumulator;
mod aggregating;
mod choice;
mod connected;
mod gains;
mod level;
mod members;
mod moving;
mod refining;
mod search;
mod threads;

use crate::Graph;
use crate::modularity::{modularity_of_score, sums};
use connected::connected_parts;
use crosstie_model::Stream;
pub(crate) use gains::MOST_UNITS;
use gains::{Gains, MOST_NODES};
use level::{Level, Units, Wide};
use moving::refill;
use rayon::prelude::*;
use search::{Search, Start};
use std::cmp::Reverse;
use threads::Threads;

/// What communities are searched for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quality {
    /// Weight inside against what strengths give by chance: [`crate::modularity`].
    Modularity,
    /// The constant Potts model: share of the weight that lies inside communities, less the share of pairs that do times
    /// the resolution. So communities are denser inside than the resolution times the density of the graph, and sparser
    /// between each other. Traag, Van Dooren, Nesterov 2011, doi:10.1103/PhysRevE.84.016114.
    Potts,
}

/// How to search.
#[derive(Clone, Copy, Debug)]
pub struct LeidenParams {
    /// Seed of the random orders.
    pub seed: u64,
    /// What is searched for.
    pub quality: Quality,
    /// Its resolution, in thousandths.
    pub resolution_thousandths: u32,
    /// Most passes of one run, each of which goes up all levels and back; two without a move end it earlier.
    pub passes: u32,
    /// Independent runs; the best quality wins, then the lower run.
    pub restarts: u32,
    /// Most passes by which the best run is carried on, from where it ended.
    pub more_passes: u32,
}

/// What the search found.
#[derive(Clone, Debug)]
pub struct Leiden {
    /// Community of each node, numbered by descending size, then by smallest node.
    pub community_of: Vec<u32>,
    /// Its quality, at the resolution it was searched at; `None` without edges.
    pub quality: Option<f64>,
    /// The communities that each run found, before one is carried on.
    pub runs: Vec<Vec<u32>>,
}

/// Communities of an undirected graph. Without edges every node is alone.
///
/// # Panics
/// If `restarts` or `passes` is 0, the strengths sum to 2^34 messages or more, or the resolution is over 100.
#[must_use]
pub fn leiden(graph: &Graph, params: LeidenParams) -> Leiden {
    assert!(params.restarts > 0, "at least one run");
    assert!(params.passes > 0, "at least one pass");
    assert!(params.resolution_thousandths <= 100_000, "a resolution of at most 100");
    // A run that is alone stays in the pool: entering it for every step would cost more than many a step.
    rayon::scope(|_| search(graph, params))
}

fn search(graph: &Graph, params: LeidenParams) -> Leiden {
    let (strength, nodes) = (graph.total_strength().units(), graph.node_count() as u64);
    assert!(strength < MOST_UNITS, "strengths of under 2^34 messages");
    assert!(nodes < MOST_NODES, "less than 2^27 nodes");
    let gains = match params.quality {
        Quality::Modularity => Gains::modularity(strength, params.resolution_thousandths),
        Quality::Potts => Gains::potts(strength, nodes, params.resolution_thousandths),
    };
    let volume = |node| match params.quality {
        Quality::Modularity => graph.strength(node).units(),
        Quality::Potts => 1,
    };
    let score = |community_of: &Vec<u32>| {
        let (inside, volume_of) = sums(graph, volume, community_of);
        gains.of_sums(inside, &volume_of)
    };
    let threads = Threads::beside(1);
    let (runs, best) = match Level::<u32>::of(graph, volume, threads) {
        Some(base) => runs_and_best(graph, &base, gains, params, score),
        None => {
            let base = Level::<Wide>::of(graph, volume, threads).expect("weights have 64 bits");
            runs_and_best(graph, &base, gains, params, score)
        }
    };
    let quality = match params.quality {
        Quality::Modularity => modularity_of_score(graph, score(&best)),
        Quality::Potts => gains.potts_of_score(score(&best)),
    };
    Leiden { community_of: by_size(&best), quality, runs }
}

/// All runs, and what the best of them comes to.
fn runs_and_best<W: Units>(
    graph: &Graph,
    base: &Level<W>,
    gains: Gains,
    params: LeidenParams,
    score: impl Fn(&Vec<u32>) -> i128 + Sync + Send,
) -> (Vec<Vec<u32>>, Vec<u32>) {
    let runs = all_runs(graph, base, gains, params);
    let scores: Vec<i128> = runs.par_iter().map(score).collect();
    let best = (0..runs.len()).min_by_key(|&run| (Reverse(scores[run]), run)).expect("at least one run");
    if params.more_passes == 0 {
        let best = runs[best].clone();
        return (runs, best);
    }
    let (mut stream, threads) = (Stream::new(params.seed, "leiden-best", &[best as u64]), Threads::beside(1));
    let mut search = Search::default();
    let found = search.run(base, gains, Start::From(&runs[best]), params.more_passes, &mut stream, threads);
    let best = connected_parts(graph, &found, threads);
    (runs, best)
}

fn all_runs<W: Units>(graph: &Graph, base: &Level<W>, gains: Gains, params: LeidenParams) -> Vec<Vec<u32>> {
    let threads = Threads::beside(params.restarts);
    let one_run = |search: &mut Search, run: u32| {
        let mut stream = Stream::new(params.seed, "leiden", &[run.into()]);
        let community_of = search.run(base, gains, Start::Alone, params.passes, &mut stream, threads);
        connected_parts(graph, &community_of, threads)
    };
    if params.restarts == 1 {
        return vec![one_run(&mut Search::default(), 0)];
    }
    (0..params.restarts).into_par_iter().map_init(Search::default, one_run).collect()
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
mod tests;
