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

#[cfg(test)]
mod tests {
    use super::*;
    use crosstie_graph::{Reach, within_two_steps};
    use crosstie_model::{Stream, Weight};

    #[test]
    fn equals_one_search_a_person() {
        let mut stream = Stream::new(8, "reach", &[]);
        let mut draw = |bound: u64| stream.below(bound) as u32;
        let ties = Graph::undirected(150, (0..200).map(|_| (draw(150), draw(150), Weight::MESSAGE)).collect());
        // Six units, the last of which is that of people without one; the fifth has nobody.
        let unit_of: Vec<u32> = (0..150).map(|_| [0, 1, 2, 3, 5][draw(5) as usize]).collect();
        let mut reach = Reach::new(150);
        let (mut people, mut reached) = ([0u64; 6], [0u64; 6]);
        for person in ties.nodes() {
            let own = unit_of[person as usize];
            people[own as usize] += 1;
            let near = within_two_steps(&ties, person, |_| true, &mut reach);
            reached[own as usize] += near.iter().filter(|&&other| unit_of[other as usize] != own).count() as u64;
        }
        let pairs = |unit: usize| people[unit] * (150 - people[unit]);
        let (units, all) = reach2_share(&ties, &unit_of, 5);
        assert_eq!(units[4], None, "nobody");
        for unit in 0..4 {
            assert_eq!(units[unit], Some(reached[unit] as f64 / pairs(unit) as f64));
        }
        assert_eq!(all, Some(reached.iter().sum::<u64>() as f64 / (0..6).map(pairs).sum::<u64>() as f64));
    }
}
