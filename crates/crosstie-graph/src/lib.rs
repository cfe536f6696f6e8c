//! Ties of a window as compressed sparse rows, and one file for each algorithm on them.
//!
//! Nothing here knows what a person, a unit or a file is: nodes are dense indices, groups are dense labels.
//! `Graph` implements petgraph's visit traits ([`visit`]), so its algorithms run on it, too.
//! Every result is the same at any thread count: floats are added in index order or in fixed blocks.

mod agreement;
mod betweenness;
mod brokerage;
mod components;
mod core_number;
mod graph;
mod holes;
mod leiden;
mod modularity;
mod pagerank;
mod participation;
mod pivots;
mod prefetch;
mod reach;
mod rewire;
pub mod visit;

pub use agreement::adjusted_mutual_information;
pub use betweenness::betweenness;
pub use brokerage::{Brokerage, brokerage};
pub use components::{Components, articulation_points, components};
pub use core_number::core_numbers;
pub use graph::Graph;
pub use holes::{burt_constraint, effective_size};
pub use leiden::{Leiden, LeidenParams, leiden};
pub use modularity::modularity;
pub use pagerank::pagerank;
pub use participation::participation;
pub use pivots::{Estimate, pivot_betweenness};
pub use reach::{Reach, within_two_steps};
pub use rewire::rewired;
pub use visit::Ties;

/// The version whose traits these graphs implement.
pub use petgraph;
