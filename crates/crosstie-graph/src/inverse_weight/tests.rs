//! Betweenness by length against a list of all paths, against sums of exact fractions, and against other programs.

use super::*;
use crate::graph::tests::{edges, graph};
use crosstie_model::{SimdWidth, Stream, Weight};
use proptest::{collection::vec, prelude::*};

/// Zachary 1977, with the contexts in which two people met: doi:10.1086/jar.33.4.3629752.
const CLUB: &str = "0-1:4 0-2:5 0-3:3 0-4:3 0-5:3 0-6:3 0-7:2 0-8:2 0-10:2 0-11:3 0-12:1 0-13:3 0-17:2 0-19:2 0-21:2 0-31:2 \
    1-2:6 1-3:3 1-7:4 1-13:5 1-17:1 1-19:2 1-21:2 1-30:2 2-3:3 2-7:4 2-8:5 2-9:1 2-13:3 2-27:2 2-28:2 2-32:2 3-7:3 3-12:3 \
    3-13:3 4-6:2 4-10:3 5-6:5 5-10:3 5-16:3 6-16:3 8-30:3 8-32:3 8-33:4 9-33:2 13-33:3 14-32:3 14-33:2 15-32:3 15-33:4 \
    18-32:1 18-33:2 19-33:1 20-32:3 20-33:1 22-32:2 22-33:3 23-25:5 23-27:4 23-29:3 23-32:5 23-33:4 24-25:2 24-27:3 24-31:2 \
    25-31:7 26-29:4 26-33:2 27-33:4 28-31:2 28-33:2 29-32:4 29-33:2 30-32:3 30-33:3 31-32:4 31-33:4 32-33:5";

/// All paths from each node to each other by trying every way, their lengths in parts of `unit`, which all weights divide.
fn all_paths(graph: &Graph, unit: u64) -> Vec<f64> {
    fn walk(graph: &Graph, unit: u64, path: &mut Vec<u32>, length: u64, found: &mut Vec<Vec<(u64, Vec<u32>)>>) {
        let end = path[path.len() - 1];
        found[end as usize].push((length, path.clone()));
        for (head, weight) in graph.out_edges(end) {
            if !path.contains(&head) {
                path.push(head);
                walk(graph, unit, path, length + unit / weight.units(), found);
                path.pop();
            }
        }
    }
    let mut total = vec![0.0; graph.node_count()];
    for source in graph.nodes() {
        let mut found = vec![Vec::new(); graph.node_count()];
        walk(graph, unit, &mut vec![source], 0, &mut found);
        for paths in found {
            let Some(shortest) = paths.iter().map(|path| path.0).min() else { continue };
            let shortest: Vec<_> = paths.into_iter().filter(|path| path.0 == shortest).collect();
            for (_, path) in &shortest {
                for &node in path.iter().skip(1).take(path.len().saturating_sub(2)) {
                    total[node as usize] += 1.0 / shortest.len() as f64;
                }
            }
        }
    }
    total
}

/// By distances of all pairs (Floyd, Warshall), in parts of a common multiple of all weights.
fn all_pairs(graph: &Graph) -> Vec<f64> {
    const FAR: u128 = u128::MAX / 4;
    let n = graph.node_count();
    let divisor = |mut a: u128, mut b: u128| {
        while b > 0 {
            (a, b) = (b, a % b);
        }
        a
    };
    let unit = graph.arcs().map(|arc| u128::from(arc.2.units())).fold(1, |unit, w| unit / divisor(unit, w) * w);
    let mut arc = vec![vec![FAR; n]; n];
    graph.arcs().for_each(|(a, b, w)| arc[a as usize][b as usize] = unit / u128::from(w.units()));
    let mut far = arc.clone();
    (0..n).for_each(|v| far[v][v] = 0);
    for over in 0..n {
        for a in 0..n {
            for b in 0..n {
                far[a][b] = far[a][b].min(far[a][over] + far[over][b]);
            }
        }
    }
    let mut paths = vec![vec![0.0; n]; n];
    for s in 0..n {
        let mut by_distance: Vec<usize> = (0..n).filter(|&t| far[s][t] < FAR).collect();
        by_distance.sort_by_key(|&t| far[s][t]);
        paths[s][s] = 1.0;
        for t in by_distance.into_iter().filter(|&t| t != s) {
            paths[s][t] = (0..n).filter(|&u| far[s][u] + arc[u][t] == far[s][t]).map(|u| paths[s][u]).sum();
        }
    }
    let share = |s: usize, v: usize, t: usize| {
        let passes = s != v && v != t && s != t && far[s][t] < FAR && far[s][v] + far[v][t] == far[s][t];
        if passes { paths[s][v] * paths[v][t] / paths[s][t] } else { 0.0 }
    };
    (0..n).map(|v| (0..n).flat_map(|s| (0..n).map(move |t| (s, t))).map(|(s, t)| share(s, v, t)).sum()).collect()
}

fn close(found: &[f64], expected: &[f64]) -> Result<(), TestCaseError> {
    prop_assert_eq!(found.len(), expected.len());
    for (node, (found, expected)) in found.iter().zip(expected).enumerate() {
        prop_assert!((found - expected).abs() < 1e-9 * expected.max(1.0), "{}: {} for {}", node, found, expected);
    }
    Ok(())
}

fn made(nodes: u32, arcs: &[(u32, u32, u64)], is_directed: bool) -> Graph {
    let edges = arcs.iter().map(|&(a, b, w)| (a % nodes, b % nodes, Weight::from_units(w))).collect();
    if is_directed { Graph::from_edges(nodes as usize, edges) } else { Graph::undirected(nodes as usize, edges) }
}

/// A graph with hubs, a fringe and nodes on their own, most ties light.
fn uneven(nodes: u64, edges: usize) -> Graph {
    let mut stream = Stream::new(5, "lengths-made", &[]);
    let mut edge = || {
        let (a, b) = (stream.below(nodes).min(stream.below(nodes)), stream.below(nodes));
        (a as u32, b as u32, (1 + stream.below(40).min(stream.below(40)).min(stream.below(40))) << 20)
    };
    made(nodes as u32 + 10, &(0..edges).map(|_| edge()).collect::<Vec<_>>(), false)
}

#[test]
fn other_programs_find_the_same() {
    // networkx 3.6.1 with fractions as lengths, and igraph 1.0.0 with floats. networkx with floats misses equal lengths:
    // it has another value of up to 1 at some of them.
    let expected = [
        209.0, 36.0, 177.0, 32.0, 0.0, 16.5, 15.5, 0.0, 72.0, 0.0, 0.5, 0.0, 0.0, 29.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0,
        0.0, 0.0, 0.0, 6.0, 0.0, 9.0, 0.0, 17.5, 0.0, 6.0, 0.0, 47.5, 83.5, 174.0,
    ];
    let graph = graph(34, CLUB);
    for (node, (found, expected)) in weighted_betweenness(&graph).iter().zip(expected).enumerate() {
        assert!((found / 2.0 - expected).abs() < 1e-9, "{node}: {found}");
    }
    let pivots: Vec<u32> = graph.nodes().collect();
    let found = weighted_pivot_betweenness(&graph, &pivots);
    assert!(found.value.iter().zip(expected).all(|(found, expected)| (found - expected).abs() < 1e-9));
    assert_eq!(found.half_width, [0.0; 34], "nothing is left to draw");
}

#[test]
fn one_third_and_one_sixth_are_as_long_as_one_half() {
    // 0 to 2 directly, or over 1: both ways count, so half a pair passes node 1, in both directions.
    assert_eq!(weighted_betweenness(&graph(3, "0-1:3 1-2:6 0-2:2")), [0.0, 1.0, 0.0]);
    assert_eq!(weighted_betweenness(&graph(3, "0-1:3 1-2:7 0-2:2")), [0.0, 2.0, 0.0]);
    assert_eq!(weighted_betweenness(&graph(3, "0-1:3 1-2:5 0-2:2")), [0.0; 3]);
    let directed = Graph::from_edges(3, edges("0>1:3 1>2:6 0>2:2", '>'));
    assert_eq!(weighted_betweenness(&directed), [0.0, 0.5, 0.0]);
}

#[test]
fn of_equal_weights_it_is_that_in_hops() {
    let mut stream = Stream::new(9, "lengths-even", &[]);
    let arcs: Vec<_> = (0..700).map(|_| (stream.below(200) as u32, stream.below(200) as u32)).collect();
    let even: Vec<_> = arcs.iter().filter(|(a, b)| a < b).map(|&(a, b)| (a, b, Weight::MESSAGE)).collect();
    let mut seen = even.clone();
    seen.sort_unstable();
    seen.dedup();
    let graph = Graph::undirected(200, seen);
    close(&weighted_betweenness(&graph), &crate::betweenness(&graph, SimdWidth::Best)).unwrap();
}

#[test]
#[should_panic(expected = "under 10^308 shortest paths")]
fn more_paths_than_a_float_holds() {
    let of_one = |at: u32| [(at, at + 1), (at, at + 2), (at + 1, at + 3), (at + 2, at + 3)];
    let edges = (0..1100).flat_map(|at| of_one(3 * at)).map(|(a, b)| (a, b, Weight::MESSAGE)).collect();
    let _ = weighted_betweenness_from(&Graph::undirected(3301, edges), &[0]);
}

#[test]
fn no_node_and_no_arc() {
    assert_eq!(weighted_betweenness(&graph(0, "")), [0.0; 0]);
    assert_eq!(weighted_betweenness(&graph(3, "")), [0.0; 3]);
    assert_eq!(weighted_betweenness_from(&graph(3, ""), &[1]), [0.0; 3]);
    assert_eq!(weighted_pivot_betweenness(&graph(3, ""), &[1, 2]).value, [0.0; 3]);
}

#[test]
fn threads_and_the_order_of_pivots_do_not_show() {
    let graph = uneven(390, 1500);
    let pivots: Vec<u32> = (0..150).map(|at| at * 2).collect();
    let turned: Vec<u32> = pivots.iter().rev().copied().collect();
    let run = |threads, pivots: &[u32]| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let found = pool.install(|| (weighted_betweenness(&graph), weighted_pivot_betweenness(&graph, pivots)));
        let all = found.0.iter().chain(&found.1.value).chain(&found.1.half_width);
        all.map(|value| value.to_bits()).collect::<Vec<_>>()
    };
    let one = run(1, &pivots);
    assert!([2, 3, 8].into_iter().all(|threads| run(threads, &pivots) == one));
    assert_eq!(run(2, &turned), one);
}

#[test]
fn the_mean_over_many_draws_is_exact_and_intervals_cover() {
    let graph = uneven(110, 260);
    let count = graph.node_count();
    let exact: Vec<f64> = all_pairs(&graph).into_iter().map(|value| value / 2.0).collect();
    const DRAWS: u64 = 1000;
    let (mut sum, mut square, mut covered) = (vec![0.0; count], vec![0.0; count], vec![0u64; count]);
    for seed in 0..DRAWS {
        let mut pivots: Vec<u32> = graph.nodes().collect();
        Stream::new(seed, "lengths-drawn", &[]).shuffle(&mut pivots);
        let found = weighted_pivot_betweenness(&graph, &pivots[..40]);
        for node in 0..count {
            sum[node] += found.value[node];
            square[node] += found.value[node] * found.value[node];
            covered[node] += u64::from((found.value[node] - exact[node]).abs() <= found.half_width[node] + 1e-9);
        }
    }
    let mut order: Vec<usize> = (0..count).collect();
    order.sort_by(|&a, &b| exact[b].total_cmp(&exact[a]));
    for node in 0..count {
        let mean = sum[node] / DRAWS as f64;
        let sd = (square[node] / DRAWS as f64 - mean * mean).max(0.0).sqrt();
        let error = 5.0 * sd / (DRAWS as f64).sqrt();
        assert!((mean - exact[node]).abs() <= error + 1e-9, "{node}: {mean} for {}", exact[node]);
    }
    let covered: u64 = order[..20].iter().map(|&node| covered[node]).sum();
    assert!(covered * 100 > 20 * DRAWS * 85, "{covered} of {}", 20 * DRAWS);
}

proptest! {
    /// Weights that divide 60: many paths are equal, also those of different numbers of arcs.
    #[test]
    fn equals_all_paths_written_out(arcs in vec((0..7u32, 0..7u32, 0..8usize), 0..16), is_directed: bool) {
        let mut arcs: Vec<_> = arcs.into_iter().map(|(a, b, w)| (a, b, [1, 2, 3, 4, 5, 6, 10, 12][w])).collect();
        // Repeated edges would be summed to weights that do not divide.
        let ends = |&(a, b, _): &(u32, u32, u64)| if is_directed { (a, b) } else { (a.min(b), a.max(b)) };
        arcs.sort_by_key(ends);
        arcs.dedup_by_key(|arc| ends(arc));
        let graph = made(7, &arcs, is_directed);
        close(&weighted_betweenness(&graph), &all_paths(&graph, 60))?;
    }

    /// Weights without a small common multiple, so lengths are rounded: paths over the same weights are still equal.
    #[test]
    fn equals_all_pairs_in_fractions(
        nodes in 2..50u32, arcs in vec((0..50u32, 0..50u32, 0..4usize), 0..160), is_directed: bool, is_rounded: bool,
    ) {
        let weights = if is_rounded { [1_048_583, 349_525, 699_053, 99_999_989] } else { [1, 2, 3, 9] };
        let mut arcs: Vec<_> = arcs.into_iter().map(|(a, b, w)| (a % nodes, b % nodes, weights[w])).collect();
        let ends = |&(a, b, _): &(u32, u32, u64)| if is_directed { (a, b) } else { (a.min(b), a.max(b)) };
        arcs.sort_by_key(ends);
        arcs.dedup_by_key(|arc| ends(arc));
        let graph = made(nodes, &arcs, is_directed);
        close(&weighted_betweenness(&graph), &all_pairs(&graph))?;
    }

    #[test]
    fn parts_add_up(
        arcs in vec((0..50u32, 0..50u32, 1..20u64), 0..90), is_directed: bool, cut in 0..50u32,
    ) {
        let graph = made(50, &arcs, is_directed);
        let parts = [0..cut, cut..50].map(|sources| weighted_betweenness_from(&graph, &sources.collect::<Vec<_>>()));
        let sum: Vec<f64> = parts[0].iter().zip(&parts[1]).map(|(one, other)| one + other).collect();
        close(&weighted_betweenness(&graph), &sum)?;
    }

    #[test]
    fn from_all_nodes_the_estimate_is_exact(arcs in vec((0..40u32, 0..40u32, 1..9u64), 0..160)) {
        let graph = made(40, &arcs, false);
        let found = weighted_pivot_betweenness(&graph, &(0..40).collect::<Vec<_>>());
        let exact: Vec<f64> = weighted_betweenness(&graph).into_iter().map(|value| value / 2.0).collect();
        for (found, exact) in found.value.iter().zip(&exact) {
            prop_assert!((found - exact).abs() < 1e-9 * exact.max(1000.0));
        }
        prop_assert!(found.half_width.iter().all(|width| *width == 0.0));
    }
}
