//! The disparity filter: which edges carry more of an end's weight than an even split by chance would give.

use crate::Graph;
use crosstie_model::Weight;

/// Smaller p-value of the two ends of each edge (tail < head) of an undirected graph, ascending.
///
/// `p = (1 - w / s)^(k - 1)` for an edge of weight w at an end with k neighbours and strength s: the chance that one of
/// k parts of a stick, broken at random, is at least as long. 1 at an end with one neighbour, which says nothing; range
/// `[0, 1]`. Edges with p below a level are the backbone at that level; about k p of k even ones fall below it by chance.
/// Time O(E log degree).
///
/// Serrano, Boguñá & Vespignani 2009, doi:10.1073/pnas.0808904106.
#[must_use]
pub fn disparity(graph: &Graph) -> Vec<f64> {
    let edges = graph.arcs().filter(|(tail, head, _)| tail < head);
    edges.map(|(tail, head, weight)| at_end(graph, tail, weight).min(at_end(graph, head, weight))).collect()
}

fn at_end(graph: &Graph, node: u32, weight: Weight) -> f64 {
    // In integers, so that an edge that is nearly all of a strength leaves exactly what is left.
    let rest = graph.strength(node).units() - weight.units();
    power(rest as f64 / graph.strength(node).units() as f64, graph.degree(node) - 1)
}

/// By repeated squaring: the same on every platform, unlike `powi`.
fn power(mut base: f64, mut exponent: usize) -> f64 {
    let mut value = 1.0;
    while exponent > 0 {
        if exponent % 2 == 1 {
            value *= base;
        }
        base *= base;
        exponent /= 2;
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::tests::graph;
    use crosstie_model::Stream;
    use proptest::{collection::vec, prelude::*};

    #[test]
    fn a_star_with_one_strong_ray() {
        // Weights 7, 1, 1, 1 of 10: 0.3^3 and 0.9^3 at the centre; the ends have one neighbour each.
        let found = disparity(&graph(5, "0-1:7 0-2 0-3 0-4"));
        for (got, expected) in found.into_iter().zip([0.027, 0.729, 0.729, 0.729]) {
            assert!((got - expected).abs() < 1e-12, "{got}");
        }
        assert_eq!(disparity(&graph(3, "0-1:9")), [1.0]);
    }

    /// The null itself: a stick of length 1, broken at k - 1 random places.
    #[test]
    fn it_is_the_chance_that_a_part_is_as_long() {
        let mut stream = Stream::new(7, "disparity", &[]);
        let (k, rounds) = (5, 20_000);
        let length = 0.35;
        let longer = (0..rounds)
            .filter(|_| {
                let first = (0..k - 1).map(|_| stream.below(1 << 40) as f64 / (1u64 << 40) as f64).fold(1.0, f64::min);
                first >= length
            })
            .count();
        let found = disparity(&graph(6, "0-1:35 0-2:20 0-3:20 0-4:15 0-5:10"))[0];
        assert!((longer as f64 / f64::from(rounds) - found).abs() < 0.01, "{found}");
    }

    proptest! {
        /// The paper's integral `1 - (k - 1) ∫ (1 - x)^(k - 2) dx` from 0 to the share, summed over thin strips.
        #[test]
        fn equals_the_integral(edges in vec((0..8u32, 0..8u32, 1..9u64), 1..20)) {
            let edges = edges.into_iter().map(|(a, b, w)| (a, b, Weight::from_units(w))).collect();
            let graph = Graph::undirected(8, edges);
            let end = |node: u32, weight: Weight| {
                let (k, share) = (graph.degree(node) as i32, weight.messages() / graph.strength(node).messages());
                let strips = 4000;
                let strip = |at: i32| (1.0 - share * (f64::from(at) + 0.5) / f64::from(strips)).powi(k - 2);
                let inside: f64 = (0..strips).map(strip).sum::<f64>() * share / f64::from(strips);
                if k == 1 { 1.0 } else { 1.0 - f64::from(k - 1) * inside }
            };
            let arcs = graph.arcs().filter(|arc| arc.0 < arc.1);
            for ((tail, head, weight), got) in arcs.zip(disparity(&graph)) {
                prop_assert!((0.0..=1.0).contains(&got));
                let expected = end(tail, weight).min(end(head, weight));
                prop_assert!((got - expected).abs() < 1e-5, "{} {}", got, expected);
            }
        }
    }
}
