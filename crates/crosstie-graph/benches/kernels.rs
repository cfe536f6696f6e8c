//! What each kernel costs: `cargo bench -p crosstie-graph --bench kernels`, with a part of a name for some of them.
//!
//! A made graph of 5,000 nodes in groups of 100, about 40 neighbours each of which half are in the group, with weights from
//! 1 to 100 messages. `cargo test` runs each once. Communities have a table of their own: `--bench leiden`.

#![expect(clippy::unwrap_used, reason = "a benchmark may stop at anything unexpected")]

use criterion::{Criterion, criterion_group, criterion_main};
use crosstie_graph::{
    Graph, LeidenParams, PathParams, Quality, Reach, adjusted_mutual_information, adjusted_rand_index,
    articulation_points, assortativity, betweenness, betweenness_from, bridge_edges, brokerage, closeness, components,
    core_numbers, degree_assortativity, disparity, edge_overlap, leiden, modularity, normalized_mutual_information,
    pagerank, participation, path_betweenness, pivot_betweenness, replicate_pagerank, replicate_strengths,
    structural_holes, weighted_betweenness, weighted_pivot_betweenness, within_module_z, within_two_steps,
};
use crosstie_model::{SimdWidth, Stream, Weight};

const NODES: u32 = 5_000;
const GROUP: u32 = 100;
const NEIGHBORS: u32 = 40;

criterion_group! {
    name = kernels;
    config = Criterion::default().sample_size(10);
    targets = betweenness_of_nodes, positions, edges, groups
}
criterion_main!(kernels);

fn betweenness_of_nodes(criterion: &mut Criterion) {
    let graph = made();
    let nodes: Vec<u32> = graph.nodes().step_by(20).collect();
    let params = PathParams { epsilon: 0.02, delta: 0.1, seed: 1 };
    criterion.bench_function("betweenness, all", |bench| bench.iter(|| betweenness(&graph, SimdWidth::Best)));
    criterion.bench_function("betweenness, 250 sources", |bench| {
        bench.iter(|| betweenness_from(&graph, &nodes, SimdWidth::Best))
    });
    criterion.bench_function("betweenness, 250 pivots", |bench| {
        bench.iter(|| pivot_betweenness(&graph, &nodes, SimdWidth::Best))
    });
    criterion.bench_function("betweenness by weight, all", |bench| bench.iter(|| weighted_betweenness(&graph)));
    criterion.bench_function("betweenness by weight, 250 pivots", |bench| {
        bench.iter(|| weighted_pivot_betweenness(&graph, &nodes))
    });
    criterion.bench_function("betweenness, paths", |bench| bench.iter(|| path_betweenness(&graph, params)));
}

fn positions(criterion: &mut Criterion) {
    let graph = made();
    let mut reach = Reach::new(NODES as usize);
    criterion.bench_function("structural holes", |bench| bench.iter(|| structural_holes(&graph)));
    criterion.bench_function("closeness", |bench| bench.iter(|| closeness(&graph, None)));
    criterion.bench_function("pagerank", |bench| bench.iter(|| pagerank(&graph)));
    let drawn: Vec<_> = graph
        .nodes()
        .map(|node| std::array::from_fn(|lane| Stream::new(1, "bench", &[lane as u64, node.into()]).poisson_one()))
        .collect();
    criterion.bench_function("strengths of 16 replicates", |bench| bench.iter(|| replicate_strengths(&graph, &drawn)));
    criterion.bench_function("pagerank of 16 replicates", |bench| {
        bench.iter(|| replicate_pagerank(&graph, &drawn, SimdWidth::Best))
    });
    criterion.bench_function("core numbers", |bench| bench.iter(|| core_numbers(&graph)));
    criterion.bench_function("components", |bench| bench.iter(|| components(&graph)));
    criterion.bench_function("articulation points", |bench| bench.iter(|| articulation_points(&graph)));
    criterion.bench_function("within two steps, all", |bench| {
        bench.iter(|| graph.nodes().map(|node| within_two_steps(&graph, node, |_| true, &mut reach).len()).max());
    });
}

fn edges(criterion: &mut Criterion) {
    let graph = made();
    criterion.bench_function("edge overlap", |bench| bench.iter(|| edge_overlap(&graph)));
    criterion.bench_function("disparity", |bench| bench.iter(|| disparity(&graph)));
    criterion.bench_function("bridge edges", |bench| bench.iter(|| bridge_edges(&graph)));
}

fn groups(criterion: &mut Criterion) {
    let graph = made();
    let group_of: Vec<u32> = graph.nodes().map(|node| node / GROUP).collect();
    let known: Vec<Option<u32>> = group_of.iter().copied().map(Some).collect();
    let quality = Quality::Modularity;
    let params =
        LeidenParams { seed: 1, quality, resolution_thousandths: 1000, passes: 2, restarts: 1, more_passes: 0 };
    let found = leiden(&graph, params).community_of;
    criterion.bench_function("leiden, 2 passes", |bench| bench.iter(|| leiden(&graph, params)));
    criterion.bench_function("modularity", |bench| bench.iter(|| modularity(&graph, &group_of, 1000)));
    criterion.bench_function("brokerage", |bench| bench.iter(|| brokerage(&graph, &known)));
    let group_count = (NODES / GROUP) as usize;
    criterion.bench_function("participation", |bench| bench.iter(|| participation(&graph, &group_of, group_count)));
    criterion.bench_function("within-module z", |bench| bench.iter(|| within_module_z(&graph, &group_of, group_count)));
    criterion.bench_function("assortativity", |bench| bench.iter(|| assortativity(&graph, &group_of)));
    criterion.bench_function("degree assortativity", |bench| bench.iter(|| degree_assortativity(&graph)));
    criterion.bench_function("AMI", |bench| bench.iter(|| adjusted_mutual_information(&group_of, &found).unwrap()));
    criterion.bench_function("NMI", |bench| bench.iter(|| normalized_mutual_information(&group_of, &found).unwrap()));
    criterion.bench_function("ARI", |bench| bench.iter(|| adjusted_rand_index(&group_of, &found).unwrap()));
}

fn made() -> Graph {
    let mut edges = Vec::new();
    for node in 0..NODES {
        let mut stream = Stream::new(1, "bench-edges", &[node.into()]);
        for at in 0..NEIGHBORS / 2 {
            let other = match at % 2 {
                0 => node / GROUP * GROUP + stream.below(GROUP.into()) as u32,
                _ => stream.below(NODES.into()) as u32,
            };
            edges.push((node, other, Weight::from_units((1 + stream.below(100)) << 20)));
        }
    }
    Graph::undirected(NODES as usize, edges)
}
