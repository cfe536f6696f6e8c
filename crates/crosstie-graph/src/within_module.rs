//! Within-module degree: how central a node is among those of its own group.

use crate::Graph;

/// z of a node's number of contacts in its own group, among the nodes of the group: less their mean, over their standard
/// deviation (that of a population). `None` where all of a group have the same number, so also where a node is alone.
///
/// `group_of` has one entry a node; weights do not count. Sums are integers, so it is exact but for a root and a division.
/// Time O(E). Guimera & Amaral 2005, doi:10.1038/nature03288: with participation it tells hubs of a group from those
/// between groups.
///
/// # Panics
/// If `group_of` is not one entry a node, or names a group not below `group_count`.
#[must_use]
pub fn within_module_z(graph: &Graph, group_of: &[u32], group_count: usize) -> Vec<Option<f64>> {
    assert_eq!(group_of.len(), graph.node_count(), "one entry a node");
    let own = |node: u32| {
        let group = group_of[node as usize];
        graph.neighbors(node).iter().filter(|&&contact| group_of[contact as usize] == group).count() as i128
    };
    let inside: Vec<i128> = graph.nodes().map(own).collect();
    let mut sums = vec![(0i128, 0i128, 0i128); group_count];
    for (&group, &inside) in group_of.iter().zip(&inside) {
        let (count, sum, squares) = &mut sums[group as usize];
        *count += 1;
        *sum += inside;
        *squares += inside * inside;
    }
    let z = |(&group, &inside): (&u32, &i128)| {
        let (count, sum, squares) = sums[group as usize];
        let variance = count * squares - sum * sum;
        (variance > 0).then(|| (count * inside - sum) as f64 / (variance as f64).sqrt())
    };
    group_of.iter().zip(&inside).map(z).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crosstie_model::Weight;
    use proptest::{collection::vec, prelude::*};

    proptest! {
        /// Mean and deviation of a list of each group.
        #[test]
        fn equal_to_the_definition(edges in vec((0..14u32, 0..14u32), 0..60), group_of in vec(0..4u32, 14)) {
            let made = edges.into_iter().map(|(a, b)| (a, b, Weight::MESSAGE)).collect();
            let graph = Graph::undirected(14, made);
            let found = within_module_z(&graph, &group_of, 4);
            for node in 0..14u32 {
                let members = (0..14u32).filter(|&other| group_of[other as usize] == group_of[node as usize]);
                let inside = |one: u32| {
                    members.clone().filter(|&other| graph.neighbors(one).contains(&other)).count() as f64
                };
                let of_group: Vec<f64> = members.clone().map(inside).collect();
                let mean = of_group.iter().sum::<f64>() / of_group.len() as f64;
                let variance = of_group.iter().map(|k| (k - mean).powi(2)).sum::<f64>() / of_group.len() as f64;
                match found[node as usize] {
                    Some(z) => prop_assert!((z - (inside(node) - mean) / variance.sqrt()).abs() < 1e-9),
                    None => prop_assert!(variance < 1e-12),
                }
            }
        }
    }
}
