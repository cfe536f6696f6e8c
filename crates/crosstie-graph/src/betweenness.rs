//! Betweenness: how many shortest paths between others pass a node, in hops.

use crate::Graph;
use rayon::prelude::*;

/// Sources that one task handles; fixed, so that float sums do not depend on threads.
const BLOCK: usize = 64;
/// Blocks in flight at once; bounds memory to this many arrays of one float a node.
const BLOCKS_AT_ONCE: usize = 32;

/// Sum over ordered pairs (s, t) of the share of shortest s-t paths that pass each node, ends not counted.
///
/// On an undirected graph each pair counts twice: halve it for the usual value. Not normalised, range 0 to
/// (n-1)(n-2). Time O(V E), memory O(V) a task.
///
/// Brandes 2001, doi:10.1080/0022250X.2001.9990249.
#[must_use]
pub fn betweenness(graph: &Graph) -> Vec<f64> {
    let node_count = graph.node_count();
    let mut total = vec![0.0; node_count];
    let blocks: Vec<usize> = (0..node_count).step_by(BLOCK).collect();
    for batch in blocks.chunks(BLOCKS_AT_ONCE) {
        let parts: Vec<Vec<f64>> = batch
            .par_iter()
            .map(|&first| {
                let mut search = Search::new(node_count);
                let mut part = vec![0.0; node_count];
                for source in first..(first + BLOCK).min(node_count) {
                    search.from(graph, source as u32, &mut part);
                }
                part
            })
            .collect();
        for part in parts {
            for (sum, value) in total.iter_mut().zip(part) {
                *sum += value;
            }
        }
    }
    total
}

/// One breadth-first search with path counts. Counts are floats: as integers they overflow on a 36 x 36 grid.
struct Search {
    distance: Vec<u32>,
    path_count: Vec<f64>,
    dependency: Vec<f64>,
    order: Vec<u32>,
}

const FAR: u32 = u32::MAX;

impl Search {
    fn new(node_count: usize) -> Search {
        Search {
            distance: vec![FAR; node_count],
            path_count: vec![0.0; node_count],
            dependency: vec![0.0; node_count],
            order: Vec::with_capacity(node_count),
        }
    }

    fn from(&mut self, graph: &Graph, source: u32, total: &mut [f64]) {
        self.order.clear();
        self.order.push(source);
        self.distance[source as usize] = 0;
        self.path_count[source as usize] = 1.0;
        let mut at = 0;
        while let Some(&node) = self.order.get(at) {
            at += 1;
            let step = self.distance[node as usize] + 1;
            for &next in graph.neighbors(node) {
                if self.distance[next as usize] == FAR {
                    self.distance[next as usize] = step;
                    self.order.push(next);
                }
                if self.distance[next as usize] == step {
                    self.path_count[next as usize] += self.path_count[node as usize];
                }
            }
        }
        for &node in self.order.iter().rev() {
            let deeper = self.distance[node as usize] + 1;
            let mut dependency = 0.0;
            for &next in graph.neighbors(node) {
                if self.distance[next as usize] == deeper {
                    dependency += (1.0 + self.dependency[next as usize]) / self.path_count[next as usize];
                }
            }
            self.dependency[node as usize] = dependency * self.path_count[node as usize];
            if node != source {
                total[node as usize] += self.dependency[node as usize];
            }
        }
        for &node in &self.order {
            self.distance[node as usize] = FAR;
            self.path_count[node as usize] = 0.0;
        }
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

    #[test]
    fn a_path_of_five() {
        assert_eq!(betweenness(&graph(5, "0-1 1-2 2-3 3-4")), [0.0, 6.0, 8.0, 6.0, 0.0]);
    }

    proptest! {
        #[test]
        fn equals_the_definition(arcs in vec((0..10u32, 0..10u32), 0..40), directed: bool) {
            let edges = arcs.into_iter().map(|(a, b)| (a, b, Weight::MESSAGE)).collect();
            let graph = if directed { Graph::from_edges(10, edges) } else { Graph::undirected(10, edges) };
            for (got, expected) in betweenness(&graph).into_iter().zip(slow(&graph)) {
                prop_assert!((got - expected).abs() < 1e-9, "{} against {}", got, expected);
            }
        }
    }
}
