//! Betweenness: how many shortest paths between others pass a node, in hops.
//!
//! Trees are folded away (`folding`), the rest is searched from 32 nodes at once (`lanes`) in an order in which these lie
//! close together, so that they meet most nodes in the same level.

mod folding;
mod lanes;

use crate::Graph;
use crate::orders::{by_community, by_degree, places};
use crate::rows::{Rows, is_undirected};
use crosstie_model::SimdWidth;
pub(crate) use folding::{Folded, fold};
pub(crate) use lanes::{Hear, LANES, Network, Searches};
use rayon::prelude::*;
use std::sync::Mutex;

/// Sources that one task handles; fixed, so that float sums do not depend on threads.
const BLOCK: usize = 4 * LANES;
/// Blocks in flight at once; bounds memory to this many arrays of one float a node.
const BLOCKS_AT_ONCE: usize = 32;

/// Sum over ordered pairs (s, t) of the share of shortest s-t paths that pass each node, ends not counted.
///
/// On an undirected graph each pair counts twice: halve it for the usual value. Not normalised, range 0 to
/// (n-1)(n-2). Time O(V E), memory 0.9 KB a node and thread. The same bits at any thread count and width. Path counts are exact up
/// to 2^53, and rounded beyond.
///
/// Brandes 2001, doi:10.1080/0022250X.2001.9990249.
///
/// # Panics
/// If there are 10^308 shortest paths or more between two nodes.
#[must_use]
pub fn betweenness(graph: &Graph, width: SimdWidth) -> Vec<f64> {
    if !is_undirected(graph) {
        let all: Vec<u32> = graph.nodes().collect();
        return betweenness_from(graph, &all, width);
    }
    let Folded { stands_for, left, pairs } = fold(graph);
    let mut is_left = vec![false; graph.node_count()];
    left.iter().for_each(|&node| is_left[node as usize] = true);
    let mut order = by_community(graph);
    order.retain(|&node| is_left[node as usize]);
    let rows = Rows::new(graph, &order);
    let stands_for: Vec<f64> = order.iter().map(|&node| stands_for[node as usize]).collect();
    let sources: Vec<u32> = (0..order.len() as u32).filter(|&node| rows.degree(node) > 0).collect();
    let network = Network { outward: &rows, inward: &rows, stands_for: &stands_for };
    let mut total = pairs;
    for (&node, found) in order.iter().zip(dependencies(&network, &sources, width)) {
        total[node as usize] += found;
    }
    total
}

/// The part of [`betweenness`] whose paths begin at the sources, which are different nodes: a sum over (s, t) with s
/// among them. From all nodes it is the whole.
///
/// # Panics
/// As [`betweenness`]; if a source is no node.
#[must_use]
pub fn betweenness_from(graph: &Graph, sources: &[u32], width: SimdWidth) -> Vec<f64> {
    let prepared = Prepared::new(graph);
    let mut total = vec![0.0; graph.node_count()];
    let found = dependencies(&prepared.network(), &prepared.places(sources), width);
    for (&node, found) in prepared.order.iter().zip(found) {
        total[node as usize] = found;
    }
    total
}

/// A whole graph, ready to be searched.
pub(crate) struct Prepared {
    /// The node of the graph at each place.
    pub(crate) order: Vec<u32>,
    outward: Rows,
    /// `None` where it is the same.
    inward: Option<Rows>,
    stands_for: Vec<f64>,
}

impl Prepared {
    pub(crate) fn new(graph: &Graph) -> Prepared {
        let order = by_degree(graph);
        Prepared {
            outward: Rows::new(graph, &order),
            inward: (!is_undirected(graph)).then(|| Rows::new(&graph.reversed(), &order)),
            stands_for: vec![1.0; order.len()],
            order,
        }
    }

    pub(crate) fn network(&self) -> Network<'_> {
        let inward = self.inward.as_ref().unwrap_or(&self.outward);
        Network { outward: &self.outward, inward, stands_for: &self.stands_for }
    }

    /// The places of some nodes, ascending.
    pub(crate) fn places(&self, nodes: &[u32]) -> Vec<u32> {
        places(&self.order, nodes)
    }
}

/// The dependencies of all sources on each node, each times what the source stands for.
fn dependencies(network: &Network, sources: &[u32], width: SimdWidth) -> Vec<f64> {
    let mut total = vec![0.0; network.stands_for.len()];
    in_blocks(
        sources,
        || Searches::new(network, width),
        |searches, sources| {
            let mut sums = Sums { sums: vec![0.0; network.stands_for.len()], stands_for: [0.0; LANES] };
            for sources in sources.chunks(LANES) {
                sums.stands_for = [0.0; LANES];
                for (stands_for, &source) in sums.stands_for.iter_mut().zip(sources) {
                    *stands_for = network.stands_for[source as usize];
                }
                searches.run(network, sources, &mut sums);
            }
            sums.sums
        },
        |found| total.iter_mut().zip(found).for_each(|(sum, found)| *sum += found),
    );
    total
}

struct Sums {
    sums: Vec<f64>,
    /// What the source of each lane stands for.
    stands_for: [f64; LANES],
}

impl Hear for Sums {
    #[inline(always)]
    fn hear(&mut self, node: u32, _: u32, _: usize, dependency: &[f64; LANES]) {
        let mut sums = [0.0; 8];
        for lane in 0..LANES {
            sums[lane % 8] += dependency[lane] * self.stands_for[lane];
        }
        self.sums[node as usize] +=
            ((sums[0] + sums[1]) + (sums[2] + sums[3])) + ((sums[4] + sums[5]) + (sums[6] + sums[7]));
    }
}

/// Searches from fixed blocks of sources on all threads, and takes what each found in their order. `memory` is made for
/// as many blocks as are searched from at once.
pub(crate) fn in_blocks<M: Send, T: Send>(
    sources: &[u32],
    memory: impl Fn() -> M + Sync,
    search: impl Fn(&mut M, &[u32]) -> T + Sync,
    mut take: impl FnMut(T),
) {
    let blocks: Vec<&[u32]> = sources.chunks(BLOCK).collect();
    let idle: Mutex<Vec<M>> = Mutex::default();
    let idle = || idle.lock().expect("no task panics while it holds the lock");
    for blocks in blocks.chunks(BLOCKS_AT_ONCE) {
        let one = |sources: &&[u32]| {
            let waiting = idle().pop();
            let mut used = waiting.unwrap_or_else(&memory);
            let found = search(&mut used, sources);
            idle().push(used);
            found
        };
        blocks.par_iter().map(one).collect::<Vec<T>>().into_iter().for_each(&mut take);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::tests::graph;
    use crosstie_model::Weight;
    use proptest::{collection::vec, prelude::*};

    /// The definition, by distances and path counts of all pairs: sigma(s,v) sigma(v,t) / sigma(s,t).
    fn slow(graph: &Graph) -> Vec<f64> {
        let n = graph.node_count();
        let mut distance = vec![vec![usize::MAX; n]; n];
        let mut paths = vec![vec![0.0; n]; n];
        for s in 0..n {
            distance[s][s] = 0;
            paths[s][s] = 1.0;
            for step in 0..n {
                let layer: Vec<usize> = (0..n).filter(|&v| distance[s][v] == step).collect();
                for v in layer {
                    for &u in graph.neighbors(v as u32) {
                        let u = u as usize;
                        if distance[s][u] == usize::MAX {
                            distance[s][u] = step + 1;
                        }
                        if distance[s][u] == step + 1 {
                            paths[s][u] += paths[s][v];
                        }
                    }
                }
            }
        }
        let share = |s: usize, v: usize, t: usize| {
            let on_a_path = s != v
                && v != t
                && s != t
                && distance[s][t] != usize::MAX
                && distance[s][v] != usize::MAX
                && distance[v][t] != usize::MAX
                && distance[s][v] + distance[v][t] == distance[s][t];
            if on_a_path { paths[s][v] * paths[v][t] / paths[s][t] } else { 0.0 }
        };
        (0..n).map(|v| (0..n).flat_map(|s| (0..n).map(move |t| (s, t))).map(|(s, t)| share(s, v, t)).sum()).collect()
    }

    fn bits(values: &[f64]) -> Vec<u64> {
        values.iter().map(|value| value.to_bits()).collect()
    }

    fn made(nodes: u32, arcs: &[(u32, u32)], directed: bool) -> Graph {
        let edges = arcs.iter().map(|&(a, b)| (a, b, Weight::MESSAGE)).collect();
        if directed { Graph::from_edges(nodes as usize, edges) } else { Graph::undirected(nodes as usize, edges) }
    }

    fn diamonds(count: u32) -> Graph {
        let of_one = |at: u32| [(at, at + 1), (at, at + 2), (at + 1, at + 3), (at + 2, at + 3)];
        made(3 * count + 1, &(0..count).flat_map(|at| of_one(3 * at)).collect::<Vec<_>>(), false)
    }

    #[test]
    fn more_paths_than_fit_into_32_or_64_bits() {
        // 2^60 shortest paths from end to end, half of them through each middle node: powers of two are never rounded.
        let graph = diamonds(60);
        let found = betweenness(&graph, SimdWidth::Best);
        for (at, (found, expected)) in found.into_iter().zip(slow(&graph)).enumerate() {
            assert!((found - expected).abs() < 1e-9 * expected.max(1.0), "{at}: {found} {expected}");
        }
    }

    #[test]
    #[should_panic(expected = "under 10^308 shortest paths")]
    fn more_paths_than_a_float_holds() {
        let _ = betweenness_from(&diamonds(1100), &[0], SimdWidth::Best);
    }

    #[test]
    fn a_path_of_five() {
        assert_eq!(betweenness(&graph(5, "0-1 1-2 2-3 3-4"), SimdWidth::Best), [0.0, 6.0, 8.0, 6.0, 0.0]);
    }

    #[test]
    fn threads_do_not_show() {
        let mut stream = crosstie_model::Stream::new(3, "betweenness-made", &[]);
        let arcs: Vec<(u32, u32)> =
            (0..900).map(|_| (stream.below(300).min(stream.below(300)) as u32, stream.below(300) as u32)).collect();
        for directed in [false, true] {
            let graph = made(300, &arcs, directed);
            let run = |threads| {
                let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
                bits(&pool.install(|| betweenness(&graph, SimdWidth::Best)))
            };
            let one = run(1);
            assert!([2, 3, 8].into_iter().all(|threads| run(threads) == one));
            for (found, expected) in one.into_iter().zip(slow(&graph)) {
                assert!((f64::from_bits(found) - expected).abs() < 1e-9 * expected.max(1.0));
            }
        }
    }

    proptest! {
        /// More nodes than lanes, sparse and dense, so that levels are both pushed and pulled.
        #[test]
        fn many_at_once_equal_the_definition(
            nodes in 2..80u32, arcs in vec((0..80u32, 0..80u32), 0..400), directed: bool,
        ) {
            let arcs: Vec<(u32, u32)> = arcs.into_iter().map(|(a, b)| (a % nodes, b % nodes)).collect();
            let graph = made(nodes, &arcs, directed);
            for (got, expected) in betweenness(&graph, SimdWidth::Best).into_iter().zip(slow(&graph)) {
                prop_assert!((got - expected).abs() < 1e-9 * expected.max(1.0), "{} against {}", got, expected);
            }
        }

        #[test]
        fn parts_add_up(arcs in vec((0..50u32, 0..50u32), 0..90), directed: bool, cut in 0..50u32) {
            let graph = made(50, &arcs, directed);
            let parts = [0..cut, cut..50].map(|sources| betweenness_from(&graph, &sources.collect::<Vec<_>>(), SimdWidth::Best));
            for (node, whole) in betweenness(&graph, SimdWidth::Best).into_iter().enumerate() {
                prop_assert!((parts[0][node] + parts[1][node] - whole).abs() < 1e-9 * whole.max(1.0));
            }
        }

        /// Forests and what hangs on rings: mostly folded.
        #[test]
        fn trees_equal_the_definition(onto in vec(any::<u32>(), 1..60), more in vec((0..60u32, 0..60u32), 0..4)) {
            let nodes = onto.len() as u32 + 1;
            let tree = onto.iter().zip(1u32..).map(|(onto, node)| (node, onto % (node + 1)));
            let arcs: Vec<(u32, u32)> = tree.chain(more.iter().map(|&(a, b)| (a % nodes, b % nodes))).collect();
            let graph = made(nodes, &arcs, false);
            for (got, expected) in betweenness(&graph, SimdWidth::Best).into_iter().zip(slow(&graph)) {
                prop_assert!((got - expected).abs() < 1e-9 * expected.max(1.0), "{} against {}", got, expected);
            }
        }
    }
}
