//! Bridges: people through whom a unit is in touch with outsiders, beyond what the number of their ties gives.
//!
//! # Definition
//! Ends of person i: the ties of R at i, without those on the reporting chain. An end to outsider j is worth
//! 1/(people of i's unit tied to j), an inner end 0. Then
//! ```text
//! r_i = sum of i's ends      sum over the unit of r_i = R_A, the number of distinct outsiders it is in touch with
//! bridge_residual = r_i - k_i R_A / K_A          k_i ends of i, K_A ends of the unit
//! bridge_p = (1 + #{shuffles with r*_i >= r_i}) / 1000 over 999 seeded shuffles of the ends' values over the ends
//! ```
//! In units under 5 people or 30 ends, the shuffle runs among all people with a similar number of ends.
//!
//! `bridge`: `k_i >= 5` and `bridge_p <= 0.05` in at least two of three windows without a day in common: see
//! `bridge_windows`.
//!
//! # Undefined when
//! The person has no unit or no ends. `bridge`: fewer than two windows in which the person has a `bridge_p`.
//!
//! # Reading it
//! It conditions on the number of ties and on how open the unit is. Heads of units are expected here.
//!
//! # Differs from
//! Betweenness and constraint, which follow the number of ties; a count of outside contacts, which does not know whether
//! colleagues reach the same outsiders.
//!
//! # Cost, exactness
//! O(shuffles · ends). Values are integers of 2^-40, so no rounding decides a comparison.
//!
//! # References
//! Burt 1992, Structural Holes, ISBN 978-0674843714.

use crosstie_graph::Graph;
use crosstie_model::{Grade, MetricSpec, Stream};
use rayon::prelude::*;
use std::collections::BTreeMap;

/// Catalogue entry.
pub(crate) const SPEC: MetricSpec = MetricSpec {
    page: include_str!("bridges.rs"),
    id: "bridge_residual",
    table: "people",
    columns: &[
        "bridge_residual",
        "bridge_p",
        "bridge_windows_count",
        "bridge",
        "units_reached_count",
        "cross_branch_share",
        "external_share",
        "external_share_expected",
    ],
    question: "Through whom is a unit in touch with outsiders, beyond the number of ties?",
    formula: "r_i - k_i R_A / K_A",
    unit: "outsiders",
    range: (f64::NEG_INFINITY, f64::INFINITY),
    undefined_when: "the person has no unit or no tie off the reporting chain",
    grade: Grade::C,
    cannot_claim: "that a person is important, or would be missed",
    references: &["Burt 1992, Structural Holes, ISBN 978-0674843714"],
};

/// A person's part in the unit's contact with outsiders.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bridge {
    /// Ends.
    pub end_count: usize,
    /// Outsiders in touch through this person, shared where colleagues are in touch too.
    pub reached: f64,
    /// What the number of ends gives.
    pub expected: f64,
    /// Share of shuffles at least as high, and the observed one.
    pub p: f64,
}

impl Bridge {
    /// Outsiders beyond what the number of ends gives.
    #[must_use]
    pub fn residual(&self) -> f64 {
        self.reached - self.expected
    }

    /// Whether the person has ends enough to be judged in one window.
    #[must_use]
    pub fn is_judged(&self) -> bool {
        self.end_count >= ENDS_LEAST
    }

    /// Whether the person stands out in this one window.
    #[must_use]
    pub fn stands_out(&self) -> bool {
        self.is_judged() && self.p <= P_MOST
    }
}

const SHUFFLES: u64 = 999;
/// Ends from which a person is judged.
const ENDS_LEAST: usize = 5;
/// `bridge_p` of who stands out.
const P_MOST: f64 = 0.05;
const UNIT_PEOPLE_LEAST: usize = 5;
const UNIT_ENDS_LEAST: usize = 30;
/// Value of an end that reaches an outsider alone: 1 in units of 2^-40.
const ONE: u64 = 1 << 40;

/// Each person's part. `unit_of` is `None` where unknown; `is_ranked` is false for accounts that behave like machines,
/// which have no part and are no one's peers; `on_chain` says which ties are left out.
#[must_use]
pub fn bridges(
    ties: &Graph,
    unit_of: &[Option<u32>],
    is_ranked: impl Fn(u32) -> bool,
    on_chain: impl Fn(u32, u32) -> bool,
    seed: u64,
) -> Vec<Option<Bridge>> {
    let ends = end_values(ties, unit_of, on_chain);
    let mut units: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    let mut bands: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for (person, unit) in (0..).zip(unit_of) {
        if let Some(unit) = unit.as_ref().filter(|_| is_ranked(person)) {
            units.entry(*unit).or_default().push(person);
            let count = ends[person as usize].len();
            if count > 0 {
                bands.entry(count.ilog2()).or_default().push(person);
            }
        }
    }
    let mut found = vec![None; unit_of.len()];
    let mut is_small = vec![false; unit_of.len()];
    let (small, large): (Vec<_>, Vec<_>) = units.iter().partition(|(_, members)| {
        let end_count: usize = members.iter().map(|&person| ends[person as usize].len()).sum();
        members.len() < UNIT_PEOPLE_LEAST || end_count < UNIT_ENDS_LEAST
    });
    small.iter().flat_map(|(_, members)| members.iter()).for_each(|&person| is_small[person as usize] = true);
    let of_units = |(unit, members): &(&u32, &Vec<u32>)| {
        shuffled(members, &ends, Stream::new(seed, "bridge-unit", &[u64::from(**unit)]))
    };
    let of_bands = |(band, members): &(&u32, &Vec<u32>)| {
        let mut of_band = shuffled(members, &ends, Stream::new(seed, "bridge-band", &[u64::from(**band)]));
        of_band.retain(|(person, _)| is_small[*person as usize]);
        of_band
    };
    let bands: Vec<_> =
        bands.iter().filter(|(_, members)| members.iter().any(|&person| is_small[person as usize])).collect();
    let by_unit: Vec<Vec<(u32, Bridge)>> = large.par_iter().map(of_units).collect();
    let by_band: Vec<Vec<(u32, Bridge)>> = bands.par_iter().map(of_bands).collect();
    for (person, bridge) in by_unit.into_iter().chain(by_band).flatten() {
        found[person as usize] = Some(bridge);
    }
    found
}

/// The values of each person's ends.
fn end_values(ties: &Graph, unit_of: &[Option<u32>], on_chain: impl Fn(u32, u32) -> bool) -> Vec<Vec<u64>> {
    let mut tied: BTreeMap<(u32, u32), u64> = BTreeMap::new(); // (unit, outsider) -> people of the unit
    let outside = |person: u32, other: u32| unit_of[other as usize] != unit_of[person as usize];
    for (person, other, _) in ties.arcs() {
        if let Some(unit) = unit_of[person as usize].filter(|_| outside(person, other) && !on_chain(person, other)) {
            *tied.entry((unit, other)).or_default() += 1;
        }
    }
    ties.nodes()
        .map(|person| {
            let open = ties.neighbors(person).iter().filter(|&&other| !on_chain(person, other));
            let value = |other: &u32| match unit_of[person as usize] {
                Some(unit) if outside(person, *other) => ONE / tied[&(unit, *other)],
                _ => 0,
            };
            open.map(value).collect()
        })
        .collect()
}

/// Shuffles the ends' values over the ends of `members`.
fn shuffled(members: &[u32], ends: &[Vec<u64>], mut stream: Stream) -> Vec<(u32, Bridge)> {
    let mut values: Vec<u64> = members.iter().flat_map(|&person| ends[person as usize].iter().copied()).collect();
    let sums: Vec<u64> = members.iter().map(|&person| ends[person as usize].iter().sum()).collect();
    let mut at_least = vec![0u64; members.len()];
    for _ in 0..SHUFFLES {
        stream.shuffle(&mut values);
        let mut first = 0;
        for (at, &person) in members.iter().enumerate() {
            let next = first + ends[person as usize].len();
            at_least[at] += u64::from(values[first..next].iter().sum::<u64>() >= sums[at]);
            first = next;
        }
    }
    let (all, end_count) = (sums.iter().sum::<u64>() as f64, values.len() as f64);
    let real = |units: f64| units / ONE as f64;
    members
        .iter()
        .enumerate()
        .filter(|&(_, &person)| !ends[person as usize].is_empty())
        .map(|(at, &person)| {
            let own = ends[person as usize].len();
            let bridge = Bridge {
                end_count: own,
                reached: real(sums[at] as f64),
                expected: real(own as f64 * all / end_count),
                p: (1 + at_least[at]) as f64 / (SHUFFLES + 1) as f64,
            };
            (person, bridge)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crosstie_model::Weight;
    use proptest::{collection::vec, prelude::*};

    proptest! {
        /// The sum over a unit is the number of distinct outsiders it is in touch with.
        #[test]
        fn sums_to_distinct_outsiders(edges in vec((0..20u32, 0..20u32), 30..90)) {
            let ties = Graph::undirected(20, edges.into_iter().map(|(a, b)| (a, b, Weight::MESSAGE)).collect());
            let unit_of: Vec<Option<u32>> = (0..20).map(|person| Some(person / 10)).collect();
            let ends = end_values(&ties, &unit_of, |_, _| false);
            for unit in 0..2u32 {
                let mut outsiders: Vec<u32> = ties.arcs().filter(|arc| arc.0 / 10 == unit && arc.1 / 10 != unit).map(|arc| arc.1).collect();
                outsiders.sort_unstable();
                outsiders.dedup();
                let sum: u64 = (unit * 10..unit * 10 + 10).flat_map(|person| ends[person as usize].iter()).sum();
                prop_assert!((sum as f64 / ONE as f64 - outsiders.len() as f64).abs() < 1e-9);
            }
        }
    }

    #[test]
    fn chain_ties_do_not_count_and_the_lone_bridge_stands_out() {
        // Two units of 10, each a ring with chords; person 0 alone is tied to five people of the other unit.
        let mut edges = Vec::new();
        for unit in [0u32, 10] {
            for at in 0..10 {
                edges.push((unit + at, unit + (at + 1) % 10, Weight::MESSAGE));
                edges.push((unit + at, unit + (at + 3) % 10, Weight::MESSAGE));
            }
        }
        (10..15).for_each(|other| edges.push((0, other, Weight::MESSAGE)));
        let ties = Graph::undirected(20, edges);
        let unit_of: Vec<Option<u32>> = (0..20).map(|person| Some(person / 10)).collect();
        let found = bridges(&ties, &unit_of, |_| true, |_, _| false, 1);
        let bridge = found[0].unwrap();
        assert!((bridge.reached - 5.0).abs() < 1e-9 && bridge.p < 0.01, "{bridge:?}");
        assert!(found[1].unwrap().residual() < 0.0);
        let without = bridges(&ties, &unit_of, |_| true, |a, b| a.min(b) == 0 && a.max(b) >= 10, 1);
        let machine = bridges(&ties, &unit_of, |person| person != 0, |_, _| false, 1);
        assert!(machine[0].is_none(), "a machine has no rank");
        assert!(without[0].unwrap().reached.abs() < 1e-9);
    }
}
