//! Sixteen replicates of a graph at once: strengths and PageRank where nodes were drawn with replacement.
//!
//! A replicate says how often each node was drawn, `m`. It stands for the graph in which a node is there `m` times and each
//! copy of one is tied to each copy of the other: an arc of i and j weighs `m_i m_j w_ij` in all. The arcs are read once for
//! all sixteen, a lane each. The pipeline's own bootstrap, in `crosstie-measure`, sums slots of weeks and not the arcs of a graph:
//! these are for measures that need the graph itself, and for other programs.
//!
//! Vertex bootstrap: Snijders & Borgatti 1999, Connections 22(2), 161-170.

use crate::Graph;
use crate::pagerank::{DAMPING, L1_CHANGE, ROUNDS};
use crate::rows::is_undirected;
use crosstie_model::SimdWidth;
use pulp::{Simd, WithSimd};
use rayon::prelude::*;

/// Replicates that are handled at once.
pub const REPLICATES: usize = 16;

/// A value a replicate.
pub type Lanes<T> = [T; REPLICATES];

const NODES_A_TASK: usize = 512;

/// Weight, in units, of the arcs that leave all copies of each node. `drawn[v]` says how often v is there.
///
/// Time O(V + E).
///
/// # Panics
/// If `drawn` is not one entry a node, or a sum reaches 2^64 units.
#[must_use]
pub fn replicate_strengths(graph: &Graph, drawn: &[Lanes<u8>]) -> Vec<Lanes<u64>> {
    assert_eq!(drawn.len(), graph.node_count(), "one entry a node");
    let mut strengths = of_one_copy(graph, drawn);
    for (strengths, drawn) in strengths.iter_mut().zip(drawn) {
        strengths.iter_mut().zip(drawn).for_each(|(strength, &drawn)| *strength *= u64::from(drawn));
    }
    strengths
}

/// PageRank of all copies of each node together, as [`pagerank`](fn@crate::pagerank) has it; 0 for a node that was not
/// drawn. Sums to 1 where anybody was.
///
/// Iterates until no replicate changes by 1e-12 or more. Time O(rounds · E), memory 384 bytes a node. The same bits at any
/// thread count and width.
///
/// # Panics
/// As [`replicate_strengths`].
#[must_use]
pub fn replicate_pagerank(graph: &Graph, drawn: &[Lanes<u8>], width: SimdWidth) -> Vec<Lanes<f64>> {
    assert_eq!(drawn.len(), graph.node_count(), "one entry a node");
    let strengths = of_one_copy(graph, drawn);
    let reversed = (!is_undirected(graph)).then(|| graph.reversed());
    let incoming = reversed.as_ref().unwrap_or(graph);
    let mut copies = [0.0; REPLICATES];
    drawn.iter().for_each(|drawn| each(&mut copies, |lane, sum| *sum += f64::from(drawn[lane])));
    // Where nobody was drawn there is nothing to share.
    let even = |drawn: &Lanes<u8>| std::array::from_fn(|lane| f64::from(drawn[lane]) / copies[lane].max(1.0));
    let mut rank: Vec<Lanes<f64>> = drawn.iter().map(even).collect();
    let mut passed_on = vec![[0.0; REPLICATES]; rank.len()];
    for _ in 0..ROUNDS {
        let mut dangling = [0.0; REPLICATES];
        for ((passed_on, rank), strengths) in passed_on.iter_mut().zip(&rank).zip(&strengths) {
            for lane in 0..REPLICATES {
                let ends_here = strengths[lane] == 0;
                dangling[lane] += if ends_here { rank[lane] } else { 0.0 };
                passed_on[lane] = if ends_here { 0.0 } else { rank[lane] / strengths[lane] as f64 };
            }
        }
        let base: Lanes<f64> =
            std::array::from_fn(|lane| (1.0 - DAMPING + DAMPING * dangling[lane]) / copies[lane].max(1.0));
        let next = |node: u32| {
            let pulled = width.dispatch(Pull { incoming, passed_on: &passed_on, node });
            let drawn = &drawn[node as usize];
            std::array::from_fn(|lane| f64::from(drawn[lane]) * (base[lane] + DAMPING * pulled[lane]))
        };
        let next: Vec<Lanes<f64>> =
            (0..rank.len() as u32).into_par_iter().with_min_len(NODES_A_TASK).map(next).collect();
        let mut change = [0.0; REPLICATES];
        for (old, new) in rank.iter().zip(&next) {
            each(&mut change, |lane, sum| *sum += (old[lane] - new[lane]).abs());
        }
        rank = next;
        if change.iter().all(|change| *change < L1_CHANGE) {
            break;
        }
    }
    rank
}

/// Weight of the arcs that leave one copy of each node.
fn of_one_copy(graph: &Graph, drawn: &[Lanes<u8>]) -> Vec<Lanes<u64>> {
    let of_node = |node: u32| {
        let mut sums = [0; REPLICATES];
        for (head, weight) in graph.out_edges(node) {
            let drawn = &drawn[head as usize];
            each(&mut sums, |lane, sum| *sum += weight.units() * u64::from(drawn[lane]));
        }
        sums
    };
    (0..graph.node_count() as u32).into_par_iter().with_min_len(NODES_A_TASK).map(of_node).collect()
}

#[inline(always)]
fn each<T>(lanes: &mut Lanes<T>, mut act: impl FnMut(usize, &mut T)) {
    for (lane, value) in lanes.iter_mut().enumerate() {
        act(lane, value);
    }
}

/// What the neighbours of a node pass on to it, in row order.
struct Pull<'a> {
    incoming: &'a Graph,
    passed_on: &'a [Lanes<f64>],
    node: u32,
}

impl WithSimd for Pull<'_> {
    type Output = Lanes<f64>;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> Lanes<f64> {
        let mut pulled = [0.0; REPLICATES];
        for (&from, weight) in self.incoming.neighbors(self.node).iter().zip(self.incoming.weights(self.node)) {
            let (passed_on, weight) = (&self.passed_on[from as usize], weight.units() as f64);
            for lane in 0..REPLICATES {
                pulled[lane] += passed_on[lane] * weight;
            }
        }
        pulled
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pagerank;
    use crosstie_model::{Stream, Weight};
    use proptest::{collection::vec, prelude::*};

    const NODES: usize = 9;

    fn drawn(seed: u64, nodes: usize) -> Vec<Lanes<u8>> {
        let of_node = |node: usize| {
            std::array::from_fn(|lane| Stream::new(seed, "replicates-test", &[lane as u64, node as u64]).poisson_one())
        };
        (0..nodes).map(of_node).collect()
    }

    /// The graph that a replicate stands for, written out, with the node that each copy is of.
    fn written_out(graph: &Graph, drawn: &[Lanes<u8>], lane: usize) -> (Graph, Vec<usize>) {
        let of: Vec<usize> = (0..NODES).flat_map(|node| vec![node; drawn[node][lane].into()]).collect();
        let copies = |node: u32| {
            let is_copy = move |&(_, of): &(u32, &usize)| *of == node as usize;
            (0u32..).zip(&of).filter(is_copy).map(|(copy, _)| copy).collect::<Vec<_>>()
        };
        let arcs = graph.arcs().flat_map(|(tail, head, weight)| {
            let heads = copies(head);
            copies(tail)
                .into_iter()
                .flat_map(move |tail| heads.clone().into_iter().map(move |head| (tail, head, weight)))
        });
        let arcs: Vec<_> = arcs.collect();
        (Graph::from_edges(of.len(), arcs), of)
    }

    proptest! {
        #[test]
        fn equals_the_graph_written_out(
            edges in vec((0..NODES as u32, 0..NODES as u32, 1..5u64), 0..30), is_directed: bool, seed: u64,
        ) {
            let edges = edges.into_iter().map(|(a, b, w)| (a, b, Weight::from_units(w))).collect();
            let graph = if is_directed { Graph::from_edges(NODES, edges) } else { Graph::undirected(NODES, edges) };
            let drawn = drawn(seed, NODES);
            let (strengths, ranks) = (replicate_strengths(&graph, &drawn), replicate_pagerank(&graph, &drawn, SimdWidth::Best));
            for lane in 0..REPLICATES {
                let (whole, of) = written_out(&graph, &drawn, lane);
                let (mut strength, mut rank) = (vec![0; NODES], vec![0.0; NODES]);
                for ((copy, &node), value) in (0u32..).zip(&of).zip(pagerank(&whole).unwrap_or_default()) {
                    strength[node] += whole.strength(copy).units();
                    rank[node] += value;
                }
                for node in 0..NODES {
                    prop_assert_eq!(strengths[node][lane], strength[node]);
                    prop_assert!((ranks[node][lane] - rank[node]).abs() < 1e-10, "{} {}", ranks[node][lane], rank[node]);
                }
            }
        }
    }

    #[test]
    fn width_does_not_show() {
        let mut stream = Stream::new(2, "replicates-made", &[]);
        let edges = (0..900)
            .map(|_| (stream.below(200) as u32, stream.below(200) as u32, Weight::from_units(stream.below(99))));
        let graph = Graph::from_edges(200, edges.collect());
        let drawn = drawn(5, 200);
        let run = |width| {
            replicate_pagerank(&graph, &drawn, width).into_iter().map(|rank| rank.map(f64::to_bits)).collect::<Vec<_>>()
        };
        let scalar = run(SimdWidth::Scalar);
        assert!(SimdWidth::ALL.into_iter().all(|width| run(width) == scalar));
    }

    #[test]
    fn threads_do_not_show_and_lanes_are_their_own() {
        let mut stream = Stream::new(1, "replicates-made", &[]);
        let mut end = || stream.below(1500) as u32;
        let edges = (0..6000).map(|_| (end(), end(), Weight::MESSAGE)).collect();
        let graph = Graph::undirected(1500, edges);
        let mut drawn = drawn(3, 1500);
        let run = |threads, drawn: &[Lanes<u8>]| -> Vec<Lanes<u64>> {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            let ranks = pool.install(|| replicate_pagerank(&graph, drawn, SimdWidth::Best));
            ranks.into_iter().map(|rank| rank.map(f64::to_bits)).collect()
        };
        let one = run(1, &drawn);
        assert!([2, 3, 8].into_iter().all(|threads| run(threads, &drawn) == one));
        drawn.iter_mut().for_each(|drawn| drawn[0] = 0);
        let other = run(2, &drawn);
        assert!(other.iter().all(|rank| rank[0] == 0));
        let close = |a: u64, b: u64| (f64::from_bits(a) - f64::from_bits(b)).abs() < 1e-12;
        assert!(one.iter().zip(&other).all(|(one, other)| (1..REPLICATES).all(|lane| close(one[lane], other[lane]))));
    }
}
