//! What the search as a whole must do.

use super::*;
use crate::graph::tests::graph;
use crosstie_model::Weight;
use proptest::{collection::vec, prelude::*};

const PARAMS: LeidenParams = LeidenParams {
    seed: 1,
    quality: Quality::Modularity,
    resolution_thousandths: 1000,
    passes: 10,
    restarts: 20,
    more_passes: 0,
};

#[test]
fn two_cliques_and_one_edge_give_two() {
    let text = "0-1 0-2 0-3 1-2 1-3 2-3 4-5 4-6 4-7 5-6 5-7 6-7 3-4";
    for quality in [Quality::Modularity, Quality::Potts] {
        let found = leiden(&graph(8, text), LeidenParams { quality, ..PARAMS });
        assert_eq!(found.community_of, [0, 0, 0, 0, 1, 1, 1, 1]);
    }
}

proptest! {
    #[test]
    fn the_best_run_is_carried_on(edges in vec((0..24u32, 0..24u32, 1..5u32), 0..80), seed: u64, potts: bool, passes in 1..3u32) {
        let edges = edges.into_iter().map(|(a, b, weight)| (a, b, Weight::from_units(u64::from(weight) << 20)));
        let graph = Graph::undirected(24, edges.collect());
        let quality = if potts { Quality::Potts } else { Quality::Modularity };
        let short = LeidenParams { seed, quality, passes, restarts: 3, ..PARAMS };
        let (before, after) = (leiden(&graph, short), leiden(&graph, LeidenParams { more_passes: 10, ..short }));
        prop_assert_eq!(&after.runs, &before.runs);
        prop_assert!(after.quality >= before.quality);
        let parts = |community_of: &[u32]| connected_parts(&graph, community_of, Threads::beside(1));
        prop_assert_eq!(by_size(&parts(&after.community_of)), after.community_of.clone(), "each is connected");
    }
}

#[test]
fn no_edges_give_singletons() {
    for quality in [Quality::Modularity, Quality::Potts] {
        for count in [0, 1, 3] {
            let found = leiden(&Graph::from_edges(count, vec![]), LeidenParams { quality, ..PARAMS });
            assert_eq!(found.community_of, (0..count as u32).collect::<Vec<_>>());
            assert_eq!(found.quality, None);
        }
    }
}

#[test]
fn a_higher_resolution_gives_smaller_communities() {
    let ring = "0-1 1-2 2-3 3-4 4-5 5-6 6-7 7-8 8-9 9-10 10-11 11-0";
    let largest = |quality, thousandths| {
        let params = LeidenParams { quality, resolution_thousandths: thousandths, ..PARAMS };
        let found = leiden(&graph(12, ring), params).community_of;
        found.iter().filter(|&&c| c == 0).count()
    };
    assert!(largest(Quality::Modularity, 500) > largest(Quality::Modularity, 4000));
    assert!(largest(Quality::Potts, 500) > largest(Quality::Potts, 4000));
}

/// A ring of 30 cliques of 5, one edge from each to the next (Fortunato & Barthelemy 2007, doi:10.1073/pnas.0605965104):
/// two cliques are tied by one of 25 pairs, which is 1.355 times the density of the graph, 330 of 11175 pairs.
#[test]
fn the_potts_model_counts_in_densities() {
    let mut text = String::new();
    for clique in 0..30 {
        for (a, b) in (0..5).flat_map(|a| (0..a).map(move |b| (a, b))) {
            text.push_str(&format!("{}-{} ", 5 * clique + a, 5 * clique + b));
        }
        text.push_str(&format!("{}-{} ", 5 * clique, (5 * clique + 6) % 150));
    }
    let count = |quality, resolution_thousandths| {
        let params = LeidenParams { quality, resolution_thousandths, ..PARAMS };
        let found = leiden(&graph(150, &text), params).community_of;
        found.iter().max().map(|&last| last + 1)
    };
    assert!(count(Quality::Modularity, 1000) < Some(30), "its resolution limit");
    assert!(count(Quality::Potts, 1350) < Some(30));
    assert_eq!(count(Quality::Potts, 1360), Some(30));
    assert_eq!(count(Quality::Potts, 30_000), Some(30));
}

/// Large enough for batches.
#[test]
fn threads_change_nothing() {
    let mut stream = Stream::new(5, "threads-made", &[]);
    let edges = (0..600_000)
        .map(|_| {
            let (a, b) = (stream.below(9600) as u32, stream.below(160) as u32);
            let other = if stream.unit() < 0.4 { a / 160 * 160 + b } else { stream.below(9600) as u32 };
            (a, other, Weight::from_units(1 + stream.below(1000)))
        })
        .collect();
    let graph = Graph::undirected(9600, edges);
    assert!(graph.arc_count() > 1 << 20);
    for (quality, restarts) in [(Quality::Modularity, 1), (Quality::Potts, 1), (Quality::Modularity, 2)] {
        let run = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            let params = LeidenParams { quality, restarts, passes: 3, more_passes: 2, ..PARAMS };
            let found = pool.install(|| leiden(&graph, params));
            (found.community_of, found.runs)
        };
        let one = run(1);
        assert!(one.0.iter().max() > Some(&5));
        for threads in [2, 3, 8] {
            assert!(one == run(threads), "{threads} threads");
        }
    }
}

/// The definitions: pairs of nodes one by one.
fn slow(graph: &Graph, quality: Quality, thousandths: u32, community_of: &[u32]) -> f64 {
    let (total, gamma) = (graph.total_strength().units() as f64, f64::from(thousandths) / 1000.0);
    let nodes = graph.node_count() as f64;
    let mut sum = 0.0;
    for one in graph.nodes() {
        for other in graph.nodes().filter(|&other| community_of[one as usize] == community_of[other as usize]) {
            let weight = graph.out_edges(one).find(|edge| edge.0 == other).map_or(0, |edge| edge.1.units()) as f64;
            sum += weight / total;
            let strength = |node| graph.strength(node).units() as f64 / total;
            sum -= match quality {
                Quality::Modularity => gamma * strength(one) * strength(other),
                Quality::Potts if one == other => 0.0,
                Quality::Potts => gamma / (nodes * (nodes - 1.0)),
            };
        }
    }
    sum
}

/// All partitions of so many nodes, as labels in order of first use.
fn partitions(count: usize) -> Vec<Vec<u32>> {
    let mut all = vec![vec![]];
    for _ in 0..count {
        let longer = |labels: Vec<u32>| {
            let next = labels.iter().max().map_or(0, |&label| label + 1);
            (0..=next).map(move |label| labels.iter().copied().chain([label]).collect::<Vec<u32>>())
        };
        all = all.into_iter().flat_map(longer).collect();
    }
    all
}

/// All partitions of seven nodes: none is better than what is found, but rarely.
#[test]
fn small_graphs_are_solved() {
    let all = partitions(7);
    assert_eq!(all.len(), 877, "Bell's number");
    for quality in [Quality::Modularity, Quality::Potts] {
        let mut missed = 0;
        for case in 0..60 {
            let mut stream = Stream::new(case, "small", &[]);
            let mut draw = || (stream.below(7) as u32, stream.below(7) as u32, Weight::from_units(1 + stream.below(9)));
            let graph = Graph::undirected(7, (0..12).map(|_| draw()).collect());
            let thousandths = 400 + 50 * case as u32;
            let params = LeidenParams { seed: case, quality, resolution_thousandths: thousandths, ..PARAMS };
            let found = leiden(&graph, params);
            let value = |labels: &[u32]| slow(&graph, quality, thousandths, labels);
            let best = all.iter().map(|labels| value(labels)).max_by(f64::total_cmp).unwrap();
            let found_quality = found.quality.unwrap();
            assert!((value(&found.community_of) - found_quality).abs() < 1e-12);
            assert!(found_quality <= best + 1e-12);
            missed += u32::from(found_quality < best - 1e-12);
        }
        assert!(missed <= 2, "{quality:?}: {missed} of 60");
    }
}

proptest! {
    /// Rows of 32 and of 64 bits: all weights times a number change nothing.
    #[test]
    fn wide_weights_give_the_same(
        edges in vec((0..16u32, 0..16u32, 1..6u64), 1..60), seed: u64,
        quality in prop_oneof![Just(Quality::Modularity), Just(Quality::Potts)],
    ) {
        let runs = |shift: u32| {
            let edges = edges.iter().map(|&(a, b, w)| (a, b, Weight::from_units(w << shift))).collect();
            leiden(&Graph::undirected(16, edges), LeidenParams { seed, quality, restarts: 3, ..PARAMS }).runs
        };
        prop_assert_eq!(runs(0), runs(33));
    }

    #[test]
    fn communities_are_connected_and_no_single_move_gains(
        edges in vec((0..16u32, 0..16u32, 1..6u64), 0..60), seed: u64,
        quality in prop_oneof![Just(Quality::Modularity), Just(Quality::Potts)], thousandths in 200..5000u32,
    ) {
        let edges = edges.into_iter().map(|(a, b, w)| (a, b, Weight::from_units(w))).collect();
        let graph = Graph::undirected(16, edges);
        let params = LeidenParams { seed, quality, resolution_thousandths: thousandths, restarts: 3, ..PARAMS };
        let found = leiden(&graph, params);
        let parts = connected_parts(&graph, &found.community_of, Threads::ONE);
        prop_assert_eq!(by_size(&parts), found.community_of.clone());
        let Some(best) = found.quality else { return Ok(()) };
        for node in graph.nodes() {
            let others = graph.neighbors(node).iter().map(|&other| found.community_of[other as usize]);
            for community in others.chain([16]) {
                let mut moved = found.community_of.clone();
                moved[node as usize] = community;
                prop_assert!(slow(&graph, quality, thousandths, &moved) <= best + 1e-12);
            }
        }
    }
}
