//! Betweenness from shortest paths drawn at random: who has most of it in a graph too large for anything else.
//!
//! | symbol | quantity |
//! |---|---|
//! | `b(v)` | share of ordered pairs of nodes, each with one of its shortest paths drawn at random, whose path passes v |
//! | `b'(v)` | share of the drawn paths that pass v |
//! | ε, δ | with probability 1 - δ no share is further than ε from its true value |
//! | N, J | paths drawn; how often it is looked whether they are enough |
//! | `p(v)` | part of δ that a node may use: `1/2n + d(v)^2 / 2 Σ d^2`, so that those with many neighbours need fewer paths |
//! | VD | nodes of the longest shortest path; at most twice the depth of any search plus one |
//!
//! A pair is drawn, then one of its shortest paths (`draw`). Whether a path passes v is a coin with chance b, and
//! Chernoff's bound says that `P(b' is x or further out) <= exp(-N kl(x, b))` on either side, with `kl` the divergence of
//! two coins. After 1,000 paths, and each time they are an eighth more, it is looked at all nodes, and the search ends
//! where
//!
//! ```text
//! N kl(b', b' + ε) >= L  and  N kl(b', b' - ε) >= L      L = ln(4 J / (δ p(v)))
//! ```
//!
//! of each: two sides, J looks and all nodes have half of δ together. The parts p come from the graph alone, before
//! anything is drawn. It ends in any case after `(floor(log2(VD - 2)) + 1 + ln(2/δ)) / (2 ε^2)` paths, which has the other
//! half of δ.
//!
//! Bound of coins: Chernoff 1952, doi:10.1214/aoms/1177729330; Hoeffding 1963, doi:10.1080/01621459.1963.10500830,
//! theorem 1. Number of paths: Riondato, Kornaropoulos 2016, doi:10.1007/s10618-015-0423-0. Paths by two-sided search and
//! parts of δ by node: Borassi, Natale 2019, doi:10.1145/3284359.

mod draw;

use crate::{Graph, components};
use crosstie_model::{Stream, num};
use draw::Drawer;
use rayon::prelude::*;
use std::sync::Mutex;

/// How close, how surely.
#[derive(Clone, Copy, Debug)]
pub struct PathParams {
    /// ε, as a share of all pairs.
    pub epsilon: f64,
    /// δ.
    pub delta: f64,
    /// Seed of the draws.
    pub seed: u64,
}

/// Betweenness of every node as estimated from drawn paths.
#[derive(Clone, Debug, PartialEq)]
pub struct PathEstimate {
    /// Paths of unordered pairs that pass the node, not normalised.
    pub value: Vec<f64>,
    /// With probability 1 - δ no value is further away from the true one: ε times the number of pairs.
    pub error: f64,
    /// Paths that were drawn.
    pub path_count: u64,
}

/// Betweenness of an undirected graph in hops, within ε of all pairs with probability 1 - δ.
///
/// Says who is passed by many pairs and nothing of those passed by a share below ε. Time O(E) a path at worst, far less
/// where paths are short; memory 24 bytes a node and thread. The same at any thread count.
///
/// # Panics
/// If ε or δ is not between 0 and 1.
#[must_use]
pub fn path_betweenness(graph: &Graph, params: PathParams) -> PathEstimate {
    let PathParams { epsilon, delta, seed } = params;
    assert!(epsilon > 0.0 && epsilon < 1.0 && delta > 0.0 && delta < 1.0, "ε and δ between 0 and 1");
    let most = most_paths(longest_path(graph), epsilon, delta);
    let checks: Vec<u64> = std::iter::successors(Some(FIRST_CHECK), |check| Some(check + check / 8))
        .take_while(|&check| check < most)
        .collect();
    let logs = logs(graph, checks.len(), delta);
    let mut draws = Draws { graph, seed, count: 0, drawers: Mutex::default() };
    let mut needed = 0.0;
    for check in checks {
        // There is no need to look before the node that was furthest can be near.
        if (check as f64) < 0.75 * needed {
            continue;
        }
        draws.up_to(check);
        let of_node = |(hits, &log): (u64, &f64)| log / least_divergence(hits as f64 / check as f64, epsilon);
        needed = draws.hits().into_iter().zip(&logs).map(of_node).fold(0.0, f64::max);
        if needed <= check as f64 {
            return draws.estimate(epsilon);
        }
    }
    draws.up_to(most);
    draws.estimate(epsilon)
}

const FIRST_CHECK: u64 = 1000;
/// Paths that one task draws.
const PATHS_A_TASK: u64 = 64;

/// L of each node.
fn logs(graph: &Graph, check_count: usize, delta: f64) -> Vec<f64> {
    let square = |node: u32| graph.degree(node) as f64 * graph.degree(node) as f64;
    let squares: f64 = graph.nodes().map(square).sum();
    let part = |node: u32| 0.5 / graph.node_count() as f64 + 0.5 * square(node) / squares;
    graph.nodes().map(|node| num::ln(4.0 * check_count as f64 / (delta * part(node)))).collect()
}

/// The smaller divergence of a share from the two that are ε away; infinite where none of them can be.
fn least_divergence(share: f64, epsilon: f64) -> f64 {
    let below = if share > epsilon { divergence(share, share - epsilon) } else { f64::INFINITY };
    let above = if share + epsilon < 1.0 { divergence(share, share + epsilon) } else { f64::INFINITY };
    below.min(above)
}

/// kl of a coin with chance `p` from one with chance `q`, which is neither 0 nor 1.
fn divergence(p: f64, q: f64) -> f64 {
    let term = |p: f64, q: f64| if p > 0.0 { p * num::ln(p / q) } else { 0.0 };
    term(p, q) + term(1.0 - p, 1.0 - q)
}

/// Paths that are enough for certain; 0 where no path has anybody within.
fn most_paths(longest: u64, epsilon: f64, delta: f64) -> u64 {
    if longest < 3 {
        return 0;
    }
    let dimension = f64::from((longest - 2).ilog2() + 1);
    ((dimension + num::ln(2.0 / delta)) / (2.0 * epsilon * epsilon)).ceil() as u64
}

/// At least VD: of each component, one search.
fn longest_path(graph: &Graph) -> u64 {
    let found = components(graph);
    let mut hub_of = vec![None; found.sizes.len()];
    for node in graph.nodes() {
        let hub = &mut hub_of[found.component_of[node as usize] as usize];
        if hub.is_none_or(|hub| graph.degree(node) > graph.degree(hub)) {
            *hub = Some(node);
        }
    }
    let mut depth = vec![u32::MAX; graph.node_count()];
    let mut deepest = 0;
    for hub in hub_of.into_iter().flatten() {
        depth[hub as usize] = 0;
        let mut queue = vec![hub];
        let mut at = 0;
        while let Some(&node) = queue.get(at) {
            at += 1;
            deepest = deepest.max(depth[node as usize]);
            for &next in graph.neighbors(node) {
                if depth[next as usize] == u32::MAX {
                    depth[next as usize] = depth[node as usize] + 1;
                    queue.push(next);
                }
            }
        }
    }
    2 * u64::from(deepest) + 1
}

/// What was drawn so far.
struct Draws<'a> {
    graph: &'a Graph,
    seed: u64,
    count: u64,
    /// As many as have worked at once, each with its own hits.
    drawers: Mutex<Vec<Drawer<'a>>>,
}

impl Draws<'_> {
    fn up_to(&mut self, count: u64) {
        let node_count = self.graph.node_count() as u64;
        let drawers = || self.drawers.lock().expect("no task panics while it holds the lock");
        let tasks: Vec<u64> = (self.count..count).step_by(PATHS_A_TASK as usize).collect();
        tasks.into_par_iter().for_each(|first| {
            let waiting = drawers().pop();
            let mut drawer = waiting.unwrap_or_else(|| Drawer::new(self.graph));
            for path in first..(first + PATHS_A_TASK).min(count) {
                let mut stream = Stream::new(self.seed, "paths", &[path]);
                let from = stream.below(node_count);
                let to = stream.below(node_count - 1);
                drawer.draw(from as u32, (to + u64::from(to >= from)) as u32, &mut stream);
            }
            drawers().push(drawer);
        });
        self.count = self.count.max(count);
    }

    fn estimate(&self, epsilon: f64) -> PathEstimate {
        let node_count = self.graph.node_count() as f64;
        let pairs = (node_count * (node_count - 1.0) / 2.0).max(0.0);
        let each = pairs / self.count.max(1) as f64;
        PathEstimate {
            value: self.hits().into_iter().map(|hits| hits as f64 * each).collect(),
            error: epsilon * pairs,
            path_count: self.count,
        }
    }

    fn hits(&self) -> Vec<u64> {
        let mut hits = vec![0; self.graph.node_count()];
        for drawer in &*self.drawers.lock().expect("no task panics while it holds the lock") {
            hits.iter_mut().zip(&drawer.hits).for_each(|(sum, &hits)| *sum += u64::from(hits));
        }
        hits
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::betweenness;
    use crate::graph::tests::graph;
    use crosstie_model::{SimdWidth, Weight};

    fn uneven(nodes: u64, edges: usize) -> Graph {
        let mut stream = Stream::new(5, "paths-made", &[]);
        let mut end = |hub: bool| if hub { stream.below(nodes).min(stream.below(nodes)) } else { stream.below(nodes) };
        let edges = (0..edges).map(|_| (end(true) as u32, end(false) as u32, Weight::MESSAGE)).collect();
        Graph::undirected(nodes as usize, edges)
    }

    #[test]
    fn no_error_is_above_epsilon() {
        for (nodes, edges) in [(60, 90), (300, 500), (300, 3000)] {
            let graph = uneven(nodes, edges);
            let exact: Vec<f64> = betweenness(&graph, SimdWidth::Best).into_iter().map(|value| value / 2.0).collect();
            let mut largest: f64 = 0.0;
            for seed in 0..20 {
                let found = path_betweenness(&graph, PathParams { epsilon: 0.03, delta: 0.1, seed });
                let errors = found.value.iter().zip(&exact).map(|(found, exact)| (found - exact).abs());
                largest = errors.fold(largest, f64::max);
                assert!(largest <= found.error, "{nodes} nodes, seed {seed}: {largest} above {}", found.error);
            }
            // A bound that holds for certain is wide; one a hundred times too wide would be no use.
            let pairs = nodes as f64 * (nodes as f64 - 1.0) / 2.0;
            assert!(largest > 0.0003 * pairs, "{nodes} nodes: {largest}");
        }
    }

    #[test]
    fn nodes_and_looks_share_half_of_delta() {
        let graph = uneven(300, 500);
        let (looks, delta) = (30, 0.1);
        let chance: f64 = logs(&graph, looks, delta).into_iter().map(|log| 2.0 * 30.0 * num::exp(-log)).sum();
        assert!((chance - delta / 2.0).abs() < 1e-12, "{chance}");
    }

    #[test]
    fn a_node_that_half_of_all_pass_is_missed_as_rarely_as_said() {
        // Two groups of pairs around one node: it is passed by nearly half of all pairs, where a share spreads most.
        let tied: String = (0..40)
            .flat_map(|a| (0..a).map(move |b| (a, b)))
            .map(|(a, b)| format!("{a}-{b} {}-{} ", a + 40, b + 40))
            .collect();
        let ends: String = (0..80).map(|node| format!("80-{node} ")).collect();
        let graph = graph(81, &(tied + &ends));
        let exact = betweenness(&graph, SimdWidth::Best)[80] / 2.0;
        const SEEDS: u64 = 300;
        let missed = |seed: &u64| {
            let found = path_betweenness(&graph, PathParams { epsilon: 0.04, delta: 0.5, seed: *seed });
            (found.value[80] - exact).abs() > found.error
        };
        assert!(exact / (81.0 * 80.0 / 2.0) > 0.4);
        let missed = (0..SEEDS).filter(missed).count();
        assert!(missed as u64 * 2 <= SEEDS, "{missed} of {SEEDS}");
    }

    #[test]
    fn an_easy_graph_ends_early_and_a_hard_one_at_the_bound() {
        let params = PathParams { epsilon: 0.05, delta: 0.1, seed: 1 };
        let star: String = (1..400).map(|leaf| format!("0-{leaf} ")).collect();
        // VD is 3: one dimension, and the centre is passed by nearly all pairs.
        let found = path_betweenness(&graph(400, &star), params);
        assert!(found.path_count <= most_paths(3, 0.05, 0.1), "{}", found.path_count);
        assert!((found.value[0] - 399.0 * 398.0 / 2.0).abs() <= found.error && found.value[1] == 0.0);
        let dense = uneven(3000, 60_000);
        let small = path_betweenness(&dense, PathParams { epsilon: 0.01, ..params });
        assert!(small.path_count < most_paths(longest_path(&dense), 0.01, 0.1), "{}", small.path_count);
    }

    #[test]
    fn nobody_within_and_nobody_at_all() {
        let params = PathParams { epsilon: 0.1, delta: 0.1, seed: 1 };
        for (nodes, text) in [(0, ""), (1, ""), (4, ""), (2, "0-1")] {
            let found = path_betweenness(&graph(nodes, text), params);
            assert_eq!((found.value, found.error >= 0.0), (vec![0.0; nodes], true));
        }
    }

    #[test]
    fn bounds_equal_the_formulas() {
        // By hand: log2(16) + 1 = 5, ln(20) = 2.995732273553991.
        assert_eq!(most_paths(18, 0.01, 0.1), ((5.0 + 2.995_732_273_553_991) / 0.0002_f64).ceil() as u64);
        assert_eq!((most_paths(2, 0.01, 0.1), most_paths(3, 0.5, 0.1)), (0, 8));
        // By hand: 0.5 ln(0.5 / 0.6) + 0.5 ln(0.5 / 0.4) = 0.020410997260127.
        assert!((divergence(0.5, 0.6) - 0.020_410_997_260_127_5).abs() < 1e-15);
        assert!((divergence(0.0, 0.25) + num::ln(0.75)).abs() < 1e-15);
        assert!((least_divergence(0.5, 0.1) - 0.020_410_997_260_127_5).abs() < 1e-15);
        for (share, other) in [(0.0, 0.01), (1.0, 0.99), (0.04, 0.05), (0.96, 0.95)] {
            assert!((least_divergence(share, 0.01) - divergence(share, other)).abs() < 1e-15, "towards the middle");
        }
        assert!(least_divergence(0.3, 0.8).is_infinite(), "no share is below 0 or above 1");
        assert_eq!(longest_path(&graph(9, "0-1 1-2 2-3 3-4 5-6 6-7")), 7, "from a node of degree two beside the end");
    }

    #[test]
    fn threads_do_not_show_and_seeds_do() {
        let graph = uneven(500, 1500);
        let run = |threads, seed| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| path_betweenness(&graph, PathParams { epsilon: 0.05, delta: 0.1, seed }))
        };
        let one = run(1, 1);
        assert!([2, 3, 8].into_iter().all(|threads| run(threads, 1) == one));
        assert_ne!(run(1, 2).value, one.value);
    }
}
