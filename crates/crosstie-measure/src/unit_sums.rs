//! Contact across unit borders, observed and expected, in every replicate of the bootstrap.

use crate::expectation::{across, crossing_share};
use crate::replicate::{Activity, LANES, Lanes, Statistic, add};
use crosstie_model::{SimdWidth, WindowTie};
use pulp::{Simd, WithSimd};

/// What a grouping sums over replicates. People without a unit are one more unit at the end.
pub(crate) struct UnitStatistic<'a> {
    /// The unit of each person, dense.
    pub(crate) unit_of: &'a [u32],
    /// How many units there are.
    pub(crate) unit_count: usize,
    /// How many strata the window has; 0 where nothing is asked of pairs of units, which takes most of the memory.
    pub(crate) strata_count: usize,
}

/// The sums of one batch of replicates.
///
/// What chance gives from unit to unit is the sum over strata of sent · (received / slots). It is computed when asked
/// for: all pairs of units in all replicates would not fit into memory. Floats hold what is sent exactly.
pub(crate) struct UnitSums {
    strata_count: usize,
    /// Weight across the border of each unit, and inside it.
    outside: Vec<Lanes<u64>>,
    inside: Vec<Lanes<u64>>,
    /// Expected weight inside each unit, and across its border.
    expected_inside: Vec<Lanes<f64>>,
    expected_outside: Vec<Lanes<f64>>,
    /// Weight sent and share of the slots received, by unit, then stratum; empty where nothing is asked of pairs.
    sent: Vec<Lanes<f64>>,
    rates: Vec<Lanes<f64>>,
}

/// Weight of a unit in a stratum, in units, below which floats hold it exactly.
const MOST_EXACT: u64 = 1 << 53;

impl Statistic for UnitStatistic<'_> {
    type Sums = UnitSums;

    fn start(&self) -> UnitSums {
        UnitSums {
            strata_count: self.strata_count,
            outside: vec![[0; LANES]; self.unit_count],
            inside: vec![[0; LANES]; self.unit_count],
            expected_inside: vec![[0.0; LANES]; self.unit_count],
            expected_outside: vec![[0.0; LANES]; self.unit_count],
            sent: vec![[0.0; LANES]; self.unit_count * self.strata_count],
            rates: vec![[0.0; LANES]; self.unit_count * self.strata_count],
        }
    }

    #[inline(always)]
    fn add_ties(&self, sums: &mut UnitSums, _: usize, ties: &[WindowTie], units: &[Lanes<u64>]) {
        let Some(any) = ties.first() else { return };
        let own = self.unit_of[any.source as usize] as usize;
        let mut inside = [0; LANES];
        for (tie, units) in ties.iter().zip(units) {
            if self.unit_of[tie.target as usize] as usize == own {
                add(&mut inside, units);
            }
        }
        add(&mut sums.inside[own], &inside);
    }

    /// What crosses a border is all contact but that inside, which both ends count: ties need not be gone through for it.
    fn add_people(&self, sums: &mut UnitSums, contact: &[Lanes<u64>]) {
        for (&unit, contact) in self.unit_of.iter().zip(contact) {
            add(&mut sums.outside[unit as usize], contact);
        }
        for (outside, inside) in sums.outside.iter_mut().zip(&sums.inside) {
            for lane in 0..LANES {
                outside[lane] -= 2 * inside[lane];
            }
        }
    }

    fn add_stratum(&self, sums: &mut UnitSums, activity: &Activity<'_>) {
        let mut sent = vec![[0; LANES]; self.unit_count];
        let mut received = vec![[0; LANES]; self.unit_count];
        let mut to_oneself = vec![[0u128; LANES]; self.unit_count];
        for (&unit, (s, c)) in self.unit_of.iter().zip(activity.sent.iter().zip(activity.received)) {
            let unit = unit as usize;
            add(&mut sent[unit], s);
            add(&mut received[unit], c);
            for (sum, (&s, &c)) in to_oneself[unit].iter_mut().zip(s.iter().zip(c)) {
                *sum += u128::from(s) * u128::from(c);
            }
        }
        let slots = activity.slot_count.map(|slots| slots.max(1) as f64);
        let mut all_sent = [0; LANES];
        sent.iter().for_each(|sent| add(&mut all_sent, sent));
        for unit in 0..self.unit_count {
            let at = unit * self.strata_count + activity.stratum;
            for lane in 0..LANES {
                let (s, c) = (sent[unit][lane], received[unit][lane]);
                assert!(s <= MOST_EXACT, "a unit sends under 2^33 messages a week");
                let rate = c as f64 / slots[lane];
                if self.strata_count > 0 {
                    sums.sent[at][lane] = s as f64;
                    sums.rates[at][lane] = rate;
                }
                let others_rate = (activity.slot_count[lane] - c) as f64 / slots[lane];
                sums.expected_outside[unit][lane] += across(s, others_rate, all_sent[lane], rate);
                let product = u128::from(s) * u128::from(c) - to_oneself[unit][lane];
                sums.expected_inside[unit][lane] += product as f64 / slots[lane];
            }
        }
    }
}

/// Shares across borders in one batch: a value a unit, and of the organization.
pub(crate) struct Shares {
    /// Share of each unit's contact that crosses its border; `None` without contact.
    pub(crate) external: Vec<Lanes<Option<f64>>>,
    /// That share by chance; `None` without contact, or where nobody is outside.
    pub(crate) expected_external: Vec<Lanes<Option<f64>>>,
    /// Share of all contact that crosses a border.
    pub(crate) cross: Lanes<Option<f64>>,
    /// That share by chance.
    pub(crate) expected_cross: Lanes<Option<f64>>,
    /// Observed total over expected total.
    pub(crate) scale: Lanes<f64>,
}

impl UnitSums {
    /// Expected weight from unit `a` to another unit `b`.
    #[inline(always)]
    fn expected(&self, a: usize, b: usize) -> Lanes<f64> {
        let strata = |unit: usize| unit * self.strata_count..(unit + 1) * self.strata_count;
        let mut expected = [0.0; LANES];
        for (sent, rates) in self.sent[strata(a)].iter().zip(&self.rates[strata(b)]) {
            for lane in 0..LANES {
                expected[lane] += sent[lane] * rates[lane];
            }
        }
        expected
    }

    /// Expected weight between two units both ways, or inside one, before self-hits are spread over all pairs.
    ///
    /// # Panics
    /// If nothing was to be asked of pairs.
    pub(crate) fn expected_between(&self, a: usize, b: usize, width: SimdWidth) -> Lanes<f64> {
        assert!(self.strata_count > 0, "pairs were not asked for");
        if a == b { self.expected_inside[a] } else { width.dispatch(Between { sums: self, a, b }) }
    }

    /// Shares across borders. Time O(units).
    pub(crate) fn shares(&self) -> Shares {
        let unit_count = self.outside.len();
        let share = |part: u64, all: u64| (all > 0).then(|| part as f64 / all as f64);
        let lanes = |of: &dyn Fn(usize) -> Option<f64>| std::array::from_fn(of);
        let crossing: Lanes<u64> =
            std::array::from_fn(|lane| self.outside.iter().map(|unit| unit[lane]).sum::<u64>() / 2);
        let inside: Lanes<u64> = std::array::from_fn(|lane| self.inside.iter().map(|unit| unit[lane]).sum());
        let expected_inside: Lanes<f64> =
            std::array::from_fn(|lane| self.expected_inside.iter().map(|unit| unit[lane]).sum());
        let totals: Lanes<f64> = std::array::from_fn(|lane| {
            expected_inside[lane] + self.expected_outside.iter().map(|unit| unit[lane]).sum::<f64>() / 2.0
        });
        Shares {
            external: (0..unit_count)
                .map(|unit| {
                    let (outside, inside) = (&self.outside[unit], &self.inside[unit]);
                    lanes(&|lane| share(outside[lane], outside[lane] + inside[lane]))
                })
                .collect(),
            expected_external: (0..unit_count)
                .map(|unit| {
                    let (outside, inside) = (&self.expected_outside[unit], &self.expected_inside[unit]);
                    lanes(&|lane| (outside[lane] > 0.0).then(|| outside[lane] / (outside[lane] + inside[lane])))
                })
                .collect(),
            cross: lanes(&|lane| share(crossing[lane], crossing[lane] + inside[lane])),
            expected_cross: lanes(&|lane| crossing_share(expected_inside[lane], totals[lane])),
            scale: std::array::from_fn(|lane| (crossing[lane] + inside[lane]) as f64 / totals[lane]),
        }
    }
}

/// Expected weight between two different units.
struct Between<'a> {
    sums: &'a UnitSums,
    a: usize,
    b: usize,
}

impl WithSimd for Between<'_> {
    type Output = Lanes<f64>;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> Lanes<f64> {
        let (there, back) = (self.sums.expected(self.a, self.b), self.sums.expected(self.b, self.a));
        std::array::from_fn(|lane| there[lane] + back[lane])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::UnitFlows;
    use crate::expectation::tests::ties_of;
    use crate::replicate::tests::window_of;
    use crate::replicate::{Draws, bootstrap};
    use crosstie_model::{Chance, Null, Organization};
    use proptest::{collection::vec, prelude::*};

    proptest! {
        /// Bit for bit what the closed form gives on a window in which every slot stands as often as it is drawn, at any width
        /// of vectors.
        #[test]
        fn a_lane_is_the_closed_form_on_the_drawn_window(
            rows in vec((0..3u32, 0..9u32, 0..9u32, 1..1u32 << 20), 0..60),
            unit_of in vec(0..4u32, 9),
            null in prop::sample::select(&[Null::WeekPermutation, Null::Configuration]),
            within in prop::option::of(vec(0..2u32, 9)),
            seed: u64,
            width in proptest::sample::select(SimdWidth::ALL.to_vec()),
        ) {
            let ties = ties_of(&rows).under(Chance { null, within: within.as_ref().map(|of| (of.as_slice(), 2)) });
            let organization = Organization { manager_of: vec![None; 9], has_reporting_lines: false, stream_of: (0..9).collect() };
            let mut draws = Draws::new(&organization, seed, 20);
            draws.width = width;
            let statistic = UnitStatistic { unit_of: &unit_of, unit_count: 4, strata_count: ties.strata.len() };
            let sums = bootstrap(&ties, &draws, &statistic);
            for replicate in 0..20 {
                let (batch, lane) = (replicate / LANES, replicate % LANES);
                let flows = UnitFlows::new(&window_of(&ties, &draws, replicate), &unit_of, 4);
                let shares = sums[batch].shares();
                for a in 0..4 {
                    prop_assert_eq!(shares.external[a][lane], flows.external_share(a));
                    prop_assert_eq!(shares.expected_external[a][lane], flows.expected_external_share(a));
                    for b in a..4 {
                        let expected = if a == b { flows.expected(a, a) } else { flows.expected(a, b) + flows.expected(b, a) };
                        prop_assert_eq!(sums[batch].expected_between(a, b, width)[lane].to_bits(), expected.to_bits());
                    }
                }
                prop_assert_eq!(shares.cross[lane], flows.cross_share());
                prop_assert_eq!(shares.expected_cross[lane], flows.expected_cross_share());
                prop_assert_eq!(shares.scale[lane].to_bits(), flows.scale().to_bits());
            }
        }
    }
}
