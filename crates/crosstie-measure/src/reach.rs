//! How many of the people outside a unit are within two steps of its members.
//!
//! # Definition
//! Mean over members of the share of people outside the unit within two steps of ties in R.
//!
//! # Undefined when
//! Nobody is outside the unit, or evidence is not enough.
//!
//! # Reading it
//! No interval; it grows with every tie. Isolated members count 0.
//!
//! # Differs from
//! Closeness, which averages distances and has none between parts that do not meet.
//!
//! # Cost, exactness
//! O(people / 64 · ties). Exact counts.
//!
//! # References
//! Milgram 1967, The small-world problem, Psychology Today 1(1), 61-67, ISSN 0033-3107.

use crate::unit_lanes::UnitLanes;
use crosstie_graph::{Graph, TwoSteps, two_steps};
use crosstie_model::{Grade, MetricSpec};
use rayon::prelude::*;

/// Catalogue entry.
pub(crate) const SPEC: MetricSpec = MetricSpec {
    page: include_str!("reach.rs"),
    id: "reach2_share",
    table: "units",
    columns: &["reach2_share"],
    question: "How many of the people outside are within two steps?",
    formula: "mean over members of (outsiders within 2 steps in R) / (people outside)",
    unit: "share",
    range: (0.0, 1.0),
    undefined_when: "nobody is outside, or evidence is not enough",
    grade: Grade::C,
    cannot_claim: "that a path of contacts would be used",
    references: &["Milgram 1967, The small-world problem, Psychology Today 1(1), 61-67, ISSN 0033-3107"],
};

/// For each unit, and for the organization (share of ordered cross-unit pairs within two steps). `unit_of` is
/// dense, people without a unit at `unit_count`; they are outside for all.
#[must_use]
pub fn reach2_share(ties: &Graph, unit_of: &[u32], unit_count: usize) -> (Vec<Option<f64>>, Option<f64>) {
    let mut people = vec![0u64; unit_count + 1];
    unit_of.iter().for_each(|&unit| people[unit as usize] += 1);
    let of_batch = |found: &mut TwoSteps, batch: &UnitLanes| -> Vec<(usize, u64)> {
        two_steps(ties, &batch.people, found);
        let mut near_outside: Vec<(usize, u64)> = batch.units.iter().map(|&(unit, _)| (unit, 0)).collect();
        for (&near, &unit) in found.near.iter().zip(unit_of) {
            for ((own, count), (_, lanes)) in near_outside.iter_mut().zip(&batch.units) {
                *count += if *own == unit as usize { 0 } else { u64::from((near & lanes).count_ones()) };
            }
        }
        near_outside
    };
    let batches = UnitLanes::of(unit_of);
    let near_outside: Vec<Vec<(usize, u64)>> = batches.par_iter().map_init(TwoSteps::default, of_batch).collect();
    let mut reached = vec![0u64; unit_count + 1];
    near_outside.iter().flatten().for_each(|&(unit, count)| reached[unit] += count);
    let all = unit_of.len() as u64;
    let pairs = |unit: usize| people[unit] * (all - people[unit]);
    let share = |reached: u64, pairs: u64| (pairs > 0).then(|| reached as f64 / pairs as f64);
    let units = (0..unit_count).map(|unit| share(reached[unit], pairs(unit))).collect();
    (units, share(reached.iter().sum(), (0..=unit_count).map(pairs).sum()))
}
