//! Participation: how evenly a node's contacts spread over groups.

use crate::Graph;

/// `1 - sum over groups u of (k_u / k)^2` over a node's contacts; `None` for isolated nodes.
///
/// 0 when all contacts lie in one group; at most 1 - 1/groups. `group_of` has one entry a node.
/// Time O(E). Guimera & Amaral 2005, doi:10.1038/nature03288.
///
/// # Panics
/// If `group_of` is not one entry a node, or names a group not below `group_count`.
#[must_use]
pub fn participation(graph: &Graph, group_of: &[u32], group_count: usize) -> Vec<Option<f64>> {
    assert_eq!(group_of.len(), graph.node_count(), "one entry a node");
    let mut counts = vec![0u64; group_count];
    graph
        .nodes()
        .map(|node| {
            let contacts = graph.neighbors(node);
            for &contact in contacts {
                counts[group_of[contact as usize] as usize] += 1;
            }
            let mut squares = 0;
            for &contact in contacts {
                // Each group is taken once: its count is cleared when it is.
                let count = std::mem::take(&mut counts[group_of[contact as usize] as usize]);
                squares += count * count;
            }
            let degree = contacts.len() as f64;
            (!contacts.is_empty()).then(|| 1.0 - squares as f64 / (degree * degree))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::tests::graph;

    #[test]
    fn small_cases() {
        let found = participation(&graph(5, "0-1 0-2 0-3 1-2"), &[0, 0, 0, 1, 1], 2);
        let expected = [Some(1.0 - 5.0 / 9.0), Some(0.0), Some(0.0), Some(0.0), None];
        for (got, expected) in found.into_iter().zip(expected) {
            assert_eq!(got.is_some(), expected.is_some());
            assert!((got.unwrap_or(0.0) - expected.unwrap_or(0.0)).abs() < 1e-12);
        }
    }
}
