//! Betweenness from some sources: an estimate for graphs on which a search from every node takes too long.
//!
//! A source's dependency on its own neighbours is most of what differs from source to source, and most of it is known
//! without a search: all that lies two steps away or further is reached through them. So each neighbour `v` of `s` is
//! given its part by degree,
//!
//! ```text
//! c_s(v) = (N_s - 1 - d_s) (d_v - 1) / sum over u in N(s) of (d_u - 1)
//! ```
//!
//! with `N_s` the nodes of the component, and only what a search finds beyond that is sampled. What is given is summed
//! over all sources exactly, so the estimate stays without bias whatever `c` is.
//!
//! Brandes, Pich 2007, doi:10.1142/S0218127407018403; control variates: Owen 2013, Monte Carlo theory, chapter 8.

use crate::betweenness::{Hear, LANES, Prepared, Searches, in_blocks};
use crate::{Graph, components};
use crosstie_model::SimdWidth;
use std::ops::AddAssign;

/// Betweenness of every node as estimated from some sources.
#[derive(Clone, Debug, PartialEq)]
pub struct Estimate {
    /// Paths of unordered pairs that pass the node, not normalised. A small true value can come out below 0.
    pub value: Vec<f64>,
    /// Half the width of an approximate 95 % interval, in the same unit.
    pub half_width: Vec<f64>,
}

/// Betweenness of an undirected graph in hops, from searches from `pivots`: different nodes, drawn uniformly.
///
/// The interval is approximate: it covers 93 % of the nodes with the largest values, 83 % of those with the smallest,
/// on which most sources depend by nothing. Time O(pivots E), memory O(V) a task; the same bits at any thread count
/// and width, and in any order of pivots.
///
/// # Panics
/// If there are fewer than two pivots.
#[must_use]
pub fn pivot_betweenness(graph: &Graph, pivots: &[u32], width: SimdWidth) -> Estimate {
    assert!(pivots.len() > 1, "one pivot tells nothing of the spread");
    let control = Control::new(graph);
    let prepared = Prepared::new(graph);
    let network = prepared.network();
    let node_count = graph.node_count();
    let mut sums = vec![Sums::default(); node_count];
    in_blocks(
        &prepared.places(pivots),
        || Searches::new(&network, width),
        |searches, places| {
            let mut beyond = Beyond {
                graph,
                control: &control,
                order: &prepared.order,
                lanes: [0; LANES],
                sums: vec![Sums::default(); node_count],
            };
            for places in places.chunks(LANES) {
                beyond.lanes[..places.len()].copy_from_slice(places);
                searches.run(&network, places, &mut beyond);
            }
            beyond.sums
        },
        |found| {
            for (&node, found) in prepared.order.iter().zip(found) {
                sums[node as usize] += found;
            }
        },
    );
    control.estimate(&sums, pivots.len())
}

/// What searches find beyond the control, and its squares.
#[derive(Clone, Copy, Default)]
pub(crate) struct Sums {
    once: f64,
    squared: f64,
}

impl Sums {
    /// What one more search found.
    pub(crate) fn add(&mut self, beyond: f64) {
        *self += Sums { once: beyond, squared: beyond * beyond };
    }
}

impl AddAssign for Sums {
    fn add_assign(&mut self, more: Sums) {
        self.once += more.once;
        self.squared += more.squared;
    }
}

/// What searches find, by place.
struct Beyond<'a> {
    graph: &'a Graph,
    control: &'a Control,
    order: &'a [u32],
    /// The place of each lane's source.
    lanes: [u32; LANES],
    sums: Vec<Sums>,
}

impl Hear for Beyond<'_> {
    #[inline(always)]
    fn hear(&mut self, place: u32, mask: u32, hops: usize, dependency: &[f64; LANES]) {
        let mut beyond = *dependency;
        if hops == 1 {
            for lane in (0..LANES).filter(|lane| mask >> lane & 1 == 1) {
                let source = self.order[self.lanes[lane] as usize];
                beyond[lane] -= self.control.of(self.graph, source, self.order[place as usize]);
            }
        }
        let (mut once, mut squared) = ([0.0; 8], [0.0; 8]);
        for lane in 0..LANES {
            once[lane % 8] += beyond[lane];
            squared[lane % 8] += beyond[lane] * beyond[lane];
        }
        let sums = &mut self.sums[place as usize];
        for at in 0..8 {
            sums.once += once[at];
            sums.squared += squared[at];
        }
    }
}

/// What neighbours are given without a search.
pub(crate) struct Control {
    /// Of each source: nodes two steps away or further, for each tie that its neighbours have to others.
    share: Vec<f64>,
    /// Of each node: what all sources give it.
    total: Vec<f64>,
}

impl Control {
    pub(crate) fn new(graph: &Graph) -> Control {
        let found = components(graph);
        let share = |node: u32| {
            let others: usize = graph.neighbors(node).iter().map(|&next| graph.degree(next) - 1).sum();
            let further = found.sizes[found.component_of[node as usize] as usize] - 1 - graph.degree(node);
            if others == 0 { 0.0 } else { further as f64 / others as f64 }
        };
        let mut control = Control { share: graph.nodes().map(share).collect(), total: Vec::new() };
        let total = |node: u32| graph.neighbors(node).iter().map(|&source| control.of(graph, source, node)).sum();
        control.total = graph.nodes().map(total).collect();
        control
    }

    /// c of a source on its neighbour.
    pub(crate) fn of(&self, graph: &Graph, source: u32, neighbor: u32) -> f64 {
        self.share[source as usize] * (graph.degree(neighbor) - 1) as f64
    }

    /// The values of unordered pairs from what searches from `pivot_count` nodes found beyond the control.
    pub(crate) fn estimate(&self, sums: &[Sums], pivot_count: usize) -> Estimate {
        let (n, k) = (sums.len() as f64, pivot_count as f64);
        let t = t_quantile(pivot_count - 1);
        let half_width = |sums: &Sums| {
            let variance = ((sums.squared - sums.once * sums.once / k) / (k - 1.0)).max(0.0);
            t * n / 2.0 * (variance * (1.0 - k / n) / k).sqrt()
        };
        Estimate {
            value: sums.iter().zip(&self.total).map(|(sums, control)| (control + n / k * sums.once) / 2.0).collect(),
            half_width: sums.iter().map(half_width).collect(),
        }
    }
}

/// The 0.975 quantile of Student's t, by the expansion in 1/freedom of Cornish and Fisher (1938, doi:10.2307/1400905):
/// right to 1e-4 from 10 degrees of freedom on, too small below 4.
fn t_quantile(freedom: usize) -> f64 {
    const Z: f64 = 1.959_963_984_540_054;
    let (z2, v) = (Z * Z, freedom as f64);
    let terms = [
        (z2 + 1.0) / 4.0,
        ((5.0 * z2 + 16.0) * z2 + 3.0) / 96.0,
        (((3.0 * z2 + 19.0) * z2 + 17.0) * z2 - 15.0) / 384.0,
    ];
    Z * (1.0 + (terms[0] + (terms[1] + terms[2] / v) / v) / v)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::tests::graph;
    use crate::{betweenness, betweenness_from};
    use crosstie_model::{Stream, Weight};
    use proptest::{collection::vec, prelude::*};

    fn made(nodes: u32, edges: &[(u32, u32)]) -> Graph {
        Graph::undirected(nodes as usize, edges.iter().map(|&(a, b)| (a, b, Weight::MESSAGE)).collect())
    }

    /// c by its definition, with the component by a walk.
    fn slow_control(graph: &Graph, s: u32, v: u32) -> f64 {
        if !graph.neighbors(s).contains(&v) {
            return 0.0;
        }
        let mut component = vec![s];
        let mut at = 0;
        while at < component.len() {
            for &next in graph.neighbors(component[at]) {
                if !component.contains(&next) {
                    component.push(next);
                }
            }
            at += 1;
        }
        let others: usize = graph.neighbors(s).iter().map(|&u| graph.degree(u) - 1).sum();
        if others == 0 {
            return 0.0;
        }
        (component.len() - 1 - graph.degree(s)) as f64 * (graph.degree(v) - 1) as f64 / others as f64
    }

    /// A graph with hubs, a fringe and nodes on their own.
    fn uneven() -> Graph {
        let mut stream = Stream::new(5, "pivots-made", &[]);
        let edges: Vec<(u32, u32)> = (0..260)
            .map(|_| (stream.below(110).min(stream.below(110)) as u32, stream.below(110) as u32))
            .filter(|(a, b)| a != b)
            .collect();
        made(120, &edges)
    }

    fn draw(count: usize, seed: u64) -> Vec<u32> {
        let mut nodes: Vec<u32> = (0..120).collect();
        Stream::new(seed, "pivots-drawn", &[]).shuffle(&mut nodes);
        nodes.truncate(count);
        nodes
    }

    #[test]
    fn a_path_of_five_from_all_is_exact() {
        let found = pivot_betweenness(&graph(5, "0-1 1-2 2-3 3-4"), &[4, 2, 0, 1, 3], SimdWidth::Best);
        for (got, expected) in found.value.iter().zip([0.0, 3.0, 4.0, 3.0, 0.0]) {
            assert!((got - expected).abs() < 1e-12, "{got} {expected}");
        }
        assert_eq!(found.half_width, [0.0; 5], "nothing is left to draw");
    }

    #[test]
    fn the_mean_over_many_draws_is_exact_and_intervals_cover() {
        let graph = uneven();
        let exact: Vec<f64> = betweenness(&graph, SimdWidth::Best).into_iter().map(|value| value / 2.0).collect();
        const DRAWS: u64 = 2000;
        let mut mean = vec![0.0; 120];
        let mut square = vec![0.0; 120];
        let (mut covered, mut widths) = (vec![0u64; 120], vec![0.0; 120]);
        for seed in 0..DRAWS {
            let found = pivot_betweenness(&graph, &draw(32, seed), SimdWidth::Best);
            for node in 0..120 {
                let (value, half_width) = (found.value[node], found.half_width[node]);
                mean[node] += value / DRAWS as f64;
                square[node] += value * value / DRAWS as f64;
                covered[node] += u64::from((value - exact[node]).abs() <= half_width + 1e-9);
                widths[node] += half_width / DRAWS as f64;
            }
        }
        let mut order: Vec<usize> = (0..120).collect();
        order.sort_by(|&a, &b| exact[b].total_cmp(&exact[a]));
        for node in 0..120 {
            let sd = (square[node] - mean[node] * mean[node]).max(0.0).sqrt();
            let error = 5.0 * sd / (DRAWS as f64).sqrt();
            assert!((mean[node] - exact[node]).abs() <= error + 1e-9, "{node}: {} {}", mean[node], exact[node]);
        }
        for &node in &order[..20] {
            let sd = (square[node] - mean[node] * mean[node]).sqrt();
            assert!((widths[node] / (2.04 * sd) - 1.0).abs() < 0.2, "{node}: {} of {sd}", widths[node]);
            // Of 32 draws, the fewest that plans allow, some miss what is skewed.
            assert!(covered[node] * 100 > DRAWS * 75, "{node}: {} of {DRAWS}", covered[node]);
        }
        let covered: u64 = order[..20].iter().map(|&node| covered[node]).sum();
        assert!(covered * 100 > 20 * DRAWS * 85, "{covered} of {}", 20 * DRAWS);
    }

    #[test]
    fn the_control_takes_most_of_the_spread_of_those_with_large_values() {
        let graph = uneven();
        let exact = betweenness(&graph, SimdWidth::Best);
        let top = (0..120).max_by(|&a, &b| exact[a].total_cmp(&exact[b])).unwrap();
        let (mut with, mut without) = (Vec::new(), Vec::new());
        for source in 0..120u32 {
            let dependency = betweenness_from(&graph, &[source], SimdWidth::Best)[top];
            without.push(dependency);
            with.push(dependency - slow_control(&graph, source, top as u32));
        }
        let variance = |values: &[f64]| {
            let mean = values.iter().sum::<f64>() / 120.0;
            values.iter().map(|value| (value - mean).powi(2)).sum::<f64>()
        };
        assert!(variance(&with) < variance(&without), "{} {}", variance(&with), variance(&without));
    }

    #[test]
    fn quantiles_of_student() {
        // Tables: 10, 31, 60 and 2,047 degrees of freedom.
        for (freedom, expected) in [(10, 2.228_139), (31, 2.039_513), (60, 2.000_298), (2047, 1.961_116)] {
            assert!((t_quantile(freedom) - expected).abs() < 2e-4, "{freedom}: {}", t_quantile(freedom));
        }
    }

    #[test]
    fn threads_do_not_show() {
        let graph = uneven();
        let run = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            let found = pool.install(|| pivot_betweenness(&graph, &draw(100, 1), SimdWidth::Best));
            found.value.iter().chain(&found.half_width).map(|value| value.to_bits()).collect::<Vec<_>>()
        };
        let one = run(1);
        assert!([2, 3, 8].into_iter().all(|threads| run(threads) == one));
    }

    proptest! {
        #[test]
        fn what_all_sources_give_equals_the_definition(edges in vec((0..14u32, 0..14u32), 0..30)) {
            let graph = made(14, &edges);
            let control = Control::new(&graph);
            for v in graph.nodes() {
                let expected: f64 = graph.nodes().map(|s| slow_control(&graph, s, v)).sum();
                prop_assert!((control.total[v as usize] - expected).abs() < 1e-9);
                for &s in graph.neighbors(v) {
                    prop_assert!((control.of(&graph, s, v) - slow_control(&graph, s, v)).abs() < 1e-12);
                }
            }
        }

        #[test]
        fn from_all_nodes_it_is_exact(edges in vec((0..40u32, 0..40u32), 0..160)) {
            let graph = made(40, &edges);
            let found = pivot_betweenness(&graph, &(0..40).collect::<Vec<_>>(), SimdWidth::Best);
            for (node, exact) in betweenness(&graph, SimdWidth::Best).into_iter().enumerate() {
                prop_assert!((found.value[node] - exact / 2.0).abs() < 1e-9 * exact.max(1000.0));
                prop_assert!(found.half_width[node] == 0.0);
            }
        }

        /// The formula on dependencies that the searches of each pivot give alone.
        #[test]
        fn equals_the_formula(
            edges in vec((0..30u32, 0..30u32), 0..90), pivots in proptest::sample::subsequence((0..30u32).collect::<Vec<_>>(), 2..30),
        ) {
            let graph = made(30, &edges);
            let found = pivot_betweenness(&graph, &pivots, SimdWidth::Best);
            let (n, k) = (30.0, pivots.len() as f64);
            let of_pivot: Vec<Vec<f64>> = pivots.iter().map(|&s| betweenness_from(&graph, &[s], SimdWidth::Best)).collect();
            for v in graph.nodes() {
                let at = v as usize;
                let beyond: Vec<f64> =
                    pivots.iter().zip(&of_pivot).map(|(&s, all)| all[at] - slow_control(&graph, s, v)).collect();
                let given: f64 = graph.nodes().map(|s| slow_control(&graph, s, v)).sum();
                let mean = beyond.iter().sum::<f64>() / k;
                let sd = (beyond.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (k - 1.0)).sqrt();
                prop_assert!((found.value[at] - (given + n * mean) / 2.0).abs() < 1e-8);
                let half_width = t_quantile(pivots.len() - 1) * n / 2.0 * sd * ((1.0 - k / n) / k).sqrt();
                prop_assert!((found.half_width[at] - half_width).abs() < 1e-4 + 1e-8 * half_width);
            }
        }
    }
}
