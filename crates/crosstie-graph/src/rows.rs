//! The neighbours of a graph without weights, in an order of nodes that a search reads well.

use crate::Graph;

/// Sparse rows of 4 bytes an arc. Nodes are numbered by their place in an order.
pub(crate) struct Rows {
    first: Vec<usize>,
    heads: Vec<u32>,
}

impl Rows {
    /// The part of a graph that `order` lists, each node at most once; every row ascending.
    pub(crate) fn new(graph: &Graph, order: &[u32]) -> Rows {
        const LEFT_OUT: u32 = u32::MAX;
        let mut place = vec![LEFT_OUT; graph.node_count()];
        (0..).zip(order).for_each(|(at, &node)| place[node as usize] = at);
        let mut rows = Rows { first: vec![0], heads: Vec::with_capacity(graph.arc_count()) };
        for &node in order {
            let begin = rows.heads.len();
            let heads = graph.neighbors(node).iter().map(|&head| place[head as usize]);
            rows.heads.extend(heads.filter(|&head| head != LEFT_OUT));
            rows.heads[begin..].sort_unstable();
            rows.first.push(rows.heads.len());
        }
        rows
    }

    pub(crate) fn len(&self) -> usize {
        self.first.len() - 1
    }

    #[inline(always)]
    pub(crate) fn of(&self, node: u32) -> &[u32] {
        &self.heads[self.first[node as usize]..self.first[node as usize + 1]]
    }

    #[inline(always)]
    pub(crate) fn degree(&self, node: u32) -> usize {
        self.first[node as usize + 1] - self.first[node as usize]
    }

    pub(crate) fn largest_degree(&self) -> usize {
        self.first.windows(2).map(|ends| ends[1] - ends[0]).max().unwrap_or(0)
    }
}

/// Whether every arc has one of the same weight that goes back. Time O(V + E).
pub(crate) fn is_undirected(graph: &Graph) -> bool {
    // Tails ascend, so each row must be met from its begin to its end.
    let mut met = vec![0; graph.node_count()];
    graph.arcs().all(|(tail, head, weight)| {
        let at = met[head as usize];
        met[head as usize] += 1;
        graph.neighbors(head).get(at) == Some(&tail) && graph.weights(head)[at] == weight
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::tests::{edges, graph};
    use crosstie_model::Weight;
    use proptest::{collection::vec, prelude::*};

    #[test]
    fn a_part_in_another_order() {
        let rows = Rows::new(&graph(5, "0-1 1-2 2-3 3-0 3-4"), &[3, 0, 2]);
        assert_eq!((rows.len(), rows.largest_degree(), rows.degree(0)), (3, 2, 2));
        assert_eq!([rows.of(0), rows.of(1), rows.of(2)], [&[1, 2][..], &[0], &[0]]);
    }

    #[test]
    fn one_arc_alone_is_seen_and_another_weight_too() {
        assert!(is_undirected(&graph(4, "0-1:2 1-2 0-3")) && is_undirected(&graph(2, "")));
        let directed = |text| Graph::from_edges(3, edges(text, '>'));
        assert!(!is_undirected(&directed("0>1 1>0 2>0")) && !is_undirected(&directed("0>1 1>0 0>2")));
        assert!(!is_undirected(&directed("0>1:2 1>0:3")));
    }

    proptest! {
        #[test]
        fn undirected_is_equal_to_its_reverse(arcs in vec((0..5u32, 0..5u32, 1..3u64), 0..14)) {
            let edges = arcs.into_iter().map(|(a, b, w)| (a, b, Weight::from_units(w))).collect();
            let graph = Graph::from_edges(5, edges);
            prop_assert_eq!(is_undirected(&graph), graph.arcs().eq(graph.reversed().arcs()));
        }
    }
}
