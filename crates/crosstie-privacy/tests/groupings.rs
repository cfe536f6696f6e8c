//! Made organizations read by several groupings at once: no hidden pair of units follows from all that is shown of all
//! groupings together, by the rank of the matrix of what is known, and those of few people stay in a wide range. The number of organizations is `CROSSTIE_ORGANIZATIONS`, 300 where
//! it is not set.

#![expect(clippy::unwrap_used, reason = "a test may stop at anything unexpected")]

mod network;

use crosstie_model::tables::{UnitPairRow, UnitRow};
use crosstie_model::{Day, Stream};
use crosstie_privacy::audit::elimination;
use crosstie_privacy::{MeasuredTables, PublishedTables};
use microlp::{ComparisonOp, Error, OptimizationDirection, Problem, SolveOutcome, Variable};
use network::{House, Network, reading};
use std::collections::{BTreeMap, BTreeSet};

const DATE: Day = Day(20_000);

/// A label of each person in each grouping.
type Labels = BTreeMap<String, Vec<Option<String>>>;

/// Units in sites, and, apart from both, grades that not everybody has.
fn made(stream: &mut Stream) -> (Network, Labels) {
    let people = 40 + stream.below(80) as usize;
    let units = 3 + stream.below(6);
    let unit_of: Vec<u64> = (0..people).map(|_| stream.below(units)).collect();
    let site_of_unit: Vec<u64> = (0..units).map(|_| stream.below(3)).collect();
    let label = |name: &str, number: u64| Some(format!("{name}{number}"));
    let sites = unit_of.iter().map(|&unit| label("s", site_of_unit[unit as usize])).collect();
    let grades = (0..people).map(|_| label("g", stream.below(2)).filter(|_| stream.below(9) > 0)).collect();
    let units: Vec<Option<String>> = unit_of.iter().map(|&unit| label("u", unit)).collect();
    let mut network = Network { unit_of: units.clone(), ties: BTreeMap::new() };
    for _ in 0..people * [2, 8, 30][stream.below(3) as usize] {
        let (from, to) = (stream.below(people as u64) as u32, stream.below(people as u64) as u32);
        if from != to {
            *network.ties.entry((from, to)).or_default() += 1 + stream.below(5);
        }
    }
    let mut labels: Labels = [("unit".to_string(), units), ("site".to_string(), sites)].into();
    if stream.below(2) == 0 {
        labels.insert("grade".into(), grades);
    }
    (network, labels)
}

/// The tables of all groupings.
fn measured(network: &Network, labels: &Labels) -> MeasuredTables {
    let mut all = MeasuredTables::default();
    for (name, unit_of) in labels {
        let of_grouping = Network { unit_of: unit_of.clone(), ..network.clone() }.measured();
        all.units.extend(of_grouping.units.into_iter().map(|mut unit| {
            unit.row.grouping.clone_from(name);
            unit
        }));
        all.unit_pairs.extend(of_grouping.unit_pairs.into_iter().map(|mut pair| {
            pair.row.grouping.clone_from(name);
            pair
        }));
        all.groupings.extend(of_grouping.groupings.into_iter().map(|mut grouping| {
            grouping.name.clone_from(name);
            grouping
        }));
        if name == "unit" {
            (all.organization, all.everybody) = (of_grouping.organization, of_grouping.everybody);
        }
    }
    all
}

/// Rows that are linear in the contact of two sets of people who are alike in everything.
struct Known<'l> {
    labels: &'l Labels,
    /// Pairs of such sets with contact or not, without those that a missing row says hold none.
    parts: Vec<(usize, usize)>,
    rows: Vec<Vec<u64>>,
}

const PRIME: u64 = 2_147_483_647;

impl<'l> Known<'l> {
    fn of(labels: &'l Labels, pairs: &[UnitPairRow], units: &[UnitRow], tells_of_borders: bool) -> Known<'l> {
        let people = labels["unit"].len();
        let is_first = |&person: &usize| (0..person).all(|other| labels.values().any(|of| of[other] != of[person]));
        let alike: Vec<usize> = (0..people).filter(is_first).collect();
        let rows: BTreeSet<(&str, &str, &str)> =
            pairs.iter().map(|row| (row.grouping.as_str(), row.unit_a.as_str(), row.unit_b.as_str())).collect();
        let mut parts = Vec::new();
        for (at, &one) in alike.iter().enumerate() {
            for &two in &alike[at..] {
                let has_row = |(name, of): (&String, &Vec<Option<String>>)| match (&of[one], &of[two]) {
                    (Some(a), Some(b)) => rows.contains(&(name.as_str(), a.min(b).as_str(), a.max(b).as_str())),
                    _ => true,
                };
                if labels.iter().all(has_row) {
                    parts.push((one, two));
                }
            }
        }
        let mut known = Known { labels, parts, rows: Vec::new() };
        for name in labels.keys() {
            let shown: Vec<_> = pairs.iter().filter(|row| row.grouping == *name && row.weight.is_some()).collect();
            for row in &shown {
                known.add(name, &|a, b| u64::from((a, b) == (&row.unit_a, &row.unit_b)));
            }
            let totals: BTreeSet<&String> = shown.iter().flat_map(|row| [&row.unit_a, &row.unit_b]).collect();
            for unit in totals {
                known.add(name, &|a, b| u64::from(a == unit) + u64::from(b == unit));
            }
            if !shown.is_empty() {
                known.add(name, &|_, _| 1);
            }
            let of_unit = units.iter().filter(|row| row.grouping == *name && row.external_share.is_some());
            for row in of_unit {
                known.add(name, &|a, b| u64::from(a == &row.unit && b == &row.unit));
            }
        }
        if tells_of_borders {
            known.add("unit", &|a, b| u64::from(a == b));
        }
        known
    }

    fn row(&self, grouping: &str, times: &dyn Fn(&String, &String) -> u64) -> Vec<u64> {
        let of = &self.labels[grouping];
        let part = |&(one, two): &(usize, usize)| match (&of[one], &of[two]) {
            (Some(a), Some(b)) => times(a.min(b), a.max(b)),
            _ => 0,
        };
        self.parts.iter().map(part).collect()
    }

    fn add(&mut self, grouping: &str, times: &dyn Fn(&String, &String) -> u64) {
        let row = self.row(grouping, times);
        self.rows.push(row);
    }

    /// Pairs of units, and whether each follows.
    fn follow<'r>(&self, pairs: &'r [UnitPairRow]) -> Vec<(&'r UnitPairRow, bool)> {
        let reduced = self.reduced();
        let asked =
            |row: &UnitPairRow| self.row(&row.grouping, &|a, b| u64::from((a, b) == (&row.unit_a, &row.unit_b)));
        let follows = |row| rest(asked(row), &reduced).iter().all(|&value| value == 0);
        pairs.iter().map(|row| (row, follows(row))).collect()
    }

    /// Each pair that too few people are behind stays uncertain by five messages and a fifth of what it holds: how many such
    /// pairs there are.
    fn check_ranges(&self, network: &Network, tables: &PublishedTables, number: u64) -> u32 {
        let mut truth = vec![0u64; self.parts.len()];
        let like = |person: u32, other: usize| self.labels.values().all(|of| of[person as usize] == of[other]);
        for (ends, _, messages) in network.ties() {
            let is_part = |&(one, two): &(usize, usize)| {
                (like(ends[0], one) && like(ends[1], two)) || (like(ends[0], two) && like(ends[1], one))
            };
            truth[self.parts.iter().position(is_part).unwrap()] += messages;
        }
        let value = |row: &[u64]| row.iter().zip(&truth).map(|(times, part)| times * part).sum::<u64>() as f64;
        let mut found = 0;
        for (name, unit_of) in self.labels {
            let sides = Network { unit_of: unit_of.clone(), ..network.clone() }.pairs();
            for row in tables.unit_pairs.rows().iter().filter(|row| row.grouping == *name && row.suppressed) {
                let [a, b] = &sides[&(row.unit_a.clone(), row.unit_b.clone())];
                if a.len().min(b.len()) >= 5 {
                    continue;
                }
                let asked = self.row(name, &|a, b| u64::from((a, b) == (&row.unit_a, &row.unit_b)));
                let end = |direction| {
                    let mut problem = Problem::new(direction);
                    let parts: Vec<Variable> =
                        asked.iter().map(|&times| problem.add_var(times as f64, (0.0, f64::INFINITY))).collect();
                    for row in &self.rows {
                        let terms = parts.iter().zip(row).filter(|(_, times)| **times > 0);
                        let terms: Vec<(Variable, f64)> = terms.map(|(part, times)| (*part, *times as f64)).collect();
                        problem.add_constraint(&terms, ComparisonOp::Eq, value(row));
                    }
                    match problem.solve() {
                        Ok(SolveOutcome::Solution(solution)) => solution.objective(),
                        Err(Error::Unbounded) => f64::INFINITY,
                        other => panic!("organization {number}: {other:?}"),
                    }
                };
                let range = end(OptimizationDirection::Maximize) - end(OptimizationDirection::Minimize);
                let needed = f64::max(5.0, value(&asked) / 5.0);
                assert!(range >= 0.99 * needed, "organization {number}: {row:?} in a range of {range}, not {needed}");
                found += 1;
            }
        }
        found
    }

    /// The rows by elimination, each with its first place.
    fn reduced(&self) -> Vec<(usize, Vec<u64>)> {
        let mut reduced: Vec<(usize, Vec<u64>)> = Vec::new();
        for row in &self.rows {
            let rest = rest(row.clone(), &reduced);
            if let Some(place) = rest.iter().position(|&value| value != 0) {
                reduced.push((place, rest));
            }
        }
        reduced
    }
}

/// What is left of a row by those found.
fn rest(mut row: Vec<u64>, reduced: &[(usize, Vec<u64>)]) -> Vec<u64> {
    for (place, lead) in reduced {
        if row[*place] != 0 {
            let (own, other) = (row[*place], lead[*place]);
            for (value, lead) in row.iter_mut().zip(lead) {
                *value = (*value * other + (PRIME - own) * lead % PRIME) % PRIME;
            }
        }
    }
    row
}

#[test]
fn no_hidden_pair_follows_from_all_groupings_together() {
    let (mut hidden, mut shown, mut follow_from_apart, mut ranges) = (0, 0, 0, 0);
    let organizations = std::env::var_os("CROSSTIE_ORGANIZATIONS").and_then(|text| text.to_str()?.parse().ok());
    for number in 0..organizations.unwrap_or(300) {
        let mut stream = Stream::new(1, "groupings", &[number]);
        let (network, labels) = made(&mut stream);
        let release = |labels: &Labels| {
            let mut house = House::new(network.unit_of.len(), 5);
            let publication = house.release(DATE, measured(&network, labels));
            assert_eq!(elimination(&reading(publication), DATE).exposed, 0, "organization {number}");
            publication.tables.clone()
        };
        let tables = release(&labels);
        let tells_of_borders = tables.organization.rows().iter().any(|row| row.value.is_some());
        let known = Known::of(&labels, tables.unit_pairs.rows(), tables.units.rows(), tells_of_borders);
        for (row, follows) in known.follow(tables.unit_pairs.rows()) {
            assert_eq!(follows, !row.suppressed, "organization {number}: {row:?}");
            hidden += u32::from(row.suppressed);
            shown += u32::from(!row.suppressed);
        }
        ranges += known.check_ranges(&network, &tables, number);
        // What a reader would work out if each grouping were protected for itself.
        let apart = labels.iter().map(|(name, unit_of)| release(&[(name.clone(), unit_of.clone())].into()));
        let apart: Vec<PublishedTables> = apart.collect();
        let pairs: Vec<UnitPairRow> = apart.iter().flat_map(|tables| tables.unit_pairs.rows().to_vec()).collect();
        let units: Vec<UnitRow> = apart.iter().flat_map(|tables| tables.units.rows().to_vec()).collect();
        let known = Known::of(&labels, &pairs, &units, false);
        let told = known.follow(&pairs).into_iter().filter(|(row, follows)| row.suppressed && *follows);
        follow_from_apart += told.count();
    }
    assert!(hidden > 1000 && shown > 1000 && ranges > 100, "{hidden} {shown} {ranges}");
    assert!(follow_from_apart > 100, "an attack that finds nothing has become blind: {follow_from_apart}");
}
