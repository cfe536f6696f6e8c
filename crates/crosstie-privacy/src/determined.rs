//! Which hidden cells follow from the totals of their units.
//!
//! Hidden cells are edges between units, a unit's inner cell is a loop, and what a unit's hidden cells add up to is known.
//! A cell follows from that if and only if it is in no circuit of the even-cycle matroid of the graph: taking its edge
//! away raises the number of bipartite components (Zaslavsky 1982, doi:10.1016/0166-218X(82)90033-6; for row and column
//! sums apart the bridges of Gusfield 1988, doi:10.1137/0217034).

/// For each edge whether it is determined. Nodes are numbers below `node_count`; a loop joins a node to itself.
///
/// Every edge outside a spanning structure has one way to move others while all sums stay: the edges that move in any
/// of them are free. Time O((edges - rank) · nodes), memory O(nodes + edges).
#[must_use]
pub(crate) fn determined(node_count: usize, edges: &[(usize, usize)]) -> Vec<bool> {
    let forest = Forest::new(node_count, edges);
    let mut is_free = vec![false; edges.len()];
    for &edge in &forest.outside {
        // An odd cycle moves only against the odd cycle of its component; the first of each has none to move against.
        let root = forest.root_of[edges[edge].0];
        let odd = forest.odd[root].filter(|&odd| odd != edge);
        if forest.odd[root] == Some(edge) {
            continue;
        }
        let moved = forest.moved(edges, edge);
        let (own, others) = (moved.at_root, odd.map(|odd| forest.moved(edges, odd)));
        if own == 0 {
            is_free[edge] = true;
            moved.tree.iter().filter(|(_, by)| *by != 0).for_each(|&(tree, _)| is_free[tree] = true);
        } else if let (Some(odd), Some(others)) = (odd, others) {
            is_free[edge] = true;
            is_free[odd] = true;
            for (&(tree, one), &(_, other)) in moved.tree.iter().zip(&others.tree) {
                is_free[tree] |= one * others.at_root != other * own;
            }
        }
    }
    is_free.into_iter().map(|is_free| !is_free).collect()
}

/// Trees that span the components.
struct Forest {
    /// Root of the component of each node.
    root_of: Vec<usize>,
    /// Nodes of each component by its root, each before those below it.
    order: Vec<Vec<usize>>,
    /// Parent of each node, and the edge to it.
    up: Vec<Option<(usize, usize)>>,
    /// Edges that are in no tree.
    outside: Vec<usize>,
    /// By root: the first edge that closes an odd cycle.
    odd: Vec<Option<usize>>,
}

/// How the edges of a tree move with one edge outside it.
struct Moved {
    /// Edges of the tree, in the order of nodes, and by how much.
    tree: Vec<(usize, i64)>,
    /// What is left at the root: 0 for an even cycle.
    at_root: i64,
}

impl Forest {
    fn new(node_count: usize, edges: &[(usize, usize)]) -> Forest {
        let mut touching: Vec<Vec<(usize, usize)>> = vec![Vec::new(); node_count];
        for (edge, &(a, b)) in edges.iter().enumerate().filter(|(_, (a, b))| a != b) {
            touching[a].push((b, edge));
            touching[b].push((a, edge));
        }
        let mut forest = Forest {
            root_of: vec![usize::MAX; node_count],
            order: vec![Vec::new(); node_count],
            up: vec![None; node_count],
            outside: Vec::new(),
            odd: vec![None; node_count],
        };
        let mut is_even = vec![true; node_count];
        let mut is_tree = vec![false; edges.len()];
        for root in 0..node_count {
            if forest.root_of[root] != usize::MAX {
                continue;
            }
            forest.root_of[root] = root;
            let mut order = vec![root];
            let mut next = 0;
            while let Some(&node) = order.get(next) {
                next += 1;
                for &(other, edge) in &touching[node] {
                    if forest.root_of[other] == usize::MAX {
                        forest.root_of[other] = root;
                        forest.up[other] = Some((node, edge));
                        is_even[other] = !is_even[node];
                        is_tree[edge] = true;
                        order.push(other);
                    }
                }
            }
            forest.order[root] = order;
        }
        for (edge, &(a, b)) in edges.iter().enumerate().filter(|(edge, _)| !is_tree[*edge]) {
            forest.outside.push(edge);
            if is_even[a] == is_even[b] {
                forest.odd[forest.root_of[a]].get_or_insert(edge);
            }
        }
        forest
    }

    /// Moves an edge up by one and the tree so that every sum but the root's stays.
    fn moved(&self, edges: &[(usize, usize)], edge: usize) -> Moved {
        let (a, b) = edges[edge];
        let root = self.root_of[a];
        let order = &self.order[root];
        let mut sum_of = vec![0i64; self.root_of.len()];
        sum_of[a] += 1;
        sum_of[b] += 1;
        let mut tree = Vec::with_capacity(order.len());
        for &node in order.iter().rev() {
            if let Some((parent, edge)) = self.up[node] {
                let by = -sum_of[node];
                sum_of[parent] += by;
                tree.push((edge, by));
            }
        }
        Moved { tree, at_root: sum_of[root] }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use proptest::{collection::vec, prelude::*};

    /// Rank of the matrix of units by cells, in arithmetic modulo a prime: an oracle that knows nothing of graphs.
    fn rank(node_count: usize, edges: &[(usize, usize)]) -> usize {
        const PRIME: i128 = 2_147_483_647;
        let mut rows: Vec<Vec<i128>> = edges
            .iter()
            .map(|&(a, b)| {
                let mut row = vec![0; node_count];
                row[a] += 1;
                row[b] += 1;
                row
            })
            .collect();
        let mut rank = 0;
        for column in 0..node_count {
            let Some(pivot) = (rank..rows.len()).find(|&row| rows[row][column] != 0) else { continue };
            rows.swap(rank, pivot);
            let lead = rows[rank].clone();
            for row in &mut rows[rank + 1..] {
                let (own, other) = (row[column], lead[column]);
                for (value, lead) in row.iter_mut().zip(&lead) {
                    *value = (*value * other - lead * own).rem_euclid(PRIME);
                }
            }
            rank += 1;
        }
        rank
    }

    pub(crate) fn slow(node_count: usize, edges: &[(usize, usize)]) -> Vec<bool> {
        let all = rank(node_count, edges);
        let without = |edge: usize| {
            let mut rest = edges.to_vec();
            rest.remove(edge);
            rank(node_count, &rest)
        };
        (0..edges.len()).map(|edge| without(edge) < all).collect()
    }

    #[test]
    fn small_cases() {
        assert_eq!(determined(2, &[(0, 1)]), [true], "the only hidden cell of its units");
        assert_eq!(determined(3, &[(0, 1), (1, 2), (2, 0)]), [true; 3], "a triangle is solved");
        assert_eq!(determined(4, &[(0, 1), (1, 2), (2, 3), (3, 0)]), [false; 4], "a square turns");
        assert_eq!(determined(2, &[(0, 0), (0, 1), (1, 1)]), [false; 3]);
        assert_eq!(determined(2, &[(0, 0), (0, 1)]), [true; 2]);
        assert!(determined(5, &[(0, 1), (1, 2), (2, 3), (3, 0), (3, 4)])[4], "hangs off a square");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]
        #[test]
        fn equals_the_rank(node_count in 1..8usize, ends in vec((0..8usize, 0..8usize), 0..14)) {
            let mut edges: Vec<(usize, usize)> =
                ends.into_iter().map(|(a, b)| (a % node_count, b % node_count)).map(|(a, b)| (a.min(b), a.max(b))).collect();
            edges.sort_unstable();
            edges.dedup();
            prop_assert_eq!(determined(node_count, &edges), slow(node_count, &edges), "{:?}", edges);
        }
    }
}
