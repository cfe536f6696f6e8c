//! Graph and org chart to silos, bridges and hierarchy crossing: every metric is one file, listed once in
//! [`METRICS`], and comes with what chance alone would give.
//!
//! Three graphs, and using the wrong one is the most likely mistake: **V** (volume: all contact, weighted, directed),
//! **D** (arcs: at least `reciprocated_each_way` messages, no weight), **R** (ties: both arcs in D, weights summed).
//!
//! Units are taken as they come, after privacy has rolled small ones up. Nothing here suppresses, prints or writes.

mod activity;
mod betweenness;
mod border_sums;
mod bridge_windows;
mod bridges;
mod carriers;
mod catalogue;
mod closed_spread;
mod communities;
mod conductance;
mod direct_routing;
mod ei_index;
mod expectation;
mod freedoms;
mod graphs;
mod hierarchy;
mod interval;
mod introductions;
mod norm;
mod openness;
mod pair_intervals;
mod params;
mod path_sums;
mod people;
mod permutation;
mod reach;
mod replicate;
mod replicates;
mod run;
mod self_test;
mod sensitivity;
mod silo;
mod tree;
mod trends;
mod unit_lanes;
mod unit_pairs;
mod unit_sums;
mod whole;

pub use bridges::{Bridge, bridges};
pub use carriers::{Carriers, carriers};
pub use catalogue::{METRICS, catalogue_rows};
pub use communities::{FoundCommunities, find_communities};
pub use direct_routing::{DirectRouting, direct_routing, unit_heads};
pub use expectation::UnitFlows;
pub use freedoms::{Flag, opener_share, upward_reply_odds};
pub use graphs::Graphs;
pub use hierarchy::{Hierarchy, Relation, hierarchy};
pub use norm::{Norm, NormUnit, norm};
pub use openness::{Openness, measure_openness};
pub use params::{BetweennessMethod, BetweennessParams, Distance, MeasureParams};
pub use permutation::{PermutationSpread, permuted_spread};
pub use reach::reach2_share;
pub use run::{Input, Measures, measure};
pub use sensitivity::Variant;
pub use silo::{Doubts, judge};
pub use tree::Tree;
pub use trends::{Earlier, EarlierSilo, EarlierWindow, TrackedSilo, silo_id};
