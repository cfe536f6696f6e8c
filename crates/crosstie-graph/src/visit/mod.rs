//! The visit traits of petgraph, so that its algorithms run on a [`Graph`](crate::Graph) as they are.
//!
//! `&Graph` is the directed graph of its arcs. [`Ties`] is the undirected graph of a symmetric one, each tie once: what
//! petgraph means by undirected. No arc is copied for either.
//!
//! ```
//! use crosstie_graph::{Graph, Ties};
//! use crosstie_model::Weight;
//! use petgraph::algo::{connected_components, dijkstra, tarjan_scc};
//!
//! let message = |count: u64| Weight::from_units(count << 20);
//! let arcs = Graph::from_edges(4, vec![(0, 1, message(2)), (1, 2, message(4)), (2, 1, message(1))]);
//! assert_eq!(tarjan_scc(&arcs).len(), 3);
//!
//! // Strong ties are short.
//! let far = dijkstra(&arcs, 0, None, |(_, _, weight)| 1.0 / weight.messages());
//! assert_eq!((far.get(&2), far.get(&3)), (Some(&0.75), None));
//!
//! let graph = Graph::undirected(4, vec![(0, 1, message(2)), (1, 2, message(4))]);
//! let ties = Ties::of(&graph).expect("every arc has its opposite");
//! assert_eq!(connected_components(ties), 2);
//! ```

mod arcs;
mod ties;

pub use arcs::Arcs;
pub use ties::{AllTies, Tie, Ties, TiesAt};

use crosstie_model::Weight;
use petgraph::visit::VisitMap;

/// The nodes of a graph, none of which carries anything.
pub type Nodes = std::iter::Map<std::ops::Range<u32>, fn(u32) -> (u32, ())>;

fn nodes(count: usize) -> Nodes {
    (0..count as u32).map(|node| (node, ()))
}

/// The heads of a node's arcs, ascending.
pub type Heads<'g> = std::iter::Copied<std::slice::Iter<'g, u32>>;

/// An arc as petgraph refers to it: tail, head, weight.
pub type ArcRef<'g> = (u32, u32, &'g Weight);

/// The nodes that a search has been at.
#[derive(Clone, Debug, Default)]
pub struct Visited(Vec<bool>);

impl VisitMap<u32> for Visited {
    fn visit(&mut self, node: u32) -> bool {
        !std::mem::replace(&mut self.0[node as usize], true)
    }

    fn is_visited(&self, node: &u32) -> bool {
        self.0[*node as usize]
    }

    fn unvisit(&mut self, node: u32) -> bool {
        std::mem::replace(&mut self.0[node as usize], false)
    }
}

#[cfg(test)]
mod tests;
