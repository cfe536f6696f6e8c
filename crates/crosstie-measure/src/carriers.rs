//! Who carries the reciprocated contact between two units, and what would remain without the first of them.
//!
//! # Definition
//! Over the ties of R between units A and B: carriers = the smaller number of distinct people on either side;
//! `weight_share` of a person = weight of those ties at that person over the weight of all of them (each tie counts
//! at both ends, so the shares add up to 2); `remaining_share` at rank k = share of A's people still within two
//! steps of somebody in B without the first k carriers.
//!
//! # Undefined when
//! No reciprocated tie between the two, or the same unit twice.
//!
//! # Reading it
//! Published in bands only: a top carrier's share is one person's value.
//! Known problem: who carries contact on paper may be an assistant or a shared task; the band is no forecast of what would
//! happen without that person.
//!
//! # Differs from
//! Betweenness, which counts shortest paths over the whole organization.
//!
//! # Cost, exactness
//! O(ties of R) and, a pair and carrier, the ties of unit a and of the carrier. Exact.
//!
//! # References
//! Burt 1992, Structural Holes, ISBN 978-0674843714.

use crosstie_graph::Graph;
use crosstie_model::{Grade, MetricSpec};
use rayon::prelude::*;
use std::collections::BTreeMap;

/// Catalogue entry.
pub(crate) const SPEC: MetricSpec = MetricSpec {
    page: include_str!("carriers.rs"),
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
        band(self.count())
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

/// The band of a number of people.
pub(crate) fn band(count: usize) -> &'static str {
    match count {
        0..10 => "under_10",
        10..25 => "10_24",
        25..50 => "25_49",
        50..100 => "50_99",
        _ => "100_up",
    }
}

/// The carriers of every pair of different units with a tie in R, by (unit a, unit b) with a < b.
///
/// `unit_of` is dense, people without a unit at `unit_count`: they carry nothing.
#[must_use]
pub fn carriers(ties: &Graph, unit_of: &[u32], unit_count: usize) -> BTreeMap<(usize, usize), Carriers> {
    // Each tie is two arcs; an arc counts for its tail, so both ends get it once.
    let mut ends: Vec<End> = ties
        .arcs()
        .filter_map(|(tail, head, weight)| {
            let (a, b) = (unit_of[tail as usize], unit_of[head as usize]);
            let counts = a != b && (a.max(b) as usize) < unit_count;
            counts.then(|| (a.min(b), a.max(b), tail, weight.units()))
        })
        .collect();
    ends.par_sort_unstable_by_key(|&(a, b, person, _)| (a, b, person));
    let mut members = vec![Vec::new(); unit_count + 1];
    (0..).zip(unit_of).for_each(|(person, &unit)| members[unit as usize].push(person));
    let mut pairs_of_b: Vec<Vec<&[End]>> = vec![Vec::new(); unit_count];
    for pair in ends.chunk_by(|one, two| (one.0, one.1) == (two.0, two.1)) {
        pairs_of_b[pair[0].1 as usize].push(pair);
    }
    let of_pair = |near: &mut Near<'_>, pair: &[End]| {
        let (a, b, _, _) = pair[0];
        let mut order: Vec<(u32, u64)> = pair
            .chunk_by(|one, two| one.2 == two.2)
            .map(|same| (same[0].2, same.iter().map(|end| end.3).sum()))
            .collect();
        let is_in_a = |person: u32| unit_of[person as usize] == a;
        let in_a = order.iter().filter(|&&(person, _)| is_in_a(person)).count();
        let people_counts = (in_a, order.len() - in_a);
        let both_ends: u64 = order.iter().map(|&(_, units)| units).sum();
        order.sort_by_key(|&(person, units)| (std::cmp::Reverse(units), person));
        let all = both_ends as f64 / 2.0;
        let shares: Vec<(u32, f64)> = order.iter().map(|&(person, units)| (person, units as f64 / all)).collect();
        let gone: Vec<u32> = shares.iter().take(REMAINING_RANKS).map(|&(person, _)| person).collect();
        let mut without = |rank: usize| {
            if !is_in_a(gone[rank]) {
                near.remove(gone[rank]);
            }
            near.share(&members[a as usize], &gone[..=rank])
        };
        let remaining = (0..gone.len()).map(&mut without).collect();
        gone.iter().filter(|&&person| !is_in_a(person)).for_each(|&person| near.add(person));
        ((a as usize, b as usize), Carriers { people_counts, shares, remaining })
    };
    let of_unit = |near: &mut Near<'_>, (b, pairs): (usize, &Vec<&[End]>)| {
        members[b].iter().for_each(|&person| near.add(person));
        let found: Vec<_> = pairs.iter().map(|pair| of_pair(near, pair)).collect();
        members[b].iter().for_each(|&person| near.remove(person));
        found
    };
    let found: Vec<Vec<((usize, usize), Carriers)>> =
        pairs_of_b.par_iter().enumerate().map_init(|| Near::new(ties), of_unit).collect();
    found.into_iter().flatten().collect()
}

/// Unit a, unit b, person, units.
type End = (u32, u32, u32, u64);

/// Who is one step from some people, or one of them.
struct Near<'a> {
    ties: &'a Graph,
    /// How many of them each person is or is tied to.
    count_of: Vec<u32>,
}

impl Near<'_> {
    fn new(ties: &Graph) -> Near<'_> {
        Near { ties, count_of: vec![0; ties.node_count()] }
    }

    fn add(&mut self, person: u32) {
        self.count_of[person as usize] += 1;
        self.ties.neighbors(person).iter().for_each(|&near| self.count_of[near as usize] += 1);
    }

    fn remove(&mut self, person: u32) {
        self.count_of[person as usize] -= 1;
        self.ties.neighbors(person).iter().for_each(|&near| self.count_of[near as usize] -= 1);
    }

    /// Share of `people` (without those gone) within two steps of the people who were added, passing nobody who is gone:
    /// who of the latter is gone was removed. Time O(sum of degrees).
    fn share(&self, people: &[u32], gone: &[u32]) -> Option<f64> {
        let open = |person: &&u32| !gone.contains(person);
        let is_step = |near: &u32| self.count_of[*near as usize] > 0 && !gone.contains(near);
        let is_near = |person: &&u32| self.ties.neighbors(**person).iter().any(is_step);
        let left = people.iter().filter(open).count();
        let near = people.iter().filter(open).filter(is_near).count();
        (left > 0).then(|| near as f64 / left as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crosstie_graph::{Reach, within_two_steps};
    use crosstie_model::Weight;
    use proptest::{collection::vec, prelude::*};

    /// The definition: walk two steps from every person of unit a who is left.
    fn walked(ties: &Graph, unit_of: &[u32], (a, b): (u32, u32), gone: &[u32]) -> Option<f64> {
        let open = |person: u32| !gone.contains(&person);
        let people = 0..unit_of.len() as u32;
        let left: Vec<u32> = people.filter(|&person| unit_of[person as usize] == a && open(person)).collect();
        let mut reach = Reach::new(unit_of.len());
        let is_near = |person: &&u32| {
            let mut near = within_two_steps(ties, **person, open, &mut reach).iter();
            near.any(|&other| unit_of[other as usize] == b)
        };
        let near = left.iter().filter(is_near).count();
        (!left.is_empty()).then(|| near as f64 / left.len() as f64)
    }

    proptest! {
        /// Of every pair of units, without the first, the first two, the first three carriers.
        #[test]
        fn counting_equals_walking(edges in vec((0..12u32, 0..12u32), 0..30), unit_of in vec(0..4u32, 12)) {
            let ties = Graph::undirected(12, edges.into_iter().map(|(a, b)| (a, b, Weight::MESSAGE)).collect());
            for ((a, b), found) in carriers(&ties, &unit_of, 3) {
                for (rank, &share) in found.remaining.iter().enumerate() {
                    let gone: Vec<u32> = found.shares[..=rank].iter().map(|&(person, _)| person).collect();
                    prop_assert_eq!(share, walked(&ties, &unit_of, (a as u32, b as u32), &gone));
                }
            }
        }
    }

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
