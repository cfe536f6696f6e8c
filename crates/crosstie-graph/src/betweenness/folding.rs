//! Trees that hang on a graph are folded into the node they hang on: shortest paths leave them in one way only.
//!
//! | symbol | quantity |
//! |---|---|
//! | ω | nodes that a node stands for: itself and all that was folded into it |
//! | N | nodes of its component |
//!
//! Folding nodes of ω_1, ω_2, … into one leaves these ordered pairs that pass it to no search: those within what it
//! stands for, `(ω-1)² - Σω_i²`, and those between that and the rest of the component, `2(ω-1)(N-ω)`.
//!
//! Puzis, Zilberman, Elovici, Dolev, Brandes 2012, doi:10.1109/SocialCom-PASSAT.2012.66; Sarıyüce, Saule, Kaya,
//! Çatalyürek 2013, doi:10.1137/1.9781611972832.76.

use crate::{Graph, components};

/// An undirected graph without its trees.
pub(crate) struct Folded {
    /// ω of each node at the time it was folded, or at the end.
    pub(crate) stands_for: Vec<f64>,
    /// The nodes that are left, ascending; of a component that is a tree one.
    pub(crate) left: Vec<u32>,
    /// Ordered pairs that pass each node and are left to no search.
    pub(crate) pairs: Vec<f64>,
}

pub(crate) fn fold(graph: &Graph) -> Folded {
    let found = components(graph);
    let mut degree: Vec<usize> = graph.nodes().map(|node| graph.degree(node)).collect();
    let mut is_folded = vec![false; graph.node_count()];
    // Integers below 2^53: exact up to 90 million nodes.
    let mut stands_for = vec![1.0; graph.node_count()];
    let mut squares = vec![0.0; graph.node_count()];
    let mut queue: Vec<u32> = graph.nodes().filter(|&node| degree[node as usize] == 1).collect();
    let mut at = 0;
    while let Some(&node) = queue.get(at) {
        at += 1;
        // The last two of a tree are both in the queue; one of them stays.
        if degree[node as usize] != 1 {
            continue;
        }
        let onto = graph.neighbors(node).iter().find(|&&next| !is_folded[next as usize]);
        let onto = *onto.expect("a node of degree one has a neighbour") as usize;
        is_folded[node as usize] = true;
        degree[node as usize] = 0;
        stands_for[onto] += stands_for[node as usize];
        squares[onto] += stands_for[node as usize] * stands_for[node as usize];
        degree[onto] -= 1;
        if degree[onto] == 1 {
            queue.push(onto as u32);
        }
    }
    let pairs = |node: u32| {
        let (own, squares) = (stands_for[node as usize], squares[node as usize]);
        let all = found.sizes[found.component_of[node as usize] as usize] as f64;
        (own - 1.0) * (own - 1.0) - squares + 2.0 * (own - 1.0) * (all - own)
    };
    let pairs = graph.nodes().map(pairs).collect();
    Folded { pairs, left: graph.nodes().filter(|&node| !is_folded[node as usize]).collect(), stands_for }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::tests::graph;

    #[test]
    fn a_tree_needs_no_search() {
        let folded = fold(&graph(6, "0-1 1-2 2-3 2-4"));
        assert_eq!(folded.left.len(), 2, "one of the tree, and the node alone");
        assert_eq!(folded.pairs, [0.0, 6.0, 10.0, 0.0, 0.0, 0.0]);
        assert_eq!(fold(&graph(2, "0-1")).left.len(), 1);
    }

    #[test]
    fn a_ring_stays() {
        let folded = fold(&graph(5, "0-1 1-2 2-0 2-3 3-4"));
        assert_eq!(folded.left, [0, 1, 2]);
        assert_eq!(folded.stands_for, [1.0, 1.0, 3.0, 2.0, 1.0]);
        // 3 and 4 with 0 and 1, in both directions, pass 2; 4 with 0, 1 and 2 passes 3.
        assert_eq!(folded.pairs, [0.0, 0.0, 8.0, 6.0, 0.0]);
    }
}
