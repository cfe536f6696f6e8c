//! Betweenness: how many shortest paths between others pass a node, in hops.

use crate::Graph;
use pulp::{Arch, Simd, WithSimd};
use rayon::prelude::*;

/// Sources that one task handles; fixed, so that float sums do not depend on threads.
pub(crate) const BLOCK: usize = 64;
/// Blocks in flight at once; bounds memory to this many arrays of one float a node.
pub(crate) const BLOCKS_AT_ONCE: usize = 32;
/// Sources that are searched from at once.
pub(crate) const LANES: usize = 16;

/// Sum over ordered pairs (s, t) of the share of shortest s-t paths that pass each node, ends not counted.
///
/// On an undirected graph each pair counts twice: halve it for the usual value. Not normalised, range 0 to
/// (n-1)(n-2). Time O(V E), memory O(V) a task: sixteen sources are searched from at once, so that an arc is looked at
/// once a level and not once a source, with the values of one search after the other, bit for bit.
///
/// Brandes 2001, doi:10.1080/0022250X.2001.9990249; many sources at once: Then et al. 2014, doi:10.14778/2735496.2735507.
#[must_use]
pub fn betweenness(graph: &Graph) -> Vec<f64> {
    let node_count = graph.node_count();
    let mut total = vec![0.0; node_count];
    let blocks: Vec<usize> = (0..node_count).step_by(BLOCK).collect();
    for batch in blocks.chunks(BLOCKS_AT_ONCE) {
        let parts: Vec<Vec<f64>> = batch
            .par_iter()
            .map(|&first| {
                let mut searches = Searches::new(node_count);
                let mut part = vec![0.0; node_count];
                let sources: Vec<u32> = (first as u32..(first + BLOCK).min(node_count) as u32).collect();
                for sources in sources.chunks(LANES) {
                    let dependencies = searches.dependencies(graph, sources);
                    for (total, dependencies) in part.iter_mut().zip(dependencies) {
                        dependencies[..sources.len()].iter().for_each(|dependency| *total += dependency);
                    }
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

/// Path counts from which floats may not hold them exactly, so that the order of adding would show.
const INEXACT: f64 = (1u64 << 53) as f64;

/// Breadth-first searches from several sources with path counts: a bit of a mask, and a lane, for each.
pub(crate) struct Searches {
    /// Which searches have met a node.
    seen: Vec<u16>,
    /// Which searches meet a node in one level: the next one on the way down, the one below on the way back.
    level: Vec<u16>,
    /// Path counts; on the way back each turns into the dependency.
    paths: Vec<[f64; LANES]>,
    /// (1 + dependency) / path count.
    passed_on: Vec<[f64; LANES]>,
    /// The nodes of each level with the searches that meet them there.
    met: Vec<(u32, u16)>,
    /// Where each level begins.
    begins: Vec<usize>,
}

impl Searches {
    pub(crate) fn new(node_count: usize) -> Searches {
        Searches {
            seen: vec![0; node_count],
            level: vec![0; node_count],
            paths: vec![[0.0; LANES]; node_count],
            passed_on: vec![[0.0; LANES]; node_count],
            met: Vec::new(),
            begins: Vec::new(),
        }
    }

    /// The dependency of each source, a lane each, on every node: 0 on itself and on what it does not reach.
    pub(crate) fn dependencies(&mut self, graph: &Graph, sources: &[u32]) -> &mut [[f64; LANES]] {
        if !Arch::new().dispatch(FromAll { graph, searches: self, sources }) {
            self.paths.fill([0.0; LANES]);
            let mut search = Search::new(graph.node_count());
            for (lane, &source) in sources.iter().enumerate() {
                search.from(graph, source, |node, dependency| self.paths[node as usize][lane] = dependency);
            }
        }
        for (lane, &source) in sources.iter().enumerate() {
            self.paths[source as usize][lane] = 0.0;
        }
        &mut self.paths
    }

    fn start(&mut self, sources: &[u32]) {
        self.seen.fill(0);
        self.paths.fill([0.0; LANES]);
        self.begins.clear();
        self.begins.push(0);
        self.met.clear();
        for (lane, &source) in sources.iter().enumerate() {
            self.seen[source as usize] = 1 << lane;
            self.paths[source as usize][lane] = 1.0;
            self.met.push((source, 1 << lane));
        }
    }
}

/// Adds the lanes of the mask.
#[inline(always)]
fn add_lanes(sums: &mut [f64; LANES], more: &[f64; LANES], mask: u16) {
    for lane in 0..LANES {
        let keep = 0u64.wrapping_sub(u64::from(mask) >> lane & 1);
        sums[lane] += f64::from_bits(more[lane].to_bits() & keep);
    }
}

/// Leaves in `searches.paths` the dependency of each source on each node. False if a path count is not exact.
struct FromAll<'a> {
    graph: &'a Graph,
    searches: &'a mut Searches,
    sources: &'a [u32],
}

impl WithSimd for FromAll<'_> {
    type Output = bool;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> bool {
        let FromAll { graph, searches, sources } = self;
        searches.start(sources);
        let Searches { seen, level, paths, passed_on, met, begins } = searches;
        let mut next_nodes = Vec::new();
        let mut first = 0;
        while first < met.len() {
            let end = met.len();
            for &(node, mask) in &met[first..end] {
                let own = paths[node as usize];
                for &next in graph.neighbors(node) {
                    let fresh = mask & !seen[next as usize];
                    if fresh == 0 {
                        continue;
                    }
                    if level[next as usize] == 0 {
                        next_nodes.push(next);
                    }
                    level[next as usize] |= fresh;
                    add_lanes(&mut paths[next as usize], &own, fresh);
                }
            }
            for node in next_nodes.drain(..) {
                let mask = std::mem::take(&mut level[node as usize]);
                if paths[node as usize].iter().any(|&count| count >= INEXACT) {
                    level.fill(0);
                    return false;
                }
                seen[node as usize] |= mask;
                met.push((node, mask));
            }
            begins.push(end);
            first = end;
        }
        for at in (1..begins.len()).rev() {
            // On the deepest level nothing lies below, and `level` is empty.
            for &(node, mask) in &met[begins[at - 1]..begins[at]] {
                let mut dependency = [0.0; LANES];
                for &next in graph.neighbors(node) {
                    let below = mask & level[next as usize];
                    if below != 0 {
                        add_lanes(&mut dependency, &passed_on[next as usize], below);
                    }
                }
                let (paths, passed_on) = (&mut paths[node as usize], &mut passed_on[node as usize]);
                for lane in 0..LANES {
                    if mask >> lane & 1 == 1 {
                        let dependency = dependency[lane] * paths[lane];
                        passed_on[lane] = (1.0 + dependency) / paths[lane];
                        paths[lane] = dependency;
                    }
                }
            }
            let below = begins.get(at + 1).map_or(0..0, |&end| begins[at]..end);
            met[below].iter().for_each(|&(node, _)| level[node as usize] = 0);
            met[begins[at - 1]..begins[at]].iter().for_each(|&(node, mask)| level[node as usize] = mask);
        }
        met[..begins[1]].iter().for_each(|&(node, _)| level[node as usize] = 0);
        true
    }
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

    /// Tells the dependency of the source on every node it reaches but itself.
    fn from(&mut self, graph: &Graph, source: u32, mut tell: impl FnMut(u32, f64)) {
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
                tell(node, self.dependency[node as usize]);
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

    /// One search after the other, in blocks like the kernel's.
    fn one_by_one(graph: &Graph) -> Vec<f64> {
        let n = graph.node_count();
        let mut search = Search::new(n);
        let mut total = vec![0.0; n];
        for first in (0..n).step_by(BLOCK) {
            let mut part = vec![0.0; n];
            for source in first..(first + BLOCK).min(n) {
                search.from(graph, source as u32, |node, dependency| part[node as usize] += dependency);
            }
            total.iter_mut().zip(part).for_each(|(sum, value)| *sum += value);
        }
        total
    }

    fn bits(values: &[f64]) -> Vec<u64> {
        values.iter().map(|value| value.to_bits()).collect()
    }

    #[test]
    fn too_many_paths_to_count_exactly_are_searched_one_by_one() {
        // 60 diamonds in a row: 2^60 shortest paths from end to end.
        let mut edges = Vec::new();
        for at in (0..180).step_by(3) {
            for middle in [at + 1, at + 2] {
                edges.extend([(at, middle, Weight::MESSAGE), (middle, at + 3, Weight::MESSAGE)]);
            }
        }
        let graph = Graph::undirected(181, edges);
        let mut searches = Searches::new(181);
        let mut from = |sources: std::ops::Range<u32>| {
            let sources: Vec<u32> = sources.collect();
            Arch::new().dispatch(FromAll { graph: &graph, searches: &mut searches, sources: &sources })
        };
        assert!(!from(0..16) && from(80..96));
        assert_eq!(bits(&betweenness(&graph)), bits(&one_by_one(&graph)));
    }

    #[test]
    fn a_path_of_five() {
        assert_eq!(betweenness(&graph(5, "0-1 1-2 2-3 3-4")), [0.0, 6.0, 8.0, 6.0, 0.0]);
    }

    proptest! {
        #[test]
        fn many_at_once_equal_one_by_one_bit_for_bit(arcs in vec((0..90u32, 0..90u32), 0..400), directed: bool) {
            let edges = arcs.into_iter().map(|(a, b)| (a, b, Weight::MESSAGE)).collect();
            let graph = if directed { Graph::from_edges(90, edges) } else { Graph::undirected(90, edges) };
            prop_assert_eq!(bits(&betweenness(&graph)), bits(&one_by_one(&graph)));
        }

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
