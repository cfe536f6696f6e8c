//! The self-test on the user's own data: how much openness varies without any border, and whether a silo would be seen.
//!
//! # Definition
//! `self_test_no_silo`: unit labels are dealt out again at random over people, messages untouched, 20 times, with 200
//! draws of the bootstrap each. Value: dealings in which a unit is called a silo; low, high: 5 % and 95 % of the largest
//! |openness| of a dealing. It fails if more than one dealing holds a silo; then no unit has a number.
//!
//! `self_test_planted`: in the first dealing the unit of median size, among those with a verdict, is cut to half the
//! contact that chance gives: each outgoing external slot goes to a random colleague and each incoming one to a random
//! outsider, with probability `q = (X - x_t T) / (X - x_t X_in)`, `x_t = x0 / 2`. Value, low, high: its openness; expected
//! -1.
//!
//! `self_test_planted_silo`: in the organization as it is, with its own borders, the unit of median size among those that
//! are compared with others and not called a silo is cut in the same way to half the contact outside that units of its
//! kind have: `x_t = typical_external_share / 2`. Value: 1 if it is called a silo then, else 0.
//!
//! # Undefined when
//! No unit; planted: no unit that could be compared with others, or none that has more contact outside than is to be left.
//!
//! # Reading it
//! What lies within the first row's ends is noise here. People stay as different as they are: permuted messages would
//! claim far less noise. The second row is power against chance: "a unit cut to half its contact would (not) have been
//! seen". The third is power of the silo rule among units as different as they are here, where all may lie below chance; it
//! is one unit of middle size, so it says nothing of smaller units and milder borders.
//!
//! # Differs from
//! z of `openness`, which permutes messages.
//!
//! # Cost, exactness
//! Four times the main bootstrap's sums over units, three fifths of its pass over slots. Seeded.
//!
//! # References
//! Owen 2007, <https://doi.org/10.1214/07-AOAS122>.

use crate::MeasureParams;
use crate::activity::every_week;
use crate::expectation::UnitFlows;
use crate::openness::{Openness, Units, openness_of};
use crate::replicate::{Draws, bootstrap};
use crate::silo::{Doubts, judge};
use crosstie_model::tables::OrganizationRow;
use crosstie_model::{Grade, MetricSpec, Micros, Organization, Slot, Slots, Stream, Weight, WindowTie, WindowTies};
use rayon::prelude::*;
use std::collections::BTreeMap;

/// Catalogue entry.
pub(crate) const SPEC: MetricSpec = MetricSpec {
    page: include_str!("self_test.rs"),
    id: "self_test",
    table: "organization",
    columns: &["self_test_no_silo", "self_test_planted", "self_test_planted_silo"],
    question: "How much does openness vary here without any border, and would a silo be seen?",
    formula: "silos among 20 dealings of unit labels over people; openness of a unit cut to half of what chance gives; whether one cut to half of its kind is called a silo",
    unit: "dealings, log2 ratio, 1 or 0",
    range: (f64::NEG_INFINITY, f64::INFINITY),
    undefined_when: "no unit has evidence; planted: no unit can be compared with others",
    grade: Grade::B,
    cannot_claim: "that a unit without a mark has no border",
    references: &["Owen 2007, doi:10.1214/07-AOAS122"],
};

const DEALINGS: u64 = 20;
const REPLICATES: u32 = 200;
/// Dealings with a silo that chance may bring.
const SILOS_MOST: usize = 1;

/// What the self-test found.
#[derive(Clone, Debug)]
pub(crate) struct SelfTest {
    pub(crate) failed: bool,
    pub(crate) rows: Vec<OrganizationRow>,
}

struct Test<'a> {
    organization: &'a Organization,
    ties: &'a WindowTies,
    people_counts: &'a [usize],
    params: MeasureParams,
    draws: Draws,
}

/// Runs it; `unit_of` is dense, people without a unit last.
pub(crate) fn self_test(
    organization: &Organization,
    ties: &WindowTies,
    unit_of: &[u32],
    people_counts: &[usize],
    params: &MeasureParams,
) -> SelfTest {
    let params = MeasureParams { replicates: REPLICATES, ..*params };
    let draws = Draws::new(organization, params.seed, REPLICATES);
    let test = Test { organization, ties, people_counts, params, draws };
    let dealings: Vec<Vec<u32>> = (0..DEALINGS)
        .map(|number| {
            let mut labels = unit_of.to_vec();
            Stream::new(params.seed, "self-test", &[number]).shuffle(&mut labels);
            labels
        })
        .collect();
    let mut measured = test.openness(ties, &[&dealings[..], &[unit_of.to_vec()]].concat());
    let as_it_is = measured.pop().expect("the labels as they are stand last");
    let with_silo = measured.iter().filter(|openness| test.silos(openness) > 0).count();
    let mut largest: Vec<f64> = measured.iter().filter_map(|openness| test.largest(openness)).collect();
    largest.sort_by(f64::total_cmp);
    let at = |percent: usize| largest.get((largest.len() * percent).div_ceil(100).max(1) - 1).copied();
    let is_tested = !largest.is_empty();
    let row = |metric: &str, value, low, high, expected| OrganizationRow {
        metric: metric.into(),
        value,
        low,
        high,
        expected,
        z: None,
        as_of: None,
    };
    let planted = test.planted(&dealings[0], &measured[0]);
    let is_found = test.planted_silo(unit_of, &as_it_is);
    let (value, low, high) = planted.map_or((None, None, None), |(value, low, high)| (Some(value), low, high));
    SelfTest {
        failed: with_silo > SILOS_MOST,
        rows: vec![
            row("self_test_no_silo", is_tested.then_some(with_silo as f64), at(5), at(95), is_tested.then_some(0.0)),
            row("self_test_planted", value, low, high, value.map(|_| -1.0)),
            row("self_test_planted_silo", is_found.map(|is_found| f64::from(u8::from(is_found))), None, None, None),
        ],
    }
}

impl Test<'_> {
    /// Openness under several labellings.
    fn openness(&self, ties: &WindowTies, labels: &[Vec<u32>]) -> Vec<Openness> {
        let units: Vec<Units<'_>> =
            labels.iter().map(|unit_of| Units { unit_of, people_counts: self.people_counts }).collect();
        let statistics: Vec<_> = units.iter().map(Units::statistic_without_pairs).collect();
        let sums = bootstrap(ties, &self.draws, &statistics);
        let weeks = every_week(ties, self.organization.len());
        let of_labels = |(at, units): (usize, &Units<'_>)| {
            let own: Vec<_> = sums.iter().map(|sums| &sums[at]).collect();
            let flows = UnitFlows::of_weeks(ties, &weeks, units.unit_of, units.people_counts.len() + 1);
            openness_of(flows, *units, &self.draws, &own, &self.params)
        };
        units.par_iter().enumerate().map(of_labels).collect()
    }

    fn verdict(&self, openness: &Openness, unit: usize) -> (&'static str, Option<bool>) {
        judge(openness, unit, self.people_counts[unit], Doubts::default(), &self.params)
    }

    fn silos(&self, openness: &Openness) -> usize {
        (0..self.people_counts.len()).filter(|&unit| self.verdict(openness, unit).1 == Some(true)).count()
    }

    /// The largest |openness| of units with evidence.
    fn largest(&self, openness: &Openness) -> Option<f64> {
        let with_evidence = (0..self.people_counts.len()).filter(|&unit| self.verdict(openness, unit).0 == "enough");
        with_evidence.filter_map(|unit| openness.of_unit(unit)).map(f64::abs).max_by(f64::total_cmp)
    }

    /// Openness of the unit that is cut to half of what chance gives, with its ends.
    fn planted(&self, labels: &[u32], before: &Openness) -> Option<(f64, Option<f64>, Option<f64>)> {
        let unit = self.middle((0..self.people_counts.len()).filter(|&unit| self.verdict(before, unit).1.is_some()))?;
        let share = redirected_share(before, unit, before.flows.expected_external_share(unit)? / 2.0)?;
        let after = self.cut(labels, unit, share)?;
        let (low, high) = after.unit_interval(unit)?;
        Some((after.of_unit(unit)?, Some(low).filter(|low| low.is_finite()), Some(high)))
    }

    /// Whether a unit is called a silo once it is cut to half of what units of its kind have.
    fn planted_silo(&self, labels: &[u32], before: &Openness) -> Option<bool> {
        let share = |unit: usize| redirected_share(before, unit, before.norms[unit]?.typical_external_share / 2.0);
        let is_open = |unit: &usize| self.verdict(before, *unit).1 == Some(false) && share(*unit).is_some();
        let unit = self.middle((0..self.people_counts.len()).filter(is_open))?;
        let after = self.cut(labels, unit, share(unit)?)?;
        Some(self.verdict(&after, unit).1 == Some(true))
    }

    /// The unit of median size.
    fn middle(&self, units: impl Iterator<Item = usize>) -> Option<usize> {
        let mut units: Vec<usize> = units.collect();
        units.sort_by_key(|&unit| (self.people_counts[unit], unit));
        units.get(units.len().checked_sub(1)? / 2).copied()
    }

    /// Openness with a border round a unit.
    fn cut(&self, labels: &[u32], unit: usize, share: f64) -> Option<Openness> {
        debug_assert_eq!(self.organization.len(), labels.len(), "a label a person");
        let ties = plant(self.ties, labels, unit as u32, share, self.params.seed);
        self.openness(&ties, &[labels.to_vec()]).pop()
    }
}

/// The probability with which an external slot is sent elsewhere, so that this share of contact is left outside.
fn redirected_share(openness: &Openness, unit: usize, target: f64) -> Option<f64> {
    let flows = &openness.flows;
    let (outside, inside) = flows.outside_and_inside(unit);
    let (x, all) = (outside as f64, (outside + inside) as f64);
    let incoming = flows.incoming(unit) as f64;
    let share = (x - target * all) / (x - target * incoming);
    (0.0..=1.0).contains(&share).then_some(share)
}

/// The window with a border round a unit.
fn plant(ties: &WindowTies, unit_of: &[u32], unit: u32, share: f64, seed: u64) -> WindowTies {
    let is_member = |person: u32| unit_of[person as usize] == unit;
    let people = || 0..unit_of.len() as u32;
    let members: Vec<u32> = people().filter(|&person| is_member(person)).collect();
    let others: Vec<u32> = people().filter(|&person| !is_member(person)).collect();
    let mut moved = Moved::default();
    let mut stream = Stream::new(seed, "self-test-planted", &[unit.into()]);
    let mut of_stratum = |of: &Slots| {
        let mut slots = Slots::with_capacity(of.len());
        // Slots that go to somebody else, each by itself, and what that adds to and takes from ties.
        let mut redirected: Vec<Slot> = Vec::new();
        for slot in of.iter() {
            let (from, to) = (is_member(slot.source), is_member(slot.target));
            let elsewhere = if from { &members } else { &others };
            if from == to || elsewhere.len() < 2 {
                slots.push(slot);
                continue;
            }
            let before = redirected.len();
            for _ in 0..slot.count {
                if stream.unit() < share {
                    let mut target = slot.target;
                    while target == slot.target || target == slot.source {
                        target = elsewhere[stream.below(elsewhere.len() as u64) as usize];
                    }
                    redirected.push(Slot { target, count: 1, ..slot });
                }
            }
            let gone = (redirected.len() - before) as u32;
            if gone < slot.count {
                slots.push(Slot { count: slot.count - gone, ..slot });
            }
            moved.take(&slot, gone);
        }
        redirected.iter().for_each(|slot| moved.give(slot));
        redirected.sort_unstable_by_key(Slot::key);
        merged(&slots, &redirected)
    };
    let slots = ties.slots.iter().map(&mut of_stratum).collect();
    WindowTies {
        ties: moved.applied(&ties.ties),
        slots,
        null: ties.null,
        strata: ties.strata.clone(),
        ..WindowTies::default()
    }
}

/// Two sorted lists of slots as one; equal ones are added up.
fn merged(one: &Slots, two: &[Slot]) -> Slots {
    let mut out = Slots::with_capacity(one.len() + two.len());
    let mut two = two.iter().copied().peekable();
    let mut last: Option<Slot> = None;
    let mut add = |slot: Slot| match &mut last {
        Some(last) if last.key() == slot.key() => last.count += slot.count,
        _ => last.replace(slot).into_iter().for_each(|before| out.push(before)),
    };
    for slot in one.iter() {
        while let Some(first) = two.next_if(|other| other.key() < slot.key()) {
            add(first);
        }
        add(slot);
    }
    two.for_each(add);
    last.into_iter().for_each(|last| out.push(last));
    out
}

/// What changes of ties, by pair: messages, and their weight in units. When they were sent is of no account here.
#[derive(Default)]
struct Moved(BTreeMap<(u32, u32), (i64, i64)>);

impl Moved {
    fn take(&mut self, slot: &Slot, count: u32) {
        if count > 0 {
            self.add(slot, -i64::from(count));
        }
    }

    fn give(&mut self, slot: &Slot) {
        self.add(slot, slot.count.into());
    }

    fn add(&mut self, slot: &Slot, count: i64) {
        let (messages, units) = self.0.entry((slot.source, slot.target)).or_default();
        *messages += count;
        *units += count * i64::from(slot.units);
    }

    /// The ties with these changes, those without messages left out.
    fn applied(mut self, ties: &[WindowTie]) -> Vec<WindowTie> {
        let mut out = ties.to_vec();
        for tie in &mut out {
            if let Some((messages, units)) = self.0.remove(&(tie.source, tie.target)) {
                tie.message_count = tie.message_count.saturating_add_signed(messages);
                tie.weight = Weight::from_units(tie.weight.units().saturating_add_signed(units));
            }
        }
        out.retain(|tie| tie.message_count > 0);
        out.extend(self.0.into_iter().map(|((source, target), (messages, units))| WindowTie {
            source,
            target,
            message_count: messages.unsigned_abs(),
            mail_count: 0,
            chat_count: 0,
            active_days_count: 0,
            weight: Weight::from_units(units.unsigned_abs()),
            first_at: Micros(0),
            last_at: Micros(0),
        }));
        out.sort_unstable_by_key(|tie| (tie.source, tie.target));
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expectation::tests::ties_of as window_of;

    /// 12 units of 12 people; everybody writes to 8 people, `inside` of them colleagues.
    fn made(inside: u64) -> (Organization, WindowTies, Vec<u32>) {
        made_by(|_| inside)
    }

    fn made_by(inside: impl Fn(u32) -> u64) -> (Organization, WindowTies, Vec<u32>) {
        let mut stream = Stream::new(4, "self-test-made", &[]);
        let unit_of: Vec<u32> = (0..144).map(|person| person / 12).collect();
        let mut rows = Vec::new();
        for person in 0..144u32 {
            for contact in 0..8 {
                let other = if contact < inside(person) {
                    person / 12 * 12 + stream.below(12) as u32
                } else {
                    stream.below(144) as u32
                };
                for week in 0..4 {
                    rows.extend(vec![(week, person, other, 1 << 20); 1 + stream.below(3) as usize]);
                }
            }
        }
        let organization =
            Organization { manager_of: vec![None; 144], has_reporting_lines: false, stream_of: (0..144).collect() };
        (organization, window_of(&rows), unit_of)
    }

    #[test]
    fn labels_dealt_out_show_no_silo_and_a_planted_one_is_cut_to_half() {
        let (organization, ties, unit_of) = made(4);
        let found = self_test(&organization, &ties, &unit_of, &[12; 12], &MeasureParams::TESTED);
        assert!(!found.failed);
        let [none, planted, found] = &found.rows[..] else { panic!("three rows") };
        assert!(none.value.unwrap() <= 1.0 && none.low <= none.high && none.high.unwrap() < 0.5, "{none:?}");
        assert!((planted.value.unwrap() + 1.0).abs() < 0.15, "{planted:?}");
        assert!(planted.low.unwrap() <= planted.value.unwrap() && planted.value < planted.high);
        assert_eq!((found.value, found.low, found.high), (Some(1.0), None, None));
    }

    #[test]
    fn a_planted_silo_is_looked_for_among_units_as_different_as_they_are() {
        // Half of the units keep much more to themselves than the others: one cut to half is nothing beyond them.
        let inside = |person: u32| if (person / 12).is_multiple_of(2) { 7 } else { 1 };
        let (organization, ties, unit_of) = made_by(inside);
        let row =
            |params: &MeasureParams| self_test(&organization, &ties, &unit_of, &[12; 12], params).rows.pop().unwrap();
        assert_eq!(row(&MeasureParams::TESTED).value, Some(0.0));
        // Without units that are compared there is nothing to be found.
        let alone = MeasureParams { min_messages: 1e9, ..MeasureParams::TESTED };
        assert_eq!(row(&alone).value, None);
    }

    #[test]
    fn planting_keeps_every_slot_and_its_sender() {
        let (_, ties, unit_of) = made(4);
        let planted = plant(&ties, &unit_of, 3, 0.7, 1);
        let sent = |ties: &WindowTies| {
            let mut sent: BTreeMap<(u32, u32), u64> = BTreeMap::new();
            for (stratum, slot) in
                (0..).zip(&ties.slots).flat_map(|(at, slots)| slots.iter().map(move |slot| (at, slot)))
            {
                *sent.entry((stratum, slot.source)).or_default() += slot.weight().units();
            }
            sent
        };
        assert_eq!(sent(&planted), sent(&ties));
        assert_eq!(planted.weight(), ties.weight());
        let crossing = |ties: &WindowTies| {
            ties.ties
                .iter()
                .filter(|tie| (unit_of[tie.source as usize] == 3) != (unit_of[tie.target as usize] == 3))
                .map(|tie| tie.weight.units())
                .sum::<u64>() as f64
        };
        assert!((crossing(&planted) / crossing(&ties) - 0.3).abs() < 0.1, "{}", crossing(&planted) / crossing(&ties));
        assert_eq!(plant(&ties, &unit_of, 3, 0.0, 1).slots, ties.slots);
        // Ties are those of the slots.
        let pairs = |of: &mut dyn Iterator<Item = (u32, u32, u64, u64)>| {
            let mut pairs: BTreeMap<(u32, u32), (u64, u64)> = BTreeMap::new();
            for (source, target, messages, units) in of {
                let sum = pairs.entry((source, target)).or_default();
                *sum = (sum.0 + messages, sum.1 + units);
            }
            pairs
        };
        let slots = planted
            .slots
            .iter()
            .flat_map(Slots::iter)
            .map(|s| (s.source, s.target, u64::from(s.count), s.weight().units()));
        let ties = planted.ties.iter().map(|t| (t.source, t.target, t.message_count, t.weight.units()));
        assert_eq!(pairs(&mut { ties }), pairs(&mut { slots }));
        assert!(planted.ties.is_sorted_by_key(|tie| (tie.source, tie.target)));
        assert!(planted.slots.iter().all(|slots| slots.iter().is_sorted_by(|a, b| a.key() < b.key())));
    }
}
