//! What the search for communities costs: `cargo bench -p crosstie-graph --bench leiden`.
//!
//! A made graph of 20,000 nodes in groups of 300, 107 neighbours each of which half are in the group, with weights from
//! 1 to 100 messages; single runs of 1, 2, 3 and 10 passes on one thread, and the rewiring. bench/peers.py compares with
//! other programs.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark may stop at anything unexpected; it prints its table"
)]

use crosstie_graph::{Graph, LeidenParams, Quality, leiden, rewired};
use crosstie_model::{Stream, Weight};
use std::time::Instant;

const SEEDS: u64 = 5;
const NODES: u32 = 20_000;
const GROUP: u32 = 300;
const NEIGHBORS: u32 = 107;

fn main() {
    rayon::ThreadPoolBuilder::new().num_threads(1).build_global().unwrap();
    let graph = made();
    println!("{} nodes, {} arcs", graph.node_count(), graph.arc_count());
    println!("| passes | median seconds of {SEEDS} | arcs/s | median modularity |\n|---|---|---|---|");
    for passes in [1, 2, 3, 10] {
        let (mut seconds, mut found): (Vec<f64>, Vec<f64>) = (0..SEEDS).map(|seed| timed(&graph, seed, passes)).unzip();
        let (seconds, found) = (median(&mut seconds), median(&mut found));
        println!("| {passes} | {seconds:.3} | {:.1} M | {found:.6} |", graph.arc_count() as f64 / seconds / 1e6);
    }
    let begin = Instant::now();
    let other = rewired(&graph, 10, &mut Stream::new(1, "rewire", &[0]));
    assert_eq!(other.arc_count(), graph.arc_count());
    println!("rewiring, 10 switches an edge: {:.3} s", begin.elapsed().as_secs_f64());
}

fn timed(graph: &Graph, seed: u64, passes: u32) -> (f64, f64) {
    let begin = Instant::now();
    let quality = Quality::Modularity;
    let found = leiden(
        graph,
        LeidenParams { seed, quality, resolution_thousandths: 1000, passes, restarts: 1, more_passes: 0 },
    );
    (begin.elapsed().as_secs_f64(), found.quality.unwrap())
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
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
            edges.push((node, other.min(NODES - 1), Weight::from_units((1 + stream.below(100)) << 20)));
        }
    }
    Graph::undirected(NODES as usize, edges)
}
