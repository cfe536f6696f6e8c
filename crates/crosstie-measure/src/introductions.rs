//! Where new contact between two units would be easiest and open most.
//!
//! # Definition
//! For each pair of units whose `log2_high` lies below 0: `shortfall = expected_weight - weight` in messages;
//! `warm_pairs_count` = pairs of people, one in each, who are not tied in R and have a common contact in R;
//! `introducers_band` = distinct such contacts; `pairs_opened_mean` = mean over warm pairs {i, j} of the cross-unit pairs
//! {i, k: k tied to j} and {j, k: k tied to i} that are not yet within two steps. `rank` by shortfall among pairs of units
//! with warm pairs.
//!
//! # Undefined when
//! `rank` and `pairs_opened_mean`: no warm pair, "no common contact yet". A pair that is withheld has no row: that there is
//! one says that the pair has less contact than expected.
//!
//! # Reading it
//! A count on the observed graph, not a forecast. Nobody is named or ranked: the best single gain is about the number of
//! contacts of both, so ranking people only finds the busiest.
//!
//! # Differs from
//! Link prediction, which scores single pairs of people.
//!
//! # Cost, exactness
//! O(people / 64 · ties + sum over people of pairs of contacts). Exact.
//!
//! # References
//! Burt 1992, Structural Holes, ISBN 978-0674843714.

use crate::carriers::band;
use crate::unit_lanes::UnitLanes;
use crosstie_graph::{Graph, TwoSteps, two_steps};
use crosstie_model::tables::{IntroductionRow, UnitPairRow};
use crosstie_model::{Contribution, Grade, Grouping, Measured, MetricSpec, SimdWidth};
use pulp::{Simd, WithSimd};
use rayon::prelude::*;
use std::collections::BTreeMap;

/// Catalogue entry.
pub(crate) const SPEC: MetricSpec = MetricSpec {
    page: include_str!("introductions.rs"),
    id: "introductions",
    table: "introductions",
    columns: &["rank", "shortfall", "warm_pairs_count", "introducers_band", "pairs_opened_mean"],
    question: "Where would new contact between two units be easiest and open most?",
    formula: "expected_weight - weight; untied pairs with a common contact; pairs that a tie would bring within two steps",
    unit: "messages, pairs",
    range: (0.0, f64::INFINITY),
    undefined_when: "the pair's interval holds what is expected, or the pair is withheld: no row; rank: no two people have a \
                     common contact",
    grade: Grade::D,
    cannot_claim: "what would happen",
    references: &["Burt 1992, Structural Holes, ISBN 978-0674843714"],
};

/// Counts of one pair of units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Warm {
    pairs: u64,
    opened: u64,
    introducers: u64,
}

/// A row for each pair of units with less contact than expected, whatever the bootstrap draws.
pub(crate) fn introductions(
    ties: &Graph,
    grouping: &Grouping,
    unit_pairs: &[Measured<UnitPairRow>],
) -> Vec<Measured<IntroductionRow>> {
    let index = |label: &String| grouping.labels.binary_search(label).ok();
    let short = |pair: &&Measured<UnitPairRow>| {
        pair.row.unit_a != pair.row.unit_b && pair.row.log2_high.is_some_and(|high| high < 0.0)
    };
    let wanted: BTreeMap<(u32, u32), &UnitPairRow> = unit_pairs
        .iter()
        .filter(short)
        .filter_map(|pair| Some(((index(&pair.row.unit_a)? as u32, index(&pair.row.unit_b)? as u32), &pair.row)))
        .collect();
    let warm = warm_pairs(ties, &grouping.dense(), |pair| wanted.contains_key(&pair));
    let mut members = vec![Vec::new(); grouping.labels.len()];
    for (person, unit) in (0..).zip(&grouping.unit_of) {
        if let Some(unit) = unit.filter(|_| ties.degree(person) > 0) {
            members[unit.index()].push(Contribution { person, units: 1 });
        }
    }
    let row = |(&(a, b), pair): (&(u32, u32), &&UnitPairRow)| {
        let warm = warm.get(&(a, b)).copied().unwrap_or_default();
        let row = IntroductionRow {
            grouping: grouping.name.clone(),
            unit_a: pair.unit_a.clone(),
            unit_b: pair.unit_b.clone(),
            rank: None,
            shortfall: pair.expected_weight.zip(pair.weight).map(|(expected, weight)| expected - weight),
            warm_pairs_count: Some(warm.pairs as i64),
            introducers_band: Some(band(warm.introducers as usize).into()),
            pairs_opened_mean: (warm.pairs > 0).then(|| warm.opened as f64 / warm.pairs as f64),
            as_of: None,
        };
        Measured { row, side_a: members[a as usize].clone(), side_b: members[b as usize].clone(), sums: Vec::new() }
    };
    let mut rows: Vec<Measured<IntroductionRow>> = wanted.par_iter().map(row).collect();
    let mut order: Vec<usize> = (0..rows.len()).filter(|&at| rows[at].row.warm_pairs_count > Some(0)).collect();
    let shortfall = |at: usize| rows[at].row.shortfall.unwrap_or(0.0);
    order.sort_by(|&a, &b| shortfall(b).total_cmp(&shortfall(a)).then(a.cmp(&b)));
    for (rank, at) in (1..).zip(order) {
        rows[at].row.rank = Some(rank);
    }
    rows
}

/// Warm pairs of people by pair of units, the lower first.
fn warm_pairs(
    ties: &Graph,
    unit_of: &[u32],
    is_wanted: impl Fn((u32, u32)) -> bool + Sync,
) -> BTreeMap<(u32, u32), Warm> {
    let unit_count = unit_of.iter().max().map_or(0, |&unit| unit + 1);
    // Asked for every two people within two steps, so a row of it stays in the fastest cache.
    let wanted: Vec<Vec<bool>> = (0..unit_count)
        .map(|one| (0..unit_count).map(|two| one != two && is_wanted((one.min(two), one.max(two)))).collect())
        .collect();
    let around = Around { ties, unit_of, wanted: &wanted };
    let batches = UnitLanes::of(unit_of);
    let of_batch = |room: &mut Room, batch: &UnitLanes| around.warm(batch, room);
    let found: Vec<Vec<(usize, usize, Warm)>> = batches.par_iter().map_init(Room::default, of_batch).collect();
    let introducers = around.introducers();
    let mut out: BTreeMap<(u32, u32), Warm> = BTreeMap::new();
    for &(own, other, warm) in found.iter().flatten() {
        let (one, two) = (own.min(other), own.max(other));
        let sum = out.entry((one as u32, two as u32)).or_default();
        sum.pairs += warm.pairs;
        sum.opened += warm.opened;
        sum.introducers = introducers[one * wanted.len() + two].into();
    }
    out
}

/// People whose contacts a task compares, at any thread count.
const PEOPLE: usize = 64;

/// Everybody's surroundings, as far as pairs of units are wanted.
struct Around<'a> {
    ties: &'a Graph,
    unit_of: &'a [u32],
    /// Whether a pair of units is wanted, either way round.
    wanted: &'a [Vec<bool>],
}

impl Around<'_> {
    fn unit(&self, person: u32) -> usize {
        self.unit_of[person as usize] as usize
    }

    /// The warm pairs of a batch of people by their unit and the other's.
    fn warm(&self, batch: &UnitLanes, room: &mut Room) -> Vec<(usize, usize, Warm)> {
        let Room { found, far } = room;
        two_steps(self.ties, &batch.people, found);
        let all = batch.units.iter().fold(0, |all, (_, lanes)| all | lanes);
        let people = || self.ties.nodes();
        far.clear();
        far.extend(people().map(|person| all & !found.near[person as usize] & !batch.of_unit(self.unit(person))));
        let mut rows = vec![vec![Warm::default(); self.wanted.len()]; batch.units.len()];
        for other in people() {
            let unit = self.unit(other);
            let near = found.near[other as usize] & !found.tied[other as usize];
            for (row, &(own, lanes)) in rows.iter_mut().zip(&batch.units) {
                let warm = near & lanes;
                if warm == 0 || !self.wanted[own][unit] {
                    continue;
                }
                // A pair is met from both of its people.
                row[unit].pairs += if own < unit { u64::from(warm.count_ones()) } else { 0 };
                row[unit].opened += shared_bits(warm, self.ties.neighbors(other), far, SimdWidth::Best);
            }
        }
        let of_unit = |(row, &(own, _)): (Vec<Warm>, &(usize, u64))| {
            let met = row.into_iter().enumerate().filter(|(_, warm)| *warm != Warm::default());
            met.map(|(other, warm)| (own, other, warm)).collect::<Vec<_>>()
        };
        rows.into_iter().zip(&batch.units).flat_map(of_unit).collect()
    }

    /// By the lower unit, then the higher: people with a contact in each who are not tied.
    fn introducers(&self) -> Vec<u32> {
        let people: Vec<u32> = self.ties.nodes().collect();
        // Whole numbers are added, so how tasks share their counts does not show.
        let none = || vec![0; self.wanted.len().pow(2)];
        let count = |mut counts: Vec<u32>, people: &[u32]| {
            people.iter().for_each(|&person| self.introduces(person, &mut counts));
            counts
        };
        let add = |mut one: Vec<u32>, two: Vec<u32>| {
            one.iter_mut().zip(two).for_each(|(one, two)| *one += two);
            one
        };
        people.par_chunks(PEOPLE).fold(none, count).reduce_with(add).unwrap_or_default()
    }

    /// Adds the pairs of units in which a person has contacts who are not tied.
    fn introduces(&self, person: u32, counts: &mut [u32]) {
        let mut contacts: Vec<(usize, u32)> = self.ties.neighbors(person).iter().map(|&c| (self.unit(c), c)).collect();
        contacts.sort_unstable();
        let units: Vec<&[(usize, u32)]> = contacts.chunk_by(|one, two| one.0 == two.0).collect();
        for (at, ones) in units.iter().enumerate() {
            let (low, wanted) = (ones[0].0, &self.wanted[ones[0].0]);
            for twos in units[at + 1..].iter().filter(|twos| wanted[twos[0].0]) {
                let is_tied = |one: u32| twos.iter().all(|&(_, two)| self.ties.has_arc(one, two));
                // Mostly the first two are strangers to each other.
                if !ones.iter().all(|&(_, one)| is_tied(one)) {
                    counts[low * self.wanted.len() + twos[0].0] += 1;
                }
            }
        }
    }
}

/// Room for the search of a batch.
#[derive(Default)]
struct Room {
    found: TwoSteps,
    /// People of the batch who are further than two steps from somebody, and not of the same unit.
    far: Vec<u64>,
}

/// Bits of `warm` that are set in the words of `people`, added up.
fn shared_bits(warm: u64, people: &[u32], words: &[u64], width: SimdWidth) -> u64 {
    struct Shared<'a>(u64, &'a [u32], &'a [u64]);
    impl WithSimd for Shared<'_> {
        type Output = u64;
        // Inlined, so that bits are counted by the machine.
        #[inline(always)]
        fn with_simd<S: Simd>(self, _: S) -> u64 {
            let Shared(warm, people, words) = self;
            people.iter().map(|&person| u64::from((warm & words[person as usize]).count_ones())).sum()
        }
    }
    width.dispatch(Shared(warm, people, words))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crosstie_model::Weight;
    use proptest::{collection::vec, prelude::*};

    #[test]
    fn one_common_contact_by_hand() {
        // 0 of unit 0 and 1 of unit 1 both know 2 of unit 2; 1 knows 3 of unit 1, whom 0 is three steps from.
        let edge = |a, b| (a, b, Weight::MESSAGE);
        let ties = Graph::undirected(4, vec![edge(0, 2), edge(1, 2), edge(1, 3)]);
        let found = warm_pairs(&ties, &[0, 1, 2, 1], |pair| pair == (0, 1));
        assert_eq!(found[&(0, 1)], Warm { pairs: 1, opened: 1, introducers: 1 });
    }

    /// The definition, over all pairs of people.
    fn slow(ties: &Graph, unit_of: &[u32]) -> BTreeMap<(u32, u32), Warm> {
        let everybody = || 0..unit_of.len() as u32;
        let tied = |a: u32, b: u32| ties.has_arc(a, b);
        let common = |a: u32, b: u32| everybody().filter(|&c| tied(a, c) && tied(b, c)).collect::<Vec<u32>>();
        let near = |a: u32, b: u32| a == b || tied(a, b) || !common(a, b).is_empty();
        let crosses = |a: u32, b: u32| unit_of[a as usize] != unit_of[b as usize];
        let mut found: BTreeMap<(u32, u32), Warm> = BTreeMap::new();
        let mut introducers: BTreeMap<(u32, u32), Vec<u32>> = BTreeMap::new();
        for (a, b) in everybody().flat_map(|a| (0..a).map(move |b| (a, b))) {
            if crosses(a, b) && !tied(a, b) && !common(a, b).is_empty() {
                let (u, v) = (unit_of[a as usize], unit_of[b as usize]);
                let pair = (u.min(v), u.max(v));
                let warm = found.entry(pair).or_default();
                warm.pairs += 1;
                let opens = |from: u32, to: u32| {
                    everybody().filter(|&k| tied(to, k) && crosses(from, k) && !near(from, k)).count() as u64
                };
                warm.opened += opens(a, b) + opens(b, a);
                introducers.entry(pair).or_default().extend(common(a, b));
            }
        }
        for (pair, mut people) in introducers {
            people.sort_unstable();
            people.dedup();
            found.entry(pair).or_default().introducers = people.len() as u64;
        }
        found
    }

    #[test]
    fn more_people_than_are_searched_from_at_once() {
        let mut stream = crosstie_model::Stream::new(8, "introductions", &[]);
        let mut draw = |bound: u64| stream.below(bound) as u32;
        let edges = (0..160).map(|_| (draw(150), draw(150), Weight::MESSAGE)).collect();
        let ties = Graph::undirected(150, edges);
        let unit_of: Vec<u32> = (0..150).map(|_| draw(7)).collect();
        let expected = slow(&ties, &unit_of);
        assert!(expected.values().any(|warm| warm.opened > 0), "{expected:?}");
        assert_eq!(warm_pairs(&ties, &unit_of, |_| true), expected);
    }

    proptest! {
        #[test]
        fn bits_are_counted_at_any_width(warm: u64, words in vec(any::<u64>(), 40), people in vec(0..40u32, 0..70)) {
            let slow = |person: &u32| (0..64).filter(|bit| (warm & words[*person as usize]) >> bit & 1 == 1).count() as u64;
            let expected: u64 = people.iter().map(slow).sum();
            for width in SimdWidth::ALL {
                prop_assert_eq!(shared_bits(warm, &people, &words, width), expected);
            }
        }

        #[test]
        fn counts_equal_the_definition(edges in vec((0..10u32, 0..10u32), 0..25), unit_of in vec(0..3u32, 10)) {
            let ties = Graph::undirected(10, edges.into_iter().map(|(a, b)| (a, b, Weight::MESSAGE)).collect());
            prop_assert_eq!(warm_pairs(&ties, &unit_of, |_| true), slow(&ties, &unit_of));
        }
    }
}
