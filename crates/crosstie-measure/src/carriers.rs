//! Who carries the reciprocated contact between two units, and what would remain without the first of them.
//!
//! # Definition
//! Over the ties of R between units A and B: carriers = the smaller number of distinct people on either side;
//! `weight_share` of a person = weight of those ties at that person over the weight of all of them (each tie counts
//! at both ends, so the shares add up to 2); `remaining_share` at rank k = share of A's people still within two
//! steps of somebody in B without the first k carriers.
//!
//! # Reading it
//! Published in bands only: a top carrier's share is one person's value.

use crosstie_graph::{Graph, Reach, within_two_steps};
use crosstie_model::{Grade, MetricSpec, Weight};
use std::collections::BTreeMap;

/// Catalogue entry.
pub(crate) const SPEC: MetricSpec = MetricSpec {
    id: "pair_carriers",
    table: "unit_pairs",
    columns: &["carriers_band", "top_carrier_band"],
    question: "On how many people does the contact between two units rest?",
    formula: "smaller number of distinct people on either side with a reciprocated tie across; largest share of its weight at one person",
    unit: "band",
    range: (0.0, f64::INFINITY),
    undefined_when: "inside one unit, or the cell is withheld",
    grade: Grade::C,
    cannot_claim: "that a person is important, or would be missed",
    references: &["Burt 1992, Structural Holes, ISBN 978-0674843714"],
};

/// Ranks for which `remaining_share` is computed.
const REMAINING_RANKS: usize = 3;

/// The carriers of one pair of units.
#[derive(Clone, Debug, PartialEq)]
pub struct Carriers {
    /// Distinct people on either side.
    pub people_counts: (usize, usize),
    /// People with their share of the weight, largest first, then by index.
    pub shares: Vec<(u32, f64)>,
    /// Share of A's people within two steps of B without the first 1, 2, 3 carriers.
    pub remaining: Vec<Option<f64>>,
}

impl Carriers {
    /// The smaller number of people on either side.
    #[must_use]
    pub fn count(&self) -> usize {
        self.people_counts.0.min(self.people_counts.1)
    }

    /// Its band.
    pub(crate) fn band(&self) -> &'static str {
        match self.count() {
            0..10 => "under_10",
            10..25 => "10_24",
            25..50 => "25_49",
            50..100 => "50_99",
            _ => "100_up",
        }
    }

    /// Band of the largest share; `None` without ties.
    pub(crate) fn top_band(&self) -> Option<&'static str> {
        let &(_, top) = self.shares.first()?;
        Some(if top < 0.25 {
            "under_25"
        } else if top <= 0.5 {
            "25_50"
        } else {
            "over_50"
        })
    }
}

/// The carriers of every pair of different units with a tie in R, by (unit a, unit b) with a < b.
///
/// `unit_of` is dense, people without a unit at `unit_count`: they carry nothing.
#[must_use]
pub fn carriers(ties: &Graph, unit_of: &[u32], unit_count: usize) -> BTreeMap<(usize, usize), Carriers> {
    let mut weights: BTreeMap<(usize, usize), BTreeMap<u32, u64>> = BTreeMap::new();
    for (tail, head, weight) in ties.arcs() {
        let (a, b) = (unit_of[tail as usize] as usize, unit_of[head as usize] as usize);
        if a != b && a < unit_count && b < unit_count {
            // Each tie is two arcs; the arc counts for its tail, so both ends get it once.
            *weights.entry((a.min(b), a.max(b))).or_default().entry(tail).or_default() += weight.units();
        }
    }
    let mut members = vec![Vec::new(); unit_count + 1];
    (0..).zip(unit_of).for_each(|(person, &unit)| members[unit as usize].push(person));
    let mut scratch = Reach::new(ties.node_count());
    weights
        .into_iter()
        .map(|((a, b), at)| {
            let both_ends: Weight = at.values().map(|&units| Weight::from_units(units)).sum();
            let in_a = at.keys().filter(|&&person| unit_of[person as usize] as usize == a).count();
            let people_counts = (in_a, at.len() - in_a);
            let mut order: Vec<(u32, u64)> = at.into_iter().collect();
            order.sort_by_key(|&(person, units)| (std::cmp::Reverse(units), person));
            let all = both_ends.units() as f64 / 2.0;
            let shares: Vec<(u32, f64)> = order.iter().map(|&(person, units)| (person, units as f64 / all)).collect();
            let remaining = (1..=REMAINING_RANKS.min(shares.len()))
                .map(|rank| {
                    let gone: Vec<u32> = shares[..rank].iter().map(|&(person, _)| person).collect();
                    remaining(ties, unit_of, &members[a], b as u32, &gone, &mut scratch)
                })
                .collect();
            ((a, b), Carriers { people_counts, shares, remaining })
        })
        .collect()
}

/// Share of `people` (without those gone) within two steps of somebody of `unit`, passing nobody who is gone.
fn remaining(
    ties: &Graph,
    unit_of: &[u32],
    people: &[u32],
    unit: u32,
    gone: &[u32],
    scratch: &mut Reach,
) -> Option<f64> {
    let open = |person: u32| !gone.contains(&person);
    let left: Vec<u32> = people.iter().copied().filter(|&person| open(person)).collect();
    let near = left
        .iter()
        .filter(|&&person| {
            within_two_steps(ties, person, open, scratch).iter().any(|&other| unit_of[other as usize] == unit)
        })
        .count();
    (!left.is_empty()).then(|| near as f64 / left.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_person_carries_all() {
        // People 0..3 in unit 0, 3..6 in unit 1; 0 knows 1 and 2, and is tied to 3 and 4.
        let edge = |a, b, messages: u64| (a, b, Weight::from_units(messages << 20));
        let ties = Graph::undirected(6, vec![edge(0, 1, 1), edge(0, 2, 1), edge(0, 3, 3), edge(0, 4, 1)]);
        let found = &carriers(&ties, &[0, 0, 0, 1, 1, 1], 2)[&(0, 1)];
        assert_eq!((found.people_counts, found.count(), found.band()), ((1, 2), 1, "under_10"));
        assert_eq!(found.shares, [(0, 1.0), (3, 0.75), (4, 0.25)]);
        assert_eq!(found.top_band(), Some("over_50"));
        assert_eq!(found.remaining, [Some(0.0), Some(0.0), Some(0.0)]);
    }
}
