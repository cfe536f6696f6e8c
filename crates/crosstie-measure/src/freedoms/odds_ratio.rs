//! The Mantel-Haenszel odds ratio of being answered, with receivers as strata, and its replicates.
//!
//! With a, b flagged openers to a receiver that were answered or not, c, d the others, n their sum:
//! `sum of a d / n over sum of b c / n` over receivers. Strata take out that busy people answer nobody. In a replicate an
//! opener counts as often as both of its ends are drawn: the receiver's part is `m a d / n` with sums over senders.
//!
//! Mantel & Haenszel 1959, doi:10.1093/jnci/22.4.719.

use super::rows::{EVENTS_LEAST, Numbers};
use crate::interval::Interval;
use crate::replicate::{Draws, LANES};
use crosstie_model::{Opener, SimdWidth};
use pulp::{Simd, WithSimd};
use rayon::prelude::*;

/// Fewest senders, and receivers, of flagged openers.
const ENDS_LEAST: usize = 20;

/// An opener that is flagged or not.
#[derive(Clone, Copy)]
pub(super) struct Case {
    pub(super) opener: Opener,
    pub(super) flagged: bool,
}

/// Sums of both sides of the fraction, by lane.
fn fraction<const N: usize>(cases: &[Case], width: SimdWidth, drawn: impl Fn(u32) -> [u32; N]) -> [Option<f64>; N] {
    width.dispatch(Fraction { cases, drawn })
}

/// The ratio in `N` lanes.
struct Fraction<'c, D> {
    cases: &'c [Case],
    drawn: D,
}

impl<D: Fn(u32) -> [u32; N], const N: usize> WithSimd for Fraction<'_, D> {
    type Output = [Option<f64>; N];

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> [Option<f64>; N] {
        let Fraction { cases, drawn } = self;
        let (mut above, mut below) = ([0.0; N], [0.0; N]);
        for of_receiver in cases.chunk_by(|a, b| a.opener.target == b.opener.target) {
            // Cells in the order a, b, c, d.
            let mut cells = [[0u32; N]; 4];
            for case in of_receiver {
                let cell = &mut cells[usize::from(!case.flagged) * 2 + usize::from(!case.opener.answered)];
                let times = drawn(case.opener.source);
                for lane in 0..N {
                    cell[lane] += times[lane];
                }
            }
            let own = drawn(of_receiver[0].opener.target);
            for lane in 0..N {
                let [a, b, c, d] = [0, 1, 2, 3].map(|cell: usize| f64::from(cells[cell][lane]));
                let n = a + b + c + d;
                if n > 0.0 {
                    above[lane] += f64::from(own[lane]) * a * d / n;
                    below[lane] += f64::from(own[lane]) * b * c / n;
                }
            }
        }
        std::array::from_fn(|lane| (below[lane] > 0.0).then(|| above[lane] / below[lane]))
    }
}

/// The ratio alone. `cases` are sorted by receiver.
pub(super) fn observed_ratio(cases: &[Case]) -> Option<f64> {
    let [ratio] = fraction(cases, SimdWidth::Best, |_| [1]);
    ratio
}

/// The ratio, its interval and what stands behind it. `cases` are sorted by receiver.
pub(super) fn odds_ratio(cases: &[Case], draws: &Draws) -> Numbers {
    debug_assert!(cases.is_sorted_by_key(|case| case.opener.target), "strata are receivers");
    let estimate = observed_ratio(cases);
    let values: Vec<[Option<f64>; LANES]> = draws
        .batches()
        .par_iter()
        .map(|times| fraction(cases, draws.width, |person| times[person as usize].map(u32::from)))
        .collect();
    let values: Vec<Option<f64>> = values.into_iter().flatten().take(draws.count()).collect();
    let distinct = |of: fn(&Opener) -> u32| {
        let mut people: Vec<u32> = cases.iter().filter(|case| case.flagged).map(|case| of(&case.opener)).collect();
        people.sort_unstable();
        people.dedup();
        people.len()
    };
    let flagged = cases.iter().filter(|case| case.flagged).count() as u64;
    let (senders, receivers) = (distinct(|opener| opener.source), distinct(|opener| opener.target));
    Numbers {
        estimate,
        interval: Interval::of(values.into_iter()),
        expected: Some(1.0),
        people_count: senders,
        events_count: flagged,
        has_events: flagged >= EVENTS_LEAST && senders >= ENDS_LEAST && receivers >= ENDS_LEAST,
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crosstie_model::{Micros, Organization, Stream};
    use proptest::{collection::vec, prelude::*};

    pub(in crate::freedoms) fn draws(people: usize, count: u32) -> Draws {
        let organization = Organization {
            manager_of: vec![None; people],
            has_reporting_lines: false,
            stream_of: (0..people as u64).collect(),
        };
        Draws::new(&organization, 1, count)
    }

    fn case(source: u32, target: u32, flagged: bool, answered: bool) -> Case {
        Case { opener: Opener { source, target, at: Micros(0), answered }, flagged }
    }

    #[test]
    fn two_strata_by_hand() {
        // Receiver 0: a 2, b 1, c 1, d 2, n 6; receiver 1: a 1, b 1, c 0, d 1, n 3.
        let mut cases = vec![case(5, 0, true, true); 2];
        cases.extend([case(5, 0, true, false), case(6, 0, false, true)]);
        cases.extend(vec![case(6, 0, false, false); 2]);
        cases.extend([case(5, 1, true, true), case(6, 1, true, false), case(6, 1, false, false)]);
        let [ratio] = fraction(&cases, SimdWidth::Best, |_| [1]);
        let expected = (4.0 / 6.0 + 1.0 / 3.0) / (1.0 / 6.0);
        assert!((ratio.unwrap() - expected).abs() < 1e-12);
        assert_eq!(fraction(&cases[..3], SimdWidth::Best, |_| [1]), [None], "nobody else was answered or not");
    }

    #[test]
    fn doubling_every_opener_changes_nothing() {
        let mut stream = Stream::new(1, "odds", &[]);
        let mut cases: Vec<Case> = (0..200)
            .map(|_| {
                let (source, target) = (stream.below(20) as u32, stream.below(6) as u32);
                case(source, target, stream.below(2) == 0, stream.below(3) == 0)
            })
            .collect();
        cases.sort_by_key(|case| case.opener.target);
        let mut doubled = [cases.clone(), cases.clone()].concat();
        doubled.sort_by_key(|case| case.opener.target);
        let ([one], [two]) = (fraction(&cases, SimdWidth::Best, |_| [1]), fraction(&doubled, SimdWidth::Best, |_| [1]));
        assert!((one.unwrap() - two.unwrap()).abs() < 1e-12);
    }

    #[test]
    fn answers_dealt_out_within_receivers_give_one_on_average() {
        let mut stream = Stream::new(3, "odds-dealt", &[]);
        // Receivers differ in how often they answer, and flagged senders prefer those who answer.
        let mut cases = Vec::new();
        for target in 0..12u32 {
            for number in 0..60 {
                let flagged = stream.below(12) < u64::from(target);
                cases.push(case(20 + number % 25, target, flagged, number < 5 * target));
            }
        }
        let crude = |cases: &[Case]| {
            let count = |flagged, answered| {
                cases.iter().filter(|case| case.flagged == flagged && case.opener.answered == answered).count() as f64
            };
            count(true, true) * count(false, false) / (count(true, false) * count(false, true))
        };
        let (mut sum, mut crude_sum) = (0.0, 0.0);
        for _ in 0..400 {
            for own in cases.chunk_by_mut(|a, b| a.opener.target == b.opener.target) {
                let mut answered: Vec<bool> = own.iter().map(|case| case.opener.answered).collect();
                stream.shuffle(&mut answered);
                own.iter_mut().zip(answered).for_each(|(case, answered)| case.opener.answered = answered);
            }
            sum += crosstie_model::num::ln(fraction(&cases, SimdWidth::Best, |_| [1])[0].unwrap());
            crude_sum += crosstie_model::num::ln(crude(&cases));
        }
        assert!((sum / 400.0).abs() < 0.05, "{}", sum / 400.0);
        assert!(crude_sum / 400.0 > 0.5, "without strata busy receivers would make it {}", crude_sum / 400.0);
    }

    proptest! {
        /// A lane is the ratio of openers that stand as often as both ends are drawn.
        #[test]
        fn a_lane_is_the_ratio_of_drawn_openers(
            list in vec((0..8u32, 0..8u32, any::<bool>(), any::<bool>()), 0..60),
        ) {
            let mut cases: Vec<Case> = list.iter().map(|&(s, t, f, a)| case(s, t, f, a)).collect();
            cases.sort_by_key(|case| case.opener.target);
            let draws = draws(8, 20);
            let found = odds_ratio(&cases, &draws);
            let bits = |width: SimdWidth| {
                let of = |times: &Vec<[u8; LANES]>| fraction(&cases, width, |person| times[person as usize].map(u32::from));
                draws.batches().iter().flat_map(of).map(|ratio| ratio.map(f64::to_bits)).collect::<Vec<_>>()
            };
            let scalar = bits(SimdWidth::Scalar);
            prop_assert!(SimdWidth::ALL.into_iter().all(|width| bits(width) == scalar));
            let mut values = Vec::new();
            for replicate in 0..20 {
                let times = |person: u32| u64::from(draws.batches()[replicate / LANES][person as usize][replicate % LANES]);
                let (mut above, mut below) = (0.0, 0.0);
                for target in 0..8 {
                    let count = |flagged: bool, answered: bool| -> f64 {
                        let own = cases.iter().filter(|c| c.opener.target == target && c.flagged == flagged && c.opener.answered == answered);
                        own.map(|c| (times(c.opener.source) * times(target)) as f64).sum()
                    };
                    let (a, b, c, d) = (count(true, true), count(true, false), count(false, true), count(false, false));
                    if a + b + c + d > 0.0 {
                        above += a * d / (a + b + c + d);
                        below += b * c / (a + b + c + d);
                    }
                }
                values.push((below > 0.0).then(|| above / below));
            }
            let slow = Interval::of(values.into_iter());
            prop_assert_eq!(found.interval.is_some(), slow.is_some());
            if let (Some(found), Some(slow)) = (found.interval, slow) {
                prop_assert!((found.low - slow.low).abs() < 1e-9 && (found.high - slow.high).abs() < 1e-9);
                prop_assert!((found.undefined_share - slow.undefined_share).abs() < 1e-12);
            }
        }
    }
}
