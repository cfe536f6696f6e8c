//! Structural holes: Burt's constraint and effective size, both from one pass over wedges.
//!
//! | symbol | quantity |
//! |---|---|
//! | `p_ij` | share of i's weight that goes to j |
//! | `d_i` | contacts of i |
//!
//! For each node i a set of bits says who its contacts are, small enough to stay in the fastest cache, and a dense array
//! their shares; then the row of each contact j is read, and what is in the set is multiplied. Where a contact has far more
//! contacts than i, those of i are searched in its row.

use crate::Graph;
use rayon::prelude::*;

/// Burt's constraint and effective size of a node with contacts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StructuralHoles {
    /// `sum over contacts j of (p_ij + sum over q of p_iq p_qj)^2`: 1 at degree one; may pass 1.
    pub constraint: f64,
    /// `d - 2t/d` for t ties among the d contacts, the head-count form: range `[1, d]`.
    pub effective_size: f64,
}

/// Both measures of each node of an undirected graph; `None` for isolated nodes.
///
/// Time O(sum of squared degrees) at worst: a row of `d_j` is read for a tie of i and j, or `d_i log d_j` where that is
/// less. Memory 16 bytes an arc and 8 bytes a node and thread. The same bits at any thread count: sums are in row order.
///
/// Burt 1992, Structural Holes, ISBN 978-0674843714; head counts: Borgatti 1997, Connections 20(1), 35-38.
#[must_use]
pub fn structural_holes(graph: &Graph) -> Vec<Option<StructuralHoles>> {
    let shares = Shares::new(graph);
    let most = graph.nodes().map(|node| graph.degree(node)).max().unwrap_or(0);
    let empty = || Contacts::new(graph.node_count(), most);
    (0..graph.node_count() as u32)
        .into_par_iter()
        .with_min_len(NODES_A_TASK)
        .map_init(empty, |contacts, node| shares.of_node(graph, node, contacts))
        .collect()
}

/// [`StructuralHoles::constraint`] of each node; `None` for isolated nodes.
#[must_use]
pub fn burt_constraint(graph: &Graph) -> Vec<Option<f64>> {
    structural_holes(graph).into_iter().map(|found| found.map(|found| found.constraint)).collect()
}

/// [`StructuralHoles::effective_size`] of each node; `None` for isolated nodes.
#[must_use]
pub fn effective_size(graph: &Graph) -> Vec<Option<f64>> {
    structural_holes(graph).into_iter().map(|found| found.map(|found| found.effective_size)).collect()
}

/// A task has an array of one float a node, which must not cost more than the nodes it is used for.
const NODES_A_TASK: usize = 256;
/// How many times as long a row must be for a search in it to be faster than reading it.
const LONGER: usize = 16;
/// The contacts of one node, and room for what is found of them in a row.
struct Contacts {
    is_contact: Vec<u64>,
    /// Of those that are: the share that goes to them. Of others: whatever was there.
    share: Vec<f64>,
    hits: Vec<u32>,
}

impl Contacts {
    fn new(node_count: usize, largest_degree: usize) -> Contacts {
        Contacts {
            is_contact: vec![0; node_count.div_ceil(64)],
            share: vec![0.0; node_count],
            hits: vec![0; largest_degree + 1],
        }
    }

    fn set(&mut self, contacts: &[u32], shares: &[f64]) {
        for (&contact, &share) in contacts.iter().zip(shares) {
            self.is_contact[contact as usize / 64] |= 1 << (contact % 64);
            self.share[contact as usize] = share;
        }
    }

    fn clear(&mut self, contacts: &[u32]) {
        contacts.iter().for_each(|&contact| self.is_contact[contact as usize / 64] = 0);
    }

    /// Adds `p_iq p_qj` of all q in row j to `sum`, and tells how many of the row are contacts of i.
    #[inline]
    fn read(&mut self, others: &[u32], back: &[f64], mut sum: f64) -> (f64, usize) {
        let Contacts { is_contact, share, hits } = self;
        // Writing each place down and moving on only past hits saves a guess that is often wrong.
        let mut count = 0usize;
        for (at, &other) in (0u32..).zip(others) {
            hits[count] = at;
            count = count.wrapping_add((is_contact[other as usize / 64] >> (other % 64) & 1) as usize);
        }
        for &at in &hits[..count] {
            sum += share[others[at as usize] as usize] * back[at as usize];
        }
        (sum, count)
    }
}

struct Shares {
    first: Vec<usize>,
    /// In row i at j: `p_ij`, and `p_ji`.
    out: Vec<f64>,
    back: Vec<f64>,
}

impl Shares {
    fn new(graph: &Graph) -> Shares {
        let strengths: Vec<f64> = graph.nodes().map(|node| graph.strength(node).messages()).collect();
        let arcs = graph.arc_count();
        let mut shares = Shares { first: vec![0], out: Vec::with_capacity(arcs), back: Vec::with_capacity(arcs) };
        for node in graph.nodes() {
            for (head, weight) in graph.out_edges(node) {
                shares.out.push(weight.messages() / strengths[node as usize]);
                shares.back.push(weight.messages() / strengths[head as usize]);
            }
            shares.first.push(shares.out.len());
        }
        shares
    }

    fn row(&self, node: u32) -> std::ops::Range<usize> {
        self.first[node as usize]..self.first[node as usize + 1]
    }

    fn of_node(&self, graph: &Graph, node: u32, known: &mut Contacts) -> Option<StructuralHoles> {
        let (contacts, own) = (graph.neighbors(node), &self.out[self.row(node)]);
        if contacts.is_empty() {
            return None;
        }
        known.set(contacts, own);
        let (mut constraint, mut ends) = (0.0, 0);
        for (&contact, &share) in contacts.iter().zip(own) {
            let (others, back) = (graph.neighbors(contact), &self.back[self.row(contact)]);
            let (invested, common) = if others.len() > LONGER * contacts.len() {
                searched(contacts, own, others, back, share)
            } else {
                known.read(others, back, share)
            };
            constraint += invested * invested;
            // Each tie among contacts is met from both of its ends: this counts 2t.
            ends += common;
        }
        known.clear(contacts);
        let count = contacts.len() as f64;
        Some(StructuralHoles { constraint, effective_size: count - ends as f64 / count })
    }
}

/// The same where row j is long: what i's few contacts have in it, each searched behind the last.
fn searched(contacts: &[u32], own: &[f64], others: &[u32], back: &[f64], mut sum: f64) -> (f64, usize) {
    let (mut common, mut begin) = (0, 0);
    for (contact, share) in contacts.iter().zip(own) {
        match others[begin..].binary_search(contact) {
            Ok(at) => {
                sum += share * back[begin + at];
                common += 1;
                begin += at + 1;
            }
            Err(at) => begin += at,
        }
    }
    (sum, common)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::tests::graph;
    use crosstie_model::Weight;
    use proptest::{collection::vec, prelude::*};

    /// Burt's formula over a dense matrix of shares.
    fn slow(graph: &Graph) -> Vec<Option<f64>> {
        let n = graph.node_count();
        let mut p = vec![vec![0.0; n]; n];
        for (tail, head, weight) in graph.arcs() {
            p[tail as usize][head as usize] = weight.messages() / graph.strength(tail).messages();
        }
        (0..n)
            .map(|i| {
                let contacts: Vec<usize> = (0..n).filter(|&j| p[i][j] > 0.0).collect();
                let through = |j: usize| (0..n).filter(|&q| q != i && q != j).map(|q| p[i][q] * p[q][j]).sum::<f64>();
                (!contacts.is_empty()).then(|| contacts.iter().map(|&j| (p[i][j] + through(j)).powi(2)).sum())
            })
            .collect()
    }

    #[test]
    fn small_cases() {
        assert_eq!(burt_constraint(&graph(3, "0-1")), [Some(1.0), Some(1.0), None]);
        assert_eq!(effective_size(&graph(4, "0-1 0-2 0-3")), [Some(3.0), Some(1.0), Some(1.0), Some(1.0)]);
        assert_eq!(effective_size(&graph(3, "0-1 0-2 1-2")), [Some(1.0); 3]);
    }

    proptest! {
        /// A hub with so many contacts that those of the others are searched in its row.
        #[test]
        fn hubs_change_nothing(edges in vec((0..40u32, 0..40u32, 1..5u64), 0..60), hub in 1..5u64) {
            let all = edges.into_iter().map(|(a, b, w)| (a, b, Weight::from_units(w)));
            let graph = Graph::undirected(40, all.chain((1..40).map(|node| (0, node, Weight::from_units(hub)))).collect());
            let found = structural_holes(&graph);
            for ((got, expected), node) in found.into_iter().zip(slow(&graph)).zip(graph.nodes()) {
                let got = got.unwrap();
                prop_assert!((got.constraint - expected.unwrap()).abs() < 1e-12);
                let contacts = graph.neighbors(node);
                let ties = contacts.iter().flat_map(|&a| contacts.iter().map(move |&b| (a, b)));
                let ends = ties.filter(|&(a, b)| graph.has_arc(a, b)).count() as f64;
                let count = contacts.len() as f64;
                prop_assert!((got.effective_size - (count - ends / count)).abs() < 1e-12);
            }
        }

        #[test]
        fn constraint_equals_the_definition(edges in vec((0..9u32, 0..9u32, 1..5u64), 0..30)) {
            let edges = edges.into_iter().map(|(a, b, w)| (a, b, Weight::from_units(w))).collect();
            let graph = Graph::undirected(9, edges);
            for (got, expected) in burt_constraint(&graph).into_iter().zip(slow(&graph)) {
                prop_assert_eq!(got.is_some(), expected.is_some());
                prop_assert!((got.unwrap_or(0.0) - expected.unwrap_or(0.0)).abs() < 1e-9);
            }
        }
    }
}
