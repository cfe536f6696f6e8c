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
//! O(ties of R) and two steps of reach a pair and carrier. Exact.
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
    // (unit a, unit b, person, units). Each tie is two arcs; an arc counts for its tail, so both ends get it once.
    let mut ends: Vec<(u32, u32, u32, u64)> = ties
        .arcs()
        .filter_map(|(tail, head, weight)| {
            let (a, b) = (unit_of[tail as usize], unit_of[head as usize]);
            let counts = a != b && (a.max(b) as usize) < unit_count;
            counts.then(|| (a.min(b), a.max(b), tail, weight.units()))
        })
        .collect();
    ends.sort_unstable_by_key(|&(a, b, person, _)| (a, b, person));
    let mut members = vec![Vec::new(); unit_count + 1];
    (0..).zip(unit_of).for_each(|(person, &unit)| members[unit as usize].push(person));
    let pairs: Vec<&[(u32, u32, u32, u64)]> = ends.chunk_by(|one, two| (one.0, one.1) == (two.0, two.1)).collect();
    let of_pair = |marks: &mut Marks, pair: &&[(u32, u32, u32, u64)]| {
        let (a, b, _, _) = pair[0];
        let (a, b) = (a as usize, b as usize);
        let mut order: Vec<(u32, u64)> = pair
            .chunk_by(|one, two| one.2 == two.2)
            .map(|same| (same[0].2, same.iter().map(|end| end.3).sum()))
            .collect();
        let in_a = order.iter().filter(|&&(person, _)| unit_of[person as usize] as usize == a).count();
        let people_counts = (in_a, order.len() - in_a);
        let both_ends: u64 = order.iter().map(|&(_, units)| units).sum();
        order.sort_by_key(|&(person, units)| (std::cmp::Reverse(units), person));
        let all = both_ends as f64 / 2.0;
        let shares: Vec<(u32, f64)> = order.iter().map(|&(person, units)| (person, units as f64 / all)).collect();
        let remaining = (1..=REMAINING_RANKS.min(shares.len()))
            .map(|rank| {
                let gone: Vec<u32> = shares[..rank].iter().map(|&(person, _)| person).collect();
                remaining(ties, &members[a], &members[b], &gone, marks)
            })
            .collect();
        ((a, b), Carriers { people_counts, shares, remaining })
    };
    let found: Vec<((usize, usize), Carriers)> =
        pairs.par_iter().map_init(|| Marks::new(ties.node_count()), of_pair).collect();
    found.into_iter().collect()
}

/// People marked in the current round; a new round forgets them at no cost.
struct Marks {
    round_of: Vec<u32>,
    round: u32,
}

impl Marks {
    fn new(people_count: usize) -> Marks {
        Marks { round_of: vec![0; people_count], round: 0 }
    }

    fn clear(&mut self) {
        self.round += 1;
    }

    fn mark(&mut self, person: u32) {
        self.round_of[person as usize] = self.round;
    }

    fn holds(&self, person: u32) -> bool {
        self.round_of[person as usize] == self.round
    }
}

/// Share of `people` (without those gone) within two steps of somebody of `others`, passing nobody who is gone: one
/// step from the others or from somebody tied to them. Time O(sum of degrees).
fn remaining(ties: &Graph, people: &[u32], others: &[u32], gone: &[u32], marks: &mut Marks) -> Option<f64> {
    let open = |person: &&u32| !gone.contains(person);
    marks.clear();
    for &other in others.iter().filter(open) {
        marks.mark(other);
        ties.neighbors(other).iter().for_each(|&near| marks.mark(near));
    }
    let is_near =
        |person: &&u32| ties.neighbors(**person).iter().any(|near| marks.holds(*near) && !gone.contains(near));
    let left = people.iter().filter(open).count();
    let near = people.iter().filter(open).filter(is_near).count();
    (left > 0).then(|| near as f64 / left as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crosstie_graph::{Reach, within_two_steps};
    use crosstie_model::Weight;
    use proptest::{collection::vec, prelude::*};

    proptest! {
        /// The definition: walk two steps from every person who is left.
        #[test]
        fn marking_equals_walking(edges in vec((0..12u32, 0..12u32), 0..30), unit_of in vec(0..3u32, 12), gone in vec(0..12u32, 0..4)) {
            let ties = Graph::undirected(12, edges.into_iter().map(|(a, b)| (a, b, Weight::MESSAGE)).collect());
            let of_unit = |unit: u32| (0..12).filter(|&person| unit_of[person as usize] == unit).collect::<Vec<u32>>();
            let open = |person: u32| !gone.contains(&person);
            let left: Vec<u32> = of_unit(0).into_iter().filter(|&person| open(person)).collect();
            let mut reach = Reach::new(12);
            let near = left.iter().filter(|&&person| {
                within_two_steps(&ties, person, open, &mut reach).iter().any(|&other| unit_of[other as usize] == 1)
            }).count();
            let slow = (!left.is_empty()).then(|| near as f64 / left.len() as f64);
            prop_assert_eq!(remaining(&ties, &of_unit(0), &of_unit(1), &gone, &mut Marks::new(12)), slow);
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
