//! Connect: how far people reach beyond their own unit.
//!
//! # Definition
//! Four indicators: `openness` and `reach2_share` as their own pages say, `distance_slope` of the whole organization, and
//! `units_reached`: the mean over members of the number of distinct other units among 10 of their contacts in R, drawn
//! without replacement, `sum over units u of 1 - C(k - k_u, 10) / C(k, 10)` with k contacts, k_u of them in u. Expected:
//! the same with unit labels dealt out over people, which is `sum over u of 1 - C(N - 1 - n_u, 10) / C(N - 1, 10)`.
//!
//! # Undefined when
//! As the evidence says; `units_reached` leaves out members with fewer than 10 contacts.
//!
//! # Reading it
//! `units_reached` does not rise with the number of contacts by itself: it looks at 10 of them. 0 to 10.
//!
//! # Differs from
//! `units_reached_count` in `people`, which counts all units a person reaches and so grows with contacts.
//!
//! # Cost, exactness
//! O(replicates · ties of R). Exact: products of ten ratios.
//!
//! # References
//! Hurlbert 1971, <https://doi.org/10.2307/1934145> (rarefaction).

use super::rows::{Indicator, Numbers, Width};
use super::{Behind, CONNECT, Freedoms, Subject, contributions};
use crate::hierarchy::slope;
use crate::interval::Interval;
use crate::path_sums::{Climb, path_sums};
use crate::replicate::LANES;
use crosstie_model::tables::{FreedomRow, UnitRow};
use crosstie_model::{Contribution, Grade, Measured, MetricSpec};
use rayon::prelude::*;

/// Catalogue entry.
pub(crate) const REACHED_SPEC: MetricSpec = MetricSpec {
    page: include_str!("connect.rs"),
    id: "units_reached",
    table: "freedoms",
    columns: &["units_reached"],
    question: "How many other units do people meet among ten of their contacts?",
    formula: "mean over members of sum over other units u of 1 - C(k - k_u, 10) / C(k, 10)",
    unit: "units",
    range: (0.0, 10.0),
    undefined_when: "fewer members with 10 contacts than min_people, or under 200 contacts in all",
    grade: Grade::B,
    cannot_claim: CONNECT,
    references: &["Hurlbert 1971, doi:10.2307/1934145"],
};

/// Contacts that are drawn.
const DRAWN: u64 = 10;

fn indicator(name: &'static str, grade: Grade, width: Width) -> Indicator {
    Indicator { freedom: "connect", name, grade, cannot_claim: CONNECT, by_tree: false, people_least: 0, width }
}

pub(super) fn rows(freedoms: &Freedoms<'_>) -> Vec<Measured<FreedomRow>> {
    let mut rows: Vec<Measured<FreedomRow>> = freedoms.units.iter().flat_map(|unit| of_unit(freedoms, unit)).collect();
    rows.extend(of_all(freedoms));
    rows.extend(reached_rows(freedoms));
    rows.push(slope_row(freedoms));
    rows
}

/// Messages behind a cell: every message across the border counts at both sides, so the members' own sum is halved
/// where both ends are members.
fn messages(side: &[Contribution]) -> u64 {
    side.iter().map(|part| part.units).sum::<u64>() >> 20
}

/// openness and reach2_share of a unit, as its row in `units` has them.
fn of_unit(freedoms: &Freedoms<'_>, unit: &Measured<UnitRow>) -> Vec<Measured<FreedomRow>> {
    let row = &unit.row;
    let whole = |indicator: Indicator, estimate: Option<f64>, ends: (Option<f64>, Option<f64>), expected| {
        let shown = |value: Option<f64>| value.filter(|_| row.evidence == "enough");
        Measured {
            row: FreedomRow {
                grouping: row.grouping.clone(),
                unit: if row.unit == super::ALL { format!("{} unit", super::ALL) } else { row.unit.clone() },
                freedom: indicator.freedom.into(),
                indicator: indicator.name.into(),
                estimate: shown(estimate),
                low: shown(ends.0),
                high: shown(ends.1),
                expected: shown(expected),
                people_count: Some(unit.side_a.len() as i64),
                events_count: Some(messages(&unit.side_a) as i64),
                grade: indicator.grade.letter().into(),
                evidence: row.evidence.clone(),
                cannot_claim: indicator.cannot_claim.into(),
                as_of: None,
            },
            side_a: unit.side_a.clone(),
            side_b: unit.side_b.clone(),
            sums: Vec::new(),
        }
    };
    debug_assert_eq!(row.grouping, freedoms.grouping.name, "rows of this grouping");
    vec![
        whole(
            indicator("openness", Grade::B, Width::Log2),
            row.openness,
            (row.openness_low, row.openness_high),
            row.openness.map(|_| 0.0),
        ),
        whole(indicator("reach2_share", Grade::C, Width::None), row.reach2_share, (None, None), None),
    ]
}

/// The same of everybody.
fn of_all(freedoms: &Freedoms<'_>) -> Vec<Measured<FreedomRow>> {
    let people = freedoms.grouping.unit_of.len();
    let everybody = Subject { unit: None, people: (0..people as u32).collect() };
    let (mut sent, mut received) = (vec![0; people], vec![0; people]);
    for tie in &freedoms.ties.ties {
        sent[tie.source as usize] += tie.weight.units();
        received[tie.target as usize] += tie.weight.units();
    }
    let row = |name: &str| freedoms.organization.iter().find(|row| row.metric == name);
    let (openness, reach) = (row("openness"), row("reach2_share"));
    let interval = openness.and_then(|row| Some(Interval { low: row.low?, high: row.high?, undefined_share: 0.0 }));
    let numbers = Numbers {
        people_count: sent.iter().zip(&received).filter(|(s, r)| **s + **r > 0).count(),
        events_count: freedoms.ties.weight().units() >> 20,
        has_events: true,
        ..Numbers::default()
    };
    let sides = || Behind::sides(contributions(&sent), contributions(&received));
    vec![
        freedoms.row(
            &indicator("openness", Grade::B, Width::Log2),
            &everybody,
            Numbers { estimate: openness.and_then(|row| row.value), interval, expected: Some(0.0), ..numbers },
            sides(),
        ),
        freedoms.row(
            &indicator("reach2_share", Grade::C, Width::None),
            &everybody,
            Numbers { estimate: reach.and_then(|row| row.value), ..numbers },
            sides(),
        ),
    ]
}

/// `1 - C(k - k_u, 10) / C(k, 10)`; 10 at most of k are drawn.
fn met(contacts: u64, in_unit: u64) -> f64 {
    let missed = (0..DRAWN).map(|at| (contacts - in_unit).saturating_sub(at) as f64 / (contacts - at) as f64);
    1.0 - missed.product::<f64>()
}

/// [`met`] by contacts and contacts in the unit, as far as it was asked: the same few are asked for all the time.
#[derive(Default)]
struct Met {
    /// By contacts; within, by contacts in the unit. NaN where not asked yet.
    known: Vec<Vec<f64>>,
}

/// Contacts up to which answers are kept.
const KEPT_CONTACTS: u64 = 2048;

impl Met {
    fn of(&mut self, contacts: u64, in_unit: u64) -> f64 {
        if contacts > KEPT_CONTACTS {
            return met(contacts, in_unit);
        }
        let (at, within) = (contacts as usize, in_unit as usize);
        if self.known.len() <= at {
            self.known.resize_with(at + 1, Vec::new);
        }
        let row = &mut self.known[at];
        if row.len() <= within {
            row.resize(within + 1, f64::NAN);
        }
        if row[within].is_nan() {
            row[within] = met(contacts, in_unit);
        }
        row[within]
    }
}

/// Sums over members with enough contacts, by row and lane: people, and what each reaches.
struct Reached<const N: usize> {
    people: Vec<[u64; N]>,
    units: Vec<[f64; N]>,
}

fn reached<const N: usize>(freedoms: &Freedoms<'_>, drawn: impl Fn(u32) -> [u64; N]) -> Reached<N> {
    let ties = &freedoms.graphs.ties;
    let unit_of = freedoms.grouping.dense();
    let unit_count = freedoms.grouping.labels.len();
    let mut out = Reached { people: vec![[0; N]; unit_count + 1], units: vec![[0.0; N]; unit_count + 1] };
    // Contacts by unit: those touched are cleared again.
    let mut by_unit = vec![[0u64; N]; unit_count + 1];
    let (mut touched, mut is_touched): (Vec<usize>, Vec<bool>) = (Vec::new(), vec![false; unit_count + 1]);
    let mut known = Met::default();
    for person in ties.nodes().filter(|&person| ties.degree(person) > 0) {
        touched.clear();
        let mut contacts = [0u64; N];
        for &other in ties.neighbors(person) {
            let (unit, times) = (unit_of[other as usize] as usize, drawn(other));
            if !is_touched[unit] {
                is_touched[unit] = true;
                touched.push(unit);
            }
            for lane in 0..N {
                by_unit[unit][lane] += times[lane];
                contacts[lane] += times[lane];
            }
        }
        touched.sort_unstable();
        let own = drawn(person);
        for lane in (0..N).filter(|&lane| own[lane] > 0 && contacts[lane] >= DRAWN) {
            let others = touched.iter().filter(|&&unit| unit < unit_count && unit != unit_of[person as usize] as usize);
            let value: f64 = others.map(|&unit| known.of(contacts[lane], by_unit[unit][lane])).sum();
            for place in freedoms.places(person) {
                out.people[place][lane] += own[lane];
                out.units[place][lane] += own[lane] as f64 * value;
            }
        }
        touched.iter().for_each(|&unit| (by_unit[unit], is_touched[unit]) = ([0; N], false));
    }
    out
}

impl<const N: usize> Reached<N> {
    fn mean(&self, place: usize, lane: usize) -> Option<f64> {
        let people = self.people[place][lane];
        (people > 0).then(|| self.units[place][lane] / people as f64)
    }
}

/// The mean with labels dealt out over people: of a unit, and of everybody last. `None` under 11 people.
fn expected_reached(sizes: &[usize], people: usize) -> Vec<Option<f64>> {
    let others = people as u64 - 1;
    if others < DRAWN {
        return vec![None; sizes.len() + 1];
    }
    let met_all: Vec<f64> = sizes.iter().map(|&size| met(others, size as u64)).collect();
    let sum: f64 = met_all.iter().sum();
    let mut out: Vec<Option<f64>> = met_all.iter().map(|own| Some(sum - own)).collect();
    // Whoever has no unit meets all of them.
    let labelled: f64 = sizes.iter().zip(&met_all).map(|(&size, own)| size as f64 * own).sum();
    out.push(Some(sum - labelled / people as f64));
    out
}

fn reached_rows(freedoms: &Freedoms<'_>) -> Vec<Measured<FreedomRow>> {
    let ties = &freedoms.graphs.ties;
    let observed = reached(freedoms, |_| [1]);
    let batches: Vec<Reached<LANES>> = freedoms
        .draws
        .batches()
        .par_iter()
        .map(|times| reached(freedoms, |person| times[person as usize].map(u64::from)))
        .collect();
    let expected = expected_reached(&freedoms.grouping.people_counts(), freedoms.grouping.unit_of.len());
    let row = |(place, mut subject): (usize, Subject)| {
        // Members with too few contacts are not in it.
        subject.people.retain(|&person| ties.degree(person) as u64 >= DRAWN);
        let (mut own, mut others) = (vec![0; ties.node_count()], vec![0; ties.node_count()]);
        for &person in &subject.people {
            own[person as usize] = ties.degree(person) as u64;
            ties.neighbors(person).iter().for_each(|&other| others[other as usize] += 1);
        }
        let value = |replicate: usize| batches[replicate / LANES].mean(place, replicate % LANES);
        let estimate = observed.mean(place, 0);
        // Who is drawn twice is met twice, so replicates see fewer units: centred as lifts are (ADR 0003).
        let values = (0..freedoms.draws.count()).map(value);
        let numbers = Numbers {
            estimate,
            interval: estimate.and_then(|estimate| Interval::centred(estimate, values)),
            expected: expected[place],
            people_count: subject.people.len(),
            events_count: own.iter().sum(),
            has_events: true,
        };
        let indicator = indicator("units_reached", REACHED_SPEC.grade, Width::Any);
        freedoms.row(&indicator, &subject, numbers, Behind::sides(contributions(&own), contributions(&others)))
    };
    freedoms.subjects().into_iter().enumerate().map(row).collect()
}

/// distance_slope, with its interval: of pairs drawn, the part with contact at each distance.
fn slope_row(freedoms: &Freedoms<'_>) -> Measured<FreedomRow> {
    let people = freedoms.grouping.unit_of.len();
    let everybody = Subject { unit: None, people: (0..people as u32).collect() };
    let (mut senders, mut receivers) = (vec![0; people], vec![0; people]);
    let mut at: Vec<(u32, u32, usize)> = Vec::new();
    if let Some(tree) = freedoms.tree {
        for tie in &freedoms.ties.ties {
            let distance = tree.path(tie.source, tie.target).map(|path| (path.up + path.down) as usize);
            if let Some(distance) = distance.filter(|distance| (1..=6).contains(distance)) {
                at.push((tie.source, tie.target, distance - 1));
                senders[tie.source as usize] += 1;
                receivers[tie.target as usize] += 1;
            }
        }
    }
    let interval = freedoms.tree.map(Climb::new).and_then(|climb| {
        let of_batch = |times: &Vec<[u8; LANES]>| -> [Option<f64>; LANES] {
            let drawn: Vec<[u64; LANES]> = times.iter().map(|times| times.map(u64::from)).collect();
            let (mut touching, mut pairs) = ([[0u64; LANES]; 6], [[0u128; LANES]; 6]);
            for &(source, target, distance) in &at {
                let (source, target) = (&drawn[source as usize], &drawn[target as usize]);
                (0..LANES).for_each(|lane| touching[distance][lane] += source[lane] * target[lane]);
            }
            for (path, sums) in path_sums(&climb, &drawn, &drawn) {
                if let Some(distance) = path.map(|path| (path.up + path.down) as usize).filter(|d| (1..=6).contains(d))
                {
                    (0..LANES).for_each(|lane| pairs[distance - 1][lane] += sums[lane]);
                }
            }
            std::array::from_fn(|lane| {
                slope(&std::array::from_fn(|at| {
                    (pairs[at][lane] > 0).then(|| touching[at][lane] as f64 / pairs[at][lane] as f64)
                }))
            })
        };
        let batches: Vec<[Option<f64>; LANES]> = freedoms.draws.batches().par_iter().map(of_batch).collect();
        let values: Vec<Option<f64>> = batches.into_iter().flatten().take(freedoms.draws.count()).collect();
        Interval::of(values.into_iter())
    });
    let numbers = Numbers {
        estimate: freedoms.hierarchy.and_then(|hierarchy| hierarchy.distance_slope),
        interval,
        expected: Some(0.0),
        people_count: senders.iter().zip(&receivers).filter(|(s, r)| **s + **r > 0).count(),
        events_count: at.len() as u64,
        has_events: true,
    };
    let indicator = Indicator { by_tree: true, ..indicator("distance_slope", Grade::B, Width::Any) };
    freedoms.row(&indicator, &everybody, numbers, Behind::sides(contributions(&senders), contributions(&receivers)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crosstie_model::Stream;

    #[test]
    fn ten_of_twelve() {
        assert!((met(12, 0)).abs() < 1e-12);
        assert!((met(12, 12) - 1.0).abs() < 1e-12);
        // Both of 2 are missed if the 10 others are drawn: 1 of 66 choices.
        assert!((met(12, 2) - (1.0 - 1.0 / 66.0)).abs() < 1e-12);
        assert!((met(10, 1) - 1.0).abs() < 1e-12, "all ten are drawn");
    }

    #[test]
    fn dealt_labels_give_the_closed_form() {
        let sizes = [3, 7, 12, 8];
        let unit_of: Vec<usize> = sizes.iter().enumerate().flat_map(|(unit, &size)| vec![unit; size]).collect();
        let contacts: Vec<Vec<usize>> =
            (0..30).map(|person| (1..=15).map(|step| (person + step) % 30).collect()).collect();
        let expected = expected_reached(&sizes, 30);
        let mut stream = Stream::new(1, "reached", &[]);
        let (mut sums, mut all, mut squares) = ([(0.0, 0.0); 4], 0.0, 0.0);
        let rounds = 3000;
        let mut labels = unit_of.clone();
        for _ in 0..rounds {
            stream.shuffle(&mut labels);
            let mut mean = 0.0;
            for (person, contacts) in contacts.iter().enumerate() {
                let mut counts = [0; 4];
                contacts.iter().for_each(|&other| counts[labels[other]] += 1);
                let own = labels[person];
                let value: f64 = (0..4).filter(|&unit| unit != own).map(|unit| met(15, counts[unit])).sum();
                sums[own].0 += value;
                sums[own].1 += 1.0;
                mean += value / 30.0;
            }
            all += mean;
            squares += mean * mean;
        }
        let mean = all / f64::from(rounds);
        let error = ((squares / f64::from(rounds) - mean * mean) / f64::from(rounds)).sqrt();
        assert!((mean - expected[4].unwrap()).abs() < 4.0 * error, "{mean} {expected:?}");
        for (sum, expected) in sums.iter().zip(expected) {
            assert!((sum.0 / sum.1 - expected.unwrap()).abs() < 0.02, "{sums:?}");
        }
    }
}
