//! Ties of a window as compressed sparse rows, and one file for each algorithm on them.
//!
//! Nothing here knows what a person, a unit or a file is: nodes are dense indices, groups are dense labels.
//! `Graph` implements petgraph's visit traits ([`visit`]), so its algorithms run on it, too.
//! Every result is the same at any thread count: floats are added in index order or in fixed blocks.

mod agreement;
mod assortativity;
mod betweenness;
mod bridge_edges;
mod brokerage;
mod closeness;
mod components;
mod contingency;
mod core_number;
mod disparity;
mod graph;
mod holes;
mod inverse_weight;
mod leiden;
mod modularity;
mod mutual_information;
mod orders;
mod overlap;
mod pagerank;
mod participation;
mod paths;
mod pivots;
mod rand_index;
mod reach;
mod replicates;
mod rewire;
mod rows;
mod two_steps;
pub mod visit;
mod within_module;

pub use agreement::adjusted_mutual_information;
pub use assortativity::{assortativity, degree_assortativity};
pub use betweenness::{betweenness, betweenness_from};
pub use bridge_edges::bridge_edges;
pub use brokerage::{Brokerage, brokerage};
pub use closeness::{Closeness, closeness};
pub use components::{Components, articulation_points, components};
pub use core_number::core_numbers;
pub use disparity::disparity;
pub use graph::Graph;
pub use holes::{StructuralHoles, burt_constraint, effective_size, structural_holes};
pub use inverse_weight::{weighted_betweenness, weighted_betweenness_from, weighted_pivot_betweenness};
pub use leiden::{Leiden, LeidenParams, Quality, leiden};
pub use modularity::modularity;
pub use mutual_information::normalized_mutual_information;
pub use overlap::edge_overlap;
pub use pagerank::pagerank;
pub use participation::participation;
pub use paths::{PathEstimate, PathParams, path_betweenness};
pub use pivots::{Estimate, pivot_betweenness};
pub use rand_index::adjusted_rand_index;
pub use reach::{Reach, within_two_steps};
pub use replicates::{Lanes, REPLICATES, replicate_pagerank, replicate_strengths};
pub use rewire::rewired;
pub use two_steps::{SOURCES_MOST, TwoSteps, two_steps};
pub use visit::Ties;
pub use within_module::within_module_z;

/// The version whose traits these graphs implement.
pub use petgraph;
