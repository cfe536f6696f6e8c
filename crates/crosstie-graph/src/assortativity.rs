//! Assortativity: whether ties join nodes that are alike, by label and by number of ties.

use crate::Graph;
use crate::modularity;

/// Modularity of given labels over the value that it would have if every tie stayed inside. 1: every tie does; 0: as many
/// as strengths give; negative: fewer.
///
/// Of an undirected graph, weighted; `label_of` has one dense entry a node. `None` without ties, or where all strength is of
/// one label. Time O(E). Newman 2003, doi:10.1103/PhysRevE.67.026126.
#[must_use]
pub fn assortativity(graph: &Graph, label_of: &[u32]) -> Option<f64> {
    let volume = graph.total_strength().messages();
    let label_count = label_of.iter().max().map_or(0, |&last| last as usize + 1);
    let mut shares = vec![0.0; label_count];
    graph.nodes().for_each(|node| shares[label_of[node as usize] as usize] += graph.strength(node).messages());
    let squares: f64 = shares.iter().map(|share| (share / volume).powi(2)).sum();
    let largest = 1.0 - squares;
    let modularity = modularity(graph, label_of, 1000)?;
    (largest > ROUNDING).then(|| modularity / largest)
}

/// What rounding leaves where all strength is of one label.
const ROUNDING: f64 = 1e-9;

/// Pearson's correlation between the numbers of ties at both ends of a tie, each tie taken both ways; -1 to 1.
///
/// Of an undirected graph, weights do not count. `None` without ties, or where all ends have the same number. Sums are
/// integers, so it is exact but for one division. Time O(E). Newman 2002, doi:10.1103/PhysRevLett.89.208701.
///
/// # Panics
/// If sums pass 2^127: not below 2^32 arcs.
#[must_use]
pub fn degree_assortativity(graph: &Graph) -> Option<f64> {
    let degree = |node: u32| graph.degree(node) as i128;
    let (mut products, mut squares, mut cubes) = (0i128, 0i128, 0i128);
    for node in graph.nodes() {
        let own = degree(node);
        products += own * graph.neighbors(node).iter().map(|&other| degree(other)).sum::<i128>();
        squares += own.pow(2);
        cubes += own.pow(3);
    }
    let times_ends = |sum: i128| sum.checked_mul(graph.arc_count() as i128).expect("fewer than 2^32 arcs");
    let variance = times_ends(cubes) - squares.pow(2);
    (variance > 0).then(|| (times_ends(products) - squares.pow(2)) as f64 / variance as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::tests::graph;
    use crosstie_model::Weight;
    use proptest::{collection::vec, prelude::*};

    #[test]
    fn small_cases() {
        // Two pairs: with the labels of the pairs every tie stays inside, with others none does.
        let pairs = graph(4, "0-1 2-3");
        assert_eq!(assortativity(&pairs, &[0, 0, 1, 1]), Some(1.0));
        assert_eq!(assortativity(&pairs, &[0, 1, 0, 1]), Some(-1.0));
        assert_eq!(assortativity(&pairs, &[0, 0, 0, 0]), None);
        assert_eq!(degree_assortativity(&pairs), None, "all have one tie");
        // A star joins the one with most only to those with least.
        assert_eq!(degree_assortativity(&graph(4, "0-1 0-2 0-3")), Some(-1.0));
        let nobody = graph(3, "");
        assert_eq!((degree_assortativity(&nobody), assortativity(&nobody, &[0, 1, 2])), (None, None));
    }

    proptest! {
        /// Pearson's formula over a list of ends; Newman's over a matrix of shares.
        #[test]
        fn equal_to_the_definitions(
            edges in vec((0..12u32, 0..12u32, 1..9u64), 0..40), label_of in vec(0..3u32, 12),
        ) {
            let made = edges.into_iter().map(|(a, b, w)| (a, b, Weight::from_units(w << 20))).collect();
            let graph = Graph::undirected(12, made);
            let ends: Vec<(f64, f64)> =
                graph.arcs().map(|(a, b, _)| (graph.degree(a) as f64, graph.degree(b) as f64)).collect();
            let mean = ends.iter().map(|end| end.0).sum::<f64>() / ends.len() as f64;
            let variance: f64 = ends.iter().map(|end| (end.0 - mean).powi(2)).sum();
            let covariance: f64 = ends.iter().map(|end| (end.0 - mean) * (end.1 - mean)).sum();
            match degree_assortativity(&graph) {
                Some(found) => prop_assert!((found - covariance / variance).abs() < 1e-9),
                None => prop_assert!(ends.is_empty() || variance < 1e-9),
            }
            let mut shares = [[0.0f64; 3]; 3];
            let total: f64 = graph.arcs().map(|arc| arc.2.messages()).sum();
            for (a, b, weight) in graph.arcs() {
                shares[label_of[a as usize] as usize][label_of[b as usize] as usize] += weight.messages() / total;
            }
            let trace: f64 = (0..3).map(|label| shares[label][label]).sum();
            let chance: f64 = shares.iter().map(|row| row.iter().sum::<f64>().powi(2)).sum();
            match assortativity(&graph, &label_of) {
                Some(found) => prop_assert!((found - (trace - chance) / (1.0 - chance)).abs() < 1e-9),
                None => prop_assert!(ends.is_empty() || 1.0 - chance < 1e-8),
            }
        }
    }
}
