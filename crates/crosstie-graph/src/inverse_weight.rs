//! Betweenness where the length of an arc is 1 / weight: paths follow the ties that carry most.
//!
//! Lengths are whole numbers (`lengths`), so equal paths are found to be equal, on any machine. Arcs that a way over another
//! node is shorter than are left out (`direct`), trees of what is left are folded, and the rest is searched from one node
//! after the other (`search`): levels, by which hops are searched from many nodes at once, do not exist here.
//!
//! Brandes 2001, doi:10.1080/0022250X.2001.9990249; Dijkstra 1959, doi:10.1007/BF01386390.

mod direct;
mod lengths;
mod queue;
mod search;

use crate::betweenness::{Folded, fold, in_blocks};
use crate::orders::{by_degree, places};
use crate::pivots::{Control, Sums};
use crate::rows::is_undirected;
use crate::{Estimate, Graph};
use direct::direct;
use lengths::Lengths;
use search::{Roads, Search};

/// [`betweenness`](fn@crate::betweenness) by length: the sum over ordered pairs of the share of shortest paths that pass
/// each node, where an arc of weight w is 1 / w long.
///
/// Time O(V E log V), memory 40 bytes a node and thread. The same bits at any thread count. Lengths are exact where
/// weights have a small common multiple, such as whole messages up to some dozens, else rounded to whole steps: of the
/// longest arc, at most 2 (V - 1) / 2^63. Path counts are exact up to 2^53, and rounded beyond.
///
/// Brandes 2001, doi:10.1080/0022250X.2001.9990249.
///
/// # Panics
/// If there are 10^308 shortest paths or more between two nodes.
#[must_use]
pub fn weighted_betweenness(graph: &Graph) -> Vec<f64> {
    let lengths = Lengths::new(graph);
    let direct = direct(graph, &lengths);
    if !is_undirected(graph) {
        let all: Vec<u32> = graph.nodes().collect();
        return from(&direct, &lengths, &all);
    }
    let Folded { stands_for, left, pairs } = fold(&direct);
    let mut is_left = vec![false; graph.node_count()];
    left.iter().for_each(|&node| is_left[node as usize] = true);
    let mut order = by_degree(&direct);
    order.retain(|&node| is_left[node as usize]);
    let stands_for = order.iter().map(|&node| stands_for[node as usize]).collect();
    let roads = Roads::new(&direct, &lengths, &order, stands_for);
    let sources: Vec<u32> = (0..order.len() as u32).collect();
    let mut total = pairs;
    for (&node, found) in order.iter().zip(dependencies(&roads, &sources)) {
        total[node as usize] += found;
    }
    total
}

/// The part of [`weighted_betweenness`] whose paths begin at the sources, which are different nodes. From all nodes it is
/// the whole.
///
/// # Panics
/// As [`weighted_betweenness`]; if a source is no node.
#[must_use]
pub fn weighted_betweenness_from(graph: &Graph, sources: &[u32]) -> Vec<f64> {
    let lengths = Lengths::new(graph);
    from(&direct(graph, &lengths), &lengths, sources)
}

fn from(direct: &Graph, lengths: &Lengths, sources: &[u32]) -> Vec<f64> {
    let (order, roads) = whole(direct, lengths);
    let mut total = vec![0.0; order.len()];
    for (&node, found) in order.iter().zip(dependencies(&roads, &places(&order, sources))) {
        total[node as usize] = found;
    }
    total
}

/// [`pivot_betweenness`](crate::pivot_betweenness) by length: an estimate from searches from `pivots`, different nodes,
/// drawn uniformly, on an undirected graph.
///
/// Time O(pivots E log V). The same bits at any thread count and in any order of pivots.
///
/// # Panics
/// If there are fewer than two pivots; as [`weighted_betweenness`].
#[must_use]
pub fn weighted_pivot_betweenness(graph: &Graph, pivots: &[u32]) -> Estimate {
    let lengths = Lengths::new(graph);
    assert!(pivots.len() > 1, "one pivot tells nothing of the spread");
    let direct = direct(graph, &lengths);
    // By ties that are left: all that is further away is reached through them.
    let control = Control::new(&direct);
    let (order, roads) = whole(&direct, &lengths);
    let count = order.len();
    let mut sums = vec![Sums::default(); count];
    in_blocks(
        &places(&order, pivots),
        || (Search::new(count), vec![0.0; count]),
        |(search, given), sources| {
            let mut sums = vec![Sums::default(); count];
            for &source in sources {
                let neighbors = direct.neighbors(order[source as usize]);
                for &node in neighbors {
                    given[node as usize] = control.of(&direct, order[source as usize], node);
                }
                search.run(&roads, source, |place, dependency| {
                    sums[place as usize].add(dependency - given[order[place as usize] as usize]);
                });
                neighbors.iter().for_each(|&node| given[node as usize] = 0.0);
            }
            sums
        },
        |found| {
            for (&node, found) in order.iter().zip(found) {
                sums[node as usize] += found;
            }
        },
    );
    control.estimate(&sums, pivots.len())
}

/// All nodes of a graph, those with most neighbours first, and its roads.
fn whole(graph: &Graph, lengths: &Lengths) -> (Vec<u32>, Roads) {
    let order = by_degree(graph);
    let roads = Roads::new(graph, lengths, &order, vec![1.0; order.len()]);
    (order, roads)
}

/// The dependencies of all sources on each node, each times what the source stands for.
fn dependencies(roads: &Roads, sources: &[u32]) -> Vec<f64> {
    let mut total = vec![0.0; roads.len()];
    let sources: Vec<u32> = sources.iter().copied().filter(|&source| roads.leads_on(source)).collect();
    in_blocks(
        &sources,
        || Search::new(roads.len()),
        |search, sources| {
            let mut sums = vec![0.0; roads.len()];
            for &source in sources {
                let own = roads.stands_for[source as usize];
                search.run(roads, source, |node, dependency| sums[node as usize] += own * dependency);
            }
            sums
        },
        |found| total.iter_mut().zip(found).for_each(|(sum, found)| *sum += found),
    );
    total
}

#[cfg(test)]
mod tests;
