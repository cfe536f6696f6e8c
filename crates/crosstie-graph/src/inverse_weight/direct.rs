//! Arcs that are no shortest way between their ends are left out: few ties are left where most weigh little.
//!
//! An arc is on a shortest path of any pair only if it is one itself. Whether a way over one other node is shorter takes
//! no search. Those that only a way over several is shorter than stay, and are never on a path either.

use crate::Graph;
use crate::inverse_weight::lengths::Lengths;
use rayon::prelude::*;

const NODES_A_TASK: usize = 256;

/// The graph without arcs that a way of two others is shorter than; those of equal length stay. Time O(Σ degree^2) at most.
pub(super) fn direct(graph: &Graph, lengths: &Lengths) -> Graph {
    let mut rows: Vec<(u64, u32)> = Vec::with_capacity(graph.arc_count());
    let mut first = vec![0];
    for node in graph.nodes() {
        let begin = rows.len();
        rows.extend(graph.out_edges(node).map(|(head, weight)| (lengths.of(weight), head)));
        rows[begin..].sort_unstable();
        first.push(rows.len());
    }
    let row = |node: u32| &rows[first[node as usize]..first[node as usize + 1]];
    // Length of the arc to each node; 0 where there is none, or a shorter way.
    let kept = |of: &mut Vec<u64>, node: u32| {
        let longest = row(node).last().map_or(0, |last| last.0);
        row(node).iter().for_each(|&(length, head)| of[head as usize] = length);
        for &(length, over) in row(node) {
            for &(more, head) in row(over).iter().take_while(|&&(more, _)| length + more < longest) {
                if length + more < of[head as usize] {
                    of[head as usize] = 0;
                }
            }
        }
        let kept = graph.out_edges(node).filter(|&(head, _)| of[head as usize] > 0);
        let kept: Vec<_> = kept.map(|(head, weight)| (node, head, weight)).collect();
        row(node).iter().for_each(|&(_, head)| of[head as usize] = 0);
        kept
    };
    let count = graph.node_count();
    let kept: Vec<Vec<_>> =
        (0..count as u32).into_par_iter().with_min_len(NODES_A_TASK).map_init(|| vec![0; count], kept).collect();
    Graph::from_edges(count, kept.into_iter().flatten().collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::tests::graph;
    use crosstie_model::Weight;
    use proptest::{collection::vec, prelude::*};

    #[test]
    fn a_longer_way_goes_and_an_equal_one_stays() {
        let kept = |text| {
            let graph = graph(3, text);
            direct(&graph, &Lengths::new(&graph)).arc_count() / 2
        };
        assert_eq!((kept("0-1:6 1-2:6 0-2:2"), kept("0-1:6 1-2:6 0-2:3"), kept("0-1:6 1-2:6 0-2:4")), (2, 3, 3));
    }

    proptest! {
        /// The definition, arc by arc.
        #[test]
        fn what_stays_has_no_shorter_way_over_one(
            arcs in vec((0..9u32, 0..9u32, 1..7u64), 0..40), is_directed: bool,
        ) {
            let edges: Vec<_> = arcs.into_iter().map(|(a, b, w)| (a, b, Weight::from_units(w))).collect();
            let graph = if is_directed { Graph::from_edges(9, edges) } else { Graph::undirected(9, edges) };
            let lengths = Lengths::new(&graph);
            let length = |a: u32, b: u32| {
                graph.out_edges(a).find(|&(head, _)| head == b).map(|(_, weight)| lengths.of(weight))
            };
            let stays = |&(a, b, weight): &(u32, u32, Weight)| {
                graph.nodes().all(|over| match (length(a, over), length(over, b)) {
                    (Some(one), Some(other)) => one + other >= lengths.of(weight),
                    _ => true,
                })
            };
            let expected: Vec<_> = graph.arcs().filter(stays).collect();
            prop_assert_eq!(direct(&graph, &lengths).arcs().collect::<Vec<_>>(), expected);
        }
    }
}
