//! The interval of every pair of units: all replicates of a pair stand beside each other, a row of pairs at a time.

use crate::interval::Interval;
use crate::openness::{Openness, Units, pair_indices};
use crate::replicate::{Draws, LANES, Lanes};
use crate::unit_sums::UnitSums;
use crosstie_model::num::log2;
use crosstie_model::{WindowTie, WindowTies};
use pulp::{Simd, WithSimd};
use rayon::prelude::*;

/// Two units, the lower first.
type Pair = (usize, usize);

/// A tie and the two units that it joins, the lower first: all that is summed, side by side. Weights above 32 bits are
/// split, since a product of two such numbers is one step on every processor.
#[derive(Clone, Copy)]
struct PairTie {
    a: u32,
    b: u32,
    source: u32,
    target: u32,
    units: u32,
}

/// Intervals of log2(observed / expected) of the pairs of units with contact, in the order of [`pair_indices`].
///
/// Ratios are ranked and the logarithm taken of the ends alone. Time O(replicates · (ties + strata · pairs)), memory
/// a number a replicate and unit on each thread.
pub(crate) fn pair_intervals(
    ties: &WindowTies,
    units: Units<'_>,
    openness: &Openness,
    draws: &Draws,
    sums: &[&UnitSums],
) -> Vec<Option<Interval>> {
    let unit_count = units.people_counts.len();
    let mut pair_ties: Vec<PairTie> = Vec::with_capacity(ties.ties.len());
    for &WindowTie { source, target, weight, .. } in &ties.ties {
        let (a, b) = (units.unit_of[source as usize], units.unit_of[target as usize]);
        let mut left = weight.units();
        while left > 0 && (a.max(b) as usize) < unit_count {
            let part = left.min(u32::MAX.into()) as u32;
            pair_ties.push(PairTie { a: a.min(b), b: a.max(b), source, target, units: part });
            left -= u64::from(part);
        }
    }
    pair_ties.sort_by_key(|tie| (tie.a, tie.b));
    let rows: Vec<&[PairTie]> = pair_ties.chunk_by(|one, two| one.a == two.a).collect();
    let of_row = |row: &&[PairTie]| -> Vec<(Pair, Option<Interval>)> {
        let pairs: Vec<&[PairTie]> = row.chunk_by(|one, two| one.b == two.b).collect();
        let mut ratios = vec![Vec::with_capacity(sums.len() * LANES); pairs.len()];
        for ((sums, scale), multiplicities) in sums.iter().zip(&openness.pair_scales).zip(draws.batches()) {
            for (pair, ratios) in pairs.iter().zip(&mut ratios) {
                let observed = draws.width.dispatch(Drawn { ties: pair, multiplicities });
                let expected = sums.expected_between(pair[0].a as usize, pair[0].b as usize, draws.width);
                ratios.extend((0..LANES).map(|lane| {
                    let expected = Some(expected[lane] * scale[lane]).filter(|&expected| expected > 0.0);
                    expected.map(|expected| observed[lane] as f64 / expected)
                }));
            }
        }
        let intervals = ratios.iter().map(|ratios| interval(&ratios[..draws.count()]));
        pairs.iter().map(|pair| (pair[0].a as usize, pair[0].b as usize)).zip(intervals).collect()
    };
    let found: Vec<Vec<_>> = rows.par_iter().map(of_row).collect();
    let mut found = found.into_iter().flatten().peekable();
    pair_indices(unit_count)
        .map(|pair| found.next_if(|found| found.0 == pair).and_then(|(_, interval)| interval))
        .collect()
}

/// The weight of ties in each replicate of a batch.
struct Drawn<'a> {
    ties: &'a [PairTie],
    multiplicities: &'a [Lanes<u8>],
}

impl WithSimd for Drawn<'_> {
    type Output = Lanes<u64>;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> Lanes<u64> {
        let mut sums = [0u64; LANES];
        for tie in self.ties {
            let (source, target) =
                (&self.multiplicities[tie.source as usize], &self.multiplicities[tie.target as usize]);
            for lane in 0..LANES {
                // Sums over a window stay far below 2^64, so no sum wraps.
                let times = u64::from(source[lane].wrapping_mul(target[lane]));
                sums[lane] = sums[lane].wrapping_add(u64::from(tie.units).wrapping_mul(times));
            }
        }
        sums
    }
}

/// Of the logarithms of ratios.
fn interval(ratios: &[Option<f64>]) -> Option<Interval> {
    let log = |ratio: f64| if ratio > 0.0 { log2(ratio) } else { f64::NEG_INFINITY };
    Interval::of(ratios.iter().copied()).map(|i| Interval { low: log(i.low), high: log(i.high), ..i })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expectation::tests::ties_of;
    use crate::openness::{log_ratio, openness_of, pair_weights};
    use crate::replicate::bootstrap;
    use crate::replicate::tests::window_of;
    use crate::{MeasureParams, UnitFlows};
    use crosstie_model::{Organization, SimdWidth};
    use proptest::{collection::vec, prelude::*};

    const PARAMS: MeasureParams =
        MeasureParams { replicates: 40, min_people: 1, min_messages: 0.0, ..MeasureParams::TESTED };

    proptest! {
        /// The definition: the closed form on each drawn window, a logarithm for each; at any width of vectors.
        #[test]
        fn equal_the_closed_form_on_drawn_windows(
            rows in vec((0..3u32, 0..9u32, 0..9u32, 1..1u32 << 20), 0..80), unit_of in vec(0..4u32, 9),
            width in proptest::sample::select(SimdWidth::ALL.to_vec()),
        ) {
            let ties = ties_of(&rows);
            let organization =
                Organization { manager_of: vec![None; 9], has_reporting_lines: false, stream_of: (0..9).collect() };
            let mut draws = Draws::new(&organization, 1, PARAMS.replicates);
            draws.width = width;
            let units = Units { unit_of: &unit_of, people_counts: &[2, 2, 2] };
            let sums = bootstrap(&ties, &draws, &units.statistic(&ties));
            let sums: Vec<&UnitSums> = sums.iter().collect();
            let openness = openness_of(units.flows(&ties), units, &draws, &sums, &PARAMS);
            let found = pair_intervals(&ties, units, &openness, &draws, &sums);
            let flows: Vec<UnitFlows> =
                (0..draws.count()).map(|at| UnitFlows::new(&window_of(&ties, &draws, at), &unit_of, 4)).collect();
            for ((a, b), found) in pair_indices(3).zip(found) {
                let ratio = |flows: &UnitFlows| {
                    let (observed, expected) = pair_weights(flows, a, b);
                    log_ratio(Some(observed), Some(expected))
                };
                let slow = Interval::of(flows.iter().map(ratio));
                let has_contact = pair_weights(&openness.flows, a, b).0 > 0.0;
                prop_assert_eq!(found, slow.filter(|_| has_contact));
            }
        }
    }
}
