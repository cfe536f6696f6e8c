//! Contact between units as observed, and as chance gives it: recipients permuted over the slots of a stratum.
//!
//! In a stratum with M slots, weight sent S and slots received C, a slot gets any of the M recipients with
//! probability 1/M, hence exactly `E_ab = sum over strata of S_a C_b / M`; inside a unit the self-hits
//! `sum over v of s_v c_v / M` are taken out, since a message to oneself is no contact. Across the border of a unit lie
//! `sum over strata of S_a (M - C_a) / M + (S - S_a) C_a / M`: integers are taken apart, so nothing cancels.
//! Under the configuration null a stratum is the whole window, and weight received stands for slots received.

use crate::activity::{Week, each_week};
use crosstie_model::{Activity, RuledWindow, Weight, WindowTies};

/// Observed and expected contact for every ordered pair of units. People without a unit are one more unit at the
/// end: outside for all others.
#[derive(Clone, Debug, PartialEq)]
pub struct UnitFlows {
    unit_count: usize,
    observed: Vec<u64>,
    expected: Vec<f64>,
    expected_outside: Vec<f64>,
    total: u64,
    expected_total: f64,
}

impl UnitFlows {
    /// Flows between units; `unit_of` is dense, with people without a unit at `unit_count - 1`.
    ///
    /// Time O(slots + ties + strata · units²).
    #[must_use]
    pub fn new(ties: &WindowTies, unit_of: &[u32], unit_count: usize) -> UnitFlows {
        let pairs = ties.ties.iter().map(|tie| (tie.source, tie.target, tie.weight));
        UnitFlows::of(pairs, |visit| each_week(ties, unit_of.len(), visit), unit_of, unit_count)
    }

    /// The same where its weeks are known: see [`crate::activity::every_week`].
    pub(crate) fn of_weeks(ties: &WindowTies, weeks: &[Activity], unit_of: &[u32], unit_count: usize) -> UnitFlows {
        let pairs = ties.ties.iter().map(|tie| (tie.source, tie.target, tie.weight));
        UnitFlows::of(pairs, |visit| visit_each(weeks, visit), unit_of, unit_count)
    }

    /// The same of a window under another rule.
    pub(crate) fn of_ruled(window: &RuledWindow, unit_of: &[u32], unit_count: usize) -> UnitFlows {
        let pairs = window.ties.iter().map(|tie| (tie.source, tie.target, tie.weight));
        UnitFlows::of(pairs, |visit| visit_each(&window.activities, visit), unit_of, unit_count)
    }

    fn of(
        pairs: impl Iterator<Item = (u32, u32, Weight)>,
        each_week: impl FnOnce(&mut dyn FnMut(&Week<'_>)),
        unit_of: &[u32],
        unit_count: usize,
    ) -> UnitFlows {
        let mut observed = vec![0; unit_count * unit_count];
        for (source, target, weight) in pairs {
            let (a, b) = (unit_of[source as usize] as usize, unit_of[target as usize] as usize);
            observed[a * unit_count + b] += weight.units();
        }
        let mut expected = vec![0.0; unit_count * unit_count];
        let mut expected_outside = vec![0.0; unit_count];
        each_week(&mut |week| {
            let mut sent = vec![0u64; unit_count];
            let mut received = vec![0u64; unit_count];
            let mut to_oneself = vec![0u128; unit_count];
            for (person, &unit) in unit_of.iter().enumerate() {
                let unit = unit as usize;
                sent[unit] += week.sent[person];
                received[unit] += week.received[person];
                to_oneself[unit] += u128::from(week.sent[person]) * u128::from(week.received[person]);
            }
            let slots = week.slot_count as f64;
            let all_sent: u64 = sent.iter().sum();
            let rates: Vec<f64> = received.iter().map(|&received| received as f64 / slots).collect();
            for a in 0..unit_count {
                let row = &mut expected[a * unit_count..(a + 1) * unit_count];
                let inside = row[a];
                for (expected, rate) in row.iter_mut().zip(&rates) {
                    *expected += sent[a] as f64 * rate;
                }
                row[a] = inside + (u128::from(sent[a]) * u128::from(received[a]) - to_oneself[a]) as f64 / slots;
                let others_rate = (week.slot_count - received[a]) as f64 / slots;
                expected_outside[a] += across(sent[a], others_rate, all_sent, rates[a]);
            }
        });
        let total = observed.iter().sum();
        let inside: f64 = (0..unit_count).map(|unit| expected[unit * unit_count + unit]).sum();
        let expected_total = inside + expected_outside.iter().sum::<f64>() / 2.0;
        UnitFlows { unit_count, observed, expected, expected_outside, total, expected_total }
    }

    /// Units of weight from `a` to `b`.
    #[must_use]
    pub fn observed(&self, a: usize, b: usize) -> u64 {
        self.observed[a * self.unit_count + b]
    }

    /// Expected units of weight from `a` to `b`, before self-hits are spread over all pairs.
    #[must_use]
    pub fn expected(&self, a: usize, b: usize) -> f64 {
        self.expected[a * self.unit_count + b]
    }

    /// All observed units of weight.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.total
    }

    /// All expected units of weight.
    pub(crate) fn expected_total(&self) -> f64 {
        self.expected_total
    }

    /// `observed total / expected total`: spreads the mass of self-hits, so that both sums are one.
    #[must_use]
    pub fn scale(&self) -> f64 {
        self.total as f64 / self.expected_total
    }

    /// Units of weight across the unit's border, and inside it.
    #[must_use]
    pub fn outside_and_inside(&self, unit: usize) -> (u64, u64) {
        let others = (0..self.unit_count).filter(|&other| other != unit);
        (others.map(|other| self.observed(unit, other) + self.observed(other, unit)).sum(), self.observed(unit, unit))
    }

    /// Units of weight that come in across the unit's border.
    #[must_use]
    pub fn incoming(&self, unit: usize) -> u64 {
        (0..self.unit_count).filter(|&other| other != unit).map(|other| self.observed(other, unit)).sum()
    }

    /// Share of the unit's contact that crosses its border; `None` without contact.
    #[must_use]
    pub fn external_share(&self, unit: usize) -> Option<f64> {
        let (outside, inside) = self.outside_and_inside(unit);
        (outside + inside > 0).then(|| outside as f64 / (outside + inside) as f64)
    }

    /// Expected units of weight across the unit's border.
    #[must_use]
    pub fn expected_outside(&self, unit: usize) -> f64 {
        self.expected_outside[unit]
    }

    /// That share by chance: a ratio of exact expectations. `None` without contact, or where nobody is outside.
    #[must_use]
    pub fn expected_external_share(&self, unit: usize) -> Option<f64> {
        let outside = self.expected_outside(unit);
        (outside > 0.0).then(|| outside / (outside + self.expected(unit, unit)))
    }

    /// Share of all contact that crosses a border; `None` without contact.
    #[must_use]
    pub fn cross_share(&self) -> Option<f64> {
        let inside: u64 = (0..self.unit_count).map(|unit| self.observed(unit, unit)).sum();
        let total = self.total();
        (total > 0).then(|| (total - inside) as f64 / total as f64)
    }

    /// That share by chance; `None` without contact or with a single unit.
    #[must_use]
    pub fn expected_cross_share(&self) -> Option<f64> {
        let inside: f64 = (0..self.unit_count).map(|unit| self.expected(unit, unit)).sum();
        crossing_share(inside, self.expected_total)
    }
}

fn visit_each(weeks: &[Activity], visit: &mut dyn FnMut(&Week<'_>)) {
    weeks.iter().map(Week::of).filter(|week| week.slot_count > 0).for_each(|week| visit(&week));
}

/// Expected weight across a unit's border in a stratum: what it sends to others, and what they send to it. A rate is the
/// share of the stratum's slots that somebody receives.
#[inline(always)]
pub(crate) fn across(sent: u64, others_rate: f64, all_sent: u64, rate: f64) -> f64 {
    sent as f64 * others_rate + (all_sent - sent) as f64 * rate
}

/// Share of expected contact that crosses a border; `None` where nothing but rounding does.
pub(crate) fn crossing_share(inside: f64, total: f64) -> Option<f64> {
    let outside = total - inside;
    (outside > 1e-9 * total).then(|| outside / total)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crosstie_model::{Chance, Day, Null, Slot, Slots, Stratum, WindowTie};
    use proptest::{collection::vec, prelude::*};

    /// Window ties from (stratum, source, target, units); each is one slot.
    pub(crate) fn ties_of(rows: &[(u32, u32, u32, u32)]) -> WindowTies {
        let mut rows: Vec<(u32, u32, u32, u32)> = rows.iter().copied().filter(|row| row.1 != row.2).collect();
        rows.sort_unstable();
        let mut slots = vec![Slots::default(); rows.last().map_or(1, |row| row.0 as usize + 1)];
        for same in rows.chunk_by(|a, b| a == b) {
            let (stratum, source, target, units) = same[0];
            slots[stratum as usize].push(Slot { source, target, units, count: same.len() as u32 });
        }
        let mut pairs: Vec<(u32, u32, u32)> = rows.iter().map(|row| (row.1, row.2, row.3)).collect();
        pairs.sort_unstable();
        let ties = pairs
            .chunk_by(|a, b| (a.0, a.1) == (b.0, b.1))
            .map(|rows| WindowTie {
                source: rows[0].0,
                target: rows[0].1,
                message_count: rows.len() as u64,
                mail_count: rows.len() as u64,
                chat_count: 0,
                active_days_count: 1,
                weight: rows.iter().map(|row| Weight::from_units(row.2.into())).sum(),
                first_at: Day(0).start(),
                last_at: Day(0).start(),
            })
            .collect();
        let stratum = |week| Stratum { chat: false, week: Day(4 + 7 * week as i32) };
        let strata = (0..slots.len()).map(stratum).collect();
        WindowTies { strata, slots, ties, ..WindowTies::default() }
    }

    #[test]
    fn two_pairs_by_hand() {
        // One week, people 0,1 in unit 0 and 2,3 in unit 1; messages 0->1, 1->2, 2->3, 3->2.
        let ties = ties_of(&[(0, 0, 1, 100), (0, 1, 2, 100), (0, 2, 3, 100), (0, 3, 2, 100)]);
        let flows = UnitFlows::new(&ties, &[0, 0, 1, 1], 3);
        assert_eq!((flows.observed(0, 0), flows.observed(0, 1), flows.observed(1, 1)), (100, 100, 200));
        // Slots received: 1 once, 2 twice, 3 once. From unit 0 to unit 1: 200 * 3 / 4.
        assert!((flows.expected(0, 1) - 150.0).abs() < 1e-9);
        // Inside unit 0: 200 * 1 / 4 less person 1's own 100 * 1 / 4.
        assert!((flows.expected(0, 0) - 25.0).abs() < 1e-9);
        // Inside unit 1: 200 * 3 / 4 less (100 * 2 + 100 * 1) / 4.
        assert!((flows.expected(1, 1) - 75.0).abs() < 1e-9);
        assert_eq!(flows.external_share(0), Some(0.5));
        assert_eq!(flows.external_share(2), None);
    }

    #[test]
    fn one_unit_has_no_expectation() {
        let ties = ties_of(&[(0, 0, 1, 100), (0, 1, 0, 100)]);
        let flows = UnitFlows::new(&ties, &[0, 0], 2);
        assert_eq!((flows.expected_external_share(0), flows.expected_cross_share()), (None, None));
    }

    proptest! {
        /// What crosses a unit's border is the sum over the other units, and all of it, counted once, the total.
        #[test]
        fn outside_is_the_sum_over_pairs(
            rows in vec((0..3u32, 0..8u32, 0..8u32, 1..1u32 << 20), 1..40), unit_of in vec(0..4u32, 8),
        ) {
            let flows = UnitFlows::new(&ties_of(&rows), &unit_of, 4);
            for unit in 0..4 {
                let others = (0..4).filter(|&other| other != unit);
                let slow: f64 = others.map(|other| flows.expected(unit, other) + flows.expected(other, unit)).sum();
                prop_assert!((flows.expected_outside(unit) - slow).abs() <= 1e-12 * slow);
            }
            let all: f64 = (0..4).flat_map(|a| (0..4).map(move |b| (a, b))).map(|(a, b)| flows.expected(a, b)).sum();
            prop_assert!((flows.expected_total - all).abs() <= 1e-12 * all);
        }

        /// The closed form is the mean over all permutations: checked against each single exchange, slot by slot.
        #[test]
        fn equals_the_sum_over_slots(
            rows in vec((0..3u32, 0..8u32, 0..8u32, 1..9u32), 1..40), unit_of in vec(0..3u32, 8),
        ) {
            let ties = ties_of(&rows);
            prop_assume!(!ties.ties.is_empty());
            let flows = UnitFlows::new(&ties, &unit_of, 3);
            let of_weeks = UnitFlows::of_weeks(&ties, &crate::activity::every_week(&ties, 8), &unit_of, 3);
            prop_assert_eq!((&of_weeks.expected, of_weeks.total), (&flows.expected, flows.total));
            let mut slow = [0.0; 9];
            for (week, slot) in ties.slots.iter().flat_map(|week| week.iter().map(move |slot| (week, slot))) {
                let count: u32 = week.iter().map(|other| other.count).sum();
                for other in week.iter().filter(|other| other.target != slot.source) {
                    let (a, b) = (unit_of[slot.source as usize], unit_of[other.target as usize]);
                    let exchanges = f64::from(slot.count * other.count) / f64::from(count);
                    slow[(a * 3 + b) as usize] += f64::from(slot.units) * exchanges;
                }
            }
            for a in 0..3 {
                for b in 0..3 {
                    prop_assert!((flows.expected(a, b) - slow[a * 3 + b]).abs() < 1e-9);
                }
            }
            let (sum, total) = (slow.iter().sum::<f64>() * flows.scale(), flows.total() as f64);
            prop_assert!(slow.iter().sum::<f64>() < 1e-9 || (sum - total).abs() < 1e-6);
        }

        /// Under the configuration null `E_ab = S_a R_b / W`, self-hits taken out.
        #[test]
        fn configuration_is_sent_times_received(
            rows in vec((0..3u32, 0..8u32, 0..8u32, 1..9u32), 1..40), unit_of in vec(0..3u32, 8),
        ) {
            let ties = ties_of(&rows).under(Chance { null: Null::Configuration, within: None });
            prop_assume!(!ties.ties.is_empty());
            let flows = UnitFlows::new(&ties, &unit_of, 3);
            let sum = |of: &dyn Fn(&WindowTie) -> bool| -> f64 {
                ties.ties.iter().filter(|tie| of(tie)).map(|tie| tie.weight.units() as f64).sum()
            };
            let all = sum(&|_| true);
            let unit = |person: u32| unit_of[person as usize];
            for a in 0..3 {
                for b in 0..3 {
                    let products = sum(&|tie| unit(tie.source) == a) * sum(&|tie| unit(tie.target) == b);
                    let own = |person: u32| sum(&|tie| tie.source == person) * sum(&|tie| tie.target == person);
                    let to_oneself: f64 = (0..8).filter(|&person| a == b && unit(person) == a).map(own).sum();
                    let expected = (products - to_oneself) / all;
                    prop_assert!((flows.expected(a as usize, b as usize) - expected).abs() < 1e-9);
                }
            }
        }

        /// Chance within a value leaves contact between values as it is.
        #[test]
        fn chance_within_places_keeps_contact_between_them(
            rows in vec((0..3u32, 0..8u32, 0..8u32, 1..9u32), 1..40), place_of in vec(0..3u32, 8),
        ) {
            let ties = ties_of(&rows).under(Chance { null: Null::WeekPermutation, within: Some((&place_of, 3)) });
            let flows = UnitFlows::new(&ties, &place_of, 3);
            for (a, b) in [(0, 1), (0, 2), (1, 0), (1, 2), (2, 0), (2, 1)] {
                prop_assert!((flows.expected(a, b) - flows.observed(a, b) as f64).abs() < 1e-9);
            }
        }

        /// Doubling every weight leaves both shares.
        #[test]
        fn scale_is_free(rows in vec((0..3u32, 0..8u32, 0..8u32, 1..9u32), 1..40), unit_of in vec(0..3u32, 8)) {
            let doubled: Vec<_> = rows.iter().map(|&(t, a, b, w)| (t, a, b, 2 * w)).collect();
            let (one, two) = (UnitFlows::new(&ties_of(&rows), &unit_of, 4), UnitFlows::new(&ties_of(&doubled), &unit_of, 4));
            for unit in 0..3 {
                prop_assert_eq!(one.external_share(unit), two.external_share(unit));
                let (a, b) = (one.expected_external_share(unit), two.expected_external_share(unit));
                prop_assert_eq!(a.is_some(), b.is_some());
                prop_assert!((a.unwrap_or(0.0) - b.unwrap_or(0.0)).abs() < 1e-12);
            }
        }
    }
}
