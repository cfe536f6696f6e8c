//! Closeness: how far the others are, in hops.

use crate::Graph;
use rayon::prelude::*;

/// How far a node is from those it reaches.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Closeness {
    /// Other nodes that it reaches.
    pub reached_count: u32,
    /// `(r / (n - 1)) (r / sum of distances)` for r reached of n - 1 others, range `[0, 1]`; `None` where nobody is reached.
    pub closeness: Option<f64>,
    /// Sum of 1 / distance over the others, 0 for those not reached; range `[0, n - 1]`.
    pub harmonic: f64,
}

/// Closeness of each node, along arcs from it; with `most_hops` only nodes within so many hops are reached. For distances
/// to it instead, give the graph reversed.
///
/// Time O(V E) at worst, memory O(V) a task: 64 sources are searched from at once, a bit each, so that an arc is looked at
/// once a level. Distances are counted in integers and added from near to far.
///
/// Closeness: Sabidussi 1966, doi:10.1007/BF02289527, with the factor for what is not reached by Wasserman & Faust 1994,
/// ISBN 978-0521387071. Harmonic: Marchiori & Latora 2000, doi:10.1016/S0378-4371(00)00311-3; why it is the sounder one
/// where parts are not connected: Boldi & Vigna 2014, doi:10.1080/15427951.2013.865686. Many sources at once: Then et al.
/// 2014, doi:10.14778/2735496.2735507.
#[must_use]
pub fn closeness(graph: &Graph, most_hops: Option<u32>) -> Vec<Closeness> {
    let sources: Vec<u32> = graph.nodes().collect();
    let most_hops = most_hops.unwrap_or(u32::MAX);
    sources.par_chunks(LANES).flat_map_iter(|sources| from_all(graph, sources, most_hops)).collect()
}

/// Sources a search: the bits of a mask.
const LANES: usize = 64;

fn from_all(graph: &Graph, sources: &[u32], most_hops: u32) -> Vec<Closeness> {
    let node_count = graph.node_count();
    let mut seen = vec![0u64; node_count];
    let mut frontier: Vec<(u32, u64)> = sources.iter().enumerate().map(|(lane, &node)| (node, 1 << lane)).collect();
    frontier.iter().for_each(|&(node, mask)| seen[node as usize] |= mask);
    let mut fresh = vec![0u64; node_count];
    let mut found = vec![Closeness::default(); sources.len()];
    let mut sums = vec![0u64; sources.len()];
    let mut met: Vec<u32> = Vec::new();
    let mut hops = 0;
    while !frontier.is_empty() && hops < most_hops {
        hops += 1;
        for &(node, mask) in &frontier {
            for &next in graph.neighbors(node) {
                let new = mask & !seen[next as usize];
                if new != 0 {
                    if fresh[next as usize] == 0 {
                        met.push(next);
                    }
                    fresh[next as usize] |= new;
                }
            }
        }
        frontier.clear();
        let mut counts = [0u32; LANES];
        for node in met.drain(..) {
            let mask = std::mem::take(&mut fresh[node as usize]);
            seen[node as usize] |= mask;
            frontier.push((node, mask));
            let mut rest = mask;
            while rest != 0 {
                counts[rest.trailing_zeros() as usize] += 1;
                rest &= rest - 1;
            }
        }
        for ((found, sum), &count) in found.iter_mut().zip(&mut sums).zip(&counts) {
            found.reached_count += count;
            found.harmonic += f64::from(count) / f64::from(hops);
            *sum += u64::from(count) * u64::from(hops);
        }
    }
    for (found, &sum) in found.iter_mut().zip(&sums) {
        let reached = f64::from(found.reached_count);
        found.closeness = (sum > 0).then(|| reached / (node_count - 1) as f64 * (reached / sum as f64));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::tests::{edges, graph};
    use crosstie_model::Weight;
    use proptest::{collection::vec, prelude::*};

    #[test]
    fn a_path_and_a_node_alone() {
        let found = closeness(&graph(4, "0-1 1-2"), None);
        let end = Closeness { reached_count: 2, closeness: Some(2.0 / 3.0 * (2.0 / 3.0)), harmonic: 1.5 };
        assert_eq!(
            found,
            [end, Closeness { closeness: Some(2.0 / 3.0), harmonic: 2.0, ..end }, end, Closeness::default()]
        );
        let near = closeness(&graph(4, "0-1 1-2"), Some(1));
        assert_eq!(near[0], Closeness { reached_count: 1, closeness: Some(1.0 / 3.0), harmonic: 1.0 });
        assert!(closeness(&graph(3, "0-1"), Some(0)).iter().all(|found| *found == Closeness::default()));
        assert!(closeness(&Graph::from_edges(0, vec![]), None).is_empty());
    }

    #[test]
    fn arcs_are_followed_one_way() {
        let graph = Graph::from_edges(3, edges("0>1 1>2", '>'));
        let reached = |graph: &Graph| closeness(graph, None).iter().map(|c| c.reached_count).collect::<Vec<_>>();
        assert_eq!((reached(&graph), reached(&graph.reversed())), (vec![2, 1, 0], vec![0, 1, 2]));
    }

    /// Floyd & Warshall on a dense matrix, then the formulas.
    fn slow(graph: &Graph, most_hops: u32) -> Vec<Closeness> {
        let n = graph.node_count();
        let mut far = vec![vec![u32::MAX; n]; n];
        graph.arcs().for_each(|(tail, head, _)| far[tail as usize][head as usize] = 1);
        for k in 0..n {
            for i in 0..n {
                for j in 0..n {
                    far[i][j] = far[i][j].min(far[i][k].saturating_add(far[k][j]));
                }
            }
        }
        let of_node = |i: usize| {
            let mut reached: Vec<u32> =
                (0..n).filter(|&j| j != i).map(|j| far[i][j]).filter(|&d| d <= most_hops && d != u32::MAX).collect();
            reached.sort_unstable();
            let (r, sum) = (reached.len() as f64, reached.iter().sum::<u32>());
            Closeness {
                reached_count: reached.len() as u32,
                closeness: (sum > 0).then(|| r * r / ((n - 1) as f64 * f64::from(sum))),
                harmonic: reached.iter().map(|&d| 1.0 / f64::from(d)).sum(),
            }
        };
        (0..n).map(of_node).collect()
    }

    proptest! {
        /// More nodes than lanes, so that a search has to begin anew.
        #[test]
        fn equals_the_definition(
            ends in vec((0..70u32, 0..70u32), 0..180), is_directed in any::<bool>(), limit in proptest::option::of(0..5u32),
        ) {
            let edges: Vec<_> = ends.into_iter().map(|(a, b)| (a, b, Weight::MESSAGE)).collect();
            let graph = if is_directed { Graph::from_edges(70, edges) } else { Graph::undirected(70, edges) };
            for (got, expected) in closeness(&graph, limit).into_iter().zip(slow(&graph, limit.unwrap_or(u32::MAX - 1))) {
                prop_assert_eq!(got.reached_count, expected.reached_count);
                prop_assert!((got.harmonic - expected.harmonic).abs() < 1e-9);
                prop_assert_eq!(got.closeness.is_some(), expected.closeness.is_some());
                prop_assert!((got.closeness.unwrap_or(0.0) - expected.closeness.unwrap_or(0.0)).abs() < 1e-12);
                prop_assert!((0.0..=1.0).contains(&got.closeness.unwrap_or(0.0)) && got.harmonic <= f64::from(got.reached_count));
            }
        }
    }
}
